//! Cursors and connections, written once: keyset pages in both directions,
//! whose cost does not depend on the position in the list.

mod connection;
mod cursor;
mod order;

use async_graphql::{InputType, Lookahead, SelectionField};
use entity::FromColumns;
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::{ConnectionTrait, EntityTrait};

use self::cursor::Position;
pub use self::{
    connection::{Edge, Page, Total},
    cursor::Key,
    order::Order,
};
use super::error::{Fault, Reply};
use crate::{db::rows, domain::listing::Listing};

/// Entries on a page when the client does not say.
const SIZE_DEFAULT: u64 = 25;
/// Entries on a page at most.
const SIZE_MAX: u64 = 100;

/// Which part of a list is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    size: u64,
    is_backward: bool,
    after: Option<Position>,
    before: Option<Position>,
}

impl Window {
    /// Reads the arguments of a connection field.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for both `first` and `last`, for sizes outside 1 to 100
    /// and for malformed cursors.
    pub fn new(first: Option<i32>, after: Option<String>, last: Option<i32>, before: Option<String>) -> Reply<Self> {
        if first.is_some() && last.is_some() {
            return Err(Fault::bad_input("Give either first or last, not both."));
        }
        let size = match first.or(last) {
            None => SIZE_DEFAULT,
            Some(size) => u64::try_from(size)
                .ok()
                .filter(|size| (1..=SIZE_MAX).contains(size))
                .ok_or_else(|| Fault::bad_input(format!("first and last are between 1 and {SIZE_MAX}.")))?,
        };
        let position = |cursor: Option<String>| {
            cursor
                .map(|cursor| {
                    Position::decode(&cursor).ok_or_else(|| Fault::bad_input("This is not a cursor of this list."))
                })
                .transpose()
        };
        Ok(Self {
            size,
            is_backward: last.is_some(),
            after: position(after)?,
            before: position(before)?,
        })
    }

    /// The part that a connection field will be asked for. None where its arguments
    /// cannot be used, which the field will say itself.
    pub fn ahead(field: &SelectionField<'_>) -> Option<Self> {
        let arguments = field.arguments().ok()?;
        let given = |name: &str| {
            let found = arguments.iter().find(|(argument, _)| argument == name);
            found.map(|(_, value)| value.clone())
        };
        let size = |name| Option::<i32>::parse(given(name)).ok();
        let cursor = |name| Option::<String>::parse(given(name)).ok();
        Self::new(size("first")?, cursor("after")?, size("last")?, cursor("before")?).ok()
    }

    /// Whether rows are read from the end.
    pub fn is_backward(&self) -> bool {
        self.is_backward
    }

    /// One more row than the page has tells whether there is another page.
    pub fn rows_to_read(&self) -> u64 {
        self.size + 1
    }
}

/// Entries of the page that is asked for, for the limit on cost.
pub fn size(asked: Option<u64>) -> usize {
    usize::try_from(Ord::min(asked.unwrap_or(SIZE_DEFAULT), SIZE_MAX)).unwrap_or(usize::MAX)
}

/// What the operation asks for of each entry of a list, in the two ways to reach it.
pub fn entries<'a>(list: &Lookahead<'a>) -> [Lookahead<'a>; 2] {
    [list.field("nodes"), list.field("edges").field("node")]
}

/// Reads the wanted page of a list.
///
/// # Errors
/// `BAD_USER_INPUT` for a cursor of another list; faults of the database.
pub fn read<'a, E, N>(
    db: &'a impl ConnectionTrait,
    listing: impl Into<Listing<E>>,
    order: &'a Order<E::Model>,
    window: &'a Window,
    node: impl Fn(E::Model) -> N + Send + 'a,
) -> BoxFuture<'a, Reply<Page<N>>>
where
    E: EntityTrait,
    E::Model: FromColumns,
{
    let listing = listing.into();
    // In a box: it is larger than the futures of all other fields beside the list,
    // each of which would take as much.
    async move {
        let read = match order.statement(&listing, window)? {
            None => Vec::new(),
            Some(statement) => rows(db, &statement).await?,
        };
        Ok(page(read, order, window, Total::of(listing), node))
    }
    .boxed()
}

/// Makes a page of rows that were read in the window's direction, one more than
/// it has if there are more.
pub fn page<M, N>(mut rows: Vec<M>, order: &Order<M>, window: &Window, total: Total, node: impl Fn(M) -> N) -> Page<N> {
    let size = usize::try_from(window.size).unwrap_or(usize::MAX);
    let has_more = rows.len() > size;
    rows.truncate(size);
    if window.is_backward {
        rows.reverse();
    }
    let (has_previous_page, has_next_page) = match window.is_backward {
        false => (window.after.is_some(), has_more || window.before.is_some()),
        true => (has_more || window.after.is_some(), window.before.is_some()),
    };
    let name = order.name().into();
    let edge = |row| Edge {
        place: order.place(&name, &row),
        node: node(row),
    };
    Page {
        edges: rows.into_iter().map(edge).collect(),
        has_previous_page,
        has_next_page,
        total,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use sea_orm::sea_query::{Expr, PostgresQueryBuilder, SelectStatement};

    use super::*;

    #[test]
    fn cursors_round_trip() {
        let position = Position {
            order: "name-".into(),
            key: Some(Key::Text("ü\"".into())),
            id: 7,
        };
        assert_eq!(Position::decode(&position.encode()), Some(position));
    }

    #[test]
    fn hostile_cursors_are_refused() {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        for cursor in [
            "",
            "%",
            "AAAA",
            &encode("{}"),
            &encode(r#"{"o":"id","k":{"t":"\u0000"},"i":1}"#),
            &"A".repeat(5000),
        ] {
            assert_eq!(Position::decode(cursor), None, "{cursor}");
        }
        assert_eq!(
            Position::decode(&encode(r#"{"o":"x","k":{"d":9223372036854775807},"i":1}"#)),
            None
        );
    }

    #[test]
    fn sizes_are_bounded() {
        for (first, last) in [
            (Some(0), None),
            (Some(-1), None),
            (Some(101), None),
            (None, Some(i32::MAX)),
            (Some(1), Some(1)),
        ] {
            assert!(Window::new(first, None, last, None).is_err());
        }
        assert_eq!(Window::new(None, None, Some(100), None).unwrap().size, 100);
    }

    #[test]
    fn fuzz_cursors() {
        const PIECES: &[&str] = &[
            r#"{"o":"by-key","k":{"d":"#,
            r#"{"o":"by-key","k":{"t":""#,
            r#"{"o":"list","i":"#,
            r#"},"i":"#,
            "{",
            "}",
            "\"",
            ",",
            "null",
            "-",
            "0",
            "9223372036854775807",
            "253402300800000000",
            "1e400",
            "\\u0000",
            "\\ud800",
        ];
        static ORDERS: LazyLock<Vec<Order<()>>> = LazyLock::new(|| {
            let by_id = || Order::by_id("list", Expr::col("id"), |()| 1);
            let by = |key: Key| by_id().keyed("by-key", Expr::col("key"), key.clone(), move |()| key.clone());
            let keys = [Key::Time(0), Key::Text(String::new()), Key::Number(0)];
            keys.into_iter().map(by).chain([by_id()]).collect()
        });
        bolero::check!()
            .with_type::<(bool, Vec<u8>)>()
            .for_each(|(is_wrapped, bytes)| {
                let text = crate::fuzz::text(bytes, PIECES);
                let cursor = if *is_wrapped {
                    URL_SAFE_NO_PAD.encode(&text)
                } else {
                    text
                };
                let Some(position) = Position::decode(&cursor) else {
                    return;
                };
                assert_eq!(Position::decode(&position.encode()).as_ref(), Some(&position));
                for order in ORDERS.iter() {
                    let window = Window::new(None, Some(cursor.clone()), Some(1), None).unwrap();
                    let mut statement = SelectStatement::new();
                    if order.apply(&mut statement, &window).is_ok() {
                        let sql = statement.to_string(PostgresQueryBuilder);
                        assert_eq!(position.order, order.name(), "{sql}");
                    }
                }
            });
    }
}
