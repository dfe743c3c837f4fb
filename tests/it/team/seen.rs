//! What shows of teams: who is in them, with which role, and what one may do.

use super::*;

#[tokio::test]
async fn the_team_role_that_counts_is_the_higher_one() {
    let app = TestApp::start().await;
    let (acme, ann, bob, member) = with_bob(&app, "member").await;
    app.team(&acme, &ann, "Red").await;
    app.db_put(&acme, "red", &member, None).await;
    let (off, on) = (app.node_with(|config| config.features.team_roles = false).await, &app);

    for (role, stored, effective) in [
        ("member", None, "contributor"),
        ("member", Some("contributor"), "contributor"),
        ("member", Some("admin"), "admin"),
        ("admin", None, "admin"),
        ("admin", Some("contributor"), "admin"),
        ("manager", None, "admin"),
        ("manager", Some("contributor"), "admin"),
        ("owner", None, "admin"),
        ("owner", Some("admin"), "admin"),
    ] {
        app.db_set_role(&member, role).await;
        app.db_set_team_role(&member, "red", stored).await;
        let team = bob.at(on).team(&acme, "red").await;
        let shown = &team["memberships"]["nodes"][0];
        assert_eq!(shown["effectiveRole"]["id"], effective, "{role} {stored:?}");
        assert_eq!(shown["role"]["id"], json!(stored), "{role} {stored:?}");
        assert_eq!(team["viewerMembership"]["effectiveRole"], shown["effectiveRole"]);

        let minimum = if role == "member" { "contributor" } else { "admin" };
        let team = bob.at(&off).team(&acme, "red").await;
        let shown = &team["memberships"]["nodes"][0];
        assert_eq!(
            shown["effectiveRole"]["id"], minimum,
            "without the feature: {role} {stored:?}"
        );
        assert!(shown["role"].is_null(), "without the feature: {role} {stored:?}");
    }
}

#[tokio::test]
async fn what_one_may_do_with_a_team_is_told() {
    let app = TestApp::start().await;
    let (acme, ann, bob, member) = with_bob(&app, "member").await;
    app.team(&acme, &ann, "Red").await;
    app.db_put(&acme, "red", &member, None).await;
    app.team(&acme, &ann, "Blue").await;
    let off = app.node_with(|config| config.features.team_roles = false).await;
    let told = |client: Client, slug: &'static str| {
        let acme = acme.clone();
        async move {
            let team = client.team(&acme, slug).await;
            (
                team["viewerCanJoin"].as_bool().unwrap(),
                team["viewerCanUpdate"].as_bool().unwrap(),
            )
        }
    };

    let mut wrong = Vec::new();
    for (flags, role, team_role, updates_red, joins_blue, updates_blue) in [
        (flag::ALLOW_JOINLEAVE, "member", None, false, true, false),
        (flag::ALLOW_JOINLEAVE, "member", Some("admin"), true, true, false),
        (flag::ALLOW_JOINLEAVE, "admin", None, true, true, true),
        (flag::ALLOW_JOINLEAVE, "manager", None, true, true, true),
        (flag::ALLOW_JOINLEAVE, "owner", None, true, true, true),
        (0, "member", None, false, false, false),
        (0, "member", Some("admin"), true, false, false),
        (0, "admin", None, true, false, false),
        (0, "manager", None, true, true, true),
        (0, "owner", None, true, true, true),
    ] {
        app.db_set_organization_flags(&acme, flags).await;
        app.db_set_role(&member, role).await;
        app.db_set_team_role(&member, "red", team_role).await;
        let (red, blue) = (told(bob.clone(), "red").await, told(bob.clone(), "blue").await);
        let without = told(bob.at(&off), "red").await;
        if (red.1, blue) != (updates_red, (joins_blue, updates_blue)) || without.1 != (updates_red && role != "member")
        {
            wrong.push(format!("{role}, {team_role:?} in red, flags {flags}: red {red:?}, blue {blue:?}, without team roles {without:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for (client, may) in [
        (app.superuser(), true),
        (app.db_app(&acme, &["team:write"]).await, true),
        (app.db_app(&acme, &["org:read", "team:read"]).await, false),
    ] {
        assert_eq!(told(client, "blue").await.1, may);
    }
}

#[tokio::test]
async fn a_credential_narrows_the_team_role() {
    let app = TestApp::start().await;
    let (acme, ann, bob, member) = with_bob(&app, "member").await;
    app.team(&acme, &ann, "Red").await;
    app.db_put(&acme, "red", &member, Some("admin")).await;

    for (scope, may) in [
        (json!(null), true),
        (json!("team:write"), true),
        (json!("team:admin org:read"), true),
        (json!("team:read org:read"), false),
    ] {
        let team = bob.with(json!({ "scope": scope })).team(&acme, "red").await;
        assert_eq!(team["viewerCanUpdate"], may, "{scope}");
    }
}

#[tokio::test]
async fn those_who_are_in_a_team_are_told() {
    let app = TestApp::start().await;
    let (acme, ann, bob, member) = with_bob(&app, "member").await;
    app.team(&acme, &ann, "Red").await;
    let invite = app.invite(&acme, &ann, "carl@example.com", "member").await;
    let request = app
        .db_request(&acme, "dora@example.com", InviteStatus::RequestedToJoin)
        .await;
    let place = app.db_put(&acme, "red", &member, Some("admin")).await;
    app.db_put(&acme, "red", &invite.member, None).await;
    app.db_put(&acme, "red", &request, None).await;

    let team = ann.team(&acme, "red").await;
    let names: Vec<&str> = team["memberships"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["member"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Bob", "carl@example.com"], "a request is no member");
    assert_eq!(team["memberships"]["totalCount"], 2);
    assert!(team["viewerMembership"].is_null());
    assert_eq!(
        bob.team(&acme, "red").await["viewerMembership"],
        json!({ "role": { "id": "admin" }, "effectiveRole": { "id": "admin" } })
    );
    let node =
        "query($id: ID!) { node(id: $id) { ... on TeamMembership { team { slug } member { id } role { id } } } }";
    let reply = ann.send(node, json!({ "id": place })).await.ok();
    assert_eq!(
        *reply.data("node"),
        json!({ "team": { "slug": "red" }, "member": { "id": member }, "role": { "id": "admin" } })
    );

    // Who is switched off is in no team for the time being.
    app.db_set_active(&bob.user_id().await, false).await;
    let team = ann.team(&acme, "red").await;
    assert_eq!(team["memberships"]["totalCount"], 1);
}

#[tokio::test]
async fn a_team_that_is_going_away_shows_nowhere() {
    let app = TestApp::start().await;
    let (acme, ann, bob, member) = with_bob(&app, "member").await;
    for name in ["Red", "Gone"] {
        app.team(&acme, &ann, name).await;
        app.db_put(&acme, &name.to_lowercase(), &member, None).await;
    }
    let invite = ann
        .create_invite(
            &acme,
            json!({ "email": "carl@example.com", "teamSlugs": ["red", "gone"] }),
        )
        .await
        .done("createInvite");
    let invite = invite.text("createInvite.invite.id");
    let gone = app.db_team(&acme, "gone").await;
    let places = team_member::Entity::find()
        .filter(team_member::Column::TeamId.eq(row::<TeamId>(&gone)))
        .all(&app.db)
        .await
        .unwrap();
    app.db_retire_team(&acme, "gone").await;

    for client in [&ann, &bob, &app.superuser()] {
        assert!(client.team(&acme, "gone").await.is_null());
        assert_eq!(client.teams(&acme, json!({})).await, "red");
        assert_eq!(client.teams(&acme, json!({ "ids": [gone] })).await, "");
        assert_eq!(client.teams(&acme, json!({ "slugs": ["gone"] })).await, "");
        let ids = [
            vec![gone.clone()],
            places.iter().map(|place| place.id.global()).collect(),
        ]
        .concat();
        let reply = client
            .send("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": ids }))
            .await
            .ok();
        assert_eq!(*reply.data("nodes"), json!([null, null, null]));
        let query = "query($member: ID!, $invite: ID!) { member: node(id: $member) { ... on Member { teamMemberships { team { slug } } } }
            invite: node(id: $invite) { ... on Invite { teams { slug } } } }";
        let reply = client
            .send(query, json!({ "member": member, "invite": invite }))
            .await
            .ok();
        assert_eq!(
            *reply.data("member.teamMemberships"),
            json!([{ "team": { "slug": "red" } }])
        );
        assert_eq!(*reply.data("invite.teams"), json!([{ "slug": "red" }]));
    }
    let reply = app
        .unchanged(ann.create_invite(&acme, json!({ "email": "new@example.com", "teamSlugs": ["gone"] })))
        .await;
    assert_eq!(reply.codes("createInvite"), ["INVALID_TEAM"]);
    let reply = app
        .unchanged(ann.update_member_roles(&member, json!({ "teamRoles": [{ "teamSlug": "gone" }] })))
        .await;
    assert_eq!(reply.codes("updateMemberRoles"), ["INVALID_TEAM"]);
}

#[tokio::test]
async fn teams_of_a_member_come_by_slug() {
    let app = TestApp::start().await;
    let (acme, ann, _, member) = with_bob(&app, "member").await;
    for name in ["Zebra", "Ant", "Mole", "Bee"] {
        app.team(&acme, &ann, name).await;
        app.db_put(&acme, &name.to_lowercase(), &member, None).await;
    }
    let query =
        "query($id: ID!) { node(id: $id) { ... on Member { teamMemberships { team { slug } member { id } } } } }";
    let reply = ann.send(query, json!({ "id": member })).await.ok();
    let places: Vec<Value> = ["ant", "bee", "mole", "zebra"]
        .iter()
        .map(|slug| json!({ "team": { "slug": slug }, "member": { "id": member } }))
        .collect();
    assert_eq!(*reply.data("node.teamMemberships"), json!(places));
}
