//! People in the storm who change things, and keep a ledger of what they were
//! told.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, SubsecRound, Utc};
use entity::{
    event::EventType,
    ids::{MemberId, RowId, TeamId, TeamMemberId},
};
use rand::{Rng, rngs::StdRng};
use roster::domain::audit::Event;
use serde_json::{Value, json};

use super::ledger::{Change, Ledger, Place, State};
use crate::support::{Client, Organization, row};

/// An organization, once it could be made.
pub async fn found(owner: &Client, name: &str) -> Organization {
    let fields = "organization { id slug } member { id }";
    let reply = owner
        .mutate("createOrganization", fields, json!({ "name": name }))
        .await;
    let reply = reply.done("createOrganization");
    Organization {
        id: reply.text("createOrganization.organization.id"),
        slug: reply.text("createOrganization.organization.slug"),
        owner: reply.text("createOrganization.member.id"),
    }
}

/// An app that may read teams, and of members nothing.
pub async fn app_for_teams(owner: &Client, organization: &Organization) -> Client {
    let input = json!({ "organizationId": organization.id, "name": "Robot", "scopes": ["team:read"] });
    let reply = owner
        .mutate("createApiToken", "secret", input)
        .await
        .done("createApiToken");
    Client::at_address(owner.url(), Some(&reply.text("createApiToken.secret")))
}

/// What came of a mutation.
struct Answer {
    asked_at: DateTime<Utc>,
    /// `None` if it is not known whether it was done.
    payload: Option<Value>,
}

impl Answer {
    /// The number of an object that was made.
    fn made<T: RowId>(&self, path: &str) -> Option<i64> {
        let id = self.payload.as_ref()?.pointer(path)?.as_str();
        Some(row::<T>(id.unwrap()).into())
    }
}

/// Somebody who invites, lets join, promotes and removes, makes teams and gives
/// them away, and renames.
pub struct Person {
    number: usize,
    ann: Client,
    acme: Organization,
    dice: StdRng,
    ledger: Ledger,
    things: usize,
}

impl Person {
    pub fn new(number: usize, ann: &Client, acme: &Organization, dice: StdRng) -> Self {
        Self {
            number,
            ann: ann.clone(),
            acme: acme.clone(),
            dice,
            ledger: Ledger::default(),
            things: 0,
        }
    }

    /// Goes on until it is over; what was acknowledged.
    pub async fn live(mut self, over: Arc<AtomicBool>) -> Ledger {
        while !over.load(Ordering::Relaxed) {
            self.things += 1;
            match self.dice.random_range(0..8) {
                0 => self.rename().await,
                1 | 2 => self.have_a_team().await,
                _ => self.have_a_guest().await,
            }
        }
        self.ledger
    }

    /// Sends a mutation, which nothing refuses.
    async fn ask(&mut self, who: &Client, mutation: &str, fields: &str, input: Value) -> Answer {
        // As precise as it is stored.
        let asked_at = roster::clock::now().trunc_subsecs(6);
        let reply = who.try_mutate(mutation, fields, input).await;
        let payload = reply.map(|mut reply| reply["data"][mutation].take());
        let payload = payload.filter(Value::is_object);
        match &payload {
            Some(payload) => {
                assert_eq!(payload["userErrors"], json!([]), "{mutation}");
                self.ledger.acknowledged += 1;
            }
            None => {
                self.ledger.lost += 1;
                // As a client would, lest it asks a proxy without nodes all the time.
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Answer { asked_at, payload }
    }

    /// Notes what was asked for. `then` if it is known to be done.
    fn note<T>(
        &mut self,
        answer: &Answer,
        (kind, object): (EventType, i64),
        entry: (Event, i64),
        then: State<T>,
    ) -> State<T> {
        let is_acknowledged = answer.payload.is_some();
        self.ledger.changes.push(Change {
            kind,
            object,
            entry,
            asked_at: answer.asked_at,
            is_acknowledged,
        });
        if is_acknowledged { then } else { State::Unknown }
    }

    async fn rename(&mut self) {
        let (ann, acme) = (self.ann.clone(), self.acme.row().0);
        let name = format!("Acme {} {}", self.number, self.things);
        let input = json!({ "organizationId": self.acme.id, "name": name });
        let renamed = self.ask(&ann, "saveOrgOptions", "organization { id }", input).await;
        let told = (EventType::OrganizationUpdated, acme);
        self.note(&renamed, told, (Event::OrgEdit, acme), State::Is(name));
    }

    async fn have_a_team(&mut self) {
        let ann = self.ann.clone();
        let name = format!("Team {} {}", self.number, self.things);
        let input = json!({ "organizationId": self.acme.id, "name": name });
        let made = self.ask(&ann, "createTeam", "team { id }", input).await;
        let Some(team) = made.made::<TeamId>("/team/id") else {
            return;
        };
        let id = TeamId(team).global();
        let updated = (EventType::TeamUpdated, team);
        let mut state = self.note(&made, updated, (Event::TeamAdd, team), State::Is(name.clone()));
        if self.dice.random() {
            let name = format!("{name} again");
            let input = json!({ "teamId": id, "name": name });
            let renamed = self.ask(&ann, "updateTeam", "team { id }", input).await;
            state = self.note(&renamed, updated, (Event::TeamEdit, team), State::Is(name));
        }
        if self.dice.random() {
            let owner = row::<MemberId>(&self.acme.owner).0;
            let input = json!({ "teamId": id, "memberId": self.acme.owner });
            let joined = self.ask(&ann, "addTeamMember", "teamMembership { id }", input).await;
            if let Some(membership) = joined.made::<TeamMemberId>("/teamMembership/id") {
                let told = (EventType::TeamMembershipUpdated, membership);
                self.note(&joined, told, (Event::MemberJoinTeam, owner), State::Is(()));
            }
        }
        if self.dice.random_ratio(1, 3) {
            let deleted = self
                .ask(&ann, "deleteTeam", "deletedTeamId", json!({ "teamId": id }))
                .await;
            let told = (EventType::TeamDeleted, team);
            state = self.note(&deleted, told, (Event::TeamRemove, team), State::Gone);
        }
        self.ledger.teams.insert(team, state);
    }

    async fn have_a_guest(&mut self) {
        let ann = self.ann.clone();
        let guest = Client::person_at(ann.url(), &format!("guest-{}-{}", self.number, self.things));
        let input = json!({ "organizationId": self.acme.id, "email": guest.email(), "orgRole": "member" });
        let fields = "invite { id } member { id } acceptUrl";
        let invited = self.ask(&ann, "createInvite", fields, input).await;
        let Some(member) = invited.made::<MemberId>("/member/id") else {
            return;
        };
        let told = (EventType::InviteUpdated, member);
        let mut state = self.note(&invited, told, (Event::MemberInvite, member), State::Is(Place::Invited));
        let invited = invited.payload.unwrap_or_default();
        match self.dice.random_range(0..4) {
            0 => {}
            1 => {
                let input = json!({ "inviteId": invited["invite"]["id"] });
                let revoked = self.ask(&ann, "revokeInvite", "revokedInviteId", input).await;
                state = self.note(&revoked, told, (Event::MemberRemove, member), State::Gone);
            }
            choice => {
                let token = invited["acceptUrl"].as_str().unwrap().rsplit('/').next().unwrap();
                let input = json!({ "token": token });
                let joined = self.ask(&guest, "acceptInvite", "member { id }", input).await;
                let told = (EventType::MemberUpdated, member);
                let place = Place::Joined("member".into());
                state = self.note(&joined, told, (Event::MemberAccept, member), State::Is(place));
                if choice == 3 && state != State::Unknown {
                    state = self.promote_or_remove(member).await;
                }
            }
        }
        self.ledger.members.insert(member, state);
    }

    async fn promote_or_remove(&mut self, member: i64) -> State<Place> {
        let (ann, id) = (self.ann.clone(), MemberId(member).global());
        if self.dice.random() {
            let input = json!({ "memberId": id, "orgRole": "manager" });
            let promoted = self.ask(&ann, "updateMemberRoles", "member { id }", input).await;
            let told = (EventType::MemberUpdated, member);
            let place = Place::Joined("manager".into());
            self.note(&promoted, told, (Event::MemberEdit, member), State::Is(place))
        } else {
            let input = json!({ "memberId": id });
            let removed = self.ask(&ann, "removeMember", "removedMemberId", input).await;
            let told = (EventType::MemberRemoved, member);
            self.note(&removed, told, (Event::MemberRemove, member), State::Gone)
        }
    }
}
