//! The commands besides serving and migrating.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

use super::*;

const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");

/// The claims of a token, which this secret has signed.
fn claims(token: &str, secret: &str) -> Value {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&[AUDIENCE]);
    let key = DecodingKey::from_secret(secret.as_bytes());
    jsonwebtoken::decode::<Value>(token.trim(), &key, &validation)
        .unwrap()
        .claims
}

/// A place whose tokens are those of the tests.
fn mint() -> Place {
    Place::with_secrets("sqlite://never-opened.sqlite")
}

#[test]
fn the_schema_in_the_repository_is_the_one_that_is_served() {
    let place = Place::new();
    let known = std::fs::read_to_string(SCHEMA).unwrap();

    assert_eq!(place.run(&["schema"]).ok(), known);
    assert_eq!(place.run(&["schema", "--check", SCHEMA]).ok(), "");

    let broken = place.file("roster.toml", "nonsense").set("ROSTER_NONSENSE", "1");
    assert_eq!(broken.run(&["schema"]).ok(), known, "the schema needs no configuration");
}

#[test]
fn drift_of_the_schema_is_told_with_its_line() {
    let known = std::fs::read_to_string(SCHEMA).unwrap();
    let lines: Vec<&str> = known.lines().collect();
    let changed = |line: usize, text: &str| {
        let mut lines = lines.clone();
        lines[line - 1] = text;
        lines.join("\n") + "\n"
    };
    let without = |line: usize| [&lines[..line - 1], &lines[line..]].concat().join("\n") + "\n";
    let last = lines.len();
    for (drifted, line) in [
        (changed(1, "# other"), 1),
        (changed(40, "  other: Int"), 40),
        (changed(last, "}}"), last),
        (known.clone() + "# more\n", last + 1),
        (lines[..last - 3].join("\n") + "\n", last - 2),
        (String::new(), 1),
        (without(7), 7),
    ] {
        let place = Place::new().file("drifted.graphql", &drifted);
        let why = place.run(&["schema", "--check", "drifted.graphql"]).failed();
        assert!(why.contains("drifted.graphql"), "{why}");
        assert!(why.contains(&format!("line {line} ")), "expected line {line}: {why}");
    }
    let why = Place::new().run(&["schema", "--check", "missing.graphql"]).failed();
    assert!(why.contains("missing.graphql"), "{why}");
}

#[test]
fn a_bare_token_names_the_person_and_no_more() {
    let claims = claims(&mint().run(&["token", "ann"]).ok(), JWT_SECRET);

    let named: Vec<&String> = claims.as_object().unwrap().keys().collect();
    assert_eq!(named, ["aud", "auth_time", "exp", "iat", "iss", "sub"]);
    assert_eq!(
        (&claims["iss"], &claims["aud"], &claims["sub"]),
        (&json!(ISSUER), &json!(AUDIENCE), &json!("ann"))
    );
    let lifetime = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(lifetime, 12 * 3600);
}

#[test]
fn every_option_of_token_becomes_a_claim() {
    let place = mint();
    let minted = |options: &[&str]| claims(&place.run(&[&["token", "ann"], options].concat()).ok(), JWT_SECRET);

    let full = minted(&[
        "--email",
        "Ann@Example.com",
        "--name",
        "Ann B.",
        "--mfa",
        "--idp",
        "google",
        "--scope",
        "org:read member:read",
        "--lifetime",
        "90s",
    ]);
    assert_eq!(full["email"], "Ann@Example.com");
    assert_eq!(full["email_verified"], true);
    assert_eq!(full["name"], "Ann B.");
    assert_eq!(full["idp"], "google");
    assert_eq!(full["scope"], "org:read member:read");
    assert_eq!(full["exp"].as_i64().unwrap() - full["iat"].as_i64().unwrap(), 90);
    assert!(full["amr"].as_array().unwrap().contains(&json!("otp")), "{full}");

    assert_eq!(
        minted(&["--email", "a@example.com", "--unverified"])["email_verified"],
        false
    );
    let weak = &minted(&["--no-mfa"])["amr"];
    assert!(
        weak.as_array()
            .unwrap()
            .iter()
            .all(|method| method != "otp" && method != "mfa"),
        "{weak}"
    );
    let long = minted(&["--lifetime", "30days"]);
    assert_eq!(
        long["exp"].as_i64().unwrap() - long["iat"].as_i64().unwrap(),
        30 * 86_400
    );
}

#[test]
fn options_of_token_that_contradict_each_other_are_refused() {
    for options in [
        &["--mfa", "--no-mfa"][..],
        &["--unverified"],
        &["--lifetime", "soon"],
        &["--lifetime", "-1s"],
    ] {
        mint().run(&[&["token", "ann"], options].concat()).failed();
    }
    mint().run(&["token"]).failed();
}

#[test]
fn tokens_are_not_made_where_an_identity_provider_makes_them() {
    let key = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/identity/keys/rsa.public.pem");
    let issuers = format!(
        "[[auth.issuers]]\nissuer = \"https://id.example.com\"\naudience = \"roster\"\nalgorithms = \"RS256\"\n\
         public_key_file = \"{key}\"\n"
    );
    let place = Place::new().file("roster.toml", &issuers);

    let why = place.run(&["token", "ann"]).failed();

    assert!(why.contains("auth.hs256_secret"), "{why}");
    assert_eq!(place.run(&["check-config"]).code, Some(0));
}

#[tokio::test]
async fn tokens_made_by_the_command_are_taken_by_the_server() {
    let place = Place::new();
    let program = place.serve();
    let viewer = "{ viewer { user { name email hasTwoFactor } scopes } }";
    let token = place.run(&[
        "token",
        "zoe",
        "--name",
        "Zoe",
        "--email",
        "zoe@example.com",
        "--mfa",
        "--scope",
        "org:read",
    ]);

    let reply = program.caller(token.ok().trim()).send(viewer, json!({})).await.ok();

    let expected = json!({
        "user": { "name": "Zoe", "email": "zoe@example.com", "hasTwoFactor": true }, "scopes": ["org:read"],
    });
    assert_eq!(reply.data("viewer"), &expected);
    let elsewhere = Place::new().run(&["token", "zoe"]).ok();
    let reply = program.caller(elsewhere.trim()).send(viewer, json!({})).await;
    assert_eq!(
        reply.error_codes(),
        ["UNAUTHENTICATED"],
        "another folder has another secret"
    );
}

#[test]
fn a_printed_token_is_one_line_and_nothing_else() {
    let printed = Place::new().run(&["token", "ann"]);
    assert_eq!(printed.stderr, "");
    let printed = printed.ok();
    assert_eq!(printed.lines().count(), 1);
    let payload = printed.trim().split('.').nth(1).unwrap();
    assert!(serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(payload).unwrap()).is_ok());
}

#[test]
fn check_config_tells_what_is_wrong() {
    assert!(!Place::new().run(&["check-config"]).ok().is_empty());
    for (file, named) in [
        ("public_url = \"no address\"", "public_url"),
        ("mode = \"staging\"", "mode"),
        ("[mail]\ntransport = \"smtp\"", "mail.smtp_url"),
        ("[mail]\ntransport = \"pigeon\"", "mail.transport"),
        ("[roles.billing]\nname = \"Billing\"", "billing"),
        (
            "[roles.billing]\npriority = 5\nscopes = [\"org:everything\"]",
            "org:everything",
        ),
        (
            "[[auth.issuers]]\nissuer = \"x\"\naudience = \"y\"\nalgorithms = [\"HS256\"]",
            "x",
        ),
        (
            "[[auth.issuers]]\nissuer = \"x\"\naudience = \"y\"\nalgorithms = [\"none\"]\nhs256_secret = \"s\"",
            "none",
        ),
        (
            "[[auth.issuers]]\nissuer = \"x\"\naudience = []\nalgorithms = [\"HS256\"]\nhs256_secret = \"s\"",
            "audience",
        ),
        (
            "[[auth.issuers]]\nissuer = \"x\"\naudience = \"y\"\nalgorithms = [\"RS256\"]\npublic_key_file = \"no.pem\"",
            "no.pem",
        ),
        (
            "[[auth.issuers]]\nissuer = \"x\"\naudience = \"y\"\nalgorithms = [\"RS256\"]\njwks_file = \"no.json\"",
            "no.json",
        ),
        (
            "[[auth.issuers]]\nissuer = \"x\"\naudience = \"y\"\nalgorithms = [\"RS256\"]\nhs256_secret = \"s\"",
            "HS256",
        ),
        (
            "[[auth.issuers]]\naudience = \"y\"\nalgorithms = [\"HS256\"]\nhs256_secret = \"s\"",
            "issuer",
        ),
        ("not toml at all", "roster.toml"),
        ("[redis]\nurl = \"redis://127.0.0.1:port\"", "redis.url"),
        ("[nats]\nurl = \"foo://127.0.0.1\"", "nats.url"),
        (
            "[nats]\nurl = \"nats://127.0.0.1\"\ncredentials_file = \"no.creds\"",
            "no.creds",
        ),
        ("database_url = \"postgres://127.0.0.1:port/roster\"", "database_url"),
        (
            "database_url = \"sqlite://roster.sqlite?mode=sideways\"",
            "database_url",
        ),
        ("[database]\nacquire_timeout = \"30s\"", "database.acquire_timeout"),
        ("[database]\nacquire_timeout = \"0s\"", "database.acquire_timeout"),
        ("[limits]\nbody_bytes_max = 0", "limits.body_bytes_max"),
        ("[limits]\ntokens_max = 0", "limits.tokens_max"),
        ("[limits]\ndepth_max = 0", "limits.depth_max"),
        ("[limits]\ncomplexity_max = 0", "limits.complexity_max"),
    ] {
        let place = Place::new().file("roster.toml", &format!("{file}\n"));
        let ended = place.run(&["check-config"]);
        assert_ne!(ended.code, Some(0), "{file}");
        let why = ended.failed();
        assert!(why.contains(named), "{file}: {why}");
        place.run(&["serve"]).failed();
    }
}

#[test]
fn one_address_is_not_for_two_servers() {
    let place = Place::new().file("roster.toml", "[metrics]\nlisten = \"0.0.0.0:9090\"\n");
    for (listen, is_free) in [
        ("127.0.0.1:9090", false),
        ("127.0.0.1:9091", true),
        ("127.0.0.1:0", true),
    ] {
        let ended = place.run(&["check-config", "--listen", listen]);
        if is_free {
            ended.ok();
        } else {
            assert!(ended.failed().contains("metrics.listen"), "{listen}");
        }
    }
}

#[test]
fn check_config_reads_the_keys_of_issuers() {
    let keys = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/identity/keys");
    let issuer = |algorithms: &str, key: &str| {
        format!("[[auth.issuers]]\nissuer = \"x\"\naudience = \"y\"\nalgorithms = {algorithms}\n{key}\n")
    };
    let pem = |name: &str| format!("public_key_file = \"{keys}/{name}.public.pem\"");
    let set = format!("jwks_file = \"{keys}/jwks.json\"");
    let check = |text: String| Place::new().file("roster.toml", &text).run(&["check-config"]);
    for good in [
        issuer("[\"RS256\"]", &pem("rsa")),
        issuer("\"ES256\"", &pem("ec")),
        issuer("\"EdDSA\"", &pem("ed")),
        issuer("\"RS256,ES256,EdDSA\"", &set),
    ] {
        check(good).ok();
    }
    for bad in [
        issuer("\"ES256\"", &pem("rsa")),
        issuer("\"RS256\"", &pem("ed")),
        issuer("\"HS256\"", &pem("rsa")),
        issuer("\"HS256\"", &set),
        issuer("\"RS256\"", &format!("{}\n{set}", pem("rsa"))),
        issuer("\"RS256\"", &format!("jwks_file = \"{keys}/rsa.public.pem\"")),
        issuer("\"RS256\"", &format!("public_key_file = \"{keys}/jwks.json\"")),
        issuer("\"RS256\"", &pem("rsa")).repeat(2),
    ] {
        assert_ne!(check(bad.clone()).code, Some(0), "{bad}");
    }
}

#[test]
fn every_command_explains_itself() {
    let place = Place::new();
    let general = [
        "--config",
        "--listen",
        "--database-url",
        "--data-dir",
        "--mode",
        "--no-migrate",
        "--demo",
    ];
    let own = [
        ("serve", &[][..]),
        ("migrate", &[]),
        ("schema", &["--check"]),
        ("demo", &[]),
        ("check-config", &[]),
        (
            "token",
            &[
                "<SUBJECT>",
                "--email",
                "--unverified",
                "--name",
                "--mfa",
                "--no-mfa",
                "--idp",
                "--scope",
                "--lifetime",
            ],
        ),
    ];
    let overview = place.run(&["--help"]).ok();
    for (command, options) in own {
        assert!(overview.contains(command), "{command} is not in {overview}");
        let help = place.run(&[command, "--help"]).ok();
        let short = place.run(&[command, "-h"]).ok();
        assert_eq!(place.run(&["help", command]).ok(), help);
        for option in general.iter().chain(options) {
            assert!(
                help.contains(option) && short.contains(option),
                "{option} is not in {help}"
            );
        }
        // Every option says what it is for.
        let bare: Vec<&str> = short
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with('-') && !line.contains("  "))
            .collect();
        assert!(bare.is_empty(), "{command}: {bare:?}");
    }
    assert!(general.iter().all(|option| overview.contains(option)), "{overview}");
    assert!(place.run(&["--version"]).ok().contains(env!("CARGO_PKG_VERSION")));
    assert!(!place.path().join("data").exists());
}

#[test]
fn unknown_commands_and_options_are_refused() {
    for arguments in [
        &["serv"][..],
        &["--nonsense"],
        &["serve", "--nonsense"],
        &["schema", "extra"],
        &["--demo", "perhaps"],
    ] {
        Place::new().run(arguments).failed();
    }
}
