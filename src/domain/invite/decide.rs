//! Approving and rejecting requests (spec §9.4, §9.5).

use std::sync::Arc;

use entity::{ids::MemberId, member, team};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::{
    Created, fields, invited, send,
    token::{accept_url_for, renew},
    withdraw,
};
use crate::{
    access::{Access, Gates},
    app::App,
    auth::Actor,
    db::Write,
    domain::{
        audit::{self, Entry, Event},
        member::{Held, Lock, current_teams, save_teams},
        options::Settings,
    },
    error::{Code, Refusal, Refusals, Result},
    outbox::{self, Change},
    roles::{OrgRole, Scope},
};

/// Scopes of which one lets its holder decide (§4).
const DECIDE: &[Scope] = &[Scope::MemberWrite, Scope::MemberAdmin];

/// A request to approve, and what to change of it first.
#[derive(Clone, Debug)]
pub struct Approval {
    /// The requested row.
    pub request: MemberId,
    /// Id of another org role.
    pub org_role: Option<String>,
    /// Slugs of the whole new set of teams.
    pub team_slugs: Option<Vec<String>>,
}

/// Makes an open request an invite, and mails it (spec §9.4). All or nothing: a
/// refused approval leaves role and teams as they were.
///
/// # Errors
/// `INVITE_REQUEST_NOT_FOUND`, `FORBIDDEN`; those of the fields together;
/// `TEAM_ROLES_NOT_ALLOWED`, `INVITES_DISABLED`, `JOIN_REQUESTS_DISABLED`; and
/// `ROLE_NOT_ALLOWED` or `ROLE_RETIRED` for the role that was asked for.
pub async fn approve(app: &App, actor: &Arc<Actor>, approval: Approval) -> Result<Created> {
    let Held { tx, access, row, .. } = hold(app, actor, approval.request).await?;
    let current = current_teams(&*tx, row.id).await?;
    let (role, teams) = check(&tx, app, &access, &row, &approval, !current.is_empty()).await?;

    let organization = row.organization_id;
    let mut changes = vec![Change::member(organization, row.id)];
    let teams = match teams {
        None => current.into_iter().map(|(_, team)| team).collect(),
        Some(teams) => {
            let wanted = teams.into_iter().map(|team| (team, None)).collect();
            let saved = save_teams(&tx, app, &row, &role, wanted, &current, |_| true).await?;
            changes.extend(saved.changed.iter().map(|id| Change::team_member(organization, *id)));
            saved.teams
        }
    };
    let row = open(&tx, app, row, &role, actor).await?;
    outbox::record(&tx, changes).await?;
    send(&tx, app, &row, None, actor.now).await?;
    let data = audit::member_data(&row, row.email.as_deref(), &teams);
    audit::record(&tx, actor, organization, [Entry::member(invited(app), &row, data)]).await?;
    tx.commit().await?;
    Ok(Created {
        accept_url: accept_url_for(app, &access, &row, None),
        row,
    })
}

/// Deletes an open request (spec §9.5). Whoever asked is not told.
///
/// # Errors
/// `INVITE_REQUEST_NOT_FOUND`, `FORBIDDEN`.
pub async fn reject(app: &App, actor: &Arc<Actor>, request: MemberId) -> Result<()> {
    let Held { tx, access, row, .. } = hold(app, actor, request).await?;
    withdraw(&tx, &access, row, Event::InviteRequestRemove).await?;
    tx.commit().await
}

/// Whether the actor may approve or reject the request.
pub fn may_decide(access: &Access, row: &member::Model) -> bool {
    access.require(DECIDE).is_ok() && is_open_request(row)
}

fn is_open_request(row: &member::Model) -> bool {
    row.is_pending() && !row.is_invite()
}

/// The open request, and the right to decide it. Of two who decide at once, the
/// later one finds no request any more.
async fn hold(app: &App, actor: &Arc<Actor>, request: MemberId) -> Result<Held> {
    let missing = Code::InviteRequestNotFound.at(["inviteId"]);
    let held = Held::take(app, actor, request, Gates::CHANGE, Lock::Row, missing.clone()).await?;
    held.access.require(DECIDE)?;
    if is_open_request(&held.row) {
        Ok(held)
    } else {
        Err(missing.into())
    }
}

/// Steps 3 and 5 of §9.4: the role, and the teams where they change.
async fn check(
    tx: &Write,
    app: &App,
    access: &Access,
    row: &member::Model,
    approval: &Approval,
    has_teams: bool,
) -> Result<(Arc<OrgRole>, Option<Vec<team::Model>>)> {
    let may_give = |role: &OrgRole| access.may_assign(role);
    let mut refusals = Refusals::default();
    let given = match &approval.org_role {
        Some(id) => refusals.note(fields::role(app, id, may_give)),
        None => None,
    };
    let teams = match &approval.team_slugs {
        Some(slugs) => refusals.note_all(fields::plain_teams(&**tx, app, row.organization_id, slugs).await?),
        None => None,
    };
    refusals.check()?;
    let role = given.as_ref().unwrap_or_else(|| app.roles.stored(&row.role));
    if !role.is_team_roles_allowed && teams.as_ref().map_or(has_teams, |teams| !teams.is_empty()) {
        return Err(Code::TeamRolesNotAllowed.into());
    }

    if !app.config.features.invite_members {
        return Err(Code::InvitesDisabled.into());
    }
    let asked_to_join = row.invite_status == member::InviteStatus::RequestedToJoin;
    if asked_to_join
        && !Settings::load(&**tx, access.organization())
            .await?
            .allow_join_requests()
    {
        return Err(Code::JoinRequestsDisabled.into());
    }
    // The role that was asked for is checked like one that is given now, but
    // the input is not to blame.
    let role = fields::role(app, &role.id, may_give).map_err(|refusal| Refusal::from(refusal.code))?;
    Ok((role, teams))
}

/// §2.3 *approve*.
async fn open(tx: &Write, app: &App, row: member::Model, role: &OrgRole, actor: &Actor) -> Result<member::Model> {
    let (nonce, expires_at) = renew(app, actor.now);
    let mut change = row.into_active_model();
    change.role = Set(role.id.clone());
    change.invite_status = Set(member::InviteStatus::Approved);
    change.invite_nonce = Set(Some(nonce));
    change.token_expires_at = Set(Some(expires_at));
    Ok(change.update(&**tx).await?)
}
