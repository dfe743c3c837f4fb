//! What changed (spec §20): recorded in the transaction of the change.

use chrono::DateTime;
use entity::{
    ids::{MemberId, OrganizationId, TeamId, TeamMemberId, UserId},
    outbox::{self, Category},
};
use sea_orm::{ActiveValue::Set, EntityTrait};

use crate::{clock, db::Write, error::Result};

/// An object that is no longer what it was. Says which, not how: whoever
/// delivers looks it up, and takes a missing object for a deleted one.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    category: Category,
    shard_scope: i32,
    shard: i64,
    object: i64,
}

impl Change {
    fn within(organization: OrganizationId, category: Category, object: i64) -> Self {
        Self {
            category,
            shard_scope: 0,
            shard: organization.0,
            object,
        }
    }

    /// An organization changed.
    pub fn organization(organization: OrganizationId) -> Self {
        Self::within(organization, Category::OrganizationUpdate, organization.0)
    }

    /// A slug was given up for another.
    pub fn slug(organization: OrganizationId) -> Self {
        Self::within(
            organization,
            Category::OrganizationSlugReservationUpdate,
            organization.0,
        )
    }

    /// A member, invite or request came, changed or went.
    pub fn member(organization: OrganizationId, member: MemberId) -> Self {
        Self::within(organization, Category::OrganizationMemberUpdate, member.0)
    }

    /// A team came, changed or went.
    pub fn team(organization: OrganizationId, team: TeamId) -> Self {
        Self::within(organization, Category::TeamUpdate, team.0)
    }

    /// A membership in a team came, changed or went.
    pub fn team_member(organization: OrganizationId, membership: TeamMemberId) -> Self {
        Self::within(organization, Category::OrganizationMemberTeamUpdate, membership.0)
    }

    /// A person changed.
    pub fn user(user: UserId) -> Self {
        Self {
            category: Category::UserUpdate,
            shard_scope: 1,
            shard: user.0,
            object: user.0,
        }
    }
}

/// Records changes that become visible when `tx` commits, and not before. One
/// statement however many there are; none for none.
pub async fn record(tx: &Write, changes: impl IntoIterator<Item = Change>) -> Result<()> {
    let now = clock::now();
    let rows: Vec<_> = changes
        .into_iter()
        .map(|change| {
            metrics::counter!("outbox_saved_total", "category" => format!("{:?}", change.category)).increment(1);
            outbox::ActiveModel {
                category: Set(change.category),
                shard_scope: Set(change.shard_scope),
                shard_identifier: Set(change.shard),
                object_identifier: Set(change.object),
                scheduled_from: Set(now),
                // The far past: due at once, and before every row that waits.
                scheduled_for: Set(DateTime::UNIX_EPOCH),
                date_added: Set(now),
                ..Default::default()
            }
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    outbox::Entity::insert_many(rows).exec_without_returning(&**tx).await?;
    Ok(())
}
