//! Whoever goes is told once, whatever happens to workers and mail servers, and
//! rather not at all; then that is to be seen, and a letter can be asked for.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use chrono::Utc;
use entity::{
    ids::RowId,
    invite_delivery::{self, DeliveryStatus},
    job::JobStatus,
};
use roster::config::MailTransport;
use sea_orm::ActiveValue::Set;

use super::*;
use crate::{
    jobs::eventually,
    support::{Reaction, Received},
};

impl Scene {
    /// An organization whose members are all to be told.
    async fn with_members(count: usize) -> Self {
        let scene = Self::start_with(|config| config.features.mail_invites = true).await;
        scene.app.expect_failures();
        scene.db_crowd(count).await;
        scene.saves(&scene.ann, json!({ "require2FA": true })).await;
        scene
    }

    /// Work that is not done.
    async fn db_work(&self) -> Vec<job::Model> {
        let mut jobs = self.app.db_jobs().await;
        jobs.retain(|job| job.repeat_key.is_none() && job.status != JobStatus::Failed);
        jobs
    }

    /// As if the leases of dead workers had ended, and all pauses.
    async fn db_hurry(&self) {
        for job in self.db_work().await {
            self.app.db_change_job(job.id, |job| job.due_at = Set(Utc::now())).await;
        }
    }

    /// Another worker does what is left.
    async fn finish(&self, mail: &SmtpServer) {
        self.finish_by(|| self.worker(mail)).await;
    }

    async fn finish_by(&self, start: impl FnOnce() -> Program) {
        self.db_hurry().await;
        let worker = start();
        eventually("all work is done", || async {
            self.db_work().await.is_empty().then_some(())
        })
        .await;
        worker.stop();
    }

    /// Addresses of those whose letter ended like this, and why.
    async fn db_ended(&self, status: DeliveryStatus) -> BTreeMap<String, Option<String>> {
        let rows = invite_delivery::Entity::find().all(&self.app.db).await.unwrap();
        let mut ended = BTreeMap::new();
        for row in rows.into_iter().filter(|row| row.status == status) {
            let member = member::Entity::find_by_id(row.member_id).one(&self.app.db).await;
            ended.insert(member.unwrap().unwrap().email.unwrap(), row.last_error);
        }
        ended
    }
}

/// Recipients, each of whom has exactly one letter.
fn told(letters: &[Received]) -> BTreeSet<String> {
    let told: BTreeSet<String> = letters.iter().flat_map(|letter| letter.to.clone()).collect();
    assert_eq!(told.len(), letters.len(), "somebody was told twice");
    told
}

fn is_unknown(reason: Option<&String>) -> bool {
    reason.is_some_and(|reason| reason.starts_with("Nobody knows whether"))
}

#[tokio::test]
async fn a_worker_that_dies_before_it_hears_the_yes_leaves_one_letter_and_says_so() {
    ends_before_it_hears_the_yes("KILL").await;
}

/// It gives the job back, and whoever takes it knows that the letter may be there.
#[tokio::test]
async fn a_worker_that_is_stopped_before_it_hears_the_yes_leaves_one_letter_and_says_so() {
    ends_before_it_hears_the_yes("TERM").await;
}

async fn ends_before_it_hears_the_yes(signal: &str) {
    const MEMBERS: usize = 3;
    let scene = Scene::with_members(MEMBERS).await;
    let mail = SmtpServer::start();
    // Takes the letter, and its yes never comes.
    mail.on(".", Reaction::Hang);
    let worker = scene.worker_with(&mail, "30s");
    mail.wait_for(1).await;
    worker.signal(signal);
    worker.end();
    mail.heal();
    scene.finish(&mail).await;

    let letters = mail.received();
    assert_eq!(told(&letters).len(), MEMBERS);
    let failed = scene.db_ended(DeliveryStatus::Failed).await;
    let first = &letters[0].to[0];
    assert_eq!(failed.keys().collect::<Vec<_>>(), [first]);
    assert!(is_unknown(failed[first].as_ref()), "{failed:?}");
    assert_eq!(scene.db_ended(DeliveryStatus::Sent).await.len(), MEMBERS - 1);

    // Who wants to be sure asks for another letter.
    let row = member::Entity::find().filter(member::Column::Email.eq(first));
    let invite = row.one(&scene.app.db).await.unwrap().unwrap().id.global();
    let asked = scene
        .ann
        .mutate("resendInvite", "invite { id }", json!({ "memberId": invite }))
        .await;
    asked.done("resendInvite");
    scene.finish(&mail).await;
    let letters = mail.received();
    assert_eq!((letters.len(), &letters[MEMBERS].to[0]), (MEMBERS + 1, first));
}

#[tokio::test]
async fn a_server_that_falls_silent_is_not_told_again() {
    const MEMBERS: usize = 2;
    for silence in [Reaction::Drop, Reaction::Hang] {
        let scene = Scene::with_members(MEMBERS).await;
        let mail = SmtpServer::start();
        mail.on(".", silence);
        scene.finish(&mail).await;
        assert_eq!(told(&mail.received()).len(), MEMBERS, "{silence:?}");
        let failed = scene.db_ended(DeliveryStatus::Failed).await;
        assert_eq!(failed.len(), MEMBERS);
        assert!(failed.values().all(|reason| is_unknown(reason.as_ref())), "{failed:?}");
    }
}

#[tokio::test]
async fn a_letter_that_was_surely_not_taken_is_sent_again() {
    const MEMBERS: usize = 2;
    for step in ["MAIL", "RCPT", "DATA", "."] {
        let scene = Scene::with_members(MEMBERS).await;
        let mail = SmtpServer::start();
        mail.on(step, Reaction::Say("451 4.3.0 later"));
        let worker = scene.worker(&mail);
        eventually("each was tried", || async {
            let work = scene.db_work().await;
            let tried = work.iter().filter(|job| job.last_error.is_some());
            (tried.count() == MEMBERS).then_some(())
        })
        .await;
        worker.signal("KILL");
        worker.end();
        mail.heal();
        scene.finish(&mail).await;
        assert_eq!(told(&mail.received()).len(), MEMBERS, "{step}");
        assert_eq!(scene.db_ended(DeliveryStatus::Sent).await.len(), MEMBERS, "{step}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_nobody_is_told_twice() {
    const MEMBERS: usize = 150;
    const KILLS: usize = 12;
    let scene = Scene::with_members(MEMBERS).await;
    let mail = SmtpServer::start();
    mail.on(".", Reaction::Wait(Duration::from_millis(15)));
    // On a busy machine an answer takes long, and nobody is to give up for that.
    let patient = || scene.worker_with(&mail, "20s");
    for kill in 1..=KILLS {
        let before = mail.received().len();
        let worker = patient();
        mail.wait_for((before + 1).min(MEMBERS)).await;
        tokio::time::sleep(Duration::from_millis(kill as u64 * 3)).await;
        worker.signal("KILL");
        worker.end();
        scene.db_hurry().await;
    }
    scene.finish_by(patient).await;

    let told = told(&mail.received());
    let sent = scene.db_ended(DeliveryStatus::Sent).await;
    let failed = scene.db_ended(DeliveryStatus::Failed).await;
    assert_eq!(sent.len() + failed.len(), MEMBERS);
    assert!(
        sent.keys().all(|address| told.contains(address)),
        "noted as sent, and never came"
    );
    assert!(failed.len() <= KILLS, "{failed:?}");
    assert!(failed.values().all(|reason| is_unknown(reason.as_ref())), "{failed:?}");
    assert!(!failed.is_empty(), "no kill met a letter");
}

#[tokio::test]
async fn a_letter_that_was_overtaken_is_not_sent() {
    let scene = Scene::with_members(1).await;
    let mail = SmtpServer::start();
    mail.on("MAIL", Reaction::Say("451 4.3.0 later"));
    let worker = scene.worker(&mail);
    eventually("it was tried", || async {
        let work = scene.db_work().await;
        work.iter().any(|job| job.last_error.is_some()).then_some(())
    })
    .await;
    worker.stop();
    let row = member::Entity::within(scene.acme.row()).filter(member::Column::UserId.is_null());
    let invite = row.one(&scene.app.db).await.unwrap().unwrap().id.global();
    let asked = scene
        .ann
        .mutate("resendInvite", "invite { id }", json!({ "memberId": invite }))
        .await;
    asked.done("resendInvite");

    mail.heal();
    scene.finish(&mail).await;
    assert_eq!(mail.received().len(), 1);
    assert_eq!(scene.db_ended(DeliveryStatus::Sent).await.len(), 1);
}

#[tokio::test]
async fn where_no_mail_is_sent_none_is_said_to_be() {
    let scene = Scene::start_with(|config| config.mail.transport = MailTransport::None).await;
    let bobs = scene.joined(&scene.app.person("bob"), "member").await;
    scene.saves(&scene.ann, json!({ "require2FA": true })).await;
    let silent = |config: &mut Config| {
        working(config);
        config.mail.transport = MailTransport::None;
    };
    let worker = scene.app.node_with(silent).await;
    scene.app.db_idle().await;
    drop(worker);

    assert!(scene.is_pending(&bobs).await);
    assert!(scene.db_ended(DeliveryStatus::Sent).await.is_empty());
    assert!(scene.db_ended(DeliveryStatus::Queued).await.is_empty());
    let query = "query($id: ID!) { node(id: $id) { ... on Organization { counters { invitesSent } } } }";
    let told = scene.ann.with(json!({ "amr": ["pwd", "otp"] }));
    let reply = told.send(query, json!({ "id": scene.acme.id })).await.ok();
    assert_eq!(reply.data("node.counters.invitesSent"), 0);
}
