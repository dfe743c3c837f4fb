//! The mail server: connections to it, and what its answers mean.
//!
//! The words of SMTP are the library's. Its pool is not used: it takes back a
//! connection whose letter was cut off by a timeout, where the late answer is
//! then read as the answer to the next letter (docs/decisions/0006). And it does
//! not tell a password that was refused from a recipient who was.

use std::{
    error::Error as _,
    net::IpAddr,
    pin::{Pin, pin},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use lettre::{
    Address,
    address::Envelope,
    transport::smtp::{
        self, SUBMISSION_PORT, SUBMISSIONS_PORT,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailParameter},
        response::Severity,
    },
};
use percent_encoding::percent_decode_str;
use secrecy::ExposeSecret;
use url::{Host, Url};

use super::Failure;
use crate::config::{self, ConfigError, StartTls};

/// Connections kept for the next letter.
const IDLE_MAX: usize = 4;
/// How long they are kept: less than the five minutes that servers wait.
const IDLE_TIME: Duration = Duration::from_secs(60);
/// How long a kept connection may take to show that it is alive, and an old one
/// to say goodbye.
const BRIEF: Duration = Duration::from_secs(3);

/// A mail server.
pub struct Smtp {
    host: String,
    port: u16,
    encryption: Encryption,
    tls: TlsParameters,
    credentials: Option<Credentials>,
    hello: ClientId,
    timeout: Duration,
    idle: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encryption {
    /// From the first byte.
    Implicit,
    /// Asked for in the clear.
    Later(StartTls),
}

/// How far a letter came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Connect,
    Encrypt,
    SignIn,
    Sender,
    Recipient,
    Message,
    /// The text was said.
    Text,
}

/// What went wrong.
enum Problem {
    /// What the server said, or that it said nothing.
    Smtp(Stage, smtp::Error),
    /// The password would have been sent in the clear.
    InTheClear,
    /// The server cannot take an address with letters outside ASCII.
    Ascii,
    /// The letter must not be handed over.
    NotReady(Failure),
}

/// What must be awaited before a letter is handed over.
type Ready<'a> = Pin<&'a mut (dyn Future<Output = Result<(), Failure>> + Send)>;

fn at(stage: Stage) -> impl FnOnce(smtp::Error) -> Problem {
    move |error| Problem::Smtp(stage, error)
}

/// Whether a connection has ended, with 421 or without a word.
fn is_end(error: &smtp::Error) -> bool {
    error.status().is_none_or(|code| u16::from(code) == 421)
}

impl Smtp {
    /// # Errors
    /// An address or certificates that cannot be used. Nothing of the address
    /// is told: it may hold a password.
    pub fn new(config: &config::Mail) -> Result<Self, ConfigError> {
        if config.timeout.is_zero() {
            return Err(ConfigError::new("mail.timeout: no letter takes no time".into()));
        }
        let refused = |why: &str| ConfigError::new(format!("mail.smtp_url: {why}"));
        let url = config.smtp_url.as_ref().map_or("", |url| url.expose_secret());
        let url = Url::parse(url).map_err(|_| refused("expected smtp://… or smtps://…"))?;
        let (encryption, port) = match url.scheme() {
            "smtp" => {
                let usual = if is_local(&url) {
                    StartTls::Never
                } else {
                    StartTls::Required
                };
                (Encryption::Later(config.starttls.unwrap_or(usual)), SUBMISSION_PORT)
            }
            "smtps" => (Encryption::Implicit, SUBMISSIONS_PORT),
            _ => return Err(refused("expected smtp://… or smtps://…")),
        };
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(refused("nothing may follow the host and the port"));
        }
        let host = match url.host() {
            None => return Err(refused("the host is missing")),
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(address)) => IpAddr::from(address).to_string(),
            Some(Host::Ipv6(address)) => IpAddr::from(address).to_string(),
        };
        if host.is_empty() {
            return Err(refused("the host is missing"));
        }
        let decode = |text: &str| match percent_decode_str(text).decode_utf8() {
            Ok(text) => Ok(text.into_owned()),
            Err(_) => Err(refused("user and password must be percent-encoded UTF-8")),
        };
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            ("", Some(_)) => return Err(refused("the user is missing")),
            (_, None) => return Err(refused("the password is missing")),
            (user, Some(password)) => Some(Credentials::new(decode(user)?, decode(password)?)),
        };
        Ok(Self {
            tls: tls(config, &host)?,
            host,
            port: url.port().unwrap_or(port),
            encryption,
            credentials,
            hello: ClientId::default(),
            timeout: config.timeout,
            idle: Mutex::default(),
        })
    }

    /// Sends one letter to one recipient, whose text it says after `ready`.
    pub async fn send(
        &self,
        envelope: &Envelope,
        message: &[u8],
        ready: impl Future<Output = Result<(), Failure>> + Send,
    ) -> Result<(), Failure> {
        let (Some(from), [to]) = (envelope.from(), envelope.to()) else {
            return Err(Failure::Never("This is no address for mail.".into()));
        };
        let is_handed_over = AtomicBool::new(false);
        let mut ready = pin!(async {
            ready.await?;
            is_handed_over.store(true, Ordering::Relaxed);
            Ok(())
        });
        let delivered = tokio::time::timeout(self.timeout, self.deliver(from, to, message, ready.as_mut())).await;
        delivered.unwrap_or_else(|_| {
            tracing::warn!("the mail server did not answer within mail.timeout");
            let why = "The mail server did not answer in time.".into();
            Err(if is_handed_over.load(Ordering::Relaxed) {
                Failure::Unknown(why)
            } else {
                Failure::Later(why)
            })
        })
    }

    async fn deliver(&self, from: &Address, to: &Address, message: &[u8], mut ready: Ready<'_>) -> Result<(), Failure> {
        if let Some(connection) = self.kept().await {
            match self.hand_over(connection, from, to, message, ready.as_mut()).await {
                // It ended just now, and nothing of the letter was said yet.
                Err(Problem::Smtp(Stage::Sender, error)) if is_end(&error) => {}
                outcome => return outcome.map_err(explain),
            }
        }
        let connection = self.connect().await.map_err(explain)?;
        self.hand_over(connection, from, to, message, ready)
            .await
            .map_err(explain)
    }

    /// Sends the letter on this connection, which is kept if all went well.
    async fn hand_over(
        &self,
        mut connection: AsyncSmtpConnection,
        from: &Address,
        to: &Address,
        message: &[u8],
        ready: Ready<'_>,
    ) -> Result<(), Problem> {
        let outcome = converse(&mut connection, from, to, message, ready).await;
        match outcome {
            Ok(()) => self.keep(connection),
            Err(_) => part(connection),
        }
        outcome
    }

    /// A new connection, encrypted and signed in as the settings say.
    async fn connect(&self) -> Result<AsyncSmtpConnection, Problem> {
        let tls = (self.encryption == Encryption::Implicit).then(|| self.tls.clone());
        // One of several addresses that does not answer leaves time for the next.
        let patience = Some(self.timeout / 3);
        let server = (self.host.as_str(), self.port);
        let connecting = AsyncSmtpConnection::connect_tokio1(server, patience, &self.hello, tls, None);
        let mut connection = connecting.await.map_err(at(Stage::Connect))?;

        let encrypts = match self.encryption {
            Encryption::Implicit | Encryption::Later(StartTls::Never) => false,
            Encryption::Later(StartTls::Required) => true,
            Encryption::Later(StartTls::Opportunistic) => connection.can_starttls(),
        };
        if encrypts {
            let encrypting = connection.starttls(self.tls.clone(), &self.hello);
            encrypting.await.map_err(at(Stage::Encrypt))?;
        }
        if let Some(credentials) = &self.credentials {
            if !connection.is_encrypted() && self.encryption != Encryption::Later(StartTls::Never) {
                return Err(Problem::InTheClear);
            }
            let signing_in = connection.auth(DEFAULT_MECHANISMS, credentials);
            signing_in.await.map_err(at(Stage::SignIn))?;
        }
        Ok(connection)
    }

    /// A connection that was kept, and is still alive.
    async fn kept(&self) -> Option<AsyncSmtpConnection> {
        loop {
            let (mut connection, since) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            let check = tokio::time::timeout(BRIEF.min(self.timeout / 3), connection.test_connected());
            if since.elapsed() < IDLE_TIME && check.await.unwrap_or(false) {
                return Some(connection);
            }
        }
    }

    fn keep(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push((connection, Instant::now()));
        if idle.len() > IDLE_MAX {
            part(idle.remove(0).0);
        }
    }
}

/// Whether what is sent to that server stays on this machine.
fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        // Not a special scheme, so addresses come as names.
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        None => false,
    }
}

/// Public certificates, and those of the file.
fn tls(config: &config::Mail, host: &str) -> Result<TlsParameters, ConfigError> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(path) = &config.ca_file {
        let refused = |why: &str| ConfigError::new(format!("mail.ca_file: {}: {why}", path.display()));
        let pem = std::fs::read(path).map_err(|error| refused(&error.to_string()))?;
        let certificates = Certificate::from_pem(&pem).ok();
        // The library takes a file without certificates for one with none.
        let is_pem = String::from_utf8_lossy(&pem).contains("-----BEGIN CERTIFICATE-----");
        let certificates = certificates.filter(|_| is_pem);
        builder = builder.add_root_certificate(certificates.ok_or_else(|| refused("holds no certificates"))?);
    }
    builder
        .build()
        .map_err(|_| ConfigError::new("mail: the host of mail.smtp_url or mail.ca_file cannot be used for TLS".into()))
}

/// Hands one letter over. 3xx counts as yes for the library, which is right
/// for DATA only; nothing else is answered so.
async fn converse(
    connection: &mut AsyncSmtpConnection,
    from: &Address,
    to: &Address,
    message: &[u8],
    ready: Ready<'_>,
) -> Result<(), Problem> {
    let is_wide = [from, to].into_iter().any(|address| !address.to_string().is_ascii());
    if is_wide && !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
        return Err(Problem::Ascii);
    }
    let parameters = if is_wide {
        vec![MailParameter::SmtpUtfEight]
    } else {
        Vec::new()
    };
    let mail = connection.command(Mail::new(Some(from.clone()), parameters));
    mail.await.map_err(at(Stage::Sender))?;
    let recipient = connection.command(Rcpt::new(to.clone(), Vec::new()));
    recipient.await.map_err(at(Stage::Recipient))?;
    connection.command(Data).await.map_err(at(Stage::Message))?;
    ready.await.map_err(Problem::NotReady)?;
    connection.message(message).await.map_err(at(Stage::Text))?;
    Ok(())
}

/// Says goodbye without keeping anybody waiting.
fn part(mut connection: AsyncSmtpConnection) {
    tokio::spawn(async move { tokio::time::timeout(BRIEF, connection.abort()).await });
}

/// What a problem means for the letter. Only a lasting no to the recipient or
/// to the message itself is final; everything else is between the operator and
/// the mail server, and may be mended.
fn explain(problem: Problem) -> Failure {
    let (stage, error) = match problem {
        Problem::Smtp(stage, error) => (stage, error),
        Problem::InTheClear => {
            tracing::warn!("the mail server offers no encryption: the password was not sent");
            return Failure::Later("There is no secure connection to the mail server.".into());
        }
        Problem::Ascii => {
            let why = "The mail server cannot send to an address with letters outside ASCII.";
            return Failure::Never(why.into());
        }
        Problem::NotReady(failure) => return failure,
    };
    let code = error.status();
    let answer = match (code, enhanced_status(&error)) {
        (None, _) => String::new(),
        (Some(code), None) => format!(" ({code})"),
        (Some(code), Some(status)) => format!(" ({code} {status})"),
    };
    let is_lasting = code.is_some_and(|code| code.severity == Severity::PermanentNegativeCompletion);
    // 530 to 539 speak of signing in, wherever they are said.
    let is_about_us = code.is_some_and(|code| (530..540).contains(&u16::from(code)));
    if matches!(stage, Stage::Recipient | Stage::Message | Stage::Text) {
        // What the server says here may hold the recipient's address.
        tracing::warn!(?stage, code = answer.trim(), "the mail server did not take a mail");
    } else {
        tracing::warn!(?stage, %error, "the mail server cannot be used");
    }
    let said = match stage {
        Stage::Recipient if is_lasting && !is_about_us => {
            return Failure::Never(format!("The mail server refused the recipient{answer}."));
        }
        Stage::Message | Stage::Text if is_lasting && !is_about_us => {
            return Failure::Never(format!("The mail server refused the message{answer}."));
        }
        Stage::Text if code.is_none() => {
            return Failure::Unknown("The connection to the mail server broke.".into());
        }
        Stage::Connect if code.is_none() => "The mail server cannot be reached",
        Stage::Connect => "The mail server turned us away",
        Stage::Encrypt => "There is no secure connection to the mail server",
        Stage::SignIn => "The mail server did not let us sign in",
        _ if code.is_none() => "The connection to the mail server broke",
        Stage::Sender if is_lasting => "The mail server did not accept the sender",
        _ => "The mail server asked to try again later",
    };
    Failure::Later(format!("{said}{answer}."))
}

/// The enhanced status code (RFC 3463) at the beginning of an answer: digits,
/// and nothing else that the server said.
fn enhanced_status(error: &smtp::Error) -> Option<String> {
    let text = error.source()?.to_string();
    let word = text.split_whitespace().next()?;
    let parts: Vec<&str> = word.split('.').collect();
    let is_number = |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    (matches!(parts[..], ["2" | "4" | "5", _, _]) && parts.iter().all(is_number)).then(|| word.to_owned())
}
