//! Scalars that the library spells differently than the contract.

use async_graphql::{Context, InputValueError, InputValueResult, Name, Scalar, ScalarType, Value};
use bytes::Bytes;

use super::{context::ContextExt, multipart::FILE};

/// An absolute address, such as `https://roster.example/invite/…`.
pub struct Url(pub String);

/// An absolute address (RFC 3986), such as `https://roster.example/invite/abc`.
#[Scalar(name = "URL")]
impl ScalarType for Url {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) if url::Url::parse(&text).is_ok() => Ok(Self(text)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// A file that came with the request: the name of its part.
#[derive(Clone, Debug)]
pub struct Upload(String);

impl Upload {
    /// The bytes of the file; none if it did not come.
    pub fn bytes(self, ctx: &Context<'_>) -> Bytes {
        ctx.files().get(&self.0).cloned().unwrap_or_default()
    }

    /// Whether a value is the place of a file, or has one anywhere in it.
    pub fn is_in(value: &Value) -> bool {
        match value {
            Value::Object(fields) => <Self as ScalarType>::is_valid(value) || fields.values().any(Self::is_in),
            Value::List(entries) => entries.iter().any(Self::is_in),
            _ => false,
        }
    }
}

/// A file, sent beside the request as the GraphQL multipart request
/// specification describes. The variable is null in `operations`.
#[Scalar(specified_by_url = "https://github.com/jaydenseric/graphql-multipart-request-spec")]
impl ScalarType for Upload {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Object(marker) if marker.len() == 1 => match marker.get(FILE.as_str()) {
                Some(Value::String(name)) => Ok(Self(name.clone())),
                _ => Err(InputValueError::expected_type(value)),
            },
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn is_valid(value: &Value) -> bool {
        <Self as ScalarType>::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::Object(
            [(Name::new(FILE.as_str()), Value::String(self.0.clone()))]
                .into_iter()
                .collect(),
        )
    }
}
