//! Tables `file`, `blob` and `blob_index`: stored files and the pieces they
//! are made of. Table `organization_avatar`: what an organization shows.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, big_integer_uniq, big_pk_auto, integer, text, text_null,
        timestamp_with_time_zone,
    },
};

use crate::table::{Columns, drop_tables, foreign_key, index, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = Columns::of(manager);
        let file = Table::create()
            .table("file")
            .col(big_pk_auto("id"))
            .col(text("name"))
            .col(columns.string("type", 64))
            .col(timestamp_with_time_zone("timestamp"))
            .col(columns.json("headers"))
            .col(big_integer_null("size"))
            .col(columns.string_null("checksum", 64))
            .take();
        manager.create_table(file).await?;

        let blob = Table::create()
            .table("blob")
            .col(big_pk_auto("id"))
            .col(text_null("path"))
            .col(big_integer("size"))
            .col(columns.string("checksum", 64).unique_key())
            .col(timestamp_with_time_zone("timestamp"))
            .take();
        manager.create_table(blob).await?;

        // A blob that a file still needs cannot be deleted.
        let blob_index = Table::create()
            .table("blob_index")
            .col(big_pk_auto("id"))
            .col(big_integer("file_id"))
            .col(big_integer("blob_id"))
            .col(big_integer("offset"))
            .index(&mut unique(&["file_id", "blob_id", "offset"]))
            .foreign_key(&mut foreign_key(
                "blob_index",
                "file_id",
                "file",
                ForeignKeyAction::Cascade,
            ))
            .foreign_key(&mut foreign_key(
                "blob_index",
                "blob_id",
                "blob",
                ForeignKeyAction::Restrict,
            ))
            .take();
        manager.create_table(blob_index).await?;
        manager
            .create_index(index("blob_index_blob_idx", "blob_index", &["blob_id"]))
            .await?;

        let avatar = Table::create()
            .table("organization_avatar")
            .col(big_pk_auto("id"))
            .col(big_integer_uniq("organization_id"))
            .col(integer("avatar_type").default(0))
            .col(big_integer_null("file_id").unique_key())
            .col(columns.string("ident", 32).unique_key())
            .foreign_key(&mut foreign_key(
                "organization_avatar",
                "organization_id",
                "organization",
                ForeignKeyAction::Cascade,
            ))
            .foreign_key(&mut foreign_key(
                "organization_avatar",
                "file_id",
                "file",
                ForeignKeyAction::SetNull,
            ))
            .take();
        manager.create_table(avatar).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["organization_avatar", "blob_index", "blob", "file"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
