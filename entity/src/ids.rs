//! One id type per table, so that a team id cannot be passed for a member id,
//! and the opaque form in which ids leave the service.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

/// What every id type can do.
///
/// The default id is 0, which no row ever has: a malformed id from outside
/// becomes the default and so behaves like the id of an unknown row (spec §28).
pub trait RowId: Copy + Default + From<i64> + Into<i64> {
    /// The name that marks the type inside a global id.
    const TYPE: &'static str;

    /// The opaque, globally unique form used by the API and in audit data.
    fn global(self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}:{}", Self::TYPE, self.into()))
    }

    /// Reads a global id; `None` if it is malformed or of another type.
    fn parse(global: &str) -> Option<Self> {
        let (name, id) = split_global(global)?;
        (name == Self::TYPE).then(|| id.into())
    }
}

/// Takes a global id apart into its type name and number. Only the canonical
/// spelling is accepted, so two different strings never name one row.
pub fn split_global(global: &str) -> Option<(String, i64)> {
    // Longer than any id this service makes; bounds the work on hostile input.
    if global.len() > 64 {
        return None;
    }
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(global).ok()?).ok()?;
    let (name, digits) = text.split_once(':')?;
    let id: i64 = digits.parse().ok()?;
    (id > 0 && id.to_string() == digits).then(|| (name.to_owned(), id))
}

macro_rules! row_ids {
    ($($(#[$doc:meta])* $name:ident = $tag:literal;)*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType, Serialize, Deserialize,
        )]
        pub struct $name(pub i64);

        impl From<i64> for $name {
            fn from(id: i64) -> Self {
                Self(id)
            }
        }

        impl From<$name> for i64 {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl RowId for $name {
            const TYPE: &'static str = $tag;
        }
    )*};
}

row_ids! {
    /// An organization, the tenant.
    OrganizationId = "Organization";
    /// A stored option of an organization.
    OrganizationOptionId = "OrganizationOption";
    /// The avatar row of an organization.
    AvatarId = "Avatar";
    /// A person.
    UserId = "User";
    /// A person's or an address's place in an organization.
    MemberId = "Member";
    /// A team.
    TeamId = "Team";
    /// A member's place in a team.
    TeamMemberId = "TeamMembership";
    /// A request to be let into a team.
    AccessRequestId = "TeamAccessRequest";
    /// The single sign-on configuration of an organization.
    AuthProviderId = "AuthProvider";
    /// A link between a person and an auth provider.
    AuthIdentityId = "AuthIdentity";
    /// A credential of an app.
    ApiTokenId = "ApiToken";
    /// A server that is told of events.
    WebhookId = "Webhook";
    /// An event on its way to a webhook.
    WebhookDeliveryId = "WebhookDelivery";
    /// A stored file.
    FileId = "File";
    /// A content-addressed piece of a file.
    BlobId = "Blob";
    /// The place of a blob in a file.
    BlobIndexId = "BlobIndex";
    /// A line of the audit log.
    AuditLogEntryId = "AuditLogEntry";
    /// A message about a changed object.
    OutboxId = "Outbox";
    /// A piece of work to be done later.
    JobId = "Job";
}

/// The id of the invite that a pending member row stands for. It shares the
/// number of the row, and differs from its [`MemberId`] only in the global form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct InviteId(pub MemberId);

impl From<i64> for InviteId {
    fn from(id: i64) -> Self {
        Self(MemberId(id))
    }
}

impl From<InviteId> for i64 {
    fn from(id: InviteId) -> Self {
        id.0.0
    }
}

impl RowId for InviteId {
    const TYPE: &'static str = "Invite";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn global_ids_round_trip_and_keep_their_type() {
        let id = MemberId(42);
        assert_eq!(MemberId::parse(&id.global()), Some(id));
        assert_eq!(TeamId::parse(&id.global()), None);
        assert_eq!(InviteId::parse(&id.global()), None);
        assert_eq!(InviteId(id).global(), InviteId::from(42).global());
    }

    #[test]
    fn only_the_canonical_spelling_is_an_id() {
        for text in [
            "Member:042",
            "Member:+42",
            "Member:-1",
            "Member:0",
            "Member: 42",
            "Member:99999999999999999999",
            "Member",
            "",
        ] {
            assert_eq!(MemberId::parse(&URL_SAFE_NO_PAD.encode(text)), None, "{text}");
        }
        assert_eq!(MemberId::parse("42"), None);
        assert_eq!(MemberId::parse(&"A".repeat(1_000_000)), None);
    }

    #[test]
    fn fuzz_ids() {
        bolero::check!()
            .with_type::<(bool, Vec<u8>)>()
            .for_each(|(is_wrapped, bytes)| {
                let text = String::from_utf8_lossy(bytes).replace('\u{1}', "Member:");
                let text = if *is_wrapped {
                    URL_SAFE_NO_PAD.encode(&text)
                } else {
                    text
                };
                if let Some((name, number)) = split_global(&text) {
                    assert!(number > 0);
                    assert_eq!(
                        URL_SAFE_NO_PAD.encode(format!("{name}:{number}")),
                        text,
                        "two texts are one id"
                    );
                }
            });
    }
}

/// Names an event: the number it has in its organization's log. Events are read
/// by organization, so their id says which, and where in the log to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventId {
    /// The organization.
    pub organization: OrganizationId,
    /// The number in its log, from 1, without gaps; 0 stands before the first.
    pub sequence: i64,
}

impl EventId {
    /// The opaque, globally unique form used by the API and by webhooks.
    pub fn global(self) -> String {
        URL_SAFE_NO_PAD.encode(format!("OrganizationEvent:{}.{}", self.organization.0, self.sequence))
    }

    /// Reads the global form; `None` if it is malformed.
    pub fn parse(global: &str) -> Option<Self> {
        if global.len() > 96 {
            return None;
        }
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(global).ok()?).ok()?;
        let (organization, sequence) = text.strip_prefix("OrganizationEvent:")?.split_once('.')?;
        let id = Self {
            organization: OrganizationId(organization.parse().ok()?),
            sequence: sequence.parse().ok()?,
        };
        // Only the canonical spelling.
        (id.organization.0 > 0 && id.sequence >= 0 && id.global() == global).then_some(id)
    }
}
