//! Tables `organization` and `organization_option`: the tenant and its
//! settings.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_pk_auto, boolean, integer, timestamp_with_time_zone},
};

use crate::table::{Columns, drop_tables, foreign_key, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = Columns::of(manager);
        let organization = Table::create()
            .table("organization")
            .col(big_pk_auto("id"))
            .col(columns.string("name", 64))
            .col(columns.byte_ordered(columns.string("slug", 50).unique_key().take()))
            .col(integer("status").default(0))
            .col(timestamp_with_time_zone("date_added"))
            .col(columns.byte_ordered(columns.string("default_role", 32).default("member").take()))
            .col(boolean("is_test").default(false))
            .col(big_integer("flags").default(1))
            .take();
        manager.create_table(organization).await?;

        let option = Table::create()
            .table("organization_option")
            .col(big_pk_auto("id"))
            .col(big_integer("organization_id"))
            .col(columns.string("key", 64))
            .col(columns.json_null("value"))
            .index(&mut unique(&["organization_id", "key"]))
            .foreign_key(&mut foreign_key(
                "organization_option",
                "organization_id",
                "organization",
                ForeignKeyAction::Cascade,
            ))
            .take();
        manager.create_table(option).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["organization_option", "organization"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
