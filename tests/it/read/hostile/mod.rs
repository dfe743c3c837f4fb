//! Bad input: a typed error, and nothing changed.

mod documents;
mod inputs;

use std::time::{Duration, Instant};

use super::{
    walk::{self, Schema, innermost},
    *,
};

/// What is inside of us and never comes out.
const INSIDE: [&str; 8] = [
    "sqlx",
    "SQL",
    "panicked",
    "constraint",
    "relation",
    "sea_orm",
    "src/",
    "stack",
];

/// Codes that an answer to a query may carry.
const REFUSALS: [&str; 4] = ["BAD_USER_INPUT", "INVALID_TEAM_ID", "FORBIDDEN", "UNAUTHENTICATED"];

/// Whether a mutation or its request was refused.
fn was_refused(reply: &Reply) -> bool {
    let payload = reply.body["data"].as_object().and_then(|data| data.values().next());
    let errors = payload.and_then(|payload| payload["userErrors"].as_array());
    reply.body["errors"].is_array() || errors.is_some_and(|errors| !errors.is_empty())
}

/// What is wrong with an answer, whether it is good news or a refusal.
fn flaw(reply: &Reply) -> Option<String> {
    let answer = reply.body.to_string();
    if let Some(word) = INSIDE.iter().find(|word| answer.contains(**word)) {
        return Some(format!("tells of {word}: {}", start(&answer)));
    }
    if reply
        .error_codes()
        .iter()
        .any(|code| code == "INTERNAL" || code == "none")
        || reply.status >= 500
    {
        return Some(format!("is a fault: {}", start(&answer)));
    }
    if was_refused(reply) && answer.len() > 20_000 {
        return Some(format!("is a refusal of {} bytes: {}", answer.len(), start(&answer)));
    }
    None
}

/// The beginning of a text that may be long.
fn start(text: &str) -> String {
    text.chars().take(300).collect()
}

/// Asserts that nothing is wrong with an answer, and says whether it is a
/// refusal.
#[track_caller]
fn is_refused(reply: &Reply, label: &str) -> bool {
    if let Some(flaw) = flaw(reply) {
        panic!("the answer to {label} {flaw}");
    }
    was_refused(reply)
}

/// Acme with Ann, Bob, a team, an invite, a request; and ids of another organization.
struct Scene {
    app: TestApp,
    acme: Organization,
    ann: Client,
    bob: String,
    token: String,
    /// Id of the request.
    request: String,
    globex: Vec<String>,
}

impl Scene {
    async fn make() -> Self {
        let app = TestApp::start_with(|config| config.rate_limits.enabled = false).await;
        let (acme, ann) = app.organization("Acme").await;
        let bob = app.join(&acme, &ann, &app.person("bob"), "member").await;
        let token = app.invite(&acme, &ann, "carl@example.com", "member").await.token;
        let request = app
            .db_request(&acme, "dora@example.com", InviteStatus::RequestedToBeInvited)
            .await;
        let request = InviteId(row(&request)).global();
        app.team(&acme, &ann, "Red").await;
        let gus = app.person("gus");
        let globex = app.organization_of(&gus, "Globex").await;
        app.team(&globex, &gus, "Green").await;
        let green = db_team(&app, &globex, "green").await;
        let globex = vec![globex.id, globex.owner, green, gus.user_id().await];
        Self {
            app,
            acme,
            ann,
            bob,
            token,
            request,
            globex,
        }
    }

    /// A value that is taken, for an argument or field of this name.
    fn good(&self, schema: &Schema, name: &str, of: &Value) -> Value {
        match of["kind"].as_str().unwrap() {
            "NON_NULL" => return self.good(schema, name, &of["ofType"]),
            "LIST" => return json!([self.good(schema, name, &of["ofType"])]),
            "ENUM" => return schema.named(of["name"].as_str().unwrap())["enumValues"][0]["name"].clone(),
            "INPUT_OBJECT" => return self.good_object(schema, of["name"].as_str().unwrap()),
            _ => {}
        }
        match (of["name"].as_str().unwrap(), name) {
            ("Int", _) => json!(50),
            ("Float", _) => json!(0.5),
            ("Boolean", _) => json!(false),
            ("DateTime", _) => json!("2026-01-02T03:04:05Z"),
            ("JSON", _) => json!({}),
            (_, "organizationId" | "id" | "ids") => json!(self.acme.id),
            (_, "memberId") => json!(self.bob),
            (_, "token") => json!(self.token),
            (_, "inviteId") => json!(self.request),
            (_, "email" | "emails") => json!("new@example.com"),
            (_, "slug" | "organizationSlug") => json!("acme"),
            (_, "teamSlug" | "teamSlugs") => json!("red"),
            (_, "orgRole" | "defaultRole" | "attachmentsRole" | "debugFilesRole" | "roles") => json!("member"),
            (_, "role") => json!("admin"),
            (_, "publicKey") => json!("A".repeat(43)),
            (_, "samplingMode") => json!("project"),
            _ => json!("good"),
        }
    }

    /// An input object with its required fields.
    fn good_object(&self, schema: &Schema, name: &str) -> Value {
        let is_one_of = schema.named(name)["isOneOf"] == true;
        let fields = schema.fields(name).iter().enumerate();
        let given = fields.filter(|(at, field)| {
            field["type"]["kind"] == "NON_NULL" && field["defaultValue"].is_null() || is_one_of && *at == 0
        });
        let value = |field: &Value| {
            let name = field["name"].as_str().unwrap();
            (name.to_owned(), self.good(schema, name, &field["type"]))
        };
        given
            .map(|(_, field)| value(field))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }

    /// Every place for a value below `of`, as the type of the place and the
    /// whole argument with another value put there.
    fn places(&self, schema: &Schema, name: &str, of: &Value) -> Vec<Place> {
        let good = self.good(schema, name, of);
        let mut places = vec![Place {
            path: name.into(),
            of: of.clone(),
            argument: Value::Null,
            pointer: String::new(),
        }];
        let mut inner = of;
        let mut pointer = String::new();
        while inner["kind"] != "SCALAR" && inner["kind"] != "ENUM" && inner["kind"] != "INPUT_OBJECT" {
            if inner["kind"] == "LIST" {
                pointer.push_str("/0");
                let of = inner["ofType"].clone();
                places.push(Place {
                    path: format!("{name}[]"),
                    of,
                    argument: good.clone(),
                    pointer: pointer.clone(),
                });
            }
            inner = &inner["ofType"];
        }
        if inner["kind"] == "INPUT_OBJECT" {
            let object = inner["name"].as_str().unwrap();
            let is_one_of = schema.named(object)["isOneOf"] == true;
            for field in schema.fields(object) {
                let field_name = field["name"].as_str().unwrap();
                for place in self.places(schema, field_name, &field["type"]) {
                    let mut argument = if pointer.is_empty() {
                        self.good_object(schema, object)
                    } else {
                        good.clone()
                    };
                    let parent = argument.pointer_mut(&pointer).unwrap();
                    if is_one_of {
                        *parent = json!({});
                    }
                    parent[field_name] = place.argument;
                    let pointer = format!("{pointer}/{field_name}{}", place.pointer);
                    places.push(Place {
                        path: format!("{name}.{}", place.path),
                        of: place.of,
                        argument,
                        pointer,
                    });
                }
            }
        }
        places
    }

    /// Sends `query` with a variable `v`, within a time.
    async fn send(&self, query: &str, value: &Value) -> Reply {
        let sent = self.ann.send(query, json!({ "v": value }));
        tokio::time::timeout(Duration::from_secs(30), sent)
            .await
            .expect("the server hangs")
    }
}

/// A place in an argument where a value can stand.
#[derive(Clone, Debug)]
struct Place {
    path: String,
    of: Value,
    argument: Value,
    pointer: String,
}
