//! Org roles and team roles.

use std::sync::Arc;

use async_graphql::Object;

use crate::roles;

/// A role that a member has in an organization.
pub struct OrgRole(pub Arc<roles::OrgRole>);

/// A role that a member has in an organization.
#[Object]
impl OrgRole {
    /// The role's name for programs, such as `member`, `admin`, `manager` or
    /// `owner`.
    async fn id(&self) -> &str {
        &self.0.id
    }

    /// The role's name for people.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What the role is for.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// The role's rank. Whoever has a role of at least this rank, and
    /// member:admin, can give the role and take it.
    async fn priority(&self) -> i32 {
        self.0.priority
    }

    /// Whether holders keep the role but nobody is given it any more.
    async fn is_retired(&self) -> bool {
        self.0.is_retired
    }

    /// Whether the role gives access to all teams.
    async fn is_global(&self) -> bool {
        self.0.is_global
    }

    /// Whether members with this role can be in teams.
    async fn is_team_roles_allowed(&self) -> bool {
        self.0.is_team_roles_allowed
    }

    /// The team role that holders have in every team of theirs, whatever is
    /// stored there.
    async fn minimum_team_role(&self) -> TeamRole {
        TeamRole(self.0.minimum_team_role)
    }

    /// What holders may do, before the options of an organization withdraw
    /// anything.
    async fn scopes(&self) -> Vec<String> {
        self.0.scopes.names()
    }
}

/// A role that a member has in a team.
pub struct TeamRole(pub roles::TeamRole);

/// A role that a member has in a team.
#[Object]
impl TeamRole {
    /// The role's name for programs: `contributor` or `admin`.
    async fn id(&self) -> &str {
        self.0.id()
    }

    /// The role's name for people.
    async fn name(&self) -> &str {
        self.0.name()
    }

    /// What the role is for.
    async fn description(&self) -> &str {
        self.0.description()
    }

    /// The role's rank.
    async fn priority(&self) -> i32 {
        self.0 as i32
    }

    /// What holders may do in the team.
    async fn scopes(&self) -> Vec<String> {
        self.0.scopes().names()
    }
}
