//! A mail server, and what its trouble means for a letter.

use std::time::{Duration, Instant};

use mail_parser::MessageParser;
use roster::{
    config::{Config, MailTransport, StartTls},
    mail::{Content, Failure, Letter, Mailer},
};

use super::invite;
use crate::support::{Reaction, Received, Security, SmtpServer};

/// A mailer for `server`, in the clear and impatient unless `change` says
/// otherwise.
fn mailer_with(server: &SmtpServer, change: impl FnOnce(&mut Config)) -> Mailer {
    let mut config = Config {
        public_url: Some("https://team.example.com".parse().unwrap()),
        ..Config::default()
    };
    config.mail.transport = MailTransport::Smtp;
    config.mail.smtp_url = Some(server.url().into());
    config.mail.starttls = Some(StartTls::Never);
    config.mail.timeout = Duration::from_secs(20);
    config.mail.from = "Crew <crew@example.com>".into();
    change(&mut config);
    Mailer::new(&config).unwrap()
}

fn mailer(server: &SmtpServer) -> Mailer {
    mailer_with(server, |_| ())
}

async fn send(mailer: &Mailer, to: &str) -> Result<(), Failure> {
    mailer.send(&invite(to).0, "job-1").await
}

/// Why the letter is to be tried again.
#[track_caller]
fn later(outcome: Result<(), Failure>) -> String {
    match outcome {
        Err(Failure::Later(why)) => why,
        other => panic!("not to be tried again: {other:?}"),
    }
}

/// Why the server said nothing at this step; after the text nobody knows whether
/// it has the letter.
#[track_caller]
fn untold(step: &str, outcome: Result<(), Failure>) -> String {
    match outcome {
        Err(Failure::Unknown(why)) if step == "." => why,
        other if step != "." => later(other),
        other => panic!("known: {other:?}"),
    }
}

fn message_id(letter: &Received) -> String {
    MessageParser::default()
        .parse(&letter.raw)
        .unwrap()
        .message_id()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_letter_arrives_as_it_was_written() {
    let server = SmtpServer::start();
    let mailer = mailer(&server);
    let (letter, url) = invite("jane@example.com");

    mailer.send(&letter, "job-7").await.unwrap();

    let received = server.wait_for(1).await;
    assert_eq!(
        (received[0].from.as_str(), &received[0].to[..]),
        ("crew@example.com", &["jane@example.com".into()][..])
    );
    let message = MessageParser::default().parse(&received[0].raw).unwrap();
    assert_eq!(message.subject(), Some("Join Acme in using Roster"));
    assert_eq!(message.message_id(), Some("job-7@team.example.com"));
    assert_eq!(message.from().unwrap().first().unwrap().name(), Some("Crew"));
    assert!(message.body_text(0).unwrap().contains(&url));
    let html = message.body_html(0).unwrap().replace("&#x2f;", "/");
    assert!(html.contains(&format!("href=\"{url}\"")), "{html}");
}

#[tokio::test]
async fn lines_of_dots_and_letters_of_any_kind_survive_the_wire() {
    let server = SmtpServer::start();
    let mailer = mailer(&server);
    for organization in [
        ".",
        "..",
        ".\r\nQUIT",
        "Ünïcödé ✉",
        "=C3=BC",
        &"long ".repeat(2_000),
        &"x".repeat(5_000),
    ] {
        let content = Content::Invite {
            organization: organization.to_owned(),
            url: "https://a.example/i".into(),
        };
        mailer
            .send(
                &Letter {
                    to: "jane@example.com".into(),
                    content,
                },
                "job-1",
            )
            .await
            .unwrap();
        let raw = server.received().pop().unwrap().raw;
        let message = MessageParser::default().parse(&raw).unwrap();
        let words = |text: &str| text.split_whitespace().map(String::from).collect::<Vec<_>>().join(" ");
        let text = words(&message.body_text(0).unwrap());
        assert!(
            text.starts_with(&words(&format!("You are invited to join {organization} in using"))),
            "{text}"
        );
    }
    let quits = server.commands().iter().filter(|line| line.starts_with("QUIT")).count();
    assert_eq!(quits, 0);
}

#[tokio::test]
async fn the_same_key_makes_the_same_message_id() {
    let server = SmtpServer::start();
    let mailer = mailer(&server);
    for key in ["job-1", "job-1", "job-2", "job 2"] {
        mailer.send(&invite("jane@example.com").0, key).await.unwrap();
    }
    let ids: Vec<_> = server.received().iter().map(message_id).collect();
    assert_eq!(ids[0], ids[1]);
    assert!(ids[1] != ids[2] && ids[2] != ids[3]);
}

#[tokio::test]
async fn connections_are_used_again() {
    let server = SmtpServer::start();
    let mailer = mailer(&server);
    for _ in 0..5 {
        send(&mailer, "jane@example.com").await.unwrap();
    }
    assert_eq!((server.received().len(), server.connections()), (5, 1));

    // As many at once as there are letters, and only some are kept.
    server.on("RCPT", Reaction::Wait(Duration::from_millis(200)));
    let sending = (0..8).map(|_| send(&mailer, "jane@example.com"));
    for outcome in futures_util::future::join_all(sending).await {
        outcome.unwrap();
    }
    assert_eq!((server.received().len(), server.connections()), (13, 8));
    server.heal();
    send(&mailer, "jane@example.com").await.unwrap();
    assert_eq!(server.connections(), 8);
}

#[tokio::test]
async fn a_connection_that_was_closed_in_between_loses_no_letter() {
    let mut server = SmtpServer::start();
    let mailer = mailer(&server);
    send(&mailer, "jane@example.com").await.unwrap();

    server.disconnect();
    send(&mailer, "jane@example.com").await.unwrap();
    assert_eq!((server.received().len(), server.connections()), (2, 2));

    // The server says goodbye, as they do to those who are idle for too long.
    server.on("NOOP", Reaction::Say("421 4.4.2 too long"));
    send(&mailer, "jane@example.com").await.unwrap();
    server.on("NOOP", Reaction::Drop);
    send(&mailer, "jane@example.com").await.unwrap();
    server.heal();

    server.pause();
    later(send(&mailer, "jane@example.com").await);
    server.resume();
    send(&mailer, "jane@example.com").await.unwrap();
    assert_eq!(server.received().len(), 5);
}

#[tokio::test]
async fn a_recipient_who_is_refused_is_refused_for_good() {
    let server = SmtpServer::start();
    let mailer = mailer(&server);
    server.on(
        "RCPT gone@example.com",
        Reaction::Say("550 5.1.1 <gone@example.com> unknown at secret.host"),
    );
    server.on("RCPT curt@example.com", Reaction::Say("550 no"));
    let lines = "550-5.1.1.9 secret\r\n550 secret";
    server.on("RCPT odd@example.com", Reaction::Say(lines));

    for (to, reason) in [
        ("gone@example.com", "The mail server refused the recipient (550 5.1.1)."),
        ("curt@example.com", "The mail server refused the recipient (550)."),
        ("odd@example.com", "The mail server refused the recipient (550)."),
    ] {
        assert_eq!(send(&mailer, to).await, Err(Failure::Never(reason.into())));
    }
    // Nobody else suffers from it.
    send(&mailer, "jane@example.com").await.unwrap();
    server.on(".", Reaction::Say("554 5.6.0 we do not like it"));
    let refused = Failure::Never("The mail server refused the message (554 5.6.0).".into());
    assert_eq!(send(&mailer, "jane@example.com").await, Err(refused));
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn what_may_be_mended_is_tried_again() {
    let server = SmtpServer::start();
    let mailer = mailer(&server);
    for (step, answer) in [
        ("CONNECT", "421 4.3.2 busy"),
        ("CONNECT", "554 5.3.2 not you"),
        ("EHLO", "550 5.7.1 not you"),
        ("MAIL", "451 4.7.1 soon"),
        ("MAIL", "553 5.7.1 not your address"),
        ("MAIL", "530 5.7.0 sign in first"),
        ("RCPT", "450 4.2.1 grey"),
        ("RCPT", "451 4.7.1 soon"),
        ("RCPT", "452 4.2.2 full"),
        ("RCPT", "530 5.7.0 sign in first"),
        ("DATA", "451 4.3.0 soon"),
        (".", "452 4.3.1 no room"),
        (".", "421 4.4.1 bye"),
    ] {
        server.heal();
        server.disconnect();
        server.on(step, Reaction::Say(answer));
        let why = later(send(&mailer, "jane@example.com").await);
        assert!(why.ends_with(&format!("({}).", &answer[..9])), "{step} {answer}: {why}");
        let said = answer.get(10..).unwrap();
        assert!(!why.contains(said), "{why}");
    }
    assert!(server.received().is_empty());
    server.heal();
    send(&mailer, "jane@example.com").await.unwrap();
}

#[tokio::test]
async fn connections_that_break_are_tried_again() {
    let server = SmtpServer::start();
    let mailer = mailer(&server);
    for step in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."] {
        server.heal();
        server.on(step, Reaction::Drop);
        let why = untold(step, send(&mailer, "jane@example.com").await);
        assert!(!why.contains("localhost") && !why.contains("127.0.0.1"), "{why}");
    }
    server.heal();
    send(&mailer, "jane@example.com").await.unwrap();
    // What broke after the last line was a letter all the same: this is why a
    // second attempt has the same id.
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn a_slow_server_costs_no_more_than_the_timeout() {
    let server = SmtpServer::start();
    let mailer = mailer_with(&server, |config| config.mail.timeout = Duration::from_millis(700));
    for step in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."] {
        server.heal();
        server.on(step, Reaction::Hang);
        let begin = Instant::now();
        let why = untold(step, send(&mailer, "jane@example.com").await);
        assert_eq!(why, "The mail server did not answer in time.", "{step}");
        assert!(
            begin.elapsed() < Duration::from_secs(5),
            "{step}: {:?}",
            begin.elapsed()
        );
    }
    server.heal();
    server.on("RCPT", Reaction::Wait(Duration::from_millis(100)));
    send(&mailer, "jane@example.com").await.unwrap();
}

#[tokio::test]
async fn a_late_answer_is_not_taken_for_the_next_letters() {
    let server = SmtpServer::start();
    let mailer = mailer_with(&server, |config| config.mail.timeout = Duration::from_millis(700));
    send(&mailer, "jane@example.com").await.unwrap();
    server.on(".", Reaction::Wait(Duration::from_millis(1_000)));
    untold(".", send(&mailer, "jane@example.com").await);
    server.heal();
    tokio::time::sleep(Duration::from_millis(600)).await;

    server.on(".", Reaction::Say("554 5.6.0 we do not like it"));
    let outcome = send(&mailer, "jim@example.com").await;
    assert!(matches!(outcome, Err(Failure::Never(_))), "{outcome:?}");
    server.heal();
    server.on("RCPT gone@example.com", Reaction::Say("550 5.1.1 unknown"));
    assert!(matches!(
        send(&mailer, "gone@example.com").await,
        Err(Failure::Never(_))
    ));
    send(&mailer, "joe@example.com").await.unwrap();
    let to: Vec<_> = server.received().into_iter().flat_map(|letter| letter.to).collect();
    assert_eq!(to, ["jane@example.com", "jane@example.com", "joe@example.com"]);
}

#[tokio::test]
async fn a_server_that_is_down_is_tried_again() {
    let mut server = SmtpServer::start();
    let mailer = mailer(&server);
    server.pause();
    assert_eq!(
        later(send(&mailer, "jane@example.com").await),
        "The mail server cannot be reached."
    );
    let nowhere = mailer_with(&server, |config| {
        config.mail.smtp_url = Some("smtp://mail.invalid".into())
    });
    assert_eq!(
        later(send(&nowhere, "jane@example.com").await),
        "The mail server cannot be reached."
    );
    server.resume();
    send(&mailer, "jane@example.com").await.unwrap();
}

/// The settings that trust `server` and want encryption.
fn secure(server: &SmtpServer) -> impl FnOnce(&mut Config) {
    let file = server.ca_file();
    |config| {
        config.mail.starttls = Some(StartTls::Required);
        config.mail.ca_file = Some(file);
    }
}

#[tokio::test]
async fn who_has_the_password_may_send() {
    for security in [Security::StartTls, Security::Implicit] {
        let server = SmtpServer::start_with(security, Some(("crew@example.com", "pa/ss:@ wörd%20")));
        send(&mailer_with(&server, secure(&server)), "jane@example.com")
            .await
            .unwrap();
        let letter = server.received().pop().unwrap();
        assert!(letter.is_encrypted);
        assert_eq!(letter.user.as_deref(), Some("crew@example.com"));

        for login in ["crew%40example.com:wrong@", ""] {
            let stranger = mailer_with(&server, |config| {
                secure(&server)(config);
                let (scheme, rest) = server
                    .url()
                    .split_once("://")
                    .map(|(a, b)| (a.to_owned(), b.to_owned()))
                    .unwrap();
                let host = rest.rsplit('@').next().unwrap();
                config.mail.smtp_url = Some(format!("{scheme}://{login}{host}").into());
            });
            let why = later(send(&stranger, "jane@example.com").await);
            let expected = if login.is_empty() {
                "The mail server did not accept the sender (530 5.7.0)."
            } else {
                "The mail server did not let us sign in (535 5.7.8)."
            };
            assert_eq!(why, expected);
        }
        assert_eq!(server.received().len(), 1);
    }
}

#[tokio::test]
async fn what_is_to_be_encrypted_is_never_sent_in_the_clear() {
    let server = SmtpServer::start_with(Security::Plain, Some(("crew", "password")));
    for starttls in [StartTls::Required, StartTls::Opportunistic] {
        let careful = mailer_with(&server, |config| config.mail.starttls = Some(starttls));
        let why = later(send(&careful, "jane@example.com").await);
        assert_eq!(why, "There is no secure connection to the mail server.");
    }
    let said = server.commands();
    assert!(
        said.iter().all(|line| line.starts_with("EHLO ") || line == "QUIT"),
        "{said:?}"
    );

    // Who insists may, on a machine of their own.
    send(&mailer(&server), "jane@example.com").await.unwrap();
    let open = SmtpServer::start();
    let easy = mailer_with(&open, |config| config.mail.starttls = Some(StartTls::Opportunistic));
    send(&easy, "jane@example.com").await.unwrap();
    assert!(!open.received()[0].is_encrypted);
}

#[tokio::test]
async fn encryption_that_is_offered_is_used() {
    for starttls in [StartTls::Required, StartTls::Opportunistic] {
        let server = SmtpServer::start_with(Security::StartTls, None);
        let mailer = mailer_with(&server, |config| {
            secure(&server)(config);
            config.mail.starttls = Some(starttls);
        });
        send(&mailer, "jane@example.com").await.unwrap();
        assert!(server.received()[0].is_encrypted);
        server.on("STARTTLS", Reaction::Say("454 4.7.0 not now"));
        server.disconnect();
        let why = later(send(&mailer, "jane@example.com").await);
        assert_eq!(why, "There is no secure connection to the mail server (454 4.7.0).");
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    for security in [Security::StartTls, Security::Implicit] {
        let server = SmtpServer::start_with(security, Some(("crew", "password")));
        let other = SmtpServer::start();
        for starttls in [StartTls::Required, StartTls::Opportunistic] {
            for ca_file in [None, Some(other.ca_file())] {
                let mailer = mailer_with(&server, |config| {
                    config.mail.starttls = Some(starttls);
                    config.mail.ca_file = ca_file;
                });
                let why = later(send(&mailer, "jane@example.com").await);
                assert!(!why.contains("localhost"), "{why}");
            }
        }
        assert!(server.received().is_empty());
        let said = server.commands();
        assert!(!said.iter().any(|line| line.starts_with("AUTH")), "{said:?}");
    }
}

#[tokio::test]
async fn addresses_beyond_ascii_need_a_server_that_takes_them() {
    let server = SmtpServer::start();
    let mailer = mailer(&server);
    send(&mailer, "jane@bücher.example").await.unwrap();
    assert_eq!(server.received()[0].to, ["jane@xn--bcher-kva.example"]);
    assert!(matches!(
        send(&mailer, "jürgen@example.com").await,
        Err(Failure::Never(_))
    ));
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn no_recipient_comes_in_through_an_address() {
    let server = SmtpServer::start();
    let mailer = mailer(&server);
    for to in [
        "jane@example.com>\r\nRCPT TO:<eve@example.com",
        "jane@example.com\r\nDATA",
        "<jane@example.com>",
        "",
    ] {
        assert!(matches!(send(&mailer, to).await, Err(Failure::Never(_))), "{to:?}");
    }
    send(&mailer, "\"a, b <c>\"@example.com").await.unwrap();
    let said = server.commands();
    assert_eq!(
        said.iter().filter(|line| line.starts_with("RCPT")).count(),
        1,
        "{said:?}"
    );
    assert!(
        said.contains(&"RCPT TO:<\"a, b <c>\"@example.com>".to_owned()),
        "{said:?}"
    );
}
