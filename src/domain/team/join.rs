//! Getting into a team (spec §13.1).

use std::sync::Arc;

use entity::{access_request, member, team, team_member};

use super::{
    Rights,
    placement::{Place, Placement},
    request,
};
use crate::{
    access::Access,
    app::App,
    auth::Actor,
    error::{Code, Result},
    roles::Scope,
};

/// Scopes of which one lets its holder ask (§4).
const REACH: &[Scope] = &[Scope::OrgRead, Scope::OrgWrite, Scope::TeamWrite];

/// What became of the wish to be in a team.
#[derive(Clone, Debug)]
pub enum Joined {
    /// The member is in it.
    Member(team_member::Model, team::Model),
    /// Somebody else has to decide.
    Requested(access_request::Model),
}

/// Puts a member into a team, or asks those who may.
///
/// # Errors
/// The gates of §5, `MEMBER_NOT_FOUND`, `TEAM_NOT_FOUND`;
/// `TEAM_ROLES_NOT_ALLOWED`, `IDP_TEAM`; `LOCK_TIMEOUT`.
pub async fn add(app: &App, actor: &Arc<Actor>, place: Place) -> Result<Joined> {
    let (tx, placement) = Placement::take(app, actor, place, REACH).await?;
    if let Some(membership) = placement.occupied(app)? {
        return Ok(Joined::Member(membership.clone(), placement.team));
    }
    let joined = match placement.rights(app).may_add() {
        Some(grant) => {
            grant.count();
            Joined::Member(placement.fill(&tx).await?, placement.team)
        }
        None => Joined::Requested(request::open(&tx, &placement).await?),
    };
    tx.commit().await?;
    Ok(joined)
}

/// Whether the actor would be in the team after [`add`].
pub fn may_join(app: &App, access: &Access, team: &team::Model, own: Option<&team_member::Model>) -> bool {
    let Some(member) = access.membership().filter(|_| access.require(REACH).is_ok()) else {
        return false;
    };
    match occupied(app, team, member, own) {
        Ok(Some(_)) => true,
        Ok(None) => Rights::new(app, access, own).may_add().is_some(),
        Err(_) => false,
    }
}

impl Placement {
    /// Steps 3 to 5: the membership that there is already, or whether there can
    /// be one.
    pub(super) fn occupied(&self, app: &App) -> Result<Option<&team_member::Model>> {
        occupied(app, &self.team, &self.member, self.membership.as_ref())
    }
}

fn occupied<'a>(
    app: &App,
    team: &team::Model,
    member: &member::Model,
    membership: Option<&'a team_member::Model>,
) -> Result<Option<&'a team_member::Model>> {
    if !app.roles.stored(&member.role).is_team_roles_allowed {
        Err(Code::TeamRolesNotAllowed.into())
    } else if membership.is_none() && team.idp_provisioned {
        Err(Code::IdpTeam.into())
    } else {
        Ok(membership)
    }
}
