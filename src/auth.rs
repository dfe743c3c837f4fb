//! Who is calling: from a bearer token to verified claims, and the [`Actor`]
//! that everything else asks.

use std::{net::IpAddr, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use email_address::EmailAddress;
use entity::{
    api_token,
    ids::{ApiTokenId, UserId},
    user,
};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation,
    jwk::{Jwk, JwkSet},
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use crate::{
    config::{Auth, Config, ConfigError, Issuer},
    error::{Code, Result},
    roles::{Scope, ScopeSet},
};

/// Whoever sent a request, and when.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Who it is.
    pub who: Who,
    /// Address of the client, as far as it is known.
    pub ip: Option<IpAddr>,
    /// When the request came in: the one "now" of everything it does.
    pub now: DateTime<Utc>,
    /// When the credential ends, if it does.
    pub until: Option<DateTime<Utc>>,
}

/// Kinds of callers.
#[derive(Clone, Debug)]
pub enum Who {
    /// Nobody signed in.
    Anonymous,
    /// A person with a token of an identity provider.
    Person(Box<Person>),
    /// An app with an API token of an organization.
    App(Box<AppToken>),
}

/// A signed-in person.
#[derive(Clone, Debug)]
pub struct Person {
    /// The person's row.
    pub user: user::Model,
    /// Whether this session has a second factor (spec §27.1).
    pub has_two_factor: bool,
    /// Named in the configuration as somebody who may do everything.
    pub is_superuser: bool,
    /// What the token narrows the person's rights to; `None` = nothing.
    pub limit: Option<ScopeSet>,
    /// Provider through which the person signed in.
    pub idp: Option<String>,
    /// When the person signed in.
    pub signed_in_at: DateTime<Utc>,
}

impl Person {
    /// What the token leaves of `scopes`.
    pub fn narrow(&self, scopes: ScopeSet) -> ScopeSet {
        self.limit.map_or(scopes, |limit| scopes.and(limit))
    }
}

/// An app's credential.
#[derive(Clone, Debug)]
pub struct AppToken {
    /// The token's row.
    pub token: api_token::Model,
    /// What the token may do.
    pub scopes: ScopeSet,
}

impl Actor {
    /// The signed-in person, if it is one.
    pub fn person(&self) -> Option<&Person> {
        match &self.who {
            Who::Person(person) => Some(person),
            _ => None,
        }
    }

    /// The app, if it is one.
    pub fn app(&self) -> Option<&AppToken> {
        match &self.who {
            Who::App(token) => Some(token),
            _ => None,
        }
    }

    /// Id of the signed-in person.
    pub fn user_id(&self) -> Option<UserId> {
        self.person().map(|person| person.user.id)
    }

    /// Whether a row with this person is the actor's own.
    pub fn is(&self, user: Option<UserId>) -> bool {
        user.is_some() && user == self.user_id()
    }

    /// The name of whoever acts; empty for anonymous callers.
    pub fn name(&self) -> &str {
        match &self.who {
            Who::Anonymous => "",
            Who::Person(person) => person.user.display_name(),
            Who::App(app) => &app.token.name,
        }
    }

    /// The address at which whoever acts can be asked back, or else the name.
    pub fn address(&self) -> &str {
        let email = self.person().and_then(|person| person.user.email.as_deref());
        email.unwrap_or_else(|| self.name())
    }

    /// The signed-in person.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for apps and anonymous callers.
    pub fn require_person(&self) -> Result<&Person> {
        self.person().ok_or_else(|| Code::Unauthenticated.into())
    }

    /// Refuses anonymous callers with `UNAUTHENTICATED`.
    pub fn require_known(&self) -> Result<()> {
        match self.who {
            Who::Anonymous => Err(Code::Unauthenticated.into()),
            _ => Ok(()),
        }
    }
}

/// Whoever asked for something, as the audit log names them: all that is left of
/// an [`Actor`] when it is done later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// The app's token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_token: Option<ApiTokenId>,
    /// The name at that time.
    pub name: String,
    /// From where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
}

impl From<&Actor> for Author {
    fn from(actor: &Actor) -> Self {
        Self {
            user: actor.user_id(),
            api_token: actor.app().map(|app| app.token.id),
            name: actor.name().to_owned(),
            ip: actor.ip.map(|ip| ip.to_string()),
        }
    }
}

/// What a verified token says (spec §27.1).
#[derive(Clone, Debug)]
pub struct Claims {
    /// `iss`.
    pub issuer: String,
    /// `sub`.
    pub subject: String,
    /// `email`, if it has one.
    pub email: Option<String>,
    /// `email_verified`; `None` when the token does not say.
    pub is_email_verified: Option<bool>,
    /// `name`.
    pub name: Option<String>,
    /// `picture`.
    pub picture: Option<String>,
    /// From `amr`: whether the session has a second factor; `None` when the
    /// token does not say.
    pub has_two_factor: Option<bool>,
    /// `auth_time`, else `iat`.
    pub signed_in_at: DateTime<Utc>,
    /// The provider claim.
    pub idp: Option<String>,
    /// What `scope` narrows the rights to.
    pub limit: Option<ScopeSet>,
    /// `exp`, and what clocks may differ.
    pub until: Option<DateTime<Utc>>,
}

/// The payload as it stands in the token. Optional claims of the wrong type
/// count as absent; `iss`, `sub` and `exp` must be right.
#[derive(Deserialize)]
struct Payload {
    iss: String,
    sub: String,
    iat: Option<serde_json::Number>,
    auth_time: Option<serde_json::Number>,
    exp: Option<serde_json::Number>,
    #[serde(flatten)]
    other: serde_json::Map<String, serde_json::Value>,
}

/// Checks tokens against the configured issuers.
#[derive(Debug)]
pub struct Verifier {
    issuers: Vec<TrustedIssuer>,
    two_factor_methods: Vec<String>,
    idp_claim: String,
    leeway: Duration,
}

struct TrustedIssuer {
    issuer: String,
    audience: Vec<String>,
    keys: Vec<TrustedKey>,
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

/// A key and the one algorithm it is used with. The token never chooses.
struct TrustedKey {
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

/// Why a token was refused; only ever logged.
type Reason = std::borrow::Cow<'static, str>;

impl Verifier {
    /// Reads the keys of every configured issuer.
    ///
    /// # Errors
    /// A key file that cannot be read or has a key of a type that the issuer's
    /// algorithms do not list.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let auth: &Auth = &config.auth;
        let mut issuers = Vec::new();
        if let Some(secret) = &auth.hs256_secret {
            issuers.push(TrustedIssuer {
                issuer: auth.issuer.clone(),
                audience: vec![auth.audience.clone()],
                keys: vec![TrustedKey {
                    id: None,
                    algorithm: Algorithm::HS256,
                    key: DecodingKey::from_secret(secret.expose_secret().as_bytes()),
                }],
            });
        }
        for issuer in &auth.issuers {
            if issuers.iter().any(|known| known.issuer == issuer.issuer) {
                return Err(ConfigError::new(format!(
                    "auth.issuers: {} is given twice",
                    issuer.issuer
                )));
            }
            issuers.push(TrustedIssuer {
                issuer: issuer.issuer.clone(),
                audience: issuer.audience.clone(),
                keys: trusted_keys(issuer)
                    .map_err(|reason| ConfigError::new(format!("auth.issuers: {}: {reason}", issuer.issuer)))?,
            });
        }
        Ok(Self {
            issuers,
            two_factor_methods: auth.two_factor_methods.clone(),
            idp_claim: auth.idp_claim.clone(),
            leeway: auth.leeway,
        })
    }

    /// The claims of a token that one of the issuers has signed for us.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for every flaw alike; the reason is only logged.
    pub fn verify(&self, token: &str) -> Result<Claims> {
        self.check(token).map_err(|reason| {
            tracing::info!(%reason, "token refused");
            Code::Unauthenticated.into()
        })
    }

    fn check(&self, token: &str) -> Result<Claims, Reason> {
        let header = jsonwebtoken::decode_header(token).map_err(|error| error.to_string())?;
        let unverified = token.split('.').nth(1).unwrap_or_default();
        let unverified = URL_SAFE_NO_PAD.decode(unverified).map_err(|error| error.to_string())?;
        let unverified: Payload = serde_json::from_slice(&unverified).map_err(|error| error.to_string())?;

        let issuer = self
            .issuers
            .iter()
            .find(|issuer| issuer.issuer == unverified.iss)
            .ok_or("unknown issuer")?;
        let candidates = issuer.keys.iter().filter(|key| {
            key.algorithm == header.alg
                && match (&key.id, &header.kid) {
                    (Some(known), Some(given)) => known == given,
                    _ => true,
                }
        });

        let mut reason = Reason::from("no key for this algorithm and key id");
        for candidate in candidates {
            let mut validation = Validation::new(candidate.algorithm);
            validation.leeway = self.leeway.as_secs();
            validation.validate_nbf = true;
            validation.set_issuer(&[&issuer.issuer]);
            validation.set_audience(&issuer.audience);
            validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
            match jsonwebtoken::decode::<Payload>(token, &candidate.key, &validation) {
                Ok(data) => return self.claims(data.claims),
                Err(error) => reason = error.to_string().into(),
            }
        }
        Err(reason)
    }

    fn claims(&self, payload: Payload) -> Result<Claims, Reason> {
        let text = |name: &str| {
            payload
                .other
                .get(name)
                .and_then(serde_json::Value::as_str)
                .map(str::trim)
        };
        let given = |name: &str| payload.other.get(name).filter(|claim| !claim.is_null());
        // Never mended: it would be the address of somebody else.
        let email = text("email").filter(|email| email.chars().count() <= 200 && EmailAddress::is_valid(email));
        let signed_in = payload.auth_time.or(payload.iat).and_then(|time| time.as_f64());
        let until = payload.exp.and_then(|time| time.as_f64());
        // Bounded because it ends up in columns and pages.
        let bounded = |text: &str| -> String { text.chars().filter(|letter| !letter.is_control()).take(200).collect() };
        if payload.sub.is_empty() || payload.sub.len() > 255 || payload.sub.contains('\0') {
            return Err("sub is empty or too long".into());
        }
        Ok(Claims {
            // Some providers write a text. What is neither vouches for nothing.
            is_email_verified: given("email_verified")
                .map(|claim| claim.as_bool() == Some(true) || claim.as_str() == Some("true"))
                .filter(|_| email.is_some()),
            email: email.map(str::to_owned),
            name: text("name").filter(|name| !name.is_empty()).map(bounded),
            picture: text("picture")
                .filter(|picture| picture.len() <= 2000)
                .and_then(|picture| url::Url::parse(picture).ok())
                .filter(|picture| matches!(picture.scheme(), "http" | "https"))
                .map(String::from),
            // One method may stand without a list. What is neither is no factor.
            has_two_factor: given("amr").map(|methods| {
                let methods = methods.as_array().map_or(std::slice::from_ref(methods), Vec::as_slice);
                let mut methods = methods.iter().filter_map(serde_json::Value::as_str);
                methods.any(|method| self.two_factor_methods.iter().any(|known| known == method))
            }),
            signed_in_at: signed_in
                .and_then(|seconds| DateTime::from_timestamp(seconds as i64, 0))
                .unwrap_or(DateTime::UNIX_EPOCH),
            idp: text(&self.idp_claim).filter(|idp| !idp.is_empty()).map(bounded),
            limit: payload.other.get("scope").and_then(limit),
            until: until
                .and_then(|seconds| DateTime::from_timestamp(seconds as i64, 0))
                .and_then(|end| end.checked_add_signed(TimeDelta::from_std(self.leeway).ok()?)),
            issuer: payload.iss,
            subject: payload.sub,
        })
    }
}

/// A scope claim narrows only if it holds a scope of ours: identity providers
/// fill it with `openid profile email`. Some write a list instead of a text.
fn limit(claim: &serde_json::Value) -> Option<ScopeSet> {
    let texts = match claim {
        serde_json::Value::Array(items) => items.as_slice(),
        text => std::slice::from_ref(text),
    };
    let scopes: ScopeSet = texts
        .iter()
        .filter_map(serde_json::Value::as_str)
        .flat_map(str::split_whitespace)
        .filter_map(|name| name.parse::<Scope>().ok())
        .collect();
    (!scopes.is_empty()).then(|| scopes.implied())
}

fn trusted_keys(issuer: &Issuer) -> Result<Vec<TrustedKey>, Reason> {
    let algorithms = issuer
        .algorithms
        .iter()
        .map(|name| {
            name.parse::<Algorithm>()
                .map_err(|_| format!("there is no algorithm {name}").into())
        })
        .collect::<Result<Vec<_>, Reason>>()?;
    if issuer.audience.is_empty() || algorithms.is_empty() {
        return Err("audience and algorithms must be given".into());
    }
    let is_symmetric =
        |algorithm: &Algorithm| matches!(algorithm, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512);
    let read = |path: &std::path::Path| std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
    match (&issuer.hs256_secret, &issuer.public_key_file, &issuer.jwks_file) {
        (Some(secret), None, None) => {
            if algorithms != [Algorithm::HS256] {
                return Err("a shared secret is for HS256 only".into());
            }
            let key = DecodingKey::from_secret(secret.expose_secret().as_bytes());
            Ok(vec![TrustedKey {
                id: None,
                algorithm: Algorithm::HS256,
                key,
            }])
        }
        (None, Some(path), None) => {
            let pem = read(path)?;
            let keys: Vec<_> = algorithms
                .into_iter()
                .filter(|algorithm| !is_symmetric(algorithm))
                .filter_map(|algorithm| {
                    Some(TrustedKey {
                        id: None,
                        algorithm,
                        key: key_from_pem(&pem, algorithm)?,
                    })
                })
                .collect();
            if keys.is_empty() {
                Err("the public key is of no type that algorithms lists".into())
            } else {
                Ok(keys)
            }
        }
        (None, None, Some(path)) => {
            let set: JwkSet = serde_json::from_slice(&read(path)?).map_err(|error| error.to_string())?;
            let keys: Vec<_> = set
                .keys
                .iter()
                .filter_map(|jwk| {
                    let algorithm = algorithm_of(jwk, &algorithms)?;
                    let key = DecodingKey::from_jwk(jwk).ok()?;
                    Some(TrustedKey {
                        id: jwk.common.key_id.clone(),
                        algorithm,
                        key,
                    })
                })
                .filter(|key| !is_symmetric(&key.algorithm))
                .collect();
            if keys.is_empty() {
                Err("the key set has no key that algorithms lists".into())
            } else {
                Ok(keys)
            }
        }
        _ => Err("give exactly one of hs256_secret, public_key_file and jwks_file".into()),
    }
}

fn key_from_pem(pem: &[u8], algorithm: Algorithm) -> Option<DecodingKey> {
    match algorithm {
        Algorithm::RS256
        | Algorithm::RS384
        | Algorithm::RS512
        | Algorithm::PS256
        | Algorithm::PS384
        | Algorithm::PS512 => DecodingKey::from_rsa_pem(pem).ok(),
        Algorithm::ES256 | Algorithm::ES384 => DecodingKey::from_ec_pem(pem).ok(),
        Algorithm::EdDSA => DecodingKey::from_ed_pem(pem).ok(),
        _ => None,
    }
}

/// The listed algorithm that a key of a set is for: the one it names, else the
/// first that fits its type.
fn algorithm_of(jwk: &Jwk, listed: &[Algorithm]) -> Option<Algorithm> {
    use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve};
    if let Some(named) = jwk.common.key_algorithm {
        return Algorithm::try_from(named)
            .ok()
            .filter(|algorithm| listed.contains(algorithm));
    }
    listed.iter().copied().find(|algorithm| match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => matches!(algorithm, Algorithm::RS256 | Algorithm::RS384 | Algorithm::RS512),
        AlgorithmParameters::EllipticCurve(curve) => match curve.curve {
            EllipticCurve::P256 => *algorithm == Algorithm::ES256,
            EllipticCurve::P384 => *algorithm == Algorithm::ES384,
            _ => false,
        },
        AlgorithmParameters::OctetKeyPair(_) => *algorithm == Algorithm::EdDSA,
        _ => false,
    })
}
