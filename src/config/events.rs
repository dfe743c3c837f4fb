//! What changes, and who is told of it.

use std::{path::PathBuf, time::Duration};

use entity::outbox::Shard;
use secrecy::SecretString;
use serde::Deserialize;

use super::values::{duration, durations, one_or_many, shards};

/// What changed, on its way to those who want to know.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outbox {
    /// Shards that one process delivers at a time; with 0 it leaves that to
    /// others.
    pub concurrency: u32,
    /// Shards that are not delivered, as `organization:1` or `user:1`: for an
    /// organization that harms the others. What they hold waits.
    #[serde(deserialize_with = "shards")]
    pub disabled_shards: Vec<Shard>,
}

impl Default for Outbox {
    fn default() -> Self {
        Self {
            concurrency: 4,
            disabled_shards: Vec::new(),
        }
    }
}

/// What subscribers are told.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Events {
    /// How long events are kept. Whoever was away for longer cannot go on where
    /// they were.
    #[serde(deserialize_with = "duration")]
    pub keep_for: Duration,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            keep_for: Duration::from_secs(7 * 86_400),
        }
    }
}

/// The broker to which events are published.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Nats {
    /// `nats://…` or `tls://…`, several separated by commas. Without it nothing
    /// is published. Nodes hear of each other through PostgreSQL in any case.
    pub url: Option<SecretString>,
    /// File with credentials, as `nsc` writes it.
    pub credentials_file: Option<PathBuf>,
    /// Name of the stream that `roster migrate --stream` makes.
    pub stream: String,
    /// What the subjects of events begin with.
    pub subject: String,
}

impl Default for Nats {
    fn default() -> Self {
        Self {
            url: None,
            credentials_file: None,
            stream: "ROSTER_EVENTS".into(),
            subject: "roster.events".into(),
        }
    }
}

/// Connections of subscribers: WebSockets and event streams.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Subscriptions {
    /// Connections that a person or an app may have open at a time in this
    /// process, and that callers who are not known may have from an address.
    pub connections_max: usize,
    /// Operations that may run at a time over one socket.
    pub operations_max: usize,
    /// Operations that a person or an app may run at a time over all their sockets
    /// and event streams to this process, and callers who are not known from an
    /// address.
    pub operations_per_caller_max: usize,
    /// Sockets from one address that have not introduced themselves at a time, in
    /// this process. An IPv6 network of 64 bits is one address.
    pub arrivals_per_address_max: usize,
    /// The same in all.
    pub arrivals_max: usize,
    /// Time for a client to introduce itself over a socket.
    #[serde(deserialize_with = "duration")]
    pub init_timeout: Duration,
    /// How often a socket is pinged. It is closed when nothing comes back until
    /// the next time.
    #[serde(deserialize_with = "duration")]
    pub ping_every: Duration,
    /// How long a client may take to read what it is sent.
    #[serde(deserialize_with = "duration")]
    pub send_timeout: Duration,
    /// How often it is looked whether a caller may still listen.
    #[serde(deserialize_with = "duration")]
    pub check_every: Duration,
}

impl Default for Subscriptions {
    fn default() -> Self {
        Self {
            connections_max: 100,
            operations_max: 50,
            operations_per_caller_max: 500,
            arrivals_per_address_max: 100,
            arrivals_max: 2_000,
            init_timeout: Duration::from_secs(10),
            ping_every: Duration::from_secs(20),
            send_timeout: Duration::from_secs(10),
            check_every: Duration::from_secs(15),
        }
    }
}

/// Servers that are told of events.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Secrets with which the secrets of webhooks are encrypted: the first
    /// encrypts, all decrypt. At least 32 bytes each. Without one, nobody can set
    /// up a webhook.
    #[serde(deserialize_with = "one_or_many")]
    pub secret: Vec<SecretString>,
    /// Call private and loopback addresses, too, and URLs that begin with
    /// `http://`. Off, whoever sets up webhooks reaches nothing of this network.
    pub allow_private: bool,
    /// Webhooks that an organization has at most.
    pub per_organization_max: u32,
    /// Calls that one process makes at a time; a quarter of them for one
    /// organization.
    pub concurrency: u32,
    /// How long a call may take; never more than half of `jobs.lease`.
    #[serde(deserialize_with = "duration")]
    pub timeout: Duration,
    /// Pauses after the first, second, … failure of a delivery, give or take a
    /// tenth. One failure more, and the delivery is given up.
    #[serde(deserialize_with = "durations")]
    pub retries: Vec<Duration>,
    /// How long all deliveries of a webhook fail before it is disabled.
    #[serde(deserialize_with = "duration")]
    pub disable_after: Duration,
    /// How long the old secret still signs after a new one was made.
    #[serde(deserialize_with = "duration")]
    pub rotation_overlap: Duration,
    /// How long deliveries are kept.
    #[serde(deserialize_with = "duration")]
    pub keep_for: Duration,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self {
            secret: Vec::new(),
            allow_private: false,
            per_organization_max: 20,
            concurrency: 16,
            timeout: Duration::from_secs(15),
            // 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
            retries: [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
                .map(Duration::from_secs)
                .into(),
            disable_after: Duration::from_secs(5 * 86_400),
            rotation_overlap: Duration::from_secs(86_400),
            keep_for: Duration::from_secs(30 * 86_400),
        }
    }
}
