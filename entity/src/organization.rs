//! Table `organization`: the tenant (spec §2.1).

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::ids::OrganizationId;

/// Where an organization is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i32", db_type = "Integer")]
pub enum OrganizationStatus {
    /// In use.
    #[sea_orm(num_value = 0)]
    Active,
    /// Will be deleted unless restored in time.
    #[sea_orm(num_value = 1)]
    PendingDeletion,
    /// Being deleted; nobody sees it any more.
    #[sea_orm(num_value = 2)]
    DeletionInProgress,
    /// Reserved: shown to nobody.
    #[sea_orm(num_value = 3)]
    RelocationPendingApproval,
}

/// What an organization can require of its members, each by a flag. In jobs by
/// these names: never rename.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    /// A second factor.
    TwoFactor,
    /// A verified email address.
    VerifiedEmail,
}

impl Requirement {
    /// The flag of [`flag`] by which an organization has it.
    pub fn flag(self) -> i64 {
        match self {
            Self::TwoFactor => flag::REQUIRE_2FA,
            Self::VerifiedEmail => flag::REQUIRE_EMAIL_VERIFICATION,
        }
    }
}

/// A row of `organization`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organization")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key)]
    pub id: OrganizationId,
    /// Shown name, at most 64 characters.
    pub name: String,
    /// Name in addresses, unique (§16.4).
    #[sea_orm(unique)]
    pub slug: String,
    /// Place in its life.
    pub status: OrganizationStatus,
    /// When it was created, UTC.
    pub date_added: DateTimeUtc,
    /// Org role id for requests and joins.
    pub default_role: String,
    /// Made for a test.
    pub is_test: bool,
    /// Bit field; the bits are in [`flag`].
    pub flags: i64,
    /// When it is to be deleted, UTC; null unless that was asked for.
    pub delete_at: Option<DateTimeUtc>,
    /// Its members and invites.
    #[sea_orm(has_many)]
    pub members: HasMany<super::member::Entity>,
    /// Its single sign-on configuration.
    #[sea_orm(has_one)]
    pub auth_provider: HasOne<super::auth_provider::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::from_columns!(
    id,
    name,
    slug,
    status,
    date_added,
    default_role,
    is_test,
    flags,
    delete_at
);

impl Model {
    /// Whether the stored flag is set.
    pub fn has(&self, flag: i64) -> bool {
        self.flags & flag != 0
    }
}

/// Stored flags in bit order. Order is storage: never reorder, only append.
pub mod flag {
    /// Members may join any team freely.
    pub const ALLOW_JOINLEAVE: i64 = 1;
    /// Enhanced privacy.
    pub const ENHANCED_PRIVACY: i64 = 1 << 1;
    /// Sharing is off.
    pub const DISABLE_SHARED_ISSUES: i64 = 1 << 2;
    /// Takes new features early.
    pub const EARLY_ADOPTER: i64 = 1 << 3;
    /// Members need two-factor authentication.
    pub const REQUIRE_2FA: i64 = 1 << 4;
    /// Members need a verified email address.
    pub const REQUIRE_EMAIL_VERIFICATION: i64 = 1 << 6;
    /// Codecov integration.
    pub const CODECOV_ACCESS: i64 = 1 << 7;
    /// Members may not create projects.
    pub const DISABLE_MEMBER_PROJECT_CREATION: i64 = 1 << 8;
    /// Superusers who are no members stay outside.
    pub const PREVENT_SUPERUSER_ACCESS: i64 = 1 << 9;
    /// Members may not invite.
    pub const DISABLE_MEMBER_INVITE: i64 = 1 << 10;
}
