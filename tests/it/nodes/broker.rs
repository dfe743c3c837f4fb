//! NATS with JetStream, where `TEST_NATS_URL` names one.

use async_nats::jetstream::{
    self,
    consumer::{DeliverPolicy, pull},
    stream,
};
use entity::{event, event_head, ids::EventId};
use futures_util::StreamExt;
use roster::{config::Config, events::EventType};
use sea_orm::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    jobs::{delivering, eventually},
    support::{Organization, TestApp},
};

/// A place of its own at the broker.
struct Place {
    url: String,
    name: String,
    jetstream: jetstream::Context,
}

impl Place {
    /// `None` where there is no broker; continuous integration always has one.
    async fn find() -> Option<Self> {
        let url = nats_url("the broker")?;
        let client = async_nats::connect(&url).await.unwrap();
        let name = format!("test_{}", Uuid::new_v4().simple());
        let jetstream = jetstream::new(client);
        Some(Self { url, name, jetstream })
    }

    fn configure(&self) -> impl Fn(&mut Config) + use<> {
        let (url, name) = (self.url.clone(), self.name.clone());
        move |config| {
            config.nats.url = Some(url.clone().into());
            config.nats.stream.clone_from(&name);
            config.nats.subject.clone_from(&name);
        }
    }

    /// The first `count` messages of the stream: subject, id and body.
    async fn messages(&self, count: usize) -> Vec<(String, String, Value)> {
        let stream = self.jetstream.get_stream(&self.name).await.unwrap();
        let consumer = pull::Config {
            deliver_policy: DeliverPolicy::All,
            ..pull::Config::default()
        };
        let consumer = stream.create_consumer(consumer).await.unwrap();
        let messages = consumer.messages().await.unwrap().take(count);
        let read = messages.map(|message| {
            let message = message.unwrap();
            let id = message
                .headers
                .as_ref()
                .unwrap()
                .get("Nats-Msg-Id")
                .unwrap()
                .to_string();
            let body = serde_json::from_slice(&message.payload).unwrap();
            (message.subject.to_string(), id, body)
        });
        tokio::time::timeout(PATIENCE, read.collect()).await.unwrap()
    }

    async fn stored(&self) -> u64 {
        let mut stream = self.jetstream.get_stream(&self.name).await.unwrap();
        stream.info().await.unwrap().state.messages
    }

    async fn leave(self) {
        self.jetstream.delete_stream(&self.name).await.unwrap();
    }
}

async fn db_head(app: &TestApp, organization: &Organization) -> Option<event_head::Model> {
    event_head::Entity::find_by_id(organization.row())
        .one(&app.db)
        .await
        .unwrap()
}

/// Waits until the broker has taken everything.
async fn db_published(app: &TestApp, organization: &Organization) -> i64 {
    eventually("everything is published", || async {
        let is_delivered = app.db_outbox(organization).await.is_empty();
        let head = db_head(app, organization).await.filter(|_| is_delivered)?;
        (head.published == head.sequence).then_some(head.sequence)
    })
    .await
}

#[tokio::test]
async fn every_event_is_published_once_in_order_and_as_it_is_described() {
    let Some(place) = Place::find().await else { return };
    let configure = place.configure();
    let app = TestApp::start_with(|config| {
        delivering(config);
        configure(config);
    })
    .await;
    let (configure, url) = (place.configure(), app.url.parse().unwrap());
    let service = app.db_service_with(|config| {
        configure(config);
        config.public_url = Some(url);
    });
    let service = service.await;
    service
        .broker
        .as_ref()
        .unwrap()
        .create_stream(Duration::from_secs(600))
        .await
        .unwrap();
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    app.person("bob")
        .accept_invite(&invite.token)
        .await
        .done("acceptInvite");
    let count = db_published(&app, &acme).await;

    let messages = place.messages(usize::try_from(count).unwrap()).await;
    for (index, (subject, id, body)) in messages.iter().enumerate() {
        let sequence = index as i64 + 1;
        assert_eq!(body["data"]["sequence"], sequence);
        assert!(id.starts_with(body["id"].as_str().unwrap()), "{id}");
        assert_eq!(body["data"]["eventId"], body["id"]);
        let kind = body["data"]["type"].as_str().unwrap();
        let dotted = body["type"].as_str().unwrap().strip_prefix("roster.").unwrap();
        assert_eq!(dotted.replace('.', "_").to_uppercase(), kind);
        assert_eq!(*subject, format!("{}.{}.{dotted}", place.name, acme.id));
        for (field, wanted) in [
            ("specversion", json!("1.0")),
            ("source", json!(app.url)),
            ("subject", body["data"]["objectId"].clone()),
            ("datacontenttype", json!("application/json")),
            ("partitionkey", json!(acme.id)),
            ("sequence", json!(sequence.to_string())),
        ] {
            assert_eq!(body[field], wanted, "{field}");
        }
        assert!(chrono::DateTime::parse_from_rfc3339(body["time"].as_str().unwrap()).is_ok());
        // The schema names the same fields.
        let schema: Value = serde_json::from_str(include_str!("../../../docs/events.schema.json")).unwrap();
        let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(body), names(&schema["properties"]));
        assert_eq!(names(&body["data"]), names(&schema["properties"]["data"]["properties"]));
        let kinds = schema["properties"]["data"]["properties"]["type"]["enum"]
            .as_array()
            .unwrap();
        assert!(kinds.contains(&body["data"]["type"]));
    }
    let joined = messages.last().unwrap();
    assert_eq!(joined.2["data"]["type"], EventType::MemberUpdated.name());
    assert_eq!(joined.2["data"]["objectId"], invite.member);

    // Published once more, as after a crash between the broker and the note.
    let events = roster::events::after(&app.db, acme.row(), 0, 100).await.unwrap();
    service.broker.as_ref().unwrap().publish(&events).await.unwrap();
    assert_eq!(place.stored().await, u64::try_from(count).unwrap());
    place.leave().await;
}

#[tokio::test]
async fn an_event_that_has_the_number_of_another_is_no_duplicate() {
    let Some(place) = Place::find().await else { return };
    let app = TestApp::start().await;
    let service = app.db_service_with(place.configure()).await;
    let configure = place.configure();
    let other = app.db_service_with(|config| {
        configure(config);
        config.public_url = Some("https://other.example.com".parse().unwrap());
    });
    let other = other.await;
    let broker = service.broker.as_ref().unwrap();
    broker.create_stream(Duration::from_secs(600)).await.unwrap();
    let event = event::Model {
        organization_id: 1.into(),
        sequence: 42,
        r#type: EventType::TeamUpdated,
        object_identifier: 7,
        occurred_at: roster::clock::now(),
        date_added: roster::clock::now(),
    };
    // As they are given out again after a backup was restored.
    let later = event::Model {
        occurred_at: event.occurred_at + chrono::TimeDelta::microseconds(1),
        ..event.clone()
    };
    let elsewhere = event::Model {
        object_identifier: 8,
        ..event.clone()
    };

    for (broker, event) in [
        (broker, &event),
        (broker, &later),
        (broker, &elsewhere),
        (other.broker.as_ref().unwrap(), &event),
    ] {
        let before = place.stored().await;
        for _ in 0..2 {
            broker.publish(std::slice::from_ref(event)).await.unwrap();
            assert_eq!(place.stored().await, before + 1);
        }
    }
    let messages = place.messages(4).await;
    assert!(messages.iter().all(|(_, _, body)| body["id"] == event.id().global()));
    place.leave().await;
}

#[tokio::test]
async fn a_stream_that_is_there_keeps_the_settings_of_its_operator() {
    let Some(place) = Place::find().await else { return };
    let app = TestApp::start().await;
    let configure = place.configure();
    let ours = format!("{}.events", place.name);
    let service = app.db_service_with(|config| {
        configure(config);
        config.nats.subject.clone_from(&ours);
    });
    let service = service.await;
    let broker = service.broker.as_ref().unwrap();
    let config = async || {
        let stream = place.jetstream.get_stream(&place.name).await.unwrap();
        stream.cached_info().config.clone()
    };
    let theirs = place.jetstream.create_stream(stream::Config {
        name: place.name.clone(),
        // One that ours include, and one that has nothing to do with us.
        subjects: vec![format!("{ours}.*.member.>"), format!("{}.orders.>", place.name)],
        max_bytes: 500_000_000,
        max_messages: 1_000_000,
        max_messages_per_subject: 1_000,
        max_age: Duration::from_secs(30 * 24 * 3600),
        max_message_size: 10_000,
        duplicate_window: Duration::from_secs(600),
        storage: stream::StorageType::Memory,
        description: Some("Ours.".into()),
        deny_delete: true,
        ..stream::Config::default()
    });
    let theirs = theirs.await.unwrap().cached_info().config.clone();

    for _ in 0..2 {
        broker.create_stream(Duration::from_secs(600)).await.unwrap();
        let subjects = vec![format!("{}.orders.>", place.name), format!("{ours}.>")];
        assert_eq!(
            config().await,
            stream::Config {
                subjects,
                ..theirs.clone()
            }
        );
    }

    // Nothing is added to what includes us already.
    let wide = stream::Config {
        subjects: vec![format!("{}.>", place.name)],
        ..theirs
    };
    place.jetstream.update_stream(&wide).await.unwrap();
    broker.create_stream(Duration::from_secs(600)).await.unwrap();
    assert_eq!(config().await, wide);
    place.leave().await;
}

#[tokio::test]
async fn what_a_broker_without_a_stream_does_not_take_waits_and_nothing_else_does() {
    let Some(place) = Place::find().await else { return };
    let configure = place.configure();
    let app = TestApp::start_with(|config| {
        delivering(config);
        configure(config);
    })
    .await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    ann.delivered(&invite.id, "SENT").await;
    eventually("the events are there", || async {
        db_head(&app, &acme)
            .await
            .filter(|head| head.sequence > 2 && head.published == 0)
    })
    .await;

    let service = app.db_service_with(place.configure()).await;
    service
        .broker
        .as_ref()
        .unwrap()
        .create_stream(Duration::from_secs(600))
        .await
        .unwrap();

    let count = db_published(&app, &acme).await;
    let messages = place.messages(usize::try_from(count).unwrap()).await;
    let numbers: Vec<_> = messages
        .iter()
        .map(|(_, _, body)| body["data"]["sequence"].as_i64().unwrap())
        .collect();
    assert_eq!(numbers, (1..=count).collect::<Vec<_>>());
    place.leave().await;
}

#[tokio::test]
async fn nodes_hear_of_events_through_the_broker_whatever_else_is_said_there() {
    /// No log has so many events.
    const FAR: i64 = 1_000_000;
    let Some(place) = Place::find().await else { return };
    let configure = place.configure();
    let app = TestApp::start_with(|config| {
        delivering(config);
        configure(config);
    })
    .await;
    let (acme, ann) = app.organization("Acme").await;
    let service = app
        .db_service_with(|config| {
            configure(config);
            config.jobs.poll_every = Duration::from_secs(3600);
        })
        .await;
    service
        .broker
        .as_ref()
        .unwrap()
        .create_stream(Duration::from_secs(600))
        .await
        .unwrap();
    let ear = Ear::open(service, false);
    let mut bell = ear.service.bell.listen(acme.row());
    let stranger = async_nats::connect(&place.url).await.unwrap();
    for number in 0..3 {
        let before = db_published(&app, &acme).await;
        // Whoever may publish there can say what they like.
        let wrong = EventId {
            organization: acme.row(),
            sequence: FAR + number,
        };
        let mut headers = async_nats::HeaderMap::new();
        headers.insert("Nats-Msg-Id", wrong.global());
        let subject = format!("{}.{}.member.updated", place.name, acme.id);
        stranger
            .publish_with_headers(subject, headers, "".into())
            .await
            .unwrap();
        stranger.flush().await.unwrap();

        app.invite(&acme, &ann, &format!("guest-{number}@example.com"), "member")
            .await;
        let heard = bell.wait_for(|last| (before + 1..FAR).contains(last));
        tokio::time::timeout(PATIENCE, heard).await.unwrap().unwrap();
    }
    place.leave().await;
}

#[tokio::test]
async fn a_broker_that_is_not_there_keeps_nothing_from_working() {
    let app = TestApp::start_with(|config| {
        delivering(config);
        // Nobody listens there.
        config.nats.url = Some("nats://127.0.0.1:1".to_owned().into());
    })
    .await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    ann.delivered(&invite.id, "SENT").await;
    eventually("the events are there", || async {
        db_head(&app, &acme)
            .await
            .filter(|head| head.sequence > 2 && head.published == 0)
    })
    .await;
}
