//! `roster migrate` and `roster demo`: what is in the database.

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use roster::{
    broker::Broker,
    clock,
    config::Config,
    db::Db,
    demo::{self, large::Scale},
    prepare, token,
};

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

/// How much demo data there is to be.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Size {
    /// Three organizations, their teams, a few hundred members, invites and
    /// requests: to look at.
    Small,
    /// 200 organizations of 500 members and 20 teams, and one of 200,000 members
    /// and 500 teams: to measure with. Takes about a minute.
    Large,
}

/// Fills an empty database with demo data.
pub async fn fill(mut config: Config, size: Size) -> Result<()> {
    config.demo = Some(false);
    let app = prepare(config).await?;
    let (filled, made) = match size {
        Size::Small => (demo::fill(&app, clock::now()).await, "Three organizations were"),
        Size::Large => (
            demo::large::fill(&app, clock::now(), Scale::LARGE).await,
            "201 organizations were",
        ),
    };
    if !filled.context("demo data")? {
        bail!("the database is not empty; demo data is only put into an empty one");
    }
    println!("{made} created; try: roster token {} --mfa", token::DEVELOPER);
    Ok(())
}
