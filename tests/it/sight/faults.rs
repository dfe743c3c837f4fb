//! Faults of ours, as Sentry gets them (§24.1).

use std::sync::{Arc, Mutex};

use axum::{Router, body::Bytes, extract::Path, http::StatusCode, routing::post as taking};
use sea_orm::ConnectionTrait;

use super::*;

/// What has come to somebody who speaks Sentry's protocol.
#[derive(Clone)]
struct Tracker {
    envelopes: Arc<Mutex<Vec<String>>>,
    address: String,
}

impl Tracker {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let envelopes = Arc::<Mutex<Vec<String>>>::default();
        let kept = envelopes.clone();
        let take = async move |Path(project): Path<String>, body: Bytes| {
            assert_eq!(project, "7");
            kept.lock().unwrap().push(String::from_utf8(body.into()).unwrap());
            StatusCode::OK
        };
        let routes = Router::new().route("/api/{project}/envelope/", taking(take));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { envelopes, address }
    }

    fn dsn(&self) -> String {
        format!("http://public-key@{}/7", self.address)
    }

    /// The events, once there are so many.
    fn events(&self, count: usize) -> Vec<Value> {
        within_patience("faults are reported", || {
            let envelopes = self.envelopes.lock().unwrap();
            let lines = envelopes.iter().flat_map(|envelope| envelope.lines());
            let entries = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
            let events: Vec<_> = entries
                .filter(|entry| entry["event_id"].is_string() && entry["exception"].is_object())
                .collect();
            (events.len() >= count).then_some(events)
        })
    }

    fn all(&self) -> String {
        self.envelopes.lock().unwrap().join("\n")
    }
}

/// Takes a table away, so that whoever needs it fails.
async fn db_break(app: &TestApp, table: &str) {
    app.db
        .execute_unprepared(&format!("ALTER TABLE {table} RENAME TO taken_away"))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_fault_is_reported_with_its_request_and_a_refusal_is_not() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let tracker = Tracker::start().await;
    let program = logging(&app)
        .set("ROSTER_SENTRY__DSN", &tracker.dsn())
        .set("ROSTER_SENTRY__ENVIRONMENT", "tests")
        .set("ROSTER_JOBS__IN_SERVE", "false")
        .serve();
    let ann = ann.at_url(&program.url).seen().await;
    let rename = "mutation Create($input: CreateTeamInput!) { createTeam(input: $input) { userErrors { code } } }";
    let create =
        |name: &str| json!({ "query": rename, "variables": { "input": { "organizationId": acme.id, "name": name } } });

    // Refused in every way.
    assert_eq!(post(&ann, create(""), &[]).await.status(), 200);
    ann.send("{ nonsense }", json!({})).await;
    app.with_bearer("nonsense")
        .at_url(&program.url)
        .send("{ roles { id } }", json!({}))
        .await;
    db_break(&app, "audit_log_entry").await;
    let headers = [
        ("x-request-id", "order-17"),
        ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
    ];
    let reply: Value = post(&ann, create(SECRET), &headers).await.json().await.unwrap();
    assert_eq!(reply["errors"][0]["extensions"]["code"], "INTERNAL", "{reply}");

    let event = tracker.events(1).remove(0);
    for (tag, value) in [
        ("operation", "Create"),
        ("request_id", "order-17"),
        ("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736"),
        ("path", "/graphql"),
    ] {
        assert_eq!(event["tags"][tag], value, "{event:#}");
    }
    assert_eq!(event["environment"], "tests");
    // A level that is not given is that of an error.
    assert!(event["level"].is_null(), "{event:#}");
    assert_eq!(event["release"], concat!("roster@", env!("CARGO_PKG_VERSION")));
    let fault = &event["exception"]["values"][0];
    assert_eq!(fault["type"], "request failed");
    assert!(
        fault["value"].as_str().is_some_and(|cause| !cause.is_empty()),
        "{event:#}"
    );
    assert!(
        event["culprit"].as_str().is_some_and(|place| place.starts_with("src/")),
        "{event:#}"
    );
    let log = program.stop().stderr;
    assert_eq!(tracker.events(1).len(), 1, "{}", tracker.all());
    let all = tracker.all();
    let token = ann.bearer().unwrap();
    for secret in [
        SECRET,
        "example.com",
        token.as_str(),
        crate::support::JWT_SECRET,
        &acme.slug,
    ] {
        assert!(!all.contains(secret), "{secret} is told: {all}");
    }
    assert!(!log.contains("public-key"), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_delivery_that_fails_is_reported_with_its_shard() {
    let app = TestApp::start().await;
    app.organization("Acme").await;
    let tracker = Tracker::start().await;
    db_break(&app, "event").await;
    let program = logging(&app).set("SENTRY_DSN", &tracker.dsn()).serve();

    // Jobs that sweep the table fail, too.
    let event = within_patience("a delivery is reported", || {
        let mut events = tracker.events(1).into_iter();
        events.find(|event| event["tags"]["shard"].is_string())
    });
    program.stop();
    let tags = &event["tags"];
    assert!(
        tags["shard"].as_str().unwrap().starts_with("organization:"),
        "{event:#}"
    );
    assert!(
        tags["scope"].is_string() && tags["category"].is_string() && tags["object"].is_string(),
        "{event:#}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_job_that_fails_is_reported_with_its_kind() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.invite(&acme, &ann, "bob@example.com", "member").await;
    let tracker = Tracker::start().await;
    db_break(&app, "invite_delivery").await;
    let program = logging(&app).set("SENTRY_DSN", &tracker.dsn()).serve();

    let events = within_patience("a job is reported", || {
        let events = tracker.events(1);
        events
            .iter()
            .any(|event| event["tags"]["kind"] == "send_invite")
            .then_some(events)
    });
    program.stop();
    let event = events
        .iter()
        .find(|event| event["tags"]["kind"] == "send_invite")
        .unwrap();
    assert_eq!(event["tags"]["attempt"], "1", "{event:#}");
    assert!(!tracker.all().contains("bob"), "{}", tracker.all());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn reports_are_bounded_and_disturb_nobody() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let tracker = Tracker::start().await;
    db_break(&app, "audit_log_entry").await;
    // Nobody listens at the second.
    for dsn in [tracker.dsn(), "http://public-key@127.0.0.1:1/7".into()] {
        let program = logging(&app)
            .set("ROSTER_SENTRY__DSN", &dsn)
            .set("ROSTER_JOBS__IN_SERVE", "false")
            .serve();
        let ann = ann.at_url(&program.url);
        for _ in 0..40 {
            let reply = ann
                .mutate("createTeam", "", json!({ "organizationId": acme.id, "name": "Red" }))
                .await;
            assert_eq!(reply.error_codes(), ["INTERNAL"]);
        }
        program.stop();
    }
    let count = tracker.events(1).len();
    assert!((1..=30).contains(&count), "{count}");
}

#[test]
fn what_is_no_dsn_is_refused_without_being_shown() {
    let place = Place::new().set("ROSTER_SENTRY__DSN", &format!("https://{SECRET}.example.com"));
    let why = place.run(&["check-config"]).failed();
    assert!(why.contains("sentry.dsn") && !why.contains(SECRET), "{why}");
}
