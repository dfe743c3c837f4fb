//! Many rows at once, past the API: what a page looks like after years of use.

use chrono::{DateTime, SubsecRound, Utc};
use entity::{
    audit_log_entry,
    ids::{MemberId, TeamId, UserId},
    invite_delivery::{self, DeliveryStatus},
    member::{self, InviteStatus},
    organization::{self, OrganizationStatus},
    team::{self, TeamStatus},
    team_member, user,
};
use sea_orm::{ActiveValue::Set, prelude::*};
use serde_json::Value;

use crate::support::{Organization, TestApp};

/// The same moment for every row: equal keys.
pub fn then() -> DateTime<Utc> {
    "2026-01-02T03:04:05.678901Z"
        .parse::<DateTime<Utc>>()
        .unwrap()
        .trunc_subsecs(6)
}

/// A person to insert: `(name, address)`, whose address is verified.
pub type Person = (String, String);

/// `count` people whose names and addresses begin with `prefix`.
pub fn people(prefix: &str, count: usize) -> Vec<Person> {
    let number = |at: usize| format!("{prefix}{at:03}");
    (0..count)
        .map(|at| (number(at), format!("{}@example.com", number(at).to_lowercase())))
        .collect()
}

impl TestApp {
    /// People, with verified addresses.
    pub async fn db_people(&self, people: &[Person]) -> Vec<user::Model> {
        let rows = people.iter().map(|(name, email)| user::ActiveModel {
            issuer: Set("https://elsewhere.example.com".into()),
            subject: Set(Uuid::new_v4().to_string()),
            name: Set(name.clone()),
            email: Set(Some(email.clone())),
            email_key: Set(Some(email.to_lowercase())),
            is_email_verified: Set(true),
            has_two_factor: Set(false),
            is_active: Set(true),
            date_added: Set(then()),
            ..Default::default()
        });
        user::Entity::insert_many(rows)
            .exec_with_returning(&self.db)
            .await
            .unwrap()
    }

    /// Joined members, one for each person; `change` sees the place of the row.
    pub async fn db_joined(
        &self,
        organization: &Organization,
        people: &[user::Model],
        change: impl Fn(usize, &mut member::ActiveModel),
    ) -> Vec<member::Model> {
        let rows = people.iter().enumerate().map(|(at, person)| {
            let mut row = pending_row(organization);
            row.user_id = Set(Some(person.id));
            row.user_is_active = Set(person.is_active);
            row.user_email = Set(person.verified_email().map(str::to_owned));
            row.sort_name = Set(person.display_name().to_lowercase());
            change(at, &mut row);
            row
        });
        member::Entity::insert_many(rows)
            .exec_with_returning(&self.db)
            .await
            .unwrap()
    }

    /// Pending rows for these addresses; `change` sees the place of the row.
    pub async fn db_pending(
        &self,
        organization: &Organization,
        emails: &[String],
        change: impl Fn(usize, &mut member::ActiveModel),
    ) -> Vec<member::Model> {
        let rows = emails.iter().enumerate().map(|(at, email)| {
            let mut row = pending_row(organization);
            row.email = Set(Some(email.clone()));
            row.email_key = Set(Some(email.to_lowercase()));
            row.sort_name = Set(email.to_lowercase());
            row.invite_nonce = Set(Some(vec![7; 16]));
            row.token_expires_at = Set(Some(then() + chrono::Duration::days(36_500)));
            change(at, &mut row);
            row
        });
        member::Entity::insert_many(rows)
            .exec_with_returning(&self.db)
            .await
            .unwrap()
    }

    /// What became of the mails of invites.
    pub async fn db_deliveries(&self, invites: &[member::Model]) {
        let rows = invites.iter().map(|invite| invite_delivery::ActiveModel {
            job_id: Set(None),
            member_id: Set(invite.id),
            status: Set(DeliveryStatus::Sent),
            attempts: Set(1),
            last_sent_at: Set(Some(then())),
            last_error: Set(None),
        });
        invite_delivery::Entity::insert_many(rows)
            .exec_without_returning(&self.db)
            .await
            .unwrap();
    }

    /// Active teams, each with a slug and a name.
    pub async fn db_teams(&self, organization: &Organization, teams: &[(String, String)]) -> Vec<team::Model> {
        let rows = teams.iter().map(|(slug, name)| team::ActiveModel {
            organization_id: Set(organization.row()),
            slug: Set(slug.clone()),
            name: Set(name.clone()),
            status: Set(TeamStatus::Active),
            idp_provisioned: Set(false),
            date_added: Set(then()),
            ..Default::default()
        });
        team::Entity::insert_many(rows)
            .exec_with_returning(&self.db)
            .await
            .unwrap()
    }

    /// Members in teams, without a stored team role.
    pub async fn db_in_teams(&self, places: &[(TeamId, MemberId)]) -> Vec<team_member::Model> {
        let rows = places.iter().map(|&(team_id, member_id)| team_member::ActiveModel {
            team_id: Set(team_id),
            member_id: Set(member_id),
            is_active: Set(true),
            role: Set(None),
            ..Default::default()
        });
        team_member::Entity::insert_many(rows)
            .exec_with_returning(&self.db)
            .await
            .unwrap()
    }

    /// Entries of the audit log, all of the same moment.
    pub async fn db_entries(
        &self,
        organization: &Organization,
        entries: impl IntoIterator<Item = (i32, Option<UserId>, Option<UserId>, Value)>,
    ) -> Vec<audit_log_entry::Model> {
        let rows = entries
            .into_iter()
            .map(|(event, actor, target, data)| audit_log_entry::ActiveModel {
                organization_id: Set(organization.row()),
                actor_id: Set(actor),
                actor_label: Set("somebody".into()),
                target_user_id: Set(target),
                event: Set(event),
                data: Set(data),
                datetime: Set(then()),
                ..Default::default()
            });
        audit_log_entry::Entity::insert_many(rows)
            .exec_with_returning(&self.db)
            .await
            .unwrap()
    }

    /// Organizations with these slugs, of which `owner` is the owner.
    pub async fn db_organizations(&self, owner: UserId, slugs: &[(String, String)]) -> Vec<Organization> {
        let rows = slugs.iter().map(|(slug, name)| organization::ActiveModel {
            name: Set(name.clone()),
            slug: Set(slug.clone()),
            status: Set(OrganizationStatus::Active),
            date_added: Set(then()),
            default_role: Set("member".into()),
            is_test: Set(false),
            flags: Set(organization::flag::ALLOW_JOINLEAVE),
            ..Default::default()
        });
        let rows = organization::Entity::insert_many(rows)
            .exec_with_returning(&self.db)
            .await
            .unwrap();
        let members = rows.iter().map(|row| member::ActiveModel {
            organization_id: Set(row.id),
            user_id: Set(Some(owner)),
            role: Set("owner".into()),
            ..joinable_row()
        });
        let members = member::Entity::insert_many(members)
            .exec_with_returning(&self.db)
            .await
            .unwrap();
        let organization = |(row, member): (organization::Model, member::Model)| Organization {
            id: entity::ids::RowId::global(row.id),
            slug: row.slug,
            owner: entity::ids::RowId::global(member.id),
        };
        rows.into_iter().zip(members).map(organization).collect()
    }
}

fn joinable_row() -> member::ActiveModel {
    member::ActiveModel {
        role: Set("member".into()),
        flags: Set(0),
        date_added: Set(then()),
        has_global_access: Set(true),
        invite_status: Set(InviteStatus::Approved),
        user_is_active: Set(true),
        sort_name: Set(String::new()),
        user_id: Set(None),
        email: Set(None),
        email_key: Set(None),
        invite_nonce: Set(None),
        token_expires_at: Set(None),
        inviter_id: Set(None),
        user_email: Set(None),
        ..Default::default()
    }
}

fn pending_row(organization: &Organization) -> member::ActiveModel {
    member::ActiveModel {
        organization_id: Set(organization.row()),
        ..joinable_row()
    }
}
