//! Telling everybody who can decide a request: one mail, and so one job, each.

use entity::ids::{AccessRequestId, MemberId};

use crate::{
    app::App,
    domain::{member, team},
    error::Result,
    queue::{Outcome, Work},
    roles::{OrgRole, Scope},
};

/// Queues a notice of the request to every member who can decide it (spec §21.3).
pub async fn request(app: &App, request: MemberId) -> Result<Outcome> {
    let Some(row) = member::find_request(app, request).await? else {
        // Decided in the meantime.
        return Ok(Outcome::DONE);
    };
    let decides = |role: &OrgRole| role.scopes.contains(Scope::MemberWrite);
    let deciders = member::with_role(&app.db, app, row.organization_id, decides).await?;
    let notices = deciders.into_iter().map(|recipient| Work::SendRequestNotice {
        member: request,
        recipient,
    });
    Ok(Outcome::Done(notices.collect()))
}

/// Queues a notice of the request for access to a team to every member who can
/// decide it (§21.4).
pub async fn team_request(app: &App, request: AccessRequestId) -> Result<Outcome> {
    let Some((_, team)) = team::find_waiting(app, request).await? else {
        return Ok(Outcome::DONE);
    };
    let deciders = team::deciders(app, &team).await?;
    let notices = deciders
        .into_iter()
        .map(|recipient| Work::SendTeamRequestNotice { request, recipient });
    Ok(Outcome::Done(notices.collect()))
}
