//! What browsers are told: which pages of others may call (CORS), and what may
//! be done with our answers.

use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue, Method, header},
    middleware::{self, Next},
};
use tower_http::cors::{AllowOrigin, CorsLayer};
use url::Url;

use crate::config::Config;

/// Headers of requests that pages of others may send.
const ALLOWED: [HeaderName; 10] = [
    header::ACCEPT,
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    HeaderName::from_static("apollo-require-preflight"),
    HeaderName::from_static("graphql-preflight"),
    HeaderName::from_static("last-event-id"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("x-requested-with"),
];

/// Headers of answers that pages of others may read.
const EXPOSED: [HeaderName; 10] = [
    header::ALLOW,
    header::RETRY_AFTER,
    header::WWW_AUTHENTICATE,
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-limit"),
    HeaderName::from_static("ratelimit-policy"),
    HeaderName::from_static("ratelimit-remaining"),
    HeaderName::from_static("ratelimit-reset"),
    HeaderName::from_static("server-timing"),
    HeaderName::from_static("x-request-id"),
];

/// What an answer forbids unless it says otherwise. What the API says is for
/// whoever asked, so nobody keeps it; pages can use nothing and load nothing.
const PROTECTION: [(HeaderName, &str); 8] = [
    (header::CACHE_CONTROL, "no-store"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), \
         microphone=(), midi=(), payment=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), \
         xr-spatial-tracking=()",
    ),
];

/// Two years, as browsers that ship lists of such hosts ask for.
const TLS_ONLY: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// Answers what browsers ask before they let pages of others call; without such
/// pages there is nothing to ask. A credential in a cookie goes along only if the
/// configuration has one.
pub(super) fn admit<S: Clone + Send + Sync + 'static>(routes: Router<S>, config: &Config) -> Router<S> {
    let origins = config.cors.origins.iter();
    let origins: Vec<_> = origins
        .filter_map(|origin| HeaderValue::from_str(origin).ok())
        .collect();
    if origins.is_empty() {
        return routes;
    }
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(ALLOWED)
        .allow_credentials(config.auth.cookie.is_some())
        .expose_headers(EXPOSED)
        .max_age(config.cors.max_age);
    routes.layer(cors)
}

/// Puts the headers that protect on every answer, whatever it is.
pub(super) fn protect(routes: Router, config: &Config) -> Router {
    let is_tls = config.public_url.as_ref().map(Url::scheme) == Some("https");
    routes.layer(middleware::from_fn(move |request: Request, next: Next| async move {
        let mut response = next.run(request).await;
        let headers = response.headers_mut();
        for (name, value) in PROTECTION {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        }
        if is_tls {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, TLS_ONLY);
        }
        response
    }))
}
