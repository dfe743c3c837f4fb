//! Which roles change, and whose (§11 steps 5 and 11).

use super::*;

#[tokio::test]
async fn partners_members_are_not_edited() {
    let scene = Scene::start("member").await;
    scene.put_into(&[("red", None)]).await;
    scene
        .app
        .db_set_flags(&scene.member, flag::PARTNERSHIP_RESTRICTED)
        .await;
    for input in [
        json!({}),
        json!({ "orgRole": "manager" }),
        json!({ "orgRole": "member" }),
        json!({ "teamRoles": [] }),
        json!({ "reinvite": true }),
    ] {
        for actor in [scene.ann.clone(), scene.app.superuser()] {
            let reply = scene
                .app
                .unchanged(actor.update_member_roles(&scene.member, input.clone()))
                .await;
            assert_eq!(reply.codes(UPDATE), ["PARTNERSHIP_RESTRICTED"], "{input}");
        }
    }
    let reply = scene
        .app
        .unchanged(
            scene
                .ann
                .update_member_roles(&scene.member, json!({ "orgRole": "chief" })),
        )
        .await;
    assert_eq!(reply.codes(UPDATE), ["INVALID_ROLE"], "validation comes first");
}

#[tokio::test]
async fn roles_of_the_identity_provider_stay_but_teams_change() {
    let scene = Scene::start("member").await;
    scene
        .app
        .db_set_flags(&scene.member, flag::IDP_ROLE_RESTRICTED | flag::IDP_PROVISIONED)
        .await;
    let teams = team_roles(&[("red", None)]);

    for input in [
        json!({ "orgRole": "manager" }),
        json!({ "orgRole": "manager", "teamRoles": teams }),
    ] {
        for actor in [scene.ann.clone(), scene.app.superuser()] {
            let reply = scene
                .app
                .unchanged(actor.update_member_roles(&scene.member, input.clone()))
                .await;
            assert_eq!(reply.codes(UPDATE), ["IDP_ROLE_RESTRICTED"]);
        }
    }
    let input = json!({ "orgRole": "member", "teamRoles": teams });
    scene.ann.update_member_roles(&scene.member, input).await.done(UPDATE);
    assert_eq!(scene.app.db_teams_of(&scene.member).await, stored(&[("red", None)]));
}

#[tokio::test]
async fn nobody_demotes_a_superior() {
    let scene = Scene::start("manager").await;
    for role in ["member", "manager", "admin"] {
        let input = json!({ "orgRole": role, "teamRoles": team_roles(&[("red", None)]) });
        let reply = scene
            .app
            .unchanged(scene.bob.update_member_roles(&scene.acme.owner, input))
            .await;
        assert_eq!(reply.codes(UPDATE), ["TARGET_OUTRANKS_ACTOR"], "{role}");
    }
    // Pending rows have a role too.
    let invite = scene
        .app
        .invite(&scene.acme, &scene.ann, "x@example.com", "owner")
        .await;
    let reply = scene
        .app
        .unchanged(
            scene
                .bob
                .update_member_roles(&invite.member, json!({ "orgRole": "member" })),
        )
        .await;
    assert_eq!(reply.codes(UPDATE), ["TARGET_OUTRANKS_ACTOR"]);
    // The teams of a superior are no matter of rank.
    let input = json!({ "teamRoles": team_roles(&[("red", None)]) });
    scene
        .bob
        .update_member_roles(&scene.acme.owner, input)
        .await
        .done(UPDATE);
    assert_eq!(scene.app.db_teams_of(&scene.acme.owner).await, stored(&[("red", None)]));
}

#[tokio::test]
async fn equals_change_each_other() {
    let scene = Scene::start("manager").await;
    let (_, carl) = scene.person("carl", "manager").await;
    scene
        .bob
        .update_member_roles(&carl, json!({ "orgRole": "member" }))
        .await
        .done(UPDATE);
    assert_eq!(scene.role_of(&carl).await, "member");

    let (dana, _) = scene.person("dana", "owner").await;
    dana.update_member_roles(&scene.acme.owner, json!({ "orgRole": "manager" }))
        .await
        .done(UPDATE);
    assert_eq!(scene.role_of(&scene.acme.owner).await, "manager");
}

#[tokio::test]
async fn nobody_changes_their_own_role() {
    let scene = Scene::start("manager").await;
    scene.person("carl", "owner").await;
    for (actor, member, role) in [
        (&scene.bob, &scene.member, "member"),
        (&scene.ann, &scene.acme.owner, "manager"),
        (&scene.ann, &scene.acme.owner, "admin"),
    ] {
        let reply = scene
            .app
            .unchanged(actor.update_member_roles(member, json!({ "orgRole": role })))
            .await;
        assert_eq!(reply.codes(UPDATE), ["CANNOT_CHANGE_OWN_ROLE"]);
    }
    let root = scene.app.superuser();
    let roots = scene.app.join(&scene.acme, &scene.ann, &root, "owner").await;
    let reply = scene
        .app
        .unchanged(root.update_member_roles(&roots, json!({ "orgRole": "member" })))
        .await;
    assert_eq!(reply.codes(UPDATE), ["CANNOT_CHANGE_OWN_ROLE"]);

    // The same role is no change, and one's own teams may change.
    let input = json!({ "orgRole": "owner", "teamRoles": team_roles(&[("red", None)]) });
    scene
        .ann
        .update_member_roles(&scene.acme.owner, input)
        .await
        .done(UPDATE);
    assert_eq!(scene.app.db_teams_of(&scene.acme.owner).await, stored(&[("red", None)]));
}

#[tokio::test]
async fn the_identity_providers_role_is_refused_before_ones_own() {
    let scene = Scene::start("manager").await;
    scene.app.db_set_flags(&scene.member, flag::IDP_ROLE_RESTRICTED).await;

    let reply = scene
        .app
        .unchanged(
            scene
                .bob
                .update_member_roles(&scene.member, json!({ "orgRole": "member" })),
        )
        .await;

    assert_eq!(reply.codes(UPDATE), ["IDP_ROLE_RESTRICTED"]);
}

#[tokio::test]
async fn the_retired_role_is_left_but_not_given() {
    let scene = Scene::start("admin").await;
    let (_, carl) = scene.person("carl", "member").await;
    for actor in [scene.ann.clone(), scene.app.superuser()] {
        let reply = scene
            .app
            .unchanged(actor.update_member_roles(&carl, json!({ "orgRole": "admin" })))
            .await;
        assert_eq!(reply.codes(UPDATE), ["ROLE_RETIRED"]);
    }
    // Keeping it is no change.
    scene
        .ann
        .update_member_roles(&scene.member, json!({ "orgRole": "admin" }))
        .await
        .done(UPDATE);
    assert_eq!(scene.role_of(&scene.member).await, "admin");
    scene
        .ann
        .update_member_roles(&scene.member, json!({ "orgRole": "member" }))
        .await
        .done(UPDATE);
    assert_eq!(scene.role_of(&scene.member).await, "member");

    let plain = scene.app.node_with(|config| config.features.team_roles = false).await;
    scene
        .ann
        .at(&plain)
        .update_member_roles(&carl, json!({ "orgRole": "admin" }))
        .await
        .done(UPDATE);
    assert_eq!(scene.role_of(&carl).await, "admin");
}

#[tokio::test]
async fn the_last_owner_keeps_the_role_even_from_a_superuser() {
    let scene = Scene::start("manager").await;
    let root = scene.app.superuser();
    let demote = json!({ "orgRole": "manager", "teamRoles": team_roles(&[("red", None)]) });
    // A pending owner and one who was switched off do not count.
    let pending = scene
        .app
        .invite(&scene.acme, &scene.ann, "x@example.com", "owner")
        .await;
    let (carl, carls) = scene.person("carl", "owner").await;
    let carl = carl.user_id().await;
    scene.app.db_set_active(&carl, false).await;

    let reply = scene
        .app
        .unchanged(root.update_member_roles(&scene.acme.owner, demote.clone()))
        .await;
    assert_eq!(reply.codes(UPDATE), ["LAST_OWNER"]);

    // A pending owner is nobody's last.
    root.update_member_roles(&pending.member, json!({ "orgRole": "member" }))
        .await
        .done(UPDATE);
    scene.app.db_set_active(&carl, true).await;
    root.update_member_roles(&scene.acme.owner, demote).await.done(UPDATE);
    assert_eq!(scene.role_of(&scene.acme.owner).await, "manager");
    let reply = scene
        .app
        .unchanged(root.update_member_roles(&carls, json!({ "orgRole": "member" })))
        .await;
    assert_eq!(reply.codes(UPDATE), ["LAST_OWNER"]);
}

#[tokio::test]
async fn moving_the_last_owner_to_a_retired_role_is_refused_as_such() {
    let scene = Scene::start("member").await;
    let root = scene.app.superuser();

    let reply = scene
        .app
        .unchanged(root.update_member_roles(&scene.acme.owner, json!({ "orgRole": "admin" })))
        .await;

    assert_eq!(reply.codes(UPDATE), ["ROLE_RETIRED"]);
}

#[tokio::test]
async fn pending_members_are_edited_like_others() {
    let scene = Scene::start("member").await;
    let invite = scene
        .app
        .invite(&scene.acme, &scene.ann, "x@example.com", "member")
        .await;
    let input = json!({ "orgRole": "manager", "teamRoles": team_roles(&[("red", Some("admin"))]) });

    let reply = scene.ann.update_member_roles(&invite.member, input).await.done(UPDATE);

    assert_eq!(reply.data("updateMemberRoles.member.isPending"), true);
    assert_eq!(reply.data("updateMemberRoles.member.role.id"), "manager");
    assert_eq!(scene.app.db_teams_of(&invite.member).await, stored(&[("red", None)]));
    scene
        .app
        .person("dana")
        .accept_invite(&invite.token)
        .await
        .done("acceptInvite");
}

#[tokio::test]
async fn a_team_that_is_about_to_go_keeps_no_redundant_role_either() {
    let scene = Scene::start("member").await;
    scene
        .put_into(&[("red", Some("admin")), ("green", Some("admin"))])
        .await;
    scene.app.db_retire_team(&scene.acme, "green").await;
    let changed = scene.app.db_outbox(&scene.acme).await.len();

    let reply = scene
        .ann
        .update_member_roles(&scene.member, json!({ "orgRole": "manager" }))
        .await
        .done(UPDATE);

    let cleared = reply
        .data("updateMemberRoles.clearedTeamMemberships")
        .as_array()
        .unwrap();
    assert_eq!(cleared.len(), 1, "only what can be seen: {reply:?}");
    let stored = team_member::Entity::find().all(&scene.app.db).await.unwrap();
    assert!(stored.iter().all(|row| row.role.is_none()), "{stored:?}");
    let changes = scene.app.db_outbox(&scene.acme).await.split_off(changed);
    let of_teams = changes
        .iter()
        .filter(|(category, _)| *category == Category::OrganizationMemberTeamUpdate);
    assert_eq!(of_teams.count(), 2, "{changes:?}");
}

#[tokio::test]
async fn a_new_link_is_only_for_an_invite_that_is_sent_again() {
    let scene = Scene::start("member").await;
    let invite = scene
        .app
        .invite(&scene.acme, &scene.ann, "x@example.com", "member")
        .await;

    let input = json!({ "regenerate": true });
    let reply = scene
        .app
        .unchanged(scene.ann.update_member_roles(&invite.member, input))
        .await;

    assert_eq!(reply.refusals(UPDATE), [("VALIDATION_FAILED", "input.regenerate")]);
}
