//! How often everybody may ask.

mod outage;
#[cfg(feature = "redis")]
mod shared;
mod wires;

use roster::config::{Config, RequestLimits};

use super::*;

/// A server with these bounds.
async fn start(change: impl FnOnce(&mut RequestLimits)) -> TestApp {
    TestApp::start_with(|config| strict(config, change)).await
}

/// Three operations for each caller, which come back so slowly that no test waits
/// for them, and what `change` makes of it.
fn strict(config: &mut Config, change: impl FnOnce(&mut RequestLimits)) {
    let slow = "1/m".parse().ok();
    let requests = &mut config.rate_limits.requests;
    (requests.per_user, requests.per_user_burst) = (slow, 3);
    (requests.per_token, requests.per_token_burst) = (slow, 3);
    (requests.per_address, requests.per_address_burst) = (slow, 3);
    config.graphql.batch_max = 3;
    config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    change(requests);
}

async fn ask(client: &Client) -> Reply {
    client.send(ROLES, json!({})).await
}

async fn let_in(client: &Client, times: usize) {
    for _ in 0..times {
        ask(client).await.ok();
    }
}

/// That it was refused for being too much; the seconds to wait.
#[track_caller]
fn too_many(reply: &Reply) -> u64 {
    assert_eq!((reply.status, refusal(reply).as_str()), (429, "RATE_LIMITED"));
    let seconds = reply.body["errors"][0]["extensions"]["retryAfter"].as_u64().unwrap();
    assert_eq!(reply.header("retry-after"), Some(seconds.to_string().as_str()));
    seconds
}

/// `r` of the header `RateLimit`, after the policy.
fn remaining<'a>(reply: &'a Reply, policy: &str) -> &'a str {
    let standing = reply.header("ratelimit").unwrap();
    let (name, rest) = standing.split_once(";r=").unwrap();
    assert_eq!(name, format!("\"{policy}\""));
    rest.split_once(';').unwrap().0
}

#[tokio::test]
async fn everybody_has_a_count_of_their_own() {
    let app = start(|requests| requests.per_user_burst = 4).await;
    let (acme, ann) = app.organization("Acme").await;
    let robots = [app.db_app(&acme, &[]).await, app.db_app(&acme, &[]).await];
    // She has used one for the organization.
    let_in(&ann, 2).await;
    // A new token of the same person is no new person.
    let_in(&ann.with(json!({ "jti": "another" })), 1).await;
    too_many(&ask(&ann).await);
    let_in(&app.person("bob"), 4).await;

    for robot in &robots {
        let_in(robot, 3).await;
        too_many(&ask(robot).await);
    }
    let here = app.anonymous();
    let_in(&here, 3).await;
    too_many(&ask(&here).await);
    let_in(&app.anonymous().from("203.0.113.7"), 3).await;
    let_in(&app.person("cleo").from("127.0.0.1"), 4).await;
}

#[tokio::test]
async fn a_network_of_ipv6_is_one_address() {
    let app = start(|_| ()).await;
    for host in ["1", "2", "ffff:0:0:3"] {
        let_in(&app.anonymous().from(&format!("2001:db8::{host}")), 1).await;
    }
    too_many(&ask(&app.anonymous().from("2001:db8::4")).await);
    let_in(&app.anonymous().from("2001:db8:0:1::1"), 3).await;
}

#[tokio::test]
async fn headers_tell_how_the_caller_stands() {
    let app = start(|_| ()).await;
    let ann = app.person("ann");
    for left in ["2", "1", "0"] {
        let reply = ask(&ann).await.ok();
        assert_eq!(reply.header("ratelimit-policy"), Some("\"user\";q=3;w=180"));
        assert_eq!(remaining(&reply, "user"), left);
        assert_eq!(reply.header("ratelimit-limit"), Some("3"));
        assert_eq!(reply.header("ratelimit-remaining"), Some(left));
        let reset = reply.header("ratelimit-reset").unwrap();
        assert!((1..=60).contains(&reset.parse::<u64>().unwrap()), "{reset}");
        assert!(reply.header("ratelimit").unwrap().ends_with(&format!(";t={reset}")));
        assert_eq!(reply.header("retry-after"), None);
    }
    let refused = ask(&ann).await;
    let seconds = too_many(&refused);
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert_eq!(remaining(&refused, "user"), "0");
    assert_eq!(refused.header("ratelimit-policy"), Some("\"user\";q=3;w=180"));
    // What is refused otherwise tells it, too.
    let reply = app.person("bob").send("{", json!({})).await;
    assert_eq!(reply.error_codes(), ["GRAPHQL_PARSE_FAILED"]);
    assert_eq!(remaining(&reply, "user"), "2");
}

#[tokio::test]
async fn pages_of_others_may_read_them() {
    let origin = "https://console.example.com";
    let app = TestApp::start_with(|config| config.cors.origins = vec![origin.into()]).await;
    let request = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = request.post(format!("{}/graphql", app.url)).header("origin", origin);
    let reply = Reply::read(request.json(&json!({ "query": ROLES })).send().await.unwrap()).await;
    let exposed = reply.header("access-control-expose-headers").unwrap().to_lowercase();
    let exposed: Vec<_> = exposed.split(',').map(str::trim).collect();
    for name in [
        "ratelimit",
        "ratelimit-policy",
        "ratelimit-limit",
        "ratelimit-remaining",
        "ratelimit-reset",
        "retry-after",
    ] {
        assert!(exposed.contains(&name), "{name} is not in {exposed:?}");
    }
    // And by default there is a bound.
    assert_eq!(reply.header("ratelimit-limit"), Some("400"));
}

#[tokio::test]
async fn who_waits_as_long_as_asked_is_let_in() {
    let app = start(|requests| {
        requests.per_user = "1/s".parse().ok();
        requests.per_user_burst = 3;
    })
    .await;
    let ann = app.person("ann").seen().await;
    let mut refused = ask(&ann).await;
    for _ in 0..1_000 {
        if refused.status == 429 {
            break;
        }
        refused = ask(&ann).await;
    }
    let seconds = too_many(&refused);
    assert_eq!(seconds, 1);
    tokio::time::sleep(std::time::Duration::from_secs(seconds)).await;
    ask(&ann).await.ok();
}

#[tokio::test]
async fn a_credential_that_is_no_good_counts_for_the_address() {
    let app = start(|_| ()).await;
    let guess = app.with_bearer("rst_nothing").from("203.0.113.7");
    for _ in 0..3 {
        assert_eq!(ask(&guess).await.status, 401);
    }
    too_many(&ask(&guess).await);
    too_many(&ask(&app.anonymous().from("203.0.113.7")).await);
    too_many(&ask(&app.with_bearer("not.a.token").from("203.0.113.7")).await);
    // Whoever is known is not refused for what others do.
    let_in(&app.person("ann").from("203.0.113.7"), 3).await;
    assert_eq!(ask(&app.with_bearer("rst_nothing")).await.status, 401);
}

#[tokio::test]
async fn who_was_refused_is_not_looked_at_again() {
    let app = start(|_| ()).await;
    let (acme, _) = app.organization("Acme").await;
    let robot = app.db_app(&acme, &[]).await;
    let_in(&robot, 3).await;
    let first = ask(&robot).await;
    assert!(first.statements() > 0, "somebody has to find out who it is: {first:?}");
    for _ in 0..3 {
        let again = ask(&robot).await;
        too_many(&again);
        assert_eq!(again.statements(), 0);
    }
}

#[tokio::test]
async fn all_at_an_address_are_bounded_before_they_are_known() {
    let app = start(|requests| {
        requests.address_total = "1/m".parse().ok();
        requests.address_total_burst = 6;
    })
    .await;
    let (ann, bob) = (app.person("ann"), app.person("bob"));
    let_in(&ann, 3).await;
    too_many(&ask(&ann).await);
    let_in(&bob, 2).await;
    for client in [&bob, &app.with_bearer("nonsense"), &app.anonymous()] {
        let refused = ask(client).await;
        too_many(&refused);
        assert_eq!(refused.statements(), 0);
        assert_eq!(refused.header("ratelimit-policy"), Some("\"address-total\";q=6;w=360"));
    }
    let_in(&bob.from("203.0.113.7"), 1).await;
}

#[tokio::test]
async fn bounds_are_taken_away_one_by_one_or_together() {
    let app = start(|requests| requests.per_user = None).await;
    let ann = app.person("ann");
    let_in(&ann, 5).await;
    // What is left is the bound on everybody.
    let reply = ask(&ann).await.ok();
    assert_eq!(reply.header("ratelimit-limit"), Some("10000"));

    let nothing = app
        .node_with(|config| strict(config, |requests| requests.enabled = false))
        .await;
    let disabled = app
        .node_with(|config| {
            strict(config, |_| ());
            config.rate_limits.enabled = false;
        })
        .await;
    for node in [&nothing, &disabled] {
        let_in(&node.anonymous(), 5).await;
        let reply = ask(&node.anonymous()).await.ok();
        for name in ["ratelimit", "ratelimit-policy", "ratelimit-limit"] {
            assert_eq!(reply.header(name), None);
        }
    }
}
