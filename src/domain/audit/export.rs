//! The audit log for other programs: everything, a page at a time.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{
    audit_log_entry,
    ids::{AuditLogEntryId, OrganizationId, RowId, UserId},
    organization, user,
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use serde::Serialize;
use serde_json::Value;

use super::{Event, render};
use crate::{
    db::{Db, any_of},
    error::Result,
};

/// Entries that are read at a time.
const PAGE: u64 = 1_000;

/// An entry with everything that is known of it, named as in the API.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    id: String,
    created_at: DateTime<Utc>,
    organization_id: String,
    organization_slug: String,
    event: &'static str,
    message: String,
    actor_id: Option<String>,
    actor_api_token_id: Option<String>,
    actor_label: String,
    target_id: Option<String>,
    target_user_id: Option<String>,
    ip_address: Option<String>,
    data: Value,
}

/// Reads entries organization by organization, in each the oldest first. Holds
/// one page, however long the log is.
#[derive(Debug)]
pub struct Export {
    /// Only of this one.
    organization: Option<OrganizationId>,
    /// Only later entries.
    after: Option<DateTime<Utc>>,
    /// Only earlier entries.
    before: Option<DateTime<Utc>>,
    /// The last entry of the page before.
    last: Option<(OrganizationId, DateTime<Utc>, AuditLogEntryId)>,
}

impl Export {
    /// Begins at the first entry; of all organizations, if none is named.
    pub fn new(
        organization: Option<OrganizationId>,
        after: Option<DateTime<Utc>>,
        before: Option<DateTime<Utc>>,
    ) -> Self {
        Self {
            organization,
            after,
            before,
            last: None,
        }
    }

    /// The next entries; none at the end.
    pub async fn next(&mut self, db: &Db) -> Result<Vec<Line>> {
        use audit_log_entry::Column::{Datetime, Id, OrganizationId};
        let beyond = self.last.map(|(organization, time, id)| {
            let last = [Expr::value(organization), Expr::value(time), Expr::value(id)];
            Expr::tuple([OrganizationId, Datetime, Id].map(Expr::col)).gt(Expr::tuple(last))
        });
        let wanted = [
            beyond,
            self.organization.map(|organization| OrganizationId.eq(organization)),
            self.after.map(|after| Datetime.gt(after)),
            self.before.map(|before| Datetime.lt(before)),
        ];
        let mut page = audit_log_entry::Entity::find();
        for condition in wanted.into_iter().flatten() {
            page = page.filter(condition);
        }
        let rows = page
            .order_by_asc(OrganizationId)
            .order_by_asc(Datetime)
            .order_by_asc(Id)
            .limit(PAGE)
            .all(db)
            .await?;
        self.last = rows
            .last()
            .map(|row| (row.organization_id, row.datetime, row.id))
            .or(self.last);
        let slugs = slugs(db, &rows).await?;
        let people = people(db, &rows).await?;
        let line = |row| line(row, &slugs, &people);
        Ok(rows.into_iter().map(line).collect())
    }
}

fn line(
    row: audit_log_entry::Model,
    slugs: &HashMap<OrganizationId, String>,
    people: &HashMap<UserId, user::Model>,
) -> Line {
    let event = Event::of_number(row.event);
    let target = row.target_user_id.and_then(|id| people.get(&id));
    Line {
        message: render(&row, target.map(user::Model::display_name)),
        id: row.id.global(),
        created_at: row.datetime,
        organization_id: row.organization_id.global(),
        organization_slug: slugs.get(&row.organization_id).cloned().unwrap_or_default(),
        event: event.map_or("unknown", Event::name),
        actor_id: row.actor_id.map(RowId::global),
        actor_api_token_id: row.actor_key_id.map(RowId::global),
        actor_label: row.actor_label,
        target_id: event
            .zip(row.target_object_id)
            .map(|(event, object)| event.target(object)),
        target_user_id: row.target_user_id.map(RowId::global),
        ip_address: row.ip,
        data: row.data,
    }
}

/// Slugs of the organizations on a page.
async fn slugs(db: &Db, rows: &[audit_log_entry::Model]) -> Result<HashMap<OrganizationId, String>> {
    let mut ids: Vec<_> = rows.iter().map(|row| row.organization_id.0).collect();
    ids.dedup();
    let found = organization::Entity::find()
        .filter(any_of(db.backend(), organization::Column::Id, ids))
        .all(db)
        .await?;
    Ok(found.into_iter().map(|row| (row.id, row.slug)).collect())
}

/// People whom entries on a page are about.
async fn people(db: &Db, rows: &[audit_log_entry::Model]) -> Result<HashMap<UserId, user::Model>> {
    let mut ids: Vec<_> = rows
        .iter()
        .filter_map(|row| row.target_user_id)
        .map(|id| id.0)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let found = user::Entity::find()
        .filter(any_of(db.backend(), user::Column::Id, ids))
        .all(db)
        .await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}
