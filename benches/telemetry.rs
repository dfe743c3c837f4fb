//! What sight costs: `cargo bench --bench telemetry` starts the program with
//! less and more of it, and prints how long a page of members takes.

#![allow(clippy::unwrap_used, reason = "a measurement that cannot be made has failed")]

use std::{
    fs::File,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Requests in a row before the next program has its turn.
const ROW: usize = 50;
const ROUNDS: usize = 12;

/// 100 members with their users, roles and teams: five statements.
const PAGE: &str = "query Page { organization(slug: \\\"acme\\\") { members(first: 100) { nodes { \
    name role { name } user { name } teamMemberships { team { name } } } } } }";

struct Program {
    child: Child,
    connection: TcpStream,
    request: String,
    times: Vec<Duration>,
}

impl Program {
    fn start(folder: &Path, settings: &[(&str, String)]) -> Self {
        let address = free_address();
        let binary = env!("CARGO_BIN_EXE_roster");
        let mut child = Command::new(binary)
            .current_dir(folder)
            .env_clear()
            .env("ROSTER_LISTEN", address.to_string())
            .env("ROSTER_JOBS__IN_SERVE", "false")
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::null())
            .stderr(File::create(folder.join(format!("log-{}", address.port()))).unwrap())
            .spawn()
            .unwrap();
        let connection = loop {
            assert!(child.try_wait().unwrap().is_none(), "the program has ended");
            match TcpStream::connect(address) {
                Ok(connection) => break connection,
                Err(_) => thread::sleep(Duration::from_millis(20)),
            }
        };
        connection.set_nodelay(true).unwrap();
        let token = Command::new(binary)
            .args(["token", "ann", "--mfa"])
            .env_clear()
            .current_dir(folder)
            .output()
            .unwrap();
        let token = String::from_utf8(token.stdout).unwrap();
        let body = format!("{{\"query\":\"{PAGE}\"}}");
        let request = format!(
            "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Authorization: Bearer {}\r\nContent-Length: {}\r\n\r\n{body}",
            token.trim(),
            body.len()
        );
        Self {
            child,
            connection,
            request,
            times: Vec::new(),
        }
    }

    /// How long an answer takes.
    fn ask(&mut self) -> Duration {
        let begun = Instant::now();
        self.connection.write_all(self.request.as_bytes()).unwrap();
        let (mut answer, mut part) = (Vec::new(), [0; 65_536]);
        loop {
            let read = self.connection.read(&mut part).unwrap();
            assert!(read > 0, "the connection was closed");
            answer.extend_from_slice(&part[..read]);
            let text = String::from_utf8_lossy(&answer);
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let length: usize = length.unwrap();
            if body.len() >= length {
                assert!(
                    head.starts_with("HTTP/1.1 200") && !body.contains("\"errors\""),
                    "{text}"
                );
                return begun.elapsed();
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// Takes whatever comes, as a collector would.
fn collector() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            thread::spawn(move || {
                let mut part = [0; 65_536];
                // Whoever waits for an answer gets one for each piece; the last counts.
                while stream.read(&mut part).is_ok_and(|read| read > 0) {
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                }
            });
        }
    });
    address
}

fn main() {
    let quiet = ("RUST_LOG", "off".to_owned());
    let log = ("ROSTER_LOG__JSON", "true".to_owned());
    let metrics = || ("ROSTER_METRICS__LISTEN", free_address().to_string());
    let traces = |ratio: &str| {
        [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{}", collector())),
            ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio".to_owned()),
            ("OTEL_TRACES_SAMPLER_ARG", ratio.to_owned()),
        ]
    };
    let folder = tempfile::tempdir().unwrap();
    let kinds = [
        ("nothing is told", vec![quiet]),
        ("log in JSON", vec![log.clone()]),
        ("and metrics", vec![log.clone(), metrics()]),
        (
            "and traces of 1 %",
            [vec![log.clone(), metrics()], traces("0.01").to_vec()].concat(),
        ),
        (
            "and traces of all",
            [vec![log, metrics()], traces("1").to_vec()].concat(),
        ),
    ];
    let mut programs: Vec<_> = kinds
        .iter()
        .map(|(name, settings)| (name, Program::start(folder.path(), settings)))
        .collect();
    // Taking turns, so that the noise of the machine is everybody's.
    for round in 0..ROUNDS {
        for (_, program) in &mut programs {
            let times: Vec<_> = (0..ROW).map(|_| program.ask()).collect();
            if round > 0 {
                program.times.extend(times);
            }
        }
    }
    let mut base = None;
    for (name, program) in &mut programs {
        program.times.sort_unstable();
        let middle = program.times[program.times.len() / 2].as_secs_f64() * 1e6;
        let base = *base.get_or_insert(middle);
        println!("{name}: {middle:.0} µs, {:.3} of the first", middle / base);
    }
}
