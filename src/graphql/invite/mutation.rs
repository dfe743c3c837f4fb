//! Inviting people, and taking an invite.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::ids::InviteId;

use super::Invite;
use crate::{
    domain::{
        self,
        invite::{Accepted, Created, NewInvite, NewInvites, Outcome, TeamAssignment, Terms},
        member::Resent,
    },
    graphql::{
        context::ContextExt,
        error::{IntoPayload, Payload, Reply, UserError},
        id::{global_id, row_id},
        member::Member,
        organization::Organization,
        scalar::Url,
    },
};

/// A team and the role in it.
#[derive(InputObject)]
pub struct TeamRoleInput {
    /// Slug of the team.
    team_slug: String,
    /// Id of the team role: `contributor` or `admin`. Null: only the minimum
    /// that the org role gives.
    role: Option<String>,
}

impl From<TeamRoleInput> for TeamAssignment {
    fn from(input: TeamRoleInput) -> Self {
        Self {
            slug: input.team_slug,
            role: input.role,
        }
    }
}

/// What `createInvite` needs.
#[derive(InputObject)]
pub struct CreateInviteInput {
    /// The organization.
    organization_id: ID,
    /// Whom to invite: an address of at most 75 characters.
    email: String,
    /// Id of the org role that accepting gives; `member` if absent.
    org_role: Option<String>,
    /// Slugs of the teams that accepting gives.
    team_slugs: Option<Vec<String>>,
    /// Instead of `teamSlugs`: teams with roles. Only the teams count, since
    /// team roles are given after joining.
    team_roles: Option<Vec<TeamRoleInput>>,
    /// Whether to mail the invite. Without, the link is passed on by hand.
    #[graphql(default_with = "Some(true)")]
    send_invite: Option<bool>,
    /// Goes into the link as the query parameter `referrer`.
    referrer: Option<String>,
}

impl From<CreateInviteInput> for NewInvite {
    fn from(input: CreateInviteInput) -> Self {
        Self {
            organization: row_id(&input.organization_id),
            email: input.email,
            terms: Terms {
                org_role: input.org_role,
                team_slugs: input.team_slugs,
                team_roles: input
                    .team_roles
                    .map(|roles| roles.into_iter().map(Into::into).collect()),
                send: input.send_invite.unwrap_or(true),
                referrer: input.referrer,
            },
        }
    }
}

/// What `createInvite` answers.
#[derive(SimpleObject)]
pub struct CreateInvitePayload {
    /// The invite.
    invite: Option<Invite>,
    /// The pending member.
    member: Option<Member>,
    /// The link that accepts the invite: a secret. Shown only here, and only to
    /// callers with member:admin who could give the role; else null.
    accept_url: Option<Url>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<Created> for CreateInvitePayload {
    fn done(created: Created) -> Self {
        Self {
            invite: Some(Invite::new(created.row.clone())),
            member: Some(Member::new(created.row)),
            accept_url: created.accept_url.map(Url),
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

/// What `createInvites` needs.
#[derive(InputObject)]
pub struct CreateInvitesInput {
    /// The organization.
    organization_id: ID,
    /// Whom to invite: 1 to 100 addresses of at most 75 characters each.
    emails: Vec<String>,
    /// Id of the org role that accepting gives; `member` if absent.
    org_role: Option<String>,
    /// Slugs of the teams that accepting gives.
    team_slugs: Option<Vec<String>>,
    /// Whether to mail the invites. Without, the links are passed on by hand.
    #[graphql(default_with = "Some(true)")]
    send_invite: Option<bool>,
}

impl From<CreateInvitesInput> for NewInvites {
    fn from(input: CreateInvitesInput) -> Self {
        Self {
            organization: row_id(&input.organization_id),
            emails: input.emails,
            terms: Terms {
                org_role: input.org_role,
                team_slugs: input.team_slugs,
                team_roles: None,
                send: input.send_invite.unwrap_or(true),
                referrer: None,
            },
        }
    }
}

/// What `createInvites` answers.
#[derive(SimpleObject)]
pub struct CreateInvitesPayload {
    /// What became of each address, in the order in which they were given.
    results: Vec<CreateInviteResult>,
    /// Why nobody was invited; empty if each address has a result of its own.
    user_errors: Vec<UserError>,
}

impl Payload<Vec<Outcome>> for CreateInvitesPayload {
    fn done(outcomes: Vec<Outcome>) -> Self {
        Self {
            results: outcomes.into_iter().map(Into::into).collect(),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            results: Vec::new(),
            user_errors,
        }
    }
}

/// What became of one address of `createInvites`.
#[derive(SimpleObject)]
pub struct CreateInviteResult {
    /// The address as it was given.
    email: String,
    /// Its invite.
    invite: Option<Invite>,
    /// The link that accepts the invite: a secret. Shown only here, and only to
    /// callers with member:admin who could give the role; else null.
    accept_url: Option<Url>,
    /// Why the address was not invited; empty if it was. The path leads to the
    /// address: `["input", "emails", "3"]`.
    user_errors: Vec<UserError>,
}

impl From<Outcome> for CreateInviteResult {
    fn from(outcome: Outcome) -> Self {
        let (created, user_errors) = match outcome.result {
            Ok(created) => (Some(created), Vec::new()),
            Err(error) => (None, UserError::of_part(error)),
        };
        let (invite, accept_url) = created
            .map(|created| (Invite::new(created.row), created.accept_url))
            .unzip();
        Self {
            email: outcome.email,
            invite,
            accept_url: accept_url.flatten().map(Url),
            user_errors,
        }
    }
}

/// What `revokeInvite` needs.
#[derive(InputObject)]
pub struct RevokeInviteInput {
    /// The invite.
    invite_id: ID,
}

/// What `revokeInvite` answers.
#[derive(SimpleObject)]
pub struct RevokeInvitePayload {
    /// The id that the invite had.
    revoked_invite_id: Option<ID>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<InviteId> for RevokeInvitePayload {
    fn done(revoked: InviteId) -> Self {
        Self {
            revoked_invite_id: Some(global_id(revoked)),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            revoked_invite_id: None,
            user_errors,
        }
    }
}

/// What `resendInvite` needs.
#[derive(InputObject)]
pub struct ResendInviteInput {
    /// The member, pending or joined.
    member_id: ID,
    /// Make a new link with a whole lifetime before it, which ends the old one.
    #[graphql(default_with = "Some(false)")]
    regenerate: Option<bool>,
}

/// What `resendInvite` answers.
#[derive(SimpleObject)]
pub struct ResendInvitePayload {
    /// The member.
    member: Option<Member>,
    /// The invite. Null for a member who has joined.
    invite: Option<Invite>,
    /// The link of the invite: a secret. Only for callers with member:admin who
    /// could give its role; else null.
    accept_url: Option<Url>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<Resent> for ResendInvitePayload {
    fn done(resent: Resent) -> Self {
        Self {
            invite: resent.member.is_invite().then(|| Invite::new(resent.member.clone())),
            member: Some(Member::new(resent.member)),
            accept_url: resent.accept_url.map(Url),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            member: None,
            invite: None,
            accept_url: None,
            user_errors,
        }
    }
}

/// What `acceptInvite` needs.
#[derive(InputObject)]
pub struct AcceptInviteInput {
    /// The last part of the invite's link.
    token: String,
}

/// What `acceptInvite` answers.
#[derive(SimpleObject)]
pub struct AcceptInvitePayload {
    /// Your membership.
    member: Option<Member>,
    /// The organization that you have joined.
    organization: Option<Organization>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<Accepted> for AcceptInvitePayload {
    fn done(accepted: Accepted) -> Self {
        Self {
            organization: Some(Organization::of(&accepted.organization)),
            member: Some(Member::new(accepted.member)),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            member: None,
            organization: None,
            user_errors,
        }
    }
}

/// Mutations of invites.
#[derive(Default)]
pub struct InviteMutation;

#[Object]
impl InviteMutation {
    /// Joins the organization that the link of an invite leads to. The link
    /// works once, for whoever holds it.
    ///
    /// Refused while something of `InvitePreview.requirements` is left to do.
    /// Who is a member already gets ALREADY_MEMBER, and the invite is withdrawn.
    ///
    /// Requires a signed-in person.
    async fn accept_invite(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The invite.")] input: AcceptInviteInput,
    ) -> Reply<AcceptInvitePayload> {
        domain::invite::accept(ctx.app(), ctx.actor(), &input.token)
            .await
            .into_payload()
    }

    /// Invites an address: holds a place open for whoever gets the link.
    ///
    /// Requires member:write or member:admin; or member:invite where members may
    /// invite.
    async fn create_invite(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to invite, and as what.")] input: CreateInviteInput,
    ) -> Reply<CreateInvitePayload> {
        domain::invite::create(ctx.app(), ctx.actor(), input.into())
            .await
            .into_payload()
    }
    /// Invites up to 100 addresses alike, each as if `createInvite` were called
    /// for it alone, in the order given: one that is refused keeps no other from
    /// its invite, and each counts against the rate limits.
    ///
    /// What concerns all of them (the role, the teams, the number of addresses)
    /// is refused in the payload's own `userErrors`, and then nobody was
    /// invited. An address that is given twice is invited once; the second
    /// result is ALREADY_INVITED.
    ///
    /// Requires member:write or member:admin; or member:invite where members may
    /// invite.
    async fn create_invites(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to invite, and as what.")] input: CreateInvitesInput,
    ) -> Reply<CreateInvitesPayload> {
        domain::invite::create_many(ctx.app(), ctx.actor(), input.into())
            .await
            .into_payload()
    }

    /// Withdraws an invite: its link ends, and its address can be invited again.
    /// Requests are not withdrawn but rejected.
    ///
    /// Requires member:admin and a role not below the invite's; or member:invite
    /// for invites of one's own, where members may invite.
    async fn revoke_invite(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to withdraw.")] input: RevokeInviteInput,
    ) -> Reply<RevokeInvitePayload> {
        let invite: InviteId = row_id(&input.invite_id);
        let revoked = domain::invite::revoke(ctx.app(), ctx.actor(), invite.0).await;
        revoked.map(|()| invite).into_payload()
    }

    /// Mails an invite again, or, to a member who has joined but not linked
    /// single sign-on, the request to do so.
    ///
    /// The link stays the same unless `regenerate` asks for a new one; an
    /// invite that has expired needs one. Counts as an invite against the rate
    /// limits. Where invites are not mailed, only the link is answered.
    ///
    /// Requires member:admin; or member:invite for invites of one's own, where
    /// members may invite; or, of an API token, member:write for any invite.
    async fn resend_invite(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to send again.")] input: ResendInviteInput,
    ) -> Reply<ResendInvitePayload> {
        domain::member::resend(
            ctx.app(),
            ctx.actor(),
            row_id(&input.member_id),
            input.regenerate.unwrap_or(false),
        )
        .await
        .into_payload()
    }
}
