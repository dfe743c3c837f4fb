//! Where queries and mutations begin: what stands around each of their first
//! fields. Of the fields below there may be thousands, so nothing stands around
//! those.

use std::{borrow::Cow, sync::Arc, time::Instant};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult, Value,
    parser::types::Field, registry::Registry,
};
use tracing::Instrument;

use super::context::RequestScope;
use crate::telemetry::{metrics, trace};

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

    async fn find_entity(&self, ctx: &Context<'_>, params: &Value) -> ServerResult<Option<Value>> {
        let begun = Instant::now();
        let found = self.fields.find_entity(ctx, params).await;
        metrics::resolved(&T::type_name(), ctx.item.node.name.node.as_str(), begun.elapsed());
        found
    }
}

impl<T: ObjectType> ObjectType for Root<T> {}
