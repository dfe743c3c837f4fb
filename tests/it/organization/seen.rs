//! Who sees which organizations, and what callers are told of themselves.

use super::*;

#[tokio::test]
async fn an_organization_shows_to_members_superusers_and_its_own_apps() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&app.person("gus"), "Globex").await;
    let bob = app.person("bob");
    app.join(&acme, &ann, &bob, "member").await;
    app.invite(&acme, &ann, "ivy@example.com", "owner").await;
    app.db_request(&acme, "rob@example.com", member::InviteStatus::RequestedToJoin)
        .await;
    let robot = app.db_app(&acme, &["org:read"]).await;

    for client in [&ann, &bob, &app.superuser(), &robot] {
        assert!(client.sees(&acme).await);
    }
    let strangers = [
        app.person("zoe"),
        app.person("gus"),
        app.person("ivy"),
        app.person("rob"),
        app.anonymous(),
    ];
    for client in strangers {
        assert!(!client.sees(&acme).await);
    }
    for client in [&ann, &bob, &robot] {
        assert!(!client.sees(&globex).await);
        assert_eq!(client.listed(json!(null)).await, ["acme"]);
    }
    assert_eq!(app.superuser().listed(json!(null)).await, ["acme", "globex"]);
    assert!(app.person("zoe").listed(json!(null)).await.is_empty());
    let unknown = Organization {
        slug: "nothing".into(),
        ..acme.clone()
    };
    for slug in ["nothing", "ACME", "", "acme ", "%", "a\u{0}"] {
        assert!(
            !ann.sees(&Organization {
                slug: slug.into(),
                ..unknown.clone()
            })
            .await,
            "{slug:?}"
        );
    }
}

#[tokio::test]
async fn a_flag_keeps_superusers_out_unless_they_are_members() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let root = app.superuser();
    app.db_set_organization_flags(&acme, flag::ALLOW_JOINLEAVE | flag::PREVENT_SUPERUSER_ACCESS)
        .await;

    assert!(!root.sees(&acme).await);
    assert!(root.listed(json!(null)).await.is_empty());
    let input = json!({ "organizationId": acme.id, "name": "Theirs" });
    let reply = app.unchanged(root.mutate("createTeam", "team { id }", input)).await;
    assert_eq!(reply.codes("createTeam"), ["ORGANIZATION_NOT_FOUND"]);
    assert!(ann.sees(&acme).await);

    app.join(&acme, &ann, &root, "member").await;
    assert!(root.sees(&acme).await);
    assert_eq!(root.listed(json!(null)).await, ["acme"]);
}

#[tokio::test]
async fn organizations_are_found_by_words_and_status() {
    let app = start().await;
    let ann = app.person("ann");
    for name in ["Acme", "Acme North", "Globex", "100%_Fun"] {
        app.organization_of(&ann, name).await;
    }
    let pending = app.organization_of(&ann, "Leaving").await;
    app.db_set_status(&pending, OrganizationStatus::PendingDeletion).await;
    for (filter, found) in [
        (json!({}), "acme acme-north globex 100-fun leaving"),
        (json!({ "query": "" }), "acme acme-north globex 100-fun leaving"),
        (json!({ "query": "ACME" }), "acme acme-north"),
        (json!({ "query": "north" }), "acme-north"),
        (json!({ "query": "acme-n" }), "acme-north"),
        (json!({ "query": "%_" }), "100-fun"),
        (json!({ "query": "a%e" }), ""),
        (json!({ "query": "nothing" }), ""),
        (json!({ "status": "ACTIVE" }), "acme acme-north globex 100-fun"),
        (json!({ "status": "PENDING_DELETION" }), "leaving"),
        (json!({ "status": "DELETION_IN_PROGRESS" }), ""),
        (json!({ "status": "ACTIVE", "query": "leaving" }), ""),
    ] {
        let mut found: Vec<&str> = found.split_whitespace().collect();
        found.sort_unstable();
        let mut listed = ann.listed(filter.clone()).await;
        listed.sort();
        // The slug of the last name is made of it somehow.
        let listed: Vec<&str> = listed
            .iter()
            .map(|slug| if slug.starts_with("100") { "100-fun" } else { slug })
            .collect();
        assert_eq!(listed, found, "{filter}");
    }
}

#[tokio::test]
async fn what_awaits_deletion_is_seen_by_who_may_delete_it() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let (bob, carl) = (app.person("bob"), app.person("carl"));
    app.join(&acme, &ann, &bob, "manager").await;
    let member = app.join(&acme, &ann, &carl, "member").await;
    let admin = app.db_app(&acme, &["org:admin"]).await;
    let writer = app.db_app(&acme, &["org:write", "member:admin"]).await;
    let limited = ann.with(json!({ "scope": "org:write" }));
    let node = "query($id: ID!) { node(id: $id) { id } }";
    let memberships = "{ viewer { memberships { totalCount nodes { organization { status } } } } }";

    app.db_set_status(&acme, OrganizationStatus::PendingDeletion).await;
    for (who, client) in [("owner", &ann), ("superuser", &app.superuser())] {
        assert!(client.sees(&acme).await);
        assert_eq!(client.listed(json!(null)).await, ["acme"], "{who}");
        assert!(
            !client
                .send(node, json!({ "id": acme.id }))
                .await
                .ok()
                .data("node")
                .is_null()
        );
    }
    let mine = ann.send(memberships, json!({})).await.ok();
    assert_eq!(
        *mine.data("viewer.memberships.nodes"),
        json!([{ "organization": { "status": "PENDING_DELETION" } }])
    );
    for client in [&bob, &carl, &writer, &limited] {
        assert!(!client.sees(&acme).await);
        assert!(client.listed(json!(null)).await.is_empty());
        for id in [&acme.id, &member, &acme.owner] {
            assert!(client.send(node, json!({ "id": id })).await.ok().data("node").is_null());
        }
        let input = json!({ "organizationId": acme.id, "name": "Red" });
        let reply = app.unchanged(client.mutate("createTeam", "team { id }", input)).await;
        assert_eq!(reply.codes("createTeam"), ["ORGANIZATION_NOT_FOUND"]);
    }
    for person in [&bob, &carl] {
        let reply = person.send(memberships, json!({})).await.ok();
        assert_eq!(*reply.data("viewer.memberships.nodes"), json!([]));
        assert_eq!(*reply.data("viewer.memberships.totalCount"), 0);
    }
    // They may read it and restore it, nothing else.
    let input = json!({ "organizationId": acme.id, "name": "Red" });
    let reply = app.unchanged(ann.mutate("createTeam", "team { id }", input)).await;
    assert_eq!(reply.codes("createTeam"), ["ORGANIZATION_NOT_FOUND"]);

    // Whether an app that could delete it is such a one: the same by every way.
    let is_listed = admin.listed(json!(null)).await == ["acme"];
    assert_eq!(admin.sees(&acme).await, is_listed);
    for status in [
        OrganizationStatus::DeletionInProgress,
        OrganizationStatus::RelocationPendingApproval,
    ] {
        app.db_set_status(&acme, status).await;
        for client in [&ann, &bob, &carl, &admin, &writer] {
            assert!(!client.sees(&acme).await, "{status:?}");
            assert!(client.listed(json!(null)).await.is_empty(), "{status:?}");
            assert!(
                client
                    .send(node, json!({ "id": acme.owner }))
                    .await
                    .ok()
                    .data("node")
                    .is_null()
            );
        }
    }
}

#[tokio::test]
async fn the_viewer_is_told_who_they_are() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let query = "{ viewer { user { name email isViewer isEmailVerified hasTwoFactor } isSuperuser scopes canCreateOrganization
        memberships { nodes { organization { slug } role { id } isViewer } } invites { nodes { organization { slug } } } } }";
    app.invite(&acme, &ann, "Bob@Example.com", "member").await;
    let viewer = |client: &Client| {
        let client = client.clone();
        async move { client.send(query, json!({})).await.ok().data("viewer").clone() }
    };

    let told = viewer(&ann).await;
    let user = json!({ "name": "Ann", "email": "ann@example.com", "isViewer": true, "isEmailVerified": true, "hasTwoFactor": false });
    let mine =
        json!({ "nodes": [{ "organization": { "slug": "acme" }, "role": { "id": "owner" }, "isViewer": true }] });
    let none = json!({ "nodes": [] });
    let expected = json!({ "user": user, "isSuperuser": false, "scopes": null, "canCreateOrganization": true, "memberships": mine, "invites": none });
    assert_eq!(told, expected);
    assert_eq!(
        viewer(&ann.with(json!({ "scope": "team:read org:read openid" }))).await["scopes"],
        json!(["org:read", "team:read"])
    );
    assert_eq!(viewer(&app.superuser()).await["isSuperuser"], true);
    assert_eq!(viewer(&app.anonymous()).await, Value::Null);
    let robot = viewer(&app.db_app(&acme, &["org:read"]).await).await;
    assert_eq!(
        (&robot["user"], &robot["isSuperuser"], &robot["scopes"]),
        (&Value::Null, &json!(false), &json!(["org:read"]))
    );
    assert_eq!(
        (
            &robot["canCreateOrganization"],
            &robot["memberships"],
            &robot["invites"]
        ),
        (&json!(false), &none, &none)
    );

    // Invites are shown to who has verified the address.
    let bob = app.person("bob");
    let open = json!({ "nodes": [{ "organization": { "slug": "acme" } }] });
    assert_eq!(viewer(&bob).await["invites"], open);
    assert_eq!(
        viewer(&bob.with(json!({ "email_verified": false }))).await["invites"],
        none
    );
    assert_eq!(viewer(&bob.with(json!({ "email": null }))).await["invites"], none);
    assert_eq!(
        viewer(&bob.with(json!({ "email": "BOB@example.com" }))).await["invites"],
        open
    );
}

#[tokio::test]
async fn invites_to_oneself_are_the_open_ones_of_active_organizations() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&ann, "Globex").await;
    let bob = app.person("bob");
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    app.db_request(&globex, "bob@example.com", member::InviteStatus::RequestedToJoin)
        .await;
    let open = || {
        let bob = bob.clone();
        async move {
            let reply = bob
                .send("{ viewer { invites { nodes { organization { slug } } } } }", json!({}))
                .await
                .ok();
            reply.data("viewer.invites.nodes").as_array().unwrap().len()
        }
    };

    assert_eq!(open().await, 1);
    app.db_set_status(&acme, OrganizationStatus::PendingDeletion).await;
    assert_eq!(open().await, 0);
    app.db_set_status(&acme, OrganizationStatus::Active).await;
    bob.accept_invite(&invite.token).await.done("acceptInvite");
    assert_eq!(open().await, 0);
}
