//! Documents: parsed and validated once, kept while they are used, and found by
//! what a request says of them (their text, their hash, or their id in the
//! manifest).

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_graphql::{ServerError, ServerResult, parser::types::ExecutableDocument};
use moka::sync::Cache;
use sha2::{Digest, Sha256};

use super::{error::refusal, guard, manifest::Manifest, tokens};
use crate::{
    config::{Config, ConfigError, Graphql, TrustedDocuments},
    error::RequestCode,
    telemetry::account,
};

/// SHA-256 of the text of a document.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// The hash of a text.
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// Reads 64 hexadecimal digits.
    pub fn parse(digits: &str) -> Option<Self> {
        let mut hash = [0; 32];
        hex::decode_to_slice(digits, &mut hash).ok()?;
        Some(Self(hash))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

/// What a request says of its document.
#[derive(Debug)]
pub enum Source {
    /// The text.
    Text(String),
    /// The text, to be remembered under its hash.
    Registration(String, Hash),
    /// The hash of a text that was sent before, or is in the manifest.
    Hash(Hash),
    /// The id that the manifest gives it.
    Id(String),
}

/// A document that parses.
#[derive(Debug)]
pub struct Document {
    /// What it says.
    pub syntax: ExecutableDocument,
    hash: Hash,
    /// Lexical tokens.
    tokens: usize,
    /// Bytes of the text.
    length: usize,
    is_valid: AtomicBool,
}

impl Document {
    fn parse(text: &str, hash: Hash, tokens_max: usize) -> ServerResult<Self> {
        let tokens = tokens::count(text, tokens_max)?;
        let syntax = async_graphql::parser::parse_query(text).map_err(guard::unparsable)?;
        metrics::counter!("documents_parsed_total").increment(1);
        Ok(Self {
            syntax,
            hash,
            tokens,
            length: text.len(),
            is_valid: AtomicBool::new(false),
        })
    }

    /// The hash of its text.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// Memory that it takes, about: a node of the tree for each token.
    fn bytes(&self) -> u64 {
        const NODE_BYTES: usize = 256;
        (self.length + self.tokens * NODE_BYTES) as u64
    }
}

/// The document of a request, and where it is kept once it is known to be valid.
#[derive(Clone, Debug)]
pub struct Found {
    /// The document.
    pub document: Arc<Document>,
    kept: Cache<Hash, Arc<Document>>,
}

impl Found {
    /// Whether it was validated before. The schema stays the same as long as the
    /// process lives.
    pub fn is_valid(&self) -> bool {
        self.document.is_valid.load(Ordering::Relaxed)
    }

    /// Keeps it for the next request: it is valid. Others are never kept, lest
    /// nonsense drive out what is used.
    pub fn keep(&self) {
        if !self.document.is_valid.swap(true, Ordering::Relaxed) {
            self.kept.insert(self.document.hash, self.document.clone());
        }
    }
}

/// All documents that are known.
#[derive(Debug)]
pub struct Documents {
    kept: Cache<Hash, Arc<Document>>,
    manifest: Arc<Manifest>,
    settings: Graphql,
}

impl Documents {
    /// Reads the manifest, if there is one.
    ///
    /// # Errors
    /// A manifest that cannot be read.
    pub fn open(config: &Config) -> Result<Self, ConfigError> {
        let settings = config.graphql.clone();
        let most = settings.cached_bytes_max;
        // One measure bounds both: each counts as its share at least.
        let share = most
            .checked_div(settings.cached_documents_max)
            .unwrap_or(u64::MAX)
            .max(1);
        let weigh =
            move |_: &Hash, document: &Arc<Document>| u32::try_from(document.bytes().max(share)).unwrap_or(u32::MAX);
        Ok(Self {
            kept: Cache::builder().weigher(weigh).max_capacity(most).build(),
            manifest: Arc::new(Manifest::open(&settings)?),
            settings,
        })
    }

    /// The trusted documents.
    pub fn manifest(&self) -> &Arc<Manifest> {
        &self.manifest
    }

    /// The document of a request. `operation` is the name that it gives, for the
    /// log.
    ///
    /// # Errors
    /// `DOCUMENT_NOT_TRUSTED`, `PERSISTED_QUERY_NOT_FOUND`,
    /// `PERSISTED_QUERY_NOT_SUPPORTED`, `TOO_MANY_TOKENS`, `QUERY_TOO_DEEP`,
    /// `GRAPHQL_PARSE_FAILED`; `BAD_USER_INPUT` for a hash that is of another text.
    pub fn find(&self, source: Source, operation: Option<&str>, tokens_max: usize) -> ServerResult<Found> {
        let document = self.look_up(source, operation, tokens_max)?;
        if document.tokens > tokens_max {
            return Err(tokens::too_many(tokens_max));
        }
        Ok(Found {
            document,
            kept: self.kept.clone(),
        })
    }

    fn look_up(&self, source: Source, operation: Option<&str>, tokens_max: usize) -> ServerResult<Arc<Document>> {
        let (text, hash) = match source {
            Source::Text(text) => {
                let hash = Hash::of(&text);
                (text, hash)
            }
            Source::Registration(text, hash) => {
                if Hash::of(&text) != hash {
                    // As clients know it.
                    return Err(refusal(RequestCode::BadUserInput, "provided sha does not match query"));
                }
                (text, hash)
            }
            Source::Hash(hash) => {
                if let Some(trusted) = self.manifest.by_hash(hash) {
                    return self.parsed(&trusted, hash, tokens_max);
                }
                self.check_trust(Some(hash), operation)?;
                if !self.settings.persisted_queries {
                    let message = "PersistedQueryNotSupported";
                    return Err(refusal(RequestCode::PersistedQueryNotSupported, message));
                }
                return self.kept(hash).ok_or_else(not_found);
            }
            Source::Id(id) => {
                let Some((trusted, hash)) = self.manifest.by_id(&id) else {
                    self.check_trust(None, operation)?;
                    return Err(not_found());
                };
                return self.parsed(&trusted, hash, tokens_max);
            }
        };
        if self.manifest.by_hash(hash).is_none() {
            self.check_trust(Some(hash), operation)?;
        }
        self.parsed(&text, hash, tokens_max)
    }

    /// The document, if it is remembered.
    fn kept(&self, hash: Hash) -> Option<Arc<Document>> {
        let kept = self.kept.get(&hash);
        let result = if kept.is_some() { "hit" } else { "miss" };
        metrics::counter!("documents_sought_total", "result" => result).increment(1);
        kept
    }

    /// Publishes how many are remembered.
    pub fn measure(&self) {
        metrics::gauge!("documents_remembered").set(self.kept.entry_count() as f64);
    }

    fn parsed(&self, text: &str, hash: Hash, tokens_max: usize) -> ServerResult<Arc<Document>> {
        match self.kept(hash) {
            Some(document) => Ok(document),
            None => Document::parse(text, hash, tokens_max).map(Arc::new),
        }
    }

    /// What is not in the manifest is refused, or told in the log by its hash: the
    /// text may hold what is nobody's business.
    fn check_trust(&self, hash: Option<Hash>, operation: Option<&str>) -> ServerResult<()> {
        if self.settings.trusted_documents == TrustedDocuments::Off {
            return Ok(());
        }
        metrics::counter!("documents_untrusted_total").increment(1);
        if self.settings.trusted_documents == TrustedDocuments::Required {
            let message = "Only documents of the manifest are run here.";
            return Err(refusal(RequestCode::DocumentNotTrusted, message));
        }
        if let Some(hash) = hash {
            tracing::warn!(%hash, operation = operation.map(account::clean), "document is not trusted");
        }
        Ok(())
    }
}

/// The message is what clients look for, too.
fn not_found() -> ServerError {
    refusal(RequestCode::PersistedQueryNotFound, "PersistedQueryNotFound")
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use async_graphql::Variables;
    use futures_util::FutureExt;

    use super::*;
    use crate::graphql::{RosterSchema, measure};

    fn documents(most: u64, bytes: u64) -> Documents {
        let mut config = Config::default();
        config.graphql.cached_documents_max = most;
        config.graphql.cached_bytes_max = bytes;
        Documents::open(&config).unwrap()
    }

    fn keep(documents: &Documents, text: &str) {
        let found = documents.find(Source::Text(text.to_owned()), None, 1_000_000).unwrap();
        found.keep();
    }

    #[test]
    fn what_is_remembered_is_bounded_in_number_and_in_bytes() {
        let few = documents(10, 1_000_000);
        let small = documents(1_000_000, 100_000);
        for number in 0..100 {
            keep(&few, &format!("{{ a{number} }}"));
            keep(&small, &format!("{{ a{number} {} }}", "b ".repeat(number % 20)));
        }
        // More than all the room there is.
        keep(&small, &format!("{{ {} }}", "b ".repeat(1_000)));
        few.kept.run_pending_tasks();
        small.kept.run_pending_tasks();
        assert!((1..=10).contains(&few.kept.entry_count()), "{}", few.kept.entry_count());
        assert!((1..=100_000).contains(&small.kept.weighted_size()));
        assert!(small.kept.iter().all(|(_, document)| document.bytes() <= 100_000));
    }

    #[test]
    fn what_is_not_known_to_be_valid_is_not_remembered() {
        let documents = documents(10, 1_000_000);
        let text = || Source::Text("{ a }".to_owned());
        let first = documents.find(text(), None, 100).unwrap();
        assert!(!documents.find(text(), None, 100).unwrap().is_valid());
        first.keep();
        assert!(documents.find(text(), None, 100).unwrap().is_valid());
        // A lower limit holds for what is remembered, too.
        assert!(documents.find(text(), None, 2).is_err());
    }

    #[test]
    fn a_hash_is_64_hexadecimal_digits() {
        let hash = Hash::of("{ a }");
        assert_eq!(Hash::parse(&hash.to_string()), Some(hash));
        assert_eq!(Hash::parse(&hash.to_string().to_uppercase()), Some(hash));
        for text in [
            "",
            "x",
            &"+1".repeat(32),
            &"g".repeat(64),
            &"é".repeat(32),
            &"0".repeat(65),
        ] {
            assert_eq!(Hash::parse(text), None, "{text}");
        }
    }

    #[test]
    fn fuzz_documents() {
        const PIECES: &[&str] = &[
            "{",
            "}",
            "(",
            ")",
            "[",
            "]",
            "!",
            ":",
            "=",
            "$",
            "@",
            "...",
            "on ",
            "query ",
            "mutation ",
            "subscription ",
            "fragment ",
            "viewer ",
            "user ",
            "organization",
            "(slug: \"a\")",
            "members",
            "(first: 2)",
            "nodes ",
            "edges ",
            "node",
            "nodes",
            "(ids: [\"a\"])",
            "(id: $a)",
            "id ",
            "name ",
            "__schema ",
            "__typename ",
            "types ",
            "fields ",
            "F ",
            "G ",
            "F on Query {",
            "G on Organization {",
            "...F ",
            "...G ",
            "($a: ID!)",
            "($a: [[Int]!] = [[1]])",
            "a: ",
            "@skip(if: true) ",
            "@include(if: $a) ",
            "saveOrgOptions(input: {",
            "organizationId: $a ",
            "payload",
            "organizationEvents(organizationId: $a)",
            "\"",
            "\"\"\"",
            "\\u{110000}",
            "\\ud83d",
            "#",
            "\n",
            "1",
            "-",
            "1e999",
            "99999999999999999999",
            ".",
            "null",
            "true",
            "\u{feff}",
            ",",
            "&",
            "|",
            "\0",
        ];
        static DOCUMENTS: LazyLock<Documents> = LazyLock::new(|| documents(100, 1_000_000));
        static SCHEMA: LazyLock<RosterSchema> = LazyLock::new(|| RosterSchema::new(&Config::default()));
        let config = Config::default();
        bolero::check!()
            .with_type::<(Vec<u8>, Vec<u8>)>()
            .for_each(|(bytes, value)| {
                let text = crate::fuzz::text(bytes, PIECES);
                let Ok(found) = DOCUMENTS.find(Source::Text(text.clone()), None, config.limits.tokens_max) else {
                    return;
                };
                let value = serde_json::from_slice(value).unwrap_or_else(|_| serde_json::json!([{ "b": value }]));
                let variables = Variables::from_json(serde_json::json!({ "a": value }));
                if measure::check(&found.document.syntax, &variables, &config).is_err() {
                    return;
                }
                let ready = |found: &Found| SCHEMA.ready(found, None, &variables).now_or_never();
                let Ok(syntax) = ready(&found).expect("nothing is waited for") else {
                    return;
                };
                // What runs stays as it is.
                let merged = Document {
                    syntax,
                    is_valid: AtomicBool::new(true),
                    ..Document::parse("{ a }", Hash::of(&text), 100).unwrap()
                };
                let merged = Found {
                    document: Arc::new(merged),
                    kept: found.kept.clone(),
                };
                let again = ready(&merged).expect("nothing is waited for");
                let again = again.unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
                assert_eq!(format!("{again:?}"), format!("{:?}", merged.document.syntax), "{text}");
            });
    }
}
