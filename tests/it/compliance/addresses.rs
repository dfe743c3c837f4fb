//! Members whose place cannot be held at an address, or only at one that
//! somebody else has.

use entity::member::InviteStatus;

use sea_orm::ActiveValue::Set;

use super::*;

/// The member has stayed, and nobody was told or noted.
async fn stays(scene: &Scene, member: &str) {
    assert!(!scene.is_pending(member).await);
    assert_eq!(scene.entries().await, []);
    assert!(scene.letters().is_empty());
}

#[tokio::test]
async fn without_an_address_a_member_stays() {
    let scene = Scene::start().await;
    let bob = scene.app.person("bob");
    let bobs = scene.joined(&bob, "member").await;
    scene
        .db_change_person(&bob, |row| {
            row.email = Set(None);
            row.email_key = Set(None);
        })
        .await;
    scene.enforced(json!({ "require2FA": true })).await;
    stays(&scene, &bobs).await;
    scene.enforced(json!({ "requireEmailVerification": true })).await;
    stays(&scene, &bobs).await;
}

#[tokio::test]
async fn with_an_address_that_is_too_long_a_member_stays() {
    let scene = Scene::start().await;
    let bob = scene.app.person("bob");
    let bobs = scene.joined(&bob, "member").await;
    let eves = scene.joined(&scene.app.person("eve"), "member").await;
    // 75 letters are held, 76 are not.
    let address = |letters: usize| format!("{}@example.com", "b".repeat(letters - 12));
    for letters in [76, 75] {
        scene
            .db_change_person(&bob, |row| {
                row.email = Set(Some(address(letters)));
                row.email_key = Set(Some(address(letters)));
            })
            .await;
        scene.enforced(json!({ "require2FA": true })).await;
        assert_eq!(scene.is_pending(&bobs).await, letters == 75);
        assert!(scene.is_pending(&eves).await, "the others go");
    }
}

#[tokio::test]
async fn while_an_invite_has_the_address_a_member_stays() {
    let scene = Scene::start().await;
    let bob = scene.app.person("bob");
    let bobs = scene.joined(&bob, "member").await;
    let other = scene
        .app
        .invite(&scene.acme, &scene.ann, "new@example.com", "manager")
        .await;
    bob.with(json!({ "email": "New@example.com" })).seen().await;

    scene.enforced(json!({ "require2FA": true })).await;
    stays(&scene, &bobs).await;
    assert!(scene.is_pending(&other.member).await);

    scene.ann.revoke_invite(&other.id).await.done("revokeInvite");
    scene.enforced(json!({ "require2FA": true })).await;
    let row = scene.app.db_member(&bobs).await.unwrap();
    assert_eq!(row.email.as_deref(), Some("New@example.com"));
    assert_eq!(row.email_key.as_deref(), Some("new@example.com"));
}

#[tokio::test]
async fn requests_for_the_address_give_way() {
    let scene = Scene::start().await;
    let bobs = scene.joined(&unverified(&scene.app.person("bob")), "member").await;
    let mut requests = Vec::new();
    // One organization has one pending row for an address.
    let request = scene
        .app
        .db_request(&scene.acme, "bob@example.com", InviteStatus::RequestedToJoin)
        .await;
    requests.push(request);

    scene.enforced(json!({ "requireEmailVerification": true })).await;

    assert!(scene.is_pending(&bobs).await);
    for request in requests {
        assert!(scene.app.db_member(&request).await.is_none());
    }
    assert_eq!(scene.recipients(), ["bob@example.com"]);
}

#[tokio::test]
async fn of_two_who_share_an_address_it_is_held_for_the_first() {
    let scene = Scene::start().await;
    let (bob, bert) = (scene.app.person("bob"), unverified(&scene.app.person("bert")));
    let (first, second) = (scene.joined(&bob, "member").await, scene.joined(&bert, "member").await);
    bert.with(json!({ "email": "bob@example.com" })).seen().await;

    scene.enforced(json!({ "require2FA": true })).await;

    assert!(scene.is_pending(&first).await && !scene.is_pending(&second).await);
    assert_eq!(scene.recipients(), ["bob@example.com"]);
    assert_eq!(scene.entries().await.len(), 1);
}
