//! Numbers for monitoring, on an address of their own.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, routing::get};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{browser, wire::Wire};
use crate::{app::App, graphql::documents::Documents, live::Live, telemetry};

/// How often what was measured is put into its buckets.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Numbers for monitoring, if anybody wants them: otherwise nothing is counted.
#[derive(Debug)]
pub struct Metrics(Option<Shown>);

#[derive(Debug)]
struct Shown {
    listener: TcpListener,
    prometheus: PrometheusHandle,
    app: Live<App>,
    documents: Option<Arc<Documents>>,
}

impl Metrics {
    /// Begins to count, and takes the configured address.
    ///
    /// # Errors
    /// An address that cannot be listened on.
    pub async fn listen(app: Live<App>, documents: Option<Arc<Documents>>) -> Result<Self, crate::StartError> {
        let Some(address) = app.now().config.metrics.listen else {
            return Ok(Self(None));
        };
        let refused = |error| crate::StartError::Metrics(address, error);
        Ok(Self(Some(Shown {
            listener: TcpListener::bind::<SocketAddr>(address).await.map_err(refused)?,
            prometheus: telemetry::metrics::recorder(),
            app,
            documents,
        })))
    }

    /// Answers who asks for them, until `shutdown`.
    pub async fn serve(self, shutdown: CancellationToken) {
        let Some(shown) = self.0 else { return };
        let Shown {
            listener,
            prometheus,
            app,
            documents,
        } = shown;
        let config = app.now().config.clone();
        let upkeep = async {
            let mut ticks = tokio::time::interval(UPKEEP_EVERY);
            loop {
                ticks.tick().await;
                prometheus.run_upkeep();
            }
        };
        let handle = prometheus.clone();
        let show = async move || {
            app.now().db.measure().await;
            if let Some(documents) = &documents {
                documents.measure();
            }
            handle.render()
        };
        let wire = Wire {
            routes: browser::protect(Router::new().route("/metrics", get(show)), &config),
            settings: config.connections.clone(),
            tls: None,
            stop: shutdown,
        };
        tokio::select! {
            () = wire.serve(listener) => {}
            () = upkeep => {}
        }
    }
}
