//! Table `user`: people, known by their identity provider.

use sea_orm_migration::{
    prelude::*,
    schema::{big_pk_auto, boolean, text, text_null, timestamp_with_time_zone},
};

use crate::table::{Columns, drop_tables, index, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = Columns::of(manager);
        let user = Table::create()
            .table("user")
            .col(big_pk_auto("id"))
            .col(text("issuer"))
            .col(text("subject"))
            .col(text("name"))
            .col(text_null("email"))
            .col(columns.byte_ordered(text_null("email_key")))
            .col(boolean("is_email_verified"))
            .col(boolean("has_two_factor"))
            .col(text_null("avatar_url"))
            .col(boolean("is_active"))
            .col(timestamp_with_time_zone("date_added"))
            .index(&mut unique(&["issuer", "subject"]))
            .take();
        manager.create_table(user).await?;

        // Who has this address?
        manager
            .create_index(index("user_email_key_idx", "user", &["email_key"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["user"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
