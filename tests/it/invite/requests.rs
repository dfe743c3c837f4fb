//! Asking that somebody be invited (§9.1).

use super::*;

const REQUEST: &str = "requestInvite";

#[tokio::test]
async fn a_request_waits_for_approval() {
    let app = TestApp::start().await;
    let (acme, ann, bob, _) = with_bob(&app, "member").await;
    app.team(&acme, &ann, "Red").await;
    let (audit, outbox) = (app.db_audit(&acme).await.len(), app.db_outbox(&acme).await.len());
    let before = jobs(&app).await.len();

    let input = json!({ "email": "Carl@example.com", "orgRole": "owner", "teamSlugs": ["red"] });
    let reply = bob.request_invite(&acme, input).await.done(REQUEST);

    assert_eq!(reply.data("requestInvite.invite.status"), "REQUESTED_TO_BE_INVITED");
    assert_eq!(reply.data("requestInvite.invite.email"), "Carl@example.com");
    assert_eq!(reply.data("requestInvite.invite.role.id"), "owner");
    assert_eq!(reply.data("requestInvite.invite.teams"), &json!([{ "slug": "red" }]));
    assert_eq!(
        reply.data("requestInvite.invite.inviter.id"),
        &json!(bob.user_id().await)
    );
    assert_eq!(reply.data("requestInvite.invite.member"), &Value::Null);
    assert_eq!(reply.data("requestInvite.invite.expiresAt"), &Value::Null);
    assert_eq!(reply.data("requestInvite.invite.delivery.status"), "NOT_REQUESTED");
    let id = InviteId::parse(&reply.text("requestInvite.invite.id")).unwrap().0;
    let stored = app.db_member(&id.global()).await.unwrap();
    assert_eq!(stored.invite_status, InviteStatus::RequestedToBeInvited);
    assert_eq!((stored.invite_nonce, stored.token_expires_at), (None, None));
    assert_eq!(app.db_teams_of(&id.global()).await, [("red".to_owned(), None)]);
    assert_eq!(
        jobs(&app).await.split_off(before),
        [("announce_request".to_owned(), id)]
    );
    let changed = app.db_outbox(&acme).await.split_off(outbox);
    assert_eq!(changed[0], (Category::OrganizationMemberUpdate, id.0));
    assert_eq!(changed[1].0, Category::OrganizationMemberTeamUpdate);
    assert_eq!(changed.len(), 2);
    let written = app.db_audit(&acme).await.split_off(audit);
    assert_eq!(written.len(), 1);
    assert_eq!(written[0].event, INVITE_REQUEST_ADD);
    assert_eq!(written[0].actor, Some(bob.user_id().await));
    assert_eq!(written[0].target, Some(id.0));
    assert_eq!(
        written[0].data,
        json!({
            "email": "Carl@example.com",
            "user": null,
            "teams": [db_team_id(&app, &acme, "red").await],
            "team_slugs": ["red"],
            "has_global_access": true,
            "role": "owner",
            "invite_status": "requested_to_be_invited",
        })
    );
}

#[tokio::test]
async fn any_role_can_be_suggested_but_a_retired_one() {
    let app = TestApp::start().await;
    let (acme, _, bob, _) = with_bob(&app, "member").await;
    for role in ["member", "manager", "owner"] {
        let input = json!({ "email": format!("{role}@example.com"), "orgRole": role });
        let reply = bob.request_invite(&acme, input).await.done(REQUEST);
        assert_eq!(reply.data("requestInvite.invite.role.id"), role);
    }
    for (role, code) in [("admin", "ROLE_RETIRED"), ("chief", "INVALID_ROLE")] {
        let input = json!({ "email": "x@example.com", "orgRole": role });
        let reply = app.unchanged(bob.request_invite(&acme, input)).await;
        assert_eq!(reply.refusals(REQUEST), [(code, "input.orgRole")]);
    }
    let plain = app.node_with(|config| config.features.team_roles = false).await;
    let input = json!({ "email": "x@example.com", "orgRole": "admin" });
    bob.at(&plain).request_invite(&acme, input).await.done(REQUEST);
}

#[tokio::test]
async fn without_a_role_the_default_role_is_suggested() {
    let app = TestApp::start().await;
    let (acme, ann, bob, _) = with_bob(&app, "member").await;
    let input = json!({ "organizationId": acme.id, "defaultRole": "manager" });
    ann.mutate("saveOrgOptions", "organization { id }", input)
        .await
        .done("saveOrgOptions");

    let reply = bob.request_invite(&acme, json!({ "email": "x@example.com" })).await;

    assert_eq!(reply.done(REQUEST).data("requestInvite.invite.role.id"), "manager");
}

#[tokio::test]
async fn fields_of_a_request_are_refused_together() {
    let app = TestApp::start().await;
    let (acme, ann, bob, _) = with_bob(&app, "member").await;
    app.team(&acme, &ann, "Red").await;
    app.invite(&acme, &ann, "invited@example.com", "member").await;
    app.db_request(&acme, "asked@example.com", InviteStatus::RequestedToBeInvited)
        .await;
    app.db_request(&acme, "joining@example.com", InviteStatus::RequestedToJoin)
        .await;
    for (email, code) in [
        ("not an address", "INVALID_EMAIL"),
        ("x@qq.com", "INVALID_EMAIL"),
        ("ANN@example.com", "ALREADY_MEMBER"),
        ("Invited@example.com", "ALREADY_INVITED"),
        ("Asked@example.com", "INVITE_REQUEST_EXISTS"),
        ("Joining@example.com", "INVITE_REQUEST_EXISTS"),
    ] {
        let input = json!({ "email": email, "orgRole": "chief", "teamSlugs": ["red", "none"] });
        let reply = app.unchanged(bob.request_invite(&acme, input)).await;
        assert_eq!(
            reply.refusals(REQUEST),
            [
                (code, "input.email"),
                ("INVALID_ROLE", "input.orgRole"),
                ("INVALID_TEAM", "input.teamSlugs.1")
            ],
            "{email}"
        );
    }
}

#[tokio::test]
async fn where_people_come_through_single_sign_on_nobody_is_asked_for() {
    let app = TestApp::start().await;
    let (acme, _, bob, member) = with_bob(&app, "member").await;
    app.db_set_flags(&member, member::flag::SSO_LINKED).await;
    app.db_auth_provider(&acme, false).await;

    let reply = app
        .unchanged(bob.request_invite(&acme, json!({ "email": "x@example.com" })))
        .await;
    assert_eq!(reply.refusals(REQUEST), [("SSO_JOIN_REQUIRED", "")]);
    let reply = app
        .unchanged(bob.request_invite(&acme, json!({ "email": "nonsense" })))
        .await;
    assert_eq!(reply.codes(REQUEST), ["INVALID_EMAIL"], "the fields come first");

    let (globex, _) = app.organization("Globex").await;
    app.db_auth_provider(&globex, true).await;
    app.person("ann")
        .request_invite(&globex, json!({ "email": "x@example.com" }))
        .await
        .done(REQUEST);
}

#[tokio::test]
async fn a_role_without_teams_is_not_suggested_with_one() {
    let app = TestApp::start_with(with_billing).await;
    let (acme, ann, bob, _) = with_bob(&app, "member").await;
    app.team(&acme, &ann, "Red").await;
    let mut input = json!({ "email": "x@example.com", "orgRole": "billing", "teamSlugs": ["red"] });

    let reply = app.unchanged(bob.request_invite(&acme, input.clone())).await;
    assert_eq!(reply.codes(REQUEST), ["TEAM_ROLES_NOT_ALLOWED"]);
    input["teamSlugs"] = json!([]);
    bob.request_invite(&acme, input).await.done(REQUEST);
}

#[tokio::test]
async fn whoever_sees_members_may_ask() {
    let app = TestApp::start().await;
    let (acme, ann, bob, member) = with_bob(&app, "member").await;
    let input = |email: &str| json!({ "email": email });
    // Also where members may not invite, and where nobody may.
    app.db_set_organization_flags(&acme, flag::DISABLE_MEMBER_INVITE).await;
    bob.request_invite(&acme, input("a@example.com")).await.done(REQUEST);
    let robot = app.db_app(&acme, &["member:read"]).await;
    let reply = robot.request_invite(&acme, input("b@example.com")).await.done(REQUEST);
    assert_eq!(reply.data("requestInvite.invite.inviter"), &Value::Null);

    let narrow = ann.with(json!({ "scope": "org:admin team:admin" }));
    let robot = app.db_app(&acme, &["org:admin"]).await;
    for who in [&narrow, &robot] {
        let reply = app.unchanged(who.request_invite(&acme, input("nonsense"))).await;
        assert_eq!(reply.codes(REQUEST), ["FORBIDDEN"]);
    }
    let zoe = app.person("zoe");
    let reply = app.unchanged(zoe.request_invite(&acme, input("nonsense"))).await;
    assert_eq!(reply.codes(REQUEST), ["ORGANIZATION_NOT_FOUND"]);
    let reply = app
        .unchanged(app.anonymous().request_invite(&acme, input("x@example.com")))
        .await;
    assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);
    app.db_set_flags(&member, member::flag::MEMBER_LIMIT_RESTRICTED).await;
    let reply = app.unchanged(bob.request_invite(&acme, input("x@example.com"))).await;
    assert_eq!(reply.codes(REQUEST), ["MEMBER_DISABLED_OVER_LIMIT"]);
}

#[tokio::test]
async fn an_address_is_asked_for_once() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let asked = |round: usize| {
        let email = if round.is_multiple_of(2) {
            "x@example.com"
        } else {
            "X@Example.com"
        };
        ann.request_invite(&acme, json!({ "email": email }))
    };

    let replies = join_all((0..10).map(asked)).await;

    let (made, refused): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.codes(REQUEST).is_empty());
    assert_eq!(made.len(), 1);
    assert!(
        refused
            .iter()
            .all(|reply| reply.refusals(REQUEST) == [("INVITE_REQUEST_EXISTS", "input.email")]),
        "{refused:#?}"
    );
    assert_eq!(db_pending_rows(&app, &acme).await.len(), 1);
    assert_eq!(jobs(&app).await.len(), 1);
}

#[tokio::test]
async fn an_invite_and_a_request_at_once_leave_the_invite() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    for round in 0..15 {
        let input = json!({ "email": format!("x{round}@example.com") });

        let (invited, asked) = join(
            ann.create_invite(&acme, input.clone()),
            ann.request_invite(&acme, input),
        )
        .await;

        let made = invited.done("createInvite").text("createInvite.member.id");
        let codes = asked.codes(REQUEST);
        assert!(
            codes.is_empty() || codes == ["ALREADY_INVITED"],
            "round {round}: {codes:?}"
        );
        assert_eq!(
            app.db_member(&made).await.unwrap().invite_status,
            InviteStatus::Approved
        );
        assert_eq!(db_pending_rows(&app, &acme).await.len(), round + 1);
    }
}
