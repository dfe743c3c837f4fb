//! Server-sent events: the "distinct connections mode" of graphql-sse.

use std::time::Duration;

use entity::event::EventType;
use serde_json::{Value, json};

use super::{EVENTS, after, all_of, attentive, event, socket::free, start};
use crate::{
    jobs::eventually,
    support::{Client, EventStream, Socket, TestApp},
};

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

fn header<'a>(stream: &'a EventStream, name: &str) -> Option<&'a str> {
    Some(stream.response.headers().get(name)?.to_str().unwrap())
}

#[tokio::test]
async fn events_come_as_they_happen() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let first = app.db_tell_change(&acme).await;
    let second = app.db_tell_change(&acme).await;
    let mut stream = ann.listen(EVENTS, after(&acme, &first)).await;
    assert_eq!(stream.response.status(), 200);
    assert_eq!(header(&stream, "content-type"), Some("text/event-stream"));
    assert_eq!(header(&stream, "cache-control"), Some("no-store"));
    assert_eq!(header(&stream, "x-accel-buffering"), Some("no"));
    assert_eq!(header(&stream, "content-encoding"), None);
    assert_eq!(event(&stream.next().await)["id"], second);
    let third = app.db_tell_change(&acme).await;
    assert_eq!(event(&stream.next().await)["id"], third);
}

#[tokio::test]
async fn a_subscription_may_be_asked_for_by_get() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let first = app.db_tell_change(&acme).await;
    let second = app.db_tell_change(&acme).await;
    let mut url = url::Url::parse(&format!("{}/graphql", app.url)).unwrap();
    url.query_pairs_mut()
        .append_pair("query", EVENTS)
        .append_pair("variables", &after(&acme, &first).to_string());
    let mut stream = ann.open(http().get(url.as_str())).await;
    assert_eq!(event(&stream.next().await)["id"], second);

    url.set_query(Some("query=mutation{leaveOrganization}"));
    let refused = ann.open(http().get(url.as_str())).await;
    assert_eq!(refused.response.status(), 405);
}

/// A stream of a client that says which event it has seen last.
async fn go_on(caller: &Client, variables: Value, seen: &str) -> EventStream {
    let body = json!({ "query": EVENTS, "variables": variables });
    let request = http().post(format!("{}/graphql", caller.url())).json(&body);
    caller.open(request.header("last-event-id", seen)).await
}

#[tokio::test]
async fn a_client_goes_on_behind_the_id_that_came_last() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let change = (EventType::OrganizationUpdated, acme.row().0);
    let told = app.db_tell(&acme, &[change; 6]).await;

    // Whatever is selected, the id comes along.
    let query = EVENTS.replace("id type", "type");
    let mut stream = ann.listen(&query, after(&acme, &told[0])).await;
    for id in &told[1..3] {
        stream.next().await;
        assert_eq!(stream.last_id.as_ref(), Some(id));
    }
    drop(stream);

    // As a browser opens it again: the operation is the old one.
    for (variables, seen, next) in [
        (after(&acme, &told[0]), &told[2], &told[3]),
        (all_of(&acme), &told[2], &told[3]),
        // What the operation says is later, so that counts.
        (after(&acme, &told[4]), &told[2], &told[5]),
    ] {
        let mut stream = go_on(&ann, variables, seen).await;
        assert_eq!(event(&stream.next().await)["id"], **next);
    }
    // None is none.
    let mut stream = go_on(&ann, after(&acme, &told[4]), "").await;
    assert_eq!(event(&stream.next().await)["id"], told[5]);
}

#[tokio::test]
async fn behind_an_id_that_is_none_no_stream_goes_on() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bolt = app.organization_of(&ann, "Bolt").await;
    let (first, foreign) = (app.db_tell_change(&acme).await, app.db_tell_change(&bolt).await);
    for seen in [foreign.as_str(), "x", &acme.id] {
        for variables in [all_of(&acme), after(&acme, &first)] {
            let mut stream = go_on(&ann, variables, seen).await;
            assert_eq!(stream.error().await, ["EVENT_NOT_FOUND"], "{seen}");
        }
    }
    // Of a query it says nothing.
    let body = json!({ "query": "{ service { __typename } }" });
    let request = http().post(format!("{}/graphql", app.url)).json(&body);
    let mut stream = ann.open(request.header("last-event-id", "x")).await;
    assert!(stream.next().await["data"]["service"].is_object());
    assert_eq!(stream.last_id, None);
}

#[tokio::test]
async fn a_stream_is_one_of_the_operations_of_its_caller() {
    let app = TestApp::start_with(|config| {
        attentive(config);
        config.subscriptions.operations_per_caller_max = 2;
    })
    .await;
    let (acme, ann) = app.organization("Acme").await;
    let first = app.db_tell_change(&acme).await;
    app.db_tell_change(&acme).await;
    let mut stream = ann.listen(EVENTS, after(&acme, &first)).await;
    event(&stream.next().await);
    let mut socket = ann.socket().await;
    socket.follow(&app, "1", &acme).await;

    let refused = ann.listen(EVENTS, all_of(&acme)).await;
    assert_eq!(refused.response.status(), 200);
    let mut refused = refused;
    assert_eq!(refused.error().await, ["TOO_MANY_SUBSCRIPTIONS"]);
    socket.subscribe("2", EVENTS, all_of(&acme)).await;
    assert_eq!(socket.error("2").await, ["TOO_MANY_SUBSCRIPTIONS"]);

    // Its place is free when the client has hung up.
    drop(stream);
    eventually("there is a place for one more", || async {
        let mut stream = ann.listen(EVENTS, after(&acme, &first)).await;
        stream.next().await["errors"].is_null().then_some(())
    })
    .await;
}

#[tokio::test]
async fn queries_and_mutations_are_answered_once() {
    let app = start().await;
    let ann = app.person("ann");
    for (query, name) in [
        ("{ service { __typename } }", "service"),
        (
            r#"mutation { createOrganization(input: { name: "Acme" }) { organization { slug } } }"#,
            "createOrganization",
        ),
    ] {
        let mut stream = ann.listen(query, json!({})).await;
        let result = stream.next().await;
        assert!(result["data"][name].is_object(), "{result}");
        assert_eq!(stream.event().await, Some(("complete".into(), String::new())));
        assert_eq!(stream.event().await, None);
    }
}

#[tokio::test]
async fn what_cannot_run_is_told_in_the_stream() {
    let app = start().await;
    let ann = app.person("ann");
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ unknown }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { __typename }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { unknown }", "GRAPHQL_VALIDATION_FAILED"),
        (
            r#"subscription { organizationEvents(organizationId: "x") { id } }"#,
            "ORGANIZATION_NOT_FOUND",
        ),
    ] {
        let mut stream = ann.listen(query, json!({})).await;
        assert_eq!(stream.response.status(), 200);
        assert_eq!(stream.error().await, [code], "{query}");
    }
}

#[tokio::test]
async fn what_is_no_request_is_refused_before_the_stream() {
    let app = start().await;
    let url = format!("{}/graphql", app.url);
    let bad = app.with_bearer("nonsense").listen(EVENTS, json!({ "id": "x" })).await;
    assert_eq!(bad.response.status(), 401);
    let post = |body: &'static str, media: &'static str| {
        let request = http().post(&url).body(body).header("content-type", media);
        let ann = app.person("ann");
        async move { ann.open(request).await.response.status().as_u16() }
    };
    assert_eq!(post("{}", "application/json").await, 400);
    assert_eq!(post("{", "application/json").await, 400);
    assert_eq!(post("{}", "text/plain").await, 415);
}

#[tokio::test]
async fn a_subscription_takes_an_answer_that_goes_on() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let reply = ann.send(EVENTS, json!({ "id": acme.id })).await;
    assert_eq!(
        (reply.status, reply.error_codes()),
        (406, vec!["BAD_USER_INPUT".to_owned()])
    );

    // Whatever else is taken, and would be taken first.
    let first = app.db_tell_change(&acme).await;
    let second = app.db_tell_change(&acme).await;
    let body = json!({ "query": EVENTS, "variables": after(&acme, &first) });
    let request = http().post(format!("{}/graphql", app.url)).json(&body);
    let mut stream = ann.open(request.header("accept", "application/json")).await;
    assert_eq!(event(&stream.next().await)["id"], second);
}

#[tokio::test]
async fn a_stream_ends_with_the_credential() {
    let app = start().await;
    let (acme, _) = app.organization("Acme").await;
    let robot = app.db_app(&acme, &["org:read"]).await;
    let first = app.db_tell_change(&acme).await;
    app.db_tell_change(&acme).await;
    let mut stream = robot.listen(EVENTS, after(&acme, &first)).await;
    event(&stream.next().await);

    use sea_orm::EntityTrait;
    entity::api_token::Entity::delete_many().exec(&app.db).await.unwrap();
    assert_eq!(stream.error().await, ["UNAUTHENTICATED"]);
}

#[tokio::test]
async fn a_server_that_stops_leaves_the_stream_to_be_opened_again() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let first = app.db_tell_change(&acme).await;
    app.db_tell_change(&acme).await;
    let mut stream = ann.listen(EVENTS, after(&acme, &first)).await;
    event(&stream.next().await);
    app.ask_to_stop();
    // Not complete: there is more to come. Not all come for it at once.
    assert_eq!(stream.event().await, None);
    assert!((1_000..5_000).contains(&stream.retry.unwrap()), "{:?}", stream.retry);
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
    let mut slow = ann.listen(&query, after(&acme, &first)).await;
    let _other = eventually("the operation of the slow client has ended", || async {
        let mut other = ann.listen(EVENTS, after(&acme, &first)).await;
        let result = other.next().await;
        result["errors"].is_null().then_some(other)
    })
    .await;
    // Its connection has not: there is still something to be read.
    let mut socket = Socket::connect(&app.url).await;
    socket
        .init(json!({ "Authorization": format!("Bearer {}", ann.bearer().unwrap()) }))
        .await;
    assert_eq!(socket.closed().await, (4429, "Too many connections".into()));

    let mut last = Value::Null;
    while let Some((name, data)) = slow.event().await {
        match name.as_str() {
            "next" => last = serde_json::from_str(&data).unwrap(),
            name => assert_eq!(name, "complete"),
        }
    }
    assert_eq!(last["errors"][0]["extensions"]["code"], "SLOW_CONSUMER");
    free(&ann).await;
}
