//! Invites, and what their links show.

mod mutation;
mod preview;
mod request;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{ids::InviteId, invite_delivery, member};
use sea_orm::{ActiveEnum, ColumnTrait};

pub use self::{
    mutation::{InviteMutation, TeamRoleInput},
    preview::{InvitePreview, preview},
    request::InviteRequestMutation,
};
use super::{
    context::ContextExt,
    error::Reply,
    id::global_id,
    member::Member,
    organization::Organization,
    page::{Key, Order},
    role::OrgRole,
    team::Team,
    user::User,
};
use crate::{
    access::Gates,
    auth::Actor,
    domain,
    error::{Code, Error},
};

/// The pending state of a member row.
#[derive(Clone)]
pub struct Invite(std::sync::Arc<member::Model>);

impl Invite {
    /// A pending row that the caller may see.
    pub fn new(row: member::Model) -> Self {
        Self(std::sync::Arc::new(row))
    }
}

/// Whether a row is an invite to the caller, who may then see whose it is without
/// being a member.
pub fn is_addressed_to(row: &member::Model, actor: &Actor) -> bool {
    let own = actor.person().and_then(|person| person.user.verified_email());
    row.is_invite() && own.is_some() && own == row.email_key.as_deref()
}

/// The order in which invites came.
pub fn by_id() -> Order<member::Model> {
    Order::by_id("invite", member::Column::Id.into_expr(), |row: &member::Model| row.id.0)
}

/// Invites, then requests to be invited, then requests to join; each by address.
pub fn by_status() -> Order<member::Model> {
    by_id().keyed(
        "status",
        member::Entity::status_and_address(),
        Key::Text(String::new()),
        |row: &member::Model| {
            let status = row.invite_status.to_value();
            Key::Text(format!("{status}{}", row.email_key.as_deref().unwrap_or_default()))
        },
    )
}

/// Where an invite is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum InviteStatus {
    /// Sent; waits to be accepted.
    Pending,
    /// Ran out before it was accepted.
    Expired,
    /// A member asked that this address be invited.
    RequestedToBeInvited,
    /// The address asked to join.
    RequestedToJoin,
}

impl InviteStatus {
    fn of(row: &member::Model, now: DateTime<Utc>) -> Self {
        match row.invite_status {
            member::InviteStatus::RequestedToBeInvited => Self::RequestedToBeInvited,
            member::InviteStatus::RequestedToJoin => Self::RequestedToJoin,
            member::InviteStatus::Approved if row.is_expired(now) => Self::Expired,
            member::InviteStatus::Approved => Self::Pending,
        }
    }
}

/// The place that an organization holds open for an address: an invite, or a
/// request for one. Never shows its token or link.
#[Object]
impl Invite {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id(InviteId(self.0.id))
    }

    /// The organization.
    async fn organization(&self, ctx: &Context<'_>) -> Reply<Organization> {
        if is_addressed_to(&self.0, ctx.actor()) {
            let standing = ctx.loaders().standings.load(self.0.organization_id).await?;
            let standing = standing.ok_or_else(|| Error::from(Code::OrganizationNotFound))?;
            return Ok(Organization::of(&standing.organization));
        }
        let access = ctx.access(self.0.organization_id, Gates::READ).await?;
        Ok(Organization::of(access.organization()))
    }

    /// The pending member. Null for requests.
    async fn member(&self) -> Option<Member> {
        self.0.is_invite().then(|| Member::new(self.0.as_ref().clone()))
    }

    /// The invited address.
    async fn email(&self) -> &str {
        self.0.email.as_deref().unwrap_or_default()
    }

    /// Where it is in its life.
    async fn status(&self, ctx: &Context<'_>) -> InviteStatus {
        InviteStatus::of(&self.0, ctx.now())
    }

    /// The org role that accepting gives.
    async fn role(&self, ctx: &Context<'_>) -> OrgRole {
        OrgRole(ctx.app().roles.stored(&self.0.role).clone())
    }

    /// The active teams that accepting gives, by slug.
    async fn teams(&self, ctx: &Context<'_>) -> Reply<Vec<Team>> {
        let rows = ctx.loaders().teams_of_member.load(self.0.id).await?;
        Ok(rows.iter().map(|(_, team)| Team(team.clone())).collect())
    }

    /// Who invited. Null when nobody did, when an app did, or when the person is
    /// gone.
    async fn inviter(&self, ctx: &Context<'_>) -> Option<Reply<User>> {
        match ctx.loaders().users.load(self.0.inviter_id?).await {
            Ok(user) => user.map(|user| Ok(User::new(user))),
            Err(error) => Some(Err(error.into())),
        }
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.date_added
    }

    /// When it runs out. Null for requests.
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.0.token_expires_at
    }

    /// What became of its mail.
    async fn delivery(&self, ctx: &Context<'_>) -> Reply<InviteDelivery> {
        Ok(ctx
            .loaders()
            .deliveries
            .load(self.0.id)
            .await?
            .map_or_else(InviteDelivery::default, |row| InviteDelivery {
                status: match row.status {
                    invite_delivery::DeliveryStatus::Queued => DeliveryStatus::Queued,
                    invite_delivery::DeliveryStatus::Sent => DeliveryStatus::Sent,
                    invite_delivery::DeliveryStatus::Failed => DeliveryStatus::Failed,
                },
                attempts: row.attempts,
                last_sent_at: row.last_sent_at,
                last_error: row.last_error.clone(),
            }))
    }

    /// Whether `resendInvite` would send it again as it is. False once it has
    /// expired: then it needs a new link.
    async fn viewer_can_resend(&self, ctx: &Context<'_>) -> Reply<bool> {
        let access = ctx.admitted(self.0.organization_id, Gates::CHANGE).await?;
        Ok(access.is_some_and(|access| domain::member::check_reinvite(ctx.app(), &access, &self.0).is_ok()))
    }

    /// Whether `revokeInvite` would let you.
    async fn viewer_can_revoke(&self, ctx: &Context<'_>) -> Reply<bool> {
        let access = ctx.admitted(self.0.organization_id, Gates::CHANGE).await?;
        Ok(self.0.is_invite()
            && access.is_some_and(|access| domain::member::check_removal(ctx.app(), &access, &self.0, false).is_ok()))
    }

    /// Whether `rejectInviteRequest` would let you; for `approveInviteRequest` you
    /// also need a role that you can give. False for what is no request.
    async fn viewer_can_decide(&self, ctx: &Context<'_>) -> Reply<bool> {
        let access = ctx.admitted(self.0.organization_id, Gates::CHANGE).await?;
        Ok(access.is_some_and(|access| domain::invite::may_decide(&access, &self.0)))
    }
}

/// What became of an invite's mail.
#[derive(Default, SimpleObject)]
pub struct InviteDelivery {
    /// Where the newest mail is.
    status: DeliveryStatus,
    /// How often the newest mail was tried.
    attempts: i32,
    /// When a mail was last taken by the mail server.
    last_sent_at: Option<DateTime<Utc>>,
    /// Why the newest mail failed.
    last_error: Option<String>,
}

/// Where a mail is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum DeliveryStatus {
    /// None was asked for.
    #[default]
    NotRequested,
    /// Waits to be sent.
    Queued,
    /// Taken by the mail server.
    Sent,
    /// Given up.
    Failed,
}

/// Which invites are wanted; all conditions hold together.
#[derive(Default, InputObject)]
pub struct InviteFilter {
    /// Part of the address, in any case.
    query: Option<String>,
    /// Where they are in their life.
    statuses: Option<Vec<InviteStatus>>,
}

impl From<InviteFilter> for domain::invite::Filter {
    fn from(filter: InviteFilter) -> Self {
        use domain::invite::Status;
        let status = |status| match status {
            InviteStatus::Pending => Status::Pending,
            InviteStatus::Expired => Status::Expired,
            InviteStatus::RequestedToBeInvited => Status::RequestedToBeInvited,
            InviteStatus::RequestedToJoin => Status::RequestedToJoin,
        };
        Self {
            query: filter.query,
            statuses: filter.statuses.map(|list| list.into_iter().map(status).collect()),
        }
    }
}
