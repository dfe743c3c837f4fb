//! Every mutation of ours, with every id in it replaced by one of theirs.

use super::*;

/// What is open by its nature: whoever holds a link may accept, anybody may ask
/// to join and link an identity before joining, a name in addresses is taken for
/// all, and two organizations may name their teams alike.
const OPEN: [&str; 7] = [
    "acceptInvite.token",
    "requestToJoin.organizationSlug",
    "linkSsoIdentity.organizationId",
    "createOrganization.slug",
    "saveOrgOptions.slug",
    "createTeam.slug",
    "updateTeam.slug",
];

/// Names of inputs that hold the name of a team.
const OF_TEAMS: [&str; 2] = ["teamSlug", "teamSlugs"];

/// The inputs of a mutation that name something: their paths, from introspection.
fn names(schema: &Schema, mutation: &Value) -> Vec<String> {
    let input = innermost(&mutation["args"][0]["type"])["name"].as_str().unwrap();
    let (mut names, mut below) = (Vec::new(), vec![(String::new(), input)]);
    while let Some((path, kind)) = below.pop() {
        for field in schema.fields(kind) {
            let (name, inner) = (field["name"].as_str().unwrap(), innermost(&field["type"]));
            let path = format!("{path}/{name}");
            match inner["kind"].as_str().unwrap() {
                "INPUT_OBJECT" => below.push((format!("{path}/0"), inner["name"].as_str().unwrap())),
                _ if inner["name"] == "ID" => names.push(path),
                _ if name.to_lowercase().contains("slug") || name == "token" => names.push(path),
                _ => {}
            }
        }
    }
    names
}

/// The id that stands at a path.
fn id_at(input: &Value, path: &str) -> Option<String> {
    input.pointer(path).and_then(Value::as_str).map(str::to_owned)
}

/// The input with something else at a path.
fn replaced(input: &Value, path: &str, with: &str) -> Value {
    let mut input = input.clone();
    *input.pointer_mut(path).unwrap() = json!(with);
    input
}

/// With a foreign team where a mutation takes the names of teams.
fn with_team(input: &Value, path: &str, slug: &str) -> Value {
    let mut input = input.clone();
    match path {
        "/teamSlugs" => input["teamSlugs"] = json!([slug]),
        "/teamRoles/0/teamSlug" => input["teamRoles"] = json!([{ "teamSlug": slug }]),
        _ => panic!("teach this test where {path} is"),
    }
    input
}

#[tokio::test]
async fn an_id_of_theirs_is_refused_like_one_that_nothing_has() {
    let tenants = Tenants::start("").await;
    let (callers, schema) = (tenants.callers().await, &tenants.schema);
    let mut asked = 0;
    for mutation in schema.fields("Mutation") {
        let name = mutation["name"].as_str().unwrap();
        let before = tenants.app.db_snapshot().await;
        for case in cases(name) {
            for path in names(schema, mutation) {
                for (client, who) in &callers {
                    asked += tenants.is_refused(name, &case, &path, client, who).await;
                }
            }
        }
        let is_unchanged = tenants.app.db_snapshot().await == before;
        assert!(is_unchanged, "something was changed by {name}");
    }
    assert!(asked > 100, "only {asked} questions");
}

/// In which circumstances the table asks a mutation.
fn cases(name: &str) -> Vec<String> {
    let book = Book::read();
    let rows = book.entries("Mutations").filter(|(_, one)| *one == name);
    let cases = rows.map(|(row, _)| row.case.clone());
    cases
        .filter(|case| !case.contains("oneself") && !case.contains("no invites"))
        .collect()
}

impl Tenants {
    /// Asks with theirs at `path`, and with what nothing has: the same answer,
    /// a refusal. How many questions that made.
    async fn is_refused(&self, name: &str, case: &str, path: &str, client: &Client, who: &str) -> usize {
        let field = format!("{name}.{}", path.trim_start_matches('/'));
        if OPEN.contains(&field.as_str()) {
            return 0;
        }
        let (cast, scene) = (&self.ours.cast, &self.ours.scene);
        let ours = ask::mutation(&self.app, cast, scene, name, case, "owner").await;
        let is_of_teams = OF_TEAMS.iter().any(|one| path.ends_with(one));
        let put = |value: &str| {
            if is_of_teams {
                with_team(&ours, path, value)
            } else {
                replaced(&ours, path, value)
            }
        };
        let pairs = match path {
            _ if is_of_teams => vec![(self.theirs.team.clone(), "nothing-has-it".to_owned())],
            "/confirmSlug" => vec![(self.theirs.scene.organization.slug.clone(), "nothing-has-it".to_owned())],
            _ => {
                let own = id_at(&ours, path).unwrap_or_else(|| panic!("teach this test {field}"));
                let theirs = self.theirs.ids_like(&own);
                theirs.into_iter().map(|id| (id.clone(), unknown(&id))).collect()
            }
        };
        for (foreign, unknown) in &pairs {
            let ask = async |value: &str| {
                let reply = client.mutate(name, "__typename", put(value)).await;
                assert!(
                    !reply.error_codes().is_empty() || !reply.codes(name).is_empty(),
                    "{field} ({case}), {who}: done with {value}: {reply:#?}"
                );
                without(&reply, value)
            };
            assert_eq!(ask(foreign).await, ask(unknown).await, "{field} ({case}), {who}");
        }
        pairs.len()
    }
}
