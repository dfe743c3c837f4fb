//! `roster audit`: reading the audit logs.

use std::io::{BufWriter, ErrorKind, Write};

use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use clap::Subcommand;
use roster::{config::Config, domain};

use super::connect_to_tables;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print entries as JSON, one in a line: organization by organization, in each
    /// the oldest first.
    Export {
        /// Only of the organization with this slug.
        #[arg(long, value_name = "SLUG")]
        organization: Option<String>,
        /// Only what happened later, such as 2026-01-31 or 2026-01-31T12:00:00Z.
        #[arg(long, value_name = "TIME", value_parser = parse_time)]
        after: Option<DateTime<Utc>>,
        /// Only what happened earlier.
        #[arg(long, value_name = "TIME", value_parser = parse_time)]
        before: Option<DateTime<Utc>>,
    },
}

/// A date, which begins at midnight UTC, or a time with its offset.
fn parse_time(text: &str) -> Result<DateTime<Utc>> {
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Ok(date.and_time(NaiveTime::MIN).and_utc());
    }
    let time = DateTime::parse_from_rfc3339(text);
    Ok(time.context("give a date or a time as in RFC 3339")?.to_utc())
}

/// Does what is asked.
pub async fn run(config: Config, command: Command) -> Result<()> {
    let Command::Export {
        organization,
        after,
        before,
    } = command;
    let db = connect_to_tables(&config).await?;
    let organization = match organization {
        Some(slug) => Some(
            domain::organization::id_of_slug(&db, &slug)
                .await
                .context("organizations")?
                .with_context(|| format!("there is no organization {slug}"))?,
        ),
        None => None,
    };
    let mut export = domain::audit::Export::new(organization, after, before);
    loop {
        let lines = export.next(&db).await.context("audit log")?;
        if lines.is_empty() {
            return Ok(());
        }
        match print(&lines) {
            // Whoever reads has had enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
            printed => printed?,
        }
    }
}

fn print(lines: &[domain::audit::Line]) -> std::io::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in lines {
        serde_json::to_writer(&mut out, line)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}
