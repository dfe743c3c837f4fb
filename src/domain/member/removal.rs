//! Removing a member, and leaving (spec §12).

use std::sync::Arc;

use entity::{
    ids::{MemberId, OrganizationId},
    member, organization, user,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use super::{Held, Lock, READ, active_owners, is_actor, is_last_owner, missing};
use crate::{
    access::{Access, Gates},
    app::App,
    auth::Actor,
    db::{ForUpdate, Write},
    domain::{
        audit::{self, Entry, Event, email_of},
        auth_provider, invite,
    },
    error::{Code, Result},
    outbox::{self, Change},
    roles::{OWNER, Scope},
};

/// What is left of a membership that was removed.
#[derive(Clone, Debug)]
pub struct Removed {
    /// The row that is gone.
    pub member: MemberId,
    /// Where it was; `None` for whoever is outside now.
    pub organization: Option<organization::Model>,
}

/// Removes a member or an open invite from its organization (spec §12). Who
/// removes the own membership leaves.
///
/// # Errors
/// `UNAUTHENTICATED`; `MEMBER_NOT_FOUND`, also for requests; the refusals of §12
/// in their order; `LOCK_TIMEOUT`.
pub async fn remove(app: &App, actor: &Arc<Actor>, id: MemberId) -> Result<Removed> {
    // Two owners who remove each other must take turns.
    let held = Held::take(app, actor, id, Gates::REMOVE, Lock::Organization, missing()).await?;
    let Held { tx, access, row, .. } = held;
    access.require(READ)?;
    if row.invite_status != member::InviteStatus::Approved {
        return Err(missing().into());
    }
    let is_last = row.role == OWNER && is_last_owner(&row, &active_owners(&*tx, row.organization_id).await?);
    check_removal(app, &access, &row, is_last)?;
    let is_outside = is_actor(&access, &row) && !access.is_superuser();
    delete(&tx, &access, row).await?;
    tx.commit().await?;
    Ok(Removed {
        member: id,
        organization: (!is_outside).then(|| access.organization().clone()),
    })
}

/// Leaves an organization (spec §12): [`remove`] on oneself.
///
/// # Errors
/// `UNAUTHENTICATED`; `ORGANIZATION_NOT_FOUND` for whoever is no member; the
/// refusals of §12; `LOCK_TIMEOUT`.
pub async fn leave(app: &App, actor: &Arc<Actor>, organization: OrganizationId) -> Result<MemberId> {
    actor.require_person()?;
    let access = Access::enter_organization(&app.db, actor, &app.roles, organization, Gates::LEAVE).await?;
    let own = access.membership().map(|membership| membership.id);
    let own = own.ok_or_else(|| Code::OrganizationNotFound.at(["organizationId"]))?;
    let gone = Code::OrganizationNotFound.at(["organizationId"]);
    let Held { tx, access, row, .. } = Held::take(app, actor, own, Gates::LEAVE, Lock::Organization, gone).await?;
    let is_last = row.role == OWNER && is_last_owner(&row, &active_owners(&*tx, organization).await?);
    check_removal(app, &access, &row, is_last)?;
    delete(&tx, &access, row).await?;
    tx.commit().await?;
    Ok(own)
}

/// The effects of §12, in their order.
async fn delete(tx: &Write, access: &Access, row: member::Model) -> Result<()> {
    let Some(id) = row.user_id else {
        return invite::withdraw(tx, access, row, Event::MemberRemove).await;
    };
    let organization = row.organization_id;
    let person = user::Entity::find_by_id(id).one(&**tx).await?;
    let teams = audit::teams_of(&**tx, row.id).await?;
    let data = audit::member_data(&row, email_of(&row, person.as_ref()), &teams);

    outbox::record(tx, [Change::member(organization, row.id)]).await?;
    member::Entity::delete_by_id(row.id).exec(&**tx).await?;
    if let Some(provider) = access.provider() {
        auth_provider::unlink(tx, provider, id).await?;
    }
    // What they have sent and nobody has answered: invite requests, and invites
    // whose link is out.
    let sent = member::Entity::within(organization)
        .filter(member::Column::InviterId.eq(id))
        .filter(member::Column::UserId.is_null())
        .filter(
            Condition::any()
                .add(member::Column::InviteStatus.eq(member::InviteStatus::RequestedToBeInvited))
                .add(member::Column::InviteNonce.is_not_null()),
        )
        // Who is accepting one at this moment comes first.
        .for_update()
        .all(&**tx)
        .await?;
    invite::delete(tx, &sent).await?;
    let entry = Entry::member(Event::MemberRemove, &row, data);
    audit::record(tx, access.actor(), organization, [entry]).await
}

/// §12: may the actor remove `row`, or leave?
///
/// # Errors
/// The refusals of §12 in their order.
pub fn check_removal(app: &App, access: &Access, row: &member::Model, is_last_owner: bool) -> Result<()> {
    access.require(READ)?;
    let is_own = is_actor(access, row);
    if !access.is_superuser() && !is_own {
        let is_person = access.person().is_some();
        if is_person && access.membership().is_none() {
            return Err(Code::TargetOutranksActor.into());
        }
        if !access.has(Scope::MemberAdmin) {
            let may_invite =
                access.has(Scope::MemberInvite) && access.members_may_invite(app.config.features.member_invites);
            if !(is_person && may_invite && row.is_pending()) {
                return Err(Code::InsufficientScope.into());
            }
            if row.inviter_id.is_none() || row.inviter_id != access.actor().user_id() {
                return Err(Code::NotYourInvite.into());
            }
            return Ok(());
        }
        let role = app.roles.stored(&row.role);
        // An app has no role: with member:admin it stands where managers do (§28).
        let outranks = if is_person {
            access.outranks(role)
        } else {
            role.id != OWNER
        };
        if !outranks {
            return Err(Code::TargetOutranksActor.into());
        }
    }
    if is_last_owner {
        return Err(Code::LastOwner.into());
    }
    if row.has(member::flag::IDP_PROVISIONED) {
        return Err(Code::IdpProvisioned.into());
    }
    if row.has(member::flag::PARTNERSHIP_RESTRICTED) {
        return Err(Code::PartnershipRestricted.into());
    }
    Ok(())
}
