//! Rate limits (spec §24.3): fixed windows, counted in the database so that
//! all nodes count together.

use chrono::{DateTime, Utc};
use entity::rate_limit;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use crate::{
    db::{self, Db, Write},
    error::{Error, Result},
};

const HOUR: i64 = 3600;
const DAY: i64 = 86_400;

/// Something that may be done only so often.
#[derive(Clone, Debug)]
pub struct Limit {
    key: String,
    most: u32,
    window_seconds: i64,
}

impl Limit {
    /// At most `most` times a day (UTC) for what `key` names.
    pub fn per_day(key: impl Into<String>, most: u32) -> Self {
        Self {
            key: key.into(),
            most,
            window_seconds: DAY,
        }
    }

    /// At most `most` times an hour for what `key` names.
    pub fn per_hour(key: impl Into<String>, most: u32) -> Self {
        Self {
            key: key.into(),
            most,
            window_seconds: HOUR,
        }
    }

    /// The number of the window that `now` is in.
    fn window(&self, now: DateTime<Utc>) -> i64 {
        now.timestamp().div_euclid(self.window_seconds)
    }

    /// When that window ends, in seconds since 1970.
    fn end(&self, now: DateTime<Utc>) -> i64 {
        (self.window(now) + 1) * self.window_seconds
    }
}

/// Counts one attempt against **all** limits, also when an earlier one already
/// refuses. Each has a key of its own. The count stands only if `tx` commits, so
/// a caller that is refused commits before it passes the refusal on.
///
/// # Errors
/// `RATE_LIMITED` with the seconds until every exceeded window has ended.
pub async fn attempt(tx: &Write, limits: &[Limit], now: DateTime<Utc>) -> Result<()> {
    let rows = limits.iter().map(|limit| rate_limit::ActiveModel {
        key: Set(limit.key.clone()),
        window: Set(limit.window(now)),
        count: Set(1),
        expires_at: Set(DateTime::from_timestamp(limit.end(now), 0).unwrap_or(now)),
    });
    let counted = rate_limit::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([rate_limit::Column::Key, rate_limit::Column::Window])
                .value(
                    rate_limit::Column::Count,
                    Expr::col((rate_limit::Entity, rate_limit::Column::Count)).add(1),
                )
                .to_owned(),
        )
        .exec_with_returning(&**tx)
        .await?;
    let is_exceeded = |limit: &&Limit| {
        let count = |row: &rate_limit::Model| row.key == limit.key && row.count > i64::from(limit.most);
        counted.iter().any(count)
    };
    let waits = limits
        .iter()
        .filter(is_exceeded)
        .map(|limit| limit.end(now) - now.timestamp());
    match waits.max() {
        None => Ok(()),
        Some(seconds) => Err(Error::rate_limited(u32::try_from(seconds).unwrap_or(u32::MAX))),
    }
}

/// Deletes up to `batch` windows that have ended. How many.
pub async fn delete_ended(db: &Db, batch: u64, now: DateTime<Utc>) -> Result<u64> {
    let keys = [rate_limit::Column::Key, rate_limit::Column::Window];
    let ended = rate_limit::Entity::find()
        .select_only()
        .columns(keys)
        .filter(rate_limit::Column::ExpiresAt.lte(now))
        .order_by_asc(rate_limit::Column::ExpiresAt)
        .limit(batch)
        .into_query();
    let tx = db::begin_write(db).await?;
    let deleted = rate_limit::Entity::delete_many()
        .filter(Expr::tuple(keys.map(Expr::col)).in_subquery(ended))
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    Ok(deleted.rows_affected)
}
