//! Mail as files: one `.eml` per letter, for development and for whoever
//! collects them.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use super::Failure;
use crate::clock;

/// Where the files go.
#[derive(Clone)]
pub struct Folder(pub PathBuf);

impl Folder {
    /// Puts `message` into a file of its own. Files sort by the time they were
    /// written; whoever looks never finds half a letter.
    pub async fn put(&self, message: Vec<u8>) -> Result<(), Failure> {
        let folder = self.0.clone();
        let written = tokio::task::spawn_blocking(move || write(&folder, &message)).await;
        let outcome = written.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        outcome.map_err(|error| {
            tracing::error!(%error, folder = %self.0.display(), "mail.folder cannot be written to");
            Failure::Later("The mail could not be stored.".into())
        })
    }
}

fn write(folder: &Path, message: &[u8]) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    // Letters hold links that are good for whoever has them.
    #[cfg(unix)]
    {
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    builder.create(folder)?;

    let time = clock::now().format("%Y%m%dT%H%M%S%6fZ");
    let name = format!("{time}-{:08x}", rand::random::<u32>());
    let draft = folder.join(format!(".{name}.tmp"));
    let mut file = options.open(&draft)?;
    file.write_all(message)?;
    file.sync_all()?;
    fs::rename(draft, folder.join(format!("{name}.eml")))
}
