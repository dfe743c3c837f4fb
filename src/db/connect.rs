//! Opening a database: what is asked of every connection to it.

use std::{str::FromStr, sync::Arc, time::Duration};

use sea_orm::DbErr;
use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    Connection, SqliteConnection,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::{
    file::{DatabaseFile, is_memory},
    pool::{Pool, Source},
};
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

/// What is asked of PostgreSQL, unless the address says otherwise.
const UNLESS_GIVEN: [(&str, &str); 2] = [
    // Everything here is found by an index, and mostly in memory. As it comes,
    // PostgreSQL thinks of disks that turn, and rather reads a whole table of teams
    // for those of a page of members.
    ("random_page_cost", "1.1"),
    // Milliseconds after which a statement, and its locks, end with the connection of
    // who asked. As it comes, PostgreSQL only looks when it has an answer.
    ("client_connection_check_interval", "1000"),
];

pub(super) async fn postgres(url: &SecretString, config: &Config) -> Result<Pool, DbErr> {
    let timeout = config.limits.lock_timeout.as_millis().to_string();
    let mut options = PgConnectOptions::from_str(url.expose_secret())
        .map_err(connection_error)?
        .application_name("roster")
        .options([
            ("lock_timeout", timeout.as_str()),
            ("idle_in_transaction_session_timeout", "60000"),
        ]);
    let given = options.get_options().unwrap_or_default().to_owned();
    for (name, value) in UNLESS_GIVEN {
        if !given.contains(name) {
            options = options.options([(name, value)]);
        }
    }
    let pool = pool(Source::Postgres(Box::new(options)), config);
    // Whether there is a database at all.
    drop(pool.take().await?);
    Ok(pool)
}

fn pool(source: Source, config: &Config) -> Pool {
    let size = config.database.connections_max as usize;
    Pool::new(source, size, config.acquire_timeout())
}

pub(super) async fn sqlite(url: &SecretString, config: &Config) -> Result<(Pool, Option<DatabaseFile>), DbErr> {
    let options = SqliteConnectOptions::from_str(url.expose_secret())
        .map_err(connection_error)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // What was acknowledged survives a power cut.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(config.limits.lock_timeout)
        // Rows come from a thread of their own, which is not to wait, and be woken,
        // for every few of them.
        .row_buffer_size(1_000)
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
    let name = options.get_filename().to_owned();
    let pool = pool(Source::Sqlite(Box::new(options)), config);
    // Kept until there is another: whoever closes a file last takes it for itself.
    drop(pool.take().await?);
    first.close().await.map_err(connection_error)?;
    let file = DatabaseFile::at(&name).map_err(|error| DbErr::Custom(error.to_string()))?;
    Ok((pool, file))
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
