//! Clients that are slow, silent or many.

use std::time::Duration;

use roster::config::Config;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use super::http2;
use crate::{
    events::{EVENTS, all_of},
    jobs::eventually,
    support::{EventStream, TestApp},
};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

const ASK: &[u8] = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A connection that reads little at a time.
async fn connect(app: &TestApp) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let address = app.url.strip_prefix("http://").unwrap();
    socket.connect(address.parse().unwrap()).await.unwrap()
}

/// Waits until the server closes the connection; what it said before.
async fn until_closed(mut stream: TcpStream) -> String {
    let mut said = Vec::new();
    // A connection that is cut is closed, too.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut said))
        .await
        .expect("waited in vain for the end");
    String::from_utf8_lossy(&said).into_owned()
}

/// A server with room for one connection beside that of the test's own client.
async fn crowded(change: impl FnOnce(&mut Config)) -> TestApp {
    TestApp::start_with(|config| {
        config.connections.max = 2;
        change(config);
    })
    .await
}

/// Whether there is an answer in a moment.
async fn is_answered(stream: &mut TcpStream, moment: Duration) -> bool {
    let mut answer = [0; 12];
    let read = timeout(moment, stream.read_exact(&mut answer)).await;
    read.is_ok_and(|read| read.is_ok() && &answer == b"HTTP/1.1 200")
}

#[tokio::test]
async fn a_head_that_does_not_come_ends_the_connection() {
    let app = TestApp::start_with(|config| config.connections.header_timeout = Duration::from_millis(200)).await;
    for beginning in [
        "",
        "G",
        "PRI * HT",
        "GET /health/live HTTP/1.1\r\nHost: loc",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let mut stream = connect(&app).await;
        stream.write_all(beginning.as_bytes()).await.unwrap();
        let said = until_closed(stream).await;
        assert!(!said.contains("200"), "{beginning}: {said}");
    }
}

#[tokio::test]
async fn a_connection_without_a_request_ends_after_a_while() {
    let app = TestApp::start_with(|config| config.connections.idle_timeout = Duration::from_millis(200)).await;
    for rest in ["", "GET /health/live HTTP/1.1\r\nHost: loc"] {
        let mut stream = connect(&app).await;
        stream.write_all(ASK).await.unwrap();
        stream.write_all(rest.as_bytes()).await.unwrap();
        let said = until_closed(stream).await;
        assert_eq!(said.matches("HTTP/1.1 200").count(), 1, "{said}");
    }
}

#[tokio::test]
async fn whoever_comes_when_there_are_too_many_waits() {
    let app = crowded(|_| ()).await;
    let silent = connect(&app).await;
    let mut next = connect(&app).await;
    next.write_all(ASK).await.unwrap();
    assert!(!is_answered(&mut next, Duration::from_millis(300)).await);

    drop(silent);

    assert!(is_answered(&mut next, PATIENCE).await);
}

#[tokio::test]
async fn whoever_reads_no_answer_loses_the_connection() {
    let app = crowded(|config| config.connections.write_timeout = Duration::from_millis(300)).await;
    let mut deaf = connect(&app).await;
    // More than all buffers on the way can hold.
    let asked = "GET /explorer/graphiql.min.js HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(30);
    deaf.write_all(asked.as_bytes()).await.unwrap();
    let mut next = connect(&app).await;
    next.write_all(ASK).await.unwrap();

    // It gets the place of the other, who is still there.
    assert!(is_answered(&mut next, PATIENCE).await);
    drop(deaf);
}

/// Over HTTP/2 the connection itself is fine: it answers pings.
#[tokio::test]
async fn whoever_reads_no_events_loses_their_place() {
    let app = TestApp::start_with(|config| {
        config.subscriptions.connections_max = 1;
        config.connections.write_timeout = Duration::from_millis(300);
        config.jobs.in_serve = true;
        config.jobs.poll_every = Duration::from_millis(50);
    })
    .await;
    let (acme, ann) = app.organization("Acme").await;
    let open = async |client: reqwest::ClientBuilder| -> EventStream {
        let body = json!({ "query": EVENTS, "variables": all_of(&acme) });
        let request = client.build().unwrap().post(format!("{}/graphql", app.url)).json(&body);
        ann.open(request).await
    };
    let small = http2()
        .http2_initial_stream_window_size(32)
        .http2_initial_connection_window_size(1 << 20);
    let deaf = open(small).await;
    let codes = |result: &Value| result["errors"][0]["extensions"]["code"].clone();
    let refused = open(http2()).await.next().await;
    assert_eq!(codes(&refused), "TOO_MANY_SUBSCRIPTIONS");

    // More than fits.
    for name in ["Red", "Green", "Blue"] {
        app.team(&acme, &ann, name).await;
    }
    let next = eventually("the place is free", || async {
        let mut stream = open(http2()).await;
        let next = timeout(Duration::from_millis(500), stream.next()).await;
        // Whoever is let in is told nothing yet.
        next.is_err().then_some(stream)
    })
    .await;
    drop((deaf, next));
}
