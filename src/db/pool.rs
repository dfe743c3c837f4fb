//! What is known of the pool of connections.

use std::time::{Duration, Instant};

use sea_orm::{DbBackend, SqlxPostgresConnector, SqlxSqliteConnector};
use sqlx::{Pool, postgres::PgPoolOptions, sqlite::SqlitePoolOptions};

use super::Db;

/// Time for a connection when its numbers are asked for.
const PATIENCE: Duration = Duration::from_secs(1);

impl Db {
    /// The same database over one connection of its own, opened when it is first
    /// needed: for who wants to know whether the database answers, also while all
    /// the others are in use.
    #[must_use]
    pub fn aside(&self) -> Self {
        let pool = match self.pool.get_database_backend() {
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
        Self { pool, ..self.clone() }
    }

    /// Publishes how many connections there are, and how long it takes to get one
    /// at this moment. Waits a second at most.
    pub async fn measure(&self) {
        match self.pool.get_database_backend() {
            DbBackend::Postgres => measure(self.pool.get_postgres_connection_pool()).await,
            _ => measure(self.pool.get_sqlite_connection_pool()).await,
        }
    }
}

async fn measure<D: sqlx::Database>(pool: &Pool<D>) {
    metrics::gauge!("database_connections_max").set(pool.options().get_max_connections());
    metrics::gauge!("database_connections").set(pool.size());
    metrics::gauge!("database_connections_idle").set(pool.num_idle() as f64);
    let begun = Instant::now();
    let connection = tokio::time::timeout(PATIENCE, pool.acquire()).await;
    metrics::gauge!("database_acquire_seconds").set(begun.elapsed().as_secs_f64());
    drop(connection);
}
