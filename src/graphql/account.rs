//! What the account of an operation is told of it, in words of the telemetry.

use async_graphql::{
    ServerError,
    parser::types::{DocumentOperations, ExecutableDocument, OperationType},
};
use axum::http::{HeaderMap, HeaderValue};

use crate::{
    auth::{Actor, Who},
    config::Mode,
    error::Code,
    telemetry::account::{self, Account, Caller, Phase},
};

impl From<&Actor> for Caller {
    fn from(actor: &Actor) -> Self {
        match &actor.who {
            Who::Anonymous => Self::Anonymous,
            Who::Person(person) => Self::User(person.user.id.0),
            Who::App(app) => Self::Token(app.token.id.0),
        }
    }
}

/// A kind of operations, in the words of GraphQL.
pub fn word(kind: OperationType) -> &'static str {
    match kind {
        OperationType::Query => "query",
        OperationType::Mutation => "mutation",
        OperationType::Subscription => "subscription",
    }
}

/// The name of the operation that is run: the one that was asked for, or the only
/// one there is.
pub fn name_of<'a>(document: &'a ExecutableDocument, asked: Option<&'a str>) -> Option<&'a str> {
    match &document.operations {
        DocumentOperations::Single(_) => None,
        DocumentOperations::Multiple(operations) => {
            let mut names = operations.keys().map(|name| name.as_str());
            asked.or_else(|| names.next().filter(|_| names.next().is_none()))
        }
    }
}

/// The operation that runs here was answered with these errors.
pub fn note(errors: &[ServerError]) {
    for error in errors {
        account::refused(code_of(error).unwrap_or_default());
    }
}

/// Whether there is a fault of ours among these errors.
pub fn has_fault(errors: &[ServerError]) -> bool {
    errors.iter().any(|error| code_of(error) == Some(Code::Internal.name()))
}

fn code_of(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        async_graphql::Value::String(code) => Some(code),
        _ => None,
    }
}

/// Tells developers where the time went; milliseconds, as the header has them.
pub fn tell_timing(account: &Account, mode: Mode, headers: &mut HeaderMap) {
    if mode != Mode::Development {
        return;
    }
    let milliseconds = |time: std::time::Duration| time.as_secs_f64() * 1000.0;
    let phase = |phase| milliseconds(account.phase(phase));
    let timing = format!(
        "total;dur={:.3}, parse;dur={:.3}, validate;dur={:.3}, execute;dur={:.3}, db;dur={:.3};desc=\"{}\"",
        milliseconds(account.elapsed()),
        phase(Phase::Parse),
        phase(Phase::Validate),
        phase(Phase::Execute),
        milliseconds(account.tally().time()),
        account.tally().count(),
    );
    if let Ok(timing) = HeaderValue::from_str(&timing) {
        headers.insert("server-timing", timing);
    }
}
