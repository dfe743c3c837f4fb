//! Table `job`: work to be done after a change, written with it.

use sea_orm::entity::prelude::*;

use crate::ids::JobId;

/// Where a job is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i32", db_type = "Integer")]
pub enum JobStatus {
    /// Waits for its time or for a worker.
    #[sea_orm(num_value = 0)]
    Queued,
    /// A worker has it until its lease ends.
    #[sea_orm(num_value = 1)]
    Running,
    /// Given up; kept to be seen.
    #[sea_orm(num_value = 2)]
    Failed,
}

/// Jobs of one lane wait for each other, those of different lanes do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i32", db_type = "Integer")]
pub enum Lane {
    /// Work in our own database.
    #[sea_orm(num_value = 0)]
    Inside,
    /// Mails, which wait for somebody else's server.
    #[sea_orm(num_value = 1)]
    Mail,
    /// Calls of servers that organizations have named.
    #[sea_orm(num_value = 2)]
    Outside,
}

/// A row of `job`. Work that is done leaves no row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "job")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key)]
    pub id: JobId,
    /// Which work, by its stable name.
    pub kind: String,
    /// A few ids.
    pub payload: Json,
    /// Place in its life.
    pub status: JobStatus,
    /// How often it was begun.
    pub attempts: i32,
    /// How often it failed; the other attempts ended with their worker.
    pub failures: i32,
    /// Not to be begun before, UTC. While a worker has it: when its lease ends.
    pub due_at: DateTimeUtc,
    /// Until when a worker has it, UTC.
    pub lease_until: Option<DateTimeUtc>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// With what it waits.
    pub lane: Lane,
    /// Of work that repeats, its name; such a row stays.
    #[sea_orm(unique)]
    pub repeat_key: Option<String>,
    /// When it did, as far as anybody knows, what must not be done twice, UTC.
    pub handed_over_at: Option<DateTimeUtc>,
    /// When it was queued, UTC.
    pub date_added: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
