//! Apps, with tokens of an organization (§27.2).

use chrono::{DateTime, Duration};
use entity::api_token;
use sea_orm::{ActiveValue::Set, IntoActiveModel};

use super::*;
use crate::support::Organization;

/// The one API token of the test.
async fn db_token(app: &TestApp) -> api_token::Model {
    api_token::Entity::find().one(&app.db).await.unwrap().unwrap()
}

async fn db_change_token(app: &TestApp, change: impl FnOnce(&mut api_token::ActiveModel)) {
    let mut active = db_token(app).await.into_active_model();
    change(&mut active);
    active.update(&app.db).await.unwrap();
}

fn ago(time: Duration) -> DateTime<Utc> {
    chrono::SubsecRound::trunc_subsecs(Utc::now() - time, 0)
}

async fn look(client: &Client, organization: &Organization, fields: &str) -> Reply {
    let document = format!("query($slug: String!) {{ organization(slug: $slug) {{ {fields} }} }}");
    client.send(&document, json!({ "slug": organization.slug })).await
}

#[tokio::test]
async fn an_app_is_no_person_and_has_its_scopes() {
    let app = TestApp::start().await;
    let (acme, _) = app.organization("Acme").await;

    let viewer = viewer(&app.db_app(&acme, &["org:read", "member:invite", "nonsense"]).await).await;

    assert_eq!(viewer["user"], Value::Null);
    assert_eq!(viewer["isSuperuser"], false);
    let mut scopes: Vec<&str> = viewer["scopes"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    scopes.sort_unstable();
    assert_eq!(scopes, ["member:invite", "member:read", "org:read"]);
}

#[tokio::test]
async fn an_app_does_what_its_scopes_say_in_its_organization() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&ann, "Globex").await;
    let reader = app.db_app(&acme, &["org:read", "member:read"]).await;

    assert_eq!(
        look(&reader, &acme, "members { totalCount }")
            .await
            .ok()
            .data("organization.members.totalCount"),
        1
    );
    assert_eq!(
        look(&reader, &globex, "id").await.ok().data("organization"),
        &Value::Null
    );
    let input = json!({ "email": "bob@example.com" });
    let reply = app.unchanged(reader.create_invite(&acme, input.clone())).await;
    assert_eq!(reply.codes("createInvite"), ["FORBIDDEN"]);
    let reply = app.unchanged(reader.create_invite(&globex, input.clone())).await;
    assert_eq!(reply.codes("createInvite"), ["ORGANIZATION_NOT_FOUND"]);

    let inviter = app.db_app(&acme, &["member:admin"]).await;
    inviter.create_invite(&acme, input.clone()).await.done("createInvite");
    let reply = app.unchanged(inviter.create_invite(&globex, input)).await;
    assert_eq!(reply.codes("createInvite"), ["ORGANIZATION_NOT_FOUND"]);
}

#[tokio::test]
async fn what_only_people_do_is_refused_to_apps() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let everything = ["org:admin", "member:admin", "team:admin"];
    let robot = app.db_app(&acme, &everything).await;
    let invite = app.invite(&acme, &ann, "bob@example.com", "member").await;

    let reply = app.unchanged(robot.accept_invite(&invite.token)).await;
    assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);
    let reply = app
        .unchanged(robot.mutate("createOrganization", "organization { id }", json!({ "name": "Mine" })))
        .await;
    assert_eq!(reply.error_codes(), ["UNAUTHENTICATED"]);
    let reply = robot
        .send(
            "{ viewer { memberships { nodes { id } } invites { nodes { id } } } }",
            json!({}),
        )
        .await
        .ok();
    assert_eq!(
        reply.data("viewer"),
        &json!({ "memberships": { "nodes": [] }, "invites": { "nodes": [] } })
    );
}

#[tokio::test]
async fn a_secret_that_is_unknown_or_has_ended_is_refused() {
    let app = TestApp::start().await;
    let (acme, _) = app.organization("Acme").await;
    let robot = app.db_app(&acme, &["org:read"]).await;
    let secret = robot.bearer().unwrap();
    let unknown = refused(app.with_bearer("not.a.token").send(VIEWER, json!({})).await);

    let guesses = [
        format!("{secret}x"),
        secret[..secret.len() - 1].into(),
        secret.to_uppercase(),
        "rst_".into(),
    ];
    for guess in guesses {
        assert_eq!(
            refused(app.with_bearer(&guess).send(VIEWER, json!({})).await),
            unknown,
            "{guess}"
        );
    }
    let hash: String = db_token(&app)
        .await
        .secret_hash
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    for guess in [hash.clone(), format!("rst_{hash}"), secret[4..].into()] {
        assert_eq!(
            refused(app.with_bearer(&guess).send(VIEWER, json!({})).await),
            unknown,
            "{guess}"
        );
    }

    db_change_token(&app, |row| row.expires_at = Set(Some(ago(Duration::hours(-1))))).await;
    look(&robot, &acme, "id").await.ok().text("organization.id");
    let before = db_token(&app).await;
    for ended in [Duration::zero(), Duration::seconds(5), Duration::days(400)] {
        db_change_token(&app, |row| row.expires_at = Set(Some(ago(ended)))).await;
        assert_eq!(refused(robot.send(VIEWER, json!({})).await), unknown, "{ended}");
    }
    assert_eq!(
        db_token(&app).await.last_used_at,
        before.last_used_at,
        "a refused secret was not used"
    );

    db_change_token(&app, |row| row.expires_at = Set(None)).await;
    look(&robot, &acme, "id").await.ok().text("organization.id");
    db_token(&app).await.into_active_model().delete(&app.db).await.unwrap();
    assert_eq!(refused(robot.send(VIEWER, json!({})).await), unknown);
}

#[tokio::test]
async fn last_use_is_noted_once_a_minute() {
    let app = TestApp::start().await;
    let (acme, _) = app.organization("Acme").await;
    let robot = app.db_app(&acme, &["org:read"]).await;
    assert_eq!(db_token(&app).await.last_used_at, None);

    let begun = ago(Duration::zero());
    viewer(&robot).await;
    let first = db_token(&app).await.last_used_at.unwrap();
    assert!(first >= begun && first <= Utc::now());

    viewer(&robot).await;
    assert_eq!(db_token(&app).await.last_used_at, Some(first));
    let recent = ago(Duration::seconds(45));
    db_change_token(&app, |row| row.last_used_at = Set(Some(recent))).await;
    let reply = robot.send("{ viewer { scopes } }", json!({})).await;
    assert_eq!(reply.statements(), 1, "a use within the minute costs no write");
    assert_eq!(db_token(&app).await.last_used_at, Some(recent));

    let long_ago = ago(Duration::seconds(61));
    db_change_token(&app, |row| row.last_used_at = Set(Some(long_ago))).await;
    viewer(&robot).await;
    assert!(db_token(&app).await.last_used_at.unwrap() >= begun);
}

#[tokio::test]
async fn many_requests_of_an_app_at_once_all_pass() {
    let app = TestApp::start().await;
    let (acme, _) = app.organization("Acme").await;
    let robot = app.db_app(&acme, &["org:read"]).await;
    let requests: Vec<_> = (0..20)
        .map(|_| {
            let robot = robot.clone();
            tokio::spawn(async move { robot.send(VIEWER, json!({})).await.status })
        })
        .collect();
    for request in requests {
        assert_eq!(request.await.unwrap(), 200);
    }
    assert!(db_token(&app).await.last_used_at.is_some());
}
