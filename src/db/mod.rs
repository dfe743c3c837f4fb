//! The database: connecting, beginning to write, and everything that SQLite
//! and PostgreSQL do differently.

mod connect;
mod connection;
mod failure;
mod file;
mod notice;
mod pool;
mod write;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use entity::FromColumns;
use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, QueryResult, QuerySelect, Select, SqlErr, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait, Value,
    sea_query::{Expr, LockBehavior, LockType, SelectStatement, postgres_array::NotU8},
};
use secrecy::SecretString;
use tokio::sync::{Semaphore, watch};

pub use self::{
    connect::check,
    notice::{Listener, Notice},
    write::{Write, begin_write},
};
use self::{file::DatabaseFile, pool::Pool};
use crate::{
    config::{Config, DatabaseKind, UNKNOWN_DATABASE},
    error::{Error, Result},
    telemetry::statements::{self, Tally},
};

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

/// Keeps a statement for whoever looks at their plans.
fn record(statement: &Statement) {
    let _ = RECORD.try_with(|record| {
        let mut record = record.lock().unwrap_or_else(PoisonError::into_inner);
        record.push(statement.clone());
    });
}

/// A pool of connections. Reads go straight to it; writes through [`begin_write`].
/// Every lookup of every request holds one, so that it is cheap to clone.
#[derive(Clone, Debug)]
pub struct Db(Arc<Opened>);

/// What is known of a database that was opened.
#[derive(Clone, Debug)]
struct Opened {
    pool: Pool,
    /// SQLite has one writer at a time. Waiting for the turn here is fair and
    /// takes no connection from readers; PostgreSQL needs none of this.
    writer: Option<Arc<Semaphore>>,
    /// Of SQLite, unless it is in memory.
    file: Option<DatabaseFile>,
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

impl Db {
    /// Opens the configured database. An SQLite file is created if it is missing.
    ///
    /// # Errors
    /// A malformed or unknown address, a database that does not answer.
    pub async fn connect(config: &Config) -> Result<Self, DbErr> {
        let url = config.database_url();
        let lock_timeout = config.limits.lock_timeout;
        let (pool, writer, file) = match DatabaseKind::of(&url) {
            Some(DatabaseKind::Postgres) => (connect::postgres(&url, config).await?, None, None),
            Some(DatabaseKind::Sqlite) => {
                let (pool, file) = connect::sqlite(&url, config).await?;
                (pool, Some(Arc::new(Semaphore::new(1))), file)
            }
            None => return Err(DbErr::Custom(UNKNOWN_DATABASE.into())),
        };
        Ok(Self(Arc::new(Opened {
            pool,
            writer,
            file,
            lock_timeout,
            wakers: Wakers::default(),
            url,
        })))
    }

    /// Brings the schema up to date. Of several nodes that start at once, one
    /// does the work and the others wait for it.
    ///
    /// # Errors
    /// A step that fails; the steps before it stay done.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        // Of a newer version, the library would not go on. Nodes that are replaced
        // one by one may restart like that. A new database has no list of steps.
        let unknown = Migrator::unknown(self).await.unwrap_or_default();
        if !unknown.is_empty() && Migrator::is_done(self).await? {
            tracing::warn!(?unknown, "the database is of a newer version");
            return Ok(());
        }
        // Also on SQLite nobody else may begin meanwhile.
        let options = TransactionOptions {
            sqlite_transaction_mode: self.0.writer.is_some().then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let connection = self.0.pool.source().for_migrations();
        let tx = connection.begin_with_options(options).await?;
        if self.backend() == DbBackend::Postgres {
            // Waits as long as the other node needs. Any number will do that
            // nobody else takes; the lock ends with the transaction, so a
            // killed node leaves nothing behind.
            tx.execute_unprepared("SET LOCAL lock_timeout = 0").await?;
            tx.execute_unprepared("SELECT pg_advisory_xact_lock(90599233283442)")
                .await?;
        }
        Migrator::up(&tx, None).await?;
        tx.commit().await?;
        connection.close().await
    }

    /// Whether the database answers and has every migration.
    ///
    /// # Errors
    /// When it does not answer, or is not where it was opened any more.
    pub async fn is_ready(&self) -> Result<bool, DbErr> {
        if let Some(file) = &self.0.file {
            file.check()?;
        }
        Migrator::is_done(self).await
    }

    /// Changes whenever this process has committed something of the kind.
    pub fn committed(&self, wake: Wake) -> watch::Receiver<()> {
        self.0.wakers.of(wake).subscribe()
    }

    /// Wakes those of this process who wait for it.
    pub fn wake(&self, wake: Wake) {
        self.0.wakers.of(wake).send_replace(());
    }

    /// Closes every connection once it is idle.
    pub async fn close(self) {
        self.0.pool.close().await;
    }
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

/// The rows that a query of one entity finds.
pub async fn rows<M: FromColumns>(db: &impl ConnectionTrait, query: &SelectStatement) -> Result<Vec<M>, DbErr> {
    let rows = db.query_all(query).await?;
    rows.iter().map(|row| M::from_columns(row, 0)).collect()
}

/// The rows that a query of two entities finds, of which the second may be absent.
pub async fn pairs<M, N>(db: &impl ConnectionTrait, query: &SelectStatement) -> Result<Vec<(M, Option<N>)>, DbErr>
where
    M: FromColumns,
    N: FromColumns,
{
    let rows = db.query_all(query).await?;
    let pair = |row: &QueryResult| Ok((M::from_columns(row, 0)?, N::from_columns_optional(row, M::COUNT)?));
    rows.iter().map(pair).collect()
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
