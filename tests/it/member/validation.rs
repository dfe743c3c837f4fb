//! What the input of an update is checked for (§11 steps 2 and 3).

use super::*;

#[tokio::test]
async fn all_failing_fields_are_told_at_once() {
    let scene = Scene::start("member").await;
    let teams = team_roles(&[("red", Some("boss")), ("none", Some("admin")), ("nada", None)]);

    let input = json!({ "orgRole": "chief", "teamRoles": teams });
    let reply = scene
        .app
        .unchanged(scene.ann.update_member_roles(&scene.member, input))
        .await;

    assert_eq!(
        reply.refusals(UPDATE),
        [
            ("INVALID_ROLE", "input.orgRole"),
            ("INVALID_TEAM", "input.teamRoles.1.teamSlug"),
            ("INVALID_TEAM_ROLE", "input.teamRoles.0.role"),
        ]
    );
}

#[tokio::test]
async fn only_active_teams_of_the_organization_are_assigned() {
    let scene = Scene::start("member").await;
    let globex = scene.app.organization_of(&scene.ann, "Globex").await;
    scene.app.team(&globex, &scene.ann, "Foreign").await;
    scene.app.db_retire_team(&scene.acme, "green").await;
    for (slugs, index) in [
        (vec!["foreign"], 0),
        (vec!["red", "green"], 1),
        (vec!["red", "blue", "red"], 2),
        (vec![""], 0),
        (vec!["RED"], 0),
        (vec!["red\u{0}"], 0),
        (vec!["🦀"], 0),
    ] {
        let teams: Vec<_> = slugs.iter().map(|slug| (*slug, None)).collect();
        let input = json!({ "teamRoles": team_roles(&teams) });
        let reply = scene
            .app
            .unchanged(scene.ann.update_member_roles(&scene.member, input))
            .await;
        let path = format!("input.teamRoles.{index}.teamSlug");
        assert_eq!(reply.refusals(UPDATE), [("INVALID_TEAM", path.as_str())], "{slugs:?}");
    }
}

#[tokio::test]
async fn unknown_roles_are_refused() {
    let scene = Scene::start("member").await;
    for role in ["", "Owner", "owner ", "chief", "owner\u{0}", "🦀", &"x".repeat(100_000)] {
        let reply = scene
            .app
            .unchanged(scene.ann.update_member_roles(&scene.member, json!({ "orgRole": role })))
            .await;
        assert_eq!(reply.refusals(UPDATE), [("INVALID_ROLE", "input.orgRole")]);
        let input = json!({ "teamRoles": [{ "teamSlug": "red", "role": role }] });
        let reply = scene
            .app
            .unchanged(scene.ann.update_member_roles(&scene.member, input))
            .await;
        assert_eq!(
            reply.refusals(UPDATE),
            [("INVALID_TEAM_ROLE", "input.teamRoles.0.role")]
        );
    }
}

#[tokio::test]
async fn ten_thousand_teams_are_refused() {
    let scene = Scene::start("member").await;
    let teams: Vec<Value> = (0..10_000)
        .map(|number| json!({ "teamSlug": format!("team-{number}") }))
        .collect();

    let reply = scene
        .app
        .unchanged(
            scene
                .ann
                .update_member_roles(&scene.member, json!({ "teamRoles": teams })),
        )
        .await;

    let mut codes = reply.error_codes();
    if codes.is_empty() {
        codes = reply.codes(UPDATE);
    }
    assert!(!codes.is_empty() && !codes.contains(&"INTERNAL".into()), "{reply:#?}");
}

#[tokio::test]
async fn nobody_gives_a_role_above_their_own() {
    let scene = Scene::start("member").await;
    let (carl, carls) = scene.person("carl", "manager").await;
    for member in [&scene.member, &carls, &scene.acme.owner] {
        let reply = scene
            .app
            .unchanged(carl.update_member_roles(member, json!({ "orgRole": "owner" })))
            .await;
        assert_eq!(reply.refusals(UPDATE), [("ROLE_NOT_ALLOWED", "input.orgRole")]);
    }
    carl.update_member_roles(&scene.member, json!({ "orgRole": "manager" }))
        .await
        .done(UPDATE);
    assert_eq!(scene.role_of(&scene.member).await, "manager");
}

#[tokio::test]
async fn an_app_does_not_change_org_roles() {
    let scene = Scene::start("member").await;
    let robot = scene.app.db_app(&scene.acme, &["member:admin", "org:admin"]).await;
    for input in [
        json!({ "orgRole": "manager" }),
        json!({ "orgRole": "manager", "teamRoles": [] }),
    ] {
        let reply = scene
            .app
            .unchanged(robot.update_member_roles(&scene.member, input))
            .await;
        assert_eq!(reply.codes(UPDATE), ["USER_TOKEN_REQUIRED"]);
    }

    let input = json!({ "teamRoles": team_roles(&[("red", Some("admin"))]) });
    robot.update_member_roles(&scene.member, input).await.done(UPDATE);
    assert_eq!(
        scene.app.db_teams_of(&scene.member).await,
        stored(&[("red", Some("admin"))])
    );
}

#[tokio::test]
async fn in_a_closed_organization_apps_assign_teams_only_with_a_team_scope() {
    let scene = Scene::start("member").await;
    scene.app.db_set_organization_flags(&scene.acme, 0).await;
    let input = json!({ "teamRoles": team_roles(&[("red", None)]) });

    let robot = scene.app.db_app(&scene.acme, &["member:admin"]).await;
    let reply = scene
        .app
        .unchanged(robot.update_member_roles(&scene.member, input.clone()))
        .await;
    assert_eq!(reply.codes(UPDATE).len(), 1, "{reply:#?}");

    for scope in ["team:write", "org:write"] {
        let robot = scene.app.db_app(&scene.acme, &["member:admin", scope]).await;
        robot
            .update_member_roles(&scene.member, input.clone())
            .await
            .done(UPDATE);
        assert_eq!(scene.app.db_teams_of(&scene.member).await, stored(&[("red", None)]));
    }
}
