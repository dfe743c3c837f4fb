//! Sending again with `resendInvite` (§10). What it shares with
//! `updateMemberRoles` is told there.

use super::*;

const RESEND: &str = "resendInvite";

fn plain() -> Value {
    json!({})
}

fn regenerate() -> Value {
    json!({ "regenerate": true })
}

#[tokio::test]
async fn an_invite_is_mailed_again_with_the_same_link() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Red").await;
    let input = json!({ "email": "Bob@example.com", "orgRole": "manager", "teamSlugs": ["red"], "sendInvite": false });
    let made = ann.create_invite(&acme, input).await.done("createInvite");
    let member = made.text("createInvite.member.id");
    let (audit, outbox) = (app.db_audit(&acme).await.len(), app.db_outbox(&acme).await);

    let reply = ann.resend_invite(&member, plain()).await.done(RESEND);

    assert_eq!(reply.data("resendInvite.member.id"), &json!(member));
    assert_eq!(
        reply.data("resendInvite.invite.id"),
        made.data("createInvite.invite.id")
    );
    assert_eq!(reply.data("resendInvite.invite.delivery.status"), "QUEUED");
    assert_eq!(
        reply.data("resendInvite.invite.expiresAt"),
        made.data("createInvite.invite.expiresAt")
    );
    assert_eq!(reply.token(RESEND), made.token("createInvite"));
    assert_eq!(jobs(&app).await, [("send_invite".to_owned(), row(&member))]);
    assert_eq!(app.db_outbox(&acme).await, outbox, "the row did not change");
    let written = app.db_audit(&acme).await.split_off(audit);
    assert_eq!(written.len(), 1);
    assert_eq!(written[0].event, MEMBER_REINVITE);
    assert_eq!(written[0].actor, Some(ann.user_id().await));
    assert_eq!(written[0].target, Some(row::<MemberId>(&member).into()));
    assert_eq!(written[0].target_user, None);
    assert_eq!(written[0].data["email"], "Bob@example.com");
    assert_eq!(written[0].data["role"], "manager");
    assert_eq!(written[0].data["team_slugs"], json!(["red"]));
    assert_eq!(written[0].data["invite_status"], "approved");
}

#[tokio::test]
async fn a_new_link_ends_the_old_one_and_begins_a_whole_lifetime() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    app.db_expire_invite(&invite.member).await;
    let outbox = app.db_outbox(&acme).await.len();

    let refused = app.unchanged(ann.resend_invite(&invite.member, plain())).await;
    assert_eq!(refused.refusals(RESEND), [("INVITE_EXPIRED", "")]);
    let reply = ann.resend_invite(&invite.member, regenerate()).await.done(RESEND);

    let token = reply.token(RESEND);
    assert_ne!(token, invite.token);
    assert_eq!(reply.data("resendInvite.invite.status"), "PENDING");
    let ends: DateTime<Utc> = reply.text("resendInvite.invite.expiresAt").parse().unwrap();
    assert!(ends > Utc::now() + Duration::days(29));
    assert_eq!(
        app.db_outbox(&acme).await.split_off(outbox),
        [(
            Category::OrganizationMemberUpdate,
            row::<MemberId>(&invite.member).into()
        )]
    );
    let bob = app.person("bob");
    let reply = app.unchanged(bob.accept_invite(&invite.token)).await;
    assert_eq!(reply.codes("acceptInvite"), ["INVITE_INVALID"]);
    bob.accept_invite(&token).await.done("acceptInvite");
}

#[tokio::test]
async fn a_row_without_a_link_gets_one_only_anew() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    app.db_change_member(&invite.member, |row| row.invite_nonce = Set(None))
        .await;

    let refused = app.unchanged(ann.resend_invite(&invite.member, plain())).await;
    assert_eq!(refused.codes(RESEND), ["INVITE_EXPIRED"]);
    let reply = ann.resend_invite(&invite.member, regenerate()).await.done(RESEND);
    app.person("bob")
        .accept_invite(&reply.token(RESEND))
        .await
        .done("acceptInvite");
}

#[tokio::test]
async fn who_has_joined_without_linking_is_asked_to() {
    let app = TestApp::start().await;
    let (acme, ann, bob, member) = with_bob(&app, "member").await;
    for input in [plain(), regenerate()] {
        let reply = app.unchanged(ann.resend_invite(&member, input)).await;
        assert_eq!(reply.refusals(RESEND), [("NOT_INVITABLE", "")]);
    }
    app.db_auth_provider(&acme, true).await;
    let (audit, before) = (app.db_audit(&acme).await.len(), jobs(&app).await.len());

    for target in [&member, &acme.owner] {
        let reply = ann.resend_invite(target, regenerate()).await.done(RESEND);
        assert_eq!(reply.data("resendInvite.member.id"), &json!(target));
        assert_eq!(reply.data("resendInvite.invite"), &Value::Null);
        assert_eq!(reply.data("resendInvite.acceptUrl"), &Value::Null);
    }

    assert_eq!(
        jobs(&app).await.split_off(before),
        [
            ("send_sso_link".to_owned(), row(&member)),
            ("send_sso_link".to_owned(), row(&acme.owner))
        ]
    );
    let written = app.db_audit(&acme).await.split_off(audit);
    assert_eq!(
        written.iter().map(|entry| entry.event).collect::<Vec<_>>(),
        [MEMBER_REINVITE; 2]
    );
    assert_eq!(written[0].target_user, Some(bob.user_id().await));
    assert_eq!(written[0].data["email"], "bob@example.com");

    app.db_set_flags(&member, member::flag::SSO_LINKED).await;
    let reply = app.unchanged(ann.resend_invite(&member, plain())).await;
    assert_eq!(reply.codes(RESEND), ["NOT_INVITABLE"]);
}

#[tokio::test]
async fn plain_members_resend_only_their_own_invites() {
    for role in ["member", "admin"] {
        let app = TestApp::start().await;
        let (acme, ann, bob, member) = with_bob(&app, role).await;
        let own = invited_by(&bob, &acme, "own@example.com").await;
        let foreign = invited_by(&ann, &acme, "foreign@example.com").await;

        let reply = bob.resend_invite(&own, plain()).await.done(RESEND);
        assert_eq!(reply.data("resendInvite.acceptUrl"), &Value::Null);
        for (target, input, code) in [
            (&foreign, plain(), "NOT_YOUR_INVITE"),
            (&foreign, regenerate(), "NOT_YOUR_INVITE"),
            (&own, regenerate(), "INSUFFICIENT_SCOPE"),
            (&member, plain(), "FORBIDDEN"),
            (&acme.owner, plain(), "FORBIDDEN"),
        ] {
            let reply = app.unchanged(bob.resend_invite(target, input.clone())).await;
            assert_eq!(reply.codes(RESEND), [code], "{role} {input}");
        }
        let off = app.node_with(|config| config.features.member_invites = false).await;
        let reply = app.unchanged(bob.at(&off).resend_invite(&own, plain())).await;
        assert_eq!(reply.codes(RESEND), ["FORBIDDEN"]);
        app.db_set_organization_flags(&acme, flag::DISABLE_MEMBER_INVITE).await;
        let reply = app.unchanged(bob.resend_invite(&own, plain())).await;
        assert_eq!(reply.codes(RESEND), ["FORBIDDEN"]);
        ann.resend_invite(&own, plain()).await.done(RESEND);
    }
}

#[tokio::test]
async fn refusals_to_resend_come_in_their_order() {
    let app = TestApp::start_with(|config| config.rate_limits.invites_per_address_per_day = 2).await;
    let (acme, ann, bob, _) = with_bob(&app, "member").await;
    let carl = app.person("carl");
    app.join(&acme, &ann, &carl, "member").await;
    let target = invited_by(&bob, &acme, "x@example.com").await;
    app.db_expire_invite(&target).await;
    app.db_set_flags(&target, member::flag::PARTNERSHIP_RESTRICTED).await;
    let refused = async |who: &Client, input: Value| {
        let reply = app.unchanged(who.resend_invite(&target, input)).await;
        reply.codes(RESEND).join(" ")
    };
    let narrow = carl.with(json!({ "scope": "org:read member:read" }));

    assert_eq!(refused(&narrow, regenerate()).await, "FORBIDDEN");
    assert_eq!(refused(&carl, regenerate()).await, "PARTNERSHIP_RESTRICTED");
    app.db_set_flags(&target, 0).await;
    assert_eq!(refused(&carl, regenerate()).await, "NOT_YOUR_INVITE");
    // None of these counted. The second attempt is the last that is let through.
    assert_eq!(refused(&bob, regenerate()).await, "INSUFFICIENT_SCOPE");
    assert_eq!(refused(&bob, regenerate()).await, "RATE_LIMITED");
    assert_eq!(refused(&ann, plain()).await, "RATE_LIMITED");
    let reply = ann.resend_invite(&target, plain()).await;
    assert!(matches!(reply.refusals(RESEND)[0].retry_after, Some(1..=86_400)));
}

#[tokio::test]
async fn there_is_no_member_to_resend_to() {
    let app = TestApp::start().await;
    let (acme, ann, bob, member) = with_bob(&app, "member").await;
    let invite = app.invite(&acme, &ann, "x@example.com", "member").await;
    let asked = app
        .db_request(&acme, "a@example.com", InviteStatus::RequestedToBeInvited)
        .await;
    let joining = app
        .db_request(&acme, "b@example.com", InviteStatus::RequestedToJoin)
        .await;
    let zoe = app.person("zoe");
    let globex = app.organization_of(&zoe, "Globex").await;
    let robot = app.db_app(&globex, &["member:admin"]).await;

    let missing = MemberId(9_999_999).global();
    for who in [&ann, &bob] {
        for id in [&asked, &joining, &globex.owner, &missing, &invite.id, &acme.id, "", "x"] {
            let reply = app.unchanged(who.resend_invite(id, plain())).await;
            assert_eq!(reply.refusals(RESEND), [("MEMBER_NOT_FOUND", "input.memberId")], "{id}");
        }
    }
    for who in [&zoe, &robot] {
        for id in [&invite.member, &member, &missing] {
            let reply = app.unchanged(who.resend_invite(id, plain())).await;
            assert_eq!(reply.refusals(RESEND), [("MEMBER_NOT_FOUND", "input.memberId")]);
        }
    }
    let reply = app
        .unchanged(app.anonymous().resend_invite(&invite.member, plain()))
        .await;
    assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);
}

#[tokio::test]
async fn apps_resend_any_invite_but_see_no_link() {
    let app = TestApp::start().await;
    let (acme, ann, _, member) = with_bob(&app, "member").await;
    let invite = app.invite(&acme, &ann, "x@example.com", "member").await;
    for (scope, target, input, code) in [
        ("member:read", &invite.member, plain(), Some("FORBIDDEN")),
        ("member:invite", &invite.member, plain(), Some("NOT_YOUR_INVITE")),
        ("member:write", &invite.member, plain(), None),
        ("member:write", &invite.member, regenerate(), Some("INSUFFICIENT_SCOPE")),
        ("member:write", &member, plain(), Some("FORBIDDEN")),
        ("member:admin", &invite.member, regenerate(), None),
    ] {
        let robot = app.db_app(&acme, &[scope]).await;
        match code {
            Some(code) => {
                let reply = app.unchanged(robot.resend_invite(target, input)).await;
                assert_eq!(reply.codes(RESEND), [code], "{scope}");
            }
            None => {
                let reply = robot.resend_invite(target, input).await.done(RESEND);
                assert_eq!(reply.data("resendInvite.acceptUrl"), &Value::Null);
            }
        }
    }
}

#[tokio::test]
async fn the_link_shows_again_to_who_could_give_the_role() {
    let app = TestApp::start().await;
    let (acme, ann, bob, _) = with_bob(&app, "manager").await;
    let owner = app.invite(&acme, &ann, "x@example.com", "owner").await;
    let manager = app.invite(&acme, &ann, "y@example.com", "manager").await;
    for (who, target, shows) in [
        (&ann, &owner, true),
        (&app.superuser(), &owner, true),
        (&bob, &owner, false),
        (&bob, &manager, true),
    ] {
        for input in [plain(), regenerate()] {
            let reply = who.resend_invite(&target.member, input).await.done(RESEND);
            assert_eq!(reply.data("resendInvite.acceptUrl").is_string(), shows);
        }
    }
}

#[tokio::test]
async fn gates_close_before_a_resend() {
    let app = TestApp::start().await;
    let (acme, _, bob, member) = with_bob(&app, "manager").await;
    let invite = app.invite(&acme, &bob, "x@example.com", "member").await;
    app.db_set_flags(&member, member::flag::MEMBER_LIMIT_RESTRICTED).await;
    let reply = app.unchanged(bob.resend_invite(&invite.member, plain())).await;
    assert_eq!(reply.codes(RESEND), ["MEMBER_DISABLED_OVER_LIMIT"]);
    app.db_auth_provider(&acme, false).await;
    let reply = app.unchanged(bob.resend_invite(&invite.member, plain())).await;
    assert_eq!(reply.codes(RESEND), ["SSO_REQUIRED"]);
    app.db_set_organization_flags(&acme, flag::REQUIRE_2FA).await;
    let reply = app.unchanged(bob.resend_invite(&invite.member, plain())).await;
    assert_eq!(reply.codes(RESEND), ["TWO_FACTOR_REQUIRED"]);
    app.db_set_status(&acme, OrganizationStatus::PendingDeletion).await;
    let reply = app.unchanged(bob.resend_invite(&invite.member, plain())).await;
    assert_eq!(reply.codes(RESEND), ["MEMBER_NOT_FOUND"]);
}

#[tokio::test]
async fn without_mail_the_link_is_answered() {
    let app = TestApp::start_with(|config| config.features.mail_invites = false).await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "x@example.com", "member").await;

    let reply = ann.resend_invite(&invite.member, plain()).await.done(RESEND);

    assert_eq!(reply.token(RESEND), invite.token);
    assert_eq!(reply.data("resendInvite.invite.delivery.status"), "NOT_REQUESTED");
    assert!(app.db_jobs().await.is_empty());
}

#[tokio::test]
async fn of_many_new_links_one_is_good() {
    let app = TestApp::start_with(|config| config.rate_limits.enabled = false).await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "x@example.com", "member").await;

    let replies = join_all((0..10).map(|_| ann.resend_invite(&invite.member, regenerate()))).await;

    let mut good = 0;
    for reply in replies {
        let preview = ann.invite_preview(&reply.done(RESEND).token(RESEND)).await;
        good += usize::from(!preview.data("invitePreview").is_null());
    }
    assert_eq!(good, 1);
    assert_eq!(app.db_jobs().await.len(), 11, "each was mailed");
}
