//! Table `file`: stored files (spec §18).

use sea_orm::entity::prelude::*;

use crate::ids::FileId;

/// A row of `file`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "file")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key)]
    pub id: FileId,
    /// File name.
    pub name: String,
    /// What the file is for, such as `avatar.file`.
    pub r#type: String,
    /// When it was stored, UTC.
    pub timestamp: DateTimeUtc,
    /// Map of headers.
    pub headers: Json,
    /// Size in bytes; null while it is being written.
    pub size: Option<i64>,
    /// SHA-256 of the content, 64 hex digits.
    pub checksum: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
