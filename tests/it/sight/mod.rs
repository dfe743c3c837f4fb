//! What the service tells of itself: lines of its log, traces, numbers, reports
//! of faults; and what it keeps to itself.

mod faults;
mod log;
mod metrics;
mod traces;

use serde_json::{Value, json};

use crate::{
    command::{Place, Program, within_patience},
    support::{Client, TestApp},
};

/// What a client sends, and nobody is told.
const SECRET: &str = "s3cret-of-a-client";

/// Fields of the message `message` in a log of JSON, and the request it is of.
fn lines(log: &str, message: &str) -> Vec<Value> {
    let entries = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut found: Vec<Value> = entries.filter(|entry| entry["fields"]["message"] == message).collect();
    for entry in &mut found {
        let request = entry["spans"].as_array().and_then(|spans| spans.first().cloned());
        entry["fields"]["request"] = request.unwrap_or_default();
        entry["fields"]["level"] = entry["level"].clone();
        *entry = entry["fields"].take();
    }
    found
}

/// A program that logs in JSON.
fn logging(app: &TestApp) -> Place {
    Place::with_secrets(&app.db_url()).set("ROSTER_LOG__JSON", "true")
}

/// The lines of `program` about operations, once there are so many.
fn operations(program: &Program, count: usize) -> Vec<Value> {
    within_patience("operations are logged", || {
        let found = lines(&program.stderr(), "operation");
        (found.len() >= count).then_some(found)
    })
}

/// Posts an operation with these headers.
async fn post(client: &Client, body: Value, headers: &[(&str, &str)]) -> reqwest::Response {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = http.post(format!("{}/graphql", client.url())).json(&body);
    if let Some(token) = client.bearer() {
        request = request.bearer_auth(token);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

/// A query of this name, which costs statements.
fn viewer(name: &str) -> Value {
    json!({ "query": format!("query {name} {{ viewer {{ user {{ name }} }} }}") })
}
