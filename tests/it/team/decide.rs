//! Deciding requests for access to a team (§13.4), and the mails about them
//! (§21.4, §21.5).

use entity::access_request;
use futures_util::future::{join, join_all};

use super::*;
use crate::{jobs::working, support::with_billing};

impl Scene {
    /// Membership is closed, and Bob wants to be in the team.
    async fn with_request() -> (Self, String) {
        let scene = Self::start("member").await;
        scene.db_close().await;
        let request = scene
            .request_of(scene.bob.add_team_member(&scene.red, &scene.member))
            .await;
        (scene, request)
    }

    async fn db_requests(&self) -> usize {
        access_request::Entity::find().all(&self.app.db).await.unwrap().len()
    }
}

#[tokio::test]
async fn an_approved_request_lets_the_member_in() {
    let (scene, request) = Scene::with_request().await;
    let (audit, outbox) = (scene.audit_count().await, scene.outbox_count().await);

    let reply = scene.ann.decide(&request, true).await.done(DECIDE);

    let place = reply.text("decideTeamAccessRequest.teamMembership.id");
    assert_eq!(
        *reply.data("decideTeamAccessRequest"),
        json!({ "closedRequestId": request, "userErrors": [], "teamMembership": { "id": place, "role": null,
            "team": { "id": scene.red }, "member": { "id": scene.member } } })
    );
    assert_eq!(scene.db_place(&scene.member).await, Some(None));
    assert_eq!((scene.db_requests().await, scene.audit_count().await), (0, audit + 1));
    scene
        .assert_entry(MEMBER_JOIN_TEAM, &scene.ann, &scene.member, "bob@example.com")
        .await;
    assert_eq!(
        scene.app.db_outbox(&scene.acme).await[outbox..],
        [(
            Category::OrganizationMemberTeamUpdate,
            row::<entity::ids::TeamMemberId>(&place).0
        )]
    );
    assert_eq!(scene.db_work().await, ["announce_team_request", "send_team_approval"]);
}

#[tokio::test]
async fn a_denied_request_is_gone_and_nothing_else_happens() {
    let (scene, request) = Scene::with_request().await;
    let (audit, outbox) = (scene.audit_count().await, scene.outbox_count().await);

    let reply = scene.ann.decide(&request, false).await.done(DECIDE);

    assert_eq!(
        *reply.data("decideTeamAccessRequest"),
        json!({ "closedRequestId": request, "teamMembership": null, "userErrors": [] })
    );
    assert_eq!(
        (scene.db_place(&scene.member).await, scene.db_requests().await),
        (None, 0)
    );
    assert_eq!((scene.audit_count().await, scene.outbox_count().await), (audit, outbox));
    assert_eq!(scene.db_work().await, ["announce_team_request"]);
    // It can be asked again.
    let again = scene
        .request_of(scene.bob.add_team_member(&scene.red, &scene.member))
        .await;
    assert_ne!(again, request);
}

#[tokio::test]
async fn whoever_is_in_the_team_by_now_is_let_in_without_words() {
    let (scene, request) = Scene::with_request().await;
    let place = scene.app.db_put(&scene.acme, "red", &scene.member, Some("admin")).await;
    let (audit, outbox) = (scene.audit_count().await, scene.outbox_count().await);

    let reply = scene.ann.decide(&request, true).await.done(DECIDE);

    assert_eq!(reply.text("decideTeamAccessRequest.teamMembership.id"), place);
    assert_eq!(*reply.data("decideTeamAccessRequest.teamMembership.role.id"), "admin");
    assert_eq!((scene.audit_count().await, scene.outbox_count().await), (audit, outbox));
    assert_eq!(scene.db_work().await, ["announce_team_request"]);
    assert_eq!(scene.db_requests().await, 0);
}

#[tokio::test]
async fn a_fulfilled_request_does_not_rise_again_when_the_member_leaves() {
    let (scene, _) = Scene::with_request().await;
    let assign = async |teams: Value| {
        let input = json!({ "teamRoles": teams });
        scene
            .ann
            .update_member_roles(&scene.member, input)
            .await
            .done("updateMemberRoles");
    };
    for way in ["leaves", "is unassigned"] {
        assign(json!([{ "teamSlug": "red" }])).await;
        assert!(
            scene.ann.access_requests(&scene.acme).await.is_empty(),
            "it is fulfilled"
        );
        if way == "leaves" {
            scene
                .bob
                .remove_team_member(&scene.red, &scene.member)
                .await
                .done(REMOVE);
        } else {
            assign(json!([])).await;
        }
        assert!(scene.ann.access_requests(&scene.acme).await.is_empty(), "{way}");
        scene
            .request_of(scene.bob.add_team_member(&scene.red, &scene.member))
            .await;
        assert_eq!(scene.ann.access_requests(&scene.acme).await.len(), 1);
    }
    assert_eq!(scene.db_work().await, ["announce_team_request"; 3]);
}

#[tokio::test]
async fn who_decides() {
    let scene = Scene::start("member").await;
    let (carl, carls) = scene.person("carl", "member").await;
    let off = scene.app.node_with(|config| config.features.team_roles = false).await;
    scene.db_close().await;
    let decides = async |client: &Client, may: bool, who: &str| {
        // Also where membership is open, requests from before are decided.
        let flags = scene.app.db_organization_flags(&scene.acme).await;
        scene.db_close().await;
        let request = scene.request_of(carl.add_team_member(&scene.red, &carls)).await;
        scene.app.db_set_organization_flags(&scene.acme, flags).await;
        for is_approved in [true, false] {
            if !may {
                let reply = scene.app.unchanged(client.decide(&request, is_approved)).await;
                assert_eq!(reply.refusals(DECIDE), [("FORBIDDEN", "")], "{who}");
            }
        }
        if may {
            client.decide(&request, false).await.done(DECIDE);
        }
    };
    for (flags, role, team_role, may, may_without) in [
        (0, "member", None, false, false),
        (0, "member", Some(None), false, false),
        (0, "member", Some(Some("admin")), true, false),
        (0, "admin", None, false, false),
        (0, "admin", Some(None), true, true),
        (0, "manager", None, true, true),
        (0, "owner", None, true, true),
        (flag::ALLOW_JOINLEAVE, "member", Some(None), false, false),
        (flag::ALLOW_JOINLEAVE, "member", Some(Some("admin")), true, false),
        (flag::ALLOW_JOINLEAVE, "admin", None, true, true),
    ] {
        scene.app.db_set_organization_flags(&scene.acme, flags).await;
        scene.db_place_bob(role, team_role).await;
        let who = format!("{role} {team_role:?} {flags}");
        decides(&scene.bob, may, &who).await;
        decides(&scene.bob.at(&off), may_without, &format!("{who} without team roles")).await;
    }
    scene.db_close().await;
    for (scope, may) in [
        ("org:write", true),
        ("org:admin", true),
        ("member:write", true),
        ("member:admin", true),
        ("team:write", true),
        ("team:admin", true),
        ("org:read", false),
        ("member:read", false),
        ("member:invite", false),
        ("team:read", false),
        ("project:admin", false),
    ] {
        let robot = scene.app.db_app(&scene.acme, &[scope]).await;
        decides(&robot, may, &format!("an app with {scope}")).await;
        let narrowed = scene.ann.with(json!({ "scope": scope }));
        decides(&narrowed, may, &format!("an owner with {scope}")).await;
    }
    decides(&scene.app.superuser().seen().await, true, "a superuser").await;
    decides(&carl, false, "who asks").await;
}

#[tokio::test]
async fn refusals_come_in_their_order() {
    let scene = Scene::start_with("member", with_billing).await;
    scene.db_close().await;
    let request = scene
        .request_of(scene.bob.add_team_member(&scene.red, &scene.member))
        .await;
    let missing = ("ACCESS_REQUEST_NOT_FOUND", "input.requestId");
    for id in no_ids::<entity::ids::AccessRequestId>().iter().chain([&scene.red]) {
        for client in [&scene.ann, &scene.bob] {
            let reply = scene.app.unchanged(client.decide(id, true)).await;
            assert_eq!(reply.refusals(DECIDE), [missing], "{id}");
        }
    }
    // What can no more be is refused to whoever may decide, and can be denied.
    scene.db_provision().await;
    let reply = scene.app.unchanged(scene.bob.decide(&request, true)).await;
    assert_eq!(reply.codes(DECIDE), ["FORBIDDEN"]);
    let reply = scene.app.unchanged(scene.ann.decide(&request, true)).await;
    assert_eq!(reply.refusals(DECIDE), [("IDP_TEAM", "")]);
    scene.app.db_set_role(&scene.member, "billing").await;
    let reply = scene.app.unchanged(scene.ann.decide(&request, true)).await;
    assert_eq!(reply.refusals(DECIDE), [("TEAM_ROLES_NOT_ALLOWED", "")]);
    // Whose person is switched off, and whose team goes away, asks for nothing.
    let bob = scene.bob.user_id().await;
    scene.app.db_set_active(&bob, false).await;
    let reply = scene.app.unchanged(scene.ann.decide(&request, false)).await;
    assert_eq!(reply.refusals(DECIDE), [missing]);
    scene.app.db_set_active(&bob, true).await;
    scene.app.db_retire_team(&scene.acme, "red").await;
    let reply = scene.app.unchanged(scene.ann.decide(&request, false)).await;
    assert_eq!(reply.refusals(DECIDE), [missing]);
    team::Entity::update_many()
        .col_expr(team::Column::Status, Expr::value(0))
        .exec(&scene.app.db)
        .await
        .unwrap();
    scene.ann.decide(&request, false).await.done(DECIDE);
}

#[tokio::test]
async fn the_gates_come_first() {
    let (scene, request) = Scene::with_request().await;
    scene.db_place_bob("owner", None).await;
    let call = async |client: Client| client.decide(&request, true).await;
    scene
        .assert_gates(DECIDE, ("ACCESS_REQUEST_NOT_FOUND", "input.requestId"), call)
        .await;
}

#[tokio::test]
async fn of_many_decisions_the_first_counts() {
    for mixed in [false, true] {
        let (scene, request) = Scene::with_request().await;
        let calls = (0..10).map(|at| scene.ann.decide(&request, !mixed || at % 2 == 0));
        let replies = join_all(calls).await;
        let (made, late): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.codes(DECIDE).is_empty());
        assert_eq!(made.len(), 1);
        assert!(
            late.iter()
                .all(|reply| reply.codes(DECIDE) == ["ACCESS_REQUEST_NOT_FOUND"]),
            "{late:#?}"
        );
        let entries = scene.app.db_audit(&scene.acme).await;
        let joins = entries.iter().filter(|entry| entry.event == MEMBER_JOIN_TEAM).count();
        let is_in = scene.db_place(&scene.member).await.is_some();
        assert_eq!(
            (joins, is_in),
            if mixed { (usize::from(is_in), is_in) } else { (1, true) }
        );
    }
}

#[tokio::test]
async fn a_decision_and_an_addition_make_one_membership() {
    for round in 0..10 {
        let (scene, request) = Scene::with_request().await;
        let (decided, added) = join(
            scene.ann.decide(&request, true),
            scene.ann.add_team_member(&scene.red, &scene.member),
        )
        .await;
        let place = decided.done(DECIDE).text("decideTeamAccessRequest.teamMembership.id");
        assert_eq!(
            added.done(ADD).text("addTeamMember.teamMembership.id"),
            place,
            "round {round}"
        );
        let entries = scene.app.db_audit(&scene.acme).await;
        assert_eq!(
            entries.iter().filter(|entry| entry.event == MEMBER_JOIN_TEAM).count(),
            1
        );
    }
}

/// Whom the letters are to, and what is in each of them.
fn addressed(app: &TestApp) -> Vec<(String, String)> {
    let mut letters: Vec<_> = app
        .letters()
        .into_iter()
        .map(|letter| {
            let to = letter.lines().find_map(|line| line.strip_prefix("To: ")).unwrap();
            (to.trim().to_owned(), letter.replace("=\r\n", ""))
        })
        .collect();
    letters.sort();
    letters
}

#[tokio::test]
async fn those_who_can_decide_are_told_and_then_who_asked() {
    let scene = Scene::start_with("member", |config| {
        with_billing(config);
        config.features.mail_invites = false;
    })
    .await;
    let mut members = Vec::new();
    for (name, role) in [
        ("mona", "manager"),
        ("ada", "admin"),
        ("adam", "admin"),
        ("tess", "member"),
        ("cora", "member"),
        ("nobody", "member"),
        ("idle", "owner"),
    ] {
        members.push((name, scene.person(name, role).await));
    }
    let place = async |name: &str, team_role| {
        let (_, (_, member)) = members.iter().find(|(known, _)| *known == name).unwrap();
        scene.app.db_put(&scene.acme, "red", member, team_role).await;
    };
    // Org admins and team admins of this team, and no others.
    place("ada", None).await;
    place("tess", Some("admin")).await;
    place("cora", None).await;
    scene
        .app
        .invite(&scene.acme, &scene.ann, "guest@example.com", "owner")
        .await;
    let (_, (idle, _)) = members.iter().find(|(name, _)| *name == "idle").unwrap();
    scene.app.db_set_active(&idle.user_id().await, false).await;
    scene.db_close().await;

    let (_, (cora, _)) = members.iter().find(|(name, _)| *name == "cora").unwrap();
    let request = scene.request_of(cora.add_team_member(&scene.red, &scene.member)).await;
    let worker = scene.app.node_with(working).await;
    scene.app.db_idle().await;

    let letters = addressed(&scene.app);
    let to: Vec<_> = letters.iter().map(|(to, _)| to.as_str()).collect();
    assert_eq!(
        to,
        [
            "ada@example.com",
            "ann@example.com",
            "mona@example.com",
            "tess@example.com"
        ]
    );
    for (_, letter) in &letters {
        assert!(letter.contains("Access Request"), "{letter}");
        assert!(
            letter.contains("Cora requests access to the team Red of Acme for Bob (bob@example.com)."),
            "{letter}"
        );
        assert!(
            letter.contains(&format!("/organizations/{}/teams", scene.acme.slug)),
            "{letter}"
        );
    }

    scene.ann.decide(&request, true).await.done(DECIDE);
    scene.app.db_idle().await;
    let approval = addressed(&scene.app)
        .into_iter()
        .find(|(to, _)| to == "bob@example.com")
        .unwrap()
        .1;
    assert!(approval.contains("the team Red of Acme was approved."), "{approval}");
    assert_eq!(addressed(&scene.app).len(), 5);
    drop(worker);
}

#[tokio::test]
async fn mails_that_have_become_pointless_are_not_sent() {
    let scene = Scene::start_with("member", |config| config.features.mail_invites = false).await;
    let (carl, carls) = scene.person("carl", "member").await;
    scene.db_close().await;
    let denied = scene
        .request_of(scene.bob.add_team_member(&scene.red, &scene.member))
        .await;
    scene.ann.decide(&denied, false).await.done(DECIDE);
    let fulfilled = scene.request_of(carl.add_team_member(&scene.red, &carls)).await;
    scene.ann.decide(&fulfilled, true).await.done(DECIDE);
    carl.remove_team_member(&scene.red, &carls).await.done(REMOVE);

    let _worker = scene.app.node_with(working).await;
    scene.app.db_idle().await;

    assert!(scene.app.letters().is_empty());
}
