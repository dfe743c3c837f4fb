//! Numbers for monitoring: what there is, in which buckets, and how many names of
//! operations are told apart.

use std::{
    collections::HashSet,
    sync::{LazyLock, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use Kind::{Counter, Gauge, Histogram};

/// What a number is.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Counter,
    Gauge,
    /// With the upper ends of its buckets.
    Histogram(&'static [f64]),
}

/// Of what takes a request's time, in seconds.
const SHORT: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];
/// Of statements, in seconds.
const SHORTER: &[f64] = &[
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 1.0, 5.0,
];
/// Of what waits for its turn, in seconds.
const LONG: &[f64] = &[
    0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 21_600.0, 86_400.0,
];
/// Of things in a batch.
const AMOUNTS: &[f64] = &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0];
/// Of files, in bytes.
const BYTES: &[f64] = &[
    1_024.0,
    4_096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
];

/// Every number that there is. docs/operating.md has the same list.
const METRICS: &[(&str, Kind, &str)] = &[
    (
        "broker_failures_total",
        Counter,
        "Attempts to tell the broker that failed.",
    ),
    (
        "broker_lost_total",
        Counter,
        "Events forgotten before the broker took them.",
    ),
    ("broker_published_total", Counter, "Events that the broker took."),
    (
        "config_reloads_total",
        Counter,
        "Requests to read the configuration again.",
    ),
    ("connections_open", Gauge, "Connections to the server that speak HTTP."),
    (
        "database_acquire_seconds",
        Gauge,
        "How long it took to get a connection when this was asked for.",
    ),
    ("database_connections", Gauge, "Connections to the database."),
    ("database_connections_idle", Gauge, "Those of them that nobody uses."),
    ("database_connections_max", Gauge, "How many there may be."),
    (
        "database_unavailable_total",
        Counter,
        "Statements that found no connection, or lost it.",
    ),
    (
        "database_wait_seconds",
        Histogram(SHORTER),
        "How long statements and changes waited until they could begin.",
    ),
    ("documents_parsed_total", Counter, "Documents that were parsed."),
    (
        "documents_reload_failures_total",
        Counter,
        "Manifests that could not be used.",
    ),
    ("documents_remembered", Gauge, "Documents that are remembered."),
    (
        "documents_sought_total",
        Counter,
        "Documents that were looked for among those remembered.",
    ),
    ("documents_trusted", Gauge, "Documents of the manifest."),
    (
        "documents_untrusted_total",
        Counter,
        "Requests with a document that is not in the manifest.",
    ),
    ("email_queued_total", Counter, "Mails queued."),
    (
        "email_seconds",
        Histogram(SHORT),
        "How long the mail server took for a mail.",
    ),
    ("email_sent_total", Counter, "Mails handed over, or not."),
    ("event_streams_open", Gauge, "Event streams of subscribers."),
    (
        "faults_total",
        Counter,
        "Faults of ours, and whether they were reported.",
    ),
    (
        "filestore_file_size",
        Histogram(BYTES),
        "Bytes of files that were stored.",
    ),
    (
        "filestore_upload_race_total",
        Counter,
        "Files that somebody else stored at the same time.",
    ),
    ("graphql_errors_total", Counter, "Errors and refusals in answers."),
    (
        "graphql_operation_seconds",
        Histogram(SHORT),
        "How long queries and mutations took.",
    ),
    (
        "graphql_operation_statements",
        Histogram(AMOUNTS),
        "SQL statements of an operation.",
    ),
    (
        "graphql_resolver_seconds",
        Histogram(SHORT),
        "How long fields at the root took.",
    ),
    ("graphql_subscriptions_total", Counter, "Subscriptions that have ended."),
    (
        "issuer_key_fetches_total",
        Counter,
        "Times that the keys of an issuer were fetched.",
    ),
    (
        "issuer_key_lookups_total",
        Counter,
        "Times that a key of an issuer was looked for among those known.",
    ),
    ("issuer_keys", Gauge, "Keys of an issuer that are used."),
    ("jobs_delay", Histogram(SHORTER), "Time to queue a job, in seconds."),
    ("jobs_failed", Gauge, "Jobs that were given up and are still there."),
    (
        "jobs_overdue_seconds",
        Gauge,
        "How long the next job of a lane has been due.",
    ),
    ("jobs_seconds", Histogram(SHORT), "How long attempts at jobs took."),
    ("jobs_settled_total", Counter, "Attempts at jobs, by how they ended."),
    ("jobs_wait_seconds", Histogram(LONG), "Time between due and begun."),
    ("jobs_waiting", Gauge, "Jobs that wait or are being done."),
    (
        "loader_batch_keys",
        Histogram(AMOUNTS),
        "Keys that were looked up together.",
    ),
    (
        "member_invite_attempt_total",
        Counter,
        "Invites and resends refused by a rate limit.",
    ),
    (
        "organization_invite_accepted_total",
        Counter,
        "Invites that became memberships.",
    ),
    ("outbox_batch_rows", Histogram(AMOUNTS), "Rows delivered together."),
    (
        "outbox_coalesced_net_queue_time_seconds",
        Histogram(LONG),
        "How long the oldest row waited.",
    ),
    (
        "outbox_coalesced_total",
        Counter,
        "Rows that said again what a newer one says.",
    ),
    (
        "outbox_deepest_shard_rows",
        Gauge,
        "Changes that wait, of the shard with the most.",
    ),
    ("outbox_failures_total", Counter, "Shards whose delivery failed."),
    (
        "outbox_lag_seconds",
        Gauge,
        "Age of the oldest change that waits, disabled shards aside.",
    ),
    ("outbox_processed_total", Counter, "Objects delivered."),
    (
        "outbox_processing_lag_seconds",
        Histogram(LONG),
        "Time from a change to its event.",
    ),
    ("outbox_rows", Gauge, "Changes that wait."),
    ("outbox_saved_total", Counter, "Changes recorded for delivery."),
    (
        "rate_limit_decisions_total",
        Counter,
        "Looks at a bound on requests, and what came of them.",
    ),
    ("redis_connected", Gauge, "Whether Redis answered the last time."),
    (
        "redis_failures_total",
        Counter,
        "Requests that waited for Redis in vain.",
    ),
    (
        "redis_seconds",
        Histogram(SHORTER),
        "How long requests waited for Redis.",
    ),
    ("socket_closes_total", Counter, "Sockets closed."),
    ("sockets_open", Gauge, "Sockets of subscribers."),
    (
        "sql_statement_seconds",
        Histogram(SHORTER),
        "How long SQL statements took.",
    ),
    ("subscription_events_total", Counter, "Events sent to subscribers."),
    (
        "subscription_retries_total",
        Counter,
        "Looks for events that failed and are made again.",
    ),
    ("subscriptions_running", Gauge, "Subscriptions that run."),
    ("team_roles_assign_total", Counter, "Team roles set."),
    (
        "team_roles_pass_by_team_scope_total",
        Counter,
        "Changes that only a team role allowed.",
    ),
    (
        "team_roles_update_to_minimum_total",
        Counter,
        "Role changes that cleared redundant team roles.",
    ),
    ("trace_spans_total", Counter, "Spans for the collector."),
    ("webhook_deliveries_total", Counter, "Calls of webhooks."),
    (
        "webhook_delivery_seconds",
        Histogram(SHORT),
        "How long calls of webhooks took.",
    ),
    ("webhooks_disabled_total", Counter, "Webhooks disabled."),
];

/// The one recorder of this process: numbers are global. From now on they are
/// counted; whoever has it must call `run_upkeep` now and then, or what is
/// measured piles up.
pub fn recorder() -> PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER
        .get_or_init(|| {
            let handle = builder().install_recorder().unwrap_or_else(|_| {
                // Somebody embeds us and records on their own; ours stays empty.
                builder().build_recorder().handle()
            });
            describe();
            handle
        })
        .clone()
}

fn builder() -> PrometheusBuilder {
    METRICS
        .iter()
        .fold(PrometheusBuilder::new(), |builder, (name, kind, _)| match kind {
            Histogram(buckets) => builder
                .set_buckets_for_metric(Matcher::Full((*name).into()), buckets)
                // Only an empty list is refused.
                .unwrap_or_default(),
            Counter | Gauge => builder,
        })
}

fn describe() {
    for (name, kind, help) in METRICS {
        match kind {
            Counter => describe_counter!(*name, *help),
            Gauge => describe_gauge!(*name, *help),
            Histogram(_) => describe_histogram!(*name, *help),
        }
    }
}

/// Names of operations that are told apart.
const NAMES_MAX: usize = 200;

/// What stands for a name: clients choose them, and each is a series. So the
/// first few of callers who are known count, and all others are one.
fn label(name: Option<&str>, is_known: bool) -> String {
    static NAMES: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);
    let Some(name) = name else { return "unnamed".into() };
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if names.contains(name) {
        return name.into();
    }
    if !is_known || names.len() >= NAMES_MAX {
        return "other".into();
    }
    names.insert(name.into());
    name.into()
}

/// An operation that is over.
#[derive(Debug)]
pub(super) struct Ended<'a> {
    pub name: Option<&'a str>,
    pub kind: &'static str,
    pub outcome: &'static str,
    /// Whether it is known who sent it.
    pub is_known: bool,
    /// `None` for a subscription, which takes as long as its client likes.
    pub elapsed: Option<Duration>,
    pub statements: u32,
    pub codes: &'a [String],
}

pub(super) fn operation(ended: &Ended<'_>) {
    // What was refused as a whole may have any name.
    let is_known = ended.is_known && ended.outcome != "refused";
    let (operation, kind, outcome) = (label(ended.name, is_known), ended.kind, ended.outcome);
    match ended.elapsed {
        Some(elapsed) => {
            let labels = [
                ("operation", operation),
                ("kind", kind.into()),
                ("outcome", outcome.into()),
            ];
            histogram!("graphql_operation_seconds", &labels).record(elapsed);
            histogram!("graphql_operation_statements", "kind" => kind).record(ended.statements);
        }
        None => {
            counter!("graphql_subscriptions_total", "operation" => operation, "outcome" => outcome).increment(1);
        }
    }
    for code in ended.codes {
        counter!("graphql_errors_total", "code" => code.clone()).increment(1);
    }
}

/// A field at the root was resolved.
pub fn resolved(parent: &str, name: &str, elapsed: Duration) {
    histogram!("graphql_resolver_seconds", "field" => format!("{parent}.{name}")).record(elapsed);
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeSet,
        fs,
        path::{Path, PathBuf},
    };

    use super::*;

    fn known() -> BTreeSet<String> {
        METRICS.iter().map(|(name, _, _)| (*name).to_owned()).collect()
    }

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.push(path);
            }
        }
    }

    #[test]
    fn every_number_is_described_and_there_is_no_other() {
        let mut files = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
        let mut used = BTreeSet::new();
        for file in files {
            let text = fs::read_to_string(file).unwrap();
            for start in ["counter", "gauge", "histogram"].map(|kind| format!("{kind}!(")) {
                used.extend(text.split(&start).skip(1).filter_map(|after| {
                    let name = after.trim_start().strip_prefix('"')?;
                    name.split('"').next().map(str::to_owned)
                }));
            }
        }
        assert_eq!(used, known());
        assert!(METRICS.is_sorted_by_key(|(name, _, _)| name));
    }

    #[test]
    fn the_manual_has_every_number_and_no_other() {
        let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operating.md");
        let manual = fs::read_to_string(manual).unwrap();
        let (_, section) = manual.split_once("\n### Metrics").unwrap();
        let section = section.split("\n#").next().unwrap();
        let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
        let told: Vec<String> = rows.map(|row| row.split('`').next().unwrap().to_owned()).collect();
        assert_eq!(told, known().into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn names_of_operations_are_bounded() {
        assert_eq!(label(None, true), "unnamed");
        assert_eq!(label(Some("Stranger"), false), "other");
        assert_eq!(label(Some("Known"), true), "Known");
        assert_eq!(label(Some("Known"), false), "Known");
        let many: HashSet<_> = (0..1000)
            .map(|number| label(Some(&format!("N{number}")), true))
            .collect();
        assert!(many.len() <= NAMES_MAX, "{}", many.len());
        assert!(many.contains("other"));
    }
}
