//! A backlog of many organizations, on which two nodes work while something
//! happens elsewhere: nobody stands still, and what is new does not wait for
//! what is old.
//!
//! It measures, too: `BACKLOG_ROWS` and `BACKLOG_ORGANIZATIONS` make it larger, see
//! docs/performance.md.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use entity::{
    ids::OrganizationId,
    organization::{self, OrganizationStatus},
    outbox::Category,
};
use sea_orm::{ActiveValue::Set, QuerySelect, TransactionTrait};
use serde_json::json;

use super::*;
use crate::{
    command::{
        Place, Program,
        metrics::{counter, working},
    },
    support::Client,
};

/// A number in the environment, or another.
fn size(name: &str, otherwise: i64) -> i64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

impl TestApp {
    /// So many organizations, and changes of members who are gone, spread over
    /// them. They are there at once.
    async fn db_backlog(&self, organizations: i64, rows: i64) -> Vec<OrganizationId> {
        let now = Utc::now();
        let tx = self.db.begin().await.unwrap();
        let made = (0..organizations).map(|number| organization::ActiveModel {
            name: Set(format!("Backlog {number}")),
            slug: Set(format!("backlog-{number}")),
            status: Set(OrganizationStatus::Active),
            date_added: Set(now),
            default_role: Set("member".into()),
            is_test: Set(false),
            flags: Set(0),
            ..Default::default()
        });
        let made = organization::Entity::insert_many(made).exec_with_returning(&tx).await;
        let ids: Vec<_> = made.unwrap().into_iter().map(|row| row.id).collect();
        let changes: Vec<_> = (0..rows)
            .zip(ids.iter().cycle())
            .map(|(number, organization)| outbox::ActiveModel {
                category: Set(Category::OrganizationMemberUpdate),
                shard_scope: Set(0),
                shard_identifier: Set(organization.0),
                object_identifier: Set(1_000_000 + number),
                scheduled_from: Set(now),
                scheduled_for: Set(DateTime::UNIX_EPOCH),
                date_added: Set(now),
                ..Default::default()
            })
            .collect();
        for some in changes.chunks(1_000) {
            let some = outbox::Entity::insert_many(some.iter().cloned());
            some.exec_without_returning(&tx).await.unwrap();
        }
        tx.commit().await.unwrap();
        ids
    }

    /// Numbers of the last events of all these organizations, added up.
    async fn db_last_events(&self, organizations: &[OrganizationId]) -> i64 {
        let heads: Vec<i64> = event_head::Entity::find()
            .select_only()
            .column(event_head::Column::Sequence)
            .filter(event_head::Column::OrganizationId.is_in(organizations.iter().copied()))
            .into_tuple()
            .all(&self.db)
            .await
            .unwrap();
        heads.into_iter().sum()
    }

    /// How long it takes until a change of this organization is told.
    async fn db_wait_of(&self, organization: &Organization, owner: &Client, name: String) -> Duration {
        let told = || async { self.db_last_events(&[organization.row()]).await };
        let before = told().await;
        let input = json!({ "organizationId": organization.id, "name": name });
        owner.mutate("saveOrgOptions", "", input).await.done("saveOrgOptions");
        let begun = Instant::now();
        eventually("the new change is told", || async {
            (told().await > before).then_some(())
        })
        .await;
        begun.elapsed()
    }
}

/// How many changes a node has delivered.
async fn delivered_by((_, reader): &(Program, Client)) -> f64 {
    let text = reader.get("/metrics").await.body.as_str().unwrap().to_owned();
    let members = [("category", "OrganizationMemberUpdate")];
    counter(&text, "outbox_processed_total", &members).unwrap_or_default()
}

#[tokio::test]
async fn two_nodes_work_on_it_and_what_is_new_does_not_wait_for_its_end() {
    let (rows, organizations) = (size("BACKLOG_ROWS", 4_000), size("BACKLOG_ORGANIZATIONS", 400));
    let app = TestApp::start_with(|config| config.rate_limits.enabled = false).await;
    let (fresh, ann) = app.organization("Fresh").await;
    let place = Place::with_secrets(&app.db_url()).set("ROSTER_JOBS__POLL_EVERY", "50ms");
    let nodes = [working(place.clone()), working(place)];
    app.db_delivered().await;
    let mut before = 0.0;
    for node in &nodes {
        before += delivered_by(node).await;
    }

    let backlog = app.db_backlog(organizations, rows).await;
    let begun = Instant::now();
    let mut waits = Vec::new();
    while app.db_undelivered().await > 0 {
        let name = format!("Fresh {}", waits.len());
        let wait = app.db_wait_of(&fresh, &ann, name).await;
        // Something of the backlog was still there when it was told.
        if app.db_last_events(&backlog).await < rows {
            waits.push(wait);
        }
    }
    let took = begun.elapsed();

    assert_eq!(app.db_last_events(&backlog).await, rows, "each once");
    waits.sort_unstable();
    let (median, longest) = (waits[waits.len() / 2], *waits.last().unwrap());
    let mut shares = Vec::new();
    for node in &nodes {
        shares.push(delivered_by(node).await);
    }
    println!(
        "{rows} changes of {organizations} organizations: {took:.1?}; by node {shares:?}; \
         {} new ones waited {median:.2?} (median), {longest:.2?} at most",
        waits.len()
    );
    assert!(shares.iter().sum::<f64>() >= before + rows as f64);
    for share in shares {
        // Writers of SQLite do not queue up, so more cannot be promised.
        assert!(share > rows as f64 / 50.0, "both nodes make progress");
    }
    assert!(waits.len() >= 2, "what is new did not wait for the end of the backlog");
    assert!(longest < took / 2, "{longest:?} of {took:?}");
}
