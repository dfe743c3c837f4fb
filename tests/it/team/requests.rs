//! Which requests for access to teams there are (§13.4), and who is shown them.

use super::*;

/// Red and Blue, closed; Carl wants into both, Dora into Red. In that order:
/// Carl's for Red, Dora's for Red, Carl's for Blue.
async fn three(scene: &Scene) -> [String; 3] {
    scene.app.team(&scene.acme, &scene.ann, "Blue").await;
    let blue = scene.app.db_team(&scene.acme, "blue").await;
    let (carl, carls) = scene.person("carl", "member").await;
    let (dora, doras) = scene.person("dora", "member").await;
    scene.db_close().await;
    [
        scene.request_of(carl.add_team_member(&scene.red, &carls)).await,
        scene.request_of(dora.add_team_member(&scene.red, &doras)).await,
        scene.request_of(carl.add_team_member(&blue, &carls)).await,
    ]
}

#[tokio::test]
async fn one_is_shown_all_those_of_ones_teams_or_none() {
    let scene = Scene::start("member").await;
    let [carls, doras, blue] = three(&scene).await;
    let (all, of_red) = (vec![carls.clone(), doras.clone(), blue.clone()], vec![carls, doras]);
    let off = scene.app.node_with(|config| config.features.team_roles = false).await;
    for flags in [0, flag::ALLOW_JOINLEAVE] {
        scene.app.db_set_organization_flags(&scene.acme, flags).await;
        for (role, team_role, shown, shown_without) in [
            ("member", None, &vec![], &vec![]),
            ("member", Some(None), &vec![], &vec![]),
            ("member", Some(Some("admin")), &of_red, &vec![]),
            ("admin", None, &vec![], &vec![]),
            ("admin", Some(None), &of_red, &of_red),
            ("manager", None, &all, &all),
            ("owner", Some(None), &all, &all),
        ] {
            scene.db_place_bob(role, team_role).await;
            assert_eq!(
                &scene.bob.access_requests(&scene.acme).await,
                shown,
                "{role} {team_role:?}"
            );
            let without = scene.bob.at(&off).access_requests(&scene.acme).await;
            assert_eq!(&without, shown_without, "{role} {team_role:?} without team roles");
        }
    }
    assert_eq!(scene.app.superuser().access_requests(&scene.acme).await, all);
    scene.db_place_bob("member", Some(Some("admin"))).await;
    for (scope, shown) in [
        ("org:write", &all),
        ("team:admin org:read", &vec![]),
        ("org:read", &vec![]),
    ] {
        let scopes: Vec<_> = scope.split(' ').collect();
        let robot = scene.app.db_app(&scene.acme, &scopes).await;
        assert_eq!(&robot.access_requests(&scene.acme).await, shown, "an app with {scope}");
        let narrowed = scene.ann.with(json!({ "scope": scope }));
        assert_eq!(
            &narrowed.access_requests(&scene.acme).await,
            shown,
            "an owner with {scope}"
        );
    }
    for (scope, shown) in [("team:write", &of_red), ("team:read", &vec![])] {
        let narrowed = scene.bob.with(json!({ "scope": scope }));
        assert_eq!(
            &narrowed.access_requests(&scene.acme).await,
            shown,
            "a team admin with {scope}"
        );
    }
}

#[tokio::test]
async fn only_what_can_be_decided_is_shown() {
    let scene = Scene::start("member").await;
    let [carls, doras, blue] = three(&scene).await;
    let guest = scene
        .app
        .invite(&scene.acme, &scene.ann, "guest@example.com", "member")
        .await;
    let pending = scene
        .request_of(scene.bob.add_team_member(&scene.red, &guest.member))
        .await;
    let shown = async || scene.ann.access_requests(&scene.acme).await;
    assert_eq!(
        shown().await.iter().collect::<Vec<_>>(),
        [&carls, &doras, &blue],
        "who has not joined yet waits"
    );

    let person = scene.app.person("guest");
    person.accept_invite(&guest.token).await.done("acceptInvite");
    assert_eq!(
        shown().await.iter().collect::<Vec<_>>(),
        [&carls, &doras, &blue, &pending]
    );
    let guest = person.user_id().await;
    scene.app.db_set_active(&guest, false).await;
    assert_eq!(shown().await.iter().collect::<Vec<_>>(), [&carls, &doras, &blue]);
    scene.app.db_retire_team(&scene.acme, "blue").await;
    assert_eq!(shown().await.iter().collect::<Vec<_>>(), [&carls, &doras]);
    scene.app.db_set_active(&guest, true).await;
    let query = "query($id: ID!) { node(id: $id) { ... on TeamAccessRequest { member { id } } } }";
    let reply = scene.ann.send(query, json!({ "id": doras })).await.ok();
    scene
        .app
        .db_put(&scene.acme, "red", &reply.text("node.member.id"), None)
        .await;
    assert_eq!(
        shown().await.iter().collect::<Vec<_>>(),
        [&carls, &pending],
        "what is fulfilled is over"
    );
    let reply = scene.ann.send(query, json!({ "id": doras })).await.ok();
    assert!(reply.data("node").is_null());
}

#[tokio::test]
async fn a_request_tells_who_wants_what() {
    let scene = Scene::start("member").await;
    let (carl, carls) = scene.person("carl", "member").await;
    scene.db_close().await;
    let request = scene.request_of(scene.bob.add_team_member(&scene.red, &carls)).await;
    let query = "query($id: ID!) { node(id: $id) { __typename id ... on TeamAccessRequest { createdAt
        team { slug } member { id name } requester { name email } } } }";
    for client in [&scene.ann, &scene.bob, &carl, &scene.app.superuser()] {
        let reply = client.send(query, json!({ "id": request })).await.ok();
        let node = reply.data("node");
        assert!(node["createdAt"].is_string());
        assert_eq!(
            (&node["id"], &node["__typename"], &node["team"]["slug"], &node["member"]),
            (
                &json!(request),
                &json!("TeamAccessRequest"),
                &json!("red"),
                &json!({ "id": carls, "name": "Carl" })
            )
        );
        assert_eq!(node["requester"], json!({ "name": "Bob", "email": "bob@example.com" }));
    }
    let (dora, _) = scene.person("dora", "member").await;
    let robot = scene.app.db_app(&scene.acme, &["org:read", "team:admin"]).await;
    for client in [&dora, &robot, &scene.app.person("zoe"), &scene.app.anonymous()] {
        let reply = client.send(query, json!({ "id": request })).await.ok();
        assert!(reply.data("node").is_null());
    }
    // The list answers nothing to strangers, not even that it is empty.
    let query = "query($slug: String!) { organization(slug: $slug) { teamAccessRequests { totalCount } } }";
    let reply = scene
        .app
        .person("zoe")
        .send(query, json!({ "slug": scene.acme.slug }))
        .await
        .ok();
    assert!(reply.data("organization").is_null());
}

#[tokio::test]
async fn a_page_of_requests_costs_no_statement_for_each() {
    let scene = Scene::start("member").await;
    scene.db_close().await;
    let query =
        "query($slug: String!) { organization(slug: $slug) { teamAccessRequests(first: 100) { totalCount nodes {
        id createdAt team { slug viewerCanUpdate } member { name user { email } } requester { name email } } } } }";
    let mut costs = Vec::new();
    // Of a single request, the people on two levels are looked up at once.
    for count in [2, 5, 30] {
        for at in 0..count {
            let (_, member) = scene.person(&format!("guest{count}-{at}"), "member").await;
            scene.request_of(scene.bob.add_team_member(&scene.red, &member)).await;
        }
        let reply = scene.ann.send(query, json!({ "slug": scene.acme.slug })).await.ok();
        costs.push(reply.statements());
    }
    assert!(costs.iter().all(|cost| *cost == costs[0]), "{costs:?}");
    assert!(costs[0] <= 10, "{costs:?}");
}
