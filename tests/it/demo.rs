//! The demo data: what a newcomer finds, and that it keeps every rule that the
//! API keeps.

use std::collections::{HashMap, HashSet};

use chrono::Utc;
use entity::{
    access_request, audit_log_entry,
    ids::{OrganizationId, UserId},
    member::{self, InviteStatus},
    organization, team, team_member, user,
};
use roster::{
    config::Config,
    demo::large::{self, Scale},
    domain::audit::Event,
    roles::{Roles, TeamRole},
};
use sea_orm::EntityTrait;
use serde_json::json;

use crate::support::TestApp;

fn with_demo(config: &mut Config) {
    config.demo = Some(true);
}

async fn db_all<E: EntityTrait>(app: &TestApp) -> Vec<E::Model>
where
    E::Model: Sync,
{
    E::find().all(&app.db).await.unwrap()
}

#[tokio::test]
async fn a_newcomer_finds_three_organizations() {
    let app = TestApp::start_with(with_demo).await;
    let query = "query($slug: String!) { organization(slug: $slug) {
        members { totalCount } pending: members(filter: { isPending: true }) { totalCount }
        open: invites(filter: { statuses: [PENDING] }) { totalCount }
        requests: invites(filter: { statuses: [REQUESTED_TO_BE_INVITED, REQUESTED_TO_JOIN] }) { totalCount }
        teams { totalCount } } }";

    for (slug, counts) in [
        ("acme", [298, 20, 14, 9, 12]),
        ("globex", [80, 8, 5, 2, 9]),
        ("initech", [24, 3, 2, 2, 8]),
    ] {
        let reply = app.person("ann").send(query, json!({ "slug": slug })).await.ok();
        let found = ["members", "pending", "open", "requests", "teams"]
            .map(|list| reply.data(&format!("organization.{list}.totalCount")).as_i64().unwrap());
        assert_eq!(found, counts, "{slug}");
    }

    let query = "{ viewer { memberships { nodes { role { id } organization { slug } } } } }";
    for (person, places) in [
        (
            "ann",
            vec![("acme", "owner"), ("globex", "member"), ("initech", "manager")],
        ),
        ("bob", vec![("acme", "manager")]),
        ("cara", vec![("acme", "member")]),
    ] {
        let reply = app.person(person).send(query, json!({})).await.ok();
        let nodes = reply.data("viewer.memberships.nodes").as_array().unwrap();
        let found: Vec<_> = nodes
            .iter()
            .map(|node| {
                (
                    node["organization"]["slug"].as_str().unwrap(),
                    node["role"]["id"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(found, places, "{person}");
    }
}

#[tokio::test]
async fn an_empty_database_is_filled_once() {
    let empty = TestApp::start().await;

    let (one, other) = tokio::join!(empty.node_with(with_demo), empty.node_with(with_demo));
    let filled = empty.db_snapshot().await;
    let third = empty.node_with(with_demo).await;

    assert_eq!(filled["organization"].len(), 3);
    assert_eq!(third.db_snapshot().await, filled);
    assert_eq!(db_all::<user::Entity>(&one).await, db_all::<user::Entity>(&other).await);
}

#[tokio::test]
async fn a_database_in_use_is_left_alone() {
    let app = TestApp::start().await;
    app.person("zoe").user_id().await;
    let before = app.db_snapshot().await;

    let again = app.node_with(with_demo).await;

    assert_eq!(again.db_snapshot().await, before);
}

#[tokio::test]
async fn an_invite_of_the_demo_can_be_sent_again_and_accepted() {
    let app = TestApp::start_with(with_demo).await;
    let query =
        "{ organization(slug: \"acme\") { invites(filter: { statuses: [EXPIRED] }) { nodes { member { id } } } } }";
    let invites = app.person("ann").send(query, json!({})).await.ok();
    let member = invites.text("organization.invites.nodes.0.member.id");

    let input = json!({ "reinvite": true, "regenerate": true });
    let sent = app
        .person("ann")
        .update_member_roles(&member, input)
        .await
        .done("updateMemberRoles");
    let joined = app
        .person("zoe")
        .accept_invite(&sent.token("updateMemberRoles"))
        .await
        .done("acceptInvite");

    assert_eq!(joined.text("acceptInvite.member.id"), member);
}

#[tokio::test]
async fn every_member_of_the_demo_is_as_the_api_would_have_made_it() {
    let app = TestApp::start_with(with_demo).await;
    let roles = Roles::new(&Default::default()).unwrap();
    let users = db_all::<user::Entity>(&app).await;
    let users: HashMap<UserId, user::Model> = users.into_iter().map(|user| (user.id, user)).collect();
    let organizations = db_all::<organization::Entity>(&app).await;
    let members = db_all::<member::Entity>(&app).await;
    let places: HashSet<(OrganizationId, UserId)> = members
        .iter()
        .filter_map(|row| Some((row.organization_id, row.user_id?)))
        .collect();
    let taken: HashSet<(OrganizationId, &str)> = members
        .iter()
        .filter_map(|row| Some((row.organization_id, row.user_email.as_deref()?)))
        .collect();

    for row in &members {
        assert!(roles.find(&row.role).is_some(), "{row:?}");
        assert!(
            row.inviter_id
                .is_none_or(|inviter| places.contains(&(row.organization_id, inviter))),
            "{row:?}"
        );
        let home = organizations
            .iter()
            .find(|organization| organization.id == row.organization_id)
            .unwrap();
        assert!((home.date_added..Utc::now()).contains(&row.date_added), "{row:?}");
        match row.user_id {
            Some(id) => {
                let user = &users[&id];
                assert_eq!(row.sort_name, user.display_name().to_lowercase());
                assert_eq!(row.user_email.as_deref(), user.verified_email());
                assert_eq!(row.user_is_active, user.is_active);
                assert_eq!(row.invite_status, InviteStatus::Approved);
                assert_eq!(
                    (&row.email, &row.email_key, &row.invite_nonce, row.token_expires_at),
                    (&None, &None, &None, None)
                );
                assert!(user.date_added <= row.date_added, "{row:?}");
            }
            None => {
                let email = row.email.as_deref().unwrap();
                assert!(is_for_examples(email), "{email}");
                assert_eq!(row.email_key.as_deref(), Some(email.to_lowercase().as_str()));
                assert_eq!(row.sort_name, email.to_lowercase());
                assert!(row.user_is_active && row.user_email.is_none());
                assert!(!taken.contains(&(row.organization_id, email)), "{email} is a member");
                assert_eq!(row.invite_nonce.as_ref().map(Vec::len), row.is_invite().then_some(16));
                assert_eq!(row.token_expires_at.is_some(), row.is_invite());
            }
        }
    }
    for user in users.values() {
        assert!(user.email.as_deref().is_none_or(is_for_examples), "{user:?}");
        assert_eq!(user.email_key, user.email.as_deref().map(str::to_lowercase));
    }
    for organization in &organizations {
        let is_owner = |row: &&member::Model| row.role == "owner" && row.user_id.is_some() && row.user_is_active;
        let owners = members
            .iter()
            .filter(|row| row.organization_id == organization.id)
            .filter(is_owner)
            .count();
        assert!((1..=3).contains(&owners), "{}", organization.slug);
    }
}

#[tokio::test]
async fn teams_and_the_audit_log_of_the_demo_fit_its_members() {
    let app = TestApp::start_with(with_demo).await;
    let roles = Roles::new(&Default::default()).unwrap();
    let members: HashMap<_, _> = db_all::<member::Entity>(&app)
        .await
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let teams: HashMap<_, _> = db_all::<team::Entity>(&app)
        .await
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let memberships = db_all::<team_member::Entity>(&app).await;

    for row in &memberships {
        let member = &members[&row.member_id];
        assert_eq!(teams[&row.team_id].organization_id, member.organization_id);
        if let Some(role) = &row.role {
            let role: TeamRole = role.parse().unwrap();
            assert!(
                role > roles.stored(&member.role).minimum_team_role,
                "redundant: {row:?}"
            );
            assert!(!member.is_pending(), "a pending row has a team role: {row:?}");
        }
    }
    assert!(memberships.iter().any(|row| row.role.is_some()));
    for request in db_all::<access_request::Entity>(&app).await {
        let fulfilled = |row: &team_member::Model| (row.team_id, row.member_id) == (request.team_id, request.member_id);
        assert!(!memberships.iter().any(fulfilled), "{request:?}");
    }
    for entry in db_all::<audit_log_entry::Entity>(&app).await {
        assert!(Event::of_number(entry.event).is_some(), "{entry:?}");
        assert!(entry.datetime <= Utc::now(), "{entry:?}");
        assert_eq!(entry.actor_id.is_some(), !entry.actor_label.is_empty(), "{entry:?}");
    }
}

#[tokio::test]
async fn a_large_group_of_companies_keeps_the_rules() {
    let app = TestApp::start().await;
    let service = app.db_service().await;
    let scale = Scale {
        companies: 3,
        members: 60,
        teams: 5,
        members_of_large: 700,
        teams_of_large: 30,
    };
    assert!(large::fill(&service, Utc::now(), scale).await.unwrap());
    assert!(!large::fill(&service, Utc::now(), scale).await.unwrap(), "not twice");

    let ann = app.person("ann").with(json!({ "amr": ["mfa"] }));
    let query = "query($slug: String!) { organization(slug: $slug) { members(first: 100) { totalCount nodes {
        role { id } user { name email } teamMemberships { team { slug } role { id } } } } teams { totalCount } } }";
    for (slug, members, teams) in [("company-1", 60, 5), ("company-3", 60, 5), ("metropolis", 700, 30)] {
        let reply = ann.send(query, json!({ "slug": slug })).await.ok();
        assert_eq!(reply.data("organization.members.totalCount"), members, "{slug}");
        assert_eq!(reply.data("organization.teams.totalCount"), teams, "{slug}");
        let rows = reply.data("organization.members.nodes").as_array().unwrap();
        let in_teams: usize = rows
            .iter()
            .map(|row| row["teamMemberships"].as_array().unwrap().len())
            .sum();
        assert!(
            (rows.len() * 2..=rows.len() * 3).contains(&in_teams),
            "{in_teams} of {}",
            rows.len()
        );
        assert_eq!(rows[0]["role"]["id"], "owner");
        assert!(
            rows.iter()
                .all(|row| is_for_examples(row["user"]["email"].as_str().unwrap()))
        );
    }

    let users: HashMap<_, _> = db_all::<user::Entity>(&app)
        .await
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let members: HashMap<_, _> = db_all::<member::Entity>(&app)
        .await
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let teams: HashMap<_, _> = db_all::<team::Entity>(&app)
        .await
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    for row in members.values() {
        let user = &users[&row.user_id.unwrap()];
        let copied = (
            &row.user_email,
            &row.sort_name,
            row.user_has_two_factor,
            row.user_is_active,
        );
        let email = user.verified_email().map(str::to_owned);
        assert_eq!(copied, (&email, &user.sort_name(), user.has_two_factor, user.is_active));
    }
    let roles = Roles::new(&Default::default()).unwrap();
    for row in db_all::<team_member::Entity>(&app).await {
        let member = &members[&row.member_id];
        assert_eq!(teams[&row.team_id].organization_id, member.organization_id);
        let minimum = roles.stored(&member.role).minimum_team_role;
        let stored = row.role.map(|role| role.parse::<TeamRole>().unwrap());
        assert!(stored.is_none_or(|role| role > minimum));
    }
}

/// Nobody gets mail at these.
fn is_for_examples(email: &str) -> bool {
    let email = email.to_lowercase();
    email.ends_with("@example.com") || email.ends_with("@example.org")
}
