//! A signed token, taken apart and not believed yet (RFC 7515, RFC 7519, and what
//! RFC 8725 says about reading them).

use std::{borrow::Cow, fmt};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess},
};
use serde_json::{Map, Value};

use super::keys::TrustedKey;

/// Why a token or a key is not used; only ever logged.
pub(super) type Reason = Cow<'static, str>;

/// Longest token that is looked at.
const BYTES_MAX: usize = 16 * 1024;

/// Longest name of a key.
const KEY_ID_BYTES_MAX: usize = 255;

/// Headers that change what a signature means. We know none of them, so a token
/// with one says something that we would not understand.
const NOT_UNDERSTOOD: [&str; 4] = ["crit", "b64", "zip", "enc"];

/// The parts of a token. Keys and addresses of keys in its header are not even
/// read: who signs chooses neither key nor algorithm.
pub(super) struct Token<'a> {
    /// `alg`: what the key must be for.
    algorithm: Algorithm,
    /// `kid`.
    pub(super) key_id: Option<String>,
    /// `typ`, in small letters and without `application/`.
    pub(super) kind: Option<String>,
    /// The payload.
    pub(super) claims: Map<String, Value>,
    signed: &'a str,
    signature: &'a str,
}

impl<'a> Token<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// What is no signed token in the compact form, or cannot be told apart from
    /// another one.
    pub(super) fn parse(text: &'a str) -> Result<Self, Reason> {
        if text.len() > BYTES_MAX {
            return Err("the token is too long".into());
        }
        let (signed, signature) = text.rsplit_once('.').ok_or("the token has no signature")?;
        // A dot more, and this is no base64.
        let (header, claims) = signed.split_once('.').ok_or("the token has no claims")?;
        let (header, claims) = (object(header)?, object(claims)?);

        if let Some(name) = NOT_UNDERSTOOD.iter().find(|name| header.contains_key(**name)) {
            return Err(format!("the header {name} is not understood").into());
        }
        let text = |name: &'static str| match header.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(Reason::from(format!("{name} is no text"))),
        };
        let algorithm = text("alg")?.and_then(|name| name.parse().ok());
        let key_id = text("kid")?;
        if key_id.is_some_and(|id| id.is_empty() || id.len() > KEY_ID_BYTES_MAX) {
            return Err("kid is empty or too long".into());
        }
        let kind = text("typ")?.map(media_type);
        Ok(Self {
            algorithm: algorithm.ok_or("alg is none that is known")?,
            key_id: key_id.map(str::to_owned),
            kind,
            claims,
            signed,
            signature,
        })
    }

    /// Whether one of these keys has signed it, with the one algorithm that the
    /// key is for.
    pub(super) fn is_signed_by(&self, keys: &[TrustedKey]) -> bool {
        let mut candidates = keys.iter().filter(|key| {
            key.algorithm == self.algorithm
                && match (&key.id, &self.key_id) {
                    (Some(known), Some(given)) => known == given,
                    _ => true,
                }
        });
        candidates.any(|key| key.has_signed(self.signed, self.signature))
    }

    /// Whether one of these keys has the name that the token gives.
    pub(super) fn names_one_of(&self, keys: &[TrustedKey]) -> bool {
        self.key_id.is_some() && keys.iter().any(|key| key.id == self.key_id)
    }
}

/// A media type as it stands in `typ`: `application/` may be left out.
pub(super) fn media_type(text: &str) -> String {
    let text = text.to_ascii_lowercase();
    text.strip_prefix("application/").map(str::to_owned).unwrap_or(text)
}

/// The object in a part of a token.
fn object(part: &str) -> Result<Map<String, Value>, Reason> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| "a part is no base64url")?;
    match serde_json::from_slice(&bytes) {
        Ok(Unambiguous(Value::Object(object))) => Ok(object),
        Ok(_) => Err("a part is no object".into()),
        Err(error) if error.is_data() => Err("a name stands twice in a part".into()),
        Err(_) => Err("a part is no JSON".into()),
    }
}

/// JSON in which no name stands twice in an object: two readers of the same token
/// could take a different one of the two.
struct Unambiguous(Value);

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Value;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("JSON")
            }

            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_str<E>(self, value: &str) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
                let mut list = Vec::new();
                while let Some(Unambiguous(item)) = items.next_element()? {
                    list.push(item);
                }
                Ok(list.into())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
                let mut object = Map::new();
                while let Some((name, Unambiguous(value))) = entries.next_entry::<String, _>()? {
                    if object.insert(name, value).is_some() {
                        return Err(de::Error::custom("a name stands twice"));
                    }
                }
                Ok(object.into())
            }
        }
        deserializer.deserialize_any(Visitor).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fuzz_headers() {
        const PIECES: &[&str] = &[
            "{",
            "}",
            "\"alg\":",
            "\"typ\":",
            "\"kid\":",
            "\"crit\":",
            "\"jku\":",
            "\"HS256\"",
            "\"none\"",
            "\"RS256\"",
            "\"JWT\"",
            "\"application/at+jwt\"",
            ",",
            "null",
            "[",
            "]",
            "1",
            "\"\"",
            "{\"alg\":\"HS256\"}",
            "{\"alg\":\"HS256\",\"kid\":\"a\"",
            "\\ud800",
        ];
        let keys = [TrustedKey::secret(&"nobody else knows this".into())];
        bolero::check!()
            .with_type::<(Vec<u8>, Vec<u8>, Vec<u8>)>()
            .for_each(|(header, claims, signature)| {
                let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(crate::fuzz::text(bytes, PIECES));
                let signature = String::from_utf8_lossy(signature);
                let texts = [
                    format!("{}.{}.{signature}", part(header), part(claims)),
                    format!("{}.{signature}", String::from_utf8_lossy(header)),
                ];
                for text in texts {
                    let Ok(token) = Token::parse(&text) else { continue };
                    assert!(!token.is_signed_by(&keys), "{text}");
                    let _ = token.names_one_of(&keys);
                }
            });
    }
}
