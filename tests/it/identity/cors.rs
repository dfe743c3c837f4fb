//! Pages of others: none may call unless the configuration names them.

use std::collections::BTreeSet;

use reqwest::{Method, Response};
use roster::config::Config;

use super::*;
use crate::support::Socket;

const CONSOLE: &str = "https://console.example.com";
const LOCAL: &str = "http://localhost:3000";

const FOREIGN: [&str; 9] = [
    "null",
    "https://evil.example.com",
    "http://console.example.com",
    "https://console.example.com:8443",
    "https://console.example.com.evil.example.com",
    "https://evilconsole.example.com",
    "https://sub.console.example.com",
    "https://CONSOLE.example.com",
    "https://console.example.com/",
];

fn welcoming(config: &mut Config) {
    config.cors.origins = vec![CONSOLE.into(), LOCAL.into()];
}

async fn send(app: &TestApp, method: Method, path: &str, headers: &[(&str, &str)]) -> Response {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = http.request(method.clone(), format!("{}{path}", app.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if method == Method::POST {
        request = request.json(&json!({ "query": VIEWER }));
    }
    request.send().await.unwrap()
}

async fn preflight(app: &TestApp, path: &str, origin: &str) -> Response {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization,content-type"),
        // Nobody looks at it.
        ("authorization", "Bearer nonsense"),
    ];
    send(app, Method::OPTIONS, path, &headers).await
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

/// The entries of a list, in small letters.
fn list(response: &Response, name: &str) -> BTreeSet<String> {
    let values = response.headers().get_all(name).iter();
    let entries = values.flat_map(|value| value.to_str().unwrap().split(','));
    entries.map(|entry| entry.trim().to_ascii_lowercase()).collect()
}

#[tokio::test]
async fn nobody_may_call_by_default() {
    let app = TestApp::start().await;
    for origin in [CONSOLE, LOCAL, "null", app.url.as_str()] {
        let asked = preflight(&app, "/graphql", origin).await;
        assert_eq!(asked.status(), 405, "{origin}");
        let called = send(&app, Method::POST, "/graphql", &[("origin", origin)]).await;
        for response in [asked, called] {
            let names = response.headers().keys();
            let allowed: Vec<_> = names
                .filter(|name| name.as_str().starts_with("access-control"))
                .collect();
            assert!(allowed.is_empty(), "{origin}: {allowed:?}");
        }
    }
}

#[tokio::test]
async fn pages_that_are_named_may_call() {
    let app = TestApp::start_with(|config| {
        welcoming(config);
        config.cors.max_age = std::time::Duration::from_secs(600);
    })
    .await;
    for origin in [CONSOLE, LOCAL] {
        let asked = preflight(&app, "/graphql", origin).await;
        assert_eq!(asked.status(), 200);
        assert_eq!(header(&asked, "access-control-allow-origin"), Some(origin));
        assert_eq!(header(&asked, "access-control-max-age"), Some("600"));
        assert_eq!(header(&asked, "access-control-allow-credentials"), None);
        assert_eq!(
            list(&asked, "access-control-allow-methods"),
            ["get", "post"].map(String::from).into()
        );
        let headers = list(&asked, "access-control-allow-headers");
        for needed in [
            "authorization",
            "content-type",
            "graphql-preflight",
            "apollo-require-preflight",
            "x-requested-with",
            "x-request-id",
            "traceparent",
            "last-event-id",
        ] {
            assert!(headers.contains(needed), "{needed}: {headers:?}");
        }
        assert!(!headers.contains("*") && !headers.contains("cookie"), "{headers:?}");
        assert!(list(&asked, "vary").contains("origin"));
        assert_eq!(header(&asked, "x-content-type-options"), Some("nosniff"));
        assert_eq!(asked.text().await.unwrap(), "");

        // Also what went wrong can be read.
        for (method, headers, status) in [
            (Method::POST, vec![], 200),
            (Method::POST, vec![("authorization", "Bearer nonsense")], 401),
            (Method::POST, vec![("accept", "text/html")], 406),
            (Method::GET, vec![], 400),
            (Method::PUT, vec![], 405),
        ] {
            let mut all = headers.clone();
            all.push(("origin", origin));
            let called = send(&app, method.clone(), "/graphql", &all).await;
            assert_eq!(called.status(), status, "{method} {headers:?}");
            assert_eq!(
                header(&called, "access-control-allow-origin"),
                Some(origin),
                "{method} {headers:?}"
            );
            assert!(list(&called, "vary").contains("origin"));
            let exposed = list(&called, "access-control-expose-headers");
            for needed in ["x-request-id", "retry-after", "www-authenticate"] {
                assert!(exposed.contains(needed), "{needed}: {exposed:?}");
            }
        }
    }
}

#[tokio::test]
async fn other_pages_may_not() {
    let app = TestApp::start_with(welcoming).await;
    for origin in FOREIGN {
        let asked = preflight(&app, "/graphql", origin).await;
        let called = send(&app, Method::POST, "/graphql", &[("origin", origin)]).await;
        for response in [asked, called] {
            assert_eq!(header(&response, "access-control-allow-origin"), None, "{origin}");
            // Caches must not mix up answers to different pages.
            assert!(list(&response, "vary").contains("origin"), "{origin}");
        }
    }
}

#[tokio::test]
async fn only_the_api_may_be_called() {
    let app = TestApp::start_with(welcoming).await;
    for path in [
        "/",
        "/health/live",
        "/health/ready",
        "/explorer/settings.json",
        "/nothing",
        "/dev/mail",
    ] {
        let asked = preflight(&app, path, CONSOLE).await;
        let called = send(&app, Method::GET, path, &[("origin", CONSOLE)]).await;
        for response in [asked, called] {
            assert_eq!(header(&response, "access-control-allow-origin"), None, "{path}");
        }
    }
}

#[tokio::test]
async fn a_cookie_goes_along_only_if_one_is_configured() {
    let app = TestApp::start_with(|config| {
        welcoming(config);
        config.auth.cookie = Some("session".into());
    })
    .await;
    let asked = preflight(&app, "/graphql", CONSOLE).await;
    assert_eq!(header(&asked, "access-control-allow-credentials"), Some("true"));
    assert_eq!(header(&asked, "access-control-allow-origin"), Some(CONSOLE));
    let asked = preflight(&app, "/graphql", "https://evil.example.com").await;
    assert_eq!(header(&asked, "access-control-allow-origin"), None);
}

#[tokio::test]
async fn sockets_are_for_pages_that_may_call() {
    let app = TestApp::start_with(|config| {
        welcoming(config);
        config.public_url = Some("https://team.example.com/roster".parse().unwrap());
    })
    .await;
    let plain = app.node_with(|config| config.public_url = None).await;
    let dial = async |app: &TestApp, origin: Option<&str>| {
        let headers: Vec<_> = origin.map(|origin| ("origin", origin)).into_iter().collect();
        let dialled = Socket::dial(&app.url, Some("graphql-transport-ws"), &headers).await;
        dialled.err()
    };
    let own = |app: &TestApp| app.url.clone();

    for origin in [None, Some(CONSOLE), Some(LOCAL), Some("https://team.example.com")] {
        assert_eq!(dial(&app, origin).await, None, "{origin:?}");
    }
    for origin in FOREIGN {
        assert_eq!(dial(&app, Some(origin)).await, Some(403), "{origin}");
        assert_eq!(dial(&plain, Some(origin)).await, Some(403), "{origin}");
    }
    assert_eq!(dial(&plain, Some(&own(&plain))).await, None);
    assert_eq!(
        dial(&plain, Some(CONSOLE)).await,
        Some(403),
        "named at the other server only"
    );
    assert_eq!(
        dial(&plain, Some(&own(&app))).await,
        Some(403),
        "another port is another page"
    );
    assert_eq!(
        dial(&app, Some(&own(&app))).await,
        Some(403),
        "where pages come over TLS, one that does not is somebody else's"
    );
}
