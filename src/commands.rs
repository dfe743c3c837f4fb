//! What the command line can do: a file for each command.

pub mod audit;
pub mod database;
pub mod jobs;
pub mod outbox;
pub mod schema;
pub mod serve;
mod signals;
pub mod token;

use anyhow::{Result, bail};
use roster::{config::Config, db::Db};

/// The database, if it has the tables of this version.
async fn connect_to_tables(config: &Config) -> Result<Db> {
    let db = Db::connect(config).await?;
    if !db.is_ready().await? {
        bail!("the database is empty or of an older version; run `roster migrate` first");
    }
    Ok(db)
}
