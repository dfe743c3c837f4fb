//! Table `event`: what subscribers are told, numbered in each organization.

use sea_orm::entity::prelude::*;

use crate::ids::{EventId, InviteId, MemberId, OrganizationId, RowId, TeamId, TeamMemberId};

/// What happened, as the API names it. The texts are storage and leave the
/// service: add, never rename.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum EventType {
    /// An organization, its settings, picture or single sign-on changed.
    #[sea_orm(string_value = "ORGANIZATION_UPDATED")]
    OrganizationUpdated,
    /// An organization is gone, with everything in it.
    #[sea_orm(string_value = "ORGANIZATION_DELETED")]
    OrganizationDeleted,
    /// A member came or changed.
    #[sea_orm(string_value = "MEMBER_UPDATED")]
    MemberUpdated,
    /// A member is not listed any more.
    #[sea_orm(string_value = "MEMBER_REMOVED")]
    MemberRemoved,
    /// An invite or request came, changed or went.
    #[sea_orm(string_value = "INVITE_UPDATED")]
    InviteUpdated,
    /// A team came or changed.
    #[sea_orm(string_value = "TEAM_UPDATED")]
    TeamUpdated,
    /// A team is gone.
    #[sea_orm(string_value = "TEAM_DELETED")]
    TeamDeleted,
    /// A membership in a team came, changed or went.
    #[sea_orm(string_value = "TEAM_MEMBERSHIP_UPDATED")]
    TeamMembershipUpdated,
}

impl EventType {
    /// Global id of the object with this number, whose type follows from the event.
    pub fn object(self, number: i64) -> String {
        match self {
            Self::OrganizationUpdated | Self::OrganizationDeleted => OrganizationId(number).global(),
            Self::MemberUpdated | Self::MemberRemoved => MemberId(number).global(),
            Self::InviteUpdated => InviteId::from(number).global(),
            Self::TeamUpdated | Self::TeamDeleted => TeamId(number).global(),
            Self::TeamMembershipUpdated => TeamMemberId(number).global(),
        }
    }

    /// As the API spells it.
    pub fn name(self) -> String {
        self.to_value()
    }

    /// As it is spelled outside of the API: `member.updated`.
    pub fn dotted(self) -> &'static str {
        match self {
            Self::OrganizationUpdated => "organization.updated",
            Self::OrganizationDeleted => "organization.deleted",
            Self::MemberUpdated => "member.updated",
            Self::MemberRemoved => "member.removed",
            Self::InviteUpdated => "invite.updated",
            Self::TeamUpdated => "team.updated",
            Self::TeamDeleted => "team.deleted",
            Self::TeamMembershipUpdated => "team_membership.updated",
        }
    }
}

/// A row of `event`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "event")]
pub struct Model {
    /// The organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// The number in its log, from 1, without gaps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    /// What happened.
    pub r#type: EventType,
    /// Number of the object; its type follows from the event.
    pub object_identifier: i64,
    /// When the change was made, UTC.
    pub occurred_at: DateTimeUtc,
    /// When the event was written, UTC.
    pub date_added: DateTimeUtc,
}

impl Model {
    /// The id.
    pub fn id(&self) -> EventId {
        EventId {
            organization: self.organization_id,
            sequence: self.sequence,
        }
    }

    /// Global id of what it is about.
    pub fn object_id(&self) -> String {
        self.r#type.object(self.object_identifier)
    }
}

impl ActiveModelBehavior for ActiveModel {}
