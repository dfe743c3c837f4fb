//! Reaching past the API: what no operation can arrange yet, and what is true
//! in the tables afterwards.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use entity::{
    access_request, api_token, audit_log_entry, auth_identity, auth_provider,
    event::{self, EventType},
    event_head,
    ids::{MemberId, OrganizationId, RowId, TeamId, UserId},
    invite_delivery, job,
    member::{self, InviteStatus},
    organization::{self, OrganizationStatus},
    organization_option,
    outbox::{self, Category},
    team, team_member, user, webhook, webhook_delivery,
};
use sea_orm::{
    ActiveValue::Set, DatabaseTransaction, IntoActiveModel, QueryOrder, QuerySelect, SqliteTransactionMode,
    TransactionOptions, TransactionTrait, prelude::*, sea_query::Expr,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Client, Organization, TestApp};

/// Every row of the tables that a refused change must not touch, as texts.
pub type Snapshot = BTreeMap<&'static str, Vec<String>>;

/// An entry of the audit log, as far as tests compare it.
#[derive(Debug)]
pub struct Audit {
    /// Event number of §22.
    pub event: i32,
    /// Global id of the acting person.
    pub actor: Option<String>,
    /// Global id of the person acted on.
    pub target_user: Option<String>,
    /// Number of the object acted on.
    pub target: Option<i64>,
    /// The data.
    pub data: Value,
    /// Address of the client.
    pub ip: Option<String>,
}

/// The number in a global id.
pub fn row<T: RowId>(global: &str) -> T {
    T::parse(global).unwrap_or_else(|| panic!("{global} is no id of a {}", T::TYPE))
}

impl TestApp {
    /// Every row of the tables that a refused change must not touch.
    pub async fn db_snapshot(&self) -> Snapshot {
        macro_rules! rows {
            ($($table:ident by $column:ident),*) => {
                BTreeMap::from([$((stringify!($table), {
                    let rows = $table::Entity::find().order_by_asc($table::Column::$column).all(&self.db).await.unwrap();
                    rows.iter().map(|row| format!("{row:?}")).collect::<Vec<_>>()
                })),*])
            };
        }
        let mut snapshot = rows!(
            organization by Id, organization_option by Id, member by Id, team by Id, team_member by Id, access_request by Id,
            audit_log_entry by Id, outbox by Id, job by Id, invite_delivery by MemberId, auth_provider by Id,
            auth_identity by Id, webhook by Id, webhook_delivery by Id
        );
        let tokens = api_token::Entity::find()
            .order_by_asc(api_token::Column::Id)
            .all(&self.db)
            .await
            .unwrap();
        let without_use = |mut token: api_token::Model| {
            // Noted in passing.
            token.last_used_at = None;
            format!("{token:?}")
        };
        snapshot.insert("api_token", tokens.into_iter().map(without_use).collect());
        // That a person was seen for the first time is no change to an organization.
        snapshot
            .entry("outbox")
            .and_modify(|rows| rows.retain(|row| row.contains("shard_scope: 0,")));
        snapshot
    }

    /// The member's row, if it is still there.
    pub async fn db_member(&self, member: &str) -> Option<member::Model> {
        member::Entity::find_by_id(row::<MemberId>(member))
            .one(&self.db)
            .await
            .unwrap()
    }

    /// The member's team slugs and stored team roles, by slug.
    pub async fn db_teams_of(&self, member: &str) -> Vec<(String, Option<String>)> {
        let rows = team_member::Entity::find()
            .find_also_related(team::Entity)
            .filter(team_member::Column::MemberId.eq(row::<MemberId>(member)))
            .order_by_asc(team::Column::Slug)
            .all(&self.db);
        rows.await
            .unwrap()
            .into_iter()
            .map(|(membership, team)| (team.unwrap().slug, membership.role))
            .collect()
    }

    /// Changes the member's row.
    pub async fn db_change_member(&self, member: &str, change: impl FnOnce(&mut member::ActiveModel)) {
        let mut active = self.db_member(member).await.unwrap().into_active_model();
        change(&mut active);
        active.update(&self.db).await.unwrap();
    }

    /// Sets the member's flags, from `entity::member::flag`.
    pub async fn db_set_flags(&self, member: &str, flags: i64) {
        self.db_change_member(member, |row| row.flags = Set(flags)).await;
    }

    /// Gives the member an org role, retired or not.
    pub async fn db_set_role(&self, member: &str, role: &str) {
        self.db_change_member(member, |row| row.role = Set(role.into())).await;
    }

    /// Moves the end of the invite into the past.
    pub async fn db_expire_invite(&self, member: &str) {
        let end = micros(Utc::now() - Duration::minutes(1));
        self.db_change_member(member, |row| row.token_expires_at = Set(Some(end)))
            .await;
    }

    /// Stores a team role, redundant or not.
    pub async fn db_set_team_role(&self, member: &str, slug: &str, role: Option<&str>) {
        let rows = team_member::Entity::find()
            .find_also_related(team::Entity)
            .filter(team_member::Column::MemberId.eq(row::<MemberId>(member)))
            .filter(team::Column::Slug.eq(slug));
        let mut active = rows.one(&self.db).await.unwrap().unwrap().0.into_active_model();
        active.role = Set(role.map(str::to_owned));
        active.update(&self.db).await.unwrap();
    }

    /// Takes a team out of use.
    pub async fn db_retire_team(&self, organization: &Organization, slug: &str) {
        team::Entity::update_many()
            .col_expr(team::Column::Status, Expr::value(1))
            .filter(team::Column::OrganizationId.eq(organization.row()))
            .filter(team::Column::Slug.eq(slug))
            .exec(&self.db)
            .await
            .unwrap();
    }

    /// Sets the organization's stored flags, from `entity::organization::flag`.
    pub async fn db_set_organization_flags(&self, organization: &Organization, flags: i64) {
        let row = organization::Entity::find_by_id(organization.row())
            .one(&self.db)
            .await
            .unwrap();
        let mut active = row.unwrap().into_active_model();
        active.flags = Set(flags);
        active.update(&self.db).await.unwrap();
    }

    /// Sets where the organization is in its life.
    pub async fn db_set_status(&self, organization: &Organization, status: OrganizationStatus) {
        let row = organization::Entity::find_by_id(organization.row())
            .one(&self.db)
            .await
            .unwrap();
        let mut active = row.unwrap().into_active_model();
        active.status = Set(status);
        active.update(&self.db).await.unwrap();
    }

    /// Stores an option of the organization.
    #[allow(dead_code, reason = "the stories of options come with saveOrgOptions")]
    pub async fn db_set_option(&self, organization: &Organization, key: &str, value: Value) {
        let option = organization_option::ActiveModel {
            organization_id: Set(organization.row()),
            key: Set(key.into()),
            value: Set(Some(value)),
            ..Default::default()
        };
        option.insert(&self.db).await.unwrap();
    }

    /// Sets up single sign-on.
    pub async fn db_auth_provider(&self, organization: &Organization, allow_unlinked: bool) -> auth_provider::Model {
        let provider = auth_provider::ActiveModel {
            organization_id: Set(organization.row()),
            provider: Set("google".into()),
            name: Set("Google".into()),
            allow_unlinked: Set(allow_unlinked),
            scim_enabled: Set(false),
            date_added: Set(micros(Utc::now())),
            ..Default::default()
        };
        provider.insert(&self.db).await.unwrap()
    }

    /// Links a person to a provider.
    pub async fn db_auth_identity(&self, provider: &auth_provider::Model, user: &str) {
        let identity = auth_identity::ActiveModel {
            auth_provider_id: Set(provider.id),
            user_id: Set(row::<UserId>(user)),
            date_added: Set(micros(Utc::now())),
            ..Default::default()
        };
        identity.insert(&self.db).await.unwrap();
    }

    /// An app with an API token of the organization.
    pub async fn db_app(&self, organization: &Organization, scopes: &[&str]) -> Client {
        let random = [Uuid::new_v4().simple().to_string(), Uuid::new_v4().simple().to_string()].concat();
        let secret = format!("rst_{}", &random[..43]);
        let token = api_token::ActiveModel {
            organization_id: Set(organization.row()),
            name: Set("an app".into()),
            prefix: Set(secret[..8].into()),
            secret_hash: Set(Sha256::digest(&secret).to_vec()),
            scopes: Set(json!(scopes)),
            date_added: Set(micros(Utc::now())),
            ..Default::default()
        };
        token.insert(&self.db).await.unwrap();
        self.with_bearer(&secret)
    }

    /// An open request to let `email` in, as a member row of that status; its
    /// member id.
    pub async fn db_request(&self, organization: &Organization, email: &str, status: InviteStatus) -> String {
        let request = member::ActiveModel {
            organization_id: Set(organization.row()),
            email: Set(Some(email.into())),
            email_key: Set(Some(email.to_lowercase())),
            role: Set("member".into()),
            flags: Set(0),
            date_added: Set(micros(Utc::now())),
            has_global_access: Set(true),
            invite_status: Set(status),
            user_is_active: Set(true),
            sort_name: Set(email.to_lowercase()),
            ..Default::default()
        };
        request.insert(&self.db).await.unwrap().id.global()
    }

    /// A person as a member with any role, also one that nobody is given any more.
    pub async fn db_add_member(&self, organization: &Organization, user: UserId, role: &str) {
        let person = user::Entity::find_by_id(user).one(&self.db).await.unwrap().unwrap();
        let row = member::ActiveModel {
            organization_id: Set(organization.row()),
            user_id: Set(Some(user)),
            role: Set(role.into()),
            flags: Set(0),
            date_added: Set(micros(Utc::now())),
            has_global_access: Set(true),
            invite_status: Set(InviteStatus::Approved),
            user_is_active: Set(person.is_active),
            user_email: Set(person.verified_email().map(str::to_owned)),
            sort_name: Set(person.sort_name()),
            ..Default::default()
        };
        row.insert(&self.db).await.unwrap();
    }

    /// An open request for access to a team, made by somebody else; its id.
    pub async fn db_access_request(&self, team: &str, member: &str, requester: &str) -> String {
        let request = access_request::ActiveModel {
            team_id: Set(row(team)),
            member_id: Set(row(member)),
            requester_id: Set(Some(row(requester))),
            date_added: Set(micros(Utc::now())),
            organization_id: Set(self.db_organization_of(team).await),
            ..Default::default()
        };
        request.insert(&self.db).await.unwrap().id.global()
    }

    async fn db_organization_of(&self, team: &str) -> OrganizationId {
        let team = team::Entity::find_by_id(row::<TeamId>(team)).one(&self.db).await;
        team.unwrap().unwrap().organization_id
    }

    /// Switches a person off, or on again, with the replicas in member rows.
    pub async fn db_set_active(&self, user: &str, is_active: bool) {
        let id = row::<UserId>(user);
        let mut active = user::Entity::find_by_id(id)
            .one(&self.db)
            .await
            .unwrap()
            .unwrap()
            .into_active_model();
        active.is_active = Set(is_active);
        active.update(&self.db).await.unwrap();
        member::Entity::update_many()
            .col_expr(member::Column::UserIsActive, Expr::value(is_active))
            .filter(member::Column::UserId.eq(id))
            .exec(&self.db)
            .await
            .unwrap();
    }

    /// Writes news into the log of an organization, as the delivery of the outbox
    /// does. Ids of the events.
    pub async fn db_tell(&self, organization: &Organization, news: &[(EventType, i64)]) -> Vec<String> {
        let id = organization.row();
        let head = event_head::Entity::find_by_id(id).one(&self.db).await.unwrap();
        let last = head.as_ref().map_or(0, |head| head.sequence);
        let now = micros(Utc::now());
        let events: Vec<_> = news
            .iter()
            .zip(last + 1..)
            .map(|((kind, object), sequence)| event::Model {
                organization_id: id,
                sequence,
                r#type: *kind,
                object_identifier: *object,
                occurred_at: now,
                date_added: now,
            })
            .collect();
        let tx = self.db.begin().await.unwrap();
        let rows = events.iter().cloned().map(event::Model::into_active_model);
        // All of it is new.
        let rows = rows.map(ActiveModelTrait::reset_all);
        event::Entity::insert_many(rows)
            .exec_without_returning(&tx)
            .await
            .unwrap();
        let sequence = Set(last + events.len() as i64);
        match head {
            Some(head) => {
                let mut head = head.into_active_model();
                head.sequence = sequence;
                head.update(&tx).await.unwrap();
            }
            None => {
                let head = event_head::ActiveModel {
                    organization_id: Set(id),
                    sequence,
                    forgotten: Set(0),
                    published: Set(0),
                    publishing_until: Set(None),
                };
                event_head::Entity::insert(head)
                    .exec_without_returning(&tx)
                    .await
                    .unwrap();
            }
        }
        tx.commit().await.unwrap();
        events.iter().map(|event| event.id().global()).collect()
    }

    /// The audit log of the organization, oldest first.
    pub async fn db_audit(&self, organization: &Organization) -> Vec<Audit> {
        let rows = audit_log_entry::Entity::within(organization.row()).order_by_asc(audit_log_entry::Column::Id);
        let audit = |row: audit_log_entry::Model| Audit {
            event: row.event,
            actor: row.actor_id.map(RowId::global),
            target_user: row.target_user_id.map(RowId::global),
            target: row.target_object_id,
            data: row.data,
            ip: row.ip,
        };
        rows.all(&self.db).await.unwrap().into_iter().map(audit).collect()
    }

    /// What was recorded as changed, oldest first: category and object number.
    pub async fn db_outbox(&self, organization: &Organization) -> Vec<(Category, i64)> {
        let rows = outbox::Entity::find()
            .filter(outbox::Column::ShardScope.eq(0))
            .filter(outbox::Column::ShardIdentifier.eq(i64::from(organization.row())))
            .order_by_asc(outbox::Column::Id);
        rows.all(&self.db)
            .await
            .unwrap()
            .into_iter()
            .map(|row| (row.category, row.object_identifier))
            .collect()
    }

    /// Holds the member's row, as somebody else's unfinished change would.
    pub async fn db_hold(&self, member: &str) -> DatabaseTransaction {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let held = self.db.begin_with_options(options).await.unwrap();
        let row = member::Entity::find_by_id(row::<MemberId>(member)).lock_exclusive();
        assert!(row.one(&held).await.unwrap().is_some());
        held
    }

    /// The work that waits, oldest first.
    pub async fn db_jobs(&self) -> Vec<job::Model> {
        job::Entity::find()
            .order_by_asc(job::Column::Id)
            .all(&self.db)
            .await
            .unwrap()
    }
}

impl Organization {
    /// The number of its row.
    pub fn row(&self) -> OrganizationId {
        row(&self.id)
    }
}

/// As precise as both databases store it.
fn micros(time: DateTime<Utc>) -> DateTime<Utc> {
    chrono::SubsecRound::trunc_subsecs(time, 6)
}
