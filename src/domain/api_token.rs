//! API tokens: credentials of apps, which belong to an organization and not to
//! a person (spec §27.2).

use std::{net::IpAddr, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use entity::{
    api_token,
    ids::{ApiTokenId, OrganizationId},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, Select, sea_query::Expr,
};
use secrecy::SecretString;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::text;
use crate::{
    access::{Access, Gates},
    app::App,
    auth::{Actor, AppToken, Who},
    db,
    error::{Code, Refusal, Refusals, Result},
    roles::{Scope, ScopeSet},
};

/// How the secret of every API token begins.
pub const PREFIX: &str = "rst_";
/// Characters of a secret that are kept, to recognize it by.
const SHOWN: usize = 8;
/// How long a token that ends at all may be good. Later times are no dates that
/// every database and client can read.
const LIFETIME_MAX: TimeDelta = TimeDelta::days(36_525);

/// What is stored of a secret. Secrets are random and long, so a plain hash
/// cannot be searched.
pub fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// What a new token is made from.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Where it is good.
    pub organization: OrganizationId,
    /// What it is for.
    pub name: String,
    /// Names of what it may do.
    pub scopes: Vec<String>,
    /// When it ends; `None` = never.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A new token, and the only time that its secret is told.
#[derive(Debug)]
pub struct Created {
    /// The row.
    pub token: api_token::Model,
    /// What the app sends.
    pub secret: SecretString,
}

/// Makes a token (spec §27.2).
///
/// # Errors
/// The gates, `FORBIDDEN`; one `VALIDATION_FAILED` for each field that is bad.
pub async fn create(app: &App, actor: &Arc<Actor>, new: NewToken) -> Result<Created> {
    let (tx, access) = Access::enter_locked(&app.db, actor, &app.roles, new.organization, Gates::CHANGE).await?;
    let organization = access.require(&[Scope::OrgAdmin])?;
    let expires_at = new.expires_at.map(|end| end.trunc_subsecs(6));
    let mut refusals = Refusals::default();
    let name = refusals.note(text::name(&new.name, "name"));
    let scopes = refusals.note(check_scopes(app, &access, &new.scopes));
    refusals.note(check_end(actor, expires_at));
    refusals.check()?;

    let secret = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()));
    let row = api_token::ActiveModel {
        organization_id: Set(organization),
        name: Set(name.unwrap_or_default()),
        prefix: Set(secret[..SHOWN].to_owned()),
        secret_hash: Set(hash(&secret)),
        scopes: Set(json!(scopes.unwrap_or_default().names())),
        created_by_id: Set(actor.user_id()),
        date_added: Set(actor.now),
        expires_at: Set(expires_at),
        ..Default::default()
    };
    let token = row.insert(&*tx).await?;
    tx.commit().await?;
    Ok(Created {
        token,
        secret: secret.into(),
    })
}

/// The scopes that are named: at least one, and none that the maker lacks.
fn check_scopes(app: &App, access: &Access, names: &[String]) -> Result<ScopeSet, Refusal> {
    text::bounded(&app.config, names.len(), "scopes")?;
    if names.is_empty() {
        return Err(Code::ValidationFailed.at(["scopes"]).saying("Give at least one scope."));
    }
    let check = |(index, name): (usize, &String)| {
        let refuse = |why: &'static str| Err(Code::ValidationFailed.at(["scopes", &index.to_string()]).saying(why));
        match name.parse::<Scope>() {
            Err(_) => refuse("There is no such scope."),
            Ok(scope) if !access.has(scope) => refuse("You do not have this scope yourself."),
            Ok(scope) => Ok(scope),
        }
    };
    names.iter().enumerate().map(check).collect()
}

/// A token ends in the future, and not after the token that makes it: else no
/// token would ever end.
fn check_end(actor: &Actor, end: Option<DateTime<Utc>>) -> Result<(), Refusal> {
    let refuse = |why: &'static str| Err(Code::ValidationFailed.at(["expiresAt"]).saying(why));
    let own = actor.app().and_then(|app| app.token.expires_at);
    match (end, own) {
        (Some(end), _) if end <= actor.now => refuse("This lies in the past."),
        (Some(end), _) if end > actor.now + LIFETIME_MAX => refuse("A token is good for at most a hundred years."),
        (None, Some(_)) => refuse("A token that ends makes only tokens that end."),
        (Some(end), Some(own)) if end > own => refuse("A token makes no token that ends later."),
        _ => Ok(()),
    }
}

/// Ends a token at once.
///
/// # Errors
/// The gates; `VALIDATION_FAILED` for an unknown token, and to whoever is no
/// member of its organization; `FORBIDDEN`.
pub async fn revoke(app: &App, actor: &Arc<Actor>, id: ApiTokenId) -> Result<ApiTokenId> {
    actor.require_known()?;
    let missing = || {
        Code::ValidationFailed
            .at(["apiTokenId"])
            .saying("There is no such API token.")
    };
    let token = api_token::Entity::find_by_id(id).one(&app.db).await?;
    let organization = token.ok_or_else(missing)?.organization_id;
    let (tx, access) = Access::enter_locked(&app.db, actor, &app.roles, organization, Gates::CHANGE)
        .await
        .map_err(|error| error.replace(Code::OrganizationNotFound, missing()))?;
    access.require(&[Scope::OrgAdmin])?;
    let deleted = api_token::Entity::delete_by_id(id).exec(&*tx).await?;
    if deleted.rows_affected == 0 {
        return Err(missing().into());
    }
    tx.commit().await?;
    Ok(id)
}

/// The organization's tokens, also those that have ended.
///
/// # Errors
/// `FORBIDDEN`.
pub fn list(access: &Access) -> Result<Select<api_token::Entity>> {
    let organization = access.require(&[Scope::OrgAdmin])?;
    Ok(api_token::Entity::find().filter(api_token::Column::OrganizationId.eq(organization)))
}

/// What a token names: what it implies is not stored.
pub fn scopes(token: &api_token::Model) -> impl Iterator<Item = &str> {
    token.scopes.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// How exactly the last use of a token is known.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

async fn note_use(app: &App, token: &api_token::Model, now: DateTime<Utc>) -> Result<()> {
    let tx = db::begin_write(&app.db).await?;
    api_token::Entity::update_many()
        .col_expr(api_token::Column::LastUsedAt, Expr::value(now))
        .filter(api_token::Column::Id.eq(token.id))
        .filter(
            Condition::any()
                .add(api_token::Column::LastUsedAt.is_null())
                .add(api_token::Column::LastUsedAt.lt(now - NOTED_EVERY)),
        )
        .exec(&*tx)
        .await?;
    tx.commit().await
}

/// The app that holds `secret`. Its use is noted at most once a minute.
///
/// # Errors
/// `UNAUTHENTICATED` for an unknown or expired secret.
pub async fn arrive(app: &App, secret: &str, ip: Option<IpAddr>, now: DateTime<Utc>) -> Result<Actor> {
    let token = api_token::Entity::find()
        .filter(api_token::Column::SecretHash.eq(hash(secret)))
        .one(&app.db)
        .await?;
    let Some(token) = token.filter(|token| token.expires_at.is_none_or(|end| end > now)) else {
        tracing::info!("unknown or expired API token refused");
        return Err(Code::Unauthenticated.into());
    };

    if token.last_used_at.is_none_or(|last| last < now - NOTED_EVERY)
        && let Err(error) = note_use(app, &token, now).await
    {
        // Nothing that the app should fail for.
        tracing::warn!(cause = ?error, "the use of an API token was not noted");
    }

    let scopes = ScopeSet::of_names(scopes(&token));
    Ok(Actor {
        until: token.expires_at,
        who: Who::App(Box::new(AppToken { token, scopes })),
        ip,
        now,
    })
}
