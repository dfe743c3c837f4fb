//! Many at once: rules that must hold whoever comes first.

use std::time::Duration;

use entity::{ids::UserId, member, user};
use futures_util::future::{join, join_all};
use sea_orm::prelude::*;
use serde_json::{Value, json};

use crate::support::{Client, Organization, TestApp, row};

const MEMBER_ACCEPT: i32 = 3;

/// How many of the organization's rows are this person's.
async fn db_memberships_of(app: &TestApp, organization: &Organization, user: &str) -> u64 {
    let rows = member::Entity::within(organization.row()).filter(member::Column::UserId.eq(row::<UserId>(user)));
    rows.count(&app.db).await.unwrap()
}

/// How often somebody accepted an invite, as the audit log has it.
async fn accepted(app: &TestApp, organization: &Organization) -> usize {
    app.db_audit(organization)
        .await
        .iter()
        .filter(|entry| entry.event == MEMBER_ACCEPT)
        .count()
}

#[tokio::test]
async fn of_a_hundred_people_with_one_link_one_joins() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "somebody@example.com", "member").await;
    let people: Vec<Client> = (0..100).map(|number| app.person(&format!("person{number}"))).collect();
    for person in &people {
        person.user_id().await;
    }

    let replies = join_all(people.iter().map(|person| person.accept_invite(&invite.token))).await;

    let (joined, refused): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.codes("acceptInvite").is_empty());
    assert_eq!(joined.len(), 1);
    assert!(
        refused
            .iter()
            .all(|reply| reply.codes("acceptInvite") == ["INVITE_INVALID"]),
        "{refused:#?}"
    );
    assert_eq!(member::Entity::within(acme.row()).count(&app.db).await.unwrap(), 2);
    assert_eq!(accepted(&app, &acme).await, 1);
    let winner = app.db_member(&invite.member).await.unwrap();
    assert_eq!(
        joined[0].data("acceptInvite.member.user.id"),
        &json!(entity::ids::RowId::global(winner.user_id.unwrap()))
    );
}

#[tokio::test]
async fn two_nodes_let_one_join_too() {
    let app = TestApp::start().await;
    let other = app.node_with(|_| ()).await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "somebody@example.com", "member").await;
    let mut people = Vec::new();
    for number in 0..40 {
        let person = app.person(&format!("person{number}")).seen().await;
        people.push(if number % 2 == 0 { person } else { person.at(&other) });
    }

    let replies = join_all(people.iter().map(|person| person.accept_invite(&invite.token))).await;

    let refused: Vec<_> = replies
        .iter()
        .filter(|reply| !reply.codes("acceptInvite").is_empty())
        .collect();
    assert_eq!(refused.len(), 39);
    assert!(
        refused
            .iter()
            .all(|reply| reply.codes("acceptInvite") == ["INVITE_INVALID"]),
        "{refused:#?}"
    );
    assert_eq!(accepted(&app, &acme).await, 1);
}

#[tokio::test]
async fn one_person_with_one_link_joins_once() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    let bob = app.person("bob").seen().await;

    let replies = join_all((0..100).map(|_| bob.accept_invite(&invite.token))).await;

    let (joined, refused): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.codes("acceptInvite").is_empty());
    assert_eq!(joined.len(), 1);
    for reply in refused {
        let codes = reply.codes("acceptInvite");
        assert!(codes == ["ALREADY_MEMBER"] || codes == ["INVITE_INVALID"], "{reply:#?}");
    }
    assert_eq!(db_memberships_of(&app, &acme, &bob.user_id().await).await, 1);
    assert_eq!(accepted(&app, &acme).await, 1);
}

#[tokio::test]
async fn two_links_make_one_membership() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    for round in 0..10 {
        let one = app
            .invite(&acme, &ann, &format!("one{round}@example.com"), "member")
            .await;
        let two = app
            .invite(&acme, &ann, &format!("two{round}@example.com"), "manager")
            .await;
        let person = app.person(&format!("person{round}")).seen().await;

        let (first, second) = join(person.accept_invite(&one.token), person.accept_invite(&two.token)).await;

        let mut codes = [first.codes("acceptInvite"), second.codes("acceptInvite")];
        codes.sort();
        assert_eq!(
            codes,
            [vec![], vec!["ALREADY_MEMBER".to_owned()]],
            "{first:#?} {second:#?}"
        );
        assert_eq!(db_memberships_of(&app, &acme, &person.user_id().await).await, 1);
        // The other invite is gone, as for everybody who is a member already.
        let left = [
            app.db_member(&one.member).await.is_some(),
            app.db_member(&two.member).await.is_some(),
        ];
        assert_eq!(left.iter().filter(|left| **left).count(), 1);
        assert_eq!(accepted(&app, &acme).await, round + 1);
    }
}

#[tokio::test]
async fn accepting_and_renewing_a_link_take_turns() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    for round in 0..10 {
        let invite = app
            .invite(&acme, &ann, &format!("somebody{round}@example.com"), "member")
            .await;
        let person = app.person(&format!("person{round}")).seen().await;
        let renew = json!({ "reinvite": true, "regenerate": true });

        let (accepted, renewed) = join(
            person.accept_invite(&invite.token),
            ann.update_member_roles(&invite.member, renew),
        )
        .await;

        if accepted.codes("acceptInvite").is_empty() {
            // Either the renewal came first and the link was the new one, which
            // it was not, or it came too late.
            assert_eq!(renewed.codes("updateMemberRoles"), ["NOT_INVITABLE"]);
            assert_eq!(app.db_member(&invite.member).await.unwrap().invite_nonce, None);
        } else {
            assert_eq!(accepted.codes("acceptInvite"), ["INVITE_INVALID"]);
            let token = renewed.done("updateMemberRoles").token("updateMemberRoles");
            person.accept_invite(&token).await.done("acceptInvite");
        }
    }
}

#[tokio::test]
async fn one_invite_for_an_address_that_many_invite() {
    let app = TestApp::start_with(|config| config.rate_limits.enabled = false).await;
    let (acme, ann) = app.organization("Acme").await;
    let spellings = (0..20).map(|round| {
        if round % 2 == 0 {
            "bob@example.com"
        } else {
            "BOB@example.com"
        }
    });

    let replies = join_all(spellings.map(|email| ann.create_invite(&acme, json!({ "email": email })))).await;

    let (made, refused): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.codes("createInvite").is_empty());
    assert_eq!(made.len(), 1);
    assert!(
        refused
            .iter()
            .all(|reply| reply.codes("createInvite") == ["ALREADY_INVITED"]),
        "{refused:#?}"
    );
    assert_eq!(member::Entity::within(acme.row()).count(&app.db).await.unwrap(), 2);
}

#[tokio::test]
async fn invites_at_once_do_not_pass_the_limit() {
    let app = TestApp::start_with(|config| config.rate_limits.invites_per_organization_per_day = 5).await;
    let (acme, ann) = app.organization("Acme").await;
    let emails = (0..20).map(|number| format!("person{number}@example.com"));

    let replies = join_all(emails.map(|email| {
        let (ann, acme) = (ann.clone(), acme.clone());
        async move { ann.create_invite(&acme, json!({ "email": email })).await }
    }))
    .await;

    let made = replies
        .iter()
        .filter(|reply| reply.codes("createInvite").is_empty())
        .count();
    assert_eq!(made, 5);
    assert_eq!(member::Entity::within(acme.row()).count(&app.db).await.unwrap(), 6);
}

#[tokio::test]
async fn a_person_seen_for_the_first_time_by_many_requests_is_one() {
    let app = TestApp::start().await;
    let bob = app.person("bob");

    let ids = join_all((0..30).map(|_| bob.user_id())).await;

    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let rows = user::Entity::find()
        .filter(user::Column::Subject.eq("bob"))
        .count(&app.db)
        .await
        .unwrap();
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn two_owners_who_demote_each_other_leave_one() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    let bobs = app.join(&acme, &ann, &bob, "owner").await;
    for round in 0..50 {
        let demote = || json!({ "orgRole": "manager" });

        let (one, two) = join(
            ann.update_member_roles(&bobs, demote()),
            bob.update_member_roles(&acme.owner, demote()),
        )
        .await;

        let owners = member::Entity::within(acme.row())
            .filter(member::Column::Role.eq("owner"))
            .filter(member::Column::UserId.is_not_null())
            .count(&app.db)
            .await
            .unwrap();
        assert_eq!(owners, 1, "round {round}: {one:#?} {two:#?}");
        let refused = [&one, &two]
            .iter()
            .filter(|reply| !reply.codes("updateMemberRoles").is_empty())
            .count();
        assert_eq!(refused, 1, "round {round}: {one:#?} {two:#?}");
        for member in [&acme.owner, &bobs] {
            app.db_set_role(member, "owner").await;
        }
    }
}

#[tokio::test]
async fn two_owners_who_remove_each_other_or_leave_at_once_leave_one() {
    let app = TestApp::start_with(|config| config.rate_limits.enabled = false).await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    let mut members = [acme.owner.clone(), app.join(&acme, &ann, &bob, "owner").await];
    for round in 0..50 {
        let (one, two) = match round % 3 {
            0 => join(ann.remove_member(&members[1]), bob.remove_member(&members[0])).await,
            1 => join(ann.leave(&acme), bob.leave(&acme)).await,
            _ => {
                let demote = json!({ "orgRole": "manager" });
                join(ann.leave(&acme), ann.update_member_roles(&members[1], demote)).await
            }
        };

        let owners = member::Entity::within(acme.row())
            .filter(member::Column::Role.eq("owner"))
            .filter(member::Column::UserId.is_not_null())
            .all(&app.db)
            .await
            .unwrap();
        assert_eq!(owners.len(), 1, "round {round}: {one:#?} {two:#?}");
        // Everything as before: whoever is left lets the other in again.
        let is_ann = app.db_member(&members[0]).await.is_some_and(|row| row.role == "owner");
        let (left, other, gone) = if is_ann { (&ann, &bob, 1) } else { (&bob, &ann, 0) };
        if app.db_member(&members[gone]).await.is_some() {
            left.update_member_roles(&members[gone], json!({ "orgRole": "owner" }))
                .await;
        } else {
            members[gone] = app.join(&acme, left, other, "owner").await;
        }
    }
}

#[tokio::test]
async fn a_superuser_who_demotes_both_owners_at_once_leaves_one() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bobs = app.join(&acme, &ann, &app.person("bob"), "owner").await;
    let root = app.superuser().seen().await;
    for round in 0..20 {
        let demote = || json!({ "orgRole": "member" });

        let (one, two) = join(
            root.update_member_roles(&acme.owner, demote()),
            root.update_member_roles(&bobs, demote()),
        )
        .await;

        let mut codes = [one.codes("updateMemberRoles"), two.codes("updateMemberRoles")];
        codes.sort();
        assert_eq!(codes, [vec![], vec!["LAST_OWNER".to_owned()]], "round {round}");
        for member in [&acme.owner, &bobs] {
            app.db_set_role(member, "owner").await;
        }
    }
}

#[tokio::test]
async fn a_new_org_role_and_new_team_roles_agree() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Red").await;
    let member = app.join(&acme, &ann, &app.person("bob"), "member").await;
    let teams = || json!({ "teamRoles": [{ "teamSlug": "red", "role": "admin" }] });
    for round in 0..20 {
        let (role, saved) = join(
            ann.update_member_roles(&member, json!({ "orgRole": "manager" })),
            ann.update_member_roles(&member, teams()),
        )
        .await;

        role.done("updateMemberRoles");
        saved.done("updateMemberRoles");
        // Whoever came first: managers have the team role anyway.
        assert_eq!(
            app.db_teams_of(&member).await,
            [("red".to_owned(), None)],
            "round {round}"
        );
        let input = json!({ "orgRole": "member", "teamRoles": [] });
        ann.update_member_roles(&member, input).await.done("updateMemberRoles");
    }
}

#[tokio::test]
async fn a_member_with_the_link_takes_no_place_from_who_has_joined() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    for round in 0..20 {
        let invite = app
            .invite(&acme, &ann, &format!("x{round}@example.com"), "member")
            .await;
        let person = app.person(&format!("person{round}")).seen().await;

        let (joined, refused) = join(person.accept_invite(&invite.token), ann.accept_invite(&invite.token)).await;

        let (codes, row) = (refused.codes("acceptInvite"), app.db_member(&invite.member).await);
        if joined.codes("acceptInvite").is_empty() {
            assert_eq!(codes, ["INVITE_INVALID"], "round {round}");
            assert!(row.unwrap().user_id.is_some(), "round {round}");
        } else {
            assert_eq!(joined.codes("acceptInvite"), ["INVITE_INVALID"], "round {round}");
            assert_eq!(codes, ["ALREADY_MEMBER"], "round {round}");
            assert!(row.is_none(), "round {round}");
        }
    }
}

#[tokio::test]
async fn two_saves_of_a_members_teams_do_not_mix() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    for name in ["a-team", "b-team", "c-team", "d-team", "e-team"] {
        app.team(&acme, &ann, name).await;
    }
    let bob = app.person("bob");
    let member = app.join(&acme, &ann, &bob, "member").await;
    let set = |teams: &[(&str, Option<&str>)]| -> Value {
        let teams = teams
            .iter()
            .map(|(slug, role)| json!({ "teamSlug": slug, "role": role }));
        json!({ "teamRoles": teams.collect::<Vec<_>>() })
    };
    let one = [("a-team", None), ("b-team", Some("admin")), ("c-team", None)];
    let two = [("b-team", None), ("d-team", Some("admin")), ("e-team", None)];
    let stored = |teams: &[(&str, Option<&str>)]| -> Vec<(String, Option<String>)> {
        teams
            .iter()
            .map(|(slug, role)| ((*slug).to_owned(), role.map(str::to_owned)))
            .collect()
    };
    for round in 0..25 {
        let (first, second) = join(
            ann.update_member_roles(&member, set(&one)),
            ann.update_member_roles(&member, set(&two)),
        )
        .await;

        // Each answer shows what it saved, whole.
        let first = first.done("updateMemberRoles");
        let second = second.done("updateMemberRoles");
        assert_eq!(
            first.data("updateMemberRoles.member.id"),
            second.data("updateMemberRoles.member.id")
        );
        let saved = app.db_teams_of(&member).await;
        assert!(
            saved == stored(&one) || saved == stored(&two),
            "round {round}: {saved:?}"
        );
    }
}

#[tokio::test]
async fn a_change_waits_for_another_only_so_long() {
    let app = TestApp::start_with(|config| config.limits.lock_timeout = Duration::from_secs(1)).await;
    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Red").await;
    let bob = app.person("bob");
    let member = app.join(&acme, &ann, &bob, "member").await;
    let input = || json!({ "orgRole": "manager", "teamRoles": [{ "teamSlug": "red" }] });

    let held = app.db_hold(&member).await;
    let wait = tokio::time::timeout(Duration::from_secs(15), ann.update_member_roles(&member, input()));
    let reply = wait.await.expect("it hangs");
    held.rollback().await.unwrap();

    assert_eq!(reply.codes("updateMemberRoles"), ["LOCK_TIMEOUT"]);
    assert_eq!(app.db_member(&member).await.unwrap().role, "member");
    assert!(app.db_teams_of(&member).await.is_empty());
    ann.update_member_roles(&member, input())
        .await
        .done("updateMemberRoles");
    assert_eq!(app.db_member(&member).await.unwrap().role, "manager");
}

#[tokio::test]
async fn a_change_waits_for_another_that_ends_in_time() {
    let app = TestApp::start_with(|config| config.limits.lock_timeout = Duration::from_secs(10)).await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    let member = app.join(&acme, &ann, &bob, "member").await;
    let held = app.db_hold(&member).await;

    let waiting = ann.update_member_roles(&member, json!({ "orgRole": "manager" }));
    // Reads are answered while the change waits; then the lock is let go.
    let release = async {
        for _ in 0..20 {
            ann.user_id().await;
        }
        held.rollback().await.unwrap();
    };
    let (reply, ()) = join(waiting, release).await;

    reply.done("updateMemberRoles");
    assert_eq!(app.db_member(&member).await.unwrap().role, "manager");
}
