//! Table `webhook`: servers that organizations have told of their events.

use sea_orm::entity::prelude::*;

use crate::ids::{OrganizationId, UserId, WebhookId};

/// Why a webhook is told nothing. The texts are storage: add, never rename.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum DisabledReason {
    /// Somebody said so.
    #[sea_orm(string_value = "requested")]
    Requested,
    /// Its server answered that it is gone.
    #[sea_orm(string_value = "gone")]
    Gone,
    /// It has failed for days.
    #[sea_orm(string_value = "failing")]
    Failing,
}

/// A row of `webhook`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key)]
    pub id: WebhookId,
    /// The organization it belongs to.
    pub organization_id: OrganizationId,
    /// What is called.
    pub url: String,
    /// What it is for.
    pub description: Option<String>,
    /// JSON list of the types of events it is told; null = all.
    pub event_types: Option<Json>,
    /// What its deliveries are signed with, encrypted.
    pub secret: Vec<u8>,
    /// What they are signed with, too, encrypted.
    pub previous_secret: Option<Vec<u8>>,
    /// Until then, UTC.
    pub previous_secret_until: Option<DateTimeUtc>,
    /// Whether it is told anything.
    pub is_enabled: bool,
    /// Why not.
    pub disabled_reason: Option<DisabledReason>,
    /// Since when not, UTC.
    pub disabled_at: Option<DateTimeUtc>,
    /// Failed attempts since the last that did not fail.
    pub failures: i32,
    /// The first of them, UTC.
    pub first_failed_at: Option<DateTimeUtc>,
    /// Who made it.
    pub created_by_id: Option<UserId>,
    /// When it was made, UTC.
    pub date_added: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::from_columns!(
    id,
    organization_id,
    url,
    description,
    event_types,
    secret,
    previous_secret,
    previous_secret_until,
    is_enabled,
    disabled_reason,
    disabled_at,
    failures,
    first_failed_at,
    created_by_id,
    date_added,
);

impl Entity {
    /// Webhooks of one organization.
    pub fn within(organization: OrganizationId) -> Select<Self> {
        Self::find().filter(Column::OrganizationId.eq(organization))
    }
}
