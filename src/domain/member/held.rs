//! A member row that nobody else changes meanwhile.

use std::sync::Arc;

use entity::{
    ids::{MemberId, OrganizationId, UserId},
    member, organization,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::{
    access::{Access, Gates},
    app::App,
    auth::Actor,
    db::{self, ForUpdate, Write},
    error::{Code, Refusal, Result},
};

/// What is locked until the transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// The row.
    Row,
    /// The organization too, for a rule across its members: two owners who
    /// demote each other must take turns.
    Organization,
}

/// A member row of any kind, locked, and what the actor may do where it is.
#[derive(Debug)]
pub struct Held {
    /// The lock ends with it.
    pub tx: Write,
    /// What the actor may do, now that nobody can change it for the row.
    pub access: Access,
    /// The row.
    pub row: member::Model,
}

impl Held {
    /// Locks the row with this id.
    ///
    /// # Errors
    /// The gates; `missing` if there is no such row, and to whoever is no member
    /// of its organization: to them it does not exist. `LOCK_TIMEOUT`.
    pub async fn take(
        app: &App,
        actor: &Arc<Actor>,
        id: MemberId,
        gates: Gates,
        lock: Lock,
        missing: Refusal,
    ) -> Result<Self> {
        actor.require_known()?;
        // Strangers are turned away before anything is locked.
        let (organization, user) = member::Entity::find_by_id(id)
            .select_only()
            .columns([member::Column::OrganizationId, member::Column::UserId])
            .into_tuple::<(OrganizationId, Option<UserId>)>()
            .one(&app.db)
            .await?
            .ok_or_else(|| missing.clone())?;
        enter(&app.db, app, actor, organization, gates.at(actor.is(user)), &missing).await?;

        let tx = db::begin_write(&app.db).await?;
        if lock == Lock::Organization {
            organization::Entity::find_by_id(organization)
                .for_update()
                .one(&*tx)
                .await?;
        }
        let row = member::Entity::within(organization)
            .filter(member::Column::Id.eq(id))
            .for_update()
            .one(&*tx)
            .await?;
        // Again: the actor may have lost the role while waiting.
        let is_own = row.as_ref().is_some_and(|row| actor.is(row.user_id));
        let access = enter(&*tx, app, actor, organization, gates.at(is_own), &missing).await?;
        let row = row.ok_or_else(|| missing.clone())?;
        Ok(Self { tx, access, row })
    }
}

async fn enter(
    db: &impl ConnectionTrait,
    app: &App,
    actor: &Arc<Actor>,
    organization: OrganizationId,
    gates: Gates,
    missing: &Refusal,
) -> Result<Access> {
    let entered = Access::enter_organization(db, actor, &app.roles, organization, gates).await;
    entered.map_err(|error| error.replace(Code::OrganizationNotFound, missing.clone()))
}
