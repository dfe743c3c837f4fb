//! What people in the storm were told, against what is there afterwards: the
//! rows, the events and the audit log.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::{audit_log_entry, event, event::EventType, member, team};
use roster::domain::audit::Event;
use sea_orm::DatabaseConnection;

use crate::support::Organization;

/// What is known of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State<T> {
    Is(T),
    Gone,
    /// An answer was lost.
    Unknown,
}

/// What is known of a member row that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Invited,
    /// With this org role.
    Joined(String),
}

/// A change that somebody asked for.
#[derive(Clone, Debug)]
pub struct Change {
    /// How it is told.
    pub kind: EventType,
    /// Number of the object of the event.
    pub object: i64,
    /// How it stands in the audit log, and there of which object.
    pub entry: (Event, i64),
    /// It was made after this, if it was.
    pub asked_at: DateTime<Utc>,
    /// Whether the answer came.
    pub is_acknowledged: bool,
}

/// What somebody was told.
#[derive(Debug, Default)]
pub struct Ledger {
    pub members: BTreeMap<i64, State<Place>>,
    /// Teams, and their names.
    pub teams: BTreeMap<i64, State<String>>,
    /// In the order in which they were asked for. Everybody has objects of their
    /// own, but for the organization.
    pub changes: Vec<Change>,
    pub acknowledged: usize,
    pub lost: usize,
}

impl Ledger {
    pub fn extend(&mut self, other: Self) {
        self.members.extend(other.members);
        self.teams.extend(other.teams);
        self.changes.extend(other.changes);
        self.acknowledged += other.acknowledged;
        self.lost += other.lost;
    }

    /// What was acknowledged is so.
    pub async fn check_rows(&self, db: &DatabaseConnection, acme: &Organization) {
        let members = member::Entity::within(acme.row()).all(db).await.unwrap();
        let members: BTreeMap<i64, member::Model> = members.into_iter().map(|row| (row.id.0, row)).collect();
        for (id, state) in &self.members {
            let row = members.get(id);
            let is_so = match state {
                State::Is(Place::Invited) => row.is_some_and(member::Model::is_invite),
                State::Is(Place::Joined(role)) => row.is_some_and(|row| row.user_id.is_some() && row.role == *role),
                State::Gone => row.is_none(),
                // Either is right.
                State::Unknown => true,
            };
            assert!(is_so, "{id} {state:?}: {row:?}");
        }
        let teams = team::Entity::within(acme.row()).all(db).await.unwrap();
        let teams: BTreeMap<i64, team::Model> = teams.into_iter().map(|row| (row.id.0, row)).collect();
        for (id, state) in &self.teams {
            let row = teams.get(id);
            let is_so = match state {
                State::Is(name) => row.is_some_and(|row| row.name == *name),
                State::Gone => row.is_none(),
                State::Unknown => true,
            };
            assert!(is_so, "{id} {state:?}: {row:?}");
        }
    }

    /// Of every change that was acknowledged an event tells which is not older: by
    /// the name of the change or, when they were told together, of a later one.
    pub fn check_events(&self, events: &[event::Model]) {
        for (index, change) in self.changes.iter().enumerate() {
            let later = self.changes[index..].iter().filter(|later| is_same(later, change));
            let kinds: Vec<_> = later.map(|later| later.kind).collect();
            let is_told = events.iter().any(|event| {
                event.object_identifier == change.object
                    && event.occurred_at >= change.asked_at
                    && kinds.contains(&event.r#type)
            });
            assert!(is_told || !change.is_acknowledged, "{change:?} is not told");
        }
    }

    /// The last event of each object says what has become of it.
    pub async fn check_last_events(&self, db: &DatabaseConnection, acme: &Organization, events: &[event::Model]) {
        let mut last: BTreeMap<(&str, i64), EventType> = BTreeMap::new();
        for event in events {
            last.insert((table(event.r#type), event.object_identifier), event.r#type);
        }
        let mut wanted: BTreeMap<(&str, i64), EventType> = BTreeMap::new();
        for change in &self.changes {
            let object = (table(change.kind), change.object);
            if change.is_acknowledged {
                wanted.insert(object, change.kind);
            } else {
                wanted.remove(&object);
            }
        }
        // Whatever is there, also of those whose answers were lost.
        for row in member::Entity::within(acme.row()).all(db).await.unwrap() {
            let kind = match row.user_id {
                Some(_) => EventType::MemberUpdated,
                None => EventType::InviteUpdated,
            };
            wanted.insert((table(kind), row.id.0), kind);
        }
        for row in team::Entity::within(acme.row()).all(db).await.unwrap() {
            wanted.insert((table(EventType::TeamUpdated), row.id.0), EventType::TeamUpdated);
        }
        for (object, kind) in wanted {
            assert_eq!(last.get(&object), Some(&kind), "{object:?}");
        }
    }

    /// Every change that was acknowledged stands in the audit log, as often as it
    /// was made.
    pub async fn check_audit_log(&self, db: &DatabaseConnection, acme: &Organization) {
        let rows = audit_log_entry::Entity::within(acme.row()).all(db).await.unwrap();
        let mut written: BTreeMap<(i32, i64), usize> = BTreeMap::new();
        for row in rows {
            *written
                .entry((row.event, row.target_object_id.unwrap_or_default()))
                .or_default() += 1;
        }
        let mut wanted: BTreeMap<(i32, i64), usize> = BTreeMap::new();
        for change in self.changes.iter().filter(|change| change.is_acknowledged) {
            *wanted.entry((change.entry.0 as i32, change.entry.1)).or_default() += 1;
        }
        for (entry, times) in wanted {
            assert!(
                written.get(&entry).is_some_and(|written| *written >= times),
                "{entry:?}"
            );
        }
    }
}

fn is_same(one: &Change, other: &Change) -> bool {
    (table(one.kind), one.object) == (table(other.kind), other.object)
}

/// Whose rows events of this kind tell of.
fn table(kind: EventType) -> &'static str {
    match kind {
        EventType::OrganizationUpdated | EventType::OrganizationDeleted => "organization",
        EventType::MemberUpdated | EventType::MemberRemoved | EventType::InviteUpdated => "member",
        EventType::TeamUpdated | EventType::TeamDeleted => "team",
        EventType::TeamMembershipUpdated => "team_member",
    }
}
