//! Table `organization_option`: settings of an organization (spec §2.2).

use sea_orm::{QuerySelect, entity::prelude::*};

use crate::ids::{OrganizationId, OrganizationOptionId};

/// A row of `organization_option`. A missing row means the default.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "organization_option")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key)]
    pub id: OrganizationOptionId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// Option key, at most 64 characters, unique within the organization.
    pub key: String,
    /// The value; null is a value.
    pub value: Option<Json>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Options of one organization.
    pub fn within(organization: OrganizationId) -> Select<Self> {
        Self::find().filter(Column::OrganizationId.eq(organization)).limit(1000)
    }
}
