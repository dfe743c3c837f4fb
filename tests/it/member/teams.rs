//! Team assignments (§11 steps 8 to 10, §11.1, §11.2).

use super::*;

#[tokio::test]
async fn absent_teams_stay_and_an_empty_list_removes_them() {
    let scene = Scene::start("member").await;
    let teams = [("blue", None), ("red", Some("admin"))];
    scene.put_into(&teams).await;

    for input in [
        json!({}),
        json!({ "teamRoles": null }),
        json!({ "orgRole": "member" }),
        json!({ "orgRole": null }),
    ] {
        let reply = scene
            .ann
            .update_member_roles(&scene.member, input.clone())
            .await
            .done(UPDATE);
        assert_eq!(
            reply.teams("updateMemberRoles.member.teamMemberships"),
            stored(&teams),
            "{input}"
        );
        assert_eq!(scene.app.db_teams_of(&scene.member).await, stored(&teams), "{input}");
    }

    scene
        .ann
        .update_member_roles(&scene.member, json!({ "teamRoles": [] }))
        .await
        .done(UPDATE);
    assert!(scene.app.db_teams_of(&scene.member).await.is_empty());
}

#[tokio::test]
async fn the_list_replaces_all_teams() {
    let scene = Scene::start("member").await;
    scene.put_into(&[("red", Some("admin")), ("green", None)]).await;

    scene.put_into(&[("green", Some("admin")), ("blue", None)]).await;

    assert_eq!(
        scene.app.db_teams_of(&scene.member).await,
        stored(&[("blue", None), ("green", Some("admin"))])
    );
}

#[tokio::test]
async fn joined_and_left_teams_are_recorded() {
    let scene = Scene::start("member").await;
    scene.put_into(&[("red", None), ("green", None)]).await;
    let ids = async |slug: &str| -> Option<i64> {
        let rows = team_member::Entity::find()
            .find_also_related(team::Entity)
            .filter(team_member::Column::MemberId.eq(row::<MemberId>(&scene.member)))
            .filter(team::Column::Slug.eq(slug));
        rows.one(&scene.app.db)
            .await
            .unwrap()
            .map(|(membership, _)| membership.id.into())
    };
    let left = ids("red").await.unwrap();
    let (audit, outbox) = (scene.audit_count().await, scene.app.db_outbox(&scene.acme).await.len());

    scene.put_into(&[("green", None), ("blue", None)]).await;

    let joined = ids("blue").await.unwrap();
    let entries = scene.app.db_audit(&scene.acme).await.split_off(audit);
    let mut events: Vec<_> = entries.iter().map(|entry| entry.event).collect();
    events.sort_unstable();
    assert_eq!(events, [MEMBER_EDIT, MEMBER_JOIN_TEAM, MEMBER_LEAVE_TEAM]);
    for (event, slug) in [(MEMBER_JOIN_TEAM, "blue"), (MEMBER_LEAVE_TEAM, "red")] {
        let entry = entries.iter().find(|entry| entry.event == event).unwrap();
        assert_eq!(entry.actor, Some(scene.ann.user_id().await));
        assert_eq!(entry.target_user, Some(scene.bob.user_id().await));
        assert_eq!(entry.data["team_slug"], slug);
        assert_eq!(entry.data["email"], "bob@example.com");
        assert_eq!(entry.data["member_id"], json!(scene.member));
        assert!(entry.data["is_active"].is_boolean(), "{entry:?}");
    }
    let changed = scene.app.db_outbox(&scene.acme).await.split_off(outbox);
    for membership in [left, joined] {
        assert!(
            changed.contains(&(Category::OrganizationMemberTeamUpdate, membership)),
            "{changed:?}"
        );
    }
}

#[tokio::test]
async fn no_redundant_team_role_is_stored() {
    for (role, given, kept) in [
        ("member", "contributor", None),
        ("member", "admin", Some("admin")),
        ("admin", "contributor", None),
        ("admin", "admin", None),
        ("manager", "contributor", None),
        ("manager", "admin", None),
        ("owner", "admin", None),
    ] {
        let scene = Scene::start(role).await;

        let input = json!({ "teamRoles": team_roles(&[("red", Some(given))]) });
        let reply = scene.ann.update_member_roles(&scene.member, input).await.done(UPDATE);

        assert_eq!(
            scene.app.db_teams_of(&scene.member).await,
            stored(&[("red", kept)]),
            "{role} {given}"
        );
        let effective = if role == "member" { given } else { "admin" };
        assert_eq!(
            reply.data("updateMemberRoles.member.teamMemberships.0.effectiveRole.id"),
            effective
        );
    }
}

#[tokio::test]
async fn team_roles_are_judged_by_the_new_org_role() {
    let scene = Scene::start("member").await;
    let teams = team_roles(&[("red", Some("admin"))]);

    let up = json!({ "orgRole": "manager", "teamRoles": teams });
    scene.ann.update_member_roles(&scene.member, up).await.done(UPDATE);
    assert_eq!(scene.app.db_teams_of(&scene.member).await, stored(&[("red", None)]));

    let down = json!({ "orgRole": "member", "teamRoles": teams });
    scene.ann.update_member_roles(&scene.member, down).await.done(UPDATE);
    assert_eq!(
        scene.app.db_teams_of(&scene.member).await,
        stored(&[("red", Some("admin"))])
    );
}

#[tokio::test]
async fn a_higher_org_role_clears_the_team_roles_it_gives() {
    let scene = Scene::start("member").await;
    scene
        .put_into(&[("blue", None), ("green", None), ("red", Some("admin"))])
        .await;
    // Left over from before redundant roles were cleared.
    scene
        .app
        .db_set_team_role(&scene.member, "green", Some("contributor"))
        .await;
    let outbox = scene.app.db_outbox(&scene.acme).await.len();

    let reply = scene
        .ann
        .update_member_roles(&scene.member, json!({ "orgRole": "manager" }))
        .await
        .done(UPDATE);

    let mut cleared = reply.teams("updateMemberRoles.clearedTeamMemberships");
    cleared.sort();
    assert_eq!(cleared, stored(&[("green", None), ("red", None)]));
    let none = stored(&[("blue", None), ("green", None), ("red", None)]);
    assert_eq!(scene.app.db_teams_of(&scene.member).await, none);
    let changed = scene.app.db_outbox(&scene.acme).await.split_off(outbox);
    let of = |category| changed.iter().filter(|(changed, _)| *changed == category).count();
    assert_eq!(of(Category::OrganizationMemberTeamUpdate), 2);
    assert_eq!(of(Category::OrganizationMemberUpdate), 1);

    // Nothing is left to clear on the way down, and nothing comes back.
    let reply = scene
        .ann
        .update_member_roles(&scene.member, json!({ "orgRole": "member" }))
        .await
        .done(UPDATE);
    assert_eq!(reply.data("updateMemberRoles.clearedTeamMemberships"), &json!([]));
    assert_eq!(scene.app.db_teams_of(&scene.member).await, none);
}

#[tokio::test]
async fn an_org_role_that_stays_clears_nothing() {
    let scene = Scene::start("member").await;
    scene.put_into(&[("red", Some("admin"))]).await;

    let reply = scene
        .ann
        .update_member_roles(&scene.member, json!({ "orgRole": "member" }))
        .await
        .done(UPDATE);

    assert_eq!(reply.data("updateMemberRoles.clearedTeamMemberships"), &json!([]));
    assert_eq!(
        scene.app.db_teams_of(&scene.member).await,
        stored(&[("red", Some("admin"))])
    );
}

#[tokio::test]
async fn without_their_feature_team_roles_are_neither_stored_nor_effective() {
    let scene = Scene::start("member").await;
    scene.put_into(&[("red", Some("admin"))]).await;
    let plain = scene.app.node_with(|config| config.features.team_roles = false).await;
    let ann = scene.ann.at(&plain);

    let reply = ann.update_member_roles(&scene.member, json!({})).await.done(UPDATE);
    let effective = reply.data("updateMemberRoles.member.teamMemberships.0.effectiveRole.id");
    assert_eq!(effective, "contributor");

    let input = json!({ "teamRoles": team_roles(&[("blue", Some("admin")), ("red", Some("admin"))]) });
    ann.update_member_roles(&scene.member, input).await.done(UPDATE);
    assert_eq!(
        scene.app.db_teams_of(&scene.member).await,
        stored(&[("blue", None), ("red", None)])
    );
    // Words that are no team role stay wrong.
    let input = json!({ "teamRoles": team_roles(&[("blue", Some("boss"))]) });
    let reply = scene.app.unchanged(ann.update_member_roles(&scene.member, input)).await;
    assert_eq!(reply.codes(UPDATE), ["INVALID_TEAM_ROLE"]);
}

#[tokio::test]
async fn teams_of_the_identity_provider_are_assigned_like_others() {
    let scene = Scene::start("member").await;
    team::Entity::update_many()
        .col_expr(team::Column::IdpProvisioned, Expr::value(true))
        .filter(team::Column::OrganizationId.eq(scene.acme.row()))
        .exec(&scene.app.db)
        .await
        .unwrap();

    scene.put_into(&[("red", None)]).await;

    assert_eq!(scene.app.db_teams_of(&scene.member).await, stored(&[("red", None)]));
}

#[tokio::test]
async fn a_role_without_teams_comes_with_no_teams() {
    let scene = Scene::start_with("member", with_billing).await;
    scene.put_into(&[("red", None)]).await;
    let update = async |input: Value| scene.ann.update_member_roles(&scene.member, input).await;

    for input in [
        json!({ "orgRole": "billing" }),
        json!({ "orgRole": "billing", "teamRoles": null }),
        json!({ "orgRole": "billing", "teamRoles": team_roles(&[("red", None)]) }),
    ] {
        let reply = scene.app.unchanged(update(input.clone())).await;
        assert_eq!(reply.codes(UPDATE), ["TEAM_ROLES_NOT_ALLOWED"], "{input}");
    }
    update(json!({ "orgRole": "billing", "teamRoles": [] }))
        .await
        .done(UPDATE);
    assert_eq!(scene.role_of(&scene.member).await, "billing");

    let reply = scene
        .app
        .unchanged(update(json!({ "teamRoles": team_roles(&[("red", None)]) })))
        .await;
    assert_eq!(reply.codes(UPDATE), ["TEAM_ROLES_NOT_ALLOWED"]);
    update(json!({ "orgRole": "member", "teamRoles": team_roles(&[("red", None)]) }))
        .await
        .done(UPDATE);
    assert_eq!(scene.app.db_teams_of(&scene.member).await, stored(&[("red", None)]));
}

#[tokio::test]
async fn a_role_without_teams_is_refused_before_what_the_role_change_asks() {
    let scene = Scene::start_with("member", with_billing).await;
    scene.put_into(&[("red", None)]).await;
    scene.app.db_set_flags(&scene.member, flag::IDP_ROLE_RESTRICTED).await;

    let reply = scene
        .app
        .unchanged(
            scene
                .ann
                .update_member_roles(&scene.member, json!({ "orgRole": "billing" })),
        )
        .await;

    assert_eq!(reply.codes(UPDATE), ["TEAM_ROLES_NOT_ALLOWED"]);
}
