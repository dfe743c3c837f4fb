//! The search language of member lists (spec §14.1): words, and tokens such as
//! `role:manager isInvited:true`.

use std::collections::BTreeMap;

use entity::{
    ids::{MemberId, OrganizationId, RowId, UserId},
    member,
    member::Cohort,
};
use sea_orm::{ColumnTrait, Condition, DbBackend};

use super::text::contains;
use crate::{
    access::Access,
    app::App,
    error::{Code, Result},
    roles::{Roles, Scope},
};

/// Words and tokens at most, and characters; more would be no search.
const TERMS_MAX: usize = 20;
const LENGTH_MAX: usize = 1_000;

/// A part of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    Word(String),
    Token { key: String, value: String },
}

/// Takes a search apart. Quotes keep spaces: `"jane doe"`, `email:"a b"`.
///
/// # Errors
/// `VALIDATION_FAILED` for more than can be meant: to leave out what is too much
/// would find more than was asked for.
fn parse(text: &str) -> Result<Vec<Term>> {
    let too_much = || {
        Code::ValidationFailed
            .at(["query"])
            .saying("Search for less: at most 20 words.")
    };
    if text.len() > LENGTH_MAX {
        return Err(too_much().into());
    }
    let (mut terms, mut current, mut is_quoted) = (Vec::new(), String::new(), false);
    for letter in text.chars().chain(std::iter::once(' ')) {
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
    if terms.len() > TERMS_MAX {
        return Err(too_much().into());
    }
    let terms = terms
        .into_iter()
        .map(|term| match term.split_once(':') {
            Some((key, value)) if !key.is_empty() => Term::Token {
                key: key.to_owned(),
                value: value.to_owned(),
            },
            _ => Term::Word(term),
        })
        .collect();
    Ok(terms)
}

/// What a search, or another filter, wants of members: all of it together.
#[derive(Default)]
pub struct Wanted {
    /// Of the cohorts in which they are.
    pub of_cohorts: Vec<CohortTest>,
    /// Of their rows: in each list one of the alternatives, which few rows meet.
    pub of_rows: Vec<Vec<Condition>>,
    /// Of their names and addresses.
    pub words: Vec<Condition>,
}

/// Whether the members of a cohort are wanted.
pub type CohortTest = Box<dyn Fn(&Cohort) -> bool + Send + Sync>;

impl Wanted {
    /// Whether somebody in the cohort can be wanted.
    pub fn in_cohort(&self, cohort: &Cohort) -> bool {
        self.of_cohorts.iter().all(|is_wanted| is_wanted(cohort))
    }
}

/// What a token wants.
enum Meaning {
    OfCohort(CohortTest),
    OfRow(Vec<Condition>),
}

/// What `text` wants of members. Tokens of one key are alternatives; everything
/// else must hold together.
///
/// # Errors
/// `FORBIDDEN` for `has2fa:` without member:admin (§14.2); `VALIDATION_FAILED` for
/// more than 20 words and tokens, or 1,000 bytes.
pub fn wanted(app: &App, access: &Access, text: &str) -> Result<Wanted> {
    let mut wanted = Wanted::default();
    let mut by_key: BTreeMap<String, (Vec<CohortTest>, Vec<Condition>)> = BTreeMap::new();
    for term in parse(text)? {
        match term {
            Term::Word(word) => wanted.words.push(free_text(app.db.backend(), &word)),
            Term::Token { key, value } => {
                let meaning = token(&app.roles, access, &key, &value)?;
                let (of_cohort, of_row) = by_key.entry(key).or_default();
                match meaning {
                    Meaning::OfCohort(test) => of_cohort.push(test),
                    Meaning::OfRow(conditions) => of_row.extend(conditions),
                }
            }
        }
    }
    // All tokens of a key are about the same: cohorts, or rows.
    for (tests, conditions) in by_key.into_values() {
        if !tests.is_empty() {
            let any = move |cohort: &Cohort| tests.iter().any(|is_wanted| is_wanted(cohort));
            wanted.of_cohorts.push(Box::new(any));
        }
        if !conditions.is_empty() {
            wanted.of_rows.push(conditions);
        }
    }
    Ok(wanted)
}

fn token(roles: &Roles, access: &Access, key: &str, value: &str) -> Result<Meaning> {
    let organization = access.organization().id;
    let flag = match value.to_lowercase().as_str() {
        "true" | "1" | "yes" => Some(true),
        "false" | "0" | "no" => Some(false),
        _ => None,
    };
    let of_cohort = |is_wanted: CohortTest| Ok(Meaning::OfCohort(is_wanted));
    let of_row = |condition| Ok(Meaning::OfRow(vec![condition]));
    let nothing = || Condition::all().add(member::Column::Id.eq(MemberId::default()));
    match key {
        "email" => Ok(Meaning::OfRow(has_address(organization, value).into())),
        "id" => {
            of_row(MemberId::parse(value).map_or_else(nothing, |id| Condition::all().add(member::Column::Id.eq(id))))
        }
        "user.id" => of_row(UserId::parse(value).map_or_else(nothing, |id| is_person(organization, id))),
        "scope" => {
            let scope = value.parse::<Scope>().ok();
            let able = roles
                .all()
                .iter()
                .filter(|role| scope.is_some_and(|scope| role.scopes.contains(scope)));
            let able: Vec<String> = able.map(|role| role.id.clone()).collect();
            of_cohort(Box::new(move |cohort| able.contains(&cohort.role)))
        }
        "role" => {
            let role = value.to_owned();
            of_cohort(Box::new(move |cohort| cohort.role == role))
        }
        "isInvited" => of_cohort(Box::new(move |cohort| flag == Some(cohort.is_pending))),
        "ssoLinked" => of_cohort(Box::new(move |cohort| flag == Some(cohort.is_sso_linked))),
        "has2fa" if !access.has(Scope::MemberAdmin) => Err(Code::Forbidden.into()),
        "has2fa" => of_cohort(Box::new(move |cohort| flag == Some(cohort.has_two_factor))),
        _ => of_row(nothing()),
    }
}

/// Names, and addresses that are invited or verified, contain the word.
fn free_text(backend: DbBackend, word: &str) -> Condition {
    Condition::any()
        .add(contains(backend, member::Column::SortName, word))
        .add(contains(backend, member::Column::UserEmail, word))
        .add(contains(backend, member::Column::EmailKey, word))
}

/// The row of an invited address, and rows of a verified one, in any case.
pub fn has_address(organization: OrganizationId, email: &str) -> [Condition; 2] {
    let email = email.to_lowercase();
    [member::Column::EmailKey, member::Column::UserEmail].map(|column| {
        Condition::all()
            .add(member::Column::OrganizationId.eq(organization))
            .add(column.eq(&email))
    })
}

/// The row of a person.
pub fn is_person(organization: OrganizationId, user: UserId) -> Condition {
    Condition::all()
        .add(member::Column::OrganizationId.eq(organization))
        .add(member::Column::UserId.eq(user))
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
            parse(r#"role:manager isInvited:true  "jane doe" a:b:c :x "open"#).unwrap(),
            [
                token("role", "manager"),
                token("isInvited", "true"),
                word("jane doe"),
                token("a", "b:c"),
                word(":x"),
                word("open")
            ]
        );
        assert_eq!(parse("").unwrap(), []);
        assert_eq!(parse(&"a ".repeat(TERMS_MAX)).unwrap().len(), TERMS_MAX);
        assert!(parse(&"a ".repeat(TERMS_MAX + 1)).is_err());
        assert!(parse(&"a".repeat(LENGTH_MAX + 1)).is_err());
    }

    #[test]
    fn fuzz_searches() {
        const PIECES: &[&str] = &[
            "role:",
            "isInvited:",
            "email:",
            "id:",
            "\"",
            " ",
            ":",
            "true",
            "\u{3000}",
            "\0",
            "\u{130}",
            "ß",
            "\\",
            "%",
            "_",
        ];
        bolero::check!().for_each(|bytes: &[u8]| {
            let text = crate::fuzz::text(bytes, PIECES);
            let Ok(terms) = parse(&text) else {
                assert!(
                    text.len() > LENGTH_MAX || text.split_whitespace().count() > TERMS_MAX,
                    "{text:?}"
                );
                return;
            };
            assert!(terms.len() <= TERMS_MAX);
            let said = terms.iter().flat_map(|term| match term {
                Term::Word(word) => vec![word],
                Term::Token { key, value } => vec![key, value],
            });
            let said: String = said.map(String::as_str).collect();
            assert!(
                said.len() <= text.len() && !said.contains('\0'),
                "{text:?} became {terms:?}"
            );
        });
    }
}
