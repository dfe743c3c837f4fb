//! Taking it back in time.

use sea_orm::ActiveValue::Set;

use super::*;
use crate::jobs::{eventually, working};

#[tokio::test]
async fn a_restored_organization_is_as_it_was_and_nothing_is_scheduled() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    app.join(&acme, &ann, &bob, "member").await;
    let before = db_row(&app, &acme).await;
    ann.delete(&acme).await.done(DELETE);
    let entries = app.db_audit(&acme).await.len();

    let reply = ann.restore(&acme).await.done(SAVE);

    let told = reply.data("saveOrgOptions.organization");
    assert_eq!((&told["status"], &told["deletesAt"]), (&json!("ACTIVE"), &Value::Null));
    assert_eq!(db_row(&app, &acme).await, before);
    assert!(db_jobs_of(&app, "delete_organization").await.is_empty());
    let mut entries = app.db_audit(&acme).await.split_off(entries);
    assert_eq!(entries.len(), 1);
    let entry = entries.pop().unwrap();
    assert_eq!((entry.event, &entry.data["status"]), (ORG_RESTORE, &json!(0)));
    assert_eq!(bob.look(&acme).await["status"], "ACTIVE");
}

#[tokio::test]
async fn only_the_schedule_of_that_organization_is_taken_back() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&ann, "Globex").await;
    for organization in [&acme, &globex] {
        ann.delete(organization).await.done(DELETE);
    }
    ann.restore(&acme).await.done(SAVE);
    let jobs = db_jobs_of(&app, "delete_organization").await;
    let left: Vec<_> = jobs.iter().map(|job| job.payload["organization"].clone()).collect();
    assert_eq!(left, [json!(i64::from(globex.row()))]);
}

#[tokio::test]
async fn asking_anew_begins_a_new_delay() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    ann.delete(&acme).await.done(DELETE);
    let first = db_row(&app, &acme).await.unwrap().delete_at.unwrap();
    ann.restore(&acme).await.done(SAVE);
    ann.delete(&acme).await.done(DELETE);
    let jobs = db_jobs_of(&app, "delete_organization").await;
    assert_eq!(jobs.len(), 1);
    assert!(jobs[0].due_at > first);
    assert_eq!(Some(jobs[0].due_at), db_row(&app, &acme).await.unwrap().delete_at);
}

#[tokio::test]
async fn asking_and_taking_back_at_once_end_in_one_of_both() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    for _ in 0..8 {
        ann.delete(&acme).await.done(DELETE);
        let (asked, restored) = tokio::join!(ann.delete(&acme), ann.restore(&acme));
        asked.done(DELETE);
        restored.done(SAVE);
        let row = db_row(&app, &acme).await.unwrap();
        let jobs = db_jobs_of(&app, "delete_organization").await;
        let due: Vec<_> = jobs.iter().map(|job| job.due_at).collect();
        match row.status {
            OrganizationStatus::Active => assert_eq!((row.delete_at, due), (None, vec![])),
            _ => assert_eq!(due, row.delete_at.into_iter().collect::<Vec<_>>()),
        }
        ann.restore(&acme).await.done(SAVE);
    }
}

#[tokio::test]
async fn an_invite_that_falls_due_meanwhile_is_sent_when_it_is_restored() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    ann.delete(&acme).await.done(DELETE);
    let mail = || async { db_jobs_of(&app, "send_invite").await.pop() };

    let _worker = app.node_with(working).await;
    eventually("the invite is put off", || async {
        mail().await.filter(|job| job.due_at > Utc::now()).map(drop)
    })
    .await;
    assert!(app.letters().iter().all(|letter| !letter.contains("bob@example.com")));
    ann.restore(&acme).await.done(SAVE);
    assert_eq!(ann.delivery(&invite.id).await["status"], "QUEUED");

    let job = mail().await.unwrap().id;
    app.db_change_job(job, |job| job.due_at = Set(Utc::now() - Duration::seconds(1)))
        .await;
    ann.delivered(&invite.id, "SENT").await;
    assert!(app.letters().iter().any(|letter| letter.contains("bob@example.com")));
}
