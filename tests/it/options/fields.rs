//! Name, slug, default role, and what stands in `ignoredFields`.

use entity::{organization::OrganizationStatus, outbox::Category};
use serde_json::{Value, json};

use super::{ORG_EDIT, ORG_RESTORE, SAVE, Scene, changes};

#[tokio::test]
async fn names_and_default_role_are_saved_and_tracked() {
    let scene = Scene::start().await;
    let before = scene.audit_count().await;

    let input = json!({ "defaultRole": "manager", "slug": "acme-2", "name": " Acme Two " });
    let reply = scene.save(input.clone()).await.done(SAVE);

    let expected = [
        ("name", "from Acme to Acme Two"),
        ("slug", "from acme to acme-2"),
        ("default_role", "from member to manager"),
    ];
    assert_eq!(reply.changes(), changes(&expected));
    assert_eq!(reply.ignored(), json!([]));
    assert_eq!(reply.data("saveOrgOptions.organization.slug"), "acme-2");
    assert_eq!(
        reply.data("saveOrgOptions.organization.name"),
        "Acme Two",
        "spaces around it do not count"
    );
    assert_eq!(reply.data("saveOrgOptions.organization.defaultRole.id"), "manager");
    let data: Value = expected
        .into_iter()
        .map(|(field, change)| (field.to_owned(), json!(change)))
        .collect();
    assert_eq!(scene.audit_since(before).await, [(ORG_EDIT, data)]);

    let again = scene.save(input).await.done(SAVE);
    assert_eq!(again.changes(), []);
    assert_eq!(scene.audit_count().await, before + 1);
}

#[tokio::test]
async fn a_save_is_told_even_if_nothing_changed_and_a_slug_is_told_apart() {
    let scene = Scene::start().await;
    let before = scene.app.db_outbox(&scene.acme).await.len();
    let number = scene.acme.row().0;

    scene.save(json!({})).await.done(SAVE);
    scene.save(json!({ "slug": "other" })).await.done(SAVE);

    let told = scene.app.db_outbox(&scene.acme).await.split_off(before);
    let update = (Category::OrganizationUpdate, number);
    assert_eq!(
        told,
        [update, update, (Category::OrganizationSlugReservationUpdate, number)]
    );
}

#[tokio::test]
async fn bad_names_are_refused() {
    let scene = Scene::start().await;
    for name in [
        json!(""),
        json!(" \t"),
        json!("x".repeat(65)),
        json!("a\0b"),
        Value::Null,
    ] {
        scene
            .refused(json!({ "name": name }), &[("VALIDATION_FAILED", "name")])
            .await;
    }
    scene.save(json!({ "name": "ü".repeat(64) })).await.done(SAVE);
}

#[tokio::test]
async fn bad_slugs_are_refused() {
    let scene = Scene::start().await;
    for slug in [
        "",
        "ab",
        "-abc",
        "abc-",
        "a_b",
        "Abc",
        "a b",
        " abc",
        "abc ",
        "123",
        "äbc",
        "abc\0",
        &"a".repeat(51),
        "a\nb",
    ] {
        scene
            .refused(json!({ "slug": slug }), &[("SLUG_INVALID", "slug")])
            .await;
    }
    for slug in ["api", "settings", "404", "organization-avatar"] {
        let code = if slug == "404" { "SLUG_INVALID" } else { "SLUG_RESERVED" };
        scene.refused(json!({ "slug": slug }), &[(code, "slug")]).await;
    }
    scene
        .refused(json!({ "slug": null }), &[("VALIDATION_FAILED", "slug")])
        .await;
    for slug in ["4ever", "a-b", "abc", &"a".repeat(50), "acme"] {
        scene.save(json!({ "slug": slug })).await.done(SAVE);
    }
}

#[tokio::test]
async fn a_slug_in_use_is_taken_and_nothing_is_saved() {
    let scene = Scene::start().await;
    scene.app.organization_of(&scene.ann, "Beta").await;
    scene
        .refused(
            json!({ "slug": "beta", "dataScrubber": true, "openMembership": false }),
            &[("SLUG_TAKEN", "slug")],
        )
        .await;
    // Told with everything else.
    scene
        .refused(
            json!({ "slug": "beta", "name": " ", "defaultRole": "god", "dryRun": true }),
            &[
                ("VALIDATION_FAILED", "name"),
                ("SLUG_TAKEN", "slug"),
                ("INVALID_ROLE", "defaultRole"),
            ],
        )
        .await;
    // The own slug is fine.
    assert_eq!(scene.saved(json!({ "slug": "acme" })).await, []);
}

#[tokio::test]
async fn bad_default_roles_are_refused() {
    let scene = Scene::start().await;
    for role in [json!("god"), json!(""), json!("\0")] {
        scene
            .refused(json!({ "defaultRole": role }), &[("INVALID_ROLE", "defaultRole")])
            .await;
    }
    scene
        .refused(json!({ "defaultRole": null }), &[("VALIDATION_FAILED", "defaultRole")])
        .await;
    scene
        .refused(
            json!({ "cancelDeletion": null }),
            &[("VALIDATION_FAILED", "cancelDeletion")],
        )
        .await;
}

#[tokio::test]
async fn a_manager_is_told_what_was_ignored() {
    let scene = Scene::start().await;
    let bob = scene.person("bob", "manager").await;

    let input = json!({ "defaultRole": "god", "cancelDeletion": true, "name": "New" });
    let reply = bob.save_options(&scene.acme, input).await.done(SAVE);

    assert_eq!(reply.ignored(), json!(["defaultRole", "cancelDeletion"]));
    assert_eq!(reply.changes(), changes(&[("name", "from Acme to New")]));
    assert_eq!(reply.data("saveOrgOptions.organization.defaultRole.id"), "member");

    let reply = bob
        .save_options(&scene.acme, json!({ "cancelDeletion": null }))
        .await
        .done(SAVE);
    assert_eq!(reply.ignored(), json!(["cancelDeletion"]));
    // An owner sets both, so nothing is ignored.
    let reply = scene
        .save(json!({ "defaultRole": "admin", "cancelDeletion": true }))
        .await
        .done(SAVE);
    assert_eq!(reply.ignored(), json!([]));
    assert_eq!(reply.changes(), changes(&[("default_role", "from member to admin")]));
}

#[tokio::test]
async fn only_a_restore_reaches_an_organization_that_awaits_its_deletion() {
    let scene = Scene::start().await;
    let manager = scene.person("bob", "manager").await;
    let mfa = scene.ann.with(json!({ "amr": ["mfa"] })).seen().await;
    let ann = scene.ann.with(json!({ "amr": ["pwd"] })).seen().await;
    mfa.save_options(&scene.acme, json!({ "require2FA": true })).await;
    scene
        .app
        .db_set_status(&scene.acme, OrganizationStatus::PendingDeletion)
        .await;
    let gone = [("ORGANIZATION_NOT_FOUND", "organizationId")];

    let mfa = mfa.seen().await;
    for input in [
        json!({ "name": "New" }),
        json!({ "cancelDeletion": false }),
        json!({ "cancelDeletion": null }),
        json!({}),
    ] {
        scene.refused_for(&mfa, input, &gone).await;
    }
    let ann = ann.seen().await;
    scene.refused_for(&ann, json!({ "name": "New" }), &gone).await;
    scene
        .refused_for(&ann, json!({ "cancelDeletion": true }), &[("TWO_FACTOR_REQUIRED", "")])
        .await;
    scene
        .refused_for(&manager, json!({ "cancelDeletion": true }), &gone)
        .await;
    for status in [
        OrganizationStatus::DeletionInProgress,
        OrganizationStatus::RelocationPendingApproval,
    ] {
        scene.app.db_set_status(&scene.acme, status).await;
        let mfa = mfa.clone().seen().await;
        scene.refused_for(&mfa, json!({ "cancelDeletion": true }), &gone).await;
    }
}

#[tokio::test]
async fn a_restore_saves_the_other_fields_too_and_is_one_audit_entry() {
    let scene = Scene::start().await;
    scene
        .app
        .db_set_status(&scene.acme, OrganizationStatus::PendingDeletion)
        .await;
    let before = scene.audit_count().await;

    // All or nothing.
    let input = json!({ "cancelDeletion": true, "name": "" });
    scene.refused(input, &[("VALIDATION_FAILED", "name")]).await;

    let input = json!({ "cancelDeletion": true, "name": "Back", "dataScrubber": true });
    let reply = scene.save(input).await.done(SAVE);
    assert_eq!(reply.data("saveOrgOptions.organization.status"), "ACTIVE");
    assert_eq!(
        reply.changes(),
        changes(&[("dataScrubber", "to true"), ("name", "from Acme to Back")])
    );
    assert_eq!(reply.ignored(), json!([]));
    let data = json!({
        "id": scene.acme.id, "slug": "acme", "name": "Back", "status": 0, "flags": 1, "default_role": "member",
    });
    assert_eq!(scene.audit_since(before).await, [(ORG_RESTORE, data)]);

    // On an active organization it does nothing.
    assert_eq!(scene.saved(json!({ "cancelDeletion": true })).await, []);
    assert_eq!(scene.audit_count().await, before + 1);
}

#[tokio::test]
async fn whether_it_is_a_dry_run_must_be_said_or_left_out() {
    let scene = Scene::start().await;
    let null = json!({ "dryRun": null, "name": "Acme Inc." });
    scene.refused(null, &[("VALIDATION_FAILED", "dryRun")]).await;
}
