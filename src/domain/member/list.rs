//! Which members there are (spec §14).

use entity::{
    ids::{MemberId, OrganizationId, TeamId, UserId},
    member,
    member::Cohort,
    team, team_member,
};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    RelationTrait, Select,
    sea_query::{Expr, ExprTrait},
};

use super::{READ, cohorts::cohorts};
use crate::{
    access::Access,
    app::App,
    auth::Actor,
    db::any_of,
    domain::{
        listing::{self, Listing, Part},
        organization::visible_to_member,
        search::{self, Wanted},
        text,
    },
    error::Result,
    roles::Scope,
};

/// Which members are wanted; all conditions hold together.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Search language of §14.1.
    pub query: Option<String>,
    /// Org role ids.
    pub roles: Option<Vec<String>>,
    /// Slugs of teams, of which the member is in one.
    pub team_slugs: Option<Vec<String>>,
    /// Whether nobody has taken the place yet.
    pub is_pending: Option<bool>,
    /// Whether a sign-on identity is linked.
    pub is_sso_linked: Option<bool>,
    /// Whether the person has a second factor.
    pub has_two_factor: Option<bool>,
}

/// Which member is meant.
#[derive(Clone, Debug)]
pub enum By {
    /// The row.
    Id(MemberId),
    /// The person's row.
    User(UserId),
    /// The row of an invited or verified address.
    Email(String),
}

/// Own memberships, in organizations that are still there for the person.
pub fn memberships_of(app: &App, actor: &Actor) -> Select<member::Entity> {
    let visible = actor
        .person()
        .map_or_else(Condition::any, |person| visible_to_member(app, person));
    member::Entity::find()
        .join(JoinType::InnerJoin, member::Relation::Organization.def())
        // No row has user 0, so whoever is not a person has no membership.
        .filter(member::Column::UserId.eq(actor.user_id().unwrap_or_default()))
        .filter(visible)
}

/// How a list of members is ordered, as far as it matters for how it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sorting {
    /// By the id of the row.
    ById,
    /// By the rank of the role.
    ByRole,
    /// By another key of the row.
    ByKey,
}

/// Members of the organization that match.
///
/// # Errors
/// `FORBIDDEN` without a scope to read members, or when filtering by second
/// factor without member:admin; `VALIDATION_FAILED` for lists that are too long.
pub async fn list(app: &App, access: &Access, filter: Filter, sorting: Sorting) -> Result<Listing<member::Entity>> {
    let organization = access.require(READ)?;
    let slugs = filter.team_slugs.clone();
    let wanted = wanted(app, access, filter)?;
    let mut rows = member::Entity::within(organization).filter(member::Entity::shown());
    for condition in &wanted.words {
        rows = rows.filter(condition.clone());
    }
    for alternatives in &wanted.of_rows {
        rows = rows.filter(alternatives.iter().cloned().fold(Condition::any(), Condition::add));
    }

    let chosen = match slugs {
        Some(slugs) => Some(Chosen::find(app, organization, slugs).await?),
        None => None,
    };
    let backend = app.db.backend();
    // Found first, whatever else is wanted of them.
    let few = match (wanted.of_rows.first(), &chosen) {
        (Some(alternatives), _) => Some(alternatives.clone()),
        (None, Some(Chosen::Few(members))) => Some(vec![Condition::all().add(any_of(
            backend,
            member::Column::Id,
            members.iter().map(|member| member.0),
        ))]),
        _ => None,
    };
    if let Some(alternatives) = &few {
        rows = listing::among(rows, alternatives.iter().cloned());
    }
    let is_few = few.is_some() || !wanted.words.is_empty();
    let cohorts = if sorting == Sorting::ByRole && !is_few || !wanted.of_cohorts.is_empty() {
        Some(cohorts(&app.db, organization).await?)
    } else {
        None
    };
    let cohorts: Option<Vec<Cohort>> =
        cohorts.map(|all| all.into_iter().filter(|cohort| wanted.in_cohort(cohort)).collect());
    let named = cohorts.iter().flatten().map(|cohort| cohort.name.as_str());
    let named = cohorts.is_some().then(|| member::Entity::cohort().is_in(named));

    if let Some(Chosen::Many(teams)) = &chosen
        && !is_few
        && sorting == Sorting::ById
        && teams.len() <= listing::PARTS_MAX
    {
        let rows = rows.filter(Condition::all().add_option(named));
        return Ok(Listing {
            all: Some(rows.clone().filter(in_one_of(backend, teams))),
            parts: teams.iter().map(|team| in_team(rows.clone(), *team)).collect(),
        });
    }
    if let Some(Chosen::Many(teams)) = &chosen {
        // Asked of each member in the order of the list: many are in.
        rows = rows.filter(in_one_of(backend, teams));
    }
    Ok(match cohorts.filter(|_| !is_few) {
        None => rows.filter(Condition::all().add_option(named)).into(),
        Some(cohorts) => Listing {
            all: None,
            parts: cohorts
                .iter()
                .map(|cohort| Part {
                    rows: rows.clone().filter(member::Entity::cohort().eq(cohort.name.as_str())),
                    rank: (sorting == Sorting::ByRole).then(|| app.roles.stored(&cohort.role).priority.into()),
                    id: None,
                })
                .collect(),
        },
    })
}

/// What the filter wants, besides teams.
fn wanted(app: &App, access: &Access, filter: Filter) -> Result<Wanted> {
    let mut wanted = match &filter.query {
        Some(text) => search::wanted(app, access, text)?,
        None => Wanted::default(),
    };
    if let Some(mut roles) = filter.roles {
        text::bounded(&app.config, roles.len(), "roles")?;
        roles.retain(|role| app.roles.find(role).is_some());
        wanted
            .of_cohorts
            .push(Box::new(move |cohort| roles.contains(&cohort.role)));
    }
    if let Some(slugs) = &filter.team_slugs {
        text::bounded(&app.config, slugs.len(), "teamSlugs")?;
    }
    if let Some(is_pending) = filter.is_pending {
        wanted
            .of_cohorts
            .push(Box::new(move |cohort| cohort.is_pending == is_pending));
    }
    if let Some(is_linked) = filter.is_sso_linked {
        wanted
            .of_cohorts
            .push(Box::new(move |cohort| cohort.is_sso_linked == is_linked));
    }
    if let Some(has) = filter.has_two_factor {
        access.require(&[Scope::MemberAdmin])?;
        wanted
            .of_cohorts
            .push(Box::new(move |cohort| cohort.has_two_factor == has));
    }
    Ok(wanted)
}

/// Who is in one of the teams that a filter names.
enum Chosen {
    /// These.
    Few(Vec<MemberId>),
    /// Whoever is in these teams.
    Many(Vec<TeamId>),
}

impl Chosen {
    async fn find(app: &App, organization: OrganizationId, slugs: Vec<String>) -> Result<Self> {
        let backend = app.db.backend();
        let slugs = slugs.into_iter().filter(|slug| text::is_storable(slug));
        let teams: Vec<TeamId> = team::Entity::within(organization)
            .select_only()
            .column(team::Column::Id)
            .filter(any_of(backend, team::Column::Slug, slugs))
            .into_tuple()
            .all(&app.db)
            .await?;
        let members = team_member::Entity::find()
            .select_only()
            .column(team_member::Column::MemberId)
            .filter(any_of(
                backend,
                team_member::Column::TeamId,
                teams.iter().map(|team| team.0),
            ))
            .filter(team_member::Column::IsActive.eq(true));
        Ok(match listing::few(&app.db, members).await? {
            Some(members) => Self::Few(members),
            None => Self::Many(teams),
        })
    }
}

/// Whether a member is in one of the teams.
fn in_one_of(backend: DbBackend, teams: &[TeamId]) -> Expr {
    let place = team_member::Entity::find()
        .select_only()
        .column(team_member::Column::Id)
        .filter(Expr::col(team_member::Column::MemberId.as_column_ref()).equals(member::Column::Id.as_column_ref()))
        .filter(any_of(
            backend,
            team_member::Column::TeamId,
            teams.iter().map(|team| team.0),
        ))
        .filter(team_member::Column::IsActive.eq(true));
    Expr::exists(place.into_query())
}

/// Those of `members` who are in the team: by id, as the team's index has them.
fn in_team(mut members: Select<member::Entity>, team: TeamId) -> Part<member::Entity> {
    // PostgreSQL would take an equation for leave to walk through all members in
    // the order of their ids, and to ask of each whether it is in the team.
    let of_place = Expr::cust(r#""member"."id" = "team_member"."member_id" + 0"#);
    QuerySelect::query(&mut members).join(JoinType::InnerJoin, team_member::Entity, of_place);
    Part {
        rows: members
            .filter(team_member::Column::TeamId.eq(team))
            .filter(team_member::Column::IsActive.eq(true)),
        rank: None,
        id: Some(team_member::Column::MemberId.into_expr()),
    }
}

/// The member that is meant, if the organization has it and shows it.
pub async fn find(app: &App, access: &Access, by: By) -> Result<Option<member::Model>> {
    let organization = access.require(READ)?;
    let meant = match by {
        By::Id(id) => vec![Condition::all().add(member::Column::Id.eq(id))],
        By::User(user) => vec![search::is_person(organization, user)],
        By::Email(email) if !text::is_storable(&email) => return Ok(None),
        By::Email(email) => search::has_address(organization, email.trim()).into(),
    };
    let shown = member::Entity::within(organization).filter(member::Entity::shown());
    let query = listing::among(shown, meant);
    Ok(query.order_by_asc(member::Column::Id).one(&app.db).await?)
}
