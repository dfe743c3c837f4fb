//! The pool of connections: who gets one, and what is known of it.
//!
//! The pool of the `sqlx` crate asks the database several times for each
//! connection that it lends, before and after, which takes as long as most of our
//! statements. What it would find out is known here: a connection that was just
//! used still answers, and one that was given up in the middle of something says so.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use deadpool::managed::{self, Manager, Metrics, Object, PoolError, QueueMode, RecycleError, RecycleResult};
use futures_util::FutureExt;
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult,
    SqlxPostgresConnector, SqlxSqliteConnector, Statement,
};
use sqlx::{
    PgConnection, SqliteConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};
use tokio::{sync::OwnedSemaphorePermit, time::timeout};

use super::{
    Db, Opened,
    connect::connection_error,
    connection::Connection,
    failure::{is_locked, is_lost, noted},
};
use crate::telemetry::statements;

/// Time for a connection when its numbers are asked for.
const PATIENCE: Duration = Duration::from_secs(1);

/// Part of the connections that one operation may use at a time, so that a dear
/// one does not keep all others waiting.
const SHARE_OF_OPERATION: usize = 3;

/// How long a connection may have been idle before it is asked whether it still
/// answers.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// How long it may take to answer that.
const ANSWERS_WITHIN: Duration = Duration::from_secs(2);

/// How long a connection to PostgreSQL that was given up may take to end what it is
/// in the middle of. It is closed then, which the server notices and stops.
const ENDS_WITHIN: Duration = Duration::from_millis(500);

/// The same for a file of SQLite, where nobody would notice.
const FILE_ENDS_WITHIN: Duration = Duration::from_secs(60);

/// How old a connection to PostgreSQL gets: its memory there only grows.
const AGE_MAX: Duration = Duration::from_secs(30 * 60);

/// How long a connection to PostgreSQL is kept that nobody uses.
const IDLE_MAX: Duration = Duration::from_secs(10 * 60);

/// Where connections come from.
#[derive(Clone)]
pub(super) enum Source {
    /// A server.
    Postgres(Box<PgConnectOptions>),
    /// A file.
    Sqlite(Box<SqliteConnectOptions>),
}

impl Source {
    pub(super) fn backend(&self) -> DbBackend {
        match self {
            Self::Postgres(_) => DbBackend::Postgres,
            Self::Sqlite(_) => DbBackend::Sqlite,
        }
    }

    /// A connection for migrations, which know only those of the ORM.
    pub(super) fn for_migrations(&self) -> DatabaseConnection {
        match self {
            Self::Postgres(options) => {
                let pool = PgPoolOptions::new().max_connections(1);
                SqlxPostgresConnector::from_sqlx_postgres_pool(pool.connect_lazy_with((**options).clone()))
            }
            Self::Sqlite(options) => {
                let pool = SqlitePoolOptions::new().max_connections(1);
                SqlxSqliteConnector::from_sqlx_sqlite_pool(pool.connect_lazy_with((**options).clone()))
            }
        }
    }
}

/// Opens connections, and knows which are no good any more.
pub(super) struct Opener {
    source: Source,
    /// When one was last found to be lost: all that are older will be, too.
    lost_at: Mutex<Option<Instant>>,
}

impl Opener {
    fn new(source: Source) -> Self {
        let lost_at = Mutex::default();
        Self { source, lost_at }
    }

    fn lost_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.lost_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection does not answer any more.
    fn lose(&self) {
        *self.lost_at() = Some(Instant::now());
    }

    /// Whether one was lost since a connection was lent.
    fn has_lost_since(&self, metrics: &Metrics) -> bool {
        self.lost_at().is_some_and(|at| at.elapsed() <= metrics.last_used())
    }
}

impl Manager for Opener {
    type Type = Connection;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<Connection, sqlx::Error> {
        use sqlx::Connection as _;
        // In a box: it takes ten thousand bytes, which the future of every statement
        // would hold in case there has to be another connection.
        let connecting = async {
            match &self.source {
                Source::Postgres(options) => PgConnection::connect_with(options).await.map(Connection::Postgres),
                Source::Sqlite(options) => SqliteConnection::connect_with(options).await.map(Connection::Sqlite),
            }
        };
        connecting.boxed().await
    }

    async fn recycle(&self, connection: &mut Connection, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        // A file does not go away.
        if let Source::Sqlite(_) = self.source {
            return Ok(());
        }
        if metrics.age() > AGE_MAX || self.has_lost_since(metrics) {
            return Err(RecycleError::message("it is old, or lost"));
        }
        if metrics.last_used() > TRUSTED_FOR {
            let answer = timeout(ANSWERS_WITHIN, connection.ping()).await;
            if !matches!(answer, Ok(Ok(()))) {
                self.lose();
                return Err(RecycleError::message("it does not answer"));
            }
        }
        Ok(())
    }
}

/// Who may use a connection now.
#[derive(Clone)]
pub(super) struct Pool {
    connections: managed::Pool<Opener>,
    per_operation: usize,
    patience: Duration,
}

/// Addresses may hold passwords.
impl fmt::Debug for Pool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Pool").finish_non_exhaustive()
    }
}

impl Pool {
    /// Of so many connections, none of which is opened yet. `patience` is how long
    /// one may take.
    pub(super) fn new(source: Source, size: usize, patience: Duration) -> Self {
        let is_remote = matches!(source, Source::Postgres(_));
        let connections = managed::Pool::builder(Opener::new(source))
            .max_size(size)
            // Few are used when there is little to do, and those have their
            // statements prepared.
            .queue_mode(QueueMode::Lifo)
            .build()
            .expect("nothing is asked for that needs a runtime");
        if is_remote {
            tokio::spawn(close_idle(connections.weak()));
        }
        Self {
            connections,
            per_operation: (size / SHARE_OF_OPERATION).max(1),
            patience,
        }
    }

    /// Another one to the same database.
    fn of_size(&self, size: usize) -> Self {
        Self::new(self.source().clone(), size, self.patience)
    }

    pub(super) fn source(&self) -> &Source {
        &self.connections.manager().source
    }

    /// Waits for a connection, and tells the operation that runs here how long.
    ///
    /// # Errors
    /// None became free in time, or there is no way to the database.
    pub(super) async fn take(&self) -> Result<Held, DbErr> {
        let begun = Instant::now();
        // Whatever it takes: a turn, one after the other that does not answer, and a
        // new one.
        let taken = timeout(self.patience, self.connections.get()).await;
        statements::waited(begun.elapsed());
        match taken {
            Ok(Ok(connection)) => Ok(Held::new(connection)),
            Ok(Err(PoolError::Backend(error))) => Err(noted(connection_error(error))),
            _ => Err(noted(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))),
        }
    }

    /// A connection for one statement of an operation.
    async fn lend(&self) -> Result<(Option<OwnedSemaphorePermit>, Held), DbErr> {
        let turn = statements::turn(self.per_operation).await;
        Ok((turn, self.take().await?))
    }

    /// Ends every connection that is idle, and all others when they become so.
    pub(super) async fn close(&self) {
        let idle = self.connections.retain(|_, _| false).removed;
        self.connections.close();
        for connection in idle {
            connection.close().await;
        }
    }
}

/// Closes connections that nobody has used for long, until the pool is gone.
async fn close_idle(pool: managed::WeakPool<Opener>) {
    loop {
        tokio::time::sleep(IDLE_MAX / 10).await;
        let Some(pool) = pool.upgrade().filter(|pool| !pool.is_closed()) else {
            return;
        };
        pool.retain(|_, metrics| metrics.last_used() < IDLE_MAX);
    }
}

/// A connection in use. It is given back when this is dropped: at once, or when it
/// has ended what it is in the middle of.
pub(super) struct Held {
    /// None once it is given back otherwise.
    connection: Option<Object<Opener>>,
    /// What it has to end if nobody waits for it any more.
    pub(super) unended: Unended,
    /// The turn to write, which ends with the transaction.
    pub(super) turn: Option<OwnedSemaphorePermit>,
}

/// What a connection is in the middle of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unended {
    Nothing,
    /// An answer was not read to its end.
    Statement,
    /// Whatever else, a transaction was begun.
    Transaction,
    /// It asks for a lock, and does not wait as it should otherwise.
    Lock,
}

impl fmt::Debug for Held {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Held")
            .field("unended", &self.unended)
            .finish_non_exhaustive()
    }
}

impl Held {
    fn new(connection: Object<Opener>) -> Self {
        Self {
            connection: Some(connection),
            unended: Unended::Nothing,
            turn: None,
        }
    }

    /// Runs a statement.
    ///
    /// # Errors
    /// Those of the statement.
    pub(super) async fn run<T>(
        &mut self,
        statement: impl AsyncFnOnce(&mut Connection) -> Result<T, DbErr>,
    ) -> Result<T, DbErr> {
        let Some(connection) = &mut self.connection else {
            return Err(DbErr::Custom("the connection was given back".into()));
        };
        let before = self.unended;
        self.unended = before.max(Unended::Statement);
        let result = statement(connection).await;
        self.unended = before;
        if result.as_ref().is_err_and(is_lost) {
            self.lose();
        }
        result.map_err(noted)
    }

    /// Begins a transaction that may write. On SQLite it takes the write lock at
    /// once: one that reads first fails when another came between.
    ///
    /// # Errors
    /// Others write for longer than `patience`.
    pub(super) async fn begin(&mut self, backend: DbBackend, patience: Duration) -> Result<(), DbErr> {
        if backend == DbBackend::Sqlite {
            self.take_write_lock(patience).await?;
            self.unended = Unended::Transaction;
            return Ok(());
        }
        self.unended = Unended::Transaction;
        let begun = self.say("BEGIN").await;
        if begun.is_err() {
            self.unended = Unended::Nothing;
        }
        begun
    }

    /// Waits for other processes that write. SQLite would ask for the lock ever
    /// more seldom, ten times a second in the end, and find it taken again by
    /// whoever writes much; so we ask, and all the same often.
    async fn take_write_lock(&mut self, patience: Duration) -> Result<(), DbErr> {
        const PAUSE: Duration = Duration::from_millis(2);
        let usual = patience.as_millis();
        let sql = format!("PRAGMA busy_timeout = 0; BEGIN IMMEDIATE; PRAGMA busy_timeout = {usual}");
        let begun = Instant::now();
        self.unended = Unended::Lock;
        loop {
            let result = self.say(&sql).await;
            if !result.as_ref().is_err_and(is_locked) || begun.elapsed() >= patience {
                statements::waited(begun.elapsed());
                return result;
            }
            tokio::time::sleep(PAUSE.mul_f64(0.5 + rand::random::<f64>())).await;
        }
    }

    /// Sends what has no values and no answer.
    async fn say(&mut self, sql: &str) -> Result<(), DbErr> {
        self.run(async |connection| connection.execute_unprepared(sql.to_owned()).await.map(drop))
            .await
    }

    /// Ends the connection, which does not answer any more. Others that were lent
    /// before will not either.
    fn lose(&mut self) {
        self.unended = Unended::Nothing;
        if let Some(connection) = self.connection.take() {
            if let Some(pool) = Object::pool(&connection) {
                pool.manager().lose();
            }
            drop(Object::take(connection));
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.unended == Unended::Nothing {
            return;
        }
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        let runtime = tokio::runtime::Handle::try_current();
        let Some(runtime) = runtime.ok().filter(|_| self.unended != Unended::Lock) else {
            drop(Object::take(connection));
            return;
        };
        let (is_open, turn) = (self.unended == Unended::Transaction, self.turn.take());
        let is_begun = is_open && connection.begin_rollback();
        let patience = match *connection {
            Connection::Postgres(_) => ENDS_WITHIN,
            Connection::Sqlite(_) => FILE_ENDS_WITHIN,
        };
        // Its place in the pool stays taken until it is free: who hangs up again
        // and again does not get more connections than others.
        let mut ending = Ending(Some(connection));
        runtime.spawn(async move {
            if matches!(timeout(patience, ending.end(is_open && !is_begun)).await, Ok(true)) {
                drop(ending.0.take());
            }
            drop(turn);
        });
    }
}

/// A connection that ends what it is in the middle of. It is closed when this is
/// dropped before it has.
struct Ending(Option<Object<Opener>>);

impl Ending {
    /// Whether others can use it then.
    async fn end(&mut self, is_open: bool) -> bool {
        match &mut self.0 {
            Some(connection) if is_open => connection.execute_unprepared("ROLLBACK".into()).await.is_ok(),
            Some(connection) => connection.ping().await.is_ok(),
            None => false,
        }
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        drop(self.0.take().map(Object::take));
    }
}

/// Statements outside of a transaction.
#[async_trait::async_trait]
impl ConnectionTrait for Db {
    fn get_database_backend(&self) -> DbBackend {
        self.backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let (_turn, mut held) = self.0.pool.lend().await?;
        held.run(async |connection| connection.execute(statement).await).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let (_turn, mut held) = self.0.pool.lend().await?;
        held.run(async |connection| connection.execute_unprepared(sql.to_owned()).await)
            .await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let (_turn, mut held) = self.0.pool.lend().await?;
        held.run(async |connection| connection.query_one(statement).await).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let (_turn, mut held) = self.0.pool.lend().await?;
        held.run(async |connection| connection.query_all(statement).await).await
    }
}

impl Db {
    /// Which database it is.
    pub fn backend(&self) -> DbBackend {
        self.0.pool.source().backend()
    }

    /// The same database over one connection of its own, opened when it is first
    /// needed: for who wants to know whether the database answers, also while all
    /// the others are in use.
    #[must_use]
    pub fn aside(&self) -> Self {
        Self(Arc::new(Opened {
            pool: self.0.pool.of_size(1),
            ..Opened::clone(&self.0)
        }))
    }

    /// Publishes how many connections there are, and how long it takes to get one
    /// at this moment. Waits a second at most.
    pub async fn measure(&self) {
        let begun = Instant::now();
        let connection = timeout(PATIENCE, self.0.pool.connections.get()).await;
        metrics::gauge!("database_acquire_seconds").set(begun.elapsed().as_secs_f64());
        drop(connection);
        let status = self.0.pool.connections.status();
        metrics::gauge!("database_connections_max").set(status.max_size as f64);
        metrics::gauge!("database_connections").set(status.size as f64);
        metrics::gauge!("database_connections_idle").set(status.available as f64);
    }
}
