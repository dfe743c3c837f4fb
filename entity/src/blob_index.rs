//! Table `blob_index`: which blobs make up a file (spec §18).

use sea_orm::entity::prelude::*;

use crate::ids::{BlobId, BlobIndexId, FileId};

/// A row of `blob_index`; unique by file, blob and offset.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "blob_index")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key)]
    pub id: BlobIndexId,
    /// The file.
    pub file_id: FileId,
    /// The blob.
    pub blob_id: BlobId,
    /// Where the blob begins in the file, in bytes.
    pub offset: i64,
    /// The blob.
    #[sea_orm(belongs_to, from = "blob_id", to = "id")]
    pub blob: BelongsTo<super::blob::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
