//! Members (spec §11, §12, §14): who is in an organization, and changing what
//! they may do.

mod cohorts;
mod flags;
mod held;
mod list;
mod removal;
mod resend;
mod roles;
mod teams;
mod transfer;

use entity::{
    ids::{MemberId, OrganizationId},
    member,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::Value;

pub(super) use self::teams::{current_teams, save_teams};
pub use self::{
    flags::set_flags,
    held::{Held, Lock},
    list::{By, Filter, Sorting, find, list, memberships_of},
    removal::{Removed, check_removal, leave, remove},
    resend::{Resend, Resent, check_reinvite, resend},
    roles::{RolesUpdate, Updated, assignable_roles, is_given_up, may_update_roles, update_roles},
    transfer::{Transferred, transfer_ownership},
};
use crate::{
    access::Access,
    app::App,
    db::Write,
    domain::audit,
    error::{Code, Refusal, Result},
    roles::{OWNER, OrgRole, Scope},
};

/// Scopes of which one lets its holder look at members and invites (§4).
pub const READ: &[Scope] = &[Scope::MemberRead, Scope::MemberWrite, Scope::MemberAdmin];

/// Whether the organization would be without an active owner if `row` were none
/// (§12). `owners` are two of its active owners, or as many as it has. An invite
/// owns nothing.
pub fn is_last_owner(row: &member::Model, owners: &[MemberId]) -> bool {
    row.role == OWNER && !row.is_pending() && owners.iter().all(|owner| *owner == row.id)
}

/// An invite request or join request that is still open.
pub async fn find_request(app: &App, id: MemberId) -> Result<Option<member::Model>> {
    let row = member::Entity::find_by_id(id)
        .filter(member::Column::UserId.is_null())
        .filter(member::Column::InviteStatus.ne(member::InviteStatus::Approved));
    Ok(row.one(&app.db).await?)
}

/// People in the organization whose org role is one of those wanted.
pub async fn with_role(
    db: &impl ConnectionTrait,
    app: &App,
    organization: OrganizationId,
    is_wanted: impl Fn(&OrgRole) -> bool,
) -> Result<Vec<MemberId>> {
    let roles = app.roles.all().iter().filter(|role| is_wanted(role));
    let members = member::Entity::within(organization)
        .select_only()
        .column(member::Column::Id)
        .filter(member::Column::Role.is_in(roles.map(|role| role.id.clone())))
        .filter(member::Column::UserId.is_not_null())
        .filter(member::Entity::shown())
        .into_tuple::<MemberId>()
        .all(db)
        .await?;
    Ok(members)
}

/// Two active owners of an organization, or as many as it has.
async fn active_owners(db: &impl ConnectionTrait, organization: OrganizationId) -> Result<Vec<MemberId>> {
    let owners = member::Entity::within(organization)
        .select_only()
        .column(member::Column::Id)
        .filter(member::Column::Role.eq(OWNER))
        .filter(member::Column::UserId.is_not_null())
        .filter(member::Entity::shown())
        .limit(2)
        .into_tuple::<MemberId>()
        .all(db)
        .await?;
    Ok(owners)
}

/// Member audit data (§22) of a row as it is now.
async fn data_of(tx: &Write, row: &member::Model) -> Result<Value> {
    let email = audit::find_email(&**tx, row).await?;
    let teams = audit::teams_of(&**tx, row.id).await?;
    Ok(audit::member_data(row, email.as_deref(), &teams))
}

fn is_actor(access: &Access, row: &member::Model) -> bool {
    access.actor().is(row.user_id)
}

fn missing() -> Refusal {
    Code::MemberNotFound.at(["memberId"])
}
