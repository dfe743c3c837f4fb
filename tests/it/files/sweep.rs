//! Deleting: rows at once, pieces later, objects last.

use chrono::Utc;
use entity::job;
use roster::storage::PIECE_BYTES;
use sea_orm::EntityTrait;

use super::{Store, noise};

#[tokio::test]
async fn pieces_go_five_minutes_after_their_last_file() {
    let store = Store::open(|_| ()).await;
    let shared = noise(PIECE_BYTES);
    let first = store.put(&[shared.as_slice(), b"one"].concat()).await;
    let second = store.put(&[shared.as_slice(), b"two"].concat()).await;

    store.delete(first.id).await;

    assert!(store.open_file(first.id).await.is_none());
    assert_eq!((store.places().await, store.blobs().await.len()), (2, 3));
    let jobs = job::Entity::find().all(&store.app.db).await.unwrap();
    let [sweep] = jobs.as_slice() else { panic!("{jobs:?}") };
    let wait = (sweep.due_at - Utc::now()).num_seconds();
    assert!((240..=300).contains(&wait), "{wait}");

    store.a_day_later().await;
    assert_eq!(store.blobs().await.len(), 2);
    assert!(store.content(second.id).await == [shared.as_slice(), b"two"].concat());
    store.assert_tidy().await;

    store.delete(second.id).await;
    store.a_day_later().await;
    assert!(store.blobs().await.is_empty() && store.objects().is_empty());
}

#[tokio::test]
async fn objects_go_a_minute_after_their_piece() {
    let store = Store::open(|_| ()).await;
    let file = store.put(b"content").await;
    store.delete(file.id).await;
    let blobs: Vec<_> = store.blobs().await.iter().map(|blob| blob.id).collect();
    let later = roster::clock::now() + chrono::TimeDelta::hours(1);

    roster::storage::sweep_blobs(&store.app.db, &blobs, later)
        .await
        .unwrap();

    assert!(store.blobs().await.is_empty());
    assert_eq!(store.objects().len(), 1);
    let jobs = job::Entity::find().all(&store.app.db).await.unwrap();
    let object = jobs.iter().find(|job| job.kind == "sweep_object").unwrap();
    assert_eq!((object.due_at - later).num_seconds(), 60);
    store.a_day_later().await;
    assert!(store.objects().is_empty());
}

#[tokio::test]
async fn a_piece_that_is_used_again_in_time_stays() {
    let store = Store::open(|_| ()).await;
    let first = store.put(b"content").await;
    store.delete(first.id).await;
    let second = store.put(b"content").await;
    store.a_day_later().await;
    assert_eq!(store.content(second.id).await, b"content");

    // Found, but not kept yet, when the sweep comes.
    store.delete(second.id).await;
    let staged = store
        .app
        .storage
        .stage(&store.app.db, b"content".as_slice(), Utc::now())
        .await
        .unwrap();
    let blobs: Vec<_> = store.blobs().await.iter().map(|blob| blob.id).collect();
    let outcome = roster::storage::sweep_blobs(&store.app.db, &blobs, Utc::now())
        .await
        .unwrap();
    assert!(matches!(outcome, roster::queue::Outcome::Until(_)), "{outcome:?}");
    let tx = roster::db::begin_write(&store.app.db).await.unwrap();
    let third = staged.keep(&tx, "a.bin".into(), "test", Utc::now()).await.unwrap();
    tx.commit().await.unwrap();
    store.a_day_later().await;
    assert_eq!(store.content(third.id).await, b"content");
    store.assert_tidy().await;
}

#[tokio::test]
async fn what_was_found_too_long_ago_is_not_kept() {
    let store = Store::open(|_| ()).await;
    let file = store.put(b"content").await;
    store.delete(file.id).await;
    let staged = store
        .app
        .storage
        .stage(&store.app.db, b"content".as_slice(), Utc::now())
        .await
        .unwrap();
    store.a_day_later().await;
    let tx = roster::db::begin_write(&store.app.db).await.unwrap();
    assert!(staged.keep(&tx, "a.bin".into(), "test", Utc::now()).await.is_err());

    // The same for an object of its own.
    drop(tx);
    let staged = store
        .app
        .storage
        .stage(&store.app.db, b"content".as_slice(), Utc::now())
        .await
        .unwrap();
    store.a_day_later().await;
    let tx = roster::db::begin_write(&store.app.db).await.unwrap();
    assert!(staged.keep(&tx, "a.bin".into(), "test", Utc::now()).await.is_err());
}
