//! Where a row stands in an ordered list, and how clients are told.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use sea_orm::sea_query;
use serde::{Deserialize, Serialize};

/// Where a row stands in an ordered list. What cursors hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Position {
    /// Which order the cursor belongs to.
    #[serde(rename = "o")]
    pub(super) order: String,
    /// Value of the sort key; none in lists that are ordered by id alone.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<Key>,
    #[serde(rename = "i")]
    pub(super) id: i64,
}

impl Position {
    pub(super) fn encode(&self) -> String {
        // Serializing plain text and numbers into memory cannot fail.
        URL_SAFE_NO_PAD.encode(serde_json::to_string(self).unwrap_or_default())
    }

    pub(super) fn decode(cursor: &str) -> Option<Self> {
        // Longer than any cursor of ours; bounds the work on hostile input.
        if cursor.len() > 4096 {
            return None;
        }
        let position: Self = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        match &position.key {
            Some(Key::Text(text)) if text.contains('\0') => None,
            Some(Key::Time(micros)) => DateTime::from_timestamp_micros(*micros).map(|_| position),
            _ => Some(position),
        }
    }
}

/// A value to order by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Key {
    /// Compared byte by byte.
    #[serde(rename = "t")]
    Text(String),
    /// Microseconds since 1970.
    #[serde(rename = "d")]
    Time(i64),
    /// A rank.
    #[serde(rename = "n")]
    Number(i64),
}

impl From<DateTime<Utc>> for Key {
    fn from(time: DateTime<Utc>) -> Self {
        Self::Time(time.timestamp_micros())
    }
}

impl Key {
    pub(super) fn value(&self) -> sea_query::Value {
        match self {
            Self::Text(text) => text.clone().into(),
            Self::Time(micros) => DateTime::from_timestamp_micros(*micros).unwrap_or_default().into(),
            Self::Number(number) => (*number).into(),
        }
    }
}
