//! Sending one mail. What it says is looked up when it is sent, so that a mail
//! that waited says what is true now; what has become pointless is not sent.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    auth_provider,
    ids::{AccessRequestId, MemberId, TeamId, UserId, WebhookId},
    member, organization,
    organization::{OrganizationStatus, Requirement},
    team, team_member, user,
    webhook::{self, DisabledReason},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use url::Url;

use crate::{
    app::App,
    clock,
    config::MailTransport,
    counters::Counter,
    domain::{audit::find_email, compliance, invite, member::find_request, team::find_waiting},
    error::Result,
    mail::{Content, Failure, Letter},
    queue::{self, Claim, Outcome},
};

/// The mail of an open invite (spec §21.1).
pub async fn invite(app: &App, claim: &Claim, id: MemberId, referrer: Option<&str>) -> Result<Outcome> {
    if !invite::is_newest_mail(app, id, claim.id()).await? {
        // A later mail says the same, or what is true now.
        return Ok(Outcome::DONE);
    }
    let Some((row, organization)) = find_unless_gone(app, id).await?.filter(|(row, _)| row.is_invite()) else {
        // Accepted, revoked or gone in the meantime.
        return Ok(Outcome::DONE);
    };
    if organization.status == OrganizationStatus::PendingDeletion {
        return Ok(until_decided());
    }
    if row.is_expired(clock::now()) {
        return Ok(Outcome::GiveUp("The invite ran out before it could be sent.".into()));
    }
    if is_silent(app) {
        return Ok(silence());
    }
    let (Some(to), Some(url)) = (row.email.clone(), invite::accept_url(app, &row, referrer)) else {
        return Ok(Outcome::DONE);
    };
    let content = Content::Invite {
        organization: organization.name,
        url,
    };
    let outcome = send(app, &claim.key(), to, content).await?;
    if outcome == Outcome::DONE {
        app.counters.add(organization.id, Counter::InviteSent);
    }
    Ok(outcome)
}

/// The mail that asks a member to link single sign-on (§21.2).
pub async fn sso_link(app: &App, key: &str, id: MemberId, actor: &str) -> Result<Outcome> {
    let Some((row, organization)) = find(app, id).await? else {
        return Ok(Outcome::DONE);
    };
    let provider = auth_provider::Entity::find()
        .filter(auth_provider::Column::OrganizationId.eq(organization.id))
        .one(&app.db)
        .await?;
    let (Some(provider), Some(to)) = (provider, find_email(&app.db, &row).await?) else {
        return Ok(Outcome::DONE);
    };
    if row.has(member::flag::SSO_LINKED) {
        return Ok(Outcome::DONE);
    }
    let content = Content::SsoLink {
        url: page(app, &organization, "sso"),
        organization: organization.name,
        provider: provider.name,
        actor: actor.to_owned(),
    };
    send(app, key, to, content).await
}

/// The mail that tells one member of an open request (§21.3).
pub async fn request_notice(app: &App, key: &str, request: MemberId, recipient: MemberId) -> Result<Outcome> {
    let (Some(request), Some((recipient, organization))) =
        (find_request(app, request).await?, find(app, recipient).await?)
    else {
        return Ok(Outcome::DONE);
    };
    let (Some(email), Some(to)) = (request.email, find_email(&app.db, &recipient).await?) else {
        return Ok(Outcome::DONE);
    };
    let requester = person_of(app, request.inviter_id).await?;
    let content = Content::AccessRequest {
        url: page(app, &organization, "members"),
        organization: organization.name,
        email,
        requester: requester.map(|requester| requester.display_name().to_owned()),
    };
    send(app, key, to, content).await
}

/// The mail that tells one member of a request for access to a team (§21.4).
pub async fn team_request_notice(
    app: &App,
    key: &str,
    request: AccessRequestId,
    recipient: MemberId,
) -> Result<Outcome> {
    let Some((request, team)) = find_waiting(app, request).await? else {
        return Ok(Outcome::DONE);
    };
    let (Some((recipient, organization)), Some((member, _))) =
        (find(app, recipient).await?, find(app, request.member_id).await?)
    else {
        return Ok(Outcome::DONE);
    };
    let (Some(to), Some(person)) = (
        find_email(&app.db, &recipient).await?,
        person_of(app, member.user_id).await?,
    ) else {
        return Ok(Outcome::DONE);
    };
    let requester = person_of(app, request.requester_id).await?;
    let content = Content::TeamAccessRequest {
        url: page(app, &organization, "teams"),
        organization: organization.name,
        team: team.name,
        member_name: person.display_name().to_owned(),
        member_email: person.email,
        requester: requester.map(|requester| requester.display_name().to_owned()),
    };
    send(app, key, to, content).await
}

/// The mail that tells a member of an approved request for access to a team
/// (§21.5).
pub async fn team_approval(app: &App, key: &str, team: TeamId, member: MemberId) -> Result<Outcome> {
    let Some((row, organization)) = find(app, member).await? else {
        return Ok(Outcome::DONE);
    };
    let team = team::Entity::within(organization.id)
        .filter(team::Column::Id.eq(team))
        .inner_join(team_member::Entity)
        .filter(team_member::Column::MemberId.eq(member))
        .filter(team_member::Column::IsActive.eq(true))
        .one(&app.db)
        .await?;
    let (Some(team), Some(to)) = (team, find_email(&app.db, &row).await?) else {
        return Ok(Outcome::DONE);
    };
    let content = Content::TeamAccessApproved {
        url: Some(page(app, &organization, &format!("teams/{}", team.slug))),
        organization: organization.name,
        team: team.name,
    };
    send(app, key, to, content).await
}

/// The mail that tells an owner that the organization will be deleted (§21.8).
pub async fn deletion_notice(
    app: &App,
    key: &str,
    owner: MemberId,
    name: &str,
    ip: Option<&str>,
    date: DateTime<Utc>,
) -> Result<Outcome> {
    let Some((owner, organization)) = find_in(app, owner, &[OrganizationStatus::PendingDeletion]).await? else {
        // Restored in the meantime.
        return Ok(Outcome::DONE);
    };
    let Some(to) = find_email(&app.db, &owner).await? else {
        return Ok(Outcome::DONE);
    };
    let content = Content::ConfirmDelete {
        url: page(app, &organization, "settings"),
        organization: organization.name,
        name: name.to_owned(),
        ip: ip.map(str::to_owned),
        date,
    };
    send(app, key, to, content).await
}

/// The mail that tells a person what the organization requires now (§21.6,
/// §21.7): with the invite back, or without to the owner who stays.
///
/// Many get it at once, so it comes once: where a worker dies, or the mail server
/// falls silent, before it is known whether the letter was taken, it is not sent
/// again but by hand.
pub async fn compliance_notice(
    app: &App,
    claim: &Claim,
    id: MemberId,
    requirement: Requirement,
    stays: bool,
) -> Result<Outcome> {
    if !stays && !invite::is_newest_mail(app, id, claim.id()).await? {
        // A later mail says what is true now.
        return Ok(Outcome::DONE);
    }
    let Some((row, organization)) = find_unless_gone(app, id).await? else {
        return Ok(Outcome::DONE);
    };
    if organization.status == OrganizationStatus::PendingDeletion {
        return Ok(until_decided());
    }
    let (to, url) = if stays {
        let person = person_of(app, row.user_id).await?;
        let lacking = person.filter(|person| {
            compliance::is_in_force(app, &organization, requirement) && !compliance::is_met_by(requirement, person)
        });
        (lacking.and_then(|person| person.email), None)
    } else if !row.is_invite() {
        // Back, or gone, in the meantime.
        return Ok(Outcome::DONE);
    } else if row.is_expired(clock::now()) {
        return Ok(Outcome::GiveUp("The invite ran out before it could be sent.".into()));
    } else {
        (row.email.clone(), invite::accept_url(app, &row, None))
    };
    let Some(to) = to else {
        return Ok(Outcome::DONE);
    };
    let name = organization.name;
    let content = match requirement {
        Requirement::TwoFactor => Content::SetupTwoFactor {
            organization: name,
            url,
        },
        Requirement::VerifiedEmail => Content::SetupEmail {
            organization: name,
            address: to.clone(),
            confirm_url: None,
            url,
        },
    };
    let outcome = send_once(app, claim, to, content).await?;
    if outcome == Outcome::DONE && !stays {
        app.counters.add(organization.id, Counter::InviteSent);
    }
    Ok(outcome)
}

/// The mail that tells an owner that a webhook was disabled.
pub async fn webhook_notice(app: &App, key: &str, webhook: WebhookId, owner: MemberId) -> Result<Outcome> {
    let (Some(webhook), Some((owner, organization))) = (
        webhook::Entity::find_by_id(webhook).one(&app.db).await?,
        find(app, owner).await?,
    ) else {
        return Ok(Outcome::DONE);
    };
    let Some(to) = find_email(&app.db, &owner).await? else {
        return Ok(Outcome::DONE);
    };
    if webhook.is_enabled {
        // Enabled again in the meantime.
        return Ok(Outcome::DONE);
    }
    let server = Url::parse(&webhook.url).map(|url| url.origin().ascii_serialization());
    let content = Content::WebhookDisabled {
        url: page(app, &organization, "webhooks"),
        organization: organization.name,
        server: server.unwrap_or_default(),
        is_gone: webhook.disabled_reason == Some(DisabledReason::Gone),
    };
    send(app, key, to, content).await
}

/// What lets somebody in waits while the organization awaits its deletion: who
/// restores it must not have to ask for every letter again.
fn until_decided() -> Outcome {
    Outcome::Until(clock::now() + TimeDelta::minutes(5))
}

/// A member row of an active organization.
async fn find(app: &App, id: MemberId) -> Result<Option<(member::Model, organization::Model)>> {
    find_in(app, id, &[OrganizationStatus::Active]).await
}

/// The same, also of one that awaits its deletion.
async fn find_unless_gone(app: &App, id: MemberId) -> Result<Option<(member::Model, organization::Model)>> {
    let places = [OrganizationStatus::Active, OrganizationStatus::PendingDeletion];
    find_in(app, id, &places).await
}

/// A member row of an organization in one of these places of its life.
async fn find_in(
    app: &App,
    id: MemberId,
    places: &[OrganizationStatus],
) -> Result<Option<(member::Model, organization::Model)>> {
    let found = member::Entity::find_by_id(id)
        .find_also_related(organization::Entity)
        .filter(organization::Column::Status.is_in(places.iter().copied()))
        .one(&app.db)
        .await?;
    Ok(found.and_then(|(row, organization)| Some((row, organization?))))
}

async fn person_of(app: &App, id: Option<UserId>) -> Result<Option<user::Model>> {
    Ok(match id {
        Some(id) => user::Entity::find_by_id(id).one(&app.db).await?,
        None => None,
    })
}

/// A page of the organization in the product.
fn page(app: &App, organization: &organization::Model, name: &str) -> String {
    format!("{}/organizations/{}/{name}", app.config.public_url(), organization.slug)
}

/// Whether this deployment sends no mail. Nothing is queued then, but something
/// may be left from before.
fn is_silent(app: &App) -> bool {
    app.config.mail.transport == MailTransport::None
}

/// Of a letter whose fate people see.
fn silence() -> Outcome {
    Outcome::GiveUp("This deployment sends no mail.".into())
}

async fn send(app: &App, key: &str, to: String, content: Content) -> Result<Outcome> {
    if is_silent(app) {
        return Ok(Outcome::DONE);
    }
    let letter = Letter { to, content };
    Ok(match app.mailer.send(&letter, key).await {
        Ok(()) => Outcome::DONE,
        Err(Failure::Later(reason) | Failure::Unknown(reason)) => Outcome::Retry(reason),
        Err(Failure::Never(reason)) => Outcome::GiveUp(reason),
    })
}

/// Sends a letter that must not come twice, and rather not at all.
async fn send_once(app: &App, claim: &Claim, to: String, content: Content) -> Result<Outcome> {
    const UNKNOWN: &str = "Nobody knows whether the mail server took the mail, so it was not sent again.";
    if is_silent(app) {
        return Ok(silence());
    }
    if claim.is_handed_over() {
        return Ok(Outcome::GiveUp(UNKNOWN.into()));
    }
    let ready = async {
        match queue::hand_over(&app.db, claim, clock::now()).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::Later("Somebody else sends the mail.".into())),
            Err(error) => {
                error.log("it cannot be noted that a mail is sent");
                Err(Failure::Later("Something went wrong on our side.".into()))
            }
        }
    };
    let letter = Letter { to, content };
    Ok(match app.mailer.send_after(ready, &letter, &claim.key()).await {
        Ok(()) => Outcome::DONE,
        Err(Failure::Later(reason)) => {
            queue::take_back(&app.db, claim).await?;
            Outcome::Retry(reason)
        }
        Err(Failure::Never(reason)) => Outcome::GiveUp(reason),
        Err(Failure::Unknown(_)) => Outcome::GiveUp(UNKNOWN.into()),
    })
}
