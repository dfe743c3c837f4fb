//! From a bearer token to verified claims: who issued it, for whom, until when,
//! and whether a key of that issuer has signed it.

use std::{path::Path, sync::Arc};

use chrono::{DateTime, Utc};
use futures_util::future::join_all;

use super::{
    claims::{Claims, Payload},
    jwks::{Published, Source},
    jws::{Reason, Token, media_type},
    keys::{KeySet, TrustedKey, algorithms},
};
use crate::config::{Auth, Config, ConfigError, Issuer};

/// Kinds of tokens that are taken where the issuer's entry names none. Tokens for
/// other purposes name theirs (RFC 8725 §3.11).
const USUAL_KINDS: [&str; 2] = ["jwt", "at+jwt"];

/// Why nobody knows whose token it is. Details are only logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unverified {
    /// It is no good: every flaw alike.
    Refused,
    /// The issuer has not told its keys, or not for too long.
    NoKeys,
}

/// Checks tokens against the configured issuers.
#[derive(Debug)]
pub struct Verifier {
    issuers: Vec<TrustedIssuer>,
    auth: Auth,
}

struct TrustedIssuer {
    issuer: String,
    audience: Vec<String>,
    /// `typ` that its tokens must have.
    kind: Option<String>,
    keys: Keys,
}

enum Keys {
    /// Those of the configuration.
    Given(Vec<TrustedKey>),
    /// Those that the issuer publishes.
    Published(Box<Published>),
}

/// Keys stay out of logs.
impl std::fmt::Debug for TrustedIssuer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("TrustedIssuer")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

impl Verifier {
    /// Reads the keys that stand in the configuration. Those that issuers publish
    /// are fetched by [`Verifier::keep_keys`].
    ///
    /// # Errors
    /// A key file that cannot be read, or has no key that the issuer's algorithms
    /// list.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let auth: &Auth = &config.auth;
        let mut issuers = Vec::new();
        if let Some(secret) = &auth.hs256_secret {
            issuers.push(TrustedIssuer {
                issuer: auth.issuer.clone(),
                audience: vec![auth.audience.clone()],
                kind: None,
                keys: Keys::Given(vec![TrustedKey::secret(secret)]),
            });
        }
        for issuer in &auth.issuers {
            let refuse = |reason: Reason| ConfigError::new(format!("auth.issuers: {}: {reason}", issuer.issuer));
            if issuers.iter().any(|known| known.issuer == issuer.issuer) {
                return Err(refuse("it is given twice".into()));
            }
            issuers.push(TrustedIssuer {
                issuer: issuer.issuer.clone(),
                audience: issuer.audience.clone(),
                kind: issuer.token_type.as_deref().map(media_type),
                keys: keys(issuer, config).map_err(refuse)?,
            });
        }
        Ok(Self {
            issuers,
            auth: auth.clone(),
        })
    }

    /// Begins with the keys that `before` has fetched from the same issuers, so
    /// that nobody has to wait for them.
    pub fn take_over(&self, before: &Self) {
        for issuer in &self.issuers {
            let known = before.issuers.iter().find(|known| known.issuer == issuer.issuer);
            if let (Keys::Published(keys), Some(Keys::Published(known))) =
                (&issuer.keys, known.map(|known| &known.keys))
            {
                keys.take_over(known);
            }
        }
    }

    /// Fetches the keys that issuers publish, again and again; never ends. Without
    /// it, none of their tokens is taken.
    pub async fn keep_keys(self: Arc<Self>) {
        let published = self.issuers.iter().filter_map(|issuer| match &issuer.keys {
            Keys::Given(_) => None,
            Keys::Published(keys) => Some(keys.keep()),
        });
        join_all(published).await;
    }

    /// The claims of a token that one of the issuers has signed for us. May wait
    /// for keys to be fetched, for some seconds.
    ///
    /// # Errors
    /// A token with a flaw; an issuer without keys.
    pub async fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, Unverified> {
        match self.check(token, now).await {
            Ok(Some(claims)) => Ok(claims),
            Ok(None) => Err(Unverified::NoKeys),
            Err(reason) => {
                tracing::info!(%reason, "token refused");
                Err(Unverified::Refused)
            }
        }
    }

    async fn check(&self, token: &str, now: DateTime<Utc>) -> Result<Option<Claims>, Reason> {
        let mut token = Token::parse(token)?;
        let payload = Payload(std::mem::take(&mut token.claims));
        let name = payload.text("iss").ok_or("iss is no text")?;
        let issuer = self.issuers.iter().find(|issuer| issuer.issuer == name);
        let issuer = issuer.ok_or("unknown issuer")?;
        issuer.check_kind(&token)?;
        // Before its keys: nobody fetches keys for a token that would not be taken.
        payload.check(&issuer.audience, &self.auth, now)?;
        match issuer.keys.have_signed(&token).await {
            None => {
                tracing::warn!(issuer = issuer.issuer, "there are no keys of an issuer");
                Ok(None)
            }
            Some(true) => payload.into_claims(&self.auth, now).map(Some),
            Some(false) => Err("no key of the issuer has signed it".into()),
        }
    }
}

impl TrustedIssuer {
    /// Whether the token is of the kind that we take from this issuer.
    fn check_kind(&self, token: &Token<'_>) -> Result<(), Reason> {
        let is_right = match (&self.kind, &token.kind) {
            (Some(wanted), given) => given.as_ref() == Some(wanted),
            (None, Some(given)) => USUAL_KINDS.contains(&given.as_str()),
            (None, None) => true,
        };
        is_right.then_some(()).ok_or_else(|| "typ is of another kind".into())
    }
}

impl Keys {
    /// Whether one of the keys has signed it; `None` when there is no key to tell.
    async fn have_signed(&self, token: &Token<'_>) -> Option<bool> {
        let published = match self {
            Self::Given(keys) => return Some(token.is_signed_by(keys)),
            Self::Published(published) => published,
        };
        let sought = |result| metrics::counter!("issuer_key_lookups_total", "result" => result).increment(1);
        if let Some(keys) = published.keys() {
            let is_signed = token.is_signed_by(&keys);
            // If the key is known, it was not this one.
            if is_signed || token.names_one_of(&keys) {
                sought("hit");
                return Some(is_signed);
            }
        }
        sought("miss");
        published.look_again(token).await;
        published.keys().map(|keys| token.is_signed_by(&keys))
    }
}

/// The keys of an issuer's entry.
fn keys(issuer: &Issuer, config: &Config) -> Result<Keys, Reason> {
    let algorithms = algorithms(issuer)?;
    if issuer.audience.is_empty() || algorithms.is_empty() {
        return Err("audience and algorithms must be given".into());
    }
    let read = |path: &Path| std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
    let Issuer {
        hs256_secret,
        public_key_file,
        jwks_file,
        jwks_url,
        discovery,
        ..
    } = issuer;
    let source = match (hs256_secret, public_key_file, jwks_file, jwks_url, discovery) {
        (Some(secret), None, None, None, false) => {
            if algorithms != [jsonwebtoken::Algorithm::HS256] {
                return Err("a shared secret is for HS256 only".into());
            }
            return Ok(Keys::Given(vec![TrustedKey::secret(secret)]));
        }
        (None, Some(path), None, None, false) => {
            return Ok(Keys::Given(vec![TrustedKey::from_pem(&read(path)?, &algorithms)?]));
        }
        (None, None, Some(path), None, false) => {
            let KeySet { keys, ignored } = KeySet::parse(&read(path)?, &algorithms)?;
            let ignored = ignored.join("; ");
            if keys.is_empty() {
                return Err(format!("the key set has no key that can be used: {ignored}").into());
            }
            if !ignored.is_empty() {
                tracing::warn!(issuer = issuer.issuer, ignored, "keys of an issuer are not used");
            }
            return Ok(Keys::Given(keys));
        }
        (None, None, None, Some(url), false) => Source::Keys(url.clone()),
        (None, None, None, None, true) => Source::Discovery(issuer.discovery_url().map_err(Reason::from)?),
        _ => {
            return Err("give exactly one of hs256_secret, public_key_file, jwks_file, jwks_url and discovery".into());
        }
    };
    let published = Published::new(&issuer.issuer, source, algorithms, config.mode, &config.auth.keys)?;
    Ok(Keys::Published(Box::new(published)))
}
