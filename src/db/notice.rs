//! What processes on one PostgreSQL tell each other (LISTEN and NOTIFY): that
//! something was committed which somebody waits for. A message can be lost, so
//! whoever waits also looks from time to time; with SQLite that is all.

use std::{fmt, str::FromStr};

use entity::ids::OrganizationId;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use secrecy::ExposeSecret;
use sqlx::postgres::PgListener;

use super::{Db, Wake, Write, connect::connection_error};
use crate::error::Result;

/// The one channel. Another database on the same server has its own.
const CHANNEL: &str = "roster";

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// There is something to do.
    Wake(Wake),
    /// The log of events of an organization has grown up to a number.
    Events(OrganizationId, i64),
}

impl fmt::Display for Notice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wake(Wake::Jobs) => formatter.write_str("jobs"),
            Self::Wake(Wake::Outbox) => formatter.write_str("outbox"),
            Self::Wake(Wake::Events) => formatter.write_str("events"),
            Self::Events(organization, sequence) => write!(formatter, "events:{}:{sequence}", organization.0),
        }
    }
}

impl FromStr for Notice {
    type Err = ();

    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        let mut words = text.split(':');
        let numbers = |words: &mut std::str::Split<'_, char>| {
            let organization = words.next()?.parse().ok()?;
            Some(Self::Events(OrganizationId(organization), words.next()?.parse().ok()?))
        };
        match words.next() {
            Some("jobs") => Ok(Self::Wake(Wake::Jobs)),
            Some("outbox") => Ok(Self::Wake(Wake::Outbox)),
            Some("events") => Ok(numbers(&mut words).unwrap_or(Self::Wake(Wake::Events))),
            // Of a newer version.
            _ => Err(()),
        }
    }
}

fn statement(notice: Notice) -> Statement {
    let values = [CHANNEL.into(), notice.to_string().into()];
    Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_notify($1, $2)", values)
}

impl Write {
    /// Tells other processes when the transaction commits.
    pub async fn notify(&self, notice: Notice) -> Result<()> {
        if self.get_database_backend() == DbBackend::Postgres {
            self.execute_raw(statement(notice)).await?;
        }
        Ok(())
    }
}

impl Db {
    /// Tells other processes.
    pub async fn notify(&self, notice: Notice) -> Result<()> {
        if self.backend() == DbBackend::Postgres {
            self.execute_raw(statement(notice)).await?;
        }
        Ok(())
    }

    /// A connection on which others are heard; `None` where nobody is.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn listen(&self) -> Result<Option<Listener>, DbErr> {
        if self.backend() != DbBackend::Postgres {
            return Ok(None);
        }
        let url = self.0.url.expose_secret();
        let mut listener = PgListener::connect(url).await.map_err(connection_error)?;
        listener.listen(CHANNEL).await.map_err(connection_error)?;
        Ok(Some(Listener(listener)))
    }
}

/// A connection on which others are heard.
#[derive(Debug)]
pub struct Listener(PgListener);

impl Listener {
    /// The next message; `None` when the connection was lost and is there again,
    /// and with it what was said meanwhile.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn next(&mut self) -> Result<Option<Notice>, DbErr> {
        loop {
            let Some(heard) = self.0.try_recv().await.map_err(connection_error)? else {
                return Ok(None);
            };
            if let Ok(notice) = heard.payload().parse() {
                return Ok(Some(notice));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_are_spelled_as_they_are_read() {
        for notice in [
            Notice::Wake(Wake::Jobs),
            Notice::Wake(Wake::Outbox),
            Notice::Wake(Wake::Events),
            Notice::Events(OrganizationId(7), 12),
        ] {
            assert_eq!(notice.to_string().parse(), Ok(notice));
        }
        assert!("".parse::<Notice>().is_err() && "else:1".parse::<Notice>().is_err());
    }
}
