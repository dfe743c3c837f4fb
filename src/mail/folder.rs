//! Mail as files: one `.eml` per letter, for development and for whoever
//! collects them.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use chrono::DateTime;

use super::Failure;

/// Where the files go.
#[derive(Clone)]
pub struct Folder(pub PathBuf);

impl Folder {
    /// Puts `message` into a file of its own, whose name comes from the reason for
    /// it: a second attempt finds the letter there. Files sort by the time at
    /// which letters were asked for; whoever looks never finds half a letter.
    pub async fn put(&self, message: Vec<u8>, key: &str) -> Result<(), Failure> {
        let (folder, name) = (self.0.clone(), name(key));
        let written = tokio::task::spawn_blocking(move || write(&folder, &name, &message)).await;
        let outcome = written.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        outcome.map_err(|error| {
            tracing::error!(%error, folder = %self.0.display(), "mail.folder cannot be written to");
            Failure::Later("The mail could not be stored.".into())
        })
    }
}

/// A job's key is its number and the time at which it was queued.
fn name(key: &str) -> String {
    let (number, time) = key.split_once('.').unwrap_or((key, ""));
    let time = time.parse().ok().and_then(DateTime::from_timestamp_micros);
    format!("{}-{number}", time.unwrap_or_default().format("%Y%m%dT%H%M%S%6fZ"))
}

fn write(folder: &Path, name: &str, message: &[u8]) -> std::io::Result<()> {
    let letter = folder.join(format!("{name}.eml"));
    if letter.try_exists()? {
        return Ok(());
    }
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

    let draft = folder.join(format!(".{name}.{:08x}.tmp", rand::random::<u32>()));
    let mut file = options.open(&draft)?;
    file.write_all(message)?;
    file.sync_all()?;
    fs::rename(draft, letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_letter_that_is_put_twice_is_there_once() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder(place.path().join("mail"));
        for key in ["7.1790000000000001", "8.1790000000000002", "7.1790000000000001"] {
            folder.put(key.into(), key).await.unwrap();
        }
        let files = fs::read_dir(&folder.0).unwrap().map(|file| file.unwrap().file_name());
        let mut names: Vec<_> = files.map(|name| name.into_string().unwrap()).collect();
        names.sort_unstable();
        assert_eq!(names, ["20260921T141320000001Z-7.eml", "20260921T141320000002Z-8.eml"]);
    }
}
