//! `roster migrate` and `roster demo`: what is in the database.

use anyhow::{Context, Result, bail};
use roster::{broker::Broker, clock, config::Config, db::Db, prepare, token};

/// Brings the schema up to date, and makes the broker's stream if that is wanted.
pub async fn migrate(config: Config, wants_stream: bool) -> Result<()> {
    let db = Db::connect(&config).await?;
    db.migrate().await?;
    println!("The schema is up to date.");
    if wants_stream {
        let broker = Broker::connect(&config).await?;
        let broker = broker.context("nats.url is not set")?;
        let made = tokio::time::timeout(
            config.limits.request_timeout,
            broker.create_stream(config.events.keep_for),
        );
        made.await.context("the broker does not answer")??;
        println!("The stream {} takes events.", config.nats.stream);
    }
    Ok(())
}

/// Fills an empty database with demo data.
pub async fn fill(mut config: Config) -> Result<()> {
    config.demo = Some(false);
    let app = prepare(config).await?;
    if !roster::demo::fill(&app, clock::now()).await.context("demo data")? {
        bail!("the database is not empty; demo data is only put into an empty one");
    }
    println!(
        "Three organizations were created; try: roster token {} --mfa",
        token::DEVELOPER
    );
    Ok(())
}
