//! What is heard without a broker.

use super::*;
use crate::{
    jobs::{delivering, eventually, working},
    support::TestApp,
};

#[tokio::test]
async fn events_that_another_node_has_written_are_heard() {
    let app = TestApp::start_with(delivering).await;
    let (acme, ann) = app.organization("Acme").await;
    let ear = Ear::open(
        app.db_service_with(|config| config.jobs.poll_every = Duration::from_millis(50))
            .await,
        false,
    );
    let mut bell = ear.service.bell.listen(acme.row());
    // Whatever was before.
    tokio::time::timeout(PATIENCE, bell.changed()).await.unwrap().unwrap();
    let before = *bell.borrow_and_update();

    app.invite(&acme, &ann, "bob@example.com", "member").await;

    tokio::time::timeout(PATIENCE, bell.wait_for(|last| *last > before))
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn postgresql_tells_of_events_at_once() {
    if std::env::var("TEST_DATABASE_URL").is_err() {
        // SQLite has no such messages: the story above is all there is.
        return;
    }
    let app = TestApp::start_with(delivering).await;
    let (acme, ann) = app.organization("Acme").await;
    // It never looks by itself, after the first time.
    let hours = |config: &mut roster::config::Config| config.jobs.poll_every = Duration::from_secs(3600);
    let ear = Ear::open(app.db_service_with(hours).await, false);
    let mut bell = ear.service.bell.listen(acme.row());
    for number in 0..3 {
        let before = *bell.borrow_and_update();
        app.invite(&acme, &ann, &format!("guest-{number}@example.com"), "member")
            .await;
        let heard = bell.wait_for(|last| *last > before);
        tokio::time::timeout(PATIENCE, heard).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn workers_elsewhere_are_woken_by_servers_that_do_not_work() {
    let slow = |config: &mut roster::config::Config| {
        working(config);
        // Only a message can be the reason, where there are messages.
        if std::env::var("TEST_DATABASE_URL").is_ok() {
            config.jobs.poll_every = Duration::from_secs(3600);
        }
    };
    let door = TestApp::start().await;
    let (acme, ann) = door.organization("Acme").await;
    let _worker = door.node_with(slow).await;
    let first = door.invite(&acme, &ann, "bob@example.com", "member").await;
    ann.delivered(&first.id, "SENT").await;
    let second = door.invite(&acme, &ann, "eve@example.com", "member").await;
    ann.delivered(&second.id, "SENT").await;
}

#[tokio::test]
async fn repeating_work_is_planned_once_for_all_nodes() {
    let app = TestApp::start_with(working).await;
    let mut nodes = Vec::new();
    for _ in 0..3 {
        nodes.push(app.node_with(working).await);
    }
    let kinds = || async {
        let jobs = app.db_jobs().await;
        let mut kinds: Vec<_> = jobs.into_iter().filter_map(|job| job.repeat_key).collect();
        kinds.sort_unstable();
        kinds
    };
    eventually("everything is planned", || async {
        (kinds().await.len() >= roster::queue::Work::REPEATING.len()).then_some(())
    })
    .await;
    let mut different = kinds().await;
    different.dedup();
    assert_eq!(kinds().await, different);
}
