//! Pages and assets: what they are, how long they are kept, how they are packed.

use std::io::Read;

use reqwest::StatusCode;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::*;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
     connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Names of the assets that the page loads.
fn assets() -> Vec<String> {
    let page = String::from_utf8(built("index.html")).unwrap();
    let assets = page.split("\"/console/").skip(1);
    let assets = assets.map(|rest| rest.split('"').next().unwrap().to_owned());
    let assets: Vec<_> = assets.filter(|name| name.starts_with("assets/")).collect();
    assert!(!assets.is_empty(), "{page}");
    assets
}

fn script() -> String {
    let is_script = |name: &String| name.ends_with(".js");
    assets().into_iter().find(is_script).expect("the page loads a script")
}

/// What a path is answered that no client would send like that.
async fn answer_to(app: &TestApp, path: &str) -> String {
    let mut stream = TcpStream::connect(app.url.strip_prefix("http://").unwrap())
        .await
        .unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn every_page_is_the_same_file_which_is_asked_for_each_time() {
    let app = TestApp::start().await;
    for path in [
        "/console",
        "/console/",
        "/console/sign-in",
        "/console/account?from=mail",
        "/console/organizations/acme/members",
        "/console/organizations/acme/teams/back-end",
        "/console/organizations/acme/",
        "/console/nothing.html",
    ] {
        let answer = get(&app, path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let headers = answer.headers().clone();
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-cache"),
            ("content-security-policy", POLICY),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(text(&headers, name), value, "{path}");
            assert_eq!(headers.get_all(name).iter().count(), 1, "{path}: {name}");
        }
        assert!(headers.contains_key("etag"), "{path}");
        assert_eq!(answer.bytes().await.unwrap(), built("index.html"), "{path}");
    }
    let answer = request(&app, Method::POST, "/console/").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn the_page_loads_nothing_but_assets_which_are_kept_for_ever() {
    let app = TestApp::start().await;
    let page = String::from_utf8(built("index.html")).unwrap();
    // The policy would block them.
    for blocked in ["<style", " style=\"", " onclick", "<base", "http-equiv", "<script>"] {
        assert!(!page.contains(blocked), "{blocked}: {page}");
    }
    for name in assets() {
        let answer = get(&app, &format!("/console/{name}")).await;
        assert_eq!(answer.status(), StatusCode::OK, "{name}");
        let headers = answer.headers().clone();
        let media = match name.rsplit('.').next().unwrap() {
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "svg" => "image/svg+xml",
            other => panic!("teach this test about .{other}"),
        };
        assert_eq!(text(&headers, "content-type"), media, "{name}");
        assert_eq!(text(&headers, "cache-control"), FOR_EVER, "{name}");
        assert_eq!(text(&headers, "content-security-policy"), POLICY, "{name}");
        assert_eq!(answer.bytes().await.unwrap(), built(&name), "{name}");
    }
}

#[tokio::test]
async fn assets_come_as_they_were_compressed_to_those_who_can_read_it() {
    let app = TestApp::start().await;
    let name = script();
    for (accepted, encoding) in [
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, BR;q=0.1", "br"),
        ("*", "br"),
        ("gzip", "gzip"),
        ("gzip, br;q=0", "gzip"),
        ("*, br; q=0, gzip; q=0", ""),
        ("identity", ""),
        ("", ""),
        ("br;q=0", ""),
    ] {
        let asked = request(&app, Method::GET, &format!("/console/{name}")).header("accept-encoding", accepted);
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{accepted}");
        let headers = answer.headers().clone();
        assert_eq!(text(&headers, "content-encoding"), encoding, "{accepted}");
        assert_eq!(
            headers.get_all("content-encoding").iter().count(),
            usize::from(!encoding.is_empty())
        );
        assert_eq!(text(&headers, "vary"), "accept-encoding", "{accepted}");
        assert_eq!(text(&headers, "content-type"), "text/javascript; charset=utf-8");
        assert_eq!(text(&headers, "cache-control"), FOR_EVER);
        let body = answer.bytes().await.unwrap();
        match encoding {
            "br" => assert_eq!(body, built(&format!("{name}.br")), "{accepted}"),
            "gzip" => {
                let mut plain = Vec::new();
                flate2::read::GzDecoder::new(&*body).read_to_end(&mut plain).unwrap();
                assert_eq!(plain, built(&name), "{accepted}");
            }
            _ => assert_eq!(body, built(&name), "{accepted}"),
        }
    }
}

#[tokio::test]
async fn whoever_has_a_file_is_not_sent_it_again() {
    let app = TestApp::start().await;
    let asset = format!("/console/{}", script());
    for (path, caching) in [
        ("/console/", "no-cache"),
        (asset.as_str(), FOR_EVER),
        ("/explorer/explorer.js", "no-cache"),
    ] {
        for method in [Method::GET, Method::HEAD] {
            for accepted in ["br", "gzip", "identity"] {
                let ask = |known: &str| {
                    let asked = request(&app, method.clone(), path).header("accept-encoding", accepted);
                    asked.header("if-none-match", known).send()
                };
                let answer = ask("\"another\"").await.unwrap();
                assert_eq!(answer.status(), StatusCode::OK, "{path}");
                let tag = text(answer.headers(), "etag").to_owned();
                let is_sent = !answer.bytes().await.unwrap().is_empty();
                assert_eq!(is_sent, method == Method::GET, "{path}");

                let strong = tag.trim_start_matches("W/");
                for known in [&tag, strong, &format!("\"another\", {tag}"), "*"] {
                    let answer = ask(known).await.unwrap();
                    assert_eq!(answer.status(), StatusCode::NOT_MODIFIED, "{path} {known}");
                    let headers = answer.headers().clone();
                    assert_eq!(text(&headers, "etag"), tag, "{path} {known}");
                    assert_eq!(text(&headers, "cache-control"), caching, "{path} {known}");
                    assert_eq!(text(&headers, "vary"), "accept-encoding", "{path} {known}");
                    assert!(!headers.contains_key("content-encoding"), "{path} {known}");
                    assert_eq!(answer.bytes().await.unwrap().len(), 0, "{path} {known}");
                }
            }
        }
    }
    let head = request(&app, Method::HEAD, &asset).send().await.unwrap();
    assert_eq!(
        text(head.headers(), "content-length"),
        built(&script()).len().to_string()
    );
}

#[tokio::test]
async fn what_is_no_asset_is_no_page_either() {
    let app = TestApp::start().await;
    let name = script();
    let compressed = format!("/console/{name}.br");
    assert!(!built(&format!("{name}.br")).is_empty());
    for path in [
        "/console/assets",
        "/console/assets/",
        "/console/assets/nothing-00000000.js",
        "/console/assets/index.html",
        &compressed,
        "/console/assets/../index.html",
        "/console/assets/../..%2f",
        "/console/assets/..%2findex.html",
        "/console/assets/%2e%2e/index.html",
        "/console/assets/../../../Cargo.toml",
        "/console/assets/..%2f..%2f..%2fCargo.toml",
        "/console/assets/..\\index.html",
        "/console/assets//etc/passwd",
        "/console/assets/%00",
        "/console/assets/%ff",
    ] {
        let answer = answer_to(&app, path).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(
            body.is_empty() && head.contains("cache-control: no-store"),
            "{path}: {answer}"
        );
    }
    // Elsewhere there is nothing but pages.
    let page = String::from_utf8(built("index.html")).unwrap();
    for path in [
        "/console/../Cargo.toml",
        "/console/..%2f..%2fCargo.toml",
        "/console/%2e%2e/Cargo.toml",
        "/console//etc/passwd",
        "/console/%ff",
    ] {
        let answer = answer_to(&app, path).await;
        assert!(
            answer.starts_with("HTTP/1.1 200 ") && answer.ends_with(&page),
            "{path}: {answer}"
        );
    }
}

#[tokio::test]
async fn pages_may_call_those_who_sign_people_in() {
    let app = TestApp::start_with(with_oidc).await;
    let called = "connect-src 'self' https://id.example.com https://token.example.com:8443;";
    let policy = POLICY.replace("connect-src 'self';", called);
    for path in ["/console/", "/invite/nobodys-token", &format!("/console/{}", script())] {
        let answer = get(&app, path).await;
        assert_eq!(text(answer.headers(), "content-security-policy"), policy, "{path}");
    }
}
