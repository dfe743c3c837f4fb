//! Changing a team itself.

use std::sync::Arc;

use entity::{ids::TeamId, team};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::held::Held;
use crate::{
    app::App,
    auth::Actor,
    db,
    domain::{
        audit::{self, Entry, Event},
        slug, text,
    },
    error::{Code, Refusals, Result},
    outbox::{self, Change},
};

/// What to change of a team. What is `None` stays.
#[derive(Clone, Debug)]
pub struct TeamUpdate {
    /// Which team.
    pub team: TeamId,
    /// Name to show.
    pub name: Option<String>,
    /// Slug.
    pub slug: Option<String>,
    /// Whether its members come from the identity provider; only for superusers.
    pub is_idp_provisioned: Option<bool>,
}

/// Changes a team. What changes nothing is not recorded.
///
/// # Errors
/// `TEAM_NOT_FOUND`, `FORBIDDEN`; `VALIDATION_FAILED`, `SLUG_INVALID` together;
/// `SLUG_TAKEN`; `LOCK_TIMEOUT`.
pub async fn update(app: &App, actor: &Arc<Actor>, update: TeamUpdate) -> Result<team::Model> {
    let held = Held::take(app, actor, update.team).await?;
    held.rights(app).may_update().ok_or(Code::Forbidden)?.count();
    if update.is_idp_provisioned.is_some() && !held.access.is_superuser() {
        return Err(Code::Forbidden.at(["isIdpProvisioned"]).into());
    }
    let mut refusals = Refusals::default();
    let name = update.name.and_then(|name| refusals.note(text::name(&name, "name")));
    let slug = update.slug.and_then(|slug| refusals.note(slug::well_formed(slug)));
    refusals.check()?;

    let Held { tx, team, .. } = held;
    let organization = team.organization_id;
    let mut change = team.clone().into_active_model();
    if let Some(name) = name {
        change.name.set_if_not_equals(name);
    }
    if let Some(slug) = slug {
        change.slug.set_if_not_equals(slug);
    }
    if let Some(is_idp_provisioned) = update.is_idp_provisioned {
        change.idp_provisioned.set_if_not_equals(is_idp_provisioned);
    }
    if !change.is_changed() {
        return Ok(team);
    }
    let team = db::on_conflict(change.update(&*tx).await, Code::SlugTaken.at(["slug"]))?;
    audit::record(&tx, actor, organization, [Entry::team(Event::TeamEdit, &team)]).await?;
    outbox::record(&tx, [Change::team(organization, team.id)]).await?;
    tx.commit().await?;
    Ok(team)
}
