//! Roster's schema: one step per file, for SQLite and PostgreSQL alike.
//!
//! A merged step never changes; what comes later is a new step. Every step is
//! one transaction on both databases, so it is there or it is not. Steps know
//! nothing of the entities, so they keep meaning what they meant.
//!
//! Nothing here keeps two nodes from migrating at once: whoever calls
//! [`MigratorTrait::up`] holds a lock around it.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::{
    MigrationTrait, async_trait,
    sea_orm::{ConnectionTrait, DbErr, Statement},
};

mod m20261121_000001_organization;
mod m20261121_000002_user;
mod m20261121_000003_member;
mod m20261121_000004_team;
mod m20261121_000005_auth;
mod m20261121_000006_avatar_and_files;
mod m20261121_000007_audit;
mod m20261121_000008_outbox_and_jobs;
mod m20261121_000009_invite_order;
mod m20261121_000010_job_lane;
mod m20261121_000011_member_expiry;
mod m20261121_000012_job_failures;
mod m20261121_000021_organization_deletion;
mod m20261121_000022_listed_members;
mod m20261121_000031_user_avatar;
mod m20261121_000032_organization_counter;
mod m20261121_000041_event_log;
mod m20261121_000051_webhooks;
mod m20261121_000061_job_handover;
mod table;

/// Every step, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_organization::Migration),
            Box::new(m20261121_000002_user::Migration),
            Box::new(m20261121_000003_member::Migration),
            Box::new(m20261121_000004_team::Migration),
            Box::new(m20261121_000005_auth::Migration),
            Box::new(m20261121_000006_avatar_and_files::Migration),
            Box::new(m20261121_000007_audit::Migration),
            Box::new(m20261121_000008_outbox_and_jobs::Migration),
            Box::new(m20261121_000009_invite_order::Migration),
            Box::new(m20261121_000010_job_lane::Migration),
            Box::new(m20261121_000011_member_expiry::Migration),
            Box::new(m20261121_000012_job_failures::Migration),
            Box::new(m20261121_000021_organization_deletion::Migration),
            Box::new(m20261121_000022_listed_members::Migration),
            Box::new(m20261121_000031_user_avatar::Migration),
            Box::new(m20261121_000032_organization_counter::Migration),
            Box::new(m20261121_000041_event_log::Migration),
            Box::new(m20261121_000051_webhooks::Migration),
            Box::new(m20261121_000061_job_handover::Migration),
        ]
    }
}

impl Migrator {
    /// Whether the database has every step. It may have more: while nodes are
    /// replaced one by one, those of the older version go on.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn is_done(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
        let mut steps = Self::migrations().into_iter();
        if let Ok(applied) = applied(db).await {
            return Ok(steps.all(|step| {
                applied
                    .binary_search_by(|known| known.as_str().cmp(step.name()))
                    .is_ok()
            }));
        }
        // Whether there is no such table, or no answer: looks through the
        // catalogue of the database.
        Ok(Self::get_pending_migrations(db).await?.is_empty())
    }

    /// Steps that the database has and this version does not know.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn unknown(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
        let known: Vec<_> = Self::migrations().iter().map(|step| step.name().to_owned()).collect();
        let mut applied = applied(db).await?;
        applied.retain(|step| !known.contains(step));
        Ok(applied)
    }
}

/// The steps that the database has, by name; an error also where it has none.
async fn applied(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let names = Statement::from_string(db.get_database_backend(), "SELECT version FROM seaql_migrations");
    let rows = db.query_all_raw(names).await?;
    let mut names = rows
        .iter()
        .map(|row| row.try_get_by_index(0))
        .collect::<Result<Vec<String>, DbErr>>()?;
    names.sort_unstable();
    Ok(names)
}
