//! Which invites and requests there are (spec §9.3).

use chrono::{DateTime, Utc};
use entity::{ids::OrganizationId, member, organization, organization::OrganizationStatus};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, JoinType, Order, QueryFilter, QueryOrder, QuerySelect, RelationTrait, Select,
};

use crate::{
    access::Access,
    app::App,
    auth::Actor,
    db::any_of,
    domain::{
        listing::{self, Listing},
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
pub async fn list(app: &App, access: &Access, filter: Filter, join_requests: bool) -> Result<Listing<member::Entity>> {
    use member::InviteStatus::{Approved, RequestedToBeInvited, RequestedToJoin};
    let organization = access.require(READ)?;
    let mut rows = member::Entity::within(organization).filter(member::Entity::pending());
    if let Some(text) = &filter.query {
        rows = rows.filter(contains(app.db.backend(), member::Column::EmailKey, text));
    }
    if let Some(statuses) = &filter.statuses {
        text::bounded(&app.config, statuses.len(), "statuses")?;
    }
    let wants = |status| filter.statuses.as_ref().is_none_or(|wanted| wanted.contains(&status));
    let of_status = |status| rows.clone().filter(member::Column::InviteStatus.eq(status));

    let mut parts = Vec::new();
    match (wants(Status::Pending), wants(Status::Expired)) {
        (false, false) => {}
        (true, true) => parts.push(of_status(Approved)),
        (is_open, _) => {
            parts.push(expiring(app, of_status(Approved), organization, is_open, access.actor().now).await?)
        }
    }
    if wants(Status::RequestedToBeInvited) {
        parts.push(of_status(RequestedToBeInvited));
    }
    if wants(Status::RequestedToJoin) && join_requests {
        parts.push(of_status(RequestedToJoin));
    }
    Ok(Listing::of_parts(parts))
}

/// Those of `invites` that are still open, or those that have run out. If they
/// are few, they are found first; else one of them is found soon enough.
async fn expiring(
    app: &App,
    invites: Select<member::Entity>,
    organization: OrganizationId,
    is_open: bool,
    now: DateTime<Utc>,
) -> Result<Select<member::Entity>> {
    let expiry = member::Column::TokenExpiresAt;
    let condition = match is_open {
        true => Condition::any().add(expiry.is_null()).add(expiry.gt(now)),
        false => Condition::all().add(expiry.lte(now)),
    };
    let invites = invites.filter(condition.clone());
    let found = member::Entity::within(organization)
        .select_only()
        .column(member::Column::Id)
        .filter(member::Entity::pending())
        .filter(member::Column::InviteStatus.eq(member::InviteStatus::Approved))
        .filter(condition)
        // From the end at which they are, as the index has them.
        .order_by(expiry, if is_open { Order::Desc } else { Order::Asc });
    Ok(match listing::few::<_, i64>(&app.db, found).await? {
        None => invites,
        Some(ids) => {
            let among = any_of(app.db.backend(), member::Column::Id, ids);
            listing::among(invites, [Condition::all().add(among)])
        }
    })
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
