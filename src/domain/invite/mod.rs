//! Invites: asking someone into an organization, and their answer.
//!
//! An invite is a member row without a person. Its token is derived from the
//! row and the invite secret, never stored (spec §2.3.1); the mail and the one
//! answer that made it are the only places where it appears.

mod accept;
mod create;
mod decide;
mod fields;
mod join;
mod list;
mod many;
mod pending;
mod preview;
mod request;
mod revoke;
mod sweep;
mod token;

use chrono::{DateTime, Utc};
use entity::{
    ids::{JobId, MemberId},
    invite_delivery::{self, DeliveryStatus},
    member,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

pub(super) use self::token::renew;
pub use self::{
    accept::{Accepted, accept},
    create::{Created, NewInvite, Terms, create, invitable_roles, may_create},
    decide::{Approval, approve, may_decide, reject},
    join::request_to_join,
    list::{Filter, Status, addressed_to, is_shown, list},
    many::{NewInvites, Outcome, create_many},
    preview::{Preview, Requirement, preview},
    request::{NewRequest, request},
    revoke::revoke,
    sweep::delete_expired,
    token::{accept_url, accept_url_for, regenerate},
};
use super::audit::{self, Entry, Event};
pub use super::team::TeamAssignment;
use crate::{
    access::Access,
    app::App,
    config::MailTransport,
    db::{Write, any_of},
    error::{Code, Result},
    limits::{self, Limit},
    outbox::{self, Change},
    queue::{self, Claim, Fate, Work},
};

/// Whether this deployment mails invites.
fn is_mailed(app: &App) -> bool {
    app.config.features.mail_invites && app.config.mail.transport != MailTransport::None
}

/// How the audit log calls an invite: without mail a member is added, who is
/// told by hand (§8.3).
fn invited(app: &App) -> Event {
    if is_mailed(app) {
        Event::MemberInvite
    } else {
        Event::MemberAdd
    }
}

/// Deletes pending rows, with all that hangs on them. How many.
pub(super) async fn delete(tx: &Write, rows: &[member::Model]) -> Result<u64> {
    if rows.is_empty() {
        return Ok(0);
    }
    let ids = rows.iter().map(|row| row.id.0);
    let deleted = member::Entity::delete_many()
        .filter(any_of(tx.get_database_backend(), member::Column::Id, ids))
        .exec(&**tx)
        .await?;
    // After that waited for whoever notes that a mail was sent: the last change
    // counts, and theirs does not say that this was an invite.
    let gone = rows.iter().map(|row| Change::invite_gone(row.organization_id, row.id));
    outbox::record(tx, gone).await?;
    Ok(deleted.rows_affected)
}

/// Deletes a pending row and writes what it was into the audit log.
pub(super) async fn withdraw(tx: &Write, access: &Access, row: member::Model, event: Event) -> Result<()> {
    let teams = audit::teams_of(&**tx, row.id).await?;
    let data = audit::member_data(&row, row.email.as_deref(), &teams);
    let entry = Entry::member(event, &row, data);
    let organization = row.organization_id;
    delete(tx, &[row]).await?;
    audit::record(tx, access.actor(), organization, [entry]).await
}

/// Queues the mail of an open invite, where this deployment mails invites.
pub async fn send(
    tx: &Write,
    app: &App,
    row: &member::Model,
    referrer: Option<String>,
    now: DateTime<Utc>,
) -> Result<()> {
    if !is_mailed(app) {
        return Ok(());
    }
    let job = queue::enqueue(
        tx,
        &Work::SendInvite {
            member: row.id,
            referrer,
        },
        now,
    )
    .await?;
    note_queued(tx, [(row.id, job)]).await
}

/// Notes which job sends the newest mail of each of these invites; one statement.
pub(super) async fn note_queued(tx: &Write, mails: impl IntoIterator<Item = (MemberId, JobId)>) -> Result<()> {
    let deliveries: Vec<_> = mails
        .into_iter()
        .map(|(member, job)| invite_delivery::ActiveModel {
            member_id: Set(member),
            job_id: Set(Some(job)),
            status: Set(DeliveryStatus::Queued),
            attempts: Set(0),
            last_sent_at: Set(None),
            last_error: Set(None),
        })
        .collect();
    if deliveries.is_empty() {
        return Ok(());
    }
    invite_delivery::Entity::insert_many(deliveries)
        .on_conflict(
            OnConflict::column(invite_delivery::Column::MemberId)
                .update_columns([
                    invite_delivery::Column::JobId,
                    invite_delivery::Column::Status,
                    invite_delivery::Column::Attempts,
                    invite_delivery::Column::LastError,
                ])
                .to_owned(),
        )
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Whether `job` sends the newest mail of the invite.
pub async fn is_newest_mail(app: &App, member: MemberId, job: JobId) -> Result<bool> {
    let delivery = invite_delivery::Entity::find_by_id(member).one(&app.db).await?;
    Ok(delivery.is_none_or(|delivery| delivery.job_id.is_none_or(|newest| newest == job)))
}

/// Notes what became of an invite's newest mail, where somebody still waits for
/// it.
pub async fn record_delivery(
    tx: &Write,
    member: MemberId,
    claim: &Claim,
    fate: Fate,
    error: Option<&str>,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(row) = member::Entity::find_by_id(member).one(&**tx).await? else {
        return Ok(());
    };
    let mut change = invite_delivery::ActiveModel {
        attempts: Set(claim.attempts()),
        last_error: Set(error.map(str::to_owned)),
        status: Set(match fate {
            Fate::Done => DeliveryStatus::Sent,
            Fate::Waits => DeliveryStatus::Queued,
            Fate::Failed => DeliveryStatus::Failed,
        }),
        ..Default::default()
    };
    if fate == Fate::Done {
        change.last_sent_at = Set(Some(now));
    }
    let newest = Condition::any()
        .add(invite_delivery::Column::JobId.is_null())
        .add(invite_delivery::Column::JobId.eq(claim.id()));
    let noted = invite_delivery::Entity::update_many()
        .set(change)
        .filter(invite_delivery::Column::MemberId.eq(member))
        .filter(newest)
        .exec(&**tx)
        .await?;
    if noted.rows_affected > 0 {
        outbox::record(tx, [Change::member(row.organization_id, member)]).await?;
    }
    Ok(())
}

/// Notes that the mails of these jobs wait again or, with an error, will never
/// be sent.
pub async fn note_jobs(tx: &Write, jobs: &[JobId], error: Option<&str>) -> Result<()> {
    let status = match error {
        None => DeliveryStatus::Queued,
        Some(_) => DeliveryStatus::Failed,
    };
    let of_jobs = any_of(
        tx.get_database_backend(),
        invite_delivery::Column::JobId,
        jobs.iter().map(|job| job.0),
    );
    invite_delivery::Entity::update_many()
        .col_expr(invite_delivery::Column::Status, Expr::value(status))
        .col_expr(
            invite_delivery::Column::LastError,
            Expr::value(error.map(str::to_owned)),
        )
        .filter(of_jobs)
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Counts an attempt to invite `email` against the three limits of §24.3.
///
/// # Errors
/// `RATE_LIMITED`. The caller commits nevertheless, so that the attempt counts.
pub async fn count_attempt(tx: &Write, app: &App, access: &Access, email: &str) -> Result<()> {
    let limits = &app.config.rate_limits;
    if !limits.enabled {
        return Ok(());
    }
    let organization = access.organization().id.0;
    let actor = match (access.actor().user_id(), access.actor().app()) {
        (Some(user), _) => format!("user:{}", user.0),
        (None, Some(app)) => format!("token:{}", app.token.id.0),
        (None, None) => return Err(Code::Unauthenticated.into()),
    };
    let windows = [
        Limit::per_day(format!("invite:{actor}"), limits.invites_per_actor_per_day),
        Limit::per_day(
            format!("invite:organization:{organization}"),
            limits.invites_per_organization_per_day,
        ),
        Limit::per_day(
            format!("invite:address:{organization}:{email}"),
            limits.invites_per_address_per_day,
        ),
    ];
    limits::attempt(tx, &windows, access.actor().now)
        .await
        .inspect_err(|_| {
            metrics::counter!("member_invite_attempt_total", "instance" => "rate_limited").increment(1);
        })
}
