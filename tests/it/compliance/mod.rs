//! Enforcing what an organization requires of its members (§19).

mod addresses;
mod foretold;
mod large;
mod members;
mod owners;
mod races;
mod stopping;

use entity::{job, organization::flag, user};
use mail_parser::MessageParser;
use roster::config::Config;
use sea_orm::prelude::*;
use serde_json::{Value, json};

use crate::{
    jobs::working,
    support::{Client, Organization, Reply, TestApp},
};

const SAVE: &str = "saveOrgOptions";
const MEMBER_PENDING: i32 = 8;
const ENFORCE: &str = "enforce_compliance";

/// Acme and its owner Ann, who has a second factor and a verified address.
struct Scene {
    app: TestApp,
    acme: Organization,
    ann: Client,
}

/// A letter that was sent.
#[derive(Debug)]
struct Letter {
    to: String,
    subject: String,
    text: String,
}

impl Letter {
    /// The token of the link in it.
    fn token(&self) -> Option<String> {
        let (_, rest) = self.text.split_once("/invite/")?;
        rest.split_whitespace().next().map(str::to_owned)
    }
}

impl Scene {
    async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let app = TestApp::start_with(|config| {
            config.rate_limits.enabled = false;
            // Letters that nobody asked about.
            config.features.mail_invites = false;
            change(config);
        })
        .await;
        let ann = enrolled(&app.person("ann")).seen().await;
        let acme = app.organization_of(&ann, "Acme").await;
        Self { app, acme, ann }
    }

    /// Somebody who joined with `role`, as the claims of `person` are; the member.
    async fn joined(&self, person: &Client, role: &str) -> String {
        self.app.join(&self.acme, &self.ann, person, role).await
    }

    /// `caller` saves what Acme requires; nothing is done about it yet.
    async fn saves(&self, caller: &Client, input: Value) {
        save(caller, &self.acme, input).await.done(SAVE);
    }

    /// Ann saves what Acme requires, and what follows is done.
    async fn enforced(&self, input: Value) {
        self.saves(&self.ann, input).await;
        self.work().await;
    }

    /// Does what there is to do.
    async fn work(&self) {
        let _worker = self.app.node_with(working).await;
        self.app.db_idle().await;
    }

    /// Whether the member has lost the place to an open invite.
    async fn is_pending(&self, member: &str) -> bool {
        self.app.db_member(member).await.unwrap().is_pending()
    }

    /// Members who became pending, as the audit log has it: by whom, and who.
    async fn entries(&self) -> Vec<(Option<String>, String)> {
        let entries = self.app.db_audit(&self.acme).await.into_iter();
        let pending = entries.filter(|entry| entry.event == MEMBER_PENDING);
        pending.map(|entry| (entry.actor, entry.target_user.unwrap())).collect()
    }

    /// All letters, by recipient.
    fn letters(&self) -> Vec<Letter> {
        let parse = |source: String| {
            let message = MessageParser::default().parse(source.as_bytes()).unwrap();
            Letter {
                to: message.to().unwrap().first().unwrap().address().unwrap().to_owned(),
                subject: message.subject().unwrap().to_owned(),
                text: message.body_text(0).unwrap().into_owned(),
            }
        };
        let mut letters: Vec<Letter> = self.app.letters().into_iter().map(parse).collect();
        letters.sort_by(|one, other| one.to.cmp(&other.to));
        letters
    }

    /// To whom letters went.
    fn recipients(&self) -> Vec<String> {
        self.letters().into_iter().map(|letter| letter.to).collect()
    }

    /// The walk through the members that waits.
    async fn db_walk(&self) -> job::Model {
        let mut jobs = self.app.db_jobs().await;
        jobs.retain(|job| job.kind == ENFORCE);
        assert_eq!(jobs.len(), 1, "{jobs:#?}");
        jobs.remove(0)
    }

    /// Changes what is known of the person.
    async fn db_change_person(&self, person: &Client, change: impl FnOnce(&mut user::ActiveModel)) {
        let id: entity::ids::UserId = crate::support::row(&person.user_id().await);
        let row = user::Entity::find_by_id(id).one(&self.app.db).await.unwrap().unwrap();
        let mut active = sea_orm::IntoActiveModel::into_active_model(row);
        change(&mut active);
        active.update(&self.app.db).await.unwrap();
    }
}

/// This person with a second factor.
fn enrolled(person: &Client) -> Client {
    person.with(json!({ "amr": ["pwd", "otp"] }))
}

/// This person with an address that nobody vouches for.
fn unverified(person: &Client) -> Client {
    person.with(json!({ "email_verified": false }))
}

/// `saveOrgOptions` with `input` besides the organization.
async fn save(caller: &Client, organization: &Organization, mut input: Value) -> Reply {
    input["organizationId"] = json!(organization.id);
    caller.mutate(SAVE, "organization { id }", input).await
}
