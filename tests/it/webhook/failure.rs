//! Servers that do not answer as they should.

use super::*;
use crate::support::TestApp;

#[tokio::test]
async fn it_is_tried_again_and_the_receiver_can_tell() {
    let app = TestApp::start_with(sending).await;
    let receiver = Receiver::start().await;
    receiver.answers([Answer::Status(500), Answer::Silence, Answer::Status(200)]);
    let (acme, ann) = app.organization("Acme").await;
    app.db_told().await;
    let hook = ann.webhook(&acme, &receiver.url(), &["TEAM_UPDATED"]).await;

    make_team(&app, &acme, &ann, "Red").await;

    let requests = receiver.awaits(3).await;
    let ids: std::collections::BTreeSet<_> = requests.iter().map(|one| one.header("webhook-id")).collect();
    assert_eq!(ids.len(), 1, "the same every time");
    assert!(requests.iter().all(|one| one.is_signed_with(&hook.secret)));
    let delivery = ann.settled(&hook.id, "DELIVERED").await;
    assert_eq!(
        (&delivery["attempts"], &delivery["responseStatus"]),
        (&json!(3), &json!(200))
    );
    assert!(ann.hook(&hook.id).await["failingSince"].is_null());
    assert_eq!(app.db_hook(&hook.id).await.failures, 0);
    app.db_idle().await;
}

#[tokio::test]
async fn it_is_given_up_in_the_end_and_can_be_asked_for() {
    let app = TestApp::start_with(sending).await;
    let receiver = Receiver::start().await;
    receiver.answers([Answer::Status(503)]);
    let (acme, ann) = app.organization("Acme").await;
    app.db_told().await;
    let hook = ann.webhook(&acme, &receiver.url(), &["TEAM_UPDATED"]).await;
    make_team(&app, &acme, &ann, "Red").await;

    let delivery = ann.settled(&hook.id, "FAILED").await;

    assert_eq!(
        (&delivery["attempts"], &delivery["responseStatus"]),
        (&json!(4), &json!(503))
    );
    assert_eq!(delivery["error"], "The server answered 503.");
    assert!(delivery["nextAttemptAt"].is_null());
    assert_eq!(receiver.received().len(), 4, "as often as there are retries, and once");
    let failing = ann.hook(&hook.id).await;
    assert!(failing["failingSince"].is_string());
    assert_eq!(failing["isEnabled"], true, "not for so long yet");
    app.db_idle().await;
    assert_eq!(ann.deliveries(&hook.id, ", status: FAILED").await.len(), 1);
    assert!(ann.deliveries(&hook.id, ", status: DELIVERED").await.is_empty());

    receiver.answers([Answer::Status(500), Answer::Status(200)]);
    ann.redeliver(delivery["id"].as_str().unwrap()).await.done(REDELIVER);
    let delivery = ann.settled(&hook.id, "DELIVERED").await;
    assert_eq!(delivery["attempts"], 6, "with retries of its own");
}

#[tokio::test]
async fn what_waits_is_told_and_can_be_hastened() {
    let app = TestApp::start_with(|config| {
        sending(config);
        config.webhooks.retries = vec![Duration::from_secs(3_600)];
    })
    .await;
    let receiver = Receiver::start().await;
    receiver.answers([Answer::Status(500), Answer::Status(200)]);
    let (acme, ann) = app.organization("Acme").await;
    app.db_told().await;
    let hook = ann.webhook(&acme, &receiver.url(), &["TEAM_UPDATED"]).await;
    make_team(&app, &acme, &ann, "Red").await;
    let waiting = eventually("it has failed once", || async {
        let deliveries = ann.deliveries(&hook.id, ", status: PENDING").await;
        deliveries.into_iter().find(|one| one["attempts"] == 1)
    })
    .await;
    let next: chrono::DateTime<chrono::Utc> = waiting["nextAttemptAt"].as_str().unwrap().parse().unwrap();
    let minutes = (next - chrono::Utc::now()).num_minutes();
    assert!((53..=66).contains(&minutes), "an hour, give or take a tenth: {minutes}");

    ann.redeliver(waiting["id"].as_str().unwrap()).await.done(REDELIVER);
    ann.settled(&hook.id, "DELIVERED").await;
    // The job that waits finds nothing to do when its time comes.
    for job in app.db_jobs().await {
        if job.kind == "send_webhook" && job.due_at > chrono::Utc::now() + chrono::TimeDelta::minutes(10) {
            app.db_change_job(job.id, |job| job.due_at = Set(chrono::Utc::now()))
                .await;
        }
    }
    eventually("no job is left", || async {
        let jobs = app.db_jobs().await;
        jobs.iter().all(|job| job.kind != "send_webhook").then_some(())
    })
    .await;
    assert_eq!(receiver.received().len(), 2);
}

#[tokio::test]
async fn after_days_of_failures_it_is_disabled_and_the_owners_hear_of_it() {
    let app = TestApp::start_with(sending).await;
    let receiver = Receiver::start().await;
    receiver.answers([Answer::Status(500)]);
    let (acme, ann) = app.organization("Acme").await;
    app.join(&acme, &ann, &app.person("bob"), "owner").await;
    app.join(&acme, &ann, &app.person("mia"), "manager").await;
    app.db_told().await;
    app.db_idle().await;
    let letters = app.letters().len();
    let hook = ann.webhook(&acme, &receiver.url(), &["TEAM_UPDATED"]).await;
    let since = chrono::Utc::now() - chrono::TimeDelta::days(5);
    app.db_change_hook(&hook.id, |hook| {
        hook.failures = Set(9);
        hook.first_failed_at = Set(Some(since));
    })
    .await;

    make_team(&app, &acme, &ann, "Red").await;

    let disabled = eventually("it is disabled", || async {
        let hook = ann.hook(&hook.id).await;
        (hook["isEnabled"] == false).then_some(hook)
    })
    .await;
    assert_eq!(disabled["disabledReason"], "FAILING");
    assert!(disabled["disabledAt"].is_string());
    app.db_idle().await;
    let told: Vec<_> = app
        .letters()
        .into_iter()
        .filter(|letter| letter.contains("Webhook Disabled"))
        .collect();
    assert_eq!(app.letters().len(), letters + 2);
    for owner in ["ann", "bob"] {
        let letter = told
            .iter()
            .find(|letter| letter.contains(&format!("To: {owner}@example.com")));
        assert!(letter.unwrap().contains("/organizations/acme/webhooks"));
    }
    let entry = app.db_audit(&acme).await.pop().unwrap();
    assert_eq!(
        (entry.event, entry.actor, &entry.data["reason"]),
        (304, None, &json!("failing"))
    );
    // What still waited ends with it.
    let delivery = ann.settled(&hook.id, "FAILED").await;
    assert_eq!(delivery["error"], "The webhook was disabled.");
    assert_eq!(receiver.received().len(), 1);
    make_team(&app, &acme, &ann, "Blue").await;
    app.db_told().await;
    assert_eq!(
        ann.deliveries(&hook.id, "").await.len(),
        1,
        "nothing is queued any more"
    );

    receiver.answers([Answer::Status(200)]);
    ann.update_webhook(&hook.id, json!({ "isEnabled": true }))
        .await
        .done(UPDATE);
    assert!(ann.hook(&hook.id).await["failingSince"].is_null());
    make_team(&app, &acme, &ann, "Green").await;
    ann.settled(&hook.id, "DELIVERED").await;
}

#[tokio::test]
async fn one_success_begins_the_days_anew() {
    let app = TestApp::start_with(sending).await;
    let receiver = Receiver::start().await;
    receiver.answers([Answer::Status(200), Answer::Status(500)]);
    let (acme, ann) = app.organization("Acme").await;
    app.db_told().await;
    let hook = ann.webhook(&acme, &receiver.url(), &["TEAM_UPDATED"]).await;
    app.db_change_hook(&hook.id, |hook| {
        hook.failures = Set(9);
        hook.first_failed_at = Set(Some(chrono::Utc::now() - chrono::TimeDelta::days(9)));
    })
    .await;
    make_team(&app, &acme, &ann, "Red").await;
    ann.settled(&hook.id, "DELIVERED").await;
    make_team(&app, &acme, &ann, "Blue").await;
    ann.settled(&hook.id, "FAILED").await;
    assert_eq!(ann.hook(&hook.id).await["isEnabled"], true);
}

#[tokio::test]
async fn a_server_that_is_gone_is_believed_at_once() {
    let app = TestApp::start_with(sending).await;
    let receiver = Receiver::start().await;
    receiver.answers([Answer::Status(410)]);
    let (acme, ann) = app.organization("Acme").await;
    app.db_told().await;
    let hook = ann.webhook(&acme, &receiver.url(), &["TEAM_UPDATED"]).await;
    make_team(&app, &acme, &ann, "Red").await;
    let disabled = eventually("it is disabled", || async {
        let hook = ann.hook(&hook.id).await;
        (hook["isEnabled"] == false).then_some(hook)
    })
    .await;
    assert_eq!(disabled["disabledReason"], "GONE");
    ann.settled(&hook.id, "FAILED").await;
    app.db_idle().await;
    assert_eq!(receiver.received().len(), 1, "it is not called again");
    assert!(app.letters().iter().any(|letter| letter.contains("Webhook Disabled")));
}

#[tokio::test]
async fn deliveries_of_a_webhook_that_was_removed_end_quietly() {
    let app = TestApp::start_with(|config| {
        sending(config);
        config.webhooks.retries = vec![Duration::from_secs(1); 3];
    })
    .await;
    let receiver = Receiver::start().await;
    receiver.answers([Answer::Status(500)]);
    let (acme, ann) = app.organization("Acme").await;
    app.db_told().await;
    let hook = ann.webhook(&acme, &receiver.url(), &["TEAM_UPDATED"]).await;
    make_team(&app, &acme, &ann, "Red").await;
    receiver.awaits(1).await;
    eventually("it has failed once", || async {
        ann.deliveries(&hook.id, "")
            .await
            .iter()
            .any(|one| one["attempts"] == 1)
            .then_some(())
    })
    .await;
    let delivery = ann.deliveries(&hook.id, "").await.remove(0);

    ann.delete_webhook(&hook.id).await.done(DELETE);

    let shown = ann
        .send(
            "query($id: ID!) { node(id: $id) { id } }",
            json!({ "id": delivery["id"] }),
        )
        .await
        .ok();
    assert!(shown.data("node").is_null(), "at once");
    app.db_idle().await;
    assert!(app.db_hook_deliveries().await.is_empty());
    assert_eq!(receiver.received().len(), 1);
    let reply = app.unchanged(ann.redeliver(delivery["id"].as_str().unwrap())).await;
    assert_eq!(reply.refusals(REDELIVER), [("VALIDATION_FAILED", "input.deliveryId")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_killed_costs_one_more_request_with_the_same_id() {
    let app = TestApp::start_with(|config| config.outbox.concurrency = 0).await;
    let receiver = Receiver::start().await;
    receiver.answers([Answer::Silence, Answer::Status(200)]);
    let (acme, ann) = app.organization("Acme").await;
    let place = app
        .place()
        .set(
            "ROSTER_WEBHOOKS__SECRET",
            "the secret of webhooks in this test 0123456789",
        )
        .set("ROSTER_WEBHOOKS__ALLOW_PRIVATE", "true")
        .set("ROSTER_MAIL__TIMEOUT", "500ms")
        .set("ROSTER_JOBS__LEASE", "1s")
        .set("ROSTER_JOBS__POLL_EVERY", "50ms");
    let node = app
        .node_with(|config| {
            config.webhooks.secret = vec!["the secret of webhooks in this test 0123456789".into()];
            config.outbox.concurrency = 0;
        })
        .await;
    let hook = ann.at(&node).webhook(&acme, &receiver.url(), &["TEAM_UPDATED"]).await;
    make_team(&app, &acme, &ann, "Red").await;

    let worker = place.spawn(&["work"]);
    receiver.awaits(1).await;
    worker.signal("KILL");
    worker.end();
    assert_eq!(app.db_hook_deliveries().await[0].attempts, 0, "nobody has recorded it");
    let next = place.spawn(&["work"]);
    let requests = receiver.awaits(2).await;
    ann.settled(&hook.id, "DELIVERED").await;
    next.stop();

    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].header("webhook-id"), requests[1].header("webhook-id"));
    assert!(requests.iter().all(|one| one.is_signed_with(&hook.secret)));
}

#[tokio::test]
async fn a_deployment_that_has_lost_its_key_says_so() {
    let app =
        TestApp::start_with(|config| config.webhooks.secret = vec!["the first key of this deployment".into()]).await;
    let receiver = Receiver::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let hook = ann.webhook(&acme, &receiver.url(), &["TEAM_UPDATED"]).await;
    make_team(&app, &acme, &ann, "Red").await;
    let node = app
        .node_with(|config| {
            sending(config);
            config.webhooks.secret = vec!["another key of this deployment".into()];
        })
        .await;
    let delivery = ann.settled(&hook.id, "FAILED").await;
    assert_eq!(
        delivery["error"],
        "The secret of the webhook cannot be read. Make a new one."
    );
    assert!(receiver.received().is_empty(), "nothing is sent unsigned");

    let reply = ann.at(&node).rotate_secret(&hook.id, json!({})).await.done(ROTATE);
    ann.redeliver(delivery["id"].as_str().unwrap()).await.done(REDELIVER);
    ann.settled(&hook.id, "DELIVERED").await;
    let request = receiver.received().remove(0);
    assert!(request.is_signed_with(&reply.text("rotateWebhookSecret.secret")));
}

#[tokio::test]
async fn slow_servers_of_one_organization_do_not_keep_others_waiting() {
    let app = TestApp::start_with(|config| {
        sending(config);
        config.webhooks.concurrency = 4;
        config.webhooks.timeout = Duration::from_secs(8);
    })
    .await;
    let (slow, quick) = (Receiver::start().await, Receiver::start().await);
    slow.answers([Answer::Silence]);
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&ann, "Globex").await;
    app.db_told().await;
    for _ in 0..3 {
        ann.webhook(&acme, &slow.url(), &["TEAM_UPDATED"]).await;
    }
    ann.webhook(&globex, &quick.url(), &["TEAM_UPDATED"]).await;
    for number in 0..4 {
        make_team(&app, &acme, &ann, &format!("Team {number}")).await;
    }
    slow.awaits(1).await;

    make_team(&app, &globex, &ann, "Red").await;

    quick.awaits(1).await;
    // A quarter of four at a time, and that one is still waited for.
    assert_eq!(slow.received().len(), 1);
}
