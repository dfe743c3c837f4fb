//! People in the storm: those who change things and keep a ledger of what they
//! were told, and those who listen.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use entity::ids::{EventId, MemberId};
use futures_util::{SinkExt, StreamExt};
use rand::{Rng, rngs::StdRng};
use serde_json::{Value, json};
use tokio::{net::TcpStream, sync::watch, task::JoinHandle};
use tokio_tungstenite::{
    client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use crate::{
    nodes::PATIENCE,
    support::{Client, Organization, row},
};

/// What is known of a member row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Invited,
    Joined(String),
    Gone,
    /// An answer was lost.
    Unknown,
}

/// What was acknowledged.
#[derive(Debug, Default)]
pub struct Ledger {
    members: BTreeMap<i64, State>,
    teams: Vec<String>,
    acknowledged: usize,
    lost: usize,
}

impl Ledger {
    pub fn extend(&mut self, other: Self) {
        self.members.extend(other.members);
        self.teams.extend(other.teams);
        self.acknowledged += other.acknowledged;
        self.lost += other.lost;
    }

    pub fn acknowledged(&self) -> usize {
        self.acknowledged
    }

    pub fn members(&self) -> impl Iterator<Item = (&i64, &State)> {
        self.members.iter()
    }

    pub fn teams(&self) -> impl Iterator<Item = &String> {
        self.teams.iter()
    }
}

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

/// Somebody who invites, lets join, promotes and removes, and makes teams.
pub struct Person {
    number: usize,
    ann: Client,
    url: String,
    acme: Organization,
    dice: StdRng,
    ledger: Ledger,
    guests: usize,
}

impl Person {
    pub fn new(number: usize, ann: &Client, url: &str, acme: &Organization, dice: StdRng) -> Self {
        Self {
            number,
            ann: ann.clone(),
            url: url.into(),
            acme: acme.clone(),
            dice,
            ledger: Ledger::default(),
            guests: 0,
        }
    }

    /// Goes on until it is over; what was acknowledged.
    pub async fn live(mut self, over: Arc<AtomicBool>) -> Ledger {
        while !over.load(Ordering::Relaxed) {
            if self.dice.random_ratio(1, 6) {
                self.make_team().await;
            } else {
                self.have_a_guest().await;
            }
        }
        self.ledger
    }

    /// The answer to a mutation; `None` if it is not known what became of it.
    async fn ask(&mut self, who: &Client, mutation: &str, fields: &str, input: Value) -> Option<Value> {
        let reply = who.try_mutate(mutation, fields, input).await;
        let payload = reply.map(|mut reply| reply["data"][mutation].take());
        match payload.filter(Value::is_object) {
            Some(payload) => {
                assert_eq!(payload["userErrors"], json!([]), "{mutation}");
                self.ledger.acknowledged += 1;
                Some(payload)
            }
            None => {
                self.ledger.lost += 1;
                // As a client would, lest it asks a proxy without nodes all the time.
                tokio::time::sleep(Duration::from_millis(50)).await;
                None
            }
        }
    }

    async fn make_team(&mut self) {
        self.guests += 1;
        let name = format!("Team {} {}", self.number, self.guests);
        let input = json!({ "organizationId": self.acme.id, "name": name });
        let ann = self.ann.clone();
        if let Some(payload) = self.ask(&ann, "createTeam", "team { slug }", input).await {
            self.ledger
                .teams
                .push(payload["team"]["slug"].as_str().unwrap().to_owned());
        }
    }

    async fn have_a_guest(&mut self) {
        self.guests += 1;
        let guest = Client::person_at(&self.url, &format!("guest-{}-{}", self.number, self.guests));
        let ann = self.ann.clone();
        let input = json!({ "organizationId": self.acme.id, "email": guest.email(), "orgRole": "member" });
        let fields = "invite { id } member { id } acceptUrl";
        let Some(invited) = self.ask(&ann, "createInvite", fields, input).await else {
            return;
        };
        let member = invited["member"]["id"].as_str().unwrap().to_owned();
        let id = row::<MemberId>(&member).0;
        self.ledger.members.insert(id, State::Invited);
        let state = match self.dice.random_range(0..4) {
            0 => return,
            1 => {
                let input = json!({ "inviteId": invited["invite"]["id"] });
                let revoked = self.ask(&ann, "revokeInvite", "revokedInviteId", input).await;
                revoked.map_or(State::Unknown, |_| State::Gone)
            }
            choice => {
                let token = invited["acceptUrl"].as_str().unwrap().rsplit('/').next().unwrap();
                let input = json!({ "token": token });
                let joined = self.ask(&guest, "acceptInvite", "member { id }", input).await;
                match joined {
                    None => State::Unknown,
                    Some(_) if choice == 2 => State::Joined("member".into()),
                    Some(_) => self.promote_or_remove(&member).await,
                }
            }
        };
        self.ledger.members.insert(id, state);
    }

    async fn promote_or_remove(&mut self, member: &str) -> State {
        let ann = self.ann.clone();
        if self.dice.random() {
            let input = json!({ "memberId": member, "orgRole": "manager" });
            let promoted = self.ask(&ann, "updateMemberRoles", "member { id }", input).await;
            promoted.map_or(State::Unknown, |_| State::Joined("manager".into()))
        } else {
            let input = json!({ "memberId": member });
            let removed = self.ask(&ann, "removeMember", "removedMemberId", input).await;
            removed.map_or(State::Unknown, |_| State::Gone)
        }
    }
}

/// Somebody who hears of everything, and goes on behind the last event whenever
/// the connection breaks.
pub struct Listener {
    last: watch::Receiver<i64>,
    task: JoinHandle<()>,
}

impl Listener {
    pub fn start(ann: &Client, url: &str, acme: &Organization) -> Self {
        let (told, last) = watch::channel(0);
        let (bearer, url, acme) = (ann.bearer().unwrap(), url.to_owned(), acme.clone());
        let task = tokio::spawn(async move {
            loop {
                listen(&bearer, &url, &acme, &told).await;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        Self { last, task }
    }

    /// Waits until everything up to `last` was heard.
    pub async fn heard_all(mut self, last: i64) {
        let heard = tokio::time::timeout(PATIENCE, self.last.wait_for(|heard| *heard >= last)).await;
        match heard.map(|heard| heard.is_ok()) {
            Ok(true) => self.task.abort(),
            // A listener that has panicked tells why.
            Ok(false) => self.task.await.unwrap(),
            Err(_) => panic!("heard up to {} of {last}", *self.last.borrow()),
        }
    }
}

/// Listens until the connection breaks. Each event is the one after the last.
async fn listen(bearer: &str, url: &str, acme: &Organization, told: &watch::Sender<i64>) -> Option<()> {
    const EVENTS: &str = "subscription($id: ID!, $after: ID) {
        organizationEvents(organizationId: $id, after: $after) { id objectId object { __typename id } } }";
    let address = url.strip_prefix("http://").unwrap();
    let mut request = format!("ws://{address}/graphql").into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
    headers.insert("authorization", format!("Bearer {bearer}").parse().unwrap());
    let tcp = TcpStream::connect(address).await.ok()?;
    let (mut wire, _) = client_async(request, tcp).await.ok()?;
    // From the first event on: it is there before anybody listens.
    let position = |sequence| EventId {
        organization: acme.row(),
        sequence,
    };
    let last = *told.borrow();
    let after = (last > 0).then(|| position(last).global());
    let init = json!({ "type": "connection_init" });
    wire.send(Message::text(init.to_string())).await.ok()?;
    let payload = json!({ "query": EVENTS, "variables": { "id": acme.id, "after": after } });
    let subscribe = json!({ "id": "1", "type": "subscribe", "payload": payload });
    wire.send(Message::text(subscribe.to_string())).await.ok()?;
    loop {
        let frame = wire.next().await?.ok()?;
        let Message::Text(text) = frame else { continue };
        let message: Value = serde_json::from_str(&text).unwrap();
        match message["type"].as_str().unwrap() {
            "next" => {
                let event = &message["payload"]["data"]["organizationEvents"];
                // The database may be away for a moment.
                let id = EventId::parse(event["id"].as_str()?).unwrap();
                let last = *told.borrow();
                assert!(
                    last == 0 || id.sequence == last + 1,
                    "after {last} came {}",
                    id.sequence
                );
                told.send_replace(id.sequence);
            }
            "ping" => wire.send(Message::text(r#"{"type":"pong"}"#)).await.ok()?,
            "error" | "complete" => return None,
            _ => {}
        }
    }
}
