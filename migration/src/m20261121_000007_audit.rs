//! Table `audit_log_entry`: who did what to whom.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, big_pk_auto, integer, text_null, timestamp_with_time_zone},
};

use crate::table::{Columns, drop_tables, foreign_key, index};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = Columns::of(manager);
        // The API token is no foreign key: the entry keeps its number after
        // the token was revoked.
        let entry = Table::create()
            .table("audit_log_entry")
            .col(big_pk_auto("id"))
            .col(big_integer("organization_id"))
            .col(big_integer_null("actor_id"))
            .col(big_integer_null("actor_key_id"))
            .col(columns.string("actor_label", 64))
            .col(big_integer_null("target_object_id"))
            .col(big_integer_null("target_user_id"))
            .col(integer("event"))
            .col(text_null("ip"))
            .col(columns.json("data"))
            .col(timestamp_with_time_zone("datetime"))
            .foreign_key(&mut foreign_key(
                "audit_log_entry",
                "organization_id",
                "organization",
                ForeignKeyAction::Cascade,
            ))
            .foreign_key(&mut foreign_key(
                "audit_log_entry",
                "actor_id",
                "user",
                ForeignKeyAction::SetNull,
            ))
            .foreign_key(&mut foreign_key(
                "audit_log_entry",
                "target_user_id",
                "user",
                ForeignKeyAction::SetNull,
            ))
            .take();
        manager.create_table(entry).await?;

        for index in [
            index(
                "audit_log_entry_datetime_idx",
                "audit_log_entry",
                &["organization_id", "datetime", "id"],
            ),
            index(
                "audit_log_entry_event_idx",
                "audit_log_entry",
                &["organization_id", "event", "datetime", "id"],
            ),
            index(
                "audit_log_entry_actor_idx",
                "audit_log_entry",
                &["organization_id", "actor_id", "id"],
            ),
            // For the foreign keys: a person who goes is looked for here.
            index("audit_log_entry_actor_user_idx", "audit_log_entry", &["actor_id"]),
            index(
                "audit_log_entry_target_user_idx",
                "audit_log_entry",
                &["target_user_id"],
            ),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["audit_log_entry"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
