//! The steps on real databases: SQLite always, PostgreSQL too when
//! `TEST_DATABASE_URL` names one. Each story gets an empty database of its own.

use std::{
    collections::BTreeSet,
    future::Future,
    hash::{BuildHasher, RandomState},
};

use migration::{Migrator, MigratorTrait};
use sea_orm_migration::sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, RuntimeErr, SqlErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

const TABLES: [&str; 25] = [
    "access_request",
    "api_token",
    "audit_log_entry",
    "auth_identity",
    "auth_provider",
    "blob",
    "blob_index",
    "event",
    "event_head",
    "file",
    "invite_delivery",
    "job",
    "member",
    "organization",
    "organization_avatar",
    "organization_counter",
    "organization_option",
    "outbox",
    "rate_limit",
    "seaql_migrations",
    "team",
    "team_member",
    "user",
    "webhook",
    "webhook_delivery",
];

/// Two organizations and two people, all with the ids 1 and 2.
const SCENE: &str = "
    INSERT INTO organization (name, slug, date_added) VALUES
        ('Acme', 'acme', '2026-01-01T00:00:00+00:00'),
        ('Bolt', 'bolt', '2026-01-01T00:00:00+00:00');
    INSERT INTO \"user\" (issuer, subject, name, is_email_verified, has_two_factor, is_active, date_added) VALUES
        ('https://id', 'ann', 'Ann', true, false, true, '2026-01-01T00:00:00+00:00'),
        ('https://id', 'ben', 'Ben', true, false, true, '2026-01-01T00:00:00+00:00');
";

#[tokio::test]
async fn down_takes_away_what_up_made() {
    on_each_database(|db| async move {
        Migrator::up(&db, None).await?;
        let tables = tables(&db).await?;
        assert_eq!(tables.iter().map(String::as_str).collect::<Vec<_>>(), TABLES);
        let first = objects(&db).await?;

        Migrator::down(&db, None).await?;
        let left = objects(&db).await?;
        assert!(
            left.iter().all(|name| name.contains("seaql_migrations")),
            "left over: {left:?}"
        );

        Migrator::up(&db, None).await?;
        assert_eq!(objects(&db).await?, first);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn each_step_goes_down_and_up_again() {
    on_each_database(|db| async move {
        for _ in Migrator::migrations() {
            let before = objects(&db).await?;
            Migrator::up(&db, Some(1)).await?;
            let after = objects(&db).await?;
            Migrator::down(&db, Some(1)).await?;
            // The table of the steps themselves stays.
            let extra: Vec<_> = objects(&db).await?.difference(&before).cloned().collect();
            assert!(
                extra.iter().all(|name| name.contains("seaql_migrations")),
                "left over: {extra:?}"
            );
            Migrator::up(&db, Some(1)).await?;
            assert_eq!(objects(&db).await?, after);
        }
        assert!(Migrator::get_pending_migrations(&db).await?.is_empty());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_database_is_done_with_the_last_step_and_not_before() {
    on_each_database(|db| async move {
        assert!(!Migrator::is_done(&db).await?, "an empty database");
        let steps = u32::try_from(Migrator::migrations().len()).expect("a few steps");
        Migrator::up(&db, Some(steps - 1)).await?;
        assert!(!Migrator::is_done(&db).await?, "one step is missing");
        Migrator::up(&db, None).await?;
        assert!(Migrator::is_done(&db).await?);
        Migrator::down(&db, Some(1)).await?;
        assert!(!Migrator::is_done(&db).await?, "one step was taken back");

        Migrator::up(&db, None).await?;
        run(
            &db,
            "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m99990101_000001_later', 0)",
        )
        .await?;
        assert!(Migrator::is_done(&db).await?, "a step of a later version");
        assert_eq!(Migrator::unknown(&db).await?, ["m99990101_000001_later"]);
        Ok(())
    })
    .await;
}

#[test]
fn every_step_is_one_transaction() {
    for step in Migrator::migrations() {
        assert_eq!(step.use_transaction(), Some(true), "{}", step.name());
    }
}

#[tokio::test]
async fn nodes_that_start_at_once_take_turns() {
    on_each_database(|db| async move {
        let nodes: Vec<_> = (0..4).map(|_| tokio::spawn(migrate_in_turn(db.clone()))).collect();
        for node in nodes {
            node.await.expect("no node panics")?;
        }
        assert!(Migrator::get_pending_migrations(&db).await?.is_empty());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_member_is_a_person_or_an_address() {
    on_each_migrated_database(|db| async move {
        refused(
            &db,
            "INSERT INTO member (organization_id, date_added) VALUES (1, $now)",
            "member_user_or_email",
        )
        .await;
        refused(&db, &member("email", "'Ann@example.org'"), "member_email_with_key").await;
        refused(
            &db,
            &member("user_id, email_key", "1, 'ann@example.org'"),
            "member_email_with_key",
        )
        .await;
        refused(&db, &member("user_id, role", "1, ''"), "member_role_not_empty").await;
        assert_eq!(count(&db, "member").await?, 0);

        run(&db, &member("user_id", "1")).await?;
        run(&db, &member("email, email_key", "'Cyd@example.org', 'cyd@example.org'")).await?;
        assert_eq!(count(&db, "member").await?, 2);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn pairs_are_unique() {
    on_each_migrated_database(|db| async move {
        let scene = [
            member("user_id", "1"),
            "INSERT INTO team (organization_id, slug, name, date_added) VALUES (1, 'sea', 'Sea', $now)".into(),
            "INSERT INTO auth_provider (organization_id, provider, name, allow_unlinked, scim_enabled, date_added)
             VALUES (1, 'google', 'Google', true, false, $now)"
                .into(),
            "INSERT INTO file (name, type, timestamp, headers) VALUES ('a', 'avatar.file', $now, '{}')".into(),
        ];
        for statement in scene {
            run(&db, &statement).await?;
        }

        for once in [
            member("user_id", "2"),
            member("email, email_key", "'Cyd@example.org', 'cyd@example.org'"),
            "INSERT INTO organization (name, slug, date_added) VALUES ('Cell', 'cell', $now)".into(),
            "INSERT INTO \"user\" (issuer, subject, name, is_email_verified, has_two_factor, is_active, date_added)
             VALUES ('https://id', 'cyd', 'Cyd', true, false, true, $now)"
                .into(),
            "INSERT INTO organization_option (organization_id, key, value) VALUES (1, 'color', '\"red\"')".into(),
            "INSERT INTO team (organization_id, slug, name, date_added) VALUES (1, 'air', 'Air', $now)".into(),
            "INSERT INTO team_member (team_id, member_id) VALUES (1, 1)".into(),
            "INSERT INTO access_request (team_id, member_id, date_added) VALUES (1, 1, $now)".into(),
            "INSERT INTO auth_provider (organization_id, provider, name, allow_unlinked, scim_enabled, date_added)
             VALUES (2, 'saml2', 'SAML', true, false, $now)"
                .into(),
            "INSERT INTO auth_identity (auth_provider_id, user_id, date_added) VALUES (1, 1, $now)".into(),
            "INSERT INTO api_token (organization_id, name, prefix, secret_hash, scopes, date_added)
             VALUES (1, 'ci', 'ros_ab', 'digest', '[]', $now)"
                .into(),
            "INSERT INTO blob (size, checksum, timestamp) VALUES (1, 'ab', $now)".into(),
            "INSERT INTO blob_index (file_id, blob_id, \"offset\") VALUES (1, 1, 0)".into(),
            "INSERT INTO organization_avatar (organization_id, file_id, ident) VALUES (1, 1, 'ef')".into(),
            "INSERT INTO rate_limit (key, \"window\", count, expires_at) VALUES ('invite:1', 20000, 1, $now)".into(),
        ] {
            run(&db, &once).await?;
            let again = run(&db, &once).await.expect_err(&once);
            assert!(
                matches!(again.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))),
                "{once}: {again}"
            );
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn ids_never_come_again() {
    on_each_migrated_database(|db| async move {
        run(&db, &member("user_id", "1")).await?;
        run(&db, &member("user_id", "2")).await?;
        run(&db, "DELETE FROM member WHERE id = 2").await?;
        run(&db, &member("user_id", "2")).await?;
        assert_eq!(column::<i64>(&db, "SELECT id FROM member ORDER BY id").await?, [1, 3]);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn names_are_ordered_by_their_bytes() {
    on_each_migrated_database(|db| async move {
        let mut names = ["zoe", "Zoe", "élan", "_", "a b", "ab", "a-b"];
        for name in names {
            let values = format!("'{name}', '{name}', '{name}'");
            run(&db, &member("email, email_key, sort_name", &values)).await?;
        }

        names.sort_unstable();
        assert_eq!(
            column::<String>(&db, "SELECT sort_name FROM member ORDER BY sort_name").await?,
            names
        );
        let by_email = "SELECT sort_name FROM member ORDER BY coalesce(user_email, email_key, '')";
        assert_eq!(column::<String>(&db, by_email).await?, names);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn texts_that_are_too_long_are_refused() {
    on_each_migrated_database(|db| async move {
        let name = |length| {
            let name = "é".repeat(length);
            format!("INSERT INTO organization (name, slug, date_added) VALUES ('{name}', 's{length}', $now)")
        };
        run(&db, &name(64)).await?;
        assert!(run(&db, &name(65)).await.is_err());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn rows_go_with_what_they_belong_to() {
    on_each_migrated_database(|db| async move {
        for statement in [
            member("user_id", "1").as_str(),
            &member("email, email_key, inviter_id", "'Cyd@example.org', 'cyd@example.org', 1"),
            "INSERT INTO invite_delivery (member_id, status, attempts) VALUES (2, 0, 0)",
            "INSERT INTO team (organization_id, slug, name, date_added) VALUES (1, 'sea', 'Sea', $now)",
            "INSERT INTO team_member (team_id, member_id) VALUES (1, 2)",
            "INSERT INTO access_request (team_id, member_id, requester_id, date_added) VALUES (1, 2, 1, $now)",
            "INSERT INTO audit_log_entry (organization_id, actor_id, actor_label, target_user_id, event, data, datetime)
             VALUES (1, 1, 'ann', 1, 2, '{}', $now)",
            "INSERT INTO webhook (organization_id, url, secret, created_by_id, date_added)
             VALUES (1, 'https://example.com', 'sealed', 2, $now)",
            "INSERT INTO file (name, type, timestamp, headers) VALUES ('a', 'avatar.file', $now, '{}')",
            "INSERT INTO blob (size, checksum, timestamp) VALUES (1, 'ab', $now)",
            "INSERT INTO blob_index (file_id, blob_id, \"offset\") VALUES (1, 1, 0)",
            "INSERT INTO organization_avatar (organization_id, file_id, ident) VALUES (1, 1, 'ef')",
        ] {
            run(&db, statement).await?;
        }

        assert!(run(&db, "DELETE FROM blob").await.is_err());
        run(&db, "DELETE FROM file").await?;
        assert_eq!(count(&db, "blob_index").await?, 0);
        assert_eq!(count(&db, "organization_avatar").await?, 1);
        run(&db, "DELETE FROM blob").await?;

        run(&db, "DELETE FROM \"user\" WHERE id = 1").await?;
        assert_eq!(
            column::<i64>(&db, "SELECT id FROM member WHERE inviter_id IS NULL").await?,
            [2]
        );
        assert_eq!(count(&db, "access_request WHERE requester_id IS NULL").await?, 1);
        assert_eq!(
            count(&db, "audit_log_entry WHERE actor_id IS NULL AND target_user_id IS NULL").await?,
            1
        );

        run(&db, "DELETE FROM organization WHERE id = 1").await?;
        for table in [
            "member",
            "invite_delivery",
            "team",
            "team_member",
            "access_request",
            "audit_log_entry",
            "organization_avatar",
            "webhook",
        ] {
            assert_eq!(count(&db, table).await?, 0, "{table}");
        }
        Ok(())
    })
    .await;
}

/// Migrates as a node does: the lock and the steps are one transaction.
async fn migrate_in_turn(db: DatabaseConnection) -> Result<(), DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    let tx = db.begin_with_options(options).await?;
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared("SELECT pg_advisory_xact_lock(1)").await?;
    }
    Migrator::up(&tx, None).await?;
    tx.commit().await
}

fn member(columns: &str, values: &str) -> String {
    format!("INSERT INTO member (organization_id, date_added, {columns}) VALUES (1, $now, {values})")
}

async fn run(db: &DatabaseConnection, sql: &str) -> Result<(), DbErr> {
    let sql = sql.replace("$now", "'2026-01-01T00:00:00+00:00'");
    db.execute_unprepared(&sql).await.map(|_| ())
}

async fn refused(db: &DatabaseConnection, sql: &str, rule: &str) {
    let error = run(db, sql).await.expect_err(sql);
    assert!(matches!(error, DbErr::Exec(RuntimeErr::SqlxError(_))), "{sql}: {error}");
    assert!(error.to_string().contains(rule), "{sql}: {error}");
}

async fn column<T: sea_orm_migration::sea_orm::TryGetable>(
    db: &DatabaseConnection,
    sql: &str,
) -> Result<Vec<T>, DbErr> {
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

async fn count(db: &DatabaseConnection, rows: &str) -> Result<i64, DbErr> {
    Ok(column(db, &format!("SELECT count(*) FROM {rows}")).await?[0])
}

async fn tables(db: &DatabaseConnection) -> Result<BTreeSet<String>, DbErr> {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'",
        _ => "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'sqlite_sequence'",
    };
    Ok(column(db, sql).await?.into_iter().collect())
}

/// The names of all tables, indexes, sequences and constraints.
async fn objects(db: &DatabaseConnection) -> Result<BTreeSet<String>, DbErr> {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
             UNION SELECT conname::text FROM pg_constraint WHERE connamespace = 'public'::regnamespace
             UNION SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        }
        _ => "SELECT name FROM sqlite_schema WHERE name <> 'sqlite_sequence'",
    };
    Ok(column(db, sql).await?.into_iter().collect())
}

async fn on_each_migrated_database<F, T>(story: F)
where
    F: Fn(DatabaseConnection) -> T + Clone + Send + 'static,
    T: Future<Output = Result<(), DbErr>> + Send + 'static,
{
    on_each_database(move |db| {
        let story = story.clone();
        async move {
            Migrator::up(&db, None).await?;
            db.execute_unprepared(SCENE).await?;
            story(db).await
        }
    })
    .await;
}

/// Runs the story on an empty database of each kind, which is gone afterwards,
/// also when the story fails.
async fn on_each_database<F, T>(story: F)
where
    F: Fn(DatabaseConnection) -> T,
    T: Future<Output = Result<(), DbErr>> + Send + 'static,
{
    let name = format!("roster_migration_{:016x}", RandomState::new().hash_one(()));

    let folder = std::env::temp_dir().join(&name);
    std::fs::create_dir(&folder).expect("the folder for temporary files is writable");
    let url = format!("sqlite://{}?mode=rwc", folder.join("test.db").display());
    let told = tell(&story, url).await;
    std::fs::remove_dir_all(&folder).expect("nobody else removes the folder");
    told.expect("the story holds on SQLite");

    let Ok(server) = std::env::var("TEST_DATABASE_URL") else {
        return;
    };
    let admin = Database::connect(quiet(&server))
        .await
        .expect("TEST_DATABASE_URL is reachable");
    admin
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .expect("may create databases");
    let told = tell(&story, with_database(&server, &name)).await;
    admin
        .execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)"))
        .await
        .expect("may drop databases");
    told.expect("the story holds on PostgreSQL");
}

async fn tell<F, T>(story: &F, url: String) -> Result<(), String>
where
    F: Fn(DatabaseConnection) -> T,
    T: Future<Output = Result<(), DbErr>> + Send + 'static,
{
    let db = Database::connect(quiet(&url))
        .await
        .map_err(|error| error.to_string())?;
    let told = tokio::spawn(story(db.clone())).await;
    db.close().await.map_err(|error| error.to_string())?;
    told.map_err(|panic| panic.to_string())?
        .map_err(|error| error.to_string())
}

fn quiet(url: &str) -> ConnectOptions {
    ConnectOptions::new(url)
        .max_connections(4)
        .sqlx_logging(false)
        .to_owned()
}

/// The URL with another database name in it.
fn with_database(url: &str, name: &str) -> String {
    let (base, parameters) = url.split_once('?').unwrap_or((url, ""));
    let base = base.rsplit_once('/').map_or(base, |(server, _)| server);
    format!("{base}/{name}?{parameters}")
}
