//! Flags that only superusers set (§2.4).

use super::*;
use crate::support::Reply;

const SET: &str = "setMemberFlags";

impl Client {
    async fn set_flags(&self, member: &str, mut input: Value) -> Reply {
        input["memberId"] = json!(member);
        let flags = "ssoLinked ssoInvalid memberLimitRestricted idpProvisioned idpRoleRestricted partnershipRestricted";
        self.mutate(SET, &format!("member {{ id flags {{ {flags} }} }}"), input)
            .await
    }
}

#[tokio::test]
async fn a_superuser_sets_and_clears_what_is_given() {
    let scene = Scene::start("manager").await;
    let root = scene.app.superuser();
    for (name, bit) in [
        ("ssoLinked", flag::SSO_LINKED),
        ("ssoInvalid", flag::SSO_INVALID),
        ("memberLimitRestricted", flag::MEMBER_LIMIT_RESTRICTED),
        ("idpProvisioned", flag::IDP_PROVISIONED),
        ("idpRoleRestricted", flag::IDP_ROLE_RESTRICTED),
        ("partnershipRestricted", flag::PARTNERSHIP_RESTRICTED),
    ] {
        let reply = root.set_flags(&scene.member, json!({ name: true })).await.done(SET);
        let told = reply.data("setMemberFlags.member.flags").as_object().unwrap();
        assert!(told.iter().all(|(flag, is_set)| *is_set == (flag == name)), "{told:?}");
        assert_eq!(scene.app.db_member(&scene.member).await.unwrap().flags, bit);
        root.set_flags(&scene.member, json!({ name: false })).await.done(SET);
        assert_eq!(scene.app.db_member(&scene.member).await.unwrap().flags, 0);
    }

    scene
        .app
        .db_set_flags(&scene.member, flag::SSO_LINKED | flag::IDP_PROVISIONED)
        .await;
    let input = json!({ "ssoLinked": false, "partnershipRestricted": true, "idpProvisioned": null });
    root.set_flags(&scene.member, input).await.done(SET);
    let flags = scene.app.db_member(&scene.member).await.unwrap().flags;
    assert_eq!(flags, flag::IDP_PROVISIONED | flag::PARTNERSHIP_RESTRICTED);
}

#[tokio::test]
async fn a_change_is_recorded_and_what_is_so_already_is_not() {
    let scene = Scene::start("member").await;
    let root = scene.app.superuser().seen().await;
    let (entries, changes) = (scene.audit_count().await, scene.app.db_outbox(&scene.acme).await.len());

    let input = json!({ "memberLimitRestricted": true, "ssoLinked": false });
    root.set_flags(&scene.member, input.clone()).await.done(SET);

    let mut told = scene.app.db_audit(&scene.acme).await.split_off(entries);
    assert_eq!(told.len(), 1);
    let entry = told.pop().unwrap();
    assert_eq!((entry.event, entry.actor), (MEMBER_EDIT, Some(root.user_id().await)));
    assert_eq!(entry.target_user, Some(scene.bob.user_id().await));
    assert_eq!(entry.data["flags"], json!({ "member-limit:restricted": true }));
    assert_eq!(entry.data["email"], "bob@example.com");
    let member = i64::from(row::<MemberId>(&scene.member));
    let changed = scene.app.db_outbox(&scene.acme).await.split_off(changes);
    assert_eq!(changed, [(Category::OrganizationMemberUpdate, member)]);

    for input in [input, json!({}), json!({ "ssoLinked": null })] {
        scene
            .app
            .unchanged(root.set_flags(&scene.member, input))
            .await
            .done(SET);
    }
}

#[tokio::test]
async fn pending_members_have_flags_and_requests_have_none() {
    let scene = Scene::start("member").await;
    let root = scene.app.superuser().seen().await;
    let invite = scene
        .app
        .invite(&scene.acme, &scene.ann, "ivy@example.com", "member")
        .await;
    root.set_flags(&invite.member, json!({ "idpProvisioned": true }))
        .await
        .done(SET);
    let request = scene
        .app
        .db_request(&scene.acme, "eve@example.com", InviteStatus::RequestedToJoin)
        .await;
    for member in [
        request.as_str(),
        "",
        "nonsense",
        scene.acme.id.as_str(),
        "TWVtYmVyOjk5OTk5",
    ] {
        let reply = scene
            .app
            .unchanged(root.set_flags(member, json!({ "ssoLinked": true })))
            .await;
        assert_eq!(
            reply.refusals(SET),
            [("MEMBER_NOT_FOUND", "input.memberId")],
            "{member:?}"
        );
    }
}

#[tokio::test]
async fn nobody_else_sets_them() {
    let scene = Scene::start("manager").await;
    let robot = scene.app.db_app(&scene.acme, &["org:admin", "member:admin"]).await;
    let limited = scene.app.superuser().with(json!({ "scope": "org:admin" })).seen().await;
    let input = || json!({ "partnershipRestricted": true });
    for caller in [&scene.ann, &scene.bob, &robot, &limited] {
        let reply = scene.app.unchanged(caller.set_flags(&scene.member, input())).await;
        assert_eq!(reply.refusals(SET), [("FORBIDDEN", "")]);
    }
    let stranger = scene.app.person("zoe").seen().await;
    let reply = scene.app.unchanged(stranger.set_flags(&scene.member, input())).await;
    assert_eq!(reply.refusals(SET), [("MEMBER_NOT_FOUND", "input.memberId")]);
    let reply = scene
        .app
        .unchanged(scene.app.anonymous().set_flags(&scene.member, input()))
        .await;
    assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);

    // Where they are kept out, superusers are what others are.
    let shut = organization::flag::PREVENT_SUPERUSER_ACCESS;
    scene.app.db_set_organization_flags(&scene.acme, shut).await;
    let root = scene.app.superuser().seen().await;
    let reply = scene.app.unchanged(root.set_flags(&scene.member, input())).await;
    assert_eq!(reply.refusals(SET), [("MEMBER_NOT_FOUND", "input.memberId")]);
    scene.app.join(&scene.acme, &scene.ann, &root, "owner").await;
    let reply = scene.app.unchanged(root.set_flags(&scene.member, input())).await;
    assert_eq!(reply.refusals(SET), [("FORBIDDEN", "")]);
}

#[tokio::test]
async fn of_changes_at_once_none_is_lost() {
    let scene = Scene::start("member").await;
    let root = scene.app.superuser().seen().await;
    let names = [
        "ssoInvalid",
        "idpProvisioned",
        "idpRoleRestricted",
        "partnershipRestricted",
    ];
    let changes = names.map(|name| root.set_flags(&scene.member, json!({ name: true })));
    for reply in futures_util::future::join_all(changes).await {
        reply.done(SET);
    }
    let flags = scene.app.db_member(&scene.member).await.unwrap().flags;
    assert_eq!(flags.count_ones(), 4);
}
