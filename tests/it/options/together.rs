//! Many fields in one call, and many calls at once.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{ORG_EDIT, SAVE, Scene, changes};

#[tokio::test]
async fn changes_are_told_in_the_order_in_which_they_are_made() {
    let scene = Scene::start().await;
    let before = scene.audit_count().await;
    let key = "A".repeat(43);
    let input = json!({
        "name": "New", "slug": "new", "defaultRole": "manager", "allowMemberInvite": false, "isEarlyAdopter": true,
        "allowSharedIssues": false, "openMembership": false, "trustedRelays": [{ "publicKey": key, "name": "r" }],
        "rollbackEnabled": false, "allowJoinRequests": false, "sensitiveFields": ["a"], "dataScrubber": true,
    });

    let reply = scene.save(input).await.done(SAVE);

    let told = reply.changes();
    let fields: Vec<_> = told.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "dataScrubber",
            "sensitiveFields",
            "allowJoinRequests",
            "rollbackEnabled",
            "trustedRelays",
            "allow_joinleave",
            "disable_shared_issues",
            "early_adopter",
            "disable_member_invite",
            "name",
            "slug",
            "default_role",
        ]
    );
    let data: Value = told.into_iter().map(|(field, change)| (field, json!(change))).collect();
    assert_eq!(scene.audit_since(before).await, [(ORG_EDIT, data)]);
}

#[tokio::test]
async fn all_failing_fields_are_told_and_nothing_is_saved() {
    let scene = Scene::start().await;
    let input = json!({
        "name": "", "slug": "A", "defaultRole": "god", "require2FA": true, "isEarlyAdopter": true, "codecovAccess": true,
        "trustedRelays": [{ "publicKey": "x", "name": "" }], "safeFields": ["a", "b c", "d e"], "apdexThreshold": 0,
        "attachmentsRole": "god", "projectRateLimit": 10, "samplingMode": "x", "dataScrubber": true, "allowMemberInvite": null,
    });
    let refusals = [
        ("OPTION_NOT_CONFIGURABLE", "projectRateLimit"),
        ("VALIDATION_FAILED", "safeFields.1"),
        ("INVALID_ROLE", "attachmentsRole"),
        ("VALIDATION_FAILED", "apdexThreshold"),
        ("FEATURE_DISABLED", "samplingMode"),
        ("RELAY_INVALID", "trustedRelays.0.publicKey"),
        ("FEATURE_DISABLED", "codecovAccess"),
        ("ACTOR_NEEDS_2FA", "require2FA"),
        ("VALIDATION_FAILED", "allowMemberInvite"),
        ("VALIDATION_FAILED", "name"),
        ("SLUG_INVALID", "slug"),
        ("INVALID_ROLE", "defaultRole"),
    ];
    scene.refused(input, &refusals).await;
}

#[tokio::test]
async fn the_audit_log_shows_the_pairs() {
    let scene = Scene::start().await;
    scene
        .save(json!({ "name": "New", "openMembership": false }))
        .await
        .done(SAVE);
    let query =
        "query($slug: String!) { organization(slug: $slug) { auditLog(first: 1) { nodes { event message data } } } }";
    let reply = scene.ann.send(query, json!({ "slug": scene.acme.slug })).await.ok();
    let entry = reply.data("organization.auditLog.nodes.0");
    assert_eq!(entry["event"], "org.edit");
    assert_eq!(
        entry["data"],
        json!({ "allow_joinleave": "to false", "name": "from Acme to New" })
    );
    let message = entry["message"].as_str().unwrap();
    assert!(
        message.contains("name from Acme to New") && message.contains("allow_joinleave to false"),
        "{message}"
    );
}

#[tokio::test]
async fn of_two_that_want_one_slug_one_gets_it() {
    let scene = Scene::start().await;
    let beta = scene.app.organization_of(&scene.ann, "Beta").await;
    for round in 0..10 {
        let input = || json!({ "slug": format!("wanted-{round}"), "storeCrashReports": round + 1 });
        let (one, other) = tokio::join!(scene.save(input()), scene.ann.save_options(&beta, input()));
        let mut codes = [one.codes(SAVE), other.codes(SAVE)];
        codes.sort();
        assert_eq!(
            codes,
            [Vec::new(), vec!["SLUG_TAKEN".to_owned()]],
            "{one:#?} {other:#?}"
        );
    }
}

#[tokio::test]
async fn saves_of_one_organization_take_turns() {
    let scene = Scene::start().await;
    let before = scene.audit_count().await;
    let saves =
        (1..=12).map(|number| scene.save(json!({ "storeCrashReports": number, "githubPRBot": number % 2 == 0 })));
    for reply in futures_util::future::join_all(saves).await {
        reply.done(SAVE);
    }

    // Each change begins where the one before it ended.
    let mut values: HashMap<String, String> = HashMap::new();
    for (_, data) in scene.audit_since(before).await {
        for (field, change) in data.as_object().unwrap() {
            let change = change.as_str().unwrap();
            let (from, to) = match change.strip_prefix("from ") {
                Some(rest) => rest.split_once(" to ").unwrap(),
                None => ("", change.strip_prefix("to ").unwrap()),
            };
            // The first value of githubPRBot may be its default, which is not told.
            let known = values.insert(field.clone(), to.to_owned()).unwrap_or_default();
            assert!(
                known == from || (known.is_empty() && field == "githubPRBot"),
                "{field} was {known}: {change}"
            );
        }
    }
    assert_eq!(
        values["storeCrashReports"],
        scene.option("storeCrashReports").await.to_string()
    );
    assert_eq!(scene.rows().await.len(), 2);
}

#[tokio::test]
async fn different_options_saved_at_once_are_all_there() {
    let scene = Scene::start().await;
    let fields = [
        "dataScrubber",
        "hideAiFeatures",
        "scrubIPAddresses",
        "enhancedPrivacy",
        "isEarlyAdopter",
    ];
    let saves = fields.map(|field| scene.save(json!({ field: true })));
    for reply in futures_util::future::join_all(saves).await {
        assert_eq!(reply.done(SAVE).changes().len(), 1);
    }
    for field in fields {
        assert_eq!(scene.option(field).await, json!(true), "{field}");
    }
    assert_eq!(scene.saved(json!({})).await, changes(&[]));
}

#[tokio::test]
async fn values_written_into_the_document_count_like_variables() {
    let scene = Scene::start().await;
    let query = |fields: &str| {
        let id = &scene.acme.id;
        format!(
            "mutation {{ saveOrgOptions(input: {{ organizationId: \"{id}\", {fields} }}) {{
            organization {{ id }} changes {{ field change }} ignoredFields userErrors {{ code path }} }} }}"
        )
    };
    let good = r#"relayPiiConfig: { rules: {}, applications: { a: ["b"] } }, storeCrashReports: 5, sensitiveFields: "one",
        isEarlyAdopter: true, trustedRelays: [], safeFields: ["a"]"#;
    let reply = scene.ann.send(&query(good), json!({})).await.ok().done(SAVE);
    let expected = [
        ("sensitiveFields", r#"to ["one"]"#),
        ("safeFields", r#"to ["a"]"#),
        ("storeCrashReports", "to 5"),
        ("relayPiiConfig", r#"to {"applications":{"a":["b"]},"rules":{}}"#),
        ("early_adopter", "to true"),
    ];
    assert_eq!(reply.changes(), changes(&expected));

    for (fields, refusal) in [
        ("dataScrubber: null", ("VALIDATION_FAILED", "input.dataScrubber")),
        ("safeFields: \"a\"", ("VALIDATION_FAILED", "input.safeFields")),
        ("relayPiiConfig: NAME", ("VALIDATION_FAILED", "input.relayPiiConfig")),
        ("name: null", ("VALIDATION_FAILED", "input.name")),
    ] {
        let reply = scene.app.unchanged(scene.ann.send(&query(fields), json!({}))).await;
        assert_eq!(reply.refusals(SAVE), [refusal], "{fields}");
    }
    for fields in ["dataScrubber: \"x\"", "nonsense: 1"] {
        let reply = scene.app.unchanged(scene.ann.send(&query(fields), json!({}))).await;
        assert_eq!(reply.error_codes().len(), 1, "{fields}: {reply:#?}");
    }
}
