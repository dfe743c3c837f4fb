//! Links that are not taken (§7.1).

use super::*;

#[tokio::test]
async fn only_the_right_token_is_accepted() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "owner").await;
    let other = app.invite(&acme, &ann, "carl@example.com", "member").await;
    let bob = app.person("bob");
    let mut messages = Vec::new();

    for token in forged(&invite.token, &other) {
        let reply = app.unchanged(bob.accept_invite(&token)).await;
        assert_eq!(reply.codes("acceptInvite"), ["INVITE_INVALID"], "{token:?}");
        messages.push(reply.text("acceptInvite.userErrors.0.message"));
    }
    messages.dedup();
    assert_eq!(messages.len(), 1, "forged tokens are told apart");
    bob.accept_invite(&invite.token).await.done("acceptInvite");
}

#[tokio::test]
async fn only_people_accept() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    let bob = app.person("bob");
    let id = bob.user_id().await;
    let robot = app.db_app(&acme, &["org:admin", "member:admin", "team:admin"]).await;

    for token in [invite.token.as_str(), "x"] {
        for nobody in [
            &app.anonymous(),
            &robot,
            &app.with_bearer("x"),
            &bob.with(json!({ "aud": "elsewhere" })),
        ] {
            let reply = app.unchanged(nobody.accept_invite(token)).await;
            assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"], "{reply:#?}");
            assert!(!reply.body.to_string().contains(&invite.token), "{reply:#?}");
        }
    }
    app.db_set_active(&id, false).await;
    let reply = app.unchanged(bob.accept_invite(&invite.token)).await;
    assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);
}

#[tokio::test]
async fn a_token_is_used_once() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let (bob, carl) = (app.person("bob"), app.person("carl"));
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    bob.accept_invite(&invite.token).await.done("acceptInvite");

    for person in [&bob, &carl, &ann] {
        let reply = app.unchanged(person.accept_invite(&invite.token)).await;
        assert_eq!(reply.codes("acceptInvite"), ["INVITE_INVALID"]);
    }
}

#[tokio::test]
async fn a_row_that_is_not_approved_is_not_joined() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    for status in [InviteStatus::RequestedToBeInvited, InviteStatus::RequestedToJoin] {
        app.db_change_member(&invite.member, |row| row.invite_status = Set(status))
            .await;
        // Also not by somebody whose acceptance would delete an invite.
        for person in [app.person("bob"), ann.clone()] {
            let reply = app.unchanged(person.accept_invite(&invite.token)).await;
            assert_eq!(reply.codes("acceptInvite"), ["INVITE_INVALID"]);
        }
    }
}

#[tokio::test]
async fn a_withdrawn_or_renewed_link_is_dead() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    let renewed = app.invite(&acme, &ann, "a@example.com", "member").await;
    let cleared = app.invite(&acme, &ann, "b@example.com", "member").await;
    let withdrawn = app.invite(&acme, &ann, "c@example.com", "member").await;
    app.db_change_member(&renewed.member, |row| row.invite_nonce = Set(Some(vec![7; 16])))
        .await;
    app.db_change_member(&cleared.member, |row| row.invite_nonce = Set(None))
        .await;
    member::Entity::delete_by_id(row::<MemberId>(&withdrawn.member))
        .exec(&app.db)
        .await
        .unwrap();

    for invite in [renewed, cleared, withdrawn] {
        let reply = app.unchanged(bob.accept_invite(&invite.token)).await;
        assert_eq!(reply.codes("acceptInvite"), ["INVITE_INVALID"]);
    }
}

#[tokio::test]
async fn nobody_joins_an_organization_that_is_going_away() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    for status in [
        OrganizationStatus::PendingDeletion,
        OrganizationStatus::DeletionInProgress,
        OrganizationStatus::RelocationPendingApproval,
    ] {
        app.db_set_status(&acme, status).await;
        let reply = app.unchanged(app.person("bob").accept_invite(&invite.token)).await;
        assert_eq!(reply.codes("acceptInvite"), ["INVITE_INVALID"], "{status:?}");
    }
    app.db_set_status(&acme, OrganizationStatus::Active).await;
    app.person("bob")
        .accept_invite(&invite.token)
        .await
        .done("acceptInvite");
}

#[tokio::test]
async fn an_expired_invite_is_told_to_whoever_holds_it() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    let other = app.invite(&acme, &ann, "carl@example.com", "member").await;
    app.db_expire_invite(&invite.member).await;

    // A member too: the invite is not theirs to delete.
    for person in [app.person("bob"), ann.clone()] {
        let reply = app.unchanged(person.accept_invite(&invite.token)).await;
        assert_eq!(reply.codes("acceptInvite"), ["INVITE_EXPIRED"]);
    }
    for token in forged(&invite.token, &other) {
        let reply = app.unchanged(app.person("bob").accept_invite(&token)).await;
        assert_eq!(reply.codes("acceptInvite"), ["INVITE_INVALID"]);
    }
}

#[tokio::test]
async fn an_invite_without_an_end_does_not_expire() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    app.db_change_member(&invite.member, |row| row.token_expires_at = Set(None))
        .await;

    app.person("bob")
        .accept_invite(&invite.token)
        .await
        .done("acceptInvite");
}

#[tokio::test]
async fn the_lifetime_of_invites_is_a_setting() {
    let app = TestApp::start_with(|config| config.invites.lifetime = std::time::Duration::from_micros(1)).await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;

    let reply = app.unchanged(app.person("bob").accept_invite(&invite.token)).await;

    assert_eq!(
        reply.codes("acceptInvite"),
        ["INVITE_EXPIRED"],
        "exactly now counts as expired"
    );
}

#[tokio::test]
async fn a_member_who_accepts_deletes_the_invite_and_nothing_else() {
    let app = TestApp::start().await;
    let (acme, ann, bob, member) = with_bob(&app, "member").await;
    app.team(&acme, &ann, "Red").await;
    let input = json!({ "email": "other@example.com", "orgRole": "owner", "teamSlugs": ["red"] });
    let invite = ann.create_invite(&acme, input).await.done("createInvite");
    let pending = invite.text("createInvite.member.id");
    let before = app.db_snapshot().await;
    // Neither of these comes before being a member.
    app.db_set_organization_flags(&acme, flag::REQUIRE_2FA | flag::REQUIRE_EMAIL_VERIFICATION)
        .await;
    app.db_auth_provider(&acme, false).await;

    let reply = bob.accept_invite(&invite.token("createInvite")).await;

    assert_eq!(reply.codes("acceptInvite"), ["ALREADY_MEMBER"]);
    assert!(app.db_member(&pending).await.is_none());
    assert!(app.db_teams_of(&pending).await.is_empty());
    assert_eq!(app.db_member(&member).await.unwrap().role, "member");
    assert!(app.db_teams_of(&member).await.is_empty());
    let after = app.db_snapshot().await;
    assert_eq!(before["audit_log_entry"], after["audit_log_entry"]);
    assert_eq!(before["member"].len() - 1, after["member"].len());
    let recorded = (Category::OrganizationMemberUpdate, row::<MemberId>(&pending).into());
    let outbox = app.db_outbox(&acme).await;
    assert_eq!(
        outbox[before["outbox"].len()..]
            .iter()
            .filter(|change| **change == recorded)
            .count(),
        1
    );
}

#[tokio::test]
async fn joining_asks_for_what_the_organization_requires_in_order() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    app.db_set_organization_flags(&acme, flag::REQUIRE_2FA | flag::REQUIRE_EMAIL_VERIFICATION)
        .await;
    let provider = app.db_auth_provider(&acme, false).await;
    let bob = app.person("bob").with(json!({ "email_verified": false }));
    let id = bob.user_id().await;
    // Somebody else's identity, and Bob's for another provider, do not count.
    let globex = app.organization_of(&ann, "Globex").await;
    app.db_auth_identity(&provider, &ann.user_id().await).await;
    app.db_auth_identity(&app.db_auth_provider(&globex, false).await, &id)
        .await;
    let accept = |bob: &Client| {
        let (bob, token) = (bob.clone(), invite.token.clone());
        async move { bob.accept_invite(&token).await }
    };

    assert_eq!(
        app.unchanged(accept(&bob)).await.codes("acceptInvite"),
        ["TWO_FACTOR_REQUIRED"]
    );
    let password = bob.with(json!({ "amr": ["pwd"] }));
    assert_eq!(
        app.unchanged(accept(&password)).await.codes("acceptInvite"),
        ["TWO_FACTOR_REQUIRED"]
    );

    let bob = bob.with(json!({ "amr": ["pwd", "mfa"] }));
    assert_eq!(
        app.unchanged(accept(&bob)).await.codes("acceptInvite"),
        ["EMAIL_VERIFICATION_REQUIRED"]
    );
    let nameless = bob.with(json!({ "email": null, "email_verified": null }));
    assert_eq!(
        app.unchanged(accept(&nameless)).await.codes("acceptInvite"),
        ["EMAIL_VERIFICATION_REQUIRED"]
    );

    let bob = bob.with(json!({ "email_verified": true }));
    assert_eq!(
        app.unchanged(accept(&bob)).await.codes("acceptInvite"),
        ["SSO_REQUIRED"]
    );

    app.db_auth_identity(&provider, &id).await;
    accept(&bob).await.done("acceptInvite");
}

#[tokio::test]
async fn a_second_factor_is_remembered_until_a_session_says_otherwise() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.db_set_organization_flags(&acme, flag::ALLOW_JOINLEAVE).await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    app.db_set_organization_flags(&acme, flag::REQUIRE_2FA).await;
    let bob = app.person("bob");
    bob.with(json!({ "amr": ["hwk"] })).user_id().await;

    let password = bob.with(json!({ "amr": ["pwd"] }));
    let reply = app.unchanged(password.accept_invite(&invite.token)).await;
    assert_eq!(reply.codes("acceptInvite"), ["TWO_FACTOR_REQUIRED"]);
    let reply = app.unchanged(bob.accept_invite(&invite.token)).await;
    assert_eq!(
        reply.codes("acceptInvite"),
        ["TWO_FACTOR_REQUIRED"],
        "the password session was the last word"
    );

    bob.with(json!({ "amr": ["fido"] })).user_id().await;
    bob.accept_invite(&invite.token).await.done("acceptInvite");
}

#[tokio::test]
async fn optional_sign_on_is_not_required() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    app.db_auth_provider(&acme, true).await;

    app.person("bob")
        .accept_invite(&invite.token)
        .await
        .done("acceptInvite");
}

#[tokio::test]
async fn without_its_feature_no_verified_address_is_required() {
    let app = TestApp::start_with(|config| config.features.email_verification = false).await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    app.db_set_organization_flags(&acme, flag::REQUIRE_EMAIL_VERIFICATION)
        .await;
    let bob = app.person("bob").with(json!({ "email_verified": false }));

    bob.accept_invite(&invite.token).await.done("acceptInvite");
}

#[tokio::test]
async fn secrets_of_invites_are_rotated() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    let new = "another-invite-secret-of-the-tests-0123456789";
    let after = app.node_with(|config| config.invites.secret = vec![new.into()]).await;
    let during = app
        .node_with(|config| config.invites.secret = vec![new.into(), INVITE_SECRET.into()])
        .await;

    let reply = app
        .unchanged(app.person("bob").at(&after).accept_invite(&invite.token))
        .await;
    assert_eq!(reply.codes("acceptInvite"), ["INVITE_INVALID"]);
    app.person("bob")
        .at(&during)
        .accept_invite(&invite.token)
        .await
        .done("acceptInvite");

    let signed = app.invite(&acme, &ann.at(&during), "carl@example.com", "member").await;
    app.person("carl")
        .at(&after)
        .accept_invite(&signed.token)
        .await
        .done("acceptInvite");
}
