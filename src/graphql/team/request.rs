//! Requests for access to a team.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{access_request, ids::AccessRequestId, member::InviteStatus};
use sea_orm::ColumnTrait;

use super::{Team, TeamMembership};
use crate::{
    access::Gates,
    domain::{self, team::Decided},
    error::{Code, Result},
    graphql::{
        context::ContextExt,
        error::{Fault, IntoPayload, Payload, Reply, UserError, nullable},
        id::{global_id, row_id},
        member::Member,
        page::Order,
        user::User,
    },
};

/// A wish to be in a team that waits for a decision.
pub struct TeamAccessRequest(pub access_request::Model);

impl TeamAccessRequest {
    /// The request with this id, if it waits and the caller may see it.
    pub async fn find(ctx: &Context<'_>, id: AccessRequestId) -> Result<Option<Self>> {
        let loaders = ctx.loaders();
        let Some(row) = loaders.access_requests.load(id).await? else {
            return Ok(None);
        };
        let (Some(team), Some(member)) = (
            loaders.teams.load(row.team_id).await?,
            loaders.members.load(row.member_id).await?,
        ) else {
            return Ok(None);
        };
        let Some(access) = ctx.visit(team.organization_id, Gates::READ).await? else {
            return Ok(None);
        };
        let membership = |member| loaders.team_memberships.load((team.id, member));
        let own = match access.membership() {
            Some(own) => membership(own.id).await?,
            None => None,
        };
        let is_waiting = member.invite_status == InviteStatus::Approved
            && member.user_is_active
            && membership(member.id).await?.is_none();
        let is_shown = is_waiting && domain::team::is_shown(ctx.app(), &access, &row, own.as_deref());
        Ok(is_shown.then(|| Self(row.as_ref().clone())))
    }

    /// The order in which requests came.
    pub fn by_id() -> Order<access_request::Model> {
        Order::by_id(
            "team access request",
            access_request::Column::Id.into_expr(),
            |row: &access_request::Model| row.id.0,
        )
    }
}

/// A wish to be in a team that waits for a decision.
#[Object]
impl TeamAccessRequest {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id(self.0.id)
    }

    /// The team.
    async fn team(&self, ctx: &Context<'_>) -> Reply<Team> {
        let team = ctx.loaders().teams.load(self.0.team_id).await?;
        team.map(Team).ok_or_else(|| Fault::from(Code::TeamNotFound))
    }

    /// Who is to get in.
    async fn member(&self, ctx: &Context<'_>) -> Reply<Member> {
        let row = ctx.loaders().members.load(self.0.member_id).await?;
        let row = row.ok_or_else(|| Fault::from(Code::MemberNotFound))?;
        Ok(Member::new(row.as_ref().clone()))
    }

    /// Who asks for it. Null when the member does, or an app.
    ///
    /// Requires member:read, except for oneself.
    async fn requester(&self, ctx: &Context<'_>) -> Option<Reply<User>> {
        let id = self.0.requester_id?;
        let user = async {
            let is_own = ctx.actor().user_id() == Some(id);
            if !is_own && !ctx.sees_members(self.0.organization_id).await? {
                return Ok::<_, Fault>(None);
            }
            Ok(ctx.loaders().users.load(id).await?.map(User::new))
        };
        nullable(user.await)
    }

    /// When it was asked.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.date_added
    }
}

/// What `decideTeamAccessRequest` needs.
#[derive(InputObject)]
pub struct DecideTeamAccessRequestInput {
    /// The request.
    request_id: ID,
    /// True puts the member into the team, false does not; the request is closed
    /// either way.
    is_approved: bool,
}

/// What `decideTeamAccessRequest` answers.
#[derive(SimpleObject)]
pub struct DecideTeamAccessRequestPayload {
    /// The place in the team, if the request was approved.
    team_membership: Option<TeamMembership>,
    /// Global id of the request, which is gone.
    closed_request_id: Option<ID>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<Decided> for DecideTeamAccessRequestPayload {
    fn done(decided: Decided) -> Self {
        Self {
            team_membership: decided.membership.map(TeamMembership::from),
            closed_request_id: Some(global_id(decided.request)),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            team_membership: None,
            closed_request_id: None,
            user_errors,
        }
    }
}

/// Mutations of requests for access to a team.
#[derive(Default)]
pub struct TeamAccessRequestMutation;

#[Object]
impl TeamAccessRequestMutation {
    /// Approves or denies a request for access to a team. Who is let in is told
    /// by mail; who is not, is not.
    ///
    /// Requires org:write, org:admin, member:write, member:admin, or team:write
    /// on the team.
    async fn decide_team_access_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The decision.")] input: DecideTeamAccessRequestInput,
    ) -> Reply<DecideTeamAccessRequestPayload> {
        domain::team::decide(ctx.app(), ctx.actor(), row_id(&input.request_id), input.is_approved)
            .await
            .into_payload()
    }
}
