//! What a token is made from.

use super::*;

#[tokio::test]
async fn the_secret_is_shown_once_and_works() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let input = json!({ "name": "  CI  ", "scopes": ["member:read", "org:read", "member:read"] });

    let reply = ann.create_token(&acme, input).await.done(CREATE);

    let token = reply.data("createApiToken.apiToken");
    let secret = reply.text("createApiToken.secret");
    assert!(secret.starts_with("rst_") && secret.len() == 47, "{secret}");
    assert_eq!(token["name"], "CI");
    assert_eq!(token["prefix"], secret[..8]);
    assert_eq!(token["scopes"], json!(["org:read", "member:read"]), "each one once");
    assert_eq!(token["createdBy"]["id"], ann.user_id().await);
    assert_eq!(
        (&token["expiresAt"], &token["lastUsedAt"]),
        (&Value::Null, &Value::Null)
    );

    let robot = app.with_bearer(&secret);
    let query = "query($slug: String!) { viewer { scopes } organization(slug: $slug) { members { totalCount } } }";
    let seen = robot.send(query, json!({ "slug": acme.slug })).await.ok();
    assert_eq!(seen.data("viewer.scopes"), &json!(["org:read", "member:read"]));
    assert_eq!(seen.data("organization.members.totalCount"), 1);

    let rows = db_tokens(&app).await;
    assert_eq!(rows.len(), 1);
    assert!(!format!("{rows:?}").contains(&secret[8..]), "the secret is stored");
    let listed = ann.tokens(&acme).await.ok();
    assert!(
        !listed.body.to_string().contains(&secret[8..]),
        "the secret is shown again"
    );
    assert!(listed.data("organization.apiTokens.nodes.0.lastUsedAt").is_string());
}

#[tokio::test]
async fn two_tokens_of_one_name_are_two() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let (one, two) = (
        ann.token(&acme, &["org:read"]).await,
        ann.token(&acme, &["org:read"]).await,
    );
    assert_ne!(one.secret, two.secret);
    assert_ne!(one.id, two.id);
}

#[tokio::test]
async fn a_scope_brings_what_it_implies_and_nothing_more() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let token = ann.token(&acme, &["member:admin"]).await;
    let scopes = app
        .with_bearer(&token.secret)
        .send("{ viewer { scopes } }", json!({}))
        .await
        .ok();
    let implied = json!(["member:read", "member:invite", "member:write", "member:admin"]);
    assert_eq!(scopes.data("viewer.scopes"), &implied);
    assert_eq!(
        ann.tokens(&acme)
            .await
            .ok()
            .data("organization.apiTokens.nodes.0.scopes"),
        &json!(["member:admin"])
    );
}

#[tokio::test]
async fn a_token_can_do_no_more_than_its_maker() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let limited = ann.with(json!({ "scope": "org:admin" })).seen().await;
    let robot = ann.token(&acme, &["org:admin", "team:write"]).await;
    let robot = app.with_bearer(&robot.secret);
    let root = app.superuser().seen().await;

    // What a maker has by implication is enough.
    for (maker, scopes) in [
        (&ann, &["org:admin", "org:integrations", "event:admin", "team:read"][..]),
        (&limited, &["org:admin", "org:write", "org:integrations"]),
        (&robot, &["org:read", "team:read", "org:admin"]),
        (&root, &["org:admin", "org:ci"]),
    ] {
        maker.token(&acme, scopes).await;
    }
    for (maker, scopes, bad) in [
        (&limited, &["org:read", "member:read"][..], "1"),
        (&robot, &["team:admin"], "0"),
        (&robot, &["org:read", "team:read", "member:read"], "2"),
        // No role has it.
        (&ann, &["org:ci"], "0"),
    ] {
        let input = json!({ "name": "CI", "scopes": scopes });
        let reply = app.unchanged(maker.create_token(&acme, input)).await;
        let path = format!("input.scopes.{bad}");
        assert_eq!(
            reply.refusals(CREATE),
            [("VALIDATION_FAILED", path.as_str())],
            "{scopes:?}"
        );
    }
}

#[tokio::test]
async fn every_bad_field_is_told() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let long = "a".repeat(65);
    for (input, bad) in [
        (json!({ "name": "", "scopes": ["org:read"] }), vec!["name"]),
        (json!({ "name": " \n ", "scopes": ["org:read"] }), vec!["name"]),
        (json!({ "name": "a\u{0}b", "scopes": ["org:read"] }), vec!["name"]),
        (json!({ "name": long, "scopes": ["org:read"] }), vec!["name"]),
        (json!({ "name": "CI", "scopes": [] }), vec!["scopes"]),
        (
            json!({ "name": "CI", "scopes": vec!["org:read"; 1001] }),
            vec!["scopes"],
        ),
        (
            json!({ "name": "CI", "scopes": ["org:read", "org:everything"] }),
            vec!["scopes.1"],
        ),
        (json!({ "name": "CI", "scopes": ["ORG:READ"] }), vec!["scopes.0"]),
        (json!({ "name": "CI", "scopes": ["openid"] }), vec!["scopes.0"]),
        (
            json!({ "name": "CI", "scopes": ["org:read"], "expiresAt": within(Duration::seconds(-1)) }),
            vec!["expiresAt"],
        ),
        (
            json!({ "name": "CI", "scopes": ["org:read"], "expiresAt": "9999-12-31T23:59:59Z" }),
            vec!["expiresAt"],
        ),
        (
            json!({ "name": "", "scopes": [""], "expiresAt": "1970-01-01T00:00:00Z" }),
            vec!["name", "scopes.0", "expiresAt"],
        ),
    ] {
        let reply = app.unchanged(ann.create_token(&acme, input.clone())).await;
        let refusals = reply.refusals(CREATE);
        let told: Vec<_> = refusals.iter().map(|refusal| refusal.path.as_str()).collect();
        let bad: Vec<_> = bad.iter().map(|field| format!("input.{field}")).collect();
        assert_eq!(told, bad, "{input}");
        assert!(
            refusals.iter().all(|refusal| refusal.code == "VALIDATION_FAILED"),
            "{input}"
        );
    }
    assert!(db_tokens(&app).await.is_empty());
    let most = json!({ "name": "a".repeat(64), "scopes": ["org:read"] });
    ann.create_token(&acme, most).await.done(CREATE);
}

#[tokio::test]
async fn a_token_that_ends_makes_none_that_ends_later() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let end = within(Duration::hours(1));
    let input = |end: Value| json!({ "name": "CI", "scopes": ["org:admin"], "expiresAt": end });
    let reply = ann.create_token(&acme, input(json!(end))).await.done(CREATE);
    let shown: DateTime<Utc> = reply.text("createApiToken.apiToken.expiresAt").parse().unwrap();
    let asked: DateTime<Utc> = end.parse().unwrap();
    assert_eq!(shown.timestamp_micros(), asked.timestamp_micros());
    let robot = app.with_bearer(&reply.text("createApiToken.secret"));

    for later in [Value::Null, json!(within(Duration::hours(2)))] {
        let reply = app.unchanged(robot.create_token(&acme, input(later.clone()))).await;
        assert_eq!(
            reply.refusals(CREATE),
            [("VALIDATION_FAILED", "input.expiresAt")],
            "{later}"
        );
    }
    for sooner in [json!(end), json!(within(Duration::minutes(30)))] {
        let reply = robot.create_token(&acme, input(sooner)).await.done(CREATE);
        assert!(
            reply.data("createApiToken.apiToken.createdBy").is_null(),
            "an app made it"
        );
    }
}
