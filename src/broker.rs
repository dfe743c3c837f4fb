//! The broker, when one is wanted: NATS with JetStream. Every event is published
//! as a CloudEvent, for other services and for the other nodes of ours.
//!
//! Subject: `roster.events.<organization>.<type>`, such as
//! `roster.events.T3JnYW5pemF0aW9uOjE.member.updated`, where the organization is
//! its global id. The message id is the event's, by which JetStream drops what
//! is published twice.

use std::{sync::Arc, time::Duration};

use async_nats::{
    ConnectOptions, Event, HeaderMap,
    connection::State,
    jetstream::{self, context::PublishAckFuture, message::PublishMessage, stream},
};
use bytes::Bytes;
use entity::{
    event,
    ids::{EventId, RowId},
};
use futures_util::{Stream, StreamExt};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
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

    /// Whether there is a connection at the moment.
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Makes the stream that keeps what is published, or brings its subjects and
    /// ages up to date.
    ///
    /// # Errors
    /// A broker that does not answer, or has no JetStream.
    pub async fn create_stream(&self, keep_for: Duration) -> Result<()> {
        let config = stream::Config {
            name: self.settings.stream.clone(),
            subjects: vec![format!("{}.>", self.settings.subject)],
            max_age: keep_for,
            duplicate_window: DUPLICATES_KNOWN_FOR.min(keep_for),
            description: Some("What happens in the organizations of Roster.".into()),
            ..stream::Config::default()
        };
        let made = self.jetstream.create_or_update_stream(config).await;
        made.map(drop).map_err(Error::internal)
    }

    /// Publishes events of one organization in their order, and waits until the
    /// broker has stored them all.
    ///
    /// # Errors
    /// A broker that does not answer, or has no stream for them.
    pub async fn publish(&self, events: &[event::Model]) -> Result<()> {
        let mut stored: Vec<PublishAckFuture> = Vec::with_capacity(events.len());
        for event in events {
            let mut headers = HeaderMap::new();
            headers.insert("Content-Type", "application/cloudevents+json");
            let message = PublishMessage::build()
                .headers(headers)
                .message_id(event.id().global())
                .payload(Bytes::from(cloud_event(&self.source, event).to_string()));
            // Sent at once and in order; only the answers are waited for together.
            let sent = self.jetstream.send_publish(self.subject(event), message).await;
            stored.push(sent.map_err(Error::internal)?);
        }
        for answer in stored {
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

    /// How far the logs are of which anybody publishes, as it is published.
    ///
    /// # Errors
    /// A broker that refuses.
    pub async fn listen(&self) -> Result<impl Stream<Item = EventId> + use<>> {
        let subject = format!("{}.>", self.settings.subject);
        let messages = self.client.subscribe(subject).await.map_err(Error::internal)?;
        Ok(messages.filter_map(|message| {
            let id = message.headers.as_ref().and_then(|headers| headers.get("Nats-Msg-Id"));
            let position = id.and_then(|id| EventId::parse(id.as_str()));
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
