//! `Organization.counters` (§23.2): added up in memory, written behind.

use std::time::Duration;

use roster::{config::Config, counters::Counter, db};

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};

use super::*;
use crate::{
    jobs::{eventually, working},
    support::TestDatabase,
};

impl TestApp {
    /// Keeps everybody from writing counters, as somebody else's change would.
    async fn db_hold_counters(&self) -> DatabaseTransaction {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let held = self.db.begin_with_options(options).await.unwrap();
        if self.db.get_database_backend() == DbBackend::Postgres {
            let lock = "LOCK TABLE organization_counter IN ACCESS EXCLUSIVE MODE";
            held.execute_unprepared(lock).await.unwrap();
        }
        held
    }
}

impl Client {
    /// Invites sent and accepted.
    async fn counters(&self, organization: &Organization) -> (i64, i64) {
        let query =
            "query($id: ID!) { node(id: $id) { ... on Organization { counters { invitesSent invitesAccepted } } } }";
        let reply = self.send(query, json!({ "id": organization.id })).await.ok();
        let count = |name: &str| reply.data(&format!("node.counters.{name}")).as_i64().unwrap();
        (count("invitesSent"), count("invitesAccepted"))
    }
}

#[tokio::test]
async fn what_was_counted_is_written_within_seconds() {
    let app = TestApp::start_with(working).await;
    let (acme, ann) = app.organization("Acme").await;
    assert_eq!(ann.counters(&acme).await, (0, 0));
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    app.invite(&acme, &ann, "ivy@example.com", "member").await;
    app.db_idle().await;
    app.person("bob")
        .accept_invite(&invite.token)
        .await
        .done("acceptInvite");

    eventually("they are written", || async {
        (ann.counters(&acme).await == (2, 1)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_graceful_stop_writes_what_is_left_and_nodes_add_up() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    for (index, name) in ["bob", "cid", "dan"].into_iter().enumerate() {
        let node = app.node_with(|_| ()).await;
        let invite = app.invite(&acme, &ann, &format!("{name}@example.com"), "member").await;
        app.person(name)
            .at(&node)
            .accept_invite(&invite.token)
            .await
            .done("acceptInvite");
        drop(node);
        assert_eq!(ann.counters(&acme).await, (0, index as i64 + 1));
    }
}

#[tokio::test]
async fn a_graceful_stop_waits_for_who_keeps_them_from_being_written() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let mut node = app
        .node_with(|config| config.limits.lock_timeout = Duration::from_millis(200))
        .await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    let accepted = app.person("bob").at(&node).accept_invite(&invite.token).await;
    accepted.done("acceptInvite");
    let held = app.db_hold_counters().await;
    node.ask_to_stop();
    tokio::time::sleep(Duration::from_millis(900)).await;
    held.commit().await.unwrap();
    node.stopped().await;
    assert_eq!(ann.counters(&acme).await, (0, 1));
}

#[tokio::test]
async fn what_cannot_be_written_waits_and_what_is_gone_counts_no_more() {
    let database = TestDatabase::create().await;
    let config = Config {
        data_dir: database.folder().to_owned(),
        database_url: Some(database.url().into()),
        demo: Some(false),
        ..Config::default()
    };
    let app = roster::prepare(config).await.unwrap();
    let gone = entity::ids::OrganizationId(77);
    app.counters.add(gone, Counter::InviteAccepted);
    app.counters.flush(&app.db).await.unwrap();

    // The table is not there.
    let rename = |from: &str, to: &str| format!("ALTER TABLE {from} RENAME TO {to}");
    app.db
        .execute_unprepared(&rename("organization_counter", "away"))
        .await
        .unwrap();
    let tx = db::begin_write(&app.db).await.unwrap();
    let organization = entity::organization::ActiveModel {
        slug: sea_orm::ActiveValue::Set("acme".into()),
        name: sea_orm::ActiveValue::Set("Acme".into()),
        status: sea_orm::ActiveValue::Set(OrganizationStatus::Active),
        default_role: sea_orm::ActiveValue::Set("member".into()),
        flags: sea_orm::ActiveValue::Set(0),
        date_added: sea_orm::ActiveValue::Set(roster::clock::now()),
        ..Default::default()
    };
    let acme = organization.insert(&*tx).await.unwrap().id;
    tx.commit().await.unwrap();
    app.counters.add(acme, Counter::InviteSent);
    assert!(app.counters.flush(&app.db).await.is_err());
    app.counters.add(acme, Counter::InviteSent);
    app.db
        .execute_unprepared(&rename("away", "organization_counter"))
        .await
        .unwrap();

    app.counters.flush(&app.db).await.unwrap();
    app.counters.flush(&app.db).await.unwrap();

    let rows = entity::organization_counter::Entity::find().all(&app.db).await.unwrap();
    let counted: Vec<_> = rows
        .iter()
        .map(|row| (row.organization_id, row.invites_sent, row.invites_accepted))
        .collect();
    assert_eq!(counted, [(acme, 2, 0)]);
}

#[tokio::test]
async fn what_goes_on_when_the_server_stops_is_counted_too() {
    let mut app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob").seen().await;
    let invite = app.invite(&acme, &ann, &bob.email(), "member").await;
    let held = app.db_hold(&invite.member).await;
    // The client gives up, and the change goes on.
    let patience = Duration::from_secs(1);
    let accepted = tokio::time::timeout(patience, bob.accept_invite(&invite.token)).await;
    assert!(accepted.is_err());

    app.stop();
    held.rollback().await.unwrap();
    app.stopped().await;

    let has_joined = app.db_member(&invite.member).await.unwrap().user_id.is_some();
    let counted = entity::organization_counter::Entity::find_by_id(acme.row())
        .one(&app.db)
        .await
        .unwrap();
    assert_eq!(counted.map_or(0, |row| row.invites_accepted), i64::from(has_joined));
}
