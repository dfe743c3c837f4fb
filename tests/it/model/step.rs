//! The steps of a run: which there are, and what they send. What a step names it
//! picks from what is there when its turn comes, so that steps can be left out
//! when a failing run is shrunk.

use serde_json::{Map, Value, json};

use super::state::{Caller, Member, MemberKey, PEOPLE, Person, ROOT, Role, TeamKey, World};

/// Somebody does something.
#[derive(Clone, Debug)]
pub struct Step {
    pub voice: Voice,
    pub act: Act,
}

/// Who acts.
#[derive(Clone, Copy, Debug)]
pub enum Voice {
    /// A person with a row here, if there is one.
    Insider(Pick),
    /// A person without a row here, if there is one.
    Outsider(Pick),
    Other(Caller),
}

/// One of the rows, teams, … that there are: mostly of those with which the step
/// can succeed, now and then one that there is not.
#[derive(Clone, Copy, Debug)]
pub struct Pick(pub u8);

/// What is done. Roles are spelled as in the API, and not always well.
#[derive(Clone, Debug)]
pub enum Act {
    AcceptInvite {
        link: Pick,
    },
    CreateInvite {
        email: Email,
        role: Option<&'static str>,
        teams: Vec<&'static str>,
    },
    CreateInvites {
        emails: Vec<Email>,
        role: Option<&'static str>,
        teams: Vec<&'static str>,
    },
    ResendInvite {
        row: Pick,
        regenerate: bool,
    },
    RevokeInvite {
        row: Pick,
    },
    RequestInvite {
        email: Email,
        role: Option<&'static str>,
        teams: Vec<&'static str>,
    },
    RequestToJoin {
        email: Email,
    },
    ApproveInviteRequest {
        row: Pick,
        role: Option<&'static str>,
        teams: Option<Vec<&'static str>>,
    },
    RejectInviteRequest {
        row: Pick,
    },
    UpdateMemberRoles {
        row: Pick,
        role: Option<&'static str>,
        teams: Option<Vec<(&'static str, Option<&'static str>)>>,
        reinvite: Option<Reinvite>,
    },
    RemoveMember {
        row: Pick,
    },
    LeaveOrganization,
    TransferOwnership {
        row: Pick,
    },
    LinkSsoIdentity {
        idp: Option<&'static str>,
    },
    SetMemberFlags {
        row: Pick,
        flag: usize,
        is_set: bool,
    },
    SetUserActive {
        person: Person,
        is_active: bool,
    },
    SaveOrgOptions(Options),
    SetAuthProvider {
        provider: Option<&'static str>,
        allow_unlinked: bool,
        scim: bool,
    },
    DeleteOrganization {
        is_confirmed: bool,
    },
    CreateTeam {
        slug: &'static str,
    },
    UpdateTeam {
        team: Pick,
        slug: Option<&'static str>,
        is_idp_provisioned: Option<bool>,
    },
    DeleteTeam {
        team: Pick,
    },
    AddTeamMember {
        team: Pick,
        row: Pick,
    },
    RemoveTeamMember {
        place: Pick,
    },
    UpdateTeamMemberRole {
        place: Pick,
        role: &'static str,
    },
    DecideTeamAccessRequest {
        wish: Pick,
        is_approved: bool,
    },
    /// Time passes, until the invite has run out. Nobody sends anything.
    Expire {
        row: Pick,
    },
}

/// How an update sends the invite again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reinvite {
    SameLink,
    NewLink,
}

/// An address that is invited.
#[derive(Clone, Copy, Debug)]
pub enum Email {
    /// Of somebody who is known, in this case or in capitals.
    Known(Person, bool),
    Stranger(u8),
    Malformed,
    Blocked,
}

/// What is saved of the options; `None` is not given.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub open_membership: Option<bool>,
    pub allow_member_invite: Option<bool>,
    pub require_two_factor: Option<bool>,
    pub require_email_verification: Option<bool>,
    pub allow_superuser_access: Option<bool>,
    pub allow_join_requests: Option<bool>,
    pub default_role: Option<&'static str>,
    pub cancel_deletion: Option<bool>,
}

/// The mutations that are steps.
pub const MUTATIONS: [&str; 26] = [
    "acceptInvite",
    "createInvite",
    "createInvites",
    "resendInvite",
    "revokeInvite",
    "requestInvite",
    "requestToJoin",
    "approveInviteRequest",
    "rejectInviteRequest",
    "updateMemberRoles",
    "removeMember",
    "leaveOrganization",
    "transferOwnership",
    "linkSsoIdentity",
    "setMemberFlags",
    "setUserActive",
    "saveOrgOptions",
    "setAuthProvider",
    "deleteOrganization",
    "createTeam",
    "updateTeam",
    "deleteTeam",
    "addTeamMember",
    "removeTeamMember",
    "updateTeamMemberRole",
    "decideTeamAccessRequest",
];

/// Member flags: their bits, and how the API calls them.
pub const FLAGS: [(i64, &str); 6] = [
    (entity::member::flag::SSO_LINKED, "ssoLinked"),
    (entity::member::flag::SSO_INVALID, "ssoInvalid"),
    (entity::member::flag::MEMBER_LIMIT_RESTRICTED, "memberLimitRestricted"),
    (entity::member::flag::IDP_PROVISIONED, "idpProvisioned"),
    (entity::member::flag::IDP_ROLE_RESTRICTED, "idpRoleRestricted"),
    (entity::member::flag::PARTNERSHIP_RESTRICTED, "partnershipRestricted"),
];

impl Step {
    pub fn caller(&self, world: &World) -> Caller {
        let (pick, is_inside) = match self.voice {
            Voice::Insider(pick) => (pick, true),
            Voice::Outsider(pick) => (pick, false),
            Voice::Other(caller) => return caller,
        };
        let people = (0..PEOPLE.len()).filter(|person| world.member_of(*person).is_some() == is_inside);
        let suits = |person: &Person| {
            let owns = |key| world.members[&key].role == Role::Owner;
            let may = !self.act.is_for_owners() || world.member_of(*person).is_some_and(owns);
            may && !world.inactive.contains(person)
        };
        Caller::Person(pick.best(people, suits).unwrap_or(ROOT))
    }
}

impl Pick {
    fn of<T: Copy>(self, from: impl Iterator<Item = T>) -> Option<T> {
        let all: Vec<T> = from.collect();
        match all.is_empty() {
            true => None,
            false => Some(all[usize::from(self.0 / 8) % all.len()]),
        }
    }

    /// One that suits, if there is one; sometimes any other, or none.
    fn best<T: Copy>(self, from: impl Iterator<Item = T> + Clone, suits: impl Fn(&T) -> bool) -> Option<T> {
        match self.0 {
            ..4 => None,
            pick if pick % 8 == 1 => self.of(from),
            _ => self.of(from.clone().filter(suits)).or_else(|| self.of(from)),
        }
    }

    fn row_that(self, world: &World, suits: impl Fn(&Member) -> bool) -> Option<MemberKey> {
        self.best(world.members.keys().copied(), |key| suits(&world.members[key]))
    }

    pub fn member(self, world: &World) -> Option<MemberKey> {
        self.row_that(world, Member::is_approved)
    }

    pub fn invite(self, world: &World) -> Option<MemberKey> {
        self.row_that(world, Member::is_invite)
    }

    pub fn request(self, world: &World) -> Option<MemberKey> {
        self.row_that(world, |row| !row.is_approved())
    }

    pub fn team(self, world: &World) -> Option<TeamKey> {
        self.best(world.teams.keys().copied(), |_| true)
    }

    /// Somebody in a team, or anybody and any team.
    pub fn place(self, world: &World) -> (Option<TeamKey>, Option<MemberKey>) {
        let all = world
            .teams
            .keys()
            .flat_map(|team| world.members.keys().map(|row| (*team, *row)));
        self.best(all, |place| world.places.contains_key(place)).unzip()
    }

    pub fn wish(self, world: &World) -> Option<(TeamKey, MemberKey)> {
        self.best(world.wishes.keys().copied(), |_| true)
    }

    /// A link that was ever made.
    pub fn link(self, world: &World) -> Option<usize> {
        let is_alive = |number: &usize| {
            let links = world.members.values().filter_map(|row| row.link);
            links.into_iter().any(|link| link.number == *number)
        };
        self.best(0..world.links_ever, is_alive)
    }
}

impl Email {
    /// As it is given.
    pub fn text(self, world: &World) -> String {
        match self {
            Self::Known(person, false) => world.address(person),
            Self::Known(person, true) => world.address(person).to_uppercase(),
            Self::Stranger(number) => format!("stranger{number}.{}@example.com", world.run),
            Self::Malformed => "no address".into(),
            Self::Blocked => "somebody@QQ.com".into(),
        }
    }
}

/// Refers to a row by what the model calls it; the player knows its id.
fn at(kind: &str, key: Option<impl ToString>) -> Value {
    json!(format!(
        "@{kind} {}",
        key.map_or("none".to_owned(), |key| key.to_string())
    ))
}

impl Act {
    /// Whether hardly anybody else gets anywhere with it.
    fn is_for_owners(&self) -> bool {
        matches!(
            self,
            Self::TransferOwnership { .. }
                | Self::SetAuthProvider { .. }
                | Self::DeleteOrganization { .. }
                | Self::SaveOrgOptions(_)
        )
    }

    /// The mutation that is sent, and its input, in which `@…` stands for ids.
    /// `None`: nothing is sent.
    pub fn request(&self, world: &World) -> Option<(&'static str, Value)> {
        let row = |pick: &Pick| at("member", pick.member(world));
        let team = |pick: &Pick| at("team", pick.team(world));
        let place = |pick: &Pick| {
            let (team, row) = pick.place(world);
            json!({ "teamId": at("team", team), "memberId": at("member", row) })
        };
        Some(match self {
            Self::AcceptInvite { link } => ("acceptInvite", json!({ "token": at("link", link.link(world)) })),
            Self::CreateInvite { email, role, teams } => {
                let input = json!({ "email": email.text(world), "orgRole": role, "teamSlugs": teams });
                ("createInvite", here(input))
            }
            Self::CreateInvites { emails, role, teams } => {
                let emails: Vec<_> = emails.iter().map(|email| email.text(world)).collect();
                let input = json!({ "emails": emails, "orgRole": role, "teamSlugs": teams });
                ("createInvites", here(input))
            }
            Self::ResendInvite { row: pick, regenerate } => (
                "resendInvite",
                json!({ "memberId": row(pick), "regenerate": regenerate }),
            ),
            Self::RevokeInvite { row } => ("revokeInvite", json!({ "inviteId": at("invite", row.invite(world)) })),
            Self::RequestInvite { email, role, teams } => {
                let input = json!({ "email": email.text(world), "orgRole": role, "teamSlugs": teams });
                ("requestInvite", here(input))
            }
            Self::RequestToJoin { email } => {
                let input = json!({ "organizationSlug": "@slug", "email": email.text(world) });
                ("requestToJoin", input)
            }
            Self::ApproveInviteRequest { row, role, teams } => {
                let input =
                    json!({ "inviteId": at("invite", row.request(world)), "orgRole": role, "teamSlugs": teams });
                ("approveInviteRequest", input)
            }
            Self::RejectInviteRequest { row } => (
                "rejectInviteRequest",
                json!({ "inviteId": at("invite", row.request(world)) }),
            ),
            Self::UpdateMemberRoles {
                row: pick,
                role,
                teams,
                reinvite,
            } => {
                let team = |(slug, role): &(_, _)| json!({ "teamSlug": slug, "role": role });
                let teams = teams.as_ref().map(|teams| teams.iter().map(team).collect::<Vec<_>>());
                let input = json!({
                    "memberId": row(pick),
                    "orgRole": role,
                    "teamRoles": teams,
                    "reinvite": reinvite.is_some(),
                    "regenerate": *reinvite == Some(Reinvite::NewLink),
                });
                ("updateMemberRoles", input)
            }
            Self::RemoveMember { row: pick } => ("removeMember", json!({ "memberId": row(pick) })),
            Self::LeaveOrganization => ("leaveOrganization", here(json!({}))),
            Self::TransferOwnership { row: pick } => ("transferOwnership", here(json!({ "toMemberId": row(pick) }))),
            Self::LinkSsoIdentity { .. } => ("linkSsoIdentity", here(json!({}))),
            Self::SetMemberFlags {
                row: pick,
                flag,
                is_set,
            } => (
                "setMemberFlags",
                json!({ "memberId": row(pick), FLAGS[*flag].1: is_set }),
            ),
            Self::SetUserActive { person, is_active } => (
                "setUserActive",
                json!({ "userId": format!("@user {person}"), "isActive": is_active }),
            ),
            Self::SaveOrgOptions(options) => ("saveOrgOptions", here(options.given())),
            Self::SetAuthProvider {
                provider,
                allow_unlinked,
                scim,
            } => {
                let input = json!({ "provider": provider, "allowUnlinked": allow_unlinked, "scimEnabled": scim });
                ("setAuthProvider", here(input))
            }
            Self::DeleteOrganization { is_confirmed } => {
                let slug = if *is_confirmed { "@slug" } else { "another" };
                ("deleteOrganization", here(json!({ "confirmSlug": slug })))
            }
            Self::CreateTeam { slug } => ("createTeam", here(json!({ "name": slug, "slug": slug }))),
            Self::UpdateTeam {
                team: pick,
                slug,
                is_idp_provisioned,
            } => {
                let mut input = json!({ "teamId": team(pick) });
                give(&mut input, "slug", *slug);
                give(&mut input, "isIdpProvisioned", *is_idp_provisioned);
                ("updateTeam", input)
            }
            Self::DeleteTeam { team: pick } => ("deleteTeam", json!({ "teamId": team(pick) })),
            Self::AddTeamMember {
                team: pick,
                row: member,
            } => (
                "addTeamMember",
                json!({ "teamId": team(pick), "memberId": row(member) }),
            ),
            Self::RemoveTeamMember { place: pick } => ("removeTeamMember", place(pick)),
            Self::UpdateTeamMemberRole { place: pick, role } => {
                let mut input = place(pick);
                give(&mut input, "teamRole", Some(*role));
                ("updateTeamMemberRole", input)
            }
            Self::DecideTeamAccessRequest { wish, is_approved } => {
                let wish = wish.wish(world).map(|(team, member)| format!("{team} {member}"));
                let input = json!({ "requestId": at("request", wish), "isApproved": is_approved });
                ("decideTeamAccessRequest", input)
            }
            Self::Expire { .. } => return None,
        })
    }
}

impl Options {
    fn given(&self) -> Value {
        let mut input = Value::Object(Map::new());
        give(&mut input, "openMembership", self.open_membership);
        give(&mut input, "allowMemberInvite", self.allow_member_invite);
        give(&mut input, "require2FA", self.require_two_factor);
        give(&mut input, "requireEmailVerification", self.require_email_verification);
        give(&mut input, "allowSuperuserAccess", self.allow_superuser_access);
        give(&mut input, "allowJoinRequests", self.allow_join_requests);
        give(&mut input, "defaultRole", self.default_role);
        give(&mut input, "cancelDeletion", self.cancel_deletion);
        input
    }
}

fn here(mut input: Value) -> Value {
    input["organizationId"] = json!("@organization");
    input
}

/// Leaves out what is not given: null would be something else.
fn give(input: &mut Value, field: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        input[field] = value.into();
    }
}
