//! The mailbox: pages on which developers read the mail that went into the
//! folder. Letters are shown as they are, links and all, so these pages are for
//! whoever sits at this machine: [`is_served`] says where they exist at all, and
//! the server lets in only those who came by a loopback name.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{
    Router,
    extract::{Path as Segment, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use chrono::DateTime;
use mail_parser::{Message, MessageParser};
use minijinja::{Environment, UndefinedBehavior, Value, context, value::Serde};
use serde::Serialize;
use url::Url;

use crate::config::{Config, ConfigError, MailTransport, Mode};

/// Letters in the list: the newest.
const LETTERS_MAX: usize = 100;
/// Larger files are not ours.
const LETTER_BYTES_MAX: u64 = 1024 * 1024;

const LIST: &str = include_str!("mailbox/list.html");
const LETTER: &str = include_str!("mailbox/letter.html");
const STYLE: &str = include_str!("mailbox/mailbox.css");

/// The pages load their style, and show a letter in a frame.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'";
/// A letter loads nothing and runs nothing; its links open elsewhere.
const LETTER_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";

/// Whether there is a mailbox: in development, on this machine, for mail that
/// goes into the folder.
pub fn is_served(config: &Config) -> bool {
    config.mode == Mode::Development
        && config.mail.transport == MailTransport::Folder
        && config.listen.ip().is_loopback()
}

/// Where the letters are, and how they are shown.
#[derive(Clone)]
struct Mailbox {
    folder: PathBuf,
    pages: Arc<Environment<'static>>,
}

/// The pages, below `/dev/mail`.
///
/// # Errors
/// A page that cannot be read: a mistake of ours.
pub fn routes(config: &Config) -> Result<Router, ConfigError> {
    let mut pages = Environment::new();
    pages.set_undefined_behavior(UndefinedBehavior::Strict);
    pages.add_global("product", config.product_name.as_str());
    for (name, source) in [("list.html", LIST), ("letter.html", LETTER)] {
        let added = pages.add_template(name, source);
        added.map_err(|error| ConfigError::new(format!("mailbox page: {error}")))?;
    }
    let mailbox = Mailbox {
        folder: config.mail_folder(),
        pages: Arc::new(pages),
    };
    Ok(Router::new()
        .route("/dev/mail", get(list))
        .route("/dev/mail/mailbox.css", get(style))
        .route("/dev/mail/{id}", get(show))
        .route("/dev/mail/{id}/html", get(show_html))
        .with_state(mailbox))
}

/// A line of the list.
#[derive(Serialize)]
struct Summary {
    id: String,
    subject: String,
    to: String,
    date: String,
}

impl Summary {
    fn of(id: &str, message: &Message<'_>) -> Self {
        let date = message
            .date()
            .and_then(|date| DateTime::from_timestamp(date.to_timestamp(), 0));
        let to: Vec<&str> = message
            .all_to()
            .flat_map(|to| to.iter())
            .filter_map(|to| to.address())
            .collect();
        Self {
            id: id.to_owned(),
            subject: message.subject().unwrap_or("(no subject)").to_owned(),
            to: to.join(", "),
            date: date
                .map(|date| date.format("%Y-%m-%d %H:%M:%S UTC").to_string())
                .unwrap_or_default(),
        }
    }
}

/// A piece of text, or a link.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Piece<'a> {
    text: &'a str,
    is_link: bool,
}

async fn list(State(mailbox): State<Mailbox>) -> Response {
    blocking(move || {
        let mut letters = Vec::new();
        for id in newest(&mailbox.folder)? {
            // Whoever empties the folder may be faster.
            let Some(raw) = letter(&mailbox.folder, &id)? else {
                continue;
            };
            if let Some(message) = MessageParser::default().parse_headers(&raw) {
                letters.push(Summary::of(&id, &message));
            }
        }
        let folder = mailbox.folder.display().to_string();
        mailbox.page(
            "list.html",
            context! { letters => Serde(letters), max => LETTERS_MAX, folder },
        )
    })
    .await
}

async fn show(State(mailbox): State<Mailbox>, Segment(id): Segment<String>) -> Response {
    blocking(move || {
        let Some(raw) = letter(&mailbox.folder, &id)? else {
            return Ok(StatusCode::NOT_FOUND.into_response());
        };
        let Some(message) = MessageParser::default().parse(&raw) else {
            return Ok(StatusCode::NOT_FOUND.into_response());
        };
        let text = message.body_text(0).unwrap_or_default();
        let letter = Serde(Summary::of(&id, &message));
        mailbox.page("letter.html", context! { letter, text => Serde(pieces(&text)) })
    })
    .await
}

async fn show_html(State(mailbox): State<Mailbox>, Segment(id): Segment<String>) -> Response {
    blocking(move || {
        let raw = letter(&mailbox.folder, &id)?;
        let message = raw.as_ref().and_then(|raw| MessageParser::default().parse(raw));
        let Some(html) = message.as_ref().and_then(|message| message.body_html(0)) else {
            return Ok(StatusCode::NOT_FOUND.into_response());
        };
        let frames = (header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
        Ok((guarded(LETTER_POLICY), [frames], Html(html.into_owned())).into_response())
    })
    .await
}

async fn style() -> Response {
    let kind = (
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/css; charset=utf-8"),
    );
    (guarded(PAGE_POLICY), [kind], STYLE).into_response()
}

impl Mailbox {
    fn page(&self, name: &str, facts: Value) -> io::Result<Response> {
        let page = self.pages.get_template(name).and_then(|page| page.render(facts));
        let page = page.map_err(io::Error::other)?;
        Ok((guarded(PAGE_POLICY), Html(page)).into_response())
    }
}

fn guarded(policy: &'static str) -> [(HeaderName, HeaderValue); 2] {
    [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
    ]
}

/// Does work with files where it keeps nobody waiting.
async fn blocking(work: impl FnOnce() -> io::Result<Response> + Send + 'static) -> Response {
    let outcome = tokio::task::spawn_blocking(work).await;
    match outcome.unwrap_or_else(|error| Err(io::Error::other(error))) {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(%error, "the mailbox cannot be shown");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Ids of the newest letters, newest first.
fn newest(folder: &Path) -> io::Result<Vec<String>> {
    let files = match fs::read_dir(folder) {
        // It is made with the first letter.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        files => files?,
    };
    let mut ids = Vec::new();
    for file in files {
        let name = file?.file_name();
        let id = name.to_str().and_then(|name| name.strip_suffix(".eml"));
        ids.extend(id.filter(|id| is_id(id)).map(str::to_owned));
    }
    ids.sort_unstable_by(|one, other| other.cmp(one));
    ids.truncate(LETTERS_MAX);
    Ok(ids)
}

/// The letter, if it is there. Only a plain file in the folder is one.
fn letter(folder: &Path, id: &str) -> io::Result<Option<Vec<u8>>> {
    if !is_id(id) {
        return Ok(None);
    }
    let path = folder.join(format!("{id}.eml"));
    match fs::symlink_metadata(&path) {
        Ok(file) if file.is_file() && file.len() <= LETTER_BYTES_MAX => match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            raw => raw.map(Some),
        },
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(None),
    }
}

/// A name that we give to letters: no dot and no slash leads out of the folder.
fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Text with its links apart.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = ["https://", "http://"]
        .iter()
        .filter_map(|scheme| rest.find(scheme))
        .min()
    {
        let (before, link) = rest.split_at(start);
        let word = link.split(char::is_whitespace).next().unwrap_or_default();
        let (link, after) = link.split_at(word.trim_end_matches(['.', ',', ';', ')', '>', '"', '\'']).len());
        let is_link = Url::parse(link).is_ok();
        pieces.extend([(before, false), (link, is_link)].map(|(text, is_link)| Piece { text, is_link }));
        rest = after;
    }
    pieces.push(Piece {
        text: rest,
        is_link: false,
    });
    pieces.retain(|piece| !piece.text.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_in_text() {
        let text = "See https://a.example/x-y?z=1 or\n(http://127.0.0.1:8080). http:// https://";
        let found = pieces(text);
        assert_eq!(found.iter().map(|piece| piece.text).collect::<String>(), text);
        let links: Vec<_> = found
            .iter()
            .filter(|piece| piece.is_link)
            .map(|piece| piece.text)
            .collect();
        assert_eq!(links, ["https://a.example/x-y?z=1", "http://127.0.0.1:8080"]);
        assert_eq!(pieces(""), []);
    }

    #[test]
    fn no_id_leads_out_of_the_folder() {
        assert!(is_id("20261121T090500000000Z-0123abcd"));
        for bad in ["", ".", "..", "../x", "a/b", "a\\b", "a.b", "a\0", "ä", &"a".repeat(65)] {
            assert!(!is_id(bad), "{bad}");
        }
    }
}
