//! Enforcing what an organization requires of its members (§19).

mod addresses;
mod foretold;
mod large;
mod members;
mod once;
mod owners;
mod races;
mod stopping;

use entity::{job, member, organization::flag, user};
use mail_parser::MessageParser;
use roster::config::Config;
use sea_orm::prelude::*;
use serde_json::{Value, json};

use crate::{
    command::Program,
    jobs::working,
    read::people,
    support::{Client, Organization, Reply, SmtpServer, TestApp},
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

    /// Members without a second factor, each in a team.
    async fn db_crowd(&self, count: usize) -> Vec<member::Model> {
        let red = [("red".to_owned(), "Red".to_owned())];
        let team = self.app.db_teams(&self.acme, &red).await.remove(0);
        let mut members = Vec::new();
        for chunk in people("Bob", count).chunks(500) {
            let people = self.app.db_people(chunk).await;
            let rows = self.app.db_joined(&self.acme, &people, |_, _| ()).await;
            let places: Vec<_> = rows.iter().map(|row| (team.id, row.id)).collect();
            self.app.db_in_teams(&places).await;
            members.extend(rows);
        }
        members
    }

    /// A worker that brings its letters to `mail`.
    fn worker(&self, mail: &SmtpServer) -> Program {
        self.worker_with(mail, "500ms")
    }

    /// The same, which waits for the server's answers as long as that.
    fn worker_with(&self, mail: &SmtpServer, patience: &str) -> Program {
        let place = self.app.place();
        let place = place
            .set("ROSTER_MAIL__TRANSPORT", "smtp")
            .set("ROSTER_MAIL__SMTP_URL", &mail.url())
            .set("ROSTER_MAIL__TIMEOUT", patience)
            .set("ROSTER_JOBS__POLL_EVERY", "20ms")
            .set("ROSTER_DRAIN__TIMEOUT", "900ms")
            // What changed stays to be looked at.
            .set("ROSTER_OUTBOX__CONCURRENCY", "0")
            .set("ROSTER_LOG__JSON", "true");
        place.spawn(&["work"])
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
