//! The mailbox: what developers see, and who else does not.

use reqwest::{Client, StatusCode};
use roster::{
    config::{Config, MailTransport, Mode},
    mail::{Content, Letter, Mailer},
};

use super::invite;
use crate::support::TestApp;

/// A page, asked for under the name `host`.
async fn get(app: &TestApp, path: &str, host: &str) -> reqwest::Response {
    let http = Client::builder().no_proxy().build().unwrap();
    let port = app.url.rsplit(':').next().unwrap();
    let request = http
        .get(format!("{}{path}", app.url))
        .header("host", host.replace("PORT", port));
    request.send().await.unwrap()
}

async fn page(app: &TestApp, path: &str) -> String {
    let response = get(app, path, "localhost:PORT").await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    response.text().await.unwrap()
}

/// A server, and a mailer into its folder.
async fn start() -> (TestApp, Mailer) {
    let app = TestApp::start().await;
    let mut config = Config::default();
    config.mail.folder = Some(app.mail_folder());
    (app, Mailer::new(&config).unwrap())
}

/// Where the letters in the list lead, in their order.
fn links(list: &str) -> Vec<String> {
    let links = list
        .split("href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap());
    links
        .filter(|link| link.starts_with("/dev/mail/2"))
        .map(String::from)
        .collect()
}

fn unescaped(html: &str) -> String {
    html.replace("&#x2f;", "/")
}

#[tokio::test]
async fn developers_read_their_mail_and_follow_its_link() {
    let (app, mailer) = start().await;
    assert!(page(&app, "/dev/mail").await.contains("No mail yet"));
    let (letter, url) = invite("jane@example.com");
    mailer.send(&letter, "1.1790000000000001").await.unwrap();
    mailer
        .send(&invite("jim@example.com").0, "2.1790000000000002")
        .await
        .unwrap();

    let list = page(&app, "/dev/mail").await;
    assert!(
        list.find("jim@example.com") < list.find("jane@example.com"),
        "newest first: {list}"
    );
    assert_eq!(list.matches("Join Acme in using Roster").count(), 2);

    let path = links(&list).pop().unwrap();
    let shown = unescaped(&page(&app, &path).await);
    assert!(
        shown.contains("Join Acme in using Roster") && shown.contains("jane@example.com"),
        "{shown}"
    );
    let link = format!("<a href=\"{url}\" target=\"_blank\" rel=\"noopener noreferrer\">{url}</a>");
    assert!(shown.contains(&link), "{shown}");
    assert!(
        shown.contains(&format!("<iframe src=\"{path}/html\" sandbox=")),
        "{shown}"
    );
    let html = unescaped(&page(&app, &format!("{path}/html")).await);
    assert!(html.contains(&format!("href=\"{url}\" target=\"_blank\"")), "{html}");
    let style = get(&app, "/dev/mail/mailbox.css", "localhost").await;
    assert_eq!(style.headers()["content-type"], "text/css; charset=utf-8");
}

#[tokio::test]
async fn pages_run_nothing_load_nothing_and_are_kept_nowhere() {
    let (app, mailer) = start().await;
    mailer
        .send(&invite("jane@example.com").0, "1.1790000000000001")
        .await
        .unwrap();
    let path = links(&page(&app, "/dev/mail").await).remove(0);
    for (path, frames, extra) in [
        ("/dev/mail".to_owned(), "DENY", "style-src 'self'"),
        (path.clone(), "DENY", "frame-src 'self'"),
        (
            format!("{path}/html"),
            "SAMEORIGIN",
            "sandbox allow-popups allow-popups-to-escape-sandbox",
        ),
    ] {
        let response = get(&app, &path, "localhost:PORT").await;
        let header = |name| response.headers()[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; ") && policy.contains(extra),
            "{policy}"
        );
        assert!(!policy.contains("script") && !policy.contains("http"), "{policy}");
        assert_eq!(response.headers().get_all("content-security-policy").iter().count(), 1);
        assert_eq!(
            (header("cache-control").as_str(), header("x-frame-options").as_str()),
            ("no-store", frames)
        );
        assert_eq!(header("referrer-policy"), "no-referrer");
        let text = response.text().await.unwrap();
        assert!(!text.contains("<script") && !text.contains(" onclick"), "{text}");
    }
}

#[tokio::test]
async fn what_is_in_a_letter_does_not_change_the_pages() {
    let (app, mailer) = start().await;
    let organization = "<script>alert(1)</script>\"'><img src=x> https://evil.example/\" onmouseover=\"x".to_owned();
    let content = Content::Invite {
        organization,
        url: "https://a.example/\"><script>".into(),
    };
    mailer
        .send(
            &Letter {
                to: "\"<b>\"@example.com".into(),
                content,
            },
            "1.1790000000000001",
        )
        .await
        .unwrap();
    let list = page(&app, "/dev/mail").await;
    let path = links(&list).remove(0);
    for text in [list, page(&app, &path).await, page(&app, &format!("{path}/html")).await] {
        for bad in ["<script", "<img", "<b>", "\" onmouseover=\"", "\"'>"] {
            assert!(!text.contains(bad), "{bad}: {text}");
        }
    }
}

#[tokio::test]
async fn only_the_newest_letters_are_listed_and_only_letters() {
    let (app, mailer) = start().await;
    for index in 0..105 {
        let (letter, _) = invite(&format!("p{index:03}@example.com"));
        mailer
            .send(
                &letter,
                &format!("{index}.{}", 1_790_000_000_000_000_u64 + u64::try_from(index).unwrap()),
            )
            .await
            .unwrap();
    }
    let folder = app.mail_folder();
    std::fs::write(folder.join("notes.txt"), "Subject: not a letter").unwrap();
    std::fs::write(folder.join("a.b.eml"), "Subject: not ours\r\n\r\n").unwrap();
    std::fs::write(folder.join("3-empty.eml"), "").unwrap();
    std::fs::write(folder.join("secret.txt"), "secret").unwrap();
    std::fs::write(folder.join("4-large.eml"), vec![b'x'; 2 * 1024 * 1024]).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.join("secret.txt"), folder.join("5-link.eml")).unwrap();

    let list = page(&app, "/dev/mail").await;
    assert!(!list.contains("not a letter") && !list.contains("not ours"), "{list}");
    let letters = links(&list);
    assert!(letters.len() >= 97 && letters.len() <= 100, "{}", letters.len());
    assert!(
        list.contains("p104@") && list.contains("p010@") && !list.contains("p004@"),
        "{list}"
    );

    for id in [
        "5-link",
        "4-large",
        "secret.txt",
        "secret",
        "a.b",
        "..%2fmail%2fsecret",
        "%2e%2e",
        "..%2f..%2froster.sqlite",
        "%00",
        "nothing",
        "20261121T090500000000Z-0123abcd",
    ] {
        for path in [format!("/dev/mail/{id}"), format!("/dev/mail/{id}/html")] {
            let response = get(&app, &path, "localhost:PORT").await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
            assert!(!response.text().await.unwrap().contains("secret"), "{path}");
        }
    }
}

#[tokio::test]
async fn foreign_names_and_other_deployments_have_no_mailbox() {
    let (app, mailer) = start().await;
    mailer
        .send(&invite("jane@example.com").0, "1.1790000000000001")
        .await
        .unwrap();
    let letter = links(&page(&app, "/dev/mail").await).remove(0);
    let paths = ["/dev/mail", "/dev/mail/mailbox.css", &letter, &format!("{letter}/html")];
    for path in paths {
        for host in ["127.0.0.1:PORT", "localhost", "[::1]:PORT"] {
            assert_eq!(get(&app, path, host).await.status(), StatusCode::OK, "{host}{path}");
        }
        for host in [
            "evil.example",
            "evil.example:PORT",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "10.0.0.1",
        ] {
            let response = get(&app, path, host).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{host}{path}");
            assert_eq!(response.text().await.unwrap(), "");
        }
    }

    let production = |config: &mut Config| {
        config.mode = Mode::Production;
        config.public_url = Some("https://roster.example.com".parse().unwrap());
    };
    let nowhere = |config: &mut Config| config.mail.transport = MailTransport::None;
    let smtp = |config: &mut Config| {
        config.mail.transport = MailTransport::Smtp;
        config.mail.smtp_url = Some("smtp://localhost:1".into());
    };
    let changes: [&dyn Fn(&mut Config); 3] = [&production, &nowhere, &smtp];
    for change in changes {
        let other = app.node_with(|config| change(config)).await;
        for path in paths {
            let response = get(&other, path, "localhost:PORT").await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}

#[tokio::test]
async fn a_server_for_everybody_has_no_mailbox() {
    let open = |config: &mut Config| {
        config.listen.set_ip([0, 0, 0, 0].into());
    };
    let app = TestApp::start_with(open).await;
    assert_eq!(
        get(&app, "/dev/mail", "localhost:PORT").await.status(),
        StatusCode::NOT_FOUND
    );
}
