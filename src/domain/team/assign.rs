//! Teams as they are assigned to members: named in an input, and stored.

use std::collections::HashSet;

use entity::{
    ids::{MemberId, OrganizationId, TeamId},
    member, team, team_member,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict,
};

use crate::{
    app::App,
    db::{Write, any_of},
    domain::text,
    error::{Code, Refusal, Result},
    roles::TeamRole,
};

/// A team as it is named in an input, with the role in it.
#[derive(Clone, Debug)]
pub struct TeamAssignment {
    /// Slug of the team.
    pub slug: String,
    /// Id of the team role; `None` = no stored role.
    pub role: Option<String>,
}

impl TeamAssignment {
    /// The team without a stored role.
    pub fn plain(slug: &str) -> Self {
        Self {
            slug: slug.to_owned(),
            role: None,
        }
    }
}

/// Puts a member into a team without a stored role. A membership that did not
/// count any more begins anew.
pub async fn add_member(tx: &Write, team: TeamId, member: &member::Model) -> Result<team_member::Model> {
    let row = team_member::ActiveModel {
        team_id: Set(team),
        member_id: Set(member.id),
        is_active: Set(true),
        role: Set(None),
        ..Default::default()
    };
    let anew = OnConflict::columns([team_member::Column::TeamId, team_member::Column::MemberId])
        .update_columns([team_member::Column::IsActive, team_member::Column::Role])
        .to_owned();
    Ok(team_member::Entity::insert(row)
        .on_conflict(anew)
        .exec_with_returning(&**tx)
        .await?)
}

/// The active teams that `assignments` name, with their roles, in that order.
/// Errors are collected: at most one for the teams and one for the roles.
pub async fn resolve(
    db: &impl ConnectionTrait,
    app: &App,
    organization: OrganizationId,
    field: &str,
    assignments: &[TeamAssignment],
) -> Result<Result<Vec<(team::Model, Option<TeamRole>)>, Vec<Refusal>>> {
    let slugs = known_slugs(app, assignments);
    let found = match slugs.is_empty() {
        true => Vec::new(),
        false => {
            team::Entity::within(organization)
                .filter(any_of(db.get_database_backend(), team::Column::Slug, slugs))
                .all(db)
                .await?
        }
    };
    Ok(resolve_among(app, &found, field, assignments))
}

/// Slugs that can be those of teams. None of a list that is too long: it is
/// refused anyway.
pub fn known_slugs(app: &App, assignments: &[TeamAssignment]) -> Vec<String> {
    if assignments.len() > app.config.limits.list_items_max {
        return Vec::new();
    }
    let slugs = assignments
        .iter()
        .map(|assignment| assignment.slug.clone())
        .filter(|slug| text::is_storable(slug));
    slugs.collect()
}

/// The same as [`resolve`] where the active teams with these slugs were read
/// already; `found` may have others, too.
pub fn resolve_among(
    app: &App,
    found: &[team::Model],
    field: &str,
    assignments: &[TeamAssignment],
) -> Result<Vec<(team::Model, Option<TeamRole>)>, Vec<Refusal>> {
    if assignments.len() > app.config.limits.list_items_max {
        let message = format!(
            "At most {} teams can be given at once.",
            app.config.limits.list_items_max
        );
        return Err(vec![Code::ValidationFailed.at([field]).saying(message)]);
    }
    let mut seen = HashSet::new();
    let (mut resolved, mut bad_team, mut bad_role) = (Vec::new(), None, None);
    // Teams that were given as plain slugs have no inner fields to blame.
    let has_roles = field == "teamRoles";
    for (index, TeamAssignment { slug, role }) in assignments.iter().enumerate() {
        let at = |code: Code, inner: &str| {
            let path = [field, &index.to_string(), inner];
            code.at(&path[..if has_roles { 3 } else { 2 }])
        };
        let team = found
            .iter()
            .find(|team| team.slug == *slug && team.status == team::TeamStatus::Active)
            .filter(|_| seen.insert(slug));
        let role = match role.as_deref().map(str::parse::<TeamRole>) {
            None => Ok(None),
            Some(Ok(role)) => Ok(Some(role)),
            Some(Err(_)) => Err(at(Code::InvalidTeamRole, "role")),
        };
        match (team, role) {
            (Some(team), Ok(role)) => resolved.push((team.clone(), role)),
            (team, role) => {
                if team.is_none() {
                    bad_team.get_or_insert_with(|| at(Code::InvalidTeam, "teamSlug"));
                }
                if let Err(refusal) = role {
                    bad_role.get_or_insert(refusal);
                }
            }
        }
    }
    let refusals: Vec<_> = bad_team.into_iter().chain(bad_role).collect();
    if refusals.is_empty() {
        Ok(resolved)
    } else {
        Err(refusals)
    }
}

/// Ids of the active teams that a member is in.
pub async fn ids_of(db: &impl ConnectionTrait, member: MemberId) -> Result<HashSet<TeamId>> {
    let rows = team_member::Entity::find()
        .select_only()
        .column(team_member::Column::TeamId)
        .filter(team_member::Column::MemberId.eq(member))
        .filter(team_member::Column::IsActive.eq(true))
        .into_tuple::<TeamId>()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// The memberships of some members in a team, in no order.
pub(super) async fn memberships(
    db: &impl ConnectionTrait,
    team: TeamId,
    members: impl IntoIterator<Item = MemberId>,
) -> Result<Vec<team_member::Model>> {
    let rows = team_member::Entity::find()
        .filter(team_member::Column::TeamId.eq(team))
        .filter(team_member::Column::MemberId.is_in(members))
        .filter(team_member::Column::IsActive.eq(true))
        .all(db)
        .await?;
    Ok(rows)
}
