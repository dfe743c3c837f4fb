//! What is selected more than once under one name: it is run once, and answered as
//! if it had been selected once; what cannot be one is refused (GraphQL, 5.3.2).

use super::*;

#[tokio::test]
async fn a_change_that_is_selected_twice_is_made_once() {
    let app = TestApp::start().await;
    let ann = app.person("ann");
    let create = "createTeam(input: { organizationId: $id, name: $name })";
    let plain = format!(
        "mutation($id: ID!, $name: String!) {{
            {create} {{ team {{ slug }} }} {create} {{ team {{ name }} userErrors {{ code }} }} }}"
    );
    let in_fragments = format!(
        "mutation($id: ID!, $name: String!) {{ ...A ...B }}
         fragment A on Mutation {{ {create} {{ team {{ slug }} }} }}
         fragment B on Mutation {{ ... {{ {create} {{ ...C }} }} }}
         fragment C on CreateTeamPayload {{ team {{ name }} userErrors {{ code }} }}"
    );
    let on_conditions = format!(
        "mutation($id: ID!, $name: String!, $yes: Boolean = true) {{
            {create} @include(if: $yes) {{ team {{ slug }} }}
            ... @skip(if: false) {{ {create} {{ team {{ name }} userErrors {{ code }} }} }} }}"
    );
    let acme = app.organization_of(&ann, "Acme").await;
    let mut teams = 0;
    for document in [plain, in_fragments, on_conditions] {
        // What is known to be valid goes another way the second time.
        for _ in 0..2 {
            teams += 1;
            let name = format!("Team {teams}");
            let reply = ann.send(&document, json!({ "id": acme.id, "name": name })).await.ok();
            let slug = format!("team-{teams}");
            let made = json!({ "team": { "slug": slug, "name": name }, "userErrors": [] });
            assert_eq!(*reply.data("createTeam"), made);
            let count = "{ organization(slug: \"acme\") { teams { totalCount } } }";
            let count = ann.send(count, json!({})).await.ok();
            assert_eq!(*count.data("organization.teams.totalCount"), teams, "{document}");
        }
    }
}

#[tokio::test]
async fn what_is_selected_in_parts_is_answered_as_a_whole() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Crew").await;
    app.join(&acme, &ann, &app.person("bob"), "member").await;
    let whole = |fields: &str| format!("{{ organization(slug: \"acme\") {{ {fields} }} }}");
    let node = |fields: &str| format!("{{ node(id: \"{}\") {{ {fields} }} }}", acme.id);
    for (parts, whole) in [
        // Parts of objects, lists and lists in lists.
        (
            "{ organization(slug: \"acme\") { id } ...A organization(slug: \"acme\") { name } }
             fragment A on Query { organization(slug: \"acme\") { members { nodes { id } totalCount } ...B } }
             fragment B on Organization { members { nodes { user { name } }
                nodes { user { id } teamMemberships { id } teamMemberships { team { name } } } } }"
                .to_owned(),
            whole(
                "id members { nodes { id user { name id } teamMemberships { id team { name } } } totalCount } name",
            ),
        ),
        // One that is null stays null, whatever else is asked of it.
        (
            "{ ...A ...B }
             fragment A on Query { organization(slug: \"acme\") { team(slug: \"none\") { id } } }
             fragment B on Query { organization(slug: \"acme\") { team(slug: \"none\") { name __typename } id } }"
                .to_owned(),
            whole("team(slug: \"none\") { id name __typename } id"),
        ),
        // Of one type among several.
        (
            node(
                "id ... on Node { __typename } ... on Organization { name members { totalCount } }
                 ... on Team { name } ... on Organization { ... on Node { kind: __typename } members { nodes { id } } }",
            ),
            node("id __typename ... on Organization { name members { totalCount nodes { id } } kind: __typename }"),
        ),
        // What conditions leave out, also by a value that is not given.
        (
            "query($no: Boolean = false, $yes: Boolean! = true) { organization(slug: \"acme\") {
                id name @include(if: $no) slug @skip(if: $no) ...S @skip(if: $yes)
                ... @include(if: $yes) { members { totalCount } } members @include(if: $no) { nodes { id } } } }
             fragment S on Organization { status }"
                .to_owned(),
            whole("id slug members { totalCount }"),
        ),
        (
            "{ __schema { queryType { name } } organization(slug: \"acme\") { id }
               __schema { queryType { kind } } __typename }"
                .to_owned(),
            "{ __schema { queryType { name kind } } organization(slug: \"acme\") { id } __typename }".to_owned(),
        ),
    ] {
        let wanted = ann.send(&whole, json!({})).await.ok();
        for _ in 0..2 {
            let reply = ann.send(&parts, json!({})).await.ok();
            // As text: the order of the fields counts, too.
            assert_eq!(reply.body.to_string(), wanted.body.to_string(), "{parts}");
            assert_eq!(reply.statements(), wanted.statements(), "{parts}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_one_is_refused_however_deep_it_is() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let org = |fields: &str| format!("{{ organization(slug: \"acme\") {{ {fields} }} }}");
    let node = |fields: &str| format!("{{ node(id: \"{}\") {{ {fields} }} }}", acme.id);
    for document in [
        org("x: name x: slug"),
        org("members { nodes { x: id } } members { nodes { x: name } }"),
        org("members { nodes { id } } members(first: 1) { nodes { id } }"),
        org("team(slug: \"a\") { id } ... { team(slug: \"b\") { id } }"),
        org("a: member(by: { id: \"a\" }) { id } ... on Organization { a: member(by: { id: \"b\" }) { id } }"),
        "{ ...A ...B } fragment A on Query { viewer { user { x: id } } } fragment B on Query { viewer { user { x: name } } }"
            .to_owned(),
        // Through the interface they may be of one object.
        node("x: id ... on Organization { x: name }"),
    ] {
        for _ in 0..2 {
            let reply = ann.send(&document, json!({})).await;
            assert!(reply.body.get("data").is_none(), "{document}: {reply:#?}");
            let codes = reply.error_codes();
            assert!(codes.iter().all(|code| code == "GRAPHQL_VALIDATION_FAILED"), "{document}: {reply:#?}");
        }
    }
    for document in [
        org("x: name x: name members(first: 1) { nodes { id } } members(first: 1) { totalCount }"),
        // No object is both.
        node("... on Organization { x: name } ... on Team { x: isIdpProvisioned }"),
        node(
            "... on Organization { x: teams { nodes { y: id } } } ... on Team { x: memberships { nodes { y: role { id } } } }",
        ),
        node("... on Organization { x: members { n: totalCount } } ... on Team { x: memberships { n: totalCount } }"),
    ] {
        ann.send(&document, json!({})).await.ok();
    }
}

#[tokio::test]
async fn a_change_that_cannot_be_one_changes_nothing() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let document = "mutation($id: ID!) {
        createTeam(input: { organizationId: $id, name: \"Crew\" }) { team { organization { x: id } } }
        createTeam(input: { organizationId: $id, name: \"Crew\" }) { team { organization { x: name } } } }";
    let reply = app.unchanged(ann.send(document, json!({ "id": acme.id }))).await;
    assert_eq!(refusal(&reply), "GRAPHQL_VALIDATION_FAILED");
}

#[tokio::test]
async fn an_error_in_a_list_has_the_place_of_its_entry() {
    let app = TestApp::start().await;
    let ann = app.person("ann");
    let (mut organizations, bob) = (Vec::new(), app.person("bob"));
    for name in ["One", "Two", "Three"] {
        let organization = app.organization_of(&ann, name).await;
        app.join(&organization, &ann, &bob, "member").await;
        organizations.push(organization.id);
    }
    let paths = |reply: &Reply| -> Vec<String> {
        let errors = reply.body["errors"].as_array().unwrap();
        let paths = errors.iter().map(|error| error["path"].to_string());
        let mut paths: Vec<_> = paths.collect();
        paths.sort();
        paths
    };
    // A null that stays, and one that travels up to its entry.
    for (asked, field, code) in [
        ("webhooks", "webhooks", "FORBIDDEN"),
        ("members(after: \"none\")", "members", "BAD_USER_INPUT"),
    ] {
        let document = format!(
            "query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Organization {{ id {asked} {{ totalCount }} }} }} }}"
        );
        for _ in 0..2 {
            let reply = bob.send(&document, json!({ "ids": organizations })).await;
            let wanted: Vec<_> = (0..3).map(|at| format!("[\"nodes\",{at},\"{field}\"]")).collect();
            assert_eq!(paths(&reply), wanted, "{reply:#?}");
            assert_eq!(reply.error_codes(), [code; 3]);
        }
    }
    let document =
        "{ viewer { memberships { nodes { organization { all: members(after: \"none\") { totalCount } } } } } }";
    for _ in 0..2 {
        let reply = bob.send(document, json!({})).await;
        let path = paths(&reply);
        let tail = ",\"organization\",\"all\"]";
        assert!(
            path[0].starts_with("[\"viewer\",\"memberships\",\"nodes\",") && path[0].ends_with(tail),
            "{reply:#?}"
        );
    }
}
