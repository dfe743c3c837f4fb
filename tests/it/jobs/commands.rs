//! `roster work`, and `roster jobs` for whoever looks after the queue.

use super::*;
use crate::command::Place;

impl TestApp {
    /// What the program prints that is run with `arguments` on our database.
    pub fn beside(&self, arguments: &[&str]) -> String {
        self.place().run(arguments).ok()
    }

    /// Where programs run on our database.
    pub fn place(&self) -> Place {
        Place::with_secrets(&self.db_url())
    }
}

#[tokio::test]
async fn failed_jobs_are_listed_begun_anew_and_discarded() {
    let app = TestApp::start().await;
    app.expect_failures();
    let (acme, ann) = app.organization("Acme").await;
    let [one, two] = ["one@example.com", "two@example.com"].map(|email| app.invite(&acme, &ann, email, "member"));
    let (one, two) = (one.await, two.await);
    assert_eq!(
        app.beside(&["jobs", "list", "--failed"]).lines().count(),
        1,
        "only the heading"
    );
    assert_eq!(app.beside(&["jobs", "list"]).lines().count(), 3);
    assert_eq!(app.beside(&["jobs", "list", "--limit", "1"]).lines().count(), 2);
    {
        let _worker = app.node_with(without_mail).await;
        ann.delivered(&one.id, "FAILED").await;
        ann.delivered(&two.id, "FAILED").await;
    }

    let listed = app.beside(&["jobs", "list", "--failed"]);
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 3, "{listed}");
    for line in &lines[1..] {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words[1..4], ["send_invite", "failed", "3"], "{line}");
        assert!(line.ends_with("The mail could not be stored."), "{line}");
    }
    for secret in [&one.token, &two.token, "example.com"] {
        assert!(!listed.contains(secret), "{listed}");
    }

    assert_eq!(app.beside(&["jobs", "retry", "--failed"]), "2 begin anew.\n");
    for invite in [&one, &two] {
        assert_eq!(ann.delivery(&invite.id).await["status"], "QUEUED");
    }
    let number = app.db_jobs().await[0].id.0.to_string();
    assert_eq!(app.beside(&["jobs", "discard", &number]), "1 discarded.\n");
    let delivery = ann.delivery(&one.id).await;
    assert_eq!(delivery["status"], "FAILED");
    assert_eq!(delivery["lastError"], "The mail was withdrawn by an operator.");
    assert_eq!(app.beside(&["jobs", "discard", &number]), "0 discarded.\n");
    assert_eq!(app.beside(&["jobs", "discard", "--failed"]), "0 discarded.\n");
    let _worker = app.node_with(working).await;
    app.db_idle().await;

    assert_eq!(app.letters().len(), 1, "the other one was discarded");
}

#[tokio::test]
async fn what_a_worker_has_at_the_moment_is_left_to_it() {
    use sea_orm::ActiveValue::Set;
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.invite(&acme, &ann, "bob@example.com", "member").await;
    let job = app.db_jobs().await.pop().unwrap();
    app.db_change_job(job.id, |job| {
        job.status = Set(JobStatus::Running);
        job.due_at = Set(chrono::Utc::now() + chrono::TimeDelta::hours(1));
    })
    .await;
    let before = app.db_jobs().await;

    let number = job.id.0.to_string();
    assert_eq!(app.beside(&["jobs", "retry", &number]), "0 begin anew.\n");
    assert_eq!(app.beside(&["jobs", "discard", &number]), "0 discarded.\n");

    assert_eq!(app.db_jobs().await, before);
}

#[test]
fn which_jobs_are_meant_must_be_said() {
    for arguments in [
        &["jobs"][..],
        &["jobs", "retry"],
        &["jobs", "discard"],
        &["jobs", "discard", "7", "--failed"],
        &["jobs", "retry", "seven"],
    ] {
        Place::new().run(arguments).failed();
    }
}

#[tokio::test]
async fn a_worker_of_its_own_does_what_a_server_leaves() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let first = app.invite(&acme, &ann, "one@example.com", "member").await;
    let folder = app.folder().join("mail");
    let place = app
        .place()
        .set("ROSTER_MAIL__FOLDER", &folder.display().to_string())
        .set("ROSTER_JOBS__POLL_EVERY", "50ms");

    let worker = place.spawn(&["work"]);
    ann.delivered(&first.id, "SENT").await;
    let second = app.invite(&acme, &ann, "two@example.com", "member").await;
    ann.delivered(&second.id, "SENT").await;
    let ended = worker.stop();

    assert_eq!(ended.stdout, "");
    assert_eq!(app.letters().len(), 2);
    for secret in [&first.token, &second.token] {
        assert!(!ended.stderr.contains(secret), "{}", ended.stderr);
    }
}
