//! Pictures as browsers get them (§17.4).

use std::time::Duration;

use image::{GenericImageView, ImageFormat};
use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::{SAVE, acme, path, picture, red};
use crate::support::Client;

const SIZES: [u32; 9] = [20, 32, 36, 48, 52, 64, 80, 96, 120];

/// The size of the PNG at `path`.
async fn side(client: &Client, path: &str) -> u32 {
    let answer = client.fetch(path, &[]).await;
    assert_eq!(answer.status(), 200);
    let bytes = answer.bytes().await.unwrap();
    assert_eq!(image::guess_format(&bytes).unwrap(), ImageFormat::Png);
    let (width, height) = image::load_from_memory(&bytes).unwrap().dimensions();
    assert_eq!(width, height);
    width
}

#[tokio::test]
async fn it_is_rendered_in_every_size_and_the_nearest_is_taken() {
    let (app, acme, ann) = acme().await;
    ann.save_avatar(&acme, json!({}), &picture(500, [0, 200, 0], ImageFormat::Jpeg))
        .await
        .done(SAVE);
    let (start, _) = path(&ann.avatar(&acme).await["url"])
        .split_once('?')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    assert!(start.starts_with("/organization-avatar/") && start.ends_with('/'));
    let nobody = app.anonymous();

    for size in SIZES {
        assert_eq!(side(&nobody, &format!("{start}?s={size}")).await, size);
    }
    for (wish, size) in [
        ("", 120),
        ("?s=1", 20),
        ("?s=-5", 20),
        ("?s=50", 48),
        ("?s=99999999999999999999", 120),
        ("?s=x", 120),
        ("?s=20&s=30", 20),
    ] {
        assert_eq!(side(&nobody, &format!("{start}{wish}")).await, size, "{wish}");
    }
    let query = "query($id: ID!) { node(id: $id) { ... on Organization { avatar {
        a: url(size: 30) b: url(size: 10000) c: url(size: null) } } } }";
    let reply = ann.send(query, json!({ "id": acme.id })).await.ok();
    for (alias, size) in [("a", 32), ("b", 120), ("c", 120)] {
        let url = path(reply.data(&format!("node.avatar.{alias}")));
        assert_eq!(side(&nobody, &url).await, size);
    }
}

#[tokio::test]
async fn browsers_keep_it_for_ever() {
    let (app, acme, ann) = acme().await;
    ann.save_avatar(&acme, json!({}), &red()).await.done(SAVE);
    let url = path(&ann.avatar(&acme).await["url"]);
    let nobody = app.anonymous();

    let first = nobody.fetch(&url, &[]).await;
    let header = |answer: &reqwest::Response, name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header(&first, "content-type"), "image/png");
    assert_eq!(header(&first, "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(header(&first, "x-content-type-options"), "nosniff");
    assert!(header(&first, "content-security-policy").contains("default-src 'none'"));
    let tag = header(&first, "etag");

    for known in [tag.clone(), format!("\"other\", W/{tag}"), "*".into()] {
        let again = nobody.fetch(&url, &[("if-none-match", &known)]).await;
        assert_eq!(
            (again.status().as_u16(), header(&again, "etag")),
            (304, tag.clone()),
            "{known}"
        );
        assert!(again.bytes().await.unwrap().is_empty());
    }
    let other = nobody
        .fetch(&url.replace("s=120", "s=20"), &[("if-none-match", &tag)])
        .await;
    assert_eq!(other.status(), 200);
}

#[tokio::test]
async fn it_is_made_once_and_kept() {
    let (app, acme, ann) = acme().await;
    ann.save_avatar(&acme, json!({}), &red()).await.done(SAVE);
    let url = path(&ann.avatar(&acme).await["url"]);
    let nobody = app.anonymous();
    let asks = (0..8).map(|_| nobody.fetch(&url, &[]));
    for answer in futures_util::future::join_all(asks).await {
        assert_eq!(answer.status(), 200);
    }

    // What was made is what is shown from now on.
    let ident = url.split('/').nth(2).unwrap();
    let made = app.folder().join(format!("files/renderings/{ident}"));
    assert_eq!(made.read_dir().unwrap().count(), 1);
    std::fs::write(made.join("120.png"), b"kept").unwrap();
    let answer = nobody.fetch(&url, &[]).await;
    assert_eq!(answer.bytes().await.unwrap().as_ref(), b"kept");
}

#[tokio::test]
async fn what_was_begun_is_made_also_when_nobody_waits_for_it() {
    let (app, acme, ann) = acme().await;
    let large = picture(1_000, [0, 200, 0], ImageFormat::Jpeg);
    ann.save_avatar(&acme, json!({}), &large).await.done(SAVE);
    let url = path(&ann.avatar(&acme).await["url"]);
    let (start, _) = url.split_once('?').unwrap();
    let made = app
        .folder()
        .join(format!("files/renderings/{}", url.split('/').nth(2).unwrap()));
    for (size, patience) in SIZES.into_iter().zip([2, 4, 8, 12, 18, 26, 40, 60, 90]) {
        let mut browser = TcpStream::connect(ann.url().strip_prefix("http://").unwrap())
            .await
            .unwrap();
        let request = format!("GET {start}?s={size} HTTP/1.1\r\nHost: roster\r\n\r\n");
        browser.write_all(request.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(patience)).await;
        let file = made.join(format!("{size}.png"));
        if file.exists() || browser.try_read(&mut [0]).is_ok() {
            // Made before we could hang up.
            continue;
        }
        drop(browser);
        // Hung up before it was begun, nothing is made.
        for _ in 0..100 {
            if file.exists() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    panic!("nothing was made for those who hung up");
}

#[tokio::test]
async fn who_guesses_finds_nothing() {
    let (app, acme, ann) = acme().await;
    ann.save_avatar(&acme, json!({}), &red()).await.done(SAVE);
    let url = path(&ann.avatar(&acme).await["url"]);
    let nobody = app.anonymous();
    for wrong in [
        "/organization-avatar/00000000000000000000000000000000/",
        "/organization-avatar/../../roster.sqlite/",
        "/organization-avatar/%2e%2e%2f%2e%2e%2froster.sqlite/",
        "/organization-avatar/%00/",
        "/organization-avatar//",
        // A picture of an organization is none of a person.
        &url.replace("organization", "user"),
    ] {
        assert_eq!(nobody.fetch(wrong, &[]).await.status(), 404, "{wrong}");
    }
}
