//! What stands around every execution: variables are checked, a document is
//! validated once, and the library's answers get the repairs that they need.

use std::{
    sync::{Arc, OnceLock},
    time::Instant,
};

use async_graphql::{
    CacheControl, PathSegment, QueryPathNode, QueryPathSegment, Request, Response, SchemaEnv, ServerError,
    ServerResult, ValidationResult, Value,
    extensions::{
        Extension, ExtensionContext, ExtensionFactory, NextExecute, NextPrepareRequest, NextRequest, NextResolve,
        NextSubscribe, NextValidation, ResolveInfo,
    },
    parser::{
        self,
        types::{ExecutableDocument, Selection},
    },
};
use futures_util::{StreamExt, stream::BoxStream};

use super::{documents::Found, error::refusal, merging};
use crate::{
    error::RequestCode,
    telemetry::{
        account::{self as accounts, Phase},
        metrics,
    },
};

/// What is known of the types once the first request was executed.
pub type Types = Arc<OnceLock<SchemaEnv>>;

/// Makes a [`Guard`] for each request.
#[derive(Clone)]
pub struct GuardFactory(pub Types);

impl ExtensionFactory for GuardFactory {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Guard { types: self.0.clone() })
    }
}

struct Guard {
    types: Types,
}

/// A request that is to be validated and not run.
pub struct OnlyValidate;

/// Where an error was first seen: the innermost field sees it first. On the way out
/// the library forgets parts of it.
struct Origin(Vec<PathSegment>);

fn origin_of(error: &ServerError) -> Option<&Origin> {
    error.source.as_ref()?.downcast_ref()
}

/// Gives every error a code, and the whole path.
fn repair(response: &mut Response) {
    for error in &mut response.errors {
        if let Some(Origin(path)) = origin_of(error) {
            error.path = path.clone();
        }
    }
    give_codes(response);
}

/// Gives every error a code.
pub fn give_codes(response: &mut Response) {
    for error in &mut response.errors {
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            // What has no code of ours came out of a resolver's arguments.
            let code = match error.path.is_empty() {
                true => RequestCode::GraphqlValidationFailed,
                false => RequestCode::BadUserInput,
            };
            extensions.set("code", code.name());
        }
    }
}

/// Whether the library has cut the path of an error short, which it does where a
/// null travels up, or has forgotten it: it does not lead to the field from which the
/// error says that it comes. The document is one that was made ready.
pub fn is_cut(error: &ServerError, document: &ExecutableDocument) -> bool {
    let operations = document.operations.iter();
    let mut sets: Vec<_> = operations
        .map(|(_, operation)| &operation.node.selection_set.node)
        .collect();
    let mut ends = Vec::new();
    for step in &error.path {
        ends.clear();
        let PathSegment::Field(name) = step else {
            continue;
        };
        let mut below = Vec::new();
        while let Some(set) = sets.pop() {
            for item in &set.items {
                match &item.node {
                    Selection::Field(field) if field.node.response_key().node == *name => {
                        ends.push(field.pos);
                        below.push(&field.node.selection_set.node);
                    }
                    // Of an object that may be of several types.
                    Selection::InlineFragment(fragment) => sets.push(&fragment.node.selection_set.node),
                    _ => {}
                }
            }
        }
        sets = below;
    }
    !error.locations.iter().any(|pos| ends.contains(pos))
}

#[async_trait::async_trait]
impl Extension for Guard {
    async fn request(&self, ctx: &ExtensionContext<'_>, next: NextRequest<'_>) -> Response {
        let mut response = next.run(ctx).await;
        repair(&mut response);
        response
    }

    fn subscribe<'s>(
        &self,
        ctx: &ExtensionContext<'_>,
        stream: BoxStream<'s, Response>,
        next: NextSubscribe<'_>,
    ) -> BoxStream<'s, Response> {
        let repaired = next.run(ctx, stream).map(|mut response| {
            repair(&mut response);
            response
        });
        repaired.boxed()
    }

    async fn prepare_request(
        &self,
        ctx: &ExtensionContext<'_>,
        request: Request,
        next: NextPrepareRequest<'_>,
    ) -> ServerResult<Request> {
        self.types.get_or_init(|| ctx.schema_env.clone());
        next.run(ctx, request).await
    }

    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let found = ctx.data_opt::<Found>();
        let is_run = ctx.data_opt::<OnlyValidate>().is_none();
        if is_run && found.is_some_and(Found::is_valid) {
            return Ok(ValidationResult {
                cache_control: CacheControl::default(),
                complexity: 0,
                depth: 0,
            });
        }
        let begun = Instant::now();
        let validated = next.run(ctx).await;
        let conflict = found.filter(|_| validated.is_ok());
        let conflict = conflict.and_then(|found| merging::conflict(&found.document.syntax, &ctx.schema_env.registry));
        accounts::took(Phase::Validate, begun.elapsed());
        if let Some(conflict) = conflict {
            return Err(vec![conflict]);
        }
        if let (Ok(_), Some(found)) = (&validated, found) {
            found.keep();
            if !is_run {
                return Err(Vec::new());
            }
        }
        validated.map_err(|mut errors| {
            // A document can be wrong in thousands of places; the first few tell.
            errors.truncate(ERRORS_MAX);
            for error in &mut errors {
                // A value of the wrong type is the client's input; everything
                // else is a wrong document.
                let is_input = error.message.starts_with("Invalid value for argument");
                let code = if is_input {
                    RequestCode::BadUserInput
                } else {
                    RequestCode::GraphqlValidationFailed
                };
                shorten(&mut error.message);
                error.extensions.get_or_insert_default().set("code", code.name());
            }
            errors
        })
    }

    async fn execute(
        &self,
        ctx: &ExtensionContext<'_>,
        operation_name: Option<&str>,
        next: NextExecute<'_>,
    ) -> Response {
        // Also of an operation that is stopped half-way.
        let _clock = accounts::Clock::start(Phase::Execute);
        next.run(ctx, operation_name).await
    }

    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        let path = info.path_node;
        // Of queries and mutations, `Root` tells.
        let event = (path.parent.is_none() && info.parent_type == "Subscription").then_some(info.name);
        let begun = Instant::now();
        let mut result = next.run(ctx, info).await;
        if let Some(name) = event {
            metrics::resolved("Subscription", name, begun.elapsed());
        }
        if let Err(error) = &mut result
            && origin_of(error).is_none()
        {
            error.source = Some(Arc::new(Origin(segments(path))));
        }
        result
    }
}

fn segments(node: &QueryPathNode<'_>) -> Vec<PathSegment> {
    let mut path = Vec::new();
    let mut next = Some(node);
    while let Some(node) = next {
        path.push(match node.segment {
            QueryPathSegment::Index(index) => PathSegment::Index(index),
            QueryPathSegment::Name(name) => PathSegment::Field(name.to_owned()),
        });
        next = node.parent;
    }
    path.reverse();
    path
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
pub fn unparsable(error: parser::Error) -> ServerError {
    if matches!(error, parser::Error::RecursionLimitExceeded) {
        return refusal(RequestCode::QueryTooDeep, "The document is nested too deep.");
    }
    let mut error = ServerError::from(error);
    shorten(&mut error.message);
    let code = RequestCode::GraphqlParseFailed.name();
    error.extensions.get_or_insert_default().set("code", code);
    error
}
