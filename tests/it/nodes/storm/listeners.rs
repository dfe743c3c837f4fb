//! Those who listen in the storm, over both wires, and go on behind the last
//! event whenever the connection breaks.

use std::time::Duration;

use entity::{
    event,
    event::EventType,
    ids::{EventId, OrganizationId},
};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, sync::watch, task::JoinHandle};
use tokio_tungstenite::{
    client_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

use crate::{
    nodes::PATIENCE,
    support::{Client, EventStream, Organization},
};

const EVENTS: &str = "subscription($id: ID!, $after: ID) {
    organizationEvents(organizationId: $id, after: $after) { id objectId object { __typename id } } }";

/// Over what somebody listens.
#[derive(Clone, Copy)]
pub enum Wire {
    /// A WebSocket, with the last event in the operation.
    Socket,
    /// Server-sent events, with the last event in the header `Last-Event-ID`.
    Stream,
}

/// Somebody who is told everything that they may read, from the second event on.
pub struct Listener {
    told: watch::Receiver<Vec<i64>>,
    task: JoinHandle<()>,
    sees: fn(EventType) -> bool,
}

impl Listener {
    /// Begins, when there is a first event. `sees` says what is to be told.
    pub fn start(wire: Wire, who: &Client, acme: &Organization, sees: fn(EventType) -> bool) -> Self {
        let (told, heard) = watch::channel(Vec::new());
        let ear = Ear {
            who: who.clone(),
            organization: acme.row(),
            id: acme.id.clone(),
            told,
        };
        let task = tokio::spawn(async move {
            loop {
                match wire {
                    Wire::Socket => ear.follow_socket().await,
                    Wire::Stream => ear.follow_stream().await,
                };
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        Self {
            told: heard,
            task,
            sees,
        }
    }

    /// Waits until the last of these events was told, if it is to be; then exactly
    /// those were that are to be, in their order, each once.
    pub async fn heard(mut self, events: &[event::Model]) {
        let visible = events.iter().skip(1).filter(|event| (self.sees)(event.r#type));
        let wanted: Vec<_> = visible.map(|event| event.sequence).collect();
        let is_there = self.told.wait_for(|told| told.last() >= wanted.last());
        match tokio::time::timeout(PATIENCE, is_there).await.map(|told| told.is_ok()) {
            Ok(true) => self.task.abort(),
            // A listener that has panicked tells why.
            Ok(false) => self.task.await.unwrap(),
            Err(_) => {}
        }
        assert_eq!(*self.told.borrow(), wanted);
    }
}

/// A listener at work.
struct Ear {
    who: Client,
    organization: OrganizationId,
    id: String,
    told: watch::Sender<Vec<i64>>,
}

impl Ear {
    /// The last event that was told; the first one before any was.
    fn last(&self) -> String {
        let sequence = self.told.borrow().last().copied().unwrap_or(1);
        let organization = self.organization;
        EventId { organization, sequence }.global()
    }

    /// Notes the event in a result, if there is one; its id.
    fn hear(&self, result: &Value) -> Option<String> {
        expect_passing(&result["errors"]);
        let id = result["data"]["organizationEvents"]["id"].as_str()?;
        let sequence = EventId::parse(id).unwrap().sequence;
        self.told.send_modify(|told| told.push(sequence));
        Some(id.to_owned())
    }

    /// Listens until the connection breaks.
    async fn follow_socket(&self) -> Option<()> {
        let address = self.who.url().strip_prefix("http://").unwrap();
        let mut request = format!("ws://{address}/graphql").into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
        let bearer = format!("Bearer {}", self.who.bearer().unwrap());
        headers.insert("authorization", bearer.parse().unwrap());
        let tcp = TcpStream::connect(address).await.ok()?;
        let mut wire = match client_async(request, tcp).await {
            Ok((wire, _)) => wire,
            Err(Error::Http(answer)) if answer.status().is_client_error() => panic!("{answer:?}"),
            Err(_) => return None,
        };
        let init = json!({ "type": "connection_init" });
        wire.send(Message::text(init.to_string())).await.ok()?;
        let payload = json!({ "query": EVENTS, "variables": { "id": self.id, "after": self.last() } });
        let subscribe = json!({ "id": "1", "type": "subscribe", "payload": payload });
        wire.send(Message::text(subscribe.to_string())).await.ok()?;
        loop {
            let text = match wire.next().await?.ok()? {
                Message::Text(text) => text,
                Message::Close(Some(frame)) => {
                    let code = u16::from(frame.code);
                    assert!([1001, 1012, 1013].contains(&code), "closed: {frame:?}");
                    return None;
                }
                _ => continue,
            };
            let message: Value = serde_json::from_str(&text).unwrap();
            match message["type"].as_str().unwrap() {
                "next" => drop(self.hear(&message["payload"])?),
                "ping" => wire.send(Message::text(r#"{"type":"pong"}"#)).await.ok()?,
                "error" => {
                    expect_passing(&message["payload"]);
                    return None;
                }
                "complete" => panic!("it ended by itself"),
                _ => {}
            }
        }
    }

    /// Listens until the connection breaks.
    async fn follow_stream(&self) -> Option<()> {
        let body = json!({ "query": EVENTS, "variables": { "id": self.id } });
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = http.post(format!("{}/graphql", self.who.url())).json(&body);
        let request = request
            .bearer_auth(self.who.bearer().unwrap())
            .header("accept", "text/event-stream")
            .header("last-event-id", self.last());
        let response = request.send().await.ok()?;
        assert!(!response.status().is_client_error(), "{response:?}");
        let mut stream = EventStream::of(response.error_for_status().ok()?);
        loop {
            let (name, data) = stream.try_event().await.ok()??;
            assert_eq!(name, "next", "it ended by itself");
            let id = self.hear(&serde_json::from_str(&data).unwrap())?;
            assert_eq!(stream.last_id, Some(id));
        }
    }
}

/// Errors are those of a service without its database: whoever asks again is
/// answered. All others are mistakes.
fn expect_passing(errors: &Value) {
    for error in errors.as_array().into_iter().flatten() {
        assert_eq!(error["extensions"]["code"], "UNAVAILABLE", "{error}");
        println!("a listener was told: {error}");
    }
}
