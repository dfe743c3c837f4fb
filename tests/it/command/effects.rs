//! What settings do, seen from outside: the program beside the server of the
//! test, on the same database.

use serde_json::{Value, json};

use super::*;
use crate::support::{Organization, TestApp};

/// A program on the database of `app`, with these variables.
pub fn beside(app: &TestApp, settings: &[(&str, &str)]) -> Program {
    let place = Place::with_secrets(&app.db_url());
    settings
        .iter()
        .fold(place, |place, (name, value)| place.set(name, value))
        .serve()
}

/// The codes with which an invite is refused.
pub async fn invite(client: &Client, organization: &Organization, email: &str) -> Vec<String> {
    client
        .create_invite(organization, json!({ "email": email }))
        .await
        .codes("createInvite")
}

#[tokio::test]
async fn superusers_are_given_as_one_text_as_several_and_as_a_list() {
    let app = TestApp::start().await;
    let (root, zoe) = (format!("{ISSUER}|root"), format!("{ISSUER}|auth0|zoe"));
    for list in [
        format!("{root},{zoe}"),
        format!(" {root} , {zoe} "),
        format!("[\"{root}\", \"{zoe}\"]"),
        format!("[\"{root}\",\"{zoe}\",\"somebody|else\"]"),
    ] {
        let program = beside(&app, &[("ROSTER_AUTH__SUPERUSERS", &list)]);
        for (name, expected) in [("root", true), ("auth0|zoe", true), ("ann", false), ("else", false)] {
            let person = app.person(name).at_url(&program.url);
            let reply = person.send("{ viewer { isSuperuser } }", json!({})).await.ok();
            assert_eq!(reply.data("viewer.isSuperuser"), expected, "{list} {name}");
        }
    }
    let program = beside(&app, &[("ROSTER_AUTH__SUPERUSERS", &zoe)]);
    for (name, expected) in [("root", false), ("auth0|zoe", true)] {
        let reply = app
            .person(name)
            .at_url(&program.url)
            .send("{ viewer { isSuperuser } }", json!({}))
            .await
            .ok();
        assert_eq!(reply.data("viewer.isSuperuser"), expected, "{name}");
    }
}

#[tokio::test]
async fn the_lifetime_of_invites_and_their_address_are_set() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    for (lifetime, seconds) in [("1s", 1), ("30d", 30 * 86_400), ("90", 90)] {
        let settings = [
            ("ROSTER_INVITES__LIFETIME", lifetime),
            ("ROSTER_PUBLIC_URL", "https://people.example.com/"),
        ];
        let program = beside(&app, &settings);
        let email = format!("for-{lifetime}@example.com");
        let begun = chrono::Utc::now();

        let reply = ann
            .at_url(&program.url)
            .create_invite(&acme, json!({ "email": email }))
            .await
            .done("createInvite");

        let ends: chrono::DateTime<chrono::Utc> = reply.text("createInvite.invite.expiresAt").parse().unwrap();
        let lived = (ends - begun).num_seconds();
        assert!((seconds - 1..seconds + 30).contains(&lived), "{lifetime}: {lived}");
        let link = reply.text("createInvite.acceptUrl");
        assert!(link.starts_with("https://people.example.com/invite/"), "{link}");
    }
}

#[tokio::test]
async fn secrets_for_invites_are_rotated() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let old = app.invite(&acme, &ann, "old@example.com", "member").await;
    let new_secret = "the-next-secret-of-the-tests-0123456789";
    let previewed = async |program: &Program, token: &str| {
        let reply = app.anonymous().at_url(&program.url).invite_preview(token).await;
        !reply.data("invitePreview").is_null()
    };

    for both in [
        format!("[\"{new_secret}\", \"{INVITE_SECRET}\"]"),
        format!("{new_secret},{INVITE_SECRET}"),
    ] {
        let rotating = beside(&app, &[("ROSTER_INVITES__SECRET", &both)]);
        assert!(previewed(&rotating, &old.token).await, "the second verifies");
    }
    let rotating = beside(
        &app,
        &[(
            "ROSTER_INVITES__SECRET",
            &format!("[\"{new_secret}\", \"{INVITE_SECRET}\"]"),
        )],
    );
    let new = app
        .invite(&acme, &ann.at_url(&rotating.url), "new@example.com", "member")
        .await;
    let rotated = beside(&app, &[("ROSTER_INVITES__SECRET", new_secret)]);
    assert!(previewed(&rotated, &new.token).await, "the first signs");
    assert!(!previewed(&rotated, &old.token).await, "an old secret is forgotten");
    assert!(
        !app.anonymous()
            .invite_preview(&new.token)
            .await
            .data("invitePreview")
            .is_string()
    );
}

#[tokio::test]
async fn without_a_way_for_mail_none_is_queued() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    for (transport, status) in [("folder", "QUEUED"), ("smtp", "QUEUED"), ("none", "NOT_REQUESTED")] {
        let smtp = ("ROSTER_MAIL__SMTP_URL", "smtp://127.0.0.1:1");
        // What is queued stays to be seen.
        let idle = ("ROSTER_JOBS__IN_SERVE", "false");
        let program = beside(&app, &[("ROSTER_MAIL__TRANSPORT", transport), smtp, idle]);
        let input = json!({ "email": format!("{transport}@example.com") });
        let reply = ann
            .at_url(&program.url)
            .create_invite(&acme, input)
            .await
            .done("createInvite");
        assert_eq!(reply.data("createInvite.invite.delivery.status"), status, "{transport}");
    }
    let program = beside(&app, &[("ROSTER_FEATURES__MAIL_INVITES", "false")]);
    let reply = ann
        .at_url(&program.url)
        .create_invite(&acme, json!({ "email": "x@example.com" }))
        .await;
    assert_eq!(
        reply.done("createInvite").data("createInvite.invite.delivery.status"),
        "NOT_REQUESTED"
    );
}

#[tokio::test]
async fn every_feature_is_switched() {
    let app = TestApp::start().await;
    let on = [
        "team_roles",
        "invite_members",
        "member_invites",
        "mail_invites",
        "email_verification",
        "create_organizations",
    ];
    let off = ["codecov", "dynamic_sampling", "trusted_relays_only"];
    let features = async |program: &Program| {
        let reply = app
            .anonymous()
            .at_url(&program.url)
            .send("{ service { features } }", json!({}))
            .await
            .ok();
        let mut names: Vec<String> = serde_json::from_value(reply.data("service.features").clone()).unwrap();
        names.sort_unstable();
        names
    };
    let sorted = |names: &[&str]| {
        let mut names: Vec<String> = names.iter().map(|&name| name.into()).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(features(&beside(&app, &[])).await, sorted(&on));
    let named: Vec<(String, &str)> = (on
        .iter()
        .map(|name| (name, "false"))
        .chain(off.iter().map(|name| (name, "true"))))
    .map(|(name, value)| (format!("ROSTER_FEATURES__{}", name.to_uppercase()), value))
    .collect();
    let all: Vec<(&str, &str)> = named.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    assert_eq!(features(&beside(&app, &all)).await, sorted(&off));
    for one in all {
        let name = one.0.trim_start_matches("ROSTER_FEATURES__").to_lowercase();
        let mut expected = sorted(&on);
        expected.retain(|known| *known != name);
        if one.1 == "true" {
            expected.push(name);
            expected.sort_unstable();
        }
        assert_eq!(features(&beside(&app, &[one])).await, expected, "{one:?}");
    }
}

#[tokio::test]
async fn switched_off_features_are_refused() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;

    let closed = beside(&app, &[("ROSTER_FEATURES__CREATE_ORGANIZATIONS", "false")]);
    let reply = ann
        .at_url(&closed.url)
        .mutate("createOrganization", "organization { id }", json!({ "name": "More" }))
        .await;
    assert_eq!(reply.codes("createOrganization"), ["FEATURE_DISABLED"]);
    let root = app.superuser().at_url(&closed.url);
    root.mutate("createOrganization", "organization { id }", json!({ "name": "More" }))
        .await
        .done("createOrganization");

    let quiet = beside(&app, &[("ROSTER_FEATURES__INVITE_MEMBERS", "false")]);
    assert_eq!(
        invite(&ann.at_url(&quiet.url), &acme, "bob@example.com").await,
        ["INVITES_DISABLED"]
    );

    let relays = json!({ "organizationId": acme.id, "ingestThroughTrustedRelaysOnly": true });
    let reply = ann
        .mutate("saveOrgOptions", "organization { id }", relays.clone())
        .await;
    assert_eq!(reply.codes("saveOrgOptions"), ["FEATURE_DISABLED"]);
    let open = beside(&app, &[("ROSTER_FEATURES__TRUSTED_RELAYS_ONLY", "true")]);
    ann.at_url(&open.url)
        .mutate("saveOrgOptions", "organization { id }", relays)
        .await
        .done("saveOrgOptions");
}

#[tokio::test]
async fn roles_and_names_of_a_deployment_are_set() {
    let app = TestApp::start().await;
    let program = beside(
        &app,
        &[
            ("ROSTER_ROLES__BILLING__NAME", "Billing"),
            ("ROSTER_ROLES__BILLING__PRIORITY", "-1"),
            ("ROSTER_ROLES__BILLING__SCOPES", "[\"org:read\"]"),
            ("ROSTER_ROLES__BILLING__IS_TEAM_ROLES_ALLOWED", "false"),
            ("ROSTER_ROLES__MANAGER__NAME", "Head"),
            ("ROSTER_SLUGS__RESERVED", "[\"acme\"]"),
            ("ROSTER_INVITES__BLOCKED_DOMAINS", "example.net,example.org"),
            ("ROSTER_TRUSTED_PROXIES", "[\"127.0.0.1\"]"),
        ],
    );
    let ann = app.person("ann").at_url(&program.url);

    let roles = ann.send("{ roles { id name } }", json!({})).await.ok();
    assert_eq!(roles.data("roles.0"), &json!({ "id": "billing", "name": "Billing" }));
    let names: Vec<&Value> = roles
        .data("roles")
        .as_array()
        .unwrap()
        .iter()
        .map(|role| &role["name"])
        .collect();
    assert!(names.contains(&&json!("Head")), "{names:?}");
    let create = ann
        .mutate(
            "createOrganization",
            "organization { id }",
            json!({ "name": "Acme", "slug": "acme" }),
        )
        .await;
    assert_eq!(create.codes("createOrganization"), ["SLUG_RESERVED"]);
    let globex = app.organization_of(&ann, "Globex").await;
    for email in ["a@example.net", "a@EXAMPLE.org"] {
        assert_eq!(invite(&ann, &globex, email).await, ["INVALID_EMAIL"], "{email}");
    }
    assert!(invite(&ann, &globex, "a@qq.com").await.is_empty());
}
