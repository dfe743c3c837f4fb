//! Media types of answers, and which of them a client takes.

use axum::http::{HeaderMap, header};

use crate::negotiation::choices;

/// Media types of answers, in the order of our preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`.
    GraphqlResponse,
    /// `application/json`.
    Json,
    /// `text/event-stream`.
    EventStream,
}

impl Media {
    /// What the client takes, what it likes best first (RFC 9110 §12.5.1); JSON if
    /// it does not say.
    pub fn accepted(headers: &HeaderMap) -> Vec<Self> {
        if !headers.contains_key(header::ACCEPT) {
            return vec![Self::Json];
        }
        let choices = choices(headers, header::ACCEPT);
        let is_refused = |media: &Self| {
            let mut of_it = choices
                .iter()
                .filter(|choice| Self::named(&choice.name) == Some(*media));
            of_it.any(|choice| choice.quality == 0)
        };
        let mut accepted: Vec<_> = choices
            .iter()
            .filter(|choice| choice.quality > 0)
            .filter_map(|choice| {
                let any = || {
                    [Self::Json, Self::GraphqlResponse]
                        .into_iter()
                        .find(|media| !is_refused(media))
                };
                let is_any = matches!(choice.name.as_str(), "application/*" | "*/*");
                let media = Self::named(&choice.name).filter(|media| !is_refused(media));
                Some((media.or_else(|| any().filter(|_| is_any))?, choice.quality))
            })
            .collect();
        accepted.sort_by_key(|(_, quality)| std::cmp::Reverse(*quality));
        accepted.into_iter().map(|(media, _)| media).collect()
    }

    fn named(name: &str) -> Option<Self> {
        match name {
            "application/graphql-response+json" => Some(Self::GraphqlResponse),
            "application/json" => Some(Self::Json),
            "text/event-stream" => Some(Self::EventStream),
            _ => None,
        }
    }

    /// As `Content-Type` has it; an answer that is no stream is JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json | Self::EventStream => "application/json; charset=utf-8",
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn clients_choose_the_media_type() {
        let accepted = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(value));
            Media::accepted(&headers)
        };
        assert_eq!(Media::accepted(&HeaderMap::new()), [Media::Json]);
        assert_eq!(accepted("application/json; charset=iso-8859-1"), []);
        assert_eq!(
            accepted("*/*;charset=latin1, application/json;charset=\"UTF-8\""),
            [Media::Json]
        );
        assert_eq!(
            accepted("application/graphql-response+json, application/json;q=0.9"),
            [Media::GraphqlResponse, Media::Json]
        );
        assert_eq!(
            accepted("application/json, text/event-stream"),
            [Media::Json, Media::EventStream]
        );
        assert_eq!(accepted("text/html, */*;q=0.1"), [Media::Json]);
        assert_eq!(accepted("text/html"), []);
        assert_eq!(accepted("application/json;q=0, Text/Event-Stream; q=0"), []);
        assert_eq!(
            accepted("application/json;q=0.8, application/graphql-response+json"),
            [Media::GraphqlResponse, Media::Json]
        );
        assert_eq!(accepted("*/*, application/json; q=0"), [Media::GraphqlResponse]);
    }

    #[test]
    fn fuzz_media_types() {
        const PIECES: &[&str] = &[
            "application/json",
            "application/graphql-response+json",
            "text/event-stream",
            "*/*",
            "application/*",
            ";q=",
            ";",
            ",",
            "q",
            "=",
            "0",
            "1",
            ".",
            "NaN",
            "-1",
            "\"",
            " ",
            "0.9999999999999999999",
        ];
        bolero::check!().for_each(|bytes: &[u8]| {
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_bytes(crate::fuzz::text(bytes, PIECES).as_bytes()) {
                headers.insert(header::ACCEPT, value);
            }
            let accepted = Media::accepted(&headers);
            assert!(accepted.len() <= 3, "{accepted:?}");
        });
    }
}
