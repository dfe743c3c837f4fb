//! The broker, when one is wanted: NATS with JetStream. Every event is published
//! as a CloudEvent, for other services and for the other nodes of ours.
//!
//! Subject: `roster.events.<organization>.<type>`, such as
//! `roster.events.T3JnYW5pemF0aW9uOjE.member.updated`, where the organization is
//! its global id. The message id is made of the event's and of the whole message,
//! by which JetStream drops what is published twice, and nothing else.

use std::{sync::Arc, time::Duration};

use async_nats::{
    ConnectOptions, Event, HeaderMap, ToServerAddrs,
    connection::State,
    jetstream::{self, ErrorCode, context::PublishAckFuture, message::PublishMessage, response::Response, stream},
};
use bytes::Bytes;
use entity::{
    event,
    ids::{EventId, RowId},
};
use futures_util::{Stream, StreamExt};
use secrecy::ExposeSecret;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::Notify;

use crate::{
    config::{Config, ConfigError, Nats},
    error::{Error, Result},
};

/// How long the broker may take to store an event.
const ACK_TIMEOUT: Duration = Duration::from_secs(5);

/// For how long JetStream knows an event again. Longer than it takes to publish
/// what was not acknowledged once more.
const DUPLICATES_KNOWN_FOR: Duration = Duration::from_secs(3600);

/// A connection to the broker, which is made again whenever it is lost.
#[derive(Clone, Debug)]
pub struct Broker {
    client: async_nats::Client,
    jetstream: jetstream::Context,
    settings: Nats,
    /// Of the CloudEvents: this deployment.
    source: String,
    connected: Arc<Notify>,
}

impl Broker {
    /// Begins to connect, if a broker is configured. One that does not answer
    /// keeps nothing from starting.
    ///
    /// # Errors
    /// An address that is none; credentials that cannot be read.
    pub async fn connect(config: &Config) -> Result<Option<Self>, ConfigError> {
        let settings = &config.nats;
        let Some(url) = &settings.url else { return Ok(None) };
        let connected = Arc::new(Notify::new());
        let told = connected.clone();
        let mut options = ConnectOptions::new()
            .name("roster")
            .retry_on_initial_connect()
            .max_reconnects(None)
            .event_callback(move |event| {
                let told = told.clone();
                async move {
                    match event {
                        Event::Connected => told.notify_waiters(),
                        event => tracing::warn!(%event, "nats"),
                    }
                }
            });
        if let Some(file) = &settings.credentials_file {
            let read = options.credentials_file(file).await;
            options =
                read.map_err(|error| ConfigError::new(format!("nats.credentials_file: {}: {error}", file.display())))?;
        }
        let client = options.connect(url.expose_secret()).await;
        // The cause may hold the address, and that a password.
        let client = client.map_err(|error| ConfigError::new(format!("nats.url: {}", error.kind())))?;
        let mut jetstream = jetstream::new(client.clone());
        jetstream.set_timeout(ACK_TIMEOUT);
        Ok(Some(Self {
            client,
            jetstream,
            settings: settings.clone(),
            source: config.public_url().trim_end_matches('/').to_owned(),
            connected,
        }))
    }

    /// Whether the configured broker can be used. Connects to nothing.
    ///
    /// # Errors
    /// As of [`Broker::connect`].
    pub fn check(config: &Config) -> Result<(), ConfigError> {
        let settings = &config.nats;
        let Some(url) = &settings.url else { return Ok(()) };
        let addresses = url.expose_secret().to_server_addrs();
        // The cause may hold the address, and that a password.
        addresses.map_err(|_| ConfigError::new("nats.url is malformed".into()))?;
        match &settings.credentials_file {
            Some(file) => std::fs::read(file)
                .map(drop)
                .map_err(|error| ConfigError::new(format!("nats.credentials_file: {}: {error}", file.display()))),
            None => Ok(()),
        }
    }

    /// Whether there is a connection at the moment.
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Makes the stream that keeps what is published for `keep_for`. One that is
    /// there takes our subjects from now on, if it did not, and keeps its other
    /// settings: they are its operator's.
    ///
    /// # Errors
    /// A broker that does not answer, or has no JetStream; one that refuses the
    /// subjects, because another stream has them.
    pub async fn create_stream(&self, keep_for: Duration) -> Result<()> {
        let (name, ours) = (&self.settings.stream, self.subjects());
        let Some(mut config) = self.stream_config().await? else {
            let config = stream::Config {
                name: name.clone(),
                subjects: vec![ours],
                max_age: keep_for,
                duplicate_window: DUPLICATES_KNOWN_FOR.min(keep_for),
                description: Some("What happens in the organizations of Roster.".into()),
                ..stream::Config::default()
            };
            let made = self.jetstream.create_stream(config).await;
            return made.map(drop).map_err(Error::internal);
        };
        let subjects = config.entry("subjects").or_insert_with(|| json!([]));
        let subjects = subjects
            .as_array_mut()
            .ok_or_else(|| Error::internal("the subjects of the stream are no list"))?;
        if subjects
            .iter()
            .filter_map(Value::as_str)
            .any(|subject| takes(subject, &ours))
        {
            return Ok(());
        }
        // A stream names no subject twice.
        subjects.retain(|subject| subject.as_str().is_none_or(|subject| !takes(&ours, subject)));
        subjects.push(ours.into());
        let answer = self.jetstream.request(format!("STREAM.UPDATE.{name}"), &config).await;
        match answer.map_err(Error::internal)? {
            Response::<IgnoredAny>::Ok(_) => Ok(()),
            Response::Err { error } => Err(Error::internal(error)),
        }
    }

    /// The settings of the stream, if it is there: as the broker has them, because
    /// it may know more of them than this version of its library.
    async fn stream_config(&self) -> Result<Option<serde_json::Map<String, Value>>> {
        #[derive(Deserialize)]
        struct Info {
            config: serde_json::Map<String, Value>,
        }
        let answer = self
            .jetstream
            .request(format!("STREAM.INFO.{}", self.settings.stream), &())
            .await;
        match answer.map_err(Error::internal)? {
            Response::<Info>::Ok(info) => Ok(Some(info.config)),
            Response::Err { error } if error.error_code() == ErrorCode::STREAM_NOT_FOUND => Ok(None),
            Response::Err { error } => Err(Error::internal(error)),
        }
    }

    /// The subjects of all events.
    fn subjects(&self) -> String {
        format!("{}.>", self.settings.subject)
    }

    /// Publishes events of one organization in their order, and waits until the
    /// broker has stored them all.
    ///
    /// # Errors
    /// A broker that does not answer, or has no stream for them.
    pub async fn publish(&self, events: &[event::Model]) -> Result<()> {
        let mut stored: Vec<PublishAckFuture> = Vec::with_capacity(events.len());
        for event in events {
            let body = cloud_event(&self.source, event).to_string();
            let mut headers = HeaderMap::new();
            headers.insert("Content-Type", "application/cloudevents+json");
            let message = PublishMessage::build()
                .headers(headers)
                .message_id(message_id(event.id(), &body))
                .payload(Bytes::from(body));
            // Sent at once and in order; only the answers are waited for together.
            let sent = self.jetstream.send_publish(self.subject(event), message).await;
            stored.push(sent.map_err(Error::internal)?);
        }
        for answer in stored {
            // Also if it is a duplicate: then the broker has this very message.
            answer.await.map_err(Error::internal)?;
        }
        Ok(())
    }

    fn subject(&self, event: &event::Model) -> String {
        format!(
            "{}.{}.{}",
            self.settings.subject,
            event.organization_id.global(),
            event.r#type.dotted()
        )
    }

    /// How far the logs are of which anybody publishes, as it is published. Anybody
    /// at all may have done that, so it need not be true.
    ///
    /// # Errors
    /// A broker that refuses.
    pub async fn listen(&self) -> Result<impl Stream<Item = EventId> + use<>> {
        let messages = self.client.subscribe(self.subjects()).await.map_err(Error::internal)?;
        Ok(messages.filter_map(|message| {
            let id = message.headers.as_ref().and_then(|headers| headers.get("Nats-Msg-Id"));
            let position = id.and_then(|id| EventId::parse(id.as_str().split('.').next()?));
            std::future::ready(position)
        }))
    }

    /// Waits until the connection was made anew: what was published meanwhile was
    /// not heard.
    pub async fn reconnected(&self) {
        self.connected.notified().await;
    }

    /// Sends what is on its way, if the broker is there.
    pub async fn close(&self) {
        if tokio::time::timeout(ACK_TIMEOUT, self.client.drain()).await.is_err() {
            tracing::warn!("nats: the broker is not there any more");
        }
    }
}

/// By which JetStream knows a message again. The number of an event alone does not
/// name it: it is given out once more after a backup was restored, and another
/// deployment has events of the same number.
fn message_id(event: EventId, body: &str) -> String {
    let digest = Sha256::digest(body);
    format!("{}.{}", event.global(), hex::encode(&digest[..16]))
}

/// An event in the JSON format of CloudEvents 1.0, with its sequence extension.
/// docs/events.md describes it; add to it, never change what is there.
pub fn cloud_event(source: &str, event: &event::Model) -> Value {
    let (id, organization) = (event.id().global(), event.organization_id.global());
    json!({
        "specversion": "1.0",
        "id": id,
        "source": source,
        "type": format!("roster.{}", event.r#type.dotted()),
        "subject": event.object_id(),
        "time": event.occurred_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        "datacontenttype": "application/json",
        "sequence": event.sequence.to_string(),
        "partitionkey": organization,
        "data": {
            "eventId": id,
            "type": event.r#type.name(),
            "organizationId": organization,
            "objectId": event.object_id(),
            "sequence": event.sequence,
        },
    })
}

/// Whether every subject that `narrow` stands for is one of those of `wide`: `*`
/// stands for one word, `>` for all that follow.
fn takes(wide: &str, narrow: &str) -> bool {
    let mut narrow = narrow.split('.');
    for word in wide.split('.') {
        let is_taken = match (word, narrow.next()) {
            (_, None) => false,
            (">", Some(_)) => return true,
            (_, Some(">")) => false,
            ("*", Some(_)) => true,
            (word, Some(other)) => word == other,
        };
        if !is_taken {
            return false;
        }
    }
    narrow.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_takes_what_its_wildcards_stand_for() {
        for (wide, narrow) in [
            ("roster.>", "roster.events.>"),
            ("roster.events.>", "roster.events.>"),
            (">", "roster.events.>"),
            ("*.events.>", "roster.events.>"),
            ("roster.events.>", "roster.events.*.member.>"),
            ("roster.*", "roster.*"),
        ] {
            assert!(takes(wide, narrow), "{wide} {narrow}");
        }
        for (wide, narrow) in [
            ("roster.events.*", "roster.events.>"),
            ("roster.events.*.member.>", "roster.events.>"),
            ("roster.events", "roster.events.>"),
            ("roster.events.>", "roster.events"),
            ("roster.*", "roster.events.>"),
            ("roster.events", "roster.*"),
            ("orders.>", "roster.events.>"),
        ] {
            assert!(!takes(wide, narrow), "{wide} {narrow}");
        }
    }
}
