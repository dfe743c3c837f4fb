//! Pages (contract: Relay connections with keyset cursors), in both directions.

use std::collections::HashMap;

use super::*;

/// A list and who reads it.
#[derive(Clone)]
pub struct List {
    pub client: Client,
    /// The way to the field, such as `organization(slug: "acme") {`.
    pub way: String,
    pub field: &'static str,
    /// Arguments besides those of paging.
    pub arguments: String,
}

/// A page of it.
#[derive(Debug)]
pub struct Page {
    pub ids: Vec<String>,
    pub cursors: Vec<String>,
    pub has_next: bool,
    pub has_previous: bool,
    pub total: usize,
}

impl List {
    pub fn of(client: &Client, organization: &Organization, field: &'static str) -> Self {
        Self::at(
            client,
            &format!("organization(slug: \"{}\") {{", organization.slug),
            field,
        )
    }

    pub fn at(client: &Client, way: &str, field: &'static str) -> Self {
        Self {
            client: client.clone(),
            way: way.into(),
            field,
            arguments: String::new(),
        }
    }

    pub fn with(&self, arguments: &str) -> Self {
        Self {
            arguments: arguments.into(),
            ..self.clone()
        }
    }

    pub async fn send(&self, mut window: Value) -> Reply {
        for argument in ["first", "after", "last", "before"] {
            let window = window.as_object_mut().unwrap();
            window.entry(argument).or_insert(Value::Null);
        }
        let depth = self.way.matches('{').count();
        let query = format!(
            "query($first: Int, $after: String, $last: Int, $before: String) {{ {} {}(first: $first, after: $after,
                last: $last, before: $before, {}) {{ totalCount nodes {{ id }} edges {{ cursor node {{ id }} }}
                pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} {} }}",
            self.way,
            self.field,
            self.arguments,
            "}".repeat(depth)
        );
        self.client.send(&query, window).await
    }

    pub async fn page(&self, window: Value) -> Page {
        let reply = self.send(window).await.ok();
        let mut list = &reply.body["data"];
        for step in self.way.split('{').filter_map(|step| step.split('(').next()) {
            list = if step.trim().is_empty() {
                list
            } else {
                &list[step.trim()]
            };
        }
        let list = &list[self.field];
        let text = |value: &Value| {
            value
                .as_str()
                .unwrap_or_else(|| panic!("{value} in {reply:#?}"))
                .to_owned()
        };
        let edges = list["edges"].as_array().unwrap();
        let page = Page {
            ids: edges.iter().map(|edge| text(&edge["node"]["id"])).collect(),
            cursors: edges.iter().map(|edge| text(&edge["cursor"])).collect(),
            has_next: list["pageInfo"]["hasNextPage"].as_bool().unwrap(),
            has_previous: list["pageInfo"]["hasPreviousPage"].as_bool().unwrap(),
            total: list["totalCount"].as_u64().unwrap().try_into().unwrap(),
        };
        let nodes: Vec<String> = list["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|node| text(&node["id"]))
            .collect();
        assert_eq!(page.ids, nodes, "edges and nodes differ");
        assert_eq!(
            list["pageInfo"]["startCursor"].as_str(),
            page.cursors.first().map(String::as_str)
        );
        assert_eq!(
            list["pageInfo"]["endCursor"].as_str(),
            page.cursors.last().map(String::as_str)
        );
        page
    }

    /// All ids, read from the beginning in pages of `size`.
    pub async fn forward(&self, size: usize) -> Vec<String> {
        let mut ids = Vec::new();
        let mut after = Value::Null;
        loop {
            let page = self.page(json!({ "first": size, "after": after })).await;
            assert_eq!(
                page.has_previous,
                !ids.is_empty(),
                "hasPreviousPage after {}: {page:#?}",
                ids.len()
            );
            ids.extend(page.ids.clone());
            assert_eq!(
                page.has_next,
                ids.len() < page.total,
                "hasNextPage after {}: {page:#?}",
                ids.len()
            );
            if !page.has_next {
                assert_eq!(ids.len(), page.total, "not every row was seen");
                return ids;
            }
            assert_eq!(page.ids.len(), size, "a page in the middle is not full");
            after = json!(page.cursors.last());
        }
    }

    /// All ids, read from the end in pages of `size`, but in the order of the list.
    pub async fn backward(&self, size: usize) -> Vec<String> {
        let mut ids = Vec::new();
        let mut before = Value::Null;
        loop {
            let page = self.page(json!({ "last": size, "before": before })).await;
            assert_eq!(
                page.has_next,
                !ids.is_empty(),
                "hasNextPage before {}: {page:#?}",
                ids.len()
            );
            ids.splice(..0, page.ids.clone());
            assert_eq!(
                page.has_previous,
                ids.len() < page.total,
                "hasPreviousPage before {}",
                ids.len()
            );
            if !page.has_previous {
                assert_eq!(ids.len(), page.total, "not every row was seen");
                return ids;
            }
            assert_eq!(page.ids.len(), size, "a page in the middle is not full");
            before = json!(page.cursors.first());
        }
    }

    /// All ids, which are the same in pages of every size and direction.
    pub async fn walk(&self) -> Vec<String> {
        let all = self.forward(100).await;
        let mut distinct = all.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), all.len(), "a row was seen twice");
        for size in [1, 7, 13, 99] {
            if size > 1 || all.len() < 30 {
                assert_eq!(
                    self.forward(size).await,
                    all,
                    "forward in pages of {size}: {}",
                    self.arguments
                );
                assert_eq!(
                    self.backward(size).await,
                    all,
                    "backward in pages of {size}: {}",
                    self.arguments
                );
            }
        }
        all
    }

    /// The code with which a window is refused.
    pub async fn refusal(&self, window: Value) -> String {
        let reply = self.send(window.clone()).await;
        let codes = reply.error_codes();
        assert_eq!(codes.len(), 1, "{window} was not refused: {reply:#?}");
        codes[0].clone()
    }
}

/// Names as they come: equal ones, any case, any script, wildcards of SQL.
fn names(count: usize) -> Vec<String> {
    const NAMES: [&str; 16] = [
        "Zoë",
        "zoë",
        "ZOE",
        "Ann",
        "ann",
        "Анна",
        "анна",
        "李小龍",
        "محمد",
        "Ωμέγα",
        "İpek",
        "ßtraße",
        "100%_ \\'\"",
        "🦀",
        "Ann",
        "e\u{301}va",
    ];
    (0..count).map(|at| NAMES[at % NAMES.len()].to_owned()).collect()
}

/// Acme with Ann, 40 members with awkward names and 10 invites; everything by
/// id, with the key that orders it: name, address, role, time.
async fn acme(app: &TestApp) -> (Organization, Client, HashMap<String, member::Model>) {
    let (acme, ann) = app.organization("Acme").await;
    let people: Vec<_> = names(40)
        .into_iter()
        .enumerate()
        .map(|(at, name)| (name, format!("p{}@example.com", at * 7 % 40)))
        .collect();
    let users = app.db_people(&people).await;
    app.db_joined(&acme, &users, |at, row| {
        row.role = Set(["member", "owner", "manager", "admin", "member"][at % 5].into());
        if at % 3 == 0 {
            row.user_email = Set(None);
        }
        if at % 4 == 0 {
            row.date_added = Set(rows::then() + chrono::Duration::days(i64::try_from(at).unwrap() * 11 % 40));
        }
    })
    .await;
    let emails: Vec<_> = (0..10).map(|at| format!("P{at}.Invited@Example.com")).collect();
    app.db_pending(&acme, &emails, |at, row| {
        row.role = Set(["owner", "member"][at % 2].into());
    })
    .await;
    let members = member::Entity::within(acme.row()).all(&app.db).await.unwrap();
    (
        acme,
        ann,
        members.into_iter().map(|row| (row.id.global(), row)).collect(),
    )
}

#[tokio::test]
async fn members_are_read_in_every_order_and_direction() {
    let app = TestApp::start().await;
    let (acme, ann, rows) = acme(&app).await;
    let members = List::of(&ann, &acme, "members");

    let rank = |row: &member::Model| {
        ["member", "admin", "manager", "owner"]
            .iter()
            .position(|role| *role == row.role)
    };
    let key = |field: &str, row: &member::Model| match field {
        "CREATED_AT" => (row.date_added.timestamp_micros(), String::new()),
        "NAME" => (0, row.sort_name.clone()),
        "ROLE" => (i64::try_from(rank(row).unwrap()).unwrap(), String::new()),
        _ => (0, row.user_email.clone().or(row.email_key.clone()).unwrap_or_default()),
    };
    for field in ["CREATED_AT", "NAME", "ROLE", "EMAIL"] {
        for direction in ["ASC", "DESC"] {
            let list = members.with(&format!("orderBy: {{ field: {field}, direction: {direction} }}"));
            let ids = list.walk().await;
            assert_eq!(ids.len(), 51, "{field} {direction}");
            let mut keys: Vec<_> = ids.iter().map(|id| key(field, &rows[id])).collect();
            if direction == "DESC" {
                keys.reverse();
            }
            assert!(keys.is_sorted(), "not by {field} {direction}: {keys:#?}");
        }
    }
    let ids = members.walk().await;
    let numbers: Vec<i64> = ids.iter().map(|id| rows[id].id.0).collect();
    assert!(
        numbers.is_sorted() && numbers.len() == 51,
        "without orderBy as they came: {numbers:?}"
    );
}

#[tokio::test]
async fn filtered_members_are_read_in_pages_too() {
    let app = TestApp::start().await;
    let (acme, ann, rows) = acme(&app).await;
    let members = List::of(&ann, &acme, "members");
    for (filter, count) in [
        (
            "roles: [\"owner\"]",
            rows.values().filter(|row| row.role == "owner").count(),
        ),
        ("isPending: false", 41),
        (
            "query: \"ann\"",
            rows.values().filter(|row| row.sort_name.contains("ann")).count(),
        ),
    ] {
        let list = members.with(&format!(
            "filter: {{ {filter} }}, orderBy: {{ field: NAME, direction: DESC }}"
        ));
        assert_eq!(list.walk().await.len(), count, "{filter}");
    }
    let none = members.with("filter: { query: \"nobody at all\" }");
    let page = none.page(json!({ "first": 5 })).await;
    assert_eq!(
        (page.ids.len(), page.total, page.has_next, page.has_previous),
        (0, 0, false, false)
    );
}

#[tokio::test]
async fn teams_are_read_in_pages() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let teams: Vec<_> = names(43)
        .into_iter()
        .enumerate()
        .map(|(at, name)| (format!("t-{}", at * 17 % 43), name))
        .collect();
    app.db_teams(&acme, &teams).await;
    let list = List::of(&ann, &acme, "teams");

    assert_eq!(list.walk().await.len(), 43);
    assert_eq!(list.with("filter: { query: \"ann\" }").walk().await.len(), 8);
}

#[tokio::test]
async fn team_memberships_are_read_in_pages() {
    let app = TestApp::start().await;
    let (acme, ann, members) = acme(&app).await;
    let teams = [("red".into(), "Red".into()), ("blue".into(), "Blue".into())];
    let teams = app.db_teams(&acme, &teams).await;
    let mut members: Vec<MemberId> = members.values().map(|row| row.id).collect();
    members.sort_by_key(|id| id.0 * 29 % 51);
    let places: Vec<_> = members
        .iter()
        .flat_map(|member| teams.iter().map(|team| (team.id, *member)))
        .collect();
    app.db_in_teams(&places).await;

    let way = format!("organization(slug: \"{}\") {{ team(slug: \"red\") {{", acme.slug);
    let red = List::at(&ann, &way, "memberships").walk().await;
    assert_eq!(red.len(), 51);
    let way = way.replace("red", "blue");
    let blue = List::at(&ann, &way, "memberships").walk().await;
    assert!(blue.len() == 51 && red.iter().all(|id| !blue.contains(id)));
}

#[tokio::test]
async fn teams_have_pages_of_their_own_below_a_page_of_teams() {
    let app = TestApp::start().await;
    let (acme, ann, members) = acme(&app).await;
    let named = |at: usize| (format!("team-{at}"), format!("Team {at}"));
    let teams = app.db_teams(&acme, &(0..5).map(named).collect::<Vec<_>>()).await;
    let mut members: Vec<MemberId> = members.values().map(|row| row.id).collect();
    members.sort();
    let places = teams
        .iter()
        .enumerate()
        .flat_map(|(at, team)| members.iter().take(at * 2).map(|member| (team.id, *member)));
    app.db_in_teams(&places.collect::<Vec<_>>()).await;
    let query =
        "query($slug: String!, $window: Int!, $after: String) { organization(slug: $slug) { teams { nodes { slug
        page: memberships(first: $window, after: $after) { totalCount nodes { id member { id } } edges { cursor }
            pageInfo { hasNextPage hasPreviousPage } }
        end: memberships(last: $window) { nodes { member { id } } pageInfo { hasNextPage hasPreviousPage } } } } } }";

    let reply = ann.send(query, json!({ "slug": acme.slug, "window": 3 })).await.ok();

    for (at, team) in reply
        .data("organization.teams.nodes")
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
    {
        let ids = |list: &Value| -> Vec<String> {
            list["nodes"]
                .as_array()
                .unwrap()
                .iter()
                .map(|node| node["member"]["id"].as_str().unwrap().into())
                .collect()
        };
        let all: Vec<String> = members.iter().take(at * 2).map(|id| id.global()).collect();
        assert_eq!(team["page"]["totalCount"], at * 2);
        assert_eq!(ids(&team["page"]), all[..all.len().min(3)]);
        assert_eq!(ids(&team["end"]), all[all.len().saturating_sub(3)..]);
        let more = at * 2 > 3;
        assert_eq!(
            team["page"]["pageInfo"],
            json!({ "hasNextPage": more, "hasPreviousPage": false })
        );
        assert_eq!(
            team["end"]["pageInfo"],
            json!({ "hasNextPage": false, "hasPreviousPage": more })
        );
    }
}

#[tokio::test]
async fn invites_are_read_in_pages() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let emails: Vec<_> = (0..47).map(|at| format!("{}@ÉXAMPLE.com", at * 31 % 47)).collect();
    app.db_pending(&acme, &emails, |at, row| {
        row.invite_status = Set([
            InviteStatus::Approved,
            InviteStatus::RequestedToJoin,
            InviteStatus::RequestedToBeInvited,
        ][at % 3]);
        if at % 6 == 0 {
            row.token_expires_at = Set(Some(rows::then()));
        }
    })
    .await;
    let rows = member::Entity::within(acme.row()).all(&app.db).await.unwrap();
    let rows: HashMap<_, _> = rows.into_iter().map(|row| (InviteId(row.id).global(), row)).collect();
    let list = List::of(&ann, &acme, "invites");

    let ids = list.walk().await;
    assert_eq!(ids.len(), 47);
    let keys: Vec<_> = ids
        .iter()
        .map(|id| (rows[id].invite_status.to_value(), rows[id].email_key.clone()))
        .collect();
    assert!(keys.is_sorted(), "not by status and address: {keys:#?}");
    for (status, count) in [
        ("PENDING", 8),
        ("EXPIRED", 8),
        ("REQUESTED_TO_JOIN", 16),
        ("REQUESTED_TO_BE_INVITED", 15),
    ] {
        let list = list.with(&format!("filter: {{ statuses: [{status}] }}"));
        assert_eq!(list.walk().await.len(), count, "{status}");
    }
}

#[tokio::test]
async fn ones_organizations_and_memberships_are_read_in_pages() {
    let app = TestApp::start().await;
    let ann = app.person("ann").seen().await;
    let bob = app.person("bob").seen().await;
    let slugs: Vec<_> = names(31)
        .into_iter()
        .enumerate()
        .map(|(at, name)| (format!("o-{}", at * 17 % 31), name))
        .collect();
    app.db_organizations(row(&ann.user_id().await), &slugs).await;
    app.db_organizations(row(&bob.user_id().await), &[("bobs".into(), "Bob's".into())])
        .await;

    let organizations = List::at(&ann, "", "organizations").walk().await;
    let memberships = List::at(&ann, "viewer {", "memberships").walk().await;
    assert_eq!((organizations.len(), memberships.len()), (31, 31));
    assert_eq!(List::at(&bob, "", "organizations").walk().await.len(), 1);
    assert_eq!(List::at(&app.superuser(), "", "organizations").walk().await.len(), 32);
}

#[tokio::test]
async fn open_invites_to_oneself_are_read_in_pages() {
    let app = TestApp::start().await;
    let ann = app.person("ann").seen().await;
    let slugs: Vec<_> = (0..9).map(|at| (format!("o-{at}"), "Same".to_owned())).collect();
    for organization in app.db_organizations(row(&ann.user_id().await), &slugs).await {
        app.db_pending(&organization, &["Bob@Example.com".into()], |_, _| ())
            .await;
    }
    assert_eq!(
        List::at(&app.person("bob"), "viewer {", "invites").walk().await.len(),
        9
    );
    assert_eq!(List::at(&ann, "viewer {", "invites").walk().await.len(), 0);
}

#[tokio::test]
async fn the_audit_log_is_read_in_pages_newest_first() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let actor = row::<UserId>(&ann.user_id().await);
    let entries = (0..45).map(|at| {
        (
            [1, 4, 5][at % 3],
            Some(actor),
            None,
            json!({ "email": format!("{at}@example.com") }),
        )
    });
    let mut entries = app.db_entries(&acme, entries).await;
    entries.reverse();
    let list = List::of(&ann, &acme, "auditLog");

    let ids = list.walk().await;
    assert_eq!(ids.len(), 46, "with the one of creating the organization");
    let expected: Vec<String> = entries.iter().map(|entry| entry.id.global()).collect();
    assert_eq!(ids[1..], expected, "equal times: the higher id is newer");
    assert_eq!(
        list.with("filter: { events: [\"member.edit\"] }").walk().await.len(),
        15
    );
}

#[tokio::test]
async fn what_comes_and_goes_between_pages_shifts_nothing() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let users = app.db_people(&people("M", 30)).await;
    let members = app.db_joined(&acme, &users, |_, _| ()).await;
    let list = List::of(&ann, &acme, "members").with("orderBy: { field: NAME, direction: ASC }");
    let all = list.forward(100).await;
    let first = list.page(json!({ "first": 10 })).await;
    let last = list.page(json!({ "last": 10 })).await;

    // The row of the cursor itself, one on the first page, one on the next.
    let (cursor, seen, coming) = (&first.ids[9], &first.ids[3], &all[12]);
    for id in [cursor, seen, coming, &last.ids[0]] {
        member::Entity::delete_by_id(row::<MemberId>(id))
            .exec(&app.db)
            .await
            .unwrap();
    }
    let more = app
        .db_people(&[
            ("A newcomer".into(), "a@x.com".into()),
            ("m005b".into(), "m005b@x.com".into()),
        ])
        .await;
    app.db_joined(&acme, &more, |_, _| ()).await;

    let next = list.page(json!({ "first": 10, "after": first.cursors[9] })).await;
    let expected: Vec<_> = all[10..].iter().filter(|id| *id != coming).take(10).cloned().collect();
    assert_eq!(next.ids, expected);
    let previous = list.page(json!({ "last": 10, "before": last.cursors[0] })).await;
    assert_eq!(
        previous.ids,
        all[11..21]
            .iter()
            .filter(|id| *id != coming)
            .cloned()
            .fold(vec![all[10].clone()], |mut ids, id| {
                ids.push(id);
                ids
            })
    );
    assert_eq!(next.total, members.len() + 1 - 4 + 2);
}
