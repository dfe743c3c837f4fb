//! The teams of a member (spec §11.1, §11.2).

use std::collections::HashMap;

use entity::{
    FromColumns, access_request,
    ids::{MemberId, TeamId, TeamMemberId},
    member, team, team_member,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait,
    RelationTrait,
    sea_query::{DynIden, Expr, ExprTrait, IntoCondition, UnionType},
};
use strum::IntoEnumIterator;

use crate::{
    app::App,
    db::{Write, any_of},
    domain::team::close_requests,
    error::Result,
    roles::{OrgRole, TeamRole},
};

/// The member's memberships in active teams, by slug.
pub(in crate::domain) async fn current_teams(
    db: &impl ConnectionTrait,
    member: MemberId,
) -> Result<Vec<(team_member::Model, team::Model)>> {
    let rows = team_member::Entity::find()
        .find_also_related(team::Entity)
        .filter(team_member::Column::MemberId.eq(member))
        .filter(team::Column::Status.eq(team::TeamStatus::Active))
        .order_by_asc(team::Column::Slug)
        .all(db)
        .await?;
    Ok(rows.into_iter().filter_map(|(row, team)| Some((row, team?))).collect())
}

/// A team that a change of a member is about.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) team: team::Model,
    /// The member's place in it.
    pub(super) membership: Option<team_member::Model>,
    /// Whether the member asks to be let in.
    pub(super) is_asked: bool,
}

impl Place {
    fn is_active(&self) -> bool {
        self.team.status == team::TeamStatus::Active
    }
}

/// Every team of the member, also those that are about to go, and the active ones
/// with these slugs.
pub(super) async fn places(tx: &Write, row: &member::Model, slugs: Vec<String>) -> Result<Vec<Place>> {
    let backend = tx.get_database_backend();
    let id = row.id;
    let mut wanted = team_member::Entity::find()
        .select_only()
        .column(team_member::Column::TeamId)
        .filter(team_member::Column::MemberId.eq(id))
        .into_query();
    if !slugs.is_empty() {
        let named = team::Entity::within(row.organization_id)
            .select_only()
            .column(team::Column::Id)
            .filter(any_of(backend, team::Column::Slug, slugs));
        wanted.union(UnionType::Distinct, named.into_query());
    }
    let of_member = move |_, table: DynIden| Expr::col((table, "member_id")).eq(id).into_condition();
    let mut places = team::Entity::find()
        .join(
            JoinType::LeftJoin,
            team_member::Relation::Team.def().rev().on_condition(of_member),
        )
        .join(
            JoinType::LeftJoin,
            access_request::Relation::Team.def().rev().on_condition(of_member),
        )
        .filter(team::Column::Id.in_subquery(wanted))
        .select_also(team_member::Entity);
    QuerySelect::query(&mut places).expr_as(access_request::Column::Id.is_not_null(), "is_asked");
    let rows = tx.query_all(QuerySelect::query(&mut places)).await?;
    let place = |row: &QueryResult| {
        Ok(Place {
            team: team::Model::from_columns(row, 0)?,
            membership: team_member::Model::from_columns_optional(row, team::Model::COUNT)?,
            is_asked: row.try_get("", "is_asked")?,
        })
    };
    rows.iter().map(place).collect()
}

/// The member's memberships in active teams, by slug.
pub(super) fn current_among(places: &[Place]) -> Vec<(team_member::Model, team::Model)> {
    let active = places.iter().filter(|place| place.is_active());
    let mut current: Vec<_> = active
        .filter_map(|place| Some((place.membership.clone()?, place.team.clone())))
        .collect();
    current.sort_by(|(_, one), (_, other)| one.slug.cmp(&other.slug));
    current
}

/// What became of a member's teams.
pub(in crate::domain) struct SavedTeams {
    /// Memberships that came, went or have another role.
    pub(in crate::domain) changed: Vec<TeamMemberId>,
    pub(in crate::domain) added: Vec<team::Model>,
    pub(in crate::domain) removed: Vec<team::Model>,
    /// All teams after the change, by slug.
    pub(in crate::domain) teams: Vec<team::Model>,
}

/// §11.1 as a difference: what stays the same keeps its row. `is_asked` tells in
/// which of the teams the member may have asked to be let in.
pub(in crate::domain) async fn save_teams(
    tx: &Write,
    app: &App,
    row: &member::Model,
    role: &OrgRole,
    wanted: Vec<(team::Model, Option<TeamRole>)>,
    current: &[(team_member::Model, team::Model)],
    is_asked: impl Fn(TeamId) -> bool,
) -> Result<SavedTeams> {
    // No stored role is ever redundant, and without the feature none is stored.
    let stored = |given: Option<TeamRole>| {
        given
            .filter(|given| app.config.features.team_roles && *given > role.minimum_team_role)
            .map(|given| given.id().to_owned())
    };
    let by_team: HashMap<TeamId, &team_member::Model> = current.iter().map(|(row, _)| (row.team_id, row)).collect();
    let removed: Vec<_> = current
        .iter()
        .filter(|(row, _)| !wanted.iter().any(|(team, _)| team.id == row.team_id))
        .collect();
    let mut changed = Vec::new();

    if !removed.is_empty() {
        let ids: Vec<_> = removed.iter().map(|(row, _)| row.id).collect();
        changed.extend(ids.iter().copied());
        team_member::Entity::delete_many()
            .filter(any_of(
                tx.get_database_backend(),
                team_member::Column::Id,
                ids.iter().map(|id| id.0),
            ))
            .exec(&**tx)
            .await?;
        // One that was fulfilled by the membership must not rise again.
        let asked: Vec<_> = removed
            .iter()
            .map(|(row, _)| row.team_id)
            .filter(|id| is_asked(*id))
            .collect();
        if !asked.is_empty() {
            close_requests(tx, row.id, asked).await?;
        }
    }

    let mut fresh = Vec::new();
    let mut rewritten: HashMap<Option<String>, Vec<i64>> = HashMap::new();
    for (team, given) in &wanted {
        let stored = stored(*given);
        match by_team.get(&team.id) {
            Some(known) if known.role == stored && known.is_active => {}
            Some(known) => rewritten.entry(stored).or_default().push(known.id.0),
            None => fresh.push(team_member::ActiveModel {
                team_id: Set(team.id),
                member_id: Set(row.id),
                is_active: Set(true),
                role: Set(stored),
                ..Default::default()
            }),
        }
    }
    // At most one statement for each role that is stored anew.
    for (stored, ids) in rewritten {
        changed.extend(ids.iter().map(|id| TeamMemberId(*id)));
        team_member::Entity::update_many()
            .col_expr(team_member::Column::Role, Expr::value(stored))
            .col_expr(team_member::Column::IsActive, Expr::value(true))
            .filter(any_of(tx.get_database_backend(), team_member::Column::Id, ids))
            .exec(&**tx)
            .await?;
    }
    if !fresh.is_empty() {
        let inserted = team_member::Entity::insert_many(fresh)
            .exec_with_returning(&**tx)
            .await?;
        changed.extend(inserted.into_iter().map(|row| row.id));
    }

    let added = wanted
        .iter()
        .filter(|(team, _)| by_team.get(&team.id).is_none_or(|row| !row.is_active));
    let added = added.map(|(team, _)| team.clone()).collect();
    let removed = removed.into_iter().map(|(_, team)| team.clone()).collect();
    let mut teams: Vec<_> = wanted.into_iter().map(|(team, _)| team).collect();
    teams.sort_by(|one, other| one.slug.cmp(&other.slug));
    Ok(SavedTeams {
        changed,
        added,
        removed,
        teams,
    })
}

/// Memberships whose team role an org role gives anyway. Also those in teams that
/// are about to go: a deletion can be taken back.
pub(super) async fn find_redundant(tx: &Write, member: MemberId, role: &OrgRole) -> Result<Vec<team_member::Model>> {
    let redundant = TeamRole::iter().filter(|one| *one <= role.minimum_team_role);
    let rows = team_member::Entity::find()
        .filter(team_member::Column::MemberId.eq(member))
        .filter(team_member::Column::Role.is_in(redundant.map(TeamRole::id)))
        .order_by_asc(team_member::Column::Id)
        .all(&**tx)
        .await?;
    Ok(rows)
}

/// The same among places. If all active teams were saved anew for the role, only
/// those that are about to go can have one.
pub(super) fn redundant_among(places: Vec<Place>, role: &OrgRole, is_saved: bool) -> Vec<team_member::Model> {
    let others = places.into_iter().filter(|place| !(is_saved && place.is_active()));
    let is_redundant = |row: &team_member::Model| {
        let stored = row.role.as_deref().and_then(|id| id.parse::<TeamRole>().ok());
        stored.is_some_and(|stored| stored <= role.minimum_team_role)
    };
    let mut rows: Vec<_> = others
        .filter_map(|place| place.membership)
        .filter(is_redundant)
        .collect();
    rows.sort_by_key(|row| row.id);
    rows
}

/// §11.2: a team role that the org role gives anyway would be invisible, and
/// surprise when that is lowered later. Returns the rows without it.
pub(super) async fn clear(tx: &Write, mut redundant: Vec<team_member::Model>) -> Result<Vec<team_member::Model>> {
    if redundant.is_empty() {
        return Ok(redundant);
    }
    team_member::Entity::update_many()
        .col_expr(team_member::Column::Role, Expr::value(None::<String>))
        .filter(any_of(
            tx.get_database_backend(),
            team_member::Column::Id,
            redundant.iter().map(|row| row.id.0),
        ))
        .exec(&**tx)
        .await?;
    redundant.iter_mut().for_each(|row| row.role = None);
    Ok(redundant)
}
