//! Handing an organization over.

use super::*;
use crate::support::Reply;

const TRANSFER: &str = "transferOwnership";

impl Client {
    async fn transfer(&self, organization: &Organization, heir: &str) -> Reply {
        let fields = "organization { id } newOwner { id role { id } } previousOwner { id role { id } }";
        let input = json!({ "organizationId": organization.id, "toMemberId": heir });
        self.mutate(TRANSFER, fields, input).await
    }
}

#[tokio::test]
async fn the_heir_is_owner_and_the_giver_a_manager() {
    let scene = Scene::start("member").await;
    scene.put_into(&[("red", Some("admin")), ("green", None)]).await;
    let (entries, changes) = (scene.audit_count().await, scene.app.db_outbox(&scene.acme).await.len());

    let reply = scene.ann.transfer(&scene.acme, &scene.member).await.done(TRANSFER);

    let heir = json!({ "id": scene.member, "role": { "id": "owner" } });
    let giver = json!({ "id": scene.acme.owner, "role": { "id": "manager" } });
    assert_eq!(reply.data("transferOwnership.newOwner"), &heir);
    assert_eq!(reply.data("transferOwnership.previousOwner"), &giver);
    assert_eq!(reply.text("transferOwnership.organization.id"), scene.acme.id);
    assert_eq!(scene.role_of(&scene.member).await, "owner");
    assert_eq!(scene.role_of(&scene.acme.owner).await, "manager");
    let teams = scene.app.db_teams_of(&scene.member).await;
    assert_eq!(
        teams,
        stored(&[("green", None), ("red", None)]),
        "what an owner has anyway"
    );

    let told = scene.app.db_audit(&scene.acme).await.split_off(entries);
    let told: Vec<_> = told
        .iter()
        .map(|entry| {
            (
                entry.event,
                entry.target_user.clone().unwrap(),
                entry.data["role"].clone(),
            )
        })
        .collect();
    let (ann, bob) = (scene.ann.user_id().await, scene.bob.user_id().await);
    let expected = [(MEMBER_EDIT, bob, json!("owner")), (MEMBER_EDIT, ann, json!("manager"))];
    assert_eq!(told, expected);
    let changed = scene.app.db_outbox(&scene.acme).await.split_off(changes);
    let members: Vec<_> = changed
        .iter()
        .filter(|(category, _)| *category == Category::OrganizationMemberUpdate)
        .map(|(_, id)| MemberId(*id).global())
        .collect();
    assert_eq!(members, [scene.member.clone(), scene.acme.owner.clone()]);
    assert_eq!(changed.len(), 3, "and the team role that was cleared");

    let reply = scene
        .app
        .unchanged(scene.ann.transfer(&scene.acme, &scene.member))
        .await;
    assert_eq!(
        reply.refusals(TRANSFER),
        [("FORBIDDEN", "")],
        "she is no owner any more"
    );
    scene.bob.transfer(&scene.acme, &scene.acme.owner).await.done(TRANSFER);
}

#[tokio::test]
async fn an_owner_can_step_down_in_favour_of_another() {
    let scene = Scene::start("owner").await;
    scene.ann.transfer(&scene.acme, &scene.member).await.done(TRANSFER);
    assert_eq!(scene.role_of(&scene.member).await, "owner");
    assert_eq!(scene.role_of(&scene.acme.owner).await, "manager");
}

#[tokio::test]
async fn only_an_owner_gives_it_away() {
    let scene = Scene::start("manager").await;
    let (_, heir) = scene.person("carl", "member").await;
    let root = scene.app.superuser().seen().await;
    let no_admin = scene.ann.with(json!({ "scope": "member:admin" })).seen().await;
    let no_member_admin = scene.ann.with(json!({ "scope": "org:admin" })).seen().await;
    // A superuser who is no owner there uses updateMemberRoles.
    for caller in [&scene.bob, &root, &no_admin, &no_member_admin] {
        let reply = scene.app.unchanged(caller.transfer(&scene.acme, &heir)).await;
        assert_eq!(reply.refusals(TRANSFER), [("FORBIDDEN", "")]);
        // Nobody learns more from it.
        let reply = scene.app.unchanged(caller.transfer(&scene.acme, "nonsense")).await;
        assert_eq!(reply.refusals(TRANSFER), [("FORBIDDEN", "")]);
    }
    let robot = scene.app.db_app(&scene.acme, &["org:admin", "member:admin"]).await;
    let reply = scene.app.unchanged(robot.transfer(&scene.acme, &heir)).await;
    assert_eq!(reply.refusals(TRANSFER), [("USER_TOKEN_REQUIRED", "")]);
    let writer = scene.app.db_app(&scene.acme, &["org:write", "member:admin"]).await;
    let reply = scene.app.unchanged(writer.transfer(&scene.acme, &heir)).await;
    assert_eq!(reply.refusals(TRANSFER), [("FORBIDDEN", "")]);
    let stranger = scene.app.person("zoe").seen().await;
    let reply = scene.app.unchanged(stranger.transfer(&scene.acme, &heir)).await;
    assert_eq!(
        reply.refusals(TRANSFER),
        [("ORGANIZATION_NOT_FOUND", "input.organizationId")]
    );
    let reply = scene
        .app
        .unchanged(scene.app.anonymous().transfer(&scene.acme, &heir))
        .await;
    assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);
}

#[tokio::test]
async fn an_heir_must_be_a_member_who_can_act() {
    let scene = Scene::start("member").await;
    let globex = scene.app.organization_of(&scene.ann, "Globex").await;
    let invite = scene
        .app
        .invite(&scene.acme, &scene.ann, "ivy@example.com", "owner")
        .await;
    let request = scene
        .app
        .db_request(&scene.acme, "eve@example.com", InviteStatus::RequestedToBeInvited)
        .await;
    let (carl, gone) = scene.person("carl", "manager").await;
    scene.app.db_set_active(&carl.user_id().await, false).await;
    let (_, disabled) = scene.person("dora", "manager").await;
    scene.app.db_set_flags(&disabled, flag::MEMBER_LIMIT_RESTRICTED).await;
    for (heir, code) in [
        ("", "MEMBER_NOT_FOUND"),
        ("nonsense", "MEMBER_NOT_FOUND"),
        (scene.acme.id.as_str(), "MEMBER_NOT_FOUND"),
        (&globex.owner, "MEMBER_NOT_FOUND"),
        (&request, "MEMBER_NOT_FOUND"),
        (&gone, "MEMBER_NOT_FOUND"),
        (&scene.acme.owner, "CANNOT_CHANGE_OWN_ROLE"),
        (&invite.member, "VALIDATION_FAILED"),
        (&disabled, "MEMBER_DISABLED_OVER_LIMIT"),
    ] {
        let reply = scene.app.unchanged(scene.ann.transfer(&scene.acme, heir)).await;
        assert_eq!(reply.refusals(TRANSFER), [(code, "input.toMemberId")], "{heir:?}");
    }
}

#[tokio::test]
async fn roles_that_others_manage_stay_in_their_order() {
    let scene = Scene::start("member").await;
    let refused = async |refusal: (&str, &str)| {
        let reply = scene
            .app
            .unchanged(scene.ann.transfer(&scene.acme, &scene.member))
            .await;
        assert_eq!(reply.refusals(TRANSFER), [refusal]);
    };
    let everything = flag::MEMBER_LIMIT_RESTRICTED | flag::PARTNERSHIP_RESTRICTED | flag::IDP_ROLE_RESTRICTED;
    let own = flag::PARTNERSHIP_RESTRICTED | flag::IDP_ROLE_RESTRICTED;
    scene.app.db_set_flags(&scene.acme.owner, own).await;
    scene.app.db_set_flags(&scene.member, everything).await;
    refused(("MEMBER_DISABLED_OVER_LIMIT", "input.toMemberId")).await;
    scene.app.db_set_flags(&scene.member, own).await;
    refused(("PARTNERSHIP_RESTRICTED", "input.toMemberId")).await;
    scene.app.db_set_flags(&scene.member, flag::IDP_ROLE_RESTRICTED).await;
    refused(("IDP_ROLE_RESTRICTED", "input.toMemberId")).await;
    scene.app.db_set_flags(&scene.member, flag::IDP_PROVISIONED).await;
    refused(("PARTNERSHIP_RESTRICTED", "")).await;
    scene
        .app
        .db_set_flags(&scene.acme.owner, flag::IDP_ROLE_RESTRICTED)
        .await;
    refused(("IDP_ROLE_RESTRICTED", "")).await;
    scene.app.db_set_flags(&scene.acme.owner, 0).await;
    scene.ann.transfer(&scene.acme, &scene.member).await.done(TRANSFER);
}

#[tokio::test]
async fn a_deployment_whose_managers_have_no_teams_keeps_that_rule() {
    let no_teams = roster::config::RoleSetting {
        is_team_roles_allowed: Some(false),
        ..roster::config::RoleSetting::default()
    };
    let scene = Scene::start_with("member", |config| {
        config.roles.insert("manager".into(), no_teams);
    })
    .await;
    let input = json!({ "teamRoles": team_roles(&[("red", None)]) });
    scene
        .ann
        .update_member_roles(&scene.acme.owner, input)
        .await
        .done(UPDATE);
    let reply = scene
        .app
        .unchanged(scene.ann.transfer(&scene.acme, &scene.member))
        .await;
    assert_eq!(reply.refusals(TRANSFER), [("TEAM_ROLES_NOT_ALLOWED", "")]);
    let input = json!({ "teamRoles": [] });
    scene
        .ann
        .update_member_roles(&scene.acme.owner, input)
        .await
        .done(UPDATE);
    scene.ann.transfer(&scene.acme, &scene.member).await.done(TRANSFER);
}

#[tokio::test]
async fn gates_come_first() {
    let scene = Scene::start("member").await;
    let refused = async |code: &str| {
        let reply = scene.app.unchanged(scene.ann.transfer(&scene.acme, "nonsense")).await;
        assert_eq!(reply.codes(TRANSFER), [code]);
    };
    scene
        .app
        .db_set_flags(&scene.acme.owner, flag::MEMBER_LIMIT_RESTRICTED)
        .await;
    refused("MEMBER_DISABLED_OVER_LIMIT").await;
    scene.app.db_auth_provider(&scene.acme, false).await;
    refused("SSO_REQUIRED").await;
    scene
        .app
        .db_set_organization_flags(&scene.acme, organization::flag::REQUIRE_2FA)
        .await;
    refused("TWO_FACTOR_REQUIRED").await;
    scene
        .app
        .db_set_status(&scene.acme, OrganizationStatus::PendingDeletion)
        .await;
    refused("ORGANIZATION_NOT_FOUND").await;
}

#[tokio::test]
async fn of_two_transfers_at_once_one_is_made() {
    let scene = Scene::start("member").await;
    let (_, carl) = scene.person("carl", "member").await;
    for _ in 0..8 {
        let (one, other) = tokio::join!(
            scene.ann.transfer(&scene.acme, &scene.member),
            scene.ann.transfer(&scene.acme, &carl),
        );
        let mut codes = [one.codes(TRANSFER), other.codes(TRANSFER)];
        codes.sort();
        assert_eq!(codes, [Vec::new(), vec!["FORBIDDEN".to_owned()]]);
        for (member, role) in [
            (&scene.acme.owner, "owner"),
            (&scene.member, "member"),
            (&carl, "member"),
        ] {
            scene.app.db_set_role(member, role).await;
        }
    }
}

#[tokio::test]
async fn owners_who_hand_over_to_each_other_leave_one() {
    let scene = Scene::start("owner").await;
    for _ in 0..8 {
        let (one, other) = tokio::join!(
            scene.ann.transfer(&scene.acme, &scene.member),
            scene.bob.transfer(&scene.acme, &scene.acme.owner),
        );
        // Each is refused only what it can no longer give.
        for reply in [&one, &other] {
            let codes = reply.codes(TRANSFER);
            assert!(codes.is_empty() || codes == ["FORBIDDEN"], "{codes:?}");
        }
        let roles = [
            scene.role_of(&scene.acme.owner).await,
            scene.role_of(&scene.member).await,
        ];
        assert!(roles.contains(&"owner".to_owned()), "{roles:?}");
        for member in [&scene.acme.owner, &scene.member] {
            scene.app.db_set_role(member, "owner").await;
        }
    }
}
