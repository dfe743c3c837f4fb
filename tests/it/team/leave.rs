//! Getting out of a team (§13.2).

use futures_util::future::{join, join_all};

use super::*;

#[tokio::test]
async fn a_member_leaves_a_team() {
    let scene = Scene::start("member").await;
    let place = scene.app.db_put(&scene.acme, "red", &scene.member, Some("admin")).await;
    let (audit, outbox) = (scene.audit_count().await, scene.outbox_count().await);

    let reply = scene
        .bob
        .remove_team_member(&scene.red, &scene.member)
        .await
        .done(REMOVE);

    assert_eq!(
        *reply.data("removeTeamMember"),
        json!({ "removedTeamMembershipId": place, "userErrors": [],
            "team": { "id": scene.red, "slug": "red", "memberships": { "totalCount": 0 } } })
    );
    assert_eq!(scene.db_place(&scene.member).await, None);
    assert_eq!(scene.audit_count().await, audit + 1);
    scene
        .assert_entry(MEMBER_LEAVE_TEAM, &scene.bob, &scene.member, "bob@example.com")
        .await;
    assert_eq!(
        scene.app.db_outbox(&scene.acme).await[outbox..],
        [(
            Category::OrganizationMemberTeamUpdate,
            row::<entity::ids::TeamMemberId>(&place).0
        )]
    );
}

#[tokio::test]
async fn who_is_not_in_the_team_stays_out_of_it() {
    let scene = Scene::start("member").await;
    for client in [&scene.bob, &scene.ann] {
        let call = client.remove_team_member(&scene.red, &scene.member);
        let reply = scene.app.unchanged(call).await.done(REMOVE);
        assert!(reply.data("removeTeamMember.removedTeamMembershipId").is_null());
        assert_eq!(reply.text("removeTeamMember.team.id"), scene.red);
    }
}

#[tokio::test]
async fn who_takes_others_out_of_a_team() {
    let scene = Scene::start("member").await;
    let (_, other) = scene.person("olga", "owner").await;
    let off = scene.app.node_with(|config| config.features.team_roles = false).await;
    let removes = async |client: &Client, member: &str, may: bool, who: &str| {
        let place = scene.app.db_put(&scene.acme, "red", member, None).await;
        if may {
            let reply = client.remove_team_member(&scene.red, member).await.done(REMOVE);
            assert_eq!(reply.text("removeTeamMember.removedTeamMembershipId"), place, "{who}");
        } else {
            let call = client.remove_team_member(&scene.red, member);
            let reply = scene.app.unchanged(call).await;
            assert_eq!(reply.refusals(REMOVE), [("INSUFFICIENT_TEAM_ROLE", "")], "{who}");
            scene.ann.remove_team_member(&scene.red, member).await.done(REMOVE);
        }
    };
    for flags in [flag::ALLOW_JOINLEAVE, 0] {
        scene.app.db_set_organization_flags(&scene.acme, flags).await;
        for (role, team_role, may, may_without) in [
            ("member", None, false, false),
            ("member", Some(None), false, false),
            ("member", Some(Some("admin")), true, false),
            // Outside of the team, not even where they could join it.
            ("admin", None, false, false),
            ("admin", Some(None), true, true),
            ("manager", None, true, true),
            ("owner", None, true, true),
        ] {
            scene.db_place_bob(role, team_role).await;
            let who = format!("{role} {team_role:?} {flags}");
            removes(&scene.bob, &other, may, &who).await;
            removes(
                &scene.bob.at(&off),
                &other,
                may_without,
                &format!("{who} without team roles"),
            )
            .await;
        }
        // Oneself always.
        scene.db_place_bob("member", None).await;
        removes(&scene.bob, &scene.member, true, "Bob").await;
        let narrowed = scene.bob.with(json!({ "scope": "org:read" }));
        removes(&narrowed, &scene.member, true, "Bob, narrowed").await;
        removes(&scene.app.superuser().seen().await, &other, true, "root").await;
    }
    for (scopes, may) in [
        (&["org:write"][..], true),
        (&["team:admin"], true),
        (&["team:write", "org:read"], true),
        (&["org:read"], false),
        (&["org:read", "member:admin"], false),
    ] {
        let robot = scene.app.db_app(&scene.acme, scopes).await;
        removes(&robot, &other, may, &format!("an app with {scopes:?}")).await;
        let narrowed = scene.app.superuser().with(json!({ "scope": scopes.join(" ") }));
        removes(&narrowed, &other, may, &format!("a superuser with {scopes:?}")).await;
    }
}

#[tokio::test]
async fn refusals_come_in_their_order() {
    let scene = Scene::start("member").await;
    let (carl, carls) = scene.person("carl", "member").await;
    scene.db_place_bob("member", Some(None)).await;
    scene.db_provision().await;
    let refused = async |client: &Client, team: &str, member: &str| {
        let reply = scene.app.unchanged(client.remove_team_member(team, member)).await;
        reply.codes(REMOVE).concat()
    };
    let (red, member) = (&scene.red, &scene.member);
    for scope in ["team:write", "team:read", "member:admin", "project:admin"] {
        let narrowed = scene.ann.with(json!({ "scope": scope }));
        assert_eq!(
            refused(&narrowed, red, "x").await,
            "MEMBER_NOT_FOUND",
            "no organization to ask"
        );
        assert_eq!(refused(&narrowed, "x", member).await, "FORBIDDEN");
    }
    for id in no_ids::<TeamId>() {
        assert_eq!(refused(&carl, &id, member).await, "TEAM_NOT_FOUND");
    }
    assert_eq!(refused(&carl, red, member).await, "INSUFFICIENT_TEAM_ROLE");
    for client in [&scene.bob, &scene.ann, &scene.app.superuser().seen().await] {
        assert_eq!(refused(client, red, member).await, "IDP_TEAM");
        // Also of whoever is not in it.
        assert_eq!(refused(&scene.ann, red, &carls).await, "IDP_TEAM");
    }
}

#[tokio::test]
async fn the_gates_come_first() {
    let scene = Scene::start("owner").await;
    scene.app.db_put(&scene.acme, "red", &scene.member, None).await;
    let call = async |client: Client| client.remove_team_member(&scene.red, &scene.member).await;
    scene
        .assert_gates(REMOVE, ("MEMBER_NOT_FOUND", "input.memberId"), call)
        .await;
}

#[tokio::test]
async fn of_many_who_take_a_member_out_one_does() {
    let scene = Scene::start("member").await;
    scene.app.db_put(&scene.acme, "red", &scene.member, None).await;
    let calls = (0..10).map(|at| {
        let client = if at % 2 == 0 { &scene.bob } else { &scene.ann };
        client.remove_team_member(&scene.red, &scene.member)
    });
    let replies = join_all(calls).await;
    let gone = replies.into_iter().map(|reply| reply.done(REMOVE));
    let gone = gone.filter(|reply| !reply.data("removeTeamMember.removedTeamMembershipId").is_null());
    assert_eq!(gone.count(), 1);
    let entries = scene.app.db_audit(&scene.acme).await;
    assert_eq!(
        entries.iter().filter(|entry| entry.event == MEMBER_LEAVE_TEAM).count(),
        1
    );
}

#[tokio::test]
async fn leaving_and_being_assigned_take_turns() {
    let scene = Scene::start("member").await;
    scene.app.team(&scene.acme, &scene.ann, "Blue").await;
    for round in 0..20 {
        scene.db_place_bob("member", Some(None)).await;
        let audit = scene.audit_count().await;
        let input = json!({ "teamRoles": [{ "teamSlug": "blue" }, { "teamSlug": "red", "role": "admin" }] });

        let (left, assigned) = join(
            scene.bob.remove_team_member(&scene.red, &scene.member),
            scene.ann.update_member_roles(&scene.member, input),
        )
        .await;

        left.done(REMOVE);
        assigned.done("updateMemberRoles");
        // Whoever came last has the last word, and the log tells the same story.
        let joins: Vec<_> = scene.app.db_audit(&scene.acme).await.split_off(audit);
        let joins = joins
            .iter()
            .filter(|entry| entry.data["team_slug"] == "red")
            .map(|entry| entry.event);
        match scene.db_place(&scene.member).await {
            None => assert_eq!(joins.collect::<Vec<_>>(), [MEMBER_LEAVE_TEAM], "round {round}"),
            Some(role) => {
                assert_eq!(role.as_deref(), Some("admin"));
                assert_eq!(
                    joins.collect::<Vec<_>>(),
                    [MEMBER_LEAVE_TEAM, MEMBER_JOIN_TEAM],
                    "round {round}"
                );
            }
        }
        let input = json!({ "teamRoles": [] });
        scene
            .ann
            .update_member_roles(&scene.member, input)
            .await
            .done("updateMemberRoles");
    }
}
