//! What taking a link does (§7.2).

use super::*;

#[tokio::test]
async fn whoever_holds_the_link_joins_as_invited() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Red").await;
    let input = json!({ "email": "somebody@example.com", "orgRole": "manager", "teamSlugs": ["red"] });
    let invite = ann.create_invite(&acme, input).await.done("createInvite");
    let pending = invite.text("createInvite.member.id");
    app.db_set_flags(&pending, member::flag::IDP_PROVISIONED).await;
    let bob = app.person("bob");
    let jobs = app.db_jobs().await;

    let reply = bob
        .accept_invite(&invite.token("createInvite"))
        .await
        .done("acceptInvite");

    assert_eq!(reply.data("acceptInvite.member.id"), &json!(pending));
    assert_eq!(reply.data("acceptInvite.member.isPending"), false);
    assert_eq!(reply.data("acceptInvite.member.role.id"), "manager");
    assert_eq!(reply.data("acceptInvite.member.email"), "bob@example.com");
    assert_eq!(reply.data("acceptInvite.member.user.id"), &json!(bob.user_id().await));
    assert_eq!(
        reply.teams("acceptInvite.member.teamMemberships"),
        [("red".into(), None)]
    );
    assert_eq!(reply.data("acceptInvite.organization.slug"), "acme");
    let stored = app.db_member(&pending).await.unwrap();
    assert_eq!(stored.email, None);
    assert_eq!(stored.email_key, None);
    assert_eq!(stored.invite_nonce, None);
    assert_eq!(stored.token_expires_at, None);
    assert_eq!(
        stored.flags & member::flag::IDP_PROVISIONED,
        member::flag::IDP_PROVISIONED
    );
    assert_eq!(stored.inviter_id.map(RowId::global), Some(ann.user_id().await));
    assert_eq!(stored.user_email.as_deref(), Some("bob@example.com"));
    assert_eq!(app.db_jobs().await, jobs, "no mail is sent");
    let seen = bob
        .send(
            "{ organization(slug: \"acme\") { viewerMembership { role { id } } } }",
            json!({}),
        )
        .await
        .ok();
    assert_eq!(seen.data("organization.viewerMembership.role.id"), "manager");
}

#[tokio::test]
async fn joining_is_recorded_once() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Red").await;
    let input = json!({ "email": "somebody@example.com", "teamSlugs": ["red"] });
    let invite = ann.create_invite(&acme, input).await.done("createInvite");
    let member = invite.text("createInvite.member.id");
    let bob = app.person("bob").with(json!({ "email_verified": false }));
    let user = bob.user_id().await;
    let (audit, outbox) = (app.db_audit(&acme).await.len(), app.db_outbox(&acme).await.len());

    bob.accept_invite(&invite.token("createInvite"))
        .await
        .done("acceptInvite");

    let written = app.db_audit(&acme).await.split_off(audit);
    assert_eq!(written.len(), 1);
    assert_eq!(written[0].event, MEMBER_ACCEPT);
    assert_eq!(written[0].actor.as_ref(), Some(&user));
    assert_eq!(written[0].target_user.as_ref(), Some(&user));
    assert_eq!(written[0].target, Some(row::<MemberId>(&member).into()));
    let team: TeamId = row(&db_team_id(&app, &acme, "red").await);
    assert_eq!(
        written[0].data,
        json!({
            "email": "bob@example.com",
            "user": user,
            "teams": [team.global()],
            "team_slugs": ["red"],
            "has_global_access": true,
            "role": "member",
            "invite_status": "approved",
        })
    );
    let changed = app.db_outbox(&acme).await.split_off(outbox);
    assert_eq!(
        changed,
        [(Category::OrganizationMemberUpdate, row::<MemberId>(&member).into())]
    );
    assert_eq!(
        app.db_member(&member).await.unwrap().user_email,
        None,
        "an unverified address matches nothing"
    );
}

#[tokio::test]
async fn a_person_joins_two_organizations() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&ann, "Globex").await;
    let bob = app.person("bob");

    app.join(&acme, &ann, &bob, "member").await;
    app.join(&globex, &ann, &bob, "owner").await;

    let reply = bob
        .send("{ viewer { memberships { totalCount } } }", json!({}))
        .await
        .ok();
    assert_eq!(reply.data("viewer.memberships.totalCount"), 2);
}

#[tokio::test]
async fn two_acceptances_in_one_operation_run_in_turn() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    let query = "mutation($input: AcceptInviteInput!) {
        first: acceptInvite(input: $input) { member { id } userErrors { code path } }
        second: acceptInvite(input: $input) { member { id } userErrors { code path } } }";

    let reply = app
        .person("bob")
        .send(query, json!({ "input": { "token": invite.token } }))
        .await
        .ok();

    assert_eq!(reply.data("first.member.id"), &json!(invite.member));
    assert_eq!(reply.codes("second"), ["INVITE_INVALID"]);
}

#[tokio::test]
async fn people_with_odd_claims_join_like_others() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let long = "🦀".repeat(5_000);
    for (number, claims) in [
        json!({ "name": long }),
        json!({ "name": "B\u{0}b" }),
        json!({ "name": "" }),
        json!({ "name": null, "email": null, "email_verified": null }),
        json!({ "name": null }),
        json!({ "name": 5, "email": ["x"], "picture": {} }),
        json!({ "email": format!("{}@example.com", "x".repeat(1_000)) }),
        json!({ "email": "b\u{0}b@example.com" }),
        json!({ "picture": "javascript:alert(1)" }),
        json!({ "picture": "x".repeat(5_000) }),
        json!({ "amr": "mfa", "scope": 7 }),
        json!({ "sub": "s".repeat(255) }),
    ]
    .into_iter()
    .enumerate()
    {
        let invite = app
            .invite(&acme, &ann, &format!("x{number}@example.com"), "member")
            .await;
        let odd = app.person(&format!("odd{number}")).with(claims.clone());

        let reply = odd.accept_invite(&invite.token).await;

        // Whoever cannot be known is nobody; everybody else joins.
        if reply.error_codes() != ["UNAUTHENTICATED"] {
            let claims = claims.to_string();
            let claims: String = claims.chars().take(60).collect();
            assert!(reply.error_codes().is_empty(), "{claims}: {:?}", reply.body["errors"]);
            reply.done("acceptInvite");
        }
    }
    assert!(app.db_audit(&acme).await.len() > 12);
}
