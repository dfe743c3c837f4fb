//! Deleting an organization (spec §15): asking for it, and doing it later, a
//! bounded part at a time.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    access_request, api_token, audit_log_entry, auth_identity, auth_provider,
    ids::OrganizationId,
    invite_delivery, member,
    organization::{self, OrganizationStatus},
    organization_counter, organization_option, team, team_member, webhook_delivery,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, IntoActiveModel, Iterable, ModelTrait, PrimaryKeyToColumn, QueryFilter, QuerySelect,
    QueryTrait,
    sea_query::{Expr, SelectStatement},
};

use crate::{
    access::{Access, Gates},
    app::App,
    auth::Actor,
    db::{self, ForUpdate, Write},
    domain::{
        audit::{self, Entry, Event},
        avatar,
        member::with_role,
        webhook,
    },
    error::{Code, Result},
    outbox::{self, Change},
    queue::{self, Work},
    roles::{OWNER, Scope},
};

/// Whether the actor may ask for the deletion, after a fresh sign-in.
///
/// # Errors
/// `FORBIDDEN` without org:admin; `SUDO_REQUIRED` for apps, which have no way to
/// sign in again; `DEFAULT_ORGANIZATION`.
pub fn may_delete(app: &App, access: &Access) -> Result<()> {
    access.require(&[Scope::OrgAdmin])?;
    if access.person().is_none() {
        return Err(Code::SudoRequired.into());
    }
    if app.config.organizations.default_slug.as_ref() == Some(&access.organization().slug) {
        return Err(Code::DefaultOrganization.into());
    }
    Ok(())
}

/// Asks for the deletion of an organization, which has its delay. Until then
/// somebody with org:admin can restore it. Asking once more changes nothing.
///
/// # Errors
/// The gates; `FORBIDDEN`; `SUDO_REQUIRED` without a fresh sign-in;
/// `DEFAULT_ORGANIZATION`; `VALIDATION_FAILED` for a slug that is another one.
pub async fn delete(
    app: &App,
    actor: &Arc<Actor>,
    id: OrganizationId,
    confirm_slug: &str,
) -> Result<organization::Model> {
    let (tx, access) = Access::enter_locked(&app.db, actor, &app.roles, id, Gates::RESTORE).await?;
    access.require(&[Scope::OrgAdmin])?;
    check_fresh(app, actor)?;
    may_delete(app, &access)?;
    let organization = access.organization();
    if organization.slug != confirm_slug {
        let other = Code::ValidationFailed.at(["confirmSlug"]);
        return Err(other.saying("This is not the slug of the organization.").into());
    }
    if organization.status == OrganizationStatus::PendingDeletion {
        return Ok(organization.clone());
    }

    let delay = TimeDelta::from_std(app.config.organizations.deletion_delay).unwrap_or(TimeDelta::days(1));
    let due_at = actor.now + delay;
    let mut change = organization.clone().into_active_model();
    change.status = Set(OrganizationStatus::PendingDeletion);
    change.delete_at = Set(Some(due_at));
    let organization = change.update(&*tx).await?;
    queue::enqueue_at(&tx, &Work::DeleteOrganization { organization: id }, actor.now, due_at).await?;
    queue::enqueue_all(&tx, &notices(&tx, app, actor, id).await?, actor.now).await?;
    let data = audit::organization_data(&organization);
    let entry = Entry::organization(Event::OrgRemove, &organization, data);
    audit::record(&tx, actor, id, [entry]).await?;
    outbox::record(&tx, [Change::organization(id)]).await?;
    tx.commit().await?;
    Ok(organization)
}

/// Refuses a sign-in that is too long ago, and callers who have none.
fn check_fresh(app: &App, actor: &Actor) -> Result<()> {
    let is_fresh = actor.person().is_some_and(|person| {
        let age = actor.now - person.signed_in_at;
        // A sign-in in the future is a clock that goes wrong, and fresh.
        age.to_std().map_or(true, |age| age <= app.config.auth.sudo_age)
    });
    if is_fresh {
        Ok(())
    } else {
        Err(Code::SudoRequired.into())
    }
}

/// One mail for each owner (§21.8).
async fn notices(tx: &Write, app: &App, actor: &Actor, organization: OrganizationId) -> Result<Vec<Work>> {
    let owners = with_role(&**tx, app, organization, |role| role.id == OWNER).await?;
    let notice = |recipient| Work::SendDeletionNotice {
        recipient,
        name: actor.name().to_owned(),
        ip: actor.ip.map(|ip| ip.to_string()),
        date: actor.now,
    };
    Ok(owners.into_iter().map(notice).collect())
}

/// How long the last rows wait for webhooks to be told that all the others are
/// gone.
const FAREWELL: TimeDelta = TimeDelta::hours(1);
/// How often it is looked whether they were.
const FAREWELL_CHECK: TimeDelta = TimeDelta::seconds(2);

/// How far the deletion of an organization is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// It is not due before then.
    Due(DateTime<Utc>),
    /// Something is left.
    Unfinished,
    /// There is nothing to delete, or nothing any more.
    Over,
}

/// Deletes up to `limit` rows of an organization whose deletion is due, and with
/// the last of them the organization: in one transaction, however large it is.
/// Once begun, nobody sees the organization any more.
pub async fn finish_deletion(app: &App, id: OrganizationId, limit: u64, now: DateTime<Utc>) -> Result<Deletion> {
    let tx = db::begin_write(&app.db).await?;
    let Some(organization) = organization::Entity::find_by_id(id).for_update().one(&*tx).await? else {
        return Ok(Deletion::Over);
    };
    match (organization.status, organization.delete_at) {
        (OrganizationStatus::DeletionInProgress, _) => {}
        (OrganizationStatus::PendingDeletion, Some(due_at)) if due_at > now => return Ok(Deletion::Due(due_at)),
        (OrganizationStatus::PendingDeletion, Some(_)) => {
            let mut change = organization.clone().into_active_model();
            change.status = Set(OrganizationStatus::DeletionInProgress);
            change.update(&*tx).await?;
            outbox::record(&tx, [Change::organization(id)]).await?;
        }
        // Restored in time.
        _ => return Ok(Deletion::Over),
    }
    // Everything else is gone by then, and nobody sees the organization any more.
    let end = organization.delete_at.unwrap_or(now) + FAREWELL;
    let mut batch = Batch { tx: &tx, left: limit };
    batch.delete_all(id).await?;
    if batch.left > 0 && now < end && webhook::awaits_farewell(&tx, id).await? {
        tx.commit().await?;
        return Ok(Deletion::Due(now + FAREWELL_CHECK));
    }
    batch.delete_webhooks(id).await?;
    let is_empty = batch.left > 0;
    if is_empty {
        outbox::record(&tx, [Change::organization(id), Change::slug(id)]).await?;
        organization::Entity::delete_by_id(id).exec(&*tx).await?;
    }
    tx.commit().await?;
    Ok(if is_empty { Deletion::Over } else { Deletion::Unfinished })
}

/// `column` of the rows that match.
fn ids<E: EntityTrait>(column: E::Column, matching: &Expr) -> SelectStatement {
    let rows = E::find().select_only().column(column).filter(matching.clone());
    rows.into_query()
}

/// What one transaction may still delete.
struct Batch<'a> {
    tx: &'a Write,
    left: u64,
}

impl Batch<'_> {
    /// Deletes children before their parents, so that nothing else goes with a
    /// row. Webhooks stay: they are to be told.
    async fn delete_all(&mut self, id: OrganizationId) -> Result<()> {
        let members = member::Column::OrganizationId.eq(id);
        let teams = team::Column::OrganizationId.eq(id);
        let providers = auth_provider::Column::OrganizationId.eq(id);
        let of_teams = ids::<team::Entity>(team::Column::Id, &teams);
        let of_members = ids::<member::Entity>(member::Column::Id, &members);
        let of_providers = ids::<auth_provider::Entity>(auth_provider::Column::Id, &providers);

        let requests = access_request::Column::TeamId.in_subquery(of_teams.clone());
        self.delete::<access_request::Entity>(requests, |_| None).await?;
        let memberships = team_member::Column::TeamId.in_subquery(of_teams);
        let gone = |row: &team_member::Model| Some(Change::team_member(id, row.id));
        self.delete::<team_member::Entity>(memberships, gone).await?;
        let deliveries = invite_delivery::Column::MemberId.in_subquery(of_members);
        self.delete::<invite_delivery::Entity>(deliveries, |_| None).await?;
        let gone = |row: &member::Model| Some(Change::member(id, row.id));
        self.delete::<member::Entity>(members, gone).await?;
        let gone = |row: &team::Model| Some(Change::team(id, row.id));
        self.delete::<team::Entity>(teams, gone).await?;
        let identities = auth_identity::Column::AuthProviderId.in_subquery(of_providers);
        let gone = |row: &auth_identity::Model| Some(Change::auth_identity(row.user_id, row.id));
        self.delete::<auth_identity::Entity>(identities, gone).await?;
        let gone = |row: &auth_provider::Model| Some(Change::auth_provider(id, row.id));
        self.delete::<auth_provider::Entity>(providers, gone).await?;
        let tokens = api_token::Column::OrganizationId.eq(id);
        self.delete::<api_token::Entity>(tokens, |_| None).await?;
        if self.left > 0 {
            self.left -= avatar::delete(self.tx, id).await?;
        }
        let counters = organization_counter::Column::OrganizationId.eq(id);
        self.delete::<organization_counter::Entity>(counters, |_| None).await?;
        let options = organization_option::Column::OrganizationId.eq(id);
        self.delete::<organization_option::Entity>(options, |_| None).await?;
        let entries = audit_log_entry::Column::OrganizationId.eq(id);
        self.delete::<audit_log_entry::Entity>(entries, |_| None).await?;
        Ok(())
    }

    /// Deletes webhooks, and what they were told.
    async fn delete_webhooks(&mut self, id: OrganizationId) -> Result<()> {
        let deliveries = webhook_delivery::Column::OrganizationId.eq(id);
        self.delete::<webhook_delivery::Entity>(deliveries, |_| None).await?;
        let webhooks = entity::webhook::Column::OrganizationId.eq(id);
        self.delete::<entity::webhook::Entity>(webhooks, |_| None).await
    }

    /// Deletes as many of the matching rows as it may, and records what `change`
    /// tells of them.
    async fn delete<E: EntityTrait>(
        &mut self,
        matching: Expr,
        change: impl Fn(&E::Model) -> Option<Change>,
    ) -> Result<()> {
        let Some(key) = E::PrimaryKey::iter().next().map(PrimaryKeyToColumn::into_column) else {
            return Ok(());
        };
        if self.left == 0 {
            return Ok(());
        }
        let rows = E::find().filter(matching).limit(self.left).all(&**self.tx).await?;
        if rows.is_empty() {
            return Ok(());
        }
        outbox::record(self.tx, rows.iter().filter_map(change)).await?;
        E::delete_many()
            .filter(key.is_in(rows.iter().map(|row| row.get(key))))
            .exec(&**self.tx)
            .await?;
        self.left = self.left.saturating_sub(rows.len() as u64);
        Ok(())
    }
}
