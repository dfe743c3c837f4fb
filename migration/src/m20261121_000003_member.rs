//! Tables `member` and `invite_delivery`: places in organizations, taken or
//! offered, and what became of the mail that offers one.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, big_pk_auto, blob_null, boolean, integer, text, text_null,
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
        let member = Table::create()
            .table("member")
            .col(big_pk_auto("id"))
            .col(big_integer("organization_id"))
            .col(big_integer_null("user_id"))
            .col(columns.string_null("email", 75))
            // No limit: a lower-case text can be longer than the original.
            .col(columns.byte_ordered(text_null("email_key")))
            .col(columns.byte_ordered(columns.string("role", 32).default("member").take()))
            .col(big_integer("flags").default(0))
            .col(blob_null("invite_nonce"))
            .col(timestamp_with_time_zone_null("token_expires_at"))
            .col(timestamp_with_time_zone("date_added"))
            .col(boolean("has_global_access").default(true))
            .col(big_integer_null("inviter_id"))
            .col(integer("invite_status").default(0))
            .col(boolean("user_is_active").default(true))
            .col(columns.byte_ordered(text_null("user_email")))
            .col(columns.byte_ordered(text("sort_name").default("").take()))
            .index(&mut unique(&["organization_id", "user_id"]))
            .index(&mut unique(&["organization_id", "email_key"]))
            .foreign_key(&mut foreign_key(
                "member",
                "organization_id",
                "organization",
                ForeignKeyAction::Cascade,
            ))
            .foreign_key(&mut foreign_key("member", "user_id", "user", ForeignKeyAction::Cascade))
            .foreign_key(&mut foreign_key(
                "member",
                "inviter_id",
                "user",
                ForeignKeyAction::SetNull,
            ))
            .check((
                "member_user_or_email",
                Expr::cust("user_id IS NOT NULL OR email IS NOT NULL"),
            ))
            .check((
                "member_email_with_key",
                Expr::cust("(email IS NULL) = (email_key IS NULL)"),
            ))
            .check(("member_role_not_empty", Expr::cust("role <> ''")))
            .take();
        manager.create_table(member).await?;

        // One for each order in which a page of members can be asked for.
        for index in [
            index("member_organization_idx", "member", &["organization_id", "id"]),
            index(
                "member_date_added_idx",
                "member",
                &["organization_id", "date_added", "id"],
            ),
            index(
                "member_sort_name_idx",
                "member",
                &["organization_id", "sort_name", "id"],
            ),
            index("member_role_idx", "member", &["organization_id", "role", "id"]),
        ] {
            manager.create_index(index).await?;
        }
        // The database uses it only for the very same expression, so queries
        // spell it like this and bind no parameter in it.
        let by_email = "CREATE INDEX member_shown_email_idx ON member \
                        (organization_id, coalesce(user_email, email_key, ''), id)";
        manager.get_connection().execute_unprepared(by_email).await?;

        // A person's own places, the invites they sent, the invites to an address.
        for index in [
            index("member_user_idx", "member", &["user_id"]),
            index("member_inviter_idx", "member", &["inviter_id"]),
            index("member_email_key_idx", "member", &["email_key"]),
        ] {
            manager.create_index(index).await?;
        }

        let delivery = Table::create()
            .table("invite_delivery")
            .col(big_integer("member_id").primary_key())
            .col(integer("status"))
            .col(integer("attempts"))
            .col(timestamp_with_time_zone_null("last_sent_at"))
            .col(text_null("last_error"))
            .foreign_key(&mut foreign_key(
                "invite_delivery",
                "member_id",
                "member",
                ForeignKeyAction::Cascade,
            ))
            .take();
        manager.create_table(delivery).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["invite_delivery", "member"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
