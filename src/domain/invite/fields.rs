//! What is checked alike before an address is invited or asked for (spec §8.1,
//! steps 4a to 4g).

use std::sync::Arc;

use entity::{ids::OrganizationId, member, team};
use sea_orm::{ConnectionTrait, QueryFilter, sea_query::ExprTrait};

use crate::{
    app::App,
    db::{ForUpdate, Write},
    domain::{
        member::is_given_up,
        team::{TeamAssignment, resolve},
        text,
    },
    error::{Code, Refusal, Result},
    roles::OrgRole,
};

/// An address that is neither a member's nor invited.
#[derive(Clone, Debug)]
pub(super) struct Address {
    /// As it was given.
    pub(super) email: String,
    /// In lower case.
    pub(super) key: String,
    /// Open requests for it, locked.
    pub(super) requests: Vec<member::Model>,
}

impl Address {
    /// Steps 4a and 4b: `INVALID_EMAIL`, `ALREADY_MEMBER`, `ALREADY_INVITED`.
    pub(super) async fn look_up(
        tx: &Write,
        app: &App,
        organization: OrganizationId,
        email: &str,
    ) -> Result<Result<Self, Refusal>> {
        let (email, key) = match text::email(&app.config, email) {
            Ok(address) => address,
            Err(refusal) => return Ok(Err(refusal)),
        };
        // Locked, so that a request is not approved and deleted at once.
        let rows = member::Entity::within(organization)
            .filter(member::Entity::known_address().eq(&key))
            .for_update()
            .all(&**tx)
            .await?;
        let taken = if rows.iter().any(|row| !row.is_pending()) {
            Some(Code::AlreadyMember)
        } else if rows.iter().any(member::Model::is_invite) {
            Some(Code::AlreadyInvited)
        } else {
            None
        };
        Ok(match taken {
            Some(code) => Err(code.at(["email"])),
            None => Ok(Self {
                email,
                key,
                requests: rows,
            }),
        })
    }
}

/// Steps 4c to 4e: `INVALID_ROLE`, `ROLE_NOT_ALLOWED`, `ROLE_RETIRED`.
pub(super) fn role(app: &App, id: &str, is_allowed: impl FnOnce(&OrgRole) -> bool) -> Result<Arc<OrgRole>, Refusal> {
    let refusal = match app.roles.find(id) {
        None => Code::InvalidRole,
        Some(role) if !is_allowed(role) => Code::RoleNotAllowed,
        Some(role) if is_given_up(app, role) => Code::RoleRetired,
        Some(role) => return Ok(role.clone()),
    };
    Err(refusal.at(["orgRole"]))
}

/// Steps 4f and 4g: `INVALID_TEAM`, `INVALID_TEAM_ROLE`. Of the roles nothing is
/// kept: team roles are given after joining (§8.3).
pub(super) async fn teams(
    db: &impl ConnectionTrait,
    app: &App,
    organization: OrganizationId,
    field: &str,
    assignments: &[TeamAssignment],
) -> Result<Result<Vec<team::Model>, Vec<Refusal>>> {
    let resolved = resolve(db, app, organization, field, assignments).await?;
    Ok(resolved.map(|teams| teams.into_iter().map(|(team, _)| team).collect()))
}

/// [`teams`] that are given by their slugs.
pub(super) async fn plain_teams(
    db: &impl ConnectionTrait,
    app: &App,
    organization: OrganizationId,
    slugs: &[String],
) -> Result<Result<Vec<team::Model>, Vec<Refusal>>> {
    let assignments: Vec<_> = slugs.iter().map(|slug| TeamAssignment::plain(slug)).collect();
    teams(db, app, organization, "teamSlugs", &assignments).await
}
