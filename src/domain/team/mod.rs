//! Teams (spec §13, §14.3): who sees them, who is in them, who may change them.

mod assign;
mod create;
mod delete;
mod held;
mod join;
mod leave;
mod list;
mod placement;
mod request;
mod rights;
mod role;
mod update;

use std::sync::Arc;

use entity::{ids::OrganizationId, team_member};
use sea_orm::ConnectionTrait;

use self::assign::memberships;
pub use self::{
    assign::{TeamAssignment, add_member, ids_of, known_slugs, resolve, resolve_among},
    create::{create, insert, may_create},
    delete::{Deleted, delete, finish_deletion},
    join::{Joined, add, may_join},
    leave::{Left, remove},
    list::{Filter, find, list, may_read},
    placement::Place,
    request::{Decided, close_requests, decide, deciders, find_waiting, is_shown, list as list_requests},
    rights::{Grant, Rights},
    role::set_role,
    update::{TeamUpdate, update},
};
use crate::{
    access::{Access, Gates},
    app::App,
    auth::Actor,
    error::{Code, Refusal, Result},
    roles::{Scope, TeamRole},
};

/// Any scope of the families org, member and team: with none of them nobody gets
/// as far as to be judged by a role in a team.
const REACH_ANY: &[Scope] = &[
    Scope::OrgRead,
    Scope::OrgWrite,
    Scope::OrgAdmin,
    Scope::OrgIntegrations,
    Scope::OrgCi,
    Scope::MemberRead,
    Scope::MemberInvite,
    Scope::MemberWrite,
    Scope::MemberAdmin,
    Scope::TeamRead,
    Scope::TeamWrite,
    Scope::TeamAdmin,
];

/// Passes the gates of changes. To whoever is no member, what they name does not
/// exist: that is `missing`.
async fn enter(
    db: &impl ConnectionTrait,
    app: &App,
    actor: &Arc<Actor>,
    organization: OrganizationId,
    missing: Refusal,
) -> Result<Access> {
    Access::enter_organization(db, actor, &app.roles, organization, Gates::CHANGE)
        .await
        .map_err(|error| error.replace(Code::OrganizationNotFound, missing))
}

/// The team role that is stored, as far as team roles count here.
pub fn stored_role(app: &App, row: &team_member::Model) -> Option<TeamRole> {
    row.role
        .as_deref()
        .filter(|_| app.config.features.team_roles)
        .and_then(|role| role.parse().ok())
}

/// The higher of the stored role and what the org role gives anyway (§2.5).
pub fn effective_role(app: &App, minimum: TeamRole, row: &team_member::Model) -> TeamRole {
    stored_role(app, row).map_or(minimum, |role| role.max(minimum))
}
