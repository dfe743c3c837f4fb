//! Every way in counts.

use super::*;
use crate::support::Socket;

const EVENTS: &str = "subscription($id: ID!) { organizationEvents(organizationId: $id) { id } }";

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

#[tokio::test]
async fn every_way_of_asking_counts_one() {
    let app = start(|requests| requests.per_address_burst = 6).await;
    let (nobody, query) = (app.anonymous(), json!({ "query": ROLES }).to_string());
    let endpoint = format!("{}/graphql", app.url);
    let operations = [("operations", query.as_bytes()), ("map", b"{}")];
    let ways = || {
        [
            http().post(&endpoint).json(&json!({ "query": ROLES })),
            http().get(format!("{endpoint}?query=%7Broles%7Bid%7D%7D")),
            http().get(format!("{endpoint}/d/nothing")),
            http().post(&endpoint).body("nonsense"),
            nobody.parts_request(&operations).header("graphql-preflight", "1"),
            http()
                .post(&endpoint)
                .json(&json!({ "query": ROLES }))
                .header("accept", "text/event-stream"),
        ]
    };
    for (way, left) in ways().into_iter().zip((0..6).rev()) {
        let reply = Reply::read(way.send().await.unwrap()).await;
        assert_ne!(reply.status, 429, "{reply:?}");
        assert_eq!(remaining(&reply, "address"), left.to_string(), "{reply:?}");
    }
    for way in ways() {
        too_many(&Reply::read(way.send().await.unwrap()).await);
    }
}

#[tokio::test]
async fn a_list_counts_as_many_as_it_holds() {
    let app = start(|_| ()).await;
    let ann = app.person("ann");
    let list = |count: usize| json!(vec![json!({ "query": ROLES }); count]);
    let reply = ann.post(&list(2)).await;
    assert_eq!(reply.body.as_array().map(Vec::len), Some(2), "{reply:?}");
    assert_eq!(remaining(&reply, "user"), "1");

    // All of them, or none: what is refused has cost one.
    let bob = app.person("bob");
    let_in(&bob, 1).await;
    let refused = bob.post(&list(3)).await;
    assert!(too_many(&refused) > 1);
    assert_eq!(remaining(&refused, "user"), "1");
    let_in(&bob, 1).await;
    too_many(&ask(&bob).await);
}

#[tokio::test]
async fn a_subscription_over_an_event_stream_counts_one() {
    let app = start(|_| ()).await;
    let (acme, ann) = app.organization("Acme").await;
    let mut open = Vec::new();
    for left in ["1", "0"] {
        let stream = ann.listen(EVENTS, json!({ "id": acme.id })).await;
        let headers = stream.response.headers();
        assert_eq!(headers["content-type"], "text/event-stream");
        assert_eq!(headers["ratelimit-remaining"], left);
        open.push(stream);
    }
    let refused = ann.listen(EVENTS, json!({ "id": acme.id })).await;
    let refused = Reply::read(refused.response).await;
    too_many(&refused);
    assert_eq!(refused.header("content-type"), Some("application/json; charset=utf-8"));
}

#[tokio::test]
async fn operations_over_a_socket_count_and_the_socket_lives_on() {
    let app = start(|_| ()).await;
    // Introducing oneself counts one.
    let ann = app.person("ann");
    let mut socket = ann.socket().await;
    for id in ["a", "b"] {
        socket.subscribe(id, ROLES, json!({})).await;
        socket.next(id).await;
        assert_eq!(socket.hear().await, json!({ "id": id, "type": "complete" }));
    }
    for id in ["c", "c", "d"] {
        socket.subscribe(id, ROLES, json!({})).await;
        let heard = socket.hear().await;
        assert_eq!((&heard["type"], &heard["id"]), (&json!("error"), &json!(id)));
        let extensions = &heard["payload"][0]["extensions"];
        assert_eq!(extensions["code"], "RATE_LIMITED");
        assert!(extensions["retryAfter"].as_u64().is_some_and(|seconds| seconds >= 1));
    }
    socket.say(json!({ "type": "ping" })).await;
    assert_eq!(socket.hear().await, json!({ "type": "pong" }));
    // It is the same count over every wire.
    too_many(&ask(&ann).await);
    ask(&app.person("bob")).await.ok();
}

#[tokio::test]
async fn introductions_that_fail_count_for_the_address() {
    let app = start(|_| ()).await;
    for _ in 0..3 {
        let mut socket = Socket::connect(&app.url).await;
        socket.init(json!({ "Authorization": "Bearer nonsense" })).await;
        assert_eq!(socket.closed().await.0, 4403);
    }
    for payload in [json!({ "Authorization": "Bearer nonsense" }), json!({})] {
        let mut socket = Socket::connect(&app.url).await;
        socket.init(payload).await;
        let (code, reason) = socket.closed().await;
        assert_eq!(code, 1013);
        assert!(reason.starts_with("Try again in "), "{reason}");
    }
    too_many(&ask(&app.anonymous()).await);
    app.person("ann").socket().await;
}

#[tokio::test]
async fn sockets_of_an_address_are_bounded_before_they_are_one() {
    let app = start(|requests| {
        requests.address_total = "1/m".parse().ok();
        requests.address_total_burst = 3;
    })
    .await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(Socket::connect(&app.url).await);
    }
    let refused = Socket::dial(&app.url, Some("graphql-transport-ws"), &[]).await;
    assert_eq!(refused.err(), Some(429));
}
