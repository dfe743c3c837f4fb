//! The scene of every test: a running server, people who call it, and a look
//! into its database. Helpers that reach past the API begin with `db_`.

mod client;
pub mod database;
mod db;
mod event_stream;
mod provider;
mod reply;
mod scene;
mod smtp;
mod socket;

use std::{net::SocketAddr, path::PathBuf, sync::Arc, thread::JoinHandle, time::Duration};

use roster::config::{Config, MailTransport, RoleSetting};
use sea_orm::{DatabaseConnection, EntityTrait, QueryFilter, prelude::*};
use tokio_util::sync::CancellationToken;

pub use client::Client;
pub use database::TestDatabase;
pub use db::row;
pub use event_stream::EventStream;
pub use provider::{Manner, Provider, published};
pub use reply::Reply;
pub use scene::{Invite, Organization};
pub use smtp::{Reaction, Received, Security, SmtpServer};
pub use socket::Socket;

/// `iss` of the tokens that the test server accepts.
pub const ISSUER: &str = "https://id.example.com";
/// `aud` of the tokens that the test server accepts.
pub const AUDIENCE: &str = "roster-test";
/// Signs the tokens.
pub const JWT_SECRET: &str = "jwt-secret-of-the-tests-0123456789abcdef";
/// Signs the invites.
pub const INVITE_SECRET: &str = "invite-secret-of-the-tests-0123456789abc";

/// A server on a free port of this machine, with a database of its own.
pub struct TestApp {
    /// Where the server listens, such as `http://127.0.0.1:40123`.
    pub url: String,
    /// The test's own way into the server's database, for the `db_` helpers.
    pub db: DatabaseConnection,
    http: reqwest::Client,
    stop: CancellationToken,
    server: Option<JoinHandle<Result<(), String>>>,
    // Last: it is dropped when nothing uses it any more.
    database: Arc<TestDatabase>,
}

impl TestApp {
    /// A server with the settings of the tests.
    pub async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    /// A server whose settings are changed by `change`.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::serve(Arc::new(TestDatabase::migrated().await), change).await
    }

    /// One more server on the same database, with settings of its own.
    pub async fn node_with(&self, change: impl FnOnce(&mut Config)) -> Self {
        Self::serve(self.database.clone(), change).await
    }

    /// The service without a door, on the same database: for a look at how it
    /// does what it does.
    pub async fn db_service(&self) -> Arc<roster::app::App> {
        self.db_service_with(|_| ()).await
    }

    /// The same with settings of its own.
    pub async fn db_service_with(&self, change: impl FnOnce(&mut Config)) -> Arc<roster::app::App> {
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut config = settings(&self.database, nowhere);
        change(&mut config);
        roster::prepare(config).await.unwrap()
    }

    /// From here on work may be given up; otherwise a test fails in which it was.
    pub fn expect_failures(&self) {
        self.database.expect_failures();
    }

    async fn serve(database: Arc<TestDatabase>, change: impl FnOnce(&mut Config)) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let mut config = settings(&database, address);
        change(&mut config);
        let stop = CancellationToken::new();
        let server = std::thread::spawn({
            let stop = stop.clone();
            move || run(config, listener, stop)
        });
        let mut app = Self {
            url: format!("http://{address}"),
            db: database.connect().await,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            stop,
            server: Some(server),
            database,
        };
        // Waits in the listener's queue until the server is up.
        let ready = app.http.get(format!("{}/health/ready", app.url)).send().await;
        if !ready.is_ok_and(|answer| answer.status().is_success()) {
            app.stop.cancel();
            panic!(
                "the server did not start: {:?}",
                app.server.take().map(JoinHandle::join)
            );
        }
        app
    }

    /// Asks the server to stop.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits until the server has stopped.
    pub async fn stopped(&mut self) {
        let server = self.server.take().unwrap();
        let outcome = tokio::task::spawn_blocking(move || server.join()).await.unwrap();
        assert!(matches!(outcome, Ok(Ok(()))), "the server failed: {outcome:?}");
    }

    /// The folder of the server's data.
    pub fn folder(&self) -> &std::path::Path {
        self.database.folder()
    }

    /// Address of the database, for one more server.
    pub fn db_url(&self) -> String {
        self.database.url()
    }

    /// Asks the server to stop, as a signal does. It is waited for when this is
    /// dropped.
    pub fn ask_to_stop(&self) {
        self.stop.cancel();
    }

    /// Where the server puts mail.
    pub fn mail_folder(&self) -> PathBuf {
        self.database.folder().join("mail")
    }

    /// The work that was given up, as texts.
    async fn db_failed_jobs(database: &TestDatabase) -> Vec<String> {
        let db = database.connect().await;
        let failed = entity::job::Column::Status.eq(entity::job::JobStatus::Failed);
        let jobs = entity::job::Entity::find().filter(failed).all(&db).await.unwrap();
        db.close().await.unwrap();
        jobs.iter().map(|job| format!("{job:?}")).collect()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.cancel();
        let Some(server) = self.server.take() else { return };
        let outcome = server.join();
        if std::thread::panicking() {
            return;
        }
        assert!(matches!(outcome, Ok(Ok(()))), "the server failed: {outcome:?}");
        if self.database.expects_failures() {
            return;
        }
        let database = self.database.clone();
        let failed = database::block_on(async move { Self::db_failed_jobs(&database).await });
        assert!(failed.is_empty(), "jobs were given up: {failed:#?}");
    }
}

/// What the tests start from: nothing that leaves the machine, fixed secrets.
fn settings(database: &TestDatabase, address: SocketAddr) -> Config {
    let mut config = Config {
        listen: address,
        data_dir: database.folder().to_owned(),
        database_url: Some(database.url().into()),
        demo: Some(false),
        ..Config::default()
    };
    config.database.connections_max = 6;
    // Nobody has to be told to send requests elsewhere.
    config.drain.delay = Some(Duration::ZERO);
    config.auth.hs256_secret = Some(JWT_SECRET.into());
    config.auth.issuer = ISSUER.into();
    config.auth.audience = AUDIENCE.into();
    config.auth.superusers = vec![format!("{ISSUER}|root")];
    config.invites.secret = vec![INVITE_SECRET.into()];
    // What is queued stays to be seen; tests of the work itself switch it on.
    config.jobs.in_serve = false;
    // Tests call servers of their own.
    config.webhooks.allow_private = true;
    config.mail.transport = MailTransport::Folder;
    config.mail.folder = Some(database.folder().join("mail"));
    config
}

/// Runs the server in a runtime of its own, so that a test can wait for its end
/// while it is being dropped.
fn run(config: Config, listener: std::net::TcpListener, stop: CancellationToken) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(roster::STACK_BYTES)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let serving = roster::serve(config, listener, stop.clone());
        let overdue = async {
            stop.cancelled().await;
            tokio::time::sleep(Duration::from_secs(20)).await;
        };
        tokio::select! {
            outcome = serving => outcome.map_err(|error| format!("{error:?}")),
            () = overdue => Err("the server did not stop in time".into()),
        }
    })
}

/// A role of the deployment, `billing`, whose holders are in no team.
pub fn with_billing(config: &mut Config) {
    let billing = RoleSetting {
        name: Some("Billing".into()),
        priority: Some(-1),
        is_team_roles_allowed: Some(false),
        scopes: Some(vec!["org:read".into(), "member:read".into()]),
        ..RoleSetting::default()
    };
    config.roles.insert("billing".into(), billing);
}
