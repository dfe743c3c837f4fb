//! Every setting, its default and its meaning. Defaults run on a laptop with
//! nothing configured; a secret has no default.

mod environment;
mod identity;
mod load;
mod operations;
mod rates;
mod reload;
mod telemetry;
mod values;

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use entity::outbox::Shard;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use self::values::{addresses, duration, durations, one_or_many, shards};
pub(crate) use self::{
    identity::{is_loopback, is_safe_url},
    rates::REFILL_MAX,
};
pub use self::{
    load::Overrides,
    operations::{Connections, Drain, DrainPlan, Health, Tls},
    rates::{Rate, RateLimits, Redis, RequestLimits, WhenRedisFails},
    reload::{Reloaded, Source},
    telemetry::{Log, Metrics, Sentry},
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
    /// Connections kept at most.
    pub connections_max: u32,
    /// Bring the schema up to date at start. Off: do it with `roster migrate`.
    pub migrate_on_start: bool,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            connections_max: 12,
            migrate_on_start: true,
        }
    }
}

/// Who may sign in, and how that is checked (spec §27.1).
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// Shared secret of the simple form: one issuer that signs with HS256. At
    /// least 32 bytes.
    pub hs256_secret: Option<SecretString>,
    /// `iss` of the simple form.
    pub issuer: String,
    /// `aud` of the simple form.
    pub audience: String,
    /// Further issuers, each with its own keys.
    pub issuers: Vec<Issuer>,
    /// People who may do everything, as `issuer|subject`.
    #[serde(deserialize_with = "one_or_many")]
    pub superusers: Vec<String>,
    /// Values of the claim `amr` that count as a second factor (RFC 8176).
    #[serde(deserialize_with = "one_or_many")]
    pub two_factor_methods: Vec<String>,
    /// Claim that names the provider through which a person signed in (§27.3).
    pub idp_claim: String,
    /// How old a sign-in may be for operations that ask for a fresh one.
    #[serde(deserialize_with = "duration")]
    pub sudo_age: Duration,
    /// Clock difference tolerated when checking times in tokens; an hour at most.
    #[serde(deserialize_with = "duration")]
    pub leeway: Duration,
    /// How keys that issuers publish are fetched and kept.
    pub keys: KeyFetching,
    /// Name of a cookie that may hold a person's token, for pages that keep none
    /// themselves. Default: none is looked at.
    pub cookie: Option<String>,
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            hs256_secret: None,
            issuer: "roster".into(),
            audience: "roster".into(),
            issuers: Vec::new(),
            superusers: Vec::new(),
            two_factor_methods: ["mfa", "otp", "hwk", "swk", "fido", "face", "fpt", "sms"]
                .map(String::from)
                .into(),
            idp_claim: "idp".into(),
            sudo_age: Duration::from_secs(3600),
            leeway: Duration::from_secs(60),
            keys: KeyFetching::default(),
            cookie: None,
        }
    }
}

/// How keys that issuers publish are fetched and kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeyFetching {
    /// How often they are fetched.
    #[serde(deserialize_with = "duration")]
    pub refresh_every: Duration,
    /// Time between two fetches at least, whatever keys tokens name.
    #[serde(deserialize_with = "duration")]
    pub cool_down: Duration,
    /// How long a fetch may take.
    #[serde(deserialize_with = "duration")]
    pub timeout: Duration,
    /// How long keys are good while the issuer does not answer.
    #[serde(deserialize_with = "duration")]
    pub keep_for: Duration,
}

impl Default for KeyFetching {
    fn default() -> Self {
        Self {
            refresh_every: Duration::from_secs(600),
            cool_down: Duration::from_secs(5),
            timeout: Duration::from_secs(5),
            keep_for: Duration::from_secs(86_400),
        }
    }
}

/// One issuer of tokens. Its keys are given in exactly one way.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// Expected `iss`.
    pub issuer: String,
    /// Accepted `aud`, at least one.
    #[serde(deserialize_with = "one_or_many")]
    pub audience: Vec<String>,
    /// Accepted algorithms: `RS256`, `RS384`, `RS512`, `PS256`, `PS384`, `PS512`,
    /// `ES256`, `ES384`, `EdDSA`; `HS256` for a shared secret. A key is only ever
    /// used with one: that which it names, else the first that fits its type.
    #[serde(deserialize_with = "one_or_many")]
    pub algorithms: Vec<String>,
    /// Shared secret, for HS256.
    #[serde(default)]
    pub hs256_secret: Option<SecretString>,
    /// File with a public key in PEM form.
    #[serde(default)]
    pub public_key_file: Option<PathBuf>,
    /// File with a JSON Web Key Set (RFC 7517).
    #[serde(default)]
    pub jwks_file: Option<PathBuf>,
    /// Address at which the issuer publishes its JSON Web Key Set.
    #[serde(default)]
    pub jwks_url: Option<Url>,
    /// Find that address in `<issuer>/.well-known/openid-configuration` (OpenID
    /// Connect Discovery 1.0).
    #[serde(default)]
    pub discovery: bool,
    /// `typ` that its tokens must have, such as `at+jwt` (RFC 9068). Default: none,
    /// `JWT` or `at+jwt`.
    #[serde(default)]
    pub token_type: Option<String>,
}

/// Pages of others that may call.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cors {
    /// Their origins, such as `https://app.example.com`. Each is named in full.
    #[serde(deserialize_with = "one_or_many")]
    pub origins: Vec<String>,
    /// How long a browser may remember that they may.
    #[serde(deserialize_with = "duration")]
    pub max_age: Duration,
}

impl Default for Cors {
    fn default() -> Self {
        Self {
            origins: Vec::new(),
            max_age: Duration::from_secs(3600),
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

/// How mail leaves the building.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// Which way.
    pub transport: MailTransport,
    /// Where the folder transport puts one file per message. Default: `mail`
    /// in the data folder.
    pub folder: Option<PathBuf>,
    /// `smtp://user:password@host:port` or, for TLS from the first byte,
    /// `smtps://…`. User and password are percent-encoded. Without a port: 587
    /// and 465.
    pub smtp_url: Option<SecretString>,
    /// What an `smtp://` connection does about encryption. Default: `required`,
    /// but `never` for a server on this machine (a loopback address).
    pub starttls: Option<StartTls>,
    /// File with certificates in PEM form that are trusted besides the public
    /// ones: for a mail server with a private authority.
    pub ca_file: Option<PathBuf>,
    /// How long one letter may take, from connecting to the server's last word.
    #[serde(deserialize_with = "duration")]
    pub timeout: Duration,
    /// Sender of every mail: `name <address>`, or an address.
    pub from: String,
    /// Mails that one process sends at a time. If it is killed, so many may be
    /// sent twice, or be given up where that must not be.
    pub concurrency: u32,
    /// Colour of buttons in mails, as `#rrggbb`.
    pub color: String,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            transport: MailTransport::Folder,
            folder: None,
            smtp_url: None,
            starttls: None,
            ca_file: None,
            timeout: Duration::from_secs(30),
            from: "Roster <roster@localhost>".into(),
            concurrency: 1,
            color: "#4a3fb5".into(),
        }
    }
}

/// What a connection that begins unencrypted does about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StartTls {
    /// It is encrypted, or nothing is sent.
    Required,
    /// It is encrypted if the server offers that; without, no password is sent.
    Opportunistic,
    /// It stays as it is, password and all: for a relay on this machine.
    Never,
}

/// Ways for mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTransport {
    /// One file per message.
    Folder,
    /// A mail server.
    Smtp,
    /// Nowhere; invite links are copied by hand.
    None,
}

/// Where pictures and other files are kept (spec §18).
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Storage {
    /// In which way.
    pub kind: StorageKind,
    /// The folder of the folder kind. Default: `files` in the data folder.
    pub folder: Option<PathBuf>,
    /// The bucket of the S3 kind.
    pub s3: S3,
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            kind: StorageKind::Folder,
            folder: None,
            s3: S3::default(),
        }
    }
}

/// Ways to keep files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StorageKind {
    /// A folder of this machine, or one that all nodes share.
    Folder,
    /// A bucket of S3, or of a service that speaks like it.
    S3,
    /// Memory: gone when the process ends. For tests.
    Memory,
}

/// A bucket of S3, or of a service that speaks like it.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct S3 {
    /// Name of the bucket.
    pub bucket: Option<String>,
    /// Put before every key, so that the bucket can be shared.
    pub prefix: String,
    /// Address of the service, such as `http://127.0.0.1:9000`. Default: that of
    /// AWS in the region.
    pub endpoint: Option<Url>,
    /// Region of the bucket.
    pub region: String,
    /// Who we are there. Default: what AWS says of the machine that we run on.
    pub access_key_id: Option<String>,
    /// Proof of that.
    pub secret_access_key: Option<SecretString>,
}

impl Default for S3 {
    fn default() -> Self {
        Self {
            bucket: None,
            prefix: String::new(),
            endpoint: None,
            region: "us-east-1".into(),
            access_key_id: None,
            secret_access_key: None,
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

/// Which documents are run, and how requests bring them.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Graphql {
    /// Whether clients may ask for the schema (`__schema`, `__type`). Default:
    /// only in development.
    pub introspection: Option<bool>,
    /// Operations that one request may hold as a list. `0`: a list is refused.
    pub batch_max: usize,
    /// Automatic persisted queries: a document that was sent once is found by
    /// its hash, as long as it is remembered.
    pub persisted_queries: bool,
    /// What documents that are not in the manifest get.
    pub trusted_documents: TrustedDocuments,
    /// File with the trusted documents: `{"id": "document"}`, or a manifest as
    /// Apollo's tools write it.
    pub manifest_file: Option<PathBuf>,
    /// How often it is looked whether the manifest has changed.
    #[serde(deserialize_with = "duration")]
    pub manifest_check_every: Duration,
    /// Documents that are remembered, parsed and validated, at most.
    pub cached_documents_max: u64,
    /// Memory that they take at most, in bytes, estimated.
    pub cached_bytes_max: u64,
    /// Whether this is a subgraph of a federated graph: its router asks for
    /// `_service` and `_entities`.
    pub federation: bool,
}

impl Default for Graphql {
    fn default() -> Self {
        Self {
            introspection: None,
            batch_max: 0,
            persisted_queries: true,
            trusted_documents: TrustedDocuments::Off,
            manifest_file: None,
            manifest_check_every: Duration::from_secs(10),
            cached_documents_max: 2_000,
            cached_bytes_max: 64 * 1024 * 1024,
            federation: false,
        }
    }
}

/// What is done with documents that are not in the manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrustedDocuments {
    /// They run; there is no manifest.
    Off,
    /// They run, and are told in the log.
    Log,
    /// They are refused.
    Required,
}

/// Bounds on what one request may ask for. All of them hold before execution.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Lexical tokens of a document: names, values, punctuation.
    pub tokens_max: usize,
    /// Levels of fields in an operation.
    pub depth_max: usize,
    /// Fields of an operation that have another name in the answer, with
    /// fragments spelled out.
    pub aliases_max: usize,
    /// Fields at the root of an operation, with fragments spelled out.
    pub root_fields_max: usize,
    /// Directives in an operation, with fragments spelled out.
    pub directives_max: usize,
    /// Cost of an operation: 1 a field, multiplied by the size of the lists
    /// above it.
    pub complexity_max: usize,
    /// Fields selected in an operation, with fragments spelled out.
    pub selections_max: usize,
    /// Size of the variables of an operation, written as JSON.
    pub variables_bytes_max: usize,
    /// Size of a request body.
    pub body_bytes_max: usize,
    /// Size of the body of a request with files. Above that of the largest
    /// picture, so that a larger one is answered by name.
    pub upload_bytes_max: usize,
    /// Size of all requests with files that are held in memory at a time, until
    /// they are answered. Whoever comes when it is used up is asked to come again.
    pub uploads_bytes_max: usize,
    /// Entries in a list of an input.
    pub list_items_max: usize,
    /// Time for a request.
    #[serde(deserialize_with = "duration")]
    pub request_timeout: Duration,
    /// How long a change waits for another change to the same thing (§24.2).
    #[serde(deserialize_with = "duration")]
    pub lock_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            tokens_max: 10_000,
            depth_max: 15,
            aliases_max: 100,
            root_fields_max: 50,
            directives_max: 50,
            complexity_max: 50_000,
            selections_max: 1_000,
            variables_bytes_max: 256 * 1024,
            body_bytes_max: 1024 * 1024,
            upload_bytes_max: 10 * 1024 * 1024,
            uploads_bytes_max: 160 * 1024 * 1024,
            list_items_max: 1_000,
            request_timeout: Duration::from_secs(30),
            lock_timeout: Duration::from_secs(10),
        }
    }
}

/// Switches for parts of the product (spec §27.4).
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Features {
    /// Team roles count, and retired org roles cannot be given. Off: stored
    /// team roles are null and without effect.
    pub team_roles: bool,
    /// People can be invited.
    pub invite_members: bool,
    /// Members may invite where their organization lets them.
    pub member_invites: bool,
    /// Invites are mailed. Off: links are copied.
    pub mail_invites: bool,
    /// Organizations can require a verified address.
    pub email_verification: bool,
    /// Everybody who is signed in may create organizations.
    pub create_organizations: bool,
    /// The field `codecovAccess`.
    pub codecov: bool,
    /// The fields `targetSampleRate` and `samplingMode`.
    pub dynamic_sampling: bool,
    /// The field `ingestThroughTrustedRelaysOnly`.
    pub trusted_relays_only: bool,
}

impl Default for Features {
    fn default() -> Self {
        Self {
            team_roles: true,
            invite_members: true,
            member_invites: true,
            mail_invites: true,
            email_verification: true,
            create_organizations: true,
            codecov: false,
            dynamic_sampling: false,
            trusted_relays_only: false,
        }
    }
}

impl Features {
    /// Names of the features that are on.
    pub fn enabled(&self) -> Vec<&'static str> {
        [
            ("team_roles", self.team_roles),
            ("invite_members", self.invite_members),
            ("member_invites", self.member_invites),
            ("mail_invites", self.mail_invites),
            ("email_verification", self.email_verification),
            ("create_organizations", self.create_organizations),
            ("codecov", self.codecov),
            ("dynamic_sampling", self.dynamic_sampling),
            ("trusted_relays_only", self.trusted_relays_only),
        ]
        .into_iter()
        .filter_map(|(name, on)| on.then_some(name))
        .collect()
    }
}

/// Names in addresses (spec §16.4).
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Slugs {
    /// Words that no organization may take.
    #[serde(deserialize_with = "one_or_many")]
    pub reserved: Vec<String>,
}

impl Default for Slugs {
    fn default() -> Self {
        let words = "404 500 _admin _static about accept access account admin api app auth avatar billing blog careers \
                     community contact customers debug docs enterprise events ext extensions features from guide help \
                     ingest integrations invoices jobs legal login logout mail manage my onboarding \
                     organization-avatar organizations out payments platforms plugins policy pricing privacy projects \
                     register remote resources sales security settings signup sso staff subscribe support team-avatar \
                     teams terms thanks trust us welcome";
        Self {
            reserved: words.split_whitespace().map(String::from).collect(),
        }
    }
}

/// Organizations (spec §15).
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Organizations {
    /// Time between the request to delete an organization and its deletion.
    #[serde(deserialize_with = "duration")]
    pub deletion_delay: Duration,
    /// Slug of the one organization that cannot be deleted.
    pub default_slug: Option<String>,
    /// Whoever creates an organization must agree to terms.
    pub require_terms: bool,
}

impl Default for Organizations {
    fn default() -> Self {
        Self {
            deletion_delay: Duration::from_secs(86_400),
            default_slug: None,
            require_terms: false,
        }
    }
}

/// A change to a built-in org role, or a role of the deployment's own
/// (spec §3). What is absent stays as built in; for a new role, `priority` and
/// `scopes` must be given.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoleSetting {
    /// Shown name.
    pub name: Option<String>,
    /// What the role is for.
    pub description: Option<String>,
    /// Rank; who has a rank at least as high may manage the role.
    pub priority: Option<i32>,
    /// Holders keep it; nobody is given it.
    pub is_retired: Option<bool>,
    /// Access to all teams.
    pub is_global: Option<bool>,
    /// Whether holders can be in teams.
    pub is_team_roles_allowed: Option<bool>,
    /// What holders may do.
    pub scopes: Option<Vec<String>>,
}

/// An option of organizations that the deployment declares of its own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionSetting {
    /// What values it has.
    #[serde(rename = "type")]
    pub kind: OptionType,
    /// What it is for.
    pub description: Option<String>,
    /// What counts while nothing is set. Default: null.
    pub default: Option<serde_json::Value>,
    /// Smallest number; of a text the fewest characters, of a list the fewest
    /// entries.
    pub min: Option<f64>,
    /// Largest number; of a text the most characters, of a list the most
    /// entries.
    pub max: Option<f64>,
    /// Regular expression that the whole text, or each in a list, matches.
    pub pattern: Option<String>,
    /// The only values, or entries of a list, that are allowed. Default: all.
    #[serde(default)]
    pub values: Vec<serde_json::Value>,
    /// The scope that one needs to set it: `org:write` (the default) or `org:admin`.
    pub scope: Option<String>,
}

/// Types of options of the deployment's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OptionType {
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// A text.
    Text,
    /// A list of texts.
    Texts,
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
