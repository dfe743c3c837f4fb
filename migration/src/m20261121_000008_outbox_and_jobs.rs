//! Tables `outbox`, `job` and `event`: what follows from a change, written
//! with it. Table `rate_limit`: how often something was tried.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_pk_auto, integer, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null,
    },
};

use crate::table::{Columns, drop_tables, foreign_key, index};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = Columns::of(manager);
        // Outbox rows and jobs outlive what they are about: no foreign keys.
        let outbox = Table::create()
            .table("outbox")
            .col(big_pk_auto("id"))
            .col(integer("shard_scope"))
            .col(big_integer("shard_identifier"))
            .col(integer("category"))
            .col(big_integer("object_identifier"))
            .col(columns.json_null("payload"))
            .col(timestamp_with_time_zone("scheduled_from"))
            .col(timestamp_with_time_zone("scheduled_for"))
            .col(timestamp_with_time_zone("date_added"))
            .take();
        manager.create_table(outbox).await?;

        let job = Table::create()
            .table("job")
            .col(big_pk_auto("id"))
            .col(text("kind"))
            .col(columns.json("payload"))
            .col(integer("status").default(0))
            .col(integer("attempts").default(0))
            .col(timestamp_with_time_zone("due_at"))
            .col(timestamp_with_time_zone_null("lease_until"))
            .col(text_null("last_error"))
            .col(timestamp_with_time_zone("date_added"))
            .take();
        manager.create_table(job).await?;

        let event = Table::create()
            .table("event")
            .col(big_pk_auto("id"))
            .col(big_integer("organization_id"))
            .col(text("type"))
            .col(big_integer("object_identifier"))
            .col(timestamp_with_time_zone("date_added"))
            .foreign_key(&mut foreign_key(
                "event",
                "organization_id",
                "organization",
                ForeignKeyAction::Cascade,
            ))
            .take();
        manager.create_table(event).await?;

        let rate_limit = Table::create()
            .table("rate_limit")
            .col(text("key"))
            .col(big_integer("window"))
            .col(big_integer("count"))
            .col(timestamp_with_time_zone("expires_at"))
            .primary_key(Index::create().col("key").col("window"))
            .take();
        manager.create_table(rate_limit).await?;

        let shard = ["shard_scope", "shard_identifier", "id"];
        let coalesced = ["shard_scope", "shard_identifier", "category", "object_identifier", "id"];
        for index in [
            index("outbox_shard_idx", "outbox", &shard),
            index("outbox_coalesced_idx", "outbox", &coalesced),
            index("outbox_scheduled_for_idx", "outbox", &["scheduled_for"]),
            index("job_due_idx", "job", &["status", "due_at", "id"]),
            index("event_organization_idx", "event", &["organization_id", "id"]),
            index("rate_limit_expires_at_idx", "rate_limit", &["expires_at"]),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["rate_limit", "event", "job", "outbox"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
