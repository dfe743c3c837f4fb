//! Making, changing and deleting teams.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::team;

use super::Team;
use crate::{
    domain::{
        self,
        team::{Deleted, TeamUpdate},
    },
    graphql::{
        context::ContextExt,
        error::{IntoPayload, Payload, Reply, UserError},
        id::{global_id, row_id},
        organization::Organization,
    },
};

/// What `createTeam` needs.
#[derive(InputObject)]
pub struct CreateTeamInput {
    /// The organization.
    organization_id: ID,
    /// Name to show: 1 to 64 characters.
    name: String,
    /// Name in addresses: 3 to 50 lower-case letters, digits and dashes. Made
    /// from the name if absent.
    slug: Option<String>,
}

/// What `createTeam` answers.
#[derive(SimpleObject)]
pub struct CreateTeamPayload {
    /// The new team.
    team: Option<Team>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<team::Model> for CreateTeamPayload {
    fn done(team: team::Model) -> Self {
        Self {
            team: Some(Team(Arc::new(team))),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            team: None,
            user_errors,
        }
    }
}

/// What `updateTeam` changes. What is absent or null stays.
#[derive(InputObject)]
pub struct UpdateTeamInput {
    /// The team.
    team_id: ID,
    /// Name to show: 1 to 64 characters.
    name: Option<String>,
    /// Name in addresses: 3 to 50 lower-case letters, digits and dashes, unique
    /// within the organization.
    slug: Option<String>,
    /// Whether its members come from the identity provider and cannot be
    /// changed here.
    ///
    /// Requires a superuser.
    is_idp_provisioned: Option<bool>,
}

impl From<UpdateTeamInput> for TeamUpdate {
    fn from(input: UpdateTeamInput) -> Self {
        Self {
            team: row_id(&input.team_id),
            name: input.name,
            slug: input.slug,
            is_idp_provisioned: input.is_idp_provisioned,
        }
    }
}

/// What `updateTeam` answers.
#[derive(SimpleObject)]
pub struct UpdateTeamPayload {
    /// The team after the change.
    team: Option<Team>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<team::Model> for UpdateTeamPayload {
    fn done(team: team::Model) -> Self {
        Self {
            team: Some(Team(Arc::new(team))),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            team: None,
            user_errors,
        }
    }
}

/// What `deleteTeam` needs.
#[derive(InputObject)]
pub struct DeleteTeamInput {
    /// The team.
    team_id: ID,
}

/// What `deleteTeam` answers.
#[derive(SimpleObject)]
pub struct DeleteTeamPayload {
    /// Global id of the team that is gone.
    deleted_team_id: Option<ID>,
    /// The organization it belonged to.
    organization: Option<Organization>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<Deleted> for DeleteTeamPayload {
    fn done(deleted: Deleted) -> Self {
        Self {
            deleted_team_id: Some(global_id(deleted.team)),
            organization: Some(Organization::of(&deleted.organization)),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            deleted_team_id: None,
            organization: None,
            user_errors,
        }
    }
}

/// Mutations of teams themselves.
#[derive(Default)]
pub struct TeamMutation;

#[Object]
impl TeamMutation {
    /// Makes a team, without members.
    ///
    /// Requires org:write or team:write.
    async fn create_team(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new team.")] input: CreateTeamInput,
    ) -> Reply<CreateTeamPayload> {
        let organization = row_id(&input.organization_id);
        domain::team::create(ctx.app(), ctx.actor(), organization, &input.name, input.slug)
            .await
            .into_payload()
    }

    /// Changes a team's name or slug. Superusers also say whether its members
    /// come from the identity provider.
    ///
    /// Requires org:write, or team:write on the team.
    async fn update_team(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateTeamInput,
    ) -> Reply<UpdateTeamPayload> {
        domain::team::update(ctx.app(), ctx.actor(), input.into())
            .await
            .into_payload()
    }

    /// Deletes a team. It disappears at once, for everybody, with its
    /// memberships and access requests; members stay in the organization. A team
    /// whose members come from the identity provider is deleted there: IDP_TEAM.
    ///
    /// Requires org:write, or team:admin on the team.
    async fn delete_team(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The team.")] input: DeleteTeamInput,
    ) -> Reply<DeleteTeamPayload> {
        domain::team::delete(ctx.app(), ctx.actor(), row_id(&input.team_id))
            .await
            .into_payload()
    }
}
