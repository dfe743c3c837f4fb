//! What holds for every connection: versions of HTTP, compression, and the bounds
//! of clients that are slow, silent or many.

mod bounds;
mod health;

use reqwest::{Client as Http, Version, header};
use serde_json::json;

use crate::{
    events::{EVENTS, all_of},
    support::TestApp,
};

fn http2() -> reqwest::ClientBuilder {
    Http::builder().no_proxy().http2_prior_knowledge()
}

#[tokio::test]
async fn http_2_is_spoken_in_clear_text_to_those_who_know() {
    let mut app = TestApp::start().await;
    let client = http2().build().unwrap();

    let answer = client
        .get(format!("{}/explorer/settings.json", app.url))
        .send()
        .await
        .unwrap();

    assert_eq!((answer.status().as_u16(), answer.version()), (200, Version::HTTP_2));
    // It knows the name by which it was called, as over HTTP/1.1.
    let settings: serde_json::Value = answer.json().await.unwrap();
    assert!(settings["token"].is_string(), "{settings}");
    let query = json!({ "query": "{ service { version } }" });
    let answer = client
        .post(format!("{}/graphql", app.url))
        .json(&query)
        .send()
        .await
        .unwrap();
    let body: serde_json::Value = answer.json().await.unwrap();
    assert!(body["data"]["service"]["version"].is_string(), "{body}");
    // Asked to go, the client closes the connection, and nobody waits.
    app.stop();
    app.stopped().await;
}

#[tokio::test]
async fn who_takes_no_encoding_is_answered_plainly() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    for (number, nothing) in ["identity;q=0", "*;q=0", "zstd, *;q=0"].into_iter().enumerate() {
        let request = Http::builder().no_proxy().build().unwrap();
        let input = json!({ "organizationId": acme.id, "name": format!("Team {number}") });
        let answer = request
            .post(format!("{}/graphql", app.url))
            .bearer_auth(ann.bearer().unwrap())
            .header(header::ACCEPT_ENCODING, nothing)
            .json(&json!({
                "query": "mutation($input: CreateTeamInput!) { createTeam(input: $input) { team { id } } }",
                "variables": { "input": input },
            }));
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{nothing}");
        assert!(answer.text().await.unwrap().contains("\"team\":{\"id\""), "{nothing}");
    }
}

/// What the server says on a connection on which `head` is sent, then `body`.
async fn talk(app: &TestApp, head: &str, body: &[u8], then: &[u8]) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let address = app.url.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    // Long enough for an answer to what the head says.
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    stream.write_all(body).await.unwrap();
    stream.write_all(then).await.unwrap();
    let mut said = Vec::new();
    stream.read_to_end(&mut said).await.unwrap();
    String::from_utf8_lossy(&said).to_ascii_lowercase()
}

#[tokio::test]
async fn who_is_refused_by_the_head_of_a_request_keeps_the_connection() {
    let app = TestApp::start().await;
    let last = b"GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    for (line, headers, status) in [
        (
            "POST /graphql",
            "Authorization: Bearer bad\r\nContent-Type: application/json\r\n",
            401,
        ),
        ("POST /graphql", "Content-Type: text/plain\r\n", 415),
        (
            "POST /graphql",
            "Accept: image/png\r\nContent-Type: application/json\r\n",
            406,
        ),
        ("PUT /graphql", "", 405),
        ("POST /nowhere", "", 404),
    ] {
        for length in [2, 100_000] {
            let head = format!("{line} HTTP/1.1\r\nHost: a\r\n{headers}Content-Length: {length}\r\n\r\n");
            let said = talk(&app, &head, &b"{}".repeat(length / 2), last).await;
            assert!(said.starts_with(&format!("http/1.1 {status}")), "{said}");
            assert_eq!(said.matches("http/1.1 200").count(), 1, "{line} {length}: {said}");
        }
    }
}

#[tokio::test]
async fn a_connection_that_cannot_go_on_is_said_to_close() {
    let app = TestApp::start().await;
    // More than is read for nobody; never sent.
    for headers in [
        "Content-Length: 50000000\r\n",
        "Expect: 100-continue\r\nContent-Length: 10\r\n",
    ] {
        let head = format!("POST /nowhere HTTP/1.1\r\nHost: a\r\n{headers}\r\n");
        let said = talk(&app, &head, b"", b"").await;
        assert!(said.starts_with("http/1.1 404"), "{said}");
        assert!(said.contains("connection: close"), "{said}");
    }
}

#[tokio::test]
async fn answers_are_compressed_for_those_who_can_read_it_but_no_streams() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let client = Http::builder().no_proxy().build().unwrap();
    let encoding = |answer: &reqwest::Response| {
        let encoding = answer.headers().get(header::CONTENT_ENCODING);
        encoding.map(|encoding| encoding.to_str().unwrap().to_owned())
    };
    for (accepted, expected) in [("gzip", Some("gzip")), ("br", Some("br")), ("identity", None)] {
        let request = client
            .get(format!("{}/explorer/explorer.js", app.url))
            .header(header::ACCEPT_ENCODING, accepted);
        let answer = request.send().await.unwrap();
        assert_eq!(encoding(&answer).as_deref(), expected);

        let query = json!({ "query": "{ __schema { types { name description } } }" });
        let request = client
            .post(format!("{}/graphql", app.url))
            .json(&query)
            .header(header::ACCEPT_ENCODING, accepted);
        let answer = request.send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), encoding(&answer).as_deref()),
            (200, expected)
        );

        let subscription = json!({ "query": EVENTS, "variables": all_of(&acme) });
        let request = client
            .post(format!("{}/graphql", app.url))
            .json(&subscription)
            .header(header::ACCEPT_ENCODING, accepted);
        let stream = ann.open(request).await;
        assert_eq!(encoding(&stream.response), None);
    }
}
