//! Members: updating org role and teams together (§11), with the resend step
//! of §10.

mod flags;
mod reach;
mod record;
mod removal;
mod resend;
mod role;
mod teams;
mod transfer;
mod validation;

use entity::{
    ids::{MemberId, RowId, TeamId},
    member::{InviteStatus, flag},
    organization::{self, OrganizationStatus},
    outbox::Category,
    team, team_member,
};
use roster::config::Config;
use sea_orm::prelude::*;
use serde_json::{Value, json};

use crate::support::{Client, Organization, TestApp, row, with_billing};

const UPDATE: &str = "updateMemberRoles";
const MEMBER_EDIT: i32 = 4;
const MEMBER_JOIN_TEAM: i32 = 6;
const MEMBER_LEAVE_TEAM: i32 = 7;
const MEMBER_REINVITE: i32 = 204;

/// Acme with its owner Ann, three teams, and Bob, who joined.
struct Scene {
    app: TestApp,
    acme: Organization,
    ann: Client,
    bob: Client,
    /// Bob's member id.
    member: String,
}

impl Scene {
    /// Bob has `role`, retired or not.
    async fn start(role: &str) -> Self {
        Self::start_with(role, |_| ()).await
    }

    async fn start_with(role: &str, change: impl FnOnce(&mut Config)) -> Self {
        let app = TestApp::start_with(change).await;
        let (acme, ann) = app.organization("Acme").await;
        for name in ["Red", "Green", "Blue"] {
            app.team(&acme, &ann, name).await;
        }
        let bob = app.person("bob");
        let member = app.join(&acme, &ann, &bob, "member").await;
        app.db_set_role(&member, role).await;
        Self {
            app,
            acme,
            ann,
            bob,
            member,
        }
    }

    /// Somebody else who joined with `role`, retired or not.
    async fn person(&self, name: &str, role: &str) -> (Client, String) {
        let person = self.app.person(name);
        let member = self.app.join(&self.acme, &self.ann, &person, "member").await;
        self.app.db_set_role(&member, role).await;
        (person, member)
    }

    /// Bob's team roles become these, set by Ann.
    async fn put_into(&self, teams: &[(&str, Option<&str>)]) {
        self.ann
            .update_member_roles(&self.member, json!({ "teamRoles": team_roles(teams) }))
            .await
            .done(UPDATE);
    }

    /// Events written to the audit log since there were `before`.
    async fn events_since(&self, before: usize) -> Vec<i32> {
        self.app
            .db_audit(&self.acme)
            .await
            .split_off(before)
            .iter()
            .map(|entry| entry.event)
            .collect()
    }

    async fn audit_count(&self) -> usize {
        self.app.db_audit(&self.acme).await.len()
    }

    async fn role_of(&self, member: &str) -> String {
        self.app.db_member(member).await.unwrap().role
    }
}

/// The input for team roles.
fn team_roles(teams: &[(&str, Option<&str>)]) -> Value {
    teams
        .iter()
        .map(|(slug, role)| json!({ "teamSlug": slug, "role": role }))
        .collect()
}

/// Stored team roles as the helpers of the tests show them.
fn stored(teams: &[(&str, Option<&str>)]) -> Vec<(String, Option<String>)> {
    teams
        .iter()
        .map(|(slug, role)| ((*slug).to_owned(), role.map(str::to_owned)))
        .collect()
}
