//! Files (spec §18): their bytes are pieces in an object store, each piece there
//! once however many files have it; rows of the database say which pieces make
//! up which file.
//!
//! Objects come before the rows that lead to them and go after them, and before
//! either happens a job is written that removes the object unless a row leads
//! to it by then. So a crash at any point leaves nothing that is broken, and
//! nothing that stays.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use entity::{
    blob, blob_index, file,
    ids::{BlobId, FileId},
};
use object_store::{ObjectStore, ObjectStoreExt, PutPayload, path::Path};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt};
use uuid::Uuid;

use crate::{
    config::{self, Config, ConfigError, StorageKind},
    db::{self, Db, ForUpdate, Write},
    error::{Error, Result},
    queue::{self, Outcome, Work},
};

/// Size of a piece, but for the last of a file.
pub const PIECE_BYTES: usize = 1024 * 1024;

/// Size of the largest file.
pub const FILE_BYTES_MAX: i64 = 1 << 31;

/// How long a piece stays after the last file that had it. Whoever has found it
/// and is about to need it is done by then: requests take less.
const BLOB_GRACE: Duration = Duration::from_secs(5 * 60);

/// How long an object stays after the row that led to it: it may be being read.
const OBJECT_GRACE: Duration = Duration::from_secs(60);

/// When an object is removed to which no row has led yet.
const ABANDONED_AFTER: Duration = Duration::from_secs(60 * 60);

/// Pieces that one job sweeps, and rows of a statement.
const BATCH: usize = 1000;

/// Where the bytes of files are.
#[derive(Clone, Debug)]
pub struct Storage {
    objects: Arc<dyn ObjectStore>,
    /// The folder that the objects are in, if it is one.
    folder: Option<PathBuf>,
}

/// Content whose pieces are where they will be kept. It becomes a file with
/// [`Staged::keep`]; else it is removed again.
#[derive(Debug)]
pub struct Staged {
    pieces: Vec<Piece>,
    size: i64,
    checksum: String,
}

#[derive(Debug)]
struct Piece {
    checksum: String,
    size: i64,
    /// Key of an object that was made for it. None, if it was there already.
    path: Option<String>,
}

impl Storage {
    /// Opens what is configured.
    ///
    /// # Errors
    /// A folder that cannot be made; settings that make no sense.
    pub fn open(config: &Config) -> Result<Self, ConfigError> {
        let path = config.storage_folder();
        Ok(match config.storage.kind {
            StorageKind::Folder => Self {
                objects: Arc::new(folder(&path)?),
                folder: Some(path),
            },
            StorageKind::S3 => Self {
                objects: s3(&config.storage.s3)?,
                folder: None,
            },
            StorageKind::Memory => Self {
                objects: Arc::new(object_store::memory::InMemory::new()),
                folder: None,
            },
        })
    }

    /// Brings `content` to where it will be kept, piece by piece.
    ///
    /// # Errors
    /// Content larger than [`FILE_BYTES_MAX`], or that cannot be read; an object
    /// store or a database that does not answer.
    pub async fn stage(
        &self,
        db: &Db,
        mut content: impl AsyncRead + Unpin + Send,
        now: DateTime<Utc>,
    ) -> Result<Staged> {
        let mut staged = Staged {
            pieces: Vec::new(),
            size: 0,
            checksum: String::new(),
        };
        let mut whole = Sha256::new();
        let mut known = HashSet::new();
        loop {
            let mut bytes = Vec::with_capacity(PIECE_BYTES);
            let mut piece = (&mut content).take(PIECE_BYTES as u64);
            piece.read_to_end(&mut bytes).await.map_err(Error::internal)?;
            if bytes.is_empty() {
                break;
            }
            whole.update(&bytes);
            let size = i64::try_from(bytes.len()).map_err(Error::internal)?;
            staged.size += size;
            if staged.size > FILE_BYTES_MAX {
                return Err(Error::internal("the file is too large"));
            }
            let checksum = hex::encode(Sha256::digest(&bytes));
            let path = if known.insert(checksum.clone()) && !touch(db, &checksum, now).await? {
                Some(self.put_new(db, bytes.into(), now).await?)
            } else {
                None
            };
            staged.pieces.push(Piece { checksum, size, path });
        }
        staged.checksum = hex::encode(whole.finalize());
        Ok(staged)
    }

    /// Makes a new object. Removed again unless a row leads to it in time.
    async fn put_new(&self, db: &Db, bytes: Bytes, now: DateTime<Utc>) -> Result<String> {
        // Cut so that no folder becomes too large.
        let name = Uuid::new_v4().simple().to_string();
        let path = format!("{}/{}/{}", &name[..2], &name[2..6], &name[6..]);
        let tx = db::begin_write(db).await?;
        let sweep = Work::SweepObject { path: path.clone() };
        queue::enqueue_at(&tx, &sweep, now, now + ABANDONED_AFTER).await?;
        tx.commit().await?;
        self.put(&path, bytes).await?;
        Ok(path)
    }

    /// Opens a file for reading; `None` if there is none.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn read(&self, db: &impl ConnectionTrait, file: FileId) -> Result<Option<Reader>> {
        let Some(file) = file::Entity::find_by_id(file).one(db).await? else {
            return Ok(None);
        };
        let rows: Vec<(i64, i64, String)> = blob_index::Entity::find()
            .select_only()
            .column(blob_index::Column::Offset)
            .column(blob::Column::Size)
            .column(blob::Column::Path)
            .inner_join(blob::Entity)
            .filter(blob_index::Column::FileId.eq(file.id))
            .order_by_asc(blob_index::Column::Offset)
            .into_tuple()
            .all(db)
            .await?;
        let pieces = rows
            .into_iter()
            .map(|(offset, size, path)| Ok((u64::try_from(offset)?..u64::try_from(offset + size)?, path)))
            .collect::<Result<_, std::num::TryFromIntError>>()
            .map_err(Error::internal)?;
        Ok(Some(Reader {
            storage: self.clone(),
            pieces,
            position: 0,
        }))
    }

    /// Keeps an object under a key, for instead of the one that was there.
    ///
    /// # Errors
    /// An object store that does not answer.
    pub async fn put(&self, key: &str, bytes: Bytes) -> Result<()> {
        let put = self.objects.put(&Path::from(key), PutPayload::from_bytes(bytes)).await;
        put.map(drop).map_err(Error::internal)
    }

    /// The object with this key, if there is one.
    ///
    /// # Errors
    /// An object store that does not answer.
    pub async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        let found = async { self.objects.get(&Path::from(key)).await?.bytes().await };
        match found.await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(Error::internal(error)),
        }
    }

    /// Removes the object with this key, if there is one.
    ///
    /// # Errors
    /// An object store that does not answer.
    pub async fn remove(&self, key: &str) -> Result<()> {
        if let Some(folder) = &self.folder {
            remove_halves(&folder.join(key)).await.map_err(Error::internal)?;
        }
        match self.objects.delete(&Path::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(Error::internal(error)),
        }
    }

    /// Removes an object, unless a piece is in it.
    ///
    /// # Errors
    /// An object store or a database that does not answer.
    pub async fn sweep_object(&self, db: &impl ConnectionTrait, path: &str) -> Result<Outcome> {
        let piece = blob::Entity::find().filter(blob::Column::Path.eq(path)).one(db).await?;
        if piece.is_none() {
            self.remove(path).await?;
        }
        Ok(Outcome::DONE)
    }
}

/// Whether the settings make sense. Makes nothing.
///
/// # Errors
/// What does not.
pub fn check(config: &Config) -> Result<(), ConfigError> {
    match config.storage.kind {
        StorageKind::S3 => s3(&config.storage.s3).map(drop),
        StorageKind::Folder | StorageKind::Memory => Ok(()),
    }
}

/// Notes that a piece with this checksum is about to be used again, if there is
/// one.
async fn touch(db: &Db, checksum: &str, now: DateTime<Utc>) -> Result<bool> {
    let tx = db::begin_write(db).await?;
    let touched = blob::Entity::update_many()
        .col_expr(blob::Column::Timestamp, Expr::value(now))
        .filter(blob::Column::Checksum.eq(checksum))
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    Ok(touched.rows_affected > 0)
}

impl Staged {
    /// Size in bytes.
    pub fn size(&self) -> i64 {
        self.size
    }

    /// Makes it a file: there when `tx` commits, and not before.
    ///
    /// # Errors
    /// Content that was staged too long ago; a database that does not answer.
    pub async fn keep(self, tx: &Write, name: String, kind: &str, now: DateTime<Utc>) -> Result<file::Model> {
        let file = file::ActiveModel {
            name: Set(name),
            r#type: Set(kind.to_owned()),
            timestamp: Set(now),
            headers: Set(serde_json::json!({})),
            size: Set(Some(self.size)),
            checksum: Set(Some(self.checksum)),
            ..Default::default()
        };
        let file = file.insert(&**tx).await?;
        let mut offset = 0;
        for pieces in self.pieces.chunks(BATCH) {
            let blobs = blobs_of(tx, pieces, now).await?;
            let mut rows = Vec::with_capacity(pieces.len());
            for piece in pieces {
                let blob = blobs.get(piece.checksum.as_str());
                rows.push(blob_index::ActiveModel {
                    file_id: Set(file.id),
                    blob_id: Set(*blob.ok_or_else(|| Error::internal("a piece was swept before it was kept"))?),
                    offset: Set(offset),
                    ..Default::default()
                });
                offset += piece.size;
            }
            blob_index::Entity::insert_many(rows)
                .exec_without_returning(&**tx)
                .await?;
        }
        metrics::histogram!("filestore_file_size").record(self.size as f64);
        Ok(file)
    }
}

/// The rows of these pieces, by checksum, made where they are missing. They
/// cannot go before `tx` ends.
async fn blobs_of(tx: &Write, pieces: &[Piece], now: DateTime<Utc>) -> Result<HashMap<String, BlobId>> {
    let new = pieces.iter().filter_map(|piece| {
        Some(blob::ActiveModel {
            path: Set(Some(piece.path.clone()?)),
            size: Set(piece.size),
            checksum: Set(piece.checksum.clone()),
            timestamp: Set(now),
            ..Default::default()
        })
    });
    let new: Vec<_> = new.collect();
    if !new.is_empty() {
        let is_known = OnConflict::column(blob::Column::Checksum).do_nothing().to_owned();
        let insert = blob::Entity::insert_many(new).on_conflict(is_known);
        insert.exec_without_returning(&**tx).await?;
    }
    let checksums = pieces.iter().map(|piece| piece.checksum.as_str());
    let rows = blob::Entity::find()
        .filter(blob::Column::Checksum.is_in(checksums))
        .order_by_asc(blob::Column::Id)
        .for_update()
        .all(&**tx)
        .await?;
    let paths: HashSet<_> = rows.iter().filter_map(|row| row.path.as_deref()).collect();
    for path in pieces.iter().filter_map(|piece| piece.path.as_ref()) {
        if !paths.contains(path.as_str()) {
            // Somebody else has stored the same in the meantime; ours is swept.
            metrics::counter!("filestore_upload_race_total").increment(1);
        } else if queue::cancel(tx, &Work::SweepObject { path: path.clone() }).await? == 0 {
            return Err(Error::internal("an object was abandoned before it was kept"));
        }
    }
    Ok(rows.into_iter().map(|row| (row.checksum, row.id)).collect())
}

/// Deletes files when `tx` commits; later the pieces that no other file has.
///
/// # Errors
/// A database that does not answer.
pub async fn delete(tx: &Write, files: &[FileId], now: DateTime<Utc>) -> Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    let blobs: Vec<BlobId> = blob_index::Entity::find()
        .select_only()
        .column(blob_index::Column::BlobId)
        .distinct()
        .filter(blob_index::Column::FileId.is_in(files.iter().copied()))
        .into_tuple()
        .all(&**tx)
        .await?;
    // Takes its places of pieces with it.
    let gone = file::Entity::delete_many().filter(file::Column::Id.is_in(files.iter().copied()));
    gone.exec(&**tx).await?;
    for blobs in blobs.chunks(BATCH) {
        let sweep = Work::SweepBlobs { blobs: blobs.to_vec() };
        queue::enqueue_at(tx, &sweep, now, now + BLOB_GRACE).await?;
    }
    Ok(())
}

/// Deletes those of these pieces that no file has. The objects go later.
///
/// # Errors
/// A database that does not answer.
pub async fn sweep_blobs(db: &Db, blobs: &[BlobId], now: DateTime<Utc>) -> Result<Outcome> {
    let tx = db::begin_write(db).await?;
    // Locked first: what has been waited for is seen by the statements after it.
    let rows = blob::Entity::find()
        .filter(blob::Column::Id.is_in(blobs.iter().copied()))
        .order_by_asc(blob::Column::Id)
        .for_update()
        .all(&*tx)
        .await?;
    let used: Vec<BlobId> = blob_index::Entity::find()
        .select_only()
        .column(blob_index::Column::BlobId)
        .distinct()
        .filter(blob_index::Column::BlobId.is_in(rows.iter().map(|row| row.id)))
        .into_tuple()
        .all(&*tx)
        .await?;
    let used: HashSet<_> = used.into_iter().collect();
    let unused = rows.into_iter().filter(|row| !used.contains(&row.id));
    let (fresh, stale): (Vec<_>, Vec<_>) = unused.partition(|row| row.timestamp + BLOB_GRACE > now);
    if !stale.is_empty() {
        let gone = blob::Entity::delete_many().filter(blob::Column::Id.is_in(stale.iter().map(|row| row.id)));
        gone.exec(&*tx).await?;
    }
    for path in stale.into_iter().filter_map(|row| row.path) {
        queue::enqueue_at(&tx, &Work::SweepObject { path }, now, now + OBJECT_GRACE).await?;
    }
    tx.commit().await?;
    let next = fresh.iter().map(|row| row.timestamp + BLOB_GRACE).max();
    Ok(next.map_or(Outcome::DONE, Outcome::Until))
}

/// Reads a file.
#[derive(Debug)]
pub struct Reader {
    storage: Storage,
    /// Where in the file each piece is, and its object.
    pieces: Vec<(Range<u64>, String)>,
    position: u64,
}

impl Reader {
    /// Size of the file in bytes.
    pub fn size(&self) -> u64 {
        self.pieces.last().map_or(0, |(range, _)| range.end)
    }

    /// Goes on from there, which may lie behind the end.
    pub fn seek(&mut self, position: u64) {
        self.position = position;
    }

    /// The next bytes, at most `most` of them and those of one piece; none at
    /// the end.
    ///
    /// # Errors
    /// An object store that does not answer.
    pub async fn read(&mut self, most: u64) -> Result<Bytes> {
        let index = self.pieces.partition_point(|(range, _)| range.end <= self.position);
        let Some((piece, path)) = self.pieces.get(index).filter(|_| most > 0) else {
            return Ok(Bytes::new());
        };
        let begin = self.position - piece.start;
        let end = piece.end.min(self.position.saturating_add(most)) - piece.start;
        let objects = &self.storage.objects;
        let bytes = objects.get_range(&Path::from(path.as_str()), begin..end).await;
        let bytes = bytes.map_err(Error::internal)?;
        self.position += bytes.len() as u64;
        Ok(bytes)
    }

    /// All that is left.
    ///
    /// # Errors
    /// An object store that does not answer.
    pub async fn read_to_end(&mut self) -> Result<Bytes> {
        let mut whole = Vec::new();
        loop {
            let bytes = self.read(PIECE_BYTES as u64).await?;
            if bytes.is_empty() {
                return Ok(whole.into());
            }
            whole.extend_from_slice(&bytes);
        }
    }
}

fn folder(path: &std::path::Path) -> Result<object_store::local::LocalFileSystem, ConfigError> {
    let refuse = |why: String| ConfigError::new(format!("storage.folder: {}: {why}", path.display()));
    std::fs::create_dir_all(path).map_err(|error| refuse(error.to_string()))?;
    let folder = object_store::local::LocalFileSystem::new_with_prefix(path);
    // A row that was committed must not lead to bytes that a power cut took.
    let folder = folder.map_err(|error| refuse(error.to_string()))?;
    Ok(folder.with_fsync(true).with_automatic_cleanup(true))
}

/// Removes what a process left that died while it wrote this file: a file is
/// written beside its place, with `#` and a number behind its name.
async fn remove_halves(file: &std::path::Path) -> std::io::Result<()> {
    let (Some(folder), Some(name)) = (file.parent(), file.file_name().and_then(|name| name.to_str())) else {
        return Ok(());
    };
    let mut entries = match tokio::fs::read_dir(folder).await {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    while let Some(entry) = entries.next_entry().await? {
        let other = entry.file_name();
        let rest = other.to_str().and_then(|other| other.strip_prefix(name));
        if rest.is_some_and(|rest| rest.starts_with('#')) {
            tokio::fs::remove_file(entry.path()).await?;
        }
    }
    // Only if nothing else is in it.
    let _ = tokio::fs::remove_dir(folder).await;
    Ok(())
}

#[cfg(feature = "s3")]
fn s3(settings: &config::S3) -> Result<Arc<dyn ObjectStore>, ConfigError> {
    use object_store::{ClientOptions, RetryConfig, aws::AmazonS3Builder, prefix::PrefixStore};
    use secrecy::ExposeSecret;

    // Of one request, and of all its retries together.
    const TIMEOUT: Duration = Duration::from_secs(10);
    let refuse = |why: String| ConfigError::new(format!("storage.s3: {why}"));
    let bucket = settings.bucket.as_deref().unwrap_or_default();
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_region(&settings.region)
        .with_client_options(
            ClientOptions::new()
                .with_timeout(TIMEOUT)
                .with_connect_timeout(TIMEOUT / 2),
        )
        .with_retry(RetryConfig {
            max_retries: 3,
            retry_timeout: TIMEOUT,
            ..RetryConfig::default()
        });
    if let Some(endpoint) = &settings.endpoint {
        builder = builder
            .with_endpoint(endpoint.as_str().trim_end_matches('/'))
            .with_allow_http(endpoint.scheme() == "http");
    }
    if let (Some(id), Some(secret)) = (&settings.access_key_id, &settings.secret_access_key) {
        builder = builder
            .with_access_key_id(id)
            .with_secret_access_key(secret.expose_secret());
    }
    let bucket = builder.build().map_err(|error| refuse(error.to_string()))?;
    Ok(Arc::new(PrefixStore::new(bucket, settings.prefix.as_str())))
}

#[cfg(not(feature = "s3"))]
fn s3(_: &config::S3) -> Result<Arc<dyn ObjectStore>, ConfigError> {
    Err(ConfigError::new("storage.kind: this build has no S3".into()))
}
