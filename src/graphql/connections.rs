//! Connections that stay open: how many each caller may have, and that the
//! server does not go before they have been told.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use entity::ids::{ApiTokenId, UserId};
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

use crate::auth::{Actor, Who};

/// The sockets and event streams of this process.
#[derive(Debug, Default)]
pub struct Connections {
    taken: Mutex<HashMap<(Owner, Kind), usize>>,
    open: TaskTracker,
    stopping: CancellationToken,
}

/// What callers have so many of at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Sockets and event streams.
    Connection,
    /// Operations that run over them.
    Operation,
}

/// Whose connections are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Owner {
    Person(UserId),
    App(ApiTokenId),
    /// Nobody who is known, so it is the address.
    Address(Option<IpAddr>),
}

impl From<&Actor> for Owner {
    fn from(actor: &Actor) -> Self {
        match &actor.who {
            Who::Anonymous => Self::Address(actor.ip),
            Who::Person(person) => Self::Person(person.user.id),
            Who::App(app) => Self::App(app.token.id),
        }
    }
}

/// A place among the connections or operations of a caller, until it is dropped.
#[derive(Debug)]
pub struct Seat {
    place: (Owner, Kind),
    connections: Arc<Connections>,
}

impl Connections {
    fn taken(&self) -> MutexGuard<'_, HashMap<(Owner, Kind), usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for one more of `actor`; `None` if they have `most`.
    pub fn enter(self: &Arc<Self>, actor: &Actor, kind: Kind, most: usize) -> Option<Seat> {
        let place = (Owner::from(actor), kind);
        let mut taken = self.taken();
        let count = taken.get(&place).copied().unwrap_or_default();
        if count >= most {
            return None;
        }
        taken.insert(place, count + 1);
        Some(Seat {
            place,
            connections: self.clone(),
        })
    }

    /// The server waits with its end until what it returns is dropped.
    pub fn keep_open(&self) -> TaskTrackerToken {
        self.open.token()
    }

    /// Tells every connection to end.
    pub fn stop(&self) {
        self.open.close();
        self.stopping.cancel();
    }

    /// Waits until the connections are told to end.
    pub async fn stopping(&self) {
        self.stopping.cancelled().await;
    }

    /// Waits until none is open, once they are told to end.
    pub async fn ended(&self) {
        self.open.wait().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.connections.taken();
        match taken.get_mut(&self.place) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(taken.remove(&self.place)),
        }
    }
}

/// One in a gauge, until it is dropped.
#[derive(Debug)]
pub struct Gauged(metrics::Gauge);

impl Gauged {
    /// One more in `gauge`.
    pub fn new(gauge: metrics::Gauge) -> Self {
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for Gauged {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn everybody_has_places_of_their_own() {
        let connections = Arc::new(Connections::default());
        let nobody_at = |ip: [u8; 4]| Actor {
            who: Who::Anonymous,
            ip: Some(IpAddr::from(ip)),
            now: clock::now(),
            until: None,
        };
        let (here, there) = (nobody_at([10, 0, 0, 1]), nobody_at([10, 0, 0, 2]));
        let first = connections.enter(&here, Kind::Connection, 2);
        let second = connections.enter(&here, Kind::Connection, 2);
        assert!(first.is_some() && second.is_some());
        assert!(connections.enter(&here, Kind::Connection, 2).is_none());
        assert!(connections.enter(&there, Kind::Connection, 2).is_some());
        assert!(connections.enter(&here, Kind::Operation, 2).is_some());
        drop(first);
        assert!(connections.enter(&here, Kind::Connection, 2).is_some());
        drop(second);
        assert!(connections.taken().is_empty());
    }
}
