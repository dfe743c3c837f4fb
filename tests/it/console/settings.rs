//! What the page is told before it asks anything else.

use reqwest::StatusCode;
use roster::config::{Issuer, MailTransport, OidcToken};
use serde_json::{Value, json};

use super::*;

/// The settings, for a page that came by the name `host`.
async fn settings(app: &TestApp, host: &str) -> Value {
    let port = app.url.rsplit(':').next().unwrap();
    let asked = request(app, Method::GET, "/console/settings.json").header("host", host.replace("PORT", port));
    let answer = asked.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(text(answer.headers(), "content-type"), "application/json");
    assert_eq!(text(answer.headers(), "cache-control"), "no-store");
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
    answer.json().await.unwrap()
}

#[tokio::test]
async fn developers_are_offered_the_people_of_the_demo() {
    let app = TestApp::start_with(|config| config.demo = Some(true)).await;
    let people = json!([
        { "subject": "ann", "name": "Ann Bergström", "note": "owner of Acme" },
        { "subject": "bob", "name": "Bob Oyelaran", "note": "manager of Acme" },
        { "subject": "cara", "name": "Cara Rossi", "note": "member of Acme" },
    ]);
    let expected = json!({
        "productName": "Roster",
        "endpoint": "/graphql",
        "socket": "/graphql",
        "development": true,
        "mailbox": "/dev/mail",
        "explorer": "/",
        "signIn": { "mint": "/console/development/token", "people": people },
    });
    for host in ["localhost:PORT", "127.0.0.1:PORT", "[::1]:PORT", "localhost"] {
        assert_eq!(settings(&app, host).await, expected, "{host}");
    }

    // What they are is told as it is now.
    let ann = app.person("ann");
    let query =
        "query { organization(slug: \"acme\") { members(filter: { query: \"cara rossi\" }) { nodes { id } } } }";
    let found = ann.send(query, json!({})).await.ok();
    let cara = found.text("organization.members.nodes.0.id");
    ann.update_member_roles(&cara, json!({ "orgRole": "manager" }))
        .await
        .done("updateMemberRoles");
    let after = settings(&app, "localhost").await;
    assert_eq!(after["signIn"]["people"][2]["note"], "manager of Acme");
}

#[tokio::test]
async fn without_demo_data_nobody_is_offered() {
    let app = TestApp::start().await;
    app.person("ann").seen().await;
    let mint = json!({ "mint": "/console/development/token", "people": [] });
    assert_eq!(settings(&app, "localhost").await["signIn"], mint);
    // Somebody else's organization of that name, in which nobody has the names.
    let zoe = app.person("zoe").seen().await;
    app.organization_of(&zoe, "Acme").await;
    assert_eq!(settings(&app, "localhost").await["signIn"], mint);
}

#[tokio::test]
async fn others_can_only_paste_a_token() {
    let demo = |config: &mut Config| config.demo = Some(true);
    let app = TestApp::start_with(demo).await;
    for host in [
        "team.example.com",
        "localhost.example.com",
        "127.0.0.1.example.com:PORT",
        "10.0.0.1",
    ] {
        let told = settings(&app, host).await;
        assert_eq!(
            (&told["signIn"], &told["mailbox"]),
            (&json!({}), &Value::Null),
            "{host}"
        );
        assert_eq!(told["development"], true, "{host}");
    }
    let open = |config: &mut Config| config.listen.set_ip([0, 0, 0, 0].into());
    let told = settings(&app.node_with(open).await, "localhost:PORT").await;
    assert_eq!((&told["signIn"], &told["mailbox"]), (&json!({}), &Value::Null));
    let told = settings(&app.node_with(production).await, "localhost:PORT").await;
    assert_eq!((&told["signIn"], &told["mailbox"]), (&json!({}), &Value::Null));
    assert_eq!(told["development"], false);
}

#[tokio::test]
async fn tokens_are_not_offered_where_none_can_be_made() {
    let app = TestApp::start_with(|config| {
        config.auth.hs256_secret = None;
        config.auth.issuers = vec![Issuer {
            issuer: "https://id.example.com".into(),
            audience: vec!["roster".into()],
            algorithms: vec!["ES256".into()],
            public_key_file: Some(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/identity/keys/ec.public.pem").into()),
            ..Issuer::default()
        }];
        config.mail.transport = MailTransport::None;
    })
    .await;
    let told = settings(&app, "localhost").await;
    assert_eq!((&told["signIn"], &told["mailbox"]), (&json!({}), &Value::Null));
}

#[tokio::test]
async fn a_provider_is_described_for_the_page() {
    let app = TestApp::start_with(|config| {
        production(config);
        with_oidc(config);
        config.product_name = "Acme People".into();
    })
    .await;
    let told = settings(&app, "team.example.com").await;
    assert_eq!(told["productName"], "Acme People");
    let mut oidc = json!({
        "issuer": "https://id.example.com/realms/team",
        "clientId": "console",
        "scope": "openid email profile",
        "audience": null,
        "token": "access_token",
    });
    assert_eq!(told["signIn"], json!({ "oidc": oidc }));

    let node = app.node_with(|config| {
        with_oidc(config);
        let oidc = config.console.oidc.as_mut().unwrap();
        oidc.audience = Some("https://api.example.com".into());
        oidc.token = OidcToken::IdToken;
    });
    let told = settings(&node.await, "localhost").await;
    oidc["audience"] = json!("https://api.example.com");
    oidc["token"] = json!("id_token");
    assert_eq!(told["signIn"]["oidc"], oidc);
    assert_eq!(told["signIn"]["mint"], "/console/development/token");
}
