//! Members who lack what is required, those who do not, and the way back.

use chrono::{Duration, Utc};
use entity::{
    member,
    outbox::{self, Category},
};
use sea_orm::QueryOrder;

use super::*;

#[tokio::test]
async fn without_a_second_factor_the_place_becomes_an_invite() {
    let scene = Scene::start().await;
    let (app, acme, ann) = (&scene.app, &scene.acme, &scene.ann);
    let (bob, eve) = (app.person("bob"), enrolled(&app.person("eve")));
    let (bobs, eves) = (scene.joined(&bob, "manager").await, scene.joined(&eve, "member").await);
    let invite = app.invite(acme, ann, "fay@example.com", "member").await;
    let red = app.team(acme, ann, "Red").await;
    let roles = json!({ "teamRoles": [{ "teamSlug": red }] });
    ann.update_member_roles(&bobs, roles).await.done("updateMemberRoles");
    let flags = member::flag::SSO_LINKED | member::flag::IDP_PROVISIONED;
    app.db_set_flags(&bobs, flags).await;
    let before = app.db_member(&bobs).await.unwrap();
    let eve_before = app.db_member(&eves).await.unwrap();
    let fay_before = app.db_member(&invite.member).await.unwrap();
    let last = outbox::Entity::find().order_by_desc(outbox::Column::Id).one(&app.db);
    let last = last.await.unwrap().unwrap().id;

    scene.enforced(json!({ "require2FA": true })).await;

    let after = app.db_member(&bobs).await.unwrap();
    let nonce = after.invite_nonce.clone();
    assert_eq!(nonce.as_ref().map(Vec::len), Some(16));
    let lifetime = after.token_expires_at.unwrap() - Utc::now();
    assert!(
        (Duration::days(29)..=Duration::days(30)).contains(&lifetime),
        "{lifetime}"
    );
    let wanted = member::Model {
        user_id: None,
        email: Some("bob@example.com".into()),
        email_key: Some("bob@example.com".into()),
        invite_nonce: nonce,
        token_expires_at: after.token_expires_at,
        user_email: None,
        sort_name: "bob@example.com".into(),
        ..before
    };
    assert_eq!(after, wanted, "role, flags and the rest stay");
    assert_eq!(after.flags, flags);
    assert_eq!(app.db_teams_of(&bobs).await, [("red".to_owned(), None)]);
    assert_eq!(app.db_member(&eves).await.unwrap(), eve_before);
    assert_eq!(app.db_member(&invite.member).await.unwrap(), fay_before);

    let changes: Vec<_> = app.db_outbox(acme).await;
    let news = outbox::Entity::find().filter(outbox::Column::Id.gt(last));
    let news = news.filter(outbox::Column::Category.eq(Category::OrganizationMemberUpdate));
    let news: Vec<i64> = news
        .all(&app.db)
        .await
        .unwrap()
        .iter()
        .map(|row| row.object_identifier)
        .collect();
    assert!(
        !news.is_empty() && news.iter().all(|id| *id == after.id.0),
        "{changes:?}"
    );

    let mut entries = app.db_audit(acme).await;
    entries.retain(|entry| entry.event == MEMBER_PENDING);
    assert_eq!(entries.len(), 1);
    let entry = &entries[0];
    assert_eq!(entry.actor, Some(ann.user_id().await));
    assert_eq!(entry.target, Some(i64::from(acme.row())));
    assert_eq!(entry.target_user, Some(bob.user_id().await));
    assert_eq!(entry.ip.as_deref(), Some("127.0.0.1"));
    assert_eq!(entry.data["email"], "bob@example.com");
    assert_eq!(entry.data["role"], "manager");
    assert_eq!(entry.data["team_slugs"], json!(["red"]));
    assert_eq!(entry.data["invite_status"], "approved");
    let keys: Vec<_> = entry.data.as_object().unwrap().keys().collect();
    let known = [
        "email",
        "has_global_access",
        "invite_status",
        "role",
        "team_slugs",
        "teams",
        "user",
    ];
    assert_eq!(keys, known);

    let letters = scene.letters();
    assert_eq!(scene.recipients(), ["bob@example.com"], "{letters:#?}");
    assert_eq!(
        letters[0].subject,
        "[Roster] Acme Mandatory: Enable Two-Factor Authentication"
    );
}

#[tokio::test]
async fn the_link_in_the_letter_leads_back_after_enrolling() {
    let scene = Scene::start().await;
    let (app, acme) = (&scene.app, &scene.acme);
    let bob = app.person("bob");
    let bobs = scene.joined(&bob, "manager").await;
    let before = app.db_member(&bobs).await.unwrap();
    scene.enforced(json!({ "require2FA": true })).await;
    let token = scene.letters()[0].token().unwrap();

    let reply = app.unchanged(bob.accept_invite(&token)).await;
    assert_eq!(reply.codes("acceptInvite"), ["TWO_FACTOR_REQUIRED"]);
    let preview = bob.invite_preview(&token).await;
    assert_eq!(
        preview.data("invitePreview.requirements"),
        &json!(["ENROLL_TWO_FACTOR"])
    );
    let query = "query($slug: String!) { organization(slug: $slug) { id } }";
    let reply = bob.send(query, json!({ "slug": acme.slug })).await;
    assert!(reply.body["data"]["organization"].is_null(), "{reply:#?}");

    let bob = enrolled(&bob);
    let reply = bob.accept_invite(&token).await.done("acceptInvite");
    assert_eq!(reply.text("acceptInvite.member.id"), bobs);
    let after = app.db_member(&bobs).await.unwrap();
    assert!(after.user_has_two_factor);
    assert_eq!(
        after,
        member::Model {
            user_has_two_factor: true,
            ..before
        }
    );

    // Nobody lacks it now: nobody goes, nobody is told.
    scene.enforced(json!({ "require2FA": true })).await;
    assert!(!scene.is_pending(&bobs).await);
    assert_eq!((scene.letters().len(), scene.entries().await.len()), (1, 1));
}

#[tokio::test]
async fn without_a_verified_address_the_place_becomes_an_invite() {
    let scene = Scene::start().await;
    let app = &scene.app;
    let (bob, eve) = (unverified(&app.person("bob")), app.person("eve"));
    let bobs = scene.joined(&bob, "member").await;
    let eves = scene.joined(&eve, "member").await;

    scene.enforced(json!({ "requireEmailVerification": true })).await;

    assert!(scene.is_pending(&bobs).await && !scene.is_pending(&eves).await);
    assert_eq!(
        scene.entries().await,
        [(Some(scene.ann.user_id().await), bob.user_id().await)]
    );
    let letters = scene.letters();
    assert_eq!(letters.len(), 1, "{letters:#?}");
    assert_eq!(letters[0].to, "bob@example.com");
    assert_eq!(letters[0].subject, "[Roster] Acme Mandatory: Verify Email Address");
    assert!(letters[0].text.contains("Acme now requires a verified email address"));
    let token = letters[0].token().unwrap();
    let reply = app.unchanged(bob.accept_invite(&token)).await;
    assert_eq!(reply.codes("acceptInvite"), ["EMAIL_VERIFICATION_REQUIRED"]);
    let bob = bob.with(json!({ "email_verified": true }));
    let reply = bob.accept_invite(&token).await.done("acceptInvite");
    assert_eq!(reply.text("acceptInvite.member.id"), bobs);
}

#[tokio::test]
async fn who_lacks_both_is_removed_and_told_once() {
    let scene = Scene::start().await;
    let app = &scene.app;
    let mut members = Vec::new();
    for (name, has_factor, is_verified) in [("bob", false, false), ("eve", false, true), ("fay", true, false)] {
        let mut person = app.person(name);
        if has_factor {
            person = enrolled(&person);
        }
        if !is_verified {
            person = unverified(&person);
        }
        members.push(scene.joined(&person, "member").await);
    }

    let both = json!({ "require2FA": true, "requireEmailVerification": true });
    scene.enforced(both).await;

    for member in &members {
        assert!(scene.is_pending(member).await);
    }
    assert_eq!(scene.entries().await.len(), 3);
    let subjects: Vec<_> = scene
        .letters()
        .into_iter()
        .map(|letter| (letter.to, letter.subject.contains("Two-Factor")))
        .collect();
    let wanted = [("bob", true), ("eve", true), ("fay", false)];
    assert_eq!(
        subjects,
        wanted.map(|(name, is_factor)| (format!("{name}@example.com"), is_factor))
    );
}

#[tokio::test]
async fn saved_once_more_it_is_enforced_once_more() {
    let scene = Scene::start().await;
    scene.enforced(json!({ "require2FA": true })).await;
    let bob = enrolled(&scene.app.person("bob"));
    let bobs = scene.joined(&bob, "member").await;
    // Bob has dropped it since. Until somebody saves, the gate keeps him out.
    bob.with(json!({ "amr": ["pwd"] })).seen().await;
    assert!(!scene.is_pending(&bobs).await);
    scene.enforced(json!({ "isEarlyAdopter": true })).await;
    assert!(!scene.is_pending(&bobs).await, "saved without it");

    scene.enforced(json!({ "require2FA": true })).await;

    assert!(scene.is_pending(&bobs).await);
    assert_eq!(scene.recipients(), ["bob@example.com"]);
}

#[tokio::test]
async fn the_new_invite_shows_what_became_of_its_letter() {
    let scene = Scene::start().await;
    let bobs = scene.joined(&scene.app.person("bob"), "member").await;
    scene.enforced(json!({ "require2FA": true })).await;
    let query = "query($slug: String!) { organization(slug: $slug) { invites(first: 5) { nodes {
        email status member { id } delivery { status attempts } } } } }";
    let reply = scene.ann.send(query, json!({ "slug": scene.acme.slug })).await.ok();
    let wanted = json!([{
        "email": "bob@example.com", "status": "PENDING", "member": { "id": bobs },
        "delivery": { "status": "SENT", "attempts": 1 },
    }]);
    assert_eq!(reply.data("organization.invites.nodes"), &wanted);
}

#[tokio::test]
async fn who_may_not_sign_in_is_left_alone() {
    let scene = Scene::start().await;
    let bob = scene.app.person("bob");
    let bobs = scene.joined(&bob, "member").await;
    scene.app.db_set_active(&bob.user_id().await, false).await;

    scene.enforced(json!({ "require2FA": true })).await;

    assert!(!scene.is_pending(&bobs).await);
    assert!(scene.letters().is_empty());
}
