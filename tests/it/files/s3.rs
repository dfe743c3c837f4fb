//! Files in a bucket of a real server that speaks like S3, started by the test.

use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use roster::config::{Config, StorageKind};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use serde_json::json;
use tempfile::TempDir;
use tokio::task::{JoinHandle, JoinSet};

use super::{Store, pieces};
use crate::{
    avatar::{path, red},
    support::TestApp,
};

/// An S3 server on a free port, with one bucket.
struct S3Server {
    endpoint: String,
    folder: TempDir,
    serving: JoinHandle<()>,
}

impl S3Server {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("pictures")).unwrap();
        let files = s3s_fs::FileSystem::new(folder.path()).unwrap();
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single("roster", "a secret of the tests"));
        let service = service.build();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move {
            // They end with this task.
            let mut connections = JoinSet::new();
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let service = service.clone();
                connections.spawn(async move {
                    let server = Builder::new(TokioExecutor::new());
                    // Whoever hangs up does so.
                    let _ = server.serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        Self {
            endpoint,
            folder,
            serving,
        }
    }

    fn settings(&self) -> impl Fn(&mut Config) + use<> {
        let endpoint = self.endpoint.clone();
        move |config| {
            config.storage.kind = StorageKind::S3;
            config.storage.s3.bucket = Some("pictures".into());
            config.storage.s3.prefix = "roster".into();
            config.storage.s3.endpoint = Some(endpoint.parse().unwrap());
            config.storage.s3.access_key_id = Some("roster".into());
            config.storage.s3.secret_access_key = Some("a secret of the tests".into());
        }
    }

    /// How many objects there are.
    fn objects(&self) -> usize {
        let mut found = std::collections::BTreeSet::new();
        let prefix = self.folder.path().join("pictures/roster");
        if prefix.exists() {
            super::collect(&prefix, &prefix, &mut found);
        }
        found.len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn content_comes_out_of_a_bucket_as_it_went_in() {
    let server = S3Server::start().await;
    let store = Store::open(server.settings()).await;
    pieces::comes_out_as_it_went_in(&store).await;
    assert_eq!(server.objects(), store.blobs().await.len());

    let files = entity::file::Entity::find_all(&store).await;
    for file in files {
        store.delete(file).await;
    }
    store.a_day_later().await;
    assert_eq!((server.objects(), store.blobs().await.len()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_shown_from_a_bucket() {
    let server = S3Server::start().await;
    let app = TestApp::start_with(server.settings()).await;
    let (acme, ann) = app.organization("Acme").await;
    let reply = ann.save_avatar(&acme, json!({}), &red()).await.done("saveOrgOptions");
    let url = path(reply.data("saveOrgOptions.organization.avatar.url"));
    assert_eq!(app.anonymous().fetch(&url, &[]).await.status(), 200);
    // The picture, and what was made from it.
    assert_eq!(server.objects(), 2);
    assert!(!app.folder().join("files").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_bucket_nothing_is_saved_and_all_else_works() {
    let server = S3Server::start().await;
    let app = TestApp::start_with(server.settings()).await;
    let (acme, ann) = app.organization("Acme").await;
    let reply = ann.save_avatar(&acme, json!({}), &red()).await.done("saveOrgOptions");
    let url = path(reply.data("saveOrgOptions.organization.avatar.url"));
    server.serving.abort();

    let other = crate::avatar::picture(300, [1, 2, 3], image::ImageFormat::Png);
    let reply = ann.save_avatar(&acme, json!({ "name": "Other" }), &other).await;
    assert_eq!(reply.error_codes(), ["INTERNAL"]);
    assert!(!reply.body.to_string().contains("127.0.0.1"), "{reply:?}");
    assert_eq!(app.anonymous().fetch(&url, &[]).await.status(), 500);
    let name = ann.send(
        "query($id: ID!) { node(id: $id) { ... on Organization { name } } }",
        json!({ "id": acme.id }),
    );
    assert_eq!(name.await.ok().text("node.name"), "Acme");
}

/// All files of a store.
trait FindAll {
    async fn find_all(store: &Store) -> Vec<entity::ids::FileId>;
}

impl FindAll for entity::file::Entity {
    async fn find_all(store: &Store) -> Vec<entity::ids::FileId> {
        use sea_orm::EntityTrait;
        let files = Self::find().all(&store.app.db).await.unwrap();
        files.into_iter().map(|file| file.id).collect()
    }
}
