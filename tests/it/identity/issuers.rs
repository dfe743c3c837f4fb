//! Several issuers, each with its own keys and algorithms. The key decides how a
//! token is checked, never the token.

use std::path::PathBuf;

use jsonwebtoken::DecodingKey;
use roster::config::{Config, Issuer};

use super::*;
use crate::support::{ISSUER, JWT_SECRET};

const RSA: &str = "https://rsa.example.com";
const EC: &str = "https://ec.example.com";
const ED: &str = "https://ed.example.com";
const SET: &str = "https://set.example.com";
const OTHER: &str = "https://other.example.com";
const SHARED: &str = "https://shared.example.com";
const SHARED_SECRET: &str = "shared-secret-of-another-issuer-0123456789";

pub fn file(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/identity/keys")).join(name)
}

fn read(name: &str) -> Vec<u8> {
    std::fs::read(file(name)).unwrap()
}

pub fn rsa() -> EncodingKey {
    EncodingKey::from_rsa_pem(&read("rsa.private.pem")).unwrap()
}

pub fn rsa_other() -> EncodingKey {
    EncodingKey::from_rsa_pem(&read("rsa-other.private.pem")).unwrap()
}

pub fn ec() -> EncodingKey {
    EncodingKey::from_ec_pem(&read("ec.private.pem")).unwrap()
}

pub fn ed() -> EncodingKey {
    EncodingKey::from_ed_pem(&read("ed.private.pem")).unwrap()
}

pub fn issuer(name: &str, algorithms: &[&str]) -> Issuer {
    Issuer {
        issuer: name.into(),
        audience: vec![AUDIENCE.into()],
        algorithms: algorithms.iter().map(|&algorithm| algorithm.into()).collect(),
        ..Issuer::default()
    }
}

/// Six issuers beside the one of the tests. Some list HS256 although their keys
/// are public: that must not make a secret of a public key.
fn with_issuers(config: &mut Config) {
    config.auth.issuers = vec![
        Issuer {
            public_key_file: Some(file("rsa.public.pem")),
            ..issuer(RSA, &["RS256", "HS256"])
        },
        Issuer {
            public_key_file: Some(file("ec.public.pem")),
            ..issuer(EC, &["ES256"])
        },
        Issuer {
            public_key_file: Some(file("ed.public.pem")),
            ..issuer(ED, &["EdDSA"])
        },
        Issuer {
            jwks_file: Some(file("jwks.json")),
            ..issuer(SET, &["HS256", "RS256", "ES256", "EdDSA"])
        },
        Issuer {
            jwks_file: Some(file("jwks-other.json")),
            ..issuer(OTHER, &["RS256"])
        },
        Issuer {
            hs256_secret: Some(SHARED_SECRET.into()),
            ..issuer(SHARED, &["HS256"])
        },
    ];
}

/// The subject as which the token is taken; `None` if it is refused.
pub async fn taken(app: &TestApp, token: &str) -> Option<String> {
    let reply = app
        .with_bearer(token)
        .send("{ viewer { user { name } } }", json!({}))
        .await;
    if reply.status == 200 {
        return Some(reply.ok().text("viewer.user.name"));
    }
    refused(reply);
    None
}

#[tokio::test]
async fn keys_of_every_kind_are_checked() {
    let app = TestApp::start_with(with_issuers).await;
    let shared = EncodingKey::from_secret(SHARED_SECRET.as_bytes());
    for (number, (name, algorithm, kid, key)) in [
        (RSA, Algorithm::RS256, None, rsa()),
        (RSA, Algorithm::RS256, Some("any"), rsa()),
        (EC, Algorithm::ES256, None, ec()),
        (ED, Algorithm::EdDSA, None, ed()),
        (SET, Algorithm::RS256, Some("rsa-2026"), rsa()),
        (SET, Algorithm::ES256, Some("ec-2026"), ec()),
        (SET, Algorithm::EdDSA, Some("ed-2026"), ed()),
        (OTHER, Algorithm::RS256, Some("other-2026"), rsa_other()),
        (SHARED, Algorithm::HS256, None, shared),
    ]
    .into_iter()
    .enumerate()
    {
        let subject = format!("person-{number}");
        let token = sign(algorithm, kid, &key, &claims(name, &subject));

        assert_eq!(taken(&app, &token).await, Some(subject.clone()), "{name} {kid:?}");

        assert_eq!(db_user(&app, &subject).await.unwrap().issuer, name);
    }
    assert_eq!(
        viewer(&app.person("ann")).await["user"]["name"],
        "Ann",
        "the simple form stands beside the list"
    );
}

#[tokio::test]
async fn a_key_of_one_issuer_is_nothing_at_another() {
    let app = TestApp::start_with(with_issuers).await;
    let simple = EncodingKey::from_secret(JWT_SECRET.as_bytes());
    let shared = EncodingKey::from_secret(SHARED_SECRET.as_bytes());
    for (name, algorithm, kid, key) in [
        (RSA, Algorithm::RS256, None, rsa_other()),
        (OTHER, Algorithm::RS256, Some("other-2026"), rsa()),
        (OTHER, Algorithm::RS256, None, rsa()),
        (EC, Algorithm::RS256, None, rsa()),
        (RSA, Algorithm::ES256, None, ec()),
        (ED, Algorithm::ES256, None, ec()),
        (SET, Algorithm::RS256, Some("rsa-2026"), rsa_other()),
        (ISSUER, Algorithm::HS256, None, shared),
        (SHARED, Algorithm::HS256, None, simple),
        (ISSUER, Algorithm::RS256, None, rsa()),
        (SHARED, Algorithm::RS256, None, rsa()),
    ] {
        let token = sign(algorithm, kid, &key, &claims(name, "eve"));
        assert_eq!(taken(&app, &token).await, None, "{name} {algorithm:?} {kid:?}");
    }
    assert!(db_users(&app).await.is_empty());
}

#[tokio::test]
async fn the_key_id_must_be_known_to_the_issuer() {
    let app = TestApp::start_with(with_issuers).await;
    for (name, algorithm, kid, key) in [
        (SET, Algorithm::RS256, "unknown", rsa()),
        (SET, Algorithm::RS256, "", rsa()),
        (SET, Algorithm::RS256, "RSA-2026", rsa()),
        (SET, Algorithm::RS256, "ec-2026", rsa()),
        (SET, Algorithm::ES256, "rsa-2026", ec()),
        (SET, Algorithm::RS256, "other-2026", rsa_other()),
        (OTHER, Algorithm::RS256, "rsa-2026", rsa_other()),
        (OTHER, Algorithm::RS256, "rsa-2026", rsa()),
        (SET, Algorithm::RS256, "../../etc/passwd", rsa()),
        (SET, Algorithm::RS256, "' OR 1=1 --", rsa()),
    ] {
        let token = sign(algorithm, Some(kid), &key, &claims(name, "eve"));
        assert_eq!(taken(&app, &token).await, None, "{name} {kid}");
    }
}

#[tokio::test]
async fn only_listed_algorithms_are_used() {
    let app = TestApp::start_with(|config| {
        with_issuers(config);
        config.auth.issuers[3].algorithms = vec!["RS256".into()];
    })
    .await;
    for algorithm in [
        Algorithm::RS384,
        Algorithm::RS512,
        Algorithm::PS256,
        Algorithm::PS384,
        Algorithm::PS512,
    ] {
        for (name, kid) in [(RSA, None), (SET, Some("rsa-2026")), (SET, None)] {
            let token = sign(algorithm, kid, &rsa(), &claims(name, "eve"));
            assert_eq!(taken(&app, &token).await, None, "{name} {algorithm:?}");
        }
    }
    let token = sign(Algorithm::EdDSA, Some("ed-2026"), &ed(), &claims(SET, "eve"));
    assert_eq!(
        taken(&app, &token).await,
        None,
        "the set has the key, the issuer does not list its algorithm"
    );
    let token = sign(Algorithm::RS256, Some("rsa-2026"), &rsa(), &claims(SET, "eve"));
    assert_eq!(taken(&app, &token).await.as_deref(), Some("eve"));
}

#[tokio::test]
async fn a_public_key_is_no_shared_secret() {
    let app = TestApp::start_with(|config| {
        with_issuers(config);
        // So many are tried that they would be refused for that alone.
        config.rate_limits.requests.enabled = false;
    })
    .await;
    let trimmed = |name: &str| String::from_utf8(read(name)).unwrap().trim_end().as_bytes().to_vec();
    for public in [
        "rsa.public.pem",
        "ec.public.pem",
        "ed.public.pem",
        "jwks.json",
        "rsa-other.public.pem",
    ] {
        for secret in [read(public), trimmed(public)] {
            let key = EncodingKey::from_secret(&secret);
            for name in [RSA, EC, ED, SET, OTHER] {
                for kid in [None, Some("rsa-2026"), Some("other-2026")] {
                    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
                        let token = sign(algorithm, kid, &key, &claims(name, "eve"));
                        assert_eq!(taken(&app, &token).await, None, "{name} {public} {algorithm:?}");
                    }
                }
            }
        }
    }
    for guess in ["", "null", "AQAB", "undefined"] {
        let token = sign(
            Algorithm::HS256,
            Some("rsa-2026"),
            &EncodingKey::from_secret(guess.as_bytes()),
            &claims(SET, "eve"),
        );
        assert_eq!(taken(&app, &token).await, None, "{guess}");
    }
}

#[tokio::test]
async fn keys_that_a_token_brings_along_are_not_looked_at() {
    let app = TestApp::start_with(with_issuers).await;
    let set: jsonwebtoken::jwk::JwkSet = serde_json::from_slice(&read("jwks-other.json")).unwrap();
    assert!(DecodingKey::from_jwk(&set.keys[0]).is_ok());
    for kid in [None, Some("rsa-2026"), Some("other-2026")] {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = kid.map(str::to_owned);
        header.jwk = Some(set.keys[0].clone());
        header.jku = Some(format!("{}/jwks.json", app.url));
        header.x5u = Some(format!("{}/key.pem", app.url));
        let token = jsonwebtoken::encode(&header, &claims(SET, "eve"), &rsa_other()).unwrap();
        assert_eq!(taken(&app, &token).await, None, "{kid:?}");
    }
}

#[tokio::test]
async fn a_subject_of_another_issuer_is_somebody_else() {
    let app = TestApp::start_with(with_issuers).await;
    let (acme, ann) = app.organization("Acme").await;
    let same_claims = |issuer: &str, subject: &str| {
        let mut claims = claims(issuer, subject);
        claims["email"] = json!("ann@example.com");
        claims["email_verified"] = json!(true);
        claims
    };

    let other_ann = app.with_bearer(&sign(Algorithm::RS256, None, &rsa(), &same_claims(RSA, "ann")));
    let other_root = app.with_bearer(&sign(Algorithm::RS256, None, &rsa(), &same_claims(RSA, "root")));

    assert_ne!(other_ann.user_id().await, ann.user_id().await);
    assert_eq!(viewer(&other_root).await["isSuperuser"], false);
    assert_eq!(viewer(&app.superuser()).await["isSuperuser"], true);
    let document = "query($slug: String!) { organization(slug: $slug) { id } }";
    for stranger in [other_ann, other_root] {
        let reply = stranger.send(document, json!({ "slug": acme.slug })).await;
        assert_eq!(reply.ok().data("organization"), &Value::Null);
    }
}

#[tokio::test]
async fn each_issuer_has_audiences_of_its_own() {
    let app = TestApp::start_with(|config| {
        with_issuers(config);
        config.auth.issuers[0].audience = vec!["console".into(), "mobile".into()];
    })
    .await;
    let token = |audience: Value| {
        let mut claims = claims(RSA, "eve");
        claims["aud"] = audience;
        sign(Algorithm::RS256, None, &rsa(), &claims)
    };

    for good in [json!("console"), json!("mobile"), json!(["x", "mobile"])] {
        assert_eq!(
            taken(&app, &token(good.clone())).await.as_deref(),
            Some("eve"),
            "{good}"
        );
    }
    for bad in [json!(AUDIENCE), json!("Console"), json!(["x"]), json!("console mobile")] {
        assert_eq!(taken(&app, &token(bad.clone())).await, None, "{bad}");
    }
}
