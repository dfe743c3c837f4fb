//! Avatars (spec §17): what stands for an organization or a person where there
//! is little room.

mod letter;
mod photo;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use entity::{
    ids::{AvatarId, FileId, OrganizationId, UserId},
    organization_avatar, user,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set, Unchanged},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
};
use tokio::sync::Semaphore;
use uuid::Uuid;

pub use self::{
    letter::{color, initials},
    photo::{BYTES_MAX, Photo},
};
use crate::{
    app::App,
    auth::Actor,
    clock,
    db::{self, ForUpdate, Write},
    error::{Code, Error, Refusal, Refusals, Result},
    outbox::{self, Change},
    queue::{self, Work},
    storage::{self, Staged},
};

/// What an avatar shows.
pub type Kind = organization_avatar::AvatarType;

/// Widths, and heights, in which pictures are shown (§17.4).
pub const SIZES: [u32; 9] = [20, 32, 36, 48, 52, 64, 80, 96, 120];

/// How long what was made from a picture stays after the picture: somebody may
/// be making it.
const RENDERING_GRACE: std::time::Duration = std::time::Duration::from_secs(60);

/// Pictures that this process decodes at a time: each takes a core, and memory.
static DECODING: Semaphore = Semaphore::const_new(1);

/// Whose avatar it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// An organization.
    Organization(OrganizationId),
    /// A person.
    User(UserId),
}

/// What a caller wants to be shown. `None` leaves a thing as it is;
/// `Some(None)` is an explicit null.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// What is shown; a picture, if one is given.
    pub kind: Option<Option<Kind>>,
    /// Bytes of a picture.
    pub photo: Option<Option<Bytes>>,
}

/// An avatar that can be saved.
#[derive(Debug)]
pub struct Ready {
    kind: Kind,
    has_photo: bool,
    /// The picture, where it will be kept.
    photo: Option<Staged>,
}

impl Given {
    /// Whether nothing was given.
    pub fn is_empty(&self) -> bool {
        self.kind.is_none() && self.photo.is_none()
    }

    /// Looks at what was given and, unless it is only to be looked at, brings the
    /// picture to where it will be kept; `None` for nothing.
    ///
    /// # Errors
    /// `VALIDATION_FAILED` for null; those of [`Photo::check`]; a file store
    /// that does not answer.
    pub async fn prepare(self, app: &App, is_dry_run: bool) -> Result<Option<Ready>> {
        if self.is_empty() {
            return Ok(None);
        }
        let mut refusals = Refusals::default();
        let null = |field| {
            let refusal = Code::ValidationFailed.at([field]);
            refusal.saying("This cannot be null; leave it out to keep it as it is.")
        };
        let kind = self.kind.unwrap_or(Some(Kind::Upload));
        let kind = refusals.note(kind.ok_or_else(|| null("avatarType")));
        let photo = match self.photo {
            None => None,
            Some(None) => refusals.note(Err(null("avatar"))),
            Some(Some(bytes)) => {
                let turn = DECODING.acquire().await.map_err(Error::internal)?;
                // Keeps its turn also when nobody waits for it any more.
                let checked = tokio::task::spawn_blocking(move || {
                    let checked = Photo::check(bytes);
                    drop(turn);
                    checked
                });
                let checked = checked.await.map_err(Error::internal)?;
                refusals.note(checked.map_err(|code| code.at(["avatar"])))
            }
        };
        let kind = refusals.finish(kind)?;
        let staged = match &photo {
            Some(photo) if !is_dry_run => Some(app.storage.stage(&app.db, photo.bytes().as_ref(), clock::now()).await?),
            _ => None,
        };
        Ok(Some(Ready {
            kind,
            has_photo: photo.is_some(),
            photo: staged,
        }))
    }
}

/// What is shown for somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The row.
    id: i64,
    /// What is shown.
    pub kind: Kind,
    /// The picture, kept while a letter is shown.
    file: Option<FileId>,
    /// Public id of the picture.
    pub ident: String,
}

impl Shown {
    /// What a person has chosen to be shown.
    pub fn of_user(user: &user::Model) -> Option<Self> {
        Some(Self {
            id: user.id.0,
            kind: user.avatar_type?,
            file: user.avatar_file_id,
            ident: user.avatar_ident.clone()?,
        })
    }

    /// Public id of the picture, while one is shown.
    pub fn picture(&self) -> Option<&str> {
        let is_shown = self.kind == Kind::Upload && self.file.is_some();
        is_shown.then_some(self.ident.as_str())
    }
}

impl From<organization_avatar::Model> for Shown {
    fn from(row: organization_avatar::Model) -> Self {
        Self {
            id: row.id.0,
            kind: row.avatar_type,
            file: row.file_id,
            ident: row.ident,
        }
    }
}

/// What is shown for an organization, if that was ever said.
///
/// # Errors
/// A database that does not answer.
pub async fn of_organization(db: &impl ConnectionTrait, id: OrganizationId) -> Result<Option<Shown>> {
    let rows = organization_avatar::Entity::find();
    let row = rows.filter(organization_avatar::Column::OrganizationId.eq(id)).one(db);
    Ok(row.await?.map(Shown::from))
}

impl Ready {
    /// Whether whoever has `shown` would have what is to be shown.
    ///
    /// # Errors
    /// `AVATAR_REQUIRED`: there is no picture, new or old.
    pub fn suits(&self, shown: Option<&Shown>) -> Result<(), Refusal> {
        if self.kind == Kind::Upload && !self.has_photo && shown.is_none_or(|shown| shown.file.is_none()) {
            return Err(Code::AvatarRequired.at(["avatar"]));
        }
        Ok(())
    }

    /// Saves it for `owner`, whose row the caller holds, in place of what was
    /// shown. `name` is the name of the file.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn save(self, tx: &Write, owner: Owner, shown: Option<Shown>, name: &str) -> Result<()> {
        let now = clock::now();
        let mut next = shown.clone().unwrap_or_else(|| Shown {
            id: 0,
            kind: self.kind,
            file: None,
            ident: new_ident(),
        });
        next.kind = self.kind;
        if let Some(photo) = self.photo {
            let file = photo.keep(tx, format!("{name}.png"), "avatar.file", now).await?;
            next.file = Some(file.id);
            next.ident = new_ident();
        }
        let change = store(tx, owner, &next).await?;
        if let Some(old) = shown.filter(|old| old.file != next.file) {
            drop_picture(tx, &old, now).await?;
        }
        outbox::record(tx, [change]).await
    }
}

/// Writes it, and says what changed.
async fn store(tx: &Write, owner: Owner, next: &Shown) -> Result<Change> {
    match owner {
        Owner::Organization(organization) => {
            let is_new = next.id == 0;
            let row = organization_avatar::ActiveModel {
                id: if is_new { NotSet } else { Unchanged(AvatarId(next.id)) },
                organization_id: Set(organization),
                avatar_type: Set(next.kind),
                file_id: Set(next.file),
                ident: Set(next.ident.clone()),
            };
            let row = if is_new {
                row.insert(&**tx).await?
            } else {
                row.update(&**tx).await?
            };
            Ok(Change::avatar(organization, row.id))
        }
        Owner::User(user) => {
            let row = user::ActiveModel {
                id: Unchanged(user),
                avatar_type: Set(Some(next.kind)),
                avatar_file_id: Set(next.file),
                avatar_ident: Set(Some(next.ident.clone())),
                ..Default::default()
            };
            row.update(&**tx).await?;
            Ok(Change::user(user))
        }
    }
}

/// Random, so that nobody finds a picture whom nobody told of it.
fn new_ident() -> String {
    Uuid::new_v4().simple().to_string()
}

/// Deletes a picture and what was made from it, once `tx` commits.
async fn drop_picture(tx: &Write, old: &Shown, now: DateTime<Utc>) -> Result<()> {
    let Some(file) = old.file else { return Ok(()) };
    storage::delete(tx, &[file], now).await?;
    let ident = old.ident.clone();
    queue::enqueue_at(tx, &Work::SweepRenderings { ident }, now, now + RENDERING_GRACE).await
}

/// Saves what stands for the caller.
///
/// # Errors
/// `UNAUTHENTICATED` for whoever is no person; those of [`Given::prepare`];
/// `AVATAR_REQUIRED`.
pub async fn save_own(app: &App, actor: &Actor, given: Given) -> Result<user::Model> {
    let id = actor.require_person()?.user.id;
    let Some(ready) = given.prepare(app, false).await? else {
        return Err(Code::ValidationFailed
            .at(["avatarType"])
            .saying("Say what is to be shown.")
            .into());
    };
    let tx = db::begin_write(&app.db).await?;
    let user = user::Entity::find_by_id(id).for_update().one(&*tx).await?;
    let user = user.ok_or(Code::Unauthenticated)?;
    let shown = Shown::of_user(&user);
    ready.suits(shown.as_ref())?;
    ready.save(&tx, Owner::User(id), shown, "avatar").await?;
    let user = user::Entity::find_by_id(user.id).one(&*tx).await?;
    tx.commit().await?;
    user.ok_or_else(|| Code::Unauthenticated.into())
}

/// Deletes the avatar of an organization that goes. How many rows that were.
///
/// # Errors
/// A database that does not answer.
pub async fn delete(tx: &Write, organization: OrganizationId) -> Result<u64> {
    let Some(shown) = of_organization(&**tx, organization).await? else {
        return Ok(0);
    };
    drop_picture(tx, &shown, clock::now()).await?;
    let id = AvatarId(shown.id);
    organization_avatar::Entity::delete_by_id(id).exec(&**tx).await?;
    outbox::record(tx, [Change::avatar(organization, id)]).await?;
    Ok(1)
}

/// The size in which a picture is shown that is asked for in another.
pub fn nearest_size(wanted: i64) -> u32 {
    let nearest = SIZES
        .into_iter()
        .min_by_key(|size| wanted.saturating_sub(i64::from(*size)).unsigned_abs());
    nearest.unwrap_or_default()
}

/// Of whom there are pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gallery {
    /// Organizations.
    Organizations,
    /// People.
    People,
}

/// The picture with this public id as a PNG of a size out of [`SIZES`], made
/// once and kept; `None` if there is no such picture.
///
/// # Errors
/// A file store or a database that does not answer.
pub async fn picture(app: &App, gallery: Gallery, ident: &str, size: u32) -> Result<Option<Bytes>> {
    // Nothing else was ever given out.
    if ident.len() != 32 || !ident.bytes().all(|letter| letter.is_ascii_hexdigit()) {
        return Ok(None);
    }
    let db = &app.db;
    let file = match gallery {
        Gallery::Organizations => {
            let rows = organization_avatar::Entity::find().filter(organization_avatar::Column::Ident.eq(ident));
            rows.one(db).await?.and_then(|row| row.file_id)
        }
        Gallery::People => {
            let rows = user::Entity::find().filter(user::Column::AvatarIdent.eq(ident));
            rows.one(db).await?.and_then(|row| row.avatar_file_id)
        }
    };
    let Some(file) = file else { return Ok(None) };
    let key = rendering_key(ident, size);
    if let Some(made) = app.storage.get(&key).await? {
        return Ok(Some(made));
    }
    let turn = DECODING.acquire().await.map_err(Error::internal)?;
    // Somebody may have made it while we waited.
    if let Some(made) = app.storage.get(&key).await? {
        return Ok(Some(made));
    }
    let Some(mut reader) = app.storage.read(db, file).await? else {
        return Ok(None);
    };
    let bytes = reader.read_to_end().await?;
    // To its end also when nobody waits for it any more: whoever asks and hangs
    // up must neither give up the turn early nor have it made once more.
    let storage = app.storage.clone();
    let making = tokio::spawn(async move {
        let made = tokio::task::spawn_blocking(move || {
            let made = photo::render(&bytes, size);
            drop(turn);
            made
        });
        let made = made.await.map_err(Error::internal)?.map_err(Error::internal)?;
        storage.put(&key, made.clone()).await?;
        Ok::<_, Error>(made)
    });
    making.await.map_err(Error::internal)?.map(Some)
}

fn rendering_key(ident: &str, size: u32) -> String {
    format!("renderings/{ident}/{size}.png")
}

/// Removes what was made from a picture that is gone.
///
/// # Errors
/// A file store that does not answer.
pub async fn sweep_renderings(app: &App, ident: &str) -> Result<()> {
    for size in SIZES {
        app.storage.remove(&rendering_key(ident, size)).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_size_is_taken() {
        for (wanted, size) in [
            (i64::MIN, 20),
            (0, 20),
            (20, 20),
            (26, 20),
            (27, 32),
            (50, 48),
            (51, 52),
            (120, 120),
            (i64::MAX, 120),
        ] {
            assert_eq!(nearest_size(wanted), size, "{wanted}");
        }
    }
}
