//! Who may sign in, and from which pages. Here are also the checks of what could
//! open a door if it were wrong: addresses of keys, the cookie, origins of pages.

use std::{path::PathBuf, time::Duration};

use secrecy::SecretString;
use serde::Deserialize;
use url::{Host, Url};

use super::{
    Config, ConfigError, Mode,
    values::{duration, one_or_many},
};

/// Clocks that differ by more are wrong.
const LEEWAY_MAX: Duration = Duration::from_secs(3600);

/// A request for a key may wait as long.
const COOL_DOWN_MAX: Duration = Duration::from_secs(60);

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

impl Issuer {
    /// Where the issuer describes itself.
    ///
    /// # Errors
    /// An issuer whose name is no address.
    pub(crate) fn discovery_url(&self) -> Result<Url, &'static str> {
        let name = self.issuer.trim_end_matches('/');
        let url = Url::parse(&format!("{name}/.well-known/openid-configuration"));
        url.map_err(|_| "for discovery, issuer must be a URL")
    }
}

impl Config {
    /// Whether keys of issuers come over connections that nobody can meddle with.
    pub(super) fn check_issuers(&self) -> Result<(), ConfigError> {
        let refuse = |why: String| Err(ConfigError::new(why));
        for issuer in &self.auth.issuers {
            let name = &issuer.issuer;
            let discovery = issuer.discovery.then(|| issuer.discovery_url()).transpose();
            let discovery = discovery.map_err(|why| ConfigError::new(format!("auth.issuers: {name}: {why}")))?;
            for url in issuer.jwks_url.iter().chain(&discovery) {
                if !is_safe_url(url, self.mode) {
                    return refuse(format!(
                        "auth.issuers: {name}: keys are fetched from https:// addresses without user and password"
                    ));
                }
            }
            if issuer.token_type.as_ref().is_some_and(String::is_empty) {
                return refuse(format!("auth.issuers: {name}: token_type is empty"));
            }
        }
        let keys = &self.auth.keys;
        if self.auth.leeway > LEEWAY_MAX {
            return refuse("auth.leeway is more than an hour".into());
        }
        if keys.cool_down > COOL_DOWN_MAX || keys.timeout > COOL_DOWN_MAX {
            return refuse("auth.keys.cool_down and auth.keys.timeout are at most a minute".into());
        }
        if keys.refresh_every < keys.cool_down || keys.keep_for < keys.refresh_every {
            return refuse("auth.keys: cool_down, refresh_every and keep_for are each at least the one before".into());
        }
        Ok(())
    }

    /// Whether pages of others are named exactly, and the cookie cannot be set by
    /// others.
    pub(super) fn check_pages(&self) -> Result<(), ConfigError> {
        let refuse = |why: String| Err(ConfigError::new(why));
        for origin in &self.cors.origins {
            check_origin(origin, self.mode).map_err(|why| ConfigError::new(format!("cors.origins: {why}")))?;
        }
        let Some(cookie) = &self.auth.cookie else { return Ok(()) };
        let is_token = |letter: char| letter.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(letter);
        if cookie.is_empty() || !cookie.chars().all(is_token) {
            return refuse(format!("auth.cookie: `{cookie}` is no name of a cookie"));
        }
        let is_secure = ["__Host-", "__Secure-"].iter().any(|prefix| cookie.starts_with(prefix));
        if self.mode == Mode::Production && !is_secure {
            return refuse("auth.cookie must begin with __Host- or __Secure- in production".into());
        }
        Ok(())
    }
}

/// Whether this is the origin of pages, in full and over a safe connection.
///
/// # Errors
/// Why it is not, in words for the operator.
pub(super) fn check_origin(origin: &str, mode: Mode) -> Result<(), String> {
    let url = Url::parse(origin).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.origin().ascii_serialization() == origin
            // Which a name may have, as far as URLs go.
            && !origin.contains('*')
    });
    match url {
        None => Err(format!(
            "`{origin}` is no origin such as https://app.example.com; there are no wildcards"
        )),
        Some(url) if !is_safe_url(&url, mode) => Err(format!("`{origin}` must begin with https:// in production")),
        Some(_) => Ok(()),
    }
}

/// Whether nobody on the way can change what comes from this address: TLS, or
/// this machine. Development may do without.
pub(crate) fn is_safe_url(url: &Url, mode: Mode) -> bool {
    let is_plain = url.username().is_empty() && url.password().is_none();
    let is_safe = match url.scheme() {
        "https" => true,
        "http" => mode == Mode::Development || is_loopback(url),
        _ => false,
    };
    is_plain && is_safe
}

/// Whether the address is of this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn production() -> Config {
        Config {
            mode: Mode::Production,
            ..Config::default()
        }
    }

    #[test]
    fn keys_come_over_safe_connections() {
        for (url, in_production, in_development) in [
            ("https://id.example.com/keys", true, true),
            ("http://127.0.0.1:9000/keys", true, true),
            ("http://[::1]/keys", true, true),
            ("http://localhost/keys", true, true),
            ("http://id.example.com/keys", false, true),
            ("http://localhost.example.com/keys", false, true),
            ("http://10.0.0.1/keys", false, true),
            ("https://user@id.example.com/keys", false, false),
            ("https://:secret@id.example.com/keys", false, false),
            ("file:///etc/passwd", false, false),
        ] {
            for (mode, is_good) in [(Mode::Production, in_production), (Mode::Development, in_development)] {
                let mut config = Config {
                    mode,
                    ..Config::default()
                };
                config.auth.issuers = vec![Issuer {
                    issuer: "https://id.example.com".into(),
                    jwks_url: Some(url.parse().unwrap()),
                    ..Issuer::default()
                }];
                assert_eq!(config.check_issuers().is_ok(), is_good, "{url} {mode:?}");
            }
        }
    }

    #[test]
    fn a_description_is_where_the_specification_says() {
        let issuer = |name: &str| Issuer {
            issuer: name.into(),
            ..Issuer::default()
        };
        for name in ["https://id.example.com/realms/a", "https://id.example.com/realms/a/"] {
            let url = issuer(name).discovery_url().unwrap();
            assert_eq!(
                url.as_str(),
                "https://id.example.com/realms/a/.well-known/openid-configuration"
            );
        }
        assert!(issuer("roster").discovery_url().is_err());
        let mut config = production();
        config.auth.issuers = vec![Issuer {
            discovery: true,
            ..issuer("http://id.example.com")
        }];
        assert!(config.check_issuers().is_err());
    }

    #[test]
    fn times_are_within_reason() {
        let with = |change: fn(&mut Config)| {
            let mut config = production();
            change(&mut config);
            config.check_issuers().is_ok()
        };
        assert!(with(|_| ()));
        assert!(with(|config| config.auth.leeway = Duration::from_secs(3600)));
        assert!(!with(|config| config.auth.leeway = Duration::from_secs(3601)));
        assert!(!with(|config| config.auth.keys.cool_down = Duration::from_secs(61)));
        assert!(!with(|config| config.auth.keys.timeout = Duration::from_secs(61)));
        assert!(!with(|config| config.auth.keys.refresh_every = Duration::from_secs(1)));
        assert!(!with(|config| config.auth.keys.keep_for = Duration::from_secs(60)));
    }

    #[test]
    fn origins_are_named_in_full() {
        for (origin, in_production, in_development) in [
            ("https://app.example.com", true, true),
            ("https://app.example.com:8443", true, true),
            ("http://localhost:3000", true, true),
            ("http://app.example.com", false, true),
            ("https://app.example.com/", false, false),
            ("https://app.example.com/path", false, false),
            ("https://app.example.com:443", false, false),
            ("https://APP.example.com", false, false),
            ("https://*.example.com", false, false),
            ("app.example.com", false, false),
            ("ftp://app.example.com", false, false),
            ("*", false, false),
            ("null", false, false),
            ("", false, false),
        ] {
            for (mode, is_good) in [(Mode::Production, in_production), (Mode::Development, in_development)] {
                let mut config = Config {
                    mode,
                    ..Config::default()
                };
                config.cors.origins = vec![origin.into()];
                assert_eq!(config.check_pages().is_ok(), is_good, "{origin} {mode:?}");
            }
        }
    }

    #[test]
    fn the_cookie_cannot_be_set_by_others() {
        for (name, in_production, in_development) in [
            ("__Host-session", true, true),
            ("__Secure-session", true, true),
            ("session", false, true),
            ("__Host-a b", false, false),
            ("a=b", false, false),
            ("a;b", false, false),
            ("", false, false),
        ] {
            for (mode, is_good) in [(Mode::Production, in_production), (Mode::Development, in_development)] {
                let mut config = Config {
                    mode,
                    ..Config::default()
                };
                config.auth.cookie = Some(name.into());
                assert_eq!(config.check_pages().is_ok(), is_good, "{name} {mode:?}");
            }
        }
    }
}
