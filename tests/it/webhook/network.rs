//! What a webhook must not reach.

use super::*;

#[tokio::test]
async fn redirects_are_not_followed() {
    let app = TestApp::start_with(|config| {
        sending(config);
        config.webhooks.retries = Vec::new();
    })
    .await;
    let receiver = Receiver::start().await;
    receiver.answers([Answer::Redirect]);
    let (acme, ann) = app.organization("Acme").await;
    app.db_told().await;
    let hook = ann.webhook(&acme, &receiver.url(), &["TEAM_UPDATED"]).await;
    make_team(&app, &acme, &ann, "Red").await;
    let delivery = ann.settled(&hook.id, "FAILED").await;
    assert_eq!(delivery["responseStatus"], 307);
    assert!(
        delivery["error"]
            .as_str()
            .unwrap()
            .contains("redirects are not followed")
    );
    let paths: Vec<_> = receiver.received().into_iter().map(|one| one.path).collect();
    assert_eq!(paths, ["/hook"]);
}

#[tokio::test]
async fn private_addresses_are_not_called_whatever_their_name() {
    // Made while that was allowed; or the name meant something else then.
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let port = receiver.address.port();
    let mut hooks = Vec::new();
    for host in ["localhost", "127.0.0.1", "[::ffff:127.0.0.1]", "0.0.0.0"] {
        let url = format!("http://{host}:{port}/hook");
        hooks.push(ann.webhook(&acme, &url, &["TEAM_UPDATED"]).await);
    }
    make_team(&app, &acme, &ann, "Red").await;

    let _strict = app
        .node_with(|config| {
            sending(config);
            config.webhooks.allow_private = false;
            config.webhooks.retries = Vec::new();
        })
        .await;

    for hook in hooks {
        let delivery = ann.settled(&hook.id, "FAILED").await;
        // As of any server that cannot be reached: nobody learns what this network has.
        assert_eq!(delivery["error"], "The connection failed.");
        assert!(delivery["responseStatus"].is_null());
    }
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn the_name_of_this_machine_is_called_where_that_is_allowed() {
    let app = TestApp::start_with(sending).await;
    let receiver = Receiver::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.db_told().await;
    let url = format!("http://localhost:{}/hook", receiver.address.port());
    ann.webhook(&acme, &url, &["TEAM_UPDATED"]).await;
    make_team(&app, &acme, &ann, "Red").await;
    receiver.awaits(1).await;
}

#[tokio::test]
async fn a_server_that_answers_without_end_is_not_listened_to() {
    let app = TestApp::start_with(sending).await;
    let (acme, ann) = app.organization("Acme").await;
    app.db_told().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(async || {
        let parts = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![b'a'; 1024])));
        axum::body::Body::from_stream(parts)
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    let hook = ann
        .webhook(&acme, &format!("http://{address}/"), &["TEAM_UPDATED"])
        .await;
    make_team(&app, &acme, &ann, "Red").await;
    let delivery = ann.settled(&hook.id, "DELIVERED").await;
    assert_eq!(delivery["attempts"], 1);
    let stored = format!("{:?}", app.db_hook_deliveries().await);
    assert!(!stored.contains("aaaa"), "what was answered is not kept");
}
