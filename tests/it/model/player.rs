//! Playing steps against the real server, and reading what became of it.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::{
    access_request, audit_log_entry, auth_identity, auth_provider,
    ids::{AccessRequestId, InviteId, MemberId, RowId, TeamId, UserId},
    member::{self, InviteStatus},
    organization::{self, OrganizationStatus, flag},
    organization_option,
    outbox::{self, Category},
    team, team_member, user,
};
use hmac::{Hmac, Mac};
use sea_orm::{QueryOrder, QuerySelect, prelude::*};
use serde_json::{Map, Value, json};
use sha2::Sha256;

use super::{
    draw::Cast,
    rules::{Entry, Object},
    state::{
        APPS, Caller, Link, Member, MemberKey, Organization, PEOPLE, Person, Provider, Refused, Role, Scope, Status,
        Team, TeamKey, TeamRole, World,
    },
    step::{Act, Step},
};
use crate::support::{Client, INVITE_SECRET, Organization as Place, Reply, TestApp};

/// An organization on a real server, and the people around it.
pub struct Player<'a> {
    app: &'a TestApp,
    run: usize,
    place: Place,
    people: Vec<Client>,
    users: Vec<UserId>,
    apps: Vec<Client>,
    /// Ids in the order in which they were first seen: the model's keys are the
    /// positions.
    members: Vec<MemberId>,
    teams: Vec<TeamId>,
    links: Vec<(MemberId, Vec<u8>)>,
    /// Every membership in a team that there ever was.
    places: BTreeMap<i64, (TeamKey, MemberKey)>,
    wishes: BTreeMap<(TeamKey, MemberKey), AccessRequestId>,
    /// Teams that are deleted, whose rows are not gone yet: what hangs on them is
    /// nobody's business any more.
    dead_teams: BTreeSet<TeamKey>,
    last_entry: i64,
    last_outbox: i64,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    pub refused: Vec<String>,
    pub results: Vec<Vec<String>>,
    pub shows_link: bool,
}

/// What is true afterwards, and what was recorded since the last look.
pub struct Sight {
    pub world: World,
    pub audit: Vec<Entry>,
    pub touched: BTreeSet<Object>,
}

impl<'a> Player<'a> {
    /// An organization that Ann owns, with members of these roles, and two teams.
    pub async fn start(app: &'a TestApp, run: usize, cast: &Cast) -> Self {
        let people: Vec<Client> = PEOPLE
            .iter()
            .map(|nature| {
                let subject = if nature.name == "root" {
                    "root".into()
                } else {
                    format!("{}{run}", nature.name)
                };
                let claims = json!({
                    "email": format!("{}{run}@example.com", nature.name),
                    "email_verified": nature.is_email_verified,
                    "amr": if nature.has_two_factor { json!(["otp"]) } else { json!(["pwd"]) },
                });
                app.person(&subject).with(claims)
            })
            .collect();
        let mut users = Vec::new();
        for person in &people {
            users.push(crate::support::row(&person.user_id().await));
        }
        let place = app.organization_of(&people[0], &format!("Run {run}")).await;
        for (person, role) in cast
            .roles
            .iter()
            .enumerate()
            .filter_map(|(person, role)| Some((person + 1, (*role)?)))
        {
            app.db_add_member(&place, users[person], role.id()).await;
        }
        if !cast.is_open {
            app.db_set_organization_flags(&place, 0).await;
        }
        for name in ["red", "green"] {
            app.team(&place, &people[0], name).await;
        }
        let mut apps = Vec::new();
        for scopes in APPS {
            apps.push(
                app.db_app(
                    &place,
                    &scopes.iter().map(|scope| Scope::name(*scope)).collect::<Vec<_>>(),
                )
                .await,
            );
        }
        let last = outbox::Entity::find()
            .order_by_desc(outbox::Column::Id)
            .one(&app.db)
            .await
            .unwrap();
        Self {
            app,
            run,
            place,
            people,
            users,
            apps,
            members: Vec::new(),
            teams: Vec::new(),
            links: Vec::new(),
            places: BTreeMap::new(),
            wishes: BTreeMap::new(),
            dead_teams: BTreeSet::new(),
            last_entry: 0,
            last_outbox: last.map_or(0, |row| row.id.0),
        }
    }

    /// Sends what the step says.
    pub async fn play(&self, step: &Step, world: &World) -> Answer {
        let Some((mutation, input)) = step.act.request(world) else {
            if let Act::Expire { row } = &step.act
                && let Some(key) = row.invite(world).filter(|key| world.members[key].link.is_some())
            {
                self.app.db_expire_invite(&self.members[key].global()).await;
            }
            return Answer {
                refused: Vec::new(),
                results: Vec::new(),
                shows_link: false,
            };
        };
        let fields = match mutation {
            "createInvite" | "resendInvite" | "approveInviteRequest" | "updateMemberRoles" => "acceptUrl",
            "createInvites" => "results { userErrors { code } }",
            _ => "",
        };
        let reply = self.send(&self.client(step, world), mutation, fields, input).await;
        let mut refused = reply.error_codes();
        if refused.is_empty() {
            refused = reply.codes(mutation);
        }
        refused.sort();
        let payload = &reply.body["data"][mutation];
        let codes = |errors: &Value| {
            errors
                .as_array()
                .unwrap()
                .iter()
                .map(|one| text(&one["code"]))
                .collect()
        };
        let results = payload["results"].as_array().map_or(&[][..], Vec::as_slice);
        Answer {
            refused,
            results: results.iter().map(|result| codes(&result["userErrors"])).collect(),
            shows_link: payload["acceptUrl"].is_string(),
        }
    }

    fn client(&self, step: &Step, world: &World) -> Client {
        match (step.caller(world), &step.act) {
            (Caller::Person(person), Act::LinkSsoIdentity { idp }) => self.people[person].with(json!({ "idp": idp })),
            (caller, _) => self.caller(caller),
        }
    }

    fn caller(&self, caller: Caller) -> Client {
        match caller {
            Caller::Person(person) => self.people[person].clone(),
            Caller::App(app) => self.apps[app].clone(),
            Caller::Nobody => self.app.anonymous(),
        }
    }

    async fn send(&self, client: &Client, mutation: &str, fields: &str, mut input: Value) -> Reply {
        self.fill(&mut input);
        client.mutate(mutation, fields, input).await
    }

    /// Takes back that the organization awaits its deletion.
    pub async fn db_restore(&self) {
        self.app.db_set_status(&self.place, OrganizationStatus::Active).await;
    }

    /// Sends any mutation.
    pub async fn mutate(&self, caller: Caller, mutation: &str, fields: &str, input: Value) -> Reply {
        self.send(&self.caller(caller), mutation, fields, input).await
    }

    /// Sends a query.
    pub async fn ask(&self, caller: Caller, query: &str, mut variables: Value) -> Reply {
        self.fill(&mut variables);
        self.caller(caller).send(query, variables).await
    }

    /// Puts ids in the place of what the model calls things.
    fn fill(&self, input: &mut Value) {
        for value in input.as_object_mut().unwrap().values_mut() {
            let Some(name) = value.as_str().and_then(|text| text.strip_prefix('@')) else {
                continue;
            };
            let (kind, keys) = name.split_once(' ').unwrap_or((name, ""));
            let keys: Vec<usize> = keys.split(' ').filter_map(|key| key.parse().ok()).collect();
            // Nobody ever has these ids.
            let gone = i64::MAX;
            let member = |keys: &[usize]| keys.first().map_or(gone, |key| self.members[*key].0);
            *value = json!(match kind {
                "organization" => self.place.id.clone(),
                "slug" => self.place.slug.clone(),
                "user" => self.users[keys[0]].global(),
                "member" => MemberId(member(&keys)).global(),
                "invite" => InviteId(MemberId(member(&keys))).global(),
                "team" => TeamId(keys.first().map_or(gone, |key| self.teams[*key].0)).global(),
                "request" => match keys[..] {
                    [team, member] => self.wishes[&(team, member)].global(),
                    _ => AccessRequestId(gone).global(),
                },
                "link" => keys.first().map_or("1.none".into(), |link| self.token(*link)),
                _ => panic!("what is a {kind}?"),
            });
        }
    }

    /// §2.3.1.
    fn token(&self, link: usize) -> String {
        let (member, nonce) = &self.links[link];
        let mut mac = Hmac::<Sha256>::new_from_slice(INVITE_SECRET.as_bytes()).unwrap();
        mac.update(b"invite");
        mac.update(&member.0.to_be_bytes());
        mac.update(nonce);
        let digits = std::iter::successors(Some(member.0), |rest| Some(rest / 36)).take_while(|rest| *rest > 0);
        let digits = digits.map(|rest| char::from_digit((rest % 36) as u32, 36).unwrap());
        let number: String = digits.collect::<Vec<_>>().into_iter().rev().collect();
        format!("{number}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    /// Looks at everything.
    pub async fn look(&mut self) -> Sight {
        let world = self.read_world().await;
        Sight {
            audit: self.read_audit().await,
            touched: self.read_outbox().await,
            world,
        }
    }

    async fn read_world(&mut self) -> World {
        let (db, id) = (&self.app.db, self.place.row());
        let organization = organization::Entity::find_by_id(id).one(db).await.unwrap().unwrap();
        let options = organization_option::Entity::find()
            .filter(organization_option::Column::OrganizationId.eq(id))
            .filter(organization_option::Column::Key.eq("sentry:join_requests"));
        let join_requests = options.one(db).await.unwrap().and_then(|option| option.value);
        let provider = auth_provider::Entity::find().filter(auth_provider::Column::OrganizationId.eq(id));
        let provider = provider.one(db).await.unwrap();
        let identities = match &provider {
            None => Vec::new(),
            Some(provider) => {
                let identities =
                    auth_identity::Entity::find().filter(auth_identity::Column::AuthProviderId.eq(provider.id));
                identities.all(db).await.unwrap()
            }
        };
        let away = user::Entity::find()
            .filter(user::Column::IsActive.eq(false))
            .filter(user::Column::Id.is_in(self.users.iter().copied()));
        let away = away.all(db).await.unwrap();
        let rows = member::Entity::within(id)
            .order_by_asc(member::Column::Id)
            .all(db)
            .await
            .unwrap();
        let teams = team::Entity::find()
            .filter(team::Column::OrganizationId.eq(id))
            .order_by_asc(team::Column::Id);
        let teams = teams.all(db).await.unwrap();
        let places =
            team_member::Entity::find().filter(team_member::Column::TeamId.is_in(teams.iter().map(|team| team.id)));
        let places = places.all(db).await.unwrap();
        let wishes = access_request::Entity::find()
            .filter(access_request::Column::TeamId.is_in(teams.iter().map(|team| team.id)));
        let wishes = wishes.all(db).await.unwrap();

        learn(&mut self.members, rows.iter().map(|row| row.id));
        learn(&mut self.teams, teams.iter().map(|team| team.id));
        let links = rows.iter().filter_map(|row| Some((row.id, row.invite_nonce.clone()?)));
        learn(&mut self.links, links);
        let dead = teams.iter().filter(|team| team.status != team::TeamStatus::Active);
        self.dead_teams = dead.map(|team| key_of(&self.teams, &team.id)).collect();
        let is_alive = |team: &TeamKey| !self.dead_teams.contains(team);
        let key = |team: &TeamId, member: &MemberId| (key_of(&self.teams, team), key_of(&self.members, member));
        let keyed: Vec<_> = places
            .iter()
            .map(|place| (key(&place.team_id, &place.member_id), place))
            .collect();
        self.places.extend(keyed.iter().map(|(key, place)| (place.id.0, *key)));
        let keyed_wishes: Vec<_> = wishes
            .iter()
            .map(|wish| (key(&wish.team_id, &wish.member_id), wish))
            .filter(|((team, _), _)| is_alive(team))
            .collect();
        self.wishes = keyed_wishes.iter().map(|(key, wish)| (*key, wish.id)).collect();

        World {
            run: self.run,
            organization: Organization {
                awaits_deletion: organization.status != OrganizationStatus::Active,
                open_membership: organization.has(flag::ALLOW_JOINLEAVE),
                allow_member_invite: !organization.has(flag::DISABLE_MEMBER_INVITE),
                require_two_factor: organization.has(flag::REQUIRE_2FA),
                require_email_verification: organization.has(flag::REQUIRE_EMAIL_VERIFICATION),
                allow_superuser_access: !organization.has(flag::PREVENT_SUPERUSER_ACCESS),
                allow_join_requests: join_requests != Some(json!(false)),
                default_role: Role::of(&organization.default_role).unwrap(),
            },
            provider: provider.map(|provider| Provider {
                key: provider.provider,
                allow_unlinked: provider.allow_unlinked,
                scim: provider.scim_enabled,
            }),
            identities: identities
                .iter()
                .map(|identity| self.person(identity.user_id))
                .collect(),
            inactive: away.iter().map(|user| self.person(user.id)).collect(),
            members: rows
                .iter()
                .map(|row| (key_of(&self.members, &row.id), self.member(row)))
                .collect(),
            teams: teams
                .iter()
                .map(|team| (key_of(&self.teams, &team.id), team))
                .filter(|(key, _)| is_alive(key))
                .map(|(key, team)| {
                    (
                        key,
                        Team {
                            slug: team.slug.clone(),
                            is_idp_provisioned: team.idp_provisioned,
                        },
                    )
                })
                .collect(),
            places: keyed
                .iter()
                .filter(|((team, _), _)| is_alive(team))
                .map(|(key, place)| (*key, place.role.as_deref().map(|role| TeamRole::of(role).unwrap())))
                .collect(),
            wishes: keyed_wishes
                .iter()
                .map(|(key, wish)| (*key, wish.requester_id.map(|user| self.person(user))))
                .collect(),
            members_ever: self.members.len(),
            teams_ever: self.teams.len(),
            links_ever: self.links.len(),
        }
    }

    fn member(&self, row: &member::Model) -> Member {
        assert_eq!(
            row.user_id.is_some(),
            row.email.is_none(),
            "a person or an address: {row:?}"
        );
        assert_eq!(
            row.email.as_ref().map(|email| email.to_lowercase()),
            row.email_key,
            "{row:?}"
        );
        let link = row.invite_nonce.as_ref().map(|nonce| Link {
            number: key_of(&self.links, &(row.id, nonce.clone())),
            is_expired: row.is_expired(chrono::Utc::now()),
        });
        Member {
            person: row.user_id.map(|user| self.person(user)),
            email: row.email.clone(),
            role: Role::of(&row.role).unwrap(),
            flags: row.flags,
            link,
            inviter: row.inviter_id.map(|user| self.person(user)),
            status: match row.invite_status {
                InviteStatus::Approved => Status::Approved,
                InviteStatus::RequestedToBeInvited => Status::RequestedToBeInvited,
                InviteStatus::RequestedToJoin => Status::RequestedToJoin,
            },
        }
    }

    fn person(&self, user: UserId) -> Person {
        key_of(&self.users, &user)
    }

    /// What the audit log has got since the last look.
    async fn read_audit(&mut self) -> Vec<Entry> {
        let rows = audit_log_entry::Entity::within(self.place.row())
            .filter(audit_log_entry::Column::Id.gt(self.last_entry))
            .order_by_asc(audit_log_entry::Column::Id);
        let rows = rows.all(&self.app.db).await.unwrap();
        self.last_entry = rows.last().map_or(self.last_entry, |row| row.id.0);
        rows.into_iter().map(|row| self.entry(row)).collect()
    }

    fn entry(&self, row: audit_log_entry::Model) -> Entry {
        let event = EVENTS.into_iter().find(|(number, _)| *number == row.event).unwrap().1;
        let target = row.target_object_id.unwrap();
        let is_about_organization = event.starts_with("org.");
        let known = ["email", "role", "team_slugs", "invite_status", "team_slug", "slug"];
        let facts: Map<_, _> = match row.data {
            Value::Object(data) if !is_about_organization => data
                .into_iter()
                .filter(|(key, _)| known.contains(&key.as_str()))
                .collect(),
            _ => Map::new(),
        };
        let is_about_team = event.starts_with("team.");
        let facts = facts
            .into_iter()
            .filter(|(key, _)| is_about_team || key != "slug")
            .collect::<Map<_, _>>();
        Entry {
            event,
            actor: row.actor_id.map(|user| self.person(user)),
            target: match event.split_once('.').unwrap().0 {
                "org" => Object::Organization,
                "team" => Object::Team(key_of(&self.teams, &TeamId(target))),
                _ => Object::Member(key_of(&self.members, &MemberId(target))),
            },
            target_user: row.target_user_id.map(|user| self.person(user)),
            facts: if is_about_organization {
                Value::Null
            } else {
                facts.into()
            },
        }
    }

    /// What has changed since the last look, as the outbox has it.
    async fn read_outbox(&mut self) -> BTreeSet<Object> {
        let rows = outbox::Entity::find()
            .filter(outbox::Column::Id.gt(self.last_outbox))
            .order_by_asc(outbox::Column::Id)
            .limit(10_000);
        let rows = rows.all(&self.app.db).await.unwrap();
        self.last_outbox = rows.last().map_or(self.last_outbox, |row| row.id.0);
        rows.iter().filter_map(|row| self.object(row)).collect()
    }

    fn object(&self, row: &outbox::Model) -> Option<Object> {
        let id = row.object_identifier;
        Some(match row.category {
            Category::OrganizationUpdate => Object::Organization,
            Category::AuthProviderUpdate => Object::Provider,
            Category::AuthIdentityUpdate => Object::Identity(self.person(UserId(row.shard_identifier))),
            Category::UserUpdate => Object::User(self.person(UserId(id))),
            Category::OrganizationMemberUpdate => Object::Member(key_of(&self.members, &MemberId(id))),
            Category::TeamUpdate => Object::Team(key_of(&self.teams, &TeamId(id))),
            Category::OrganizationMemberTeamUpdate => {
                let (team, member) = self.places[&id];
                if self.dead_teams.contains(&team) {
                    return None;
                }
                Object::Place(team, member)
            }
            _ => return None,
        })
    }
}

/// Event numbers and names (§22).
const EVENTS: [(i32, &str); 16] = [
    (1, "member.invite"),
    (3, "member.accept-invite"),
    (4, "member.edit"),
    (5, "member.remove"),
    (6, "member.join-team"),
    (7, "member.leave-team"),
    (10, "org.create"),
    (11, "org.edit"),
    (12, "org.remove"),
    (13, "org.restore"),
    (20, "team.create"),
    (21, "team.edit"),
    (22, "team.remove"),
    (140, "invite-request.create"),
    (141, "invite-request.remove"),
    (204, "member.reinvite"),
];

/// Adds what was not seen before.
fn learn<T: PartialEq>(known: &mut Vec<T>, seen: impl Iterator<Item = T>) {
    for one in seen {
        if !known.contains(&one) {
            known.push(one);
        }
    }
}

fn key_of<T: PartialEq + std::fmt::Debug>(known: &[T], one: &T) -> usize {
    known
        .iter()
        .position(|known| known == one)
        .unwrap_or_else(|| panic!("nobody has seen {one:?}"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// What a refusal is compared with.
pub fn owned(refused: &Refused) -> Vec<String> {
    refused.iter().map(|code| (*code).to_owned()).collect()
}
