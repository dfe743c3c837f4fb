//! Webhooks on the wire, as Standard Webhooks has them: what is signed, how
//! secrets are kept, and where nothing is sent.
//!
//! Who sets up a webhook names a server that this one then calls. So it must not
//! reach what only this one can reach: names are resolved here, addresses that
//! are not public are left out, and the connection goes to what was checked.
//! Redirects are not followed, and proxies of the environment are not asked.

mod address;
mod seal;

use std::{
    error::Error as _,
    fmt,
    net::IpAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use entity::ids::OrganizationId;
use hmac::{Hmac, Mac};
use reqwest::{
    Client,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
};
use secrecy::SecretString;
use sha2::Sha256;
use url::{Host, Url};

use self::{address::is_public, seal::Seals};
use crate::{
    config::{Config, ConfigError},
    seats::{Seat, Seats},
};

/// Longest URL that is called.
pub const URL_MAX: usize = 2_048;
/// How the secret of every webhook begins when it is shown.
pub const PREFIX: &str = "whsec_";
/// So much of an answer is read, for the connection to be used again.
const ANSWER_BYTES_MAX: usize = 4_096;

/// What a webhook's deliveries are signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl Secret {
    /// One that nobody knows.
    pub fn random() -> Self {
        Self(rand::random())
    }

    /// As its owner gets it, once.
    pub fn shown(&self) -> SecretString {
        format!("{PREFIX}{}", STANDARD.encode(self.0)).into()
    }

    /// The signature of a message, without the name of its kind.
    fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).unwrap_or_else(|_| unreachable!("keys of any length"));
        mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
        STANDARD.encode(mac.finalize().into_bytes())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

/// A message for a webhook.
#[derive(Clone, Debug)]
pub struct Message {
    /// The same for every attempt at it.
    pub id: String,
    /// When this attempt is made.
    pub sent_at: DateTime<Utc>,
    /// JSON.
    pub body: String,
}

impl Message {
    /// The headers of the specification, with a signature for each secret.
    fn headers(&self, secrets: &[Secret]) -> Option<HeaderMap> {
        let timestamp = self.sent_at.timestamp();
        let signatures: Vec<_> = secrets
            .iter()
            .map(|secret| format!("v1,{}", secret.sign(&self.id, timestamp, &self.body)))
            .collect();
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("webhook-id", self.id.clone()),
            ("webhook-timestamp", timestamp.to_string()),
            ("webhook-signature", signatures.join(" ")),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_str(&value).ok()?);
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Some(headers)
    }
}

/// Why there was no answer, in words for whoever set up the webhook. They say
/// nothing of what was found in the network, nor which names it knows; that
/// stands in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// Maybe it arrived.
    #[error("There was no answer in time.")]
    TooLate,
    /// No such name, no public address, no connection, no TLS, or one that broke.
    #[error("The connection failed.")]
    Unreachable,
}

/// Calls webhooks. Made once, at start; any number of tasks send at once.
pub struct Courier {
    allow_private: bool,
    timeout: Duration,
    seals: Seals,
    /// Made when it is needed first: it reads the certificates of the machine.
    client: OnceLock<Option<Client>>,
    /// Calls at a time of one organization, and those that are being made.
    turns_max: usize,
    turns: Seats<OrganizationId>,
}

impl fmt::Debug for Courier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Courier").finish_non_exhaustive()
    }
}

impl Courier {
    /// Reads the settings, connects to nothing.
    ///
    /// # Errors
    /// A setting that cannot be used.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            allow_private: config.webhooks.allow_private,
            // What comes of it is recorded before somebody else takes over.
            timeout: config.webhooks.timeout.min(config.jobs.lease / 2),
            seals: Seals::new(&config.webhooks.secret)?,
            client: OnceLock::new(),
            turns_max: (config.webhooks.concurrency as usize / 4).max(1),
            turns: Seats::default(),
        })
    }

    /// One with the settings of now, that knows which calls are being made.
    ///
    /// # Errors
    /// A setting that cannot be used.
    pub fn renewed(&self, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            turns: self.turns.clone(),
            ..Self::new(config)?
        })
    }

    /// A turn of an organization to call one of its servers; `None` while it has
    /// as many as it may: slow servers of one must not keep others waiting.
    pub fn turn(&self, organization: OrganizationId) -> Option<Seat<OrganizationId>> {
        self.turns.take(organization, self.turns_max)
    }

    /// What is stored of a secret; `None` where the deployment has no key for it.
    /// `context` says whose it is: nothing else opens it.
    pub fn seal(&self, secret: &Secret, context: &str) -> Option<Vec<u8>> {
        self.seals.seal(&secret.0, context)
    }

    /// The secret of which this is stored; `None` if the deployment has lost its
    /// key.
    pub fn open(&self, sealed: &[u8], context: &str) -> Option<Secret> {
        let opened = self.seals.open(sealed, context)?;
        opened.try_into().ok().map(Secret)
    }

    /// Whether webhooks can be set up: there is a key for their secrets.
    pub fn can_seal(&self) -> bool {
        !self.seals.is_empty()
    }

    /// A URL that can be called, as far as that shows. What its name leads to is
    /// seen at each call.
    ///
    /// # Errors
    /// Why it cannot, in a sentence.
    pub fn check_url(&self, text: &str) -> Result<Url, &'static str> {
        let url = Url::parse(text.trim()).map_err(|_| "This is not a URL.")?;
        match url.scheme() {
            "https" => {}
            "http" if self.allow_private => {}
            _ => return Err("The URL begins with https://."),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("The URL holds no user and no password.");
        }
        if url.fragment().is_some() {
            return Err("The URL has no part behind a #.");
        }
        if url.as_str().len() > URL_MAX {
            return Err("The URL has at most 2,048 characters.");
        }
        if !self.may_call(&url) {
            return Err("The URL leads to an address that is not public.");
        }
        Ok(url)
    }

    /// Whether the host is a name, or an address that may be called. Names are
    /// looked at when they are resolved; addresses never are.
    fn may_call(&self, url: &Url) -> bool {
        let address = match url.host() {
            Some(Host::Domain(_)) => return true,
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            None => return false,
        };
        self.allow_private || is_public(address)
    }

    /// Sends a message, signed with each of the secrets. The status that was
    /// answered; what else was answered is not kept.
    ///
    /// # Errors
    /// Why there was no answer.
    pub async fn post(&self, url: &str, message: &Message, secrets: &[Secret]) -> Result<u16, NoAnswer> {
        let url = Url::parse(url).map_err(|_| NoAnswer::Unreachable)?;
        if !self.may_call(&url) {
            tracing::info!(cause = %NotPublic, "a webhook cannot be called");
            return Err(NoAnswer::Unreachable);
        }
        let client = self.client.get_or_init(|| self.build()).as_ref();
        let (Some(client), Some(headers)) = (client, message.headers(secrets)) else {
            return Err(NoAnswer::Unreachable);
        };
        let request = client.post(url).headers(headers).body(message.body.clone());
        let mut answer = request.send().await.map_err(|error| why(&error))?;
        let status = answer.status().as_u16();
        let mut read = 0;
        while read < ANSWER_BYTES_MAX
            && let Ok(Some(part)) = answer.chunk().await
        {
            read += part.len();
        }
        Ok(status)
    }

    fn build(&self) -> Option<Client> {
        let resolver = PublicAddresses {
            allow_private: self.allow_private,
        };
        let client = Client::builder()
            .user_agent(concat!("Roster-Webhooks/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(resolver))
            .redirect(Policy::none())
            // A proxy would resolve names itself.
            .no_proxy()
            .referer(false)
            .timeout(self.timeout)
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(4)
            .build();
        client
            .inspect_err(|error| tracing::error!(%error, "no webhook can be called from this machine"))
            .ok()
    }
}

fn why(error: &reqwest::Error) -> NoAnswer {
    if error.is_timeout() {
        return NoAnswer::TooLate;
    }
    // Not the error itself: it has the URL, which may hold a secret.
    tracing::info!(cause = ?error.source(), "a webhook cannot be called");
    NoAnswer::Unreachable
}

/// A name leads nowhere else.
#[derive(Debug, thiserror::Error)]
#[error("no public address")]
struct NotPublic;

/// Resolves names to what may be called, and to nothing else. The client connects
/// to what it is given here, so a name that means something else a moment later
/// gains nothing.
struct PublicAddresses {
    allow_private: bool,
}

impl Resolve for PublicAddresses {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<_> = found
                .filter(|address| allow_private || is_public(address.ip()))
                .collect();
            if found.is_empty() {
                return Err(NotPublic.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn courier(allow_private: bool) -> Courier {
        let mut config = Config::default();
        config.webhooks.allow_private = allow_private;
        config.webhooks.secret = vec!["a secret of the tests of webhooks, long".into()];
        Courier::new(&config).unwrap()
    }

    #[test]
    fn messages_are_signed_as_the_specification_says() {
        // The example of the specification's libraries.
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(br#"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#);
        let expected = STANDARD.encode(mac.finalize().into_bytes());
        assert_eq!(expected, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");

        let message = Message {
            id: "msg_1".into(),
            sent_at: DateTime::UNIX_EPOCH,
            body: "{}".into(),
        };
        let secrets = [Secret([1; 32]), Secret([2; 32])];
        let headers = message.headers(&secrets).unwrap();
        let signatures = headers["webhook-signature"].to_str().unwrap();
        let signed: Vec<_> = secrets.iter().map(|secret| secret.sign("msg_1", 0, "{}")).collect();
        assert_eq!(signatures, format!("v1,{} v1,{}", signed[0], signed[1]));
        assert_eq!(headers["webhook-timestamp"], "0");
    }

    #[test]
    fn urls_are_checked() {
        let (strict, open) = (courier(false), courier(true));
        for (url, is_good, is_good_in_private) in [
            ("https://example.com/hooks?key=1", true, true),
            (" https://example.com ", true, true),
            ("https://1.1.1.1/", true, true),
            ("http://example.com/", false, true),
            ("https://127.0.0.1/", false, true),
            ("https://2130706433/", false, true),
            ("https://0x7f.1/", false, true),
            ("https://[::ffff:10.0.0.1]/", false, true),
            ("https://user@example.com/", false, false),
            ("https://:pass@example.com/", false, false),
            ("https://example.com/#part", false, false),
            ("ftp://example.com/", false, false),
            ("file:///etc/passwd", false, false),
            ("example.com", false, false),
            ("https://", false, false),
            ("", false, false),
        ] {
            assert_eq!(strict.check_url(url).is_ok(), is_good, "{url}");
            assert_eq!(open.check_url(url).is_ok(), is_good_in_private, "{url}");
        }
        let long = |length: usize| format!("https://example.com/{}", "a".repeat(length - 20));
        assert!(strict.check_url(&long(URL_MAX)).is_ok());
        assert!(strict.check_url(&long(URL_MAX + 1)).is_err());
    }

    #[tokio::test]
    async fn names_of_private_addresses_are_not_called() {
        let message = Message {
            id: "msg_1".into(),
            sent_at: DateTime::UNIX_EPOCH,
            body: "{}".into(),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        for host in ["localhost", "127.0.0.1", "[::ffff:127.0.0.1]"] {
            let url = format!("http://{host}:{port}/");
            let answer = courier(false).post(&url, &message, &[]).await;
            assert_eq!(answer, Err(NoAnswer::Unreachable), "{url}");
            let nobody = tokio::time::timeout(Duration::ZERO, listener.accept()).await;
            assert!(nobody.is_err(), "{url}");

            // Called where that is allowed. What is told is the same: of an address
            // that is not public nobody learns whether somebody listens there.
            let open = courier(true);
            let answer = tokio::join!(open.post(&url, &message, &[]), async { drop(listener.accept().await) });
            assert_eq!(answer.0, Err(NoAnswer::Unreachable), "{url}");
        }
    }

    #[test]
    fn secrets_are_not_told() {
        let secret = Secret([7; 32]);
        assert_eq!(format!("{secret:?}"), "Secret");
        assert!(!format!("{:?}", courier(true)).contains("secret of the tests"));
    }
}
