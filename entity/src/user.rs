//! Table `user`: people, known by their identity provider (spec §27.1).

use sea_orm::entity::prelude::*;

use crate::{
    ids::{FileId, UserId},
    organization_avatar::AvatarType,
};

/// A row of `user`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key)]
    pub id: UserId,
    /// Claim `iss`; with `subject` unique.
    pub issuer: String,
    /// Claim `sub`.
    pub subject: String,
    /// Shown name; empty when the provider gives none.
    pub name: String,
    /// Primary address as the provider spells it.
    pub email: Option<String>,
    /// The address in lower case, for lookups. Only a verified address is ever
    /// matched against anything.
    pub email_key: Option<String>,
    /// Whether the provider vouches for the address.
    pub is_email_verified: bool,
    /// Whether the last session that said so had a second factor.
    pub has_two_factor: bool,
    /// Claim `picture`.
    pub avatar_url: Option<String>,
    /// What is shown by the person's own choice; null leaves it to the provider.
    pub avatar_type: Option<AvatarType>,
    /// The person's own picture, kept while a letter is shown.
    pub avatar_file_id: Option<FileId>,
    /// Public id in the address of the picture: 32 hex digits, random, unique.
    pub avatar_ident: Option<String>,
    /// False: may not sign in any more.
    pub is_active: bool,
    /// First sight, UTC.
    pub date_added: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

crate::from_columns!(
    id,
    issuer,
    subject,
    name,
    email,
    email_key,
    is_email_verified,
    has_two_factor,
    avatar_url,
    avatar_type,
    avatar_file_id,
    avatar_ident,
    is_active,
    date_added,
);

impl Model {
    /// The name to show: the name, else the address, else the subject.
    pub fn display_name(&self) -> &str {
        match (self.name.as_str(), &self.email) {
            ("", Some(email)) => email,
            ("", None) => &self.subject,
            (name, _) => name,
        }
    }

    /// The name that member lists are sorted by and searched in: an address
    /// only if the provider vouches for it, as nothing else may be matched.
    pub fn sort_name(&self) -> String {
        match self.name.as_str() {
            "" => self.verified_email().unwrap_or_default().to_owned(),
            name => name.to_lowercase(),
        }
    }

    /// The address in lower case, if the provider vouches for it.
    pub fn verified_email(&self) -> Option<&str> {
        self.email_key.as_deref().filter(|_| self.is_email_verified)
    }
}
