//! The endpoint: methods, media types, statuses, headers; and the pages beside it.

use std::collections::HashSet;

use reqwest::{
    Method, RequestBuilder, Response,
    header::{HeaderMap, HeaderName},
};

use super::*;

const VIEWER: &str = "{ viewer { isSuperuser } }";
const RESPONSE_JSON: &str = "application/graphql-response+json";

/// A request that nothing is set on.
pub fn request(app: &TestApp, method: Method, path: &str) -> RequestBuilder {
    let http = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    http.request(method, format!("{}{path}", app.url))
}

/// `POST /graphql` with this body and, unless it is empty, `Content-Type`.
async fn post(app: &TestApp, bearer: &Client, media: &str, body: impl Into<reqwest::Body>) -> (HeaderMap, Reply) {
    let mut request = request(app, Method::POST, "/graphql").body(body);
    if !media.is_empty() {
        request = request.header("content-type", media);
    }
    if let Some(token) = bearer.bearer() {
        request = request.bearer_auth(token);
    }
    read(request.send().await.unwrap()).await
}

pub async fn read(response: Response) -> (HeaderMap, Reply) {
    (response.headers().clone(), Reply::read(response).await)
}

/// The one code of an answer that is a refusal of the whole request.
#[track_caller]
fn refusal(reply: &Reply) -> String {
    assert!(
        reply.body.get("data").is_none(),
        "a refused request has no data: {reply:#?}"
    );
    let codes = reply.error_codes();
    assert_eq!(codes.len(), 1, "{reply:#?}");
    assert!(!reply.body["errors"][0]["message"].as_str().unwrap().is_empty());
    codes[0].clone()
}

/// A mutation of Ann's, as the body of a request.
fn mutation() -> String {
    json!({ "query": "mutation { createOrganization(input: { name: \"Made\" }) { userErrors { code } } }" }).to_string()
}

#[tokio::test]
async fn json_is_the_only_body_that_is_taken() {
    let app = TestApp::start().await;
    let ann = app.person("ann").seen().await;
    let query = json!({ "query": VIEWER }).to_string();
    for media in [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/json;charset=UTF-8",
    ] {
        let (headers, reply) = post(&app, &ann, media, query.clone()).await;
        assert_eq!(reply.status, 200, "{media}");
        assert_eq!(reply.ok().data("viewer.isSuperuser"), false);
        assert!(
            headers["content-type"]
                .to_str()
                .unwrap()
                .starts_with("application/json")
        );
        assert_eq!(headers["cache-control"], "no-store");
    }
    let before = app.db_snapshot().await;
    for media in [
        "",
        "text/plain",
        "text/plain; application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/graphql",
        "application/jsonp",
        "application",
        "json",
        "*/*",
        "application/json-patch+json",
        "application/json; charset=utf-16",
        "application/json; charset=\"iso-8859-1\"",
    ] {
        let (_, reply) = post(&app, &ann, media, mutation()).await;
        assert_eq!(
            (reply.status, refusal(&reply).as_str()),
            (415, "BAD_USER_INPUT"),
            "{media}"
        );
    }
    assert_eq!(app.db_snapshot().await, before);
}

#[tokio::test]
async fn what_is_no_graphql_request_is_bad_input() {
    let app = TestApp::start().await;
    let ann = app.person("ann").seen().await;
    let before = app.db_snapshot().await;
    let mut bodies: Vec<Vec<u8>> = [
        "",
        " ",
        "{",
        "}",
        "{}",
        "[]",
        "null",
        "5",
        "true",
        "\"{ viewer { isSuperuser } }\"",
        "x",
        "{\"query\"}",
        "{\"query\":}",
        "{\"query\":null}",
        "{\"query\":5}",
        "{\"query\":[]}",
        "{\"query\":{}}",
        "{\"query\":\"\"}",
        "{\"query\":\"  \\n\\t \"}",
        "{\"queries\":\"{ roles { id } }\"}",
        "{\"query\":\"{ roles { id } }\",\"variables\":[]}",
        "{\"query\":\"{ roles { id } }\",\"variables\":\"{}\"}",
        "{\"query\":\"{ roles { id } }\",\"variables\":5}",
        "{\"query\":\"{ roles { id } }\",\"operationName\":5}",
        "{\"query\":\"{ roles { id } }\",\"extensions\":[]}",
        "{\"query\":\"{ roles { id } }\"} x",
        "[{\"query\":\"{ roles { id } }\"}]",
        "{\"query\":\"\\ud800\"}",
        "{\"query\":\"{ roles { id } }\",\"query\":\"{ roles { name } }\"}",
        "query={roles{id}}",
        "\u{feff}{\"query\":\"{ roles { id } }\"}",
    ]
    .map(|body| body.as_bytes().to_vec())
    .into();
    bodies.push(b"{\"query\":\"\xff\xfe\"}".to_vec());
    bodies.push(vec![0; 1000]);
    bodies.push(
        format!(
            "{{\"query\":\"{{ roles {{ id }} }}\",\"variables\":{{\"a\":{}}}}}",
            "[".repeat(100_000)
        )
        .into_bytes(),
    );
    bodies.push("[".repeat(500_000).into_bytes());
    for body in bodies {
        let label: String = String::from_utf8_lossy(&body).chars().take(80).collect();
        let code = if body.starts_with(b"[") {
            "BATCHING_DISABLED"
        } else {
            "BAD_USER_INPUT"
        };
        let (_, reply) = post(&app, &ann, "application/json", body).await;
        assert_eq!((reply.status, refusal(&reply).as_str()), (400, code), "{label}");
        let said = reply.body.to_string();
        assert!(said.len() < 2_000, "{label} is echoed");
        assert!(!said.contains("struct"), "{label} is told in Rust: {said}");
    }
    for query in [
        "query={roles{id}}&query={roles{name}}",
        "query={roles{id}}&variables={}&variables={}",
        "documentId=a&documentId=b",
    ] {
        let reply = ann.get(&format!("/graphql?{query}")).await;
        assert_eq!(
            (reply.status, refusal(&reply).as_str()),
            (400, "BAD_USER_INPUT"),
            "{query}"
        );
    }
    assert_eq!(app.db_snapshot().await, before);
}

#[tokio::test]
async fn a_list_of_values_is_no_request_wherever_it_stands() {
    const LIST: &str = r#"["{roles{id}}", null, null, null, null]"#;
    let app = TestApp::start_with(|config| config.graphql.batch_max = 5).await;
    let ann = app.person("ann").seen().await;
    let list: Value = serde_json::from_str(LIST).unwrap();

    let (_, reply) = post(&app, &ann, "application/json", format!("[{LIST}]")).await;
    assert!(
        reply.body.get("data").is_none() && !reply.body.to_string().contains("owner"),
        "{reply:#?}"
    );
    let reply = ann.post_parts(&[("operations", LIST.as_bytes()), ("map", b"{}")]).await;
    assert_eq!(refusal(&reply), "BAD_USER_INPUT");
    let operations: &[u8] = br#"{"query":"{roles{id}}"}"#;
    let reply = ann
        .post_parts(&[("operations", operations), ("operations", operations), ("map", b"{}")])
        .await;
    assert_eq!(refusal(&reply), "BAD_USER_INPUT");
    let query = "{roles{id}}";
    let extensions = json!({ "persistedQuery": [1, hex::encode(<sha2::Sha256 as sha2::Digest>::digest(query))] });
    let reply = ann.post(&json!({ "query": query, "extensions": extensions })).await;
    assert_eq!(refusal(&reply), "BAD_USER_INPUT");
    let mut socket = ann.socket().await;
    socket
        .say(json!({ "id": "a", "type": "subscribe", "payload": list }))
        .await;
    assert_eq!(socket.closed().await.0, 4400);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let app = TestApp::start_with(|config| config.limits.body_bytes_max = 2_000).await;
    let ann = app.person("ann").seen().await;
    let body = |bytes: usize| {
        let mut body = json!({ "query": VIEWER }).to_string();
        body.push_str(&" ".repeat(bytes - body.len()));
        body
    };
    assert_eq!(post(&app, &ann, "application/json", body(2_000)).await.1.status, 200);
    for bytes in [2_001, 100_000, 5_000_000] {
        // A server may hang up on whoever goes on sending.
        let sent = request(&app, Method::POST, "/graphql")
            .header("content-type", "application/json")
            .body(body(bytes))
            .send()
            .await;
        let Ok(response) = sent else { continue };
        let (_, reply) = read(response).await;
        assert_eq!(
            (reply.status, refusal(&reply).as_str()),
            (413, "REQUEST_TOO_LARGE"),
            "{bytes}"
        );
    }
    assert_eq!(post(&app, &ann, "application/json", body(2_001)).await.1.status, 413);
}

#[tokio::test]
async fn queries_can_be_sent_by_get_and_mutations_cannot() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let get = |parameters: Vec<(&'static str, String)>| {
        let mut url = url::Url::parse(&format!("{}/graphql", app.url)).unwrap();
        url.query_pairs_mut().extend_pairs(parameters);
        let request = reqwest::Client::builder()
            .no_proxy()
            .build()
            .unwrap()
            .get(url)
            .bearer_auth(ann.bearer().unwrap());
        async move { read(request.send().await.unwrap()).await }
    };
    let before = app.db_snapshot().await;

    let (_, reply) = get(vec![("query", VIEWER.into())]).await;
    assert_eq!(
        (reply.status, reply.ok().data("viewer.isSuperuser")),
        (200, &json!(false))
    );
    let query = "query A($slug: String!) { organization(slug: $slug) { id } } query B { roles { id } }";
    let variables = json!({ "slug": acme.slug }).to_string();
    let (_, reply) = get(vec![
        ("query", query.into()),
        ("variables", variables),
        ("operationName", "A".into()),
    ])
    .await;
    assert_eq!(reply.ok().text("organization.id"), acme.id);

    let made = "mutation M { createOrganization(input: { name: \"Made\" }) { userErrors { code } } }";
    let both = format!("query Q {VIEWER} {made}");
    for (query, name) in [(made, ""), (made, "M"), (both.as_str(), "M")] {
        let (headers, reply) = get(vec![("query", query.into()), ("operationName", name.into())]).await;
        assert_eq!(
            (reply.status, refusal(&reply).as_str()),
            (405, "BAD_USER_INPUT"),
            "{query}"
        );
        assert_eq!(headers["allow"], "POST");
    }
    let (_, reply) = get(vec![("query", both), ("operationName", "Q".into())]).await;
    reply.ok();
    for parameters in [
        vec![],
        vec![("query", String::new())],
        vec![("query", " ".into())],
        vec![("variables", "{}".into())],
        vec![("query", VIEWER.into()), ("variables", "{".into())],
        vec![("query", VIEWER.into()), ("variables", "[]".into())],
        vec![("query", VIEWER.into()), ("extensions", "5".into())],
    ] {
        let (_, reply) = get(parameters.clone()).await;
        assert_eq!(
            (reply.status, refusal(&reply).as_str()),
            (400, "BAD_USER_INPUT"),
            "{parameters:?}"
        );
    }
    assert_eq!(app.db_snapshot().await, before);
}

#[tokio::test]
async fn other_methods_and_paths_are_not_served() {
    let app = TestApp::start().await;
    for method in [
        Method::PUT,
        Method::DELETE,
        Method::PATCH,
        Method::OPTIONS,
        Method::TRACE,
    ] {
        let response = request(&app, method.clone(), "/graphql")
            .header("content-type", "application/json")
            .body(mutation())
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 405, "{method}");
        assert!(response.headers().get("access-control-allow-origin").is_none());
    }
    for path in [
        "/nothing",
        "/graphql/",
        "/graphql/x",
        "/index.html",
        "/explorer",
        "/explorer/",
        "/explorer/nothing.js",
        "/metrics",
        "/.env",
        "/explorer/..%2Findex.html",
        "/explorer/%2e%2e%2fserver.rs",
        "/explorer//etc/passwd",
        "/explorer/..\\Cargo.toml",
        "/health",
        "/admin",
    ] {
        let response = request(&app, Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), 404, "{path}");
        assert!(response.text().await.unwrap().len() < 500);
    }
}

#[tokio::test]
async fn the_client_chooses_the_media_type_of_the_answer() {
    let app = TestApp::start().await;
    let ask = |accept: Option<&'static str>, query: &'static str| {
        let mut request = request(&app, Method::POST, "/graphql").json(&json!({ "query": query }));
        if let Some(accept) = accept {
            request = request.header("accept", accept);
        }
        async move { read(request.send().await.unwrap()).await }
    };
    for (accept, media) in [
        (None, "application/json"),
        (Some("*/*"), "application/json"),
        (Some("application/*"), "application/json"),
        (Some("application/json"), "application/json"),
        (Some("APPLICATION/JSON; charset=utf-8"), "application/json"),
        (Some("text/html, application/json;q=0.9"), "application/json"),
        (Some(RESPONSE_JSON), RESPONSE_JSON),
        (
            Some("application/graphql-response+json, application/json;q=0.9"),
            RESPONSE_JSON,
        ),
        (
            Some("application/graphql-response+json; charset=utf-8, */*"),
            RESPONSE_JSON,
        ),
        (
            Some("application/json;q=0.1, application/graphql-response+json;q=0.2"),
            RESPONSE_JSON,
        ),
        (Some("*/*, application/json;q=0"), RESPONSE_JSON),
    ] {
        let (headers, reply) = ask(accept, VIEWER).await;
        assert_eq!(reply.status, 200, "{accept:?}");
        let given = headers["content-type"].to_str().unwrap().to_owned();
        assert_eq!(given, format!("{media}; charset=utf-8"), "{accept:?}");
    }
    for accept in [
        "text/html",
        "text/*",
        "application/xml",
        "image/png, text/plain",
        "application/json;q=0",
        "text/plain",
        "nonsense",
    ] {
        let (_, reply) = ask(Some(accept), VIEWER).await;
        assert_eq!(
            (reply.status, refusal(&reply).as_str()),
            (406, "BAD_USER_INPUT"),
            "{accept}"
        );
    }
}

#[tokio::test]
async fn a_refused_request_has_no_data_and_a_status_that_tools_understand() {
    let app = TestApp::start().await;
    let ask = |accept: &'static str, body: Value| {
        let request = request(&app, Method::POST, "/graphql")
            .header("accept", accept)
            .json(&body);
        async move { read(request.send().await.unwrap()).await.1 }
    };
    let two = "query A { roles { id } } query B { roles { name } }";
    for (body, code) in [
        (json!({ "query": "{" }), "GRAPHQL_PARSE_FAILED"),
        (json!({ "query": "{ nothing }" }), "GRAPHQL_VALIDATION_FAILED"),
        (
            json!({ "query": "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", "variables": { "ids": 1.5 } }),
            "BAD_USER_INPUT",
        ),
        (
            json!({ "query": "query($ids: [ID!]!) { nodes(ids: $ids) { id } }" }),
            "BAD_USER_INPUT",
        ),
        (json!({ "query": two }), "GRAPHQL_VALIDATION_FAILED"),
        (
            json!({ "query": two, "operationName": "C" }),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            json!({ "query": VIEWER, "operationName": "A" }),
            "GRAPHQL_VALIDATION_FAILED",
        ),
    ] {
        for (accept, status) in [(RESPONSE_JSON, 400), ("application/json", 200)] {
            let reply = ask(accept, body.clone()).await;
            assert_eq!(
                (refusal(&reply).as_str(), reply.status),
                (code, status),
                "{body} as {accept}"
            );
        }
    }
    // A field that fails is no refused request.
    let failing = json!({ "query": "{ roles { id } nodes(ids: []) { id } node(id: \"x\") { id } organizations(first: 0) { totalCount } }" });
    for (accept, status) in [(RESPONSE_JSON, 294), ("application/json", 200)] {
        let reply = ask(accept, failing.clone()).await;
        assert_eq!(reply.status, status, "{reply:#?}");
        assert!(
            reply.body.get("data").is_some() && reply.body["errors"].is_array(),
            "{reply:#?}"
        );
        let reply = ask(accept, json!({ "query": two, "operationName": "B" })).await;
        assert_eq!(reply.ok().text("roles.0.name"), "Member");
    }
}

#[tokio::test]
async fn a_bad_credential_is_401_everywhere_in_the_api() {
    let app = TestApp::start().await;
    for accept in [RESPONSE_JSON, "application/json"] {
        for body in [VIEWER, "{", "", "mutation { nothing }"] {
            let request = request(&app, Method::POST, "/graphql")
                .header("accept", accept)
                .bearer_auth("nonsense");
            let (headers, reply) = read(request.json(&json!({ "query": body })).send().await.unwrap()).await;
            assert_eq!(
                (reply.status, refusal(&reply).as_str()),
                (401, "UNAUTHENTICATED"),
                "{body}"
            );
            assert!(headers["www-authenticate"].to_str().unwrap().starts_with("Bearer"));
        }
    }
    let (_, reply) = post(
        &app,
        &app.anonymous(),
        "application/json",
        json!({ "query": VIEWER }).to_string(),
    )
    .await;
    assert_eq!(
        (reply.status, &reply.body),
        (200, &json!({ "data": { "viewer": null } }))
    );
    // The pages beside it are for everybody.
    for path in ["/", "/health/live", "/health/ready"] {
        let response = request(&app, Method::GET, path)
            .bearer_auth("nonsense")
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn health_is_told_to_everybody() {
    let app = TestApp::start().await;
    let (ok, in_time) = (json!({ "status": "ok" }), json!({ "status": "ok", "lag_seconds": 0 }));
    let checks = json!({ "database": ok, "migrations": ok, "jobs": in_time, "outbox": in_time });
    for (path, body) in [
        ("/health/live", ok),
        ("/health/ready", json!({ "status": "ok", "checks": checks })),
    ] {
        let (headers, reply) = read(request(&app, Method::GET, path).send().await.unwrap()).await;
        assert_eq!((reply.status, &reply.body), (200, &body), "{path}");
        assert!(
            headers["content-type"]
                .to_str()
                .unwrap()
                .starts_with("application/json")
        );
        assert_eq!(request(&app, Method::POST, path).send().await.unwrap().status(), 405);
    }
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_protect_browsers() {
    let app = TestApp::start().await;
    let safe = app
        .node_with(|config| config.public_url = Some("https://team.example.com".parse().unwrap()))
        .await;
    for (method, path, status) in [
        (Method::GET, "/", 200),
        (Method::HEAD, "/", 200),
        (Method::GET, "/explorer/explorer.js", 200),
        (Method::GET, "/explorer/settings.json", 200),
        (Method::GET, "/explorer/nothing", 404),
        (Method::GET, "/health/live", 200),
        (Method::GET, "/health/ready", 200),
        (Method::GET, "/dev/mail", 200),
        (Method::GET, "/dev/mail/nothing", 404),
        (Method::GET, "/organization-avatar/nothing/", 404),
        (Method::GET, "/user-avatar/nothing/", 404),
        (Method::GET, "/nothing", 404),
        (Method::POST, "/nothing", 404),
        (Method::POST, "/health/live", 405),
        (Method::PUT, "/graphql", 405),
        (Method::OPTIONS, "/graphql", 405),
        (Method::GET, "/graphql", 400),
        (Method::POST, "/graphql", 415),
        (Method::GET, "/graphql?query=%7Broles%7Bid%7D%7D", 200),
    ] {
        for app in [&app, &safe] {
            let response = request(app, method.clone(), path).send().await.unwrap();
            assert_eq!(response.status(), status, "{method} {path}");
            let headers = response.headers();
            let value = |name: &str| {
                let value = headers.get(name);
                let value = value.unwrap_or_else(|| panic!("no {name} for {method} {path}"));
                value.to_str().unwrap()
            };
            assert_eq!(value("x-content-type-options"), "nosniff");
            assert_eq!(value("x-frame-options"), "DENY");
            assert_eq!(value("referrer-policy"), "no-referrer");
            assert_eq!(value("cross-origin-opener-policy"), "same-origin");
            assert_eq!(value("cross-origin-resource-policy"), "same-origin");
            let powers = value("permissions-policy");
            for power in ["camera=()", "microphone=()", "geolocation=()", "payment=()"] {
                assert!(powers.contains(power), "{path}: {powers}");
            }
            // What pages are made of may be kept by whoever asks whether it has changed.
            let is_file = status == 200 && (path == "/" || path == "/explorer/explorer.js");
            assert_eq!(
                value("cache-control"),
                if is_file { "no-cache" } else { "no-store" },
                "{path}"
            );
            let policy = value("content-security-policy");
            for part in [
                "default-src 'none'",
                "frame-ancestors 'none'",
                "base-uri 'none'",
                "form-action 'none'",
            ] {
                assert!(policy.contains(part), "{path}: {policy}");
            }
            for loose in ["unsafe-inline", "unsafe-eval", "http:", "https:", "*", "strict-dynamic"] {
                assert!(!policy.contains(loose), "{path}: {policy}");
            }
            assert!(headers.get("access-control-allow-origin").is_none());
            assert!(headers.get("server").is_none() && headers.get("x-powered-by").is_none());
            assert!(!value("x-request-id").is_empty());
        }
        let asked = |app| request(app, method.clone(), path).send();
        let tls_only = "strict-transport-security";
        assert!(asked(&app).await.unwrap().headers().get(tls_only).is_none(), "{path}");
        let told = asked(&safe).await.unwrap().headers().get(tls_only).cloned();
        assert!(
            told.is_some_and(|told| told.to_str().unwrap().starts_with("max-age=63072000")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_request_has_an_id_of_its_own_or_the_clients() {
    let app = TestApp::start().await;
    let name = HeaderName::from_static("x-request-id");
    let ask = |id: Option<Vec<u8>>| {
        let mut request = request(&app, Method::GET, "/health/live");
        if let Some(id) = id {
            request = request.header("x-request-id", reqwest::header::HeaderValue::from_bytes(&id).unwrap());
        }
        let name = name.clone();
        async move {
            request.send().await.unwrap().headers()[name]
                .to_str()
                .unwrap()
                .to_owned()
        }
    };
    for good in ["a", "order-17_x.Y", "01890a5d-ac96-774b-bcce-b302099a8057"] {
        assert_eq!(ask(Some(good.into())).await, good);
    }
    let mut seen = HashSet::from([ask(None).await, ask(None).await]);
    assert_eq!(seen.len(), 2);
    for bad in [
        "",
        "a b",
        "x".repeat(1000).as_str(),
        "<script>",
        "a\"b",
        "é",
        "a\tb",
        "a;b=c",
    ] {
        let id = ask(Some(bad.into())).await;
        assert!(
            id != bad && id.len() >= 16 && seen.insert(id.clone()),
            "{bad:?} became {id:?}"
        );
    }
    for (query, status) in [("%7Broles%7Bid%7D%7D", 200), ("%7B", 200)] {
        let response = request(&app, Method::GET, &format!("/graphql?query={query}"))
            .header("x-request-id", "mine")
            .send()
            .await
            .unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()[&name]),
            (status, &"mine".parse().unwrap())
        );
    }
}
