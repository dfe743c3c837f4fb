//! Where queries and mutations begin: what stands around each of their first
//! fields. Of the fields below there may be thousands, so nothing stands around
//! those.

use std::{
    borrow::Cow,
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use async_graphql::{
    Any, ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Pos, Positioned, QueryPathNode,
    QueryPathSegment, ServerError, ServerResult, Value, parser::types::Field, registry::Registry,
};
use tracing::Instrument;

use super::{context::RequestScope, error::refusal};
use crate::{
    error::RequestCode,
    telemetry::{metrics, trace},
};

/// A type of the schema where operations begin.
#[derive(Debug, Default)]
pub struct Root<T> {
    fields: T,
    /// Whether each field may change what the next one reads.
    changes: bool,
}

impl<T> Root<T> {
    /// Of queries.
    pub fn of_queries(fields: T) -> Self {
        Self { fields, changes: false }
    }

    /// Of mutations.
    pub fn of_mutations(fields: T) -> Self {
        Self { fields, changes: true }
    }
}

impl<T: ObjectType> OutputType for Root<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        self.fields.resolve(ctx, field).await
    }
}

impl<T: ObjectType> ContainerType for Root<T> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        if self.changes
            && let Some(scope) = ctx.data_opt::<Arc<RequestScope>>()
        {
            scope.forget();
        }
        let (parent, name) = (T::type_name(), ctx.item.node.name.node.as_str());
        let begun = Instant::now();
        let resolving = self.fields.resolve_field(ctx);
        let resolved = resolving.instrument(trace::field(&parent, name)).await;
        metrics::resolved(&parent, name, begun.elapsed());
        resolved
    }

    /// An entity that cannot be told is null, and why is told of its place. The
    /// library would drop all others of the list, and forgets the place.
    async fn find_entity(&self, ctx: &Context<'_>, params: &Value) -> ServerResult<Option<Value>> {
        let begun = Instant::now();
        let all = ctx.data_opt::<Representations>();
        let place = all.and_then(|all| all.place_of(ctx, params));
        let mut at_place = ctx.clone();
        at_place.path_node = place.map_or(ctx.path_node, |place| {
            let (parent, segment) = (ctx.path_node.as_ref(), QueryPathSegment::Index(place));
            Some(QueryPathNode { parent, segment })
        });
        let found = self.fields.find_entity(&at_place, params).await;
        metrics::resolved(&T::type_name(), ctx.item.node.name.node.as_str(), begun.elapsed());
        let why = match found {
            Ok(Some(found)) => return Ok(Some(found)),
            Ok(None) => at_place.set_error_path(unknown(ctx.item.pos)),
            Err(error) if error.path.len() > 1 => error,
            Err(error) => at_place.set_error_path(error),
        };
        ctx.add_error(why);
        Ok(Some(Value::Null))
    }
}

fn unknown(pos: Pos) -> ServerError {
    let mut error = refusal(RequestCode::BadUserInput, "No entity is of this type.");
    error.locations = vec![pos];
    error
}

/// Which of the entities that a request refers to are not looked up yet, while it
/// runs, by the name of the list in the answer. The library does not say which one it asks for.
#[derive(Debug, Default)]
pub struct Representations(Mutex<HashMap<String, VecDeque<(usize, Value)>>>);

impl Representations {
    /// The place of the next one that is like `params`.
    fn place_of(&self, ctx: &Context<'_>, params: &Value) -> Option<usize> {
        let name = &ctx.item.node.response_key().node;
        let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !lists.contains_key(name.as_str()) {
            let (_, all) = ctx.param_value::<Vec<Any>>("representations", None).ok()?;
            let places = all.into_iter().enumerate().map(|(place, Any(params))| (place, params));
            lists.insert(name.to_string(), places.collect());
        }
        let places = lists.get_mut(name.as_str())?;
        // Most often they come in their order.
        let at = places.iter().position(|(_, other)| other == params)?;
        places.remove(at).map(|(place, _)| place)
    }
}

impl<T: ObjectType> ObjectType for Root<T> {}
