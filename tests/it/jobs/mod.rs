//! Work that is done after a request: who does it, when, how often, and what
//! becomes of it when it fails.

mod commands;
mod killed;
mod leases;
mod mail;
mod sweep;

use std::time::Duration;

use entity::job::JobStatus;
use roster::config::Config;
use serde_json::json;

use crate::support::{Client, TestApp};

/// A server that works, and looks for work all the time.
pub fn working(config: &mut Config) {
    config.jobs.in_serve = true;
    config.jobs.poll_every = Duration::from_millis(50);
    config.jobs.retries = vec![Duration::from_millis(50); 2];
    // What changed stays to be looked at.
    config.outbox.concurrency = 0;
}

/// A server that works as [`working`], and delivers what changed.
pub fn delivering(config: &mut Config) {
    working(config);
    config.outbox.concurrency = 4;
}

/// A server that works as [`working`], and cannot store its mail.
fn without_mail(config: &mut Config) {
    working(config);
    // No folder can be made below a file.
    let file = config.data_dir.join("no-folder");
    std::fs::write(&file, "").unwrap();
    config.mail.folder = Some(file.join("mail"));
}

/// What `look` finds, which must be there in time.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let end = std::time::Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(std::time::Instant::now() < end, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

impl TestApp {
    /// Waits until nothing is left to do but what repeats.
    pub async fn db_idle(&self) {
        eventually("all work is done", || async {
            let jobs = self.db_jobs().await;
            // What is to be swept later waits.
            let soon = chrono::Utc::now() + chrono::TimeDelta::seconds(45);
            let is_later = |job: &entity::job::Model| job.status == JobStatus::Queued && job.due_at > soon;
            let is_done = |job: &entity::job::Model| job.repeat_key.is_some() || is_later(job);
            jobs.iter().all(is_done).then_some(())
        })
        .await;
    }

    /// Sets when the job may be begun, as if that time had come or gone.
    pub async fn db_change_job(&self, id: entity::ids::JobId, change: impl FnOnce(&mut entity::job::ActiveModel)) {
        use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
        let job = entity::job::Entity::find_by_id(id)
            .one(&self.db)
            .await
            .unwrap()
            .unwrap();
        let mut job = job.into_active_model();
        change(&mut job);
        job.update(&self.db).await.unwrap();
    }

    /// Letters in the folder that mail goes to.
    pub fn letters(&self) -> Vec<String> {
        let folder = self.folder().join("mail");
        let Ok(entries) = std::fs::read_dir(folder) else {
            return Vec::new();
        };
        let files = entries.map(|entry| entry.unwrap().path());
        let letters = files.filter(|path| path.extension().is_some_and(|end| end == "eml"));
        letters.map(|path| std::fs::read_to_string(path).unwrap()).collect()
    }
}

impl Client {
    /// What is told of the mail of an invite.
    pub async fn delivery(&self, invite: &str) -> serde_json::Value {
        let query = "query($id: ID!) { node(id: $id) { ... on Invite {
            delivery { status attempts lastSentAt lastError } } } }";
        let reply = self.send(query, json!({ "id": invite })).await.ok();
        reply.data("node.delivery").clone()
    }

    /// The same, once it has this status.
    pub async fn delivered(&self, invite: &str, status: &str) -> serde_json::Value {
        eventually(&format!("the mail is {status}"), || async {
            let delivery = self.delivery(invite).await;
            (delivery["status"] == status).then_some(delivery)
        })
        .await
    }
}
