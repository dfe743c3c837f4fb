//! An organization with everything in it, and whoever asks. Made past the API,
//! since most cells of the tables need one of their own.

use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, Duration, SubsecRound, Utc};
use entity::{
    access_request, api_token, audit_log_entry,
    event::EventType,
    ids::{InviteId, MemberId, RowId, TeamId, UserId},
    member::{self, InviteStatus, flag},
    organization, team, team_member, webhook,
    webhook_delivery::{self, DeliveryStatus},
};
use sea_orm::{ActiveValue::Set, TransactionTrait, prelude::*};
use sha2::{Digest, Sha256};

use super::*;

/// What an organization asks of its members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gate {
    /// Nothing.
    Open,
    /// A second factor.
    TwoFactor,
    /// A linked identity.
    Sso,
}

impl Gate {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Open, Self::TwoFactor, Self::Sso];

    /// The organization in which this caller is asked.
    pub fn of(caller: &str) -> Self {
        match caller {
            "no 2FA" | "plain no 2FA" => Self::TwoFactor,
            "no SSO" | "plain no SSO" => Self::Sso,
            _ => Self::Open,
        }
    }
}

/// Members besides the callers: an owner, and three who are acted on: Mia in
/// the team Red, Kim who asks to be in it, Lea in no team.
const OTHERS: [(&str, &str); 4] = [
    ("olga", "owner"),
    ("mia", "member"),
    ("kim", "member"),
    ("lea", "member"),
];

/// Callers who are members, with org role and flags.
const MEMBERS: [(&str, &str, i64); 11] = [
    ("member", "member", 0),
    ("admin", "admin", 0),
    ("manager", "manager", 0),
    ("owner", "owner", 0),
    ("team admin", "member", 0),
    ("over limit", "owner", flag::MEMBER_LIMIT_RESTRICTED),
    ("plain over limit", "member", flag::MEMBER_LIMIT_RESTRICTED),
    ("no 2FA", "owner", 0),
    ("plain no 2FA", "member", 0),
    ("no SSO", "owner", 0),
    ("plain no SSO", "member", 0),
];

/// Everybody, known to the server.
pub struct Cast {
    clients: BTreeMap<String, Client>,
    users: BTreeMap<String, UserId>,
    whose: String,
    scenes: AtomicUsize,
}

impl Cast {
    /// Lets the server see everybody once.
    pub async fn of(app: &TestApp) -> Self {
        Self::named(app, "").await
    }

    /// The same with other people, whose names begin with `whose`.
    pub async fn named(app: &TestApp, whose: &str) -> Self {
        let (mut clients, mut users) = (BTreeMap::new(), BTreeMap::new());
        let people = MEMBERS.map(|(name, ..)| name).into_iter();
        for name in people.chain(OTHERS.map(|(name, _)| name)).chain(OUTSIDERS) {
            let client = match name {
                "anonymous" => app.anonymous(),
                "superuser" => app.superuser().with(json!({ "idp": "google" })),
                _ => app
                    .person(&format!("{whose}{}", name.replace(' ', "-")))
                    .with(json!({ "idp": "google" })),
            };
            // Mia has what only some are shown of her.
            let client = if name == "mia" {
                client.with(json!({ "amr": ["otp"] }))
            } else {
                client
            };
            if name != "anonymous" {
                users.insert(name.to_owned(), row(&client.user_id().await));
            }
            clients.insert(name.to_owned(), client);
        }
        Self {
            clients,
            users,
            whose: whose.to_owned(),
            scenes: AtomicUsize::default(),
        }
    }

    /// Whoever has this name.
    pub fn client(&self, name: &str) -> &Client {
        &self.clients[name]
    }

    /// Their user id; none of the anonymous.
    pub fn user(&self, name: &str) -> Option<UserId> {
        self.users.get(name).copied()
    }
}

/// An organization with everything in it.
pub struct Scene {
    pub gate: Gate,
    pub organization: Organization,
    /// Member ids by name, pending ones by address.
    pub members: BTreeMap<String, MemberId>,
    pub red: TeamId,
    /// A team with all callers who are members.
    pub blue: TeamId,
    /// Lea's place in Blue.
    pub place: String,
    /// Kim's request to be in Red.
    pub access_request: String,
    pub entry: String,
    /// A token that is no caller.
    pub token: String,
    /// A webhook.
    pub webhook: String,
    /// A delivery to it.
    pub delivery: String,
    pub provider: Option<String>,
    /// The event behind which Mia, Red and the organization changed.
    pub told: String,
}

impl Scene {
    /// An organization with this gate, which is `closed`, has `no invites` or is
    /// `with provider`, or nothing of this.
    pub async fn make(app: &TestApp, cast: &Cast, gate: Gate, circumstance: &str) -> Self {
        // One commit is enough.
        let tx = app.db.begin().await.unwrap();
        let mut organization = db_organization(&tx, cast, gate, circumstance).await;
        let members = db_members(&tx, cast, gate, &organization).await;
        organization.owner = members["olga"].global();
        let [red, blue] = db_teams(&tx, &organization).await;
        let place = db_places(&tx, &members, red, blue).await;
        let access_request = db_access_request(&tx, red, members["kim"]).await;
        let entry = db_entry(&tx, cast, &organization).await;
        let (token, _) = db_token(&tx, &organization, &["org:read"]).await;
        let (webhook, delivery) = db_webhook(&tx, cast, &organization).await;
        tx.commit().await.unwrap();

        let mut provider = None;
        if gate == Gate::Sso || circumstance == "with provider" {
            let is_optional = gate != Gate::Sso;
            provider = Some(app.db_auth_provider(&organization, is_optional).await.id.global());
        }
        let changed = (EventType::OrganizationUpdated, organization.row().0);
        let news = [
            changed,
            (EventType::MemberUpdated, members["mia"].0),
            (EventType::TeamUpdated, red.0),
            changed,
        ];
        let told = app.db_tell(&organization, &news).await.remove(0);
        Self {
            gate,
            organization,
            members,
            red,
            blue,
            place,
            access_request,
            entry,
            token,
            webhook,
            delivery,
            provider,
            told,
        }
    }

    /// One organization for each gate.
    pub async fn of_each_gate(app: &TestApp, cast: &Cast, circumstance: &str) -> BTreeMap<Gate, Self> {
        let mut scenes = BTreeMap::new();
        for gate in Gate::ALL {
            scenes.insert(gate, Self::make(app, cast, gate, circumstance).await);
        }
        scenes
    }

    /// The member id of somebody, or of the place that is held open for an
    /// address.
    pub fn member(&self, name: &str) -> String {
        self.members
            .get(name)
            .unwrap_or_else(|| panic!("no member {name}"))
            .global()
    }

    /// The id of the invite or request for an address.
    pub fn invite(&self, address: &str) -> String {
        InviteId(self.members[address]).global()
    }

    /// The secret of the link of a new invite.
    pub async fn link(&self, app: &TestApp, cast: &Cast) -> String {
        let number = cast.scenes.fetch_add(1, Ordering::Relaxed);
        let (root, address) = (cast.client("superuser"), format!("guest-{number}@example.com"));
        app.invite(&self.organization, root, &address, "member").await.token
    }

    /// An app of the organization with these scopes.
    pub async fn app(&self, app: &TestApp, scopes: &[&str]) -> Client {
        app.with_bearer(&db_token(&app.db, &self.organization, scopes).await.1)
    }
}

/// The organization's own row.
async fn db_organization(db: &impl ConnectionTrait, cast: &Cast, gate: Gate, circumstance: &str) -> Organization {
    let number = cast.scenes.fetch_add(1, Ordering::Relaxed);
    let flags = [
        (circumstance != "closed", organization::flag::ALLOW_JOINLEAVE),
        (circumstance == "no invites", organization::flag::DISABLE_MEMBER_INVITE),
        (gate == Gate::TwoFactor, organization::flag::REQUIRE_2FA),
    ];
    let row = organization::ActiveModel {
        name: Set("Acme".into()),
        slug: Set(format!("{}acme-{number}", cast.whose)),
        status: Set(organization::OrganizationStatus::Active),
        date_added: Set(now()),
        default_role: Set("member".into()),
        is_test: Set(false),
        flags: Set(flags.iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| flag).sum()),
        ..Default::default()
    };
    let row = row.insert(db).await.unwrap();
    Organization {
        id: row.id.global(),
        slug: row.slug,
        owner: String::new(),
    }
}

/// Members, invites and requests, by name or address: an invite for `pending`,
/// one that Olga sent for each role, one that each caller sent; requests.
async fn db_members(
    db: &impl ConnectionTrait,
    cast: &Cast,
    gate: Gate,
    organization: &Organization,
) -> BTreeMap<String, MemberId> {
    let joined = |name: &str, role: &str, flags: i64| {
        let mut row = blank(organization, role);
        row.user_id = Set(cast.user(name));
        row.user_email = Set(Some(cast.client(name).email()));
        row.sort_name = Set(name.to_owned());
        row.flags = Set(flags);
        row.user_has_two_factor = Set(name == "mia");
        row
    };
    let pending = |address: &str, role: &str, inviter: Option<UserId>, status: InviteStatus| {
        let mut row = blank(organization, role);
        row.email = Set(Some(address.to_owned()));
        row.email_key = Set(Some(address.to_lowercase()));
        row.sort_name = Set(address.to_lowercase());
        row.inviter_id = Set(inviter);
        row.invite_status = Set(status);
        if status == InviteStatus::Approved {
            row.invite_nonce = Set(Some(vec![7; 16]));
            row.token_expires_at = Set(Some(now() + Duration::days(30)));
        }
        row
    };
    let olga = cast.user("olga");
    let mut rows = vec![
        pending(&cast.client("pending").email(), "member", olga, InviteStatus::Approved),
        pending("member@invited.example.com", "member", olga, InviteStatus::Approved),
        pending("owner@invited.example.com", "owner", olga, InviteStatus::Approved),
        pending(
            "member@asked.example.com",
            "member",
            cast.user("mia"),
            InviteStatus::RequestedToBeInvited,
        ),
        pending("owner@asked.example.com", "owner", None, InviteStatus::RequestedToJoin),
    ];
    for name in MEMBERS.map(|(name, ..)| name).into_iter().chain(OUTSIDERS) {
        let address = format!("{name}'s@invited.example.com");
        rows.push(pending(&address, "member", cast.user(name), InviteStatus::Approved));
    }
    rows.extend(OTHERS.map(|(name, role)| joined(name, role, 0)));
    let callers = MEMBERS.iter().filter(|(name, ..)| Gate::of(name) == gate);
    rows.extend(callers.map(|(name, role, flags)| joined(name, role, *flags)));
    let rows = member::Entity::insert_many(rows).exec_with_returning(db).await.unwrap();
    let name = |row: &member::Model| row.email.clone().unwrap_or_else(|| row.sort_name.clone());
    rows.iter().map(|row| (name(row), row.id)).collect()
}

/// The teams Red and Blue.
async fn db_teams(db: &impl ConnectionTrait, organization: &Organization) -> [TeamId; 2] {
    let rows = ["Red", "Blue"].map(|name| team::ActiveModel {
        organization_id: Set(organization.row()),
        slug: Set(name.to_lowercase()),
        name: Set(name.into()),
        status: Set(team::TeamStatus::Active),
        idp_provisioned: Set(false),
        date_added: Set(now()),
        ..Default::default()
    });
    let rows = team::Entity::insert_many(rows).exec_with_returning(db).await.unwrap();
    ["red", "blue"].map(|slug| rows.iter().find(|row| row.slug == slug).unwrap().id)
}

/// Who is in which team; the id of Lea's place in Blue.
async fn db_places(
    db: &impl ConnectionTrait,
    members: &BTreeMap<String, MemberId>,
    red: TeamId,
    blue: TeamId,
) -> String {
    let place = |team: TeamId, member: &str, role: Option<&str>| {
        Some(team_member::ActiveModel {
            team_id: Set(team),
            member_id: Set(*members.get(member)?),
            is_active: Set(true),
            role: Set(role.map(str::to_owned)),
            ..Default::default()
        })
    };
    let lea = place(blue, "lea", None).unwrap().insert(db).await.unwrap();
    let callers = MEMBERS.iter().filter_map(|(name, ..)| place(blue, name, None));
    let in_red = [place(red, "mia", None), place(red, "team admin", Some("admin"))];
    let places = callers.chain(in_red.into_iter().flatten());
    team_member::Entity::insert_many(places)
        .exec_without_returning(db)
        .await
        .unwrap();
    lea.id.global()
}

/// A request of a member to be in a team; its id.
async fn db_access_request(db: &impl ConnectionTrait, team: TeamId, asking: MemberId) -> String {
    let of = member::Entity::find_by_id(asking).one(db).await.unwrap().unwrap();
    let request = access_request::ActiveModel {
        organization_id: Set(of.organization_id),
        team_id: Set(team),
        member_id: Set(asking),
        requester_id: Set(None),
        date_added: Set(now()),
        ..Default::default()
    };
    request.insert(db).await.unwrap().id.global()
}

/// An entry of the audit log; its id.
async fn db_entry(db: &impl ConnectionTrait, cast: &Cast, organization: &Organization) -> String {
    let entry = audit_log_entry::ActiveModel {
        organization_id: Set(organization.row()),
        actor_id: Set(cast.user("olga")),
        actor_label: Set("Olga".into()),
        target_user_id: Set(cast.user("mia")),
        event: Set(3),
        data: Set(json!({ "email": "mia@example.com" })),
        datetime: Set(now()),
        ..Default::default()
    };
    entry.insert(db).await.unwrap().id.global()
}

/// A webhook, and a delivery to it that has failed.
async fn db_webhook(db: &impl ConnectionTrait, cast: &Cast, organization: &Organization) -> (String, String) {
    let hook = webhook::ActiveModel {
        organization_id: Set(organization.row()),
        url: Set("https://example.com/hook".into()),
        secret: Set(vec![0; 60]),
        is_enabled: Set(true),
        failures: Set(0),
        created_by_id: Set(cast.user("olga")),
        date_added: Set(now()),
        ..Default::default()
    };
    let hook = hook.insert(db).await.unwrap();
    let delivery = webhook_delivery::ActiveModel {
        organization_id: Set(organization.row()),
        webhook_id: Set(hook.id),
        sequence: Set(1),
        event_type: Set(EventType::OrganizationUpdated),
        object_identifier: Set(organization.row().0),
        occurred_at: Set(now()),
        status: Set(DeliveryStatus::Failed),
        attempts: Set(1),
        failures: Set(1),
        error: Set(Some("There was no answer in time.".into())),
        date_added: Set(now()),
        ..Default::default()
    };
    let delivery = delivery.insert(db).await.unwrap();
    (hook.id.global(), delivery.id.global())
}

/// A new API token: its id and its secret.
async fn db_token(db: &impl ConnectionTrait, organization: &Organization, scopes: &[&str]) -> (String, String) {
    let random = [Uuid::new_v4().simple().to_string(), Uuid::new_v4().simple().to_string()].concat();
    let secret = format!("rst_{}", &random[..43]);
    let token = api_token::ActiveModel {
        organization_id: Set(organization.row()),
        name: Set("an app".into()),
        prefix: Set(secret[..8].into()),
        secret_hash: Set(Sha256::digest(&secret).to_vec()),
        scopes: Set(json!(scopes)),
        date_added: Set(now()),
        ..Default::default()
    };
    (token.insert(db).await.unwrap().id.global(), secret)
}

fn blank(organization: &Organization, role: &str) -> member::ActiveModel {
    member::ActiveModel {
        organization_id: Set(organization.row()),
        role: Set(role.into()),
        flags: Set(0),
        date_added: Set(now()),
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
        user_has_two_factor: Set(false),
        ..Default::default()
    }
}

/// As precise as both databases store it.
fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}
