//! The values of variables and arguments, checked against their types before
//! anything runs.
//!
//! The library looks closely at a value when the field runs that uses it; by then
//! an earlier mutation of the same document may have been committed.

use std::{collections::HashSet, convert::Infallible};

use async_graphql::{
    InputType, Name, Positioned, ServerError, ServerResult, Value, Variables,
    parser::types::{
        BaseType, Directive, DocumentOperations, ExecutableDocument, Field, OperationDefinition, Selection,
        SelectionSet, Type,
    },
    registry::{MetaInputValue, MetaType, Registry},
};
use async_graphql_value::Value as Written;
use chrono::{DateTime, Utc};

use super::{error::refusal, merging};
use crate::error::RequestCode;

/// Refuses a request whose variables are not all there, or are not what the
/// operation declares, or do not fit where they are used; and arguments that are no
/// values of their types.
///
/// # Errors
/// `BAD_USER_INPUT`, with the place in the variable or the argument.
pub fn check(
    document: &ExecutableDocument,
    name: Option<&str>,
    variables: &Variables,
    registry: &Registry,
) -> ServerResult<()> {
    let Some(operation) = operation_of(document, name) else {
        return Ok(());
    };
    check_all(operation, variables, registry)?;
    let mut uses = Uses {
        document,
        operation,
        variables,
        registry,
        seen: HashSet::new(),
    };
    uses.check(&operation.selection_set.node, merging::root(operation, registry))
        .map_or(Ok(()), |message| Err(refused(message)))
}

/// The value of a variable: what the request gives, or what the operation says it is
/// otherwise.
pub fn given<'a>(name: &Name, operation: &'a OperationDefinition, variables: &'a Variables) -> Option<&'a Value> {
    variables.get(name).or_else(|| {
        let mut definitions = operation.variable_definitions.iter();
        let definition = definitions.find(|definition| definition.node.name.node == *name)?;
        definition.node.default_value.as_ref().map(|value| &value.node)
    })
}

/// The operation that would run; `None` if that is not clear, which the
/// execution then refuses.
pub fn operation_of<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Option<&'a OperationDefinition> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), _) => Some(&operation.node),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name).map(|operation| &operation.node),
        (DocumentOperations::Multiple(operations), None) => {
            let mut operations = operations.values();
            operations
                .next()
                .filter(|_| operations.next().is_none())
                .map(|operation| &operation.node)
        }
    }
}

fn check_all(operation: &OperationDefinition, variables: &Variables, registry: &Registry) -> ServerResult<()> {
    for definition in operation.variable_definitions.iter().map(|definition| &definition.node) {
        let (name, of) = (&definition.name.node, &definition.var_type.node);
        let wrong = match variables.get(name) {
            None if of.nullable || definition.default_value.is_some() => None,
            None => Some(format!("The variable ${name} is missing.")),
            Some(value) => fault(registry, of, value, &format!("${name}")),
        };
        if let Some(message) = wrong {
            return Err(refused(message));
        }
    }
    Ok(())
}

fn refused(message: String) -> ServerError {
    refusal(RequestCode::BadUserInput, message)
}

/// The arguments of an operation.
struct Uses<'a> {
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    registry: &'a Registry,
    /// Fragments that were looked at: one is enough, its type does not change.
    seen: HashSet<&'a str>,
}

impl<'a> Uses<'a> {
    /// What is wrong with the first that does not fit. Validation tells of fields
    /// and types that are not there.
    fn check(&mut self, set: &'a SelectionSet, parent: Option<&'a MetaType>) -> Option<String> {
        set.items.iter().find_map(|item| {
            self.directives(item.node.directives())
                .or_else(|| self.selection(&item.node, parent))
        })
    }

    fn selection(&mut self, selection: &'a Selection, parent: Option<&'a MetaType>) -> Option<String> {
        match selection {
            Selection::Field(field) => self.field(&field.node, parent),
            Selection::InlineFragment(fragment) => {
                let on = fragment.node.type_condition.as_ref();
                let parent = on.map_or(parent, |on| self.registry.types.get(on.node.on.node.as_str()));
                self.check(&fragment.node.selection_set.node, parent)
            }
            Selection::FragmentSpread(spread) => {
                let name = spread.node.fragment_name.node.as_str();
                let fragment = self.document.fragments.get(name).filter(|_| self.seen.insert(name))?;
                let on = fragment.node.type_condition.node.on.node.as_str();
                self.check(&fragment.node.selection_set.node, self.registry.types.get(on))
            }
        }
    }

    fn directives(&self, directives: &'a [Positioned<Directive>]) -> Option<String> {
        directives.iter().find_map(|directive| {
            let known = self.registry.directives.get(directive.node.name.node.as_str())?;
            self.arguments(&directive.node.arguments, |name| known.args.get(name))
        })
    }

    fn field(&mut self, field: &'a Field, parent: Option<&'a MetaType>) -> Option<String> {
        let known = parent?.field_by_name(field.name.node.as_str())?;
        let wrong = self.arguments(&field.arguments, |name| known.args.get(name));
        let inside = merging::type_of(field, parent?, self.registry);
        wrong.or_else(|| self.check(&field.selection_set.node, inside))
    }

    fn arguments<'r>(
        &self,
        given: &[(Positioned<Name>, Positioned<Written>)],
        known: impl Fn(&str) -> Option<&'r MetaInputValue>,
    ) -> Option<String> {
        let mut given = given.iter().map(|(name, value)| (name.node.as_str(), &value.node));
        given.find_map(|(name, value)| self.part(known(name)?, Some(value), name))
    }

    /// What is wrong with an argument, or a field of an input.
    fn part(&self, part: &MetaInputValue, value: Option<&Written>, place: &str) -> Option<String> {
        let of = Type::new(&part.ty)?;
        match value.filter(|value| self.is_given(value)) {
            Some(value) => self.misfit(&of, value, place),
            None if of.nullable || part.default_value.is_some() => None,
            None => Some(format!("{place} is missing.")),
        }
    }

    /// A variable without a value is as if nothing stood there. Validation tells of
    /// one that is not defined.
    fn is_given(&self, value: &Written) -> bool {
        let Written::Variable(name) = value else {
            return true;
        };
        let mut defined = self.operation.variable_definitions.iter();
        let is_defined = defined.any(|definition| definition.node.name.node == *name);
        !is_defined || given(name, self.operation, self.variables).is_some()
    }

    fn is_null(&self, value: &Written) -> bool {
        match value {
            Written::Variable(name) => {
                !self.is_given(value) || given(name, self.operation, self.variables) == Some(&Value::Null)
            }
            value => *value == Written::Null,
        }
    }

    /// Why what stands at `place` of the document is not of this type.
    fn misfit(&self, of: &Type, value: &Written, place: &str) -> Option<String> {
        if *value == Written::Null {
            return fault(self.registry, of, &Value::Null, place);
        }
        match (&of.base, value) {
            (_, Written::Variable(name)) => {
                let value = given(name, self.operation, self.variables)?;
                fault(self.registry, of, value, place)
            }
            (BaseType::List(entry), Written::List(values)) => values.iter().enumerate().find_map(|(index, value)| {
                let place = format!("{place}[{index}]");
                match self.is_given(value) {
                    true => self.misfit(entry, value, &place),
                    false => fault(self.registry, entry, &Value::Null, &place),
                }
            }),
            (BaseType::List(entry), value) => self.misfit(entry, value, place),
            (BaseType::Named(name), value) => match (self.registry.types.get(name.as_str())?, value) {
                (
                    MetaType::InputObject {
                        input_fields, oneof, ..
                    },
                    Written::Object(given),
                ) => {
                    if let Some(unknown) = given.keys().find(|field| !input_fields.contains_key(field.as_str())) {
                        return Some(format!("{place} has no field {unknown}."));
                    }
                    if *oneof && (given.len() != 1 || given.values().any(|value| self.is_null(value))) {
                        return Some(format!("{place} must have exactly one field."));
                    }
                    input_fields.values().find_map(|field| {
                        let value = given.get(field.name.as_str());
                        self.part(field, value, &format!("{place}.{}", field.name))
                    })
                }
                // In a document a name is no text.
                (MetaType::Enum { .. }, Written::String(_)) => Some(format!("{place} must be one of {name}.")),
                (_, value) => {
                    let known = |name| {
                        let value = given(&name, self.operation, self.variables);
                        Ok::<_, Infallible>(value.cloned().unwrap_or_default())
                    };
                    let Ok(value) = value.clone().into_const_with(known);
                    fault(self.registry, of, &value, place)
                }
            },
        }
    }
}

/// Why `value`, which stands at `place`, is not of this type.
fn fault(registry: &Registry, of: &Type, value: &Value, place: &str) -> Option<String> {
    if *value == Value::Null {
        return (!of.nullable).then(|| format!("{place} must not be null."));
    }
    match (&of.base, value) {
        (BaseType::List(entry), Value::List(values)) => values
            .iter()
            .enumerate()
            .find_map(|(index, value)| fault(registry, entry, value, &format!("{place}[{index}]"))),
        // One value stands for a list of one.
        (BaseType::List(entry), value) => fault(registry, entry, value, place),
        (BaseType::Named(name), value) => match registry.types.get(name.as_str())? {
            MetaType::InputObject {
                input_fields, oneof, ..
            } => {
                let Value::Object(given) = value else {
                    return Some(format!("{place} must be an object of type {name}."));
                };
                if let Some(unknown) = given.keys().find(|field| !input_fields.contains_key(field.as_str())) {
                    return Some(format!("{place} has no field {unknown}."));
                }
                if *oneof && (given.len() != 1 || given.values().any(|value| *value == Value::Null)) {
                    return Some(format!("{place} must have exactly one field."));
                }
                input_fields.values().find_map(|field| {
                    let of = Type::new(&field.ty)?;
                    let place = format!("{place}.{}", field.name);
                    match given.get(field.name.as_str()) {
                        Some(value) => fault(registry, &of, value, &place),
                        None if of.nullable || field.default_value.is_some() => None,
                        None => Some(format!("{place} is missing.")),
                    }
                })
            }
            MetaType::Enum { enum_values, .. } => {
                let is_known = match value {
                    Value::String(value) => enum_values.contains_key(value),
                    Value::Enum(value) => enum_values.contains_key(value.as_str()),
                    _ => false,
                };
                (!is_known).then(|| format!("{place} must be one of {name}."))
            }
            MetaType::Scalar { is_valid, .. } => {
                // For these the library's own check is too generous.
                let is_good = match name.as_str() {
                    "Int" => i32::parse(Some(value.clone())).is_ok(),
                    "DateTime" => DateTime::<Utc>::parse(Some(value.clone())).is_ok(),
                    _ => is_valid.as_ref().is_none_or(|is_valid| is_valid(value)),
                };
                (!is_good).then(|| format!("{place} must be of type {name}."))
            }
            // No variable can have an output type; validation says so.
            _ => None,
        },
    }
}
