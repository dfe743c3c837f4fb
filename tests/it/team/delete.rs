//! Deleting a team.

use entity::{access_request, team::TeamStatus};
use futures_util::future::join_all;

use super::*;
use crate::jobs::{eventually, working};

/// The place of whoever is in the team, and a request for it.
async fn populate(scene: &Scene, members: &[String]) -> Vec<String> {
    let mut places = Vec::new();
    for member in members {
        places.push(scene.app.db_put(&scene.acme, "red", member, None).await);
    }
    let bob = scene.bob.user_id().await;
    scene.app.db_access_request(&scene.red, &scene.acme.owner, &bob).await;
    places
}

#[tokio::test]
async fn a_deleted_team_is_gone_for_everybody_at_once() {
    let scene = Scene::start("member").await;
    let places = populate(&scene, std::slice::from_ref(&scene.member)).await;
    let (audit, outbox) = (scene.audit_count().await, scene.outbox_count().await);

    let reply = scene.ann.delete_team(&scene.red).await.done("deleteTeam");

    assert_eq!(
        *reply.data("deleteTeam"),
        json!({ "deletedTeamId": scene.red, "organization": { "id": scene.acme.id, "teams": { "totalCount": 0 } },
            "userErrors": [] })
    );
    let entries = scene.app.db_audit(&scene.acme).await.split_off(audit);
    let [entry] = &entries[..] else { panic!("{entries:?}") };
    assert_eq!(
        (entry.event, entry.target),
        (TEAM_REMOVE, Some(row::<TeamId>(&scene.red).0))
    );
    assert_eq!(
        entry.data,
        json!({ "id": scene.red, "slug": "red", "name": "Red", "status": 1 })
    );
    assert_eq!(
        scene.app.db_outbox(&scene.acme).await[outbox..],
        [(Category::TeamUpdate, row::<TeamId>(&scene.red).0)]
    );
    let jobs: Vec<_> = scene
        .app
        .db_jobs()
        .await
        .into_iter()
        .filter(|job| job.kind == "delete_team")
        .collect();
    assert_eq!(jobs.len(), 1);

    for client in [&scene.ann, &scene.bob, &scene.app.superuser()] {
        assert!(client.team(&scene.acme, "red").await.is_null());
        let ids = json!({ "ids": [scene.red, places[0]], "member": scene.member });
        let query = "query($ids: [ID!]!, $member: ID!) { nodes(ids: $ids) { id }
            node(id: $member) { ... on Member { teamMemberships { id } } } }";
        let reply = client.send(query, ids).await.ok();
        assert_eq!(*reply.data("nodes"), json!([null, null]));
        assert_eq!(*reply.data("node.teamMemberships"), json!([]));
        let reply = scene.app.unchanged(client.delete_team(&scene.red)).await;
        assert_eq!(reply.codes("deleteTeam"), ["TEAM_NOT_FOUND"]);
        let reply = scene
            .app
            .unchanged(client.update_team(&scene.red, json!({ "name": "Back" })))
            .await;
        assert_eq!(reply.codes("updateTeam"), ["TEAM_NOT_FOUND"]);
    }
    // Also its slug is free, whatever the worker is doing.
    let input = json!({ "name": "Red", "slug": "red" });
    scene.ann.create_team(&scene.acme, input).await.done("createTeam");
}

#[tokio::test]
async fn the_rows_of_a_deleted_team_go_later_in_batches() {
    let scene = Scene::start("member").await;
    let emails: Vec<String> = (0..1_200).map(|at| format!("guest{at}@example.com")).collect();
    let pending = scene.app.db_pending(&scene.acme, &emails, |_, _| ()).await;
    let red = row::<TeamId>(&scene.red);
    let places: Vec<_> = pending.iter().map(|member| (red, member.id)).collect();
    let places = scene.app.db_in_teams(&places).await;
    populate(&scene, &[]).await;
    scene.app.team(&scene.acme, &scene.ann, "Blue").await;
    scene.app.db_put(&scene.acme, "blue", &scene.member, None).await;
    let outbox = scene.outbox_count().await;
    scene.ann.delete_team(&scene.red).await.done("deleteTeam");

    let _worker = scene.app.node_with(working).await;

    eventually("the team is gone", || async {
        let team = team::Entity::find_by_id(red).one(&scene.app.db).await.unwrap();
        assert!(team.as_ref().is_none_or(|team| team.status != TeamStatus::Active));
        team.is_none().then_some(())
    })
    .await;
    let left = team_member::Entity::find().all(&scene.app.db).await.unwrap();
    assert_eq!(left.len(), 1, "of the other team");
    assert!(
        access_request::Entity::find()
            .all(&scene.app.db)
            .await
            .unwrap()
            .is_empty()
    );
    let changes = scene.app.db_outbox(&scene.acme).await.split_off(outbox);
    for place in places {
        let change = (Category::OrganizationMemberTeamUpdate, place.id.0);
        assert_eq!(changes.iter().filter(|one| **one == change).count(), 1);
    }
    assert_eq!(changes.first(), changes.last());
    assert_eq!(changes.last(), Some(&(Category::TeamUpdate, red.0)));
}

#[tokio::test]
async fn who_writes_the_organization_or_administers_the_team_deletes_it() {
    let scene = Scene::start("member").await;
    let mut cases = Vec::new();
    for (flags, role, team_role, may) in [
        (flag::ALLOW_JOINLEAVE, "member", None, false),
        (flag::ALLOW_JOINLEAVE, "member", Some(None), false),
        (flag::ALLOW_JOINLEAVE, "member", Some(Some("admin")), true),
        (flag::ALLOW_JOINLEAVE, "admin", None, true),
        (0, "member", Some(Some("admin")), true),
        (0, "admin", None, false),
        (0, "admin", Some(None), true),
        (0, "manager", None, true),
        (0, "owner", None, true),
    ] {
        cases.push((flags, Some((role, team_role)), scene.bob.clone(), may));
    }
    for (scopes, may) in [
        (["org:write"], true),
        (["team:admin"], true),
        (["team:write"], false),
        (["member:admin"], false),
    ] {
        cases.push((0, None, scene.app.db_app(&scene.acme, &scopes).await, may));
        cases.push((0, None, scene.ann.with(json!({ "scope": scopes[0] })), may));
        cases.push((0, None, scene.app.superuser().with(json!({ "scope": scopes[0] })), may));
    }
    cases.push((0, None, scene.app.superuser(), true));
    for (at, (flags, place, client, may)) in cases.into_iter().enumerate() {
        scene.app.db_set_organization_flags(&scene.acme, flags).await;
        let slug = scene.app.team(&scene.acme, &scene.ann, &format!("Team {at}")).await;
        let team = scene.app.db_team(&scene.acme, &slug).await;
        if let Some((role, team_role)) = place {
            scene.db_place_bob(role, None).await;
            if let Some(team_role) = team_role {
                scene.app.db_put(&scene.acme, &slug, &scene.member, team_role).await;
            }
        }
        if may {
            client.delete_team(&team).await.done("deleteTeam");
        } else {
            let reply = scene.app.unchanged(client.delete_team(&team)).await;
            assert_eq!(
                reply.refusals("deleteTeam"),
                [("FORBIDDEN", "")],
                "case {at}: {place:?} {flags}"
            );
        }
    }
}

#[tokio::test]
async fn a_team_of_the_identity_provider_is_not_deleted_here() {
    let scene = Scene::start("member").await;
    scene.db_provision().await;
    for client in [&scene.ann, &scene.app.superuser().seen().await] {
        let reply = scene.app.unchanged(client.delete_team(&scene.red)).await;
        assert_eq!(reply.codes("deleteTeam"), ["IDP_TEAM"]);
    }
    let reply = scene.app.unchanged(scene.bob.delete_team(&scene.red)).await;
    assert_eq!(reply.codes("deleteTeam"), ["FORBIDDEN"]);
}

#[tokio::test]
async fn unknown_and_foreign_teams_are_not_found_and_gates_come_first() {
    let scene = Scene::start("owner").await;
    let missing = ("TEAM_NOT_FOUND", "input.teamId");
    for id in no_ids::<TeamId>() {
        let reply = scene.app.unchanged(scene.ann.delete_team(&id)).await;
        assert_eq!(reply.refusals("deleteTeam"), [missing], "{id}");
    }
    let call = async |client: Client| client.delete_team(&scene.red).await;
    scene.assert_gates("deleteTeam", missing, call).await;
}

#[tokio::test]
async fn a_team_is_deleted_once() {
    let scene = Scene::start("member").await;
    let replies = join_all((0..8).map(|_| scene.ann.delete_team(&scene.red))).await;
    let late = replies
        .iter()
        .filter(|reply| reply.codes("deleteTeam") == ["TEAM_NOT_FOUND"]);
    assert_eq!(late.count(), 7);
    let entries = scene.app.db_audit(&scene.acme).await;
    assert_eq!(entries.iter().filter(|entry| entry.event == TEAM_REMOVE).count(), 1);
}
