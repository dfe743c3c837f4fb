//! The rules of membership, as the specification has them and no faster: what
//! each step is answered, and what is true afterwards. A reader can learn them
//! here.

mod invites;
mod members;
mod organization;
mod teams;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    state::{
        Access, Caller, Code, Gates, Link, Member, MemberKey, PEOPLE, Person, Refused, Role, Scope, Status, TeamKey,
        World,
    },
    step::{Act, Step},
};

/// What a step should do.
#[derive(Debug)]
pub struct Prediction {
    /// Codes of the refusals, sorted; empty = done.
    pub refused: Refused,
    /// Of a mutation with results of its own for each entry: their refusals.
    pub results: Vec<Refused>,
    /// Whether the answer shows the link of an invite (§8.4).
    pub shows_link: bool,
    /// Everything afterwards.
    pub world: World,
    /// What the audit log gets to know (§22).
    pub audit: Vec<Entry>,
    /// What the outbox says has changed (§20).
    pub touched: BTreeSet<Object>,
}

/// A line of the audit log.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// API name of the event.
    pub event: &'static str,
    pub actor: Option<Person>,
    pub target: Object,
    pub target_user: Option<Person>,
    /// Of the data, what tells one change from another.
    pub facts: Value,
}

/// Something that a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Object {
    Organization,
    Provider,
    Identity(Person),
    User(Person),
    Member(MemberKey),
    Team(TeamKey),
    Place(TeamKey, MemberKey),
}

/// A step on its way.
struct Turn {
    caller: Caller,
    world: World,
    audit: Vec<Entry>,
    touched: BTreeSet<Object>,
    results: Vec<Refused>,
    shows_link: bool,
    /// Set where a refusal changes something all the same.
    is_kept: bool,
}

/// A team that is named with a role in it; the role is spelled well.
type Assignment = (TeamKey, Option<super::state::TeamRole>);

impl World {
    /// What `step` should do here.
    pub fn predict(&self, step: &Step) -> Prediction {
        let mut turn = Turn {
            caller: step.caller(self),
            world: self.clone(),
            audit: Vec::new(),
            touched: BTreeSet::new(),
            results: Vec::new(),
            shows_link: false,
            is_kept: false,
        };
        let (mut refused, is_kept) = match turn.play(&step.act) {
            Ok(()) => (Vec::new(), true),
            Err(refused) => (refused, turn.is_kept),
        };
        refused.sort_unstable();
        if !is_kept {
            turn.world = self.clone();
            turn.audit.clear();
            turn.touched.clear();
            turn.shows_link = false;
        }
        Prediction {
            refused,
            results: turn.results,
            shows_link: turn.shows_link,
            world: turn.world,
            audit: turn.audit,
            touched: turn.touched,
        }
    }
}

impl Turn {
    fn play(&mut self, act: &Act) -> Result<(), Refused> {
        // §28: tokens of an inactive person are refused before anything is asked.
        if matches!(self.caller, Caller::Person(person) if self.world.inactive.contains(&person))
            && !matches!(act, Act::Expire { .. })
        {
            return Err(vec!["UNAUTHENTICATED"]);
        }
        let world = &self.world;
        match act {
            Act::AcceptInvite { link } => self.accept_invite(link.link(world)),
            Act::CreateInvite { email, role, teams } => self.create_invite(&email.text(world), *role, teams),
            Act::CreateInvites { emails, role, teams } => {
                let emails: Vec<_> = emails.iter().map(|email| email.text(world)).collect();
                self.create_invites(&emails, *role, teams)
            }
            Act::ResendInvite { row, regenerate } => self.resend_invite(row.member(world), *regenerate),
            Act::RevokeInvite { row } => self.revoke_invite(row.invite(world)),
            Act::RequestInvite { email, role, teams } => self.request_invite(&email.text(world), *role, teams),
            Act::RequestToJoin { email } => self.request_to_join(&email.text(world)),
            Act::ApproveInviteRequest { row, role, teams } => {
                self.approve_request(row.request(world), *role, teams.as_deref())
            }
            Act::RejectInviteRequest { row } => self.reject_request(row.request(world)),
            Act::UpdateMemberRoles {
                row,
                role,
                teams,
                reinvite,
            } => self.update_roles(row.member(world), *role, teams.as_deref(), *reinvite),
            Act::RemoveMember { row } => self.remove_member(row.member(world)),
            Act::LeaveOrganization => self.leave(),
            Act::TransferOwnership { row } => self.transfer_ownership(row.member(world)),
            Act::LinkSsoIdentity { idp } => self.link_identity(*idp),
            Act::SetMemberFlags { row, flag, is_set } => {
                self.set_flags(row.member(world), super::step::FLAGS[*flag].0, *is_set)
            }
            Act::SetUserActive { person, is_active } => self.set_active(*person, *is_active),
            Act::SaveOrgOptions(options) => self.save_options(options),
            Act::SetAuthProvider {
                provider,
                allow_unlinked,
                scim,
            } => self.set_provider(*provider, *allow_unlinked, *scim),
            Act::DeleteOrganization { is_confirmed } => self.delete_organization(*is_confirmed),
            Act::CreateTeam { slug } => self.create_team(slug),
            Act::UpdateTeam {
                team,
                slug,
                is_idp_provisioned,
            } => self.update_team(team.team(world), *slug, *is_idp_provisioned),
            Act::DeleteTeam { team } => self.delete_team(team.team(world)),
            Act::AddTeamMember { team, row } => self.add_team_member(team.team(world), row.member(world)),
            Act::RemoveTeamMember { place } => {
                let (team, row) = place.place(world);
                self.remove_team_member(team, row)
            }
            Act::UpdateTeamMemberRole { place, role } => {
                let (team, row) = place.place(world);
                self.set_team_role(team, row, role)
            }
            Act::DecideTeamAccessRequest { wish, is_approved } => self.decide_wish(wish.wish(world), *is_approved),
            Act::Expire { row } => {
                let row = row.invite(world).and_then(|key| self.world.members.get_mut(&key));
                if let Some(link) = row.and_then(|row| row.link.as_mut()) {
                    link.is_expired = true;
                }
                Ok(())
            }
        }
    }

    fn enter(&self, gates: Gates, missing: Code) -> Result<Access, Refused> {
        self.world.enter(self.caller, gates, missing)
    }

    /// A person who is signed in, member or not.
    fn person(&self) -> Result<Person, Refused> {
        match self.caller {
            Caller::Person(person) => Ok(person),
            _ => Err(vec!["UNAUTHENTICATED"]),
        }
    }

    fn row(&self, key: MemberKey) -> &Member {
        &self.world.members[&key]
    }

    fn row_mut(&mut self, key: MemberKey) -> &mut Member {
        self.world.members.get_mut(&key).unwrap()
    }

    /// Adds a row; its key is the next one.
    fn insert(&mut self, row: Member) -> MemberKey {
        let key = self.world.members_ever;
        self.world.members_ever += 1;
        self.world.members.insert(key, row);
        self.touched.insert(Object::Member(key));
        key
    }

    /// Removes a row with everything that hangs on it.
    fn delete(&mut self, key: MemberKey) {
        self.world.members.remove(&key);
        self.world.places.retain(|(_, member), _| *member != key);
        self.world.wishes.retain(|(_, member), _| *member != key);
        self.touched.insert(Object::Member(key));
    }

    fn new_link(&mut self) -> Option<Link> {
        let number = self.world.links_ever;
        self.world.links_ever += 1;
        Some(Link {
            number,
            is_expired: false,
        })
    }

    /// The teams of a member.
    fn teams_of(&self, key: MemberKey) -> BTreeSet<TeamKey> {
        let places = self.world.places.keys().filter(|(_, member)| *member == key);
        places.map(|(team, _)| *team).collect()
    }

    fn place(&mut self, team: TeamKey, member: MemberKey, role: Option<super::state::TeamRole>) {
        self.world.places.insert((team, member), role);
        self.touched.insert(Object::Place(team, member));
    }

    /// Takes a member out of a team. The request that the place has fulfilled
    /// must not rise again.
    fn clear(&mut self, team: TeamKey, member: MemberKey) {
        self.world.places.remove(&(team, member));
        self.world.wishes.remove(&(team, member));
        self.touched.insert(Object::Place(team, member));
    }

    /// §8.4: the link is for who could give its role anyway.
    fn show_link(&mut self, access: &Access, key: MemberKey) {
        let row = self.row(key);
        self.shows_link = row.link.is_some() && access.may_assign(row.role);
    }

    fn actor(&self) -> Option<Person> {
        match self.caller {
            Caller::Person(person) => Some(person),
            _ => None,
        }
    }

    fn email_of(&self, key: MemberKey) -> Option<String> {
        let row = self.row(key);
        row.person
            .map_or_else(|| row.email.clone(), |person| Some(self.world.address(person)))
    }

    /// Notes what the row is now (§22, member audit data).
    fn note_member(&mut self, event: &'static str, key: MemberKey) {
        let row = self.row(key);
        let mut slugs: Vec<_> = self
            .teams_of(key)
            .iter()
            .map(|team| self.world.teams[team].slug.clone())
            .collect();
        slugs.sort();
        let status = match row.status {
            Status::Approved => "approved",
            Status::RequestedToBeInvited => "requested_to_be_invited",
            Status::RequestedToJoin => "requested_to_join",
        };
        let facts = json!({
            "email": self.email_of(key),
            "role": row.role.id(),
            "team_slugs": slugs,
            "invite_status": status,
        });
        self.note(event, Object::Member(key), row.person, facts);
    }

    /// Notes that a member came into a team or went.
    fn note_team_of(&mut self, event: &'static str, key: MemberKey, team: TeamKey) {
        let facts = json!({ "email": self.email_of(key), "team_slug": self.world.teams[&team].slug });
        self.note(event, Object::Member(key), self.row(key).person, facts);
    }

    fn note(&mut self, event: &'static str, target: Object, target_user: Option<Person>, facts: Value) {
        self.audit.push(Entry {
            event,
            actor: self.actor(),
            target,
            target_user,
            facts,
        });
    }
}

/// Gathers refusals that are reported together.
#[derive(Default)]
struct Refusals(Refused);

impl Refusals {
    fn note<T>(&mut self, checked: Result<T, Code>) -> Option<T> {
        checked.map_err(|code| self.0.push(code)).ok()
    }

    fn check(self) -> Result<(), Refused> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}

/// §8.1 steps 4c to 4e. Team roles are on, so nobody is given the retired role.
fn role(id: &str, is_allowed: impl FnOnce(Role) -> bool) -> Result<Role, Code> {
    match Role::of(id) {
        None => Err("INVALID_ROLE"),
        Some(role) if !is_allowed(role) => Err("ROLE_NOT_ALLOWED"),
        Some(Role::Admin) => Err("ROLE_RETIRED"),
        Some(role) => Ok(role),
    }
}

impl World {
    fn team_named(&self, slug: &str) -> Option<TeamKey> {
        self.teams
            .iter()
            .find(|(_, team)| team.slug == slug)
            .map(|(key, _)| *key)
    }

    /// §8.1 step 4f: each is a team here, and comes once.
    fn teams_named(&self, slugs: &[&str]) -> Result<Vec<TeamKey>, Code> {
        let mut teams = Vec::new();
        for slug in slugs {
            match self.team_named(slug) {
                Some(team) if !teams.contains(&team) => teams.push(team),
                _ => return Err("INVALID_TEAM"),
            }
        }
        Ok(teams)
    }
}

/// Whether members without member:admin may invite here (§8.1).
fn members_may_invite(world: &World, access: &Access) -> bool {
    access.has(Scope::MemberInvite) && world.organization.allow_member_invite
}

/// Whether nobody vouches for the address of a person.
fn is_unverified(person: Person) -> bool {
    !PEOPLE[person].is_email_verified
}
