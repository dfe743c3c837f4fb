//! The gateway: what a request may look like, which documents are run, and what
//! is refused before anything runs.

mod batch;
mod federation;
mod limits;
mod merging;
mod overload;
mod persisted;
mod rate;
mod stopped;
mod trusted;

use roster::config::Mode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{Client, Reply, TestApp};

/// Whoever asks; answered without a look into the database.
const ROLES: &str = "{ roles { id } }";

/// A page of members, whose size is a variable.
const MEMBERS: &str = "query Members($slug: String!, $first: Int) {
    organization(slug: $slug) { id members(first: $first) { nodes { id } } } }";

/// The hash of a document, in hexadecimal digits.
fn hash(document: &str) -> String {
    let hash = Sha256::digest(document.as_bytes());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `extensions` that name a document by its hash.
fn persisted(document: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash(document) } })
}

/// `GET` of a path with these parameters.
async fn get(client: &Client, path: &str, parameters: &[(&str, &str)]) -> Reply {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters);
    client.get(&format!("{path}?{}", query.finish())).await
}

/// A server as in production.
async fn production() -> TestApp {
    TestApp::start_with(|config| {
        config.mode = Mode::Production;
        config.public_url = Some("https://team.example.com".parse().unwrap());
    })
    .await
}

/// The one code with which a request is refused as a whole.
#[track_caller]
fn refusal(reply: &Reply) -> String {
    assert!(reply.body.get("data").is_none(), "it was run: {reply:#?}");
    let codes = reply.error_codes();
    assert_eq!(codes.len(), 1, "{reply:#?}");
    codes[0].clone()
}
