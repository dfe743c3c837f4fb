//! Where a credential stands in a request: in the header, or in the cookie that
//! the configuration names.
//!
//! Browsers send cookies along with whatever a page asks for. So one counts only
//! with a header that pages of others cannot send, and from pages that may call.

use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};

use super::origin::{Sender, is_preflighted};
use crate::{config::Config, throttle};

/// What a request says of who sent it.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// Nothing.
    Nothing,
    /// What stands in `Authorization`.
    Header(String),
    /// A person's token, in a cookie.
    Cookie(String),
}

/// Secrets stay out of logs.
impl std::fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Credential")
    }
}

/// A page of somebody else may have made the browser send this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forged;

impl Credential {
    /// That of a request for an answer.
    ///
    /// # Errors
    /// A cookie without a header such as `GraphQL-Preflight`, or from a page of
    /// somebody else.
    pub fn of_request(config: &Config, headers: &HeaderMap) -> Result<Self, Forged> {
        let found = Self::find(config, headers);
        let is_proven = is_preflighted(headers) && Sender::of(config, headers) != Sender::Foreign;
        match found {
            Self::Cookie(_) if !is_proven => Err(Forged),
            found => Ok(found),
        }
    }

    /// That of a request for a socket, which scripts cannot give a header.
    ///
    /// # Errors
    /// A page of somebody else; a cookie from where nobody says.
    pub fn of_upgrade(config: &Config, headers: &HeaderMap) -> Result<Self, Forged> {
        let found = Self::find(config, headers);
        match (Sender::of(config, headers), &found) {
            (Sender::Foreign, _) | (Sender::Unknown, Self::Cookie(_)) => Err(Forged),
            _ => Ok(found),
        }
    }

    /// By what the same is known again, without keeping it.
    pub fn digest(&self) -> Option<throttle::Digest> {
        let (kind, text) = match self {
            Self::Nothing => return None,
            Self::Header(text) => (b'h', text),
            Self::Cookie(text) => (b'c', text),
        };
        Some(Sha256::new().chain_update([kind]).chain_update(text).finalize().into())
    }

    fn find(config: &Config, headers: &HeaderMap) -> Self {
        let mut given = headers.get_all(header::AUTHORIZATION).iter();
        match (given.next(), given.next()) {
            (None, _) => {}
            // What is no text is no credential, and refused as one.
            (Some(credential), None) => return Self::Header(credential.to_str().unwrap_or_default().to_owned()),
            // A proxy may have meant the other one.
            (Some(_), Some(_)) => return Self::Header(String::new()),
        }
        let Some(name) = &config.auth.cookie else {
            return Self::Nothing;
        };
        let cookies = headers.get_all(header::COOKIE).iter();
        let mut values = cookies
            .flat_map(|cookies| cookies.as_bytes().split(|byte| *byte == b';'))
            .filter_map(|cookie| cookie.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"="));
        match (values.next(), values.next()) {
            (None, _) => Self::Nothing,
            (Some(value), None) => Self::Cookie(std::str::from_utf8(value).unwrap_or_default().to_owned()),
            // Somebody has put one of theirs beside it; which, nobody knows.
            (Some(_), Some(_)) => Self::Cookie(String::new()),
        }
    }
}
