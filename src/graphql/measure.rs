//! What a document asks for, measured before it runs: how deep, how wide and how
//! dear it is.

use std::{
    collections::{HashMap, HashSet},
    convert::Infallible,
};

use async_graphql::{
    Name, ServerResult, Value, Variables,
    parser::types::{
        ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet, VariableDefinition,
    },
};

use super::{error::refusal, page};
use crate::{
    config::{Config, Limits},
    error::RequestCode,
};

/// Refuses a document that asks for too much. Must come before anything else
/// walks through it: a few nested fragments can stand for billions of fields. The
/// measure is that of the operation that asks for most.
///
/// # Errors
/// `QUERY_TOO_DEEP`, `QUERY_TOO_COMPLEX`, `TOO_MANY_ALIASES`,
/// `TOO_MANY_ROOT_FIELDS`, `TOO_MANY_DIRECTIVES`, `INTROSPECTION_DISABLED`;
/// `GRAPHQL_VALIDATION_FAILED` for fragments that contain themselves, and
/// subscriptions to anything but one thing.
pub fn check(document: &ExecutableDocument, variables: &Variables, config: &Config) -> ServerResult<Measure> {
    let mut walk = Walk::new(document, variables);
    let operations = document.operations.iter().map(|(_, operation)| &operation.node);
    let measure = operations.fold(Measure::default(), |largest, operation| {
        largest.max(walk.operation(operation))
    });
    if walk.is_too_deep {
        return Err(refusal(RequestCode::QueryTooDeep, "The query is nested too deep."));
    }
    if walk.is_circular {
        return Err(refusal(
            RequestCode::GraphqlValidationFailed,
            "A fragment contains itself.",
        ));
    }
    measure.check(&config.limits)?;
    let most = config.limits.list_items_max;
    if walk.representations > most {
        let message = format!(
            "The query refers to {} entities; at most {most} are allowed.",
            walk.representations
        );
        return Err(refusal(RequestCode::QueryTooComplex, message));
    }
    if measure.asks_schema && !config.allows_introspection() {
        let message = "This server does not tell its schema.";
        return Err(refusal(RequestCode::IntrospectionDisabled, message));
    }
    let mut operations = document.operations.iter();
    operations.try_for_each(|(_, operation)| check_root(document, &operation.node))?;
    Ok(measure)
}

/// Refuses a subscription that is not to one field: which events it tells would not
/// be clear.
fn check_root(document: &ExecutableDocument, operation: &OperationDefinition) -> ServerResult<()> {
    if operation.ty != OperationType::Subscription {
        return Ok(());
    }
    let (mut names, mut sets, mut is_plain) = (HashSet::new(), vec![&operation.selection_set.node], true);
    while let Some(set) = sets.pop() {
        for item in set.items.iter().map(|item| &item.node) {
            is_plain &= item.directives().is_empty();
            match item {
                Selection::Field(field) => {
                    is_plain &= !field.node.name.node.starts_with("__");
                    names.insert(&field.node.response_key().node);
                }
                Selection::InlineFragment(fragment) => sets.push(&fragment.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    let fragment = document.fragments.get(&spread.node.fragment_name.node);
                    sets.extend(fragment.map(|fragment| &fragment.node.selection_set.node));
                }
            }
        }
    }
    if is_plain && names.len() <= 1 {
        return Ok(());
    }
    let message = "Subscribe to one field, without directives.";
    Err(refusal(RequestCode::GraphqlValidationFailed, message))
}

/// What an operation asks for, with fragments spelled out. Sums saturate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// Fields.
    pub selections: usize,
    /// Levels of fields.
    pub depth: usize,
    /// One a field, multiplied by the sizes of the lists above it.
    pub cost: usize,
    /// What takes statements of its own: pages of connections, counts, and objects
    /// that are looked for; multiplied like the cost.
    pages: usize,
    /// Fields of the set itself.
    width: usize,
    /// Fields that have another name in the answer.
    aliases: usize,
    directives: usize,
    /// Whether entries of a connection are asked for.
    has_entries: bool,
    /// Whether it is asked how many there are.
    has_count: bool,
    /// Whether the schema is asked for.
    asks_schema: bool,
    /// How often introspection descends into a list of types or fields.
    introspection: usize,
}

/// A walk through a document that measures each fragment once.
struct Walk<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    /// What the operation says its variables are that are not given.
    defaults: HashMap<&'a str, &'a Value>,
    /// The longest list of what is referred to from elsewhere.
    representations: usize,
    /// `None` while a fragment is being measured: it contains itself if it is
    /// met again then.
    fragments: HashMap<&'a str, Option<Measure>>,
    is_circular: bool,
    /// How deep the walk is in sets and fragments, one inside the other.
    level: usize,
    is_too_deep: bool,
}

/// Deeper than any document that is allowed, and safe for the stack: fragments
/// that spread each other in a long chain are deep without any field.
const LEVELS_MAX: usize = 200;

impl<'a> Walk<'a> {
    fn new(document: &'a ExecutableDocument, variables: &'a Variables) -> Self {
        Self {
            document,
            variables,
            defaults: HashMap::new(),
            representations: 0,
            fragments: HashMap::new(),
            is_circular: false,
            level: 0,
            is_too_deep: false,
        }
    }

    fn operation(&mut self, operation: &'a OperationDefinition) -> Measure {
        let variables = operation.variable_definitions.iter();
        let default = |variable: &'a VariableDefinition| {
            let value = variable.default_value.as_ref()?;
            Some((variable.name.node.as_str(), &value.node))
        };
        self.defaults = variables
            .clone()
            .filter_map(|variable| default(&variable.node))
            .collect();
        // Of another operation, whose variables are others.
        self.fragments.clear();
        let of_variables = variables.map(|variable| variable.node.directives.len()).sum::<usize>();
        let measure = self.measure(&operation.selection_set.node);
        measure.with_directives(operation.directives.len() + of_variables)
    }

    fn measure(&mut self, set: &'a SelectionSet) -> Measure {
        if self.level >= LEVELS_MAX {
            self.is_too_deep = true;
            return Measure::default();
        }
        self.level += 1;
        let measure = self.measure_items(set);
        self.level -= 1;
        measure
    }

    fn measure_items(&mut self, set: &'a SelectionSet) -> Measure {
        let mut whole = Measure::default();
        for item in &set.items {
            let part = match &item.node {
                Selection::Field(field) => self.field(&field.node),
                Selection::InlineFragment(fragment) => self.measure(&fragment.node.selection_set.node),
                Selection::FragmentSpread(spread) => self.fragment(spread.node.fragment_name.node.as_str()),
            };
            let part = part.with_directives(item.node.directives().len());
            whole = Measure {
                selections: whole.selections.saturating_add(part.selections),
                depth: whole.depth.max(part.depth),
                cost: whole.cost.saturating_add(part.cost),
                pages: whole.pages.saturating_add(part.pages),
                width: whole.width.saturating_add(part.width),
                aliases: whole.aliases.saturating_add(part.aliases),
                directives: whole.directives.saturating_add(part.directives),
                has_entries: whole.has_entries || part.has_entries,
                has_count: whole.has_count || part.has_count,
                asks_schema: whole.asks_schema || part.asks_schema,
                introspection: whole.introspection.max(part.introspection),
            };
        }
        whole
    }

    fn field(&mut self, field: &'a Field) -> Measure {
        let name = field.name.node.as_str();
        let below = self.measure(&field.selection_set.node);
        // Tools ask for the schema in a deep query of their own.
        let is_schema = matches!(name, "__schema" | "__type");
        let is_schema_list = matches!(name, "fields" | "interfaces" | "possibleTypes" | "inputFields");
        let size = self.size(field, below.has_entries);
        // By something else than an id.
        let is_sought = ["by", "slug"].iter().any(|by| field.get_argument(by).is_some());
        let own = [below.has_entries, below.has_count, is_sought];
        Measure {
            selections: below.selections.saturating_add(1),
            depth: if is_schema { 1 } else { below.depth.saturating_add(1) },
            cost: below.cost.saturating_mul(size).saturating_add(1),
            pages: below
                .pages
                .saturating_mul(size)
                .saturating_add(own.into_iter().filter(|takes_one| *takes_one).count()),
            width: 1,
            aliases: below.aliases.saturating_add(usize::from(field.alias.is_some())),
            directives: below.directives,
            has_entries: matches!(name, "nodes" | "edges"),
            has_count: name == "totalCount",
            asks_schema: below.asks_schema || is_schema,
            introspection: below.introspection + usize::from(is_schema_list),
        }
    }

    /// How many entries a field may answer with: the page that is asked for, the
    /// ids or addresses that are given, ten for the lists that are not paged.
    fn size(&mut self, field: &Field, has_entries: bool) -> usize {
        let value = |name: &Name| {
            self.variables
                .get(name)
                .or_else(|| self.defaults.get(name.as_str()).copied())
        };
        let known = |name: Name| Ok::<_, Infallible>(value(&name).cloned().unwrap_or_default());
        let argument = |name: &str| field.get_argument(name)?.node.clone().into_const_with(known).ok();
        if let Some(Value::List(named)) = argument("ids") {
            return named.len();
        }
        if let Some(Value::List(named)) = argument("representations") {
            self.representations = self.representations.max(named.len());
            return named.len();
        }
        // A mutation answers for each address, or for none if there are too many.
        if let Some(Value::Object(input)) = argument("input")
            && let Some(Value::List(emails)) = input.get("emails")
        {
            return page::size(Some(emails.len() as u64));
        }
        let asked = ["first", "last"].iter().find_map(|name| match argument(name) {
            Some(Value::Number(number)) => number.as_u64(),
            _ => None,
        });
        match field.name.node.as_str() {
            _ if has_entries => page::size(asked),
            "teamMemberships" | "teams" => 10,
            // Of an impact, the first hundred.
            "affectedMembers" => page::size(Some(u64::MAX)),
            _ => 1,
        }
    }

    fn fragment(&mut self, name: &'a str) -> Measure {
        match self.fragments.get(name) {
            Some(Some(measure)) => return *measure,
            Some(None) => {
                self.is_circular = true;
                return Measure::default();
            }
            None => {}
        }
        // Validation tells of a fragment that is not there.
        let Some(fragment) = self.document.fragments.get(name) else {
            return Measure::default();
        };
        self.fragments.insert(name, None);
        let measure = self.measure(&fragment.node.selection_set.node);
        let measure = measure.with_directives(fragment.node.directives.len());
        self.fragments.insert(name, Some(measure));
        measure
    }
}

impl Measure {
    fn max(self, other: Self) -> Self {
        Self {
            selections: self.selections.max(other.selections),
            depth: self.depth.max(other.depth),
            cost: self.cost.max(other.cost),
            pages: self.pages.max(other.pages),
            width: self.width.max(other.width),
            aliases: self.aliases.max(other.aliases),
            directives: self.directives.max(other.directives),
            has_entries: self.has_entries || other.has_entries,
            has_count: self.has_count || other.has_count,
            asks_schema: self.asks_schema || other.asks_schema,
            introspection: self.introspection.max(other.introspection),
        }
    }

    fn with_directives(mut self, directives: usize) -> Self {
        self.directives = self.directives.saturating_add(directives);
        self
    }

    fn check(self, limits: &Limits) -> ServerResult<()> {
        // The lists of the schema, nested, multiply: three levels are what
        // tools need, and already the whole schema.
        const INTROSPECTION_MAX: usize = 3;
        if self.depth > limits.depth_max || self.introspection > INTROSPECTION_MAX {
            let most = limits.depth_max;
            let message = format!("The query is nested too deep; at most {most} levels are allowed.");
            return Err(refusal(RequestCode::QueryTooDeep, message));
        }
        for (code, what, asked, most) in [
            (
                RequestCode::TooManyRootFields,
                "fields at its root",
                self.width,
                limits.root_fields_max,
            ),
            (RequestCode::TooManyAliases, "aliases", self.aliases, limits.aliases_max),
            (
                RequestCode::TooManyDirectives,
                "directives",
                self.directives,
                limits.directives_max,
            ),
            (
                RequestCode::QueryTooComplex,
                "fields",
                self.selections,
                limits.selections_max,
            ),
            (
                RequestCode::QueryTooComplex,
                "pages, counts and objects to look for",
                self.pages,
                limits.pages_max,
            ),
        ] {
            if asked > most {
                let message = format!("The query has {asked} {what}; at most {most} are allowed.");
                return Err(refusal(code, message));
            }
        }
        check_cost(self.cost, limits)
    }
}

/// Refuses what costs too much.
///
/// # Errors
/// `QUERY_TOO_COMPLEX`.
pub fn check_cost(cost: usize, limits: &Limits) -> ServerResult<()> {
    let most = limits.complexity_max;
    if cost > most {
        let message = format!("The query costs {cost}; at most {most} is allowed.");
        return Err(refusal(RequestCode::QueryTooComplex, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(document: &str) -> Option<String> {
        let document = async_graphql::parser::parse_query(document).unwrap();
        let error = check(&document, &Variables::default(), &Config::default()).err()?;
        Some(error.extensions?.get("code")?.to_string())
    }

    fn measure(document: &str, variables: serde_json::Value) -> Measure {
        let document = async_graphql::parser::parse_query(document).unwrap();
        let variables = Variables::from_json(variables);
        let mut walk = Walk::new(&document, &variables);
        document
            .operations
            .iter()
            .map(|(_, operation)| walk.operation(&operation.node))
            .next()
            .unwrap()
    }

    #[test]
    fn fragments_count_where_they_are_spread() {
        let measure = measure(
            "{ a { ...F ...F } } fragment F on T { b { c } d }",
            serde_json::json!({}),
        );
        assert_eq!((measure.selections, measure.depth, measure.cost), (7, 3, 7));
    }

    #[test]
    fn aliases_directives_and_root_fields_count_where_they_are_spread() {
        let measure = measure(
            "query($a: Int @x) @x { ...F ...F @x a { b: c } } fragment F on T @x { d: e @x f }",
            serde_json::json!({}),
        );
        assert_eq!((measure.width, measure.aliases, measure.directives), (5, 3, 7));
    }

    #[test]
    fn lists_multiply_what_is_asked_of_their_entries() {
        let cost = |arguments: &str, variables| {
            let document = format!(
                "query($first: Int, $last: Int, $ids: [ID!]) {{ list{arguments} {{ ...F }} }} fragment F on T {{ nodes {{ a b }} }}"
            );
            measure(&document, variables).cost
        };
        assert_eq!(cost("", serde_json::json!({})), 1 + 25 * 3);
        assert_eq!(cost("(first: 10)", serde_json::json!({})), 1 + 10 * 3);
        assert_eq!(
            cost("(first: $first, last: $last)", serde_json::json!({ "last": 5 })),
            1 + 5 * 3
        );
        assert_eq!(
            cost("(first: $first)", serde_json::json!({ "first": 2_000_000_000 })),
            1 + 100 * 3
        );
        assert_eq!(cost("(ids: $ids)", serde_json::json!({ "ids": ["a", "b"] })), 1 + 2 * 3);
        assert_eq!(
            cost(r#"(input: { emails: ["a", "b"] })"#, serde_json::json!({})),
            1 + 2 * 3
        );
    }

    #[test]
    fn what_is_not_given_counts_as_its_default() {
        let document = "query($n: Int = 100, $ids: [ID!]! = [\"a\", \"b\"]) { nodes(ids: $ids) { ...F } } \
             fragment F on T { members(first: $n) { nodes { id } } }";
        let cost = |variables| measure(document, variables).cost;
        assert_eq!(cost(serde_json::json!({})), 1 + 2 * (1 + 100 * 2));
        assert_eq!(cost(serde_json::json!({ "n": 10, "ids": ["a"] })), 1 + (1 + 10 * 2));
        // Null is given; the page has its usual size then.
        assert_eq!(cost(serde_json::json!({ "n": null })), 1 + 2 * (1 + 25 * 2));
        assert_eq!(measure(document, serde_json::json!({})).pages, 2);
        let input =
            "mutation($input: CreateInvitesInput! = { emails: [\"a\", \"b\"] }) { invite(input: $input) { id } }";
        assert_eq!(measure(input, serde_json::json!({})).cost, 1 + 2);
    }

    #[test]
    fn a_default_counts_in_its_own_operation_only() {
        let document = "query A($n: Int = 1) { ...F } query B($n: Int = 100) { ...F } \
             fragment F on Query { members(first: $n) { nodes { id } } }";
        let document = async_graphql::parser::parse_query(document).unwrap();
        let variables = Variables::default();
        let mut walk = Walk::new(&document, &variables);
        let mut costs: Vec<_> = document
            .operations
            .iter()
            .map(|(_, operation)| walk.operation(&operation.node).cost)
            .collect();
        costs.sort_unstable();
        assert_eq!(costs, [1 + 2, 1 + 100 * 2]);
    }

    #[test]
    fn pages_count_for_each_entry_above_them() {
        let pages = |document: &str| measure(document, serde_json::json!({})).pages;
        assert_eq!(pages("{ viewer { user { id } } }"), 0);
        assert_eq!(pages("{ a { members(first: 10) { nodes { id } } } }"), 1);
        assert_eq!(
            pages(
                r#"{ nodes(ids: ["a", "b", "c"]) { ... on T { members { nodes { id } } teams { edges { cursor } } } } }"#
            ),
            6
        );
        let below = "{ teams(first: 20) { nodes { memberships(first: 5) { totalCount nodes { id } } } } }";
        assert_eq!(pages(below), 1 + 20 * 2);
        assert_eq!(
            pages("{ nodes(ids: [\"a\", \"b\"]) { ... on T { x: member(by: { id: \"c\" }) { id } } } }"),
            2
        );
        let organization = r#"nodes(ids: $ids) { ... on O { members { nodes { id } } } }"#;
        let aliases: String = (0..20).map(|at| format!("a{at}: {organization} ")).collect();
        let many = format!("query($ids: [ID!] = []) {{ {aliases} }}");
        let ids: Vec<_> = (0..100).map(|_| "T3JnYW5pemF0aW9uOjE").collect();
        assert_eq!(measure(&many, serde_json::json!({ "ids": ids })).pages, 2_000);
    }

    #[test]
    fn a_fragment_bomb_is_refused_at_once() {
        let mut document = String::from("{ ...F0 }");
        for level in 0..60 {
            document += &format!(
                " fragment F{level} on Query {{ ...F{next} ...F{next} }}",
                next = level + 1
            );
        }
        document += " fragment F60 on Query { service { version } }";
        assert_eq!(refused(&document).unwrap(), "\"TOO_MANY_ROOT_FIELDS\"");
        let inside = document.replacen("{ ...F0 }", "{ viewer { ...F0 } }", 1);
        assert_eq!(refused(&inside).unwrap(), "\"QUERY_TOO_COMPLEX\"");
    }

    #[test]
    fn fragments_in_a_circle_end() {
        let circle = "{ ...A } fragment A on T { a ...B } fragment B on T { ...A }";
        assert_eq!(refused(circle).unwrap(), "\"GRAPHQL_VALIDATION_FAILED\"");
    }

    #[test]
    fn a_subscription_is_to_one_field() {
        for document in [
            "subscription { a { b } }",
            "subscription { a { b } a { c } }",
            "subscription { ...F ... { a } } fragment F on Subscription { a }",
        ] {
            assert_eq!(refused(document), None, "{document}");
        }
        for document in [
            "subscription { a b }",
            "subscription { a ...F } fragment F on Subscription { c: a }",
            "subscription($b: Boolean!) { ... @include(if: $b) { a } }",
            "subscription { __typename }",
            "subscription($b: Boolean!) { a @skip(if: $b) }",
            "query Q { a } subscription S { a b }",
        ] {
            assert_eq!(
                refused(document).as_deref(),
                Some("\"GRAPHQL_VALIDATION_FAILED\""),
                "{document}"
            );
        }
    }

    #[test]
    fn introspection_may_be_deep_but_not_branch_for_ever() {
        let types = "{ __schema { types { fields { args { type { ofType { ofType { ofType { ofType { ofType { ofType { ofType { name } } } } } } } } } } } } }";
        assert_eq!(refused(types), None);
        let bomb =
            "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }";
        assert_eq!(refused(bomb).unwrap(), "\"QUERY_TOO_DEEP\"");
    }
}
