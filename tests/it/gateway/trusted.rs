//! Trusted documents: those of a manifest.

use roster::config::{Config, TrustedDocuments};

use super::*;
use crate::{
    command::{Place, within_patience},
    support::{EventStream, TestDatabase},
};

const VIEWER: &str = "query Viewer { viewer { isSuperuser } }";

/// `{"id": "document"}`.
fn flat() -> String {
    json!({ "roles": ROLES, "viewer": VIEWER }).to_string()
}

/// As Apollo's tools write it.
fn apollo() -> String {
    let entry = |name: &str, body: &str| json!({ "id": hash(body), "name": name, "type": "query", "body": body });
    json!({
        "format": "apollo-persisted-query-manifest",
        "version": 1,
        "operations": [entry("Roles", ROLES), entry("Viewer", VIEWER)],
    })
    .to_string()
}

struct Trusting {
    app: TestApp,
    ann: Client,
    _folder: tempfile::TempDir,
}

async fn start(manifest: &str, documents: TrustedDocuments) -> Trusting {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("manifest.json");
    std::fs::write(&file, manifest).unwrap();
    let app = TestApp::start_with(|config: &mut Config| {
        config.graphql.trusted_documents = documents;
        config.graphql.manifest_file = Some(file);
        config.graphql.batch_max = 2;
    })
    .await;
    let ann = app.person("ann");
    Trusting {
        app,
        ann,
        _folder: folder,
    }
}

/// Ways to name a document of the manifest.
fn names(id: &str, document: &str) -> Vec<Value> {
    vec![
        json!({ "documentId": id }),
        json!({ "documentId": format!("sha256:{}", hash(document)) }),
        json!({ "extensions": persisted(document) }),
        json!({ "query": document }),
        json!({ "query": document, "extensions": persisted(document) }),
    ]
}

#[tokio::test]
async fn a_document_of_the_manifest_is_named_in_many_ways() {
    for (manifest, ids) in [
        (flat(), ["roles".to_owned(), "viewer".to_owned()]),
        (apollo(), [hash(ROLES), hash(VIEWER)]),
    ] {
        let Trusting { app, ann, .. } = &start(&manifest, TrustedDocuments::Required).await;
        let viewer = json!({ "viewer": { "isSuperuser": false } });
        for body in names(&ids[1], VIEWER) {
            assert_eq!(ann.post(&body).await.ok().body["data"], viewer, "{body}");
        }
        let extensions = persisted(VIEWER).to_string();
        for parameter in [
            ("documentId", ids[1].as_str()),
            ("extensions", &extensions),
            ("query", VIEWER),
        ] {
            assert_eq!(get(ann, "/graphql", &[parameter]).await.ok().body["data"], viewer);
        }
        let path = format!("/graphql/d/{}", ids[1]);
        assert_eq!(
            get(ann, &path, &[("operationName", "Viewer")]).await.ok().body["data"],
            viewer
        );
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = http
            .post(format!("{}{path}", app.url))
            .bearer_auth(ann.bearer().unwrap());
        let reply = Reply::read(request.json(&json!({ "variables": {} })).send().await.unwrap()).await;
        assert_eq!(reply.ok().body["data"], viewer);
        for body in [json!({ "query": VIEWER }), json!({ "documentId": ids[1] })] {
            let request = http.post(format!("{}{path}", app.url)).json(&body);
            let reply = Reply::read(request.send().await.unwrap()).await;
            assert_eq!(
                (reply.status, refusal(&reply).as_str()),
                (400, "BAD_USER_INPUT"),
                "{body}"
            );
        }
        let both = json!({ "query": VIEWER, "documentId": ids[1] });
        assert_eq!(refusal(&ann.post(&both).await), "BAD_USER_INPUT");

        let mut socket = ann.socket().await;
        socket
            .say(json!({ "id": "a", "type": "subscribe", "payload": { "documentId": ids[1] } }))
            .await;
        assert_eq!(socket.next("a").await["data"], viewer);
        let body = json!({ "documentId": ids[1] });
        let mut stream: EventStream = ann.open(http.post(format!("{}/graphql", app.url)).json(&body)).await;
        assert_eq!(stream.next().await["data"], viewer);
        let answers = ann.post(&json!([body, { "query": "{ __typename }" }])).await;
        assert_eq!(answers.body[0]["data"], viewer);
        assert_eq!(
            answers.body[1]["errors"][0]["extensions"]["code"],
            "DOCUMENT_NOT_TRUSTED"
        );
    }
}

#[tokio::test]
async fn required_means_that_nothing_else_is_run() {
    let Trusting { app, ann, .. } = &start(&flat(), TrustedDocuments::Required).await;
    let other = "{ roles { name } }";
    let changed = format!("{ROLES} ");
    for body in [
        json!({ "query": other }),
        json!({ "query": changed }),
        json!({ "query": "{ __typename }" }),
        json!({ "query": "{" }),
        json!({ "query": other, "extensions": persisted(other) }),
        json!({ "extensions": persisted(other) }),
        json!({ "documentId": "other" }),
        json!({ "documentId": "" , "query": other }),
        json!({ "documentId": format!("sha256:{}", hash(other)) }),
        json!({ "documentId": hash(ROLES) }),
    ] {
        assert_eq!(refusal(&ann.post(&body).await), "DOCUMENT_NOT_TRUSTED", "{body}");
        let mut socket = ann.socket().await;
        socket
            .say(json!({ "id": "a", "type": "subscribe", "payload": body }))
            .await;
        assert_eq!(socket.error("a").await, ["DOCUMENT_NOT_TRUSTED"], "{body}");
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut stream = ann.open(http.post(format!("{}/graphql", app.url)).json(&body)).await;
        assert_eq!(stream.error().await, ["DOCUMENT_NOT_TRUSTED"], "{body}");
    }
    assert_eq!(
        refusal(&get(ann, "/graphql/d/other", &[]).await),
        "DOCUMENT_NOT_TRUSTED"
    );
    assert_eq!(
        refusal(&get(ann, "/graphql", &[("query", other)]).await),
        "DOCUMENT_NOT_TRUSTED"
    );
    // A subscription is no exception.
    let subscription = "subscription { organizationEvents(organizationId: \"x\") { id } }";
    assert_eq!(
        ann.listen(subscription, json!({})).await.error().await,
        ["DOCUMENT_NOT_TRUSTED"]
    );
}

#[tokio::test]
async fn where_they_are_not_required_an_unknown_id_is_not_found() {
    for documents in [TrustedDocuments::Off, TrustedDocuments::Log] {
        let Trusting { ann, .. } = &start(&flat(), documents).await;
        ann.send("{ roles { name } }", json!({})).await.ok();
        let reply = ann.post(&json!({ "documentId": "other" })).await;
        assert_eq!(refusal(&reply), "PERSISTED_QUERY_NOT_FOUND");
        let known = ann.post(&json!({ "documentId": "roles" })).await;
        // Off, the manifest is not even read.
        assert_eq!(known.error_codes().is_empty(), documents == TrustedDocuments::Log);
    }
}

#[tokio::test]
async fn the_log_tells_of_documents_that_are_not_in_the_manifest() {
    let database = TestDatabase::migrated().await;
    let place = Place::with_secrets(&database.url())
        .set("ROSTER_GRAPHQL__TRUSTED_DOCUMENTS", "log")
        .set("ROSTER_GRAPHQL__MANIFEST_FILE", "manifest.json");
    std::fs::write(place.path().join("manifest.json"), flat()).unwrap();
    let program = place.serve();
    let client = Client::at_address(&program.url, None);
    client.send(ROLES, json!({})).await.ok();
    let other = "query Other { secretive: roles { name } }";
    client
        .post(&json!({ "query": other, "operationName": "Other" }))
        .await
        .ok();
    let log = program.stop().stderr;
    let lines: Vec<_> = log.lines().filter(|line| line.contains("not trusted")).collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(lines[0].contains(&hash(other)) && lines[0].contains("Other"), "{log}");
    assert!(!log.contains("secretive"), "{log}");
}

#[tokio::test]
async fn the_manifest_is_followed_and_a_bad_one_changes_nothing() {
    let database = TestDatabase::migrated().await;
    let place = Place::with_secrets(&database.url())
        .set("ROSTER_GRAPHQL__TRUSTED_DOCUMENTS", "required")
        .set("ROSTER_GRAPHQL__MANIFEST_CHECK_EVERY", "50ms")
        .set("ROSTER_GRAPHQL__MANIFEST_FILE", "manifest.json");
    let file = place.path().join("manifest.json");
    // Whole at once, as a deployment does it.
    let write = |text: &str| {
        std::fs::write(file.with_extension("new"), text).unwrap();
        std::fs::rename(file.with_extension("new"), &file).unwrap();
    };
    write(&json!({ "roles": ROLES }).to_string());
    let program = place.serve();
    let client = Client::at_address(&program.url, None);
    let is_run = async |document: &str| {
        let reply = client.send(document, json!({})).await;
        let is_refused = reply.error_codes() == ["DOCUMENT_NOT_TRUSTED"];
        assert_ne!(is_refused, reply.body.get("data").is_some(), "{reply:#?}");
        !is_refused
    };
    assert!(is_run(ROLES).await && !is_run(VIEWER).await);

    let said = |mark: &str| program.stderr().matches(mark).count();
    for (round, bad) in [
        "",
        "[]",
        "{\"roles\": 5}",
        "{\"roles\": \"{\"}",
        "{\"\": \"{ roles { id } }\"}",
        "{\"format\":\"apollo-persisted-query-manifest\",\"version\":2,\"operations\":[]}",
        "{\"roles\": \"{ roles { id } }\", \"roles\": \"{ roles { name } }\"}",
        "{\"format\":\"other\",\"version\":1,\"operations\":[]}",
    ]
    .into_iter()
    .enumerate()
    {
        write(bad);
        within_patience("the bad manifest is told", || {
            (said("cannot be used; the documents") > round).then_some(())
        });
        assert!(is_run(ROLES).await && !is_run(VIEWER).await, "{bad}");
    }

    let read = said("trusted documents read");
    write(&json!({ "viewer": VIEWER }).to_string());
    within_patience("the manifest is read", || {
        (said("trusted documents read") > read).then_some(())
    });
    assert!(!is_run(ROLES).await && is_run(VIEWER).await);
    program.stop();
}

#[test]
fn a_start_needs_a_manifest_that_can_be_used() {
    let place = Place::new().set("ROSTER_GRAPHQL__TRUSTED_DOCUMENTS", "required");
    let why = place.run(&["check-config"]).failed();
    assert!(why.contains("graphql.manifest_file"), "{why}");
    let place = place.set("ROSTER_GRAPHQL__MANIFEST_FILE", "manifest.json");
    let why = place.spawn(&["serve"]).end().failed();
    assert!(why.contains("manifest.json"), "{why}");
    std::fs::write(place.path().join("manifest.json"), "{\"a\": \"{\"}").unwrap();
    let why = place.spawn(&["serve"]).end().failed();
    assert!(why.contains("`a`"), "{why}");
}
