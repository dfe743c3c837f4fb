//! Every name of the environment is understood, in every form of its value.

use serde_json::Value;

use super::*;

#[test]
fn every_name_of_the_environment_is_understood() {
    let place = [
        ("ROSTER_LISTEN", "127.0.0.1:0"),
        ("ROSTER_DATABASE_URL", "sqlite://a.sqlite"),
        ("ROSTER_DATA_DIR", "things"),
        ("ROSTER_PUBLIC_URL", "https://people.example.com"),
        ("ROSTER_MODE", "development"),
        ("ROSTER_DEMO", "false"),
        ("ROSTER_PRODUCT_NAME", "42"),
        ("ROSTER_TRUSTED_PROXIES", "[\"10.0.0.1\", \"::1\"]"),
        ("ROSTER_AUTH__HS256_SECRET", "x"),
        ("ROSTER_AUTH__ISSUER", "https://id.example.com"),
        ("ROSTER_AUTH__AUDIENCE", "roster"),
        ("ROSTER_AUTH__SUPERUSERS", "https://id.example.com|root"),
        ("ROSTER_AUTH__TWO_FACTOR_METHODS", "otp,hwk"),
        ("ROSTER_AUTH__IDP_CLAIM", "identity_provider"),
        ("ROSTER_AUTH__SUDO_AGE", "10m"),
        ("ROSTER_AUTH__LEEWAY", "0"),
        ("ROSTER_CONSOLE__ENABLED", "true"),
        ("ROSTER_CONSOLE__OIDC__ISSUER", "https://id.example.com"),
        ("ROSTER_CONSOLE__OIDC__CLIENT_ID", "42"),
        ("ROSTER_CONSOLE__OIDC__SCOPE", "openid"),
        ("ROSTER_CONSOLE__OIDC__AUDIENCE", "42"),
        ("ROSTER_CONSOLE__OIDC__TOKEN", "id_token"),
        (
            "ROSTER_CONSOLE__OIDC__ORIGINS",
            "https://a.example.com, https://b.example.com",
        ),
        ("ROSTER_INVITES__SECRET", "x"),
        ("ROSTER_INVITES__LIFETIME", "30d"),
        ("ROSTER_INVITES__BLOCKED_DOMAINS", "qq.com, example.net"),
        ("ROSTER_MAIL__TRANSPORT", "smtp"),
        ("ROSTER_MAIL__FOLDER", "mail"),
        ("ROSTER_MAIL__SMTP_URL", "smtps://user:password@mail.example.com:465"),
        ("ROSTER_MAIL__STARTTLS", "opportunistic"),
        ("ROSTER_MAIL__TIMEOUT", "10s"),
        ("ROSTER_MAIL__COLOR", "#123456"),
        ("ROSTER_MAIL__FROM", "Roster <roster@example.com>"),
        ("ROSTER_LIMITS__DEPTH_MAX", "20"),
        ("ROSTER_LIMITS__COMPLEXITY_MAX", "100000"),
        ("ROSTER_LIMITS__SELECTIONS_MAX", "2000"),
        ("ROSTER_LIMITS__BODY_BYTES_MAX", "2000000"),
        ("ROSTER_LIMITS__LIST_ITEMS_MAX", "5000"),
        ("ROSTER_LIMITS__REQUEST_TIMEOUT", "1m 30s"),
        ("ROSTER_LIMITS__LOCK_TIMEOUT", "500ms"),
        ("ROSTER_RATE_LIMITS__ENABLED", "false"),
        ("ROSTER_RATE_LIMITS__REQUESTS__ENABLED", "true"),
        ("ROSTER_RATE_LIMITS__REQUESTS__PER_USER", "100/m"),
        ("ROSTER_RATE_LIMITS__REQUESTS__PER_USER_BURST", "50"),
        ("ROSTER_RATE_LIMITS__REQUESTS__PER_TOKEN", "1000/h"),
        ("ROSTER_RATE_LIMITS__REQUESTS__PER_TOKEN_BURST", "20"),
        ("ROSTER_RATE_LIMITS__REQUESTS__PER_ADDRESS", "5/s"),
        ("ROSTER_RATE_LIMITS__REQUESTS__PER_ADDRESS_BURST", "5"),
        ("ROSTER_RATE_LIMITS__REQUESTS__ADDRESS_TOTAL", "off"),
        ("ROSTER_RATE_LIMITS__REQUESTS__ADDRESS_TOTAL_BURST", "0"),
        ("ROSTER_RATE_LIMITS__REQUESTS__WHEN_REDIS_FAILS", "closed"),
        ("ROSTER_REDIS__URL", "rediss://user:password@redis.example.com:6380/2"),
        ("ROSTER_REDIS__PREFIX", "42"),
        ("ROSTER_REDIS__TIMEOUT", "50ms"),
        ("ROSTER_RATE_LIMITS__INVITES_PER_ACTOR_PER_DAY", "1"),
        ("ROSTER_RATE_LIMITS__INVITES_PER_ORGANIZATION_PER_DAY", "2"),
        ("ROSTER_RATE_LIMITS__INVITES_PER_ADDRESS_PER_DAY", "3"),
        ("ROSTER_RATE_LIMITS__JOIN_REQUESTS_PER_CLIENT_PER_DAY", "4"),
        ("ROSTER_RATE_LIMITS__JOIN_REQUESTS_PER_ORGANIZATION_PER_DAY", "5"),
        ("ROSTER_RATE_LIMITS__ORGANIZATIONS_PER_USER_PER_HOUR", "0"),
        ("ROSTER_FEATURES__TEAM_ROLES", "false"),
        ("ROSTER_FEATURES__INVITE_MEMBERS", "false"),
        ("ROSTER_FEATURES__MEMBER_INVITES", "false"),
        ("ROSTER_FEATURES__MAIL_INVITES", "false"),
        ("ROSTER_FEATURES__EMAIL_VERIFICATION", "false"),
        ("ROSTER_FEATURES__CREATE_ORGANIZATIONS", "false"),
        ("ROSTER_FEATURES__CODECOV", "true"),
        ("ROSTER_FEATURES__DYNAMIC_SAMPLING", "true"),
        ("ROSTER_FEATURES__TRUSTED_RELAYS_ONLY", "true"),
        ("ROSTER_SLUGS__RESERVED", "[\"admin\", \"api\"]"),
        ("ROSTER_ORGANIZATIONS__DEFAULT_SLUG", "main"),
        ("ROSTER_ORGANIZATIONS__DELETION_DELAY", "24h"),
        ("ROSTER_ORGANIZATIONS__REQUIRE_TERMS", "true"),
        ("ROSTER_ROLES__BILLING__NAME", "Billing"),
        ("ROSTER_ROLES__BILLING__PRIORITY", "-1"),
        ("ROSTER_ROLES__BILLING__IS_TEAM_ROLES_ALLOWED", "false"),
        ("ROSTER_ROLES__BILLING__SCOPES", "[\"org:read\", \"member:read\"]"),
        ("ROSTER_METRICS__LISTEN", "127.0.0.1:9464"),
        ("ROSTER_LOG__FILTER", "warn"),
        ("ROSTER_LOG__JSON", "true"),
    ]
    .into_iter()
    .fold(Place::new(), |place, (name, value)| place.set(name, value));

    place.run(&["check-config"]).ok();
}

#[test]
fn transports_for_mail_are_three() {
    for transport in ["folder", "none"] {
        Place::new()
            .set("ROSTER_MAIL__TRANSPORT", transport)
            .run(&["check-config"])
            .ok();
    }
    let smtp = Place::new().set("ROSTER_MAIL__TRANSPORT", "smtp");
    assert!(smtp.run(&["check-config"]).failed().contains("mail.smtp_url"));
    let smtp = smtp.set("ROSTER_MAIL__SMTP_URL", "smtp://mail.example.com");
    smtp.run(&["check-config"]).ok();
    // All may be set; the transport decides.
    smtp.set("ROSTER_MAIL__FOLDER", "mail")
        .set("ROSTER_MAIL__TRANSPORT", "folder")
        .run(&["check-config"])
        .ok();
}

#[test]
fn durations_are_read_in_every_form() {
    for good in ["1s", "30d", "1h 30m", "500ms", "0s", "3600", "2weeks"] {
        Place::new()
            .set("ROSTER_INVITES__CLEANUP_AFTER", good)
            .run(&["check-config"])
            .ok();
    }
    for (text, good) in [
        ("\"90m\"", true),
        ("3600", true),
        ("-1", false),
        ("true", false),
        ("[]", false),
    ] {
        let file = format!("[invites]\nlifetime = {text}\n");
        let ended = Place::new().file("roster.toml", &file).run(&["check-config"]);
        assert_eq!(ended.code == Some(0), good, "{text}: {ended:?}");
    }
}

#[test]
fn bounds_that_cannot_be_kept_are_refused() {
    for (file, why) in [
        ("[rate_limits.requests]\nper_user = 40", "a rate such as 40/s"),
        ("[rate_limits.requests]\nper_user = \"40/day\"", "`40/day` is no rate"),
        ("[rate_limits.requests]\nper_token = \"0/s\"", "per_token"),
        (
            "[rate_limits.requests]\nper_address_burst = 0",
            "per_address_burst must be at least 1",
        ),
        ("[rate_limits.requests]\nper_address = \"1/h\"", "longer than an hour"),
        (
            "[rate_limits.requests]\nper_adress = \"1/s\"",
            "did you mean `per_address`?",
        ),
        ("[rate_limits.requests]\nwhen_redis_fails = \"ajar\"", "open, closed"),
        ("[graphql]\nbatch_max = 500", "per_user_burst must be at least 500"),
        (
            "[redis]\nurl = \"http://a-secret@127.0.0.1\"",
            "redis.url must begin with",
        ),
        ("[redis]\ntimeout = \"0s\"", "redis.timeout"),
    ] {
        let place = Place::new().file("roster.toml", &format!("{file}\n"));
        let told = place.run(&["check-config"]).failed();
        assert!(told.contains(why), "{file}: {told}");
        assert!(!told.contains("a-secret"), "{told}");
    }
    // What is off has no bound that could be wrong.
    let off = "[rate_limits.requests]\nper_user = \"off\"\nper_user_burst = 0\n";
    Place::new().file("roster.toml", off).run(&["check-config"]).ok();
}

#[test]
fn a_sign_in_that_cannot_work_is_refused_by_name() {
    let issuer = "issuer = \"https://id.example.com\"";
    for (oidc, why) in [
        ("client_id = \"a\"", "console.oidc: missing field `issuer`"),
        (issuer, "console.oidc: missing field `client_id`"),
        (
            "issuer = \"id.example.com\"\nclient_id = \"a\"",
            "console.oidc.issuer: `id.example.com`",
        ),
        (
            &format!("{issuer}\nclient_id = \"\""),
            "console.oidc.client_id is empty",
        ),
        (&format!("{issuer}\nclient_id = \"a\"\nscope = \"email\""), "openid"),
        (
            &format!("{issuer}\nclient_id = \"a\"\ntoken = \"refresh_token\""),
            "access_token, id_token",
        ),
        (
            &format!("{issuer}\nclient_id = \"a\"\norigins = \"id.example.com\""),
            "console.oidc.origins: `id.example.com` is no origin",
        ),
        (
            &format!("{issuer}\nclient_id = \"a\"\nclient_secret = \"b\""),
            "unknown setting `console.oidc.client_secret`",
        ),
    ] {
        let place = Place::new().file("roster.toml", &format!("[console.oidc]\n{oidc}\n"));
        let told = place.run(&["check-config"]).failed();
        assert!(told.contains(why), "{oidc}: {told}");
    }
}

#[test]
fn texts_that_look_like_something_else_stay_texts() {
    for text in [
        "01234567890123456789012345678901",
        "12345678901234567890123456789012",
        "3.14159265358979323846264338327950",
        "true",
        "[1,2]",
        "[\"quoted\"]",
        "{a=1}",
        "'single'",
        "\"double\"",
        " spaces around ",
        "a,b",
        "#comment",
        "x",
    ] {
        let place = Place::new()
            .set("ROSTER_AUTH__HS256_SECRET", text)
            .set("ROSTER_AUTH__ISSUER", text)
            .set("ROSTER_AUTH__AUDIENCE", text);
        let token = place.run(&["token", "ann"]).ok();
        let key = jsonwebtoken::DecodingKey::from_secret(text.as_bytes());
        let mut validation = jsonwebtoken::Validation::default();
        validation.set_audience(&[text]);
        let claims = jsonwebtoken::decode::<Value>(token.trim(), &key, &validation)
            .unwrap()
            .claims;
        assert_eq!(
            (&claims["iss"], &claims["aud"]),
            (&Value::from(text), &Value::from(text))
        );
    }
}

#[test]
fn secrets_for_invites_may_look_like_numbers() {
    let production = |secret: &str| {
        Place::new()
            .set("ROSTER_MODE", "production")
            .set("ROSTER_PUBLIC_URL", "https://people.example.com")
            .set("ROSTER_AUTH__HS256_SECRET", &"0".repeat(32))
            .set("ROSTER_INVITES__SECRET", secret)
    };
    let number = "12345678901234567890123456789012";
    for secret in [
        number.to_owned(),
        format!("[\"{number}\"]"),
        format!("[\"{number}\", \"{}\"]", "9".repeat(40)),
    ] {
        production(&secret).run(&["check-config"]).ok();
    }
    for short in ["1234567890", "true", "[\"1234567890\"]"] {
        assert!(
            production(short)
                .run(&["check-config"])
                .failed()
                .contains("invites.secret")
        );
    }
}
