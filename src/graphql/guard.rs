//! Limits on what a document may ask for, checked before it runs, and the
//! repairs that the library's answers need.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::{
    Name, PathSegment, QueryPathNode, Request, Response, ServerError, ServerResult, ValidationResult, Value, Variables,
    extensions::{
        Extension, ExtensionContext, ExtensionFactory, NextPrepareRequest, NextRequest, NextResolve, NextSubscribe,
        NextValidation, ResolveInfo,
    },
    parser::types::{ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet},
};
use futures_util::{StreamExt, stream::BoxStream};

use super::{context::RequestScope, error::refusal, page, variables};
use crate::config::Limits;

/// Makes a [`Guard`] for each request.
#[derive(Clone, Debug)]
pub struct GuardFactory;

impl ExtensionFactory for GuardFactory {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Guard::default())
    }
}

#[derive(Debug, Default)]
struct Guard {
    /// Paths of the fields that failed.
    paths: Arc<Paths>,
}

#[derive(Debug, Default)]
struct Paths(Mutex<Vec<(ServerErrorKey, Vec<PathSegment>)>>);

/// What makes two reports of an error the same.
type ServerErrorKey = (String, Vec<async_graphql::Pos>);

fn key_of(error: &ServerError) -> ServerErrorKey {
    (error.message.clone(), error.locations.clone())
}

impl Paths {
    /// Remembers where an error was first seen: the innermost field reports
    /// first, and its path is the whole one.
    fn remember(&self, error: &ServerError, path: &QueryPathNode<'_>) {
        let mut paths = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = key_of(error);
        if paths.len() < 100 && !paths.iter().any(|(known, _)| *known == key) {
            paths.push((key, segments(path)));
        }
    }

    /// Gives every error a code, and errors in lists their whole path: the
    /// library cuts it short where a null travels up through a list.
    fn repair(&self, response: &mut Response) {
        // The next event of a subscription fails anew.
        let paths = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for error in &mut response.errors {
            if let Some((_, path)) = paths
                .iter()
                .find(|(key, path)| *key == key_of(error) && path.len() > error.path.len())
            {
                error.path.clone_from(path);
            }
            let extensions = error.extensions.get_or_insert_default();
            if extensions.get("code").is_none() {
                // What has no code of ours came out of a resolver's arguments.
                extensions.set(
                    "code",
                    if error.path.is_empty() {
                        "GRAPHQL_VALIDATION_FAILED"
                    } else {
                        "BAD_USER_INPUT"
                    },
                );
            }
        }
    }
}

#[async_trait::async_trait]
impl Extension for Guard {
    async fn request(&self, ctx: &ExtensionContext<'_>, next: NextRequest<'_>) -> Response {
        let mut response = next.run(ctx).await;
        self.paths.repair(&mut response);
        response
    }

    fn subscribe<'s>(
        &self,
        ctx: &ExtensionContext<'_>,
        stream: BoxStream<'s, Response>,
        next: NextSubscribe<'_>,
    ) -> BoxStream<'s, Response> {
        let paths = self.paths.clone();
        let repaired = next.run(ctx, stream).map(move |mut response| {
            paths.repair(&mut response);
            response
        });
        repaired.boxed()
    }

    async fn prepare_request(
        &self,
        ctx: &ExtensionContext<'_>,
        mut request: Request,
        next: NextPrepareRequest<'_>,
    ) -> ServerResult<Request> {
        variables::check(&mut request, &ctx.schema_env.registry)?;
        next.run(ctx, request).await
    }

    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        next.run(ctx).await.map_err(|mut errors| {
            // A document can be wrong in thousands of places; the first few tell.
            errors.truncate(ERRORS_MAX);
            for error in &mut errors {
                // A value of the wrong type is the client's input; everything
                // else is a wrong document.
                let is_input = error.message.starts_with("Invalid value for argument");
                let code = if is_input {
                    "BAD_USER_INPUT"
                } else {
                    "GRAPHQL_VALIDATION_FAILED"
                };
                shorten(&mut error.message);
                error.extensions.get_or_insert_default().set("code", code);
            }
            errors
        })
    }

    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        if info.parent_type == "Mutation"
            && let Some(scope) = ctx.data_opt::<RequestScope>()
        {
            scope.forget();
        }
        let path = info.path_node;
        let result = next.run(ctx, info).await;
        if let Err(error) = &result {
            self.paths.remember(error, path);
        }
        result
    }
}

fn segments(node: &QueryPathNode<'_>) -> Vec<PathSegment> {
    node.to_string_vec()
        .into_iter()
        .map(|step| step.parse().map_or(PathSegment::Field(step), PathSegment::Index))
        .collect()
}

/// Errors of one document at most.
const ERRORS_MAX: usize = 20;

/// Keeps what a person reads of a message that quotes the document.
fn shorten(message: &mut String) {
    const LENGTH_MAX: usize = 300;
    // The parser draws the place first and says what is wrong in the last line.
    if let Some((_, last)) = message.trim_end().rsplit_once('\n') {
        *message = last.trim_start_matches([' ', '=']).to_owned();
    }
    if let Some((end, _)) = message.char_indices().nth(LENGTH_MAX) {
        message.truncate(end);
    }
}

/// Why a document does not parse, for the client.
pub fn unparsable(mut error: ServerError) -> ServerError {
    shorten(&mut error.message);
    if error.message.contains("stack limit") {
        error.message = "The document is nested too deep.".into();
    }
    error
        .extensions
        .get_or_insert_default()
        .set("code", "GRAPHQL_PARSE_FAILED");
    error
}

/// Refuses a document that asks for too much. Must come before anything else
/// walks through it: a few nested fragments can stand for billions of fields.
///
/// # Errors
/// `QUERY_TOO_DEEP`, `QUERY_TOO_COMPLEX`; `GRAPHQL_VALIDATION_FAILED` for
/// fragments that contain themselves, and subscriptions to anything but one thing.
pub fn check(document: &ExecutableDocument, variables: &Variables, limits: &Limits) -> ServerResult<()> {
    let mut walk = Walk::new(document, variables);
    let sets = document
        .operations
        .iter()
        .map(|(_, operation)| &operation.node.selection_set.node);
    let measure = sets.fold(Measure::default(), |largest, set| largest.max(walk.measure(set)));
    if walk.is_too_deep {
        return Err(refusal("QUERY_TOO_DEEP", "The query is nested too deep.".into()));
    }
    if walk.is_circular {
        return Err(refusal(
            "GRAPHQL_VALIDATION_FAILED",
            "A fragment contains itself.".into(),
        ));
    }
    measure.check(limits)?;
    let mut operations = document.operations.iter();
    operations.try_for_each(|(_, operation)| check_root(&operation.node))
}

/// Refuses a subscription that does not name the one field it is to: the library
/// passes over fragments, and runs what is left together.
fn check_root(operation: &OperationDefinition) -> ServerResult<()> {
    if operation.ty != OperationType::Subscription {
        return Ok(());
    }
    let is_plain = match operation.selection_set.node.items.as_slice() {
        [item] => match &item.node {
            Selection::Field(field) => field.node.directives.is_empty() && !field.node.name.node.starts_with("__"),
            _ => false,
        },
        _ => false,
    };
    if is_plain {
        return Ok(());
    }
    let message = "Subscribe to one field, named in the operation itself and without directives.";
    Err(refusal("GRAPHQL_VALIDATION_FAILED", message.into()))
}

/// What an operation asks for, with fragments spelled out. Sums saturate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Measure {
    selections: usize,
    depth: usize,
    /// One a field, multiplied by the sizes of the lists above it.
    cost: usize,
    /// Whether entries of a connection are asked for.
    has_entries: bool,
    /// How often introspection descends into a list of types or fields.
    introspection: usize,
}

/// A walk through a document that measures each fragment once.
struct Walk<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
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
            fragments: HashMap::new(),
            is_circular: false,
            level: 0,
            is_too_deep: false,
        }
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
            whole = Measure {
                selections: whole.selections.saturating_add(part.selections),
                depth: whole.depth.max(part.depth),
                cost: whole.cost.saturating_add(part.cost),
                has_entries: whole.has_entries || part.has_entries,
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
        Measure {
            selections: below.selections.saturating_add(1),
            depth: if is_schema { 1 } else { below.depth.saturating_add(1) },
            cost: below
                .cost
                .saturating_mul(self.size(field, below.has_entries))
                .saturating_add(1),
            has_entries: matches!(name, "nodes" | "edges"),
            introspection: below.introspection + usize::from(is_schema_list),
        }
    }

    /// How many entries a field may answer with: the page that is asked for, the
    /// ids or addresses that are given, ten for the lists that are not paged.
    fn size(&self, field: &Field, has_entries: bool) -> usize {
        let known = |name: Name| Ok::<_, Infallible>(self.variables.get(&name).cloned().unwrap_or_default());
        let argument = |name: &str| field.get_argument(name)?.node.clone().into_const_with(known).ok();
        if let Some(Value::List(ids)) = argument("ids") {
            return ids.len();
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
            has_entries: self.has_entries || other.has_entries,
            introspection: self.introspection.max(other.introspection),
        }
    }

    fn check(self, limits: &Limits) -> ServerResult<()> {
        // The lists of the schema, nested, multiply: three levels are what
        // tools need, and already the whole schema.
        const INTROSPECTION_MAX: usize = 3;
        if self.depth > limits.depth_max || self.introspection > INTROSPECTION_MAX {
            return Err(refusal(
                "QUERY_TOO_DEEP",
                format!(
                    "The query is nested too deep; at most {} levels are allowed.",
                    limits.depth_max
                ),
            ));
        }
        if self.selections > limits.selections_max {
            return Err(refusal(
                "QUERY_TOO_COMPLEX",
                format!(
                    "The query selects {} fields; at most {} are allowed.",
                    self.selections, limits.selections_max
                ),
            ));
        }
        if self.cost > limits.complexity_max {
            let message = format!(
                "The query costs {}; at most {} is allowed.",
                self.cost, limits.complexity_max
            );
            return Err(refusal("QUERY_TOO_COMPLEX", message));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(document: &str) -> Option<String> {
        let document = async_graphql::parser::parse_query(document).unwrap();
        let error = check(&document, &Variables::default(), &Limits::default()).err()?;
        Some(error.extensions?.get("code")?.to_string())
    }

    fn measure(document: &str, variables: serde_json::Value) -> Measure {
        let document = async_graphql::parser::parse_query(document).unwrap();
        let variables = Variables::from_json(variables);
        let mut walk = Walk::new(&document, &variables);
        document
            .operations
            .iter()
            .map(|(_, operation)| walk.measure(&operation.node.selection_set.node))
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
    fn a_fragment_bomb_is_refused_at_once() {
        let mut document = String::from("{ ...F0 }");
        for level in 0..60 {
            document += &format!(
                " fragment F{level} on Query {{ ...F{next} ...F{next} }}",
                next = level + 1
            );
        }
        document += " fragment F60 on Query { service { version } }";
        assert_eq!(refused(&document).unwrap(), "\"QUERY_TOO_COMPLEX\"");
    }

    #[test]
    fn fragments_in_a_circle_end() {
        let circle = "{ ...A } fragment A on T { a ...B } fragment B on T { ...A }";
        assert_eq!(refused(circle).unwrap(), "\"GRAPHQL_VALIDATION_FAILED\"");
    }

    #[test]
    fn a_subscription_is_to_one_field() {
        assert_eq!(refused("subscription { a { b } }"), None);
        for document in [
            "subscription { a b }",
            "subscription { ...F } fragment F on Subscription { a }",
            "subscription { ... { a } }",
            "subscription { __typename }",
            "subscription($b: Boolean!) { a @skip(if: $b) }",
            "query Q { a } subscription S { a a }",
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
