//! `saveViewerAvatar`: people choose what stands for them.

use serde_json::{Value, json};

use super::{path, red};
use crate::support::{Client, Reply, TestApp};

const SAVE: &str = "saveViewerAvatar";
const USER: &str = "user { avatarUrl avatar { type url initials color } }";

impl Client {
    async fn save_own(&self, input: Value) -> Reply {
        self.mutate(SAVE, USER, input).await
    }

    async fn upload_own(&self, file: &[u8]) -> Reply {
        self.upload(SAVE, USER, json!({}), file).await
    }

    async fn own(&self) -> Value {
        let reply = self.send(&format!("{{ viewer {{ {USER} }} }}"), json!({})).await.ok();
        reply.data("viewer.user").clone()
    }
}

#[tokio::test]
async fn a_person_shows_a_picture_a_letter_or_what_the_provider_has() {
    let app = TestApp::start().await;
    let ann = app
        .person("ann")
        .with(json!({ "picture": "https://img.example.com/ann.png" }));
    let before = ann.own().await;
    assert_eq!(before["avatarUrl"], "https://img.example.com/ann.png");
    assert_eq!(
        (&before["avatar"]["type"], &before["avatar"]["initials"]),
        (&json!("LETTER_AVATAR"), &json!("A"))
    );

    ann.upload_own(&red()).await.done(SAVE);
    let uploaded = ann.own().await;
    assert_eq!(uploaded["avatar"]["type"], "UPLOAD");
    assert_eq!(uploaded["avatar"]["url"], uploaded["avatarUrl"]);
    let url = path(&uploaded["avatarUrl"]);
    assert!(url.starts_with("/user-avatar/"));
    assert_eq!(app.anonymous().fetch(&url, &[]).await.status(), 200);
    assert_eq!(
        app.anonymous()
            .fetch(&url.replace("user", "organization"), &[])
            .await
            .status(),
        404
    );

    ann.save_own(json!({ "avatarType": "LETTER_AVATAR" })).await.done(SAVE);
    let letters = ann.own().await;
    assert_eq!(
        (&letters["avatar"]["url"], &letters["avatarUrl"]),
        (&Value::Null, &Value::Null)
    );

    ann.save_own(json!({ "avatarType": "UPLOAD" })).await.done(SAVE);
    assert_eq!(ann.own().await, uploaded);
}

#[tokio::test]
async fn the_checks_are_those_of_organizations() {
    let app = TestApp::start().await;
    let ann = app.person("ann").seen().await;
    for (input, code, path) in [
        (json!({}), "VALIDATION_FAILED", "input.avatarType"),
        (json!({ "avatarType": null }), "VALIDATION_FAILED", "input.avatarType"),
        (json!({ "avatar": null }), "VALIDATION_FAILED", "input.avatar"),
        (json!({ "avatarType": "UPLOAD" }), "AVATAR_REQUIRED", "input.avatar"),
    ] {
        let reply = app.unchanged(ann.save_own(input)).await;
        assert_eq!(reply.refusals(SAVE), [(code, path)]);
    }
    let reply = app.unchanged(ann.upload_own(b"x")).await;
    assert_eq!(reply.refusals(SAVE), [("AVATAR_INVALID_FORMAT", "input.avatar")]);
    let reply = app.anonymous().upload_own(&red()).await;
    assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);
}

#[tokio::test]
async fn apps_have_no_avatar() {
    let app = TestApp::start().await;
    let (acme, _) = app.organization("Acme").await;
    let token = app.db_app(&acme, &["org:admin"]).await;
    let reply = app.unchanged(token.upload_own(&red())).await;
    assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);
}

#[tokio::test]
async fn avatars_of_many_people_are_read_at_once() {
    let app = TestApp::start_with(|config| config.rate_limits.enabled = false).await;
    let (acme, ann) = app.organization("Acme").await;
    let query = format!(
        "query($id: ID!) {{ node(id: $id) {{ ... on Organization {{ members(first: 50) {{ nodes {{ user {{ {} }} }} }} }} }} }}",
        "avatarUrl avatar { url }"
    );
    let statements = async || ann.send(&query, json!({ "id": acme.id })).await.ok().statements();
    let with_one = statements().await;
    for name in ["bob", "cid", "dan", "eve"] {
        let person = app.person(name);
        app.join(&acme, &ann, &person, "member").await;
        person.upload_own(&red()).await.done(SAVE);
    }
    assert_eq!(statements().await, with_one);
}
