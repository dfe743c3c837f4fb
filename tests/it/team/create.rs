//! Making a team.

use super::*;

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
    for name in ["a", &"é".repeat(64), "🦀 crabs", " Green Team\t"] {
        let reply = ann.create_team(&acme, json!({ "name": name })).await.done("createTeam");
        assert_eq!(reply.text("createTeam.team.name"), name.trim());
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
async fn flags_of_the_organization_do_not_matter_to_who_makes_teams() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.db_set_organization_flags(&acme, flag::DISABLE_MEMBER_INVITE | flag::ENHANCED_PRIVACY)
        .await;
    ann.create_team(&acme, json!({ "name": "Red" }))
        .await
        .done("createTeam");
}
