//! Teams and who is in them.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{member, team, team_member};
use sea_orm::ColumnTrait;

use super::{
    context::ContextExt,
    error::{Fault, IntoPayload, Payload, Reply, UserError},
    id::{global_id, row_id},
    member::Member,
    organization::Organization,
    page::{self, Order, Page, Total, Window},
    role::TeamRole,
};
use crate::{
    access::{Access, Gates},
    domain,
    error::{Code, Error, Result},
    roles,
};

/// An active team.
pub struct Team(pub Arc<team::Model>);

impl Team {
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        ctx.access(self.0.organization_id, Gates::READ).await
    }

    async fn viewer_row(&self, ctx: &Context<'_>, access: &Access) -> Result<Option<Arc<team_member::Model>>> {
        let Some(membership) = access.membership() else {
            return Ok(None);
        };
        Ok(ctx.loaders().team_memberships.load((self.0.id, membership.id)).await?)
    }
}

/// A team of an organization.
#[Object]
impl Team {
    /// Global id.
    pub async fn id(&self) -> ID {
        global_id(self.0.id)
    }

    /// The organization it belongs to.
    async fn organization(&self, ctx: &Context<'_>) -> Reply<Organization> {
        Ok(Organization::of(self.access(ctx).await?.organization()))
    }

    /// Name in addresses, unique within the organization.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// Name to show.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Whether its members come from the identity provider and cannot be
    /// changed here.
    async fn is_idp_provisioned(&self) -> bool {
        self.0.idp_provisioned
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.date_added
    }

    /// Who is in it, oldest membership first.
    async fn memberships(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning: 1 to 100, 25 if not given.")] first: Option<i32>,
        #[graphql(desc = "Cursor after which to begin.")] after: Option<String>,
        #[graphql(desc = "How many from the end: 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Cursor before which to end.")] before: Option<String>,
    ) -> Reply<Page<TeamMembership>> {
        let window = Window::new(first, after, last, before)?;
        let order = memberships_order();
        // A cursor of another list is refused here, not in the batch.
        order.apply(&mut sea_orm::sea_query::Query::select(), &window)?;
        let loaders = ctx.loaders();
        let rows = loaders.memberships_of_team.load((self.0.id, window.clone())).await?;
        let members = rows.iter().map(|(_, member)| (member.id, Ok(Some(member.clone()))));
        loaders.members.prime(members.collect::<Vec<_>>());
        let memberships = rows.iter().map(|(row, _)| row.clone()).collect();
        let total = Total::TeamMemberships(self.0.id);
        Ok(page::page(memberships, &order, &window, total, |row| TeamMembership {
            row,
            team: Some(self.0.clone()),
        }))
    }

    /// Your membership in this team.
    async fn viewer_membership(&self, ctx: &Context<'_>) -> Option<Reply<TeamMembership>> {
        let row = async { self.viewer_row(ctx, &self.access(ctx).await?).await };
        match row.await {
            Ok(row) => row.map(|row| {
                Ok(TeamMembership {
                    row: row.as_ref().clone(),
                    team: Some(self.0.clone()),
                })
            }),
            Err(error) => Some(Err(error.into())),
        }
    }

    /// Whether you may change the team's settings and members.
    async fn viewer_can_update(&self, ctx: &Context<'_>) -> Reply<bool> {
        let access = self.access(ctx).await?;
        let own = self.viewer_row(ctx, &access).await?;
        Ok(domain::team::may_update(ctx.app(), &access, own.as_deref()))
    }

    /// Whether you would join at once. False: joining opens an access request.
    async fn viewer_can_join(&self, ctx: &Context<'_>) -> Reply<bool> {
        let access = self.access(ctx).await?;
        let own = self.viewer_row(ctx, &access).await?;
        Ok(domain::team::may_join(ctx.app(), &access, &self.0, own.as_deref()))
    }
}

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
        Ok(Member::new(self.member_row(ctx).await?.as_ref().clone()))
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

/// Which teams are wanted; all conditions hold together.
#[derive(Default, InputObject)]
pub struct TeamFilter {
    /// Part of the name or slug, in any case.
    query: Option<String>,
    /// Slugs.
    slugs: Option<Vec<String>>,
    /// Global ids. A malformed one is the error INVALID_TEAM_ID.
    ids: Option<Vec<String>>,
    /// True: only teams that you are in; with `ids`, those too.
    my_teams: Option<bool>,
}

impl From<TeamFilter> for domain::team::Filter {
    fn from(filter: TeamFilter) -> Self {
        Self {
            query: filter.query,
            slugs: filter.slugs,
            ids: filter.ids,
            my_teams: filter.my_teams.unwrap_or(false),
        }
    }
}

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

/// Mutations of teams.
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
        domain::team::create(ctx.app(), ctx.actor(), organization, input.name, input.slug)
            .await
            .into_payload()
    }
}

/// The team roles of the deployment, for the query root.
pub fn team_roles() -> Vec<TeamRole> {
    vec![TeamRole(roles::TeamRole::Contributor), TeamRole(roles::TeamRole::Admin)]
}
