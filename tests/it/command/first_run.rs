//! The first start, with nothing configured, and what production asks for
//! before it starts.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use super::*;

const LONG: &str = "a-secret-that-is-long-enough-for-production";

/// Organizations that the caller sees.
async fn organizations(client: &Client) -> u64 {
    let reply = client.send("{ organizations { totalCount } }", json!({})).await.ok();
    reply.data("organizations.totalCount").as_u64().unwrap()
}

fn secret(place: &Place, name: &str) -> String {
    let path = place.path().join("data").join(name);
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "{name} is readable by others");
    std::fs::read_to_string(path).unwrap()
}

#[tokio::test]
async fn with_nothing_configured_it_serves_demo_data_and_says_where() {
    let place = Place::new();
    let program = place.serve();

    let ann = program.developer();

    let said = program.stdout();
    assert!(said.contains("DEVELOPMENT"), "{said}");
    for path in ["/", "/console/", "/graphql", "/dev/mail", "/health/ready"] {
        assert!(said.contains(&format!("{}{path}", program.url)), "{path}: {said}");
    }
    assert_eq!(said.matches("Bearer ").count(), 1, "{said}");
    assert_eq!(organizations(&ann).await, 3);
    let (status, page) = program.get("/").await;
    assert!(status == 200 && page.contains("<html"), "{status} {page}");
    assert_eq!(program.get("/health/ready").await.0, 200);
    assert_eq!(program.get("/health/live").await.0, 200);
    assert_ne!(secret(&place, "jwt.secret"), secret(&place, "invites.secret"));
    assert!(secret(&place, "jwt.secret").len() >= 32 && secret(&place, "invites.secret").len() >= 32);
    assert!(place.path().join("data/roster.sqlite").is_file());
    let kept: Vec<_> = std::fs::read_dir(place.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(kept, ["data"]);
}

#[tokio::test]
async fn a_second_start_keeps_the_secrets_and_the_data() {
    let place = Place::new();
    let first = place.serve();
    let token = first.token();
    let input = json!({ "name": "A fourth" });
    first
        .caller(&token)
        .mutate("createOrganization", "organization { id }", input)
        .await
        .done("createOrganization");
    first.stop();
    let secrets = (secret(&place, "jwt.secret"), secret(&place, "invites.secret"));

    let second = place.serve();

    assert_eq!(
        (secret(&place, "jwt.secret"), secret(&place, "invites.secret")),
        secrets
    );
    assert_eq!(organizations(&second.caller(&token)).await, 4);
    assert_eq!(organizations(&second.developer()).await, 4);
}

#[tokio::test]
async fn two_first_starts_in_one_folder_share_secrets_and_data() {
    for _ in 0..5 {
        let place = Place::new();
        let [one, other] = [place.spawn(&[]), place.spawn(&[])].map(Program::up);

        assert_eq!(organizations(&one.caller(&other.token())).await, 3);
        assert_eq!(organizations(&other.caller(&one.token())).await, 3);
        let files = std::fs::read_dir(place.path().join("data"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        let drafts: Vec<_> = files.filter(|name| name.to_string_lossy().contains("tmp")).collect();
        assert!(drafts.is_empty(), "{drafts:?}");
    }
}

#[tokio::test]
async fn demo_data_comes_by_itself_only_into_a_database_that_nobody_named() {
    let named = Place::new().set("ROSTER_DATABASE_URL", "sqlite://named.sqlite");
    let without = Place::new().set("ROSTER_DEMO", "false");
    let wanted = Place::new()
        .set("ROSTER_DATABASE_URL", "sqlite://named.sqlite")
        .set("ROSTER_DEMO", "true");

    assert_eq!(organizations(&named.serve().developer()).await, 0);
    assert_eq!(organizations(&without.serve().developer()).await, 0);
    assert_eq!(organizations(&wanted.serve().developer()).await, 3);
    // By then ann is known to the database, and it is not empty any more.
    assert_eq!(
        organizations(&without.serve_with(&["--demo", "true"]).developer()).await,
        0
    );
    assert!(named.path().join("named.sqlite").is_file());
}

#[tokio::test]
async fn links_begin_with_the_address_that_is_listened_on() {
    let place = Place::new();
    let program = place.serve();
    let ann = program.developer();
    let input = json!({ "name": "Links" });
    let reply = ann.mutate("createOrganization", "organization { id }", input).await;
    let id = reply
        .done("createOrganization")
        .text("createOrganization.organization.id");

    let input = json!({ "organizationId": id, "email": "new@example.net" });
    let reply = ann
        .mutate("createInvite", "acceptUrl", input)
        .await
        .done("createInvite");

    let link = reply.text("createInvite.acceptUrl");
    assert!(
        link.starts_with(&format!("{}/invite/", program.url)),
        "{link} at {}",
        program.url
    );
}

#[test]
fn made_up_secrets_are_refused_on_a_public_address() {
    for (setting, flags) in [
        ("0.0.0.0:0", &[][..]),
        ("[::]:0", &[]),
        ("127.0.0.1:0", &["--listen", "0.0.0.0:0"]),
    ] {
        let place = Place::new().set("ROSTER_LISTEN", setting);

        let why = place.run(flags).failed();
        assert!(why.contains("auth.hs256_secret"), "{setting} {flags:?}: {why}");
        assert!(!place.path().join("data").exists(), "something was made up: {why}");

        let half = place.set("ROSTER_AUTH__HS256_SECRET", LONG);
        let why = half.run(flags).failed();
        assert!(why.contains("invites.secret"), "{setting} {flags:?}: {why}");
        assert!(!half.path().join("data").exists(), "something was made up: {why}");
    }
}

#[test]
fn secrets_made_up_earlier_are_not_used_in_public_either() {
    let place = Place::new();
    place.serve().stop();
    let secrets = (secret(&place, "jwt.secret"), secret(&place, "invites.secret"));

    assert!(
        place
            .run(&["--listen", "0.0.0.0:0"])
            .failed()
            .contains("auth.hs256_secret")
    );
    assert!(
        place
            .run(&["--mode", "production"])
            .failed()
            .contains("auth.hs256_secret")
    );

    assert_eq!(
        (secret(&place, "jwt.secret"), secret(&place, "invites.secret")),
        secrets
    );
}

#[tokio::test]
async fn a_public_address_is_served_with_secrets_of_ones_own_and_gives_no_token_away() {
    let place = Place::new()
        .set("ROSTER_LISTEN", "0.0.0.0:0")
        .set("ROSTER_AUTH__HS256_SECRET", LONG);
    let program = place.set("ROSTER_INVITES__SECRET", LONG).serve();

    assert_eq!(program.get("/health/ready").await.0, 200);
    let (_, settings) = program.get("/explorer/settings.json").await;
    assert!(!settings.contains("eyJ"), "{settings}");
}

#[test]
fn production_asks_for_secrets_and_a_public_address() {
    let complete = [
        ("ROSTER_AUTH__HS256_SECRET", LONG, "auth.hs256_secret"),
        ("ROSTER_INVITES__SECRET", LONG, "invites.secret"),
        ("ROSTER_PUBLIC_URL", "https://people.example.com", "public_url"),
    ];
    for (missing, _, name) in complete {
        let mut place = Place::new();
        for (setting, value, _) in complete.iter().filter(|(setting, ..)| *setting != missing) {
            place = place.set(setting, value);
        }
        let place = place.set("ROSTER_MODE", "production");
        for command in [&[][..], &["serve"], &["check-config"]] {
            let why = place.run(command).failed();
            assert!(why.contains(name), "{name}: {why}");
        }
        assert!(!place.path().join("data").exists(), "something was made up");
    }
    let file = Place::new()
        .file("roster.toml", "mode = \"production\"\n")
        .run(&[])
        .failed();
    assert!(file.contains("auth.hs256_secret"), "{file}");
    let flag = Place::new().run(&["--mode", "production"]).failed();
    assert!(flag.contains("auth.hs256_secret"), "{flag}");
}

#[test]
fn production_refuses_short_secrets() {
    let place = || {
        Place::new()
            .set("ROSTER_MODE", "production")
            .set("ROSTER_PUBLIC_URL", "https://people.example.com")
            .set("ROSTER_AUTH__HS256_SECRET", LONG)
            .set("ROSTER_INVITES__SECRET", LONG)
    };
    place().run(&["check-config"]).ok();
    let short = "Zq8-".repeat(7) + "Zq8";
    let enough = "Zq8-".repeat(8);
    let list = format!("[\"{LONG}\", \"{short}\"]");
    for (setting, name) in [
        ("ROSTER_AUTH__HS256_SECRET", "auth.hs256_secret"),
        ("ROSTER_INVITES__SECRET", "invites.secret"),
    ] {
        place().set(setting, &enough).run(&["check-config"]).ok();
        for refused in [short.as_str(), "", "Zq8"] {
            for command in [&["check-config"][..], &["serve"], &[]] {
                let why = place().set(setting, refused).run(command).failed();
                assert!(why.contains(name), "{why}");
                assert!(!why.contains("Zq8"), "the secret is shown: {why}");
            }
        }
    }
    let why = place()
        .set("ROSTER_INVITES__SECRET", &list)
        .run(&["check-config"])
        .failed();
    assert!(why.contains("invites.secret") && !why.contains("Zq8"), "{why}");
    let issuer = format!(
        "[[auth.issuers]]\nissuer = \"x\"\naudience = \"y\"\nalgorithms = [\"HS256\"]\nhs256_secret = \"{short}\"\n"
    );
    let why = place().file("roster.toml", &issuer).run(&["check-config"]).failed();
    assert!(why.contains("hs256_secret") && !why.contains("Zq8"), "{why}");
}

#[tokio::test]
async fn production_starts_without_demo_data_and_announces_no_token() {
    let place = Place::new()
        .set("ROSTER_MODE", "production")
        .set("ROSTER_PUBLIC_URL", "https://people.example.com/team/")
        .set("ROSTER_AUTH__HS256_SECRET", LONG)
        .set("ROSTER_INVITES__SECRET", LONG);
    let program = place.serve();
    let token = place.run(&["token", "ann", "--email", "ann@example.com"]).ok();
    let ann = program.caller(token.trim());

    assert_eq!(organizations(&ann).await, 0);
    let reply = ann
        .mutate("createOrganization", "organization { id }", json!({ "name": "Acme" }))
        .await;
    let id = reply
        .done("createOrganization")
        .text("createOrganization.organization.id");
    let input = json!({ "organizationId": id, "email": "bob@example.com" });
    let link = ann
        .mutate("createInvite", "acceptUrl", input)
        .await
        .done("createInvite")
        .text("createInvite.acceptUrl");
    assert!(link.starts_with("https://people.example.com/team/invite/"), "{link}");
    let (_, settings) = program.get("/explorer/settings.json").await;
    assert!(!settings.contains("eyJ"), "{settings}");
    let ended = program.stop();
    assert!(
        !ended.stdout.contains("eyJ") && !ended.stderr.contains("eyJ"),
        "{ended:?}"
    );
    assert!(!ended.stdout.contains("DEVELOPMENT"), "{ended:?}");
}
