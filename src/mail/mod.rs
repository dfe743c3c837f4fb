//! Letters: what they say, and how they leave the building (spec §21).
//!
//! Whoever sends one gives facts; words and looks are in `templates/`. Facts
//! come from people who may mean harm, so none of them reaches a header but
//! through the library that encodes it, and all are cleaned where a template
//! prints them.

mod folder;
mod render;
mod smtp;

use std::{fmt, time::Instant};

use chrono::{DateTime, Utc};
use lettre::{
    Address, Message,
    address::Envelope,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use serde::{Serialize, Serializer};
use url::{Host, Url};

use crate::{
    clock,
    config::{Config, ConfigError, MailTransport},
};

/// A letter to one person.
#[derive(Clone, Debug)]
pub struct Letter {
    /// A bare address, without a name.
    pub to: String,
    /// What the letter is about.
    pub content: Content,
}

/// What a letter is about, and the facts in it.
#[derive(Clone, Debug, Serialize, strum::IntoStaticStr)]
#[serde(untagged)]
#[strum(serialize_all = "snake_case")]
pub enum Content {
    /// Somebody is invited (§21.1).
    Invite {
        /// Name of the organization.
        organization: String,
        /// The invite link.
        url: String,
    },
    /// A member is to link single sign-on (§21.2).
    SsoLink {
        /// Name of the organization.
        organization: String,
        /// Name of the provider.
        provider: String,
        /// The organization's sign-in page.
        url: String,
        /// Who asks, by name or address.
        actor: String,
    },
    /// Somebody wants to get into an organization (§21.3).
    AccessRequest {
        /// Name of the organization.
        organization: String,
        /// The address to be let in.
        email: String,
        /// The member who asks for it; nobody when the person asked in person.
        requester: Option<String>,
        /// The members page.
        url: String,
    },
    /// A member wants to get into a team (§21.4).
    TeamAccessRequest {
        /// Name of the organization.
        organization: String,
        /// Name of the team.
        team: String,
        /// Who is to get in.
        member_name: String,
        /// That member's address.
        member_email: Option<String>,
        /// Who asks, if it is somebody else.
        requester: Option<String>,
        /// Where to decide.
        url: String,
    },
    /// A member got into a team (§21.5).
    TeamAccessApproved {
        /// Name of the organization.
        organization: String,
        /// Name of the team.
        team: String,
        /// The team's page.
        url: Option<String>,
    },
    /// The organization now requires a second factor (§21.6).
    SetupTwoFactor {
        /// Name of the organization.
        organization: String,
        /// The invite back. Nothing for a member who stays, and only has to
        /// enrol.
        url: Option<String>,
    },
    /// The organization now requires a verified address (§21.7).
    SetupEmail {
        /// Name of the organization.
        organization: String,
        /// The address to verify.
        address: String,
        /// Where to verify it, if that can be linked to.
        confirm_url: Option<String>,
        /// The invite back. Nothing for a member who stays.
        url: Option<String>,
    },
    /// An organization will be deleted (§21.8).
    ConfirmDelete {
        /// Name of the organization.
        organization: String,
        /// Who asked for it.
        name: String,
        /// From where.
        ip: Option<String>,
        /// When.
        #[serde(serialize_with = "spelled_out")]
        date: DateTime<Utc>,
        /// Where it can be restored.
        url: String,
    },
    /// A webhook was disabled, because it is gone or has failed for days.
    WebhookDisabled {
        /// Name of the organization.
        organization: String,
        /// The server that was called.
        server: String,
        /// Whether the server said that it is gone.
        is_gone: bool,
        /// Where it can be enabled again.
        url: String,
    },
}

impl Content {
    /// The type of the message, as in logs and counters.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Invite { .. } => "organization.invite",
            Self::SsoLink { .. } => "organization.auth_link",
            Self::AccessRequest { .. } => "organization.access_request",
            Self::TeamAccessRequest { .. } => "team.access.request",
            Self::TeamAccessApproved { .. } => "team.access.approved",
            Self::SetupTwoFactor { .. } => "user.setup_2fa",
            Self::SetupEmail { .. } => "user.setup_email",
            Self::ConfirmDelete { .. } => "org.confirm_delete",
            Self::WebhookDisabled { .. } => "webhook.disabled",
        }
    }
}

fn spelled_out<S: Serializer>(date: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&date.format("%-d %B %Y, %H:%M UTC"))
}

/// Why a letter was not sent, in words that may be shown to the administrators
/// of an organization: they name neither the mail server nor what it said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It may work later.
    #[error("{0}")]
    Later(String),
    /// It will not work, however often it is tried.
    #[error("{0}")]
    Never(String),
    /// The letter was handed over, and no answer came: it may be on its way.
    #[error("{0}")]
    Unknown(String),
}

/// Sends letters. Made once, at start; any number of tasks send at once.
pub struct Mailer {
    transport: Transport,
    from: Mailbox,
    /// What stands behind the @ of a Message-Id.
    host: String,
    renderer: render::Renderer,
}

/// The ways out.
enum Transport {
    Smtp(Box<smtp::Smtp>),
    Folder(folder::Folder),
    None,
}

impl Transport {
    fn name(&self) -> &'static str {
        match self {
            Self::Smtp(_) => "smtp",
            Self::Folder(_) => "folder",
            Self::None => "none",
        }
    }
}

impl Mailer {
    /// Reads the settings, connects to nothing.
    ///
    /// # Errors
    /// A setting that cannot be used; a password in it is not told.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let from = &config.mail.from;
        let from = (!from.contains(char::is_control))
            .then(|| from.parse().ok())
            .flatten()
            .ok_or_else(|| ConfigError::new("mail.from: expected `name <address>` or an address".into()))?;
        let transport = match config.mail.transport {
            MailTransport::Smtp => Transport::Smtp(Box::new(smtp::Smtp::new(&config.mail)?)),
            MailTransport::Folder => Transport::Folder(folder::Folder(config.mail_folder())),
            MailTransport::None => Transport::None,
        };
        let home = Url::parse(&config.public_url()).ok();
        Ok(Self {
            transport,
            from,
            host: home.as_ref().and_then(Url::host_str).unwrap_or("localhost").to_owned(),
            renderer: render::Renderer::new(config)?,
        })
    }

    /// Sends `letter`, and returns when the next server has taken it.
    ///
    /// `key` names the reason for the letter: a second attempt gives the same,
    /// and gets the same Message-Id, by which a mail program knows the letter
    /// again. Takes no longer than `mail.timeout`.
    ///
    /// # Errors
    /// Whether it is worth trying again, and why it failed.
    pub async fn send(&self, letter: &Letter, key: &str) -> Result<(), Failure> {
        self.send_after(async { Ok(()) }, letter, key).await
    }

    /// The same, but hands the letter over only after `ready`, which is awaited
    /// at the last moment at which the letter is still ours alone. A way out on
    /// which a letter cannot come twice does not ask for it.
    ///
    /// # Errors
    /// As above, and what `ready` failed with.
    pub async fn send_after(
        &self,
        ready: impl Future<Output = Result<(), Failure>> + Send,
        letter: &Letter,
        key: &str,
    ) -> Result<(), Failure> {
        let message = self.compose(letter, key)?;
        let begun = Instant::now();
        let sent = match &self.transport {
            Transport::Smtp(smtp) => smtp.send(message.envelope(), &message.formatted(), ready).await,
            Transport::Folder(folder) => folder.put(message.formatted(), key).await,
            Transport::None => Err(Failure::Never("This deployment sends no mail.".into())),
        };
        let result = match &sent {
            Ok(()) => "sent",
            Err(Failure::Later(_)) => "later",
            Err(_) => "failed",
        };
        let labels = [("transport", self.transport.name()), ("result", result)];
        metrics::counter!("email_sent_total", &labels).increment(1);
        metrics::histogram!("email_seconds", &labels).record(begun.elapsed());
        sent
    }

    fn compose(&self, letter: &Letter, key: &str) -> Result<Message, Failure> {
        let to = parse_address(&letter.to).ok_or_else(|| Failure::Never("This is no address for mail.".into()))?;
        let cannot = |error: &dyn fmt::Display| {
            tracing::error!(%error, kind = letter.content.kind(), "a mail cannot be written");
            Failure::Later("The mail could not be written.".into())
        };
        let rendered = self.renderer.render(&letter.content).map_err(|error| cannot(&error))?;
        // The library would read the envelope from the headers, and cannot read
        // every address that it has written there.
        let envelope =
            Envelope::new(Some(self.from.email.clone()), vec![to.clone()]).map_err(|error| cannot(&error))?;
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        Message::builder()
            .envelope(envelope)
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(rendered.subject)
            .date(clock::now().into())
            .message_id(Some(format!("<{}@{}>", message_key(key), self.host)))
            .raw_header(HeaderValue::new(automatic, "auto-generated".into()))
            .multipart(MultiPart::alternative_plain_html(rendered.text, rendered.html))
            .map_err(|error| cannot(&error))
    }
}

impl fmt::Debug for Mailer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Mailer")
            .field("transport", &self.transport.name())
            .finish_non_exhaustive()
    }
}

/// An address that can stand in an envelope, its domain in ASCII: few servers
/// take others.
fn parse_address(text: &str) -> Option<Address> {
    if text.contains(|letter: char| letter.is_control() || render::is_invisible(letter)) {
        return None;
    }
    let address: Address = text.parse().ok()?;
    if address.domain().is_ascii() {
        return Some(address);
    }
    let domain = Host::parse(address.domain()).ok()?;
    Address::new(address.user(), domain.to_string()).ok()
}

/// `key` in letters that may stand in a Message-Id. Different keys stay
/// different.
fn message_key(key: &str) -> String {
    let spell = |byte: u8| match byte {
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' => char::from(byte).to_string(),
        other => format!("={other:02x}"),
    };
    key.bytes().map(spell).collect()
}

#[cfg(test)]
mod tests;
