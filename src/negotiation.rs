//! What a client takes, and what it has already, as the headers of its request
//! say it (RFC 9110 §12.5 and §13.1).

use axum::http::{HeaderMap, HeaderName, header};

/// One of the choices in a header such as `Accept`.
#[derive(Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is wanted, in lower case; empty if it is wanted in characters that we
    /// do not write.
    pub name: String,
    /// In thousandths; nothing for what is not wanted.
    pub quality: u16,
}

impl Choice {
    fn read(text: &str) -> Self {
        let mut parts = text.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let is_foreign = parts.clone().any(|part| match part.split_once('=') {
            Some((name, value)) => {
                name.eq_ignore_ascii_case("charset") && !value.trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            None => false,
        });
        let mut qualities = parts.filter_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        // What is no number is as good as none.
        let quality = qualities
            .next()
            .and_then(|quality| quality.parse::<f32>().ok())
            .unwrap_or(1.0);
        Self {
            name: if is_foreign { String::new() } else { name },
            quality: (quality.clamp(0.0, 1.0) * 1000.0) as u16,
        }
    }
}

/// The choices in all headers of this name, in their order.
pub fn choices(headers: &HeaderMap, name: HeaderName) -> Vec<Choice> {
    parts(headers, name).map(Choice::read).collect()
}

/// Whether the client takes an answer in this encoding, such as `br`.
pub fn takes_encoding(headers: &HeaderMap, encoding: &str) -> bool {
    let choices = choices(headers, header::ACCEPT_ENCODING);
    let named = |name: &str| choices.iter().find(|choice| choice.name == name);
    named(encoding)
        .or_else(|| named("*"))
        .is_some_and(|choice| choice.quality > 0)
}

/// Whether the client takes an answer in no encoding that there is, and not as it
/// is either.
pub fn takes_nothing(headers: &HeaderMap, encodings: &[&str]) -> bool {
    let choices = choices(headers, header::ACCEPT_ENCODING);
    let named = |name: &str| choices.iter().find(|choice| choice.name == name);
    let plain = named("identity").or_else(|| named("*"));
    plain.is_some_and(|choice| choice.quality == 0)
        && !encodings.iter().any(|encoding| takes_encoding(headers, encoding))
}

/// Whether the client says that it has what this `ETag` stands for.
pub fn has(headers: &HeaderMap, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let tag = opaque(tag);
    parts(headers, header::IF_NONE_MATCH).any(|known| known.trim() == "*" || opaque(known) == tag)
}

fn parts(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(name: HeaderName, values: &[&'static str]) -> HeaderMap {
        let values = values.iter().map(|value| HeaderValue::from_static(value));
        values.map(|value| (name.clone(), value)).collect()
    }

    #[test]
    fn an_encoding_is_taken_unless_it_is_refused() {
        for (values, is_taken) in [
            (&["br"][..], true),
            (&["gzip, deflate, br, zstd"], true),
            (&["gzip", "BR"], true),
            (&["gzip;q=1.0, br;q=0.1"], true),
            (&["*"], true),
            (&["*;q=0.5, gzip;q=0"], true),
            (&[], false),
            (&[""], false),
            (&["gzip, identity"], false),
            (&["br;q=0"], false),
            (&["br; q=0.000, gzip"], false),
            (&["*, br;Q=0"], false),
            (&["*;q=0"], false),
            (&["gzip, *;q=0"], false),
            (&["brotli, xbr"], false),
        ] {
            let headers = headers(header::ACCEPT_ENCODING, values);
            assert_eq!(takes_encoding(&headers, "br"), is_taken, "{values:?}");
        }
    }

    #[test]
    fn who_takes_nothing_refuses_the_plain_answer_too() {
        for (values, takes_nothing) in [
            (&["identity;q=0"][..], true),
            (&["*;q=0"], true),
            (&["identity;q=0, zstd"], true),
            (&["identity;q=0, gzip"], false),
            (&["*;q=0, identity"], false),
            (&["gzip;q=0"], false),
            (&[], false),
        ] {
            let headers = headers(header::ACCEPT_ENCODING, values);
            assert_eq!(
                super::takes_nothing(&headers, &["gzip", "br"]),
                takes_nothing,
                "{values:?}"
            );
        }
    }

    #[test]
    fn a_client_has_what_it_names() {
        for (values, has_it) in [
            (&["\"a\""][..], true),
            (&["W/\"a\""], true),
            (&["\"b\", W/\"a\""], true),
            (&["\"b\"", "\"a\""], true),
            (&["*"], true),
            (&[], false),
            (&["\"b\""], false),
            (&["a"], false),
        ] {
            let headers = headers(header::IF_NONE_MATCH, values);
            for tag in ["\"a\"", "W/\"a\""] {
                assert_eq!(has(&headers, tag), has_it, "{values:?} {tag}");
            }
        }
    }
}
