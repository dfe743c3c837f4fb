//! Roster: the open, self-hosted GraphQL gateway for organization membership.
//!
//! [`serve`] is the whole service; the binary adds a command line to it.

use std::{sync::Arc, time::Duration};

use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub mod access;
pub mod app;
pub mod auth;
pub mod avatar;
pub mod broker;
pub mod clock;
pub mod config;
pub mod counters;
pub mod custom_options;
pub mod db;
pub mod demo;
pub mod domain;
pub mod error;
pub mod events;
#[cfg(test)]
mod fuzz;
pub mod graphql;
pub mod jobs;
pub mod limits;
pub mod live;
pub mod mail;
pub mod mailbox;
mod negotiation;
pub mod nodes;
pub mod outbox;
pub mod queue;
pub mod reload;
pub mod roles;
pub mod seats;
pub mod server;
pub mod storage;
pub mod telemetry;
pub mod throttle;
pub mod token;
pub mod webhook;

use app::App;
use config::{Config, ConfigError};
use live::Live;

/// Stack of the threads that run requests. Each level of a query is a nest of
/// calls, large in a build without optimisation; memory is only taken when used.
pub const STACK_BYTES: usize = 16 * 1024 * 1024;

/// Why the service does not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting that cannot be used.
    #[error("configuration: {0}")]
    Config(#[from] ConfigError),
    /// The database does not answer, or cannot be brought up to date.
    #[error("database: {0}")]
    Database(#[from] sea_orm::DbErr),
    /// The network.
    #[error("network: {0}")]
    Io(#[from] std::io::Error),
    /// The address for metrics is taken, or not ours.
    #[error("metrics.listen: cannot listen on {0}: {1}")]
    Metrics(std::net::SocketAddr, #[source] std::io::Error),
    /// The demo data.
    #[error("demo data: {0:?}")]
    Demo(error::Error),
}

/// Connects, brings the schema up to date if the configuration says so, and
/// fills in demo data if it is wanted.
///
/// # Errors
/// A configuration or database that cannot be used.
pub async fn prepare(mut config: Config) -> Result<Arc<App>, StartError> {
    config.secure()?;
    let roles = roles::Roles::new(&config.roles)?;
    let custom_options = custom_options::CustomOptions::new(&config.options)?;
    let mailer = mail::Mailer::new(&config)?;
    let storage = storage::Storage::open(&config)?;
    let broker = broker::Broker::connect(&config).await?;
    let courier = webhook::Courier::new(&config)?;
    let throttle = throttle::Throttle::open(&config).await?;
    let db = db::Db::connect(&config).await?;
    if config.database.migrate_on_start {
        db.migrate().await?;
    }
    let app = Arc::new(App {
        config,
        db,
        roles,
        custom_options,
        mailer: Arc::new(mailer),
        counters: Arc::default(),
        storage,
        broker,
        bell: Arc::default(),
        changes: TaskTracker::new(),
        courier: Arc::new(courier),
        throttle: Arc::new(throttle),
    });
    if app.config.wants_demo() && !app.db.is_ready().await? {
        tracing::warn!("no demo data: migrations are pending");
    } else if app.config.wants_demo() {
        demo::fill(&app, clock::now()).await.map_err(StartError::Demo)?;
    }
    Ok(app)
}

/// Runs the service on `listener` until `shutdown`.
///
/// # Errors
/// What keeps it from starting; a network that fails.
pub async fn serve(mut config: Config, listener: TcpListener, shutdown: CancellationToken) -> Result<(), StartError> {
    config.settle_listen(listener.local_addr()?);
    let live = Live::new(prepare(config).await?);
    let server = server::Server::new(live.clone()).await?;
    run(live, server, listener, shutdown).await
}

/// Serves requests, and does the work that follows from them unless another
/// process does, until `shutdown`. Then `/health/ready` says no, and after a delay
/// nothing new is begun: requests are finished, jobs finished or given back,
/// counters written. All of that takes a bounded time (`drain`).
///
/// # Errors
/// A network that fails.
pub async fn run(
    live: Live<App>,
    server: server::Server,
    listener: TcpListener,
    shutdown: CancellationToken,
) -> Result<(), StartError> {
    let app = live.now();
    let stop = delayed(&app, &shutdown);
    let running = async {
        let in_serve = app.config.jobs.in_serve;
        let worker = in_serve.then(|| tokio::spawn(jobs::work(live, stop.clone())));
        let counting = count(&app, &stop);
        let listening = listen(&app, in_serve, &stop);
        let served = server.run(listener, shutdown.clone(), stop.clone()).await;
        // Also when the network failed.
        stop.cancel();
        if let Some(worker) = worker
            && let Err(panic) = worker.await
        {
            tracing::error!(%panic, "the worker panicked");
        }
        if let Err(panic) = listening.await {
            tracing::error!(%panic, "listening to others panicked");
        }
        close(&app, counting).await;
        served
    };
    within(&app, &shutdown, running).await.unwrap_or(Ok(()))
}

/// Cancelled some time after `shutdown`: until then everything is served.
fn delayed(app: &App, shutdown: &CancellationToken) -> CancellationToken {
    let (stop, delay, shutdown) = (
        CancellationToken::new(),
        app.config.drain_plan().delay,
        shutdown.clone(),
    );
    let delayed = stop.clone();
    tokio::spawn(async move {
        let waiting = async {
            shutdown.cancelled().await;
            tokio::time::sleep(delay).await;
        };
        // Who has ended for another reason is not kept waiting.
        delayed.run_until_cancelled(waiting).await;
        delayed.cancel();
    });
    stop
}

/// What `running` comes to, unless it takes too long once it is to stop.
async fn within<T>(app: &App, shutdown: &CancellationToken, running: impl Future<Output = T>) -> Option<T> {
    let end = app.config.drain_plan().end;
    tokio::select! {
        ended = running => Some(ended),
        () = async { shutdown.cancelled().await; tokio::time::sleep(end).await } => {
            tracing::error!("ending in the middle: stopping took too long");
            None
        }
    }
}

/// Hears of what other processes have committed, until `shutdown`.
fn listen(app: &Arc<App>, is_worker: bool, shutdown: &CancellationToken) -> tokio::task::JoinHandle<()> {
    tokio::spawn(nodes::listen(app.clone(), is_worker, shutdown.clone()))
}

/// Writes counters every few seconds, until `shutdown`.
fn count(app: &Arc<App>, shutdown: &CancellationToken) -> tokio::task::JoinHandle<()> {
    let (app, shutdown) = (app.clone(), shutdown.clone());
    tokio::spawn(async move { app.counters.run(&app.db, shutdown).await })
}

/// Writes what is still to be written, when nothing is counted any more.
async fn close(app: &App, counting: tokio::task::JoinHandle<()>) {
    app.changes.close();
    // Each ends by its own time limit; one that does not must not keep us.
    let limit = app.config.limits.request_timeout;
    if tokio::time::timeout(limit, app.changes.wait()).await.is_err() {
        tracing::warn!("some changes were still being made");
    }
    if let Err(panic) = counting.await {
        tracing::error!(%panic, "the counters panicked");
    }
    // What is not written now is lost.
    let written = async {
        while let Err(error) = app.counters.flush(&app.db).await {
            tracing::warn!(cause = ?error, "counters cannot be written; tried again");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    if tokio::time::timeout(limit, written).await.is_err() {
        tracing::error!("counters could not be written");
    }
    app.db.clone().close().await;
}

/// Does the work that requests have queued, until `shutdown`.
///
/// # Errors
/// What keeps it from starting.
pub async fn work(live: Live<App>, shutdown: CancellationToken) -> Result<(), StartError> {
    let app = live.now();
    let metrics = server::Metrics::listen(live.clone(), None).await?;
    let running = async {
        let counting = count(&app, &shutdown);
        let listening = listen(&app, true, &shutdown);
        tokio::join!(jobs::work(live, shutdown.clone()), metrics.serve(shutdown.clone()));
        if let Err(panic) = listening.await {
            tracing::error!(%panic, "listening to others panicked");
        }
        close(&app, counting).await;
    };
    within(&app, &shutdown, running).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    /// Who may call whom: each module only those in later lines (see
    /// docs/architecture.md).
    const LAYERS: [&[&str]; 11] = [
        &["reload"],
        &["server", "jobs", "nodes"],
        &["avatar", "demo", "mailbox"],
        &["graphql"],
        &["domain"],
        &["app"],
        &["storage"],
        &[
            "outbox", "queue", "access", "broker", "counters", "events", "limits", "mail", "throttle", "token",
            "webhook",
        ],
        &["auth", "custom_options", "db"],
        &["roles", "telemetry"],
        &["config", "error", "clock", "live", "negotiation", "seats"],
    ];

    /// The modules of ours that a source text names.
    fn names(text: &str) -> BTreeSet<String> {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let code: String = code.collect::<Vec<_>>().join("\n");
        let mut names = BTreeSet::new();
        for after in code.split("crate::").skip(1) {
            // Either a path, or a list of paths in braces.
            let Some(list) = after.strip_prefix('{') else {
                names.extend(word(after));
                continue;
            };
            let mut depth = 0;
            let mut is_start = true;
            for (index, letter) in list.char_indices() {
                match letter {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => is_start = true,
                    _ if letter.is_whitespace() => {}
                    _ if is_start && depth == 0 => {
                        names.extend(word(&list[index..]));
                        is_start = false;
                    }
                    _ => {}
                }
            }
        }
        names
    }

    fn word(text: &str) -> Option<String> {
        let word: String = text
            .chars()
            .take_while(|letter| letter.is_ascii_lowercase() || *letter == '_')
            .collect();
        (!word.is_empty()).then_some(word)
    }

    fn read(path: &Path) -> String {
        if path.is_dir() {
            let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
            let sources = entries.filter(|path| path.is_dir() || path.extension().is_some_and(|end| end == "rs"));
            return sources.map(|path| read(&path)).collect();
        }
        fs::read_to_string(path).unwrap()
    }

    #[test]
    fn arrows_only_point_down() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let layer_of = |name: &str| LAYERS.iter().position(|layer| layer.contains(&name));
        let mut seen = 0;
        for entry in fs::read_dir(&source).unwrap() {
            let path = entry.unwrap().path();
            let module = path.file_stem().unwrap().to_str().unwrap();
            let is_source = path.is_dir() || path.extension().is_some_and(|end| end == "rs");
            if !is_source || ["lib", "main", "commands", "explorer", "fuzz"].contains(&module) {
                continue;
            }
            let own = layer_of(module).unwrap_or_else(|| panic!("{module} stands in no layer"));
            for used in names(&read(&path)) {
                let Some(below) = layer_of(&used) else { continue };
                assert!(used == module || own < below, "{module} must not use {used}");
                seen += 1;
            }
        }
        assert!(seen > 40, "the sources were not read: {seen}");
    }
}
