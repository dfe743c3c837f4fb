//! Settings for whoever runs the service: its wire, its end, its health.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use serde::Deserialize;

use super::{
    Config, ConfigError, Mode,
    values::{duration, optional_duration},
};

/// Connections to the server.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Connections {
    /// Connections at a time. Whoever comes when there are so many waits until
    /// one ends.
    pub max: usize,
    /// Time for the head of the first request of a connection, and for all that
    /// comes before it.
    #[serde(deserialize_with = "duration")]
    pub header_timeout: Duration,
    /// How long a connection is kept that has no request. Longer than the proxy
    /// in front keeps its own, or it will use one that is just being closed.
    #[serde(deserialize_with = "duration")]
    pub idle_timeout: Duration,
    /// How long a client may read nothing of an answer.
    #[serde(deserialize_with = "duration")]
    pub write_timeout: Duration,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            max: 10_000,
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            write_timeout: Duration::from_secs(30),
        }
    }
}

/// Encryption of the connections to the server. Without files they are plain.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// File with the certificate in PEM form, and behind it those that lead to
    /// its authority.
    pub certificate_file: Option<PathBuf>,
    /// File with its private key in PEM form.
    pub key_file: Option<PathBuf>,
    /// How often it is looked whether the files have changed.
    #[serde(deserialize_with = "duration")]
    pub check_every: Duration,
}

impl Default for Tls {
    fn default() -> Self {
        Self {
            certificate_file: None,
            key_file: None,
            check_every: Duration::from_secs(30),
        }
    }
}

/// The end of a process that was asked to stop.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Drain {
    /// How long it serves on while `/health/ready` says no, for load balancers to
    /// notice. Default: nothing in development, 5 seconds in production.
    #[serde(deserialize_with = "optional_duration")]
    pub delay: Option<Duration>,
    /// Time for all of it, the delay included: then the process ends in any case.
    /// Default: the delay, `limits.request_timeout` and 10 seconds.
    #[serde(deserialize_with = "optional_duration")]
    pub timeout: Option<Duration>,
}

/// What `/health/ready` looks at.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Health {
    /// Time for the database to answer.
    #[serde(deserialize_with = "duration")]
    pub timeout: Duration,
    /// For how long a job may be due before it is told.
    #[serde(deserialize_with = "duration")]
    pub jobs_lag_max: Duration,
    /// How long a change may wait to be delivered before it is told.
    #[serde(deserialize_with = "duration")]
    pub outbox_lag_max: Duration,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(2),
            jobs_lag_max: Duration::from_secs(300),
            outbox_lag_max: Duration::from_secs(300),
        }
    }
}

/// How long each part of the end may take, counted from the request to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrainPlan {
    /// Everything is still served.
    pub delay: Duration,
    /// What has begun is to be over then: requests, jobs.
    pub work: Duration,
    /// The process ends.
    pub end: Duration,
}

impl Config {
    /// How the process ends when it is asked to.
    pub fn drain_plan(&self) -> DrainPlan {
        let delay = self.drain.delay.unwrap_or(match self.mode {
            Mode::Development => Duration::ZERO,
            Mode::Production => Duration::from_secs(5),
        });
        let usual = delay + self.limits.request_timeout + Duration::from_secs(10);
        let end = self.drain.timeout.unwrap_or(usual).max(delay);
        // What is handed back and written down at the end takes time, too.
        let reserve = ((end - delay) / 3).min(Duration::from_secs(5));
        DrainPlan {
            delay,
            work: end - reserve,
            end,
        }
    }

    /// How long a request waits for a connection to the database.
    pub fn acquire_timeout(&self) -> Duration {
        let usual = Duration::from_secs(5).min(self.limits.request_timeout / 2);
        self.database.acquire_timeout.unwrap_or(usual)
    }

    pub(super) fn check_operations(&self) -> Result<(), ConfigError> {
        if self.tls.certificate_file.is_some() != self.tls.key_file.is_some() {
            let why = "tls.certificate_file and tls.key_file are set together";
            return Err(ConfigError::new(why.into()));
        }
        if self.database.connections_max == 0 {
            return Err(ConfigError::new("database.connections_max must be at least 1".into()));
        }
        if self.acquire_timeout().is_zero() {
            let why = "database.acquire_timeout must be longer than nothing";
            return Err(ConfigError::new(why.into()));
        }
        if self.acquire_timeout() >= self.limits.request_timeout {
            let why = "database.acquire_timeout must be shorter than limits.request_timeout";
            return Err(ConfigError::new(why.into()));
        }
        for (name, most) in [
            ("connections.max", self.connections.max),
            ("limits.tokens_max", self.limits.tokens_max),
            ("limits.depth_max", self.limits.depth_max),
            ("limits.root_fields_max", self.limits.root_fields_max),
            ("limits.complexity_max", self.limits.complexity_max),
            ("limits.selections_max", self.limits.selections_max),
            ("limits.body_bytes_max", self.limits.body_bytes_max),
        ] {
            if most == 0 {
                return Err(ConfigError::new(format!("{name} must be at least 1")));
            }
        }
        if let Some(metrics) = self.metrics.listen
            && overlap(metrics, self.listen)
        {
            return Err(ConfigError::new(
                "metrics.listen must be another address than listen".into(),
            ));
        }
        Ok(())
    }
}

/// Whether no two servers can listen on both.
fn overlap(one: SocketAddr, other: SocketAddr) -> bool {
    let (port, either) = (one.port(), [one.ip(), other.ip()]);
    // Port 0 is any that is free.
    port != 0 && port == other.port() && (one.ip() == other.ip() || either.iter().any(IpAddr::is_unspecified))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_has_room_for_its_parts() {
        let seconds = Duration::from_secs;
        let mut config = Config::default();
        let plan = |config: &Config| config.drain_plan();
        let expected = |delay, work, end| DrainPlan { delay, work, end };
        assert_eq!(plan(&config), expected(seconds(0), seconds(35), seconds(40)));
        config.mode = Mode::Production;
        assert_eq!(plan(&config), expected(seconds(5), seconds(40), seconds(45)));
        config.drain.timeout = Some(seconds(11));
        assert_eq!(plan(&config), expected(seconds(5), seconds(9), seconds(11)));
        config.drain.delay = Some(seconds(20));
        assert_eq!(plan(&config), expected(seconds(20), seconds(20), seconds(20)));
    }
}
