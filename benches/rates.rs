//! What it costs that requests are counted: `cargo bench --bench rates` prints how
//! long a small query takes over HTTP while nothing is counted, while this process
//! counts, and, where `TEST_REDIS_URL` names one, while Redis does.

#![allow(clippy::unwrap_used, reason = "a measurement that cannot be made has failed")]

use std::time::{Duration, Instant};

use roster::config::{Config, RequestLimits};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Requests of one measurement.
const REQUESTS: u32 = 2_000;
/// Measurements, of which the best counts: others share the machine.
const ROUNDS: usize = 5;

/// At a million a second, more than is ever asked for here.
const BURST: u32 = 3_000_000_000;

/// A server, for as long as it is kept.
struct Server {
    name: &'static str,
    url: String,
    best: Duration,
    stop: CancellationToken,
    _folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Server {
    async fn start(name: &'static str, change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut config = Config {
            listen: address,
            data_dir: folder.path().to_owned(),
            demo: Some(false),
            ..Config::default()
        };
        let requests = &mut config.rate_limits.requests;
        *requests = RequestLimits {
            per_address: "1000000/s".parse().ok(),
            per_address_burst: BURST,
            address_total: "1000000/s".parse().ok(),
            address_total_burst: BURST,
            ..requests.clone()
        };
        change(&mut config);
        let stop = CancellationToken::new();
        tokio::spawn(roster::serve(config, listener, stop.clone()));
        Self {
            name,
            url: format!("http://{address}/graphql"),
            best: Duration::MAX,
            stop,
            _folder: folder,
        }
    }

    /// The mean of many requests, one after the other over one connection.
    async fn measure(&mut self, http: &reqwest::Client, requests: u32) {
        let begun = Instant::now();
        for _ in 0..requests {
            let request = http.post(&self.url).json(&json!({ "query": "{ roles { id } }" }));
            let answer = request.send().await.unwrap().error_for_status().unwrap();
            answer.bytes().await.unwrap();
        }
        self.best = self.best.min(begun.elapsed() / requests);
    }
}

#[tokio::main]
async fn main() {
    let mut servers = vec![
        Server::start("nothing is counted", |config| config.rate_limits.enabled = false).await,
        Server::start("this process counts", |_| ()).await,
    ];
    if let Ok(url) = std::env::var("TEST_REDIS_URL") {
        let redis = |config: &mut Config| {
            config.redis.url = Some(url.into());
            config.redis.prefix = "bench:".into();
        };
        servers.push(Server::start("Redis counts", redis).await);
    }
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for server in &mut servers {
        server.measure(&http, REQUESTS / 4).await;
        server.best = Duration::MAX;
    }
    // In turns, so that whatever else the machine does is shared fairly.
    for _ in 0..ROUNDS {
        for server in &mut servers {
            server.measure(&http, REQUESTS).await;
        }
    }
    let nothing = servers[0].best.as_secs_f64();
    for Server { name, best, .. } in &servers {
        println!(
            "{name:>20}: {:>6} µs a request, {:.3} of nothing counted",
            best.as_micros(),
            best.as_secs_f64() / nothing
        );
    }
}
