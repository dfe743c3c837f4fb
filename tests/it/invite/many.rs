//! Inviting many addresses with `createInvites` (§8).

use super::*;

const MANY: &str = "createInvites";

/// The codes and paths of each result; nothing for an invite.
fn outcomes(reply: &Reply) -> Vec<String> {
    let results = reply.data("createInvites.results").as_array().unwrap();
    let outcome = |result: &Value| {
        let errors = result["userErrors"].as_array().unwrap();
        assert_eq!(result["invite"].is_null(), !errors.is_empty(), "{result:#}");
        let text = |error: &Value| {
            let path = error["path"]
                .as_array()
                .unwrap()
                .iter()
                .map(|step| step.as_str().unwrap());
            format!(
                "{} {}",
                error["code"].as_str().unwrap(),
                path.collect::<Vec<_>>().join(".")
            )
        };
        errors.iter().map(text).collect::<Vec<_>>().join(", ")
    };
    results.iter().map(outcome).collect()
}

fn addresses(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("person{number}@example.com")).collect()
}

#[tokio::test]
async fn every_address_has_a_result_of_its_own() {
    let app = TestApp::start().await;
    let (acme, ann, _, _) = with_bob(&app, "member").await;
    app.team(&acme, &ann, "Red").await;
    app.invite(&acme, &ann, "invited@example.com", "member").await;
    let asked = app
        .db_request(&acme, "asked@example.com", InviteStatus::RequestedToJoin)
        .await;
    let emails = [
        "new@example.com",
        "not an address",
        "BOB@example.com",
        "Invited@Example.com",
        "asked@example.com",
        "NEW@example.com",
        "last@example.com",
        "x@qq.com",
    ];
    let (audit, before) = (app.db_audit(&acme).await.len(), jobs(&app).await.len());

    let input = json!({ "emails": emails, "orgRole": "manager", "teamSlugs": ["red"] });
    let reply = ann.create_invites(&acme, input).await.done(MANY);

    assert_eq!(
        outcomes(&reply),
        [
            "",
            "INVALID_EMAIL input.emails.1",
            "ALREADY_MEMBER input.emails.2",
            "ALREADY_INVITED input.emails.3",
            "",
            "ALREADY_INVITED input.emails.5",
            "",
            "INVALID_EMAIL input.emails.7"
        ]
    );
    let mut members = Vec::new();
    for (at, email) in emails.iter().enumerate() {
        let result = |field: &str| reply.data(&format!("createInvites.results.{at}.{field}"));
        assert_eq!(result("email"), email, "as it was given");
        if result("invite").is_null() {
            assert_eq!(result("acceptUrl"), &Value::Null);
            continue;
        }
        assert_eq!(result("invite.email"), email);
        assert_eq!(result("invite.role.id"), "manager");
        assert_eq!(result("invite.teams"), &json!([{ "slug": "red" }]));
        assert_eq!(result("invite.delivery.status"), "QUEUED");
        assert!(result("acceptUrl").is_string());
        members.push(InviteId::parse(result("invite.id").as_str().unwrap()).unwrap().0);
    }
    assert!(app.db_member(&asked).await.is_none_or(|row| row.invite_nonce.is_some()));
    let written = app.db_audit(&acme).await.split_off(audit);
    let written: Vec<_> = written.iter().map(|entry| (entry.event, entry.target)).collect();
    assert_eq!(
        written,
        members.iter().map(|id| (MEMBER_INVITE, Some(id.0))).collect::<Vec<_>>()
    );
    let mails = members
        .iter()
        .map(|id| ("send_invite".to_owned(), *id))
        .collect::<Vec<_>>();
    assert_eq!(jobs(&app).await.split_off(before), mails);
}

#[tokio::test]
async fn each_invite_of_many_can_be_taken() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;

    let input = json!({ "emails": ["a@example.com", "b@example.com"], "sendInvite": false });
    let reply = ann.create_invites(&acme, input).await.done(MANY);

    assert!(app.db_jobs().await.is_empty());
    for (at, person) in ["carl", "dana"].into_iter().enumerate() {
        let url = reply.text(&format!("createInvites.results.{at}.acceptUrl"));
        let joined = app.person(person).accept_invite(url.rsplit('/').next().unwrap()).await;
        assert_eq!(
            joined.done("acceptInvite").data("acceptInvite.member.role.id"),
            "member"
        );
    }
}

#[tokio::test]
async fn one_to_a_hundred_addresses_are_given() {
    let app = TestApp::start_with(|config| config.rate_limits.enabled = false).await;
    let (acme, ann) = app.organization("Acme").await;

    for emails in [Vec::new(), addresses(101), addresses(1000)] {
        let reply = app
            .unchanged(ann.create_invites(&acme, json!({ "emails": emails })))
            .await;
        assert_eq!(reply.refusals(MANY), [("VALIDATION_FAILED", "input.emails")]);
    }
    for emails in [json!(null), json!("a@example.com".len()), json!([null]), json!([5])] {
        let reply = app
            .unchanged(ann.create_invites(&acme, json!({ "emails": emails })))
            .await;
        assert_eq!(reply.error_codes(), ["BAD_USER_INPUT"], "{emails}");
    }
    let reply = ann
        .create_invites(&acme, json!({ "emails": addresses(100) }))
        .await
        .done(MANY);
    assert_eq!(outcomes(&reply), vec![""; 100]);
    assert_eq!(db_pending_rows(&app, &acme).await.len(), 100);
}

#[tokio::test]
async fn an_address_costs_few_statements() {
    let app = TestApp::start().await;
    let ann = app.person("ann").seen().await;
    let mut costs = Vec::new();
    for (name, count) in [("One", 1), ("Eleven", 11), ("Ninety", 90)] {
        // Organizations and people have limits of their own.
        let organization = app.organization_of(&ann, name).await;
        let node = app
            .node_with(|config| config.rate_limits.invites_per_actor_per_day = 1000)
            .await;
        app.team(&organization, &ann, "Red").await;
        let input = json!({ "emails": addresses(count), "teamSlugs": ["red"] });
        let reply = ann.at(&node).create_invites(&organization, input).await.done(MANY);
        assert_eq!(outcomes(&reply), vec![""; count]);
        costs.push(reply.statements());
    }
    let each = (costs[1] - costs[0]) / 10;
    assert_eq!(costs[1] - costs[0], each * 10, "{costs:?}");
    assert_eq!(costs[2] - costs[0], each * 89, "{costs:?}");
    assert!(each <= 8, "{each} statements for each address");
    assert!(costs[0] <= each + 8, "{costs:?}");
}

#[tokio::test]
async fn what_concerns_all_is_refused_once() {
    let app = TestApp::start_with(|config| {
        with_billing(config);
        config.rate_limits.invites_per_organization_per_day = 2;
    })
    .await;
    let (acme, ann, bob, _) = with_bob(&app, "manager").await;
    app.team(&acme, &ann, "Red").await;
    let robot = app.db_app(&acme, &["member:admin"]).await;
    let narrow = bob.with(json!({ "scope": "org:read" }));
    let off = app.node_with(|config| config.features.invite_members = false).await;
    let emails = ["not an address", "good@example.com"];

    for (who, input, refused) in [
        (
            &app.person("zoe"),
            json!({}),
            ("ORGANIZATION_NOT_FOUND", "input.organizationId"),
        ),
        (&narrow, json!({ "orgRole": "chief" }), ("FORBIDDEN", "")),
        (&ann.at(&off), json!({ "orgRole": "chief" }), ("INVITES_DISABLED", "")),
        (
            &robot,
            json!({ "orgRole": "manager" }),
            ("INTEGRATION_TOKEN_ROLE_RESTRICTED", "input.orgRole"),
        ),
        (&bob, json!({ "orgRole": "chief" }), ("INVALID_ROLE", "input.orgRole")),
        (
            &bob,
            json!({ "orgRole": "owner" }),
            ("ROLE_NOT_ALLOWED", "input.orgRole"),
        ),
        (&bob, json!({ "orgRole": "admin" }), ("ROLE_RETIRED", "input.orgRole")),
        (
            &bob,
            json!({ "teamSlugs": ["red", "none"] }),
            ("INVALID_TEAM", "input.teamSlugs.1"),
        ),
        (
            &bob,
            json!({ "teamSlugs": ["red", "red"] }),
            ("INVALID_TEAM", "input.teamSlugs.1"),
        ),
        (
            &bob,
            json!({ "orgRole": "billing", "teamSlugs": ["red"] }),
            ("TEAM_ROLES_NOT_ALLOWED", ""),
        ),
    ] {
        let mut input = input;
        input["emails"] = json!(emails);
        let reply = app.unchanged(who.create_invites(&acme, input.clone())).await;
        assert_eq!(reply.refusals(MANY), [refused], "{input}");
    }
    let input = json!({ "emails": [], "orgRole": "chief", "teamSlugs": ["none"] });
    let reply = app.unchanged(ann.create_invites(&acme, input)).await;
    assert_eq!(
        reply.refusals(MANY),
        [
            ("VALIDATION_FAILED", "input.emails"),
            ("INVALID_ROLE", "input.orgRole"),
            ("INVALID_TEAM", "input.teamSlugs.0")
        ]
    );
    let reply = app
        .unchanged(app.anonymous().create_invites(&acme, json!({ "emails": emails })))
        .await;
    assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);

    // Nothing of this has counted, nor does what is no address. Bob joined by
    // the first invite of the day.
    let reply = ann.create_invites(&acme, json!({ "emails": emails })).await.done(MANY);
    assert_eq!(outcomes(&reply), ["INVALID_EMAIL input.emails.0", ""]);
}

#[tokio::test]
async fn in_a_closed_organization_members_put_nobody_into_foreign_teams() {
    let app = TestApp::start().await;
    let (acme, ann, bob, member) = with_bob(&app, "member").await;
    for team in ["Red", "Blue"] {
        app.team(&acme, &ann, team).await;
    }
    ann.update_member_roles(&member, json!({ "teamRoles": [{ "teamSlug": "red" }] }))
        .await
        .done("updateMemberRoles");
    app.db_set_organization_flags(&acme, 0).await;
    let input = |teams: Value| json!({ "emails": ["a@example.com", "b@example.com"], "teamSlugs": teams });

    let reply = app
        .unchanged(bob.create_invites(&acme, input(json!(["red", "blue"]))))
        .await;
    assert_eq!(reply.refusals(MANY), [("TEAM_NOT_JOINED", "")]);
    let reply = bob.create_invites(&acme, input(json!(["red"]))).await.done(MANY);
    assert_eq!(outcomes(&reply), ["", ""]);
    assert_eq!(reply.data("createInvites.results.0.acceptUrl"), &Value::Null);
}

#[tokio::test]
async fn each_address_counts_against_the_limits() {
    let app = TestApp::start_with(|config| {
        config.rate_limits.invites_per_organization_per_day = 4;
        config.rate_limits.invites_per_address_per_day = 1;
    })
    .await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "once@example.com", "member").await;
    ann.revoke_invite(&invite.id).await.done("revokeInvite");

    let emails = [
        "a@example.com",
        "once@example.com",
        "bad",
        "b@example.com",
        "c@example.com",
        "d@example.com",
    ];
    let reply = ann.create_invites(&acme, json!({ "emails": emails })).await.done(MANY);

    assert_eq!(
        outcomes(&reply),
        [
            "",
            "RATE_LIMITED input.emails.1",
            "INVALID_EMAIL input.emails.2",
            "",
            "RATE_LIMITED input.emails.4",
            "RATE_LIMITED input.emails.5"
        ]
    );
    let wait = reply.data("createInvites.results.4.userErrors.0.retryAfter");
    assert!((1..=86_400).contains(&wait.as_i64().unwrap()), "{wait}");
    assert_eq!(db_pending_rows(&app, &acme).await.len(), 2);
}

#[tokio::test]
async fn lists_at_once_make_one_invite_for_an_address() {
    let app = TestApp::start_with(|config| config.rate_limits.enabled = false).await;
    let (acme, ann) = app.organization("Acme").await;
    let mut backwards = addresses(10);
    backwards.reverse();
    let lists = [addresses(10), backwards, addresses(10)];

    let replies = join_all(
        lists
            .iter()
            .map(|emails| ann.create_invites(&acme, json!({ "emails": emails }))),
    )
    .await;

    let outcomes: Vec<_> = replies.iter().flat_map(outcomes).collect();
    let made = outcomes.iter().filter(|outcome| outcome.is_empty()).count();
    assert_eq!(made, 10, "{outcomes:?}");
    assert!(
        outcomes
            .iter()
            .all(|outcome| outcome.is_empty() || outcome.starts_with("ALREADY_INVITED")),
        "{outcomes:?}"
    );
    assert_eq!(db_pending_rows(&app, &acme).await.len(), 10);
}
