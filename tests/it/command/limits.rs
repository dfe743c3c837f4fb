//! Limits of queries, of sizes, of time and of frequency, each set from outside.

use serde_json::json;

use super::{
    effects::{beside, invite},
    *,
};
use crate::support::TestApp;

/// A query of `levels` levels of fields.
fn deep(levels: usize) -> String {
    let step = ["organization", "member(by: { id: \"x\" })"];
    let fields: Vec<&str> = ["viewer", "memberships(first: 1)", "nodes"]
        .into_iter()
        .chain((0..levels - 4).map(|level| step[level % 2]))
        .chain(["id"])
        .collect();
    fields.join(" { ").to_string() + &" }".repeat(levels - 1)
}

#[tokio::test]
async fn limits_of_queries_are_lowered_and_raised() {
    let app = TestApp::start().await;
    let ann = app.person("ann");
    let is_run = async |program: &Program, query: String| {
        let reply = ann
            .at_url(&program.url)
            .send(&format!("{{ {query} }}"), json!({}))
            .await;
        let run = reply.body.get("data").is_some();
        assert_eq!(run, reply.error_codes().is_empty(), "{reply:?}");
        run
    };
    let fields = |count: usize| format!("roles {{ {} }}", "id ".repeat(count - 1));
    let wide = "nodes(ids: [\"a\", \"b\", \"c\", \"d\"]) { id }".to_owned();
    let usual = beside(&app, &[]);
    let small = beside(
        &app,
        &[
            ("ROSTER_LIMITS__DEPTH_MAX", "8"),
            ("ROSTER_LIMITS__SELECTIONS_MAX", "20"),
            ("ROSTER_LIMITS__COMPLEXITY_MAX", "60"),
        ],
    );
    let costly = "viewer { memberships(first: 100) { nodes { id role { id } } } }".to_owned();
    let large = beside(
        &app,
        &[
            ("ROSTER_LIMITS__DEPTH_MAX", "40"),
            ("ROSTER_LIMITS__SELECTIONS_MAX", "5000"),
            ("ROSTER_LIMITS__COMPLEXITY_MAX", "1000000"),
        ],
    );
    for (program, query, expected) in [
        (&usual, deep(15), true),
        (&usual, deep(16), false),
        (&small, deep(8), true),
        (&small, deep(9), false),
        (&large, deep(40), true),
        (&large, deep(41), false),
        (&usual, fields(1000), true),
        (&usual, fields(1001), false),
        (&small, fields(20), true),
        (&small, fields(21), false),
        (&large, fields(4000), true),
        (&usual, costly.clone(), true),
        (&small, costly, false),
        (&small, wide, true),
    ] {
        let start: String = query.chars().take(60).collect();
        assert_eq!(is_run(program, query).await, expected, "{start}");
    }
}

#[tokio::test]
async fn limits_of_sizes_are_lowered_and_raised() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let body = |size: usize| json!({ "query": "{ service { version } }", "extensions": { "pad": "x".repeat(size) } });
    let usual = beside(&app, &[]);
    let small = beside(
        &app,
        &[
            ("ROSTER_LIMITS__BODY_BYTES_MAX", "2000"),
            ("ROSTER_LIMITS__LIST_ITEMS_MAX", "2"),
        ],
    );
    let large = beside(
        &app,
        &[
            ("ROSTER_LIMITS__BODY_BYTES_MAX", "5000000"),
            ("ROSTER_LIMITS__LIST_ITEMS_MAX", "3000"),
        ],
    );
    for (program, size, status) in [
        (&usual, 1_000_000, 200),
        (&usual, 1_100_000, 413),
        (&small, 1000, 200),
        (&small, 2000, 413),
        (&large, 4_000_000, 200),
        (&large, 5_000_000, 413),
    ] {
        assert_eq!(
            ann.at_url(&program.url).post(&body(size)).await.status,
            status,
            "{size}"
        );
    }
    for (program, count, code) in [
        (&small, 2, "INVALID_TEAM"),
        (&small, 3, "VALIDATION_FAILED"),
        (&usual, 1000, "INVALID_TEAM"),
        (&usual, 1001, "VALIDATION_FAILED"),
        (&large, 2500, "INVALID_TEAM"),
    ] {
        let slugs: Vec<String> = (0..count).map(|number| format!("t{number}")).collect();
        let input = json!({ "email": "bob@example.com", "teamSlugs": slugs });
        let reply = ann.at_url(&program.url).create_invite(&acme, input).await;
        assert_eq!(reply.codes("createInvite"), [code], "{count}");
    }
}

#[tokio::test]
async fn limits_of_time_are_set() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    let impatient = beside(&app, &[("ROSTER_LIMITS__LOCK_TIMEOUT", "300ms")]);
    let hurried = beside(
        &app,
        &[
            ("ROSTER_LIMITS__LOCK_TIMEOUT", "60s"),
            ("ROSTER_LIMITS__REQUEST_TIMEOUT", "700ms"),
        ],
    );
    for program in [&impatient, &hurried] {
        ann.at_url(&program.url).user_id().await;
    }
    let input = json!({ "orgRole": "manager" });

    let held = app.db_hold(&invite.member).await;
    let waited = ann
        .at_url(&impatient.url)
        .update_member_roles(&invite.member, input.clone())
        .await;
    let stopped = ann
        .at_url(&hurried.url)
        .update_member_roles(&invite.member, input.clone())
        .await;
    held.rollback().await.unwrap();

    assert_eq!(waited.codes("updateMemberRoles"), ["LOCK_TIMEOUT"], "{waited:?}");
    assert_eq!(
        (stopped.status, stopped.error_codes()),
        (503, vec!["TIMEOUT".into()]),
        "{stopped:?}"
    );
    for program in [&impatient, &hurried] {
        ann.at_url(&program.url)
            .update_member_roles(&invite.member, input.clone())
            .await
            .done("updateMemberRoles");
    }
}

#[tokio::test]
async fn rate_limits_are_set_one_by_one_and_switched_off_together() {
    let app = TestApp::start_with(|config| config.rate_limits.enabled = false).await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    app.join(&acme, &ann, &bob, "manager").await;

    let per_actor = beside(&app, &[("ROSTER_RATE_LIMITS__INVITES_PER_ACTOR_PER_DAY", "2")]);
    let (ann_there, bob_there) = (ann.at_url(&per_actor.url), bob.at_url(&per_actor.url));
    for email in ["a1@example.com", "a2@example.com"] {
        assert!(invite(&ann_there, &acme, email).await.is_empty());
    }
    let refused = ann_there
        .create_invite(&acme, json!({ "email": "a3@example.com" }))
        .await;
    let [refusal] = &refused.refusals("createInvite")[..] else {
        panic!("{refused:?}")
    };
    assert_eq!(refusal.code, "RATE_LIMITED");
    assert!(
        refusal
            .retry_after
            .is_some_and(|seconds| (1..=86_400).contains(&seconds)),
        "{refused:?}"
    );
    assert!(
        invite(&bob_there, &acme, "b1@example.com").await.is_empty(),
        "another actor"
    );

    let globex = app.organization_of(&ann, "Globex").await;
    app.join(&globex, &ann, &bob, "manager").await;
    let per_organization = beside(&app, &[("ROSTER_RATE_LIMITS__INVITES_PER_ORGANIZATION_PER_DAY", "1")]);
    assert!(
        invite(&ann.at_url(&per_organization.url), &globex, "g1@example.com")
            .await
            .is_empty()
    );
    assert_eq!(
        invite(&bob.at_url(&per_organization.url), &globex, "g2@example.com").await,
        ["RATE_LIMITED"]
    );

    let initech = app.organization_of(&bob, "Initech").await;
    let per_address = beside(&app, &[("ROSTER_RATE_LIMITS__INVITES_PER_ADDRESS_PER_DAY", "1")]);
    let reply = bob
        .at_url(&per_address.url)
        .create_invite(&initech, json!({ "email": "i1@example.com" }))
        .await;
    let member = reply.done("createInvite").text("createInvite.member.id");
    let again = bob
        .at_url(&per_address.url)
        .update_member_roles(&member, json!({ "reinvite": true }))
        .await;
    assert_eq!(again.codes("updateMemberRoles"), ["RATE_LIMITED"]);
    assert!(
        invite(&bob.at_url(&per_address.url), &initech, "i2@example.com")
            .await
            .is_empty(),
        "another address"
    );

    let per_user = beside(&app, &[("ROSTER_RATE_LIMITS__ORGANIZATIONS_PER_USER_PER_HOUR", "1")]);
    let create = async |program: &Program, name: &str| {
        let person = app.person(name).at_url(&program.url);
        let reply = person
            .mutate(
                "createOrganization",
                "organization { id }",
                json!({ "name": "One more" }),
            )
            .await;
        reply.codes("createOrganization")
    };
    assert!(create(&per_user, "cleo").await.is_empty());
    assert_eq!(create(&per_user, "cleo").await, ["RATE_LIMITED"]);
    assert!(create(&per_user, "dora").await.is_empty());

    let off = beside(
        &app,
        &[
            ("ROSTER_RATE_LIMITS__ENABLED", "false"),
            ("ROSTER_RATE_LIMITS__INVITES_PER_ACTOR_PER_DAY", "0"),
            ("ROSTER_RATE_LIMITS__INVITES_PER_ORGANIZATION_PER_DAY", "0"),
            ("ROSTER_RATE_LIMITS__INVITES_PER_ADDRESS_PER_DAY", "0"),
            ("ROSTER_RATE_LIMITS__ORGANIZATIONS_PER_USER_PER_HOUR", "0"),
        ],
    );
    assert!(invite(&ann.at_url(&off.url), &acme, "a4@example.com").await.is_empty());
    assert!(create(&off, "cleo").await.is_empty());
    let none = beside(&app, &[("ROSTER_RATE_LIMITS__INVITES_PER_ACTOR_PER_DAY", "0")]);
    assert_eq!(
        invite(&app.person("ann").at_url(&none.url), &globex, "g3@example.com").await,
        ["RATE_LIMITED"]
    );
}
