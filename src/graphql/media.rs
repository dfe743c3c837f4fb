//! Media types of answers, and which of them a client takes.

use axum::http::{HeaderMap, header};

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
        let values = headers.get_all(header::ACCEPT);
        if values.iter().next().is_none() {
            return vec![Self::Json];
        }
        let values = values.iter().filter_map(|value| value.to_str().ok());
        let ranges: Vec<_> = values.flat_map(|value| value.split(',')).map(Range::read).collect();
        let is_refused = |media: &Self| {
            ranges
                .iter()
                .any(|range| range.media == Some(*media) && range.quality == 0)
        };
        let mut accepted: Vec<_> = ranges
            .iter()
            .filter(|range| range.quality > 0)
            .filter_map(|range| {
                let any = || {
                    [Self::Json, Self::GraphqlResponse]
                        .into_iter()
                        .find(|media| !is_refused(media))
                };
                let media = range.media.filter(|media| !is_refused(media));
                Some((media.or_else(|| any().filter(|_| range.is_any))?, range.quality))
            })
            .collect();
        accepted.sort_by_key(|(_, quality)| std::cmp::Reverse(*quality));
        accepted.into_iter().map(|(media, _)| media).collect()
    }

    /// As `Content-Type` has it; an answer that is no stream is JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json | Self::EventStream => "application/json; charset=utf-8",
        }
    }
}

/// One range of media types in `Accept`.
struct Range {
    media: Option<Media>,
    /// Whether it stands for whatever we like.
    is_any: bool,
    /// In thousandths; nothing for what is not wanted.
    quality: u16,
}

impl Range {
    fn read(range: &str) -> Self {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        // We write one encoding, and this one does not want it.
        let is_foreign = parts.clone().any(|part| match part.split_once('=') {
            Some((name, value)) => {
                name.eq_ignore_ascii_case("charset") && !value.trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            None => false,
        });
        let name = if is_foreign { String::new() } else { name };
        let mut qualities = parts.filter_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        // What is no number is as good as none.
        let quality = qualities
            .next()
            .and_then(|quality| quality.parse::<f32>().ok())
            .unwrap_or(1.0);
        Self {
            media: match name.as_str() {
                "application/graphql-response+json" => Some(Media::GraphqlResponse),
                "application/json" => Some(Media::Json),
                "text/event-stream" => Some(Media::EventStream),
                _ => None,
            },
            is_any: matches!(name.as_str(), "application/*" | "*/*"),
            quality: (quality.clamp(0.0, 1.0) * 1000.0) as u16,
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
