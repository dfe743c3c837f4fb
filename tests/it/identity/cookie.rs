//! Tokens in a cookie, where the configuration names one: for pages that keep no
//! token themselves. A browser sends cookies along whoever's page it is that asks.

use reqwest::{Method, RequestBuilder};
use roster::config::Config;

use super::*;
use crate::support::Socket;

const COOKIE: &str = "__Host-session";
const CONSOLE: &str = "https://console.example.com";
const PREFLIGHT: (&str, &str) = ("graphql-preflight", "1");

fn with_cookie(config: &mut Config) {
    config.auth.cookie = Some(COOKIE.into());
    config.cors.origins = vec![CONSOLE.into()];
}

fn request(app: &TestApp, method: Method, headers: &[(&str, &str)]) -> RequestBuilder {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = http.request(method, format!("{}/graphql", app.url));
    headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value))
}

async fn ask(app: &TestApp, cookie: &str, headers: &[(&str, &str)]) -> Reply {
    let request = request(app, Method::POST, headers).header("cookie", cookie);
    let request = request.json(&json!({ "query": "{ viewer { user { name } } }" }));
    Reply::read(request.send().await.unwrap()).await
}

/// Ann's cookie.
fn cookie(app: &TestApp) -> String {
    format!("{COOKIE}={}", app.person("ann").bearer().unwrap())
}

#[track_caller]
fn forged(reply: &Reply) {
    assert_eq!(
        (reply.status, reply.error_codes()),
        (403, vec!["FORBIDDEN".into()]),
        "{reply:?}"
    );
    assert!(reply.body.get("data").is_none(), "{reply:?}");
}

#[tokio::test]
async fn no_cookie_counts_unless_one_is_configured() {
    let app = TestApp::start().await;
    let cookie = cookie(&app);
    for headers in [&[][..], &[PREFLIGHT]] {
        assert_eq!(ask(&app, &cookie, headers).await.ok().data("viewer"), &Value::Null);
    }
    assert!(db_users(&app).await.is_empty());
}

#[tokio::test]
async fn the_cookie_counts_with_a_header_that_other_pages_cannot_send() {
    let app = TestApp::start_with(with_cookie).await;
    let cookie = cookie(&app);
    let ann = format!("a=b; {cookie}; c={COOKIE}=d");

    for header in ["graphql-preflight", "apollo-require-preflight", "x-requested-with"] {
        let reply = ask(&app, &ann, &[(header, "1")]).await.ok();
        assert_eq!(reply.text("viewer.user.name"), "Ann", "{header}");
    }
    for headers in [
        &[][..],
        &[("origin", CONSOLE)],
        &[("sec-fetch-site", "same-origin")],
        &[("x-csrf", "1")],
    ] {
        forged(&ask(&app, &ann, headers).await);
    }
    // Without the cookie there is nothing to protect.
    assert_eq!(ask(&app, "a=b", &[]).await.ok().data("viewer"), &Value::Null);
}

#[tokio::test]
async fn the_cookie_counts_from_pages_that_may_call() {
    let app = TestApp::start_with(with_cookie).await;
    let cookie = cookie(&app);
    let own = app.url.clone();
    for (headers, is_good) in [
        (&[("origin", own.as_str())][..], true),
        (&[("origin", CONSOLE), ("sec-fetch-site", "cross-site")], true),
        (&[("sec-fetch-site", "same-origin")], true),
        (&[("sec-fetch-site", "none")], true),
        (&[("sec-fetch-site", "same-site")], false),
        (&[("sec-fetch-site", "cross-site")], false),
        (&[("origin", "null")], false),
        (&[("origin", "https://evil.example.com")], false),
        (&[("origin", "https://console.example.com.evil.example.com")], false),
        (&[("origin", "http://console.example.com")], false),
        (&[("origin", "https://console.example.com:8443")], false),
        (&[("origin", CONSOLE), ("origin", "https://evil.example.com")], false),
        (&[("origin", "")], false),
    ] {
        let mut all = headers.to_vec();
        all.push(PREFLIGHT);
        let reply = ask(&app, &cookie, &all).await;
        if is_good {
            assert_eq!(reply.ok().text("viewer.user.name"), "Ann", "{headers:?}");
        } else {
            forged(&reply);
        }
    }
}

#[tokio::test]
async fn no_simple_request_does_anything_with_the_cookie() {
    let app = TestApp::start_with(with_cookie).await;
    let cookie = cookie(&app);
    app.person("ann").seen().await;
    let mutation = "mutation { createOrganization(input: { name: \"Made\" }) { organization { id } } }";
    let json = json!({ "query": mutation }).to_string();
    let encoded: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("query", mutation)
        .finish();
    let parts = format!(
        "--cut\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{json}\r\n--cut\r\n\
         Content-Disposition: form-data; name=\"map\"\r\n\r\n{{}}\r\n--cut--\r\n"
    );
    let before = app.db_snapshot().await;

    for (media, body) in [
        ("text/plain", &json),
        ("text/plain;application/json", &json),
        ("application/x-www-form-urlencoded", &encoded),
        ("multipart/form-data; boundary=cut", &parts),
        ("application/json", &json),
        ("", &json),
    ] {
        for method in [Method::POST, Method::GET, Method::HEAD] {
            let mut request = request(&app, method.clone(), &[("cookie", &cookie)]).body(body.clone());
            if !media.is_empty() {
                request = request.header("content-type", media);
            }
            assert_eq!(request.send().await.unwrap().status(), 403, "{method} {media}");
        }
    }
    for path in [
        format!("/graphql?{encoded}"),
        "/graphql?query=%7Bviewer%7BisSuperuser%7D%7D".into(),
    ] {
        let response = app.anonymous().fetch(&path, &[("cookie", &cookie)]).await;
        assert_eq!(response.status(), 403, "{path}");
    }
    // With the header, too, a GET only reads.
    let headers = [("cookie", cookie.as_str()), PREFLIGHT];
    let response = app.anonymous().fetch(&format!("/graphql?{encoded}"), &headers).await;
    assert_eq!(response.status(), 405);
    assert_eq!(app.db_snapshot().await, before);

    let path = "/graphql?query=%7Bviewer%7BisSuperuser%7D%7D";
    let response = app.anonymous().fetch(path, &headers).await;
    assert_eq!(
        Reply::read(response).await.ok().data("viewer.isSuperuser"),
        &json!(false)
    );
    let made = request(&app, Method::POST, &[("cookie", &cookie), PREFLIGHT]);
    let made = made.header("content-type", "application/json").body(json);
    Reply::read(made.send().await.unwrap())
        .await
        .ok()
        .text("createOrganization.organization.id");
}

#[tokio::test]
async fn the_header_comes_before_the_cookie() {
    let app = TestApp::start_with(with_cookie).await;
    let bob = format!("Bearer {}", app.person("bob").bearer().unwrap());

    let reply = ask(&app, &cookie(&app), &[("authorization", &bob)]).await.ok();
    assert_eq!(reply.text("viewer.user.name"), "Bob");
    refused(ask(&app, &cookie(&app), &[("authorization", "Bearer x.y.z"), PREFLIGHT]).await);
}

#[tokio::test]
async fn a_cookie_that_is_no_good_is_refused() {
    let app = TestApp::start_with(with_cookie).await;
    let (acme, _) = app.organization("Acme").await;
    let robot = app.db_app(&acme, &["org:read"]).await.bearer().unwrap();
    let (ann, eve) = (cookie(&app), app.person("eve").bearer().unwrap());
    let before = db_users(&app).await.len();
    for bad in [
        format!("{COOKIE}=x.y.z"),
        format!("{COOKIE}="),
        // Somebody else's beside it: which of them counts, browsers decide.
        format!("{ann}; {COOKIE}={eve}"),
        format!("{COOKIE}=; {ann}"),
        // Apps have no browser.
        format!("{COOKIE}={robot}"),
        format!("{COOKIE}=Bearer {eve}"),
    ] {
        refused(ask(&app, &bad, &[PREFLIGHT]).await);
    }
    for other in [
        format!("x{COOKIE}={eve}"),
        format!("{COOKIE}2={eve}"),
        format!("{}={eve}", COOKIE.to_lowercase()),
        format!("{COOKIE} ={eve}"),
        COOKIE.to_owned(),
    ] {
        let reply = ask(&app, &other, &[PREFLIGHT]).await.ok();
        assert_eq!(reply.data("viewer"), &Value::Null, "{other}");
    }
    assert_eq!(db_users(&app).await.len(), before);
}

#[tokio::test]
async fn a_socket_takes_the_cookie_from_pages_that_may_call() {
    let app = TestApp::start_with(with_cookie).await;
    let cookie = cookie(&app);
    let own = app.url.clone();
    for origin in [None, Some("https://evil.example.com"), Some("null")] {
        let mut headers = vec![("cookie", cookie.as_str())];
        headers.extend(origin.map(|origin| ("origin", origin)));
        let refused = Socket::dial(&app.url, Some("graphql-transport-ws"), &headers).await;
        assert_eq!(refused.err(), Some(403), "{origin:?}");
    }
    for origin in [own.as_str(), CONSOLE] {
        let headers = [("cookie", cookie.as_str()), ("origin", origin)];
        let mut socket = Socket::dial(&app.url, Some("graphql-transport-ws"), &headers)
            .await
            .unwrap();
        socket.init(Value::Null).await;
        assert_eq!(socket.hear().await, json!({ "type": "connection_ack" }));
        socket.subscribe("1", "{ viewer { user { name } } }", json!({})).await;
        assert_eq!(
            socket.next("1").await["data"]["viewer"]["user"]["name"],
            "Ann",
            "{origin}"
        );
    }
}
