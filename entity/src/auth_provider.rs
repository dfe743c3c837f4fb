//! Table `auth_provider`: single sign-on of an organization (spec §2.6).

use sea_orm::entity::prelude::*;

use crate::ids::{AuthProviderId, OrganizationId};

/// A row of `auth_provider`; at most one per organization.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "auth_provider")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key)]
    pub id: AuthProviderId,
    /// The organization, unique.
    #[sea_orm(unique)]
    pub organization_id: OrganizationId,
    /// Provider key, such as `google` or `saml2`.
    pub provider: String,
    /// Shown name.
    pub name: String,
    /// Single sign-on is optional.
    pub allow_unlinked: bool,
    /// Members are provisioned by SCIM.
    pub scim_enabled: bool,
    /// When it was set up, UTC.
    pub date_added: DateTimeUtc,
    /// The organization's row.
    #[sea_orm(belongs_to, from = "organization_id", to = "id")]
    pub organization: BelongsTo<super::organization::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::from_columns!(
    id,
    organization_id,
    provider,
    name,
    allow_unlinked,
    scim_enabled,
    date_added
);
