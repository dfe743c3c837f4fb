//! What an invite says that one may do, and what one then may (§10, §12, §9.4).

use super::*;

/// What a caller is told about an invite: resend, revoke, decide.
async fn told(who: &Client, invite: &str) -> [bool; 3] {
    let query =
        "query($id: ID!) { node(id: $id) { ... on Invite { viewerCanResend viewerCanRevoke viewerCanDecide } } }";
    let reply = who.send(query, json!({ "id": invite })).await.ok();
    ["viewerCanResend", "viewerCanRevoke", "viewerCanDecide"].map(|field| reply.data("node")[field] == true)
}

/// Every kind of pending row, fresh; member ids. The first is `who`'s own if
/// they may invite.
async fn db_every_state(app: &TestApp, acme: &Organization, ann: &Client, who: &Client) -> Vec<(String, String)> {
    let address = || format!("{}@example.com", Uuid::new_v4().simple());
    let own = who.create_invite(acme, json!({ "email": address() })).await;
    let own = match own.error_codes().is_empty() && own.codes("createInvite").is_empty() {
        true => own.text("createInvite.member.id"),
        false => app.invite(acme, ann, &address(), "member").await.member,
    };
    let mut rows = vec![("own".to_owned(), own)];
    for role in ["member", "manager", "owner"] {
        rows.push((role.to_owned(), app.invite(acme, ann, &address(), role).await.member));
    }
    for state in ["expired", "without a link"] {
        let invite = app.invite(acme, ann, &address(), "member").await;
        match state {
            "expired" => app.db_expire_invite(&invite.member).await,
            _ => {
                app.db_change_member(&invite.member, |row| row.invite_nonce = Set(None))
                    .await;
            }
        }
        rows.push((state.to_owned(), invite.member));
    }
    for (state, flag) in [
        ("provisioned", member::flag::IDP_PROVISIONED),
        ("partner's", member::flag::PARTNERSHIP_RESTRICTED),
    ] {
        let invite = app.invite(acme, ann, &address(), "member").await;
        app.db_set_flags(&invite.member, flag).await;
        rows.push((state.to_owned(), invite.member));
    }
    for (state, status) in [
        ("asked for", InviteStatus::RequestedToBeInvited),
        ("asking", InviteStatus::RequestedToJoin),
    ] {
        rows.push((state.to_owned(), app.db_request(acme, &address(), status).await));
    }
    rows
}

#[tokio::test]
async fn permissions_agree_with_what_is_done() {
    let app = TestApp::start_with(|config| config.rate_limits.enabled = false).await;
    let (acme, ann) = app.organization("Acme").await;
    let mut callers = vec![
        ("owner".to_owned(), ann.clone()),
        ("superuser".to_owned(), app.superuser()),
        ("stranger".to_owned(), app.person("zoe")),
        ("nobody".to_owned(), app.anonymous()),
    ];
    for role in ["member", "admin", "manager"] {
        let person = app.person(&format!("the-{role}"));
        let member = app.join(&acme, &ann, &person, "member").await;
        app.db_set_role(&member, role).await;
        callers.push((role.to_owned(), person));
    }
    for scope in [
        "org:read",
        "member:read",
        "member:invite",
        "member:write",
        "member:admin",
    ] {
        callers.push((format!("owner with {scope}"), ann.with(json!({ "scope": scope }))));
        callers.push((format!("app with {scope}"), app.db_app(&acme, &[scope]).await));
    }
    let mut seen = [[0; 2]; 3];
    for flags in [flag::ALLOW_JOINLEAVE, flag::DISABLE_MEMBER_INVITE] {
        app.db_set_organization_flags(&acme, flags).await;
        for (caller, who) in &callers {
            // Each row is changed by one of the three only.
            for (at, name) in ["resend", "revoke", "decide"].into_iter().enumerate() {
                for (state, member) in db_every_state(&app, &acme, &ann, who).await {
                    let invite = invite_of(&member);
                    let is_told = told(who, &invite).await[at];
                    let (reply, mutation) = match name {
                        "resend" => (who.resend_invite(&member, json!({})).await, "resendInvite"),
                        "revoke" => (who.revoke_invite(&invite).await, "revokeInvite"),
                        _ => (who.reject_invite_request(&invite).await, "rejectInviteRequest"),
                    };
                    let is_done = reply.error_codes().is_empty() && reply.codes(mutation).is_empty();
                    let label = format!("{caller} ({flags}): {name} {state}: {reply:#?}");
                    // Who does not see an invite is told nothing, and does nothing.
                    assert_eq!(is_told, is_done, "{label}");
                    seen[at][usize::from(is_done)] += 1;
                }
            }
        }
    }
    assert!(seen.iter().flatten().all(|count| *count > 10), "{seen:?}");
}

#[tokio::test]
async fn permissions_fall_with_the_gates() {
    let app = TestApp::start().await;
    let (acme, ann, bob, member) = with_bob(&app, "manager").await;
    let invite = app.invite(&acme, &ann, "x@example.com", "member").await;
    let request = app
        .db_request(&acme, "y@example.com", InviteStatus::RequestedToBeInvited)
        .await;
    assert_eq!(told(&bob, &invite.id).await, [true, true, false]);
    assert_eq!(told(&bob, &invite_of(&request)).await, [false, false, true]);

    // Over the limit nothing is told of what is not one's own.
    app.db_set_flags(&member, member::flag::MEMBER_LIMIT_RESTRICTED).await;
    let query = "query($id: ID!) { node(id: $id) { id } }";
    let reply = bob.send(query, json!({ "id": invite.id })).await;
    assert_eq!(reply.error_codes(), ["MEMBER_DISABLED_OVER_LIMIT"]);
    app.db_set_status(&acme, OrganizationStatus::PendingDeletion).await;
    assert_eq!(told(&ann, &invite.id).await, [false, false, false]);
    assert_eq!(told(&ann, &invite_of(&request)).await, [false, false, false]);
}
