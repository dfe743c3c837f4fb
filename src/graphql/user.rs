//! People, and the caller.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{ids::OrganizationId, user};

use super::{
    avatar::Avatar,
    context::ContextExt,
    error::{IntoPayload, Payload, Reply, UserError, nullable},
    id::{global_id, row_id},
    invite::Invite,
    member::Member,
    page::{self, Page, Window},
    scalar::Url,
};
use crate::{access::Gates, auth::Who, domain, error::Result, roles::Scope};

/// The name of whom the caller may not see.
pub const UNKNOWN: &str = "Unknown";

/// A person.
#[derive(Clone)]
pub struct User {
    row: Arc<user::Model>,
    /// An organization of the person through which the caller came here.
    via: Option<OrganizationId>,
}

impl User {
    /// A person met outside of an organization.
    pub fn new(row: Arc<user::Model>) -> Self {
        Self { row, via: None }
    }

    /// A person met as a member of an organization that the caller may see.
    pub fn fellow(row: Arc<user::Model>, via: OrganizationId) -> Self {
        Self { row, via: Some(via) }
    }

    async fn shown_name(&self, ctx: &Context<'_>) -> Result<String> {
        // The address must not come out by this door.
        if self.row.name.is_empty() && !self.is_open(ctx, false).await? {
            return Ok(UNKNOWN.into());
        }
        Ok(self.row.display_name().to_owned())
    }

    fn is_caller(&self, ctx: &Context<'_>) -> bool {
        ctx.actor().user_id() == Some(self.row.id)
    }

    /// Whether the caller may see what fellow members see and, with
    /// `as_admin`, what member:admin of a shared organization sees.
    pub async fn is_open(&self, ctx: &Context<'_>, as_admin: bool) -> Result<bool> {
        if self.is_caller(ctx) {
            return Ok(true);
        }
        if !as_admin && self.via.is_some() {
            return Ok(true);
        }
        let shared = match self.via {
            Some(organization) => Arc::new(vec![organization]),
            None => ctx.loaders().shared_organizations.load(self.row.id).await?,
        };
        // Many resolvers wait for the same loader at once, so this is a batch.
        let visits = shared.iter().map(|organization| ctx.visit(*organization, Gates::READ));
        for access in futures_util::future::join_all(visits).await {
            // A gate that is closed opens nothing, and is no error here.
            if let Ok(Some(access)) = access
                && (if as_admin {
                    access.has(Scope::MemberAdmin)
                } else {
                    access.has(Scope::MemberRead)
                })
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// A person, as the identity provider describes them.
#[Object]
impl User {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id(self.row.id)
    }

    /// The name to show: the person's name, else the address, else the
    /// provider's id of the person.
    async fn name(&self, ctx: &Context<'_>) -> Reply<String> {
        Ok(self.shown_name(ctx).await?)
    }

    /// The primary address. Null for people who share no organization with you.
    ///
    /// Requires member:read in a shared organization, except for oneself.
    async fn email(&self, ctx: &Context<'_>) -> Option<Reply<String>> {
        let is_open = self.is_open(ctx, false).await;
        nullable(is_open.map(|is_open| self.row.email.clone().filter(|_| is_open)))
    }

    /// Whether the identity provider vouches for the address. Null unless it is
    /// you or you have member:admin in an organization of theirs.
    ///
    /// Requires member:admin in a shared organization, except for oneself.
    async fn is_email_verified(&self, ctx: &Context<'_>) -> Option<Reply<bool>> {
        let is_open = self.is_open(ctx, true).await;
        nullable(is_open.map(|is_open| is_open.then_some(self.row.is_email_verified)))
    }

    /// Whether the person signs in with a second factor. Null unless it is you
    /// or you have member:admin in an organization of theirs.
    ///
    /// Requires member:admin in a shared organization, except for oneself.
    async fn has_two_factor(&self, ctx: &Context<'_>) -> Option<Reply<bool>> {
        if let Some(person) = ctx.actor().person().filter(|_| self.is_caller(ctx)) {
            return Some(Ok(person.has_two_factor));
        }
        let is_open = self.is_open(ctx, true).await;
        nullable(is_open.map(|is_open| is_open.then_some(self.row.has_two_factor)))
    }

    /// What stands for the person where there is little room.
    async fn avatar(&self, ctx: &Context<'_>) -> Reply<Avatar> {
        Ok(Avatar::of_user(&self.row, self.shown_name(ctx).await?))
    }

    /// A picture of the person: what they have chosen, else what their identity
    /// provider has. Null where there is none.
    async fn avatar_url(&self, ctx: &Context<'_>) -> Option<Url> {
        let avatar = Avatar::of_user(&self.row, String::new());
        if avatar.is_chosen {
            avatar.address(ctx, i32::MAX)
        } else {
            self.row.avatar_url.clone().map(Url)
        }
    }

    /// When the person was first seen.
    async fn created_at(&self) -> DateTime<Utc> {
        self.row.date_added
    }

    /// Whether this is you.
    async fn is_viewer(&self, ctx: &Context<'_>) -> bool {
        self.is_caller(ctx)
    }
}

/// Whoever sends the request.
pub struct Viewer;

/// You: whoever sends the request.
#[Object]
impl Viewer {
    /// The person. Null when the request comes from an app.
    async fn user(&self, ctx: &Context<'_>) -> Option<User> {
        Some(User::new(Arc::new(ctx.actor().person()?.user.clone())))
    }

    /// Whether you may do everything.
    async fn is_superuser(&self, ctx: &Context<'_>) -> bool {
        ctx.actor().person().is_some_and(|person| person.is_superuser)
    }

    /// What your credential is limited to. Null when it has no limit of its own.
    async fn scopes(&self, ctx: &Context<'_>) -> Option<Vec<String>> {
        match &ctx.actor().who {
            Who::Anonymous => None,
            Who::Person(person) => person.limit.map(|limit| limit.names()),
            Who::App(app) => Some(app.scopes.names()),
        }
    }

    /// Your memberships, oldest first. They are listed also where the
    /// organization asks for more before it lets you in: then
    /// `organization` answers with an error that says what.
    async fn memberships(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning: 1 to 100, 25 if not given.")] first: Option<i32>,
        #[graphql(desc = "Cursor after which to begin.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor before which to end.")] before: Option<String>,
    ) -> Reply<Page<Option<Member>>> {
        let window = Window::new(first, after, last, before)?;
        let query = domain::member::memberships_of(ctx.app(), ctx.actor());
        page::read(&ctx.app().db, query, &super::member::by_id(), &window, |row| {
            Some(Member::new(row))
        })
        .await
    }

    /// Open invites to your verified address, oldest first. The link that
    /// accepts one is in the mail.
    async fn invites(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning: 1 to 100, 25 if not given.")] first: Option<i32>,
        #[graphql(desc = "Cursor after which to begin.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor before which to end.")] before: Option<String>,
    ) -> Reply<Page<Invite>> {
        let window = Window::new(first, after, last, before)?;
        let query = domain::invite::addressed_to(ctx.actor());
        page::read(&ctx.app().db, query, &super::invite::by_id(), &window, Invite::new).await
    }

    /// Whether `createOrganization` would let you, rate limits aside.
    async fn can_create_organization(&self, ctx: &Context<'_>) -> bool {
        domain::organization::may_create(ctx.app(), ctx.actor()).is_ok()
    }
}

/// What `setUserActive` needs.
#[derive(InputObject)]
pub struct SetUserActiveInput {
    /// The person.
    user_id: ID,
    /// Whether they may sign in.
    is_active: bool,
}

/// What `setUserActive` answers.
#[derive(SimpleObject)]
pub struct SetUserActivePayload {
    /// The person.
    user: Option<User>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<user::Model> for SetUserActivePayload {
    fn done(user: user::Model) -> Self {
        Self {
            user: Some(User::new(Arc::new(user))),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            user: None,
            user_errors,
        }
    }
}

/// Mutations of people.
#[derive(Default)]
pub struct UserMutation;

#[Object]
impl UserMutation {
    /// Lets a person sign in, or no longer. Tokens of an inactive person are
    /// refused at once, their memberships stay and are not shown, and they do
    /// not count as owners. API tokens that they made stay good.
    ///
    /// Requires a superuser with member:admin.
    async fn set_user_active(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and whether.")] input: SetUserActiveInput,
    ) -> Reply<SetUserActivePayload> {
        domain::user::set_active(ctx.app(), ctx.actor(), row_id(&input.user_id), input.is_active)
            .await
            .into_payload()
    }
}
