//! Making a pending row: an invite, or a request for one.

use chrono::{DateTime, Utc};
use entity::{
    ids::{OrganizationId, UserId},
    member, team, team_member,
};
use sea_orm::{ActiveValue::Set, DbErr, EntityTrait, sea_query::OnConflict};

use crate::{
    db::Write,
    error::Result,
    outbox::{self, Change},
};

/// A place to be held open for an address.
#[derive(Clone, Debug)]
pub(super) struct NewPending<'a> {
    pub(super) organization: OrganizationId,
    /// The address as given, and in lower case.
    pub(super) email: &'a str,
    pub(super) key: &'a str,
    /// Id of the org role.
    pub(super) role: &'a str,
    pub(super) status: member::InviteStatus,
    pub(super) inviter: Option<UserId>,
    /// What the link is made from, and until when; a request has none.
    pub(super) token: Option<(Vec<u8>, DateTime<Utc>)>,
    pub(super) now: DateTime<Utc>,
}

impl NewPending<'_> {
    /// Makes the row. `None` when the address has a pending row in the
    /// organization already, also one that was made in this moment.
    pub(super) async fn insert(self, tx: &Write) -> Result<Option<member::Model>> {
        let (nonce, expires_at) = self.token.unzip();
        let row = member::ActiveModel {
            organization_id: Set(self.organization),
            email: Set(Some(self.email.to_owned())),
            email_key: Set(Some(self.key.to_owned())),
            sort_name: Set(self.key.to_owned()),
            role: Set(self.role.to_owned()),
            flags: Set(0),
            invite_nonce: Set(nonce),
            token_expires_at: Set(expires_at),
            date_added: Set(self.now),
            has_global_access: Set(true),
            inviter_id: Set(self.inviter),
            invite_status: Set(self.status),
            user_is_active: Set(true),
            ..Default::default()
        };
        let free = OnConflict::columns([member::Column::OrganizationId, member::Column::EmailKey])
            .do_nothing()
            .to_owned();
        match member::Entity::insert(row)
            .on_conflict(free)
            .exec_with_returning(&**tx)
            .await
        {
            Err(DbErr::RecordNotInserted | DbErr::RecordNotFound(_)) => Ok(None),
            result => Ok(Some(result?)),
        }
    }
}

/// Puts a row that was just made into teams, without team roles, and records
/// that all of it is new.
pub(super) async fn join_teams(tx: &Write, row: &member::Model, teams: &[team::Model]) -> Result<()> {
    let mut changes = vec![Change::member(row.organization_id, row.id)];
    if !teams.is_empty() {
        let rows = teams.iter().map(|team| team_member::ActiveModel {
            team_id: Set(team.id),
            member_id: Set(row.id),
            is_active: Set(true),
            role: Set(None),
            ..Default::default()
        });
        let memberships = team_member::Entity::insert_many(rows)
            .exec_with_returning(&**tx)
            .await?;
        let ids = memberships.iter().map(|membership| membership.id);
        changes.extend(ids.map(|id| Change::team_member(row.organization_id, id)));
    }
    outbox::record(tx, changes).await
}
