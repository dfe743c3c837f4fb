//! Table `api_token`: credentials of apps (spec §27.2).

use sea_orm::entity::prelude::*;

use crate::ids::{ApiTokenId, OrganizationId, UserId};

/// A row of `api_token`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_token")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key)]
    pub id: ApiTokenId,
    /// The organization it belongs to.
    pub organization_id: OrganizationId,
    /// What it is for.
    pub name: String,
    /// First characters of the secret, to recognize it by.
    pub prefix: String,
    /// SHA-256 of the secret, unique.
    #[sea_orm(unique)]
    pub secret_hash: Vec<u8>,
    /// JSON list of scope names.
    pub scopes: Json,
    /// Who made it.
    pub created_by_id: Option<UserId>,
    /// When it was made, UTC.
    pub date_added: DateTimeUtc,
    /// When it ends; null = never.
    pub expires_at: Option<DateTimeUtc>,
    /// Last use, to the minute.
    pub last_used_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::from_columns!(
    id,
    organization_id,
    name,
    prefix,
    secret_hash,
    scopes,
    created_by_id,
    date_added,
    expires_at,
    last_used_at,
);
