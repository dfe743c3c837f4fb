//! Organizations: creating one (§15), seeing it, the gates before it (§5, §28),
//! and what one may do in it (§3.3).

mod counters;
mod create;
mod gates;
mod scopes;
mod seen;

use std::collections::BTreeSet;

use entity::{
    ids::{AuditLogEntryId, MemberId, RowId},
    member,
    organization::{OrganizationStatus, flag},
    outbox::Category,
    team, team_member,
};
use sea_orm::{QueryOrder, prelude::*};
use serde_json::{Value, json};

use crate::support::{Client, Organization, Reply, TestApp, row};

/// No limits on how often.
async fn start() -> TestApp {
    TestApp::start_with(|config| config.rate_limits.enabled = false).await
}

impl Client {
    /// The slug, if the organization shows.
    async fn sees(&self, organization: &Organization) -> bool {
        let query = "query($slug: String!) { organization(slug: $slug) { id slug } }";
        let reply = self.send(query, json!({ "slug": organization.slug })).await.ok();
        let found = reply.data("organization");
        assert!(found.is_null() || found["id"] == organization.id);
        !found.is_null()
    }

    /// Slugs of `organizations`.
    async fn listed(&self, filter: Value) -> Vec<String> {
        let query = "query($filter: OrganizationFilter) { organizations(first: 100, filter: $filter) { totalCount nodes { slug } } }";
        let reply = self.send(query, json!({ "filter": filter })).await.ok();
        let nodes = reply.data("organizations.nodes").as_array().unwrap();
        assert_eq!(*reply.data("organizations.totalCount"), nodes.len());
        nodes
            .iter()
            .map(|node| node["slug"].as_str().unwrap().to_owned())
            .collect()
    }
}
