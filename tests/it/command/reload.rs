//! Reading the configuration again, while it serves.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use serde_json::json;

use super::{
    metrics::{counter, shown},
    *,
};
use crate::{jobs::eventually, support::TestDatabase};

const DEEP: &str = "{ viewer { memberships(first: 1) { nodes { id } } } }";

/// A configuration file.
fn file(secret: &str, depth: u32, concurrency: u32) -> String {
    format!(
        "[auth]\nhs256_secret = \"{secret}\"\nissuer = \"{ISSUER}\"\naudience = \"{AUDIENCE}\"\n[invites]\n\
         secret = \"{INVITE_SECRET}\"\n[limits]\ndepth_max = {depth}\n[jobs]\nconcurrency = {concurrency}\n"
    )
}

const NEW_SECRET: &str = "another-jwt-secret-of-the-tests-0123456789";

/// How often the configuration was read with this outcome.
async fn reloads(numbers: &Client, outcome: &str) -> f64 {
    let reply = numbers.get("/metrics").await;
    let text = reply.body.as_str().unwrap().to_owned();
    counter(&text, "config_reloads_total", &[("outcome", outcome)]).unwrap_or_default()
}

async fn reload(program: &Program, numbers: &Client, outcome: &str) {
    let before = reloads(numbers, outcome).await;
    program.signal("HUP");
    eventually("the configuration is read again", || async {
        (reloads(numbers, outcome).await > before).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_and_limits_change_without_a_failed_request() {
    let database = TestDatabase::create().await;
    let place = Place::new()
        .set("ROSTER_DATABASE_URL", &database.url())
        .file("roster.toml", &file(JWT_SECRET, 15, 4));
    let (program, numbers) = shown(place.clone(), Place::serve);
    let token = |place: &Place| place.run(&["token", "ann"]).ok().trim().to_owned();
    let old = program.caller(&token(&place));
    old.send(DEEP, json!({})).await.ok();

    // Somebody asks all the time.
    let (is_over, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let asking = tokio::spawn({
        let (is_over, asked, anybody) = (is_over.clone(), asked.clone(), program.anonymous());
        async move {
            while !is_over.load(SeqCst) {
                anybody.send("{ service { version } }", json!({})).await.ok();
                asked.fetch_add(1, SeqCst);
            }
        }
    });
    let place = place.file("roster.toml", &file(NEW_SECRET, 3, 9));
    reload(&program, &numbers, "ok").await;
    let before = asked.load(SeqCst);
    eventually("more is asked", || async {
        (asked.load(SeqCst) > before).then_some(())
    })
    .await;
    is_over.store(true, SeqCst);
    asking.await.unwrap();

    let refused = old.send("{ service { version } }", json!({})).await;
    assert_eq!(refused.error_codes(), ["UNAUTHENTICATED"]);
    let new = program.caller(&token(&place));
    assert_eq!(new.send(DEEP, json!({})).await.error_codes(), ["QUERY_TOO_DEEP"]);
    new.send("{ viewer { user { id } } }", json!({})).await.ok();

    // What cannot be changed is named, and no value is.
    let log = program.stop().stderr;
    let line = |name: &str| log.lines().find(|line| line.contains(name)).map(str::to_owned);
    assert!(
        line("limits.depth_max").is_some_and(|line| line.contains("auth.hs256_secret")),
        "{log}"
    );
    assert!(
        line("jobs.concurrency").is_some_and(|line| line.contains("next start")),
        "{log}"
    );
    assert_silent("the log", &log, &[NEW_SECRET, JWT_SECRET]);
}

#[tokio::test(flavor = "multi_thread")]
async fn how_often_one_may_ask_changes_at_once() {
    let database = TestDatabase::create().await;
    let bounds = |rate: &str, burst: u32| {
        let bounds = format!("[rate_limits.requests]\nper_address = \"{rate}\"\nper_address_burst = {burst}\n");
        file(JWT_SECRET, 15, 4) + &bounds
    };
    let place = Place::new()
        .set("ROSTER_DATABASE_URL", &database.url())
        .file("roster.toml", &bounds("1/m", 2));
    let (program, numbers) = shown(place.clone(), Place::serve);
    let ask = async || program.anonymous().send("{ roles { id } }", json!({})).await;
    for status in [200, 200, 429] {
        assert_eq!(ask().await.status, status);
    }
    let place = place.file("roster.toml", &bounds("1000/s", 5));
    reload(&program, &numbers, "ok").await;
    eventually("a burst has come back at the new rate", || async {
        (ask().await.status == 200).then_some(())
    })
    .await;
    assert_eq!(ask().await.header("ratelimit-limit"), Some("5"));

    let _ = place.file("roster.toml", &bounds("1/m", 61));
    reload(&program, &numbers, "failed").await;
    assert_eq!(ask().await.header("ratelimit-limit"), Some("5"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_is_switched_off_and_on() {
    let database = TestDatabase::create().await;
    let settings = file(JWT_SECRET, 15, 4);
    let place = Place::new()
        .set("ROSTER_DATABASE_URL", &database.url())
        .file("roster.toml", &settings);
    let (program, numbers) = shown(place.clone(), Place::serve);
    assert_eq!(program.get("/console/").await.0, 200);

    let place = place.file("roster.toml", &format!("{settings}[console]\nenabled = false\n"));
    reload(&program, &numbers, "ok").await;
    assert_eq!(program.get("/console/").await.0, 404);

    place.file("roster.toml", &settings);
    reload(&program, &numbers, "ok").await;
    assert_eq!(program.get("/console/").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_cannot_be_used_changes_nothing() {
    let database = TestDatabase::create().await;
    let good = file(JWT_SECRET, 15, 4);
    let place = Place::new()
        .set("ROSTER_DATABASE_URL", &database.url())
        .file("roster.toml", &good);
    let (program, numbers) = shown(place.clone(), Place::serve);
    let ann = program.caller(place.run(&["token", "ann"]).ok().trim());

    for bad in [
        file(NEW_SECRET, 3, 4).replace("depth_max", "depht_max"),
        file("", 3, 4),
        file(NEW_SECRET, 3, 4)
            + "[[auth.issuers]]\nissuer = \"https://other.example.com\"\naudience = \"a\"\n\
            algorithms = \"RS256\"\njwks_file = \"nowhere.json\"\n",
        "nonsense".into(),
    ] {
        let _ = place.clone().file("roster.toml", &bad);
        reload(&program, &numbers, "failed").await;
        ann.send(DEEP, json!({})).await.ok();
    }
    let _ = place.file("roster.toml", &good);
    reload(&program, &numbers, "ok").await;
    ann.send(DEEP, json!({})).await.ok();

    let log = program.stop().stderr;
    for why in ["depth_max", "hs256_secret is empty", "nowhere.json"] {
        assert!(log.contains(why), "{why}: {log}");
    }
    assert_silent("the log", &log, &[NEW_SECRET, JWT_SECRET]);
}
