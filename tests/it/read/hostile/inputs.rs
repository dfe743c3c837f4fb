//! Bad values, in every argument there is.

use super::*;

impl Place {
    /// The argument with `value` at this place.
    fn with(&self, value: Value) -> Value {
        let mut argument = self.argument.clone();
        *argument
            .pointer_mut(&self.pointer)
            .unwrap_or_else(|| panic!("{self:?}")) = value;
        argument
    }

    /// The name of the type in this place, without non-null.
    fn kind(&self) -> (&str, &str) {
        let of = if self.of["kind"] == "NON_NULL" {
            &self.of["ofType"]
        } else {
            &self.of
        };
        (of["kind"].as_str().unwrap(), of["name"].as_str().unwrap_or_default())
    }

    /// Values that do not have the type of this place.
    fn wrong(&self) -> Vec<Value> {
        let mut wrong = match self.kind() {
            (_, "String") => vec![json!(5), json!(1.5), json!(true), json!({}), json!(["x"])],
            (_, "ID") => vec![json!(1.5), json!(true), json!({}), json!(["x"])],
            (_, "Int") => vec![
                json!("5"),
                json!(1.5),
                json!(true),
                json!({}),
                json!(2_147_483_648_i64),
                json!(1e300),
                json!([1]),
            ],
            (_, "Float") => vec![json!("1"), json!(true), json!({}), json!([1])],
            (_, "Boolean") => vec![json!("true"), json!(1), json!(0), json!({}), json!([true])],
            (_, "DateTime") => vec![
                json!("yesterday"),
                json!(5),
                json!("2026-13-45T00:00:00Z"),
                json!({}),
                json!(""),
            ],
            ("ENUM", _) => vec![
                json!("NONSENSE"),
                json!(""),
                json!(5),
                json!(true),
                json!({}),
                json!("pending"),
            ],
            ("INPUT_OBJECT", _) => vec![
                json!("x"),
                json!(5),
                json!(true),
                json!([5]),
                json!({ "noSuchField": 1 }),
            ],
            ("LIST", _) => vec![json!({ "0": "x" }), json!(1.5), json!([[1]])],
            (_, "JSON") => vec![],
            (_, "Upload") => vec![json!(5), json!(true), json!({}), json!("x"), json!({ "file": 1 })],
            other => panic!("teach this test wrong values of {other:?}"),
        };
        if self.of["kind"] == "NON_NULL" {
            wrong.push(Value::Null);
        }
        wrong
    }
}

/// Texts that somebody might try.
fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "\n",
        "\u{0}",
        "a\u{0}b",
        "red\u{0}",
        "🦀🏳️‍🌈",
        "\u{202e}txt\u{200b}",
        "e\u{301}",
        "\u{feff}x",
        "\u{7f}\u{1b}[31m",
        "'",
        "\"",
        "\\",
        "%",
        "_",
        "'; DROP TABLE member; --",
        "{{7*7}}",
        "${jndi:ldap://x}",
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "null",
        "undefined",
        "NaN",
        "-1",
        "0",
        "9223372036854775808",
        "1e309",
        "member:admin",
        "a@b",
        "@",
        "a@b\r\nBcc: c@d",
        "x@qq.com",
    ]
    .map(str::to_owned)
    .into();
    texts.push("A".repeat(65));
    texts.push("a".repeat(100_000));
    texts.push("🦀".repeat(50_000));
    texts.push(format!("{}@example.com", "a".repeat(70)));
    texts
}

/// `type` as written in a document.
fn written(of: &Value) -> String {
    match of["kind"].as_str().unwrap() {
        "NON_NULL" => format!("{}!", written(&of["ofType"])),
        "LIST" => format!("[{}]", written(&of["ofType"])),
        _ => of["name"].as_str().unwrap().into(),
    }
}

/// Every mutation: its document and its input.
fn mutations(schema: &Schema) -> Vec<(String, Value)> {
    let mutation = |field: &Value| {
        let name = field["name"].as_str().unwrap();
        let input = field["args"][0]["type"].clone();
        assert_eq!(field["args"][0]["name"], "input");
        let fields = "{ __typename userErrors { code message path } }";
        (
            format!("mutation($v: {}) {{ {name}(input: $v) {fields} }}", written(&input)),
            input,
        )
    };
    schema.fields("Mutation").iter().map(mutation).collect()
}

/// Every argument of every field: a document with it, its name, its type.
fn arguments(schema: &Schema) -> Vec<(String, String, Value)> {
    let acme = "organization(slug: \"acme\") {";
    let ways = [
        ("Query", String::new()),
        ("Organization", acme.into()),
        ("Team", format!("{acme} team(slug: \"red\") {{")),
        ("Webhook", format!("{acme} webhooks {{ nodes {{")),
        ("Viewer", "viewer {".into()),
        ("Avatar", format!("{acme} avatar {{")),
    ];
    let mut found = Vec::new();
    for name in schema.names() {
        // What is subscribed to has stories of its own.
        let is_root = matches!(name, "Mutation" | "Subscription");
        if name.starts_with("__") || is_root || schema.named(name)["kind"] == "INPUT_OBJECT" {
            continue;
        }
        for field in schema.fields(name) {
            for argument in field["args"].as_array().unwrap() {
                let way = ways.iter().find(|(of, _)| *of == name);
                let (_, way) = way.unwrap_or_else(|| panic!("teach this test the way to {name}"));
                let kind = innermost(&field["type"])["kind"].as_str().unwrap();
                let below = if matches!(kind, "SCALAR" | "ENUM") {
                    ""
                } else {
                    "{ __typename }"
                };
                let (field, asked) = (field["name"].as_str().unwrap(), argument["name"].as_str().unwrap());
                let of = written(&argument["type"]);
                let end = "}".repeat(way.matches('{').count());
                let document = format!("query($v: {of}) {{ {way} {field}({asked}: $v) {below} {end} }}");
                found.push((document, asked.to_owned(), argument["type"].clone()));
            }
        }
    }
    found
}

#[tokio::test]
async fn any_text_in_any_input_of_a_mutation_is_taken_or_refused_whole() {
    let scene = Scene::make().await;
    let schema = Schema::of(&scene.ann).await;
    let mut before = scene.app.db_snapshot().await;
    let mut tried = 0;
    for (mutation, input) in mutations(&schema) {
        for place in scene.places(&schema, "input", &input) {
            if !matches!(place.kind(), ("SCALAR", "String" | "ID" | "JSON")) {
                continue;
            }
            let others = scene
                .globex
                .iter()
                .cloned()
                .chain([scene.acme.id.clone(), scene.acme.owner.clone()]);
            let others = others.filter(|_| place.kind().1 == "ID");
            for text in texts().into_iter().chain(others) {
                let start: String = text.chars().take(30).collect();
                let label = format!("{start:?} at {} of {mutation}", place.path);
                let reply = scene.send(&mutation, &place.with(json!(text))).await;
                let refused = is_refused(&reply, &label);
                let after = scene.app.db_snapshot().await;
                // Of many addresses each is refused in a result of its own.
                let refused = refused || place.path == "input.emails[]" && before == after;
                assert!(refused || !text.contains('\0'), "NUL was taken: {label}");
                assert!(!refused || before == after, "refused, but something changed: {label}");
                before = after;
                tried += 1;
            }
        }
    }
    assert!(tried > 500, "{tried}");
}

#[tokio::test]
async fn a_value_of_the_wrong_type_is_bad_input_everywhere() {
    let scene = Scene::make().await;
    let schema = Schema::of(&scene.ann).await;
    let before = scene.app.db_snapshot().await;
    let mut wrong = Vec::new();
    let queries = arguments(&schema).into_iter();
    let mutations = mutations(&schema)
        .into_iter()
        .map(|(document, input)| (document, "input".to_owned(), input));
    for (document, name, of) in queries.chain(mutations) {
        for place in scene.places(&schema, &name, &of) {
            for value in place.wrong() {
                let label = format!("{value} at {} of {document}", place.path);
                let reply = scene.send(&document, &place.with(value)).await;
                is_refused(&reply, &label);
                let codes = reply.error_codes();
                if codes.is_empty() || codes.iter().any(|code| code != "BAD_USER_INPUT") {
                    wrong.push(format!("{label}: {}", reply.body));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of them: {:#?}",
        wrong.len(),
        &wrong[..wrong.len().min(5)]
    );
    assert_eq!(scene.app.db_snapshot().await, before);
}

#[tokio::test]
async fn any_text_in_any_argument_of_a_query_finds_something_nothing_or_a_typed_error() {
    let scene = Scene::make().await;
    let schema = Schema::of(&scene.ann).await;
    let before = scene.app.db_snapshot().await;
    let mut tried = 0;
    let mut wrong = Vec::new();
    for (document, name, of) in arguments(&schema) {
        for place in scene.places(&schema, &name, &of) {
            if !matches!(place.kind(), ("SCALAR", "String" | "ID")) {
                continue;
            }
            let others = scene
                .globex
                .iter()
                .cloned()
                .chain([scene.acme.id.clone(), scene.acme.owner.clone()]);
            let keyed = [
                "email:",
                "id:",
                "user.id:",
                "scope:",
                "role:",
                "isInvited:",
                "ssoLinked:",
                "has2fa:",
                "x:",
                ":",
                "\"",
                "email:\"",
                "id:a id:",
            ];
            let keyed = keyed.into_iter().map(str::to_owned).filter(|_| name == "filter");
            for text in texts().into_iter().chain(others).chain(keyed) {
                let start: String = text.chars().take(30).collect();
                let label = format!("{start:?} at {} of {document}", place.path);
                let reply = scene.send(&document, &place.with(json!(text))).await;
                let codes = reply.error_codes();
                if let Some(flaw) = flaw(&reply) {
                    wrong.push(format!("{label} {flaw}"));
                } else if !codes.iter().all(|code| REFUSALS.contains(&code.as_str())) {
                    wrong.push(format!("{label}: {codes:?}"));
                }
                tried += 1;
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of them: {:#?}",
        wrong.len(),
        &wrong[..wrong.len().min(40)]
    );
    assert_eq!(scene.app.db_snapshot().await, before);
    assert!(tried > 500, "{tried}");
}

#[tokio::test]
async fn ten_thousand_entries_in_any_list_are_refused_soon() {
    let scene = Scene::make().await;
    let schema = Schema::of(&scene.ann).await;
    let before = scene.app.db_snapshot().await;
    let queries = arguments(&schema).into_iter();
    let mutations = mutations(&schema)
        .into_iter()
        .map(|(document, input)| (document, "input".to_owned(), input));
    let mut tried = 0;
    let mut wrong = Vec::new();
    for (document, name, of) in queries.chain(mutations) {
        for place in scene.places(&schema, &name, &of) {
            if place.kind().0 != "LIST" {
                continue;
            }
            let last = place.path.rsplit('.').next().unwrap().trim_end_matches("[]");
            let one = scene.good(&schema, last, &place.of)[0].clone();
            let label = format!("ten thousand {one} at {} of {document}", place.path);
            let begun = Instant::now();
            let reply = scene.send(&document, &place.with(json!(vec![one; 10_000]))).await;
            match flaw(&reply) {
                Some(flaw) => wrong.push(format!("{label} {flaw}")),
                // One value of an enum ten thousand times is one value.
                None if !was_refused(&reply) && place.path != "filter.statuses" => {
                    wrong.push(format!("{label} is taken"))
                }
                None => {}
            }
            if begun.elapsed() > Duration::from_secs(5) {
                wrong.push(format!("{label} took {:?}", begun.elapsed()));
            }
            tried += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(scene.app.db_snapshot().await, before);
    assert!(tried >= 10, "{tried}");
}

#[tokio::test]
async fn ten_thousand_different_teams_are_refused() {
    let scene = Scene::make().await;
    let slugs: Vec<String> = (0..10_000).map(|at| format!("team-{at}")).collect();
    let roles: Vec<Value> = slugs
        .iter()
        .map(|slug| json!({ "teamSlug": slug, "role": "admin" }))
        .collect();
    let ann = &scene.ann;
    for input in [json!({ "teamSlugs": slugs }), json!({ "teamRoles": roles })] {
        let mut input = input;
        input["email"] = json!("new@example.com");
        let reply = scene.app.unchanged(ann.create_invite(&scene.acme, input)).await;
        assert!(is_refused(&reply, "createInvite"));
    }
    let reply = scene
        .app
        .unchanged(ann.update_member_roles(&scene.bob, json!({ "teamRoles": roles })))
        .await;
    assert!(is_refused(&reply, "updateMemberRoles"));
}

#[tokio::test]
async fn ids_of_other_types_and_organizations_are_unknown_ids() {
    let scene = Scene::make().await;
    let (app, ann) = (&scene.app, &scene.ann);
    let red = db_team(app, &scene.acme, "red").await;
    let user = ann.user_id().await;
    let others = [
        scene.globex.clone(),
        vec![red, user, "x".into(), String::new(), "5".into()],
    ]
    .concat();
    let mut messages = Vec::new();
    for id in others.iter().chain([&scene.bob]) {
        let input = json!({ "organizationId": id, "email": "new@example.com" });
        let reply = app.unchanged(ann.mutate("createInvite", "invite { id }", input)).await;
        assert_eq!(reply.codes("createInvite"), ["ORGANIZATION_NOT_FOUND"], "{id}");
        messages.push(reply.text("createInvite.userErrors.0.message"));
        let input = json!({ "organizationId": id, "name": "Blue" });
        let reply = app.unchanged(ann.mutate("createTeam", "team { id }", input)).await;
        assert_eq!(reply.codes("createTeam"), ["ORGANIZATION_NOT_FOUND"], "{id}");
        messages.push(reply.text("createTeam.userErrors.0.message"));
        let input = json!({ "organizationId": id, "openMembership": false });
        let reply = app
            .unchanged(ann.mutate("saveOrgOptions", "organization { id }", input))
            .await;
        assert_eq!(reply.codes("saveOrgOptions"), ["ORGANIZATION_NOT_FOUND"], "{id}");
        messages.push(reply.text("saveOrgOptions.userErrors.0.message"));
    }
    messages.dedup();
    assert_eq!(messages.len(), 1, "told apart: {messages:?}");
    let mut messages = Vec::new();
    for id in others.iter().chain([&scene.acme.id]) {
        let reply = app
            .unchanged(ann.update_member_roles(id, json!({ "teamRoles": [] })))
            .await;
        assert_eq!(reply.codes("updateMemberRoles"), ["MEMBER_NOT_FOUND"], "{id}");
        messages.push(reply.text("updateMemberRoles.userErrors.0.message"));
    }
    messages.dedup();
    assert_eq!(messages.len(), 1, "told apart: {messages:?}");
}

#[tokio::test]
async fn any_text_in_any_claim_is_a_person_or_no_credential() {
    // It asks more often than people do.
    let app = TestApp::start_with(|config| config.rate_limits.requests.enabled = false).await;
    let query =
        "{ viewer { user { id name email avatarUrl } scopes memberships { totalCount } invites { totalCount } } }";
    for claim in ["sub", "name", "email", "picture", "scope", "idp", "nonsense"] {
        for text in texts() {
            // What does not fit into a header is not sent.
            if text.len() > 5_000 {
                continue;
            }
            let label = format!("{:?} as {claim}", start(&text));
            let person = app.person("eve").with(json!({ claim: text }));
            let reply = person.send(query, json!({})).await;
            assert!(reply.status == 200 || reply.status == 401, "{label}: {reply:#?}");
            is_refused(&reply, &label);
        }
    }
    for claim in [
        "sub",
        "name",
        "email",
        "email_verified",
        "picture",
        "scope",
        "amr",
        "auth_time",
        "idp",
        "iat",
    ] {
        for value in [
            json!(5),
            json!(-1.5),
            json!(true),
            json!({}),
            json!([]),
            json!([[1]]),
            json!(null),
        ] {
            let label = format!("{value} as {claim}");
            let reply = app
                .person("eve")
                .with(json!({ claim: value }))
                .send(query, json!({}))
                .await;
            assert!(reply.status == 200 || reply.status == 401, "{label}: {reply:#?}");
            is_refused(&reply, &label);
        }
    }
}

#[tokio::test]
async fn a_variable_that_is_missing_or_of_the_wrong_type_stops_the_whole_request() {
    let scene = Scene::make().await;
    let team =
        "CreateTeamInput!) { one: createTeam(input: $a) { team { id } } two: createTeam(input: $b) { team { id } } }";
    let both = format!("mutation($a: CreateTeamInput!, $b: {team}");
    let blue = json!({ "organizationId": scene.acme.id, "name": "Blue" });
    for (document, variables) in [
        (both.as_str(), json!({ "a": blue })),
        (both.as_str(), json!({ "a": blue, "b": null })),
        (both.as_str(), json!({ "a": blue, "b": 5 })),
        (both.as_str(), json!({ "a": blue, "b": { "name": "Green" } })),
        (
            both.as_str(),
            json!({ "a": blue, "b": { "organizationId": scene.acme.id, "name": 5 } }),
        ),
        (
            both.as_str(),
            json!({ "a": blue, "b": { "organizationId": scene.acme.id, "name": "Green", "color": "green" } }),
        ),
        (
            "query($slug: String!) { organization(slug: $slug) { id } roles { id } }",
            json!({}),
        ),
        (
            "query($slug: String!) { organization(slug: $slug) { id } roles { id } }",
            json!({ "slug": null }),
        ),
        (
            "query($unused: String!, $slug: String!) { organization(slug: $slug) { members(filter: { query: $unused }) { totalCount } } }",
            json!({ "slug": "acme" }),
        ),
        // Null is a value: what the document says otherwise does not count then.
        (
            "mutation($a: CreateTeamInput!, $if: Boolean = true) {
                one: createTeam(input: $a) { team { id } } two: createTeam(input: $a) @include(if: $if) { team { id } } }",
            json!({ "a": blue, "if": null }),
        ),
        (
            "mutation($a: CreateTeamInput!, $id: ID = \"a\") {
                createTeam(input: $a) { team { id } } deleteTeam(input: { teamId: $id }) { userErrors { code } } }",
            json!({ "a": blue, "id": null }),
        ),
    ] {
        // A document that was valid once is known the next time.
        for _ in 0..2 {
            let reply = scene.app.unchanged(scene.ann.send(document, variables.clone())).await;
            let codes = reply.error_codes();
            assert_eq!(codes, ["BAD_USER_INPUT"], "{variables} for {document}: {reply:#?}");
            let is_run = reply.body.get("data").is_some();
            assert!(!is_run, "{variables} for {document}: {reply:#?}");
        }
    }
}
