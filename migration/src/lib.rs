//! Roster's schema: one step per file, for SQLite and PostgreSQL alike.
//!
//! A merged step never changes; what comes later is a new step. Every step is
//! one transaction on both databases, so it is there or it is not. Steps know
//! nothing of the entities, so they keep meaning what they meant.
//!
//! Nothing here keeps two nodes from migrating at once: whoever calls
//! [`MigratorTrait::up`] holds a lock around it.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::{MigrationTrait, async_trait};

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
        ]
    }
}
