//! Every query of ours, with ids, names and cursors of theirs.

use super::*;

/// Everywhere that something of theirs can be put in: each argument, and each
/// field of an input, that takes an id or a text. From introspection.
fn places(schema: &Schema) -> Vec<Place> {
    let mut places = Vec::new();
    for kind in schema.names() {
        let is_asked = schema.named(kind)["kind"] == "OBJECT" && !kind.starts_with("__");
        if !is_asked || kind == "Mutation" || kind == "Subscription" {
            continue;
        }
        for field in schema.fields(kind) {
            for argument in field["args"].as_array().unwrap() {
                let field = field["name"].as_str().unwrap();
                places.extend(texts(schema, argument).into_iter().map(|path| Place {
                    kind: kind.to_owned(),
                    field: field.to_owned(),
                    path,
                }));
            }
        }
    }
    places
}

/// Paths to ids and texts in an argument.
fn texts(schema: &Schema, argument: &Value) -> Vec<Vec<String>> {
    let (name, inner) = (argument["name"].as_str().unwrap(), innermost(&argument["type"]));
    let kind = inner["name"].as_str().unwrap();
    let is_list = |of: &Value| of["kind"] == "LIST" || of["ofType"]["kind"] == "LIST";
    let own = format!("{name}{}", if is_list(&argument["type"]) { "[]" } else { "" });
    match inner["kind"].as_str().unwrap() {
        "INPUT_OBJECT" => {
            let below = schema.fields(kind).iter().flat_map(|field| texts(schema, field));
            below.map(|path| [vec![own.clone()], path].concat()).collect()
        }
        _ if matches!(kind, "ID" | "String") => vec![vec![own]],
        _ => vec![],
    }
}

/// An argument, or a field of an input in it.
struct Place {
    kind: String,
    field: String,
    path: Vec<String>,
}

impl Place {
    /// Its name, such as `Organization.teams.filter.ids`.
    fn name(&self) -> String {
        format!("{}.{}.{}", self.kind, self.field, self.path.join(".").replace("[]", ""))
    }

    /// The arguments with `value` there.
    fn arguments(&self, value: &str) -> String {
        let (last, above) = self.path.split_last().unwrap();
        let quoted = json!(value).to_string();
        let own = match last.strip_suffix("[]") {
            Some(name) => format!("{name}: [{quoted}]"),
            None => format!("{last}: {quoted}"),
        };
        above
            .iter()
            .rev()
            .fold(own, |inside, name| format!("{name}: {{ {inside} }}"))
    }
}

/// Texts that name nothing of an organization: roles and events are the same
/// everywhere, and whether a slug is taken anybody may ask.
const PLAIN: [&str; 4] = [
    "Organization.members.filter.roles",
    "Organization.auditLog.filter.events",
    "Query.isSlugAvailable.slug",
    // A link shows what it leads to, to whoever holds it.
    "Query.invitePreview.token",
];

impl Tenants {
    /// What can be put in a place: something of theirs, and the same of nothing.
    fn pairs(&self, place: &Place) -> Option<Vec<(String, String)>> {
        let (scene, cast) = (&self.theirs.scene, &self.theirs.cast);
        let ids = |ids: Vec<String>| ids.into_iter().map(|id| (id.clone(), unknown(&id))).collect();
        let text = |theirs: &str| vec![(theirs.to_owned(), "nothing-has-it".to_owned())];
        let person = cast.client("mia").email();
        let nobody = || "nobody@example.com".to_owned();
        Some(match place.name().as_str() {
            "Query.node.id" | "Query.nodes.ids" | "Organization.member.by.id" => ids(self.theirs.ids()),
            "Organization.member.by.userId" | "Organization.auditLog.filter.actorId" => ids(self.theirs.ids()),
            "Organization.teams.filter.ids" => ids(self.theirs.ids()),
            "Organization.member.by.email" => vec![(person, nobody()), ("guest@their.example.com".into(), nobody())],
            "Query.organization.slug" | "Query.organizations.filter.query" => text(&scene.organization.slug),
            "Organization.team.slug" | "Organization.teams.filter.slugs" => text(&self.theirs.team),
            "Organization.members.filter.teamSlugs" | "Organization.teams.filter.query" => text(&self.theirs.team),
            "Organization.invites.filter.query" => text("their.example.com"),
            "Organization.members.filter.query" => {
                let member = scene.member("mia");
                let user = ask::global(cast.user("mia").unwrap());
                vec![
                    (person.clone(), nobody()),
                    (format!("email:{person}"), format!("email:{}", nobody())),
                    (format!("id:{member}"), format!("id:{}", unknown(&member))),
                    (format!("user.id:{user}"), format!("user.id:{}", unknown(&user))),
                ]
            }
            _ => return None,
        })
    }
}

/// What is selected of the value at a place; what is behind it is asked by the
/// walk through everything.
fn shown(schema: &Schema, place: &Place) -> &'static str {
    let mut fields = schema.fields(&place.kind).iter();
    let field = fields.find(|field| field["name"] == place.field.as_str()).unwrap();
    let kind = innermost(&field["type"])["name"].as_str().unwrap();
    if kind.ends_with("Connection") {
        "{ totalCount nodes { id } }"
    } else {
        "{ __typename id }"
    }
}

impl Tenant {
    /// Every way to an object of this type: documents with a selection in it.
    fn ways(&self, kind: &str, selection: &str) -> Vec<String> {
        let (slug, id) = (&self.scene.organization.slug, &self.scene.organization.id);
        match kind {
            "Query" => vec![format!("{{ {selection} }}")],
            "Viewer" => vec![format!("{{ viewer {{ {selection} }} }}")],
            "Organization" => vec![
                format!("{{ organization(slug: \"{slug}\") {{ {selection} }} }}"),
                format!("{{ node(id: \"{id}\") {{ ... on Organization {{ {selection} }} }} }}"),
                format!("{{ nodes(ids: [\"{id}\"]) {{ ... on Organization {{ {selection} }} }} }}"),
                format!("{{ organizations {{ nodes {{ {selection} }} }} }}"),
                format!("{{ viewer {{ memberships {{ nodes {{ organization {{ {selection} }} }} }} }} }}"),
            ],
            "Team" => vec![
                format!("{{ organization(slug: \"{slug}\") {{ team(slug: \"red\") {{ {selection} }} }} }}"),
                format!(
                    "{{ node(id: \"{}\") {{ ... on Team {{ {selection} }} }} }}",
                    ask::global(self.scene.red)
                ),
            ],
            "Webhook" => vec![
                format!("{{ organization(slug: \"{slug}\") {{ webhooks {{ nodes {{ {selection} }} }} }} }}"),
                format!(
                    "{{ node(id: \"{}\") {{ ... on Webhook {{ {selection} }} }} }}",
                    self.scene.webhook
                ),
            ],
            _ => panic!("teach this test the ways to a {kind}"),
        }
    }
}

#[tokio::test]
async fn what_is_theirs_is_answered_like_what_nothing_has() {
    let tenants = Tenants::start("with provider").await;
    let (callers, schema) = (tenants.callers().await, &tenants.schema);
    for place in places(schema) {
        let is_cursor = ["after", "before"].contains(&place.path[0].as_str());
        if is_cursor || PLAIN.contains(&place.name().as_str()) {
            continue;
        }
        let pairs = tenants.pairs(&place);
        let selection = shown(schema, &place);
        let pairs = pairs.unwrap_or_else(|| panic!("teach this test {}", place.name()));
        for (at, (theirs, nothing)) in pairs.iter().enumerate() {
            let ways = |value: &str| {
                let asked = format!("{}({}) {selection}", place.field, place.arguments(value));
                tenants.ours.ways(&place.kind, &asked)
            };
            // By every way once, and then by the shortest.
            let count = if at == 0 { usize::MAX } else { 1 };
            for (about_theirs, about_nothing) in ways(theirs).iter().zip(&ways(nothing)).take(count) {
                for (client, who) in &callers {
                    let told = client.send(about_theirs, json!({})).await;
                    let nothing_told = client.send(about_nothing, json!({})).await;
                    let is_broken = |code: &String| code == "INTERNAL" || code.starts_with("GRAPHQL");
                    assert!(!told.error_codes().iter().any(is_broken), "{}: {told:#?}", place.name());
                    assert_eq!(
                        without(&told, theirs),
                        without(&nothing_told, nothing),
                        "{}, {who}: {about_theirs}",
                        place.name()
                    );
                }
            }
        }
    }
}

/// Ids and cursors of a list, which may be asked for in part.
async fn list(client: &Client, way: &str) -> Vec<(String, String)> {
    let reply = client.send(way, json!({})).await.ok();
    let mut found = &reply.body["data"];
    while found.get("edges").is_none() {
        found = found
            .as_object()
            .map_or_else(|| &found[0], |one| one.values().next().unwrap());
    }
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let edges = found["edges"].as_array().unwrap().iter();
    edges
        .map(|edge| (text(&edge["node"]["id"]), text(&edge["cursor"])))
        .collect()
}

#[tokio::test]
async fn a_cursor_of_theirs_leads_to_nothing_of_theirs() {
    let tenants = Tenants::start("with provider").await;
    let (ours, theirs) = (&tenants.ours, &tenants.theirs);
    let mut lists = BTreeSet::new();
    for place in places(&tenants.schema) {
        if !["after", "before"].contains(&place.path[0].as_str()) || place.path.len() > 1 {
            continue;
        }
        let page = |arguments: String| format!("{}({arguments}) {{ edges {{ cursor node {{ id }} }} }}", place.field);
        let all = page("first: 100".into());
        let who = if place.name().starts_with("Viewer.invites") {
            "pending"
        } else {
            "owner"
        };
        let (our_client, their_client) = (ours.cast.client(who), theirs.cast.client(who));
        for (at, way) in ours.ways(&place.kind, &all).iter().enumerate() {
            let own: BTreeSet<_> = list(our_client, way).await.into_iter().map(|(id, _)| id).collect();
            let foreign = list(their_client, &theirs.ways(&place.kind, &all)[at]).await;
            assert!(!own.is_empty() && !foreign.is_empty(), "nothing in {}", place.name());
            for (_, cursor) in foreign {
                let part = page(format!("first: 100, {}", place.arguments(&cursor)));
                let part = list(our_client, &ours.ways(&place.kind, &part)[at]).await;
                let seen: BTreeSet<_> = part.into_iter().map(|(id, _)| id).collect();
                assert!(seen.is_subset(&own), "{}: {seen:?}", place.name());
            }
        }
        lists.insert(format!("{}.{}", place.kind, place.field));
    }
    assert_eq!(lists.len(), 12, "{lists:?}");
}
