//! Organizations: the tenants, and everything that is reached through one.

mod deletion;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{
    ids::{EventId, OrganizationId},
    organization, team,
};
use sea_orm::ColumnTrait;

pub use self::deletion::DeletionMutation;
use super::{
    api_token::{self, ApiToken},
    audit::{AuditLogEntry, AuditLogFilter, newest_first},
    auth_provider::AuthProvider,
    avatar::Avatar,
    context::ContextExt,
    error::{Fault, IntoPayload, Payload, Reply, UserError, nullable},
    id::global_id,
    invite::{Invite, InviteFilter},
    member::{Member, MemberBy, MemberFilter, MemberOrder, by_id},
    options::OrganizationOptions,
    page::{self, Order, Page, Window},
    role::OrgRole,
    team::{Team, TeamAccessRequest, TeamFilter},
    webhook::{self, Webhook},
};
use crate::{
    access::{Access, Gates},
    auth::Who,
    domain::{
        self,
        member::Sorting,
        organization::{Founded, NewOrganization},
    },
    error::{Code, Result},
    roles::Scope,
};

/// A tenant. Holds what an invite shows to outsiders too; everything else asks
/// for the caller's [`Access`].
#[derive(Clone)]
pub struct Organization {
    row: organization::Model,
    /// The gates of its settings.
    settings: Gates,
}

impl Organization {
    /// An organization that the caller may see.
    pub fn of(row: &organization::Model) -> Self {
        row.clone().into()
    }

    /// The same after its single sign-on was set up, by somebody who may have to
    /// link an identity now, and is to see what they have set.
    pub fn with_sso(row: &organization::Model) -> Self {
        Self {
            row: row.clone(),
            settings: Gates::READ_SSO,
        }
    }

    /// The organization of something that the caller may see, who need not be a
    /// member: whoever is invited sees what an invite shows.
    pub async fn shown(ctx: &Context<'_>, id: OrganizationId) -> Result<Self> {
        match ctx.access(id, Gates::READ).await {
            Err(error) if error.code() == Code::OrganizationNotFound && ctx.loaders().invited.load(id).await? => {
                let standing = ctx.loaders().standings.load(id).await?.ok_or(error)?;
                Ok(Self::of(&standing.organization))
            }
            access => Ok(Self::of(access?.organization())),
        }
    }

    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        ctx.access(self.row.id, Gates::READ).await
    }

    /// The caller's access, if there is one.
    async fn try_access(&self, ctx: &Context<'_>) -> Result<Option<Access>> {
        ctx.visit(self.row.id, Gates::READ).await
    }
}

impl From<organization::Model> for Organization {
    fn from(row: organization::Model) -> Self {
        let settings = Gates::READ;
        Self { row, settings }
    }
}

/// Where an organization is in its life.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "OrganizationStatus")]
pub enum Status {
    /// In use.
    Active,
    /// Will be deleted unless an owner restores it in time.
    PendingDeletion,
    /// Being deleted.
    DeletionInProgress,
}

/// An organization: a tenant with members, teams, settings and an audit log.
#[Object]
impl Organization {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id(self.row.id)
    }

    /// Name in addresses, unique.
    async fn slug(&self) -> &str {
        &self.row.slug
    }

    /// Name to show.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// Where it is in its life.
    async fn status(&self) -> Status {
        use organization::OrganizationStatus;
        match self.row.status {
            OrganizationStatus::Active | OrganizationStatus::RelocationPendingApproval => Status::Active,
            OrganizationStatus::PendingDeletion => Status::PendingDeletion,
            OrganizationStatus::DeletionInProgress => Status::DeletionInProgress,
        }
    }

    /// Its picture, or how to draw one.
    async fn avatar(&self, ctx: &Context<'_>) -> Reply<Avatar> {
        Avatar::of(ctx, &self.row).await
    }

    /// The role of whoever asks to join.
    async fn default_role(&self, ctx: &Context<'_>) -> OrgRole {
        OrgRole(ctx.app().roles.stored(&self.row.default_role).clone())
    }

    /// When it was created.
    async fn created_at(&self) -> DateTime<Utc> {
        self.row.date_added
    }

    /// When it will be deleted, unless it is restored before. Null unless that
    /// was asked for.
    async fn deletes_at(&self) -> Option<DateTime<Utc>> {
        self.row.delete_at
    }

    /// Its settings. Null without org:read.
    ///
    /// Requires org:read.
    async fn options(&self, ctx: &Context<'_>) -> Option<Reply<OrganizationOptions>> {
        let answer = async {
            let access = ctx.visit(self.row.id, self.settings).await?;
            if !access.is_some_and(|access| access.has(Scope::OrgRead)) {
                return Ok(None);
            }
            let settings = ctx.loaders().settings.load(self.row.id).await?;
            Ok::<_, Fault>(settings.map(|settings| OrganizationOptions::new(settings, ctx.app().clone())))
        };
        nullable(answer.await)
    }

    /// Members and open invites, in the order in which they came unless asked
    /// otherwise.
    ///
    /// Requires member:read.
    #[allow(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning: 1 to 100, 25 if not given.")] first: Option<i32>,
        #[graphql(desc = "Cursor after which to begin.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor before which to end.")] before: Option<String>,
        #[graphql(desc = "Which members.")] filter: Option<MemberFilter>,
        #[graphql(desc = "In which order.")] order_by: Option<MemberOrder>,
    ) -> Reply<Page<Option<Member>>> {
        let window = Window::new(first, after, last, before)?;
        let access = self.access(ctx).await?;
        let sorting = order_by.as_ref().map_or(Sorting::ById, MemberOrder::sorting);
        let members = Box::pin(domain::member::list(
            ctx.app(),
            &access,
            filter.unwrap_or_default().into(),
            sorting,
        ))
        .await?;
        let order = order_by.map_or_else(by_id, |order| order.keyset(&ctx.app().roles));
        let page = page::read(&ctx.app().db, members, &order, &window, |row| Some(Member::new(row))).await?;
        Box::pin(Member::remember(ctx, page.entries().flatten())).await;
        Ok(page)
    }

    /// One member or open invite.
    ///
    /// Requires member:read.
    async fn member(&self, ctx: &Context<'_>, #[graphql(desc = "Which one.")] by: MemberBy) -> Option<Reply<Member>> {
        let answer = async {
            let access = ctx.access(self.row.id, Gates::READ_MEMBER.at(true)).await?;
            let row = Box::pin(domain::member::find(ctx.app(), &access, by.into())).await?;
            let is_own = row.as_ref().is_some_and(|row| ctx.actor().is(row.user_id));
            ctx.access(self.row.id, Gates::READ_MEMBER.at(is_own)).await?;
            Ok::<_, Fault>(row)
        };
        nullable(answer.await.map(|row| row.map(Member::new)))
    }

    /// Invites, then requests to be invited, then requests to join; each by
    /// address. Requests to join are hidden where the organization takes none.
    ///
    /// Requires member:read.
    #[allow(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn invites(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning: 1 to 100, 25 if not given.")] first: Option<i32>,
        #[graphql(desc = "Cursor after which to begin.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor before which to end.")] before: Option<String>,
        #[graphql(desc = "Which invites.")] filter: Option<InviteFilter>,
    ) -> Reply<Page<Invite>> {
        let window = Window::new(first, after, last, before)?;
        let access = self.access(ctx).await?;
        let settings = ctx.loaders().settings.load(self.row.id).await?;
        let join_requests = settings.is_none_or(|settings| settings.allow_join_requests());
        let filter = filter.unwrap_or_default().into();
        let invites = Box::pin(domain::invite::list(ctx.app(), &access, filter, join_requests)).await?;
        page::read(
            &ctx.app().db,
            invites,
            &super::invite::by_status(),
            &window,
            Invite::new,
        )
        .await
    }

    /// Active teams, oldest first.
    ///
    /// Requires org:read or team:read.
    #[allow(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn teams(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning: 1 to 100, 25 if not given.")] first: Option<i32>,
        #[graphql(desc = "Cursor after which to begin.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor before which to end.")] before: Option<String>,
        #[graphql(desc = "Which teams.")] filter: Option<TeamFilter>,
    ) -> Reply<Page<Team>> {
        let window = Window::new(first, after, last, before)?;
        let access = self.access(ctx).await?;
        let query = Box::pin(domain::team::list(
            ctx.app(),
            &access,
            filter.unwrap_or_default().into(),
        ))
        .await?;
        let order = Order::by_id("team", team::Column::Id.into_expr(), |row: &team::Model| row.id.0);
        let page = page::read(&ctx.app().db, query, &order, &window, |row| Team(row.into())).await?;
        Box::pin(Team::remember(ctx, page.entries())).await;
        Ok(page)
    }

    /// One active team.
    ///
    /// Requires org:read or team:read.
    async fn team(&self, ctx: &Context<'_>, #[graphql(desc = "Its slug.")] slug: String) -> Option<Reply<Team>> {
        let answer = async { Box::pin(domain::team::find(ctx.app(), &self.access(ctx).await?, &slug)).await };
        nullable(answer.await.map(|row| row.map(|row| Team(row.into()))))
    }

    /// Requests for access to teams that wait for a decision, oldest first: all
    /// of the organization, or only those of your own teams; an empty list if
    /// you decide none of these.
    ///
    /// Requires org:write for all, team:write for those of your own teams.
    async fn team_access_requests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning: 1 to 100, 25 if not given.")] first: Option<i32>,
        #[graphql(desc = "Cursor after which to begin.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor before which to end.")] before: Option<String>,
    ) -> Reply<Page<TeamAccessRequest>> {
        let window = Window::new(first, after, last, before)?;
        let access = self.access(ctx).await?;
        let query = Box::pin(domain::team::list_requests(ctx.app(), &access)).await?;
        let order = TeamAccessRequest::by_id();
        page::read(&ctx.app().db, query, &order, &window, TeamAccessRequest).await
    }

    /// Who did what here, newest first. Null without org:write.
    ///
    /// Requires org:write.
    #[allow(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn audit_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning: 1 to 100, 25 if not given.")] first: Option<i32>,
        #[graphql(desc = "Cursor after which to begin.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor before which to end.")] before: Option<String>,
        #[graphql(desc = "Which entries.")] filter: Option<AuditLogFilter>,
    ) -> Option<Reply<Page<AuditLogEntry>>> {
        let answer = async {
            let window = Window::new(first, after, last, before)?;
            let access = self.access(ctx).await?;
            let filter = filter.map(Into::into).unwrap_or_default();
            let query = domain::audit::list(ctx.app(), &access, &filter)?;
            page::read(&ctx.app().db, query, &newest_first(), &window, AuditLogEntry).await
        };
        Some(answer.await)
    }

    /// Credentials of its apps, oldest first, also those that have ended. Null
    /// without org:admin.
    ///
    /// Requires org:admin.
    async fn api_tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning: 1 to 100, 25 if not given.")] first: Option<i32>,
        #[graphql(desc = "Cursor after which to begin.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor before which to end.")] before: Option<String>,
    ) -> Option<Reply<Page<ApiToken>>> {
        let answer = async {
            let window = Window::new(first, after, last, before)?;
            let query = domain::api_token::list(&self.access(ctx).await?)?;
            page::read(&ctx.app().db, query, &api_token::by_id(), &window, ApiToken).await
        };
        Some(answer.await)
    }

    /// Servers that are told of what happens here, oldest first, also those that
    /// are disabled. Null without org:admin.
    ///
    /// Requires org:admin.
    async fn webhooks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning: 1 to 100, 25 if not given.")] first: Option<i32>,
        #[graphql(desc = "Cursor after which to begin.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor before which to end.")] before: Option<String>,
    ) -> Option<Reply<Page<Webhook>>> {
        let answer = async {
            let window = Window::new(first, after, last, before)?;
            let query = domain::webhook::list(&self.access(ctx).await?)?;
            page::read(&ctx.app().db, query, &webhook::by_id(), &window, Webhook).await
        };
        Some(answer.await)
    }

    /// Its single sign-on. Null when it has none.
    ///
    /// Requires org:read.
    async fn auth_provider(&self, ctx: &Context<'_>) -> Option<Reply<AuthProvider>> {
        let answer = async {
            let access = ctx.access(self.row.id, self.settings).await?;
            access.require(&[Scope::OrgRead])?;
            Ok::<_, Fault>(access.provider().cloned().map(AuthProvider))
        };
        nullable(answer.await)
    }

    /// What was counted since it was made, up to ten seconds late.
    ///
    /// Requires org:read.
    async fn counters(&self, ctx: &Context<'_>) -> Reply<OrganizationCounters> {
        self.access(ctx).await?.require(&[Scope::OrgRead])?;
        let row = ctx.loaders().counters.load(self.row.id).await?;
        let shown = |count: i64| count.try_into().unwrap_or(i32::MAX);
        Ok(OrganizationCounters {
            invites_sent: row.as_ref().map_or(0, |row| shown(row.invites_sent)),
            invites_accepted: row.as_ref().map_or(0, |row| shown(row.invites_accepted)),
        })
    }

    /// Where to begin to listen without missing anything: ask for it, then read
    /// what you need, then subscribe to `organizationEvents` with it as `after`.
    /// Null to those who may not subscribe.
    async fn last_event_id(&self, ctx: &Context<'_>) -> Option<Reply<ID>> {
        let answer = async {
            self.access(ctx).await?;
            let head = ctx.loaders().event_heads.load(self.row.id).await?;
            let id = EventId {
                organization: self.row.id,
                sequence: head.map_or(0, |head| head.sequence),
            };
            Ok::<_, Fault>(Some(ID(id.global())))
        };
        nullable(answer.await)
    }

    /// Your membership. Null for superusers and apps, which see it without one.
    async fn viewer_membership(&self, ctx: &Context<'_>) -> Option<Reply<Member>> {
        let access = self.try_access(ctx).await;
        nullable(access.map(|access| access?.membership().cloned().map(Member::new)))
    }

    /// What you may do here: what your role and your credential both give, after
    /// what the organization's options withdraw.
    async fn viewer_scopes(&self, ctx: &Context<'_>) -> Reply<Vec<String>> {
        let Some(access) = self.try_access(ctx).await? else {
            return Ok(Vec::new());
        };
        // A person has what the role has; an app has just its own scopes.
        let is_app = matches!(access.actor().who, Who::App(_));
        let settings = match is_app || access.is_superuser() {
            true => None,
            false => ctx.loaders().settings.load(self.row.id).await?,
        };
        Ok(settings
            .map_or(access.scopes(), |settings| {
                settings.withdrawals().apply(access.scopes())
            })
            .names())
    }

    /// Whether `createInvite` would let you, for some role.
    async fn viewer_can_invite(&self, ctx: &Context<'_>) -> Reply<bool> {
        let access = ctx.visit(self.row.id, Gates::CHANGE).await?;
        Ok(access.is_some_and(|access| domain::invite::may_create(ctx.app(), &access).is_ok()))
    }

    /// The roles that `createInvite` would accept from you now.
    async fn viewer_invitable_roles(&self, ctx: &Context<'_>) -> Reply<Vec<OrgRole>> {
        let Some(access) = ctx.visit(self.row.id, Gates::CHANGE).await? else {
            return Ok(Vec::new());
        };
        Ok(domain::invite::invitable_roles(ctx.app(), &access)
            .into_iter()
            .map(OrgRole)
            .collect())
    }

    /// Whether `saveOrgOptions` would let you.
    async fn viewer_can_save_options(&self, ctx: &Context<'_>) -> Reply<bool> {
        let access = self.try_access(ctx).await?;
        Ok(access.is_some_and(|access| domain::options::may_save(&access).is_ok()))
    }

    /// Whether `createTeam` would let you.
    async fn viewer_can_create_team(&self, ctx: &Context<'_>) -> Reply<bool> {
        let access = ctx.visit(self.row.id, Gates::CHANGE).await?;
        Ok(access.is_some_and(|access| domain::team::may_create(&access).is_ok()))
    }

    /// Whether you may delete the organization, after a fresh sign-in.
    async fn viewer_can_delete(&self, ctx: &Context<'_>) -> Reply<bool> {
        let access = self.try_access(ctx).await?;
        Ok(access.is_some_and(|access| domain::organization::may_delete(ctx.app(), &access).is_ok()))
    }
}

/// What was counted of an organization since it was made.
#[derive(SimpleObject)]
pub struct OrganizationCounters {
    /// Mails of invites that the mail server has taken.
    invites_sent: i32,
    /// Invites that were accepted.
    invites_accepted: i32,
}

/// Which organizations are wanted; all conditions hold together.
#[derive(Default, InputObject)]
pub struct OrganizationFilter {
    /// Part of the name or slug, in any case.
    query: Option<String>,
    /// Where they are in their life.
    status: Option<Status>,
}

impl From<OrganizationFilter> for domain::organization::Filter {
    fn from(filter: OrganizationFilter) -> Self {
        use organization::OrganizationStatus;
        let status = |status| match status {
            Status::Active => OrganizationStatus::Active,
            Status::PendingDeletion => OrganizationStatus::PendingDeletion,
            Status::DeletionInProgress => OrganizationStatus::DeletionInProgress,
        };
        Self {
            query: filter.query,
            status: filter.status.map(status),
        }
    }
}

/// What `createOrganization` needs.
#[derive(InputObject)]
pub struct CreateOrganizationInput {
    /// Name to show: 1 to 64 characters.
    name: String,
    /// Name in addresses: 3 to 50 lower-case letters, digits and dashes. Made
    /// from the name if absent.
    slug: Option<String>,
    /// That you agree to the terms, where the deployment has some.
    agree_terms: Option<bool>,
    /// Whether to make a first team with you in it.
    #[graphql(default_with = "Some(false)")]
    create_default_team: Option<bool>,
}

impl From<CreateOrganizationInput> for NewOrganization {
    fn from(input: CreateOrganizationInput) -> Self {
        Self {
            name: input.name,
            slug: input.slug,
            agree_terms: input.agree_terms.unwrap_or(false),
            create_default_team: input.create_default_team.unwrap_or(false),
        }
    }
}

/// What `createOrganization` answers.
#[derive(SimpleObject)]
pub struct CreateOrganizationPayload {
    /// The new organization.
    organization: Option<Organization>,
    /// Your membership: its owner.
    member: Option<Member>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<Founded> for CreateOrganizationPayload {
    fn done(founded: Founded) -> Self {
        Self {
            organization: Some(founded.organization.into()),
            member: Some(Member::new(founded.owner)),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            organization: None,
            member: None,
            user_errors,
        }
    }
}

/// Mutations of organizations.
#[derive(Default)]
pub struct OrganizationMutation;

#[Object]
impl OrganizationMutation {
    /// Creates an organization with you as its owner.
    ///
    /// Requires a signed-in person.
    async fn create_organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new organization.")] input: CreateOrganizationInput,
    ) -> Reply<CreateOrganizationPayload> {
        domain::organization::create(ctx.app(), ctx.actor(), input.into())
            .await
            .into_payload()
    }
}

/// The organizations that the caller may list, for the query root.
pub async fn list(ctx: &Context<'_>, window: Window, filter: OrganizationFilter) -> Reply<Page<Organization>> {
    let query = domain::organization::list(ctx.app(), ctx.actor(), filter.into())?;
    let order = Order::by_id(
        "organization",
        organization::Column::Id.into_expr(),
        |row: &organization::Model| row.id.0,
    );
    page::read(&ctx.app().db, query, &order, &window, Organization::from).await
}

/// The organization with this slug, for the query root.
pub async fn by_slug(ctx: &Context<'_>, slug: &str) -> Result<Option<Organization>> {
    let standing = domain::organization::standing_by_slug(ctx.app(), ctx.actor(), slug).await?;
    let Some(standing) = standing else { return Ok(None) };
    let id = standing.organization.id;
    // What was found is not looked up again by the fields below.
    ctx.loaders()
        .standings
        .prime([(id, Ok(Some(std::sync::Arc::new(standing))))]);
    Ok(ctx
        .visit(id, Gates::READ)
        .await?
        .map(|access| Organization::of(access.organization())))
}
