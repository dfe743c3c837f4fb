//! Going through many rows, a bounded batch at a time: deleting what nobody
//! needs any more, and enforcing what an organization requires.

use chrono::TimeDelta;
use entity::ids::{OrganizationId, TeamId, WebhookId};

use crate::{
    app::App,
    clock, db,
    domain::{self, organization::Deletion},
    error::Result,
    events, limits,
    queue::{Claim, Enforcement, Outcome},
};

/// Rows deleted, or looked at, in one transaction.
const BATCH: u64 = 500;

/// Invites that ran out long ago (spec §9.6).
pub async fn invites(app: &App) -> Result<Outcome> {
    more_or_done(domain::invite::delete_expired(app, BATCH, clock::now()).await?)
}

/// Windows of rate limits that have ended.
pub async fn rate_limits(app: &App) -> Result<Outcome> {
    more_or_done(limits::delete_ended(&app.db, BATCH, clock::now()).await?)
}

/// Events that are older than they are kept.
pub async fn events(app: &App) -> Result<Outcome> {
    let now = clock::now();
    let age = TimeDelta::from_std(app.config.events.keep_for).unwrap_or(TimeDelta::MAX);
    let Some(end) = now.checked_sub_signed(age) else {
        return Ok(Outcome::DONE);
    };
    let tx = db::begin_write(&app.db).await?;
    let deleted = events::forget(&tx, end, BATCH).await?;
    tx.commit().await?;
    more_or_done(deleted)
}

/// What webhooks were told longer ago than that is kept.
pub async fn deliveries(app: &App) -> Result<Outcome> {
    more_or_done(domain::webhook::forget(app, BATCH, clock::now()).await?)
}

/// What a webhook was told that is gone.
pub async fn deliveries_of(app: &App, webhook: WebhookId) -> Result<Outcome> {
    more_or_done(domain::webhook::delete_deliveries(app, webhook, BATCH).await?)
}

/// What is left of a deleted team.
pub async fn team(app: &App, team: TeamId) -> Result<Outcome> {
    more_or_done(domain::team::finish_deletion(app, team, BATCH).await?)
}

/// What is left of an organization whose time has come (§15); nothing, if it was
/// restored.
pub async fn organization(app: &App, organization: OrganizationId) -> Result<Outcome> {
    let deletion = domain::organization::finish_deletion(app, organization, BATCH, clock::now()).await?;
    Ok(match deletion {
        Deletion::Due(time) => Outcome::Until(time),
        Deletion::Unfinished => Outcome::Again,
        Deletion::Over => Outcome::DONE,
    })
}

/// What was made from a picture that is gone.
pub async fn renderings(app: &App, ident: &str) -> Result<Outcome> {
    domain::avatar::sweep_renderings(app, ident).await?;
    Ok(Outcome::DONE)
}

/// Members of an organization who lack what it requires (§19), until all have
/// been looked at.
pub async fn compliance(app: &App, claim: &Claim, run: &Enforcement) -> Result<Outcome> {
    let is_over = domain::compliance::enforce(app, claim, run, BATCH, clock::now()).await?;
    Ok(if is_over { Outcome::DONE } else { Outcome::Again })
}

/// A full batch may have left something.
fn more_or_done(deleted: u64) -> Result<Outcome> {
    Ok(if deleted < BATCH { Outcome::DONE } else { Outcome::Again })
}
