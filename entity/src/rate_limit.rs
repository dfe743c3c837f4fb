//! Table `rate_limit`: fixed windows and how often something happened in them
//! (spec §24.3).

use sea_orm::entity::prelude::*;

/// A row of `rate_limit`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rate_limit")]
pub struct Model {
    /// What is limited and for whom, such as `invite:organization:7`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// Number of the window since 1970: seconds divided by the window's length.
    #[sea_orm(primary_key, auto_increment = false)]
    pub window: i64,
    /// Attempts in this window.
    pub count: i64,
    /// When the window ends and the row is of no more use, UTC.
    pub expires_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
