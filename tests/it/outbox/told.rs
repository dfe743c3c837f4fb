//! What is told of each change.

use chrono::{TimeDelta, Utc};
use entity::{
    ids::{InviteId, MemberId, RowId, TeamId, TeamMemberId},
    organization::{self, OrganizationStatus},
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde_json::json;

use super::*;
use crate::support::{Client, Invite, row};

/// The events of what `change` does, told one after the other.
struct Told<'a> {
    app: &'a TestApp,
    service: std::sync::Arc<App>,
    acme: &'a Organization,
    seen: usize,
}

impl Told<'_> {
    async fn next(&mut self) -> Vec<(EventType, i64)> {
        assert!(drain(&self.service, self.acme).await);
        let events = self.app.db_events(self.acme).await;
        let new = events[self.seen..].to_vec();
        self.seen = events.len();
        new
    }
}

#[tokio::test]
async fn invites_and_members_are_told_by_what_has_become_of_them() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let service = app.db_service().await;
    let mut told = Told {
        app: &app,
        service,
        acme: &acme,
        seen: 0,
    };
    let owner = i64::from(row::<MemberId>(&acme.owner));
    assert!(told.next().await.contains(&(EventType::MemberUpdated, owner)));

    let bob = app.person("bob").seen().await;
    let invite = app.invite(&acme, &ann, &bob.email(), "member").await;
    let member = i64::from(row::<MemberId>(&invite.member));
    assert_eq!(told.next().await, [(EventType::InviteUpdated, member)]);
    bob.accept_invite(&invite.token).await.done("acceptInvite");
    assert_eq!(told.next().await, [(EventType::MemberUpdated, member)]);

    // Whom an operator shuts out is listed no more, and is again.
    let user = json!({ "userId": bob.user_id().await, "isActive": false });
    app.superuser()
        .mutate("setUserActive", "user { id }", user)
        .await
        .done("setUserActive");
    assert_eq!(told.next().await, [(EventType::MemberRemoved, member)]);
    let user = app.db_member(&invite.member).await.unwrap().user_id.unwrap();
    let user = json!({ "userId": RowId::global(user), "isActive": true });
    app.superuser()
        .mutate("setUserActive", "user { id }", user)
        .await
        .done("setUserActive");
    assert_eq!(told.next().await, [(EventType::MemberUpdated, member)]);

    let input = json!({ "memberId": invite.member });
    ann.mutate("removeMember", "removedMemberId", input)
        .await
        .done("removeMember");
    assert_eq!(told.next().await, [(EventType::MemberRemoved, member)]);

    // An invite that is withdrawn was an invite, and nobody's membership.
    let invite = app.invite(&acme, &ann, "eve@example.com", "member").await;
    let eve = i64::from(row::<MemberId>(&invite.member));
    assert_eq!(told.next().await, [(EventType::InviteUpdated, eve)]);
    ann.revoke_invite(&invite.id).await.done("revokeInvite");
    assert_eq!(told.next().await, [(EventType::InviteUpdated, eve)]);
}

#[tokio::test]
async fn teams_settings_and_pictures_are_told() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let service = app.db_service().await;
    let mut told = Told {
        app: &app,
        service,
        acme: &acme,
        seen: 0,
    };
    told.next().await;
    let input = json!({ "organizationId": acme.id, "name": "Red" });
    let reply = ann.mutate("createTeam", "team { id }", input).await.done("createTeam");
    let team = reply.text("createTeam.team.id");
    let number = i64::from(row::<TeamId>(&team));
    let events = told.next().await;
    assert!(events.contains(&(EventType::TeamUpdated, number)), "{events:?}");

    let bob = app.person("bob");
    let bob = app.join(&acme, &ann, &bob, "member").await;
    told.next().await;
    let input = json!({ "memberId": bob, "teamId": team });
    let reply = ann
        .mutate("addTeamMember", "teamMembership { id }", input.clone())
        .await;
    let membership = reply.done("addTeamMember").text("addTeamMember.teamMembership.id");
    let place = i64::from(row::<TeamMemberId>(&membership));
    assert_eq!(told.next().await, [(EventType::TeamMembershipUpdated, place)]);
    ann.mutate("removeTeamMember", "removedTeamMembershipId", input)
        .await
        .done("removeTeamMember");
    assert_eq!(told.next().await, [(EventType::TeamMembershipUpdated, place)]);

    // The name, the slug and the picture are one change of one organization.
    let input = json!({ "name": "Acme Inc.", "slug": "acme-inc", "organizationId": acme.id });
    ann.mutate("saveOrgOptions", "organization { id }", input)
        .await
        .done("saveOrgOptions");
    assert_eq!(
        told.next().await,
        [(EventType::OrganizationUpdated, i64::from(acme.row()))]
    );

    ann.mutate("deleteTeam", "deletedTeamId", json!({ "teamId": team }))
        .await
        .done("deleteTeam");
    let events = told.next().await;
    assert!(events.contains(&(EventType::TeamDeleted, number)), "{events:?}");
}

#[tokio::test]
async fn who_changes_is_told_in_each_of_their_organizations() {
    let app = TestApp::start_with(delivering).await;
    let (acme, ann) = app.organization("Acme").await;
    let beta = app.organization_of(&ann, "Beta").await;
    let other = app.organization_of(&app.person("eve"), "Other").await;
    app.db_delivered().await;
    let lengths = |app: &TestApp| {
        let db = app.db.clone();
        async move {
            let heads = event_head::Entity::find().all(&db).await.unwrap();
            move |organization: &Organization| {
                heads
                    .iter()
                    .find(|head| head.organization_id == organization.row())
                    .map(|head| head.sequence)
            }
        }
    };
    let before = lengths(&app).await;

    // At an identity provider, of which we hear with the next request.
    let renamed: Client = ann.with(json!({ "name": "Ann Other" }));
    renamed.user_id().await;
    app.db_delivered().await;

    for organization in [&acme, &beta] {
        let events = app.db_events(organization).await;
        let owner = i64::from(row::<MemberId>(&organization.owner));
        assert_eq!(events.last(), Some(&(EventType::MemberUpdated, owner)));
    }
    let after = lengths(&app).await;
    assert_eq!(after(&acme), before(&acme).map(|length| length + 1));
    assert_eq!(after(&other), before(&other));
}

#[tokio::test]
async fn many_changes_of_one_object_are_told_once() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let service = app.db_service().await;
    drain(&service, &acme).await;
    let before = app.db_events(&acme).await.len();
    for number in 0..5 {
        let input = json!({ "organizationId": acme.id, "name": format!("Acme {number}") });
        ann.mutate("saveOrgOptions", "organization { id }", input)
            .await
            .done("saveOrgOptions");
        let email = format!("guest-{number}@example.com");
        app.invite(&acme, &ann, &email, "member").await;
    }

    assert!(drain(&service, &acme).await);

    let events = app.db_events(&acme).await.split_off(before);
    let of = |kind| events.iter().filter(|(known, _)| *known == kind).count();
    assert_eq!(
        (of(EventType::OrganizationUpdated), of(EventType::InviteUpdated)),
        (1, 5)
    );
    // In the order of each object's last change.
    let last = events
        .iter()
        .rposition(|(kind, _)| *kind == EventType::OrganizationUpdated);
    assert_eq!(last, Some(events.len() - 2), "{events:?}");
    assert!(app.db_outbox(&acme).await.is_empty());
}

#[tokio::test]
async fn of_an_organization_that_is_gone_one_thing_is_told_and_once() {
    let app = TestApp::start_with(delivering).await;
    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Red").await;
    app.join(&acme, &ann, &app.person("bob"), "member").await;
    let input = json!({ "organizationId": acme.id, "confirmSlug": acme.slug });
    ann.mutate("deleteOrganization", "organization { id }", input)
        .await
        .done("deleteOrganization");
    app.db_delivered().await;
    let before = app.db_events(&acme).await;
    assert!(before.iter().all(|(kind, _)| *kind != EventType::OrganizationDeleted));

    let past = Utc::now() - TimeDelta::minutes(1);
    let row = organization::Entity::find_by_id(acme.row())
        .one(&app.db)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.status, OrganizationStatus::PendingDeletion);
    let mut row = row.into_active_model();
    row.delete_at = Set(Some(past));
    row.update(&app.db).await.unwrap();
    for job in app
        .db_jobs()
        .await
        .into_iter()
        .filter(|job| job.kind == "delete_organization")
    {
        app.db_change_job(job.id, |job| job.due_at = Set(past)).await;
    }
    eventually("the organization is gone", || async {
        let row = organization::Entity::find_by_id(acme.row()).one(&app.db).await.unwrap();
        row.is_none().then_some(())
    })
    .await;
    app.db_delivered().await;

    let after = app.db_events(&acme).await.split_off(before.len());
    assert_eq!(after, [(EventType::OrganizationDeleted, i64::from(acme.row()))]);
}

#[tokio::test]
async fn an_invite_goes_as_an_invite_however_long_ago_it_was_told() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let service = app.db_service().await;
    let revoked = app.invite(&acme, &ann, "bob@example.com", "member").await;
    let removed = app.invite(&acme, &ann, "cem@example.com", "member").await;
    let expired = app.invite(&acme, &ann, "dan@example.com", "member").await;
    let accepted = app.invite(&acme, &ann, &app.person("eve").email(), "member").await;
    drain(&service, &acme).await;
    let told = app.db_events(&acme).await.len() as i64;
    let later = roster::clock::now() + TimeDelta::days(400);
    let tx = roster::db::begin_write(&service.db).await.unwrap();
    roster::events::forget(&tx, later, 500).await.unwrap();
    tx.commit().await.unwrap();

    let input = json!({ "inviteId": revoked.id });
    ann.mutate("revokeInvite", "", input).await.done("revokeInvite");
    let input = json!({ "memberId": removed.member });
    ann.mutate("removeMember", "", input).await.done("removeMember");
    app.person("eve")
        .accept_invite(&accepted.token)
        .await
        .done("acceptInvite");
    let input = json!({ "memberId": accepted.member });
    ann.mutate("removeMember", "", input).await.done("removeMember");
    roster::domain::invite::delete_expired(&service, 10, later)
        .await
        .unwrap();
    drain(&service, &acme).await;

    let events = roster::events::after(&app.db, acme.row(), told, 10).await.unwrap();
    let events: Vec<_> = events.iter().map(|event| (event.r#type, event.object_id())).collect();
    let gone = |kind, invite: &Invite| {
        let id = row::<MemberId>(&invite.member);
        let global = match kind {
            EventType::InviteUpdated => InviteId(id).global(),
            _ => id.global(),
        };
        (kind, global)
    };
    for expected in [
        gone(EventType::InviteUpdated, &revoked),
        gone(EventType::InviteUpdated, &removed),
        gone(EventType::InviteUpdated, &expired),
        gone(EventType::MemberRemoved, &accepted),
    ] {
        assert!(events.contains(&expected), "no {expected:?}: {events:?}");
    }
}

#[tokio::test]
async fn events_are_forgotten_when_they_are_old_and_the_log_goes_on() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let service = app.db_service().await;
    drain(&service, &acme).await;
    let before = app.db_events(&acme).await.len() as i64;
    app.invite(&acme, &ann, "bob@example.com", "member").await;
    let now = roster::clock::now();
    drain(&service, &acme).await;

    let tx = roster::db::begin_write(&service.db).await.unwrap();
    assert_eq!(roster::events::forget(&tx, now, 500).await.unwrap(), before as u64);
    tx.commit().await.unwrap();

    let head = event_head::Entity::find_by_id(acme.row())
        .one(&app.db)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((head.forgotten, head.sequence), (before, before + 1));
    let left = roster::events::after(&app.db, acme.row(), head.forgotten, 10)
        .await
        .unwrap();
    assert_eq!(left.len(), 1);
    for (sequence, is_known) in [
        (before - 1, false),
        (before, true),
        (before + 1, true),
        (before + 2, false),
    ] {
        let id = entity::ids::EventId {
            organization: acme.row(),
            sequence,
        };
        let position = roster::events::position(&app.db, acme.row(), [id.global().as_str()]).await;
        assert_eq!(position.is_ok(), is_known, "{sequence}");
    }
}
