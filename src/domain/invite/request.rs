//! Asking that an address be invited (spec §9.1).

use std::sync::Arc;

use entity::{ids::OrganizationId, member, team};

use super::{
    fields::{self, Address},
    pending::{NewPending, join_teams},
};
use crate::{
    access::{Access, Gates},
    app::App,
    auth::Actor,
    db::{self, Write},
    domain::{
        audit::{self, Entry, Event},
        member::READ,
    },
    error::{Code, Refusal, Refusals, Result},
    queue::{self, Work},
    roles::OrgRole,
};

/// Whom somebody should invite, and as what.
#[derive(Clone, Debug)]
pub struct NewRequest {
    /// Where to.
    pub organization: OrganizationId,
    /// The address.
    pub email: String,
    /// Org role id; the organization's default role if absent.
    pub org_role: Option<String>,
    /// Slugs of teams.
    pub team_slugs: Option<Vec<String>>,
}

/// Asks those who may to invite an address (spec §9.1). Any role can be
/// suggested: it is given by whoever approves.
///
/// # Errors
/// The gates, `FORBIDDEN`; then those of the fields together, with
/// `INVITE_REQUEST_EXISTS` for an address that is asked for already; then
/// `SSO_JOIN_REQUIRED`, `TEAM_ROLES_NOT_ALLOWED`.
pub async fn request(app: &App, actor: &Arc<Actor>, new: NewRequest) -> Result<member::Model> {
    actor.require_known()?;
    let access = Access::enter_organization(&app.db, actor, &app.roles, new.organization, Gates::CHANGE).await?;
    access.require(READ)?;

    let tx = db::begin_write(&app.db).await?;
    let (address, role, teams) = check(&tx, app, &access, &new).await?;
    let pending = NewPending {
        organization: new.organization,
        email: &address.email,
        key: &address.key,
        role: &role.id,
        status: member::InviteStatus::RequestedToBeInvited,
        inviter: actor.user_id(),
        token: None,
        now: actor.now,
    };
    let Some(row) = pending.insert(&tx).await? else {
        // The address got a row in this moment; a second look says what it is.
        check_address(&tx, app, &access, &new.email).await??;
        return Err(Code::InviteRequestExists.at(["email"]).into());
    };
    join_teams(&tx, &row, &teams).await?;
    let data = audit::member_data(&row, row.email.as_deref(), &teams);
    let entry = Entry::member(Event::InviteRequestAdd, &row, data);
    audit::record(&tx, actor, row.organization_id, [entry]).await?;
    queue::enqueue(&tx, &Work::AnnounceRequest { member: row.id }, actor.now).await?;
    tx.commit().await?;
    Ok(row)
}

/// §9.1 up to its effects.
async fn check(
    tx: &Write,
    app: &App,
    access: &Access,
    new: &NewRequest,
) -> Result<(Address, Arc<OrgRole>, Vec<team::Model>)> {
    let mut refusals = Refusals::default();
    let address = refusals.note(check_address(tx, app, access, &new.email).await?);
    let role = match &new.org_role {
        Some(id) => refusals.note(fields::role(app, id, |_| true)),
        None => Some(app.roles.stored(&access.organization().default_role).clone()),
    };
    let slugs = new.team_slugs.as_deref().unwrap_or_default();
    let teams = refusals.note_all(fields::plain_teams(&**tx, app, new.organization, slugs).await?);
    let checked = address.zip(role).zip(teams);
    let ((address, role), teams) = refusals.finish(checked)?;
    if access.provider().is_some_and(|provider| !provider.allow_unlinked) {
        return Err(Code::SsoJoinRequired.into());
    }
    if !teams.is_empty() && !role.is_team_roles_allowed {
        return Err(Code::TeamRolesNotAllowed.into());
    }
    Ok((address, role, teams))
}

/// §8.1 steps 4a and 4b, and that nobody asks for the address already.
async fn check_address(tx: &Write, app: &App, access: &Access, email: &str) -> Result<Result<Address, Refusal>> {
    let address = Address::look_up(tx, app, access.organization().id, email).await?;
    Ok(address.and_then(|address| match address.requests.is_empty() {
        true => Ok(address),
        false => Err(Code::InviteRequestExists.at(["email"])),
    }))
}
