//! What to do later: the kinds of work, and how they are queued in the
//! transaction of the change that asks for them.

use chrono::{DateTime, Utc};
use entity::{
    ids::MemberId,
    job::{self, JobStatus},
};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde::{Deserialize, Serialize};

use crate::{
    db::Write,
    error::{Error, Result},
};

/// A piece of work. Names and fields outlive deploys: add, never rename.
/// Payloads are a few ids; whoever does the work looks the rest up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
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
}

impl Work {
    /// Stable name of the kind of work.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SendInvite { .. } => "send_invite",
            Self::SendSsoLink { .. } => "send_sso_link",
        }
    }
}

/// Queues `work`; it exists exactly if `tx` commits.
pub async fn enqueue(tx: &Write, work: &Work, now: DateTime<Utc>) -> Result<()> {
    let row = job::ActiveModel {
        kind: Set(work.kind().to_owned()),
        payload: Set(serde_json::to_value(work).map_err(Error::internal)?),
        status: Set(JobStatus::Queued),
        attempts: Set(0),
        due_at: Set(now),
        date_added: Set(now),
        ..Default::default()
    };
    job::Entity::insert(row).exec_without_returning(&**tx).await?;
    metrics::counter!("email_queued_total", "type" => work.kind()).increment(1);
    Ok(())
}
