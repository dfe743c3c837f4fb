//! How often everybody may ask. Each operation counts one, whatever the way in,
//! before anything of it is read: that of a request when its caller is known, and
//! the others of a list when it is known how many there are.
//!
//! First comes the bound on everybody at an address, which this process keeps by
//! itself. So a flood costs no more than a look into the memory: no signature is
//! checked, and neither the database nor Redis is asked.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_graphql::ServerError;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::{
    caller::{self, Unknown},
    credential::Credential,
    error::refusal,
    http::Endpoint,
};
use crate::{
    app::App,
    auth::{Actor, Who},
    error::RequestCode,
    throttle::{Caller, Decision, Quota},
};

/// What a request takes of what its caller may.
#[derive(Debug)]
pub struct Meter {
    app: Arc<App>,
    /// The address of the client, or its network.
    address: IpAddr,
    /// The bound that is closest to its end.
    tightest: Mutex<Option<Standing>>,
}

/// How a caller stands with a bound.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    policy: &'static str,
    quota: Quota,
    decision: Decision,
}

/// Why nobody is let in.
#[derive(Clone, Copy, Debug)]
pub enum Limited {
    /// There were too many.
    TooMany(Standing),
    /// Nobody knows how many there were.
    Uncounted,
}

impl Meter {
    /// Of a request from this address, by the settings of now.
    pub fn new(app: &Arc<App>, ip: IpAddr) -> Self {
        Self {
            app: app.clone(),
            address: caller::network(ip),
            tightest: Mutex::default(),
        }
    }

    /// The bound on a caller, if there is one.
    fn quota(&self, caller: Caller) -> Option<Quota> {
        let limits = &self.app.config.rate_limits;
        let requests = &limits.requests;
        let (rate, burst) = match caller {
            Caller::User(_) => (requests.per_user, requests.per_user_burst),
            Caller::Token(_) => (requests.per_token, requests.per_token_burst),
            Caller::Address(_) => (requests.per_address, requests.per_address_burst),
            Caller::Everybody(_) => (requests.address_total, requests.address_total_burst),
        };
        let rate = rate.filter(|_| limits.enabled && requests.enabled)?;
        Some(Quota::new(rate, burst))
    }

    fn caller(&self, actor: &Actor) -> Caller {
        match &actor.who {
            Who::Anonymous => Caller::Address(self.address),
            Who::Person(person) => Caller::User(person.user.id),
            Who::App(app) => Caller::Token(app.token.id),
        }
    }

    /// Counts a request, or the wish for a socket, before it is known whose it is.
    ///
    /// # Errors
    /// There were too many from its address.
    pub fn arrive(&self) -> Result<(), Limited> {
        self.arrive_with(1)
    }

    fn arrive_with(&self, cost: u32) -> Result<(), Limited> {
        let everybody = Caller::Everybody(self.address);
        let Some(quota) = self.quota(everybody) else {
            return Ok(());
        };
        let decision = self.app.throttle.take_here(everybody, quota, cost);
        self.note(everybody, quota, decision)
    }

    /// Who is calling, and counts it for them. A credential that is no good counts
    /// for the address.
    ///
    /// # Errors
    /// Nobody knows who is calling; or they call too often. With a credential that
    /// has called too often before, it is not looked at again.
    pub async fn authenticate(
        &self,
        endpoint: &Endpoint,
        credential: &Credential,
        ip: IpAddr,
    ) -> Result<Actor, Unknown> {
        let digest = credential.digest();
        let refused = digest.and_then(|digest| self.app.throttle.refused(&digest));
        // One that is no good counts for whichever address it comes from.
        let is_here = |caller: &Caller| !matches!(caller, Caller::Address(ip) if *ip != self.address);
        if let Some(caller) = refused.filter(is_here)
            && let Some(quota) = self.quota(caller)
        {
            let decision = self.app.throttle.look(caller, quota);
            if !decision.is_allowed {
                self.note(caller, quota, decision)?;
            }
        }
        let found = caller::authenticate(endpoint, credential, ip).await;
        let caller = match &found {
            Ok(actor) => self.caller(actor),
            Err(Unknown::Refused) => Caller::Address(self.address),
            // No fault of the caller.
            Err(_) => return found,
        };
        let counted = self.count(caller, 1).await;
        if let (Err(Limited::TooMany(_)), Some(digest)) = (&counted, digest) {
            self.app.throttle.note_refused(digest, caller);
        }
        counted?;
        found
    }

    /// Counts what else a request holds when it is a list of operations: all of
    /// them, or none.
    ///
    /// # Errors
    /// They would be too many.
    pub async fn add(&self, actor: &Actor, operations: usize) -> Result<(), Limited> {
        let cost = u32::try_from(operations).unwrap_or(u32::MAX);
        self.arrive_with(cost)?;
        self.count(self.caller(actor), cost).await
    }

    async fn count(&self, caller: Caller, cost: u32) -> Result<(), Limited> {
        let Some(quota) = self.quota(caller).filter(|_| cost > 0) else {
            return Ok(());
        };
        let fails = self.app.config.rate_limits.requests.when_redis_fails;
        match self.app.throttle.take(caller, quota, cost, fails).await {
            Ok(decision) => self.note(caller, quota, decision),
            Err(_) => {
                decided(caller.policy(), "uncounted");
                Err(Limited::Uncounted)
            }
        }
    }

    fn note(&self, caller: Caller, quota: Quota, decision: Decision) -> Result<(), Limited> {
        let policy = caller.policy();
        decided(policy, if decision.is_allowed { "allowed" } else { "limited" });
        let standing = Standing {
            policy,
            quota,
            decision,
        };
        let mut tightest = self.tightest.lock().unwrap_or_else(PoisonError::into_inner);
        let is_tighter = |other: &Standing| other.policy == policy || decision.remaining <= other.decision.remaining;
        if !decision.is_allowed || tightest.as_ref().is_none_or(is_tighter) {
            *tightest = Some(standing);
        }
        if decision.is_allowed {
            Ok(())
        } else {
            Err(Limited::TooMany(standing))
        }
    }

    /// Tells the client how it stands.
    pub fn report(&self, headers: &mut HeaderMap) {
        let tightest = self.tightest.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, value) in tightest.iter().flat_map(Standing::headers) {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
}

fn decided(policy: &'static str, decision: &'static str) {
    metrics::counter!("rate_limit_decisions_total", "policy" => policy, "decision" => decision).increment(1);
}

/// Whole seconds, at least as many.
fn seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

impl Standing {
    /// As <https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/10/>
    /// has it, and in the three headers that are older than that draft.
    fn headers(&self) -> [(HeaderName, String); 5] {
        let Self {
            policy,
            quota,
            decision,
        } = self;
        let (burst, window) = (quota.burst(), seconds(quota.window()).max(1));
        let (remaining, reset) = (decision.remaining, seconds(decision.more_after));
        [
            (
                HeaderName::from_static("ratelimit-policy"),
                format!("\"{policy}\";q={burst};w={window}"),
            ),
            (
                HeaderName::from_static("ratelimit"),
                format!("\"{policy}\";r={remaining};t={reset}"),
            ),
            (HeaderName::from_static("ratelimit-limit"), burst.to_string()),
            (HeaderName::from_static("ratelimit-remaining"), remaining.to_string()),
            (HeaderName::from_static("ratelimit-reset"), reset.to_string()),
        ]
    }
}

impl Limited {
    /// The status of an answer that says so.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Uncounted => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Seconds after which to try again.
    pub fn retry_after(&self) -> u64 {
        match self {
            Self::TooMany(standing) => seconds(standing.decision.retry_after).max(1),
            Self::Uncounted => 1,
        }
    }

    /// As an error of GraphQL.
    pub fn error(&self) -> ServerError {
        let after = self.retry_after();
        let (code, message) = match self {
            Self::TooMany(_) => {
                let unit = if after == 1 { "second" } else { "seconds" };
                let message = format!("You send too many requests. Try again in {after} {unit}.");
                (RequestCode::RateLimited, message)
            }
            Self::Uncounted => {
                let message = "Requests cannot be counted at the moment. Try again soon.";
                (RequestCode::RateLimitUnavailable, message.to_owned())
            }
        };
        let mut error = refusal(code, message);
        error.extensions.get_or_insert_default().set("retryAfter", after);
        error
    }
}
