//! Setting single sign-on up.

use entity::organization::flag;

use super::*;

#[tokio::test]
async fn a_provider_is_set_up_and_changed() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let (entries, changes) = (app.db_audit(&acme).await.len(), app.db_outbox(&acme).await.len());
    let shown = |provider: &str, name: &str, optional: bool, scim: bool| json!({ "provider": provider, "name": name, "isSsoOptional": optional, "isScimEnabled": scim });
    assert!(ann.provider(&acme).await.is_null());

    let input = json!({ "provider": " google ", "name": "Google", "allowUnlinked": true });
    let reply = ann.set_provider(&acme, input).await.done(SET);
    assert_eq!(reply.text("setAuthProvider.organization.id"), acme.id);
    assert_eq!(ann.provider(&acme).await, shown("google", "Google", true, false));
    let first = db_provider(&app, &acme).await.unwrap();

    // What is absent stays, but for what has a default.
    let input = json!({ "allowUnlinked": true, "scimEnabled": true });
    ann.set_provider(&acme, input).await.done(SET);
    assert_eq!(ann.provider(&acme).await, shown("google", "Google", true, true));
    assert_eq!(
        db_provider(&app, &acme).await.unwrap().id,
        first.id,
        "it is the same one"
    );
    let input = json!({ "provider": "okta", "allowUnlinked": true, "scimEnabled": true });
    ann.set_provider(&acme, input).await.done(SET);
    assert_eq!(ann.provider(&acme).await, shown("okta", "okta", true, true));
    let second = db_provider(&app, &acme).await.unwrap();
    assert_ne!(second.id, first.id, "it is another one");
    let input = json!({ "provider": null, "name": "x".repeat(100) });
    ann.set_provider(&acme, input).await.done(SET);
    assert!(ann.provider(&acme).await.is_null());

    let provider = |id: entity::ids::AuthProviderId| (Category::AuthProviderUpdate, i64::from(id));
    let [one, two] = [provider(first.id), provider(second.id)];
    assert_eq!(app.db_outbox(&acme).await.split_off(changes), [one, one, one, two, two]);
    let told = [
        json!({ "auth_provider": "to google", "auth_provider_name": "to Google", "allow_unlinked": "to true" }),
        json!({ "scim_enabled": "to true" }),
        json!({ "auth_provider": "from google to okta", "auth_provider_name": "from Google to okta" }),
        json!({
            "auth_provider": "from okta to null", "auth_provider_name": "from okta to null",
            "allow_unlinked": "to false", "scim_enabled": "to false",
        }),
    ];
    assert_eq!(
        audit_since(&app, &acme, entries).await,
        told.map(|data| (ORG_EDIT, data))
    );
}

#[tokio::test]
async fn what_is_so_already_changes_nothing() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let done = async |input: Value| {
        let reply = app.unchanged(ann.set_provider(&acme, input)).await;
        reply.done(SET);
    };
    done(json!({ "provider": null })).await;
    let input = json!({ "provider": "google", "allowUnlinked": true });
    ann.set_provider(&acme, input.clone()).await.done(SET);
    done(input).await;
    done(json!({ "allowUnlinked": true, "name": null, "scimEnabled": null })).await;
}

#[tokio::test]
async fn every_bad_field_is_told() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    for (input, bad) in [
        (json!({}), &["provider"][..]),
        (json!({ "name": "Google" }), &["provider"]),
        (json!({ "provider": "" }), &["provider"]),
        (
            json!({ "provider": "a".repeat(65), "name": "a".repeat(65) }),
            &["provider", "name"],
        ),
        (json!({ "provider": "a\u{0}b" }), &["provider"]),
        (json!({ "provider": "google", "name": " " }), &["name"]),
    ] {
        let reply = app.unchanged(ann.set_provider(&acme, input.clone())).await;
        let bad: Vec<_> = bad.iter().map(|field| format!("input.{field}")).collect();
        let expected: Vec<_> = bad.iter().map(|field| ("VALIDATION_FAILED", field.as_str())).collect();
        assert_eq!(reply.refusals(SET), expected.as_slice(), "{input}");
    }
}

#[tokio::test]
async fn only_org_admins_set_it_up_also_when_it_shuts_them_out() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    app.join(&acme, &ann, &bob, "manager").await;
    let limited = ann.with(json!({ "scope": "org:write" })).seen().await;
    let writer = app.db_app(&acme, &["org:write", "member:admin"]).await;
    let input = || json!({ "provider": "" });
    for caller in [&bob, &limited, &writer] {
        let reply = app.unchanged(caller.set_provider(&acme, input())).await;
        assert_eq!(reply.refusals(SET), [("FORBIDDEN", "")]);
    }
    let reply = app
        .unchanged(app.person("zoe").seen().await.set_provider(&acme, input()))
        .await;
    assert_eq!(
        reply.refusals(SET),
        [("ORGANIZATION_NOT_FOUND", "input.organizationId")]
    );
    let reply = app.unchanged(app.anonymous().set_provider(&acme, input())).await;
    assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);

    let robot = app.db_app(&acme, &["org:admin"]).await;
    for (caller, key) in [
        (&ann, "one"),
        (&app.superuser(), "two"),
        (&robot, "three"),
        (&ann, "four"),
    ] {
        // Ann has linked nothing, and is shut out of everything else.
        caller.set_provider(&acme, json!({ "provider": key })).await.done(SET);
        assert_eq!(db_provider(&app, &acme).await.unwrap().provider, key);
    }
    app.db_set_flags(&acme.owner, member::flag::MEMBER_LIMIT_RESTRICTED)
        .await;
    let reply = app.unchanged(ann.set_provider(&acme, input())).await;
    assert_eq!(reply.codes(SET), ["MEMBER_DISABLED_OVER_LIMIT"]);
    app.db_set_organization_flags(&acme, flag::REQUIRE_2FA).await;
    let reply = app.unchanged(ann.set_provider(&acme, input())).await;
    assert_eq!(reply.codes(SET), ["TWO_FACTOR_REQUIRED"]);
}

#[tokio::test]
async fn two_factor_authentication_is_no_longer_required_beside_it() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let ann = ann.with(json!({ "amr": ["mfa"] })).seen().await;
    let save = async |input: Value| {
        let mut input = input;
        input["organizationId"] = json!(acme.id);
        ann.mutate("saveOrgOptions", "organization { id }", input).await
    };
    save(json!({ "require2FA": true })).await.done("saveOrgOptions");
    let (entries, changes) = (app.db_audit(&acme).await.len(), app.db_outbox(&acme).await.len());

    let input = json!({ "provider": "google", "allowUnlinked": true });
    ann.set_provider(&acme, input).await.done(SET);

    let query = "query($slug: String!) { organization(slug: $slug) { options { require2FA } } }";
    let reply = ann.send(query, json!({ "slug": acme.slug })).await.ok();
    assert_eq!(reply.data("organization.options.require2FA"), false);
    let told = audit_since(&app, &acme, entries).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1["require_2fa"], "to false");
    let organization = (Category::OrganizationUpdate, i64::from(acme.row()));
    assert!(app.db_outbox(&acme).await.split_off(changes).contains(&organization));
    let reply = app.unchanged(save(json!({ "require2FA": true }))).await;
    assert_eq!(reply.refusals("saveOrgOptions"), [("SSO_ENABLED", "input.require2FA")]);
    ann.set_provider(&acme, json!({ "provider": null })).await.done(SET);
    save(json!({ "require2FA": true })).await.done("saveOrgOptions");
}

#[tokio::test]
async fn a_provider_and_a_required_second_factor_never_stand_together() {
    let app = TestApp::start().await;
    let ann = app.person("ann").with(json!({ "amr": ["mfa"] })).seen().await;
    for round in 0..10 {
        let organization = app.organization_of(&app.superuser(), &format!("Acme {round}")).await;
        app.join(&organization, &app.superuser(), &ann, "owner").await;
        let input = json!({ "organizationId": organization.id, "require2FA": true });
        let (set, saved) = tokio::join!(
            ann.set_provider(&organization, json!({ "provider": "google", "allowUnlinked": true })),
            ann.mutate("saveOrgOptions", "organization { id }", input),
        );
        set.done(SET);
        let told = saved.codes("saveOrgOptions");
        assert!(told.is_empty() || told == ["SSO_ENABLED"], "{told:?}");
        let row = organization::Entity::find_by_id(organization.row()).one(&app.db).await;
        assert!(!row.unwrap().unwrap().has(flag::REQUIRE_2FA));
        assert!(db_provider(&app, &organization).await.is_some());
    }
}

#[tokio::test]
async fn whoever_set_it_up_sees_what_they_have_set_before_they_link() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let input = json!({ "organizationId": acme.id, "provider": "google" });
    let fields = "organization { id slug authProvider { provider isSsoOptional } options { require2FA } }";
    let reply = ann.mutate(SET, fields, input.clone()).await.done(SET);
    assert_eq!(
        *reply.data("setAuthProvider.organization"),
        json!({ "id": acme.id, "slug": acme.slug, "authProvider": { "provider": "google", "isSsoOptional": false },
            "options": { "require2FA": false } })
    );

    // Everything else waits until they have linked.
    for field in [
        "members { totalCount }",
        "teams { totalCount }",
        "auditLog { totalCount }",
    ] {
        let fields = format!("organization {{ {field} }}");
        let reply = ann.mutate(SET, &fields, input.clone()).await;
        assert_eq!(reply.error_codes(), ["SSO_REQUIRED"], "{field}");
    }
}
