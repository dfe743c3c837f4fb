//! Writing: a transaction, and what is done once it has become true.

use std::{
    ops::Deref,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use super::{
    Db, Wake,
    pool::{Held, Unended},
};
use crate::{
    error::{Code, Error, Result},
    telemetry::statements,
};

/// A transaction that may write. Dropping it rolls back.
#[derive(Debug)]
pub struct Write {
    tx: Transaction,
    db: Db,
    once_true: Arc<Mutex<OnceTrue>>,
    /// Of what this is a part.
    whole: Option<Arc<Mutex<OnceTrue>>>,
}

/// The statements of a transaction, or of a part of one.
#[derive(Debug)]
pub struct Transaction {
    held: Arc<tokio::sync::Mutex<Held>>,
    backend: DbBackend,
    part: Option<Part>,
    /// Whether a part was given up without being taken back: what it has written
    /// is still there, so the whole cannot become true.
    is_spoilt: Arc<AtomicBool>,
}

/// What can be taken back alone.
#[derive(Debug)]
struct Part {
    is_ended: bool,
    is_spoilt: Arc<AtomicBool>,
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.is_ended {
            self.is_spoilt.store(true, Ordering::Relaxed);
        }
    }
}

impl Transaction {
    async fn run<T>(
        &self,
        statement: impl AsyncFnOnce(&mut super::connection::Connection) -> std::result::Result<T, DbErr>,
    ) -> std::result::Result<T, DbErr> {
        self.held.lock().await.run(statement).await
    }

    async fn say(&self, sql: &str) -> std::result::Result<(), DbErr> {
        self.execute_unprepared(sql).await.map(drop)
    }

    async fn commit(mut self) -> std::result::Result<(), DbErr> {
        if let Some(mut part) = self.part.take() {
            self.say("RELEASE SAVEPOINT part").await?;
            part.is_ended = true;
            return Ok(());
        }
        if self.is_spoilt.load(Ordering::Relaxed) {
            return Err(DbErr::Custom("a part of the transaction was given up".into()));
        }
        self.end("COMMIT").await
    }

    async fn rollback(mut self) -> std::result::Result<(), DbErr> {
        if let Some(mut part) = self.part.take() {
            self.say("ROLLBACK TO SAVEPOINT part").await?;
            self.say("RELEASE SAVEPOINT part").await?;
            part.is_ended = true;
            return Ok(());
        }
        self.end("ROLLBACK").await
    }

    async fn end(self, how: &str) -> std::result::Result<(), DbErr> {
        let mut held = self.held.lock().await;
        held.run(async |connection| connection.execute_unprepared(how.to_owned()).await)
            .await?;
        held.unended = Unended::Nothing;
        Ok(())
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> std::result::Result<ExecResult, DbErr> {
        self.run(async |connection| connection.execute(statement).await).await
    }

    async fn execute_unprepared(&self, sql: &str) -> std::result::Result<ExecResult, DbErr> {
        self.run(async |connection| connection.execute_unprepared(sql.to_owned()).await)
            .await
    }

    async fn query_one_raw(&self, statement: Statement) -> std::result::Result<Option<QueryResult>, DbErr> {
        self.run(async |connection| connection.query_one(statement).await).await
    }

    async fn query_all_raw(&self, statement: Statement) -> std::result::Result<Vec<QueryResult>, DbErr> {
        self.run(async |connection| connection.query_all(statement).await).await
    }
}

/// What is done once a transaction has committed.
#[derive(Debug, Default)]
struct OnceTrue {
    woken: Vec<Wake>,
    counted: Vec<(metrics::Counter, u64)>,
}

impl Deref for Write {
    type Target = Transaction;

    fn deref(&self) -> &Transaction {
        &self.tx
    }
}

fn lock(once_true: &Mutex<OnceTrue>) -> MutexGuard<'_, OnceTrue> {
    once_true.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Write {
    /// Makes everything that was written true.
    ///
    /// # Errors
    /// A connection that is lost meanwhile is a fault, and no refusal: nobody knows
    /// whether it became true.
    pub async fn commit(self) -> Result<()> {
        self.tx.commit().await.map_err(|error| match error.into() {
            Error::Refused(refusals) if refusals.iter().any(|refusal| refusal.code == Code::Unavailable) => {
                Error::internal("the connection was lost while a change was committed")
            }
            error => error,
        })?;
        let OnceTrue { woken, counted } = std::mem::take(&mut *lock(&self.once_true));
        if let Some(whole) = &self.whole {
            let mut whole = lock(whole);
            whole.woken.extend(woken);
            whole.counted.extend(counted);
            return Ok(());
        }
        for wake in woken {
            self.db.wake(wake);
        }
        for (counter, by) in counted {
            counter.increment(by);
        }
        Ok(())
    }

    /// Wakes those of this process who wait for it, when the transaction commits.
    pub fn wake(&self, wake: Wake) {
        let mut once_true = lock(&self.once_true);
        if !once_true.woken.contains(&wake) {
            once_true.woken.push(wake);
        }
    }

    /// Adds to a counter, when the transaction commits.
    pub fn count(&self, counter: metrics::Counter, by: u64) {
        lock(&self.once_true).counted.push((counter, by));
    }

    /// Takes back everything that was written.
    pub async fn rollback(self) -> Result<()> {
        Ok(self.tx.rollback().await?)
    }

    /// Begins a part that can be taken back alone. Committing it leaves it to
    /// the whole whether it becomes true.
    pub async fn part(&self) -> Result<Self> {
        self.tx.say("SAVEPOINT part").await?;
        Ok(Self {
            tx: Transaction {
                held: self.tx.held.clone(),
                backend: self.tx.backend,
                part: Some(Part {
                    is_ended: false,
                    is_spoilt: self.tx.is_spoilt.clone(),
                }),
                is_spoilt: self.tx.is_spoilt.clone(),
            },
            db: self.db.clone(),
            once_true: Arc::default(),
            whole: Some(self.once_true.clone()),
        })
    }

    /// Goes on with what passed its checks. A refusal ends the transaction, and
    /// what was written until then stands: the count of the attempt.
    ///
    /// # Errors
    /// What the checks said.
    pub async fn unless_refused<T>(self, checked: Result<T>) -> Result<(Self, T)> {
        match checked {
            Ok(value) => Ok((self, value)),
            Err(error) => {
                if matches!(error, Error::Refused(_)) {
                    self.commit().await?;
                }
                Err(error)
            }
        }
    }
}

/// Begins to write.
///
/// # Errors
/// `LOCK_TIMEOUT` when other writers take too long; `UNAVAILABLE` when there is no
/// connection.
pub async fn begin_write(db: &Db) -> Result<Write> {
    let begun = Instant::now();
    let turn = match &db.0.writer {
        None => None,
        Some(writer) => Some(
            tokio::time::timeout(db.0.lock_timeout, writer.clone().acquire_owned())
                .await
                .map_err(|_| Error::from(Code::LockTimeout))?
                .map_err(Error::internal)?,
        ),
    };
    statements::waited(begun.elapsed());
    let mut held = db.0.pool.take().await?;
    held.turn = turn;
    held.begin(db.backend(), db.0.lock_timeout).await?;
    Ok(Write {
        tx: Transaction {
            held: Arc::new(tokio::sync::Mutex::new(held)),
            backend: db.backend(),
            part: None,
            is_spoilt: Arc::default(),
        },
        db: db.clone(),
        once_true: Arc::default(),
        whole: None,
    })
}
