//! `roster outbox`: looking after changes that wait to be told.

use std::io::Write;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use clap::Subcommand;
use roster::{clock, config::Config, jobs, outbox, prepare};

use super::connect_to_tables;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the shards with the most changes that wait.
    List {
        /// How many at most.
        #[arg(long, default_value_t = 100)]
        limit: u64,
    },
    /// Deliver what is due now, and nothing that comes later.
    Drain {
        /// Also what waits after a failure.
        #[arg(long)]
        all: bool,
    },
}

/// Does what is asked.
pub async fn run(mut config: Config, command: Command) -> Result<()> {
    connect_to_tables(&config).await?.close().await;
    config.demo = Some(false);
    config.database.migrate_on_start = false;
    let app = prepare(config).await?;
    match command {
        Command::List { limit } => {
            let shards = outbox::deepest(&app.db, limit).await.context("outbox")?;
            print(&shards)?;
        }
        Command::Drain { all } => {
            if all {
                outbox::hasten(&app.db, clock::now()).await.context("outbox")?;
            }
            let drained = jobs::deliver::drain_due(&app).await.context("outbox")?;
            println!("{} shards delivered.", drained.delivered);
            if !drained.failed.is_empty() {
                let failed: Vec<_> = drained.failed.iter().map(ToString::to_string).collect();
                bail!("{} shards cannot be delivered: {}", failed.len(), failed.join(", "));
            }
        }
    }
    Ok(())
}

fn print(shards: &[outbox::Depth]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{:<24} {:>8}  {:<20}  DUE", "SHARD", "ROWS", "SINCE")?;
    for depth in shards {
        let time = |time: DateTime<Utc>| time.format("%Y-%m-%dT%H:%M:%SZ");
        let shard = depth.shard.to_string();
        let due = if depth.due_at <= clock::now() {
            "now".to_owned()
        } else {
            time(depth.due_at).to_string()
        };
        writeln!(out, "{shard:<24} {:>8}  {:<20}  {due}", depth.rows, time(depth.since))?;
    }
    Ok(out.flush()?)
}
