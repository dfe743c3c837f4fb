//! Jobs count their failures apart from their attempts, of which some end with
//! the worker; a delivery knows which job is its newest mail.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer_null, integer},
};

use crate::table::index;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            ("job", integer("failures").default(0).take()),
            ("invite_delivery", big_integer_null("job_id")),
        ] {
            manager
                .alter_table(Table::alter().table(table).add_column(column).take())
                .await?;
        }
        manager
            .create_index(index("invite_delivery_job_idx", "invite_delivery", &["job_id"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop()
            .name("invite_delivery_job_idx")
            .table("invite_delivery")
            .to_owned();
        manager.drop_index(index).await?;
        for (table, column) in [("invite_delivery", "job_id"), ("job", "failures")] {
            manager
                .alter_table(Table::alter().table(table).drop_column(column).take())
                .await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
