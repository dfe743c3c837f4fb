//! What a session may do: its second factor, its scopes, and who is a superuser.

use entity::organization::flag;

use super::*;
use crate::support::{ISSUER, Organization};

async fn has_two_factor(client: &Client) -> bool {
    let reply = client
        .send("{ viewer { user { hasTwoFactor } } }", json!({}))
        .await
        .ok();
    reply.data("viewer.user.hasTwoFactor").as_bool().unwrap()
}

/// Codes at the organization's field; empty if it was shown.
async fn look(client: &Client, organization: &Organization) -> Vec<String> {
    let document = "query($slug: String!) { organization(slug: $slug) { id } }";
    let reply = client.send(document, json!({ "slug": organization.slug })).await;
    assert_eq!(
        reply.data("organization").is_null(),
        !reply.error_codes().is_empty(),
        "{reply:?}"
    );
    reply.error_codes()
}

#[tokio::test]
async fn the_factors_of_the_session_count_before_what_is_stored() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.db_set_organization_flags(&acme, flag::ALLOW_JOINLEAVE | flag::REQUIRE_2FA)
        .await;
    let refused = ["TWO_FACTOR_REQUIRED".to_owned()];

    assert_eq!(look(&ann, &acme).await, refused, "nothing is known");
    for method in ["mfa", "otp", "hwk", "swk", "fido", "face", "fpt", "sms"] {
        let strong = ann.with(json!({ "amr": ["pwd", method] }));
        assert!(has_two_factor(&strong).await, "{method}");
        assert!(has_two_factor(&ann.with(json!({ "amr": method }))).await, "{method}");
        assert!(look(&strong, &acme).await.is_empty(), "{method}");
        for weak in [
            json!(["pwd"]),
            json!([]),
            json!(["pwd", "kba", "user", "tel", ""]),
            json!([1, null]),
            // One method without a list; and what is no method at all.
            json!("pwd"),
            json!(7),
            json!({ "otp": true }),
        ] {
            let weak = ann.with(json!({ "amr": weak }));
            assert!(!has_two_factor(&weak).await, "{method}");
            assert_eq!(look(&weak, &acme).await, refused, "{method}");
        }
    }
}

#[tokio::test]
async fn a_token_that_does_not_say_leaves_the_stored_factor() {
    let app = TestApp::start().await;
    let ann = app.person("ann");
    assert!(!has_two_factor(&ann).await);

    assert!(has_two_factor(&ann.with(json!({ "amr": ["otp"] }))).await);
    assert!(has_two_factor(&ann).await);
    assert!(!has_two_factor(&ann.with(json!({ "amr": ["pwd"] }))).await);
    assert!(!has_two_factor(&ann).await);
}

#[tokio::test]
async fn which_methods_are_a_second_factor_is_configured() {
    let app =
        TestApp::start_with(|config| config.auth.two_factor_methods = vec!["hwk".into(), "acme-card".into()]).await;
    let ann = app.person("ann");

    assert!(!has_two_factor(&ann.with(json!({ "amr": ["mfa", "otp"] }))).await);
    assert!(has_two_factor(&ann.with(json!({ "amr": ["acme-card"] }))).await);
    assert!(has_two_factor(&ann.with(json!({ "amr": ["hwk"] }))).await);
}

#[tokio::test]
async fn a_scope_claim_without_our_scopes_is_no_limit() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;

    for scope in [
        "openid",
        "openid profile email",
        "",
        "offline_access nonsense",
        "org:",
        "ORG:READ",
    ] {
        let ann = ann.with(json!({ "scope": scope }));
        assert_eq!(viewer(&ann).await["scopes"], Value::Null, "{scope}");
        app.team(&acme, &ann, "Any").await;
    }
}

#[tokio::test]
async fn a_scope_claim_with_our_scopes_limits_to_them_and_what_they_imply() {
    let app = TestApp::start().await;
    let ann = app.person("ann");
    for (scope, limit) in [
        ("org:read", json!(["org:read"])),
        ("openid email org:read nonsense", json!(["org:read"])),
        (
            "member:admin",
            json!(["member:read", "member:invite", "member:write", "member:admin"]),
        ),
        ("member:invite", json!(["member:read", "member:invite"])),
        (
            "org:admin",
            json!(["org:read", "org:write", "org:admin", "org:integrations"]),
        ),
        (
            "event:admin alerts:write",
            json!([
                "event:read",
                "event:write",
                "event:admin",
                "alerts:read",
                "alerts:write"
            ]),
        ),
        ("org:ci", json!(["org:ci"])),
    ] {
        let mut scopes = viewer(&ann.with(json!({ "scope": scope }))).await["scopes"].clone();
        let mut limit = limit;
        for list in [&mut scopes, &mut limit] {
            list.as_array_mut().unwrap().sort_by_key(Value::to_string);
        }
        assert_eq!(scopes, limit, "{scope}");
    }
}

#[tokio::test]
async fn a_limited_owner_does_only_what_the_scopes_leave() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let members = "{ organization(slug: \"acme\") { members { totalCount } } }";
    let invite = json!({ "email": "bob@example.com" });

    let reader = ann.with(json!({ "scope": "openid org:read" }));
    assert!(look(&reader, &acme).await.is_empty());
    let reply = app.unchanged(reader.create_invite(&acme, invite.clone())).await;
    assert_eq!(reply.codes("createInvite"), ["FORBIDDEN"]);
    let options = json!({ "organizationId": acme.id, "name": "Other" });
    let reply = app
        .unchanged(reader.mutate("saveOrgOptions", "organization { id }", options))
        .await;
    assert_eq!(reply.codes("saveOrgOptions"), ["FORBIDDEN"]);
    let reply = reader.send(members, json!({})).await;
    assert_ne!(
        reply.body["data"]["organization"]["members"]["totalCount"], 1,
        "{reply:?}"
    );

    // member:invite implies member:read, not member:admin: the link does not show.
    let inviter = ann.with(json!({ "scope": "member:invite" }));
    let reply = inviter.send(members, json!({})).await;
    assert_eq!(reply.ok().data("organization.members.totalCount"), 1);
    let reply = inviter.create_invite(&acme, invite).await.done("createInvite");
    assert_eq!(reply.data("createInvite.acceptUrl"), &Value::Null);
}

#[tokio::test]
async fn scopes_give_nobody_more_than_their_role() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app
        .person("bob")
        .with(json!({ "scope": "org:admin member:admin team:admin" }));
    app.join(&acme, &ann, &bob, "member").await;

    let options = json!({ "organizationId": acme.id, "name": "Other" });
    let reply = app
        .unchanged(bob.mutate("saveOrgOptions", "organization { id }", options))
        .await;
    assert_eq!(reply.codes("saveOrgOptions"), ["FORBIDDEN"]);
    let reply = app
        .unchanged(bob.update_member_roles(&acme.owner, json!({ "orgRole": "member" })))
        .await;
    assert!(!reply.codes("updateMemberRoles").is_empty());
}

#[tokio::test]
async fn a_scope_claim_that_is_a_list_limits_like_a_text() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;

    let reader = ann.with(json!({ "scope": ["openid", "org:read"] }));

    let reply = app
        .unchanged(reader.create_invite(&acme, json!({ "email": "bob@example.com" })))
        .await;
    assert_eq!(reply.codes("createInvite"), ["FORBIDDEN"]);
}

#[tokio::test]
async fn a_limited_superuser_is_limited() {
    let app = TestApp::start().await;
    let (acme, _) = app.organization("Acme").await;

    let reader = app.superuser().with(json!({ "scope": "org:read" }));

    assert_eq!(viewer(&reader).await["isSuperuser"], true);
    assert!(look(&reader, &acme).await.is_empty());
    let reply = app
        .unchanged(reader.create_invite(&acme, json!({ "email": "bob@example.com" })))
        .await;
    assert_eq!(reply.codes("createInvite"), ["FORBIDDEN"]);
    let reply = app
        .unchanged(reader.update_member_roles(&acme.owner, json!({ "orgRole": "manager" })))
        .await;
    assert_eq!(reply.codes("updateMemberRoles"), ["FORBIDDEN"]);
}

#[tokio::test]
async fn superusers_are_named_by_the_configuration_and_by_no_claim() {
    let app = TestApp::start_with(|config| {
        config.auth.superusers = vec![format!("{ISSUER}|auth0|42"), format!("{ISSUER}|root")];
    })
    .await;
    let (acme, ann) = app.organization("Acme").await;

    for named in ["root", "auth0|42"] {
        assert_eq!(viewer(&app.person(named)).await["isSuperuser"], true, "{named}");
    }
    let claims = json!({
        "superuser": true, "is_superuser": true, "isSuperuser": true, "admin": true, "role": "superuser",
        "roles": ["superuser", "admin"], "groups": ["root"], "scope": "superuser", "name": "root",
        "email": "root@example.com", "preferred_username": "root",
    });
    for pretender in ["eve", "Root", "root ", "ROOT", "42"] {
        let eve = app.person("eve").with(claims.clone()).with(json!({ "sub": pretender }));
        assert_eq!(viewer(&eve).await["isSuperuser"], false, "{pretender}");
        assert_eq!(look_away(&eve, &acme).await, Value::Null, "{pretender}");
    }
    assert_eq!(
        viewer(&ann.with(claims)).await["isSuperuser"],
        false,
        "an owner is no superuser"
    );
}

/// The organization as somebody sees it who is no member.
async fn look_away(client: &Client, organization: &Organization) -> Value {
    let document = "query($slug: String!) { organization(slug: $slug) { id } }";
    let reply = client.send(document, json!({ "slug": organization.slug })).await;
    reply.ok().data("organization").clone()
}

/// Addresses of the viewer's open invites, and whether theirs is verified.
async fn invites(client: &Client) -> (Vec<String>, bool) {
    let query = "{ viewer { user { isEmailVerified } invites { nodes { email } } } }";
    let reply = client.send(query, json!({})).await.ok();
    let invites = reply.data("viewer.invites.nodes").as_array().unwrap();
    let emails = invites
        .iter()
        .map(|invite| invite["email"].as_str().unwrap().to_owned());
    (emails.collect(), reply.data("viewer.user.isEmailVerified") == true)
}

#[tokio::test]
async fn an_address_is_never_made_into_another() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let cut = format!("victim@{}.example.co", "b".repeat(60));
    let long = format!("{cut}{}.org", ".evil".repeat(40));
    app.invite(&acme, &ann, "eve@example.com", "member").await;

    for (number, email) in [
        "e\u{1}ve@example.com",
        "eve@example.com\u{7}",
        "eve@exa\u{0}mple.com",
        &long,
        "eve",
        "@example.com",
    ]
    .into_iter()
    .enumerate()
    {
        let claims = json!({ "email": email, "email_verified": true });
        let eve = app.person(&format!("eve-{number}")).with(claims);
        assert_eq!(invites(&eve).await, (vec![], false), "{email:?}");
        let reply = eve.send("{ viewer { user { email } } }", json!({})).await.ok();
        assert!(reply.data("viewer.user.email").is_null(), "{email:?}: {reply:?}");
    }
    let claims = json!({ "email": "eve@example.com", "email_verified": true });
    assert_eq!(
        invites(&app.person("eve").with(claims)).await,
        (vec!["eve@example.com".to_owned()], true)
    );
}

#[tokio::test]
async fn an_address_is_verified_by_true_in_either_spelling_and_by_nothing_else() {
    let app = TestApp::start().await;
    for (claim, verified) in [
        (json!(true), true),
        (json!("false"), false),
        (json!("true"), true),
        (json!(false), false),
        (json!(true), true),
        (json!("yes"), false),
        (json!(1), false),
    ] {
        let ann = app.person("ann").with(json!({ "email_verified": claim }));
        assert_eq!(invites(&ann).await.1, verified, "{claim}");
    }
}
