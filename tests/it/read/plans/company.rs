//! Organizations as large as one likes, filled by the database itself.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::support::{Organization, TestApp};

/// Counts from 1 to a number, in both databases.
fn counted(to: usize, insert: &str, select: &str) -> String {
    format!("{insert} WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {to}) {select}")
}

impl TestApp {
    /// Gives the organization `count` members that are shown, a tenth of them
    /// invites, and as many rows of everything else in proportion. Ids begin
    /// after `base`; names and addresses are in another order than ids.
    pub async fn db_fill(&self, organization: &Organization, count: usize, base: usize) {
        let id = organization.row().0;
        let (joined, hidden) = (count / 10 * 9, count / 10);
        let is_postgres = self.db.get_database_backend() == DbBackend::Postgres;
        let at = |seconds: &str| match is_postgres {
            true => format!("to_timestamp({seconds})"),
            false => format!("strftime('%Y-%m-%dT%H:%M:%S+00:00', {seconds}, 'unixepoch')"),
        };
        let joined_at = at("1700000000 + i");
        let far = at("4000000000 + i");
        let past = at("1600000000 + i");
        // A number that no other has, far from its neighbours'.
        let mixed = "((i * 7919) % 1000003)";
        let member =
            "INSERT INTO member (id, organization_id, user_id, email, email_key, role, flags, token_expires_at,
            date_added, invite_status, user_is_active, user_email, sort_name, user_has_two_factor)";
        let audit = "INSERT INTO audit_log_entry
            (organization_id, actor_id, actor_label, target_object_id, event, data, datetime)";
        let json = if is_postgres { "'{}'::jsonb" } else { "'{}'" };

        let steps = [
            counted(
                joined + hidden,
                "INSERT INTO \"user\" (id, issuer, subject, name, email, email_key, is_email_verified,
                    has_two_factor, is_active, date_added)",
                &format!(
                    "SELECT {base} + i, 'https://elsewhere.example.com', 'p' || ({base} + i), 'n' || {mixed}, NULL, NULL,
                        false, i % 3 = 0, i % 10 <> 0, {joined_at} FROM n"
                ),
            ),
            // Joined, each tenth by somebody who was switched off.
            counted(
                joined + hidden,
                member,
                &format!(
                    "SELECT {base} + i, {id}, {base} + i, NULL, NULL,
                        CASE WHEN i % 997 = 0 THEN 'manager' WHEN i % 101 = 0 THEN 'admin' ELSE 'member' END,
                        CASE WHEN i % 499 = 0 THEN 1 ELSE 0 END, NULL, {joined_at}, 0, i % 10 <> 0,
                        'u' || {mixed} || '@example.com', 'u' || {mixed}, i % 3 = 0 FROM n"
                ),
            ),
            // Invites, few of them expired; then requests of both kinds.
            counted(
                count / 10 * 2,
                member,
                &format!(
                    "SELECT {base} + {count} + {hidden} + i, {id}, NULL, 'u' || {mixed} || '@example.net',
                        'u' || {mixed} || '@example.net', 'member', 0,
                        CASE WHEN i % 211 = 0 THEN {past} ELSE {far} END, {joined_at},
                        CASE WHEN i <= {count} / 10 THEN 0 ELSE 1 + i % 2 END, true, NULL,
                        'u' || {mixed} || '@example.net', false FROM n"
                ),
            ),
            // Teams: everybody, every tenth, the newest tenth, hardly anybody;
            // and many without anybody.
            counted(
                4 + count / 100,
                "INSERT INTO team (id, organization_id, slug, name, date_added)",
                &format!("SELECT {base} + i, {id}, 'team-' || i, 'Team ' || i, {joined_at} FROM n"),
            ),
            counted(
                joined + hidden,
                "INSERT INTO team_member (team_id, member_id)",
                &format!("SELECT {base} + 1, {base} + i FROM n"),
            ),
            counted(
                joined / 10,
                "INSERT INTO team_member (team_id, member_id)",
                &format!("SELECT {base} + 2, {base} + i * 10 - 3 FROM n"),
            ),
            counted(
                joined / 10,
                "INSERT INTO team_member (team_id, member_id)",
                &format!("SELECT {base} + 3, {base} + {joined} - {joined} / 10 + i FROM n"),
            ),
            counted(
                10,
                "INSERT INTO team_member (team_id, member_id)",
                &format!("SELECT {base} + 4, {base} + i * {joined} / 11 FROM n"),
            ),
            counted(
                count / 10,
                "INSERT INTO access_request (organization_id, team_id, member_id, date_added)",
                &format!("SELECT {id}, {base} + 5 + i % ({count} / 100), {base} + i, {joined_at} FROM n"),
            ),
            counted(
                count / 2,
                audit,
                &format!(
                    "SELECT {id}, CASE WHEN i % 499 = 0 THEN {base} + 7 ELSE {base} + 1 + i % 5 END, 'somebody', i,
                        CASE WHEN i % 997 = 0 THEN 12 WHEN i % 2 = 0 THEN 4 ELSE 6 END, {json}, {joined_at} FROM n"
                ),
            ),
        ];
        if !is_postgres {
            self.db.execute_unprepared("PRAGMA synchronous = OFF").await.unwrap();
        }
        let indexes = self.db_indexes().await;
        let drop = |(name, _): &(String, String)| format!("DROP INDEX {name}");
        let make = |(_, definition): &(String, String)| definition.clone();
        // As when a database is restored: indexes are made when the rows are there.
        let steps = indexes.iter().map(drop).chain(steps).chain(indexes.iter().map(make));
        for step in steps {
            self.db.execute_unprepared(&step).await.unwrap();
        }
    }

    /// The indexes of the large tables that are no constraints, and how they
    /// were made.
    async fn db_indexes(&self) -> Vec<(String, String)> {
        let sql = match self.db.get_database_backend() {
            DbBackend::Postgres => {
                "SELECT indexname::text, indexdef FROM pg_indexes WHERE indexname LIKE '%_idx'
                 AND tablename IN ('member', 'team_member', 'audit_log_entry')"
            }
            _ => {
                "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND name LIKE '%_idx'
                 AND tbl_name IN ('member', 'team_member', 'audit_log_entry')"
            }
        };
        let rows = self
            .db
            .query_all_raw(Statement::from_string(self.db.get_database_backend(), sql))
            .await;
        let pair = |row: sea_orm::QueryResult| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
        rows.unwrap().into_iter().map(pair).collect()
    }

    /// Lets PostgreSQL count what it has, as it does by itself in time. SQLite
    /// does not.
    pub async fn db_analyze(&self) {
        if self.db.get_database_backend() == DbBackend::Postgres {
            self.db.execute_unprepared("ANALYZE").await.unwrap();
        }
    }
}
