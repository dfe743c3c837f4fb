//! The audit log (spec §22): what is written, and how it reads.

mod export;

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use entity::{
    audit_log_entry,
    ids::{InviteId, MemberId, OrganizationId, RowId, TeamId, UserId, WebhookId},
    member, organization, team, team_member, user, webhook,
};
use sea_orm::{
    ActiveEnum, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::{Map, Value, json};
use strum::{EnumIter, EnumString, IntoEnumIterator, IntoStaticStr};
use url::Url;

pub use self::export::{Export, Line};
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

/// An entry in words, without the name of whoever acted: “invited ann@…”.
/// `target_name` names the person who was acted on, if that is still known.
pub fn render(entry: &audit_log_entry::Model, target_name: Option<&str>) -> String {
    let text = |key: &str| entry.data.get(key).and_then(Value::as_str);
    let member = text("email").or(target_name).unwrap_or("unknown");
    let is_self = entry.actor_id.is_some() && entry.actor_id == entry.target_user_id;
    let slug = text("team_slug").unwrap_or("unknown");
    let name = text("slug").unwrap_or("unknown");
    let server = text("server").unwrap_or("unknown");
    let Some(event) = Event::of_number(entry.event) else {
        return "did something".into();
    };
    match event {
        Event::MemberInvite => format!("invited member {member}"),
        Event::MemberAdd if is_self => "joined the organization".into(),
        Event::MemberAdd => format!("added member {member}"),
        Event::MemberAccept => "accepted the membership invite".into(),
        Event::MemberEdit => format!(
            "edited member {member} (role: {}, teams: {})",
            text("role").unwrap_or("N/A"),
            list_of(entry, "team_slugs")
        ),
        Event::MemberRemove if is_self => "left the organization".into(),
        Event::MemberRemove => format!("removed member {member}"),
        Event::MemberJoinTeam if is_self => format!("joined team {slug}"),
        Event::MemberJoinTeam => format!("added {member} to team {slug}"),
        Event::MemberLeaveTeam if is_self => format!("left team {slug}"),
        Event::MemberLeaveTeam => format!("removed {member} from team {slug}"),
        Event::MemberPending => format!("required member {member} to meet the organization's sign-in requirements"),
        Event::OrgAdd => "created the organization".into(),
        Event::OrgEdit => {
            let changes = entry.data.as_object().map(pairs).unwrap_or_default();
            format!("edited the organization setting: {changes}")
        }
        Event::OrgRemove => "removed the organization".into(),
        Event::OrgRestore => "restored the organization".into(),
        Event::TeamAdd => format!("created team {name}"),
        Event::TeamEdit => format!("edited team {name}"),
        Event::TeamRemove => format!("removed team {name}"),
        // What an outsider asked for has no more than the address.
        Event::InviteRequestAdd if text("role").is_none() => format!("asked to let {member} join"),
        Event::InviteRequestAdd => format!("requested to invite {member}"),
        Event::InviteRequestRemove => format!("rejected the invite request for {member}"),
        Event::InviteRemove => format!("withdrew the invite for {member}"),
        Event::MemberReinvite => format!("invited member {member} again"),
        Event::WebhookAdd => format!("created a webhook to {server}"),
        Event::WebhookEdit => format!("edited the webhook to {server}"),
        Event::WebhookRemove => format!("removed the webhook to {server}"),
        Event::WebhookRotate => format!("made a new secret for the webhook to {server}"),
        Event::WebhookDisable if text("reason") == Some("gone") => {
            format!("disabled the webhook to {server}, which is gone")
        }
        Event::WebhookDisable => format!("disabled the webhook to {server}, which has failed for days"),
    }
}

fn pairs(data: &Map<String, Value>) -> String {
    let pairs: Vec<_> = data
        .iter()
        .map(|(key, value)| format!("{key} {}", value.as_str().unwrap_or_default()))
        .collect();
    pairs.join(", ")
}

fn list_of(entry: &audit_log_entry::Model, key: &str) -> String {
    let items: Vec<_> = entry
        .data
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    items.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How an entry of Ann's about `target` reads.
    fn message(event: i32, target: Option<UserId>, data: Value) -> String {
        let entry = audit_log_entry::Model {
            id: 1.into(),
            organization_id: OrganizationId(1),
            actor_id: Some(UserId(1)),
            actor_key_id: None,
            actor_label: "Ann".into(),
            target_object_id: Some(1),
            target_user_id: target,
            event,
            ip: None,
            data,
            datetime: DateTime::UNIX_EPOCH,
        };
        render(&entry, target.map(|_| "Bob"))
    }

    #[test]
    fn every_event_reads_well() {
        let bob = || Some(UserId(2));
        let member = || json!({ "email": "bob@example.com", "role": "manager", "team_slugs": ["blue", "red"] });
        let team = || json!({ "slug": "red", "name": "Red" });
        let joined = || json!({ "email": "bob@example.com", "team_slug": "red" });
        let hook = || json!({ "server": "https://example.com", "reason": "gone" });
        let messages = [
            (
                Event::WebhookAdd,
                None,
                hook(),
                "created a webhook to https://example.com",
            ),
            (
                Event::WebhookEdit,
                None,
                hook(),
                "edited the webhook to https://example.com",
            ),
            (
                Event::WebhookRemove,
                None,
                hook(),
                "removed the webhook to https://example.com",
            ),
            (
                Event::WebhookRotate,
                None,
                hook(),
                "made a new secret for the webhook to https://example.com",
            ),
            (
                Event::WebhookDisable,
                None,
                hook(),
                "disabled the webhook to https://example.com, which is gone",
            ),
            (Event::MemberInvite, None, member(), "invited member bob@example.com"),
            (Event::MemberAdd, None, member(), "added member bob@example.com"),
            (
                Event::MemberAccept,
                Some(UserId(1)),
                member(),
                "accepted the membership invite",
            ),
            (
                Event::MemberEdit,
                bob(),
                member(),
                "edited member bob@example.com (role: manager, teams: blue, red)",
            ),
            (Event::MemberRemove, bob(), member(), "removed member bob@example.com"),
            (
                Event::MemberJoinTeam,
                bob(),
                joined(),
                "added bob@example.com to team red",
            ),
            (
                Event::MemberLeaveTeam,
                bob(),
                joined(),
                "removed bob@example.com from team red",
            ),
            (
                Event::MemberPending,
                bob(),
                member(),
                "required member bob@example.com to meet the organization's sign-in requirements",
            ),
            (
                Event::OrgAdd,
                None,
                json!({ "slug": "acme" }),
                "created the organization",
            ),
            (
                Event::OrgEdit,
                None,
                json!({ "name": "from Acme to Apex", "require_2fa": "to true" }),
                "edited the organization setting: name from Acme to Apex, require_2fa to true",
            ),
            (
                Event::OrgRemove,
                None,
                json!({ "slug": "acme" }),
                "removed the organization",
            ),
            (
                Event::OrgRestore,
                None,
                json!({ "slug": "acme" }),
                "restored the organization",
            ),
            (Event::TeamAdd, None, team(), "created team red"),
            (Event::TeamEdit, None, team(), "edited team red"),
            (Event::TeamRemove, None, team(), "removed team red"),
            (
                Event::InviteRequestAdd,
                None,
                member(),
                "requested to invite bob@example.com",
            ),
            (
                Event::InviteRequestRemove,
                None,
                member(),
                "rejected the invite request for bob@example.com",
            ),
            (
                Event::InviteRemove,
                None,
                member(),
                "withdrew the invite for bob@example.com",
            ),
            (
                Event::MemberReinvite,
                None,
                member(),
                "invited member bob@example.com again",
            ),
        ];
        for event in Event::iter() {
            let (_, target, data, wanted) = messages.iter().find(|(known, ..)| *known == event).expect("a message");
            assert_eq!(message(event as i32, *target, data.clone()), *wanted);
            // What an outsider asks for has no role yet.
            let asked = message(
                Event::InviteRequestAdd as i32,
                None,
                json!({ "email": "zoe@example.com" }),
            );
            assert_eq!(asked, "asked to let zoe@example.com join");
        }
    }

    #[test]
    fn what_people_do_to_themselves_reads_so() {
        let ann = || Some(UserId(1));
        let data = || json!({ "email": "ann@example.com", "team_slug": "red" });
        for (event, wanted) in [
            (Event::MemberAdd, "joined the organization"),
            (Event::MemberRemove, "left the organization"),
            (Event::MemberJoinTeam, "joined team red"),
            (Event::MemberLeaveTeam, "left team red"),
        ] {
            assert_eq!(message(event as i32, ann(), data()), wanted);
        }
    }

    #[test]
    fn a_member_is_named_by_address_else_by_name_else_not() {
        let removed = |target, data| message(Event::MemberRemove as i32, target, data);
        assert_eq!(
            removed(Some(UserId(2)), json!({ "email": "b@c.de" })),
            "removed member b@c.de"
        );
        assert_eq!(removed(Some(UserId(2)), json!({ "email": null })), "removed member Bob");
        assert_eq!(removed(None, json!({})), "removed member unknown");
        assert_eq!(message(9_999, None, json!({})), "did something");
    }
}
