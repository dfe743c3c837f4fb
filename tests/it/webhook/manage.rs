//! Setting webhooks up, changing and removing them.

use super::*;

const HOOK: &str = "https://example.com/hooks/1?key=x";

/// Names and data of the audit log's entries about webhooks.
async fn db_noted(app: &TestApp, organization: &Organization) -> Vec<(i32, Value)> {
    let entries = app.db_audit(organization).await.into_iter();
    let about = entries.filter(|entry| (300..400).contains(&entry.event));
    about.map(|entry| (entry.event, entry.data)).collect()
}

#[tokio::test]
async fn a_webhook_is_made_shown_changed_and_removed() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let input = json!({ "url": HOOK, "description": "  chat ", "eventTypes": ["TEAM_UPDATED", "MEMBER_UPDATED", "TEAM_UPDATED"] });

    let reply = ann.create_webhook(&acme, input).await.done(CREATE);

    let hook = reply.data("createWebhook.webhook").clone();
    let secret = reply.text("createWebhook.secret");
    assert!(secret.starts_with("whsec_") && STANDARD.decode(&secret[6..]).unwrap().len() == 32);
    assert_eq!(hook["url"], HOOK);
    assert_eq!(hook["description"], "chat");
    assert_eq!(
        hook["eventTypes"],
        json!(["MEMBER_UPDATED", "TEAM_UPDATED"]),
        "each once"
    );
    assert_eq!(hook["isEnabled"], true);
    assert_eq!(hook["createdBy"]["id"], ann.user_id().await);
    for name in [
        "disabledReason",
        "disabledAt",
        "failingSince",
        "previousSecretExpiresAt",
    ] {
        assert!(hook[name].is_null(), "{name}");
    }
    let id = hook["id"].as_str().unwrap();
    assert_eq!(ann.hook(id).await, hook);

    let query = format!(
        "query($slug: String!) {{ organization(slug: $slug) {{ webhooks {{ totalCount nodes {{ {WEBHOOK} }} }} }} }}"
    );
    let listed = ann.send(&query, json!({ "slug": acme.slug })).await.ok();
    assert_eq!(listed.data("organization.webhooks.nodes"), &json!([hook]));
    assert!(
        !listed.body.to_string().contains(&secret[6..]),
        "the secret is shown again"
    );
    let stored = format!("{:?}", app.db_hook(id).await);
    let raw = format!("{:?}", STANDARD.decode(&secret[6..]).unwrap());
    assert!(
        !stored.contains(&secret[6..]) && !stored.contains(raw.trim_matches(['[', ']'])),
        "the secret can be read in the database"
    );

    let all = json!({ "url": "https://example.com/2", "description": null, "eventTypes": null, "isEnabled": false });
    let reply = ann.update_webhook(id, all).await.done(UPDATE);
    let changed = reply.data("updateWebhook.webhook");
    assert_eq!(
        (&changed["url"], &changed["description"], &changed["eventTypes"]),
        (&json!("https://example.com/2"), &Value::Null, &Value::Null)
    );
    assert_eq!(
        (&changed["isEnabled"], &changed["disabledReason"]),
        (&json!(false), &json!("REQUESTED"))
    );
    assert!(changed["disabledAt"].is_string());
    app.unchanged(ann.update_webhook(id, json!({}))).await.done(UPDATE);
    let reply = ann.update_webhook(id, json!({ "isEnabled": true })).await.done(UPDATE);
    assert!(reply.data("updateWebhook.webhook.disabledReason").is_null());

    ann.delete_webhook(id).await.done(DELETE);
    assert!(ann.hook(id).await.is_null());
    let noted = db_noted(&app, &acme).await;
    let events: Vec<_> = noted.iter().map(|(event, _)| *event).collect();
    assert_eq!(events, [300, 301, 301, 302]);
    assert!(noted.iter().all(|(_, data)| data["server"] == "https://example.com"));
    assert!(
        !format!("{noted:?}").contains("key=x"),
        "the log is read by more people"
    );
    let log = "query($slug: String!) { organization(slug: $slug) { auditLog(filter: { events: [\"webhook.create\"] }) {
        nodes { event message targetId } } } }";
    let log = ann.send(log, json!({ "slug": acme.slug })).await.ok();
    let told =
        json!([{ "event": "webhook.create", "message": "created a webhook to https://example.com", "targetId": id }]);
    assert_eq!(log.data("organization.auditLog.nodes"), &told);
}

#[tokio::test]
async fn every_bad_field_is_told() {
    let app = TestApp::start_with(|config| config.webhooks.allow_private = false).await;
    let (acme, ann) = app.organization("Acme").await;
    let hook = ann.webhook(&acme, HOOK, &[]).await;
    let long = format!("https://example.com/{}", "a".repeat(2_048));
    for (input, bad) in [
        (json!({ "url": "" }), vec!["url"]),
        (json!({ "url": "example.com" }), vec!["url"]),
        (json!({ "url": "http://example.com/" }), vec!["url"]),
        (json!({ "url": "ftp://example.com/" }), vec!["url"]),
        (json!({ "url": "https://user:pass@example.com/" }), vec!["url"]),
        (json!({ "url": "https://example.com/#part" }), vec!["url"]),
        (json!({ "url": "https://127.0.0.1/" }), vec!["url"]),
        (json!({ "url": "https://[::1]/" }), vec!["url"]),
        (
            json!({ "url": "https://169.254.169.254/latest/meta-data" }),
            vec!["url"],
        ),
        (json!({ "url": "https://0x7f000001/" }), vec!["url"]),
        (json!({ "url": long }), vec!["url"]),
        (
            json!({ "url": HOOK, "description": "a".repeat(201) }),
            vec!["description"],
        ),
        (json!({ "url": HOOK, "description": "a\nb" }), vec!["description"]),
        (
            json!({ "url": HOOK, "eventTypes": vec!["TEAM_UPDATED"; 101] }),
            vec!["eventTypes"],
        ),
        (json!({ "url": "x", "description": "a\0b" }), vec!["url", "description"]),
    ] {
        let bad: Vec<_> = bad.iter().map(|field| format!("input.{field}")).collect();
        for (name, reply) in [
            (CREATE, app.unchanged(ann.create_webhook(&acme, input.clone())).await),
            (UPDATE, app.unchanged(ann.update_webhook(&hook.id, input.clone())).await),
        ] {
            let refusals = reply.refusals(name);
            let told: Vec<_> = refusals.iter().map(|refusal| refusal.path.as_str()).collect();
            assert_eq!(told, bad, "{name} {input}");
            assert!(refusals.iter().all(|refusal| refusal.code == "VALIDATION_FAILED"));
        }
    }
}

#[tokio::test]
async fn an_organization_has_only_so_many() {
    let app = TestApp::start_with(|config| config.webhooks.per_organization_max = 2).await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&ann, "Globex").await;
    let racing = (0..6).map(|_| ann.create_webhook(&acme, json!({ "url": HOOK })));
    let replies = futures_util::future::join_all(racing).await;
    let done = replies.iter().filter(|reply| reply.refusals(CREATE).is_empty()).count();
    assert_eq!(done, 2, "of racing calls");

    let reply = app.unchanged(ann.create_webhook(&acme, json!({ "url": HOOK }))).await;
    assert_eq!(reply.refusals(CREATE), [("VALIDATION_FAILED", "input.organizationId")]);
    ann.webhook(&globex, HOOK, &[]).await;
}

#[tokio::test]
async fn whoever_may_not_is_refused_and_nothing_changes() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let hook = ann.webhook(&acme, HOOK, &[]).await;
    let manager = app.person("mia");
    app.join(&acme, &ann, &manager, "manager").await;
    let stranger = app.person("sam").seen().await;
    let robot = app.db_app(&acme, &["org:write"]).await;
    let unknown = entity::ids::RowId::global(entity::ids::WebhookId(9_999_999));
    for (client, id, code) in [
        (&manager, &hook.id, "FORBIDDEN"),
        (&robot, &hook.id, "FORBIDDEN"),
        (&stranger, &hook.id, "VALIDATION_FAILED"),
        (&ann, &unknown, "VALIDATION_FAILED"),
        (&ann, &acme.id, "VALIDATION_FAILED"),
    ] {
        let reply = app
            .unchanged(client.update_webhook(id, json!({ "description": "x" })))
            .await;
        assert_eq!(reply.codes(UPDATE), [code]);
        let reply = app.unchanged(client.delete_webhook(id)).await;
        assert_eq!(reply.codes(DELETE), [code]);
        let reply = app.unchanged(client.rotate_secret(id, json!({}))).await;
        assert_eq!(reply.codes(ROTATE), [code]);
    }
    let admin = app.db_app(&acme, &["org:admin"]).await;
    let reply = admin.create_webhook(&acme, json!({ "url": HOOK })).await.done(CREATE);
    assert!(
        reply.data("createWebhook.webhook.createdBy").is_null(),
        "an app made it"
    );
}

#[tokio::test]
async fn without_a_key_for_secrets_there_are_no_webhooks() {
    // In development one is made up, while nobody else reaches the service.
    let app = TestApp::start_with(|config| {
        config.mode = roster::config::Mode::Production;
        config.public_url = Some("https://team.example.com".parse().unwrap());
    })
    .await;
    let (acme, ann) = app.organization("Acme").await;
    let reply = app.unchanged(ann.create_webhook(&acme, json!({ "url": HOOK }))).await;
    assert_eq!(reply.codes(CREATE), ["FEATURE_DISABLED"]);
}

#[tokio::test]
async fn deliveries_are_read_a_page_at_a_time() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let hook = ann.webhook(&acme, HOOK, &[]).await;
    db_fill(&app, &acme, &hook).await;
    let query = "query($id: ID!, $after: String, $status: WebhookDeliveryStatus) { node(id: $id) { ... on Webhook {
        deliveries(first: 2, after: $after, status: $status) {
            totalCount pageInfo { hasNextPage endCursor } nodes { id status createdAt } } } } }";
    for (status, total) in [
        (Value::Null, 7),
        (json!("FAILED"), 4),
        (json!("DELIVERED"), 3),
        (json!("PENDING"), 0),
    ] {
        let (mut after, mut seen) = (Value::Null, Vec::new());
        loop {
            let page = json!({ "id": hook.id, "after": after, "status": status });
            let reply = ann.send(query, page).await.ok();
            let page = reply.data("node.deliveries");
            assert_eq!(page["totalCount"], total);
            seen.extend(page["nodes"].as_array().unwrap().clone());
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        assert_eq!(seen.len(), total, "{status}");
        let numbers: Vec<i64> = seen
            .iter()
            .map(|one| row::<entity::ids::WebhookDeliveryId>(one["id"].as_str().unwrap()).0)
            .collect();
        assert!(numbers.is_sorted_by(|one, next| one > next), "newest first");
        assert!(status.is_null() || seen.iter().all(|one| one["status"] == status));
    }
    let query = "query($slug: String!) { organization(slug: $slug) { webhooks { pageInfo { endCursor } } } }";
    let foreign = ann.send(query, json!({ "slug": acme.slug })).await.ok();
    let query = "query($id: ID!, $after: String) { node(id: $id) { ... on Webhook { deliveries(after: $after) {
        totalCount } } } }";
    let cursor = foreign.data("organization.webhooks.pageInfo.endCursor");
    let reply = ann.send(query, json!({ "id": hook.id, "after": cursor })).await;
    assert_eq!(reply.error_codes(), ["BAD_USER_INPUT"], "a cursor of another list");
}

/// Seven deliveries, every other one failed.
async fn db_fill(app: &TestApp, organization: &Organization, hook: &Hook) {
    for number in 0..7 {
        let status = if number % 2 == 0 {
            webhook_delivery::DeliveryStatus::Failed
        } else {
            webhook_delivery::DeliveryStatus::Delivered
        };
        let delivery = webhook_delivery::ActiveModel {
            organization_id: Set(organization.row()),
            webhook_id: Set(row(&hook.id)),
            sequence: Set(number + 1),
            event_type: Set(entity::event::EventType::TeamUpdated),
            object_identifier: Set(1),
            occurred_at: Set(chrono::Utc::now()),
            status: Set(status),
            attempts: Set(1),
            failures: Set(0),
            date_added: Set(chrono::Utc::now()),
            ..Default::default()
        };
        delivery.insert(&app.db).await.unwrap();
    }
}

#[tokio::test]
async fn a_page_of_webhooks_with_deliveries_costs_as_much_as_one() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let query = "query($slug: String!) { organization(slug: $slug) { webhooks { nodes { id createdBy { id }
        deliveries(first: 5) { totalCount nodes { id webhook { id } } }
        failed: deliveries(first: 5, status: FAILED) { nodes { id } } } } } }";
    let mut costs = Vec::new();
    for _ in 0..4 {
        let hook = ann.webhook(&acme, HOOK, &[]).await;
        db_fill(&app, &acme, &hook).await;
        let reply = ann.send(query, json!({ "slug": acme.slug })).await.ok();
        for node in reply.data("organization.webhooks.nodes").as_array().unwrap() {
            assert_eq!(node["deliveries"]["totalCount"], 7);
            assert_eq!(node["deliveries"]["nodes"].as_array().unwrap().len(), 5);
            assert_eq!(node["failed"]["nodes"].as_array().unwrap().len(), 4);
            assert!(
                node["deliveries"]["nodes"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .all(|one| one["webhook"]["id"] == node["id"])
            );
        }
        costs.push(reply.statements());
    }
    assert!(costs.iter().all(|cost| *cost == costs[0]), "{costs:?}");
}
