//! What a webhook is told, and when.

use super::*;

#[tokio::test]
async fn an_event_arrives_signed() {
    let app = TestApp::start_with(sending).await;
    let receiver = Receiver::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.db_told().await;
    let hook = ann.webhook(&acme, &receiver.url(), &[]).await;
    let before = chrono::Utc::now().timestamp();

    make_team(&app, &acme, &ann, "Red").await;

    let request = receiver.awaits_type("team.updated").await;
    assert_eq!(request.path, "/hook");
    assert!(request.is_signed_with(&hook.secret), "{request:?}");
    assert!(!request.is_signed_with(&format!("whsec_{}", STANDARD.encode([0; 32]))));
    assert_eq!(request.header("content-type"), "application/json");
    let sent_at: i64 = request.header("webhook-timestamp").parse().unwrap();
    assert!((before..=chrono::Utc::now().timestamp()).contains(&sent_at));
    let delivery = ann.settled(&hook.id, "DELIVERED").await;
    assert_eq!(request.header("webhook-id"), delivery["id"]);
    let team = ann
        .send(
            "query($slug: String!) { organization(slug: $slug) { team(slug: \"red\") { id } } }",
            json!({ "slug": acme.slug }),
        )
        .await
        .ok();
    let body = request.json();
    assert_eq!(body["data"]["objectId"], team.data("organization.team.id").clone());
    assert_eq!(body["data"]["organizationId"], acme.id);
    assert_eq!(body["data"]["eventId"], delivery["eventId"]);
    assert_eq!(body["data"]["type"], "TEAM_UPDATED");
    assert!(body["data"]["sequence"].as_i64().unwrap() > 0);
    let occurred: chrono::DateTime<chrono::Utc> = body["timestamp"].as_str().unwrap().parse().unwrap();
    let shown: chrono::DateTime<chrono::Utc> = delivery["occurredAt"].as_str().unwrap().parse().unwrap();
    assert_eq!(occurred, shown);
    assert_eq!(
        (&delivery["attempts"], &delivery["responseStatus"], &delivery["error"]),
        (&json!(1), &json!(204), &Value::Null)
    );
    assert!(delivery["lastAttemptAt"].is_string() && delivery["nextAttemptAt"].is_null());
    app.db_idle().await;
    assert_eq!(app.db_hook(&hook.id).await.failures, 0);
}

#[tokio::test]
async fn only_what_is_wanted_by_whom_it_concerns() {
    let app = TestApp::start_with(sending).await;
    let [all, teams, off, foreign] = [
        Receiver::start().await,
        Receiver::start().await,
        Receiver::start().await,
        Receiver::start().await,
    ];
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&ann, "Globex").await;
    app.db_told().await;
    ann.webhook(&acme, &all.url(), &[]).await;
    ann.webhook(&acme, &teams.url(), &["TEAM_UPDATED", "TEAM_DELETED"])
        .await;
    let disabled = ann.webhook(&acme, &off.url(), &[]).await;
    ann.update_webhook(&disabled.id, json!({ "isEnabled": false }))
        .await
        .done(UPDATE);
    ann.webhook(&globex, &foreign.url(), &[]).await;

    app.invite(&acme, &ann, "bob@example.com", "member").await;
    make_team(&app, &acme, &ann, "Red").await;

    all.awaits_type("invite.updated").await;
    all.awaits_type("team.updated").await;
    teams.awaits_type("team.updated").await;
    app.db_told().await;
    app.db_idle().await;
    let kinds = |receiver: &Receiver| {
        let received = receiver.received();
        let mut kinds: Vec<_> = received
            .iter()
            .map(|one| one.json()["type"].as_str().unwrap().to_owned())
            .collect();
        kinds.dedup();
        kinds
    };
    assert_eq!(kinds(&teams), ["team.updated"]);
    assert!(off.received().is_empty(), "a disabled webhook is told nothing");
    assert!(foreign.received().is_empty(), "of another organization");
    assert!(
        ann.deliveries(&disabled.id, "").await.is_empty(),
        "nothing is queued for it"
    );
    let ids: Vec<_> = all
        .received()
        .iter()
        .map(|one| one.header("webhook-id").to_owned())
        .collect();
    let other: Vec<_> = teams
        .received()
        .iter()
        .map(|one| one.header("webhook-id").to_owned())
        .collect();
    assert!(
        other.iter().all(|id| !ids.contains(id)),
        "each delivery has an id of its own"
    );
}

#[tokio::test]
async fn after_a_rotation_both_secrets_sign_for_a_while() {
    let app = TestApp::start_with(sending).await;
    let receiver = Receiver::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.db_told().await;
    let hook = ann.webhook(&acme, &receiver.url(), &["TEAM_UPDATED"]).await;
    let reply = ann.rotate_secret(&hook.id, json!({})).await.done(ROTATE);
    let second = reply.text("rotateWebhookSecret.secret");
    assert!(
        reply
            .data("rotateWebhookSecret.webhook.previousSecretExpiresAt")
            .is_string()
    );
    assert_ne!(second, hook.secret);

    make_team(&app, &acme, &ann, "Red").await;
    let request = receiver.awaits(1).await.remove(0);
    assert!(request.is_signed_with(&hook.secret) && request.is_signed_with(&second));

    app.db_change_hook(&hook.id, |hook| {
        hook.previous_secret_until = Set(Some(chrono::Utc::now() - chrono::TimeDelta::seconds(1)));
    })
    .await;
    make_team(&app, &acme, &ann, "Blue").await;
    let request = receiver.awaits(2).await.remove(1);
    assert!(!request.is_signed_with(&hook.secret) && request.is_signed_with(&second));

    let reply = ann
        .rotate_secret(&hook.id, json!({ "isOldKept": false }))
        .await
        .done(ROTATE);
    let third = reply.text("rotateWebhookSecret.secret");
    assert!(
        reply
            .data("rotateWebhookSecret.webhook.previousSecretExpiresAt")
            .is_null()
    );
    make_team(&app, &acme, &ann, "Green").await;
    let request = receiver.awaits(3).await.remove(2);
    assert!(!request.is_signed_with(&second) && request.is_signed_with(&third));
}

#[tokio::test]
async fn a_delivery_is_sent_again_when_asked() {
    let app = TestApp::start_with(sending).await;
    let receiver = Receiver::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.db_told().await;
    let hook = ann.webhook(&acme, &receiver.url(), &["TEAM_UPDATED"]).await;
    make_team(&app, &acme, &ann, "Red").await;
    let delivery = ann.settled(&hook.id, "DELIVERED").await;
    let id = delivery["id"].as_str().unwrap();

    let reply = ann.redeliver(id).await.done(REDELIVER);

    assert_eq!(reply.data("redeliverWebhook.delivery.status"), "PENDING");
    let requests = receiver.awaits(2).await;
    assert_eq!(requests[0].header("webhook-id"), requests[1].header("webhook-id"));
    assert_eq!(requests[0].body, requests[1].body);
    assert!(requests[1].is_signed_with(&hook.secret));
    let again = ann.settled(&hook.id, "DELIVERED").await;
    assert_eq!(again["attempts"], 2);
    assert_eq!(ann.deliveries(&hook.id, "").await.len(), 1);

    let stranger = app.person("sam").seen().await;
    ann.update_webhook(&hook.id, json!({ "isEnabled": false }))
        .await
        .done(UPDATE);
    for client in [&ann, &stranger] {
        let reply = app.unchanged(client.redeliver(id)).await;
        assert_eq!(reply.refusals(REDELIVER), [("VALIDATION_FAILED", "input.deliveryId")]);
    }
}

#[tokio::test]
async fn without_webhooks_an_event_costs_one_statement_more() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let service = app.db_service().await;
    let shard = entity::outbox::Shard::Organization(acme.row());
    let drain = || roster::jobs::deliver::drain(&service, shard);
    drain().await.unwrap();
    let cost = async |name: &str| {
        make_team(&app, &acme, &ann, name).await;
        let (drained, statements) = roster::db::counting_statements(drain()).await;
        assert!(drained.unwrap());
        statements
    };
    let none = cost("Red").await;
    // However many: what is told costs two statements, deliveries and jobs.
    ann.webhook(&acme, "https://example.com/1", &[]).await;
    let one = cost("Blue").await;
    for number in 2..9 {
        ann.webhook(&acme, &format!("https://example.com/{number}"), &[]).await;
    }
    let many = cost("Green").await;
    assert_eq!((one, many), (none + 2, none + 2));
    assert_eq!(app.db_hook_deliveries().await.len(), 1 + 8);
}

#[tokio::test]
async fn the_end_of_an_organization_is_told_and_takes_its_webhooks_with_it() {
    let app = TestApp::start_with(|config| {
        sending(config);
        config.organizations.deletion_delay = Duration::ZERO;
    })
    .await;
    let receiver = Receiver::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&ann, "Globex").await;
    let gone = ann.webhook(&acme, &receiver.url(), &[]).await;
    let stays = ann.webhook(&globex, &receiver.url(), &["TEAM_DELETED"]).await;
    let input = json!({ "organizationId": acme.id, "confirmSlug": acme.slug });

    ann.mutate("deleteOrganization", "organization { id }", input)
        .await
        .done("deleteOrganization");

    let request = receiver.awaits_type("organization.deleted").await;
    assert!(request.is_signed_with(&gone.secret));
    assert_eq!(request.json()["data"]["objectId"], acme.id);
    eventually("its rows are gone", || async {
        let hooks = webhook::Entity::find().all(&app.db).await.unwrap();
        let is_one = hooks.len() == 1 && entity::ids::RowId::global(hooks[0].id) == stays.id;
        (is_one && app.db_hook_deliveries().await.is_empty()).then_some(())
    })
    .await;
    let last = receiver.received();
    let farewells = last.iter().filter(|one| one.json()["type"] == "organization.deleted");
    assert_eq!(farewells.count(), 1);
}

#[tokio::test]
async fn old_deliveries_are_swept() {
    let app = TestApp::start_with(sending).await;
    let receiver = Receiver::start().await;
    let (acme, ann) = app.organization("Acme").await;
    app.db_told().await;
    let hook = ann.webhook(&acme, &receiver.url(), &["TEAM_UPDATED"]).await;
    make_team(&app, &acme, &ann, "Red").await;
    let old = ann.settled(&hook.id, "DELIVERED").await["id"].clone();
    make_team(&app, &acme, &ann, "Blue").await;
    receiver.awaits(2).await;
    app.db_idle().await;
    let long_ago = chrono::Utc::now() - chrono::TimeDelta::days(31);
    webhook_delivery::Entity::update_many()
        .col_expr(webhook_delivery::Column::DateAdded, Expr::value(long_ago))
        .filter(webhook_delivery::Column::Id.eq(row::<entity::ids::WebhookDeliveryId>(old.as_str().unwrap())))
        .exec(&app.db)
        .await
        .unwrap();
    let sweep = eventually("the sweep waits for its hour", || async {
        let soon = chrono::Utc::now() + chrono::TimeDelta::minutes(1);
        let mut jobs = app.db_jobs().await.into_iter();
        jobs.find(|job| job.kind == "sweep_deliveries" && job.due_at > soon)
    })
    .await;
    app.db_change_job(sweep.id, |job| job.due_at = Set(chrono::Utc::now()))
        .await;
    let left = eventually("the old one is gone", || async {
        let left = ann.deliveries(&hook.id, "").await;
        (left.len() == 1).then_some(left)
    })
    .await;
    assert_ne!(left[0]["id"], old);
}
