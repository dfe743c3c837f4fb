//! Table `outbox`: which objects changed, written with the change (spec §20).

use sea_orm::entity::prelude::*;

use serde::Deserialize;

use crate::ids::{OrganizationId, OutboxId, UserId};

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

impl Category {
    /// The kind of shard, to which each category belongs as a whole.
    pub fn scope(self) -> i32 {
        match self {
            Self::UserUpdate | Self::AuthIdentityUpdate => USER,
            Self::OrganizationUpdate
            | Self::OrganizationMemberUpdate
            | Self::TeamUpdate
            | Self::AuthProviderUpdate
            | Self::OrganizationMemberTeamUpdate
            | Self::OrganizationSlugReservationUpdate
            | Self::OrganizationAvatarUpdate => ORGANIZATION,
        }
    }
}

const ORGANIZATION: i32 = 0;
const USER: i32 = 1;

/// Rows that are delivered one after the other. Shards do not wait for each
/// other. Written `organization:1` or `user:1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub enum Shard {
    /// What happened in an organization.
    Organization(OrganizationId),
    /// What happened to a person.
    User(UserId),
}

impl Shard {
    /// The shard that two columns name.
    pub fn of(scope: i32, identifier: i64) -> Self {
        if scope == USER {
            Self::User(identifier.into())
        } else {
            Self::Organization(identifier.into())
        }
    }

    /// Its kind.
    pub fn scope(self) -> i32 {
        match self {
            Self::Organization(_) => ORGANIZATION,
            Self::User(_) => USER,
        }
    }

    /// Which of its kind.
    pub fn identifier(self) -> i64 {
        match self {
            Self::Organization(id) => id.0,
            Self::User(id) => id.0,
        }
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match self {
            Self::Organization(_) => "organization",
            Self::User(_) => "user",
        };
        write!(formatter, "{kind}:{}", self.identifier())
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let number = |digits: &str| digits.parse().ok().filter(|number: &i64| *number > 0);
        let shard = match text.split_once(':') {
            Some(("organization", digits)) => number(digits).map(|id| Self::Organization(id.into())),
            Some(("user", digits)) => number(digits).map(|id| Self::User(id.into())),
            _ => None,
        };
        shard.ok_or_else(|| format!("{text} is no shard: write organization:1 or user:1"))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_spelled_as_they_are_read() {
        for text in ["organization:17", "user:3"] {
            assert_eq!(Shard::try_from(text.to_owned()).unwrap().to_string(), text);
        }
        for text in ["", "organization", "organization:", "team:1", "user:-1", "user:0"] {
            assert!(Shard::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
