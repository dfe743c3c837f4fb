//! The door for pictures (spec §17.4): small PNGs at public addresses that
//! nobody guesses, and that show the same for ever.

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{
    app::App,
    domain::avatar::{self, Gallery},
    live::Live,
    negotiation,
};

/// A new picture has a new address, so what is at one never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// `/organization-avatar/<ident>/` and `/user-avatar/<ident>/`.
pub fn routes() -> Router<Live<App>> {
    let show = |gallery| {
        get(
            move |State(app): State<Live<App>>,
                  Path(ident): Path<String>,
                  Query(wishes): Query<Vec<(String, String)>>,
                  headers: HeaderMap| async move { show(&app.now(), gallery, &ident, &wishes, &headers).await },
        )
    };
    Router::new()
        .route("/organization-avatar/{ident}/", show(Gallery::Organizations))
        .route("/user-avatar/{ident}/", show(Gallery::People))
}

async fn show(app: &App, gallery: Gallery, ident: &str, wishes: &[(String, String)], headers: &HeaderMap) -> Response {
    // Width and height in pixels. What is no number is no wish.
    let wanted = wishes.iter().find(|(name, _)| name == "s");
    let wanted = wanted.and_then(|(_, size)| size.parse().ok());
    let size = avatar::nearest_size(wanted.unwrap_or(i64::MAX));
    let limit = app.config.limits.request_timeout;
    let found = match tokio::time::timeout(limit, avatar::picture(app, gallery, ident, size)).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => {
            tracing::error!(cause = ?error, "a picture cannot be shown");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        Err(_) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
    };
    let Some(png) = found else {
        return (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")]).into_response();
    };
    let tag = format!("\"{ident}-{size}\"");
    let mut answer = if negotiation::has(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, "image/png")], png).into_response()
    };
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(FOR_EVER));
    // Pages of others show them.
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    answer
}
