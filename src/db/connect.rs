//! Opening a database: what is asked of every connection to it.

use std::{str::FromStr, sync::Arc, time::Duration};

use sea_orm::{DatabaseConnection, DbErr, SqlxPostgresConnector, SqlxSqliteConnector};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    Connection, Executor, PgConnection, Row, SqliteConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::file::{DatabaseFile, is_memory};
use crate::config::{Config, ConfigError, DatabaseKind, UNKNOWN_DATABASE};

/// Whether the configured address can be used. Connects to nothing.
///
/// # Errors
/// An address that is malformed, or of no database that is known.
pub fn check(config: &Config) -> Result<(), ConfigError> {
    let url = config.database_url();
    let parsed = match DatabaseKind::of(&url) {
        Some(DatabaseKind::Postgres) => PgConnectOptions::from_str(url.expose_secret()).map(drop),
        Some(DatabaseKind::Sqlite) => SqliteConnectOptions::from_str(url.expose_secret()).map(drop),
        None => return Err(ConfigError::new(UNKNOWN_DATABASE.into())),
    };
    // The cause may hold the address, and that a password.
    parsed.map_err(|_| ConfigError::new("database_url is malformed".into()))
}

/// Never carries the address: it may hold a password.
pub(super) fn connection_error(error: sqlx::Error) -> DbErr {
    DbErr::Conn(sea_orm::RuntimeErr::SqlxError(Arc::new(error)))
}

pub(super) async fn postgres(url: &SecretString, config: &Config) -> Result<DatabaseConnection, DbErr> {
    let timeout = config.limits.lock_timeout.as_millis().to_string();
    let options = PgConnectOptions::from_str(url.expose_secret())
        .map_err(connection_error)?
        .application_name("roster")
        .options([
            ("lock_timeout", timeout.as_str()),
            ("idle_in_transaction_session_timeout", "60000"),
        ]);
    // The pool hides why it cannot connect, and tries for a long time.
    tokio::time::timeout(config.acquire_timeout(), PgConnection::connect_with(&options))
        .await
        .map_err(|_| connection_error(sqlx::Error::PoolTimedOut))?
        .map_err(connection_error)?
        .close()
        .await
        .map_err(connection_error)?;
    let pool = PgPoolOptions::new()
        .max_connections(config.database.connections_max)
        .acquire_timeout(config.acquire_timeout())
        .after_release(|connection, _| {
            // sqlx gives a connection back inside an open transaction when a
            // `begin` is dropped half-way (its issue 4385). Outside of one,
            // ROLLBACK is a warning in the server's log, and it is told from
            // inside by the clock: `now()` stands still in a transaction.
            Box::pin(async move {
                let outside = connection.fetch_one("SELECT now() = statement_timestamp()").await;
                // A transaction that has failed answers nothing.
                let is_outside = outside.and_then(|row| row.try_get::<bool, _>(0)).unwrap_or(false);
                if !is_outside {
                    connection.execute("ROLLBACK").await?;
                }
                Ok(true)
            })
        })
        .connect_with(options)
        .await
        .map_err(connection_error)?;
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}

pub(super) async fn sqlite(
    url: &SecretString,
    config: &Config,
) -> Result<(DatabaseConnection, Option<DatabaseFile>), DbErr> {
    let options = SqliteConnectOptions::from_str(url.expose_secret())
        .map_err(connection_error)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // What was acknowledged survives a power cut.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(config.limits.lock_timeout)
        .foreign_keys(true);
    if let Some(folder) = options
        .get_filename()
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).map_err(|error| DbErr::Custom(format!("{}: {error}", folder.display())))?;
    }
    make_private(options.get_filename());
    let first = first_connection(&options, config.limits.lock_timeout).await?;
    let pool = SqlitePoolOptions::new()
        .max_connections(config.database.connections_max)
        .acquire_timeout(config.acquire_timeout())
        .connect_with(options)
        .await
        .map_err(connection_error)?;
    // Kept until here: whoever closes a file last takes it for itself.
    first.close().await.map_err(connection_error)?;
    let file = pool.connect_options();
    let file = DatabaseFile::at(file.get_filename()).map_err(|error| DbErr::Custom(error.to_string()))?;
    Ok((SqlxSqliteConnector::from_sqlx_sqlite_pool(pool), file))
}

/// Makes a new database file readable by its owner only; SQLite's own files
/// beside it follow. What fails here fails again, and is told, when the file is
/// opened.
fn make_private(file: &std::path::Path) {
    if is_memory(file) {
        return;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(file));
}

/// Opens the file, and brings a new one into WAL mode. SQLite does not wait for
/// another process that does the same at this moment; so we do.
async fn first_connection(options: &SqliteConnectOptions, patience: Duration) -> Result<SqliteConnection, DbErr> {
    const PAUSE: Duration = Duration::from_millis(20);
    let is_busy = |error: &sqlx::Error| {
        let code = error.as_database_error().and_then(|error| error.code());
        // The low byte is SQLITE_BUSY; the rest says why.
        code.and_then(|code| code.parse::<u32>().ok())
            .is_some_and(|code| code & 0xff == 5)
    };
    let begun = tokio::time::Instant::now();
    loop {
        match SqliteConnection::connect_with(options).await {
            Err(error) if is_busy(&error) && begun.elapsed() < patience => {
                tokio::time::sleep(PAUSE.mul_f64(0.5 + rand::random::<f64>())).await;
            }
            result => return result.map_err(connection_error),
        }
    }
}
