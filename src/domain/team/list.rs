//! Finding teams (spec §14.3): which there are, and who sees them.

use entity::{
    ids::{RowId, TeamId, split_global},
    team, team_member,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select, sea_query::Expr};

use super::Rights;
use crate::{
    access::Access,
    app::App,
    db::any_of,
    domain::text::{self, contains},
    error::{Code, Refusal, Result},
    roles::Scope,
};

/// Which teams are wanted; all conditions hold together.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the name or slug.
    pub query: Option<String>,
    /// Slugs.
    pub slugs: Option<Vec<String>>,
    /// Global ids (§14.3).
    pub ids: Option<Vec<String>>,
    /// Teams of the actor; with `ids`, those too (§14.3 `myteams`).
    pub my_teams: bool,
}

/// Whether the actor sees the teams of the organization. All members do, also
/// while membership is closed (§28).
pub fn may_read(access: &Access) -> bool {
    [Scope::TeamRead, Scope::TeamWrite, Scope::TeamAdmin, Scope::OrgRead]
        .into_iter()
        .any(|scope| access.has(scope))
}

/// Active teams that match.
///
/// # Errors
/// `FORBIDDEN`; `INVALID_TEAM_ID` for a malformed id; `FORBIDDEN` for a named
/// team that the actor has no access to.
pub async fn list(app: &App, access: &Access, filter: Filter) -> Result<Select<team::Entity>> {
    if !may_read(access) {
        return Err(Code::Forbidden.into());
    }
    let backend = app.db.backend();
    let mut query = team::Entity::within(access.organization().id);
    if let Some(text) = &filter.query {
        let matching = Condition::any()
            .add(contains(app.db.backend(), team::Column::Name, text))
            .add(contains(app.db.backend(), team::Column::Slug, text));
        query = query.filter(matching);
    }
    if let Some(slugs) = &filter.slugs {
        text::bounded(&app.config, slugs.len(), "slugs")?;
        query = query.filter(any_of(
            backend,
            team::Column::Slug,
            slugs.iter().filter(|slug| text::is_storable(slug)).cloned(),
        ));
    }
    let mine = filter.my_teams.then(|| teams_of_actor(access));
    match (filter.ids, mine) {
        (None, None) => {}
        (None, Some(mine)) => query = query.filter(mine),
        (Some(ids), mine) => {
            text::bounded(&app.config, ids.len(), "ids")?;
            let ids = ids
                .iter()
                .map(|id| {
                    let wrong = || {
                        Refusal::from(Code::InvalidTeamId)
                            .saying(format!("`{}` is not the id of a team.", text::shortened(id)))
                    };
                    // The id of something else is one that no team has.
                    let other = || split_global(id).map(|_| TeamId::default());
                    TeamId::parse(id).or_else(other).ok_or_else(|| wrong().into())
                })
                .collect::<Result<Vec<_>>>()?;
            let named = any_of(backend, team::Column::Id, ids.iter().map(|id| id.0));
            check_accessible(app, access, named.clone()).await?;
            query = query.filter(Condition::any().add(named).add_option(mine));
        }
    }
    Ok(query)
}

/// Teams that the actor is in; for a superuser, all (§14.3).
fn teams_of_actor(access: &Access) -> Condition {
    if access.is_superuser() {
        return Condition::all();
    }
    // No row has member 0, so whoever is no member is in no team.
    let own = access.membership().map(|membership| membership.id).unwrap_or_default();
    Condition::all().add(
        team::Column::Id.in_subquery(
            team_member::Entity::find()
                .select_only()
                .column(team_member::Column::TeamId)
                .filter(team_member::Column::MemberId.eq(own))
                .filter(team_member::Column::IsActive.eq(true))
                .into_query(),
        ),
    )
}

/// The team access rule (§4) for the named teams.
async fn check_accessible(app: &App, access: &Access, named: Expr) -> Result<()> {
    if Rights::new(app, access, None).is_accessible() {
        return Ok(());
    }
    let foreign = team::Entity::within(access.organization().id)
        .filter(named)
        .filter(teams_of_actor(access).not())
        .one(&app.db)
        .await?;
    match foreign {
        None => Ok(()),
        Some(team) => Err(Refusal::from(Code::Forbidden)
            .saying(format!("You have no access to the team {}.", team.slug))
            .into()),
    }
}

/// The active team with this slug.
pub async fn find(app: &App, access: &Access, slug: &str) -> Result<Option<team::Model>> {
    if !may_read(access) {
        return Err(Code::Forbidden.into());
    }
    if !text::is_storable(slug) {
        return Ok(None);
    }
    Ok(team::Entity::within(access.organization().id)
        .filter(team::Column::Slug.eq(slug))
        .one(&app.db)
        .await?)
}
