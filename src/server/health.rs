//! Whether the process is alive, and whether it should be sent requests.
//!
//! Only what this process alone can mend by leaving makes it not ready: it is
//! about to stop, or it does not reach a database with its schema. Work that is
//! late, a broker and a Redis that are gone are told, and no more: every node would say the
//! same, and to take all of them away makes nothing better.

use std::{
    fmt::Debug,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    clock,
    db::Db,
    error::{Error, Result},
    live::Live,
    outbox, queue,
};

/// How long what was found is told again.
const FRESH_FOR: Duration = Duration::from_secs(1);

/// What is known of the service's health.
#[derive(Clone, Debug)]
pub struct Health {
    app: Live<App>,
    /// Apart, so that a node whose connections are all in use is not taken for one
    /// without a database.
    db: Db,
    draining: CancellationToken,
    latest: Latest<Checks>,
}

/// What was looked at, by name.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Checks {
    database: Check,
    migrations: Check,
    jobs: Check,
    outbox: Check,
    #[serde(skip_serializing_if = "Option::is_none")]
    broker: Option<Check>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redis: Option<Check>,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Check {
    status: Status,
    /// How late it is, at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    lag_seconds: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ok,
    /// It does not answer.
    Down,
    /// Migrations that this version needs have not run.
    Pending,
    /// It waits for longer than it should.
    Late,
    /// Nobody can tell.
    Unknown,
}

impl From<Status> for Check {
    fn from(status: Status) -> Self {
        Self {
            status,
            lag_seconds: None,
        }
    }
}

impl Check {
    fn of_lag(lag: Result<Duration>, most: Duration) -> Self {
        match lag {
            Ok(lag) => Self {
                status: if lag > most { Status::Late } else { Status::Ok },
                lag_seconds: Some(lag.as_secs()),
            },
            Err(error) => {
                tracing::warn!(cause = ?error, "it cannot be told what is late");
                Status::Unknown.into()
            }
        }
    }

    fn is_ok(self) -> bool {
        self.status == Status::Ok
    }
}

impl Health {
    /// Of a service that is asked to stop with `draining`.
    pub fn new(app: Live<App>, draining: CancellationToken) -> Self {
        let db = app.now().db.aside();
        Self {
            app,
            db,
            draining,
            latest: Latest::default(),
        }
    }

    /// `GET /health/ready`.
    pub async fn ready(self) -> Response {
        let (app, db) = (self.app.now(), self.db);
        let checks = self.latest.get(move || look(app, db)).await;
        let is_draining = self.draining.is_cancelled();
        let needed = checks
            .as_ref()
            .is_some_and(|checks| checks.database.is_ok() && checks.migrations.is_ok());
        let others = |checks: &Checks| {
            let answers = |other: Option<Check>| other.is_none_or(Check::is_ok);
            checks.jobs.is_ok() && checks.outbox.is_ok() && answers(checks.broker) && answers(checks.redis)
        };
        let (code, status) = match (is_draining, needed) {
            (true, _) => (StatusCode::SERVICE_UNAVAILABLE, "stopping"),
            (_, false) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            _ if !checks.as_ref().is_some_and(others) => (StatusCode::OK, "degraded"),
            _ => (StatusCode::OK, "ok"),
        };
        let body = serde_json::json!({ "status": status, "checks": checks });
        (code, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
    }
}

/// Looks at everything, for a bounded time.
async fn look(app: Arc<App>, db: Db) -> Checks {
    let settings = &app.config.health;
    let answers = |is_connected| match is_connected {
        true => Status::Ok.into(),
        false => Status::Down.into(),
    };
    let broker = app.broker.as_ref().map(|broker| answers(broker.is_connected()));
    let redis = app.throttle.is_connected().map(answers);
    let mut checks = Checks {
        database: Status::Down.into(),
        migrations: Status::Unknown.into(),
        jobs: Status::Unknown.into(),
        outbox: Status::Unknown.into(),
        broker,
        redis,
    };
    let asking = async {
        let is_migrated = db.is_ready().await.map_err(Error::internal)?;
        checks.database = Status::Ok.into();
        if !is_migrated {
            checks.migrations = Status::Pending.into();
            return Ok::<_, Error>(());
        }
        checks.migrations = Status::Ok.into();
        let now = clock::now();
        checks.jobs = Check::of_lag(queue::lag(&db, now).await, settings.jobs_lag_max);
        checks.outbox = Check::of_lag(
            outbox::lag(&db, &app.config.outbox.disabled_shards, now).await,
            settings.outbox_lag_max,
        );
        Ok(())
    };
    match tokio::time::timeout(settings.timeout, asking).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(cause = ?error, "not ready"),
        Err(_) => tracing::warn!("not ready: the database takes too long"),
    }
    checks
}

/// What was found last. However many ask, it is looked for once at a time, and
/// not more often than once in a while.
#[derive(Debug)]
struct Latest<T>(Arc<Mutex<Option<(Instant, T)>>>);

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Clone for Latest<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Clone + Debug + Send + 'static> Latest<T> {
    /// What was found a moment ago, or else what `look` finds. `None` if that
    /// panics.
    async fn get<F: Future<Output = T> + Send + 'static>(
        &self,
        look: impl FnOnce() -> F + Send + 'static,
    ) -> Option<T> {
        let mut latest = self.0.clone().lock_owned().await;
        if let Some((time, found)) = &*latest
            && time.elapsed() < FRESH_FOR
        {
            return Some(found.clone());
        }
        // Goes on when whoever asks hangs up, and keeps the others waiting.
        let looking = tokio::spawn(async move {
            let found = look().await;
            *latest = Some((Instant::now(), found.clone()));
            found
        });
        looking.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use super::*;

    #[tokio::test]
    async fn however_many_ask_it_is_looked_once() {
        let latest = Latest::default();
        let looked = Arc::new(AtomicUsize::new(0));
        let ask = || {
            let (latest, looked) = (latest.clone(), looked.clone());
            async move {
                let look = move || async move {
                    tokio::task::yield_now().await;
                    looked.fetch_add(1, SeqCst)
                };
                latest.get(look).await
            }
        };
        // Whoever hangs up does not begin it anew.
        for _ in 0..20 {
            let gone = tokio::spawn(ask());
            tokio::task::yield_now().await;
            gone.abort();
        }

        let found = futures_util::future::join_all((0..200).map(|_| ask())).await;

        assert!(found.iter().all(|found| *found == Some(0)), "{found:?}");
        assert_eq!(looked.load(SeqCst), 1);
    }
}
