//! What stands around every execution: variables are checked, a document is
//! validated once, and the library's answers get the repairs that they need.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Instant,
};

use async_graphql::{
    CacheControl, PathSegment, QueryPathNode, Request, Response, SchemaEnv, ServerError, ServerResult,
    ValidationResult, Value,
    extensions::{
        Extension, ExtensionContext, ExtensionFactory, NextExecute, NextPrepareRequest, NextRequest, NextResolve,
        NextSubscribe, NextValidation, ResolveInfo,
    },
    parser,
};
use futures_util::{StreamExt, stream::BoxStream};

use super::{documents::Found, error::refusal, variables};
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
        Arc::new(Guard {
            types: self.0.clone(),
            paths: Arc::default(),
        })
    }
}

struct Guard {
    types: Types,
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

    /// Gives every error a code, and those whose path is cut short the whole one.
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
        }
        give_codes(response);
    }
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
/// null travels up through a list, or has forgotten it. A whole one ends with a
/// field.
pub fn is_cut(error: &ServerError) -> bool {
    !matches!(error.path.last(), Some(PathSegment::Field(_)))
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
        let types = self.types.get_or_init(|| ctx.schema_env.clone());
        variables::check(&mut request, &types.registry)?;
        next.run(ctx, request).await
    }

    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let found = ctx.data_opt::<Found>();
        if found.is_some_and(Found::is_valid) {
            // What depends on the variables was looked at before.
            return Ok(ValidationResult {
                cache_control: CacheControl::default(),
                complexity: 0,
                depth: 0,
            });
        }
        let begun = Instant::now();
        let validated = next.run(ctx).await;
        accounts::took(Phase::Validate, begun.elapsed());
        if let (Ok(_), Some(found)) = (&validated, found) {
            found.keep();
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
        let result = next.run(ctx, info).await;
        if let Some(name) = event {
            metrics::resolved("Subscription", name, begun.elapsed());
        }
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
