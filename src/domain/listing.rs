//! Lists that are read a page at a time, however long they are.
//!
//! An index holds a list in one order. Where a filter leaves little of it, or
//! the order is none that an index has, the list is taken apart into parts of
//! which each is one stretch of an index: the page is the first of the first of
//! all parts. Where a filter leaves few rows, they are found first.

use std::fmt;

use sea_orm::{
    Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select, TryGetable,
    sea_query::{Alias, Expr, Query, SelectStatement, UnionType},
};

/// Rows at most that are found first and then put in order.
pub const FEW: usize = 1_000;

/// Parts at most into which a list is taken apart by what a caller names.
pub const PARTS_MAX: usize = 20;

/// Rows to be read a page at a time.
#[derive(Clone, Debug)]
pub struct Listing<E: EntityTrait> {
    /// All of them, for counting. Where each row is in one part only, the counts
    /// of the parts are enough.
    pub all: Option<Select<E>>,
    /// Parts that have all of them together.
    pub parts: Vec<Part<E>>,
}

/// A part of a list that is one stretch of an index.
#[derive(Clone)]
pub struct Part<E: EntityTrait> {
    /// Its rows. They may be in other parts, too.
    pub rows: Select<E>,
    /// The key by which the list is ordered, if all rows of the part have the
    /// same.
    pub rank: Option<i64>,
    /// What the index has for the id of the row.
    pub id: Option<Expr>,
}

impl<E: EntityTrait> Listing<E> {
    /// Rows of several kinds; each row is of one of them.
    pub fn of_parts(parts: impl IntoIterator<Item = Select<E>>) -> Self {
        Self {
            all: None,
            parts: parts.into_iter().map(Part::from).collect(),
        }
    }
}

impl<E: EntityTrait> fmt::Debug for Part<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Part")
            .field("rank", &self.rank)
            .finish_non_exhaustive()
    }
}

impl<E: EntityTrait> From<Select<E>> for Listing<E> {
    /// A list that an index holds in the order in which it is read.
    fn from(all: Select<E>) -> Self {
        Self::of_parts([all])
    }
}

impl<E: EntityTrait> From<Select<E>> for Part<E> {
    fn from(rows: Select<E>) -> Self {
        Self {
            rows,
            rank: None,
            id: None,
        }
    }
}

/// `rows`, looked for only among those few for which one of `alternatives`
/// holds. Each of them is a look into an index, which no database gets wrong:
/// the limit keeps it from beginning with all rows in the order of the page.
pub fn among<E: EntityTrait>(mut rows: Select<E>, alternatives: impl IntoIterator<Item = Condition>) -> Select<E> {
    let few = alternatives
        .into_iter()
        .map(|alternative| E::find().filter(alternative).limit(2 * FEW as u64).into_query());
    if let Some(few) = union(UnionType::Distinct, few) {
        QuerySelect::query(&mut rows)
            .from_clear()
            .from_subquery(few, Alias::new(E::default().table_name()));
    }
    rows
}

/// The rows of all `pages`; nothing if there are none.
pub fn union(kind: UnionType, pages: impl IntoIterator<Item = SelectStatement>) -> Option<SelectStatement> {
    // The detour over subqueries is for SQLite, which takes no ORDER BY or LIMIT
    // in the parts of a UNION.
    let mut pages = pages.into_iter().map(|page| all_of(page, "page"));
    let mut all = pages.next()?;
    all.unions(pages.map(|page| (kind, page)).collect::<Vec<_>>());
    Some(all)
}

/// Everything of `rows`, as a table with this name.
pub fn all_of(rows: SelectStatement, name: &'static str) -> SelectStatement {
    Query::select()
        .expr(Expr::cust("*"))
        .from_subquery(rows, Alias::new(name))
        .to_owned()
}

/// The one column that `query` selects, unless it finds more than a few rows.
pub async fn few<E, T>(db: &impl ConnectionTrait, query: Select<E>) -> Result<Option<Vec<T>>, DbErr>
where
    E: EntityTrait,
    T: TryGetable + Send,
{
    let found: Vec<T> = query.limit(FEW as u64 + 1).into_tuple().all(db).await?;
    Ok((found.len() <= FEW).then_some(found))
}
