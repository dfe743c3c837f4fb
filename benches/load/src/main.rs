//! Measures Roster against what the database itself can do (`limit.rs`), both in
//! turns on the same machine and the same data, and prints ratios. See
//! docs/performance.md.

mod report;
mod server;
mod workload;

use std::{path::PathBuf, process::Command, thread, time::Duration};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use serde::Deserialize;

use self::{
    report::{Figures, Report},
    server::{Server, Settings},
    workload::{Data, Workload},
};

/// Measures Roster against what the database itself can do.
#[derive(Parser)]
struct Arguments {
    /// An existing, empty database of PostgreSQL, or one that was filled by an
    /// earlier run.
    #[arg(
        long,
        default_value = "postgres://postgres@127.0.0.1:5432/roster_load?sslmode=disable"
    )]
    database_url: String,
    /// The program to measure. Default: the one of the release build.
    #[arg(long, default_value = "target/release/roster")]
    roster: PathBuf,
    /// Another one that takes its turns, to compare with.
    #[arg(long)]
    other: Option<PathBuf>,
    /// Which workloads.
    #[arg(long, value_delimiter = ',', default_value = "w1,w2,w3,w4,w5")]
    workloads: Vec<Workload>,
    /// How many clients ask at a time.
    #[arg(long, value_delimiter = ',', default_value = "1,16,64")]
    clients: Vec<u32>,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Seconds before each measurement.
    #[arg(long, default_value_t = 3)]
    warm_up: u64,
    /// Measure Roster on SQLite, too, with data of its own in this folder.
    #[arg(long)]
    sqlite: Option<PathBuf>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let folder = std::env::temp_dir().join(format!("roster-load-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let settings = Settings {
        folder: folder.clone(),
        database_url: arguments.database_url.clone(),
    };
    let outcome = measure(&arguments, &settings);
    std::fs::remove_dir_all(&folder)?;
    outcome
}

fn measure(arguments: &Arguments, settings: &Settings) -> Result<()> {
    let data = Data::prepare(&arguments.roster, settings)?;
    let mut servers = vec![
        Server::limit(settings)?,
        Server::roster("roster", &arguments.roster, settings)?,
    ];
    if let Some(other) = &arguments.other {
        servers.push(Server::roster("other", other, settings)?);
    }
    let mut on_sqlite = None;
    if let Some(folder) = &arguments.sqlite {
        std::fs::create_dir_all(folder)?;
        let file = folder.canonicalize()?.join("load.sqlite");
        let settings = Settings {
            folder: settings.folder.clone(),
            database_url: format!("sqlite://{}", file.display()),
        };
        let data = Data::prepare(&arguments.roster, &settings)?;
        on_sqlite = Some((Server::roster("sqlite", &arguments.roster, &settings)?, data));
    }

    let mut report = Report::default();
    for workload in &arguments.workloads {
        let requests = workload.requests(&data, settings)?;
        requests.check(&servers)?;
        for clients in &arguments.clients {
            for server in &servers {
                let script = requests.of(server);
                load(server, script, *clients, arguments.warm_up)?;
                let figures = measured(server, script, *clients, arguments.seconds)?;
                report.add(*workload, *clients, server.name, figures);
            }
            if let Some((server, data)) = &on_sqlite {
                let requests = workload.requests(data, settings)?;
                let script = requests.of(server);
                load(server, script, *clients, arguments.warm_up)?;
                let figures = measured(server, script, *clients, arguments.seconds)?;
                report.add(*workload, *clients, server.name, figures);
            }
            report.print_last();
        }
    }
    println!();
    report.print_ratios();
    Ok(())
}

fn measured(server: &Server, script: &std::path::Path, clients: u32, seconds: u64) -> Result<Figures> {
    let before = server.usage()?;
    let run = load(server, script, clients, seconds)?;
    let after = server.usage()?;
    // Gauges are published from time to time.
    thread::sleep(Duration::from_millis(100));
    ensure!(run.failed == 0, "{} of {} requests failed", run.failed, run.requests);
    Ok(Figures::new(&run, &before, &after))
}

/// What the generator says of a run; times in microseconds.
#[derive(Deserialize)]
struct Run {
    requests: u64,
    microseconds: u64,
    p50: u64,
    p99: u64,
    failed: u64,
}

fn load(server: &Server, script: &std::path::Path, clients: u32, seconds: u64) -> Result<Run> {
    let mut wrk = Command::new("wrk");
    wrk.args(["--threads", "1", "--connections", &clients.to_string()])
        .args(["--duration", &format!("{seconds}s"), "--timeout", "30s"])
        .args(["--script", concat!(env!("CARGO_MANIFEST_DIR"), "/load.lua")])
        .arg(format!("http://{}", server.address))
        .arg("--")
        .arg(script)
        .env_remove("LOAD_TOKEN");
    if let Some(token) = &server.token {
        wrk.env("LOAD_TOKEN", token);
    }
    let output = wrk.output().context("wrk is not installed")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let result = text.lines().find_map(|line| line.strip_prefix("RESULT "));
    let result = result.with_context(|| format!("wrk failed: {text}{}", String::from_utf8_lossy(&output.stderr)))?;
    Ok(serde_json::from_str(result)?)
}
