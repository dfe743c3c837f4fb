//! Counts of all nodes together, in Redis: one key for each caller, which goes
//! when the caller has everything back. Redis tells the time, so that clocks of
//! nodes need not agree.
//!
//! Each request asks for one key, so that it costs one round trip and any proxy
//! in front of several servers can send it to the right one.
//!
//! The connection is ours to keep, because whoever asks must never wait for it:
//! the `ConnectionManager` of the crate has them wait while it connects, and does
//! not notice a line that is silent.

use std::{
    sync::{Arc, LazyLock, Weak},
    time::{Duration, Instant},
};

use arc_swap::ArcSwapOption;
use redis::{AsyncConnectionConfig, Client, RedisError, RedisResult, Script, aio::MultiplexedConnection};
use secrecy::ExposeSecret;
use tokio::{
    sync::Mutex,
    time::{sleep, timeout},
};

use super::Quota;
use crate::config::{self, ConfigError, Rate};

/// [`Quota::charge`] in the words of Redis. Numbers of Lua are exact up to 2^53,
/// which microseconds since 1970 reach in the year 2255.
static CHARGE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
        local interval, cost, debt_max = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local clear_at = tonumber(redis.call('GET', KEYS[1]) or 0)
        local before = math.max(clear_at - now, 0)
        local debt = math.min(before, debt_max)
        local charged = debt + interval * cost
        local is_allowed = charged <= debt_max
        if is_allowed then
            debt = charged
        end
        if debt ~= before then
            redis.call('SET', KEYS[1], string.format('%.0f', now + debt), 'PX', math.ceil(debt / 1000))
        end
        return {is_allowed and 1 or 0, debt}
        ",
    )
});

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Pauses between attempts to connect, from the first to the longest.
const PAUSE: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// A connection that is made again whenever it is lost.
pub struct Shared {
    client: Client,
    prefix: String,
    timeout: Duration,
    /// None while Redis does not answer. Nobody waits for it then.
    connection: ArcSwapOption<MultiplexedConnection>,
    /// Held by whoever connects.
    connecting: Mutex<()>,
}

/// The address may hold a password.
impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Shared {
    /// Connects, if a server is configured. One that does not answer is tried
    /// again later.
    ///
    /// # Errors
    /// An address that is none.
    pub async fn connect(settings: &config::Redis) -> Result<Option<Arc<Self>>, ConfigError> {
        let Some(client) = Self::client(settings)? else {
            return Ok(None);
        };
        let shared = Arc::new(Self {
            client,
            prefix: settings.prefix.clone(),
            timeout: settings.timeout,
            connection: ArcSwapOption::empty(),
            connecting: Mutex::default(),
        });
        if let Err(error) = shared.renew(None).await {
            shared.lost(&error);
        }
        Ok(Some(shared))
    }

    /// Whether the address can be used. Connects to nothing.
    ///
    /// # Errors
    /// An address that is none.
    pub fn check(settings: &config::Redis) -> Result<(), ConfigError> {
        Self::client(settings).map(drop)
    }

    fn client(settings: &config::Redis) -> Result<Option<Client>, ConfigError> {
        let Some(url) = &settings.url else { return Ok(None) };
        // The cause may hold the address, and that a password.
        let client = Client::open(url.expose_secret());
        let client = client.map_err(|error| ConfigError::new(format!("redis.url: {}", error.category())))?;
        Ok(Some(client))
    }

    /// Whether it answered when it was asked last.
    pub fn is_connected(&self) -> bool {
        self.connection.load().is_some()
    }

    /// Whether `cost` operations are let in, and the debt after that; `None` if
    /// Redis does not say so in time.
    pub async fn charge(self: &Arc<Self>, name: &str, quota: Quota, cost: u32) -> Option<(bool, u64)> {
        let Some(connection) = self.connection.load_full() else {
            metrics::gauge!("redis_connected").set(0.0);
            return None;
        };
        let begun = Instant::now();
        let asking = async {
            match self.ask(&connection, name, quota, cost).await {
                // It may have been idle for too long, or Redis has been started anew.
                Err(error) if error.is_connection_dropped() => {
                    let renewed = self.renew(Some(&connection)).await?;
                    self.ask(&renewed, name, quota, cost).await
                }
                answer => answer,
            }
        };
        let answer = timeout(self.timeout, asking).await;
        metrics::histogram!("redis_seconds").record(begun.elapsed());
        let answer = answer.unwrap_or_else(|_| Err(RedisError::from((redis::ErrorKind::Io, "it takes too long"))));
        metrics::gauge!("redis_connected").set(if answer.is_ok() { 1.0 } else { 0.0 });
        match answer {
            Ok(answer) => Some(answer),
            Err(error) => {
                metrics::counter!("redis_failures_total").increment(1);
                // The first to notice tells, and sees to it.
                let before = self.connection.compare_and_swap(&Some(connection.clone()), None);
                if before.as_ref().is_some_and(|before| Arc::ptr_eq(before, &connection)) {
                    self.lost(&error);
                }
                None
            }
        }
    }

    async fn ask(
        &self,
        connection: &MultiplexedConnection,
        name: &str,
        quota: Quota,
        cost: u32,
    ) -> RedisResult<(bool, u64)> {
        let key = format!("{}{name}", self.prefix);
        let mut call = CHARGE.key(key);
        call.arg(quota.interval).arg(cost).arg(quota.debt_max());
        call.invoke_async(&mut connection.clone()).await
    }

    /// Another connection than `broken`. Of several who want one, one connects.
    /// It is tried out: a server that takes no writes is of no use.
    async fn renew(&self, broken: Option<&Arc<MultiplexedConnection>>) -> RedisResult<Arc<MultiplexedConnection>> {
        let _turn = self.connecting.lock().await;
        if let Some(connection) = self.connection.load_full()
            && broken.is_none_or(|broken| !Arc::ptr_eq(broken, &connection))
        {
            return Ok(connection);
        }
        let settings = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(self.timeout));
        let connection = self
            .client
            .get_multiplexed_async_connection_with_config(&settings)
            .await?;
        self.ask(&connection, "probe", Quota::new(Rate::per_second(1_000), 1_000), 1)
            .await?;
        let connection = Arc::new(connection);
        self.connection.store(Some(connection.clone()));
        Ok(connection)
    }

    /// Tells that Redis is gone, and waits for its return.
    fn lost(self: &Arc<Self>, error: &RedisError) {
        tracing::warn!(%error, "redis does not answer");
        tokio::spawn(wait(Arc::downgrade(self)));
    }
}

/// Connects again, for as long as somebody needs it.
async fn wait(shared: Weak<Shared>) {
    let mut pause = PAUSE;
    loop {
        sleep(pause.mul_f64(rand::random_range(0.8..1.2))).await;
        let Some(shared) = shared.upgrade() else { return };
        match shared.renew(None).await {
            Ok(_) => return tracing::info!("redis answers again"),
            Err(error) => tracing::debug!(%error, "redis does not answer yet"),
        }
        pause = (pause * 2).min(PAUSE_MAX);
    }
}
