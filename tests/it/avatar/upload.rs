//! Uploading a picture with `saveOrgOptions` (§17.2, §17.3).

use entity::{file, organization_avatar, outbox::Category};
use image::ImageFormat;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{SAVE, acme, path, picture, rectangle, red};
use crate::support::Client;

#[tokio::test]
async fn a_picture_takes_the_place_of_the_letters() {
    let (app, acme, ann) = acme().await;
    let letters = ann.avatar(&acme).await;
    assert_eq!(letters["type"], "LETTER_AVATAR");
    assert_eq!(letters["url"], Value::Null);
    assert_eq!(letters["initials"], "A");

    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif] {
        for side in [256, 1024] {
            let sent = picture(side, [0, 0, 200], format);
            let reply = ann.save_avatar(&acme, json!({}), &sent).await.done(SAVE);

            let shown = reply.data("saveOrgOptions.organization.avatar");
            assert_eq!(shown["type"], "UPLOAD", "{format:?} {side}");
            assert_eq!(app.anonymous().fetch(&path(&shown["url"]), &[]).await.status(), 200);
            assert_eq!(
                (&shown["initials"], &shown["color"]),
                (&letters["initials"], &letters["color"])
            );
            assert_eq!(ann.avatar(&acme).await, *shown);
        }
    }
}

#[tokio::test]
async fn the_bytes_are_kept_as_they_were_sent_under_the_name_of_the_organization() {
    let (app, acme, ann) = acme().await;
    let sent = red();
    ann.save_avatar(&acme, json!({ "slug": "better" }), &sent)
        .await
        .done(SAVE);

    let files = file::Entity::find().all(&app.db).await.unwrap();
    assert_eq!(files.len(), 1);
    assert_eq!(
        (files[0].name.as_str(), files[0].r#type.as_str()),
        ("better.png", "avatar.file")
    );
    assert_eq!(files[0].size, Some(sent.len() as i64));
    let row = organization_avatar::Entity::find().one(&app.db).await.unwrap().unwrap();
    assert_eq!(row.file_id, Some(files[0].id));
    assert!(row.ident.len() == 32 && row.ident.bytes().all(|letter| letter.is_ascii_hexdigit()));
}

#[tokio::test]
async fn it_is_told_to_the_world_and_not_to_the_audit_log() {
    let (app, acme, ann) = acme().await;
    let (audit, outbox) = (app.db_audit(&acme).await.len(), app.db_outbox(&acme).await.len());

    let reply = ann.save_avatar(&acme, json!({}), &red()).await.done(SAVE);

    assert_eq!(reply.data("saveOrgOptions.changes"), &json!([]));
    assert_eq!(app.db_audit(&acme).await.len(), audit);
    let told: Vec<_> = app.db_outbox(&acme).await.split_off(outbox);
    let categories: Vec<_> = told.iter().map(|(category, _)| *category).collect();
    assert_eq!(
        categories,
        [Category::OrganizationUpdate, Category::OrganizationAvatarUpdate]
    );
}

#[tokio::test]
async fn letters_keep_the_picture_for_later() {
    let (app, acme, ann) = acme().await;
    ann.save_avatar(&acme, json!({}), &red()).await.done(SAVE);
    let uploaded = ann.avatar(&acme).await;

    ann.save_avatar_type(&acme, json!({ "avatarType": "LETTER_AVATAR" }))
        .await
        .done(SAVE);
    let letters = ann.avatar(&acme).await;
    assert_eq!(
        (&letters["type"], &letters["url"]),
        (&json!("LETTER_AVATAR"), &Value::Null)
    );

    ann.save_avatar_type(&acme, json!({ "avatarType": "UPLOAD" }))
        .await
        .done(SAVE);
    assert_eq!(ann.avatar(&acme).await, uploaded);

    // A picture for later.
    let input = json!({ "avatarType": "LETTER_AVATAR" });
    ann.save_avatar(&acme, input, &picture(300, [0, 9, 0], ImageFormat::Png))
        .await
        .done(SAVE);
    assert_eq!(ann.avatar(&acme).await["type"], "LETTER_AVATAR");
    ann.save_avatar_type(&acme, json!({ "avatarType": "UPLOAD" }))
        .await
        .done(SAVE);
    assert_ne!(ann.avatar(&acme).await["url"], uploaded["url"]);
    assert_eq!(file::Entity::find().all(&app.db).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_new_picture_has_a_new_address_and_the_old_one_is_gone() {
    let (app, acme, ann) = acme().await;
    ann.save_avatar(&acme, json!({}), &red()).await.done(SAVE);
    let old = path(&ann.avatar(&acme).await["url"]);
    let nobody = app.anonymous();
    assert_eq!(nobody.fetch(&old, &[]).await.status(), 200);

    // Also the same picture.
    ann.save_avatar(&acme, json!({}), &red()).await.done(SAVE);

    let new = path(&ann.avatar(&acme).await["url"]);
    assert_ne!(new, old);
    assert_eq!(nobody.fetch(&new, &[]).await.status(), 200);
    assert_eq!(nobody.fetch(&old, &[]).await.status(), 404);
    assert_eq!(file::Entity::find().all(&app.db).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_picture_that_is_none_is_refused_and_changes_nothing() {
    let (app, acme, ann) = acme().await;
    let large = |length| {
        let mut bytes = red();
        bytes.resize(length, 0);
        bytes
    };
    let mut bomb = red();
    bomb[16..24].copy_from_slice(&[0, 0, 255, 255, 0, 0, 255, 255]);
    for (bytes, code) in [
        (Vec::new(), "AVATAR_REQUIRED"),
        (large(5_000_001), "AVATAR_TOO_LARGE"),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg' width='256' height='256'/>".to_vec(),
            "AVATAR_INVALID_FORMAT",
        ),
        (
            picture(256, [1, 1, 1], ImageFormat::Png)[..100].to_vec(),
            "AVATAR_INVALID_IMAGE",
        ),
        (b"BM too small".to_vec(), "AVATAR_INVALID_FORMAT"),
        (picture(255, [1, 1, 1], ImageFormat::Png), "AVATAR_INVALID_DIMENSIONS"),
        (picture(1025, [1, 1, 1], ImageFormat::Png), "AVATAR_INVALID_DIMENSIONS"),
        (
            rectangle(300, 301, [1, 1, 1], ImageFormat::Jpeg),
            "AVATAR_INVALID_DIMENSIONS",
        ),
        // Its head says 65,535 by 65,535 pixels, with a checksum that does not hold.
        (bomb, "AVATAR_INVALID_IMAGE"),
    ] {
        for input in [json!({}), json!({ "avatarType": "UPLOAD", "name": "New" })] {
            let reply = app.unchanged(ann.save_avatar(&acme, input, &bytes)).await;
            assert_eq!(reply.refusals(SAVE), [(code, "input.avatar")]);
        }
    }
    // As large as can be: what follows the picture is nobody's business.
    ann.save_avatar(&acme, json!({}), &large(5_000_000)).await.done(SAVE);
}

#[tokio::test]
async fn a_picture_must_be_there_to_be_shown() {
    let (app, acme, ann) = acme().await;
    let wish = || ann.save_avatar_type(&acme, json!({ "avatarType": "UPLOAD" }));
    let reply = app.unchanged(wish()).await;
    assert_eq!(reply.refusals(SAVE), [("AVATAR_REQUIRED", "input.avatar")]);

    ann.save_avatar_type(&acme, json!({ "avatarType": "LETTER_AVATAR" }))
        .await
        .done(SAVE);
    let reply = app.unchanged(wish()).await;
    assert_eq!(reply.refusals(SAVE), [("AVATAR_REQUIRED", "input.avatar")]);
}

#[tokio::test]
async fn null_is_no_picture_and_no_type() {
    let (app, acme, ann) = acme().await;
    for field in ["avatar", "avatarType"] {
        let reply = app.unchanged(ann.save_avatar_type(&acme, json!({ field: null }))).await;
        assert_eq!(
            reply.refusals(SAVE),
            [("VALIDATION_FAILED", format!("input.{field}").as_str())]
        );
    }
    // Organizations have no gravatar.
    let reply = ann.save_avatar_type(&acme, json!({ "avatarType": "GRAVATAR" })).await;
    assert_eq!(reply.error_codes(), ["BAD_USER_INPUT"]);
}

#[tokio::test]
async fn all_fields_are_saved_or_none() {
    let (app, acme, ann) = acme().await;
    let input = json!({ "name": "", "apdexThreshold": 0 });
    let reply = app.unchanged(ann.save_avatar(&acme, input, b"x")).await;
    assert_eq!(
        reply.refusals(SAVE),
        [
            ("VALIDATION_FAILED", "input.apdexThreshold"),
            ("VALIDATION_FAILED", "input.name"),
            ("AVATAR_INVALID_FORMAT", "input.avatar")
        ]
    );
    // A good picture beside a bad field: its object is left to be swept.
    let reply = ann.save_avatar(&acme, json!({ "name": "" }), &red()).await;
    assert_eq!(reply.refusals(SAVE), [("VALIDATION_FAILED", "input.name")]);
    assert_eq!(ann.avatar(&acme).await["type"], "LETTER_AVATAR");
    assert!(file::Entity::find().all(&app.db).await.unwrap().is_empty());

    ann.save_avatar(&acme, json!({ "name": "Better" }), &red())
        .await
        .done(SAVE);
    assert_eq!(ann.avatar(&acme).await["initials"], "B");
}

#[tokio::test]
async fn only_who_may_save_options_may_upload() {
    let (app, acme, ann) = acme().await;
    let member = app.person("bob");
    app.join(&acme, &ann, &member, "member").await;
    let manager = app.person("mia");
    app.join(&acme, &ann, &manager, "manager").await;
    let stranger = app.person("eve").seen().await;
    let refused = async |caller: &Client, code| {
        let reply = app.unchanged(caller.save_avatar(&acme, json!({}), &red())).await;
        assert_eq!(reply.codes(SAVE), [code]);
    };
    refused(&member, "FORBIDDEN").await;
    refused(&stranger, "ORGANIZATION_NOT_FOUND").await;
    let reply = app
        .unchanged(app.anonymous().save_avatar(&acme, json!({}), &red()))
        .await;
    assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);
    refused(&app.db_app(&acme, &["org:read", "member:admin"]).await, "FORBIDDEN").await;

    manager.save_avatar(&acme, json!({}), &red()).await.done(SAVE);
    let app_token = app.db_app(&acme, &["org:write"]).await;
    app_token.save_avatar(&acme, json!({}), &red()).await.done(SAVE);
}

#[tokio::test]
async fn a_dry_run_looks_at_the_picture_and_keeps_nothing() {
    let (app, acme, ann) = acme().await;
    let dry = |input: Value, file: Vec<u8>| {
        let (ann, acme) = (&ann, &acme);
        async move {
            let mut input = input;
            input["dryRun"] = json!(true);
            ann.save_avatar(acme, input, &file).await
        }
    };
    let reply = app.unchanged(dry(json!({}), b"x".to_vec())).await;
    assert_eq!(reply.refusals(SAVE), [("AVATAR_INVALID_FORMAT", "input.avatar")]);
    let reply = app
        .unchanged(dry(json!({ "name": "Better", "avatarType": "UPLOAD" }), red()))
        .await
        .done(SAVE);
    assert_eq!(reply.data("saveOrgOptions.changes"), &json!([{ "field": "name" }]));
    assert_eq!(reply.data("saveOrgOptions.organization.avatar.type"), "LETTER_AVATAR");
    assert!(
        !app.folder()
            .join("files")
            .read_dir()
            .is_ok_and(|mut files| files.next().is_some())
    );
}
