//! The door for work: takes jobs from the queue and does them.
//!
//! Any number of processes may work on one database. Each has three lanes: work in
//! our own database, several at a time, mails, which wait for somebody else's
//! server, and webhooks, which wait for anybody's. Beside them it delivers the
//! outbox.

mod announce;
pub mod deliver;
mod mail;
mod publish;
mod sweep;
mod webhook;

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use entity::job::Lane;
use futures_util::FutureExt;
use tokio::{
    task::{Id, JoinError, JoinSet},
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span};

use crate::{
    app::App,
    clock,
    db::{self, Db, Wake},
    domain,
    error::Result,
    live::Live,
    outbox,
    queue::{self, Claim, Fate, Outcome, Which, Work},
    storage,
    telemetry::{
        statements::{self, Tally},
        trace,
    },
};

/// How often the numbers about the queue are published.
const MEASURE_EVERY: Duration = Duration::from_secs(15);

/// Time for jobs that have begun when the worker is to stop, at most. What is cut
/// off then is given back.
const DRAIN: Duration = Duration::from_secs(10);

/// Does what is queued, until `shutdown`.
pub async fn work(live: Live<App>, shutdown: CancellationToken) {
    let app = live.now();
    let lanes = async {
        tokio::join!(
            run_lane(&live, Lane::Inside, app.config.jobs.concurrency, &shutdown),
            run_lane(&live, Lane::Mail, app.config.mail.concurrency, &shutdown),
            run_lane(&live, Lane::Outside, app.config.webhooks.concurrency, &shutdown),
            deliver::run(&app, &shutdown),
            publish::run(&app, &shutdown),
        )
    };
    tokio::select! {
        ((), (), (), (), ()) = lanes => {}
        () = look_after(&app) => {}
    }
}

/// Keeps the work that repeats planned, and publishes numbers. Never ends.
async fn look_after(app: &App) {
    let mut ticks = tokio::time::interval(MEASURE_EVERY);
    let mut is_planned = false;
    loop {
        ticks.tick().await;
        if !is_planned {
            match queue::plan_repeating(&app.db, &app.config, clock::now()).await {
                Ok(()) => is_planned = true,
                Err(error) => error.log("repeating work cannot be planned"),
            }
        }
        let (now, disabled) = (clock::now(), &app.config.outbox.disabled_shards);
        let jobs = timeout(MEASURE_EVERY, queue::measure(&app.db, now)).await;
        if !matches!(jobs, Ok(Ok(()))) {
            // What was true a while ago would look like all is well.
            queue::forget_measures();
            tracing::warn!(cause = ?jobs, "the queue cannot be measured");
        }
        let changes = timeout(MEASURE_EVERY, outbox::measure(&app.db, disabled, now)).await;
        if !matches!(changes, Ok(Ok(()))) {
            outbox::forget_measures();
            tracing::warn!(cause = ?changes, "the outbox cannot be measured");
        }
    }
}

/// Does the jobs of one lane, `slots` at a time, until `shutdown`.
async fn run_lane(live: &Live<App>, lane: Lane, slots: u32, shutdown: &CancellationToken) {
    let slots = slots.max(1) as usize;
    let mut queued = live.now().db.committed(Wake::Jobs);
    let mut running = Running::default();
    while !shutdown.is_cancelled() {
        queued.mark_unchanged();
        // Each job goes to its end with the settings it has begun with.
        let app = live.now();
        let free = slots - running.tasks.len();
        let claimed = claim(&app, lane, free).await;
        let is_idle = claimed.len() < free;
        for claim in claimed {
            let span = tracing::error_span!(
                "job",
                key = claim.key(),
                kind = claim.kind(),
                attempt = claim.attempts()
            );
            let traced = trace::job(claim.kind(), claim.attempts());
            let work = do_job(app.clone(), claim.clone()).instrument(traced);
            running.begin(claim, work.instrument(span));
        }
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = running.one_ended() => {}
            _ = queued.changed(), if is_idle => {}
            () = tokio::time::sleep(app.config.jobs.poll_every), if is_idle => {}
        }
    }
    let app = live.now();
    let plan = app.config.drain_plan();
    let drained = timeout(DRAIN.min(plan.work - plan.delay), running.all_ended());
    if drained.await.is_err() {
        let cut = running.cut().await;
        match queue::hand_back(&app.db, &cut, clock::now()).await {
            Ok(count) => tracing::warn!(?lane, count, "jobs were still running; others may begin them now"),
            Err(error) => tracing::error!(cause = ?error, ?lane, "jobs were still running; their leases have to end"),
        }
    }
}

/// The jobs that this process does at the moment, of one lane.
#[derive(Default)]
struct Running {
    tasks: JoinSet<()>,
    claims: HashMap<Id, Claim>,
}

impl Running {
    fn begin(&mut self, claim: Claim, work: impl Future<Output = ()> + Send + 'static) {
        let task = self.tasks.spawn(work);
        self.claims.insert(task.id(), claim);
    }

    /// Waits until one has ended; for ever if there is none.
    async fn one_ended(&mut self) {
        match self.tasks.join_next_with_id().await {
            Some(ended) => self.forget(&ended),
            None => std::future::pending().await,
        }
    }

    async fn all_ended(&mut self) {
        while let Some(ended) = self.tasks.join_next_with_id().await {
            self.forget(&ended);
        }
    }

    /// Ends them all, and waits until none does anything any more. Those that had
    /// not come to their end.
    async fn cut(&mut self) -> Vec<Claim> {
        self.tasks.abort_all();
        while let Some(ended) = self.tasks.join_next_with_id().await {
            if ended.is_ok() {
                self.forget(&ended);
            }
        }
        self.claims.drain().map(|(_, claim)| claim).collect()
    }

    fn forget(&mut self, ended: &std::result::Result<(Id, ()), JoinError>) {
        let id = match ended {
            Ok((id, ())) => *id,
            Err(error) => error.id(),
        };
        self.claims.remove(&id);
    }
}

async fn claim(app: &App, lane: Lane, free: usize) -> Vec<Claim> {
    if free == 0 {
        return Vec::new();
    }
    match queue::claim(&app.db, &app.config.jobs, lane, free as u64, clock::now()).await {
        Ok(claimed) => claimed,
        Err(error) => {
            // Tried again at the next poll.
            error.log("no work can be taken from the queue");
            Vec::new()
        }
    }
}

/// Does one job, whatever happens in it, and settles it.
async fn do_job(app: Arc<App>, claim: Claim) {
    // Over before the lease is, so that nobody else has begun it yet.
    let limit = claim.time_left(&app.config.jobs, clock::now());
    if limit.is_zero() {
        tracing::warn!("the lease was over before the job could begin");
        return;
    }
    let (begun, tally) = (Instant::now(), Arc::new(Tally::default()));
    let work = AssertUnwindSafe(perform(&app, &claim)).catch_unwind();
    let ended = statements::counted(tally.clone(), timeout(limit, work)).await;
    let elapsed = begun.elapsed();
    let outcome = match ended {
        Ok(Ok(Ok(outcome))) => outcome,
        Ok(Ok(Err(error))) => {
            error.log("a job failed");
            Outcome::Retry("Something went wrong on our side.".into())
        }
        Ok(Err(_)) => {
            tracing::warn!("a job panicked");
            Outcome::Retry("Something went wrong on our side.".into())
        }
        Err(_) => Outcome::Retry("It took too long.".into()),
    };
    match settle(&app, &claim, &outcome).await {
        Ok(Some(fate)) => tell(&claim, &outcome, fate, elapsed, &tally),
        Ok(None) => tracing::warn!("the lease was lost; somebody else does the job again"),
        Err(error) => error.log("a job cannot be settled; it is done again when its lease ends"),
    }
}

/// Tells how an attempt at a job has ended.
fn tell(claim: &Claim, outcome: &Outcome, fate: Fate, elapsed: Duration, tally: &Tally) {
    let labels = [("job", claim.kind().to_owned()), ("fate", fate.name().to_owned())];
    metrics::counter!("jobs_settled_total", &labels).increment(1);
    metrics::histogram!("jobs_seconds", &labels).record(elapsed);
    let milliseconds = |time: Duration| (time.as_secs_f64() * 1_000_000.0).round() / 1000.0;
    let (duration_ms, statements, sql_ms) = (milliseconds(elapsed), tally.count(), milliseconds(tally.time()));
    match outcome {
        Outcome::Retry(reason) | Outcome::GiveUp(reason) => {
            trace::failed(&Span::current());
            tracing::warn!(?fate, reason, duration_ms, statements, sql_ms, "job failed");
        }
        Outcome::Done(_) | Outcome::Again | Outcome::Until(_) => {
            tracing::info!(?fate, duration_ms, statements, sql_ms, "job done");
        }
    }
}

async fn perform(app: &App, claim: &Claim) -> Result<Outcome> {
    let Some(work) = &claim.work else {
        return Ok(Outcome::GiveUp("This version cannot read the job.".into()));
    };
    if claim.is_deadly() {
        return Ok(Outcome::GiveUp("Its worker has died of it again and again.".into()));
    }
    match work {
        Work::SendInvite { member, referrer } => mail::invite(app, claim, *member, referrer.as_deref()).await,
        Work::SendSsoLink { member, actor } => mail::sso_link(app, &claim.key(), *member, actor).await,
        Work::AnnounceRequest { member } => announce::request(app, *member).await,
        Work::SendRequestNotice { member, recipient } => {
            mail::request_notice(app, &claim.key(), *member, *recipient).await
        }
        Work::AnnounceTeamRequest { request } => announce::team_request(app, *request).await,
        Work::SendTeamRequestNotice { request, recipient } => {
            mail::team_request_notice(app, &claim.key(), *request, *recipient).await
        }
        Work::SendTeamApproval { team, member } => mail::team_approval(app, &claim.key(), *team, *member).await,
        Work::DeleteTeam { team } => sweep::team(app, *team).await,
        Work::SendDeletionNotice {
            recipient,
            name,
            ip,
            date,
        } => mail::deletion_notice(app, &claim.key(), *recipient, name, ip.as_deref(), *date).await,
        Work::DeleteOrganization { organization } => sweep::organization(app, *organization).await,
        Work::EnforceCompliance(run) => sweep::compliance(app, claim, run).await,
        Work::SendComplianceNotice {
            member,
            requirement,
            stays,
        } => mail::compliance_notice(app, claim, *member, *requirement, *stays).await,
        Work::SweepBlobs { blobs } => storage::sweep_blobs(&app.db, blobs, clock::now()).await,
        Work::SweepObject { path } => app.storage.sweep_object(&app.db, path).await,
        Work::SweepRenderings { ident } => sweep::renderings(app, ident).await,
        Work::SweepInvites {} => sweep::invites(app).await,
        Work::SweepRateLimits {} => sweep::rate_limits(app).await,
        Work::SweepEvents {} => sweep::events(app).await,
        Work::SendWebhook { delivery } => webhook::send(app, *delivery).await,
        Work::SendWebhookNotice { webhook, recipient } => {
            mail::webhook_notice(app, &claim.key(), *webhook, *recipient).await
        }
        Work::DeleteDeliveries { webhook } => sweep::deliveries_of(app, *webhook).await,
        Work::SweepDeliveries {} => sweep::deliveries(app).await,
    }
}

/// Records how the job ended together with what follows from it.
async fn settle(app: &App, claim: &Claim, outcome: &Outcome) -> Result<Option<Fate>> {
    let now = clock::now();
    let tx = db::begin_write(&app.db).await?;
    let fate = queue::settle(&tx, &app.config, claim, outcome, now).await?;
    if let Some(fate) = fate
        && let Some(
            Work::SendInvite { member, .. }
            | Work::SendComplianceNotice {
                member, stays: false, ..
            },
        ) = &claim.work
    {
        let error = match outcome {
            Outcome::Retry(reason) | Outcome::GiveUp(reason) => Some(reason.as_str()),
            Outcome::Done(_) | Outcome::Again | Outcome::Until(_) => None,
        };
        domain::invite::record_delivery(&tx, *member, claim, fate, error, now).await?;
    }
    tx.commit().await?;
    Ok(fate)
}

/// Lets jobs begin anew, at once. How many.
///
/// # Errors
/// A database that does not answer.
pub async fn retry(db: &Db, which: Which) -> Result<usize> {
    let tx = db::begin_write(db).await?;
    let jobs = queue::retry(&tx, which, clock::now()).await?;
    domain::invite::note_jobs(&tx, &jobs, None).await?;
    tx.commit().await?;
    Ok(jobs.len())
}

/// Deletes jobs, which will not be done. How many.
///
/// # Errors
/// A database that does not answer.
pub async fn discard(db: &Db, which: Which) -> Result<usize> {
    let tx = db::begin_write(db).await?;
    let jobs = queue::discard(&tx, which, clock::now()).await?;
    domain::invite::note_jobs(&tx, &jobs, Some("The mail was withdrawn by an operator.")).await?;
    tx.commit().await?;
    Ok(jobs.len())
}
