//! Enforcing what an organization requires of its members (spec §19): whoever
//! lacks it loses the place to an invite back, a bounded batch at a time.
//!
//! A batch is one transaction: places, letters, entries and how far the walk has
//! come exist together or not at all, whenever a worker is killed.

mod lacking;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{
    ids::{JobId, MemberId, OrganizationId, UserId},
    member::{self, InviteStatus},
    organization::{self, OrganizationStatus},
    user,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, SqlErr,
    sea_query::OnConflict,
};

pub use self::lacking::{Affected, affected, is_met_by};
use self::lacking::{active_owners, has_free_address, is_active_owner, keeper_among, lacking};
use crate::{
    app::App,
    auth::Actor,
    config::MailTransport,
    db::{self, ForUpdate, Write, any_of},
    domain::{
        audit::{self, Entry},
        invite,
    },
    error::Result,
    outbox::{self, Change},
    queue::{self, Claim, Enforcement, Work},
    roles::OWNER,
};
pub use entity::organization::Requirement;

/// Whether the organization asks this of its members now.
pub fn is_in_force(app: &App, organization: &organization::Model, requirement: Requirement) -> bool {
    let is_offered = match requirement {
        Requirement::TwoFactor => true,
        Requirement::VerifiedEmail => app.config.features.email_verification,
    };
    is_offered && organization.status == OrganizationStatus::Active && organization.has(requirement.flag())
}

/// Enforces `requirements` once `tx` has committed; nothing for none.
pub async fn start(
    tx: &Write,
    actor: &Actor,
    organization: OrganizationId,
    requirements: Vec<Requirement>,
) -> Result<()> {
    if requirements.is_empty() {
        return Ok(());
    }
    let run = Enforcement {
        organization,
        requirements,
        author: actor.into(),
        after: MemberId::default(),
        keeper: None,
    };
    queue::enqueue(tx, &Work::EnforceCompliance(run), actor.now).await?;
    Ok(())
}

/// Looks at the next `limit` rows of the organization and makes pending who lacks
/// what is required. Whether that was all, also because it is required no more
/// or the organization is about to be deleted.
///
/// # Errors
/// `LOCK_TIMEOUT`. Nothing is changed then.
pub async fn enforce(app: &App, claim: &Claim, run: &Enforcement, limit: u64, now: DateTime<Utc>) -> Result<bool> {
    let Some(requirement) = run.requirements.first().copied() else {
        return Ok(true);
    };
    let tx = db::begin_write(&app.db).await?;
    // Owners come and go only with this lock, so the one who is kept stays one.
    let organization = organization::Entity::find_by_id(run.organization)
        .for_update()
        .one(&*tx)
        .await?;
    let is_required = organization.is_some_and(|organization| is_in_force(app, &organization, requirement));

    let mut left = run.clone();
    let mut end = None;
    if is_required {
        let batch = Batch {
            tx: &tx,
            app,
            run,
            requirement,
            now,
        };
        end = batch.end(limit).await?;
        let mut leaving = batch.leaving(end).await?;
        left.keeper = batch.keep_an_owner(&leaving).await?;
        leaving.retain(|(row, _)| left.keeper != Some(row.id));
        if !batch.make_pending(leaving).await? {
            // Looking again shows who has it.
            tx.rollback().await?;
            return Ok(false);
        }
    }
    match end {
        Some(end) => left.after = end,
        None => {
            left.requirements.remove(0);
            (left.after, left.keeper) = (MemberId::default(), None);
        }
    }
    let is_over = left.requirements.is_empty();
    if !queue::advance(&tx, claim, &Work::EnforceCompliance(left)).await? {
        // Somebody else has done this part.
        tx.rollback().await?;
        return Ok(false);
    }
    tx.commit().await?;
    Ok(is_over)
}

/// A member and the person who loses the place.
type Leaving = (member::Model, user::Model);

/// One part of the walk.
struct Batch<'a> {
    tx: &'a Write,
    app: &'a App,
    run: &'a Enforcement,
    requirement: Requirement,
    now: DateTime<Utc>,
}

impl Batch<'_> {
    /// The last row of the batch. `None` if it reaches to the last row of all.
    async fn end(&self, limit: u64) -> Result<Option<MemberId>> {
        let end = member::Entity::within(self.run.organization)
            .select_only()
            .column(member::Column::Id)
            .filter(member::Column::Id.gt(self.run.after))
            .order_by_asc(member::Column::Id)
            .offset(limit.saturating_sub(1))
            .limit(1)
            .into_tuple::<MemberId>()
            .one(&**self.tx)
            .await?;
        Ok(end)
    }

    /// Those up to `end` who can be made pending, locked; the log has the others.
    async fn leaving(&self, end: Option<MemberId>) -> Result<Vec<Leaving>> {
        let tx = &**self.tx;
        let (organization, requirement) = (self.run.organization, self.requirement);
        let within_batch = |rows: sea_orm::Select<member::Entity>| {
            let rows = rows.filter(member::Column::Id.gt(self.run.after));
            match end {
                Some(end) => rows.filter(member::Column::Id.lte(end)),
                None => rows,
            }
        };
        // Whoever is accepting an invite has seen the organization as it was
        // before, perhaps, and is looked at as a member.
        within_batch(member::Entity::within(organization))
            .filter(member::Column::UserId.is_null())
            .order_by_asc(member::Column::Id)
            .for_update()
            .select_only()
            .column(member::Column::Id)
            .into_tuple::<MemberId>()
            .all(tx)
            .await?;

        let found: Vec<(MemberId, bool)> = within_batch(lacking(organization, requirement))
            .select_only()
            .column(member::Column::Id)
            .column_as(has_free_address(organization, requirement), "can_leave")
            .into_tuple()
            .all(tx)
            .await?;
        let (leaving, staying): (Vec<_>, Vec<_>) = found.into_iter().partition(|(_, can_leave)| *can_leave);
        for (member, _) in staying {
            tracing::warn!(
                member = member.0,
                organization = organization.0,
                ?requirement,
                "a member cannot be made pending: there is no address, or an invite for it"
            );
        }
        if leaving.is_empty() {
            return Ok(Vec::new());
        }

        let backend = tx.get_database_backend();
        let rows = member::Entity::find()
            .filter(any_of(backend, member::Column::Id, leaving.iter().map(|(id, _)| id.0)))
            .order_by_asc(member::Column::Id)
            .for_update()
            .all(tx)
            .await?;
        let people = rows.iter().filter_map(|row| row.user_id).map(|id| id.0);
        let people = user::Entity::find()
            .filter(any_of(backend, user::Column::Id, people))
            .all(tx)
            .await?;
        let mut people: HashMap<UserId, user::Model> = people.into_iter().map(|person| (person.id, person)).collect();
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                let person = people.remove(&row.user_id?)?;
                Some((row, person))
            })
            .collect())
    }

    /// The owner who makes sure that there is one when `leaving` are gone, if
    /// there are owners among them. One who lacks the same is told to get it.
    async fn keep_an_owner(&self, leaving: &[Leaving]) -> Result<Option<MemberId>> {
        let (tx, organization) = (&**self.tx, self.run.organization);
        if leaving.iter().all(|(row, _)| row.role != OWNER) {
            return Ok(self.run.keeper);
        }
        if let Some(keeper) = self.run.keeper
            && is_active_owner(tx, organization, keeper).await?
        {
            return Ok(Some(keeper));
        }
        let found = keeper_among(tx, active_owners(organization), self.requirement).await?;
        let Some((keeper, person)) = found else {
            return Ok(None);
        };
        if !is_met_by(self.requirement, &person) && self.is_mailed() {
            let letter = Work::SendComplianceNotice {
                member: keeper,
                requirement: self.requirement,
                stays: true,
            };
            queue::enqueue(self.tx, &letter, self.now).await?;
        }
        Ok(Some(keeper))
    }

    /// The effects of §19, in as many statements for one member as for many. False
    /// if an invite for one of the addresses was made in this moment.
    async fn make_pending(&self, leaving: Vec<Leaving>) -> Result<bool> {
        if leaving.is_empty() {
            return Ok(true);
        }
        let (tx, organization) = (self.tx, self.run.organization);
        self.withdraw_requests(&leaving).await?;
        let people: Vec<UserId> = leaving.iter().map(|(_, person)| person.id).collect();
        let Some(rows) = self.save(leaving).await? else {
            return Ok(false);
        };
        outbox::record(tx, rows.iter().map(|row| Change::member(organization, row.id))).await?;

        let ids: Vec<MemberId> = rows.iter().map(|row| row.id).collect();
        let teams = audit::teams_of_all(&**tx, &ids).await?;
        let entries = rows.iter().zip(people).map(|(row, person)| {
            let teams = teams.get(&row.id).map_or(&[][..], Vec::as_slice);
            Entry::member_pending(row, person, audit::member_data(row, row.email.as_deref(), teams))
        });
        audit::record_by(tx, &self.run.author, organization, entries).await?;

        if !self.is_mailed() {
            return Ok(true);
        }
        let letters: Vec<Work> = ids
            .iter()
            .map(|member| Work::SendComplianceNotice {
                member: *member,
                requirement: self.requirement,
                stays: false,
            })
            .collect();
        let jobs: Vec<JobId> = queue::enqueue_each(tx, &letters, self.now).await?;
        invite::note_queued(tx, ids.into_iter().zip(jobs)).await?;
        Ok(true)
    }

    /// Whether letters are sent. Without, the links are handed out by hand.
    fn is_mailed(&self) -> bool {
        self.app.config.mail.transport != MailTransport::None
    }

    /// Deletes open requests to let these addresses in, as an invite does (§8.3).
    async fn withdraw_requests(&self, leaving: &[Leaving]) -> Result<()> {
        let addresses = leaving.iter().filter_map(|(_, person)| person.email_key.clone());
        let requests = member::Entity::within(self.run.organization)
            .filter(any_of(
                self.tx.get_database_backend(),
                member::Column::EmailKey,
                addresses,
            ))
            .filter(member::Column::InviteStatus.ne(InviteStatus::Approved))
            .all(&**self.tx)
            .await?;
        invite::delete(self.tx, &requests).await?;
        Ok(())
    }

    /// §2.3 *remove user*: the rows afterwards. `None` if an address is taken.
    async fn save(&self, leaving: Vec<Leaving>) -> Result<Option<Vec<member::Model>>> {
        let rows: Vec<member::Model> = leaving
            .into_iter()
            .map(|(row, person)| {
                let (nonce, expires_at) = invite::renew(self.app, self.now);
                member::Model {
                    user_id: None,
                    sort_name: person.email_key.clone().unwrap_or_default(),
                    email: person.email,
                    email_key: person.email_key,
                    invite_nonce: Some(nonce),
                    token_expires_at: Some(expires_at),
                    user_is_active: true,
                    user_email: None,
                    ..row
                }
            })
            .collect();
        // Every row has values of its own, and all are there: it only updates.
        let changed = [
            member::Column::UserId,
            member::Column::Email,
            member::Column::EmailKey,
            member::Column::InviteNonce,
            member::Column::TokenExpiresAt,
            member::Column::UserIsActive,
            member::Column::UserEmail,
            member::Column::SortName,
        ];
        let saved = member::Entity::insert_many(rows.iter().cloned().map(IntoActiveModel::into_active_model))
            .on_conflict(
                OnConflict::column(member::Column::Id)
                    .update_columns(changed)
                    .to_owned(),
            )
            .exec_without_returning(&**self.tx)
            .await;
        match saved {
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Ok(None),
            result => result.map(|_| Some(rows)).map_err(Into::into),
        }
    }
}
