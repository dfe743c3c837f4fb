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
    sync::{Mutex, MutexGuard, PoisonError},
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
    F: BatchFn<K, V>,
{
    loader: Loader<K, V, F>,
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
    F: BatchFn<K, V>,
{
    /// A lookup that knows nothing yet.
    pub fn new(batch: F) -> Self {
        let state = State {
            answers: HashMap::new(),
            asked: HashSet::new(),
            is_led: false,
        };
        let loader = Loader::new(batch).with_yield_count(0).with_max_batch_size(BATCH_MAX);
        Self {
            loader,
            state: Mutex::new(state),
            answered: Notify::new(),
        }
    }

    /// The answer for `key`, together with all that is asked for meanwhile.
    pub async fn load(&self, key: K) -> V {
        loop {
            // Made first, so that no answer comes unnoticed.
            let answered = self.answered.notified();
            let leads = {
                let mut state = self.state();
                if let Some(answer) = state.answers.get(&key) {
                    return answer.clone();
                }
                state.asked.insert(key.clone());
                !std::mem::replace(&mut state.is_led, true)
            };
            if !leads {
                answered.await;
                continue;
            }
            let lead = Lead(self);
            for _ in 0..YIELDS {
                tokio::task::yield_now().await;
            }
            let keys = self.state().asked.drain().collect();
            let answers = self.answer(keys).await;
            self.state().answers.extend(answers);
            drop(lead);
        }
    }

    /// The answers for keys, in one statement.
    async fn answer(&self, keys: Vec<K>) -> HashMap<K, V> {
        // Such as `TeamsOfMember`.
        let name = std::any::type_name::<F>().rsplit("::").next().unwrap_or_default();
        metrics::histogram!("loader_batch_keys", "loader" => name).record(keys.len() as f64);
        let span = trace::batch(name, keys.len());
        self.loader.load_many(keys).instrument(span).await
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
    F: BatchFn<K, V>;

impl<K, V, F> Drop for Lead<'_, K, V, F>
where
    K: Eq + Hash + Clone + Debug,
    V: Clone,
    F: BatchFn<K, V>,
{
    fn drop(&mut self) {
        self.0.state().is_led = false;
        self.0.answered.notify_waiters();
    }
}
