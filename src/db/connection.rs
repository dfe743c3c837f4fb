//! One connection, to either database.

use std::{sync::Arc, time::Instant};

use futures_util::FutureExt;
use sea_orm::{DbErr, ExecResult, QueryResult, RuntimeErr, Statement, Value};
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, Executor, PgConnection, SqliteConnection};

use crate::telemetry::statements;

/// A connection to PostgreSQL or to a file of SQLite.
#[derive(Debug)]
pub(super) enum Connection {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// Runs the same on either.
macro_rules! on_either {
    ($self:ident, $connection:ident => $work:expr) => {
        match $self {
            Self::Postgres($connection) => $work,
            Self::Sqlite($connection) => $work,
        }
    };
}

/// Sends a prepared statement by one of the methods of sqlx, and notes that and
/// how long it took.
macro_rules! send {
    ($self:ident, $statement:ident, $method:ident, $failed:path, $answer:expr) => {{
        super::record(&$statement);
        let values = $statement.values.unwrap_or_else(|| sea_orm::Values(Vec::new()));
        let sql = Arc::new(match $self {
            Self::Postgres(_) => limits_written($statement.sql, &values.0),
            Self::Sqlite(_) => $statement.sql,
        });
        let values = SqlxValues(values);
        let begun = Instant::now();
        let system = $self.system();
        let result = on_either!($self, connection => {
            let query = sqlx::query_with(AssertSqlSafe(sql.clone()), values);
            connection.$method(query).await.map($answer).map_err(|error| $failed(RuntimeErr::SqlxError(error.into())))
        });
        statements::note(&sql, system, begun.elapsed(), result.is_err());
        result
    }};
}

/// The same statement with how many rows it takes in its text, and not only among
/// its values. PostgreSQL takes a list of unknown length for a long one, and since
/// that is dear, plans it anew each time to find out.
fn limits_written(sql: String, values: &[Value]) -> String {
    const LIMIT: &str = "LIMIT $";
    if !sql.contains(LIMIT) {
        return sql;
    }
    let mut parts = sql.split(LIMIT);
    let mut written = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let place = part[..digits]
            .parse::<usize>()
            .ok()
            .and_then(|place| place.checked_sub(1));
        match place.and_then(|place| values.get(place)) {
            Some(Value::BigUnsigned(Some(rows))) => written.extend(["LIMIT ", &rows.to_string(), &part[digits..]]),
            _ => written.extend([LIMIT, part]),
        }
    }
    written
}

impl Connection {
    /// What it is called in traces.
    fn system(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "postgresql",
            Self::Sqlite(_) => "sqlite",
        }
    }

    pub(super) async fn execute(&mut self, statement: Statement) -> Result<ExecResult, DbErr> {
        send!(self, statement, execute, DbErr::Exec, ExecResult::from)
    }

    pub(super) async fn query_one(&mut self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        send!(self, statement, fetch_optional, DbErr::Query, |row| row
            .map(QueryResult::from))
    }

    pub(super) async fn query_all(&mut self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        send!(self, statement, fetch_all, DbErr::Query, |rows| rows
            .into_iter()
            .map(QueryResult::from)
            .collect())
    }

    /// Sends what has no values, and is not counted as a statement: where a
    /// transaction begins and ends.
    pub(super) async fn execute_unprepared(&mut self, sql: String) -> Result<ExecResult, DbErr> {
        let result = on_either!(self, connection => connection
            .execute(AssertSqlSafe(sql))
            .await
            .map(ExecResult::from));
        result.map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(error.into())))
    }

    /// Takes a transaction back without waiting, if that can be. On SQLite, others
    /// cannot write until it is, and it may be long until somebody has time for
    /// the answer. PostgreSQL is not told more before its last answer is read.
    pub(super) fn begin_rollback(&mut self) -> bool {
        if let Self::Postgres(_) = self {
            return false;
        }
        let _ = self.execute_unprepared("ROLLBACK".to_owned()).now_or_never();
        true
    }

    /// Whether it answers. What is left of other answers is read first.
    pub(super) async fn ping(&mut self) -> Result<(), sqlx::Error> {
        on_either!(self, connection => sqlx::Connection::ping(connection).await)
    }

    /// Takes leave, so that the other side need not find out.
    pub(super) async fn close(self) {
        let closed = on_either!(self, connection => sqlx::Connection::close(connection).await);
        // The process or the connection ends anyway.
        if let Err(error) = closed {
            tracing::warn!(%error, "closing a connection to the database");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_stand_in_the_text() {
        let values = [Value::from("acme"), Value::from(51_u64), Value::from(7_u64)];
        let written = |sql: &str| limits_written(sql.into(), &values);
        assert_eq!(written("SELECT 1 WHERE x = $1"), "SELECT 1 WHERE x = $1");
        assert_eq!(
            written("SELECT 1 WHERE x = $1 LIMIT $2 FOR UPDATE"),
            "SELECT 1 WHERE x = $1 LIMIT 51 FOR UPDATE"
        );
        assert_eq!(written("(SELECT 1 LIMIT $3) LIMIT $2"), "(SELECT 1 LIMIT 7) LIMIT 51");
        // What is no number of rows stays as it was.
        for sql in ["LIMIT $1", "LIMIT $9", "LIMIT $0", "LIMIT $", "LIMIT 5"] {
            assert_eq!(written(sql), sql);
        }
    }
}
