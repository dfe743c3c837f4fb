//! What is told of an organization, to whom, and for how long.

use std::{sync::Arc, time::Duration};

use entity::{
    event::EventType,
    ids::{TeamId, TeamMemberId},
    member::flag::MEMBER_LIMIT_RESTRICTED,
    organization::OrganizationStatus,
    team::{self, TeamStatus},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

use super::{EVENTS, after, all_of, attentive, event, start};
use crate::{
    jobs::{delivering, eventually},
    support::{Client, Organization, Socket, TestApp, row},
};

/// A server that delivers what changed.
async fn start_delivering() -> TestApp {
    TestApp::start_with(|config| {
        delivering(config);
        attentive(config);
    })
    .await
}

/// Hears events until one is of this type; the event.
async fn until(socket: &mut Socket, kind: &str) -> Value {
    loop {
        let result = socket.next("events").await;
        let event = event(&result);
        if event["type"] == kind {
            return event.clone();
        }
    }
}

/// A socket of the caller that is told of the organization, from now on.
async fn follower(app: &TestApp, caller: &Client, organization: &Organization) -> Socket {
    let mut socket = caller.socket().await;
    socket.follow(app, "events", organization).await;
    socket
}

#[tokio::test]
async fn every_kind_of_change_is_told_with_its_object() {
    let app = start_delivering().await;
    let (acme, ann) = app.organization("Acme").await;
    let first = app.db_first_event(&acme).await;
    let mut socket = ann.socket().await;
    socket.subscribe("events", EVENTS, after(&acme, &first)).await;

    let input = json!({ "organizationId": acme.id, "name": "Acme 2" });
    ann.mutate("saveOrgOptions", "", input).await.done("saveOrgOptions");
    let told = until(&mut socket, "ORGANIZATION_UPDATED").await;
    assert_eq!(
        (&told["objectId"], &told["object"]["id"]),
        (&json!(acme.id), &json!(acme.id))
    );

    let bob = app.person("bob");
    let invite = app.invite(&acme, &ann, &bob.email(), "member").await;
    let told = until(&mut socket, "INVITE_UPDATED").await;
    assert_eq!(told["objectId"], invite.id);
    assert_eq!(told["object"], json!({ "__typename": "Invite", "id": invite.id }));

    bob.accept_invite(&invite.token).await.done("acceptInvite");
    let told = until(&mut socket, "MEMBER_UPDATED").await;
    assert_eq!(told["object"], json!({ "__typename": "Member", "id": invite.member }));

    app.team(&acme, &ann, "Backend").await;
    let told = until(&mut socket, "TEAM_UPDATED").await;
    let team = told["objectId"].as_str().unwrap().to_owned();
    assert_eq!(told["object"], json!({ "__typename": "Team", "id": team }));

    let input = json!({ "teamId": team, "memberId": invite.member });
    ann.mutate("addTeamMember", "", input).await.done("addTeamMember");
    let told = until(&mut socket, "TEAM_MEMBERSHIP_UPDATED").await;
    assert_eq!(told["object"]["__typename"], "TeamMembership");

    ann.mutate("deleteTeam", "", json!({ "teamId": team }))
        .await
        .done("deleteTeam");
    let told = until(&mut socket, "TEAM_DELETED").await;
    assert_eq!((&told["objectId"], &told["object"]), (&json!(team), &Value::Null));

    let input = json!({ "memberId": invite.member });
    ann.mutate("removeMember", "", input).await.done("removeMember");
    let told = until(&mut socket, "MEMBER_REMOVED").await;
    assert_eq!(
        (&told["objectId"], &told["object"]),
        (&json!(invite.member), &Value::Null)
    );
}

#[tokio::test]
async fn it_goes_on_behind_an_event() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let change = (EventType::OrganizationUpdated, acme.row().0);
    let told = app.db_tell(&acme, &vec![change; 250]).await;
    let mut socket = ann.socket().await;
    socket.subscribe("events", EVENTS, after(&acme, &told[0])).await;
    for id in &told[1..] {
        assert_eq!(event(&socket.next("events").await)["id"], *id);
    }

    // Cut off anywhere, also while more is being told.
    let mut last = told[7].clone();
    let mut heard = Vec::new();
    for round in 0..5 {
        let mut socket = ann.socket().await;
        socket.subscribe("events", EVENTS, after(&acme, &last)).await;
        app.db_tell(&acme, &[change; 20]).await;
        for _ in 0..(30 + round * 10) {
            last = event(&socket.next("events").await)["id"].as_str().unwrap().to_owned();
            heard.push(entity::ids::EventId::parse(&last).unwrap().sequence);
        }
    }
    let expected: Vec<i64> = (9..).take(heard.len()).collect();
    assert_eq!(heard, expected);
}

#[tokio::test]
async fn behind_what_is_not_there_it_does_not_begin() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bolt = app.organization_of(&ann, "Bolt").await;
    let change = |organization: &Organization| (EventType::OrganizationUpdated, organization.row().0);
    let told = app.db_tell(&acme, &[change(&acme); 3]).await;
    let foreign = app.db_tell(&bolt, &[change(&bolt)]).await.remove(0);
    let mut unknown = entity::ids::EventId::parse(&told[2]).unwrap();
    unknown.sequence += 1;
    let mut socket = ann.socket().await;
    for id in [foreign.as_str(), &unknown.global(), "", "x", &acme.id] {
        socket.subscribe("1", EVENTS, after(&acme, id)).await;
        assert_eq!(socket.error("1").await, ["EVENT_NOT_FOUND"], "{id}");
    }

    app.db_forget(&acme, 2).await;
    socket.subscribe("1", EVENTS, after(&acme, &told[0])).await;
    assert_eq!(socket.error("1").await, ["EVENT_NOT_FOUND"]);
    socket.subscribe("1", EVENTS, after(&acme, &told[1])).await;
    assert_eq!(event(&socket.next("1").await)["id"], told[2]);
}

impl TestApp {
    /// Id of the first event of the organization, once it is told.
    async fn db_first_event(&self, organization: &Organization) -> String {
        use sea_orm::EntityTrait;
        eventually("something is told", || async {
            let first = entity::event::Entity::find_by_id((organization.row(), 1));
            Some(first.one(&self.db).await.unwrap()?.id().global())
        })
        .await
    }

    /// Deletes the events up to this number, as if they were old.
    async fn db_forget(&self, organization: &Organization, last: i64) {
        use entity::{event, event_head};
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
        event::Entity::delete_many()
            .filter(event::Column::OrganizationId.eq(organization.row()))
            .filter(event::Column::Sequence.lte(last))
            .exec(&self.db)
            .await
            .unwrap();
        event_head::Entity::update_many()
            .col_expr(event_head::Column::Forgotten, Expr::value(last))
            .filter(event_head::Column::OrganizationId.eq(organization.row()))
            .exec(&self.db)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn only_who_is_let_in_is_told() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    let member = app.join(&acme, &ann, &bob, "member").await;
    let first = app.db_tell_change(&acme).await;
    app.db_tell_change(&acme).await;

    for (caller, who) in [
        (ann.clone(), "owner"),
        (bob.clone(), "member"),
        (app.superuser(), "superuser"),
        (app.db_app(&acme, &["org:read"]).await, "app"),
    ] {
        let mut socket = caller.socket().await;
        socket.subscribe("1", EVENTS, after(&acme, &first)).await;
        assert!(socket.next("1").await.get("errors").is_none(), "{who}");
    }

    let bolt = app.organization_of(&ann, "Bolt").await;
    let foreign = app.db_app(&bolt, &["org:read"]).await;
    for (caller, code) in [
        (app.person("stranger"), "ORGANIZATION_NOT_FOUND"),
        (foreign, "ORGANIZATION_NOT_FOUND"),
        (app.anonymous(), "UNAUTHENTICATED"),
    ] {
        let mut socket = caller.socket().await;
        socket.subscribe("1", EVENTS, all_of(&acme)).await;
        assert_eq!(socket.error("1").await, [code]);
    }

    // A member above the limit of seats.
    app.db_set_flags(&member, MEMBER_LIMIT_RESTRICTED).await;
    let mut socket = bob.socket().await;
    socket.subscribe("1", EVENTS, after(&acme, &first)).await;
    assert_eq!(socket.error("1").await, ["MEMBER_DISABLED_OVER_LIMIT"]);

    // What may still be taken back may still be looked at.
    app.db_set_status(&acme, OrganizationStatus::PendingDeletion).await;
    let mut socket = ann.socket().await;
    socket.subscribe("1", EVENTS, after(&acme, &first)).await;
    socket.next("1").await;
}

#[tokio::test]
async fn each_is_told_what_they_may_read() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "carl@example.com", "member").await;
    app.team(&acme, &ann, "Backend").await;
    let owner: entity::ids::MemberId = row(&acme.owner);
    let pending: entity::ids::MemberId = row(&invite.member);
    let first = app.db_tell_change(&acme).await;
    let news = [
        (EventType::MemberUpdated, owner.0),
        (EventType::InviteUpdated, pending.0),
        (EventType::MemberRemoved, 900_001),
        (EventType::TeamDeleted, 900_002),
        (EventType::OrganizationUpdated, acme.row().0),
    ];
    app.db_tell(&acme, &news).await;

    let all = [
        "MEMBER_UPDATED",
        "INVITE_UPDATED",
        "MEMBER_REMOVED",
        "TEAM_DELETED",
        "ORGANIZATION_UPDATED",
    ];
    let app_with = async |scopes: &[&str]| app.db_app(&acme, scopes).await;
    for (caller, told) in [
        (ann.clone(), all.to_vec()),
        (app_with(&["member:read", "org:read"]).await, all.to_vec()),
        (app_with(&["member:read"]).await, vec![all[0], all[1], all[2], all[4]]),
        (app_with(&["team:read"]).await, vec![all[3], all[4]]),
        (app_with(&["org:read"]).await, vec![all[3], all[4]]),
    ] {
        let mut socket = caller.socket().await;
        socket.subscribe("1", EVENTS, after(&acme, &first)).await;
        let mut heard = Vec::new();
        while heard.last().is_none_or(|last| last != all[4]) {
            let result = socket.next("1").await;
            heard.push(event(&result)["type"].as_str().unwrap().to_owned());
        }
        assert_eq!(heard, told);
    }
}

#[tokio::test]
async fn it_ends_with_the_membership() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    let member = app.join(&acme, &ann, &bob, "member").await;
    let mut socket = follower(&app, &bob, &acme).await;
    let input = json!({ "memberId": member });
    ann.mutate("removeMember", "", input).await.done("removeMember");
    assert_eq!(socket.error("events").await, ["ORGANIZATION_NOT_FOUND"]);
    // The socket is still good for others.
    socket.subscribe("1", "{ service { version } }", json!({})).await;
    socket.next("1").await;
}

#[tokio::test]
async fn it_ends_with_the_organization() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let mut socket = follower(&app, &ann, &acme).await;
    app.db_set_status(&acme, OrganizationStatus::DeletionInProgress).await;
    assert_eq!(socket.error("events").await, ["ORGANIZATION_NOT_FOUND"]);
}

const ENDED: &str = "Unauthorized: the credential has ended";

#[tokio::test]
async fn a_socket_ends_with_its_token() {
    let app = TestApp::start_with(|config| {
        attentive(config);
        config.auth.leeway = Duration::ZERO;
        config.subscriptions.check_every = Duration::from_secs(3_600);
    })
    .await;
    let (acme, ann) = app.organization("Acme").await;
    let soon = chrono::Utc::now().timestamp() + 4;
    let mut socket = follower(&app, &ann.with(json!({ "exp": soon })), &acme).await;
    assert_eq!(socket.closed().await, (4401, ENDED.into()));
    assert!(chrono::Utc::now().timestamp() >= soon);
}

#[tokio::test]
async fn a_socket_ends_when_the_api_token_is_revoked() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let input = json!({ "organizationId": acme.id, "name": "CI", "scopes": ["org:read"] });
    let token = ann.mutate("createApiToken", "apiToken { id } secret", input).await;
    let token = token.done("createApiToken");
    let robot = app.with_bearer(&token.text("createApiToken.secret"));
    let mut socket = follower(&app, &robot, &acme).await;
    let input = json!({ "apiTokenId": token.text("createApiToken.apiToken.id") });
    ann.mutate("revokeApiToken", "", input).await.done("revokeApiToken");
    assert_eq!(socket.closed().await, (4401, ENDED.into()));
}

#[tokio::test]
async fn a_socket_ends_when_the_person_is_switched_off() {
    let app = TestApp::start_with(|config| config.subscriptions.check_every = Duration::from_secs(3_600)).await;
    let bob = app.person("bob").seen().await;
    let mut socket = bob.socket().await;
    app.db_set_active(&bob.user_id().await, false).await;
    // Seen when it asks for something, at the latest.
    socket.subscribe("1", "{ service { version } }", json!({})).await;
    assert_eq!(socket.closed().await, (4401, ENDED.into()));
}

#[tokio::test]
async fn a_socket_ends_with_its_credential_also_while_events_come() {
    let app = TestApp::start_with(|config| {
        delivering(config);
        attentive(config);
        config.subscriptions.check_every = Duration::from_secs(3_600);
    })
    .await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    app.join(&acme, &ann, &bob, "member").await;
    app.db_delivered().await;
    let rename = async |name: &str| {
        let input = json!({ "organizationId": acme.id, "name": name });
        ann.mutate("saveOrgOptions", "", input).await.done("saveOrgOptions");
    };
    let query = "query($slug: String!) { organization(slug: $slug) { lastEventId } }";
    let reply = bob.send(query, json!({ "slug": acme.slug })).await.ok();
    let mut socket = bob.socket().await;
    let begin = reply.text("organization.lastEventId");
    socket.subscribe("events", EVENTS, after(&acme, &begin)).await;
    rename("Emca").await;
    until(&mut socket, "ORGANIZATION_UPDATED").await;

    app.db_set_active(&bob.user_id().await, false).await;
    // The subscription notices first.
    rename("Acme").await;
    assert_eq!(socket.closed().await, (4401, ENDED.into()));
}

#[tokio::test]
async fn a_subscription_begins_where_nothing_was_heard_yet() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let last = async |caller: &Client| {
        let query = "query($slug: String!) { organization(slug: $slug) { lastEventId } }";
        let reply = caller.send(query, json!({ "slug": acme.slug })).await.ok();
        reply.text("organization.lastEventId")
    };
    // Of a log without events, and of one with some.
    for before in [0, 2] {
        let begin = last(&ann).await;
        assert_eq!(entity::ids::EventId::parse(&begin).unwrap().sequence, before);
        let mut told = Vec::new();
        for _ in 0..2 {
            told.push(app.db_tell_change(&acme).await);
        }
        let mut socket = ann.socket().await;
        socket.subscribe("1", EVENTS, after(&acme, &begin)).await;
        for id in told {
            assert_eq!(event(&socket.next("1").await)["id"], id);
        }
    }
    // Once something is forgotten, before the first is too far back.
    let nothing = entity::ids::EventId {
        organization: acme.row(),
        sequence: 0,
    };
    app.db_forget(&acme, 2).await;
    let mut socket = ann.socket().await;
    socket.subscribe("1", EVENTS, after(&acme, &nothing.global())).await;
    assert_eq!(socket.error("1").await, ["EVENT_NOT_FOUND"]);
}

#[tokio::test]
async fn a_subscription_outlives_a_database_that_does_not_answer() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Crew").await;
    let query = "query($slug: String!) { organization(slug: $slug) { team(slug: \"crew\") { id } } }";
    let reply = ann.send(query, json!({ "slug": acme.slug })).await.ok();
    let team = i64::from(row::<TeamId>(&reply.text("organization.team.id")));
    let mut socket = follower(&app, &ann, &acme).await;
    let rename = async |from: &str, to: &str| {
        let statement = format!("ALTER TABLE {from} RENAME TO {to}");
        app.db.execute_unprepared(&statement).await.unwrap();
    };
    for table in ["event", "team"] {
        // What happened can be read, but not what it happened to; or neither.
        let told = app.db_tell(&acme, &[(EventType::TeamUpdated, team)]).await.remove(0);
        rename(table, "away").await;
        // Meanwhile it is looked for several times.
        tokio::time::sleep(Duration::from_millis(700)).await;
        rename("away", table).await;
        assert_eq!(event(&socket.next("events").await)["id"], told);
    }
}

#[tokio::test]
async fn a_page_of_events_takes_a_few_statements() {
    use futures_util::StreamExt;
    use roster::{
        auth::{Actor, Person, Who},
        db,
        graphql::{self, RequestScope},
    };
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let first = app.db_tell_change(&acme).await;
    let mut news = Vec::new();
    for number in 0..50 {
        let email = format!("p{number}@example.com");
        let member = app
            .db_request(&acme, &email, entity::member::InviteStatus::Approved)
            .await;
        let member: entity::ids::MemberId = row(&member);
        news.push((EventType::InviteUpdated, member.0));
    }
    app.db_tell(&acme, &news).await;

    use sea_orm::EntityTrait;
    let id: entity::ids::UserId = row(&ann.user_id().await);
    let user = entity::user::Entity::find_by_id(id)
        .one(&app.db)
        .await
        .unwrap()
        .unwrap();
    let person = Person {
        user,
        has_two_factor: false,
        is_superuser: false,
        limit: None,
        idp: None,
        signed_in_at: chrono::Utc::now(),
    };
    let actor = Actor {
        who: Who::Person(Box::new(person)),
        ip: None,
        now: chrono::Utc::now(),
        until: None,
    };
    let service = app.db_service().await;
    let count = async |events: usize| {
        let scope = Arc::new(RequestScope::new(
            service.clone(),
            actor.clone().into(),
            Default::default(),
        ));
        let request = async_graphql::Request::new(EVENTS)
            .variables(async_graphql::Variables::from_json(after(&acme, &first)))
            .data(scope);
        let responses = graphql::RosterSchema::new(&service.config)
            .execute_stream(request)
            .take(events);
        let (responses, statements) = db::counting_statements(responses.collect::<Vec<_>>()).await;
        assert!(
            responses.iter().all(|response| response.errors.is_empty()),
            "{responses:?}"
        );
        statements
    };
    let one = count(1).await;
    assert!(one <= 10, "{one}");
    assert_eq!(count(50).await, one);
}

#[tokio::test]
async fn a_membership_whose_team_is_gone_is_told_whichever_was_looked_up_first() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let input = json!({ "organizationId": acme.id, "name": "Red" });
    let made = ann.mutate("createTeam", "team { id }", input).await.done("createTeam");
    let team = made.text("createTeam.team.id");
    let input = json!({ "teamId": team, "memberId": acme.owner });
    let joined = ann.mutate("addTeamMember", "teamMembership { id }", input).await;
    let id = joined.done("addTeamMember").text("addTeamMember.teamMembership.id");
    // The rows are there for a while.
    let going = team::Entity::find_by_id(row::<TeamId>(&team)).one(&app.db).await;
    let mut going = going.unwrap().unwrap().into_active_model();
    going.status = Set(TeamStatus::PendingDeletion);
    going.update(&app.db).await.unwrap();
    let first = app.db_tell_change(&acme).await;
    let news = [(EventType::TeamMembershipUpdated, row::<TeamMemberId>(&id).0)];
    let told = app.db_tell(&acme, &news).await;

    let mut socket = ann.socket().await;
    socket.subscribe("events", EVENTS, after(&acme, &first)).await;
    let result = socket.next("events").await;
    assert_eq!(event(&result)["id"], told[0]);
    assert!(event(&result)["object"].is_null());
}
