//! Withdrawing invites (§12 on a pending row).

use super::*;

const REVOKE: &str = "revokeInvite";

#[tokio::test]
async fn a_withdrawn_invite_is_gone() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Red").await;
    let input = json!({ "email": "Bob@example.com", "orgRole": "owner", "teamSlugs": ["red"] });
    let made = ann.create_invite(&acme, input.clone()).await.done("createInvite");
    let (member, invite) = (made.text("createInvite.member.id"), made.text("createInvite.invite.id"));
    let other = app.invite(&acme, &ann, "other@example.com", "member").await;
    let (audit, outbox) = (app.db_audit(&acme).await.len(), app.db_outbox(&acme).await.len());
    let team = db_team_id(&app, &acme, "red").await;

    let reply = ann.revoke_invite(&invite).await.done(REVOKE);

    assert_eq!(reply.data("revokeInvite.revokedInviteId"), &json!(invite));
    assert!(app.db_member(&member).await.is_none());
    assert!(app.db_teams_of(&member).await.is_empty());
    assert!(app.db_member(&other.member).await.is_some());
    let token = made.token("createInvite");
    assert_eq!(ann.invite_preview(&token).await.data("invitePreview"), &Value::Null);
    let accepted = app.unchanged(app.person("bob").accept_invite(&token)).await;
    assert_eq!(accepted.codes("acceptInvite"), ["INVITE_INVALID"]);
    assert_eq!(
        app.db_outbox(&acme).await.split_off(outbox),
        [(Category::OrganizationMemberUpdate, row::<MemberId>(&member).into())]
    );
    let written = app.db_audit(&acme).await.split_off(audit);
    assert_eq!(written.len(), 1);
    assert_eq!(written[0].event, MEMBER_REMOVE);
    assert_eq!(written[0].actor, Some(ann.user_id().await));
    assert_eq!(written[0].target, Some(row::<MemberId>(&member).into()));
    assert_eq!(written[0].target_user, None);
    assert_eq!(
        written[0].data,
        json!({
            "email": "Bob@example.com",
            "user": null,
            "teams": [team],
            "team_slugs": ["red"],
            "has_global_access": true,
            "role": "owner",
            "invite_status": "approved",
        })
    );
    ann.create_invite(&acme, input).await.done("createInvite");
}

#[tokio::test]
async fn an_expired_invite_is_withdrawn_too() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    app.db_expire_invite(&invite.member).await;

    ann.revoke_invite(&invite.id).await.done(REVOKE);

    let again = app.unchanged(ann.revoke_invite(&invite.id)).await;
    assert_eq!(again.refusals(REVOKE), [("INVITE_NOT_FOUND", "input.inviteId")]);
}

#[tokio::test]
async fn there_is_no_invite_to_withdraw() {
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
    let missing = InviteId::from(9_999_999).global();

    for who in [&ann, &bob] {
        for id in [
            &invite_of(&asked),
            &invite_of(&joining),
            &invite_of(&member),
            &invite_of(&globex.owner),
            &invite.member,
            &missing,
            "",
            "x",
        ] {
            let reply = app.unchanged(who.revoke_invite(id)).await;
            assert_eq!(reply.refusals(REVOKE), [("INVITE_NOT_FOUND", "input.inviteId")], "{id}");
        }
    }
    for who in [&zoe, &robot] {
        for id in [&invite.id, &missing] {
            let reply = app.unchanged(who.revoke_invite(id)).await;
            assert_eq!(reply.refusals(REVOKE), [("INVITE_NOT_FOUND", "input.inviteId")]);
        }
    }
    let reply = app.unchanged(app.anonymous().revoke_invite(&invite.id)).await;
    assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);
}

#[tokio::test]
async fn plain_members_withdraw_only_their_own_invites() {
    for role in ["member", "admin"] {
        let app = TestApp::start().await;
        let (acme, ann, bob, _) = with_bob(&app, role).await;
        let own = invite_of(&invited_by(&bob, &acme, "own@example.com").await);
        let foreign = invite_of(&invited_by(&ann, &acme, "foreign@example.com").await);
        let robot = app.db_app(&acme, &["member:invite"]).await;
        let nobodys = invite_of(&invited_by(&robot, &acme, "nobody@example.com").await);

        for invite in [&foreign, &nobodys] {
            let reply = app.unchanged(bob.revoke_invite(invite)).await;
            assert_eq!(reply.codes(REVOKE), ["NOT_YOUR_INVITE"]);
        }
        let narrow = bob.with(json!({ "scope": "member:read" }));
        let reply = app.unchanged(narrow.revoke_invite(&own)).await;
        assert_eq!(reply.codes(REVOKE), ["INSUFFICIENT_SCOPE"]);
        let off = app.node_with(|config| config.features.member_invites = false).await;
        let reply = app.unchanged(bob.at(&off).revoke_invite(&own)).await;
        assert_eq!(reply.codes(REVOKE), ["INSUFFICIENT_SCOPE"]);
        app.db_set_organization_flags(&acme, flag::DISABLE_MEMBER_INVITE).await;
        let reply = app.unchanged(bob.revoke_invite(&own)).await;
        assert_eq!(reply.codes(REVOKE), ["INSUFFICIENT_SCOPE"]);

        app.db_set_organization_flags(&acme, flag::ALLOW_JOINLEAVE).await;
        bob.revoke_invite(&own).await.done(REVOKE);
    }
}

#[tokio::test]
async fn nobody_withdraws_an_invite_above_themselves() {
    let app = TestApp::start().await;
    let (acme, ann, bob, _) = with_bob(&app, "manager").await;
    let owner = app.invite(&acme, &ann, "a@example.com", "owner").await;
    let manager = app.invite(&acme, &ann, "b@example.com", "manager").await;
    let robot = app.db_app(&acme, &["member:admin"]).await;

    for who in [&bob, &robot] {
        let reply = app.unchanged(who.revoke_invite(&owner.id)).await;
        assert_eq!(reply.refusals(REVOKE), [("TARGET_OUTRANKS_ACTOR", "")]);
    }
    bob.revoke_invite(&manager.id).await.done(REVOKE);
    // An invite is nobody, so not the last owner either.
    ann.revoke_invite(&owner.id).await.done(REVOKE);
    let owner = app.invite(&acme, &ann, "a@example.com", "owner").await;
    app.superuser().revoke_invite(&owner.id).await.done(REVOKE);
}

#[tokio::test]
async fn apps_withdraw_with_member_admin() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "a@example.com", "manager").await;
    for (scope, code) in [
        ("org:admin", "FORBIDDEN"),
        ("member:read", "INSUFFICIENT_SCOPE"),
        ("member:invite", "INSUFFICIENT_SCOPE"),
        ("member:write", "INSUFFICIENT_SCOPE"),
    ] {
        let robot = app.db_app(&acme, &[scope]).await;
        let reply = app.unchanged(robot.revoke_invite(&invite.id)).await;
        assert_eq!(reply.codes(REVOKE), [code], "{scope}");
    }
    let robot = app.db_app(&acme, &["member:admin"]).await;
    robot.revoke_invite(&invite.id).await.done(REVOKE);
}

#[tokio::test]
async fn refusals_to_withdraw_come_in_their_order() {
    use member::flag::{IDP_PROVISIONED, PARTNERSHIP_RESTRICTED};

    let app = TestApp::start().await;
    let (acme, ann, bob, _) = with_bob(&app, "manager").await;
    let invite = app.invite(&acme, &ann, "a@example.com", "owner").await;
    app.db_set_flags(&invite.member, IDP_PROVISIONED | PARTNERSHIP_RESTRICTED)
        .await;
    let refused = async |who: &Client| {
        let reply = app.unchanged(who.revoke_invite(&invite.id)).await;
        reply.codes(REVOKE).join(" ")
    };

    assert_eq!(refused(&bob.with(json!({ "scope": "org:read" }))).await, "FORBIDDEN");
    assert_eq!(
        refused(&bob.with(json!({ "scope": "member:write" }))).await,
        "NOT_YOUR_INVITE"
    );
    assert_eq!(refused(&bob).await, "TARGET_OUTRANKS_ACTOR");
    assert_eq!(refused(&ann).await, "IDP_PROVISIONED");
    assert_eq!(refused(&app.superuser()).await, "IDP_PROVISIONED");
    app.db_set_flags(&invite.member, PARTNERSHIP_RESTRICTED).await;
    assert_eq!(refused(&ann).await, "PARTNERSHIP_RESTRICTED");
    app.db_set_flags(&invite.member, 0).await;
    ann.revoke_invite(&invite.id).await.done(REVOKE);
}

#[tokio::test]
async fn gates_close_before_a_withdrawal() {
    let app = TestApp::start().await;
    let (acme, ann, bob, member) = with_bob(&app, "manager").await;
    let invite = app.invite(&acme, &ann, "b@example.com", "member").await;
    app.db_set_flags(&member, member::flag::MEMBER_LIMIT_RESTRICTED).await;
    let reply = app.unchanged(bob.revoke_invite(&invite.id)).await;
    assert_eq!(reply.codes(REVOKE), ["MEMBER_DISABLED_OVER_LIMIT"]);
    app.db_auth_provider(&acme, false).await;
    let reply = app.unchanged(bob.revoke_invite(&invite.id)).await;
    assert_eq!(reply.codes(REVOKE), ["SSO_REQUIRED"]);
    app.db_set_organization_flags(&acme, flag::REQUIRE_2FA).await;
    let reply = app.unchanged(bob.revoke_invite(&invite.id)).await;
    assert_eq!(reply.codes(REVOKE), ["TWO_FACTOR_REQUIRED"]);
    app.db_set_status(&acme, OrganizationStatus::PendingDeletion).await;
    let reply = app.unchanged(bob.revoke_invite(&invite.id)).await;
    assert_eq!(reply.codes(REVOKE), ["INVITE_NOT_FOUND"]);
}

#[tokio::test]
async fn taking_and_withdrawing_an_invite_exclude_each_other() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    for round in 0..15 {
        let invite = app
            .invite(&acme, &ann, &format!("x{round}@example.com"), "member")
            .await;
        let person = app.person(&format!("person{round}")).seen().await;

        let (joined, revoked) = join(person.accept_invite(&invite.token), ann.revoke_invite(&invite.id)).await;

        let (joined, revoked) = (joined.codes("acceptInvite"), revoked.codes(REVOKE));
        let row = app.db_member(&invite.member).await;
        if joined.is_empty() {
            assert_eq!(revoked, ["INVITE_NOT_FOUND"], "round {round}");
            assert!(row.unwrap().user_id.is_some(), "round {round}");
        } else {
            assert_eq!((joined, revoked), (vec!["INVITE_INVALID".to_owned()], vec![]));
            assert!(row.is_none(), "round {round}");
        }
    }
}

#[tokio::test]
async fn an_invite_is_withdrawn_once() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "x@example.com", "member").await;

    let replies = join_all((0..10).map(|_| ann.revoke_invite(&invite.id))).await;

    let done = replies.iter().filter(|reply| reply.codes(REVOKE).is_empty()).count();
    assert_eq!(done, 1);
    let removed = app.db_audit(&acme).await;
    assert_eq!(removed.iter().filter(|entry| entry.event == MEMBER_REMOVE).count(), 1);
}
