//! What can happen to an organization and stands in its audit log.

use entity::ids::{InviteId, MemberId, OrganizationId, RowId, TeamId, WebhookId};
use strum::{EnumIter, EnumString, IntoEnumIterator, IntoStaticStr};

/// What can happen. Numbers are storage, names are API; both outlive deploys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, EnumString, IntoStaticStr)]
#[allow(missing_docs, reason = "the names say it; §22 has the table")]
pub enum Event {
    #[strum(serialize = "member.invite")]
    MemberInvite = 1,
    #[strum(serialize = "member.add")]
    MemberAdd = 2,
    #[strum(serialize = "member.accept-invite")]
    MemberAccept = 3,
    #[strum(serialize = "member.edit")]
    MemberEdit = 4,
    #[strum(serialize = "member.remove")]
    MemberRemove = 5,
    #[strum(serialize = "member.join-team")]
    MemberJoinTeam = 6,
    #[strum(serialize = "member.leave-team")]
    MemberLeaveTeam = 7,
    #[strum(serialize = "member.pending")]
    MemberPending = 8,
    #[strum(serialize = "org.create")]
    OrgAdd = 10,
    #[strum(serialize = "org.edit")]
    OrgEdit = 11,
    #[strum(serialize = "org.remove")]
    OrgRemove = 12,
    #[strum(serialize = "org.restore")]
    OrgRestore = 13,
    #[strum(serialize = "team.create")]
    TeamAdd = 20,
    #[strum(serialize = "team.edit")]
    TeamEdit = 21,
    #[strum(serialize = "team.remove")]
    TeamRemove = 22,
    #[strum(serialize = "invite-request.create")]
    InviteRequestAdd = 140,
    #[strum(serialize = "invite-request.remove")]
    InviteRequestRemove = 141,
    #[strum(serialize = "invite.remove")]
    InviteRemove = 142,
    #[strum(serialize = "member.reinvite")]
    MemberReinvite = 204,
    #[strum(serialize = "webhook.create")]
    WebhookAdd = 300,
    #[strum(serialize = "webhook.edit")]
    WebhookEdit = 301,
    #[strum(serialize = "webhook.remove")]
    WebhookRemove = 302,
    #[strum(serialize = "webhook.rotate")]
    WebhookRotate = 303,
    #[strum(serialize = "webhook.disable")]
    WebhookDisable = 304,
}

impl Event {
    /// As spelled in the API, such as `member.edit`.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The event with a stored number.
    pub fn of_number(number: i32) -> Option<Self> {
        Self::iter().find(|event| *event as i32 == number)
    }

    /// The global id of the object that an entry is about. Which kind of object
    /// follows from the event.
    pub fn target(self, object: i64) -> String {
        match self {
            Self::OrgAdd | Self::OrgEdit | Self::OrgRemove | Self::OrgRestore | Self::MemberPending => {
                OrganizationId(object).global()
            }
            Self::TeamAdd | Self::TeamEdit | Self::TeamRemove => TeamId(object).global(),
            Self::InviteRequestAdd | Self::InviteRequestRemove | Self::InviteRemove => InviteId::from(object).global(),
            Self::WebhookAdd | Self::WebhookEdit | Self::WebhookRemove | Self::WebhookRotate | Self::WebhookDisable => {
                WebhookId(object).global()
            }
            _ => MemberId(object).global(),
        }
    }
}
