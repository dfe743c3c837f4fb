//! Deleting organizations.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::organization;

use super::Organization;
use crate::{
    domain,
    graphql::{
        context::ContextExt,
        error::{IntoPayload, Payload, Reply, UserError},
        id::row_id,
    },
};

/// What `deleteOrganization` needs.
#[derive(InputObject)]
pub struct DeleteOrganizationInput {
    /// The organization.
    organization_id: ID,
    /// Its slug, once more: a second look at what is to go.
    confirm_slug: String,
}

/// What `deleteOrganization` answers.
#[derive(SimpleObject)]
pub struct DeleteOrganizationPayload {
    /// The organization, which is still there.
    organization: Option<Organization>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<organization::Model> for DeleteOrganizationPayload {
    fn done(organization: organization::Model) -> Self {
        Self {
            organization: Some(Organization::of(&organization)),
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

/// Mutations that delete organizations.
#[derive(Default)]
pub struct DeletionMutation;

#[Object]
impl DeletionMutation {
    /// Asks for the deletion of an organization with everything in it. It is not
    /// deleted before `deletesAt`; until then only callers with org:admin see it,
    /// and `saveOrgOptions` with `cancelDeletion` restores it. All owners get a
    /// mail. Asking once more changes nothing.
    ///
    /// Requires org:admin, and a person who has signed in lately: else
    /// SUDO_REQUIRED, and signing in again helps.
    async fn delete_organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to delete.")] input: DeleteOrganizationInput,
    ) -> Reply<DeleteOrganizationPayload> {
        let organization = row_id(&input.organization_id);
        domain::organization::delete(ctx.app(), ctx.actor(), organization, &input.confirm_slug)
            .await
            .into_payload()
    }
}
