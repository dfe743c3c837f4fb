//! Table `access_request`: requests to be let into a team (spec §2.5).

use sea_orm::entity::prelude::*;

use crate::ids::{AccessRequestId, MemberId, OrganizationId, TeamId, UserId};

/// A row of `access_request`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "access_request")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key)]
    pub id: AccessRequestId,
    /// The team; unique together with the member.
    pub team_id: TeamId,
    /// Who is to be let in.
    pub member_id: MemberId,
    /// Who asked; null = the member.
    pub requester_id: Option<UserId>,
    /// When it was asked, UTC.
    pub date_added: DateTimeUtc,
    /// The team's organization.
    pub organization_id: OrganizationId,
    /// The team's row.
    #[sea_orm(belongs_to, from = "team_id", to = "id")]
    pub team: BelongsTo<super::team::Entity>,
    /// The member's row.
    #[sea_orm(belongs_to, from = "member_id", to = "id")]
    pub member: BelongsTo<super::member::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::from_columns!(id, team_id, member_id, requester_id, date_added, organization_id);
