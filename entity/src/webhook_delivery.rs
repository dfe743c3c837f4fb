//! Table `webhook_delivery`: an event that a webhook is told, and what became of
//! that. It holds all that is told, so it needs the event no more.

use sea_orm::entity::prelude::*;

use crate::{
    event::EventType,
    ids::{EventId, OrganizationId, WebhookDeliveryId, WebhookId},
};

/// Where a delivery is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i32", db_type = "Integer")]
pub enum DeliveryStatus {
    /// Waits for its first or next attempt.
    #[sea_orm(num_value = 0)]
    Pending,
    /// The server has taken it.
    #[sea_orm(num_value = 1)]
    Delivered,
    /// Given up.
    #[sea_orm(num_value = 2)]
    Failed,
}

/// A row of `webhook_delivery`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_delivery")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key)]
    pub id: WebhookDeliveryId,
    /// The organization where it happened.
    pub organization_id: OrganizationId,
    /// Who is told.
    pub webhook_id: WebhookId,
    /// The number of the event in the log of the organization.
    pub sequence: i64,
    /// What happened.
    pub event_type: EventType,
    /// To which object.
    pub object_identifier: i64,
    /// When, UTC.
    pub occurred_at: DateTimeUtc,
    /// Place in its life.
    pub status: DeliveryStatus,
    /// How often it was tried.
    pub attempts: i32,
    /// How often it failed since it was queued, or queued again.
    pub failures: i32,
    /// What the server answered last.
    pub response_status: Option<i32>,
    /// Why the last attempt failed.
    pub error: Option<String>,
    /// When it was tried last, UTC.
    pub last_attempt_at: Option<DateTimeUtc>,
    /// When it will be tried, UTC; null when it will not.
    pub next_attempt_at: Option<DateTimeUtc>,
    /// When it was queued first, UTC.
    pub date_added: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::from_columns!(
    id,
    organization_id,
    webhook_id,
    sequence,
    event_type,
    object_identifier,
    occurred_at,
    status,
    attempts,
    failures,
    response_status,
    error,
    last_attempt_at,
    next_attempt_at,
    date_added,
);

impl Model {
    /// The name of the event outside.
    pub fn event(&self) -> EventId {
        EventId {
            organization: self.organization_id,
            sequence: self.sequence,
        }
    }
}
