//! Bad documents: wrong, too large, too deep.

use roster::config::Limits;

use super::*;

#[tokio::test]
async fn a_wrong_literal_is_an_invalid_document() {
    let scene = Scene::make().await;
    let mut wrong = Vec::new();
    for document in [
        "{ organization(slug: 5) { id } }",
        "{ organization(slug: ACME) { id } }",
        "{ organization(slug: null) { id } }",
        "{ organization { id } }",
        "{ organization(slug: \"acme\", slug: \"b\") { id } }",
        "{ organization(slug: \"acme\", more: 1) { id } }",
        "{ organization(slug: \"acme\") }",
        "{ organization(slug: \"acme\") { id { id } } }",
        "{ organization(slug: \"acme\") { nothing } }",
        "{ organization(slug: \"acme\") { members(first: \"5\") { totalCount } } }",
        "{ organization(slug: \"acme\") { members(orderBy: { field: NONSENSE, direction: ASC }) { totalCount } } }",
        "{ organization(slug: \"acme\") { members(filter: { nothing: 1 }) { totalCount } } }",
        "{ organization(slug: \"acme\") { member(by: {}) { id } } }",
        "{ organization(slug: \"acme\") { member(by: { id: \"1\", email: \"x\" }) { id } } }",
        "query($slug: String) { organization(slug: $slug) { id } }",
        "query($slug: Nothing!) { organization(slug: $slug) { id } }",
        "query($slug: Member!) { organization(slug: $slug) { id } }",
        "{ organization(slug: $slug) { id } }",
        "query($unused: Int) { viewer { isSuperuser } }",
        "{ ...nothing }",
        "fragment unused on Viewer { isSuperuser } { viewer { isSuperuser } }",
        "{ viewer { ... on Member { id } } }",
        "{ viewer { ... on Nothing { id } } }",
        "{ viewer @nothing { isSuperuser } }",
        "{ viewer @include { isSuperuser } }",
        "{ viewer @include(if: \"yes\") { isSuperuser } }",
        "{ a: viewer { isSuperuser } a: roles { id } }",
        "mutation { createTeam { userErrors { code } } }",
        "mutation { createTeam(input: {}) { userErrors { code } } }",
        "mutation { createTeam(input: { organizationId: \"x\", name: \"y\", nothing: 1 }) { userErrors { code } } }",
        "mutation { nothing }",
        "subscription { organizationEvents }",
        // What the library would find when the field runs.
        "{ organization(slug: \"acme\") { members(first: 3000000000) { totalCount } } }",
        "{ organization(slug: \"acme\") { auditLog(filter: { after: \"yesterday\" }) { totalCount } } }",
        "{ organization(slug: \"acme\") { members(orderBy: { field: \"EMAIL\", direction: ASC }) { totalCount } } }",
        "query($a: ID = \"1\", $b: ID) { organization(slug: \"acme\") { member(by: { id: $a, userId: $b }) { id } } }",
        // Beside __typename, too.
        "{ viewer { __typename @nothing } }",
        "{ viewer { __typename @include } }",
        "{ viewer { __typename @include(if: \"yes\") } }",
        "{ viewer { __typename @skip(if: null) } }",
        "{ viewer { __typename(x: 1) } }",
        "{ viewer { __typename { x } } }",
        "{ viewer { ...T } } fragment T on Viewer { __typename @include(if: $b) }",
    ] {
        let reply = scene.app.unchanged(scene.ann.send(document, json!({}))).await;
        is_refused(&reply, document);
        let codes = reply.error_codes();
        let known = |code: &String| code == "GRAPHQL_VALIDATION_FAILED" || code == "BAD_USER_INPUT";
        if codes.is_empty() || !codes.iter().all(known) {
            wrong.push(format!("{document}: {}", reply.body));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_wrong_literal_in_a_later_change_stops_the_first() {
    let scene = Scene::make().await;
    let id = &scene.acme.id;
    let create = format!("a: createTeam(input: {{ organizationId: \"{id}\", name: \"Blue\" }}) {{ team {{ id }} }}");
    let save = format!("saveOrgOptions(input: {{ organizationId: \"{id}\", accountRateLimit: 3000000000 }})");
    let token = format!("organizationId: \"{id}\", name: \"x\", scopes: [\"org:read\"], expiresAt: \"tomorrow\"");
    for wrong in [
        format!("{save} {{ userErrors {{ code }} }}"),
        format!("createApiToken(input: {{ {token} }}) {{ userErrors {{ code }} }}"),
        create
            .replace("a:", "b:")
            .replace("{ id }", "{ memberships(first: 3000000000) { totalCount } }"),
    ] {
        let document = format!("query Who {{ viewer {{ isSuperuser }} }} mutation Change {{ {create} {wrong} }}");
        let run = |name: &str| json!({ "query": document, "operationName": name });
        // Also where the document is known by its other operation.
        for _ in 0..2 {
            let reply = scene.app.unchanged(scene.ann.post(&run("Change"))).await;
            assert_eq!(reply.error_codes(), ["BAD_USER_INPUT"], "{document}");
            assert!(reply.body.get("data").is_none(), "{reply:#?}");
            scene.ann.post(&run("Who")).await.ok();
        }
    }
}

#[tokio::test]
async fn conditions_may_stand_beside_a_type_name() {
    let scene = Scene::make().await;
    let document = "query($b: Boolean!) { viewer { __typename @include(if: $b) isSuperuser } }";
    for _ in 0..2 {
        for (b, wanted) in [(true, json!("Viewer")), (false, Value::Null)] {
            let reply = scene.ann.send(document, json!({ "b": b })).await.ok();
            assert_eq!(reply.body["data"]["viewer"]["__typename"], wanted);
        }
    }
}

#[tokio::test]
async fn what_does_not_parse_is_told_so() {
    let scene = Scene::make().await;
    let mut documents: Vec<String> = [
        "{",
        "}",
        "{}",
        "x",
        "{ viewer { id }",
        "query",
        "query {",
        "{ viewer(",
        "{ viewer(a: ) { id } }",
        "\u{0}",
        "{ \u{0} }",
        "🦀",
        "{ 🦀 }",
        "{ viewer { isSuperuser } } }",
        "\"\"\"",
        "{ organization(slug: \"acme) { id } }",
        "{ organization(slug: \"\\uD800\") { id } }",
        "{ organization(slug: \"\\x\") { id } }",
        "{ roles(first: 00) { id } }",
        "{ ... }",
        "fragment on on on { on }",
        "# only a comment",
        "type Query { a: Int }",
        "SELECT * FROM member",
    ]
    .map(str::to_owned)
    .into();
    documents.push("x".repeat(500_000));
    documents.push("\"".repeat(5_001));
    for document in documents {
        let label: String = document.chars().take(60).collect();
        let begun = Instant::now();
        let reply = scene.app.unchanged(scene.ann.send(&document, json!({}))).await;
        is_refused(&reply, &label);
        assert_eq!(reply.error_codes(), ["GRAPHQL_PARSE_FAILED"], "{label}: {reply:#?}");
        assert!(
            begun.elapsed() < Duration::from_secs(5),
            "{:?} for {label}",
            begun.elapsed()
        );
    }
}

/// Documents that would cost much, with the codes that may refuse them.
fn bombs() -> Vec<(&'static str, String, &'static [&'static str])> {
    const DEEP: &[&str] = &["QUERY_TOO_DEEP"];
    const COMPLEX: &[&str] = &["QUERY_TOO_COMPLEX"];
    const EITHER: &[&str] = &["QUERY_TOO_COMPLEX", "QUERY_TOO_DEEP"];
    const INVALID: &[&str] = &["GRAPHQL_VALIDATION_FAILED"];
    const MANY: &[&str] = &["TOO_MANY_TOKENS", "TOO_MANY_ALIASES", "TOO_MANY_ROOT_FIELDS"];
    const ANY: &[&str] = &[
        "TOO_MANY_TOKENS",
        "TOO_MANY_DIRECTIVES",
        "TOO_MANY_ROOT_FIELDS",
        "QUERY_TOO_COMPLEX",
        "QUERY_TOO_DEEP",
        "GRAPHQL_VALIDATION_FAILED",
        "GRAPHQL_PARSE_FAILED",
    ];
    let nested = |open: &str, inside: &str, close: &str, levels: usize| {
        format!("{}{inside}{}", open.repeat(levels), close.repeat(levels))
    };
    let acme = |inside: &str| format!("{{ organization(slug: \"acme\") {{ {inside} }} }}");
    let pages = "members(first: 100) { nodes { teamMemberships { team { memberships(first: 100) { nodes { member { teamMemberships { id \
                 } } } } } } } }";
    let doubled = |levels: usize| {
        let fragment = |at: usize| {
            format!(
                "fragment f{at} on Viewer {{ ...f{0} ...f{0} a{at}: isSuperuser }}",
                at + 1
            )
        };
        let fragments: String = (0..levels).map(fragment).collect();
        format!("{{ viewer {{ ...f0 }} }} {fragments} fragment f{levels} on Viewer {{ isSuperuser }}")
    };
    let chain = |levels: usize| {
        let fragment = |at: usize| format!("fragment f{at} on Viewer {{ ...f{} }} ", at + 1);
        let fragments: String = (0..levels).map(fragment).collect();
        format!("{{ viewer {{ ...f0 }} }} {fragments} fragment f{levels} on Viewer {{ isSuperuser }}")
    };
    let circle =
        "{ viewer { ...a } } fragment a on Viewer { ...b } fragment b on Viewer { ...c } fragment c on Viewer { ...a }";
    vec![
        (
            "deep",
            acme(&nested("members { nodes { organization { ", "id", "} } }", 10)),
            EITHER,
        ),
        (
            "a little too deep",
            acme(&nested("viewerMembership { organization { ", "id", "} }", 8)),
            DEEP,
        ),
        (
            "deep in fragments",
            format!(
                "{} {}",
                acme("...a"),
                "fragment a on Organization { viewerMembership { organization { viewerMembership { \
            organization { ...b } } } } } fragment b on Organization { viewerMembership { organization { viewerMembership { organization { \
            viewerMembership { organization { viewerMembership { organization { viewerMembership { role { id } } } } } } } } } } }"
            ),
            DEEP,
        ),
        (
            "deep inline fragments",
            format!(
                "{{ viewer {{ {} }} }}",
                nested("... on Viewer { ", "isSuperuser", "}", 500)
            ),
            ANY,
        ),
        (
            "very deep inline fragments",
            format!("{{ viewer {{ {} }} }}", nested("... { ", "isSuperuser", "}", 50_000)),
            ANY,
        ),
        ("bottomless", nested("{ a ", "", "}", 100_000), ANY),
        ("open", "{ a ".repeat(100_000), ANY),
        (
            "a list in lists",
            format!("{{ nodes(ids: {}) {{ id }} }}", nested("[", "", "]", 100_000)),
            ANY,
        ),
        (
            "an object in objects",
            acme(&format!("member(by: {}) {{ id }}", nested("{ id: ", "1", "}", 50_000))),
            ANY,
        ),
        (
            "a type in lists",
            format!(
                "query($a: {}) {{ viewer {{ isSuperuser }} }}",
                nested("[", "Int", "]", 100_000)
            ),
            ANY,
        ),
        ("wide pages", acme(pages), COMPLEX),
        (
            "the same page often",
            acme(
                &(0..60)
                    .map(|at| {
                        format!(
                            "p{at}: members(first: 100) {{ nodes {{ id name email role {{ id }} user {{ id }} \
            isOnlyOwner createdAt isPending hasTwoFactor }} }} "
                        )
                    })
                    .collect::<String>(),
            ),
            COMPLEX,
        ),
        (
            "aliases",
            format!(
                "{{ {} }}",
                (0..20_000)
                    .map(|at| format!("a{at}: viewer {{ isSuperuser }} "))
                    .collect::<String>()
            ),
            MANY,
        ),
        (
            "one field again and again",
            format!("{{ viewer {{ {} }} }}", "isSuperuser ".repeat(50_000)),
            MANY,
        ),
        ("typenames", format!("{{ {} }}", "__typename ".repeat(50_000)), MANY),
        ("doubling fragments", doubled(40), MANY),
        ("a long chain of fragments", chain(10_000), ANY),
        ("circular fragments", circle.into(), INVALID),
        (
            "a fragment in itself",
            "{ viewer { ...a } } fragment a on Viewer { isSuperuser ...a }".into(),
            INVALID,
        ),
        (
            "unused circular fragments",
            "{ viewer { isSuperuser } } fragment a on Viewer { ...b } fragment b on Viewer { ...a }".into(),
            INVALID,
        ),
        (
            "a circle below fields",
            format!(
                "{} fragment a on Organization {{ viewerMembership {{ organization {{ ...a }} }} }}",
                acme("...a")
            ),
            INVALID,
        ),
        (
            "directives",
            format!(
                "{{ viewer {} {{ isSuperuser }} }}",
                "@include(if: true) ".repeat(10_000)
            ),
            ANY,
        ),
        (
            "unknown directives",
            format!("{{ viewer {} {{ isSuperuser }} }}", "@x ".repeat(50_000)),
            ANY,
        ),
        (
            "operations",
            (0..10_000)
                .map(|at| format!("query q{at} {{ viewer {{ isSuperuser }} }} "))
                .collect(),
            ANY,
        ),
        (
            "variables",
            format!(
                "query({}) {{ viewer {{ isSuperuser }} }}",
                (0..10_000).map(|at| format!("$v{at}: Int ")).collect::<String>()
            ),
            ANY,
        ),
        (
            "unknown fields",
            format!("{{ {} }}", (0..20_000).map(|at| format!("u{at} ")).collect::<String>()),
            ANY,
        ),
        (
            "deep introspection",
            format!(
                "{{ __schema {{ types {{ {} }} }} }}",
                nested("fields { type { ", "name", "} }", 12)
            ),
            EITHER,
        ),
        (
            "wide introspection",
            format!(
                "{{ {} }}",
                (0..2_000)
                    .map(|at| format!("s{at}: __schema {{ types {{ name fields {{ name }} }} }} "))
                    .collect::<String>()
            ),
            MANY,
        ),
        (
            "mutations",
            format!(
                "mutation {{ {} }}",
                (0..2_000)
                    .map(|at| format!(
                        "m{at}: createOrganization(input: {{ name: \"x{at}\" }}) {{ userErrors {{ code }} }} "
                    ))
                    .collect::<String>()
            ),
            MANY,
        ),
    ]
}

#[tokio::test]
async fn documents_that_would_cost_much_are_refused_at_once() {
    let scene = Scene::make().await;
    let before = scene.app.db_snapshot().await;
    let mut wrong = Vec::new();
    for (label, document, codes) in bombs() {
        let begun = Instant::now();
        let reply = scene.send(&document, &Value::Null).await;
        let took = begun.elapsed();
        is_refused(&reply, label);
        let given = reply.error_codes();
        if given.is_empty() || !given.iter().all(|code| codes.contains(&code.as_str())) {
            let message: String = reply.body.to_string().chars().take(300).collect();
            wrong.push(format!("{label}: {given:?} instead of {codes:?}: {message}"));
        }
        if took > Duration::from_secs(3) {
            wrong.push(format!("{label} took {took:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(scene.app.db_snapshot().await, before);
    scene.ann.send("{ viewer { isSuperuser } }", json!({})).await.ok();
}

#[tokio::test]
async fn the_deepest_query_that_is_allowed_is_answered() {
    let scene = Scene::make().await;
    let steps = [
        ("viewerMembership {", "} "),
        ("members(first: 1) { nodes {", "} } "),
        ("members(first: 1) { edges { node {", "} } } "),
        (
            "teams(first: 1) { nodes { memberships(first: 1) { nodes { member {",
            "} } } } } ",
        ),
        ("invites(first: 1) { nodes { member {", "} } } "),
    ];
    for (open, close) in steps {
        let (mut document, mut end) = ("{ organization(slug: \"acme\") {".to_owned(), "} }".to_owned());
        // The depth of a field is the number of braces around it.
        let depth = |document: &str| document.matches('{').count();
        let room = Limits::default().depth_max - depth(open) - 1;
        while depth(&document) <= room {
            document.push_str(&format!("{open} organization {{ id "));
            end.insert_str(0, &format!("}} {close}"));
        }
        scene.send(&format!("{document} {end}"), &Value::Null).await.ok();
    }
}

#[tokio::test]
async fn limits_are_settings() {
    let app = TestApp::start_with(|config| {
        config.limits.depth_max = 5;
        config.limits.complexity_max = 60;
        config.limits.selections_max = 20;
    })
    .await;
    let (acme, ann) = app.organization("Acme").await;
    let ask = |inside: &str| {
        let document = format!("{{ organization(slug: \"{}\") {{ {inside} }} }}", acme.slug);
        let ann = ann.clone();
        async move { ann.send(&document, json!({})).await }
    };

    ask("viewerMembership { role { minimumTeamRole { id } } }").await.ok();
    let reply = ask("viewerMembership { organization { viewerMembership { role { id } } } }").await;
    assert_eq!(reply.error_codes(), ["QUERY_TOO_DEEP"]);
    ask("members(first: 10) { nodes { id } }").await.ok();
    assert_eq!(
        ask("members(first: 100) { nodes { id } }").await.error_codes(),
        ["QUERY_TOO_COMPLEX"]
    );
    assert_eq!(ask(&"name ".repeat(30)).await.error_codes(), ["QUERY_TOO_COMPLEX"]);
}

#[tokio::test]
async fn tools_can_read_the_schema() {
    let app = TestApp::start().await;
    for client in [app.anonymous(), app.person("ann")] {
        let reply = client.send(walk::INTROSPECTION, json!({})).await.ok();
        assert_eq!(reply.data("__schema.queryType.name"), "Query");
        assert!(reply.data("__schema.types").as_array().unwrap().len() > 50);
        // As older versions of graphql-js ask it, without any option.
        let mut old = walk::INTROSPECTION
            .replace("specifiedByURL isOneOf", "")
            .replace(" isRepeatable", "");
        old = old
            .replace("args(includeDeprecated: true)", "args")
            .replace("inputFields(includeDeprecated: true)", "inputFields");
        old = old
            .replacen("description", "", 1)
            .replace("defaultValue isDeprecated deprecationReason", "defaultValue");
        let again = client.send(&old, json!({})).await.ok();
        assert_eq!(again.data("__schema.queryType.name"), "Query");
        let body = json!({ "query": walk::INTROSPECTION, "operationName": "IntrospectionQuery", "variables": null });
        client.post(&body).await.ok();
    }
    let schema = Schema::of(&app.anonymous()).await;
    let described = |of: &Value| of["description"].as_str().is_some_and(|text| !text.trim().is_empty());
    let built_in = |name: &str| name.starts_with("__") || ["ID", "Int", "Float", "String", "Boolean"].contains(&name);
    for name in schema.names().filter(|name| !built_in(name)) {
        assert!(described(schema.named(name)), "{name} has no description");
        for field in schema.fields(name) {
            assert!(described(field), "{name}.{} has no description", field["name"]);
            for argument in field["args"].as_array().into_iter().flatten() {
                assert!(
                    described(argument),
                    "{name}.{}({}) has no description",
                    field["name"],
                    argument["name"]
                );
            }
        }
        for value in schema.named(name)["enumValues"].as_array().into_iter().flatten() {
            assert!(described(value), "{name}.{} has no description", value["name"]);
        }
    }
}
