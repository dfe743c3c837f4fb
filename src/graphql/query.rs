//! Where every query begins.

use async_graphql::{Context, ID, Interface, MergedObject, Object, SimpleObject};
use entity::ids::{
    AccessRequestId, ApiTokenId, AuditLogEntryId, AuthProviderId, InviteId, MemberId, OrganizationId, RowId, TeamId,
    TeamMemberId, UserId, WebhookDeliveryId, WebhookId, split_global,
};

use super::{
    api_token::ApiToken,
    audit::AuditLogEntry,
    auth_provider::AuthProvider,
    context::ContextExt,
    error::{Fault, Reply, nullable},
    invite::{self, Invite, InvitePreview},
    member::Member,
    organization::{self, Organization, OrganizationFilter},
    page::{Page, Window},
    role::{OrgRole, TeamRole},
    team::{self, Team, TeamAccessRequest, TeamMembership},
    user::{User, Viewer},
    webhook::{Webhook, WebhookDelivery},
};
use crate::{access::Gates, auth::Who, domain, error::Result, roles::Scope};

/// Something with a global id.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Global id."))]
pub enum Node {
    /// A person.
    User(User),
    /// An organization.
    Organization(Organization),
    /// A member.
    Member(Member),
    /// A team.
    Team(Team),
    /// A team membership.
    TeamMembership(TeamMembership),
    /// A request for access to a team.
    TeamAccessRequest(TeamAccessRequest),
    /// An invite or request.
    Invite(Invite),
    /// A line of an audit log.
    AuditLogEntry(AuditLogEntry),
    /// Single sign-on of an organization.
    AuthProvider(AuthProvider),
    /// A credential of an app.
    ApiToken(ApiToken),
    /// A server that is told of events.
    Webhook(Webhook),
    /// An event on its way to a webhook.
    WebhookDelivery(WebhookDelivery),
}

/// Most ids of one call of `nodes`.
const NODES_MAX: usize = 100;

/// About this service.
#[derive(SimpleObject)]
pub struct ServiceInfo {
    /// Version of the service.
    version: &'static str,
    /// SHA-256 of the schema in hexadecimal: changes when the schema does.
    schema_hash: String,
    /// Features that are switched on.
    features: Vec<&'static str>,
}

/// SHA-256 of the schema, kept in the schema's data.
#[derive(Clone, Debug, Default)]
pub struct SchemaHash(pub String);

/// Everything that can be read.
#[derive(Default, MergedObject)]
pub struct Query(QueryFields);

/// The fields of it, with or without those for a federated graph beside them.
#[derive(Default)]
pub struct QueryFields;

#[Object]
impl QueryFields {
    /// You. Null for an anonymous request.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<Viewer> {
        match ctx.actor().who {
            Who::Anonymous => None,
            _ => Some(Viewer),
        }
    }

    /// The object with a global id. Null when there is none, or none that you
    /// can see.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "The global id.")] id: ID) -> Option<Reply<Node>> {
        find(ctx, &id).await
    }

    /// Objects with global ids, in the order of the ids; null for those that do
    /// not exist or that you cannot see.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The global ids, 100 at most.")] ids: Vec<ID>,
    ) -> Reply<Vec<Option<Reply<Node>>>> {
        if ids.len() > NODES_MAX {
            return Err(Fault::bad_input(format!("Give at most {NODES_MAX} ids.")));
        }
        Ok(futures_util::future::join_all(ids.iter().map(|id| find(ctx, id))).await)
    }

    /// The organization with a slug. Null when there is none, or when you are
    /// neither a member nor a superuser.
    async fn organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The slug.")] slug: String,
    ) -> Option<Reply<Organization>> {
        nullable(organization::by_slug(ctx, &slug).await)
    }

    /// Your organizations, oldest first; for a superuser, all. Those that ask
    /// for more before they let you in are listed with what an invite shows.
    ///
    /// Requires a signed-in caller.
    #[allow(clippy::too_many_arguments, reason = "the arguments of the field")]
    async fn organizations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning: 1 to 100, 25 if not given.")] first: Option<i32>,
        #[graphql(desc = "Cursor after which to begin.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor before which to end.")] before: Option<String>,
        #[graphql(desc = "Which organizations.")] filter: Option<OrganizationFilter>,
    ) -> Reply<Page<Organization>> {
        let window = Window::new(first, after, last, before)?;
        organization::list(ctx, window, filter.unwrap_or_default()).await
    }

    /// What the link of an invite leads to, for whoever holds it; signing in is
    /// not needed. Null for every invalid token alike.
    async fn invite_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The last part of the link.")] token: String,
    ) -> Option<Reply<InvitePreview>> {
        nullable(Box::pin(invite::preview(ctx, &token)).await)
    }

    /// The org roles of this deployment, lowest priority first.
    async fn roles(&self, ctx: &Context<'_>) -> Vec<OrgRole> {
        ctx.app().roles.all().iter().cloned().map(OrgRole).collect()
    }

    /// The team roles, lowest priority first.
    async fn team_roles(&self) -> Vec<TeamRole> {
        team::team_roles()
    }

    /// Whether an organization could take this slug: it is well formed, not
    /// reserved and not taken.
    ///
    /// Requires a signed-in caller.
    async fn is_slug_available(&self, ctx: &Context<'_>, #[graphql(desc = "The slug.")] slug: String) -> Reply<bool> {
        ctx.actor().require_known()?;
        Ok(domain::organization::is_slug_available(ctx.app(), &slug).await?)
    }

    /// About this service.
    async fn service(&self, ctx: &Context<'_>) -> ServiceInfo {
        ServiceInfo {
            version: env!("CARGO_PKG_VERSION"),
            schema_hash: ctx.data_opt::<SchemaHash>().cloned().unwrap_or_default().0,
            features: ctx.app().config.features.enabled(),
        }
    }
}

/// The object with a global id, if there is one that the caller can see.
pub async fn find(ctx: &Context<'_>, id: &ID) -> Option<Reply<Node>> {
    nullable(look_up(ctx, id).await)
}

/// The object with a global id, if there is one that the caller can see. Every
/// kind of node passes the gates of its organization before it is shown.
///
/// # Errors
/// That of a gate that is shut; a database that does not answer.
pub async fn look_up(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>> {
    if matches!(ctx.actor().who, Who::Anonymous) {
        return Ok(None);
    }
    let Some((kind, number)) = split_global(id) else {
        return Ok(None);
    };
    let loaders = ctx.loaders();
    match kind.as_str() {
        UserId::TYPE => {
            let Some(row) = loaders.users.load(number.into()).await? else {
                return Ok(None);
            };
            let user = User::new(row);
            Ok(user.is_open(ctx, false).await?.then_some(Node::User(user)))
        }
        OrganizationId::TYPE => {
            let access = ctx.visit(number.into(), Gates::READ).await?;
            Ok(access.map(|access| Node::Organization(Organization::of(access.organization()))))
        }
        MemberId::TYPE | InviteId::TYPE => {
            let Some(row) = loaders.members.load(number.into()).await? else {
                return Ok(None);
            };
            let is_own = ctx.actor().is(row.user_id);
            let gates = Gates::READ_MEMBER.at(is_own);
            let Some(access) = ctx.visit(row.organization_id, gates).await? else {
                return Ok(None);
            };
            let row = row.as_ref().clone();
            if kind == MemberId::TYPE {
                let is_open = is_own || access.has(Scope::MemberRead);
                let is_shown = row.invite_status == entity::member::InviteStatus::Approved && row.user_is_active;
                return Ok((is_open && is_shown).then(|| Node::Member(Member::new(row))));
            }
            let settings = loaders.settings.load(row.organization_id).await?;
            let join_requests = settings.is_none_or(|settings| settings.allow_join_requests());
            Ok(domain::invite::is_shown(&access, &row, join_requests).then(|| Node::Invite(Invite::new(row))))
        }
        TeamId::TYPE => {
            let Some(row) = loaders.teams.load(number.into()).await? else {
                return Ok(None);
            };
            let access = ctx.visit(row.organization_id, Gates::READ).await?;
            Ok(access.filter(domain::team::may_read).map(|_| Node::Team(Team(row))))
        }
        TeamMemberId::TYPE => {
            let row = loaders.team_memberships_by_id.load(number.into()).await?;
            let row = row.map(|row| row.as_ref().clone());
            let Some(row) = row.filter(|row| row.is_active) else {
                return Ok(None);
            };
            let Some(team) = loaders.teams.load(row.team_id).await? else {
                return Ok(None);
            };
            let Some(member) = loaders.members.load(row.member_id).await? else {
                return Ok(None);
            };
            let is_shown = member.invite_status == entity::member::InviteStatus::Approved && member.user_is_active;
            let access = ctx.visit(team.organization_id, Gates::READ).await?;
            let is_open = is_shown && access.as_ref().is_some_and(domain::team::may_read);
            Ok(is_open.then_some(Node::TeamMembership(TeamMembership { row, team: Some(team) })))
        }
        AccessRequestId::TYPE => {
            let request = TeamAccessRequest::find(ctx, number.into()).await?;
            Ok(request.map(Node::TeamAccessRequest))
        }
        AuditLogEntryId::TYPE => {
            let row = loaders.audit_log_entries.load(number.into()).await?;
            let row = row.map(|row| row.as_ref().clone());
            let Some(row) = row else { return Ok(None) };
            let access = ctx.visit(row.organization_id, Gates::READ).await?;
            Ok(access
                .filter(|access| access.has(Scope::OrgWrite))
                .map(|_| Node::AuditLogEntry(AuditLogEntry(row))))
        }
        AuthProviderId::TYPE => {
            let row = loaders.auth_providers.load(number.into()).await?;
            let row = row.map(|row| row.as_ref().clone());
            let Some(row) = row else { return Ok(None) };
            let access = ctx.visit(row.organization_id, Gates::READ).await?;
            Ok(access
                .filter(|access| access.has(Scope::OrgRead))
                .map(|_| Node::AuthProvider(AuthProvider(row))))
        }
        ApiTokenId::TYPE => {
            let row = loaders.api_tokens.load(number.into()).await?;
            let row = row.map(|row| row.as_ref().clone());
            let Some(row) = row else { return Ok(None) };
            let access = ctx.visit(row.organization_id, Gates::READ).await?;
            Ok(access
                .filter(|access| access.has(Scope::OrgAdmin))
                .map(|_| Node::ApiToken(ApiToken(row))))
        }
        WebhookId::TYPE => {
            let row = loaders.webhooks.load(number.into()).await?;
            let Some(row) = row.map(|row| row.as_ref().clone()) else {
                return Ok(None);
            };
            let access = ctx.visit(row.organization_id, Gates::READ).await?;
            Ok(access
                .filter(|access| access.has(Scope::OrgAdmin))
                .map(|_| Node::Webhook(Webhook(row))))
        }
        WebhookDeliveryId::TYPE => {
            let row = loaders.webhook_deliveries.load(number.into()).await?;
            let Some(row) = row.map(|row| row.as_ref().clone()) else {
                return Ok(None);
            };
            let access = ctx.visit(row.organization_id, Gates::READ).await?;
            let is_there = loaders.webhooks.load(row.webhook_id).await?.is_some();
            Ok(access
                .filter(|access| is_there && access.has(Scope::OrgAdmin))
                .map(|_| Node::WebhookDelivery(WebhookDelivery(row))))
        }
        _ => Ok(None),
    }
}
