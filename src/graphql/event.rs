//! What happens in an organization, as it happens: the subscription.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use async_graphql::{Context, Enum, ID, Object, Subscription as SubscriptionRoot};
use chrono::{DateTime, Utc};
use entity::{event, ids::OrganizationId, member::InviteStatus};
use futures_util::{Stream, future::join_all, stream};
use tokio::{sync::watch, time::Instant};

use super::{
    RequestScope, caller,
    context::ContextExt,
    error::{Fault, Reply},
    id::row_id,
    organization::Organization,
    query::{self, Node},
};
use crate::{
    access::{Access, Gates},
    domain,
    error::{Code, Result},
    events::{self, EventType},
    roles::Scope,
};

/// Events that are read at a time.
const PAGE: u64 = 100;

/// How long what was looked up for a page of events holds.
const FRESH: Duration = Duration::from_secs(1);

/// How long a subscription outlives a database that does not answer, and how
/// often it is asked again.
const PATIENCE: Duration = Duration::from_secs(5 * 60);
const ASK_EVERY: Duration = Duration::from_secs(1);

/// What happened in an organization.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "EventType")]
pub enum OrganizationEventType {
    /// The organization changed: its name, settings, picture or single sign-on.
    OrganizationUpdated,
    /// The organization is gone, with everything in it. Only webhooks and other
    /// services are told; a subscription ends instead.
    OrganizationDeleted,
    /// A member joined or changed.
    MemberUpdated,
    /// A member is not listed any more: removed, gone, or made inactive.
    MemberRemoved,
    /// An invite or request came, changed or went. An invite that was accepted
    /// is told as MEMBER_UPDATED.
    InviteUpdated,
    /// A team came or changed.
    TeamUpdated,
    /// A team is gone.
    TeamDeleted,
    /// A membership in a team came, changed or went. Those of somebody who comes
    /// into view, or goes out of it, come and go with them and are not told one
    /// by one: of a person who is made inactive or active again, or a request that
    /// is approved.
    TeamMembershipUpdated,
}

/// An event, as it is told to somebody who may hear of it.
#[derive(Clone)]
pub struct OrganizationEvent {
    row: event::Model,
    organization: Organization,
}

/// Something that happened in an organization.
///
/// An event says what changed, not how: the object is shown as it is when the
/// event is told. Changes that follow each other quickly may be one event.
#[Object]
impl OrganizationEvent {
    /// Names the event. Give it as `after` to go on behind it.
    async fn id(&self) -> ID {
        ID(self.row.id().global())
    }

    /// What happened.
    async fn r#type(&self) -> OrganizationEventType {
        self.row.r#type.into()
    }

    /// When it happened.
    async fn occurred_at(&self) -> DateTime<Utc> {
        self.row.occurred_at
    }

    /// Where it happened.
    async fn organization(&self) -> &Organization {
        &self.organization
    }

    /// Global id of what it happened to.
    async fn object_id(&self) -> ID {
        object_id(&self.row)
    }

    /// What it happened to, as it is now. Null when it is gone.
    async fn object(&self, ctx: &Context<'_>) -> Option<Reply<Node>> {
        query::find(ctx, &object_id(&self.row)).await
    }
}

fn object_id(event: &event::Model) -> ID {
    ID(event.object_id())
}

/// Everything that can be subscribed to.
#[derive(Default)]
pub struct Subscription;

/// Everything that can be subscribed to, over a WebSocket or as server-sent
/// events.
#[SubscriptionRoot]
impl Subscription {
    /// What happens in an organization, in order, without gaps or repetitions.
    /// You hear of what you may read: of the organization always, of members and
    /// invites with member:read, of teams with org:read or team:read.
    ///
    /// It begins with what comes next or, with `after`, behind the event of that
    /// id: whoever was cut off goes on where it was. `Organization.lastEventId` is
    /// such an id before anything was heard. Events are kept for a week, unless
    /// the deployment says otherwise; behind an older one it is refused with
    /// EVENT_NOT_FOUND. It ends with an error when your membership or the
    /// organization ends, and with your credential.
    ///
    /// Requires a member, a superuser, or an app of the organization.
    async fn organization_events<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "Global id of the organization.")] organization_id: ID,
        #[graphql(desc = "Id of the last event that was seen.")] after: Option<ID>,
    ) -> Result<impl Stream<Item = Result<OrganizationEvent, Fault>> + 'ctx, Fault> {
        let organization = row_id(&organization_id);
        ctx.access(organization, Gates::READ).await?;
        // Heard from before the log is read, so that nothing is missed.
        let bell = ctx.app().bell.listen(organization);
        let bookmark = ctx.data_unchecked::<Arc<RequestScope>>().bookmark();
        let seen = after.as_ref().map(|id| id.as_str()).into_iter().chain(bookmark.seen());
        let position = events::position(&ctx.app().db, organization, seen).await?;
        let feed = Feed {
            ctx: ctx.clone(),
            organization,
            position,
            page: VecDeque::new(),
            read_at: Instant::now(),
            bell,
            failing_since: None,
            is_over: false,
        };
        Ok(stream::unfold(feed, |mut feed| async move {
            let event = feed.next().await?;
            Some((event, feed))
        }))
    }
}

/// A reader of an organization's log, for one subscriber. Holds a page of events
/// at most, however slow the subscriber is.
struct Feed<'a> {
    ctx: Context<'a>,
    organization: OrganizationId,
    /// Number of the last event that was told, or passed over.
    position: i64,
    page: VecDeque<event::Model>,
    /// When what is known of the page was read.
    read_at: Instant,
    bell: watch::Receiver<i64>,
    /// Since when the database does not answer.
    failing_since: Option<Instant>,
    is_over: bool,
}

impl Feed<'_> {
    /// The next event, as soon as there is one; `None` after an error.
    async fn next(&mut self) -> Option<Reply<OrganizationEvent>> {
        while !self.is_over {
            match self.step().await {
                Ok(event) => {
                    self.failing_since = None;
                    if let Some(event) = event {
                        return Some(Ok(event));
                    }
                }
                Err(error) if error.is_passing() && self.is_patient() => {
                    tracing::debug!(cause = ?error, "events cannot be read; they are tried again");
                    metrics::counter!("subscription_retries_total").increment(1);
                    tokio::time::sleep(ASK_EVERY).await;
                    // What could not be looked up is not there to be found again.
                    self.ctx.data_unchecked::<Arc<RequestScope>>().renew();
                }
                Err(error) => {
                    self.is_over = true;
                    return Some(Err(error.into()));
                }
            }
        }
        None
    }

    /// Whether to wait for the database once more: a restart of it must not end
    /// every subscription there is.
    fn is_patient(&mut self) -> bool {
        self.failing_since.get_or_insert_with(Instant::now).elapsed() < PATIENCE
    }

    /// The next event of the page, if the subscriber may hear of it. With an
    /// empty page: waits until there is another.
    async fn step(&mut self) -> Result<Option<OrganizationEvent>> {
        if self.page.is_empty() {
            return self.turn_page().await.map(|()| None);
        }
        if self.read_at.elapsed() > FRESH {
            self.look_again().await?;
        }
        let access = self.ctx.access(self.organization, Gates::READ).await?;
        let Some(row) = self.page.front().cloned() else {
            return Ok(None);
        };
        let is_visible = is_visible(&self.ctx, &access, &row).await?;
        self.page.pop_front();
        self.position = row.sequence;
        if is_visible {
            let scope = self.ctx.data_unchecked::<Arc<RequestScope>>();
            scope.bookmark().tell(row.id().global());
        }
        Ok(is_visible.then(|| OrganizationEvent {
            row,
            organization: Organization::of(access.organization()),
        }))
    }

    /// Reads the next page. If there is none, waits for the log to grow, or until
    /// it is time to see whether the subscriber may still listen.
    async fn turn_page(&mut self) -> Result<()> {
        let app = self.ctx.app().clone();
        self.bell.mark_unchanged();
        self.page = events::after(&app.db, self.organization, self.position, PAGE)
            .await?
            .into();
        let Some(first) = self.page.front() else {
            // Either way it is looked again.
            let _ = tokio::time::timeout(app.config.subscriptions.check_every, self.bell.changed()).await;
            self.look_again().await?;
            self.ctx.access(self.organization, Gates::READ).await?;
            return Ok(());
        };
        if first.sequence != self.position + 1 {
            // So slow that what comes next is not kept any more.
            return Err(Code::EventNotFound.into());
        }
        self.look_again().await?;
        // Asked together, the objects of a page take a statement for each kind.
        let ids: Vec<_> = self.page.iter().map(object_id).collect();
        join_all(ids.iter().map(|id| query::find(&self.ctx, id))).await;
        Ok(())
    }

    /// Forgets what was looked up, and sees whether the subscriber's credential is
    /// still good.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` if it is not.
    async fn look_again(&mut self) -> Result<()> {
        self.ctx.data_unchecked::<Arc<RequestScope>>().renew();
        self.read_at = Instant::now();
        caller::renew(self.ctx.app(), self.ctx.actor()).await.map(drop)
    }
}

/// Whether a caller may hear of an event: of what is gone by what their role lets
/// them read, of what is there if they can see it.
async fn is_visible(ctx: &Context<'_>, access: &Access, event: &event::Model) -> Result<bool> {
    let loaders = ctx.loaders();
    let number = event.object_identifier;
    let (may_read, is_there) = match event.r#type {
        EventType::OrganizationUpdated | EventType::OrganizationDeleted => return Ok(true),
        EventType::MemberRemoved => return Ok(access.has(Scope::MemberRead)),
        EventType::TeamDeleted => return Ok(domain::team::may_read(access)),
        EventType::MemberUpdated => {
            let row = loaders.members.load(number.into()).await?;
            // Whom nothing but the next event shows: removed in the meantime.
            let is_there = row.is_some_and(|row| row.invite_status == InviteStatus::Approved && row.user_is_active);
            (access.has(Scope::MemberRead), is_there)
        }
        EventType::InviteUpdated => {
            let row = loaders.members.load(number.into()).await?;
            let is_there = row.is_some_and(|row| row.user_id.is_none());
            (access.has(Scope::MemberRead), is_there)
        }
        EventType::TeamUpdated => {
            let is_there = loaders.teams.load(number.into()).await?.is_some();
            (domain::team::may_read(access), is_there)
        }
        EventType::TeamMembershipUpdated => {
            let row = loaders.team_memberships_by_id.load(number.into()).await?;
            // With its team or its member it is gone, whichever was looked up first.
            let is_there = match &row {
                Some(row) => {
                    loaders.teams.load(row.team_id).await?.is_some()
                        && loaders.members.load(row.member_id).await?.is_some()
                }
                None => false,
            };
            (domain::team::may_read(access), is_there)
        }
    };
    if !is_there {
        return Ok(may_read);
    }
    match query::look_up(ctx, &object_id(event)).await {
        Ok(found) => Ok(found.is_some()),
        Err(error) if error.is_passing() => Err(error),
        // It is there, and behind a gate that is shut.
        Err(_) => Ok(false),
    }
}
