//! Teams and who is in them.

mod membership;
mod mutation;
mod request;

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MergedObject, Object};
use chrono::{DateTime, Utc};
use entity::{team, team_member};

pub use self::{
    membership::{TeamMembership, memberships_order},
    request::TeamAccessRequest,
};
use super::{
    context::ContextExt,
    error::{Reply, nullable},
    id::global_id,
    loaders::OfTeam,
    member::asks_person,
    organization::Organization,
    page::{self, Page, Total, Window},
    role::TeamRole,
};
use crate::{
    access::{Access, Gates},
    domain::{self, team::Rights},
    error::Result,
    roles,
};

/// An active team.
pub struct Team(pub Arc<team::Model>);

impl Team {
    /// Lets the lookups of this request know what the operation asks for of each
    /// team of a page: who is in it.
    pub async fn remember<'a>(ctx: &Context<'_>, teams: impl Iterator<Item = &'a Self>) {
        let teams: Vec<_> = teams.map(|team| team.0.id).collect();
        let loaders = ctx.loaders();
        let entries = page::entries(&ctx.look_ahead());
        for field in entries
            .iter()
            .flat_map(|team| team.field("memberships").selection_fields())
        {
            // What cannot be used is refused by the field itself.
            let Some(window) = Window::ahead(&field).filter(is_of_memberships) else {
                continue;
            };
            let keys = || teams.iter().map(|team| (*team, window.clone()));
            loaders.memberships_of_team.expect(keys()).await;
            let places = page::entries(&field.into());
            if places.iter().any(|place| asks_person(&place.field("member"))) {
                let known = keys().filter_map(|key| loaders.memberships_of_team.known(&key)?.ok());
                let people = |places: Arc<Vec<OfTeam>>| -> Vec<_> {
                    places.iter().filter_map(|(_, member)| member.user_id).collect()
                };
                let people: Vec<_> = known.flat_map(people).collect();
                loaders.users.expect(people).await;
            }
        }
    }

    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        ctx.access(self.0.organization_id, Gates::READ).await
    }

    async fn read_memberships(&self, ctx: &Context<'_>, window: Window) -> Reply<Page<TeamMembership>> {
        // Who is invited sees the teams of the invite, and members their own, also
        // before the gates; who else is in them is for those whom the gates let in.
        self.access(ctx).await?;
        let order = memberships_order();
        // A cursor of another list is refused here, not in the batch.
        order.check(&window)?;
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
        Ok(Organization::shown(ctx, self.0.organization_id).await?)
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
        // In a box, or every other field of a team would take as much memory.
        Box::pin(self.read_memberships(ctx, Window::new(first, after, last, before)?)).await
    }

    /// Your membership in this team.
    async fn viewer_membership(&self, ctx: &Context<'_>) -> Option<Reply<TeamMembership>> {
        let row = async {
            match ctx.visit(self.0.organization_id, Gates::READ).await? {
                Some(access) => self.viewer_row(ctx, &access).await,
                // Who is only invited is in no team yet.
                None => Ok(None),
            }
        };
        let membership = |row: Arc<team_member::Model>| TeamMembership {
            row: row.as_ref().clone(),
            team: Some(self.0.clone()),
        };
        nullable(row.await.map(|row| row.map(membership)))
    }

    /// Whether `updateTeam` would let you.
    async fn viewer_can_update(&self, ctx: &Context<'_>) -> Reply<bool> {
        let Some(access) = ctx.visit(self.0.organization_id, Gates::CHANGE).await? else {
            return Ok(false);
        };
        let own = self.viewer_row(ctx, &access).await?;
        Ok(Rights::new(ctx.app(), &access, own.as_deref()).may_update().is_some())
    }

    /// Whether you would join at once. False: joining opens an access request,
    /// or is refused.
    async fn viewer_can_join(&self, ctx: &Context<'_>) -> Reply<bool> {
        let Some(access) = ctx.visit(self.0.organization_id, Gates::CHANGE).await? else {
            return Ok(false);
        };
        let own = self.viewer_row(ctx, &access).await?;
        Ok(domain::team::may_join(ctx.app(), &access, &self.0, own.as_deref()))
    }
}

fn is_of_memberships(window: &Window) -> bool {
    memberships_order().check(window).is_ok()
}

/// Mutations of teams and of who is in them.
#[derive(Default, MergedObject)]
pub struct TeamMutations(
    mutation::TeamMutation,
    membership::TeamMembershipMutation,
    request::TeamAccessRequestMutation,
);

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

/// The team roles of the deployment, for the query root.
pub fn team_roles() -> Vec<TeamRole> {
    vec![TeamRole(roles::TeamRole::Contributor), TeamRole(roles::TeamRole::Admin)]
}
