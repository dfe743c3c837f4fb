//! Avatars of organizations and people.

use std::sync::Arc;

use async_graphql::{Context, Enum, InputObject, MaybeUndefined, Object, SimpleObject};
use entity::{organization, user};

use super::{
    context::ContextExt,
    error::{IntoPayload, Payload, Reply, UserError},
    options::told,
    scalar::{Upload, Url},
    user::User,
};
use crate::domain::avatar::{self, Given, Kind, Shown, color, initials, nearest_size};

/// What an avatar shows.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Kind")]
pub enum AvatarType {
    /// Initials on a colour.
    LetterAvatar,
    /// An uploaded picture.
    Upload,
}

/// A picture of somebody, or how to draw one.
pub struct Avatar {
    picture: Option<String>,
    /// Whether somebody has said what is to be shown.
    pub is_chosen: bool,
    /// Where pictures of this kind are.
    gallery: &'static str,
    id: i64,
    name: String,
}

impl Avatar {
    /// The avatar of an organization.
    pub async fn of(ctx: &Context<'_>, organization: &organization::Model) -> Reply<Self> {
        let row = ctx.loaders().avatars.load(organization.id).await?;
        let shown = row.map(|row| Shown::from((*row).clone()));
        Ok(Self {
            picture: shown.as_ref().and_then(Shown::picture).map(str::to_owned),
            is_chosen: shown.is_some(),
            gallery: "organization-avatar",
            id: organization.id.0,
            name: organization.name.clone(),
        })
    }

    /// The avatar of a person, with the name by which the caller knows them.
    pub fn of_user(user: &user::Model, name: String) -> Self {
        let shown = Shown::of_user(user);
        Self {
            picture: shown.as_ref().and_then(Shown::picture).map(str::to_owned),
            is_chosen: shown.is_some(),
            gallery: "user-avatar",
            id: user.id.0,
            name,
        }
    }

    /// Address of the picture in a size, while one is shown.
    pub fn address(&self, ctx: &Context<'_>, size: i32) -> Option<Url> {
        let ident = self.picture.as_ref()?;
        let size = nearest_size(size.into());
        let (public_url, gallery) = (ctx.app().config.public_url(), self.gallery);
        Some(Url(format!("{public_url}/{gallery}/{ident}/?s={size}")))
    }
}

/// A picture of somebody, or how to draw one.
#[Object]
impl Avatar {
    /// What it shows.
    async fn r#type(&self) -> AvatarType {
        if self.picture.is_some() {
            AvatarType::Upload
        } else {
            AvatarType::LetterAvatar
        }
    }

    /// Address of the picture as PNG; what is there never changes. Null for a
    /// letter avatar: draw `initials` on `color`.
    async fn url(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            default_with = "Some(120)",
            desc = "Width and height in pixels; the nearest of 20, 32, 36, 48, 52, 64, 80, 96 and 120 is taken."
        )]
        size: Option<i32>,
    ) -> Option<Url> {
        self.address(ctx, size.unwrap_or(120))
    }

    /// One or two letters that stand for the name.
    async fn initials(&self) -> String {
        initials(&self.name)
    }

    /// A colour that stays the same, such as `#4e6a9f`; white letters are
    /// readable on it.
    async fn color(&self) -> &str {
        color(self.id)
    }
}

/// What a caller wants to be shown.
pub(super) fn given(ctx: &Context<'_>, kind: MaybeUndefined<AvatarType>, photo: MaybeUndefined<Upload>) -> Given {
    Given {
        kind: told(kind).map(|kind| kind.map(Kind::from)),
        photo: told(photo).map(|photo| photo.map(|photo| photo.bytes(ctx))),
    }
}

/// What `saveViewerAvatar` needs.
#[derive(InputObject)]
pub struct SaveViewerAvatarInput {
    /// What is shown. Without it, and with a picture: the picture.
    avatar_type: MaybeUndefined<AvatarType>,
    /// A picture: GIF, JPEG or PNG, square, 256 to 1024 pixels wide, at most
    /// 5,000,000 bytes. It is kept while a letter is shown.
    avatar: MaybeUndefined<Upload>,
}

/// What `saveViewerAvatar` answers.
#[derive(SimpleObject)]
pub struct SaveViewerAvatarPayload {
    /// You.
    user: Option<User>,
    /// Why it was refused; empty if it was not.
    user_errors: Vec<UserError>,
}

impl Payload<user::Model> for SaveViewerAvatarPayload {
    fn done(user: user::Model) -> Self {
        Self {
            user: Some(User::new(Arc::new(user))),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            user: None,
            user_errors,
        }
    }
}

/// Mutations of avatars.
#[derive(Default)]
pub struct AvatarMutation;

#[Object]
impl AvatarMutation {
    /// Chooses what stands for you: a picture, or a letter. It is shown in place
    /// of the picture that your identity provider has of you.
    ///
    /// Requires a signed-in person.
    async fn save_viewer_avatar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is shown.")] input: SaveViewerAvatarInput,
    ) -> Reply<SaveViewerAvatarPayload> {
        let given = given(ctx, input.avatar_type, input.avatar);
        avatar::save_own(ctx.app(), ctx.actor(), given).await.into_payload()
    }
}
