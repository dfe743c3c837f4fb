//! Numbers of operations, statements, loaders and the pool.

use std::collections::BTreeSet;

use super::*;
use crate::command::metrics::{counter, counting};

/// What is shown now.
async fn read(reader: &Client) -> String {
    reader.get("/metrics").await.body.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn operations_are_measured_by_name_kind_and_outcome() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let (program, reader) = counting(&app, &[]);
    let ann = ann.at_url(&program.url).seen().await;
    let members = "query Members($slug: String!) { organization(slug: $slug) {
        members(first: 5) { nodes { user { name } teamMemberships { team { name } } } } } }";
    for _ in 0..3 {
        ann.send(members, json!({ "slug": acme.slug })).await.ok();
    }
    let input = json!({ "organizationId": acme.id, "name": "" });
    ann.mutate("createTeam", "", input).await;

    let text = read(&reader).await;
    let count = |name: &str, labels: &[(&str, &str)]| counter(&text, name, labels);
    let labels = [("operation", "Members"), ("kind", "query"), ("outcome", "ok")];
    assert_eq!(count("graphql_operation_seconds_count", &labels), Some(3.0), "{text}");
    let sum = count("graphql_operation_seconds_sum", &labels).unwrap();
    assert!(sum > 0.0 && sum < 30.0, "{sum}");
    let refused = [("operation", "unnamed"), ("kind", "mutation"), ("outcome", "refused")];
    assert_eq!(count("graphql_operation_seconds_count", &refused), Some(1.0), "{text}");
    assert_eq!(
        count("graphql_errors_total", &[("code", "VALIDATION_FAILED")]),
        Some(1.0)
    );
    assert_eq!(
        count("graphql_operation_statements_count", &[("kind", "mutation")]),
        Some(1.0)
    );
    assert_eq!(
        count("graphql_resolver_seconds_count", &[("field", "Query.organization")]),
        Some(3.0)
    );
    assert_eq!(
        count("graphql_resolver_seconds_count", &[("field", "Mutation.createTeam")]),
        Some(1.0)
    );
    assert_eq!(
        count("loader_batch_keys_count", &[("loader", "Users")]),
        Some(3.0),
        "{text}"
    );
    let select = [("statement", "SELECT"), ("table", "user")];
    assert!(count("sql_statement_seconds_count", &select) >= Some(3.0), "{text}");
    let bucket = [("statement", "SELECT"), ("table", "user"), ("le", "+Inf")];
    assert_eq!(
        count("sql_statement_seconds_bucket", &bucket),
        count("sql_statement_seconds_count", &select)
    );
    assert!(
        count("documents_sought_total", &[("result", "hit")]) >= Some(2.0),
        "{text}"
    );
    assert!(count("documents_remembered", &[]).is_some());
    assert!(count("database_connections", &[]) >= Some(1.0), "{text}");
    assert!(count("database_connections_idle", &[]) <= count("database_connections", &[]));
    assert!(count("database_acquire_seconds", &[]) < Some(1.0));
}

#[tokio::test]
async fn entities_and_events_are_measured_each() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let (program, reader) = counting(&app, &[("ROSTER_GRAPHQL__FEDERATION", "true")]);
    let ann = ann.at_url(&program.url).seen().await;
    let entities = "query($of: [_Any!]!) { _entities(representations: $of) { __typename } }";
    let of = json!({ "__typename": "Organization", "id": acme.id });
    ann.send(entities, json!({ "of": [of, of, of] })).await.ok();

    let mut socket = ann.socket().await;
    let query = "subscription($id: ID!) { organizationEvents(organizationId: $id) { id } }";
    let payload = json!({ "query": query, "variables": { "id": acme.id } });
    socket
        .say(json!({ "id": "a", "type": "subscribe", "payload": payload }))
        .await;
    crate::jobs::eventually("it listens", || async {
        let text = read(&reader).await;
        (counter(&text, "subscriptions_running", &[]) == Some(1.0)).then_some(())
    })
    .await;
    for name in ["One", "Two"] {
        app.team(&acme, &ann, name).await;
        socket.next("a").await;
    }

    let text = read(&reader).await;
    let count = |field| counter(&text, "graphql_resolver_seconds_count", &[("field", field)]);
    assert_eq!(count("Query._entities"), Some(3.0), "{text}");
    assert!(count("Subscription.organizationEvents") >= Some(2.0), "{text}");
}

#[tokio::test]
async fn jobs_and_mails_are_measured() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let (program, reader) = counting(&app, &[("ROSTER_MAIL__TRANSPORT", "folder")]);
    let ann = ann.at_url(&program.url);
    app.invite(&acme, &ann, "bob@example.com", "member").await;
    crate::jobs::eventually("the mail is counted", || async {
        let text = read(&reader).await;
        let done = [("job", "send_invite"), ("fate", "done")];
        let sent = [("transport", "folder"), ("result", "sent")];
        (counter(&text, "jobs_seconds_count", &done) == Some(1.0)
            && counter(&text, "email_sent_total", &sent) == Some(1.0)
            && counter(&text, "email_seconds_count", &sent) == Some(1.0)
            && counter(&text, "jobs_waiting", &[("job", "send_invite")]).is_some())
        .then_some(())
    })
    .await;
}

#[tokio::test]
async fn clients_cannot_make_series_without_end() {
    let app = TestApp::start().await;
    let (_, ann) = app.organization("Acme").await;
    let (program, reader) = counting(&app, &[]);
    let (ann, nobody) = (
        ann.at_url(&program.url).seen().await,
        app.anonymous().at_url(&program.url),
    );
    let ask = |name: String| json!({ "query": format!("query {name} {{ __typename }}") });
    nobody.post(&ask("Stranger".into())).await.ok();
    for number in 0..230 {
        ann.post(&ask(format!("Name{number}"))).await.ok();
    }

    let text = read(&reader).await;
    let names: BTreeSet<_> = text
        .lines()
        .filter_map(|line| line.split("operation=\"").nth(1)?.split('"').next())
        .collect();
    assert!((100..=202).contains(&names.len()), "{}", names.len());
    assert!(
        names.contains("other") && names.contains("Name0") && !names.contains("Stranger"),
        "{names:?}"
    );
}

#[tokio::test]
async fn what_is_shown_stands_in_the_manual() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let (program, reader) = counting(&app, &[("ROSTER_MAIL__TRANSPORT", "folder")]);
    let ann = ann.at_url(&program.url);
    app.invite(&acme, &ann, "bob@example.com", "member").await;
    app.team(&acme, &ann, "Red").await;
    crate::jobs::eventually("the mail is sent", || async {
        read(&reader).await.contains("email_sent_total").then_some(())
    })
    .await;

    let manual = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operating.md");
    let manual = std::fs::read_to_string(manual).unwrap();
    let text = read(&reader).await;
    let described: BTreeSet<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# HELP ")?.split(' ').next())
        .collect();
    let typed: BTreeSet<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .collect();
    assert!(typed.len() > 20, "{text}");
    assert_eq!(described, typed, "every number is described");
    for name in typed {
        assert!(
            manual.contains(&format!("| `{name}` |")),
            "{name} is not in docs/operating.md"
        );
    }
    assert!(!text.contains("summary\n"), "histograms have buckets: {text}");
}
