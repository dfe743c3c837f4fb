//! Encryption, and certificates that change.

use reqwest::{Certificate, ClientBuilder, Version};

use super::*;
use crate::{jobs::eventually, support::TestDatabase};

/// Files with a new certificate; itself in PEM form.
fn certify(place: &Place) -> String {
    let identity = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let certificate = identity.cert.pem();
    let _ = place.clone().file("key.pem", &identity.signing_key.serialize_pem());
    let _ = place.clone().file("certificate.pem", &certificate);
    certificate
}

fn encrypted(url: &str) -> Place {
    let place = Place::with_secrets(url);
    certify(&place);
    place
        .set("ROSTER_TLS__CERTIFICATE_FILE", "certificate.pem")
        .set("ROSTER_TLS__KEY_FILE", "key.pem")
}

/// A client that believes nobody but this authority.
fn believer(certificate: &str) -> ClientBuilder {
    let authority = Certificate::from_pem(certificate.as_bytes()).unwrap();
    reqwest::Client::builder().no_proxy().tls_certs_only([authority])
}

/// The version of HTTP that is spoken; `None` if there is no answer.
async fn version(program: &Program, client: ClientBuilder) -> Option<Version> {
    let url = program.url.replace("http://", "https://") + "/health/ready";
    let answer = client.build().unwrap().get(url).send().await.ok()?;
    assert_eq!(answer.status(), 200);
    Some(answer.version())
}

#[tokio::test]
async fn connections_are_encrypted_and_speak_both_versions_of_http() {
    let database = TestDatabase::create().await;
    let place = encrypted(&database.url());
    let certificate = std::fs::read_to_string(place.path().join("certificate.pem")).unwrap();
    let program = place.serve();

    assert_eq!(version(&program, believer(&certificate)).await, Some(Version::HTTP_2));
    let one = believer(&certificate).http1_only();
    assert_eq!(version(&program, one).await, Some(Version::HTTP_11));
    for tls in [reqwest::tls::Version::TLS_1_2, reqwest::tls::Version::TLS_1_3] {
        let client = believer(&certificate).tls_version_min(tls).tls_version_max(tls);
        assert_eq!(version(&program, client).await, Some(Version::HTTP_2), "{tls:?}");
    }
    // Nobody else believes it, and nothing is said in clear text.
    assert_eq!(version(&program, reqwest::Client::builder().no_proxy()).await, None);
    let plain = reqwest::Client::builder().no_proxy().build().unwrap();
    assert!(plain.get(format!("{}/health/live", program.url)).send().await.is_err());
    assert!(program.stdout().contains("https://127.0.0.1:"));
    program.stop();
}

#[tokio::test]
async fn a_new_certificate_is_shown_without_a_restart() {
    let database = TestDatabase::create().await;
    let place = encrypted(&database.url());
    for (check_every, signal) in [("50ms", None), ("1h", Some("HUP"))] {
        let place = place.clone().set("ROSTER_TLS__CHECK_EVERY", check_every);
        let program = place.serve();
        let ask = |program: &Program| {
            if let Some(signal) = signal {
                program.signal(signal);
            }
        };
        let new = certify(&place);
        ask(&program);
        eventually("the new certificate is shown", || version(&program, believer(&new))).await;

        // What cannot be used is told, and the old one stays.
        let _ = place.clone().file("certificate.pem", "nothing");
        ask(&program);
        within_patience("the mistake is told", || {
            program.stderr().contains("tls.certificate_file").then_some(())
        });
        assert!(version(&program, believer(&new)).await.is_some());
        let newer = certify(&place);
        ask(&program);
        eventually("the newer certificate is shown", || version(&program, believer(&newer))).await;
        program.stop();
    }
}

#[test]
fn what_cannot_be_used_is_named_at_start() {
    let place = Place::new().set("ROSTER_TLS__CERTIFICATE_FILE", "certificate.pem");
    assert!(place.run(&["check-config"]).failed().contains("tls.key_file"));
    let place = place.set("ROSTER_TLS__KEY_FILE", "key.pem");
    certify(&place);
    place.run(&["check-config"]).ok();
    let identity = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let place = place.file("key.pem", &identity.signing_key.serialize_pem());
    for command in [&["check-config"][..], &[]] {
        assert!(place.run(command).failed().contains("tls."));
    }
    let place = place.file("key.pem", "nothing");
    assert!(place.run(&["check-config"]).failed().contains("tls.key_file"));
}
