//! Organizations (spec §15): creating, finding, listing, deleting.

mod deletion;

use std::sync::Arc;

use entity::{ids::OrganizationId, member, organization, organization::OrganizationStatus};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{ExprTrait, OnConflict},
};

pub use self::deletion::{Deletion, delete, finish_deletion, may_delete};
use super::{
    audit::{self, Entry, Event},
    slug, team,
    text::{self, contains},
    user,
};
use crate::{
    access::Standing,
    app::App,
    auth::{Actor, Person, Who},
    db::{self, Db, Write},
    error::{Code, Refusals, Result},
    limits::{self, Limit},
    outbox::{self, Change},
    roles::{OWNER, OrgRole, Scope},
};

/// What a new organization is made from.
#[derive(Clone, Debug)]
pub struct NewOrganization {
    /// Name to show.
    pub name: String,
    /// Slug; made from the name if absent.
    pub slug: Option<String>,
    /// Whether the caller agrees to the deployment's terms.
    pub agree_terms: bool,
    /// Whether to make a team with the creator in it.
    pub create_default_team: bool,
}

/// A new organization and its owner.
#[derive(Clone, Debug)]
pub struct Founded {
    /// The organization.
    pub organization: organization::Model,
    /// The creator's membership.
    pub owner: member::Model,
}

/// Who may create organizations: every person, or only superusers where that is
/// switched off.
///
/// # Errors
/// `UNAUTHENTICATED`, `FEATURE_DISABLED`.
pub fn may_create<'a>(app: &App, actor: &'a Actor) -> Result<&'a Person> {
    let person = actor.require_person()?;
    if !app.config.features.create_organizations && !person.is_superuser {
        return Err(Code::FeatureDisabled.into());
    }
    Ok(person)
}

/// Creates an organization with the caller as its owner.
///
/// # Errors
/// `UNAUTHENTICATED`, `FEATURE_DISABLED`; `VALIDATION_FAILED`, `SLUG_INVALID`,
/// `SLUG_RESERVED`; `RATE_LIMITED`; `SLUG_TAKEN`.
pub async fn create(app: &App, actor: &Arc<Actor>, new: NewOrganization) -> Result<Founded> {
    let creator = may_create(app, actor)?;
    let mut refusals = Refusals::default();
    let name = refusals.note(text::name(&new.name, "name"));
    if let Some(slug) = &new.slug {
        refusals.note(slug::check(&app.config.slugs, slug));
    }
    if app.config.organizations.require_terms && !new.agree_terms {
        refusals.push(
            Code::ValidationFailed
                .at(["agreeTerms"])
                .saying("Agree to the terms first."),
        );
    }
    refusals.check()?;
    let name = name.unwrap_or_default();

    let tx = db::begin_write(&app.db).await?;
    if app.config.rate_limits.enabled && !creator.is_superuser {
        let most = app.config.rate_limits.organizations_per_user_per_hour;
        let limit = Limit::per_hour(format!("organization:user:{}", creator.user.id.0), most);
        if let Err(refusal) = limits::attempt(&tx, &[limit], actor.now).await {
            tx.commit().await?;
            return Err(refusal);
        }
    }

    let user = user::hold(&tx, creator).await?;
    let organization = insert(&tx, app, actor, &name, new.slug).await?;
    let owner = member::ActiveModel {
        organization_id: Set(organization.id),
        user_id: Set(Some(creator.user.id)),
        role: Set(OWNER.to_owned()),
        flags: Set(0),
        date_added: Set(actor.now),
        has_global_access: Set(true),
        invite_status: Set(member::InviteStatus::Approved),
        user_is_active: Set(true),
        user_email: Set(user.verified_email().map(str::to_owned)),
        sort_name: Set(user.sort_name()),
        user_has_two_factor: Set(user.has_two_factor),
        ..Default::default()
    };
    let owner = owner.insert(&*tx).await?;

    let data = audit::organization_data(&organization);
    let mut entries = vec![Entry::organization(Event::OrgAdd, &organization, data)];
    let mut changes = vec![
        Change::organization(organization.id),
        Change::member(organization.id, owner.id),
    ];
    if new.create_default_team {
        let team = team::insert(&tx, actor, organization.id, &name, None).await?;
        let membership = team::add_member(&tx, team.id, &owner).await?;
        entries.push(Entry::team(Event::TeamAdd, &team));
        entries.push(Entry::team_membership(
            Event::MemberJoinTeam,
            &owner,
            creator.user.email.as_deref(),
            &team.slug,
        ));
        changes.push(Change::team(organization.id, team.id));
        changes.push(Change::team_member(organization.id, membership.id));
    }
    audit::record(&tx, actor, organization.id, entries).await?;
    outbox::record(&tx, changes).await?;
    tx.commit().await?;
    Ok(Founded { organization, owner })
}

/// Inserts under the given slug, or under the first free one that resembles the
/// name and is not reserved.
async fn insert(tx: &Write, app: &App, actor: &Actor, name: &str, slug: Option<String>) -> Result<organization::Model> {
    let candidates: Box<dyn Iterator<Item = String> + Send> = match slug {
        Some(slug) => Box::new(std::iter::once(slug)),
        None => Box::new(slug::candidates(slug::from_name(name, "org"))),
    };
    for slug in candidates.filter(|slug| slug::check(&app.config.slugs, slug).is_ok()) {
        let row = organization::ActiveModel {
            name: Set(name.to_owned()),
            slug: Set(slug),
            status: Set(OrganizationStatus::Active),
            date_added: Set(actor.now),
            default_role: Set(crate::roles::MEMBER.to_owned()),
            is_test: Set(false),
            flags: Set(organization::flag::ALLOW_JOINLEAVE),
            ..Default::default()
        };
        let free = OnConflict::column(organization::Column::Slug).do_nothing().to_owned();
        match organization::Entity::insert(row)
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

/// Whether an organization could take this slug.
pub async fn is_slug_available(app: &App, slug: &str) -> Result<bool> {
    if slug::check(&app.config.slugs, slug).is_err() {
        return Ok(false);
    }
    Ok(organization::Entity::find()
        .filter(organization::Column::Slug.eq(slug))
        .count(&app.db)
        .await?
        == 0)
}

/// Where the actor stands with the organization of this slug.
pub async fn standing_by_slug(app: &App, actor: &Actor, slug: &str) -> Result<Option<Standing>> {
    // What is no slug is nobody's slug, and spares the database hostile text.
    if !slug::is_well_formed(slug) {
        return Ok(None);
    }
    Ok(Standing::find(&app.db, actor, organization::Column::Slug.eq(slug))
        .await?
        .pop())
}

/// The id of the organization of this slug, in whatever place of its life. For
/// operators: whoever may not see it must not learn it.
pub async fn id_of_slug(db: &Db, slug: &str) -> Result<Option<OrganizationId>> {
    let organization = organization::Entity::find().filter(organization::Column::Slug.eq(slug));
    Ok(organization.one(db).await?.map(|organization| organization.id))
}

/// Which organizations are wanted; all conditions hold together.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the name or slug.
    pub query: Option<String>,
    /// Place in its life.
    pub status: Option<OrganizationStatus>,
}

/// Organizations that the actor can see, before the gates of each.
///
/// # Errors
/// `UNAUTHENTICATED`.
pub fn list(app: &App, actor: &Actor, filter: Filter) -> Result<Select<organization::Entity>> {
    actor.require_known()?;
    let visible = match &actor.who {
        Who::Anonymous => return Err(Code::Unauthenticated.into()),
        Who::App(token) => Condition::all()
            .add(organization::Column::Id.eq(token.token.organization_id))
            .add(
                organization::Column::Status.is_in(match token.scopes.contains(Scope::OrgAdmin) {
                    true => vec![OrganizationStatus::Active, OrganizationStatus::PendingDeletion],
                    false => vec![OrganizationStatus::Active],
                }),
            ),
        Who::Person(person) => {
            let own = visible_to_member(app, person);
            let open = organization::Column::Flags
                .into_expr()
                .bit_and(organization::flag::PREVENT_SUPERUSER_ACCESS)
                .eq(0);
            let living = [OrganizationStatus::Active, OrganizationStatus::PendingDeletion];
            let everything = Condition::all()
                .add(open)
                .add(organization::Column::Status.is_in(living));
            if person.is_superuser {
                Condition::any().add(own).add(everything)
            } else {
                own
            }
        }
    };
    let mut query = organization::Entity::find().filter(visible);
    if let Some(text) = &filter.query {
        let matching = Condition::any()
            .add(contains(app.db.backend(), organization::Column::Name, text))
            .add(contains(app.db.backend(), organization::Column::Slug, text));
        query = query.filter(matching);
    }
    if let Some(status) = filter.status {
        query = query.filter(organization::Column::Status.eq(status));
    }
    Ok(query)
}

/// Organizations of a person: active ones, and those pending deletion where the
/// person has org:admin (§28).
pub fn visible_to_member(app: &App, person: &Person) -> Condition {
    // A credential that is limited to less does not see what only admins do.
    let is_limited = person.limit.is_some_and(|limit| !limit.contains(Scope::OrgAdmin));
    let is_admin = |role: &&Arc<OrgRole>| role.scopes.contains(Scope::OrgAdmin) && !is_limited;
    let admins: Vec<_> = app
        .roles
        .all()
        .iter()
        .filter(is_admin)
        .map(|role| role.id.as_str())
        .collect();
    let memberships = || {
        member::Entity::find()
            .select_only()
            .column(member::Column::OrganizationId)
            .filter(member::Column::UserId.eq(person.user.id))
    };
    let within = |status: OrganizationStatus, memberships: Select<member::Entity>| {
        Condition::all()
            .add(organization::Column::Status.eq(status))
            .add(organization::Column::Id.in_subquery(memberships.into_query()))
    };
    Condition::any()
        .add(within(OrganizationStatus::Active, memberships()))
        .add(within(
            OrganizationStatus::PendingDeletion,
            memberships().filter(member::Column::Role.is_in(admins)),
        ))
}
