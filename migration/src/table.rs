//! Columns that SQLite and PostgreSQL spell differently, and the parts of
//! tables that every step would otherwise repeat. Merged steps rely on them:
//! add functions, never change what one makes.

use sea_orm_migration::{
    prelude::*,
    schema::{json, json_binary, string_len},
    sea_orm::DbBackend,
};

/// Columns as one database spells them.
#[derive(Clone, Copy)]
pub(crate) struct Columns(DbBackend);

impl Columns {
    /// The columns of the database that is migrated.
    pub(crate) fn of(manager: &SchemaManager<'_>) -> Self {
        Self(manager.get_database_backend())
    }

    /// A text of at most `length` characters. SQLite ignores the length of a
    /// type, so it gets a check: what one database refuses, both refuse.
    pub(crate) fn string(self, name: &'static str, length: u32) -> ColumnDef {
        let mut column = string_len(name, length);
        if self.0 == DbBackend::Sqlite {
            column.check(Expr::expr(Func::char_length(Expr::col(name))).lte(length));
        }
        column
    }

    /// The same, or null.
    pub(crate) fn string_null(self, name: &'static str, length: u32) -> ColumnDef {
        self.string(name, length).null().take()
    }

    /// A text column that is compared and ordered byte by byte, whatever the
    /// locale of the database, as SQLite does anyway.
    pub(crate) fn byte_ordered(self, mut column: ColumnDef) -> ColumnDef {
        if self.0 == DbBackend::Postgres {
            column.extra(r#"COLLATE "C""#);
        }
        column
    }

    /// A JSON document.
    pub(crate) fn json(self, name: &'static str) -> ColumnDef {
        match self.0 {
            DbBackend::Postgres => json_binary(name),
            _ => json(name),
        }
    }

    /// The same, or null.
    pub(crate) fn json_null(self, name: &'static str) -> ColumnDef {
        self.json(name).null().take()
    }
}

/// A unique constraint over `columns`, which also serves as their index.
pub(crate) fn unique(columns: &[&'static str]) -> IndexCreateStatement {
    let mut constraint = Index::create().unique().take();
    for column in columns {
        constraint.col(*column);
    }
    constraint
}

/// An index over `columns`. Its name is unique in the database.
pub(crate) fn index(name: &str, table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create().name(name).table(table).take();
    for column in columns {
        index.col(*column);
    }
    index
}

/// The rule that `table.column` is the id of a row of `parent`, and what
/// happens to the row when the parent goes.
pub(crate) fn foreign_key(
    table: &'static str,
    column: &'static str,
    parent: &'static str,
    on_delete: ForeignKeyAction,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, column)
        .to(parent, "id")
        .on_delete(on_delete)
        .take()
}

/// Drops `tables` in the order given: children before their parents. Their
/// indexes go with them.
pub(crate) async fn drop_tables(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for table in tables {
        manager.drop_table(Table::drop().table(*table).take()).await?;
    }
    Ok(())
}
