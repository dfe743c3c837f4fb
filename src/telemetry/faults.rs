//! Faults of ours, told to Sentry or what speaks its protocol (§24.1).
//!
//! What is logged as an error from our own code is a fault; what was refused is
//! not. A report has names that we gave ourselves, and the cause without what
//! could be of a person.

use secrecy::SecretString;

use crate::config::Config;

/// Where to report to, if anywhere. The setting wins over the variable that
/// Sentry's own tools know.
fn dsn(config: &Config) -> Option<SecretString> {
    let variable = || std::env::var("SENTRY_DSN").ok().map(SecretString::from);
    let dsn = config.sentry.dsn.clone().or_else(variable)?;
    (!secrecy::ExposeSecret::expose_secret(&dsn).is_empty()).then_some(dsn)
}

#[cfg(feature = "sentry")]
pub(super) use reporter::Reporter;

/// There is none in this build.
#[cfg(not(feature = "sentry"))]
#[derive(Debug)]
pub(super) enum Reporter {}

#[cfg(not(feature = "sentry"))]
impl Reporter {
    pub(super) fn new(config: &Config) -> Result<Option<Self>, crate::config::ConfigError> {
        match dsn(config) {
            None => Ok(None),
            Some(_) => Err(crate::config::ConfigError::new(
                "sentry.dsn: this build has no Sentry".into(),
            )),
        }
    }

    pub(super) fn layer(&self) -> super::BoxedLayer {
        match *self {}
    }

    pub(super) fn finish(self, _: std::time::Duration) {
        match self {}
    }
}

/// A cause without what could be of a person or secret: what stands in quotes or
/// behind `=`, addresses, and long words. Codes of databases stay.
pub(super) fn redacted(text: &str) -> String {
    const LENGTH_MAX: usize = 500;
    let mut clean = String::new();
    let mut letters = text.chars().peekable();
    let mut before = ' ';
    while let Some(letter) = letters.next() {
        if clean.len() >= LENGTH_MAX {
            clean.push('…');
            break;
        }
        let is_quote = matches!(letter, '"' | '`') || letter == '\'' && !before.is_alphanumeric();
        if is_quote {
            let mut quoted = String::new();
            while let Some(next) = letters.next() {
                match next {
                    '\\' => drop(letters.next()),
                    next if next == letter => break,
                    next => quoted.push(next),
                }
            }
            let is_code = quoted.len() <= 5
                && quoted
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
            clean.push_str(if is_code { &quoted } else { "…" });
        } else if is_of_word(letter) {
            let mut word = String::from(letter);
            while let Some(next) = letters.next_if(|next| is_of_word(*next)) {
                word.push(next);
            }
            let is_secret = word.contains('@') || word.contains('=') || word.len() > 40;
            clean.push_str(if is_secret { "…" } else { &word });
        } else {
            clean.push(letter);
        }
        before = clean.chars().next_back().unwrap_or(' ');
    }
    clean
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || "@=._-+%/".contains(letter)
}

#[cfg(feature = "sentry")]
mod reporter {
    use std::{
        collections::BTreeMap,
        fmt,
        sync::{Arc, Mutex, PoisonError},
        time::{Duration, Instant},
    };

    use secrecy::ExposeSecret;
    use sentry::{
        Client, ClientOptions, Level,
        protocol::{Event, Exception},
        transports::DefaultTransportFactory,
        types::Dsn,
    };
    use tracing::{
        Subscriber,
        field::{Field, Visit},
        span::{Attributes, Id, Record},
    };
    use tracing_subscriber::{Layer, filter::filter_fn, layer::Context, registry::LookupSpan};

    use super::redacted;
    use crate::{
        config::{Config, ConfigError},
        telemetry::{BoxedLayer, account, trace},
    };

    /// Reports in a minute, at most. A fault that happens at every request would
    /// only say the same again.
    const REPORTS_PER_MINUTE: u32 = 30;

    /// Tells faults of this process, in the background.
    #[derive(Debug)]
    pub(in crate::telemetry) struct Reporter(Arc<Client>);

    impl Reporter {
        /// Nothing if nobody is to be told.
        ///
        /// # Errors
        /// An address that is none of Sentry.
        pub(in crate::telemetry) fn new(config: &Config) -> Result<Option<Self>, ConfigError> {
            let Some(dsn) = super::dsn(config) else {
                return Ok(None);
            };
            // The address holds a key, so it is not shown.
            let dsn: Dsn = dsn
                .expose_secret()
                .parse()
                .map_err(|error| ConfigError::new(format!("sentry.dsn: {error}")))?;
            let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
            let mode = format!("{:?}", config.mode).to_lowercase();
            let environment = config
                .sentry
                .environment
                .clone()
                .or_else(|| variable("SENTRY_ENVIRONMENT"));
            let release =
                variable("SENTRY_RELEASE").unwrap_or_else(|| concat!("roster@", env!("CARGO_PKG_VERSION")).into());
            let mut options = ClientOptions::new()
                .transport(DefaultTransportFactory)
                .environment(environment.unwrap_or(mode))
                .release(release)
                .default_integrations(false)
                .send_default_pii(false);
            options.dsn = Some(dsn);
            Ok(Some(Self(Arc::new(Client::with_options(options)))))
        }

        /// Takes what is logged as an error.
        pub(in crate::telemetry) fn layer(&self) -> BoxedLayer {
            let capture = Capture {
                client: self.0.clone(),
                budget: Mutex::new((Instant::now(), 0)),
            };
            // Spans of traces are apart, and have other names.
            let is_ours =
                |target: &str| (target == "roster" || target.starts_with("roster::")) && target != trace::TARGET;
            capture
                .with_filter(filter_fn(move |meta| {
                    is_ours(meta.target()) && (meta.is_span() || *meta.level() == tracing::Level::ERROR)
                }))
                .boxed()
        }

        /// Sends what waits.
        pub(in crate::telemetry) fn finish(self, patience: Duration) {
            self.0.close(Some(patience));
        }
    }

    /// What is told of a request, a job or a fault, by the names of its fields.
    const TAGS: [&str; 16] = [
        "attempt",
        "category",
        "code",
        "issuer",
        "key",
        "kind",
        "lane",
        "method",
        "object",
        "operation",
        "path",
        "place",
        "request_id",
        "scope",
        "shard",
        "trace_id",
    ];

    /// Why something failed.
    const CAUSES: [&str; 4] = ["cause", "error", "panic", "why"];

    #[derive(Debug, Default)]
    struct Fields {
        tags: BTreeMap<&'static str, String>,
        message: String,
        cause: String,
    }

    impl Fields {
        fn take(&mut self, field: &Field, value: String) {
            let name = field.name();
            if name == "message" {
                self.message = value;
            } else if CAUSES.contains(&name) {
                self.cause = redacted(&value);
            } else if TAGS.contains(&name) {
                // Longer ones are refused by Sentry.
                self.tags.insert(name, value.chars().take(200).collect());
            }
        }
    }

    impl Visit for Fields {
        fn record_str(&mut self, field: &Field, value: &str) {
            self.take(field, value.to_owned());
        }

        fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
            self.take(field, format!("{value:?}"));
        }
    }

    struct Capture {
        client: Arc<Client>,
        /// Since when it is counted, and how many were told since.
        budget: Mutex<(Instant, u32)>,
    }

    impl Capture {
        fn may_report(&self) -> bool {
            let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
            if budget.0.elapsed() >= Duration::from_secs(60) {
                *budget = (Instant::now(), 0);
            }
            budget.1 += 1;
            budget.1 <= REPORTS_PER_MINUTE
        }
    }

    impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Capture {
        fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
            let Some(span) = context.span(id) else { return };
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }

        fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
            let Some(span) = context.span(id) else { return };
            if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
                values.record(fields);
            }
        }

        fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
            if !self.may_report() {
                metrics::counter!("faults_total", "result" => "dropped").increment(1);
                return;
            }
            metrics::counter!("faults_total", "result" => "reported").increment(1);
            let mut fields = Fields::default();
            event.record(&mut fields);
            if let Some(operation) = account::name() {
                fields.tags.entry("operation").or_insert(operation);
            }
            for span in context.event_scope(event).into_iter().flatten() {
                if let Some(around) = span.extensions().get::<Fields>() {
                    for (name, value) in &around.tags {
                        fields.tags.entry(name).or_insert_with(|| value.clone());
                    }
                }
            }
            let meta = event.metadata();
            let place = meta
                .file()
                .zip(meta.line())
                .map(|(file, line)| format!("{file}:{line}"));
            let exception = Exception {
                ty: fields.message,
                value: Some(fields.cause).filter(|cause| !cause.is_empty()),
                module: meta.module_path().map(str::to_owned),
                ..Exception::default()
            };
            let report = Event {
                level: Level::Error,
                logger: Some(meta.target().to_owned()),
                culprit: place,
                exception: vec![exception].into(),
                tags: fields
                    .tags
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect(),
                ..Event::default()
            };
            // Waits in a queue that is bounded; what finds no place is dropped.
            self.client.capture_event(report, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_says_what_failed_and_not_of_whom() {
        let database = r#"Exec(SqlxError(Database(PgDatabaseError { code: "23505", message: "duplicate \"x\" key", detail: Some("Key (email)=(bob@example.com) already exists.") })))"#;
        let clean = redacted(database);
        assert!(clean.contains("PgDatabaseError { code: 23505"), "{clean}");
        assert!(!clean.contains("bob") && !clean.contains("duplicate"), "{clean}");
        for secret in [
            "bob@example.com",
            "'bob smith'",
            "`token`",
            "password=x1",
            &"a1".repeat(30),
            "\"open",
        ] {
            assert_eq!(redacted(&format!("of {secret}")), "of …", "{secret}");
        }
        assert_eq!(redacted("it can't be: index 3 of 2"), "it can't be: index 3 of 2");
        assert!(redacted(&"word ".repeat(1000)).len() < 520);
    }
}
