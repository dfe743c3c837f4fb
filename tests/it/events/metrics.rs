//! What the numbers for monitoring say of changes, subscribers and webhooks.

use metrics_exporter_prometheus::PrometheusBuilder;
use roster::{
    db::{Write, begin_write},
    outbox::{self, Change, Shard},
};
use serde_json::json;

use super::{EVENTS, after, event};
use crate::{
    command::metrics::{counter, counting},
    jobs::eventually,
    support::{Client, TestApp},
    webhook::{Answer, Receiver},
};

/// What is shown now.
async fn read(reader: &Client) -> String {
    reader.get("/metrics").await.body.as_str().unwrap().to_owned()
}

/// Name, labels and value of a series.
type Series<'a> = (&'a str, &'a [(&'a str, &'a str)], f64);

/// Waits until each of these series has its value.
async fn awaits(reader: &Client, wanted: &[Series<'_>]) {
    for (name, labels, value) in wanted {
        let what = format!("{name} {labels:?} is {value}");
        eventually(&what, || async {
            (counter(&read(reader).await, name, labels) == Some(*value)).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn of_what_waits_the_size_and_the_age_are_told() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    for number in 0..3 {
        app.team(&acme, &ann, &format!("Team {number}")).await;
    }
    let waiting = app.db_undelivered().await as f64;
    let deepest = app.db_outbox(&acme).await.len() as f64;
    let (_program, reader) = counting(&app, &[("ROSTER_OUTBOX__CONCURRENCY", "0")]);
    awaits(
        &reader,
        &[
            ("outbox_rows", &[], waiting),
            ("outbox_deepest_shard_rows", &[], deepest),
        ],
    )
    .await;
    let lag = counter(&read(&reader).await, "outbox_lag_seconds", &[]).unwrap();
    assert!(lag > 0.0 && lag < 600.0, "{lag}");
}

#[tokio::test]
async fn what_is_delivered_is_counted_once() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    for name in ["Acme 2", "Acme 3", "Acme 4"] {
        let input = json!({ "organizationId": acme.id, "name": name });
        ann.mutate("saveOrgOptions", "", input).await.done("saveOrgOptions");
    }
    let (program, reader) = counting(&app, &[]);
    // All that is said of the organization is one object.
    awaits(
        &reader,
        &[("outbox_processed_total", &[("category", "OrganizationUpdate")], 1.0)],
    )
    .await;
    app.db_delivered().await;
    let text = read(&reader).await;
    assert!(counter(&text, "outbox_coalesced_total", &[]).unwrap() >= 3.0, "{text}");
    assert_eq!(
        counter(&text, "outbox_saved_total", &[("category", "TeamUpdate")]),
        None
    );

    app.team(&acme, &ann.at_url(&program.url), "Red").await;
    let team = [("category", "TeamUpdate")];
    awaits(
        &reader,
        &[
            ("outbox_saved_total", &team, 1.0),
            ("outbox_processed_total", &team, 1.0),
            ("outbox_processing_lag_seconds_count", &team, 1.0),
        ],
    )
    .await;
    assert_eq!(counter(&read(&reader).await, "outbox_failures_total", &[]), None);
}

#[tokio::test]
async fn of_a_shard_that_is_switched_off_no_age_is_told_and_what_it_says_twice_is_dropped() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    for name in ["Acme 2", "Acme 3", "Acme 4"] {
        let input = json!({ "organizationId": acme.id, "name": name });
        ann.mutate("saveOrgOptions", "", input).await.done("saveOrgOptions");
    }
    let before = app.db_outbox(&acme).await.len();
    let shard = Shard::Organization(acme.row()).to_string();
    let (_program, reader) = counting(&app, &[("ROSTER_OUTBOX__DISABLED_SHARDS", &shard)]);
    eventually("nothing is there twice, or to be delivered", || async {
        let left = app.db_outbox(&acme).await.len();
        (left < before && app.db_undelivered().await == left as u64).then_some(left)
    })
    .await;
    let left = app.db_outbox(&acme).await.len();
    awaits(
        &reader,
        &[
            ("outbox_rows", &[], left as f64),
            ("outbox_lag_seconds", &[], 0.0),
            ("outbox_coalesced_total", &[], (before - left) as f64),
        ],
    )
    .await;
}

#[tokio::test]
async fn what_is_taken_back_is_not_counted() {
    let app = TestApp::start().await;
    let (acme, _) = app.organization("Acme").await;
    let service = app.db_service().await;
    let recorder = PrometheusBuilder::new().build_recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let saved = || {
        let category = [("category", "OrganizationUpdate")];
        counter(&recorder.handle().render(), "outbox_saved_total", &category).unwrap_or_default()
    };
    let record = async |tx: &Write| {
        let change = Change::organization(acme.row());
        outbox::record(tx, [change]).await.unwrap();
    };

    let tx = begin_write(&service.db).await.unwrap();
    record(&tx).await;
    tx.rollback().await.unwrap();
    assert_eq!(saved(), 0.0);

    let tx = begin_write(&service.db).await.unwrap();
    let part = tx.part().await.unwrap();
    record(&part).await;
    part.rollback().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(saved(), 0.0);

    let tx = begin_write(&service.db).await.unwrap();
    let part = tx.part().await.unwrap();
    record(&part).await;
    part.commit().await.unwrap();
    assert_eq!(saved(), 0.0, "the whole may still be taken back");
    tx.commit().await.unwrap();
    assert_eq!(saved(), 1.0);
}

#[tokio::test]
async fn subscribers_are_counted_while_they_are_there() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let (program, reader) = counting(&app, &[]);
    app.db_delivered().await;
    let first = app.db_tell_change(&acme).await;
    app.db_tell_change(&acme).await;
    let ann = ann.at_url(&program.url);
    let mut socket = ann.socket().await;
    for id in ["1", "2"] {
        socket.subscribe(id, EVENTS, after(&acme, &first)).await;
        event(&socket.next(id).await);
    }
    let mut stream = ann.listen(EVENTS, after(&acme, &first)).await;
    event(&stream.next().await);
    awaits(
        &reader,
        &[
            ("sockets_open", &[], 1.0),
            ("event_streams_open", &[], 1.0),
            ("subscriptions_running", &[], 3.0),
            ("subscription_events_total", &[], 3.0),
        ],
    )
    .await;

    socket.complete("1").await;
    awaits(&reader, &[("subscriptions_running", &[], 2.0)]).await;
    // The line is cut, without a word: no mistake of the client.
    drop((socket, stream));
    awaits(
        &reader,
        &[
            ("sockets_open", &[], 0.0),
            ("event_streams_open", &[], 0.0),
            ("subscriptions_running", &[], 0.0),
            ("socket_closes_total", &[("code", "client")], 1.0),
        ],
    )
    .await;
    let mut rude = ann.socket().await;
    rude.say(json!({ "type": "nonsense" })).await;
    assert_eq!(rude.closed().await.0, 4400);
    awaits(&reader, &[("socket_closes_total", &[("code", "4400")], 1.0)]).await;
}

#[tokio::test]
async fn calls_of_webhooks_are_counted_by_what_came_of_them() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let (program, reader) = counting(
        &app,
        &[
            (
                "ROSTER_WEBHOOKS__SECRET",
                "the secret of webhooks in this test 0123456789",
            ),
            ("ROSTER_WEBHOOKS__ALLOW_PRIVATE", "true"),
        ],
    );
    app.db_delivered().await;
    let ann = ann.at_url(&program.url);
    let (good, gone) = (Receiver::start().await, Receiver::start().await);
    gone.answers([Answer::Status(410)]);
    for url in [&good.url(), &gone.url(), "http://127.0.0.1:1/nobody"] {
        ann.webhook(&acme, url, &["TEAM_UPDATED"]).await;
    }
    app.team(&acme, &ann, "Red").await;
    awaits(
        &reader,
        &[
            ("webhook_deliveries_total", &[("result", "delivered")], 1.0),
            ("webhook_deliveries_total", &[("result", "refused")], 1.0),
            ("webhook_deliveries_total", &[("result", "unanswered")], 1.0),
            ("webhook_delivery_seconds_count", &[("result", "delivered")], 1.0),
            ("webhooks_disabled_total", &[("reason", "gone")], 1.0),
        ],
    )
    .await;
}
