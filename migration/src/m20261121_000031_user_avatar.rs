//! Columns of `user`: what stands for a person, by their own choice. Pieces of
//! files are found by their objects.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer_null, integer_null},
};

use crate::table::{Columns, index};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            integer_null("avatar_type"),
            big_integer_null("avatar_file_id"),
            Columns::of(manager).string_null("avatar_ident", 32),
        ] {
            manager
                .alter_table(Table::alter().table("user").add_column(column).take())
                .await?;
        }
        let mut ident = index("user_avatar_ident_idx", "user", &["avatar_ident"]);
        manager.create_index(ident.unique().to_owned()).await?;
        manager.create_index(index("blob_path_idx", "blob", &["path"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table) in [("blob_path_idx", "blob"), ("user_avatar_ident_idx", "user")] {
            manager
                .drop_index(Index::drop().name(name).table(table).to_owned())
                .await?;
        }
        for column in ["avatar_ident", "avatar_file_id", "avatar_type"] {
            manager
                .alter_table(Table::alter().table("user").drop_column(column).take())
                .await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
