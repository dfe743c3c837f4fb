//! The line that ends every operation, and the warning of a slow one.

use sea_orm::ConnectionTrait;
use serde_json::json;
use sha2::Digest;

use super::*;

impl TestApp {
    async fn db_rename_table(&self, from: &str, to: &str) {
        let statement = format!("ALTER TABLE {from} RENAME TO {to}");
        self.db.execute_unprepared(&statement).await.unwrap();
    }
}

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[tokio::test]
async fn every_operation_ends_with_one_line() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let program = logging(&app).serve();
    let ann = ann.at_url(&program.url).seen().await;
    let query = "query Find($slug: String!) { organization(slug: $slug) { name } }";
    let body = json!({ "query": query, "variables": { "slug": acme.slug } });

    let answer = post(&ann, body, &[("traceparent", PARENT), ("x-request-id", "order-17")]).await;
    assert_eq!(answer.headers()["x-request-id"], "order-17");

    let told = operations(&program, 2).remove(1);
    for (field, value) in [
        ("operation", json!("Find")),
        ("kind", json!("query")),
        ("transport", json!("http")),
        ("caller", json!("user")),
        ("status", json!(200)),
        ("outcome", json!("ok")),
        ("errors", json!(0)),
        ("level", json!("INFO")),
    ] {
        assert_eq!(told[field], value, "{field}: {told}");
    }
    assert_eq!(told["document"], hex::encode(sha2::Sha256::digest(query)), "{told}");
    assert!(
        told["statements"].as_u64() > Some(0) && told["sql_ms"].as_f64() > Some(0.0),
        "{told}"
    );
    assert!(told["duration_ms"].as_f64() >= told["sql_ms"].as_f64(), "{told}");
    assert!(told["caller_id"].is_i64() || told["caller_id"].is_u64(), "{told}");
    assert_eq!(told["request"]["request_id"], "order-17");
    assert_eq!(told["request"]["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
}

#[tokio::test]
async fn a_cause_is_found_by_its_request_however_much_is_told() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    for level in ["info", "debug", "trace"] {
        let program = logging(&app).set("RUST_LOG", level).serve();
        let ann = ann.at_url(&program.url).seen().await;
        app.db_rename_table("member", "away").await;
        let query = "query Find($slug: String!) { organization(slug: $slug) { name } }";
        let body = json!({ "query": query, "variables": { "slug": acme.slug } });

        let answer = post(&ann, body, &[("x-request-id", "order-18")]).await;

        app.db_rename_table("away", "member").await;
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(answer["errors"][0]["extensions"]["requestId"], "order-18", "{answer}");
        let log = program.stop().stderr;
        let causes = lines(&log, "request failed");
        assert!(!causes.is_empty(), "{level}: {log}");
        for cause in causes {
            assert_eq!(cause["request"]["request_id"], "order-18", "{level}: {cause}");
        }
    }
}

#[tokio::test]
async fn what_was_refused_is_told_by_its_codes() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let program = logging(&app).serve();
    let (ann, nobody) = (
        ann.at_url(&program.url).seen().await,
        app.anonymous().at_url(&program.url),
    );
    let input = json!({ "organizationId": acme.id, "name": "" });

    ann.mutate("createTeam", "team { id }", input).await;
    nobody.send("query Broken {", json!({})).await;
    nobody.send("query Me { viewer { user { name } } }", json!({})).await;
    app.with_bearer("nonsense")
        .at_url(&program.url)
        .send("{ roles { id } }", json!({}))
        .await;

    let told = operations(&program, 5);
    let said = |index: usize, field: &str| told[index][field].clone();
    assert_eq!(
        (said(1, "kind"), said(1, "outcome")),
        (json!("mutation"), json!("refused"))
    );
    assert_eq!(
        (said(1, "codes"), said(1, "errors")),
        (json!("VALIDATION_FAILED"), json!(1))
    );
    assert_eq!(
        (said(2, "kind"), said(2, "codes")),
        (json!("none"), json!("GRAPHQL_PARSE_FAILED"))
    );
    assert_eq!(said(2, "caller"), "anonymous");
    assert_eq!((said(3, "operation"), said(3, "outcome")), (json!("Me"), json!("ok")));
    assert_eq!(
        (said(4, "status"), said(4, "codes")),
        (json!(401), json!("UNAUTHENTICATED"))
    );
    assert!(said(4, "caller").is_null());
}

#[tokio::test]
async fn every_way_to_come_is_told() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let program = logging(&app).set("ROSTER_GRAPHQL__BATCH_MAX", "5").serve();
    let ann = ann.at_url(&program.url).seen().await;

    let first = json!({ "query": "query First { organizations { nodes { name } } }" });
    let both = json!([first, { "query": "query Second { nonsense }" }]);
    assert_eq!(post(&ann, both, &[]).await.status(), 200);
    let told = operations(&program, 3);
    assert_eq!(
        (&told[1]["operation"], &told[1]["outcome"]),
        (&json!("First"), &json!("ok"))
    );
    assert!(told[1]["statements"].as_u64() > Some(0), "{told:?}");
    assert_eq!(
        (&told[2]["operation"], &told[2]["outcome"]),
        (&json!("Second"), &json!("refused"))
    );

    post(&ann, viewer("Streamed"), &[("accept", "text/event-stream")])
        .await
        .text()
        .await
        .unwrap();
    let told = operations(&program, 4).remove(3);
    assert_eq!(
        (&told["operation"], &told["transport"]),
        (&json!("Streamed"), &json!("sse"))
    );

    let mut socket = ann.socket().await;
    let query = "query Asked { viewer { user { name } } }";
    socket.subscribe("1", query, json!({})).await;
    socket.next("1").await;
    let told = operations(&program, 5).remove(4);
    assert_eq!(
        (&told["operation"], &told["transport"]),
        (&json!("Asked"), &json!("websocket"))
    );
    assert_eq!((&told["outcome"], &told["caller"]), (&json!("ok"), &json!("user")));

    let events = "subscription Follow($id: ID!) { organizationEvents(organizationId: $id) { id } }";
    socket.subscribe("2", events, json!({ "id": acme.id })).await;
    // Whoever subscribes hears of what comes later, so it must have begun.
    let input = json!({ "organizationId": acme.id, "name": "Red" });
    ann.mutate("createTeam", "", input).await.done("createTeam");
    socket.complete("2").await;
    let told = operations(&program, 7);
    let told = told.iter().find(|told| told["operation"] == "Follow").unwrap();
    assert_eq!(
        (&told["kind"], &told["outcome"]),
        (&json!("subscription"), &json!("ok"))
    );
    assert!(told["events"].is_u64(), "{told}");
}

#[tokio::test]
async fn a_log_holds_nothing_of_what_clients_send() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let program = logging(&app).set("ROSTER_LOG__SLOW_OPERATION", "1us").serve();
    let ann = ann.at_url(&program.url).seen().await;
    let literal = format!("query Q {{ organization(slug: \"{SECRET}\") {{ name }} }}");
    ann.send(&literal, json!({})).await;
    let input = json!({ "organizationId": acme.id, "email": format!("{SECRET}@example.com"), "role": SECRET });
    ann.mutate("createInvite", "acceptUrl", input).await;
    let hostile = json!({ "query": "{ roles { id } }", "operationName": format!("x\"}}\n{{\"message\":\"operation\"}}\u{1b}[31m{}", "y".repeat(5000)) });
    post(
        &ann,
        hostile,
        &[("tracestate", SECRET), ("traceparent", "00-not-a-trace")],
    )
    .await;
    let found = post(&ann, viewer("Last"), &[("traceparent", SECRET), ("cookie", SECRET)]).await;
    assert_eq!(found.status(), 200);
    let told = operations(&program, 5);

    let log = program.stop().stderr;
    assert!(!log.contains(SECRET) && !log.contains("example.com"), "{log}");
    assert!(
        !log.contains('\u{1b}') && log.lines().all(|line| line.len() < 2_000),
        "{log}"
    );
    assert!(
        log.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()),
        "{log}"
    );
    assert_eq!(told.len(), 5);
    let id = told[4]["request"]["trace_id"].as_str().unwrap();
    assert!(
        id.len() == 32 && id != told[3]["request"]["trace_id"],
        "made up, each time anew"
    );
}

#[tokio::test]
async fn slow_operations_are_told_with_their_slowest_statements() {
    let app = TestApp::start().await;
    let (_, ann) = app.organization("Acme").await;
    let slow = logging(&app).set("ROSTER_LOG__SLOW_OPERATION", "1us").serve();
    post(&ann.at_url(&slow.url), viewer("Slow"), &[]).await;
    let log = slow.stop().stderr;
    let told = lines(&log, "slow operation").remove(0);
    assert_eq!((&told["operation"], &told["level"]), (&json!("Slow"), &json!("WARN")));
    assert_eq!(told["document"].as_str().map(str::len), Some(64));
    for time in ["duration_ms", "parse_ms", "validate_ms", "execute_ms", "sql_ms"] {
        assert!(told[time].as_f64() > Some(0.0), "{time}: {told}");
    }
    let slowest = told["slowest"].as_str().unwrap();
    assert!(slowest.contains("SELECT user ") && !slowest.contains('?'), "{slowest}");

    for never in ["1h", "0s"] {
        let quick = logging(&app).set("ROSTER_LOG__SLOW_OPERATION", never).serve();
        post(&ann.at_url(&quick.url), viewer("Quick"), &[]).await;
        assert!(lines(&quick.stop().stderr, "slow operation").is_empty(), "{never}");
    }
}

#[tokio::test]
async fn developers_see_where_the_time_went() {
    let app = TestApp::start().await;
    let answer = post(&app.person("ann"), viewer("Me"), &[]).await;
    let timing = answer.headers()["server-timing"].to_str().unwrap();
    let names: Vec<_> = timing.split(", ").map(|part| part.split(';').next().unwrap()).collect();
    assert_eq!(names, ["total", "parse", "validate", "execute", "db"]);
    let of = |name: &str| {
        let part = timing.split(", ").find(|part| part.starts_with(name)).unwrap();
        let time = part.split("dur=").nth(1).unwrap().split(';').next().unwrap();
        time.parse::<f64>().unwrap()
    };
    assert!(of("execute") > 0.0 && of("execute") <= of("total"), "{timing}");
    assert!(of("parse") > 0.0 && of("validate") > 0.0 && of("db") > 0.0, "{timing}");
}
