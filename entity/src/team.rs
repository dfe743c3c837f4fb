//! Table `team` (spec §2.5).

use sea_orm::{entity::prelude::*, sea_query::Expr};

use crate::ids::{OrganizationId, TeamId};

/// Where a team is in its life. Only active teams are visible anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i32", db_type = "Integer")]
pub enum TeamStatus {
    /// In use.
    #[sea_orm(num_value = 0)]
    Active,
    /// Will be deleted.
    #[sea_orm(num_value = 1)]
    PendingDeletion,
    /// Being deleted.
    #[sea_orm(num_value = 2)]
    DeletionInProgress,
}

/// A row of `team`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "team")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key)]
    pub id: TeamId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// Name in addresses, unique within the organization.
    pub slug: String,
    /// Shown name, at most 64 characters.
    pub name: String,
    /// Place in its life.
    pub status: TeamStatus,
    /// Its members come from the identity provider and cannot be changed here.
    pub idp_provisioned: bool,
    /// When it was made, UTC.
    pub date_added: DateTimeUtc,
    /// Who is in it.
    #[sea_orm(has_many)]
    pub memberships: HasMany<super::team_member::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

crate::from_columns!(id, organization_id, slug, name, status, idp_provisioned, date_added);

impl Entity {
    /// Active teams of one organization. Exactly the condition of an index, which
    /// must not depend on a parameter.
    pub fn within(organization: OrganizationId) -> Select<Self> {
        Self::find()
            .filter(Column::OrganizationId.eq(organization))
            .filter(Expr::cust(r#""team"."status" = 0"#))
    }
}
