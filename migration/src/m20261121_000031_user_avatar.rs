//! Table `user_avatar`: what stands for a person, by their own choice. Pieces
//! of files are found by their objects.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer_null, big_integer_uniq, big_pk_auto, integer},
};

use crate::table::{Columns, drop_tables, foreign_key, index};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let avatar = Table::create()
            .table("user_avatar")
            .col(big_pk_auto("id"))
            .col(big_integer_uniq("user_id"))
            .col(integer("avatar_type").default(0))
            .col(big_integer_null("file_id").unique_key())
            .col(Columns::of(manager).string("ident", 32).unique_key())
            .foreign_key(&mut foreign_key(
                "user_avatar",
                "user_id",
                "user",
                ForeignKeyAction::Cascade,
            ))
            .foreign_key(&mut foreign_key(
                "user_avatar",
                "file_id",
                "file",
                ForeignKeyAction::SetNull,
            ))
            .take();
        manager.create_table(avatar).await?;
        manager.create_index(index("blob_path_idx", "blob", &["path"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop().name("blob_path_idx").table("blob").to_owned();
        manager.drop_index(index).await?;
        drop_tables(manager, &["user_avatar"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
