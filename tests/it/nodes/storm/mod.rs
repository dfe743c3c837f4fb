//! Three nodes behind a plain proxy, in a storm: nodes are killed and restarted,
//! PostgreSQL and NATS are restarted, and people go on changing things and
//! listening. Afterwards: what was acknowledged is there, nobody has missed or
//! heard twice, and no rule is broken.
//!
//! Needs a PostgreSQL and a NATS that it can restart, so it starts its own. It
//! runs where `TEST_NATS_URL` and `TEST_DATABASE_URL` are set; there both
//! programs must be installed.

mod people;
mod proxy;
mod services;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use entity::{event, event_head, member, organization, outbox, team};
use rand::{Rng, SeedableRng, rngs::StdRng};
use sea_orm::{Database, DatabaseConnection, QueryOrder, prelude::*};

use self::{
    people::{Ledger, Listener, Person, State},
    proxy::Proxy,
    services::{Broker, Postgres},
};
use super::*;
use crate::{
    command::{Place, Program},
    jobs::eventually,
    support::{Client, Organization},
};

/// People who change things.
const PEOPLE: usize = 4;
/// People who listen.
const LISTENERS: usize = 3;

/// A node that can be killed and started again, with what all nodes are told.
struct Node {
    place: Place,
    program: Option<Program>,
    proxy: Arc<Proxy>,
}

impl Node {
    fn start(&mut self) {
        let program = self.place.serve();
        self.proxy.add(&program.url);
        self.program = Some(program);
    }

    fn end(&mut self, signal: &str) {
        let program = self.program.take().unwrap();
        program.signal(signal);
        let url = program.url.clone();
        let ended = program.end();
        assert!(!ended.stderr.contains("panicked"), "{ended:?}");
        self.proxy.remove(&url);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_in_a_storm() {
    if std::env::var("TEST_NATS_URL").is_err() || std::env::var("TEST_DATABASE_URL").is_err() {
        return;
    }
    let postgres = Postgres::start();
    let mut broker = Broker::start();
    let proxy = Proxy::open().await;
    let place = || {
        Place::with_secrets(&postgres.url)
            .set("ROSTER_DEMO", "false")
            .set("ROSTER_PUBLIC_URL", "http://roster.example.com")
            .set("ROSTER_NATS__URL", &broker.url)
            .set("ROSTER_JOBS__LEASE", "2s")
            .set("ROSTER_MAIL__TIMEOUT", "1s")
            .set("ROSTER_JOBS__POLL_EVERY", "200ms")
            .set("ROSTER_RATE_LIMITS__ENABLED", "false")
            .set("ROSTER_SUBSCRIPTIONS__CHECK_EVERY", "1s")
    };
    place().run(&["migrate", "--stream"]).ok();
    let mut nodes: Vec<_> = (0..3)
        .map(|_| Node {
            place: place(),
            program: None,
            proxy: proxy.clone(),
        })
        .collect();
    nodes.iter_mut().for_each(Node::start);

    let ann = Client::person_at(&proxy.url, "ann");
    let acme = people::found(&ann, "Acme").await;
    let over = Arc::new(AtomicBool::new(false));
    let seed = rand::rng().random();
    println!("seed {seed}");
    let people: Vec<_> = (0..PEOPLE)
        .map(|number| {
            let dice = StdRng::seed_from_u64(seed + number as u64);
            let person = Person::new(number, &ann, &proxy.url, &acme, dice);
            tokio::spawn(person.live(over.clone()))
        })
        .collect();
    let listeners: Vec<_> = (0..LISTENERS)
        .map(|_| Listener::start(&ann, &proxy.url, &acme))
        .collect();

    // At any moment of what the others do, so the pauses are no synchronisation.
    let mut dice = StdRng::seed_from_u64(seed);
    let mut pause = || Duration::from_millis(dice.random_range(500..2_500));
    for (index, signal) in [(0, "KILL"), (1, "TERM"), (2, "KILL")] {
        tokio::time::sleep(pause()).await;
        nodes[index].end(signal);
        match index {
            0 => postgres.crash_and_recover(),
            1 => broker.restart(),
            _ => {}
        }
        tokio::time::sleep(pause()).await;
        nodes[index].start();
    }
    tokio::time::sleep(pause()).await;
    over.store(true, Ordering::Relaxed);
    let mut ledger = Ledger::default();
    for person in people {
        ledger.extend(person.await.unwrap());
    }
    assert!(ledger.acknowledged() > 30, "little was done: {ledger:?}");

    let db = Database::connect(&postgres.url).await.unwrap();
    let head = settled(&db, &acme).await;
    for listener in listeners {
        listener.heard_all(head.sequence).await;
    }
    let published = broker.events(head.sequence).await;
    assert_eq!(published, (1..=head.sequence).collect::<Vec<_>>());
    every_event_is_there(&db, &acme, head.sequence).await;
    what_was_acknowledged_is_true(&db, &acme, &ledger).await;
    no_rule_is_broken(&db, &acme).await;
    db.close().await.unwrap();
}

/// Waits until everything is delivered and published; how far the log is then.
async fn settled(db: &DatabaseConnection, acme: &Organization) -> event_head::Model {
    eventually("everything is delivered and published", || async {
        let waiting = outbox::Entity::find().count(db).await.unwrap();
        let head = event_head::Entity::find_by_id(acme.row())
            .one(db)
            .await
            .unwrap()
            .unwrap();
        (waiting == 0 && head.published == head.sequence).then_some(head)
    })
    .await
}

async fn every_event_is_there(db: &DatabaseConnection, acme: &Organization, last: i64) {
    let rows = event::Entity::find()
        .filter(event::Column::OrganizationId.eq(acme.row()))
        .order_by_asc(event::Column::Sequence)
        .all(db)
        .await
        .unwrap();
    let numbers: Vec<_> = rows.iter().map(|row| row.sequence).collect();
    assert_eq!(numbers, (1..=last).collect::<Vec<_>>());
    // Whatever there is was told.
    let told = |object: i64| rows.iter().any(|row| row.object_identifier == object);
    for member in member::Entity::within(acme.row()).all(db).await.unwrap() {
        assert!(told(member.id.0), "{member:?}");
    }
    for team in team::Entity::within(acme.row()).all(db).await.unwrap() {
        assert!(told(team.id.0), "{team:?}");
    }
}

async fn what_was_acknowledged_is_true(db: &DatabaseConnection, acme: &Organization, ledger: &Ledger) {
    let members = member::Entity::within(acme.row()).all(db).await.unwrap();
    let by_id: BTreeMap<i64, &member::Model> = members.iter().map(|row| (row.id.0, row)).collect();
    for (id, state) in ledger.members() {
        let row = by_id.get(id);
        match state {
            State::Invited => assert!(row.is_some_and(|row| row.user_id.is_none()), "{id}: {row:?}"),
            State::Joined(role) => assert!(
                row.is_some_and(|row| row.user_id.is_some() && row.role == *role),
                "{id} {role}: {row:?}"
            ),
            State::Gone => assert!(row.is_none(), "{id}: {row:?}"),
            // The answer to the last change was lost: either is right.
            State::Unknown => {}
        }
    }
    let slugs: Vec<_> = team::Entity::within(acme.row())
        .all(db)
        .await
        .unwrap()
        .into_iter()
        .map(|team| team.slug)
        .collect();
    for slug in ledger.teams() {
        assert!(slugs.contains(slug), "{slug}");
    }
}

async fn no_rule_is_broken(db: &DatabaseConnection, acme: &Organization) {
    let organization = organization::Entity::find_by_id(acme.row())
        .one(db)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(organization.status, organization::OrganizationStatus::Active);
    let members = member::Entity::within(acme.row()).all(db).await.unwrap();
    let is_owner = |row: &&member::Model| row.role == "owner" && row.user_id.is_some() && row.user_is_active;
    assert!(members.iter().any(|row| is_owner(&row)));
    let mut people: Vec<_> = members.iter().filter_map(|row| row.user_id).collect();
    let count = people.len();
    people.sort_unstable();
    people.dedup();
    assert_eq!(people.len(), count, "somebody is a member twice");
    let mut addresses: Vec<_> = members.iter().filter_map(|row| row.email.clone()).collect();
    let count = addresses.len();
    addresses.sort_unstable();
    addresses.dedup();
    assert_eq!(addresses.len(), count, "an address was invited twice");
    for row in &members {
        // Pending rows have an address, joined rows a person; never both.
        assert_ne!(row.user_id.is_some(), row.email.is_some(), "{row:?}");
    }
    let failed = entity::job::Entity::find().filter(entity::job::Column::Status.eq(entity::job::JobStatus::Failed));
    assert_eq!(failed.count(db).await.unwrap(), 0, "work was given up");
}
