//! Automatic persisted queries, and what is remembered of documents.

use super::*;
use crate::support::EventStream;

#[tokio::test]
async fn a_document_that_was_sent_once_is_found_by_its_hash() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let variables = json!({ "slug": acme.slug, "first": 1 });
    let by_hash = json!({ "variables": variables, "extensions": persisted(MEMBERS) });

    let unknown = ann.post(&by_hash).await;
    assert_eq!(refusal(&unknown), "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(unknown.body["errors"][0]["message"], "PersistedQueryNotFound");

    let mut registration = by_hash.clone();
    registration["query"] = MEMBERS.into();
    let sent = ann.post(&registration).await.ok();
    assert_eq!(ann.post(&by_hash).await.ok().body, sent.body);

    let (variables, extensions) = (variables.to_string(), persisted(MEMBERS).to_string());
    let parameters = [("variables", variables.as_str()), ("extensions", extensions.as_str())];
    assert_eq!(get(&ann, "/graphql", &parameters).await.ok().body, sent.body);
    // What it answers depends on who asks.
    let stranger = app.person("bob").post(&by_hash).await.ok();
    assert_eq!(stranger.data("organization"), &Value::Null);
}

#[tokio::test]
async fn it_may_be_registered_by_get_and_found_over_every_wire() {
    let app = TestApp::start().await;
    let ann = app.person("ann").seen().await;
    let extensions = persisted(ROLES).to_string();
    let parameters = [("query", ROLES), ("extensions", extensions.as_str())];
    get(&ann, "/graphql", &parameters).await.ok();

    let mut socket = ann.socket().await;
    let payload = json!({ "extensions": persisted(ROLES) });
    socket
        .say(json!({ "id": "a", "type": "subscribe", "payload": payload }))
        .await;
    assert_eq!(socket.next("a").await["data"]["roles"][0]["id"], "member");
    assert_eq!(socket.hear().await["type"], "complete");
    let payload = json!({ "extensions": persisted("{ roles { name } }") });
    socket
        .say(json!({ "id": "b", "type": "subscribe", "payload": payload }))
        .await;
    assert_eq!(socket.error("b").await, ["PERSISTED_QUERY_NOT_FOUND"]);

    let http = || reqwest::Client::builder().no_proxy().build().unwrap();
    let body = json!({ "extensions": persisted(ROLES) });
    let mut stream: EventStream = ann.open(http().post(format!("{}/graphql", app.url)).json(&body)).await;
    assert_eq!(stream.next().await["data"]["roles"][0]["id"], "member");
}

#[tokio::test]
async fn only_valid_documents_are_remembered_and_only_under_their_own_hash() {
    let app = TestApp::start().await;
    let ann = app.person("ann").seen().await;
    for (query, code) in [
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ roles", "GRAPHQL_PARSE_FAILED"),
    ] {
        let both = json!({ "query": query, "extensions": persisted(query) });
        assert_eq!(refusal(&ann.post(&both).await), code);
        let by_hash = json!({ "extensions": persisted(query) });
        assert_eq!(refusal(&ann.post(&by_hash).await), "PERSISTED_QUERY_NOT_FOUND");
    }

    let other = json!({ "query": ROLES, "extensions": persisted("{ viewer { isSuperuser } }") });
    let reply = ann.post(&other).await;
    assert_eq!((reply.status, refusal(&reply).as_str()), (400, "BAD_USER_INPUT"));
    assert_eq!(reply.body["errors"][0]["message"], "provided sha does not match query");

    for said in [
        json!({}),
        json!("x"),
        json!({ "version": 1 }),
        json!({ "version": 2, "sha256Hash": hash(ROLES) }),
        json!({ "version": 1, "sha256Hash": "x" }),
        json!({ "version": 1, "sha256Hash": "+".repeat(64) }),
        json!({ "version": 1, "sha256Hash": "é".repeat(32) }),
    ] {
        let reply = ann
            .post(&json!({ "query": ROLES, "extensions": { "persistedQuery": said } }))
            .await;
        assert_eq!(
            (reply.status, refusal(&reply).as_str()),
            (400, "BAD_USER_INPUT"),
            "{said}"
        );
    }
    ann.post(&json!({ "query": ROLES, "extensions": { "persistedQuery": null } }))
        .await
        .ok();
}

#[tokio::test]
async fn clients_are_told_where_there_are_none() {
    let app = TestApp::start_with(|config| config.graphql.persisted_queries = false).await;
    let ann = app.person("ann").seen().await;
    ann.send(ROLES, json!({})).await.ok();
    let reply = ann.post(&json!({ "extensions": persisted(ROLES) })).await;
    assert_eq!(refusal(&reply), "PERSISTED_QUERY_NOT_SUPPORTED");
    assert_eq!(reply.body["errors"][0]["message"], "PersistedQueryNotSupported");
    // A client that sends both is served.
    ann.post(&json!({ "query": ROLES, "extensions": persisted(ROLES) }))
        .await
        .ok();
}

#[tokio::test]
async fn a_remembered_document_is_checked_with_every_request() {
    let app = TestApp::start_with(|config| config.limits.complexity_max = 100).await;
    let (acme, ann) = app.organization("Acme").await;
    let ask = async |document: &str, name: Option<&str>, variables: Value| {
        let body = json!({ "query": document, "operationName": name, "variables": variables });
        ann.post(&body).await
    };
    for round in 0..2 {
        let reply = ask(MEMBERS, None, json!({ "slug": acme.slug, "first": 1 })).await;
        assert_eq!(reply.ok().text("organization.id"), acme.id, "{round}");
        let reply = ask(MEMBERS, None, json!({ "slug": acme.slug, "first": 100 })).await;
        assert_eq!(refusal(&reply), "QUERY_TOO_COMPLEX");
        for wrong in [
            json!({ "first": 1 }),
            json!({ "slug": null, "first": 1 }),
            json!({ "slug": 1, "first": 1 }),
            json!({ "slug": "x", "first": 1.5 }),
        ] {
            assert_eq!(
                refusal(&ask(MEMBERS, None, wrong.clone()).await),
                "BAD_USER_INPUT",
                "{wrong}"
            );
        }
    }

    // Each operation of a document with several, in either order.
    let both = "query A($id: ID) { node(id: $id) { id } } query B($slug: String!) { organization(slug: $slug) { id } }";
    let both = &both.replace("$id: ID)", "$id: ID!)");
    for _ in 0..2 {
        let reply = ask(both, Some("A"), json!({ "id": acme.id })).await;
        assert_eq!(reply.ok().text("node.id"), acme.id);
        let reply = ask(both, Some("B"), json!({ "slug": acme.slug })).await;
        assert_eq!(reply.ok().text("organization.id"), acme.id);
        assert_eq!(
            refusal(&ask(both, Some("B"), json!({ "slug": 5 })).await),
            "BAD_USER_INPUT"
        );
        assert_eq!(refusal(&ask(both, Some("A"), json!({})).await), "BAD_USER_INPUT");
        let reply = ask(both, Some("C"), json!({})).await;
        assert_eq!(refusal(&reply), "GRAPHQL_VALIDATION_FAILED");
        assert_eq!(refusal(&ask(both, None, json!({})).await), "GRAPHQL_VALIDATION_FAILED");
    }
}

#[tokio::test]
async fn a_remembered_mutation_is_not_begun_with_values_that_do_not_fit() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    // The second part fails; the first must not be done then.
    let document = "mutation M($name: String!, $by: MemberBy, $id: ID, $slug: String = \"x\") {
        createTeam(input: { organizationId: \"ORG\", name: $name }) { userErrors { code } }
        b: createTeam(input: { organizationId: $id, name: \"B\", slug: $slug }) { userErrors { code } } }"
        .replace("ORG", &acme.id)
        .replace("$by: MemberBy, ", "")
        .replace("$id: ID,", "$id: ID!,");
    let variables = |changes: Value| {
        let mut variables = json!({ "name": "Red", "id": acme.id, "slug": "red-too" });
        variables
            .as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        variables
    };
    ann.send(&document, variables(json!({}))).await.ok();
    for wrong in [
        json!({ "id": 1.5 }),
        json!({ "id": null }),
        json!({ "slug": 7 }),
        json!({ "name": ["x"] }),
    ] {
        let reply = app.unchanged(ann.send(&document, variables(wrong.clone()))).await;
        assert_eq!(refusal(&reply), "BAD_USER_INPUT", "{wrong}");
    }

    // One of several ways, chosen by variables: exactly one must be given.
    let member = "query($slug: String!, $id: ID, $email: String) { organization(slug: $slug) {
        member(by: { id: $id, email: $email }) { id } } }";
    let only_id = "query($slug: String!, $id: ID) { organization(slug: $slug) { member(by: { id: $id }) { id } } }";
    let me = ann
        .send("{ viewer { memberships { nodes { id } } } }", json!({}))
        .await
        .ok();
    let me = me.text("viewer.memberships.nodes.0.id");
    for _ in 0..2 {
        let reply = ann.send(only_id, json!({ "slug": acme.slug, "id": me })).await.ok();
        assert_eq!(reply.text("organization.member.id"), me);
        let reply = ann.send(only_id, json!({ "slug": acme.slug, "id": null })).await;
        assert_eq!(refusal(&reply), "BAD_USER_INPUT");
        let both = json!({ "slug": acme.slug, "id": me, "email": "ann@example.com" });
        assert!(!ann.send(member, both).await.error_codes().is_empty());
    }
}
