//! The door for requests: routes, middleware, the explorer, health, shutdown.

mod activity;
mod body;
mod browser;
mod console;
mod files;
mod health;
mod line;
mod metrics;
mod tls;
mod wire;

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{MatchedPath, Path, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::FutureExt;
use rust_embed::Embed;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tower::ServiceBuilder;
use tower_http::{compression::CompressionLayer, sensitive_headers::SetSensitiveRequestHeadersLayer};
use tracing::Instrument;

pub use self::metrics::Metrics;
use self::{health::Health, tls::Tls, wire::Wire};
use crate::{
    app::App,
    auth::Verifier,
    avatar, clock,
    config::{Config, ConfigError, Mode},
    error::Code,
    graphql::{
        self, RosterSchema,
        connections::Connections,
        documents::Documents,
        http::{Endpoint, RequestId},
        multipart::Room,
    },
    live::Live,
    mailbox, negotiation,
    telemetry::{
        log,
        trace::{self, TraceContext},
    },
    token,
};

/// The explorer's files.
#[derive(Embed)]
#[folder = "src/explorer/"]
struct Explorer;

/// What the explorer may do: nothing but talk to us. The hash is of the one
/// style element that GraphiQL adds, when a dialog opens.
const EXPLORER_POLICY: &str = "default-src 'none'; script-src 'self'; \
     style-src 'self' 'sha256-nzTgYzXYDNe6BAHiiI7NNlfK8n/auuOAhh2t92YvuXo='; connect-src 'self'; img-src data:; \
     font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A server that has everything it needs: nothing but the network can fail any
/// more.
#[derive(Debug)]
pub struct Server {
    routes: Router,
    metrics: Metrics,
    /// Sockets and event streams that are open.
    connections: Arc<Connections>,
    app: Live<App>,
    files: Reloading,
    /// The process is to end: nobody should send anything new.
    draining: CancellationToken,
}

/// Longer than a request may wait for the keys of an issuer.
const KEYS_WAITED_FOR: Duration = Duration::from_secs(180);

/// What the server has read from files, or fetched, and may read again.
#[derive(Clone, Debug)]
pub struct Reloading {
    verifier: Live<Verifier>,
    /// Fetches the keys that issuers publish.
    keeper: Arc<Mutex<Option<AbortOnDropHandle<()>>>>,
    tls: Option<Arc<Tls>>,
    /// What is known of what clients send, and which of it is trusted.
    documents: Arc<Documents>,
}

impl Reloading {
    /// Reads everything again. If anything is wrong, all stays as it was.
    ///
    /// # Errors
    /// Keys, a certificate or documents that cannot be used.
    pub fn reload(&self, config: &Config) -> Result<(), ConfigError> {
        let verifier = Verifier::new(config)?;
        // What is still to be read again goes before what is put in its place.
        if let Some(tls) = &self.tls {
            tls.reload()?;
        }
        self.documents.manifest().reload()?;
        verifier.take_over(&self.verifier.now());
        self.verifier.replace(verifier);
        self.keep_keys();
        Ok(())
    }

    fn keep_keys(&self) {
        let keeping = AbortOnDropHandle::new(tokio::spawn(self.verifier.now().keep_keys()));
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = keeper.replace(keeping) {
            // Requests that have begun may wait for a key of it.
            tokio::spawn(async move {
                tokio::time::sleep(KEYS_WAITED_FOR).await;
                drop(before);
            });
        }
    }
}

impl Server {
    /// Reads the keys, the certificate and the trusted documents, and takes the address for metrics.
    ///
    /// # Errors
    /// Keys, a certificate or documents that cannot be used; a metrics address that cannot be
    /// listened on.
    pub async fn new(live: Live<App>) -> Result<Self, crate::StartError> {
        let app = live.now();
        let files = Reloading {
            verifier: Live::new(Verifier::new(&app.config)?),
            keeper: Arc::default(),
            tls: Tls::open(&app.config.tls)?,
            documents: Arc::new(Documents::open(&app.config)?),
        };
        let metrics = Metrics::listen(live.clone(), Some(files.documents.clone())).await?;
        let connections = Arc::new(Connections::default());
        let draining = CancellationToken::new();
        let endpoint = Endpoint {
            uploads: Room::new(app.config.limits.uploads_bytes_max),
            schema: RosterSchema::new(&app.config),
            documents: files.documents.clone(),
            app: app.clone(),
            verifier: files.verifier.now(),
            live: (live.clone(), files.verifier.clone()),
            connections: connections.clone(),
        };
        let health = Health::new(live.clone(), draining.clone());
        Ok(Self {
            metrics,
            routes: routes(&live, endpoint, health)?,
            connections,
            app: live,
            files,
            draining,
        })
    }

    /// What can be read again while the server runs.
    pub fn reloading(&self) -> Reloading {
        self.files.clone()
    }

    /// Serves requests until `stop`, then finishes those that have begun. From
    /// `draining` on it says that it is not ready.
    ///
    /// # Errors
    /// A network that fails.
    pub async fn run(
        self,
        listener: TcpListener,
        draining: CancellationToken,
        stop: CancellationToken,
    ) -> Result<(), crate::StartError> {
        let config = &self.app.now().config;
        tokio::spawn(self.metrics.serve(stop.clone()));
        self.files.keep_keys();
        tokio::spawn(self.files.documents.manifest().clone().follow(stop.clone()));
        if let Some(tls) = &self.files.tls {
            tokio::spawn(tls.clone().follow(stop.clone()));
        }
        let wire = Wire {
            routes: self.routes,
            settings: config.connections.clone(),
            tls: self.files.tls,
            stop: stop.clone(),
        };
        let asked = async {
            draining.cancelled().await;
            self.draining.cancel();
            stop.cancelled().await;
            // They would never end on their own.
            self.connections.stop();
        };
        let served = async {
            tokio::join!(wire.serve(listener), asked);
            // What has become a socket is not the server's any more.
            self.connections.ended().await;
        };
        let overdue = async {
            draining.cancelled().await;
            tokio::time::sleep(config.drain_plan().work).await;
        };
        tokio::select! {
            () = served => {}
            // A connection that never ends must not keep the process alive.
            () = overdue => tracing::warn!("some connections were still open"),
        }
        Ok(())
    }
}

/// Whether the certificate and the trusted documents can be used, if there are any.
///
/// # Errors
/// Files that cannot be read, or do not belong together.
pub fn check(config: &Config) -> Result<(), ConfigError> {
    Tls::open(&config.tls)?;
    Documents::open(config).map(drop)
}

fn routes(live: &Live<App>, endpoint: Endpoint, health: Health) -> Result<Router, ConfigError> {
    let app = endpoint.app.clone();
    let graphql = Router::new()
        .route("/graphql", get(graphql::http::handle).post(graphql::http::handle))
        .route(
            "/graphql/d/{id}",
            get(graphql::http::handle).post(graphql::http::handle),
        )
        .with_state(endpoint);
    let graphql = browser::admit(graphql, &app.config);
    let pages = Router::new()
        .route(
            "/",
            get(|headers: HeaderMap| async move { explorer_file("index.html", &headers) }),
        )
        .route("/explorer/settings.json", get(explorer_settings))
        .route(
            "/explorer/{file}",
            get(|Path(file): Path<String>, headers: HeaderMap| async move { explorer_file(&file, &headers) }),
        )
        .route("/health/live", get(|| async { Json(json!({ "status": "ok" })) }))
        .route("/health/ready", get(|| health.ready()))
        .merge(avatar::routes())
        .with_state(live.clone());
    let mailbox = if mailbox::is_served(&app.config) {
        mailbox::routes(&app.config)?.layer(middleware::from_fn_with_state(app.clone(), only_local))
    } else {
        Router::new()
    };

    let routes = graphql.merge(pages).merge(console::routes(live)).merge(mailbox);
    Ok(identified(routes, &app.config))
}

/// What every answer gets, whatever it is.
fn identified(routes: Router, config: &Config) -> Router {
    let secrets = [header::AUTHORIZATION, header::COOKIE];
    let routes = routes.layer(
        ServiceBuilder::new()
            .layer(SetSensitiveRequestHeadersLayer::new(secrets))
            .layer(middleware::from_fn(answer_anyhow))
            .layer(CompressionLayer::new())
            .layer(middleware::from_fn(identify)),
    );
    browser::protect(routes, config).layer(middleware::from_fn(body::finish))
}

/// Who takes no encoding that there is gets the answer as it is (RFC 9110
/// §12.5.3): what was done must not be answered as if it were refused.
async fn answer_anyhow(mut request: Request, next: Next) -> Response {
    if negotiation::takes_nothing(request.headers(), &["br", "gzip"]) {
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    next.run(request).await
}

/// Gives the request an id, which is logged with everything that it causes. What
/// panics is answered like any fault of ours, and ends nothing but its request.
async fn identify(mut request: Request, next: Next) -> Response {
    const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
    let given = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok());
    let is_good = |id: &&str| {
        (1..=64).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let id = given
        .filter(is_good)
        .map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned);

    let path = logged_path(&request);
    let context = TraceContext::of(request.headers());
    let (traced, trace_id) = trace::request(request.method().as_str(), &path, context.as_ref());
    // Of the highest level, so that whatever is logged says where it belongs.
    let span = tracing::error_span!("request", request_id = id, %trace_id, method = %request.method(), path);
    // An operation tells more at its end.
    let is_told = path.starts_with("/graphql") && !request.headers().contains_key(header::UPGRADE);
    request.extensions_mut().insert(RequestId(id.clone()));
    let answered = async move {
        let answer = AssertUnwindSafe(next.run(request)).catch_unwind();
        let answer = answer.instrument(traced.clone()).await;
        let mut response = answer.unwrap_or_else(|_| panicked(&id));
        let status = response.status().as_u16();
        trace::answered(&traced, status);
        if is_told {
            tracing::debug!(status, "answered");
        } else {
            tracing::info!(status, "answered");
        }
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    };
    log::within(span, answered).await
}

/// What the log may know of a request's address: the route, else no more than
/// the first word of the path. An invite's link holds its token, and leads here
/// unless somebody else serves the pages; a query string may hold variables.
fn logged_path(request: &Request) -> String {
    if let Some(route) = request.extensions().get::<MatchedPath>() {
        return route.as_str().to_owned();
    }
    let is_plain = |letter: &char| letter.is_ascii_alphanumeric() || "-_".contains(*letter);
    let path = request.uri().path();
    let first = path.trim_start_matches('/').chars().take_while(is_plain).take(32);
    std::iter::once('/').chain(first).collect()
}

/// What is answered when a handler panics: never why.
fn panicked(request_id: &str) -> Response {
    tracing::warn!("a request handler panicked");
    let extensions = json!({ "code": Code::Internal.name(), "requestId": request_id });
    let body = json!({ "errors": [{ "message": "Something went wrong on our side.", "extensions": extensions }] });
    (StatusCode::INTERNAL_SERVER_ERROR, Json(body)).into_response()
}

fn explorer_file(name: &str, headers: &HeaderMap) -> Response {
    files::answer::<Explorer>(name, headers, files::ASK, EXPLORER_POLICY)
}

/// What the explorer's page needs to know. In development that is a token, so
/// that it works at once.
async fn explorer_settings(State(live): State<Live<App>>, headers: HeaderMap) -> Response {
    let app = live.now();
    let is_development = app.config.mode == Mode::Development;
    let token = (is_development && is_local(&app.config, &headers))
        .then(|| token::development(&app.config, clock::now()))
        .flatten();
    let console = app.config.console.enabled.then_some("/console/");
    let settings = json!({ "endpoint": "/graphql", "token": token, "development": is_development, "console": console });
    ([(header::CACHE_CONTROL, "no-store")], Json(settings)).into_response()
}

/// Lets in who sits at this machine; to others there is nothing.
async fn only_local(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if is_local(&app.config, request.headers()) {
        next.run(request).await
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

/// Whether the request comes from this machine, from a page that is ours: the
/// browser came by a loopback name. A foreign name that leads here is somebody
/// who wants to read over the browser's shoulder.
fn is_local(config: &Config, headers: &HeaderMap) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let name = host
        .rsplit_once(':')
        .filter(|(_, port)| port.parse::<u16>().is_ok())
        .map_or(host, |(name, _)| name);
    config.listen.ip().is_loopback()
        && matches!(name.to_ascii_lowercase().as_str(), "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn whatever_panics_is_answered_with_the_id_of_the_request() {
        async fn panics() -> &'static str {
            panic!("a secret reason")
        }
        let routes = Router::new()
            .route("/", get(panics))
            .route("/fine", get(|| async { "fine" }));
        let routes = identified(routes, &Config::default());
        let ask = |path: &str| {
            let request = Request::get(path).header("x-request-id", "order-17");
            routes.clone().oneshot(request.body(Body::empty()).unwrap())
        };

        let response = ask("/").await.unwrap();

        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()["x-request-id"], "order-17");
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let extensions = json!({ "code": "INTERNAL", "requestId": "order-17" });
        let error = json!({ "message": "Something went wrong on our side.", "extensions": extensions });
        assert_eq!(body, json!({ "errors": [error] }));
        assert_eq!(ask("/fine").await.unwrap().status(), 200);
    }
}
