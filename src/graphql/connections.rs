//! Connections that stay open: how many each caller may have, and that the
//! server does not go before they have been told.

use std::net::IpAddr;

use async_graphql::ServerError;
use entity::ids::{ApiTokenId, UserId};
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

use super::{caller::network, error::refusal};
use crate::{
    auth::{Actor, Who},
    config::Subscriptions,
    error::RequestCode,
    seats::{self, Seats},
};

/// The sockets and event streams of this process.
#[derive(Debug, Default)]
pub struct Connections {
    seats: Seats<(Owner, Kind)>,
    open: TaskTracker,
    stopping: CancellationToken,
}

/// What there are so many of at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Sockets that have not said yet whose they are.
    Arrival,
    /// Sockets and event streams.
    Connection,
    /// Operations that run over them.
    Operation,
}

/// Whose connections are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// A person, whatever they signed in with.
    Person(UserId),
    /// An app, by its API token.
    App(ApiTokenId),
    /// Nobody who is known, so it is the address.
    Address(Option<IpAddr>),
    /// All together.
    Everybody,
}

impl Owner {
    /// Whoever calls from an address.
    fn at(address: IpAddr) -> Self {
        Self::Address(Some(network(address)))
    }
}

impl From<&Actor> for Owner {
    fn from(actor: &Actor) -> Self {
        match &actor.who {
            Who::Anonymous => actor.ip.map_or(Self::Address(None), Self::at),
            Who::Person(person) => Self::Person(person.user.id),
            Who::App(app) => Self::App(app.token.id),
        }
    }
}

/// A place among the connections or operations of somebody, until it is dropped.
pub type Seat = seats::Seat<(Owner, Kind)>;

/// Why a socket is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crowded {
    /// Too many others from the same address have not introduced themselves.
    Address,
    /// Too many others have not, wherever they are.
    Everywhere,
}

impl Connections {
    fn enter(&self, actor: &Actor, kind: Kind, most: usize) -> Option<Seat> {
        self.seats.take((actor.into(), kind), most)
    }

    /// A place for one more connection of `actor`; `None` if they have as many as
    /// they may.
    pub fn connect(&self, actor: &Actor, settings: &Subscriptions) -> Option<Seat> {
        self.enter(actor, Kind::Connection, settings.connections_max)
    }

    /// A place for one more operation of `actor`.
    ///
    /// # Errors
    /// The refusal, if they have as many as they may.
    pub fn begin(&self, actor: &Actor, settings: &Subscriptions) -> Result<Seat, ServerError> {
        let most = settings.operations_per_caller_max;
        self.enter(actor, Kind::Operation, most).ok_or_else(|| {
            refusal(
                RequestCode::TooManySubscriptions,
                format!("At most {most} operations of a caller run at once."),
            )
        })
    }

    /// A place for a socket from this address, until it has introduced itself.
    ///
    /// # Errors
    /// Who has taken all that there are.
    pub fn arrive(&self, address: IpAddr, settings: &Subscriptions) -> Result<[Seat; 2], Crowded> {
        let place = |owner, most| self.seats.take((owner, Kind::Arrival), most);
        let here = place(Owner::at(address), settings.arrivals_per_address_max).ok_or(Crowded::Address)?;
        let anywhere = place(Owner::Everybody, settings.arrivals_max).ok_or(Crowded::Everywhere)?;
        Ok([here, anywhere])
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

    fn nobody_at(address: &str) -> Actor {
        Actor {
            who: Who::Anonymous,
            ip: address.parse().ok(),
            now: clock::now(),
            until: None,
        }
    }

    #[test]
    fn everybody_has_places_of_their_own() {
        let connections = Connections::default();
        let (here, there) = (nobody_at("10.0.0.1"), nobody_at("10.0.0.2"));
        let _first = connections.enter(&here, Kind::Connection, 1);
        assert!(connections.enter(&here, Kind::Connection, 1).is_none());
        assert!(connections.enter(&there, Kind::Connection, 1).is_some());
        assert!(connections.enter(&here, Kind::Operation, 1).is_some());

        // Any number of addresses of one network are one.
        let _first = connections.enter(&nobody_at("2001:db8::1"), Kind::Connection, 1);
        let neighbour = nobody_at("2001:db8::ffff:0:0:2");
        assert!(connections.enter(&neighbour, Kind::Connection, 1).is_none());
        let stranger = nobody_at("2001:db8:0:1::1");
        assert!(connections.enter(&stranger, Kind::Connection, 1).is_some());
    }

    #[test]
    fn who_is_refused_for_the_crowd_takes_no_place_of_the_address() {
        let connections = Connections::default();
        let settings = Subscriptions {
            arrivals_max: 1,
            arrivals_per_address_max: 1,
            ..Subscriptions::default()
        };
        let arrive = |address: &str| connections.arrive(address.parse().unwrap(), &settings);
        let first = arrive("10.0.0.1");
        assert_eq!(arrive("10.0.0.1").unwrap_err(), Crowded::Address);
        assert_eq!(arrive("10.0.0.2").unwrap_err(), Crowded::Everywhere);
        drop(first);
        assert!(arrive("10.0.0.2").is_ok());
    }
}
