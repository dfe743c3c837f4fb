//! A Redis that is not there, or does not answer.

use std::time::{Duration, Instant};

use roster::config::WhenRedisFails;

use super::*;
use crate::{
    command::{Place, metrics::counter, metrics::shown},
    support::TestDatabase,
};

/// An address where nobody listens.
fn nowhere() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("redis://{}", listener.local_addr().unwrap())
}

/// A server that asks a Redis at this address.
async fn asking(url: &str, fails: WhenRedisFails, timeout: Duration) -> TestApp {
    TestApp::start_with(|config| {
        strict(config, |requests| requests.when_redis_fails = fails);
        config.redis.url = Some(url.into());
        config.redis.timeout = timeout;
    })
    .await
}

#[tokio::test]
async fn each_process_counts_for_itself_then() {
    let app = asking(&nowhere(), WhenRedisFails::Open, Duration::from_secs(1)).await;
    let ann = app.person("ann");
    let_in(&ann, 3).await;
    too_many(&ask(&ann).await);
    let_in(&app.person("bob"), 1).await;
    // It is told, and no reason to stop.
    let ready = app.anonymous().get("/health/ready").await;
    assert_eq!(ready.status, 200);
    assert_eq!(ready.body["status"], "degraded");
    assert_eq!(ready.body["checks"]["redis"], json!({ "status": "down" }));
}

#[tokio::test]
async fn or_nobody_is_let_in() {
    let app = asking(&nowhere(), WhenRedisFails::Closed, Duration::from_secs(1)).await;
    for client in [app.person("ann"), app.anonymous()] {
        let refused = ask(&client).await;
        assert_eq!(
            (refused.status, refusal(&refused).as_str()),
            (503, "RATE_LIMIT_UNAVAILABLE")
        );
        assert_eq!(refused.header("retry-after"), Some("1"));
    }
    let mut socket = crate::support::Socket::connect(&app.url).await;
    socket.init(json!({})).await;
    assert_eq!(socket.closed().await.0, 1013);
}

#[tokio::test]
async fn a_silent_one_costs_its_time_out_once() {
    // Connections are taken, and nothing is ever said.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}", silent.local_addr().unwrap());
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((connection, _)) = silent.accept().await {
            open.push(connection);
        }
    });
    let app = asking(&url, WhenRedisFails::Open, Duration::from_secs(3)).await;
    let begun = Instant::now();
    for person in 0..20 {
        let_in(&app.person(&format!("p{person}")), 1).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(20), "each has waited for it");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_told_once() {
    let database = TestDatabase::create().await;
    let place = Place::with_secrets(&database.url())
        .set(
            "ROSTER_REDIS__URL",
            &nowhere().replace("redis://", "redis://:a-secret@"),
        )
        .set("ROSTER_RATE_LIMITS__REQUESTS__PER_ADDRESS", "1/m")
        .set("ROSTER_RATE_LIMITS__REQUESTS__PER_ADDRESS_BURST", "2");
    let (program, numbers) = shown(place, Place::serve);
    for status in [200, 200, 429, 429, 429] {
        assert_eq!(ask(&program.anonymous()).await.status, status);
    }
    let text = numbers.get("/metrics").await.body.as_str().unwrap().to_owned();
    for (policy, decision, count) in [
        ("address", "allowed", 2.0),
        ("address", "limited", 3.0),
        ("address-total", "allowed", 5.0),
    ] {
        let labels = [("policy", policy), ("decision", decision)];
        assert_eq!(
            counter(&text, "rate_limit_decisions_total", &labels),
            Some(count),
            "{text}"
        );
    }
    assert_eq!(counter(&text, "redis_connected", &[]), Some(0.0));

    let log = program.stop().stderr;
    assert_eq!(log.matches("redis does not answer").count(), 1, "{log}");
    assert!(!log.contains("a-secret"), "{log}");
}
