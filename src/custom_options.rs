//! Options that a deployment declares of its own: settings of an organization
//! about which only the product knows that Roster stands beside.

use std::{collections::BTreeMap, sync::Arc};

use regex::Regex;
use serde_json::Value;

use crate::{
    config::{ConfigError, OptionSetting, OptionType},
    roles::Scope,
};

/// Options that can be declared: all of them are read together.
const OPTIONS_MAX: usize = 200;
/// Characters of a text, entries of a list, where the declaration sets no bound.
const TEXT_MAX: usize = 1_000;
const LIST_MAX: usize = 100;
/// Memory that a pattern may take: more than any that somebody can read.
const PATTERN_BYTES_MAX: usize = 1024 * 1024;

/// All options of the deployment's own, by name.
#[derive(Clone, Debug, Default)]
pub struct CustomOptions(Vec<Arc<CustomOption>>);

/// An option of the deployment's own.
#[derive(Debug)]
pub struct CustomOption {
    /// Its name.
    pub name: String,
    /// Its key in `organization_option`.
    pub key: String,
    /// What counts while nothing is set.
    pub default: Value,
    /// What it was declared as.
    pub setting: OptionSetting,
    /// What one needs to set it.
    pub scope: Scope,
    pattern: Option<Regex>,
}

impl CustomOptions {
    /// Those that are declared.
    ///
    /// # Errors
    /// A declaration that makes no sense, or a default that it does not allow.
    pub fn new(settings: &BTreeMap<String, OptionSetting>) -> Result<Self, ConfigError> {
        if settings.len() > OPTIONS_MAX {
            return Err(ConfigError::new(format!("options: declare at most {OPTIONS_MAX}")));
        }
        let options = settings.iter().map(|(name, setting)| {
            CustomOption::new(name, setting).map_err(|why| ConfigError::new(format!("options.{name}: {why}")))
        });
        options
            .map(|option| option.map(Arc::new))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<CustomOption>> {
        self.0.iter()
    }

    /// The one with this name.
    pub fn find(&self, name: &str) -> Option<&CustomOption> {
        self.0.iter().find(|option| option.name == name).map(AsRef::as_ref)
    }
}

impl CustomOption {
    fn new(name: &str, setting: &OptionSetting) -> Result<Self, String> {
        let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.len() <= 50
            && name
                .bytes()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == b'_');
        if !is_name {
            return Err("a name is a letter and up to 49 letters, digits and underscores".into());
        }
        let scope = setting.scope.as_deref().unwrap_or("org:write");
        // Whoever saves options at all has the lower of the two.
        let scope = match scope {
            "org:write" => Scope::OrgWrite,
            "org:admin" => Scope::OrgAdmin,
            other => return Err(format!("scope is org:write or org:admin, and not {other}")),
        };
        let compile = |pattern: &str| {
            let compiled = regex::RegexBuilder::new(pattern).size_limit(PATTERN_BYTES_MAX).build();
            compiled.map_err(|error| format!("pattern: {error}"))
        };
        let pattern = setting.pattern.as_deref().map(|pattern| {
            // Alone first: with a bracket too many it would mean something else
            // inside of ours, which are there because it is of the whole text.
            compile(pattern)?;
            compile(&format!("^(?:{pattern})$"))
        });
        let bounds = [setting.min, setting.max];
        if bounds.into_iter().flatten().any(|bound| !bound.is_finite()) {
            return Err("min and max are numbers".into());
        }
        if setting.min.zip(setting.max).is_some_and(|(min, max)| min > max) {
            return Err("min is above max".into());
        }
        let is_size = matches!(setting.kind, OptionType::Text | OptionType::Texts);
        if is_size
            && bounds
                .into_iter()
                .flatten()
                .any(|bound| bound < 0.0 || bound.fract() != 0.0)
        {
            return Err("min and max of a text or a list are sizes".into());
        }
        let mut option = Self {
            name: name.to_owned(),
            key: format!("custom:{name}"),
            default: Value::Null,
            setting: setting.clone(),
            scope,
            pattern: pattern.transpose()?,
        };
        option.refuse_what_has_no_effect()?;
        for value in &setting.values {
            // Of a list it says what may stand in it.
            let checked = match setting.kind {
                OptionType::Texts => value
                    .as_str()
                    .ok_or_else(|| "Give texts.".to_owned())
                    .and_then(|text| option.check_text(text)),
                _ => option.check(value).map(drop),
            };
            checked.map_err(|why| format!("values: {value}: {why}"))?;
        }
        if let Some(default) = &setting.default {
            option.default = option.check(default).map_err(|why| format!("default: {why}"))?;
        }
        Ok(option)
    }

    fn refuse_what_has_no_effect(&self) -> Result<(), String> {
        let OptionSetting { kind, .. } = self.setting;
        let is_number = matches!(kind, OptionType::Int | OptionType::Float);
        let is_text = matches!(kind, OptionType::Text | OptionType::Texts);
        for (name, is_given, has_effect) in [
            ("min", self.setting.min.is_some(), kind != OptionType::Bool),
            ("max", self.setting.max.is_some(), kind != OptionType::Bool),
            ("pattern", self.pattern.is_some(), is_text),
            ("values", !self.setting.values.is_empty(), is_text || is_number),
        ] {
            if is_given && !has_effect {
                return Err(format!("{name} has no effect on this type"));
            }
        }
        Ok(())
    }

    /// What is stored for `given`.
    ///
    /// # Errors
    /// Why it cannot be, in words for whoever gave it.
    pub fn check(&self, given: &Value) -> Result<Value, String> {
        let setting = &self.setting;
        let value = match (setting.kind, given) {
            (OptionType::Bool, Value::Bool(_)) => return Ok(given.clone()),
            (OptionType::Bool, _) => return Err("Give true or false.".into()),
            (OptionType::Int, _) => {
                let number = given.as_i64().ok_or("Give a whole number.")?;
                self.check_whole(number)?;
                Value::from(number)
            }
            (OptionType::Float, _) => {
                let number = given.as_f64().ok_or("Give a number.")?;
                self.check_range(number, "")?;
                // Adding zero turns -0 into 0.
                Value::from(number + 0.0)
            }
            (OptionType::Text, Value::String(text)) => {
                self.check_text(text)?;
                self.check_size(text.chars().count(), TEXT_MAX, " characters")?;
                given.clone()
            }
            (OptionType::Text, _) => return Err("Give a text.".into()),
            (OptionType::Texts, Value::Array(entries)) => {
                self.check_size(entries.len(), LIST_MAX, " entries")?;
                for entry in entries {
                    let text = entry.as_str().ok_or("Give a list of texts.")?;
                    self.check_text(text)?;
                    self.check_allowed(entry)?;
                    if text.chars().count() > TEXT_MAX {
                        return Err(format!("Give texts of at most {TEXT_MAX} characters."));
                    }
                }
                return Ok(given.clone());
            }
            (OptionType::Texts, _) => return Err("Give a list of texts.".into()),
        };
        self.check_allowed(&value)?;
        Ok(value)
    }

    fn check_allowed(&self, value: &Value) -> Result<(), String> {
        let allowed = &self.setting.values;
        // A whole number is compared as one: large ones are alike as fractions.
        let is_same = |allowed: &Value| match (allowed.as_i64(), value.as_i64()) {
            (Some(allowed), Some(value)) => allowed == value,
            _ => allowed == value || allowed.as_f64().is_some_and(|number| value.as_f64() == Some(number)),
        };
        if allowed.is_empty() || allowed.iter().any(is_same) {
            return Ok(());
        }
        let words = allowed
            .iter()
            .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        Err(format!("Give one of: {}.", words.collect::<Vec<_>>().join(", ")))
    }

    fn check_text(&self, text: &str) -> Result<(), String> {
        if text.contains('\0') {
            return Err("A text has no NUL characters.".into());
        }
        match &self.pattern {
            Some(pattern) if !pattern.is_match(text) => {
                let wanted = self.setting.pattern.as_deref().unwrap_or_default();
                Err(format!("Give a text that matches {wanted}."))
            }
            _ => Ok(()),
        }
    }

    fn check_size(&self, size: usize, most: usize, unit: &str) -> Result<(), String> {
        if self.setting.max.is_none() && size > most {
            return Err(format!("Give at most {most}{unit}."));
        }
        self.check_range(size as f64, unit)
    }

    fn check_whole(&self, number: i64) -> Result<(), String> {
        // Casts of floats saturate, also to numbers that no i64 reaches.
        let number = i128::from(number);
        match (self.setting.min, self.setting.max) {
            (Some(min), _) if number < min.ceil() as i128 => Err(format!("Give at least {min}.")),
            (_, Some(max)) if number > max.floor() as i128 => Err(format!("Give at most {max}.")),
            _ => Ok(()),
        }
    }

    fn check_range(&self, number: f64, unit: &str) -> Result<(), String> {
        match (self.setting.min, self.setting.max) {
            (Some(min), _) if number < min => Err(format!("Give at least {min}{unit}.")),
            (_, Some(max)) if number > max => Err(format!("Give at most {max}{unit}.")),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn option(setting: Value) -> Result<CustomOption, String> {
        CustomOption::new("tier", &serde_json::from_value(setting).unwrap())
    }

    #[test]
    fn values_are_checked_by_their_declaration() {
        for (setting, good, bad) in [
            (
                json!({ "type": "bool" }),
                vec![json!(true)],
                vec![json!(1), json!("true"), json!(null)],
            ),
            (
                json!({ "type": "int", "min": -1, "max": 10 }),
                vec![json!(-1), json!(10)],
                vec![json!(-2), json!(11), json!(1.5), json!("1"), json!(u64::MAX)],
            ),
            (
                json!({ "type": "int", "min": -9007199254740992i64, "max": 9007199254740992i64 }),
                vec![json!(9007199254740992i64), json!(-9007199254740992i64)],
                vec![json!(9007199254740993i64), json!(-9007199254740993i64), json!(i64::MAX)],
            ),
            (
                json!({ "type": "int", "values": [9007199254740992i64] }),
                vec![json!(9007199254740992i64)],
                vec![json!(9007199254740993i64)],
            ),
            (
                json!({ "type": "int", "values": [1, 2] }),
                vec![json!(2)],
                vec![json!(3)],
            ),
            (
                json!({ "type": "float", "min": 0.5 }),
                vec![json!(0.5), json!(1)],
                vec![json!(0.4), json!("1")],
            ),
            (
                json!({ "type": "text", "pattern": "[a-z]+|-" }),
                vec![json!("abc"), json!("-")],
                vec![json!("abc1"), json!("a\n"), json!(""), json!(1)],
            ),
            (
                json!({ "type": "text", "max": 2 }),
                vec![json!(""), json!("äö")],
                vec![json!("abc"), json!("\0")],
            ),
            (
                json!({ "type": "text" }),
                vec![json!("x".repeat(1_000))],
                vec![json!("x".repeat(1_001))],
            ),
            (
                json!({ "type": "text", "values": ["a", "b"] }),
                vec![json!("a")],
                vec![json!("c")],
            ),
            (
                json!({ "type": "texts", "min": 1, "max": 2, "values": ["a", "b"] }),
                vec![json!(["a"]), json!(["a", "b"])],
                vec![json!([]), json!(["a", "a", "a"]), json!(["c"]), json!([1]), json!("a")],
            ),
        ] {
            let option = option(setting.clone()).unwrap();
            for value in good {
                assert!(option.check(&value).is_ok(), "{setting} {value}");
            }
            for value in bad {
                assert!(option.check(&value).is_err(), "{setting} {value}");
            }
        }
    }

    #[test]
    fn declarations_that_make_no_sense_are_refused() {
        for setting in [
            json!({ "type": "int", "default": "1" }),
            json!({ "type": "int", "min": 2, "max": 1 }),
            json!({ "type": "int", "min": 2, "default": 1 }),
            json!({ "type": "int", "pattern": "a" }),
            json!({ "type": "bool", "max": 1 }),
            json!({ "type": "bool", "values": [true] }),
            json!({ "type": "int", "values": ["x"] }),
            json!({ "type": "int", "max": 3, "values": [4] }),
            json!({ "type": "text", "values": [1] }),
            json!({ "type": "texts", "pattern": "a", "values": ["b"] }),
            json!({ "type": "text", "max": -1 }),
            json!({ "type": "texts", "min": 1.5 }),
            json!({ "type": "text", "pattern": "a)|(?:b" }),
            json!({ "type": "text", "pattern": "(" }),
            json!({ "type": "text", "pattern": "(a{1000}){1000}" }),
            json!({ "type": "text", "scope": "org:god" }),
            json!({ "type": "text", "scope": "team:write" }),
        ] {
            assert!(option(setting.clone()).is_err(), "{setting}");
        }
        let good: OptionSetting = serde_json::from_value(json!({ "type": "bool" })).unwrap();
        for name in ["", "1a", "a-b", "a b", "é", &"a".repeat(51)] {
            assert!(CustomOption::new(name, &good).is_err(), "{name}");
        }
    }
}
