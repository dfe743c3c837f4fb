//! The order in which invites and requests are listed: by status, then by
//! address.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One text, because both databases seek into an index with one
        // comparison. A status has one digit, so texts order like numbers.
        let by_status = "CREATE INDEX member_pending_idx ON member \
                         (organization_id, (CAST(invite_status AS text) || email_key), id) WHERE user_id IS NULL";
        manager.get_connection().execute_unprepared(by_status).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(Index::drop().name("member_pending_idx").to_owned())
            .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
