//! What subscribers are told: the log of events of each organization, in order
//! and without gaps, and the bell that rings in this process when one grows.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
pub use entity::event::EventType;
use entity::{
    event, event_head,
    ids::{EventId, OrganizationId},
    organization,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    db::{Db, Wake, Write, any_of},
    error::{Code, Result},
};

/// Something to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct News {
    /// What happened.
    pub kind: EventType,
    /// To which object.
    pub object: i64,
    /// When.
    pub occurred_at: DateTime<Utc>,
}

/// Locks the log of an organization until `tx` ends: whoever appends takes
/// turns, so that a number is never seen before the numbers below it.
pub async fn lock(tx: &Write, organization: OrganizationId) -> Result<event_head::Model> {
    let head = event_head::ActiveModel {
        organization_id: Set(organization),
        sequence: Set(0),
        forgotten: Set(0),
        published: Set(0),
        publishing_until: Set(None),
    };
    // Changes nothing in a row that is there, but locks it.
    let lock = OnConflict::column(event_head::Column::OrganizationId)
        .update_column(event_head::Column::OrganizationId)
        .to_owned();
    let head = event_head::Entity::insert(head).on_conflict(lock);
    Ok(head.exec_with_returning(&**tx).await?)
}

/// Appends to a log that `tx` has locked. The rows, numbered.
pub async fn append(
    tx: &Write,
    head: &event_head::Model,
    news: &[News],
    now: DateTime<Utc>,
) -> Result<Vec<event::Model>> {
    if news.is_empty() {
        return Ok(Vec::new());
    }
    let numbered = news.iter().zip(head.sequence + 1..);
    let events: Vec<_> = numbered
        .map(|(news, sequence)| event::Model {
            organization_id: head.organization_id,
            sequence,
            r#type: news.kind,
            object_identifier: news.object,
            occurred_at: news.occurred_at,
            date_added: now,
        })
        .collect();
    event::Entity::insert_many(events.iter().cloned().map(Into::<event::ActiveModel>::into))
        .exec_without_returning(&**tx)
        .await?;
    let last = head.sequence + events.len() as i64;
    event_head::Entity::update_many()
        .col_expr(event_head::Column::Sequence, Expr::value(last))
        .filter(event_head::Column::OrganizationId.eq(head.organization_id))
        .exec(&**tx)
        .await?;
    tx.wake(Wake::Events);
    Ok(events)
}

/// Events after a number, oldest first.
pub async fn after(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    sequence: i64,
    limit: u64,
) -> Result<Vec<event::Model>> {
    Ok(event::Entity::find()
        .filter(event::Column::OrganizationId.eq(organization))
        .filter(event::Column::Sequence.gt(sequence))
        .order_by_asc(event::Column::Sequence)
        .limit(limit)
        .all(db)
        .await?)
}

/// Number of the event after which somebody goes on who has seen these: the
/// latest. Whoever has seen nothing begins with what comes next.
///
/// # Errors
/// `EVENT_NOT_FOUND` for an event of another organization; if the latest is
/// unknown, or older than what is kept.
pub async fn position(
    db: &impl ConnectionTrait,
    organization: OrganizationId,
    seen: impl IntoIterator<Item = &str>,
) -> Result<i64> {
    let mut latest = None;
    for id in seen {
        let id = EventId::parse(id).filter(|id| id.organization == organization);
        latest = Ord::max(latest, Some(id.ok_or(Code::EventNotFound)?.sequence));
    }
    let head = event_head::Entity::find_by_id(organization).one(db).await?;
    let (last, forgotten) = head.map_or((0, 0), |head| (head.sequence, head.forgotten));
    match latest {
        None => Ok(last),
        Some(sequence) if (forgotten..=last).contains(&sequence) => Ok(sequence),
        Some(_) => Err(Code::EventNotFound.into()),
    }
}

/// Deletes up to `limit` events that were written before `end`, and remembers
/// how far each log is gone. How many.
pub async fn forget(tx: &Write, end: DateTime<Utc>, limit: u64) -> Result<u64> {
    let old = event::Entity::find()
        .filter(event::Column::DateAdded.lt(end))
        .order_by_asc(event::Column::DateAdded)
        .limit(limit)
        .all(&**tx)
        .await?;
    let mut last: HashMap<OrganizationId, i64> = HashMap::new();
    for event in old {
        let last = last.entry(event.organization_id).or_default();
        *last = Ord::max(event.sequence, *last);
    }
    let mut gone = 0;
    for (organization, sequence) in last {
        // Numbers and times grow together, so nothing newer goes with them.
        gone += event::Entity::delete_many()
            .filter(event::Column::OrganizationId.eq(organization))
            .filter(event::Column::Sequence.lte(sequence))
            .exec(&**tx)
            .await?
            .rows_affected;
        event_head::Entity::update_many()
            .col_expr(event_head::Column::Forgotten, Expr::value(sequence))
            .filter(event_head::Column::OrganizationId.eq(organization))
            .exec(&**tx)
            .await?;
        // Of an organization that is gone nothing is left with its last event.
        let there = organization::Entity::find_by_id(organization)
            .select_only()
            .column(organization::Column::Id);
        event_head::Entity::delete_many()
            .filter(event_head::Column::OrganizationId.eq(organization))
            .filter(event_head::Column::Sequence.lte(sequence))
            .filter(Expr::exists(there.into_query()).not())
            .exec(&**tx)
            .await?;
    }
    Ok(gone)
}

/// Tells those who wait in this process that a log has grown. It carries no
/// event: whoever hears it reads the log, so a bell that rings twice, or for
/// nothing, does no harm.
#[derive(Debug, Default)]
pub struct Bell(Mutex<HashMap<OrganizationId, watch::Sender<i64>>>);

impl Bell {
    fn ropes(&self) -> MutexGuard<'_, HashMap<OrganizationId, watch::Sender<i64>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes when the log of the organization may have grown.
    pub fn listen(&self, organization: OrganizationId) -> watch::Receiver<i64> {
        let mut ropes = self.ropes();
        // Nobody tells when the last one leaves; so those go when one comes.
        ropes.retain(|id, rope| *id == organization || rope.receiver_count() > 0);
        ropes
            .entry(organization)
            .or_insert_with(|| watch::Sender::new(0))
            .subscribe()
    }

    /// The log of an organization has grown, up to `sequence` as somebody says. That
    /// is not believed, because messages of others say it, too: it only tells one
    /// ring from the next, so that what is heard in several ways rings once.
    pub fn ring(&self, organization: OrganizationId, sequence: i64) {
        if let Some(rope) = self.ropes().get(&organization) {
            rope.send_if_modified(|last| std::mem::replace(last, sequence) != sequence);
        }
    }

    /// Whose logs somebody waits for.
    fn awaited(&self) -> Vec<OrganizationId> {
        let ropes = self.ropes();
        let awaited = ropes.iter().filter(|(_, rope)| rope.receiver_count() > 0);
        awaited.map(|(organization, _)| *organization).collect()
    }

    /// Looks how far the logs are that somebody waits for, and rings: another
    /// process may have made them grow, and its message may be lost. One
    /// statement for a thousand of them; none if nobody waits.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn catch_up(&self, db: &Db) -> Result<()> {
        const BATCH: usize = 1_000;
        for organizations in self.awaited().chunks(BATCH) {
            let ids = organizations.iter().map(|id| id.0);
            let heads: Vec<(OrganizationId, i64)> = event_head::Entity::find()
                .select_only()
                .columns([event_head::Column::OrganizationId, event_head::Column::Sequence])
                .filter(any_of(
                    db.get_database_backend(),
                    event_head::Column::OrganizationId,
                    ids,
                ))
                .into_tuple()
                .all(db)
                .await?;
            for (organization, sequence) in heads {
                self.ring(organization, sequence);
            }
        }
        Ok(())
    }

    /// Catches up again and again, until `shutdown`.
    pub async fn keep_up(&self, db: &Db, every: Duration, shutdown: CancellationToken) {
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = ticks.tick() => {}
            }
            if let Err(error) = self.catch_up(db).await {
                tracing::warn!(cause = ?error, "events cannot be looked for");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bell_rings_for_whom_it_concerns_and_once() {
        let bell = Bell::default();
        let mut first = bell.listen(OrganizationId(1));
        let second = bell.listen(OrganizationId(2));
        bell.ring(OrganizationId(1), 3);
        assert!(first.has_changed().unwrap() && !second.has_changed().unwrap());
        first.mark_unchanged();
        bell.ring(OrganizationId(1), 3);
        assert!(!first.has_changed().unwrap());
        drop(second);
        assert_eq!(bell.awaited(), [OrganizationId(1)]);
    }

    #[test]
    fn a_number_that_is_too_high_keeps_nobody_from_hearing() {
        let bell = Bell::default();
        let mut ear = bell.listen(OrganizationId(1));
        bell.ring(OrganizationId(1), 3);
        for wrong in [1_000_000, i64::MAX] {
            bell.ring(OrganizationId(1), wrong);
            ear.mark_unchanged();
            bell.ring(OrganizationId(1), 4);
            assert!(ear.has_changed().unwrap());
        }
    }
}
