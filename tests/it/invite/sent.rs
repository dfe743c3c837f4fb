//! What an invite leaves behind (§8.3, §8.4).

use super::*;

#[tokio::test]
async fn an_invite_is_written_into_the_audit_log() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Red").await;
    let input = json!({ "email": "Bob@example.com", "orgRole": "manager", "teamSlugs": ["red"], "sendInvite": false });
    let before = app.db_audit(&acme).await.len();

    let reply = ann.create_invite(&acme, input).await.done("createInvite");

    let member = reply.text("createInvite.member.id");
    let written = app.db_audit(&acme).await.split_off(before);
    assert_eq!(written.len(), 1);
    assert_eq!(written[0].event, MEMBER_INVITE);
    assert_eq!(written[0].actor, Some(ann.user_id().await));
    assert_eq!(written[0].target, Some(row::<MemberId>(&member).into()));
    assert_eq!(written[0].target_user, None);
    assert_eq!(
        written[0].data,
        json!({
            "email": "Bob@example.com",
            "user": null,
            "teams": [db_team_id(&app, &acme, "red").await],
            "team_slugs": ["red"],
            "has_global_access": true,
            "role": "manager",
            "invite_status": "approved",
        })
    );
}

#[tokio::test]
async fn an_invite_is_mailed_if_wanted() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;

    let silent = ann
        .create_invite(&acme, json!({ "email": "a@example.com", "sendInvite": false }))
        .await;
    assert_eq!(
        silent.done("createInvite").data("createInvite.invite.delivery.status"),
        "NOT_REQUESTED"
    );
    assert!(app.db_jobs().await.is_empty());

    let mailed = ann.create_invite(&acme, json!({ "email": "b@example.com" })).await;
    assert_eq!(
        mailed.done("createInvite").data("createInvite.invite.delivery.status"),
        "QUEUED"
    );
    assert_eq!(app.db_jobs().await.len(), 1);
}

#[tokio::test]
async fn without_mail_an_invite_is_a_link() {
    let app = TestApp::start_with(|config| config.features.mail_invites = false).await;
    let (acme, ann) = app.organization("Acme").await;
    let before = app.db_audit(&acme).await.len();

    let reply = ann
        .create_invite(&acme, json!({ "email": "bob@example.com", "sendInvite": true }))
        .await;
    let reply = reply.done("createInvite");

    assert_eq!(reply.data("createInvite.invite.delivery.status"), "NOT_REQUESTED");
    assert!(app.db_jobs().await.is_empty());
    let written = app.db_audit(&acme).await.split_off(before);
    assert_eq!(
        written.iter().map(|entry| entry.event).collect::<Vec<_>>(),
        [MEMBER_ADD]
    );
    app.person("bob")
        .accept_invite(&reply.token("createInvite"))
        .await
        .done("acceptInvite");
}

#[tokio::test]
async fn the_link_shows_only_to_who_could_give_the_role() {
    let app = TestApp::start().await;
    let (acme, ann, bob, _) = with_bob(&app, "manager").await;
    let carl = app.person("carl");
    app.join(&acme, &ann, &carl, "member").await;
    for (actor, role, shows) in [
        (ann.clone(), "owner", true),
        (app.superuser(), "owner", true),
        (bob.clone(), "manager", true),
        (bob.clone(), "member", true),
        (carl, "member", false),
        (ann.with(json!({ "scope": "member:write" })), "member", false),
    ] {
        let email = format!("{}@example.com", Uuid::new_v4().simple());
        let reply = actor
            .create_invite(&acme, json!({ "email": email, "orgRole": role }))
            .await
            .done("createInvite");
        assert_eq!(
            reply.data("createInvite.acceptUrl").is_string(),
            shows,
            "{role}: {reply:#?}"
        );
    }
}

#[tokio::test]
async fn the_link_leads_to_the_public_address_and_keeps_the_referrer() {
    let app =
        TestApp::start_with(|config| config.public_url = Some("https://people.example.com/".parse().unwrap())).await;
    let (acme, ann) = app.organization("Acme").await;
    let input = json!({ "email": "bob@example.com", "referrer": "a b&c=d" });

    let reply = ann.create_invite(&acme, input).await.done("createInvite");

    let url = url::Url::parse(&reply.text("createInvite.acceptUrl")).unwrap();
    assert_eq!(url.origin().ascii_serialization(), "https://people.example.com");
    assert!(url.path().starts_with("/invite/"), "{url}");
    let query: Vec<_> = url.query_pairs().into_owned().collect();
    assert_eq!(query, [("referrer".to_owned(), "a b&c=d".to_owned())]);
    app.person("bob")
        .accept_invite(&reply.token("createInvite"))
        .await
        .done("acceptInvite");
}

#[tokio::test]
async fn the_token_is_stored_nowhere() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;

    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;

    let (_, signature) = invite.token.split_once('.').unwrap();
    let rows = format!("{:?}", app.db_snapshot().await);
    assert!(!rows.contains(signature) && !rows.contains("/invite/"), "{rows}");
    assert!(!rows.contains(INVITE_SECRET));
}
