//! From a change to an event (§20): what is told, how often, in which order, and
//! what happens to a shard that cannot be delivered.

mod backlog;
mod shards;
mod told;

use entity::{event, event_head, outbox};
use roster::{app::App, events::EventType, jobs::deliver, outbox::Shard};
use sea_orm::{QueryOrder, prelude::*};

use crate::{
    jobs::{delivering, eventually},
    support::{Organization, TestApp},
};

impl TestApp {
    /// The log of an organization. Its numbers have no gaps.
    async fn db_events(&self, organization: &Organization) -> Vec<(EventType, i64)> {
        let rows = event::Entity::find()
            .filter(event::Column::OrganizationId.eq(organization.row()))
            .order_by_asc(event::Column::Sequence)
            .all(&self.db)
            .await
            .unwrap();
        let numbers: Vec<_> = rows.iter().map(|row| row.sequence).collect();
        assert_eq!(numbers, (1..=numbers.len() as i64).collect::<Vec<_>>());
        rows.into_iter()
            .map(|row| (row.r#type, row.object_identifier))
            .collect()
    }

    /// Rows of the outbox in all.
    pub async fn db_undelivered(&self) -> u64 {
        outbox::Entity::find().count(&self.db).await.unwrap()
    }

    /// Waits until everything is delivered.
    pub async fn db_delivered(&self) {
        eventually("everything is delivered", || async {
            (self.db_undelivered().await == 0).then_some(())
        })
        .await;
    }
}

fn shard(organization: &Organization) -> Shard {
    Shard::Organization(organization.row())
}

/// Delivers what is in the shard now.
async fn drain(service: &App, organization: &Organization) -> bool {
    deliver::drain(service, shard(organization)).await.unwrap()
}
