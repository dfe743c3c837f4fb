//! Rows that are read by the places of their columns. Finding each column by its
//! name takes several times as long as reading it.

use sea_orm::{DbErr, QueryResult};

/// A row whose columns stand side by side, in the order of its fields.
pub trait FromColumns: Sized {
    /// How many there are.
    const COUNT: usize;

    /// Reads the row whose columns begin at this place.
    ///
    /// # Errors
    /// Columns of other types.
    fn from_columns(row: &QueryResult, first: usize) -> Result<Self, DbErr>;

    /// The same for the outer side of a join: `None` where the first column, which
    /// is the key, is null.
    ///
    /// # Errors
    /// Columns of other types.
    fn from_columns_optional(row: &QueryResult, first: usize) -> Result<Option<Self>, DbErr> {
        let key: Option<i64> = row.try_get_by_index(first)?;
        key.map(|_| Self::from_columns(row, first)).transpose()
    }
}

/// Reads the model of this module so; takes all of its columns in their order.
#[macro_export]
macro_rules! from_columns {
    ($($column:ident),+ $(,)?) => {
        impl $crate::FromColumns for Model {
            const COUNT: usize = [$(stringify!($column)),+].len();

            fn from_columns(row: &sea_orm::QueryResult, first: usize) -> Result<Self, DbErr> {
                let mut places = first..;
                let mut place = || places.next().unwrap_or(usize::MAX);
                Ok(Self { $($column: row.try_get_by_index(place())?),+ })
            }
        }

        #[cfg(test)]
        #[test]
        fn columns_stand_in_the_order_of_the_fields() {
            use sea_orm::{IdenStatic, Iterable};
            let columns: Vec<_> = Column::iter().map(|column| column.as_str().to_owned()).collect();
            assert_eq!(columns, [$(stringify!($column)),+]);
        }
    };
}
