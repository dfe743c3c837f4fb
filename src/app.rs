//! What every request shares: made once at start, passed by reference.

use tokio_util::task::TaskTracker;

use crate::{
    broker::Broker, config::Config, counters::Counters, custom_options::CustomOptions, db::Db, events::Bell,
    mail::Mailer, roles::Roles, storage::Storage, webhook::Courier,
};

/// The running service.
#[derive(Debug)]
pub struct App {
    /// Settings, complete and checked.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// Org roles of this deployment.
    pub roles: Roles,
    /// Options of organizations of the deployment's own.
    pub custom_options: CustomOptions,
    /// Sends mail.
    pub mailer: Mailer,
    /// Mutations that go on although their client may have hung up.
    pub changes: TaskTracker,
    /// Counts what organizations do.
    pub counters: Counters,
    /// Keeps files.
    pub storage: Storage,
    /// Takes events for other services, if there is one.
    pub broker: Option<Broker>,
    /// Rings when there is news for subscribers.
    pub bell: Bell,
    /// Calls webhooks.
    pub courier: Courier,
}
