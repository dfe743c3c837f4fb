//! Table `invite_delivery`: what became of an invite's mail.

use sea_orm::entity::prelude::*;

use crate::ids::{JobId, MemberId};

/// Where the newest mail of an invite is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i32", db_type = "Integer")]
pub enum DeliveryStatus {
    /// Waits to be sent.
    #[sea_orm(num_value = 0)]
    Queued,
    /// Taken by the mail server.
    #[sea_orm(num_value = 1)]
    Sent,
    /// Given up.
    #[sea_orm(num_value = 2)]
    Failed,
}

/// A row of `invite_delivery`; a missing row means that no mail was asked for.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invite_delivery")]
pub struct Model {
    /// The pending member.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: MemberId,
    /// Where the newest mail is.
    pub status: DeliveryStatus,
    /// The job that sends the newest mail.
    pub job_id: Option<JobId>,
    /// How often the newest mail was tried.
    pub attempts: i32,
    /// When a mail was last taken by the mail server, UTC.
    pub last_sent_at: Option<DateTimeUtc>,
    /// Why the newest mail failed, in words that are safe to show.
    pub last_error: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::from_columns!(member_id, status, job_id, attempts, last_sent_at, last_error);
