//! As a subgraph of a federated graph. That one is composed and asked by Apollo's
//! packages, `tests/federation` shows.

use entity::{
    ids::{MemberId, RowId, TeamId, UserId},
    organization::flag,
};

use super::*;
use crate::support::Organization;

const ENTITIES: &str = "query($of: [_Any!]!) { _entities(representations: $of) { __typename
    ... on User { id name } ... on Organization { id name } ... on Member { id user { name } } ... on Team { id name } } }";

async fn subgraph() -> TestApp {
    TestApp::start_with(|config| config.graphql.federation = true).await
}

fn of(kind: &str, id: &str) -> Value {
    json!({ "__typename": kind, "id": id })
}

async fn team_of(app: &TestApp, organization: &Organization, ann: &Client) -> String {
    app.team(organization, ann, "Crew").await;
    let query = "query($slug: String!) { organization(slug: $slug) { team(slug: \"crew\") { id } } }";
    let reply = ann.send(query, json!({ "slug": organization.slug })).await.ok();
    reply.text("organization.team.id")
}

#[tokio::test]
async fn entities_are_found_by_their_ids() {
    let app = subgraph().await;
    let (acme, ann) = app.organization("Acme").await;
    let team = team_of(&app, &acme, &ann).await;
    let user = ann.user_id().await;

    let all = [
        of("Team", &team),
        of("Member", &acme.owner),
        of("Organization", &acme.id),
        of("User", &user),
        of("Team", &team),
    ];
    let reply = ann.send(ENTITIES, json!({ "of": all })).await.ok();

    let crew = json!({ "__typename": "Team", "id": team, "name": "Crew" });
    let expected = json!([
        crew,
        { "__typename": "Member", "id": acme.owner, "user": { "name": "Ann" } },
        { "__typename": "Organization", "id": acme.id, "name": "Acme" },
        { "__typename": "User", "id": user, "name": "Ann" },
        crew,
    ]);
    assert_eq!(*reply.data("_entities"), expected);
    let none = ann.send(ENTITIES, json!({ "of": [] })).await.ok();
    assert_eq!(*none.data("_entities"), json!([]));
}

#[tokio::test]
async fn what_is_not_there_or_not_shown_is_null_and_disturbs_nothing() {
    let app = subgraph().await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&app.person("gus"), "Globex").await;
    let hidden = team_of(&app, &globex, &app.person("gus")).await;
    let user = ann.user_id().await;

    let mut all = vec![of("User", &user)];
    all.extend([
        of("Organization", &globex.id),
        of("Member", &globex.owner),
        of("Team", &hidden),
        of("User", &app.person("gus").user_id().await),
        of("User", &UserId(99_999).global()),
        of("Team", &TeamId(99_999).global()),
        of("Member", &MemberId(i64::MAX).global()),
        // Of another kind than it says.
        of("Team", &user),
        of("User", &acme.owner),
        of("User", "no id"),
        of("User", ""),
    ]);
    all.push(of("Organization", &acme.id));
    let reply = ann.send(ENTITIES, json!({ "of": all })).await.ok();
    let found = reply.data("_entities").as_array().unwrap();
    assert_eq!(found.len(), all.len());
    let (first, last) = (&found[0], &found[found.len() - 1]);
    assert_eq!((&first["id"], &last["id"]), (&json!(user), &json!(acme.id)));
    assert!(found[1..found.len() - 1].iter().all(Value::is_null), "{found:#?}");

    let nobody = app.anonymous().send(ENTITIES, json!({ "of": all })).await.ok();
    let found = nobody.data("_entities").as_array().unwrap();
    assert!(found.iter().all(Value::is_null), "{found:#?}");
}

#[tokio::test]
async fn a_gate_that_is_shut_is_told_of_its_entity_only() {
    let app = subgraph().await;
    let (acme, ann) = app.organization("Acme").await;
    let open = app.organization_of(&ann, "Open").await;
    app.db_set_organization_flags(&acme, flag::REQUIRE_2FA).await;

    let all = [of("Organization", &acme.id), of("Organization", &open.id)];
    let reply = ann.send(ENTITIES, json!({ "of": all })).await;

    assert_eq!(reply.error_codes(), ["TWO_FACTOR_REQUIRED"]);
    assert_eq!(*reply.data("_entities.0"), Value::Null);
    assert_eq!(*reply.data("_entities.1.name"), json!("Open"));
}

#[tokio::test]
async fn an_error_has_the_place_of_its_entity() {
    let app = subgraph().await;
    let ann = app.person("ann");
    let bob = app.person("bob");
    let mut all = vec![of("Team", "none"), json!({ "__typename": "Invite", "id": "a" })];
    for name in ["One", "Two"] {
        let organization = app.organization_of(&ann, name).await;
        app.join(&organization, &ann, &bob, "member").await;
        // Some routers ask for the same one twice.
        all.extend([
            of("Organization", &organization.id),
            of("Organization", &organization.id),
        ]);
    }
    let ask = |fields: &str| {
        format!(
            "query($of: [_Any!]!) {{ _entities(representations: $of) {{ ... on Organization {{ name {fields} }} }} }}"
        )
    };
    for (fields, is_null, code) in [
        ("webhooks { totalCount }", false, "FORBIDDEN"),
        ("members(after: \"none\") { totalCount }", true, "BAD_USER_INPUT"),
    ] {
        for _ in 0..2 {
            let reply = bob.send(&ask(fields), json!({ "of": all })).await;
            let field = fields.split([' ', '(']).next().unwrap();
            let errors = reply.body["errors"].as_array().unwrap().iter();
            let mut told: Vec<_> = errors
                .map(|error| (error["path"].clone(), error["extensions"]["code"].clone()))
                .collect();
            told.sort_by_key(|(path, _)| path.to_string());
            let mut wanted = vec![(json!(["_entities", 1]), json!("BAD_USER_INPUT"))];
            wanted.extend((2..6).map(|at| (json!(["_entities", at, field]), json!(code))));
            assert_eq!(told, wanted, "{reply:#?}");
            assert_eq!(reply.data("_entities.3").is_null(), is_null, "{reply:#?}");
            assert_eq!(*reply.data("_entities.0"), Value::Null);
        }
    }
}

#[tokio::test]
async fn as_many_statements_look_up_one_as_fifty() {
    let app = subgraph().await;
    let (acme, ann) = app.organization("Acme").await;
    let person = |at| (format!("p{at}"), format!("p{at}@example.com"));
    let users = app.db_people(&(0..50).map(person).collect::<Vec<_>>()).await;
    let members = app.db_joined(&acme, &users, |_, _| ()).await;
    let ids: Vec<Value> = members.iter().map(|member| of("Member", &member.id.global())).collect();

    let one = ann.send(ENTITIES, json!({ "of": ids[..1] })).await.ok();
    let fifty = ann.send(ENTITIES, json!({ "of": ids })).await.ok();

    let found = fifty.data("_entities").as_array().unwrap();
    assert_eq!(
        found.iter().filter(|member| member["user"]["name"].is_string()).count(),
        50
    );
    assert_eq!(one.statements(), fifty.statements());
}

#[tokio::test]
async fn representations_that_are_none_are_refused_with_a_code() {
    let app = subgraph().await;
    let (acme, ann) = app.organization("Acme").await;
    for none in [
        json!({ "id": acme.id }),
        json!({ "__typename": "Organization" }),
        json!({ "__typename": "Organization", "id": null }),
        json!({ "__typename": "Organization", "id": { "a": 1 } }),
        json!({ "__typename": 7, "id": acme.id }),
        json!({ "__typename": "Invite", "id": acme.id }),
        json!("Organization"),
        json!([[]]),
    ] {
        let reply = ann.send(ENTITIES, json!({ "of": [none] })).await;
        let codes = reply.error_codes();
        assert_eq!(codes, ["BAD_USER_INPUT"], "{none}: {reply:#?}");
        assert!(!reply.body.to_string().contains("Acme"));
    }
    for none in [json!(null), json!([null])] {
        let reply = ann.send(ENTITIES, json!({ "of": none })).await;
        assert_eq!(refusal(&reply), "BAD_USER_INPUT", "{none}");
    }
    // Each costs what is asked of it.
    let many = vec![of("User", "VXNlcjox"); 5_500];
    let reply = ann.send(ENTITIES, json!({ "of": many })).await;
    assert_eq!(refusal(&reply), "QUERY_TOO_COMPLEX");
    // As many as a list of an input may have, however cheap they are.
    let cheap = "query($of: [_Any!]!) { _entities(representations: $of) { __typename } }";
    let many = |count: usize| json!({ "of": vec![of("User", "VXNlcjox"); count] });
    ann.send(cheap, many(1_000)).await.ok();
    assert_eq!(refusal(&ann.send(cheap, many(1_001)).await), "QUERY_TOO_COMPLEX");
}

#[tokio::test]
async fn a_router_reads_the_schema_of_the_subgraph() {
    let app = subgraph().await;
    let reply = app.anonymous().send("{ _service { sdl } }", json!({})).await.ok();
    let sdl = reply.text("_service.sdl");
    for kind in ["User", "Organization", "Member", "Team"] {
        let key = format!("type {kind} implements Node @key(fields: \"id\")");
        assert!(sdl.contains(&key), "no {key}");
    }
    assert!(sdl.contains("acceptInvite") && !sdl.contains("_Any"), "{sdl}");
    // Its clients see the same as without a router, and the hash stays theirs.
    let ask = "{ service { schemaHash } }";
    let alone = TestApp::start().await;
    let (with, without) = (app.anonymous(), alone.anonymous());
    let hash = |reply: Reply| reply.ok().text("service.schemaHash");
    assert_eq!(
        hash(with.send(ask, json!({})).await),
        hash(without.send(ask, json!({})).await)
    );
}

#[tokio::test]
async fn without_the_switch_nothing_of_it_is_there() {
    let app = TestApp::start().await;
    let ann = app.person("ann");
    for (query, variables) in [("{ _service { sdl } }", json!({})), (ENTITIES, json!({ "of": [] }))] {
        let reply = ann.send(query, variables).await;
        assert!(reply.body.get("data").is_none_or(Value::is_null), "{reply:#?}");
        let codes = reply.error_codes();
        assert!(
            codes.iter().all(|code| code == "GRAPHQL_VALIDATION_FAILED"),
            "{reply:#?}"
        );
    }
    let ask = "{ __schema { types { name } queryType { fields { name } } } }";
    let told = ann.send(ask, json!({})).await.ok().body.to_string();
    assert!(!told.contains("_Any") && !told.contains("_Entity") && !told.contains("_service"));
}
