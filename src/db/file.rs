//! The file of an SQLite database: whether what is open is still what stands there.

use std::{
    fs::Metadata,
    io,
    path::{Path, PathBuf},
};

use sea_orm::DbErr;

/// A file, as it was when it was opened. Of who deletes or replaces it under a
/// running process, SQLite tells nothing: it goes on writing to what is gone.
#[derive(Clone, Debug)]
pub(super) struct DatabaseFile {
    path: PathBuf,
    identity: Identity,
}

impl DatabaseFile {
    /// The file at `path`; none for a database in memory.
    pub(super) fn at(path: &Path) -> io::Result<Option<Self>> {
        if is_memory(path) {
            return Ok(None);
        }
        let identity = Identity::of(&std::fs::metadata(path)?);
        let path = path.to_owned();
        Ok(Some(Self { path, identity }))
    }

    /// Whether it is still there. It is not opened for that: closing it would take
    /// back every lock that the process has on it.
    ///
    /// # Errors
    /// It is gone, or another one stands in its place.
    pub(super) fn check(&self) -> Result<(), DbErr> {
        let found = std::fs::metadata(&self.path).map(|metadata| Identity::of(&metadata));
        if found.is_ok_and(|identity| identity == self.identity) {
            return Ok(());
        }
        let path = self.path.display();
        Err(DbErr::Custom(format!("{path} was deleted or replaced")))
    }
}

/// Whether the database has no file. That is how it is called then.
pub(super) fn is_memory(path: &Path) -> bool {
    let name = path.to_string_lossy();
    name.starts_with("file:") || name == ":memory:"
}

/// By what a file is known. Elsewhere than on Unix, an open file cannot be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity(Option<(u64, u64)>);

impl Identity {
    #[cfg(unix)]
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self(Some((metadata.dev(), metadata.ino())))
    }

    #[cfg(not(unix))]
    fn of(_: &Metadata) -> Self {
        Self(None)
    }
}
