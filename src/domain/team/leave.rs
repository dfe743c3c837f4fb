//! Getting out of a team (spec §13.2).

use std::sync::Arc;

use entity::{ids::TeamMemberId, team};

use super::{
    close_requests,
    placement::{Place, Placement},
};
use crate::{
    app::App,
    auth::Actor,
    error::{Code, Result},
    roles::Scope,
};

/// Scopes of which one lets its holder ask (§4).
const REACH: &[Scope] = &[Scope::OrgRead, Scope::OrgWrite, Scope::OrgAdmin, Scope::TeamAdmin];

/// A team that a member is not in any more.
#[derive(Clone, Debug)]
pub struct Left {
    /// The team.
    pub team: team::Model,
    /// The membership, if there was one.
    pub membership: Option<TeamMemberId>,
}

/// Takes a member out of a team. Whoever is not in it stays out of it.
///
/// # Errors
/// The gates of §5, `MEMBER_NOT_FOUND`, `TEAM_NOT_FOUND`;
/// `INSUFFICIENT_TEAM_ROLE`, `IDP_TEAM`; `LOCK_TIMEOUT`.
pub async fn remove(app: &App, actor: &Arc<Actor>, place: Place) -> Result<Left> {
    let (tx, placement) = Placement::take(app, actor, place, REACH).await?;
    if !placement.is_own() {
        let grant = placement.rights(app).may_administer();
        grant.ok_or(Code::InsufficientTeamRole)?.count();
    }
    if placement.team.idp_provisioned {
        return Err(Code::IdpTeam.into());
    }
    if let Some(membership) = &placement.membership {
        placement.clear(&tx, membership).await?;
        // One that was fulfilled in the meantime must not rise again.
        close_requests(&tx, place.member, [place.team]).await?;
        tx.commit().await?;
    }
    Ok(Left {
        membership: placement.membership.map(|membership| membership.id),
        team: placement.team,
    })
}
