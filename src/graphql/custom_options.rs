//! Options that the deployment has declared of its own.

use std::sync::Arc;

use async_graphql::{Enum, InputObject, Json, Object};
use serde_json::Value;

use crate::{
    app::App,
    config::OptionType,
    custom_options,
    domain::options::{CustomGiven, Settings},
};

/// What values an option of the deployment's own has.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "OptionType")]
pub enum CustomOptionType {
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// A text.
    Text,
    /// A list of texts.
    Texts,
}

/// An option that the deployment has declared of its own, and its value in one
/// organization.
pub struct CustomOption {
    declared: Arc<custom_options::CustomOption>,
    settings: Arc<Settings>,
}

impl CustomOption {
    /// All of them, with their values in one organization.
    pub fn all(app: &App, settings: &Arc<Settings>) -> Vec<Self> {
        let all = app.custom_options.iter();
        all.map(|declared| Self {
            declared: declared.clone(),
            settings: settings.clone(),
        })
        .collect()
    }
}

/// An option that the deployment has declared of its own, and its value in this
/// organization.
#[Object]
impl CustomOption {
    /// Its name.
    async fn name(&self) -> &str {
        &self.declared.name
    }

    /// What values it has.
    async fn r#type(&self) -> CustomOptionType {
        self.declared.setting.kind.into()
    }

    /// What it is for.
    async fn description(&self) -> Option<&str> {
        self.declared.setting.description.as_deref()
    }

    /// Smallest number; of a text the fewest characters, of a list the fewest
    /// entries.
    async fn min(&self) -> Option<f64> {
        self.declared.setting.min
    }

    /// Largest number; of a text the most characters, of a list the most
    /// entries.
    async fn max(&self) -> Option<f64> {
        self.declared.setting.max
    }

    /// Regular expression that the whole text, or each in a list, matches.
    async fn pattern(&self) -> Option<&str> {
        self.declared.setting.pattern.as_deref()
    }

    /// The only values, or entries of a list, that are allowed. Null where
    /// others are, too.
    async fn values(&self) -> Option<Vec<Json<Value>>> {
        let values = &self.declared.setting.values;
        (!values.is_empty()).then(|| values.iter().cloned().map(Json).collect())
    }

    /// The scope that one needs to set it.
    async fn scope(&self) -> &str {
        self.declared.scope.name()
    }

    /// What counts while nothing is set.
    async fn default(&self) -> Option<Json<Value>> {
        Some(self.declared.default.clone())
            .filter(|value| !value.is_null())
            .map(Json)
    }

    /// What counts: what was set, else the default.
    async fn value(&self) -> Option<Json<Value>> {
        let value = self.settings.custom(&self.declared);
        Some(value).filter(|value| !value.is_null()).map(Json)
    }

    /// Whether something was set, which still suits the declaration.
    async fn is_set(&self) -> bool {
        self.settings.custom_stored(&self.declared).is_some()
    }
}

/// A value for an option that the deployment has declared of its own.
#[derive(InputObject)]
pub struct CustomOptionInput {
    /// Its name. Unknown names are OPTION_UNKNOWN.
    name: String,
    /// Its value; OPTION_INVALID if the declaration does not allow it. Null
    /// clears it.
    value: Option<Json<Value>>,
}

impl From<CustomOptionInput> for CustomGiven {
    fn from(input: CustomOptionInput) -> Self {
        Self {
            name: input.name,
            value: input.value.map_or(Value::Null, |Json(value)| value),
        }
    }
}
