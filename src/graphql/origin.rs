//! Pages that call us: which may, and how a request shows that no page of
//! somebody else made a browser send it.

use axum::http::{HeaderMap, header};
use url::Url;

use crate::config::Config;

/// Headers that a page of somebody else cannot send without the browser asking
/// us first, which we allow to those in `cors.origins` only.
const PREFLIGHT: [&str; 3] = ["apollo-require-preflight", "graphql-preflight", "x-requested-with"];

/// Whether the request has a header that browsers ask for first.
pub fn is_preflighted(headers: &HeaderMap) -> bool {
    PREFLIGHT.iter().any(|name| headers.contains_key(*name))
}

/// Where a request comes from, as its browser says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// No browser, or one that does not say.
    Unknown,
    /// One of our pages.
    Ours,
    /// One of those in `cors.origins`.
    Welcome,
    /// A page of somebody else.
    Foreign,
}

impl Sender {
    /// Reads `Origin` and `Sec-Fetch-Site`.
    pub fn of(config: &Config, headers: &HeaderMap) -> Self {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        if let Some(origin) = origins.next() {
            let origin = origin.to_str().ok().filter(|_| origins.next().is_none());
            return match origin {
                Some(origin) if is_ours(config, headers, origin) => Self::Ours,
                Some(origin) if is_allowed(config, origin) => Self::Welcome,
                _ => Self::Foreign,
            };
        }
        // Requests without an origin are of our own pages, or of none.
        match headers.get("sec-fetch-site").map(|site| site.as_bytes()) {
            None => Self::Unknown,
            Some(b"same-origin" | b"none") => Self::Ours,
            Some(_) => Self::Foreign,
        }
    }
}

fn is_allowed(config: &Config, origin: &str) -> bool {
    config.cors.origins.iter().any(|allowed| allowed == origin)
}

/// Whether this is the origin of our pages: the one that people know, or the one
/// that this request went to. Where pages come over TLS, those that do not are
/// somebody else's.
fn is_ours(config: &Config, headers: &HeaderMap, origin: &str) -> bool {
    let Ok(given) = Url::parse(origin) else { return false };
    let known = config.public_url.as_ref().map(Url::origin);
    if known.is_some_and(|known| known == given.origin()) {
        return true;
    }
    let is_tls = config.public_url.as_ref().is_some_and(|url| url.scheme() == "https");
    if given.scheme() != "https" && is_tls {
        return false;
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.and_then(|host| Url::parse(&format!("{}://{host}", given.scheme())).ok());
    host.is_some_and(|host| host.origin() == given.origin())
}
