//! Tables `webhook` and `webhook_delivery`: servers that are told of events, and
//! what became of telling them.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, big_pk_auto, binary, binary_null, boolean, integer, integer_null, text,
        timestamp_with_time_zone, timestamp_with_time_zone_null,
    },
};

use crate::table::{Columns, drop_tables, foreign_key, index};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = Columns::of(manager);
        let webhook = Table::create()
            .table("webhook")
            .col(big_pk_auto("id"))
            .col(big_integer("organization_id"))
            .col(columns.string("url", 2048))
            .col(columns.string_null("description", 200))
            .col(columns.json_null("event_types"))
            .col(binary("secret"))
            .col(binary_null("previous_secret"))
            .col(timestamp_with_time_zone_null("previous_secret_until"))
            .col(boolean("is_enabled").default(true))
            .col(columns.string_null("disabled_reason", 16))
            .col(timestamp_with_time_zone_null("disabled_at"))
            .col(integer("failures").default(0))
            .col(timestamp_with_time_zone_null("first_failed_at"))
            .col(big_integer_null("created_by_id"))
            .col(timestamp_with_time_zone("date_added"))
            .foreign_key(&mut foreign_key(
                "webhook",
                "organization_id",
                "organization",
                ForeignKeyAction::Cascade,
            ))
            .foreign_key(&mut foreign_key(
                "webhook",
                "created_by_id",
                "user",
                ForeignKeyAction::SetNull,
            ))
            .take();
        manager.create_table(webhook).await?;

        // No foreign keys, as of events: the many rows of a webhook that is gone
        // are deleted a part at a time.
        let delivery = Table::create()
            .table("webhook_delivery")
            .col(big_pk_auto("id"))
            .col(big_integer("organization_id"))
            .col(big_integer("webhook_id"))
            .col(big_integer("sequence"))
            .col(text("event_type"))
            .col(big_integer("object_identifier"))
            .col(timestamp_with_time_zone("occurred_at"))
            .col(integer("status").default(0))
            .col(integer("attempts").default(0))
            .col(integer("failures").default(0))
            .col(integer_null("response_status"))
            .col(columns.string_null("error", 200))
            .col(timestamp_with_time_zone_null("last_attempt_at"))
            .col(timestamp_with_time_zone_null("next_attempt_at"))
            .col(timestamp_with_time_zone("date_added"))
            .take();
        manager.create_table(delivery).await?;

        let by_status = ["webhook_id", "status", "id"];
        for index in [
            index("webhook_organization_idx", "webhook", &["organization_id", "id"]),
            index("webhook_created_by_idx", "webhook", &["created_by_id"]),
            index(
                "webhook_delivery_webhook_idx",
                "webhook_delivery",
                &["webhook_id", "id"],
            ),
            index("webhook_delivery_status_idx", "webhook_delivery", &by_status),
            index(
                "webhook_delivery_organization_idx",
                "webhook_delivery",
                &["organization_id"],
            ),
            index("webhook_delivery_date_added_idx", "webhook_delivery", &["date_added"]),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["webhook_delivery", "webhook"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
