//! What the service tells of itself: logs, traces, numbers and faults.
//!
//! Nothing here holds what clients send: no variables, no values in SQL, no
//! header but the ids that requests carry to be found again.

pub mod account;
mod faults;
pub mod log;
pub mod metrics;
#[cfg(feature = "otlp")]
mod otlp;
pub mod statements;
pub mod trace;

use std::time::Duration;

use tracing_subscriber::{Layer, Registry, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{Config, ConfigError};

/// Time at the end of the process for what is still to be sent.
const LAST_WORDS: Duration = Duration::from_secs(3);

type BoxedLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// What tells outside of this process, until it ends.
#[derive(Debug)]
pub struct Telemetry {
    #[cfg(feature = "otlp")]
    traces: Option<otlp::Export>,
    faults: Option<faults::Reporter>,
}

impl Telemetry {
    /// Begins to log, to trace and to report faults, for the whole process: once.
    ///
    /// # Errors
    /// A filter or an address that cannot be used.
    pub fn start(config: &Config) -> Result<Self, ConfigError> {
        let faults = faults::Reporter::new(config)?;
        let mut layers: Vec<BoxedLayer> = vec![log::layer(config)?];
        layers.extend(faults.as_ref().map(faults::Reporter::layer));
        #[cfg(feature = "otlp")]
        let (traces, warning) = match otlp::Export::from_environment() {
            Ok(traces) => (traces, None),
            Err(why) => (None, Some(why)),
        };
        #[cfg(not(feature = "otlp"))]
        let warning = trace::is_wanted().then_some("this build sends no traces".to_owned());
        #[cfg(feature = "otlp")]
        layers.extend(traces.as_ref().map(otlp::Export::layer));
        let started = tracing_subscriber::registry().with(layers).try_init();
        started.map_err(|error| ConfigError::new(format!("log: {error}")))?;
        log::panics();
        // Traces are an extra: without them everything else still works.
        if let Some(why) = warning {
            tracing::warn!(why, "no traces are sent");
        }
        Ok(Self {
            #[cfg(feature = "otlp")]
            traces,
            faults,
        })
    }

    /// Sends what waits, for a few seconds at most.
    pub fn finish(self) {
        #[cfg(feature = "otlp")]
        if let Some(traces) = self.traces {
            traces.finish(LAST_WORDS);
        }
        if let Some(faults) = self.faults {
            faults.finish(LAST_WORDS);
        }
    }
}

/// Whether the settings can be used.
///
/// # Errors
/// A filter or an address that cannot be used.
pub fn check(config: &Config) -> Result<(), ConfigError> {
    log::filter(config)?;
    faults::Reporter::new(config).map(drop)
}
