//! How long a document is and how deep it is nested, before anything parses it:
//! the parser goes down one call for each bracket, and takes its time.

use async_graphql::{ServerError, ServerResult};

use super::error::refusal;
use crate::error::RequestCode;

/// Brackets of any kind, one inside the other, that the parser is given. Far more
/// than any limit on depth allows.
const NESTING_MAX: usize = 128;

/// Counts the lexical tokens of a document. A comment counts as one, for it takes
/// time, too; so does what is no token at all, of which the parser says what is
/// wrong with it.
///
/// # Errors
/// `TOO_MANY_TOKENS`; `QUERY_TOO_DEEP` for a text that must not be parsed.
pub fn count(document: &str, most: usize) -> ServerResult<usize> {
    let mut scanner = Scanner {
        rest: document.as_bytes(),
        has_block_end: true,
    };
    let (mut count, mut nesting) = (0_usize, 0_usize);
    while let Some(first) = scanner.token() {
        count += 1;
        match first {
            b'{' | b'[' | b'(' => nesting += 1,
            b'}' | b']' | b')' => nesting = nesting.saturating_sub(1),
            _ => {}
        }
        if count > most {
            return Err(too_many(most));
        }
        if nesting > NESTING_MAX {
            return Err(refusal(RequestCode::QueryTooDeep, "The document is nested too deep."));
        }
    }
    Ok(count)
}

/// The refusal of a document that is too long.
pub fn too_many(most: usize) -> ServerError {
    let message = format!("The document has more than {most} tokens.");
    refusal(RequestCode::TooManyTokens, message)
}

struct Scanner<'a> {
    rest: &'a [u8],
    /// Whether three quotes may still follow. Looked for once in vain, they are
    /// not looked for again: it would take the square of the length.
    has_block_end: bool,
}

impl Scanner<'_> {
    /// Passes over the next token, and tells its first byte.
    fn token(&mut self) -> Option<u8> {
        loop {
            let first = *self.rest.first()?;
            match first {
                b' ' | b'\t' | b'\r' | b'\n' | b',' => self.skip(1),
                b'#' => {
                    self.skip_while(|byte| !matches!(byte, b'\r' | b'\n'));
                    return Some(first);
                }
                _ if self.rest.starts_with("\u{feff}".as_bytes()) => self.skip(3),
                b'"' => {
                    self.string();
                    return Some(first);
                }
                b'.' if self.rest.starts_with(b"...") => {
                    self.skip(3);
                    return Some(first);
                }
                b'-' | b'0'..=b'9' => {
                    self.skip(1);
                    self.skip_while(|byte| is_word(byte) || matches!(byte, b'.' | b'+' | b'-'));
                    return Some(first);
                }
                _ if is_word(first) => {
                    self.skip_while(is_word);
                    return Some(first);
                }
                _ => {
                    self.skip(1);
                    return Some(first);
                }
            }
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn skip_while(&mut self, is_part: impl Fn(u8) -> bool) {
        let end = self.rest.iter().position(|byte| !is_part(*byte));
        self.skip(end.unwrap_or(self.rest.len()));
    }

    /// A string. Three quotes that nothing closes are, as the parser has it, an
    /// empty string and the beginning of another.
    fn string(&mut self) {
        if self.rest.starts_with(br#"""""#) && self.has_block_end {
            if let Some(length) = block_length(self.rest) {
                return self.skip(length);
            }
            self.has_block_end = false;
        }
        self.skip(1);
        loop {
            match self.rest.first() {
                Some(b'\\') => self.skip(2),
                Some(b'"') => return self.skip(1),
                None | Some(b'\r' | b'\n') => return,
                Some(_) => self.skip(1),
            }
        }
    }
}

/// Bytes of the block string at the beginning of a text, if it ends.
fn block_length(text: &[u8]) -> Option<usize> {
    let mut at = 3;
    loop {
        let rest = text.get(at..)?;
        let quotes = rest.windows(3).position(|three| three == br#"""""#)?;
        at += quotes + 3;
        if quotes == 0 || rest[quotes - 1] != b'\\' {
            return Some(at);
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_those_of_the_language() {
        for (document, tokens) in [
            ("", 0),
            (" ,\t\r\n\u{feff}# { a comment }\n", 1),
            ("{ a }", 3),
            (
                "query Q($a: [Int!]! = [1, -2.5e+3]) { a(b: $a) @skip(if: true) { ...F } }",
                37,
            ),
            (r#"{ a(b: "{ \" { ", c: """ { \""" " { """) }"#, 11),
            ("\"\" \"\"\"\"\"\"", 2),
            ("...a", 2),
        ] {
            assert_eq!(count(document, 1_000).unwrap(), tokens, "{document}");
        }
    }

    #[test]
    fn what_is_too_long_or_too_deep_is_not_parsed() {
        let code = |document: &str| {
            let error = count(document, 1_000).unwrap_err();
            error.extensions.unwrap().get("code").unwrap().to_string()
        };
        assert_eq!(code(&"a ".repeat(1_001)), "\"TOO_MANY_TOKENS\"");
        assert_eq!(code(&"#\n".repeat(1_001)), "\"TOO_MANY_TOKENS\"");
        for open in ["{", "[", "(", "{ a(b: [{ c:"] {
            assert_eq!(code(&open.repeat(129)), "\"QUERY_TOO_DEEP\"", "{open}");
        }
        assert_eq!(count(&"{ a }".repeat(200), 1_000).unwrap(), 600);
    }

    #[test]
    fn strings_that_do_not_end_hide_no_brackets() {
        let hidden = format!(r#"{{ a(b: """, c: ") {}"#, "[".repeat(200));
        assert!(count(&hidden, 1_000).is_err());
        let begun = std::time::Instant::now();
        let _ = count(&r#"\""""#.repeat(250_000), usize::MAX);
        assert!(begun.elapsed() < std::time::Duration::from_secs(2));
    }
}
