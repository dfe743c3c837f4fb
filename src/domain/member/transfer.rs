//! Handing an organization over: an owner makes another member owner, and
//! becomes a manager.

use std::sync::Arc;

use entity::{
    ids::{MemberId, OrganizationId},
    member, organization,
};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use super::{
    data_of,
    roles::{is_given_up, set_role},
    teams::{current_teams, find_redundant},
};
use crate::{
    access::{Access, Gates},
    app::App,
    auth::Actor,
    db::{ForUpdate, Write},
    domain::audit::{self, Entry, Event},
    error::{Code, Error, Refusal, Result},
    outbox,
    roles::{MANAGER, OWNER, OrgRole, Scope},
};

/// An organization in other hands.
#[derive(Clone, Debug)]
pub struct Transferred {
    /// The organization.
    pub organization: organization::Model,
    /// Who is its owner now.
    pub new_owner: member::Model,
    /// Who was, and is a manager now.
    pub previous_owner: member::Model,
}

/// Gives `heir` the role owner, and the caller, an owner, the role manager. The
/// organization has an active owner at every moment.
///
/// # Errors
/// In this order: the gates; `FORBIDDEN` without org:admin and member:admin;
/// `USER_TOKEN_REQUIRED` for apps; `FORBIDDEN` to whoever is no owner;
/// `MEMBER_NOT_FOUND`; `CANNOT_CHANGE_OWN_ROLE` for oneself; `VALIDATION_FAILED`
/// for a member who has not joined; `MEMBER_DISABLED_OVER_LIMIT` for one who
/// could do nothing; and what keeps the role of the heir, then of the caller,
/// from being changed: `PARTNERSHIP_RESTRICTED`, `TEAM_ROLES_NOT_ALLOWED`,
/// `IDP_ROLE_RESTRICTED`, `ROLE_RETIRED`.
pub async fn transfer_ownership(
    app: &App,
    actor: &Arc<Actor>,
    organization: OrganizationId,
    heir: MemberId,
) -> Result<Transferred> {
    // Two owners who hand over to each other must take turns.
    let (tx, access) = Access::enter_locked(&app.db, actor, &app.roles, organization, Gates::CHANGE).await?;
    let giver = check_giver(&access)?;
    // In one order: two who lock them never wait for each other.
    let rows = member::Entity::within(organization)
        .filter(member::Column::Id.is_in([giver, heir]))
        .filter(member::Entity::shown())
        .order_by_asc(member::Column::Id)
        .for_update()
        .all(&*tx)
        .await?;
    let find = |id: MemberId| rows.iter().find(|row| row.id == id).cloned();
    let at_heir = |refusal: Refusal| Refusal {
        path: vec!["toMemberId".into()],
        ..refusal
    };
    let heir = find(heir).ok_or_else(|| at_heir(Code::MemberNotFound.into()))?;
    let giver = find(giver).ok_or(Code::Forbidden)?;
    check_heir(&heir, &giver).map_err(at_heir)?;

    let role = |id| {
        app.roles
            .find(id)
            .ok_or_else(|| Error::internal("a built-in role is missing"))
    };
    let (owner, manager) = (role(OWNER)?, role(MANAGER)?);
    check_change(&tx, app, &heir, owner)
        .await?
        .map_err(|code| at_heir(code.into()))?;
    check_change(&tx, app, &giver, manager).await??;

    let new_owner = change_role(&tx, &access, heir, owner).await?;
    let previous_owner = change_role(&tx, &access, giver, manager).await?;
    tx.commit().await?;
    Ok(Transferred {
        organization: access.organization().clone(),
        new_owner,
        previous_owner,
    })
}

/// The caller's own membership, which must be an owner's.
fn check_giver(access: &Access) -> Result<MemberId> {
    access.require(&[Scope::OrgAdmin])?;
    access.require(&[Scope::MemberAdmin])?;
    if access.person().is_none() {
        return Err(Code::UserTokenRequired.into());
    }
    match access.membership() {
        Some(own) if own.role == OWNER => Ok(own.id),
        _ => Err(Code::Forbidden.into()),
    }
}

/// Whether the heir could do what an owner does. A second factor or a sign-on
/// identity that they lack is theirs to get.
fn check_heir(heir: &member::Model, giver: &member::Model) -> Result<(), Refusal> {
    if heir.id == giver.id {
        return Err(Code::CannotChangeOwnRole.into());
    }
    if heir.is_pending() {
        return Err(Refusal::from(Code::ValidationFailed).saying("This member has not joined yet."));
    }
    if heir.has(member::flag::MEMBER_LIMIT_RESTRICTED) {
        let why = "This member is disabled because the organization is over its member limit.";
        return Err(Refusal::from(Code::MemberDisabledOverLimit).saying(why));
    }
    Ok(())
}

/// What keeps anybody from giving `row` this role, in the order of §11.
async fn check_change(tx: &Write, app: &App, row: &member::Model, role: &OrgRole) -> Result<Result<(), Code>> {
    if row.has(member::flag::PARTNERSHIP_RESTRICTED) {
        return Ok(Err(Code::PartnershipRestricted));
    }
    if row.role == role.id {
        return Ok(Ok(()));
    }
    if !role.is_team_roles_allowed && !current_teams(&**tx, row.id).await?.is_empty() {
        return Ok(Err(Code::TeamRolesNotAllowed));
    }
    if row.has(member::flag::IDP_ROLE_RESTRICTED) {
        return Ok(Err(Code::IdpRoleRestricted));
    }
    if is_given_up(app, role) {
        return Ok(Err(Code::RoleRetired));
    }
    Ok(Ok(()))
}

/// Gives `row` this role, and says so.
async fn change_role(tx: &Write, access: &Access, row: member::Model, role: &OrgRole) -> Result<member::Model> {
    let mut changes = Vec::new();
    let redundant = find_redundant(tx, row.id, role).await?;
    let (row, _) = set_role(tx, row, role, redundant, &mut changes).await?;
    outbox::record(tx, changes).await?;
    let entry = Entry::member(Event::MemberEdit, &row, data_of(tx, &row).await?);
    audit::record(tx, access.actor(), row.organization_id, [entry]).await?;
    Ok(row)
}
