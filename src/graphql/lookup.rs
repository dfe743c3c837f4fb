//! A batched lookup: lets all siblings of a level ask before it sends one
//! statement for them, and wakes them together when the answers are there.
//!
//! Batching and its bound are the `dataloader` crate's. What is added is the
//! waking: the crate lets callers through one after the other, so that the last
//! of a hundred comes too late for the next level's batch.

use std::{
    collections::{HashMap, HashSet},
    fmt::Debug,
    hash::Hash,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

use ::dataloader::{BatchFn, cached::Loader};
use tokio::sync::Notify;
use tracing::Instrument;

use crate::telemetry::trace;

/// How often a lookup lets others go first, so that they can ask too.
const YIELDS: usize = 5;
/// Keys of one statement at most.
const BATCH_MAX: usize = 1000;

/// Answers of one request by key.
pub struct Lookup<K, V, F>
where
    K: Eq + Hash + Clone + Debug,
    V: Clone,
    F: BatchFn<K, V> + Clone,
{
    /// What answers. Most requests use a few of their lookups, so each is made when
    /// it is first used.
    batch: F,
    loader: OnceLock<Loader<K, V, F>>,
    state: Mutex<State<K, V>>,
    answered: Notify,
}

struct State<K, V> {
    answers: HashMap<K, V>,
    asked: HashSet<K>,
    /// Whether somebody is about to send the statement.
    is_led: bool,
}

impl<K, V, F> Lookup<K, V, F>
where
    K: Eq + Hash + Clone + Debug,
    V: Clone,
    F: BatchFn<K, V> + Clone,
{
    /// A lookup that knows nothing yet.
    pub fn new(batch: F) -> Self {
        let state = State {
            answers: HashMap::new(),
            asked: HashSet::new(),
            is_led: false,
        };
        Self {
            batch,
            loader: OnceLock::new(),
            state: Mutex::new(state),
            answered: Notify::new(),
        }
    }

    /// The answer for `key`, together with all that is asked for meanwhile.
    pub async fn load(&self, key: K) -> V {
        if let Some(answer) = self.known(&key) {
            return answer;
        }
        // In a box, because the futures of most fields hold one of these, and each
        // is as large as the largest of them.
        Box::pin(self.wait_for(key)).await
    }

    /// The same for an answer that is not there yet.
    async fn wait_for(&self, key: K) -> V {
        loop {
            if let Some(answer) = self.ask(std::slice::from_ref(&key)) {
                return answer;
            }
            self.be_answered(YIELDS).await;
        }
    }

    /// The answer for the last of these keys, if all are answered. What is not is
    /// asked for.
    fn ask(&self, keys: &[K]) -> Option<V> {
        let mut state = self.state();
        let unknown = keys.iter().filter(|key| !state.answers.contains_key(key));
        let unknown: Vec<_> = unknown.cloned().collect();
        if unknown.is_empty() {
            return state.answers.get(keys.last()?).cloned();
        }
        state.asked.extend(unknown);
        None
    }

    /// Waits until something is answered: by whoever sends the statement, or by
    /// sending it, when others have had so many turns to ask.
    async fn be_answered(&self, yields: usize) {
        // Made first, so that no answer comes unnoticed.
        let answered = self.answered.notified();
        if std::mem::replace(&mut self.state().is_led, true) {
            answered.await;
            return;
        }
        let lead = Lead(self);
        for _ in 0..yields {
            tokio::task::yield_now().await;
        }
        let keys: Vec<K> = self.state().asked.drain().collect();
        if !keys.is_empty() {
            let answers = self.answer(keys).await;
            self.prime(answers);
        }
        drop(lead);
    }

    /// The answers for keys, in one statement.
    async fn answer(&self, keys: Vec<K>) -> HashMap<K, V> {
        // Such as `TeamsOfMember`.
        let name = std::any::type_name::<F>().rsplit("::").next().unwrap_or_default();
        metrics::histogram!("loader_batch_keys", "loader" => name).record(keys.len() as f64);
        let span = trace::batch(name, keys.len());
        let loader = self.loader.get_or_init(|| {
            let loader = Loader::new(self.batch.clone());
            loader.with_yield_count(0).with_max_batch_size(BATCH_MAX)
        });
        loader.load_many(keys).instrument(span).await
    }

    /// Asks for all that is known to be wanted next, so that nobody waits to be
    /// joined by others.
    pub async fn expect(&self, keys: impl IntoIterator<Item = K>) {
        let keys: Vec<K> = keys.into_iter().collect();
        // One statement at a time: of two, one that is given up would take the keys
        // of the other with it.
        while !keys.is_empty() && self.ask(&keys).is_none() {
            Box::pin(self.be_answered(0)).await;
        }
    }

    /// The answer for `key`, if it is known.
    pub fn known(&self, key: &K) -> Option<V> {
        self.state().answers.get(key).cloned()
    }

    /// Makes answers known that were read otherwise.
    pub fn prime(&self, answers: impl IntoIterator<Item = (K, V)>) {
        self.state().answers.extend(answers);
    }

    fn state(&self) -> MutexGuard<'_, State<K, V>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever sends the statement. Also when its field is given up half-way, the
/// others must not wait for ever: one of them leads then.
struct Lead<'a, K, V, F>(&'a Lookup<K, V, F>)
where
    K: Eq + Hash + Clone + Debug,
    V: Clone,
    F: BatchFn<K, V> + Clone;

impl<K, V, F> Drop for Lead<'_, K, V, F>
where
    K: Eq + Hash + Clone + Debug,
    V: Clone,
    F: BatchFn<K, V> + Clone,
{
    fn drop(&mut self) {
        self.0.state().is_led = false;
        self.0.answered.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use futures_util::future::join_all;

    use super::*;

    /// How many keys were asked for each time.
    type Batches = Arc<Mutex<Vec<usize>>>;

    /// Answers every key with itself, after a while.
    #[derive(Clone, Default)]
    struct Slow(Batches);

    impl BatchFn<u32, u32> for Slow {
        async fn load(&mut self, keys: &[u32]) -> HashMap<u32, u32> {
            self.0.lock().unwrap().push(keys.len());
            tokio::time::sleep(Duration::from_secs(1)).await;
            keys.iter().map(|key| (*key, *key)).collect()
        }
    }

    fn lookup() -> (Lookup<u32, u32, Slow>, Batches) {
        let slow = Slow::default();
        let batches = slow.0.clone();
        (Lookup::new(slow), batches)
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_at_once_is_answered_at_once() {
        let (lookup, batches) = lookup();
        let answers = join_all((0..300).map(|key| lookup.load(key % 100))).await;
        assert!(answers.iter().zip(0..).all(|(answer, key)| *answer == key % 100));
        assert_eq!(*batches.lock().unwrap(), [100]);
        // What is known is not asked for again.
        lookup.expect(0..101).await;
        assert_eq!((lookup.load(7).await, lookup.known(&100)), (7, Some(100)));
        assert_eq!(*batches.lock().unwrap(), [100, 1]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_takes_nobody_along() {
        let (lookup, _) = lookup();
        // The first of them asks for all, and has no time to hear the answer.
        let hasty = tokio::time::timeout(Duration::from_millis(500), lookup.expect(0..10));
        let patient = async {
            tokio::task::yield_now().await;
            lookup.expect(5..15).await;
            lookup.load(20).await
        };
        let (gave_up, answer, others) = tokio::join!(hasty, patient, join_all((0..30).map(|key| lookup.load(key))));
        assert!(gave_up.is_err());
        assert_eq!((answer, others), (20, (0..30).collect()));
    }
}
