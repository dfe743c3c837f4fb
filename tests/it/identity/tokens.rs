//! Tokens with a flaw: one answer to all of them, and the reason only in the log.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::header::AUTHORIZATION;

use super::*;
use crate::support::{ISSUER, JWT_SECRET};

fn hs256(claims: &Value) -> String {
    sign(
        Algorithm::HS256,
        None,
        &EncodingKey::from_secret(JWT_SECRET.as_bytes()),
        claims,
    )
}

/// A token put together by hand.
fn raw(header: &Value, claims: &Value, signature: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", part(header), part(claims))
}

/// Good claims, changed; null leaves a claim out.
fn changed(changes: Value) -> Value {
    let mut claims = claims(ISSUER, "eve");
    for (claim, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(claim)),
            value => claims[claim] = value.clone(),
        }
    }
    claims
}

#[tokio::test]
async fn every_flaw_gets_the_same_answer() {
    let app = TestApp::start().await;
    let now = Utc::now().timestamp();
    let good = hs256(&claims(ISSUER, "eve"));
    let parts: Vec<&str> = good.split('.').collect();
    let claims_of_ann = URL_SAFE_NO_PAD.encode(claims(ISSUER, "ann").to_string());
    let flaws = [
        ("no exp", hs256(&changed(json!({ "exp": null })))),
        ("exp in the past", hs256(&changed(json!({ "exp": now - 3600 })))),
        ("exp as text", hs256(&changed(json!({ "exp": "tomorrow" })))),
        ("exp below zero", hs256(&changed(json!({ "exp": -1 })))),
        ("nbf in the future", hs256(&changed(json!({ "nbf": now + 3600 })))),
        ("no aud", hs256(&changed(json!({ "aud": null })))),
        ("wrong aud", hs256(&changed(json!({ "aud": "somebody else" })))),
        ("wrong auds", hs256(&changed(json!({ "aud": ["one", "two"] })))),
        ("empty auds", hs256(&changed(json!({ "aud": [] })))),
        ("no iss", hs256(&changed(json!({ "iss": null })))),
        (
            "wrong iss",
            hs256(&changed(json!({ "iss": "https://evil.example.com" }))),
        ),
        (
            "almost the iss",
            hs256(&changed(json!({ "iss": format!("{ISSUER}/") }))),
        ),
        ("several iss", hs256(&changed(json!({ "iss": [ISSUER] })))),
        ("no sub", hs256(&changed(json!({ "sub": null })))),
        (
            "another secret",
            sign(
                Algorithm::HS256,
                None,
                &EncodingKey::from_secret(b"guess"),
                &claims(ISSUER, "eve"),
            ),
        ),
        (
            "an empty secret",
            sign(
                Algorithm::HS256,
                None,
                &EncodingKey::from_secret(b""),
                &claims(ISSUER, "eve"),
            ),
        ),
        (
            "HS384",
            sign(
                Algorithm::HS384,
                None,
                &EncodingKey::from_secret(JWT_SECRET.as_bytes()),
                &claims(ISSUER, "eve"),
            ),
        ),
        (
            "HS512",
            sign(
                Algorithm::HS512,
                None,
                &EncodingKey::from_secret(JWT_SECRET.as_bytes()),
                &claims(ISSUER, "eve"),
            ),
        ),
        (
            "alg none",
            raw(&json!({ "alg": "none", "typ": "JWT" }), &claims(ISSUER, "eve"), ""),
        ),
        ("alg None", raw(&json!({ "alg": "None" }), &claims(ISSUER, "eve"), "")),
        (
            "alg none, signed",
            raw(&json!({ "alg": "none" }), &claims(ISSUER, "eve"), parts[2]),
        ),
        (
            "no alg",
            raw(&json!({ "typ": "JWT" }), &claims(ISSUER, "eve"), parts[2]),
        ),
        (
            "alg null",
            raw(&json!({ "alg": null }), &claims(ISSUER, "eve"), parts[2]),
        ),
        (
            "an unknown alg",
            raw(&json!({ "alg": "HS1" }), &claims(ISSUER, "eve"), parts[2]),
        ),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("two parts", format!("{}.{}", parts[0], parts[1])),
        ("four parts", format!("{good}.x")),
        ("five parts", format!("{good}.x.y")),
        ("other claims", format!("{}.{claims_of_ann}.{}", parts[0], parts[2])),
        (
            "a changed signature",
            format!(
                "{}.{}.{}",
                parts[0],
                parts[1],
                parts[2].chars().rev().collect::<String>()
            ),
        ),
        (
            "claims that are no object",
            raw(&json!({ "alg": "HS256" }), &json!([1, 2]), parts[2]),
        ),
        ("claims that are no JSON", format!("{}.bm8.{}", parts[0], parts[2])),
        ("no base64", "ä.ö.ü".escape_unicode().to_string()),
        ("one word", "eve".into()),
        ("dots", "...".into()),
        ("a long text", "a.".repeat(3000)),
        (
            "an invite token",
            "1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into(),
        ),
        ("an API token", format!("rst_{}", "a".repeat(43))),
        ("the start of an API token", "rst_".into()),
    ];
    let mut answers = Vec::new();
    for (flaw, token) in flaws {
        let reply = app.with_bearer(&token).send(VIEWER, json!({})).await;
        assert_eq!(reply.status, 401, "{flaw}: {reply:?}");
        let answer = refused(reply);
        assert!(!answer.to_string().contains(&token), "{flaw} is repeated");
        answers.push(answer);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "the answers differ: {answers:?}");
    assert!(db_users(&app).await.is_empty());
    assert_eq!(viewer(&app.with_bearer(&good)).await["user"]["name"], "eve");
}

#[tokio::test]
async fn clocks_may_differ_by_the_leeway() {
    let app = TestApp::start().await;
    let strict = app
        .node_with(|config| config.auth.leeway = std::time::Duration::ZERO)
        .await;
    let now = Utc::now().timestamp();
    let status = async |app: &TestApp, claims: Value| {
        app.with_bearer(&hs256(&changed(claims)))
            .send(VIEWER, json!({}))
            .await
            .status
    };

    assert_eq!(status(&app, json!({ "exp": now - 30 })).await, 200);
    assert_eq!(status(&app, json!({ "exp": now - 90 })).await, 401);
    assert_eq!(status(&app, json!({ "nbf": now + 30 })).await, 200);
    assert_eq!(status(&app, json!({ "nbf": now + 120 })).await, 401);
    assert_eq!(status(&strict, json!({ "exp": now - 5 })).await, 401);
    assert_eq!(status(&strict, json!({ "nbf": now + 30 })).await, 401);
    assert_eq!(status(&strict, json!({ "nbf": now - 5 })).await, 200);
}

#[tokio::test]
async fn one_of_several_audiences_is_enough() {
    let app = TestApp::start().await;

    let token = hs256(&changed(json!({ "aud": ["somebody else", AUDIENCE] })));

    assert_eq!(viewer(&app.with_bearer(&token)).await["user"]["name"], "eve");
}

#[tokio::test]
async fn nobody_is_anonymous_by_mistake() {
    let app = TestApp::start().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let ask = async |credential: Option<Vec<u8>>| {
        let mut request = http
            .post(format!("{}/graphql", app.url))
            .json(&json!({ "query": VIEWER }));
        if let Some(credential) = credential {
            request = request.header(
                AUTHORIZATION,
                reqwest::header::HeaderValue::from_bytes(&credential).unwrap(),
            );
        }
        Reply::read(request.send().await.unwrap()).await
    };
    let good = hs256(&claims(ISSUER, "eve"));

    assert_eq!(ask(None).await.ok().data("viewer"), &Value::Null);
    for scheme in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(
            ask(Some(format!("{scheme} {good}").into()))
                .await
                .ok()
                .text("viewer.user.name"),
            "eve",
            "{scheme}"
        );
    }
    for credential in [
        "",
        "Bearer",
        "Bearer ",
        "Basic YW5uOmFubg==",
        "Token abc",
        "Bearer  ",
        &good,
        "Bearer null",
    ] {
        refused(ask(Some(credential.into())).await);
    }
    refused(ask(Some(format!("Basic {good}").into())).await);
    refused(ask(Some(vec![b'B', b'e', b'a', b'r', b'e', b'r', b' ', 0xff, 0xfe])).await);
    // Of two, a proxy may mean the other one.
    for other in [format!("Bearer {good}"), "junk".into()] {
        let request = http
            .post(format!("{}/graphql", app.url))
            .json(&json!({ "query": VIEWER }))
            .header(AUTHORIZATION, format!("Bearer {good}"))
            .header(AUTHORIZATION, other);
        refused(Reply::read(request.send().await.unwrap()).await);
    }
}

#[tokio::test]
async fn a_refused_credential_says_how_to_sign_in_and_runs_nothing() {
    let app = TestApp::start().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let query = "mutation { createOrganization(input: { name: \"Acme\" }) { organization { id } } }";

    let before = app.db_snapshot().await;
    let request = http
        .post(format!("{}/graphql", app.url))
        .json(&json!({ "query": query }))
        .bearer_auth("x.y.z");
    let response = request.send().await.unwrap();

    assert!(
        response.headers()["www-authenticate"]
            .to_str()
            .unwrap()
            .starts_with("Bearer")
    );
    refused(Reply::read(response).await);
    assert_eq!(app.db_snapshot().await, before);
    refused(
        app.with_bearer("x.y.z")
            .get("/graphql?query=%7Bservice%7Bversion%7D%7D")
            .await,
    );
}
