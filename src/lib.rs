//! Roster: the open, self-hosted GraphQL gateway for organization membership.
//!
//! [`serve`] is the whole service; the binary adds a command line to it.

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub mod access;
pub mod app;
pub mod auth;
pub mod clock;
pub mod config;
pub mod db;
pub mod demo;
pub mod domain;
pub mod error;
pub mod graphql;
pub mod limits;
pub mod outbox;
pub mod queue;
pub mod roles;
pub mod server;
pub mod token;

use app::App;
use config::{Config, ConfigError};

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
    let db = db::Db::connect(&config).await?;
    if config.database.migrate_on_start {
        db.migrate().await?;
    }
    let app = Arc::new(App { config, db, roles });
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
    let app = prepare(config).await?;
    let db = app.db.clone();
    server::Server::new(app).await?.run(listener, shutdown).await?;
    db.close().await;
    Ok(())
}
