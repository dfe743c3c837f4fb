//! Field selectors: which parts of an event data scrubbing leaves alone.

/// Whether `text` is a selector: names of letters, digits and `_ $ * . -`,
/// combined with `&&`, `||`, `!` and parentheses. `**` is a name like any other.
///
/// One pass without recursion, so that no text from outside costs more than
/// its length.
pub(super) fn is_valid(text: &str) -> bool {
    let mut rest = text.trim_start_matches(' ');
    let mut open = 0_usize;
    // Whether the next thing is an operand, or an operator after one.
    let mut wants_operand = true;
    while let Some(first) = rest.chars().next() {
        let length = match (wants_operand, first) {
            (true, '!') => 1,
            (true, '(') => {
                open += 1;
                1
            }
            (true, _) => {
                let name = rest.find(|letter| !is_name(letter)).unwrap_or(rest.len());
                if name == 0 {
                    return false;
                }
                wants_operand = false;
                name
            }
            (false, ')') if open > 0 => {
                open -= 1;
                1
            }
            (false, _) if rest.starts_with("&&") || rest.starts_with("||") => {
                wants_operand = true;
                2
            }
            (false, _) => return false,
        };
        rest = rest[length..].trim_start_matches(' ');
    }
    !wants_operand && open == 0
}

fn is_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '$' | '*' | '.' | '-')
}

#[cfg(test)]
mod tests {
    use super::is_valid;

    #[test]
    fn selectors_follow_the_grammar() {
        for good in [
            "foo",
            "$string",
            "**",
            "a.**.b-c_d",
            "!a",
            "!!a",
            "a && b",
            "a&&b||!c",
            "(a)",
            "( a || b ) && !(c && **)",
            "$frame.vars.*",
            " a ",
        ] {
            assert!(is_valid(good), "{good}");
        }
        for bad in [
            "",
            " ",
            "a b",
            "a &",
            "a & b",
            "&& a",
            "a &&",
            "a || || b",
            "(a",
            "a)",
            "()",
            "!",
            "a!",
            "a!b",
            "é",
            "a\0",
            "a\nb",
            "a,b",
            "[a]",
            "a && ()",
            "'a'",
            "a/b",
            ")a(",
        ] {
            assert!(!is_valid(bad), "{bad}");
        }
    }

    #[test]
    fn deep_nesting_costs_no_stack() {
        let deep = format!("{}a{}", "(".repeat(500_000), ")".repeat(500_000));
        assert!(is_valid(&deep));
        assert!(!is_valid(&deep[1..]));
    }

    #[test]
    fn fuzz_selectors() {
        const PIECES: &[&str] = &["(", ")", "!", "&&", "||", "&", " ", "**", "$string", "a.b", "é"];
        bolero::check!().for_each(|bytes: &[u8]| {
            let text = crate::fuzz::text(bytes, PIECES);
            // What is put in parentheses or denied is still what it was.
            assert_eq!(is_valid(&text), is_valid(&format!("!({text})")), "{text:?}");
        });
    }
}
