//! Traces to a collector of OpenTelemetry, by OTLP over HTTP. The variables of
//! OpenTelemetry say where and how.

use std::{
    env,
    str::FromStr,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use opentelemetry::{
    Context, KeyValue,
    trace::{
        Span as _, SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags, TraceState, Tracer,
        TracerProvider,
    },
};
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{self as sdk, SdkTracer, SdkTracerProvider, SpanData},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, filter::filter_fn};

use super::{
    BoxedLayer,
    statements::Summary,
    trace::{self, TraceContext, TraceId},
};
use crate::clock;

/// For spans of statements, which are made when they have ended.
static TRACER: OnceLock<SdkTracer> = OnceLock::new();

/// Spans on their way to a collector. At most `OTEL_BSP_MAX_QUEUE_SIZE` wait;
/// what comes when there are so many is dropped.
#[derive(Debug)]
pub(super) struct Export(SdkTracerProvider);

impl Export {
    /// What the variables ask for; nothing without an endpoint.
    ///
    /// # Errors
    /// Variables that cannot be used, in words for the operator.
    pub(super) fn from_environment() -> Result<Option<Self>, String> {
        if !trace::is_wanted() {
            return Ok(None);
        }
        let protocol = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"]
            .into_iter()
            .find_map(|name| Some((name, env::var(name).ok().filter(|value| !value.is_empty())?)));
        if let Some((name, protocol)) = protocol
            && protocol != "http/protobuf"
        {
            return Err(format!("{name} is {protocol:?}, and only http/protobuf is spoken"));
        }
        let exporter = SpanExporter::builder().with_http().build();
        let exporter = exporter.map_err(|error| format!("the variables OTEL_EXPORTER_OTLP_…: {error}"))?;
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(Watched::new(exporter))
            .with_resource(resource())
            .build();
        Ok(Some(Self(provider)))
    }

    /// Takes the spans that are meant to be exported, and no others.
    pub(super) fn layer(&self) -> BoxedLayer {
        let tracer = self.0.tracer("roster");
        // There is one for the process.
        let _ = TRACER.set(tracer.clone());
        tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(|meta| meta.is_span() && meta.target() == trace::TARGET))
            .boxed()
    }

    /// Sends what waits.
    pub(super) fn finish(self, patience: Duration) {
        if let Err(error) = self.0.shutdown_with_timeout(patience) {
            tracing::warn!(%error, "some traces were not sent");
        }
    }
}

/// Who we are, unless the variables say otherwise.
fn resource() -> Resource {
    let resource = Resource::builder();
    let detected = Resource::builder().build();
    let name = detected.get(&"service.name".into()).map(|name| name.to_string());
    let resource = match name {
        Some(name) if !name.starts_with("unknown_service") => resource,
        _ => resource.with_service_name("roster"),
    };
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    resource.with_attribute(version).build()
}

/// An exporter whose failures are seen: the first in the log, all in numbers.
#[derive(Debug)]
struct Watched {
    exporter: SpanExporter,
    has_failed: AtomicBool,
}

impl Watched {
    fn new(exporter: SpanExporter) -> Self {
        Self {
            exporter,
            has_failed: AtomicBool::default(),
        }
    }
}

impl sdk::SpanExporter for Watched {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len() as u64;
        let outcome = self.exporter.export(batch).await;
        let had_failed = self.has_failed.swap(outcome.is_err(), Ordering::Relaxed);
        let result = if outcome.is_ok() { "sent" } else { "failed" };
        metrics::counter!("trace_spans_total", "result" => result).increment(spans);
        if let Err(error) = &outcome
            && !had_failed
        {
            tracing::warn!(%error, "traces cannot be sent; that is not said again until they can");
        }
        outcome
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

/// Puts the span of a request into the trace of whoever sent it. The trace, if
/// traces are exported.
pub(super) fn join(span: &Span, context: Option<&TraceContext>) -> Option<TraceId> {
    TRACER.get()?;
    if let Some(context) = context {
        let state = context
            .state
            .as_deref()
            .and_then(|state| TraceState::from_str(state).ok());
        let parent = SpanContext::new(
            opentelemetry::TraceId::from_bytes(context.trace_id.0.to_be_bytes()),
            SpanId::from(context.parent_id),
            TraceFlags::default().with_sampled(context.is_sampled),
            true,
            state.unwrap_or_default(),
        );
        // Only a span that has begun could refuse it.
        let _ = span.set_parent(Context::new().with_remote_span_context(parent));
    }
    let id = span.context().span().span_context().trace_id();
    let id = u128::from_be_bytes(id.to_bytes());
    (id != 0).then_some(TraceId(id))
}

/// A statement that has ended now.
pub(super) fn statement(summary: Summary<'_>, system: &'static str, elapsed: Duration, failed: bool) {
    let Some(tracer) = TRACER.get() else { return };
    let here = Context::current();
    // What the service does for itself belongs to no trace.
    if !here.span().span_context().is_sampled() {
        return;
    }
    let end = SystemTime::from(clock::now());
    let mut span = tracer
        .span_builder(summary.to_string())
        .with_kind(SpanKind::Client)
        .with_start_time(end.checked_sub(elapsed).unwrap_or(end))
        .with_attributes([
            KeyValue::new("db.system.name", system),
            KeyValue::new("db.operation.name", summary.verb),
            KeyValue::new("db.collection.name", summary.table.to_owned()),
            KeyValue::new("db.query.summary", summary.to_string()),
        ])
        .start_with_context(tracer, &here);
    if failed {
        span.set_status(Status::error(""));
    }
    span.end_with_timestamp(end);
}
