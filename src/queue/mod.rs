//! What to do later: the life of a piece of work in the table `job`.
//!
//! A job is queued in the transaction of the change that asks for it. A worker
//! claims it for the time of a lease, does it, and settles it. Whoever is killed
//! in between loses the lease and nothing else: the job is claimed again. So
//! every job is done at least once, and must bear being done twice; what nobody
//! can bear twice is noted before it is done ([`hand_over`]).

mod work;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    ids::JobId,
    job::{self, JobStatus, Lane},
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
    sea_query::{Expr, OnConflict},
};
use strum::{IntoStaticStr, VariantNames};

pub use self::work::{Enforcement, Outcome, Work};
use crate::{
    config::{Config, Jobs},
    db::{self, Db, SkipLocked, Wake, Write, any_of},
    error::{Error, Result},
};

fn later(now: DateTime<Utc>, by: Duration) -> DateTime<Utc> {
    now + TimeDelta::from_std(by).unwrap_or(TimeDelta::days(1))
}

fn row(work: &Work, now: DateTime<Utc>) -> Result<job::ActiveModel> {
    Ok(job::ActiveModel {
        kind: Set(work.kind().to_owned()),
        payload: Set(serde_json::to_value(work).map_err(Error::internal)?),
        status: Set(JobStatus::Queued),
        attempts: Set(0),
        due_at: Set(now),
        lane: Set(work.lane()),
        date_added: Set(now),
        ..Default::default()
    })
}

/// Queues `work`; it exists exactly if `tx` commits.
pub async fn enqueue(tx: &Write, work: &Work, now: DateTime<Utc>) -> Result<JobId> {
    let begun = std::time::Instant::now();
    let inserted = job::Entity::insert(row(work, now)?).exec(&**tx).await?;
    note(tx, work, begun);
    Ok(inserted.last_insert_id)
}

/// Tells workers and monitoring of new work.
fn note(tx: &Write, work: &Work, begun: std::time::Instant) {
    tx.wake(Wake::Jobs);
    metrics::histogram!("jobs_delay", "job" => work.kind()).record(begun.elapsed());
    if let Some((message, member)) = work.mail() {
        tx.count(metrics::counter!("email_queued_total", "type" => message), 1);
        tracing::info!(message_type = message, member = member.0, "mail.queued");
    }
}

/// Queues `work`, not to be begun before `due_at`.
pub async fn enqueue_at(tx: &Write, work: &Work, now: DateTime<Utc>, due_at: DateTime<Utc>) -> Result<()> {
    let mut row = row(work, now)?;
    row.due_at = Set(due_at);
    job::Entity::insert(row).exec_without_returning(&**tx).await?;
    tx.wake(Wake::Jobs);
    Ok(())
}

/// Takes back work that has not begun. How many jobs that were.
pub async fn cancel(tx: &Write, work: &Work) -> Result<u64> {
    let gone = job::Entity::delete_many()
        .filter(job::Column::Kind.eq(work.kind()))
        .filter(job::Column::Payload.eq(serde_json::to_value(work).map_err(Error::internal)?))
        .filter(job::Column::Status.ne(JobStatus::Running))
        .exec(&**tx)
        .await?;
    Ok(gone.rows_affected)
}

/// Rows in a statement: SQLite binds at most 32,766 values.
const ROWS_MAX: usize = 1_000;

/// Queues everything in `work`, in as few statements as can be.
pub async fn enqueue_all(tx: &Write, work: &[Work], now: DateTime<Utc>) -> Result<()> {
    let begun = std::time::Instant::now();
    for work in work.chunks(ROWS_MAX) {
        let rows = work.iter().map(|work| row(work, now)).collect::<Result<Vec<_>>>()?;
        job::Entity::insert_many(rows).exec_without_returning(&**tx).await?;
    }
    work.iter().for_each(|work| note(tx, work, begun));
    Ok(())
}

/// Queues everything in `work`, at most 1,000 pieces, in one statement. The
/// jobs in the same order.
pub async fn enqueue_each(tx: &Write, work: &[Work], now: DateTime<Utc>) -> Result<Vec<JobId>> {
    if work.is_empty() {
        return Ok(Vec::new());
    }
    let begun = std::time::Instant::now();
    let rows = work.iter().map(|work| row(work, now)).collect::<Result<Vec<_>>>()?;
    let inserted = job::Entity::insert_many(rows).exec_with_returning(&**tx).await?;
    work.iter().for_each(|work| note(tx, work, begun));
    // Numbers are given in the order of the rows, which need not come back in it.
    let mut jobs: Vec<JobId> = inserted.into_iter().map(|job| job.id).collect();
    jobs.sort_unstable();
    Ok(jobs)
}

/// Makes sure that all work that repeats is queued, once for all nodes, and no
/// later than its interval says.
pub async fn plan_repeating(db: &Db, config: &Config, now: DateTime<Utc>) -> Result<()> {
    let tx = db::begin_write(db).await?;
    for work in Work::REPEATING {
        let mut first = row(&work, now)?;
        first.repeat_key = Set(Some(work.kind().to_owned()));
        job::Entity::insert(first)
            .on_conflict(OnConflict::column(job::Column::RepeatKey).do_nothing().to_owned())
            .exec_without_returning(&*tx)
            .await?;
        let latest = later(now, work.every(config).unwrap_or_default());
        job::Entity::update_many()
            .col_expr(job::Column::DueAt, Expr::value(latest))
            .filter(job::Column::RepeatKey.eq(work.kind()))
            .filter(job::Column::Status.eq(JobStatus::Queued))
            .filter(job::Column::DueAt.gt(latest))
            .exec(&*tx)
            .await?;
    }
    tx.commit().await
}

/// How often a job may end with its worker.
const LOST_MAX: i32 = 10;

/// A job that this process has for the time of its lease.
#[derive(Clone, Debug)]
pub struct Claim {
    row: job::Model,
    /// What to do; `None` if this version cannot read it.
    pub work: Option<Work>,
}

impl Claim {
    /// Its number.
    pub fn id(&self) -> JobId {
        self.row.id
    }

    /// Whether it has ended with its worker so often that it must be the cause.
    pub fn is_deadly(&self) -> bool {
        self.row.attempts - self.row.failures > LOST_MAX
    }

    /// How often it was begun, this time included.
    pub fn attempts(&self) -> i32 {
        self.row.attempts
    }

    /// The same for every attempt at this job, and for no other job, also not
    /// after the database was made anew.
    pub fn key(&self) -> String {
        format!("{}.{}", self.row.id.0, self.row.date_added.timestamp_micros())
    }

    /// How long what this process does with it is nobody else's: its lease, but
    /// for a quarter of it, in which it is settled.
    pub fn time_left(&self, jobs: &Jobs, now: DateTime<Utc>) -> Duration {
        let lease = self.row.lease_until.map(|end| (end - now).to_std().unwrap_or_default());
        lease.unwrap_or_default().saturating_sub(jobs.lease / 4)
    }

    /// The job, if it is this process that has it. Each lease ends later than the
    /// one before it, so its end names the claim; a count of attempts does not,
    /// for it begins anew.
    fn is_ours(&self) -> Condition {
        Condition::all()
            .add(job::Column::Id.eq(self.row.id))
            .add(job::Column::Status.eq(JobStatus::Running))
            .add(job::Column::LeaseUntil.eq(self.row.lease_until))
    }

    /// Whether an earlier attempt has, or may have, handed over what must not be
    /// handed over twice.
    pub fn is_handed_over(&self) -> bool {
        self.row.handed_over_at.is_some()
    }

    /// Which kind of work.
    pub fn kind(&self) -> &str {
        &self.row.kind
    }
}

/// Jobs of `lane` that can be begun: those that are due, and those whose worker
/// has lost its lease. The condition on the status is spelled as in the index.
fn due(lane: Lane, now: DateTime<Utc>) -> Select<job::Entity> {
    job::Entity::find()
        .filter(Expr::cust("status < 2"))
        .filter(job::Column::Lane.eq(lane))
        .filter(job::Column::DueAt.lte(now))
        // Another version of this program may queue what this one does not know.
        .filter(job::Column::Kind.is_in(Work::VARIANTS.iter().copied()))
        .order_by_asc(job::Column::DueAt)
        .order_by_asc(job::Column::Id)
}

/// Claims up to `limit` jobs of `lane`, the longest due first. No two callers
/// ever get the same job while its lease lasts.
pub async fn claim(db: &Db, jobs: &Jobs, lane: Lane, limit: u64, now: DateTime<Utc>) -> Result<Vec<Claim>> {
    // Most of the time there is nothing, and to know that takes no write lock.
    if due(lane, now).limit(1).one(db).await?.is_none() {
        return Ok(Vec::new());
    }
    let tx = db::begin_write(db).await?;
    let rows = due(lane, now).limit(limit).skip_locked().all(&*tx).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let lease_until = later(now, jobs.lease);
    let ids = rows.iter().map(|row| row.id.0);
    job::Entity::update_many()
        .col_expr(job::Column::Status, Expr::value(JobStatus::Running))
        .col_expr(job::Column::Attempts, Expr::cust("attempts + 1"))
        .col_expr(job::Column::DueAt, Expr::value(lease_until))
        .col_expr(job::Column::LeaseUntil, Expr::value(lease_until))
        .filter(any_of(tx.get_database_backend(), job::Column::Id, ids))
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    Ok(rows
        .into_iter()
        .map(|mut row| {
            let waited = (now - row.due_at).to_std().unwrap_or_default();
            metrics::histogram!("jobs_wait_seconds", "job" => row.kind.clone()).record(waited);
            row.attempts += 1;
            row.lease_until = Some(lease_until);
            Claim {
                work: serde_json::from_value(row.payload.clone()).ok(),
                row,
            }
        })
        .collect())
}

/// Gives back jobs that were begun and are not done any more: the next worker may
/// begin them at once, as if they had not been. What was noted before something
/// was handed over stays noted. How many there were; those that were settled, or
/// that somebody else has, are left alone.
///
/// # Errors
/// A database that does not answer.
pub async fn hand_back(db: &Db, claims: &[Claim], now: DateTime<Utc>) -> Result<u64> {
    if claims.is_empty() {
        return Ok(0);
    }
    let ours = claims
        .iter()
        .fold(Condition::any(), |any, claim| any.add(claim.is_ours()));
    let tx = db::begin_write(db).await?;
    let changed = job::Entity::update_many()
        .col_expr(job::Column::Status, Expr::value(JobStatus::Queued))
        .col_expr(job::Column::Attempts, Expr::cust("attempts - 1"))
        .col_expr(job::Column::DueAt, Expr::value(now))
        .col_expr(job::Column::LeaseUntil, Expr::value(None::<DateTime<Utc>>))
        .filter(ours)
        .exec(&*tx)
        .await?;
    tx.wake(Wake::Jobs);
    tx.commit().await?;
    Ok(changed.rows_affected)
}

/// Records in `tx`, which does a part of a job, what is left of it: whoever goes
/// on begins there. False if somebody else has the job now; then `tx` must not
/// commit.
pub async fn advance(tx: &Write, claim: &Claim, left: &Work) -> Result<bool> {
    let left = serde_json::to_value(left).map_err(Error::internal)?;
    let changed = job::Entity::update_many()
        .col_expr(job::Column::Payload, Expr::value(left))
        .filter(claim.is_ours())
        .exec(&**tx)
        .await?;
    Ok(changed.rows_affected > 0)
}

/// Notes, before it happens and for good, that `claim` hands something over that
/// must not be handed over twice. False if that has been noted already, or
/// somebody else has the job now; then it must not happen.
pub async fn hand_over(db: &Db, claim: &Claim, now: DateTime<Utc>) -> Result<bool> {
    note_handover(db, claim, Some(now), job::Column::HandedOverAt.is_null()).await
}

/// Notes that what `claim` was to hand over was not taken, so that it may be
/// tried again.
pub async fn take_back(db: &Db, claim: &Claim) -> Result<()> {
    note_handover(db, claim, None, job::Column::HandedOverAt.is_not_null())
        .await
        .map(drop)
}

async fn note_handover(db: &Db, claim: &Claim, time: Option<DateTime<Utc>>, before: Expr) -> Result<bool> {
    let tx = db::begin_write(db).await?;
    let changed = job::Entity::update_many()
        .col_expr(job::Column::HandedOverAt, Expr::value(time))
        .filter(claim.is_ours())
        .filter(before)
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    Ok(changed.rows_affected > 0)
}

/// Where a job is after it was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Fate {
    /// Done.
    Done,
    /// Waits to be begun again.
    Waits,
    /// Given up, and kept to be seen.
    Failed,
}

impl Fate {
    /// Stable name, for numbers.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Records how a job ended, in `tx`. `None` if its lease was lost and somebody
/// else has it now: then nothing is recorded.
pub async fn settle(
    tx: &Write,
    config: &Config,
    claim: &Claim,
    outcome: &Outcome,
    now: DateTime<Utc>,
) -> Result<Option<Fate>> {
    let Some(row) = job::Entity::find().filter(claim.is_ours()).one(&**tx).await? else {
        return Ok(None);
    };
    let every = claim.work.as_ref().and_then(|work| work.every(config));
    // What ended with its worker was no failure of its own.
    let failures = usize::try_from(claim.row.failures).unwrap_or_default();
    let retries = claim
        .work
        .as_ref()
        .map_or(&*config.jobs.retries, |work| work.retries(config));
    let pause = retries.get(failures).copied();
    // The fate, when it is due again, and why it failed.
    let (fate, due_at, error) = match (outcome, every) {
        (Outcome::Done(then), every) => {
            enqueue_all(tx, then, now).await?;
            (Fate::Done, every.map(|every| later(now, every)), None)
        }
        (Outcome::Again, _) => (Fate::Waits, Some(now), None),
        (Outcome::Until(time), _) => (Fate::Waits, Some(*time), None),
        // What repeats is never given up.
        (Outcome::Retry(error) | Outcome::GiveUp(error), Some(every)) => {
            let due_at = later(now, pause.unwrap_or(every).min(every));
            (Fate::Waits, Some(due_at), Some(error))
        }
        (Outcome::Retry(error), None) => match pause {
            Some(pause) => (Fate::Waits, Some(later(now, pause)), Some(error)),
            None => (Fate::Failed, None, Some(error)),
        },
        (Outcome::GiveUp(error), None) => (Fate::Failed, None, Some(error)),
    };
    if fate == Fate::Done && due_at.is_none() {
        job::Entity::delete_by_id(row.id).exec(&**tx).await?;
        return Ok(Some(fate));
    }
    let mut change = row.into_active_model();
    change.status = Set(match fate {
        Fate::Failed => JobStatus::Failed,
        Fate::Done | Fate::Waits => JobStatus::Queued,
    });
    // What repeats gets another chance at its next time, also after giving up.
    if error.is_none() || (every.is_some() && matches!(outcome, Outcome::GiveUp(_))) {
        (change.attempts, change.failures) = (Set(0), Set(0));
    } else {
        change.failures = Set(claim.row.failures + 1);
    }
    change.due_at = Set(due_at.unwrap_or(now));
    change.lease_until = Set(None);
    change.last_error = Set(error.cloned());
    change.update(&**tx).await?;
    Ok(Some(fate))
}

// --- for operators ----------------------------------------------------------

/// Jobs that an operator asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// That one, whatever its state, unless a worker has it at the moment.
    One(JobId),
    /// Everything that was given up.
    Failed,
}

impl Which {
    fn condition(self, now: DateTime<Utc>) -> Condition {
        match self {
            Self::Failed => Condition::all().add(job::Column::Status.eq(JobStatus::Failed)),
            Self::One(id) => Condition::all().add(job::Column::Id.eq(id)).add(
                Condition::any()
                    .add(job::Column::Status.ne(JobStatus::Running))
                    .add(job::Column::DueAt.lte(now)),
            ),
        }
    }
}

/// Up to `limit` jobs, the oldest first; only those given up, if asked so.
pub async fn list(db: &Db, only_failed: bool, limit: u64) -> Result<Vec<job::Model>> {
    let mut jobs = job::Entity::find().order_by_asc(job::Column::Id).limit(limit);
    if only_failed {
        jobs = jobs.filter(job::Column::Status.eq(JobStatus::Failed));
    }
    Ok(jobs.all(db).await?)
}

/// Lets jobs begin anew, at once. Which.
pub async fn retry(tx: &Write, which: Which, now: DateTime<Utc>) -> Result<Vec<JobId>> {
    let changed = job::Entity::update_many()
        .col_expr(job::Column::Status, Expr::value(JobStatus::Queued))
        .col_expr(job::Column::Attempts, Expr::value(0))
        .col_expr(job::Column::Failures, Expr::value(0))
        .col_expr(job::Column::HandedOverAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(job::Column::LeaseUntil, Expr::value(None::<DateTime<Utc>>))
        .col_expr(job::Column::DueAt, Expr::value(now))
        .filter(which.condition(now))
        .exec_with_returning(&**tx)
        .await?;
    tx.wake(Wake::Jobs);
    Ok(changed.into_iter().map(|job| job.id).collect())
}

/// Deletes jobs that will not be done. Which. What repeats is queued again when
/// the next worker starts.
pub async fn discard(tx: &Write, which: Which, now: DateTime<Utc>) -> Result<Vec<JobId>> {
    let deleted = job::Entity::delete_many()
        .filter(which.condition(now))
        .exec_with_returning(&**tx)
        .await?;
    Ok(deleted.into_iter().map(|job| job.id).collect())
}

/// Publishes how many jobs were given up, and for how long the next job of each
/// lane has been due.
pub async fn measure(db: &Db, now: DateTime<Utc>) -> Result<()> {
    let failed = job::Entity::find().filter(job::Column::Status.eq(JobStatus::Failed));
    metrics::gauge!("jobs_failed").set(failed.count(db).await? as f64);
    let waiting: Vec<(String, i64)> = job::Entity::find()
        .select_only()
        .column(job::Column::Kind)
        .column_as(job::Column::Id.count(), "count")
        .filter(job::Column::Status.ne(JobStatus::Failed))
        .group_by(job::Column::Kind)
        .into_tuple()
        .all(db)
        .await?;
    for kind in Work::VARIANTS {
        let count = waiting
            .iter()
            .find(|(known, _)| known == kind)
            .map_or(0, |(_, count)| *count);
        metrics::gauge!("jobs_waiting", "job" => *kind).set(count as f64);
    }
    for (lane, name) in LANES {
        let seconds = overdue(db, lane, now).await?.as_secs();
        metrics::gauge!("jobs_overdue_seconds", "lane" => name).set(seconds as f64);
    }
    Ok(())
}

/// Nobody knows what is waiting.
pub fn forget_measures() {
    metrics::gauge!("jobs_failed").set(f64::NAN);
    for kind in Work::VARIANTS {
        metrics::gauge!("jobs_waiting", "job" => *kind).set(f64::NAN);
    }
    for (_, name) in LANES {
        metrics::gauge!("jobs_overdue_seconds", "lane" => name).set(f64::NAN);
    }
}

const LANES: [(Lane, &str); 3] = [
    (Lane::Inside, "inside"),
    (Lane::Mail, "mail"),
    (Lane::Outside, "outside"),
];

/// For how long the next job of a lane has been due.
async fn overdue(db: &Db, lane: Lane, now: DateTime<Utc>) -> Result<Duration> {
    let next = due(lane, now).limit(1).one(db).await?;
    Ok(next
        .and_then(|job| (now - job.due_at).to_std().ok())
        .unwrap_or_default())
}

/// For how long the job has been due that waits longest.
///
/// # Errors
/// A database that does not answer.
pub async fn lag(db: &Db, now: DateTime<Utc>) -> Result<Duration> {
    let mut most = Duration::ZERO;
    for (lane, _) in LANES {
        most = most.max(overdue(db, lane, now).await?);
    }
    Ok(most)
}
