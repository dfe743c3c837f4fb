//! A member row that nobody else changes meanwhile.

use std::sync::Arc;

use entity::{ids::MemberId, member, organization, user};
use sea_orm::{
    ColumnTrait, EntityName, EntityTrait, JoinType, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{ExprTrait, LockType},
};

use crate::{
    access::{Access, Gates, Standing},
    app::App,
    auth::Actor,
    db::{self, Write},
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
    /// Whose it is, unless it is pending.
    pub person: Option<user::Model>,
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
        let place = member::Entity::find_by_id(id)
            .select_only()
            .column(member::Column::OrganizationId)
            .into_query();
        let standing = Standing::find(&app.db, actor, organization::Column::Id.in_subquery(place)).await?;
        let organization = enter(standing, app, actor, id, gates, &missing)?.organization().id;

        let tx = db::begin_write(&app.db).await?;
        let mut held = member::Entity::within(organization)
            .filter(member::Column::Id.eq(id))
            .find_also_related(user::Entity);
        let query = QuerySelect::query(&mut held);
        match lock {
            Lock::Row => query.lock_with_tables(LockType::NoKeyUpdate, [member::Entity.table_name()]),
            Lock::Organization => query
                .join(
                    JoinType::InnerJoin,
                    organization::Entity,
                    organization::Column::Id
                        .into_expr()
                        .equals(member::Column::OrganizationId.as_column_ref()),
                )
                // They are locked in this order.
                .lock_with_tables(
                    LockType::NoKeyUpdate,
                    [organization::Entity.table_name(), member::Entity.table_name()],
                ),
        };
        let held = held.one(&*tx).await?;
        // Again: the actor may have lost the role while waiting.
        let standing = Standing::find(&*tx, actor, organization::Column::Id.eq(organization)).await?;
        let access = enter(standing, app, actor, id, gates, &missing)?;
        let (row, mut person) = held.ok_or_else(|| missing.clone())?;
        // Who waited for the lock is given the row as it is now, but beside it the
        // person of the one that was found before.
        if row.user_id != person.as_ref().map(|person| person.id) {
            person = match row.user_id {
                Some(user) => user::Entity::find_by_id(user).one(&*tx).await?,
                None => None,
            };
        }
        Ok(Self {
            tx,
            access,
            row,
            person,
        })
    }
}

/// Passes the gates for what is done to a member: the actor's own row, or another.
fn enter(
    standing: Vec<Standing>,
    app: &App,
    actor: &Arc<Actor>,
    member: MemberId,
    gates: Gates,
    missing: &Refusal,
) -> Result<Access> {
    let standing = standing.into_iter().next().map(Arc::new);
    let own = standing.as_ref().and_then(|standing| standing.membership.as_ref());
    let gates = gates.at(own.is_some_and(|own| own.id == member));
    let entered = Access::enter(standing, actor, &app.roles, gates);
    entered.map_err(|error| error.replace(Code::OrganizationNotFound, missing.clone()))
}
