//! Inviting many addresses alike (spec §8).

use std::sync::Arc;

use entity::ids::OrganizationId;

use super::{
    count_attempt,
    create::{Created, Offer, Terms, enter},
    fields::Address,
};
use crate::{
    access::Access,
    app::App,
    auth::Actor,
    db,
    error::{Code, Refusals, Result},
};

/// Most addresses that are invited at once.
const ADDRESSES_MAX: usize = 100;

/// Whom to invite alike.
#[derive(Clone, Debug)]
pub struct NewInvites {
    /// Where to.
    pub organization: OrganizationId,
    /// The addresses.
    pub emails: Vec<String>,
    /// As what.
    pub terms: Terms,
}

/// What became of one address of many.
#[derive(Debug)]
pub struct Outcome {
    /// The address as it was given.
    pub email: String,
    /// Its invite, or why there is none.
    pub result: Result<Created>,
}

/// Invites up to a hundred addresses alike, each as if it were alone: one that
/// is refused, or fails, keeps no other from its invite.
///
/// # Errors
/// What concerns all addresses is refused before anything is done for one, and
/// counts for none.
pub async fn create_many(app: &App, actor: &Arc<Actor>, new: NewInvites) -> Result<Vec<Outcome>> {
    let access = enter(app, actor, new.organization, &new.terms).await?;
    let mut refusals = Refusals::default();
    if !(1..=ADDRESSES_MAX).contains(&new.emails.len()) {
        let message = format!("Give 1 to {ADDRESSES_MAX} addresses.");
        refusals.push(Code::ValidationFailed.at(["emails"]).saying(message));
    }
    let offer = Offer::check(&app.db, app, &access, &new.terms, &mut refusals).await?;
    let offer = refusals.finish(offer)?;
    offer.check_teams(&app.db, &access).await?;

    let mut outcomes = Vec::with_capacity(new.emails.len());
    for (index, email) in new.emails.into_iter().enumerate() {
        let result = create_one(app, &access, &offer, &email).await;
        outcomes.push(Outcome {
            result: result.map_err(|error| error.blaming(["emails", &index.to_string()])),
            email,
        });
    }
    Ok(outcomes)
}

/// Invites one address of many.
async fn create_one(app: &App, access: &Access, offer: &Offer<'_>, email: &str) -> Result<Created> {
    let tx = db::begin_write(&app.db).await?;
    let checked = async {
        let address = Address::look_up(&tx, app, access.organization().id, email).await??;
        count_attempt(&tx, app, access, &address.key).await?;
        Ok(address)
    }
    .await;
    let (tx, address) = tx.unless_refused(checked).await?;
    offer.make(tx, app, access, address).await
}
