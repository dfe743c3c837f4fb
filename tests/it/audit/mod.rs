//! The audit log for other programs: `roster audit export`.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    audit_log_entry,
    ids::{AuditLogEntryId, RowId},
};
use sea_orm::{ActiveValue::Set, IntoActiveModel, QueryOrder, prelude::*};
use serde_json::{Value, json};

use crate::{
    command::Place,
    support::{Organization, TestApp},
};

impl TestApp {
    /// What is exported with these arguments.
    fn exported(&self, arguments: &[&str]) -> Vec<Value> {
        let text = self.beside(&[&["audit", "export"], arguments].concat());
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Ids of the organization's entries, oldest first.
    async fn db_entry_ids(&self, organization: &Organization) -> Vec<AuditLogEntryId> {
        let rows = audit_log_entry::Entity::within(organization.row())
            .order_by_asc(audit_log_entry::Column::Datetime)
            .order_by_asc(audit_log_entry::Column::Id);
        rows.all(&self.db).await.unwrap().iter().map(|row| row.id).collect()
    }

    async fn db_entry_at(&self, id: AuditLogEntryId, time: DateTime<Utc>) {
        let row = audit_log_entry::Entity::find_by_id(id).one(&self.db).await.unwrap();
        let mut row = row.unwrap().into_active_model();
        row.datetime = Set(time);
        row.update(&self.db).await.unwrap();
    }
}

fn ids(lines: &[Value]) -> Vec<String> {
    lines
        .iter()
        .map(|line| line["id"].as_str().unwrap().to_owned())
        .collect()
}

fn global(entries: &[AuditLogEntryId]) -> Vec<String> {
    entries.iter().map(|id| id.global()).collect()
}

#[tokio::test]
async fn a_line_tells_what_the_api_tells() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let bob = app.person("bob");
    app.join(&acme, &ann, &bob, "member").await;
    let robot = app.db_app(&acme, &["org:write"]).await;
    let input = json!({ "organizationId": acme.id, "name": "Apex" });
    robot
        .mutate("saveOrgOptions", "organization { id }", input)
        .await
        .done("saveOrgOptions");
    let query = "query($slug: String!) { organization(slug: $slug) { auditLog { nodes {
        id event message actor { id } actorLabel targetId targetUser { id } ipAddress createdAt data } } } }";
    let reply = ann.send(query, json!({ "slug": acme.slug })).await.ok();
    let mut told = reply.data("organization.auditLog.nodes").as_array().unwrap().clone();
    told.reverse();

    let lines = app.exported(&["--organization", "acme"]);

    assert_eq!(lines.len(), told.len());
    for (line, told) in lines.iter().zip(&told) {
        for field in ["id", "event", "message", "actorLabel", "targetId", "ipAddress", "data"] {
            assert_eq!(line[field], told[field], "{field}");
        }
        assert_eq!(line["actorId"], told["actor"]["id"]);
        assert_eq!(line["targetUserId"], told["targetUser"]["id"]);
        assert_eq!(
            (&line["organizationId"], &line["organizationSlug"]),
            (&json!(acme.id), &json!("acme"))
        );
        let time = |value: &Value| value.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
        assert_eq!(time(&line["createdAt"]), time(&told["createdAt"]));
        assert_eq!(line["actorApiTokenId"].is_string(), line["event"] == "org.edit");
    }
}

#[tokio::test]
async fn organizations_follow_each_other_and_one_can_be_named() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&ann, "Globex").await;
    for organization in [&acme, &globex] {
        app.invite(organization, &ann, "bob@example.com", "member").await;
    }
    let (one, two) = (app.db_entry_ids(&acme).await, app.db_entry_ids(&globex).await);

    assert_eq!(ids(&app.exported(&[])), global(&[one.clone(), two.clone()].concat()));
    assert_eq!(ids(&app.exported(&["--organization", "globex"])), global(&two));
    let failed = Place::with_secrets(&app.db_url()).run(&["audit", "export", "--organization", "nothing"]);
    assert!(failed.failed().contains("there is no organization nothing"));
}

#[tokio::test]
async fn times_bound_it_and_do_not_belong_to_it() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    for name in ["Red", "Green", "Blue"] {
        app.team(&acme, &ann, name).await;
    }
    let entries = app.db_entry_ids(&acme).await;
    let day = |day: u32| -> DateTime<Utc> { format!("2026-01-{day:02}T00:00:00Z").parse().unwrap() };
    for (index, entry) in entries.iter().enumerate() {
        app.db_entry_at(*entry, day(10 + u32::try_from(index).unwrap())).await;
    }
    for (arguments, expected) in [
        (&["--after", "2026-01-10"][..], 1..4),
        (&["--before", "2026-01-12"], 0..2),
        (
            &[
                "--after",
                "2026-01-10T01:00:00+02:00",
                "--before",
                "2026-01-12T23:59:59Z",
            ],
            0..3,
        ),
        (&["--after", "2026-01-13"], 4..4),
    ] {
        assert_eq!(
            ids(&app.exported(arguments)),
            global(&entries[expected]),
            "{arguments:?}"
        );
    }
    for bad in ["yesterday", "2026-13-01", "12:00"] {
        Place::new().run(&["audit", "export", "--after", bad]).failed();
    }
}

#[tokio::test]
async fn a_long_log_is_read_in_pages_without_a_gap() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let globex = app.organization_of(&ann, "Globex").await;
    for organization in [&acme, &globex] {
        let row = audit_log_entry::Entity::within(organization.row()).one(&app.db).await;
        let row = row.unwrap().unwrap();
        let copies: Vec<_> = (0..1_500)
            .map(|number| {
                let mut copy = row.clone().into_active_model();
                copy.id = sea_orm::ActiveValue::NotSet;
                // Many at one time, and not in the order in which they were written.
                copy.datetime = Set(row.datetime - TimeDelta::seconds(number % 7));
                copy
            })
            .collect();
        for chunk in copies.chunks(500) {
            audit_log_entry::Entity::insert_many(chunk.to_vec())
                .exec_without_returning(&app.db)
                .await
                .unwrap();
        }
    }
    let all = [app.db_entry_ids(&acme).await, app.db_entry_ids(&globex).await].concat();
    assert_eq!(all.len(), 3_002);
    assert_eq!(ids(&app.exported(&[])), global(&all));
}

#[tokio::test]
async fn an_empty_log_prints_nothing() {
    let app = TestApp::start().await;
    assert_eq!(app.beside(&["audit", "export"]), "");
}
