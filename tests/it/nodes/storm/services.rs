//! A PostgreSQL and a NATS of its own, which can be restarted.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use async_nats::jetstream::{
    self,
    consumer::{DeliverPolicy, pull},
};
use futures_util::StreamExt;
use serde_json::Value;
use tempfile::TempDir;

use crate::nodes::PATIENCE;

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[track_caller]
fn succeed(command: &mut Command) {
    let ended = command.stdin(Stdio::null()).output();
    let ended = ended.unwrap_or_else(|error| panic!("{command:?} must be installed: {error}"));
    assert!(ended.status.success(), "{command:?}: {ended:?}");
}

/// A PostgreSQL in a folder.
pub struct Postgres {
    pub url: String,
    folder: TempDir,
    programs: PathBuf,
    port: u16,
}

impl Postgres {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let versions = std::fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL must be installed");
        let mut versions: Vec<_> = versions.map(|entry| entry.unwrap().path().join("bin")).collect();
        versions.sort();
        let port = free_port();
        let this = Self {
            url: format!("postgres://postgres@127.0.0.1:{port}/postgres?sslmode=disable"),
            folder,
            programs: versions.pop().expect("PostgreSQL must be installed"),
            port,
        };
        if is_root() {
            // It does not run as root.
            succeed(Command::new("chown").arg("postgres").arg(this.folder.path()));
        }
        let data = this.data();
        let arguments = [
            "-A",
            "trust",
            "-U",
            "postgres",
            "--no-sync",
            "-D",
            data.to_str().unwrap(),
        ];
        succeed(this.program("initdb").args(arguments));
        this.control(&["start"]);
        this
    }

    /// Ends it in the middle of everything, as a crash would, and starts it again.
    pub fn crash_and_recover(&self) {
        self.control(&["stop", "-m", "immediate"]);
        self.control(&["start"]);
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command.current_dir(self.folder.path());
            return command;
        }
        Command::new(program)
    }

    fn control(&self, arguments: &[&str]) {
        let (data, log) = (self.data(), self.folder.path().join("log"));
        let options = format!(
            "-p {} -k {} -c listen_addresses=127.0.0.1",
            self.port,
            self.folder.path().display()
        );
        let mut command = self.program("pg_ctl");
        command
            .arg("-D")
            .arg(data)
            .arg("-l")
            .arg(log)
            .args(["-w", "-o", &options]);
        // The server keeps the ends of what it was started with.
        command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
        let status = command.args(arguments).status().unwrap();
        assert!(status.success(), "{command:?}");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let mut command = self.program("pg_ctl");
        let _ = command
            .arg("-D")
            .arg(self.data())
            .args(["stop", "-m", "immediate"])
            .output();
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    String::from_utf8_lossy(&id.stdout).trim() == "0"
}

/// A NATS with JetStream in a folder.
pub struct Broker {
    pub url: String,
    folder: TempDir,
    port: u16,
    child: Child,
}

impl Broker {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        Self {
            url: format!("nats://127.0.0.1:{port}"),
            child: run(folder.path(), port),
            folder,
            port,
        }
    }

    /// Kills it, and starts it again.
    pub fn restart(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = run(self.folder.path(), self.port);
    }

    /// The numbers of the first `count` events of the stream.
    pub async fn events(&self, count: i64) -> Vec<i64> {
        let client = async_nats::connect(&self.url).await.unwrap();
        let stream = jetstream::new(client).get_stream("ROSTER_EVENTS").await.unwrap();
        let consumer = pull::Config {
            deliver_policy: DeliverPolicy::All,
            ..pull::Config::default()
        };
        let messages = stream
            .create_consumer(consumer)
            .await
            .unwrap()
            .messages()
            .await
            .unwrap();
        let numbers = messages.take(usize::try_from(count).unwrap()).map(|message| {
            let body: Value = serde_json::from_slice(&message.unwrap().payload).unwrap();
            body["data"]["sequence"].as_i64().unwrap()
        });
        tokio::time::timeout(PATIENCE, numbers.collect()).await.unwrap()
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(folder: &Path, port: u16) -> Child {
    let child = Command::new("nats-server")
        .args([
            "--jetstream",
            "--addr",
            "127.0.0.1",
            "--port",
            &port.to_string(),
            "--store_dir",
        ])
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("nats-server must be installed");
    let end = Instant::now() + Duration::from_secs(30);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < end, "NATS does not answer");
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}
