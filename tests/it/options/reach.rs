//! Who may save, and what is of the wrong type.

use serde_json::json;

use super::{SAVE, Scene};
use crate::support::Organization;

const NEW_NAME: &str = "New";

#[tokio::test]
async fn managers_owners_superusers_and_apps_may_save() {
    let scene = Scene::start().await;
    let manager = scene.person("bob", "manager").await;
    let writer = scene.app.db_app(&scene.acme, &["org:write"]).await;
    let admin = scene.app.db_app(&scene.acme, &["org:admin"]).await;
    let root = scene.app.superuser();
    for (number, caller) in [&scene.ann, &manager, &writer, &admin, &root].into_iter().enumerate() {
        let name = format!("Name {number}");
        let reply = caller
            .save_options(&scene.acme, json!({ "name": name }))
            .await
            .done(SAVE);
        assert_eq!(reply.text("saveOrgOptions.organization.name"), name);
    }
    let audit = scene.app.db_audit(&scene.acme).await;
    let actor = |index: usize| audit[audit.len() - 5 + index].actor.clone();
    assert_eq!(actor(0), Some(scene.ann.user_id().await));
    assert_eq!(actor(2), None);

    // org:admin alone reaches it and sets what only it may set.
    let reply = admin
        .save_options(&scene.acme, json!({ "defaultRole": "manager" }))
        .await
        .done(SAVE);
    assert_eq!(reply.ignored(), json!([]));
    let reply = writer
        .save_options(&scene.acme, json!({ "defaultRole": "member" }))
        .await
        .done(SAVE);
    assert_eq!(reply.ignored(), json!(["defaultRole"]));
}

#[tokio::test]
async fn everybody_else_may_not() {
    let scene = Scene::start().await;
    let input = || json!({ "name": NEW_NAME });
    let member = scene.person("bob", "member").await;
    let limited = scene.ann.with(json!({ "scope": "org:read member:admin" })).seen().await;
    let reader = scene
        .app
        .db_app(&scene.acme, &["org:read", "org:integrations", "member:admin"])
        .await;
    for caller in [&member, &limited, &reader] {
        scene.refused_for(caller, input(), &[("FORBIDDEN", "")]).await;
    }
    let outsider = scene.app.person("eve").seen().await;
    let other = scene.app.organization_of(&outsider, "Other").await;
    let foreign = scene.app.db_app(&other, &["org:admin"]).await;
    for caller in [&outsider, &foreign] {
        scene
            .refused_for(caller, input(), &[("ORGANIZATION_NOT_FOUND", "organizationId")])
            .await;
        scene
            .refused_for(
                caller,
                json!({ "name": "" }),
                &[("ORGANIZATION_NOT_FOUND", "organizationId")],
            )
            .await;
    }
    let reply = scene
        .app
        .unchanged(scene.app.anonymous().save_options(&scene.acme, input()))
        .await;
    assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);
}

#[tokio::test]
async fn an_id_that_is_none_of_an_organization_is_unknown() {
    let scene = Scene::start().await;
    for id in [
        "",
        "42",
        "\0",
        "T3JnYW5pemF0aW9uOjk5OTk",
        scene.acme.owner.as_str(),
        &"A".repeat(10_000),
    ] {
        let nowhere = Organization {
            id: id.into(),
            ..scene.acme.clone()
        };
        let reply = scene
            .app
            .unchanged(scene.ann.save_options(&nowhere, json!({ "name": NEW_NAME })))
            .await;
        assert_eq!(
            reply.refusals(SAVE),
            [("ORGANIZATION_NOT_FOUND", "input.organizationId")],
            "{id:?}"
        );
    }
}

#[tokio::test]
async fn gates_come_before_everything_else() {
    let scene = Scene::start().await;
    let with = scene.ann.with(json!({ "amr": ["mfa"] }));
    with.save_options(&scene.acme, json!({ "require2FA": true }))
        .await
        .done(SAVE);
    let without = scene.ann.with(json!({ "amr": ["pwd"] })).seen().await;
    scene
        .refused_for(
            &without,
            json!({ "name": "", "slug": "" }),
            &[("TWO_FACTOR_REQUIRED", "")],
        )
        .await;
}

#[tokio::test]
async fn wrong_types_are_bad_input() {
    let scene = Scene::start().await;
    for input in [
        json!({ "dataScrubber": "true" }),
        json!({ "dataScrubber": 1 }),
        json!({ "openMembership": "false" }),
        json!({ "storeCrashReports": 1.5 }),
        json!({ "storeCrashReports": "1" }),
        json!({ "storeCrashReports": 3_000_000_000_i64 }),
        json!({ "targetSampleRate": "0.5" }),
        json!({ "samplingMode": 1 }),
        json!({ "attachmentsRole": ["member"] }),
        json!({ "sensitiveFields": [1] }),
        json!({ "sensitiveFields": [null] }),
        json!({ "safeFields": [["a"]] }),
        json!({ "safeFields": { "a": 1 } }),
        json!({ "ingestThroughTrustedRelaysOnly": "enabled" }),
        json!({ "name": 1 }),
        json!({ "slug": ["a"] }),
        json!({ "cancelDeletion": "yes" }),
        json!({ "unknownOption": true }),
    ] {
        let reply = scene.app.unchanged(scene.save(input.clone())).await;
        assert_eq!(reply.error_codes(), ["BAD_USER_INPUT"], "{input}: {reply:#?}");
    }
}
