//! Teams (spec §13, §14.3): who sees them, who is in them, who may change them.

use std::{collections::HashSet, sync::Arc};

use entity::{
    ids::{OrganizationId, RowId, TeamId},
    member, organization, team, team_member,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    QuerySelect, QueryTrait, Select, sea_query::OnConflict,
};

use super::{
    audit::{self, Entry, Event},
    slug,
    text::{self, contains},
};
use crate::{
    access::{Access, Gates},
    app::App,
    auth::Actor,
    db::{self, Write, any_of},
    error::{Code, Refusal, Refusals, Result},
    outbox::{self, Change},
    roles::{Scope, TeamRole},
};

/// A team as it is named in an input, with the role in it.
#[derive(Clone, Debug)]
pub struct TeamAssignment {
    /// Slug of the team.
    pub slug: String,
    /// Id of the team role; `None` = no stored role.
    pub role: Option<String>,
}

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
    let backend = app.db.get_database_backend();
    let mut query = team::Entity::within(access.organization().id);
    if let Some(text) = &filter.query {
        let matching = Condition::any()
            .add(contains(team::Column::Name, text))
            .add(contains(team::Column::Slug, text));
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
                    TeamId::parse(id).ok_or_else(|| wrong().into())
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
async fn check_accessible(app: &App, access: &Access, named: sea_orm::sea_query::Expr) -> Result<()> {
    let is_open = access.organization().has(organization::flag::ALLOW_JOINLEAVE);
    let is_global = access.role().is_some_and(|role| role.is_global);
    if is_open || is_global || access.is_superuser() {
        return Ok(());
    }
    let foreign = team::Entity::within(access.organization().id)
        .filter(named)
        .filter(teams_of_actor(access).not())
        .one(&*app.db)
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
        .one(&*app.db)
        .await?)
}

/// The team role that is stored, as far as team roles count here.
pub fn stored_role(app: &App, row: &team_member::Model) -> Option<TeamRole> {
    row.role
        .as_deref()
        .filter(|_| app.config.features.team_roles)
        .and_then(|role| role.parse().ok())
}

/// The higher of the stored role and what the org role gives anyway (§2.5).
pub fn effective_role(app: &App, minimum: TeamRole, row: &team_member::Model) -> TeamRole {
    stored_role(app, row).map_or(minimum, |role| role.max(minimum))
}

/// Whether the actor has `team:write` in a team, by org role or by the role in
/// the team (§4). `own` is the actor's membership in it.
fn has_team_write(app: &App, access: &Access, own: Option<&team_member::Model>) -> bool {
    let by_team = own.zip(access.role()).is_some_and(|(row, role)| {
        app.config.features.team_roles
            && effective_role(app, role.minimum_team_role, row)
                .scopes()
                .contains(Scope::TeamWrite)
    });
    access.has(Scope::TeamWrite) || by_team
}

/// Whether the actor may change the team's settings and members: org:write, or
/// team:write on a team they have access to (§4).
pub fn may_update(app: &App, access: &Access, own: Option<&team_member::Model>) -> bool {
    let is_accessible = own.is_some()
        || access.actor().app().is_some()
        || access.organization().has(organization::flag::ALLOW_JOINLEAVE)
        || access.role().is_some_and(|role| role.is_global);
    access.is_superuser() || access.has(Scope::OrgWrite) || (is_accessible && has_team_write(app, access, own))
}

/// Whether the actor would join at once (§13.1, "may add").
pub fn may_join(app: &App, access: &Access, team: &team::Model, own: Option<&team_member::Model>) -> bool {
    let Some(role) = access.role() else { return false };
    let is_open = access.organization().has(organization::flag::ALLOW_JOINLEAVE);
    role.is_team_roles_allowed
        && !team.idp_provisioned
        && (is_open || role.is_global || access.is_superuser() || (own.is_some() && has_team_write(app, access, own)))
}

/// # Errors
/// `FORBIDDEN` without org:write or team:write.
pub fn may_create(access: &Access) -> Result<OrganizationId> {
    access.require(&[Scope::OrgWrite, Scope::TeamWrite])
}

/// Makes a team without members. Its slug is the given one, or is made from the
/// name.
///
/// # Errors
/// `ORGANIZATION_NOT_FOUND`, `FORBIDDEN`; `VALIDATION_FAILED`, `SLUG_INVALID`,
/// `SLUG_TAKEN`.
pub async fn create(
    app: &App,
    actor: &Arc<Actor>,
    organization: OrganizationId,
    name: String,
    slug: Option<String>,
) -> Result<team::Model> {
    let access = Access::enter_organization(&*app.db, actor, &app.roles, organization, Gates::CHANGE).await?;
    let organization = may_create(&access)?;
    let mut refusals = Refusals::default();
    refusals.note(text::name(&name, "name"));
    if slug.as_ref().is_some_and(|slug| !slug::is_well_formed(slug)) {
        refusals.push(Code::SlugInvalid.at(["slug"]));
    }
    refusals.check()?;

    let tx = db::begin_write(&app.db).await?;
    let team = insert(&tx, actor, organization, &name, slug).await?;
    audit::record(&tx, actor, organization, [Entry::team(Event::TeamAdd, &team)]).await?;
    outbox::record(&tx, [Change::team(organization, team.id)]).await?;
    tx.commit().await?;
    Ok(team)
}

/// Inserts a team under the given slug, or under the first free one that
/// resembles its name.
pub async fn insert(
    tx: &Write,
    actor: &Actor,
    organization: OrganizationId,
    name: &str,
    slug: Option<String>,
) -> Result<team::Model> {
    let candidates: Box<dyn Iterator<Item = String> + Send> = match slug {
        Some(slug) => Box::new(std::iter::once(slug)),
        None => Box::new(slug::candidates(slug::from_name(name, "team"))),
    };
    for slug in candidates {
        let row = team::ActiveModel {
            organization_id: Set(organization),
            slug: Set(slug),
            name: Set(name.to_owned()),
            status: Set(team::TeamStatus::Active),
            idp_provisioned: Set(false),
            date_added: Set(actor.now),
            ..Default::default()
        };
        let free = OnConflict::columns([team::Column::OrganizationId, team::Column::Slug])
            .do_nothing()
            .to_owned();
        match team::Entity::insert(row)
            .on_conflict(free)
            .exec_with_returning(&**tx)
            .await
        {
            Err(DbErr::RecordNotInserted | DbErr::RecordNotFound(_)) => {}
            result => return Ok(result?),
        }
    }
    Err(Code::SlugTaken.at(["slug"]).into())
}

/// Puts a member into a team without a stored role.
pub async fn add_member(tx: &Write, team: TeamId, member: &member::Model) -> Result<team_member::Model> {
    let row = team_member::ActiveModel {
        team_id: Set(team),
        member_id: Set(member.id),
        is_active: Set(true),
        role: Set(None),
        ..Default::default()
    };
    Ok(row.insert(&**tx).await?)
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
    if assignments.len() > app.config.limits.list_items_max {
        let message = format!(
            "At most {} teams can be given at once.",
            app.config.limits.list_items_max
        );
        return Ok(Err(vec![Code::ValidationFailed.at([field]).saying(message)]));
    }
    let slugs = assignments
        .iter()
        .map(|assignment| assignment.slug.clone())
        .filter(|slug| text::is_storable(slug));
    let slugs: Vec<String> = slugs.collect();
    let found = match slugs.is_empty() {
        true => Vec::new(),
        false => {
            team::Entity::within(organization)
                .filter(any_of(db.get_database_backend(), team::Column::Slug, slugs))
                .all(db)
                .await?
        }
    };

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
            .find(|team| team.slug == *slug)
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
    Ok(if refusals.is_empty() {
        Ok(resolved)
    } else {
        Err(refusals)
    })
}

/// Ids of the active teams that a member is in.
pub async fn ids_of(db: &impl ConnectionTrait, member: entity::ids::MemberId) -> Result<HashSet<TeamId>> {
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
