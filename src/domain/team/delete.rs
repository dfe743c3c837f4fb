//! Deleting a team: it disappears at once, and its rows later, bit by bit.

use std::sync::Arc;

use entity::{
    access_request,
    ids::{AccessRequestId, TeamId, TeamMemberId},
    organization, team,
    team::TeamStatus,
    team_member,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};

use super::held::Held;
use crate::{
    app::App,
    auth::Actor,
    db::{self, ForUpdate, any_of},
    domain::audit::{self, Entry, Event},
    error::{Code, Result},
    outbox::{self, Change},
    queue::{self, Work},
};

/// A team that was deleted.
#[derive(Clone, Debug)]
pub struct Deleted {
    /// The team.
    pub team: TeamId,
    /// Whose it was.
    pub organization: organization::Model,
}

/// Takes a team out of use, and leaves its removal to the worker. Its slug is
/// free at once.
///
/// # Errors
/// `TEAM_NOT_FOUND`, `FORBIDDEN`; `IDP_TEAM`, as its members cannot be taken out
/// of it here; `LOCK_TIMEOUT`.
pub async fn delete(app: &App, actor: &Arc<Actor>, id: TeamId) -> Result<Deleted> {
    let held = Held::take(app, actor, id).await?;
    held.rights(app).may_delete().ok_or(Code::Forbidden)?.count();
    if held.team.idp_provisioned {
        return Err(Code::IdpTeam.into());
    }

    let Held { tx, access, team, .. } = held;
    let organization = access.organization().clone();
    // No slug has a tilde, so nobody else can want this one.
    let aside = format!("{}~{}", team.slug, id.0);
    let deleted = team::Model {
        status: TeamStatus::PendingDeletion,
        ..team.clone()
    };
    let mut change = team.into_active_model();
    change.status = Set(deleted.status);
    change.slug = Set(aside);
    change.update(&*tx).await?;
    audit::record(&tx, actor, organization.id, [Entry::team(Event::TeamRemove, &deleted)]).await?;
    outbox::record(&tx, [Change::team(organization.id, id)]).await?;
    queue::enqueue(&tx, &Work::DeleteTeam { team: id }, actor.now).await?;
    tx.commit().await?;
    Ok(Deleted { team: id, organization })
}

/// Removes up to `limit` rows of a deleted team, and with the last of them the
/// team. How many.
pub async fn finish_deletion(app: &App, id: TeamId, limit: u64) -> Result<u64> {
    let tx = db::begin_write(&app.db).await?;
    let team = team::Entity::find_by_id(id)
        .filter(team::Column::Status.ne(TeamStatus::Active))
        .for_update()
        .one(&*tx)
        .await?;
    let Some(team) = team else { return Ok(0) };
    let (organization, backend) = (team.organization_id, tx.get_database_backend());

    let memberships = team_member::Entity::find()
        .select_only()
        .column(team_member::Column::Id)
        .filter(team_member::Column::TeamId.eq(id))
        .order_by_asc(team_member::Column::Id)
        .limit(limit)
        .into_tuple::<TeamMemberId>()
        .all(&*tx)
        .await?;
    outbox::record(
        &tx,
        memberships
            .iter()
            .map(|membership| Change::team_member(organization, *membership)),
    )
    .await?;
    team_member::Entity::delete_many()
        .filter(any_of(
            backend,
            team_member::Column::Id,
            memberships.iter().map(|membership| membership.0),
        ))
        .exec(&*tx)
        .await?;
    let requests = access_request::Entity::find()
        .select_only()
        .column(access_request::Column::Id)
        .filter(access_request::Column::TeamId.eq(id))
        .limit(limit - memberships.len() as u64)
        .into_tuple::<AccessRequestId>()
        .all(&*tx)
        .await?;
    access_request::Entity::delete_many()
        .filter(any_of(
            backend,
            access_request::Column::Id,
            requests.iter().map(|request| request.0),
        ))
        .exec(&*tx)
        .await?;

    let removed = (memberships.len() + requests.len()) as u64;
    if removed < limit {
        outbox::record(&tx, [Change::team(organization, id)]).await?;
        team::Entity::delete_by_id(id).exec(&*tx).await?;
    } else if team.status == TeamStatus::PendingDeletion {
        let mut change = team.into_active_model();
        change.status = Set(TeamStatus::DeletionInProgress);
        change.update(&*tx).await?;
    }
    tx.commit().await?;
    Ok(removed)
}
