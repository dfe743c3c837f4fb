//! The manifest: the documents that a deployment's own clients send, as their
//! build has written them down.

use std::{
    collections::HashMap,
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::{documents::Hash, tokens};
use crate::config::{ConfigError, Graphql, TrustedDocuments};

/// The trusted documents, as the file had them last.
#[derive(Debug)]
pub struct Manifest {
    file: Option<PathBuf>,
    check_every: Duration,
    content: RwLock<Arc<Content>>,
}

/// What a file holds.
#[derive(Debug, Default)]
struct Content {
    /// Of the file; says whether it has changed.
    hash: Option<Hash>,
    ids: HashMap<String, Hash>,
    texts: HashMap<Hash, Arc<str>>,
}

/// Why a file cannot be used.
#[derive(Debug, PartialEq, Eq)]
struct Mistake {
    why: String,
    /// Of the file, if it can be read.
    hash: Option<Hash>,
}

/// The two forms of a manifest.
#[derive(Deserialize)]
#[serde(untagged)]
enum File {
    Apollo(Apollo),
    Flat(Pairs),
}

/// Ids with their documents, also where an id is there twice.
struct Pairs(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Pairs;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a map of texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// As `@apollo/generate-persisted-query-manifest` writes it.
#[derive(Deserialize)]
struct Apollo {
    format: String,
    version: u32,
    operations: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    body: String,
}

impl Manifest {
    /// Reads the file, if there is one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn open(settings: &Graphql) -> Result<Self, ConfigError> {
        let is_used = settings.trusted_documents != TrustedDocuments::Off;
        let manifest = Self {
            file: settings.manifest_file.clone().filter(|_| is_used),
            check_every: settings.manifest_check_every,
            content: RwLock::default(),
        };
        manifest.reload()?;
        Ok(manifest)
    }

    /// Reads the file anew, if it has changed; says whether it had. What cannot be
    /// used changes nothing.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn reload(&self) -> Result<bool, ConfigError> {
        self.look().map_err(|Mistake { why, .. }| {
            let file = self.file.as_deref().unwrap_or(Path::new(""));
            ConfigError::new(format!("graphql.manifest_file: {}: {why}", file.display()))
        })
    }

    fn look(&self) -> Result<bool, Mistake> {
        let Some(file) = &self.file else { return Ok(false) };
        let text = std::fs::read_to_string(file).map_err(|error| Mistake {
            why: error.to_string(),
            hash: None,
        })?;
        let hash = Some(Hash::of(&text));
        if self.content().hash == hash {
            return Ok(false);
        }
        let content = Content::read(&text).map_err(|why| Mistake { why, hash })?;
        let documents = content.ids.len();
        *self.content.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Content { hash, ..content });
        metrics::gauge!("documents_trusted").set(u32::try_from(documents).unwrap_or(u32::MAX));
        tracing::info!(documents, "trusted documents read");
        Ok(true)
    }

    /// Follows the file, until `shutdown`. A file that cannot be used is told, and
    /// what was known stays.
    pub async fn follow(self: Arc<Self>, shutdown: CancellationToken) {
        if self.file.is_none() {
            return;
        }
        let mut looks = interval(self.check_every);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut told = None;
        while shutdown.run_until_cancelled(looks.tick()).await.is_some() {
            let manifest = self.clone();
            let mistake = match tokio::task::spawn_blocking(move || manifest.look()).await {
                Ok(looked) => looked.err(),
                Err(panic) => Some(Mistake {
                    why: panic.to_string(),
                    hash: None,
                }),
            };
            // The same mistake is told once.
            if let Some(Mistake { why, .. }) = mistake.as_ref().filter(|mistake| told.as_ref() != Some(*mistake)) {
                metrics::counter!("documents_reload_failures_total").increment(1);
                tracing::error!(why, "the manifest cannot be used; the documents of the last one stay");
            }
            told = mistake;
        }
    }

    /// The text of the document with this hash.
    pub fn by_hash(&self, hash: Hash) -> Option<Arc<str>> {
        self.content().texts.get(&hash).cloned()
    }

    /// The document with this id. `sha256:` and a hash are an id, too.
    pub fn by_id(&self, id: &str) -> Option<(Arc<str>, Hash)> {
        let content = self.content();
        let hash = match content.ids.get(id) {
            Some(hash) => *hash,
            None => Hash::parse(id.strip_prefix("sha256:")?)?,
        };
        Some((content.texts.get(&hash).cloned()?, hash))
    }

    fn content(&self) -> Arc<Content> {
        self.content.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Content {
    fn read(text: &str) -> Result<Self, String> {
        let file = serde_json::from_str(text).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => "neither a map of texts nor a persisted query manifest".to_owned(),
            _ => error.to_string(),
        })?;
        let entries: Vec<(String, String)> = match file {
            File::Flat(Pairs(documents)) => documents,
            File::Apollo(Apollo { format, version, .. })
                if format != "apollo-persisted-query-manifest" || version != 1 =>
            {
                return Err(format!("version {version} of the format {format} is not known"));
            }
            File::Apollo(manifest) => {
                let entries = manifest.operations.into_iter();
                entries.map(|entry| (entry.id, entry.body)).collect()
            }
        };
        let mut content = Self::default();
        for (id, text) in entries {
            let readable =
                tokens::count(&text, usize::MAX).is_ok() && async_graphql::parser::parse_query(&text).is_ok();
            if id.is_empty() || !readable {
                return Err(format!("the document `{id}` cannot be used"));
            }
            let hash = Hash::of(&text);
            if content.ids.insert(id.clone(), hash).is_some_and(|other| other != hash) {
                return Err(format!("two documents have the id `{id}`"));
            }
            content.texts.insert(hash, text.into());
        }
        Ok(content)
    }
}
