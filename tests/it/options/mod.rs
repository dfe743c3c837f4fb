//! Saving the options of an organization (§16).

mod custom;
mod fields;
mod flags;
mod reach;
mod relays;
mod rows;
mod together;

use entity::{organization, organization_option};
use roster::config::Config;
use sea_orm::{QueryOrder, prelude::*};
use serde_json::{Value, json};

use crate::support::{Client, Organization, Reply, TestApp};

const SAVE: &str = "saveOrgOptions";
const ORG_EDIT: i32 = 11;
const ORG_RESTORE: i32 = 13;

/// Everything there is to read about the options of an organization.
const OPTIONS: &str = "openMembership enhancedPrivacy allowSharedIssues isEarlyAdopter require2FA
    requireEmailVerification codecovAccess allowMemberProjectCreation allowSuperuserAccess allowMemberInvite
    projectRateLimit accountRateLimit dataScrubber dataScrubberDefaults sensitiveFields safeFields scrapeJavaScript
    storeCrashReports attachmentsRole { id } debugFilesRole { id } eventsMemberAdmin alertsMemberWrite scrubIPAddresses
    relayPiiConfig allowJoinRequests apdexThreshold hideAiFeatures githubPRBot githubOpenPRBot githubNudgeInvite
    gitlabPRBot issueAlertsThreadFlag metricAlertsThreadFlag targetSampleRate samplingMode rollbackEnabled
    ingestThroughTrustedRelaysOnly trustedRelays { publicKey name description created lastModified }";

/// Acme and its owner Ann.
struct Scene {
    app: TestApp,
    acme: Organization,
    ann: Client,
}

impl Scene {
    async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let app = TestApp::start_with(|config| {
            config.rate_limits.enabled = false;
            change(config);
        })
        .await;
        let (acme, ann) = app.organization("Acme").await;
        Self { app, acme, ann }
    }

    /// Ann saves; what she is told.
    async fn save(&self, input: Value) -> Reply {
        self.ann.save_options(&self.acme, input).await
    }

    /// Ann saves, and is not refused; what changed.
    async fn saved(&self, input: Value) -> Vec<(String, String)> {
        self.save(input).await.done(SAVE).changes()
    }

    /// Ann tries to save `input` and is refused with `refusals`, which are
    /// codes and input fields; nothing changed.
    async fn refused(&self, input: Value, refusals: &[(&str, &str)]) {
        self.refused_for(&self.ann, input, refusals).await;
    }

    /// The same for another caller, whose claims the server has seen.
    async fn refused_for(&self, caller: &Client, input: Value, refusals: &[(&str, &str)]) {
        let reply = self.app.unchanged(caller.save_options(&self.acme, input.clone())).await;
        let told = reply.refusals(SAVE);
        let expected: Vec<_> = refusals
            .iter()
            .map(|(code, field)| {
                (
                    *code,
                    if field.is_empty() {
                        String::new()
                    } else {
                        format!("input.{field}")
                    },
                )
            })
            .collect();
        let told: Vec<_> = told
            .iter()
            .map(|refusal| (refusal.code.as_str(), refusal.path.clone()))
            .collect();
        assert_eq!(told, expected, "{input}");
    }

    /// What an option shows.
    async fn option(&self, name: &str) -> Value {
        shown(&self.ann, &self.acme, name).await
    }

    /// Events and data of the audit log since there were `before` entries.
    async fn audit_since(&self, before: usize) -> Vec<(i32, Value)> {
        let entries = self.app.db_audit(&self.acme).await.split_off(before);
        entries.into_iter().map(|entry| (entry.event, entry.data)).collect()
    }

    async fn audit_count(&self) -> usize {
        self.app.db_audit(&self.acme).await.len()
    }

    /// Stored option rows of Acme, by key.
    async fn rows(&self) -> Vec<(String, Option<Value>)> {
        stored(&self.app, &self.acme).await
    }

    /// Somebody who joined with `role`.
    async fn person(&self, name: &str, role: &str) -> Client {
        let person = self.app.person(name);
        self.app.join(&self.acme, &self.ann, &person, role).await;
        person
    }
}

impl Client {
    /// `saveOrgOptions` with `input` besides the organization.
    async fn save_options(&self, organization: &Organization, mut input: Value) -> Reply {
        input["organizationId"] = json!(organization.id);
        let fields = format!(
            "organization {{ id slug name status defaultRole {{ id }} options {{ {OPTIONS} }} }}
            changes {{ field change }} ignoredFields"
        );
        self.mutate(SAVE, &fields, input).await
    }
}

impl Reply {
    /// `changes` as pairs.
    fn changes(&self) -> Vec<(String, String)> {
        let changes = self.data("saveOrgOptions.changes").as_array().unwrap();
        let text = |change: &Value, key: &str| change[key].as_str().unwrap().to_owned();
        changes
            .iter()
            .map(|change| (text(change, "field"), text(change, "change")))
            .collect()
    }

    fn ignored(&self) -> Value {
        self.data("saveOrgOptions.ignoredFields").clone()
    }
}

impl TestApp {
    /// The organization's stored flags.
    pub async fn db_organization_flags(&self, organization: &Organization) -> i64 {
        let row = organization::Entity::find_by_id(organization.row())
            .one(&self.db)
            .await
            .unwrap();
        row.unwrap().flags
    }
}

/// What an option of an organization shows to `client`; a role shows its id.
async fn shown(client: &Client, organization: &Organization, name: &str) -> Value {
    let query = format!("query($slug: String!) {{ organization(slug: $slug) {{ options {{ {OPTIONS} }} }} }}");
    let reply = client.send(&query, json!({ "slug": organization.slug })).await.ok();
    let value = reply.data(&format!("organization.options.{name}")).clone();
    value.get("id").cloned().unwrap_or(value)
}

/// Stored option rows of an organization, by key.
async fn stored(app: &TestApp, organization: &Organization) -> Vec<(String, Option<Value>)> {
    let rows = organization_option::Entity::within(organization.row()).order_by_asc(organization_option::Column::Key);
    rows.all(&app.db)
        .await
        .unwrap()
        .into_iter()
        .map(|row| (row.key, row.value))
        .collect()
}

/// Pairs of a field and a change.
fn changes(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(field, change)| ((*field).to_owned(), (*change).to_owned()))
        .collect()
}
