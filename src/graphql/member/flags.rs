//! Flags of members, set from outside of their organization.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::member::{self, flag};

use super::Member;
use crate::{
    domain,
    graphql::{
        context::ContextExt,
        error::{IntoPayload, Payload, Reply, UserError},
        id::row_id,
    },
};

/// What `setMemberFlags` sets (true) and clears (false). What is absent or null
/// stays.
#[derive(InputObject)]
pub struct SetMemberFlagsInput {
    /// The member, joined or pending.
    member_id: ID,
    /// The person has linked an identity of the organization's sign-on provider.
    sso_linked: Option<bool>,
    /// The linked identity stopped being valid.
    sso_invalid: Option<bool>,
    /// Disabled because the organization is over its member limit.
    member_limit_restricted: Option<bool>,
    /// Created by the identity provider, and cannot be removed.
    idp_provisioned: Option<bool>,
    /// The role is managed by the identity provider, and cannot be changed.
    idp_role_restricted: Option<bool>,
    /// Managed by a partner, and can be neither changed nor removed.
    partnership_restricted: Option<bool>,
}

impl SetMemberFlagsInput {
    fn wanted(&self) -> Vec<(i64, bool)> {
        let given = [
            (flag::SSO_LINKED, self.sso_linked),
            (flag::SSO_INVALID, self.sso_invalid),
            (flag::MEMBER_LIMIT_RESTRICTED, self.member_limit_restricted),
            (flag::IDP_PROVISIONED, self.idp_provisioned),
            (flag::IDP_ROLE_RESTRICTED, self.idp_role_restricted),
            (flag::PARTNERSHIP_RESTRICTED, self.partnership_restricted),
        ];
        given
            .into_iter()
            .filter_map(|(flag, is_set)| Some((flag, is_set?)))
            .collect()
    }
}

/// What `setMemberFlags` answers.
#[derive(SimpleObject)]
pub struct SetMemberFlagsPayload {
    /// The member after the change.
    member: Option<Member>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<member::Model> for SetMemberFlagsPayload {
    fn done(member: member::Model) -> Self {
        Self {
            member: Some(Member::new(member)),
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

/// Mutations of members' flags.
#[derive(Default)]
pub struct FlagsMutation;

#[Object]
impl FlagsMutation {
    /// Sets and clears what no member can: the marks of identity providers,
    /// billing and partners.
    ///
    /// Requires a superuser with member:admin.
    async fn set_member_flags(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to set and clear.")] input: SetMemberFlagsInput,
    ) -> Reply<SetMemberFlagsPayload> {
        domain::member::set_flags(ctx.app(), ctx.actor(), row_id(&input.member_id), &input.wanted())
            .await
            .into_payload()
    }
}
