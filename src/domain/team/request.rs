//! Requests for access to a team: asking, listing and deciding (spec §13.1,
//! §13.4), and who is told of them (§21.4).

use std::{collections::BTreeSet, sync::Arc};

use entity::{
    access_request,
    ids::{AccessRequestId, MemberId, TeamId},
    member, team, team_member,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, QueryTrait,
    RelationTrait, Select,
    sea_query::{Expr, ExprTrait},
};
use strum::IntoEnumIterator;

use super::{
    REACH_ANY, Rights, enter,
    placement::{Place, Placement},
};
use crate::{
    access::Access,
    app::App,
    auth::Actor,
    db::{self, Write, any_of},
    domain::{
        listing::{self, Listing},
        member::with_role,
    },
    error::{Code, Refusal, Result},
    queue::{self, Work},
    roles::{Scope, TeamRole},
};

/// A request that was decided.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The request, which is gone.
    pub request: AccessRequestId,
    /// The membership and its team, if it was approved.
    pub membership: Option<(team_member::Model, team::Model)>,
}

/// The open request for a place, or a new one that is announced to those who can
/// decide it.
pub(super) async fn open(tx: &Write, placement: &Placement) -> Result<access_request::Model> {
    let (team, member, actor) = (&placement.team, &placement.member, placement.access.actor());
    let known = access_request::Entity::find()
        .filter(access_request::Column::TeamId.eq(team.id))
        .filter(access_request::Column::MemberId.eq(member.id))
        .one(&**tx)
        .await?;
    if let Some(known) = known {
        return Ok(known);
    }
    let request = access_request::ActiveModel {
        team_id: Set(team.id),
        member_id: Set(member.id),
        requester_id: Set(actor.user_id().filter(|_| !placement.is_own())),
        date_added: Set(actor.now),
        organization_id: Set(team.organization_id),
        ..Default::default()
    };
    let request = request.insert(&**tx).await?;
    queue::enqueue(tx, &Work::AnnounceTeamRequest { request: request.id }, actor.now).await?;
    Ok(request)
}

/// Forgets the requests of a member for access to these teams.
pub async fn close_requests(tx: &Write, member: MemberId, teams: impl IntoIterator<Item = TeamId>) -> Result<()> {
    let teams = teams.into_iter().map(|team| team.0);
    access_request::Entity::delete_many()
        .filter(access_request::Column::MemberId.eq(member))
        .filter(any_of(tx.get_database_backend(), access_request::Column::TeamId, teams))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Approves or denies a request. Of any number of decisions the first counts.
///
/// # Errors
/// The gates of §5, `ACCESS_REQUEST_NOT_FOUND`, `FORBIDDEN`; of an approval, why
/// the member cannot be in the team: `TEAM_ROLES_NOT_ALLOWED`, `IDP_TEAM`;
/// `LOCK_TIMEOUT`.
pub async fn decide(app: &App, actor: &Arc<Actor>, id: AccessRequestId, is_approved: bool) -> Result<Decided> {
    actor.require_known()?;
    let found = access_request::Entity::find_by_id(id)
        .find_also_related(team::Entity)
        .one(&app.db)
        .await?;
    let Some((request, Some(team))) = found else {
        return Err(missing().into());
    };
    let place = Place {
        team: request.team_id,
        member: request.member_id,
    };
    enter(&app.db, app, actor, team.organization_id, missing()).await?;

    let tx = db::begin_write(&app.db).await?;
    let placement = Placement::lock(&tx, app, actor, team.organization_id, place, REACH_ANY)
        .await
        .map_err(|error| {
            error
                .replace(Code::MemberNotFound, missing())
                .replace(Code::TeamNotFound, missing())
        })?;
    // Somebody else may have decided it while we waited.
    access_request::Entity::find_by_id(id)
        .one(&*tx)
        .await?
        .ok_or_else(missing)?;
    placement.rights(app).may_decide().ok_or(Code::Forbidden)?.count();
    let membership = match is_approved {
        false => None,
        true => Some(match placement.occupied(app)? {
            Some(membership) => membership.clone(),
            None => {
                let Place { team, member } = place;
                queue::enqueue(&tx, &Work::SendTeamApproval { team, member }, actor.now).await?;
                placement.fill(&tx).await?
            }
        }),
    };
    close_requests(&tx, place.member, [place.team]).await?;
    tx.commit().await?;
    Ok(Decided {
        request: id,
        membership: membership.map(|membership| (membership, placement.team)),
    })
}

fn missing() -> Refusal {
    Code::AccessRequestNotFound.at(["requestId"])
}

/// Requests that wait for a decision: the member is there, and not in the team.
fn waiting() -> Select<access_request::Entity> {
    let fulfilled = team_member::Entity::find()
        .select_only()
        .column(team_member::Column::Id)
        .filter(
            Expr::col(team_member::Column::TeamId.as_column_ref())
                .equals(access_request::Column::TeamId.as_column_ref()),
        )
        .filter(
            Expr::col(team_member::Column::MemberId.as_column_ref())
                .equals(access_request::Column::MemberId.as_column_ref()),
        )
        .filter(team_member::Column::IsActive.eq(true));
    access_request::Entity::find()
        .join(JoinType::InnerJoin, access_request::Relation::Team.def())
        .join(JoinType::InnerJoin, access_request::Relation::Member.def())
        .filter(team::Column::Status.eq(team::TeamStatus::Active))
        .filter(member::Column::UserId.is_not_null())
        .filter(member::Entity::shown())
        .filter(Expr::exists(fulfilled.into_query()).not())
}

/// Waiting requests that the actor is shown: with org:write all, with team:write
/// those of the actor's own teams, else none.
pub async fn list(app: &App, access: &Access) -> Result<Listing<access_request::Entity>> {
    let requests = waiting().filter(access_request::Column::OrganizationId.eq(access.organization().id));
    if access.has(Scope::OrgWrite) {
        return Ok(requests.into());
    }
    let own = team_member::Entity::find()
        // No row has member 0, so whoever is no member is in no team.
        .filter(team_member::Column::MemberId.eq(access.membership().map(|own| own.id).unwrap_or_default()))
        .filter(team_member::Column::IsActive.eq(true))
        .all(&app.db)
        .await?;
    let teams = own
        .iter()
        .filter(|own| Rights::new(app, access, Some(own)).holds(Scope::TeamWrite).is_some());
    let teams: Vec<i64> = teams.map(|own| own.team_id.0).collect();
    if teams.len() > listing::PARTS_MAX {
        let backend = app.db.backend();
        return Ok(requests
            .filter(any_of(backend, access_request::Column::TeamId, teams))
            .into());
    }
    let of_team = |team| requests.clone().filter(access_request::Column::TeamId.eq(team));
    Ok(Listing::of_parts(teams.into_iter().map(of_team)))
}

/// Whether the actor may see a request: those who are shown it in [`list`], the
/// member, and who asked. `own` is the actor's membership in the team.
pub fn is_shown(app: &App, access: &Access, request: &access_request::Model, own: Option<&team_member::Model>) -> bool {
    let is_member = access.membership().is_some_and(|own| own.id == request.member_id);
    let is_requester = request.requester_id.is_some() && request.requester_id == access.actor().user_id();
    let decides = own.is_some() && Rights::new(app, access, own).holds(Scope::TeamWrite).is_some();
    access.has(Scope::OrgWrite) || decides || is_member || is_requester
}

/// The request with its team, if it still waits for a decision.
pub async fn find_waiting(app: &App, id: AccessRequestId) -> Result<Option<(access_request::Model, team::Model)>> {
    let found = waiting()
        .filter(access_request::Column::Id.eq(id))
        .select_also(team::Entity)
        .one(&app.db)
        .await?;
    Ok(found.and_then(|(request, team)| Some((request, team?))))
}

/// Who is told of a request (§21.4): members with a global role and org:write,
/// and those of the team who have team:write there.
pub async fn deciders(app: &App, team: &team::Model) -> Result<BTreeSet<MemberId>> {
    let has_roles = app.config.features.team_roles;
    let writes = |role: &TeamRole| role.scopes().contains(Scope::TeamWrite);
    let by_role = app
        .roles
        .all()
        .iter()
        .filter(|role| role.scopes.contains(Scope::TeamWrite) || (has_roles && writes(&role.minimum_team_role)));
    let by_role = member::Column::Role.is_in(by_role.map(|role| role.id.as_str()));
    let by_team_role = team_member::Column::Role.is_in(
        TeamRole::iter()
            .filter(|role| has_roles && writes(role))
            .map(TeamRole::id),
    );
    let of_team = team_member::Entity::find()
        .select_only()
        .column(team_member::Column::MemberId)
        .join(JoinType::InnerJoin, team_member::Relation::Member.def())
        .filter(team_member::Column::TeamId.eq(team.id))
        .filter(team_member::Column::IsActive.eq(true))
        .filter(member::Column::UserId.is_not_null())
        .filter(member::Entity::shown())
        .filter(Condition::any().add(by_role).add(by_team_role))
        .into_tuple::<MemberId>()
        .all(&app.db)
        .await?;
    let everywhere = with_role(&app.db, app, team.organization_id, |role| {
        role.is_global && role.scopes.contains(Scope::OrgWrite)
    })
    .await?;
    Ok(everywhere.into_iter().chain(of_team).collect())
}
