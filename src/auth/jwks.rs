//! The keys that an issuer publishes at an address: fetched at start, now and
//! then, and when a token names one that is not known.
//!
//! One task per issuer fetches, one fetch after another and none within the
//! cool-down of the one before, so that nobody makes us ask more often by making
//! up names of keys. Requests that need a key wait for that task. While the
//! issuer does not answer, the keys stay in use that it published last.

use std::{error::Error, sync::Arc};

use jsonwebtoken::Algorithm;
use reqwest::{Client, StatusCode, header::ACCEPT, redirect::Policy};
use serde::Deserialize;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};
use url::Url;

use super::{
    jws::{Reason, Token},
    keys::{KeySet, TrustedKey},
};
use crate::config::{KeyFetching, Mode, is_loopback, is_safe_url};

/// Longest answer that is read.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// Where the keys are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// At this address.
    Keys(Url),
    /// Where the document at this address says (OpenID Connect Discovery 1.0 §4).
    Discovery(Url),
}

/// What was seen of the keys.
#[derive(Default)]
struct Seen {
    keys: Arc<[TrustedKey]>,
    /// When they were published, as far as we know.
    fetched_at: Option<Instant>,
    /// Fetches that were begun, and that have ended.
    begun: u64,
    ended: u64,
}

/// The keys of one issuer.
pub(super) struct Published {
    issuer: String,
    source: Source,
    algorithms: Vec<Algorithm>,
    mode: Mode,
    settings: KeyFetching,
    client: Client,
    seen: watch::Sender<Seen>,
    /// Number of the fetch that somebody waits for.
    wanted: watch::Sender<u64>,
}

impl Published {
    /// Fetches nothing yet.
    ///
    /// # Errors
    /// A machine that cannot make connections.
    pub(super) fn new(
        issuer: &str,
        source: Source,
        algorithms: Vec<Algorithm>,
        mode: Mode,
        settings: &KeyFetching,
    ) -> Result<Self, Reason> {
        let (Source::Keys(url) | Source::Discovery(url)) = &source;
        let mut client = Client::builder()
            .user_agent(concat!("Roster/", env!("CARGO_PKG_VERSION")))
            // Whoever can redirect us could hand us keys of their own.
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(settings.timeout)
            .timeout(settings.timeout);
        // No proxy of the environment reaches what listens on this machine only.
        if is_loopback(url) {
            client = client.no_proxy();
        }
        Ok(Self {
            issuer: issuer.to_owned(),
            source,
            algorithms,
            mode,
            settings: settings.clone(),
            client: client.build().map_err(|error| error.to_string())?,
            seen: watch::Sender::default(),
            wanted: watch::Sender::default(),
        })
    }

    /// Begins with the keys that were fetched before, if they came from the same
    /// place and for the same algorithms.
    pub(super) fn take_over(&self, before: &Self) {
        if self.source != before.source || self.algorithms != before.algorithms {
            return;
        }
        let (keys, fetched_at) = {
            let seen = before.seen.borrow();
            (seen.keys.clone(), seen.fetched_at)
        };
        self.seen
            .send_modify(|seen| (seen.keys, seen.fetched_at) = (keys, fetched_at));
    }

    /// The keys that were published last; `None` if they never could be fetched,
    /// or not for too long.
    pub(super) fn keys(&self) -> Option<Arc<[TrustedKey]>> {
        let seen = self.seen.borrow();
        self.is_current(&seen).then(|| seen.keys.clone())
    }

    fn is_current(&self, seen: &Seen) -> bool {
        seen.fetched_at.is_some_and(|at| at.elapsed() <= self.settings.keep_for)
    }

    /// Waits, not for long, for the keys to be fetched anew, or for the one that
    /// the token names.
    pub(super) async fn look_again(&self, token: &Token<'_>) {
        let mut seen = self.seen.subscribe();
        let next = match &*seen.borrow() {
            seen if seen.fetched_at.is_none() => seen.ended + 1,
            // One that has begun already may have been answered with the old keys.
            seen => seen.begun + 1,
        };
        self.wanted.send_if_modified(|wanted| {
            let is_news = *wanted < next;
            *wanted = next.max(*wanted);
            is_news
        });
        let KeyFetching {
            timeout: longest,
            cool_down,
            ..
        } = self.settings;
        let arrived =
            seen.wait_for(|seen| seen.ended >= next || self.is_current(seen) && token.names_one_of(&seen.keys));
        let _ = timeout(longest.max(cool_down) + longest, arrived).await;
    }

    /// Fetches the keys, again and again.
    pub(super) async fn keep(&self) {
        let KeyFetching {
            cool_down,
            refresh_every,
            ..
        } = self.settings;
        let mut wanted = self.wanted.subscribe();
        let mut last = Vec::new();
        let mut failures = 0;
        loop {
            let begun = Instant::now();
            let mut number = 0;
            self.seen.send_modify(|seen| {
                seen.begun += 1;
                number = seen.begun;
            });
            let fetched = timeout(self.settings.timeout, self.fetch()).await;
            let fetched = fetched.unwrap_or_else(|_| Err("there was no answer in time".into()));
            let outcome = fetched.and_then(|body| self.take(body, &mut last));
            failures = if outcome.is_ok() { 0 } else { failures + 1 };
            self.note(outcome);

            // After a failure sooner than in time, but not in a hurry.
            let pause = match failures {
                0 => refresh_every,
                _ => refresh_every.min(cool_down.saturating_mul(2_u32.saturating_pow(failures))),
            };
            sleep_until(begun + cool_down).await;
            tokio::select! {
                _ = wanted.wait_for(|wanted| *wanted > number) => {}
                () = sleep_until(begun + pause) => {}
            }
        }
    }

    /// The keys in an answer. What is wrong with some of them is said once.
    fn take(&self, body: Vec<u8>, last: &mut Vec<u8>) -> Result<Arc<[TrustedKey]>, Reason> {
        let KeySet { keys, ignored } = KeySet::parse(&body, &self.algorithms)?;
        if body != *last {
            tracing::info!(issuer = self.issuer, keys = keys.len(), "an issuer has published keys");
            if keys.is_empty() || !ignored.is_empty() {
                let ignored = ignored.join("; ");
                tracing::warn!(
                    issuer = self.issuer,
                    used = keys.len(),
                    ignored,
                    "keys of an issuer are not used"
                );
            }
            *last = body;
        }
        Ok(keys.into())
    }

    /// Tells those who wait how it ended.
    fn note(&self, outcome: Result<Arc<[TrustedKey]>, Reason>) {
        let issuer = self.issuer.clone();
        let word = if outcome.is_ok() { "ok" } else { "failed" };
        metrics::counter!("issuer_key_fetches_total", "issuer" => issuer.clone(), "outcome" => word).increment(1);
        self.seen.send_modify(|seen| {
            seen.ended = seen.begun;
            match outcome {
                Ok(keys) => {
                    metrics::gauge!("issuer_keys", "issuer" => issuer).set(keys.len() as f64);
                    seen.keys = keys;
                    seen.fetched_at = Some(Instant::now());
                }
                Err(reason) => {
                    let age = seen.fetched_at.map(|at| at.elapsed().as_secs());
                    tracing::warn!(issuer, %reason, known_for_seconds = age, "the keys of an issuer cannot be fetched");
                }
            }
        });
    }

    async fn fetch(&self) -> Result<Vec<u8>, Reason> {
        match &self.source {
            Source::Keys(url) => self.get(url).await,
            Source::Discovery(url) => {
                let document = self.get(url).await?;
                self.get(&self.discovered(&document)?).await
            }
        }
    }

    /// Where the issuer's document says that its keys are.
    fn discovered(&self, document: &[u8]) -> Result<Url, Reason> {
        #[derive(Deserialize)]
        struct Document {
            issuer: String,
            jwks_uri: Url,
        }
        let document: Document =
            serde_json::from_slice(document).map_err(|_| "the discovery document lacks issuer or jwks_uri")?;
        if document.issuer != self.issuer {
            return Err("the discovery document is of another issuer".into());
        }
        if !is_safe_url(&document.jwks_uri, self.mode) {
            return Err("jwks_uri does not begin with https://".into());
        }
        Ok(document.jwks_uri)
    }

    async fn get(&self, url: &Url) -> Result<Vec<u8>, Reason> {
        let request = self.client.get(url.clone()).header(ACCEPT, "application/json");
        let mut answer = request.send().await.map_err(why)?;
        if answer.status() != StatusCode::OK {
            return Err(format!("{url} answers {}", answer.status()).into());
        }
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(why)? {
            if body.len() + part.len() > ANSWER_BYTES_MAX {
                return Err(format!("{url} answers with more than {ANSWER_BYTES_MAX} bytes").into());
            }
            body.extend_from_slice(&part);
        }
        Ok(body)
    }
}

/// What went wrong, down to its cause.
fn why(error: reqwest::Error) -> Reason {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words.into()
}
