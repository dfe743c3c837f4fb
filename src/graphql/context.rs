//! What a resolver finds in its request: the service, the caller, the loaders,
//! and what the caller may do.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use async_graphql::Context;
use chrono::{DateTime, Utc};
use entity::ids::OrganizationId;

use super::{loaders::Loaders, multipart::Files};
use crate::{
    access::{Access, Gates},
    app::App,
    auth::Actor,
    clock, domain,
    error::{Code, Error, Result},
};

/// Everything that lives as long as one request.
#[derive(Debug)]
pub struct RequestScope {
    app: Arc<App>,
    actor: Arc<Actor>,
    files: Files,
    loaders: RwLock<Arc<Loaders>>,
    now: RwLock<DateTime<Utc>>,
    bookmark: Arc<Bookmark>,
}

/// How far a client is in the events that a subscription tells.
#[derive(Debug, Default)]
pub struct Bookmark {
    seen: Option<String>,
    told: Mutex<Option<String>>,
}

impl Bookmark {
    /// Of a client that says which event it has seen last.
    pub fn at(seen: Option<String>) -> Self {
        Self {
            seen,
            ..Self::default()
        }
    }

    /// Id of the event that the client had seen last when it came.
    pub fn seen(&self) -> Option<&str> {
        self.seen.as_deref()
    }

    /// Id of the event that it is being told, once.
    pub fn told(&self) -> Option<String> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The client is being told this event.
    pub fn tell(&self, id: String) {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some(id);
    }
}

impl RequestScope {
    /// A request of `actor`, with the files that it came with.
    pub fn new(app: Arc<App>, actor: Arc<Actor>, files: Files) -> Self {
        let loaders = RwLock::new(Arc::new(Loaders::new(&app, &actor)));
        let now = RwLock::new(actor.now);
        Self {
            app,
            actor,
            files,
            loaders,
            now,
            bookmark: Arc::default(),
        }
    }

    /// The same for a client that goes on where it was.
    pub fn behind(self, bookmark: Arc<Bookmark>) -> Self {
        Self { bookmark, ..self }
    }

    /// How far the client is.
    pub fn bookmark(&self) -> &Bookmark {
        &self.bookmark
    }

    /// Forgets what was loaded. Each mutation of a request begins so: it must
    /// not answer with what the one before it has changed.
    pub fn forget(&self) {
        let fresh = Arc::new(Loaders::new(&self.app, &self.actor));
        *self.loaders.write().unwrap_or_else(PoisonError::into_inner) = fresh;
    }

    /// The same for a request that goes on and on: it is later, too.
    pub fn renew(&self) {
        self.forget();
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = clock::now();
    }
}

/// Shorthands for what every resolver needs.
pub trait ContextExt {
    /// The running service.
    fn app(&self) -> &Arc<App>;

    /// Whoever sent the request.
    fn actor(&self) -> &Arc<Actor>;

    /// When the request came in or, in a subscription, when it was last looked.
    fn now(&self) -> DateTime<Utc>;

    /// Files that came with the request.
    fn files(&self) -> &Files;

    /// Batched lookups of this request.
    fn loaders(&self) -> Arc<Loaders>;

    /// What the caller may do in an organization, after the gates.
    fn access(&self, organization: OrganizationId, gates: Gates) -> impl Future<Output = Result<Access>> + Send;

    /// The same; `None` where the organization does not exist for the caller.
    fn visit(&self, organization: OrganizationId, gates: Gates) -> impl Future<Output = Result<Option<Access>>> + Send;

    /// The same; `None` also where a gate is closed. For telling what the caller
    /// may do: nothing then, which is an answer and no error.
    fn admitted(
        &self,
        organization: OrganizationId,
        gates: Gates,
    ) -> impl Future<Output = Result<Option<Access>>> + Send;

    /// Whether the caller may see who the members of an organization are.
    fn sees_members(&self, organization: OrganizationId) -> impl Future<Output = Result<bool>> + Send;
}

impl ContextExt for Context<'_> {
    fn app(&self) -> &Arc<App> {
        &self.data_unchecked::<Arc<RequestScope>>().app
    }

    fn actor(&self) -> &Arc<Actor> {
        &self.data_unchecked::<Arc<RequestScope>>().actor
    }

    fn now(&self) -> DateTime<Utc> {
        let scope = self.data_unchecked::<Arc<RequestScope>>();
        *scope.now.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn files(&self) -> &Files {
        &self.data_unchecked::<Arc<RequestScope>>().files
    }

    fn loaders(&self) -> Arc<Loaders> {
        self.data_unchecked::<Arc<RequestScope>>()
            .loaders
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    async fn access(&self, organization: OrganizationId, gates: Gates) -> Result<Access> {
        let standing = self.loaders().standings.load(organization).await?;
        Access::enter(standing, self.actor(), &self.app().roles, gates)
    }

    async fn visit(&self, organization: OrganizationId, gates: Gates) -> Result<Option<Access>> {
        found(self.access(organization, gates).await)
    }

    async fn admitted(&self, organization: OrganizationId, gates: Gates) -> Result<Option<Access>> {
        match self.access(organization, gates).await {
            Err(Error::Refused(_)) => Ok(None),
            result => result.map(Some),
        }
    }

    async fn sees_members(&self, organization: OrganizationId) -> Result<bool> {
        let access = self.admitted(organization, Gates::READ).await?;
        Ok(access.is_some_and(|access| access.require(domain::member::READ).is_ok()))
    }
}

/// What does not exist for a caller is null in a query, not an error.
pub fn found<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_missing(error: &Error) -> bool {
    matches!(
        error.code(),
        Code::Unauthenticated
            | Code::OrganizationNotFound
            | Code::MemberNotFound
            | Code::TeamNotFound
            | Code::InviteNotFound
    )
}
