//! Teams: making one, finding them (§14.3), who is in them and with which role.

use std::collections::BTreeSet;

use entity::{
    ids::{MemberId, RowId, TeamId},
    member::InviteStatus,
    organization::flag,
    outbox::Category,
    team, team_member,
};
use sea_orm::{ActiveValue::Set, prelude::*};
use serde_json::{Value, json};

use crate::support::{Client, Organization, Reply, TestApp, row};

const TEAM_ADD: i32 = 20;

impl Client {
    async fn create_team(&self, organization: &Organization, mut input: Value) -> Reply {
        input["organizationId"] = json!(organization.id);
        let fields = "team { id slug name isIdpProvisioned organization { id } memberships { totalCount } viewerMembership { id }
            viewerCanUpdate viewerCanJoin }";
        self.mutate("createTeam", fields, input).await
    }

    async fn ask_teams(&self, organization: &Organization, filter: Value) -> Reply {
        let query = "query($slug: String!, $filter: TeamFilter) { organization(slug: $slug) {
            teams(first: 100, filter: $filter) { totalCount nodes { id slug } } } }";
        self.send(query, json!({ "slug": organization.slug, "filter": filter }))
            .await
    }

    /// Slugs of the teams that match, sorted.
    async fn teams(&self, organization: &Organization, filter: Value) -> String {
        let reply = self.ask_teams(organization, filter.clone()).await.ok();
        let nodes = reply.data("organization.teams.nodes").as_array().unwrap();
        assert_eq!(*reply.data("organization.teams.totalCount"), nodes.len(), "{filter}");
        let slugs: BTreeSet<&str> = nodes.iter().map(|node| node["slug"].as_str().unwrap()).collect();
        assert_eq!(slugs.len(), nodes.len(), "a team comes twice");
        slugs.into_iter().collect::<Vec<_>>().join(" ")
    }

    /// What the team shows to this caller.
    async fn team(&self, organization: &Organization, slug: &str) -> Value {
        let query = "query($slug: String!, $team: String!) { organization(slug: $slug) { team(slug: $team) { slug
            viewerMembership { role { id } effectiveRole { id } } viewerCanUpdate viewerCanJoin
            memberships { totalCount nodes { role { id } effectiveRole { id } member { id name } } } } } }";
        let reply = self
            .send(query, json!({ "slug": organization.slug, "team": slug }))
            .await
            .ok();
        reply.data("organization.team").clone()
    }
}

impl TestApp {
    /// Puts a member into a team.
    async fn db_put(&self, organization: &Organization, slug: &str, member: &str, role: Option<&str>) -> String {
        let place = team_member::ActiveModel {
            team_id: Set(row(&self.db_team(organization, slug).await)),
            member_id: Set(row::<MemberId>(member)),
            is_active: Set(true),
            role: Set(role.map(str::to_owned)),
            ..Default::default()
        };
        place.insert(&self.db).await.unwrap().id.global()
    }

    /// Global id of a team, in use or not.
    async fn db_team(&self, organization: &Organization, slug: &str) -> String {
        let teams = team::Entity::find()
            .filter(team::Column::OrganizationId.eq(organization.row()))
            .filter(team::Column::Slug.eq(slug));
        teams.one(&self.db).await.unwrap().unwrap().id.global()
    }
}

/// Acme with Ann its owner and Bob with a role.
async fn with_bob(app: &TestApp, role: &str) -> (Organization, Client, Client, String) {
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    let member = app.join(&acme, &ann, &bob, "member").await;
    app.db_set_role(&member, role).await;
    (acme, ann, bob, member)
}

#[tokio::test]
async fn a_team_is_made_without_members() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let before = app.db_outbox(&acme).await.len();

    let reply = ann
        .create_team(&acme, json!({ "name": "Red Team" }))
        .await
        .done("createTeam");

    let made = reply.data("createTeam.team");
    assert_eq!(
        (&made["slug"], &made["name"], &made["isIdpProvisioned"]),
        (&json!("red-team"), &json!("Red Team"), &json!(false))
    );
    assert_eq!(
        (&made["organization"]["id"], &made["memberships"]["totalCount"]),
        (&json!(acme.id), &json!(0))
    );
    assert!(made["viewerMembership"].is_null());
    let id = reply.text("createTeam.team.id");
    let audit = app.db_audit(&acme).await.pop().unwrap();
    assert_eq!((audit.event, audit.actor), (TEAM_ADD, Some(ann.user_id().await)));
    assert_eq!(audit.target, Some(row::<TeamId>(&id).0));
    assert_eq!(
        audit.data,
        json!({ "id": id, "slug": "red-team", "name": "Red Team", "status": 0 })
    );
    assert_eq!(
        app.db_outbox(&acme).await[before..],
        [(Category::TeamUpdate, row::<TeamId>(&id).0)]
    );
    assert_eq!(ann.teams(&acme, json!({})).await, "red-team");
}

#[tokio::test]
async fn who_writes_the_organization_or_teams_makes_teams() {
    let app = TestApp::start().await;
    let (acme, ann, bob, member) = with_bob(&app, "member").await;
    for (role, may) in [("member", false), ("admin", true), ("manager", true), ("owner", true)] {
        app.db_set_role(&member, role).await;
        let input = json!({ "name": format!("Of {role}") });
        if may {
            bob.create_team(&acme, input).await.done("createTeam");
        } else {
            let reply = app.unchanged(bob.create_team(&acme, input)).await;
            assert_eq!(reply.codes("createTeam"), ["FORBIDDEN"], "{role}");
        }
    }
    for (scope, may) in [
        ("org:write", true),
        ("org:admin", true),
        ("team:write", true),
        ("team:admin", true),
        ("team:read", false),
        ("member:admin", false),
    ] {
        let robot = app.db_app(&acme, &[scope]).await;
        for (client, name) in [(ann.with(json!({ "scope": scope })), "a person"), (robot, "an app")] {
            let input = json!({ "name": format!("Of {name} with {scope}") });
            if may {
                client.create_team(&acme, input).await.done("createTeam");
            } else {
                let reply = app.unchanged(client.create_team(&acme, input)).await;
                assert_eq!(reply.codes("createTeam"), ["FORBIDDEN"], "{name} with {scope}");
            }
        }
    }
    app.superuser()
        .create_team(&acme, json!({ "name": "Of root" }))
        .await
        .done("createTeam");
    let reply = app
        .unchanged(app.anonymous().create_team(&acme, json!({ "name": "Other" })))
        .await;
    assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);
    let globex = app.organization_of(&app.person("gus"), "Globex").await;
    let foreign = app.db_app(&globex, &["org:admin", "team:admin"]).await;
    for stranger in [app.person("zoe"), app.person("gus"), foreign] {
        let reply = app
            .unchanged(stranger.create_team(&acme, json!({ "name": "Other" })))
            .await;
        assert_eq!(reply.codes("createTeam"), ["ORGANIZATION_NOT_FOUND"]);
    }
}

#[tokio::test]
async fn slugs_of_teams_are_good_and_unique_within_the_organization() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&ann, "Globex").await;
    ann.create_team(&acme, json!({ "name": "Red", "slug": "red" }))
        .await
        .done("createTeam");
    ann.create_team(&globex, json!({ "name": "Red", "slug": "red" }))
        .await
        .done("createTeam");

    let long = "a".repeat(51);
    for slug in [
        "",
        " ",
        "ab",
        long.as_str(),
        "Red2",
        "red_2",
        "red 2",
        "-red",
        "red-",
        "12345",
        "röd",
        "re\u{0}d",
        "🦀🦀🦀",
    ] {
        let reply = app
            .unchanged(ann.create_team(&acme, json!({ "name": "Other", "slug": slug })))
            .await;
        assert_eq!(
            reply.refusals("createTeam"),
            [("SLUG_INVALID", "input.slug")],
            "{slug:?}"
        );
    }
    let reply = app
        .unchanged(ann.create_team(&acme, json!({ "name": "Other", "slug": "red" })))
        .await;
    assert_eq!(reply.refusals("createTeam"), [("SLUG_TAKEN", "input.slug")]);
    app.db_retire_team(&acme, "red").await;
    let reply = app
        .unchanged(ann.create_team(&acme, json!({ "name": "Other", "slug": "red" })))
        .await;
    assert_eq!(
        reply.codes("createTeam"),
        ["SLUG_TAKEN"],
        "also by a team that is going away"
    );

    let mut slugs = BTreeSet::from(["red".to_owned()]);
    for name in [
        "Red",
        "RED",
        "red",
        "🦀",
        "李",
        "1234",
        "a",
        "Very Long Name Of A Team That Goes On And On Until The End",
        "_",
    ] {
        let reply = ann.create_team(&acme, json!({ "name": name })).await.done("createTeam");
        let slug = reply.text("createTeam.team.slug");
        let letters = slug
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        assert!(
            letters && (3..=50).contains(&slug.len()) && !slug.ends_with('-') && !slug.starts_with('-'),
            "{name:?} became {slug:?}"
        );
        assert!(
            !slug.bytes().all(|byte| byte.is_ascii_digit()),
            "{name:?} became {slug:?}"
        );
        assert!(slugs.insert(slug.clone()), "{name:?} became {slug:?}, which was taken");
    }
}

#[tokio::test]
async fn names_of_teams_have_1_to_64_characters() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    for name in ["", " ", "\n", &"a".repeat(65), "a\u{0}"] {
        let reply = app
            .unchanged(ann.create_team(&acme, json!({ "name": name, "slug": "fine" })))
            .await;
        assert_eq!(
            reply.refusals("createTeam"),
            [("VALIDATION_FAILED", "input.name")],
            "{name:?}"
        );
    }
    let reply = app
        .unchanged(ann.create_team(&acme, json!({ "name": "", "slug": "x" })))
        .await;
    let codes: BTreeSet<String> = reply.codes("createTeam").into_iter().collect();
    assert_eq!(
        codes,
        BTreeSet::from(["SLUG_INVALID".to_owned(), "VALIDATION_FAILED".into()])
    );
    for name in ["a", &"é".repeat(64), "🦀 crabs"] {
        let reply = ann.create_team(&acme, json!({ "name": name })).await.done("createTeam");
        assert_eq!(reply.text("createTeam.team.name"), name);
    }
}

#[tokio::test]
async fn of_many_who_take_a_teams_slug_at_once_one_gets_it() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let calls = (0..8).map(|_| ann.create_team(&acme, json!({ "name": "Red", "slug": "red" })));
    let replies = futures_util::future::join_all(calls).await;
    let taken = replies
        .iter()
        .filter(|reply| reply.codes("createTeam") == ["SLUG_TAKEN"])
        .count();
    assert_eq!(taken, 7);
    let calls = (0..8).map(|_| ann.create_team(&acme, json!({ "name": "Blue" })));
    for reply in futures_util::future::join_all(calls).await {
        reply.done("createTeam");
    }
    assert_eq!(team::Entity::within(acme.row()).all(&app.db).await.unwrap().len(), 9);
}

#[tokio::test]
async fn teams_are_found_by_word_slug_and_id() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    for (name, slug) in [
        ("Red Team", "red"),
        ("Blue Team", "blue"),
        ("100%_Done", "done"),
        ("Ünicorn", "uni"),
    ] {
        ann.create_team(&acme, json!({ "name": name, "slug": slug }))
            .await
            .done("createTeam");
    }
    let (red, blue) = (app.db_team(&acme, "red").await, app.db_team(&acme, "blue").await);
    for (filter, found) in [
        (json!(null), "blue done red uni"),
        (json!({}), "blue done red uni"),
        (json!({ "query": "" }), "blue done red uni"),
        (json!({ "query": "TEAM" }), "blue red"),
        (json!({ "query": "re" }), "red"),
        (json!({ "query": "%" }), "done"),
        (json!({ "query": "ünicorn" }), "uni"),
        (json!({ "query": "_" }), "done"),
        (json!({ "query": "r%d" }), ""),
        (json!({ "slugs": ["red"] }), "red"),
        (json!({ "slugs": ["red", "blue", "red", "nothing"] }), "blue red"),
        (json!({ "slugs": ["RED"] }), ""),
        (json!({ "slugs": ["%"] }), ""),
        (json!({ "ids": [red] }), "red"),
        (json!({ "ids": [red, blue, red] }), "blue red"),
        (json!({ "ids": [TeamId(99_999).global()] }), ""),
        (json!({ "ids": [red], "slugs": ["blue"] }), ""),
        (json!({ "ids": [red, blue], "query": "blue" }), "blue"),
        (
            json!({ "slugs": null, "ids": null, "query": null, "myTeams": null }),
            "blue done red uni",
        ),
        (json!({ "myTeams": false }), "blue done red uni"),
    ] {
        assert_eq!(ann.teams(&acme, filter.clone()).await, found, "{filter}");
    }
}

#[tokio::test]
async fn a_malformed_id_in_a_filter_of_teams_is_told() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Red").await;
    let red = app.db_team(&acme, "red").await;
    for id in [
        "",
        "x",
        "1",
        "myteams",
        "-1",
        "🦀",
        "\u{0}",
        &acme.id,
        &acme.owner,
        &format!("{red} "),
        &"A".repeat(10_000),
    ] {
        for ids in [json!([id]), json!([red, id])] {
            let reply = ann.ask_teams(&acme, json!({ "ids": ids })).await;
            assert_eq!(reply.error_codes(), ["INVALID_TEAM_ID"], "{id:?}");
            assert!(reply.body.to_string().len() < 2_000, "{id:?} is echoed");
        }
    }
}

#[tokio::test]
async fn my_teams_are_those_one_is_in_and_all_for_a_superuser() {
    let app = TestApp::start().await;
    let (acme, ann, bob, member) = with_bob(&app, "member").await;
    for name in ["Red", "Blue", "Green"] {
        app.team(&acme, &ann, name).await;
    }
    app.db_put(&acme, "red", &member, None).await;
    app.db_put(&acme, "blue", &member, None).await;
    let mine = json!({ "myTeams": true });

    assert_eq!(bob.teams(&acme, mine.clone()).await, "blue red");
    assert_eq!(ann.teams(&acme, mine.clone()).await, "");
    assert_eq!(app.superuser().teams(&acme, mine.clone()).await, "blue green red");
    assert_eq!(
        app.db_app(&acme, &["org:read", "team:read"])
            .await
            .teams(&acme, mine.clone())
            .await,
        ""
    );
    assert_eq!(
        bob.teams(&acme, json!({ "myTeams": true, "slugs": ["red", "green"] }))
            .await,
        "red"
    );
    app.db_retire_team(&acme, "red").await;
    assert_eq!(bob.teams(&acme, mine).await, "blue");
}

#[tokio::test]
async fn an_id_of_a_team_that_is_not_accessible_is_forbidden_and_named() {
    let app = TestApp::start().await;
    let (acme, ann, bob, member) = with_bob(&app, "member").await;
    for name in ["Red", "Blue"] {
        app.team(&acme, &ann, name).await;
    }
    app.db_put(&acme, "red", &member, None).await;
    let (red, blue) = (app.db_team(&acme, "red").await, app.db_team(&acme, "blue").await);
    assert_eq!(
        bob.teams(&acme, json!({ "ids": [red, blue] })).await,
        "blue red",
        "membership is open"
    );

    app.db_set_organization_flags(&acme, 0).await;
    assert_eq!(bob.teams(&acme, json!({ "ids": [red] })).await, "red");
    for ids in [json!([blue]), json!([red, blue])] {
        let reply = bob.ask_teams(&acme, json!({ "ids": ids })).await;
        assert_eq!(reply.error_codes(), ["FORBIDDEN"]);
        assert!(
            reply.body["errors"][0]["message"].as_str().unwrap().contains("blue"),
            "{reply:#?}"
        );
    }
    // The list itself, and who is in the teams, is open to all members (§28).
    assert_eq!(bob.teams(&acme, json!({})).await, "blue red");
    assert_eq!(bob.teams(&acme, json!({ "slugs": ["blue"] })).await, "blue");
    assert_eq!(bob.team(&acme, "blue").await["memberships"]["totalCount"], 0);
    for (role, may) in [("admin", false), ("manager", true), ("owner", true)] {
        app.db_set_role(&member, role).await;
        let reply = bob.ask_teams(&acme, json!({ "ids": [blue] })).await;
        assert_eq!(reply.error_codes().is_empty(), may, "{role}");
    }
    for client in [&ann, &app.superuser()] {
        assert_eq!(client.teams(&acme, json!({ "ids": [blue] })).await, "blue");
    }
}

#[tokio::test]
async fn a_team_of_another_organization_is_no_team_here() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&app.person("gus"), "Globex").await;
    app.team(&globex, &app.person("gus"), "Green").await;
    let green = app.db_team(&globex, "green").await;

    assert_eq!(ann.teams(&acme, json!({ "ids": [green] })).await, "");
    assert_eq!(ann.teams(&acme, json!({ "slugs": ["green"] })).await, "");
    assert!(ann.team(&acme, "green").await.is_null());
    app.db_set_organization_flags(&acme, 0).await;
    assert_eq!(app.superuser().teams(&acme, json!({ "ids": [green] })).await, "");
}

#[tokio::test]
async fn the_team_role_that_counts_is_the_higher_one() {
    let app = TestApp::start().await;
    let (acme, ann, bob, member) = with_bob(&app, "member").await;
    app.team(&acme, &ann, "Red").await;
    app.db_put(&acme, "red", &member, None).await;
    let (off, on) = (app.node_with(|config| config.features.team_roles = false).await, &app);

    for (role, stored, effective) in [
        ("member", None, "contributor"),
        ("member", Some("contributor"), "contributor"),
        ("member", Some("admin"), "admin"),
        ("admin", None, "admin"),
        ("admin", Some("contributor"), "admin"),
        ("manager", None, "admin"),
        ("manager", Some("contributor"), "admin"),
        ("owner", None, "admin"),
        ("owner", Some("admin"), "admin"),
    ] {
        app.db_set_role(&member, role).await;
        app.db_set_team_role(&member, "red", stored).await;
        let team = bob.at(on).team(&acme, "red").await;
        let shown = &team["memberships"]["nodes"][0];
        assert_eq!(shown["effectiveRole"]["id"], effective, "{role} {stored:?}");
        assert_eq!(shown["role"]["id"], json!(stored), "{role} {stored:?}");
        assert_eq!(team["viewerMembership"]["effectiveRole"], shown["effectiveRole"]);

        let minimum = if role == "member" { "contributor" } else { "admin" };
        let team = bob.at(&off).team(&acme, "red").await;
        let shown = &team["memberships"]["nodes"][0];
        assert_eq!(
            shown["effectiveRole"]["id"], minimum,
            "without the feature: {role} {stored:?}"
        );
        assert!(shown["role"].is_null(), "without the feature: {role} {stored:?}");
    }
}

#[tokio::test]
async fn what_one_may_do_with_a_team_is_told() {
    let app = TestApp::start().await;
    let (acme, ann, bob, member) = with_bob(&app, "member").await;
    app.team(&acme, &ann, "Red").await;
    app.db_put(&acme, "red", &member, None).await;
    app.team(&acme, &ann, "Blue").await;
    let off = app.node_with(|config| config.features.team_roles = false).await;
    let told = |client: Client, slug: &'static str| {
        let acme = acme.clone();
        async move {
            let team = client.team(&acme, slug).await;
            (
                team["viewerCanJoin"].as_bool().unwrap(),
                team["viewerCanUpdate"].as_bool().unwrap(),
            )
        }
    };

    let mut wrong = Vec::new();
    for (flags, role, team_role, updates_red, joins_blue, updates_blue) in [
        (flag::ALLOW_JOINLEAVE, "member", None, false, true, false),
        (flag::ALLOW_JOINLEAVE, "member", Some("admin"), true, true, false),
        (flag::ALLOW_JOINLEAVE, "admin", None, true, true, true),
        (flag::ALLOW_JOINLEAVE, "manager", None, true, true, true),
        (flag::ALLOW_JOINLEAVE, "owner", None, true, true, true),
        (0, "member", None, false, false, false),
        (0, "member", Some("admin"), true, false, false),
        (0, "admin", None, true, false, false),
        (0, "manager", None, true, true, true),
        (0, "owner", None, true, true, true),
    ] {
        app.db_set_organization_flags(&acme, flags).await;
        app.db_set_role(&member, role).await;
        app.db_set_team_role(&member, "red", team_role).await;
        let (red, blue) = (told(bob.clone(), "red").await, told(bob.clone(), "blue").await);
        let without = told(bob.at(&off), "red").await;
        if (red.1, blue) != (updates_red, (joins_blue, updates_blue)) || without.1 != (updates_red && role != "member")
        {
            wrong.push(format!("{role}, {team_role:?} in red, flags {flags}: red {red:?}, blue {blue:?}, without team roles {without:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    for (client, may) in [
        (app.superuser(), true),
        (app.db_app(&acme, &["team:write"]).await, true),
        (app.db_app(&acme, &["org:read", "team:read"]).await, false),
    ] {
        assert_eq!(told(client, "blue").await.1, may);
    }
}

#[tokio::test]
async fn those_who_are_in_a_team_are_told() {
    let app = TestApp::start().await;
    let (acme, ann, bob, member) = with_bob(&app, "member").await;
    app.team(&acme, &ann, "Red").await;
    let invite = app.invite(&acme, &ann, "carl@example.com", "member").await;
    let request = app
        .db_request(&acme, "dora@example.com", InviteStatus::RequestedToJoin)
        .await;
    let place = app.db_put(&acme, "red", &member, Some("admin")).await;
    app.db_put(&acme, "red", &invite.member, None).await;
    app.db_put(&acme, "red", &request, None).await;

    let team = ann.team(&acme, "red").await;
    let names: Vec<&str> = team["memberships"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["member"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Bob", "carl@example.com"], "a request is no member");
    assert_eq!(team["memberships"]["totalCount"], 2);
    assert!(team["viewerMembership"].is_null());
    assert_eq!(
        bob.team(&acme, "red").await["viewerMembership"],
        json!({ "role": { "id": "admin" }, "effectiveRole": { "id": "admin" } })
    );
    let node =
        "query($id: ID!) { node(id: $id) { ... on TeamMembership { team { slug } member { id } role { id } } } }";
    let reply = ann.send(node, json!({ "id": place })).await.ok();
    assert_eq!(
        *reply.data("node"),
        json!({ "team": { "slug": "red" }, "member": { "id": member }, "role": { "id": "admin" } })
    );

    // Who is switched off is in no team for the time being.
    app.db_set_active(&bob.user_id().await, false).await;
    let team = ann.team(&acme, "red").await;
    assert_eq!(team["memberships"]["totalCount"], 1);
}

#[tokio::test]
async fn a_team_that_is_going_away_shows_nowhere() {
    let app = TestApp::start().await;
    let (acme, ann, bob, member) = with_bob(&app, "member").await;
    for name in ["Red", "Gone"] {
        app.team(&acme, &ann, name).await;
        app.db_put(&acme, &name.to_lowercase(), &member, None).await;
    }
    let invite = ann
        .create_invite(
            &acme,
            json!({ "email": "carl@example.com", "teamSlugs": ["red", "gone"] }),
        )
        .await
        .done("createInvite");
    let invite = invite.text("createInvite.invite.id");
    let gone = app.db_team(&acme, "gone").await;
    let places = team_member::Entity::find()
        .filter(team_member::Column::TeamId.eq(row::<TeamId>(&gone)))
        .all(&app.db)
        .await
        .unwrap();
    app.db_retire_team(&acme, "gone").await;

    for client in [&ann, &bob, &app.superuser()] {
        assert!(client.team(&acme, "gone").await.is_null());
        assert_eq!(client.teams(&acme, json!({})).await, "red");
        assert_eq!(client.teams(&acme, json!({ "ids": [gone] })).await, "");
        assert_eq!(client.teams(&acme, json!({ "slugs": ["gone"] })).await, "");
        let ids = [
            vec![gone.clone()],
            places.iter().map(|place| place.id.global()).collect(),
        ]
        .concat();
        let reply = client
            .send("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": ids }))
            .await
            .ok();
        assert_eq!(*reply.data("nodes"), json!([null, null, null]));
        let query = "query($member: ID!, $invite: ID!) { member: node(id: $member) { ... on Member { teamMemberships { team { slug } } } }
            invite: node(id: $invite) { ... on Invite { teams { slug } } } }";
        let reply = client
            .send(query, json!({ "member": member, "invite": invite }))
            .await
            .ok();
        assert_eq!(
            *reply.data("member.teamMemberships"),
            json!([{ "team": { "slug": "red" } }])
        );
        assert_eq!(*reply.data("invite.teams"), json!([{ "slug": "red" }]));
    }
    let reply = app
        .unchanged(ann.create_invite(&acme, json!({ "email": "new@example.com", "teamSlugs": ["gone"] })))
        .await;
    assert_eq!(reply.codes("createInvite"), ["INVALID_TEAM"]);
    let reply = app
        .unchanged(ann.update_member_roles(&member, json!({ "teamRoles": [{ "teamSlug": "gone" }] })))
        .await;
    assert_eq!(reply.codes("updateMemberRoles"), ["INVALID_TEAM"]);
}

#[tokio::test]
async fn teams_of_a_member_come_by_slug() {
    let app = TestApp::start().await;
    let (acme, ann, _, member) = with_bob(&app, "member").await;
    for name in ["Zebra", "Ant", "Mole", "Bee"] {
        app.team(&acme, &ann, name).await;
        app.db_put(&acme, &name.to_lowercase(), &member, None).await;
    }
    let query =
        "query($id: ID!) { node(id: $id) { ... on Member { teamMemberships { team { slug } member { id } } } } }";
    let reply = ann.send(query, json!({ "id": member })).await.ok();
    let places: Vec<Value> = ["ant", "bee", "mole", "zebra"]
        .iter()
        .map(|slug| json!({ "team": { "slug": slug }, "member": { "id": member } }))
        .collect();
    assert_eq!(*reply.data("node.teamMemberships"), json!(places));
}

#[tokio::test]
async fn flags_of_the_organization_do_not_matter_to_who_makes_teams() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.db_set_organization_flags(&acme, flag::DISABLE_MEMBER_INVITE | flag::ENHANCED_PRIVACY)
        .await;
    ann.create_team(&acme, json!({ "name": "Red" }))
        .await
        .done("createTeam");
}
