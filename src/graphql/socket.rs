//! GraphQL over a WebSocket: the protocol `graphql-transport-ws`, as
//! <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md> has it.
//!
//! One task reads and writes a socket; each operation runs in a task of its own
//! and hands over one answer at a time. Nothing piles up: while the client does
//! not read, the operations wait, and not for long.

mod protocol;

use std::{collections::HashMap, convert::Infallible, net::IpAddr, pin::pin, sync::Arc, time::Duration};

use async_graphql::ServerError;
use axum::{
    body::Bytes,
    extract::ws::{self, CloseFrame, WebSocket, WebSocketUpgrade},
    response::Response as HttpResponse,
};
use futures_util::{StreamExt, stream::FusedStream};
use serde_json::{Map, Value};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval_at, timeout, timeout_at},
};
use tokio_util::task::AbortOnDropHandle;

use self::protocol::{Closing, Message, Reply};
use super::{
    RequestScope, account,
    caller::{self, Unknown},
    connections::{Gauged, Seat},
    credential::Credential,
    error::refusal,
    http::{Endpoint, RequestId},
    multipart::Files,
    object::Object,
    operation::{Answer, Failure, Operation, Parameters},
    rate::Meter,
};
use crate::{
    auth::{Actor, Who},
    config::Subscriptions,
    error::{Code, RequestCode},
    telemetry::{
        account::{self as accounts, Account, Transport},
        log::Spans,
    },
};

/// The protocol that is spoken, and the only one.
pub const PROTOCOL: &str = "graphql-transport-ws";

/// Answers of all operations of a socket that may wait to be sent.
const WAITING: usize = 8;

/// Bytes of the name of an operation.
const ID_MAX: usize = 256;

/// How long the client may take to hear that the socket is closed.
const GOODBYE: Duration = Duration::from_secs(5);

/// The same for a client of which nothing more can be read.
const LAST_WORD: Duration = Duration::from_secs(1);

type Step<T = ()> = Result<T, Closing>;

/// An operation that has not ended. It ends with this value, too.
#[derive(Debug)]
struct Running {
    /// An id may be used again: what the operation before said under it is not
    /// meant any more.
    number: u64,
    _seat: Seat,
    _task: AbortOnDropHandle<()>,
}

/// What an operation hands over.
#[derive(Debug)]
struct Told {
    id: Arc<str>,
    number: u64,
    what: What,
}

#[derive(Debug)]
enum What {
    Answer(Box<Answer>),
    End,
    /// It did not begin, for its caller may not call any more.
    CredentialEnded,
}

/// One client.
struct Socket {
    wire: WebSocket,
    endpoint: Endpoint,
    request_id: RequestId,
    ip: IpAddr,
    /// Its places: among those that have not introduced themselves, then among
    /// those of its caller.
    seats: Vec<Seat>,
    operations: HashMap<Arc<str>, Running>,
    begun: u64,
    told: mpsc::Receiver<Told>,
    tell: mpsc::Sender<Told>,
}

/// Accepts a socket that has asked for the protocol and has these places until
/// it has introduced itself.
///
/// Whoever brings no credential and names none is anonymous.
pub fn accept(
    upgrade: WebSocketUpgrade,
    endpoint: Endpoint,
    credential: Credential,
    ip: IpAddr,
    seats: [Seat; 2],
    request_id: RequestId,
) -> HttpResponse {
    // Twice what is allowed, so that a message which is a little too long is
    // answered by name.
    let backstop = endpoint.app.config.limits.body_bytes_max.saturating_mul(2);
    let upgrade = upgrade.max_message_size(backstop).max_frame_size(backstop);
    let open = endpoint.connections.keep_open();
    let spans = Spans::here();
    upgrade.on_upgrade(move |wire| {
        let (tell, told) = mpsc::channel(WAITING);
        let socket = Socket {
            wire,
            endpoint,
            request_id,
            ip,
            seats: seats.into(),
            operations: HashMap::new(),
            begun: 0,
            told,
            tell,
        };
        spans.around(async move {
            let _gauge = Gauged::new(metrics::gauge!("sockets_open"));
            socket.serve(credential).await;
            drop(open);
        })
    })
}

impl Socket {
    async fn serve(mut self, credential: Credential) {
        tracing::debug!("socket opened");
        let connections = self.endpoint.connections.clone();
        let closing = tokio::select! {
            Err(closing) = self.talk(credential) => closing,
            () = connections.stopping() => Closing::restart(),
        };
        let code = closing
            .code
            .map_or_else(|| "client".to_owned(), |code| code.to_string());
        tracing::info!(code, reason = %closing.reason, "socket closed");
        metrics::counter!("socket_closes_total", "code" => code).increment(1);
        self.close(closing).await;
    }

    fn settings(&self) -> &Subscriptions {
        &self.endpoint.app.config.subscriptions
    }

    /// Serves the client until the socket is to be closed.
    async fn talk(&mut self, credential: Credential) -> Step<Infallible> {
        let waited = timeout(self.settings().init_timeout, self.hear_init()).await;
        let payload = waited.map_err(|_| Closing::new(4408, "Connection initialisation timeout"))??;
        let actor = self.authenticate(payload, credential).await?;
        let Some(seat) = self.endpoint.connections.connect(&actor, self.settings()) else {
            return Err(Closing::new(4429, "Too many connections"));
        };
        self.seats = vec![seat];
        self.send(&Reply::ConnectionAck).await?;

        let app = self.endpoint.app.clone();
        let mut ended = pin!(caller::ended(&app, &actor));
        let ping_every = self.settings().ping_every;
        let mut pings = interval_at(Instant::now() + ping_every, ping_every);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // Whether anything came back since the last ping.
        let mut is_there = true;
        loop {
            tokio::select! {
                message = self.wire.recv() => {
                    is_there = true;
                    if let Some(message) = self.read(message)? {
                        self.obey(message, &actor).await?;
                    }
                }
                Some(told) = self.told.recv() => self.pass_on(told).await?,
                () = &mut ended => return Err(Closing::credential_ended()),
                _ = pings.tick() => {
                    if !std::mem::take(&mut is_there) {
                        return Err(Closing::silent());
                    }
                    self.write(ws::Message::Ping(Bytes::new())).await?;
                }
            }
        }
    }

    /// Waits until the client introduces itself.
    async fn hear_init(&mut self) -> Step<Map<String, Value>> {
        loop {
            let message = self.wire.recv().await;
            match self.read(message)? {
                None | Some(Message::Pong { .. } | Message::Complete { .. }) => {}
                Some(Message::ConnectionInit { payload }) => return Ok(payload.unwrap_or_default()),
                Some(Message::Ping { payload }) => self.send(&Reply::Pong { payload }).await?,
                Some(Message::Subscribe { .. }) => return Err(Closing::new(4401, "Unauthorized")),
            }
        }
    }

    /// Who the client is: by what it says, or else by what it came with.
    async fn authenticate(&mut self, payload: Map<String, Value>, brought: Credential) -> Step<Arc<Actor>> {
        let said = payload
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("authorization"))
            .map(|(_, value)| value);
        let credential = match said {
            None | Some(Value::Null) => brought,
            // What is no text is no credential, and refused as one.
            Some(value) => Credential::Header(value.as_str().unwrap_or_default().to_owned()),
        };
        let meter = Meter::new(&self.endpoint.app, self.ip);
        let actor = meter.authenticate(&self.endpoint, &credential, self.ip).await;
        actor.map(Arc::new).map_err(|unknown| match unknown {
            Unknown::Refused => Closing::new(4403, "Forbidden"),
            Unknown::NoKeys => Closing::new(1013, "Try again later"),
            Unknown::Limited(limited) => Closing::too_often(limited),
            Unknown::Failed(error) => {
                tracing::error!(cause = ?error, "cannot tell who is calling");
                Closing::new(1013, "Try again later")
            }
        })
    }

    /// The message of the protocol in a frame, if it has one.
    fn read(&self, frame: Option<Result<ws::Message, axum::Error>>) -> Step<Option<Message>> {
        let most = self.endpoint.app.config.limits.body_bytes_max;
        match frame {
            None | Some(Ok(ws::Message::Close(_))) => Err(Closing::gone()),
            Some(Ok(ws::Message::Ping(_) | ws::Message::Pong(_))) => Ok(None),
            Some(Ok(ws::Message::Binary(_))) => Err(Closing::invalid("Invalid message: send text")),
            Some(Ok(ws::Message::Text(text))) => {
                if text.len() > most {
                    return Err(Closing::too_long(most));
                }
                let message = serde_json::from_str(&text);
                message
                    .map(Some)
                    .map_err(|_| Closing::invalid("Invalid message: no message of the protocol"))
            }
            Some(Err(error)) => Err(Closing::unreadable(error, most)),
        }
    }

    async fn obey(&mut self, message: Message, actor: &Arc<Actor>) -> Step {
        match message {
            Message::ConnectionInit { .. } => Err(Closing::new(4429, "Too many initialisation requests")),
            Message::Ping { payload } => self.send(&Reply::Pong { payload }).await,
            Message::Pong { .. } => Ok(()),
            Message::Complete { id } => {
                self.operations.remove(id.as_str());
                Ok(())
            }
            Message::Subscribe {
                id,
                payload: Object(payload),
            } => self.begin(id, payload, actor).await,
        }
    }

    async fn begin(&mut self, id: String, parameters: Parameters, actor: &Arc<Actor>) -> Step {
        if id.is_empty() || id.len() > ID_MAX {
            return Err(Closing::invalid("Invalid message: the id is empty or too long"));
        }
        if parameters.is_empty() {
            return Err(Closing::invalid("Invalid message: subscribe to a query"));
        }
        if self.operations.contains_key(id.as_str()) {
            return Err(Closing::new(4409, format!("Subscriber for {id} already exists")));
        }
        self.endpoint.renew();
        let meter = Meter::new(&self.endpoint.app, self.ip);
        if let Err(limited) = meter.add(actor, 1).await {
            return self.refuse(&id, limited.error()).await;
        }
        let most = self.settings().operations_max;
        if self.operations.len() >= most {
            let message = format!("At most {most} operations run at once over a socket.");
            return self
                .refuse(&id, refusal(RequestCode::TooManySubscriptions, message))
                .await;
        }
        let seat = match self.endpoint.connections.begin(actor, self.settings()) {
            Ok(seat) => seat,
            Err(error) => return self.refuse(&id, error).await,
        };
        let account = Account::begin(Transport::WebSocket, &self.endpoint.app.config.log);
        account.sent_by(actor.as_ref().into());
        let operation = match account.charge_now(|| Operation::read(&self.endpoint, parameters)) {
            Ok(operation) => operation,
            Err(error) => {
                account.charge_now(|| account::note(std::slice::from_ref(&error)));
                return self.refuse(&id, error).await;
            }
        };
        self.begun += 1;
        let (id, number) = (Arc::from(id), self.begun);
        let run = self.run(Arc::clone(&id), number, operation, actor.clone());
        let task = AbortOnDropHandle::new(tokio::spawn(Spans::here().around(account.charge(run))));
        self.operations.insert(
            id,
            Running {
                number,
                _seat: seat,
                _task: task,
            },
        );
        Ok(())
    }

    /// Runs an operation, and hands over what it answers.
    fn run(
        &self,
        id: Arc<str>,
        number: u64,
        operation: Operation,
        actor: Arc<Actor>,
    ) -> impl Future<Output = ()> + Send + use<> {
        let (endpoint, request_id, tell) = (self.endpoint.clone(), self.request_id.clone(), self.tell.clone());
        async move {
            let told = |what| Told {
                id: id.clone(),
                number,
                what,
            };
            // Each operation is a request of its own, with a "now" of its own.
            let actor = match timeout_at(operation.deadline(), caller::renew(&endpoint.app, &actor)).await {
                Ok(Ok(actor)) => actor,
                Ok(Err(error)) if error.is(Code::Unauthenticated) => {
                    let _ = tell.send(told(What::CredentialEnded)).await;
                    return;
                }
                // What it asks for will fail, too, and say so.
                Ok(Err(_)) => actor,
                Err(_) => {
                    let late = Answer::Error(vec![Failure::Late.error(&request_id)]);
                    late.note();
                    let _ = tell.send(told(What::Answer(Box::new(late)))).await;
                    return;
                }
            };
            let is_known = !matches!(actor.who, Who::Anonymous);
            let scope = RequestScope::new(endpoint.app.clone(), actor, Files::default());
            let mut answers = operation.answers(&endpoint, scope, &request_id);
            while let Some(answer) = answers.next().await {
                accounts::told();
                let what = match answer {
                    Answer::Error(errors) if is_known && is_unauthenticated(&errors) => What::CredentialEnded,
                    answer => What::Answer(Box::new(answer)),
                };
                // Nobody takes it once the socket is closed.
                let _ = tell.send(told(what)).await;
            }
            let _ = tell.send(told(What::End)).await;
        }
    }

    /// Tells the client what an operation has handed over.
    async fn pass_on(&mut self, Told { id, number, what }: Told) -> Step {
        let is_meant = self.operations.get(&id).is_some_and(|running| running.number == number);
        if !is_meant {
            return Ok(());
        }
        match what {
            What::Answer(answer) => match *answer {
                Answer::Next(payload) => {
                    let payload = &payload;
                    self.send(&Reply::Next { id: &id, payload }).await
                }
                Answer::Error(errors) => {
                    self.operations.remove(&id);
                    let payload = &errors;
                    self.send(&Reply::Error { id: &id, payload }).await
                }
            },
            What::End => {
                self.operations.remove(&id);
                self.send(&Reply::Complete { id: &id }).await
            }
            What::CredentialEnded => Err(Closing::credential_ended()),
        }
    }

    async fn refuse(&mut self, id: &str, error: ServerError) -> Step {
        self.send(&Reply::Error { id, payload: &[error] }).await
    }

    async fn send(&mut self, reply: &Reply<'_>) -> Step {
        match serde_json::to_string(reply) {
            Ok(text) => self.write(ws::Message::Text(text.into())).await,
            Err(error) => {
                tracing::error!(%error, "answer cannot be written");
                Err(Closing::new(1011, "Something went wrong on our side"))
            }
        }
    }

    /// Sends a frame to a client that reads; a client that does not is given up.
    async fn write(&mut self, frame: ws::Message) -> Step {
        match timeout(self.settings().send_timeout, self.wire.send(frame)).await {
            Ok(sent) => sent.map_err(|_| Closing::gone()),
            Err(_) => Err(Closing::slow()),
        }
    }

    /// Says goodbye, and waits a moment for the client to do so. Its places are
    /// taken until then.
    async fn close(self, closing: Closing) {
        let Self {
            mut wire,
            operations,
            seats: _seats,
            ..
        } = self;
        drop(operations);
        let goodbye = async {
            if let Some(code) = closing.code {
                let reason = closing.into_reason().into();
                // A client that is gone does not hear it.
                let _ = wire.send(ws::Message::Close(Some(CloseFrame { code, reason }))).await;
                if wire.is_terminated() {
                    // Of what it is still sending nothing can be read, and what is
                    // not read cuts the line, and our word with it.
                    tokio::time::sleep(LAST_WORD).await;
                }
            }
            while let Some(Ok(_)) = wire.recv().await {}
        };
        let _ = timeout(GOODBYE, goodbye).await;
    }
}

/// Whether an operation has ended because nobody knows any more who is calling.
fn is_unauthenticated(errors: &[ServerError]) -> bool {
    let code = async_graphql::Value::from(Code::Unauthenticated.name());
    let mut codes = errors.iter().filter_map(|error| error.extensions.as_ref()?.get("code"));
    codes.any(|found| *found == code)
}
