//! The protocol `graphql-transport-ws`, message by message.

use std::time::Duration;

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::{EVENTS, after, all_of, attentive, event, start};
use crate::{
    jobs::eventually,
    support::{Client, Socket, TestApp},
};

const SERVICE: &str = "{ service { version } }";
const PROTOCOL: Option<&str> = Some("graphql-transport-ws");

async fn named(app: &TestApp, protocol: Option<&str>) -> Option<u16> {
    Socket::dial(&app.url, protocol, &[]).await.err()
}

#[tokio::test]
async fn only_one_protocol_is_spoken() {
    let app = start().await;
    assert_eq!(named(&app, None).await, Some(400));
    assert_eq!(named(&app, Some("graphql-ws")).await, Some(400));
    assert_eq!(named(&app, Some("graphql-ws, graphql-transport-ws")).await, None);
}

#[tokio::test]
async fn a_client_introduces_itself_in_time_and_once() {
    let app = TestApp::start_with(|config| {
        attentive(config);
        config.subscriptions.init_timeout = Duration::from_millis(300);
    })
    .await;
    let mut silent = Socket::connect(&app.url).await;
    assert_eq!(
        silent.closed().await,
        (4408, "Connection initialisation timeout".into())
    );

    let mut hasty = Socket::connect(&app.url).await;
    hasty.subscribe("1", SERVICE, json!({})).await;
    assert_eq!(hasty.closed().await, (4401, "Unauthorized".into()));

    let mut twice = app.anonymous().socket().await;
    twice.init(Value::Null).await;
    assert_eq!(twice.closed().await, (4429, "Too many initialisation requests".into()));
}

#[tokio::test]
async fn the_credential_comes_with_the_header_or_the_first_message() {
    let app = start().await;
    let token = format!("Bearer {}", app.person("ann").bearer().unwrap());
    let who = "{ viewer { user { name } } }";

    for (header, payload, name) in [
        (Some(&*token), json!({}), Some("Ann")),
        (None, json!({ "Authorization": token }), Some("Ann")),
        (None, json!({ "authorization": token }), Some("Ann")),
        (Some(&*token), json!({ "authorization": null }), Some("Ann")),
        (None, json!({ "other": 1 }), None),
    ] {
        let headers: Vec<_> = header.iter().map(|value| ("authorization", *value)).collect();
        let mut socket = Socket::dial(&app.url, PROTOCOL, &headers).await.ok().unwrap();
        socket.init(payload.clone()).await;
        assert_eq!(socket.hear().await["type"], "connection_ack", "{payload}");
        socket.subscribe("1", who, json!({})).await;
        let result = socket.next("1").await;
        assert_eq!(result["data"]["viewer"]["user"]["name"].as_str(), name, "{result}");
    }

    for (header, payload) in [
        (Some("Bearer nonsense"), json!({})),
        (Some("Basic YTpi"), json!({})),
        (None, json!({ "Authorization": "Bearer rst_unknown" })),
        (None, json!({ "Authorization": token.trim_start_matches("Bearer ") })),
        (None, json!({ "Authorization": 1 })),
        (Some(&*token), json!({ "Authorization": "" })),
    ] {
        let headers: Vec<_> = header.iter().map(|value| ("authorization", *value)).collect();
        let mut socket = Socket::dial(&app.url, PROTOCOL, &headers).await.ok().unwrap();
        socket.init(payload.clone()).await;
        assert_eq!(socket.closed().await, (4403, "Forbidden".into()), "{payload}");
    }
}

#[tokio::test]
async fn what_is_no_message_closes_the_socket() {
    let app = TestApp::start_with(|config| config.limits.body_bytes_max = 10_000).await;
    let long = "x".repeat(300);
    for (frame, code) in [
        (Message::text("hello"), 4400),
        (Message::text("[]"), 4400),
        (Message::text("{}"), 4400),
        (Message::text(r#"{"type":"start"}"#), 4400),
        (Message::text(r#"{"type":"connection_ack"}"#), 4400),
        (Message::text(r#"{"type":"ping","payload":1}"#), 4400),
        (
            Message::text(r#"{"type":"subscribe","payload":{"query":"{ a }"}}"#),
            4400,
        ),
        (Message::text(r#"{"id":"1","type":"subscribe"}"#), 4400),
        (Message::text(r#"{"id":"1","type":"subscribe","payload":{}}"#), 4400),
        (
            Message::text(r#"{"id":"1","type":"subscribe","payload":{"query":1}}"#),
            4400,
        ),
        (
            Message::text(r#"{"id":"","type":"subscribe","payload":{"query":"{ a }"}}"#),
            4400,
        ),
        (
            Message::text(json!({ "id": long, "type": "subscribe", "payload": { "query": "{ a }" } }).to_string()),
            4400,
        ),
        (
            Message::text(r#"{"id":"1","type":"subscribe","payload":{"query":"{ a }","variables":[]}}"#),
            4400,
        ),
        (Message::text(r#"{"type":"complete"}"#), 4400),
        (Message::binary(r#"{"type":"ping"}"#), 4400),
        (a_ping_of(10_000), 1009),
        // So long that it is not even read.
        (a_ping_of(30_000), 1009),
        (a_ping_of(20_000_000), 1009),
    ] {
        let mut socket = app.anonymous().socket().await;
        socket.send(frame.clone()).await;
        assert_eq!(socket.closed().await.0, code, "{:.100}", frame.to_string());
    }
}

/// A message a little longer than so many bytes.
fn a_ping_of(bytes: usize) -> Message {
    Message::text(json!({ "type": "ping", "payload": { "a": "x".repeat(bytes) } }).to_string())
}

#[tokio::test]
async fn both_sides_may_ping() {
    let app = TestApp::start_with(|config| config.subscriptions.ping_every = Duration::from_millis(100)).await;
    let mut socket = Socket::connect(&app.url).await;
    // Also before the introduction.
    socket.say(json!({ "type": "ping" })).await;
    assert_eq!(socket.hear().await, json!({ "type": "pong" }));
    socket.init(Value::Null).await;
    assert_eq!(socket.hear().await["type"], "connection_ack");
    socket.say(json!({ "type": "ping", "payload": { "a": [1] } })).await;
    assert_eq!(socket.hear().await, json!({ "type": "pong", "payload": { "a": [1] } }));
    socket.say(json!({ "type": "pong" })).await;

    // Reading a ping answers it, so the socket stays open.
    for _ in 0..3 {
        assert!(matches!(socket.frame().await, Some(Message::Ping(_))));
    }
    socket.subscribe("1", SERVICE, json!({})).await;
    socket.next("1").await;
}

#[tokio::test]
async fn who_is_not_heard_of_is_gone() {
    let app = TestApp::start_with(|config| {
        config.subscriptions.ping_every = Duration::from_millis(100);
        config.subscriptions.connections_max = 1;
    })
    .await;
    let mut socket = app.anonymous().socket().await;
    // Pings are answered when they are read.
    free(&app.anonymous()).await;
    assert_eq!(socket.closed().await, (1001, "Nothing was heard of you".into()));
}

#[tokio::test]
async fn queries_and_mutations_are_answered_once() {
    let app = start().await;
    let mut socket = app.person("ann").socket().await;
    let create = r#"mutation { createOrganization(input: { name: "Acme" }) {
        organization { slug } userErrors { code } } }"#;
    socket.subscribe("m", create, json!({})).await;
    let result = socket.next("m").await;
    assert_eq!(result["data"]["createOrganization"]["organization"]["slug"], "acme");
    assert_eq!(socket.hear().await, json!({ "id": "m", "type": "complete" }));

    // The id is free again.
    let query = r#"query($slug: String!) { organization(slug: $slug) { name } }"#;
    socket.subscribe("m", query, json!({ "slug": "acme" })).await;
    assert_eq!(
        socket.next("m").await,
        json!({ "data": { "organization": { "name": "Acme" } } })
    );
    assert_eq!(socket.hear().await, json!({ "id": "m", "type": "complete" }));
}

#[tokio::test]
async fn what_cannot_run_is_an_error_and_ends_nothing_else() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let mut socket = ann.socket().await;
    socket.follow(&app, "events", &acme).await;
    let deep = format!("{}{}", "{ a ".repeat(50), "}".repeat(50));
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ unknown }", "GRAPHQL_VALIDATION_FAILED"),
        (deep.as_str(), "QUERY_TOO_DEEP"),
        (
            "query A { service { version } } query B { service { version } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("query($id: ID!) { node(id: $id) { id } }", "BAD_USER_INPUT"),
        ("subscription { __typename }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { unknown }", "GRAPHQL_VALIDATION_FAILED"),
        (
            r#"subscription { ...F } fragment F on Subscription { organizationEvents(organizationId: "x") { id } }"#,
            "ORGANIZATION_NOT_FOUND",
        ),
        (
            r#"subscription { organizationEvents(organizationId: "x") { id } }"#,
            "ORGANIZATION_NOT_FOUND",
        ),
    ] {
        socket.subscribe("1", query, json!({})).await;
        assert_eq!(socket.error("1").await, [code], "{query}");
    }
    let told = app.db_tell_change(&acme).await;
    assert_eq!(event(&socket.next("events").await)["id"], told);
}

#[tokio::test]
async fn a_fault_of_ours_names_the_request() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let mut socket = ann.socket().await;
    app.db
        .execute_unprepared("ALTER TABLE event_head RENAME TO gone")
        .await
        .unwrap();
    socket.subscribe("1", EVENTS, all_of(&acme)).await;
    let message = socket.hear().await;
    assert_eq!(message["type"], "error");
    let extensions = &message["payload"][0]["extensions"];
    assert_eq!(extensions["code"], "INTERNAL");
    assert!(extensions["requestId"].is_string(), "{message}");
}

#[tokio::test]
async fn an_id_stands_for_one_operation_at_a_time() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let mut socket = ann.socket().await;
    socket.follow(&app, "1", &acme).await;
    socket.complete("1").await;
    socket.follow(&app, "1", &acme).await;

    socket.subscribe("1", EVENTS, all_of(&acme)).await;
    assert_eq!(socket.closed().await, (4409, "Subscriber for 1 already exists".into()));
}

#[tokio::test]
async fn subscriptions_of_a_socket_are_told_apart() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bolt = app.organization_of(&ann, "Bolt").await;
    let mut socket = ann.socket().await;
    socket.follow(&app, "a", &acme).await;
    socket.follow(&app, "b", &bolt).await;

    let second = app.db_tell_change(&bolt).await;
    let result = socket.next("b").await;
    assert_eq!(event(&result)["id"], second);
    assert_eq!(event(&result)["organization"]["id"], bolt.id);

    // Of what has ended nothing is told any more.
    socket.complete("b").await;
    socket.say(json!({ "type": "ping" })).await;
    assert_eq!(socket.hear().await["type"], "pong");
    app.db_tell_change(&bolt).await;
    let first = app.db_tell_change(&acme).await;
    assert_eq!(event(&socket.next("a").await)["id"], first);
}

#[tokio::test]
async fn operations_are_limited_over_all_sockets_of_a_caller() {
    let app = TestApp::start_with(|config| {
        attentive(config);
        config.subscriptions.operations_per_caller_max = 2;
    })
    .await;
    let (acme, ann) = app.organization("Acme").await;
    let bolt = app.organization_of(&ann, "Bolt").await;
    let (mut one, mut other) = (ann.socket().await, ann.socket().await);
    one.follow(&app, "1", &acme).await;
    other.follow(&app, "1", &bolt).await;
    other.subscribe("2", EVENTS, all_of(&acme)).await;
    assert_eq!(other.error("2").await, ["TOO_MANY_SUBSCRIPTIONS"]);
    // Of others, there may be as many.
    app.person("bob")
        .socket()
        .await
        .subscribe("1", SERVICE, json!({}))
        .await;
    one.complete("1").await;
    // Its place is free when the socket has heard of it.
    one.subscribe("2", SERVICE, json!({})).await;
    one.next("2").await;
}

#[tokio::test]
async fn operations_and_connections_are_limited() {
    let app = TestApp::start_with(|config| {
        attentive(config);
        config.subscriptions.operations_max = 2;
        config.subscriptions.connections_max = 2;
    })
    .await;
    let (acme, ann) = app.organization("Acme").await;
    let mut socket = ann.socket().await;
    let bolt = app.organization_of(&ann, "Bolt").await;
    socket.follow(&app, "1", &acme).await;
    socket.follow(&app, "2", &bolt).await;
    socket.subscribe("3", EVENTS, all_of(&acme)).await;
    assert_eq!(socket.error("3").await, ["TOO_MANY_SUBSCRIPTIONS"]);
    socket.complete("1").await;
    socket.subscribe("3", SERVICE, json!({})).await;
    socket.next("3").await;

    let other = ann.socket().await;
    let bearer = format!("Bearer {}", ann.bearer().unwrap());
    let mut third = Socket::connect(&app.url).await;
    third.init(json!({ "Authorization": bearer })).await;
    assert_eq!(third.closed().await, (4429, "Too many connections".into()));
    // An event stream is a connection, too.
    assert_eq!(
        ann.listen(EVENTS, all_of(&acme)).await.error().await,
        ["TOO_MANY_SUBSCRIPTIONS"]
    );
    app.person("bob").socket().await;

    drop(other);
    free(&ann).await;
}

/// Waits until the caller may have one more socket.
pub async fn free(caller: &Client) {
    let payload = caller
        .bearer()
        .map(|token| json!({ "Authorization": format!("Bearer {token}") }));
    eventually("a place for a socket is free", || async {
        let mut socket = Socket::connect(caller.url()).await;
        socket.init(payload.clone().unwrap_or_default()).await;
        matches!(socket.frame().await, Some(Message::Text(_))).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_given_up() {
    let app = TestApp::start_with(|config| {
        attentive(config);
        config.subscriptions.send_timeout = Duration::from_millis(200);
        config.subscriptions.connections_max = 2;
        config.subscriptions.operations_per_caller_max = 1;
    })
    .await;
    let (acme, ann) = app.organization("Acme").await;
    let (query, first) = app.db_tell_a_lot(&acme).await;
    let mut slow = ann.socket().await;
    slow.subscribe("1", &query, after(&acme, &first)).await;
    event(&slow.next("1").await);
    eventually("its operation has ended", || async {
        let mut other = ann.listen(EVENTS, after(&acme, &first)).await;
        other.next().await["errors"].is_null().then_some(())
    })
    .await;
    assert_eq!(
        slow.closed().await,
        (1013, "Too slow; go on after your last event".into())
    );
}

#[tokio::test]
async fn who_has_not_introduced_themselves_is_limited() {
    let app = TestApp::start_with(|config| {
        attentive(config);
        config.subscriptions.arrivals_per_address_max = 2;
        config.subscriptions.arrivals_max = 3;
        config.subscriptions.connections_max = 1;
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    let dial = async |address: &str| Socket::dial(&app.url, PROTOCOL, &[("x-forwarded-for", address)]).await;
    let mut first = dial("203.0.113.1").await.unwrap();
    let second = dial("203.0.113.1").await.unwrap();
    assert_eq!(dial("203.0.113.1").await.err(), Some(429));
    let third = dial("203.0.113.2").await.unwrap();
    assert_eq!(dial("203.0.113.3").await.err(), Some(503));

    // Whoever has is counted with their caller, and no more here.
    first.init(Value::Null).await;
    assert_eq!(first.hear().await["type"], "connection_ack");
    let mut fourth = dial("203.0.113.1").await.unwrap();
    fourth.init(Value::Null).await;
    assert_eq!(fourth.closed().await, (4429, "Too many connections".into()));

    // And whoever is gone, nowhere.
    drop((second, third));
    eventually("there is room for others", || async {
        dial("203.0.113.3").await.ok().map(drop)
    })
    .await;
}

#[tokio::test]
async fn the_refusal_of_a_socket_says_why() {
    let app = TestApp::start_with(|config| config.subscriptions.arrivals_per_address_max = 0).await;
    let request = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = request
        .get(format!("{}/graphql", app.url))
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .header("sec-websocket-protocol", PROTOCOL.unwrap());
    let answer = answer.send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["retry-after"]),
        (429, &"10".parse().unwrap())
    );
    let body: Value = answer.json().await.unwrap();
    assert_eq!(
        body["errors"][0]["extensions"]["code"], "TOO_MANY_SUBSCRIPTIONS",
        "{body}"
    );
}

#[tokio::test]
async fn a_server_that_stops_says_so() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let mut shy = Socket::connect(&app.url).await;
    let mut socket = ann.socket().await;
    socket.follow(&app, "1", &acme).await;
    app.ask_to_stop();
    let restart = (1012, "Service restart; go on after your last event".to_owned());
    assert_eq!(socket.closed().await, restart);
    assert_eq!(shy.closed().await, restart);
}

#[tokio::test]
async fn a_subscription_may_be_written_in_parts_that_are_one() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let first = app.db_tell_change(&acme).await;
    let told = app.db_tell_change(&acme).await;
    let field = "organizationEvents(organizationId: $id, after: $after)";
    let document = format!(
        "subscription($id: ID!, $after: ID) {{ ...F ... on Subscription {{ {field} {{ type }} }} }}
         fragment F on Subscription {{ {field} {{ id }} }}"
    );
    let mut socket = ann.socket().await;
    let variables = json!({ "id": acme.id, "after": first });
    socket.subscribe("1", &document, variables.clone()).await;
    let heard = socket.next("1").await["data"]["organizationEvents"].clone();
    assert_eq!(heard, json!({ "id": told, "type": "ORGANIZATION_UPDATED" }));

    for two in [
        document.replace("{ type }", &format!("{{ type }} other: {field} {{ id }}")),
        document.replace("... on", "... @include(if: true) { __typename } ... on"),
        document.replace("...F", "...F @skip(if: false)"),
    ] {
        socket.subscribe("2", &two, variables.clone()).await;
        assert_eq!(socket.error("2").await, ["GRAPHQL_VALIDATION_FAILED"], "{two}");
    }
}
