//! Telling a webhook of an event.
//!
//! That somebody's server does not answer is no failure of ours: the delivery
//! counts its own attempts, and the job waits with it.

use std::time::Instant;

use entity::ids::WebhookDeliveryId;

use crate::{
    app::App,
    clock,
    domain::webhook::{self, Attempt},
    error::Result,
    queue::Outcome,
};

/// Makes an attempt at a delivery, if it is still to be made.
pub async fn send(app: &App, id: WebhookDeliveryId) -> Result<Outcome> {
    let Some((delivery, row)) = webhook::find_pending(app, id).await? else {
        return Ok(Outcome::DONE);
    };
    let now = clock::now();
    if let Some(due_at) = delivery.next_attempt_at.filter(|due_at| *due_at > now) {
        // Another job has tried it: two follow from asking for it again.
        return Ok(Outcome::Until(due_at));
    }
    let Some(_turn) = app.courier.turn(row.organization_id) else {
        return Ok(Outcome::Until(webhook::next_turn(&row, now)));
    };
    let begun = Instant::now();
    let attempt: Attempt = match webhook::secrets(app, &row, now) {
        None => Err("The secret of the webhook cannot be read. Make a new one.".into()),
        Some(secrets) => {
            let message = webhook::message(&delivery, now);
            let answer = app.courier.post(&row.url, &message, &secrets).await;
            answer.map_err(Into::into)
        }
    };
    let result = match &attempt {
        Ok(200..=299) => "delivered",
        Ok(_) => "refused",
        Err(_) => "unanswered",
    };
    metrics::counter!("webhook_deliveries_total", "result" => result).increment(1);
    metrics::histogram!("webhook_delivery_seconds", "result" => result).record(begun.elapsed());
    let next = webhook::record(app, &delivery, &row, &attempt, clock::now()).await?;
    Ok(next.map_or(Outcome::DONE, Outcome::Until))
}
