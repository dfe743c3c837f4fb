//! GraphQL over HTTP: what a request must look like, and who answers it.

use std::{
    collections::HashSet,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Instant,
};

use async_graphql::{Response, parser::types::OperationType};
use axum::{
    Extension,
    body::Body,
    extract::{ConnectInfo, FromRequestParts, Path, State, ws::WebSocketUpgrade},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response as HttpResponse},
};
use futures_util::FutureExt;
use serde::Deserialize;
use tokio::time::timeout;

use super::{
    RequestScope, RosterSchema, account,
    answer::{
        has_code, refuse, refuse_arrival, refuse_forged, refuse_limited, refuse_unknown, refuse_with, respond,
        respond_to_all,
    },
    batch, caller,
    connections::Connections,
    context::Bookmark,
    credential::{Credential, Forged},
    documents::Documents,
    event_stream,
    media::Media,
    multipart::{self, Files, Malformed},
    object::Object,
    operation::{Failure, Operation, Parameters},
    rate::Meter,
    socket,
};
use crate::{
    app::App,
    auth::{Actor, Verifier},
    error::RequestCode,
    live::Live,
    telemetry::account::{Account, Transport},
};

/// What the endpoint needs.
#[derive(Clone)]
pub struct Endpoint {
    /// The running service, as it was when the request came.
    pub app: Arc<App>,
    /// What is served.
    pub schema: RosterSchema,
    /// What is known of what clients send.
    pub documents: Arc<Documents>,
    /// Checks the tokens of people, likewise.
    pub verifier: Arc<Verifier>,
    /// Both as they are now.
    pub live: (Live<App>, Live<Verifier>),
    /// Sockets and event streams that are open.
    pub connections: Arc<Connections>,
    /// Memory for requests with files.
    pub uploads: multipart::Room,
}

impl Endpoint {
    /// Goes on with the settings of now.
    pub fn renew(&mut self) {
        (self.app, self.verifier) = (self.live.0.now(), self.live.1.now());
    }
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Endpoint").finish_non_exhaustive()
    }
}

/// Id of a request, as it stands in the log and in `X-Request-Id`.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// `POST` and `GET` of `/graphql`, and of `/graphql/d/…` with the id of a document.
pub async fn handle(
    State(mut endpoint): State<Endpoint>,
    document: Option<Path<String>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Extension(request_id): Extension<RequestId>,
    request: axum::extract::Request,
) -> HttpResponse {
    endpoint.renew();
    let (parts, body) = request.into_parts();
    let ip = caller::address(
        &endpoint.app.config.trusted_proxies,
        peer.ip().to_canonical(),
        &parts.headers,
    );
    let meter = Meter::new(&endpoint.app, ip);
    if is_upgrade(&parts) {
        return upgrade(endpoint, parts, ip, &meter, request_id).await;
    }
    let accepted = Media::accepted(&parts.headers);
    let Some(&media) = accepted.first() else {
        let message = "Accept application/graphql-response+json, application/json or text/event-stream.";
        return refuse(
            Media::Json,
            StatusCode::NOT_ACCEPTABLE,
            RequestCode::BadUserInput,
            message,
        );
    };
    let transport = match media {
        Media::EventStream => Transport::Sse,
        Media::GraphqlResponse | Media::Json => Transport::Http,
    };
    let call = Call {
        endpoint: &endpoint,
        meter: &meter,
        ip,
        parts,
        document: document.map(|Path(id)| id),
        media,
        takes_events: accepted.contains(&Media::EventStream),
        request_id,
    };
    let settings = &endpoint.app.config;
    let account = Account::begin(transport, &settings.log);
    // In a box, so that what stands around it does not carry it about.
    let mut response = account.clone().charge(call.answer(body).boxed()).await;
    account.answered_with(response.status().as_u16());
    account::tell_timing(&account, settings.mode, response.headers_mut());
    meter.report(response.headers_mut());
    response
}

/// The event behind which a client goes on that was cut off. What is no text is
/// no event, and refused as one.
fn last_event_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get("last-event-id").filter(|id| !id.is_empty())?;
    Some(id.to_str().unwrap_or_default().to_owned())
}

/// Whether a socket is asked for.
fn is_upgrade(parts: &Parts) -> bool {
    let upgrade = parts.headers.get(header::UPGRADE);
    parts.method == Method::GET && upgrade.is_some_and(|to| to.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

async fn upgrade(
    endpoint: Endpoint,
    mut parts: Parts,
    ip: IpAddr,
    meter: &Meter,
    request_id: RequestId,
) -> HttpResponse {
    if let Err(limited) = meter.arrive() {
        let mut response = refuse_limited(Media::Json, limited);
        meter.report(response.headers_mut());
        return response;
    }
    let settings = &endpoint.app.config.subscriptions;
    let credential = match Credential::of_upgrade(&endpoint.app.config, &parts.headers) {
        Ok(credential) => credential,
        Err(Forged) => return refuse_forged(Media::Json, "Sockets are not for this page."),
    };
    let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade.protocols([socket::PROTOCOL]),
        Err(refused) => return refused.into_response(),
    };
    if upgrade.selected_protocol().is_none() {
        let message = format!("Ask for the sub-protocol {}.", socket::PROTOCOL);
        return refuse(Media::Json, StatusCode::BAD_REQUEST, RequestCode::BadUserInput, message);
    }
    match endpoint.connections.arrive(ip, settings) {
        Ok(seats) => socket::accept(upgrade, endpoint, credential, ip, seats, request_id),
        Err(crowded) => refuse_arrival(crowded, settings),
    }
}

/// One request on its way to an answer.
struct Call<'a> {
    endpoint: &'a Endpoint,
    meter: &'a Meter,
    ip: IpAddr,
    parts: Parts,
    /// The id of a document, if the address names one.
    document: Option<String>,
    media: Media,
    /// Whether an event stream is among what the client takes.
    takes_events: bool,
    request_id: RequestId,
}

impl Call<'_> {
    async fn answer(self, body: Body) -> HttpResponse {
        let media = self.media;
        if let Err(limited) = self.meter.arrive() {
            return refuse_limited(media, limited);
        }
        let credential = match Credential::of_request(&self.endpoint.app.config, &self.parts.headers) {
            Ok(credential) => credential,
            Err(Forged) => {
                return refuse_forged(
                    media,
                    "With a cookie, send a header GraphQL-Preflight, from a page of ours.",
                );
            }
        };
        // A bad credential is refused before anything else is looked at.
        let app = &self.endpoint.app;
        let (begun, limit) = (Instant::now(), app.config.limits.request_timeout);
        let asked = timeout(limit, self.meter.authenticate(self.endpoint, &credential, self.ip));
        let actor = match asked.await {
            Ok(Ok(actor)) => actor,
            Ok(Err(unknown)) => return refuse_unknown(media, unknown, &self.request_id),
            Err(_) => return self.fail(Failure::Late),
        };
        let spent = begun.elapsed();
        let late = || {
            let message = "Send the request faster.".to_owned();
            Err((StatusCode::REQUEST_TIMEOUT, RequestCode::BadUserInput, message))
        };
        let request = timeout(limit, read(self.endpoint, &self.parts, body, &actor)).await;
        let (mut parameters, files) = match request.unwrap_or_else(|_| late()) {
            Ok(Asked::One(parameters, files)) => (*parameters, files),
            Ok(Asked::Many(entries)) => return Box::pin(self.answer_all(entries, actor)).await,
            Err((status, code, message)) => return refuse(media, status, code, message),
        };
        if let Some(id) = self.document.clone()
            && parameters.document_id.replace(id).is_some()
        {
            let message = "The address names the document already.";
            return refuse(media, StatusCode::BAD_REQUEST, RequestCode::BadUserInput, message);
        }
        let operation = match Operation::read(self.endpoint, parameters) {
            Ok(operation) => operation.after(spent),
            // No request at all, and not only one that cannot be run.
            Err(error) if has_code(&error, RequestCode::BadUserInput.name()) => {
                return refuse_with(media, StatusCode::BAD_REQUEST, error);
            }
            Err(error) => return respond(media, Response::from_errors(vec![error])),
        };
        if operation.is_subscription() {
            return self.follow(operation, actor);
        }
        if self.parts.method != Method::POST && operation.kind == Some(OperationType::Mutation) {
            let message = "Send mutations by POST.";
            let mut response = refuse(
                media,
                StatusCode::METHOD_NOT_ALLOWED,
                RequestCode::BadUserInput,
                message,
            );
            response
                .headers_mut()
                .insert(header::ALLOW, HeaderValue::from_static("POST"));
            return response;
        }
        let scope = RequestScope::new(app.clone(), Arc::new(actor), files);
        match operation.run(self.endpoint, scope, &self.request_id).await {
            Ok(response) => respond(media, response),
            Err(failure) => self.fail(failure),
        }
    }

    /// The answer of a request that has none.
    fn fail(&self, failure: Failure) -> HttpResponse {
        let status = match failure {
            Failure::Late => StatusCode::SERVICE_UNAVAILABLE,
            Failure::Panic => StatusCode::INTERNAL_SERVER_ERROR,
        };
        refuse_with(self.media, status, failure.error(&self.request_id))
    }

    /// What a subscription tells takes an answer that goes on.
    fn follow(&self, operation: Operation, actor: Actor) -> HttpResponse {
        if self.takes_events {
            let bookmark = Bookmark::at(last_event_id(&self.parts.headers));
            return event_stream::follow(self.endpoint, operation, actor, bookmark, &self.request_id);
        }
        let message = "Subscribe over a WebSocket, or accept text/event-stream.";
        refuse(
            self.media,
            StatusCode::NOT_ACCEPTABLE,
            RequestCode::BadUserInput,
            message,
        )
    }

    /// A list of operations takes a list of answers.
    async fn answer_all(&self, entries: Vec<batch::Entry>, actor: Actor) -> HttpResponse {
        let why = match (&self.document, self.media) {
            (Some(_), _) => "A list of operations does not go to the address of a document.",
            (None, Media::EventStream) => "Accept application/json for a list of operations.",
            (None, media) => {
                if let Err(limited) = self.meter.add(&actor, entries.len() - 1).await {
                    return refuse_limited(media, limited);
                }
                return match batch::run(self.endpoint, entries, &Arc::new(actor), &self.request_id).await {
                    Ok(responses) => respond_to_all(media, &responses),
                    Err(error) => refuse_with(media, StatusCode::BAD_REQUEST, error),
                };
            }
        };
        refuse(self.media, StatusCode::BAD_REQUEST, RequestCode::BadUserInput, why)
    }
}

/// What a request asks for.
enum Asked {
    /// One operation, and the files that it comes with.
    One(Box<Parameters>, Files),
    /// A list of operations.
    Many(Vec<batch::Entry>),
}

async fn read(endpoint: &Endpoint, parts: &Parts, body: Body, actor: &Actor) -> Result<Asked, Malformed> {
    let one = |parameters, files| Asked::One(Box::new(parameters), files);
    // HEAD asks for what GET would answer.
    if parts.method != Method::POST {
        let parameters = read_query(parts.uri.query().unwrap_or_default())?;
        return Ok(one(parameters, Files::default()));
    }
    let limits = &endpoint.app.config.limits;
    let malformed = |error| multipart::malformed(format!("This is no GraphQL request: {error}."));
    if multipart::is_multipart(&parts.headers) {
        let is_known = actor.require_known().is_ok();
        let (request, files) = multipart::read(&parts.headers, body, limits, &endpoint.uploads, is_known).await?;
        let Object(parameters) = Object::deserialize(request).map_err(malformed)?;
        return Ok(one(parameters, files));
    }
    // Anything but JSON could be sent by a page of somebody else without the
    // browser asking us first.
    if !is_json(&parts.headers) {
        return Err((
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            RequestCode::BadUserInput,
            "Send the request as application/json in UTF-8, or with files as multipart/form-data.".into(),
        ));
    }
    let most = limits.body_bytes_max;
    let bytes = axum::body::to_bytes(body, most).await;
    let bytes = bytes.map_err(|_| multipart::too_large(most as u64))?;
    if batch::is_list(&bytes) {
        return batch::read(&bytes, endpoint.app.config.graphql.batch_max).map(Asked::Many);
    }
    let Object(parameters) = serde_json::from_slice(&bytes).map_err(malformed)?;
    Ok(one(parameters, Files::default()))
}

/// Whether the body is JSON in the one encoding that we read.
fn is_json(headers: &HeaderMap) -> bool {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let mut parts = media.unwrap_or_default().split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let is_utf8 = |parameter: &str| match parameter.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    };
    name.eq_ignore_ascii_case("application/json") && parts.all(is_utf8)
}

/// The parameters of a query string.
const PARAMETERS: [&str; 5] = ["query", "documentId", "operationName", "variables", "extensions"];

fn read_query(query: &str) -> Result<Parameters, Malformed> {
    let mut parameters = Parameters::default();
    let object = |name: &str, text: &str| {
        serde_json::from_str(text).map_err(|error| multipart::malformed(format!("{name} is no JSON object: {error}.")))
    };
    let mut seen = HashSet::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        // Two of us might choose differently among them.
        if PARAMETERS.contains(&name.as_ref()) && !seen.insert(name.clone()) {
            return Err(multipart::malformed(format!("Give {name} once.")));
        }
        match name.as_ref() {
            "query" => parameters.query = Some(value.into_owned()),
            "documentId" => parameters.document_id = Some(value.into_owned()),
            "operationName" => parameters.operation_name = Some(value.into_owned()),
            "variables" if !value.is_empty() => parameters.variables = object("variables", &value)?,
            "extensions" if !value.is_empty() => parameters.extensions = object("extensions", &value)?,
            _ => {}
        }
    }
    Ok(parameters)
}
