//! Connections to the database that are given up, or lost, half-way.

use std::time::Duration;

use entity::organization;
use roster::{
    app::App,
    db::{Db, begin_write},
    error::Code,
};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait, Statement, TransactionTrait,
    sea_query::Expr,
};

use crate::{
    jobs::eventually,
    support::{TestApp, database::block_on},
};

/// The service with so many connections, next to the one that is tested otherwise.
async fn service(app: &TestApp, connections: u32) -> std::sync::Arc<App> {
    app.db_service_with(|config| {
        config.database.connections_max = connections;
        config.database.acquire_timeout = Some(Duration::from_secs(20));
    })
    .await
}

async fn number(db: &impl ConnectionTrait, sql: &str) -> i64 {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// Takes a second or so.
async fn think(db: &Db) {
    let sql = match db.backend() {
        DbBackend::Postgres => "SELECT CAST(1 AS bigint) FROM pg_sleep(1)",
        _ => {
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000000) SELECT COUNT(*) FROM n"
        }
    };
    number(db, sql).await;
}

fn acme() -> organization::ActiveModel {
    organization::ActiveModel {
        name: Set("Acme".into()),
        slug: Set("acme".into()),
        status: Set(organization::OrganizationStatus::Active),
        date_added: Set(chrono::Utc::now()),
        default_role: Set("member".into()),
        is_test: Set(false),
        flags: Set(0),
        ..Default::default()
    }
}

async fn organizations(db: &Db) -> u64 {
    organization::Entity::find().count(db).await.unwrap()
}

#[tokio::test]
async fn a_statement_that_is_given_up_spoils_no_other_answer() {
    let app = TestApp::start().await;
    let service = service(&app, 1).await;
    for expected in 1..=3 {
        let given_up = tokio::time::timeout(Duration::from_millis(50), think(&service.db)).await;
        assert!(given_up.is_err(), "it was not slow");
        let sql = format!("SELECT CAST({expected} AS bigint)");
        assert_eq!(number(&service.db, &sql).await, expected);
    }
}

#[tokio::test]
async fn a_transaction_that_is_given_up_is_taken_back() {
    let app = TestApp::start().await;
    let service = service(&app, 1).await;
    for _ in 0..3 {
        let tx = begin_write(&service.db).await.unwrap();
        organization::Entity::insert(acme()).exec(&*tx).await.unwrap();
        drop(tx);
        assert_eq!(organizations(&service.db).await, 0);
    }

    // Also in the middle of a statement.
    let work = async {
        let tx = begin_write(&service.db).await.unwrap();
        organization::Entity::insert(acme()).exec(&*tx).await.unwrap();
        tokio::time::sleep(Duration::from_secs(60)).await;
        tx.commit().await.unwrap();
    };
    assert!(tokio::time::timeout(Duration::from_millis(300), work).await.is_err());
    let tx = begin_write(&service.db).await.unwrap();
    organization::Entity::insert(acme()).exec(&*tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(organizations(&service.db).await, 1);
}

#[tokio::test]
async fn what_is_given_up_is_let_go_of_before_anybody_here_has_time() {
    let app = TestApp::start().await;
    app.organization("Acme").await;
    let service = service(&app, 1).await;
    if service.db.backend() == DbBackend::Postgres {
        // Its last answer has to be read first. Only who wants the same rows waits.
        return;
    }
    let rename = |name: &'static str| {
        organization::Entity::update_many().col_expr(organization::Column::Name, Expr::value(name))
    };
    let tx = begin_write(&service.db).await.unwrap();
    rename("Given up").exec(&*tx).await.unwrap();
    drop(tx);

    // Nothing else runs in this thread until somebody else has written.
    let config = service.config.clone();
    block_on(async move {
        let other = Db::connect(&config).await.unwrap();
        let tx = begin_write(&other).await.unwrap();
        rename("Written").exec(&*tx).await.unwrap();
        tx.commit().await.unwrap();
    });
    let organization = organization::Entity::find().one(&service.db).await.unwrap();
    assert_eq!(organization.unwrap().name, "Written");
}

#[tokio::test]
async fn a_statement_that_is_given_up_ends_soon_and_keeps_no_lock() {
    let app = TestApp::start().await;
    let (globex, ann) = app.organization("Globex").await;
    let service = app
        .db_service_with(|config| config.limits.lock_timeout = Duration::from_secs(600))
        .await;
    if service.db.backend() != DbBackend::Postgres {
        // Statements of SQLite wait for no lock, and end by themselves.
        return;
    }
    let running = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()
                   AND pid <> pg_backend_pid() AND state <> 'idle' AND wait_event_type IS DISTINCT FROM 'Client'";
    // Holds one lock, and waits for another.
    let tx = app.db.begin().await.unwrap();
    tx.execute_unprepared("LOCK TABLE team IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let work = async {
        let tx = begin_write(&service.db).await.unwrap();
        organization::Entity::insert(acme()).exec(&*tx).await.unwrap();
        let held = organization::Entity::update_many().col_expr(organization::Column::Name, Expr::value("Held"));
        held.exec(&*tx).await.unwrap();
        tx.execute_unprepared("SELECT 1 FROM team").await.unwrap();
    };
    assert!(tokio::time::timeout(Duration::from_millis(300), work).await.is_err());
    eventually("nothing runs", || async {
        (number(&app.db, running).await == 0).then_some(())
    })
    .await;

    // Others have the lock while the first is still waited for.
    let renamed = ann.send(
        "mutation($id: ID!) { saveOrgOptions(input: { organizationId: $id, name: \"Other\" }) { userErrors { code } } }",
        serde_json::json!({ "id": globex.id }),
    );
    renamed.await.done("saveOrgOptions");
    drop(tx);
}

#[tokio::test]
async fn a_statement_that_fails_leaves_the_connection_as_it_was() {
    let app = TestApp::start().await;
    let service = service(&app, 1).await;
    let wrong = Statement::from_string(service.db.backend(), "SELECT nothing FROM nowhere");
    assert!(service.db.query_one_raw(wrong.clone()).await.is_err());
    let tx = begin_write(&service.db).await.unwrap();
    organization::Entity::insert(acme()).exec(&*tx).await.unwrap();
    assert!(tx.query_one_raw(wrong).await.is_err());
    drop(tx);
    assert_eq!(organizations(&service.db).await, 0);
}

#[tokio::test]
async fn a_part_that_is_given_up_spoils_the_whole() {
    let app = TestApp::start().await;
    let service = service(&app, 2).await;
    let tx = begin_write(&service.db).await.unwrap();
    let part = tx.part().await.unwrap();
    organization::Entity::insert(acme()).exec(&*part).await.unwrap();
    drop(part);
    assert!(tx.commit().await.is_err());
    assert_eq!(organizations(&service.db).await, 0);

    // Taken back, it spoils nothing.
    let tx = begin_write(&service.db).await.unwrap();
    let part = tx.part().await.unwrap();
    organization::Entity::insert(acme()).exec(&*part).await.unwrap();
    part.rollback().await.unwrap();
    organization::Entity::insert(acme()).exec(&*tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(organizations(&service.db).await, 1);
}

#[tokio::test]
async fn connections_that_are_lost_are_replaced() {
    let app = TestApp::start().await;
    let service = service(&app, 4).await;
    if service.db.backend() != DbBackend::Postgres {
        // A file is not lost.
        return;
    }
    // Several at once, so that there are several to lose.
    futures_util::future::join_all((0..4).map(|_| think(&service.db))).await;
    let end_all = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
                   WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'roster'";
    assert!(number(&app.db, end_all).await >= 4);

    let ping = || Statement::from_string(DbBackend::Postgres, "SELECT 1");
    let mut lost = 0;
    for _ in 0..8 {
        if let Err(error) = service.db.query_one_raw(ping()).await {
            assert!(roster::error::Error::from(error).is(Code::Unavailable));
            lost += 1;
        }
    }
    assert!(lost <= 1, "{lost} failed");
    assert_eq!(organizations(&service.db).await, 0);
}
