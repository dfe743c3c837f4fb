//! Table `outbox`: which objects changed, written with the change (spec §20).

use sea_orm::entity::prelude::*;

use crate::ids::OutboxId;

/// What happened to which kind of object. Numbers are storage and outlive
/// deploys: add, never rename.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i32", db_type = "Integer")]
pub enum Category {
    /// A person.
    #[sea_orm(num_value = 0)]
    UserUpdate,
    /// An organization.
    #[sea_orm(num_value = 2)]
    OrganizationUpdate,
    /// A member row.
    #[sea_orm(num_value = 3)]
    OrganizationMemberUpdate,
    /// A team.
    #[sea_orm(num_value = 11)]
    TeamUpdate,
    /// An auth provider.
    #[sea_orm(num_value = 24)]
    AuthProviderUpdate,
    /// An auth identity.
    #[sea_orm(num_value = 25)]
    AuthIdentityUpdate,
    /// A membership in a team.
    #[sea_orm(num_value = 26)]
    OrganizationMemberTeamUpdate,
    /// A slug.
    #[sea_orm(num_value = 27)]
    OrganizationSlugReservationUpdate,
    /// An organization's avatar.
    #[sea_orm(num_value = 47)]
    OrganizationAvatarUpdate,
}

/// A row of `outbox`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    /// Primary key; grows and never comes again.
    #[sea_orm(primary_key)]
    pub id: OutboxId,
    /// Kind of shard: 0 organization, 1 user.
    pub shard_scope: i32,
    /// Which shard: the organization's or person's number.
    pub shard_identifier: i64,
    /// What happened.
    pub category: Category,
    /// To which object.
    pub object_identifier: i64,
    /// Lookup hints; never relied on.
    pub payload: Option<Json>,
    /// Back-off: when the current wait began.
    pub scheduled_from: DateTimeUtc,
    /// Back-off: when the shard is due. Starts in the far past.
    pub scheduled_for: DateTimeUtc,
    /// When the change was made, UTC.
    pub date_added: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
