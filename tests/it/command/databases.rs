//! Starting on databases: empty, shared, unreachable. The database is the one of
//! the tests.

use serde_json::json;

use super::*;
use crate::support::TestDatabase;

async fn organizations(client: &Client) -> u64 {
    let reply = client.send("{ organizations { totalCount } }", json!({})).await.ok();
    reply.data("organizations.totalCount").as_u64().unwrap()
}

/// Somebody who may see every organization.
fn superuser(place: &Place, program: &Program) -> Client {
    program.caller(place.run(&["token", "root"]).ok().trim())
}

#[tokio::test]
async fn a_migrated_database_is_served_without_migrating() {
    let database = TestDatabase::create().await;
    let place = Place::with_secrets(&database.url());

    let said = place.run(&["migrate"]).ok();

    assert!(!said.trim().is_empty());
    place.run(&["migrate"]).ok();
    let program = place.serve_with(&["--no-migrate"]);
    assert_eq!(program.get("/health/ready").await.0, 200);
    assert_eq!(organizations(&superuser(&place, &program)).await, 0);
}

#[tokio::test]
async fn commands_that_need_tables_say_that_there_are_none() {
    for arguments in [
        &["jobs", "list"][..],
        &["jobs", "retry", "--failed"],
        &["jobs", "discard", "--failed"],
        &["audit", "export"],
        &["outbox", "list"],
        &["outbox", "drain"],
    ] {
        let why = Place::new().run(arguments).failed();
        assert!(why.contains("roster migrate"), "{arguments:?}: {why}");
    }
}

#[tokio::test]
async fn a_database_without_its_tables_is_not_ready_until_somebody_migrates() {
    let database = TestDatabase::create().await;
    let place = Place::with_secrets(&database.url());
    for program in [
        place.serve_with(&["--no-migrate"]),
        place.serve_with(&["serve", "--no-migrate", "--demo", "false"]),
    ] {
        assert_eq!(program.get("/health/ready").await.0, 503);
        assert_eq!(program.get("/health/live").await.0, 200);
    }
    let program = place.set("ROSTER_DATABASE__MIGRATE_ON_START", "false");
    let (place, program) = (&program, program.serve());
    assert_eq!(program.get("/health/ready").await.0, 503);
    let reply = superuser(place, &program)
        .send("{ viewer { user { id } } }", json!({}))
        .await;
    assert_eq!(reply.error_codes(), ["INTERNAL"]);

    place.run(&["migrate"]).ok();

    crate::jobs::eventually("it is ready", || async {
        (program.get("/health/ready").await.0 == 200).then_some(())
    })
    .await;
    assert_eq!(organizations(&superuser(place, &program)).await, 0);
}

#[tokio::test]
async fn a_file_that_was_deleted_or_replaced_under_the_server_is_no_database() {
    let place = Place::new();
    let program = place.serve();
    assert_eq!(program.get("/health/ready").await.0, 200);
    let file = place.path().join("data/roster.sqlite");
    let aside = place.path().join("data/aside.sqlite");
    let becomes = async |status: u16| {
        crate::jobs::eventually("readiness follows", || async {
            (program.get("/health/ready").await.0 == status).then_some(())
        })
        .await;
    };

    std::fs::rename(&file, &aside).unwrap();
    becomes(503).await;
    std::fs::copy(&aside, &file).unwrap();
    // Long enough to look anew.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(program.get("/health/ready").await.0, 503);
    std::fs::rename(&aside, &file).unwrap();
    becomes(200).await;
}

#[tokio::test]
async fn a_first_start_that_may_not_migrate_is_not_ready_either() {
    let place = Place::new();

    let program = place.serve_with(&["--no-migrate"]);

    assert_eq!(program.get("/health/ready").await.0, 503);
    assert_eq!(program.get("/health/live").await.0, 200);
}

#[tokio::test]
async fn nodes_that_start_at_once_on_an_empty_database_all_come_up() {
    for _ in 0..3 {
        let database = TestDatabase::create().await;
        let place = Place::with_secrets(&database.url()).set("ROSTER_DEMO", "true");

        let nodes = [place.spawn(&[]), place.spawn(&[]), place.spawn(&["serve"])].map(Program::up);

        for node in &nodes {
            assert_eq!(node.get("/health/ready").await.0, 200);
            assert_eq!(organizations(&superuser(&place, node)).await, 3);
        }
    }
}

#[tokio::test]
async fn migrations_that_run_at_once_do_not_collide() {
    for _ in 0..8 {
        let database = TestDatabase::create().await;
        let place = Place::with_secrets(&database.url());
        let runs = [(); 4].map(|()| place.spawn(&["migrate"]));
        for run in runs {
            run.end().ok();
        }
        let program = place.serve_with(&["--no-migrate"]);
        assert_eq!(program.get("/health/ready").await.0, 200);
    }
}

#[tokio::test]
async fn migrating_needs_no_secrets() {
    let database = TestDatabase::create().await;
    let place = Place::new()
        .set("ROSTER_DATABASE_URL", &database.url())
        .set("ROSTER_MODE", "production");

    place.run(&["migrate"]).ok();

    assert!(!place.path().join("data").exists());
}

#[tokio::test]
async fn demo_fills_an_empty_database_and_no_other() {
    let database = TestDatabase::create().await;
    let place = Place::with_secrets(&database.url());

    let said = place.run(&["demo"]).ok();
    assert!(said.contains("roster token"), "{said}");
    let program = place.serve();
    let root = superuser(&place, &program);
    assert_eq!(organizations(&root).await, 3);
    let ann = program.caller(place.run(&["token", "ann", "--mfa"]).ok().trim());
    let seen = ann
        .send(
            "{ viewer { memberships { totalCount nodes { role { id } } } } }",
            json!({}),
        )
        .await
        .ok();
    assert_eq!(seen.data("viewer.memberships.nodes.0.role.id"), "owner");

    let why = place.run(&["demo"]).failed();
    assert!(why.contains("empty"), "{why}");
    assert_eq!(organizations(&root).await, 3);
}

#[tokio::test]
async fn demo_is_refused_where_one_organization_or_one_person_is() {
    for name in [Some("Acme"), None] {
        let database = TestDatabase::create().await;
        let place = Place::with_secrets(&database.url());
        let program = place.serve();
        let root = superuser(&place, &program);
        root.user_id().await;
        if let Some(name) = name {
            let create = root
                .mutate("createOrganization", "organization { id }", json!({ "name": name }))
                .await;
            create.done("createOrganization");
        }

        let why = place.run(&["demo"]).failed();

        assert!(why.contains("empty"), "{why}");
        assert_eq!(organizations(&root).await, u64::from(name.is_some()));
    }
}

#[tokio::test]
async fn demo_commands_that_run_at_once_fill_once() {
    let database = TestDatabase::create().await;
    let place = Place::with_secrets(&database.url());
    let runs = [(); 3].map(|()| place.spawn(&["demo"]));
    let codes: Vec<_> = runs.map(|run| run.end().code).into();
    assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 1, "{codes:?}");
    let program = place.serve();
    assert_eq!(organizations(&superuser(&place, &program)).await, 3);
}

#[test]
fn a_database_that_cannot_be_reached_is_no_reason_to_tell_its_password() {
    for url in [
        "postgres://roster:pa55word@127.0.0.1:1/roster",
        "postgresql://roster:pa55word@127.0.0.1:1/roster",
        "postgres://roster:pa55word@127.0.0.1:x/roster",
        "mysql://roster:pa55word@127.0.0.1:1/roster",
        "roster:pa55word@127.0.0.1:1/roster",
        "postgres:roster:pa55word",
        "POSTGRES//roster:pa55word@127.0.0.1",
        "sqlite:///dev/null/pa55word/roster.sqlite",
    ] {
        let place = Place::with_secrets(url).set("ROSTER_LIMITS__REQUEST_TIMEOUT", "1s");
        let place = place.set("RUST_LOG", "debug");
        for command in [&["serve"][..], &["migrate"], &["demo"]] {
            // What serves all the same is stopped.
            let program = place.spawn(command);
            let up = within_patience("the program decides", || {
                let decided = program.stderr().contains("listening") || program.err.reader.is_finished();
                decided.then(|| !program.err.reader.is_finished())
            });
            assert!(!up, "{url} is served as a database");
            let ended = program.end();
            assert_ne!(ended.code, Some(0), "{url}");
            if !url.starts_with("sqlite") {
                assert_silent(url, &format!("{}{}", ended.stdout, ended.stderr), &["pa55word"]);
            }
        }
        let made: Vec<_> = std::fs::read_dir(place.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert!(made.iter().all(|name| name == "data"), "{url} became {made:?}");
    }
}

#[tokio::test]
async fn nodes_of_an_older_version_go_on_and_restart_beside_a_newer_one() {
    let database = TestDatabase::create().await;
    let place = Place::with_secrets(&database.url());
    let running = place.serve();
    let db = database.connect().await;
    let later = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m99990101_000001_later', 0)";
    sea_orm::ConnectionTrait::execute_unprepared(&db, later).await.unwrap();
    db.close().await.unwrap();

    let restarted = place.serve();

    for program in [&running, &restarted] {
        assert_eq!(program.get("/health/ready").await.0, 200);
        assert_eq!(organizations(&superuser(&place, program)).await, 0);
    }
}

#[tokio::test]
async fn an_operator_sees_what_waits_in_the_outbox_and_has_it_delivered() {
    let app = crate::support::TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.invite(&acme, &ann, "bob@example.com", "member").await;
    let shard = format!("organization:{}", acme.row().0);
    let place = app.place();
    let listed = || place.run(&["outbox", "list"]).ok();
    assert!(
        listed()
            .lines()
            .any(|line| line.starts_with(&shard) && line.ends_with("now")),
        "{}",
        listed()
    );

    let off = app
        .place()
        .set("ROSTER_OUTBOX__DISABLED_SHARDS", &format!("user:1,{shard}"));
    off.run(&["outbox", "drain"]).ok();
    assert!(listed().contains(&shard));
    assert!(place.run(&["outbox", "drain"]).ok().contains("delivered"));
    assert!(!listed().contains(&shard), "{}", listed());
    assert_eq!(place.run(&["outbox", "drain"]).ok().trim(), "0 shards delivered.");

    // After a failure it waits, unless an operator knows that the cause is gone.
    app.invite(&acme, &ann, "eve@example.com", "member").await;
    let service = app.db_service().await;
    let claimed = roster::outbox::claim(
        &service.db,
        entity::outbox::Shard::Organization(acme.row()),
        roster::clock::now() + chrono::TimeDelta::hours(1),
    );
    assert!(claimed.await.unwrap());
    assert_eq!(place.run(&["outbox", "drain"]).ok().trim(), "0 shards delivered.");
    assert_eq!(
        place.run(&["outbox", "drain", "--all"]).ok().trim(),
        "1 shards delivered."
    );
}

#[test]
fn shards_that_are_none_are_refused_by_name() {
    let place = Place::new().set("ROSTER_OUTBOX__DISABLED_SHARDS", "team:1");
    let why = place.run(&["check-config"]).failed();
    assert!(
        why.contains("outbox.disabled_shards") && why.contains("team:1"),
        "{why}"
    );
}
