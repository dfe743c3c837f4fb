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
