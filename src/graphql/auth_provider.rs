//! Single sign-on of organizations.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use entity::{auth_provider, member, organization};

use super::{
    context::ContextExt,
    error::{IntoPayload, Payload, Reply, UserError},
    id::{global_id, row_id},
    member::Member,
    options::told,
    organization::Organization,
};
use crate::domain::{self, auth_provider::Wanted};

/// Single sign-on of an organization.
pub struct AuthProvider(pub auth_provider::Model);

/// Single sign-on of an organization.
#[Object]
impl AuthProvider {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id(self.0.id)
    }

    /// Key of the provider, such as `google` or `saml2`.
    async fn provider(&self) -> &str {
        &self.0.provider
    }

    /// Name to show.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Whether members may also sign in without it.
    async fn is_sso_optional(&self) -> bool {
        self.0.allow_unlinked
    }

    /// Whether members are provisioned by SCIM.
    async fn is_scim_enabled(&self) -> bool {
        self.0.scim_enabled
    }
}

/// What `setAuthProvider` sets up.
#[derive(InputObject)]
pub struct SetAuthProviderInput {
    /// The organization.
    organization_id: ID,
    /// Key of the provider, 1 to 64 characters: what tokens that were issued
    /// through it name in the claim `idp` (or the one that the deployment has
    /// configured). Null removes single sign-on; absent leaves the provider.
    provider: MaybeUndefined<String>,
    /// Name to show: 1 to 64 characters. Absent or null leaves the name of the
    /// same provider; another provider is shown by its key.
    name: Option<String>,
    /// Whether members may also sign in without it.
    #[graphql(default_with = "Some(false)")]
    allow_unlinked: Option<bool>,
    /// Whether members are provisioned by SCIM.
    #[graphql(default_with = "Some(false)")]
    scim_enabled: Option<bool>,
}

impl From<SetAuthProviderInput> for Wanted {
    fn from(input: SetAuthProviderInput) -> Self {
        Self {
            organization: row_id(&input.organization_id),
            provider: told(input.provider),
            name: input.name,
            allow_unlinked: input.allow_unlinked.unwrap_or(false),
            scim_enabled: input.scim_enabled.unwrap_or(false),
        }
    }
}

/// What `setAuthProvider` answers.
#[derive(SimpleObject)]
pub struct SetAuthProviderPayload {
    /// The organization.
    organization: Option<Organization>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<organization::Model> for SetAuthProviderPayload {
    fn done(organization: organization::Model) -> Self {
        Self {
            organization: Some(Organization::with_sso(&organization)),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            organization: None,
            user_errors,
        }
    }
}

/// What `linkSsoIdentity` needs.
#[derive(InputObject)]
pub struct LinkSsoIdentityInput {
    /// The organization.
    organization_id: ID,
}

/// What `linkSsoIdentity` answers.
#[derive(SimpleObject)]
pub struct LinkSsoIdentityPayload {
    /// Your membership. Null also if you have not joined yet.
    member: Option<Member>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<Option<member::Model>> for LinkSsoIdentityPayload {
    fn done(member: Option<member::Model>) -> Self {
        Self {
            member: member.map(Member::new),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            member: None,
            user_errors,
        }
    }
}

/// Mutations of single sign-on.
#[derive(Default)]
pub struct AuthProviderMutation;

#[Object]
impl AuthProviderMutation {
    /// Sets up, changes or removes single sign-on. Unless it is optional, each
    /// member has to link an identity with `linkSsoIdentity` before they get in
    /// again; you too.
    ///
    /// Where the organization requires two-factor authentication, that
    /// requirement ends: a second factor is the provider's business then.
    /// Removing a provider, or naming another, removes the identities that were
    /// linked to it. When SCIM ends, so do the marks of what it has provisioned.
    ///
    /// Requires org:admin.
    async fn set_auth_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to set up.")] input: SetAuthProviderInput,
    ) -> Reply<SetAuthProviderPayload> {
        domain::auth_provider::set(ctx.app(), ctx.actor(), input.into())
            .await
            .into_payload()
    }

    /// Records that your token was issued through the organization's provider,
    /// and so lets you in, or lets you accept an invite. With another token it is
    /// refused with SSO_REQUIRED.
    ///
    /// Requires a signed-in person, who need not be a member yet.
    async fn link_sso_identity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where to link.")] input: LinkSsoIdentityInput,
    ) -> Reply<LinkSsoIdentityPayload> {
        domain::auth_provider::link(ctx.app(), ctx.actor(), row_id(&input.organization_id))
            .await
            .into_payload()
    }
}
