//! Whether the service should be sent requests, and what is wrong with it.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbBackend, Statement, TransactionTrait};
use serde_json::{Value, json};

use crate::{jobs::eventually, support::TestApp};

/// What is said once `status` is.
async fn readiness(app: &TestApp, status: &str) -> (u16, Value) {
    eventually("that is said", || async {
        let reply = app.anonymous().get("/health/ready").await;
        (reply.body["status"] == status).then_some((reply.status, reply.body["checks"].clone()))
    })
    .await
}

#[tokio::test]
async fn work_that_is_late_is_told_and_takes_nobody_away() {
    let app = TestApp::start_with(|config| config.health.outbox_lag_max = Duration::ZERO).await;
    let (acme, ann) = app.organization("Acme").await;
    let (status, checks) = readiness(&app, "degraded").await;
    assert_eq!((status, &checks["outbox"]["status"]), (200, &json!("late")));
    assert_eq!(checks["jobs"]["status"], "ok");

    app.invite(&acme, &ann, "bob@example.com", "member").await;
    for job in app.db_jobs().await {
        app.db_change_job(job.id, |job| job.due_at = Set(Utc::now() - TimeDelta::hours(1)))
            .await;
    }

    let checks = eventually("the job is late", || async {
        let (status, checks) = readiness(&app, "degraded").await;
        assert_eq!(status, 200);
        (checks["jobs"]["status"] == "late").then_some(checks)
    })
    .await;
    assert!(checks["jobs"]["lag_seconds"].as_u64().unwrap() >= 3600, "{checks}");
    assert_eq!(checks["database"], json!({ "status": "ok" }));
}

#[tokio::test]
async fn a_node_whose_connections_are_all_in_use_is_ready() {
    let app = TestApp::start_with(|config| config.database.connections_max = 1).await;
    if app.db.get_database_backend() != DbBackend::Postgres {
        // Nothing keeps readers of SQLite waiting.
        return;
    }
    let (acme, ann) = app.organization("Acme").await;
    let lock = app.db.begin().await.unwrap();
    let statement = "LOCK TABLE organization IN ACCESS EXCLUSIVE MODE";
    lock.execute_unprepared(statement).await.unwrap();
    let query = "query($slug: String!) { organization(slug: $slug) { name } }";
    let waiting = tokio::spawn(async move { ann.send(query, json!({ "slug": acme.slug })).await });
    eventually("the request waits", || async {
        let asked = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
        let statement = Statement::from_string(DbBackend::Postgres, asked);
        lock.query_one_raw(statement).await.unwrap().map(drop)
    })
    .await;

    let reply = app.anonymous().get("/health/ready").await;

    assert_eq!(
        (reply.status, &reply.body["checks"]["database"]["status"]),
        (200, &json!("ok"))
    );
    lock.rollback().await.unwrap();
    assert_eq!(waiting.await.unwrap().ok().text("organization.name"), "Acme");
}

#[tokio::test]
async fn a_broker_that_is_gone_is_told_and_takes_nobody_away() {
    let app = TestApp::start_with(|config| config.nats.url = Some("nats://127.0.0.1:1".into())).await;
    let (status, checks) = readiness(&app, "degraded").await;
    assert_eq!((status, &checks["broker"]), (200, &json!({ "status": "down" })));
}

#[tokio::test]
async fn without_its_tables_it_is_not_ready_and_says_no_more_than_that() {
    let app = TestApp::start().await;
    app.db.execute_unprepared("DELETE FROM seaql_migrations").await.unwrap();

    let (status, checks) = readiness(&app, "unavailable").await;

    let unknown = json!({ "status": "unknown" });
    let expected = json!({
        "database": { "status": "ok" }, "migrations": { "status": "pending" }, "jobs": unknown, "outbox": unknown,
    });
    assert_eq!((status, checks), (503, expected));
    assert_eq!(app.anonymous().get("/health/live").await.status, 200);
}
