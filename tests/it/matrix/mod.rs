//! Who may do what: every mutation and every field, asked as every kind of
//! caller. What is right stands in `authorization.md`, to be read by people.

pub mod ask;
mod complete;
mod fields;
mod mutations;
pub mod scene;
pub mod table;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::{Client, Organization, Reply, TestApp, row};
use scene::{Cast, Gate, Scene};
use table::{Book, Row};

/// Signed in, and no members of the organization that is asked about.
const OUTSIDERS: [&str; 4] = ["anonymous", "stranger", "pending", "superuser"];

/// Answers that come with a change.
const CHANGES: [&str; 4] = ["ok", "asks", "ignored", "already"];

/// Answers of gates: these come before scopes.
const GATES: [&str; 3] = ["limit", "2fa", "sso"];

/// A server without rate limits.
async fn start() -> TestApp {
    TestApp::start_with(|config| config.rate_limits.enabled = false).await
}

/// The codes of a refused reply as one text: top-level errors, else the
/// `userErrors` of the mutation.
fn codes(reply: &Reply, mutation: Option<&str>) -> Option<String> {
    let mut codes = reply.error_codes();
    if let Some(mutation) = mutation.filter(|_| codes.is_empty()) {
        codes = reply.codes(mutation);
    }
    codes.dedup();
    (!codes.is_empty()).then(|| codes.join(" "))
}
