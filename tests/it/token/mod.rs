//! API tokens (§27.2): making them, showing them, ending them.

mod create;
mod reach;
mod seen;

use chrono::{DateTime, Duration, Utc};
use entity::api_token;
use sea_orm::prelude::*;
use serde_json::{Value, json};

use crate::support::{Client, Organization, Reply, TestApp};

const CREATE: &str = "createApiToken";
const REVOKE: &str = "revokeApiToken";
const TOKEN: &str = "id name prefix scopes createdBy { id } createdAt expiresAt lastUsedAt";

/// A token that was made.
struct Token {
    id: String,
    secret: String,
}

impl Client {
    /// `createApiToken` with `input` besides the organization.
    async fn create_token(&self, organization: &Organization, mut input: Value) -> Reply {
        input["organizationId"] = json!(organization.id);
        self.mutate(CREATE, &format!("apiToken {{ {TOKEN} }} secret"), input)
            .await
    }

    /// A token with `scopes`.
    async fn token(&self, organization: &Organization, scopes: &[&str]) -> Token {
        let input = json!({ "name": "CI", "scopes": scopes });
        let reply = self.create_token(organization, input).await.done(CREATE);
        Token {
            id: reply.text("createApiToken.apiToken.id"),
            secret: reply.text("createApiToken.secret"),
        }
    }

    async fn revoke_token(&self, id: &str) -> Reply {
        self.mutate(REVOKE, "revokedApiTokenId", json!({ "apiTokenId": id }))
            .await
    }

    /// Names of the organization's tokens.
    async fn tokens(&self, organization: &Organization) -> Reply {
        let query = format!(
            "query($slug: String!) {{ organization(slug: $slug) {{ apiTokens {{ totalCount nodes {{ {TOKEN} }} }} }} }}"
        );
        self.send(&query, json!({ "slug": organization.slug })).await
    }

    async fn node_kind(&self, id: &str) -> Value {
        let query = "query($id: ID!) { node(id: $id) { __typename } }";
        let reply = self.send(query, json!({ "id": id })).await.ok();
        reply.data("node").clone()
    }
}

/// Every token there is.
async fn db_tokens(app: &TestApp) -> Vec<api_token::Model> {
    api_token::Entity::find().all(&app.db).await.unwrap()
}

/// A time from now, as the API takes it.
fn within(time: Duration) -> String {
    (Utc::now() + time).to_rfc3339()
}
