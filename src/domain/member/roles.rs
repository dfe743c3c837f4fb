//! Changing the org role and the teams of a member (spec §11).

use std::sync::Arc;

use entity::{ids::MemberId, member, organization, team, team_member};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::{
    Held, Lock, Resend, active_owners, is_actor, is_last_owner, missing,
    resend::{check_plain_member, count_and_check, send_again},
    teams::{Place, clear, current_among, places, redundant_among, save_teams},
};
use crate::{
    access::{Access, Gates},
    app::App,
    auth::Actor,
    db::Write,
    domain::{
        audit::{self, Entry, Event, email_of},
        invite,
        team::{TeamAssignment, known_slugs, resolve_among},
    },
    error::{Code, Refusals, Result},
    outbox::{self, Change},
    roles::{OWNER, OrgRole, Scope, TeamRole},
};

/// Whether a role is not given any more: it is retired, and team roles have taken
/// its place (§27.4).
pub fn is_given_up(app: &App, role: &OrgRole) -> bool {
    role.is_retired && app.config.features.team_roles
}

/// Roles that [`update_roles`] would accept for `row` now. Roles that are not
/// given any more are never offered, not even the one the member has.
pub fn assignable_roles(
    app: &App,
    access: &Access,
    row: &member::Model,
    is_last_owner: bool,
    has_teams: bool,
) -> Vec<Arc<OrgRole>> {
    if !access.has(Scope::MemberAdmin)
        || row.has(member::flag::PARTNERSHIP_RESTRICTED)
        || row.invite_status != member::InviteStatus::Approved
    {
        return Vec::new();
    }
    let offered = app.roles.all().iter().filter(|role| {
        access.may_assign(role)
            && !is_given_up(app, role)
            && (role.is_team_roles_allowed || !has_teams)
            && (role.id == row.role || check_role_change(app, access, row, role, is_last_owner).is_ok())
    });
    offered.cloned().collect()
}

/// Whether the actor may change this member's teams or role at all.
pub fn may_update_roles(access: &Access, row: &member::Model) -> bool {
    access.has(Scope::MemberAdmin)
        && !row.has(member::flag::PARTNERSHIP_RESTRICTED)
        && row.invite_status == member::InviteStatus::Approved
}

/// §11 step 11: may the role change to `role`, which differs from the row's?
fn check_role_change(
    app: &App,
    access: &Access,
    row: &member::Model,
    role: &OrgRole,
    is_last_owner: bool,
) -> Result<()> {
    let refusal = if row.has(member::flag::IDP_ROLE_RESTRICTED) {
        Some(Code::IdpRoleRestricted.into())
    } else if !access.may_assign(role) {
        Some(Code::RoleNotAllowed.at(["orgRole"]))
    } else if !access.may_assign(app.roles.stored(&row.role)) {
        Some(Code::TargetOutranksActor.into())
    } else if is_actor(access, row) {
        Some(Code::CannotChangeOwnRole.into())
    } else if is_given_up(app, role) {
        Some(Code::RoleRetired.at(["orgRole"]))
    } else if is_last_owner && role.id != OWNER {
        Some(Code::LastOwner.into())
    } else {
        None
    };
    refusal.map_or(Ok(()), |refusal| Err(refusal.into()))
}

/// What to change of a member. What is `None` stays.
#[derive(Clone, Debug)]
pub struct RolesUpdate {
    /// Which member.
    pub member: MemberId,
    /// Id of the new org role.
    pub org_role: Option<String>,
    /// The whole new set of teams.
    pub team_roles: Option<Vec<TeamAssignment>>,
    /// Send the invite, or the request to link single sign-on, again.
    pub reinvite: bool,
    /// With `reinvite`: end the old link.
    pub regenerate: bool,
}

/// A member after a change.
#[derive(Clone, Debug)]
pub struct Updated {
    /// The row.
    pub member: member::Model,
    /// Memberships whose team role the new org role made redundant.
    pub cleared: Vec<team_member::Model>,
    /// With `reinvite`: the link, for whom §8.4 shows it to.
    pub accept_url: Option<String>,
}

/// Changes the org role and the teams of a member, or sends the invite again
/// (spec §11, §10). All checks come first, in the order of the section; then all
/// effects in one transaction. Two changes to one member take turns, and the
/// later one wins whole.
///
/// # Errors
/// The refusals of §10 and §11; `LOCK_TIMEOUT`. Nothing is changed then, except
/// that an attempt to resend counts against the rate limit.
pub async fn update_roles(app: &App, actor: &Arc<Actor>, update: RolesUpdate) -> Result<Updated> {
    let lock = match update.org_role {
        Some(_) => Lock::Organization,
        None => Lock::Row,
    };
    let held = Held::take(app, actor, update.member, Gates::CHANGE, lock, missing()).await?;
    let Held {
        tx,
        access,
        row,
        person,
    } = held;
    access.require(&[Scope::MemberInvite, Scope::MemberWrite, Scope::MemberAdmin])?;
    if row.invite_status != member::InviteStatus::Approved {
        return Err(missing().into());
    }
    let checked = check_update(&tx, app, &access, &row, &update).await;
    let (tx, plan) = tx.unless_refused(checked).await?;
    let email = email_of(&row, person.as_ref()).map(str::to_owned);
    let updated = apply_update(&tx, app, &access, row, email.as_deref(), plan).await?;
    tx.commit().await?;
    Ok(updated)
}

/// What passed all checks and is to be done.
struct Plan {
    resend: Option<Resend>,
    role: Option<Arc<OrgRole>>,
    teams: Option<Vec<(team::Model, Option<TeamRole>)>>,
    places: Vec<Place>,
    is_edit: bool,
}

/// Steps 2 to 11 of §11 without their effects, but that step 7 counts an
/// attempt to send an invite.
async fn check_update(
    tx: &Write,
    app: &App,
    access: &Access,
    row: &member::Model,
    update: &RolesUpdate,
) -> Result<Plan> {
    let is_bare_reinvite = update.reinvite && update.org_role.is_none() && update.team_roles.is_none();

    // 2: roles are given by people.
    let changes_role = update.org_role.as_ref().is_some_and(|role| *role != row.role);
    // 6, before 3: a plain member learns nothing from validation.
    if !access.has(Scope::MemberAdmin) {
        if update.reinvite && !is_bare_reinvite {
            return Err(Code::ReinviteWithChanges.into());
        }
        if !update.reinvite {
            return Err(Code::Forbidden.into());
        }
        check_plain_member(app, access, row)?;
    }

    // 3: collected.
    let mut refusals = Refusals::default();
    if update.regenerate && !update.reinvite {
        let why = "Only an invite that is sent again gets a new link: set reinvite, too.";
        refusals.push(Code::ValidationFailed.at(["regenerate"]).saying(why));
    }
    let role = update.org_role.as_ref().and_then(|id| match app.roles.find(id) {
        _ if changes_role && access.person().is_none() => refusals.note(Err(Code::UserTokenRequired.at(["orgRole"]))),
        None => refusals.note(Err(Code::InvalidRole.at(["orgRole"]))),
        // A person names only roles that they could give; an app got here only
        // with the role that the member has.
        Some(role) if access.person().is_some() && !access.may_assign(role) => {
            refusals.note(Err(Code::RoleNotAllowed.at(["orgRole"])))
        }
        Some(role) => Some(role.clone()),
    });
    let named = update
        .team_roles
        .as_deref()
        .map(|assignments| known_slugs(app, assignments));
    let places = places(tx, row, named.unwrap_or_default()).await?;
    let teams = update.team_roles.as_ref().and_then(|assignments| {
        let found: Vec<_> = places.iter().map(|place| place.team.clone()).collect();
        refusals.note_all(resolve_among(app, &found, "teamRoles", assignments))
    });
    refusals.check()?;

    // §28: while membership is closed, apps assign teams only with a scope for it.
    let is_closed = !access.organization().has(organization::flag::ALLOW_JOINLEAVE);
    let is_free = access.person().is_some() || access.has(Scope::TeamWrite) || access.has(Scope::OrgWrite);
    if is_closed && !is_free && teams.as_ref().is_some_and(|teams| !teams.is_empty()) {
        return Err(Code::TeamNotJoined.into());
    }

    // 5
    if row.has(member::flag::PARTNERSHIP_RESTRICTED) {
        return Err(Code::PartnershipRestricted.into());
    }

    // 7
    let resend = match update.reinvite {
        true => Some(count_and_check(tx, app, access, row, update.regenerate).await?),
        false => None,
    };

    // 8
    let current = current_among(&places);
    let resulting = role.as_ref().unwrap_or_else(|| app.roles.stored(&row.role));
    if !resulting.is_team_roles_allowed {
        match &teams {
            Some(wanted) if !wanted.is_empty() => return Err(Code::TeamRolesNotAllowed.at(["teamRoles"]).into()),
            None if !current.is_empty() && !is_bare_reinvite => {
                let path = role.as_ref().map(|_| "orgRole");
                return Err(Code::TeamRolesNotAllowed.at(path).into());
            }
            _ => {}
        }
    }

    // 11
    let role = role.filter(|role| role.id != row.role);
    if let Some(role) = &role {
        let is_last = row.role == OWNER && is_last_owner(row, &active_owners(&**tx, row.organization_id).await?);
        check_role_change(app, access, row, role, is_last)?;
    }
    Ok(Plan {
        resend,
        role,
        teams,
        places,
        is_edit: !is_bare_reinvite,
    })
}

/// The effects of §10 and of steps 9, 12 and 14 of §11, in that order.
async fn apply_update(
    tx: &Write,
    app: &App,
    access: &Access,
    row: member::Model,
    email: Option<&str>,
    plan: Plan,
) -> Result<Updated> {
    let organization = row.organization_id;
    let current = current_among(&plan.places);
    let mut changes = Vec::new();
    let mut entries = Vec::new();

    let mut row = row;
    if let Some(resend) = plan.resend {
        let teams: Vec<_> = current.iter().map(|(_, team)| team.clone()).collect();
        let resent = send_again(tx, app, access, row, resend, email, &teams).await?;
        changes.extend(resent.change);
        entries.push(resent.entry);
        row = resent.row;
    }

    let role = plan
        .role
        .as_ref()
        .unwrap_or_else(|| app.roles.stored(&row.role))
        .clone();
    let is_saved = plan.teams.is_some();
    let teams_after: Vec<_> = match plan.teams {
        Some(wanted) => {
            let is_asked = |team| plan.places.iter().any(|place| place.team.id == team && place.is_asked);
            let saved = save_teams(tx, app, &row, &role, wanted, &current, is_asked).await?;
            changes.extend(saved.changed.iter().map(|id| Change::team_member(organization, *id)));
            let entry = |event| {
                let row = &row;
                move |team: &team::Model| Entry::team_membership(event, row, email, &team.slug)
            };
            entries.extend(saved.added.iter().map(entry(Event::MemberJoinTeam)));
            entries.extend(saved.removed.iter().map(entry(Event::MemberLeaveTeam)));
            saved.teams
        }
        None => current.into_iter().map(|(_, team)| team).collect(),
    };
    let mut cleared = Vec::new();
    if plan.role.is_some() {
        let redundant = redundant_among(plan.places, &role, is_saved);
        (row, cleared) = set_role(tx, row, &role, redundant, &mut changes).await?;
    }

    if plan.is_edit {
        let data = audit::member_data(&row, email, &teams_after);
        entries.push(Entry::member(Event::MemberEdit, &row, data));
    }
    outbox::record(tx, changes).await?;
    audit::record(tx, access.actor(), organization, entries).await?;
    // Teams that are about to go are shown nowhere.
    cleared.retain(|row| teams_after.iter().any(|team| team.id == row.team_id));
    let accept_url = plan
        .resend
        .and_then(|_| invite::accept_url_for(app, access, &row, None));
    Ok(Updated {
        member: row,
        cleared,
        accept_url,
    })
}

/// Changes the role of a member (§11.2): the row, and the memberships whose team
/// role the new role gives anyway (`redundant`).
pub(super) async fn set_role(
    tx: &Write,
    row: member::Model,
    role: &OrgRole,
    redundant: Vec<team_member::Model>,
    changes: &mut Vec<Change>,
) -> Result<(member::Model, Vec<team_member::Model>)> {
    let organization = row.organization_id;
    let cleared = clear(tx, redundant).await?;
    changes.extend(cleared.iter().map(|row| Change::team_member(organization, row.id)));
    let mut change = row.into_active_model();
    change.role = Set(role.id.clone());
    let row = change.update(&**tx).await?;
    changes.push(Change::member(organization, row.id));
    if !cleared.is_empty() {
        let counter = metrics::counter!(
            "team_roles_update_to_minimum_total",
            "target_org_role" => role.id.clone(),
            "count" => cleared.len().to_string()
        );
        tx.count(counter, 1);
    }
    Ok((row, cleared))
}
