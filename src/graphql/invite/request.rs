//! Asking for invites, and deciding about it.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::{ids::InviteId, member};

use super::Invite;
use crate::{
    domain::{
        self,
        invite::{Approval, Created, NewRequest},
    },
    graphql::{
        context::ContextExt,
        error::{IntoPayload, Payload, Reply, UserError},
        id::{global_id, row_id},
        member::Member,
        scalar::Url,
    },
};

/// What `requestInvite` needs.
#[derive(InputObject)]
pub struct RequestInviteInput {
    /// The organization.
    organization_id: ID,
    /// Whom to invite: an address of at most 75 characters.
    email: String,
    /// Id of the org role to give, whichever it is; the organization's default
    /// role if absent.
    org_role: Option<String>,
    /// Slugs of the teams to give.
    team_slugs: Option<Vec<String>>,
}

impl From<RequestInviteInput> for NewRequest {
    fn from(input: RequestInviteInput) -> Self {
        Self {
            organization: row_id(&input.organization_id),
            email: input.email,
            org_role: input.org_role,
            team_slugs: input.team_slugs,
        }
    }
}

/// What `requestInvite` answers.
#[derive(SimpleObject)]
pub struct RequestInvitePayload {
    /// The open request.
    invite: Option<Invite>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<member::Model> for RequestInvitePayload {
    fn done(request: member::Model) -> Self {
        Self {
            invite: Some(Invite::new(request)),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            invite: None,
            user_errors,
        }
    }
}

/// What `requestToJoin` needs.
#[derive(InputObject)]
pub struct RequestToJoinInput {
    /// Slug of the organization.
    organization_slug: String,
    /// The address to which an invite will go: at most 75 characters.
    email: String,
}

/// What `requestToJoin` answers.
#[derive(SimpleObject)]
pub struct RequestToJoinPayload {
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<()> for RequestToJoinPayload {
    fn done((): ()) -> Self {
        Self {
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self { user_errors }
    }
}

/// What `approveInviteRequest` needs. What is absent stays as it was asked for.
#[derive(InputObject)]
pub struct ApproveInviteRequestInput {
    /// The request.
    invite_id: ID,
    /// Id of another org role to give.
    org_role: Option<String>,
    /// Slugs of the whole new set of teams to give. Absent or null leaves the
    /// teams as they are; an empty list gives none.
    team_slugs: Option<Vec<String>>,
}

impl From<ApproveInviteRequestInput> for Approval {
    fn from(input: ApproveInviteRequestInput) -> Self {
        Self {
            request: row_id::<InviteId>(&input.invite_id).0,
            org_role: input.org_role,
            team_slugs: input.team_slugs,
        }
    }
}

/// What `approveInviteRequest` answers.
#[derive(SimpleObject)]
pub struct ApproveInviteRequestPayload {
    /// The invite that the request has become.
    invite: Option<Invite>,
    /// The pending member.
    member: Option<Member>,
    /// The link that accepts the invite: a secret. Only for callers with
    /// member:admin who could give its role; else null.
    accept_url: Option<Url>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<Created> for ApproveInviteRequestPayload {
    fn done(approved: Created) -> Self {
        Self {
            invite: Some(Invite::new(approved.row.clone())),
            member: Some(Member::new(approved.row)),
            accept_url: approved.accept_url.map(Url),
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

/// What `rejectInviteRequest` needs.
#[derive(InputObject)]
pub struct RejectInviteRequestInput {
    /// The request.
    invite_id: ID,
}

/// What `rejectInviteRequest` answers.
#[derive(SimpleObject)]
pub struct RejectInviteRequestPayload {
    /// The id that the request had.
    rejected_invite_id: Option<ID>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<InviteId> for RejectInviteRequestPayload {
    fn done(rejected: InviteId) -> Self {
        Self {
            rejected_invite_id: Some(global_id(rejected)),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            rejected_invite_id: None,
            user_errors,
        }
    }
}

/// Mutations of requests for invites.
#[derive(Default)]
pub struct InviteRequestMutation;

#[Object]
impl InviteRequestMutation {
    /// Asks those who may to invite an address. They get a mail; the address
    /// gets none before they approve. Refused where people join through the
    /// organization's sign-on provider only.
    ///
    /// Requires member:read.
    async fn request_invite(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to invite, and as what.")] input: RequestInviteInput,
    ) -> Reply<RequestInvitePayload> {
        domain::invite::request(ctx.app(), ctx.actor(), input.into())
            .await
            .into_payload()
    }

    /// Asks for a place in an organization from outside. Whoever can approve it
    /// gets a mail.
    ///
    /// The answer does not tell whether the address is a member's, invited or
    /// asked for already; then nothing happens. Limited per client and day.
    ///
    /// Requires no sign-in.
    async fn request_to_join(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who wants to join what.")] input: RequestToJoinInput,
    ) -> Reply<RequestToJoinPayload> {
        domain::invite::request_to_join(ctx.app(), ctx.actor(), &input.organization_slug, &input.email)
            .await
            .into_payload()
    }

    /// Makes an open request an invite, and mails it. The role and the teams can
    /// be changed by the way; all or nothing.
    ///
    /// Requires member:write or member:admin to reach it, and member:admin with
    /// a role not below the one that is given.
    async fn approve_invite_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to approve, and as what.")] input: ApproveInviteRequestInput,
    ) -> Reply<ApproveInviteRequestPayload> {
        domain::invite::approve(ctx.app(), ctx.actor(), input.into())
            .await
            .into_payload()
    }

    /// Deletes an open request. Nobody gets a mail.
    ///
    /// Requires member:write or member:admin.
    async fn reject_invite_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to reject.")] input: RejectInviteRequestInput,
    ) -> Reply<RejectInviteRequestPayload> {
        let request: InviteId = row_id(&input.invite_id);
        let rejected = domain::invite::reject(ctx.app(), ctx.actor(), request.0).await;
        rejected.map(|()| request).into_payload()
    }
}
