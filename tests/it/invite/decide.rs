//! Approving and rejecting requests (§9.4, §9.5).

use super::*;

const APPROVE: &str = "approveInviteRequest";
const REJECT: &str = "rejectInviteRequest";

/// Acme with two teams; Ann owns it, Bob is a plain member who has asked for
/// Carl, and Zoe has asked to join.
struct Scene {
    app: TestApp,
    acme: Organization,
    ann: Client,
    bob: Client,
    /// Member ids of the requests.
    carl: String,
    zoe: String,
}

impl Scene {
    async fn start() -> Self {
        let app = TestApp::start_with(with_billing).await;
        let (acme, ann, bob, _) = with_bob(&app, "member").await;
        for team in ["Red", "Blue"] {
            app.team(&acme, &ann, team).await;
        }
        let input = json!({ "email": "Carl@example.com", "orgRole": "manager", "teamSlugs": ["red"] });
        let carl = requested_by(&bob, &acme, input).await;
        app.anonymous()
            .request_to_join("acme", "zoe@example.com")
            .await
            .done("requestToJoin");
        let zoe = db_pending_rows(&app, &acme).await.pop().unwrap().id.global();
        Self {
            app,
            acme,
            ann,
            bob,
            carl,
            zoe,
        }
    }

    async fn approve(&self, who: &Client, request: &str, input: Value) -> Reply {
        who.approve_invite_request(&invite_of(request), input).await
    }

    async fn reject(&self, who: &Client, request: &str) -> Reply {
        who.reject_invite_request(&invite_of(request)).await
    }

    /// The refusals of an approval that changes nothing.
    async fn refused(&self, who: &Client, request: &str, input: Value) -> Vec<(String, String)> {
        let reply = self.app.unchanged(self.approve(who, request, input)).await;
        let refusals = reply.refusals(APPROVE).into_iter();
        refusals.map(|refusal| (refusal.code, refusal.path)).collect()
    }

    /// Somebody who joined with this role.
    async fn person(&self, name: &str, role: &str) -> Client {
        let person = self.app.person(name);
        self.app.join(&self.acme, &self.ann, &person, role).await;
        person
    }
}

/// What [`Scene::refused`] answers for one code without a path.
fn only(code: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), String::new())]
}

#[tokio::test]
async fn an_approved_request_is_an_invite() {
    let scene = Scene::start().await;
    let app = &scene.app;
    let (audit, outbox) = (
        app.db_audit(&scene.acme).await.len(),
        app.db_outbox(&scene.acme).await.len(),
    );
    let before = jobs(app).await.len();

    let reply = scene.approve(&scene.ann, &scene.carl, json!({})).await.done(APPROVE);

    assert_eq!(
        reply.data("approveInviteRequest.invite.id"),
        &json!(invite_of(&scene.carl))
    );
    assert_eq!(reply.data("approveInviteRequest.invite.status"), "PENDING");
    assert_eq!(reply.data("approveInviteRequest.invite.role.id"), "manager");
    assert_eq!(
        reply.data("approveInviteRequest.invite.teams"),
        &json!([{ "slug": "red" }])
    );
    assert_eq!(
        reply.data("approveInviteRequest.invite.inviter.id"),
        &json!(scene.bob.user_id().await)
    );
    assert_eq!(reply.data("approveInviteRequest.invite.delivery.status"), "QUEUED");
    assert_eq!(reply.data("approveInviteRequest.member.id"), &json!(scene.carl));
    let ends: DateTime<Utc> = reply.text("approveInviteRequest.invite.expiresAt").parse().unwrap();
    assert!(ends > Utc::now() + Duration::days(29));
    assert_eq!(
        jobs(app).await.split_off(before),
        [("send_invite".to_owned(), row(&scene.carl))]
    );
    assert_eq!(
        app.db_outbox(&scene.acme).await.split_off(outbox),
        [(Category::OrganizationMemberUpdate, row::<MemberId>(&scene.carl).0)]
    );
    let written = app.db_audit(&scene.acme).await.split_off(audit);
    assert_eq!(written.len(), 1);
    assert_eq!(written[0].event, MEMBER_INVITE);
    assert_eq!(written[0].actor, Some(scene.ann.user_id().await));
    assert_eq!(written[0].target, Some(row::<MemberId>(&scene.carl).0));
    assert_eq!(written[0].data["role"], "manager");
    assert_eq!(written[0].data["team_slugs"], json!(["red"]));
    assert_eq!(written[0].data["invite_status"], "approved");
    let joined = app.person("carl").accept_invite(&reply.token(APPROVE)).await;
    assert_eq!(
        joined.done("acceptInvite").data("acceptInvite.member.role.id"),
        "manager"
    );
}

#[tokio::test]
async fn who_asked_to_join_is_let_in_as_whoever_approves_says() {
    let scene = Scene::start().await;
    let app = &scene.app;
    let (audit, outbox) = (
        app.db_audit(&scene.acme).await.len(),
        app.db_outbox(&scene.acme).await.len(),
    );

    let input = json!({ "orgRole": "manager", "teamSlugs": ["red", "blue"] });
    let reply = scene.approve(&scene.ann, &scene.zoe, input).await.done(APPROVE);

    assert_eq!(reply.data("approveInviteRequest.member.role.id"), "manager");
    assert_eq!(
        reply.teams("approveInviteRequest.member.teamMemberships"),
        [("blue".to_owned(), None), ("red".to_owned(), None)]
    );
    assert_eq!(reply.data("approveInviteRequest.invite.inviter"), &Value::Null);
    let written = app.db_audit(&scene.acme).await.split_off(audit);
    assert_eq!(written.len(), 1);
    assert_eq!(written[0].event, MEMBER_INVITE);
    assert_eq!(written[0].data["role"], "manager");
    assert_eq!(written[0].data["team_slugs"], json!(["blue", "red"]));
    let changed = app.db_outbox(&scene.acme).await.split_off(outbox);
    let categories: Vec<_> = changed.iter().map(|(category, _)| *category).collect();
    assert_eq!(
        categories,
        [
            Category::OrganizationMemberUpdate,
            Category::OrganizationMemberTeamUpdate,
            Category::OrganizationMemberTeamUpdate
        ]
    );
    app.person("zoe")
        .accept_invite(&reply.token(APPROVE))
        .await
        .done("acceptInvite");
}

#[tokio::test]
async fn teams_are_replaced_only_if_some_are_given() {
    for (given, teams) in [
        (json!({}), vec!["red"]),
        (json!({ "teamSlugs": null }), vec!["red"]),
        (json!({ "teamSlugs": [] }), vec![]),
        (json!({ "teamSlugs": ["blue"] }), vec!["blue"]),
    ] {
        let scene = Scene::start().await;
        scene.approve(&scene.ann, &scene.carl, given).await.done(APPROVE);
        let stored = scene.app.db_teams_of(&scene.carl).await;
        assert_eq!(stored.iter().map(|(slug, _)| slug).collect::<Vec<_>>(), teams);
    }
}

#[tokio::test]
async fn plain_members_decide_nothing() {
    let scene = Scene::start().await;
    let carol = scene.person("carol", "member").await;
    let narrow = scene.ann.with(json!({ "scope": "member:invite org:admin" }));
    let robot = scene.app.db_app(&scene.acme, &["member:invite"]).await;
    for who in [&scene.bob, &carol, &narrow, &robot] {
        for request in [&scene.carl, &scene.zoe] {
            assert_eq!(
                scene.refused(who, request, json!({ "orgRole": "chief" })).await,
                only("FORBIDDEN")
            );
            let reply = scene.app.unchanged(scene.reject(who, request)).await;
            assert_eq!(reply.refusals(REJECT), [("FORBIDDEN", "")]);
        }
    }
    let anonymous = scene.app.anonymous();
    let reply = scene
        .app
        .unchanged(scene.approve(&anonymous, &scene.carl, json!({})))
        .await;
    assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);
    let reply = scene.app.unchanged(scene.reject(&anonymous, &scene.carl)).await;
    assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);
}

#[tokio::test]
async fn there_is_no_request_to_decide() {
    let scene = Scene::start().await;
    let app = &scene.app;
    let invite = app.invite(&scene.acme, &scene.ann, "x@example.com", "member").await;
    let stranger = app.person("stranger");
    let globex = app.organization_of(&stranger, "Globex").await;
    let robot = app.db_app(&globex, &["member:admin"]).await;
    let not_found = "INVITE_REQUEST_NOT_FOUND";
    let missing = InviteId::from(9_999_999).global();
    let (carl, owner) = (invite_of(&scene.carl), invite_of(&scene.acme.owner));
    for (who, ids) in [
        (
            &scene.ann,
            vec![&invite.id, &owner, &scene.carl, &missing, &scene.acme.id],
        ),
        (&stranger, vec![&carl, &missing]),
        (&robot, vec![&carl, &missing]),
    ] {
        for id in ids {
            let reply = app.unchanged(who.approve_invite_request(id, json!({}))).await;
            assert_eq!(reply.refusals(APPROVE), [(not_found, "input.inviteId")], "{id}");
            let reply = app.unchanged(who.reject_invite_request(id)).await;
            assert_eq!(reply.refusals(REJECT), [(not_found, "input.inviteId")], "{id}");
        }
    }
}

#[tokio::test]
async fn nobody_approves_a_role_above_their_own() {
    let scene = Scene::start().await;
    let manager = scene.person("mia", "manager").await;
    let request = requested_by(
        &scene.bob,
        &scene.acme,
        json!({ "email": "x@example.com", "orgRole": "owner" }),
    )
    .await;

    assert_eq!(
        scene.refused(&manager, &request, json!({})).await,
        only("ROLE_NOT_ALLOWED")
    );
    assert_eq!(
        scene.refused(&manager, &scene.zoe, json!({ "orgRole": "owner" })).await,
        [("ROLE_NOT_ALLOWED".to_owned(), "input.orgRole".to_owned())]
    );
    let reply = scene.approve(&manager, &scene.carl, json!({})).await.done(APPROVE);
    assert!(reply.data("approveInviteRequest.acceptUrl").is_string());
    let lower = json!({ "orgRole": "member" });
    scene.approve(&manager, &request, lower).await.done(APPROVE);
}

#[tokio::test]
async fn approving_needs_a_person_with_member_admin() {
    let scene = Scene::start().await;
    let robot = scene.app.db_app(&scene.acme, &["member:admin"]).await;
    let narrow = scene.ann.with(json!({ "scope": "member:write" }));
    for who in [&robot, &narrow] {
        assert_eq!(
            scene.refused(who, &scene.zoe, json!({})).await,
            only("ROLE_NOT_ALLOWED")
        );
        assert_eq!(
            scene.refused(who, &scene.zoe, json!({ "orgRole": "member" })).await,
            [("ROLE_NOT_ALLOWED".to_owned(), "input.orgRole".to_owned())]
        );
    }
    let root = scene.app.superuser();
    let input = json!({ "orgRole": "owner" });
    let reply = scene.approve(&root, &scene.zoe, input).await.done(APPROVE);
    assert!(reply.data("approveInviteRequest.acceptUrl").is_string());
}

#[tokio::test]
async fn fields_of_an_approval_are_refused_together() {
    let scene = Scene::start().await;
    let input = json!({ "orgRole": "chief", "teamSlugs": ["red", "none"] });
    let reply = scene.app.unchanged(scene.approve(&scene.ann, &scene.carl, input)).await;
    assert_eq!(
        reply.refusals(APPROVE),
        [("INVALID_ROLE", "input.orgRole"), ("INVALID_TEAM", "input.teamSlugs.1")]
    );
    let input = json!({ "orgRole": "admin", "teamSlugs": ["red", "red"] });
    let reply = scene.app.unchanged(scene.approve(&scene.ann, &scene.carl, input)).await;
    assert_eq!(
        reply.refusals(APPROVE),
        [("ROLE_RETIRED", "input.orgRole"), ("INVALID_TEAM", "input.teamSlugs.1")]
    );
}

#[tokio::test]
async fn a_retired_role_that_was_asked_for_is_not_given() {
    let scene = Scene::start().await;
    scene.app.db_set_role(&scene.zoe, "admin").await;

    assert_eq!(
        scene.refused(&scene.ann, &scene.zoe, json!({})).await,
        only("ROLE_RETIRED")
    );
    let input = json!({ "orgRole": "member" });
    scene.approve(&scene.ann, &scene.zoe, input).await.done(APPROVE);
}

#[tokio::test]
async fn a_role_without_teams_is_approved_without_teams() {
    let scene = Scene::start().await;
    let billing = |teams: Value| json!({ "orgRole": "billing", "teamSlugs": teams });

    for teams in [json!(null), json!(["blue"])] {
        assert_eq!(
            scene.refused(&scene.ann, &scene.carl, billing(teams)).await,
            only("TEAM_ROLES_NOT_ALLOWED")
        );
    }
    scene
        .approve(&scene.ann, &scene.carl, billing(json!([])))
        .await
        .done(APPROVE);
    assert!(scene.app.db_teams_of(&scene.carl).await.is_empty());
}

#[tokio::test]
async fn switches_stop_approvals_but_no_rejections() {
    let scene = Scene::start().await;
    let app = &scene.app;
    app.db_set_option(&scene.acme, "sentry:join_requests", json!(false))
        .await;
    let off = app.node_with(|config| config.features.invite_members = false).await;

    for request in [&scene.carl, &scene.zoe] {
        assert_eq!(
            scene.refused(&scene.ann.at(&off), request, json!({})).await,
            only("INVITES_DISABLED")
        );
    }
    let bad = json!({ "orgRole": "chief" });
    assert_eq!(
        scene.refused(&scene.ann.at(&off), &scene.zoe, bad).await,
        [("INVALID_ROLE".to_owned(), "input.orgRole".to_owned())],
        "the fields come first"
    );
    assert_eq!(
        scene.refused(&scene.ann, &scene.zoe, json!({})).await,
        only("JOIN_REQUESTS_DISABLED")
    );
    scene.approve(&scene.ann, &scene.carl, json!({})).await.done(APPROVE);
    scene.reject(&scene.ann.at(&off), &scene.zoe).await.done(REJECT);
}

#[tokio::test]
async fn without_mail_an_approval_is_a_link() {
    let scene = Scene::start().await;
    let silent = scene.app.node_with(|config| config.features.mail_invites = false).await;
    let (audit, before) = (scene.app.db_audit(&scene.acme).await.len(), scene.app.db_jobs().await);

    let ann = scene.ann.at(&silent);
    let reply = scene.approve(&ann, &scene.zoe, json!({})).await.done(APPROVE);

    assert!(reply.data("approveInviteRequest.acceptUrl").is_string());
    assert_eq!(scene.app.db_jobs().await, before);
    assert_eq!(scene.app.db_audit(&scene.acme).await[audit].event, MEMBER_ADD);
}

#[tokio::test]
async fn a_rejected_request_is_gone() {
    let scene = Scene::start().await;
    let app = &scene.app;
    let (audit, outbox) = (
        app.db_audit(&scene.acme).await.len(),
        app.db_outbox(&scene.acme).await.len(),
    );
    let jobs = app.db_jobs().await;

    let reply = scene.reject(&scene.ann, &scene.carl).await.done(REJECT);

    assert_eq!(
        reply.data("rejectInviteRequest.rejectedInviteId"),
        &json!(invite_of(&scene.carl))
    );
    assert!(app.db_member(&scene.carl).await.is_none());
    assert_eq!(app.db_jobs().await, jobs, "no mail is sent");
    assert_eq!(
        app.db_outbox(&scene.acme).await.split_off(outbox),
        [(Category::OrganizationMemberUpdate, row::<MemberId>(&scene.carl).0)]
    );
    let written = app.db_audit(&scene.acme).await.split_off(audit);
    assert_eq!(written.len(), 1);
    assert_eq!(written[0].event, INVITE_REQUEST_REMOVE);
    assert_eq!(written[0].actor, Some(scene.ann.user_id().await));
    assert_eq!(written[0].target, Some(row::<MemberId>(&scene.carl).0));
    assert_eq!(written[0].data["email"], "Carl@example.com");
    assert_eq!(written[0].data["role"], "manager");
    assert_eq!(written[0].data["team_slugs"], json!(["red"]));
    assert_eq!(written[0].data["invite_status"], "requested_to_be_invited");
    // The address can be asked for again.
    requested_by(&scene.bob, &scene.acme, json!({ "email": "carl@example.com" })).await;
}

#[tokio::test]
async fn rejecting_needs_member_write_and_no_rank() {
    let scene = Scene::start().await;
    let owner = json!({ "email": "x@example.com", "orgRole": "owner" });
    let request = requested_by(&scene.bob, &scene.acme, owner).await;
    let mia = scene.person("mia", "manager").await;
    let narrow = scene.ann.with(json!({ "scope": "member:write" }));
    let robot = scene.app.db_app(&scene.acme, &["member:write"]).await;

    scene.reject(&mia, &request).await.done(REJECT);
    scene.reject(&narrow, &scene.carl).await.done(REJECT);
    scene.reject(&robot, &scene.zoe).await.done(REJECT);
}

#[tokio::test]
async fn gates_close_before_decisions() {
    let scene = Scene::start().await;
    let mia = scene.person("mia", "manager").await;
    let member = mia
        .send("{ viewer { memberships { nodes { id } } } }", json!({}))
        .await
        .text("viewer.memberships.nodes.0.id");
    let app = &scene.app;
    let closed = async || {
        let approved = scene.refused(&mia, &scene.carl, json!({})).await;
        let rejected = app.unchanged(scene.reject(&mia, &scene.carl)).await.codes(REJECT);
        assert_eq!(rejected.len(), 1);
        assert_eq!(approved[0].0, rejected[0]);
        rejected[0].clone()
    };

    app.db_set_flags(&member, member::flag::MEMBER_LIMIT_RESTRICTED).await;
    assert_eq!(closed().await, "MEMBER_DISABLED_OVER_LIMIT");
    app.db_auth_provider(&scene.acme, false).await;
    assert_eq!(closed().await, "SSO_REQUIRED");
    app.db_set_organization_flags(&scene.acme, flag::REQUIRE_2FA).await;
    assert_eq!(closed().await, "TWO_FACTOR_REQUIRED");
    app.db_set_status(&scene.acme, OrganizationStatus::PendingDeletion)
        .await;
    assert_eq!(closed().await, "INVITE_REQUEST_NOT_FOUND");
}

#[tokio::test]
async fn a_request_is_approved_once() {
    let scene = Scene::start().await;
    let (audit, before) = (
        scene.app.db_audit(&scene.acme).await.len(),
        jobs(&scene.app).await.len(),
    );

    let replies = join_all((0..10).map(|_| scene.approve(&scene.ann, &scene.carl, json!({})))).await;

    let done: Vec<_> = replies.iter().filter(|reply| reply.codes(APPROVE).is_empty()).collect();
    assert_eq!(done.len(), 1);
    for reply in &replies {
        let codes = reply.codes(APPROVE);
        assert!(codes.is_empty() || codes == ["INVITE_REQUEST_NOT_FOUND"], "{codes:?}");
    }
    assert_eq!(jobs(&scene.app).await.len(), before + 1);
    assert_eq!(scene.app.db_audit(&scene.acme).await.len(), audit + 1);
    let carl = scene.app.person("carl");
    carl.accept_invite(&done[0].token(APPROVE)).await.done("acceptInvite");
}

#[tokio::test]
async fn of_approval_and_rejection_one_counts() {
    let scene = Scene::start().await;
    for round in 0..15 {
        let input = json!({ "email": format!("x{round}@example.com") });
        let request = requested_by(&scene.bob, &scene.acme, input).await;

        let (approved, rejected) = join(
            scene.approve(&scene.ann, &request, json!({})),
            scene.reject(&scene.ann, &request),
        )
        .await;

        let codes = (approved.codes(APPROVE), rejected.codes(REJECT));
        let late = vec!["INVITE_REQUEST_NOT_FOUND".to_owned()];
        let is_invite = app_has_invite(&scene, &request).await;
        assert_eq!(
            codes,
            if is_invite { (vec![], late) } else { (late, vec![]) },
            "round {round}"
        );
    }
}

async fn app_has_invite(scene: &Scene, member: &str) -> bool {
    scene.app.db_member(member).await.is_some_and(|row| row.is_invite())
}

#[tokio::test]
async fn an_approval_and_an_invite_at_once_leave_one_invite() {
    let scene = Scene::start().await;
    for round in 0..15 {
        let input = json!({ "email": format!("x{round}@example.com") });
        let request = requested_by(&scene.bob, &scene.acme, input.clone()).await;

        let (approved, invited) = join(
            scene.approve(&scene.ann, &request, json!({})),
            scene.ann.create_invite(&scene.acme, input),
        )
        .await;

        let codes = [approved.codes(APPROVE), invited.codes("createInvite")];
        let token = match (codes[0].is_empty(), codes[1].is_empty()) {
            (true, false) => {
                assert_eq!(codes[1], ["ALREADY_INVITED"], "round {round}");
                approved.token(APPROVE)
            }
            (false, true) => {
                assert_eq!(codes[0], ["INVITE_REQUEST_NOT_FOUND"], "round {round}");
                invited.token("createInvite")
            }
            _ => panic!("round {round}: {codes:?}"),
        };
        let preview = scene.ann.invite_preview(&token).await;
        assert!(!preview.data("invitePreview").is_null(), "round {round}");
    }
}
