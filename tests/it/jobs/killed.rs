//! Workers that are killed in the middle of their work.

use std::collections::{HashMap, HashSet};

use entity::job::{JobStatus, Lane};

use super::*;
use crate::support::{Reaction, SmtpServer};

/// Mails that are to be sent while workers die.
const MAILS: usize = 200;
/// How many workers die.
const KILLS: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn every_mail_arrives_and_no_kill_costs_more_than_one_duplicate() {
    let server = SmtpServer::start();
    server.on(".", Reaction::Wait(Duration::from_millis(8)));
    let app = TestApp::start_with(|config| config.rate_limits.enabled = false).await;
    let (acme, ann) = app.organization("Acme").await;
    for number in 0..MAILS {
        app.invite(&acme, &ann, &format!("guest-{number}@example.com"), "member")
            .await;
    }
    let place = app
        .place()
        .set("ROSTER_MAIL__TRANSPORT", "smtp")
        .set("ROSTER_MAIL__SMTP_URL", &server.url())
        .set("ROSTER_MAIL__TIMEOUT", "500ms")
        .set("ROSTER_JOBS__LEASE", "1s")
        .set("ROSTER_JOBS__POLL_EVERY", "50ms");

    let mut known = HashSet::new();
    for kill in 0..KILLS {
        let worker = place.spawn(&["work"]);
        // Until it works, and then at any moment: the pause is never the same.
        let before = server.received().len();
        eventually("the worker works", || async {
            (server.received().len() > before || kill * 2 > KILLS && app.db_jobs().await.len() <= 2).then_some(())
        })
        .await;
        tokio::time::sleep(Duration::from_micros(rand_micros(kill))).await;
        worker.signal("KILL");
        worker.end();
        // Only what it had begun can come twice.
        let begun = app.db_jobs().await.into_iter().filter(|job| {
            job.status == JobStatus::Running && job.lane == Lane::Mail && known.insert((job.id.0, job.attempts))
        });
        let begun = begun.count();
        assert!(begun <= 1, "{begun} mails were in flight at kill {kill}");
    }
    let last = place.spawn(&["work"]);
    app.db_idle().await;
    last.stop();

    let mut received: HashMap<String, usize> = HashMap::new();
    for letter in server.received() {
        *received.entry(letter.to.concat()).or_default() += 1;
    }
    assert_eq!(received.len(), MAILS, "every mail has arrived");
    let duplicates: usize = received.values().map(|count| count - 1).sum();
    assert!(duplicates <= KILLS, "{duplicates} duplicates of {KILLS} kills");
}

/// Up to 60 milliseconds, all over that time.
fn rand_micros(number: usize) -> u64 {
    let nanos = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().subsec_nanos();
    u64::from(nanos) / 1000 * 7919 % 60_000 + number as u64
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_invites_is_queued_in_bounded_memory() {
    let server = SmtpServer::start();
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let place = app
        .place()
        .set("ROSTER_RATE_LIMITS__ENABLED", "false")
        .set("ROSTER_MAIL__TRANSPORT", "smtp")
        .set("ROSTER_MAIL__SMTP_URL", &server.url());
    let program = place.serve();
    let ann = ann.at_url(&program.url);
    for number in 0..20 {
        ann.create_invite(&acme, json!({ "email": format!("warm-{number}@example.com") }))
            .await
            .done("createInvite");
    }
    let before = program.peak_kilobytes();

    let storm = (0..8).map(|lane| {
        let (ann, acme) = (ann.clone(), acme.clone());
        tokio::spawn(async move {
            for number in 0..125 {
                let email = format!("storm-{lane}-{number}@example.com");
                ann.create_invite(&acme, json!({ "email": email }))
                    .await
                    .done("createInvite");
            }
        })
    });
    for lane in storm.collect::<Vec<_>>() {
        lane.await.unwrap();
    }

    let grown = program.peak_kilobytes() - before;
    assert!(grown < 32 * 1024, "{grown} kB more");
    program.stop();
}
