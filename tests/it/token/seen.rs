//! Who sees tokens.

use super::*;

#[tokio::test]
async fn tokens_are_listed_to_org_admins_oldest_first() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&ann, "Globex").await;
    for name in ["one", "two", "three"] {
        let input = json!({ "name": name, "scopes": ["org:read"] });
        ann.create_token(&acme, input).await.done(CREATE);
    }
    ann.token(&globex, &["org:read"]).await;

    let reply = ann.tokens(&acme).await.ok();
    let nodes = reply.data("organization.apiTokens.nodes").as_array().unwrap();
    let names: Vec<_> = nodes.iter().map(|node| node["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["one", "two", "three"]);
    assert_eq!(reply.data("organization.apiTokens.totalCount"), 3);
    let query =
        "query($slug: String!, $after: String) { organization(slug: $slug) { apiTokens(first: 2, after: $after) {
        pageInfo { hasNextPage endCursor } nodes { name } } } }";
    let page = ann.send(query, json!({ "slug": acme.slug })).await.ok();
    assert_eq!(page.data("organization.apiTokens.pageInfo.hasNextPage"), true);
    let after = page.text("organization.apiTokens.pageInfo.endCursor");
    let page = ann.send(query, json!({ "slug": acme.slug, "after": after })).await.ok();
    assert_eq!(page.data("organization.apiTokens.nodes"), &json!([{ "name": "three" }]));
}

#[tokio::test]
async fn others_see_none() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    app.join(&acme, &ann, &bob, "manager").await;
    let token = ann.token(&acme, &["org:write", "member:admin"]).await;
    let robot = app.with_bearer(&token.secret);
    let limited = ann.with(json!({ "scope": "org:write" }));

    for caller in [&bob, &robot, &limited] {
        let reply = caller.tokens(&acme).await;
        assert_eq!(reply.error_codes(), ["FORBIDDEN"]);
        assert!(reply.data("organization.apiTokens").is_null());
        assert!(caller.node_kind(&token.id).await.is_null());
    }
    for stranger in [app.person("zoe"), app.anonymous()] {
        assert!(stranger.node_kind(&token.id).await.is_null());
    }
    for caller in [&ann, &app.superuser(), &app.db_app(&acme, &["org:admin"]).await] {
        assert_eq!(caller.node_kind(&token.id).await["__typename"], "ApiToken");
    }
}
