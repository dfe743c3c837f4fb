//! Changing members, and removing them.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::ids::MemberId;

use super::Member;
use crate::{
    domain::{
        self,
        member::{Removed, RolesUpdate, Updated},
    },
    graphql::{
        context::ContextExt,
        error::{IntoPayload, Payload, Reply, UserError},
        id::{global_id, row_id},
        invite::TeamRoleInput,
        organization::Organization,
        scalar::Url,
        team::TeamMembership,
    },
};

/// What `updateMemberRoles` changes. What is absent stays.
#[derive(InputObject)]
pub struct UpdateMemberRolesInput {
    /// The member, joined or pending.
    member_id: ID,
    /// Id of the new org role.
    org_role: Option<String>,
    /// The whole new set of teams, with team roles. Absent or null leaves the
    /// teams as they are; an empty list takes the member out of all teams.
    team_roles: Option<Vec<TeamRoleInput>>,
    /// Send the invite again; for a joined member, the request to link single
    /// sign-on.
    #[graphql(default_with = "Some(false)")]
    reinvite: Option<bool>,
    /// With `reinvite`: make a new link, which ends the old one.
    #[graphql(default_with = "Some(false)")]
    regenerate: Option<bool>,
}

impl From<UpdateMemberRolesInput> for RolesUpdate {
    fn from(input: UpdateMemberRolesInput) -> Self {
        Self {
            member: row_id(&input.member_id),
            org_role: input.org_role,
            team_roles: input
                .team_roles
                .map(|roles| roles.into_iter().map(Into::into).collect()),
            reinvite: input.reinvite.unwrap_or(false),
            regenerate: input.regenerate.unwrap_or(false),
        }
    }
}

/// What `updateMemberRoles` answers.
#[derive(SimpleObject)]
pub struct UpdateMemberRolesPayload {
    /// The member after the change.
    member: Option<Member>,
    /// Memberships whose team role was cleared because the new org role gives
    /// it anyway.
    cleared_team_memberships: Vec<TeamMembership>,
    /// With `reinvite`: the link of the invite, for callers with member:admin
    /// who could give its role.
    accept_url: Option<Url>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<Updated> for UpdateMemberRolesPayload {
    fn done(updated: Updated) -> Self {
        Self {
            member: Some(Member::new(updated.member)),
            cleared_team_memberships: updated
                .cleared
                .into_iter()
                .map(|row| TeamMembership { row, team: None })
                .collect(),
            accept_url: updated.accept_url.map(Url),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            member: None,
            cleared_team_memberships: Vec::new(),
            accept_url: None,
            user_errors,
        }
    }
}

/// What `removeMember` needs.
#[derive(InputObject)]
pub struct RemoveMemberInput {
    /// The member, joined or invited.
    member_id: ID,
}

/// What `removeMember` answers.
#[derive(SimpleObject)]
pub struct RemoveMemberPayload {
    /// Global id of the member who is gone.
    removed_member_id: Option<ID>,
    /// Where the member was. Null if you have removed yourself.
    organization: Option<Organization>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<Removed> for RemoveMemberPayload {
    fn done(removed: Removed) -> Self {
        Self {
            removed_member_id: Some(global_id(removed.member)),
            organization: removed.organization.as_ref().map(Organization::of),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            removed_member_id: None,
            organization: None,
            user_errors,
        }
    }
}

/// What `leaveOrganization` needs.
#[derive(InputObject)]
pub struct LeaveOrganizationInput {
    /// The organization.
    organization_id: ID,
}

/// What `leaveOrganization` answers.
#[derive(SimpleObject)]
pub struct LeaveOrganizationPayload {
    /// Global id of your membership, which is gone.
    removed_member_id: Option<ID>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<MemberId> for LeaveOrganizationPayload {
    fn done(member: MemberId) -> Self {
        Self {
            removed_member_id: Some(global_id(member)),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            removed_member_id: None,
            user_errors,
        }
    }
}

/// Mutations of members.
#[derive(Default)]
pub struct MemberMutation;

#[Object]
impl MemberMutation {
    /// Changes the org role and the team roles of a member together, or sends
    /// the invite again. Team roles that the new org role gives anyway are
    /// cleared. All or nothing.
    ///
    /// Requires member:admin; to send an invite again, what `resendInvite` does.
    async fn update_member_roles(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateMemberRolesInput,
    ) -> Reply<UpdateMemberRolesPayload> {
        domain::member::update_roles(ctx.app(), ctx.actor(), input.into())
            .await
            .into_payload()
    }

    /// Removes a member, or withdraws an open invite. With a person go their
    /// team memberships, their sign-on identity of this organization, and the
    /// invites and invite requests that they have sent and nobody has answered.
    /// The last owner stays.
    ///
    /// Requires member:admin and a role that is not below the member's; for
    /// oneself member:read; for invites that one has sent member:invite, where
    /// members may invite.
    async fn remove_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to remove.")] input: RemoveMemberInput,
    ) -> Reply<RemoveMemberPayload> {
        domain::member::remove(ctx.app(), ctx.actor(), row_id(&input.member_id))
            .await
            .into_payload()
    }

    /// Ends your own membership, as `removeMember` does. Also for members who
    /// are disabled or have yet to link their sign-on identity.
    ///
    /// Requires a signed-in person with member:read.
    async fn leave_organization(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to leave.")] input: LeaveOrganizationInput,
    ) -> Reply<LeaveOrganizationPayload> {
        domain::member::leave(ctx.app(), ctx.actor(), row_id(&input.organization_id))
            .await
            .into_payload()
    }
}
