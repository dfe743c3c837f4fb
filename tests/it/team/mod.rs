//! Teams (§13, §14.3): making, changing and deleting them, finding them, who is
//! in them and with which role.

mod create;
mod decide;
mod delete;
mod join;
mod leave;
mod list;
mod people;
mod requests;
mod role;
mod seen;
mod update;

use std::collections::BTreeSet;

use entity::{
    ids::{MemberId, RowId, TeamId},
    member::{InviteStatus, flag as member_flag},
    organization::{OrganizationStatus, flag},
    outbox::Category,
    team, team_member,
};
use roster::config::Config;
use sea_orm::{ActiveValue::Set, prelude::*, sea_query::Expr};
use serde_json::{Value, json};

use crate::support::{Client, Organization, Reply, TestApp, row};

const ADD: &str = "addTeamMember";
const REMOVE: &str = "removeTeamMember";
const SET_ROLE: &str = "updateTeamMemberRole";
const DECIDE: &str = "decideTeamAccessRequest";

const MEMBER_EDIT: i32 = 4;
const MEMBER_JOIN_TEAM: i32 = 6;
const MEMBER_LEAVE_TEAM: i32 = 7;
const TEAM_ADD: i32 = 20;
const TEAM_EDIT: i32 = 21;
const TEAM_REMOVE: i32 = 22;

/// Acme with Ann its owner, Bob, who joined, and the team Red.
struct Scene {
    app: TestApp,
    acme: Organization,
    ann: Client,
    bob: Client,
    /// Bob's member id.
    member: String,
    /// Red's id.
    red: String,
}

impl Scene {
    /// Bob has `role`, retired or not, and is not in the team.
    async fn start(role: &str) -> Self {
        Self::start_with(role, |_| ()).await
    }

    async fn start_with(role: &str, change: impl FnOnce(&mut Config)) -> Self {
        let app = TestApp::start_with(change).await;
        let (acme, ann, bob, member) = with_bob(&app, role).await;
        app.team(&acme, &ann, "Red").await;
        let red = app.db_team(&acme, "red").await;
        let (ann, bob) = (ann.seen().await, bob.seen().await);
        Self {
            app,
            acme,
            ann,
            bob,
            member,
            red,
        }
    }

    /// Somebody else who joined with `role`, retired or not.
    async fn person(&self, name: &str, role: &str) -> (Client, String) {
        let person = self.app.person(name);
        let member = self.app.join(&self.acme, &self.ann, &person, "member").await;
        self.app.db_set_role(&member, role).await;
        (person, member)
    }

    /// Bob gets this role in the organization and, with `Some`, in the team.
    async fn db_place_bob(&self, role: &str, team_role: Option<Option<&str>>) {
        self.app.db_set_role(&self.member, role).await;
        team_member::Entity::delete_many()
            .filter(team_member::Column::MemberId.eq(row::<MemberId>(&self.member)))
            .exec(&self.app.db)
            .await
            .unwrap();
        if let Some(team_role) = team_role {
            self.app.db_put(&self.acme, "red", &self.member, team_role).await;
        }
    }

    /// Only managers and owners join teams as they like.
    async fn db_close(&self) {
        self.app.db_set_organization_flags(&self.acme, 0).await;
    }

    /// The members of Red come from the identity provider.
    async fn db_provision(&self) {
        team::Entity::update_many()
            .col_expr(team::Column::IdpProvisioned, Expr::value(true))
            .filter(team::Column::Id.eq(row::<TeamId>(&self.red)))
            .exec(&self.app.db)
            .await
            .unwrap();
    }

    /// The gates of §5 in their order, each shut for `caller`, a call of Bob's,
    /// and nobody who cannot see the organization learns that the team exists.
    async fn assert_gates(&self, mutation: &str, missing: (&str, &str), call: impl AsyncFn(Client) -> Reply) {
        let Self {
            app, acme, bob, member, ..
        } = self;
        let reply = app.unchanged(call(app.anonymous())).await;
        assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);
        let globex = app.organization_of(&app.person("gus"), "Globex").await;
        let foreign = app.db_app(&globex, &["org:admin", "member:admin", "team:admin"]).await;
        for stranger in [app.person("zoe").seen().await, app.person("gus").seen().await, foreign] {
            let reply = app.unchanged(call(stranger)).await;
            assert_eq!(reply.refusals(mutation), [missing], "a stranger");
        }

        app.db_set_flags(member, member_flag::MEMBER_LIMIT_RESTRICTED).await;
        let reply = app.unchanged(call(bob.clone())).await;
        assert_eq!(reply.codes(mutation), ["MEMBER_DISABLED_OVER_LIMIT"]);
        app.db_auth_provider(acme, false).await;
        let reply = app.unchanged(call(bob.clone())).await;
        assert_eq!(reply.codes(mutation), ["SSO_REQUIRED"]);
        app.db_set_organization_flags(acme, flag::ALLOW_JOINLEAVE | flag::REQUIRE_2FA)
            .await;
        let reply = app.unchanged(call(bob.clone())).await;
        assert_eq!(reply.codes(mutation), ["TWO_FACTOR_REQUIRED"]);
        app.db_set_status(acme, OrganizationStatus::PendingDeletion).await;
        for client in [bob, &self.ann, &app.superuser()] {
            let reply = app.unchanged(call(client.clone())).await;
            assert_eq!(reply.refusals(mutation), [missing], "the organization is going away");
        }
    }

    /// The request for access that this call opens, or finds open.
    async fn request_of(&self, call: impl Future<Output = Reply>) -> String {
        let reply = call.await.done(ADD);
        assert!(reply.data("addTeamMember.teamMembership").is_null(), "{reply:#?}");
        reply.text("addTeamMember.accessRequest.id")
    }

    /// Kinds of the work that was queued and does not repeat.
    async fn db_work(&self) -> Vec<String> {
        let jobs = self.app.db_jobs().await.into_iter();
        let mails_of_arrival = |kind: &String| kind != "send_invite";
        jobs.map(|job| job.kind).filter(mails_of_arrival).collect()
    }

    /// Red's slug if the member is in it, with the stored role.
    async fn db_place(&self, member: &str) -> Option<Option<String>> {
        let teams = self.app.db_teams_of(member).await;
        teams.into_iter().find(|(slug, _)| slug == "red").map(|(_, role)| role)
    }

    /// What the last entry of the audit log says of a membership in Red.
    async fn assert_entry(&self, event: i32, actor: &Client, member: &str, email: &str) {
        let entry = self.app.db_audit(&self.acme).await.pop().unwrap();
        assert_eq!((entry.event, entry.target), (event, Some(row::<MemberId>(member).0)));
        assert_eq!(entry.actor, Some(actor.user_id().await));
        let is_active = event == MEMBER_JOIN_TEAM;
        let data = json!({ "team_slug": "red", "member_id": member, "email": email, "is_active": is_active });
        assert_eq!(entry.data, data);
    }

    async fn audit_count(&self) -> usize {
        self.app.db_audit(&self.acme).await.len()
    }

    async fn outbox_count(&self) -> usize {
        self.app.db_outbox(&self.acme).await.len()
    }
}

/// Ids that no row of the kind has.
fn no_ids<T: RowId>() -> [String; 4] {
    [
        T::from(99_999).global(),
        String::new(),
        "1".into(),
        entity::ids::JobId(1).global(),
    ]
}

impl Client {
    async fn create_team(&self, organization: &Organization, mut input: Value) -> Reply {
        input["organizationId"] = json!(organization.id);
        let fields = "team { id slug name isIdpProvisioned organization { id } memberships { totalCount } viewerMembership { id }
            viewerCanUpdate viewerCanJoin }";
        self.mutate("createTeam", fields, input).await
    }

    /// `updateTeam` with `input` besides the team.
    async fn update_team(&self, team: &str, mut input: Value) -> Reply {
        input["teamId"] = json!(team);
        self.mutate("updateTeam", "team { id slug name isIdpProvisioned }", input)
            .await
    }

    async fn delete_team(&self, team: &str) -> Reply {
        self.mutate(
            "deleteTeam",
            "deletedTeamId organization { id teams { totalCount } }",
            json!({ "teamId": team }),
        )
        .await
    }

    async fn add_team_member(&self, team: &str, member: &str) -> Reply {
        let fields = "teamMembership { id team { id slug } member { id } role { id } effectiveRole { id } }
            accessRequest { id team { id } member { id } requester { id } createdAt }";
        self.mutate(ADD, fields, json!({ "teamId": team, "memberId": member }))
            .await
    }

    async fn remove_team_member(&self, team: &str, member: &str) -> Reply {
        let fields = "removedTeamMembershipId team { id slug memberships { totalCount } }";
        self.mutate(REMOVE, fields, json!({ "teamId": team, "memberId": member }))
            .await
    }

    async fn set_team_role(&self, team: &str, member: &str, role: &str) -> Reply {
        let fields = "teamMembership { id role { id } effectiveRole { id } }";
        let input = json!({ "teamId": team, "memberId": member, "teamRole": role });
        self.mutate(SET_ROLE, fields, input).await
    }

    async fn decide(&self, request: &str, is_approved: bool) -> Reply {
        let fields = "closedRequestId teamMembership { id team { id } member { id } role { id } }";
        let input = json!({ "requestId": request, "isApproved": is_approved });
        self.mutate(DECIDE, fields, input).await
    }

    /// Ids of the requests for access that this caller is shown, in order.
    async fn access_requests(&self, organization: &Organization) -> Vec<String> {
        let query = "query($slug: String!) { organization(slug: $slug) {
            teamAccessRequests(first: 100) { totalCount nodes { id } } } }";
        let reply = self.send(query, json!({ "slug": organization.slug })).await.ok();
        let nodes = reply.data("organization.teamAccessRequests.nodes").as_array().unwrap();
        assert_eq!(*reply.data("organization.teamAccessRequests.totalCount"), nodes.len());
        nodes
            .iter()
            .map(|node| node["id"].as_str().unwrap().to_owned())
            .collect()
    }

    async fn ask_teams(&self, organization: &Organization, filter: Value) -> Reply {
        let query = "query($slug: String!, $filter: TeamFilter) { organization(slug: $slug) {
            teams(first: 100, filter: $filter) { totalCount nodes { id slug } } } }";
        self.send(query, json!({ "slug": organization.slug, "filter": filter }))
            .await
    }

    /// Slugs of the teams that match, sorted.
    async fn teams(&self, organization: &Organization, filter: Value) -> String {
        let reply = self.ask_teams(organization, filter.clone()).await.ok();
        let nodes = reply.data("organization.teams.nodes").as_array().unwrap();
        assert_eq!(*reply.data("organization.teams.totalCount"), nodes.len(), "{filter}");
        let slugs: BTreeSet<&str> = nodes.iter().map(|node| node["slug"].as_str().unwrap()).collect();
        assert_eq!(slugs.len(), nodes.len(), "a team comes twice");
        slugs.into_iter().collect::<Vec<_>>().join(" ")
    }

    /// What the team shows to this caller.
    async fn team(&self, organization: &Organization, slug: &str) -> Value {
        let query = "query($slug: String!, $team: String!) { organization(slug: $slug) { team(slug: $team) { slug
            viewerMembership { role { id } effectiveRole { id } } viewerCanUpdate viewerCanJoin
            memberships { totalCount nodes { role { id } effectiveRole { id } member { id name } } } } } }";
        let reply = self
            .send(query, json!({ "slug": organization.slug, "team": slug }))
            .await
            .ok();
        reply.data("organization.team").clone()
    }
}

impl TestApp {
    /// Puts a member into a team.
    async fn db_put(&self, organization: &Organization, slug: &str, member: &str, role: Option<&str>) -> String {
        let place = team_member::ActiveModel {
            team_id: Set(row(&self.db_team(organization, slug).await)),
            member_id: Set(row::<MemberId>(member)),
            is_active: Set(true),
            role: Set(role.map(str::to_owned)),
            ..Default::default()
        };
        place.insert(&self.db).await.unwrap().id.global()
    }

    /// Global id of a team, in use or not.
    async fn db_team(&self, organization: &Organization, slug: &str) -> String {
        let teams = team::Entity::find()
            .filter(team::Column::OrganizationId.eq(organization.row()))
            .filter(team::Column::Slug.eq(slug));
        teams.one(&self.db).await.unwrap().unwrap().id.global()
    }
}

/// Acme with Ann its owner and Bob with a role.
async fn with_bob(app: &TestApp, role: &str) -> (Organization, Client, Client, String) {
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    let member = app.join(&acme, &ann, &bob, "member").await;
    app.db_set_role(&member, role).await;
    (acme, ann, bob, member)
}
