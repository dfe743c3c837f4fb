//! Tokens for developers: who may ask for one, and what it says.

use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};

use super::*;

fn asked(app: &TestApp, wanted: &Value) -> RequestBuilder {
    request(app, Method::POST, "/console/development/token").json(wanted)
}

/// Status and message of an answer that has no token in it.
async fn refusal(request: RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    assert_eq!(text(answer.headers(), "cache-control"), "no-store");
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
    let text = answer.text().await.unwrap();
    assert!(!text.contains("eyJ"), "{text}");
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    let message = body["errors"][0]["message"].as_str().unwrap_or_default();
    (status, message.to_owned())
}

#[tokio::test]
async fn a_token_says_what_was_asked_for() {
    let app = TestApp::start().await;
    let viewer = "{ viewer { user { name email isEmailVerified hasTwoFactor } isSuperuser } }";
    for (wanted, expected) in [
        (
            json!({ "subject": "dana" }),
            json!({ "name": "dana", "email": null, "isEmailVerified": false, "hasTwoFactor": false }),
        ),
        (
            json!({ "subject": "eve", "name": "Eve Ng", "email": "eve@example.com", "mfa": true, "idp": "corp" }),
            json!({ "name": "Eve Ng", "email": "eve@example.com", "isEmailVerified": true, "hasTwoFactor": true }),
        ),
        (
            json!({ "subject": "fay", "email": "fay@example.com", "emailVerified": false, "mfa": false }),
            json!({ "name": "fay@example.com", "email": "fay@example.com", "isEmailVerified": false, "hasTwoFactor": false }),
        ),
    ] {
        let answer = asked(&app, &wanted).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(text(answer.headers(), "cache-control"), "no-store");
        let body: Value = answer.json().await.unwrap();
        let token = body["token"].as_str().unwrap();
        let seen = app.with_bearer(token).send(viewer, json!({})).await.ok();
        assert_eq!(seen.data("viewer.user"), &expected, "{wanted}");
        assert_eq!(seen.data("viewer.isSuperuser"), false);
    }
}

#[tokio::test]
async fn our_own_page_may_ask() {
    let app = TestApp::start().await;
    let port = app.url.rsplit(':').next().unwrap();
    for (host, headers) in [
        ("localhost:PORT", &[("origin", "http://localhost:PORT")][..]),
        (
            "127.0.0.1:PORT",
            &[("origin", "http://127.0.0.1:PORT"), ("sec-fetch-site", "same-origin")],
        ),
        // A development server of the console in front.
        ("localhost:5173", &[("origin", "http://localhost:5173")]),
        ("localhost", &[("sec-fetch-site", "same-origin")]),
    ] {
        let mut request = asked(&app, &json!({ "subject": "ann" })).header("host", host.replace("PORT", port));
        for (name, value) in headers {
            request = request.header(*name, value.replace("PORT", port));
        }
        assert_eq!(
            request.send().await.unwrap().status(),
            StatusCode::OK,
            "{host} {headers:?}"
        );
    }
}

#[tokio::test]
async fn others_may_not_ask() {
    let app = TestApp::start_with(|config| config.cors.origins = vec!["https://app.example.com".into()]).await;
    let ann = json!({ "subject": "ann" });
    for host in [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example:80",
        "10.0.0.1",
    ] {
        let (status, message) = refusal(asked(&app, &ann).header("host", host)).await;
        assert_eq!((status, message.as_str()), (404, ""), "{host}");
    }
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "http://localhost:1"),
        ("origin", "https://app.example.com"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let (status, message) = refusal(asked(&app, &ann).header(name, value)).await;
        assert_eq!(status, 403, "{value}");
        assert!(!message.is_empty());
    }
    let preflight = request(&app, Method::OPTIONS, "/console/development/token")
        .header("origin", "https://app.example.com")
        .header("access-control-request-method", "POST");
    assert_eq!(refusal(preflight).await.0, 405);

    let open = |config: &mut Config| config.listen.set_ip([0, 0, 0, 0].into());
    for node in [app.node_with(production).await, app.node_with(open).await] {
        assert_eq!(refusal(asked(&node, &ann)).await, (404, String::new()));
    }
}

#[tokio::test]
async fn what_names_nobody_makes_no_token() {
    let app = TestApp::start().await;
    for wanted in [
        json!({}),
        json!([]),
        json!("ann"),
        json!(null),
        json!({ "subject": null }),
        json!({ "subject": "" }),
        json!({ "subject": 7 }),
        json!({ "subject": "a".repeat(256) }),
        json!({ "subject": "a\0b" }),
        json!({ "subject": "ann", "email": "no address" }),
        json!({ "subject": "ann", "email": "" }),
        json!({ "subject": "ann", "mfa": "yes" }),
        json!({ "subject": "ann", "scope": "org:admin" }),
        json!({ "subject": "ann", "iss": "https://id.example.com" }),
    ] {
        let (status, message) = refusal(asked(&app, &wanted)).await;
        assert_eq!(status, 400, "{wanted}");
        assert!(!message.is_empty(), "{wanted}");
    }
    let raw = |media: &str, body: &str| {
        let request = request(&app, Method::POST, "/console/development/token");
        refusal(request.header("content-type", media.to_owned()).body(body.to_owned()))
    };
    for garbage in ["", "{", "subject=ann", "\u{0}", "{\"subject\":\"ann\"} x"] {
        assert_eq!(raw("application/json", garbage).await.0, 400, "{garbage}");
    }
    let good = "{\"subject\":\"ann\"}";
    for media in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "json",
    ] {
        assert_eq!(raw(media, good).await.0, 415, "{media}");
    }
    let without = request(&app, Method::POST, "/console/development/token").body(good);
    assert_eq!(refusal(without).await.0, 415);
    let large = json!({ "subject": "ann", "name": "a".repeat(20_000) });
    assert_eq!(refusal(asked(&app, &large)).await.0, 413);
    let get = request(&app, Method::GET, "/console/development/token");
    assert_eq!(refusal(get).await.0, 405);
}
