//! An operation, from its document to its answers: the same over HTTP, a socket
//! and an event stream.

use std::{io, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_graphql::{
    Request, Response, ServerError, ServerResult, Value, Variables,
    parser::types::{ExecutableDocument, OperationType},
    value,
};
use futures_util::{FutureExt, Stream, StreamExt, future, stream, stream::BoxStream};
use serde::Deserialize;
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use super::{
    RequestScope, RosterSchema, account,
    connections::Gauged,
    documents::{Document, Found, Hash, Source},
    error::refusal,
    http::{Endpoint, RequestId},
    measure::{self, Measure},
    object::Object,
    root::Representations,
    variables::operation_of,
};
use crate::{
    config::Limits,
    error::{Code, Refusal, RequestCode},
    telemetry::{
        account::{self as accounts, Account, Phase},
        trace,
    },
};

/// The parameters of a request, in a body, a query string or a message.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameters {
    /// The document.
    pub query: Option<String>,
    /// Its id in the manifest.
    pub document_id: Option<String>,
    /// Which of its operations.
    pub operation_name: Option<String>,
    /// Values of its variables.
    pub variables: Option<serde_json::Map<String, serde_json::Value>>,
    /// What else is to be known.
    pub(super) extensions: Option<serde_json::Map<String, serde_json::Value>>,
}

/// What a client says of a persisted query.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PersistedQuery {
    version: u32,
    sha256_hash: String,
}

impl Parameters {
    /// What is said of the document, which is then forgotten here.
    ///
    /// # Errors
    /// What is missing or wrong, for the client.
    fn source(&mut self) -> Result<Source, &'static str> {
        let query = self.query.take().filter(|query| !query.trim().is_empty());
        let id = self.document_id.take().filter(|id| !id.is_empty());
        let persisted = self
            .extensions
            .as_mut()
            .and_then(|given| given.remove("persistedQuery"));
        let hash = persisted.filter(|said| !said.is_null()).map(|said| {
            let Object(said): Object<PersistedQuery> = serde_json::from_value(said).ok()?;
            Hash::parse(&said.sha256_hash).filter(|_| said.version == 1)
        });
        match (query, id, hash) {
            (_, _, Some(None)) => Err("extensions.persistedQuery must have the version 1 and a sha256Hash."),
            (Some(query), None, None) => Ok(Source::Text(query)),
            (Some(query), None, Some(Some(hash))) => Ok(Source::Registration(query, hash)),
            (None, None, Some(Some(hash))) => Ok(Source::Hash(hash)),
            (None, Some(id), None) => Ok(Source::Id(id)),
            (None, None, None) => Err("Give a query."),
            (_, Some(_), _) => Err("Give a documentId alone, without a query or another hash."),
        }
    }

    /// Whether the client asks what the operation costs.
    fn asks_cost(&self) -> bool {
        let extensions = self.extensions.as_ref();
        extensions.and_then(|given| given.get("cost")) == Some(&serde_json::Value::Bool(true))
    }

    /// Whether nothing is said of a document at all.
    pub fn is_empty(&self) -> bool {
        self.query.is_none() && self.document_id.is_none() && self.extensions.is_none()
    }
}

/// Bytes of a value, written as JSON.
fn written(value: &impl serde::Serialize) -> usize {
    struct Counter(usize);
    impl io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    // Neither JSON nor counting can fail.
    let _ = serde_json::to_writer(&mut counter, value);
    counter.0
}

/// An operation that does not ask for too much.
#[derive(Debug)]
pub struct Operation {
    found: Found,
    /// Which of the operations of the document.
    name: Option<String>,
    variables: Variables,
    measure: Measure,
    /// Whether the client wants to know the measure.
    asks_cost: bool,
    /// When it must have ended.
    deadline: Instant,
    /// What it is; `None` if that is not clear, which the execution then refuses.
    pub kind: Option<OperationType>,
    /// What it is in a trace.
    span: tracing::Span,
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
    /// Finds the document of a request, and refuses what asks for too much. The
    /// time limit begins.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for parameters that say nothing of a document, or too much;
    /// `VARIABLES_TOO_LARGE`; what `Documents::find` and `measure::check` refuse.
    pub fn read(endpoint: &Endpoint, mut parameters: Parameters) -> ServerResult<Self> {
        let config = &endpoint.app.config;
        let (asks_cost, limits) = (parameters.asks_cost(), &config.limits);
        let source = parameters
            .source()
            .map_err(|why| refusal(RequestCode::BadUserInput, why))?;
        let variables = parameters.variables.unwrap_or_default();
        let most = limits.variables_bytes_max;
        if written(&variables) > most {
            let message = format!("The variables have more than {most} bytes.");
            return Err(refusal(RequestCode::VariablesTooLarge, message));
        }
        let name = parameters.operation_name.filter(|name| !name.is_empty());
        let begun = std::time::Instant::now();
        let found = endpoint.documents.find(source, name.as_deref(), limits.tokens_max);
        accounts::took(Phase::Parse, begun.elapsed());
        let found = found?;
        let variables = Variables::from_json(variables.into());
        let syntax = &found.document.syntax;
        let measure = measure::check(syntax, &variables, config)?;
        let kind = operation_of(syntax, name.as_deref()).map(|operation| operation.ty);
        let span = identify(&found.document, name.as_deref(), kind);
        Ok(Self {
            found,
            name,
            variables,
            measure,
            asks_cost,
            deadline: Instant::now() + limits.request_timeout,
            kind,
            span,
        })
    }

    /// The same, when so much of the time of its request was spent before.
    #[must_use]
    pub fn after(self, spent: Duration) -> Self {
        let deadline = self.deadline.checked_sub(spent).unwrap_or(self.deadline);
        Self { deadline, ..self }
    }

    /// When it must have ended.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// What is executed of a document that is ready.
    fn request(&self, document: ExecutableDocument, scope: &Arc<RequestScope>) -> Request {
        let mut request = Request::new("").variables(self.variables.clone());
        request.operation_name.clone_from(&self.name);
        request.set_parsed_query(document);
        let request = request.data(self.found.clone()).data(scope.clone());
        request.data(Representations::default())
    }

    /// The document, ready to be run.
    ///
    /// # Errors
    /// Those of `RosterSchema::ready`, as the answer.
    async fn ready(&self, schema: &RosterSchema) -> Result<ExecutableDocument, Response> {
        let ready = schema.ready(&self.found, self.name.as_deref(), &self.variables).await;
        ready.map_err(Response::from_errors)
    }

    /// What it asks for.
    pub fn measure(&self) -> Measure {
        self.measure
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
        let scope = Arc::new(scope);
        let outcome = match self.ready(&endpoint.schema).await {
            Err(refused) => Ok(refused),
            Ok(document) if self.kind == Some(OperationType::Mutation) => {
                let (schema, request) = (endpoint.schema.clone(), self.request(document, &scope));
                let execution = timeout_at(self.deadline, async move { schema.execute(request).await });
                let execution = accounts::carried(execution.instrument(self.span.clone()));
                let task = endpoint.app.changes.spawn(execution);
                task.await.map_err(|panic| {
                    trace::failed(&self.span);
                    tracing::warn!(%panic, "mutation panicked");
                    Failure::Panic
                })?
            }
            Ok(document) => {
                let request = |document| self.request(document, &scope);
                let execution = endpoint.schema.query(document, request);
                timeout_at(self.deadline, execution).instrument(self.span.clone()).await
            }
        };
        let mut response = outcome.map_err(|_| Failure::Late)?;
        label(&mut response, request_id);
        if account::has_fault(&response.errors) {
            trace::failed(&self.span);
        }
        if self.asks_cost {
            let limits = &endpoint.app.config.limits;
            response.extensions.insert("cost".into(), told(self.measure, limits));
        }
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
            let events = self.events(endpoint.schema, scope, request_id);
            return events.inspect(Answer::note).boxed();
        }
        let answer = async move {
            let run = AssertUnwindSafe(self.run(&endpoint, scope, &request_id)).catch_unwind();
            match run.await.unwrap_or(Err(Failure::Panic)) {
                Ok(response) if is_refused(&response) => Answer::Error(response.errors),
                Ok(response) => Answer::Next(response),
                Err(failure) => Answer::Error(vec![failure.error(&request_id)]),
            }
        };
        stream::once(answer).inspect(Answer::note).boxed()
    }

    fn events(
        self,
        schema: RosterSchema,
        scope: RequestScope,
        request_id: RequestId,
    ) -> impl Stream<Item = Answer> + Send {
        let running = Gauged::new(metrics::gauge!("subscriptions_running"));
        let responses = async move {
            match self.ready(&schema).await {
                Ok(document) => schema.execute_stream(self.request(document, &Arc::new(scope))),
                Err(refused) => stream::once(future::ready(refused)).boxed(),
            }
        };
        let responses = AssertUnwindSafe(responses.flatten_stream()).catch_unwind();
        let answers = responses.map(move |response| {
            // Goes with the stream.
            let _ = &running;
            let Ok(mut response) = response else {
                tracing::warn!("subscription panicked");
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

/// Tells what the operation is before it runs. Its span in a trace.
fn identify(document: &Document, name: Option<&str>, kind: Option<OperationType>) -> tracing::Span {
    let Some(kind) = kind.map(account::word) else {
        return tracing::Span::none();
    };
    let name = account::name_of(&document.syntax, name).map(accounts::clean);
    let hash = document.hash().to_string();
    let span = trace::operation(kind, name.as_deref(), &hash);
    if let Some(account) = Account::current() {
        account.identify(kind, name, hash);
    }
    span
}

impl Answer {
    /// Tells the account what was answered.
    pub fn note(&self) {
        match self {
            Self::Next(response) => account::note(&response.errors),
            Self::Error(errors) => account::note(errors),
        }
        accounts::answered();
    }
}

impl Failure {
    /// The failure as an error of GraphQL; the id finds the cause in the log.
    pub fn error(self, RequestId(id): &RequestId) -> ServerError {
        match self {
            Self::Late => refusal(RequestCode::Timeout, "The request took too long."),
            Self::Panic => {
                let internal = Refusal::from(Code::Internal);
                let mut error = refusal(internal.code, internal.message);
                error.extensions.get_or_insert_default().set("requestId", id.clone());
                error
            }
        }
    }
}

/// The measure for who asked for it: what counts, and how much would be allowed.
fn told(measure: Measure, limits: &Limits) -> Value {
    value!({
        "cost": measure.cost,
        "maximumCost": limits.complexity_max,
        "fields": measure.selections,
        "depth": measure.depth,
    })
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
