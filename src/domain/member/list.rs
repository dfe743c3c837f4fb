//! Which members there are (spec §14).

use entity::{
    ids::{MemberId, UserId},
    member, team, team_member,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait, RelationTrait,
    Select,
};

use super::READ;
use crate::{
    access::Access,
    app::App,
    auth::Actor,
    db::any_of,
    domain::{organization::visible_to_member, search, text},
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

/// Members of the organization that match.
///
/// # Errors
/// `FORBIDDEN` without a scope to read members, or when filtering by second
/// factor without member:admin; `VALIDATION_FAILED` for lists that are too long.
pub fn list(app: &App, access: &Access, filter: Filter) -> Result<Select<member::Entity>> {
    let organization = access.require(READ)?;
    let backend = app.db.get_database_backend();
    let sees_two_factor = access.has(Scope::MemberAdmin);
    let mut query = member::Entity::within(organization).filter(member::Entity::shown());
    if let Some(text) = &filter.query {
        query = query.filter(search::condition(&app.roles, text, sees_two_factor)?);
    }
    if let Some(roles) = filter.roles {
        text::bounded(&app.config, roles.len(), "roles")?;
        let known = roles.into_iter().filter(|role| app.roles.find(role).is_some());
        query = query.filter(member::Column::Role.is_in(known));
    }
    if let Some(slugs) = filter.team_slugs {
        text::bounded(&app.config, slugs.len(), "teamSlugs")?;
        let teams = team::Entity::within(organization)
            .select_only()
            .column(team::Column::Id)
            .filter(any_of(
                backend,
                team::Column::Slug,
                slugs.into_iter().filter(|slug| text::is_storable(slug)),
            ));
        let members = team_member::Entity::find()
            .select_only()
            .column(team_member::Column::MemberId)
            .filter(team_member::Column::IsActive.eq(true))
            .filter(team_member::Column::TeamId.in_subquery(teams.into_query()));
        query = query.filter(member::Column::Id.in_subquery(members.into_query()));
    }
    if let Some(is_pending) = filter.is_pending {
        query = query.filter(search::is_pending(is_pending));
    }
    if let Some(is_linked) = filter.is_sso_linked {
        query = query.filter(search::is_sso_linked(is_linked));
    }
    if let Some(has) = filter.has_two_factor {
        access.require(&[Scope::MemberAdmin])?;
        query = query.filter(search::has_two_factor(has));
    }
    Ok(query)
}

/// The member that is meant, if the organization has it and shows it.
pub async fn find(app: &App, access: &Access, by: By) -> Result<Option<member::Model>> {
    let organization = access.require(READ)?;
    let meant = match by {
        By::Id(id) => Condition::all().add(member::Column::Id.eq(id)),
        By::User(user) => Condition::all().add(member::Column::UserId.eq(user)),
        By::Email(email) if !text::is_storable(&email) => return Ok(None),
        By::Email(email) => {
            let email = email.trim().to_lowercase();
            Condition::any()
                .add(member::Column::EmailKey.eq(&email))
                .add(member::Column::UserEmail.eq(&email))
        }
    };
    let query = member::Entity::within(organization)
        .filter(member::Entity::shown())
        .filter(meant);
    Ok(query.order_by_asc(member::Column::Id).one(&*app.db).await?)
}
