//! Lists whose pages cost the same however long they are: an index for each
//! order, alone and within each part of the list that a filter can ask for.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer_null, boolean},
    sea_orm::DbBackend,
};

use crate::table::index;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The orders of members: the rest of an index name, and the key.
const ORDERS: [(&str, &str); 4] = [
    ("id", ""),
    ("date_added", "date_added, "),
    ("sort_name", "sort_name, "),
    ("email", "coalesce(user_email, email_key, ''), "),
];

/// Members that are alike for every filter. The database uses the index only
/// for the very same expression, so queries spell it like this.
const COHORT: &str = "(role || CAST((flags & 1) + CASE WHEN user_id IS NULL THEN 2 WHEN user_has_two_factor THEN 4 \
                      ELSE 0 END AS text))";

/// What makes a row a member that is shown.
const SHOWN: &str = "invite_status = 0 AND user_is_active";

const TRIGRAMS: &str = "
    DO $$ BEGIN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
        CREATE INDEX member_words_idx ON member USING gin (
            lower(sort_name) gin_trgm_ops, lower(user_email) gin_trgm_ops, lower(email_key) gin_trgm_ops);
        CREATE INDEX team_words_idx ON team USING gin (lower(name) gin_trgm_ops, lower(slug) gin_trgm_ops);
    EXCEPTION WHEN OTHERS THEN
        RAISE WARNING 'searching for words reads every row, without the extension pg_trgm: %', SQLERRM;
    END $$";

const NO_TRIGRAMS: &str = "
    DROP INDEX IF EXISTS member_words_idx;
    DROP INDEX IF EXISTS team_words_idx;
    DO $$ BEGIN
        DROP EXTENSION IF EXISTS pg_trgm;
    EXCEPTION WHEN OTHERS THEN
        RAISE NOTICE 'the extension pg_trgm stays: %', SQLERRM;
    END $$";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let is_postgres = manager.get_database_backend() == DbBackend::Postgres;
        let run = async |sql: &str| manager.get_connection().execute_unprepared(sql).await;

        let column = boolean("user_has_two_factor").default(false).take();
        add(manager, "member", column).await?;
        run("UPDATE member SET user_has_two_factor = true
             WHERE user_id IN (SELECT id FROM \"user\" WHERE has_two_factor)")
        .await?;
        // Rows that are not shown are in none of these, so no page passes them.
        for name in [
            "member_organization_idx",
            "member_date_added_idx",
            "member_sort_name_idx",
            "member_shown_email_idx",
            "member_pending_idx",
        ] {
            drop(manager, name).await?;
        }
        run("CREATE INDEX member_pending_idx ON member
             (organization_id, invite_status, (CAST(invite_status AS text) || email_key), id)
             WHERE email_key IS NOT NULL")
        .await?;
        for (name, key) in ORDERS {
            run(&format!(
                "CREATE INDEX member_shown_{name}_idx ON member (organization_id, {key}id) WHERE {SHOWN}"
            ))
            .await?;
            run(&format!(
                "CREATE INDEX member_cohort_{name}_idx ON member (organization_id, {COHORT}, {key}id) WHERE {SHOWN}"
            ))
            .await?;
        }
        run(
            "CREATE INDEX member_expiry_idx ON member (organization_id, invite_status, token_expires_at)
             WHERE email_key IS NOT NULL",
        )
        .await?;
        let by_address = ["organization_id", "user_email"];
        manager
            .create_index(index("member_user_email_idx", "member", &by_address))
            .await?;

        run("CREATE INDEX team_active_idx ON team (organization_id, id) WHERE status = 0").await?;

        // Null is refused by neither: SQLite cannot add such a column to rows.
        let column = big_integer_null("organization_id");
        add(manager, "access_request", column).await?;
        run("UPDATE access_request
             SET organization_id = (SELECT organization_id FROM team WHERE team.id = access_request.team_id)")
        .await?;
        for index in [
            index(
                "access_request_organization_idx",
                "access_request",
                &["organization_id", "id"],
            ),
            index("access_request_team_idx", "access_request", &["team_id", "id"]),
        ] {
            manager.create_index(index).await?;
        }

        drop(manager, "audit_log_entry_actor_idx").await?;
        let by_actor = ["organization_id", "actor_id", "datetime", "id"];
        let by_actor_and_event = ["organization_id", "actor_id", "event", "datetime", "id"];
        for index in [
            index("audit_log_entry_actor_idx", "audit_log_entry", &by_actor),
            index(
                "audit_log_entry_actor_event_idx",
                "audit_log_entry",
                &by_actor_and_event,
            ),
        ] {
            manager.create_index(index).await?;
        }
        if is_postgres {
            run(TRIGRAMS).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let run = async |sql: &str| manager.get_connection().execute_unprepared(sql).await;
        if manager.get_database_backend() == DbBackend::Postgres {
            run(NO_TRIGRAMS).await?;
        }
        for name in [
            "audit_log_entry_actor_event_idx",
            "audit_log_entry_actor_idx",
            "access_request_team_idx",
            "access_request_organization_idx",
            "team_active_idx",
            "member_user_email_idx",
            "member_expiry_idx",
            "member_pending_idx",
        ] {
            drop(manager, name).await?;
        }
        for (name, _) in ORDERS {
            drop(manager, &format!("member_cohort_{name}_idx")).await?;
            drop(manager, &format!("member_shown_{name}_idx")).await?;
        }
        for (table, column) in [("access_request", "organization_id"), ("member", "user_has_two_factor")] {
            manager
                .alter_table(Table::alter().table(table).drop_column(column).take())
                .await?;
        }
        let actor = ["organization_id", "actor_id", "id"];
        let date_added = ["organization_id", "date_added", "id"];
        let sort_name = ["organization_id", "sort_name", "id"];
        for index in [
            index("audit_log_entry_actor_idx", "audit_log_entry", &actor),
            index("member_organization_idx", "member", &["organization_id", "id"]),
            index("member_date_added_idx", "member", &date_added),
            index("member_sort_name_idx", "member", &sort_name),
        ] {
            manager.create_index(index).await?;
        }
        run("CREATE INDEX member_pending_idx ON member
             (organization_id, (CAST(invite_status AS text) || email_key), id) WHERE user_id IS NULL")
        .await?;
        run("CREATE INDEX member_shown_email_idx ON member
             (organization_id, coalesce(user_email, email_key, ''), id)")
        .await?;
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn add(manager: &SchemaManager<'_>, table: &'static str, column: ColumnDef) -> Result<(), DbErr> {
    manager
        .alter_table(Table::alter().table(table).add_column(column).take())
        .await
}

async fn drop(manager: &SchemaManager<'_>, name: &str) -> Result<(), DbErr> {
    manager.drop_index(Index::drop().name(name).to_owned()).await
}
