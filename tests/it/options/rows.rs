//! The table of §16.1, row by row, and the algorithm of §16.2.

use serde_json::{Value, json};

use super::{ORG_EDIT, SAVE, Scene, changes, shown, stored};
use crate::support::TestApp;

/// A row of the table: field, key, default, another value, its stored form and
/// its text, and what is refused (value, code, path below the field).
struct Row {
    field: &'static str,
    key: &'static str,
    default: Value,
    other: Value,
    text: &'static str,
    default_text: &'static str,
    stored: Option<Value>,
    bad: Vec<(Value, &'static str, &'static str)>,
}

const INVALID: &str = "VALIDATION_FAILED";

fn row(field: &'static str, key: &'static str, default: Value, other: Value, text: &'static str) -> Row {
    let default_text = match &default {
        Value::Bool(true) => "true",
        Value::Bool(false) => "false",
        _ => "",
    };
    Row {
        field,
        key,
        default,
        other,
        text,
        default_text,
        stored: None,
        bad: vec![(Value::Null, INVALID, "")],
    }
}

impl Row {
    fn default_text(self, default_text: &'static str) -> Self {
        Self { default_text, ..self }
    }

    fn stored(self, stored: Value) -> Self {
        Self {
            stored: Some(stored),
            ..self
        }
    }

    fn bad(mut self, bad: &[Value]) -> Self {
        self.bad.extend(bad.iter().map(|value| (value.clone(), INVALID, "")));
        self
    }

    fn bad_at(mut self, value: Value, path: &'static str) -> Self {
        self.bad.push((value, INVALID, path));
        self
    }

    fn bad_role(mut self) -> Self {
        self.bad
            .extend([json!("god"), json!(""), json!("\0")].map(|value| (value, "INVALID_ROLE", "")));
        self
    }

    fn no_null(mut self) -> Self {
        self.bad.retain(|(value, ..)| !value.is_null());
        self
    }
}

#[rustfmt::skip]
fn table() -> Vec<Row> {
    vec![
        row("dataScrubber", "sentry:require_scrub_data", json!(false), json!(true), "true"),
        row("dataScrubberDefaults", "sentry:require_scrub_defaults", json!(false), json!(true), "true"),
        row("sensitiveFields", "sentry:sensitive_fields", json!([]), json!(["a", "b c"]), r#"["a","b c"]"#)
            .bad_at(json!(["a", ""]), ".1").bad_at(json!(["a\0"]), ".0")
            .bad(&[json!(["x".repeat(4001)]), json!(vec!["xxxxx"; 801]), json!(vec!["x"; 1001])]),
        row("safeFields", "sentry:safe_fields", json!([]), json!(["a", "$b && !(c.** || d-e)"]), r#"["a","$b && !(c.** || d-e)"]"#)
            .bad(&[json!("a")]).bad_at(json!(["a", ""]), ".1").bad_at(json!(["a", "b", "a b"]), ".2").bad_at(json!(["(a"]), ".0")
            .bad_at(json!(["é"]), ".0"),
        row("scrapeJavaScript", "sentry:scrape_javascript", json!(true), json!(false), "false"),
        row("storeCrashReports", "sentry:store_crash_reports", json!(0), json!(-1), "-1").default_text("0")
            .bad(&[json!(-2), json!(101)]),
        row("attachmentsRole", "sentry:attachments_role", json!("member"), json!("owner"), "owner").default_text("member").bad_role(),
        row("debugFilesRole", "sentry:debug_files_role", json!("admin"), json!("manager"), "manager").default_text("admin").bad_role(),
        row("eventsMemberAdmin", "sentry:events_member_admin", json!(true), json!(false), "false"),
        row("alertsMemberWrite", "sentry:alerts_member_write", json!(true), json!(false), "false"),
        row("scrubIPAddresses", "sentry:require_scrub_ip_address", json!(false), json!(true), "true"),
        row("relayPiiConfig", "sentry:relay_pii_config", Value::Null, json!({ "rules": {}, "applications": { "a": ["b"] } }),
            r#"{"applications":{"a":["b"]},"rules":{}}"#)
            .stored(json!(r#"{"applications":{"a":["b"]},"rules":{}}"#)).default_text("null").no_null()
            .bad(&[json!([]), json!("["), json!("[]"), json!("null"), json!(1), json!({ "rules": [] }), json!({ "rules": null }),
                json!({ "applications": { "a": "b" } }), json!({ "applications": { "a": [1] } }), json!({ "a": [{ "b": "\0" }] }),
                json!({ "\0": 1 }), json!(r#"{"a":"\u0000"}"#), json!({ "a": "x".repeat(70_000) }), json!("[".repeat(10_000))]),
        row("allowJoinRequests", "sentry:join_requests", json!(true), json!(false), "false"),
        row("apdexThreshold", "sentry:apdex_threshold", Value::Null, json!(1), "1").default_text("null").no_null()
            .bad(&[json!(0), json!(-1)]),
        row("hideAiFeatures", "sentry:hide_ai_features", json!(false), json!(true), "true"),
        row("githubPRBot", "sentry:github_pr_bot", json!(true), json!(false), "false"),
        row("githubOpenPRBot", "sentry:github_open_pr_bot", json!(true), json!(false), "false"),
        row("githubNudgeInvite", "sentry:github_nudge_invite", json!(true), json!(false), "false"),
        row("gitlabPRBot", "sentry:gitlab_pr_bot", json!(true), json!(false), "false"),
        row("issueAlertsThreadFlag", "sentry:issue_alerts_thread_flag", json!(true), json!(false), "false"),
        row("metricAlertsThreadFlag", "sentry:metric_alerts_thread_flag", json!(true), json!(false), "false"),
        row("targetSampleRate", "sentry:target_sample_rate", json!(1.0), json!(0.25), "0.25").default_text("1.0")
            .bad(&[json!(1.01), json!(-0.1)]),
        row("samplingMode", "sentry:sampling_mode", json!("organization"), json!("project"), "project").default_text("organization")
            .bad(&[json!("team"), json!(""), json!("PROJECT")]),
        row("rollbackEnabled", "sentry:rollback_enabled", json!(true), json!(false), "false"),
        row("ingestThroughTrustedRelaysOnly", "sentry:ingest-through-trusted-relays-only", json!(false), json!(true), "enabled")
            .stored(json!("enabled")).default_text("disabled"),
    ]
}

async fn start() -> Scene {
    Scene::start_with(|config| {
        config.features.dynamic_sampling = true;
        config.features.trusted_relays_only = true;
    })
    .await
}

#[tokio::test]
async fn each_option_begins_with_its_default_and_is_saved_shown_and_tracked() {
    let scene = start().await;
    for row in table() {
        let organization = scene.app.organization_of(&scene.ann, row.field).await;
        assert_eq!(
            shown(&scene.ann, &organization, row.field).await,
            row.default,
            "{}",
            row.field
        );
        let before = scene.app.db_audit(&organization).await.len();

        let reply = scene
            .ann
            .save_options(&organization, json!({ row.field: row.other }))
            .await
            .done(SAVE);
        assert_eq!(reply.changes(), changes(&[(row.field, &format!("to {}", row.text))]));
        assert_eq!(reply.data("saveOrgOptions.organization.id"), &json!(organization.id));
        assert_eq!(
            shown(&scene.ann, &organization, row.field).await,
            row.other,
            "{}",
            row.field
        );
        let value = row.stored.unwrap_or(row.other.clone());
        assert_eq!(
            stored(&scene.app, &organization).await,
            [(row.key.to_owned(), Some(value))]
        );

        let audit = scene.app.db_audit(&organization).await.split_off(before);
        assert_eq!(audit.len(), 1);
        assert_eq!(audit[0].event, ORG_EDIT);
        assert_eq!(audit[0].data, json!({ row.field: format!("to {}", row.text) }));
        assert_eq!(audit[0].target, Some(organization.row().0));

        let again = scene
            .ann
            .save_options(&organization, json!({ row.field: row.other }))
            .await
            .done(SAVE);
        assert_eq!(again.changes(), []);
        assert_eq!(scene.app.db_audit(&organization).await.len(), before + 1);
    }
}

#[tokio::test]
async fn a_first_value_that_is_the_default_is_stored_but_no_change() {
    let scene = start().await;
    for row in table().into_iter().filter(|row| !row.default_text.is_empty()) {
        let organization = scene.app.organization_of(&scene.ann, row.field).await;
        let before = scene.app.db_audit(&organization).await.len();

        let reply = scene
            .ann
            .save_options(&organization, json!({ row.field: row.default }))
            .await
            .done(SAVE);
        assert_eq!(reply.changes(), [], "{}", row.field);
        assert_eq!(scene.app.db_audit(&organization).await.len(), before);
        assert_eq!(stored(&scene.app, &organization).await.len(), 1);

        let reply = scene
            .ann
            .save_options(&organization, json!({ row.field: row.other }))
            .await
            .done(SAVE);
        let change = format!("from {} to {}", row.default_text, row.text);
        assert_eq!(reply.changes(), changes(&[(row.field, &change)]));
        assert_eq!(stored(&scene.app, &organization).await.len(), 1);
    }
}

#[tokio::test]
async fn each_option_refuses_what_it_cannot_be() {
    let scene = start().await;
    for row in table() {
        for (value, code, path) in row.bad {
            scene
                .refused(json!({ row.field: value }), &[(code, &format!("{}{path}", row.field))])
                .await;
        }
    }
}

#[tokio::test]
async fn bounds_belong_to_the_values() {
    let scene = start().await;
    for (field, values) in [
        ("storeCrashReports", vec![json!(100), json!(-1), json!(0)]),
        ("apdexThreshold", vec![json!(i32::MAX), json!(1)]),
        ("targetSampleRate", vec![json!(0), json!(1), json!(0.000_000_1)]),
        (
            "sensitiveFields",
            vec![json!(["x".repeat(4000)]), json!(vec!["ü"; 1000]), json!([])],
        ),
        ("safeFields", vec![json!(["**"]), json!([])]),
        (
            "relayPiiConfig",
            vec![
                json!({}),
                json!(r#"{"rules":{"0":{"type":"ip"}},"other":[1,null]}"#),
                json!(""),
            ],
        ),
    ] {
        for value in values {
            scene.save(json!({ field: value })).await.done(SAVE);
        }
    }
    assert_eq!(scene.option("relayPiiConfig").await, Value::Null);
    assert_eq!(scene.option("targetSampleRate").await, json!(0.000_000_1));
}

#[tokio::test]
async fn legacy_rate_limits_are_configurable_only_where_one_is_stored() {
    let scene = Scene::start().await;
    assert_eq!(scene.option("projectRateLimit").await, json!(100));
    assert_eq!(scene.option("accountRateLimit").await, json!(0));
    for value in [json!(80), Value::Null] {
        scene
            .refused(
                json!({ "projectRateLimit": value }),
                &[("OPTION_NOT_CONFIGURABLE", "projectRateLimit")],
            )
            .await;
        scene
            .refused(
                json!({ "accountRateLimit": value }),
                &[("OPTION_NOT_CONFIGURABLE", "accountRateLimit")],
            )
            .await;
    }

    // One of the two is enough for both.
    scene
        .app
        .db_set_option(&scene.acme, "sentry:project-rate-limit", json!(80))
        .await;
    for (field, bad) in [("projectRateLimit", [49, 101]), ("accountRateLimit", [-1, 1_000_001])] {
        for value in bad {
            scene.refused(json!({ field: value }), &[(INVALID, field)]).await;
        }
    }
    assert_eq!(
        scene
            .saved(json!({ "accountRateLimit": 1_000_000, "projectRateLimit": 50 }))
            .await,
        changes(&[
            ("projectRateLimit", "from 80 to 50"),
            ("accountRateLimit", "to 1000000")
        ])
    );
    assert_eq!(
        scene
            .saved(json!({ "projectRateLimit": null, "accountRateLimit": null }))
            .await,
        changes(&[
            ("projectRateLimit", "from 50 to null"),
            ("accountRateLimit", "from 1000000 to null")
        ])
    );
    assert_eq!(scene.option("projectRateLimit").await, json!(100));
    assert_eq!(scene.option("accountRateLimit").await, json!(0));
    // A cleared limit can be set again.
    assert_eq!(
        scene.saved(json!({ "projectRateLimit": 60 })).await,
        changes(&[("projectRateLimit", "from null to 60")])
    );
}

#[tokio::test]
async fn null_clears_what_says_so() {
    let scene = Scene::start().await;
    // Null is what both are anyway.
    assert_eq!(
        scene
            .saved(json!({ "apdexThreshold": null, "relayPiiConfig": null }))
            .await,
        []
    );
    assert_eq!(scene.rows().await.len(), 2);

    scene
        .save(json!({ "apdexThreshold": 500, "relayPiiConfig": { "a": 1 } }))
        .await
        .done(SAVE);
    assert_eq!(
        scene
            .saved(json!({ "apdexThreshold": null, "relayPiiConfig": null }))
            .await,
        changes(&[
            ("relayPiiConfig", r#"from {"a":1} to null"#),
            ("apdexThreshold", "from 500 to null")
        ])
    );
    assert_eq!(scene.option("apdexThreshold").await, Value::Null);
    assert_eq!(scene.option("relayPiiConfig").await, Value::Null);
}

#[tokio::test]
async fn a_scrubbing_configuration_is_an_object_or_its_text() {
    let scene = Scene::start().await;
    scene
        .save(json!({ "relayPiiConfig": r#" { "rules": {}, "applications": {"a": []} } "# }))
        .await
        .done(SAVE);
    assert_eq!(
        scene.option("relayPiiConfig").await,
        json!({ "applications": { "a": [] }, "rules": {} })
    );
    // The same as an object, in another order.
    assert_eq!(
        scene
            .saved(json!({ "relayPiiConfig": { "applications": { "a": [] }, "rules": {} } }))
            .await,
        []
    );
}

#[tokio::test]
async fn switches_of_the_deployment_close_their_options() {
    let scene = Scene::start().await;
    for (field, value) in [
        ("targetSampleRate", json!(0.5)),
        ("samplingMode", json!("project")),
        ("ingestThroughTrustedRelaysOnly", json!(true)),
        ("ingestThroughTrustedRelaysOnly", json!(false)),
    ] {
        scene
            .refused(json!({ field: value }), &[("FEATURE_DISABLED", field)])
            .await;
    }
}

#[tokio::test]
async fn one_sample_rate_needs_the_mode_of_the_organization() {
    let scene = start().await;
    let refused = [("VALIDATION_FAILED", "targetSampleRate")];
    scene
        .refused(json!({ "targetSampleRate": 0.5, "samplingMode": "project" }), &refused)
        .await;
    scene
        .refused(
            json!({ "targetSampleRate": 0.5, "samplingMode": "planet" }),
            &[("VALIDATION_FAILED", "samplingMode")],
        )
        .await;

    scene.save(json!({ "samplingMode": "project" })).await.done(SAVE);
    scene.refused(json!({ "targetSampleRate": 0.5 }), &refused).await;
    assert_eq!(
        scene
            .saved(json!({ "targetSampleRate": 0.5, "samplingMode": "organization" }))
            .await,
        changes(&[
            ("targetSampleRate", "to 0.5"),
            ("samplingMode", "from project to organization")
        ])
    );
}

#[tokio::test]
async fn options_take_scopes_from_members() {
    let scene = Scene::start().await;
    let bob = scene.person("bob", "member").await;
    let query = "query($slug: String!) { organization(slug: $slug) { viewerScopes } }";
    let variables = json!({ "slug": scene.acme.slug });
    let scopes = async || {
        bob.send(query, variables.clone())
            .await
            .ok()
            .data("organization.viewerScopes")
            .clone()
    };
    let has = |scopes: &Value, scope: &str| scopes.as_array().unwrap().contains(&json!(scope));
    let before = scopes().await;
    assert!(has(&before, "event:admin") && has(&before, "alerts:write"));

    scene
        .save(json!({ "eventsMemberAdmin": false, "alertsMemberWrite": false }))
        .await
        .done(SAVE);

    let after = scopes().await;
    assert!(!has(&after, "event:admin") && !has(&after, "alerts:write") && has(&after, "event:write"));
}

#[tokio::test]
async fn what_is_stored_and_cannot_be_counts_as_default() {
    let scene = Scene::start().await;
    scene
        .app
        .db_set_option(&scene.acme, "sentry:join_requests", json!("yes"))
        .await;
    scene
        .app
        .db_set_option(&scene.acme, "sentry:attachments_role", json!("gone"))
        .await;
    assert_eq!(scene.option("allowJoinRequests").await, json!(true));
    assert_eq!(scene.option("attachmentsRole").await, json!("member"));
    assert_eq!(
        scene.saved(json!({ "allowJoinRequests": true })).await,
        changes(&[("allowJoinRequests", "from yes to true")])
    );
}

#[tokio::test]
async fn the_number_of_statements_does_not_grow_with_options() {
    let scene = start().await;
    let all = |other: bool| {
        let pick = |row: Row| (row.field.to_owned(), if other { row.other } else { row.default });
        Value::Object(
            table()
                .into_iter()
                .filter(|row| row.field != "samplingMode")
                .map(pick)
                .collect(),
        )
    };
    let one = scene
        .save(json!({ "dataScrubber": true }))
        .await
        .done(SAVE)
        .statements();
    let many = scene.save(all(true)).await.done(SAVE).statements();
    assert_eq!(one, many);
    assert_eq!(scene.save(all(false)).await.done(SAVE).statements(), one);
}

#[tokio::test]
async fn every_option_can_be_read_and_given_and_is_documented() {
    let app = TestApp::start().await;
    let query = r#"{
        output: __type(name: "OrganizationOptions") { fields { name description } }
        input: __type(name: "SaveOrgOptionsInput") { inputFields { name description type { kind name } } }
        relay: __type(name: "TrustedRelayInput") { inputFields { name description } } }"#;
    let reply = app.anonymous().send(query, json!({})).await.ok();
    let list = |path: &str| reply.data(path).as_array().unwrap().clone();
    let (output, input) = (list("output.fields"), list("input.inputFields"));
    assert_eq!(output.len(), 39);
    assert_eq!(input.len(), 39 + 8);
    for field in output.iter().chain(&input).chain(&list("relay.inputFields")) {
        assert!(
            field["description"].as_str().is_some_and(|text| text.len() > 10),
            "{field}"
        );
    }
    for field in &output {
        let given = input.iter().find(|given| given["name"] == field["name"]);
        assert!(
            given.is_some_and(|given| given["type"]["kind"] != "NON_NULL"),
            "{field}"
        );
    }
}
