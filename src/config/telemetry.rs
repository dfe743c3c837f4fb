//! Settings for what the service tells of itself.

use std::{net::SocketAddr, time::Duration};

use secrecy::SecretString;
use serde::Deserialize;

use super::values::duration;

/// Numbers for monitoring.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metrics {
    /// Address on which Prometheus finds `/metrics`. Default: nowhere.
    pub listen: Option<SocketAddr>,
}

/// What is logged, and how.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// Filter in the form of `RUST_LOG`.
    pub filter: String,
    /// One JSON object a line.
    pub json: bool,
    /// Queries and mutations that take as long as this, or longer, are told in a
    /// warning; none if it is nothing.
    #[serde(deserialize_with = "duration")]
    pub slow_operation: Duration,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            filter: "info,sqlx=warn,sea_orm_migration=warn".into(),
            json: false,
            slow_operation: Duration::from_secs(1),
        }
    }
}

/// Where faults are reported to.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sentry {
    /// DSN of a project of Sentry, or of what speaks its protocol. Default: the
    /// variable `SENTRY_DSN`.
    pub dsn: Option<SecretString>,
    /// What the reports call this deployment. Default: the variable
    /// `SENTRY_ENVIRONMENT`, else the mode.
    pub environment: Option<String>,
}
