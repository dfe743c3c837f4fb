//! Text from outside: what can be stored, and how it is looked for.

use email_address::{EmailAddress, Options};
use sea_orm::{
    ColumnTrait, DbBackend,
    sea_query::{BinOper, Expr, ExprTrait, Func, LikeExpr},
};

use crate::{
    config::Config,
    error::{Code, Refusal, Result},
};

/// Longest name of an organization or team, in characters.
pub const NAME_MAX: usize = 64;
/// Longest invited address, in characters.
pub(super) const EMAIL_MAX: usize = 75;

/// Whether the database can hold `text`: PostgreSQL has no NUL.
pub fn is_storable(text: &str) -> bool {
    !text.contains('\0')
}

/// A name, without the spaces around it: not blank, at most 64 characters, none
/// of them a control character.
///
/// # Errors
/// `VALIDATION_FAILED` at `field`.
pub fn name(name: &str, field: &str) -> Result<String, Refusal> {
    let name = name.trim();
    let why = if name.is_empty() || name.chars().count() > NAME_MAX {
        format!("A name has 1 to {NAME_MAX} characters and is not blank.")
    } else if name.chars().any(char::is_control) {
        "A name has no line breaks or other control characters.".to_owned()
    } else {
        return Ok(name.to_owned());
    };
    Err(Code::ValidationFailed.at([field]).saying(why))
}

/// An address that can be invited: `(as given, in lower case)`.
///
/// # Errors
/// `INVALID_EMAIL` for what is no address, is too long, or is of a blocked
/// domain.
pub fn email(config: &Config, email: &str) -> Result<(String, String), Refusal> {
    let refused = || Code::InvalidEmail.at(["email"]);
    let email = email.trim();
    let options = Options::default()
        .with_required_tld()
        .without_display_text()
        .without_domain_literal();
    if email.chars().count() > EMAIL_MAX || email.chars().any(char::is_control) {
        return Err(refused());
    }
    let address = EmailAddress::parse_with_options(email, options).map_err(|_| refused())?;
    let is_blocked = config
        .invites
        .blocked_domains
        .iter()
        .any(|domain| domain.eq_ignore_ascii_case(address.domain()));
    if is_blocked {
        Err(refused())
    } else {
        Ok((email.to_owned(), email.to_lowercase()))
    }
}

/// A list that is not longer than the deployment allows.
///
/// # Errors
/// `VALIDATION_FAILED` at `field`.
pub fn bounded(config: &Config, length: usize, field: &str) -> Result<(), Refusal> {
    let most = config.limits.list_items_max;
    if length <= most {
        Ok(())
    } else {
        Err(Code::ValidationFailed
            .at([field])
            .saying(format!("At most {most} entries can be given at once.")))
    }
}

/// `column` contains `text`, in any case and any script.
pub fn contains(backend: DbBackend, column: impl ColumnTrait, text: &str) -> Expr {
    let text: String = text.chars().filter(|letter| *letter != '\0').take(200).collect();
    if backend == DbBackend::Sqlite {
        // It lowers only A to Z; so each letter is looked for in both its cases.
        let glob = BinOper::Custom("GLOB");
        return column
            .into_expr()
            .binary(glob, Expr::value(format!("*{}*", either_case(&text))));
    }
    let pattern = text.to_lowercase();
    let pattern = pattern.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let lowered = Expr::expr(Func::lower(Expr::col(column.as_column_ref())));
    lowered.like(LikeExpr::new(format!("%{pattern}%")).escape('\\'))
}

/// A pattern of GLOB that matches the text with each letter in either case.
fn either_case(text: &str) -> String {
    let class = |letter: char| {
        let cases: Vec<char> = letter.to_lowercase().chain(letter.to_uppercase()).collect();
        match (letter, cases.as_slice()) {
            ('*' | '?' | '[', _) => format!("[{letter}]"),
            // Of letters whose other case is several, only themselves.
            (_, [lower, upper]) if lower != upper => format!("[{lower}{upper}]"),
            _ => letter.to_string(),
        }
    };
    text.chars().map(class).collect()
}

/// The beginning of hostile text, fit for a message.
pub fn shortened(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked() {
        let config = Config::default();
        assert_eq!(
            email(&config, " Jane@Example.com ").unwrap(),
            ("Jane@Example.com".into(), "jane@example.com".into())
        );
        let long = format!("{}@example.com", "a".repeat(64));
        for bad in [
            "",
            "jane",
            "jane@",
            "@example.com",
            "a b@example.com",
            "Jane <jane@example.com>",
            "jane@QQ.com",
            "jane@[127.0.0.1]",
            "jane@localhost",
            "jane@example.com\r\nBcc: x@y.z",
            &long,
        ] {
            assert_eq!(email(&config, bad).unwrap_err().code, Code::InvalidEmail, "{bad:?}");
        }
    }

    #[test]
    fn letters_are_looked_for_in_both_cases() {
        for (text, pattern) in [
            ("aB1", "[aA][bB]1"),
            ("Élan", "[éÉ][lL][aA][nN]"),
            ("ß*[?]", "ß[*][[][?]]"),
            ("東", "東"),
        ] {
            assert_eq!(either_case(text), pattern);
        }
    }

    #[test]
    fn names_are_checked() {
        assert!(name(&"ü".repeat(64), "name").is_ok());
        for bad in ["", " \t ", &"a".repeat(65), "a\0b", "a\nb"] {
            assert!(name(bad, "name").is_err(), "{bad:?}");
        }
    }
}
