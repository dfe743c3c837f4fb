//! Counters that are written behind (spec §23.2): added up in memory, and from
//! there to the database every few seconds and before the process ends. What
//! they count stands in the tables; a process that is killed loses a few seconds
//! of counting and nothing else.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use entity::{ids::OrganizationId, organization, organization_counter};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use tokio_util::sync::CancellationToken;

use crate::{
    db::{self, Db},
    error::Result,
};

/// How long a count waits in memory: with the time that writing takes no longer
/// than the ten seconds of §23.2.
const FLUSH_EVERY: Duration = Duration::from_secs(8);

/// Organizations in one statement.
const BATCH: usize = 500;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// An invite's mail was taken by the mail server.
    InviteSent,
    /// An invite was accepted.
    InviteAccepted,
}

/// What has not been written yet.
#[derive(Debug, Default)]
pub struct Counters(Mutex<BTreeMap<OrganizationId, Amounts>>);

#[derive(Clone, Copy, Debug, Default)]
struct Amounts {
    sent: i64,
    accepted: i64,
}

impl Counters {
    /// Counts one more.
    pub fn add(&self, organization: OrganizationId, counter: Counter) {
        let amounts = match counter {
            Counter::InviteSent => Amounts { sent: 1, accepted: 0 },
            Counter::InviteAccepted => Amounts { sent: 0, accepted: 1 },
        };
        self.put(organization, amounts);
    }

    fn put(&self, organization: OrganizationId, amounts: Amounts) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sum = waiting.entry(organization).or_default();
        sum.sent += amounts.sent;
        sum.accepted += amounts.accepted;
    }

    /// Writes what has been counted. What cannot be written waits on.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn flush(&self, db: &Db) -> Result<()> {
        let waiting = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let waiting: Vec<_> = waiting.into_iter().collect();
        let mut result = Ok(());
        for batch in waiting.chunks(BATCH) {
            if result.is_ok() {
                result = write(db, batch).await;
            }
            if result.is_err() {
                for (organization, amounts) in batch {
                    self.put(*organization, *amounts);
                }
            }
        }
        result
    }

    /// Writes every few seconds, until `shutdown`.
    pub async fn run(&self, db: &Db, shutdown: CancellationToken) {
        while tokio::time::timeout(FLUSH_EVERY, shutdown.cancelled()).await.is_err() {
            self.flush_or_log(db).await;
        }
    }

    /// Writes, and tells the log if that fails.
    pub async fn flush_or_log(&self, db: &Db) {
        if let Err(error) = self.flush(db).await {
            tracing::warn!(cause = ?error, "counters cannot be written");
        }
    }
}

/// Adds to the rows, which are made where they are missing. Organizations that
/// are gone count no more.
async fn write(db: &Db, batch: &[(OrganizationId, Amounts)]) -> Result<()> {
    let tx = db::begin_write(db).await?;
    let there: Vec<OrganizationId> = organization::Entity::find()
        .select_only()
        .column(organization::Column::Id)
        .filter(organization::Column::Id.is_in(batch.iter().map(|(organization, _)| *organization)))
        .into_tuple()
        .all(&*tx)
        .await?;
    let rows: Vec<_> = batch
        .iter()
        .filter(|(organization, _)| there.contains(organization))
        .map(|(organization, amounts)| organization_counter::ActiveModel {
            organization_id: Set(*organization),
            invites_sent: Set(amounts.sent),
            invites_accepted: Set(amounts.accepted),
        })
        .collect();
    if !rows.is_empty() {
        let sum = |column: organization_counter::Column| {
            let added = Expr::col(("excluded", column));
            (column, Expr::col((organization_counter::Entity, column)).add(added))
        };
        let columns = [
            organization_counter::Column::InvitesSent,
            organization_counter::Column::InvitesAccepted,
        ];
        let adds = OnConflict::column(organization_counter::Column::OrganizationId)
            .values(columns.map(sum))
            .to_owned();
        let insert = organization_counter::Entity::insert_many(rows).on_conflict(adds);
        insert.exec_without_returning(&*tx).await?;
    }
    tx.commit().await
}
