//! From a file, the environment and flags to a configuration that can be used.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use figment::{Figment, providers::Serialized};
use secrecy::{ExposeSecret, SecretString};

use super::{
    Config, ConfigError, DatabaseKind, MailTransport, Mode, StorageKind, TrustedDocuments, UNKNOWN_DATABASE,
    environment::Environment,
};

/// Settings from the command line; they win over everything else.
pub type Overrides = Vec<(&'static str, String)>;

impl Config {
    /// What was given in the file, in variables and by flags. Without a `file`,
    /// `roster.toml` is read if it is there.
    pub(super) fn figment(file: Option<&Path>, overrides: &Overrides) -> Result<Figment, ConfigError> {
        let mut figment = Figment::new();
        let usual = Path::new("roster.toml");
        figment = match file.or_else(|| usual.is_file().then_some(usual)) {
            Some(path) if !path.is_file() => return Err(ConfigError::new(format!("{} is not a file", path.display()))),
            Some(path) => figment.merge(Serialized::defaults(read_file(path)?)),
            None => figment,
        };
        let variables =
            std::env::vars_os().filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)));
        Ok(figment.merge(Environment::read(variables)?).merge(Environment(
            overrides
                .iter()
                .map(|(key, value)| (key.to_string(), value.clone()))
                .collect(),
        )))
    }

    /// Puts the address that is really listened on in the place of port 0.
    pub fn settle_listen(&mut self, address: SocketAddr) {
        if self.listen.port() == 0 {
            self.listen = address;
        }
    }

    /// Address under which people reach the service, without a slash at the end.
    pub fn public_url(&self) -> String {
        match &self.public_url {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None if self.tls.certificate_file.is_some() => format!("https://{}", self.listen),
            None => format!("http://{}", self.listen),
        }
    }

    /// The database, named or embedded.
    pub fn database_url(&self) -> SecretString {
        self.database_url
            .clone()
            .unwrap_or_else(|| format!("sqlite://{}/roster.sqlite", self.data_dir.display()).into())
    }

    /// Where the folder transport puts mail.
    pub fn mail_folder(&self) -> PathBuf {
        self.mail.folder.clone().unwrap_or_else(|| self.data_dir.join("mail"))
    }

    /// Where the folder kind of storage puts files.
    pub fn storage_folder(&self) -> PathBuf {
        self.storage
            .folder
            .clone()
            .unwrap_or_else(|| self.data_dir.join("files"))
    }

    /// Whether an empty database is filled with demo data at start.
    pub fn wants_demo(&self) -> bool {
        self.demo
            .unwrap_or(self.mode == Mode::Development && self.database_url.is_none())
    }

    /// Whether clients may ask for the schema.
    pub fn allows_introspection(&self) -> bool {
        self.graphql.introspection.unwrap_or(self.mode == Mode::Development)
    }

    /// Whether everything can be used together. Makes nothing.
    ///
    /// # Errors
    /// A setting that is missing in this mode, or cannot be used.
    pub fn check(&self) -> Result<(), ConfigError> {
        let refuse = |why: &str| Err(ConfigError::new(why.to_owned()));
        if DatabaseKind::of(&self.database_url()).is_none() {
            return refuse(UNKNOWN_DATABASE);
        }
        for (name, is_missing) in self.missing_secrets() {
            if is_missing && !self.may_make_secrets() {
                let why = match self.mode {
                    Mode::Production => "in production".to_owned(),
                    Mode::Development => format!("when listening on {}, which is not a loopback address", self.listen),
                };
                let name = name.0;
                return refuse(&format!(
                    "{name} must be set {why}; generated secrets are for development only"
                ));
            }
        }
        let issuers = self
            .auth
            .issuers
            .iter()
            .filter_map(|issuer| issuer.hs256_secret.as_ref());
        let keys = self.auth.hs256_secret.iter().chain(issuers);
        let keys = keys.map(|secret| ("auth.hs256_secret", secret));
        let invites = self.invites.secret.iter().map(|secret| ("invites.secret", secret));
        let webhooks = self.webhooks.secret.iter().map(|secret| ("webhooks.secret", secret));
        let secrets = keys.chain(invites).chain(webhooks);
        for (name, secret) in secrets {
            if self.mode == Mode::Production && secret.expose_secret().len() < 32 {
                return refuse(&format!("{name} must have at least 32 bytes in production"));
            }
            if secret.expose_secret().is_empty() {
                return refuse(&format!("{name} is empty"));
            }
        }
        if self.mode == Mode::Production && self.public_url.is_none() {
            return refuse("public_url must be set in production: invite links begin with it");
        }
        if self.mail.transport == MailTransport::Smtp && self.mail.smtp_url.is_none() {
            return refuse("mail.smtp_url must be set when mail.transport is smtp");
        }
        let s3 = &self.storage.s3;
        if self.storage.kind == StorageKind::S3 && s3.bucket.as_ref().is_none_or(String::is_empty) {
            return refuse("storage.s3.bucket must be set when storage.kind is s3");
        }
        if s3.access_key_id.is_some() != s3.secret_access_key.is_some() {
            return refuse("storage.s3.access_key_id and storage.s3.secret_access_key are set together");
        }
        if self.graphql.trusted_documents != TrustedDocuments::Off && self.graphql.manifest_file.is_none() {
            return refuse("graphql.manifest_file must be set unless graphql.trusted_documents is off");
        }
        let is_pair = |name: &String| {
            name.split_once('|')
                .is_some_and(|(one, other)| !one.is_empty() && !other.is_empty())
        };
        if let Some(name) = self.auth.superusers.iter().find(|name| !is_pair(name)) {
            return refuse(&format!("auth.superusers: `{name}` is not of the form issuer|subject"));
        }
        self.check_issuers()?;
        self.check_pages()?;
        self.check_console()?;
        if self.mail.timeout >= self.jobs.lease.mul_f64(0.75) {
            return refuse("mail.timeout must be shorter than three quarters of jobs.lease");
        }
        self.check_operations()?;
        self.check_rates()?;
        if self.limits.uploads_bytes_max < self.limits.upload_bytes_max {
            return refuse("limits.uploads_bytes_max must be at least limits.upload_bytes_max");
        }
        for (name, duration) in [
            ("connections.header_timeout", self.connections.header_timeout),
            ("connections.idle_timeout", self.connections.idle_timeout),
            ("connections.write_timeout", self.connections.write_timeout),
            ("health.timeout", self.health.timeout),
            ("tls.check_every", self.tls.check_every),
            ("auth.keys.cool_down", self.auth.keys.cool_down),
            ("auth.keys.timeout", self.auth.keys.timeout),
            ("webhooks.timeout", self.webhooks.timeout),
            ("invites.lifetime", self.invites.lifetime),
            ("invites.cleanup_every", self.invites.cleanup_every),
            ("graphql.manifest_check_every", self.graphql.manifest_check_every),
            ("limits.request_timeout", self.limits.request_timeout),
            ("limits.lock_timeout", self.limits.lock_timeout),
            ("jobs.lease", self.jobs.lease),
            ("jobs.poll_every", self.jobs.poll_every),
            ("subscriptions.init_timeout", self.subscriptions.init_timeout),
            ("subscriptions.ping_every", self.subscriptions.ping_every),
            ("subscriptions.send_timeout", self.subscriptions.send_timeout),
            ("subscriptions.check_every", self.subscriptions.check_every),
        ] {
            if duration.is_zero() {
                return refuse(&format!("{name} must be longer than nothing"));
            }
        }
        Ok(())
    }

    /// Makes up the secrets that are missing, where that is allowed: in
    /// development, while nobody else can reach the service.
    ///
    /// # Errors
    /// Those of [`Config::check`]; a data folder that cannot be written.
    pub fn secure(&mut self) -> Result<(), ConfigError> {
        self.check()?;
        let [(jwt, no_jwt), (invites, no_invites)] = self.missing_secrets();
        if no_jwt {
            self.auth.hs256_secret = Some(self.development_secret(jwt.1)?);
        }
        if no_invites {
            self.invites.secret = vec![self.development_secret(invites.1)?];
        }
        // Where none can be made up, there are no webhooks.
        if self.webhooks.secret.is_empty() && self.may_make_secrets() {
            self.webhooks.secret = vec![self.development_secret("webhooks.secret")?];
        }
        // The files may be empty.
        self.check()
    }

    /// Name and file of the secrets that can be made up, and whether each is missing.
    fn missing_secrets(&self) -> [((&'static str, &'static str), bool); 2] {
        let no_jwt = self.auth.hs256_secret.is_none() && self.auth.issuers.is_empty();
        [
            (("auth.hs256_secret", "jwt.secret"), no_jwt),
            (("invites.secret", "invites.secret"), self.invites.secret.is_empty()),
        ]
    }

    fn may_make_secrets(&self) -> bool {
        self.mode == Mode::Development && self.listen.ip().is_loopback()
    }

    /// A secret that is made up once and kept, readable by its owner only.
    fn development_secret(&self, file: &str) -> Result<SecretString, ConfigError> {
        let path = self.data_dir.join(file);
        keep_secret(&path)
            .map(SecretString::from)
            .map_err(|error| ConfigError::new(format!("{}: {error}", path.display())))
    }
}

/// The settings in a file. What is malformed is told without a word of the
/// file: a secret may stand there.
fn read_file(path: &Path) -> Result<toml::Table, ConfigError> {
    let text =
        std::fs::read_to_string(path).map_err(|error| ConfigError::new(format!("{}: {error}", path.display())))?;
    toml::from_str(&text).map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|letter| *letter != '\n').count() + 1;
        let reason = error.message();
        ConfigError::new(format!("{}: line {line}, column {column}: {reason}", path.display()))
    })
}

/// Reads the secret in `path`, or makes one. Of several processes that start
/// at once, all end up with the same.
fn keep_secret(path: &Path) -> std::io::Result<String> {
    use std::io::Write;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    if !path.exists() {
        let secret = hex::encode(rand::random::<[u8; 32]>());
        let draft = path.with_extension(format!("{}.tmp", std::process::id()));
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&draft)?.write_all(secret.as_bytes())?;
        // A link fails when the name is taken, so the first process wins and
        // nobody ever reads half a secret.
        match std::fs::hard_link(&draft, path) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(error),
            _ => std::fs::remove_file(&draft)?,
        }
    }
    Ok(std::fs::read_to_string(path)?.trim().to_owned())
}
