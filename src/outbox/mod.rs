//! What changed (spec §20): recorded in the transaction of the change, and
//! delivered later, a shard at a time.

mod shard;

use chrono::DateTime;
use entity::{
    ids::{AuthIdentityId, AuthProviderId, AvatarId, MemberId, OrganizationId, TeamId, TeamMemberId, UserId},
    outbox::{self, Category},
};
use sea_orm::{
    ActiveEnum,
    ActiveValue::Set,
    ConnectionTrait, EntityTrait, QueryTrait, Select,
    sea_query::{Expr, Query},
};
use serde_json::json;

pub use entity::outbox::Shard;

pub use self::shard::{
    Depth, Group, SHARDS, Window, claim, compact, deepest, due, end, forget_measures, hasten, lag, measure, window,
};
use crate::{
    clock,
    db::{Wake, Write},
    error::{Error, Result},
};

/// In the payload of a row: the member that is gone was an invite.
const WAS_INVITE: &str = "wasInvite";

/// An object that is no longer what it was. Says which, not how: whoever
/// delivers looks it up, and takes a missing object for a deleted one.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    category: Category,
    shard: Shard,
    object: i64,
    /// Of a member that goes: whether it was an invite, for afterwards nobody
    /// can tell.
    was_invite: bool,
}

impl Change {
    fn of(shard: Shard, category: Category, object: i64) -> Self {
        Self {
            category,
            shard,
            object,
            was_invite: false,
        }
    }

    fn within(organization: OrganizationId, category: Category, object: i64) -> Self {
        Self::of(Shard::Organization(organization), category, object)
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

    /// An invite or request went, and nobody came of it.
    pub fn invite_gone(organization: OrganizationId, member: MemberId) -> Self {
        Self {
            was_invite: true,
            ..Self::member(organization, member)
        }
    }

    /// A team came, changed or went.
    pub fn team(organization: OrganizationId, team: TeamId) -> Self {
        Self::within(organization, Category::TeamUpdate, team.0)
    }

    /// A membership in a team came, changed or went.
    pub fn team_member(organization: OrganizationId, membership: TeamMemberId) -> Self {
        Self::within(organization, Category::OrganizationMemberTeamUpdate, membership.0)
    }

    /// Single sign-on came, changed or went.
    pub fn auth_provider(organization: OrganizationId, provider: AuthProviderId) -> Self {
        Self::within(organization, Category::AuthProviderUpdate, provider.0)
    }

    /// A person's identity at a provider was linked or went.
    pub fn auth_identity(user: UserId, identity: AuthIdentityId) -> Self {
        Self::of(Shard::User(user), Category::AuthIdentityUpdate, identity.0)
    }

    /// An organization's avatar came, changed or went.
    pub fn avatar(organization: OrganizationId, avatar: AvatarId) -> Self {
        Self::within(organization, Category::OrganizationAvatarUpdate, avatar.0)
    }

    /// A person changed.
    pub fn user(user: UserId) -> Self {
        Self::of(Shard::User(user), Category::UserUpdate, user.0)
    }
}

/// Records changes that become visible when `tx` commits, and not before. One
/// statement however many there are; none for none.
pub async fn record(tx: &Write, changes: impl IntoIterator<Item = Change>) -> Result<()> {
    let now = clock::now();
    let rows: Vec<_> = changes
        .into_iter()
        .map(|change| {
            count(tx, change.category, 1);
            outbox::ActiveModel {
                category: Set(change.category),
                shard_scope: Set(change.shard.scope()),
                shard_identifier: Set(change.shard.identifier()),
                object_identifier: Set(change.object),
                payload: Set(change.was_invite.then(|| json!({ WAS_INVITE: true }))),
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
    tx.wake(Wake::Outbox);
    Ok(())
}

/// Counts what is recorded, if it becomes visible.
fn count(tx: &Write, category: Category, rows: u64) {
    let counter = metrics::counter!("outbox_saved_total", "category" => format!("{category:?}"));
    tx.count(counter, rows);
}

/// Records a change of everything that `found` finds, before it is changed by a
/// statement of its own. `found` selects the shard and the object. One statement,
/// however many there are.
pub async fn record_found<E: EntityTrait>(tx: &Write, category: Category, found: Select<E>) -> Result<()> {
    let now = clock::now();
    let mut rows = found.into_query();
    rows.exprs([
        Expr::value(category.to_value()),
        Expr::value(category.scope()),
        Expr::value(now),
        Expr::value(DateTime::UNIX_EPOCH),
        Expr::value(now),
    ]);
    let columns = [
        outbox::Column::ShardIdentifier,
        outbox::Column::ObjectIdentifier,
        outbox::Column::Category,
        outbox::Column::ShardScope,
        outbox::Column::ScheduledFrom,
        outbox::Column::ScheduledFor,
        outbox::Column::DateAdded,
    ];
    let mut insert = Query::insert();
    insert
        .into_table(outbox::Entity)
        .columns(columns)
        .select_from(rows)
        .map_err(Error::internal)?;
    let saved = tx.execute(&insert).await?.rows_affected();
    count(tx, category, saved);
    tx.wake(Wake::Outbox);
    Ok(())
}
