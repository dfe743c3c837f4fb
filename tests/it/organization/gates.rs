//! What an organization asks of its members before it lets them in (§5, §28).

use super::*;

/// What a gate does to queries: the code, everywhere; and nothing is shown.
async fn closed(app: &TestApp, client: &Client, organization: &Organization, code: &str) {
    let marker = "example.com";
    let query = "query($slug: String!) { organization(slug: $slug) { id name members { nodes { email } } } }";
    let reply = client.send(query, json!({ "slug": organization.slug })).await;
    assert_eq!(reply.error_codes(), [code], "{reply:#?}");
    assert!(
        reply.data("organization").is_null() && !reply.body.to_string().contains(marker),
        "{reply:#?}"
    );
    assert_eq!(reply.body["errors"][0]["path"], json!(["organization"]));
    let entry = AuditLogEntryId::from(1).global();
    for id in [&organization.id, &organization.owner, &entry] {
        let reply = client
            .send("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id }))
            .await;
        assert_eq!(reply.error_codes(), [code], "{id}: {reply:#?}");
        assert!(reply.data("node").is_null());
    }
    let reply = client
        .send(
            "{ viewer { memberships { totalCount nodes { id role { id } } } } }",
            json!({}),
        )
        .await
        .ok();
    assert_eq!(
        reply.data("viewer.memberships.nodes").as_array().unwrap().len(),
        1,
        "one's membership is listed"
    );
    let query =
        "{ viewer { memberships { edges { node { id organization { name members { nodes { email } } } } } } } }";
    let reply = client.send(query, json!({})).await;
    assert_eq!(reply.error_codes(), [code], "{reply:#?}");
    assert!(!reply.body.to_string().contains(marker), "{reply:#?}");
    let input = json!({ "organizationId": organization.id, "name": "Red" });
    let reply = app.unchanged(client.mutate("createTeam", "team { id }", input)).await;
    assert_eq!(reply.codes("createTeam"), [code]);
    let input = json!({ "organizationId": organization.id, "isEarlyAdopter": true });
    let reply = app
        .unchanged(client.mutate("saveOrgOptions", "organization { id }", input))
        .await;
    assert_eq!(reply.codes("saveOrgOptions"), [code]);
    let reply = app
        .unchanged(client.create_invite(organization, json!({ "email": "new@example.com" })))
        .await;
    assert_eq!(reply.codes("createInvite"), [code]);
}

#[tokio::test]
async fn without_a_second_factor_an_organization_that_requires_one_is_closed() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob").seen().await;
    app.join(&acme, &ann, &bob, "manager").await;
    app.db_set_organization_flags(&acme, flag::ALLOW_JOINLEAVE | flag::REQUIRE_2FA)
        .await;

    for client in [
        &bob,
        &ann,
        &bob.with(json!({ "amr": ["pwd"] })),
        &bob.with(json!({ "amr": [] })),
    ] {
        closed(&app, client, &acme, "TWO_FACTOR_REQUIRED").await;
    }
    for factor in ["mfa", "otp", "hwk", "swk", "fido", "face", "fpt", "sms"] {
        assert!(
            bob.with(json!({ "amr": ["pwd", factor] })).sees(&acme).await,
            "{factor}"
        );
    }
    // The session with a factor was the last that said so: it is stored.
    assert!(bob.sees(&acme).await);
    closed(&app, &bob.with(json!({ "amr": ["pwd"] })), &acme, "TWO_FACTOR_REQUIRED").await;
    closed(&app, &bob, &acme, "TWO_FACTOR_REQUIRED").await;
    // Others than people have no factors.
    assert!(app.superuser().sees(&acme).await);
    assert!(app.db_app(&acme, &["org:read"]).await.sees(&acme).await);
}

#[tokio::test]
async fn without_the_providers_identity_an_organization_with_sso_is_closed() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob").seen().await;
    let member = app.join(&acme, &ann, &bob, "manager").await;
    app.db_set_flags(&member, member::flag::SSO_INVALID).await;
    assert!(bob.sees(&acme).await, "there is no provider");
    app.db_set_flags(&member, 0).await;
    let provider = app.db_auth_provider(&acme, false).await;

    closed(&app, &bob, &acme, "SSO_REQUIRED").await;
    closed(&app, &ann, &acme, "SSO_REQUIRED").await;
    app.db_set_flags(&member, member::flag::SSO_LINKED).await;
    assert!(bob.sees(&acme).await);
    app.db_set_flags(&member, member::flag::SSO_LINKED | member::flag::SSO_INVALID)
        .await;
    closed(&app, &bob, &acme, "SSO_REQUIRED").await;
    assert!(app.superuser().sees(&acme).await);
    assert!(app.db_app(&acme, &["org:read"]).await.sees(&acme).await);

    let optional = entity::auth_provider::ActiveModel {
        id: sea_orm::ActiveValue::Unchanged(provider.id),
        allow_unlinked: sea_orm::ActiveValue::Set(true),
        ..Default::default()
    };
    optional.update(&app.db).await.unwrap();
    assert!(bob.sees(&acme).await && ann.sees(&acme).await);
}

#[tokio::test]
async fn a_member_over_the_limit_can_only_look_at_the_membership() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob").seen().await;
    let member = app.join(&acme, &ann, &bob, "manager").await;
    app.db_set_flags(&member, member::flag::MEMBER_LIMIT_RESTRICTED).await;

    closed(&app, &bob, &acme, "MEMBER_DISABLED_OVER_LIMIT").await;
    assert!(ann.sees(&acme).await && app.superuser().sees(&acme).await);
    let query = "{ viewer { memberships { nodes { id role { id } flags { memberLimitRestricted } } } } }";
    let reply = bob.send(query, json!({})).await.ok();
    let mine = json!([{ "id": member, "role": { "id": "manager" }, "flags": { "memberLimitRestricted": true } }]);
    assert_eq!(*reply.data("viewer.memberships.nodes"), mine);
    let query = "query($id: ID!) { node(id: $id) { ... on Member { email name isPending assignableRoles { id }
        viewerCanUpdateRoles viewerCanRemove } } }";
    let reply = bob.send(query, json!({ "id": member })).await.ok();
    let mine = json!({ "email": "bob@example.com", "name": "Bob", "isPending": false, "assignableRoles": [],
        "viewerCanUpdateRoles": false, "viewerCanRemove": true });
    assert_eq!(*reply.data("node"), mine);
    // Also where the organization is met without its gates.
    let query = "query($by: MemberBy!) { organizations { nodes { member(by: $by) { id email } } } }";
    let reply = bob.send(query, json!({ "by": { "id": member } })).await.ok();
    assert_eq!(reply.data("organizations.nodes.0.member.email"), "bob@example.com");
    for by in [
        json!({ "id": acme.owner }),
        json!({ "email": "ann@example.com" }),
        json!({ "email": "no@example.com" }),
    ] {
        let reply = bob.send(query, json!({ "by": by })).await;
        assert_eq!(reply.error_codes(), ["MEMBER_DISABLED_OVER_LIMIT"], "{by}");
    }
}

#[tokio::test]
async fn the_first_gate_that_is_closed_is_the_one_that_is_told() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob").seen().await;
    let member = app.join(&acme, &ann, &bob, "member").await;
    app.db_set_organization_flags(&acme, flag::ALLOW_JOINLEAVE | flag::REQUIRE_2FA)
        .await;
    app.db_auth_provider(&acme, false).await;
    app.db_set_flags(&member, member::flag::MEMBER_LIMIT_RESTRICTED).await;

    closed(&app, &bob, &acme, "TWO_FACTOR_REQUIRED").await;
    let bob = bob.with(json!({ "amr": ["otp"] }));
    closed(&app, &bob, &acme, "SSO_REQUIRED").await;
    app.db_set_flags(
        &member,
        member::flag::MEMBER_LIMIT_RESTRICTED | member::flag::SSO_LINKED,
    )
    .await;
    closed(&app, &bob, &acme, "MEMBER_DISABLED_OVER_LIMIT").await;
    app.db_set_flags(&member, member::flag::SSO_LINKED).await;
    assert!(bob.sees(&acme).await);
    // Before all of them comes that it exists: a scope that is missing comes last.
    let input = json!({ "organizationId": acme.id, "name": "Red" });
    let reply = app.unchanged(bob.mutate("createTeam", "team { id }", input)).await;
    assert_eq!(reply.codes("createTeam"), ["FORBIDDEN"]);
    for stranger in [app.person("zoe"), app.person("zoe").with(json!({ "amr": ["otp"] }))] {
        assert!(!stranger.sees(&acme).await);
    }
}

#[tokio::test]
async fn a_closed_organization_does_not_hide_the_open_ones() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.organization_of(&ann, "Globex").await;
    app.db_set_organization_flags(&acme, flag::ALLOW_JOINLEAVE | flag::REQUIRE_2FA)
        .await;

    let query = "{ viewer { memberships { edges { node { organization { slug } } } } } }";
    let reply = ann.send(query, json!({})).await;
    assert_eq!(reply.error_codes(), ["TWO_FACTOR_REQUIRED"]);
    let edges = json!([{ "node": null }, { "node": { "organization": { "slug": "globex" } } }]);
    assert_eq!(*reply.data("viewer.memberships.edges"), edges);
    let path = json!(["viewer", "memberships", "edges", 0, "node", "organization"]);
    assert_eq!(reply.body["errors"][0]["path"], path);
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } roles { id } }";
    let globex = ann
        .send("{ organization(slug: \"globex\") { id } }", json!({}))
        .await
        .ok()
        .text("organization.id");
    let reply = ann.send(query, json!({ "ids": [acme.id, globex] })).await;
    assert_eq!(reply.error_codes(), ["TWO_FACTOR_REQUIRED"]);
    assert_eq!(*reply.data("nodes"), json!([null, { "id": globex }]));
}
