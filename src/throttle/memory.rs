//! Counts of this process.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};

use moka::{policy::EvictionPolicy, sync::Cache};

use super::{Caller, Decision, Quota};
use crate::config::REFILL_MAX;

/// Callers of whom something is known at a time. Of more, those are forgotten who
/// have not come for longest: who comes often enough to be refused stays.
const CALLERS_MAX: u64 = 100_000;

/// When each caller will have everything back, in microseconds since the start.
#[derive(Debug)]
pub struct Memory {
    start: Instant,
    clear_at: Cache<Caller, Arc<AtomicU64>>,
}

impl Default for Memory {
    fn default() -> Self {
        Self::of(CALLERS_MAX)
    }
}

impl Memory {
    fn of(callers_max: u64) -> Self {
        Self {
            start: Instant::now(),
            clear_at: Cache::builder()
                .max_capacity(callers_max)
                .eviction_policy(EvictionPolicy::lru())
                // Whoever has not come for so long owes nothing.
                .time_to_idle(REFILL_MAX)
                .build(),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Counts `cost` operations, all of them or none.
    pub fn take(&self, caller: Caller, quota: Quota, cost: u32) -> Decision {
        self.take_at(self.now(), caller, quota, cost)
    }

    fn take_at(&self, now: u64, caller: Caller, quota: Quota, cost: u32) -> Decision {
        let clear_at = self.clear_at.get_with(caller, Arc::default);
        let mut outcome = (false, 0);
        // What it returns is the value before, which says nothing new.
        let _ = clear_at.fetch_update(Relaxed, Relaxed, |clear_at| {
            let debt = clear_at.saturating_sub(now);
            outcome = quota.charge(debt, cost);
            (outcome.1 != debt).then(|| now + outcome.1)
        });
        let (is_allowed, debt) = outcome;
        quota.decision(is_allowed, debt, cost)
    }

    /// What would come of that, as far as it is known, without counting. Of what
    /// was used under another quota, nothing is known.
    pub fn look(&self, caller: Caller, quota: Quota, cost: u32) -> Decision {
        let clear_at = self.clear_at.get(&caller).map_or(0, |clear_at| clear_at.load(Relaxed));
        let debt = clear_at.saturating_sub(self.now());
        let debt = if debt > quota.debt_max() { 0 } else { debt };
        let (is_allowed, _) = quota.charge(debt, cost);
        quota.decision(is_allowed, debt, cost)
    }

    /// Takes over what is known elsewhere of a caller.
    pub fn note(&self, caller: Caller, debt: u64) {
        let clear_at = self.clear_at.get_with(caller, Arc::default);
        // Answers may come in another order than they were given.
        clear_at.fetch_max(self.now() + debt, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, time::Duration};

    use super::*;
    use crate::config::Rate;

    fn at(address: u32) -> Caller {
        Caller::Address(Ipv4Addr::from(address).into())
    }

    #[test]
    fn what_was_used_comes_back_with_time() {
        let (memory, quota) = (Memory::default(), Quota::new(Rate::per_second(10), 2));
        let take = |millis: u64, address| memory.take_at(millis * 1_000, at(address), quota, 1);
        assert_eq!(take(0, 1).remaining, 1);
        assert_eq!(take(0, 1).remaining, 0);
        let refused = take(30, 1);
        assert!(!refused.is_allowed);
        assert_eq!(refused.retry_after, Duration::from_millis(70));
        assert!(take(30, 2).is_allowed, "somebody else");
        assert!(take(100, 1).is_allowed);
        assert!(!take(100, 1).is_allowed);
        assert_eq!(take(10_000, 1).remaining, 1);
    }

    #[test]
    fn a_new_quota_counts_at_once() {
        let memory = Memory::default();
        let (slow, fast) = (
            Quota::new("1/m".parse().unwrap(), 2),
            Quota::new(Rate::per_second(10), 2),
        );
        let take = |millis: u64, quota| memory.take_at(millis * 1_000, at(1), quota, 1).is_allowed;
        assert!(take(0, slow) && take(0, slow) && !take(0, slow));
        assert!(!take(1, fast), "a burst was used up");
        assert!(!take(100, fast));
        assert!(take(101, fast));
    }

    #[test]
    fn many_at_once_get_no_more_than_there_is() {
        let (memory, quota) = (Memory::default(), Quota::new(Rate::per_second(1), 100));
        let take = || {
            (0..50)
                .filter(|_| memory.take_at(0, at(1), quota, 1).is_allowed)
                .count()
        };
        let taken: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(take)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(taken, 100);
    }

    #[test]
    fn any_number_of_addresses_do_not_fill_the_memory() {
        let (memory, quota) = (Memory::of(1_000), Quota::new(Rate::per_second(1), 2));
        let often = at(u32::MAX);
        for address in 0..50_000 {
            memory.take_at(0, at(address), quota, 1);
            if address % 100 == 0 {
                memory.take_at(0, often, quota, 1);
            }
        }
        memory.clear_at.run_pending_tasks();
        assert!(memory.clear_at.entry_count() <= 1_000);
        assert!(
            !memory.take_at(0, often, quota, 1).is_allowed,
            "who comes often is not forgotten"
        );
    }
}
