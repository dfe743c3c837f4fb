//! Table `event`: what subscribers are told, in order.

use sea_orm::entity::prelude::*;

use crate::ids::{EventId, OrganizationId};

/// A row of `event`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    /// Primary key; grows and never comes again.
    #[sea_orm(primary_key)]
    pub id: EventId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// What happened, as the API names it.
    pub r#type: String,
    /// Number of the object; its type follows from the event.
    pub object_identifier: i64,
    /// When it was delivered, UTC.
    pub date_added: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
