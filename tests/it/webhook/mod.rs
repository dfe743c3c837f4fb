//! Webhooks: setting them up, and what the servers behind them are told.

mod failure;
mod manage;
mod network;
mod send;

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, response::IntoResponse};
use base64::{Engine, engine::general_purpose::STANDARD};
use entity::{webhook, webhook_delivery};
use hmac::{Hmac, Mac};
use roster::config::Config;
use sea_orm::{ActiveValue::Set, IntoActiveModel, QueryOrder, prelude::*, sea_query::Expr};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{
    jobs::{delivering, eventually},
    support::{Client, Organization, Reply, TestApp, row},
};

const CREATE: &str = "createWebhook";
const UPDATE: &str = "updateWebhook";
const DELETE: &str = "deleteWebhook";
const ROTATE: &str = "rotateWebhookSecret";
const REDELIVER: &str = "redeliverWebhook";
const WEBHOOK: &str = "id url description eventTypes isEnabled disabledReason disabledAt failingSince
    previousSecretExpiresAt createdBy { id } createdAt";
const DELIVERY: &str = "id webhook { id } eventId eventType objectId occurredAt status attempts responseStatus error
    lastAttemptAt nextAttemptAt createdAt";

/// A server that delivers, and tries again soon.
fn sending(config: &mut Config) {
    delivering(config);
    config.webhooks.retries = vec![Duration::from_millis(50); 3];
    config.webhooks.timeout = Duration::from_secs(2);
}

/// What a receiver does with a request.
#[derive(Clone, Copy)]
pub enum Answer {
    Status(u16),
    /// Somewhere else.
    Redirect,
    /// Never.
    Silence,
}

/// A request as it arrived.
#[derive(Clone, Debug)]
struct Received {
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Received {
    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Whether one of the signatures is right, computed as a receiver does.
    fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(self.header("webhook-id").as_bytes());
        mac.update(b".");
        mac.update(self.header("webhook-timestamp").as_bytes());
        mac.update(b".");
        mac.update(&self.body);
        let right = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        self.header("webhook-signature").split(' ').any(|one| one == right)
    }
}

#[derive(Default)]
struct Log {
    received: Vec<Received>,
    answers: VecDeque<Answer>,
}

/// Somebody's server, on this machine.
#[derive(Clone)]
pub struct Receiver {
    address: SocketAddr,
    log: Arc<Mutex<Log>>,
}

impl Receiver {
    pub async fn start() -> Self {
        async fn take(
            State(log): State<Arc<Mutex<Log>>>,
            uri: axum::http::Uri,
            headers: HeaderMap,
            body: Bytes,
        ) -> axum::response::Response {
            let answer = {
                let mut log = log.lock().unwrap();
                log.received.push(Received {
                    path: uri.path().into(),
                    headers,
                    body: body.to_vec(),
                });
                // The last answer stays.
                match log.answers.len() {
                    0 | 1 => log.answers.front().copied(),
                    _ => log.answers.pop_front(),
                }
            };
            match answer.unwrap_or(Answer::Status(204)) {
                Answer::Status(status) => axum::http::StatusCode::from_u16(status).unwrap().into_response(),
                Answer::Redirect => axum::response::Redirect::temporary("/elsewhere").into_response(),
                Answer::Silence => std::future::pending().await,
            }
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let log: Arc<Mutex<Log>> = Arc::default();
        let router = Router::new().fallback(take).with_state(log.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, log }
    }

    /// With these answers; the last one stays.
    pub fn answers(&self, answers: impl IntoIterator<Item = Answer>) {
        self.log.lock().unwrap().answers = answers.into_iter().collect();
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    fn received(&self) -> Vec<Received> {
        self.log.lock().unwrap().received.clone()
    }

    /// What has arrived, once it is so much.
    async fn awaits(&self, count: usize) -> Vec<Received> {
        eventually(&format!("{count} requests arrive"), || async {
            let received = self.received();
            (received.len() >= count).then_some(received)
        })
        .await
    }

    /// The first request of this type.
    async fn awaits_type(&self, kind: &str) -> Received {
        eventually(&format!("{kind} arrives"), || async {
            self.received().into_iter().find(|one| one.json()["type"] == kind)
        })
        .await
    }
}

/// A webhook that was made.
pub struct Hook {
    id: String,
    secret: String,
}

impl Client {
    /// `createWebhook` with `input` besides the organization.
    async fn create_webhook(&self, organization: &Organization, mut input: Value) -> Reply {
        input["organizationId"] = json!(organization.id);
        self.mutate(CREATE, &format!("webhook {{ {WEBHOOK} }} secret"), input)
            .await
    }

    /// A webhook to this server, told of `types`, or of everything.
    pub async fn webhook(&self, organization: &Organization, url: &str, types: &[&str]) -> Hook {
        let input = json!({ "url": url, "eventTypes": types });
        let reply = self.create_webhook(organization, input).await.done(CREATE);
        Hook {
            id: reply.text("createWebhook.webhook.id"),
            secret: reply.text("createWebhook.secret"),
        }
    }

    async fn update_webhook(&self, id: &str, mut input: Value) -> Reply {
        input["webhookId"] = json!(id);
        self.mutate(UPDATE, &format!("webhook {{ {WEBHOOK} }}"), input).await
    }

    async fn delete_webhook(&self, id: &str) -> Reply {
        self.mutate(DELETE, "deletedWebhookId", json!({ "webhookId": id }))
            .await
    }

    async fn rotate_secret(&self, id: &str, mut input: Value) -> Reply {
        input["webhookId"] = json!(id);
        self.mutate(ROTATE, &format!("webhook {{ {WEBHOOK} }} secret"), input)
            .await
    }

    async fn redeliver(&self, id: &str) -> Reply {
        let fields = format!("delivery {{ {DELIVERY} }}");
        self.mutate(REDELIVER, &fields, json!({ "deliveryId": id })).await
    }

    /// The webhook with this id.
    async fn hook(&self, id: &str) -> Value {
        let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on Webhook {{ {WEBHOOK} }} }} }}");
        let reply = self.send(&query, json!({ "id": id })).await.ok();
        reply.data("node").clone()
    }

    /// What the webhook was told, newest first.
    async fn deliveries(&self, id: &str, arguments: &str) -> Vec<Value> {
        let query = format!(
            "query($id: ID!) {{ node(id: $id) {{ ... on Webhook {{ deliveries(first: 100{arguments}) {{
                nodes {{ {DELIVERY} }} }} }} }} }}"
        );
        let reply = self.send(&query, json!({ "id": id })).await.ok();
        reply.data("node.deliveries.nodes").as_array().unwrap().clone()
    }

    /// The newest delivery, once it has this status.
    async fn settled(&self, id: &str, status: &str) -> Value {
        eventually(&format!("a delivery is {status}"), || async {
            let deliveries = self.deliveries(id, "").await;
            deliveries.into_iter().next().filter(|one| one["status"] == status)
        })
        .await
    }
}

impl TestApp {
    async fn db_hook(&self, id: &str) -> webhook::Model {
        let hook = webhook::Entity::find_by_id(row::<entity::ids::WebhookId>(id));
        hook.one(&self.db).await.unwrap().unwrap()
    }

    async fn db_change_hook(&self, id: &str, change: impl FnOnce(&mut webhook::ActiveModel)) {
        let mut hook = self.db_hook(id).await.into_active_model();
        change(&mut hook);
        hook.update(&self.db).await.unwrap();
    }

    /// All deliveries, oldest first.
    async fn db_hook_deliveries(&self) -> Vec<webhook_delivery::Model> {
        let all = webhook_delivery::Entity::find().order_by_asc(webhook_delivery::Column::Id);
        all.all(&self.db).await.unwrap()
    }

    /// Waits until everything that changed is in the log.
    async fn db_told(&self) {
        eventually("the outbox is empty", || async {
            let left = entity::outbox::Entity::find().count(&self.db).await.unwrap();
            (left == 0).then_some(())
        })
        .await;
    }
}

/// Something that is told as TEAM_UPDATED.
async fn make_team(app: &TestApp, organization: &Organization, maker: &Client, name: &str) {
    app.team(organization, maker, name).await;
}
