//! How values are written: lists, addresses, durations, shards.

use std::{fmt, net::IpAddr, time::Duration};

use entity::outbox::Shard;
use serde::{Deserialize, Deserializer, de::IntoDeserializer};

use super::Rate;

/// One value, several in a list, or several in a text separated by commas.
pub(super) fn one_or_many<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: From<String>,
{
    struct Visitor<T>(std::marker::PhantomData<T>);
    impl<'de, T: From<String>> serde::de::Visitor<'de> for Visitor<T> {
        type Value = Vec<T>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a text or a list of texts")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Vec<T>, E> {
            Ok(text
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(|part| T::from(part.to_owned()))
                .collect())
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::new();
            while let Some(item) = items.next_element::<String>()? {
                list.push(T::from(item));
            }
            Ok(list)
        }
    }
    deserializer.deserialize_any(Visitor(std::marker::PhantomData))
}

/// Addresses, in the forms of [`one_or_many`].
pub(super) fn addresses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpAddr>, D::Error> {
    let texts: Vec<String> = one_or_many(deserializer)?;
    let parse = |text: &String| {
        text.parse()
            .map_err(|_| serde::de::Error::custom(format!("`{text}` is no IP address")))
    };
    texts.iter().map(parse).collect()
}

/// Durations, in the forms of [`one_or_many`].
pub(super) fn durations<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Duration>, D::Error> {
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Entry(#[serde(deserialize_with = "duration")] Duration);
    let texts: Vec<String> = one_or_many(deserializer)?;
    texts
        .into_iter()
        .map(|text| Entry::deserialize(text.into_deserializer()).map(|Entry(duration)| duration))
        .collect()
}

/// `30d`, `1h 30m`, `500ms`, or a number of seconds.
pub(super) fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    struct Visitor;
    impl serde::de::Visitor<'_> for Visitor {
        type Value = Duration;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a duration such as 30d, 1h 30m or 500ms, or a number of seconds")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Duration, E> {
            let duration = humantime::parse_duration(text)
                .map_err(|_| E::custom(format!("`{text}` is no duration such as 30d, 1h 30m or 500ms")))?;
            self.visit_u64(duration.as_secs()).map(|_: Duration| duration)
        }

        fn visit_u64<E: serde::de::Error>(self, seconds: u64) -> Result<Duration, E> {
            // A century is more than anybody means and less than what overflows
            // when it is added to a time.
            (seconds <= 100 * 366 * 86_400)
                .then(|| Duration::from_secs(seconds))
                .ok_or_else(|| E::custom("longer than a century"))
        }

        fn visit_i64<E: serde::de::Error>(self, seconds: i64) -> Result<Duration, E> {
            self.visit_u64(u64::try_from(seconds).map_err(|_| E::custom("a duration is not negative"))?)
        }
    }
    deserializer.deserialize_any(Visitor)
}

/// A duration that may be absent.
pub(super) fn optional_duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    duration(deserializer).map(Some)
}

/// `40/s`, `100/m`, `1000/h`; `off` for none.
pub(super) fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Rate>, D::Error> {
    struct Visitor;
    impl serde::de::Visitor<'_> for Visitor {
        type Value = Option<Rate>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a rate such as 40/s, 100/m or 1000/h, or off")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Option<Rate>, E> {
            match text {
                "off" => Ok(None),
                text => text.parse().map(Some).map_err(E::custom),
            }
        }
    }
    deserializer.deserialize_any(Visitor)
}

/// Shards, in the forms of [`one_or_many`].
pub(super) fn shards<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Shard>, D::Error> {
    let texts: Vec<String> = one_or_many(deserializer)?;
    let shards = texts.into_iter().map(Shard::try_from);
    shards.map(|shard| shard.map_err(serde::de::Error::custom)).collect()
}
