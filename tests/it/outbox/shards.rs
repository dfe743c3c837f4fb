//! Shards: claiming, pauses, those that cannot be delivered and those that must
//! not be.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use roster::outbox as shards;
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde_json::json;

use super::*;
use crate::jobs::working;

impl TestApp {
    /// Puts something in the way of the first event of an organization.
    async fn db_obstruct(&self, organization: &Organization) -> event::Model {
        let stone = event::ActiveModel {
            organization_id: Set(organization.row()),
            sequence: Set(1),
            r#type: Set(EventType::OrganizationUpdated),
            object_identifier: Set(1),
            occurred_at: Set(roster::clock::now()),
            date_added: Set(roster::clock::now()),
        };
        stone.insert(&self.db).await.unwrap()
    }
}

#[tokio::test]
async fn what_changed_is_delivered_soon_after_the_request() {
    let app = TestApp::start_with(|config| {
        delivering(config);
        // So that only the wake-up after the commit can be the reason.
        config.jobs.poll_every = Duration::from_secs(3600);
    })
    .await;
    let (acme, ann) = app.organization("Acme").await;
    app.invite(&acme, &ann, "bob@example.com", "member").await;
    app.db_delivered().await;
    let events = app.db_events(&acme).await;
    assert!(
        events.iter().any(|(kind, _)| *kind == EventType::InviteUpdated),
        "{events:?}"
    );
}

#[tokio::test]
async fn a_claimed_shard_waits_twice_as_long_each_time_unless_something_is_added() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let service = app.db_service().await;
    let now = roster::clock::now();
    let claim = |at| shards::claim(&service.db, shard(&acme), at);
    let due_at = || async {
        let rows = outbox::Entity::find()
            .filter(outbox::Column::ShardScope.eq(0))
            .all(&app.db)
            .await
            .unwrap();
        let mut times: Vec<_> = rows.iter().map(|row| row.scheduled_for).collect();
        times.dedup();
        times
    };
    assert!(shards::due(&service.db, now).await.unwrap().contains(&shard(&acme)));
    assert!(claim(now).await.unwrap());
    assert_eq!(due_at().await, [now + TimeDelta::seconds(2)]);
    // Nobody else gets it before.
    assert!(!shards::due(&service.db, now).await.unwrap().contains(&shard(&acme)));
    assert!(!claim(now + TimeDelta::seconds(1)).await.unwrap());

    let mut at = now;
    for pause in [2, 4, 8, 16] {
        at += TimeDelta::seconds(pause);
        assert!(claim(at).await.unwrap());
        assert_eq!(due_at().await, [at + TimeDelta::seconds(2 * pause)]);
    }
    // Something new makes the whole shard due at once.
    app.invite(&acme, &ann, "bob@example.com", "member").await;
    assert!(shards::due(&service.db, at).await.unwrap().contains(&shard(&acme)));
    assert!(claim(at).await.unwrap());
}

#[tokio::test]
async fn two_who_claim_at_once_do_not_both_get_it() {
    let app = TestApp::start().await;
    let (acme, _) = app.organization("Acme").await;
    let service = app.db_service().await;
    let now = roster::clock::now();
    let claims = (0..8).map(|_| shards::claim(&service.db, shard(&acme), now));
    let claims = futures_util::future::join_all(claims).await;
    assert_eq!(claims.into_iter().filter(|claim| matches!(claim, Ok(true))).count(), 1);
}

#[tokio::test]
async fn who_delivers_a_shard_has_it() {
    let app = TestApp::start().await;
    let (acme, _) = app.organization("Acme").await;
    let (one, other) = (app.db_service().await, app.db_service().await);
    let now = roster::clock::now();

    let tx = roster::db::begin_write(&one.db).await.unwrap();
    let window = shards::window(&tx, shard(&acme), None).await.unwrap();
    let mut claim = tokio::spawn(async move { shards::claim(&other.db, shard(&acme), now).await });
    // On PostgreSQL at once; on SQLite writers take turns.
    let early = tokio::time::timeout(Duration::from_millis(300), &mut claim).await;
    window.delete(&tx).await.unwrap();
    tx.commit().await.unwrap();

    let claimed = match early {
        Ok(claimed) => claimed,
        Err(_) => claim.await,
    };
    assert!(!claimed.unwrap().unwrap());
}

#[tokio::test]
async fn a_bounded_drain_leaves_what_came_later() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let service = app.db_service().await;
    let end = shards::end(&service.db, shard(&acme)).await.unwrap();
    app.invite(&acme, &ann, "bob@example.com", "member").await;
    let later = app.db_outbox(&acme).await.len();

    let tx = roster::db::begin_write(&service.db).await.unwrap();
    let bounded = shards::window(&tx, shard(&acme), end).await.unwrap();
    let full = shards::window(&tx, shard(&acme), None).await.unwrap();
    bounded.delete(&tx).await.unwrap();
    tx.commit().await.unwrap();

    assert_eq!(full.groups.len(), bounded.groups.len() + 1);
    let left = app.db_outbox(&acme).await.len();
    assert!(left == 1 && later > left, "{left} of {later}");
}

#[tokio::test]
async fn a_shard_that_fails_keeps_its_rows_and_others_go_on() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let beta = app.organization_of(&ann, "Beta").await;
    let stone = app.db_obstruct(&acme).await;
    let before = app.db_outbox(&acme).await.len();

    let _worker = app.node_with(delivering).await;
    eventually("the other organization is delivered", || async {
        app.db_outbox(&beta).await.is_empty().then_some(())
    })
    .await;
    eventually("the failing one has been tried", || async {
        let rows = outbox::Entity::find()
            .filter(outbox::Column::ShardScope.eq(0))
            .filter(outbox::Column::ShardIdentifier.eq(acme.row()))
            .all(&app.db)
            .await
            .unwrap();
        rows.iter()
            .all(|row| row.scheduled_for > row.scheduled_from)
            .then_some(())
    })
    .await;
    assert_eq!(app.db_outbox(&acme).await.len(), before);
    assert!(!app.db_events(&beta).await.is_empty());

    // When the cause is gone, nothing was lost.
    stone.delete(&app.db).await.unwrap();
    app.db_delivered().await;
    let events = app.db_events(&acme).await;
    assert!(
        events.iter().any(|(kind, _)| *kind == EventType::MemberUpdated),
        "{events:?}"
    );
}

#[tokio::test]
async fn a_drain_by_hand_goes_on_after_shards_that_fail_and_names_them() {
    let app = TestApp::start().await;
    let (beta, ann) = app.organization("Beta").await;
    let gamma = app.organization_of(&ann, "Gamma").await;
    // What is newest is drained first: all that fail come before one that does not.
    let bad = [
        app.organization_of(&ann, "Acme").await,
        app.organization_of(&ann, "Akme").await,
    ];
    for organization in &bad {
        app.db_obstruct(organization).await;
    }

    let ended = app.place().run(&["outbox", "drain"]);

    assert!(ended.stdout.ends_with("shards delivered.\n"), "{ended:?}");
    for organization in [&beta, &gamma] {
        assert!(app.db_outbox(organization).await.is_empty());
        assert!(!app.db_events(organization).await.is_empty());
    }
    for organization in &bad {
        assert!(!app.db_outbox(organization).await.is_empty());
    }
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let told = ended.stderr.lines().last().unwrap();
    assert!(told.contains("2 shards cannot be delivered"), "{ended:?}");
    for organization in &bad {
        assert!(told.contains(&shard(organization).to_string()), "{told}");
    }
}

#[tokio::test]
async fn a_shard_that_is_switched_off_waits_with_the_newest_row_of_each_object() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let beta = app.organization_of(&ann, "Beta").await;
    for number in 0..3 {
        let input = json!({ "organizationId": acme.id, "name": format!("Acme {number}") });
        ann.mutate("saveOrgOptions", "organization { id }", input)
            .await
            .done("saveOrgOptions");
    }
    let newest = outbox::Entity::find()
        .filter(outbox::Column::ShardScope.eq(0))
        .filter(outbox::Column::ShardIdentifier.eq(acme.row()))
        .order_by_desc(outbox::Column::Id)
        .one(&app.db)
        .await
        .unwrap()
        .unwrap();

    let off = shard(&acme);
    let worker = app
        .node_with(move |config| {
            delivering(config);
            config.outbox.disabled_shards = vec![off];
        })
        .await;
    eventually("only the newest rows are left", || async {
        let changes = app.db_outbox(&acme).await;
        let mut different = changes.clone();
        different.sort_by_key(|(category, object)| (*category as i32, *object));
        different.dedup();
        (changes.len() == different.len() && app.db_outbox(&beta).await.is_empty()).then_some(())
    })
    .await;
    assert!(app.db_events(&acme).await.is_empty());
    let kept = outbox::Entity::find_by_id(newest.id).one(&app.db).await.unwrap();
    assert!(kept.is_some());
    drop(worker);

    // Switched on again, it is delivered.
    let mut row = kept.unwrap().into_active_model();
    row.scheduled_for = Set(Utc::now() - TimeDelta::seconds(1));
    row.update(&app.db).await.unwrap();
    let _worker = app.node_with(delivering).await;
    app.db_delivered().await;
    assert!(!app.db_events(&acme).await.is_empty());
}

#[tokio::test]
async fn several_nodes_deliver_one_log_without_gaps_or_repetitions() {
    let app = TestApp::start_with(|config| {
        delivering(config);
        config.rate_limits.enabled = false;
    })
    .await;
    let mut nodes = Vec::new();
    for _ in 0..2 {
        nodes.push(app.node_with(delivering).await);
    }
    let (acme, ann) = app.organization("Acme").await;
    let invites = (0..30).map(|number| {
        let (app, acme, ann) = (&app, &acme, &ann);
        async move {
            let invite = app
                .invite(acme, ann, &format!("guest-{number}@example.com"), "member")
                .await;
            i64::from(crate::support::row::<entity::ids::MemberId>(&invite.member))
        }
    });
    let mut invites = futures_util::future::join_all(invites).await;
    app.db_delivered().await;

    let events = app.db_events(&acme).await;
    let told = events.iter().filter(|(kind, _)| *kind == EventType::InviteUpdated);
    let mut told: Vec<_> = told.map(|(_, object)| *object).collect();
    told.sort_unstable();
    // That its mail was sent is one more change of an invite.
    told.dedup();
    invites.sort_unstable();
    assert_eq!(told, invites);
}

#[tokio::test]
async fn a_node_without_delivery_leaves_it_to_others() {
    let app = TestApp::start_with(working).await;
    let (acme, _) = app.organization("Acme").await;
    app.db_idle().await;
    assert!(!app.db_outbox(&acme).await.is_empty());
    let _worker = app.node_with(delivering).await;
    app.db_delivered().await;
}
