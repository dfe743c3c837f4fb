//! Removing the provider, and what goes with it.

use entity::{ids::MemberId, team};
use sea_orm::{ActiveValue::Set, QueryOrder, sea_query::Expr};

use super::*;

/// Flags of all members of the organization, by id.
async fn db_flags(app: &TestApp, organization: &Organization) -> Vec<i64> {
    let rows = member::Entity::within(organization.row()).order_by_asc(member::Column::Id);
    rows.all(&app.db).await.unwrap().iter().map(|row| row.flags).collect()
}

#[tokio::test]
async fn identities_go_with_their_provider_and_both_flags_of_all_members() {
    use member::flag::{IDP_PROVISIONED, PARTNERSHIP_RESTRICTED, SSO_INVALID, SSO_LINKED};
    for input in [json!({ "provider": null }), json!({ "provider": "okta" })] {
        let app = TestApp::start().await;
        let (acme, ann) = app.organization("Acme").await;
        let globex = app.organization_of(&ann, "Globex").await;
        for organization in [&acme, &globex] {
            let input = json!({ "provider": "google", "allowUnlinked": true });
            ann.set_provider(organization, input).await.done(SET);
        }
        let (ann, bob) = (ann.through("google").await, app.person("bob").through("google").await);
        let member = app.join(&acme, &ann, &bob, "member").await;
        let pending = app.invite(&acme, &ann, "ivy@example.com", "member").await.member;
        for organization in [&acme, &globex] {
            ann.link(organization).await.done(LINK);
        }
        bob.link(&acme).await.done(LINK);
        app.db_set_flags(&member, SSO_LINKED | SSO_INVALID | PARTNERSHIP_RESTRICTED)
            .await;
        // Made pending again by a requirement; what it was linked to is gone too.
        app.db_set_flags(&pending, SSO_INVALID | IDP_PROVISIONED).await;
        let changes = app.db_outbox(&acme).await.len();

        ann.set_provider(&acme, input).await.done(SET);

        assert_eq!(
            db_flags(&app, &acme).await,
            [0, PARTNERSHIP_RESTRICTED, IDP_PROVISIONED]
        );
        assert_eq!(db_flags(&app, &globex).await, [SSO_LINKED]);
        let left = db_identities(&app).await;
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].0.organization_id, globex.row());
        let changed = app.db_outbox(&acme).await.split_off(changes);
        for id in [&acme.owner, &member, &pending] {
            let change = (Category::OrganizationMemberUpdate, i64::from(row::<MemberId>(id)));
            assert_eq!(
                changed.iter().filter(|known| **known == change).count(),
                1,
                "{changed:?}"
            );
        }
        let of_identities = entity::outbox::Entity::find()
            .filter(entity::outbox::Column::Category.eq(Category::AuthIdentityUpdate))
            .count(&app.db)
            .await
            .unwrap();
        assert_eq!(of_identities, 3 + 2, "linked and gone");
    }
}

#[tokio::test]
async fn what_scim_has_provisioned_is_free_when_scim_ends() {
    use member::flag::{IDP_PROVISIONED, IDP_ROLE_RESTRICTED, PARTNERSHIP_RESTRICTED, SSO_LINKED};
    let off = json!({ "scimEnabled": false, "allowUnlinked": true });
    for input in [off, json!({ "provider": null })] {
        let app = TestApp::start().await;
        let (acme, ann) = app.organization("Acme").await;
        let with_scim = json!({ "provider": "google", "allowUnlinked": true, "scimEnabled": true });
        ann.set_provider(&acme, with_scim.clone()).await.done(SET);
        let slug = app.team(&acme, &ann, "Red").await;
        let red = || team::Entity::within(acme.row()).filter(team::Column::Slug.eq(slug.as_str()));
        team::Entity::update_many()
            .col_expr(team::Column::IdpProvisioned, Expr::value(true))
            .exec(&app.db)
            .await
            .unwrap();
        let bob = app.join(&acme, &ann, &app.person("bob"), "member").await;
        let carl = app.join(&acme, &ann, &app.person("carl"), "member").await;
        app.db_set_flags(&bob, IDP_PROVISIONED | IDP_ROLE_RESTRICTED | SSO_LINKED)
            .await;
        app.db_set_flags(&carl, IDP_ROLE_RESTRICTED | PARTNERSHIP_RESTRICTED)
            .await;
        ann.set_provider(&acme, with_scim).await.done(SET);
        assert!(red().one(&app.db).await.unwrap().unwrap().idp_provisioned);
        let changes = app.db_outbox(&acme).await.len();

        ann.set_provider(&acme, input.clone()).await.done(SET);

        let is_gone = input["provider"].is_null() && input.get("provider").is_some();
        let bobs = if is_gone { 0 } else { SSO_LINKED };
        assert_eq!(
            db_flags(&app, &acme).await,
            [0, bobs, IDP_ROLE_RESTRICTED | PARTNERSHIP_RESTRICTED]
        );
        let red = red().one(&app.db).await.unwrap().unwrap();
        assert!(!red.idp_provisioned);
        let changed = app.db_outbox(&acme).await.split_off(changes);
        assert!(changed.contains(&(Category::TeamUpdate, i64::from(red.id))));
        assert!(changed.contains(&(Category::OrganizationMemberUpdate, i64::from(row::<MemberId>(&bob)))));
    }
}

#[tokio::test]
async fn many_members_cost_no_more_statements_than_one() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "guest@example.com", "member").await.member;
    let cost = async || {
        ann.set_provider(&acme, json!({ "provider": "google", "allowUnlinked": true }))
            .await
            .done(SET);
        app.db_set_flags(&invite, member::flag::SSO_LINKED).await;
        member::Entity::update_many()
            .col_expr(member::Column::Flags, Expr::value(member::flag::SSO_LINKED))
            .filter(member::Column::UserId.is_null())
            .exec(&app.db)
            .await
            .unwrap();
        let reply = ann.set_provider(&acme, json!({ "provider": null })).await.done(SET);
        assert!(db_flags(&app, &acme).await.iter().all(|flags| *flags == 0));
        reply.statements()
    };
    let one = cost().await;
    let row = app.db_member(&invite).await.unwrap();
    let copies = (0..6_000).map(|number| {
        let email = Some(format!("guest-{number}@example.com"));
        let mut copy = member::ActiveModel::from(row.clone());
        copy.id = sea_orm::ActiveValue::NotSet;
        (copy.email, copy.email_key) = (Set(email.clone()), Set(email));
        copy
    });
    let copies: Vec<_> = copies.collect();
    for chunk in copies.chunks(500) {
        member::Entity::insert_many(chunk.to_vec())
            .exec_without_returning(&app.db)
            .await
            .unwrap();
    }
    assert_eq!(cost().await, one);
}

/// Whatever comes first: without a provider nobody is linked.
#[tokio::test]
async fn linking_joining_and_removing_at_once_leave_no_stale_link() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    for round in 0..8 {
        let input = json!({ "provider": "google", "allowUnlinked": true });
        ann.set_provider(&acme, input).await.done(SET);
        let invite = app
            .invite(&acme, &ann, &format!("bob{round}@example.com"), "member")
            .await;
        let bob = app.person(&format!("bob{round}")).through("google").await;
        if round % 2 == 0 {
            bob.link(&acme).await.done(LINK);
        }
        let (ann_linking, removing) = (ann.through("google").await, json!({ "provider": null }));
        let (removed, joined, _, _) = tokio::join!(
            ann.set_provider(&acme, removing),
            bob.accept_invite(&invite.token),
            bob.link(&acme),
            ann_linking.link(&acme),
        );
        removed.done(SET);
        joined.done("acceptInvite");

        assert!(
            db_flags(&app, &acme).await.iter().all(|flags| *flags == 0),
            "round {round}"
        );
        assert!(db_identities(&app).await.is_empty());
    }
}
