//! How a process hears of what others have committed: through PostgreSQL, through
//! the broker, if there is one, and by looking from time to time.
//!
//! Nothing that can change is kept in a process beyond the request that asked
//! for it, so this is all that nodes have to tell each other.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt;
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    db::{Notice, Wake},
    error::Result,
};

/// Pause after a connection that cannot be made.
const PAUSE: Duration = Duration::from_secs(1);

/// Listens until `shutdown`. A process that works is woken by what there is to
/// do; one that does not wakes those that do.
pub async fn listen(app: Arc<App>, is_worker: bool, shutdown: CancellationToken) {
    let work = async {
        tokio::join!(
            app.bell.keep_up(&app.db, app.config.jobs.poll_every, shutdown.clone()),
            hear_database(&app, is_worker),
            hear_broker(&app),
            wake_workers(&app, is_worker),
        )
    };
    tokio::select! {
        () = shutdown.cancelled() => {}
        _ = work => {}
    }
}

async fn hear_database(app: &App, is_worker: bool) {
    loop {
        let mut listener = match app.db.listen().await {
            Ok(None) => return,
            Ok(Some(listener)) => listener,
            Err(error) => {
                tracing::warn!(%error, "the database cannot be listened to");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        catch_up(app).await;
        loop {
            match listener.next().await {
                Ok(Some(Notice::Events(organization, sequence))) => app.bell.ring(organization, sequence),
                Ok(Some(Notice::Wake(wake))) if is_worker => app.db.wake(wake),
                Ok(Some(Notice::Wake(_))) => {}
                // Something may have been missed.
                Ok(None) => catch_up(app).await,
                Err(error) => {
                    tracing::warn!(%error, "the database cannot be listened to any more");
                    break;
                }
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn hear_broker(app: &App) {
    let Some(broker) = &app.broker else { return };
    loop {
        match broker.listen().await {
            Err(error) => {
                tracing::warn!(cause = ?error, "the broker cannot be listened to");
                tokio::time::sleep(PAUSE).await;
            }
            Ok(positions) => {
                let mut positions = std::pin::pin!(positions);
                loop {
                    tokio::select! {
                        () = broker.reconnected() => catch_up(app).await,
                        heard = positions.next() => match heard {
                            Some(position) => app.bell.ring(position.organization, position.sequence),
                            None => break,
                        },
                    }
                }
            }
        }
    }
}

/// After a silence: everything that may have been said.
async fn catch_up(app: &App) {
    for wake in [Wake::Jobs, Wake::Outbox, Wake::Events] {
        app.db.wake(wake);
    }
    if let Err(error) = app.bell.catch_up(&app.db).await {
        tracing::warn!(cause = ?error, "events cannot be looked for");
    }
}

/// Tells workers elsewhere of what this process has committed. However much that
/// is, one message is on its way at a time, and none stands in a transaction of
/// a request.
async fn wake_workers(app: &App, is_worker: bool) {
    if is_worker {
        return;
    }
    let tell = |wake: Wake| async move {
        let mut committed = app.db.committed(wake);
        while committed.changed().await.is_ok() {
            if let Err(error) = app.db.notify(Notice::Wake(wake)).await {
                // They look by themselves.
                tracing::debug!(cause = ?error, "workers cannot be woken");
            }
        }
        Ok::<_, crate::error::Error>(())
    };
    let told: (Result<()>, Result<()>) = tokio::join!(tell(Wake::Jobs), tell(Wake::Outbox));
    drop(told);
}
