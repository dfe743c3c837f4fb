//! Which requests are taken, and what they may ask for.

use std::{path::PathBuf, time::Duration};

use serde::Deserialize;

use super::values::duration;

/// Which documents are run, and how requests bring them.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Graphql {
    /// Whether clients may ask for the schema (`__schema`, `__type`). Default:
    /// only in development.
    pub introspection: Option<bool>,
    /// Operations that one request may hold as a list. `0`: a list is refused.
    pub batch_max: usize,
    /// Automatic persisted queries: a document that was sent once is found by
    /// its hash, as long as it is remembered.
    pub persisted_queries: bool,
    /// What documents that are not in the manifest get.
    pub trusted_documents: TrustedDocuments,
    /// File with the trusted documents: `{"id": "document"}`, or a manifest as
    /// Apollo's tools write it.
    pub manifest_file: Option<PathBuf>,
    /// How often it is looked whether the manifest has changed.
    #[serde(deserialize_with = "duration")]
    pub manifest_check_every: Duration,
    /// Documents that are remembered, parsed and validated, at most.
    pub cached_documents_max: u64,
    /// Memory that they take at most, in bytes, estimated.
    pub cached_bytes_max: u64,
    /// Whether this is a subgraph of a federated graph: its router asks for
    /// `_service` and `_entities`.
    pub federation: bool,
}

impl Default for Graphql {
    fn default() -> Self {
        Self {
            introspection: None,
            batch_max: 0,
            persisted_queries: true,
            trusted_documents: TrustedDocuments::Off,
            manifest_file: None,
            manifest_check_every: Duration::from_secs(10),
            cached_documents_max: 2_000,
            cached_bytes_max: 64 * 1024 * 1024,
            federation: false,
        }
    }
}

/// What is done with documents that are not in the manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrustedDocuments {
    /// They run; there is no manifest.
    Off,
    /// They run, and are told in the log.
    Log,
    /// They are refused.
    Required,
}

/// Bounds on what one request may ask for. All of them hold before execution.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Lexical tokens of a document: names, values, punctuation.
    pub tokens_max: usize,
    /// Levels of fields in an operation.
    pub depth_max: usize,
    /// Fields of an operation that have another name in the answer, with
    /// fragments spelled out.
    pub aliases_max: usize,
    /// Fields at the root of an operation, with fragments spelled out.
    pub root_fields_max: usize,
    /// Directives in an operation, with fragments spelled out.
    pub directives_max: usize,
    /// Cost of an operation: 1 a field, multiplied by the size of the lists
    /// above it.
    pub complexity_max: usize,
    /// Fields selected in an operation, with fragments spelled out.
    pub selections_max: usize,
    /// Pages of lists that an operation may read, counted as often as the lists
    /// above them may have entries: each takes statements of its own.
    pub pages_max: usize,
    /// Size of the variables of an operation, written as JSON.
    pub variables_bytes_max: usize,
    /// Size of a request body.
    pub body_bytes_max: usize,
    /// Size of the body of a request with files. Above that of the largest
    /// picture, so that a larger one is answered by name.
    pub upload_bytes_max: usize,
    /// Size of all requests with files that are held in memory at a time, until
    /// they are answered. Whoever comes when it is used up is asked to come again.
    pub uploads_bytes_max: usize,
    /// Entries in a list of an input.
    pub list_items_max: usize,
    /// Time for a request.
    #[serde(deserialize_with = "duration")]
    pub request_timeout: Duration,
    /// How long a change waits for another change to the same thing (§24.2).
    #[serde(deserialize_with = "duration")]
    pub lock_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            tokens_max: 10_000,
            depth_max: 15,
            aliases_max: 100,
            root_fields_max: 50,
            directives_max: 50,
            complexity_max: 50_000,
            selections_max: 1_000,
            pages_max: 500,
            variables_bytes_max: 256 * 1024,
            body_bytes_max: 1024 * 1024,
            upload_bytes_max: 10 * 1024 * 1024,
            uploads_bytes_max: 160 * 1024 * 1024,
            list_items_max: 1_000,
            request_timeout: Duration::from_secs(30),
            lock_timeout: Duration::from_secs(10),
        }
    }
}
