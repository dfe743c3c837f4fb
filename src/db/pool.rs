//! The pool of connections: who gets one, and what is known of it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, SqlxPostgresConnector,
    SqlxSqliteConnector, Statement,
};
use sqlx::{Pool, postgres::PgPoolOptions, sqlite::SqlitePoolOptions};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Db, failure};
use crate::{config::Config, telemetry::statements};

/// Time for a connection when its numbers are asked for.
const PATIENCE: Duration = Duration::from_secs(1);

/// Part of the connections that one operation may use at a time, so that a dear
/// one does not keep all others waiting.
const SHARE_OF_OPERATION: usize = 3;

/// Who may use a connection now. The pool would let people wait as well, but does
/// not tell how long they did.
#[derive(Clone, Debug)]
pub(super) struct Slots {
    free: Arc<Semaphore>,
    per_operation: usize,
    patience: Duration,
}

impl Slots {
    pub(super) fn new(config: &Config) -> Self {
        let all = config.database.connections_max as usize;
        Self {
            free: Arc::new(Semaphore::new(all)),
            per_operation: (all / SHARE_OF_OPERATION).max(1),
            patience: config.acquire_timeout(),
        }
    }

    /// Waits for a connection, and tells the operation that runs here how long.
    ///
    /// # Errors
    /// None became free in time.
    pub(super) async fn take(&self) -> Result<OwnedSemaphorePermit, DbErr> {
        let begun = Instant::now();
        let taken = tokio::time::timeout(self.patience, self.free.clone().acquire_owned()).await;
        statements::waited(begun.elapsed());
        let Ok(Ok(slot)) = taken else {
            return Err(failure::noted(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)));
        };
        Ok(slot)
    }

    /// Runs a statement that takes a connection for itself.
    async fn run<T>(&self, statement: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        let _turn = statements::turn(self.per_operation).await;
        let _slot = self.take().await?;
        statement.await.map_err(failure::noted)
    }
}

/// Statements outside of a transaction.
#[async_trait::async_trait]
impl ConnectionTrait for Db {
    fn get_database_backend(&self) -> DbBackend {
        self.backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.slots.run(self.pool.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.slots.run(self.pool.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.slots.run(self.pool.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.slots.run(self.pool.query_all_raw(statement)).await
    }
}

impl Db {
    /// Which database it is.
    pub fn backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    /// The same database over one connection of its own, opened when it is first
    /// needed: for who wants to know whether the database answers, also while all
    /// the others are in use.
    #[must_use]
    pub fn aside(&self) -> Self {
        let pool = match self.backend() {
            DbBackend::Postgres => {
                let shared = self.pool.get_postgres_connection_pool();
                let options = PgPoolOptions::new().max_connections(1);
                let own = options.connect_lazy_with((*shared.connect_options()).clone());
                SqlxPostgresConnector::from_sqlx_postgres_pool(own)
            }
            _ => {
                let shared = self.pool.get_sqlite_connection_pool();
                let options = SqlitePoolOptions::new().max_connections(1);
                let own = options.connect_lazy_with((*shared.connect_options()).clone());
                SqlxSqliteConnector::from_sqlx_sqlite_pool(own)
            }
        };
        let slots = Slots {
            free: Arc::new(Semaphore::new(1)),
            ..self.slots.clone()
        };
        Self {
            pool,
            slots,
            ..self.clone()
        }
    }

    /// Publishes how many connections there are, and how long it takes to get one
    /// at this moment. Waits a second at most.
    pub async fn measure(&self) {
        let begun = Instant::now();
        let slot = tokio::time::timeout(PATIENCE, self.slots.free.acquire()).await;
        metrics::gauge!("database_acquire_seconds").set(begun.elapsed().as_secs_f64());
        drop(slot);
        match self.backend() {
            DbBackend::Postgres => count(self.pool.get_postgres_connection_pool()),
            _ => count(self.pool.get_sqlite_connection_pool()),
        }
    }
}

fn count<D: sqlx::Database>(pool: &Pool<D>) {
    metrics::gauge!("database_connections_max").set(pool.options().get_max_connections());
    metrics::gauge!("database_connections").set(pool.size());
    metrics::gauge!("database_connections_idle").set(pool.num_idle() as f64);
}
