//! Global ids at the door.

use async_graphql::ID;
use entity::ids::RowId;

/// The row that `id` names. A malformed id, or one of another type, names row 0,
/// which does not exist: it behaves like the id of a row that is gone.
pub fn row_id<T: RowId>(id: &ID) -> T {
    T::parse(id).unwrap_or_default()
}

/// The id of a row, as clients see it.
pub fn global_id(id: impl RowId) -> ID {
    ID(id.global())
}
