//! What is logged, and what never is.

use chrono::{SubsecRound, Utc};
use entity::api_token;
use sea_orm::{ActiveValue::Set, IntoActiveModel, QueryOrder, prelude::*};
use serde_json::{Value, json};
use url::Url;

use super::*;
use crate::support::{Organization, Reply, TestApp};

const SMTP_PASSWORD: &str = "smtp-pa55word-of-the-tests";
const DATABASE_PASSWORD: &str = "database-pa55word-of-the-tests";
const EXTRA_SECRET: &str = "secret-of-one-more-issuer-0123456789abcdef";

/// Everything that must not be told: found in answers, or known beforehand.
struct Secrets(Vec<String>);

impl Secrets {
    /// A JWT: the whole, and its signature.
    fn jwt(&mut self, token: &str) {
        self.0.push(token.into());
        self.0.extend(
            token
                .rsplit('.')
                .next()
                .map(str::to_owned)
                .filter(|part| part.len() > 20),
        );
    }

    /// The token of an invite: the whole, and its proof.
    fn invite(&mut self, token: &str) {
        self.0.push(token.into());
        self.0.extend(token.split_once('.').map(|(_, proof)| proof.to_owned()));
    }

    #[track_caller]
    fn assert_not_in(&self, what: &str, text: &str) {
        let secrets: Vec<&str> = self.0.iter().map(String::as_str).collect();
        assert_silent(what, text, &secrets);
    }
}

/// The address of the test's database with a password, where one fits.
fn with_password(url: &str) -> String {
    let mut url = Url::parse(url).unwrap();
    // A file has no password.
    let _ = url.set_password(Some(DATABASE_PASSWORD));
    url.into()
}

/// The secret of an app of the organization.
async fn db_api_token(app: &TestApp, organization: &Organization, ended: bool) -> String {
    let robot = app.db_app(organization, &["member:admin"]).await;
    let secret = robot.bearer().unwrap();
    if ended {
        let newest = api_token::Entity::find().order_by_desc(api_token::Column::Id);
        let mut row = newest.one(&app.db).await.unwrap().unwrap().into_active_model();
        row.expires_at = Set(Some(Utc::now().trunc_subsecs(0)));
        row.update(&app.db).await.unwrap();
    }
    secret
}

/// Does everything that has to do with secrets, and checks the answers.
async fn whole_flow(app: &TestApp, program: &Program, secrets: &mut Secrets) {
    let at = |client: Client| client.at_url(&program.url);
    let strict = |secrets: &Secrets, reply: &Reply| secrets.assert_not_in("an answer", &reply.body.to_string());
    let (ann, bob) = (at(app.person("ann")), at(app.person("bob")));
    for client in [&ann, &bob] {
        secrets.jwt(&client.bearer().unwrap());
    }
    let acme = app.organization_of(&ann, "Acme").await;
    app.team(&acme, &ann, "Red").await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;
    let other = app.invite(&acme, &ann, "x@example.com", "member").await;
    for token in [&invite.token, &other.token] {
        secrets.invite(token);
    }
    let preview = "query Preview($token: String!) { invitePreview(token: $token) { isExpired organizationName } }";

    // Asked for and refused in every way, by body and by address.
    let proofs = [&invite.token, &other.token].map(|token| token.split_once('.').unwrap().1.to_owned());
    strict(secrets, &bob.send(preview, json!({ "token": invite.token })).await);
    strict(
        secrets,
        &app.anonymous()
            .at_url(&program.url)
            .send(preview, json!({ "token": other.token }))
            .await,
    );
    for wrong in [
        format!("{}x", invite.token),
        format!("999.{}", proofs[0]),
        format!("1.{}", proofs[1]),
        proofs[0].clone(),
    ] {
        let reply = bob.accept_invite(&wrong).await;
        assert_eq!(reply.codes("acceptInvite"), ["INVITE_INVALID"]);
        strict(secrets, &reply);
        strict(secrets, &bob.send(preview, json!({ "token": wrong })).await);
    }
    let query = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let variables = json!({ "token": invite.token }).to_string();
    let path = format!("/graphql?query={}&variables={}", query(preview), query(&variables));
    strict(secrets, &bob.get(&path).await.ok());
    let literal = format!(
        "mutation {{ acceptInvite(input: {{ token: \"{}\" }}) {{ member {{ id }} }} }}",
        invite.token
    );
    strict(secrets, &bob.get(&format!("/graphql?query={}", query(&literal))).await);
    strict(secrets, &bob.get(&format!("/graphql?token={}", invite.token)).await);
    strict(secrets, &bob.get(&format!("/invite/{}", invite.token)).await);
    strict(
        secrets,
        &bob.send(
            "query($token: Int!) { invitePreview(token: $token) { isExpired } }",
            json!({ "token": 1 }),
        )
        .await,
    );

    let mut socket = bob.socket().await;
    socket.subscribe("1", preview, json!({ "token": invite.token })).await;
    assert!(socket.next("1").await["errors"].is_null());

    let reply = bob.accept_invite(&invite.token).await.done("acceptInvite");
    strict(secrets, &reply);
    let member = reply.text("acceptInvite.member.id");
    strict(secrets, &bob.accept_invite(&invite.token).await);
    let teams = json!({ "orgRole": "manager", "teamRoles": [{ "teamSlug": "red" }] });
    strict(
        secrets,
        &ann.update_member_roles(&member, teams).await.done("updateMemberRoles"),
    );
    let again = ann
        .update_member_roles(&other.member, json!({ "reinvite": true, "regenerate": true }))
        .await;
    secrets.invite(&again.token("updateMemberRoles"));
    let options = json!({ "organizationId": acme.id, "name": "Acme 2", "require2FA": false });
    strict(
        secrets,
        &ann.mutate("saveOrgOptions", "organization { id }", options).await,
    );

    // Credentials that are no good.
    let good = bob.bearer().unwrap();
    let (head, _) = good.rsplit_once('.').unwrap();
    let ended = app.person("eve").with(json!({ "exp": 1_000_000_000 }));
    let foreign = app.person("eve").with(json!({ "iss": "https://evil.example.com" }));
    for bad in [
        format!("{head}.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        format!("{good}x"),
        ended.bearer().unwrap(),
        foreign.bearer().unwrap(),
        format!("rst_{}", "b".repeat(43)),
        db_api_token(app, &acme, true).await,
    ] {
        let reply = app
            .with_bearer(&bad)
            .at_url(&program.url)
            .send(preview, json!({ "token": other.token }))
            .await;
        assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);
        secrets.jwt(&bad);
        strict(secrets, &reply);
    }
    let secret = db_api_token(app, &acme, false).await;
    let robot = app.with_bearer(&secret).at_url(&program.url);
    let reply = robot
        .create_invite(&acme, json!({ "email": "y@example.com" }))
        .await
        .done("createInvite");
    if let Some(link) = reply.data("createInvite.acceptUrl").as_str() {
        secrets.invite(link.rsplit('/').next().unwrap());
    }
    secrets.0.push(secret);

    // Faults of the request itself.
    for body in [
        json!({ "query": "{" }),
        json!({ "query": 1 }),
        json!([]),
        json!({ "query": "{ nonsense }" }),
    ] {
        strict(secrets, &ann.post(&body).await);
    }
}

async fn tell_nothing(settings: &[(&str, &str)]) -> Ended {
    let app = TestApp::start().await;
    let place = Place::with_secrets(&with_password(&app.db_url()))
        .set(
            "ROSTER_MAIL__SMTP_URL",
            &format!("smtp://user:{SMTP_PASSWORD}@127.0.0.1:1"),
        )
        .file(
            "roster.toml",
            &format!(
                "[[auth.issuers]]\nissuer = \"https://more.example.com\"\naudience = \"x\"\nalgorithms = \"HS256\"\n\
                 hs256_secret = \"{EXTRA_SECRET}\"\n"
            ),
        );
    let place = settings
        .iter()
        .fold(place, |place, (name, value)| place.set(name, value));
    let program = place.serve();
    let mut secrets = Secrets(
        [
            JWT_SECRET,
            INVITE_SECRET,
            EXTRA_SECRET,
            SMTP_PASSWORD,
            DATABASE_PASSWORD,
        ]
        .map(String::from)
        .into(),
    );
    let announced = program.token();
    whole_flow(&app, &program, &mut secrets).await;
    // Anybody may ask for these.
    for path in ["/", "/health/ready", "/health/live", "/nowhere", "/graphql"] {
        secrets.assert_not_in(path, &program.get(path).await.1);
    }

    let ended = program.stop();

    secrets.assert_not_in("stdout", &ended.stdout);
    secrets.jwt(&announced);
    secrets.assert_not_in("stderr", &ended.stderr);
    assert!(!ended.stderr.contains("eyJ"), "a token is logged: {}", ended.stderr);
    assert!(
        !ended.stderr.contains("ERROR") && !ended.stderr.contains("panicked"),
        "{}",
        ended.stderr
    );
    ended
}

#[tokio::test]
async fn no_secret_is_told_when_everything_is_logged() {
    let ended = tell_nothing(&[("RUST_LOG", "debug")]).await;
    assert!(ended.stderr.contains("DEBUG"), "{}", ended.stderr);
    tell_nothing(&[("RUST_LOG", "trace")]).await;
}

#[tokio::test]
async fn no_secret_is_told_in_json() {
    let ended = tell_nothing(&[("RUST_LOG", "debug"), ("ROSTER_LOG__JSON", "true")]).await;
    for line in ended.stderr.lines() {
        let entry: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(entry["level"].is_string() && entry["timestamp"].is_string(), "{line}");
    }
}

#[tokio::test]
async fn no_secret_is_told_when_we_trace_ourselves() {
    tell_nothing(&[("RUST_LOG", "info,roster=trace")]).await;
    tell_nothing(&[("ROSTER_LOG__FILTER", "info,roster=trace")]).await;
}

#[tokio::test]
async fn the_variable_of_the_log_wins_over_the_setting() {
    let app = TestApp::start().await;
    let place = Place::with_secrets(&app.db_url()).set("ROSTER_LOG__FILTER", "off");
    let program = place.serve();
    program
        .anonymous()
        .send("{ service { version } }", json!({}))
        .await
        .ok();
    assert_eq!(program.stop().stderr, "");

    let program = place.set("RUST_LOG", "debug").serve();
    program
        .anonymous()
        .send("{ service { version } }", json!({}))
        .await
        .ok();
    assert!(program.stop().stderr.contains("DEBUG"));
    for wrong in [("RUST_LOG", "roster=loud"), ("ROSTER_LOG__FILTER", "roster=loud")] {
        let why = Place::with_secrets(&app.db_url())
            .set(wrong.0, wrong.1)
            .run(&[])
            .failed();
        assert!(why.contains("roster=loud"), "{why}");
    }
}

#[tokio::test]
async fn what_goes_well_is_no_warning() {
    let app = TestApp::start().await;
    let program = Place::with_secrets(&app.db_url()).serve();
    let ann = app.person("ann").at_url(&program.url);
    let acme = app.organization_of(&ann, "Acme").await;
    app.invite(&acme, &ann, "bob@example.com", "member").await;
    assert_eq!(program.get("/health/ready").await.0, 200);
    let refused = ann.mutate(
        "createTeam",
        "team { id }",
        json!({ "organizationId": acme.id, "name": "" }),
    );
    assert!(!refused.await.codes("createTeam").is_empty());

    let log = program.stop().stderr;

    let loud: Vec<&str> = log.lines().filter(|line| !line.contains(" INFO ")).collect();
    assert!(loud.is_empty(), "{loud:#?}");
}

#[tokio::test]
async fn every_request_is_logged_with_its_id() {
    let app = TestApp::start().await;
    let program = Place::with_secrets(&app.db_url())
        .set("ROSTER_LOG__JSON", "true")
        .serve();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let ask = async |id: Option<&str>| {
        let mut request = http.get(format!("{}/health/live", program.url));
        if let Some(id) = id {
            request = request.header("X-Request-Id", id);
        }
        let response = request.send().await.unwrap();
        response.headers()["x-request-id"].to_str().unwrap().to_owned()
    };

    let given = ask(Some("from-a-proxy_1.2")).await;
    let made = ask(None).await;
    let hostile = ask(Some("a b\"c{}")).await;

    assert_eq!(given, "from-a-proxy_1.2");
    assert_ne!(made, hostile);
    assert!(!hostile.contains(' '));
    let log = program.stop().stderr;
    for id in [given, made, hostile] {
        assert!(log.lines().any(|line| line.contains(&id)), "{id} is not in {log}");
    }
}
