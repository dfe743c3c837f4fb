//! An empty database for one test, gone afterwards.

use std::{
    path::Path,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use tempfile::TempDir;
use tokio::sync::Mutex;
use url::Url;
use uuid::Uuid;

/// A database of its own for one test: a SQLite file, or a database on the
/// PostgreSQL server named by `TEST_DATABASE_URL`.
pub struct TestDatabase {
    folder: TempDir,
    url: String,
    /// Gone with this.
    _on_server: Option<ServerDatabase>,
    /// Kept for the next test.
    _template: Option<Arc<ServerDatabase>>,
    expects_failures: AtomicBool,
}

impl TestDatabase {
    /// Makes one without any table.
    pub async fn create() -> Self {
        match std::env::var("TEST_DATABASE_URL") {
            Ok(server) => Self::on_server(ServerDatabase::create(&server, None).await, None),
            Err(_) => Self::in_folder(),
        }
    }

    /// Makes one whose tables may be there already. On PostgreSQL a copy takes a
    /// fraction of the time of all the migrations.
    pub async fn migrated() -> Self {
        static TEMPLATE: Mutex<Weak<ServerDatabase>> = Mutex::const_new(Weak::new());
        let Ok(server) = std::env::var("TEST_DATABASE_URL") else {
            return Self::in_folder();
        };
        let mut shared = TEMPLATE.lock().await;
        let template = match shared.upgrade() {
            Some(template) => template,
            None => {
                let template = Arc::new(ServerDatabase::create(&server, None).await);
                let db = connect(&template.url).await;
                Migrator::up(&db, None).await.unwrap();
                db.close().await.unwrap();
                *shared = Arc::downgrade(&template);
                template
            }
        };
        drop(shared);
        let copy = ServerDatabase::create(&server, Some(&template)).await;
        Self::on_server(copy, Some(template))
    }

    fn in_folder() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            url: format!("sqlite://{}/roster.sqlite?mode=rwc", folder.path().display()),
            folder,
            _on_server: None,
            _template: None,
            expects_failures: AtomicBool::new(false),
        }
    }

    fn on_server(database: ServerDatabase, template: Option<Arc<ServerDatabase>>) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            url: database.url.clone(),
            _on_server: Some(database),
            _template: template,
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

/// A database on a PostgreSQL server, dropped with this.
struct ServerDatabase {
    server: String,
    name: String,
    url: String,
}

impl ServerDatabase {
    async fn create(server: &str, template: Option<&Self>) -> Self {
        let name = format!("roster_test_{}", Uuid::new_v4().simple());
        let source = template.map_or("template1", |template| &template.name);
        execute(server, &format!("CREATE DATABASE {name} TEMPLATE {source}")).await;
        let mut url = Url::parse(server).unwrap();
        url.set_path(&name);
        Self {
            server: server.to_owned(),
            name,
            url: url.into(),
        }
    }
}

impl Drop for ServerDatabase {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        block_on(async move { execute(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await });
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
