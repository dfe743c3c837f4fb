//! Writing: a transaction, and what is done once it has become true.

use std::{
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use sea_orm::{DatabaseTransaction, TransactionTrait};
use tokio::sync::OwnedSemaphorePermit;

use super::{Db, Wake, Wakers, failure};
use crate::{
    error::{Code, Error, Result},
    telemetry::statements,
};

/// A transaction that may write. Dropping it rolls back.
#[derive(Debug)]
pub struct Write {
    tx: DatabaseTransaction,
    /// Given back after the transaction has ended: fields drop in order.
    _slot: Option<OwnedSemaphorePermit>,
    _turn: Option<OwnedSemaphorePermit>,
    wakers: Wakers,
    once_true: Arc<Mutex<OnceTrue>>,
    /// Of what this is a part.
    whole: Option<Arc<Mutex<OnceTrue>>>,
}

/// What is done once a transaction has committed.
#[derive(Debug, Default)]
struct OnceTrue {
    woken: Vec<Wake>,
    counted: Vec<(metrics::Counter, u64)>,
}

impl Deref for Write {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
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
            self.wakers.of(wake).send_replace(());
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
        Ok(Self {
            tx: self.tx.begin().await?,
            _slot: None,
            _turn: None,
            wakers: self.wakers.clone(),
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
    let turn = match &db.writer {
        None => None,
        Some(writer) => Some(
            tokio::time::timeout(db.lock_timeout, writer.clone().acquire_owned())
                .await
                .map_err(|_| Error::from(Code::LockTimeout))?
                .map_err(Error::internal)?,
        ),
    };
    statements::waited(begun.elapsed());
    let slot = db.slots.take().await?;
    let tx = db.pool.begin_with_options(db.write_options()).await;
    Ok(Write {
        tx: tx.map_err(failure::noted)?,
        _slot: Some(slot),
        _turn: turn,
        wakers: db.wakers.clone(),
        once_true: Arc::default(),
        whole: None,
    })
}
