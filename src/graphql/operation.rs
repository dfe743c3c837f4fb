//! An operation, from its document to its answers: the same over HTTP, a socket
//! and an event stream.

use std::panic::AssertUnwindSafe;

use async_graphql::{Request, Response, ServerError, ServerResult, Value, Variables, parser::types::OperationType};
use futures_util::{FutureExt, Stream, StreamExt, stream, stream::BoxStream};
use serde::Deserialize;
use tracing::Instrument;

use super::{
    RequestScope, RosterSchema,
    connections::Gauged,
    error::refusal,
    guard,
    http::{Endpoint, RequestId},
    variables::operation_of,
};
use crate::{
    config::Limits,
    db,
    error::{Code, Refusal},
};

/// The parameters of a request, in a body, a query string or a message.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameters {
    /// The document.
    pub query: Option<String>,
    /// Which of its operations.
    pub operation_name: Option<String>,
    /// Values of its variables.
    pub variables: Option<serde_json::Map<String, serde_json::Value>>,
    // Read so that a wrong type is refused; nothing in it is used yet.
    #[allow(dead_code)]
    pub(super) extensions: Option<serde_json::Map<String, serde_json::Value>>,
}

/// An operation that does not ask for too much.
#[derive(Debug)]
pub struct Operation {
    request: Request,
    /// What it is; `None` if that is not clear, which the execution then refuses.
    pub kind: Option<OperationType>,
}

/// Why an operation has no answer.
#[derive(Clone, Copy, Debug)]
pub enum Failure {
    /// It took too long.
    Late,
    /// It panicked.
    Panic,
}

/// What an operation answers over a connection that stays open.
#[derive(Debug)]
pub enum Answer {
    /// A result; others may follow.
    Next(Response),
    /// Why there is no result, or none any more. Nothing follows.
    Error(Vec<ServerError>),
}

impl Operation {
    /// Reads a document, and refuses what asks for too much.
    ///
    /// # Errors
    /// `GRAPHQL_PARSE_FAILED`, and what `guard::check` refuses.
    pub fn parse(query: String, parameters: Parameters, limits: &Limits) -> ServerResult<Self> {
        let mut request = Request::new(query);
        request.operation_name = parameters.operation_name.filter(|name| !name.is_empty());
        if let Some(variables) = parameters.variables {
            request = request.variables(Variables::from_json(variables.into()));
        }
        let (name, variables) = (request.operation_name.clone(), request.variables.clone());
        let document = request.parsed_query().map_err(guard::unparsable)?;
        guard::check(document, &variables, limits)?;
        let kind = operation_of(document, name.as_deref()).map(|operation| operation.ty);
        Ok(Self { request, kind })
    }

    /// Whether it has any number of answers.
    pub fn is_subscription(&self) -> bool {
        self.kind == Some(OperationType::Subscription)
    }

    /// Runs a query or a mutation.
    ///
    /// A mutation runs to its end although its client may hang up half-way: the
    /// database must not be left to clean up. Past the time limit it is stopped,
    /// and rolls back. A query stops with its client.
    ///
    /// # Errors
    /// A mutation that panics; an operation that takes too long.
    pub async fn run(
        self,
        endpoint: &Endpoint,
        scope: RequestScope,
        request_id: &RequestId,
    ) -> Result<Response, Failure> {
        let schema = endpoint.schema.clone();
        let request = self.request.data(scope);
        let limit = endpoint.app.config.limits.request_timeout;
        let execution = tokio::time::timeout(limit, async move { schema.execute(request).await });
        let outcome = if self.kind == Some(OperationType::Mutation) {
            let execution = db::counting_here(execution).in_current_span();
            let task = endpoint.app.changes.spawn(execution);
            task.await.map_err(|panic| {
                tracing::error!(%panic, "mutation panicked");
                Failure::Panic
            })?
        } else {
            execution.await
        };
        let mut response = outcome.map_err(|_| Failure::Late)?;
        label(&mut response, request_id);
        Ok(response)
    }

    /// Runs any operation, and tells what comes of it. A panic ends it, and
    /// nothing else.
    pub fn answers(
        self,
        endpoint: &Endpoint,
        scope: RequestScope,
        request_id: &RequestId,
    ) -> BoxStream<'static, Answer> {
        let (endpoint, request_id) = (endpoint.clone(), request_id.clone());
        if self.is_subscription() {
            return self.events(&endpoint.schema, scope, request_id).boxed();
        }
        let answer = async move {
            let run = AssertUnwindSafe(self.run(&endpoint, scope, &request_id)).catch_unwind();
            match run.await.unwrap_or(Err(Failure::Panic)) {
                Ok(response) if is_refused(&response) => Answer::Error(response.errors),
                Ok(response) => Answer::Next(response),
                Err(failure) => Answer::Error(vec![failure.error(&request_id)]),
            }
        };
        stream::once(answer).boxed()
    }

    fn events(
        self,
        schema: &RosterSchema,
        scope: RequestScope,
        request_id: RequestId,
    ) -> impl Stream<Item = Answer> + Send + use<> {
        let running = Gauged::new(metrics::gauge!("subscriptions_running"));
        let responses = AssertUnwindSafe(schema.execute_stream(self.request.data(scope))).catch_unwind();
        let answers = responses.map(move |response| {
            // Goes with the stream.
            let _ = &running;
            let Ok(mut response) = response else {
                tracing::error!("subscription panicked");
                return Answer::Error(vec![Failure::Panic.error(&request_id)]);
            };
            label(&mut response, &request_id);
            if has_ended(&response) {
                return Answer::Error(response.errors);
            }
            metrics::counter!("subscription_events_total").increment(1);
            Answer::Next(response)
        });
        stream::unfold(Some(answers.boxed()), |answers| async move {
            let mut answers = answers?;
            let answer = answers.next().await?;
            let is_last = matches!(answer, Answer::Error(_));
            Some((answer, (!is_last).then_some(answers)))
        })
    }
}

impl Failure {
    /// The failure as an error of GraphQL; the id finds the cause in the log.
    pub fn error(self, RequestId(id): &RequestId) -> ServerError {
        match self {
            Self::Late => refusal("TIMEOUT", "The request took too long.".into()),
            Self::Panic => {
                let internal = Refusal::from(Code::Internal);
                let mut error = refusal(internal.code.name(), internal.message.into_owned());
                error.extensions.get_or_insert_default().set("requestId", id.clone());
                error
            }
        }
    }
}

/// Whether it was refused before the first field: there is no data then, not even
/// null.
pub fn is_refused(response: &Response) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// Whether a subscription was refused or has failed as a whole: of an event that
/// cannot be told, the error lies deeper.
fn has_ended(response: &Response) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.len() <= 1)
}

/// Names the request in faults of ours, so that the cause is found in the log.
fn label(response: &mut Response, RequestId(id): &RequestId) {
    let internal = Value::from(Code::Internal.name());
    for extensions in response.errors.iter_mut().filter_map(|error| error.extensions.as_mut()) {
        if extensions.get("code") == Some(&internal) {
            extensions.set("requestId", id.clone());
        }
    }
}
