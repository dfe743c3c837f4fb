//! The kinds of work, and how a piece of it can end.

use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::{
    ids::{AccessRequestId, BlobId, MemberId, OrganizationId, TeamId, WebhookDeliveryId, WebhookId},
    job::Lane,
    organization::Requirement,
};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

use crate::{auth::Author, config::Config};

/// A piece of work. Names and fields outlive deploys: add, never rename.
/// Payloads are a few ids; whoever does the work looks the rest up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Work {
    /// The mail of an open invite (spec §21.1).
    SendInvite {
        /// The pending member.
        member: MemberId,
        /// Goes into the link, if one was given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        referrer: Option<String>,
    },
    /// The mail that asks a member to link single sign-on (§21.2).
    SendSsoLink {
        /// The joined member.
        member: MemberId,
        /// Who asked, as shown in the mail.
        actor: String,
    },
    /// Tells everybody who can decide it of an invite request or a join request
    /// (§21.3).
    AnnounceRequest {
        /// The requested row.
        member: MemberId,
    },
    /// One of those mails.
    SendRequestNotice {
        /// The requested row.
        member: MemberId,
        /// The member who can decide it.
        recipient: MemberId,
    },
    /// Tells everybody who can decide it of a request for access to a team (§21.4).
    AnnounceTeamRequest {
        /// The request.
        request: AccessRequestId,
    },
    /// One of those mails.
    SendTeamRequestNotice {
        /// The request.
        request: AccessRequestId,
        /// The member who can decide it.
        recipient: MemberId,
    },
    /// Tells a member that a request for access to a team was approved (§21.5).
    SendTeamApproval {
        /// The team.
        team: TeamId,
        /// The member who is in it now.
        member: MemberId,
    },
    /// Removes what is left of a deleted team.
    DeleteTeam {
        /// The team.
        team: TeamId,
    },
    /// Tells an owner that the organization will be deleted (§21.8).
    SendDeletionNotice {
        /// The owner.
        recipient: MemberId,
        /// Who asked for it, as shown in the mail.
        name: String,
        /// From where.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ip: Option<String>,
        /// When.
        date: DateTime<Utc>,
    },
    /// Removes an organization with everything in it (§15).
    DeleteOrganization {
        /// The organization.
        organization: OrganizationId,
    },
    /// Makes members pending who lack what the organization requires (§19).
    EnforceCompliance(Enforcement),
    /// Tells a person what the organization requires now (§21.6, §21.7).
    SendComplianceNotice {
        /// The place that became pending, or stays theirs.
        member: MemberId,
        /// What they lack.
        requirement: Requirement,
        /// Whether they stay: the last active owner.
        #[serde(default)]
        stays: bool,
    },
    /// Deletes pieces of files that no file has any more (§18).
    SweepBlobs {
        /// The pieces.
        blobs: Vec<BlobId>,
    },
    /// Removes an object of the file store, unless a piece of a file is in it.
    SweepObject {
        /// Its key.
        path: String,
    },
    /// Removes what was made from a picture that is gone (§17.4).
    SweepRenderings {
        /// Public id of the picture.
        ident: String,
    },
    /// Deletes invites that ran out long ago (§9.6), again and again.
    SweepInvites {},
    /// Deletes windows of rate limits that have ended, again and again.
    SweepRateLimits {},
    /// Deletes events that are older than they are kept, again and again.
    SweepEvents {},
    /// Tells a webhook of an event.
    SendWebhook {
        /// The delivery.
        delivery: WebhookDeliveryId,
    },
    /// Tells an owner that a webhook was disabled.
    SendWebhookNotice {
        /// The webhook.
        webhook: WebhookId,
        /// The owner.
        recipient: MemberId,
    },
    /// Deletes the deliveries of a webhook that is gone.
    DeleteDeliveries {
        /// The webhook.
        webhook: WebhookId,
    },
    /// Deletes deliveries that are older than they are kept, again and again.
    SweepDeliveries {},
}

impl Work {
    /// Stable name of the kind of work.
    pub fn kind(&self) -> &'static str {
        self.into()
    }

    /// Of a mail: the type of its message (§21), and the member who gets it.
    pub(super) fn mail(&self) -> Option<(&'static str, MemberId)> {
        match self {
            Self::SendInvite { member, .. } => Some(("organization.invite", *member)),
            Self::SendSsoLink { member, .. } => Some(("organization.auth_link", *member)),
            Self::SendRequestNotice { recipient, .. } => Some(("organization.access_request", *recipient)),
            Self::SendTeamRequestNotice { recipient, .. } => Some(("team.access.request", *recipient)),
            Self::SendTeamApproval { member, .. } => Some(("team.access.approved", *member)),
            Self::SendDeletionNotice { recipient, .. } => Some(("org.confirm_delete", *recipient)),
            Self::SendComplianceNotice {
                member, requirement, ..
            } => {
                let message = match requirement {
                    Requirement::TwoFactor => "user.setup_2fa",
                    Requirement::VerifiedEmail => "user.setup_email",
                };
                Some((message, *member))
            }
            Self::SendWebhookNotice { recipient, .. } => Some(("webhook.disabled", *recipient)),
            Self::AnnounceRequest { .. }
            | Self::AnnounceTeamRequest { .. }
            | Self::DeleteOrganization { .. }
            | Self::DeleteTeam { .. }
            | Self::EnforceCompliance(_)
            | Self::SweepBlobs { .. }
            | Self::SweepObject { .. }
            | Self::SweepRenderings { .. }
            | Self::SweepInvites {}
            | Self::SweepRateLimits {}
            | Self::SweepEvents {}
            | Self::SendWebhook { .. }
            | Self::DeleteDeliveries { .. }
            | Self::SweepDeliveries {} => None,
        }
    }

    pub(super) fn lane(&self) -> Lane {
        match self {
            Self::SendWebhook { .. } => Lane::Outside,
            _ => self.mail().map_or(Lane::Inside, |_| Lane::Mail),
        }
    }

    /// All work that repeats.
    pub const REPEATING: [Self; 4] = [
        Self::SweepInvites {},
        Self::SweepRateLimits {},
        Self::SweepEvents {},
        Self::SweepDeliveries {},
    ];

    /// Pauses after the first, second, … failure.
    pub(super) fn retries<'a>(&self, config: &'a Config) -> &'a [Duration] {
        // §19.
        const FIVE_MINUTES_APART: &[Duration] = &[Duration::from_secs(300); 5];
        match self {
            Self::EnforceCompliance(_) => FIVE_MINUTES_APART,
            _ => &config.jobs.retries,
        }
    }

    /// How often it is done, if it repeats.
    pub(super) fn every(&self, config: &Config) -> Option<Duration> {
        match self {
            Self::SweepInvites {} => Some(config.invites.cleanup_every),
            Self::SweepRateLimits {} | Self::SweepEvents {} | Self::SweepDeliveries {} => {
                Some(Duration::from_secs(3600))
            }
            _ => None,
        }
    }
}

/// A walk through the members of an organization, who must meet what it
/// requires, and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enforcement {
    /// The organization.
    pub organization: OrganizationId,
    /// What is still to be enforced, one after the other.
    pub requirements: Vec<Requirement>,
    /// Who switched that on.
    pub author: Author,
    /// Of the first requirement: the last member that was looked at.
    #[serde(default)]
    pub after: MemberId,
    /// The owner who stays, if that had to be decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keeper: Option<MemberId>,
}

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done, and this follows from it.
    Done(Vec<Work>),
    /// A part is done, and more of the same is left.
    Again,
    /// There is nothing to do before then.
    Until(DateTime<Utc>),
    /// Failed for now. Why, in words that are safe to show.
    Retry(String),
    /// Failed for good. Why, in words that are safe to show.
    GiveUp(String),
}

impl Outcome {
    /// Done, and nothing follows.
    pub const DONE: Self = Self::Done(Vec::new());
}
