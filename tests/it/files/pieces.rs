//! Content goes in and comes out; equal pieces are stored once.

use roster::storage::PIECE_BYTES;
use sea_orm::EntityTrait;
use sha2::{Digest, Sha256};

use super::{Store, in_memory, noise};

fn checksum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What comes out is what went in, whole and in parts.
pub async fn comes_out_as_it_went_in(store: &Store) {
    for length in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES + 7] {
        let content = noise(length);
        let file = store.put(&content).await;
        assert_eq!(file.size, Some(length as i64));
        assert_eq!(file.checksum, Some(checksum(&content)));
        assert!(store.content(file.id).await == content, "{length}");
    }
    let length = 2 * PIECE_BYTES + 100;
    let content = noise(length);
    let file = store.put(&content).await;
    let mut reader = store.open_file(file.id).await.unwrap();
    assert_eq!(reader.size(), length as u64);
    for (position, most) in [
        (0, 10),
        (PIECE_BYTES - 5, 10),
        (PIECE_BYTES, 32 * 1024),
        (length - 3, 10),
        (5, 0),
    ] {
        reader.seek(position as u64);
        let mut read = Vec::new();
        while read.len() < most {
            let bytes = reader.read((most - read.len()) as u64).await.unwrap();
            if bytes.is_empty() {
                break;
            }
            read.extend_from_slice(&bytes);
        }
        let end = length.min(position + most);
        assert!(read == content[position..end], "{position} {most}");
    }
    for behind in [length as u64, u64::MAX] {
        reader.seek(behind);
        assert!(reader.read(10).await.unwrap().is_empty());
    }
    assert!(store.open_file(entity::ids::FileId(i64::MAX)).await.is_none());
}

#[tokio::test]
async fn content_comes_out_as_it_went_in() {
    comes_out_as_it_went_in(&Store::open(|_| ()).await).await;
    comes_out_as_it_went_in(&Store::open(in_memory).await).await;
}

#[tokio::test]
async fn equal_pieces_are_stored_once_inside_a_file_and_between_files() {
    let store = Store::open(|_| ()).await;
    let piece = noise(PIECE_BYTES);
    let twice = [piece.as_slice(), &piece, b"end"].concat();
    let first = store.put(&twice).await;
    assert_eq!((store.blobs().await.len(), store.places().await), (2, 3));

    let second = store.put(&piece).await;
    let third = store.put(&twice).await;

    assert_eq!((store.blobs().await.len(), store.places().await), (2, 7));
    assert_eq!(store.objects().len(), 2);
    for (file, content) in [(first, &twice), (second, &piece), (third, &twice)] {
        assert!(store.content(file.id).await == *content);
    }
    let blobs = store.blobs().await;
    assert!(blobs.iter().any(|blob| blob.checksum == checksum(&piece)));
    store.assert_tidy().await;
}

#[tokio::test]
async fn of_equal_contents_that_come_at_once_one_is_stored() {
    let store = Store::open(|_| ()).await;
    let content = noise(PIECE_BYTES + 1);
    let puts = (0..8).map(|_| store.put(&content));
    let files = futures_util::future::join_all(puts).await;

    assert_eq!(store.blobs().await.len(), 2);
    assert_eq!(entity::file::Entity::find().all(&store.app.db).await.unwrap().len(), 8);
    // What the losers have stored is swept.
    store.a_day_later().await;
    store.assert_tidy().await;
    for file in files {
        assert!(store.content(file.id).await == content);
    }
}
