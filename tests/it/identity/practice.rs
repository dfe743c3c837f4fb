//! JSON Web Token Best Current Practices (RFC 8725), section by section. Tokens
//! here are signed well: only the flaw can be what they are refused for. Keys and
//! issuers that are mixed up are in `issuers.rs` and `jwks.rs`, tokens without a
//! good signature in `tokens.rs`.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD},
};
use roster::config::Issuer;

use super::{
    issuers::{file, issuer, rsa, taken},
    *,
};
use crate::support::{ISSUER, JWT_SECRET};

/// Signs whatever stands in these parts, as they are.
fn signed(header: &[u8], claims: &[u8]) -> String {
    signed_parts(&URL_SAFE_NO_PAD.encode(header), &URL_SAFE_NO_PAD.encode(claims))
}

fn signed_parts(header: &str, claims: &str) -> String {
    let key = EncodingKey::from_secret(JWT_SECRET.as_bytes());
    let message = format!("{header}.{claims}");
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

fn with_header(header: Value) -> String {
    signed(
        header.to_string().as_bytes(),
        claims(ISSUER, "eve").to_string().as_bytes(),
    )
}

fn with_claims(changes: Value) -> String {
    let mut claims = claims(ISSUER, "eve");
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    signed(br#"{"alg":"HS256"}"#, claims.to_string().as_bytes())
}

/// Asserts that all of them are refused, and that nobody was seen.
async fn all_refused(app: &TestApp, tokens: Vec<(&str, String)>) {
    for (flaw, token) in tokens {
        assert_eq!(taken(app, &token).await, None, "{flaw}");
    }
    assert!(db_users(app).await.is_empty());
    let good = with_header(json!({ "alg": "HS256" }));
    assert_eq!(
        taken(app, &good).await.as_deref(),
        Some("eve"),
        "the flaws are what was refused"
    );
}

/// §3.1, §3.2: the algorithm is one of ours, and the key's.
#[tokio::test]
async fn algorithms_are_what_the_configuration_says() {
    let app = TestApp::start().await;
    let with = |alg: Value| with_header(json!({ "alg": alg }));
    all_refused(
        &app,
        vec![
            ("none", with(json!("none"))),
            ("NONE", with(json!("NONE"))),
            ("another of the family", with(json!("HS512"))),
            ("an asymmetric one", with(json!("RS256"))),
            ("small letters", with(json!("hs256"))),
            ("space", with(json!("HS256 "))),
            ("a list", with(json!(["HS256"]))),
            ("null", with(json!(null))),
            ("a number", with(json!(256))),
            ("nothing", with_header(json!({}))),
        ],
    )
    .await;
}

/// §3.3: what is signed once is taken; nothing within it is.
#[tokio::test]
async fn tokens_within_tokens_are_not_taken() {
    let app = TestApp::start().await;
    let inner = with_header(json!({ "alg": "HS256" }));
    all_refused(
        &app,
        vec![
            ("a token", signed(br#"{"alg":"HS256","cty":"JWT"}"#, inner.as_bytes())),
            (
                "a token as a text",
                signed(br#"{"alg":"HS256","cty":"JWT"}"#, json!(inner).to_string().as_bytes()),
            ),
            ("a list", signed(br#"{"alg":"HS256"}"#, b"[]")),
        ],
    )
    .await;
}

/// §3.6, and RFC 7515 §4.1.11: what would change the meaning is not passed over.
#[tokio::test]
async fn headers_that_are_not_understood_are_refused() {
    let app = TestApp::start().await;
    let with = |name: &str, value: Value| {
        let mut header = json!({ "alg": "HS256" });
        header[name] = value;
        with_header(header)
    };
    all_refused(
        &app,
        vec![
            ("crit", with("crit", json!(["exp"]))),
            (
                "crit of b64",
                with_header(json!({ "alg": "HS256", "crit": ["b64"], "b64": false })),
            ),
            ("crit, empty", with("crit", json!([]))),
            ("crit, null", with("crit", json!(null))),
            ("b64", with("b64", json!(false))),
            ("zip", with("zip", json!("DEF"))),
            ("enc", with("enc", json!("A256GCM"))),
            ("kid, empty", with("kid", json!(""))),
            ("kid, null", with("kid", json!(null))),
            ("kid, a number", with("kid", json!(1))),
            ("kid, a list", with("kid", json!(["a"]))),
            ("kid, too long", with("kid", json!("k".repeat(256)))),
        ],
    )
    .await;
    // The rest is advice that nobody has to follow.
    let advice = json!({ "alg": "HS256", "x5t": "AAAA", "nonce": "1", "future": { "a": 1 } });
    assert_eq!(taken(&app, &with_header(advice)).await.as_deref(), Some("eve"));
    assert_eq!(
        taken(&app, &with("kid", json!("k".repeat(255)))).await.as_deref(),
        Some("eve")
    );
}

/// §3.7, and that a token can be read in one way only.
#[tokio::test]
async fn tokens_are_read_in_one_way_only() {
    let app = TestApp::start().await;
    let good = claims(ISSUER, "eve").to_string();
    let header = br#"{"alg":"HS256"}"#;
    let twice = |more: &str| signed(header, format!("{},{more}}}", good.trim_end_matches('}')).as_bytes());
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin = good
        .replace("eve", "\u{e9}ve")
        .chars()
        .map(|letter| letter as u8)
        .collect::<Vec<_>>();
    let parts = (URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(&good));
    // The last letter has bits that no byte has room for.
    let loose = URL_SAFE_NO_PAD.encode(br#"{"alg":"HS256" }"#);
    let loose = format!("{}R", loose.strip_suffix('Q').unwrap());
    all_refused(
        &app,
        vec![
            ("sub twice", twice(r#""sub":"root""#)),
            ("sub twice, the same", twice(r#""sub":"eve""#)),
            ("exp twice", twice(r#""exp":99999999999"#)),
            ("aud twice", twice(&format!(r#""aud":"{AUDIENCE}""#))),
            (
                "email twice",
                twice(r#""email":"a@example.com","email":"b@example.com""#),
            ),
            ("sub twice, escaped", twice(r#""s\u0075b":"root""#)),
            ("twice within", twice(r#""realm":{"roles":{"a":1,"a":2}}"#)),
            ("alg twice", signed(br#"{"alg":"none","alg":"HS256"}"#, good.as_bytes())),
            (
                "kid twice",
                signed(br#"{"alg":"HS256","kid":"a","kid":"b"}"#, good.as_bytes()),
            ),
            ("UTF-16", signed(header, &utf16)),
            ("Latin-1", signed(header, &latin)),
            (
                "a mark of byte order",
                signed(header, format!("\u{feff}{good}").as_bytes()),
            ),
            ("more behind it", signed(header, format!("{good}{good}").as_bytes())),
            ("half of it", signed(header, &good.as_bytes()[..good.len() - 1])),
            (
                "padding",
                signed_parts(&URL_SAFE.encode(br#"{"alg":"HS256" }"#), &parts.1),
            ),
            (
                "another alphabet",
                signed_parts(&parts.0, &STANDARD.encode(good.replace("eve", "\u{3fff}\u{ffff}"))),
            ),
            ("space", signed_parts(&format!(" {}", parts.0), &parts.1)),
            ("loose bits", signed_parts(&loose, &parts.1)),
            (
                "nested deeply",
                twice(&format!(r#""x":{}{}"#, "[".repeat(500), "]".repeat(500))),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_token_is_not_longer_than_it_may_be() {
    let app = TestApp::start().await;
    let sized = |bytes: usize| {
        let token = with_claims(json!({ "groups": "" }));
        let room = (bytes - token.len()) * 3 / 4;
        with_claims(json!({ "groups": "g".repeat(room) }))
    };
    assert!(sized(15_000).len() > 14_000);
    assert_eq!(taken(&app, &sized(15_000)).await.as_deref(), Some("eve"));
    assert_eq!(taken(&app, &sized(17_000)).await, None);
}

/// §3.8, §3.9: issuer, subject and audience are texts that mean us.
#[tokio::test]
async fn claims_are_of_their_types_and_within_bounds() {
    let app = TestApp::start().await;
    let now = Utc::now().timestamp();
    let mut flaws = Vec::new();
    let texts = [json!(null), json!(5), json!(true), json!([]), json!({}), json!("")];
    for name in ["iss", "sub", "aud", "exp"] {
        for value in &texts {
            flaws.push((name, with_claims(json!({ name: value }))));
        }
    }
    for value in [json!("soon"), json!([now]), json!({}), json!(false)] {
        for name in ["exp", "nbf", "iat", "auth_time"] {
            flaws.push((name, with_claims(json!({ name: value }))));
        }
    }
    for (name, value) in [
        ("sub", json!("s".repeat(256))),
        ("sub", json!("a\0b")),
        ("sub", json!(["eve"])),
        ("aud", json!([AUDIENCE, 5])),
        ("aud", json!([[AUDIENCE]])),
        ("aud", json!({ "0": AUDIENCE })),
        ("aud", json!(format!("{AUDIENCE} "))),
        ("exp", json!(0)),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("exp", json!(u64::MAX)),
        ("exp", json!(253_402_300_800_u64)),
        ("exp", json!((now + 3600) * 1000)),
        ("nbf", json!(now + 3600)),
        ("nbf", json!(1e300)),
        ("nbf", json!(u64::MAX)),
    ] {
        flaws.push((name, with_claims(json!({ name: value }))));
    }
    // Milliseconds are a mistake, and not the year 58000.
    all_refused(&app, flaws).await;

    for good in [
        json!({ "exp": now as f64 + 60.5 }),
        json!({ "nbf": now as f64 - 0.5 }),
        json!({ "nbf": null, "iat": null }),
        json!({ "nbf": 0 }),
    ] {
        assert_eq!(
            taken(&app, &with_claims(good.clone())).await.as_deref(),
            Some("eve"),
            "{good}"
        );
    }
    let long = "s".repeat(255);
    assert_eq!(taken(&app, &with_claims(json!({ "sub": long }))).await, Some(long));
}

/// §3.11, §3.12: a token for another purpose is none for us.
#[tokio::test]
async fn tokens_of_another_kind_are_refused() {
    const ACCESS: &str = "https://access.example.com";
    let app = TestApp::start_with(|config| {
        config.auth.issuers.push(Issuer {
            public_key_file: Some(file("rsa.public.pem")),
            token_type: Some("at+jwt".into()),
            ..issuer(ACCESS, &["RS256"])
        });
    })
    .await;
    for (kind, is_usual, is_access) in [
        (None, true, false),
        (Some(json!("JWT")), true, false),
        (Some(json!("jwt")), true, false),
        (Some(json!("application/jwt")), true, false),
        (Some(json!("at+jwt")), true, true),
        (Some(json!("AT+JWT")), true, true),
        (Some(json!("application/at+jwt")), true, true),
        (Some(json!("logout+jwt")), false, false),
        (Some(json!("dpop+jwt")), false, false),
        (Some(json!("secevent+jwt")), false, false),
        (Some(json!("")), false, false),
        (Some(json!(null)), false, false),
        (Some(json!(["at+jwt"])), false, false),
    ] {
        let mut header = json!({ "alg": "HS256" });
        if let Some(kind) = &kind {
            header["typ"] = kind.clone();
        }
        let usual = taken(&app, &with_header(header.clone())).await;
        assert_eq!(usual.is_some(), is_usual, "{kind:?}");
        header["alg"] = json!("RS256");
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&header), part(&claims(ACCESS, "eve")));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &rsa(), Algorithm::RS256).unwrap();
        let access = taken(&app, &format!("{message}.{signature}")).await;
        assert_eq!(access.is_some(), is_access, "{kind:?}");
    }
}

#[tokio::test]
async fn a_token_stands_in_the_header_and_nowhere_else() {
    let app = TestApp::start().await;
    let token = with_header(json!({ "alg": "HS256" }));
    let query = "query=%7Bviewer%7Buser%7Bid%7D%7D%7D";
    for name in ["access_token", "token", "authorization", "jwt", "bearer"] {
        let reply = app.anonymous().get(&format!("/graphql?{query}&{name}={token}")).await;
        assert_eq!(reply.ok().data("viewer"), &Value::Null, "{name}");
    }
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let body = json!({ "query": VIEWER, "access_token": token, "extensions": { "authorization": token } });
    let request = http
        .post(format!("{}/graphql?access_token={token}", app.url))
        .json(&body);
    let request = request.header(
        "cookie",
        format!("session={token}; token={token}; authorization={token}"),
    );
    let request = request.header("x-authorization", format!("Bearer {token}"));
    let reply = Reply::read(request.send().await.unwrap()).await;
    assert_eq!(reply.ok().data("viewer"), &Value::Null);
    assert!(db_users(&app).await.is_empty());
}
