//! What stands in no log line: tokens and secrets. The log is that of the
//! program itself.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
};

use serde_json::{Value, json};

use crate::support::{AUDIENCE, Client, INVITE_SECRET, ISSUER, JWT_SECRET, TestApp};

/// Encrypts the secrets of webhooks.
const WEBHOOK_SECRET: &str = "webhook-secret-of-the-tests-0123456789ab";

/// The program, running, and what it has logged.
struct Program {
    child: Child,
    url: String,
    log: Arc<Mutex<Vec<String>>>,
}

impl Program {
    /// Starts it as one more node of `app`, logging as much as an operator who
    /// looks for a fault would.
    fn start(app: &TestApp) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_roster"))
            .env_clear()
            .env("ROSTER_MODE", "production")
            .env("ROSTER_LISTEN", "127.0.0.1:0")
            .env("ROSTER_PUBLIC_URL", "https://people.example.com")
            .env("ROSTER_DATABASE_URL", app.db_url())
            .env("ROSTER_AUTH__HS256_SECRET", JWT_SECRET)
            .env("ROSTER_AUTH__ISSUER", ISSUER)
            .env("ROSTER_AUTH__AUDIENCE", AUDIENCE)
            .env("ROSTER_INVITES__SECRET", INVITE_SECRET)
            .env("ROSTER_WEBHOOKS__SECRET", WEBHOOK_SECRET)
            .env("ROSTER_LOG__FILTER", "debug")
            .env("ROSTER_LOG__JSON", "true")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let log = Arc::new(Mutex::new(Vec::new()));
        let (found, address) = mpsc::channel();
        let kept = log.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let entry: Value = serde_json::from_str(&line).unwrap_or_default();
                if let Some(address) = entry["fields"]["address"].as_str() {
                    // Nobody waits for a second one.
                    let _ = found.send(format!("http://{address}"));
                }
                kept.lock().unwrap().push(line);
            }
        });
        let url = address
            .recv()
            .unwrap_or_else(|_| panic!("the program ended: {:?}", log.lock().unwrap()));
        Self { child, url, log }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn no_token_and_no_secret_is_logged() {
    let app = TestApp::start().await;
    let program = Program::start(&app);
    let at = |client: Client| client.at_url(&program.url);
    let (ann, bob, nobody) = (at(app.person("ann")), at(app.person("bob")), at(app.anonymous()));
    let acme = app.organization_of(&ann, "Acme").await;
    let input = json!({ "organizationId": acme.id, "name": "CI", "scopes": ["member:admin"] });
    let robot = ann
        .mutate("createApiToken", "secret", input)
        .await
        .done("createApiToken");
    let robot = at(app.with_bearer(&robot.text("createApiToken.secret")));
    let input = json!({ "organizationId": acme.id, "url": "https://example.com/hook?key=hidden-in-the-url" });
    let hook = ann
        .mutate("createWebhook", "webhook { id } secret", input)
        .await
        .done("createWebhook");
    let input = json!({ "webhookId": hook.data("createWebhook.webhook.id") });
    let rotated = ann
        .mutate("rotateWebhookSecret", "secret", input)
        .await
        .done("rotateWebhookSecret");
    let first = app.invite(&acme, &ann, "x@example.com", "member").await;
    let used = app.invite(&acme, &ann, "y@example.com", "member").await;
    let preview = "query($token: String!) { invitePreview(token: $token) { isExpired } }";

    // The good way, and every way to go wrong with a secret in hand.
    nobody.invite_preview(&first.token).await;
    let renew = json!({ "reinvite": true, "regenerate": true });
    let renewed = ann
        .update_member_roles(&first.member, renew)
        .await
        .token("updateMemberRoles");
    bob.accept_invite(&first.token).await;
    bob.accept_invite(&format!("{renewed}x")).await;
    robot.accept_invite(&renewed).await;
    let again = robot
        .update_member_roles(&first.member, json!({ "reinvite": true }))
        .await;
    again.done("updateMemberRoles");
    bob.accept_invite(&used.token).await.done("acceptInvite");
    bob.accept_invite(&renewed).await;
    for body in [
        json!({ "query": preview, "variables": { "token": [used.token] } }),
        json!({ "query": format!("{{ invitePreview(token: \"{}\") {{ nothing }} }}", used.token) }),
        json!({ "query": format!("{{ invitePreview(token: \"{}\" ", used.token) }),
        json!({ "query": format!("query {{ {} }}", used.token) }),
        json!([used.token]),
        json!(used.token),
    ] {
        bob.post(&body).await;
    }
    let query = format!("{{ invitePreview(token: \"{renewed}\") {{ isExpired }} }}");
    let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
    nobody.get(&format!("/graphql?query={query}")).await;
    let page = nobody.get(&format!("/invite/{renewed}?referrer=mail")).await;
    assert_eq!(page.status, 200, "the page of an invite");
    nobody.get(&format!("/invite/{renewed}/?referrer=mail")).await;
    let mut broken = bob.bearer().unwrap();
    broken.pop();
    at(app.with_bearer(&broken)).accept_invite(&used.token).await;
    let unknown = format!("rst_{}", "Zz9".repeat(14));
    at(app.with_bearer(&unknown)).accept_invite(&used.token).await;

    let log = program.log.lock().unwrap().clone();
    assert!(log.len() > 1);
    let signature = |token: &str| token.rsplit('.').next().unwrap().to_owned();
    let secrets = [
        ("an old token", signature(&first.token)),
        ("a used token", signature(&used.token)),
        ("an open token", signature(&renewed)),
        ("a person's token", signature(&ann.bearer().unwrap())),
        ("a broken token", signature(&broken)),
        ("an app's secret", robot.bearer().unwrap()[8..].to_owned()),
        ("an unknown secret", unknown[8..].to_owned()),
        ("a webhook's secret", hook.text("createWebhook.secret")[6..].to_owned()),
        (
            "its next secret",
            rotated.text("rotateWebhookSecret.secret")[6..].to_owned(),
        ),
        ("a webhook's URL", "hidden-in-the-url".to_owned()),
        ("the secret of people's tokens", JWT_SECRET.to_owned()),
        ("the secret of invites", INVITE_SECRET.to_owned()),
        ("the secret of webhooks", WEBHOOK_SECRET.to_owned()),
    ];
    let leaks: Vec<_> = secrets
        .iter()
        .filter_map(|(what, secret)| Some((what, log.iter().find(|line| line.contains(secret))?)))
        .collect();
    assert!(leaks.is_empty(), "{leaks:#?}");
}
