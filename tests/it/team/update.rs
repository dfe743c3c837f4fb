//! Changing a team.

use futures_util::future::join_all;

use super::*;

#[tokio::test]
async fn a_team_gets_another_name_and_slug() {
    let scene = Scene::start("member").await;
    let (audit, outbox) = (scene.audit_count().await, scene.outbox_count().await);

    let input = json!({ "name": " Crimson Team ", "slug": "crimson" });
    let reply = scene.ann.update_team(&scene.red, input).await.done("updateTeam");

    let changed = json!({ "id": scene.red, "slug": "crimson", "name": "Crimson Team", "isIdpProvisioned": false });
    assert_eq!(*reply.data("updateTeam.team"), changed);
    assert_eq!(scene.ann.teams(&scene.acme, json!({})).await, "crimson");
    let entries = scene.app.db_audit(&scene.acme).await.split_off(audit);
    let [entry] = &entries[..] else { panic!("{entries:?}") };
    assert_eq!(
        (entry.event, &entry.actor),
        (TEAM_EDIT, &Some(scene.ann.user_id().await))
    );
    assert_eq!(entry.target, Some(row::<TeamId>(&scene.red).0));
    assert_eq!(
        entry.data,
        json!({ "id": scene.red, "slug": "crimson", "name": "Crimson Team", "status": 0 })
    );
    assert_eq!(
        scene.app.db_outbox(&scene.acme).await[outbox..],
        [(Category::TeamUpdate, row::<TeamId>(&scene.red).0)]
    );
    // The old slug is free again.
    scene.app.team(&scene.acme, &scene.ann, "Red").await;
}

#[tokio::test]
async fn what_is_absent_or_null_or_the_same_stays() {
    let scene = Scene::start("member").await;
    for input in [
        json!({}),
        json!({ "name": null, "slug": null, "isIdpProvisioned": null }),
        json!({ "name": "Red", "slug": "red" }),
    ] {
        let call = scene.ann.update_team(&scene.red, input);
        let reply = scene.app.unchanged(call).await.done("updateTeam");
        assert_eq!(*reply.data("updateTeam.team.slug"), "red");
    }
    let input = json!({ "name": "Crimson" });
    let reply = scene.ann.update_team(&scene.red, input).await.done("updateTeam");
    assert_eq!(
        (reply.text("updateTeam.team.name"), reply.text("updateTeam.team.slug")),
        ("Crimson".into(), "red".into())
    );
}

#[tokio::test]
async fn bad_names_and_slugs_are_told_together_and_a_taken_slug_alone() {
    let scene = Scene::start("member").await;
    scene.app.team(&scene.acme, &scene.ann, "Blue").await;
    let globex = scene.app.organization_of(&scene.ann, "Globex").await;
    scene.app.team(&globex, &scene.ann, "Green").await;
    let (name, slug) = (("VALIDATION_FAILED", "input.name"), ("SLUG_INVALID", "input.slug"));
    for (input, refusals) in [
        (json!({ "name": "" }), vec![name]),
        (json!({ "name": "a\u{0}b", "slug": "fine" }), vec![name]),
        (json!({ "name": "Fine", "slug": "Not fine" }), vec![slug]),
        (json!({ "slug": "12345" }), vec![slug]),
        (json!({ "slug": "red~1" }), vec![slug]),
        (json!({ "name": "a".repeat(65), "slug": "" }), vec![name, slug]),
        (
            json!({ "name": "Fine", "slug": "blue" }),
            vec![("SLUG_TAKEN", "input.slug")],
        ),
    ] {
        let reply = scene
            .app
            .unchanged(scene.ann.update_team(&scene.red, input.clone()))
            .await;
        assert_eq!(reply.refusals("updateTeam"), refusals, "{input}");
    }
    let input = json!({ "slug": "green" });
    scene.ann.update_team(&scene.red, input).await.done("updateTeam");
}

#[tokio::test]
async fn who_writes_the_organization_or_the_team_changes_it() {
    let scene = Scene::start("member").await;
    let off = scene.app.node_with(|config| config.features.team_roles = false).await;
    let may_update = async |client: &Client, name: String| {
        let told = client.team(&scene.acme, "red").await["viewerCanUpdate"] == true;
        let call = client.update_team(&scene.red, json!({ "name": name }));
        if told {
            call.await.done("updateTeam");
        } else {
            let reply = scene.app.unchanged(call).await;
            assert_eq!(reply.codes("updateTeam"), ["FORBIDDEN"], "{name}");
        }
        told
    };
    for (flags, role, team_role, may, may_without) in [
        (flag::ALLOW_JOINLEAVE, "member", None, false, false),
        (flag::ALLOW_JOINLEAVE, "member", Some(None), false, false),
        (flag::ALLOW_JOINLEAVE, "member", Some(Some("admin")), true, false),
        (flag::ALLOW_JOINLEAVE, "admin", None, true, true),
        (0, "member", Some(Some("admin")), true, false),
        (0, "admin", None, false, false),
        (0, "admin", Some(None), true, true),
        (0, "manager", None, true, true),
        (0, "owner", None, true, true),
    ] {
        scene.app.db_set_organization_flags(&scene.acme, flags).await;
        scene.db_place_bob(role, team_role).await;
        let who = format!("{role} {team_role:?} {flags}");
        assert_eq!(may_update(&scene.bob, who.clone()).await, may, "{who}");
        let who = format!("{who} without team roles");
        assert_eq!(may_update(&scene.bob.at(&off), who.clone()).await, may_without, "{who}");
    }
    for (scope, may) in [
        ("org:write team:read", true),
        ("team:write", true),
        ("team:admin", true),
        ("org:read team:read", false),
        ("org:read member:admin", false),
    ] {
        let scopes: Vec<_> = scope.split(' ').collect();
        let robot = scene.app.db_app(&scene.acme, &scopes).await;
        assert_eq!(may_update(&robot, format!("app {scope}")).await, may, "{scope}");
        let narrowed = scene.ann.with(json!({ "scope": scope }));
        assert_eq!(may_update(&narrowed, format!("Ann {scope}")).await, may, "{scope}");
        let narrowed = scene.app.superuser().with(json!({ "scope": scope }));
        assert_eq!(may_update(&narrowed, format!("root {scope}")).await, may, "{scope}");
    }
    assert!(may_update(&scene.app.superuser(), "root".into()).await);
    // Before anything else is looked at.
    scene.db_place_bob("member", None).await;
    let input = json!({ "name": "", "slug": "", "isIdpProvisioned": true });
    let reply = scene.app.unchanged(scene.bob.update_team(&scene.red, input)).await;
    assert_eq!(reply.refusals("updateTeam"), [("FORBIDDEN", "")]);
}

#[tokio::test]
async fn only_superusers_say_that_a_teams_members_come_from_elsewhere() {
    let scene = Scene::start("owner").await;
    let robot = scene.app.db_app(&scene.acme, &["org:admin", "team:admin"]).await;
    for client in [&scene.bob, &robot] {
        for value in [true, false] {
            let input = json!({ "isIdpProvisioned": value, "name": "" });
            let reply = scene.app.unchanged(client.update_team(&scene.red, input)).await;
            assert_eq!(reply.refusals("updateTeam"), [("FORBIDDEN", "input.isIdpProvisioned")]);
        }
    }
    let root = scene.app.superuser().seen().await;
    let reply = root
        .update_team(&scene.red, json!({ "isIdpProvisioned": true }))
        .await
        .done("updateTeam");
    assert_eq!(*reply.data("updateTeam.team.isIdpProvisioned"), true);
    // The name is the organization's all the same.
    let input = json!({ "name": "Crimson" });
    let reply = scene.bob.update_team(&scene.red, input).await.done("updateTeam");
    assert_eq!(*reply.data("updateTeam.team.isIdpProvisioned"), true);
    root.update_team(&scene.red, json!({ "isIdpProvisioned": false }))
        .await
        .done("updateTeam");
}

#[tokio::test]
async fn unknown_and_foreign_teams_are_not_found_and_gates_come_first() {
    let scene = Scene::start("owner").await;
    let globex = scene.app.organization_of(&scene.app.person("gus"), "Globex").await;
    scene.app.team(&globex, &scene.app.person("gus"), "Green").await;
    let green = scene.app.db_team(&globex, "green").await;
    let missing = ("TEAM_NOT_FOUND", "input.teamId");
    for id in no_ids::<TeamId>().iter().chain([&green, &scene.acme.id]) {
        let reply = scene
            .app
            .unchanged(scene.ann.update_team(id, json!({ "name": "" })))
            .await;
        assert_eq!(reply.refusals("updateTeam"), [missing], "{id}");
    }
    let call = async |client: Client| client.update_team(&scene.red, json!({ "name": "" })).await;
    scene.assert_gates("updateTeam", missing, call).await;
}

#[tokio::test]
async fn of_many_teams_that_want_a_slug_at_once_one_gets_it() {
    let scene = Scene::start("member").await;
    let mut teams = Vec::new();
    for at in 0..6 {
        let slug = scene.app.team(&scene.acme, &scene.ann, &format!("Team {at}")).await;
        teams.push(scene.app.db_team(&scene.acme, &slug).await);
    }
    let calls = teams
        .iter()
        .map(|team| scene.ann.update_team(team, json!({ "slug": "wanted" })));
    let replies = join_all(calls).await;
    let taken = replies
        .iter()
        .filter(|reply| reply.codes("updateTeam") == ["SLUG_TAKEN"]);
    assert_eq!(taken.count(), 5);
}
