//! Deleting what nobody needs any more (§9.6).

use chrono::{TimeDelta, Utc};
use entity::{job::JobStatus, member, outbox::Category, rate_limit};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

use super::*;

const DAY: i64 = 86_400;

/// A server that sweeps all the time.
fn sweeping(config: &mut Config) {
    working(config);
    config.invites.cleanup_every = Duration::from_millis(50);
}

#[tokio::test]
async fn invites_that_ran_out_long_ago_are_deleted_and_no_others() {
    let app = TestApp::start_with(|config| config.features.mail_invites = false).await;
    let (acme, ann) = app.organization("Acme").await;
    let (scim, _) = app.organization("Managed").await;
    let provider = app.db_auth_provider(&scim, true).await;
    let mut provider = provider.into_active_model();
    provider.scim_enabled = Set(true);
    provider.update(&app.db).await.unwrap();
    let ago = |days: i64, seconds: i64| Set(Some(Utc::now() - TimeDelta::seconds(days * DAY + seconds)));

    let long_ago = app.invite(&acme, &ann, "long@example.com", "member").await.member;
    app.db_change_member(&long_ago, |row| row.token_expires_at = ago(30, 60))
        .await;
    let lately = app.invite(&acme, &ann, "lately@example.com", "member").await.member;
    app.db_change_member(&lately, |row| row.token_expires_at = ago(29, 80_000))
        .await;
    let open = app.invite(&acme, &ann, "open@example.com", "member").await.member;
    let endless = app.invite(&acme, &ann, "endless@example.com", "member").await.member;
    app.db_change_member(&endless, |row| row.token_expires_at = Set(None))
        .await;
    let joined = app.join(&acme, &ann, &app.person("bob"), "member").await;
    app.db_change_member(&joined, |row| row.token_expires_at = ago(90, 0))
        .await;
    let request = app
        .db_request(&acme, "asks@example.com", member::InviteStatus::RequestedToJoin)
        .await;
    let managed = app.invite(&scim, &ann, "managed@example.com", "member").await.member;
    app.db_change_member(&managed, |row| row.token_expires_at = ago(90, 0))
        .await;
    let before = app.db_outbox(&acme).await.len();

    let _worker = app.node_with(sweeping).await;

    eventually("the old invite is gone", || async {
        app.db_member(&long_ago).await.is_none().then_some(())
    })
    .await;
    for kept in [&lately, &open, &endless, &joined, &request, &managed] {
        assert!(app.db_member(kept).await.is_some());
    }
    let changes = app.db_outbox(&acme).await;
    let swept = (
        Category::OrganizationMemberUpdate,
        i64::from(crate::support::row::<entity::ids::MemberId>(&long_ago)),
    );
    assert_eq!(
        changes[before..].iter().filter(|change| **change == swept).count(),
        1,
        "{changes:?}"
    );
}

#[tokio::test]
async fn sweeping_goes_on_and_takes_as_many_batches_as_it_needs() {
    let app = TestApp::start_with(|config| {
        sweeping(config);
        config.invites.cleanup_after = Duration::ZERO;
        config.rate_limits.enabled = false;
        config.features.mail_invites = false;
    })
    .await;
    let (acme, ann) = app.organization("Acme").await;
    for round in 0..2 {
        let first = app
            .invite(&acme, &ann, &format!("guest-{round}@example.com"), "member")
            .await;
        let old = app.db_member(&first.member).await.unwrap();
        let copies = (0..1_100).map(|number| {
            let mut copy = old.clone().into_active_model();
            let email = format!("guest-{round}-{number}@example.com");
            copy.id = sea_orm::ActiveValue::NotSet;
            copy.email = Set(Some(email.clone()));
            copy.email_key = Set(Some(email));
            copy.token_expires_at = Set(Some(Utc::now() - TimeDelta::days(1)));
            copy
        });
        let copies: Vec<_> = copies.collect();
        for chunk in copies.chunks(500) {
            member::Entity::insert_many(chunk.to_vec())
                .exec_without_returning(&app.db)
                .await
                .unwrap();
        }
        eventually("all are swept", || async {
            let left = member::Entity::find().all(&app.db).await.unwrap();
            (left.len() == 2 + round).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn windows_of_rate_limits_go_when_they_have_ended() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.invite(&acme, &ann, "bob@example.com", "member").await;
    let windows = rate_limit::Entity::find().all(&app.db).await.unwrap();
    let ended = rate_limit::ActiveModel {
        key: Set("invite:user:1".into()),
        window: Set(1),
        count: Set(7),
        expires_at: Set(Utc::now() - TimeDelta::seconds(1)),
    };
    ended.insert(&app.db).await.unwrap();

    let _worker = app.node_with(working).await;

    eventually("the window is gone", || async {
        let left = rate_limit::Entity::find().all(&app.db).await.unwrap();
        (left.len() == windows.len()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_repeats_is_planned_once_for_all_nodes() {
    let app = TestApp::start_with(working).await;
    let mut nodes = Vec::new();
    for _ in 0..3 {
        nodes.push(app.node_with(working).await);
    }

    eventually("each was done once", || async {
        let jobs = app.db_jobs().await;
        let is_done = jobs.iter().all(|job| job.due_at > Utc::now() && job.attempts == 0);
        (jobs.len() == 4 && is_done).then_some(())
    })
    .await;
    let mut keys: Vec<_> = app
        .db_jobs()
        .await
        .into_iter()
        .filter_map(|job| job.repeat_key)
        .collect();
    keys.sort();
    assert_eq!(
        keys,
        ["sweep_deliveries", "sweep_events", "sweep_invites", "sweep_rate_limits"]
    );
}

#[tokio::test]
async fn a_shorter_interval_counts_at_once() {
    let app = TestApp::start_with(working).await;
    let sweep = || async {
        let mut jobs = app.db_jobs().await.into_iter();
        jobs.find(|job| job.kind == "sweep_invites" && job.status == JobStatus::Queued && job.due_at > Utc::now())
    };
    let planned = eventually("the sweep waits for a day", sweep).await;
    assert!(planned.due_at - Utc::now() > TimeDelta::hours(23));

    let _node = app.node_with(|config| config.jobs.in_serve = true).await;
    let _eager = app
        .node_with(|config| {
            working(config);
            config.invites.cleanup_every = Duration::from_secs(3600);
        })
        .await;

    eventually("it waits for an hour", || async {
        sweep()
            .await
            .filter(|job| job.due_at - Utc::now() < TimeDelta::minutes(61))
    })
    .await;
}
