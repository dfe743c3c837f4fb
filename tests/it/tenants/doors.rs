//! People at the door: invited and not yet joined, or members before a gate
//! that is closed. They see their own place, and nobody behind it.

use std::collections::VecDeque;

use super::*;

/// A way through the schema from the viewer: fields, and the types they lead to.
#[derive(Clone)]
struct Way {
    fields: Vec<String>,
    types: Vec<String>,
}

impl Way {
    /// How far ways lead. Whatever is farther has been met on a shorter one.
    const LENGTH_MAX: usize = 9;

    fn new(field: &str, kind: &str) -> Self {
        Self {
            fields: vec!["viewer".into(), field.into(), "nodes".into()],
            types: vec![kind.into()],
        }
    }

    fn kind(&self) -> &str {
        self.types.last().unwrap()
    }

    /// The document that asks this at its end.
    fn document(&self, selection: &str) -> String {
        let inside = |below: String, field: &String| format!("{field} {{ {below} }}");
        format!("{{ {} }}", self.fields.iter().rev().fold(selection.to_owned(), inside))
    }

    /// The way on by a field, unless it goes in circles.
    fn on(&self, field: &Value) -> Option<Self> {
        let kind = innermost(&field["type"])["name"].as_str().unwrap();
        let name = field["name"].as_str().unwrap().to_owned();
        let mut way = self.clone();
        match kind.strip_suffix("Connection") {
            Some(kind) => {
                way.fields.extend([name, "nodes".into()]);
                way.types.push(kind.into());
            }
            None => {
                way.fields.push(name);
                way.types.push(kind.into());
            }
        }
        let times = way.types.iter().filter(|one| *one == way.kind()).count();
        (times <= 2 && way.fields.len() <= Self::LENGTH_MAX).then_some(way)
    }
}

/// Fields of a type that need no arguments: leaves, and others.
fn fields<'a>(schema: &'a Schema, kind: &str) -> (Vec<&'a str>, Vec<&'a Value>) {
    let is_required = |argument: &Value| argument["type"]["kind"] == "NON_NULL" && argument["defaultValue"].is_null();
    let fields = schema.fields(kind).iter();
    let fields = fields.filter(|field| !field["args"].as_array().unwrap().iter().any(is_required));
    let (leaves, others): (Vec<_>, Vec<_>) =
        fields.partition(|field| matches!(innermost(&field["type"])["kind"].as_str(), Some("SCALAR" | "ENUM")));
    (
        leaves.into_iter().map(|leaf| leaf["name"].as_str().unwrap()).collect(),
        others,
    )
}

/// Everything that shows from this field of the viewer on, by every way. Each
/// leaf is asked alone where they are not answered together, since one that is
/// refused hides the others.
async fn seen_from(schema: &Schema, client: &Client, start: Way) -> Vec<(String, String)> {
    let (mut seen, mut ways) = (Vec::new(), VecDeque::from([start]));
    while let Some(way) = ways.pop_front() {
        let (leaves, others) = fields(schema, way.kind());
        let is_there = ask(client, &way.document("__typename")).await;
        if !is_there.is_some_and(|answer| answer.contains("__typename")) {
            continue;
        }
        let together = way.document(&leaves.join(" "));
        match ask(client, &together).await {
            Some(answer) => seen.push((together, answer)),
            None => {
                for leaf in leaves {
                    let alone = way.document(leaf);
                    seen.extend(ask(client, &alone).await.map(|answer| (alone, answer)));
                }
            }
        }
        ways.extend(others.into_iter().filter_map(|field| way.on(field)));
    }
    seen
}

/// What is answered; nothing if it is refused.
async fn ask(client: &Client, document: &str) -> Option<String> {
    let reply = client.send(document, json!({})).await;
    let codes = reply.error_codes();
    let is_broken = |code: &String| code == "INTERNAL" || code.starts_with("GRAPHQL");
    assert!(!codes.iter().any(is_broken), "{document}: {reply:#?}");
    codes.is_empty().then(|| reply.body["data"].to_string())
}

/// Nobody else shows: no address and no member id but `own`.
async fn sees_only(app: &TestApp, scene: &Scene, client: &Client, start: Way, own: &[String]) {
    let schema = Schema::of(&app.anonymous()).await;
    let members = scene.members.values().map(|id| id.global());
    let others: BTreeSet<_> = members.filter(|id| !own.contains(id)).collect();
    let seen = seen_from(&schema, client, start).await;
    assert!(seen.len() > 10, "{seen:#?}");
    for (document, answer) in seen {
        let is_foreign =
            |text: &&str| others.contains(*text) || text.contains('@') && !own.contains(&(*text).to_owned());
        let foreign: Vec<_> = answer.split('"').filter(is_foreign).collect();
        assert!(foreign.is_empty(), "{foreign:?} shows by {document}");
    }
}

#[tokio::test]
async fn who_is_invited_sees_the_invite_and_nobody_behind_it() {
    let app = TestApp::start().await;
    let cast = Cast::of(&app).await;
    let scene = Scene::make(&app, &cast, Gate::Open, "with provider").await;
    let guest = app.person("guest").seen().await;
    let input = json!({ "email": guest.email(), "teamSlugs": ["red", "blue"] });
    let reply = cast.client("superuser").create_invite(&scene.organization, input).await;
    let member = reply.done("createInvite").text("createInvite.member.id");

    let own = [guest.email(), member];
    sees_only(&app, &scene, &guest, Way::new("invites", "Invite"), &own).await;
}

#[tokio::test]
async fn before_a_closed_gate_one_sees_only_ones_own_place() {
    let app = TestApp::start().await;
    let cast = Cast::of(&app).await;
    for (gate, caller) in [
        (Gate::Open, "over limit"),
        (Gate::TwoFactor, "no 2FA"),
        (Gate::Sso, "no SSO"),
    ] {
        let scene = Scene::make(&app, &cast, gate, "with provider").await;
        let client = cast.client(caller);
        let own = [client.email(), scene.member(caller)];
        sees_only(&app, &scene, client, Way::new("memberships", "Member"), &own).await;
    }
}
