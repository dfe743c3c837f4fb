//! Work that nobody waits for any more: a query asks the database nothing
//! further, and a mutation is made wholly or not at all.

use std::{io::Write, net::TcpStream};

use sea_orm::{ConnectionTrait, DbBackend, TransactionTrait};

use super::*;
use crate::command::{Place, Program, within_patience};

/// Asks for members of teams: for the organization first, then its teams, then
/// who is in them.
const TEAMS: &str = "query($slug: String!) { organization(slug: $slug) {
    teams { nodes { memberships { nodes { member { id } } } } } } }";

/// A statement that reads who is in a team.
const LATER: &str = r#"FROM \"team_member\""#;

/// What is asked first. In the log quotes are escaped.
const FIRST: &str = r#"FROM \"organization\""#;

impl TestApp {
    /// From here on reading teams takes a second and a half or so.
    pub(super) async fn db_slow_teams(&self) {
        let slow = match self.db.get_database_backend() {
            DbBackend::Postgres => "(SELECT 1 AS n FROM pg_sleep(1.5))",
            _ => {
                "(WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < 8000000)
                  SELECT count(*) AS n FROM up)"
            }
        };
        for statement in [
            "ALTER TABLE team RENAME TO fast_team".to_owned(),
            format!("CREATE VIEW team AS SELECT fast_team.* FROM {slow} AS slow, fast_team WHERE slow.n > 0"),
        ] {
            self.db.execute_unprepared(&statement).await.unwrap();
        }
    }

    /// A program on this database that logs its statements, and does nothing else.
    pub(super) fn telling(&self, settings: &[(&str, &str)]) -> Program {
        let place = Place::with_secrets(&self.db_url())
            .set("ROSTER_JOBS__IN_SERVE", "false")
            .set("ROSTER_LOG__FILTER", "info,sqlx=debug");
        let place = settings
            .iter()
            .fold(place, |place, (name, value)| place.set(name, value));
        place.serve()
    }
}

/// Sends a request, and does not wait for its answer.
fn begin(client: &Client, program: &Program, body: &Value) -> TcpStream {
    let mut stream = TcpStream::connect(program.url.strip_prefix("http://").unwrap()).unwrap();
    let (body, token) = (body.to_string(), client.bearer().unwrap());
    write!(
        stream,
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer \
         {token}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    stream
}

/// Waits until the program has asked for an organization more often than before.
fn until_asked(program: &Program, before: usize) {
    within_patience("the organization is asked for", || {
        (asked(program) > before).then_some(())
    });
}

fn asked(program: &Program) -> usize {
    program.stderr().matches(FIRST).count()
}

#[tokio::test]
async fn a_query_stops_with_its_client_and_with_its_time() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Red").await;
    app.db_slow_teams().await;
    let variables = json!({ "slug": acme.slug });

    let patient = app.telling(&[]);
    ann.at_url(&patient.url).send(TEAMS, variables.clone()).await.ok();
    assert!(patient.stop().stderr.contains(LATER), "nothing can be seen");

    let hurried = app.telling(&[
        ("ROSTER_LIMITS__REQUEST_TIMEOUT", "700ms"),
        ("ROSTER_LOG__SLOW_OPERATION", "500ms"),
    ]);
    let reply = ann.at_url(&hurried.url).send(TEAMS, variables.clone()).await;
    assert_eq!((reply.status, reply.error_codes()), (503, vec!["TIMEOUT".into()]));
    let log = hurried.stop().stderr;
    assert!(log.contains(FIRST) && !log.contains(LATER), "{log}");
    // What was stopped half-way is told as long as it went on.
    let slow = log
        .lines()
        .find(|line| line.contains("slow operation"))
        .expect("a warning");
    let executed = slow
        .split_once("execute_ms=")
        .and_then(|(_, rest)| rest.split(' ').next());
    assert!(executed.unwrap().parse::<f64>().unwrap() > 300.0, "{slow}");

    let left = app.telling(&[]);
    let before = asked(&left);
    let request = begin(&ann, &left, &json!({ "query": TEAMS, "variables": variables }));
    until_asked(&left, before);
    drop(request);
    let log = left.stop().stderr;
    assert!(!log.contains(LATER), "{log}");

    // Over a socket, when the operation is not wanted any more.
    let ended = app.telling(&[]);
    let mut socket = ann.at_url(&ended.url).socket().await;
    let before = asked(&ended);
    socket.subscribe("a", TEAMS, variables).await;
    until_asked(&ended, before);
    socket.complete("a").await;
    socket.say(json!({ "type": "ping" })).await;
    assert_eq!(socket.hear().await["type"], "pong");
    drop(socket);
    let log = ended.stop().stderr;
    assert!(!log.contains(LATER), "{log}");
}

#[tokio::test]
async fn a_mutation_is_finished_without_its_client_and_taken_back_by_its_time() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    let member = app.join(&acme, &ann, &bob, "member").await;
    let body = json!({
        "query": "mutation($input: UpdateMemberRolesInput!) {
            updateMemberRoles(input: $input) { userErrors { code } } }",
        "variables": { "input": { "memberId": member, "orgRole": "manager" } },
    });

    let hurried = app.telling(&[("ROSTER_LIMITS__REQUEST_TIMEOUT", "700ms")]);
    ann.at_url(&hurried.url).user_id().await;
    let held = app.db_hold(&member).await;
    let reply = ann.at_url(&hurried.url).post(&body).await;
    held.rollback().await.unwrap();
    assert_eq!((reply.status, reply.error_codes()), (503, vec!["TIMEOUT".into()]));
    hurried.stop();
    assert_eq!(app.db_member(&member).await.unwrap().role, "member");

    let left = app.telling(&[]);
    ann.at_url(&left.url).user_id().await;
    let before = asked(&left);
    let held = app.db_hold(&member).await;
    let request = begin(&ann, &left, &body);
    until_asked(&left, before);
    drop(request);
    held.rollback().await.unwrap();
    // The program ends when what has begun is done.
    left.stop();
    assert_eq!(app.db_member(&member).await.unwrap().role, "manager");
}

#[tokio::test]
async fn finding_out_who_calls_is_part_of_the_time_of_a_request() {
    let app = TestApp::start().await;
    let (_, ann) = app.organization("Acme").await;
    if app.db.get_database_backend() != DbBackend::Postgres {
        // Who reads waits for nobody on SQLite.
        return;
    }
    let times = [
        ("ROSTER_LIMITS__REQUEST_TIMEOUT", "1s"),
        ("ROSTER_LIMITS__LOCK_TIMEOUT", "30s"),
    ];
    let program = app.telling(&times);
    let ann = ann.at_url(&program.url);
    let mut socket = ann.socket().await;

    let tx = app.db.begin().await.unwrap();
    tx.execute_unprepared("LOCK TABLE \"user\" IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let begun = std::time::Instant::now();
    let who = "{ viewer { isSuperuser } }";
    let reply = ann.send(who, json!({})).await;
    assert_eq!((reply.status, refusal(&reply).as_str()), (503, "TIMEOUT"));
    socket
        .say(json!({ "id": "a", "type": "subscribe", "payload": { "query": who } }))
        .await;
    assert_eq!(socket.error("a").await, ["TIMEOUT"]);
    assert!(
        begun.elapsed() < std::time::Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );

    drop(tx);
    ann.send(who, json!({})).await.ok();
}
