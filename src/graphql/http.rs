//! GraphQL over HTTP: what a request must look like, how it is run, and in
//! which form it is answered.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Instant,
};

use async_graphql::{Request, Response, ServerError, Value, Variables, parser::types::OperationType};
use axum::{
    Extension,
    body::Body,
    extract::{ConnectInfo, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response as HttpResponse},
};
use serde::Deserialize;
use tracing::Instrument;

use super::{
    RequestScope, RosterSchema, guard,
    multipart::{self, Files, Malformed},
    variables::operation_of,
};
use crate::{
    app::App,
    auth::{Actor, Verifier, Who},
    clock,
    config::Mode,
    db, domain,
    error::{Code, Refusal, Result},
};

/// What the endpoint needs.
#[derive(Clone)]
pub struct Endpoint {
    /// The running service.
    pub app: Arc<App>,
    /// What is served.
    pub schema: RosterSchema,
    /// Checks the tokens of people.
    pub verifier: Arc<Verifier>,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Endpoint").finish_non_exhaustive()
    }
}

/// Id of a request, as it stands in the log and in `X-Request-Id`.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// The parameters of a request, in a body or in a query string.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<serde_json::Map<String, serde_json::Value>>,
    // Read so that a wrong type is refused; nothing in it is used yet.
    #[allow(dead_code)]
    extensions: Option<serde_json::Map<String, serde_json::Value>>,
}

/// Media types of answers, in the order of our preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Media {
    GraphqlResponse,
    Json,
}

impl Media {
    /// What the client asks for; JSON if it does not say, `None` if it takes
    /// neither.
    fn accepted(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .peekable();
        if values.peek().is_none() {
            return Some(Self::Json);
        }
        values
            .flat_map(|value| value.split(','))
            .filter(|range| {
                !range
                    .split(';')
                    .skip(1)
                    .any(|parameter| matches!(parameter.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
            })
            .find_map(|range| {
                match range
                    .split(';')
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .to_ascii_lowercase()
                    .as_str()
                {
                    "application/graphql-response+json" => Some(Self::GraphqlResponse),
                    "application/json" | "application/*" | "*/*" => Some(Self::Json),
                    _ => None,
                }
            })
    }

    fn name(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// `POST /graphql` and `GET /graphql`.
pub async fn handle(
    State(endpoint): State<Endpoint>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Extension(request_id): Extension<RequestId>,
    request: axum::extract::Request,
) -> HttpResponse {
    let begun = Instant::now();
    let (parts, body) = request.into_parts();
    let Some(media) = Media::accepted(&parts.headers) else {
        let message = "Accept application/graphql-response+json or application/json.";
        return refuse(Media::Json, StatusCode::NOT_ACCEPTABLE, "BAD_USER_INPUT", message);
    };
    let call = Call {
        endpoint: &endpoint,
        peer: peer.ip().to_canonical(),
        parts,
        media,
        request_id,
    };
    let (mut response, statements) = db::counting_statements(call.answer(body)).await;
    let elapsed = begun.elapsed().as_secs_f64() * 1000.0;
    tracing::debug!(statements, elapsed_ms = elapsed, "graphql");
    if endpoint.app.config.mode == Mode::Development
        && let Ok(timing) = HeaderValue::from_str(&format!("total;dur={elapsed:.3}, sql;desc=\"{statements}\""))
    {
        response.headers_mut().insert("server-timing", timing);
    }
    response
}

/// One request on its way to an answer.
struct Call<'a> {
    endpoint: &'a Endpoint,
    peer: IpAddr,
    parts: Parts,
    media: Media,
    request_id: RequestId,
}

impl Call<'_> {
    async fn answer(self, body: Body) -> HttpResponse {
        let media = self.media;
        // A bad credential is refused before anything else is looked at.
        let actor = match self.authenticate().await {
            Ok(actor) => actor,
            Err(error) if error.is(Code::Unauthenticated) => return refuse_credential(media),
            // Somebody new, while others keep the database from being written to.
            Err(error) if error.is(Code::LockTimeout) => {
                let code = Code::LockTimeout;
                return refuse(
                    media,
                    StatusCode::SERVICE_UNAVAILABLE,
                    code.name(),
                    &Refusal::from(code).message,
                );
            }
            Err(error) => {
                tracing::error!(cause = ?error, "cannot tell who is calling");
                return refuse_internal(media, &self.request_id);
            }
        };
        let app = &self.endpoint.app;
        let limit = app.config.limits.request_timeout;
        let late = || Err((StatusCode::REQUEST_TIMEOUT, "Send the request faster.".to_owned()));
        let request = tokio::time::timeout(limit, read(app, &self.parts, body, &actor)).await;
        let (parameters, files) = match request.unwrap_or_else(|_| late()) {
            Ok(request) => request,
            Err((status, message)) => return refuse(media, status, "BAD_USER_INPUT", &message),
        };
        let Some(query) = parameters.query.filter(|query| !query.trim().is_empty()) else {
            return refuse(media, StatusCode::BAD_REQUEST, "BAD_USER_INPUT", "Give a query.");
        };
        let mut request = Request::new(query);
        request.operation_name = parameters.operation_name.filter(|name| !name.is_empty());
        if let Some(variables) = parameters.variables {
            request = request.variables(Variables::from_json(variables.into()));
        }

        let name = request.operation_name.clone();
        let variables = request.variables.clone();
        let checked = match request.parsed_query() {
            Err(error) => Err(guard::unparsable(error)),
            Ok(document) => guard::check(document, &variables, &app.config.limits)
                .map(|()| operation_of(document, name.as_deref()).map(|operation| operation.ty)),
        };
        let kind = match checked {
            Ok(kind) => kind,
            Err(error) => return respond(media, Response::from_errors(vec![error])),
        };
        if self.parts.method == Method::GET && kind.is_some_and(|kind| kind != OperationType::Query) {
            let mut response = refuse(
                media,
                StatusCode::METHOD_NOT_ALLOWED,
                "BAD_USER_INPUT",
                "Send mutations by POST.",
            );
            response
                .headers_mut()
                .insert(header::ALLOW, HeaderValue::from_static("POST"));
            return response;
        }
        self.execute(
            request.data(RequestScope::new(app.clone(), Arc::new(actor), files)),
            kind,
        )
        .await
    }

    async fn execute(self, request: Request, kind: Option<OperationType>) -> HttpResponse {
        let schema = self.endpoint.schema.clone();
        let execution = async move { schema.execute(request).await };
        let limit = self.endpoint.app.config.limits.request_timeout;

        // A mutation runs to its end although its client may hang up half-way:
        // the database must not be left to clean up. Past the time limit it is
        // stopped, and rolls back. A query stops with its client.
        let outcome = if kind == Some(OperationType::Mutation) {
            let mut task = self
                .endpoint
                .app
                .changes
                .spawn(db::counting_here(execution).in_current_span());
            match tokio::time::timeout(limit, &mut task).await {
                Ok(Ok(response)) => Some(response),
                Ok(Err(panic)) => {
                    tracing::error!(%panic, "mutation panicked");
                    return refuse_internal(self.media, &self.request_id);
                }
                Err(_) => {
                    task.abort();
                    None
                }
            }
        } else {
            tokio::time::timeout(limit, execution).await.ok()
        };
        let Some(mut response) = outcome else {
            return refuse(
                self.media,
                StatusCode::SERVICE_UNAVAILABLE,
                "TIMEOUT",
                "The request took too long.",
            );
        };

        let internal = Value::from(Code::Internal.name());
        for extensions in response.errors.iter_mut().filter_map(|error| error.extensions.as_mut()) {
            if extensions.get("code") == Some(&internal) {
                extensions.set("requestId", self.request_id.0.clone());
            }
        }
        respond(self.media, response)
    }

    /// Who is calling. No credential is an anonymous caller.
    async fn authenticate(&self) -> Result<Actor> {
        let app = &self.endpoint.app;
        let headers = &self.parts.headers;
        let (now, ip) = (
            clock::now(),
            Some(client_ip(&app.config.trusted_proxies, self.peer, headers)),
        );
        let Some(credential) = headers.get(header::AUTHORIZATION) else {
            return Ok(Actor {
                who: Who::Anonymous,
                ip,
                now,
                until: None,
            });
        };
        let bearer = credential.to_str().ok().and_then(|text| text.split_once(' '));
        let bearer = bearer
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim());
        match bearer {
            None => Err(Code::Unauthenticated.into()),
            Some(secret) if secret.starts_with(domain::api_token::PREFIX) => {
                domain::api_token::arrive(app, secret, ip, now).await
            }
            Some(token) => domain::user::arrive(app, self.endpoint.verifier.verify(token)?, ip, now).await,
        }
    }
}

/// The address of the client: the peer, or what trusted proxies say of it. Each
/// proxy appends whom it heard from, so the last address that is no proxy of
/// ours is the client; everything before it the client may have made up. Past
/// a hop that is no address nothing is known.
fn client_ip(trusted: &[IpAddr], peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    if !trusted.contains(&peer) {
        return peer;
    }
    // Some proxies append the port, too.
    let address = |hop: &str| {
        let hop = hop.trim();
        let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']'));
        let with_port = || hop.parse::<SocketAddr>().map(|address| address.ip());
        bare.unwrap_or(hop).parse::<IpAddr>().or_else(|_| with_port()).ok()
    };
    let forwarded = headers.get_all("x-forwarded-for").iter();
    forwarded
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .map(address)
        .rev()
        .map_while(|hop| hop)
        .find(|hop| !trusted.contains(hop))
        .unwrap_or(peer)
        // An IPv4 address may come as an IPv6 one.
        .to_canonical()
}

async fn read(
    app: &App,
    parts: &Parts,
    body: Body,
    actor: &Actor,
) -> std::result::Result<(Parameters, Files), Malformed> {
    if parts.method == Method::GET {
        let parameters = read_query(parts.uri.query().unwrap_or_default())?;
        return Ok((parameters, Files::new()));
    }
    let limits = &app.config.limits;
    let malformed = |error| (StatusCode::BAD_REQUEST, format!("This is no GraphQL request: {error}."));
    if multipart::is_multipart(&parts.headers) {
        let is_known = actor.require_known().is_ok();
        let (request, files) = multipart::read(&parts.headers, body, limits, is_known).await?;
        return Ok((Parameters::deserialize(request).map_err(malformed)?, files));
    }
    // Anything but JSON could be sent by a page of somebody else without the
    // browser asking us first.
    let media = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !media
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .eq_ignore_ascii_case("application/json")
    {
        return Err((
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Send the request as application/json, or with files as multipart/form-data.".into(),
        ));
    }
    let most = limits.body_bytes_max;
    let bytes = axum::body::to_bytes(body, most)
        .await
        .map_err(|_| (StatusCode::PAYLOAD_TOO_LARGE, format!("Send at most {most} bytes.")))?;
    let parameters = serde_json::from_slice(&bytes).map_err(malformed)?;
    Ok((parameters, Files::new()))
}

fn read_query(query: &str) -> std::result::Result<Parameters, Malformed> {
    let mut parameters = Parameters {
        query: None,
        operation_name: None,
        variables: None,
        extensions: None,
    };
    let object = |name: &str, text: &str| {
        serde_json::from_str(text)
            .map_err(|error| (StatusCode::BAD_REQUEST, format!("{name} is no JSON object: {error}.")))
    };
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "query" => parameters.query = Some(value.into_owned()),
            "operationName" => parameters.operation_name = Some(value.into_owned()),
            "variables" if !value.is_empty() => parameters.variables = object("variables", &value)?,
            "extensions" if !value.is_empty() => parameters.extensions = object("extensions", &value)?,
            _ => {}
        }
    }
    Ok(parameters)
}

/// An answer to a request that was run, or refused before it ran.
fn respond(media: Media, response: Response) -> HttpResponse {
    // Refused before the first field: there is no data, not even null.
    let is_refused = response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty());
    let status = match media {
        Media::GraphqlResponse if is_refused => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    let body = if is_refused {
        serde_json::to_vec(&serde_json::json!({ "errors": response.errors }))
    } else {
        serde_json::to_vec(&response)
    };
    match body {
        Ok(body) => (
            status,
            [
                (header::CONTENT_TYPE, media.name()),
                (header::CACHE_CONTROL, "no-store"),
            ],
            body,
        )
            .into_response(),
        Err(error) => {
            tracing::error!(%error, "answer cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A request that is refused as a whole.
fn refuse(media: Media, status: StatusCode, code: &'static str, message: &str) -> HttpResponse {
    let mut error = ServerError::new(message, None);
    error.extensions.get_or_insert_default().set("code", code);
    let mut response = respond(media, Response::from_errors(vec![error]));
    *response.status_mut() = status;
    response
}

/// The refusal of a credential that is no good. Why, is only in the log.
fn refuse_credential(media: Media) -> HttpResponse {
    let code = Code::Unauthenticated;
    let mut response = refuse(
        media,
        StatusCode::UNAUTHORIZED,
        code.name(),
        "This credential is not valid.",
    );
    response.headers_mut().insert(
        header::WWW_AUTHENTICATE,
        HeaderValue::from_static("Bearer error=\"invalid_token\""),
    );
    response
}

/// A fault of ours; the id finds the cause in the log.
fn refuse_internal(media: Media, RequestId(id): &RequestId) -> HttpResponse {
    let mut error = ServerError::new("Something went wrong on our side.", None);
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("code", Code::Internal.name());
    extensions.set("requestId", id.clone());
    let mut response = respond(media, Response::from_errors(vec![error]));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_say_who_the_client_is() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(
            "x-forwarded-for",
            HeaderValue::from_static("6.6.6.6, 203.0.113.7, 10.0.0.2"),
        );
        let proxies = [address("10.0.0.1"), address("10.0.0.2")];
        assert_eq!(
            client_ip(&proxies, address("10.0.0.1"), &headers),
            address("203.0.113.7")
        );
        assert_eq!(
            client_ip(&proxies, address("198.51.100.9"), &headers),
            address("198.51.100.9")
        );
        assert_eq!(client_ip(&[], address("10.0.0.1"), &headers), address("10.0.0.1"));

        for (forwarded, client) in [
            ("6.6.6.6, 203.0.113.7:4711", "203.0.113.7"),
            ("6.6.6.6, [2001:db8::7]:4711, 10.0.0.2:80", "2001:db8::7"),
            ("6.6.6.6, [2001:db8::7]", "2001:db8::7"),
            ("6.6.6.6, unknown, 10.0.0.2", "10.0.0.1"),
            ("6.6.6.6, ", "10.0.0.1"),
        ] {
            headers.insert("x-forwarded-for", HeaderValue::from_static(forwarded));
            let found = client_ip(&proxies, address("10.0.0.1"), &headers);
            assert_eq!(found, address(client), "{forwarded}");
        }
    }

    #[test]
    fn clients_choose_the_media_type() {
        let accepted = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(value));
            Media::accepted(&headers)
        };
        assert_eq!(Media::accepted(&HeaderMap::new()), Some(Media::Json));
        assert_eq!(
            accepted("application/graphql-response+json, application/json;q=0.9"),
            Some(Media::GraphqlResponse)
        );
        assert_eq!(accepted("text/html, */*;q=0.1"), Some(Media::Json));
        assert_eq!(accepted("text/html"), None);
        assert_eq!(accepted("application/json;q=0"), None);
    }
}
