//! How a list is ordered, and the statement that reads from a place in it.

use std::{
    mem::{Discriminant, discriminant},
    sync::Arc,
};

use sea_orm::{
    EntityTrait, QueryTrait,
    sea_query::{Expr, ExprTrait, SelectStatement, UnionType},
};

use super::{
    Window,
    connection::Place,
    cursor::{Key, Position},
};
use crate::{
    domain::listing::{Listing, Part, all_of, union},
    graphql::error::{Fault, Reply},
};

/// A column to order by, the type of its values, and the value of a row.
struct SortKey<M> {
    column: Expr,
    kind: Discriminant<Key>,
    of: Box<dyn Fn(&M) -> Key + Send + Sync>,
}

/// How a list is ordered: by a key and, where keys are equal, by id.
pub struct Order<M> {
    list: &'static str,
    name: &'static str,
    key: Option<SortKey<M>>,
    id: (Expr, fn(&M) -> i64),
    is_descending: bool,
}

impl<M> Order<M> {
    /// By id alone. `list` marks the cursors of this kind of list.
    pub fn by_id(list: &'static str, column: impl Into<Expr>, id: fn(&M) -> i64) -> Self {
        Self {
            list,
            name: "id",
            key: None,
            id: (column.into(), id),
            is_descending: false,
        }
    }

    /// By a key first. `name` marks the cursors of this order; `like` is any
    /// value of the key's type.
    #[must_use]
    pub fn keyed(
        self,
        name: &'static str,
        column: Expr,
        like: Key,
        of: impl Fn(&M) -> Key + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            key: Some(SortKey {
                column,
                kind: discriminant(&like),
                of: Box::new(of),
            }),
            ..self
        }
    }

    /// From the largest to the smallest.
    #[must_use]
    pub fn descending(self, is_descending: bool) -> Self {
        Self { is_descending, ..self }
    }

    pub(super) fn name(&self) -> String {
        let direction = if self.is_descending { "-" } else { "" };
        format!("{}.{}{direction}", self.list, self.name)
    }

    /// Where a row stands in a list of this order, which has that name.
    pub(super) fn place(&self, name: &Arc<str>, row: &M) -> Place {
        Place {
            order: name.clone(),
            key: self.key.as_ref().map(|key| (key.of)(row)),
            id: self.id.1(row),
        }
    }

    /// Whether the cursors of `window` are of this order.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for a cursor of another order.
    pub fn check(&self, window: &Window) -> Reply<()> {
        self.apply(&mut SelectStatement::new(), window)
    }

    /// Restricts a statement to the rows on the wanted side of the cursors, and
    /// orders it as they are to be read.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for a cursor of another order.
    pub fn apply(&self, statement: &mut SelectStatement, window: &Window) -> Reply<()> {
        let key = self.key.as_ref().map(|key| InPart::Column(&key.column));
        self.restrict(statement, window, key.as_ref(), &self.id.0)?;
        self.sort(statement, window, key.as_ref(), &self.id.0);
        Ok(())
    }

    /// The same, in a part of the list.
    fn apply_in<E: EntityTrait>(&self, part: &Part<E>, window: &Window) -> Reply<SelectStatement> {
        let id = part.id.as_ref().unwrap_or(&self.id.0);
        let rank = part.rank.map(|rank| InPart::Same(Key::Number(rank)));
        let key = rank.or_else(|| self.key.as_ref().map(|key| InPart::Column(&key.column)));
        let mut statement = part.rows.as_query().clone();
        self.restrict(&mut statement, window, key.as_ref(), id)?;
        self.sort(&mut statement, window, key.as_ref(), id);
        Ok(statement.limit(window.rows_to_read()).to_owned())
    }

    /// The statement for a part of a list; none where the list is empty.
    pub(super) fn statement<E: EntityTrait<Model = M>>(
        &self,
        listing: &Listing<E>,
        window: &Window,
    ) -> Reply<Option<SelectStatement>> {
        let mut pages = listing
            .parts
            .iter()
            .map(|part| self.apply_in(part, window))
            .collect::<Reply<Vec<_>>>()?;
        if pages.len() <= 1 {
            return Ok(pages.pop());
        }
        Ok(union(UnionType::Distinct, pages).map(|pages| {
            let mut page = all_of(pages, E::default().table_name());
            let key = self.key.as_ref().map(|key| InPart::Column(&key.column));
            self.sort(&mut page, window, key.as_ref(), &self.id.0);
            page.limit(window.rows_to_read()).to_owned()
        }))
    }

    fn restrict(
        &self,
        statement: &mut SelectStatement,
        window: &Window,
        key: Option<&InPart<'_>>,
        id: &Expr,
    ) -> Reply<()> {
        for (position, is_after) in [(&window.after, true), (&window.before, false)] {
            if let Some(position) = position {
                statement.and_where(self.beyond(position, is_after != self.is_descending, key, id)?);
            }
        }
        Ok(())
    }

    fn sort(&self, statement: &mut SelectStatement, window: &Window, key: Option<&InPart<'_>>, id: &Expr) {
        use sea_orm::sea_query::Order::{Asc, Desc};
        let direction = if self.is_descending == window.is_backward {
            Asc
        } else {
            Desc
        };
        if let Some(InPart::Column(column)) = key {
            statement.order_by_expr((*column).clone(), direction.clone());
        }
        statement.order_by_expr(id.clone(), direction);
    }

    fn beyond(&self, position: &Position, is_greater: bool, key: Option<&InPart<'_>>, id: &Expr) -> Reply<Expr> {
        let foreign = || Fault::bad_input("This is not a cursor of this list.");
        let kind = self.key.as_ref().map(|key| key.kind);
        if position.order != self.name() || position.key.as_ref().map(discriminant) != kind {
            return Err(foreign());
        }
        let side = |column: &Expr, value: Expr, is_open: bool| match (is_greater, is_open) {
            (true, true) => column.clone().gt(value),
            (true, false) => column.clone().gte(value),
            (false, true) => column.clone().lt(value),
            (false, false) => column.clone().lte(value),
        };
        let by_id = side(id, Expr::value(position.id), true);
        Ok(match (key, &position.key) {
            // Spelled so because both databases seek into an index with it;
            // SQLite does not with a comparison of rows over an expression.
            (Some(InPart::Column(column)), Some(key)) => {
                let value = || Expr::value(key.value());
                side(column, value(), false).and(side(column, value(), true).or(by_id))
            }
            (Some(InPart::Same(same)), Some(key)) if same != key => {
                Expr::cust(if (same > key) == is_greater { "1 = 1" } else { "1 = 0" })
            }
            _ => by_id,
        })
    }
}

/// What the rows of a part of a list have for key.
enum InPart<'a> {
    /// Each its own.
    Column(&'a Expr),
    /// All the same.
    Same(Key),
}
