//! What the actor may do with a team (spec §4, §13).

use entity::{organization, team_member};

use super::effective_role;
use crate::{
    access::Access,
    app::App,
    roles::{Scope, TeamRole},
};

/// Where the actor stands with one team of an organization.
#[derive(Clone, Copy)]
pub struct Rights<'a> {
    app: &'a App,
    access: &'a Access,
    /// The actor's membership in the team.
    own: Option<&'a team_member::Model>,
}

/// Why something is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// By what the actor is in the organization.
    Organization,
    /// Only by the actor's role in the team, which carries the scope.
    Team(TeamRole, Scope),
}

impl Grant {
    /// Counts what a team role alone let pass.
    pub fn count(self) {
        if let Self::Team(role, scope) = self {
            metrics::counter!(
                "team_roles_pass_by_team_scope_total",
                "team_role" => role.id(),
                "scope" => scope.name()
            )
            .increment(1);
        }
    }
}

impl<'a> Rights<'a> {
    /// `own` is the actor's membership in the team.
    pub fn new(app: &'a App, access: &'a Access, own: Option<&'a team_member::Model>) -> Self {
        Self { app, access, own }
    }

    /// Whether the actor changes the team itself: org:write, or team:write on it.
    pub fn may_update(&self) -> Option<Grant> {
        self.holds_on_team(Scope::TeamWrite)
    }

    /// Whether the actor deletes the team: org:write, or team:admin on it.
    pub fn may_delete(&self) -> Option<Grant> {
        self.holds_on_team(Scope::TeamAdmin)
    }

    /// §13.1, “may add”: whether the actor puts members into the team, or only asks
    /// for it.
    pub(super) fn may_add(&self) -> Option<Grant> {
        if self.is_open() || self.is_global() {
            Some(Grant::Organization)
        } else {
            self.may_administer()
        }
    }

    /// Whether the actor administers the team: org:write, or in it with
    /// team:write.
    pub(super) fn may_administer(&self) -> Option<Grant> {
        if self.access.has(Scope::OrgWrite) {
            return Some(Grant::Organization);
        }
        self.holds(Scope::TeamWrite)
            .filter(|_| self.own.is_some() || self.needs_no_place())
    }

    /// Whether the actor may give `role` in the team, and take it (§13.3).
    pub(super) fn may_set(&self, role: TeamRole) -> Option<Grant> {
        let scopes = [Scope::OrgWrite, Scope::MemberWrite, Scope::TeamWrite];
        if self.access.actor().app().is_some() {
            return self
                .access
                .scopes()
                .contains_any(&scopes)
                .then_some(Grant::Organization);
        }
        let minimum = || self.access.role().map(|role| role.minimum_team_role);
        let reach = self.own_role().or_else(minimum);
        self.may_administer()
            .filter(|_| self.access.is_superuser() || reach >= Some(role))
    }

    /// Whether the actor decides who gets into the team (§4).
    pub(super) fn may_decide(&self) -> Option<Grant> {
        let scopes = [Scope::OrgAdmin, Scope::MemberWrite, Scope::MemberAdmin];
        if self.access.scopes().contains_any(&scopes) {
            return Some(Grant::Organization);
        }
        self.holds_on_team(Scope::TeamWrite)
    }

    /// The team access rule (§4). Apps reach every team (§28).
    pub(super) fn is_accessible(&self) -> bool {
        self.own.is_some() || self.is_open() || self.is_global() || self.needs_no_place()
    }

    fn is_open(&self) -> bool {
        self.access.organization().has(organization::flag::ALLOW_JOINLEAVE)
    }

    fn is_global(&self) -> bool {
        self.access.role().is_some_and(|role| role.is_global)
    }

    /// Apps and superusers need not be in a team to manage it.
    fn needs_no_place(&self) -> bool {
        self.access.is_superuser() || self.access.actor().app().is_some()
    }

    /// org:write, or `scope` on the team (§4).
    fn holds_on_team(&self, scope: Scope) -> Option<Grant> {
        if self.access.has(Scope::OrgWrite) {
            return Some(Grant::Organization);
        }
        self.holds(scope).filter(|_| self.is_accessible())
    }

    /// `scope`, by org role or by the role in the team.
    pub(super) fn holds(&self, scope: Scope) -> Option<Grant> {
        if self.access.has(scope) {
            return Some(Grant::Organization);
        }
        let role = self.own_role().filter(|_| self.app.config.features.team_roles)?;
        let scopes = self.access.person()?.narrow(role.scopes());
        scopes.contains(scope).then_some(Grant::Team(role, scope))
    }

    /// The actor's effective role in the team.
    fn own_role(&self) -> Option<TeamRole> {
        let (own, role) = self.own.zip(self.access.role())?;
        Some(effective_role(self.app, role.minimum_team_role, own))
    }
}
