//! What letters say, what their headers are, and where they are put.

use std::collections::BTreeSet;

use mail_parser::{HeaderName as Name, MessageParser};

use super::*;
use crate::config::StartTls;

const LINK: &str =
    "https://team.example.com/invite/abc-def_0123456789-abcdefghijklmnopqrstuvwxyz-0123456789?referrer=a-b";

fn mailer(change: impl FnOnce(&mut Config)) -> Result<Mailer, ConfigError> {
    let mut config = Config {
        public_url: Some("https://team.example.com".parse().unwrap()),
        product_name: "Crew".into(),
        ..Config::default()
    };
    config.mail.from = "\"Crew, the team\" <crew@example.com>".into();
    change(&mut config);
    Mailer::new(&config)
}

/// Every letter, with every fact that may be missing there and not there.
fn letters(fact: &str) -> Vec<Content> {
    let text = || fact.to_owned();
    let url = || LINK.to_owned();
    let mut all = vec![
        Content::Invite {
            organization: text(),
            url: url(),
        },
        Content::SsoLink {
            organization: text(),
            provider: text(),
            url: url(),
            actor: text(),
        },
    ];
    for is_there in [true, false] {
        let link = || is_there.then(url);
        let fact = || is_there.then(text);
        all.extend([
            Content::AccessRequest {
                organization: text(),
                email: text(),
                requester: fact(),
                url: url(),
            },
            Content::TeamAccessRequest {
                organization: text(),
                team: text(),
                member_name: "Mia".into(),
                member_email: fact(),
                requester: fact(),
                url: url(),
            },
            Content::TeamAccessApproved {
                organization: text(),
                team: text(),
                url: link(),
            },
            Content::SetupTwoFactor {
                organization: text(),
                url: link(),
            },
            Content::SetupEmail {
                organization: text(),
                address: text(),
                confirm_url: link(),
                url: link(),
            },
            Content::ConfirmDelete {
                organization: text(),
                name: text(),
                ip: fact(),
                date: "2026-11-21T09:05:00Z".parse().unwrap(),
                url: url(),
            },
            Content::WebhookDisabled {
                organization: text(),
                server: text(),
                is_gone: is_there,
                url: url(),
            },
        ]);
    }
    all
}

fn write(mailer: &Mailer, to: &str, content: Content) -> Vec<u8> {
    let letter = Letter { to: to.into(), content };
    mailer.compose(&letter, "job-1").unwrap().formatted()
}

#[test]
fn subjects_are_those_of_the_specification() {
    let mailer = mailer(|_| ()).unwrap();
    let subjects: BTreeSet<String> = letters("acme Corp")
        .into_iter()
        .map(|content| mailer.renderer.render(&content).unwrap().subject)
        .collect();
    let expected = [
        "Access request to acme Corp",
        "Action Required for acme Corp",
        "Crew Access Request",
        "Join acme Corp in using Crew",
        "[Crew] Acme Corp Mandatory: Enable Two-Factor Authentication",
        "[Crew] Acme Corp Mandatory: Verify Email Address",
        "[Crew] Organization Queued for Deletion",
        "[Crew] Webhook Disabled",
    ];
    assert_eq!(subjects, expected.map(String::from).into());
}

#[test]
fn letters_hold_their_facts_in_text_and_html() {
    let mailer = mailer(|_| ()).unwrap();
    for content in letters("Bits & Bobs") {
        let has_link = !format!("{content:?}").contains("url: None");
        let letter = mailer.renderer.render(&content).unwrap();
        assert!(
            letter.text.contains("Bits & Bobs") && letter.html.contains("Bits &amp; Bobs"),
            "{content:?}"
        );
        assert_eq!(letter.text.contains(LINK), has_link, "{}", letter.text);
        let link = minijinja::HtmlEscape(LINK).to_string();
        assert_eq!(
            letter.html.contains(&format!("href=\"{link}\"")),
            has_link,
            "{}",
            letter.html
        );
        assert_eq!(
            letter.html.contains(&format!(">{link}</a>")),
            has_link,
            "the link can be copied"
        );
        for line in letter.text.lines() {
            assert!(line.chars().count() <= 76 || line == LINK, "{line}");
            assert_eq!(line, line.trim_end());
        }
        assert!(
            !letter.text.contains("\n\n\n") && !letter.text.contains("&amp;"),
            "{}",
            letter.text
        );
        if matches!(content, Content::ConfirmDelete { .. }) {
            assert!(
                letter.text.contains("\nWhen: 21 November 2026, 09:05 UTC\n"),
                "{}",
                letter.text
            );
        }
    }
}

#[test]
fn html_is_accessible_and_needs_nobody_else() {
    let mailer = mailer(|_| ()).unwrap();
    for content in letters("Acme") {
        let letter = mailer.renderer.render(&content).unwrap();
        let html = &letter.html;
        assert!(html.starts_with("<!doctype html>\n<html lang=\"en\">"), "{html}");
        let subject = minijinja::HtmlEscape(&letter.subject).to_string();
        assert!(html.contains(&format!("<title>{subject}</title>")), "{html}");
        assert_eq!(html.matches("<h1").count(), 1);
        for outside in [
            "src=", "<link", "<script", "<img", "url(", "@import", "<form", "<iframe", " on",
        ] {
            let text = html.replace(" on working", "").replace(" on, and", "");
            assert!(!text.contains(outside), "{outside} in {html}");
        }
        assert_eq!(
            html.matches("<a ").count(),
            html.matches("rel=\"noopener noreferrer\"").count()
        );
    }
}

#[test]
fn what_people_write_is_never_markup() {
    let mailer = mailer(|_| ()).unwrap();
    for content in letters("<b>\"x'</b>{{ product }}{% raw %}") {
        let letter = mailer.renderer.render(&content).unwrap();
        assert!(
            !letter.html.contains("<b>") && !letter.html.contains("\"x'"),
            "{}",
            letter.html
        );
        assert!(
            letter
                .text
                .replace('\n', " ")
                .contains("<b>\"x'</b>{{ product }}{% raw %}"),
            "{}",
            letter.text
        );
    }
}

#[test]
fn no_fact_makes_a_header_a_recipient_or_a_line() {
    let long = "long ".repeat(5_000);
    let unbroken = "x".repeat(20_000);
    let hostile = [
        "Acme\r\nBcc: eve@example.com",
        "Acme\nBcc: eve@example.com\n\nForged text",
        "Acme\rBcc: eve@example.com",
        "Acme\r\n\r\n<html>forged",
        "Acme\0\u{1b}[31m\u{7f}\u{85}Bcc: eve@example.com",
        "Acme\u{202e}moc.live@eve\u{2066}\u{2069}\u{200f}\u{2028}Bcc: eve@example.com",
        "\"Acme\" <eve@example.com>, eve@example.com; Bcc: eve@example.com",
        "=?utf-8?q?=0D=0ABcc:_eve@example.com?=",
        "=?utf-8?b?DQpCY2M6IGV2ZUBleGFtcGxlLmNvbQ==?=",
        "Ünïcode, \"quoted\" <eve@example.com>\r\nBcc: eve@example.com",
        "--boundary\r\nContent-Type: text/html\r\n\r\nforged",
        ".\r\nQUIT",
        &long,
        &unbroken,
    ];
    let mailer = mailer(|_| ()).unwrap();
    for fact in hostile {
        for content in letters(fact) {
            let raw = write(&mailer, "\"a,b\"@example.com", content);
            let longest = raw.split(|byte| *byte == b'\n').map(<[u8]>::len).max().unwrap();
            assert!(longest <= 999, "a line of {longest} bytes: {fact:?}");
            assert!(!raw.contains(&0));

            let message = MessageParser::default().parse(&raw).unwrap();
            let names: Vec<_> = message
                .headers()
                .iter()
                .map(|header| header.name.as_str().to_lowercase())
                .collect();
            let expected = [
                "from",
                "to",
                "subject",
                "date",
                "message-id",
                "auto-submitted",
                "mime-version",
                "content-type",
            ];
            assert_eq!(names, expected, "{fact:?}");
            let to: Vec<_> = message.all_to().flat_map(|to| to.iter()).collect();
            assert_eq!(to.len(), 1, "{to:?}");
            let to = message.header_raw("To").map(str::trim);
            assert_eq!(to, Some("\"a,b\"@example.com"), "{to:?}");
            let from = message.from().and_then(|from| from.first()).unwrap();
            assert_eq!(from.address(), Some("crew@example.com"));
            assert_eq!(from.name(), Some("Crew, the team"));
            let subject = message.subject().unwrap();
            assert!(!subject.contains(|letter: char| letter.is_control()), "{subject:?}");
            assert!(!subject.contains(render::is_invisible), "{subject:?}");
            assert_eq!(message.parts.len(), 3, "an alternative of two parts");
            for text in [message.body_text(0).unwrap(), message.body_html(0).unwrap()] {
                assert!(!text.contains(render::is_invisible), "{text}");
                // Lines are wrapped, so only paragraphs tell.
                let mut paragraphs = text.split("\r\n\r\n").flat_map(|text| text.split("\n\n"));
                let is_forged = |text: &str| {
                    ["Bcc:", "Forged", "forged", "<html>forged"]
                        .iter()
                        .any(|start| text.starts_with(start))
                };
                assert!(!paragraphs.any(is_forged), "{text}");
            }
        }
    }
}

#[test]
fn what_is_no_address_gets_no_letter() {
    let mailer = mailer(|_| ()).unwrap();
    for to in [
        "",
        "jane",
        "jane@",
        "Jane <jane@example.com>",
        "jane@example.com, eve@example.com",
        "jane@example.com\r\nBcc: eve@example.com",
        "jane@example.com>\r\nRCPT TO:<eve@example.com",
        "\"a\r\nb\"@example.com",
        "jane\0@example.com",
        "ja\u{202e}ne@example.com",
        "jane@exa mple.com",
    ] {
        let content = Content::TeamAccessApproved {
            organization: "Acme".into(),
            team: "Ops".into(),
            url: None,
        };
        let outcome = mailer.compose(&Letter { to: to.into(), content }, "job-1");
        assert!(matches!(outcome, Err(Failure::Never(_))), "{to:?}");
    }
    let wide = parse_address("jürgen@bücher.example").unwrap();
    assert_eq!(wide.to_string(), "jürgen@xn--bcher-kva.example");
}

#[test]
fn a_letter_says_what_it_is() {
    let mailer = mailer(|_| ()).unwrap();
    let raw = write(&mailer, "jane@example.com", letters("Größe").swap_remove(0));
    assert!(raw.is_ascii(), "any server takes it");
    let message = MessageParser::default().parse(&raw).unwrap();
    assert_eq!(message.message_id(), Some("job-1@team.example.com"));
    assert_eq!(message.subject(), Some("Join Größe in using Crew"));
    assert_eq!(
        message.header_raw("Auto-Submitted").map(str::trim),
        Some("auto-generated")
    );
    assert_eq!(
        message.header(Name::MimeVersion).and_then(|version| version.as_text()),
        Some("1.0")
    );
    assert!(message.date().is_some());
    let kind = message
        .header(Name::ContentType)
        .and_then(|kind| kind.as_content_type())
        .unwrap();
    assert_eq!((kind.ctype(), kind.subtype()), ("multipart", Some("alternative")));
    assert_eq!(message_key("a/b <c>"), "a=2fb=20=3cc=3e");
}

#[test]
fn settings_are_checked_at_start() {
    for from in [
        "",
        "Roster",
        "Roster <roster>",
        "a <a@b.example>, c <c@d.example>",
        "Ro\r\nBcc: x <a@b.example>",
    ] {
        let why = mailer(|config| config.mail.from = from.into()).unwrap_err();
        assert!(why.to_string().starts_with("mail.from"), "{from:?}: {why}");
    }
    for color in [
        "",
        "red",
        "#fff",
        "#12345g",
        "123456",
        "#+12345",
        "#4a3fb5;x",
        "#ffffff\"",
    ] {
        let why = mailer(|config| config.mail.color = color.into()).unwrap_err();
        assert!(why.to_string().starts_with("mail.color"), "{color:?}: {why}");
    }
    for url in [
        "",
        "secret",
        "http://user:secret@mail.example.com",
        "smtp:user:secret@mail.example.com",
        "smtp://:secret@mail.example.com",
        "smtp://secret@mail.example.com",
        "smtp://user:secret@mail.example.com:port",
        "smtp://user:secret@mail.example.com/?tls=required",
        "smtp://user:secret@mail.example.com/name",
        "smtps://user:secret@",
        "smtp://user:%ffsecret@mail.example.com",
    ] {
        let set = |config: &mut Config| {
            config.mail.transport = MailTransport::Smtp;
            config.mail.smtp_url = Some(url.into());
        };
        let why = mailer(set).unwrap_err();
        assert!(why.to_string().starts_with("mail.smtp_url"), "{url:?}: {why}");
        assert!(!format!("{why} {why:?}").contains("secret"), "{why}");
    }
    for url in [
        "smtp://localhost",
        "smtps://us%40er:pa%2Fss@mail.example.com:4650",
        "smtp://[::1]:25/",
        "smtp://127.0.0.1",
    ] {
        let mailer = mailer(|config| {
            config.mail.transport = MailTransport::Smtp;
            config.mail.starttls = Some(StartTls::Never);
            config.mail.smtp_url = Some(url.into());
        });
        assert!(!format!("{:?}", mailer.unwrap()).contains("pa/ss"));
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    for (content, reason) in [
        (None, "No such file"),
        (Some(""), "no certificates"),
        (Some("-----BEGIN CERTIFICATE-----\nx"), ""),
    ] {
        if let Some(content) = content {
            std::fs::write(&file, content).unwrap();
        }
        let why = mailer(|config| {
            config.mail.transport = MailTransport::Smtp;
            config.mail.smtp_url = Some("smtps://mail.example.com".into());
            config.mail.ca_file = Some(file.clone());
        });
        let why = why.unwrap_err().to_string();
        assert!(why.starts_with("mail") && why.contains(reason), "{why}");
    }
}

#[tokio::test]
async fn the_folder_holds_whole_letters_in_their_order() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("deep/mail");
    let mailer = mailer(|config| config.mail.folder = Some(folder.clone())).unwrap();
    // As of jobs that were queued one after the other.
    let key = |index: usize| format!("{}.{}", 100 - index, 1_790_000_000_000_000 + index);
    for (index, content) in letters("Acme").into_iter().enumerate() {
        let letter = Letter {
            to: format!("p{index}@example.com"),
            content,
        };
        mailer.send(&letter, &key(index)).await.unwrap();
    }
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert_eq!(files.len(), letters("").len());
    for (index, file) in files.iter().enumerate() {
        assert_eq!(file.extension().unwrap(), "eml");
        let raw = std::fs::read(file).unwrap();
        let message = MessageParser::default().parse(&raw).unwrap();
        assert_eq!(
            message.message_id(),
            Some(format!("{}@team.example.com", key(index).replace('.', "=2e")).as_str())
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}

#[tokio::test]
async fn without_a_way_out_or_a_place_nothing_is_called_sent() {
    let letter = Letter {
        to: "jane@example.com".into(),
        content: letters("Acme").swap_remove(0),
    };
    let nowhere = mailer(|config| config.mail.transport = MailTransport::None).unwrap();
    assert!(matches!(nowhere.send(&letter, "job-1").await, Err(Failure::Never(_))));

    let file = tempfile::NamedTempFile::new().unwrap();
    let blocked = mailer(|config| config.mail.folder = Some(file.path().to_owned())).unwrap();
    let Err(Failure::Later(why)) = blocked.send(&letter, "job-1").await else {
        panic!("a file is no folder");
    };
    assert!(!why.contains('/'), "{why}");
}

#[test]
fn buttons_can_be_read_whatever_their_colour() {
    for (color, expected) in [
        ("#ffffff", "#000000"),
        ("#000000", "#ffffff"),
        ("#4a3fb5", "#ffffff"),
        ("#FFCC00", "#000000"),
    ] {
        let mailer = mailer(|config| config.mail.color = color.into()).unwrap();
        let html = mailer.renderer.render(&letters("Acme")[0]).unwrap().html;
        assert!(
            html.contains(&format!("background:{color};color:{expected};")),
            "{html}"
        );
    }
}
