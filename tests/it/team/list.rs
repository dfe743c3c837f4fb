//! Finding teams (§14.3).

use super::*;

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
        (json!({ "query": "ÜNICORN" }), "uni"),
        (json!({ "query": "üNiCoRn" }), "uni"),
        (json!({ "query": "*" }), ""),
        (json!({ "query": "r?d" }), ""),
        (json!({ "query": "[r]ed" }), ""),
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
        &format!("{red} "),
        &"A".repeat(10_000),
    ] {
        for ids in [json!([id]), json!([red, id])] {
            let reply = ann.ask_teams(&acme, json!({ "ids": ids })).await;
            assert_eq!(reply.error_codes(), ["INVALID_TEAM_ID"], "{id:?}");
            assert!(reply.body.to_string().len() < 2_000, "{id:?} is echoed");
        }
    }
    // The id of something else is one that no team has.
    for id in [&acme.id, &acme.owner] {
        let reply = ann.ask_teams(&acme, json!({ "ids": [id] })).await.ok();
        assert_eq!(*reply.data("organization.teams.nodes"), json!([]), "{id:?}");
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
    let robot = app.db_app(&acme, &["team:read"]).await;
    assert_eq!(
        robot.teams(&acme, json!({ "ids": [red, blue] })).await,
        "blue red",
        "an app is in no team, and reaches all"
    );
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
