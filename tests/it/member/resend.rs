//! Plain members, and the resend step (§10, §11 steps 6 and 7).

use super::*;

#[tokio::test]
async fn plain_members_change_nothing() {
    for role in ["member", "admin"] {
        let scene = Scene::start(role).await;
        for member in [&scene.member, &scene.acme.owner] {
            for input in [
                json!({}),
                json!({ "orgRole": "owner" }),
                json!({ "orgRole": "chief" }),
                json!({ "orgRole": role }),
                json!({ "teamRoles": [] }),
                json!({ "teamRoles": team_roles(&[("none", Some("boss"))]) }),
            ] {
                let reply = scene.app.unchanged(scene.bob.update_member_roles(member, input)).await;
                assert_eq!(reply.codes(UPDATE), ["FORBIDDEN"]);
            }
        }
    }
}

#[tokio::test]
async fn an_owner_without_member_admin_in_the_token_is_a_plain_member() {
    let scene = Scene::start("member").await;
    let narrow = scene.ann.with(json!({ "scope": "member:write org:admin" }));

    let reply = scene
        .app
        .unchanged(narrow.update_member_roles(&scene.member, json!({ "orgRole": "manager" })))
        .await;

    assert_eq!(reply.codes(UPDATE), ["FORBIDDEN"]);
}

#[tokio::test]
async fn plain_members_resend_without_other_changes() {
    let scene = Scene::start("member").await;
    let invite = scene
        .bob
        .create_invite(&scene.acme, json!({ "email": "x@example.com" }))
        .await
        .done("createInvite");
    let pending = invite.text("createInvite.member.id");
    for change in [
        json!({ "orgRole": "member" }),
        json!({ "orgRole": "chief" }),
        json!({ "teamRoles": [] }),
        json!({ "teamRoles": team_roles(&[("none", Some("boss"))]) }),
    ] {
        let mut input = change.clone();
        input["reinvite"] = json!(true);
        let reply = scene
            .app
            .unchanged(scene.bob.update_member_roles(&pending, input))
            .await;
        assert_eq!(reply.codes(UPDATE), ["REINVITE_WITH_CHANGES"], "{change}");
    }

    let before = scene.audit_count().await;
    let input = json!({ "reinvite": true, "orgRole": null, "teamRoles": null });
    let reply = scene.bob.update_member_roles(&pending, input).await.done(UPDATE);
    assert_eq!(reply.data("updateMemberRoles.acceptUrl"), &Value::Null);
    assert_eq!(scene.events_since(before).await, [MEMBER_REINVITE]);
}

#[tokio::test]
async fn plain_members_resend_only_open_invites_of_their_own() {
    let scene = Scene::start("member").await;
    let (_, carl) = scene.person("carl", "member").await;
    let foreign = scene
        .app
        .invite(&scene.acme, &scene.ann, "x@example.com", "member")
        .await;
    let own = scene
        .bob
        .create_invite(&scene.acme, json!({ "email": "y@example.com" }))
        .await
        .done("createInvite");
    let own = own.text("createInvite.member.id");
    let reinvite = json!({ "reinvite": true });

    for joined in [&carl, &scene.member] {
        let reply = scene
            .app
            .unchanged(scene.bob.update_member_roles(joined, reinvite.clone()))
            .await;
        assert_eq!(reply.codes(UPDATE), ["FORBIDDEN"]);
    }
    let reply = scene
        .app
        .unchanged(scene.bob.update_member_roles(&foreign.member, reinvite.clone()))
        .await;
    assert_eq!(reply.codes(UPDATE), ["NOT_YOUR_INVITE"]);
    let input = json!({ "reinvite": true, "regenerate": true });
    let reply = scene.app.unchanged(scene.bob.update_member_roles(&own, input)).await;
    assert_eq!(reply.codes(UPDATE), ["INSUFFICIENT_SCOPE"]);

    scene
        .app
        .db_set_organization_flags(&scene.acme, organization::flag::DISABLE_MEMBER_INVITE)
        .await;
    for invite in [&own, &foreign.member] {
        let reply = scene
            .app
            .unchanged(scene.bob.update_member_roles(invite, reinvite.clone()))
            .await;
        assert_eq!(reply.codes(UPDATE), ["FORBIDDEN"]);
    }
    scene
        .app
        .db_set_organization_flags(&scene.acme, organization::flag::ALLOW_JOINLEAVE)
        .await;
    let off = scene
        .app
        .node_with(|config| config.features.member_invites = false)
        .await;
    let reply = scene
        .app
        .unchanged(scene.bob.at(&off).update_member_roles(&own, reinvite.clone()))
        .await;
    assert_eq!(reply.codes(UPDATE), ["FORBIDDEN"]);
    scene.bob.update_member_roles(&own, reinvite).await.done(UPDATE);
}

#[tokio::test]
async fn an_app_resends_any_invite_but_renews_none_without_member_admin() {
    let scene = Scene::start("member").await;
    let invite = scene
        .app
        .invite(&scene.acme, &scene.ann, "x@example.com", "member")
        .await;
    let robot = scene.app.db_app(&scene.acme, &["member:write"]).await;

    let input = json!({ "reinvite": true, "regenerate": true });
    let reply = scene
        .app
        .unchanged(robot.update_member_roles(&invite.member, input.clone()))
        .await;
    assert_eq!(reply.codes(UPDATE), ["INSUFFICIENT_SCOPE"]);
    robot
        .update_member_roles(&invite.member, json!({ "reinvite": true }))
        .await
        .done(UPDATE);

    let robot = scene.app.db_app(&scene.acme, &["member:admin"]).await;
    let reply = robot.update_member_roles(&invite.member, input).await.done(UPDATE);
    assert_eq!(reply.data("updateMemberRoles.acceptUrl"), &Value::Null);
    let reply = scene.app.unchanged(scene.bob.accept_invite(&invite.token)).await;
    assert_eq!(reply.codes("acceptInvite"), ["INVITE_INVALID"]);
}

#[tokio::test]
async fn a_resend_mails_the_same_link_again() {
    let scene = Scene::start("member").await;
    let invite = scene
        .app
        .invite(&scene.acme, &scene.ann, "x@example.com", "owner")
        .await;
    let (audit, jobs) = (scene.audit_count().await, scene.app.db_jobs().await.len());

    let reply = scene
        .ann
        .update_member_roles(&invite.member, json!({ "reinvite": true }))
        .await
        .done(UPDATE);

    assert_eq!(reply.token(UPDATE), invite.token);
    assert_eq!(scene.app.db_jobs().await.len(), jobs + 1);
    let entries = scene.app.db_audit(&scene.acme).await.split_off(audit);
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].event, MEMBER_REINVITE);
    assert_eq!(entries[0].actor, Some(scene.ann.user_id().await));
    assert_eq!(entries[0].target, Some(row::<MemberId>(&invite.member).into()));
    assert_eq!(entries[0].data["email"], "x@example.com");
    assert_eq!(entries[0].data["role"], "owner");
    scene
        .app
        .person("dana")
        .accept_invite(&invite.token)
        .await
        .done("acceptInvite");
}

#[tokio::test]
async fn a_renewed_link_replaces_the_old_one() {
    let scene = Scene::start("member").await;
    let invite = scene
        .app
        .invite(&scene.acme, &scene.ann, "x@example.com", "member")
        .await;
    let outbox = scene.app.db_outbox(&scene.acme).await.len();

    let input = json!({ "reinvite": true, "regenerate": true });
    let reply = scene.ann.update_member_roles(&invite.member, input).await.done(UPDATE);

    let token = reply.token(UPDATE);
    assert_ne!(token, invite.token);
    let changed = scene.app.db_outbox(&scene.acme).await.split_off(outbox);
    assert_eq!(
        changed,
        [(
            Category::OrganizationMemberUpdate,
            row::<MemberId>(&invite.member).into()
        )]
    );
    let dana = scene.app.person("dana");
    let reply = scene.app.unchanged(dana.accept_invite(&invite.token)).await;
    assert_eq!(reply.codes("acceptInvite"), ["INVITE_INVALID"]);
    dana.accept_invite(&token).await.done("acceptInvite");
}

#[tokio::test]
async fn an_expired_invite_is_renewed_not_resent() {
    let scene = Scene::start("member").await;
    let invite = scene
        .app
        .invite(&scene.acme, &scene.ann, "x@example.com", "member")
        .await;
    scene.app.db_expire_invite(&invite.member).await;

    for input in [
        json!({ "reinvite": true }),
        json!({ "reinvite": true, "orgRole": "manager" }),
    ] {
        let reply = scene
            .app
            .unchanged(scene.ann.update_member_roles(&invite.member, input))
            .await;
        assert_eq!(reply.codes(UPDATE), ["INVITE_EXPIRED"]);
    }

    let input = json!({ "reinvite": true, "regenerate": true });
    let reply = scene.ann.update_member_roles(&invite.member, input).await.done(UPDATE);
    scene
        .app
        .person("dana")
        .accept_invite(&reply.token(UPDATE))
        .await
        .done("acceptInvite");
}

#[tokio::test]
async fn a_resend_counts_as_an_invite() {
    let scene = Scene::start_with("member", |config| config.rate_limits.invites_per_address_per_day = 2).await;
    let invite = scene
        .app
        .invite(&scene.acme, &scene.ann, "x@example.com", "member")
        .await;
    let reinvite = json!({ "reinvite": true });
    scene
        .ann
        .update_member_roles(&invite.member, reinvite.clone())
        .await
        .done(UPDATE);
    // The limit comes before the end of the invite.
    scene.app.db_expire_invite(&invite.member).await;

    let reply = scene
        .app
        .unchanged(scene.ann.update_member_roles(&invite.member, reinvite))
        .await;

    let refusals = reply.refusals(UPDATE);
    assert_eq!(reply.codes(UPDATE), ["RATE_LIMITED"]);
    assert!(matches!(refusals[0].retry_after, Some(1..=86_400)), "{refusals:?}");
}

#[tokio::test]
async fn there_is_nothing_to_resend_to_who_has_joined() {
    let scene = Scene::start("member").await;

    for input in [
        json!({ "reinvite": true }),
        json!({ "reinvite": true, "orgRole": "manager" }),
    ] {
        let reply = scene
            .app
            .unchanged(scene.ann.update_member_roles(&scene.member, input.clone()))
            .await;
        assert_eq!(reply.codes(UPDATE), ["NOT_INVITABLE"], "{input}");
    }
    scene.app.db_auth_provider(&scene.acme, true).await;
    scene.app.db_set_flags(&scene.member, flag::SSO_LINKED).await;
    let reply = scene
        .app
        .unchanged(
            scene
                .ann
                .update_member_roles(&scene.member, json!({ "reinvite": true })),
        )
        .await;
    assert_eq!(reply.codes(UPDATE), ["NOT_INVITABLE"]);
}

#[tokio::test]
async fn a_member_who_is_not_linked_gets_the_link_for_sign_on() {
    let scene = Scene::start("member").await;
    scene.app.db_auth_provider(&scene.acme, true).await;
    let (audit, jobs) = (scene.audit_count().await, scene.app.db_jobs().await.len());

    let reply = scene
        .ann
        .update_member_roles(&scene.member, json!({ "reinvite": true }))
        .await
        .done(UPDATE);

    assert_eq!(reply.data("updateMemberRoles.acceptUrl"), &Value::Null);
    assert_eq!(scene.app.db_jobs().await.len(), jobs + 1);
    assert_eq!(scene.events_since(audit).await, [MEMBER_REINVITE]);
}

#[tokio::test]
async fn a_resend_goes_along_with_changes() {
    let scene = Scene::start("member").await;
    let invite = scene
        .app
        .invite(&scene.acme, &scene.ann, "x@example.com", "member")
        .await;
    let before = scene.audit_count().await;
    let input = json!({
        "reinvite": true,
        "regenerate": true,
        "orgRole": "manager",
        "teamRoles": team_roles(&[("red", None)]),
    });

    let reply = scene.ann.update_member_roles(&invite.member, input).await.done(UPDATE);

    assert_eq!(reply.data("updateMemberRoles.member.role.id"), "manager");
    let mut events = scene.events_since(before).await;
    events.sort_unstable();
    assert_eq!(events, [MEMBER_EDIT, MEMBER_JOIN_TEAM, MEMBER_REINVITE]);
    let joined = scene
        .app
        .person("dana")
        .accept_invite(&reply.token(UPDATE))
        .await
        .done("acceptInvite");
    assert_eq!(joined.data("acceptInvite.member.role.id"), "manager");
}

#[tokio::test]
async fn a_refused_change_refuses_the_resend_too() {
    let scene = Scene::start("member").await;
    let invite = scene
        .app
        .invite(&scene.acme, &scene.ann, "x@example.com", "member")
        .await;
    for (change, code) in [
        (json!({ "orgRole": "chief" }), "INVALID_ROLE"),
        (json!({ "orgRole": "admin" }), "ROLE_RETIRED"),
        (json!({ "teamRoles": team_roles(&[("none", None)]) }), "INVALID_TEAM"),
    ] {
        let mut input = change;
        input["reinvite"] = json!(true);
        input["regenerate"] = json!(true);
        let reply = scene
            .app
            .unchanged(scene.ann.update_member_roles(&invite.member, input))
            .await;
        assert_eq!(reply.codes(UPDATE), [code]);
    }
    scene
        .app
        .person("dana")
        .accept_invite(&invite.token)
        .await
        .done("acceptInvite");
}

#[tokio::test]
async fn the_link_shows_only_to_who_could_give_the_role() {
    let scene = Scene::start("member").await;
    let (carl, _) = scene.person("carl", "manager").await;
    let owner = scene
        .app
        .invite(&scene.acme, &scene.ann, "x@example.com", "owner")
        .await;
    let manager = scene
        .app
        .invite(&scene.acme, &scene.ann, "y@example.com", "manager")
        .await;
    for input in [
        json!({ "reinvite": true }),
        json!({ "reinvite": true, "regenerate": true }),
    ] {
        let reply = carl
            .update_member_roles(&owner.member, input.clone())
            .await
            .done(UPDATE);
        assert_eq!(reply.data("updateMemberRoles.acceptUrl"), &Value::Null);
        let reply = carl
            .update_member_roles(&manager.member, input.clone())
            .await
            .done(UPDATE);
        assert!(reply.data("updateMemberRoles.acceptUrl").is_string());
        let reply = scene
            .app
            .superuser()
            .update_member_roles(&owner.member, input)
            .await
            .done(UPDATE);
        assert!(reply.data("updateMemberRoles.acceptUrl").is_string());
    }
    // Without a resend there is no link, also for a pending row.
    let reply = scene
        .ann
        .update_member_roles(&owner.member, json!({ "orgRole": "member" }))
        .await
        .done(UPDATE);
    assert_eq!(reply.data("updateMemberRoles.acceptUrl"), &Value::Null);
}

#[tokio::test]
async fn without_mail_a_resend_is_a_link() {
    let scene = Scene::start_with("member", |config| config.features.mail_invites = false).await;
    let invite = scene
        .app
        .invite(&scene.acme, &scene.ann, "x@example.com", "member")
        .await;
    let before = scene.audit_count().await;

    let reply = scene
        .ann
        .update_member_roles(&invite.member, json!({ "reinvite": true }))
        .await
        .done(UPDATE);

    assert_eq!(reply.token(UPDATE), invite.token);
    assert!(scene.app.db_jobs().await.is_empty());
    assert_eq!(scene.events_since(before).await, [MEMBER_REINVITE]);
}

#[tokio::test]
async fn a_person_without_member_admin_in_the_token_resends_only_their_own() {
    let scene = Scene::start("member").await;
    let foreign = scene
        .bob
        .create_invite(&scene.acme, json!({ "email": "x@example.com" }))
        .await
        .done("createInvite");
    let foreign = foreign.text("createInvite.member.id");
    let own = scene
        .app
        .invite(&scene.acme, &scene.ann, "y@example.com", "member")
        .await;
    scene.app.db_auth_provider(&scene.acme, true).await;
    let narrow = scene.ann.with(json!({ "scope": "member:write" }));
    let reinvite = || json!({ "reinvite": true });

    let reply = scene
        .app
        .unchanged(narrow.update_member_roles(&foreign, reinvite()))
        .await;
    assert_eq!(reply.codes(UPDATE), ["NOT_YOUR_INVITE"]);
    let reply = scene
        .app
        .unchanged(narrow.update_member_roles(&scene.member, reinvite()))
        .await;
    assert_eq!(reply.codes(UPDATE), ["FORBIDDEN"], "nothing is sent to who has joined");
    narrow.update_member_roles(&own.member, reinvite()).await.done(UPDATE);
}
