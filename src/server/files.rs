//! Files that are in the binary, as browsers get them.

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::Embed;

use crate::negotiation;

/// What is at an address whose name changes with its content.
pub(super) const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Kept, but asked for each time whether it is still the same.
pub(super) const ASK: &str = "no-cache";

/// Ending of a file's compressed twin, made when the file was.
const COMPRESSED: &str = ".br";

/// The file of this name, or that there is none. Its tag is weak: it says the
/// same of the file in every encoding.
pub(super) fn answer<Files: Embed>(name: &str, asked: &HeaderMap, caching: &str, policy: &str) -> Response {
    let file = Files::get(name).filter(|_| !name.ends_with(COMPRESSED));
    let Some(file) = file else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = format!("W/\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]));
    let headers = [
        (header::CACHE_CONTROL, caching),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::ETAG, tag.as_str()),
        (header::VARY, header::ACCEPT_ENCODING.as_str()),
    ];
    if negotiation::has(asked, &tag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let media = file.metadata.mimetype();
    let charset = if media.starts_with("text/") {
        "; charset=utf-8"
    } else {
        ""
    };
    let media = [(header::CONTENT_TYPE, format!("{media}{charset}"))];
    let compressed = negotiation::takes_encoding(asked, "br").then(|| Files::get(&format!("{name}{COMPRESSED}")));
    match compressed.flatten() {
        Some(compressed) => {
            let encoding = [(header::CONTENT_ENCODING, "br")];
            (headers, media, encoding, compressed.data).into_response()
        }
        None => (headers, media, file.data).into_response(),
    }
}
