//! Tables `auth_provider`, `auth_identity` and `api_token`: single sign-on of
//! organizations, and credentials of apps.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, big_integer_uniq, big_pk_auto, blob_uniq, boolean, text,
        timestamp_with_time_zone, timestamp_with_time_zone_null,
    },
};

use crate::table::{Columns, drop_tables, foreign_key, index, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = Columns::of(manager);
        let provider = Table::create()
            .table("auth_provider")
            .col(big_pk_auto("id"))
            .col(big_integer_uniq("organization_id"))
            .col(text("provider"))
            .col(text("name"))
            .col(boolean("allow_unlinked"))
            .col(boolean("scim_enabled"))
            .col(timestamp_with_time_zone("date_added"))
            .foreign_key(&mut foreign_key(
                "auth_provider",
                "organization_id",
                "organization",
                ForeignKeyAction::Cascade,
            ))
            .take();
        manager.create_table(provider).await?;

        let identity = Table::create()
            .table("auth_identity")
            .col(big_pk_auto("id"))
            .col(big_integer("auth_provider_id"))
            .col(big_integer("user_id"))
            .col(timestamp_with_time_zone("date_added"))
            .index(&mut unique(&["auth_provider_id", "user_id"]))
            .foreign_key(&mut foreign_key(
                "auth_identity",
                "auth_provider_id",
                "auth_provider",
                ForeignKeyAction::Cascade,
            ))
            .foreign_key(&mut foreign_key(
                "auth_identity",
                "user_id",
                "user",
                ForeignKeyAction::Cascade,
            ))
            .take();
        manager.create_table(identity).await?;

        let token = Table::create()
            .table("api_token")
            .col(big_pk_auto("id"))
            .col(big_integer("organization_id"))
            .col(text("name"))
            .col(text("prefix"))
            .col(blob_uniq("secret_hash"))
            .col(columns.json("scopes"))
            .col(big_integer_null("created_by_id"))
            .col(timestamp_with_time_zone("date_added"))
            .col(timestamp_with_time_zone_null("expires_at"))
            .col(timestamp_with_time_zone_null("last_used_at"))
            .foreign_key(&mut foreign_key(
                "api_token",
                "organization_id",
                "organization",
                ForeignKeyAction::Cascade,
            ))
            .foreign_key(&mut foreign_key(
                "api_token",
                "created_by_id",
                "user",
                ForeignKeyAction::SetNull,
            ))
            .take();
        manager.create_table(token).await?;

        for index in [
            index("auth_identity_user_idx", "auth_identity", &["user_id"]),
            index("api_token_organization_idx", "api_token", &["organization_id", "id"]),
            index("api_token_created_by_idx", "api_token", &["created_by_id"]),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["api_token", "auth_identity", "auth_provider"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
