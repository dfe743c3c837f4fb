//! Linking an identity of the provider.

use entity::{organization::OrganizationStatus, outbox};

use super::*;

/// Changes of a person's identities.
async fn db_identity_changes(app: &TestApp, user: &str) -> u64 {
    outbox::Entity::find()
        .filter(outbox::Column::Category.eq(Category::AuthIdentityUpdate))
        .filter(outbox::Column::ShardScope.eq(1))
        .filter(outbox::Column::ShardIdentifier.eq(row::<UserId>(user)))
        .count(&app.db)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_member_links_and_gets_in() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    let member = app.join(&acme, &ann, &bob, "member").await;
    app.db_set_flags(&member, member::flag::SSO_INVALID | member::flag::IDP_PROVISIONED)
        .await;
    ann.set_provider(&acme, json!({ "provider": "google" })).await.done(SET);
    let bob = bob.through("google").await;
    let query = "query($slug: String!) { organization(slug: $slug) { id } }";
    let look = bob.send(query, json!({ "slug": acme.slug })).await;
    assert_eq!(look.error_codes(), ["SSO_REQUIRED"]);
    let (entries, changes) = (app.db_audit(&acme).await.len(), app.db_outbox(&acme).await.len());

    let reply = bob.link(&acme).await.done(LINK);

    let told = json!({ "id": member, "flags": { "ssoLinked": true, "ssoInvalid": false } });
    assert_eq!(reply.data("linkSsoIdentity.member"), &told);
    let flags = app.db_member(&member).await.unwrap().flags;
    assert_eq!(flags, member::flag::SSO_LINKED | member::flag::IDP_PROVISIONED);
    let identities = db_identities(&app).await;
    assert_eq!(identities.len(), 1);
    assert_eq!(identities[0].1, row::<UserId>(&bob.user_id().await));
    bob.send(query, json!({ "slug": acme.slug }))
        .await
        .ok()
        .text("organization.id");
    let changed = app.db_outbox(&acme).await.split_off(changes);
    let member = i64::from(row::<entity::ids::MemberId>(&member));
    assert_eq!(changed, [(Category::OrganizationMemberUpdate, member)]);
    assert_eq!(db_identity_changes(&app, &bob.user_id().await).await, 1);
    assert_eq!(app.db_audit(&acme).await.len(), entries);

    // Once more changes nothing.
    let reply = app.unchanged(bob.link(&acme)).await.done(LINK);
    assert_eq!(reply.data("linkSsoIdentity.member"), &told);
    assert_eq!(db_identity_changes(&app, &bob.user_id().await).await, 1);
}

#[tokio::test]
async fn a_link_that_became_invalid_is_renewed() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    ann.set_provider(&acme, json!({ "provider": "google" })).await.done(SET);
    let ann = ann.through("google").await;
    ann.link(&acme).await.done(LINK);
    app.db_set_flags(&acme.owner, member::flag::SSO_LINKED | member::flag::SSO_INVALID)
        .await;
    let reply = ann.link(&acme).await.done(LINK);
    assert_eq!(reply.data("linkSsoIdentity.member.flags.ssoInvalid"), false);
    assert_eq!(db_identities(&app).await.len(), 1);
}

#[tokio::test]
async fn whoever_is_invited_links_first_and_joins_then() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    ann.set_provider(&acme, json!({ "provider": "google" })).await.done(SET);
    let bob = app.person("bob").through("google").await;
    let reply = app.unchanged(bob.accept_invite(&invite.token)).await;
    assert_eq!(reply.codes("acceptInvite"), ["SSO_REQUIRED"]);

    let reply = bob.link(&acme).await.done(LINK);
    assert!(reply.data("linkSsoIdentity.member").is_null());
    assert_eq!(
        bob.invite_preview(&invite.token)
            .await
            .data("invitePreview.requirements"),
        &json!([])
    );
    bob.accept_invite(&invite.token).await.done("acceptInvite");
    assert_eq!(
        app.db_member(&invite.member).await.unwrap().flags,
        member::flag::SSO_LINKED
    );
}

#[tokio::test]
async fn a_token_of_another_origin_links_nothing() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    ann.set_provider(&acme, json!({ "provider": "google" })).await.done(SET);
    let zoe = app.person("zoe").seen().await;
    for caller in [
        &ann,
        &ann.through("okta").await,
        &ann.through("Google").await,
        &ann.through("google.com").await,
        &zoe,
        &zoe.through("okta").await,
        &app.superuser().seen().await,
    ] {
        let reply = app.unchanged(caller.link(&acme)).await;
        assert_eq!(reply.refusals(LINK), [("SSO_REQUIRED", "")]);
    }
    for caller in [&app.anonymous(), &app.db_app(&acme, &["org:admin"]).await] {
        let reply = app.unchanged(caller.link(&acme)).await;
        assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);
    }
}

#[tokio::test]
async fn without_a_provider_there_is_nothing_to_link() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let missing = [("ORGANIZATION_NOT_FOUND", "input.organizationId")];
    let ann = ann.through("google").await;
    let reply = app.unchanged(ann.link(&acme)).await;
    assert_eq!(reply.refusals(LINK), [("SSO_REQUIRED", "")]);
    // To strangers the organization does not exist.
    let zoe = app.person("zoe").through("google").await;
    let reply = app.unchanged(zoe.link(&acme)).await;
    assert_eq!(reply.refusals(LINK), missing);
    for id in ["", "nonsense", acme.owner.as_str(), "T3JnYW5pemF0aW9uOjk5OTk5"] {
        let nowhere = Organization {
            id: id.into(),
            ..acme.clone()
        };
        let reply = app.unchanged(ann.link(&nowhere)).await;
        assert_eq!(reply.refusals(LINK), missing, "{id:?}");
    }
    ann.set_provider(&acme, json!({ "provider": "google" })).await.done(SET);
    app.db_set_status(&acme, OrganizationStatus::PendingDeletion).await;
    for caller in [&ann, &zoe] {
        let reply = app.unchanged(caller.link(&acme)).await;
        assert_eq!(reply.refusals(LINK), missing);
    }
}

#[tokio::test]
async fn the_other_gates_stay_closed_to_members() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.db_auth_provider(&acme, false).await;
    let ann = ann.through("google").await;
    app.db_set_flags(&acme.owner, member::flag::MEMBER_LIMIT_RESTRICTED)
        .await;
    let reply = app.unchanged(ann.link(&acme)).await;
    assert_eq!(reply.codes(LINK), ["MEMBER_DISABLED_OVER_LIMIT"]);
    app.db_set_organization_flags(&acme, organization::flag::REQUIRE_2FA)
        .await;
    let reply = app.unchanged(ann.link(&acme)).await;
    assert_eq!(reply.codes(LINK), ["TWO_FACTOR_REQUIRED"]);
}

#[tokio::test]
async fn the_claim_that_names_the_provider_is_configurable() {
    let app = TestApp::start_with(|config| config.auth.idp_claim = "https://example.com/connection".into()).await;
    let (acme, ann) = app.organization("Acme").await;
    ann.set_provider(&acme, json!({ "provider": "google" })).await.done(SET);
    assert_eq!(
        ann.through("google").await.link(&acme).await.codes(LINK),
        ["SSO_REQUIRED"]
    );
    let ann = ann.with(json!({ "https://example.com/connection": "google" }));
    ann.link(&acme).await.done(LINK);
}
