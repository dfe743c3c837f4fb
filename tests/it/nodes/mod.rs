//! Several processes on one database: how each hears of what the others have
//! committed, through PostgreSQL, through the broker, and by looking.

mod broker;
mod hearing;
mod storm;

use std::{sync::Arc, time::Duration};

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
