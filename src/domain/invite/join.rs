//! Asking to be let in, from outside (spec §9.2).

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use entity::{
    member,
    organization::{self, OrganizationStatus},
};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, sea_query::ExprTrait};

use super::pending::NewPending;
use crate::{
    access::Standing,
    app::App,
    auth::{Actor, Who},
    db::{self, Write},
    domain::{
        audit::{self, Entry},
        options::Settings,
        text,
    },
    error::{Code, Error, Result},
    limits::{self, Limit},
    outbox::{self, Change},
    queue::{self, Work},
};

/// Asks for a place in an organization, in the name of an address. Needs no
/// sign-in, and who asks does not matter.
///
/// Whether the address is a member's, invited or asked for already is not told:
/// the answer is the same, and so are the statements and the commit behind it.
///
/// # Errors
/// `ORGANIZATION_NOT_FOUND`, `JOIN_REQUESTS_DISABLED`, `SSO_JOIN_REQUIRED`,
/// `RATE_LIMITED`, `INVALID_EMAIL`, in this order. The attempt counts from
/// `RATE_LIMITED` on.
pub async fn request_to_join(app: &App, actor: &Arc<Actor>, slug: &str, email: &str) -> Result<()> {
    let organization = find(app, actor, slug).await?;
    let tx = db::begin_write(&app.db).await?;
    let checked = async {
        count_attempt(&tx, app, actor, &organization).await?;
        Ok(text::email(&app.config, email)?)
    }
    .await;
    let (tx, (email, key)) = tx.unless_refused(checked).await?;

    let members = member::Entity::within(organization.id)
        .filter(member::Entity::known_address().eq(&key))
        .filter(member::Column::UserId.is_not_null())
        .filter(member::Column::UserIsActive.eq(true));
    let is_member = members.count(&*tx).await? > 0;

    // A known address costs the same: its request is written and taken back.
    let part = tx.part().await?;
    let is_new = write(&part, actor, &organization, &email, &key).await?;
    if is_new && !is_member {
        part.commit().await?;
    } else {
        part.rollback().await?;
    }
    tx.commit().await
}

/// The organization, if people outside may ask to join it.
async fn find(app: &App, actor: &Actor, slug: &str) -> Result<organization::Model> {
    let missing = || Error::from(Code::OrganizationNotFound.at(["organizationSlug"]));
    if !text::is_storable(slug) {
        return Err(missing());
    }
    let standing = Standing::find(&app.db, actor, organization::Column::Slug.eq(slug)).await?;
    let Standing {
        organization, provider, ..
    } = standing.into_iter().next().ok_or_else(missing)?;
    if organization.status != OrganizationStatus::Active {
        return Err(missing());
    }
    if !Settings::load(&app.db, &organization).await?.allow_join_requests() {
        return Err(Code::JoinRequestsDisabled.into());
    }
    if provider.is_some() {
        return Err(Code::SsoJoinRequired.into());
    }
    Ok(organization)
}

/// One client must not use up what all have together, so what is refused to the
/// client does not count for the organization.
async fn count_attempt(tx: &Write, app: &App, actor: &Actor, organization: &organization::Model) -> Result<()> {
    let limits = &app.config.rate_limits;
    if !limits.enabled {
        return Ok(());
    }
    let client = actor.ip.map_or_else(|| "unknown".to_owned(), client);
    let by_client = Limit::per_day(format!("join:client:{client}"), limits.join_requests_per_client_per_day);
    let by_organization = Limit::per_day(
        format!("join:organization:{}", organization.id.0),
        limits.join_requests_per_organization_per_day,
    );
    limits::attempt(tx, &[by_client], actor.now).await?;
    limits::attempt(tx, &[by_organization], actor.now).await
}

/// One client by its address. Of IPv6 everybody has 2^64 addresses at least.
fn client(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("{}/64", Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)),
    }
}

/// The effects of §9.2. False when the address has a pending row already.
async fn write(tx: &Write, actor: &Actor, organization: &organization::Model, email: &str, key: &str) -> Result<bool> {
    let pending = NewPending {
        organization: organization.id,
        email,
        key,
        role: &organization.default_role,
        status: member::InviteStatus::RequestedToJoin,
        inviter: None,
        token: None,
        now: actor.now,
    };
    let row = pending.insert(tx).await?;
    let id = row.as_ref().map(|row| row.id).unwrap_or_default();
    outbox::record(tx, [Change::member(organization.id, id)]).await?;
    // Whoever asks is not known by being signed in: the address is what counts.
    let nobody = Actor {
        who: Who::Anonymous,
        ..actor.clone()
    };
    audit::record(tx, &nobody, organization.id, [Entry::join_request(id, email)]).await?;
    queue::enqueue(tx, &Work::AnnounceRequest { member: id }, actor.now).await?;
    Ok(row.is_some())
}
