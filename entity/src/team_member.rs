//! Table `team_member`: who is in which team (spec §2.5).

use sea_orm::entity::prelude::*;

use crate::ids::{MemberId, TeamId, TeamMemberId};

/// A row of `team_member`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "team_member")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key)]
    pub id: TeamMemberId,
    /// The team; unique together with the member.
    pub team_id: TeamId,
    /// The member.
    pub member_id: MemberId,
    /// Whether the membership counts.
    pub is_active: bool,
    /// Stored team role id; null = the minimum that the org role gives.
    pub role: Option<String>,
    /// The team's row.
    #[sea_orm(belongs_to, from = "team_id", to = "id")]
    pub team: BelongsTo<super::team::Entity>,
    /// The member's row.
    #[sea_orm(belongs_to, from = "member_id", to = "id")]
    pub member: BelongsTo<super::member::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::from_columns!(id, team_id, member_id, is_active, role);
