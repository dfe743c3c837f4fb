//! Tables `team`, `team_member` and `access_request`: teams, who is in them
//! and who wants to be.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, big_integer_null, big_pk_auto, boolean, integer, text, timestamp_with_time_zone},
};

use crate::table::{Columns, drop_tables, foreign_key, index, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = Columns::of(manager);
        let team = Table::create()
            .table("team")
            .col(big_pk_auto("id"))
            .col(big_integer("organization_id"))
            .col(columns.byte_ordered(text("slug")))
            .col(columns.string("name", 64))
            .col(integer("status").default(0))
            .col(boolean("idp_provisioned").default(false))
            .col(timestamp_with_time_zone("date_added"))
            .index(&mut unique(&["organization_id", "slug"]))
            .foreign_key(&mut foreign_key(
                "team",
                "organization_id",
                "organization",
                ForeignKeyAction::Cascade,
            ))
            .take();
        manager.create_table(team).await?;

        let team_member = Table::create()
            .table("team_member")
            .col(big_pk_auto("id"))
            .col(big_integer("team_id"))
            .col(big_integer("member_id"))
            .col(boolean("is_active").default(true))
            .col(columns.byte_ordered(columns.string_null("role", 32)))
            .index(&mut unique(&["team_id", "member_id"]))
            .foreign_key(&mut foreign_key(
                "team_member",
                "team_id",
                "team",
                ForeignKeyAction::Cascade,
            ))
            .foreign_key(&mut foreign_key(
                "team_member",
                "member_id",
                "member",
                ForeignKeyAction::Cascade,
            ))
            .take();
        manager.create_table(team_member).await?;

        let request = Table::create()
            .table("access_request")
            .col(big_pk_auto("id"))
            .col(big_integer("team_id"))
            .col(big_integer("member_id"))
            .col(big_integer_null("requester_id"))
            .col(timestamp_with_time_zone("date_added"))
            .index(&mut unique(&["team_id", "member_id"]))
            .foreign_key(&mut foreign_key(
                "access_request",
                "team_id",
                "team",
                ForeignKeyAction::Cascade,
            ))
            .foreign_key(&mut foreign_key(
                "access_request",
                "member_id",
                "member",
                ForeignKeyAction::Cascade,
            ))
            .foreign_key(&mut foreign_key(
                "access_request",
                "requester_id",
                "user",
                ForeignKeyAction::SetNull,
            ))
            .take();
        manager.create_table(request).await?;

        for index in [
            index("team_member_team_idx", "team_member", &["team_id", "id"]),
            index("team_member_member_idx", "team_member", &["member_id"]),
            index("access_request_member_idx", "access_request", &["member_id"]),
            index("access_request_requester_idx", "access_request", &["requester_id"]),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["access_request", "team_member", "team"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
