//! Removing members and leaving (§12).

use entity::{auth_identity, ids::UserId, outbox, user};

use super::*;

const REMOVE: &str = "removeMember";
const LEAVE: &str = "leaveOrganization";
const MEMBER_REMOVE: i32 = 5;

impl Client {
    pub async fn remove_member(&self, member: &str) -> crate::support::Reply {
        self.mutate(
            REMOVE,
            "removedMemberId organization { id }",
            json!({ "memberId": member }),
        )
        .await
    }

    /// The pending member that this client has invited.
    async fn invited(&self, organization: &Organization, email: &str) -> String {
        let reply = self.create_invite(organization, json!({ "email": email })).await;
        reply.done("createInvite").text("createInvite.member.id")
    }

    pub async fn leave(&self, organization: &Organization) -> crate::support::Reply {
        self.mutate(LEAVE, "removedMemberId", json!({ "organizationId": organization.id }))
            .await
    }
}

#[tokio::test]
async fn an_owner_removes_a_member_with_everything_that_hangs_on_them() {
    let scene = Scene::start("manager").await;
    scene.put_into(&[("red", Some("admin")), ("green", None)]).await;
    let provider = scene.app.db_auth_provider(&scene.acme, true).await;
    scene.app.db_auth_identity(&provider, &scene.bob.user_id().await).await;
    let invited = scene
        .app
        .invite(&scene.acme, &scene.bob, "x@example.com", "member")
        .await
        .member;
    let others = scene
        .app
        .invite(&scene.acme, &scene.ann, "y@example.com", "member")
        .await
        .member;
    let (logged, changed) = (
        scene.app.db_audit(&scene.acme).await.len(),
        scene.app.db_outbox(&scene.acme).await.len(),
    );

    let reply = scene.ann.remove_member(&scene.member).await.done(REMOVE);

    assert_eq!(reply.data("removeMember.removedMemberId"), &json!(scene.member));
    assert_eq!(reply.data("removeMember.organization.id"), &json!(scene.acme.id));
    assert!(scene.app.db_member(&scene.member).await.is_none());
    assert_eq!(scene.app.db_teams_of(&scene.member).await, []);
    assert!(
        scene.app.db_member(&invited).await.is_none(),
        "their open invites go with them"
    );
    assert!(scene.app.db_member(&others).await.is_some());
    let identities = auth_identity::Entity::find().all(&scene.app.db).await.unwrap();
    assert!(identities.is_empty(), "{identities:?}");
    let unlinked = outbox::Entity::find()
        .filter(outbox::Column::Category.eq(Category::AuthIdentityUpdate))
        .filter(outbox::Column::ShardIdentifier.eq(row::<UserId>(&scene.bob.user_id().await).0));
    assert_eq!(unlinked.count(&scene.app.db).await.unwrap(), 1);
    assert_eq!(
        user::Entity::find().count(&scene.app.db).await.unwrap(),
        2,
        "the person stays"
    );
    let entries = scene.app.db_audit(&scene.acme).await.split_off(logged);
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert_eq!(entries[0].event, MEMBER_REMOVE);
    assert_eq!(entries[0].actor.as_deref(), Some(scene.ann.user_id().await.as_str()));
    assert_eq!(
        entries[0].target_user.as_deref(),
        Some(scene.bob.user_id().await.as_str())
    );
    assert_eq!(entries[0].data["email"], "bob@example.com");
    assert_eq!(
        entries[0].data["team_slugs"],
        json!(["green", "red"]),
        "as it was before"
    );
    let number = |id: &str| i64::from(row::<MemberId>(id));
    let changes = scene.app.db_outbox(&scene.acme).await.split_off(changed);
    assert_eq!(
        changes,
        [
            (Category::OrganizationMemberUpdate, number(&scene.member)),
            (Category::OrganizationMemberUpdate, number(&invited)),
        ]
    );
    let query = "query($slug: String!) { organization(slug: $slug) { id } }";
    let reply = scene.bob.send(query, json!({ "slug": scene.acme.slug })).await.ok();
    assert!(reply.data("organization").is_null(), "the door is shut");
}

#[tokio::test]
async fn whoever_leaves_is_told_so_in_the_log() {
    let scene = Scene::start("member").await;
    let logged = scene.app.db_audit(&scene.acme).await.len();

    let reply = scene.bob.leave(&scene.acme).await.done(LEAVE);

    assert_eq!(reply.data("leaveOrganization.removedMemberId"), &json!(scene.member));
    assert!(scene.app.db_member(&scene.member).await.is_none());
    let entries = scene.app.db_audit(&scene.acme).await.split_off(logged);
    assert_eq!((entries.len(), entries[0].event), (1, MEMBER_REMOVE));
    assert_eq!(entries[0].actor, entries[0].target_user);
    let query = "query($slug: String!) { organization(slug: $slug) { auditLog(first: 1) { nodes { message } } } }";
    let reply = scene.ann.send(query, json!({ "slug": scene.acme.slug })).await.ok();
    assert_eq!(
        reply.data("organization.auditLog.nodes"),
        &json!([{ "message": "left the organization" }])
    );
}

#[tokio::test]
async fn to_remove_oneself_is_to_leave() {
    let scene = Scene::start("member").await;

    let reply = scene.bob.remove_member(&scene.member).await.done(REMOVE);

    assert_eq!(reply.data("removeMember.removedMemberId"), &json!(scene.member));
    assert!(
        reply.data("removeMember.organization").is_null(),
        "they are outside now"
    );
}

#[tokio::test]
async fn an_invite_is_withdrawn_and_nothing_else_with_it() {
    let scene = Scene::start("member").await;
    let invite = scene.bob.invited(&scene.acme, "x@example.com").await;
    let kept = scene.bob.invited(&scene.acme, "y@example.com").await;

    scene.bob.remove_member(&invite).await.done(REMOVE);

    assert!(scene.app.db_member(&invite).await.is_none());
    assert!(scene.app.db_member(&kept).await.is_some());
}

#[tokio::test]
async fn who_may_not_remove_is_told_why_and_nothing_changes() {
    let scene = Scene::start("member").await;
    let (mia, manager) = scene.person("mia", "manager").await;
    let (_, admin) = scene.person("adam", "admin").await;
    let foreign = scene
        .app
        .invite(&scene.acme, &scene.ann, "x@example.com", "member")
        .await
        .member;
    let stranger = scene.app.person("eve").seen().await;
    let (root, app) = (scene.app.superuser().seen().await, &scene.app);
    let reader = app.db_app(&scene.acme, &["member:read"]).await;
    let writer = app.db_app(&scene.acme, &["member:write"]).await;
    let chief = app.db_app(&scene.acme, &["member:admin"]).await;
    let blind = scene.bob.with(json!({ "scope": "org:read" }));
    let owner = &scene.acme.owner;
    let request = app
        .db_request(&scene.acme, "y@example.com", InviteStatus::RequestedToJoin)
        .await;
    app.unchanged(reader.remove_member(owner)).await;

    for (who, caller, target, code) in [
        ("a stranger", &stranger, &scene.member, "MEMBER_NOT_FOUND"),
        ("an unknown id", &scene.ann, &scene.acme.id, "MEMBER_NOT_FOUND"),
        ("a member, a member", &scene.bob, &admin, "INSUFFICIENT_SCOPE"),
        (
            "a member, the invite of another",
            &scene.bob,
            &foreign,
            "NOT_YOUR_INVITE",
        ),
        ("a manager, an owner", &mia, owner, "TARGET_OUTRANKS_ACTOR"),
        ("the last owner", &scene.ann, owner, "LAST_OWNER"),
        ("a superuser, the last owner", &root, owner, "LAST_OWNER"),
        ("an app without the scope", &reader, &scene.member, "INSUFFICIENT_SCOPE"),
        ("an app with too little", &writer, &scene.member, "INSUFFICIENT_SCOPE"),
        ("an app, an owner", &chief, owner, "TARGET_OUTRANKS_ACTOR"),
        ("a narrowed token", &blind, &scene.member, "FORBIDDEN"),
        ("a narrowed token, a request", &blind, &request, "FORBIDDEN"),
        ("an owner, a request", &scene.ann, &request, "MEMBER_NOT_FOUND"),
    ] {
        let reply = app.unchanged(caller.remove_member(target)).await;
        assert_eq!(reply.codes(REMOVE), [code], "{who}");
    }
    let reply = app.unchanged(scene.app.anonymous().remove_member(&scene.member)).await;
    assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);

    chief.remove_member(&manager).await.done(REMOVE);
    root.remove_member(&admin).await.done(REMOVE);
}

#[tokio::test]
async fn flags_keep_a_member_in_their_order() {
    let scene = Scene::start("owner").await;
    for (flags, code) in [
        (flag::IDP_PROVISIONED | flag::PARTNERSHIP_RESTRICTED, "IDP_PROVISIONED"),
        (flag::IDP_PROVISIONED, "IDP_PROVISIONED"),
        (flag::PARTNERSHIP_RESTRICTED, "PARTNERSHIP_RESTRICTED"),
    ] {
        scene.app.db_set_flags(&scene.member, flags).await;
        for (caller, mutation) in [(&scene.ann, REMOVE), (&scene.bob, LEAVE)] {
            let reply = match mutation {
                REMOVE => scene.app.unchanged(caller.remove_member(&scene.member)).await,
                _ => scene.app.unchanged(caller.leave(&scene.acme)).await,
            };
            assert_eq!(reply.codes(mutation), [code], "{mutation} {flags}");
        }
    }
    scene.app.db_set_flags(&scene.member, flag::IDP_ROLE_RESTRICTED).await;
    scene.ann.remove_member(&scene.member).await.done(REMOVE);
}

#[tokio::test]
async fn a_member_whom_a_gate_shuts_out_can_still_leave() {
    for flags in [flag::MEMBER_LIMIT_RESTRICTED, flag::SSO_INVALID] {
        let scene = Scene::start("member").await;
        scene.app.db_auth_provider(&scene.acme, false).await;
        scene.app.db_set_flags(&scene.member, flags).await;
        scene.bob.leave(&scene.acme).await.done(LEAVE);
    }
    let scene = Scene::start("member").await;
    scene
        .app
        .db_set_flags(&scene.member, flag::MEMBER_LIMIT_RESTRICTED)
        .await;
    let (_, other) = scene.person("mia", "member").await;
    let reply = scene.app.unchanged(scene.bob.remove_member(&other)).await;
    assert_eq!(reply.codes(REMOVE), ["MEMBER_DISABLED_OVER_LIMIT"]);
    scene.bob.remove_member(&scene.member).await.done(REMOVE);
}

#[tokio::test]
async fn the_last_active_owner_stays_whoever_else_waits_for_the_role() {
    let scene = Scene::start("owner").await;
    scene
        .app
        .invite(&scene.acme, &scene.ann, "heir@example.com", "owner")
        .await;
    scene.app.db_set_active(&scene.bob.user_id().await, false).await;

    let reply = scene.app.unchanged(scene.ann.leave(&scene.acme)).await;
    assert_eq!(reply.codes(LEAVE), ["LAST_OWNER"]);

    scene.app.db_set_active(&scene.bob.user_id_of(&scene).await, true).await;
    scene.ann.leave(&scene.acme).await.done(LEAVE);
}

#[tokio::test]
async fn an_invite_to_own_is_not_the_last_owner_even_where_there_is_none() {
    let scene = Scene::start("member").await;
    let heir = scene
        .app
        .invite(&scene.acme, &scene.ann, "heir@example.com", "owner")
        .await;
    let other = scene
        .app
        .invite(&scene.acme, &scene.ann, "other@example.com", "owner")
        .await;
    scene.app.db_set_active(&scene.ann.user_id().await, false).await;
    let root = scene.app.superuser();

    let demotion = json!({ "orgRole": "member" });
    root.update_member_roles(&heir.member, demotion.clone())
        .await
        .done(UPDATE);
    root.remove_member(&other.member).await.done(REMOVE);

    // Ann is away, and still the last one.
    let reply = scene
        .app
        .unchanged(root.update_member_roles(&scene.acme.owner, demotion))
        .await;
    assert_eq!(reply.codes(UPDATE), ["LAST_OWNER"]);
}

impl Client {
    /// The person's id, read from the member row: the person may be inactive.
    async fn user_id_of(&self, scene: &Scene) -> String {
        let member = scene.app.db_member(&scene.member).await.unwrap();
        member.user_id.unwrap().global()
    }
}

#[tokio::test]
async fn who_is_no_member_has_nothing_to_leave() {
    let scene = Scene::start("member").await;
    let gone = scene.app.person("gone").seen().await;
    let root = scene.app.superuser().seen().await;
    for caller in [&gone, &root] {
        let reply = scene.app.unchanged(caller.leave(&scene.acme)).await;
        assert_eq!(reply.codes(LEAVE), ["ORGANIZATION_NOT_FOUND"]);
    }
    let app = scene.app.db_app(&scene.acme, &["member:admin"]).await;
    scene.app.unchanged(app.leave(&scene.acme)).await;
    let reply = scene.app.unchanged(scene.app.anonymous().leave(&scene.acme)).await;
    assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);
}

#[tokio::test]
async fn what_the_fields_promise_the_mutation_keeps() {
    let scene = Scene::start("member").await;
    let (mia, _) = scene.person("mia", "manager").await;
    scene.bob.invited(&scene.acme, "x@example.com").await;
    scene
        .app
        .invite(&scene.acme, &scene.ann, "y@example.com", "owner")
        .await;
    let query = "query($slug: String!) { organization(slug: $slug) { members { nodes { id viewerCanRemove } } } }";

    for caller in [&scene.bob, &mia, &scene.ann, &scene.app.superuser()] {
        let reply = caller.send(query, json!({ "slug": scene.acme.slug })).await.ok();
        for member in reply.data("organization.members.nodes").as_array().unwrap() {
            if member["viewerCanRemove"] == false {
                let id = member["id"].as_str().unwrap();
                let reply = scene.app.unchanged(caller.remove_member(id)).await;
                assert_eq!(reply.codes(REMOVE).len(), 1, "{member}");
            }
        }
    }
    // The other half, from the weakest to the strongest: whatever is promised is done.
    for caller in [&scene.bob, &mia, &scene.ann] {
        let reply = caller.send(query, json!({ "slug": scene.acme.slug })).await.ok();
        let nodes = reply.data("organization.members.nodes").clone();
        for member in nodes.as_array().unwrap() {
            let id = member["id"].as_str().unwrap();
            let is_own = scene.app.db_member(id).await.is_none_or(|row| row.user_id.is_some());
            if member["viewerCanRemove"] == true && !is_own {
                caller.remove_member(id).await.done(REMOVE);
            }
        }
    }
}
