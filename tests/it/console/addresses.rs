//! Addresses that lead to the console, and a deployment without one.

use reqwest::StatusCode;
use serde_json::Value;

use super::*;

#[tokio::test]
async fn an_invite_is_accepted_on_a_page_that_nobody_keeps() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    for path in [
        format!("/invite/{}", invite.token),
        "/invite/no-token-at-all?referrer=mail".into(),
    ] {
        let answer = get(&app, &path).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let headers = answer.headers().clone();
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(text(&headers, name), value);
            assert_eq!(headers.get_all(name).iter().count(), 1, "{name}");
        }
        assert!(text(&headers, "content-security-policy").starts_with("default-src 'none'; script-src 'self';"));
        let page = answer.text().await.unwrap();
        assert_eq!(page.as_bytes(), built("index.html"), "the token is not in the page");
        // What the page says of it would win over the header.
        let referrers = page.split("name=\"referrer\"").skip(1);
        for referrer in referrers {
            assert!(referrer.trim_start().starts_with("content=\"no-referrer\""), "{page}");
        }
    }
    for path in ["/invite", "/invite/", "/invite/a/b"] {
        assert_eq!(get(&app, path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn links_in_mails_lead_to_the_console_for_now() {
    let app = TestApp::start().await;
    for page in [
        "/organizations/acme/members",
        "/organizations/acme/teams/back-end",
        "/organizations/acme/restore?from=mail&x=%2F%2F",
        "/organizations/acme/..%2f..%2fevil.example",
        "/organizations/%2f%2fevil.example/members",
    ] {
        let answer = get(&app, page).await;
        assert_eq!(answer.status(), StatusCode::TEMPORARY_REDIRECT, "{page}");
        assert_eq!(text(answer.headers(), "location"), format!("/console{page}"));
        assert_eq!(text(answer.headers(), "cache-control"), "no-store");
    }
    // There a request names the whole address.
    let http2 = reqwest::Client::builder().no_proxy().http2_prior_knowledge();
    let http2 = http2.redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let url = format!("{}/organizations/acme/webhooks?a=b", app.url);
    let answer = http2.get(url).send().await.unwrap();
    assert_eq!(
        text(answer.headers(), "location"),
        "/console/organizations/acme/webhooks?a=b"
    );
}

#[tokio::test]
async fn switched_off_there_is_nothing() {
    let app = TestApp::start_with(switched_off).await;
    for path in [
        "/console",
        "/console/",
        "/console/settings.json",
        "/console/organizations/acme/members",
        "/console/assets/nothing.js",
        "/console/development/token",
        "/invite/token",
        "/organizations/acme/members",
    ] {
        for method in [Method::GET, Method::HEAD, Method::POST] {
            let answer = request(&app, method, path).json(&serde_json::json!({ "subject": "ann" }));
            let answer = answer.send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
            assert!(answer.headers().get("location").is_none(), "{path}");
            assert_eq!(answer.text().await.unwrap(), "", "{path}");
        }
    }
    let settings: Value = get(&app, "/explorer/settings.json").await.json().await.unwrap();
    assert_eq!(settings["console"], Value::Null);
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    app.person("bob")
        .accept_invite(&invite.token)
        .await
        .done("acceptInvite");

    let with = app.node_with(|_| ()).await;
    let settings: Value = get(&with, "/explorer/settings.json").await.json().await.unwrap();
    assert_eq!(settings["console"], "/console/");
}
