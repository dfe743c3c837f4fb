//! Table `blob`: content-addressed pieces of files (spec §18).

use sea_orm::entity::prelude::*;

use crate::ids::BlobId;

/// A row of `blob`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "blob")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key)]
    pub id: BlobId,
    /// Key in the object store.
    pub path: Option<String>,
    /// Size in bytes.
    pub size: i64,
    /// SHA-256 of the bytes, 64 hex digits, unique.
    #[sea_orm(unique)]
    pub checksum: String,
    /// Last use, UTC.
    pub timestamp: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
