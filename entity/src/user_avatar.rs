//! Table `user_avatar`: what stands for a person, by their own choice.

use sea_orm::entity::prelude::*;

use crate::{
    ids::{FileId, UserAvatarId, UserId},
    organization_avatar::AvatarType,
};

/// A row of `user_avatar`; a missing row leaves it to the identity provider.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_avatar")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key)]
    pub id: UserAvatarId,
    /// The person, unique.
    #[sea_orm(unique)]
    pub user_id: UserId,
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
