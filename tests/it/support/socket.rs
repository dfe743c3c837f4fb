//! A client of `graphql-transport-ws`, no cleverer than its test.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest, http::HeaderValue},
};

use super::Client;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A socket of a client.
pub struct Socket {
    wire: WebSocketStream<TcpStream>,
}

impl Socket {
    /// A socket that asks for `protocol`, with these headers; the status of the
    /// answer if there is none.
    pub async fn dial(url: &str, protocol: Option<&str>, headers: &[(&'static str, &str)]) -> Result<Self, u16> {
        let address = url.strip_prefix("http://").unwrap();
        let mut request = format!("ws://{address}/graphql").into_client_request().unwrap();
        let protocol = protocol.map(|protocol| ("sec-websocket-protocol", protocol));
        for (name, value) in protocol.into_iter().chain(headers.iter().copied()) {
            request
                .headers_mut()
                .insert(name, HeaderValue::from_str(value).unwrap());
        }
        // Little is on its way to a client that does not read.
        let tcp = TcpSocket::new_v4().unwrap();
        tcp.set_recv_buffer_size(16 * 1024).unwrap();
        let tcp = tcp.connect(address.parse().unwrap()).await.unwrap();
        match client_async(request, tcp).await {
            Ok((wire, _)) => Ok(Self { wire }),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("no socket: {error}"),
        }
    }

    /// A socket that has not introduced itself.
    pub async fn connect(url: &str) -> Self {
        Self::dial(url, Some("graphql-transport-ws"), &[]).await.unwrap()
    }

    /// Sends a message of the protocol.
    pub async fn say(&mut self, message: Value) {
        self.send(Message::text(message.to_string())).await;
    }

    /// Sends any frame. A socket that is closed already takes it, too.
    pub async fn send(&mut self, frame: Message) {
        let _ = self.wire.send(frame).await;
    }

    /// Introduces itself with this payload.
    pub async fn init(&mut self, payload: Value) {
        self.say(json!({ "type": "connection_init", "payload": payload })).await;
    }

    /// The next frame of any kind; `None` after the end.
    pub async fn frame(&mut self) -> Option<Message> {
        let frame = tokio::time::timeout(PATIENCE, self.wire.next());
        match frame.await.expect("waited in vain for a frame")? {
            Ok(frame) => Some(frame),
            Err(Error::ConnectionClosed | Error::AlreadyClosed) => None,
            Err(error) => panic!("the socket broke: {error}"),
        }
    }

    /// The next message of the protocol, or the code and the reason of the close.
    async fn listen(&mut self) -> Result<Value, (u16, String)> {
        loop {
            match self.frame().await {
                Some(Message::Text(text)) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Message::Close(Some(frame))) => return Err((frame.code.into(), frame.reason.to_string())),
                Some(Message::Ping(_) | Message::Pong(_)) => {}
                other => panic!("neither a message nor a reason: {other:?}"),
            }
        }
    }

    /// The next message of the protocol.
    #[track_caller]
    pub fn hear(&mut self) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        async move {
            let heard = self.listen().await;
            heard.unwrap_or_else(|close| panic!("closed, heard at {caller}: {close:?}"))
        }
    }

    /// Code and reason with which the server closes the socket, whatever it says
    /// before.
    pub async fn closed(&mut self) -> (u16, String) {
        loop {
            if let Err(close) = self.listen().await {
                return close;
            }
        }
    }

    /// Begins an operation.
    pub async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.say(json!({ "id": id, "type": "subscribe", "payload": payload }))
            .await;
    }

    /// Ends an operation.
    pub async fn complete(&mut self, id: &str) {
        self.say(json!({ "id": id, "type": "complete" })).await;
    }

    /// The result that comes next, of the operation `id`.
    #[track_caller]
    pub fn next(&mut self, id: &str) -> impl Future<Output = Value> {
        let caller = std::panic::Location::caller();
        async move {
            let message = self.listen().await;
            match message {
                Ok(mut message) if message["type"] == "next" && message["id"] == id => message["payload"].take(),
                other => panic!("no result at {caller}: {other:?}"),
            }
        }
    }

    /// The codes of the error that comes next, of the operation `id`.
    #[track_caller]
    pub fn error(&mut self, id: &str) -> impl Future<Output = Vec<String>> {
        let caller = std::panic::Location::caller();
        async move {
            let message = self.listen().await;
            match message {
                Ok(message) if message["type"] == "error" && message["id"] == id => {
                    let errors = message["payload"].as_array().unwrap().iter();
                    errors
                        .map(|error| error["extensions"]["code"].as_str().unwrap_or("none").to_owned())
                        .collect()
                }
                other => panic!("no error at {caller}: {other:?}"),
            }
        }
    }
}

impl Client {
    /// A socket of this caller.
    pub async fn socket(&self) -> Socket {
        let mut socket = Socket::connect(self.url()).await;
        let payload = match self.bearer() {
            Some(token) => json!({ "Authorization": format!("Bearer {token}") }),
            None => Value::Null,
        };
        socket.init(payload).await;
        assert_eq!(socket.hear().await, json!({ "type": "connection_ack" }));
        socket
    }
}
