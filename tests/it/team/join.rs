//! Getting into a team (§13.1).

use entity::access_request;
use futures_util::future::{join, join_all};

use super::*;
use crate::support::with_billing;

#[tokio::test]
async fn a_member_joins_an_open_team() {
    let scene = Scene::start("member").await;
    let (audit, outbox) = (scene.audit_count().await, scene.outbox_count().await);

    let reply = scene.bob.add_team_member(&scene.red, &scene.member).await.done(ADD);

    let place = reply.text("addTeamMember.teamMembership.id");
    assert_eq!(
        *reply.data("addTeamMember"),
        json!({ "accessRequest": null, "userErrors": [], "teamMembership": { "id": place, "role": null,
            "team": { "id": scene.red, "slug": "red" }, "member": { "id": scene.member },
            "effectiveRole": { "id": "contributor" } } })
    );
    assert_eq!(scene.db_place(&scene.member).await, Some(None));
    assert_eq!(scene.audit_count().await, audit + 1);
    scene
        .assert_entry(MEMBER_JOIN_TEAM, &scene.bob, &scene.member, "bob@example.com")
        .await;
    assert_eq!(
        scene.app.db_outbox(&scene.acme).await[outbox..],
        [(
            Category::OrganizationMemberTeamUpdate,
            row::<entity::ids::TeamMemberId>(&place).0
        )]
    );
    assert!(scene.db_work().await.is_empty());
}

#[tokio::test]
async fn whoever_is_in_the_team_stays_in_it() {
    let scene = Scene::start("member").await;
    scene.db_place_bob("member", Some(Some("admin"))).await;
    // Not even where membership is closed, or managed elsewhere.
    for step in 0..3 {
        match step {
            1 => scene.db_close().await,
            2 => scene.db_provision().await,
            _ => {}
        }
        for client in [&scene.bob, &scene.ann] {
            let call = client.add_team_member(&scene.red, &scene.member);
            let reply = scene.app.unchanged(call).await.done(ADD);
            assert_eq!(*reply.data("addTeamMember.teamMembership.role.id"), "admin");
        }
    }
}

/// Whether a call put the member into the team, asked for it, or what it was
/// refused with; and the scene is as before.
async fn outcome(scene: &Scene, client: &Client, member: &str) -> String {
    let reply = client.add_team_member(&scene.red, member).await;
    let codes = reply.codes(ADD);
    if let [code] = &codes[..] {
        return code.clone();
    }
    if reply.data("addTeamMember.teamMembership").is_null() {
        assert_eq!(scene.db_place(member).await, None);
        access_request::Entity::delete_many().exec(&scene.app.db).await.unwrap();
        return "asks".into();
    }
    assert_eq!(scene.db_place(member).await, Some(None));
    let place = reply.text("addTeamMember.teamMembership.id");
    team_member::Entity::delete_by_id(row::<entity::ids::TeamMemberId>(&place))
        .exec(&scene.app.db)
        .await
        .unwrap();
    "adds".into()
}

#[tokio::test]
async fn who_joins_and_adds_and_who_only_asks() {
    let scene = Scene::start("member").await;
    let (_, other) = scene.person("olga", "owner").await;
    let off = scene.app.node_with(|config| config.features.team_roles = false).await;
    let mut wrong = Vec::new();
    for (flags, role, team_role, adds, adds_without) in [
        (flag::ALLOW_JOINLEAVE, "member", None, true, true),
        (flag::ALLOW_JOINLEAVE, "member", Some(None), true, true),
        (flag::ALLOW_JOINLEAVE, "admin", None, true, true),
        (0, "member", None, false, false),
        (0, "member", Some(None), false, false),
        (0, "member", Some(Some("contributor")), false, false),
        (0, "member", Some(Some("admin")), true, false),
        (0, "admin", None, false, false),
        (0, "admin", Some(None), true, true),
        (0, "manager", None, true, true),
        (0, "owner", None, true, true),
    ] {
        scene.app.db_set_organization_flags(&scene.acme, flags).await;
        scene.db_place_bob(role, team_role).await;
        let adding = [
            outcome(&scene, &scene.bob, &other).await,
            outcome(&scene, &scene.bob.at(&off), &other).await,
        ];
        let wanted = [adds, adds_without].map(|adds| if adds { "adds" } else { "asks" });
        if adding != wanted {
            wrong.push(format!("{role} {team_role:?} {flags}: {adding:?}"));
        }
        // The same for oneself, as it is told.
        if team_role.is_none() {
            let told = scene.bob.team(&scene.acme, "red").await["viewerCanJoin"] == true;
            let joining = outcome(&scene, &scene.bob, &scene.member).await;
            if told != adds || joining != wanted[0] {
                wrong.push(format!("{role} {flags}: told {told}, {joining}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn apps_and_narrowed_credentials_add_as_far_as_their_scopes_go() {
    let scene = Scene::start("member").await;
    let root = scene.app.superuser().seen().await;
    for (scope, open, closed) in [
        ("org:read", "adds", "asks"),
        ("org:write", "adds", "adds"),
        ("team:write", "adds", "adds"),
        ("team:read", "FORBIDDEN", "FORBIDDEN"),
        ("member:admin", "FORBIDDEN", "FORBIDDEN"),
        ("project:admin", "FORBIDDEN", "FORBIDDEN"),
    ] {
        let robot = scene.app.db_app(&scene.acme, &[scope]).await;
        let narrowed = root.with(json!({ "scope": scope }));
        for (flags, wanted) in [(flag::ALLOW_JOINLEAVE, open), (0, closed)] {
            scene.app.db_set_organization_flags(&scene.acme, flags).await;
            for (client, who) in [(&robot, "an app"), (&narrowed, "a superuser")] {
                let found = outcome(&scene, client, &scene.member).await;
                assert_eq!(found, wanted, "{who} with {scope}, flags {flags}");
            }
        }
    }
    for flags in [0, flag::ALLOW_JOINLEAVE] {
        scene.app.db_set_organization_flags(&scene.acme, flags).await;
        assert_eq!(outcome(&scene, &root, &scene.member).await, "adds");
        let narrowed = scene.bob.with(json!({ "scope": "member:read" }));
        assert_eq!(outcome(&scene, &narrowed, &scene.member).await, "FORBIDDEN");
        let team = scene
            .bob
            .with(json!({ "scope": "team:read" }))
            .team(&scene.acme, "red")
            .await;
        assert_eq!(team["viewerCanJoin"], false);
    }
}

#[tokio::test]
async fn a_request_for_access_is_opened_and_announced_once() {
    let scene = Scene::start("member").await;
    let (carl, carls) = scene.person("carl", "member").await;
    scene.db_close().await;
    let (audit, outbox) = (scene.audit_count().await, scene.outbox_count().await);

    let reply = carl.add_team_member(&scene.red, &scene.member).await.done(ADD);

    let request = reply.data("addTeamMember.accessRequest");
    assert!(reply.data("addTeamMember.teamMembership").is_null());
    assert_eq!(
        (
            &request["team"]["id"],
            &request["member"]["id"],
            &request["requester"]["id"]
        ),
        (&json!(scene.red), &json!(scene.member), &json!(carl.user_id().await))
    );
    assert_eq!(scene.db_work().await, ["announce_team_request"]);
    // Whoever asks again gets the first request as it was, and writes no mail.
    for client in [&scene.bob, &carl] {
        let call = scene.app.unchanged(client.add_team_member(&scene.red, &scene.member));
        let again = call.await.done(ADD);
        assert_eq!(again.data("addTeamMember.accessRequest"), request);
    }
    // Who asks in person is not named as somebody else who asks.
    let reply = carl.add_team_member(&scene.red, &carls).await.done(ADD);
    assert!(reply.data("addTeamMember.accessRequest.requester").is_null());
    let robot = scene.app.db_app(&scene.acme, &["org:read"]).await;
    let guest = scene
        .app
        .invite(&scene.acme, &scene.ann, "guest@example.com", "member")
        .await;
    let reply = robot.add_team_member(&scene.red, &guest.member).await.done(ADD);
    assert!(
        reply.data("addTeamMember.accessRequest.requester").is_null(),
        "an app is no person"
    );

    assert_eq!(scene.db_work().await, ["announce_team_request"; 3]);
    let entries = scene.app.db_audit(&scene.acme).await.split_off(audit);
    assert!(
        entries.iter().all(|entry| entry.event != MEMBER_JOIN_TEAM),
        "{entries:?}"
    );
    let changes = scene.app.db_outbox(&scene.acme).await.split_off(outbox);
    assert!(
        changes
            .iter()
            .all(|(category, _)| *category != Category::OrganizationMemberTeamUpdate)
    );
}

#[tokio::test]
async fn open_invites_are_put_into_teams_and_other_rows_are_not() {
    let scene = Scene::start("member").await;
    let invite = scene
        .app
        .invite(&scene.acme, &scene.ann, "Guest@example.com", "member")
        .await;
    scene.bob.add_team_member(&scene.red, &invite.member).await.done(ADD);
    assert_eq!(scene.db_place(&invite.member).await, Some(None));
    scene
        .assert_entry(MEMBER_JOIN_TEAM, &scene.bob, &invite.member, "Guest@example.com")
        .await;

    let request = scene
        .app
        .db_request(&scene.acme, "asks@example.com", InviteStatus::RequestedToJoin)
        .await;
    let (olga, olgas) = scene.person("olga", "member").await;
    scene.app.db_set_active(&olga.user_id().await, false).await;
    for hidden in [&request, &olgas] {
        let reply = scene.app.unchanged(scene.ann.add_team_member(&scene.red, hidden)).await;
        assert_eq!(reply.refusals(ADD), [("MEMBER_NOT_FOUND", "input.memberId")]);
    }
}

#[tokio::test]
async fn a_membership_that_did_not_count_begins_anew() {
    let scene = Scene::start("member").await;
    scene.db_place_bob("member", Some(Some("admin"))).await;
    team_member::Entity::update_many()
        .col_expr(team_member::Column::IsActive, Expr::value(false))
        .exec(&scene.app.db)
        .await
        .unwrap();

    scene.bob.add_team_member(&scene.red, &scene.member).await.done(ADD);

    let place = team_member::Entity::find().one(&scene.app.db).await.unwrap().unwrap();
    assert!(place.is_active && place.role.is_none(), "{place:?}");
}

#[tokio::test]
async fn refusals_come_in_their_order() {
    let scene = Scene::start_with("member", with_billing).await;
    let globex = scene.app.organization_of(&scene.app.person("gus"), "Globex").await;
    let green = scene.app.team(&globex, &scene.app.person("gus"), "Green").await;
    let green = scene.app.db_team(&globex, &green).await;
    let refused = async |client: &Client, team: &str, member: &str| {
        let reply = scene.app.unchanged(client.add_team_member(team, member)).await;
        let refusals = reply.refusals(ADD);
        let [refusal] = &refusals[..] else { panic!("{reply:#?}") };
        format!("{} {}", refusal.code, refusal.path)
    };
    let (member, red) = (&scene.member, &scene.red);
    // The scope before the member, the member before the team.
    let narrowed = scene.ann.with(json!({ "scope": "team:read" }));
    assert_eq!(refused(&narrowed, "x", member).await, "FORBIDDEN ");
    for id in no_ids::<MemberId>().iter().chain([&globex.owner]) {
        assert_eq!(refused(&scene.ann, "x", id).await, "MEMBER_NOT_FOUND input.memberId");
        assert_eq!(refused(&scene.ann, red, id).await, "MEMBER_NOT_FOUND input.memberId");
    }
    scene.app.team(&scene.acme, &scene.ann, "Gone").await;
    let gone = scene.app.db_team(&scene.acme, "gone").await;
    scene.app.db_retire_team(&scene.acme, "gone").await;
    for id in no_ids::<TeamId>().iter().chain([&green, &gone]) {
        assert_eq!(refused(&scene.ann, id, member).await, "TEAM_NOT_FOUND input.teamId");
    }
    // What the member is before what the team is, also for superusers.
    scene.db_provision().await;
    let root = scene.app.superuser().seen().await;
    for client in [&scene.ann, &scene.bob, &root] {
        assert_eq!(refused(client, red, member).await, "IDP_TEAM ");
    }
    assert_eq!(scene.bob.team(&scene.acme, "red").await["viewerCanJoin"], false);
    scene.app.db_set_role(member, "billing").await;
    for client in [&scene.ann, &root] {
        assert_eq!(refused(client, red, member).await, "TEAM_ROLES_NOT_ALLOWED ");
    }
    scene.db_close().await;
    assert_eq!(refused(&scene.ann, red, member).await, "TEAM_ROLES_NOT_ALLOWED ");
}

#[tokio::test]
async fn the_gates_come_first() {
    let scene = Scene::start("owner").await;
    let call = async |client: Client| client.add_team_member(&scene.red, &scene.member).await;
    scene
        .assert_gates(ADD, ("MEMBER_NOT_FOUND", "input.memberId"), call)
        .await;
}

#[tokio::test]
async fn many_at_once_make_one_membership_or_one_request() {
    let scene = Scene::start("member").await;
    let replies = join_all((0..12).map(|at| {
        let client = if at % 2 == 0 { &scene.bob } else { &scene.ann };
        client.add_team_member(&scene.red, &scene.member)
    }))
    .await;
    let places = replies
        .into_iter()
        .map(|reply| reply.done(ADD).text("addTeamMember.teamMembership.id"));
    let places: BTreeSet<_> = places.collect();
    assert_eq!(places.len(), 1);
    let entries = scene.app.db_audit(&scene.acme).await;
    assert_eq!(
        entries.iter().filter(|entry| entry.event == MEMBER_JOIN_TEAM).count(),
        1
    );

    scene.db_close().await;
    let (carl, carls) = scene.person("carl", "member").await;
    let calls = (0..12).map(|at| {
        let client = if at % 2 == 0 { &scene.bob } else { &carl };
        client.add_team_member(&scene.red, &carls)
    });
    let requests: BTreeSet<_> = join_all(calls)
        .await
        .into_iter()
        .map(|reply| reply.done(ADD).text("addTeamMember.accessRequest.id"))
        .collect();
    assert_eq!(requests.len(), 1);
    assert_eq!(scene.db_work().await, ["announce_team_request"]);
}

#[tokio::test]
async fn nobody_gets_into_a_team_while_it_goes_away() {
    let scene = Scene::start("member").await;
    for round in 0..10 {
        let slug = scene.app.team(&scene.acme, &scene.ann, &format!("Team {round}")).await;
        let team = scene.app.db_team(&scene.acme, &slug).await;
        let (deleted, joined) = join(
            scene.ann.delete_team(&team),
            scene.bob.add_team_member(&team, &scene.member),
        )
        .await;
        deleted.done("deleteTeam");
        let codes = joined.codes(ADD);
        assert!(codes.is_empty() || codes == ["TEAM_NOT_FOUND"], "{joined:#?}");
        let query = "query($id: ID!) { node(id: $id) { ... on Member { teamMemberships { id } } } }";
        let reply = scene.ann.send(query, json!({ "id": scene.member })).await.ok();
        assert_eq!(*reply.data("node.teamMemberships"), json!([]), "round {round}");
    }
}
