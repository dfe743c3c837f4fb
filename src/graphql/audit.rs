//! The audit log.

use async_graphql::{Context, ID, InputObject, Json, Object};
use chrono::{DateTime, Utc};
use entity::audit_log_entry;
use sea_orm::ColumnTrait;

use super::{
    context::ContextExt,
    error::{Reply, nullable},
    id::{global_id, row_id},
    organization::Organization,
    page::{Key, Order},
    user::User,
};
use crate::{
    access::Gates,
    domain::audit::{self, Event},
    error::Result,
};

/// A line of the audit log.
pub struct AuditLogEntry(pub audit_log_entry::Model);

impl AuditLogEntry {
    async fn target_user_of(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        let Some(id) = self.0.target_user_id else {
            return Ok(None);
        };
        Ok(ctx.loaders().users.load(id).await?.map(User::new))
    }
}

/// A line of an organization's audit log: who did what, when, to whom.
#[Object]
impl AuditLogEntry {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id(self.0.id)
    }

    /// The organization whose log this is.
    async fn organization(&self, ctx: &Context<'_>) -> Reply<Organization> {
        let access = ctx.access(self.0.organization_id, Gates::READ).await?;
        Ok(Organization::of(access.organization()))
    }

    /// What happened, such as `member.edit` or `org.edit`.
    async fn event(&self) -> &str {
        Event::of_number(self.0.event).map_or("unknown", Event::name)
    }

    /// The person who did it. Null when an app or the system did, or when the
    /// person is gone.
    async fn actor(&self, ctx: &Context<'_>) -> Option<Reply<User>> {
        let id = self.0.actor_id?;
        nullable(ctx.loaders().users.load(id).await.map(|user| user.map(User::new)))
    }

    /// The name of whoever did it, as it was then.
    async fn actor_label(&self) -> &str {
        &self.0.actor_label
    }

    /// The person it was done to.
    async fn target_user(&self, ctx: &Context<'_>) -> Option<Reply<User>> {
        nullable(self.target_user_of(ctx).await)
    }

    /// Global id of the object it was done to, which may be gone.
    async fn target_id(&self) -> Option<ID> {
        let object = self.0.target_object_id?;
        Event::of_number(self.0.event).map(|event| ID(event.target(object)))
    }

    /// What happened in words, without the name of whoever did it:
    /// “invited member jane@example.com”.
    async fn message(&self, ctx: &Context<'_>) -> Reply<String> {
        let has_name = self.0.data.get("email").is_some_and(serde_json::Value::is_string);
        let target = match self.0.target_user_id {
            Some(id) if !has_name => ctx.loaders().users.load(id).await?,
            _ => None,
        };
        Ok(audit::render(
            &self.0,
            target.as_deref().map(entity::user::Model::display_name),
        ))
    }

    /// What is worth knowing, as a map whose keys depend on the event.
    async fn data(&self) -> Json<serde_json::Value> {
        Json(self.0.data.clone())
    }

    /// Address of the client.
    async fn ip_address(&self) -> Option<&str> {
        self.0.ip.as_deref()
    }

    /// When it happened.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.datetime
    }
}

/// Which lines of the audit log are wanted; all conditions hold together.
#[derive(InputObject)]
pub struct AuditLogFilter {
    /// Names of events, such as `member.edit`.
    events: Option<Vec<String>>,
    /// The person who did it.
    actor_id: Option<ID>,
    /// Only what happened later.
    after: Option<DateTime<Utc>>,
    /// Only what happened earlier.
    before: Option<DateTime<Utc>>,
}

impl From<AuditLogFilter> for audit::Filter {
    fn from(filter: AuditLogFilter) -> Self {
        Self {
            events: filter.events,
            actor: filter.actor_id.map(|id| row_id(&id)),
            after: filter.after,
            before: filter.before,
        }
    }
}

/// Newest first.
pub fn newest_first() -> Order<audit_log_entry::Model> {
    Order::by_id(
        "audit",
        audit_log_entry::Column::Id.into_expr(),
        |row: &audit_log_entry::Model| row.id.0,
    )
    .keyed(
        "time",
        audit_log_entry::Column::Datetime.into_expr(),
        Key::Time(0),
        |row: &audit_log_entry::Model| row.datetime.into(),
    )
    .descending(true)
}
