//! Changing the role of a member in a team (spec §13.3).

use std::sync::Arc;

use entity::{team, team_member};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::{
    REACH_ANY, effective_role,
    placement::{Place, Placement},
};
use crate::{
    app::App,
    auth::Actor,
    domain::audit::{Entry, Event, find_email, member_data, teams_of},
    error::{Code, Result},
    roles::TeamRole,
};

/// Gives a member another role in a team. What the org role gives anyway is not
/// stored.
///
/// # Errors
/// The gates of §5, `MEMBER_NOT_FOUND`, `TEAM_NOT_FOUND`;
/// `TEAM_MEMBERSHIP_NOT_FOUND`, `INVALID_TEAM_ROLE`, `FEATURE_DISABLED`,
/// `INSUFFICIENT_TEAM_ROLE`; `LOCK_TIMEOUT`.
pub async fn set_role(
    app: &App,
    actor: &Arc<Actor>,
    place: Place,
    role: &str,
) -> Result<(team_member::Model, team::Model)> {
    let (tx, mut placement) = Placement::take(app, actor, place, REACH_ANY).await?;
    let membership = placement.membership.take().ok_or(Code::TeamMembershipNotFound)?;
    let role: TeamRole = role.parse().map_err(|_| Code::InvalidTeamRole.at(["teamRole"]))?;
    if !app.config.features.team_roles {
        return Err(Code::FeatureDisabled.into());
    }
    let minimum = app.roles.stored(&placement.member.role).minimum_team_role;
    let rights = placement.rights(app);
    // Also what the org role gives: a contributor lowers no admin.
    rights
        .may_set(effective_role(app, minimum, &membership))
        .and_then(|_| rights.may_set(role))
        .ok_or(Code::InsufficientTeamRole)?
        .count();

    let stored = (role > minimum).then(|| role.id().to_owned());
    let mut change = membership.into_active_model();
    change.role = Set(stored);
    let membership = change.update(&*tx).await?;
    let teams = teams_of(&*tx, placement.member.id).await?;
    let data = member_data(
        &placement.member,
        find_email(&*tx, &placement.member).await?.as_deref(),
        &teams,
    );
    let entry = Entry::member(Event::MemberEdit, &placement.member, data);
    placement.publish(&tx, entry, &membership).await?;
    tx.commit().await?;
    metrics::counter!(
        "team_roles_assign_total",
        "target_team_role" => role.id(),
        "applying_minimum" => membership.role.is_none().to_string()
    )
    .increment(1);
    Ok((membership, placement.team))
}
