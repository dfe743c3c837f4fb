//! The arithmetic: the generic cell rate algorithm (GCRA; ITU-T I.371), which is a
//! leaky bucket that only keeps one number for each caller.
//!
//! The number is the *debt*: the time, in microseconds, until everything that a
//! caller has used is there again. An operation adds the interval of the rate to
//! it, time takes it away, and it never exceeds what the burst adds up to. There
//! is no window at whose edge twice as much would fit. Redis does the same with
//! whole numbers (`redis.rs`), so that both give the same answers.

use std::time::Duration;

use crate::config::Rate;

/// So many operations at once, which come back at a steady rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Microseconds from one operation to the next.
    pub(super) interval: u64,
    burst: u32,
}

/// Whether somebody was let in, and how they stand now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether they were.
    pub is_allowed: bool,
    /// Operations that they may ask for at once.
    pub remaining: u32,
    /// Until there is one more; zero if there are as many as there can be.
    pub more_after: Duration,
    /// Until what was refused would be let in; zero if it was.
    pub retry_after: Duration,
}

impl Quota {
    /// `burst` operations at once, which come back at `rate`.
    pub fn new(rate: Rate, burst: u32) -> Self {
        let interval = u64::try_from(rate.interval().as_micros()).unwrap_or(u64::MAX);
        Self {
            interval: interval.max(1),
            burst,
        }
    }

    /// Operations at once.
    pub fn burst(self) -> u32 {
        self.burst
    }

    /// How long it takes until a burst that was used up is there again.
    pub fn window(self) -> Duration {
        Duration::from_micros(self.debt_max())
    }

    /// The debt of whoever has used everything.
    pub(super) fn debt_max(self) -> u64 {
        self.interval.saturating_mul(self.burst.into())
    }

    /// The debt after `cost` operations more, and whether they are let in; if
    /// not, nothing is added. A debt from under another quota may be more than
    /// there can be under this one, and becomes that: whoever keeps it must write
    /// that down, or it would never grow less.
    pub(super) fn charge(self, debt: u64, cost: u32) -> (bool, u64) {
        let debt = debt.min(self.debt_max());
        let charged = debt.saturating_add(self.interval.saturating_mul(cost.into()));
        if charged <= self.debt_max() {
            (true, charged)
        } else {
            (false, debt)
        }
    }

    /// What a debt means for whoever has it, after they have asked for `cost`
    /// operations.
    pub(super) fn decision(self, is_allowed: bool, debt: u64, cost: u32) -> Decision {
        let free = self.debt_max().saturating_sub(debt);
        let until = |count: u64| Duration::from_micros(self.interval.saturating_mul(count).saturating_sub(free));
        let remaining = free / self.interval;
        Decision {
            is_allowed,
            remaining: u32::try_from(remaining).unwrap_or(u32::MAX),
            more_after: if debt == 0 {
                Duration::ZERO
            } else {
                until(remaining + 1)
            },
            retry_after: if is_allowed { Duration::ZERO } else { until(cost.into()) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTA: Quota = Quota {
        interval: 100,
        burst: 3,
    };

    #[test]
    fn a_burst_comes_back_at_the_rate() {
        let mut debt = 0;
        for left in [2, 1, 0] {
            let (is_allowed, charged) = QUOTA.charge(debt, 1);
            assert!(is_allowed);
            debt = charged;
            assert_eq!(QUOTA.decision(true, debt, 1).remaining, left);
        }
        let refused = QUOTA.charge(debt, 1);
        assert_eq!(refused, (false, 300), "what is refused costs nothing");
        let decision = QUOTA.decision(false, debt, 1);
        assert_eq!(decision.retry_after, Duration::from_micros(100));
        assert_eq!(QUOTA.charge(debt - 99, 1), (false, 201));
        assert_eq!(QUOTA.charge(debt - 100, 1), (true, 300));
        assert_eq!(QUOTA.decision(true, 0, 1).more_after, Duration::ZERO);
        assert_eq!(QUOTA.decision(true, 130, 1).more_after, Duration::from_micros(30));
    }

    #[test]
    fn several_are_let_in_together_or_not_at_all() {
        assert_eq!(QUOTA.charge(100, 2), (true, 300));
        assert_eq!(QUOTA.charge(150, 2), (false, 150));
        let decision = QUOTA.decision(false, 150, 2);
        assert_eq!(
            (decision.remaining, decision.retry_after),
            (1, Duration::from_micros(50))
        );
    }

    #[test]
    fn who_owes_more_than_there_is_now_waits_for_one() {
        let (is_allowed, debt) = QUOTA.charge(1_000_000, 1);
        assert!(!is_allowed);
        let decision = QUOTA.decision(is_allowed, debt, 1);
        assert_eq!(decision.retry_after, Duration::from_micros(100));
    }
}
