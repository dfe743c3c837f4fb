//! Deleting an organization (§15): asking for it, taking it back, and its end.

mod ask;
mod finish;
mod restore;

use chrono::{Duration, Utc};
use entity::{
    job,
    organization::{self, OrganizationStatus},
    outbox::Category,
};
use sea_orm::prelude::*;
use serde_json::{Value, json};

use crate::support::{Client, Organization, Reply, TestApp};

const DELETE: &str = "deleteOrganization";
const SAVE: &str = "saveOrgOptions";
const ORG_REMOVE: i32 = 12;
const ORG_RESTORE: i32 = 13;

impl Client {
    async fn delete(&self, organization: &Organization) -> Reply {
        self.delete_named(organization, &organization.slug).await
    }

    async fn delete_named(&self, organization: &Organization, slug: &str) -> Reply {
        let input = json!({ "organizationId": organization.id, "confirmSlug": slug });
        self.mutate(DELETE, "organization { id slug status deletesAt }", input)
            .await
    }

    async fn restore(&self, organization: &Organization) -> Reply {
        let input = json!({ "organizationId": organization.id, "cancelDeletion": true });
        self.mutate(SAVE, "organization { id status deletesAt } ignoredFields", input)
            .await
    }

    /// This person, who signed in so long ago.
    fn signed_in(&self, ago: Duration) -> Self {
        self.with(json!({ "auth_time": (Utc::now() - ago).timestamp() }))
    }

    /// What shows of the organization.
    async fn look(&self, organization: &Organization) -> Value {
        let query = "query($slug: String!) { organization(slug: $slug) { status deletesAt viewerCanDelete } }";
        let reply = self.send(query, json!({ "slug": organization.slug })).await.ok();
        reply.data("organization").clone()
    }
}

/// The organization's row, if there still is one.
async fn db_row(app: &TestApp, organization: &Organization) -> Option<organization::Model> {
    let row = organization::Entity::find_by_id(organization.row());
    row.one(&app.db).await.unwrap()
}

/// Jobs of a kind.
async fn db_jobs_of(app: &TestApp, kind: &str) -> Vec<job::Model> {
    let jobs = app.db_jobs().await.into_iter();
    jobs.filter(|job| job.kind == kind).collect()
}

/// Lets the deletion be due, as if its delay were over.
async fn db_make_due(app: &TestApp, organization: &Organization) {
    let past = chrono::SubsecRound::trunc_subsecs(Utc::now() - Duration::seconds(1), 6);
    organization::Entity::update_many()
        .col_expr(organization::Column::DeleteAt, Expr::value(past))
        .filter(organization::Column::Id.eq(organization.row()))
        .exec(&app.db)
        .await
        .unwrap();
    for job in db_jobs_of(app, "delete_organization").await {
        app.db_change_job(job.id, |job| job.due_at = sea_orm::ActiveValue::Set(past))
            .await;
    }
}
