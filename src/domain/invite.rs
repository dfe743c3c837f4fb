//! Invites: asking someone into an organization, and their answer.
//!
//! An invite is a member row without a person. Its token is derived from the
//! row and the invite secret, never stored (spec §2.3.1); the mail and the one
//! answer that made it are the only places where it appears.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    auth_identity, auth_provider,
    ids::{MemberId, OrganizationId},
    invite_delivery, member, organization,
    organization::OrganizationStatus,
    team, team_member, user,
};
use hmac::{Hmac, Mac};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    JoinType, PaginatorTrait, QueryFilter, QuerySelect, RelationTrait, Select, SqlErr, sea_query::OnConflict,
};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq;

pub use super::team::TeamAssignment;
use super::{
    audit::{self, Entry, Event},
    team::{ids_of, resolve},
    text::{self, contains},
};
use crate::{
    access::{Access, Gates, Standing},
    app::App,
    auth::{Actor, Person},
    config::MailTransport,
    db::{self, ForUpdate, Write},
    error::{Code, Error, Refusals, Result},
    limits::{self, Limit},
    outbox::{self, Change},
    queue::{self, Work},
    roles::{MEMBER, OrgRole, Scope},
};

/// Longest `referrer` of a link, in characters.
const REFERRER_MAX: usize = 200;

// --- tokens -----------------------------------------------------------------

fn mac(secret: &SecretString, member: MemberId, nonce: &[u8]) -> [u8; 32] {
    // HMAC takes keys of any length, so this cannot fail; a wrong fallback
    // would only make tokens that nobody accepts.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else {
        return rand::random();
    };
    mac.update(b"invite");
    mac.update(&member.0.to_be_bytes());
    mac.update(nonce);
    mac.finalize().into_bytes().into()
}

fn base36(mut number: i64) -> String {
    let mut digits = Vec::new();
    while number > 0 {
        digits.push(b"0123456789abcdefghijklmnopqrstuvwxyz"[(number % 36) as usize]);
        number /= 36;
    }
    digits.iter().rev().map(|digit| char::from(*digit)).collect()
}

/// The token of an open invite; `None` for a row that has none.
fn token_of(secrets: &[SecretString], row: &member::Model) -> Option<String> {
    let (secret, nonce) = (secrets.first()?, row.invite_nonce.as_deref()?);
    Some(format!(
        "{}.{}",
        base36(row.id.0),
        URL_SAFE_NO_PAD.encode(mac(secret, row.id, nonce))
    ))
}

/// The row and the proof that a token carries; `None` if it is no token.
fn parse_token(token: &str) -> Option<(MemberId, [u8; 32])> {
    if token.len() > 80 {
        return None;
    }
    let (id, proof) = token.split_once('.')?;
    let number = i64::from_str_radix(id, 36)
        .ok()
        .filter(|number| *number > 0 && base36(*number) == id)?;
    Some((MemberId(number), URL_SAFE_NO_PAD.decode(proof).ok()?.try_into().ok()?))
}

/// Whether `proof` is the row's. A missing row costs the same work as a wrong
/// proof.
fn is_proven(secrets: &[SecretString], row: Option<&member::Model>, id: MemberId, proof: &[u8; 32]) -> bool {
    let nonce = row
        .filter(|row| row.is_invite())
        .and_then(|row| row.invite_nonce.as_deref());
    // Without a nonce the comparison is made all the same, and then not believed.
    let is_equal = secrets.iter().fold(subtle::Choice::from(0), |any, secret| {
        any | mac(secret, id, nonce.unwrap_or(&[0; 16])).ct_eq(proof)
    });
    bool::from(is_equal) && nonce.is_some()
}

/// The link of an open invite.
pub fn accept_url(app: &App, row: &member::Model, referrer: Option<&str>) -> Option<String> {
    let link = format!(
        "{}/invite/{}",
        app.config.public_url(),
        token_of(&app.config.invites.secret, row)?
    );
    Some(match referrer {
        None => link,
        Some(referrer) => {
            let query: String = url::form_urlencoded::byte_serialize(referrer.as_bytes()).collect();
            format!("{link}?referrer={query}")
        }
    })
}

/// The link, if the actor could give the invite's role anyway (§8.4).
pub fn accept_url_for(app: &App, access: &Access, row: &member::Model, referrer: Option<&str>) -> Option<String> {
    if access.may_assign(app.roles.stored(&row.role)) {
        accept_url(app, row, referrer)
    } else {
        None
    }
}

/// Gives a pending row a token, or a new one, which ends the old link.
fn renew(app: &App, now: DateTime<Utc>) -> (Vec<u8>, DateTime<Utc>) {
    let lifetime = TimeDelta::from_std(app.config.invites.lifetime).unwrap_or(TimeDelta::days(30));
    (rand::random::<[u8; 16]>().to_vec(), now + lifetime)
}

/// §2.3 *regenerate*: a new token with a whole lifetime before it.
pub async fn regenerate(tx: &Write, app: &App, row: member::Model, now: DateTime<Utc>) -> Result<member::Model> {
    let (nonce, expires_at) = renew(app, now);
    let mut change = row.into_active_model();
    change.invite_nonce = Set(Some(nonce));
    change.token_expires_at = Set(Some(expires_at));
    Ok(change.update(&**tx).await?)
}

/// Whether this deployment mails invites.
fn is_mailed(app: &App) -> bool {
    app.config.features.mail_invites && app.config.mail.transport != MailTransport::None
}

/// Queues the mail of an open invite, where this deployment mails invites.
pub async fn send(
    tx: &Write,
    app: &App,
    row: &member::Model,
    referrer: Option<String>,
    now: DateTime<Utc>,
) -> Result<()> {
    if !is_mailed(app) {
        return Ok(());
    }
    queue::enqueue(
        tx,
        &Work::SendInvite {
            member: row.id,
            referrer,
        },
        now,
    )
    .await?;
    let delivery = invite_delivery::ActiveModel {
        member_id: Set(row.id),
        status: Set(invite_delivery::DeliveryStatus::Queued),
        attempts: Set(0),
        last_sent_at: Set(None),
        last_error: Set(None),
    };
    invite_delivery::Entity::insert(delivery)
        .on_conflict(
            OnConflict::column(invite_delivery::Column::MemberId)
                .update_columns([
                    invite_delivery::Column::Status,
                    invite_delivery::Column::Attempts,
                    invite_delivery::Column::LastError,
                ])
                .to_owned(),
        )
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Counts an attempt to invite `email` against the three limits of §24.3.
///
/// # Errors
/// `RATE_LIMITED`. The caller commits nevertheless, so that the attempt counts.
pub async fn count_attempt(tx: &Write, app: &App, access: &Access, email: &str) -> Result<()> {
    let limits = &app.config.rate_limits;
    if !limits.enabled {
        return Ok(());
    }
    let organization = access.organization().id.0;
    let actor = match (access.actor().user_id(), access.actor().app()) {
        (Some(user), _) => format!("user:{}", user.0),
        (None, Some(app)) => format!("token:{}", app.token.id.0),
        (None, None) => return Err(Code::Unauthenticated.into()),
    };
    let windows = [
        Limit::per_day(format!("invite:{actor}"), limits.invites_per_actor_per_day),
        Limit::per_day(
            format!("invite:organization:{organization}"),
            limits.invites_per_organization_per_day,
        ),
        Limit::per_day(
            format!("invite:address:{organization}:{email}"),
            limits.invites_per_address_per_day,
        ),
    ];
    limits::attempt(tx, &windows, access.actor().now)
        .await
        .inspect_err(|_| {
            metrics::counter!("member_invite_attempt_total", "instance" => "rate_limited").increment(1);
        })
}

// --- reading ----------------------------------------------------------------

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
    fn refusal(self) -> Code {
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
fn requirements(
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
async fn is_linked(db: &impl ConnectionTrait, actor: &Actor, provider: Option<&auth_provider::Model>) -> Result<bool> {
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
    let row = member::Entity::find_by_id(id).one(&*app.db).await?;
    if !is_proven(&app.config.invites.secret, row.as_ref(), id, &proof) {
        return Ok(None);
    }
    let Some(row) = row else { return Ok(None) };
    let Some(standing) = Standing::find_one(&*app.db, actor, row.organization_id).await? else {
        return Ok(None);
    };
    if standing.organization.status != OrganizationStatus::Active {
        return Ok(None);
    }
    let is_linked = is_linked(&*app.db, actor, standing.provider.as_ref()).await?;
    let inviter = match row.inviter_id {
        Some(inviter) => user::Entity::find_by_id(inviter).one(&*app.db).await?,
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

/// Where a pending row is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Waits to be accepted.
    Pending,
    /// Ran out.
    Expired,
    /// A member asked for it.
    RequestedToBeInvited,
    /// The address asked for it.
    RequestedToJoin,
}

/// Which invites are wanted; all conditions hold together.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of the address.
    pub query: Option<String>,
    /// Where they are in their life.
    pub statuses: Option<Vec<Status>>,
}

/// Open invites and requests of the organization that match. Join requests are
/// hidden where they are switched off (§9.3).
///
/// # Errors
/// `FORBIDDEN` without a scope to read members.
pub fn list(app: &App, access: &Access, filter: Filter, join_requests: bool) -> Result<Select<member::Entity>> {
    let organization = access.require(&[Scope::MemberRead, Scope::MemberWrite, Scope::MemberAdmin])?;
    let now = access.actor().now;
    let mut query = member::Entity::within(organization).filter(member::Column::UserId.is_null());
    if !join_requests {
        query = query.filter(member::Column::InviteStatus.ne(member::InviteStatus::RequestedToJoin));
    }
    if let Some(text) = &filter.query {
        query = query.filter(contains(member::Column::EmailKey, text));
    }
    if let Some(mut statuses) = filter.statuses {
        text::bounded(&app.config, statuses.len(), "statuses")?;
        // There are four; a client may have written thousands.
        statuses.sort_unstable();
        statuses.dedup();
        let approved = || member::Column::InviteStatus.eq(member::InviteStatus::Approved);
        let wanted = statuses.into_iter().fold(
            Condition::any().add(member::Column::Id.eq(MemberId::default())),
            |any, status| {
                any.add(match status {
                    Status::RequestedToBeInvited => Condition::all()
                        .add(member::Column::InviteStatus.eq(member::InviteStatus::RequestedToBeInvited)),
                    Status::RequestedToJoin => {
                        Condition::all().add(member::Column::InviteStatus.eq(member::InviteStatus::RequestedToJoin))
                    }
                    Status::Expired => Condition::all()
                        .add(approved())
                        .add(member::Column::TokenExpiresAt.lte(now)),
                    Status::Pending => Condition::all().add(approved()).add(
                        Condition::any()
                            .add(member::Column::TokenExpiresAt.is_null())
                            .add(member::Column::TokenExpiresAt.gt(now)),
                    ),
                })
            },
        );
        query = query.filter(wanted);
    }
    Ok(query)
}

/// Whether the actor may see a pending row as an invite.
pub fn is_shown(access: &Access, row: &member::Model, join_requests: bool) -> bool {
    let is_hidden = !join_requests && row.invite_status == member::InviteStatus::RequestedToJoin;
    row.is_pending()
        && !is_hidden
        && access
            .require(&[Scope::MemberRead, Scope::MemberWrite, Scope::MemberAdmin])
            .is_ok()
}

/// Open invites to the actor's verified address, of active organizations.
pub fn addressed_to(actor: &Actor) -> Select<member::Entity> {
    let email = actor.person().and_then(|person| person.user.verified_email());
    member::Entity::find()
        .join(JoinType::InnerJoin, member::Relation::Organization.def())
        .filter(organization::Column::Status.eq(OrganizationStatus::Active))
        // An address that is not verified matches nothing: no row has ''.
        .filter(member::Column::EmailKey.eq(email.unwrap_or_default()))
        .filter(member::Column::UserId.is_null())
        .filter(member::Column::InviteStatus.eq(member::InviteStatus::Approved))
        .filter(
            Condition::any()
                .add(member::Column::TokenExpiresAt.is_null())
                .add(member::Column::TokenExpiresAt.gt(actor.now)),
        )
}

/// Whether the actor may approve or reject the request.
pub fn may_decide(access: &Access, row: &member::Model) -> bool {
    row.is_pending()
        && row.invite_status != member::InviteStatus::Approved
        && access.require(&[Scope::MemberWrite, Scope::MemberAdmin]).is_ok()
}

// --- creating ---------------------------------------------------------------

/// Whom to invite, and as what.
#[derive(Clone, Debug)]
pub struct NewInvite {
    /// Where to.
    pub organization: OrganizationId,
    /// The address.
    pub email: String,
    /// Org role id; `member` if absent.
    pub org_role: Option<String>,
    /// Slugs of teams.
    pub team_slugs: Option<Vec<String>>,
    /// Instead: teams with roles, of which only the teams count (§8.3).
    pub team_roles: Option<Vec<TeamAssignment>>,
    /// Whether to mail it.
    pub send: bool,
    /// Goes into the link.
    pub referrer: Option<String>,
}

/// An invite that was made.
#[derive(Clone, Debug)]
pub struct Created {
    /// The pending row.
    pub row: member::Model,
    /// The link, for whom §8.4 shows it to.
    pub accept_url: Option<String>,
}

/// §8.1 steps 1 and 2: may the actor invite at all?
///
/// # Errors
/// `FORBIDDEN`, `INVITES_DISABLED`.
pub fn may_create(app: &App, access: &Access) -> Result<OrganizationId> {
    let organization = match access.require(&[Scope::MemberWrite, Scope::MemberAdmin]) {
        Ok(organization) => organization,
        Err(refusal) if !access.members_may_invite(app.config.features.member_invites) => return Err(refusal),
        Err(_) => access.require(&[Scope::MemberInvite])?,
    };
    if app.config.features.invite_members {
        Ok(organization)
    } else {
        Err(Code::InvitesDisabled.into())
    }
}

/// §8.2: whether the actor may invite with this role. An app without a member
/// row may with the lowest.
fn may_invite_as(access: &Access, role: &OrgRole) -> bool {
    match access.person() {
        Some(_) => access.outranks(role),
        None => role.id == MEMBER,
    }
}

/// Roles that [`create`] would accept from the actor now.
pub fn invitable_roles(app: &App, access: &Access) -> Vec<Arc<OrgRole>> {
    if may_create(app, access).is_err() {
        return Vec::new();
    }
    app.roles
        .all()
        .iter()
        .filter(|role| may_invite_as(access, role) && !role.is_retired)
        .cloned()
        .collect()
}

/// Invites an address (spec §8).
///
/// # Errors
/// The refusals of §8.1 in their order; those of the fields together. Nothing is
/// changed then, except that the attempt counts against the rate limit.
pub async fn create(app: &App, actor: &Arc<Actor>, new: NewInvite) -> Result<Created> {
    actor.require_known()?;
    let access = Access::enter_organization(&*app.db, actor, &app.roles, new.organization, Gates::CHANGE).await?;
    let organization = may_create(app, &access)?;
    let role_id = new.org_role.as_deref().unwrap_or(MEMBER);
    if access.person().is_none() && role_id != MEMBER {
        return Err(Code::IntegrationTokenRoleRestricted.at(["orgRole"]).into());
    }

    let tx = db::begin_write(&app.db).await?;
    let (email, role, teams) = check_fields(&tx, app, &access, &new, role_id).await?;
    if let Err(refusal) = count_attempt(&tx, app, &access, &email.1).await {
        tx.commit().await?;
        return Err(refusal);
    }
    if let Err(refusal) = check_teams(&tx, &access, &role, &teams).await? {
        // The attempt was made, and counts.
        tx.commit().await?;
        return Err(refusal);
    }

    // An open request of this address is answered by the invite.
    let requests = member::Entity::within(organization)
        .filter(member::Column::EmailKey.eq(&email.1))
        .filter(member::Column::UserId.is_null())
        .filter(member::Column::InviteStatus.ne(member::InviteStatus::Approved))
        .all(&*tx)
        .await?;
    outbox::record(
        &tx,
        requests.iter().map(|request| Change::member(organization, request.id)),
    )
    .await?;
    if !requests.is_empty() {
        let ids = requests.iter().map(|request| request.id);
        member::Entity::delete_many()
            .filter(member::Column::Id.is_in(ids))
            .exec(&*tx)
            .await?;
    }

    let row = insert(&tx, app, &access, email, &role).await?;
    let memberships = add_teams(&tx, &row, &teams).await?;
    let changes = memberships
        .iter()
        .map(|membership| Change::team_member(organization, membership.id));
    outbox::record(
        &tx,
        std::iter::once(Change::member(organization, row.id)).chain(changes),
    )
    .await?;
    if new.send {
        send(&tx, app, &row, new.referrer.clone(), actor.now).await?;
    }
    let event = if is_mailed(app) {
        Event::MemberInvite
    } else {
        Event::MemberAdd
    };
    let data = audit::member_data(&row, row.email.as_deref(), &teams);
    audit::record(&tx, actor, organization, [Entry::member(event, &row, data)]).await?;
    tx.commit().await?;

    let accept_url = accept_url_for(app, &access, &row, new.referrer.as_deref());
    Ok(Created { row, accept_url })
}

/// An address as given and in lower case.
type Email = (String, String);

/// §8.1 steps 4a to 4g, all reported at once.
async fn check_fields(
    tx: &Write,
    app: &App,
    access: &Access,
    new: &NewInvite,
    role_id: &str,
) -> Result<(Email, Arc<OrgRole>, Vec<team::Model>)> {
    let organization = access.organization().id;
    let mut refusals = Refusals::default();

    let email = refusals.note(text::email(&app.config, &new.email));
    if let Some((_, key)) = &email {
        let taken = member::Entity::within(organization)
            .filter(
                Condition::any().add(member::Column::UserEmail.eq(key)).add(
                    Condition::all()
                        .add(member::Column::EmailKey.eq(key))
                        .add(member::Column::InviteStatus.eq(member::InviteStatus::Approved)),
                ),
            )
            .all(&**tx)
            .await?;
        if taken.iter().any(|row| !row.is_pending()) {
            refusals.push(Code::AlreadyMember.at(["email"]));
        } else if !taken.is_empty() {
            refusals.push(Code::AlreadyInvited.at(["email"]));
        }
    }

    let role = match app.roles.find(role_id) {
        None => refusals.note(Err(Code::InvalidRole.at(["orgRole"]))),
        Some(role) if !may_invite_as(access, role) => refusals.note(Err(Code::RoleNotAllowed.at(["orgRole"]))),
        Some(role) if app.config.features.team_roles && role.is_retired => {
            refusals.note(Err(Code::RoleRetired.at(["orgRole"])))
        }
        Some(role) => Some(role.clone()),
    };

    let (field, assignments) = match (&new.team_slugs, &new.team_roles) {
        (Some(_), Some(_)) => {
            refusals.push(
                Code::ValidationFailed
                    .at(["teamRoles"])
                    .saying("Give either teamSlugs or teamRoles, not both."),
            );
            ("teamRoles", Vec::new())
        }
        (_, Some(roles)) => ("teamRoles", roles.clone()),
        (Some(slugs), None) => (
            "teamSlugs",
            slugs
                .iter()
                .map(|slug| TeamAssignment {
                    slug: slug.clone(),
                    role: None,
                })
                .collect(),
        ),
        (None, None) => ("teamSlugs", Vec::new()),
    };
    let teams = match resolve(&**tx, app, organization, field, &assignments).await? {
        Ok(teams) => teams.into_iter().map(|(team, _)| team).collect(),
        Err(bad) => {
            bad.into_iter().for_each(|refusal| refusals.push(refusal));
            Vec::new()
        }
    };

    if new
        .referrer
        .as_ref()
        .is_some_and(|text| text.chars().count() > REFERRER_MAX || text.chars().any(char::is_control))
    {
        refusals.push(Code::ValidationFailed.at(["referrer"]));
    }
    refusals.check()?;
    // Nothing was refused, so everything is there.
    email
        .zip(role)
        .map(|(email, role)| (email, role, teams))
        .ok_or_else(|| Error::internal("a refusal was lost"))
}

/// §8.1 steps 6 and 7.
async fn check_teams(tx: &Write, access: &Access, role: &OrgRole, teams: &[team::Model]) -> Result<Result<()>> {
    let is_closed = !access.organization().has(organization::flag::ALLOW_JOINLEAVE);
    let is_free = match access.person() {
        Some(_) => access.has(Scope::MemberAdmin),
        None => access.has(Scope::TeamWrite) || access.has(Scope::OrgWrite),
    };
    if is_closed && !is_free && !teams.is_empty() {
        let own = match access.membership() {
            Some(membership) => ids_of(&**tx, membership.id).await?,
            None => Default::default(),
        };
        if teams.iter().any(|team| !own.contains(&team.id)) {
            return Ok(Err(Code::TeamNotJoined.into()));
        }
    }
    if !teams.is_empty() && !role.is_team_roles_allowed {
        return Ok(Err(Code::TeamRolesNotAllowed.into()));
    }
    Ok(Ok(()))
}

async fn insert(tx: &Write, app: &App, access: &Access, (email, key): Email, role: &OrgRole) -> Result<member::Model> {
    let now = access.actor().now;
    let (nonce, expires_at) = renew(app, now);
    let row = member::ActiveModel {
        organization_id: Set(access.organization().id),
        sort_name: Set(key.clone()),
        email: Set(Some(email)),
        email_key: Set(Some(key)),
        role: Set(role.id.clone()),
        flags: Set(0),
        invite_nonce: Set(Some(nonce)),
        token_expires_at: Set(Some(expires_at)),
        date_added: Set(now),
        has_global_access: Set(true),
        inviter_id: Set(access.actor().user_id()),
        invite_status: Set(member::InviteStatus::Approved),
        user_is_active: Set(true),
        ..Default::default()
    };
    // Somebody else may have invited the address in this moment.
    db::on_conflict(row.insert(&**tx).await, Code::AlreadyInvited.at(["email"]))
}

async fn add_teams(tx: &Write, row: &member::Model, teams: &[team::Model]) -> Result<Vec<team_member::Model>> {
    if teams.is_empty() {
        return Ok(Vec::new());
    }
    let rows = teams.iter().map(|team| team_member::ActiveModel {
        team_id: Set(team.id),
        member_id: Set(row.id),
        is_active: Set(true),
        role: Set(None),
        ..Default::default()
    });
    Ok(team_member::Entity::insert_many(rows)
        .exec_with_returning(&**tx)
        .await?)
}

// --- accepting --------------------------------------------------------------

/// A membership that an invite has become.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The joined row.
    pub member: member::Model,
    /// Where.
    pub organization: organization::Model,
}

/// Turns an open invite into a membership (spec §7).
///
/// Of any number of racing calls exactly one wins. Unknown, foreign and
/// withdrawn tokens are all `INVITE_INVALID`: they are not told apart, so that
/// guessing teaches nothing.
///
/// # Errors
/// In this order: `UNAUTHENTICATED`, `INVITE_INVALID`, `INVITE_EXPIRED`,
/// `ALREADY_MEMBER` (and the invite is deleted), `TWO_FACTOR_REQUIRED`,
/// `EMAIL_VERIFICATION_REQUIRED`, `SSO_REQUIRED`. Nothing else is changed then.
pub async fn accept(app: &App, actor: &Arc<Actor>, token: &str) -> Result<Accepted> {
    let person = actor.require_person()?;
    let Some((id, proof)) = parse_token(token) else {
        return Err(invalid());
    };
    match try_accept(app, actor, person, id, &proof).await? {
        Some(accepted) => Ok(accepted),
        // The person joined by another invite in the meantime; the second look
        // sees that membership.
        None => try_accept(app, actor, person, id, &proof)
            .await?
            .ok_or_else(|| Code::AlreadyMember.into()),
    }
}

fn invalid() -> Error {
    Code::InviteInvalid.at(["token"]).into()
}

/// `None` when another membership of the person was made at the same time.
async fn try_accept(
    app: &App,
    actor: &Arc<Actor>,
    person: &Person,
    id: MemberId,
    proof: &[u8; 32],
) -> Result<Option<Accepted>> {
    let tx = db::begin_write(&app.db).await?;
    let row = member::Entity::find_by_id(id).for_update().one(&*tx).await?;
    if !is_proven(&app.config.invites.secret, row.as_ref(), id, proof) {
        return Err(invalid());
    }
    let row = row.ok_or_else(invalid)?;
    let standing = Standing::find_one(&*tx, actor, row.organization_id)
        .await?
        .ok_or_else(invalid)?;
    let organization = standing.organization;
    if organization.status != OrganizationStatus::Active {
        return Err(invalid());
    }
    if row.is_expired(actor.now) {
        return Err(Code::InviteExpired.at(["token"]).into());
    }
    if standing.membership.is_some() {
        outbox::record(&tx, [Change::member(organization.id, row.id)]).await?;
        member::Entity::delete_by_id(row.id).exec(&*tx).await?;
        tx.commit().await?;
        return Err(Code::AlreadyMember.into());
    }
    let is_linked = is_linked(&*tx, actor, standing.provider.as_ref()).await?;
    if let Some(open) = requirements(app, Some(person), &organization, standing.provider.as_ref(), is_linked).first() {
        return Err(open.refusal().into());
    }

    let Some(member) = set_user(&tx, row, &person.user, is_linked).await? else {
        return Ok(None);
    };
    outbox::record(&tx, [Change::member(organization.id, member.id)]).await?;
    let teams = audit::teams_of(&*tx, member.id).await?;
    let data = audit::member_data(&member, person.user.email.as_deref(), &teams);
    audit::record(
        &tx,
        actor,
        organization.id,
        [Entry::member(Event::MemberAccept, &member, data)],
    )
    .await?;
    tx.commit().await?;
    metrics::counter!("organization_invite_accepted_total").increment(1);
    Ok(Some(Accepted { member, organization }))
}

/// §2.3 *set user*. `None` when the person has a membership already.
async fn set_user(
    tx: &Write,
    row: member::Model,
    user: &user::Model,
    is_linked: bool,
) -> Result<Option<member::Model>> {
    let flags = match is_linked {
        // Whoever has linked an identity before joining would otherwise be shut
        // out by the very gate they have satisfied.
        true => (row.flags | member::flag::SSO_LINKED) & !member::flag::SSO_INVALID,
        false => row.flags,
    };
    let mut change = row.into_active_model();
    change.user_id = Set(Some(user.id));
    change.email = Set(None);
    change.email_key = Set(None);
    change.invite_nonce = Set(None);
    change.token_expires_at = Set(None);
    change.flags = Set(flags);
    change.user_is_active = Set(user.is_active);
    change.user_email = Set(user.verified_email().map(str::to_owned));
    change.sort_name = Set(user.sort_name());
    match change.update(&**tx).await {
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Ok(None),
        result => Ok(Some(result?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64) -> member::Model {
        member::Model {
            id: MemberId(id),
            organization_id: OrganizationId(1),
            user_id: None,
            email: Some("a@b.c".into()),
            email_key: Some("a@b.c".into()),
            role: MEMBER.into(),
            flags: 0,
            invite_nonce: Some(vec![7; 16]),
            token_expires_at: None,
            date_added: DateTime::UNIX_EPOCH,
            has_global_access: true,
            inviter_id: None,
            invite_status: member::InviteStatus::Approved,
            user_is_active: true,
            user_email: None,
            sort_name: String::new(),
        }
    }

    #[test]
    fn a_token_proves_its_own_row_only() {
        let (old, new) = (SecretString::from("old secret"), SecretString::from("new secret"));
        let token = token_of(std::slice::from_ref(&old), &row(35 * 36 + 1)).unwrap();
        assert!(token.starts_with("z1."));
        let (id, proof) = parse_token(&token).unwrap();
        assert_eq!(id, MemberId(35 * 36 + 1));

        let proven = |secrets: &[SecretString], row: &member::Model| is_proven(secrets, Some(row), row.id, &proof);
        assert!(proven(std::slice::from_ref(&old), &row(id.0)));
        assert!(
            proven(&[new.clone(), old.clone()], &row(id.0)),
            "an old secret still verifies"
        );
        assert!(!proven(std::slice::from_ref(&new), &row(id.0)));
        assert!(!proven(std::slice::from_ref(&old), &row(id.0 + 1)));
        assert!(!proven(
            std::slice::from_ref(&old),
            &member::Model {
                invite_nonce: None,
                ..row(id.0)
            }
        ));
        assert!(!proven(
            std::slice::from_ref(&old),
            &member::Model {
                invite_nonce: Some(vec![8; 16]),
                ..row(id.0)
            }
        ));
        let request = member::Model {
            invite_status: member::InviteStatus::RequestedToJoin,
            ..row(id.0)
        };
        assert!(!proven(std::slice::from_ref(&old), &request));
        assert!(!is_proven(&[old], None, id, &proof));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let proof = URL_SAFE_NO_PAD.encode([0; 32]);
        let good = format!("1.{proof}");
        assert!(parse_token(&good).is_some());
        for bad in [
            "",
            ".",
            "1",
            "1.",
            &proof,
            &format!("0.{proof}"),
            &format!("-1.{proof}"),
            &format!("+1.{proof}"),
            &format!("01.{proof}"),
            &format!("Z.{proof}"),
            &format!("{good}="),
            &format!("{good}a"),
            &format!("zzzzzzzzzzzzzzzz.{proof}"),
            &"1.".repeat(10_000),
        ] {
            assert!(parse_token(bad).is_none(), "{bad}");
        }
    }
}
