//! What an update leaves behind (§11 step 14).

use super::*;

#[tokio::test]
async fn every_update_is_written_into_the_audit_log() {
    let scene = Scene::start("member").await;
    let before = scene.audit_count().await;

    for input in [
        json!({}),
        json!({ "orgRole": "member" }),
        json!({ "teamRoles": null }),
        json!({ "teamRoles": [] }),
    ] {
        scene.ann.update_member_roles(&scene.member, input).await.done(UPDATE);
    }

    assert_eq!(scene.events_since(before).await, [MEMBER_EDIT; 4]);
}

#[tokio::test]
async fn the_audit_log_shows_the_member_after_the_change() {
    let scene = Scene::start("member").await;
    scene.put_into(&[("red", None)]).await;
    let before = scene.audit_count().await;
    let input = json!({ "orgRole": "manager", "teamRoles": team_roles(&[("blue", None), ("green", None)]) });

    scene.ann.update_member_roles(&scene.member, input).await.done(UPDATE);

    let entries = scene.app.db_audit(&scene.acme).await.split_off(before);
    let edits: Vec<_> = entries.iter().filter(|entry| entry.event == MEMBER_EDIT).collect();
    let user = scene.bob.user_id().await;
    assert_eq!(edits.len(), 1);
    assert_eq!(edits[0].actor, Some(scene.ann.user_id().await));
    assert_eq!(edits[0].target_user.as_ref(), Some(&user));
    assert_eq!(edits[0].target, Some(row::<MemberId>(&scene.member).into()));
    let data = &edits[0].data;
    assert_eq!(data["email"], "bob@example.com");
    assert_eq!(data["user"], json!(user));
    assert_eq!(data["role"], "manager");
    assert_eq!(data["has_global_access"], true);
    assert_eq!(data["invite_status"], "approved");
    let list = |key: &str| -> Vec<String> {
        let mut list: Vec<String> = serde_json::from_value(data[key].clone()).unwrap();
        list.sort();
        list
    };
    assert_eq!(list("team_slugs"), ["blue", "green"]);
    let teams = list("teams");
    assert!(
        teams.len() == 2 && teams.iter().all(|id| TeamId::parse(id).is_some()),
        "{teams:?}"
    );
}

#[tokio::test]
async fn an_update_by_an_app_names_no_person() {
    let scene = Scene::start("member").await;
    let robot = scene.app.db_app(&scene.acme, &["member:admin"]).await;
    let before = scene.audit_count().await;

    robot
        .update_member_roles(&scene.member, json!({ "teamRoles": [] }))
        .await
        .done(UPDATE);

    let entries = scene.app.db_audit(&scene.acme).await.split_off(before);
    assert_eq!(
        entries
            .iter()
            .map(|entry| (entry.event, entry.actor.clone()))
            .collect::<Vec<_>>(),
        [(MEMBER_EDIT, None)]
    );
}

#[tokio::test]
async fn a_changed_role_is_recorded_for_the_worker() {
    let scene = Scene::start("member").await;
    let before = scene.app.db_outbox(&scene.acme).await.len();

    scene
        .ann
        .update_member_roles(&scene.member, json!({ "orgRole": "owner" }))
        .await
        .done(UPDATE);

    let changed = scene.app.db_outbox(&scene.acme).await.split_off(before);
    assert_eq!(
        changed,
        [(
            Category::OrganizationMemberUpdate,
            row::<MemberId>(&scene.member).into()
        )]
    );
    assert!(
        scene
            .app
            .db_jobs()
            .await
            .iter()
            .all(|job| !job.payload.to_string().contains("\"token\""))
    );
}
