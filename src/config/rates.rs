//! How often something may be done, and where that is counted.

use std::{fmt, str::FromStr, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{
    Config, ConfigError,
    values::{duration, rate},
};

/// How often something may be done (spec §24.3).
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimits {
    /// Off: nothing is counted.
    pub enabled: bool,
    /// Requests of any kind.
    pub requests: RequestLimits,
    /// Invites and resends per acting person or token.
    pub invites_per_actor_per_day: u32,
    /// Invites and resends per organization.
    pub invites_per_organization_per_day: u32,
    /// Invites and resends per organization and address.
    pub invites_per_address_per_day: u32,
    /// Join requests per client address.
    pub join_requests_per_client_per_day: u32,
    /// Join requests per organization.
    pub join_requests_per_organization_per_day: u32,
    /// New organizations per person.
    pub organizations_per_user_per_hour: u32,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            enabled: true,
            requests: RequestLimits::default(),
            invites_per_actor_per_day: 100,
            invites_per_organization_per_day: 100,
            invites_per_address_per_day: 10,
            join_requests_per_client_per_day: 5,
            join_requests_per_organization_per_day: 100,
            organizations_per_user_per_hour: 5,
        }
    }
}

/// How many operations callers may ask for: so many at once (the burst), which
/// come back at a steady rate. No rate: no bound.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RequestLimits {
    /// Off: requests are not counted.
    pub enabled: bool,
    /// Of a person, whatever they signed in with.
    #[serde(deserialize_with = "rate")]
    pub per_user: Option<Rate>,
    /// At once.
    pub per_user_burst: u32,
    /// Of an app, by its API token.
    #[serde(deserialize_with = "rate")]
    pub per_token: Option<Rate>,
    /// At once.
    pub per_token_burst: u32,
    /// Of all callers at a client address who are not known; credentials that are
    /// no good count here, too. An IPv6 network of 64 bits is one address.
    #[serde(deserialize_with = "rate")]
    pub per_address: Option<Rate>,
    /// At once.
    pub per_address_burst: u32,
    /// Of everybody at a client address, known or not, in this process. Looked at
    /// before anything else.
    #[serde(deserialize_with = "rate")]
    pub address_total: Option<Rate>,
    /// At once.
    pub address_total_burst: u32,
    /// What happens to requests while Redis cannot be asked.
    pub when_redis_fails: WhenRedisFails,
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self {
            enabled: true,
            // §24.3 asks for 40 a second.
            per_user: Some(Rate::per_second(40)),
            per_user_burst: 400,
            per_token: Some(Rate::per_second(40)),
            per_token_burst: 400,
            per_address: Some(Rate::per_second(20)),
            per_address_burst: 400,
            address_total: Some(Rate::per_second(1_000)),
            address_total_burst: 10_000,
            when_redis_fails: WhenRedisFails::Open,
        }
    }
}

/// What happens to requests while Redis cannot be asked how many there were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WhenRedisFails {
    /// Each process counts for itself.
    Open,
    /// They are refused.
    Closed,
}

/// How many in which time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    count: u32,
    period: Duration,
}

impl Rate {
    /// More would leave no time between two.
    const COUNT_MAX: u32 = 1_000_000;

    /// So many a second.
    pub const fn per_second(count: u32) -> Self {
        Self {
            count,
            period: Duration::from_secs(1),
        }
    }

    /// The time from one to the next.
    pub fn interval(self) -> Duration {
        self.period / self.count
    }
}

/// `40/s`, `100/m` or `1000/h`.
impl FromStr for Rate {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let rate = || {
            let (count, unit) = text.split_once('/')?;
            let seconds = match unit.trim() {
                "s" => 1,
                "m" => 60,
                "h" => 3_600,
                _ => return None,
            };
            let count = count.trim().parse().ok()?;
            let period = Duration::from_secs(seconds);
            (1..=Self::COUNT_MAX).contains(&count).then_some(Self { count, period })
        };
        rate().ok_or_else(|| ConfigError::new(format!("`{text}` is no rate such as 40/s, 100/m or 1000/h")))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.period.as_secs() {
            1 => "s",
            60 => "m",
            _ => "h",
        };
        write!(formatter, "{}/{unit}", self.count)
    }
}

/// Where nodes count together.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Redis {
    /// `redis://user:password@host:port/database`, or `rediss://…` for TLS.
    /// Without it, each process counts for itself.
    pub url: Option<SecretString>,
    /// What the names of all keys begin with.
    pub prefix: String,
    /// How long a request waits for it.
    #[serde(deserialize_with = "duration")]
    pub timeout: Duration,
}

impl Default for Redis {
    fn default() -> Self {
        Self {
            url: None,
            prefix: "roster:".into(),
            timeout: Duration::from_millis(100),
        }
    }
}

/// What is left of a burst is forgotten when it was not touched for so long.
pub(crate) const REFILL_MAX: Duration = Duration::from_secs(3_600);

impl Config {
    pub(super) fn check_rates(&self) -> Result<(), ConfigError> {
        let refuse = |why: String| Err(ConfigError::new(why));
        let url = self.redis.url.as_ref().map(|url| url.expose_secret());
        if url.is_some_and(|url| !url.starts_with("redis://") && !url.starts_with("rediss://")) {
            return refuse("redis.url must begin with redis:// or rediss://".into());
        }
        if self.redis.timeout.is_zero() {
            return refuse("redis.timeout must be longer than nothing".into());
        }
        let requests = &self.rate_limits.requests;
        for (name, rate, burst) in [
            ("per_user", requests.per_user, requests.per_user_burst),
            ("per_token", requests.per_token, requests.per_token_burst),
            ("per_address", requests.per_address, requests.per_address_burst),
            ("address_total", requests.address_total, requests.address_total_burst),
        ] {
            let name = format!("rate_limits.requests.{name}");
            let Some(rate) = rate else { continue };
            // A list of operations is taken whole or not at all.
            let least = self.graphql.batch_max.max(1);
            if (burst as usize) < least {
                let why = match least {
                    1 => String::new(),
                    _ => ", the operations that a list may hold (graphql.batch_max)".into(),
                };
                return refuse(format!("{name}_burst must be at least {least}{why}"));
            }
            if rate.interval().saturating_mul(burst) > REFILL_MAX {
                return refuse(format!(
                    "{name}_burst: at {rate} it takes longer than an hour until {burst} are there again"
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_so_many_in_a_time() {
        let interval = |text: &str| text.parse().ok().map(Rate::interval);
        assert_eq!(interval("40/s"), Some(Duration::from_millis(25)));
        assert_eq!(interval(" 30 / m "), Some(Duration::from_secs(2)));
        assert_eq!(interval("1/h"), Some(Duration::from_secs(3_600)));
        for text in ["", "40", "40/d", "0/s", "-1/s", "1.5/s", "/s", "1000001/s"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
        assert_eq!("100/m".parse::<Rate>().unwrap().to_string(), "100/m");
    }
}
