//! Table `audit_log_entry` (spec §2.8, §22).

use sea_orm::entity::prelude::*;

use crate::ids::{ApiTokenId, AuditLogEntryId, OrganizationId, UserId};

/// A row of `audit_log_entry`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_log_entry")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key)]
    pub id: AuditLogEntryId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The person who acted.
    pub actor_id: Option<UserId>,
    /// The API token that acted.
    pub actor_key_id: Option<ApiTokenId>,
    /// Name of whoever acted, as it was then; at most 64 characters.
    pub actor_label: String,
    /// Number of the object that was acted on; its type follows from the event.
    pub target_object_id: Option<i64>,
    /// The person who was acted on.
    pub target_user_id: Option<UserId>,
    /// Event number (§22).
    pub event: i32,
    /// Address of the client.
    pub ip: Option<String>,
    /// What is worth knowing, as a map.
    pub data: Json,
    /// When it happened, UTC.
    pub datetime: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::from_columns!(
    id,
    organization_id,
    actor_id,
    actor_key_id,
    actor_label,
    target_object_id,
    target_user_id,
    event,
    ip,
    data,
    datetime,
);

impl Entity {
    /// Entries of one organization.
    pub fn within(organization: OrganizationId) -> Select<Self> {
        Self::find().filter(Column::OrganizationId.eq(organization))
    }
}
