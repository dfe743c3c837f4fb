//! People come and change: what the server keeps of their claims.

use entity::{ids::UserId, outbox::Category};
use sea_orm::{ActiveValue::Set, IntoActiveModel, TransactionTrait};

use super::*;
use crate::support::{ISSUER, Organization, row};

/// Emails and names of members, in the order of `field`.
async fn members(client: &Client, organization: &Organization, field: &str, query: &str) -> Value {
    let document = "query($slug: String!, $field: MemberOrderField!, $query: String) { organization(slug: $slug) {
        members(filter: { query: $query }, orderBy: { field: $field, direction: ASC }) { nodes { name email } } } }";
    let variables = json!({ "slug": organization.slug, "field": field, "query": query });
    let reply = client.send(document, variables).await.ok();
    reply.data("organization.members.nodes").clone()
}

#[tokio::test]
async fn a_person_is_created_on_first_sight() {
    let app = TestApp::start().await;
    let ann = app
        .person("ann")
        .with(json!({ "picture": "https://img.example.com/ann.png", "amr": ["pwd", "otp"] }));
    assert!(db_users(&app).await.is_empty());

    let viewer = viewer(&ann).await;

    assert_eq!(viewer["user"]["name"], "Ann");
    assert_eq!(viewer["user"]["email"], "ann@example.com");
    assert_eq!(viewer["isSuperuser"], false);
    assert_eq!(viewer["scopes"], Value::Null);
    let [row] = &db_users(&app).await[..] else {
        panic!("not one person")
    };
    assert_eq!((row.issuer.as_str(), row.subject.as_str()), (ISSUER, "ann"));
    assert_eq!(row.email_key.as_deref(), Some("ann@example.com"));
    assert_eq!(row.avatar_url.as_deref(), Some("https://img.example.com/ann.png"));
    assert!(row.is_active && row.is_email_verified && row.has_two_factor);
}

#[tokio::test]
async fn an_unchanged_person_costs_one_read_and_no_write() {
    let app = TestApp::start().await;
    let (_, ann) = app.organization("Acme").await;
    let before = (
        db_users(&app).await,
        db_changes_of_people(&app).await,
        app.db_snapshot().await,
    );

    for _ in 0..3 {
        let reply = ann.send("{ viewer { user { id } } }", json!({})).await.ok();
        assert_eq!(reply.statements(), 1);
    }

    assert_eq!(
        (
            db_users(&app).await,
            db_changes_of_people(&app).await,
            app.db_snapshot().await
        ),
        before
    );
}

#[tokio::test]
async fn changed_claims_update_the_person_and_are_told() {
    let app = TestApp::start().await;
    let ann = app.person("ann");
    let id = ann.user_id().await;
    let changes = [
        json!({ "name": "Ann B." }),
        json!({ "email": "Ann.B@Example.com" }),
        json!({ "email_verified": false }),
        json!({ "picture": "https://img.example.com/new.png" }),
    ];
    let mut changed = ann.clone();
    for (step, change) in changes.into_iter().enumerate() {
        changed = changed.with(change.clone());

        assert_eq!(changed.user_id().await, id, "{change}");

        let told = db_changes_of_people(&app).await;
        let told: Vec<_> = told.iter().filter(|row| row.category == Category::UserUpdate).collect();
        assert!(told.len() > step, "{change} was not told: {told:?}");
    }
    let row = db_user(&app, "ann").await.unwrap();
    assert_eq!(row.name, "Ann B.");
    assert_eq!(row.email.as_deref(), Some("Ann.B@Example.com"));
    assert_eq!(row.email_key.as_deref(), Some("ann.b@example.com"));
    assert_eq!(row.avatar_url.as_deref(), Some("https://img.example.com/new.png"));
    assert!(!row.is_email_verified);
    assert_eq!(db_users(&app).await.len(), 1);
}

#[tokio::test]
async fn changed_claims_reach_the_memberships() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    app.join(&acme, &ann, &bob, "member").await;
    let globex = app.organization_of(&bob, "Globex").await;
    let before = json!([{ "name": "Ann", "email": "ann@example.com" }, { "name": "Bob", "email": "bob@example.com" }]);
    assert_eq!(members(&ann, &acme, "NAME", "").await, before);

    let aaron = bob.with(json!({ "name": "Aaron", "email": "Zed@Example.com" }));
    aaron.user_id().await;

    let by_name =
        json!([{ "name": "Aaron", "email": "Zed@Example.com" }, { "name": "Ann", "email": "ann@example.com" }]);
    let only_aaron = json!([{ "name": "Aaron", "email": "Zed@Example.com" }]);
    assert_eq!(members(&ann, &acme, "NAME", "").await, by_name);
    assert_eq!(members(&ann, &acme, "EMAIL", "").await, json!([by_name[1], by_name[0]]));
    for found in [
        "email:zed@example.com",
        "email:ZED@example.com",
        "zed@",
        "aaron",
        "AARON",
    ] {
        assert_eq!(members(&ann, &acme, "NAME", found).await, only_aaron, "{found}");
        assert_eq!(members(&aaron, &globex, "NAME", found).await, only_aaron, "{found}");
    }
    for gone in ["email:bob@example.com", "bob"] {
        assert_eq!(members(&ann, &acme, "NAME", gone).await, json!([]), "{gone}");
    }
}

#[tokio::test]
async fn claims_that_are_absent_leave_what_is_known() {
    let app = TestApp::start().await;
    let ann = app
        .person("ann")
        .with(json!({ "picture": "https://img.example.com/ann.png", "amr": ["otp"] }));
    ann.user_id().await;
    let before = (db_users(&app).await, db_changes_of_people(&app).await);

    let bare = json!({ "name": null, "email": null, "email_verified": null, "picture": null, "amr": null });
    let viewer = viewer(&ann.with(bare)).await;

    assert_eq!(viewer["user"]["name"], "Ann");
    assert_eq!(viewer["user"]["email"], "ann@example.com");
    assert_eq!((db_users(&app).await, db_changes_of_people(&app).await), before);
}

#[tokio::test]
async fn claims_of_a_wrong_type_count_as_absent() {
    let app = TestApp::start().await;
    let ann = app
        .person("ann")
        .with(json!({ "picture": "https://img.example.com/ann.png" }))
        .seen()
        .await;
    let before = db_users(&app).await;

    for claims in [
        json!({ "name": 7, "email": ["a@example.com"], "picture": {}, "idp": 1, "scope": 5 }),
        json!({ "name": "", "email": "", "picture": "", "scope": "" }),
        json!({ "name": "   ", "email": " ", "picture": "no address" }),
        json!({ "picture": "javascript:alert(1)" }),
        json!({ "picture": "data:text/html,x" }),
        json!({ "auth_time": "yesterday", "iat": "today" }),
    ] {
        let reply = ann.with(claims.clone()).send(VIEWER, json!({})).await;
        if reply.status == 200 {
            reply.ok();
        } else {
            refused(reply);
        }
        assert_eq!(db_users(&app).await, before, "{claims}");
    }
}

#[tokio::test]
async fn hostile_claims_never_fail() {
    let app = TestApp::start().await;
    let huge = "x".repeat(3000);
    for (number, claims) in [
        json!({ "name": "An\0n \u{7}" }),
        json!({ "name": "😀".repeat(1000) }),
        json!({ "name": huge }),
        json!({ "email": "a\0nn@example.com" }),
        json!({ "email": format!("{huge}@example.com") }),
        json!({ "picture": format!("https://img.example.com/{huge}") }),
        json!({ "picture": "https://img.example.com/\0" }),
        json!({ "idp": "\0" }),
        json!({ "scope": "\0 org:read" }),
        json!({ "auth_time": 1e300, "iat": -1e300 }),
        json!({ "auth_time": i64::MAX, "iat": i64::MIN }),
    ]
    .into_iter()
    .enumerate()
    {
        let person = app.person(&format!("p{number}")).with(claims);
        person.send(VIEWER, json!({})).await.ok();
        let row = db_user(&app, &format!("p{number}")).await.unwrap();
        assert!(!row.name.contains('\0') && row.name.chars().count() <= 200, "{row:?}");
        assert!(
            row.email
                .as_deref()
                .is_none_or(|email| !email.contains('\0') && email.len() <= 254),
            "{row:?}"
        );
        assert!(row.avatar_url.as_deref().is_none_or(|url| url.len() <= 2000), "{row:?}");
    }
    for subject in [String::new(), "a\0b".into(), "x".repeat(300)] {
        refused(
            app.person("eve")
                .with(json!({ "sub": subject }))
                .send(VIEWER, json!({}))
                .await,
        );
    }
    refused(
        app.person("eve")
            .with(json!({ "sub": 7 }))
            .send(VIEWER, json!({}))
            .await,
    );
}

#[tokio::test]
async fn two_first_requests_at_once_make_one_person() {
    let app = TestApp::start().await;
    for round in 0..5 {
        let name = format!("new{round}");
        let requests = (0..12).map(|_| {
            let person = app.person(&name);
            tokio::spawn(async move { person.user_id().await })
        });
        let mut ids = Vec::new();
        for request in requests.collect::<Vec<_>>() {
            ids.push(request.await.unwrap());
        }
        ids.dedup();
        assert_eq!(ids.len(), 1, "{ids:?}");
        assert_eq!(db_users(&app).await.len(), round + 1);
    }
}

#[tokio::test]
async fn two_changes_at_once_leave_one_of_them_whole() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let faces = [
        ann.with(json!({ "name": "Red", "email": "red@example.com" })),
        ann.with(json!({ "name": "Blue", "email": "blue@example.com" })),
    ];
    for _ in 0..5 {
        let requests: Vec<_> = (0..12)
            .map(|number| {
                let face = faces[number % 2].clone();
                tokio::spawn(async move { face.user_id().await })
            })
            .collect();
        for request in requests {
            request.await.unwrap();
        }
        let person = db_user(&app, "ann").await.unwrap();
        let member = app.db_member(&acme.owner).await.unwrap();
        let email = format!("{}@example.com", person.name.to_lowercase());
        assert_eq!(person.email, Some(email.clone()), "{person:?}");
        assert_eq!(
            (member.sort_name, member.user_email),
            (person.name.to_lowercase(), Some(email))
        );
    }
}

#[tokio::test]
async fn somebody_without_address_and_name_goes_by_the_subject() {
    let app = TestApp::start().await;
    let bare = app
        .person("ann-42")
        .with(json!({ "name": null, "email": null, "email_verified": null }));
    let acme = app.organization_of(&bare, "Acme").await;

    assert_eq!(
        members(&bare, &acme, "NAME", "").await,
        json!([{ "name": "ann-42", "email": null }])
    );
    let by_address = bare.with(json!({ "email": "ann@example.com", "email_verified": true }));
    let expected = json!([{ "name": "ann@example.com", "email": "ann@example.com" }]);
    assert_eq!(members(&by_address, &acme, "NAME", "").await, expected);
}

#[tokio::test]
async fn an_inactive_person_is_unauthenticated_and_learns_nothing() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let id = ann.user_id().await;
    app.db_set_active(&id, false).await;
    let before = (db_users(&app).await, app.db_snapshot().await);

    let unknown = refused(app.with_bearer("no.such.token").send(VIEWER, json!({})).await);
    let changed = ann.with(json!({ "name": "Other", "email": "other@example.com" }));
    for client in [&ann, &changed] {
        assert_eq!(refused(client.send(VIEWER, json!({})).await), unknown);
        assert_eq!(
            refused(client.send("{ service { version } }", json!({})).await),
            unknown
        );
        let rename = client.mutate(
            "createTeam",
            "team { id }",
            json!({ "organizationId": acme.id, "name": "Red" }),
        );
        assert_eq!(refused(rename.await), unknown);
    }
    assert_eq!((db_users(&app).await, app.db_snapshot().await), before);

    app.db_set_active(&id, true).await;
    assert_eq!(viewer(&ann).await["user"]["id"], id);
}

#[tokio::test]
async fn somebody_switched_off_stays_off_while_their_claims_change() {
    let app = TestApp::start().await;
    let (_, ann) = app.organization("Acme").await;
    let id = ann.user_id().await;

    // The request has read the person when they are switched off, and waits to write.
    let options = sea_orm::TransactionOptions {
        sqlite_transaction_mode: Some(sea_orm::SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    let held = app.db.begin_with_options(options).await.unwrap();
    let person = user::Entity::find_by_id(row::<UserId>(&id))
        .one(&held)
        .await
        .unwrap()
        .unwrap();
    let mut off = person.into_active_model();
    off.is_active = Set(false);
    off.update(&held).await.unwrap();
    let renamed = ann.with(json!({ "name": "Other" }));
    let mut request = tokio::spawn(async move { renamed.send(VIEWER, json!({})).await });
    let early = tokio::time::timeout(std::time::Duration::from_millis(500), &mut request).await;
    assert!(early.is_err(), "the request did not wait for the person's row");
    held.commit().await.unwrap();
    request.await.unwrap();

    assert!(!db_user(&app, "ann").await.unwrap().is_active);
    refused(ann.send(VIEWER, json!({})).await);
}
