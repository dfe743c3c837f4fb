//! Webhooks: servers that are told of events.

use async_graphql::{Context, Enum, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{
    event::EventType,
    ids::WebhookId,
    webhook::{self, DisabledReason},
    webhook_delivery::{self, DeliveryStatus},
};
use sea_orm::ColumnTrait;
use secrecy::ExposeSecret;

use super::{
    context::ContextExt,
    error::{IntoPayload, Payload, Reply, UserError, nullable},
    event::OrganizationEventType,
    id::{global_id, row_id},
    page::{self, Order, Page, Total, Window},
    user::User,
};
use crate::domain::{
    self,
    webhook::{Edit, NewWebhook, WithSecret},
};

/// Why a webhook is told nothing.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "DisabledReason")]
pub enum WebhookDisabledReason {
    /// Somebody said so.
    Requested,
    /// Its server answered 410: it is gone.
    Gone,
    /// All deliveries have failed for days.
    Failing,
}

/// Where a delivery is in its life.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "DeliveryStatus")]
pub enum WebhookDeliveryStatus {
    /// Waits for its first or next attempt.
    Pending,
    /// The server has taken it: it answered 200 to 299.
    Delivered,
    /// Given up. `redeliverWebhook` tries again.
    Failed,
}

/// A server that is told of events.
pub struct Webhook(pub webhook::Model);

/// A server that is told of what happens in an organization: each event is sent
/// to its URL as a POST request with JSON, signed as [Standard
/// Webhooks](https://www.standardwebhooks.com) says.
///
/// What is sent names what happened and to which object; how the object is now,
/// the receiver asks here. A delivery that fails is tried again for about three
/// days. Redirects are not followed.
#[Object]
impl Webhook {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id(self.0.id)
    }

    /// What is called.
    async fn url(&self) -> &str {
        &self.0.url
    }

    /// What it is for.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// What it is told. Null = everything, also what comes with later versions.
    async fn event_types(&self) -> Option<Vec<OrganizationEventType>> {
        let types = domain::webhook::event_types(self.0.event_types.as_ref())?;
        Some(types.into_iter().map(Into::into).collect())
    }

    /// Whether it is told anything.
    async fn is_enabled(&self) -> bool {
        self.0.is_enabled
    }

    /// Why not. Null while it is enabled.
    async fn disabled_reason(&self) -> Option<WebhookDisabledReason> {
        self.0.disabled_reason.map(Into::into)
    }

    /// Since when not. Null while it is enabled.
    async fn disabled_at(&self) -> Option<DateTime<Utc>> {
        self.0.disabled_at
    }

    /// Since when every attempt has failed. Null when the last did not.
    async fn failing_since(&self) -> Option<DateTime<Utc>> {
        self.0.first_failed_at
    }

    /// Until when deliveries are signed with the secret before this one, too.
    /// Null when there is none.
    async fn previous_secret_expires_at(&self, ctx: &Context<'_>) -> Option<DateTime<Utc>> {
        self.0.previous_secret_until.filter(|end| *end > ctx.actor().now)
    }

    /// Who made it. Null when an app did, or when the person is gone.
    async fn created_by(&self, ctx: &Context<'_>) -> Option<Reply<User>> {
        let id = self.0.created_by_id?;
        nullable(ctx.loaders().users.load(id).await.map(|user| user.map(User::new)))
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.date_added
    }

    /// What it was and will be told, newest first. Kept for a month, unless the
    /// deployment says otherwise.
    #[allow(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning: 1 to 100, 25 if not given.")] first: Option<i32>,
        #[graphql(desc = "Cursor after which to begin.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor before which to end.")] before: Option<String>,
        #[graphql(desc = "Only those with this status.")] status: Option<WebhookDeliveryStatus>,
    ) -> Reply<Page<WebhookDelivery>> {
        let window = Window::new(first, after, last, before)?;
        let (order, status) = (newest_first(), status.map(DeliveryStatus::from));
        // A cursor of another list is refused here, not in the batch.
        order.apply(&mut sea_orm::sea_query::Query::select(), &window)?;
        let key = (self.0.id, status, window.clone());
        let rows = ctx.loaders().deliveries_of_webhook.load(key).await?;
        let total = Total::Deliveries(self.0.id, status);
        Ok(page::page(rows.to_vec(), &order, &window, total, WebhookDelivery))
    }
}

/// Oldest first.
pub fn by_id() -> Order<webhook::Model> {
    let id = |row: &webhook::Model| row.id.0;
    Order::by_id("webhook", webhook::Column::Id.into_expr(), id)
}

/// Deliveries, newest first.
pub fn newest_first() -> Order<webhook_delivery::Model> {
    let id = |row: &webhook_delivery::Model| row.id.0;
    Order::by_id("delivery", webhook_delivery::Column::Id.into_expr(), id).descending(true)
}

/// An event on its way to a webhook.
pub struct WebhookDelivery(pub webhook_delivery::Model);

/// An event that a webhook is told, and what became of that.
#[Object]
impl WebhookDelivery {
    /// Global id. It is the `webhook-id` of the request, the same for every
    /// attempt.
    pub async fn id(&self) -> ID {
        global_id(self.0.id)
    }

    /// Who is told. Null when it was removed in the meantime.
    async fn webhook(&self, ctx: &Context<'_>) -> Option<Reply<Webhook>> {
        let row = ctx.loaders().webhooks.load(self.0.webhook_id).await;
        nullable(row.map(|row| row.map(|row| Webhook(row.as_ref().clone()))))
    }

    /// Names the event: the subscription `organizationEvents` knows it by this id.
    async fn event_id(&self) -> ID {
        ID(self.0.event().global())
    }

    /// What happened.
    async fn event_type(&self) -> OrganizationEventType {
        self.0.event_type.into()
    }

    /// Global id of what it happened to, which may be gone.
    async fn object_id(&self) -> ID {
        ID(self.0.event_type.object(self.0.object_identifier))
    }

    /// When it happened.
    async fn occurred_at(&self) -> DateTime<Utc> {
        self.0.occurred_at
    }

    /// Where the delivery is in its life.
    async fn status(&self) -> WebhookDeliveryStatus {
        self.0.status.into()
    }

    /// How often it was tried.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }

    /// The HTTP status that was answered last. Null when there was no answer.
    async fn response_status(&self) -> Option<i32> {
        self.0.response_status
    }

    /// Why the last attempt failed, in words. Null when it did not.
    async fn error(&self) -> Option<&str> {
        self.0.error.as_deref()
    }

    /// When it was tried last. Null = never.
    async fn last_attempt_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_attempt_at
    }

    /// When it will be tried. Null when it will not.
    async fn next_attempt_at(&self) -> Option<DateTime<Utc>> {
        self.0.next_attempt_at
    }

    /// When it was queued.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.date_added
    }
}

/// What `createWebhook` needs.
#[derive(InputObject)]
pub struct CreateWebhookInput {
    /// The organization whose events are told.
    organization_id: ID,
    /// What is called: it begins with `https://`, has at most 2,048 characters,
    /// no user, no password and no part behind a `#`. A server that is not in the
    /// public internet is not called.
    url: String,
    /// What it is for: at most 200 characters.
    description: Option<String>,
    /// What it is told. Absent, null or empty = everything.
    event_types: Option<Vec<OrganizationEventType>>,
}

fn event_types(types: Option<Vec<OrganizationEventType>>) -> Vec<EventType> {
    types.unwrap_or_default().into_iter().map(Into::into).collect()
}

impl From<CreateWebhookInput> for NewWebhook {
    fn from(input: CreateWebhookInput) -> Self {
        Self {
            organization: row_id(&input.organization_id),
            url: input.url,
            description: input.description,
            event_types: event_types(input.event_types),
        }
    }
}

/// What `createWebhook` answers.
#[derive(SimpleObject)]
pub struct CreateWebhookPayload {
    /// The new webhook.
    webhook: Option<Webhook>,
    /// What its deliveries are signed with. It is shown only here: whoever loses
    /// it makes another one.
    secret: Option<String>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<WithSecret> for CreateWebhookPayload {
    fn done(made: WithSecret) -> Self {
        Self {
            webhook: Some(Webhook(made.webhook)),
            secret: Some(made.secret.expose_secret().to_owned()),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            webhook: None,
            secret: None,
            user_errors,
        }
    }
}

/// What `updateWebhook` needs. What is absent stays as it is.
#[derive(InputObject)]
pub struct UpdateWebhookInput {
    /// The webhook.
    webhook_id: ID,
    /// What is called; as for `createWebhook`.
    url: Option<String>,
    /// What it is for. Null removes it.
    description: MaybeUndefined<String>,
    /// What it is told. Null or empty = everything.
    event_types: MaybeUndefined<Vec<OrganizationEventType>>,
    /// Whether it is told anything. What happens while it is disabled, it is never
    /// told.
    is_enabled: Option<bool>,
}

impl From<UpdateWebhookInput> for Edit {
    fn from(input: UpdateWebhookInput) -> Self {
        Self {
            url: input.url,
            description: input.description.into(),
            event_types: Option::<Option<_>>::from(input.event_types).map(event_types),
            is_enabled: input.is_enabled,
        }
    }
}

/// What `updateWebhook` answers.
#[derive(SimpleObject)]
pub struct UpdateWebhookPayload {
    /// The webhook after the change.
    webhook: Option<Webhook>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<webhook::Model> for UpdateWebhookPayload {
    fn done(webhook: webhook::Model) -> Self {
        Self {
            webhook: Some(Webhook(webhook)),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            webhook: None,
            user_errors,
        }
    }
}

/// What `deleteWebhook` needs.
#[derive(InputObject)]
pub struct DeleteWebhookInput {
    /// The webhook.
    webhook_id: ID,
}

/// What `deleteWebhook` answers.
#[derive(SimpleObject)]
pub struct DeleteWebhookPayload {
    /// Id of the webhook that is no more.
    deleted_webhook_id: Option<ID>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<WebhookId> for DeleteWebhookPayload {
    fn done(id: WebhookId) -> Self {
        Self {
            deleted_webhook_id: Some(global_id(id)),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            deleted_webhook_id: None,
            user_errors,
        }
    }
}

/// What `rotateWebhookSecret` needs.
#[derive(InputObject)]
pub struct RotateWebhookSecretInput {
    /// The webhook.
    webhook_id: ID,
    /// Whether deliveries are signed with the old secret, too, for a day unless
    /// the deployment says otherwise. False when somebody has it who must not.
    #[graphql(default = true)]
    is_old_kept: bool,
}

/// What `rotateWebhookSecret` answers.
#[derive(SimpleObject)]
pub struct RotateWebhookSecretPayload {
    /// The webhook.
    webhook: Option<Webhook>,
    /// The new secret. It is shown only here.
    secret: Option<String>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<WithSecret> for RotateWebhookSecretPayload {
    fn done(made: WithSecret) -> Self {
        Self {
            webhook: Some(Webhook(made.webhook)),
            secret: Some(made.secret.expose_secret().to_owned()),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            webhook: None,
            secret: None,
            user_errors,
        }
    }
}

/// What `redeliverWebhook` needs.
#[derive(InputObject)]
pub struct RedeliverWebhookInput {
    /// The delivery, whatever became of it.
    delivery_id: ID,
}

/// What `redeliverWebhook` answers.
#[derive(SimpleObject)]
pub struct RedeliverWebhookPayload {
    /// The delivery, which waits again.
    delivery: Option<WebhookDelivery>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<webhook_delivery::Model> for RedeliverWebhookPayload {
    fn done(delivery: webhook_delivery::Model) -> Self {
        Self {
            delivery: Some(WebhookDelivery(delivery)),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            delivery: None,
            user_errors,
        }
    }
}

/// Mutations of webhooks.
#[derive(Default)]
pub struct WebhookMutation;

#[Object]
impl WebhookMutation {
    /// Has a server told of what happens from now on. The secret, with which it
    /// checks that a request is ours, is shown only in this answer.
    ///
    /// An organization has at most 20 webhooks, unless the deployment says
    /// otherwise.
    ///
    /// Requires org:admin.
    async fn create_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new webhook.")] input: CreateWebhookInput,
    ) -> Reply<CreateWebhookPayload> {
        domain::webhook::create(ctx.app(), ctx.actor(), input.into())
            .await
            .into_payload()
    }

    /// Changes a webhook, disables it, or enables it again.
    ///
    /// Requires org:admin.
    async fn update_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateWebhookInput,
    ) -> Reply<UpdateWebhookPayload> {
        domain::webhook::update(ctx.app(), ctx.actor(), row_id(&input.webhook_id), input.into())
            .await
            .into_payload()
    }

    /// Removes a webhook at once, with all its deliveries; those that wait are not
    /// sent any more.
    ///
    /// Requires org:admin.
    async fn delete_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which webhook.")] input: DeleteWebhookInput,
    ) -> Reply<DeleteWebhookPayload> {
        domain::webhook::delete(ctx.app(), ctx.actor(), row_id(&input.webhook_id))
            .await
            .into_payload()
    }

    /// Gives a webhook a new secret, which is shown only in this answer. For a
    /// while deliveries have a signature of each, so that the receiver has time to
    /// change.
    ///
    /// Requires org:admin.
    async fn rotate_webhook_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which webhook.")] input: RotateWebhookSecretInput,
    ) -> Reply<RotateWebhookSecretPayload> {
        domain::webhook::rotate(ctx.app(), ctx.actor(), row_id(&input.webhook_id), input.is_old_kept)
            .await
            .into_payload()
    }

    /// Sends a delivery again, at once, and if it fails as often as a new one. The
    /// receiver sees the same `webhook-id`.
    ///
    /// Requires org:admin.
    async fn redeliver_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which delivery.")] input: RedeliverWebhookInput,
    ) -> Reply<RedeliverWebhookPayload> {
        domain::webhook::redeliver(ctx.app(), ctx.actor(), row_id(&input.delivery_id))
            .await
            .into_payload()
    }
}
