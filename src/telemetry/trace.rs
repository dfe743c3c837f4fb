//! Traces: which one a request belongs to
//! (<https://www.w3.org/TR/trace-context/>), and the spans that are exported.
//!
//! Spans of traces are apart from those of the log: these have the names and
//! attributes of OpenTelemetry's conventions, and nothing that a client sent but
//! the name of its operation.

use std::fmt;

use axum::http::HeaderMap;
use tracing::Span;

use super::statements::Summary;

/// Marks the spans that are exported.
pub(super) const TARGET: &str = "roster::trace";

/// Where a request stands in a trace that somebody else has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    /// The trace.
    pub trace_id: TraceId,
    /// The span that sent the request.
    pub parent_id: u64,
    /// Whether the sender records it.
    pub is_sampled: bool,
    /// What other vendors want to have passed on.
    pub state: Option<String>,
}

/// Id of a trace.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TraceId(pub u128);

impl fmt::Display for TraceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", self.0)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

impl TraceContext {
    /// Reads `traceparent` and `tracestate`. What is malformed counts as nothing.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut parents = headers.get_all("traceparent").iter();
        let parent = parents.next()?.to_str().ok()?;
        if parents.next().is_some() {
            return None;
        }
        let states = headers.get_all("tracestate").iter().map(|value| value.to_str().ok());
        let state = states.collect::<Option<Vec<_>>>().map(|states| states.join(","));
        let state = state.filter(|state| (1..=STATE_MAX).contains(&state.len()));
        Self::parse(parent.trim_matches([' ', '\t'])).map(|context| Self { state, ..context })
    }

    fn parse(parent: &str) -> Option<Self> {
        let mut parts = parent.split('-');
        let mut digits = |length| parts.next().filter(|part| part.len() == length).and_then(hexadecimal);
        let (version, trace_id, parent_id, flags) = (digits(2)?, digits(32)?, digits(16)?, digits(2)?);
        // Later versions may have more behind it.
        let is_known = match version {
            0 => parts.next().is_none(),
            0xff => false,
            _ => true,
        };
        (is_known && trace_id != 0 && parent_id != 0).then_some(Self {
            trace_id: TraceId(trace_id),
            parent_id: parent_id as u64,
            is_sampled: flags & 1 == 1,
            state: None,
        })
    }
}

/// Bytes of `tracestate`, of which at least so many have to be passed on.
const STATE_MAX: usize = 512;

/// A number in digits, which have to be small letters.
fn hexadecimal(digits: &str) -> Option<u128> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    digits
        .bytes()
        .all(is_digit)
        .then(|| u128::from_str_radix(digits, 16).ok())
        .flatten()
}

/// The span of a request from its arrival to its answer, and the trace that it
/// belongs to.
pub fn request(method: &str, route: &str, context: Option<&TraceContext>) -> (Span, TraceId) {
    let span = tracing::debug_span!(
        target: TARGET,
        "request",
        otel.name = %format_args!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = tracing::field::Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = tracing::field::Empty,
    );
    #[cfg(feature = "otlp")]
    let exported = super::otlp::join(&span, context);
    #[cfg(not(feature = "otlp"))]
    let exported = None;
    let id = exported.or_else(|| context.map(|context| context.trace_id));
    (span, id.unwrap_or_else(|| TraceId(rand::random::<u128>().max(1))))
}

/// The request of `span` was answered.
pub fn answered(span: &Span, status: u16) {
    span.record("http.response.status_code", status);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// The span of an operation.
pub fn operation(kind: &'static str, name: Option<&str>, document: &str) -> Span {
    let title = name.map_or_else(|| kind.to_owned(), |name| format!("{kind} {name}"));
    tracing::debug_span!(
        target: TARGET,
        "operation",
        otel.name = title,
        otel.status_code = tracing::field::Empty,
        graphql.operation.type = kind,
        graphql.operation.name = name,
        graphql.document.hash = document,
    )
}

/// The span of a field at the root, such as `Query.organization`.
pub fn field(parent: &str, name: &str) -> Span {
    tracing::debug_span!(target: TARGET, "field", otel.name = %format_args!("{parent}.{name}"))
}

/// The span of a batch of a loader.
pub fn batch(loader: &str, keys: usize) -> Span {
    tracing::debug_span!(target: TARGET, "load", otel.name = %format_args!("load {loader}"), roster.batch.keys = keys)
}

/// The span of a job.
pub fn job(kind: &str, attempt: i32) -> Span {
    tracing::debug_span!(
        target: TARGET,
        "job",
        otel.name = %format_args!("job {kind}"),
        otel.kind = "consumer",
        otel.status_code = tracing::field::Empty,
        roster.job.attempt = attempt,
    )
}

/// What `span` is of has failed.
pub fn failed(span: &Span) {
    span.record("otel.status_code", "ERROR");
}

/// A statement was sent, and has ended now.
pub(super) fn statement(summary: Summary<'_>, system: &'static str, elapsed: std::time::Duration, failed: bool) {
    #[cfg(feature = "otlp")]
    super::otlp::statement(summary, system, elapsed, failed);
    #[cfg(not(feature = "otlp"))]
    let _ = (summary, system, elapsed, failed);
}

/// Whether somebody wants to have traces: the variables of OpenTelemetry.
pub(super) fn is_wanted() -> bool {
    let is_set = |name: &str| std::env::var(name).is_ok_and(|value| !value.is_empty());
    let is_disabled = std::env::var("OTEL_SDK_DISABLED").is_ok_and(|value| value.eq_ignore_ascii_case("true"));
    let is_none = std::env::var("OTEL_TRACES_EXPORTER").is_ok_and(|value| value == "none");
    !is_disabled && !is_none && (is_set("OTEL_EXPORTER_OTLP_ENDPOINT") || is_set("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn headers(given: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_trace_is_gone_on_with() {
        let given = [("traceparent", PARENT), ("tracestate", "a=1"), ("tracestate", "b=2")];
        let context = TraceContext::of(&headers(&given)).unwrap();
        assert_eq!(context.trace_id.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(context.parent_id, 0x00f0_67aa_0ba9_02b7);
        assert!(context.is_sampled);
        assert_eq!(context.state.as_deref(), Some("a=1,b=2"));
        let later = "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00-more";
        assert!(!TraceContext::parse(later).unwrap().is_sampled);
    }

    #[test]
    fn what_is_malformed_is_no_trace() {
        for parent in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-é8f92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(TraceContext::parse(parent), None, "{parent}");
        }
        assert_eq!(
            TraceContext::of(&headers(&[("traceparent", PARENT), ("traceparent", PARENT)])),
            None
        );
    }
}
