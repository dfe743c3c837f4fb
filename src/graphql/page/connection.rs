//! What clients see of a page: a connection, as the Relay specification has it.

use std::{borrow::Cow, sync::Arc};

use async_graphql::{
    Context, ContextSelectionSet, Object, OutputType, Positioned, ServerResult, TypeName, Value, connection::PageInfo,
    parser::types::Field, registry::Registry,
};
use entity::webhook_delivery::DeliveryStatus;
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, Query, SelectStatement, SubQueryStatement},
};

use super::cursor::{Key, Position};
use crate::{
    domain::listing::Listing,
    graphql::{context::ContextExt, error::Reply},
};

/// A part of a list, as the Relay cursor connections specification has it. `N`
/// is an `Option` where entries can be null.
pub struct Page<N> {
    pub(super) edges: Vec<Edge<N>>,
    pub(super) has_previous_page: bool,
    pub(super) has_next_page: bool,
    pub(super) total: Total,
}

impl<N> Page<N> {
    /// The entries of this part, in order.
    pub fn entries(&self) -> impl Iterator<Item = &N> {
        self.edges.iter().map(|edge| &edge.node)
    }
}

impl<N: OutputType> TypeName for Page<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", N::type_name()).into()
    }
}

/// A part of a list, with what is needed to ask for the next part.
#[Object(name_type)]
impl<N: OutputType> Page<N> {
    /// The entries with their cursors.
    async fn edges(&self) -> &[Edge<N>] {
        &self.edges
    }

    /// The entries. One that can be null is null where a field of it that cannot
    /// be had an error.
    async fn nodes(&self) -> Vec<Entry<'_, N>> {
        self.edges.iter().map(|edge| Entry(&edge.node)).collect()
    }

    /// Where this part is in the list.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.has_previous_page,
            has_next_page: self.has_next_page,
            start_cursor: self.edges.first().map(|edge| edge.place.cursor()),
            end_cursor: self.edges.last().map(|edge| edge.place.cursor()),
        }
    }

    /// Entries in the whole list. Counted only when asked for.
    async fn total_count(&self, ctx: &Context<'_>) -> Reply<i32> {
        let count = match &self.total {
            Total::Listed(statement) => {
                let db = &ctx.app().db;
                let statement = db.backend().build(&statement());
                let row = db.query_one_raw(statement).await?;
                let row = row.ok_or_else(|| DbErr::RecordNotFound("a count".into()))?;
                row.try_get_by_index::<i64>(0)?
            }
            Total::TeamMemberships(team) => ctx.loaders().team_sizes.load(*team).await?,
            Total::Deliveries(webhook, status) => ctx.loaders().delivery_counts.load((*webhook, *status)).await?,
        };
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }
}

/// An entry with its place in the list.
pub struct Edge<N> {
    pub(super) place: Place,
    pub(super) node: N,
}

/// Where a row stands in an ordered list: its cursor, if that is asked for.
pub(super) struct Place {
    pub(super) order: Arc<str>,
    pub(super) key: Option<Key>,
    pub(super) id: i64,
}

impl Place {
    fn cursor(&self) -> String {
        let position = Position {
            order: self.order.to_string(),
            key: self.key.clone(),
            id: self.id,
        };
        position.encode()
    }
}

impl<N: OutputType> TypeName for Edge<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", N::type_name()).into()
    }
}

/// An entry of a list with its place there.
#[Object(name_type)]
impl<N: OutputType> Edge<N> {
    /// The place, for `after` and `before`.
    async fn cursor(&self) -> String {
        self.place.cursor()
    }

    /// The entry; null, if it can be, where a field of it that cannot be had an
    /// error.
    async fn node(&self) -> Entry<'_, N> {
        Entry(&self.node)
    }
}

/// A borrowed entry. A plain reference will not do: the library takes every
/// reference for a value that is never null.
struct Entry<'a, N>(&'a N);

impl<N: OutputType> OutputType for Entry<'_, N> {
    fn type_name() -> Cow<'static, str> {
        N::type_name()
    }

    fn qualified_type_name() -> String {
        N::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        N::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        self.0.resolve(ctx, field).await
    }
}

/// How many entries a list has over all its pages.
pub enum Total {
    /// To be counted by a statement, which is made when it is asked for.
    Listed(Box<dyn Fn() -> SelectStatement + Send + Sync>),
    /// To be counted for many teams at once.
    TeamMemberships(entity::ids::TeamId),
    /// To be counted for many webhooks at once.
    Deliveries(entity::ids::WebhookId, Option<DeliveryStatus>),
}

impl Total {
    pub(super) fn of<E: EntityTrait>(listing: Listing<E>) -> Self {
        let count = |rows: &Select<E>| {
            let mut statement = rows.as_query().clone();
            statement.clear_selects().expr(Expr::cust("COUNT(*)"));
            Expr::SubQuery(None, Box::new(SubQueryStatement::SelectStatement(statement)))
        };
        Self::Listed(Box::new(move || {
            let sum = match &listing.all {
                Some(all) => count(all),
                None => listing
                    .parts
                    .iter()
                    .map(|part| count(&part.rows))
                    .reduce(ExprTrait::add)
                    .unwrap_or_else(|| Expr::val(0_i64)),
            };
            Query::select().expr(sum).to_owned()
        }))
    }
}
