//! How a request is answered over HTTP: status, headers and body.

use async_graphql::{Response, ServerError, Value};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response as HttpResponse},
};

use super::{
    account,
    caller::Unknown,
    connections::Crowded,
    error::refusal,
    event_stream,
    http::RequestId,
    media::Media,
    operation::{Failure, is_refused},
    rate::Limited,
};
use crate::{
    config::Subscriptions,
    error::{Code, Error, RequestCode, UNAVAILABLE_SECONDS},
};

/// An answer to a request that was run, or refused before it ran.
pub(super) fn respond(media: Media, response: Response) -> HttpResponse {
    account::note(&response.errors);
    if media == Media::EventStream {
        return event_stream::once(&response);
    }
    let is_unavailable = response
        .errors
        .iter()
        .any(|error| has_code(error, Code::Unavailable.name()));
    let status = match media {
        _ if is_unavailable && has_nothing(&response.data) => StatusCode::SERVICE_UNAVAILABLE,
        Media::GraphqlResponse if is_refused(&response) => StatusCode::BAD_REQUEST,
        Media::GraphqlResponse if !response.errors.is_empty() => partial_success(),
        _ => StatusCode::OK,
    };
    let mut answer = send(media, status, body_of(&response));
    if is_unavailable {
        answer
            .headers_mut()
            .insert(header::RETRY_AFTER, UNAVAILABLE_SECONDS.into());
    }
    answer
}

/// Whether no field of the root has a value.
fn has_nothing(data: &Value) -> bool {
    match data {
        Value::Object(fields) => fields.values().all(|value| *value == Value::Null),
        data => *data == Value::Null,
    }
}

/// The answers to a list of operations, in its order.
pub(super) fn respond_to_all(media: Media, responses: &[Response]) -> HttpResponse {
    let bodies: Result<Vec<_>, _> = responses.iter().map(body_of).collect();
    let list = bodies.map(|bodies| [b"[".as_slice(), &bodies.join(&b','), b"]"].concat());
    send(media, StatusCode::OK, list)
}

/// The status of an answer that has data, and errors beside it; as the draft of
/// GraphQL over HTTP has it.
fn partial_success() -> StatusCode {
    StatusCode::from_u16(294).unwrap_or(StatusCode::OK)
}

/// Of what was refused before the first field there is no data, not even null.
fn body_of(response: &Response) -> serde_json::Result<Vec<u8>> {
    if is_refused(response) {
        serde_json::to_vec(&serde_json::json!({ "errors": response.errors }))
    } else {
        serde_json::to_vec(response)
    }
}

fn send(media: Media, status: StatusCode, body: serde_json::Result<Vec<u8>>) -> HttpResponse {
    let headers = [
        (header::CONTENT_TYPE, media.name()),
        (header::CACHE_CONTROL, "no-store"),
    ];
    match body {
        Ok(body) => (status, headers, body).into_response(),
        Err(error) => {
            tracing::error!(%error, "answer cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A request that is refused as a whole.
pub(super) fn refuse(
    media: Media,
    status: StatusCode,
    code: impl Into<&'static str>,
    message: impl Into<String>,
) -> HttpResponse {
    refuse_with(media, status, refusal(code, message))
}

pub(super) fn has_code(error: &ServerError, code: &'static str) -> bool {
    let extensions = error.extensions.as_ref();
    extensions.and_then(|extensions| extensions.get("code")) == Some(&code.into())
}

pub(super) fn refuse_with(media: Media, status: StatusCode, error: ServerError) -> HttpResponse {
    // No stream begins; clients look at the status.
    let media = if media == Media::EventStream {
        Media::Json
    } else {
        media
    };
    let mut response = respond(media, Response::from_errors(vec![error]));
    *response.status_mut() = status;
    response
}

/// The refusal of a socket while so many others have not introduced themselves:
/// they have, or are closed, when their time is over.
pub(super) fn refuse_arrival(crowded: Crowded, settings: &Subscriptions) -> HttpResponse {
    let (status, message) = match crowded {
        Crowded::Address => (
            StatusCode::TOO_MANY_REQUESTS,
            "Too many sockets from your address have not introduced themselves.",
        ),
        Crowded::Everywhere => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many sockets have not introduced themselves.",
        ),
    };
    let mut response = refuse(Media::Json, status, RequestCode::TooManySubscriptions, message);
    let seconds = settings.init_timeout.as_secs().max(1);
    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    response
}

/// The refusal of whoever is not known. Why a credential is no good, is only in
/// the log.
pub(super) fn refuse_unknown(media: Media, unknown: Unknown, request_id: &RequestId) -> HttpResponse {
    let unavailable = |code: &'static str, message: &str, seconds: u32| {
        let mut error = refusal(code, message);
        error.extensions.get_or_insert_default().set("retryAfter", seconds);
        let mut response = refuse_with(media, StatusCode::SERVICE_UNAVAILABLE, error);
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        response
    };
    match unknown {
        Unknown::Refused => {
            let code = Code::Unauthenticated.name();
            let mut response = refuse(media, StatusCode::UNAUTHORIZED, code, "This credential is not valid.");
            let how = HeaderValue::from_static("Bearer error=\"invalid_token\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, how);
            response
        }
        Unknown::NoKeys => {
            let message = "Your identity provider cannot be asked at the moment. Try again soon.";
            unavailable(RequestCode::IssuerUnavailable.name(), message, 10)
        }
        Unknown::Limited(limited) => refuse_limited(media, limited),
        // A database that is away, or somebody new while others keep it from being
        // written to.
        Unknown::Failed(Error::Refused(refusals)) => {
            let refusal = refusals.into_iter().next().unwrap_or_else(|| Code::Unavailable.into());
            let seconds = refusal.retry_after.unwrap_or(UNAVAILABLE_SECONDS);
            unavailable(refusal.code.name(), &refusal.message, seconds)
        }
        Unknown::Failed(error) => {
            tracing::error!(cause = ?error, "cannot tell who is calling");
            let error = Failure::Panic.error(request_id);
            refuse_with(media, StatusCode::INTERNAL_SERVER_ERROR, error)
        }
    }
}

/// The refusal of whoever asks too often.
pub(super) fn refuse_limited(media: Media, limited: Limited) -> HttpResponse {
    let mut response = refuse_with(media, limited.status(), limited.error());
    let seconds = limited.retry_after().into();
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
    response
}

/// The refusal of what a page of somebody else may have made a browser send.
pub(super) fn refuse_forged(media: Media, message: &str) -> HttpResponse {
    refuse(media, StatusCode::FORBIDDEN, Code::Forbidden.name(), message)
}
