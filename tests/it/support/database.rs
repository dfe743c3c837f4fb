//! An empty database for one test, gone afterwards.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use tempfile::TempDir;
use url::Url;
use uuid::Uuid;

/// A database of its own for one test: a SQLite file, or a database on the
/// PostgreSQL server named by `TEST_DATABASE_URL`.
pub struct TestDatabase {
    folder: TempDir,
    url: String,
    /// Address of the server, and the name of the database on it.
    on_server: Option<(String, String)>,
    expects_failures: AtomicBool,
}

impl TestDatabase {
    /// Makes one.
    pub async fn create() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let Ok(server) = std::env::var("TEST_DATABASE_URL") else {
            let url = format!("sqlite://{}/roster.sqlite?mode=rwc", folder.path().display());
            return Self {
                folder,
                url,
                on_server: None,
                expects_failures: AtomicBool::new(false),
            };
        };
        let name = format!("roster_test_{}", Uuid::new_v4().simple());
        execute(&server, &format!("CREATE DATABASE {name}")).await;
        let mut url = Url::parse(&server).unwrap();
        url.set_path(&name);
        Self {
            folder,
            url: url.into(),
            on_server: Some((server, name)),
            expects_failures: AtomicBool::new(false),
        }
    }

    /// From here on work may be given up.
    pub fn expect_failures(&self) {
        self.expects_failures.store(true, Ordering::Relaxed);
    }

    /// Whether work may be given up.
    pub fn expects_failures(&self) -> bool {
        self.expects_failures.load(Ordering::Relaxed)
    }

    /// Address of the database.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// A folder that lives as long.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A new, small pool of connections.
    pub async fn connect(&self) -> DatabaseConnection {
        connect(&self.url).await
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some((server, name)) = self.on_server.take() {
            block_on(async move { execute(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await });
        }
    }
}

/// Waits for `work` in a thread and a runtime of its own: usable while dropping.
pub fn block_on<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let thread = std::thread::spawn(|| {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(work)
    });
    thread.join().unwrap()
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(2).sqlx_logging(false);
    Database::connect(options).await.unwrap()
}

async fn execute(url: &str, statement: &str) {
    let db = connect(url).await;
    db.execute_unprepared(statement).await.unwrap();
    db.close().await.unwrap();
}
