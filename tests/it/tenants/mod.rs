//! What is another organization's is not found: by no path, with no id, with no
//! cursor, by no mutation; and an id that is theirs is answered like one that
//! nothing has.

mod doors;
mod mutations;
mod queries;

use std::collections::BTreeSet;

use entity::ids::{
    AccessRequestId, ApiTokenId, AuditLogEntryId, AuthProviderId, InviteId, MemberId, OrganizationId, RowId, TeamId,
    TeamMemberId, UserId, WebhookDeliveryId, WebhookId, split_global,
};
use serde_json::{Value, json};

use crate::{
    matrix::{
        ask,
        scene::{Cast, Gate, Scene},
        table::Book,
    },
    read::walk::{Schema, innermost},
    support::{Client, Reply, TestApp},
};

/// Two organizations with everything in them, and nobody in both.
struct Tenants {
    app: TestApp,
    schema: Schema,
    ours: Tenant,
    theirs: Tenant,
}

/// An organization with its people.
struct Tenant {
    cast: Cast,
    scene: Scene,
    /// Slug of a team that only this one has.
    team: String,
}

impl Tenants {
    /// Both in these circumstances.
    async fn start(circumstance: &str) -> Self {
        let app = TestApp::start_with(|config| {
            config.rate_limits.enabled = false;
            config.limits.tokens_max = usize::MAX;
            config.limits.depth_max = 100;
            config.limits.aliases_max = usize::MAX;
            config.limits.root_fields_max = usize::MAX;
            config.limits.complexity_max = usize::MAX;
            config.limits.selections_max = usize::MAX;
            config.limits.pages_max = usize::MAX;
        })
        .await;
        Self {
            schema: Schema::of(&app.anonymous()).await,
            ours: Tenant::make(&app, "our", circumstance).await,
            theirs: Tenant::make(&app, "their", circumstance).await,
            app,
        }
    }

    /// Those of us who ask: an owner, a plain member, an app that may everything.
    async fn callers(&self) -> Vec<(Client, &'static str)> {
        let scopes = ["org:admin", "member:admin", "team:admin"];
        vec![
            (self.ours.cast.client("owner").clone(), "owner"),
            (self.ours.cast.client("member").clone(), "member"),
            (self.ours.scene.app(&self.app, &scopes).await, "an app"),
        ]
    }
}

impl Tenant {
    async fn make(app: &TestApp, whose: &str, circumstance: &str) -> Self {
        let cast = Cast::named(app, whose).await;
        let scene = Scene::make(app, &cast, Gate::Open, circumstance).await;
        let root = cast.client("superuser");
        let team = app.team(&scene.organization, root, &format!("{whose} team")).await;
        let address = format!("guest@{whose}.example.com");
        app.invite(&scene.organization, root, &address, "member").await;
        Self { cast, scene, team }
    }

    /// Ids of everything in it.
    fn ids(&self) -> Vec<String> {
        let scene = &self.scene;
        let mut ids = vec![
            scene.organization.id.clone(),
            ask::global(self.cast.user("mia").unwrap()),
            ask::global(self.cast.user("owner").unwrap()),
            ask::global(scene.red),
            ask::global(scene.blue),
            scene.place.clone(),
            scene.access_request.clone(),
            scene.entry.clone(),
            scene.token.clone(),
            scene.webhook.clone(),
            scene.delivery.clone(),
        ];
        ids.extend(scene.provider.clone());
        let [invite, request] = ["member@invited.example.com", "member@asked.example.com"];
        ids.extend(["mia", "owner", invite, request].map(|name| scene.member(name)));
        ids.extend([invite, request].map(|address| scene.invite(address)));
        ids
    }

    /// Ids of the same type as this one.
    fn ids_like(&self, id: &str) -> Vec<String> {
        let kind = |id: &str| split_global(id).unwrap().0;
        self.ids().into_iter().filter(|one| kind(one) == kind(id)).collect()
    }
}

/// An id of the same type that nothing has.
fn unknown(id: &str) -> String {
    let number = 9_999_999;
    match split_global(id).unwrap().0.as_str() {
        OrganizationId::TYPE => OrganizationId(number).global(),
        UserId::TYPE => UserId(number).global(),
        MemberId::TYPE => MemberId(number).global(),
        InviteId::TYPE => InviteId(MemberId(number)).global(),
        TeamId::TYPE => TeamId(number).global(),
        TeamMemberId::TYPE => TeamMemberId(number).global(),
        AccessRequestId::TYPE => AccessRequestId(number).global(),
        AuditLogEntryId::TYPE => AuditLogEntryId(number).global(),
        AuthProviderId::TYPE => AuthProviderId(number).global(),
        ApiTokenId::TYPE => ApiTokenId(number).global(),
        WebhookId::TYPE => WebhookId(number).global(),
        WebhookDeliveryId::TYPE => WebhookDeliveryId(number).global(),
        kind => panic!("teach this test the ids of a {kind}"),
    }
}

/// The body of a reply without what was asked for.
fn without(reply: &Reply, asked: &str) -> String {
    reply.body.to_string().replace(asked, "…")
}
