//! Keys that issuers publish: fetched when they are needed, not more often than
//! that, and kept while the issuer is away.

use std::time::{Duration, Instant};

use roster::config::{Config, Issuer};

use super::{
    issuers::{ec, issuer, rsa, rsa_other, taken},
    *,
};
use crate::{
    jobs::eventually,
    support::{Manner, Provider, Socket, published},
};

const ALGORITHMS: &[&str] = &["RS256", "ES256"];

/// Trusts what the provider publishes, and is quick about it.
fn trusting(provider: &Provider) -> impl FnOnce(&mut Config) + use<> {
    let entry = Issuer {
        jwks_url: Some(provider.keys_url()),
        ..issuer(&provider.issuer(), ALGORITHMS)
    };
    move |config| {
        config.auth.issuers.push(entry);
        config.auth.keys.cool_down = Duration::from_millis(100);
        config.auth.keys.timeout = Duration::from_secs(2);
    }
}

fn old_key() -> Value {
    published(&rsa(), Algorithm::RS256, Some("old"))
}

fn new_key() -> Value {
    published(&rsa_other(), Algorithm::RS256, Some("new"))
}

/// Ann's token, signed with the old key or the new.
fn token(provider: &Provider, kid: &str) -> String {
    let key = if kid == "new" { rsa_other() } else { rsa() };
    sign(Algorithm::RS256, Some(kid), &key, &claims(&provider.issuer(), "ann"))
}

/// Status, code and headers of an answer to this token.
async fn ask(app: &TestApp, token: &str) -> (u16, Vec<String>, reqwest::header::HeaderMap) {
    let request = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = request.post(format!("{}/graphql", app.url)).bearer_auth(token);
    let response = request.json(&json!({ "query": VIEWER })).send().await.unwrap();
    let headers = response.headers().clone();
    let reply = Reply::read(response).await;
    (reply.status, reply.error_codes(), headers)
}

/// Asserts that nobody can tell whose token it is.
async fn not_judged(app: &TestApp, token: &str) {
    let (status, codes, headers) = ask(app, token).await;
    assert_eq!((status, codes), (503, vec!["ISSUER_UNAVAILABLE".to_owned()]));
    assert!(headers.contains_key("retry-after"));
}

#[tokio::test]
async fn keys_are_fetched_once_for_many_requests() {
    let provider = Provider::start(vec![old_key()]).await;
    let app = TestApp::start_with(trusting(&provider)).await;
    let token = token(&provider, "old");

    let asking = (0..20).map(|_| taken(&app, &token));
    let names = futures_util::future::join_all(asking).await;

    assert!(names.iter().all(|name| name.as_deref() == Some("ann")), "{names:?}");
    assert_eq!(provider.asked(), ["/keys"]);
    assert_eq!(
        viewer(&app.person("bob")).await["user"]["name"],
        "Bob",
        "the simple form beside it"
    );
}

#[tokio::test]
async fn the_address_of_the_keys_is_discovered() {
    let provider = Provider::start(vec![old_key()]).await;
    let entry = Issuer {
        discovery: true,
        ..issuer(&provider.issuer(), ALGORITHMS)
    };
    let app = TestApp::start_with(|config| {
        config.auth.keys.cool_down = Duration::from_millis(100);
        config.auth.issuers.push(entry);
    })
    .await;

    assert_eq!(taken(&app, &token(&provider, "old")).await.as_deref(), Some("ann"));
    assert_eq!(provider.asked(), ["/.well-known/openid-configuration", "/keys"]);
}

#[tokio::test]
async fn a_description_that_is_not_the_issuers_leads_nowhere() {
    for (case, change) in [
        ("another issuer", json!({ "issuer": "https://evil.example.com" })),
        ("almost the issuer", json!({ "issuer": null })),
        ("no address", json!({ "jwks_uri": null })),
        ("a file", json!({ "jwks_uri": "file:///etc/passwd" })),
        ("with a password", json!({ "jwks_uri": "http://a:b@127.0.0.1:1/keys" })),
    ] {
        let provider = Provider::start(vec![old_key()]).await;
        let mut discovery = json!({ "issuer": provider.issuer(), "jwks_uri": provider.keys_url() });
        for (name, value) in change.as_object().unwrap() {
            discovery[name] = match value {
                Value::Null if name == "issuer" => json!(format!("{}/", provider.issuer())),
                value => value.clone(),
            };
        }
        provider.describe(discovery);
        let entry = Issuer {
            discovery: true,
            ..issuer(&provider.issuer(), ALGORITHMS)
        };
        let app = TestApp::start_with(|config| {
            config.auth.keys.cool_down = Duration::from_millis(50);
            config.auth.keys.timeout = Duration::from_millis(300);
            config.auth.issuers.push(entry);
        })
        .await;
        assert_eq!(ask(&app, &token(&provider, "old")).await.0, 503, "{case}");
        assert!(!provider.asked().contains(&"/keys".to_owned()), "{case}");
    }
}

#[tokio::test]
async fn keys_are_rotated_without_a_failed_request() {
    let provider = Provider::start(vec![old_key()]).await;
    let app = TestApp::start_with(trusting(&provider)).await;
    let (old, new) = (token(&provider, "old"), token(&provider, "new"));
    assert_eq!(taken(&app, &old).await.as_deref(), Some("ann"));

    // The first request that shows the new key is the one that fetches it.
    provider.publish(vec![old_key(), new_key()]);
    let before = provider.asked().len();
    let both = (0..10).map(|number| taken(&app, if number % 2 == 0 { &new } else { &old }));
    let names = futures_util::future::join_all(both).await;
    assert!(names.iter().all(|name| name.as_deref() == Some("ann")), "{names:?}");
    assert!(provider.asked().len() <= before + 2, "{:?}", provider.asked());

    // What the issuer has withdrawn is no good once that is known.
    provider.publish(vec![new_key()]);
    assert_eq!(taken(&app, &token(&provider, "made up")).await, None);
    assert_eq!(taken(&app, &old).await, None);
    assert_eq!(taken(&app, &new).await.as_deref(), Some("ann"));
}

#[tokio::test]
async fn a_withdrawn_key_is_found_out_in_time() {
    let provider = Provider::start(vec![old_key(), new_key()]).await;
    let trust = trusting(&provider);
    let app = TestApp::start_with(|config| {
        trust(config);
        config.auth.keys.refresh_every = Duration::from_millis(150);
    })
    .await;
    let old = token(&provider, "old");
    assert_eq!(taken(&app, &old).await.as_deref(), Some("ann"));

    provider.publish(vec![new_key()]);

    eventually("the old key is forgotten", || async {
        taken(&app, &old).await.is_none().then_some(())
    })
    .await;
    assert_eq!(taken(&app, &token(&provider, "new")).await.as_deref(), Some("ann"));
}

#[tokio::test]
async fn names_that_were_made_up_do_not_make_us_ask_often() {
    let provider = Provider::start(vec![old_key()]).await;
    let trust = trusting(&provider);
    let cool_down = Duration::from_millis(400);
    let app = TestApp::start_with(|config| {
        trust(config);
        config.auth.keys.cool_down = cool_down;
    })
    .await;
    assert_eq!(taken(&app, &token(&provider, "old")).await.as_deref(), Some("ann"));

    let begun = Instant::now();
    let guesses: Vec<_> = (0..60)
        .map(|number| token(&provider, &format!("made-up-{number}")))
        .collect();
    for some in guesses.chunks(20) {
        let names = futures_util::future::join_all(some.iter().map(|guess| taken(&app, guess))).await;
        assert!(names.iter().all(Option::is_none), "{names:?}");
    }
    let most = 2 + (begun.elapsed().as_millis() / cool_down.as_millis()) as usize;
    let asked = provider.asked().len();
    assert!(asked > 1, "nobody looked for them");
    assert!(asked <= most, "asked {asked} times, {most} at most");
    assert_eq!(provider.asked_at_once(), 1);
    assert_eq!(taken(&app, &token(&provider, "old")).await.as_deref(), Some("ann"));
}

#[tokio::test]
async fn nothing_is_fetched_for_a_token_that_would_not_be_taken_anyway() {
    let provider = Provider::start(vec![old_key()]).await;
    let app = TestApp::start_with(trusting(&provider)).await;
    assert_eq!(taken(&app, &token(&provider, "old")).await.as_deref(), Some("ann"));
    let now = Utc::now().timestamp();

    for (flaw, value) in [
        ("exp", json!(now - 3600)),
        ("exp", Value::Null),
        ("nbf", json!(now + 3600)),
        ("aud", json!("somebody else")),
        ("sub", json!("")),
    ] {
        let mut claims = claims(&provider.issuer(), "ann");
        claims[flaw] = value;
        let token = sign(Algorithm::RS256, Some("made up"), &rsa(), &claims);
        assert_eq!(taken(&app, &token).await, None, "{flaw}");
    }
    // The key is known, and the signature is not its own.
    let forged = sign(
        Algorithm::RS256,
        Some("old"),
        &rsa_other(),
        &claims(&provider.issuer(), "ann"),
    );
    assert_eq!(taken(&app, &forged).await, None);
    assert_eq!(provider.asked().len(), 1);
}

#[tokio::test]
async fn keys_outlive_an_outage_of_their_issuer() {
    let provider = Provider::start(vec![old_key()]).await;
    let trust = trusting(&provider);
    let app = TestApp::start_with(|config| {
        trust(config);
        config.auth.keys.timeout = Duration::from_millis(300);
        config.auth.keys.refresh_every = Duration::from_millis(200);
    })
    .await;
    let (old, new) = (token(&provider, "old"), token(&provider, "new"));
    assert_eq!(taken(&app, &old).await.as_deref(), Some("ann"));

    for manner in [
        Manner::Fail,
        Manner::Stall,
        Manner::Trickle,
        Manner::Redirect,
        Manner::Page,
        Manner::Flood,
    ] {
        provider.behave(manner);
        provider.publish(vec![new_key()]);
        let before = provider.asked().len();
        eventually("it is asked while it is away", || async {
            (provider.asked().len() > before + 1).then_some(())
        })
        .await;
        assert_eq!(taken(&app, &old).await.as_deref(), Some("ann"), "{manner:?}");
        assert_eq!(taken(&app, &new).await, None, "{manner:?}");
    }
    assert!(!provider.asked().contains(&"/elsewhere".to_owned()));

    provider.behave(Manner::Tell);
    eventually("the new key is known", || async { taken(&app, &new).await }).await;
    assert_eq!(taken(&app, &old).await, None);
}

#[tokio::test]
async fn keys_are_not_good_for_ever_without_their_issuer() {
    let provider = Provider::start(vec![old_key()]).await;
    let trust = trusting(&provider);
    let app = TestApp::start_with(|config| {
        trust(config);
        config.auth.keys.timeout = Duration::from_millis(200);
        config.auth.keys.refresh_every = Duration::from_millis(200);
        config.auth.keys.keep_for = Duration::from_secs(2);
    })
    .await;
    let old = token(&provider, "old");
    assert_eq!(taken(&app, &old).await.as_deref(), Some("ann"));

    provider.behave(Manner::Fail);
    eventually("the keys are too old", || async {
        (ask(&app, &old).await.0 == 503).then_some(())
    })
    .await;
    not_judged(&app, &old).await;

    provider.behave(Manner::Tell);
    eventually("they are fetched again", || async {
        (ask(&app, &old).await.0 == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_service_starts_without_its_issuers() {
    for manner in [Manner::Fail, Manner::Stall] {
        let provider = Provider::start(vec![old_key()]).await;
        provider.behave(manner);
        let trust = trusting(&provider);
        // Ready it is: TestApp waits for that.
        let app = TestApp::start_with(|config| {
            trust(config);
            config.auth.keys.timeout = Duration::from_millis(300);
        })
        .await;
        let old = token(&provider, "old");

        let begun = Instant::now();
        not_judged(&app, &old).await;
        assert!(begun.elapsed() < Duration::from_secs(20), "{manner:?}");
        let mut socket = Socket::connect(&app.url).await;
        socket.init(json!({ "Authorization": format!("Bearer {old}") })).await;
        assert_eq!(socket.closed().await.0, 1013, "{manner:?}");
        assert!(db_users(&app).await.is_empty());
        assert_eq!(
            viewer(&app.person("bob")).await["user"]["name"],
            "Bob",
            "others are served"
        );

        provider.behave(Manner::Tell);
        eventually("it is known again", || async {
            (ask(&app, &old).await.0 == 200).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn keys_that_cannot_be_used_spoil_no_other() {
    let with = |mut key: Value, change: Value| {
        for (name, value) in change.as_object().unwrap() {
            key[name] = value.clone();
        }
        key
    };
    let other = |id: &str| published(&rsa_other(), Algorithm::RS256, Some(id));
    let secret = "a secret that was published, which makes it none";
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let provider = Provider::start(vec![
        json!("no object"),
        json!({}),
        json!({ "kty": "oct", "kid": "shared", "alg": "HS256", "k": URL_SAFE_NO_PAD.encode(secret) }),
        json!({ "kty": "AKP", "kid": "later", "alg": "ML-DSA-44", "pub": "AAAA" }),
        json!({ "kty": "RSA", "kid": "half", "n": "AQAB" }),
        with(other("to-encrypt"), json!({ "use": "enc" })),
        with(other("to-sign"), json!({ "key_ops": ["sign"] })),
        with(other("private"), json!({ "d": "AQAB" })),
        with(other("not-listed"), json!({ "alg": "RS512" })),
        with(other("mixed"), json!({ "alg": "ES256" })),
        with(
            published(&ec(), Algorithm::ES256, Some("off-curve")),
            json!({ "y": URL_SAFE_NO_PAD.encode([7; 32]) }),
        ),
        old_key(),
        published(&ec(), Algorithm::ES256, Some("ec")),
    ])
    .await;
    let trust = trusting(&provider);
    let app = TestApp::start_with(|config| {
        trust(config);
        // Listed, and still nothing for what everybody can read.
        config.auth.issuers[0].algorithms.push("HS256".into());
    })
    .await;
    let claims = claims(&provider.issuer(), "ann");

    let good = sign(Algorithm::ES256, Some("ec"), &ec(), &claims);
    assert_eq!(taken(&app, &good).await.as_deref(), Some("ann"));
    assert_eq!(taken(&app, &token(&provider, "old")).await.as_deref(), Some("ann"));
    for id in ["to-encrypt", "to-sign", "private", "not-listed", "mixed"] {
        let forged = sign(Algorithm::RS256, Some(id), &rsa_other(), &claims);
        assert_eq!(taken(&app, &forged).await, None, "{id}");
    }
    for id in [Some("shared"), None] {
        let shared = EncodingKey::from_secret(secret.as_bytes());
        assert_eq!(
            taken(&app, &sign(Algorithm::HS256, id, &shared, &claims)).await,
            None,
            "{id:?}"
        );
    }
}

#[tokio::test]
async fn keys_without_a_name_or_of_the_same_name_are_all_tried() {
    let provider = Provider::start(vec![
        published(&rsa(), Algorithm::RS256, Some("same")),
        published(&rsa_other(), Algorithm::RS256, Some("same")),
        published(&ec(), Algorithm::ES256, None),
    ])
    .await;
    let app = TestApp::start_with(trusting(&provider)).await;
    let claims = claims(&provider.issuer(), "ann");

    for (algorithm, kid, key) in [
        (Algorithm::RS256, Some("same"), rsa()),
        (Algorithm::RS256, Some("same"), rsa_other()),
        (Algorithm::RS256, None, rsa_other()),
        (Algorithm::ES256, None, ec()),
        (Algorithm::ES256, Some("any"), ec()),
    ] {
        let token = sign(algorithm, kid, &key, &claims);
        assert_eq!(
            taken(&app, &token).await.as_deref(),
            Some("ann"),
            "{algorithm:?} {kid:?}"
        );
    }
    assert_eq!(provider.asked().len(), 1);
    let token = sign(Algorithm::RS256, Some("other"), &rsa(), &claims);
    assert_eq!(taken(&app, &token).await, None, "a name that is given counts");
}

#[tokio::test]
async fn a_key_of_one_provider_is_nothing_at_another_whatever_its_name() {
    let one = Provider::start(vec![published(&rsa(), Algorithm::RS256, Some("1"))]).await;
    let other = Provider::start(vec![published(&rsa_other(), Algorithm::RS256, Some("1"))]).await;
    let (trust_one, trust_other) = (trusting(&one), trusting(&other));
    let app = TestApp::start_with(|config| {
        trust_one(config);
        trust_other(config);
    })
    .await;
    let token = |issuer: &Provider, key| sign(Algorithm::RS256, Some("1"), &key, &claims(&issuer.issuer(), "ann"));

    assert_eq!(taken(&app, &token(&one, rsa())).await.as_deref(), Some("ann"));
    assert_eq!(taken(&app, &token(&other, rsa_other())).await.as_deref(), Some("ann"));
    assert_eq!(taken(&app, &token(&one, rsa_other())).await, None);
    assert_eq!(taken(&app, &token(&other, rsa())).await, None);
    assert_eq!(
        db_users(&app).await.len(),
        2,
        "the same subject at two issuers is two people"
    );
}

#[tokio::test]
async fn addresses_in_a_token_are_not_asked() {
    let provider = Provider::start(vec![old_key()]).await;
    let evil = Provider::start(vec![new_key()]).await;
    let app = TestApp::start_with(trusting(&provider)).await;
    for kid in [None, Some("new"), Some("old")] {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = kid.map(str::to_owned);
        header.jku = Some(evil.keys_url().into());
        header.x5u = Some(evil.keys_url().into());
        header.jwk = serde_json::from_value(new_key()).ok();
        let token = jsonwebtoken::encode(&header, &claims(&provider.issuer(), "eve"), &rsa_other()).unwrap();
        assert_eq!(taken(&app, &token).await, None, "{kid:?}");
    }
    assert_eq!(evil.asked(), Vec::<String>::new());
}
