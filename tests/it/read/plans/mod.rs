//! What a page costs in an organization of 200,000 members, compared with one
//! of 200: looked up in the database's own plans, and counted.

mod company;
mod cost;

use std::sync::Arc;

use async_graphql::{Request, Variables};
use roster::{
    app::App,
    auth::{Actor, Verifier},
    config::Config,
    db::recording_statements,
    domain,
    graphql::{RequestScope, RosterSchema, multipart::Files},
};
use sea_orm::{DbBackend, Statement};

use super::*;
use cost::{Cost, Explainer};

/// Members of the large organization.
const MANY: usize = 200_000;
/// Members of the small one.
const FEW: usize = 200;

/// A list with its arguments.
struct Listed {
    field: &'static str,
    arguments: String,
}

/// Asks as Ann, and sees what was asked of the database.
struct Inside {
    app: Arc<App>,
    ann: Arc<Actor>,
    schema: RosterSchema,
}

impl Inside {
    async fn new(app: &TestApp, ann: &Client) -> Self {
        let service = app.db_service().await;
        let claims = Verifier::new(&service.config)
            .unwrap()
            .verify(&ann.bearer().unwrap(), chrono::Utc::now())
            .await
            .unwrap();
        let actor = domain::user::arrive(&service, claims, None, chrono::Utc::now()).await;
        Self {
            app: service,
            ann: Arc::new(actor.unwrap()),
            schema: RosterSchema::new(&Config::default()),
        }
    }

    /// The page, and the statements that read it.
    async fn page(&self, slug: &str, listed: &Listed, window: &str) -> (Value, Vec<Statement>) {
        let Listed { field, arguments } = listed;
        let (before, after) = match *field {
            "memberships" => ("team(slug: \"team-1\") {", "}"),
            _ => ("", ""),
        };
        let query = format!(
            "query($slug: String!) {{ organization(slug: $slug) {{ {before} {field}({window} {arguments}) {{
                nodes {{ id }} pageInfo {{ startCursor endCursor }} }} {after} }} }}"
        );
        let request = Request::new(query)
            .variables(Variables::from_json(json!({ "slug": slug })))
            .data(Arc::new(RequestScope::new(
                self.app.clone(),
                self.ann.clone(),
                Files::default(),
            )));
        let (response, statements) = recording_statements(self.schema.execute(request)).await;
        assert!(
            response.errors.is_empty(),
            "{field}({arguments}): {:?}",
            response.errors
        );
        let mut page = response.data.into_json().unwrap()["organization"].take();
        if *field == "memberships" {
            page = page["team"].take();
        }
        (page[field].take(), statements)
    }

    /// What the dearest page of the list costs: at both ends, and next to both
    /// ends with a cursor.
    async fn cost(&self, explainer: &mut Explainer, slug: &str, listed: &Listed) -> Cost {
        let mut dearest = Cost::default();
        let mut windows = vec!["first: 25".to_owned(), "last: 25".to_owned()];
        let mut at = 0;
        while at < windows.len() {
            let (page, statements) = self.page(slug, listed, &windows[at]).await;
            // Nearly the whole list is on the other side of these cursors.
            match (
                at,
                page["pageInfo"]["endCursor"].as_str(),
                page["pageInfo"]["startCursor"].as_str(),
            ) {
                (0, Some(end), _) => windows.push(format!("last: 25, before: \"{end}\"")),
                (1, _, Some(start)) => windows.push(format!("first: 25, after: \"{start}\"")),
                _ => {}
            }
            let mut cost = Cost::default();
            for statement in &statements {
                let one = explainer.cost(statement).await;
                cost.units += one.units;
                let told = |fault| format!("{fault} with {}: {statement}", windows[at]);
                cost.faults.extend(one.faults.into_iter().map(told));
            }
            dearest.units = dearest.units.max(cost.units);
            dearest.faults.extend(cost.faults);
            at += 1;
        }
        dearest
    }
}

/// The arguments for every order by one of `keys`, and for the order by id.
fn orders(keys: &[&str]) -> Vec<String> {
    let keyed = keys.iter().flat_map(|key| {
        ["ASC", "DESC"].map(|direction| format!(", orderBy: {{ field: {key}, direction: {direction} }}"))
    });
    std::iter::once(String::new()).chain(keyed).collect()
}

/// Filters of members with which every order is promised.
const MEMBERS: [&str; 21] = [
    "",
    "roles: [\"manager\"]",
    "roles: [\"owner\", \"member\"]",
    "isPending: true",
    "isPending: false",
    "isSsoLinked: true",
    "isSsoLinked: false",
    "hasTwoFactor: true",
    "hasTwoFactor: false",
    "roles: [\"manager\"], isSsoLinked: true, hasTwoFactor: false",
    "teamSlugs: [\"team-4\", \"team-5\", \"nowhere\"]",
    "teamSlugs: [\"team-4\"], isSsoLinked: false",
    "query: \"role:manager isInvited:false\"",
    "query: \"isInvited:true\"",
    "query: \"email:u7919@example.com\"",
    "query: \"email:u7919@example.net email:u15838@example.com\"",
    "query: \"email:u7919@example.com\", teamSlugs: [\"team-1\"], isPending: false",
    "query: \"id:nobody\"",
    "query: \"user.id:VXNlcjox\"",
    "query: \"scope:org:write ssoLinked:true\"",
    "query: \"has2fa:true role:admin\"",
];

/// Large teams: with the orders that do not follow who is in which team.
const LARGE_TEAMS: [&str; 3] = [
    "teamSlugs: [\"team-1\"]",
    "teamSlugs: [\"team-2\"]",
    "teamSlugs: [\"team-2\", \"team-1\", \"team-4\"]",
];

fn lists(is_postgres: bool) -> Vec<Listed> {
    let mut lists = Vec::new();
    let mut add = |field, arguments: String| lists.push(Listed { field, arguments });
    // Words are found by trigrams, which SQLite does not have.
    let words = is_postgres.then_some("query: \"u15838@exa\"");
    for filter in MEMBERS.into_iter().chain(words) {
        for order in orders(&["CREATED_AT", "EMAIL", "NAME", "ROLE"]) {
            add("members", format!(", filter: {{ {filter} }}{order}"));
        }
    }
    for filter in LARGE_TEAMS {
        for order in orders(&["EMAIL", "NAME"]) {
            add("members", format!(", filter: {{ {filter} }}{order}"));
        }
    }
    if is_postgres {
        add("invites", ", filter: { query: \"u15838@exa\" }".into());
    }
    for filter in [
        "",
        "statuses: [PENDING]",
        "statuses: [EXPIRED]",
        "statuses: [EXPIRED, REQUESTED_TO_JOIN]",
        "statuses: [PENDING, EXPIRED]",
        "statuses: [REQUESTED_TO_BE_INVITED]",
        "statuses: [REQUESTED_TO_JOIN]",
    ] {
        add("invites", format!(", filter: {{ {filter} }}"));
    }
    for filter in ["", "slugs: [\"team-1\"]", "myTeams: true"] {
        add("teams", format!(", filter: {{ {filter} }}"));
    }
    for filter in [
        "",
        "events: [\"org.remove\"]",
        "events: [\"member.edit\", \"org.remove\", \"team.create\"]",
        "actorId: \"ACTOR\"",
        "actorId: \"ACTOR\", events: [\"org.remove\"]",
        "after: \"2023-11-14T22:14:00Z\", before: \"2023-11-14T22:15:00Z\"",
    ] {
        add("auditLog", format!(", filter: {{ {filter} }}"));
    }
    add("memberships", String::new());
    add("teamAccessRequests", String::new());
    lists
}

#[tokio::test]
async fn a_page_of_many_costs_what_a_page_of_few_costs() {
    let app = TestApp::start().await;
    let (large, ann) = app.organization("Large").await;
    let small = app.organization_of(&ann, "Small").await;
    app.db_fill(&small, FEW, 1_000).await;
    app.db_fill(&large, MANY, 1_000_000).await;
    app.db_analyze().await;
    let inside = Inside::new(&app, &ann).await;
    let mut explainer = Explainer::new(&inside.app.db, &app.db_url()).await;
    let is_postgres = app.db.get_database_backend() == DbBackend::Postgres;
    // A walk through all members would cost at least ten times as much.
    let most = if is_postgres { 5_000 } else { 50_000 };
    let mut faults = Vec::new();
    for mut listed in lists(is_postgres) {
        let arguments = std::mem::take(&mut listed.arguments);
        let name = format!("{}({})", listed.field, arguments.trim_start_matches(", "));
        listed.arguments = arguments.replace("ACTOR", &UserId(1_007).global());
        let few = inside.cost(&mut explainer, &small.slug, &listed).await;
        listed.arguments = arguments.replace("ACTOR", &UserId(1_000_007).global());
        let many = inside.cost(&mut explainer, &large.slug, &listed).await;
        // Shown with --nocapture; docs/performance.md has the dearest.
        println!("{:>8} {:>8} {name}", few.units, many.units);
        if many.units > most {
            faults.push(format!("{name}: {} instead of {}", many.units, few.units));
        }
        faults.extend(many.faults.into_iter().map(|fault| format!("{name}: {fault}")));
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
