//! Looking at a link (§6).

use super::*;

#[tokio::test]
async fn a_preview_tells_what_the_link_is_for() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "manager").await;

    let reply = app.unchanged(app.anonymous().invite_preview(&invite.token)).await;

    let preview = reply.data("invitePreview");
    assert_eq!(preview["organizationId"], json!(acme.id));
    assert_eq!(preview["organizationSlug"], "acme");
    assert_eq!(preview["organizationName"], "Acme");
    assert_eq!(preview["inviterName"], "Ann");
    assert_eq!(preview["role"]["id"], "manager");
    assert_eq!(preview["isExpired"], false);
    assert_eq!(preview["requirements"], json!(["SIGN_IN"]));
    assert_eq!(preview["hasAuthProvider"], false);
    assert_eq!(preview["requireSso"], false);
    assert_eq!(preview["ssoProvider"], Value::Null);
    assert_eq!(preview["isExistingMember"], false);
    let ends: DateTime<Utc> = preview["expiresAt"].as_str().unwrap().parse().unwrap();
    assert!(ends > Utc::now() + Duration::days(29));
}

#[tokio::test]
async fn a_preview_lists_what_stands_between_the_caller_and_a_yes() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    app.db_set_organization_flags(&acme, flag::REQUIRE_2FA | flag::REQUIRE_EMAIL_VERIFICATION)
        .await;
    let provider = app.db_auth_provider(&acme, false).await;
    let requirements = async |caller: &Client| {
        let reply = app.unchanged(caller.invite_preview(&invite.token)).await;
        reply.data("invitePreview.requirements").clone()
    };

    let nobody = requirements(&app.anonymous()).await;
    assert_eq!(
        nobody,
        json!(["SIGN_IN", "ENROLL_TWO_FACTOR", "VERIFY_EMAIL", "LINK_SSO"])
    );

    let bob = app.person("bob").with(json!({ "email_verified": false }));
    let id = bob.user_id().await;
    assert_eq!(
        requirements(&bob).await,
        json!(["ENROLL_TWO_FACTOR", "VERIFY_EMAIL", "LINK_SSO"])
    );
    let bob = bob.with(json!({ "amr": ["otp"] }));
    assert_eq!(requirements(&bob).await, json!(["VERIFY_EMAIL", "LINK_SSO"]));
    let bob = bob.with(json!({ "email_verified": true }));
    assert_eq!(requirements(&bob).await, json!(["LINK_SSO"]));
    app.db_auth_identity(&provider, &id).await;
    assert_eq!(requirements(&bob).await, json!([]));
}

#[tokio::test]
async fn a_preview_names_the_provider() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&ann, "Globex").await;
    let strict = app.invite(&acme, &ann, "bob@example.com", "member").await;
    let loose = app.invite(&globex, &ann, "bob@example.com", "member").await;
    app.db_auth_provider(&acme, false).await;
    app.db_auth_provider(&globex, true).await;

    for (invite, required) in [(strict, true), (loose, false)] {
        let reply = app.anonymous().invite_preview(&invite.token).await;
        assert_eq!(reply.data("invitePreview.hasAuthProvider"), true);
        assert_eq!(reply.data("invitePreview.requireSso"), required);
        assert_eq!(reply.data("invitePreview.ssoProvider"), "Google");
        let listed = reply
            .data("invitePreview.requirements")
            .as_array()
            .unwrap()
            .contains(&json!("LINK_SSO"));
        assert_eq!(listed, required);
    }
}

#[tokio::test]
async fn a_preview_does_not_ask_for_a_verified_address_without_the_feature() {
    let app = TestApp::start_with(|config| config.features.email_verification = false).await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    app.db_set_organization_flags(&acme, flag::REQUIRE_EMAIL_VERIFICATION)
        .await;

    let reply = app.anonymous().invite_preview(&invite.token).await;

    assert_eq!(reply.data("invitePreview.requirements"), &json!(["SIGN_IN"]));
}

#[tokio::test]
async fn a_preview_shows_that_the_invite_is_over_or_not_needed() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;

    let reply = app.unchanged(ann.invite_preview(&invite.token)).await;
    assert_eq!(reply.data("invitePreview.isExistingMember"), true);

    app.db_expire_invite(&invite.member).await;
    for caller in [app.anonymous(), app.person("bob")] {
        let reply = app.unchanged(caller.invite_preview(&invite.token)).await;
        assert_eq!(reply.data("invitePreview.isExpired"), true);
        assert_eq!(reply.data("invitePreview.isExistingMember"), false);
    }
}

#[tokio::test]
async fn a_preview_of_an_apps_invite_names_no_inviter() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    app.db_change_member(&invite.member, |row| row.inviter_id = Set(None))
        .await;

    let reply = app.anonymous().invite_preview(&invite.token).await;

    assert_eq!(reply.data("invitePreview.inviterName"), &Value::Null);
}

#[tokio::test]
async fn invalid_tokens_have_no_preview() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "owner").await;
    let other = app.invite(&acme, &ann, "carl@example.com", "member").await;
    let used = app.invite(&acme, &ann, "dana@example.com", "member").await;
    app.person("dana").accept_invite(&used.token).await.done("acceptInvite");
    let mut tokens = forged(&invite.token, &other);
    tokens.push(used.token);

    for token in tokens {
        for caller in [app.anonymous(), ann.clone()] {
            let reply = caller.invite_preview(&token).await;
            assert_eq!(reply.data("invitePreview"), &Value::Null, "{token:?}");
        }
    }
}

#[tokio::test]
async fn a_preview_needs_an_approved_invite_to_an_active_organization() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    let preview = async || {
        app.anonymous()
            .invite_preview(&invite.token)
            .await
            .data("invitePreview")
            .clone()
    };

    app.db_set_status(&acme, OrganizationStatus::PendingDeletion).await;
    assert_eq!(preview().await, Value::Null);
    app.db_set_status(&acme, OrganizationStatus::Active).await;
    app.db_change_member(&invite.member, |row| {
        row.invite_status = Set(InviteStatus::RequestedToJoin)
    })
    .await;
    assert_eq!(preview().await, Value::Null);
    app.db_change_member(&invite.member, |row| row.invite_status = Set(InviteStatus::Approved))
        .await;
    assert!(preview().await.is_object());
}
