//! The audit log (spec §22): what is written, and how it reads.

mod event;
mod export;
mod words;

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use entity::{
    audit_log_entry,
    ids::{MemberId, OrganizationId, RowId, TeamId, UserId},
    member, organization, team, team_member, user, webhook,
};
use sea_orm::{
    ActiveEnum, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::{Value, json};
use url::Url;

pub use self::{
    event::Event,
    export::{Export, Line},
    words::render,
};
use super::{listing::Listing, text};
use crate::{
    access::Access,
    app::App,
    auth::{Actor, Author},
    clock,
    db::{Write, any_of},
    error::Result,
    roles::Scope,
};

/// A line of the log, without what every line has.
#[derive(Clone, Debug)]
pub struct Entry {
    event: Event,
    target: Option<i64>,
    target_user: Option<UserId>,
    data: Value,
}

impl Entry {
    /// Something happened to a member row, whose `data` is member audit data.
    pub fn member(event: Event, row: &member::Model, data: Value) -> Self {
        Self {
            event,
            target: Some(row.id.0),
            target_user: row.user_id,
            data,
        }
    }

    /// A person's place became pending: `row`, whose `data` is member audit data.
    pub fn member_pending(row: &member::Model, person: UserId, data: Value) -> Self {
        Self {
            event: Event::MemberPending,
            target: Some(row.organization_id.0),
            target_user: Some(person),
            data,
        }
    }

    /// Somebody outside asked to be let in.
    pub fn join_request(request: MemberId, email: &str) -> Self {
        Self {
            event: Event::InviteRequestAdd,
            target: Some(request.0),
            target_user: None,
            data: json!({ "email": email }),
        }
    }

    /// A member came into a team or went.
    pub fn team_membership(event: Event, row: &member::Model, email: Option<&str>, team_slug: &str) -> Self {
        let data = json!({
            "team_slug": team_slug,
            "member_id": row.id.global(),
            "email": email,
            "is_active": event == Event::MemberJoinTeam,
        });
        Self::member(event, row, data)
    }

    /// Something happened to the organization.
    pub fn organization(event: Event, row: &organization::Model, data: Value) -> Self {
        Self {
            event,
            target: Some(row.id.0),
            target_user: None,
            data,
        }
    }

    /// Something happened to a team.
    pub fn team(event: Event, row: &team::Model) -> Self {
        let data = json!({
            "id": row.id.global(),
            "slug": row.slug,
            "name": row.name,
            "status": row.status as i32,
        });
        Self {
            event,
            target: Some(row.id.0),
            target_user: None,
            data,
        }
    }
}

impl Entry {
    /// Something happened to a webhook. Of its URL only the server is told: the
    /// rest may be a secret, and more people read this than see webhooks.
    pub fn webhook(event: Event, row: &webhook::Model) -> Self {
        let server = Url::parse(&row.url).map(|url| url.origin().ascii_serialization());
        let reason = row.disabled_reason.filter(|_| event == Event::WebhookDisable);
        let data = json!({
            "id": row.id.global(),
            "server": server.unwrap_or_default(),
            "event_types": row.event_types,
            "is_enabled": row.is_enabled,
            "reason": reason.map(|reason| reason.to_value()),
        });
        Self {
            event,
            target: Some(row.id.0),
            target_user: None,
            data,
        }
    }
}

/// Member audit data (§22): what a member row was at that moment.
pub fn member_data(row: &member::Model, email: Option<&str>, teams: &[team::Model]) -> Value {
    // By slug, wherever they come from.
    let mut teams: Vec<&team::Model> = teams.iter().collect();
    teams.sort_by(|one, other| one.slug.cmp(&other.slug));
    json!({
        "email": email,
        "user": row.user_id.map(RowId::global),
        "teams": teams.iter().map(|team| team.id.global()).collect::<Vec<_>>(),
        "team_slugs": teams.iter().map(|team| team.slug.as_str()).collect::<Vec<_>>(),
        "has_global_access": row.has_global_access,
        "role": row.role,
        "invite_status": match row.invite_status {
            member::InviteStatus::Approved => "approved",
            member::InviteStatus::RequestedToBeInvited => "requested_to_be_invited",
            member::InviteStatus::RequestedToJoin => "requested_to_join",
        },
    })
}

/// Organization audit data (§15).
pub fn organization_data(row: &organization::Model) -> Value {
    json!({
        "id": row.id.global(),
        "slug": row.slug,
        "name": row.name,
        "status": row.status as i32,
        "flags": row.flags,
        "default_role": row.default_role,
    })
}

/// The address by which a member is named: the person's, else the invited one.
pub fn email_of<'a>(row: &'a member::Model, user: Option<&'a user::Model>) -> Option<&'a str> {
    match user {
        Some(user) => user.email.as_deref().or(row.email.as_deref()),
        None => row.email.as_deref(),
    }
}

/// The same, of a row whose person is not at hand.
pub async fn find_email(db: &impl ConnectionTrait, row: &member::Model) -> Result<Option<String>> {
    let user = match row.user_id {
        Some(id) => user::Entity::find_by_id(id).one(db).await?,
        None => None,
    };
    Ok(email_of(row, user.as_ref()).map(str::to_owned))
}

/// Active teams of a member, by slug: what member audit data lists.
pub async fn teams_of(db: &impl ConnectionTrait, member: MemberId) -> Result<Vec<team::Model>> {
    let teams = team::Entity::find()
        .inner_join(team_member::Entity)
        .filter(team_member::Column::MemberId.eq(member))
        .filter(team_member::Column::IsActive.eq(true))
        .filter(team::Column::Status.eq(team::TeamStatus::Active))
        .order_by_asc(team::Column::Slug)
        .limit(10_000)
        .all(db)
        .await?;
    Ok(teams)
}

/// The same for many members, in two statements; members without teams are not
/// in it.
pub async fn teams_of_all(
    db: &impl ConnectionTrait,
    members: &[MemberId],
) -> Result<HashMap<MemberId, Vec<team::Model>>> {
    let backend = db.get_database_backend();
    let ids = members.iter().map(|member| member.0);
    let memberships: Vec<(MemberId, TeamId)> = team_member::Entity::find()
        .select_only()
        .columns([team_member::Column::MemberId, team_member::Column::TeamId])
        .filter(any_of(backend, team_member::Column::MemberId, ids))
        .filter(team_member::Column::IsActive.eq(true))
        .into_tuple()
        .all(db)
        .await?;
    let ids: BTreeSet<i64> = memberships.iter().map(|(_, team)| team.0).collect();
    let teams = team::Entity::find()
        .filter(any_of(backend, team::Column::Id, ids))
        .filter(team::Column::Status.eq(team::TeamStatus::Active))
        .all(db)
        .await?;
    let teams: HashMap<TeamId, team::Model> = teams.into_iter().map(|team| (team.id, team)).collect();
    let mut of_members: HashMap<_, Vec<_>> = HashMap::new();
    for (member, team) in memberships {
        if let Some(team) = teams.get(&team) {
            of_members.entry(member).or_default().push(team.clone());
        }
    }
    Ok(of_members)
}

/// Writes entries in the transaction of the change; one statement for all.
pub async fn record(
    tx: &Write,
    actor: &Actor,
    organization: OrganizationId,
    entries: impl IntoIterator<Item = Entry>,
) -> Result<()> {
    record_by(tx, &actor.into(), organization, entries).await
}

/// The same for what is done after the request that asked for it.
pub async fn record_by(
    tx: &Write,
    author: &Author,
    organization: OrganizationId,
    entries: impl IntoIterator<Item = Entry>,
) -> Result<()> {
    let label: String = author.name.chars().take(64).collect();
    // Not the time of the request: of two that waited for each other, the later
    // entry tells what holds.
    let now = clock::now();
    let rows: Vec<_> = entries
        .into_iter()
        .map(|entry| audit_log_entry::ActiveModel {
            organization_id: Set(organization),
            actor_id: Set(author.user),
            actor_key_id: Set(author.api_token),
            actor_label: Set(label.clone()),
            target_object_id: Set(entry.target),
            target_user_id: Set(entry.target_user),
            event: Set(entry.event as i32),
            ip: Set(author.ip.clone()),
            data: Set(entry.data),
            datetime: Set(now),
            ..Default::default()
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    audit_log_entry::Entity::insert_many(rows)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// What a reader of the log is looking for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Event names; unknown ones match nothing.
    pub events: Option<Vec<String>>,
    /// Who acted.
    pub actor: Option<UserId>,
    /// Only later entries.
    pub after: Option<DateTime<Utc>>,
    /// Only earlier entries.
    pub before: Option<DateTime<Utc>>,
}

/// Entries of the organization that match; the page and its order are the
/// caller's. Requires org:write.
pub fn list(app: &App, access: &Access, filter: &Filter) -> Result<Listing<audit_log_entry::Entity>> {
    let organization = access.require(&[Scope::OrgWrite])?;
    let mut query = audit_log_entry::Entity::within(organization);
    if let Some(actor) = filter.actor {
        query = query.filter(audit_log_entry::Column::ActorId.eq(actor));
    }
    if let Some(after) = filter.after {
        query = query.filter(audit_log_entry::Column::Datetime.gt(after));
    }
    if let Some(before) = filter.before {
        query = query.filter(audit_log_entry::Column::Datetime.lt(before));
    }
    let Some(events) = &filter.events else {
        return Ok(query.into());
    };
    text::bounded(&app.config, events.len(), "events")?;
    let numbers: BTreeSet<i32> = events
        .iter()
        .filter_map(|name| name.parse::<Event>().ok())
        .map(|event| event as i32)
        .collect();
    let of_event = |number| query.clone().filter(audit_log_entry::Column::Event.eq(number));
    Ok(Listing::of_parts(numbers.into_iter().map(of_event)))
}
