//! SQL statements: how many an operation sends, and how long they take.

use std::{
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::trace;

tokio::task_local! {
    static TALLY: Arc<Tally>;
}

/// The slowest statements that are remembered of an operation.
const SLOWEST: usize = 3;

/// The statements of an operation, without BEGIN and COMMIT.
#[derive(Debug, Default)]
pub struct Tally {
    count: AtomicU32,
    nanoseconds: AtomicU64,
    /// How long statements, and changes, waited until they could begin.
    waited_nanoseconds: AtomicU64,
    slowest: Mutex<Vec<(Duration, String)>>,
    /// How many more may run at a time.
    turns: OnceLock<Arc<Semaphore>>,
    /// Of what this operation is a part.
    whole: Option<Arc<Tally>>,
}

impl Tally {
    /// Of a part of `whole`, which counts it, too.
    pub fn part(whole: Option<Arc<Self>>) -> Self {
        Self {
            whole,
            ..Self::default()
        }
    }

    /// How many there were.
    pub fn count(&self) -> u32 {
        self.count.load(Ordering::Relaxed)
    }

    /// How long they took, one after the other.
    pub fn time(&self) -> Duration {
        Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed))
    }

    /// How long they, and changes, waited for a connection or for other writers.
    pub fn waited(&self) -> Duration {
        Duration::from_nanos(self.waited_nanoseconds.load(Ordering::Relaxed))
    }

    fn wait(&self, time: Duration) {
        self.waited_nanoseconds.fetch_add(nanoseconds(time), Ordering::Relaxed);
        if let Some(whole) = &self.whole {
            whole.wait(time);
        }
    }

    /// The slowest, the worst first.
    pub fn slowest(&self) -> String {
        let slowest = self.slowest.lock().unwrap_or_else(PoisonError::into_inner);
        let words = slowest
            .iter()
            .map(|(time, what)| format!("{what} {:.1} ms", time.as_secs_f64() * 1000.0));
        words.collect::<Vec<_>>().join(", ")
    }

    fn add(&self, summary: Summary<'_>, elapsed: Duration) {
        self.count.fetch_add(1, Ordering::Relaxed);
        self.nanoseconds.fetch_add(nanoseconds(elapsed), Ordering::Relaxed);
        let mut slowest = self.slowest.lock().unwrap_or_else(PoisonError::into_inner);
        let place = slowest.partition_point(|(time, _)| *time >= elapsed);
        if place < SLOWEST {
            slowest.truncate(SLOWEST - 1);
            slowest.insert(place, (elapsed, summary.to_string()));
        }
        drop(slowest);
        if let Some(whole) = &self.whole {
            whole.add(summary, elapsed);
        }
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Runs `work` and counts the statements that it sends.
pub async fn counted<F: Future>(tally: Arc<Tally>, work: F) -> F::Output {
    TALLY.scope(tally, work).await
}

/// Waits until fewer than `most` statements of the operation that runs here run.
pub async fn turn(most: usize) -> Option<OwnedSemaphorePermit> {
    let tally = current()?;
    let whole = tally.whole.as_deref().unwrap_or(&tally);
    let turns = whole.turns.get_or_init(|| Arc::new(Semaphore::new(most))).clone();
    let begun = Instant::now();
    // Nobody closes it.
    let turn = turns.acquire_owned().await.ok();
    tally.wait(begun.elapsed());
    turn
}

/// A statement, or a change, has waited so long for a connection or other writers.
pub fn waited(time: Duration) {
    metrics::histogram!("database_wait_seconds").record(time);
    let _ = TALLY.try_with(|tally| tally.wait(time));
}

/// The tally of what runs here.
pub fn current() -> Option<Arc<Tally>> {
    TALLY.try_with(Arc::clone).ok()
}

/// A statement was sent.
pub fn note(sql: &str, system: &'static str, elapsed: Duration, failed: bool) {
    let summary = Summary::of(sql);
    metrics::histogram!("sql_statement_seconds", "statement" => summary.verb, "table" => summary.table.to_owned())
        .record(elapsed);
    let _ = TALLY.try_with(|tally| tally.add(summary, elapsed));
    trace::statement(summary, system, elapsed, failed);
}

/// What a statement does, in two words: never a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary<'a> {
    /// Its first word, if it is one of those that are known.
    pub verb: &'static str,
    /// The first table that it names.
    pub table: &'a str,
}

impl std::fmt::Display for Summary<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.verb, self.table)
    }
}

impl<'a> Summary<'a> {
    /// Looks at the words of a statement of ours. Those come from no client, and
    /// their values are bound, so what stands behind FROM is a table.
    pub fn of(sql: &'a str) -> Self {
        const VERBS: [&str; 5] = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"];
        let mut words = sql.split_ascii_whitespace();
        let first = words.next().unwrap_or_default();
        let verb = VERBS.into_iter().find(|verb| verb.eq_ignore_ascii_case(first));
        let is_table_next = |word: &str| {
            let word = word.trim_start_matches('(');
            ["FROM", "INTO"].iter().any(|mark| mark.eq_ignore_ascii_case(word))
        };
        let mut table = (verb == Some("UPDATE"))
            .then(|| words.clone().next().and_then(identifier))
            .flatten();
        while table.is_none() {
            let Some(word) = words.next() else { break };
            if is_table_next(word) {
                table = words.clone().next().and_then(identifier);
            }
        }
        Self {
            verb: verb.unwrap_or("OTHER"),
            table: table.unwrap_or("other"),
        }
    }
}

/// The name at the beginning of a word; none of what is in parentheses.
fn identifier(word: &str) -> Option<&str> {
    let name = word.strip_prefix('"').unwrap_or(word);
    let end = name.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let name = &name[..end.unwrap_or(name.len())];
    (1..=63).contains(&name.len()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_has_no_values() {
        let cases = [
            (
                r#"SELECT "a"."id" FROM "member" AS "a" WHERE "x" = 'FROM "secret"'"#,
                "SELECT member",
            ),
            (
                r#"SELECT COUNT(*) FROM (SELECT 1 FROM "team" LIMIT ?) AS "x""#,
                "SELECT team",
            ),
            (r#"INSERT INTO "outbox" ("id") VALUES (?)"#, "INSERT outbox"),
            (r#"UPDATE "member" SET "email" = 'bob@example.com'"#, "UPDATE member"),
            (r#"DELETE FROM job WHERE id = 1"#, "DELETE job"),
            (r#"WITH "due" AS (SELECT "id" FROM "job") SELECT 1"#, "WITH job"),
            ("PRAGMA foreign_keys", "OTHER other"),
            ("SELECT 'bob@example.com'", "SELECT other"),
            ("", "OTHER other"),
            ("SELECT FROM", "SELECT other"),
        ];
        for (sql, wanted) in cases {
            assert_eq!(Summary::of(sql).to_string(), wanted, "{sql}");
        }
    }

    #[test]
    fn the_slowest_are_remembered_in_order() {
        let whole = Arc::new(Tally::default());
        let tally = Tally::part(Some(whole.clone()));
        for (table, milliseconds) in [("a", 2), ("b", 5), ("c", 1), ("d", 4), ("e", 3)] {
            let summary = Summary { verb: "SELECT", table };
            tally.add(summary, Duration::from_millis(milliseconds));
        }
        assert_eq!(tally.slowest(), "SELECT b 5.0 ms, SELECT d 4.0 ms, SELECT e 3.0 ms");
        assert_eq!((tally.count(), whole.count()), (5, 5));
        assert_eq!(tally.time(), Duration::from_millis(15));
    }
}
