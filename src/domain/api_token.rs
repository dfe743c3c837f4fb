//! API tokens: credentials of apps, which belong to an organization and not to
//! a person (spec §27.2).

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use entity::api_token;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    app::App,
    auth::{Actor, AppToken, Who},
    db,
    error::{Code, Result},
    roles::ScopeSet,
};

/// How the secret of every API token begins.
pub const PREFIX: &str = "rst_";

/// What is stored of a secret. Secrets are random and long, so a plain hash
/// cannot be searched.
pub fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// The app that holds `secret`. Its use is noted at most once a minute.
///
/// # Errors
/// `UNAUTHENTICATED` for an unknown or expired secret.
pub async fn arrive(app: &App, secret: &str, ip: Option<IpAddr>, now: DateTime<Utc>) -> Result<Actor> {
    let token = api_token::Entity::find()
        .filter(api_token::Column::SecretHash.eq(hash(secret)))
        .one(&*app.db)
        .await?;
    let Some(token) = token.filter(|token| token.expires_at.is_none_or(|end| end > now)) else {
        tracing::info!("unknown or expired API token refused");
        return Err(Code::Unauthenticated.into());
    };

    let minute_ago = now - TimeDelta::minutes(1);
    if token.last_used_at.is_none_or(|last| last < minute_ago) {
        let tx = db::begin_write(&app.db).await?;
        api_token::Entity::update_many()
            .col_expr(api_token::Column::LastUsedAt, Expr::value(now))
            .filter(api_token::Column::Id.eq(token.id))
            .filter(
                Condition::any()
                    .add(api_token::Column::LastUsedAt.is_null())
                    .add(api_token::Column::LastUsedAt.lt(minute_ago)),
            )
            .exec(&*tx)
            .await?;
        tx.commit().await?;
    }

    let scopes = ScopeSet::of_names(token.scopes.as_array().into_iter().flatten().filter_map(Value::as_str));
    Ok(Actor {
        who: Who::App(Box::new(AppToken { token, scopes })),
        ip,
        now,
    })
}
