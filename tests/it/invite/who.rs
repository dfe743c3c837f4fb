//! Who invites, and at what role (§4, §5, §8.2).

use super::*;

#[tokio::test]
async fn an_invite_shows_what_was_asked_for() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Red").await;
    let input = json!({ "email": "Bob@Example.com", "orgRole": "manager", "teamSlugs": ["red"] });

    let reply = ann.create_invite(&acme, input).await.done("createInvite");

    assert_eq!(reply.data("createInvite.invite.email"), "Bob@Example.com");
    assert_eq!(reply.data("createInvite.invite.status"), "PENDING");
    assert_eq!(reply.data("createInvite.invite.role.id"), "manager");
    assert_eq!(reply.data("createInvite.invite.teams"), &json!([{ "slug": "red" }]));
    assert_eq!(
        reply.data("createInvite.invite.inviter.id"),
        &json!(ann.user_id().await)
    );
    assert_eq!(reply.data("createInvite.member.isPending"), true);
    assert_eq!(reply.data("createInvite.member.user"), &Value::Null);
    assert_eq!(reply.data("createInvite.member.role.id"), "manager");
    let ends: DateTime<Utc> = reply.text("createInvite.invite.expiresAt").parse().unwrap();
    let days = (ends - Utc::now()).num_hours() as f64 / 24.0;
    assert!((29.0..=30.0).contains(&days), "{days}");
}

#[tokio::test]
async fn an_invite_without_a_role_is_for_a_member() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;

    let reply = ann
        .create_invite(&acme, json!({ "email": "bob@example.com" }))
        .await
        .done("createInvite");

    assert_eq!(reply.data("createInvite.member.role.id"), "member");
}

#[tokio::test]
async fn people_invite_up_to_their_own_role() {
    let app = TestApp::start().await;
    for (actor, allowed) in [
        ("owner", vec!["member", "manager", "owner"]),
        ("manager", vec!["member", "manager"]),
        ("admin", vec!["member"]),
        ("member", vec!["member"]),
    ] {
        let dana = app.person(&format!("dana-{actor}"));
        let globex = app.organization_of(&dana, &format!("Globex {actor}")).await;
        app.db_set_role(&globex.owner, actor).await;
        for role in ["member", "manager", "owner"] {
            let invite = dana.create_invite(
                &globex,
                json!({ "email": format!("{role}@example.com"), "orgRole": role }),
            );
            if allowed.contains(&role) {
                invite.await.done("createInvite");
            } else {
                let reply = app.unchanged(invite).await;
                assert_eq!(
                    reply.refusals("createInvite"),
                    [("ROLE_NOT_ALLOWED", "input.orgRole")],
                    "{actor} {role}"
                );
            }
        }
    }
}

#[tokio::test]
async fn the_retired_role_is_given_only_without_team_roles() {
    let app = TestApp::start().await;
    let (acme, ann, bob, _) = with_bob(&app, "member").await;
    let input = json!({ "email": "carl@example.com", "orgRole": "admin" });

    let refused = app.unchanged(ann.create_invite(&acme, input.clone())).await;
    assert_eq!(refused.refusals("createInvite"), [("ROLE_RETIRED", "input.orgRole")]);

    let plain = app.node_with(|config| config.features.team_roles = false).await;
    let refused = app.unchanged(bob.at(&plain).create_invite(&acme, input.clone())).await;
    assert_eq!(
        refused.refusals("createInvite"),
        [("ROLE_NOT_ALLOWED", "input.orgRole")]
    );
    let reply = ann.at(&plain).create_invite(&acme, input).await.done("createInvite");
    assert_eq!(reply.data("createInvite.member.role.id"), "admin");
}

#[tokio::test]
async fn a_superuser_invites_at_any_role() {
    let app = TestApp::start().await;
    let (acme, _) = app.organization("Acme").await;

    let reply = app
        .superuser()
        .create_invite(&acme, json!({ "email": "bob@example.com", "orgRole": "owner" }))
        .await;

    assert_eq!(reply.done("createInvite").data("createInvite.member.role.id"), "owner");
}

#[tokio::test]
async fn a_superuser_whose_token_is_narrowed_sees_no_link() {
    let app = TestApp::start().await;
    let (acme, _) = app.organization("Acme").await;
    let narrowed = app.superuser().with(json!({ "scope": "member:invite" }));

    let reply = narrowed
        .create_invite(&acme, json!({ "email": "bob@example.com", "orgRole": "owner" }))
        .await
        .done("createInvite");

    assert!(reply.data("createInvite.acceptUrl").is_null(), "{reply:?}");
}

#[tokio::test]
async fn a_superuser_stays_outside_where_the_organization_says_so() {
    let app = TestApp::start().await;
    let (acme, _) = app.organization("Acme").await;
    app.db_set_organization_flags(&acme, flag::ALLOW_JOINLEAVE | flag::PREVENT_SUPERUSER_ACCESS)
        .await;

    let reply = app
        .unchanged(
            app.superuser()
                .create_invite(&acme, json!({ "email": "bob@example.com" })),
        )
        .await;

    assert_eq!(reply.codes("createInvite"), ["ORGANIZATION_NOT_FOUND"]);
}

#[tokio::test]
async fn members_invite_only_where_members_may() {
    let app = TestApp::start().await;
    for role in ["member", "admin"] {
        let dana = app.person(&format!("dana-{role}"));
        let globex = app.organization_of(&dana, &format!("Globex {role}")).await;
        app.db_set_role(&globex.owner, role).await;
        let invite = || dana.create_invite(&globex, json!({ "email": "x@example.com" }));

        app.db_set_organization_flags(&globex, flag::ALLOW_JOINLEAVE | flag::DISABLE_MEMBER_INVITE)
            .await;
        assert_eq!(app.unchanged(invite()).await.codes("createInvite"), ["FORBIDDEN"]);

        app.db_set_organization_flags(&globex, flag::ALLOW_JOINLEAVE).await;
        let off = app.node_with(|config| config.features.member_invites = false).await;
        let reply = app
            .unchanged(
                dana.at(&off)
                    .create_invite(&globex, json!({ "email": "x@example.com" })),
            )
            .await;
        assert_eq!(reply.codes("createInvite"), ["FORBIDDEN"]);

        invite().await.done("createInvite");
    }
}

#[tokio::test]
async fn managers_invite_even_where_members_may_not() {
    let app = TestApp::start().await;
    let (acme, _, bob, _) = with_bob(&app, "manager").await;
    app.db_set_organization_flags(&acme, flag::DISABLE_MEMBER_INVITE).await;

    bob.create_invite(&acme, json!({ "email": "carl@example.com" }))
        .await
        .done("createInvite");
}

#[tokio::test]
async fn a_narrow_token_of_an_owner_does_not_invite() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let narrow = ann.with(json!({ "scope": "org:admin member:read" }));

    let reply = app
        .unchanged(narrow.create_invite(&acme, json!({ "email": "bob@example.com" })))
        .await;

    assert_eq!(reply.codes("createInvite"), ["FORBIDDEN"]);
}

#[tokio::test]
async fn strangers_find_no_organization_to_invite_to() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let zoe = app.person("zoe");
    app.organization_of(&zoe, "Globex").await;
    let input = json!({ "email": "not an address", "orgRole": "chief", "teamSlugs": ["none"] });

    let known = app.unchanged(zoe.create_invite(&acme, input.clone())).await;
    assert_eq!(known.codes("createInvite"), ["ORGANIZATION_NOT_FOUND"]);

    let elsewhere = |id: &str| Organization {
        id: id.into(),
        ..acme.clone()
    };
    for id in [
        "",
        "x",
        "42",
        &acme.slug,
        &acme.owner,
        &entity::ids::OrganizationId(999_999).global(),
        &"A".repeat(9999),
    ] {
        let unknown = app.unchanged(ann.create_invite(&elsewhere(id), input.clone())).await;
        assert_eq!(unknown.codes("createInvite"), ["ORGANIZATION_NOT_FOUND"], "{id}");
        assert_eq!(
            known.data("createInvite.userErrors.0.message"),
            unknown.data("createInvite.userErrors.0.message"),
            "the two are told apart"
        );
    }
}

#[tokio::test]
async fn nobody_invites_without_a_valid_credential() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let past = Utc::now().timestamp() - 3600;
    for (why, nobody) in [
        ("anonymous", app.anonymous()),
        ("garbage", app.with_bearer("x.y.z")),
        ("unknown app", app.with_bearer(&format!("rst_{}", "A".repeat(43)))),
        ("expired", ann.with(json!({ "exp": past }))),
        ("endless", ann.with(json!({ "exp": null }))),
        ("other audience", ann.with(json!({ "aud": "elsewhere" }))),
        ("no audience", ann.with(json!({ "aud": null }))),
        ("other issuer", ann.with(json!({ "iss": "https://evil.example.com" }))),
        ("no subject", ann.with(json!({ "sub": null }))),
    ] {
        let reply = app
            .unchanged(nobody.create_invite(&acme, json!({ "email": "bob@example.com" })))
            .await;
        assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"], "{why}: {reply:#?}");
    }
}

#[tokio::test]
async fn gates_close_before_an_invite_in_their_order() {
    let app = TestApp::start().await;
    let (acme, _, bob, member) = with_bob(&app, "manager").await;
    let bob = bob.with(json!({ "scope": "org:read" }));
    app.db_set_organization_flags(&acme, flag::REQUIRE_2FA).await;
    app.db_auth_provider(&acme, false).await;
    app.db_set_flags(&member, member::flag::MEMBER_LIMIT_RESTRICTED).await;
    let invite = |bob: &Client| {
        let bob = bob.clone();
        let acme = acme.clone();
        async move { bob.create_invite(&acme, json!({ "email": "not an address" })).await }
    };

    assert_eq!(
        app.unchanged(invite(&bob)).await.codes("createInvite"),
        ["TWO_FACTOR_REQUIRED"]
    );

    let bob = bob.with(json!({ "amr": ["pwd", "otp"] })).seen().await;
    assert_eq!(
        app.unchanged(invite(&bob)).await.codes("createInvite"),
        ["SSO_REQUIRED"]
    );

    let linked = member::flag::SSO_LINKED;
    app.db_set_flags(
        &member,
        member::flag::MEMBER_LIMIT_RESTRICTED | linked | member::flag::SSO_INVALID,
    )
    .await;
    assert_eq!(
        app.unchanged(invite(&bob)).await.codes("createInvite"),
        ["SSO_REQUIRED"]
    );

    app.db_set_flags(&member, member::flag::MEMBER_LIMIT_RESTRICTED | linked)
        .await;
    assert_eq!(
        app.unchanged(invite(&bob)).await.codes("createInvite"),
        ["MEMBER_DISABLED_OVER_LIMIT"]
    );

    app.db_set_flags(&member, linked).await;
    assert_eq!(app.unchanged(invite(&bob)).await.codes("createInvite"), ["FORBIDDEN"]);

    let bob = bob.with(json!({ "scope": null }));
    assert_eq!(
        app.unchanged(invite(&bob)).await.codes("createInvite"),
        ["INVALID_EMAIL"]
    );
}

#[tokio::test]
async fn nobody_is_invited_to_an_organization_that_is_going_away() {
    let app = TestApp::start().await;
    let (acme, ann, bob, _) = with_bob(&app, "manager").await;
    for status in [
        OrganizationStatus::PendingDeletion,
        OrganizationStatus::DeletionInProgress,
    ] {
        app.db_set_status(&acme, status).await;
        for actor in [&ann, &bob] {
            let reply = app
                .unchanged(actor.create_invite(&acme, json!({ "email": "carl@example.com" })))
                .await;
            assert_eq!(reply.codes("createInvite"), ["ORGANIZATION_NOT_FOUND"], "{status:?}");
        }
    }
}
