//! Who is asking (§27): people by the tokens of their identity providers, apps
//! by tokens of ours, from which address, and from which page.

mod active;
mod addresses;
mod apps;
mod arrivals;
mod claims;
mod cookie;
mod cors;
mod issuers;
mod jwks;
mod practice;
mod proxies;
mod tokens;

use chrono::Utc;
use entity::{outbox, user};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use sea_orm::{QueryOrder, prelude::*};
use serde_json::{Value, json};

use crate::support::{AUDIENCE, Client, Reply, TestApp, published};

const VIEWER: &str = "{ viewer { user { id name email } isSuperuser scopes } }";

/// The claims of a good token.
fn claims(issuer: &str, subject: &str) -> Value {
    let now = Utc::now().timestamp();
    json!({ "iss": issuer, "aud": AUDIENCE, "sub": subject, "iat": now, "exp": now + 3600 })
}

/// A signed token.
fn sign(algorithm: Algorithm, kid: Option<&str>, key: &EncodingKey, claims: &Value) -> String {
    let mut header = Header::new(algorithm);
    header.kid = kid.map(str::to_owned);
    jsonwebtoken::encode(&header, claims, key).unwrap()
}

/// Asserts that the credential is refused as a whole; what was answered.
#[track_caller]
fn refused(reply: Reply) -> Value {
    assert_eq!(
        (reply.status, reply.error_codes()),
        (401, vec!["UNAUTHENTICATED".into()]),
        "{reply:?}"
    );
    assert!(reply.body.get("data").is_none(), "{reply:?}");
    reply.body
}

/// A key that can be used, as a provider publishes it.
pub fn provider_key(id: &str) -> Value {
    published(&issuers::rsa(), Algorithm::RS256, Some(id))
}

/// What the caller is told about themselves.
async fn viewer(client: &Client) -> Value {
    client.send(VIEWER, json!({})).await.ok().data("viewer").clone()
}

/// The person's row.
async fn db_user(app: &TestApp, subject: &str) -> Option<user::Model> {
    user::Entity::find()
        .filter(user::Column::Subject.eq(subject))
        .one(&app.db)
        .await
        .unwrap()
}

/// Everybody who was ever seen.
async fn db_users(app: &TestApp) -> Vec<user::Model> {
    user::Entity::find()
        .order_by_asc(user::Column::Id)
        .all(&app.db)
        .await
        .unwrap()
}

/// What was recorded as changed about people, oldest first.
async fn db_changes_of_people(app: &TestApp) -> Vec<outbox::Model> {
    let rows = outbox::Entity::find()
        .filter(outbox::Column::ShardScope.eq(1))
        .order_by_asc(outbox::Column::Id);
    rows.all(&app.db).await.unwrap()
}
