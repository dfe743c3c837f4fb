//! The end: first nobody is sent here any more, then nothing begins, and what
//! cannot be finished is left to others.

use entity::job::JobStatus;
use serde_json::{Value, json};

use super::*;
use crate::{
    jobs::eventually,
    support::{Reaction, SmtpServer, TestApp, TestDatabase},
};

/// What `/health/ready` says, and its status.
async fn readiness(program: &Program) -> (u16, Value) {
    let (status, body) = program.get("/health/ready").await;
    (status, serde_json::from_str::<Value>(&body).unwrap()["status"].clone())
}

async fn until_stopping(program: &Program) {
    eventually("it says that it stops", || async {
        (readiness(program).await == (503, json!("stopping"))).then_some(())
    })
    .await;
}

#[tokio::test]
async fn it_says_that_it_is_not_ready_and_serves_on_for_a_while() {
    let database = TestDatabase::create().await;
    let place = Place::with_secrets(&database.url()).set("ROSTER_DRAIN__DELAY", "1h");
    for signal in ["TERM", "INT"] {
        let program = place.serve();
        assert_eq!(readiness(&program).await, (200, json!("ok")));

        program.signal(signal);

        until_stopping(&program).await;
        assert_eq!(program.get("/health/live").await.0, 200);
        program
            .anonymous()
            .send("{ service { version } }", json!({}))
            .await
            .ok();

        // Asked again, it ends at once.
        program.signal(signal);
        let ended = program.end();
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.stderr.contains("ending at once"), "{ended:?}");
    }
}

#[tokio::test]
async fn when_the_while_is_over_it_ends() {
    let database = TestDatabase::create().await;
    let program = Place::with_secrets(&database.url())
        .set("ROSTER_DRAIN__DELAY", "300ms")
        .serve();
    let begun = Instant::now();
    program.stop();
    assert!(begun.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn it_ends_in_time_whatever_goes_on() {
    let database = TestDatabase::create().await;
    let program = Place::with_secrets(&database.url())
        .set("ROSTER_DRAIN__TIMEOUT", "600ms")
        .serve();
    let mut unfinished = std::net::TcpStream::connect(program.url.strip_prefix("http://").unwrap()).unwrap();
    let head = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                Content-Length: 9\r\nExpect: 100-continue\r\n\r\n";
    std::io::Write::write_all(&mut unfinished, head.as_bytes()).unwrap();
    Read::read_exact(&mut unfinished, &mut [0; 25]).unwrap();

    let begun = Instant::now();
    let ended = program.stop();

    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    assert!(ended.stderr.contains("still open"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_cannot_be_finished_are_given_back_as_if_they_had_not_begun() {
    let server = SmtpServer::start();
    server.on("MAIL", Reaction::Hang);
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.invite(&acme, &ann, "bob@example.com", "member").await;
    let place = app
        .place()
        .set("ROSTER_MAIL__TRANSPORT", "smtp")
        .set("ROSTER_MAIL__SMTP_URL", &server.url())
        // Whoever has to wait for the end of a lease waits in vain.
        .set("ROSTER_JOBS__LEASE", "1h")
        .set("ROSTER_DRAIN__TIMEOUT", "900ms");
    let mails = || async {
        let mut jobs = app.db_jobs().await;
        jobs.retain(|job| job.repeat_key.is_none() && job.lane == entity::job::Lane::Mail);
        jobs
    };
    let worker = place.spawn(&["work"]);
    eventually("the mail is begun", || async {
        let has_begun = server.commands().iter().any(|line| line.starts_with("MAIL"));
        has_begun.then_some(())
    })
    .await;
    assert_eq!(mails().await[0].attempts, 1);

    worker.stop();

    let [job] = mails().await.try_into().unwrap();
    let state = (
        job.status,
        job.attempts,
        job.failures,
        job.lease_until,
        job.handed_over_at,
    );
    assert_eq!(state, (JobStatus::Queued, 0, 0, None, None));
    assert!(job.due_at <= chrono::Utc::now());
    server.heal();
    let other = place.spawn(&["work"]);
    app.db_idle().await;
    other.stop();
    assert_eq!(server.received().len(), 1);
}
