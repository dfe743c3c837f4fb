//! The database: connecting, beginning to write, and everything that SQLite
//! and PostgreSQL do differently.

use std::{
    ops::Deref,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, QuerySelect, Select,
    SqlErr, SqliteTransactionMode, SqlxPostgresConnector, SqlxSqliteConnector, TransactionOptions, TransactionTrait,
    Value,
    sea_query::{Expr, LockBehavior, LockType, postgres_array::NotU8},
};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    Executor,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    config::Config,
    error::{Code, Error, Result},
};

tokio::task_local! {
    static STATEMENTS: Arc<AtomicU32>;
}

/// Runs `work` and counts the SQL statements it sends, without BEGIN and COMMIT.
pub async fn counting_statements<F: Future>(work: F) -> (F::Output, u32) {
    let counter = Arc::new(AtomicU32::new(0));
    let output = STATEMENTS.scope(counter.clone(), work).await;
    (output, counter.load(Ordering::Relaxed))
}

/// Carries the statement count of this task into one that it spawns.
pub fn counting_here<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let counter = STATEMENTS.try_with(Arc::clone).unwrap_or_default();
    STATEMENTS.scope(counter, work)
}

/// A pool of connections. Reads go straight to it; writes through [`begin_write`].
#[derive(Clone, Debug)]
pub struct Db {
    pool: DatabaseConnection,
    /// SQLite has one writer at a time. Waiting for the turn here is fair and
    /// takes no connection from readers; PostgreSQL needs none of this.
    writer: Option<Arc<Semaphore>>,
    lock_timeout: Duration,
}

impl Deref for Db {
    type Target = DatabaseConnection;

    fn deref(&self) -> &DatabaseConnection {
        &self.pool
    }
}

impl Db {
    /// Opens the configured database. An SQLite file is created if it is missing.
    ///
    /// # Errors
    /// A malformed or unknown address, a database that does not answer.
    pub async fn connect(config: &Config) -> Result<Self, DbErr> {
        let url = config.database_url();
        let lock_timeout = config.limits.lock_timeout;
        let (mut pool, writer) = if is_postgres(&url) {
            (postgres(&url, config).await?, None)
        } else {
            (sqlite(&url, config).await?, Some(Arc::new(Semaphore::new(1))))
        };
        pool.set_metric_callback(|_| {
            // Outside a counted request nobody listens.
            let _ = STATEMENTS.try_with(|counter| counter.fetch_add(1, Ordering::Relaxed));
        });
        Ok(Self {
            pool,
            writer,
            lock_timeout,
        })
    }

    /// Brings the schema up to date. Of several nodes that start at once, one
    /// does the work and the others wait for it.
    ///
    /// # Errors
    /// A step that fails; the steps before it stay done.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        let options = self.write_options();
        let tx = self.pool.begin_with_options(options).await?;
        if self.pool.get_database_backend() == DbBackend::Postgres {
            // Waits as long as the other node needs. Any number will do that
            // nobody else takes; the lock ends with the transaction, so a
            // killed node leaves nothing behind.
            tx.execute_unprepared("SET LOCAL lock_timeout = 0").await?;
            tx.execute_unprepared("SELECT pg_advisory_xact_lock(90599233283442)")
                .await?;
        }
        Migrator::up(&tx, None).await?;
        tx.commit().await
    }

    /// On SQLite a transaction that may write takes the write lock at once: one
    /// that reads first fails when another came between.
    fn write_options(&self) -> TransactionOptions {
        TransactionOptions {
            sqlite_transaction_mode: self.writer.is_some().then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        }
    }

    /// Whether the database answers and has every migration.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn is_ready(&self) -> Result<bool, DbErr> {
        Ok(Migrator::get_pending_migrations(&self.pool).await?.is_empty())
    }

    /// Closes every connection once it is idle.
    pub async fn close(self) {
        // Only an error of the log: the process ends anyway.
        if let Err(error) = self.pool.close().await {
            tracing::warn!(%error, "closing the database");
        }
    }
}

fn is_postgres(url: &SecretString) -> bool {
    let url = url.expose_secret();
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// Never carries the address: it may hold a password.
fn connection_error(error: sqlx::Error) -> DbErr {
    DbErr::Conn(sea_orm::RuntimeErr::SqlxError(Arc::new(error)))
}

async fn postgres(url: &SecretString, config: &Config) -> Result<DatabaseConnection, DbErr> {
    let timeout = config.limits.lock_timeout.as_millis().to_string();
    let options = PgConnectOptions::from_str(url.expose_secret())
        .map_err(connection_error)?
        .application_name("roster")
        .options([
            ("lock_timeout", timeout.as_str()),
            ("idle_in_transaction_session_timeout", "60000"),
        ]);
    let pool = PgPoolOptions::new()
        .max_connections(config.database.connections_max)
        .acquire_timeout(config.limits.request_timeout)
        .after_release(|connection, _| {
            // sqlx gives a connection back inside an open transaction when a
            // `begin` is dropped half-way (its issue 4385). Outside of one,
            // this does nothing but a warning on the server.
            Box::pin(async move {
                connection.execute("ROLLBACK").await?;
                Ok(true)
            })
        })
        .connect_with(options)
        .await
        .map_err(connection_error)?;
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}

async fn sqlite(url: &SecretString, config: &Config) -> Result<DatabaseConnection, DbErr> {
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
    let pool = SqlitePoolOptions::new()
        .max_connections(config.database.connections_max)
        .acquire_timeout(config.limits.request_timeout)
        .connect_with(options)
        .await
        .map_err(connection_error)?;
    Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
}

/// A transaction that may write. Dropping it rolls back.
#[derive(Debug)]
pub struct Write {
    tx: DatabaseTransaction,
    /// Given back after the transaction has ended: fields drop in order.
    _turn: Option<OwnedSemaphorePermit>,
}

impl Deref for Write {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.tx
    }
}

impl Write {
    /// Makes everything that was written true.
    pub async fn commit(self) -> Result<()> {
        Ok(self.tx.commit().await?)
    }
}

/// Begins to write.
///
/// # Errors
/// `LOCK_TIMEOUT` when other writers take too long.
pub async fn begin_write(db: &Db) -> Result<Write> {
    let turn = match &db.writer {
        None => None,
        Some(writer) => Some(
            tokio::time::timeout(db.lock_timeout, writer.clone().acquire_owned())
                .await
                .map_err(|_| Error::from(Code::LockTimeout))?
                .map_err(Error::internal)?,
        ),
    };
    Ok(Write {
        tx: db.pool.begin_with_options(db.write_options()).await?,
        _turn: turn,
    })
}

/// Locks the rows of `query` until the transaction ends. On SQLite writers
/// already take turns. Weaker than a deletion's lock, so that rows elsewhere
/// can still refer to these.
pub trait ForUpdate {
    /// The same query, locking what it finds.
    #[must_use]
    fn for_update(self) -> Self;
}

impl<E: sea_orm::EntityTrait> ForUpdate for Select<E> {
    fn for_update(self) -> Self {
        self.lock(LockType::NoKeyUpdate)
    }
}

/// The same as [`ForUpdate::for_update`], leaving out what others have locked.
pub fn skip_locked<E: sea_orm::EntityTrait>(query: Select<E>) -> Select<E> {
    query.lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked)
}

/// Translates a violated uniqueness into a refusal of ours.
pub fn on_conflict<T>(result: Result<T, DbErr>, refusal: impl Into<Error>) -> Result<T> {
    result.map_err(|error| match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => refusal.into(),
        _ => error.into(),
    })
}

/// `column` is one of `values`. PostgreSQL takes one array, so that the
/// statement is always the same; SQLite a list, padded so that there are few
/// different ones.
pub fn any_of<V>(backend: DbBackend, column: impl ColumnTrait, values: impl IntoIterator<Item = V>) -> Expr
where
    V: Into<Value> + NotU8 + Clone,
{
    let mut values: Vec<V> = values.into_iter().collect();
    if backend == DbBackend::Postgres {
        return column.eq_any(values);
    }
    if let Some(last) = values.last().cloned() {
        values.resize(values.len().next_power_of_two(), last);
    }
    column.is_in(values)
}
