//! Who is in a team.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::{member, team, team_member};
use sea_orm::ColumnTrait;

use super::{Team, TeamAccessRequest};
use crate::{
    domain::{
        self,
        team::{Joined, Left, Place},
    },
    error::{Code, Error, Result},
    graphql::{
        context::ContextExt,
        error::{Fault, IntoPayload, Payload, Reply, UserError},
        id::{global_id, row_id},
        loaders::InTeam,
        member::Member,
        page::Order,
        role::TeamRole,
    },
};

/// The place of a member in a team.
pub struct TeamMembership {
    /// The membership's row.
    pub row: team_member::Model,
    /// Its team, where that is known already.
    pub team: Option<Arc<team::Model>>,
}

impl TeamMembership {
    async fn member_row(&self, ctx: &Context<'_>) -> Result<Arc<member::Model>> {
        let row = ctx.loaders().members.load(self.row.member_id).await?;
        row.ok_or_else(|| Error::internal("a team membership without a member"))
    }
}

impl From<InTeam> for TeamMembership {
    fn from((row, team): InTeam) -> Self {
        Self { row, team: Some(team) }
    }
}

impl From<(team_member::Model, team::Model)> for TeamMembership {
    fn from((row, team): (team_member::Model, team::Model)) -> Self {
        Self {
            row,
            team: Some(Arc::new(team)),
        }
    }
}

/// The place of a member in a team.
#[Object]
impl TeamMembership {
    /// Global id. Replacing a member's teams may give memberships new ids.
    pub async fn id(&self) -> ID {
        global_id(self.row.id)
    }

    /// The team.
    async fn team(&self, ctx: &Context<'_>) -> Reply<Team> {
        let team = match &self.team {
            Some(team) => Some(team.clone()),
            None => ctx.loaders().teams.load(self.row.team_id).await?,
        };
        team.map(Team).ok_or_else(|| Fault::from(Code::TeamNotFound))
    }

    /// The member.
    async fn member(&self, ctx: &Context<'_>) -> Reply<Member> {
        Ok(self.member_row(ctx).await?.into())
    }

    /// The team role that was given. Null: only the minimum that the org role
    /// gives.
    async fn role(&self, ctx: &Context<'_>) -> Option<TeamRole> {
        domain::team::stored_role(ctx.app(), &self.row).map(TeamRole)
    }

    /// The team role that counts: the one that was given, or the minimum that
    /// the org role gives if that is higher.
    async fn effective_role(&self, ctx: &Context<'_>) -> Reply<TeamRole> {
        let member = self.member_row(ctx).await?;
        let minimum = ctx.app().roles.stored(&member.role).minimum_team_role;
        Ok(TeamRole(domain::team::effective_role(ctx.app(), minimum, &self.row)))
    }
}

/// The order of a team's memberships.
pub fn memberships_order() -> Order<team_member::Model> {
    Order::by_id(
        "team membership",
        team_member::Column::Id.into_expr(),
        |row: &team_member::Model| row.id.0,
    )
}

fn place(team: &ID, member: &ID) -> Place {
    Place {
        team: row_id(team),
        member: row_id(member),
    }
}

/// What `addTeamMember` needs.
#[derive(InputObject)]
pub struct AddTeamMemberInput {
    /// The team.
    team_id: ID,
    /// The member, joined or pending; your own to join.
    member_id: ID,
}

/// What `addTeamMember` answers: one of both, unless it was refused.
#[derive(SimpleObject)]
pub struct AddTeamMemberPayload {
    /// The place in the team, new or not.
    team_membership: Option<TeamMembership>,
    /// The request that somebody else has to decide, new or not.
    access_request: Option<TeamAccessRequest>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<Joined> for AddTeamMemberPayload {
    fn done(joined: Joined) -> Self {
        let (team_membership, access_request) = match joined {
            Joined::Member(row, team) => (Some((row, team).into()), None),
            Joined::Requested(row) => (None, Some(TeamAccessRequest(row))),
        };
        Self {
            team_membership,
            access_request,
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            team_membership: None,
            access_request: None,
            user_errors,
        }
    }
}

/// What `removeTeamMember` needs.
#[derive(InputObject)]
pub struct RemoveTeamMemberInput {
    /// The team.
    team_id: ID,
    /// The member; your own to leave.
    member_id: ID,
}

/// What `removeTeamMember` answers.
#[derive(SimpleObject)]
pub struct RemoveTeamMemberPayload {
    /// Global id of the place that is gone. Null when the member was not in the
    /// team.
    removed_team_membership_id: Option<ID>,
    /// The team.
    team: Option<Team>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<Left> for RemoveTeamMemberPayload {
    fn done(left: Left) -> Self {
        Self {
            removed_team_membership_id: left.membership.map(global_id),
            team: Some(Team(Arc::new(left.team))),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            removed_team_membership_id: None,
            team: None,
            user_errors,
        }
    }
}

/// What `updateTeamMemberRole` needs.
#[derive(InputObject)]
pub struct UpdateTeamMemberRoleInput {
    /// The team.
    team_id: ID,
    /// The member, who is in the team.
    member_id: ID,
    /// Id of the new team role.
    team_role: String,
}

/// What `updateTeamMemberRole` answers.
#[derive(SimpleObject)]
pub struct UpdateTeamMemberRolePayload {
    /// The place in the team with its new role.
    team_membership: Option<TeamMembership>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<(team_member::Model, team::Model)> for UpdateTeamMemberRolePayload {
    fn done(membership: (team_member::Model, team::Model)) -> Self {
        Self {
            team_membership: Some(membership.into()),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            team_membership: None,
            user_errors,
        }
    }
}

/// Mutations of who is in a team.
#[derive(Default)]
pub struct TeamMembershipMutation;

#[Object]
impl TeamMembershipMutation {
    /// Puts a member into a team, without a team role. Where membership is
    /// closed, only managers, owners and those who manage the team do that at
    /// once; for everybody else it opens an access request, and those who can
    /// decide it are told by mail. Does nothing for who is in the team already.
    ///
    /// Requires org:read, org:write or team:write; of an app, while membership
    /// is closed, org:write or team:write to do it at once.
    async fn add_team_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and into which team.")] input: AddTeamMemberInput,
    ) -> Reply<AddTeamMemberPayload> {
        let place = place(&input.team_id, &input.member_id);
        domain::team::add(ctx.app(), ctx.actor(), place).await.into_payload()
    }

    /// Takes a member out of a team, or leaves it. Does nothing for who is not
    /// in the team.
    ///
    /// Requires org:read, org:write, org:admin or team:admin; for others than
    /// oneself org:write, or team:write in the team.
    async fn remove_team_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and out of which team.")] input: RemoveTeamMemberInput,
    ) -> Reply<RemoveTeamMemberPayload> {
        let place = place(&input.team_id, &input.member_id);
        domain::team::remove(ctx.app(), ctx.actor(), place).await.into_payload()
    }

    /// Changes the team role of a member who is in the team. What the org role
    /// gives anyway is not stored: `role` is null then.
    ///
    /// Requires org:write, or team:write in the team, and for both the new and
    /// the present role one that is not above your own there; of an app
    /// org:write, member:write or team:write.
    async fn update_team_member_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose role in which team.")] input: UpdateTeamMemberRoleInput,
    ) -> Reply<UpdateTeamMemberRolePayload> {
        let place = place(&input.team_id, &input.member_id);
        domain::team::set_role(ctx.app(), ctx.actor(), place, &input.team_role)
            .await
            .into_payload()
    }
}
