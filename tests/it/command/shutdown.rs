//! Stopping: what has begun is finished, nothing new begins.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use serde_json::json;

use super::*;
use crate::support::TestDatabase;

/// A request whose second half is still to come: the server has begun to read.
struct HalfSent {
    stream: TcpStream,
    rest: &'static str,
}

impl HalfSent {
    fn to(program: &Program) -> Self {
        let (first, rest) = ("{\"query\": \"{ service {", " version } }\"}");
        let mut stream = TcpStream::connect(program.url.strip_prefix("http://").unwrap()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(
            stream,
            "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Expect: 100-continue\r\n\r\n",
            first.len() + rest.len()
        )
        .unwrap();
        let mut go_on = [0; 25];
        stream.read_exact(&mut go_on).unwrap();
        assert!(
            go_on.starts_with(b"HTTP/1.1 100"),
            "{}",
            String::from_utf8_lossy(&go_on)
        );
        stream.write_all(first.as_bytes()).unwrap();
        Self { stream, rest }
    }

    fn finish(mut self) -> String {
        self.stream.write_all(self.rest.as_bytes()).unwrap();
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

/// Waits until nobody can connect any more.
fn until_closed(program: &Program) {
    let address = program.url.strip_prefix("http://").unwrap();
    within_patience("the port is closed", || {
        TcpStream::connect(address).is_err().then_some(())
    });
}

#[tokio::test]
async fn a_request_in_flight_is_answered_before_the_end() {
    let database = TestDatabase::create().await;
    for signal in ["TERM", "INT"] {
        let program = Place::with_secrets(&database.url()).serve();
        let request = HalfSent::to(&program);

        program.signal(signal);

        until_closed(&program);
        let answer = request.finish();
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.contains("\"version\""),
            "{signal}: {answer}"
        );
        let ended = program.end();
        assert_eq!(ended.code, Some(0), "{signal}: {ended:?}");
        assert!(!ended.stderr.contains("still open"), "{signal}: {ended:?}");
    }
}

#[tokio::test]
async fn connections_without_a_request_do_not_hold_it_up() {
    let database = TestDatabase::create().await;
    let place = Place::with_secrets(&database.url());
    let program = place.serve();
    let kept = program.anonymous();
    kept.send("{ service { version } }", json!({})).await.ok();
    let silent = TcpStream::connect(program.url.strip_prefix("http://").unwrap()).unwrap();

    let begun = Instant::now();
    program.stop();

    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    drop(silent);
}

#[tokio::test]
async fn a_second_start_finds_everything_after_a_kill() {
    let database = TestDatabase::create().await;
    let place = Place::with_secrets(&database.url()).set("ROSTER_DEMO", "true");
    let program = place.serve();
    let token = place.run(&["token", "ann"]).ok();
    let seen = "{ viewer { memberships { totalCount } } }";
    let before = program.caller(token.trim()).send(seen, json!({})).await.ok();
    program.signal("KILL");
    program.end();

    let program = place.serve();

    let after = program.caller(token.trim()).send(seen, json!({})).await.ok();
    assert_eq!(before.body, after.body);
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let database = TestDatabase::create().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let place = Place::with_secrets(&database.url());

    let ended = place.run(&["--listen", &address]);
    assert!(ended.code != Some(0) && ended.stderr.contains(&address), "{ended:?}");
    assert!(!ended.stdout.contains("Bearer"), "{ended:?}");

    let ended = place.set("ROSTER_METRICS__LISTEN", &address).run(&[]);
    assert!(ended.code != Some(0) && ended.stderr.contains(&address), "{ended:?}");
}

/// Whoever reads the announcement may stop the program: it already listens to signals.
#[test]
fn it_can_be_stopped_as_soon_as_it_says_that_it_listens() {
    let place = Place::new().set("ROSTER_DEMO", "false");
    for _ in 0..10 {
        place.serve().stop();
    }
}
