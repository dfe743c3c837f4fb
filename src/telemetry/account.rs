//! The account of an operation: what it was, what came of it and what it took,
//! told once when it is over.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tracing::Span;

use super::{
    log, metrics,
    statements::{self, Tally},
};
use crate::config::Log;

tokio::task_local! {
    static CURRENT: Account;
}

/// How an operation came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Transport {
    /// A request with one answer.
    Http,
    /// A request that takes an event stream.
    Sse,
    /// A message over a socket.
    WebSocket,
}

/// Who sent an operation: never by name or address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nobody who is known.
    Anonymous,
    /// A person.
    User(i64),
    /// An app, by its API token.
    Token(i64),
}

impl Caller {
    fn kind(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::User(_) => "user",
            Self::Token(_) => "token",
        }
    }

    fn id(self) -> Option<i64> {
        match self {
            Self::Anonymous => None,
            Self::User(id) | Self::Token(id) => Some(id),
        }
    }
}

/// A part of the work for an operation.
#[derive(Clone, Copy, Debug)]
pub enum Phase {
    /// Finding the document, or reading it.
    Parse,
    /// Checking it against the schema.
    Validate,
    /// Running it.
    Execute,
}

/// What is known of an operation that goes on. It is told when the last who holds
/// it lets go: also of an operation that its client has given up.
#[derive(Clone, Debug)]
pub struct Account(Arc<Entry>);

#[derive(Debug)]
struct Entry {
    begun: Instant,
    /// The request, which the log names with it.
    span: Span,
    transport: Transport,
    slow: Duration,
    tally: Arc<Tally>,
    facts: Mutex<Facts>,
}

#[derive(Debug, Default)]
struct Facts {
    name: Option<String>,
    kind: Option<&'static str>,
    document: Option<String>,
    caller: Option<Caller>,
    status: Option<u16>,
    errors: usize,
    codes: Vec<String>,
    phases: [Duration; 3],
    events: u64,
    is_answered: bool,
    is_dismissed: bool,
}

/// Different codes that are told of one operation.
const CODES_MAX: usize = 8;

/// Letters of a name that are told.
const NAME_MAX: usize = 100;

/// A name as it may stand in a log: those of GraphQL have no other letters.
pub fn clean(name: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let letters = name.chars().take(NAME_MAX);
    letters
        .map(|letter| if is_plain(letter) { letter } else { '?' })
        .collect()
}

impl Account {
    /// Of an operation that comes now, in this span.
    pub fn begin(transport: Transport, settings: &Log) -> Self {
        Self::new(transport, settings.slow_operation, log::request(), Tally::default())
    }

    fn new(transport: Transport, slow: Duration, span: Span, tally: Tally) -> Self {
        Self(Arc::new(Entry {
            begun: Instant::now(),
            span,
            transport,
            slow,
            tally: Arc::new(tally),
            facts: Mutex::default(),
        }))
    }

    /// Of an operation among several in one request.
    pub fn part(&self) -> Self {
        let entry = &self.0;
        let tally = Tally::part(Some(entry.tally.clone()));
        let part = Self::new(entry.transport, entry.slow, entry.span.clone(), tally);
        part.facts().caller = self.facts().caller;
        part
    }

    /// The account of what runs here.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Self::clone).ok()
    }

    /// Runs `work` on this account.
    pub async fn charge<F: Future>(self, work: F) -> F::Output {
        let tally = self.0.tally.clone();
        CURRENT.scope(self, statements::counted(tally, work)).await
    }

    /// Does `work` on this account.
    pub fn charge_now<T>(&self, work: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self.clone(), work)
    }

    /// The statements it has sent.
    pub fn tally(&self) -> &Tally {
        &self.0.tally
    }

    /// How long a phase took.
    pub fn phase(&self, phase: Phase) -> Duration {
        self.facts().phases[phase as usize]
    }

    /// Since it began.
    pub fn elapsed(&self) -> Duration {
        self.0.begun.elapsed()
    }

    /// Which operation it is, of which document. The name is a [`clean`] one.
    pub fn identify(&self, kind: &'static str, name: Option<String>, document: String) {
        let mut facts = self.facts();
        facts.kind = Some(kind);
        facts.name = name;
        facts.document = Some(document);
    }

    /// Who sent it.
    pub fn sent_by(&self, caller: Caller) {
        self.facts().caller = Some(caller);
    }

    /// The HTTP status of its answer.
    pub fn answered_with(&self, status: u16) {
        let mut facts = self.facts();
        facts.status = Some(status);
        facts.is_answered = true;
    }

    /// It was answered.
    pub fn answered(&self) {
        self.facts().is_answered = true;
    }

    /// There is nothing to tell: others are told instead.
    pub fn dismiss(&self) {
        self.facts().is_dismissed = true;
    }

    /// Something was refused, or has failed.
    pub fn refused(&self, code: &str) {
        let mut facts = self.facts();
        facts.errors += 1;
        if facts.codes.len() < CODES_MAX && !facts.codes.iter().any(|known| known == code) {
            facts.codes.push(code.to_owned());
        }
    }

    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.0.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A phase of the operation that runs here has taken so long.
pub fn took(phase: Phase, time: Duration) {
    let _ = CURRENT.try_with(|account| account.facts().phases[phase as usize] += time);
}

/// Tells the operation that runs here how long it was held, as a phase.
#[derive(Debug)]
pub struct Clock {
    account: Option<Account>,
    phase: Phase,
    begun: Instant,
}

impl Clock {
    /// Begins to measure.
    pub fn start(phase: Phase) -> Self {
        let (account, begun) = (Account::current(), Instant::now());
        Self { account, phase, begun }
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        if let Some(account) = &self.account {
            account.facts().phases[self.phase as usize] += self.begun.elapsed();
        }
    }
}

/// The operation that runs here was answered.
pub fn answered() {
    let _ = CURRENT.try_with(Account::answered);
}

/// An event of the operation that runs here was told.
pub fn told() {
    let _ = CURRENT.try_with(|account| account.facts().events += 1);
}

/// Something of the operation that runs here was refused, or has failed.
pub fn refused(code: &str) {
    let _ = CURRENT.try_with(|account| account.refused(code));
}

/// Name of the operation that runs here, for the log.
pub fn name() -> Option<String> {
    CURRENT.try_with(|account| account.facts().name.clone()).ok().flatten()
}

/// Carries the account of this task, and its spans, into one that it spawns.
pub fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let (account, tally) = (Account::current(), statements::current());
    log::Spans::here().around(async move {
        match (account, tally) {
            (Some(account), _) => account.charge(work).await,
            (None, Some(tally)) => statements::counted(tally, work).await,
            (None, None) => work.await,
        }
    })
}

/// How an operation ended, in a word.
fn outcome(facts: &Facts) -> &'static str {
    let has = |code: &str| facts.codes.iter().any(|known| known == code);
    if has("INTERNAL") {
        "failed"
    } else if has("UNAVAILABLE") {
        "unavailable"
    } else if has("TIMEOUT") {
        "late"
    } else if facts.errors > 0 {
        "refused"
    } else if facts.is_answered || facts.kind == Some("subscription") {
        "ok"
    } else {
        "abandoned"
    }
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

impl Drop for Entry {
    fn drop(&mut self) {
        let facts = std::mem::take(self.facts.get_mut().unwrap_or_else(PoisonError::into_inner));
        if facts.is_dismissed && facts.errors == 0 {
            return;
        }
        let elapsed = self.begun.elapsed();
        let (outcome, kind) = (outcome(&facts), facts.kind.unwrap_or("none"));
        let statements = self.tally.count();
        let is_subscription = kind == "subscription";
        metrics::operation(&metrics::Ended {
            name: facts.name.as_deref(),
            kind,
            outcome,
            is_known: facts.caller.is_some_and(|caller| caller != Caller::Anonymous),
            elapsed: (!is_subscription).then_some(elapsed),
            statements,
            codes: &facts.codes,
        });
        let codes = (!facts.codes.is_empty()).then(|| facts.codes.join(","));
        let transport: &'static str = self.transport.into();
        let caller = facts.caller.map(Caller::kind);
        let events = is_subscription.then_some(facts.events);
        tracing::info!(
            parent: &self.span,
            operation = facts.name,
            kind,
            document = facts.document,
            transport,
            caller,
            caller_id = facts.caller.and_then(Caller::id),
            status = facts.status,
            outcome,
            errors = facts.errors,
            codes,
            events,
            duration_ms = milliseconds(elapsed),
            statements,
            sql_ms = milliseconds(self.tally.time()),
            wait_ms = milliseconds(self.tally.waited()),
            "operation"
        );
        if elapsed >= self.slow && !is_subscription && !self.slow.is_zero() {
            let [parse, validate, execute] = facts.phases.map(milliseconds);
            tracing::warn!(
                parent: &self.span,
                operation = facts.name,
                kind,
                document = facts.document,
                duration_ms = milliseconds(elapsed),
                parse_ms = parse,
                validate_ms = validate,
                execute_ms = execute,
                statements,
                sql_ms = milliseconds(self.tally.time()),
                wait_ms = milliseconds(self.tally.waited()),
                slowest = self.tally.slowest(),
                "slow operation"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        assert_eq!(clean("Members_2"), "Members_2");
        assert_eq!(clean("a\nb\u{1b}[31m\"é"), "a?b??31m??");
        assert_eq!(clean(&"x".repeat(1000)).len(), NAME_MAX);
    }

    #[test]
    fn an_outcome_is_the_worst_that_happened() {
        let account = Account::begin(Transport::Http, &Log::default());
        let outcome = || outcome(&account.facts());
        assert_eq!(outcome(), "abandoned");
        account.answered_with(200);
        assert_eq!(outcome(), "ok");
        account.refused("FORBIDDEN");
        assert_eq!(outcome(), "refused");
        account.refused("INTERNAL");
        assert_eq!(outcome(), "failed");
        for number in 0..100 {
            account.refused(&number.to_string());
        }
        let facts = account.facts();
        assert_eq!((facts.errors, facts.codes.len()), (102, CODES_MAX));
        // The account takes them once more when it is told.
        drop(facts);
    }
}
