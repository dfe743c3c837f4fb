//! The explorer: a page that needs nobody else.

use std::collections::HashSet;

use reqwest::Method;
use roster::config::Mode;

use super::{
    http::{read, request},
    *,
};

#[tokio::test]
async fn the_explorer_needs_nothing_but_its_own_files() {
    let app = TestApp::start().await;
    let response = request(&app, Method::GET, "/").send().await.unwrap();
    assert!(
        response.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    let page = response.text().await.unwrap();
    let mut files = HashSet::new();
    for attribute in [" src=\"", " href=\"", " action=\"", " data=\"", " srcset=\""] {
        files.extend(
            page.split(attribute)
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap()),
        );
    }
    // A link to a page is followed by people, not loaded.
    files.retain(|file| !file.starts_with("data:") && *file != "/console/");
    assert!(files.len() >= 4, "{files:?}");
    // The policy would block them: nothing is written into the page itself.
    assert!(
        !page.contains("<style") && !page.contains(" style=\"") && !page.contains(" onclick"),
        "{page}"
    );
    assert_eq!(
        page.matches("<script").count(),
        page.matches("<script src=\"/explorer/").count()
    );
    assert!(!page.contains("<base") && !page.contains("http-equiv"));

    for file in files {
        assert!(file.starts_with("/explorer/"), "{file} is somebody else's");
        let response = request(&app, Method::GET, file).send().await.unwrap();
        assert_eq!(response.status(), 200, "{file}");
        let media = response.headers()["content-type"].to_str().unwrap().to_owned();
        let text = response.text().await.unwrap();
        match file.rsplit('.').next().unwrap() {
            "css" => {
                assert!(media.starts_with("text/css"), "{file}: {media}");
                let outside = text
                    .split("url(")
                    .skip(1)
                    .map(|rest| rest.trim_start_matches(['"', '\'', ' ']));
                let outside: Vec<_> = outside
                    .filter(|url| !url.starts_with("data:") && !url.starts_with('#'))
                    .map(|url| &url[..url.len().min(60)])
                    .collect();
                assert!(outside.is_empty(), "{file} loads {outside:?}");
                assert!(!text.contains("@import"), "{file}");
            }
            "js" => {
                assert!(
                    media.starts_with("text/javascript") || media.starts_with("application/javascript"),
                    "{file}: {media}"
                );
                assert!(
                    !text.contains("cdn.jsdelivr.net") && !text.contains("unpkg.com") && !text.contains("esm.sh"),
                    "{file}"
                );
            }
            other => panic!("teach this test about .{other}"),
        }
    }
}

#[tokio::test]
async fn the_examples_of_the_explorer_are_valid() {
    let app = TestApp::start().await;
    let ann = app.person("ann").seen().await;
    let script = request(&app, Method::GET, "/explorer/explorer.js")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let examples: Vec<&str> = script
        .split("query: `")
        .skip(1)
        .map(|rest| rest.split('`').next().unwrap())
        .collect();
    assert!(examples.len() >= 3, "{}", examples.len());
    for example in examples {
        // Without variables a valid document is refused for those it needs, if for anything.
        if example.contains("\nsubscription ") {
            assert_eq!(ann.listen(example, json!({})).await.error().await, ["BAD_USER_INPUT"]);
            continue;
        }
        let reply = ann.send(example, json!({})).await;
        let codes = reply.error_codes();
        assert!(
            codes.iter().all(|code| code == "BAD_USER_INPUT"),
            "{example}: {reply:#?}"
        );
    }
}

/// The page sends one list of media types with everything, and tells by the
/// answer whether more is to come.
#[tokio::test]
async fn only_subscriptions_of_the_explorer_are_answered_by_an_event_stream() {
    let app = TestApp::start().await;
    let ann = app.person("ann").seen().await;
    let script = request(&app, Method::GET, "/explorer/explorer.js");
    let script = script.send().await.unwrap().text().await.unwrap();
    let accept = script.split("headers.set(\"Accept\", \"").nth(1).unwrap();
    let accept = accept.split('"').next().unwrap();
    for (query, media) in [
        (
            "{ viewer { user { id } } }",
            "application/graphql-response+json; charset=utf-8",
        ),
        (
            "mutation { __typename }",
            "application/graphql-response+json; charset=utf-8",
        ),
        ("{ unknown }", "application/graphql-response+json; charset=utf-8"),
        (
            "subscription { organizationEvents(organizationId: \"x\") { id } }",
            "text/event-stream",
        ),
    ] {
        let answer = request(&app, Method::POST, "/graphql")
            .bearer_auth(ann.bearer().unwrap())
            .header("accept", accept)
            .json(&json!({ "query": query }));
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], media, "{query}");
    }
}

#[tokio::test]
async fn a_token_is_given_away_in_development_on_this_machine_only() {
    let app = TestApp::start().await;
    let port = app.url.rsplit(':').next().unwrap();
    let settings = |app: &TestApp, host: String| {
        let request = request(app, Method::GET, "/explorer/settings.json").header("host", host);
        async move { read(request.send().await.unwrap()).await }
    };
    for host in [
        format!("127.0.0.1:{port}"),
        format!("localhost:{port}"),
        "localhost".into(),
        format!("[::1]:{port}"),
    ] {
        let (headers, reply) = settings(&app, host.clone()).await;
        let token = reply.body["token"]
            .as_str()
            .unwrap_or_else(|| panic!("no token for {host}: {reply:#?}"))
            .to_owned();
        assert_eq!(headers["cache-control"], "no-store");
        assert!(headers.get("access-control-allow-origin").is_none());
        let viewer = app
            .with_bearer(&token)
            .send("{ viewer { user { id } isSuperuser } }", json!({}))
            .await
            .ok();
        assert_eq!(viewer.data("viewer.isSuperuser"), false);
    }
    for host in [
        "evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "10.0.0.1",
        "evil.example:80@localhost",
        "localhost:x",
    ] {
        let (_, reply) = settings(&app, host.into()).await;
        assert!(reply.body["token"].is_null(), "{host}: {reply:#?}");
        assert!(!reply.body.to_string().contains("eyJ"), "{host}");
    }

    let production = app
        .node_with(|config| {
            config.mode = Mode::Production;
            config.public_url = Some("https://roster.example.com".parse().unwrap());
        })
        .await;
    let (_, reply) = settings(&production, format!("localhost:{port}")).await;
    assert!(
        reply.body["token"].is_null() && reply.body["development"] == false,
        "{reply:#?}"
    );
    let response = request(&production, Method::GET, "/graphql?query=%7Broles%7Bid%7D%7D")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert!(
        response.headers().get("server-timing").is_none(),
        "timings are for development"
    );
}
