//! Trusted relays (§16.5).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{ORG_EDIT, SAVE, Scene};

const FIELD: &str = "trustedRelays";

fn key(number: u8) -> String {
    URL_SAFE_NO_PAD.encode([number; 32])
}

fn relay(number: u8, name: &str) -> Value {
    json!({ "publicKey": key(number), "name": name })
}

/// The change to the relays: what comes after "from" and "to".
fn change(changes: &[(String, String)]) -> (Option<Value>, Value) {
    assert_eq!(changes.len(), 1, "{changes:?}");
    let (field, text) = &changes[0];
    assert_eq!(field, FIELD);
    let read = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
    match text.strip_prefix("from ") {
        Some(rest) => {
            let (old, new) = rest.split_once(" to ").unwrap();
            (Some(read(old)), read(new))
        }
        None => (None, read(text.strip_prefix("to ").unwrap())),
    }
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|relay| relay["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_first_list_is_stored_shown_and_tracked() {
    let scene = Scene::start().await;
    assert_eq!(scene.option(FIELD).await, json!([]));
    assert_eq!(scene.saved(json!({ FIELD: [] })).await, []);
    assert_eq!(scene.rows().await, []);
    let before = scene.audit_count().await;

    let list = json!([
        { "publicKey": key(1), "name": "  One " },
        { "publicKey": key(2), "name": "Two", "description": "in Vienna" },
    ]);
    let reply = scene.save(json!({ FIELD: list })).await.done(SAVE);

    let (old, new) = change(&reply.changes());
    assert_eq!(old, None);
    let now = new[0]["created"].as_str().unwrap();
    assert!(now.ends_with("+00:00"), "{now}");
    let item = |number, name: &str, description: Value| json!({ "public_key": key(number), "name": name, "description": description, "created": now, "last_modified": now });
    let stored = json!([item(1, "One", Value::Null), item(2, "Two", json!("in Vienna"))]);
    assert_eq!(new, stored);
    assert_eq!(scene.rows().await, [("sentry:trusted-relays".to_owned(), Some(stored))]);
    let audit = scene.audit_since(before).await;
    assert_eq!(audit, [(ORG_EDIT, json!({ FIELD: reply.changes()[0].1 }))]);

    let shown = scene.option(FIELD).await;
    assert_eq!(shown[1]["publicKey"], json!(key(2)));
    assert_eq!(shown[1]["description"], "in Vienna");
    assert_eq!(shown[0]["created"], shown[1]["lastModified"]);
}

#[tokio::test]
async fn the_same_list_in_another_order_is_no_change() {
    let scene = Scene::start().await;
    scene
        .save(json!({ FIELD: [relay(1, "One"), relay(2, "Two")] }))
        .await
        .done(SAVE);
    let (before, audit) = (scene.rows().await, scene.audit_count().await);

    assert_eq!(
        scene
            .saved(json!({ FIELD: [relay(2, " Two "), relay(1, "One")] }))
            .await,
        []
    );

    assert_eq!(scene.rows().await, before);
    assert_eq!(scene.audit_count().await, audit);
}

#[tokio::test]
async fn what_changes_is_stamped_and_what_stays_keeps_its_times() {
    let scene = Scene::start().await;
    scene
        .save(json!({ FIELD: [relay(1, "One"), relay(2, "Two")] }))
        .await
        .done(SAVE);
    let first = scene.option(FIELD).await;

    let changed = scene
        .saved(json!({ FIELD: [relay(3, "Three"), relay(2, "Zwei"), relay(1, "One")] }))
        .await;
    let (old, new) = change(&changed);
    assert_eq!(names(&old.unwrap()), ["One", "Two"]);
    assert_eq!(names(&new), ["Three", "Zwei", "One"]);
    let second = scene.option(FIELD).await;
    assert_eq!(second[0]["created"], second[0]["lastModified"]);
    assert_eq!(second[1]["created"], first[1]["created"]);
    assert_eq!(second[1]["lastModified"], second[0]["created"]);
    assert_eq!(second[2], first[0]);

    // A description counts like a name.
    let described = json!({ "publicKey": key(1), "name": "One", "description": "" });
    scene
        .saved(json!({ FIELD: [relay(3, "Three"), relay(2, "Zwei"), described] }))
        .await;
    let third = scene.option(FIELD).await;
    assert_ne!(third[2]["lastModified"], second[2]["lastModified"]);
    assert_eq!(third[0], second[0]);

    // Leaving out is a change; who comes again is new.
    let (_, new) = change(&scene.saved(json!({ FIELD: [relay(2, "Zwei")] })).await);
    assert_eq!(names(&new), ["Zwei"]);
    assert_eq!(scene.option(FIELD).await, json!([third[1]]));
    scene.saved(json!({ FIELD: [relay(2, "Zwei"), relay(1, "One")] })).await;
    assert_ne!(scene.option(FIELD).await[1]["created"], first[0]["created"]);

    let (_, new) = change(&scene.saved(json!({ FIELD: [] })).await);
    assert_eq!(new, json!([]));
    assert_eq!(scene.option(FIELD).await, json!([]));
}

#[tokio::test]
async fn bad_relays_are_refused() {
    let scene = Scene::start().await;
    scene.save(json!({ FIELD: [relay(9, "Nine")] })).await.done(SAVE);
    let item = |key: &str, name: &str| json!({ "publicKey": key, "name": name });
    for (bad, path) in [
        (item("", "a"), "publicKey"),
        (item("abc", "a"), "publicKey"),
        (item(&key(1)[1..], "a"), "publicKey"),
        (item(&format!("{}=", key(1)), "a"), "publicKey"),
        (item(&format!(" {}", key(1)), "a"), "publicKey"),
        (item(&"+".repeat(43), "a"), "publicKey"),
        (item(&"é".repeat(43), "a"), "publicKey"),
        // Bits beyond the 32 bytes are set.
        (item(&"_".repeat(43), "a"), "publicKey"),
        (item(&key(1), ""), "name"),
        (item(&key(1), " \n "), "name"),
        (item(&key(1), "a\0"), "name"),
        (item(&key(1), &"x".repeat(201)), "name"),
        (
            json!({ "publicKey": key(1), "name": "a", "description": "\0" }),
            "description",
        ),
    ] {
        let list = json!([relay(7, "fine"), bad, item("", "")]);
        scene
            .refused(
                json!({ FIELD: list }),
                &[("RELAY_INVALID", &format!("{FIELD}.1.{path}"))],
            )
            .await;
    }
    scene
        .refused(json!({ FIELD: null }), &[("VALIDATION_FAILED", FIELD)])
        .await;
    scene
        .refused(
            json!({ FIELD: vec![relay(1, "a"); 1001] }),
            &[("VALIDATION_FAILED", FIELD)],
        )
        .await;

    let input = json!({ FIELD: [relay(1, "a"), relay(2, "b"), relay(1, "c")] });
    scene
        .refused(
            input.clone(),
            &[("RELAY_DUPLICATE_KEY", &format!("{FIELD}.2.publicKey"))],
        )
        .await;
    let reply = scene.save(input).await;
    assert!(reply.text("saveOrgOptions.userErrors.0.message").contains(&key(1)));
}

#[tokio::test]
async fn a_relay_without_key_or_name_is_of_the_wrong_type() {
    let scene = Scene::start().await;
    for bad in [
        json!([{ "publicKey": key(1) }]),
        json!([{ "name": "a" }]),
        json!([null]),
        json!(["x"]),
        json!([1]),
    ] {
        let reply = scene.app.unchanged(scene.save(json!({ FIELD: bad }))).await;
        assert_eq!(reply.error_codes(), ["BAD_USER_INPUT"], "{reply:#?}");
    }
}
