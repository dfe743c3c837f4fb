//! More than the database can take, or no database: whoever comes is told to come
//! again, soon and in one way, and one who asks for much does not keep others out.

use std::time::Duration;

use sea_orm::ConnectionTrait;

use super::*;
use crate::{
    command::{
        Program,
        metrics::{counter, counting},
    },
    jobs::eventually,
};

/// Reads teams five times, each by a statement of its own.
const DEAR: &str = "query($slug: String!) { organization(slug: $slug) {
    a: teams(first: 1) { nodes { id } } b: teams(first: 2) { nodes { id } } c: teams(first: 3) { nodes { id } }
    d: teams(first: 4) { nodes { id } } e: teams(first: 5) { nodes { id } } } }";

const CHEAP: &str = "query Cheap($slug: String!) { organization(slug: $slug) { name } }";

const RENAME: &str = "mutation($input: SaveOrgOptionsInput!) { saveOrgOptions(input: $input) { userErrors { code } } }";

/// How long anybody waits for a connection.
const IMPATIENT: (&str, &str) = ("ROSTER_DATABASE__ACQUIRE_TIMEOUT", "300ms");

/// A program with so many connections, for which nobody waits for long.
fn program(app: &TestApp, connections: &str) -> Program {
    app.telling(&[
        ("ROSTER_DATABASE__CONNECTIONS_MAX", connections),
        IMPATIENT,
        ("ROSTER_LOG__FILTER", "info,sqlx=warn"),
    ])
}

/// Sends something dear, and waits until it has begun.
async fn keep_busy(client: &Client, variables: &Value) -> tokio::task::JoinHandle<Reply> {
    let (client, variables) = (client.clone(), variables.clone());
    let busy = tokio::spawn(async move { client.send(DEAR, variables).await });
    tokio::time::sleep(Duration::from_millis(400)).await;
    busy
}

#[track_caller]
fn assert_unavailable(reply: &Reply) {
    assert_eq!(reply.status, 503, "{reply:#?}");
    assert_eq!(reply.error_codes(), ["UNAVAILABLE"], "{reply:#?}");
    assert_eq!(reply.header("retry-after"), Some("2"));
    assert_eq!(reply.body["errors"][0]["extensions"]["retryAfter"], 2);
}

#[tokio::test]
async fn who_finds_no_connection_is_told_to_come_again() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Red").await;
    app.db_slow_teams().await;
    let program = program(&app, "1");
    let (ann, variables) = (ann.at_url(&program.url), json!({ "slug": acme.slug }));
    ann.send(CHEAP, variables.clone()).await.ok();
    let rename = json!({ "input": { "organizationId": acme.id, "name": "Renamed" } });

    let busy = keep_busy(&ann, &variables).await;
    // The first looks for the person, the second for the organization, too.
    let query = ann.send(CHEAP, variables.clone()).await;
    let mutation = ann.send(RENAME, rename.clone()).await;
    busy.await.unwrap().ok();

    assert_unavailable(&query);
    assert_unavailable(&mutation);
    let answered = ann.send(CHEAP, variables).await.ok();
    assert_eq!(answered.text("organization.name"), "Acme");
    let log = program.stop().stderr;
    let line = log
        .lines()
        .find(|line| line.contains(r#"outcome="unavailable""#))
        .expect("a line for the operation");
    let waited = line.split_once("wait_ms=").and_then(|(_, rest)| rest.split(' ').next());
    let waited: f64 = waited.expect("how long it waited").parse().unwrap();
    assert!((300.0..3000.0).contains(&waited), "{line}");
    assert!(!log.contains(r#"outcome="failed""#), "{log}");
}

#[tokio::test]
async fn who_asks_for_much_leaves_connections_to_others() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Red").await;
    app.db_slow_teams().await;
    let program = program(&app, "3");
    let (ann, variables) = (ann.at_url(&program.url), json!({ "slug": acme.slug }));
    ann.send(CHEAP, variables.clone()).await.ok();

    let busy = keep_busy(&ann, &variables).await;
    for _ in 0..5 {
        ann.send(CHEAP, variables.clone()).await.ok();
    }

    assert!(!busy.is_finished(), "it was not dear");
    busy.await.unwrap().ok();
}

/// Lets nobody into the database from now on, or everybody again.
async fn db_let_in(app: &TestApp, server: &str, is_let_in: bool) {
    let url: url::Url = app.db_url().parse().unwrap();
    let name = url.path().trim_start_matches('/');
    let server = sea_orm::Database::connect(server).await.unwrap();
    for statement in [
        format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {is_let_in}"),
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"),
    ] {
        server.execute_unprepared(&statement).await.unwrap();
    }
    server.close().await.unwrap();
}

#[tokio::test]
async fn without_its_database_a_service_says_so_and_comes_back() {
    // SQLite is in the process itself.
    let Ok(server) = std::env::var("TEST_DATABASE_URL") else {
        return;
    };
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let (program, numbers) = counting(&app, &[IMPATIENT]);
    let (ann, variables) = (ann.at_url(&program.url), json!({ "slug": acme.slug }));
    let number = async |name: &str| {
        let text = numbers.fetch("/metrics", &[]).await.text().await.unwrap();
        counter(&text, name, &[])
    };
    let becomes_ready = async |status: u16| {
        eventually("readiness follows", || async {
            (ann.get("/health/ready").await.status == status).then_some(())
        })
        .await;
    };
    ann.send(CHEAP, variables.clone()).await.ok();
    eventually("numbers are known", || async {
        number("outbox_rows").await.filter(|rows| !rows.is_nan())
    })
    .await;

    db_let_in(&app, &server, false).await;
    for _ in 0..3 {
        assert_unavailable(&ann.send(CHEAP, variables.clone()).await);
    }
    becomes_ready(503).await;
    assert_eq!(ann.get("/health/live").await.status, 200);
    // Nobody knows what waits now.
    eventually("numbers are forgotten", || async {
        number("outbox_rows").await.filter(|rows| rows.is_nan())
    })
    .await;
    assert!(number("database_unavailable_total").await.unwrap() >= 3.0);

    db_let_in(&app, &server, true).await;
    becomes_ready(200).await;
    ann.send(CHEAP, variables).await.ok();
}
