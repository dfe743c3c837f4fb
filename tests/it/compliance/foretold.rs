//! Whom it would meet, told beforehand, is whom it meets.

use std::{collections::BTreeSet, time::Duration};

use entity::{
    ids::MemberId,
    organization::Requirement::{self, TwoFactor, VerifiedEmail},
};
use roster::domain::compliance::affected;
use sea_orm::{QuerySelect, SqliteTransactionMode, TransactionOptions, TransactionTrait};

use super::*;
use crate::support::row;

/// One of everything that matters, below an owner who lacks both.
async fn company(scene: &Scene, has_good_owner: bool) {
    let app = &scene.app;
    for role in ["owner", "manager", "member"] {
        for (kind, has_factor, is_verified) in [("a", false, false), ("b", false, true), ("c", true, false)] {
            let mut person = app.person(&format!("{kind}-{role}"));
            if has_factor {
                person = enrolled(&person);
            }
            if !is_verified {
                person = unverified(&person);
            }
            scene.joined(&person, role).await;
        }
    }
    if has_good_owner {
        scene.joined(&enrolled(&app.person("good-owner")), "owner").await;
    }
    scene.joined(&enrolled(&app.person("good")), "member").await;
    app.invite(&scene.acme, &scene.ann, "invited@example.com", "member")
        .await;
    let away = app.person("away");
    scene.joined(&away, "member").await;
    app.db_set_active(&away.user_id().await, false).await;
    let taken = app.person("taken");
    scene.joined(&taken, "member").await;
    app.invite(&scene.acme, &scene.ann, "other@example.com", "member").await;
    unverified(&taken.with(json!({ "email": "other@example.com" })))
        .seen()
        .await;
}

async fn pending(scene: &Scene) -> BTreeSet<i64> {
    let rows = member::Entity::within(scene.acme.row()).filter(member::Column::UserId.is_null());
    let rows = rows.all(&scene.app.db).await.unwrap();
    rows.into_iter().map(|row| row.id.0).collect()
}

/// What a dry run tells, which changes nothing.
async fn dry_run(scene: &Scene, caller: &Client, mut input: Value) -> Value {
    input["organizationId"] = json!(scene.acme.id);
    input["dryRun"] = json!(true);
    let fields = "impact { affectedMemberCount affectedMembers { id } } changes { field }";
    let reply = scene.app.unchanged(caller.mutate(SAVE, fields, input)).await.done(SAVE);
    reply.data("saveOrgOptions.impact").clone()
}

#[tokio::test]
async fn only_a_dry_run_foretells_and_to_whom_may_read_members() {
    let scene = Scene::start().await;
    scene.joined(&unverified(&scene.app.person("bob")), "member").await;
    let both = json!({ "require2FA": true, "requireEmailVerification": true });
    let impact = dry_run(&scene, &scene.ann, both.clone()).await;
    assert_eq!(impact["affectedMemberCount"], 1);
    // Nothing that is required is asked of nobody.
    let none = dry_run(&scene, &scene.ann, json!({ "require2FA": false, "name": "New" })).await;
    assert_eq!(none, json!({ "affectedMemberCount": 0, "affectedMembers": [] }));

    let app = scene.app.db_app(&scene.acme, &["org:write"]).await;
    let none = dry_run(&scene, &app, json!({ "name": "New" })).await;
    assert_eq!(none["affectedMemberCount"], 0);

    let mut input = both;
    input["organizationId"] = json!(scene.acme.id);
    let saved = scene
        .ann
        .mutate(SAVE, "impact { affectedMemberCount }", input)
        .await
        .done(SAVE);
    assert_eq!(saved.data("saveOrgOptions.impact"), &Value::Null);
}

/// What is foretold while `requirements` are not in force is what saving them does.
async fn comes_true(requirements: &[Requirement], input: Value, has_good_owner: bool) {
    let scene = Scene::start().await;
    company(&scene, has_good_owner).await;
    // Who saves has both; the owners need not.
    let max = enrolled(&scene.app.person("max"));
    scene.joined(&max, "manager").await;
    unverified(&scene.ann.with(json!({ "amr": ["pwd"] }))).seen().await;
    let before = pending(&scene).await;

    let foretold = affected(&scene.app.db, scene.acme.row(), requirements).await.unwrap();
    let impact = dry_run(&scene, &max, input.clone()).await;
    assert_eq!(impact["affectedMemberCount"], foretold.count);
    let shown = impact["affectedMembers"].as_array().unwrap();
    let shown: Vec<_> = shown
        .iter()
        .map(|member| row::<MemberId>(member["id"].as_str().unwrap()))
        .collect();
    let ids: Vec<_> = foretold.first.iter().map(|row| row.id).collect();
    assert_eq!(shown, ids);
    scene.saves(&max, input).await;
    scene.work().await;

    let after = pending(&scene).await;
    let gone: Vec<i64> = after.difference(&before).copied().collect();
    let told: Vec<i64> = foretold.first.iter().map(|row| row.id.0).collect();
    assert_eq!(told, gone, "{requirements:?}, {has_good_owner}");
    assert_eq!(foretold.count, gone.len() as u64);
    assert!(foretold.count >= 5, "{foretold:?}");
    let again = affected(&scene.app.db, scene.acme.row(), requirements).await.unwrap();
    assert_eq!(again.count, 0, "nobody is left: {again:?}");
}

#[tokio::test]
async fn a_second_factor() {
    for has_good_owner in [true, false] {
        comes_true(&[TwoFactor], json!({ "require2FA": true }), has_good_owner).await;
    }
}

#[tokio::test]
async fn a_verified_address() {
    for has_good_owner in [true, false] {
        comes_true(
            &[VerifiedEmail],
            json!({ "requireEmailVerification": true }),
            has_good_owner,
        )
        .await;
    }
}

#[tokio::test]
async fn both_together() {
    let both = json!({ "require2FA": true, "requireEmailVerification": true });
    for has_good_owner in [true, false] {
        comes_true(&[TwoFactor, VerifiedEmail], both.clone(), has_good_owner).await;
    }
}

#[tokio::test]
async fn only_the_first_hundred_are_named() {
    let scene = Scene::start().await;
    let people = scene.app.db_people(&people("Bob", 130)).await;
    let members = scene.app.db_joined(&scene.acme, &people, |_, _| ()).await;
    let none = affected(&scene.app.db, scene.acme.row(), &[]).await.unwrap();
    assert_eq!((none.count, none.first.len()), (0, 0));
    let foretold = affected(&scene.app.db, scene.acme.row(), &[TwoFactor]).await.unwrap();
    assert_eq!(foretold.count, 130);
    assert_eq!(foretold.first, members[..100]);
    let other = scene.app.organization_of(&scene.ann, "Globex").await;
    let foreign = affected(&scene.app.db, other.row(), &[TwoFactor]).await.unwrap();
    assert_eq!(foreign.count, 0);
}

#[tokio::test]
async fn to_ask_is_not_to_wait_for_somebody_elses_change() {
    let scene = Scene::start_with(|config| config.limits.lock_timeout = Duration::from_millis(300)).await;
    let bobs = scene.joined(&scene.app.person("bob"), "member").await;
    // Who saves would wait: the organization is being changed.
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let held = scene.app.db.begin_with_options(options).await.unwrap();
    let organization = entity::organization::Entity::find_by_id(scene.acme.row()).lock_exclusive();
    assert!(organization.one(&held).await.unwrap().is_some());
    let saved = save(&scene.ann, &scene.acme, json!({ "require2FA": true })).await;
    assert_eq!(saved.codes(SAVE), ["LOCK_TIMEOUT"]);

    let input = json!({ "organizationId": scene.acme.id, "require2FA": true, "dryRun": true });
    let fields = "impact { affectedMemberCount affectedMembers { id } }";
    let told = scene.ann.mutate(SAVE, fields, input).await.done(SAVE);
    assert_eq!(
        told.data("saveOrgOptions.impact"),
        &json!({ "affectedMemberCount": 1, "affectedMembers": [{ "id": bobs }] })
    );
    held.rollback().await.unwrap();
}
