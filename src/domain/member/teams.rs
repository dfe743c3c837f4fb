//! The teams of a member (spec §11.1, §11.2).

use std::collections::HashMap;

use entity::{
    ids::{MemberId, TeamId, TeamMemberId},
    member, team, team_member,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
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

/// What became of a member's teams.
pub(in crate::domain) struct SavedTeams {
    /// Memberships that came, went or have another role.
    pub(in crate::domain) changed: Vec<TeamMemberId>,
    pub(in crate::domain) added: Vec<team::Model>,
    pub(in crate::domain) removed: Vec<team::Model>,
    /// All teams after the change, by slug.
    pub(in crate::domain) teams: Vec<team::Model>,
}

/// §11.1 as a difference: what stays the same keeps its row.
pub(in crate::domain) async fn save_teams(
    tx: &Write,
    app: &App,
    row: &member::Model,
    role: &OrgRole,
    wanted: Vec<(team::Model, Option<TeamRole>)>,
    current: &[(team_member::Model, team::Model)],
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
        close_requests(tx, row.id, removed.iter().map(|(row, _)| row.team_id)).await?;
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

/// §11.2: team roles that the new org role gives anyway would be invisible, and
/// surprise when it is lowered later. Also those in teams that are about to go:
/// a deletion can be taken back.
pub(super) async fn clear_redundant(tx: &Write, member: MemberId, role: &OrgRole) -> Result<Vec<team_member::Model>> {
    let redundant = TeamRole::iter().filter(|one| *one <= role.minimum_team_role);
    let mut rows = team_member::Entity::find()
        .filter(team_member::Column::MemberId.eq(member))
        .filter(team_member::Column::Role.is_in(redundant.map(TeamRole::id)))
        .order_by_asc(team_member::Column::Id)
        .all(&**tx)
        .await?;
    if rows.is_empty() {
        return Ok(rows);
    }
    team_member::Entity::update_many()
        .col_expr(team_member::Column::Role, Expr::value(None::<String>))
        .filter(any_of(
            tx.get_database_backend(),
            team_member::Column::Id,
            rows.iter().map(|row| row.id.0),
        ))
        .exec(&**tx)
        .await?;
    rows.iter_mut().for_each(|row| row.role = None);
    Ok(rows)
}
