//! Subscriptions over server-sent events: the "distinct connections mode" of
//! <https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md>.

use std::{convert::Infallible, pin::pin, sync::Arc, time::Duration};

use async_graphql::{Response, ServerError};
use axum::{
    http::{HeaderName, HeaderValue, header},
    response::{
        IntoResponse, Response as HttpResponse,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;
use tokio::{sync::mpsc, time::timeout};
use tokio_util::task::AbortOnDropHandle;

use super::{
    RequestScope, account, caller,
    connections::{Gauged, Seat},
    context::Bookmark,
    error::refusal,
    http::{Endpoint, RequestId},
    multipart::Files,
    operation::{self, Answer, Operation},
};
use crate::{
    auth::Actor,
    error::{Code, RequestCode},
    telemetry::account as accounts,
};

/// Events that may wait to be read.
const WAITING: usize = 8;

/// How an event stream ends.
#[derive(Debug)]
enum End {
    /// There is nothing more to tell.
    Complete,
    /// There is nothing more to tell, and this is why.
    Failed(Vec<ServerError>),
    /// The service stops. The stream ends as if the line were cut, for `complete`
    /// would say that there is nothing more: the client connects again, and goes
    /// on after its last event.
    Cut,
}

impl End {
    fn refused(code: impl Into<&'static str>, message: impl Into<String>) -> Self {
        Self::Failed(vec![refusal(code, message)])
    }

    fn events(self) -> Vec<Event> {
        match self {
            Self::Complete => vec![complete()],
            Self::Failed(errors) => once_and_complete(&errors),
            Self::Cut => vec![goodbye()],
        }
    }
}

/// Answers with the result of an operation that has one.
pub fn once(response: &Response) -> HttpResponse {
    let events = if operation::is_refused(response) {
        once_and_complete(&response.errors)
    } else {
        vec![next(response), complete()]
    };
    answer(stream::iter(events))
}

/// Answers with what a subscription tells, as it comes, behind the event that
/// the client has seen last.
pub fn follow(
    endpoint: &Endpoint,
    operation: Operation,
    actor: Actor,
    bookmark: Bookmark,
    request_id: &RequestId,
) -> HttpResponse {
    let (connection, running) = match seats(endpoint, &actor) {
        Ok(seats) => seats,
        Err(refused) => {
            account::note(std::slice::from_ref(&refused));
            return answer(stream::iter(once_and_complete(&[refused])));
        }
    };
    let (tell, told) = mpsc::channel(WAITING);
    let publisher = Publisher {
        endpoint: endpoint.clone(),
        actor: Arc::new(actor),
        bookmark: Arc::new(bookmark),
        tell,
    };
    let request_id = request_id.clone();
    let task = async move {
        let _open = publisher.endpoint.connections.keep_open();
        let end = publisher.serve(operation, &request_id).await;
        drop(running);
        tracing::info!(?end, "event stream closed");
        end
    };
    // A client that hangs up drops the body, and the body ends the task.
    let task = AbortOnDropHandle::new(tokio::spawn(accounts::carried(task)));
    let events = stream::unfold(told, |mut told| async move { Some((told.recv().await?, told)) });
    // What is said last is not put in the line: a client that is too slow would
    // never hear why.
    let rest = stream::once(task).flat_map(|end| stream::iter(end.unwrap_or(End::Cut).events()));
    // They go with the body: while there is something to be read, the connection
    // is there, however slow its client is.
    let open = (connection, Gauged::new(metrics::gauge!("event_streams_open")));
    answer(events.chain(rest).inspect(move |_| {
        let _ = &open;
    }))
}

/// The places of an event stream: of its connection, and of its operation.
fn seats(Endpoint { app, connections, .. }: &Endpoint, actor: &Actor) -> Result<(Seat, Seat), ServerError> {
    let settings = &app.config.subscriptions;
    let connection = connections.connect(actor, settings).ok_or_else(|| {
        let most = settings.connections_max;
        refusal(
            RequestCode::TooManySubscriptions,
            format!("At most {most} connections of a caller may be open."),
        )
    })?;
    Ok((connection, connections.begin(actor, settings)?))
}

/// Whoever runs a subscription for one client.
struct Publisher {
    endpoint: Endpoint,
    actor: Arc<Actor>,
    bookmark: Arc<Bookmark>,
    tell: mpsc::Sender<Event>,
}

impl Publisher {
    async fn serve(&self, operation: Operation, request_id: &RequestId) -> End {
        let Endpoint { app, connections, .. } = &self.endpoint;
        let settings = &app.config.subscriptions;
        let scope = RequestScope::new(app.clone(), self.actor.clone(), Files::default()).behind(self.bookmark.clone());
        let mut answers = operation.answers(&self.endpoint, scope, request_id);
        let mut ended = pin!(caller::ended(app, &self.actor));
        loop {
            let answer = tokio::select! {
                answer = answers.next() => answer,
                () = connections.stopping() => return End::Cut,
                () = &mut ended => {
                    return End::refused(Code::Unauthenticated, "The credential has ended.");
                }
            };
            let mut event = match answer {
                None => return End::Complete,
                Some(Answer::Error(errors)) => return End::Failed(errors),
                Some(Answer::Next(response)) => next(&response),
            };
            accounts::told();
            if let Some(id) = self.bookmark.told() {
                event = event.id(id);
            }
            if timeout(settings.send_timeout, self.tell.send(event)).await.is_err() {
                return End::refused(
                    RequestCode::SlowConsumer,
                    "You read too slowly; go on after your last event.",
                );
            }
        }
    }
}

/// An answer of these events. Proxies are asked not to collect them first.
fn answer(events: impl Stream<Item = Event> + Send + 'static) -> HttpResponse {
    const KEEP_ALIVE: Duration = Duration::from_secs(15);
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            HeaderName::from_static("x-accel-buffering"),
            HeaderValue::from_static("no"),
        ),
    ];
    let events = Sse::new(events.map(Ok::<_, Infallible>)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    (headers, events).into_response()
}

fn next(result: &impl Serialize) -> Event {
    Event::default()
        .event("next")
        .json_data(result)
        .unwrap_or_else(|error| {
            tracing::error!(%error, "answer cannot be written");
            complete()
        })
}

/// Browsers pass over an event that has no data at all; an empty line is some.
fn complete() -> Event {
    Event::default().event("complete").data("\n")
}

/// Tells a browser when to connect again, so that not all come at once; others
/// pass over it.
fn goodbye() -> Event {
    let pause = Duration::from_millis(rand::random_range(1_000..5_000));
    Event::default()
        .retry(pause)
        .comment("going away; connect again, with Last-Event-ID")
}

fn once_and_complete(errors: &[ServerError]) -> Vec<Event> {
    vec![next(&serde_json::json!({ "errors": errors })), complete()]
}
