//! What an invite is checked for, and how often one is sent (§8.1, §24.3).

use super::*;

#[tokio::test]
async fn invites_can_be_switched_off() {
    let app = TestApp::start_with(|config| config.features.invite_members = false).await;
    let (acme, ann) = app.organization("Acme").await;

    let reply = app
        .unchanged(ann.create_invite(&acme, json!({ "email": "not an address" })))
        .await;
    assert_eq!(reply.codes("createInvite"), ["INVITES_DISABLED"]);

    let robot = app.db_app(&acme, &["member:write"]).await;
    let input = json!({ "email": "bob@example.com", "orgRole": "owner" });
    let reply = app.unchanged(robot.create_invite(&acme, input)).await;
    assert_eq!(reply.codes("createInvite"), ["INVITES_DISABLED"]);

    let narrow = ann.with(json!({ "scope": "org:read" }));
    let reply = app
        .unchanged(narrow.create_invite(&acme, json!({ "email": "bob@example.com" })))
        .await;
    assert_eq!(reply.codes("createInvite"), ["FORBIDDEN"]);
}

#[tokio::test]
async fn an_app_invites_members_only() {
    let app = TestApp::start().await;
    let (acme, _) = app.organization("Acme").await;
    for scope in ["member:invite", "member:write", "member:admin"] {
        let robot = app.db_app(&acme, &[scope]).await;
        let email = format!("{}@example.com", scope.replace(':', "-"));

        for role in ["manager", "owner", "admin"] {
            let reply = app
                .unchanged(robot.create_invite(&acme, json!({ "email": email, "orgRole": role })))
                .await;
            assert_eq!(
                reply.codes("createInvite"),
                ["INTEGRATION_TOKEN_ROLE_RESTRICTED"],
                "{scope} {role}"
            );
        }

        let reply = robot
            .create_invite(&acme, json!({ "email": email }))
            .await
            .done("createInvite");
        assert_eq!(reply.data("createInvite.member.role.id"), "member");
        assert_eq!(reply.data("createInvite.acceptUrl"), &Value::Null);
        assert_eq!(reply.data("createInvite.invite.inviter"), &Value::Null);
    }
}

#[tokio::test]
async fn an_app_without_the_scope_does_not_invite() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&ann, "Globex").await;
    let robot = app.db_app(&acme, &["org:admin", "team:admin", "member:read"]).await;
    let stranger = app.db_app(&globex, &["member:admin"]).await;

    let reply = app
        .unchanged(robot.create_invite(&acme, json!({ "email": "bob@example.com" })))
        .await;
    assert_eq!(reply.codes("createInvite"), ["FORBIDDEN"]);
    let reply = app
        .unchanged(stranger.create_invite(&acme, json!({ "email": "bob@example.com" })))
        .await;
    assert_eq!(reply.codes("createInvite"), ["ORGANIZATION_NOT_FOUND"]);
}

#[tokio::test]
async fn all_failing_fields_are_told_at_once() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Red").await;

    let input = json!({ "email": "not an address", "orgRole": "chief", "teamSlugs": ["red", "none", "nada"] });
    let reply = app.unchanged(ann.create_invite(&acme, input)).await;
    assert_eq!(
        reply.refusals("createInvite"),
        [
            ("INVALID_EMAIL", "input.email"),
            ("INVALID_ROLE", "input.orgRole"),
            ("INVALID_TEAM", "input.teamSlugs.1")
        ]
    );

    let team_roles = json!([{ "teamSlug": "red", "role": "boss" }, { "teamSlug": "none", "role": "admin" }]);
    let input = json!({ "email": "ANN@example.com", "orgRole": "admin", "teamRoles": team_roles });
    let reply = app.unchanged(ann.create_invite(&acme, input)).await;
    assert_eq!(
        reply.refusals("createInvite"),
        [
            ("ALREADY_MEMBER", "input.email"),
            ("ROLE_RETIRED", "input.orgRole"),
            ("INVALID_TEAM", "input.teamRoles.1.teamSlug"),
            ("INVALID_TEAM_ROLE", "input.teamRoles.0.role"),
        ]
    );
}

#[tokio::test]
async fn only_an_address_is_invited() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let long = format!("{}@example.com", "a".repeat(64));
    for email in [
        "",
        " ",
        "bob",
        "bob@",
        "@example.com",
        "bob@@example.com",
        "bob smith@example.com",
        "bob@exam ple.com",
        "bob@example.com, carl@example.com",
        "bob\u{0}@example.com",
        "bob@example.com\nBcc: everyone@example.com",
        "bob@qq.com",
        "bob@QQ.com",
        &long,
        &"x".repeat(100_000),
    ] {
        let reply = app.unchanged(ann.create_invite(&acme, json!({ "email": email }))).await;
        assert_eq!(
            reply.refusals("createInvite"),
            [("INVALID_EMAIL", "input.email")],
            "{email:?}"
        );
    }
    let fits = format!("{}@example.com", "a".repeat(63));
    assert_eq!(fits.len(), 75);
    ann.create_invite(&acme, json!({ "email": fits }))
        .await
        .done("createInvite");
    ann.create_invite(&acme, json!({ "email": "bob+tag@mail.example.com" }))
        .await
        .done("createInvite");
}

#[tokio::test]
async fn addresses_of_any_script_are_taken_or_refused() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let many = |letter: &str| format!("{}@example.com", letter.repeat(63));
    // Some letters become longer in lower case.
    for email in [
        many("İ"),
        many("ẞ"),
        many("🦀"),
        "bob@exämple.com".into(),
        "BÖB@example.com".into(),
    ] {
        let reply = ann.create_invite(&acme, json!({ "email": email })).await.ok();
        let codes = reply.codes("createInvite");
        assert!(codes.is_empty() || codes == ["INVALID_EMAIL"], "{email}: {codes:?}");
    }
}

#[tokio::test]
async fn blocked_domains_are_a_setting() {
    let app = TestApp::start_with(|config| config.invites.blocked_domains = vec!["Evil.example".into()]).await;
    let (acme, ann) = app.organization("Acme").await;

    let reply = app
        .unchanged(ann.create_invite(&acme, json!({ "email": "bob@evil.EXAMPLE" })))
        .await;
    assert_eq!(reply.codes("createInvite"), ["INVALID_EMAIL"]);
    ann.create_invite(&acme, json!({ "email": "bob@qq.com" }))
        .await
        .done("createInvite");
}

#[tokio::test]
async fn values_of_the_wrong_type_are_bad_input() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    for input in [
        json!({}),
        json!({ "email": null }),
        json!({ "email": 5 }),
        json!({ "email": ["bob@example.com"] }),
        json!({ "email": "bob@example.com", "orgRole": 3 }),
        json!({ "email": "bob@example.com", "teamSlugs": [null] }),
        json!({ "email": "bob@example.com", "teamRoles": [{ "role": "admin" }] }),
        json!({ "email": "bob@example.com", "sendInvite": "yes" }),
        json!({ "email": "bob@example.com", "surprise": 1 }),
    ] {
        let reply = app.unchanged(ann.create_invite(&acme, input.clone())).await;
        assert_eq!(reply.error_codes(), ["BAD_USER_INPUT"], "{input}: {reply:#?}");
    }
}

#[tokio::test]
async fn members_are_not_invited_again() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob").with(json!({ "email": "Bob.Home@Example.com" }));
    let invite = app.invite(&acme, &ann, "bob.work@example.com", "member").await;
    bob.accept_invite(&invite.token).await.done("acceptInvite");

    for email in ["bob.home@example.com", "BOB.HOME@EXAMPLE.COM", "Ann@Example.Com"] {
        let reply = app.unchanged(ann.create_invite(&acme, json!({ "email": email }))).await;
        assert_eq!(
            reply.refusals("createInvite"),
            [("ALREADY_MEMBER", "input.email")],
            "{email}"
        );
    }
    // The address that the link went to belongs to nobody here any more.
    ann.create_invite(&acme, json!({ "email": "bob.work@example.com" }))
        .await
        .done("createInvite");
}

#[tokio::test]
async fn an_address_that_nobody_vouches_for_is_nobodys() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let mallory = app
        .person("mallory")
        .with(json!({ "email": "victim@example.com", "email_verified": false }));
    app.join(&acme, &ann, &mallory, "member").await;

    ann.create_invite(&acme, json!({ "email": "victim@example.com" }))
        .await
        .done("createInvite");
}

#[tokio::test]
async fn whoever_changes_their_address_is_known_by_the_new_one() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    app.join(&acme, &ann, &bob, "member").await;
    bob.with(json!({ "email": "Robert@example.com" })).seen().await;

    let reply = app
        .unchanged(ann.create_invite(&acme, json!({ "email": "robert@example.com" })))
        .await;
    assert_eq!(reply.codes("createInvite"), ["ALREADY_MEMBER"]);
    app.invite(&acme, &ann, "bob@example.com", "member").await;

    bob.with(json!({ "email": "robert@example.com", "email_verified": false }))
        .seen()
        .await;
    app.invite(&acme, &ann, "robert@example.com", "member").await;
}

#[tokio::test]
async fn one_open_invite_for_an_address() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&ann, "Globex").await;
    app.invite(&acme, &ann, "bob@example.com", "member").await;
    let old = app.invite(&acme, &ann, "old@example.com", "member").await;
    app.db_expire_invite(&old.member).await;

    for email in ["bob@example.com", "Bob@Example.COM", "old@example.com"] {
        let reply = app.unchanged(ann.create_invite(&acme, json!({ "email": email }))).await;
        assert_eq!(
            reply.refusals("createInvite"),
            [("ALREADY_INVITED", "input.email")],
            "{email}"
        );
    }
    app.invite(&globex, &ann, "bob@example.com", "member").await;
}

#[tokio::test]
async fn open_requests_give_way_to_an_invite() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&ann, "Globex").await;
    let asked = app
        .db_request(&acme, "Bob@example.com", InviteStatus::RequestedToBeInvited)
        .await;
    let joining = app
        .db_request(&acme, "carl@example.com", InviteStatus::RequestedToJoin)
        .await;
    let elsewhere = app
        .db_request(&globex, "bob@example.com", InviteStatus::RequestedToJoin)
        .await;

    let bob = app.invite(&acme, &ann, "bob@EXAMPLE.com", "manager").await;
    let carl = app.invite(&acme, &ann, "carl@example.com", "member").await;

    for (request, invite) in [(asked, bob), (joining, carl)] {
        assert!(request == invite.member || app.db_member(&request).await.is_none());
        assert_eq!(
            app.db_member(&invite.member).await.unwrap().invite_status,
            InviteStatus::Approved
        );
    }
    assert!(app.db_member(&elsewhere).await.is_some());
    assert_eq!(member::Entity::within(acme.row()).count(&app.db).await.unwrap(), 3);
}

#[tokio::test]
async fn only_teams_of_the_organization_are_assigned() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&ann, "Globex").await;
    app.team(&acme, &ann, "Red").await;
    app.team(&acme, &ann, "Gone").await;
    app.team(&globex, &ann, "Foreign").await;
    app.db_retire_team(&acme, "gone").await;

    for (slugs, index) in [
        (json!(["red", "foreign"]), 1),
        (json!(["gone"]), 0),
        (json!(["red", "red"]), 1),
        (json!([""]), 0),
        (json!(["Red"]), 0),
        (json!(["red\u{0}"]), 0),
        (json!(["🦀"]), 0),
    ] {
        let input = json!({ "email": "bob@example.com", "teamSlugs": slugs });
        let reply = app.unchanged(ann.create_invite(&acme, input)).await;
        let path = format!("input.teamSlugs.{index}");
        assert_eq!(
            reply.refusals("createInvite"),
            [("INVALID_TEAM", path.as_str())],
            "{slugs}"
        );
    }
    let both = json!({ "email": "bob@example.com", "teamSlugs": ["red"], "teamRoles": [{ "teamSlug": "red" }] });
    assert_eq!(
        app.unchanged(ann.create_invite(&acme, both))
            .await
            .codes("createInvite"),
        ["VALIDATION_FAILED"]
    );
}

#[tokio::test]
async fn ten_thousand_teams_are_refused() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let slugs: Vec<String> = (0..10_000).map(|number| format!("team-{number}")).collect();

    let reply = app
        .unchanged(ann.create_invite(&acme, json!({ "email": "bob@example.com", "teamSlugs": slugs })))
        .await;

    let mut codes = reply.error_codes();
    if codes.is_empty() {
        codes = reply.codes("createInvite");
    }
    assert!(!codes.is_empty() && !codes.contains(&"INTERNAL".into()), "{reply:#?}");
}

#[tokio::test]
async fn an_invite_stores_teams_but_no_team_roles() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Red").await;
    app.team(&acme, &ann, "Blue").await;
    let team_roles = json!([{ "teamSlug": "red", "role": "admin" }, { "teamSlug": "blue", "role": null }]);
    let before = app.db_outbox(&acme).await;

    let reply = ann
        .create_invite(&acme, json!({ "email": "bob@example.com", "teamRoles": team_roles }))
        .await;
    let reply = reply.done("createInvite");

    let member = reply.text("createInvite.member.id");
    assert_eq!(
        app.db_teams_of(&member).await,
        [("blue".into(), None), ("red".into(), None)]
    );
    let written = app.db_outbox(&acme).await.split_off(before.len());
    let of = |category| written.iter().filter(|(written, _)| *written == category).count();
    assert_eq!(of(Category::OrganizationMemberUpdate), 1);
    assert_eq!(of(Category::OrganizationMemberTeamUpdate), 2);
    assert_eq!(written.len(), 3);
    assert!(written.contains(&(Category::OrganizationMemberUpdate, row::<MemberId>(&member).into())));
}

#[tokio::test]
async fn in_a_closed_organization_members_assign_only_their_own_teams() {
    let app = TestApp::start().await;
    let (acme, ann, bob, member) = with_bob(&app, "member").await;
    app.team(&acme, &ann, "Red").await;
    app.team(&acme, &ann, "Blue").await;
    ann.update_member_roles(&member, json!({ "teamRoles": [{ "teamSlug": "red" }] }))
        .await
        .done("updateMemberRoles");
    let foreign = |email: &str| json!({ "email": email, "teamSlugs": ["red", "blue"] });

    app.db_set_organization_flags(&acme, 0).await;
    let reply = app
        .unchanged(bob.create_invite(&acme, foreign("carl@example.com")))
        .await;
    assert_eq!(reply.codes("createInvite"), ["TEAM_NOT_JOINED"]);
    let own = json!({ "email": "carl@example.com", "teamSlugs": ["red"] });
    bob.create_invite(&acme, own).await.done("createInvite");
    ann.create_invite(&acme, foreign("dana@example.com"))
        .await
        .done("createInvite");

    app.db_set_organization_flags(&acme, flag::ALLOW_JOINLEAVE).await;
    bob.create_invite(&acme, foreign("eve@example.com"))
        .await
        .done("createInvite");
}

#[tokio::test]
async fn in_a_closed_organization_apps_assign_teams_only_with_a_team_scope() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Red").await;
    app.db_set_organization_flags(&acme, 0).await;
    let input = |email: &str| json!({ "email": email, "teamSlugs": ["red"] });

    let robot = app.db_app(&acme, &["member:write"]).await;
    let reply = app
        .unchanged(robot.create_invite(&acme, input("bob@example.com")))
        .await;
    assert_eq!(reply.codes("createInvite"), ["TEAM_NOT_JOINED"]);

    for scope in ["team:write", "org:write"] {
        let robot = app.db_app(&acme, &["member:write", scope]).await;
        robot
            .create_invite(&acme, input(&format!("{}@example.com", &scope[..3])))
            .await
            .done("createInvite");
    }
}

#[tokio::test]
async fn a_role_without_teams_is_not_invited_into_one() {
    let app = TestApp::start_with(with_billing).await;

    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Red").await;
    let input = json!({ "email": "bob@example.com", "orgRole": "billing", "teamSlugs": ["red"] });

    let reply = app.unchanged(ann.create_invite(&acme, input)).await;
    assert_eq!(reply.codes("createInvite"), ["TEAM_ROLES_NOT_ALLOWED"]);

    let input = json!({ "email": "bob@example.com", "orgRole": "billing", "teamSlugs": [] });
    let reply = ann.create_invite(&acme, input).await.done("createInvite");
    assert_eq!(reply.data("createInvite.member.role.id"), "billing");
}

#[tokio::test]
async fn a_person_invites_so_often_a_day() {
    let app = TestApp::start_with(|config| config.rate_limits.invites_per_actor_per_day = 2).await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&ann, "Globex").await;

    // What fails validation does not count.
    for _ in 0..5 {
        ann.create_invite(&acme, json!({ "email": "not an address" })).await;
    }
    app.invite(&acme, &ann, "a@example.com", "member").await;
    app.invite(&globex, &ann, "b@example.com", "member").await;

    let reply = app
        .unchanged(ann.create_invite(&acme, json!({ "email": "c@example.com" })))
        .await;
    let refusals = reply.refusals("createInvite");
    assert_eq!(reply.codes("createInvite"), ["RATE_LIMITED"]);
    assert!(matches!(refusals[0].retry_after, Some(1..=86_400)), "{refusals:?}");
}

#[tokio::test]
async fn an_organization_invites_so_often_a_day_and_refused_attempts_count() {
    let app = TestApp::start_with(|config| {
        config.rate_limits.invites_per_actor_per_day = 2;
        config.rate_limits.invites_per_organization_per_day = 4;
    })
    .await;
    let (acme, ann, bob, _) = with_bob(&app, "manager").await;
    let invite = |who: &Client, email: &str| {
        let (who, acme, email) = (who.clone(), acme.clone(), format!("{email}@example.com"));
        async move { who.create_invite(&acme, json!({ "email": email })).await }
    };

    // Bob's own invite was the first of Ann and of the organization.
    invite(&ann, "a").await.done("createInvite");
    for email in ["b", "c"] {
        let reply = app.unchanged(invite(&ann, email)).await;
        assert_eq!(reply.codes("createInvite"), ["RATE_LIMITED"], "her own limit");
    }
    let reply = app.unchanged(invite(&bob, "d")).await;
    assert_eq!(
        reply.codes("createInvite"),
        ["RATE_LIMITED"],
        "the organization's limit"
    );
}

#[tokio::test]
async fn an_address_is_invited_so_often_a_day() {
    let app = TestApp::start_with(|config| config.rate_limits.invites_per_address_per_day = 1).await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&ann, "Globex").await;
    let first = app.invite(&acme, &ann, "bob@example.com", "member").await;
    member::Entity::delete_by_id(row::<MemberId>(&first.member))
        .exec(&app.db)
        .await
        .unwrap();

    let reply = app
        .unchanged(ann.create_invite(&acme, json!({ "email": "BOB@example.com" })))
        .await;

    assert_eq!(reply.codes("createInvite"), ["RATE_LIMITED"]);
    app.invite(&globex, &ann, "bob@example.com", "member").await;
}

#[tokio::test]
async fn the_limit_comes_after_the_fields_and_before_the_teams() {
    let app = TestApp::start_with(|config| config.rate_limits.invites_per_actor_per_day = 0).await;
    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Red").await;
    app.db_set_organization_flags(&acme, 0).await;
    app.db_set_role(&acme.owner, "member").await;

    let reply = app
        .unchanged(ann.create_invite(&acme, json!({ "email": "nobody" })))
        .await;
    assert_eq!(reply.codes("createInvite"), ["INVALID_EMAIL"]);
    let input = json!({ "email": "bob@example.com", "teamSlugs": ["red"] });
    let reply = app.unchanged(ann.create_invite(&acme, input)).await;
    assert_eq!(reply.codes("createInvite"), ["RATE_LIMITED"]);
}

#[tokio::test]
async fn limits_can_be_switched_off() {
    let app = TestApp::start_with(|config| {
        config.rate_limits.enabled = false;
        config.rate_limits.invites_per_actor_per_day = 1;
        config.rate_limits.invites_per_organization_per_day = 1;
    })
    .await;
    let (acme, ann) = app.organization("Acme").await;
    for name in ["a", "b", "c"] {
        app.invite(&acme, &ann, &format!("{name}@example.com"), "member").await;
    }
}
