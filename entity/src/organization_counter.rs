//! Table `organization_counter`: what was counted of an organization (spec
//! §23.2), a few seconds late.

use sea_orm::entity::prelude::*;

use crate::ids::OrganizationId;

/// A row of `organization_counter`; a missing row means zeros.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organization_counter")]
pub struct Model {
    /// The organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// Invite mails that a mail server has taken.
    pub invites_sent: i64,
    /// Invites that were accepted.
    pub invites_accepted: i64,
}

impl ActiveModelBehavior for ActiveModel {}

crate::from_columns!(organization_id, invites_sent, invites_accepted);
