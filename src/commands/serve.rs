//! `roster serve` and `roster work`: what goes on until it is asked to end.

use std::io::Write;

use anyhow::{Context, Result};
use roster::{
    clock,
    config::{Config, Mode, Source},
    live::Live,
    mailbox, prepare,
    reload::Reloader,
    server::Server,
    token,
};
use tokio::net::TcpListener;

use super::signals;

/// Serves requests.
pub async fn serve(source: Source, mut config: Config) -> Result<()> {
    // Refused before anything is taken or made.
    config.secure()?;
    let address = config.listen;
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}"))?;
    config.settle_listen(listener.local_addr()?);
    let live = Live::new(prepare(config).await?);
    let server = Server::new(live.clone()).await?;
    let shutdown = signals::follow(Reloader::new(source, live.clone(), Some(server.reloading())))?;
    announce(&live.now().config, &listener)?;
    Ok(roster::run(live, server, listener, shutdown).await?)
}

/// Does the work that requests have queued.
pub async fn work(source: Source, mut config: Config) -> Result<()> {
    config.demo = Some(false);
    let live = Live::new(prepare(config).await?);
    let reloader = Reloader::new(source, live.clone(), None);
    Ok(roster::work(live, signals::follow(reloader)?).await?)
}

/// Tells a developer where to go. In production only the log says it.
fn announce(config: &Config, listener: &TcpListener) -> Result<()> {
    let address = listener.local_addr()?;
    tracing::info!(%address, mode = ?config.mode, version = env!("CARGO_PKG_VERSION"), "listening");
    if config.mode == Mode::Production {
        return Ok(());
    }
    let token = token::development(config, clock::now());
    let address = match config.tls.certificate_file {
        Some(_) => format!("https://{address}"),
        None => format!("http://{address}"),
    };
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "\nRoster runs in DEVELOPMENT mode: for trying out, not for real data.\n"
    )?;
    writeln!(out, "  Explorer  {address}/")?;
    if config.console.enabled {
        writeln!(out, "  Console   {address}/console/")?;
    }
    writeln!(out, "  GraphQL   {address}/graphql")?;
    if mailbox::is_served(config) {
        writeln!(out, "  Mailbox   {address}/dev/mail")?;
    }
    writeln!(out, "  Ready?    {address}/health/ready")?;
    if let Some(token) = token {
        writeln!(
            out,
            "\nA token for {}, good for 12 hours (more with `roster token --help`):\n",
            token::DEVELOPER
        )?;
        writeln!(out, "  Authorization: Bearer {token}\n")?;
    }
    Ok(out.flush()?)
}
