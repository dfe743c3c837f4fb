//! People who may no longer sign in (§28).

use entity::{
    ids::{MemberId, UserId},
    member,
    outbox::Category,
};
use sea_orm::PaginatorTrait;

use super::*;
use crate::support::row;

const SET: &str = "setUserActive";

impl Client {
    async fn set_active(&self, user: &str, is_active: bool) -> Reply {
        let input = json!({ "userId": user, "isActive": is_active });
        self.mutate(SET, "user { id }", input).await
    }
}

#[tokio::test]
async fn an_inactive_person_is_refused_and_not_shown_until_active_again() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&app.person("gus"), "Globex").await;
    let bob = app.person("bob");
    let members = [
        app.join(&acme, &ann, &bob, "member").await,
        app.join(&globex, &app.person("gus"), &bob, "owner").await,
    ];
    let id = bob.user_id().await;
    let root = app.superuser().seen().await;
    let seen = async || {
        let query = "query($slug: String!) { organization(slug: $slug) { members { totalCount } } }";
        let reply = ann.send(query, json!({ "slug": acme.slug })).await.ok();
        reply.data("organization.members.totalCount").clone()
    };
    let changes = [app.db_outbox(&acme).await.len(), app.db_outbox(&globex).await.len()];
    let people = db_changes_of_people(&app).await.len();

    let reply = root.set_active(&id, false).await.done(SET);
    assert_eq!(reply.text("setUserActive.user.id"), id);
    refused(bob.send(VIEWER, json!({})).await);
    assert_eq!(seen().await, 1);
    for (index, organization) in [&acme, &globex].into_iter().enumerate() {
        assert!(!app.db_member(&members[index]).await.unwrap().user_is_active);
        let changed = app.db_outbox(organization).await.split_off(changes[index]);
        let member = i64::from(row::<MemberId>(&members[index]));
        assert_eq!(changed, [(Category::OrganizationMemberUpdate, member)]);
    }
    let of_people = db_changes_of_people(&app).await.split_off(people);
    let user = i64::from(row::<UserId>(&id));
    assert_eq!(of_people.len(), 1);
    assert_eq!(
        (of_people[0].category, of_people[0].object_identifier),
        (Category::UserUpdate, user)
    );
    app.unchanged(root.set_active(&id, false)).await.done(SET);

    root.set_active(&id, true).await.done(SET);
    viewer(&bob).await;
    assert_eq!(seen().await, 2);
}

#[tokio::test]
async fn a_membership_that_says_otherwise_is_mended() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    let member = app.join(&acme, &ann, &bob, "member").await;
    let id = bob.user_id().await;
    let root = app.superuser().seen().await;
    root.set_active(&id, false).await.done(SET);
    app.db_change_member(&member, |row| row.user_is_active = sea_orm::ActiveValue::Set(true))
        .await;
    root.set_active(&id, false).await.done(SET);
    let rows = member::Entity::within(acme.row()).filter(member::Column::UserIsActive.eq(true));
    assert_eq!(rows.count(&app.db).await.unwrap(), 1);
}

#[tokio::test]
async fn only_superusers_decide_and_not_against_themselves() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    app.join(&acme, &ann, &bob, "member").await;
    let id = bob.user_id().await;
    let root = app.superuser().seen().await;
    let limited = root.with(json!({ "scope": "org:admin" })).seen().await;
    let robot = app.db_app(&acme, &["org:admin", "member:admin"]).await;
    for caller in [&ann, &bob, &limited, &robot] {
        let reply = app.unchanged(caller.set_active(&id, false)).await;
        assert_eq!(reply.refusals(SET), [("FORBIDDEN", "")]);
    }
    let reply = app.unchanged(app.anonymous().set_active(&id, false)).await;
    assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);
    let own = root.user_id().await;
    for user in [own.as_str(), "", "nonsense", acme.id.as_str(), "VXNlcjo5OTk5OQ"] {
        let reply = app.unchanged(root.set_active(user, false)).await;
        assert_eq!(reply.refusals(SET), [("VALIDATION_FAILED", "input.userId")], "{user:?}");
    }
    root.set_active(&own, true).await.done(SET);
    assert!(db_users(&app).await.iter().all(|user| user.is_active));
}

#[tokio::test]
async fn whoever_joins_while_they_are_switched_off_is_no_active_member() {
    let app = TestApp::start_with(|config| config.rate_limits.enabled = false).await;
    let (acme, ann) = app.organization("Acme").await;
    let root = app.superuser().seen().await;
    for round in 0..12 {
        let invite = app.invite(&acme, &ann, &format!("x{round}@example.com"), "owner").await;
        let person = app.person(&format!("person{round}")).seen().await;
        let input = json!({ "userId": person.user_id().await, "isActive": false });

        let (joined, switched, founded) = tokio::join!(
            person.accept_invite(&invite.token),
            root.mutate("setUserActive", "user { id }", input),
            person.mutate(
                "createOrganization",
                "member { id }",
                json!({ "name": format!("Globex {round}") })
            ),
        );

        switched.done("setUserActive");
        for reply in [joined, founded] {
            let codes = reply.error_codes();
            assert!(codes.is_empty() || codes == ["UNAUTHENTICATED"], "{reply:#?}");
        }
        let stale = member::Entity::find()
            .inner_join(user::Entity)
            .filter(user::Column::IsActive.eq(false))
            .filter(member::Column::UserIsActive.eq(true));
        assert_eq!(stale.count(&app.db).await.unwrap(), 0, "round {round}");
    }
}
