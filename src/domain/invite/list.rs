//! Which invites and requests there are (spec §9.3).

use entity::{ids::MemberId, member, organization, organization::OrganizationStatus};
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationTrait, Select};

use crate::{
    access::Access,
    app::App,
    auth::Actor,
    domain::{
        member::READ,
        text::{self, contains},
    },
    error::Result,
};

/// Where a pending row is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Waits to be accepted.
    Pending,
    /// Ran out.
    Expired,
    /// A member asked for it.
    RequestedToBeInvited,
    /// The address asked for it.
    RequestedToJoin,
}

/// Which invites are wanted; all conditions hold together.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the address.
    pub query: Option<String>,
    /// Where they are in their life.
    pub statuses: Option<Vec<Status>>,
}

/// Open invites and requests of the organization that match. Join requests are
/// hidden where they are switched off (§9.3).
///
/// # Errors
/// `FORBIDDEN` without a scope to read members.
pub fn list(app: &App, access: &Access, filter: Filter, join_requests: bool) -> Result<Select<member::Entity>> {
    let organization = access.require(READ)?;
    let now = access.actor().now;
    let mut query = member::Entity::within(organization).filter(member::Column::UserId.is_null());
    if !join_requests {
        query = query.filter(member::Column::InviteStatus.ne(member::InviteStatus::RequestedToJoin));
    }
    if let Some(text) = &filter.query {
        query = query.filter(contains(member::Column::EmailKey, text));
    }
    if let Some(mut statuses) = filter.statuses {
        text::bounded(&app.config, statuses.len(), "statuses")?;
        // There are four; a client may have written thousands.
        statuses.sort_unstable();
        statuses.dedup();
        let approved = || member::Column::InviteStatus.eq(member::InviteStatus::Approved);
        let wanted = statuses.into_iter().fold(
            Condition::any().add(member::Column::Id.eq(MemberId::default())),
            |any, status| {
                any.add(match status {
                    Status::RequestedToBeInvited => Condition::all()
                        .add(member::Column::InviteStatus.eq(member::InviteStatus::RequestedToBeInvited)),
                    Status::RequestedToJoin => {
                        Condition::all().add(member::Column::InviteStatus.eq(member::InviteStatus::RequestedToJoin))
                    }
                    Status::Expired => Condition::all()
                        .add(approved())
                        .add(member::Column::TokenExpiresAt.lte(now)),
                    Status::Pending => Condition::all().add(approved()).add(
                        Condition::any()
                            .add(member::Column::TokenExpiresAt.is_null())
                            .add(member::Column::TokenExpiresAt.gt(now)),
                    ),
                })
            },
        );
        query = query.filter(wanted);
    }
    Ok(query)
}

/// Whether the actor may see a pending row as an invite.
pub fn is_shown(access: &Access, row: &member::Model, join_requests: bool) -> bool {
    let is_hidden = !join_requests && row.invite_status == member::InviteStatus::RequestedToJoin;
    row.is_pending() && !is_hidden && access.require(READ).is_ok()
}

/// Open invites to the actor's verified address, of active organizations.
pub fn addressed_to(actor: &Actor) -> Select<member::Entity> {
    let email = actor.person().and_then(|person| person.user.verified_email());
    member::Entity::find()
        .join(JoinType::InnerJoin, member::Relation::Organization.def())
        .filter(organization::Column::Status.eq(OrganizationStatus::Active))
        // An address that is not verified matches nothing: no row has ''.
        .filter(member::Column::EmailKey.eq(email.unwrap_or_default()))
        .filter(member::Column::UserId.is_null())
        .filter(member::Column::InviteStatus.eq(member::InviteStatus::Approved))
        .filter(
            Condition::any()
                .add(member::Column::TokenExpiresAt.is_null())
                .add(member::Column::TokenExpiresAt.gt(actor.now)),
        )
}
