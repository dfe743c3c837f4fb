//! The address of the client, as the audit log notes it.

use super::*;

/// What the audit log notes as the address of somebody who sends these headers.
async fn noted(app: &TestApp, forwarded: &[&str]) -> String {
    let ann = app.person("ann");
    let create = "mutation { createOrganization(input: { name: \"Acme\" }) {
        organization { auditLog(first: 1) { nodes { ipAddress } } } } }";
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = http
        .post(format!("{}/graphql", app.url))
        .json(&json!({ "query": create }));
    request = request.bearer_auth(ann.bearer().unwrap());
    for value in forwarded {
        request = request.header("X-Forwarded-For", *value);
    }
    let reply = Reply::read(request.send().await.unwrap()).await.ok();
    reply.text("createOrganization.organization.auditLog.nodes.0.ipAddress")
}

#[tokio::test]
async fn without_trusted_proxies_the_peer_is_the_client() {
    let app = TestApp::start_with(|config| config.rate_limits.enabled = false).await;
    assert_eq!(noted(&app, &[]).await, "127.0.0.1");
    assert_eq!(noted(&app, &["203.0.113.7"]).await, "127.0.0.1");

    let elsewhere = app
        .node_with(|config| {
            config.rate_limits.enabled = false;
            config.trusted_proxies = vec!["10.0.0.1".parse().unwrap()];
        })
        .await;
    assert_eq!(noted(&elsewhere, &["203.0.113.7"]).await, "127.0.0.1");
}

#[tokio::test]
async fn a_trusted_proxy_says_who_the_client_is() {
    let app = TestApp::start_with(|config| {
        config.rate_limits.enabled = false;
        config.trusted_proxies = ["127.0.0.1", "10.0.0.2"].map(|address| address.parse().unwrap()).into();
    })
    .await;
    for (forwarded, client) in [
        (&[][..], "127.0.0.1"),
        (&["203.0.113.7"], "203.0.113.7"),
        (&["2001:db8::7"], "2001:db8::7"),
        (&["203.0.113.7, 10.0.0.2"], "203.0.113.7"),
        (&["6.6.6.6, 203.0.113.7"], "203.0.113.7"),
        (&["6.6.6.6", "203.0.113.7, 10.0.0.2"], "203.0.113.7"),
        (&[" 203.0.113.7 ,10.0.0.2 "], "203.0.113.7"),
        (&["garbage, 203.0.113.7"], "203.0.113.7"),
        (&["garbage"], "127.0.0.1"),
        (&[""], "127.0.0.1"),
    ] {
        assert_eq!(noted(&app, forwarded).await, client, "{forwarded:?}");
    }
}

#[tokio::test]
async fn what_the_client_made_up_is_not_believed() {
    let app = TestApp::start_with(|config| {
        config.rate_limits.enabled = false;
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    // What stands last is what our proxy heard; everything before it may be made up.
    for forwarded in [
        "6.6.6.6, 203.0.113.7:4711",
        "6.6.6.6, unknown",
        "6.6.6.6, [2001:db8::7]:4711",
        "6.6.6.6, ",
        "6.6.6.6, _hidden",
    ] {
        assert_ne!(noted(&app, &[forwarded]).await, "6.6.6.6", "{forwarded}");
    }
    assert_ne!(noted(&app, &["6.6.6.6", "unknown"]).await, "6.6.6.6");
}
