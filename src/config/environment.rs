//! Settings as variables and flags: dotted names with text values.

use figment::{
    Metadata, Profile, Provider,
    error::Kind,
    value::{Dict, Map, Value},
};

use super::ConfigError;

/// Settings as flat dotted names with text values.
pub(super) struct Environment(pub(super) Vec<(String, String)>);

/// Names whose values are text even if they look like a number or a list.
const TEXTS: &[&str] = &[
    "auth.audience",
    "auth.cookie",
    "auth.hs256_secret",
    "auth.idp_claim",
    "auth.issuer",
    "console.oidc.audience",
    "console.oidc.client_id",
    "console.oidc.issuer",
    "console.oidc.scope",
    "data_dir",
    "database_url",
    "log.filter",
    "mail.ca_file",
    "mail.color",
    "mail.folder",
    "mail.from",
    "mail.smtp_url",
    "nats.credentials_file",
    "nats.stream",
    "nats.subject",
    "nats.url",
    "organizations.default_slug",
    "product_name",
    "public_url",
    "redis.prefix",
    "redis.url",
    "sentry.dsn",
    "sentry.environment",
    "storage.folder",
    "storage.s3.access_key_id",
    "storage.s3.bucket",
    "storage.s3.prefix",
    "storage.s3.region",
    "storage.s3.secret_access_key",
    "tls.certificate_file",
    "tls.key_file",
];

/// Names of lists, which are texts unless they are in brackets.
const LISTS: &[&str] = &[
    "auth.superusers",
    "auth.two_factor_methods",
    "console.oidc.origins",
    "cors.origins",
    "invites.blocked_domains",
    "invites.secret",
    "outbox.disabled_shards",
    "slugs.reserved",
    "trusted_proxies",
    "webhooks.secret",
];

/// Names that may end in `_file` and then name a file with the secret in it.
const SECRETS: &[&str] = &[
    "auth.hs256_secret",
    "database_url",
    "invites.secret",
    "mail.smtp_url",
    "nats.url",
    "redis.url",
    "sentry.dsn",
    "storage.s3.secret_access_key",
    "webhooks.secret",
];

impl Environment {
    pub(super) fn read(variables: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let mut settings = Vec::new();
        for (variable, value) in variables {
            let Some(name) = variable.strip_prefix("ROSTER_") else {
                continue;
            };
            // The name of the file itself: the command line reads it.
            if name == "CONFIG" {
                continue;
            }
            let key = name.to_lowercase().replace("__", ".");
            match key.strip_suffix("_file").filter(|key| SECRETS.contains(key)) {
                Some(key) => {
                    let secret = std::fs::read_to_string(&value)
                        .map_err(|error| ConfigError::new(format!("{variable}: cannot read {value}: {error}")))?;
                    settings.push((key.to_owned(), secret.trim_end_matches(['\r', '\n']).to_owned()));
                }
                None => settings.push((key, value)),
            }
        }
        Ok(Self(settings))
    }
}

impl Provider for Environment {
    fn metadata(&self) -> Metadata {
        Metadata::named("environment or flag")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let mut root = Dict::new();
        for (key, text) in &self.0 {
            let is_list = LISTS.contains(&key.as_str());
            let is_text = TEXTS.contains(&key.as_str()) || (is_list && !text.trim_start().starts_with('['));
            let value = if is_text {
                Value::from(text.clone())
            } else {
                text.parse().unwrap_or_else(|never| match never {})
            };
            insert(&mut root, key, value);
        }
        Ok(Map::from([(Profile::Default, root)]))
    }
}

/// Puts `value` under a dotted `key`.
fn insert(dict: &mut Dict, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            dict.insert(key.to_owned(), value);
        }
        Some((head, rest)) => {
            let entry = dict.entry(head.to_owned()).or_insert_with(|| Value::from(Dict::new()));
            if let Value::Dict(_, inner) = entry {
                insert(inner, rest, value);
            }
        }
    }
}

/// Says what is wrong, where, and which name was probably meant.
pub(super) fn explain(error: figment::Error) -> String {
    let messages: Vec<String> = error
        .into_iter()
        .map(|error| {
            let place = error.path.join(".");
            match &error.kind {
                Kind::UnknownField(name, known) => {
                    let mut path = error.path.clone();
                    if path.last() != Some(name) {
                        path.push(name.clone());
                    }
                    let nearest = known
                        .iter()
                        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
                        .min()
                        .map(|(_, candidate)| format!("; did you mean `{candidate}`?"));
                    format!("unknown setting `{}`{}", path.join("."), nearest.unwrap_or_default())
                }
                Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) | Kind::InvalidLength(_, expected)
                    if may_be_secret(&place) =>
                {
                    format!("{place}: expected {expected}")
                }
                Kind::UnknownVariant(given, known) => format!("{place}: `{given}` is none of {}", known.join(", ")),
                kind @ (Kind::MissingField(_) | Kind::DuplicateField(_)) => format!("{place}: {kind}"),
                _ if may_be_secret(&place) => format!("{place}: a value that cannot be used"),
                kind => format!("{place}: {kind}"),
            }
        })
        .collect();
    messages.join("\n")
}

/// Whether a secret may stand in this place, or below it.
fn may_be_secret(place: &str) -> bool {
    let is_below = |place: &str, other: &str| {
        let rest = place.strip_prefix(other);
        rest.is_some_and(|rest| other.is_empty() || rest.is_empty() || rest.starts_with('.'))
    };
    let mut secrets = SECRETS.iter().chain(&["auth.issuers"]);
    secrets.any(|secret| is_below(place, secret) || is_below(secret, place))
}
