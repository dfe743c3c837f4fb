//! Table `auth_identity`: which people are linked to which auth provider
//! (spec §2.6).

use sea_orm::entity::prelude::*;

use crate::ids::{AuthIdentityId, AuthProviderId, UserId};

/// A row of `auth_identity`; unique by provider and person.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "auth_identity")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key)]
    pub id: AuthIdentityId,
    /// The provider.
    pub auth_provider_id: AuthProviderId,
    /// The person.
    pub user_id: UserId,
    /// When it was linked, UTC.
    pub date_added: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
