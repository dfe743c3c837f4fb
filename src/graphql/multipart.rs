//! Requests with files: the GraphQL multipart request specification. `operations`
//! is the request with null where a file belongs, `map` says which file belongs
//! where, and the other parts are the files.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, LazyLock},
};

use axum::{
    body::Body,
    http::{HeaderMap, StatusCode, header},
};
use bytes::Bytes;
use futures_util::StreamExt;
use multer::{Constraints, Multipart, SizeLimit};
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::origin::is_preflighted;
use crate::{config::Limits, error::RequestCode};

/// Why a request cannot be read: status, code and words for the client.
pub type Malformed = (StatusCode, RequestCode, String);

/// Files of a request. They take room in memory until they are dropped.
#[derive(Debug, Default)]
pub struct Files {
    parts: HashMap<String, Bytes>,
    _room: Option<OwnedSemaphorePermit>,
}

impl Files {
    /// The file in the part of that name.
    pub fn get(&self, name: &str) -> Option<&Bytes> {
        self.parts.get(name)
    }
}

/// Memory for requests with files, shared by all of them. Whoever sends when it
/// is full is refused: waiting, with a part of a file in hand, would only keep it
/// full. Callers nobody knows share a tenth of it, so that they cannot take what
/// the others need.
#[derive(Clone, Debug)]
pub struct Room {
    of_known: Arc<Semaphore>,
    of_unknown: Arc<Semaphore>,
}

impl Room {
    /// Room for that many bytes.
    pub fn new(bytes: usize) -> Self {
        let bytes = bytes.min(Semaphore::MAX_PERMITS);
        Self {
            of_known: Arc::new(Semaphore::new(bytes - bytes / 10)),
            of_unknown: Arc::new(Semaphore::new(bytes / 10)),
        }
    }

    /// Adds room for `chunk` to what is `held`.
    fn take(&self, chunk: &Bytes, is_known: bool, held: &mut Option<OwnedSemaphorePermit>) -> io::Result<()> {
        let permits = u32::try_from(chunk.len()).map_err(|_| io::ErrorKind::OutOfMemory)?;
        let room = if is_known { &self.of_known } else { &self.of_unknown };
        let more = room.clone().try_acquire_many_owned(permits);
        let more = more.map_err(|_| io::ErrorKind::OutOfMemory)?;
        match held {
            Some(held) => held.merge(more),
            None => *held = Some(more),
        }
        Ok(())
    }
}

/// Names of parts, and places in the variables, of one request.
const FILES_MAX: usize = 16;

/// Whether the request has files.
pub fn is_multipart(headers: &HeaderMap) -> bool {
    boundary(headers).is_some()
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    let media = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    multer::parse_boundary(media).ok()
}

/// The refusal of what no client should send.
pub fn malformed(message: impl Into<String>) -> Malformed {
    (StatusCode::BAD_REQUEST, RequestCode::BadUserInput, message.into())
}

/// The refusal of a body that has more bytes than that.
pub fn too_large(most: u64) -> Malformed {
    let message = format!("Send at most {most} bytes.");
    (StatusCode::PAYLOAD_TOO_LARGE, RequestCode::RequestTooLarge, message)
}

/// The request, with the name of its file wherever one belongs, and the files.
///
/// # Errors
/// What no client should send.
pub async fn read(
    headers: &HeaderMap,
    body: Body,
    limits: &Limits,
    room: &Room,
    is_known: bool,
) -> Result<(Value, Files), Malformed> {
    if !headers.contains_key(header::AUTHORIZATION) && !is_preflighted(headers) {
        return Err(malformed("Send a header GraphQL-Preflight with a multipart request."));
    }
    // Whoever nobody knows has no use for files.
    let most = if is_known {
        limits.upload_bytes_max
    } else {
        limits.body_bytes_max
    };
    let sizes = SizeLimit::new()
        .whole_stream(most as u64)
        .for_field("operations", limits.body_bytes_max as u64)
        .for_field("map", limits.body_bytes_max as u64);
    let mut stream = body.into_data_stream();
    let mut held = None;
    let chunks = (&mut stream).map(|chunk| {
        let chunk = chunk.map_err(io::Error::other)?;
        room.take(&chunk, is_known, &mut held)?;
        io::Result::Ok(chunk)
    });
    let boundary = boundary(headers).unwrap_or_default();
    let constraints = Constraints::new().size_limit(sizes);
    let read = read_parts(Multipart::with_constraints(chunks, boundary, constraints)).await;
    if read.is_err() {
        held = None;
        // Many a client listens only when it has said everything.
        let mut patience = limits.upload_bytes_max;
        while let Some(Ok(chunk)) = stream.next().await
            && patience > 0
        {
            patience = patience.saturating_sub(chunk.len());
        }
    }
    let (operations, map, parts) = read.map_err(|error| match error {
        Fault::Malformed(malformed) => malformed,
        Fault::Multipart(
            multer::Error::FieldSizeExceeded { limit, .. } | multer::Error::StreamSizeExceeded { limit },
        ) => too_large(limit),
        Fault::Multipart(multer::Error::StreamReadFailed(error)) if is_full(&*error) => (
            StatusCode::SERVICE_UNAVAILABLE,
            RequestCode::RateLimited,
            "Too many files are being sent. Try again in a moment.".into(),
        ),
        Fault::Multipart(_) => malformed("This is no multipart request."),
    })?;
    let mut request: Value = parse("operations", operations)?;
    let map: HashMap<String, Vec<String>> = parse("map", map)?;
    if map.values().map(Vec::len).sum::<usize>() > FILES_MAX {
        return Err(malformed("The request has too many files."));
    }
    for (name, places) in &map {
        if !parts.contains_key(name) {
            return Err(malformed(format!("The file {name} of the map is missing.")));
        }
        for place in places {
            let target = find(&mut request, place).filter(|target| target.is_null());
            *target.ok_or_else(|| malformed(format!("There is no null at {place}.")))? = marker(name);
        }
    }
    Ok((request, Files { parts, _room: held }))
}

fn is_full(error: &(dyn std::error::Error + 'static)) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::OutOfMemory)
}

/// What stands in the variables for a file. No text, so that nothing but an
/// [`Upload`](super::scalar::Upload) can take it.
fn marker(name: &str) -> Value {
    serde_json::json!({ FILE.as_str(): name })
}

/// The one field of what stands in the variables for a file. Made up anew by each
/// process, so that no client can write it.
pub static FILE: LazyLock<String> = LazyLock::new(|| format!("file_{}", uuid::Uuid::new_v4().simple()));

enum Fault {
    Malformed(Malformed),
    Multipart(multer::Error),
}

impl From<multer::Error> for Fault {
    fn from(error: multer::Error) -> Self {
        Self::Multipart(error)
    }
}

type Parts = (Option<Bytes>, Option<Bytes>, HashMap<String, Bytes>);

async fn read_parts(mut parts: Multipart<'_>) -> Result<Parts, Fault> {
    let (mut operations, mut map, mut files) = (None, None, HashMap::new());
    while let Some(part) = parts.next_field().await? {
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await?;
        match name.as_str() {
            "operations" if operations.is_none() => operations = Some(bytes),
            "map" if map.is_none() => map = Some(bytes),
            "operations" | "map" => {
                return Err(Fault::Malformed(malformed(format!("Give the part {name} once."))));
            }
            _ if files.len() == FILES_MAX => {
                return Err(Fault::Malformed(malformed("The request has too many files.")));
            }
            _ => drop(files.insert(name, bytes)),
        }
    }
    Ok((operations, map, files))
}

fn parse<T: serde::de::DeserializeOwned>(part: &str, bytes: Option<Bytes>) -> Result<T, Malformed> {
    let bytes = bytes.ok_or_else(|| malformed(format!("The part {part} is missing.")))?;
    serde_json::from_slice(&bytes).map_err(|error| malformed(format!("The part {part} is not right: {error}.")))
}

/// What stands at a place of the variables, such as `variables.input.avatar`.
fn find<'a>(request: &'a mut Value, place: &str) -> Option<&'a mut Value> {
    place.starts_with("variables.").then_some(())?;
    place.split('.').try_fold(request, |value, step| match value {
        Value::Object(fields) => fields.get_mut(step),
        Value::Array(entries) => entries.get_mut(step.parse::<usize>().ok()?),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn fuzz_requests() {
        const PIECES: &[&str] = &[
            "--X\r\n",
            "--X--",
            "--X",
            "\r\n",
            "\n",
            "Content-Disposition: form-data; name=\"operations\"\r\n\r\n",
            "Content-Disposition: form-data; name=\"map\"\r\n\r\n",
            "Content-Disposition: form-data; name=\"0\"; filename=\"a\"\r\n\r\n",
            "Content-Disposition: form-data; name=\"",
            "Content-Type: image/png\r\n",
            "{\"query\":\"{a}\",\"variables\":{\"f\":null}}",
            "{\"variables\":{\"f\":[null,{\"g\":null}]}}",
            "{\"0\":[\"variables.f\"]}",
            "{\"0\":[\"variables.f.0\",\"variables.f.1.g\"]}",
            "[",
            "{",
            "\"",
            ".",
            "0",
            "variables",
            "\0",
        ];
        let limits = Limits {
            upload_bytes_max: 4_096,
            body_bytes_max: 1_024,
            ..Limits::default()
        };
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            header::HeaderValue::from_static("multipart/form-data; boundary=X"),
        );
        headers.insert(header::AUTHORIZATION, header::HeaderValue::from_static("Bearer x"));
        bolero::check!()
            .with_type::<(bool, Vec<Vec<u8>>)>()
            .for_each(|(is_known, chunks)| {
                let room = Room::new(8_192);
                let before = (room.of_known.available_permits(), room.of_unknown.available_permits());
                let chunks: Vec<_> = chunks.iter().map(|bytes| crate::fuzz::text(bytes, PIECES)).collect();
                let sent: usize = chunks.iter().map(String::len).sum();
                let body = Body::from_stream(futures_util::stream::iter(chunks.into_iter().map(io::Result::Ok)));
                let answer = read(&headers, body, &limits, &room, *is_known)
                    .now_or_never()
                    .expect("all is there");
                if let Ok((_, files)) = answer {
                    let kept: usize = files.parts.values().map(Bytes::len).sum();
                    assert!(kept <= sent && sent <= limits.upload_bytes_max);
                }
                // Whatever came of it, nothing is held any more.
                assert_eq!(
                    before,
                    (room.of_known.available_permits(), room.of_unknown.available_permits())
                );
            });
    }
}
