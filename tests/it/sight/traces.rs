//! Traces, as a collector of OpenTelemetry gets them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode},
    routing::post as taking,
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, KeyValue, any_value},
    trace::v1::{Span, span::SpanKind},
};
use prost::Message;

use super::*;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// What has come to a collector.
#[derive(Clone, Default)]
struct Collector {
    requests: Arc<Mutex<Vec<(HeaderMap, ExportTraceServiceRequest)>>>,
    url: String,
}

impl Collector {
    /// One that answers with this status.
    async fn start(status: StatusCode) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let collector = Self { url, ..Self::default() };
        let requests = collector.requests.clone();
        let take = async move |headers: HeaderMap, body: Bytes| {
            let request = ExportTraceServiceRequest::decode(body).unwrap();
            requests.lock().unwrap().push((headers, request));
            status
        };
        let routes = Router::new().route("/v1/traces", taking(take));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        collector
    }

    fn spans(&self) -> Vec<Span> {
        let requests = self.requests.lock().unwrap();
        let resources = requests.iter().flat_map(|(_, request)| &request.resource_spans);
        let scopes = resources.flat_map(|resource| &resource.scope_spans);
        scopes.flat_map(|scope| scope.spans.clone()).collect()
    }

    /// What the service says it is.
    fn resource(&self) -> HashMap<String, String> {
        let requests = self.requests.lock().unwrap();
        attributes(&requests[0].1.resource_spans[0].resource.as_ref().unwrap().attributes)
    }
}

fn attributes(given: &[KeyValue]) -> HashMap<String, String> {
    let text = |value: &Option<AnyValue>| match value.as_ref().and_then(|value| value.value.clone()) {
        Some(any_value::Value::StringValue(text)) => text,
        Some(any_value::Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    };
    given.iter().map(|pair| (pair.key.clone(), text(&pair.value))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_trace_goes_from_the_request_to_its_statements() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let collector = Collector::start(StatusCode::OK).await;
    let program = logging(&app)
        .set("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url)
        .set("OTEL_EXPORTER_OTLP_HEADERS", "x-team=observers")
        .set("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test")
        .serve();
    let ann = ann.at_url(&program.url).seen().await;
    let query = format!(
        "query Find($slug: String!) {{ organization(slug: $slug) {{ name members(first: 5) {{ nodes {{ user {{ name }} }} }} }}
         other: organization(slug: \"{SECRET}\") {{ name }} }}"
    );
    let body = json!({ "query": query, "variables": { "slug": acme.slug } });
    let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let answer = post(&ann, body, &[("traceparent", &parent), ("tracestate", "a=1")]).await;
    assert_eq!(answer.status(), 200);
    let told = operations(&program, 2);
    // What waits is sent at the end.
    program.stop();

    let spans = collector.spans();
    let mine: Vec<_> = spans
        .iter()
        .filter(|span| hex::encode(&span.trace_id) == TRACE)
        .collect();
    let named = |name: &str| {
        *mine
            .iter()
            .find(|span| span.name == name)
            .unwrap_or_else(|| panic!("{name}: {mine:#?}"))
    };
    let request = named("POST /graphql");
    assert_eq!(hex::encode(&request.parent_span_id), "00f067aa0ba902b7");
    assert_eq!(
        (request.kind(), request.trace_state.as_str()),
        (SpanKind::Server, "a=1")
    );
    assert_eq!(attributes(&request.attributes)["http.response.status_code"], "200");
    let operation = named("query Find");
    assert_eq!(operation.parent_span_id, request.span_id);
    let known = attributes(&operation.attributes);
    assert_eq!(
        (
            known["graphql.operation.name"].as_str(),
            known["graphql.operation.type"].as_str()
        ),
        ("Find", "query")
    );
    let field = named("Query.organization");
    assert_eq!(field.parent_span_id, operation.span_id);
    let load = mine.iter().find(|span| span.name == "load Users").unwrap();
    let statement = mine.iter().find(|span| span.parent_span_id == load.span_id).unwrap();
    assert_eq!(
        (statement.name.as_str(), statement.kind()),
        ("SELECT user", SpanKind::Client)
    );
    let known = attributes(&statement.attributes);
    assert_eq!(known["db.operation.name"], "SELECT");
    assert!(["sqlite", "postgresql"].contains(&known["db.system.name"].as_str()));
    assert!(statement.start_time_unix_nano <= statement.end_time_unix_nano);

    // A request without a trace begins one, which the log names.
    let begun = told[0]["request"]["trace_id"].as_str().unwrap();
    assert!(begun != TRACE && spans.iter().any(|span| hex::encode(&span.trace_id) == begun));
    let resource = collector.resource();
    assert_eq!(resource["service.name"], "roster");
    assert_eq!(resource["deployment.environment.name"], "test");
    let requests = collector.requests.lock().unwrap();
    assert!(requests.iter().all(|(headers, _)| headers["x-team"] == "observers"));
    let all = format!("{requests:?}");
    let token = ann.bearer().unwrap();
    for secret in [SECRET, acme.slug.as_str(), "example.com", token.as_str()] {
        assert!(!all.contains(secret), "{secret} is told: {all}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn who_asks_for_no_trace_gets_none() {
    let app = TestApp::start().await;
    let collector = Collector::start(StatusCode::OK).await;
    let ann = app.person("ann");
    let unsampled = format!("00-{TRACE}-00f067aa0ba902b7-00");
    let place = logging(&app).set(
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        &format!("{}/v1/traces", collector.url),
    );
    for (place, parent) in [
        (place.clone().set("OTEL_TRACES_SAMPLER", "always_off"), "none"),
        (place.clone().set("OTEL_SDK_DISABLED", "true"), "none"),
        (place.set("ROSTER_JOBS__IN_SERVE", "false"), unsampled.as_str()),
    ] {
        let program = place.serve();
        post(&ann.at_url(&program.url), viewer("Me"), &[("traceparent", parent)]).await;
        program.stop();
    }
    let spans = collector.spans();
    assert!(spans.iter().all(|span| span.name.starts_with("job ")), "{spans:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_collector_that_fails_is_an_extra_that_is_missing() {
    let app = TestApp::start().await;
    let collector = Collector::start(StatusCode::FORBIDDEN).await;
    for (name, value) in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url.as_str()),
        // Nobody listens there.
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"),
    ] {
        let program = logging(&app)
            .set(name, value)
            .set("OTEL_BSP_SCHEDULE_DELAY", "50")
            .serve();
        let ann = app.person("ann").at_url(&program.url);
        let warned = |program: &Program| program.stderr().matches("traces cannot be sent").count();
        for round in 0..20 {
            assert_eq!(post(&ann, viewer("Me"), &[]).await.status(), 200, "{round}");
        }
        within_patience("it is told", || (warned(&program) > 0).then_some(()));
        let log = program.stop().stderr;
        assert_eq!(log.matches("traces cannot be sent").count(), 1, "{log}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_is_not_spoken_is_said_at_once() {
    let app = TestApp::start().await;
    let program = logging(&app)
        .set("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
        .set("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
        .serve();
    assert_eq!(
        post(&app.person("ann").at_url(&program.url), viewer("Me"), &[])
            .await
            .status(),
        200
    );
    let log = program.stop().stderr;
    let told = lines(&log, "no traces are sent").remove(0);
    assert_eq!(told["level"], "WARN");
    let why = told["why"].as_str().unwrap();
    assert!(
        why.contains("OTEL_EXPORTER_OTLP_PROTOCOL") && why.contains("grpc") && why.contains("http/protobuf"),
        "{why}"
    );
}
