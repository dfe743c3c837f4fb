//! What ends or delays the walk through the members.

use chrono::Utc;
use entity::{job::JobStatus, organization::OrganizationStatus};
use sea_orm::{ActiveValue::Set, ConnectionTrait};

use super::*;
use crate::jobs::eventually;

#[tokio::test]
async fn switched_off_before_it_begins_nobody_goes() {
    let scene = Scene::start().await;
    let bobs = scene.joined(&unverified(&scene.app.person("bob")), "member").await;
    let both = |is_on: bool| json!({ "require2FA": is_on, "requireEmailVerification": is_on });
    scene.saves(&scene.ann, both(true)).await;
    scene.enforced(both(false)).await;
    assert!(!scene.is_pending(&bobs).await);
    assert!(scene.letters().is_empty() && scene.entries().await.is_empty());
}

#[tokio::test]
async fn switched_off_nobody_comes_back_and_nobody_is_told() {
    let scene = Scene::start().await;
    let bobs = scene.joined(&scene.app.person("bob"), "member").await;
    scene.enforced(json!({ "require2FA": true })).await;
    let row = scene.app.db_member(&bobs).await;
    let before = scene.letters().len();

    scene.enforced(json!({ "require2FA": false })).await;

    assert_eq!(scene.app.db_member(&bobs).await, row);
    assert_eq!(scene.letters().len(), before);
    assert!(scene.app.db_jobs().await.iter().all(|job| job.kind != ENFORCE));
    // The invite is good as it is.
    let token = scene.letters()[0].token().unwrap();
    scene.app.person("bob").accept_invite(&token).await.done("acceptInvite");
}

#[tokio::test]
async fn of_an_organization_that_is_to_be_deleted_nobody_goes() {
    for status in [
        OrganizationStatus::PendingDeletion,
        OrganizationStatus::DeletionInProgress,
    ] {
        let scene = Scene::start().await;
        let bobs = scene.joined(&scene.app.person("bob"), "member").await;
        scene.saves(&scene.ann, json!({ "require2FA": true })).await;
        scene.app.db_set_status(&scene.acme, status).await;
        scene.work().await;
        assert!(!scene.is_pending(&bobs).await, "{status:?}");
        assert!(scene.letters().is_empty() && scene.entries().await.is_empty());
    }
}

#[tokio::test]
async fn an_organization_that_is_gone_is_no_failure() {
    let scene = Scene::start().await;
    scene.saves(&scene.ann, json!({ "require2FA": true })).await;
    entity::organization::Entity::delete_by_id(scene.acme.row())
        .exec(&scene.app.db)
        .await
        .unwrap();
    scene.work().await;
}

#[tokio::test]
async fn while_the_feature_is_off_verified_addresses_are_not_enforced() {
    let scene = Scene::start_with(|config| config.features.email_verification = false).await;
    let bobs = scene.joined(&unverified(&scene.app.person("bob")), "member").await;
    scene
        .app
        .db_set_organization_flags(&scene.acme, flag::REQUIRE_EMAIL_VERIFICATION)
        .await;
    let reply = save(&scene.ann, &scene.acme, json!({ "requireEmailVerification": true })).await;
    assert_eq!(reply.codes(SAVE), ["FEATURE_DISABLED"]);
    // Queued by a node that has it.
    let other = scene.app.node_with(|_| ()).await;
    let input = json!({ "requireEmailVerification": true });
    save(&scene.ann.at(&other), &scene.acme, input).await.done(SAVE);
    let _worker = scene
        .app
        .node_with(|config| {
            working(config);
            config.features.email_verification = false;
        })
        .await;
    scene.app.db_idle().await;
    assert!(!scene.is_pending(&bobs).await);
}

#[tokio::test]
async fn nothing_is_queued_for_a_save_that_is_refused_or_says_false() {
    let scene = Scene::start().await;
    let bob = scene.app.person("bob");
    scene.joined(&bob, "manager").await;
    for (caller, input) in [
        (&bob, json!({ "require2FA": true })),
        (&scene.ann, json!({ "require2FA": true, "slug": "A B" })),
    ] {
        let reply = scene.app.unchanged(save(caller, &scene.acme, input)).await;
        assert!(!reply.codes(SAVE).is_empty());
    }
    scene.saves(&scene.ann, json!({ "require2FA": false })).await;
    assert!(scene.app.db_jobs().await.is_empty());
}

#[tokio::test]
async fn what_fails_is_tried_five_times_more_every_five_minutes() {
    let scene = Scene::start().await;
    let app = &scene.app;
    let bobs = scene.joined(&app.person("bob"), "member").await;
    scene.saves(&scene.ann, json!({ "require2FA": true })).await;
    // There is nowhere to write the entries to.
    let rename = |from: &str, to: &str| format!("ALTER TABLE {from} RENAME TO {to}");
    app.db
        .execute_unprepared(&rename("audit_log_entry", "entries_elsewhere"))
        .await
        .unwrap();
    let worker = app.node_with(working).await;
    for failures in 1..=5 {
        let job = eventually("it has failed", || async {
            let job = scene.db_walk().await;
            (job.failures == failures && job.status == JobStatus::Queued).then_some(job)
        })
        .await;
        let pause = job.due_at - Utc::now();
        assert!(
            (240..=300).contains(&pause.num_seconds()),
            "{pause} after {failures} failures"
        );
        assert!(!scene.is_pending(&bobs).await, "all or nothing");
        app.db_change_job(job.id, |job| job.due_at = Set(Utc::now())).await;
    }
    let job = eventually("it is given up", || async {
        let job = scene.db_walk().await;
        (job.status == JobStatus::Failed).then_some(job)
    })
    .await;
    assert_eq!(job.failures, 6);
    assert_eq!(
        app.db_jobs()
            .await
            .iter()
            .filter(|job| job.kind.starts_with("send"))
            .count(),
        0
    );

    // An operator lets it begin anew when all is well again.
    app.db
        .execute_unprepared(&rename("entries_elsewhere", "audit_log_entry"))
        .await
        .unwrap();
    assert_eq!(app.beside(&["jobs", "retry", "--failed"]), "1 begin anew.\n");
    app.db_idle().await;
    drop(worker);
    assert!(scene.is_pending(&bobs).await);
    assert_eq!(scene.recipients(), ["bob@example.com"]);
    assert_eq!(scene.entries().await.len(), 1);
}
