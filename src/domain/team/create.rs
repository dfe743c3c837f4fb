//! Making teams.

use std::sync::Arc;

use entity::{ids::OrganizationId, team};
use sea_orm::{ActiveValue::Set, DbErr, EntityTrait, sea_query::OnConflict};

use crate::{
    access::{Access, Gates},
    app::App,
    auth::Actor,
    db::{self, Write},
    domain::{
        audit::{self, Entry, Event},
        slug, text,
    },
    error::{Code, Refusals, Result},
    outbox::{self, Change},
    roles::Scope,
};

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
    name: &str,
    slug: Option<String>,
) -> Result<team::Model> {
    let access = Access::enter_organization(&app.db, actor, &app.roles, organization, Gates::CHANGE).await?;
    let organization = may_create(&access)?;
    let mut refusals = Refusals::default();
    let name = refusals.note(text::name(name, "name"));
    let slug = slug.and_then(|slug| refusals.note(slug::well_formed(slug)));
    refusals.check()?;
    let name = name.unwrap_or_default();

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
