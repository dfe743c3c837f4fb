//! Requests that are answered before they were read to their end: refused by what
//! their head says, or of no use to who answers.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{HeaderValue, Version, header},
    middleware::Next,
    response::Response,
};
use futures_util::StreamExt;
use hyper::body::{Frame, SizeHint};

/// As much is read for nobody, so that the connection can go on.
const REST_MAX: usize = 1024 * 1024;

/// An answer waits as long for it.
const PATIENCE: Duration = Duration::from_millis(500);

/// Reads what is left of a request over HTTP/1 when it is answered. Else the
/// connection is closed, and who still writes would lose the answer; that it is
/// closed is said then (RFC 9112 §9.6). Over HTTP/2 each request has its own end.
pub(super) async fn finish(request: Request, next: Next) -> Response {
    let is_plain = request.version() < Version::HTTP_2 && !request.headers().contains_key(header::UPGRADE);
    if !is_plain || request.body().is_end_stream() {
        return next.run(request).await;
    }
    // Who waits for a word before it sends the rest need not send it.
    let waits = request.headers().contains_key(header::EXPECT);
    let (parts, body) = request.into_parts();
    let body = Shared(Arc::new(Mutex::new(body)));
    let request = Request::from_parts(parts, Body::new(body.clone()));
    let mut response = next.run(request).await;
    if !body.is_end_stream() && (waits || !body.read_rest().await) {
        response
            .headers_mut()
            .insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// A body that is still there when its reader has gone.
#[derive(Clone, Debug)]
struct Shared(Arc<Mutex<Body>>);

impl Shared {
    /// Whether the end was reached.
    async fn read_rest(self) -> bool {
        let mut rest = Body::new(self).into_data_stream();
        let reading = async {
            let mut left = REST_MAX;
            while let Some(piece) = rest.next().await {
                left = left.checked_sub(piece.ok()?.len())?;
            }
            Some(())
        };
        matches!(tokio::time::timeout(PATIENCE, reading).await, Ok(Some(())))
    }
}

impl HttpBody for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Pin::new(&mut *body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).size_hint()
    }
}
