//! Mails over a real connection: what arrives, and what a difficult mail server
//! does not disturb.

use mail_parser::MessageParser;
use roster::config::MailTransport;

use super::*;
use crate::support::{Reaction, SmtpServer};

/// A server that works and sends by `server`.
fn sending(server: &SmtpServer) -> impl Fn(&mut Config) + use<> {
    let url = server.url();
    move |config| {
        working(config);
        config.mail.transport = MailTransport::Smtp;
        config.mail.smtp_url = Some(url.clone().into());
        config.public_url = Some("https://people.example.com/".parse().unwrap());
    }
}

#[tokio::test]
async fn the_link_in_the_mail_lets_its_reader_in() {
    let server = SmtpServer::start();
    let app = TestApp::start_with(sending(&server)).await;
    let (acme, ann) = app.organization("Acme <Übung & Söhne>").await;
    let input = json!({ "email": "Bob@Example.com", "referrer": "welcome page" });
    let reply = ann.create_invite(&acme, input).await.done("createInvite");
    ann.delivered(&reply.text("createInvite.invite.id"), "SENT").await;

    let letters = server.received();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to, ["Bob@Example.com"]);
    let letter = MessageParser::default().parse(&letters[0].raw).unwrap();
    assert_eq!(letter.subject(), Some("Join Acme <Übung & Söhne> in using Roster"));
    assert_eq!(
        letter.header_raw("Auto-Submitted").map(str::trim),
        Some("auto-generated")
    );
    let (text, html) = (letter.body_text(0).unwrap(), letter.body_html(0).unwrap());
    let link = text
        .split_whitespace()
        .find(|word| word.starts_with("https://people.example.com/invite/"))
        .unwrap();
    assert_eq!(link, reply.text("createInvite.acceptUrl"));
    assert!(link.ends_with("?referrer=welcome+page"), "{link}");
    assert!(
        html.contains(&link.replace('/', "&#x2f;")) || html.contains(link),
        "{html}"
    );
    assert!(html.contains("Acme &lt;Übung &amp; Söhne&gt;"), "{html}");

    let token = link.rsplit('/').next().unwrap().split('?').next().unwrap();
    app.person("bob").accept_invite(token).await.done("acceptInvite");
}

#[tokio::test]
async fn a_recipient_who_is_refused_for_good_is_not_tried_again() {
    let server = SmtpServer::start();
    server.on(
        "RCPT no@example.com",
        Reaction::Say("550 5.1.1 no such user here: secret-host-7"),
    );
    let app = TestApp::start_with(sending(&server)).await;
    app.expect_failures();
    let (acme, ann) = app.organization("Acme").await;
    let bad = app.invite(&acme, &ann, "no@example.com", "member").await;
    let good = app.invite(&acme, &ann, "yes@example.com", "member").await;

    let delivery = ann.delivered(&bad.id, "FAILED").await;
    ann.delivered(&good.id, "SENT").await;

    assert_eq!(delivery["attempts"], 1);
    let reason = delivery["lastError"].as_str().unwrap();
    assert!(
        reason.contains("refused the recipient") && !reason.contains("secret-host"),
        "{reason}"
    );
    assert!(delivery["lastSentAt"].is_null());
}

#[tokio::test]
async fn a_server_that_says_later_gets_the_same_mail_later() {
    let server = SmtpServer::start();
    server.on("RCPT", Reaction::Say("451 4.7.1 greylisted"));
    let app = TestApp::start_with(|config| {
        sending(&server)(config);
        config.jobs.retries = vec![Duration::from_millis(100); 500];
    })
    .await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    let delivery = eventually("it was tried twice", || async {
        let delivery = ann.delivery(&invite.id).await;
        (delivery["attempts"].as_i64() >= Some(2)).then_some(delivery)
    })
    .await;
    assert_eq!(delivery["status"], "QUEUED");
    assert!(delivery["lastError"].is_string(), "{delivery}");

    server.heal();

    let delivery = ann.delivered(&invite.id, "SENT").await;
    assert!(
        delivery["lastError"].is_null() && delivery["attempts"].as_i64() >= Some(3),
        "{delivery}"
    );
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_server_that_is_down_or_slow_does_not_disturb_the_mutation() {
    let server = SmtpServer::start();
    server.on(".", Reaction::Wait(Duration::from_secs(2)));
    let slow = TestApp::start_with(sending(&server)).await;
    let (acme, ann) = slow.organization("Acme").await;
    let down = TestApp::start_with(|config| {
        sending(&server)(config);
        // Nobody listens on port 1.
        config.mail.smtp_url = Some("smtp://127.0.0.1:1".into());
    })
    .await;
    down.expect_failures();
    let (globex, dana) = down.organization("Globex").await;

    let begun = std::time::Instant::now();
    let slowly = slow.invite(&acme, &ann, "bob@example.com", "member").await;
    let never = down.invite(&globex, &dana, "bob@example.com", "member").await;
    assert!(begun.elapsed() < Duration::from_millis(1900), "{:?}", begun.elapsed());

    assert_eq!(ann.delivery(&slowly.id).await["status"], "QUEUED");
    ann.delivered(&slowly.id, "SENT").await;
    let delivery = dana.delivered(&never.id, "FAILED").await;
    assert_eq!(delivery["attempts"], 3);
    let reason = delivery["lastError"].as_str().unwrap();
    assert!(!reason.contains("127.0.0.1"), "{reason}");
    down.person("bob")
        .accept_invite(&never.token)
        .await
        .done("acceptInvite");
}

#[tokio::test]
async fn a_mail_that_is_tried_again_is_known_by_its_message_id() {
    let server = SmtpServer::start();
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.invite(&acme, &ann, "bob@example.com", "member").await;
    let job = app.db_jobs().await.pop().unwrap();
    let ids = || {
        let ids = server.received().into_iter().map(|letter| {
            let letter = MessageParser::default().parse(&letter.raw).unwrap().into_owned();
            letter.message_id().unwrap().to_owned()
        });
        ids.collect::<Vec<_>>()
    };
    let _worker = app.node_with(sending(&server)).await;
    eventually("the mail is there", || async {
        (server.received().len() == 1).then_some(())
    })
    .await;
    app.db_idle().await;
    // The worker was killed before it could note the end.
    let again = sea_orm::IntoActiveModel::into_active_model(job);
    sea_orm::EntityTrait::insert(sea_orm::ActiveModelTrait::reset_all(again))
        .exec(&app.db)
        .await
        .unwrap();
    eventually("it is there again", || async {
        (server.received().len() == 2).then_some(())
    })
    .await;

    let ids = ids();
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_asked_to_stop_finishes_the_mail_it_has_begun() {
    let server = SmtpServer::start();
    server.on(".", Reaction::Wait(Duration::from_millis(700)));
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    let later = app.invite(&acme, &ann, "eve@example.com", "member").await;
    let worker = app.node_with(sending(&server)).await;
    eventually("the first is begun", || async {
        let jobs = app.db_jobs().await;
        jobs.iter()
            .any(|job| job.status == JobStatus::Running && job.repeat_key.is_none())
            .then_some(())
    })
    .await;

    tokio::task::spawn_blocking(|| drop(worker)).await.unwrap();

    assert_eq!(server.received().len(), 1);
    assert_eq!(ann.delivery(&invite.id).await["status"], "SENT");
    assert_eq!(
        ann.delivery(&later.id).await["status"],
        "QUEUED",
        "nothing new is begun"
    );
}

#[tokio::test]
async fn the_request_to_link_single_sign_on_goes_to_the_member() {
    let server = SmtpServer::start();
    let app = TestApp::start_with(sending(&server)).await;
    let (acme, ann) = app.organization("Acme").await;
    let member = app.join(&acme, &ann, &app.person("bob"), "member").await;
    app.db_auth_provider(&acme, true).await;
    // The invite may have been accepted before its letter was sent.
    app.db_idle().await;
    let before = server.received().len();

    ann.update_member_roles(&member, json!({ "reinvite": true }))
        .await
        .done("updateMemberRoles");
    app.db_idle().await;

    let letters = server.received().split_off(before);
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to, ["bob@example.com"]);
    let letter = MessageParser::default().parse(&letters[0].raw).unwrap();
    assert_eq!(letter.subject(), Some("Action Required for Acme"));
    let text = letter.body_text(0).unwrap();
    assert!(
        text.contains("https://people.example.com/organizations/acme/sso"),
        "{text}"
    );
    assert!(text.contains("ann@example.com"), "who asked: {text}");
}

#[tokio::test]
async fn of_two_mails_of_one_invite_the_newer_counts() {
    let server = SmtpServer::start();
    server.on("RCPT", Reaction::Say("451 4.7.1 greylisted"));
    let app = TestApp::start_with(|config| {
        sending(&server)(config);
        config.jobs.retries = vec![Duration::from_secs(2); 5];
    })
    .await;
    let (acme, ann) = app.organization("Acme").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    eventually("the first was put off", || async {
        (ann.delivery(&invite.id).await["attempts"] == 1).then_some(())
    })
    .await;

    server.heal();
    let input = json!({ "memberId": invite.member, "regenerate": true });
    ann.mutate("resendInvite", "acceptUrl", input)
        .await
        .done("resendInvite");
    ann.delivered(&invite.id, "SENT").await;
    server.on("RCPT", Reaction::Say("550 5.1.1 gone"));
    app.db_idle().await;

    let delivery = ann.delivery(&invite.id).await;
    assert_eq!(
        (&delivery["status"], &delivery["attempts"]),
        (&json!("SENT"), &json!(1))
    );
    assert_eq!(server.received().len(), 1, "the older is not sent any more");
}

#[tokio::test]
async fn an_attempt_that_ended_with_its_worker_is_no_failure() {
    let server = SmtpServer::start();
    server.on("RCPT", Reaction::Say("451 4.7.1 greylisted"));
    let app = TestApp::start().await;
    app.expect_failures();
    let (acme, ann) = app.organization("Acme").await;
    let [often, deadly] =
        ["often@example.com", "deadly@example.com"].map(|email| app.invite(&acme, &ann, email, "member"));
    let (often, deadly) = (often.await, deadly.await);
    let jobs = app.db_jobs().await;
    for (job, attempts) in jobs.iter().zip([5, 11]) {
        app.db_change_job(job.id, |job| {
            job.status = sea_orm::ActiveValue::Set(JobStatus::Running);
            job.attempts = sea_orm::ActiveValue::Set(attempts);
        })
        .await;
    }

    let _worker = app
        .node_with(|config| {
            sending(&server)(config);
            config.jobs.retries = vec![Duration::from_secs(3600)];
        })
        .await;

    let delivery = ann.delivered(&deadly.id, "FAILED").await;
    assert_eq!(delivery["lastError"], "Its worker has died of it again and again.");
    eventually("the other was put off, for its first time", || async {
        let delivery = ann.delivery(&often.id).await;
        (delivery["status"] == "QUEUED" && delivery["attempts"] == 6).then_some(())
    })
    .await;
}
