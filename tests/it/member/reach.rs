//! Who reaches an update of a member (§4, §5, §11 step 1).

use super::*;

#[tokio::test]
async fn role_and_teams_change_together() {
    let scene = Scene::start("member").await;
    let input = json!({ "orgRole": "manager", "teamRoles": team_roles(&[("red", None), ("blue", None)]) });

    let reply = scene.ann.update_member_roles(&scene.member, input).await.done(UPDATE);

    assert_eq!(reply.data("updateMemberRoles.member.id"), &json!(scene.member));
    assert_eq!(reply.data("updateMemberRoles.member.role.id"), "manager");
    assert_eq!(
        reply.teams("updateMemberRoles.member.teamMemberships"),
        stored(&[("blue", None), ("red", None)])
    );
    assert_eq!(reply.data("updateMemberRoles.acceptUrl"), &Value::Null);
    assert_eq!(scene.role_of(&scene.member).await, "manager");
    assert_eq!(
        scene.app.db_teams_of(&scene.member).await,
        stored(&[("blue", None), ("red", None)])
    );
}

#[tokio::test]
async fn unknown_members_and_those_of_others_are_not_told_apart() {
    let scene = Scene::start("member").await;
    let zoe = scene.app.person("zoe");
    scene.app.organization_of(&zoe, "Globex").await;
    let asked = scene
        .app
        .db_request(&scene.acme, "x@example.com", InviteStatus::RequestedToBeInvited)
        .await;
    let joining = scene
        .app
        .db_request(&scene.acme, "y@example.com", InviteStatus::RequestedToJoin)
        .await;
    let invite = scene
        .app
        .invite(&scene.acme, &scene.ann, "z@example.com", "member")
        .await;
    // Nothing of this is looked at before the member is found.
    let input = json!({ "orgRole": "chief", "teamRoles": team_roles(&[("none", Some("boss"))]) });
    let mut messages = Vec::new();

    let foreign = scene
        .app
        .unchanged(zoe.update_member_roles(&scene.member, input.clone()))
        .await;
    assert_eq!(foreign.codes(UPDATE), ["MEMBER_NOT_FOUND"]);
    messages.push(foreign.text("updateMemberRoles.userErrors.0.message"));

    let unknown = MemberId(999_999).global();
    let user = scene.bob.user_id().await;
    for id in [
        "",
        "x",
        "42",
        "bob",
        &unknown,
        &user,
        &invite.id,
        &scene.acme.id,
        &asked,
        &joining,
        &"A".repeat(9999),
    ] {
        let reply = scene
            .app
            .unchanged(scene.ann.update_member_roles(id, input.clone()))
            .await;
        assert_eq!(reply.codes(UPDATE), ["MEMBER_NOT_FOUND"], "{id}");
        messages.push(reply.text("updateMemberRoles.userErrors.0.message"));
    }
    messages.dedup();
    assert_eq!(messages.len(), 1, "{messages:?}");
}

#[tokio::test]
async fn nobody_updates_without_a_credential() {
    let scene = Scene::start("member").await;
    for nobody in [
        scene.app.anonymous(),
        scene.app.with_bearer("x"),
        scene.ann.with(json!({ "exp": 1 })),
    ] {
        let reply = scene
            .app
            .unchanged(nobody.update_member_roles(&scene.member, json!({ "orgRole": "owner" })))
            .await;
        assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"], "{reply:#?}");
    }
}

#[tokio::test]
async fn values_of_the_wrong_type_are_bad_input() {
    let scene = Scene::start("member").await;
    for input in [
        json!({ "orgRole": 1 }),
        json!({ "teamRoles": [{ "role": "admin" }] }),
        json!({ "teamRoles": [{ "teamSlug": null }] }),
        json!({ "teamRoles": [null] }),
        json!({ "reinvite": "yes" }),
        json!({ "memberShip": true }),
    ] {
        let reply = scene
            .app
            .unchanged(scene.ann.update_member_roles(&scene.member, input.clone()))
            .await;
        assert_eq!(reply.error_codes(), ["BAD_USER_INPUT"], "{input}: {reply:#?}");
    }
}

#[tokio::test]
async fn gates_close_before_an_update_in_their_order() {
    let scene = Scene::start("manager").await;
    let (app, acme) = (&scene.app, &scene.acme);
    let (_, carl) = scene.person("carl", "member").await;
    app.db_set_organization_flags(acme, organization::flag::REQUIRE_2FA)
        .await;
    app.db_auth_provider(acme, false).await;
    let update = |bob: &Client| {
        let (bob, carl) = (bob.clone(), carl.clone());
        async move { bob.update_member_roles(&carl, json!({ "orgRole": "chief" })).await }
    };
    let bob = scene.bob.with(json!({ "scope": "org:read" }));

    assert_eq!(app.unchanged(update(&bob)).await.codes(UPDATE), ["TWO_FACTOR_REQUIRED"]);
    let bob = bob.with(json!({ "amr": ["otp"] })).seen().await;
    assert_eq!(app.unchanged(update(&bob)).await.codes(UPDATE), ["SSO_REQUIRED"]);
    app.db_set_flags(&scene.member, flag::SSO_LINKED | flag::SSO_INVALID)
        .await;
    assert_eq!(app.unchanged(update(&bob)).await.codes(UPDATE), ["SSO_REQUIRED"]);
    app.db_set_flags(&scene.member, flag::SSO_LINKED).await;
    assert_eq!(app.unchanged(update(&bob)).await.codes(UPDATE), ["FORBIDDEN"]);
    let bob = bob.with(json!({ "scope": "member:admin" }));
    assert_eq!(app.unchanged(update(&bob)).await.codes(UPDATE), ["INVALID_ROLE"]);

    // An unknown member is unknown before any gate.
    let reply = app
        .unchanged(scene.bob.update_member_roles(&MemberId(999_999).global(), json!({})))
        .await;
    assert_eq!(reply.codes(UPDATE), ["MEMBER_NOT_FOUND"]);
}

#[tokio::test]
async fn whoever_is_over_the_limit_updates_nobody() {
    let scene = Scene::start("member").await;
    scene
        .app
        .db_set_flags(&scene.acme.owner, flag::MEMBER_LIMIT_RESTRICTED)
        .await;
    let teams = json!({ "teamRoles": team_roles(&[("red", None)]) });

    for (member, input) in [
        (&scene.member, json!({ "orgRole": "manager" })),
        (&scene.member, teams.clone()),
        (&scene.acme.owner, teams),
    ] {
        let reply = scene.app.unchanged(scene.ann.update_member_roles(member, input)).await;
        assert_eq!(reply.codes(UPDATE), ["MEMBER_DISABLED_OVER_LIMIT"]);
    }
}

#[tokio::test]
async fn superusers_and_apps_pass_the_gates() {
    let scene = Scene::start("member").await;
    scene
        .app
        .db_set_organization_flags(&scene.acme, organization::flag::REQUIRE_2FA | 1)
        .await;
    scene.app.db_auth_provider(&scene.acme, false).await;
    let robot = scene.app.db_app(&scene.acme, &["member:admin"]).await;

    let teams = json!({ "teamRoles": team_roles(&[("red", None)]) });
    robot.update_member_roles(&scene.member, teams).await.done(UPDATE);
    scene
        .app
        .superuser()
        .update_member_roles(&scene.member, json!({ "orgRole": "owner" }))
        .await
        .done(UPDATE);

    assert_eq!(scene.role_of(&scene.member).await, "owner");
    assert_eq!(scene.app.db_teams_of(&scene.member).await, stored(&[("red", None)]));
}

#[tokio::test]
async fn a_superuser_finds_no_member_where_superusers_stay_outside() {
    let scene = Scene::start("member").await;
    scene
        .app
        .db_set_organization_flags(&scene.acme, organization::flag::PREVENT_SUPERUSER_ACCESS)
        .await;
    let root = scene.app.superuser();

    let reply = scene
        .app
        .unchanged(root.update_member_roles(&scene.member, json!({ "orgRole": "owner" })))
        .await;

    assert_eq!(reply.codes(UPDATE), ["MEMBER_NOT_FOUND"]);
}

#[tokio::test]
async fn members_of_an_organization_that_is_going_away_are_not_updated() {
    let scene = Scene::start("member").await;
    let (carl, _) = scene.person("carl", "manager").await;
    for status in [
        OrganizationStatus::PendingDeletion,
        OrganizationStatus::DeletionInProgress,
    ] {
        scene.app.db_set_status(&scene.acme, status).await;
        for actor in [&scene.ann, &carl] {
            let input = json!({ "orgRole": "manager" });
            let reply = scene
                .app
                .unchanged(actor.update_member_roles(&scene.member, input))
                .await;
            assert_eq!(reply.codes(UPDATE), ["MEMBER_NOT_FOUND"], "{status:?}");
        }
    }
}

#[tokio::test]
async fn a_token_without_a_member_scope_does_not_reach_it() {
    let scene = Scene::start("member").await;
    let robot = scene
        .app
        .db_app(&scene.acme, &["org:admin", "team:admin", "member:read"])
        .await;
    let narrow = scene.ann.with(json!({ "scope": "org:admin team:admin" }));
    for actor in [robot, narrow] {
        for input in [json!({}), json!({ "orgRole": "chief" }), json!({ "reinvite": true })] {
            let reply = scene
                .app
                .unchanged(actor.update_member_roles(&scene.member, input))
                .await;
            assert_eq!(reply.codes(UPDATE), ["FORBIDDEN"]);
        }
    }
}
