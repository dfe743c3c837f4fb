//! The file store (§18), over a folder, memory and a server that speaks like S3.

mod crash;
mod pieces;
mod s3;
mod sweep;

use std::{collections::BTreeSet, path::Path, sync::Arc};

use chrono::{TimeDelta, Utc};
use entity::{blob, blob_index, file, ids::FileId, job};
use roster::{
    app::App,
    config::{Config, StorageKind},
    db,
    storage::Reader,
};
use sea_orm::{ActiveValue::Set, EntityTrait, IntoActiveModel, PaginatorTrait, prelude::*, sea_query::Expr};
use tokio_util::sync::CancellationToken;

use crate::support::TestDatabase;

/// Roster without its doors: a database and a place for files.
struct Store {
    app: Arc<App>,
    // Dropped when nothing uses it any more.
    database: Arc<TestDatabase>,
}

impl Store {
    async fn open(change: impl FnOnce(&mut Config)) -> Self {
        Self::on(Arc::new(TestDatabase::migrated().await), change).await
    }

    async fn on(database: Arc<TestDatabase>, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config {
            data_dir: database.folder().to_owned(),
            database_url: Some(database.url().into()),
            demo: Some(false),
            ..Config::default()
        };
        config.database.connections_max = 10;
        change(&mut config);
        Self {
            app: roster::prepare(config).await.unwrap(),
            database,
        }
    }

    /// Stores `content` as a file.
    async fn put(&self, content: &[u8]) -> file::Model {
        let staged = self
            .app
            .storage
            .stage(&self.app.db, content, roster::clock::now())
            .await
            .unwrap();
        let tx = db::begin_write(&self.app.db).await.unwrap();
        let file = staged
            .keep(&tx, "a.bin".into(), "test", roster::clock::now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        file
    }

    async fn delete(&self, file: FileId) {
        let tx = db::begin_write(&self.app.db).await.unwrap();
        roster::storage::delete(&tx, &[file], roster::clock::now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    async fn open_file(&self, file: FileId) -> Option<Reader> {
        self.app.storage.read(&self.app.db, file).await.unwrap()
    }

    async fn content(&self, file: FileId) -> Vec<u8> {
        self.open_file(file)
            .await
            .unwrap()
            .read_to_end()
            .await
            .unwrap()
            .to_vec()
    }

    async fn blobs(&self) -> Vec<blob::Model> {
        blob::Entity::find().all(&self.app.db).await.unwrap()
    }

    async fn places(&self) -> u64 {
        blob_index::Entity::find().count(&self.app.db).await.unwrap()
    }

    /// Does everything that is queued, and what follows from it, as if a day had
    /// gone by before each.
    async fn a_day_later(&self) {
        let db = &self.app.db;
        loop {
            let jobs = job::Entity::find()
                .filter(job::Column::RepeatKey.is_null())
                .all(db)
                .await
                .unwrap();
            if jobs.is_empty() {
                return;
            }
            let day = TimeDelta::days(1);
            for job in jobs {
                let mut job = job.into_active_model();
                job.due_at = Set(Utc::now() - day);
                job.update(db).await.unwrap();
            }
            let long_ago = blob::Entity::update_many().col_expr(blob::Column::Timestamp, Expr::value(Utc::now() - day));
            long_ago.exec(db).await.unwrap();
            let stop = CancellationToken::new();
            let until_idle = async {
                let due = || job::Entity::find().filter(job::Column::DueAt.lt(Utc::now() - TimeDelta::hours(1)));
                while due().count(db).await.unwrap() > 0 {
                    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                }
                stop.cancel();
            };
            tokio::join!(
                roster::jobs::work(roster::live::Live::new(self.app.clone()), stop.clone()),
                until_idle
            );
        }
    }

    /// Keys of all objects of the folder.
    fn objects(&self) -> BTreeSet<String> {
        let folder = self.database.folder().join("files");
        let mut found = BTreeSet::new();
        collect(&folder, &folder, &mut found);
        found
    }

    /// Every piece has its object, and there is no other.
    async fn assert_tidy(&self) {
        let paths: BTreeSet<_> = self.blobs().await.into_iter().filter_map(|blob| blob.path).collect();
        assert_eq!(self.objects(), paths);
    }
}

fn collect(root: &Path, folder: &Path, found: &mut BTreeSet<String>) {
    for entry in folder.read_dir().unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            collect(root, &entry.path(), found);
        } else {
            found.insert(entry.path().strip_prefix(root).unwrap().to_str().unwrap().to_owned());
        }
    }
}

fn in_memory(config: &mut Config) {
    config.storage.kind = StorageKind::Memory;
}

/// Bytes of which no two pieces are the same.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(length)
    .collect()
}
