//! Nodes that count together, where `TEST_REDIS_URL` names a Redis.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use redis::AsyncCommands;
use roster::config::WhenRedisFails;
use tokio::{net::TcpListener, net::TcpStream, sync::watch};
use uuid::Uuid;

use super::*;
use crate::jobs::eventually;

/// A place of its own in Redis.
struct Place {
    url: url::Url,
    prefix: String,
}

impl Place {
    /// `None` where there is no Redis; continuous integration always has one.
    fn find() -> Option<Self> {
        let url = std::env::var("TEST_REDIS_URL").ok()?;
        Some(Self {
            url: url.parse().unwrap(),
            prefix: format!("test:{}:", Uuid::new_v4().simple()),
        })
    }

    fn configure(&self) -> impl Fn(&mut Config) + use<> {
        let (url, prefix) = (self.url.to_string(), self.prefix.clone());
        move |config| {
            config.redis.url = Some(url.clone().into());
            config.redis.prefix.clone_from(&prefix);
            // So that a busy machine is no outage.
            config.redis.timeout = Duration::from_secs(10);
            strict(config, |_| ());
        }
    }

    /// The keys of this place and for how long they stay, in milliseconds.
    async fn keys(&self) -> Vec<(String, i64)> {
        let client = redis::Client::open(self.url.as_str()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let mut keys = Vec::new();
        let mut found = connection
            .scan_match::<_, String>(format!("{}*", self.prefix))
            .await
            .unwrap();
        while let Some(key) = found.next_item().await {
            keys.push(key.unwrap());
        }
        drop(found);
        let mut stay = Vec::new();
        for key in keys {
            let left: i64 = connection.pttl(&key).await.unwrap();
            stay.push((key.strip_prefix(&self.prefix).unwrap().to_owned(), left));
        }
        stay
    }
}

/// What a line to Redis does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// It carries what is said.
    Open,
    /// It is cut, and nobody answers.
    Cut,
    /// It carries nothing, and is not cut.
    Silent,
}

/// A line to the real Redis that can be cut.
struct Proxy {
    url: url::Url,
    line: watch::Sender<Line>,
}

impl Proxy {
    async fn start(target: &url::Url) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut url = target.clone();
        url.set_ip_host("127.0.0.1".parse().unwrap()).unwrap();
        url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
        let (line, seen) = watch::channel(Line::Open);
        let address = format!("{}:{}", target.host_str().unwrap(), target.port().unwrap_or(6379));
        tokio::spawn(async move {
            let address = Arc::new(address);
            while let Ok((inner, _)) = listener.accept().await {
                tokio::spawn(carry(inner, address.clone(), seen.clone()));
            }
        });
        Self { url, line }
    }

    fn becomes(&self, line: Line) {
        self.line.send(line).unwrap();
    }
}

/// Carries one connection until the line is cut.
async fn carry(mut inner: TcpStream, address: Arc<String>, mut line: watch::Receiver<Line>) {
    let mut outer = TcpStream::connect(address.as_str()).await.unwrap();
    loop {
        let now = *line.borrow_and_update();
        match now {
            Line::Cut => return,
            Line::Silent => drop(line.changed().await),
            Line::Open => tokio::select! {
                _ = tokio::io::copy_bidirectional(&mut inner, &mut outer) => return,
                _ = line.changed() => {}
            },
        }
    }
}

/// Waits until what is counted by one is known to the other.
async fn count_together(one: &TestApp, other: &TestApp) {
    let person = AtomicUsize::new(0);
    eventually("they count together", || async {
        let person = one.person(&format!("stranger{}", person.fetch_add(1, Relaxed)));
        let_in(&person, 1).await;
        (remaining(&ask(&person.at(other)).await, "user") == "1").then_some(())
    })
    .await;
}

#[tokio::test]
async fn two_nodes_count_together() {
    let Some(place) = Place::find() else { return };
    let one = TestApp::start_with(place.configure()).await;
    let other = one.node_with(place.configure()).await;
    let (here, there) = (one.person("ann"), one.person("ann").at(&other));
    for (node, left) in [(&here, "2"), (&there, "1"), (&here, "0")] {
        let reply = ask(node).await.ok();
        assert_eq!(remaining(&reply, "user"), left);
        assert_eq!(reply.header("ratelimit-policy"), Some("\"user\";q=3;w=180"));
    }
    for node in [&there, &here] {
        let seconds = too_many(&ask(node).await);
        assert!((1..=60).contains(&seconds), "{seconds}");
    }
    let_in(&one.person("bob").at(&other), 3).await;

    let list = json!(vec![json!({ "query": ROLES }); 3]);
    let reply = one.anonymous().post(&list).await;
    assert_eq!(remaining(&reply, "address"), "0");
    too_many(&ask(&other.anonymous()).await);

    // A key goes when it says nothing any more, and the bound that each keeps alone
    // has none.
    let mut keys = place.keys().await;
    keys.sort();
    let names: Vec<_> = keys.iter().map(|(name, _)| name.split(':').next().unwrap()).collect();
    assert_eq!(names, ["address", "user", "user"], "{keys:?}");
    for (key, left) in keys {
        assert!((1..=180_000).contains(&left), "{key} stays for {left} ms");
    }
}

#[tokio::test]
async fn a_change_of_the_bounds_counts_at_once() {
    let Some(place) = Place::find() else { return };
    let app = TestApp::start_with(place.configure()).await;
    let ann = app.person("ann");
    let_in(&ann, 3).await;
    let generous = app
        .node_with(|config| {
            place.configure()(config);
            config.rate_limits.requests.per_user = "1000/s".parse().ok();
            config.rate_limits.requests.per_user_burst = 100;
        })
        .await;
    // Three minutes under the old bound are no more than a burst under the new one.
    eventually("somebody is let in", || async {
        (ask(&ann.at(&generous)).await.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_line_that_is_cut_lets_nobody_begin_anew() {
    let Some(mut place) = Place::find() else { return };
    let proxy = Proxy::start(&place.url).await;
    place.url = proxy.url.clone();
    let app = TestApp::start_with(place.configure()).await;
    let (ann, bob) = (app.person("ann"), app.person("bob"));
    let_in(&ann, 2).await;
    proxy.becomes(Line::Cut);
    // Two were counted before.
    let_in(&ann, 1).await;
    too_many(&ask(&ann).await);
    let_in(&bob, 3).await;
    too_many(&ask(&bob).await);

    proxy.becomes(Line::Open);
    count_together(&app, &app.node_with(place.configure()).await).await;
    // Who was let in meanwhile is not forgotten here.
    too_many(&ask(&bob).await);
}

#[tokio::test]
async fn nobody_is_let_in_uncounted_if_that_is_wanted() {
    let Some(mut place) = Place::find() else { return };
    let proxy = Proxy::start(&place.url).await;
    place.url = proxy.url.clone();
    let app = TestApp::start_with(|config| {
        place.configure()(config);
        config.rate_limits.requests.when_redis_fails = WhenRedisFails::Closed;
    })
    .await;
    let_in(&app.person("ann"), 1).await;
    // An idle connection that was closed is no outage.
    proxy.becomes(Line::Cut);
    proxy.becomes(Line::Open);
    let_in(&app.person("ann"), 1).await;

    proxy.becomes(Line::Cut);
    let refused = ask(&app.person("ann")).await;
    assert_eq!(
        (refused.status, refusal(&refused).as_str()),
        (503, "RATE_LIMIT_UNAVAILABLE")
    );

    proxy.becomes(Line::Open);
    eventually("redis answers again", || async {
        (ask(&app.person("ann")).await.status != 503).then_some(())
    })
    .await;
    too_many(&ask(&app.person("ann")).await);
}

#[tokio::test]
async fn a_line_that_falls_silent_is_given_up() {
    let Some(mut place) = Place::find() else { return };
    let proxy = Proxy::start(&place.url).await;
    place.url = proxy.url.clone();
    let app = TestApp::start_with(|config| {
        place.configure()(config);
        config.redis.timeout = Duration::from_millis(500);
    })
    .await;
    let_in(&app.person("ann"), 1).await;
    proxy.becomes(Line::Silent);
    let begun = std::time::Instant::now();
    for person in 0..30 {
        let_in(&app.person(&format!("p{person}")), 1).await;
    }
    // Thirty time-outs would be 15 seconds.
    assert!(begun.elapsed() < Duration::from_secs(10), "each has waited for it");
    proxy.becomes(Line::Open);
    count_together(&app, &app.node_with(place.configure()).await).await;
}
