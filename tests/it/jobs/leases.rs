//! One job, one worker at a time; and another one, if that worker is gone.

use chrono::{TimeDelta, Utc};
use entity::job::{JobStatus, Lane};
use roster::{
    clock,
    queue::{self, Claim, Outcome, Which},
};
use sea_orm::ActiveValue::Set;

use super::*;

#[tokio::test]
async fn work_is_done_soon_after_the_request_that_asked_for_it() {
    let app = TestApp::start_with(|config| {
        working(config);
        // So that only the wake-up after the commit can be the reason.
        config.jobs.poll_every = Duration::from_secs(3600);
    })
    .await;
    let (acme, ann) = app.organization("Acme").await;

    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;

    let delivery = ann.delivered(&invite.id, "SENT").await;
    assert_eq!(delivery["attempts"], 1);
    assert!(
        delivery["lastSentAt"].is_string() && delivery["lastError"].is_null(),
        "{delivery}"
    );
    assert_eq!(app.letters().len(), 1);
    app.db_idle().await;
}

#[tokio::test]
async fn work_that_another_process_has_queued_is_found() {
    let quiet = TestApp::start().await;
    let (acme, ann) = quiet.organization("Acme").await;
    let invite = quiet.invite(&acme, &ann, "bob@example.com", "member").await;
    assert_eq!(ann.delivery(&invite.id).await["status"], "QUEUED");

    let _worker = quiet.node_with(working).await;

    ann.delivered(&invite.id, "SENT").await;
}

#[tokio::test]
async fn several_workers_never_do_one_job_twice() {
    let app = TestApp::start_with(|config| config.rate_limits.enabled = false).await;
    let (acme, ann) = app.organization("Acme").await;
    for number in 0..60 {
        app.invite(&acme, &ann, &format!("guest-{number}@example.com"), "member")
            .await;
    }

    let mut workers = Vec::new();
    for _ in 0..4 {
        let node = app.node_with(|config| {
            working(config);
            config.mail.concurrency = 4;
        });
        workers.push(node.await);
    }
    app.db_idle().await;

    let letters = app.letters();
    assert_eq!(letters.len(), 60);
    for number in 0..60 {
        let to = format!("To: guest-{number}@example.com\r\n");
        assert_eq!(letters.iter().filter(|letter| letter.contains(&to)).count(), 1, "{to}");
    }
}

#[tokio::test]
async fn a_job_whose_worker_is_gone_is_taken_over_after_its_lease_and_not_before() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    let job = app.db_jobs().await.pop().unwrap();
    // As a worker leaves it that was killed.
    let lease = Utc::now() + TimeDelta::seconds(2);
    app.db_change_job(job.id, |job| {
        job.status = Set(JobStatus::Running);
        job.attempts = Set(1);
        job.due_at = Set(lease);
        job.lease_until = Set(Some(lease));
    })
    .await;

    let _worker = app.node_with(working).await;

    let delivery = ann.delivered(&invite.id, "SENT").await;
    assert!(Utc::now() >= lease, "somebody else had it still");
    assert_eq!(delivery["attempts"], 2);
    assert_eq!(app.letters().len(), 1);
}

#[tokio::test]
async fn what_fails_is_tried_again_and_then_given_up_and_stays_to_be_seen() {
    let app = TestApp::start().await;
    app.expect_failures();
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    {
        let _worker = app.node_with(without_mail).await;
        let delivery = ann.delivered(&invite.id, "FAILED").await;
        assert_eq!(delivery["attempts"], 3, "once, and after each of two pauses");
        assert_eq!(delivery["lastError"], "The mail could not be stored.");
    }
    let job = app
        .db_jobs()
        .await
        .into_iter()
        .find(|job| job.repeat_key.is_none())
        .unwrap();
    assert_eq!((job.status, job.attempts), (JobStatus::Failed, 3));
    assert_eq!(job.last_error.as_deref(), Some("The mail could not be stored."));

    let retried = app.beside(&["jobs", "retry", &job.id.0.to_string()]);
    assert_eq!(retried, "1 begin anew.\n");
    let _worker = app.node_with(working).await;

    let delivery = ann.delivered(&invite.id, "SENT").await;
    assert_eq!(
        (&delivery["attempts"], &delivery["lastError"]),
        (&json!(1), &json!(null))
    );
}

#[tokio::test]
async fn the_pauses_between_attempts_are_those_of_the_configuration() {
    let app = TestApp::start().await;
    app.expect_failures();
    let (acme, ann) = app.organization("Acme").await;
    app.invite(&acme, &ann, "bob@example.com", "member").await;
    let pauses = [60, 300, 1_800, 7_200, 21_600, 86_400];
    let _worker = app
        .node_with(|config| {
            without_mail(config);
            config.jobs.retries = roster::config::Jobs::default().retries;
        })
        .await;

    for (index, pause) in pauses.into_iter().enumerate() {
        let attempts = i32::try_from(index).unwrap() + 1;
        let job = eventually("the job has failed", || async {
            let job = app.db_jobs().await.into_iter().find(|job| job.repeat_key.is_none());
            job.filter(|job| job.attempts == attempts && job.status == JobStatus::Queued)
        })
        .await;
        let waits = (job.due_at - Utc::now()).num_seconds();
        assert!(
            (pause - 30..=pause).contains(&waits),
            "{attempts}: {waits} and not {pause}"
        );
        app.db_change_job(job.id, |job| job.due_at = Set(Utc::now())).await;
    }
    eventually("the job is given up", || async {
        let mut jobs = app.db_jobs().await.into_iter();
        jobs.find(|job| job.status == JobStatus::Failed && job.attempts == 7)
    })
    .await;
}

#[tokio::test]
async fn an_invite_that_is_gone_or_taken_gets_no_mail() {
    let app = TestApp::start().await;
    app.expect_failures();
    let (acme, ann) = app.organization("Acme").await;
    let taken = app.invite(&acme, &ann, "bob@example.com", "member").await;
    app.person("bob").accept_invite(&taken.token).await.done("acceptInvite");
    let expired = app.invite(&acme, &ann, "eve@example.com", "member").await;
    app.db_expire_invite(&expired.member).await;

    let _worker = app.node_with(working).await;

    let delivery = ann.delivered(&expired.id, "FAILED").await;
    assert_eq!(delivery["lastError"], "The invite ran out before it could be sent.");
    eventually("one job is left", || async {
        let jobs = app.db_jobs().await;
        (jobs.iter().filter(|job| job.repeat_key.is_none()).count() == 1).then_some(())
    })
    .await;
    assert_eq!(app.letters(), Vec::<String>::new());
}

#[tokio::test]
async fn work_of_a_later_version_is_left_for_it() {
    use sea_orm::{ActiveModelTrait, IntoActiveModel};
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    let job = app.db_jobs().await.pop().unwrap();
    let mut foreign = job.into_active_model();
    foreign.id = sea_orm::ActiveValue::NotSet;
    foreign.kind = Set("paint_the_moon".into());
    foreign.due_at = Set(Utc::now() - TimeDelta::hours(1));
    let foreign = foreign.insert(&app.db).await.unwrap();

    let _worker = app.node_with(working).await;

    ann.delivered(&invite.id, "SENT").await;
    let left: Vec<_> = app
        .db_jobs()
        .await
        .into_iter()
        .filter(|job| job.repeat_key.is_none())
        .collect();
    assert_eq!(left, [foreign]);
}

#[tokio::test]
async fn what_repeats_goes_on_even_after_it_was_given_up() {
    let app = TestApp::start().await;
    {
        let _worker = app.node_with(working).await;
        eventually("the sweeps are planned", || async {
            let jobs = app.db_jobs().await;
            (jobs.len() == 4
                && jobs
                    .iter()
                    .all(|job| job.status == JobStatus::Queued && job.due_at > Utc::now()))
            .then_some(())
        })
        .await;
    }
    let sweep = || async {
        let mut jobs = app.db_jobs().await.into_iter();
        jobs.find(|job| job.kind == "sweep_rate_limits").unwrap()
    };
    // As if it had ended with its worker all the time.
    let (app, sweep) = (&app, &sweep);
    let make_due = |attempts| async move {
        let job = sweep().await;
        app.db_change_job(job.id, |job| {
            if let Some(attempts) = attempts {
                job.attempts = Set(attempts);
            }
            job.due_at = Set(Utc::now());
        })
        .await;
    };
    make_due(Some(11)).await;
    let _worker = app
        .node_with(|config| {
            working(config);
            // It waits until it was seen waiting.
            config.jobs.retries = vec![Duration::from_secs(600)];
        })
        .await;
    eventually("it was given up, and waits", || async {
        let job = sweep().await;
        (job.last_error.is_some() && job.attempts == 0 && job.status == JobStatus::Queued).then_some(())
    })
    .await;

    make_due(None).await;

    eventually("it is done again", || async {
        sweep().await.last_error.is_none().then_some(())
    })
    .await;
}

#[tokio::test]
async fn whoever_comes_back_late_has_nothing_any_more() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.invite(&acme, &ann, "bob@example.com", "member").await;
    let service = app.db_service().await;
    let (db, jobs) = (&service.db, &service.config.jobs);
    let claim = async |at: chrono::DateTime<Utc>| {
        let mut claims = queue::claim(db, jobs, Lane::Mail, 10, at).await.unwrap();
        assert_eq!(claims.len(), 1);
        claims.remove(0)
    };
    let settles = async |claim: &Claim, outcome: Outcome| {
        let tx = roster::db::begin_write(db).await.unwrap();
        let fate = queue::settle(&tx, &service.config, claim, &outcome, clock::now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        fate
    };
    let begin = clock::now();
    let mut late = vec![claim(begin).await];
    assert!(late[0].time_left(jobs, begin) > Duration::ZERO);

    // Others have it when its lease is over, and begin to count attempts anew.
    let mut now = begin + TimeDelta::from_std(jobs.lease).unwrap() + TimeDelta::seconds(1);
    assert_eq!(late[0].time_left(jobs, now), Duration::ZERO);
    let other = claim(now).await;
    assert_eq!(settles(&other, Outcome::Until(now)).await, Some(queue::Fate::Waits));
    late.push(other);
    now += TimeDelta::seconds(1);
    let newest = claim(now).await;
    assert_eq!(newest.attempts(), late[0].attempts());
    for claim in &late {
        assert!(!queue::hand_over(db, claim, now).await.unwrap());
        assert_eq!(settles(claim, Outcome::DONE).await, None);
    }
    // Once, and never again, unless it is taken back by who has it.
    assert!(queue::hand_over(db, &newest, now).await.unwrap());
    assert!(!queue::hand_over(db, &newest, now).await.unwrap());
    queue::take_back(db, &late[0]).await.unwrap();
    assert!(!queue::hand_over(db, &newest, now).await.unwrap());
    queue::take_back(db, &newest).await.unwrap();
    assert!(queue::hand_over(db, &newest, now).await.unwrap());

    // An operator lets it begin anew: who has it now has it no more.
    now += TimeDelta::from_std(jobs.lease).unwrap() + TimeDelta::seconds(1);
    let tx = roster::db::begin_write(db).await.unwrap();
    assert_eq!(
        queue::retry(&tx, Which::One(newest.id()), now).await.unwrap(),
        [newest.id()]
    );
    tx.commit().await.unwrap();
    let again = claim(now).await;
    assert!(!again.is_handed_over());
    assert!(!queue::hand_over(db, &newest, now).await.unwrap());
    assert_eq!(settles(&newest, Outcome::DONE).await, None);
    assert_eq!(settles(&again, Outcome::DONE).await, Some(queue::Fate::Done));
}
