//! A crash at any point leaves no broken picture, and nothing that stays.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use chrono::Utc;
use entity::organization_avatar;
use image::ImageFormat;
use sea_orm::EntityTrait;
use serde_json::json;

use super::{Store, noise};
use crate::{
    avatar::picture,
    command::Place,
    support::{Client, TestDatabase},
};

#[tokio::test]
async fn what_was_not_kept_is_swept() {
    let store = Store::open(|_| ()).await;
    let stage = async |content: &[u8]| {
        store
            .app
            .storage
            .stage(&store.app.db, content, Utc::now())
            .await
            .unwrap()
    };
    // The process ended before it was kept.
    drop(stage(&noise(2_000_000)).await);
    // Before the transaction was committed.
    let staged = stage(b"rolled back").await;
    let tx = roster::db::begin_write(&store.app.db).await.unwrap();
    staged.keep(&tx, "a.bin".into(), "test", Utc::now()).await.unwrap();
    tx.rollback().await.unwrap();
    // While the object was being written.
    let tx = roster::db::begin_write(&store.app.db).await.unwrap();
    let path = "00/1111/22222222222222222222222222".to_owned();
    let half = store.database.folder().join("files").join(format!("{path}#1"));
    std::fs::create_dir_all(half.parent().unwrap()).unwrap();
    std::fs::write(half, "hal").unwrap();
    let sweep = roster::queue::Work::SweepObject { path };
    roster::queue::enqueue(&tx, &sweep, Utc::now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.objects().len(), 4);

    let kept = store.put(b"kept").await;
    store.a_day_later().await;

    assert_eq!(store.content(kept.id).await, b"kept");
    assert_eq!(store.objects().len(), 1);
    store.assert_tidy().await;
}

/// Clients upload and replace pictures while the server is killed, again and
/// again. What was acknowledged is there, every picture that is shown can be
/// shown, and once swept there is no object that nobody needs.
#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_it_shows_every_picture() {
    let database = std::sync::Arc::new(TestDatabase::migrated().await);
    let place = Place::with_secrets(&database.url())
        .set("ROSTER_DATA_DIR", database.folder().to_str().unwrap())
        .set("ROSTER_RATE_LIMITS__ENABLED", "false")
        .set("ROSTER_JOBS__IN_SERVE", "false");
    let program = place.serve();
    let ann = Client::person_at(&program.url, "ann");
    let mut organizations = Vec::new();
    for name in ["One", "Two", "Three"] {
        let reply = ann
            .mutate("createOrganization", "organization { id }", json!({ "name": name }))
            .await;
        organizations.push(
            reply
                .done("createOrganization")
                .text("createOrganization.organization.id"),
        );
    }
    drop(program);

    let uploads = AtomicUsize::new(0);
    for round in 0..4_u8 {
        let program = place.serve();
        let clients = organizations.iter().enumerate().map(|(index, organization)| {
            let (at, uploads) = (ann.at_url(&program.url), &uploads);
            async move {
                for turn in 0..200_u8 {
                    let color = [round * 60, turn, index as u8 / 2 * 90];
                    let input = json!({ "organizationId": organization });
                    let photo = picture(256, color, ImageFormat::Png);
                    let upload = at.upload_request("saveOrgOptions", "organization { id }", input, &photo);
                    // Until the server is gone.
                    let Ok(answer) = upload.send().await else { return };
                    assert_eq!(answer.status(), 200);
                    uploads.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        let clients = futures_util::future::join_all(clients);
        let kill = async {
            let goal = uploads.load(Ordering::Relaxed) + 4;
            while uploads.load(Ordering::Relaxed) < goal {
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
            tokio::time::sleep(Duration::from_millis(u64::from(round) * 7)).await;
            program.signal("KILL");
        };
        tokio::join!(clients, kill);
    }

    let store = Store::on(database, |_| ()).await;
    let avatars = async || organization_avatar::Entity::find().all(&store.app.db).await.unwrap();
    let all_shown = async || {
        for avatar in avatars().await {
            assert!(store.content(avatar.file_id.unwrap()).await.len() > 100);
        }
    };
    assert_eq!(avatars().await.len(), 3);
    all_shown().await;
    store.a_day_later().await;
    all_shown().await;
    let shown = store.objects();
    store.assert_tidy().await;
    // Two of the three may show the same.
    assert!((2..=3).contains(&shown.len()), "{shown:?}");
}
