//! Every batched lookup. One statement for any number of keys, and an answer
//! for each of them.

mod organizations;
mod teams;
mod webhooks;

use std::{collections::HashMap, hash::Hash, sync::Arc};

use ::dataloader::BatchFn;
use entity::{
    access_request, api_token, audit_log_entry, auth_provider, event_head,
    ids::{
        AccessRequestId, ApiTokenId, AuditLogEntryId, AuthProviderId, MemberId, OrganizationId, TeamId, TeamMemberId,
        UserId, WebhookDeliveryId, WebhookId,
    },
    invite_delivery, member, organization_avatar, organization_counter, team, team_member, user, webhook,
    webhook_delivery::{self, DeliveryStatus},
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryTrait};

pub use self::{
    organizations::{ActiveOwners, Invited, SettingsOf, SharedOrganizations, Standings},
    teams::{MembershipsOfTeam, TeamMemberships, TeamSizes, TeamsOfMember},
    webhooks::{DeliveriesKey, DeliveriesOfWebhook, DeliveryCounts},
};
use super::{lookup, page::Window};
use crate::{
    access::Standing,
    app::App,
    auth::Actor,
    db::{Db, any_of, rows},
    domain::options::Settings,
};

/// What a lookup yields: errors travel as values, shared by all who waited.
pub type Batch<V> = Result<V, Arc<DbErr>>;
type Lookup<K, V, F> = lookup::Lookup<K, Batch<V>, F>;
type Row<M> = Option<Arc<M>>;

/// A membership in an active team, with the team.
pub type InTeam = (team_member::Model, Arc<team::Model>);

/// A membership with its member.
pub type OfTeam = (team_member::Model, Arc<member::Model>);

/// The lookups of one request; what one resolver has loaded, the next finds.
pub struct Loaders {
    /// Where the caller stands with an organization.
    pub standings: Lookup<OrganizationId, Row<Standing>, Standings>,
    /// People.
    pub users: Lookup<UserId, Row<user::Model>, Users>,
    /// Members, invites and requests, whatever their state.
    pub members: Lookup<MemberId, Row<member::Model>, Members>,
    /// Active teams.
    pub teams: Lookup<TeamId, Row<team::Model>, Teams>,
    /// Active teams of a member with the memberships, by slug.
    pub teams_of_member: Lookup<MemberId, Arc<Vec<InTeam>>, TeamsOfMember>,
    /// A page of the memberships of a team with their members, as they are read.
    pub memberships_of_team: Lookup<(TeamId, Window), Arc<Vec<OfTeam>>, MembershipsOfTeam>,
    /// How many memberships a team has.
    pub team_sizes: Lookup<TeamId, i64, TeamSizes>,
    /// The membership of a member in a team.
    pub team_memberships: Lookup<(TeamId, MemberId), Row<team_member::Model>, TeamMemberships>,
    /// Memberships by id.
    pub team_memberships_by_id: Lookup<TeamMemberId, Row<team_member::Model>, TeamMembershipsById>,
    /// Requests for access to teams by id.
    pub access_requests: Lookup<AccessRequestId, Row<access_request::Model>, AccessRequests>,
    /// Lines of audit logs by id.
    pub audit_log_entries: Lookup<AuditLogEntryId, Row<audit_log_entry::Model>, AuditLogEntries>,
    /// API tokens by id.
    pub api_tokens: Lookup<ApiTokenId, Row<api_token::Model>, ApiTokens>,
    /// Webhooks by id.
    pub webhooks: Lookup<WebhookId, Row<webhook::Model>, Webhooks>,
    /// Deliveries to webhooks by id.
    pub webhook_deliveries: Lookup<WebhookDeliveryId, Row<webhook_delivery::Model>, WebhookDeliveries>,
    /// A page of the deliveries to a webhook, as they are read.
    pub deliveries_of_webhook: Lookup<DeliveriesKey, Arc<Vec<webhook_delivery::Model>>, DeliveriesOfWebhook>,
    /// How many deliveries to a webhook there are.
    pub delivery_counts: Lookup<(WebhookId, Option<DeliveryStatus>), i64, DeliveryCounts>,
    /// Single sign-on by id.
    pub auth_providers: Lookup<AuthProviderId, Row<auth_provider::Model>, AuthProviders>,
    /// Effective options of an organization that the caller may see.
    pub settings: Lookup<OrganizationId, Row<Settings>, SettingsOf>,
    /// Avatars of organizations.
    pub avatars: Lookup<OrganizationId, Row<organization_avatar::Model>, Avatars>,
    /// What was counted of organizations.
    pub counters: Lookup<OrganizationId, Row<organization_counter::Model>, Counters>,
    /// How far the logs of events have grown.
    pub event_heads: Lookup<OrganizationId, Row<event_head::Model>, EventHeads>,
    /// What became of invite mails.
    pub deliveries: Lookup<MemberId, Row<invite_delivery::Model>, Deliveries>,
    /// Two active owners of an organization, or as many as it has.
    pub active_owners: Lookup<OrganizationId, Arc<Vec<MemberId>>, ActiveOwners>,
    /// Whether an organization has an open invite for the caller.
    pub invited: Lookup<OrganizationId, bool, Invited>,
    /// Organizations that the caller and a person have in common.
    pub shared_organizations: Lookup<UserId, Arc<Vec<OrganizationId>>, SharedOrganizations>,
}

impl std::fmt::Debug for Loaders {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Loaders").finish_non_exhaustive()
    }
}

impl Loaders {
    /// Empty loaders for a request of `actor`.
    pub fn new(app: &Arc<App>, actor: &Arc<Actor>) -> Self {
        let db = || app.db.clone();
        Self {
            standings: Lookup::new(Standings(db(), actor.clone())),
            users: Lookup::new(Users(db())),
            members: Lookup::new(Members(db())),
            teams: Lookup::new(Teams(db())),
            teams_of_member: Lookup::new(TeamsOfMember(db())),
            memberships_of_team: Lookup::new(MembershipsOfTeam(db())),
            team_sizes: Lookup::new(TeamSizes(db())),
            team_memberships: Lookup::new(TeamMemberships(db())),
            team_memberships_by_id: Lookup::new(TeamMembershipsById(db())),
            access_requests: Lookup::new(AccessRequests(db())),
            audit_log_entries: Lookup::new(AuditLogEntries(db())),
            api_tokens: Lookup::new(ApiTokens(db())),
            webhooks: Lookup::new(Webhooks(db())),
            webhook_deliveries: Lookup::new(WebhookDeliveries(db())),
            deliveries_of_webhook: Lookup::new(DeliveriesOfWebhook(db())),
            delivery_counts: Lookup::new(DeliveryCounts(db())),
            auth_providers: Lookup::new(AuthProviders(db())),
            settings: Lookup::new(SettingsOf(db())),
            avatars: Lookup::new(Avatars(db())),
            counters: Lookup::new(Counters(db())),
            event_heads: Lookup::new(EventHeads(db())),
            deliveries: Lookup::new(Deliveries(db())),
            active_owners: Lookup::new(ActiveOwners(db())),
            invited: Lookup::new(Invited(db(), actor.clone())),
            shared_organizations: Lookup::new(SharedOrganizations(db(), actor.clone())),
        }
    }
}

/// One row or none for each key.
fn one_each<K, M>(keys: &[K], rows: Result<Vec<M>, DbErr>, key: impl Fn(&M) -> K) -> HashMap<K, Batch<Row<M>>>
where
    K: Eq + Hash + Clone,
{
    let mut found: HashMap<K, Batch<Row<M>>> = match rows {
        Ok(rows) => rows
            .into_iter()
            .map(|row| (key(&row), Ok(Some(Arc::new(row)))))
            .collect(),
        Err(error) => return fail(keys, error),
    };
    for wanted in keys {
        found.entry(wanted.clone()).or_insert(Ok(None));
    }
    found
}

/// All rows of each key, in the order in which they were read.
fn group<K, R, V>(
    keys: &[K],
    rows: Result<Vec<R>, DbErr>,
    key: impl Fn(&R) -> K,
    value: impl Fn(R) -> V,
) -> HashMap<K, Batch<Arc<Vec<V>>>>
where
    K: Eq + Hash + Clone,
{
    let rows = match rows {
        Ok(rows) => rows,
        Err(error) => return fail(keys, error),
    };
    let mut groups: HashMap<K, Vec<V>> = keys.iter().map(|key| (key.clone(), Vec::new())).collect();
    for row in rows {
        if let Some(group) = groups.get_mut(&key(&row)) {
            group.push(value(row));
        }
    }
    groups
        .into_iter()
        .map(|(key, group)| (key, Ok(Arc::new(group))))
        .collect()
}

/// The same error for every key: the loader panics on a missing one.
fn fail<K: Eq + Hash + Clone, V>(keys: &[K], error: DbErr) -> HashMap<K, Batch<V>> {
    let error = Arc::new(error);
    keys.iter().map(|key| (key.clone(), Err(error.clone()))).collect()
}

macro_rules! rows_by_id {
    ($($(#[$doc:meta])* $name:ident: $entity:ident by $column:ident as $field:ident: $id:ty $(, if $filter:expr)?;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(Db);

        impl BatchFn<$id, Batch<Row<$entity::Model>>> for $name {
            async fn load(&mut self, keys: &[$id]) -> HashMap<$id, Batch<Row<$entity::Model>>> {
                let backend = self.0.get_database_backend();
                let found = $entity::Entity::find()
                    .filter(any_of(backend, $entity::Column::$column, keys.iter().map(|key| key.0)))
                    $(.filter($filter))?;
                one_each(keys, rows(&self.0, found.as_query()).await, |row| row.$field)
            }
        }
    )*};
}

rows_by_id! {
    /// People by id.
    Users: user by Id as id: UserId;
    /// Member rows by id.
    Members: member by Id as id: MemberId;
    /// Active teams by id.
    Teams: team by Id as id: TeamId, if team::Column::Status.eq(team::TeamStatus::Active);
    /// Memberships by id.
    TeamMembershipsById: team_member by Id as id: TeamMemberId;
    /// Requests for access to teams by id.
    AccessRequests: access_request by Id as id: AccessRequestId;
    /// Lines of audit logs by id.
    AuditLogEntries: audit_log_entry by Id as id: AuditLogEntryId;
    /// API tokens by id.
    ApiTokens: api_token by Id as id: ApiTokenId;
    /// Webhooks by id.
    Webhooks: webhook by Id as id: WebhookId;
    /// Deliveries to webhooks by id.
    WebhookDeliveries: webhook_delivery by Id as id: WebhookDeliveryId;
    /// Single sign-on by id.
    AuthProviders: auth_provider by Id as id: AuthProviderId;
    /// Avatars by organization.
    Avatars: organization_avatar by OrganizationId as organization_id: OrganizationId;
    /// Counters by organization.
    Counters: organization_counter by OrganizationId as organization_id: OrganizationId;
    /// Heads of logs by organization.
    EventHeads: event_head by OrganizationId as organization_id: OrganizationId;
    /// Invite deliveries by member.
    Deliveries: invite_delivery by MemberId as member_id: MemberId;
}
