//! Table `organization_avatar` (spec §2.7).

use sea_orm::entity::prelude::*;

use crate::ids::{AvatarId, FileId, OrganizationId};

/// What an avatar shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i32", db_type = "Integer")]
pub enum AvatarType {
    /// Initials on a colour; there is no picture.
    #[sea_orm(num_value = 0)]
    LetterAvatar,
    /// An uploaded picture.
    #[sea_orm(num_value = 1)]
    Upload,
}

/// A row of `organization_avatar`; a missing row means a letter avatar.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organization_avatar")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key)]
    pub id: AvatarId,
    /// The organization, unique.
    #[sea_orm(unique)]
    pub organization_id: OrganizationId,
    /// What is shown.
    pub avatar_type: AvatarType,
    /// The picture, kept while a letter is shown.
    #[sea_orm(unique)]
    pub file_id: Option<FileId>,
    /// Public id in the address of the picture: 32 hex digits, random.
    #[sea_orm(unique)]
    pub ident: String,
}

impl ActiveModelBehavior for ActiveModel {}

crate::from_columns!(id, organization_id, avatar_type, file_id, ident);
