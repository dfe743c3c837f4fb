//! What is refused before anything runs, each with a code of its own.

use std::time::{Duration, Instant};

use roster::config::Limits;

use super::*;

/// How long a refusal may take in a build without optimisation, on a machine that
/// does other things; in a release build it is milliseconds (docs/performance.md).
const SOON: Duration = Duration::from_secs(5);

fn repeated(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn each_limit_has_a_code_of_its_own_and_allows_as_much_as_it_says() {
    let app = TestApp::start_with(|config| {
        config.limits = Limits {
            tokens_max: 200,
            depth_max: 4,
            aliases_max: 5,
            root_fields_max: 6,
            directives_max: 3,
            selections_max: 40,
            complexity_max: 100,
            variables_bytes_max: 1_000,
            body_bytes_max: 10_000,
            ..Limits::default()
        };
    })
    .await;
    let ann = app.person("ann").seen().await;
    let fields = |count: usize| format!("{{ roles {{ {} }} }}", repeated(count - 1, |_| "id".into()));
    let aliases = |count: usize| format!("{{ roles {{ {} }} }}", repeated(count, |at| format!("a{at}: id")));
    let spread = |count: usize| {
        let spreads = repeated(count, |_| "...F".into());
        format!("{{ roles {{ {spreads} }} }} fragment F on OrgRole {{ a: id }}")
    };
    let root = |count: usize| format!("{{ {} }}", repeated(count, |_| "__typename".into()));
    let directives = |count: usize| {
        let fields = repeated(count, |_| "id @include(if: true)".into());
        format!("{{ roles {{ {fields} }} }}")
    };
    let page = |first: usize| format!("{{ viewer {{ memberships(first: {first}) {{ nodes {{ id }} }} }} }}");
    let deep = |levels: usize| match levels {
        4 => "{ viewer { memberships(first: 1) { nodes { id } } } }".to_owned(),
        _ => "{ viewer { memberships(first: 1) { nodes { role { id } } } } }".to_owned(),
    };
    for (allowed, refused, code) in [
        (fields(40), fields(41), "QUERY_TOO_COMPLEX"),
        (aliases(5), aliases(6), "TOO_MANY_ALIASES"),
        (spread(5), spread(6), "TOO_MANY_ALIASES"),
        (root(6), root(7), "TOO_MANY_ROOT_FIELDS"),
        (directives(3), directives(4), "TOO_MANY_DIRECTIVES"),
        (page(49), page(50), "QUERY_TOO_COMPLEX"),
        (deep(4), deep(5), "QUERY_TOO_DEEP"),
        (
            format!("{ROLES} # {}", "x ".repeat(1_000)),
            format!("{{ roles(a: [{}]) {{ id }} }}", "1 ".repeat(200)),
            "TOO_MANY_TOKENS",
        ),
    ] {
        ann.send(&allowed, json!({})).await.ok();
        let reply = app.unchanged(ann.send(&refused, json!({}))).await;
        assert_eq!(refusal(&reply), code, "{refused}");
    }

    for (length, code) in [
        (900, None),
        (1_000, Some("VARIABLES_TOO_LARGE")),
        (20_000, Some("REQUEST_TOO_LARGE")),
    ] {
        let reply = ann.send(ROLES, json!({ "pad": "x".repeat(length) })).await;
        match code {
            None => drop(reply.ok()),
            Some(code) => assert_eq!(refusal(&reply), code),
        }
    }

    // The same over a socket and an event stream.
    let mut socket = ann.socket().await;
    for (at, (document, code)) in [
        (aliases(6), "TOO_MANY_ALIASES"),
        (root(7), "TOO_MANY_ROOT_FIELDS"),
        (deep(5), "QUERY_TOO_DEEP"),
        ("a ".repeat(300), "TOO_MANY_TOKENS"),
    ]
    .into_iter()
    .enumerate()
    {
        socket.subscribe(&at.to_string(), &document, json!({})).await;
        assert_eq!(socket.error(&at.to_string()).await, [code]);
        assert_eq!(ann.listen(&document, json!({})).await.error().await, [code]);
    }
    socket.subscribe("v", ROLES, json!({ "pad": "x".repeat(1_000) })).await;
    assert_eq!(socket.error("v").await, ["VARIABLES_TOO_LARGE"]);
}

#[tokio::test]
async fn however_deep_a_document_is_it_is_told_so() {
    let app = TestApp::start().await;
    let ann = app.person("ann").seen().await;
    for levels in [16, 17, 32, 60, 63, 64, 65, 66, 67, 100, 127, 128, 129, 130, 200, 1_000] {
        for document in [
            format!("{}{}", "{ viewer ".repeat(levels), "}".repeat(levels)),
            format!("{{ roles(a: {}{}) {{ id }} }}", "[".repeat(levels), "]".repeat(levels)),
        ] {
            let code = refusal(&ann.send(&document, json!({})).await);
            // Values are no fields: a few levels of them are only wrong.
            let is_value = document.starts_with("{ roles");
            assert!(
                code == "QUERY_TOO_DEEP" || is_value && levels < 128 && code == "GRAPHQL_VALIDATION_FAILED",
                "{levels}: {code}"
            );
        }
    }
}

#[tokio::test]
async fn the_cost_is_told_to_whoever_asks() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let body = json!({
        "query": MEMBERS,
        "variables": { "slug": acme.slug, "first": 10 },
        "extensions": { "cost": true },
    });
    // organization 1 + (id 1 + members 1 + 10 × (nodes 1 + id 1)).
    let expected = json!({ "cost": 23, "maximumCost": 50_000, "fields": 5, "depth": 4 });
    for _ in 0..2 {
        let reply = ann.post(&body).await.ok();
        assert_eq!(reply.body["extensions"]["cost"], expected, "{reply:#?}");
    }
    let mut socket = ann.socket().await;
    socket
        .say(json!({ "id": "a", "type": "subscribe", "payload": body }))
        .await;
    assert_eq!(socket.next("a").await["extensions"]["cost"], expected);
    for extensions in [json!(null), json!({}), json!({ "cost": false }), json!({ "cost": 1 })] {
        let reply = ann
            .post(&json!({ "query": ROLES, "extensions": extensions }))
            .await
            .ok();
        assert!(reply.body.get("extensions").is_none(), "{reply:#?}");
    }
}

#[tokio::test]
async fn hostile_documents_and_values_are_refused_soon() {
    // In development, suggesting what was meant takes longer.
    let app = production().await;
    let ann = app.person("ann").seen().await;
    let nested = |open: &str, levels: usize| open.repeat(levels);
    let many = [
        "TOO_MANY_TOKENS",
        "QUERY_TOO_DEEP",
        "TOO_MANY_ALIASES",
        "TOO_MANY_ROOT_FIELDS",
    ];
    let variables_query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    for (label, document, variables, codes) in [
        ("braces", nested("{a", 400_000), json!({}), &many[..]),
        (
            "brackets",
            format!("{{ a(b: {}", nested("[", 900_000)),
            json!({}),
            &many,
        ),
        (
            "objects",
            format!("{{ a(b: {}", nested("{c:", 300_000)),
            json!({}),
            &many,
        ),
        ("types", format!("query($a: {}", nested("[", 900_000)), json!({}), &many),
        ("fragments", nested("{...on Query", 80_000), json!({}), &many),
        (
            "aliases",
            format!("{{ {} }}", repeated(40_000, |at| format!("a{at}: __typename"))),
            json!({}),
            &many,
        ),
        (
            "few aliases",
            format!("{{ {} }}", repeated(3_000, |at| format!("a{at}: __typename"))),
            json!({}),
            &many,
        ),
        (
            "a list",
            format!("{{ nodes(ids: [{}]) {{ id }} }}", "1,".repeat(400_000)),
            json!({}),
            &many,
        ),
        (
            "strings",
            format!("{{ a(b: \"\"\"{}", "\\\"\"\"".repeat(100_000)),
            json!({}),
            &many,
        ),
        ("comments", "#\n".repeat(300_000), json!({}), &many),
        (
            "unknown fields",
            format!(
                "{{ viewer {{ {} }} }}",
                repeated(900, |at| format!("{}{at}", "x".repeat(500)))
            ),
            json!({}),
            &["GRAPHQL_VALIDATION_FAILED"],
        ),
        (
            "a long list of values",
            variables_query.into(),
            json!({ "ids": vec!["T3JnYW5pemF0aW9uOjE"; 12_000] }),
            &["VARIABLES_TOO_LARGE"],
        ),
        (
            "values that are not declared",
            ROLES.into(),
            json!({ "x": vec![json!({ "a": [[[[[[1]]]]]] }); 14_000] }),
            &["VARIABLES_TOO_LARGE"],
        ),
    ] {
        let begun = Instant::now();
        let reply = ann.send(&document, variables).await;
        let took = begun.elapsed();
        for code in reply.error_codes() {
            assert!(codes.contains(&code.as_str()), "{label}: {code}: {reply:#?}");
        }
        assert!(
            reply.body.get("data").is_none() && !reply.error_codes().is_empty(),
            "{label}: {reply:#?}"
        );
        assert!(took < SOON, "{label} took {took:?}");
    }
    ann.send(ROLES, json!({})).await.ok();
}

#[tokio::test]
async fn production_tells_neither_its_schema_nor_what_was_meant() {
    let production = production().await;
    let development = TestApp::start().await;
    let (there, here) = (
        production.person("ann").seen().await,
        development.person("ann").seen().await,
    );
    for document in [
        "{ __schema { queryType { name } } }",
        "{ __type(name: \"User\") { name } }",
        "{ ...F } fragment F on Query { t: __type(name: \"User\") { name } }",
        "query A { roles { id } } query B { __schema { types { name } } }",
    ] {
        let body = json!({ "query": document, "operationName": document.starts_with("query A").then_some("A") });
        here.post(&body).await.ok();
        assert_eq!(
            refusal(&there.post(&body).await),
            "INTROSPECTION_DISABLED",
            "{document}"
        );
        let mut socket = there.socket().await;
        socket
            .say(json!({ "id": "a", "type": "subscribe", "payload": body }))
            .await;
        assert_eq!(socket.error("a").await, ["INTROSPECTION_DISABLED"]);
    }
    there.send("{ __typename viewer { __typename } }", json!({})).await.ok();

    for document in ["{ viewer { isSuperuse } }", "{ organization(slugs: \"a\") { id } }"] {
        let said = async |client: &Client| {
            let reply = client.send(document, json!({})).await;
            assert_eq!(reply.error_codes()[0], "GRAPHQL_VALIDATION_FAILED", "{reply:#?}");
            reply.body.to_string()
        };
        assert!(said(&here).await.contains("Did you mean"), "{document}");
        assert!(!said(&there).await.contains("Did you mean"), "{document}");
    }
}

#[tokio::test]
async fn introspection_is_a_setting() {
    let ask = "{ __schema { queryType { name } } }";
    let off = TestApp::start_with(|config| config.graphql.introspection = Some(false)).await;
    let reply = off.anonymous().send(ask, json!({})).await;
    assert_eq!(refusal(&reply), "INTROSPECTION_DISABLED");
    let on = TestApp::start_with(|config| {
        config.mode = Mode::Production;
        config.public_url = Some("https://team.example.com".parse().unwrap());
        config.graphql.introspection = Some(true);
    })
    .await;
    on.anonymous().send(ask, json!({})).await.ok();
}

#[tokio::test]
async fn what_takes_statements_of_its_own_counts_as_often_as_it_may_come() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let document = |aliases: usize, field: &str| {
        let fields = repeated(aliases, |at| field.replace('#', &at.to_string()));
        format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Organization {{ {fields} }} }} }}")
    };
    let ids = json!({ "ids": vec![acme.id.clone(); 50] });
    for field in [
        "a#: members(filter: { query: \"x#\" }) { totalCount }",
        "a#: member(by: { email: \"a#@example.com\" }) { id }",
        "a#: team(slug: \"team-#\") { id }",
    ] {
        ann.send(&document(10, field), ids.clone()).await.ok();
        let reply = ann.send(&document(11, field), ids.clone()).await;
        assert_eq!(refusal(&reply), "QUERY_TOO_COMPLEX", "{field}");
    }
    // Of the members that a change would affect, a hundred come.
    let dry_run = |fields: &str| {
        let input = format!("organizationId: \"{}\", dryRun: true, require2FA: true", acme.id);
        format!("mutation {{ saveOrgOptions(input: {{ {input} }}) {{ impact {{ affectedMembers {{ {fields} }} }} }} }}")
    };
    ann.send(&dry_run("id organization { id }"), json!({})).await.ok();
    let deep = dry_run("organization { members(first: 100) { nodes { id name user { name } } } }");
    assert_eq!(refusal(&ann.send(&deep, json!({})).await), "QUERY_TOO_COMPLEX");
}
