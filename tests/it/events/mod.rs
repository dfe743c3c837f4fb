//! Subscriptions: what is told, to whom, for how long, and over which wire.

mod feed;
mod metrics;
mod panic;
mod socket;
mod sse;

use std::time::Duration;

use entity::event::EventType;
use roster::config::Config;
use serde_json::{Value, json};

use crate::support::{Organization, Socket, TestApp};

/// What the stories ask for.
pub const EVENTS: &str = "subscription($id: ID!, $after: ID) {
    organizationEvents(organizationId: $id, after: $after) {
        id type occurredAt organization { id } objectId object { __typename id } } }";

/// A server that looks into the log of events all the time. Nothing is delivered
/// but what a test tells.
fn attentive(config: &mut Config) {
    config.jobs.poll_every = Duration::from_millis(50);
    config.subscriptions.check_every = Duration::from_millis(200);
    config.rate_limits.enabled = false;
}

async fn start() -> TestApp {
    TestApp::start_with(attentive).await
}

/// What a subscription to everything that happens in an organization is given.
pub fn all_of(organization: &Organization) -> Value {
    json!({ "id": organization.id })
}

/// The same, from behind an event.
fn after(organization: &Organization, event: &str) -> Value {
    json!({ "id": organization.id, "after": event })
}

/// The event in a result without errors.
#[track_caller]
fn event(result: &Value) -> &Value {
    assert!(result.get("errors").is_none(), "{result:#}");
    &result["data"]["organizationEvents"]
}

impl TestApp {
    /// Tells that the organization has changed; the id of the event.
    async fn db_tell_change(&self, organization: &Organization) -> String {
        let news = [(EventType::OrganizationUpdated, organization.row().0)];
        self.db_tell(organization, &news).await.remove(0)
    }

    /// Tells more than the network holds back for a client that does not read: a
    /// subscription with long answers, and the event behind which it begins.
    async fn db_tell_a_lot(&self, organization: &Organization) -> (String, String) {
        let first = self.db_tell_change(organization).await;
        let change = (EventType::OrganizationUpdated, organization.row().0);
        self.db_tell(organization, &vec![change; 3_000]).await;
        let many = (0..60).map(|number| format!("o{number}: organization {{ id slug name createdAt }}"));
        let query = EVENTS.replace("organization { id }", &many.collect::<Vec<_>>().join(" "));
        (query, first)
    }
}

impl Socket {
    /// Subscribes to an organization, and waits until it is being told: what came
    /// before the subscription would be missed otherwise. The id of the event
    /// that was told.
    async fn follow(&mut self, app: &TestApp, id: &str, organization: &Organization) -> String {
        let told = app.db_tell_change(organization).await;
        let before = before(&told);
        match before {
            // Behind the one before the last it is told the last.
            Some(before) => self.subscribe(id, EVENTS, after(organization, &before)).await,
            None => {
                let next = app.db_tell_change(organization).await;
                self.subscribe(id, EVENTS, after(organization, &told)).await;
                let result = self.next(id).await;
                assert_eq!(event(&result)["id"], next);
                return next;
            }
        }
        let result = self.next(id).await;
        assert_eq!(event(&result)["id"], told);
        told
    }
}

/// Id of the event before one, if there is one.
fn before(event: &str) -> Option<String> {
    let mut id = entity::ids::EventId::parse(event).unwrap();
    id.sequence -= 1;
    (id.sequence > 0).then(|| id.global())
}
