//! Teams that are about to change.

use std::sync::Arc;

use entity::{
    ids::{OrganizationId, TeamId},
    team, team_member,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::{Rights, enter, memberships};
use crate::{
    access::Access,
    app::App,
    auth::Actor,
    db::{self, ForUpdate, Write},
    error::{Code, Refusal, Result},
};

/// An active team that nobody else changes until `tx` ends, and where the actor
/// stands with it.
pub(super) struct Held {
    pub(super) tx: Write,
    pub(super) access: Access,
    pub(super) team: team::Model,
    own: Option<team_member::Model>,
}

impl Held {
    /// # Errors
    /// `TEAM_NOT_FOUND`, the gates of §5, `LOCK_TIMEOUT`.
    pub(super) async fn take(app: &App, actor: &Arc<Actor>, id: TeamId) -> Result<Self> {
        actor.require_known()?;
        // Strangers are turned away before anything is locked.
        let organization = team::Entity::find_by_id(id)
            .select_only()
            .column(team::Column::OrganizationId)
            .into_tuple::<OrganizationId>()
            .one(&app.db)
            .await?
            .ok_or_else(missing)?;
        enter(&app.db, app, actor, organization, missing()).await?;

        let tx = db::begin_write(&app.db).await?;
        let team = team::Entity::within(organization)
            .filter(team::Column::Id.eq(id))
            .for_update()
            .one(&*tx)
            .await?
            .ok_or_else(missing)?;
        let access = enter(&*tx, app, actor, organization, missing()).await?;
        let own = memberships(&*tx, id, access.membership().map(|own| own.id))
            .await?
            .pop();
        Ok(Self { tx, access, team, own })
    }

    pub(super) fn rights<'a>(&'a self, app: &'a App) -> Rights<'a> {
        Rights::new(app, &self.access, self.own.as_ref())
    }
}

fn missing() -> Refusal {
    Code::TeamNotFound.at(["teamId"])
}
