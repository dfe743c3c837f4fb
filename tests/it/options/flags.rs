//! Flags (§2.1) and the rules of those that are requirements.

use entity::organization::flag;
use serde_json::{Value, json};

use super::{ORG_EDIT, SAVE, Scene, changes};

/// API field, stored name, bit, and the API's value while the bit is not set.
const FLAGS: [(&str, &str, i64, bool); 8] = [
    ("openMembership", "allow_joinleave", flag::ALLOW_JOINLEAVE, false),
    (
        "allowSharedIssues",
        "disable_shared_issues",
        flag::DISABLE_SHARED_ISSUES,
        true,
    ),
    ("enhancedPrivacy", "enhanced_privacy", flag::ENHANCED_PRIVACY, false),
    ("isEarlyAdopter", "early_adopter", flag::EARLY_ADOPTER, false),
    (
        "allowMemberProjectCreation",
        "disable_member_project_creation",
        flag::DISABLE_MEMBER_PROJECT_CREATION,
        true,
    ),
    (
        "allowSuperuserAccess",
        "prevent_superuser_access",
        flag::PREVENT_SUPERUSER_ACCESS,
        true,
    ),
    (
        "allowMemberInvite",
        "disable_member_invite",
        flag::DISABLE_MEMBER_INVITE,
        true,
    ),
    (
        "requireEmailVerification",
        "require_email_verification",
        flag::REQUIRE_EMAIL_VERIFICATION,
        false,
    ),
];

#[tokio::test]
async fn flags_are_tracked_by_stored_name_and_polarity() {
    let scene = Scene::start().await;
    for (field, stored, bit, unset) in FLAGS {
        scene.app.db_set_organization_flags(&scene.acme, 0).await;
        assert_eq!(scene.option(field).await, json!(unset), "{field}");
        let before = scene.audit_count().await;

        // As it is.
        assert_eq!(scene.saved(json!({ field: unset })).await, []);
        assert_eq!(scene.audit_count().await, before);
        scene
            .refused(json!({ field: null }), &[("VALIDATION_FAILED", field)])
            .await;

        assert_eq!(
            scene.saved(json!({ field: !unset })).await,
            changes(&[(stored, "to true")])
        );
        assert_eq!(scene.option(field).await, json!(!unset));
        assert_eq!(scene.app.db_organization_flags(&scene.acme).await, bit);
        assert_eq!(
            scene.saved(json!({ field: unset })).await,
            changes(&[(stored, "to false")])
        );
        assert_eq!(
            scene.audit_since(before).await,
            [
                (ORG_EDIT, json!({ stored: "to true" })),
                (ORG_EDIT, json!({ stored: "to false" }))
            ]
        );
    }
}

#[tokio::test]
async fn a_new_organization_has_the_flags_of_the_table() {
    let scene = Scene::start().await;
    for (field, default) in [
        ("openMembership", true),
        ("enhancedPrivacy", false),
        ("allowSharedIssues", true),
        ("isEarlyAdopter", false),
        ("require2FA", false),
        ("requireEmailVerification", false),
        ("codecovAccess", false),
        ("allowMemberProjectCreation", true),
        ("allowSuperuserAccess", true),
        ("allowMemberInvite", true),
    ] {
        assert_eq!(scene.option(field).await, json!(default), "{field}");
    }
}

#[tokio::test]
async fn two_factor_is_required_only_by_somebody_who_has_it() {
    let scene = Scene::start().await;
    let refused = [("ACTOR_NEEDS_2FA", "require2FA")];
    scene.refused(json!({ "require2FA": true }), &refused).await;
    let password = scene.ann.with(json!({ "amr": ["pwd"] })).seen().await;
    scene
        .refused_for(&password, json!({ "require2FA": true }), &refused)
        .await;
    let root = scene.app.superuser().seen().await;
    scene.refused_for(&root, json!({ "require2FA": true }), &refused).await;
    let app = scene.app.db_app(&scene.acme, &["org:admin"]).await;
    scene.refused_for(&app, json!({ "require2FA": true }), &refused).await;
    // To switch it off, nobody needs anything.
    assert_eq!(scene.saved(json!({ "require2FA": false })).await, []);

    let ann = scene.ann.with(json!({ "amr": ["pwd", "otp"] }));
    let reply = ann
        .save_options(&scene.acme, json!({ "require2FA": true }))
        .await
        .done(SAVE);
    assert_eq!(reply.changes(), changes(&[("require_2fa", "to true")]));
    // An app passes the gate, but may not repeat it.
    let app = scene.app.db_app(&scene.acme, &["org:admin"]).await;
    scene.refused_for(&app, json!({ "require2FA": true }), &refused).await;
    let reply = app
        .save_options(&scene.acme, json!({ "require2FA": false }))
        .await
        .done(SAVE);
    assert_eq!(reply.changes(), changes(&[("require_2fa", "to false")]));
}

#[tokio::test]
async fn two_factor_is_not_required_beside_single_sign_on() {
    let scene = Scene::start().await;
    scene.app.db_auth_provider(&scene.acme, true).await;
    // Whether the caller has it is asked first.
    scene
        .refused(json!({ "require2FA": true }), &[("ACTOR_NEEDS_2FA", "require2FA")])
        .await;
    let ann = scene.ann.with(json!({ "amr": ["mfa"] })).seen().await;
    scene
        .refused_for(&ann, json!({ "require2FA": true }), &[("SSO_ENABLED", "require2FA")])
        .await;
    ann.save_options(&scene.acme, json!({ "require2FA": false }))
        .await
        .done(SAVE);
}

#[tokio::test]
async fn a_verified_address_is_required_only_by_somebody_who_has_one() {
    let scene = Scene::start().await;
    let ann = scene.ann.with(json!({ "email_verified": false })).seen().await;
    let refused = |code| [(code, "requireEmailVerification")];
    let on = || json!({ "requireEmailVerification": true });
    scene
        .refused_for(&ann, on(), &refused("ACTOR_NEEDS_VERIFIED_EMAIL"))
        .await;
    let app = scene.app.db_app(&scene.acme, &["org:admin"]).await;
    scene.refused_for(&app, on(), &refused("ACTOR_NEEDS_2FA")).await;

    let changed = scene.saved(on()).await;
    assert_eq!(changed, changes(&[("require_email_verification", "to true")]));
}

#[tokio::test]
async fn without_its_feature_a_verified_address_is_not_required() {
    let scene = Scene::start_with(|config| config.features.email_verification = false).await;
    let refused = [("FEATURE_DISABLED", "requireEmailVerification")];
    scene
        .refused(json!({ "requireEmailVerification": true }), &refused)
        .await;

    let flags = flag::ALLOW_JOINLEAVE | flag::REQUIRE_EMAIL_VERIFICATION;
    scene.app.db_set_organization_flags(&scene.acme, flags).await;
    let reply = scene
        .save(json!({ "requireEmailVerification": false }))
        .await
        .done(SAVE);
    assert_eq!(
        (reply.changes(), reply.ignored()),
        (Vec::new(), json!(["requireEmailVerification"]))
    );
    assert_eq!(scene.app.db_organization_flags(&scene.acme).await, flags);
}

#[tokio::test]
async fn codecov_needs_its_feature_and_an_integration() {
    for (feature, code) in [(false, "FEATURE_DISABLED"), (true, "INTEGRATION_MISSING")] {
        let scene = Scene::start_with(|config| config.features.codecov = feature).await;
        scene
            .refused(json!({ "codecovAccess": true }), &[(code, "codecovAccess")])
            .await;
        assert_eq!(scene.saved(json!({ "codecovAccess": false })).await, []);
        scene
            .app
            .db_set_organization_flags(&scene.acme, flag::CODECOV_ACCESS)
            .await;
        let changed = scene.saved(json!({ "codecovAccess": false })).await;
        assert_eq!(changed, changes(&[("codecov_access", "to false")]));
        scene
            .refused(
                json!({ "codecovAccess": Value::Null }),
                &[(
                    if feature {
                        "VALIDATION_FAILED"
                    } else {
                        "FEATURE_DISABLED"
                    },
                    "codecovAccess",
                )],
            )
            .await;
    }
}
