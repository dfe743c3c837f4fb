//! Reading the configuration again: what then counts, what has to wait for the
//! next start.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::PathBuf,
};

use figment::{
    Figment,
    providers::Serialized,
    value::{Dict, Value},
};

use super::{Config, ConfigError, Overrides, environment::explain};

/// What counts from the moment it is read: a name, or the beginning of names.
/// Everything else is looked at once, at start.
const LIVE: &[&str] = &[
    "auth",
    "console",
    "features",
    "invites",
    "limits",
    "log.slow_operation",
    "mail",
    "organizations",
    "product_name",
    "rate_limits",
    "slugs",
    "subscriptions",
    "trusted_proxies",
    "webhooks",
];

/// Of those, what was given to others at start.
const FIXED: &[&str] = &[
    "auth.cookie",
    "invites.cleanup_every",
    "limits.lock_timeout",
    "limits.uploads_bytes_max",
    "mail.concurrency",
    "mail.folder",
    "mail.transport",
    "webhooks.concurrency",
];

/// Where a setting stands: `["invites", "secret"]`.
type Path = Vec<String>;

/// Settings that were given, by where they stand.
type Given = BTreeMap<Path, Value>;

/// Where the settings come from, so that they can be read again.
pub struct Source {
    file: Option<PathBuf>,
    overrides: Overrides,
    /// What counts of what was given.
    given: Given,
}

/// Secrets stay out of logs.
impl fmt::Debug for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Source")
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

/// What came of reading the configuration again.
#[derive(Debug)]
pub struct Reloaded {
    /// The configuration that counts now.
    pub config: Config,
    /// Names of the settings that have changed.
    pub changed: BTreeSet<String>,
    /// Names of those that have changed too, and do not count before the next start.
    pub kept: BTreeSet<String>,
}

impl Reloaded {
    /// Whether a setting of this part has changed.
    pub fn has_changed(&self, part: &str) -> bool {
        self.changed.iter().any(|name| is_in(name, part))
    }
}

impl Source {
    /// Defaults, then the file, then `ROSTER_…` variables, then flags; the
    /// later wins. Without a `file`, `roster.toml` is read if it is there.
    ///
    /// # Errors
    /// A file that is missing or malformed, an unknown name (the nearest known
    /// one is suggested), a value of the wrong type.
    pub fn read(file: Option<PathBuf>, overrides: Overrides) -> Result<(Self, Config), ConfigError> {
        let figment = Config::figment(file.as_deref(), &overrides)?;
        let (given, config) = (given(&figment)?, extract(&figment)?);
        Ok((Self { file, overrides, given }, config))
    }

    /// Reads it again. What cannot change while the service runs stays as it is in
    /// `running`, and nothing changes if anything is wrong.
    ///
    /// # Errors
    /// Those of [`Source::read`] and [`Config::check`].
    pub fn read_again(&self, running: &Config) -> Result<(Self, Reloaded), ConfigError> {
        let figment = Config::figment(self.file.as_deref(), &self.overrides)?;
        // All of it has to be good: it is what the next start will find.
        extract(&figment)?.check()?;
        let new = given(&figment)?;
        let paths: BTreeSet<&Path> = self.given.keys().chain(new.keys()).collect();
        let differs = |path: &&Path| self.given.get(*path) != new.get(*path);
        let names = |live: bool| {
            let names = paths.iter().copied().filter(differs).map(|path| path.join("."));
            names.filter(|name| is_live(name) == live).collect()
        };
        let (changed, kept) = (names(true), names(false));
        let counts = |path: &Path, is_new: bool| is_live(&path.join(".")) == is_new;
        let old = self.given.iter().filter(|(path, _)| counts(path, false));
        let merged = old.chain(new.iter().filter(|(path, _)| counts(path, true)));
        let given: Given = merged.map(|(path, value)| (path.clone(), value.clone())).collect();

        let mut config = extract(&Figment::from(Serialized::defaults(tree(&given))))?;
        config.listen = running.listen;
        config.secure()?;
        let source = Self {
            file: self.file.clone(),
            overrides: self.overrides.clone(),
            given,
        };
        Ok((source, Reloaded { config, changed, kept }))
    }
}

fn extract(figment: &Figment) -> Result<Config, ConfigError> {
    figment.extract().map_err(|error| ConfigError::new(explain(error)))
}

fn is_in(name: &str, part: &str) -> bool {
    let rest = name.strip_prefix(part);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn is_live(name: &str) -> bool {
    let is_among = |parts: &[&str]| parts.iter().any(|part| is_in(name, part));
    is_among(LIVE) && !is_among(FIXED)
}

/// The settings as they were given; lists are values.
fn given(figment: &Figment) -> Result<Given, ConfigError> {
    let root: Dict = figment.extract().map_err(|error| ConfigError::new(explain(error)))?;
    let mut given = Given::new();
    flatten(&mut Path::new(), root, &mut given);
    Ok(given)
}

fn flatten(path: &mut Path, table: Dict, given: &mut Given) {
    for (name, value) in table {
        path.push(name);
        match value {
            Value::Dict(_, inner) if !inner.is_empty() => flatten(path, inner, given),
            value => {
                given.insert(path.clone(), value);
            }
        }
        path.pop();
    }
}

fn tree(given: &Given) -> Dict {
    let mut root = Dict::new();
    for (path, value) in given {
        insert(&mut root, path, value.clone());
    }
    root
}

fn insert(table: &mut Dict, path: &[String], value: Value) {
    match path {
        [] => {}
        [name] => {
            table.insert(name.clone(), value);
        }
        [name, rest @ ..] => {
            let inner = table.entry(name.clone()).or_insert_with(|| Value::from(Dict::new()));
            if let Value::Dict(_, inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> (tempfile::TempDir, Source, Config) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("roster.toml");
        std::fs::write(&file, text).unwrap();
        let (source, config) = Source::read(Some(file), Vec::new()).unwrap();
        (folder, source, config)
    }

    #[test]
    fn what_may_change_does_and_the_rest_is_named() {
        let start = "data_dir = \"/nowhere\"\ninvites.secret = [\"one\"]\nauth.hs256_secret = \"a\"\n\
                     webhooks.secret = \"w\"\n[limits]\ndepth_max = 9\n[jobs]\nconcurrency = 2\n";
        let (folder, source, running) = source(start);
        let file = folder.path().join("roster.toml");
        std::fs::write(
            &file,
            start
                .replace("one", "two")
                .replace("depth_max = 9", "body_bytes_max = 7")
                .replace("concurrency = 2", "concurrency = 3"),
        )
        .unwrap();

        let (source, reloaded) = source.read_again(&running).unwrap();

        let names = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(" ");
        assert_eq!(
            names(&reloaded.changed),
            "invites.secret limits.body_bytes_max limits.depth_max"
        );
        assert_eq!(names(&reloaded.kept), "jobs.concurrency");
        assert_eq!(
            (reloaded.config.limits.depth_max, reloaded.config.limits.body_bytes_max),
            (15, 7)
        );
        assert_eq!(reloaded.config.jobs.concurrency, 2);
        assert!(reloaded.has_changed("limits") && !reloaded.has_changed("lim") && !reloaded.has_changed("mail"));

        // The next time only what is new since then, and what still waits.
        let (_, again) = source.read_again(&reloaded.config).unwrap();
        assert_eq!(
            (names(&again.changed), names(&again.kept)),
            (String::new(), "jobs.concurrency".into())
        );
        std::fs::write(&file, "limits.depht_max = 3").unwrap();
        assert!(
            source
                .read_again(&running)
                .unwrap_err()
                .to_string()
                .contains("depth_max")
        );
    }
}
