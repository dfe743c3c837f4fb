//! Roster as a subgraph of a federated graph (Apollo Federation 2): what a router
//! asks it besides what its own clients ask.

use async_graphql::{Context, ID, MergedObject, Object};

use super::{
    error::Reply,
    member::Member,
    organization::Organization,
    query::{Node, QueryFields, find},
    team::Team,
    user::User,
};

/// Everything that can be read.
#[derive(Default, MergedObject)]
#[graphql(name = "Query")]
pub struct FederatedQuery(QueryFields, Entities);

/// What other subgraphs refer to by its global id. One that does not exist, or
/// that the caller cannot see, is null; all of a request are looked up together.
#[derive(Default)]
struct Entities;

#[Object]
impl Entities {
    #[graphql(entity)]
    async fn find_user_by_id(&self, ctx: &Context<'_>, id: ID) -> Option<Reply<User>> {
        let user = |node| if let Node::User(user) = node { Some(user) } else { None };
        entity(ctx, &id, user).await
    }

    #[graphql(entity)]
    async fn find_organization_by_id(&self, ctx: &Context<'_>, id: ID) -> Option<Reply<Organization>> {
        let organization = |node| {
            if let Node::Organization(found) = node {
                Some(found)
            } else {
                None
            }
        };
        entity(ctx, &id, organization).await
    }

    #[graphql(entity)]
    async fn find_member_by_id(&self, ctx: &Context<'_>, id: ID) -> Option<Reply<Member>> {
        let member = |node| {
            if let Node::Member(member) = node {
                Some(member)
            } else {
                None
            }
        };
        entity(ctx, &id, member).await
    }

    #[graphql(entity)]
    async fn find_team_by_id(&self, ctx: &Context<'_>, id: ID) -> Option<Reply<Team>> {
        let team = |node| if let Node::Team(team) = node { Some(team) } else { None };
        entity(ctx, &id, team).await
    }
}

/// The object with that id, if it is one of these and the caller can see it.
async fn entity<T>(ctx: &Context<'_>, id: &ID, pick: impl Fn(Node) -> Option<T>) -> Option<Reply<T>> {
    match find(ctx, id).await? {
        Ok(node) => pick(node).map(Ok),
        Err(fault) => Some(Err(fault)),
    }
}
