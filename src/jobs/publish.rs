//! Publishing events to the broker. What it has taken is noted in the log's
//! head, so a broker that is away gets everything when it is back, in the order
//! of each organization.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{event_head, ids::OrganizationId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    broker::Broker,
    clock,
    db::{self, Wake},
    error::{Error, Result},
    events,
};

/// Logs that are looked for at a time.
const LOGS: u64 = 100;

/// Events that are published together.
const PAGE: u64 = 100;

/// How long one process has a log to itself, so that others do not publish
/// between its events. Also the pause after a failure.
const LEASE: TimeDelta = TimeDelta::seconds(10);

/// How long a page may take: less than the lease.
const LIMIT: Duration = Duration::from_secs(7);

/// Publishes what is new, until `shutdown`.
pub async fn run(app: &App, shutdown: &CancellationToken) {
    let Some(broker) = &app.broker else { return };
    let mut appended = app.db.committed(Wake::Events);
    while !shutdown.is_cancelled() {
        appended.mark_unchanged();
        let is_idle = match publish_some(app, broker).await {
            Ok(published) => published == 0,
            Err(error) => {
                metrics::counter!("broker_failures_total").increment(1);
                tracing::warn!(cause = ?error, "events cannot be published; they wait");
                true
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => {}
            _ = appended.changed(), if is_idle => {}
            () = tokio::time::sleep(app.config.jobs.poll_every), if is_idle => {}
            () = std::future::ready(()), if !is_idle => {}
        }
    }
    broker.close().await;
}

/// Publishes a page of each log that has something new. How many events.
async fn publish_some(app: &App, broker: &Broker) -> Result<usize> {
    let now = clock::now();
    let waiting: Vec<OrganizationId> = event_head::Entity::find()
        .select_only()
        .column(event_head::Column::OrganizationId)
        // Spelled as in the index.
        .filter(Expr::cust("published < sequence"))
        .filter(is_free(now))
        .limit(LOGS)
        .into_tuple()
        .all(&app.db)
        .await?;
    let mut published = 0;
    for organization in waiting {
        published += publish_log(app, broker, organization).await?;
    }
    Ok(published)
}

fn is_free(now: DateTime<Utc>) -> sea_orm::Condition {
    sea_orm::Condition::any()
        .add(event_head::Column::PublishingUntil.is_null())
        .add(event_head::Column::PublishingUntil.lte(now))
}

/// Publishes the next page of a log, unless somebody else does. If the broker
/// fails, the lease stays, and is the pause.
async fn publish_log(app: &App, broker: &Broker, organization: OrganizationId) -> Result<usize> {
    let now = clock::now();
    let until = now + LEASE;
    let tx = db::begin_write(&app.db).await?;
    let taken = event_head::Entity::update_many()
        .col_expr(event_head::Column::PublishingUntil, Expr::value(until))
        .filter(event_head::Column::OrganizationId.eq(organization))
        .filter(is_free(now))
        .exec_with_returning(&*tx)
        .await?;
    tx.commit().await?;
    let Some(head) = taken.into_iter().next() else {
        return Ok(0);
    };
    if head.published < head.forgotten {
        metrics::counter!("broker_lost_total").increment((head.forgotten - head.published).unsigned_abs());
        tracing::error!(
            organization = organization.0,
            "events were forgotten before the broker took them"
        );
    }
    let seen = head.published.max(head.forgotten);
    let page = events::after(&app.db, organization, seen, PAGE).await?;
    tokio::time::timeout(LIMIT, broker.publish(&page))
        .await
        .map_err(Error::internal)??;

    let last = page.last().map_or(seen, |event| event.sequence);
    let tx = db::begin_write(&app.db).await?;
    event_head::Entity::update_many()
        .col_expr(event_head::Column::Published, Expr::value(last))
        .col_expr(event_head::Column::PublishingUntil, Expr::value(None::<DateTime<Utc>>))
        .filter(event_head::Column::OrganizationId.eq(organization))
        .filter(event_head::Column::PublishingUntil.eq(until))
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    metrics::counter!("broker_published_total").increment(page.len() as u64);
    Ok(page.len())
}
