//! The programs that are measured: starting them, and what they have used.

use std::{
    fs::{self, File},
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

/// Connections of each program to the database.
const CONNECTIONS: &str = "12";

/// Where data and logs are.
pub struct Settings {
    /// For logs and requests.
    pub folder: PathBuf,
    /// What is asked.
    pub database_url: String,
}

/// A running program.
pub struct Server {
    /// What the report calls it.
    pub name: &'static str,
    /// Where it listens.
    pub address: SocketAddr,
    /// What its callers show.
    pub token: Option<String>,
    /// Whether it is the yardstick, and not Roster.
    pub is_limit: bool,
    metrics: Option<SocketAddr>,
    child: Child,
}

/// What a program and its database have used so far.
#[derive(Clone, Copy)]
pub struct Usage {
    /// Seconds of processor time of the program.
    pub cpu: f64,
    /// Likewise of all processes of PostgreSQL.
    pub database_cpu: f64,
    /// SQL statements; zero for programs that do not count.
    pub statements: f64,
    /// Memory of the program, in bytes.
    pub memory: u64,
}

/// A program of Roster as it is run in production, with everything on that is on
/// by default.
pub fn roster(binary: &Path, settings: &Settings) -> Command {
    let mut command = Command::new(binary);
    command
        .env_clear()
        .current_dir(&settings.folder)
        .env("ROSTER_MODE", "production")
        .env("ROSTER_PUBLIC_URL", "https://roster.example.com")
        .env("ROSTER_DATABASE_URL", &settings.database_url)
        .env("ROSTER_DATABASE__CONNECTIONS_MAX", CONNECTIONS)
        .env("ROSTER_AUTH__HS256_SECRET", "a secret of 32 bytes and a few more")
        .env("ROSTER_INVITES__SECRET", "another secret of 32 bytes and more")
        .env("ROSTER_MAIL__TRANSPORT", "none")
        // Everybody here is one person at one address.
        .env("ROSTER_RATE_LIMITS__ENABLED", "false");
    command
}

impl Server {
    /// The yardstick.
    pub fn limit(settings: &Settings) -> Result<Self> {
        let binary = std::env::current_exe()?.with_file_name("limit");
        let address = free_address()?;
        let mut command = Command::new(binary);
        command
            .args(["--database-url", &settings.database_url, "--connections", CONNECTIONS])
            .args(["--listen", &address.to_string()]);
        let server = Self {
            name: "limit",
            address,
            token: None,
            is_limit: true,
            metrics: None,
            child: spawn(command, settings, "limit")?,
        };
        server.wait()
    }

    /// Roster.
    pub fn roster(name: &'static str, binary: &Path, settings: &Settings) -> Result<Self> {
        let binary = binary.canonicalize().with_context(|| binary.display().to_string())?;
        let (address, metrics) = (free_address()?, free_address()?);
        let mut command = roster(&binary, settings);
        command
            .env("ROSTER_LISTEN", address.to_string())
            .env("ROSTER_METRICS__LISTEN", metrics.to_string());
        let child = spawn(command, settings, name)?;
        let token = roster(&binary, settings).args(["token", "ann", "--mfa"]).output()?;
        ensure!(token.status.success(), "{}", String::from_utf8_lossy(&token.stderr));
        let server = Self {
            name,
            address,
            token: Some(String::from_utf8(token.stdout)?.trim().to_owned()),
            is_limit: false,
            metrics: Some(metrics),
            child,
        };
        server.wait()
    }

    fn wait(mut self) -> Result<Self> {
        let begun = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended with {status}", self.name);
            }
            ensure!(
                begun.elapsed() < Duration::from_secs(30),
                "{} does not listen",
                self.name
            );
            thread::sleep(Duration::from_millis(20));
        }
        Ok(self)
    }

    /// What it has used so far.
    pub fn usage(&self) -> Result<Usage> {
        let statements = match self.metrics {
            None => 0.0,
            Some(metrics) => {
                let (_, text) = ask(metrics, "GET", "/metrics", None, "")?;
                let counts = text
                    .lines()
                    .filter(|line| line.starts_with("sql_statement_seconds_count"));
                counts
                    .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
                    .sum()
            }
        };
        Ok(Usage {
            cpu: cpu_of(self.child.id())?,
            database_cpu: database_cpu()?,
            statements,
            memory: memory_of(self.child.id())?,
        })
    }

    /// The body of its answer.
    pub fn answer(&self, path: &str, body: &str) -> Result<serde_json::Value> {
        let (status, answer) = ask(self.address, "POST", path, self.token.as_deref(), body)?;
        ensure!(status == 200, "{}: {status}: {answer}", self.name);
        serde_json::from_str(&answer).with_context(|| answer)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(mut command: Command, settings: &Settings, name: &str) -> Result<Child> {
    let log = settings.folder.join(format!("{name}.log"));
    Ok(command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(log)?)
        .spawn()?)
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Status and body of an answer, over a connection of its own.
pub fn ask(address: SocketAddr, method: &str, path: &str, token: Option<&str>, body: &str) -> Result<(u16, String)> {
    let mut connection = TcpStream::connect(address)?;
    let authorization = token.map_or(String::new(), |token| format!("Authorization: Bearer {token}\r\n"));
    write!(
        connection,
        "{method} {path} HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\n{authorization}\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("no answer")?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok((status.context("no status")?, body.to_owned()))
}

/// Processor time of a process and of its children that have ended, in seconds.
fn cpu_of(process: u32) -> Result<f64> {
    /// As Linux counts on every machine.
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').context("stat")?;
    let ticks = fields.split_whitespace().skip(11).take(4);
    Ok(ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS_PER_SECOND)
}

fn memory_of(process: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    Ok(kilobytes.context("no VmRSS")? * 1024)
}

fn database_cpu() -> Result<f64> {
    let mut sum = 0.0;
    for process in fs::read_dir("/proc")? {
        let process = process?;
        let Some(id) = process.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
        if name.trim() == "postgres" {
            // It may have ended meanwhile.
            sum += cpu_of(id).unwrap_or_default();
        }
    }
    Ok(sum)
}
