//! Forgetting invites that ran out long ago (spec §9.6).

use chrono::{DateTime, TimeDelta, Utc};
use entity::{auth_provider, member};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::delete;
use crate::{
    app::App,
    db::{self, SkipLocked},
    error::Result,
};

/// Deletes up to `limit` pending rows that ran out longer ago than the
/// configuration says. Those of organizations whose identity provider manages
/// their members (SCIM) stay. How many.
pub async fn delete_expired(app: &App, limit: u64, now: DateTime<Utc>) -> Result<u64> {
    let kept = TimeDelta::from_std(app.config.invites.cleanup_after).unwrap_or(TimeDelta::days(30));
    let managed = auth_provider::Entity::find()
        .select_only()
        .column(auth_provider::Column::OrganizationId)
        .filter(auth_provider::Column::ScimEnabled.eq(true))
        .into_query();
    let tx = db::begin_write(&app.db).await?;
    let rows = member::Entity::find()
        .filter(member::Column::TokenExpiresAt.lt(now - kept))
        .filter(member::Column::UserId.is_null())
        .filter(member::Column::OrganizationId.not_in_subquery(managed))
        .order_by_asc(member::Column::TokenExpiresAt)
        .limit(limit)
        // Whoever holds one is about to renew or accept it.
        .skip_locked()
        .all(&*tx)
        .await?;
    let deleted = delete(&tx, &rows).await?;
    tx.commit().await?;
    Ok(deleted)
}
