//! The only place that asks what time it is.

use chrono::{DateTime, SubsecRound, Utc};

/// Now, cut to microseconds: SQLite would keep more, PostgreSQL does not, and
/// both must read back what was written.
#[allow(clippy::disallowed_methods, reason = "the one clock")]
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}
