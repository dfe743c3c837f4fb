//! Draining (spec §20.4): which shards are due, who has one, and what is left of
//! it. What is done about a change is not decided here.

use std::{cmp::Reverse, collections::HashSet, time::Duration};

use super::WAS_INVITE;
use crate::{
    db::{self, Db, ForUpdate, SkipLocked, Write, any_of},
    error::Result,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    ids::OutboxId,
    outbox::{self, Category, Shard},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select, sea_query::Expr,
};

/// Shards that are looked for at a time: many more than are delivered at once, and
/// few enough to be soon done with.
pub const SHARDS: u64 = 64;

/// Rows that are delivered together: what is coalesced, and one transaction.
const WINDOW: u64 = 1_000;

/// Longest pause between two attempts at a shard.
const BACK_OFF_MAX: TimeDelta = TimeDelta::hours(1);

/// The rows of a shard.
fn rows(shard: Shard) -> Select<outbox::Entity> {
    outbox::Entity::find()
        .filter(outbox::Column::ShardScope.eq(shard.scope()))
        .filter(outbox::Column::ShardIdentifier.eq(shard.identifier()))
}

#[derive(FromQueryResult)]
struct Due {
    shard_scope: i32,
    shard_identifier: i64,
}

/// Shards with a row that is due: those that wait longest first, then those with
/// the newest row.
pub async fn due(db: &Db, now: DateTime<Utc>) -> Result<Vec<Shard>> {
    let due = outbox::Entity::find()
        .select_only()
        .columns([outbox::Column::ShardScope, outbox::Column::ShardIdentifier])
        .filter(outbox::Column::ScheduledFor.lte(now))
        .group_by(outbox::Column::ShardScope)
        .group_by(outbox::Column::ShardIdentifier)
        .order_by_asc(outbox::Column::ScheduledFor.min())
        .order_by_desc(outbox::Column::Id.max())
        .limit(SHARDS)
        .into_model::<Due>()
        .all(db)
        .await?;
    Ok(due
        .into_iter()
        .map(|due| Shard::of(due.shard_scope, due.shard_identifier))
        .collect())
}

/// Claims a shard without waiting: whoever comes next finds it due only after
/// its back-off, unless something is added. False if somebody else has it, or it
/// is not due any more.
pub async fn claim(db: &Db, shard: Shard, now: DateTime<Utc>) -> Result<bool> {
    let tx = db::begin_write(db).await?;
    let first = rows(shard)
        .select_only()
        .column(outbox::Column::Id)
        .order_by_asc(outbox::Column::Id)
        .limit(1)
        .into_query();
    // The first row stands for the shard; not the first that nobody has locked.
    let first = outbox::Entity::find().filter(outbox::Column::Id.in_subquery(first));
    let Some(first) = first.skip_locked().one(&*tx).await? else {
        return Ok(false);
    };
    let is_due = rows(shard).filter(outbox::Column::ScheduledFor.lte(now));
    if is_due.limit(1).one(&*tx).await?.is_none() {
        // At once: a dropped transaction holds its lock until somebody has time.
        tx.rollback().await?;
        return Ok(false);
    }
    let pause = back_off(first.scheduled_from, first.scheduled_for);
    outbox::Entity::update_many()
        .col_expr(outbox::Column::ScheduledFrom, Expr::value(now))
        .col_expr(outbox::Column::ScheduledFor, Expr::value(now + pause))
        .filter(outbox::Column::ShardScope.eq(first.shard_scope))
        .filter(outbox::Column::ShardIdentifier.eq(first.shard_identifier))
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    Ok(true)
}

/// Makes every shard due that waits after a failure. How many rows.
pub async fn hasten(db: &Db, now: DateTime<Utc>) -> Result<u64> {
    let tx = db::begin_write(db).await?;
    // Whoever holds a row is at its shard already.
    let waiting = outbox::Entity::find()
        .select_only()
        .column(outbox::Column::Id)
        .filter(outbox::Column::ScheduledFor.gt(now))
        .skip_locked();
    let hastened = outbox::Entity::update_many()
        .col_expr(outbox::Column::ScheduledFor, Expr::value(now))
        .filter(outbox::Column::Id.in_subquery(waiting.into_query()))
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    Ok(hastened.rows_affected)
}

/// Twice the last pause: 2 s, 4 s, 8 s … 1 h.
fn back_off(from: DateTime<Utc>, until: DateTime<Utc>) -> TimeDelta {
    let last = (until - from).max(TimeDelta::seconds(1));
    (last * 2).min(BACK_OFF_MAX)
}

/// Number of the last row of a shard: what was there when somebody looked.
pub async fn end(db: &Db, shard: Shard) -> Result<Option<OutboxId>> {
    let last = rows(shard).order_by_desc(outbox::Column::Id).one(db).await?;
    Ok(last.map(|row| row.id))
}

/// Everything that the first rows of a shard say about one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// What happened.
    pub category: Category,
    /// To which object.
    pub object: i64,
    /// Of a member that is gone: whether it was an invite.
    pub was_invite: bool,
    /// When the newest row was written.
    pub changed_at: DateTime<Utc>,
}

/// The first rows of a shard.
#[derive(Debug, Default)]
pub struct Window {
    /// What they say, in the order of each object's newest row.
    pub groups: Vec<Group>,
    /// The rows. Only those that were read are deleted: a row with a lower
    /// number may become visible later.
    rows: Vec<outbox::Model>,
}

/// The first rows of a shard, up to `end` if that is given. They are locked, from
/// the first on: whoever claims the shard meanwhile finds it taken. Locked in
/// another order, or later, two nodes could wait for each other.
///
/// # Errors
/// A database that does not answer.
pub async fn window(tx: &Write, shard: Shard, end: Option<OutboxId>) -> Result<Window> {
    let mut found = rows(shard)
        .order_by_asc(outbox::Column::Id)
        .limit(WINDOW)
        .for_deletion();
    if let Some(end) = end {
        found = found.filter(outbox::Column::Id.lte(end));
    }
    let rows = found.all(&**tx).await?;
    let mut seen = HashSet::new();
    let newest = rows.iter().rev();
    let newest = newest.filter(|row| seen.insert((row.category, row.object_identifier)));
    let mut groups: Vec<Group> = newest
        .map(|row| Group {
            category: row.category,
            object: row.object_identifier,
            was_invite: row.payload.as_ref().is_some_and(|payload| payload[WAS_INVITE] == true),
            changed_at: row.date_added,
        })
        .collect();
    groups.reverse();
    Ok(Window { groups, rows })
}

impl Window {
    /// Whether the shard has no row, or none up to the end that was given.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Deletes what was delivered, with `tx`.
    pub async fn delete(&self, tx: &Write) -> Result<()> {
        let ids = self.rows.iter().map(|row| row.id.0);
        outbox::Entity::delete_many()
            .filter(any_of(tx.get_database_backend(), outbox::Column::Id, ids))
            .exec(&**tx)
            .await?;
        Ok(())
    }

    /// Counts what was delivered, and how late.
    pub fn measure(&self, now: DateTime<Utc>) {
        let seconds = |time: DateTime<Utc>| (now - time).to_std().unwrap_or_default().as_secs_f64();
        for group in &self.groups {
            let category = format!("{:?}", group.category);
            metrics::counter!("outbox_processed_total", "category" => category.clone()).increment(1);
            metrics::histogram!("outbox_processing_lag_seconds", "category" => category)
                .record(seconds(group.changed_at));
        }
        metrics::histogram!("outbox_batch_rows").record(self.rows.len() as f64);
        let coalesced = self.rows.len() - self.groups.len();
        metrics::counter!("outbox_coalesced_total").increment(coalesced as u64);
        let oldest = self.rows.iter().min_by_key(|row| row.date_added);
        if let Some(oldest) = oldest.filter(|_| coalesced > 0) {
            metrics::histogram!("outbox_coalesced_net_queue_time_seconds").record(seconds(oldest.date_added));
        }
    }
}

/// Drops from a shard that is not delivered what newer rows of the same object
/// say again. How many rows.
pub async fn compact(db: &Db, shard: Shard) -> Result<u64> {
    let tx = db::begin_write(db).await?;
    let newest = rows(shard)
        .select_only()
        .column_as(outbox::Column::Id.max(), "newest")
        .group_by(outbox::Column::Category)
        .group_by(outbox::Column::ObjectIdentifier)
        .into_query();
    let matching = rows(shard)
        .filter(outbox::Column::Id.not_in_subquery(newest))
        .skip_locked();
    let older = matching.select_only().column(outbox::Column::Id).into_query();
    let gone = outbox::Entity::delete_many()
        .filter(outbox::Column::Id.in_subquery(older))
        .exec(&*tx)
        .await?;
    tx.count(metrics::counter!("outbox_coalesced_total"), gone.rows_affected);
    tx.commit().await?;
    Ok(gone.rows_affected)
}

/// How much there is in a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth {
    /// The shard.
    pub shard: Shard,
    /// Its rows.
    pub rows: i64,
    /// When its oldest row was written.
    pub since: DateTime<Utc>,
    /// When it is due.
    pub due_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Counted {
    shard_scope: i32,
    shard_identifier: i64,
    count: i64,
    since: DateTime<Utc>,
    due_at: DateTime<Utc>,
}

/// The deepest shards, the deepest first.
pub async fn deepest(db: &Db, limit: u64) -> Result<Vec<Depth>> {
    let counted = outbox::Entity::find()
        .select_only()
        .columns([outbox::Column::ShardScope, outbox::Column::ShardIdentifier])
        .column_as(outbox::Column::Id.count(), "count")
        .column_as(outbox::Column::DateAdded.min(), "since")
        .column_as(outbox::Column::ScheduledFor.min(), "due_at")
        .group_by(outbox::Column::ShardScope)
        .group_by(outbox::Column::ShardIdentifier)
        .order_by_desc(outbox::Column::Id.count())
        .limit(limit)
        .into_model::<Counted>()
        .all(db)
        .await?;
    let mut depths: Vec<_> = counted
        .into_iter()
        .map(|counted| Depth {
            shard: Shard::of(counted.shard_scope, counted.shard_identifier),
            rows: counted.count,
            since: counted.since,
            due_at: counted.due_at,
        })
        .collect();
    depths.sort_by_key(|depth| (Reverse(depth.rows), depth.due_at));
    Ok(depths)
}

/// How old the oldest change is that waits, without the shards that are not to be
/// delivered.
///
/// # Errors
/// A database that does not answer.
pub async fn lag(db: &Db, disabled: &[Shard], now: DateTime<Utc>) -> Result<Duration> {
    let is_disabled = disabled.iter().fold(Condition::any(), |any, shard| {
        let this = Condition::all()
            .add(outbox::Column::ShardScope.eq(shard.scope()))
            .add(outbox::Column::ShardIdentifier.eq(shard.identifier()));
        any.add(this)
    });
    let mut rows = outbox::Entity::find();
    if !disabled.is_empty() {
        rows = rows.filter(is_disabled.not());
    }
    let oldest = rows.order_by_asc(outbox::Column::Id).one(db).await?;
    Ok(oldest
        .and_then(|row| (now - row.date_added).to_std().ok())
        .unwrap_or_default())
}

/// Publishes how much is waiting: all of it, and how old the oldest is of what is
/// to be delivered.
///
/// # Errors
/// A database that does not answer.
pub async fn measure(db: &Db, disabled: &[Shard], now: DateTime<Utc>) -> Result<()> {
    let deepest = deepest(db, 1).await?;
    let rows = deepest.first().map_or(0, |depth| depth.rows);
    metrics::gauge!("outbox_deepest_shard_rows").set(rows as f64);
    let total = outbox::Entity::find().count(db).await?;
    metrics::gauge!("outbox_rows").set(total as f64);
    let lag = lag(db, disabled, now).await?;
    metrics::gauge!("outbox_lag_seconds").set(lag.as_secs_f64());
    Ok(())
}

/// Nobody knows how much is waiting.
pub fn forget_measures() {
    for name in ["outbox_deepest_shard_rows", "outbox_rows", "outbox_lag_seconds"] {
        metrics::gauge!(name).set(f64::NAN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour() {
        let from = DateTime::UNIX_EPOCH + TimeDelta::days(1);
        // Of a new row: it was due in the far past.
        assert_eq!(back_off(from, DateTime::UNIX_EPOCH), TimeDelta::seconds(2));
        assert_eq!(back_off(from, from + TimeDelta::seconds(2)), TimeDelta::seconds(4));
        assert_eq!(back_off(from, from + TimeDelta::minutes(31)), TimeDelta::hours(1));
        assert_eq!(back_off(from, from + TimeDelta::hours(1)), TimeDelta::hours(1));
    }
}
