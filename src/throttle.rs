//! How often somebody may ask: counted in this process, or in Redis by all nodes
//! together.
//!
//! Both count by the same arithmetic ([`Quota`]). It is ours because the well kept
//! crate for it, `governor`, decides in one process: it could not go on from what
//! Redis knew, nor Redis by the same rule. And it forgets nobody unless it is told
//! to, so that its memory would still have to be bounded.

mod memory;
mod quota;
#[cfg_attr(not(feature = "redis"), path = "throttle/no_redis.rs")]
mod redis;

use std::{fmt, net::IpAddr, sync::Arc};

use entity::ids::{ApiTokenId, UserId};
use moka::sync::Cache;

pub use self::quota::{Decision, Quota};
use self::{memory::Memory, redis::Shared};
use crate::config::{Config, ConfigError, REFILL_MAX, WhenRedisFails};

/// Whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Caller {
    /// A person, whatever they signed in with.
    User(UserId),
    /// An app, by its API token.
    Token(ApiTokenId),
    /// Whoever is not known, at an address.
    Address(IpAddr),
    /// Everybody at an address.
    Everybody(IpAddr),
}

impl Caller {
    /// What the bound on such callers is called, in headers and metrics.
    pub fn policy(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Token(_) => "token",
            Self::Address(_) => "address",
            Self::Everybody(_) => "address-total",
        }
    }
}

/// As it is called in Redis.
impl fmt::Display for Caller {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:", self.policy())?;
        match self {
            Self::User(id) => write!(formatter, "{}", id.0),
            Self::Token(id) => write!(formatter, "{}", id.0),
            Self::Address(ip) | Self::Everybody(ip) => write!(formatter, "{ip}"),
        }
    }
}

/// Nobody can tell how often a caller has asked, and it is set that they are
/// refused then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unavailable;

/// Hash of a credential.
pub type Digest = [u8; 32];

/// Credentials of refused callers that are known again, at most.
const REFUSED_MAX: u64 = 10_000;

/// Whether the configured Redis can be used. Connects to nothing.
///
/// # Errors
/// An address that is none, or a build without Redis.
pub fn check(config: &Config) -> Result<(), ConfigError> {
    Shared::check(&config.redis)
}

/// The counts.
#[derive(Debug)]
pub struct Throttle {
    memory: Memory,
    shared: Option<Arc<Shared>>,
    refused: Cache<Digest, Caller>,
}

impl Throttle {
    /// Connects to Redis, if one is configured. One that does not answer keeps
    /// nothing from starting.
    ///
    /// # Errors
    /// An address that is none; a build without Redis.
    pub async fn open(config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            memory: Memory::default(),
            shared: Shared::connect(&config.redis).await?,
            refused: Cache::builder()
                .max_capacity(REFUSED_MAX)
                .time_to_live(REFILL_MAX)
                .build(),
        })
    }

    /// Counts `cost` operations of a caller, all of them or none. While Redis does
    /// not answer this process counts alone, from where they were, unless `fails`
    /// says otherwise.
    ///
    /// # Errors
    /// Redis does not answer, and `fails` says that nobody is let in then.
    pub async fn take(
        &self,
        caller: Caller,
        quota: Quota,
        cost: u32,
        fails: WhenRedisFails,
    ) -> Result<Decision, Unavailable> {
        let Some(shared) = &self.shared else {
            return Ok(self.memory.take(caller, quota, cost));
        };
        // Redis knows of at least as much as this process does: whoever is refused
        // here would be refused there, and is not worth the way.
        let known = self.memory.look(caller, quota, cost);
        if !known.is_allowed {
            return Ok(known);
        }
        match shared.charge(&caller.to_string(), quota, cost).await {
            Some((is_allowed, debt)) => {
                self.memory.note(caller, debt);
                Ok(quota.decision(is_allowed, debt, cost))
            }
            None if fails == WhenRedisFails::Closed => Err(Unavailable),
            None => Ok(self.memory.take(caller, quota, cost)),
        }
    }

    /// The same in this process alone.
    pub fn take_here(&self, caller: Caller, quota: Quota, cost: u32) -> Decision {
        self.memory.take(caller, quota, cost)
    }

    /// Whether one operation of a caller would be let in, as far as this process
    /// knows. Counts nothing.
    pub fn look(&self, caller: Caller, quota: Quota) -> Decision {
        self.memory.look(caller, quota, 1)
    }

    /// Notes whom a credential belongs to, because they are refused: whoever goes
    /// on with it is refused without its being checked again.
    pub fn note_refused(&self, credential: Digest, caller: Caller) {
        self.refused.insert(credential, caller);
    }

    /// Whom a credential belongs to, if they were refused.
    pub fn refused(&self, credential: &Digest) -> Option<Caller> {
        self.refused.get(credential)
    }

    /// Whether Redis answers; `None` without one.
    pub fn is_connected(&self) -> Option<bool> {
        self.shared.as_ref().map(|shared| shared.is_connected())
    }
}
