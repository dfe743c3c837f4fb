//! Table `event_head`, and `event` anew: what subscribers are told, numbered
//! without gaps in each organization. Nothing was ever written to the old one.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_pk_auto, text, timestamp_with_time_zone, timestamp_with_time_zone_null},
};

use crate::table::{drop_tables, foreign_key, index};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["event"]).await?;
        // No foreign keys: that an organization is gone is an event, too.
        let head = Table::create()
            .table("event_head")
            .col(big_integer("organization_id").primary_key())
            .col(big_integer("sequence").default(0))
            .col(big_integer("forgotten").default(0))
            .col(big_integer("published").default(0))
            .col(timestamp_with_time_zone_null("publishing_until"))
            .take();
        manager.create_table(head).await?;

        let event = Table::create()
            .table("event")
            .col(big_integer("organization_id"))
            .col(big_integer("sequence"))
            .col(text("type"))
            .col(big_integer("object_identifier"))
            .col(timestamp_with_time_zone("occurred_at"))
            .col(timestamp_with_time_zone("date_added"))
            .primary_key(Index::create().col("organization_id").col("sequence"))
            .take();
        manager.create_table(event).await?;

        let object = ["organization_id", "object_identifier", "sequence"];
        // Finds the shards that are due without reading the rows.
        let due = ["scheduled_for", "shard_scope", "shard_identifier", "id"];
        for index in [
            index("event_object_idx", "event", &object),
            index("event_date_added_idx", "event", &["date_added"]),
            index("outbox_due_idx", "outbox", &due),
        ] {
            manager.create_index(index).await?;
        }
        let connection = manager.get_connection();
        connection
            .execute_unprepared(
                "CREATE INDEX event_head_unpublished_idx ON event_head (organization_id) WHERE published < sequence",
            )
            .await?;
        manager
            .drop_index(
                Index::drop()
                    .name("outbox_scheduled_for_idx")
                    .table("outbox")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let due = index("outbox_scheduled_for_idx", "outbox", &["scheduled_for"]);
        manager.create_index(due).await?;
        manager
            .drop_index(Index::drop().name("outbox_due_idx").table("outbox").to_owned())
            .await?;
        drop_tables(manager, &["event", "event_head"]).await?;
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
        manager
            .create_index(index("event_organization_idx", "event", &["organization_id", "id"]))
            .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
