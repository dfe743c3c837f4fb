//! Table `event_head`: how far the log of events of each organization is.

use sea_orm::entity::prelude::*;

use crate::ids::OrganizationId;

/// A row of `event_head`. Whoever appends events locks it first, so that they
/// become visible in the order of their numbers.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event_head")]
pub struct Model {
    /// The organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// Number of its last event.
    pub sequence: i64,
    /// Number of the last event that was deleted for its age.
    pub forgotten: i64,
    /// Number of the last event that the broker has taken.
    pub published: i64,
    /// Until when somebody publishes, UTC.
    pub publishing_until: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::from_columns!(organization_id, sequence, forgotten, published, publishing_until);
