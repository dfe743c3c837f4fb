//! The configuration, read anew while the service runs.

use crate::{
    app::App,
    config::{ConfigError, Reloaded, Source},
    live::Live,
    server::Reloading,
};

/// Whoever reads it, and puts it in the place of the one before.
#[derive(Debug)]
pub struct Reloader {
    source: Source,
    live: Live<App>,
    /// What the server has read from files, if there is one.
    server: Option<Reloading>,
}

impl Reloader {
    /// For a service whose settings come from `source`.
    pub fn new(source: Source, live: Live<App>, server: Option<Reloading>) -> Self {
        Self { source, live, server }
    }

    /// Reads it, and tells what came of it in the log and in a number. If anything
    /// is wrong, everything stays as it was.
    pub fn reload(&mut self) {
        let outcome = match self.try_reload() {
            Ok(Reloaded { changed, kept, .. }) => {
                let changed: Vec<_> = changed.into_iter().collect();
                tracing::info!(
                    changed = changed.join(" "),
                    "the configuration was read again, and the files of keys, certificate and documents that it names"
                );
                if !kept.is_empty() {
                    let kept: Vec<_> = kept.into_iter().collect();
                    tracing::warn!(
                        settings = kept.join(" "),
                        "these have changed, and count from the next start on"
                    );
                }
                "ok"
            }
            Err(error) => {
                tracing::error!(%error, "the new configuration cannot be used; the old one stays");
                "failed"
            }
        };
        metrics::counter!("config_reloads_total", "outcome" => outcome).increment(1);
    }

    fn try_reload(&mut self) -> Result<Reloaded, ConfigError> {
        let app = self.live.now();
        let (source, reloaded) = self.source.read_again(&app.config)?;
        let app = app.reloaded(&reloaded)?;
        // The last that can fail: what comes before it has changed nothing.
        if let Some(server) = &self.server {
            server.reload(&app.config)?;
        }
        self.live.replace(app);
        self.source = source;
        Ok(reloaded)
    }
}
