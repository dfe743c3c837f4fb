//! Types of options: what a value may be, how it is stored, how it is shown.

use serde_json::{Map, Value};

use super::selector;
use crate::{
    app::App,
    domain::text,
    error::{Code, Refusal},
};

/// Largest and deepest scrubbing configuration.
const PII_CONFIG_BYTES_MAX: usize = 64 * 1024;
const PII_CONFIG_DEPTH_MAX: usize = 32;

/// Stored form of a [`Kind::Switch`].
const ENABLED: &str = "enabled";
const DISABLED: &str = "disabled";

/// The type of an option. Values travel as JSON in two forms: as given and
/// shown in the API, and as stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// True or false.
    Bool,
    /// True or false, stored as `enabled` or `disabled`.
    Switch,
    /// A whole number within bounds.
    Int {
        /// Smallest value.
        min: i32,
        /// Largest value.
        max: i32,
    },
    /// A number within bounds.
    Float {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
    },
    /// One of a few words.
    Word(&'static [&'static str]),
    /// The id of an org role.
    Role,
    /// A list of texts that are not blank.
    Texts {
        /// Characters in all entries together.
        characters_max: usize,
    },
    /// A list of field selectors.
    Selectors {
        /// Characters in all entries together.
        characters_max: usize,
    },
    /// A scrubbing configuration: a JSON object, stored as its text.
    PiiConfig,
    /// The list of trusted relays, whose saving is its own (§16.5).
    Relays,
}

impl Kind {
    /// What is stored for `given`, which came for the input field `field`.
    ///
    /// # Errors
    /// `INVALID_ROLE`, else `VALIDATION_FAILED`.
    pub(super) fn check(self, app: &App, field: &str, given: &Value) -> Result<Value, Refusal> {
        let invalid = || Code::ValidationFailed.at([field]);
        match (self, given) {
            (Self::Bool, Value::Bool(_)) => Ok(given.clone()),
            (Self::Switch, Value::Bool(is_on)) => Ok(if *is_on { ENABLED } else { DISABLED }.into()),
            (Self::Int { min, max }, _) => {
                let number = given
                    .as_i64()
                    .filter(|number| (i64::from(min)..=i64::from(max)).contains(number));
                number
                    .map(Value::from)
                    .ok_or_else(|| invalid().saying(format!("Give a number {}.", span(min, max))))
            }
            (Self::Float { min, max }, _) => {
                let number = given.as_f64().filter(|number| (min..=max).contains(number));
                // Adding zero turns -0 into 0.
                let number = number.map(|number| Value::from(number + 0.0));
                number.ok_or_else(|| invalid().saying(format!("Give a number from {min} to {max}.")))
            }
            (Self::Word(words), Value::String(word)) if words.contains(&word.as_str()) => Ok(given.clone()),
            (Self::Word(words), _) => Err(invalid().saying(format!("Give one of: {}.", words.join(", ")))),
            (Self::Role, Value::String(id)) if app.roles.find(id).is_some() => Ok(given.clone()),
            (Self::Role, _) => Err(Code::InvalidRole.at([field])),
            (Self::Texts { characters_max } | Self::Selectors { characters_max }, Value::Array(entries)) => {
                check_list(self, app, field, entries, characters_max)
            }
            (Self::Texts { .. } | Self::Selectors { .. }, _) => Err(invalid().saying("Give a list of texts.")),
            (Self::PiiConfig, _) => pii_config(given).map_err(|why| invalid().saying(why)),
            _ => Err(invalid()),
        }
    }

    /// The stored value as it is meant, or `None` if it cannot be one of this
    /// type. Null stays null: it was cleared.
    pub(super) fn read(self, stored: &Value) -> Option<Value> {
        match (self, stored) {
            (_, Value::Null) => Some(Value::Null),
            (Self::Bool, Value::Bool(_)) | (Self::Switch | Self::Word(_) | Self::Role, Value::String(_)) => {
                Some(stored.clone())
            }
            (Self::Int { .. }, _) => i32::try_from(stored.as_i64()?).ok().map(Value::from),
            (Self::Float { .. }, _) => stored.as_f64().map(Value::from),
            (Self::Texts { .. } | Self::Selectors { .. }, Value::Array(entries)) => {
                entries.iter().all(Value::is_string).then(|| stored.clone())
            }
            (Self::PiiConfig, Value::Object(_)) => Some(stored.to_string().into()),
            (Self::PiiConfig, Value::String(text)) => {
                let config: Value = serde_json::from_str(text).ok()?;
                config.is_object().then(|| config.to_string().into())
            }
            (Self::Relays, Value::Array(_)) => Some(stored.clone()),
            _ => None,
        }
    }

    /// A stored value as it is shown in the API.
    pub(super) fn show(self, stored: Value) -> Value {
        match (self, &stored) {
            (Self::Switch, Value::String(word)) => Value::Bool(word == ENABLED),
            (Self::Texts { .. } | Self::Selectors { .. } | Self::Relays, Value::Null) => Value::Array(Vec::new()),
            (Self::PiiConfig, Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
            _ => stored,
        }
    }

    /// The bounds in words, for the documentation; empty where there are none.
    pub(super) fn bounds(self) -> String {
        match self {
            Self::Int { min, max } => format!("A number {}.", span(min, max)),
            Self::Float { min, max } => format!("A number from {min} to {max}."),
            Self::Word(words) => format!("One of {}.", words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")),
            Self::Role => "The id of an org role.".into(),
            Self::Texts { characters_max } => {
                format!("No blank entries; at most {characters_max} characters in all entries together.")
            }
            Self::Selectors { characters_max } => format!(
                "Each entry is a selector: names of letters, digits and `_ $ * . -`, combined with `&&`, `||`, `!` and \
                 parentheses, such as `$string && !request.cookies.**`; at most {characters_max} characters in all \
                 entries together."
            ),
            Self::PiiConfig => {
                "A JSON object, or its text, of at most 64 KiB, in which `rules` is an object and `applications` an object \
                 of lists of texts."
                    .into()
            }
            Self::Relays => {
                "The whole list in the order wanted: relays that it leaves out are removed, those that it repeats \
                 unchanged keep their times. No two have the same key."
                    .into()
            }
            Self::Bool | Self::Switch => String::new(),
        }
    }
}

/// A value in words, for the audit log (§16.6).
pub(super) fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn span(min: i32, max: i32) -> String {
    if max == i32::MAX {
        format!("of at least {min}")
    } else {
        format!("from {min} to {max}")
    }
}

fn check_list(kind: Kind, app: &App, field: &str, entries: &[Value], characters_max: usize) -> Result<Value, Refusal> {
    text::bounded(&app.config, entries.len(), field)?;
    let mut characters = 0;
    for (index, entry) in entries.iter().enumerate() {
        let at = || Code::ValidationFailed.at([field, &index.to_string()]);
        let line = index + 1;
        let Some(text) = entry
            .as_str()
            .filter(|text| !text.trim().is_empty() && text::is_storable(text))
        else {
            return Err(at().saying(format!("Line {line}: give a text that is not blank.")));
        };
        if matches!(kind, Kind::Selectors { .. }) && !selector::is_valid(text) {
            return Err(at().saying(format!("Line {line}: this is not a field selector.")));
        }
        characters += text.chars().count();
    }
    if characters > characters_max {
        let message = format!("All entries together have at most {characters_max} characters.");
        return Err(Code::ValidationFailed.at([field]).saying(message));
    }
    Ok(Value::Array(entries.to_vec()))
}

/// The text of a scrubbing configuration; null for the empty text.
fn pii_config(given: &Value) -> Result<Value, &'static str> {
    let parsed;
    let config = match given {
        Value::String(text) if text.is_empty() => return Ok(Value::Null),
        Value::String(text) if text.len() > PII_CONFIG_BYTES_MAX => return Err("The configuration is too large."),
        Value::String(text) => {
            parsed = serde_json::from_str(text).map_err(|_| "The configuration is not valid JSON.")?;
            &parsed
        }
        other => other,
    };
    let object = config.as_object().ok_or("The configuration must be a JSON object.")?;
    if depth(config) > PII_CONFIG_DEPTH_MAX {
        return Err("The configuration is nested too deeply.");
    }
    if has_nul(config) {
        return Err("The configuration must not hold NUL characters.");
    }
    if object.get("rules").is_some_and(|rules| !rules.is_object()) {
        return Err("`rules` must be an object.");
    }
    if object
        .get("applications")
        .is_some_and(|applications| !applications.as_object().is_some_and(are_text_lists))
    {
        return Err("`applications` must be an object of lists of texts.");
    }
    let text = config.to_string();
    if text.len() > PII_CONFIG_BYTES_MAX {
        return Err("The configuration is too large.");
    }
    Ok(text.into())
}

fn are_text_lists(applications: &Map<String, Value>) -> bool {
    applications
        .values()
        .all(|list| list.as_array().is_some_and(|list| list.iter().all(Value::is_string)))
}

/// Levels of lists and objects. Whatever parsed this has bounded them already,
/// far below what recursion could not bear.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
        Value::Object(object) => 1 + object.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// PostgreSQL can keep NUL neither in text nor in JSON.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => !text::is_storable(text),
        Value::Array(list) => list.iter().any(has_nul),
        Value::Object(object) => object
            .iter()
            .any(|(key, value)| !text::is_storable(key) || has_nul(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_of_changes_are_bare() {
        for (value, expected) in [
            (json!(true), "true"),
            (json!(100), "100"),
            (json!(1.0), "1.0"),
            (json!(0.25), "0.25"),
            (json!("project"), "project"),
            (json!(["a", "b c"]), r#"["a","b c"]"#),
            (json!({ "a": null }), r#"{"a":null}"#),
            (Value::Null, "null"),
        ] {
            assert_eq!(in_words(&value), expected);
        }
    }

    #[test]
    fn a_scrubbing_configuration_is_an_object_or_its_text() {
        for good in [
            json!({}),
            json!("{}"),
            json!({ "rules": {} }),
            json!(r#" {"applications": {"a": ["b"]}} "#),
        ] {
            assert!(pii_config(&good).unwrap().is_string(), "{good}");
        }
        assert_eq!(pii_config(&json!("")), Ok(Value::Null));
        let deep = |levels: usize| json!(format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels)));
        assert!(pii_config(&deep(31)).is_ok());
        let nested = [deep(32), deep(100_000)];
        for bad in nested.into_iter().chain([
            json!([]),
            json!(1),
            json!("null"),
            json!(" "),
            json!("{"),
            json!({ "rules": [] }),
            json!({ "rules": null }),
            json!({ "applications": { "a": "b" } }),
            json!({ "applications": { "a": [1] } }),
            json!({ "a": [{ "b": "\0" }] }),
            json!({ "\0": 1 }),
            json!({ "a": "x".repeat(PII_CONFIG_BYTES_MAX) }),
        ]) {
            assert!(pii_config(&bad).is_err(), "{bad:.80}");
        }
    }

    #[test]
    fn what_is_stored_is_shown_as_it_was_given() {
        assert_eq!(Kind::Switch.show(json!("enabled")), json!(true));
        assert_eq!(Kind::Texts { characters_max: 1 }.show(Value::Null), json!([]));
        assert_eq!(Kind::PiiConfig.show(json!(r#"{"rules":{}}"#)), json!({ "rules": {} }));
        assert_eq!(
            Kind::PiiConfig.read(&json!({ "b": 1, "a": 2 })),
            Kind::PiiConfig.read(&json!(r#"{"a": 2, "b": 1}"#))
        );
        assert_eq!(Kind::Int { min: 0, max: 1 }.read(&json!("1")), None);
        assert_eq!(Kind::Float { min: 0.0, max: 1.0 }.read(&json!(1)), Some(json!(1.0)));
    }
}
