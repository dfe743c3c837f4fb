//! What the model knows: an organization, who is in it, who may call, and how
//! far each caller gets (§2 to §5).

use std::collections::{BTreeMap, BTreeSet};

use entity::member::flag;

/// A code of §25.
pub type Code = &'static str;
/// Why a step is refused: the codes of all its `userErrors`.
pub type Refused = Vec<Code>;
/// Which of [`PEOPLE`].
pub type Person = usize;
/// The how manieth member row that there ever was.
pub type MemberKey = usize;
/// The how manieth team that there ever was.
pub type TeamKey = usize;

/// What is true of a person wherever they are.
#[derive(Debug)]
pub struct Nature {
    pub name: &'static str,
    pub has_two_factor: bool,
    pub is_email_verified: bool,
}

const fn person(name: &'static str, has_two_factor: bool, is_email_verified: bool) -> Nature {
    Nature {
        name,
        has_two_factor,
        is_email_verified,
    }
}

/// Everybody there is.
pub const PEOPLE: [Nature; 6] = [
    person("ann", true, true),
    person("bob", true, true),
    person("carl", false, true),
    person("dora", true, false),
    person("eve", true, true),
    person("root", true, true),
];

/// The superuser among them.
pub const ROOT: Person = 5;

/// The apps of the organization: what their tokens hold.
pub const APPS: [&[Scope]; 3] = [
    &[
        Scope::MemberRead,
        Scope::MemberInvite,
        Scope::MemberWrite,
        Scope::MemberAdmin,
    ],
    &[Scope::OrgRead, Scope::TeamWrite, Scope::TeamAdmin],
    &[Scope::OrgRead, Scope::OrgWrite, Scope::MemberRead, Scope::MemberInvite],
];

/// Whoever sends a mutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    Person(Person),
    App(usize),
    Nobody,
}

/// The scopes that membership is about, in the order in which the org roles come
/// to have them (§3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    OrgRead,
    MemberRead,
    MemberInvite,
    // From admin on.
    TeamWrite,
    TeamAdmin,
    // From manager on.
    OrgWrite,
    MemberWrite,
    MemberAdmin,
    // Owners only.
    OrgAdmin,
}

impl Scope {
    pub const ALL: [Self; 9] = [
        Self::OrgRead,
        Self::MemberRead,
        Self::MemberInvite,
        Self::TeamWrite,
        Self::TeamAdmin,
        Self::OrgWrite,
        Self::MemberWrite,
        Self::MemberAdmin,
        Self::OrgAdmin,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::OrgRead => "org:read",
            Self::MemberRead => "member:read",
            Self::MemberInvite => "member:invite",
            Self::TeamWrite => "team:write",
            Self::TeamAdmin => "team:admin",
            Self::OrgWrite => "org:write",
            Self::MemberWrite => "member:write",
            Self::MemberAdmin => "member:admin",
            Self::OrgAdmin => "org:admin",
        }
    }
}

/// An org role; the later, the higher (§3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Member,
    /// Retired: who has it keeps it, and nobody gets it any more.
    Admin,
    Manager,
    Owner,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Member, Self::Admin, Self::Manager, Self::Owner];

    pub fn id(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::Owner => "owner",
        }
    }

    pub fn of(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.id() == id)
    }

    fn scopes(self) -> &'static [Scope] {
        let count = match self {
            Self::Member => 3,
            Self::Admin => 5,
            Self::Manager => 8,
            Self::Owner => 9,
        };
        &Scope::ALL[..count]
    }

    /// The team role that it gives for free in every team of the member (§3.2).
    pub fn minimum(self) -> TeamRole {
        match self {
            Self::Member => TeamRole::Contributor,
            _ => TeamRole::Admin,
        }
    }

    /// Whether it reaches all teams without being in them.
    pub fn is_global(self) -> bool {
        self >= Self::Manager
    }
}

/// A team role; the later, the higher (§3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TeamRole {
    Contributor,
    Admin,
}

impl TeamRole {
    pub fn id(self) -> &'static str {
        match self {
            Self::Contributor => "contributor",
            Self::Admin => "admin",
        }
    }

    pub fn of(id: &str) -> Option<Self> {
        [Self::Contributor, Self::Admin]
            .into_iter()
            .find(|role| role.id() == id)
    }

    pub fn has(self, scope: Scope) -> bool {
        self == Self::Admin && matches!(scope, Scope::TeamWrite | Scope::TeamAdmin)
    }
}

/// The organization and everything in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    /// Which run this is: it makes names and addresses its own.
    pub run: usize,
    pub organization: Organization,
    pub provider: Option<Provider>,
    /// Who is linked to the provider.
    pub identities: BTreeSet<Person>,
    /// Who may not sign in any more.
    pub inactive: BTreeSet<Person>,
    pub members: BTreeMap<MemberKey, Member>,
    pub teams: BTreeMap<TeamKey, Team>,
    /// Who is in which team, with the stored team role.
    pub places: BTreeMap<(TeamKey, MemberKey), Option<TeamRole>>,
    /// Open requests for access to a team, and who asked for somebody else.
    pub wishes: BTreeMap<(TeamKey, MemberKey), Option<Person>>,
    /// How many rows, teams and links there ever were.
    pub members_ever: usize,
    pub teams_ever: usize,
    pub links_ever: usize,
}

/// Options that change the rules of membership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    pub awaits_deletion: bool,
    pub open_membership: bool,
    pub allow_member_invite: bool,
    pub require_two_factor: bool,
    pub require_email_verification: bool,
    pub allow_superuser_access: bool,
    pub allow_join_requests: bool,
    pub default_role: Role,
}

/// Single sign-on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    pub key: String,
    pub allow_unlinked: bool,
    pub scim: bool,
}

/// A row that joins the organization with a person or, pending, with an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub person: Option<Person>,
    pub email: Option<String>,
    pub role: Role,
    /// Bits of `entity::member::flag`.
    pub flags: i64,
    pub link: Option<Link>,
    pub inviter: Option<Person>,
    pub status: Status,
}

/// The link of an invite: the how manieth that there ever was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    pub number: usize,
    pub is_expired: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Approved,
    RequestedToBeInvited,
    RequestedToJoin,
}

impl Member {
    pub fn has(&self, flag: i64) -> bool {
        self.flags & flag != 0
    }

    pub fn is_pending(&self) -> bool {
        self.person.is_none()
    }

    /// Requests are not members, and invites are (§14.1).
    pub fn is_approved(&self) -> bool {
        self.status == Status::Approved
    }

    pub fn is_invite(&self) -> bool {
        self.is_pending() && self.is_approved()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    pub slug: String,
    pub is_idp_provisioned: bool,
}

/// The gates that not every operation passes (§5, §28).
#[derive(Clone, Copy)]
pub struct Gates {
    pub sso: bool,
    pub over_limit: bool,
    /// Open to those with org:admin while the organization awaits its deletion.
    pub while_doomed: bool,
}

impl Gates {
    pub const CHANGE: Self = Self {
        sso: true,
        over_limit: true,
        while_doomed: false,
    };
    /// Removing oneself: who is over the limit can still leave.
    pub const REMOVE_OWN: Self = Self {
        over_limit: false,
        ..Self::CHANGE
    };
    pub const LEAVE: Self = Self {
        sso: false,
        ..Self::REMOVE_OWN
    };
    pub const SSO: Self = Self {
        sso: false,
        ..Self::CHANGE
    };
    pub const RESTORE: Self = Self {
        while_doomed: true,
        ..Self::CHANGE
    };
}

/// What a caller may do in the organization.
#[derive(Clone, Debug)]
pub struct Access {
    pub caller: Caller,
    pub is_superuser: bool,
    pub own: Option<MemberKey>,
    pub role: Option<Role>,
    scopes: &'static [Scope],
}

impl Access {
    pub fn has(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    pub fn require(&self, any_of: &[Scope]) -> Result<(), Refused> {
        match any_of.iter().any(|scope| self.has(*scope)) {
            true => Ok(()),
            false => Err(vec!["FORBIDDEN"]),
        }
    }

    pub fn person(&self) -> Option<Person> {
        match self.caller {
            Caller::Person(person) => Some(person),
            _ => None,
        }
    }

    pub fn is_app(&self) -> bool {
        matches!(self.caller, Caller::App(_))
    }

    /// Equal counts; apps have no role, and so stand above nobody.
    pub fn outranks(&self, role: Role) -> bool {
        self.is_superuser || self.role >= Some(role)
    }

    /// §11 step 2.
    pub fn may_assign(&self, role: Role) -> bool {
        self.has(Scope::MemberAdmin) && self.outranks(role)
    }
}

impl World {
    /// The address of a person.
    pub fn address(&self, person: Person) -> String {
        format!("{}{}@example.com", PEOPLE[person].name, self.run)
    }

    /// The row of a person.
    pub fn member_of(&self, person: Person) -> Option<MemberKey> {
        let mut rows = self.members.iter();
        rows.find(|(_, row)| row.person == Some(person)).map(|(key, _)| *key)
    }

    /// Who is shown in lists of members: invites, and active people.
    pub fn is_shown(&self, row: &Member) -> bool {
        row.is_approved() && row.person.is_none_or(|person| !self.inactive.contains(&person))
    }

    /// Whether a row owns anything: an invite does not (§12).
    pub fn is_active_owner(&self, row: &Member) -> bool {
        row.role == Role::Owner && !row.is_pending() && self.is_shown(row)
    }

    /// §12: an owner besides whom there is no active one.
    pub fn is_last_owner(&self, key: MemberKey) -> bool {
        let row = &self.members[&key];
        let mut others = self.members.iter().filter(|(other, _)| **other != key);
        row.role == Role::Owner && !row.is_pending() && !others.any(|(_, other)| self.is_active_owner(other))
    }

    /// Passes the gates of §5, in their order. Strangers are told that what they
    /// named is `missing`.
    pub fn enter(&self, caller: Caller, gates: Gates, missing: Code) -> Result<Access, Refused> {
        let own = match caller {
            Caller::Person(person) => self.member_of(person),
            _ => None,
        };
        let role = own.map(|own| self.members[&own].role);
        let is_superuser = caller == Caller::Person(ROOT) && self.organization.allow_superuser_access;
        let scopes = match (caller, role) {
            (Caller::Nobody, _) => return Err(vec!["UNAUTHENTICATED"]),
            (Caller::App(app), _) => APPS[app],
            _ if is_superuser => &Scope::ALL,
            (_, Some(role)) => role.scopes(),
            _ => return Err(vec![missing]),
        };
        let access = Access {
            caller,
            is_superuser,
            own,
            role,
            scopes,
        };
        if self.organization.awaits_deletion && !(gates.while_doomed && access.has(Scope::OrgAdmin)) {
            return Err(vec![missing]);
        }
        let Some(person) = access.person().filter(|_| !is_superuser) else {
            return Ok(access);
        };
        if self.organization.require_two_factor && !PEOPLE[person].has_two_factor {
            return Err(vec!["TWO_FACTOR_REQUIRED"]);
        }
        let row = own.map(|own| &self.members[&own]);
        let is_linked = row.is_some_and(|row| row.has(flag::SSO_LINKED) && !row.has(flag::SSO_INVALID));
        let is_sso_required = self.provider.as_ref().is_some_and(|provider| !provider.allow_unlinked);
        if gates.sso && is_sso_required && !is_linked {
            return Err(vec!["SSO_REQUIRED"]);
        }
        if gates.over_limit && row.is_some_and(|row| row.has(flag::MEMBER_LIMIT_RESTRICTED)) {
            return Err(vec!["MEMBER_DISABLED_OVER_LIMIT"]);
        }
        Ok(access)
    }
}
