//! Single sign-on (spec §27.3): the provider that vouches for the members of an
//! organization, and who has linked an identity of it.

use std::sync::Arc;

use entity::{
    auth_identity, auth_provider,
    ids::{MemberId, OrganizationId, UserId},
    member, organization,
    organization::OrganizationStatus,
    outbox::Category,
    team,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use serde_json::{Map, Value};

use super::{
    audit::{self, Entry, Event},
    text,
};
use crate::{
    access::{Access, Gates, Standing},
    app::App,
    auth::Actor,
    db::{self, ForUpdate, Write},
    error::{Code, Refusal, Refusals, Result},
    outbox::{self, Change},
    roles::Scope,
};

/// What a caller wants single sign-on to be.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The organization.
    pub organization: OrganizationId,
    /// Key of the provider. `Some(None)` removes it, `None` leaves it.
    pub provider: Option<Option<String>>,
    /// Shown name. `None` leaves the name of the same provider; another provider
    /// is shown by its key.
    pub name: Option<String>,
    /// Single sign-on is optional.
    pub allow_unlinked: bool,
    /// Members are provisioned by SCIM.
    pub scim_enabled: bool,
}

/// What there is to set.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Settings {
    provider: String,
    name: String,
    allow_unlinked: bool,
    scim_enabled: bool,
}

impl From<&auth_provider::Model> for Settings {
    fn from(row: &auth_provider::Model) -> Self {
        Self {
            provider: row.provider.clone(),
            name: row.name.clone(),
            allow_unlinked: row.allow_unlinked,
            scim_enabled: row.scim_enabled,
        }
    }
}

/// Sets up, changes or removes single sign-on. Another provider is a new one: the
/// identities of the old one go.
///
/// # Errors
/// The gates but that of single sign-on, `FORBIDDEN`; `VALIDATION_FAILED`.
pub async fn set(app: &App, actor: &Arc<Actor>, wanted: Wanted) -> Result<organization::Model> {
    // `saveOrgOptions` requires two-factor authentication only where there is no
    // provider: with the organization locked, neither overlooks the other.
    let (tx, access) = Access::enter_locked(&app.db, actor, &app.roles, wanted.organization, Gates::SSO).await?;
    let organization = access.require(&[Scope::OrgAdmin])?;
    let row = access.provider();
    let before = row.map(Settings::from);
    let after = wanted.settings(before.as_ref())?;

    let is_same = |row: &&auth_provider::Model| after.as_ref().is_some_and(|after| after.provider == row.provider);
    if let Some(gone) = row.filter(|row| !is_same(row)) {
        remove(&tx, gone).await?;
    }
    let had_scim = before.as_ref().is_some_and(|before| before.scim_enabled);
    if had_scim && !after.as_ref().is_some_and(|after| after.scim_enabled) {
        release_provisioned(&tx, organization).await?;
    }
    if let Some(after) = after.as_ref().filter(|after| before.as_ref() != Some(after)) {
        let row = write(&tx, actor, organization, row.filter(is_same), after).await?;
        outbox::record(&tx, [Change::auth_provider(organization, row.id)]).await?;
    }

    let mut changes = changes(before.as_ref(), after.as_ref());
    let mut organization = access.organization().clone();
    if after.is_some() && organization.has(organization::flag::REQUIRE_2FA) {
        // The second factor is the provider's business from now on.
        organization.flags &= !organization::flag::REQUIRE_2FA;
        let change = organization::ActiveModel {
            id: Unchanged(organization.id),
            flags: Set(organization.flags),
            ..Default::default()
        };
        change.update(&*tx).await?;
        outbox::record(&tx, [Change::organization(organization.id)]).await?;
        changes.insert("require_2fa".into(), "to false".into());
    }
    if !changes.is_empty() {
        let entry = Entry::organization(Event::OrgEdit, &organization, changes.into());
        audit::record(&tx, actor, organization.id, [entry]).await?;
    }
    tx.commit().await?;
    Ok(organization)
}

impl Wanted {
    /// What is to be there. `None` = no provider.
    fn settings(&self, before: Option<&Settings>) -> Result<Option<Settings>> {
        let key = match &self.provider {
            Some(None) => return Ok(None),
            Some(Some(key)) => Some(key),
            None => before.map(|before| &before.provider),
        };
        let mut refusals = Refusals::default();
        let provider = match key {
            Some(key) => refusals.note(text::name(key, "provider")),
            None => refusals.note(Err(Code::ValidationFailed
                .at(["provider"])
                .saying("Name the provider."))),
        };
        let name = self
            .name
            .as_ref()
            .and_then(|name| refusals.note(text::name(name, "name")));
        refusals.check()?;
        let known = before.filter(|before| provider.as_ref() == Some(&before.provider));
        Ok(provider.map(|provider| Settings {
            name: name
                .or_else(|| known.map(|known| known.name.clone()))
                .unwrap_or_else(|| provider.clone()),
            allow_unlinked: self.allow_unlinked,
            scim_enabled: self.scim_enabled,
            provider,
        }))
    }
}

/// The difference in the words of §16.6.
fn changes(before: Option<&Settings>, after: Option<&Settings>) -> Map<String, Value> {
    let mut changes = Map::new();
    type Text = fn(&Settings) -> &str;
    type Flag = fn(&Settings) -> bool;
    let texts: [(&str, Text); 2] = [
        ("auth_provider", |settings| &settings.provider),
        ("auth_provider_name", |settings| &settings.name),
    ];
    for (key, text) in texts {
        let change = match (before.map(text), after.map(text)) {
            (before, after) if before == after => continue,
            (None, after) => format!("to {}", after.unwrap_or("null")),
            (Some(before), after) => format!("from {before} to {}", after.unwrap_or("null")),
        };
        changes.insert(key.into(), change.into());
    }
    let flags: [(&str, Flag); 2] = [
        ("allow_unlinked", |settings| settings.allow_unlinked),
        ("scim_enabled", |settings| settings.scim_enabled),
    ];
    for (key, flag) in flags {
        let is_set = after.is_some_and(flag);
        if before.is_some_and(flag) != is_set {
            changes.insert(key.into(), format!("to {is_set}").into());
        }
    }
    changes
}

async fn write(
    tx: &Write,
    actor: &Actor,
    organization: OrganizationId,
    row: Option<&auth_provider::Model>,
    settings: &Settings,
) -> Result<auth_provider::Model> {
    let columns = auth_provider::ActiveModel {
        provider: Set(settings.provider.clone()),
        name: Set(settings.name.clone()),
        allow_unlinked: Set(settings.allow_unlinked),
        scim_enabled: Set(settings.scim_enabled),
        ..Default::default()
    };
    Ok(match row {
        Some(row) => {
            let id = Unchanged(row.id);
            auth_provider::ActiveModel { id, ..columns }.update(&**tx).await?
        }
        None => {
            let new = auth_provider::ActiveModel {
                organization_id: Set(organization),
                date_added: Set(actor.now),
                ..columns
            };
            new.insert(&**tx).await?
        }
    })
}

/// Deletes a provider with its identities, and clears what they gave to members.
/// As many statements for a hundred thousand members as for one.
async fn remove(tx: &Write, provider: &auth_provider::Model) -> Result<()> {
    // Waits for everybody who is about to rely on it; see [`keep`].
    auth_provider::Entity::find_by_id(provider.id)
        .for_deletion()
        .one(&**tx)
        .await?;
    let linked = member::flag::SSO_LINKED | member::flag::SSO_INVALID;
    clear_flags(tx, provider.organization_id, linked, linked).await?;
    record_identities(tx, auth_identity::Column::AuthProviderId.eq(provider.id)).await?;
    outbox::record(tx, [Change::auth_provider(provider.organization_id, provider.id)]).await?;
    // The identities go with it.
    auth_provider::Entity::delete_by_id(provider.id).exec(&**tx).await?;
    Ok(())
}

/// Deletes a person's identity, if there is one.
pub(super) async fn unlink(tx: &Write, provider: &auth_provider::Model, user: UserId) -> Result<()> {
    let identity = || {
        auth_identity::Column::AuthProviderId
            .eq(provider.id)
            .and(auth_identity::Column::UserId.eq(user))
    };
    record_identities(tx, identity()).await?;
    auth_identity::Entity::delete_many()
        .filter(identity())
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Records that the identities that match are about to go.
async fn record_identities(tx: &Write, matching: Expr) -> Result<()> {
    let identities = auth_identity::Entity::find()
        .select_only()
        .columns([auth_identity::Column::UserId, auth_identity::Column::Id])
        .filter(matching);
    outbox::record_found(tx, Category::AuthIdentityUpdate, identities).await
}

/// Without SCIM nobody manages what it has provisioned: members and teams can be
/// changed here again (§2.4).
async fn release_provisioned(tx: &Write, organization: OrganizationId) -> Result<()> {
    let managed = member::flag::IDP_PROVISIONED | member::flag::IDP_ROLE_RESTRICTED;
    clear_flags(tx, organization, member::flag::IDP_PROVISIONED, managed).await?;
    let teams = || {
        team::Column::OrganizationId
            .eq(organization)
            .and(team::Column::IdpProvisioned.eq(true))
    };
    let found = team::Entity::find()
        .select_only()
        .columns([team::Column::OrganizationId, team::Column::Id])
        .filter(teams());
    outbox::record_found(tx, Category::TeamUpdate, found).await?;
    team::Entity::update_many()
        .col_expr(team::Column::IdpProvisioned, Expr::value(false))
        .filter(teams())
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Clears `flags` of all member rows that have one of `having`.
async fn clear_flags(tx: &Write, organization: OrganizationId, having: i64, flags: i64) -> Result<()> {
    let members = || {
        member::Column::OrganizationId
            .eq(organization)
            .and(member::Column::Flags.into_expr().bit_and(having).ne(0))
    };
    let found = member::Entity::find()
        .select_only()
        .columns([member::Column::OrganizationId, member::Column::Id])
        .filter(members());
    outbox::record_found(tx, Category::OrganizationMemberUpdate, found).await?;
    member::Entity::update_many()
        .col_expr(member::Column::Flags, member::Column::Flags.into_expr().bit_and(!flags))
        .filter(members())
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Keeps the provider of a member's organization until the transaction ends, so
/// that whoever relies on an identity does not come to be linked to a provider
/// that is gone. Comes before every lock on a member.
pub async fn keep(tx: &Write, member: MemberId) -> Result<()> {
    let organization = member::Entity::find_by_id(member)
        .select_only()
        .column(member::Column::OrganizationId)
        .into_query();
    auth_provider::Entity::find()
        .filter(auth_provider::Column::OrganizationId.in_subquery(organization))
        .kept()
        .one(&**tx)
        .await?;
    Ok(())
}

/// Records that the caller's credential was issued through the organization's
/// provider, for a member or for somebody who is about to join. The membership,
/// if there is one.
///
/// # Errors
/// `UNAUTHENTICATED` for whoever is no person; `ORGANIZATION_NOT_FOUND`; the
/// gates of members but that of single sign-on; `SSO_REQUIRED` for a credential
/// of another origin.
pub async fn link(app: &App, actor: &Arc<Actor>, organization: OrganizationId) -> Result<Option<member::Model>> {
    let person = actor.require_person()?;
    let missing = || Code::OrganizationNotFound.at(["organizationId"]);
    let standing = Standing::find_one(&app.db, actor, organization).await?;
    let standing = standing
        .filter(|standing| standing.organization.status == OrganizationStatus::Active)
        .ok_or_else(missing)?;
    let is_member = standing.membership.is_some();
    let provider = standing.provider.clone();
    if is_member {
        Access::enter(Some(standing.into()), actor, &app.roles, Gates::SSO)?;
    }
    let Some(provider) = provider else {
        // Who is no member has nothing to look for here.
        return Err(if is_member { no_provider() } else { missing() }.into());
    };
    if person.idp.as_deref() != Some(&provider.provider) {
        return Err(Code::SsoRequired.into());
    }

    let tx = db::begin_write(&app.db).await?;
    let is_there = auth_provider::Entity::find_by_id(provider.id).kept().one(&*tx).await?;
    is_there.ok_or_else(no_provider)?;
    let identity = auth_identity::ActiveModel {
        auth_provider_id: Set(provider.id),
        user_id: Set(person.user.id),
        date_added: Set(actor.now),
        ..Default::default()
    };
    let key = [auth_identity::Column::AuthProviderId, auth_identity::Column::UserId];
    let linked = auth_identity::Entity::insert_many([identity])
        .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
        .exec_with_returning(&*tx)
        .await?;
    let mut changes: Vec<_> = linked
        .iter()
        .map(|identity| Change::auth_identity(identity.user_id, identity.id))
        .collect();

    let row = member::Entity::within(organization)
        .filter(member::Column::UserId.eq(person.user.id))
        .for_update()
        .one(&*tx)
        .await?;
    let flags = |row: &member::Model| (row.flags | member::flag::SSO_LINKED) & !member::flag::SSO_INVALID;
    let row = match row {
        Some(row) if row.flags != flags(&row) => {
            changes.push(Change::member(organization, row.id));
            let flags = Set(flags(&row));
            let mut change = row.into_active_model();
            change.flags = flags;
            Some(change.update(&*tx).await?)
        }
        row => row,
    };
    outbox::record(&tx, changes).await?;
    tx.commit().await?;
    Ok(row)
}

fn no_provider() -> Refusal {
    Refusal::from(Code::SsoRequired).saying("This organization has no single sign-on to link.")
}
