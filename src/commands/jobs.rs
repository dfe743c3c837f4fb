//! `roster jobs`: looking after queued work.

use std::io::Write;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use entity::ids::JobId;
use roster::{config::Config, jobs, queue};

use super::connect_to_tables;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the jobs that wait or were given up, the oldest first.
    List {
        /// Only those that were given up.
        #[arg(long)]
        failed: bool,
        /// How many at most.
        #[arg(long, default_value_t = 100)]
        limit: u64,
    },
    /// Let jobs begin anew, now.
    Retry(Which),
    /// Delete jobs; they will not be done.
    Discard(Which),
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Which {
    /// The job, by its number.
    id: Option<i64>,
    /// Every job that was given up.
    #[arg(long)]
    failed: bool,
}

impl From<Which> for queue::Which {
    fn from(which: Which) -> Self {
        which.id.map_or(Self::Failed, |id| Self::One(JobId(id)))
    }
}

/// Does what is asked.
pub async fn run(config: Config, command: Command) -> Result<()> {
    let db = connect_to_tables(&config).await?;
    match command {
        Command::List { failed, limit } => {
            let jobs = queue::list(&db, failed, limit).await.context("jobs")?;
            print(&jobs)?;
        }
        Command::Retry(which) => {
            let count = jobs::retry(&db, which.into()).await.context("jobs")?;
            println!("{count} begin anew.");
        }
        Command::Discard(which) => {
            let count = jobs::discard(&db, which.into()).await.context("jobs")?;
            println!("{count} discarded.");
        }
    }
    Ok(())
}

fn print(jobs: &[entity::job::Model]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{:>8}  {:<20} {:<8} {:>8}  {:<20}  LAST ERROR",
        "ID", "KIND", "STATUS", "ATTEMPTS", "DUE"
    )?;
    for job in jobs {
        writeln!(
            out,
            "{:>8}  {:<20} {:<8} {:>8}  {:<20}  {}",
            job.id.0,
            job.kind,
            format!("{:?}", job.status).to_lowercase(),
            job.attempts,
            job.due_at.format("%Y-%m-%dT%H:%M:%SZ"),
            job.last_error.as_deref().unwrap_or_default(),
        )?;
    }
    Ok(out.flush()?)
}
