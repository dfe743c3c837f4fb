//! The door for requests: routes, middleware, the explorer, health, shutdown.

mod browser;

use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
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
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use rust_embed::Embed;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, sensitive_headers::SetSensitiveRequestHeadersLayer,
};
use tracing::Instrument;

use crate::{
    app::App,
    auth::Verifier,
    avatar, clock,
    config::{Config, ConfigError, Mode},
    error::Code,
    graphql::{
        self,
        connections::Connections,
        documents::Documents,
        http::{Endpoint, RequestId},
        multipart::Room,
    },
    mailbox, token,
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
    verifier: Arc<Verifier>,
    metrics: Metrics,
    /// Sockets and event streams that are open.
    connections: Arc<Connections>,
    /// What is known of what clients send.
    documents: Arc<Documents>,
    /// Time for requests that have begun when the server is to stop.
    drain: Duration,
}

impl Server {
    /// Reads the keys and the trusted documents, and takes the address for metrics.
    ///
    /// # Errors
    /// Keys or documents that cannot be read; a metrics address that cannot be
    /// listened on.
    pub async fn new(app: Arc<App>) -> Result<Self, crate::StartError> {
        let verifier = Arc::new(Verifier::new(&app.config)?);
        let connections = Arc::new(Connections::default());
        // Counted as soon as somebody counts.
        let metrics = Metrics::listen(&app.config).await?;
        let documents = Arc::new(Documents::open(&app.config)?);
        let endpoint = Endpoint {
            uploads: Room::new(app.config.limits.uploads_bytes_max),
            schema: graphql::schema(app.config.mode),
            app: app.clone(),
            documents: documents.clone(),
            verifier: verifier.clone(),
            connections: connections.clone(),
        };
        Ok(Self {
            metrics,
            drain: app.config.limits.request_timeout + Duration::from_secs(5),
            routes: routes(app, endpoint)?,
            verifier,
            connections,
            documents,
        })
    }

    /// What is known of what clients send; its manifest can be read anew.
    pub fn documents(&self) -> &Arc<Documents> {
        &self.documents
    }

    /// Serves requests until `shutdown`, then finishes those that have begun.
    ///
    /// # Errors
    /// A network that fails.
    pub async fn run(self, listener: TcpListener, shutdown: CancellationToken) -> Result<(), crate::StartError> {
        tokio::spawn(self.metrics.serve(shutdown.clone()));
        let _keys = AbortOnDropHandle::new(tokio::spawn(self.verifier.keep_keys()));
        tokio::spawn(self.documents.manifest().clone().follow(shutdown.clone()));
        let service = self.routes.into_make_service_with_connect_info::<SocketAddr>();
        let (connections, stop) = (self.connections.clone(), shutdown.clone());
        // They would never end on their own.
        let stopped = async move {
            stop.cancelled().await;
            connections.stop();
        };
        let server = axum::serve(listener, service).with_graceful_shutdown(stopped);
        // What has become a socket is not the server's any more.
        let finished = async {
            server.await?;
            self.connections.ended().await;
            std::io::Result::Ok(())
        };
        tokio::select! {
            result = finished => result?,
            // A connection that never ends must not keep the process alive.
            () = async { shutdown.cancelled().await; tokio::time::sleep(self.drain).await } => {
                tracing::warn!("some connections were still open");
            }
        }
        Ok(())
    }
}

/// Numbers for monitoring, on an address of their own.
#[derive(Debug)]
pub struct Metrics {
    /// Where they are asked for, if anywhere.
    listener: Option<TcpListener>,
    prometheus: PrometheusHandle,
}

impl Metrics {
    /// Begins to record, and takes the configured address.
    ///
    /// # Errors
    /// An address that cannot be listened on.
    pub async fn listen(config: &Config) -> Result<Self, crate::StartError> {
        let prometheus = recorder();
        let listener = match config.metrics.listen {
            None => None,
            Some(address) => {
                let bound = TcpListener::bind(address).await;
                Some(bound.map_err(|error| crate::StartError::Metrics(address, error))?)
            }
        };
        Ok(Self { listener, prometheus })
    }

    /// Answers who asks for them, until `shutdown`.
    pub async fn serve(self, shutdown: CancellationToken) {
        let Self { listener, prometheus } = self;
        let Some(listener) = listener else { return };
        let routes = Router::new().route("/metrics", get(move || async move { prometheus.render() }));
        let served = axum::serve(listener, routes).with_graceful_shutdown(shutdown.cancelled_owned());
        if let Err(error) = served.await {
            tracing::error!(%error, "metrics are not served any more");
        }
    }
}

/// The one recorder of this process: counters are global.
fn recorder() -> PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER
        .get_or_init(|| {
            PrometheusBuilder::new().install_recorder().unwrap_or_else(|_| {
                // Somebody embeds us and records on their own; ours stays empty.
                PrometheusBuilder::new().build_recorder().handle()
            })
        })
        .clone()
}

fn routes(app: Arc<App>, endpoint: Endpoint) -> Result<Router, ConfigError> {
    let graphql = Router::new()
        .route("/graphql", get(graphql::http::handle).post(graphql::http::handle))
        .route(
            "/graphql/d/{id}",
            get(graphql::http::handle).post(graphql::http::handle),
        )
        .with_state(endpoint);
    let graphql = browser::admit(graphql, &app.config);
    let pages = Router::new()
        .route("/", get(|| async { explorer_file("index.html") }))
        .route("/explorer/settings.json", get(explorer_settings))
        .route(
            "/explorer/{file}",
            get(|Path(file): Path<String>| async move { explorer_file(&file) }),
        )
        .route("/health/live", get(|| async { Json(json!({ "status": "ok" })) }))
        .route("/health/ready", get(is_ready))
        .merge(avatar::routes())
        .with_state(app.clone());
    let mailbox = if mailbox::is_served(&app.config) {
        mailbox::routes(&app.config)?.layer(middleware::from_fn_with_state(app.clone(), only_local))
    } else {
        Router::new()
    };

    let secrets = [header::AUTHORIZATION, header::COOKIE];
    let all = graphql.merge(pages).merge(mailbox);
    let all = all.layer(
        ServiceBuilder::new()
            .layer(SetSensitiveRequestHeadersLayer::new(secrets))
            .layer(CompressionLayer::new())
            .layer(middleware::from_fn(identify))
            .layer(CatchPanicLayer::custom(panicked)),
    );
    Ok(browser::protect(all, &app.config))
}

/// Gives the request an id, which is logged with everything that it causes.
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

    let span = tracing::info_span!("request", id, method = %request.method(), path = logged_path(&request));
    request.extensions_mut().insert(RequestId(id.clone()));
    async move {
        let mut response = next.run(request).await;
        tracing::info!(status = response.status().as_u16(), "answered");
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    }
    .instrument(span)
    .await
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
fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    tracing::error!("a request handler panicked");
    let code = Code::Internal.name();
    let body =
        json!({ "errors": [{ "message": "Something went wrong on our side.", "extensions": { "code": code } }] });
    (StatusCode::INTERNAL_SERVER_ERROR, Json(body)).into_response()
}

/// Whether requests can be served: the database answers and has the schema that
/// this version needs.
async fn is_ready(State(app): State<Arc<App>>) -> Response {
    let (status, word) = match app.db.is_ready().await {
        Ok(true) => (StatusCode::OK, "ok"),
        Ok(false) => (StatusCode::SERVICE_UNAVAILABLE, "migrations are pending"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
        }
    };
    (status, Json(json!({ "status": word }))).into_response()
}

fn explorer_file(name: &str) -> Response {
    let Some(file) = Explorer::get(name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = file
        .metadata
        .sha256_hash()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    let headers = [
        (header::CONTENT_TYPE, file.metadata.mimetype().to_owned()),
        (header::ETAG, format!("\"{tag}\"")),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
        (header::CONTENT_SECURITY_POLICY, EXPLORER_POLICY.to_owned()),
    ];
    (headers, file.data.into_owned()).into_response()
}

/// What the explorer's page needs to know. In development that is a token, so
/// that it works at once.
async fn explorer_settings(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let is_development = app.config.mode == Mode::Development;
    let token = (is_development && is_local(&app.config, &headers))
        .then(|| token::development(&app.config, clock::now()))
        .flatten();
    let settings = json!({ "endpoint": "/graphql", "token": token, "development": is_development });
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
