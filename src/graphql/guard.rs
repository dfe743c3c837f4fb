//! Limits on what a document may ask for, checked before it runs, and the
//! repairs that the library's answers need.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_graphql::{
    PathSegment, QueryPathNode, Response, ServerError, ServerResult, ValidationResult, Value, Variables,
    extensions::{
        Extension, ExtensionContext, ExtensionFactory, NextParseQuery, NextRequest, NextResolve, NextValidation,
        ResolveInfo,
    },
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};

use super::context::RequestScope;
use crate::config::Limits;

/// Makes a [`Guard`] for each request.
#[derive(Clone, Debug)]
pub struct GuardFactory(pub Limits);

impl ExtensionFactory for GuardFactory {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Guard {
            limits: self.0.clone(),
            first_error: Mutex::default(),
        })
    }
}

#[derive(Debug)]
struct Guard {
    limits: Limits,
    /// Path of the first field that failed.
    first_error: Mutex<Vec<(ServerErrorKey, Vec<PathSegment>)>>,
}

/// What makes two reports of an error the same.
type ServerErrorKey = (String, Vec<async_graphql::Pos>);

fn key_of(error: &ServerError) -> ServerErrorKey {
    (error.message.clone(), error.locations.clone())
}

fn refusal(code: &'static str, message: String) -> ServerError {
    let mut error = ServerError::new(message, None);
    error.extensions.get_or_insert_default().set("code", code);
    error
}

#[async_trait::async_trait]
impl Extension for Guard {
    /// Gives every error a code, and errors in lists their whole path: the
    /// library cuts it short where a null travels up through a list.
    async fn request(&self, ctx: &ExtensionContext<'_>, next: NextRequest<'_>) -> Response {
        let mut response = next.run(ctx).await;
        let paths = self
            .first_error
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
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
        response
    }

    /// Counts what the document asks for before anything walks through it: a
    /// few nested fragments can stand for billions of fields.
    async fn parse_query(
        &self,
        ctx: &ExtensionContext<'_>,
        query: &str,
        variables: &Variables,
        next: NextParseQuery<'_>,
    ) -> ServerResult<ExecutableDocument> {
        let document = next.run(ctx, query, variables).await.map_err(|mut error| {
            error
                .extensions
                .get_or_insert_default()
                .set("code", "GRAPHQL_PARSE_FAILED");
            error
        })?;
        Measure::of(&document).check(&self.limits)?;
        Ok(document)
    }

    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let result = next.run(ctx).await.map_err(|mut errors| {
            for error in &mut errors {
                // A value of the wrong type is the client's input; everything
                // else is a wrong document.
                let is_input = error.message.starts_with("Invalid value for argument");
                let code = if is_input {
                    "BAD_USER_INPUT"
                } else {
                    "GRAPHQL_VALIDATION_FAILED"
                };
                error.extensions.get_or_insert_default().set("code", code);
            }
            errors
        })?;
        if result.complexity > self.limits.complexity_max {
            let message = format!(
                "The query costs {}; at most {} is allowed.",
                result.complexity, self.limits.complexity_max
            );
            return Err(vec![refusal("QUERY_TOO_COMPLEX", message)]);
        }
        Ok(result)
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
            let mut paths = self
                .first_error
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            let key = key_of(error);
            // The innermost field reports first, and its path is the whole one.
            if paths.len() < 100 && !paths.iter().any(|(known, _)| *known == key) {
                paths.push((key, segments(path)));
            }
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

/// What an operation asks for, with fragments spelled out. Sums saturate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Measure {
    selections: usize,
    depth: usize,
    /// How often introspection descends into a list of types or fields.
    introspection: usize,
}

impl Measure {
    /// The largest measures of the operations of a document.
    fn of(document: &ExecutableDocument) -> Self {
        let mut fragments = HashMap::new();
        document
            .operations
            .iter()
            .fold(Self::default(), |largest, (_, operation)| {
                largest.max(Self::of_set(
                    &operation.node.selection_set.node,
                    document,
                    &mut fragments,
                ))
            })
    }

    /// Each fragment is measured once. One that contains itself counts as empty
    /// here; validation refuses it.
    fn of_set<'a>(
        set: &'a SelectionSet,
        document: &'a ExecutableDocument,
        fragments: &mut HashMap<&'a str, Self>,
    ) -> Self {
        let mut whole = Self::default();
        for item in &set.items {
            let inner = match &item.node {
                Selection::Field(field) => {
                    let name = field.node.name.node.as_str();
                    let below = Self::of_set(&field.node.selection_set.node, document, fragments);
                    let is_root = matches!(name, "__schema" | "__type");
                    let is_list = matches!(name, "fields" | "interfaces" | "possibleTypes" | "inputFields");
                    Self {
                        selections: below.selections.saturating_add(1),
                        // Tools ask for the schema in a deep query of their own.
                        depth: if is_root { 1 } else { below.depth.saturating_add(1) },
                        introspection: below.introspection + usize::from(is_list),
                    }
                }
                Selection::InlineFragment(fragment) => {
                    Self::of_set(&fragment.node.selection_set.node, document, fragments)
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    match (fragments.get(name), document.fragments.get(name)) {
                        (Some(known), _) => *known,
                        (None, Some(fragment)) => {
                            fragments.insert(name, Self::default());
                            let measure = Self::of_set(&fragment.node.selection_set.node, document, fragments);
                            fragments.insert(name, measure);
                            measure
                        }
                        (None, None) => Self::default(),
                    }
                }
            };
            whole = Self {
                selections: whole.selections.saturating_add(inner.selections),
                depth: whole.depth.max(inner.depth),
                introspection: whole.introspection.max(inner.introspection),
            };
        }
        whole
    }

    fn max(self, other: Self) -> Self {
        Self {
            selections: self.selections.max(other.selections),
            depth: self.depth.max(other.depth),
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
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(document: &str) -> Measure {
        Measure::of(&async_graphql::parser::parse_query(document).unwrap())
    }

    #[test]
    fn fragments_count_where_they_are_spread() {
        let measure = measure("{ a { ...F ...F } } fragment F on T { b { c } d }");
        assert_eq!((measure.selections, measure.depth), (7, 3));
    }

    #[test]
    fn a_fragment_bomb_is_measured_at_once() {
        let mut document = String::from("{ ...F0 }");
        for level in 0..60 {
            document += &format!(
                " fragment F{level} on Query {{ ...F{next} ...F{next} }}",
                next = level + 1
            );
        }
        document += " fragment F60 on Query { service { version } }";
        assert!(measure(&document).check(&Limits::default()).is_err());
    }

    #[test]
    fn fragments_in_a_circle_end() {
        assert_eq!(
            measure("{ ...A } fragment A on T { a ...B } fragment B on T { ...A }").depth,
            1
        );
    }

    #[test]
    fn introspection_may_be_deep_but_not_branch_for_ever() {
        let types = "{ __schema { types { fields { args { type { ofType { ofType { ofType { ofType { ofType { ofType { ofType { name } } } } } } } } } } } } }";
        assert!(measure(types).check(&Limits::default()).is_ok());
        let bomb =
            "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }";
        assert!(measure(bomb).check(&Limits::default()).is_err());
    }
}
