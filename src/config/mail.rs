//! Mail: how it leaves, and what it says.

use std::{path::PathBuf, time::Duration};

use secrecy::SecretString;
use serde::Deserialize;

use super::values::duration;

/// How mail leaves the building.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// Which way.
    pub transport: MailTransport,
    /// Where the folder transport puts one file per message. Default: `mail`
    /// in the data folder.
    pub folder: Option<PathBuf>,
    /// `smtp://user:password@host:port` or, for TLS from the first byte,
    /// `smtps://…`. User and password are percent-encoded. Without a port: 587
    /// and 465.
    pub smtp_url: Option<SecretString>,
    /// What an `smtp://` connection does about encryption. Default: `required`,
    /// but `never` for a server on this machine (a loopback address).
    pub starttls: Option<StartTls>,
    /// File with certificates in PEM form that are trusted besides the public
    /// ones: for a mail server with a private authority.
    pub ca_file: Option<PathBuf>,
    /// How long one letter may take, from connecting to the server's last word.
    #[serde(deserialize_with = "duration")]
    pub timeout: Duration,
    /// Sender of every mail: `name <address>`, or an address.
    pub from: String,
    /// Mails that one process sends at a time. If it is killed, so many may be
    /// sent twice, or be given up where that must not be.
    pub concurrency: u32,
    /// Colour of buttons in mails, as `#rrggbb`.
    pub color: String,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            transport: MailTransport::Folder,
            folder: None,
            smtp_url: None,
            starttls: None,
            ca_file: None,
            timeout: Duration::from_secs(30),
            from: "Roster <roster@localhost>".into(),
            concurrency: 1,
            color: "#4a3fb5".into(),
        }
    }
}

/// What a connection that begins unencrypted does about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StartTls {
    /// It is encrypted, or nothing is sent.
    Required,
    /// It is encrypted if the server offers that; without, no password is sent.
    Opportunistic,
    /// It stays as it is, password and all: for a relay on this machine.
    Never,
}

/// Ways for mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTransport {
    /// One file per message.
    Folder,
    /// A mail server.
    Smtp,
    /// Nowhere; invite links are copied by hand.
    None,
}
