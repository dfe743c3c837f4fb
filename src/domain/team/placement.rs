//! Memberships in teams that are about to change (spec §13.1 to §13.4).

use std::sync::Arc;

use entity::{
    ids::{MemberId, OrganizationId, TeamId},
    member, team, team_member,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::{Rights, add_member, enter, memberships};
use crate::{
    access::Access,
    app::App,
    auth::Actor,
    db::{self, ForUpdate, Write},
    domain::audit::{self, Entry, Event, find_email},
    error::{Code, Refusal, Result},
    outbox::{self, Change},
    roles::Scope,
};

/// A place that a member may have: in which team.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The team.
    pub team: TeamId,
    /// The member, joined or pending.
    pub member: MemberId,
}

/// A place that nobody else fills, changes or clears until the transaction ends,
/// and where the actor stands with it.
pub(super) struct Placement {
    pub(super) access: Access,
    pub(super) member: member::Model,
    pub(super) team: team::Model,
    /// The member's membership in the team.
    pub(super) membership: Option<team_member::Model>,
    /// The actor's.
    own: Option<team_member::Model>,
}

impl Placement {
    /// Begins to change a place in an organization where the actor holds one of
    /// `scopes`.
    ///
    /// # Errors
    /// The gates of §5, `MEMBER_NOT_FOUND`, `TEAM_NOT_FOUND`, `LOCK_TIMEOUT`.
    pub(super) async fn take(app: &App, actor: &Arc<Actor>, place: Place, scopes: &[Scope]) -> Result<(Write, Self)> {
        actor.require_known()?;
        let organization = member::Entity::find_by_id(place.member)
            .select_only()
            .column(member::Column::OrganizationId)
            .into_tuple::<OrganizationId>()
            .one(&app.db)
            .await?
            .ok_or_else(no_member)?;
        // Strangers are turned away before anything is locked.
        enter(&app.db, app, actor, organization, no_member())
            .await?
            .require(scopes)?;
        let tx = db::begin_write(&app.db).await?;
        let placement = Self::lock(&tx, app, actor, organization, place, scopes).await?;
        Ok((tx, placement))
    }

    /// Locks the member, as whoever changes a member's roles does, then the team,
    /// so that it neither goes away nor changes hands; always in this order.
    pub(super) async fn lock(
        tx: &Write,
        app: &App,
        actor: &Arc<Actor>,
        organization: OrganizationId,
        place: Place,
        scopes: &[Scope],
    ) -> Result<Self> {
        let member = member::Entity::within(organization)
            .filter(member::Column::Id.eq(place.member))
            .filter(member::Entity::shown())
            .for_update()
            .one(&**tx)
            .await?;
        let team = team::Entity::within(organization)
            .filter(team::Column::Id.eq(place.team))
            // Others may join it at the same time.
            .lock_shared()
            .one(&**tx)
            .await?;
        // Again, now that what counts cannot change any more.
        let access = enter(&**tx, app, actor, organization, no_member()).await?;
        access.require(scopes)?;
        let member = member.ok_or_else(no_member)?;
        let team = team.ok_or_else(|| Code::TeamNotFound.at(["teamId"]))?;

        let own = access.membership().map(|own| own.id);
        let found = memberships(&**tx, team.id, own.into_iter().chain([member.id])).await?;
        let of = |wanted: Option<MemberId>| found.iter().find(|row| Some(row.member_id) == wanted).cloned();
        Ok(Self {
            membership: of(Some(member.id)),
            own: of(own),
            access,
            member,
            team,
        })
    }

    pub(super) fn rights<'a>(&'a self, app: &'a App) -> Rights<'a> {
        Rights::new(app, &self.access, self.own.as_ref())
    }

    /// Whether the actor is the member.
    pub(super) fn is_own(&self) -> bool {
        self.access.membership().is_some_and(|own| own.id == self.member.id)
    }

    /// Puts the member into the team without a stored role.
    pub(super) async fn fill(&self, tx: &Write) -> Result<team_member::Model> {
        let membership = add_member(tx, self.team.id, &self.member).await?;
        self.record(tx, Event::MemberJoinTeam, &membership).await?;
        Ok(membership)
    }

    /// Takes the member out of the team.
    pub(super) async fn clear(&self, tx: &Write, membership: &team_member::Model) -> Result<()> {
        self.record(tx, Event::MemberLeaveTeam, membership).await?;
        team_member::Entity::delete_by_id(membership.id).exec(&**tx).await?;
        Ok(())
    }

    async fn record(&self, tx: &Write, event: Event, membership: &team_member::Model) -> Result<()> {
        let email = find_email(&**tx, &self.member).await?;
        let entry = Entry::team_membership(event, &self.member, email.as_deref(), &self.team.slug);
        self.publish(tx, entry, membership).await
    }

    /// Records what happened to a membership.
    pub(super) async fn publish(&self, tx: &Write, entry: Entry, membership: &team_member::Model) -> Result<()> {
        let organization = self.team.organization_id;
        audit::record(tx, self.access.actor(), organization, [entry]).await?;
        outbox::record(tx, [Change::team_member(organization, membership.id)]).await
    }
}

fn no_member() -> Refusal {
    Code::MemberNotFound.at(["memberId"])
}
