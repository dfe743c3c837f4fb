//! Scalars that the library spells differently than the contract.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

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
