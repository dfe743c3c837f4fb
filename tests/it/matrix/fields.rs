//! Every field whose answer depends on who asks, asked by everybody; and that
//! no other does.

use super::*;
use crate::read::walk::{Schema, innermost};

/// Types whose objects are asked for by their ids.
const NODES: [&str; 12] = [
    "Organization",
    "User",
    "Member",
    "Invite",
    "Team",
    "TeamMembership",
    "TeamAccessRequest",
    "AuditLogEntry",
    "AuthProvider",
    "ApiToken",
    "Webhook",
    "WebhookDelivery",
];

/// The mutation whose answer has this type, if one has.
pub fn mutation_of(kind: &str) -> Option<String> {
    let name = if kind == "CreateInviteResult" {
        "CreateInvites"
    } else {
        kind.strip_suffix("Payload")?
    };
    Some(format!("{}{}", name[..1].to_lowercase(), &name[1..]))
}

/// The circumstances that the organization of a row is in.
pub fn circumstances(case: &str) -> &'static str {
    ["closed", "no invites"]
        .into_iter()
        .find(|one| case.ends_with(one))
        .unwrap_or("with provider")
}

/// The id of the object of type `kind` that a row is about.
fn object(cast: &Cast, scene: &Scene, kind: &str, case: &str, caller: &str) -> String {
    let is_own = case.contains("oneself");
    let own = || {
        scene
            .members
            .get(&format!("{caller}@example.com"))
            .or(scene.members.get(caller))
    };
    match kind {
        "Organization" => scene.organization.id.clone(),
        "User" => cast
            .user(if is_own { caller } else { "mia" })
            .map(ask::global)
            .unwrap_or_default(),
        "Member" if is_own => own().copied().map(ask::global).unwrap_or_default(),
        "Member" if case == "an owner" => scene.member("olga"),
        "Member" if case == "an invite" => scene.member("member@invited.example.com"),
        "Member" => scene.member("mia"),
        "Invite" if case.contains("one's own") => scene.invite(&format!("{caller}'s@invited.example.com")),
        "Invite" if case == "a request" => scene.invite("member@asked.example.com"),
        "Invite" => scene.invite("member@invited.example.com"),
        "Team" => ask::global(scene.red),
        "TeamMembership" => scene.place.clone(),
        "TeamAccessRequest" => scene.access_request.clone(),
        "AuditLogEntry" => scene.entry.clone(),
        "AuthProvider" => scene.provider.clone().unwrap(),
        "ApiToken" => scene.token.clone(),
        "Webhook" => scene.webhook.clone(),
        "WebhookDelivery" => scene.delivery.clone(),
        _ => panic!("teach this test where a {kind} is"),
    }
}

/// The arguments with which a field is asked.
fn arguments(scene: &Scene, name: &str, case: &str) -> String {
    match name {
        "Query.organization" => format!("(slug: \"{}\")", scene.organization.slug),
        "Query.isSlugAvailable" => "(slug: \"free-slug\")".into(),
        "Organization.team" => "(slug: \"red\")".into(),
        "Organization.member" => format!("(by: {{ id: \"{}\" }})", scene.member("mia")),
        "Organization.members" if case == "who has 2FA" => "(filter: { hasTwoFactor: true })".into(),
        _ => String::new(),
    }
}

/// What is selected of the value of a field.
fn selection(schema: &Schema, field: &Value) -> &'static str {
    let inner = innermost(&field["type"]);
    let kind = inner["name"].as_str().unwrap();
    match inner["kind"].as_str().unwrap() {
        "SCALAR" | "ENUM" => "",
        _ if kind.ends_with("Connection") => "{ totalCount }",
        _ if schema.fields(kind).iter().any(|field| field["name"] == "id") => "{ id }",
        _ => "{ __typename }",
    }
}

/// Asks a field of a row as `caller`, and says what was answered.
pub async fn answer(
    schema: &Schema,
    cast: &Cast,
    scene: &Scene,
    (name, case): (&str, &str),
    (caller, client): (&str, &Client),
    link: &str,
) -> String {
    let (kind, field_name) = name.split_once('.').unwrap();
    if kind == "Subscription" {
        return heard(scene, case, client).await;
    }
    let field = schema
        .fields(kind)
        .iter()
        .find(|field| field["name"] == field_name)
        .unwrap();
    let asked = format!(
        "it: {field_name}{} {}",
        arguments(scene, name, case),
        selection(schema, field)
    );
    let id = |kind: &str| object(cast, scene, kind, case, caller);
    let (document, path) = match kind {
        "Query" if field_name == "node" => (format!("{{ it: node(id: \"{}\") {{ id }} }}", id(node(case))), "it"),
        "Query" if field_name == "nodes" => (
            format!("{{ it: nodes(ids: [\"{}\"]) {{ id }} }}", id(node(case))),
            "it.0",
        ),
        "Query" => (format!("{{ {asked} }}"), "it"),
        "Viewer" => (format!("{{ it: viewer {{ {asked} }} }}"), "it.it"),
        "InvitePreview" => (
            format!("{{ it: invitePreview(token: \"{}\") {{ {asked} }} }}", link),
            "it.it",
        ),
        "Member" if case == "in a team" => (
            format!(
                "{{ it: node(id: \"{}\") {{ ... on TeamMembership {{ it: member {{ {asked} }} }} }} }}",
                scene.place
            ),
            "it.it.it",
        ),
        _ => (
            format!("{{ it: node(id: \"{}\") {{ ... on {kind} {{ {asked} }} }} }}", id(kind)),
            "it.it",
        ),
    };
    let reply = client.send(&document, json!({})).await;
    match codes(&reply, None) {
        Some(codes) => codes,
        None if reply.data("it").is_null() => "null".into(),
        None => spelled(reply.data(path)),
    }
}

/// Whether a subscriber hears of a change.
async fn heard(scene: &Scene, case: &str, client: &Client) -> String {
    let awaited = match case {
        "of a member" => "MEMBER_UPDATED",
        "of a team" => "TEAM_UPDATED",
        _ => "ORGANIZATION_UPDATED",
    };
    let query =
        "subscription($id: ID!, $after: ID) { organizationEvents(organizationId: $id, after: $after) { type } }";
    let variables = json!({ "id": scene.organization.id, "after": scene.told });
    let mut stream = client.listen(query, variables).await;
    loop {
        let result = stream.next().await;
        if let Some(code) = result["errors"][0]["extensions"]["code"].as_str() {
            return code.into();
        }
        match result["data"]["organizationEvents"]["type"].as_str().unwrap() {
            told if told == awaited => return "ok".into(),
            // The last one.
            "ORGANIZATION_UPDATED" => return "nothing".into(),
            _ => {}
        }
    }
}

/// The type in the circumstances of `Query.node`.
fn node(case: &str) -> &str {
    case.split(',').next().unwrap()
}

/// A value in a word.
fn spelled(value: &Value) -> String {
    match value {
        Value::Array(list) if list.is_empty() => "nothing".into(),
        Value::Array(list) => list.iter().map(spelled).collect::<Vec<_>>().join("+"),
        Value::Object(fields) => fields.values().next().map(spelled).unwrap(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// Asks for a link that a mutation answers, and says whether it came.
pub async fn link(client: &Client, kind: &str, input: Value) -> String {
    let mutation = mutation_of(kind).unwrap();
    let fields = if kind.ends_with("Result") {
        "results { acceptUrl }"
    } else {
        "acceptUrl"
    };
    let reply = client.mutate(&mutation, fields, input).await;
    if let Some(codes) = codes(&reply, Some(&mutation)) {
        return codes;
    }
    let payload = reply.data(&mutation);
    let is_shown = payload["acceptUrl"].is_string() || payload["results"][0]["acceptUrl"].is_string();
    if is_shown { "ok".into() } else { "null".into() }
}

#[tokio::test]
async fn every_restricted_field_answers_every_caller_as_the_table_says() {
    let book = Book::read();
    let mut wrong = Vec::new();
    for circumstance in ["with provider", "closed", "no invites"] {
        let app = start().await;
        let (cast, schema) = (Cast::of(&app).await, Schema::of(&app.anonymous()).await);
        let scenes = Scene::of_each_gate(&app, &cast, circumstance).await;
        let mut links = BTreeMap::new();
        for (gate, scene) in &scenes {
            links.insert(*gate, scene.link(&app, &cast).await);
        }
        for (row, name) in book.entries("Restricted fields") {
            if circumstances(&row.case) != circumstance || name.ends_with(".acceptUrl") {
                continue;
            }
            for (caller, cell) in row.callers().filter(|(_, cell)| *cell != "-") {
                let (scene, client) = (&scenes[&Gate::of(caller)], cast.client(caller));
                let answer = answer(
                    &schema,
                    &cast,
                    scene,
                    (name, &row.case),
                    (caller, client),
                    &links[&scene.gate],
                )
                .await;
                wrong.extend(row.differs(&book, name, caller, cell, &answer));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn links_are_answered_as_the_table_says() {
    let (app, book) = (start().await, Book::read());
    let cast = Cast::of(&app).await;
    let mut wrong = Vec::new();
    for (row, name) in book
        .entries("Restricted fields")
        .filter(|(_, name)| name.ends_with(".acceptUrl"))
    {
        let kind = name.split('.').next().unwrap();
        for (caller, cell) in row.callers() {
            let scene = Scene::make(&app, &cast, Gate::of(caller), "").await;
            let mutation = mutation_of(kind).unwrap();
            let input = ask::mutation(&app, &cast, &scene, &mutation, &row.case, caller).await;
            let answer = link(cast.client(caller), kind, input).await;
            wrong.extend(row.differs(&book, name, caller, cell, &answer));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn plain_fields_answer_whoever_sees_the_object_alike() {
    let (app, book) = (start().await, Book::read());
    let (cast, schema) = (Cast::of(&app).await, Schema::of(&app.anonymous()).await);
    let scene = Scene::make(&app, &cast, Gate::Open, "with provider").await;
    for kind in NODES {
        let row = book
            .table("Plain fields")
            .iter()
            .find(|row| row.names[0] == kind)
            .unwrap();
        let everything = row.case.split(' ').map(|name| plain(&book, &schema, kind, name));
        let everything = everything.collect::<Vec<_>>().join(" ");
        let id = object(&cast, &scene, kind, "", "");
        let document = format!("{{ node(id: \"{id}\") {{ ... on {kind} {{ {everything} }} }} }}");
        let expected = cast.client("superuser").send(&document, json!({})).await.ok();
        assert!(expected.data("node").is_object(), "{kind}");

        let nodes = book
            .entries("Restricted fields")
            .find(|(row, name)| *name == "Query.node" && row.case == kind);
        let who_sees_it = nodes.unwrap().0.callers().filter(|(_, cell)| *cell == "ok");
        for (caller, _) in who_sees_it.filter(|(caller, _)| Gate::of(caller) == Gate::Open) {
            let reply = cast.client(caller).send(&document, json!({})).await.ok();
            assert_eq!(reply.data("node"), expected.data("node"), "{kind}, {caller}");
        }
    }
}

/// A selection of a plain field, with all plain fields below it; of other
/// objects their ids, since those are asked for on their own.
fn plain(book: &Book, schema: &Schema, kind: &str, name: &str) -> String {
    let field = schema.fields(kind).iter().find(|field| field["name"] == name).unwrap();
    let below = innermost(&field["type"])["name"].as_str().unwrap();
    let row = book.table("Plain fields").iter().find(|row| row.names[0] == below);
    let all = schema.fields(below).len();
    match row.filter(|row| !NODES.contains(&below) && row.case.split(' ').count() == all) {
        Some(_) if below.ends_with("Connection") => format!("{name} {{ totalCount nodes {{ id }} }}"),
        Some(row) => {
            let fields = row.case.split(' ').map(|name| plain(book, schema, below, name));
            format!("{name} {{ {} }}", fields.collect::<Vec<_>>().join(" "))
        }
        None => format!("{name} {}", selection(schema, field)),
    }
}
