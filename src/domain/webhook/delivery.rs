//! Deliveries: an event on its way to a webhook, as often as it takes.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, SecondsFormat, SubsecRound, TimeDelta, Utc};
use entity::{
    event::{self, EventType},
    ids::{OrganizationId, RowId, WebhookDeliveryId, WebhookId},
    organization,
    webhook::{self, DisabledReason},
    webhook_delivery::{self, DeliveryStatus},
};
use sea_orm::{
    ActiveEnum, ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, Func},
};
use serde_json::{Value, json};

use super::{enter_organization, event_types};
use crate::{
    app::App,
    auth::{Actor, Author},
    db::{self, ForUpdate, Write, any_of},
    domain::{
        audit::{self, Entry, Event},
        member::with_role,
    },
    error::{Code, Result},
    queue::{self as jobs, Work},
    roles::OWNER,
    webhook::{Message, NoAnswer, Secret},
};

/// Rows in a statement: SQLite binds at most 32,766 values.
const ROWS_MAX: usize = 1_000;

/// Queues events for the webhooks of their organization that want them. One
/// statement where there are none, and none for no events.
pub async fn queue(
    tx: &Write,
    organization: OrganizationId,
    events: &[event::Model],
    now: DateTime<Utc>,
) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    let webhooks: Vec<(WebhookId, Option<Value>)> = webhook::Entity::within(organization)
        .select_only()
        .columns([webhook::Column::Id, webhook::Column::EventTypes])
        .filter(webhook::Column::IsEnabled.eq(true))
        .into_tuple()
        .all(&**tx)
        .await?;
    let mut rows = Vec::new();
    for (webhook, wanted) in webhooks {
        let wanted = event_types(wanted.as_ref());
        let is_wanted = |event: &&event::Model| wants(wanted.as_deref(), event.r#type);
        rows.extend(events.iter().filter(is_wanted).map(|event| row(webhook, event, now)));
    }
    for rows in rows.chunks(ROWS_MAX) {
        let inserted = webhook_delivery::Entity::insert_many(rows.to_vec())
            .exec_with_returning(&**tx)
            .await?;
        let mut ids: Vec<_> = inserted.into_iter().map(|row| row.id).collect();
        // Begun in the order of the events, though they may overtake each other.
        ids.sort_unstable();
        let work: Vec<_> = ids.into_iter().map(|delivery| Work::SendWebhook { delivery }).collect();
        jobs::enqueue_all(tx, &work, now).await?;
    }
    Ok(())
}

fn wants(wanted: Option<&[EventType]>, kind: EventType) -> bool {
    wanted.is_none_or(|wanted| wanted.contains(&kind))
}

fn row(webhook: WebhookId, event: &event::Model, now: DateTime<Utc>) -> webhook_delivery::ActiveModel {
    webhook_delivery::ActiveModel {
        organization_id: Set(event.organization_id),
        webhook_id: Set(webhook),
        sequence: Set(event.sequence),
        event_type: Set(event.r#type),
        object_identifier: Set(event.object_identifier),
        occurred_at: Set(event.occurred_at),
        status: Set(DeliveryStatus::Pending),
        attempts: Set(0),
        failures: Set(0),
        next_attempt_at: Set(Some(now)),
        date_added: Set(now),
        ..Default::default()
    }
}

/// What webhooks were told, of one or several, with this status if one is given.
/// Whoever lists them may see the webhooks.
pub fn deliveries(webhook: WebhookId, status: Option<DeliveryStatus>) -> Select<webhook_delivery::Entity> {
    let all = webhook_delivery::Entity::find().filter(webhook_delivery::Column::WebhookId.eq(webhook));
    match status {
        Some(status) => all.filter(webhook_delivery::Column::Status.eq(status)),
        None => all,
    }
}

/// Queues a delivery again, at once, with all its retries. It stays the same
/// delivery, so that its receiver can tell.
///
/// # Errors
/// The gates; `VALIDATION_FAILED` for an unknown delivery, and to whoever is no
/// member of its organization, and for one of a disabled webhook; `FORBIDDEN`.
pub async fn redeliver(app: &App, actor: &Arc<Actor>, id: WebhookDeliveryId) -> Result<webhook_delivery::Model> {
    actor.require_known()?;
    let refuse = |why: &'static str| Code::ValidationFailed.at(["deliveryId"]).saying(why);
    let missing = || refuse("There is no such delivery.");
    let delivery = webhook_delivery::Entity::find_by_id(id).one(&app.db).await?;
    let organization = delivery.ok_or_else(missing)?.organization_id;
    let tx = enter_organization(app, actor, organization, missing).await?;
    let delivery = webhook_delivery::Entity::find_by_id(id).for_update().one(&*tx).await?;
    let delivery = delivery.ok_or_else(missing)?;
    let webhook = webhook::Entity::find_by_id(delivery.webhook_id).one(&*tx).await?;
    if !webhook.ok_or_else(missing)?.is_enabled {
        return Err(refuse("The webhook is disabled. Enable it first.").into());
    }
    let is_asked = delivery.next_attempt_at.is_some_and(|time| time <= actor.now);
    if delivery.status == DeliveryStatus::Pending && is_asked {
        // A job is about to make it: however often it is asked for, one does.
        return Ok(delivery);
    }
    let mut change = delivery.into_active_model();
    change.status = Set(DeliveryStatus::Pending);
    change.failures = Set(0);
    change.next_attempt_at = Set(Some(actor.now));
    let delivery = change.update(&*tx).await?;
    jobs::enqueue(&tx, &Work::SendWebhook { delivery: id }, actor.now).await?;
    tx.commit().await?;
    Ok(delivery)
}

/// A delivery that is still to be made, with its webhook. One whose webhook is
/// disabled is given up here.
pub async fn find_pending(
    app: &App,
    id: WebhookDeliveryId,
) -> Result<Option<(webhook_delivery::Model, webhook::Model)>> {
    let delivery = webhook_delivery::Entity::find_by_id(id).one(&app.db).await?;
    let Some(delivery) = delivery.filter(|delivery| delivery.status == DeliveryStatus::Pending) else {
        return Ok(None);
    };
    let Some(webhook) = webhook::Entity::find_by_id(delivery.webhook_id).one(&app.db).await? else {
        return Ok(None);
    };
    if webhook.is_enabled {
        return Ok(Some((delivery, webhook)));
    }
    let tx = db::begin_write(&app.db).await?;
    let given_up = [
        (webhook_delivery::Column::Status, Expr::value(DeliveryStatus::Failed)),
        (
            webhook_delivery::Column::Error,
            Expr::value("The webhook was disabled."),
        ),
        (
            webhook_delivery::Column::NextAttemptAt,
            Expr::value(None::<DateTime<Utc>>),
        ),
    ];
    settle(&tx, &delivery, given_up).await?;
    tx.commit().await?;
    Ok(None)
}

/// Changes a delivery, unless something else became of it in the meantime.
/// Whether it was changed.
async fn settle(
    tx: &Write,
    delivery: &webhook_delivery::Model,
    changes: impl IntoIterator<Item = (webhook_delivery::Column, Expr)>,
) -> Result<bool> {
    let mut update = webhook_delivery::Entity::update_many()
        .filter(webhook_delivery::Column::Id.eq(delivery.id))
        .filter(webhook_delivery::Column::Status.eq(DeliveryStatus::Pending))
        // Every attempt counts, so the number names it, together with the time for
        // which it was asked: a redelivery may have been asked for meanwhile.
        .filter(webhook_delivery::Column::Attempts.eq(delivery.attempts))
        .filter(match delivery.next_attempt_at {
            Some(time) => webhook_delivery::Column::NextAttemptAt.eq(time),
            None => webhook_delivery::Column::NextAttemptAt.is_null(),
        });
    for (column, value) in changes {
        update = update.col_expr(column, value);
    }
    Ok(update.exec(&**tx).await?.rows_affected > 0)
}

/// What the webhook is told. The same every time, but for the time of sending.
pub fn message(delivery: &webhook_delivery::Model, now: DateTime<Utc>) -> Message {
    let body = json!({
        "type": delivery.event_type.dotted(),
        "timestamp": delivery.occurred_at.to_rfc3339_opts(SecondsFormat::Micros, true),
        "data": {
            "eventId": delivery.event().global(),
            "organizationId": delivery.organization_id.global(),
            "objectId": delivery.event_type.object(delivery.object_identifier),
            "sequence": delivery.sequence,
            "type": delivery.event_type.to_value(),
        },
    });
    Message {
        id: delivery.id.global(),
        sent_at: now,
        body: body.to_string(),
    }
}

/// What deliveries are signed with now; `None` if the deployment cannot read it.
pub fn secrets(app: &App, webhook: &webhook::Model, now: DateTime<Utc>) -> Option<Vec<Secret>> {
    let open = |sealed: &Vec<u8>| app.courier.open(sealed, &webhook.organization_id.global());
    let is_old_good = webhook.previous_secret_until.is_some_and(|end| end > now);
    let old = webhook.previous_secret.as_ref().filter(|_| is_old_good);
    // Without the old one it is as good as ever to those who have the new one.
    let old = old.and_then(open);
    Some([open(&webhook.secret)?].into_iter().chain(old).collect())
}

/// How an attempt ended: with a status, or why without one.
pub type Attempt = Result<u16, String>;

impl From<NoAnswer> for String {
    fn from(why: NoAnswer) -> Self {
        why.to_string()
    }
}

/// Records an attempt, and disables a webhook that is gone or has failed for too
/// long. When there is another attempt, if there is one.
pub async fn record(
    app: &App,
    delivery: &webhook_delivery::Model,
    webhook: &webhook::Model,
    attempt: &Attempt,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>> {
    let is_done = matches!(attempt, Ok(200..=299));
    let error = match attempt {
        Ok(_) if is_done => None,
        Ok(status @ 300..=399) => Some(format!("The server answered {status}; redirects are not followed.")),
        Ok(status) => Some(format!("The server answered {status}.")),
        Err(why) => Some(why.clone()),
    };
    let pause = usize::try_from(delivery.failures)
        .ok()
        .and_then(|failures| app.config.webhooks.retries.get(failures));
    let next = pause.filter(|_| !is_done).map(|pause| later(now, *pause));
    let status = match next {
        Some(_) => DeliveryStatus::Pending,
        None if is_done => DeliveryStatus::Delivered,
        None => DeliveryStatus::Failed,
    };
    let tx = db::begin_write(&app.db).await?;
    let changes = [
        (webhook_delivery::Column::Status, Expr::value(status)),
        (webhook_delivery::Column::Attempts, Expr::value(delivery.attempts + 1)),
        (
            webhook_delivery::Column::Failures,
            Expr::value(delivery.failures + i32::from(!is_done)),
        ),
        (
            webhook_delivery::Column::ResponseStatus,
            Expr::value(attempt.as_ref().ok().map(|status| i32::from(*status))),
        ),
        (webhook_delivery::Column::Error, Expr::value(error)),
        (webhook_delivery::Column::LastAttemptAt, Expr::value(now)),
        (webhook_delivery::Column::NextAttemptAt, Expr::value(next)),
    ];
    if !settle(&tx, delivery, changes).await? {
        // Somebody else has tried, or asked for it again: theirs counts.
        return Ok(None);
    }
    count(&tx, webhook, is_done, now).await?;
    tx.commit().await?;
    if *attempt == Ok(410) {
        disable(app, webhook.id, DisabledReason::Gone, now).await?;
    } else if !is_done && is_failing(app, webhook, now) {
        disable(app, webhook.id, DisabledReason::Failing, now).await?;
    }
    Ok(next)
}

/// When a delivery looks again whether its organization has a turn for it: soon
/// where all goes well, ever later with each failure of its server.
pub fn next_turn(webhook: &webhook::Model, now: DateTime<Utc>) -> DateTime<Utc> {
    let doublings = webhook.failures.clamp(0, 8).unsigned_abs();
    later(now, Duration::from_secs(1 << doublings))
}

/// A tenth sooner or later, so that what failed together does not come back
/// together.
fn later(now: DateTime<Utc>, pause: Duration) -> DateTime<Utc> {
    let pause = pause.mul_f64(0.9 + 0.2 * rand::random::<f64>());
    (now + TimeDelta::from_std(pause).unwrap_or(TimeDelta::days(1))).trunc_subsecs(6)
}

/// Counts an attempt for its webhook; no statement while all goes well.
async fn count(tx: &Write, webhook: &webhook::Model, is_done: bool, now: DateTime<Utc>) -> Result<()> {
    let (failures, first) = match is_done {
        true if webhook.failures == 0 => return Ok(()),
        true => (Expr::value(0), Expr::value(None::<DateTime<Utc>>)),
        false => (
            Expr::cust("failures + 1"),
            Func::coalesce([Expr::col(webhook::Column::FirstFailedAt), Expr::value(now)]).into(),
        ),
    };
    webhook::Entity::update_many()
        .col_expr(webhook::Column::Failures, failures)
        .col_expr(webhook::Column::FirstFailedAt, first)
        .filter(webhook::Column::Id.eq(webhook.id))
        .exec(&**tx)
        .await?;
    Ok(())
}

fn is_failing(app: &App, webhook: &webhook::Model, now: DateTime<Utc>) -> bool {
    let patience = TimeDelta::from_std(app.config.webhooks.disable_after).unwrap_or(TimeDelta::MAX);
    webhook.first_failed_at.is_some_and(|first| now - first >= patience)
}

/// Disables a webhook, and tells the owners.
async fn disable(app: &App, id: WebhookId, reason: DisabledReason, now: DateTime<Utc>) -> Result<()> {
    let Some(webhook) = webhook::Entity::find_by_id(id).one(&app.db).await? else {
        return Ok(());
    };
    let tx = db::begin_write(&app.db).await?;
    // As whoever changes a webhook does, so that nobody waits for each other.
    organization::Entity::find_by_id(webhook.organization_id)
        .for_update()
        .one(&*tx)
        .await?;
    let webhook = webhook::Entity::find_by_id(id).for_update().one(&*tx).await?;
    let is_over = |webhook: &webhook::Model| {
        webhook.is_enabled && (reason != DisabledReason::Failing || is_failing(app, webhook, now))
    };
    let Some(webhook) = webhook.filter(is_over) else {
        return Ok(());
    };
    let mut change = webhook.into_active_model();
    change.is_enabled = Set(false);
    change.disabled_reason = Set(Some(reason));
    change.disabled_at = Set(Some(now));
    let webhook = change.update(&*tx).await?;

    let organization = webhook.organization_id;
    let author = Author {
        user: None,
        api_token: None,
        name: app.config.product_name.clone(),
        ip: None,
    };
    let entry = Entry::webhook(Event::WebhookDisable, &webhook);
    audit::record_by(&tx, &author, organization, [entry]).await?;
    let owners = with_role(&*tx, app, organization, |role| role.id == OWNER).await?;
    let notice = |recipient| Work::SendWebhookNotice { webhook: id, recipient };
    let notices: Vec<_> = owners.into_iter().map(notice).collect();
    jobs::enqueue_all(&tx, &notices, now).await?;
    tx.commit().await?;
    metrics::counter!("webhooks_disabled_total", "reason" => reason.to_value()).increment(1);
    Ok(())
}

/// Whether a webhook of an organization that is going is still to be told so.
pub async fn awaits_farewell(tx: &Write, organization: OrganizationId) -> Result<bool> {
    let webhooks = webhook::Entity::within(organization)
        .filter(webhook::Column::IsEnabled.eq(true))
        .all(&**tx)
        .await?;
    let kind = EventType::OrganizationDeleted;
    for webhook in webhooks {
        if !wants(event_types(webhook.event_types.as_ref()).as_deref(), kind) {
            continue;
        }
        // Nothing follows it.
        let last = deliveries(webhook.id, None)
            .order_by_desc(webhook_delivery::Column::Id)
            .limit(1)
            .one(&**tx)
            .await?;
        if last.is_none_or(|last| last.event_type != kind || last.status == DeliveryStatus::Pending) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Deletes up to `limit` deliveries that are older than they are kept. How many.
pub async fn forget(app: &App, limit: u64, now: DateTime<Utc>) -> Result<u64> {
    let age = TimeDelta::from_std(app.config.webhooks.keep_for).unwrap_or(TimeDelta::MAX);
    let Some(end) = now.checked_sub_signed(age) else {
        return Ok(0);
    };
    let old = webhook_delivery::Entity::find()
        .filter(webhook_delivery::Column::DateAdded.lt(end))
        .order_by_asc(webhook_delivery::Column::DateAdded);
    delete_some(app, old, limit).await
}

/// Deletes up to `limit` deliveries of a webhook. How many.
pub async fn delete_deliveries(app: &App, webhook: WebhookId, limit: u64) -> Result<u64> {
    delete_some(app, deliveries(webhook, None), limit).await
}

async fn delete_some(app: &App, some: Select<webhook_delivery::Entity>, limit: u64) -> Result<u64> {
    let tx = db::begin_write(&app.db).await?;
    let ids: Vec<WebhookDeliveryId> = some
        .select_only()
        .column(webhook_delivery::Column::Id)
        .limit(limit)
        .into_tuple()
        .all(&*tx)
        .await?;
    let gone = any_of(
        tx.get_database_backend(),
        webhook_delivery::Column::Id,
        ids.iter().map(|id| id.0),
    );
    let deleted = webhook_delivery::Entity::delete_many().filter(gone).exec(&*tx).await?;
    tx.commit().await?;
    Ok(deleted.rows_affected)
}
