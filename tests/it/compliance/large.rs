//! Large organizations: in bounded parts, whatever happens in between.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use entity::{
    audit_log_entry,
    ids::UserId,
    invite_delivery,
    job::Lane,
    member,
    outbox::{self, Category},
};
use sea_orm::{ActiveValue::Set, IntoActiveModel, QueryOrder};

use super::*;
use crate::{
    jobs::eventually,
    support::{Reaction, SmtpServer},
};

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_everybody_goes_once_and_is_told_once() {
    const MEMBERS: usize = 3_000;
    let scene = Scene::start().await;
    let (app, acme) = (&scene.app, &scene.acme);
    // Nobody takes letters, so that they stay to be counted.
    let mail = SmtpServer::start();
    mail.on("MAIL", Reaction::Say("451 4.3.0 later"));
    let members = scene.db_crowd(MEMBERS).await;
    let enforced = async || {
        let entries = audit_log_entry::Entity::within(acme.row());
        let entries = entries.filter(audit_log_entry::Column::Event.eq(MEMBER_PENDING));
        entries.count(&app.db).await.unwrap() as usize
    };
    scene.saves(&scene.ann, json!({ "require2FA": true })).await;
    // The owner who stays is told once, too.
    scene.ann.with(json!({ "amr": ["pwd"] })).seen().await;

    let mut kills_in_the_middle = 0;
    for kill in 0..6_u64 {
        let before = enforced().await;
        let worker = scene.worker(&mail);
        eventually("it goes on", || async {
            (enforced().await > before || before == MEMBERS).then_some(())
        })
        .await;
        tokio::time::sleep(Duration::from_millis(kill * 7)).await;
        worker.signal("KILL");
        worker.end();
        // As if its lease had ended.
        for job in app.db_jobs().await.into_iter().filter(|job| job.kind == ENFORCE) {
            app.db_change_job(job.id, |job| job.due_at = Set(chrono::Utc::now()))
                .await;
        }
        let done = enforced().await;
        kills_in_the_middle += usize::from(done > 0 && done < MEMBERS);
    }
    assert!(kills_in_the_middle > 0, "it was too fast to be killed");
    let worker = scene.worker(&mail);
    eventually("the walk is over", || async {
        app.db_jobs().await.iter().all(|job| job.kind != ENFORCE).then_some(())
    })
    .await;
    worker.stop();

    let everybody: BTreeSet<i64> = members.iter().map(|row| row.id.0).collect();
    let users: BTreeSet<UserId> = members.iter().filter_map(|row| row.user_id).collect();
    let rows = member::Entity::within(acme.row()).all(&app.db).await.unwrap();
    for row in rows.iter().filter(|row| everybody.contains(&row.id.0)) {
        assert!(
            row.is_invite() && row.invite_nonce.is_some() && row.email.is_some(),
            "{row:?}"
        );
    }
    let nonces: BTreeSet<_> = rows.iter().filter_map(|row| row.invite_nonce.clone()).collect();
    assert_eq!(nonces.len(), MEMBERS, "every link is another one");

    let entries = audit_log_entry::Entity::within(acme.row());
    let entries = entries.filter(audit_log_entry::Column::Event.eq(MEMBER_PENDING));
    let entries = entries.all(&app.db).await.unwrap();
    assert_eq!(entries.len(), MEMBERS);
    let noted: BTreeSet<UserId> = entries.iter().filter_map(|entry| entry.target_user_id).collect();
    assert_eq!(noted, users);
    assert!(entries.iter().all(|entry| entry.data["team_slugs"] == json!(["red"])));

    // A letter each that waits or, at most, was being sent when its worker died.
    let letters = app.db_jobs().await.into_iter().filter(|job| job.lane == Lane::Mail);
    let mut told: BTreeMap<i64, usize> = BTreeMap::new();
    let mut staying = 0;
    for letter in letters {
        assert_eq!(letter.kind, "send_compliance_notice");
        match letter.payload["stays"].as_bool() {
            Some(true) => staying += 1,
            _ => *told.entry(letter.payload["member"].as_i64().unwrap()).or_default() += 1,
        }
    }
    assert_eq!(staying, 1);
    assert_eq!(told.keys().copied().collect::<BTreeSet<_>>(), everybody);
    assert!(told.values().all(|letters| *letters == 1));
    let deliveries = invite_delivery::Entity::find().count(&app.db).await.unwrap();
    assert_eq!(deliveries as usize, MEMBERS);
    let changes = outbox::Entity::find()
        .filter(outbox::Column::Category.eq(Category::OrganizationMemberUpdate))
        .filter(outbox::Column::ObjectIdentifier.is_in(everybody.iter().copied()));
    let changed: BTreeSet<i64> = changes
        .all(&app.db)
        .await
        .unwrap()
        .iter()
        .map(|row| row.object_identifier)
        .collect();
    assert_eq!(changed, everybody);
}

/// Statements of each part of the walk, as the worker logs them.
fn statements(log: &str) -> Vec<u64> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let parts = lines.filter(|line| line["span"]["kind"] == ENFORCE || line.to_string().contains(ENFORCE));
    parts
        .filter_map(|line| {
            line["fields"]["statements"]
                .as_u64()
                .or_else(|| line["statements"].as_u64())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_takes_as_many_statements_for_one_member_as_for_hundreds() {
    let mut costs = Vec::new();
    for count in [1, 2, 40, 1_200] {
        let scene = Scene::start().await;
        let mail = SmtpServer::start();
        scene.db_crowd(count).await;
        scene.saves(&scene.ann, json!({ "require2FA": true })).await;
        let worker = scene.worker(&mail);
        eventually("the walk is over", || async {
            scene
                .app
                .db_jobs()
                .await
                .iter()
                .all(|job| job.kind != ENFORCE)
                .then_some(())
        })
        .await;
        let ended = worker.stop();
        let parts = statements(&ended.stderr);
        assert_eq!(parts.len(), 1 + count / 500, "{}", ended.stderr);
        costs.push(parts);
    }
    let most = costs.iter().flatten().max().unwrap();
    assert_eq!(costs[0], [*most], "no more for many than for one: {costs:?}");
    assert!(*most <= 20, "{costs:?}");
}

#[tokio::test]
async fn those_who_cannot_go_do_not_hold_up_the_others() {
    let scene = Scene::start().await;
    let members = scene.db_crowd(1_100).await;
    // Nobody has an address up to the end of the second part.
    for member in &members[..1_050] {
        let id = member.user_id.unwrap();
        user::Entity::update_many()
            .col_expr(user::Column::Email, Expr::value(None::<String>))
            .col_expr(user::Column::EmailKey, Expr::value(None::<String>))
            .filter(user::Column::Id.eq(id))
            .exec(&scene.app.db)
            .await
            .unwrap();
    }
    scene.saves(&scene.ann, json!({ "require2FA": true })).await;
    let _worker = scene.app.node_with(working).await;
    eventually("the walk is over", || async {
        let jobs = scene.app.db_jobs().await;
        jobs.iter().all(|job| job.kind != ENFORCE).then_some(())
    })
    .await;
    let rows = member::Entity::within(scene.acme.row()).filter(member::Column::UserId.is_null());
    assert_eq!(rows.count(&scene.app.db).await.unwrap(), 50);
    scene.app.db_idle().await;
}

#[tokio::test]
async fn switched_off_in_the_middle_the_rest_stays() {
    let scene = Scene::start().await;
    let members = scene.db_crowd(600).await;
    scene.saves(&scene.ann, json!({ "require2FA": true })).await;
    // As a worker leaves it that was stopped after its first part.
    let walk = scene.db_walk().await;
    let mut payload = walk.payload.clone();
    payload["after"] = json!(members[499].id.0);
    let mut begun = walk.into_active_model();
    begun.payload = Set(payload);
    begun.update(&scene.app.db).await.unwrap();
    scene.saves(&scene.ann, json!({ "require2FA": false })).await;
    scene.work().await;
    let rows = member::Entity::within(scene.acme.row()).filter(member::Column::UserId.is_null());
    assert_eq!(rows.count(&scene.app.db).await.unwrap(), 0);

    // Where it was left it goes on, and does not look back.
    scene.saves(&scene.ann, json!({ "require2FA": true })).await;
    let walk = scene.db_walk().await;
    let mut payload = walk.payload.clone();
    payload["after"] = json!(members[499].id.0);
    let mut begun = walk.into_active_model();
    begun.payload = Set(payload);
    begun.update(&scene.app.db).await.unwrap();
    scene.work().await;
    let rows = member::Entity::within(scene.acme.row())
        .filter(member::Column::UserId.is_null())
        .order_by_asc(member::Column::Id);
    let rows = rows.all(&scene.app.db).await.unwrap();
    assert_eq!((rows.len(), rows[0].id), (100, members[500].id));
}
