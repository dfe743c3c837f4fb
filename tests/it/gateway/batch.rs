//! Several operations in one request.

use super::*;

async fn start() -> TestApp {
    TestApp::start_with(|config| config.graphql.batch_max = 3).await
}

fn query(query: &str) -> Value {
    json!({ "query": query })
}

fn codes(answer: &Value) -> Vec<&str> {
    let errors = answer["errors"].as_array().map_or(&[][..], Vec::as_slice);
    errors
        .iter()
        .map(|error| error["extensions"]["code"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_list_is_refused_unless_it_is_switched_on() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let rename = format!(
        "mutation {{ createTeam(input: {{ organizationId: \"{}\", name: \"Red\" }}) {{ userErrors {{ code }} }} }}",
        acme.id
    );
    for body in [
        json!([]),
        json!([query(ROLES)]),
        json!([query(&rename), query(&rename)]),
    ] {
        let reply = app.unchanged(ann.post(&body)).await;
        assert_eq!(
            (reply.status, refusal(&reply).as_str()),
            (400, "BATCHING_DISABLED"),
            "{body}"
        );
    }
}

#[tokio::test]
async fn answers_come_in_the_order_of_the_operations() {
    let app = start().await;
    let (acme, ann) = app.organization("Acme").await;
    let create =
        "mutation($input: CreateTeamInput!) { createTeam(input: $input) { team { slug } userErrors { code } } }";
    let teams = "query($slug: String!) { organization(slug: $slug) { teams { nodes { slug } } } }";
    let variables = json!({ "slug": acme.slug });
    let reply = ann
        .post(&json!([
            { "query": teams, "variables": variables },
            { "query": create, "variables": { "input": { "organizationId": acme.id, "name": "Red" } } },
            { "query": teams, "variables": variables },
        ]))
        .await;
    assert_eq!(reply.status, 200);
    let [before, created, after] = &reply.body.as_array().unwrap()[..] else {
        panic!("{reply:#?}")
    };
    assert_eq!(before["data"]["organization"]["teams"]["nodes"], json!([]));
    assert_eq!(created["data"]["createTeam"]["team"]["slug"], "red");
    assert_eq!(
        after["data"]["organization"]["teams"]["nodes"],
        json!([{ "slug": "red" }])
    );
}

#[tokio::test]
async fn what_is_wrong_with_one_keeps_no_other_from_being_run() {
    let app = start().await;
    let ann = app.person("ann").seen().await;
    for (bad, code) in [
        (query("{"), "GRAPHQL_PARSE_FAILED"),
        (query("{ nothing }"), "GRAPHQL_VALIDATION_FAILED"),
        (json!({ "query": 5 }), "BAD_USER_INPUT"),
        (json!(5), "BAD_USER_INPUT"),
        (json!([query(ROLES)]), "BAD_USER_INPUT"),
        (json!({}), "BAD_USER_INPUT"),
        (json!({ "documentId": "x" }), "PERSISTED_QUERY_NOT_FOUND"),
        (
            query("subscription { organizationEvents(organizationId: \"x\") { id } }"),
            "BAD_USER_INPUT",
        ),
        (query("{ organizations(first: 0) { totalCount } }"), "BAD_USER_INPUT"),
    ] {
        let reply = ann
            .post(&json!([query(ROLES), bad, query("{ viewer { isSuperuser } }")]))
            .await;
        assert_eq!(reply.status, 200);
        let answers = reply.body.as_array().unwrap();
        assert_eq!(answers.len(), 3);
        assert_eq!(answers[0]["data"]["roles"][0]["id"], "member");
        assert_eq!(codes(&answers[1]), [code], "{bad}");
        assert_eq!(answers[2], json!({ "data": { "viewer": { "isSuperuser": false } } }));
    }
}

#[tokio::test]
async fn a_list_is_bounded_in_number_and_in_cost() {
    let app = TestApp::start_with(|config| {
        config.graphql.batch_max = 3;
        config.limits.complexity_max = 100;
    })
    .await;
    let (acme, ann) = app.organization("Acme").await;
    let made = format!(
        "mutation {{ createTeam(input: {{ organizationId: \"{}\", name: \"Red\" }}) {{ userErrors {{ code }} }} }}",
        acme.id
    );
    let page = "{ viewer { memberships(first: 30) { nodes { id } } } }";
    for (body, code) in [
        (json!([]), "BAD_USER_INPUT"),
        (
            json!([query(&made), query(ROLES), query(ROLES), query(ROLES)]),
            "BATCH_TOO_LARGE",
        ),
        (json!([query(&made), query(page), query(page)]), "QUERY_TOO_COMPLEX"),
    ] {
        let reply = app.unchanged(ann.post(&body)).await;
        assert_eq!((reply.status, refusal(&reply).as_str()), (400, code), "{body}");
    }
    let reply = ann.post(&json!([query(page), query(ROLES)])).await;
    assert_eq!(reply.body.as_array().unwrap().len(), 2, "{reply:#?}");
    // Each is held to the limits of one, too.
    let large = "{ viewer { memberships(first: 60) { nodes { id } } } }";
    let reply = ann.post(&json!([query(large), query(ROLES)])).await;
    let answers = reply.body.as_array().unwrap();
    assert_eq!(codes(&answers[0]), ["QUERY_TOO_COMPLEX"]);
    assert!(answers[1].get("errors").is_none());
}

#[tokio::test]
async fn a_list_comes_as_json_to_the_endpoint_itself() {
    let app = start().await;
    let ann = app.person("ann").seen().await;
    let operations = json!([query(ROLES)]).to_string();
    let reply = ann
        .post_parts(&[("operations", operations.as_bytes()), ("map", b"{}")])
        .await;
    assert_eq!((reply.status, refusal(&reply).as_str()), (400, "BAD_USER_INPUT"));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for (path, accept) in [("/graphql/d/x", "application/json"), ("/graphql", "text/event-stream")] {
        let request = http.post(format!("{}{path}", app.url)).header("accept", accept);
        let reply = Reply::read(request.json(&json!([query(ROLES)])).send().await.unwrap()).await;
        assert_eq!(
            (reply.status, refusal(&reply).as_str()),
            (400, "BAD_USER_INPUT"),
            "{path}"
        );
    }
    let accept = "application/graphql-response+json";
    let request = http.post(format!("{}/graphql", app.url)).header("accept", accept);
    let response = request.json(&json!([query(ROLES)])).send().await.unwrap();
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with(accept));
}
