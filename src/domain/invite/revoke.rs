//! Withdrawing an invite (spec §12 on a pending row).

use std::sync::Arc;

use entity::ids::MemberId;

use super::withdraw;
use crate::{
    access::Gates,
    app::App,
    auth::Actor,
    domain::{
        audit::Event,
        member::{self, Held, Lock},
    },
    error::{Code, Result},
};

/// Withdraws an open or expired invite: its link ends, and nobody takes the
/// place.
///
/// # Errors
/// `INVITE_NOT_FOUND`, also for requests, which are rejected instead; else the
/// refusals of §12 in their order.
pub async fn revoke(app: &App, actor: &Arc<Actor>, invite: MemberId) -> Result<()> {
    let missing = Code::InviteNotFound.at(["inviteId"]);
    let held = Held::take(app, actor, invite, Gates::CHANGE, Lock::Row, missing.clone()).await?;
    let Held { tx, access, row, .. } = held;
    access.require(member::READ)?;
    if !row.is_invite() {
        return Err(missing.into());
    }
    // Nobody owns anything by an invite, so it never is the last owner's.
    member::check_removal(app, &access, &row, false)?;
    withdraw(&tx, &access, row, Event::MemberRemove).await?;
    tx.commit().await
}
