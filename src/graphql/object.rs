//! Objects of JSON, and nothing that could stand for them.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};

/// What is written as an object. Of its own accord the library would take a list
/// of the values of its fields, too, and tell their names in Rust of what is
/// neither.
#[derive(Debug)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields(PhantomData)).map(Self)
    }
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Named {
        name: Option<String>,
    }

    #[test]
    fn only_an_object_is_taken() {
        let Object(Named { name }) = serde_json::from_str(r#"{ "name": "a", "other": 1 }"#).unwrap();
        assert_eq!(name.as_deref(), Some("a"));
        for (text, why) in [
            (r#"["a"]"#, "invalid type: sequence, expected an object"),
            ("null", "invalid type: null, expected an object"),
            ("\"a\"", "invalid type: string \"a\", expected an object"),
            (r#"{ "name": "a", "name": "b" }"#, "duplicate field `name`"),
        ] {
            let error = serde_json::from_str::<Object<Named>>(text).unwrap_err().to_string();
            assert!(error.starts_with(why), "{text}: {error}");
        }
    }
}
