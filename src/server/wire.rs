//! From a listener to requests: connections, encrypted or not, that speak HTTP/1.1
//! or HTTP/2, and the bounds of each.

use std::{convert::Infallible, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderValue, Request, Response, header},
    serve::Listener,
};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep_until, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use super::{
    activity::{Activity, Due, Watched},
    line::Line,
    tls::Tls,
};
use crate::{config::Connections, graphql::connections::Gauged};

/// Requests that one connection of HTTP/2 may have at a time.
const STREAMS_MAX: u32 = 100;

/// How long a client may take to read the rest of its last answer, and to leave,
/// when the server stops.
const GOODBYE: Duration = Duration::from_secs(5);

/// How often a connection of HTTP/2 is asked whether it is still there, and for
/// how long it may not answer.
const PING_EVERY: Duration = Duration::from_secs(20);

/// Whatever stands between the network and the routes.
#[derive(Clone, Debug)]
pub struct Wire {
    /// What answers.
    pub routes: Router,
    /// Bounds of connections.
    pub settings: Connections,
    /// Encryption, if there is to be any.
    pub tls: Option<Arc<Tls>>,
    /// Nobody is let in any more, and what has begun is finished.
    pub stop: CancellationToken,
}

impl Wire {
    /// Serves until it is to stop, and until every request is answered then.
    pub async fn serve(self, mut listener: TcpListener) {
        let places = Arc::new(Semaphore::new(self.settings.max.min(Semaphore::MAX_PERMITS)));
        let open = TaskTracker::new();
        let accepting = async {
            // The semaphore is never closed.
            while let Ok(place) = places.clone().acquire_owned().await {
                let (stream, peer) = Listener::accept(&mut listener).await;
                open.spawn(self.clone().connection(stream, peer, place));
            }
        };
        self.stop.run_until_cancelled(accepting).await;
        drop(listener);
        open.close();
        open.wait().await;
    }

    async fn connection(self, stream: TcpStream, peer: SocketAddr, place: OwnedSemaphorePermit) {
        let _open = Gauged::new(metrics::gauge!("connections_open"));
        // Without it small answers wait for more to be sent with them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection without TCP_NODELAY");
        }
        let activity = Activity::new();
        let line = Line::new(stream, self.settings.write_timeout, activity.clone(), place);
        let Some(tls) = &self.tls else {
            return self.speak(line, peer, activity).await;
        };
        let greeted = timeout(self.settings.header_timeout, tls.acceptor().accept(line));
        match self.stop.run_until_cancelled(greeted).await {
            Some(Ok(Ok(line))) => self.speak(line, peer, activity).await,
            Some(Ok(Err(error))) => tracing::debug!(%error, "a connection that does not become TLS"),
            Some(Err(_)) | None => {}
        }
    }

    /// Speaks HTTP until the client leaves, or has to.
    async fn speak<L: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        &self,
        line: L,
        peer: SocketAddr,
        activity: Activity,
    ) {
        let (routes, requests) = (self.routes.clone(), activity.clone());
        let answer = service_fn(move |request| answer(routes.clone(), requests.clone(), peer, request));
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS_MAX)
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(PING_EVERY);
        let mut connection = pin!(builder.serve_connection_with_upgrades(TokioIo::new(line), answer));

        let Connections {
            header_timeout,
            idle_timeout,
            write_timeout,
            ..
        } = self.settings;
        let look_every = header_timeout.min(idle_timeout).min(write_timeout) / 4;
        // When it was asked to go, and how long it has for that once it is quiet.
        let mut asked_to_go: Option<(Instant, Duration)> = None;
        let mut is_stopping = false;
        loop {
            let due = activity.due(&self.settings);
            let moment = match due {
                Due::Overdue(moment) => Some(moment),
                Due::Idle(moment) => {
                    Some(asked_to_go.map_or(moment, |(asked, time)| asked.max(activity.quiet_since()) + time))
                }
                Due::Never => None,
            };
            if moment.is_some_and(|moment| moment <= Instant::now()) {
                if asked_to_go.is_some() || matches!(due, Due::Overdue(_)) {
                    tracing::debug!(%peer, ?due, "connection given up");
                    return;
                }
                asked_to_go = Some((Instant::now(), write_timeout));
                connection.as_mut().graceful_shutdown();
                continue;
            }
            let next_look = Instant::now() + look_every;
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(%peer, %error, "connection ended");
                    }
                    return;
                }
                () = self.stop.cancelled(), if !is_stopping => {
                    is_stopping = true;
                    asked_to_go = Some((Instant::now(), GOODBYE));
                    connection.as_mut().graceful_shutdown();
                }
                () = sleep_until(moment.map_or(next_look, |moment| moment.min(next_look))) => {}
            }
        }
    }
}

async fn answer(
    routes: Router,
    activity: Activity,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Watched>, Infallible> {
    let (turn, version) = (activity.begin(), request.version());
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    // HTTP/2 has it elsewhere (RFC 9113 §8.3.1), and we look for it here.
    let host = request
        .uri()
        .authority()
        .map(|host| HeaderValue::from_str(host.as_str()));
    if let Some(Ok(host)) = host {
        request.headers_mut().insert(header::HOST, host);
    }
    let response = routes.oneshot(request).await?;
    Ok(response.map(|body| Watched::new(body, turn, version)))
}
