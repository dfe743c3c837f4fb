//! A mail server in the test process: real sockets and TLS, and trouble on
//! demand. It runs in a thread of its own, so that it answers whatever the test
//! is waiting for.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsAcceptor, rustls};
use tokio_util::sync::CancellationToken;

/// How a connection to the server is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Security {
    /// Not at all.
    #[default]
    Plain,
    /// When the client asks for it.
    StartTls,
    /// From the first byte.
    Implicit,
}

/// What the server does instead of saying yes.
#[derive(Clone, Copy, Debug)]
pub enum Reaction {
    /// Answers this, such as `550 5.1.1 unknown`.
    Say(&'static str),
    /// Takes its time, and says yes.
    Wait(Duration),
    /// Never answers.
    Hang,
    /// Closes the connection without an answer.
    Drop,
}

/// A letter that the server has taken.
#[derive(Clone, Debug)]
pub struct Received {
    /// Sender in the envelope.
    pub from: String,
    /// Recipient in the envelope.
    pub to: Vec<String>,
    /// The message as it was before it was made fit for the wire.
    pub raw: Vec<u8>,
    /// Whether it came encrypted.
    pub is_encrypted: bool,
    /// Who was signed in.
    pub user: Option<String>,
}

/// A mail server on a free port of this machine.
pub struct SmtpServer {
    shared: Arc<Shared>,
    address: SocketAddr,
    folder: TempDir,
    running: Option<(CancellationToken, JoinHandle<()>)>,
}

struct Shared {
    security: Security,
    login: Option<(&'static str, &'static str)>,
    tls: TlsAcceptor,
    reactions: Mutex<HashMap<String, Reaction>>,
    received: Mutex<Vec<Received>>,
    commands: Mutex<Vec<String>>,
    connections: AtomicUsize,
    /// Cut when open connections are to end.
    lifeline: Mutex<Arc<CancellationToken>>,
}

impl SmtpServer {
    /// A server for everybody, without encryption.
    pub fn start() -> Self {
        Self::start_with(Security::Plain, None)
    }

    /// A server that takes mail from this user and password only, if any.
    pub fn start_with(security: Security, login: Option<(&'static str, &'static str)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let identity = rcgen::generate_simple_self_signed(names).unwrap();
        std::fs::write(folder.path().join("ca.pem"), identity.cert.pem()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let key = rustls::pki_types::PrivateKeyDer::try_from(identity.signing_key.serialize_der()).unwrap();
        let config = config.unwrap().with_no_client_auth();
        let config = config.with_single_cert(vec![identity.cert.der().clone()], key).unwrap();
        let shared = Shared {
            security,
            login,
            tls: TlsAcceptor::from(Arc::new(config)),
            reactions: Mutex::default(),
            received: Mutex::default(),
            commands: Mutex::default(),
            connections: AtomicUsize::new(0),
            lifeline: Mutex::default(),
        };
        let mut server = Self {
            shared: Arc::new(shared),
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            folder,
            running: None,
        };
        server.resume();
        server
    }

    /// Address for `mail.smtp_url`, with the user and the password if there are.
    pub fn url(&self) -> String {
        let scheme = if self.shared.security == Security::Implicit {
            "smtps"
        } else {
            "smtp"
        };
        let encode = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
        let login = self
            .shared
            .login
            .map(|(user, password)| format!("{}:{}@", encode(user), encode(password)));
        format!(
            "{scheme}://{}localhost:{}",
            login.unwrap_or_default(),
            self.address.port()
        )
    }

    /// The authority that the server's certificate comes from.
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// From now on reacts so to a step: `CONNECT`, `EHLO`, `STARTTLS`, `AUTH`,
    /// `MAIL`, `RCPT`, `RCPT <address>`, `DATA`, `.` (the end of a message),
    /// `NOOP`.
    pub fn on(&self, step: &str, reaction: Reaction) {
        self.shared.reactions.lock().unwrap().insert(step.into(), reaction);
    }

    /// From now on says yes to everything.
    pub fn heal(&self) {
        self.shared.reactions.lock().unwrap().clear();
    }

    /// Closes all open connections.
    pub fn disconnect(&self) {
        let lifeline = std::mem::take(&mut *self.shared.lifeline.lock().unwrap());
        lifeline.cancel();
        // Every connection holds on to it until it is closed.
        while Arc::strong_count(&lifeline) > 1 {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Goes down: connections end, new ones are refused.
    pub fn pause(&mut self) {
        self.disconnect();
        if let Some((stop, thread)) = self.running.take() {
            stop.cancel();
            thread.join().unwrap();
        }
    }

    /// Comes back at the same address.
    pub fn resume(&mut self) {
        let (started, address) = std::sync::mpsc::channel();
        let (shared, bind, stop) = (self.shared.clone(), self.address, CancellationToken::new());
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::bind(bind).await.unwrap();
                started.send(listener.local_addr().unwrap()).unwrap();
                stopped.run_until_cancelled(serve(listener, shared)).await;
            });
        });
        self.address = address.recv().unwrap();
        self.running = Some((stop, thread));
    }

    /// What the server has taken so far.
    pub fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// What the server has taken, as soon as it is that many.
    pub async fn wait_for(&self, letters: usize) -> Vec<Received> {
        let begin = Instant::now();
        while self.received().len() < letters {
            let count = self.received().len();
            assert!(
                begin.elapsed() < Duration::from_secs(30),
                "{count} letters of {letters} came"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.received()
    }

    /// Connections that were opened so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(SeqCst)
    }

    /// Every line that clients have said, in or out of encryption, but messages.
    pub fn commands(&self) -> Vec<String> {
        self.shared.commands.lock().unwrap().clone()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.pause();
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((socket, _)) = listener.accept().await {
        shared.connections.fetch_add(1, SeqCst);
        let (shared, lifeline) = (shared.clone(), shared.lifeline.lock().unwrap().clone());
        tokio::spawn(async move {
            // However a connection ends, it has ended.
            let _ = lifeline.run_until_cancelled(Session::run(shared, socket)).await;
        });
    }
}

trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

struct Session {
    shared: Arc<Shared>,
    wire: BufStream<Box<dyn Wire>>,
    is_encrypted: bool,
    user: Option<String>,
}

impl Session {
    async fn run(shared: Arc<Shared>, socket: TcpStream) -> io::Result<()> {
        let is_encrypted = shared.security == Security::Implicit;
        let wire: Box<dyn Wire> = if is_encrypted {
            Box::new(shared.tls.accept(socket).await?)
        } else {
            Box::new(socket)
        };
        let mut session = Self {
            shared,
            wire: BufStream::new(wire),
            is_encrypted,
            user: None,
        };
        if !session.answer("CONNECT", "", "220 test ESMTP").await? {
            return Ok(());
        }
        let (mut from, mut to) = (String::new(), Vec::new());
        loop {
            let line = session.line().await?;
            session.shared.commands.lock().unwrap().push(line.clone());
            let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
            let address = rest.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
            let is_known = session.user.is_some() || session.shared.login.is_none();
            match verb {
                "EHLO" => {
                    let hello = session.hello();
                    session.answer(verb, "", &hello).await?;
                }
                "STARTTLS" if session.shared.security == Security::StartTls && !session.is_encrypted => {
                    if session.answer(verb, "", "220 go on").await? {
                        let tls = session.shared.tls.accept(session.wire.into_inner()).await?;
                        session.wire = BufStream::new(Box::new(tls));
                        session.is_encrypted = true;
                    }
                }
                "AUTH" => session.sign_in(rest).await?,
                "MAIL" if !is_known => session.say("530 5.7.0 sign in first").await?,
                "MAIL" if session.answer(verb, &address, "250 2.1.0 ok").await? => (from, to) = (address, Vec::new()),
                "RCPT" if session.answer(verb, &address, "250 2.1.5 ok").await? => to.push(address),
                "MAIL" | "RCPT" => {}
                "DATA" if to.is_empty() => session.say("503 5.5.1 no recipients").await?,
                "DATA" => {
                    if session.answer(verb, "", "354 go on").await? {
                        let (from, to) = (std::mem::take(&mut from), std::mem::take(&mut to));
                        session.message(from, to).await?;
                    }
                }
                "NOOP" | "RSET" => drop(session.answer(verb, "", "250 2.0.0 ok").await?),
                "QUIT" => return session.say("221 2.0.0 bye").await,
                _ => session.say("502 5.5.2 what?").await?,
            }
        }
    }

    fn hello(&self) -> String {
        let mut words = vec!["250-test", "250-8BITMIME"];
        match (self.shared.security, self.is_encrypted) {
            (Security::StartTls, false) => words.push("250-STARTTLS"),
            _ if self.shared.login.is_some() => words.push("250-AUTH PLAIN"),
            _ => {}
        }
        words.push("250 ENHANCEDSTATUSCODES");
        words.join("\r\n")
    }

    /// Signs in with PLAIN.
    async fn sign_in(&mut self, rest: &str) -> io::Result<()> {
        let secret = rest
            .strip_prefix("PLAIN ")
            .and_then(|secret| STANDARD.decode(secret).ok());
        let secret = String::from_utf8(secret.unwrap_or_default()).unwrap();
        let [_, user, password] = secret.splitn(3, '\0').collect::<Vec<_>>()[..] else {
            return self.say("501 5.5.2 what?").await;
        };
        if self.shared.login != Some((user, password)) {
            return self.say("535 5.7.8 no such user or password").await;
        }
        if self.answer("AUTH", "", "235 2.7.0 welcome").await? {
            self.user = Some(user.to_owned());
        }
        Ok(())
    }

    async fn message(&mut self, from: String, to: Vec<String>) -> io::Result<()> {
        let (mut raw, mut is_good) = (Vec::new(), true);
        loop {
            let mut line = Vec::new();
            if self.wire.read_until(b'\n', &mut line).await? == 0 {
                return Ok(());
            }
            if line == b".\r\n" {
                break;
            }
            is_good &= line.ends_with(b"\r\n") && line.len() <= 1000;
            raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        if !is_good {
            return self
                .say("500 5.5.2 lines are too long, or end as they should not")
                .await;
        }
        // Taken before it says so, as of any server that goes away now.
        let reaction = self.shared.reactions.lock().unwrap().get(".").copied();
        if !matches!(reaction, Some(Reaction::Say(_))) {
            let (is_encrypted, user) = (self.is_encrypted, self.user.clone());
            let letter = Received {
                from,
                to,
                raw,
                is_encrypted,
                user,
            };
            self.shared.received.lock().unwrap().push(letter);
        }
        self.answer(".", "", "250 2.0.0 taken").await?;
        Ok(())
    }

    /// Answers a step, if nothing else was asked for. Whether it was a yes.
    async fn answer(&mut self, step: &str, detail: &str, yes: &str) -> io::Result<bool> {
        let reaction = {
            let reactions = self.shared.reactions.lock().unwrap();
            reactions
                .get(&format!("{step} {detail}"))
                .or_else(|| reactions.get(step))
                .copied()
        };
        match reaction {
            Some(Reaction::Say(no)) => {
                self.say(no).await?;
                return Ok(false);
            }
            Some(Reaction::Wait(time)) => tokio::time::sleep(time).await,
            Some(Reaction::Hang) => std::future::pending().await,
            Some(Reaction::Drop) => return Err(io::ErrorKind::ConnectionAborted.into()),
            None => {}
        }
        self.say(yes).await?;
        Ok(true)
    }

    async fn say(&mut self, text: &str) -> io::Result<()> {
        self.wire.write_all(format!("{text}\r\n").as_bytes()).await?;
        self.wire.flush().await
    }

    async fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        match self.wire.read_line(&mut line).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(line.trim_end().to_owned()),
        }
    }
}
