//! Rate limits (spec §24.3): fixed windows, counted in the database so that
//! all nodes count together.

use chrono::{DateTime, Utc};
use entity::rate_limit;
use sea_orm::{
    ActiveValue::Set,
    EntityTrait,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use crate::{
    db::Write,
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
}

/// Counts one attempt against **all** limits, also when an earlier one already
/// refuses. The count stands only if `tx` commits, so a caller that is refused
/// commits before it passes the refusal on.
///
/// # Errors
/// `RATE_LIMITED` with the seconds until every exceeded window has ended.
pub async fn attempt(tx: &Write, limits: &[Limit], now: DateTime<Utc>) -> Result<()> {
    let mut wait = None;
    for limit in limits {
        let window = now.timestamp().div_euclid(limit.window_seconds);
        let end = (window + 1) * limit.window_seconds;
        let row = rate_limit::ActiveModel {
            key: Set(limit.key.clone()),
            window: Set(window),
            count: Set(1),
            expires_at: Set(DateTime::from_timestamp(end, 0).unwrap_or(now)),
        };
        let counted = rate_limit::Entity::insert(row)
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
        if counted.count > i64::from(limit.most) {
            wait = Ord::max(wait, Some(end - now.timestamp()));
        }
    }
    match wait {
        None => Ok(()),
        Some(seconds) => Err(Error::rate_limited(u32::try_from(seconds).unwrap_or(u32::MAX))),
    }
}
