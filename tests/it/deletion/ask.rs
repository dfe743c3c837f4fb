//! Asking for the deletion.

use chrono::DateTime;
use entity::{member, organization::flag};

use super::*;

#[tokio::test]
async fn the_organization_waits_for_its_end_and_all_owners_are_told() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let (bob, carl, gone) = (app.person("bob"), app.person("carl"), app.person("gone"));
    let owner = app.join(&acme, &ann, &bob, "owner").await;
    app.join(&acme, &ann, &carl, "manager").await;
    app.join(&acme, &ann, &gone, "owner").await;
    app.db_set_active(&gone.user_id().await, false).await;
    app.invite(&acme, &ann, "ivy@example.com", "owner").await;
    let before = (
        app.db_audit(&acme).await.len(),
        app.db_outbox(&acme).await.len(),
        Utc::now(),
    );

    let reply = ann.delete(&acme).await.done(DELETE);

    let told = reply.data("deleteOrganization.organization");
    assert_eq!(
        (&told["id"], &told["status"]),
        (&json!(acme.id), &json!("PENDING_DELETION"))
    );
    let due: DateTime<Utc> = told["deletesAt"].as_str().unwrap().parse().unwrap();
    let delay = due - before.2;
    assert!(delay >= Duration::hours(24) - Duration::seconds(1) && delay < Duration::hours(24) + Duration::minutes(1));
    let row = db_row(&app, &acme).await.unwrap();
    assert_eq!(
        (row.status, row.delete_at),
        (OrganizationStatus::PendingDeletion, Some(due))
    );

    let mut entries = app.db_audit(&acme).await.split_off(before.0);
    assert_eq!(entries.len(), 1);
    let entry = entries.pop().unwrap();
    assert_eq!((entry.event, entry.actor), (ORG_REMOVE, Some(ann.user_id().await)));
    let data = json!({
        "id": acme.id, "slug": "acme", "name": "Acme", "status": 1, "flags": flag::ALLOW_JOINLEAVE,
        "default_role": "member",
    });
    assert_eq!(entry.data, data);
    let organization = (Category::OrganizationUpdate, i64::from(acme.row()));
    assert_eq!(app.db_outbox(&acme).await.split_off(before.1), [organization]);

    let jobs = db_jobs_of(&app, "delete_organization").await;
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0].due_at, due);
    let notices = db_jobs_of(&app, "send_deletion_notice").await;
    let recipients: Vec<_> = notices.iter().map(|job| job.payload["recipient"].clone()).collect();
    let number = |member: &str| json!(i64::from(crate::support::row::<entity::ids::MemberId>(member)));
    assert_eq!(recipients, [number(&acme.owner), number(&owner)]);
}

#[tokio::test]
async fn only_who_may_restore_it_sees_it_and_asks_again() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob").seen().await;
    app.join(&acme, &ann, &bob, "manager").await;
    ann.delete(&acme).await.done(DELETE);
    let root = app.superuser().seen().await;
    let robot = app.db_app(&acme, &["org:admin"]).await;

    for caller in [&ann, &root] {
        assert_eq!(caller.look(&acme).await["status"], "PENDING_DELETION");
        let reply = app.unchanged(caller.delete(&acme)).await.done(DELETE);
        assert!(reply.data("deleteOrganization.organization.deletesAt").is_string());
    }
    assert_eq!(robot.look(&acme).await["status"], "PENDING_DELETION");
    assert!(bob.look(&acme).await.is_null());
    let missing = [("ORGANIZATION_NOT_FOUND", "input.organizationId")];
    let reply = app.unchanged(bob.delete(&acme)).await;
    assert_eq!(reply.refusals(DELETE), missing);
    // Everything else is over for everybody.
    let input = json!({ "organizationId": acme.id, "name": "Red" });
    let reply = app.unchanged(ann.mutate("createTeam", "team { id }", input)).await;
    assert_eq!(reply.refusals("createTeam"), missing);
}

#[tokio::test]
async fn refusals_come_in_their_order_and_change_nothing() {
    let app = TestApp::start_with(|config| config.organizations.default_slug = Some("acme".into())).await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    app.join(&acme, &ann, &bob, "manager").await;
    let long_ago = Duration::hours(2);
    let limited = ann
        .with(json!({ "scope": "org:write" }))
        .signed_in(long_ago)
        .seen()
        .await;
    let robot = app.db_app(&acme, &["org:admin"]).await;
    let writer = app.db_app(&acme, &["org:write"]).await;
    let root = app.superuser().seen().await;
    let zoe = app.person("zoe").seen().await;
    for (caller, code, path) in [
        (&zoe, "ORGANIZATION_NOT_FOUND", "input.organizationId"),
        (&bob.signed_in(long_ago), "FORBIDDEN", ""),
        (&limited, "FORBIDDEN", ""),
        (&writer, "FORBIDDEN", ""),
        (&robot, "SUDO_REQUIRED", ""),
        (&ann.signed_in(long_ago), "SUDO_REQUIRED", ""),
        (&root.signed_in(long_ago), "SUDO_REQUIRED", ""),
        (&ann, "DEFAULT_ORGANIZATION", ""),
        (&root, "DEFAULT_ORGANIZATION", ""),
    ] {
        let reply = app.unchanged(caller.delete_named(&acme, "wrong")).await;
        assert_eq!(reply.refusals(DELETE), [(code, path)]);
    }
    let reply = app.unchanged(app.anonymous().delete(&acme)).await;
    assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);

    let globex = app.organization_of(&ann, "Globex").await;
    for slug in ["", "acme", "Globex", "globex ", "\0"] {
        let reply = app.unchanged(ann.delete_named(&globex, slug)).await;
        assert_eq!(
            reply.refusals(DELETE),
            [("VALIDATION_FAILED", "input.confirmSlug")],
            "{slug:?}"
        );
    }
    app.db_set_flags(&globex.owner, member::flag::MEMBER_LIMIT_RESTRICTED)
        .await;
    let reply = app.unchanged(ann.signed_in(long_ago).delete(&globex)).await;
    assert_eq!(reply.codes(DELETE), ["MEMBER_DISABLED_OVER_LIMIT"]);
    for id in ["", "nonsense", globex.owner.as_str()] {
        let nowhere = Organization {
            id: id.into(),
            ..globex.clone()
        };
        let reply = app.unchanged(ann.delete(&nowhere)).await;
        assert_eq!(
            reply.refusals(DELETE),
            [("ORGANIZATION_NOT_FOUND", "input.organizationId")]
        );
    }
}

#[tokio::test]
async fn a_sign_in_is_fresh_for_as_long_as_the_configuration_says() {
    let app = TestApp::start_with(|config| config.auth.sudo_age = std::time::Duration::from_secs(600)).await;
    let (acme, ann) = app.organization("Acme").await;
    let iat = (Utc::now() - Duration::minutes(30)).timestamp();
    for stale in [
        ann.signed_in(Duration::seconds(605)),
        ann.with(json!({ "iat": iat })),
        ann.with(json!({ "iat": null })),
        // Nobody has signed in yet in the future: that would be fresh for ever.
        ann.signed_in(-Duration::days(1)),
        // The sign-in counts, and not when the token was made.
        ann.signed_in(Duration::days(1))
            .with(json!({ "iat": Utc::now().timestamp() })),
    ] {
        let reply = app.unchanged(stale.delete(&acme)).await;
        assert_eq!(reply.refusals(DELETE), [("SUDO_REQUIRED", "")]);
    }
    ann.signed_in(Duration::seconds(595)).delete(&acme).await.done(DELETE);
}

#[tokio::test]
async fn what_is_told_of_it_agrees_with_what_is_done() {
    let app = TestApp::start_with(|config| config.organizations.default_slug = Some("globex".into())).await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&ann, "Globex").await;
    let bob = app.person("bob");
    app.join(&acme, &ann, &bob, "manager").await;
    let robot = app.db_app(&acme, &["org:admin"]).await;
    for (caller, organization, may) in [
        (&bob, &acme, false),
        (&robot, &acme, false),
        (&ann, &globex, false),
        (&ann, &acme, true),
        (&app.superuser(), &acme, true),
    ] {
        assert_eq!(caller.look(organization).await["viewerCanDelete"], may);
        assert_eq!(caller.delete(organization).await.codes(DELETE).is_empty(), may);
    }
}

#[tokio::test]
async fn of_many_who_ask_at_once_one_is_heard() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let asks = (0..10).map(|_| ann.delete(&acme));
    for reply in futures_util::future::join_all(asks).await {
        reply.done(DELETE);
    }
    assert_eq!(db_jobs_of(&app, "delete_organization").await.len(), 1);
    assert_eq!(db_jobs_of(&app, "send_deletion_notice").await.len(), 1);
    let entries = app.db_audit(&acme).await;
    assert_eq!(entries.iter().filter(|entry| entry.event == ORG_REMOVE).count(), 1);
}
