//! The database: connecting, beginning to write, and everything that SQLite
//! and PostgreSQL do differently.

mod notice;
mod pool;

use std::{
    ops::Deref,
    str::FromStr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, QuerySelect, Select,
    SqlErr, SqliteTransactionMode, SqlxPostgresConnector, SqlxSqliteConnector, Statement, TransactionOptions,
    TransactionTrait, Value,
    sea_query::{Expr, LockBehavior, LockType, postgres_array::NotU8},
};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    Connection, Executor, PgConnection, Row, SqliteConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::{
    config::{Config, DatabaseKind, UNKNOWN_DATABASE},
    error::{Code, Error, Result},
    telemetry::statements::{self, Tally},
};

pub use self::notice::{Listener, Notice};

tokio::task_local! {
    static RECORD: Arc<Mutex<Vec<Statement>>>;
}

/// Runs `work` and counts the SQL statements it sends, without BEGIN and COMMIT.
pub async fn counting_statements<F: Future>(work: F) -> (F::Output, u32) {
    let tally = Arc::new(Tally::default());
    let output = statements::counted(tally.clone(), work).await;
    (output, tally.count())
}

/// Runs `work` and keeps the SQL statements it sends, for a look at their plans.
pub async fn recording_statements<F: Future>(work: F) -> (F::Output, Vec<Statement>) {
    let record = Arc::new(Mutex::new(Vec::new()));
    let output = RECORD.scope(record.clone(), work).await;
    let statements = std::mem::take(&mut *record.lock().unwrap_or_else(PoisonError::into_inner));
    (output, statements)
}

/// A pool of connections. Reads go straight to it; writes through [`begin_write`].
#[derive(Clone, Debug)]
pub struct Db {
    pool: DatabaseConnection,
    /// SQLite has one writer at a time. Waiting for the turn here is fair and
    /// takes no connection from readers; PostgreSQL needs none of this.
    writer: Option<Arc<Semaphore>>,
    lock_timeout: Duration,
    wakers: Wakers,
    url: SecretString,
}

/// What this process has committed, that somebody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// Work was queued.
    Jobs,
    /// Changes were recorded.
    Outbox,
    /// Events were appended to a log.
    Events,
}

/// Those who wait for it.
#[derive(Clone, Debug, Default)]
struct Wakers {
    jobs: watch::Sender<()>,
    outbox: watch::Sender<()>,
    events: watch::Sender<()>,
}

impl Wakers {
    fn of(&self, wake: Wake) -> &watch::Sender<()> {
        match wake {
            Wake::Jobs => &self.jobs,
            Wake::Outbox => &self.outbox,
            Wake::Events => &self.events,
        }
    }
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
        let (mut pool, writer) = match DatabaseKind::of(&url) {
            Some(DatabaseKind::Postgres) => (postgres(&url, config).await?, None),
            Some(DatabaseKind::Sqlite) => (sqlite(&url, config).await?, Some(Arc::new(Semaphore::new(1)))),
            None => return Err(DbErr::Custom(UNKNOWN_DATABASE.into())),
        };
        let system = match pool.get_database_backend() {
            DbBackend::Postgres => "postgresql",
            _ => "sqlite",
        };
        pool.set_metric_callback(move |sent| {
            statements::note(&sent.statement.sql, system, sent.elapsed, sent.failed);
            let _ = RECORD.try_with(|record| {
                let mut record = record.lock().unwrap_or_else(PoisonError::into_inner);
                record.push(sent.statement.clone());
            });
        });
        Ok(Self {
            pool,
            writer,
            lock_timeout,
            wakers: Wakers::default(),
            url,
        })
    }

    /// Brings the schema up to date. Of several nodes that start at once, one
    /// does the work and the others wait for it.
    ///
    /// # Errors
    /// A step that fails; the steps before it stay done.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        // Of a newer version, the library would not go on. Nodes that are replaced
        // one by one may restart like that. A new database has no list of steps.
        let unknown = Migrator::unknown(&self.pool).await.unwrap_or_default();
        if !unknown.is_empty() && Migrator::is_done(&self.pool).await? {
            tracing::warn!(?unknown, "the database is of a newer version");
            return Ok(());
        }
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
        Migrator::is_done(&self.pool).await
    }

    /// Changes whenever this process has committed something of the kind.
    pub fn committed(&self, wake: Wake) -> watch::Receiver<()> {
        self.wakers.of(wake).subscribe()
    }

    /// Wakes those of this process who wait for it.
    pub fn wake(&self, wake: Wake) {
        self.wakers.of(wake).send_replace(());
    }

    /// Closes every connection once it is idle.
    pub async fn close(self) {
        // Only an error of the log: the process ends anyway.
        if let Err(error) = self.pool.close().await {
            tracing::warn!(%error, "closing the database");
        }
    }
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
    // The pool hides why it cannot connect, and tries for a long time.
    tokio::time::timeout(config.limits.request_timeout, PgConnection::connect_with(&options))
        .await
        .map_err(|_| connection_error(sqlx::Error::PoolTimedOut))?
        .map_err(connection_error)?
        .close()
        .await
        .map_err(connection_error)?;
    let pool = PgPoolOptions::new()
        .max_connections(config.database.connections_max)
        .acquire_timeout(config.limits.request_timeout)
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
    make_private(options.get_filename());
    let first = first_connection(&options, config.limits.lock_timeout).await?;
    let pool = SqlitePoolOptions::new()
        .max_connections(config.database.connections_max)
        .acquire_timeout(config.limits.request_timeout)
        .connect_with(options)
        .await
        .map_err(connection_error)?;
    // Kept until here: whoever closes a file last takes it for itself.
    first.close().await.map_err(connection_error)?;
    Ok(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
}

/// Makes a new database file readable by its owner only; SQLite's own files
/// beside it follow. What fails here fails again, and is told, when the file is
/// opened.
fn make_private(file: &std::path::Path) {
    // That is how a database in memory is called.
    if file.to_string_lossy().starts_with("file:") {
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

/// A transaction that may write. Dropping it rolls back.
#[derive(Debug)]
pub struct Write {
    tx: DatabaseTransaction,
    /// Given back after the transaction has ended: fields drop in order.
    _turn: Option<OwnedSemaphorePermit>,
    wakers: Wakers,
    once_true: Arc<Mutex<OnceTrue>>,
    /// Of what this is a part.
    whole: Option<Arc<Mutex<OnceTrue>>>,
}

/// What is done once a transaction has committed.
#[derive(Debug, Default)]
struct OnceTrue {
    woken: Vec<Wake>,
    counted: Vec<(metrics::Counter, u64)>,
}

impl Deref for Write {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.tx
    }
}

fn lock(once_true: &Mutex<OnceTrue>) -> MutexGuard<'_, OnceTrue> {
    once_true.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Write {
    /// Makes everything that was written true.
    pub async fn commit(self) -> Result<()> {
        self.tx.commit().await?;
        let OnceTrue { woken, counted } = std::mem::take(&mut *lock(&self.once_true));
        if let Some(whole) = &self.whole {
            let mut whole = lock(whole);
            whole.woken.extend(woken);
            whole.counted.extend(counted);
            return Ok(());
        }
        for wake in woken {
            self.wakers.of(wake).send_replace(());
        }
        for (counter, by) in counted {
            counter.increment(by);
        }
        Ok(())
    }

    /// Wakes those of this process who wait for it, when the transaction commits.
    pub fn wake(&self, wake: Wake) {
        let mut once_true = lock(&self.once_true);
        if !once_true.woken.contains(&wake) {
            once_true.woken.push(wake);
        }
    }

    /// Adds to a counter, when the transaction commits.
    pub fn count(&self, counter: metrics::Counter, by: u64) {
        lock(&self.once_true).counted.push((counter, by));
    }

    /// Takes back everything that was written.
    pub async fn rollback(self) -> Result<()> {
        Ok(self.tx.rollback().await?)
    }

    /// Begins a part that can be taken back alone. Committing it leaves it to
    /// the whole whether it becomes true.
    pub async fn part(&self) -> Result<Self> {
        Ok(Self {
            tx: self.tx.begin().await?,
            _turn: None,
            wakers: self.wakers.clone(),
            once_true: Arc::default(),
            whole: Some(self.once_true.clone()),
        })
    }

    /// Goes on with what passed its checks. A refusal ends the transaction, and
    /// what was written until then stands: the count of the attempt.
    ///
    /// # Errors
    /// What the checks said.
    pub async fn unless_refused<T>(self, checked: Result<T>) -> Result<(Self, T)> {
        match checked {
            Ok(value) => Ok((self, value)),
            Err(error) => {
                if matches!(error, Error::Refused(_)) {
                    self.commit().await?;
                }
                Err(error)
            }
        }
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
        wakers: db.wakers.clone(),
        once_true: Arc::default(),
        whole: None,
    })
}

/// Locks the rows of `query` until the transaction ends. On SQLite writers
/// already take turns. Weaker than a deletion's lock, so that rows elsewhere
/// can still refer to these.
pub trait ForUpdate {
    /// The same query, locking what it finds.
    #[must_use]
    fn for_update(self) -> Self;

    /// The same query. What it finds can be changed, but not deleted.
    #[must_use]
    fn kept(self) -> Self;

    /// The same query, locking what it finds also against [`ForUpdate::kept`].
    #[must_use]
    fn for_deletion(self) -> Self;
}

impl<E: sea_orm::EntityTrait> ForUpdate for Select<E> {
    fn for_update(self) -> Self {
        self.lock(LockType::NoKeyUpdate)
    }

    fn kept(self) -> Self {
        self.lock(LockType::KeyShare)
    }

    fn for_deletion(self) -> Self {
        self.lock(LockType::Update)
    }
}

/// Locks the rows of `query` that nobody else has locked, and leaves out the
/// others. On SQLite writers already take turns.
pub trait SkipLocked {
    /// The same query, locking what it finds.
    #[must_use]
    fn skip_locked(self) -> Self;
}

impl<E: sea_orm::EntityTrait> SkipLocked for Select<E> {
    fn skip_locked(self) -> Self {
        self.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
    }
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
