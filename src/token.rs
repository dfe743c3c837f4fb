//! Tokens for development: what an identity provider would hand out.

use std::time::Duration;

use chrono::{DateTime, Utc};
use jsonwebtoken::{EncodingKey, Header};
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};

use crate::{
    auth::{is_address, is_subject},
    config::{Config, ConfigError},
};

/// What a token is to say.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    /// `sub`.
    pub subject: String,
    /// `email`.
    pub email: Option<String>,
    /// `email_verified`.
    pub is_email_verified: bool,
    /// `name`.
    pub name: Option<String>,
    /// `amr`: with a second factor, or without. Left out if `None`.
    pub mfa: Option<bool>,
    /// The provider claim.
    pub idp: Option<String>,
    /// `scope`.
    pub scope: Option<String>,
}

/// Signs a token with the shared secret of the configuration.
///
/// # Errors
/// A configuration without `auth.hs256_secret`; claims that would not be believed.
pub fn mint(config: &Config, claims: &Claims, now: DateTime<Utc>, lifetime: Duration) -> Result<String, ConfigError> {
    let auth = &config.auth;
    let Some(secret) = &auth.hs256_secret else {
        return Err(ConfigError::new(
            "tokens can only be made with auth.hs256_secret; ask the identity provider".into(),
        ));
    };
    if !is_subject(&claims.subject) {
        return Err(ConfigError::new("the subject is empty, or too long".into()));
    }
    if claims.email.as_ref().is_some_and(|email| !is_address(email)) {
        return Err(ConfigError::new("the email is no address".into()));
    }
    let begin = now.timestamp();
    let end = begin.saturating_add_unsigned(lifetime.as_secs());
    let mut payload = Map::new();
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            payload.insert(name.to_owned(), value);
        }
    };
    set("iss", Some(json!(auth.issuer)));
    set("aud", Some(json!(auth.audience)));
    set("sub", Some(json!(claims.subject)));
    set("iat", Some(json!(begin)));
    set("auth_time", Some(json!(begin)));
    set("exp", Some(json!(end)));
    set("email", claims.email.as_ref().map(|email| json!(email)));
    set(
        "email_verified",
        claims.email.as_ref().map(|_| json!(claims.is_email_verified)),
    );
    set("name", claims.name.as_ref().map(|name| json!(name)));
    set(
        "amr",
        claims
            .mfa
            .map(|mfa| if mfa { json!(["pwd", "otp"]) } else { json!(["pwd"]) }),
    );
    set(&auth.idp_claim, claims.idp.as_ref().map(|idp| json!(idp)));
    set("scope", claims.scope.as_ref().map(|scope| json!(scope)));
    let key = EncodingKey::from_secret(secret.expose_secret().as_bytes());
    jsonwebtoken::encode(&Header::default(), &payload, &key).map_err(|error| ConfigError::new(error.to_string()))
}

/// Subject of the person that development begins as; the demo data has them as
/// an owner.
pub const DEVELOPER: &str = "ann";

/// A ready-made token for development; `None` where tokens cannot be made.
pub fn development(config: &Config, now: DateTime<Utc>) -> Option<String> {
    let claims = Claims {
        subject: DEVELOPER.into(),
        email: Some(format!("{DEVELOPER}@example.com")),
        is_email_verified: true,
        mfa: Some(true),
        ..Claims::default()
    };
    mint(config, &claims, now, Duration::from_secs(12 * 3600)).ok()
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use futures_util::FutureExt;

    use super::*;
    use crate::auth::Verifier;

    /// Of a token that we have signed, no letter can be another one.
    #[test]
    fn fuzz_tokens() {
        static CONFIG: LazyLock<Config> = LazyLock::new(|| {
            let mut config = Config::default();
            config.auth.hs256_secret = Some("nobody else knows this secret of 32 bytes".into());
            config
        });
        static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| Verifier::new(&CONFIG).unwrap());
        let now = DateTime::UNIX_EPOCH;
        let minute = Duration::from_secs(60);
        let ann = Claims {
            subject: "ann".into(),
            ..Default::default()
        };
        let good = mint(&CONFIG, &ann, now, minute).unwrap();
        let verify = |text: &str| VERIFIER.verify(text, now).now_or_never().expect("the key is there");
        assert!(verify(&good).is_ok());
        bolero::check!().with_type::<Vec<(u16, u8)>>().for_each(|changes| {
            let bytes = crate::fuzz::changed(good.as_bytes(), changes);
            let text = String::from_utf8_lossy(&bytes);
            assert_eq!(verify(&text).is_ok(), text == good, "{text}");
        });
    }
}
