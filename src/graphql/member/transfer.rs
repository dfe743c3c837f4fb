//! Handing an organization over.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::Member;
use crate::{
    domain::{self, member::Transferred},
    graphql::{
        context::ContextExt,
        error::{IntoPayload, Payload, Reply, UserError},
        id::row_id,
        organization::Organization,
    },
};

/// What `transferOwnership` needs.
#[derive(InputObject)]
pub struct TransferOwnershipInput {
    /// The organization, of which you are an owner.
    organization_id: ID,
    /// The member who becomes owner: joined, and not you.
    to_member_id: ID,
}

/// What `transferOwnership` answers.
#[derive(SimpleObject)]
pub struct TransferOwnershipPayload {
    /// The organization.
    organization: Option<Organization>,
    /// The member who is owner now.
    new_owner: Option<Member>,
    /// Your membership, a manager's now.
    previous_owner: Option<Member>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<Transferred> for TransferOwnershipPayload {
    fn done(transferred: Transferred) -> Self {
        Self {
            organization: Some(Organization::of(&transferred.organization)),
            new_owner: Some(Member::new(transferred.new_owner)),
            previous_owner: Some(Member::new(transferred.previous_owner)),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            organization: None,
            new_owner: None,
            previous_owner: None,
            user_errors,
        }
    }
}

/// Mutations that hand an organization over.
#[derive(Default)]
pub struct TransferMutation;

#[Object]
impl TransferMutation {
    /// Makes another member owner, and you a manager, at once. Other owners stay
    /// what they are. Team roles that the new roles give anyway are cleared.
    ///
    /// Requires org:admin and member:admin, and that you are an owner.
    async fn transfer_ownership(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to hand over, and to whom.")] input: TransferOwnershipInput,
    ) -> Reply<TransferOwnershipPayload> {
        let (organization, heir) = (row_id(&input.organization_id), row_id(&input.to_member_id));
        domain::member::transfer_ownership(ctx.app(), ctx.actor(), organization, heir)
            .await
            .into_payload()
    }
}
