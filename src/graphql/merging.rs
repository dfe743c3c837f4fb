//! What an operation selects more than once under one name. The parts must agree,
//! and are run as one (GraphQL, sections 5.3.2 and 6.3.2).
//!
//! The library runs each part by itself, a change too, and lays their answers over
//! each other.

use std::collections::HashSet;

use async_graphql::{
    Pos, Positioned, ServerError, ServerResult, Value, Variables,
    parser::types::{
        Directive, DocumentOperations, ExecutableDocument, Field, InlineFragment, OperationDefinition, OperationType,
        Selection, SelectionSet, TypeCondition,
    },
    registry::{MetaType, MetaTypeName, Registry},
};
use async_graphql_value::{Name, Value as Written};

use super::{error::refusal, variables};
use crate::error::RequestCode;

/// The type where an operation begins.
pub fn root<'a>(operation: &OperationDefinition, registry: &'a Registry) -> Option<&'a MetaType> {
    let name = match operation.ty {
        OperationType::Query => Some(&registry.query_type),
        OperationType::Mutation => registry.mutation_type.as_ref(),
        OperationType::Subscription => registry.subscription_type.as_ref(),
    };
    registry.types.get(name?)
}

/// The type of what a field answers with, apart from lists and nulls.
pub fn type_of<'a>(field: &Field, parent: &MetaType, registry: &'a Registry) -> Option<&'a MetaType> {
    let known = parent.field_by_name(field.name.node.as_str())?;
    registry.types.get(MetaTypeName::concrete_typename(&known.ty))
}

/// The one operation that runs, each of its fields once for each type of object, and
/// without fragments and what the variables leave out of it. `None` if it is not
/// clear which operation runs. The document must be valid.
pub fn merged(
    document: &ExecutableDocument,
    name: Option<&str>,
    variables: &Variables,
    registry: &Registry,
) -> Option<ExecutableDocument> {
    let operation = variables::operation_of(document, name)?;
    let merge = Merge {
        document,
        operation,
        variables,
        registry,
    };
    let set = &operation.selection_set;
    let merged = OperationDefinition {
        ty: operation.ty,
        variable_definitions: operation.variable_definitions.clone(),
        directives: Vec::new(),
        selection_set: Positioned::new(merge.sets(root(operation, registry)?, &[&set.node]), set.pos),
    };
    let operations = match &document.operations {
        DocumentOperations::Single(same) => DocumentOperations::Single(Positioned::new(merged, same.pos)),
        DocumentOperations::Multiple(operations) => {
            let mut all = operations.iter();
            let (name, same) = all.find(|(_, other)| std::ptr::eq(&raw const other.node, operation))?;
            DocumentOperations::Multiple([(name.clone(), Positioned::new(merged, same.pos))].into())
        }
    };
    Some(ExecutableDocument {
        operations,
        fragments: Default::default(),
    })
}

/// The same document, for who passes over whatever stands beside `__typename`, as the
/// library does when it validates: conditions stand around it.
///
/// # Errors
/// `GRAPHQL_VALIDATION_FAILED` if it has arguments or fields.
pub fn bare_type_names(mut document: ExecutableDocument) -> ServerResult<ExecutableDocument> {
    let operations = match &mut document.operations {
        DocumentOperations::Single(operation) => vec![operation],
        DocumentOperations::Multiple(operations) => operations.values_mut().collect(),
    };
    let of_operations = operations
        .into_iter()
        .map(|operation| &mut operation.node.selection_set);
    let of_fragments = document
        .fragments
        .values_mut()
        .map(|fragment| &mut fragment.node.selection_set);
    let mut sets: Vec<_> = of_operations.chain(of_fragments).collect();
    while let Some(set) = sets.pop() {
        for item in &mut set.node.items {
            bare_type_name(item)?;
            match &mut item.node {
                Selection::Field(field) => sets.push(&mut field.node.selection_set),
                Selection::InlineFragment(fragment) => sets.push(&mut fragment.node.selection_set),
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    Ok(document)
}

fn bare_type_name(item: &mut Positioned<Selection>) -> ServerResult<()> {
    let pos = item.pos;
    let Selection::Field(field) = &mut item.node else {
        return Ok(());
    };
    if field.node.name.node != "__typename" {
        return Ok(());
    }
    if !field.node.arguments.is_empty() || !field.node.selection_set.node.items.is_empty() {
        return Err(invalid("__typename has neither arguments nor fields.", vec![pos]));
    }
    let directives = std::mem::take(&mut field.node.directives);
    if !directives.is_empty() {
        let bare = SelectionSet {
            items: vec![item.clone()],
        };
        let around = InlineFragment {
            type_condition: None,
            directives,
            selection_set: Positioned::new(bare, pos),
        };
        item.node = Selection::InlineFragment(Positioned::new(around, pos));
    }
    Ok(())
}

struct Merge<'a> {
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    registry: &'a Registry,
}

/// Fields by their names in the answer, in the order of the first of each name.
/// There are few names in a set, since each has to be a field of the type or one of
/// the few aliases that a document may have.
struct ByName<'a, T>(Vec<(&'a str, Vec<T>)>);

impl<'a, T> ByName<'a, T> {
    fn add(&mut self, name: &'a str, field: T) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, same)) => same.push(field),
            None => self.0.push((name, vec![field])),
        }
    }
}

/// A field, and the type of which it is.
type Selected<'a> = (&'a MetaType, &'a Positioned<Field>);

/// The fields of sets, by their names in the answer.
struct Selections<'a, C> {
    document: &'a ExecutableDocument,
    registry: &'a Registry,
    /// Whether a selection, which is of objects of that type, counts.
    counts: C,
    fields: ByName<'a, Selected<'a>>,
    /// Fragments whose fields are there: once is enough.
    seen: HashSet<&'a str>,
}

impl<'a, C: Fn(&Selection, &MetaType) -> bool> Selections<'a, C> {
    fn of(
        document: &'a ExecutableDocument,
        registry: &'a Registry,
        sets: impl IntoIterator<Item = (&'a MetaType, &'a SelectionSet)>,
        counts: C,
    ) -> ByName<'a, Selected<'a>> {
        let mut all = Self {
            document,
            registry,
            counts,
            fields: ByName(Vec::new()),
            seen: HashSet::new(),
        };
        for (of, set) in sets {
            all.add(of, set);
        }
        all.fields
    }

    fn add(&mut self, parent: &'a MetaType, set: &'a SelectionSet) {
        let types = &self.registry.types;
        let type_on = |on: &Positioned<TypeCondition>| types.get(on.node.on.node.as_str());
        for item in set.items.iter().map(|item| &item.node) {
            match item {
                Selection::Field(field) => {
                    if (self.counts)(item, parent) {
                        self.fields.add(&field.node.response_key().node, (parent, field));
                    }
                }
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref();
                    if let Some(of) = on.map_or(Some(parent), type_on)
                        && (self.counts)(item, of)
                    {
                        self.add(of, &fragment.node.selection_set.node);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.document.fragments.get(name)
                        && let Some(of) = type_on(&fragment.node.type_condition)
                        && (self.counts)(item, of)
                        && self.seen.insert(name)
                    {
                        self.add(of, &fragment.node.selection_set.node);
                    }
                }
            }
        }
    }
}

impl<'a> Merge<'a> {
    /// What is selected of an object of this type. Of one that may be of several
    /// types, what is selected of each of them.
    fn sets(&self, of: &'a MetaType, sets: &[&'a SelectionSet]) -> SelectionSet {
        let (MetaType::Interface { possible_types, .. } | MetaType::Union { possible_types, .. }) = of else {
            return self.of_object(of, sets);
        };
        let types = possible_types.iter().filter_map(|name| self.registry.types.get(name));
        let fragments = types.map(|of| (of, self.of_object(of, sets)));
        let fragments = fragments.filter(|(_, set)| !set.items.is_empty());
        let items = fragments.map(|(of, set)| {
            let pos = set.items[0].pos;
            let condition = TypeCondition {
                on: Positioned::new(Name::new(of.name()), pos),
            };
            let fragment = InlineFragment {
                type_condition: Some(Positioned::new(condition, pos)),
                directives: Vec::new(),
                selection_set: Positioned::new(set, pos),
            };
            Positioned::new(Selection::InlineFragment(Positioned::new(fragment, pos)), pos)
        });
        SelectionSet { items: items.collect() }
    }

    fn of_object(&self, of: &'a MetaType, sets: &[&'a SelectionSet]) -> SelectionSet {
        let sets = sets.iter().map(|set| (of, *set));
        let fields = Selections::of(self.document, self.registry, sets, |item, on| {
            on.is_possible_type(of.name()) && !self.is_left_out(item.directives())
        });
        let items = fields.0.iter().map(|(_, same)| {
            let pos = same[0].1.pos;
            Positioned::new(Selection::Field(Positioned::new(self.field(same), pos)), pos)
        });
        SelectionSet { items: items.collect() }
    }

    /// One field that stands for several of one name.
    fn field(&self, same: &[Selected<'a>]) -> Field {
        let (parent, first) = (same[0].0, &same[0].1.node);
        let sets: Vec<_> = same.iter().map(|(_, field)| &field.node.selection_set.node).collect();
        let below = type_of(first, parent, self.registry).filter(|below| below.is_composite());
        let below = below.map_or_else(SelectionSet::default, |below| self.sets(below, &sets));
        Field {
            alias: first.alias.clone(),
            name: first.name.clone(),
            arguments: first.arguments.clone(),
            directives: Vec::new(),
            selection_set: Positioned::new(below, first.selection_set.pos),
        }
    }

    /// Whether the variables say `@skip`, or not `@include`.
    fn is_left_out(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().map(|directive| &directive.node).any(|directive| {
            let is_wanted = match directive.name.node.as_str() {
                "include" => true,
                "skip" => false,
                _ => return false,
            };
            let condition = match directive.get_argument("if").map(|condition| &condition.node) {
                Some(Written::Boolean(condition)) => *condition,
                Some(Written::Variable(name)) => {
                    let given = variables::given(name, self.operation, self.variables);
                    given == Some(&Value::Boolean(true))
                }
                _ => false,
            };
            condition != is_wanted
        })
    }
}

/// Why parts of a document that are selected under one name cannot be one, if so.
/// Everything else about it must be valid. Types that no object has both may answer
/// different things under one name: the answer tells them apart.
pub fn conflict(document: &ExecutableDocument, registry: &Registry) -> Option<ServerError> {
    let compare = Compare { document, registry };
    document.operations.iter().find_map(|(_, operation)| {
        let set = &operation.node.selection_set.node;
        compare.sets(vec![(root(&operation.node, registry)?, set)])
    })
}

struct Compare<'a> {
    document: &'a ExecutableDocument,
    registry: &'a Registry,
}

impl<'a> Compare<'a> {
    fn sets(&self, sets: Vec<(&'a MetaType, &'a SelectionSet)>) -> Option<ServerError> {
        let fields = Selections::of(self.document, self.registry, sets, |_, _| true);
        let mut parts = fields.0.iter().flat_map(|(_, same)| who_meet(same));
        parts.find_map(|part| differing(&part).or_else(|| self.sets(self.below(&part))))
    }

    /// What is selected below fields, with its type.
    fn below(&self, fields: &[Selected<'a>]) -> Vec<(&'a MetaType, &'a SelectionSet)> {
        let below = fields.iter().filter_map(|(parent, field)| {
            let of = type_of(&field.node, parent, self.registry)?;
            Some((of, &field.node.selection_set.node))
        });
        below.collect()
    }
}

/// Parts, each of the fields that an object may have together.
fn who_meet<'a>(same: &[Selected<'a>]) -> Vec<Vec<Selected<'a>>> {
    // An interface has objects of any of these types, and through it they all have
    // to be the same.
    if same.iter().any(|(parent, _)| parent.is_abstract()) {
        return vec![same.to_vec()];
    }
    let mut parts = ByName(Vec::new());
    for selected in same {
        parts.add(selected.0.name(), *selected);
    }
    parts.0.into_iter().map(|(_, part)| part).collect()
}

/// Why fields are not the same, if they are not.
fn differing(same: &[Selected<'_>]) -> Option<ServerError> {
    let (_, first) = same.first()?;
    same.iter().find_map(|(_, other)| {
        if first.node.name.node != other.node.name.node {
            return Some(conflicting(first, other, "they are different fields"));
        }
        let alike = |(name, value): &(Positioned<Name>, Positioned<Written>)| {
            let value_there = other.node.get_argument(&name.node);
            value_there.is_some_and(|there| there.node == value.node)
        };
        let same_arguments =
            first.node.arguments.len() == other.node.arguments.len() && first.node.arguments.iter().all(alike);
        (!same_arguments).then(|| conflicting(first, other, "they have different arguments"))
    })
}

fn conflicting(one: &Positioned<Field>, other: &Positioned<Field>, why: &str) -> ServerError {
    let name = &one.node.response_key().node;
    let message = format!("Fields \"{name}\" conflict because {why}. Use different aliases to fetch both.");
    invalid(message, vec![one.pos, other.pos])
}

fn invalid(message: impl Into<String>, locations: Vec<Pos>) -> ServerError {
    let mut error = refusal(RequestCode::GraphqlValidationFailed, message);
    error.locations = locations;
    error
}
