//! What the link of an invite shows.

use async_graphql::{Context, Enum, ID, Object};
use chrono::{DateTime, Utc};

use crate::{
    domain::{
        self,
        invite::{Preview, Requirement},
    },
    error::Result,
    graphql::{avatar::Avatar, context::ContextExt, error::Reply, id::global_id, role::OrgRole},
};

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
        self.0.row.is_expired(ctx.now())
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

/// The invite that `token` leads to, for the query root.
pub async fn preview(ctx: &Context<'_>, token: &str) -> Result<Option<InvitePreview>> {
    Ok(domain::invite::preview(ctx.app(), ctx.actor(), token)
        .await?
        .map(InvitePreview))
}
