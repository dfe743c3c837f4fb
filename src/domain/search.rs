//! The search language of member lists (spec §14.1): words, and tokens such as
//! `role:manager isInvited:true`.

use entity::{
    ids::{MemberId, RowId, UserId},
    member, user,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::ExprTrait};

use super::text::contains;
use crate::{
    error::{Code, Result},
    roles::{Roles, Scope},
};

/// Words and tokens at most; more would be no search.
const TERMS_MAX: usize = 20;

/// A part of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    Word(String),
    Token { key: String, value: String },
}

/// Takes a search apart. Quotes keep spaces: `"jane doe"`, `email:"a b"`.
fn parse(text: &str) -> Vec<Term> {
    let (mut terms, mut current, mut is_quoted) = (Vec::new(), String::new(), false);
    for letter in text.chars().take(1000).chain(std::iter::once(' ')) {
        match letter {
            '"' => is_quoted = !is_quoted,
            '\0' => {}
            letter if letter.is_whitespace() && !is_quoted => {
                if !current.is_empty() {
                    terms.push(std::mem::take(&mut current));
                }
            }
            letter => current.push(letter),
        }
    }
    if !current.is_empty() {
        terms.push(current.trim_end().to_owned());
    }
    terms
        .into_iter()
        .take(TERMS_MAX)
        .map(|term| match term.split_once(':') {
            Some((key, value)) if !key.is_empty() => Term::Token {
                key: key.to_owned(),
                value: value.to_owned(),
            },
            _ => Term::Word(term),
        })
        .collect()
}

/// The condition that `text` puts on members. Tokens of one key are
/// alternatives; everything else must hold together.
///
/// # Errors
/// `FORBIDDEN` for `has2fa:` without member:admin (§14.2).
pub fn condition(roles: &Roles, text: &str, sees_two_factor: bool) -> Result<Condition> {
    let mut all = Condition::all();
    let mut by_key: std::collections::BTreeMap<String, Condition> = std::collections::BTreeMap::new();
    for term in parse(text) {
        match term {
            Term::Word(word) => all = all.add(free_text(&word)),
            Term::Token { key, value } => {
                let condition = token(roles, &key, &value, sees_two_factor)?;
                let alternatives = by_key.remove(&key).unwrap_or_else(Condition::any);
                by_key.insert(key, alternatives.add(condition));
            }
        }
    }
    Ok(by_key.into_values().fold(all, Condition::add))
}

fn nothing() -> Condition {
    Condition::any().add(member::Column::Id.eq(MemberId::default()))
}

fn token(roles: &Roles, key: &str, value: &str, sees_two_factor: bool) -> Result<Condition> {
    let flag = match value.to_lowercase().as_str() {
        "true" | "1" | "yes" => Some(true),
        "false" | "0" | "no" => Some(false),
        _ => None,
    };
    let condition = match key {
        "email" => {
            let email = value.to_lowercase();
            Condition::any()
                .add(member::Column::EmailKey.eq(&email))
                .add(member::Column::UserEmail.eq(&email))
        }
        "id" => MemberId::parse(value).map_or_else(nothing, |id| Condition::all().add(member::Column::Id.eq(id))),
        "user.id" => {
            UserId::parse(value).map_or_else(nothing, |id| Condition::all().add(member::Column::UserId.eq(id)))
        }
        "scope" => match value.parse::<Scope>() {
            Err(_) => nothing(),
            Ok(scope) => {
                let ids = roles
                    .all()
                    .iter()
                    .filter(|role| role.scopes.contains(scope))
                    .map(|role| role.id.as_str());
                Condition::all().add(member::Column::Role.is_in(ids))
            }
        },
        "role" => Condition::all().add(member::Column::Role.eq(value)),
        "isInvited" => flag.map_or_else(nothing, is_pending),
        "ssoLinked" => flag.map_or_else(nothing, is_sso_linked),
        "has2fa" if !sees_two_factor => return Err(Code::Forbidden.into()),
        "has2fa" => flag.map_or_else(nothing, has_two_factor),
        _ => nothing(),
    };
    Ok(condition)
}

/// Names, and addresses that are invited or verified, contain the word.
fn free_text(word: &str) -> Condition {
    Condition::any()
        .add(contains(member::Column::SortName, word))
        .add(contains(member::Column::UserEmail, word))
        .add(contains(member::Column::EmailKey, word))
}

/// Rows that nobody has taken yet, or the others.
pub fn is_pending(is_pending: bool) -> Condition {
    let column = member::Column::UserId;
    Condition::all().add(if is_pending {
        column.is_null()
    } else {
        column.is_not_null()
    })
}

/// Rows with a linked sign-on identity, or the others.
pub fn is_sso_linked(is_linked: bool) -> Condition {
    let linked = member::Column::Flags.into_expr().bit_and(member::flag::SSO_LINKED);
    Condition::all().add(if is_linked { linked.ne(0) } else { linked.eq(0) })
}

/// Rows of people with a second factor, or the others.
pub fn has_two_factor(has: bool) -> Condition {
    let people = user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .filter(user::Column::HasTwoFactor.eq(true))
        .filter(
            sea_orm::sea_query::Expr::col((user::Entity, user::Column::Id))
                .equals((member::Entity, member::Column::UserId)),
        );
    let exists = sea_orm::sea_query::Expr::exists(people.into_query());
    Condition::all().add(if has { exists } else { exists.not() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tokens_and_quotes() {
        let token = |key: &str, value: &str| Term::Token {
            key: key.into(),
            value: value.into(),
        };
        let word = |word: &str| Term::Word(word.into());
        assert_eq!(
            parse(r#"role:manager isInvited:true  "jane doe" a:b:c :x "open"#),
            [
                token("role", "manager"),
                token("isInvited", "true"),
                word("jane doe"),
                token("a", "b:c"),
                word(":x"),
                word("open")
            ]
        );
        assert_eq!(parse(""), []);
        assert_eq!(parse(&"a ".repeat(5000)).len(), TERMS_MAX);
    }
}
