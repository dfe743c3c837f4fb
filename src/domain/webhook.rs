//! Webhooks: servers that an organization has told of its events.
//!
//! Its secret is told when it is made, and kept encrypted, because deliveries are
//! signed with it. A webhook that is gone, or has failed for days, is disabled.

mod delivery;

use std::sync::Arc;

use chrono::TimeDelta;
use entity::{
    event::EventType,
    ids::{OrganizationId, RowId, WebhookId},
    webhook::{self, DisabledReason},
};
use sea_orm::{ActiveEnum, ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, PaginatorTrait, Select};
use secrecy::SecretString;
use serde_json::{Value, json};

pub use self::delivery::{
    Attempt, awaits_farewell, delete_deliveries, deliveries, find_pending, forget, message, next_turn, queue, record,
    redeliver, secrets,
};
use super::audit::{self, Entry, Event};
use crate::{
    access::{Access, Gates},
    app::App,
    auth::Actor,
    db::Write,
    error::{Code, Error, Refusal, Refusals, Result},
    queue::{self as jobs, Work},
    roles::Scope,
    webhook::Secret,
};

/// Longest description.
const DESCRIPTION_MAX: usize = 200;

/// What a new webhook is made from.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// Whose events it is told.
    pub organization: OrganizationId,
    /// What is called.
    pub url: String,
    /// What it is for.
    pub description: Option<String>,
    /// What it is told; nothing = everything.
    pub event_types: Vec<EventType>,
}

/// What is to change of a webhook; `None` = nothing.
#[derive(Clone, Debug)]
pub struct Edit {
    /// What is called.
    pub url: Option<String>,
    /// What it is for.
    pub description: Option<Option<String>>,
    /// What it is told; nothing = everything.
    pub event_types: Option<Vec<EventType>>,
    /// Whether it is told anything.
    pub is_enabled: Option<bool>,
}

/// A webhook with a new secret, and the only time that it is told.
#[derive(Debug)]
pub struct WithSecret {
    /// The row.
    pub webhook: webhook::Model,
    /// What deliveries are signed with.
    pub secret: SecretString,
}

/// Makes a webhook.
///
/// # Errors
/// The gates, `FORBIDDEN`; `FEATURE_DISABLED` where the deployment has no key to
/// keep secrets with; one `VALIDATION_FAILED` for each field that is bad, and for
/// an organization that has as many as it may.
pub async fn create(app: &App, actor: &Arc<Actor>, new: NewWebhook) -> Result<WithSecret> {
    let (tx, access) = Access::enter_locked(&app.db, actor, &app.roles, new.organization, Gates::CHANGE).await?;
    let organization = access.require(&[Scope::OrgAdmin])?;
    let mut refusals = Refusals::default();
    let url = refusals.note(check_url(app, &new.url));
    let description = refusals.note(check_description(new.description));
    let event_types = refusals.note(check_types(new.event_types));
    refusals.note(check_room(&tx, app, organization).await?);
    refusals.check()?;

    let secret = Secret::random();
    let row = webhook::ActiveModel {
        organization_id: Set(organization),
        url: Set(url.unwrap_or_default()),
        description: Set(description.unwrap_or_default()),
        event_types: Set(event_types.unwrap_or_default()),
        secret: Set(seal(app, organization, &secret)?),
        is_enabled: Set(true),
        failures: Set(0),
        created_by_id: Set(actor.user_id()),
        date_added: Set(actor.now),
        ..Default::default()
    };
    let webhook = row.insert(&*tx).await?;
    note(&tx, actor, Event::WebhookAdd, &webhook).await?;
    tx.commit().await?;
    Ok(WithSecret {
        webhook,
        secret: secret.shown(),
    })
}

/// Changes a webhook. One that is enabled again begins without failures.
///
/// # Errors
/// The gates; `VALIDATION_FAILED` for an unknown webhook, and to whoever is no
/// member of its organization; `FORBIDDEN`; one `VALIDATION_FAILED` for each
/// field that is bad.
pub async fn update(app: &App, actor: &Arc<Actor>, id: WebhookId, edit: Edit) -> Result<webhook::Model> {
    let (tx, webhook) = enter(app, actor, id).await?;
    let mut refusals = Refusals::default();
    let url = refusals.note(edit.url.map(|url| check_url(app, &url)).transpose());
    let description = refusals.note(edit.description.map(check_description).transpose());
    let event_types = refusals.note(edit.event_types.map(check_types).transpose());
    refusals.check()?;

    let mut change = webhook.clone().into_active_model();
    if let Some(url) = url.flatten() {
        change.url.set_if_not_equals(url);
    }
    if let Some(description) = description.flatten() {
        change.description.set_if_not_equals(description);
    }
    if let Some(event_types) = event_types.flatten() {
        change.event_types.set_if_not_equals(event_types);
    }
    match edit.is_enabled {
        Some(true) if !webhook.is_enabled => {
            change.is_enabled = Set(true);
            (change.disabled_reason, change.disabled_at) = (Set(None), Set(None));
            (change.failures, change.first_failed_at) = (Set(0), Set(None));
        }
        Some(false) if webhook.is_enabled => {
            change.is_enabled = Set(false);
            change.disabled_reason = Set(Some(DisabledReason::Requested));
            change.disabled_at = Set(Some(actor.now));
        }
        _ => {}
    }
    if !change.is_changed() {
        return Ok(webhook);
    }
    let webhook = change.update(&*tx).await?;
    note(&tx, actor, Event::WebhookEdit, &webhook).await?;
    tx.commit().await?;
    Ok(webhook)
}

/// Removes a webhook. What it was still to be told, it is not.
///
/// # Errors
/// Those of [`update`], without the fields.
pub async fn delete(app: &App, actor: &Arc<Actor>, id: WebhookId) -> Result<WebhookId> {
    let (tx, webhook) = enter(app, actor, id).await?;
    webhook::Entity::delete_by_id(id).exec(&*tx).await?;
    jobs::enqueue(&tx, &Work::DeleteDeliveries { webhook: id }, actor.now).await?;
    note(&tx, actor, Event::WebhookRemove, &webhook).await?;
    tx.commit().await?;
    Ok(id)
}

/// Gives a webhook a new secret. The old one signs, too, for a while, unless it
/// is to end at once.
///
/// # Errors
/// Those of [`delete`]; `FEATURE_DISABLED` as of [`create`].
pub async fn rotate(app: &App, actor: &Arc<Actor>, id: WebhookId, is_old_kept: bool) -> Result<WithSecret> {
    let (tx, webhook) = enter(app, actor, id).await?;
    let secret = Secret::random();
    let overlap = TimeDelta::from_std(app.config.webhooks.rotation_overlap).unwrap_or_default();
    let old = is_old_kept.then(|| webhook.secret.clone());
    let mut change = webhook.clone().into_active_model();
    change.secret = Set(seal(app, webhook.organization_id, &secret)?);
    change.previous_secret_until = Set(old.as_ref().map(|_| actor.now + overlap));
    change.previous_secret = Set(old);
    let webhook = change.update(&*tx).await?;
    note(&tx, actor, Event::WebhookRotate, &webhook).await?;
    tx.commit().await?;
    Ok(WithSecret {
        webhook,
        secret: secret.shown(),
    })
}

/// The organization's webhooks, also those that are disabled.
///
/// # Errors
/// `FORBIDDEN`.
pub fn list(access: &Access) -> Result<Select<webhook::Entity>> {
    Ok(webhook::Entity::within(access.require(&[Scope::OrgAdmin])?))
}

/// What a webhook is told; `None` = everything.
pub fn event_types(stored: Option<&Value>) -> Option<Vec<EventType>> {
    let names = stored?.as_array()?.iter().filter_map(Value::as_str);
    Some(
        names
            .filter_map(|name| EventType::try_from_value(&name.to_owned()).ok())
            .collect(),
    )
}

/// Enters the organization of a webhook, locked, as whoever may change it.
async fn enter(app: &App, actor: &Arc<Actor>, id: WebhookId) -> Result<(Write, webhook::Model)> {
    actor.require_known()?;
    let missing = || {
        Code::ValidationFailed
            .at(["webhookId"])
            .saying("There is no such webhook.")
    };
    let webhook = webhook::Entity::find_by_id(id).one(&app.db).await?;
    let organization = webhook.ok_or_else(missing)?.organization_id;
    let tx = enter_organization(app, actor, organization, missing).await?;
    // Again, now that nobody changes it.
    let webhook = webhook::Entity::find_by_id(id).one(&*tx).await?;
    Ok((tx, webhook.ok_or_else(missing)?))
}

/// The same of what belongs to an organization; to whoever is no member of that,
/// it is `missing`.
async fn enter_organization(
    app: &App,
    actor: &Arc<Actor>,
    organization: OrganizationId,
    missing: impl Fn() -> Refusal,
) -> Result<Write> {
    let (tx, access) = Access::enter_locked(&app.db, actor, &app.roles, organization, Gates::CHANGE)
        .await
        .map_err(|error| error.replace(Code::OrganizationNotFound, missing()))?;
    access.require(&[Scope::OrgAdmin])?;
    Ok(tx)
}

fn check_url(app: &App, url: &str) -> Result<String, Refusal> {
    match app.courier.check_url(url) {
        Ok(url) => Ok(url.into()),
        Err(why) => Err(Code::ValidationFailed.at(["url"]).saying(why)),
    }
}

fn check_description(text: Option<String>) -> Result<Option<String>, Refusal> {
    let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let is_bad = |text: &String| text.chars().count() > DESCRIPTION_MAX || text.chars().any(char::is_control);
    if text.as_ref().is_some_and(is_bad) {
        let why = format!("A description has at most {DESCRIPTION_MAX} characters and no line breaks.");
        return Err(Code::ValidationFailed.at(["description"]).saying(why));
    }
    Ok(text)
}

/// As it is stored: each once, null for everything.
fn check_types(mut types: Vec<EventType>) -> Result<Option<Value>, Refusal> {
    // What may be named at most is what there is.
    if types.len() > 100 {
        let why = "Name each type of events once.";
        return Err(Code::ValidationFailed.at(["eventTypes"]).saying(why));
    }
    types.sort_by_key(ActiveEnum::to_value);
    types.dedup();
    Ok((!types.is_empty()).then(|| json!(types.iter().map(ActiveEnum::to_value).collect::<Vec<_>>())))
}

/// The organization is locked, so that two cannot both be the last.
async fn check_room(tx: &Write, app: &App, organization: OrganizationId) -> Result<Result<(), Refusal>> {
    let most = app.config.webhooks.per_organization_max;
    let count = webhook::Entity::within(organization).count(&**tx).await?;
    let refuse = || {
        let why = format!("An organization has at most {most} webhooks.");
        Code::ValidationFailed.at(["organizationId"]).saying(why)
    };
    Ok(if count < u64::from(most) { Ok(()) } else { Err(refuse()) })
}

/// The secret as it is stored. Nothing of another organization opens it.
fn seal(app: &App, organization: OrganizationId, secret: &Secret) -> Result<Vec<u8>> {
    if !app.courier.can_seal() {
        return Err(Code::FeatureDisabled.into());
    }
    let sealed = app.courier.seal(secret, &organization.global());
    sealed.ok_or_else(|| Error::internal("a secret cannot be encrypted"))
}

async fn note(tx: &Write, actor: &Actor, event: Event, webhook: &webhook::Model) -> Result<()> {
    let entry = Entry::webhook(event, webhook);
    audit::record(tx, actor, webhook.organization_id, [entry]).await
}
