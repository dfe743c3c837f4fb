//! Jobs get a lane, so that mails to a slow server keep nothing else waiting,
//! and those that repeat a key, so that there is one of each.

use sea_orm_migration::{
    prelude::*,
    schema::{integer, text_null},
};

use crate::table::index;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time.
        for column in [integer("lane").default(0).take(), text_null("repeat_key")] {
            manager
                .alter_table(Table::alter().table("job").add_column(column).take())
                .await?;
        }
        let mails = "UPDATE job SET lane = 1 WHERE kind IN ('send_invite', 'send_sso_link')";
        manager.get_connection().execute_unprepared(mails).await?;
        manager
            .drop_index(Index::drop().name("job_due_idx").table("job").to_owned())
            .await?;
        // What was given up is not in it: a worker never walks through that.
        let next = "CREATE INDEX job_next_idx ON job (lane, due_at, id) WHERE status < 2";
        manager.get_connection().execute_unprepared(next).await?;
        manager
            .create_index(index("job_status_idx", "job", &["status", "id"]))
            .await?;
        manager
            .create_index(index("job_repeat_key_idx", "job", &["repeat_key"]).unique().take())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["job_repeat_key_idx", "job_status_idx", "job_next_idx"] {
            manager
                .drop_index(Index::drop().name(name).table("job").to_owned())
                .await?;
        }
        manager
            .create_index(index("job_due_idx", "job", &["status", "due_at", "id"]))
            .await?;
        for column in ["repeat_key", "lane"] {
            manager
                .alter_table(Table::alter().table("job").drop_column(column).take())
                .await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
