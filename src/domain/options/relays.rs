//! Trusted relays (spec §16.5): the list of an organization, and what saving
//! another list makes of it.

use std::collections::{HashMap, HashSet};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    domain::text,
    error::{Code, Refusal},
};

/// Longest name and description, in characters.
const NAME_LENGTH_MAX: usize = 200;
const DESCRIPTION_LENGTH_MAX: usize = 2_000;

/// A relay that may send events for an organization, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TrustedRelay {
    /// 32 bytes in URL-safe base64 without padding.
    pub public_key: String,
    /// Shown name.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// When the key was first in the list, ISO 8601 with offset.
    #[serde(default)]
    pub created: String,
    /// When name or description last changed, ISO 8601 with offset.
    #[serde(default)]
    pub last_modified: String,
}

impl From<TrustedRelay> for Value {
    fn from(relay: TrustedRelay) -> Self {
        serde_json::json!({
            "public_key": relay.public_key,
            "name": relay.name,
            "description": relay.description,
            "created": relay.created,
            "last_modified": relay.last_modified,
        })
    }
}

/// An entry of the list that somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WantedRelay {
    public_key: String,
    name: String,
    description: Option<String>,
}

/// The stored list; entries that cannot be read are left out.
pub(super) fn read(stored: &Value) -> Vec<TrustedRelay> {
    let entries = stored.as_array().map_or(&[][..], Vec::as_slice);
    entries
        .iter()
        .filter_map(|entry| TrustedRelay::deserialize(entry).ok())
        .collect()
}

/// The list that `given` asks for; `field` is the input field to blame.
///
/// # Errors
/// `RELAY_INVALID` for the first entry that is none, else
/// `RELAY_DUPLICATE_KEY` for the first key that comes again.
pub(super) fn check(field: &str, given: &[Value]) -> Result<Vec<WantedRelay>, Refusal> {
    let mut relays = Vec::with_capacity(given.len());
    for (index, entry) in given.iter().enumerate() {
        let relay = check_entry(entry).map_err(|(key, why)| {
            let path = [field, &index.to_string(), key];
            Code::RelayInvalid
                .at(path.into_iter().filter(|step| !step.is_empty()))
                .saying(why)
        })?;
        relays.push(relay);
    }
    let mut seen = HashSet::new();
    for (index, relay) in relays.iter().enumerate() {
        if !seen.insert(relay.public_key.as_str()) {
            let message = format!("Two relays have the public key {}.", relay.public_key);
            return Err(Code::RelayDuplicateKey
                .at([field, &index.to_string(), "publicKey"])
                .saying(message));
        }
    }
    Ok(relays)
}

/// The entry, or which of its fields is wrong and why.
fn check_entry(entry: &Value) -> Result<WantedRelay, (&'static str, &'static str)> {
    let entry = entry.as_object().ok_or(("", "A relay is an object."))?;
    let text = |key: &str| entry.get(key).and_then(Value::as_str);

    let public_key = text("publicKey").unwrap_or_default();
    if !is_public_key(public_key) {
        return Err((
            "publicKey",
            "A relay's public key is 32 bytes in URL-safe base64 without padding: 43 characters.",
        ));
    }
    let name = text("name").unwrap_or_default().trim();
    if name.is_empty() || name.chars().count() > NAME_LENGTH_MAX || !text::is_storable(name) {
        return Err(("name", "A relay's name has 1 to 200 characters and is not blank."));
    }
    let description = match entry.get("description") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.chars().count() <= DESCRIPTION_LENGTH_MAX && text::is_storable(text) => {
            Some(text.clone())
        }
        Some(_) => return Err(("description", "A relay's description has at most 2,000 characters.")),
    };
    Ok(WantedRelay {
        public_key: public_key.to_owned(),
        name: name.to_owned(),
        description,
    })
}

/// Only the one canonical spelling of a key is a key.
fn is_public_key(text: &str) -> bool {
    text.len() == 43 && URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

/// The list to store, in the wanted order; `None` when only the order differs
/// and so nothing is written.
pub(super) fn merge(
    stored: &[TrustedRelay],
    wanted: Vec<WantedRelay>,
    now: DateTime<Utc>,
) -> Option<Vec<TrustedRelay>> {
    let now = now.to_rfc3339();
    let known: HashMap<_, _> = stored.iter().map(|relay| (relay.public_key.as_str(), relay)).collect();
    // Catches what was only left out.
    let mut is_modified = wanted.len() != stored.len();
    let merged = wanted
        .into_iter()
        .map(|relay| {
            let before = known.get(relay.public_key.as_str());
            let is_same =
                before.is_some_and(|known| (&known.name, &known.description) == (&relay.name, &relay.description));
            is_modified |= !is_same;
            TrustedRelay {
                public_key: relay.public_key,
                name: relay.name,
                description: relay.description,
                created: before.map_or_else(|| now.clone(), |known| known.created.clone()),
                last_modified: before
                    .filter(|_| is_same)
                    .map_or_else(|| now.clone(), |known| known.last_modified.clone()),
            }
        })
        .collect();
    is_modified.then_some(merged)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    fn wanted(key: &str, name: &str, description: Option<&str>) -> WantedRelay {
        WantedRelay {
            public_key: key.into(),
            name: name.into(),
            description: description.map(Into::into),
        }
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn a_key_has_32_bytes_and_one_spelling() {
        assert!(is_public_key(KEY));
        let padded = format!("{KEY}=");
        // The last character carries two bits that must be zero.
        let other_spelling = format!("{}9", &KEY[..42]);
        for bad in [
            "",
            &KEY[1..],
            padded.as_str(),
            &KEY.replace('A', "+"),
            &KEY.replace('A', "é"),
            &other_spelling,
        ] {
            assert!(!is_public_key(bad), "{bad}");
        }
    }

    #[test]
    fn the_first_bad_entry_is_blamed_before_any_duplicate() {
        let good = json!({ "publicKey": KEY, "name": " a " });
        let refusal = |list: &[Value]| {
            check("relays", list)
                .map_err(|refusal| (refusal.code, refusal.path))
                .unwrap_err()
        };
        let path = |steps: &[&str]| steps.iter().map(|step| (*step).to_owned()).collect::<Vec<_>>();

        assert_eq!(
            check("relays", std::slice::from_ref(&good)).unwrap(),
            [wanted(KEY, "a", None)]
        );
        assert_eq!(refusal(&[json!("x")]), (Code::RelayInvalid, path(&["relays", "0"])));
        assert_eq!(
            refusal(&[good.clone(), good.clone(), json!({ "publicKey": KEY, "name": " " })]),
            (Code::RelayInvalid, path(&["relays", "2", "name"]))
        );
        assert_eq!(
            refusal(&[good.clone(), good]),
            (Code::RelayDuplicateKey, path(&["relays", "1", "publicKey"]))
        );
    }

    #[test]
    fn merging_keeps_what_stays_and_stamps_what_changes() {
        let first = merge(&[], vec![wanted("a", "A", None), wanted("b", "B", None)], at(0)).unwrap();
        assert_eq!(first[0].created, "1970-01-01T00:00:00+00:00");

        assert_eq!(merge(&[], Vec::new(), at(9)), None);
        assert_eq!(
            merge(&first, vec![wanted("b", "B", None), wanted("a", "A", None)], at(9)),
            None
        );

        let renamed = merge(
            &first,
            vec![wanted("b", "B", Some("new")), wanted("a", "A", None)],
            at(9),
        )
        .unwrap();
        assert_eq!(renamed[0].created, first[1].created);
        assert_eq!(renamed[0].last_modified, at(9).to_rfc3339());
        assert_eq!(renamed[1], first[0]);

        let removed = merge(&first, vec![wanted("b", "B", None)], at(9)).unwrap();
        assert_eq!(removed, first[1..]);
        let again = merge(&removed, vec![wanted("a", "A", None), wanted("b", "B", None)], at(20)).unwrap();
        assert_eq!(again[0].created, at(20).to_rfc3339());
    }
}
