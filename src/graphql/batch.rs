//! Several operations in one request: a list of requests, answered by a list of
//! answers in the same order.
//!
//! They run one after the other, so that a request never takes more of the
//! database than one operation does, and all within the time of one request.

use std::sync::Arc;

use async_graphql::{Response, ServerError, ServerResult};
use serde::Deserialize;

use super::{
    RequestScope, account,
    error::refusal,
    http::{Endpoint, RequestId},
    measure,
    multipart::{Files, Malformed},
    object::Object,
    operation::{Operation, Parameters},
};
use crate::{
    auth::Actor,
    error::RequestCode,
    telemetry::account::{Account, Transport},
};

/// What one place of a list asks for, or why it asks for nothing.
pub type Entry = Result<Parameters, String>;

/// Whether a body is a list. What it holds is not looked at.
pub fn is_list(body: &[u8]) -> bool {
    body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[')
}

/// Reads a list of requests.
///
/// # Errors
/// `BATCHING_DISABLED`, `BATCH_TOO_LARGE`; `BAD_USER_INPUT` for what is no list,
/// or an empty one.
pub fn read(body: &[u8], most: usize) -> Result<Vec<Entry>, Malformed> {
    let malformed = |code, message: String| (axum::http::StatusCode::BAD_REQUEST, code, message);
    if most == 0 {
        let message = "Send one operation a request; lists of them are not taken here.";
        return Err(malformed(RequestCode::BatchingDisabled, message.into()));
    }
    let entries: Vec<serde_json::Value> = serde_json::from_slice(body).map_err(|error| {
        let message = format!("This is no list of GraphQL requests: {error}.");
        malformed(RequestCode::BadUserInput, message)
    })?;
    if entries.is_empty() {
        return Err(malformed(RequestCode::BadUserInput, "The list is empty.".into()));
    }
    if entries.len() > most {
        let message = format!("A request may hold at most {most} operations.");
        return Err(malformed(RequestCode::BatchTooLarge, message));
    }
    let entry = |entry| {
        Object::deserialize(entry)
            .map(|Object(parameters)| parameters)
            .map_err(|error| format!("This is no GraphQL request: {error}."))
    };
    Ok(entries.into_iter().map(entry).collect())
}

/// Runs a list of operations. What is wrong with one of them is the answer at its
/// place, and keeps no other from being run.
///
/// # Errors
/// `QUERY_TOO_COMPLEX` if all together cost more than one operation may; nothing
/// was run then.
pub async fn run(
    endpoint: &Endpoint,
    entries: Vec<Entry>,
    actor: &Arc<Actor>,
    request_id: &RequestId,
) -> ServerResult<Vec<Response>> {
    let whole = Account::current().unwrap_or_else(|| Account::begin(Transport::Http, &endpoint.app.config.log));
    let read = |entry| {
        let account = whole.part();
        let operation = account.charge_now(|| operation(endpoint, entry));
        (account, operation)
    };
    let operations: Vec<_> = entries.into_iter().map(read).collect();
    let costs = operations
        .iter()
        .flat_map(|(_, operation)| operation)
        .map(|operation| operation.measure().cost);
    let cost = costs.fold(0_usize, usize::saturating_add);
    measure::check_cost(cost, &endpoint.app.config.limits)?;
    let mut answers = Vec::with_capacity(operations.len());
    for (account, operation) in operations {
        let scope = RequestScope::new(endpoint.app.clone(), actor.clone(), Files::default());
        let answer = async {
            let answer = match operation {
                Ok(operation) => operation.run(endpoint, scope, request_id).await,
                Err(error) => Ok(refused(error)),
            };
            let answer = answer.unwrap_or_else(|failure| refused(failure.error(request_id)));
            account::note(&answer.errors);
            answer
        };
        answers.push(account.clone().charge(answer).await);
        account.answered();
    }
    // Each has told of itself.
    whole.dismiss();
    Ok(answers)
}

fn refused(error: ServerError) -> Response {
    Response::from_errors(vec![error])
}

fn operation(endpoint: &Endpoint, entry: Entry) -> ServerResult<Operation> {
    let parameters = entry.map_err(|why| refusal(RequestCode::BadUserInput, why))?;
    let operation = Operation::read(endpoint, parameters)?;
    if operation.is_subscription() {
        let message = "A list of operations cannot hold subscriptions.";
        return Err(refusal(RequestCode::BadUserInput, message));
    }
    Ok(operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fuzz_bodies() {
        const PIECES: &[&str] = &[
            "[",
            "]",
            "{",
            "}",
            "\"query\":",
            "\"variables\":",
            "\"extensions\":",
            "\"operationName\":",
            "\"documentId\":",
            "\"persistedQuery\":",
            "null",
            ",",
            "\"",
            "1e400",
            "\\ud800",
            "\\u0000",
            "{\"query\":\"{a}\"}",
            " ",
            "-0",
            ":",
        ];
        bolero::check!().for_each(|bytes: &[u8]| {
            let body = crate::fuzz::text(bytes, PIECES);
            let is_list = serde_json::from_str::<Vec<serde_json::Value>>(&body).is_ok();
            assert!(!is_list || super::is_list(body.as_bytes()), "{body}");
            if let Ok(entries) = read(body.as_bytes(), 10) {
                assert!(is_list && (1..=10).contains(&entries.len()), "{body}");
            }
            assert!(read(body.as_bytes(), 0).is_err());
        });
    }
}
