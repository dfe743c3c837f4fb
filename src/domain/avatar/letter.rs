//! Avatars without a picture: letters on a colour.

/// One or two letters that stand for a name, in any script.
pub fn initials(name: &str) -> String {
    let words = name.split(|letter: char| letter.is_whitespace() || "-_.,/&+".contains(letter));
    let initials = words.filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()));
    let initials: String = initials.take(2).map(capital).collect();
    if initials.is_empty() { "?".into() } else { initials }
}

/// The capital of a letter; the letter itself, if that would be several.
fn capital(letter: char) -> char {
    let mut capitals = letter.to_uppercase();
    match (capitals.next(), capitals.next()) {
        (Some(capital), None) => capital,
        _ => letter,
    }
}

/// A colour that stays the same for an id. White is readable on each.
pub fn color(id: i64) -> &'static str {
    const COLORS: [&str; 12] = [
        "#8c3b4a", "#9a4a1f", "#7a5c00", "#4f6b1a", "#1f6e43", "#0b6b73", "#1d5f9e", "#4e5bb5", "#6b4fa8", "#8a3f94",
        "#5c5f66", "#7a4b3a",
    ];
    // Neighbouring ids get different colours.
    COLORS[usize::try_from(id.rem_euclid(12)).unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_of_any_script() {
        for (name, wanted) in [
            ("Acme Inc.", "AI"),
            ("acme", "A"),
            ("ünal söhne & co", "ÜS"),
            ("株式会社 例", "株例"),
            ("***", "?"),
            ("a-b c", "AB"),
            ("ß ß", "ßß"),
            ("ﬁx ﬂy", "ﬁﬂ"),
        ] {
            assert_eq!(initials(name), wanted);
        }
    }
}
