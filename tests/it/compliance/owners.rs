//! The active owner who is always kept.

use super::*;

/// Ann drops what she has once she has saved, so that nothing keeps it from
/// being asked of her, too.
async fn dropped(scene: &Scene) {
    scene.ann.with(json!({ "amr": ["pwd"] })).seen().await;
}

#[tokio::test]
async fn beside_an_owner_who_has_it_all_other_owners_go() {
    let scene = Scene::start().await;
    let app = &scene.app;
    let bobs = scene.joined(&app.person("bob"), "owner").await;
    let eves = scene.joined(&enrolled(&app.person("eve")), "owner").await;
    let fays = scene.joined(&app.person("fay"), "owner").await;
    scene.saves(&scene.ann, json!({ "require2FA": true })).await;
    dropped(&scene).await;

    scene.work().await;

    for (member, is_pending) in [(&scene.acme.owner, true), (&bobs, true), (&eves, false), (&fays, true)] {
        assert_eq!(scene.is_pending(member).await, is_pending, "{member}");
        assert_eq!(app.db_member(member).await.unwrap().role, "owner");
    }
    assert_eq!(
        scene.recipients(),
        ["ann@example.com", "bob@example.com", "fay@example.com"]
    );
    assert!(scene.letters().iter().all(|letter| letter.token().is_some()));
}

#[tokio::test]
async fn without_one_the_longest_standing_stays_and_is_told_to_enrol() {
    let scene = Scene::start().await;
    let app = &scene.app;
    let bobs = scene.joined(&app.person("bob"), "owner").await;
    let eves = scene.joined(&app.person("eve"), "member").await;
    scene.saves(&scene.ann, json!({ "require2FA": true })).await;
    dropped(&scene).await;
    let before = app.db_member(&scene.acme.owner).await;

    scene.work().await;

    assert_eq!(app.db_member(&scene.acme.owner).await, before);
    assert!(scene.is_pending(&bobs).await && scene.is_pending(&eves).await);
    let letters = scene.letters();
    assert_eq!(
        scene.recipients(),
        ["ann@example.com", "bob@example.com", "eve@example.com"]
    );
    assert_eq!(
        letters[0].subject,
        "[Roster] Acme Mandatory: Enable Two-Factor Authentication"
    );
    assert_eq!(letters[0].token(), None);
    assert!(letters[0].text.contains("sign in and enrol"), "{}", letters[0].text);
    assert_eq!(scene.entries().await.len(), 2, "nothing happened to Ann");
    // The gate of §5 keeps her out until she has enrolled.
    let ann = scene.ann.with(json!({ "amr": ["pwd"] }));
    let reply = app.unchanged(save(&ann, &scene.acme, json!({ "name": "New" }))).await;
    assert_eq!(reply.codes(SAVE), ["TWO_FACTOR_REQUIRED"]);
    save(&scene.ann, &scene.acme, json!({ "name": "New" })).await.done(SAVE);
}

#[tokio::test]
async fn owners_who_cannot_sign_in_keep_nobody_from_staying() {
    let scene = Scene::start().await;
    let app = &scene.app;
    let eve = enrolled(&app.person("eve"));
    scene.joined(&eve, "owner").await;
    let bobs = scene.joined(&app.person("bob"), "owner").await;
    app.invite(&scene.acme, &scene.ann, "invited@example.com", "owner")
        .await;
    app.db_set_active(&eve.user_id().await, false).await;
    scene.saves(&scene.ann, json!({ "require2FA": true })).await;
    dropped(&scene).await;

    scene.work().await;

    assert!(!scene.is_pending(&scene.acme.owner).await && scene.is_pending(&bobs).await);
    assert_eq!(scene.recipients(), ["ann@example.com", "bob@example.com"]);
}

#[tokio::test]
async fn the_owner_who_stays_is_told_once_for_each_time_it_is_saved() {
    let scene = Scene::start().await;
    let manager = enrolled(&scene.app.person("max"));
    scene.joined(&manager, "manager").await;
    dropped(&scene).await;
    for saves in 1..=2 {
        scene.saves(&manager, json!({ "require2FA": true })).await;
        scene.work().await;
        assert_eq!(scene.recipients(), vec!["ann@example.com"; saves]);
    }
    assert!(!scene.is_pending(&scene.acme.owner).await);
    let entries = scene.app.db_audit(&scene.acme).await;
    assert!(entries.iter().all(|entry| entry.event != MEMBER_PENDING));
}

#[tokio::test]
async fn who_has_enrolled_before_the_letter_went_gets_none() {
    let scene = Scene::start_with(|config| config.mail.transport = roster::config::MailTransport::Folder).await;
    let manager = enrolled(&scene.app.person("max"));
    scene.joined(&manager, "manager").await;
    dropped(&scene).await;
    scene.saves(&manager, json!({ "require2FA": true })).await;
    enrolled(&scene.ann).seen().await;
    scene.work().await;
    assert!(scene.letters().is_empty());
    assert!(!scene.is_pending(&scene.acme.owner).await);
}

#[tokio::test]
async fn the_same_holds_for_a_verified_address() {
    let scene = Scene::start().await;
    let app = &scene.app;
    let bobs = scene.joined(&unverified(&app.person("bob")), "owner").await;
    scene
        .saves(&scene.ann, json!({ "requireEmailVerification": true }))
        .await;
    unverified(&scene.ann).seen().await;

    scene.work().await;

    assert!(!scene.is_pending(&scene.acme.owner).await && scene.is_pending(&bobs).await);
    let letters = scene.letters();
    assert_eq!(scene.recipients(), ["ann@example.com", "bob@example.com"]);
    assert_eq!(letters[0].token(), None);
    assert!(
        letters[0].text.contains("verify it where you sign in"),
        "{}",
        letters[0].text
    );
    assert!(letters[1].token().is_some());
}

#[tokio::test]
async fn both_requirements_together_leave_an_owner() {
    let scene = Scene::start().await;
    let app = &scene.app;
    // Of each one owner has the one and not the other.
    let bobs = scene.joined(&app.person("bob"), "owner").await;
    let both = json!({ "require2FA": true, "requireEmailVerification": true });
    scene.saves(&scene.ann, both).await;
    unverified(&scene.ann).seen().await;

    scene.work().await;

    assert!(!scene.is_pending(&scene.acme.owner).await && scene.is_pending(&bobs).await);
    let told: Vec<_> = scene
        .letters()
        .into_iter()
        .map(|letter| (letter.to.clone(), letter.token().is_some()))
        .collect();
    assert_eq!(
        told,
        [
            ("ann@example.com".to_owned(), false),
            ("bob@example.com".to_owned(), true)
        ]
    );
}
