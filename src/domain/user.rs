//! People: known by what their identity provider says of them (spec §27.1).

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use entity::{ids::UserId, member, outbox::Category, user};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use crate::{
    app::App,
    auth::{Actor, Claims, Person, Who},
    db::{self, ForUpdate, Write},
    error::{Code, Error, Result},
    outbox::{self, Change},
    roles::Scope,
};

/// The person behind verified claims. First sight creates the person, changed
/// claims update them, and an unchanged person costs one read.
///
/// # Errors
/// `UNAUTHENTICATED` for a person who has been made inactive.
pub async fn arrive(app: &App, claims: Claims, ip: Option<IpAddr>, now: DateTime<Utc>) -> Result<Actor> {
    let user = match find(app, &claims).await? {
        Some(user) => user,
        None => create(app, &claims, now).await?,
    };
    if !user.is_active {
        tracing::info!("token of an inactive person refused");
        return Err(Code::Unauthenticated.into());
    }
    let user = update(app, user, &claims).await?;
    let name = format!("{}|{}", claims.issuer, claims.subject);
    Ok(Actor {
        ip,
        now,
        until: Some(claims.until),
        who: Who::Person(Box::new(Person {
            has_two_factor: claims.has_two_factor.unwrap_or(user.has_two_factor),
            is_superuser: app.config.auth.superusers.contains(&name),
            limit: claims.limit,
            idp: claims.idp,
            signed_in_at: claims.signed_in_at,
            user,
        })),
    })
}

async fn find(app: &App, claims: &Claims) -> Result<Option<user::Model>> {
    let found = user::Entity::find()
        .filter(user::Column::Issuer.eq(&claims.issuer))
        .filter(user::Column::Subject.eq(&claims.subject));
    Ok(db::rows(&app.db, found.as_query()).await?.pop())
}

/// Two first requests at once make one person.
async fn create(app: &App, claims: &Claims, now: DateTime<Utc>) -> Result<user::Model> {
    let row = user::ActiveModel {
        issuer: Set(claims.issuer.clone()),
        subject: Set(claims.subject.clone()),
        name: Set(claims.name.clone().unwrap_or_default()),
        email: Set(claims.email.clone()),
        email_key: Set(claims.email.as_deref().map(str::to_lowercase)),
        is_email_verified: Set(claims.is_email_verified.unwrap_or(false)),
        has_two_factor: Set(claims.has_two_factor.unwrap_or(false)),
        avatar_url: Set(claims.picture.clone()),
        is_active: Set(true),
        date_added: Set(now),
        ..Default::default()
    };
    let tx = db::begin_write(&app.db).await?;
    user::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([user::Column::Issuer, user::Column::Subject])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(&*tx)
        .await?;
    tx.commit().await?;
    find(app, claims)
        .await?
        .ok_or_else(|| Error::internal("a person was created and is not there"))
}

/// Absent claims leave what is known as it is: access tokens often carry less
/// than the profile. Only what changed is written, as the row may have changed
/// since it was read.
async fn update(app: &App, user: user::Model, claims: &Claims) -> Result<user::Model> {
    let mut change = user::ActiveModel { ..Default::default() };
    if let Some(email) = &claims.email {
        let key = Some(email.to_lowercase());
        // A mark belongs to its address.
        let known = user.is_email_verified && user.email_key == key;
        let is_verified = claims.is_email_verified.unwrap_or(known);
        if user.email.as_ref() != Some(email) || user.email_key != key || user.is_email_verified != is_verified {
            change.email = Set(Some(email.clone()));
            change.email_key = Set(key);
            change.is_email_verified = Set(is_verified);
        }
    }
    if let Some(name) = claims.name.as_ref().filter(|name| **name != user.name) {
        change.name = Set(name.clone());
    }
    if claims.picture.is_some() && claims.picture != user.avatar_url {
        change.avatar_url = Set(claims.picture.clone());
    }
    if let Some(has) = claims.has_two_factor.filter(|has| *has != user.has_two_factor) {
        change.has_two_factor = Set(has);
    }
    if !change.is_changed() {
        return Ok(user);
    }

    let tx = db::begin_write(&app.db).await?;
    let saved = user::Entity::update_many()
        .set(change)
        .filter(user::Column::Id.eq(user.id))
        .filter(user::Column::IsActive.eq(true))
        .exec_with_returning(&*tx)
        .await?;
    let Some(saved) = saved.into_iter().next() else {
        tracing::info!("token of a person who was just made inactive refused");
        return Err(Code::Unauthenticated.into());
    };
    let shown = |user: &user::Model| {
        (
            user.verified_email().map(str::to_owned),
            user.sort_name(),
            user.has_two_factor,
        )
    };
    if shown(&user) != shown(&saved) {
        member::Entity::update_many()
            .col_expr(
                member::Column::UserEmail,
                Expr::value(saved.verified_email().map(str::to_owned)),
            )
            .col_expr(member::Column::SortName, Expr::value(saved.sort_name()))
            .col_expr(member::Column::UserHasTwoFactor, Expr::value(saved.has_two_factor))
            .filter(member::Column::UserId.eq(saved.id))
            .exec(&*tx)
            .await?;
    }
    outbox::record(&tx, [Change::user(saved.id)]).await?;
    tx.commit().await?;
    Ok(saved)
}

/// The person's row as it is now, locked: what a new member row copies of it stays
/// true until that row is there to be changed, too.
///
/// # Errors
/// `UNAUTHENTICATED` if the person was made inactive since the request began.
pub(super) async fn hold(tx: &Write, person: &Person) -> Result<user::Model> {
    let row = user::Entity::find_by_id(person.user.id).for_update().one(&**tx).await?;
    row.filter(|row| row.is_active)
        .ok_or_else(|| Code::Unauthenticated.into())
}

/// Lets a person sign in, or no longer. Their memberships show it too.
///
/// # Errors
/// `UNAUTHENTICATED`, `FORBIDDEN` to whoever is no superuser; `VALIDATION_FAILED`
/// for an unknown person, and for a superuser who would shut themselves out.
pub async fn set_active(app: &App, actor: &Actor, id: UserId, is_active: bool) -> Result<user::Model> {
    actor.require_known()?;
    let is_limited = |person: &Person| person.limit.is_some_and(|limit| !limit.contains(Scope::MemberAdmin));
    if !actor
        .person()
        .is_some_and(|person| person.is_superuser && !is_limited(person))
    {
        return Err(Code::Forbidden.into());
    }
    let refuse = |why: &'static str| Code::ValidationFailed.at(["userId"]).saying(why);
    if actor.user_id() == Some(id) && !is_active {
        return Err(refuse("You cannot shut yourself out.").into());
    }

    let tx = db::begin_write(&app.db).await?;
    let user = user::Entity::find_by_id(id).for_update().one(&*tx).await?;
    let mut user = user.ok_or_else(|| refuse("There is no such person."))?;
    if user.is_active != is_active {
        let mut change = user.into_active_model();
        change.is_active = Set(is_active);
        user = change.update(&*tx).await?;
        outbox::record(&tx, [Change::user(user.id)]).await?;
    }
    // Also if it was so before: nothing may say otherwise.
    let stale = || {
        member::Column::UserId
            .eq(id)
            .and(member::Column::UserIsActive.eq(!is_active))
    };
    let members = member::Entity::find()
        .select_only()
        .columns([member::Column::OrganizationId, member::Column::Id])
        .filter(stale());
    outbox::record_found(&tx, Category::OrganizationMemberUpdate, members).await?;
    member::Entity::update_many()
        .col_expr(member::Column::UserIsActive, Expr::value(is_active))
        .filter(stale())
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    Ok(user)
}
