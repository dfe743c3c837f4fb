//! Windows and cursors: which are taken, which are bad input.

use super::{pages::List, *};

#[tokio::test]
async fn a_page_lies_between_two_cursors() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.db_joined(&acme, &app.db_people(&people("m", 30)).await, |_, _| ())
        .await;
    let list = List::of(&ann, &acme, "members");
    let all = list.page(json!({ "first": 100 })).await;
    let window = |size: &str, count: usize| json!({ "after": all.cursors[4], "before": all.cursors[20], size: count });

    let page = list.page(window("first", 3)).await;
    assert_eq!(page.ids, all.ids[5..8]);
    assert!(page.has_next && page.total == 31);
    let page = list.page(window("last", 3)).await;
    assert_eq!(page.ids, all.ids[17..20]);
    assert!(page.has_previous);
    assert_eq!(list.page(window("first", 100)).await.ids, all.ids[5..20]);
    let nothing = json!({ "after": all.cursors[4], "before": all.cursors[5], "first": 3 });
    assert!(list.page(nothing).await.ids.is_empty());
    let crossed = json!({ "after": all.cursors[9], "before": all.cursors[5], "first": 3 });
    assert!(list.page(crossed).await.ids.is_empty());
}

#[tokio::test]
async fn a_page_has_25_rows_unless_asked_for_1_to_100() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Red").await;
    app.db_joined(&acme, &app.db_people(&people("m", 120)).await, |_, _| ())
        .await;
    for list in lists(&ann, &acme) {
        for size in [0, -1, 101, i32::MAX, i32::MIN] {
            for side in ["first", "last"] {
                assert_eq!(
                    list.refusal(json!({ side: size })).await,
                    "BAD_USER_INPUT",
                    "{side}: {size} of {}",
                    list.field
                );
            }
        }
        assert_eq!(
            list.refusal(json!({ "first": 5, "last": 5 })).await,
            "BAD_USER_INPUT",
            "both of {}",
            list.field
        );
        let page = list.page(json!({ "first": 100 })).await;
        assert!(!page.ids.is_empty() || page.total == 0);
    }
    let members = List::of(&ann, &acme, "members");
    let all = members.page(json!({ "first": 100 })).await;
    assert_eq!(all.ids.len(), 100);
    let page = members.page(json!({})).await;
    assert_eq!(
        (page.ids, page.has_next, page.total),
        (all.ids[..25].to_vec(), true, 121)
    );
    let page = members.page(json!({ "after": all.cursors[0] })).await;
    assert_eq!(page.ids, all.ids[1..26]);
}

/// Every list there is, with rows in most of them.
fn lists(ann: &Client, acme: &Organization) -> Vec<List> {
    let team = format!("organization(slug: \"{}\") {{ teams {{ nodes {{", acme.slug);
    vec![
        List::of(ann, acme, "members"),
        List::of(ann, acme, "members").with("orderBy: { field: NAME, direction: ASC }"),
        List::of(ann, acme, "members").with("orderBy: { field: EMAIL, direction: ASC }"),
        List::of(ann, acme, "members").with("orderBy: { field: ROLE, direction: ASC }"),
        List::of(ann, acme, "invites"),
        List::of(ann, acme, "teams"),
        List::of(ann, acme, "auditLog"),
        List::at(ann, "", "organizations"),
        List::at(ann, "viewer {", "memberships"),
        List::at(ann, "viewer {", "invites"),
        List {
            client: ann.clone(),
            way: team.replace("teams { nodes {", "team(slug: \"red\") {"),
            field: "memberships",
            arguments: String::new(),
        },
    ]
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_and_order_only() {
    // It asks more often than people do.
    let app = TestApp::start_with(|config| config.rate_limits.requests.enabled = false).await;
    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Red").await;
    app.db_in_teams(&[(row(&db_team(&app, &acme, "red").await), row(&acme.owner))])
        .await;
    app.db_pending(&acme, &["x@example.com".into()], |_, _| ()).await;
    let globex = app.organization_of(&app.person("bob"), "Globex").await;
    app.db_pending(&globex, &["ann@example.com".into()], |_, _| ()).await;
    let lists = lists(&ann, &acme);
    let mut cursors = Vec::new();
    for list in &lists {
        cursors.push(list.page(json!({ "first": 1 })).await.cursors.remove(0));
    }

    let mut taken = Vec::new();
    for (at, list) in lists.iter().enumerate() {
        for (from, cursor) in cursors.iter().enumerate() {
            for side in [
                json!({ "first": 5, "after": cursor }),
                json!({ "last": 5, "before": cursor }),
            ] {
                let reply = list.send(side).await;
                let name = |list: &List| format!("{}{}({})", list.way, list.field, list.arguments);
                // The same kind of row in the same order, reached by another way.
                let kind = |list: &List| (list.field.replace("memberships", "members"), list.arguments.clone());
                let is_akin =
                    kind(list) == kind(&lists[from]) && !format!("{}{}", list.way, lists[from].way).contains("team");
                if at == from {
                    reply.ok();
                } else if !is_akin && reply.error_codes() != ["BAD_USER_INPUT"] {
                    taken.push(format!("a cursor of {} in {}", name(&lists[from]), name(list)));
                }
            }
        }
    }
    assert!(taken.is_empty(), "taken: {taken:#?}");
}

#[tokio::test]
async fn a_malformed_cursor_is_bad_input() {
    // It asks more often than people do.
    let app = TestApp::start_with(|config| config.rate_limits.requests.enabled = false).await;
    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Red").await;
    let cursor = List::of(&ann, &acme, "members")
        .page(json!({ "first": 1 }))
        .await
        .cursors
        .remove(0);
    let mut cursors: Vec<String> = vec![
        String::new(),
        " ".into(),
        "x".into(),
        "MTIz".into(),
        "e30".into(),
        "bnVsbA".into(),
        "🦀".into(),
        "\u{0}".into(),
        "' OR 1=1 --".into(),
        format!("{cursor}="),
        format!("{cursor}A"),
        format!(" {cursor}"),
        cursor[..cursor.len() - 2].into(),
        cursor.chars().rev().collect(),
        acme.id.clone(),
        acme.owner.clone(),
        "A".repeat(200_000),
    ];
    cursors.extend((1..12).map(|cut| cursor[cut.min(cursor.len() - 1)..].to_owned()));
    for list in lists(&ann, &acme) {
        for cursor in &cursors {
            for side in ["after", "before"] {
                let code = list.refusal(json!({ side: cursor })).await;
                assert_eq!(
                    code,
                    "BAD_USER_INPUT",
                    "{side}: {} of {}",
                    &cursor.chars().take(50).collect::<String>(),
                    list.field
                );
            }
        }
    }
}

#[tokio::test]
async fn variables_that_are_not_given_are_arguments_that_are_not_given() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Red").await;
    let window = "first: $first, after: $after, last: $last, before: $before";
    let query = format!(
        "query($slug: String!, $first: Int, $after: String, $last: Int, $before: String, $filter: MemberFilter,
            $order: MemberOrder, $size: Int = 32, $teams: TeamFilter, $events: [String!]) {{ organization(slug: $slug) {{
            avatar {{ url(size: $size) }} auditLog({window}, filter: {{ events: $events }}) {{ totalCount }}
            members({window}, filter: $filter, orderBy: $order) {{ nodes {{ id }} }}
            invites({window}) {{ nodes {{ id }} }} teams({window}, filter: $teams) {{ nodes {{ id
            memberships({window}) {{ nodes {{ id }} }} }} }} }} }}"
    );

    for window in [
        json!({}),
        json!({ "first": 5 }),
        json!({ "last": 5 }),
        json!({ "first": 5, "after": null }),
    ] {
        let mut variables = window.clone();
        variables["slug"] = json!(acme.slug);
        let reply = ann.send(&query, variables).await.ok();
        assert_eq!(
            reply.data("organization.members.nodes").as_array().unwrap().len(),
            1,
            "{window}"
        );
        assert_eq!(
            reply.data("organization.teams.nodes").as_array().unwrap().len(),
            1,
            "{window}"
        );
    }
}
