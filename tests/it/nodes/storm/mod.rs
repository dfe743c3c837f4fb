//! Three nodes behind a plain proxy, in a storm: nodes are killed and restarted,
//! PostgreSQL and NATS are restarted, and people go on changing things and
//! listening. Afterwards: what was acknowledged is there, was told and stands in
//! the audit log, nobody has missed or heard twice, and no rule is broken.
//!
//! Needs a PostgreSQL and a NATS that it can restart, so it starts its own. It
//! runs where `TEST_NATS_URL` and `TEST_DATABASE_URL` are set; there both
//! programs must be installed.

mod ledger;
mod listeners;
mod people;
mod proxy;
mod rules;
mod services;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use entity::{event, event::EventType, event_head, outbox};
use rand::{Rng, SeedableRng, rngs::StdRng};
use sea_orm::{Database, DatabaseConnection, QueryOrder, prelude::*};

use self::{
    ledger::Ledger,
    listeners::{Listener, Wire},
    people::Person,
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
    if std::env::var("TEST_DATABASE_URL").is_err() {
        return not_run("the storm", "TEST_DATABASE_URL and TEST_NATS_URL");
    }
    nats_url("the storm");
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
    let robot = people::app_for_teams(&ann, &acme).await;
    let db = Database::connect(&postgres.url).await.unwrap();
    settled(&db, &acme).await;
    let over = Arc::new(AtomicBool::new(false));
    let seed = rand::rng().random();
    println!("seed {seed}");
    let people: Vec<_> = (0..PEOPLE)
        .map(|number| {
            let dice = StdRng::seed_from_u64(seed + number as u64);
            let person = Person::new(number, &ann, &acme, dice);
            tokio::spawn(person.live(over.clone()))
        })
        .collect();
    let listeners = listeners(&ann, &robot, &acme);

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
    println!("{} answers came, {} were lost", ledger.acknowledged, ledger.lost);
    assert!(ledger.acknowledged > 30, "little was done: {ledger:?}");

    let last = settled(&db, &acme).await;
    let events = event::Entity::find()
        .filter(event::Column::OrganizationId.eq(acme.row()))
        .order_by_asc(event::Column::Sequence)
        .all(&db)
        .await
        .unwrap();
    for listener in listeners {
        listener.heard(&events).await;
    }
    assert_eq!(broker.events(last).await, (1..=last).collect::<Vec<_>>());
    ledger.check_rows(&db, &acme).await;
    ledger.check_events(&events);
    ledger.check_last_events(&db, &acme, &events).await;
    ledger.check_audit_log(&db, &acme).await;
    rules::check(&db).await;
    db.close().await.unwrap();
}

/// Those who listen: over both wires, and with a view of everything and of less.
fn listeners(ann: &Client, robot: &Client, acme: &Organization) -> Vec<Listener> {
    use EventType::{OrganizationDeleted, OrganizationUpdated, TeamDeleted, TeamMembershipUpdated, TeamUpdated};
    let is_of_teams = |kind| {
        let seen = [
            OrganizationUpdated,
            OrganizationDeleted,
            TeamUpdated,
            TeamDeleted,
            TeamMembershipUpdated,
        ];
        seen.contains(&kind)
    };
    let mut listeners = Vec::new();
    for wire in [Wire::Socket, Wire::Stream] {
        listeners.push(Listener::start(wire, ann, acme, |_| true));
        listeners.push(Listener::start(wire, robot, acme, is_of_teams));
    }
    listeners
}

/// Waits until there are events, and everything is delivered and published; the
/// number of the last.
async fn settled(db: &DatabaseConnection, acme: &Organization) -> i64 {
    eventually("everything is delivered and published", || async {
        let waiting = outbox::Entity::find().count(db).await.unwrap();
        let head = event_head::Entity::find_by_id(acme.row()).one(db).await.unwrap()?;
        (waiting == 0 && head.published == head.sequence).then_some(head.sequence)
    })
    .await
}
