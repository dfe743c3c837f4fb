//! Sending an invite, or the request to link single sign-on, again (spec §10).

use std::sync::Arc;

use entity::{ids::MemberId, member, team, user};
use sea_orm::EntityTrait;

use super::{Held, Lock, missing};
use crate::{
    access::{Access, Gates},
    app::App,
    auth::Actor,
    db::Write,
    domain::{
        audit::{self, Entry, Event, email_of},
        invite,
    },
    error::{Code, Result},
    outbox::{self, Change},
    queue::{self, Work},
    roles::Scope,
};

/// Scopes of which one lets its holder send again (§4).
const RESEND: &[Scope] = &[Scope::MemberInvite, Scope::MemberWrite, Scope::MemberAdmin];

/// What a resend sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resend {
    /// The invite of a pending row.
    Invite {
        /// Under a new link, which ends the old one.
        regenerate: bool,
    },
    /// The request to link single sign-on.
    SsoLink,
}

/// A member to whom something was sent again.
#[derive(Clone, Debug)]
pub struct Resent {
    /// The row.
    pub member: member::Model,
    /// The link of an invite, for whom §8.4 shows it to.
    pub accept_url: Option<String>,
}

/// Sends the invite of a pending member again, or the request to link single
/// sign-on to one who has joined (spec §10).
///
/// # Errors
/// The refusals of §10 in their order; `LOCK_TIMEOUT`. Nothing is changed then,
/// except that an attempt to send an invite counts against the rate limit.
pub async fn resend(app: &App, actor: &Arc<Actor>, member: MemberId, regenerate: bool) -> Result<Resent> {
    let Held { tx, access, row, .. } = Held::take(app, actor, member, Gates::CHANGE, Lock::Row, missing()).await?;
    check_sender(app, &access, &row)?;
    let checked = count_and_check(&tx, app, &access, &row, regenerate).await;
    let (tx, resend) = tx.unless_refused(checked).await?;

    let person = match row.user_id {
        Some(id) => user::Entity::find_by_id(id).one(&*tx).await?,
        None => None,
    };
    let email = email_of(&row, person.as_ref()).map(str::to_owned);
    let teams = audit::teams_of(&*tx, row.id).await?;
    let SentAgain { row, change, entry } = send_again(&tx, app, &access, row, resend, email.as_deref(), &teams).await?;
    outbox::record(&tx, change).await?;
    audit::record(&tx, actor, row.organization_id, [entry]).await?;
    tx.commit().await?;
    Ok(Resent {
        accept_url: invite::accept_url_for(app, &access, &row, None),
        member: row,
    })
}

/// §10 but for rate limits: may the actor send again, without a new link?
///
/// # Errors
/// The refusals of §10 in their order.
pub fn check_reinvite(app: &App, access: &Access, row: &member::Model) -> Result<Resend> {
    check_sender(app, access, row)?;
    check_resend(access, row, false)
}

/// §10 steps 1 to 3.
fn check_sender(app: &App, access: &Access, row: &member::Model) -> Result<()> {
    access.require(RESEND)?;
    if row.invite_status != member::InviteStatus::Approved {
        return Err(missing().into());
    }
    if row.has(member::flag::PARTNERSHIP_RESTRICTED) {
        return Err(Code::PartnershipRestricted.into());
    }
    check_plain_member(app, access, row)
}

/// §10 step 3 for a bare reinvite: without member:admin, people send only their
/// own invites again, where members may invite; an app with member:write sends
/// any (§28).
pub(super) fn check_plain_member(app: &App, access: &Access, row: &member::Model) -> Result<()> {
    if access.has(Scope::MemberAdmin) {
        return Ok(());
    }
    let is_app = access.actor().app().is_some() && access.has(Scope::MemberWrite);
    let may_send = is_app || access.members_may_invite(app.config.features.member_invites);
    if !row.is_pending() || !may_send {
        return Err(Code::Forbidden.into());
    }
    if !is_app && (row.inviter_id.is_none() || row.inviter_id != access.actor().user_id()) {
        return Err(Code::NotYourInvite.into());
    }
    Ok(())
}

/// §10 steps 5.1 to 5.3, 6 and 7.
///
/// # Errors
/// As there. The caller commits nevertheless, so that the attempt counts.
pub(super) async fn count_and_check(
    tx: &Write,
    app: &App,
    access: &Access,
    row: &member::Model,
    regenerate: bool,
) -> Result<Resend> {
    if let Some(email) = row.email_key.as_deref() {
        invite::count_attempt(tx, app, access, email).await?;
    }
    check_resend(access, row, regenerate)
}

/// §10 steps 5.2, 5.3, 6 and 7.
fn check_resend(access: &Access, row: &member::Model, regenerate: bool) -> Result<Resend> {
    if row.is_pending() {
        if regenerate && !access.has(Scope::MemberAdmin) {
            return Err(Code::InsufficientScope.at(["regenerate"]).into());
        }
        // A row without a token has nothing to send until it gets one.
        if !regenerate && (row.is_expired(access.actor().now) || row.invite_nonce.is_none()) {
            return Err(Code::InviteExpired.into());
        }
        return Ok(Resend::Invite { regenerate });
    }
    if access.provider().is_some() && !row.has(member::flag::SSO_LINKED) {
        return Ok(Resend::SsoLink);
    }
    Err(Code::NotInvitable.into())
}

/// A member after something was sent again, and what is still to be recorded.
pub(super) struct SentAgain {
    pub(super) row: member::Model,
    pub(super) change: Option<Change>,
    pub(super) entry: Entry,
}

/// The effects of §10.
pub(super) async fn send_again(
    tx: &Write,
    app: &App,
    access: &Access,
    row: member::Model,
    resend: Resend,
    email: Option<&str>,
    teams: &[team::Model],
) -> Result<SentAgain> {
    let now = access.actor().now;
    let mut row = row;
    let mut change = None;
    match resend {
        Resend::Invite { regenerate } => {
            if regenerate {
                row = invite::regenerate(tx, app, row, now).await?;
                change = Some(Change::member(row.organization_id, row.id));
            }
            invite::send(tx, app, &row, None, now).await?;
        }
        Resend::SsoLink => {
            let work = Work::SendSsoLink {
                member: row.id,
                actor: access.actor().address().to_owned(),
            };
            queue::enqueue(tx, &work, now).await?;
        }
    }
    let data = audit::member_data(&row, email, teams);
    let entry = Entry::member(Event::MemberReinvite, &row, data);
    Ok(SentAgain { row, change, entry })
}
