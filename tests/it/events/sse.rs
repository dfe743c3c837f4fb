//! Server-sent events: the "distinct connections mode" of graphql-sse.

use std::time::Duration;

use entity::event::EventType;
use serde_json::{Value, json};

use super::{EVENTS, after, attentive, event, start};
use crate::{
    jobs::eventually,
    support::{EventStream, TestApp},
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
    // Not complete: there is more to come.
    assert_eq!(stream.event().await, None);
}

#[tokio::test]
async fn a_client_that_does_not_read_is_given_up() {
    let app = TestApp::start_with(|config| {
        attentive(config);
        config.subscriptions.send_timeout = Duration::from_millis(200);
        config.subscriptions.connections_max = 1;
    })
    .await;
    let (acme, ann) = app.organization("Acme").await;
    let first = app.db_tell_change(&acme).await;
    let change = (EventType::OrganizationUpdated, acme.row().0);
    // Each event says a lot, so that it is more than the network holds back.
    app.db_tell(&acme, &vec![change; 3_000]).await;
    let many = (0..60).map(|number| format!("o{number}: organization {{ id slug name createdAt }}"));
    let query = EVENTS.replace("organization { id }", &many.collect::<Vec<_>>().join(" "));
    let mut stream = ann.listen(&query, after(&acme, &first)).await;
    eventually("the place of the slow client is free", || async {
        let mut again = ann.listen(EVENTS, after(&acme, &first)).await;
        let result = again.next().await;
        result["errors"].is_null().then_some(())
    })
    .await;
    let mut last = Value::Null;
    while let Some((name, data)) = stream.event().await {
        match name.as_str() {
            "next" => last = serde_json::from_str(&data).unwrap(),
            name => assert_eq!(name, "complete"),
        }
    }
    assert_eq!(last["errors"][0]["extensions"]["code"], "SLOW_CONSUMER");
}
