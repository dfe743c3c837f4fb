//! Where settings come from, which of them wins, and how wrong ones are told.

use serde_json::Value;

use super::*;

/// The claims of a token that the program makes: they show what it was set to.
fn claims(place: &Place, flags: &[&str]) -> Value {
    let token = place.run(&[flags, &["token", "ann"]].concat()).ok();
    jsonwebtoken::dangerous::insecure_decode::<Value>(token.trim())
        .unwrap()
        .claims
}

#[test]
fn the_environment_wins_over_the_file_and_both_add_up() {
    let file = "[auth]\nissuer = \"from the file\"\naudience = \"file audience\"\nidp_claim = \"file_idp\"\n";
    let place = Place::new()
        .file("roster.toml", file)
        .set("ROSTER_AUTH__ISSUER", "from the environment");

    let claims = claims(&place, &[]);

    assert_eq!(claims["iss"], "from the environment");
    assert_eq!(claims["aud"], "file audience");
}

#[test]
fn flags_win_over_the_environment_and_the_file() {
    let place = Place::new().file("roster.toml", "data_dir = \"of-file\"\n");
    claims(&place, &[]);
    assert!(place.path().join("of-file/jwt.secret").is_file());

    let place = place.set("ROSTER_DATA_DIR", "of-environment");
    claims(&place, &[]);
    assert!(place.path().join("of-environment/jwt.secret").is_file());
    assert!(!place.path().join("of-flag").exists());

    claims(&place, &["--data-dir", "of-flag"]);
    assert!(place.path().join("of-flag/jwt.secret").is_file());
    // Flags stand before or after the command.
    place.run(&["token", "ann", "--data-dir", "after"]).ok();
    assert!(place.path().join("after/jwt.secret").is_file());
}

#[test]
fn every_flag_wins_over_its_variable() {
    let place = Place::new()
        .set("ROSTER_LISTEN", "nowhere")
        .set("ROSTER_MODE", "production")
        .set("ROSTER_DEMO", "true")
        .set("ROSTER_DATABASE_URL", "sqlite://variable.sqlite")
        .set("ROSTER_DATABASE__MIGRATE_ON_START", "true");
    let flags = [
        "--listen",
        "127.0.0.1:0",
        "--mode",
        "development",
        "--demo",
        "false",
        "--database-url",
        "sqlite://flag.sqlite",
    ];

    let program = place.serve_with(&flags);

    within_patience("the mode is announced", || {
        program.stdout().contains("DEVELOPMENT").then_some(())
    });
    assert!(place.path().join("flag.sqlite").is_file() && !place.path().join("variable.sqlite").exists());
}

#[test]
fn the_file_is_named_by_a_flag_or_a_variable() {
    let place = Place::new()
        .file("roster.toml", "[auth]\nissuer = \"the usual\"\n")
        .file("other.toml", "[auth]\nissuer = \"the other\"\n")
        .file("third.toml", "[auth]\nissuer = \"the third\"\n");
    assert_eq!(claims(&place, &[])["iss"], "the usual");
    assert_eq!(claims(&place, &["--config", "other.toml"])["iss"], "the other");
    assert_eq!(claims(&place, &["-c", "third.toml"])["iss"], "the third");

    let place = place.set("ROSTER_CONFIG", "other.toml");
    assert_eq!(claims(&place, &[])["iss"], "the other");
    assert_eq!(claims(&place, &["-c", "third.toml"])["iss"], "the third");

    for missing in [
        place.run(&["-c", "missing.toml", "check-config"]),
        place.set("ROSTER_CONFIG", "gone.toml").run(&["check-config"]),
    ] {
        let why = missing.failed();
        assert!(why.contains("missing.toml") || why.contains("gone.toml"), "{why}");
    }
}

#[test]
fn secrets_are_read_from_files() {
    let secret = "012345678901234567890123456789012345";
    for text in [secret.to_owned(), format!("{secret}\n"), format!("{secret}\r\n")] {
        let place = Place::new()
            .file("jwt", &text)
            .file("invites", &text)
            .file("smtp", "smtp://user:password@mail.example.com\n")
            .file("database", "sqlite://from-a-file.sqlite\n")
            .set("ROSTER_MODE", "production")
            .set("ROSTER_PUBLIC_URL", "https://people.example.com")
            .set("ROSTER_AUTH__HS256_SECRET_FILE", "jwt")
            .set("ROSTER_INVITES__SECRET_FILE", "invites")
            .set("ROSTER_MAIL__SMTP_URL_FILE", "smtp")
            .set("ROSTER_MAIL__TRANSPORT", "smtp")
            .set("ROSTER_DATABASE_URL_FILE", "database");
        place.run(&["check-config"]).ok();
        let token = place.run(&["token", "ann"]).ok();
        let key = jsonwebtoken::DecodingKey::from_secret(secret.as_bytes());
        let mut validation = jsonwebtoken::Validation::default();
        validation.set_audience(&["roster"]);
        jsonwebtoken::decode::<Value>(token.trim(), &key, &validation).unwrap();
        place.run(&["migrate"]).ok();
        assert!(place.path().join("from-a-file.sqlite").is_file());
        assert!(!place.path().join("data").exists());
    }
}

#[test]
fn a_secret_file_that_cannot_be_read_is_named() {
    for variable in [
        "ROSTER_AUTH__HS256_SECRET_FILE",
        "ROSTER_INVITES__SECRET_FILE",
        "ROSTER_DATABASE_URL_FILE",
        "ROSTER_MAIL__SMTP_URL_FILE",
    ] {
        let why = Place::new()
            .set(variable, "missing-file")
            .run(&["check-config"])
            .failed();
        assert!(why.contains(variable) && why.contains("missing-file"), "{why}");
    }
    let why = Place::new()
        .file("empty", "\n")
        .set("ROSTER_AUTH__HS256_SECRET_FILE", "empty")
        .run(&["check-config"])
        .failed();
    assert!(why.contains("auth.hs256_secret"), "{why}");
}

#[test]
fn an_unknown_name_in_the_environment_is_refused_with_the_nearest() {
    for (variable, wrong, nearest) in [
        ("ROSTER_LISTN", "listn", "listen"),
        ("ROSTER_DATABSE_URL", "databse_url", "database_url"),
        ("ROSTER_PUBLICURL", "publicurl", "public_url"),
        ("ROSTER_AUTH__HS256_SECRT", "auth.hs256_secrt", "hs256_secret"),
        ("ROSTER_AUTH__SUPERUSER", "auth.superuser", "superusers"),
        ("ROSTER_INVITES__LIFETIMES", "invites.lifetimes", "lifetime"),
        ("ROSTER_MAIL__FOLDR", "mail.foldr", "folder"),
        ("ROSTER_FEATURES__TEAM_ROLE", "features.team_role", "team_roles"),
        (
            "ROSTER_RATE_LIMITS__INVITES_PER_ACTOR",
            "rate_limits.invites_per_actor",
            "invites_per_actor_per_day",
        ),
        ("ROSTER_RATE_LIMIT__ENABLED", "rate_limit", "rate_limits"),
        ("ROSTER_LIMITS__DEPTH", "limits.depth", "depth_max"),
        ("ROSTER_ROLES__BILLING__SCOPE", "roles.billing.scope", "scopes"),
        ("ROSTER_METRICS__LISTN", "metrics.listn", "listen"),
    ] {
        let place = Place::new().set(variable, "1");
        for command in ["check-config", "serve", "migrate", "demo"] {
            let why = place.run(&[command]).failed();
            assert!(
                why.contains(&format!("`{wrong}`")) && why.contains(&format!("{nearest}`")),
                "{variable}: {why}"
            );
        }
        place.run(&["token", "ann"]).failed();
        assert!(!place.path().join("data").exists(), "{variable}");
    }
}

#[test]
fn an_unknown_name_in_the_file_is_refused_with_the_nearest() {
    for (text, wrong, nearest) in [
        ("listne = \"127.0.0.1:1\"", "listne", "listen"),
        ("[auth]\nisuer = \"x\"", "auth.isuer", "issuer"),
        ("[auht]\nissuer = \"x\"", "auht", "auth"),
        ("[limits]\ndepthmax = 3", "limits.depthmax", "depth_max"),
        ("[roles.billing]\npriorty = 3", "roles.billing.priorty", "priority"),
        (
            "[[auth.issuers]]\nissuer = \"x\"\naudiences = \"y\"\nalgorithms = []",
            "audiences",
            "audience",
        ),
        ("[log]\nfilters = \"x\"", "log.filters", "filter"),
    ] {
        let place = Place::new().file("roster.toml", &format!("{text}\n"));
        let why = place.run(&["check-config"]).failed();
        assert!(
            why.contains(wrong) && why.contains(&format!("{nearest}`")),
            "{text}: {why}"
        );
        assert!(place.run(&[]).failed().contains(wrong));
    }
}

#[test]
fn wrong_types_are_refused_by_name() {
    for (variable, value, name) in [
        ("ROSTER_LISTEN", "everywhere", "listen"),
        ("ROSTER_LISTEN", "127.0.0.1", "listen"),
        ("ROSTER_MODE", "debug", "mode"),
        ("ROSTER_PUBLIC_URL", "people.example.com", "public_url"),
        ("ROSTER_DEMO", "perhaps", "demo"),
        ("ROSTER_INVITES__LIFETIME", "soon", "invites.lifetime"),
        ("ROSTER_INVITES__LIFETIME", "-1", "invites.lifetime"),
        ("ROSTER_INVITES__LIFETIME", "1000y", "invites.lifetime"),
        ("ROSTER_MAIL__TRANSPORT", "pigeon", "mail.transport"),
        ("ROSTER_MAIL__STARTTLS", "maybe", "mail.starttls"),
        ("ROSTER_MAIL__TIMEOUT", "soon", "mail.timeout"),
        ("ROSTER_MAIL__COLOR", "mauve", "mail.color"),
        ("ROSTER_MAIL__FROM", "nobody", "mail.from"),
        ("ROSTER_LIMITS__DEPTH_MAX", "deep", "limits.depth_max"),
        ("ROSTER_LIMITS__DEPTH_MAX", "-1", "limits.depth_max"),
        ("ROSTER_LIMITS__REQUEST_TIMEOUT", "x", "limits.request_timeout"),
        ("ROSTER_LIMITS__BODY_BYTES_MAX", "1MB", "limits.body_bytes_max"),
        ("ROSTER_RATE_LIMITS__ENABLED", "yes please", "rate_limits.enabled"),
        (
            "ROSTER_RATE_LIMITS__INVITES_PER_ACTOR_PER_DAY",
            "many",
            "rate_limits.invites_per_actor_per_day",
        ),
        (
            "ROSTER_RATE_LIMITS__INVITES_PER_ACTOR_PER_DAY",
            "-3",
            "rate_limits.invites_per_actor_per_day",
        ),
        ("ROSTER_FEATURES__TEAM_ROLES", "sometimes", "features.team_roles"),
        ("ROSTER_METRICS__LISTEN", "9090", "metrics.listen"),
        ("ROSTER_DATABASE__CONNECTIONS_MAX", "x", "database.connections_max"),
        ("ROSTER_AUTH", "x", "auth"),
        ("ROSTER_TRUSTED_PROXIES", "[\"proxy.example.com\"]", "trusted_proxies"),
    ] {
        let why = Place::new().set(variable, value).run(&["check-config"]).failed();
        assert!(why.contains(name), "{variable}={value}: {why}");
    }
}

#[test]
fn a_wrong_setting_does_not_tell_a_secret() {
    const SECRET: &str = "98765432109876543";
    for text in [
        format!("[auth]\nhs256_secret = \"{SECRET}\n"),
        format!("[auth]\nhs256_secret = {SECRET}\n"),
        format!("[auth]\nhs256_secret = [\"{SECRET}\"]\n"),
        format!("[invites]\nsecret = {SECRET}\n"),
        format!("[invites]\nsecret = [{SECRET}]\n"),
        format!("[invites]\nsecret = {{ first = \"{SECRET}\" }}\n"),
        format!("[mail]\nsmtp_url = {SECRET}\n"),
        format!("[mail]\ntransport = \"smtp\"\nsmtp_url = \"http://u:{SECRET}@mail\"\n"),
        format!("[mail]\ntransport = \"smtp\"\nsmtp_url = \"smtp://u:{SECRET}@mail/path\"\n"),
        format!("database_url = {SECRET}\n"),
        format!("database_url = \"postgres://u:{SECRET}@db/roster\" oops\n"),
        format!("auth = \"{SECRET}\"\n"),
        format!("[[auth.issuers]]\nhs256_secret = {SECRET}\n"),
        format!("[mail]\nsmtp_url = \"smtp://u:{SECRET}@mail\"\nsmtp_url = \"twice\"\n"),
    ] {
        let ended = Place::new().file("roster.toml", &text).run(&["check-config"]);
        assert_ne!(ended.code, Some(0), "{text}");
        assert_silent(&text, &ended.stderr, &[SECRET]);
    }
    for (variable, value) in [
        ("ROSTER_INVITES__SECRET", format!("[{SECRET}]")),
        ("ROSTER_INVITES__SECRET", format!("[[\"{SECRET}\"]]")),
        ("ROSTER_AUTH__ISSUERS", format!("[{{hs256_secret={SECRET}}}]")),
        ("ROSTER_INVITES", SECRET.into()),
    ] {
        let ended = Place::new().set(variable, &value).run(&["check-config"]);
        assert_ne!(ended.code, Some(0), "{variable}={value}");
        assert_silent(variable, &ended.stderr, &[SECRET]);
    }
}

#[test]
fn other_variables_are_none_of_our_business() {
    let place = Place::new()
        .set("ROSTER", "1")
        .set("ROSTERS_LISTEN", "1")
        .set("MY_ROSTER_LISTEN", "1")
        .set("DATABASE_URL", "x");
    place.run(&["check-config"]).ok();
}
