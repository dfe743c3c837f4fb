//! Who makes and ends tokens.

use entity::{member, organization::flag};

use super::*;

#[tokio::test]
async fn only_org_admins_make_and_end_tokens() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let (bob, carl) = (app.person("bob"), app.person("carl"));
    app.join(&acme, &ann, &bob, "manager").await;
    app.join(&acme, &ann, &carl, "member").await;
    let limited = ann
        .with(json!({ "scope": "org:write member:admin team:admin" }))
        .seen()
        .await;
    let writer = app.db_app(&acme, &["org:write", "member:admin", "team:admin"]).await;
    let token = ann.token(&acme, &["org:read"]).await;
    // Before anything is checked that was given.
    let input = || json!({ "name": "", "scopes": ["nonsense"] });

    for caller in [&bob, &carl, &limited, &writer] {
        let reply = app.unchanged(caller.create_token(&acme, input())).await;
        assert_eq!(reply.refusals(CREATE), [("FORBIDDEN", "")]);
        let reply = app.unchanged(caller.revoke_token(&token.id)).await;
        assert_eq!(reply.refusals(REVOKE), [("FORBIDDEN", "")]);
    }
    let gus = app.person("gus").seen().await;
    let globex = app.organization_of(&gus, "Globex").await;
    let foreign = app.db_app(&globex, &["org:admin"]).await;
    for stranger in [&gus, &foreign] {
        let reply = app.unchanged(stranger.create_token(&acme, input())).await;
        assert_eq!(
            reply.refusals(CREATE),
            [("ORGANIZATION_NOT_FOUND", "input.organizationId")]
        );
        let reply = app.unchanged(stranger.revoke_token(&token.id)).await;
        assert_eq!(reply.refusals(REVOKE), [("VALIDATION_FAILED", "input.apiTokenId")]);
    }
    let nobody = app.anonymous();
    for reply in [
        app.unchanged(nobody.create_token(&acme, input())).await,
        app.unchanged(nobody.revoke_token(&token.id)).await,
    ] {
        assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);
    }

    let robot = app.db_app(&acme, &["org:admin"]).await;
    for caller in [&ann, &app.superuser(), &robot] {
        let made = caller.token(&acme, &["org:read"]).await;
        let reply = caller.revoke_token(&made.id).await.done(REVOKE);
        assert_eq!(reply.text("revokeApiToken.revokedApiTokenId"), made.id);
    }
}

#[tokio::test]
async fn gates_come_first() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let token = ann.token(&acme, &["org:read"]).await;
    let is_refused = async |code: &str| {
        let input = json!({ "name": "", "scopes": [] });
        let reply = app.unchanged(ann.create_token(&acme, input)).await;
        assert_eq!(reply.codes(CREATE), [code]);
        let reply = app.unchanged(ann.revoke_token(&token.id)).await;
        assert_eq!(reply.codes(REVOKE), [code]);
        let reply = ann.tokens(&acme).await;
        assert_eq!(reply.error_codes(), [code]);
    };
    app.db_set_flags(&acme.owner, member::flag::MEMBER_LIMIT_RESTRICTED)
        .await;
    is_refused("MEMBER_DISABLED_OVER_LIMIT").await;
    app.db_auth_provider(&acme, false).await;
    is_refused("SSO_REQUIRED").await;
    app.db_set_organization_flags(&acme, flag::REQUIRE_2FA).await;
    is_refused("TWO_FACTOR_REQUIRED").await;
}

#[tokio::test]
async fn a_token_that_was_ended_is_refused_at_once() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let (gone, kept) = (
        ann.token(&acme, &["org:admin"]).await,
        ann.token(&acme, &["org:read"]).await,
    );
    let robot = app.with_bearer(&gone.secret);
    assert!(!robot.tokens(&acme).await.ok().data("organization").is_null());

    ann.revoke_token(&gone.id).await.done(REVOKE);

    let reply = robot.tokens(&acme).await;
    assert_eq!(
        (reply.status, reply.error_codes()),
        (401, vec!["UNAUTHENTICATED".to_owned()])
    );
    assert_eq!(
        app.with_bearer(&kept.secret).node_kind(&acme.id).await["__typename"],
        "Organization"
    );
    assert_eq!(db_tokens(&app).await.len(), 1);
    for id in [
        gone.id.as_str(),
        "",
        "nonsense",
        acme.id.as_str(),
        "QXBpVG9rZW46OTk5OTk",
    ] {
        let reply = app.unchanged(ann.revoke_token(id)).await;
        assert_eq!(
            reply.refusals(REVOKE),
            [("VALIDATION_FAILED", "input.apiTokenId")],
            "{id:?}"
        );
    }
}

#[tokio::test]
async fn of_many_who_end_one_token_one_does() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let token = ann.token(&acme, &["org:read"]).await;
    let ends = (0..10).map(|_| ann.revoke_token(&token.id));
    let replies = futures_util::future::join_all(ends).await;
    let done = replies.iter().filter(|reply| reply.codes(REVOKE).is_empty()).count();
    assert_eq!(done, 1);
}

#[tokio::test]
async fn a_token_outlives_the_membership_of_its_maker() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    let member = app.join(&acme, &ann, &bob, "owner").await;
    let token = bob.token(&acme, &["org:admin"]).await;
    app.db_set_role(&member, "member").await;
    let robot = app.with_bearer(&token.secret);
    robot.token(&acme, &["org:admin"]).await;
}
