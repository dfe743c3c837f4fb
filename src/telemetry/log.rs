//! The log: one event a line, on standard error.

use std::io::IsTerminal;

use tracing::{Instrument, Level, Metadata, Span};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, LevelFilter, dynamic_filter_fn},
};

use super::{BoxedLayer, faults, trace};
use crate::config::{Config, ConfigError};

tokio::task_local! {
    static REQUEST: Span;
}

/// Runs `work` in the span of its request, which stands in every line of it.
pub fn within<F: Future>(request: Span, work: F) -> impl Future<Output = F::Output> {
    REQUEST.scope(request.clone(), work).instrument(request)
}

/// The spans in which something runs, to be carried into a task that goes on with
/// it. That of a trace alone would not do: the log looks for its own among those
/// that the task has entered.
#[derive(Clone, Debug)]
pub struct Spans {
    request: Span,
    current: Span,
}

impl Spans {
    /// Those in which this runs.
    pub fn here() -> Self {
        Self {
            request: request(),
            current: Span::current(),
        }
    }

    /// Runs `work` in them.
    pub fn around<F: Future>(self, work: F) -> impl Future<Output = F::Output> {
        within(self.request, work.instrument(self.current))
    }
}

/// The span of the request that runs here.
pub(super) fn request() -> Span {
    REQUEST.try_with(Span::clone).unwrap_or_else(|_| Span::current())
}

/// What is logged. The variable wins over the setting.
pub(super) fn filter(config: &Config) -> Result<EnvFilter, ConfigError> {
    let filter = std::env::var("RUST_LOG").unwrap_or_else(|_| config.log.filter.clone());
    let read = EnvFilter::try_new(&filter);
    read.map_err(|error| ConfigError::new(format!("log filter `{filter}`: {error}")))
}

/// Whether a line is one of those in which libraries tell what is on the wire:
/// passwords, tokens and messages. No setting shows them.
fn is_of_others(line: &Metadata<'_>) -> bool {
    const TELL_ALL: [&str; 3] = ["async_nats", "tokio_tungstenite", "tungstenite"];
    let library = line.target().split("::").next();
    *line.level() > Level::INFO && library.is_some_and(|name| TELL_ALL.contains(&name))
}

/// Whether it is a span of a trace. Those have no name that the log knows them by,
/// and would stand between a line and its request.
fn is_of_trace(line: &Metadata<'_>) -> bool {
    line.is_span() && line.target() == trace::TARGET
}

pub(super) fn layer(config: &Config) -> Result<BoxedLayer, ConfigError> {
    // Asked again each time. Libraries ask whether something would be logged, and
    // that answer would otherwise count for whatever this thread logs next.
    let again =
        dynamic_filter_fn(|line, _| !is_of_others(line) && !is_of_trace(line)).with_max_level_hint(LevelFilter::TRACE);
    let filter = filter(config)?.and(again);
    let log = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    Ok(if config.log.json {
        log.json().with_filter(filter).boxed()
    } else {
        log.with_filter(filter).boxed()
    })
}

/// Tells of panics in the form of the log, with the request in which they happen.
/// What they say may hold anything, so it is told only in part.
pub(super) fn panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let said = panic.payload();
        let said = said.downcast_ref::<&str>().copied().or_else(|| {
            let text: Option<&String> = said.downcast_ref();
            text.map(String::as_str)
        });
        let cause = faults::redacted(said.unwrap_or_default());
        tracing::error!(place, %cause, "panicked");
    }));
}
