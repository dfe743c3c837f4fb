//! What the link of an invite shows (spec §6).

use entity::{auth_identity, auth_provider, member, organization, organization::OrganizationStatus, user};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::token::{is_proven, parse_token};
use crate::{
    access::Standing,
    app::App,
    auth::{Actor, Person},
    error::{Code, Result},
};

/// What a caller still has to do before an organization lets them in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// Sign in.
    SignIn,
    /// Enrol in two-factor authentication.
    TwoFactor,
    /// Verify the primary address.
    VerifiedEmail,
    /// Link an identity of the organization's provider.
    Sso,
}

impl Requirement {
    pub(super) fn refusal(self) -> Code {
        match self {
            Self::SignIn => Code::Unauthenticated,
            Self::TwoFactor => Code::TwoFactorRequired,
            Self::VerifiedEmail => Code::EmailVerificationRequired,
            Self::Sso => Code::SsoRequired,
        }
    }
}

/// What stands between a caller and a place in the organization, in the order
/// of §7.1; for an anonymous caller everything the organization asks for.
pub(super) fn requirements(
    app: &App,
    person: Option<&Person>,
    organization: &organization::Model,
    provider: Option<&auth_provider::Model>,
    is_linked: bool,
) -> Vec<Requirement> {
    let two_factor = organization.has(organization::flag::REQUIRE_2FA);
    let verified =
        organization.has(organization::flag::REQUIRE_EMAIL_VERIFICATION) && app.config.features.email_verification;
    let sso = provider.is_some_and(|provider| !provider.allow_unlinked);
    [
        (Requirement::SignIn, person.is_none()),
        (
            Requirement::TwoFactor,
            two_factor && !person.is_some_and(|person| person.has_two_factor),
        ),
        (
            Requirement::VerifiedEmail,
            verified && person.is_none_or(|person| person.user.verified_email().is_none()),
        ),
        (Requirement::Sso, sso && !is_linked),
    ]
    .into_iter()
    .filter_map(|(requirement, is_open)| is_open.then_some(requirement))
    .collect()
}

/// Whether the actor has linked an identity of this provider.
pub(super) async fn is_linked(
    db: &impl ConnectionTrait,
    actor: &Actor,
    provider: Option<&auth_provider::Model>,
) -> Result<bool> {
    let (Some(user), Some(provider)) = (actor.user_id(), provider) else {
        return Ok(false);
    };
    let identities = auth_identity::Entity::find()
        .filter(auth_identity::Column::AuthProviderId.eq(provider.id))
        .filter(auth_identity::Column::UserId.eq(user));
    Ok(identities.count(db).await? > 0)
}

/// What the link of an invite shows.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The pending row.
    pub row: member::Model,
    /// Where it leads.
    pub organization: organization::Model,
    /// That organization's single sign-on.
    pub provider: Option<auth_provider::Model>,
    /// Who invited.
    pub inviter_name: Option<String>,
    /// What the caller has to do.
    pub requirements: Vec<Requirement>,
    /// Whether the caller is a member already.
    pub is_existing_member: bool,
}

/// What `token` leads to (§6). `None` for every invalid token alike; one that has
/// expired still shows, to its holder. Changes nothing.
pub async fn preview(app: &App, actor: &Actor, token: &str) -> Result<Option<Preview>> {
    let Some((id, proof)) = parse_token(token) else {
        return Ok(None);
    };
    let row = member::Entity::find_by_id(id).one(&app.db).await?;
    if !is_proven(&app.config.invites.secret, row.as_ref(), id, &proof) {
        return Ok(None);
    }
    let Some(row) = row else { return Ok(None) };
    let Some(standing) = Standing::find_one(&app.db, actor, row.organization_id).await? else {
        return Ok(None);
    };
    if standing.organization.status != OrganizationStatus::Active {
        return Ok(None);
    }
    let is_linked = is_linked(&app.db, actor, standing.provider.as_ref()).await?;
    let inviter = match row.inviter_id {
        Some(inviter) => user::Entity::find_by_id(inviter).one(&app.db).await?,
        None => None,
    };
    // A name only: the holder of a link is nobody's fellow yet.
    let inviter_name = inviter.map(|inviter| inviter.name).filter(|name| !name.is_empty());
    Ok(Some(Preview {
        requirements: requirements(
            app,
            actor.person(),
            &standing.organization,
            standing.provider.as_ref(),
            is_linked,
        ),
        is_existing_member: standing.membership.is_some(),
        organization: standing.organization,
        provider: standing.provider,
        inviter_name,
        row,
    }))
}
