//! Table `organization_counter`: what was counted of an organization.

use sea_orm_migration::{prelude::*, schema::big_integer};

use crate::table::{drop_tables, foreign_key};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let counter = Table::create()
            .table("organization_counter")
            .col(big_integer("organization_id").primary_key())
            .col(big_integer("invites_sent").default(0))
            .col(big_integer("invites_accepted").default(0))
            .foreign_key(&mut foreign_key(
                "organization_counter",
                "organization_id",
                "organization",
                ForeignKeyAction::Cascade,
            ))
            .take();
        manager.create_table(counter).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["organization_counter"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
