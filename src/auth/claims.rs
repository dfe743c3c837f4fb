//! What a verified token says of a person (spec §27.1).

use chrono::{DateTime, TimeDelta, Utc};
use email_address::EmailAddress;
use serde_json::{Map, Value};

use super::jws::Reason;
use crate::{
    config::Auth,
    roles::{Scope, ScopeSet},
};

/// Longest `sub` (OpenID Connect Core 1.0 §2).
const SUBJECT_BYTES_MAX: usize = 255;

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
    pub until: DateTime<Utc>,
}

/// The claims of a token of which nobody has looked at the signature.
pub(super) struct Payload(pub(super) Map<String, Value>);

impl Payload {
    /// A claim, unless it is null.
    fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|claim| !claim.is_null())
    }

    /// A claim that is a text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// The same without space around it.
    fn trimmed(&self, name: &str) -> Option<&str> {
        self.text(name).map(str::trim)
    }

    /// Seconds since 1970.
    ///
    /// # Errors
    /// What is no number.
    fn seconds(&self, name: &str) -> Result<Option<f64>, Reason> {
        match self.get(name) {
            None => Ok(None),
            Some(claim) => {
                let number = claim.as_f64().filter(|number| number.is_finite());
                number.map(Some).ok_or_else(|| format!("{name} is no number").into())
            }
        }
    }

    /// Whether one of `ours` is among those for whom the token is.
    fn is_for(&self, ours: &[String]) -> bool {
        let is_ours = |name: &Value| ours.iter().any(|own| name == own);
        match self.get("aud") {
            Some(Value::Array(names)) => names.iter().all(Value::is_string) && names.iter().any(is_ours),
            Some(name) => is_ours(name),
            None => false,
        }
    }

    /// Whether the token is for one of us, now, and names somebody. All but its
    /// signature.
    ///
    /// # Errors
    /// Why it is not.
    pub(super) fn check(&self, audience: &[String], auth: &Auth, now: DateTime<Utc>) -> Result<(), Reason> {
        if !self.is_for(audience) {
            return Err("aud does not name us".into());
        }
        let subject = self.text("sub").ok_or("sub is no text")?;
        if !is_subject(subject) {
            return Err("sub is empty, too long or no text".into());
        }
        if self.until(auth)? <= now {
            return Err("exp is over".into());
        }
        let leeway = auth.leeway.as_secs_f64();
        let begin = self.seconds("nbf")?;
        if begin.is_some_and(|begin| begin > now.timestamp() as f64 + leeway) {
            return Err("nbf is to come".into());
        }
        self.seconds("iat")?;
        self.seconds("auth_time")?;
        Ok(())
    }

    /// `exp`, and what clocks may differ.
    fn until(&self, auth: &Auth) -> Result<DateTime<Utc>, Reason> {
        let end = self.seconds("exp")?.ok_or("exp is missing")?;
        let leeway = TimeDelta::from_std(auth.leeway).unwrap_or_default();
        let end = time(end).and_then(|end| end.checked_add_signed(leeway));
        end.ok_or_else(|| "exp is no time".into())
    }

    /// When the person signed in. A time that is to come would be a fresh sign-in
    /// for ever: it counts as one that is long ago, as no time at all does.
    fn signed_in_at(&self, auth: &Auth, now: DateTime<Utc>) -> Result<DateTime<Utc>, Reason> {
        let seconds = self.seconds("auth_time")?.or(self.seconds("iat")?);
        let latest = now + TimeDelta::from_std(auth.leeway).unwrap_or_default();
        let believed = seconds.and_then(time).filter(|time| *time <= latest);
        Ok(believed.unwrap_or(DateTime::UNIX_EPOCH))
    }

    /// What a token with a good signature says. Optional claims of the wrong type
    /// count as absent.
    ///
    /// # Errors
    /// Those of [`Payload::check`].
    pub(super) fn into_claims(self, auth: &Auth, now: DateTime<Utc>) -> Result<Claims, Reason> {
        // Bounded because it ends up in columns and pages.
        let bounded = |text: &str| -> String { text.chars().filter(|letter| !letter.is_control()).take(200).collect() };
        // Never mended: it would be the address of somebody else.
        let email = self.trimmed("email").filter(|email| is_address(email));
        Ok(Claims {
            // Some providers write a text. What is neither vouches for nothing.
            is_email_verified: self
                .get("email_verified")
                .map(|claim| claim.as_bool() == Some(true) || claim.as_str() == Some("true"))
                .filter(|_| email.is_some()),
            email: email.map(str::to_owned),
            name: self.trimmed("name").filter(|name| !name.is_empty()).map(bounded),
            picture: self
                .trimmed("picture")
                .filter(|picture| picture.len() <= 2000)
                .and_then(|picture| url::Url::parse(picture).ok())
                .filter(|picture| matches!(picture.scheme(), "http" | "https"))
                .map(String::from),
            // One method may stand without a list. What is neither is no factor.
            has_two_factor: self.get("amr").map(|methods| {
                let methods = methods.as_array().map_or(std::slice::from_ref(methods), Vec::as_slice);
                let mut methods = methods.iter().filter_map(Value::as_str);
                methods.any(|method| auth.two_factor_methods.iter().any(|known| known == method))
            }),
            signed_in_at: self.signed_in_at(auth, now)?,
            idp: self.trimmed(&auth.idp_claim).filter(|idp| !idp.is_empty()).map(bounded),
            limit: self.get("scope").and_then(limit),
            until: self.until(auth)?,
            issuer: self.text("iss").ok_or("iss is no text")?.to_owned(),
            subject: self.text("sub").ok_or("sub is no text")?.to_owned(),
        })
    }
}

/// Whether this can be the `sub` of somebody.
pub fn is_subject(subject: &str) -> bool {
    (1..=SUBJECT_BYTES_MAX).contains(&subject.len()) && !subject.contains('\0')
}

/// Whether this is taken for an address when a token has it as `email`.
pub fn is_address(email: &str) -> bool {
    email.chars().count() <= 200 && EmailAddress::is_valid(email)
}

/// A time that the calendar has.
fn time(seconds: f64) -> Option<DateTime<Utc>> {
    // The last second of the year 9999: databases and other people's programs end there.
    let is_sane = (0.0..=253_402_300_799.0).contains(&seconds);
    is_sane.then(|| DateTime::from_timestamp(seconds as i64, 0)).flatten()
}

/// A scope claim narrows only if it holds a scope of ours: identity providers
/// fill it with `openid profile email`. Some write a list instead of a text.
fn limit(claim: &Value) -> Option<ScopeSet> {
    let texts = match claim {
        Value::Array(items) => items.as_slice(),
        text => std::slice::from_ref(text),
    };
    let scopes: ScopeSet = texts
        .iter()
        .filter_map(Value::as_str)
        .flat_map(str::split_whitespace)
        .filter_map(|name| name.parse::<Scope>().ok())
        .collect();
    (!scopes.is_empty()).then(|| scopes.implied())
}
