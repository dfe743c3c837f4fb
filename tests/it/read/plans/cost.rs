//! What a statement costs, counted and not timed: pages of memory that
//! PostgreSQL looks at, instructions that SQLite runs. And what a plan must not
//! have.

use std::{
    collections::HashMap,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use roster::db::Db;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::Value;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, Row, SqliteConnection, sqlite::SqliteConnectOptions};

/// Looks into the plans of statements; of each once, since many are sent for every
/// page.
pub struct Explainer {
    database: Database,
    known: HashMap<String, Cost>,
}

enum Database {
    /// As the service asks it, with the same settings.
    Postgres(Db),
    Sqlite(Box<SqliteConnection>, Arc<AtomicU64>),
}

/// What became of a statement.
#[derive(Clone, Debug, Default)]
pub struct Cost {
    /// In the unit of the database.
    pub units: u64,
    /// What the plan must not have.
    pub faults: Vec<String>,
}

impl Explainer {
    pub async fn new(db: &Db, url: &str) -> Self {
        Self {
            database: Database::new(db, url).await,
            known: HashMap::new(),
        }
    }

    pub async fn cost(&mut self, statement: &Statement) -> Cost {
        let text = statement.to_string();
        if let Some(cost) = self.known.get(&text) {
            return cost.clone();
        }
        let cost = self.database.cost(statement).await;
        self.known.insert(text, cost.clone());
        cost
    }
}

impl Database {
    async fn new(db: &Db, url: &str) -> Self {
        if db.get_database_backend() == DbBackend::Postgres {
            return Self::Postgres(db.clone());
        }
        let options = SqliteConnectOptions::from_str(url).unwrap().disable_statement_logging();
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        let counter = Arc::new(AtomicU64::new(0));
        let counted = counter.clone();
        let mut handle = connection.lock_handle().await.unwrap();
        handle.set_progress_handler(10, move || {
            counted.fetch_add(10, Ordering::Relaxed);
            true
        });
        drop(handle);
        Self::Sqlite(Box::new(connection), counter)
    }

    async fn cost(&mut self, statement: &Statement) -> Cost {
        match self {
            Self::Postgres(db) => {
                let explain = Statement {
                    sql: format!("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {}", statement.sql),
                    ..statement.clone()
                };
                let row = db.query_one_raw(explain).await.unwrap().unwrap();
                let plan: Value = row.try_get_by_index(0).unwrap();
                let mut cost = Cost {
                    units: buffers(&plan[0]["Plan"]),
                    faults: Vec::new(),
                };
                look_at(&plan[0]["Plan"], &mut cost.faults);
                cost
            }
            Self::Sqlite(connection, counter) => {
                // Values in the text plan as bound ones do: SQLite has no statistics.
                let sql = statement.to_string();
                let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
                let steps = connection.fetch_all(explain).await.unwrap();
                let steps: Vec<String> = steps.iter().map(|step| step.get("detail")).collect();
                let faults = faults_of(&steps);
                counter.store(0, Ordering::Relaxed);
                connection.fetch_all(AssertSqlSafe(sql)).await.unwrap();
                Cost {
                    units: counter.load(Ordering::Relaxed),
                    faults,
                }
            }
        }
    }
}

/// Tables that have a row for each member.
const LARGE: [&str; 4] = ["member", "team_member", "access_request", "audit_log_entry"];

/// Large tables that are read from one end to the other, whatever the index; and
/// orders that are made by sorting such a table, not the pages of its parts.
fn faults_of(steps: &[String]) -> Vec<String> {
    let about = |words: &str, table: &str| {
        let of_table = |step: &&String| step.strip_prefix(words).and_then(|rest| rest.split(' ').next()) == Some(table);
        steps.iter().filter(of_table).count()
    };
    // The page of several parts goes by the name of the table, too.
    let is_scanned = |table: &&&str| about("SCAN ", table) > about("CO-ROUTINE ", table) + about("MATERIALIZE ", table);
    let scans = LARGE.iter().filter(is_scanned).map(|table| format!("SCAN {table}"));
    let is_of_parts = steps
        .iter()
        .any(|step| step.starts_with("CO-ROUTINE ") || step.starts_with("MATERIALIZE "));
    let sorts = steps
        .iter()
        .filter(|step| !is_of_parts && step.contains("TEMP B-TREE FOR ORDER BY"));
    scans.chain(sorts.cloned()).collect()
}

fn buffers(node: &Value) -> u64 {
    ["Shared Hit Blocks", "Shared Read Blocks"]
        .iter()
        .filter_map(|name| node[*name].as_u64())
        .sum()
}

/// Sequential scans of large tables, unless the limit stops them at once; sorts
/// of more than a few pages, or than what was found first.
fn look_at(node: &Value, faults: &mut Vec<String>) {
    let number = |name: &str| node[name].as_f64().unwrap_or_default();
    let rows = (number("Actual Rows") + number("Rows Removed by Filter")) * number("Actual Loops");
    let table = node["Relation Name"].as_str().unwrap_or_default();
    match node["Node Type"].as_str() {
        Some("Seq Scan") if table == "member" || LARGE.contains(&table) && rows > 2_000.0 => {
            faults.push(format!("Seq Scan of {rows} rows of {table}"));
        }
        Some("Sort") if rows > 1_100.0 => faults.push(format!("Sort of {rows} rows")),
        _ => {}
    }
    for child in node["Plans"].as_array().into_iter().flatten() {
        look_at(child, faults);
    }
}
