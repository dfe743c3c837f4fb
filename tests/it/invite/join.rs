//! Asking to be let in, from outside (§9.2).

use super::*;

const JOIN: &str = "requestToJoin";

/// A server behind a proxy that names its clients.
async fn behind_a_proxy() -> TestApp {
    TestApp::start_with(|config| config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()]).await
}

#[tokio::test]
async fn somebody_outside_asks_for_a_place() {
    let app = behind_a_proxy().await;
    let (acme, ann) = app.organization("Acme").await;
    let input = json!({ "organizationId": acme.id, "defaultRole": "manager" });
    ann.mutate("saveOrgOptions", "organization { id }", input)
        .await
        .done("saveOrgOptions");
    let (audit, outbox) = (app.db_audit(&acme).await.len(), app.db_outbox(&acme).await.len());

    let reply = app
        .anonymous()
        .from("203.0.113.7")
        .request_to_join("acme", "Zoe@example.com")
        .await;

    assert_eq!(reply.body, json!({ "data": { "requestToJoin": { "userErrors": [] } } }));
    let rows = db_pending_rows(&app, &acme).await;
    assert_eq!(rows.len(), 1);
    let request = &rows[0];
    assert_eq!(request.invite_status, InviteStatus::RequestedToJoin);
    assert_eq!(request.email.as_deref(), Some("Zoe@example.com"));
    assert_eq!(request.email_key.as_deref(), Some("zoe@example.com"));
    assert_eq!(request.role, "manager");
    assert_eq!(request.inviter_id, None);
    assert_eq!((&request.invite_nonce, request.token_expires_at), (&None, None));
    assert_eq!(jobs(&app).await, [("announce_request".to_owned(), request.id)]);
    assert_eq!(
        app.db_outbox(&acme).await.split_off(outbox),
        [(Category::OrganizationMemberUpdate, request.id.0)]
    );
    let written = app.db_audit(&acme).await.split_off(audit);
    assert_eq!(written.len(), 1);
    assert_eq!(written[0].event, INVITE_REQUEST_ADD);
    assert_eq!(written[0].target, Some(request.id.0));
    assert_eq!((&written[0].actor, &written[0].target_user), (&None, &None));
    assert_eq!(written[0].ip.as_deref(), Some("203.0.113.7"));
    assert_eq!(written[0].data, json!({ "email": "Zoe@example.com" }));
}

#[tokio::test]
async fn who_asks_does_not_matter() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let robot = app.db_app(&acme, &["member:read"]).await;
    let audit = app.db_audit(&acme).await.len();

    for (who, email) in [
        (&ann, "a@example.com"),
        (&robot, "b@example.com"),
        (&app.superuser(), "c@example.com"),
    ] {
        who.request_to_join("acme", email).await.done(JOIN);
    }

    let rows = db_pending_rows(&app, &acme).await;
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| row.inviter_id.is_none()));
    let written = app.db_audit(&acme).await.split_off(audit);
    assert!(written.iter().all(|entry| entry.actor.is_none()), "{written:?}");
}

#[tokio::test]
async fn the_answer_does_not_tell_who_is_known() {
    let app = TestApp::start_with(|config| config.rate_limits.join_requests_per_client_per_day = 100).await;
    let (acme, ann, _, _) = with_bob(&app, "member").await;
    app.invite(&acme, &ann, "invited@example.com", "member").await;
    let expired = app.invite(&acme, &ann, "expired@example.com", "member").await;
    app.db_expire_invite(&expired.member).await;
    app.db_request(&acme, "asked@example.com", InviteStatus::RequestedToBeInvited)
        .await;
    app.db_request(&acme, "joining@example.com", InviteStatus::RequestedToJoin)
        .await;
    let nobody = app.anonymous();
    let new = nobody.request_to_join("acme", "new@example.com").await.done(JOIN);

    for known in [
        "bob@example.com",
        "BOB@example.com",
        "ann@example.com",
        "Invited@example.com",
        "expired@example.com",
        "Asked@example.com",
        "Joining@example.com",
        "New@example.com",
    ] {
        let reply = app.unchanged(nobody.request_to_join("acme", known)).await;
        assert_eq!(reply.body, new.body, "{known}");
        assert_eq!(reply.statements(), new.statements(), "{known}");
    }
}

#[tokio::test]
async fn an_address_of_nobody_active_is_new() {
    let app = TestApp::start().await;
    let (acme, ann, bob, _) = with_bob(&app, "member").await;
    let mallory = app
        .person("mallory")
        .with(json!({ "email": "victim@example.com", "email_verified": false }));
    app.join(&acme, &ann, &mallory, "member").await;
    app.db_set_active(&bob.user_id().await, false).await;

    for email in ["bob@example.com", "victim@example.com"] {
        app.anonymous().request_to_join("acme", email).await.done(JOIN);
    }

    assert_eq!(db_pending_rows(&app, &acme).await.len(), 2);
}

#[tokio::test]
async fn there_is_no_organization_to_join() {
    let app = TestApp::start().await;
    let (acme, _) = app.organization("Acme").await;
    let (globex, ann) = app.organization("Globex").await;
    app.db_set_status(&acme, OrganizationStatus::PendingDeletion).await;
    app.db_set_status(&globex, OrganizationStatus::DeletionInProgress).await;

    for slug in ["acme", "globex", "nowhere", "", "A\0", &acme.id] {
        for who in [&app.anonymous(), &ann] {
            let reply = app.unchanged(who.request_to_join(slug, "nonsense")).await;
            assert_eq!(
                reply.refusals(JOIN),
                [("ORGANIZATION_NOT_FOUND", "input.organizationSlug")],
                "{slug}"
            );
        }
    }
}

#[tokio::test]
async fn refusals_to_ask_come_in_their_order() {
    let app = TestApp::start_with(|config| config.rate_limits.join_requests_per_client_per_day = 1).await;
    let (acme, _) = app.organization("Acme").await;
    let (globex, _) = app.organization("Globex").await;
    app.db_auth_provider(&acme, true).await;
    let nobody = app.anonymous();
    let refused = async |slug: &str, email: &str| {
        let reply = app.unchanged(nobody.request_to_join(slug, email)).await;
        reply.codes(JOIN).join(" ")
    };

    app.db_set_option(&acme, "sentry:join_requests", json!(false)).await;
    assert_eq!(refused(&acme.slug, "nonsense").await, "JOIN_REQUESTS_DISABLED");
    let (initech, _) = app.organization("Initech").await;
    app.db_auth_provider(&initech, true).await;
    assert_eq!(refused(&initech.slug, "nonsense").await, "SSO_JOIN_REQUIRED");
    // Neither counted; what is no address does.
    assert_eq!(refused(&globex.slug, "nonsense").await, "INVALID_EMAIL");
    assert_eq!(refused(&globex.slug, "nonsense").await, "RATE_LIMITED");
    assert_eq!(refused(&globex.slug, "x@example.com").await, "RATE_LIMITED");
}

#[tokio::test]
async fn only_an_address_can_ask() {
    let app = TestApp::start_with(|config| config.rate_limits.enabled = false).await;
    app.organization("Acme").await;
    let long = format!("{}@example.com", "a".repeat(64));
    for email in [
        "",
        " ",
        "zoe",
        "zoe@",
        "zoe@QQ.com",
        "zoe@example.com\nBcc: x@y.z",
        "z\0@example.com",
        &long,
    ] {
        let reply = app.unchanged(app.anonymous().request_to_join("acme", email)).await;
        assert_eq!(reply.refusals(JOIN), [("INVALID_EMAIL", "input.email")], "{email:?}");
    }
}

#[tokio::test]
async fn a_client_asks_five_times_a_day() {
    let app = behind_a_proxy().await;
    let (acme, ann) = app.organization("Acme").await;
    let (one, two) = (app.anonymous().from("203.0.113.7"), app.anonymous().from("2001:db8::7"));
    for email in [
        "a@example.com",
        "nonsense",
        "ann@example.com",
        "b@example.com",
        "c@example.com",
    ] {
        one.request_to_join("acme", email).await.ok();
    }

    let reply = app.unchanged(one.request_to_join("acme", "d@example.com")).await;
    let refusals = reply.refusals(JOIN);
    assert_eq!(reply.codes(JOIN), ["RATE_LIMITED"]);
    assert!(matches!(refusals[0].retry_after, Some(1..=86_400)), "{refusals:?}");
    // Not by signing in, and not at another organization.
    app.organization_of(&ann, "Globex").await;
    for (who, slug) in [(&ann.from("203.0.113.7"), "acme"), (&one, "globex")] {
        let reply = app.unchanged(who.request_to_join(slug, "d@example.com")).await;
        assert_eq!(reply.codes(JOIN), ["RATE_LIMITED"]);
    }
    two.request_to_join("acme", "d@example.com").await.done(JOIN);
    assert_eq!(db_pending_rows(&app, &acme).await.len(), 4);
}

#[tokio::test]
async fn an_organization_is_asked_so_often_a_day() {
    let app = TestApp::start_with(|config| {
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        config.rate_limits.join_requests_per_client_per_day = 1;
        config.rate_limits.join_requests_per_organization_per_day = 2;
    })
    .await;
    let (_, ann) = app.organization("Acme").await;
    app.organization_of(&ann, "Globex").await;
    let asked = async |client: &str, slug: &str| {
        let client = app.anonymous().from(client);
        client
            .request_to_join(slug, &format!("{}@example.com", Uuid::new_v4().simple()))
            .await
            .codes(JOIN)
    };

    assert!(asked("203.0.113.1", "acme").await.is_empty());
    for _ in 0..3 {
        // One client does not use up what all have together.
        assert_eq!(asked("203.0.113.1", "acme").await, ["RATE_LIMITED"]);
    }
    assert!(asked("203.0.113.2", "acme").await.is_empty());
    assert_eq!(asked("203.0.113.3", "acme").await, ["RATE_LIMITED"]);
    assert!(asked("203.0.113.4", "globex").await.is_empty());
}

#[tokio::test]
async fn many_at_once_ask_for_one_place() {
    let app = TestApp::start_with(|config| config.rate_limits.enabled = false).await;
    let (acme, _) = app.organization("Acme").await;
    let audit = app.db_audit(&acme).await.len();
    let nobody = app.anonymous();

    let replies = join_all((0..20).map(|_| nobody.request_to_join("acme", "zoe@example.com"))).await;

    for reply in replies {
        reply.done(JOIN);
    }
    assert_eq!(db_pending_rows(&app, &acme).await.len(), 1);
    assert_eq!(app.db_audit(&acme).await.len(), audit + 1);
    assert_eq!(jobs(&app).await.len(), 1);
}
