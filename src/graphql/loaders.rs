//! Every batched lookup. One statement for any number of keys, and an answer
//! for each of them.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::Hash,
    sync::Arc,
};

use ::dataloader::BatchFn;
use entity::{
    FromColumns, access_request, api_token, audit_log_entry, auth_provider, event_head,
    ids::{
        AccessRequestId, ApiTokenId, AuditLogEntryId, AuthProviderId, MemberId, OrganizationId, TeamId, TeamMemberId,
        UserId, WebhookDeliveryId, WebhookId,
    },
    invite_delivery, member, organization, organization_avatar, organization_counter, organization_option, team,
    team_member, user, webhook,
    webhook_delivery::{self, DeliveryStatus},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, JoinType, Order, QueryFilter,
    QuerySelect, QueryTrait, RelationDef, RelationTrait,
    sea_query::{Alias, Asterisk, Expr, ExprTrait, Func, Query, SelectStatement, UnionType, WindowStatement},
};

use super::{lookup, page::Window, webhook::newest_first};
use crate::{
    access::Standing,
    app::App,
    auth::{Actor, Who},
    db::{Db, any_of, pairs, rows},
    domain::{invite, listing::union, options::Settings, webhook as hooks},
    roles,
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

/// Where the caller stands with organizations.
#[derive(Clone, Debug)]
pub struct Standings(Db, Arc<Actor>);

impl BatchFn<OrganizationId, Batch<Row<Standing>>> for Standings {
    async fn load(&mut self, keys: &[OrganizationId]) -> HashMap<OrganizationId, Batch<Row<Standing>>> {
        let matching = any_of(
            self.0.get_database_backend(),
            organization::Column::Id,
            keys.iter().map(|key| key.0),
        );
        let rows = Standing::find(&self.0, &self.1, matching).await;
        one_each(keys, rows, |standing| standing.organization.id)
    }
}

/// Organizations that have an open invite for the caller.
#[derive(Clone, Debug)]
pub struct Invited(Db, Arc<Actor>);

impl BatchFn<OrganizationId, Batch<bool>> for Invited {
    async fn load(&mut self, keys: &[OrganizationId]) -> HashMap<OrganizationId, Batch<bool>> {
        let backend = self.0.get_database_backend();
        let found = invite::addressed_to(&self.1)
            .select_only()
            .column(member::Column::OrganizationId)
            .filter(any_of(
                backend,
                member::Column::OrganizationId,
                keys.iter().map(|key| key.0),
            ))
            .into_tuple::<OrganizationId>()
            .all(&self.0)
            .await;
        match found {
            Ok(found) => keys.iter().map(|key| (*key, Ok(found.contains(key)))).collect(),
            Err(error) => fail(keys, error),
        }
    }
}

/// Active teams of members.
#[derive(Clone, Debug)]
pub struct TeamsOfMember(Db);

impl BatchFn<MemberId, Batch<Arc<Vec<InTeam>>>> for TeamsOfMember {
    async fn load(&mut self, keys: &[MemberId]) -> HashMap<MemberId, Batch<Arc<Vec<InTeam>>>> {
        let backend = self.0.get_database_backend();
        let found = team_member::Entity::find()
            .find_also_related(team::Entity)
            .filter(any_of(
                backend,
                team_member::Column::MemberId,
                keys.iter().map(|key| key.0),
            ))
            .filter(team_member::Column::IsActive.eq(true))
            .filter(team::Column::Status.eq(team::TeamStatus::Active));
        let rows = async {
            let rows = self.0.query_all(&found.into_query()).await?;
            // Members share teams: each is read once.
            let mut teams = HashMap::new();
            let mut in_teams = Vec::with_capacity(rows.len());
            for row in &rows {
                let place = team_member::Model::from_columns(row, 0)?;
                let team = match teams.entry(place.team_id) {
                    Entry::Occupied(known) => Arc::clone(known.get()),
                    Entry::Vacant(new) => {
                        let team = team::Model::from_columns(row, team_member::Model::COUNT)?;
                        new.insert(Arc::new(team)).clone()
                    }
                };
                in_teams.push((place, team));
            }
            // Here, where each member has a few: the database would put all in order.
            in_teams.sort_by(|(_, one), (_, other): &InTeam| one.slug.cmp(&other.slug));
            Ok(in_teams)
        };
        group(keys, rows.await, |(row, _): &InTeam| row.member_id, |row| row)
    }
}

/// Pages of the memberships of teams. Each team's page is read on its own
/// inside one statement, so that nothing is read that is not answered.
#[derive(Clone, Debug)]
pub struct MembershipsOfTeam(Db);

impl BatchFn<(TeamId, Window), Batch<Arc<Vec<OfTeam>>>> for MembershipsOfTeam {
    async fn load(&mut self, keys: &[(TeamId, Window)]) -> HashMap<(TeamId, Window), Batch<Arc<Vec<OfTeam>>>> {
        // A client may ask for several windows of the same teams; siblings
        // share theirs, so this is one statement for each field of the query.
        let mut windows: HashMap<&Window, Vec<TeamId>> = HashMap::new();
        for (team, window) in keys {
            windows.entry(window).or_default().push(*team);
        }
        let mut found = HashMap::new();
        for (window, teams) in windows {
            let rows = read_memberships(&self.0, &teams, window).await;
            let pages = group(&teams, rows, |(row, _): &OfTeam| row.team_id, |row| row);
            found.extend(pages.into_iter().map(|(team, page)| ((team, window.clone()), page)));
        }
        found
    }
}

/// Memberships that are shown: active ones of members that are shown.
fn shown_memberships(query: sea_orm::Select<team_member::Entity>) -> sea_orm::Select<team_member::Entity> {
    query
        .join(JoinType::InnerJoin, team_member::Relation::Member.def())
        .filter(team_member::Column::IsActive.eq(true))
        .filter(member::Entity::shown())
}

async fn read_memberships(db: &Db, teams: &[TeamId], window: &Window) -> Result<Vec<OfTeam>, DbErr> {
    let page_of = |team: Expr| -> SelectStatement {
        let mut query = shown_memberships(team_member::Entity::find())
            .filter(team_member::Column::TeamId.into_expr().eq(team))
            .limit(window.rows_to_read())
            .select_also(member::Entity);
        // The window was checked against this order where it was made.
        let _ = super::team::memberships_order().apply(QuerySelect::query(&mut query), window);
        query.into_query()
    };
    let statements = match db.backend() {
        // The same statement for any number of teams, which is planned once.
        DbBackend::Postgres => vec![each_page(teams, page_of)],
        _ => {
            // It takes at most 500 parts.
            const PARTS_MAX: usize = 400;
            let part = |teams: &[TeamId]| union(UnionType::All, teams.iter().map(|team| page_of(Expr::value(*team))));
            teams.chunks(PARTS_MAX).filter_map(part).collect()
        }
    };
    let mut rows = Vec::new();
    for statement in statements {
        let found = pairs(db, &statement).await?;
        let both = found
            .into_iter()
            .filter_map(|(row, member)| Some((row, Arc::new(member?))));
        rows.extend(both);
    }
    // A join promises no order.
    rows.sort_by_key(|(row, _): &OfTeam| row.id);
    if window.is_backward() {
        rows.reverse();
    }
    Ok(rows)
}

/// The page of each team in an array.
fn each_page(teams: &[TeamId], page_of: impl Fn(Expr) -> SelectStatement) -> SelectStatement {
    let ids: Vec<i64> = teams.iter().map(|team| team.0).collect();
    Query::select()
        .column(("page", Asterisk))
        .from_function(Func::cust("unnest").arg(Expr::value(ids)), "wanted")
        .join_lateral(
            JoinType::InnerJoin,
            page_of(Expr::col(("wanted", "wanted"))),
            "page",
            Expr::value(true),
        )
        .to_owned()
}

/// Which deliveries are wanted: of which webhook, with which status, and which
/// part of the list.
pub type DeliveriesKey = (WebhookId, Option<DeliveryStatus>, Window);

/// Pages of the deliveries to webhooks, each read on its own inside one
/// statement.
#[derive(Clone, Debug)]
pub struct DeliveriesOfWebhook(Db);

impl BatchFn<DeliveriesKey, Batch<Arc<Vec<webhook_delivery::Model>>>> for DeliveriesOfWebhook {
    async fn load(
        &mut self,
        keys: &[DeliveriesKey],
    ) -> HashMap<DeliveriesKey, Batch<Arc<Vec<webhook_delivery::Model>>>> {
        let mut lists: HashMap<(Option<DeliveryStatus>, &Window), Vec<WebhookId>> = HashMap::new();
        for (webhook, status, window) in keys {
            lists.entry((*status, window)).or_default().push(*webhook);
        }
        let mut found = HashMap::new();
        for ((status, window), webhooks) in lists {
            let rows = read_deliveries(&self.0, &webhooks, status, window).await;
            let pages = group(&webhooks, rows, |row| row.webhook_id, |row| row);
            found.extend(
                pages
                    .into_iter()
                    .map(|(webhook, page)| ((webhook, status, window.clone()), page)),
            );
        }
        found
    }
}

async fn read_deliveries(
    db: &Db,
    webhooks: &[WebhookId],
    status: Option<DeliveryStatus>,
    window: &Window,
) -> Result<Vec<webhook_delivery::Model>, DbErr> {
    let page_of = |webhook: &WebhookId| -> SelectStatement {
        let mut query = hooks::deliveries(*webhook, status).limit(window.rows_to_read());
        // The window was checked against this order where it was made.
        let _ = newest_first().apply(QuerySelect::query(&mut query), window);
        query.into_query()
    };
    // SQLite takes at most 500 parts; an organization has fewer webhooks.
    const PARTS_MAX: usize = 400;
    let mut found = Vec::new();
    for webhooks in webhooks.chunks(PARTS_MAX) {
        let Some(statement) = union(UnionType::All, webhooks.iter().map(page_of)) else {
            continue;
        };
        found.extend(rows(db, &statement).await?);
    }
    Ok(found)
}

/// How many deliveries to webhooks there are.
#[derive(Clone, Debug)]
pub struct DeliveryCounts(Db);

impl BatchFn<(WebhookId, Option<DeliveryStatus>), Batch<i64>> for DeliveryCounts {
    async fn load(
        &mut self,
        keys: &[(WebhookId, Option<DeliveryStatus>)],
    ) -> HashMap<(WebhookId, Option<DeliveryStatus>), Batch<i64>> {
        let backend = self.0.get_database_backend();
        let rows = webhook_delivery::Entity::find()
            .select_only()
            .columns([webhook_delivery::Column::WebhookId, webhook_delivery::Column::Status])
            .column_as(webhook_delivery::Column::Id.count(), "count")
            .filter(any_of(
                backend,
                webhook_delivery::Column::WebhookId,
                keys.iter().map(|(webhook, _)| webhook.0),
            ))
            .group_by(webhook_delivery::Column::WebhookId)
            .group_by(webhook_delivery::Column::Status)
            .into_tuple::<(WebhookId, DeliveryStatus, i64)>()
            .all(&self.0)
            .await;
        let rows = match rows {
            Ok(rows) => rows,
            Err(error) => return fail(keys, error),
        };
        let count = |(webhook, status): &(WebhookId, Option<DeliveryStatus>)| {
            let of = |row: &&(WebhookId, DeliveryStatus, i64)| {
                row.0 == *webhook && status.is_none_or(|status| row.1 == status)
            };
            rows.iter().filter(of).map(|row| row.2).sum()
        };
        keys.iter().map(|key| (*key, Ok(count(key)))).collect()
    }
}

/// Sizes of teams.
#[derive(Clone, Debug)]
pub struct TeamSizes(Db);

impl BatchFn<TeamId, Batch<i64>> for TeamSizes {
    async fn load(&mut self, keys: &[TeamId]) -> HashMap<TeamId, Batch<i64>> {
        let backend = self.0.get_database_backend();
        let rows = shown_memberships(team_member::Entity::find())
            .filter(any_of(
                backend,
                team_member::Column::TeamId,
                keys.iter().map(|key| key.0),
            ))
            .select_only()
            .column(team_member::Column::TeamId)
            .column_as(team_member::Column::Id.count(), "size")
            .group_by(team_member::Column::TeamId)
            .into_tuple::<(TeamId, i64)>()
            .all(&self.0)
            .await;
        match rows {
            Err(error) => fail(keys, error),
            Ok(rows) => {
                let mut sizes: HashMap<_, _> = keys.iter().map(|key| (*key, Ok(0))).collect();
                sizes.extend(rows.into_iter().map(|(team, size)| (team, Ok(size))));
                sizes
            }
        }
    }
}

/// Memberships by team and member.
#[derive(Clone, Debug)]
pub struct TeamMemberships(Db);

impl BatchFn<(TeamId, MemberId), Batch<Row<team_member::Model>>> for TeamMemberships {
    async fn load(
        &mut self,
        keys: &[(TeamId, MemberId)],
    ) -> HashMap<(TeamId, MemberId), Batch<Row<team_member::Model>>> {
        let backend = self.0.get_database_backend();
        // Siblings ask for one member in many teams, so the product of both
        // lists is hardly larger than the pairs.
        let found = team_member::Entity::find()
            .filter(any_of(
                backend,
                team_member::Column::TeamId,
                keys.iter().map(|(team, _)| team.0),
            ))
            .filter(any_of(
                backend,
                team_member::Column::MemberId,
                keys.iter().map(|(_, member)| member.0),
            ))
            .filter(team_member::Column::IsActive.eq(true));
        let rows = rows(&self.0, found.as_query()).await;
        one_each(keys, rows, |row: &team_member::Model| (row.team_id, row.member_id))
    }
}

/// Effective options of organizations.
#[derive(Clone, Debug)]
pub struct SettingsOf(Db);

impl BatchFn<OrganizationId, Batch<Row<Settings>>> for SettingsOf {
    async fn load(&mut self, keys: &[OrganizationId]) -> HashMap<OrganizationId, Batch<Row<Settings>>> {
        let backend = self.0.get_database_backend();
        let rows = organization::Entity::find()
            .filter(any_of(backend, organization::Column::Id, keys.iter().map(|key| key.0)))
            .join(
                JoinType::LeftJoin,
                RelationDef::from(
                    organization::Entity::belongs_to(organization_option::Entity)
                        .from(organization::Column::Id)
                        .to(organization_option::Column::OrganizationId),
                ),
            )
            .select_also(organization_option::Entity)
            .all(&self.0)
            .await;
        let grouped = rows.map(|rows| {
            let mut settings: HashMap<OrganizationId, (organization::Model, Vec<organization_option::Model>)> =
                HashMap::new();
            for (organization, option) in rows {
                settings
                    .entry(organization.id)
                    .or_insert_with(|| (organization, Vec::new()))
                    .1
                    .extend(option);
            }
            settings
                .into_values()
                .map(|(organization, options)| Settings::new(&organization, options))
                .collect()
        });
        one_each(keys, grouped, Settings::organization_id)
    }
}

/// Up to two active owners of organizations: enough to know whether somebody is
/// the only one.
#[derive(Clone, Debug)]
pub struct ActiveOwners(Db);

impl BatchFn<OrganizationId, Batch<Arc<Vec<MemberId>>>> for ActiveOwners {
    async fn load(&mut self, keys: &[OrganizationId]) -> HashMap<OrganizationId, Batch<Arc<Vec<MemberId>>>> {
        #[derive(FromQueryResult)]
        struct Owner {
            organization_id: OrganizationId,
            id: MemberId,
        }
        let backend = self.0.get_database_backend();
        let number = Alias::new("number");
        let mut numbered = member::Entity::find()
            .select_only()
            .columns([member::Column::OrganizationId, member::Column::Id])
            .filter(any_of(
                backend,
                member::Column::OrganizationId,
                keys.iter().map(|key| key.0),
            ))
            .filter(member::Column::Role.eq(roles::OWNER))
            .filter(member::Column::UserId.is_not_null())
            .filter(member::Entity::shown())
            .into_query();
        numbered.expr_window_as(
            Expr::cust("ROW_NUMBER()"),
            WindowStatement::partition_by(member::Column::OrganizationId)
                .order_by(member::Column::Id, Order::Asc)
                .to_owned(),
            number.clone(),
        );
        let statement = Query::select()
            .columns([member::Column::OrganizationId, member::Column::Id])
            .from_subquery(numbered, Alias::new("owner"))
            .and_where(Expr::col(number).lte(2))
            .to_owned();
        let rows = Owner::find_by_statement(backend.build(&statement)).all(&self.0).await;
        group(keys, rows, |owner| owner.organization_id, |owner| owner.id)
    }
}

/// Organizations that the caller shares with people. For an app, its own
/// organization if the person is a member there.
#[derive(Clone, Debug)]
pub struct SharedOrganizations(Db, Arc<Actor>);

impl BatchFn<UserId, Batch<Arc<Vec<OrganizationId>>>> for SharedOrganizations {
    async fn load(&mut self, keys: &[UserId]) -> HashMap<UserId, Batch<Arc<Vec<OrganizationId>>>> {
        let backend = self.0.get_database_backend();
        let own = match &self.1.who {
            Who::Anonymous => return keys.iter().map(|key| (*key, Ok(Arc::default()))).collect(),
            Who::App(app) => member::Column::OrganizationId.eq(app.token.organization_id),
            // They see every organization, but those that shut them out.
            Who::Person(person) if person.is_superuser => member::Column::OrganizationId.is_not_null(),
            Who::Person(person) => member::Column::OrganizationId.in_subquery(
                member::Entity::find()
                    .select_only()
                    .column(member::Column::OrganizationId)
                    .filter(member::Column::UserId.eq(person.user.id))
                    .into_query(),
            ),
        };
        let rows = member::Entity::find()
            .select_only()
            .columns([member::Column::UserId, member::Column::OrganizationId])
            .filter(any_of(backend, member::Column::UserId, keys.iter().map(|key| key.0)))
            .filter(own)
            .into_tuple::<(UserId, OrganizationId)>()
            .all(&self.0)
            .await;
        group(keys, rows, |(user, _)| *user, |(_, organization)| organization)
    }
}
