//! Invites, and what their links show.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{ids::InviteId, invite_delivery, member};
use sea_orm::ColumnTrait;

use super::{
    context::ContextExt,
    error::{IntoPayload, Payload, Reply, UserError},
    id::{global_id, row_id},
    member::Member,
    organization::{Avatar, Organization},
    page::Order,
    role::OrgRole,
    scalar::Url,
    team::Team,
    user::User,
};
use crate::{
    access::Gates,
    auth::Actor,
    domain::{
        self,
        invite::{Accepted, Created, NewInvite, Preview, Requirement, TeamAssignment},
    },
    error::{Code, Error, Result},
};

/// The pending state of a member row.
#[derive(Clone)]
pub struct Invite(std::sync::Arc<member::Model>);

impl Invite {
    /// A pending row that the caller may see.
    pub fn new(row: member::Model) -> Self {
        Self(std::sync::Arc::new(row))
    }

    /// Whether it is addressed to the caller, who may then see whose it is
    /// without being a member.
    fn is_addressed_to(&self, actor: &Actor) -> bool {
        let own = actor.person().and_then(|person| person.user.verified_email());
        self.0.is_invite() && own.is_some() && own == self.0.email_key.as_deref()
    }
}

/// The order in which invites came.
pub fn by_id() -> Order<member::Model> {
    Order::by_id("invite", member::Column::Id.into_expr(), |row: &member::Model| row.id.0)
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
        if self.is_addressed_to(ctx.actor()) {
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
        InviteStatus::of(&self.0, ctx.actor().now)
    }

    /// The org role that accepting gives.
    async fn role(&self, ctx: &Context<'_>) -> OrgRole {
        OrgRole(ctx.app().roles.stored(&self.0.role).clone())
    }

    /// The active teams that accepting gives, by slug.
    async fn teams(&self, ctx: &Context<'_>) -> Reply<Vec<Team>> {
        let rows = ctx.loaders().teams_of_member.load(self.0.id).await?;
        Ok(rows
            .iter()
            .map(|(_, team)| Team(std::sync::Arc::new(team.clone())))
            .collect())
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

    /// Whether you may send it again.
    async fn viewer_can_resend(&self, ctx: &Context<'_>) -> Reply<bool> {
        let access = ctx.visit(self.0.organization_id, Gates::MEMBER).await?;
        Ok(access.is_some_and(|access| domain::member::check_reinvite(ctx.app(), &access, &self.0, false).is_ok()))
    }

    /// Whether you may withdraw it.
    async fn viewer_can_revoke(&self, ctx: &Context<'_>) -> Reply<bool> {
        let access = ctx.visit(self.0.organization_id, Gates::MEMBER).await?;
        Ok(self.0.is_invite()
            && access.is_some_and(|access| domain::member::check_removal(ctx.app(), &access, &self.0, false).is_ok()))
    }

    /// Whether you may approve or reject it. False for what is no request.
    async fn viewer_can_decide(&self, ctx: &Context<'_>) -> Reply<bool> {
        let access = ctx.visit(self.0.organization_id, Gates::CHANGE).await?;
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

/// Something that a person has to do before an organization lets them in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum AccessRequirement {
    /// Sign in.
    SignIn,
    /// Enrol in two-factor authentication.
    EnrollTwoFactor,
    /// Verify the primary email address.
    VerifyEmail,
    /// Sign in through the organization's provider and link that identity.
    LinkSso,
}

/// What the link of an invite shows to whoever holds it.
pub struct InvitePreview(pub Preview);

/// What the link of an invite shows to whoever holds it.
#[Object]
impl InvitePreview {
    /// Global id of the organization, for `linkSsoIdentity`.
    async fn organization_id(&self) -> ID {
        global_id(self.0.organization.id)
    }

    /// Slug of the organization.
    async fn organization_slug(&self) -> &str {
        &self.0.organization.slug
    }

    /// Name of the organization.
    async fn organization_name(&self) -> &str {
        &self.0.organization.name
    }

    /// Avatar of the organization.
    async fn organization_avatar(&self, ctx: &Context<'_>) -> Reply<Avatar> {
        Avatar::of(ctx, &self.0.organization).await
    }

    /// Name of whoever invited.
    async fn inviter_name(&self) -> Option<&str> {
        self.0.inviter_name.as_deref()
    }

    /// The org role that accepting gives.
    async fn role(&self, ctx: &Context<'_>) -> OrgRole {
        OrgRole(ctx.app().roles.stored(&self.0.row.role).clone())
    }

    /// When the invite runs out.
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.0.row.token_expires_at
    }

    /// Whether it has run out.
    async fn is_expired(&self, ctx: &Context<'_>) -> bool {
        self.0.row.is_expired(ctx.actor().now)
    }

    /// What you still have to do before you can accept, in this order.
    async fn requirements(&self) -> Vec<AccessRequirement> {
        self.0
            .requirements
            .iter()
            .map(|requirement| match requirement {
                Requirement::SignIn => AccessRequirement::SignIn,
                Requirement::TwoFactor => AccessRequirement::EnrollTwoFactor,
                Requirement::VerifiedEmail => AccessRequirement::VerifyEmail,
                Requirement::Sso => AccessRequirement::LinkSso,
            })
            .collect()
    }

    /// Whether the organization has single sign-on set up.
    async fn has_auth_provider(&self) -> bool {
        self.0.provider.is_some()
    }

    /// Whether members must sign in through it.
    async fn require_sso(&self) -> bool {
        self.0
            .provider
            .as_ref()
            .is_some_and(|provider| !provider.allow_unlinked)
    }

    /// Name of the provider.
    async fn sso_provider(&self) -> Option<&str> {
        self.0.provider.as_ref().map(|provider| provider.name.as_str())
    }

    /// Whether you are a member of the organization already.
    async fn is_existing_member(&self) -> bool {
        self.0.is_existing_member
    }
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

/// A team and the role in it.
#[derive(InputObject)]
pub struct TeamRoleInput {
    /// Slug of the team.
    team_slug: String,
    /// Id of the team role: `contributor` or `admin`. Null: only the minimum
    /// that the org role gives.
    role: Option<String>,
}

impl From<TeamRoleInput> for TeamAssignment {
    fn from(input: TeamRoleInput) -> Self {
        Self {
            slug: input.team_slug,
            role: input.role,
        }
    }
}

/// What `createInvite` needs.
#[derive(InputObject)]
pub struct CreateInviteInput {
    /// The organization.
    organization_id: ID,
    /// Whom to invite: an address of at most 75 characters.
    email: String,
    /// Id of the org role that accepting gives; `member` if absent.
    org_role: Option<String>,
    /// Slugs of the teams that accepting gives.
    team_slugs: Option<Vec<String>>,
    /// Instead of `teamSlugs`: teams with roles. Only the teams count, since
    /// team roles are given after joining.
    team_roles: Option<Vec<TeamRoleInput>>,
    /// Whether to mail the invite. Without, the link is passed on by hand.
    #[graphql(default = true)]
    send_invite: bool,
    /// Goes into the link as the query parameter `referrer`.
    referrer: Option<String>,
}

impl From<CreateInviteInput> for NewInvite {
    fn from(input: CreateInviteInput) -> Self {
        Self {
            organization: row_id(&input.organization_id),
            email: input.email,
            org_role: input.org_role,
            team_slugs: input.team_slugs,
            team_roles: input
                .team_roles
                .map(|roles| roles.into_iter().map(Into::into).collect()),
            send: input.send_invite,
            referrer: input.referrer,
        }
    }
}

/// What `createInvite` answers.
#[derive(SimpleObject)]
pub struct CreateInvitePayload {
    /// The invite.
    invite: Option<Invite>,
    /// The pending member.
    member: Option<Member>,
    /// The link that accepts the invite: a secret. Shown only here, and only to
    /// callers with member:admin who could give the role; else null.
    accept_url: Option<Url>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<Created> for CreateInvitePayload {
    fn done(created: Created) -> Self {
        Self {
            invite: Some(Invite::new(created.row.clone())),
            member: Some(Member::new(created.row)),
            accept_url: created.accept_url.map(Url),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            invite: None,
            member: None,
            accept_url: None,
            user_errors,
        }
    }
}

/// What `acceptInvite` needs.
#[derive(InputObject)]
pub struct AcceptInviteInput {
    /// The last part of the invite's link.
    token: String,
}

/// What `acceptInvite` answers.
#[derive(SimpleObject)]
pub struct AcceptInvitePayload {
    /// Your membership.
    member: Option<Member>,
    /// The organization that you have joined.
    organization: Option<Organization>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<Accepted> for AcceptInvitePayload {
    fn done(accepted: Accepted) -> Self {
        Self {
            organization: Some(Organization::of(&accepted.organization)),
            member: Some(Member::new(accepted.member)),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            member: None,
            organization: None,
            user_errors,
        }
    }
}

/// Mutations of invites.
#[derive(Default)]
pub struct InviteMutation;

#[Object]
impl InviteMutation {
    /// Joins the organization that the link of an invite leads to. The link
    /// works once, for whoever holds it.
    ///
    /// Refused while something of `InvitePreview.requirements` is left to do.
    /// Who is a member already gets ALREADY_MEMBER, and the invite is withdrawn.
    ///
    /// Requires a signed-in person.
    async fn accept_invite(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The invite.")] input: AcceptInviteInput,
    ) -> Reply<AcceptInvitePayload> {
        domain::invite::accept(ctx.app(), ctx.actor(), &input.token)
            .await
            .into_payload()
    }

    /// Invites an address: holds a place open for whoever gets the link.
    ///
    /// Requires member:write or member:admin; or member:invite where members may
    /// invite.
    async fn create_invite(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to invite, and as what.")] input: CreateInviteInput,
    ) -> Reply<CreateInvitePayload> {
        domain::invite::create(ctx.app(), ctx.actor(), input.into())
            .await
            .into_payload()
    }
}

/// The invite that `token` leads to, for the query root.
pub async fn preview(ctx: &Context<'_>, token: &str) -> Result<Option<InvitePreview>> {
    Ok(domain::invite::preview(ctx.app(), ctx.actor(), token)
        .await?
        .map(InvitePreview))
}
