//! Numbers for monitoring (§23).

use serde_json::json;

use super::*;
use crate::{
    identity::provider_key,
    jobs::eventually,
    support::{Manner, Provider, TestApp},
};

/// A port that was free a moment ago.
fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// A program that serves and shows its numbers, and whoever reads them.
pub fn counting(app: &TestApp, settings: &[(&str, &str)]) -> (Program, Client) {
    let place = Place::with_secrets(&app.db_url());
    let place = settings
        .iter()
        .fold(place, |place, (name, value)| place.set(name, value));
    shown(place, Place::serve)
}

/// A program that works and shows its numbers, and whoever reads them.
pub fn working(place: Place) -> (Program, Client) {
    shown(place, |place| place.spawn(&["work"]))
}

pub fn shown(place: Place, start: impl FnOnce(&Place) -> Program) -> (Program, Client) {
    let address = free_address();
    let program = start(&place.set("ROSTER_METRICS__LISTEN", &address));
    within_patience("the numbers are shown", || std::net::TcpStream::connect(&address).ok());
    (program, Client::at_address(&format!("http://{address}"), None))
}

/// The value of the series `name` with exactly these labels, in any order.
pub fn counter(text: &str, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
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

#[tokio::test]
async fn team_roles_that_are_given_and_those_that_let_pass_are_counted() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.team(&acme, &ann, "Red").await;
    let (bob, carl) = (app.person("bob"), app.person("carl"));
    let (bobs, carls) = (
        app.join(&acme, &ann, &bob, "member").await,
        app.join(&acme, &ann, &carl, "member").await,
    );
    app.db_set_organization_flags(&acme, 0).await;
    let query = "query($slug: String!) { organization(slug: $slug) { team(slug: \"red\") { id } } }";
    let red = ann
        .send(query, json!({ "slug": acme.slug }))
        .await
        .ok()
        .text("organization.team.id");
    let (program, reader) = counting(&app, &[]);
    let (ann, bob) = (ann.at_url(&program.url), bob.at_url(&program.url));
    let place = |member: &str| json!({ "teamId": red, "memberId": member });
    let role = |member: &str, role: &str| json!({ "teamId": red, "memberId": member, "teamRole": role });

    ann.mutate("addTeamMember", "", place(&bobs))
        .await
        .done("addTeamMember");
    for input in [role(&bobs, "admin"), role(&bobs, "contributor"), role(&bobs, "admin")] {
        ann.mutate("updateTeamMemberRole", "", input)
            .await
            .done("updateTeamMemberRole");
    }
    bob.mutate("addTeamMember", "", place(&carls))
        .await
        .done("addTeamMember");
    let refused = bob.mutate("updateTeamMemberRole", "", role(&carls, "boss")).await;
    assert_eq!(refused.codes("updateTeamMemberRole"), ["INVALID_TEAM_ROLE"]);
    bob.mutate("removeTeamMember", "", place(&carls))
        .await
        .done("removeTeamMember");
    // Oneself and one's own eyes need no team role.
    bob.send(
        "query($id: ID!) { node(id: $id) { ... on Team { viewerCanUpdate viewerCanJoin } } }",
        json!({ "id": red }),
    )
    .await
    .ok();
    bob.mutate("removeTeamMember", "", place(&bobs))
        .await
        .done("removeTeamMember");

    let text = reader.get("/metrics").await.body.as_str().unwrap().to_owned();
    for (name, labels, wanted) in [
        (
            "assign",
            [("target_team_role", "admin"), ("applying_minimum", "false")],
            2.0,
        ),
        (
            "assign",
            [("target_team_role", "contributor"), ("applying_minimum", "true")],
            1.0,
        ),
        (
            "pass_by_team_scope",
            [("team_role", "admin"), ("scope", "team:write")],
            2.0,
        ),
    ] {
        let name = format!("team_roles_{name}_total");
        assert_eq!(counter(&text, &name, &labels), Some(wanted), "{name}: {text}");
    }
}

#[tokio::test]
async fn fetches_of_keys_are_counted_and_what_is_not_used_is_said_once() {
    let app = TestApp::start().await;
    let later = json!({ "kty": "AKP", "kid": "of-a-later-day", "alg": "ML-DSA-44", "pub": "AAAA" });
    let provider = Provider::start(vec![later, provider_key("now")]).await;
    let (issuer, keys) = (provider.issuer(), provider.keys_url());
    let address = free_address();
    let program = Place::with_secrets(&app.db_url())
        .file(
            "roster.toml",
            &format!(
                "[auth.keys]\nrefresh_every = \"100ms\"\ncool_down = \"50ms\"\n[[auth.issuers]]\nissuer = \"{issuer}\"\n\
                 audience = \"roster\"\nalgorithms = \"RS256\"\njwks_url = \"{keys}\"\n"
            ),
        )
        .set("ROSTER_METRICS__LISTEN", &address)
        .serve();
    let reader = Client::at_address(&format!("http://{address}"), None);
    let fetches = async |outcome: &str, count: f64| {
        let labels = [("issuer", issuer.as_str()), ("outcome", outcome)];
        eventually("fetches are counted", || async {
            let text = reader.get("/metrics").await.body;
            let text = text.as_str().unwrap();
            let keys = counter(text, "issuer_keys", &[("issuer", &issuer)]);
            let counted = counter(text, "issuer_key_fetches_total", &labels);
            (counted >= Some(count)).then_some(keys)
        })
        .await
    };

    assert_eq!(fetches("ok", 3.0).await, Some(1.0));
    provider.behave(Manner::Fail);
    assert_eq!(fetches("failed", 2.0).await, Some(1.0));

    let log = program.stop().stderr;
    let lines: Vec<_> = log.lines().filter(|line| line.contains("of-a-later-day")).collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(
        log.contains("the keys of an issuer cannot be fetched") && log.contains("503"),
        "{log}"
    );
}
