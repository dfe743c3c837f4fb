//! Delivering the outbox (spec §20.4): what changed becomes an event in the log
//! of its organization, and whoever waits for it is told.

use std::{
    collections::{HashMap, HashSet},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use entity::{
    event,
    ids::{MemberId, OrganizationId, OutboxId, TeamId, UserId},
    member,
    organization::{self, OrganizationStatus},
    outbox::Category,
    team,
};
use futures_util::FutureExt;
use rand::seq::SliceRandom;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span};

use crate::{
    app::App,
    clock,
    db::{self, Notice, Wake, Write, any_of},
    domain,
    error::Result,
    events::{self, EventType, News},
    outbox::{self, Group, Shard, Window},
};

/// Pause before a shard that failed gives its place to another: a database that
/// does not answer must not be asked without end.
const REST: Duration = Duration::from_millis(500);

/// The same for a shard that somebody else has.
const STEP_ASIDE: Duration = Duration::from_millis(20);

/// How often at most it is looked for what is due while there is enough to do:
/// that reads all that is due, and what is new must not wait behind the rest.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Delivers what is due, several shards at a time, until `shutdown`.
pub async fn run(app: &Arc<App>, shutdown: &CancellationToken) {
    let slots = app.config.outbox.concurrency as usize;
    if slots == 0 {
        return;
    }
    let mut recorded = app.db.committed(Wake::Outbox);
    let mut running = JoinSet::new();
    let mut busy = HashSet::new();
    let mut waiting = Vec::new();
    let mut looked_at: Option<Instant> = None;
    while !shutdown.is_cancelled() {
        let is_time = looked_at.is_none_or(|time| time.elapsed() >= LOOK_EVERY);
        if waiting.is_empty() || is_time && recorded.has_changed().unwrap_or(false) {
            recorded.mark_unchanged();
            looked_at = Some(Instant::now());
            waiting = look(app).await;
            waiting.retain(|shard| !busy.contains(shard));
        }
        while running.len() < slots
            && let Some(shard) = waiting.pop()
        {
            busy.insert(shard);
            let span = tracing::info_span!("outbox", %shard);
            let (app, shutdown) = (app.clone(), shutdown.clone());
            let work = async move {
                match take(&app, shard, &shutdown).await {
                    Taken::Delivered => {}
                    Taken::Elsewhere => tokio::time::sleep(STEP_ASIDE).await,
                    Taken::Failed => tokio::time::sleep(REST).await,
                }
                shard
            };
            running.spawn(work.instrument(span));
        }
        let is_full = running.len() >= slots;
        tokio::select! {
            () = shutdown.cancelled() => {}
            // A shard never panics: that is caught inside.
            Some(ended) = running.join_next() => if let Ok(shard) = ended {
                busy.remove(&shard);
            },
            _ = recorded.changed(), if !is_full => {}
            () = tokio::time::sleep(app.config.jobs.poll_every), if !is_full => {}
        }
    }
    while running.join_next().await.is_some() {}
}

/// The shards that are due, the first to be taken last. Of more than fit, nodes
/// take different ones: in the same order they would stand in each other's way.
async fn look(app: &App) -> Vec<Shard> {
    match outbox::due(&app.db, clock::now()).await {
        Ok(mut due) if due.len() as u64 == outbox::SHARDS => {
            due.shuffle(&mut rand::rng());
            due
        }
        Ok(mut due) => {
            due.reverse();
            due
        }
        Err(error) => {
            error.log("no changes can be taken from the outbox");
            Vec::new()
        }
    }
}

/// What has become of a shard.
enum Taken {
    Delivered,
    /// Somebody else has it, or had it.
    Elsewhere,
    Failed,
}

/// Claims a shard and drains it; whatever happens in it, others go on.
async fn take(app: &App, shard: Shard, shutdown: &CancellationToken) -> Taken {
    let work = async {
        if !outbox::claim(&app.db, shard, clock::now()).await? {
            return Ok(Taken::Elsewhere);
        }
        if app.config.outbox.disabled_shards.contains(&shard) {
            outbox::compact(&app.db, shard).await?;
            return Ok(Taken::Delivered);
        }
        // Rows that are added meanwhile, too.
        while !shutdown.is_cancelled() && deliver_some(app, shard, None).await? {}
        Ok(Taken::Delivered)
    };
    attempt(shard, work).await.unwrap_or(Taken::Failed)
}

/// What comes of work at a shard; `None` if it failed, which is counted and
/// logged.
async fn attempt<T>(shard: Shard, work: impl Future<Output = Result<T>>) -> Option<T> {
    // What it is about is found out on the way.
    let span = tracing::error_span!(
        "delivery",
        scope = shard.scope(),
        %shard,
        category = tracing::field::Empty,
        object = tracing::field::Empty,
    );
    let done = AssertUnwindSafe(work).catch_unwind().instrument(span.clone()).await;
    let _here = span.enter();
    match done {
        Ok(Ok(done)) => return Some(done),
        Ok(Err(error)) => {
            error.log("a shard cannot be delivered; it is tried again after its pause");
        }
        Err(_) => tracing::warn!("delivering a shard panicked; it is tried again after its pause"),
    }
    metrics::counter!("outbox_failures_total").increment(1);
    None
}

/// Delivers what is in a shard now, and nothing that comes later: a bounded
/// drain. False if somebody else has the shard, or it is switched off.
///
/// # Errors
/// A database that does not answer. What was delivered before stays so.
pub async fn drain(app: &App, shard: Shard) -> Result<bool> {
    let Some(end) = outbox::end(&app.db, shard).await? else {
        return Ok(true);
    };
    if app.config.outbox.disabled_shards.contains(&shard) || !outbox::claim(&app.db, shard, clock::now()).await? {
        return Ok(false);
    }
    while deliver_some(app, shard, Some(end)).await? {}
    Ok(true)
}

/// What has become of the shards that were due.
#[derive(Debug, Default)]
pub struct Drained {
    /// How many were delivered.
    pub delivered: usize,
    /// Those that could not be. Why stands in the log.
    pub failed: Vec<Shard>,
}

/// Drains every shard that is due, one after the other; whatever happens in one,
/// the others are drained.
///
/// # Errors
/// A database that does not tell what is due.
pub async fn drain_due(app: &App) -> Result<Drained> {
    let mut seen = HashSet::new();
    let mut drained = Drained::default();
    loop {
        let mut due = outbox::due(&app.db, clock::now()).await?;
        due.retain(|shard| seen.insert(*shard));
        if due.is_empty() {
            return Ok(drained);
        }
        for shard in due {
            match attempt(shard, drain(app, shard)).await {
                Some(is_delivered) => drained.delivered += usize::from(is_delivered),
                None => drained.failed.push(shard),
            }
        }
    }
}

/// Delivers the first rows of a shard: the events and the end of the rows are one
/// transaction, so that each change is told once. Whether there were any.
async fn deliver_some(app: &App, shard: Shard, end: Option<OutboxId>) -> Result<bool> {
    let now = clock::now();
    let tx = db::begin_write(&app.db).await?;
    let (window, told) = match shard {
        Shard::Organization(organization) => {
            // Before the rows are read: whoever waited here finds them gone.
            let head = events::lock(&tx, organization).await?;
            let window = outbox::window(&tx, shard, end).await?;
            name_first(&window);
            let news = news(&tx, organization, &window).await?;
            let told = events::append(&tx, &head, &news, now).await?;
            domain::webhook::queue(&tx, organization, &told, now).await?;
            (window, told)
        }
        Shard::User(user) => {
            let window = outbox::window(&tx, shard, end).await?;
            name_first(&window);
            if !window.is_empty() {
                pass_on(&tx, user).await?;
            }
            (window, Vec::new())
        }
    };
    if window.is_empty() {
        return Ok(false);
    }
    window.delete(&tx).await?;
    // Also beside a broker, which may be away.
    if let Some(last) = told.last() {
        tx.notify(Notice::Events(last.organization_id, last.sequence)).await?;
    }
    tx.commit().await?;
    window.measure(now);
    if let Some(last) = told.last() {
        app.bell.ring(last.organization_id, last.sequence);
    }
    Ok(true)
}

/// Says in the log and in reports what a delivery begins with.
fn name_first(window: &Window) {
    if let Some(first) = window.groups.first() {
        let span = Span::current();
        span.record("category", format!("{:?}", first.category));
        span.record("object", first.object);
    }
}

/// A person is shown by their memberships: those changed, too.
async fn pass_on(tx: &Write, user: UserId) -> Result<()> {
    let members = member::Entity::find()
        .select_only()
        .columns([member::Column::OrganizationId, member::Column::Id])
        .filter(member::Column::UserId.eq(user));
    outbox::record_found(tx, Category::OrganizationMemberUpdate, members).await
}

/// What is to be told of the changes in an organization: each object is looked
/// up, and a missing one is a deleted one.
async fn news(tx: &Write, organization: OrganizationId, window: &Window) -> Result<Vec<News>> {
    if window.is_empty() {
        return Ok(Vec::new());
    }
    let row = organization::Entity::find_by_id(organization).one(&**tx).await?;
    if row.is_none_or(|row| row.status == OrganizationStatus::DeletionInProgress) {
        return farewell(tx, organization, window).await;
    }
    let of = |category: Category| {
        let groups = window.groups.iter().filter(move |group| group.category == category);
        groups.map(|group| group.object)
    };
    let members = members(tx, organization, of(Category::OrganizationMemberUpdate).collect()).await?;
    let teams = teams(tx, organization, of(Category::TeamUpdate).collect()).await?;
    let told = window.groups.iter().map(|group| {
        let (kind, object) = match group.category {
            Category::OrganizationUpdate
            | Category::OrganizationSlugReservationUpdate
            | Category::OrganizationAvatarUpdate
            | Category::AuthProviderUpdate => (EventType::OrganizationUpdated, organization.0),
            Category::OrganizationMemberUpdate => {
                let gone = if group.was_invite {
                    EventType::InviteUpdated
                } else {
                    EventType::MemberRemoved
                };
                (members.get(&group.object).copied().unwrap_or(gone), group.object)
            }
            Category::TeamUpdate if teams.contains(&group.object) => (EventType::TeamUpdated, group.object),
            Category::TeamUpdate => (EventType::TeamDeleted, group.object),
            Category::OrganizationMemberTeamUpdate => (EventType::TeamMembershipUpdated, group.object),
            // Of the shards of people.
            Category::UserUpdate | Category::AuthIdentityUpdate => return None,
        };
        Some(News {
            kind,
            object,
            occurred_at: group.changed_at,
        })
    });
    Ok(once(told.flatten().collect()))
}

/// Of several that say the same, the last.
fn once(mut news: Vec<News>) -> Vec<News> {
    let mut seen = HashSet::new();
    news.reverse();
    news.retain(|news| seen.insert((news.kind, news.object)));
    news.reverse();
    news
}

/// Of an organization that is gone, or going, one thing is told, and once.
async fn farewell(tx: &Write, organization: OrganizationId, window: &Window) -> Result<Vec<News>> {
    let is_told = event::Entity::find()
        .filter(event::Column::OrganizationId.eq(organization))
        .filter(event::Column::ObjectIdentifier.eq(organization.0))
        .filter(event::Column::Type.eq(EventType::OrganizationDeleted))
        .limit(1)
        .one(&**tx)
        .await?
        .is_some();
    let is_it = |group: &&Group| group.category == Category::OrganizationUpdate;
    let last = window.groups.iter().rfind(is_it).filter(|_| !is_told);
    let news = last.map(|group| News {
        kind: EventType::OrganizationDeleted,
        object: organization.0,
        occurred_at: group.changed_at,
    });
    Ok(news.into_iter().collect())
}

/// What is told of those of these members that are there.
async fn members(tx: &Write, organization: OrganizationId, ids: Vec<i64>) -> Result<HashMap<i64, EventType>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let backend = tx.get_database_backend();
    let found = any_of(backend, member::Column::Id, ids);
    let rows: Vec<(MemberId, Option<UserId>, bool)> = member::Entity::within(organization)
        .select_only()
        .columns([member::Column::Id, member::Column::UserId, member::Column::UserIsActive])
        .filter(found)
        .into_tuple()
        .all(&**tx)
        .await?;
    let kinds = rows.into_iter().map(|(id, user, is_active)| match (user, is_active) {
        (None, _) => (id.0, EventType::InviteUpdated),
        (Some(_), true) => (id.0, EventType::MemberUpdated),
        // Not listed any more.
        (Some(_), false) => (id.0, EventType::MemberRemoved),
    });
    Ok(kinds.collect())
}

/// Those of the teams that are there.
async fn teams(tx: &Write, organization: OrganizationId, ids: Vec<i64>) -> Result<HashSet<i64>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let found = any_of(tx.get_database_backend(), team::Column::Id, ids);
    let rows: Vec<TeamId> = team::Entity::find()
        .select_only()
        .column(team::Column::Id)
        .filter(team::Column::OrganizationId.eq(organization))
        .filter(team::Column::Status.eq(team::TeamStatus::Active))
        .filter(found)
        .into_tuple()
        .all(&**tx)
        .await?;
    Ok(rows.into_iter().map(|id| id.0).collect())
}
