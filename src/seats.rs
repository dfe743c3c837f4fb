//! Places of which everybody may have only so many at a time, in this process.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Who has how many places. Clones share them.
#[derive(Clone, Debug)]
pub struct Seats<K>(Arc<Mutex<HashMap<K, usize>>>);

impl<K> Default for Seats<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K> Seats<K> {
    fn taken(&self) -> MutexGuard<'_, HashMap<K, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Clone + Eq + Hash> Seats<K> {
    /// One more place for `whose`; `None` while they have `most`. Nobody waits.
    pub fn take(&self, whose: K, most: usize) -> Option<Seat<K>> {
        let mut taken = self.taken();
        let count = taken.get(&whose).copied().unwrap_or_default();
        if count >= most {
            return None;
        }
        taken.insert(whose.clone(), count + 1);
        Some(Seat {
            seats: self.clone(),
            whose,
        })
    }
}

/// A place that is taken until this is dropped.
#[derive(Debug)]
#[must_use = "it is given back at once"]
pub struct Seat<K: Eq + Hash> {
    seats: Seats<K>,
    whose: K,
}

impl<K: Eq + Hash> Drop for Seat<K> {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        match taken.get_mut(&self.whose) {
            Some(count) if *count > 1 => *count -= 1,
            // Nothing is remembered of whoever has none.
            _ => drop(taken.remove(&self.whose)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_places_of_their_own() {
        let seats = Seats::default();
        let (first, second) = (seats.take("ann", 2), seats.take("ann", 2));
        assert!(first.is_some() && second.is_some());
        assert!(seats.take("ann", 2).is_none());
        assert!(seats.take("bob", 2).is_some());
        drop(first);
        assert!(seats.take("ann", 2).is_some());
        drop(second);
        assert!(seats.taken().is_empty());
    }

    #[test]
    fn there_may_be_none() {
        assert!(Seats::default().take("ann", 0).is_none());
    }
}
