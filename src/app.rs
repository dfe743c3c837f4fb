//! What every request shares: made at start, passed by reference.

use std::sync::Arc;

use tokio_util::task::TaskTracker;

use crate::{
    broker::Broker,
    config::{Config, ConfigError, Reloaded},
    counters::Counters,
    custom_options::CustomOptions,
    db::Db,
    events::Bell,
    mail::Mailer,
    roles::Roles,
    storage::Storage,
    throttle::Throttle,
    webhook::Courier,
};

/// The running service. Clones share everything but the settings.
#[derive(Clone, Debug)]
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
    pub mailer: Arc<Mailer>,
    /// Mutations that go on although their client may have hung up.
    pub changes: TaskTracker,
    /// Counts what organizations do.
    pub counters: Arc<Counters>,
    /// Keeps files.
    pub storage: Storage,
    /// Takes events for other services, if there is one.
    pub broker: Option<Broker>,
    /// Rings when there is news for subscribers.
    pub bell: Arc<Bell>,
    /// Calls webhooks.
    pub courier: Arc<Courier>,
    /// Counts requests.
    pub throttle: Arc<Throttle>,
}

impl App {
    /// The same service with the settings of now. What holds connections is made
    /// anew only if it is set otherwise.
    ///
    /// # Errors
    /// A setting that cannot be used.
    pub fn reloaded(&self, reloaded: &Reloaded) -> Result<Self, ConfigError> {
        let mut app = Self {
            config: reloaded.config.clone(),
            ..self.clone()
        };
        if reloaded.has_changed("mail") || reloaded.has_changed("product_name") {
            app.mailer = Arc::new(Mailer::new(&app.config)?);
        }
        if reloaded.has_changed("webhooks") {
            app.courier = Arc::new(self.courier.renewed(&app.config)?);
        }
        Ok(app)
    }
}
