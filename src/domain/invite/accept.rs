//! Turning an invite into a membership (spec §7).

use std::sync::Arc;

use entity::{ids::MemberId, member, organization, organization::OrganizationStatus};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, SqlErr};

use super::{
    delete,
    preview::{is_linked, requirements},
    token::{is_proven, parse_token},
};
use crate::{
    access::Standing,
    app::App,
    auth::{Actor, Person},
    counters::Counter,
    db::{self, ForUpdate, Write},
    domain::{
        audit::{self, Entry, Event},
        auth_provider, user,
    },
    error::{Code, Error, Result},
    outbox::{self, Change},
};

/// A membership that an invite has become.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The joined row.
    pub member: member::Model,
    /// Where.
    pub organization: organization::Model,
}

/// Turns an open invite into a membership (spec §7).
///
/// Of any number of racing calls exactly one wins. Unknown, foreign and
/// withdrawn tokens are all `INVITE_INVALID`: they are not told apart, so that
/// guessing teaches nothing.
///
/// # Errors
/// In this order: `UNAUTHENTICATED`, `INVITE_INVALID`, `INVITE_EXPIRED`,
/// `ALREADY_MEMBER` (and the invite is deleted), `TWO_FACTOR_REQUIRED`,
/// `EMAIL_VERIFICATION_REQUIRED`, `SSO_REQUIRED`. Nothing else is changed then.
pub async fn accept(app: &App, actor: &Arc<Actor>, token: &str) -> Result<Accepted> {
    let person = actor.require_person()?;
    let Some((id, proof)) = parse_token(token) else {
        return Err(invalid());
    };
    match try_accept(app, actor, person, id, &proof).await? {
        Some(accepted) => Ok(accepted),
        // The person joined by another invite in the meantime; the second look
        // sees that membership.
        None => try_accept(app, actor, person, id, &proof)
            .await?
            .ok_or_else(|| Code::AlreadyMember.into()),
    }
}

fn invalid() -> Error {
    Code::InviteInvalid.at(["token"]).into()
}

/// `None` when another membership of the person was made at the same time.
async fn try_accept(
    app: &App,
    actor: &Arc<Actor>,
    person: &Person,
    id: MemberId,
    proof: &[u8; 32],
) -> Result<Option<Accepted>> {
    let tx = db::begin_write(&app.db).await?;
    auth_provider::keep(&tx, id).await?;
    let user = user::hold(&tx, person).await?;
    let row = member::Entity::find_by_id(id).for_update().one(&*tx).await?;
    if !is_proven(&app.config.invites.secret, row.as_ref(), id, proof) {
        return Err(invalid());
    }
    let row = row.ok_or_else(invalid)?;
    let standing = Standing::find_one(&*tx, actor, row.organization_id)
        .await?
        .ok_or_else(invalid)?;
    let organization = standing.organization;
    if organization.status != OrganizationStatus::Active {
        return Err(invalid());
    }
    if row.is_expired(actor.now) {
        return Err(Code::InviteExpired.at(["token"]).into());
    }
    if standing.membership.is_some() {
        delete(&tx, &[row]).await?;
        tx.commit().await?;
        return Err(Code::AlreadyMember.into());
    }
    let is_linked = is_linked(&*tx, actor, standing.provider.as_ref()).await?;
    if let Some(open) = requirements(app, Some(person), &organization, standing.provider.as_ref(), is_linked).first() {
        return Err(open.refusal().into());
    }

    let Some(member) = set_user(&tx, row, &user, is_linked).await? else {
        return Ok(None);
    };
    outbox::record(&tx, [Change::member(organization.id, member.id)]).await?;
    let teams = audit::teams_of(&*tx, member.id).await?;
    let data = audit::member_data(&member, person.user.email.as_deref(), &teams);
    audit::record(
        &tx,
        actor,
        organization.id,
        [Entry::member(Event::MemberAccept, &member, data)],
    )
    .await?;
    tx.commit().await?;
    metrics::counter!("organization_invite_accepted_total").increment(1);
    app.counters.add(organization.id, Counter::InviteAccepted);
    Ok(Some(Accepted { member, organization }))
}

/// §2.3 *set user*. `None` when the person has a membership already.
async fn set_user(
    tx: &Write,
    row: member::Model,
    user: &entity::user::Model,
    is_linked: bool,
) -> Result<Option<member::Model>> {
    let flags = match is_linked {
        // Whoever has linked an identity before joining would otherwise be shut
        // out by the very gate they have satisfied.
        true => (row.flags | member::flag::SSO_LINKED) & !member::flag::SSO_INVALID,
        false => row.flags,
    };
    let mut change = row.into_active_model();
    change.user_id = Set(Some(user.id));
    change.email = Set(None);
    change.email_key = Set(None);
    change.invite_nonce = Set(None);
    change.token_expires_at = Set(None);
    change.flags = Set(flags);
    change.user_is_active = Set(user.is_active);
    change.user_email = Set(user.verified_email().map(str::to_owned));
    change.sort_name = Set(user.sort_name());
    change.user_has_two_factor = Set(user.has_two_factor);
    match change.update(&**tx).await {
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Ok(None),
        result => Ok(Some(result?)),
    }
}
