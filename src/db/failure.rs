//! What a failure of the database means to us: it is away or has no room, others
//! took too long, or it is a fault of ours.

use std::sync::Arc;

use sea_orm::{DbErr, RuntimeErr};

use crate::error::{Code, Error};

/// What is left of errors of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    /// It cannot be reached, or has no connection to give.
    Unavailable,
    /// Others held a lock for too long, or we waited for each other.
    Locked,
    /// Anything else.
    Fault,
}

impl Failure {
    fn of(error: &DbErr) -> Self {
        match error {
            DbErr::ConnectionAcquire(_) => Self::Unavailable,
            // Without a connection it is away, whatever it says.
            DbErr::Conn(runtime) => match Self::of_statement(runtime) {
                Self::Fault => Self::Unavailable,
                told => told,
            },
            DbErr::Exec(runtime) | DbErr::Query(runtime) => Self::of_statement(runtime),
            _ => Self::Fault,
        }
    }

    fn of_statement(error: &RuntimeErr) -> Self {
        let RuntimeErr::SqlxError(error) = error else {
            return Self::Fault;
        };
        match &**error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Unavailable,
            sqlx::Error::Database(error) => error.code().map_or(Self::Fault, |code| Self::coded(&code)),
            _ => Self::Fault,
        }
    }

    /// By the database's own code: SQLSTATEs have five characters, SQLite's are
    /// short numbers.
    fn coded(code: &str) -> Self {
        match code {
            // lock_not_available, deadlock_detected.
            "55P03" | "40P01" => Self::Locked,
            // too_many_connections, admin_shutdown, crash_shutdown, cannot_connect_now.
            "53300" | "57P01" | "57P02" | "57P03" => Self::Unavailable,
            // connection_exception and its kind.
            code if code.len() == 5 && code.starts_with("08") => Self::Unavailable,
            // SQLITE_BUSY, and its extended codes, of which 5 is the low byte.
            code if code.len() < 5 && code.parse::<u32>().is_ok_and(|code| code & 0xff == 5) => Self::Locked,
            _ => Self::Fault,
        }
    }

    /// The refusal that clients see, if it is one.
    fn refusal(self) -> Option<Error> {
        match self {
            Self::Unavailable => Some(Error::unavailable()),
            Self::Locked => Some(Code::LockTimeout.into()),
            Self::Fault => None,
        }
    }
}

/// Whether nobody knows any more what the connection would say next.
pub(super) fn is_lost(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = error else {
        return false;
    };
    !matches!(**cause, sqlx::Error::Database(_)) || Failure::of(error) == Failure::Unavailable
}

/// Whether others held a lock for too long.
pub(super) fn is_locked(error: &DbErr) -> bool {
    Failure::of(error) == Failure::Locked
}

/// The same error. That the database cannot be reached is logged and counted
/// here: whoever asked is told to come again, and nobody else would tell.
pub(super) fn noted(error: DbErr) -> DbErr {
    if Failure::of(&error) == Failure::Unavailable {
        metrics::counter!("database_unavailable_total").increment(1);
        tracing::warn!(%error, "the database cannot be reached, or has no connection to give");
    }
    error
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Failure::of(&error).refusal().unwrap_or_else(|| Self::internal(error))
    }
}

impl From<Arc<DbErr>> for Error {
    fn from(error: Arc<DbErr>) -> Self {
        Failure::of(&error).refusal().unwrap_or(Self::Internal(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_databases_are_told_apart() {
        for (code, wanted) in [
            ("55P03", Failure::Locked),
            ("40P01", Failure::Locked),
            ("5", Failure::Locked),
            ("517", Failure::Locked),
            ("53300", Failure::Unavailable),
            ("57P01", Failure::Unavailable),
            ("08006", Failure::Unavailable),
            ("23505", Failure::Fault),
            ("8", Failure::Fault),
            ("00005", Failure::Fault),
        ] {
            assert_eq!(Failure::coded(code), wanted, "{code}");
        }
    }
}
