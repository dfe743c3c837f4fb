//! Options of an organization (spec §16): what there is to set, what counts,
//! and saving it.

mod check;
mod kind;
pub mod registry;
mod relays;
mod selector;
mod settings;

use std::sync::Arc;

use entity::{
    ids::OrganizationId,
    organization::{self, OrganizationStatus, Requirement},
    organization_option,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::OnConflict,
};
use serde_json::{Map, Value};

use self::{
    check::{Check, Checked},
    registry::{Entry, Storage},
};
pub use self::{kind::Kind, relays::TrustedRelay, settings::Settings};
use crate::{
    access::{Access, Gates},
    app::App,
    auth::Actor,
    custom_options::{CustomOption, CustomOptions},
    db::{self, Write},
    domain::{
        audit::{self, Event},
        avatar::{self, Owner, Ready, Shown},
        compliance::{self, Affected},
        slug,
    },
    error::{Code, Refusals, Result},
    outbox::{self, Change},
    queue::{self, Work},
    roles::Scope,
};

/// What a caller wants saved. `None` leaves a thing as it is; `Some(None)` is
/// an explicit null.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Shown name.
    pub name: Option<Option<String>>,
    /// Name in addresses.
    pub slug: Option<Option<String>>,
    /// Org role of whoever joins by request.
    pub default_role: Option<Option<String>>,
    /// True restores an organization that awaits its deletion.
    pub cancel_deletion: Option<Option<bool>>,
    /// What stands for the organization.
    pub avatar: avatar::Given,
    /// True checks and tells everything, and saves nothing.
    pub dry_run: Option<Option<bool>>,
    /// Options of the deployment's own.
    pub custom: Option<Option<Vec<CustomGiven>>>,
    /// Options in the order of the registry, as the API spells their values.
    pub options: Vec<(&'static Entry, Value)>,
}

/// A value for an option of the deployment's own. Null clears it.
#[derive(Clone, Debug)]
pub struct CustomGiven {
    /// Name of the option.
    pub name: String,
    /// Its value.
    pub value: Value,
}

/// One thing that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// What the audit log calls it (§16.6).
    pub field: String,
    /// How it changed, such as `from 1 to 2`.
    pub change: String,
}

/// What was saved.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The organization afterwards.
    pub organization: organization::Model,
    /// What changed, in the order in which it was made.
    pub changes: Vec<FieldChange>,
    /// Of a dry run: whom it would make pending (§19).
    pub impact: Option<Affected>,
    /// What was given and had no effect because the caller may not set it.
    pub ignored_fields: Vec<String>,
}

/// Saves options, flags and names of an organization: all that is given, or
/// nothing (§16).
///
/// While the organization awaits its deletion, only somebody with org:admin
/// who restores it in the same call may save; to all others it does not exist.
///
/// # Errors
/// The gates of §5; `FORBIDDEN`; one refusal for each field that cannot be
/// saved; `SLUG_TAKEN`, also when another organization takes the slug at the
/// same moment.
pub async fn save(app: &App, actor: &Arc<Actor>, organization: OrganizationId, mut given: Given) -> Result<Saved> {
    // Null is refused below, and saves nothing either.
    let is_dry_run = given.dry_run.is_some_and(|is_dry_run| is_dry_run.unwrap_or(true));
    let gates = if given.cancel_deletion == Some(Some(true)) {
        Gates::RESTORE
    } else {
        Gates::CHANGE
    };
    let mut picture = Ok(None);
    if !given.avatar.is_empty() {
        // Looked at, and brought to where it will be kept, before others have to
        // wait for us; but not for whoever may not save it.
        let access = Access::enter_organization(&app.db, actor, &app.roles, organization, gates).await?;
        may_save(&access)?;
        picture = std::mem::take(&mut given.avatar).prepare(app, is_dry_run).await;
    }
    if is_dry_run {
        return foretell(app, actor, organization, gates, given, picture).await;
    }
    // Saves of one organization take turns, so that each sees what the one
    // before it has made and reports its own changes only.
    let (tx, access) = Access::enter_locked(&app.db, actor, &app.roles, organization, gates).await?;
    let plan = Plan::make(app, &*tx, &access, given, picture).await?;
    plan.draft.write(&tx, &access).await?;
    if let Some(picture) = plan.picture {
        let slug = &plan.draft.organization.slug;
        picture
            .save(&tx, Owner::Organization(organization), plan.shown, slug)
            .await?;
    }
    compliance::start(&tx, actor, organization, plan.requirements).await?;
    tx.commit().await?;
    Ok(Saved {
        organization: plan.draft.organization,
        changes: plan.draft.changes,
        impact: None,
        ignored_fields: plan.ignored_fields,
    })
}

/// What saving would do. Reads only, so nobody waits for it, and it for nobody.
async fn foretell(
    app: &App,
    actor: &Arc<Actor>,
    organization: OrganizationId,
    gates: Gates,
    given: Given,
    picture: Result<Option<Ready>>,
) -> Result<Saved> {
    let access = Access::enter_organization(&app.db, actor, &app.roles, organization, gates).await?;
    let plan = Plan::make(app, &app.db, &access, given, picture).await?;
    let mut impact = compliance::affected(&app.db, organization, &plan.requirements).await?;
    if !access.has(Scope::MemberRead) {
        impact.first.clear();
    }
    Ok(Saved {
        organization: access.organization().clone(),
        changes: plan.draft.changes,
        impact: Some(impact),
        ignored_fields: plan.ignored_fields,
    })
}

/// What is to be saved, all of which may be.
struct Plan {
    draft: Draft,
    picture: Option<Ready>,
    /// The avatar that the picture takes the place of.
    shown: Option<Shown>,
    requirements: Vec<Requirement>,
    ignored_fields: Vec<String>,
}

impl Plan {
    async fn make(
        app: &App,
        db: &impl ConnectionTrait,
        access: &Access,
        given: Given,
        picture: Result<Option<Ready>>,
    ) -> Result<Self> {
        may_save(access)?;
        let settings = Settings::load(db, access.organization()).await?;
        let is_slug_taken = is_taken(db, access.organization(), &given).await?;
        let check = Check {
            app,
            access,
            settings: &settings,
            is_slug_taken,
        };
        let mut refusals = Refusals::default();
        let checked = refusals.gather(check.all(given))?;
        let picture = refusals.gather(picture)?.flatten();
        let mut shown = None;
        if let Some(picture) = &picture {
            shown = avatar::of_organization(db, access.organization().id).await?;
            refusals.note(picture.suits(shown.as_ref()));
        }
        let checked = refusals.finish(checked)?;
        Ok(Self {
            ignored_fields: checked.ignored.iter().map(|name| (*name).to_owned()).collect(),
            requirements: checked.requirements(),
            draft: Draft::make(access.organization(), &settings, &app.custom_options, checked),
            picture,
            shown,
        })
    }
}

/// Whether another organization has the slug that is asked for, so that this is
/// told with everything else. Two who ask at once are told apart when it is
/// written.
async fn is_taken(db: &impl ConnectionTrait, organization: &organization::Model, given: &Given) -> Result<bool> {
    let wanted = given.slug.as_ref().and_then(Option::as_ref);
    match wanted.filter(|wanted| **wanted != organization.slug && slug::is_well_formed(wanted)) {
        None => Ok(false),
        Some(wanted) => {
            let taken = organization::Entity::find().filter(organization::Column::Slug.eq(wanted));
            Ok(taken.one(db).await?.is_some())
        }
    }
}

/// Whether the actor may save options.
///
/// # Errors
/// `FORBIDDEN`.
pub fn may_save(access: &Access) -> Result<()> {
    access.require(&[Scope::OrgWrite, Scope::OrgAdmin]).map(drop)
}

/// What is to be written.
struct Draft {
    organization: organization::Model,
    /// Keys and values of option rows that are new or change.
    rows: Vec<(String, Value)>,
    changes: Vec<FieldChange>,
}

impl Draft {
    /// Applies what was checked, in the order of §16.3.
    fn make(
        before: &organization::Model,
        settings: &Settings,
        custom_options: &CustomOptions,
        checked: Checked,
    ) -> Self {
        let mut draft = Self {
            organization: before.clone(),
            rows: Vec::new(),
            changes: Vec::new(),
        };
        for (entry, value) in checked.options {
            match entry.storage {
                Storage::Row(key) => draft.set_row(settings, entry, key, value),
                Storage::Flag { bit, name, is_inverted } => {
                    draft.set_flag(bit, name, (value == Value::Bool(true)) != is_inverted);
                }
            }
        }
        for (name, value) in checked.custom {
            if let Some(option) = custom_options.find(&name) {
                draft.set_custom(settings, option, value);
            }
        }
        for (field, column, wanted) in [
            ("name", &mut draft.organization.name, checked.name),
            ("slug", &mut draft.organization.slug, checked.slug),
            (
                "default_role",
                &mut draft.organization.default_role,
                checked.default_role,
            ),
        ] {
            if let Some(wanted) = wanted.filter(|wanted| wanted != column) {
                draft.changes.push(FieldChange {
                    field: field.into(),
                    change: format!("from {column} to {wanted}"),
                });
                *column = wanted;
            }
        }
        if checked.is_restored {
            draft.organization.status = OrganizationStatus::Active;
            draft.organization.delete_at = None;
        }
        draft
    }

    /// A first value is written in any case, but is a change only if it is not
    /// the default (§16.2).
    fn set_row(&mut self, settings: &Settings, entry: &Entry, key: &'static str, value: Value) {
        let new = kind::in_words(&value);
        match settings.stored(key) {
            None if value == entry.default => {}
            None => self.note(entry.name, format!("to {new}")),
            Some(stored) => {
                let old = entry.kind.read(stored).unwrap_or_else(|| stored.clone());
                if old == value {
                    return;
                }
                self.note(entry.name, format!("from {} to {new}", kind::in_words(&old)));
            }
        }
        self.rows.push((key.to_owned(), value));
    }

    fn set_custom(&mut self, settings: &Settings, option: &CustomOption, value: Value) {
        // As it would be stored today: a database may spell a number its own way.
        let stored = settings.stored(&option.key);
        let old = stored.map(|old| option.check(old).unwrap_or_else(|_| old.clone()));
        // Apart from options and columns of ours that have the same name.
        let field = format!("customOptions.{}", option.name);
        let new = kind::in_words(&value);
        match old {
            None if value.is_null() => return,
            Some(old) if old == value => return,
            None if value == option.default => {}
            None => self.note(&field, format!("to {new}")),
            Some(old) => self.note(&field, format!("from {} to {new}", kind::in_words(&old))),
        }
        self.rows.push((option.key.clone(), value));
    }

    fn set_flag(&mut self, bit: i64, name: &str, is_set: bool) {
        if self.organization.has(bit) != is_set {
            self.organization.flags ^= bit;
            self.note(name, format!("to {is_set}"));
        }
    }

    fn note(&mut self, field: &str, change: String) {
        self.changes.push(FieldChange {
            field: field.to_owned(),
            change,
        });
    }

    /// Writes it all, and what the audit log and the world get to know.
    async fn write(&self, tx: &Write, access: &Access) -> Result<()> {
        let before = access.organization();
        let after = &self.organization;
        if before != after {
            let columns = organization::ActiveModel {
                id: Unchanged(after.id),
                name: Set(after.name.clone()),
                slug: Set(after.slug.clone()),
                status: Set(after.status),
                delete_at: Set(after.delete_at),
                default_role: Set(after.default_role.clone()),
                flags: Set(after.flags),
                ..Default::default()
            };
            db::on_conflict(columns.update(&**tx).await, Code::SlugTaken.at(["slug"]))?;
        }
        write_rows(tx, after.id, &self.rows).await?;

        let entry = if before.status == after.status {
            let pair = |change: &FieldChange| (change.field.clone(), Value::from(change.change.as_str()));
            let data: Map<_, _> = self.changes.iter().map(pair).collect();
            (!data.is_empty()).then(|| audit::Entry::organization(Event::OrgEdit, after, data.into()))
        } else {
            let organization = after.id;
            queue::cancel(tx, &Work::DeleteOrganization { organization }).await?;
            let data = audit::organization_data(after);
            Some(audit::Entry::organization(Event::OrgRestore, after, data))
        };
        audit::record(tx, access.actor(), after.id, entry).await?;

        // Also when nothing changed.
        let renamed = (before.slug != after.slug).then(|| Change::slug(after.id));
        outbox::record(tx, [Change::organization(after.id)].into_iter().chain(renamed)).await
    }
}

/// One statement, however many rows are new or change.
async fn write_rows(tx: &Write, organization: OrganizationId, rows: &[(String, Value)]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let rows = rows.iter().map(|(key, value)| organization_option::ActiveModel {
        organization_id: Set(organization),
        key: Set(key.clone()),
        value: Set(Some(value.clone()).filter(|value| !value.is_null())),
        ..Default::default()
    });
    organization_option::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([
                organization_option::Column::OrganizationId,
                organization_option::Column::Key,
            ])
            .update_column(organization_option::Column::Value)
            .to_owned(),
        )
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}
