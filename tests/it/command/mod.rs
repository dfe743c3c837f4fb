//! The program as an operator meets it: its commands, its settings, what it
//! prints and what it logs. Every test runs the real binary in an empty folder
//! with an environment of its own.

mod commands;
mod databases;
mod drain;
mod effects;
mod first_run;
mod limits;
mod logs;
pub mod metrics;
mod reload;
mod settings;
mod shutdown;
mod tls;
mod values;

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::support::{AUDIENCE, Client, INVITE_SECRET, ISSUER, JWT_SECRET};

/// How long a program may take to come up, to say something or to end.
const PATIENCE: Duration = Duration::from_secs(90);

/// A folder in which programs run, with the settings they are given.
#[derive(Clone)]
pub struct Place {
    folder: Arc<TempDir>,
    settings: Vec<(String, String)>,
}

impl Place {
    /// An empty folder and no setting but a free port.
    pub fn new() -> Self {
        Self {
            folder: Arc::new(tempfile::tempdir().unwrap()),
            settings: vec![("ROSTER_LISTEN".into(), "127.0.0.1:0".into())],
        }
    }

    /// An empty folder, the secrets of the tests, and this database.
    pub fn with_secrets(database_url: &str) -> Self {
        let place = Self::new().set("ROSTER_DATABASE_URL", database_url);
        place
            .set("ROSTER_AUTH__HS256_SECRET", JWT_SECRET)
            .set("ROSTER_AUTH__ISSUER", ISSUER)
            .set("ROSTER_AUTH__AUDIENCE", AUDIENCE)
            .set("ROSTER_AUTH__SUPERUSERS", &format!("{ISSUER}|root"))
            .set("ROSTER_INVITES__SECRET", INVITE_SECRET)
    }

    /// With an environment variable.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.into(), value.into()));
        self
    }

    /// With a file in the folder.
    fn file(self, name: &str, text: &str) -> Self {
        std::fs::write(self.path().join(name), text).unwrap();
        self
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The program with `arguments`, not started yet. Nothing of the test's own
    /// environment reaches it.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roster"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.path())
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.spawn(arguments).end()
    }

    /// Serves, and waits until it does.
    pub fn serve(&self) -> Program {
        self.serve_with(&[])
    }

    /// Serves with `arguments`, and waits until it does.
    fn serve_with(&self, arguments: &[&str]) -> Program {
        self.spawn(arguments).up()
    }

    /// Starts the program and does not wait.
    pub fn spawn(&self, arguments: &[&str]) -> Program {
        let mut child = self
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Program {
            out: collect(child.stdout.take().unwrap()),
            err: collect(child.stderr.take().unwrap()),
            child,
            url: String::new(),
            _folder: self.folder.clone(),
        }
    }
}

/// A program that has ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// What it printed; it succeeded.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }

    /// What it complained of; it failed, and did not panic.
    #[track_caller]
    pub fn failed(self) -> String {
        assert!(self.code.is_some_and(|code| code != 0), "{self:?}");
        assert!(
            !self.stderr.contains("panicked") && !self.stderr.trim().is_empty(),
            "{self:?}"
        );
        assert_eq!(self.stdout, "", "{self:?}");
        self.stderr
    }
}

/// What a stream has said so far.
struct Stream {
    text: Arc<Mutex<String>>,
    reader: std::thread::JoinHandle<()>,
}

fn collect(stream: impl Read + Send + 'static) -> Stream {
    let text = Arc::new(Mutex::new(String::new()));
    let reader = std::thread::spawn({
        let text = text.clone();
        move || {
            let mut stream = BufReader::new(stream);
            let mut line = Vec::new();
            while stream.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
                text.lock().unwrap().push_str(&String::from_utf8_lossy(&line));
                line.clear();
            }
        }
    });
    Stream { text, reader }
}

/// A program that serves.
pub struct Program {
    child: Child,
    out: Stream,
    err: Stream,
    /// Where it serves, such as `http://127.0.0.1:40123`.
    pub url: String,
    // Stays as long as the program runs in it.
    _folder: Arc<TempDir>,
}

impl Program {
    /// This program, once it serves.
    fn up(mut self) -> Self {
        let address = within_patience("the program listens", || {
            if let Some(code) = self.child.try_wait().unwrap() {
                panic!("the program ended with {code}: {}{}", self.stdout(), self.stderr());
            }
            address_in(&self.stderr(), "listening").or_else(|| address_in(&self.stdout(), "/graphql"))
        });
        self.url = format!("http://{address}");
        self
    }

    /// What it has printed so far.
    fn stdout(&self) -> String {
        self.out.text.lock().unwrap().clone()
    }

    /// What it has logged so far.
    pub fn stderr(&self) -> String {
        self.err.text.lock().unwrap().clone()
    }

    /// The token in the announcement.
    fn token(&self) -> String {
        let said = within_patience("a token is announced", || {
            let said = self.stdout();
            said.contains("Bearer ").then_some(said)
        });
        let (_, rest) = said.split_once("Bearer ").unwrap();
        rest.split_whitespace().next().unwrap().to_owned()
    }

    /// Somebody with the token that was announced.
    fn developer(&self) -> Client {
        self.caller(&self.token())
    }

    /// Somebody with this bearer token.
    fn caller(&self, bearer: &str) -> Client {
        Client::at_address(&self.url, Some(bearer))
    }

    /// Somebody without a credential.
    pub fn anonymous(&self) -> Client {
        Client::at_address(&self.url, None)
    }

    /// Status and body of a path.
    async fn get(&self, path: &str) -> (u16, String) {
        let reply = self.anonymous().get(path).await;
        let body = match reply.body {
            serde_json::Value::String(text) => text,
            body => body.to_string(),
        };
        (reply.status, body)
    }

    /// The most memory that it has had so far.
    pub fn peak_kilobytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// Sends a signal, by its name.
    pub fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        let status = Command::new("sh").args(["-c", &kill]).status().unwrap();
        assert!(status.success());
    }

    /// Waits for its end; the exit code, what it printed and logged.
    pub fn end(mut self) -> Ended {
        let status = within_patience("the program ends", || self.child.try_wait().unwrap());
        let whole = |stream: &Stream| {
            within_patience("a stream ends", || stream.reader.is_finished().then_some(()));
            stream.text.lock().unwrap().clone()
        };
        Ended {
            code: status.code(),
            stdout: whole(&self.out),
            stderr: whole(&self.err),
        }
    }

    /// Asks it to stop, and waits for its end.
    pub fn stop(self) -> Ended {
        self.signal("TERM");
        let ended = self.end();
        assert_eq!(ended.code, Some(0), "{ended:?}");
        ended
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address in the first line with `mark`.
fn address_in(text: &str, mark: &str) -> Option<String> {
    let line = text.lines().find(|line| line.contains(mark))?;
    let start = line.find("127.0.0.1:").or_else(|| line.find("0.0.0.0:"))?;
    let address: String = line[start..]
        .chars()
        .take_while(|letter| letter.is_ascii_digit() || ".:".contains(*letter))
        .collect();
    Some(address.replace("0.0.0.0", "127.0.0.1"))
}

/// What `look` finds, which must be there in time.
pub fn within_patience<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Finds nothing of `secrets` in `text`.
#[track_caller]
fn assert_silent(what: &str, text: &str, secrets: &[&str]) {
    for secret in secrets {
        if let Some(line) = text.lines().find(|line| line.contains(secret)) {
            panic!("{what} tells the secret {secret}: {line}");
        }
    }
}
