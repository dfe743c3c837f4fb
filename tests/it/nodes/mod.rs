//! Several processes on one database: how each hears of what the others have
//! committed, through PostgreSQL, through the broker, and by looking.

mod broker;
mod hearing;
mod storm;

use std::{io::Write, sync::Arc, time::Duration};

use roster::app::App;
use tokio_util::sync::CancellationToken;

/// Somebody who listens as a server does, for a look at what is heard.
struct Ear {
    service: Arc<App>,
    shutdown: CancellationToken,
}

impl Ear {
    fn open(service: Arc<App>, is_worker: bool) -> Self {
        let shutdown = CancellationToken::new();
        tokio::spawn(roster::nodes::listen(service.clone(), is_worker, shutdown.clone()));
        Self { service, shutdown }
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

/// Longer than anything may take that is not waited for in vain.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the NATS of the tests is; `None` where there is none, which is said.
/// Whoever tries PostgreSQL tries it all.
fn nats_url(test: &str) -> Option<String> {
    let url = std::env::var("TEST_NATS_URL").ok();
    if url.is_none() {
        let wants_all = std::env::var("TEST_DATABASE_URL").is_ok();
        assert!(
            !wants_all,
            "TEST_DATABASE_URL is set and TEST_NATS_URL is not: {test} cannot be tried"
        );
        not_run(test, "TEST_NATS_URL");
    }
    url
}

/// Says so, also where the output of tests that pass is not shown.
fn not_run(test: &str, missing: &str) {
    // Nobody may be there to read it.
    let _ = writeln!(std::io::stderr(), "NOT RUN: {test}, which needs {missing}");
}
