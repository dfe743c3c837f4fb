//! Numbers for monitoring (§23).

use serde_json::json;

use super::*;
use crate::support::TestApp;

/// A port that was free a moment ago.
fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// A program that shows its numbers there, and whoever reads them.
fn counting(app: &TestApp, settings: &[(&str, &str)]) -> (Program, Client) {
    let address = free_address();
    let place = Place::with_secrets(&app.db_url()).set("ROSTER_METRICS__LISTEN", &address);
    let program = settings
        .iter()
        .fold(place, |place, (name, value)| place.set(name, value))
        .serve();
    within_patience("the numbers are shown", || std::net::TcpStream::connect(&address).ok());
    (program, Client::at_address(&format!("http://{address}"), None))
}

/// The value of the counter `name` with exactly these labels, in any order.
fn counter(text: &str, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    text.lines().find_map(|line| {
        let (series, value) = line.rsplit_once(' ')?;
        let (known, rest) = series.split_once('{').unwrap_or((series, "}"));
        let mut given: Vec<&str> = rest
            .trim_end_matches('}')
            .split(',')
            .filter(|label| !label.is_empty())
            .collect();
        let mut wanted: Vec<String> = labels
            .iter()
            .map(|(label, value)| format!("{label}=\"{value}\""))
            .collect();
        given.sort_unstable();
        wanted.sort_unstable();
        (known == name && given == wanted).then(|| value.parse().unwrap())
    })
}

#[tokio::test]
async fn counters_tell_what_happened() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    for team in ["Red", "Green", "Blue"] {
        app.team(&acme, &ann, team).await;
    }
    let (program, reader) = counting(&app, &[("ROSTER_RATE_LIMITS__INVITES_PER_ADDRESS_PER_DAY", "1")]);
    let read = async || {
        let reply = reader.get("/metrics").await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.body.as_str().unwrap().to_owned()
    };
    let ann = ann.at_url(&program.url);
    assert!(!read().await.contains("invite_accepted"), "nothing has happened yet");

    let bob = app.person("bob").at_url(&program.url);
    let member = app.join(&acme, &ann, &bob, "member").await;
    let cleo = app.person("cleo").at_url(&program.url);
    app.join(&acme, &ann, &cleo, "member").await;
    let teams = json!({ "teamRoles": [
        { "teamSlug": "red", "role": "admin" }, { "teamSlug": "green", "role": "admin" }, { "teamSlug": "blue" },
    ] });
    ann.update_member_roles(&member, teams).await.done("updateMemberRoles");
    ann.update_member_roles(&member, json!({ "orgRole": "manager" }))
        .await
        .done("updateMemberRoles");
    let invite = app.invite(&acme, &ann, "dora@example.com", "member").await;
    for _ in 0..2 {
        let again = ann
            .update_member_roles(&invite.member, json!({ "reinvite": true }))
            .await;
        assert_eq!(again.codes("updateMemberRoles"), ["RATE_LIMITED"]);
    }

    let text = read().await;
    assert_eq!(
        counter(&text, "organization_invite_accepted_total", &[]),
        Some(2.0),
        "{text}"
    );
    let cleared = [("target_org_role", "manager"), ("count", "2")];
    assert_eq!(
        counter(&text, "team_roles_update_to_minimum_total", &cleared),
        Some(1.0),
        "{text}"
    );
    let refused = [("instance", "rate_limited")];
    assert_eq!(
        counter(&text, "member_invite_attempt_total", &refused),
        Some(2.0),
        "{text}"
    );
    for saved in ["outbox_saved_total", "email_queued_total"] {
        assert!(
            text.lines().any(|line| line.starts_with(saved)),
            "{saved} is not in {text}"
        );
    }
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let name = line.split(['{', ' ']).next().unwrap();
        assert!(
            name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_'),
            "{line}"
        );
    }
    assert_silent(
        "/metrics",
        &text,
        &[
            "ann@example.com",
            "bob",
            "Acme",
            &invite.token,
            JWT_SECRET,
            INVITE_SECRET,
        ],
    );
}

#[tokio::test]
async fn a_refused_change_counts_nothing() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let (program, scrape) = counting(&app, &[]);
    let ann = ann.at_url(&program.url);
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    let before = scrape.get("/metrics").await.body;

    let refused = ann.accept_invite(&invite.token).await;
    assert_eq!(refused.codes("acceptInvite"), ["ALREADY_MEMBER"]);
    let bob = app.person("bob").at_url(&program.url).seen().await;
    assert_eq!(bob.accept_invite("1.x").await.codes("acceptInvite"), ["INVITE_INVALID"]);
    let refused = ann
        .update_member_roles(&acme.owner, json!({ "orgRole": "member" }))
        .await;
    assert!(!refused.codes("updateMemberRoles").is_empty());

    let after = scrape.get("/metrics").await.body;
    for name in [
        "organization_invite_accepted_total",
        "team_roles_update_to_minimum_total",
    ] {
        assert!(!after.as_str().unwrap().contains(name), "{after}");
    }
    assert!(!before.as_str().unwrap().contains("member_invite_attempt"), "{before}");
}

#[tokio::test]
async fn there_are_no_metrics_unless_somebody_wants_them() {
    let app = TestApp::start().await;
    let quiet = Place::with_secrets(&app.db_url()).serve();
    assert_eq!(quiet.get("/metrics").await.0, 404);

    let (program, there) = counting(&app, &[]);
    assert_eq!(
        program.get("/metrics").await.0,
        404,
        "they have an address of their own"
    );
    assert_eq!(there.get("/metrics").await.status, 200);
    for path in ["/", "/graphql", "/explorer/settings.json", "/health/ready"] {
        assert_eq!(there.get(path).await.status, 404, "{path}");
    }
}
