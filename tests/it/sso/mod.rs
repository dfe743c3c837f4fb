//! Single sign-on (§27.3): setting it up, linking an identity, removing it.

mod link;
mod remove;
mod set;

use entity::{auth_identity, auth_provider, ids::UserId, member, organization, outbox::Category};
use sea_orm::prelude::*;
use serde_json::{Value, json};

use crate::support::{Client, Organization, Reply, TestApp, row};

const SET: &str = "setAuthProvider";
const LINK: &str = "linkSsoIdentity";
const ORG_EDIT: i32 = 11;

impl Client {
    /// `setAuthProvider` with `input` besides the organization.
    async fn set_provider(&self, organization: &Organization, mut input: Value) -> Reply {
        input["organizationId"] = json!(organization.id);
        self.mutate(SET, "organization { id }", input).await
    }

    async fn link(&self, organization: &Organization) -> Reply {
        let fields = "member { id flags { ssoLinked ssoInvalid } }";
        self.mutate(LINK, fields, json!({ "organizationId": organization.id }))
            .await
    }

    /// This person, signed in through the provider with this key.
    async fn through(&self, provider: &str) -> Self {
        self.with(json!({ "idp": provider })).seen().await
    }

    /// What the organization shows of its provider.
    async fn provider(&self, organization: &Organization) -> Value {
        let query = "query($slug: String!) { organization(slug: $slug) {
            authProvider { provider name isSsoOptional isScimEnabled } } }";
        let reply = self.send(query, json!({ "slug": organization.slug })).await.ok();
        reply.data("organization.authProvider").clone()
    }
}

async fn db_provider(app: &TestApp, organization: &Organization) -> Option<auth_provider::Model> {
    let of = auth_provider::Column::OrganizationId.eq(organization.row());
    auth_provider::Entity::find().filter(of).one(&app.db).await.unwrap()
}

/// Who has linked an identity of which provider.
async fn db_identities(app: &TestApp) -> Vec<(auth_provider::Model, UserId)> {
    let mut found = Vec::new();
    for identity in auth_identity::Entity::find().all(&app.db).await.unwrap() {
        let provider = auth_provider::Entity::find_by_id(identity.auth_provider_id);
        found.push((provider.one(&app.db).await.unwrap().unwrap(), identity.user_id));
    }
    found
}

/// Events and data of the audit log since there were `before` entries.
async fn audit_since(app: &TestApp, organization: &Organization, before: usize) -> Vec<(i32, Value)> {
    let entries = app.db_audit(organization).await.split_off(before);
    entries.into_iter().map(|entry| (entry.event, entry.data)).collect()
}
