//! Changing the role of a member in a team (§13.3).

use futures_util::future::join;

use super::*;

#[tokio::test]
async fn a_member_becomes_a_team_admin_and_a_contributor_again() {
    let scene = Scene::start("member").await;
    let place = scene.app.db_put(&scene.acme, "red", &scene.member, None).await;
    for (role, stored) in [("admin", Some("admin")), ("contributor", None)] {
        let (audit, outbox) = (scene.audit_count().await, scene.outbox_count().await);

        let call = scene.ann.set_team_role(&scene.red, &scene.member, role);
        let reply = call.await.done(SET_ROLE);

        assert_eq!(
            *reply.data("updateTeamMemberRole.teamMembership"),
            json!({ "id": place, "role": stored.map(|id| json!({ "id": id })), "effectiveRole": { "id": role } })
        );
        assert_eq!(scene.db_place(&scene.member).await, Some(stored.map(str::to_owned)));
        let entries = scene.app.db_audit(&scene.acme).await.split_off(audit);
        let [entry] = &entries[..] else { panic!("{entries:?}") };
        assert_eq!(
            (entry.event, &entry.actor),
            (MEMBER_EDIT, &Some(scene.ann.user_id().await))
        );
        assert_eq!(entry.target_user, Some(scene.bob.user_id().await));
        assert_eq!(
            entry.data,
            json!({ "email": "bob@example.com", "user": scene.bob.user_id().await, "teams": [scene.red],
                "team_slugs": ["red"], "has_global_access": true, "role": "member", "invite_status": "approved" })
        );
        assert_eq!(
            scene.app.db_outbox(&scene.acme).await[outbox..],
            [(
                Category::OrganizationMemberTeamUpdate,
                row::<entity::ids::TeamMemberId>(&place).0
            )]
        );
    }
}

#[tokio::test]
async fn what_the_org_role_gives_anyway_is_not_stored() {
    let scene = Scene::start("member").await;
    for (org_role, given, stored, effective) in [
        ("member", "admin", Some("admin"), "admin"),
        ("member", "contributor", None, "contributor"),
        ("admin", "admin", None, "admin"),
        ("admin", "contributor", None, "admin"),
        ("manager", "admin", None, "admin"),
        ("owner", "contributor", None, "admin"),
    ] {
        // Left over from before redundant roles were cleared.
        scene.db_place_bob(org_role, Some(Some("contributor"))).await;
        let call = scene.ann.set_team_role(&scene.red, &scene.member, given);
        let reply = call.await.done(SET_ROLE);
        let shown = reply.data("updateTeamMemberRole.teamMembership");
        assert_eq!(shown["effectiveRole"]["id"], effective, "{org_role} {given}");
        assert_eq!(shown["role"]["id"], json!(stored), "{org_role} {given}");
        assert_eq!(scene.db_place(&scene.member).await, Some(stored.map(str::to_owned)));
    }
}

/// Whether `client` may give `role` to the member, whose place is as before
/// then.
async fn sets(scene: &Scene, client: &Client, member: &str, role: &str) -> bool {
    let before = scene.db_place(member).await.unwrap();
    let reply = client.set_team_role(&scene.red, member, role).await;
    let codes = reply.codes(SET_ROLE);
    if codes.is_empty() {
        scene.app.db_set_team_role(member, "red", before.as_deref()).await;
    } else {
        assert_eq!(codes, ["INSUFFICIENT_TEAM_ROLE"]);
        assert_eq!(scene.db_place(member).await, Some(before));
    }
    codes.is_empty()
}

#[tokio::test]
async fn who_changes_team_roles() {
    let scene = Scene::start("member").await;
    let (_, carls) = scene.person("carl", "member").await;
    let (_, adas) = scene.person("ada", "admin").await;
    scene.app.db_put(&scene.acme, "red", &carls, None).await;
    scene.app.db_put(&scene.acme, "red", &adas, None).await;
    let mut wrong = Vec::new();
    for flags in [flag::ALLOW_JOINLEAVE, 0] {
        scene.app.db_set_organization_flags(&scene.acme, flags).await;
        for (role, team_role, may) in [
            ("member", None, false),
            ("member", Some(None), false),
            ("member", Some(Some("contributor")), false),
            ("member", Some(Some("admin")), true),
            ("admin", None, false),
            ("admin", Some(None), true),
            ("manager", None, true),
            ("manager", Some(None), true),
            ("owner", None, true),
        ] {
            scene.db_place_bob(role, team_role).await;
            // A contributor lowers neither an org admin nor a team admin.
            for (member, stored) in [(&carls, None), (&carls, Some("admin")), (&adas, None)] {
                scene.app.db_set_team_role(member, "red", stored).await;
                for given in ["contributor", "admin"] {
                    if sets(&scene, &scene.bob, member, given).await != may {
                        wrong.push(format!("{flags} {role} {team_role:?}: {stored:?} to {given}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // Also one's own role: up for nobody, down for team admins.
    scene.db_place_bob("member", Some(None)).await;
    assert!(!sets(&scene, &scene.bob, &scene.member, "admin").await);
    scene.db_place_bob("member", Some(Some("admin"))).await;
    assert!(sets(&scene, &scene.bob, &scene.member, "contributor").await);
    assert!(sets(&scene, &scene.app.superuser(), &carls, "admin").await);
}

#[tokio::test]
async fn apps_change_team_roles_with_a_scope_to_write() {
    let scene = Scene::start("member").await;
    scene.app.db_put(&scene.acme, "red", &scene.member, None).await;
    for (scope, may) in [
        ("org:write", true),
        ("org:admin", true),
        ("member:write", true),
        ("member:admin", true),
        ("team:write", true),
        ("team:admin", true),
        ("org:read", false),
        ("org:integrations", false),
        ("org:ci", false),
        ("member:read", false),
        ("member:invite", false),
        ("team:read", false),
    ] {
        let robot = scene.app.db_app(&scene.acme, &[scope]).await;
        assert_eq!(sets(&scene, &robot, &scene.member, "admin").await, may, "{scope}");
    }
    for (scope, may) in [("org:write", true), ("team:write", true), ("org:read", false)] {
        let narrowed = scene.app.superuser().with(json!({ "scope": scope }));
        assert_eq!(sets(&scene, &narrowed, &scene.member, "admin").await, may, "{scope}");
    }
    let robot = scene.app.db_app(&scene.acme, &["project:admin", "event:admin"]).await;
    let call = robot.set_team_role(&scene.red, &scene.member, "admin");
    assert_eq!(scene.app.unchanged(call).await.codes(SET_ROLE), ["FORBIDDEN"]);
}

#[tokio::test]
async fn refusals_come_in_their_order() {
    let scene = Scene::start("member").await;
    let off = scene.app.node_with(|config| config.features.team_roles = false).await;
    let refused = async |client: &Client, team: &str, member: &str, role: &str| {
        let reply = scene.app.unchanged(client.set_team_role(team, member, role)).await;
        let refusals = reply.refusals(SET_ROLE);
        let [refusal] = &refusals[..] else { panic!("{reply:#?}") };
        format!("{} {}", refusal.code, refusal.path)
    };
    let (red, member, bob) = (&scene.red, &scene.member, &scene.bob);
    for id in no_ids::<MemberId>() {
        assert_eq!(refused(bob, red, &id, "x").await, "MEMBER_NOT_FOUND input.memberId");
    }
    for id in no_ids::<TeamId>() {
        assert_eq!(refused(bob, &id, member, "x").await, "TEAM_NOT_FOUND input.teamId");
    }
    assert_eq!(refused(bob, red, member, "x").await, "TEAM_MEMBERSHIP_NOT_FOUND ");
    scene.app.db_put(&scene.acme, "red", member, None).await;
    for role in ["", "x", "Admin", "owner", "a\u{0}"] {
        assert_eq!(
            refused(bob, red, member, role).await,
            "INVALID_TEAM_ROLE input.teamRole"
        );
        assert_eq!(
            refused(&bob.at(&off), red, member, role).await,
            "INVALID_TEAM_ROLE input.teamRole"
        );
    }
    for client in [bob, &scene.ann] {
        assert_eq!(
            refused(&client.at(&off), red, member, "admin").await,
            "FEATURE_DISABLED "
        );
    }
    assert_eq!(refused(bob, red, member, "admin").await, "INSUFFICIENT_TEAM_ROLE ");
}

#[tokio::test]
async fn the_gates_come_first() {
    let scene = Scene::start("owner").await;
    let call = async |client: Client| client.set_team_role(&scene.red, &scene.member, "x").await;
    scene
        .assert_gates(SET_ROLE, ("MEMBER_NOT_FOUND", "input.memberId"), call)
        .await;
}

#[tokio::test]
async fn a_team_role_and_an_org_role_agree_whoever_comes_first() {
    let scene = Scene::start("member").await;
    for round in 0..20 {
        scene.db_place_bob("member", Some(None)).await;
        let (role, raised) = join(
            scene.ann.set_team_role(&scene.red, &scene.member, "admin"),
            scene
                .ann
                .update_member_roles(&scene.member, json!({ "orgRole": "manager" })),
        )
        .await;
        role.done(SET_ROLE);
        raised.done("updateMemberRoles");
        assert_eq!(scene.db_place(&scene.member).await, Some(None), "round {round}");
    }
}

#[tokio::test]
async fn a_change_waits_for_another_only_so_long() {
    let patience = std::time::Duration::from_secs(1);
    let scene = Scene::start_with("member", |config| config.limits.lock_timeout = patience).await;
    scene.app.db_put(&scene.acme, "red", &scene.member, None).await;
    let held = scene.app.db_hold(&scene.member).await;
    let replies = [
        (
            SET_ROLE,
            scene.ann.set_team_role(&scene.red, &scene.member, "admin").await,
        ),
        (REMOVE, scene.ann.remove_team_member(&scene.red, &scene.member).await),
        (ADD, scene.ann.add_team_member(&scene.red, &scene.member).await),
    ];
    held.rollback().await.unwrap();
    for (mutation, reply) in replies {
        assert_eq!(reply.codes(mutation), ["LOCK_TIMEOUT"]);
    }
    assert_eq!(scene.db_place(&scene.member).await, Some(None));
}
