//! Slugs: names in addresses (spec §16.4).

use crate::{
    config::Slugs,
    error::{Code, Refusal, Result},
};

/// Longest slug.
pub const LENGTH_MAX: usize = 50;
const LENGTH_MIN: usize = 3;

/// Whether `slug` can be the slug of an organization. Whether it is taken is
/// for the database to say.
///
/// # Errors
/// `SLUG_INVALID`, `SLUG_RESERVED`.
pub fn check(slugs: &Slugs, slug: &str) -> Result<(), Refusal> {
    if !is_well_formed(slug) {
        return Err(Code::SlugInvalid.at(["slug"]));
    }
    if slugs.reserved.iter().any(|word| word == slug) {
        return Err(Code::SlugReserved.at(["slug"]));
    }
    Ok(())
}

/// `slug`, if it has the form of a slug.
///
/// # Errors
/// `SLUG_INVALID`.
pub fn well_formed(slug: String) -> Result<String, Refusal> {
    if is_well_formed(&slug) {
        Ok(slug)
    } else {
        Err(Code::SlugInvalid.at(["slug"]))
    }
}

/// Whether `slug` has the form of a slug.
pub fn is_well_formed(slug: &str) -> bool {
    let is_alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = slug.as_bytes();
    (LENGTH_MIN..=LENGTH_MAX).contains(&bytes.len())
        && bytes.iter().all(|byte| is_alphanumeric(*byte) || *byte == b'-')
        && bytes.first().is_some_and(|byte| is_alphanumeric(*byte))
        && bytes.last().is_some_and(|byte| *byte != b'-')
        && !bytes.iter().all(u8::is_ascii_digit)
}

/// A well-formed slug that resembles `name`; `fallback` when nothing of the
/// name can be used. At most as long as leaves room for a suffix.
pub fn from_name(name: &str, fallback: &str) -> String {
    let mut slug = slug::slugify(name);
    slug.truncate(LENGTH_MAX - 8);
    let slug = slug.trim_matches('-');
    if is_well_formed(slug) {
        slug.to_owned()
    } else {
        format!("{fallback}-{slug}").trim_matches('-').to_owned()
    }
}

/// Candidates for a slug that is not taken: `slug`, then with random suffixes.
pub fn candidates(slug: String) -> impl Iterator<Item = String> {
    let suffixed = slug.clone();
    std::iter::once(slug)
        .chain(std::iter::repeat_with(move || format!("{suffixed}-{:06x}", rand::random::<u32>() >> 8)).take(20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_follow_the_specification() {
        let slugs = Slugs::default();
        for good in ["abc", "a-b", "4ever", "a".repeat(50).as_str(), "a--b"] {
            assert_eq!(check(&slugs, good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "ab",
            "-abc",
            "abc-",
            "a_b",
            "Abc",
            "a b",
            " abc",
            "abc ",
            "123",
            "äbc",
            "abc\0",
            &"a".repeat(51),
        ] {
            assert_eq!(check(&slugs, bad).unwrap_err().code, Code::SlugInvalid, "{bad}");
        }
        assert_eq!(check(&slugs, "settings").unwrap_err().code, Code::SlugReserved);
    }

    #[test]
    fn any_name_gives_a_slug() {
        for name in [
            "Acme Inc.",
            "42",
            "",
            "   ",
            "数",
            "_x_",
            &"long ".repeat(40),
            "-",
            "Ünïcode & Söhne",
        ] {
            for slug in candidates(from_name(name, "org")).take(3) {
                assert!(is_well_formed(&slug), "{name}: {slug}");
            }
        }
    }
}
