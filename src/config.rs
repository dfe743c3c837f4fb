//! Every setting, its default and its meaning. Defaults run on a laptop with
//! nothing configured; a secret has no default.

mod console;
mod environment;
mod events;
mod gateway;
mod identity;
mod load;
mod mail;
mod operations;
mod organizations;
mod rates;
mod reload;
mod storage;
mod telemetry;
mod values;

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use self::values::{addresses, duration, durations, one_or_many, optional_duration};
pub use self::{
    console::{Console, Oidc, OidcToken},
    events::{Events, Nats, Outbox, Subscriptions, Webhooks},
    gateway::{Graphql, Limits, TrustedDocuments},
    identity::{Auth, Cors, Issuer, KeyFetching},
    load::Overrides,
    mail::{Mail, MailTransport, StartTls},
    operations::{Connections, Drain, DrainPlan, Health, Tls},
    organizations::{Features, OptionSetting, OptionType, Organizations, RoleSetting, Slugs},
    rates::{Rate, RateLimits, Redis, RequestLimits, WhenRedisFails},
    reload::{Reloaded, Source},
    storage::{S3, Storage, StorageKind},
    telemetry::{Log, Metrics, Sentry},
};
pub(crate) use self::{
    identity::{is_loopback, is_safe_url},
    rates::REFILL_MAX,
};

/// Everything an operator can set. Read at start, and in part again later
/// ([`Source`]); passed by reference.
///
/// The same names serve in the file (`auth.issuer`) and in the environment
/// (`ROSTER_AUTH__ISSUER`). A secret `X` can also be given as `X_FILE`, the path
/// of a file that holds it.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `development` runs with nothing configured; `production` refuses every
    /// shortcut that development takes.
    pub mode: Mode,
    /// Address the HTTP server listens on.
    pub listen: SocketAddr,
    /// Address under which people reach the service; invite links begin with
    /// it. Default: `http://` and the listen address.
    pub public_url: Option<Url>,
    /// Folder for the embedded database and generated development secrets.
    pub data_dir: PathBuf,
    /// `sqlite://…` or `postgres://…`. Default: SQLite in the data folder.
    pub database_url: Option<SecretString>,
    /// How the database is used.
    pub database: Database,
    /// Fill an empty database with demo data at start. Default: only in
    /// development, and only if no database was named.
    pub demo: Option<bool>,
    /// Product name shown in mails and pages.
    pub product_name: String,
    /// Proxies whose `X-Forwarded-For` is believed.
    #[serde(deserialize_with = "addresses")]
    pub trusted_proxies: Vec<IpAddr>,
    /// Who may sign in, and how that is checked.
    pub auth: Auth,
    /// Pages of others that may call.
    pub cors: Cors,
    /// Our own pages for people.
    pub console: Console,
    /// Invites.
    pub invites: Invites,
    /// How mail leaves the building.
    pub mail: Mail,
    /// Where pictures and other files are kept.
    pub storage: Storage,
    /// Work that is done after a request.
    pub jobs: Jobs,
    /// What changed, on its way to those who want to know.
    pub outbox: Outbox,
    /// What subscribers are told.
    pub events: Events,
    /// The broker to which events are published.
    pub nats: Nats,
    /// Where nodes count together what is too much for the database.
    pub redis: Redis,
    /// Connections of subscribers.
    pub subscriptions: Subscriptions,
    /// Servers that are told of events.
    pub webhooks: Webhooks,
    /// Which documents are run, and how requests bring them.
    pub graphql: Graphql,
    /// Bounds on what one request may ask for.
    pub limits: Limits,
    /// How often something may be done.
    pub rate_limits: RateLimits,
    /// Switches for parts of the product.
    pub features: Features,
    /// Names in addresses.
    pub slugs: Slugs,
    /// Organizations.
    pub organizations: Organizations,
    /// Changes and additions to the built-in org roles, by role id.
    pub roles: BTreeMap<String, RoleSetting>,
    /// Options of organizations that the deployment declares of its own, by name.
    pub options: BTreeMap<String, OptionSetting>,
    /// Connections to the server.
    pub connections: Connections,
    /// Their encryption.
    pub tls: Tls,
    /// The end of a process.
    pub drain: Drain,
    /// What counts as healthy.
    pub health: Health,
    /// Numbers for monitoring.
    pub metrics: Metrics,
    /// What is logged, and how.
    pub log: Log,
    /// Where faults are reported to.
    pub sentry: Sentry,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            mode: Mode::Development,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            public_url: None,
            data_dir: PathBuf::from("data"),
            database_url: None,
            database: Database::default(),
            demo: None,
            product_name: "Roster".into(),
            trusted_proxies: Vec::new(),
            auth: Auth::default(),
            cors: Cors::default(),
            console: Console::default(),
            invites: Invites::default(),
            mail: Mail::default(),
            storage: Storage::default(),
            jobs: Jobs::default(),
            outbox: Outbox::default(),
            events: Events::default(),
            nats: Nats::default(),
            redis: Redis::default(),
            subscriptions: Subscriptions::default(),
            webhooks: Webhooks::default(),
            graphql: Graphql::default(),
            limits: Limits::default(),
            rate_limits: RateLimits::default(),
            features: Features::default(),
            slugs: Slugs::default(),
            organizations: Organizations::default(),
            roles: BTreeMap::new(),
            options: BTreeMap::new(),
            connections: Connections::default(),
            tls: Tls::default(),
            drain: Drain::default(),
            health: Health::default(),
            metrics: Metrics::default(),
            log: Log::default(),
            sentry: Sentry::default(),
        }
    }
}

/// How careful the service is with missing settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Everything has a default; secrets are made up and kept in the data folder.
    Development,
    /// Secrets must be given.
    Production,
}

/// Databases that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DatabaseKind {
    Sqlite,
    Postgres,
}

/// Never carries the address: it may hold a password.
pub(crate) const UNKNOWN_DATABASE: &str = "database_url must begin with sqlite:// or postgres://";

impl DatabaseKind {
    /// The kind that an address names; `None` for any other, which must not
    /// become the name of a file.
    pub(crate) fn of(url: &SecretString) -> Option<Self> {
        let url = url.expose_secret();
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Some(Self::Postgres)
        } else {
            url.starts_with("sqlite:").then_some(Self::Sqlite)
        }
    }
}

/// How the database is used.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// Connections kept at most. One operation uses a third of them at a time.
    pub connections_max: u32,
    /// How long a request waits for one. Shorter than `limits.request_timeout`.
    /// Default: 5 seconds, or half of that time if it is less.
    #[serde(deserialize_with = "optional_duration")]
    pub acquire_timeout: Option<Duration>,
    /// Bring the schema up to date at start. Off: do it with `roster migrate`.
    pub migrate_on_start: bool,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            connections_max: 12,
            acquire_timeout: None,
            migrate_on_start: true,
        }
    }
}

/// Invites.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Invites {
    /// Secrets from which invite tokens are derived: the first signs, all
    /// verify, so that a secret can be rotated. At least 32 bytes each.
    #[serde(deserialize_with = "one_or_many")]
    pub secret: Vec<SecretString>,
    /// How long an invite is good.
    #[serde(deserialize_with = "duration")]
    pub lifetime: Duration,
    /// Domains that are not invited, in any case.
    #[serde(deserialize_with = "one_or_many")]
    pub blocked_domains: Vec<String>,
    /// How long an invite that ran out is kept (spec §9.6).
    #[serde(deserialize_with = "duration")]
    pub cleanup_after: Duration,
    /// How often invites that are kept no longer are deleted.
    #[serde(deserialize_with = "duration")]
    pub cleanup_every: Duration,
}

impl Default for Invites {
    fn default() -> Self {
        Self {
            secret: Vec::new(),
            lifetime: Duration::from_secs(30 * 86_400),
            blocked_domains: vec!["qq.com".into()],
            cleanup_after: Duration::from_secs(30 * 86_400),
            cleanup_every: Duration::from_secs(86_400),
        }
    }
}

/// Work that is done after a request: mails, clean-up.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Jobs {
    /// Whether `serve` does it too. Off: `roster work` must run beside it.
    pub in_serve: bool,
    /// Jobs that one process does at a time. Of mails it sends one at a time.
    pub concurrency: u32,
    /// How long a worker has a job to itself. A job of a worker that was killed
    /// is taken over after this time; one that takes longer is stopped before.
    #[serde(deserialize_with = "duration")]
    pub lease: Duration,
    /// How long an idle worker sleeps before it looks for work that another
    /// process has queued.
    #[serde(deserialize_with = "duration")]
    pub poll_every: Duration,
    /// Pauses after the first, second, … failure. One failure more, and the job
    /// is given up.
    #[serde(deserialize_with = "durations")]
    pub retries: Vec<Duration>,
}

impl Default for Jobs {
    fn default() -> Self {
        Self {
            in_serve: true,
            concurrency: 4,
            lease: Duration::from_secs(120),
            poll_every: Duration::from_secs(2),
            // 1 min, 5 min, 30 min, 2 h, 6 h, 24 h.
            retries: [60, 300, 1_800, 7_200, 21_600, 86_400].map(Duration::from_secs).into(),
        }
    }
}

/// Why the configuration cannot be used, in words for the operator.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl ConfigError {
    pub(crate) fn new(message: String) -> Self {
        Self(message)
    }
}
