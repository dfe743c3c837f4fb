//! Org roles, team roles and scopes: the tables of spec §3, as data.

use std::{collections::BTreeMap, sync::Arc};

use strum::{EnumIter, EnumString, IntoEnumIterator, IntoStaticStr};

use crate::config::{ConfigError, RoleSetting};

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, EnumString, IntoStaticStr)]
#[allow(
    missing_docs,
    reason = "the names are the meaning; §3.3 and §4 say what each is needed for"
)]
pub enum Scope {
    #[strum(serialize = "org:read")]
    OrgRead,
    #[strum(serialize = "org:write")]
    OrgWrite,
    #[strum(serialize = "org:admin")]
    OrgAdmin,
    #[strum(serialize = "org:integrations")]
    OrgIntegrations,
    #[strum(serialize = "org:ci")]
    OrgCi,
    #[strum(serialize = "member:read")]
    MemberRead,
    #[strum(serialize = "member:invite")]
    MemberInvite,
    #[strum(serialize = "member:write")]
    MemberWrite,
    #[strum(serialize = "member:admin")]
    MemberAdmin,
    #[strum(serialize = "team:read")]
    TeamRead,
    #[strum(serialize = "team:write")]
    TeamWrite,
    #[strum(serialize = "team:admin")]
    TeamAdmin,
    #[strum(serialize = "project:read")]
    ProjectRead,
    #[strum(serialize = "project:write")]
    ProjectWrite,
    #[strum(serialize = "project:admin")]
    ProjectAdmin,
    #[strum(serialize = "project:releases")]
    ProjectReleases,
    #[strum(serialize = "event:read")]
    EventRead,
    #[strum(serialize = "event:write")]
    EventWrite,
    #[strum(serialize = "event:admin")]
    EventAdmin,
    #[strum(serialize = "alerts:read")]
    AlertsRead,
    #[strum(serialize = "alerts:write")]
    AlertsWrite,
}

impl Scope {
    /// As spelled in the API, such as `member:admin`.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What holding this scope gives directly (§3.3, "Implication").
    fn implies(self) -> &'static [Self] {
        match self {
            Self::OrgAdmin => &[Self::OrgWrite, Self::OrgIntegrations],
            Self::OrgWrite => &[Self::OrgRead],
            Self::MemberAdmin => &[Self::MemberWrite, Self::MemberInvite],
            Self::MemberWrite => &[Self::MemberRead, Self::MemberInvite],
            Self::MemberInvite => &[Self::MemberRead],
            Self::TeamAdmin => &[Self::TeamWrite],
            Self::TeamWrite => &[Self::TeamRead],
            Self::ProjectAdmin => &[Self::ProjectWrite],
            Self::ProjectWrite => &[Self::ProjectRead],
            Self::EventAdmin => &[Self::EventWrite],
            Self::EventWrite => &[Self::EventRead],
            Self::AlertsWrite => &[Self::AlertsRead],
            _ => &[],
        }
    }
}

/// A set of scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScopeSet(u32);

impl ScopeSet {
    /// Every scope.
    pub fn all() -> Self {
        Scope::iter().collect()
    }

    /// Whether the set holds `scope`.
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u32) != 0
    }

    /// Whether the set holds one of `scopes`.
    pub fn contains_any(self, scopes: &[Scope]) -> bool {
        scopes.iter().any(|scope| self.contains(*scope))
    }

    /// What both sets hold.
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The set without `scope`.
    pub fn without(self, scope: Scope) -> Self {
        Self(self.0 & !(1 << scope as u32))
    }

    /// The set with everything that its scopes imply.
    pub fn implied(self) -> Self {
        let mut all = self;
        loop {
            let next = all
                .iter()
                .flat_map(Scope::implies)
                .fold(all, |set, scope| Self(set.0 | 1 << *scope as u32));
            if next == all {
                return all;
            }
            all = next;
        }
    }

    /// The scopes, in a fixed order.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::iter().filter(move |scope| self.contains(*scope))
    }

    /// The scopes as spelled in the API.
    pub fn names(self) -> Vec<String> {
        self.iter().map(|scope| scope.name().to_owned()).collect()
    }

    /// Whether nothing is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The known ones of `names` with all they imply.
    pub fn of_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        names
            .into_iter()
            .filter_map(|name| name.parse().ok())
            .collect::<Self>()
            .implied()
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | 1 << scope as u32))
    }
}

/// A member's role in a team (§3.2). The order is the priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum TeamRole {
    /// The default.
    Contributor,
    /// Manages the team.
    Admin,
}

impl TeamRole {
    /// As stored and spelled in the API.
    pub fn id(self) -> &'static str {
        self.into()
    }

    /// Shown name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Contributor => "Contributor",
            Self::Admin => "Team Admin",
        }
    }

    /// What the role is for.
    pub fn description(self) -> &'static str {
        match self {
            Self::Contributor => "Contributors take part in the team's work.",
            Self::Admin => "Team admins manage the team: its settings, its members and their team roles.",
        }
    }

    /// Scopes in the team (§3.3).
    pub fn scopes(self) -> ScopeSet {
        let names = match self {
            Self::Contributor => {
                "org:read member:read team:read project:read project:releases event:read event:write alerts:read"
            }
            Self::Admin => {
                "org:read org:integrations member:read team:read team:write team:admin project:read project:write \
                 project:admin project:releases event:read event:write event:admin alerts:read alerts:write"
            }
        };
        ScopeSet::of_names(names.split_whitespace())
    }
}

/// An org role (§3.1).
#[derive(Clone, Debug)]
pub struct OrgRole {
    /// As stored and spelled in the API.
    pub id: String,
    /// Shown name.
    pub name: String,
    /// What the role is for.
    pub description: String,
    /// Rank; who has a rank at least as high may manage the role.
    pub priority: i32,
    /// Holders keep it; nobody is given it while team roles are on.
    pub is_retired: bool,
    /// Access to all teams.
    pub is_global: bool,
    /// Whether holders can be in teams.
    pub is_team_roles_allowed: bool,
    /// Team role that the role gives in every team of its holder.
    pub minimum_team_role: TeamRole,
    /// What holders may do, before §3.3 (a) and (b).
    pub scopes: ScopeSet,
}

/// Organization options that withdraw scopes from small roles (§3.3 a, b).
#[derive(Clone, Copy, Debug)]
pub struct Withdrawals {
    /// Option `eventsMemberAdmin`.
    pub events_member_admin: bool,
    /// Option `alertsMemberWrite`.
    pub alerts_member_write: bool,
}

impl Withdrawals {
    /// What is left of `scopes`. Only roles that manage nothing lose anything.
    pub fn apply(self, scopes: ScopeSet) -> ScopeSet {
        if scopes.contains_any(&[Scope::OrgWrite, Scope::ProjectWrite, Scope::TeamWrite]) {
            return scopes;
        }
        let scopes = if self.events_member_admin {
            scopes
        } else {
            scopes.without(Scope::EventAdmin)
        };
        if self.alerts_member_write {
            scopes
        } else {
            scopes.without(Scope::AlertsWrite)
        }
    }
}

/// The org roles of this deployment, lowest priority first.
#[derive(Clone, Debug)]
pub struct Roles {
    roles: Vec<Arc<OrgRole>>,
}

/// Id of the role that every organization keeps at least one holder of.
pub const OWNER: &str = "owner";
/// Id of the role that an owner takes who hands the organization over.
pub const MANAGER: &str = "manager";
/// Id of the role of whoever has no other.
pub const MEMBER: &str = "member";

impl Roles {
    /// The built-in roles with the changes and additions of a deployment.
    ///
    /// # Errors
    /// A new role without priority or scopes, an unknown scope, a role above
    /// owner, an id that is too long.
    pub fn new(settings: &BTreeMap<String, RoleSetting>) -> Result<Self, ConfigError> {
        let mut roles = built_in();
        for (id, setting) in settings {
            let known = roles.iter_mut().find(|role| role.id == *id);
            match known {
                Some(role) => change(role, setting)?,
                None => {
                    let (Some(priority), Some(_)) = (setting.priority, &setting.scopes) else {
                        return Err(ConfigError::new(format!(
                            "roles.{id}: a new role needs priority and scopes"
                        )));
                    };
                    if id.is_empty() || id.len() > 32 {
                        return Err(ConfigError::new(format!("roles.{id}: an id has 1 to 32 characters")));
                    }
                    let mut role = OrgRole {
                        id: id.clone(),
                        name: id.clone(),
                        description: String::new(),
                        priority,
                        is_retired: false,
                        is_global: false,
                        is_team_roles_allowed: true,
                        minimum_team_role: TeamRole::Contributor,
                        scopes: ScopeSet::default(),
                    };
                    change(&mut role, setting)?;
                    roles.push(role);
                }
            }
        }
        // Stable: of equal priority, the built-in role comes first.
        roles.sort_by_key(|role| role.priority);
        if roles.last().is_none_or(|top| top.id != OWNER) {
            return Err(ConfigError::new("roles: no role may stand above owner".into()));
        }
        let admin_priority = roles
            .iter()
            .find(|role| role.id == "admin")
            .map_or(i32::MAX, |role| role.priority);
        for role in &mut roles {
            // The one team role that is a minimum for somebody is admin, for
            // the org role admin and all above it (§3.2).
            role.minimum_team_role = match role.id.as_str() {
                OWNER => TeamRole::Admin,
                _ if role.priority >= admin_priority => TeamRole::Admin,
                _ => TeamRole::Contributor,
            };
        }
        Ok(Self {
            roles: roles.into_iter().map(Arc::new).collect(),
        })
    }

    /// All roles, lowest priority first.
    pub fn all(&self) -> &[Arc<OrgRole>] {
        &self.roles
    }

    /// The role with this id.
    pub fn find(&self, id: &str) -> Option<&Arc<OrgRole>> {
        self.roles.iter().find(|role| role.id == id)
    }

    /// The role that a stored id names. One that the deployment has since
    /// dropped from its configuration counts as the lowest role.
    pub fn stored(&self, id: &str) -> &Arc<OrgRole> {
        self.find(id).unwrap_or(&self.roles[0])
    }

    /// Roles that somebody with `role` can manage: those not above it.
    pub fn up_to(&self, role: &OrgRole) -> impl Iterator<Item = &Arc<OrgRole>> {
        self.roles
            .iter()
            .filter(move |candidate| candidate.priority <= role.priority)
    }
}

fn change(role: &mut OrgRole, setting: &RoleSetting) -> Result<(), ConfigError> {
    if let Some(scopes) = &setting.scopes {
        for scope in scopes {
            scope
                .parse::<Scope>()
                .map_err(|_| ConfigError::new(format!("roles.{}: there is no scope `{scope}`", role.id)))?;
        }
        role.scopes = ScopeSet::of_names(scopes.iter().map(String::as_str));
    }
    role.name = setting.name.clone().unwrap_or_else(|| role.name.clone());
    role.description = setting.description.clone().unwrap_or_else(|| role.description.clone());
    role.priority = setting.priority.unwrap_or(role.priority);
    role.is_retired = setting.is_retired.unwrap_or(role.is_retired);
    role.is_global = setting.is_global.unwrap_or(role.is_global);
    role.is_team_roles_allowed = setting.is_team_roles_allowed.unwrap_or(role.is_team_roles_allowed);
    Ok(())
}

/// §3.1 and §3.3. Scopes are written out as in the table, each column whole.
fn built_in() -> Vec<OrgRole> {
    const MEMBER_SCOPES: &str = "org:read member:read member:invite team:read project:read project:releases \
                                 event:read event:write event:admin alerts:read alerts:write";
    const ADMIN_SCOPES: &str = "org:read org:integrations member:read member:invite team:read team:write team:admin \
                                project:read project:write project:admin project:releases event:read event:write \
                                event:admin alerts:read alerts:write";
    const MANAGER_SCOPES: &str = "org:read org:write org:integrations member:read member:invite member:write \
                                  member:admin team:read team:write team:admin project:read project:write \
                                  project:admin project:releases event:read event:write event:admin alerts:read \
                                  alerts:write";
    const OWNER_SCOPES: &str = "org:read org:write org:admin org:integrations member:read member:invite member:write \
                                member:admin team:read team:write team:admin project:read project:write project:admin \
                                project:releases event:read event:write event:admin alerts:read alerts:write";
    [
        (
            MEMBER,
            "Member",
            false,
            false,
            MEMBER_SCOPES,
            "Members take part in the work of their teams.",
        ),
        (
            "admin",
            "Admin",
            true,
            false,
            ADMIN_SCOPES,
            "Admins manage the teams they are in. Retired in favour of team roles.",
        ),
        (
            "manager",
            "Manager",
            false,
            true,
            MANAGER_SCOPES,
            "Managers manage all teams, members and settings.",
        ),
        (
            OWNER,
            "Owner",
            false,
            true,
            OWNER_SCOPES,
            "Owners may do everything, and there is always at least one.",
        ),
    ]
    .into_iter()
    .zip(0..)
    .map(
        |((id, name, is_retired, is_global, scopes, description), priority)| OrgRole {
            id: id.into(),
            name: name.into(),
            description: description.into(),
            priority,
            is_retired,
            is_global,
            is_team_roles_allowed: true,
            minimum_team_role: TeamRole::Contributor,
            scopes: ScopeSet::of_names(scopes.split_whitespace()),
        },
    )
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scope_table_is_closed_under_implication() {
        for role in built_in() {
            assert_eq!(role.scopes, role.scopes.implied(), "{}", role.id);
        }
        for role in TeamRole::iter() {
            assert_eq!(role.scopes(), role.scopes().implied());
        }
    }

    #[test]
    fn roles_rank_as_in_the_specification() {
        let roles = Roles::new(&BTreeMap::new()).unwrap();
        let table: Vec<_> = roles
            .all()
            .iter()
            .map(|role| {
                (
                    role.id.as_str(),
                    role.is_retired,
                    role.is_global,
                    role.minimum_team_role,
                )
            })
            .collect();
        assert_eq!(
            table,
            [
                ("member", false, false, TeamRole::Contributor),
                ("admin", true, false, TeamRole::Admin),
                ("manager", false, true, TeamRole::Admin),
                ("owner", false, true, TeamRole::Admin),
            ]
        );
        assert_eq!(roles.find("owner").unwrap().scopes.iter().count(), 20);
    }

    #[test]
    fn a_deployment_adds_a_role_but_none_above_owner() {
        let billing = |priority| {
            let setting = RoleSetting {
                priority: Some(priority),
                scopes: Some(vec!["org:read".into()]),
                is_team_roles_allowed: Some(false),
                ..RoleSetting::default()
            };
            Roles::new(&BTreeMap::from([("billing".into(), setting)]))
        };
        assert!(!billing(-1).unwrap().find("billing").unwrap().is_team_roles_allowed);
        assert!(billing(9).is_err());
    }

    #[test]
    fn options_withdraw_scopes_from_small_roles_only() {
        let off = Withdrawals {
            events_member_admin: false,
            alerts_member_write: false,
        };
        let roles = Roles::new(&BTreeMap::new()).unwrap();
        let member = off.apply(roles.stored("member").scopes);
        assert!(!member.contains(Scope::EventAdmin) && !member.contains(Scope::AlertsWrite));
        assert_eq!(off.apply(roles.stored("admin").scopes), roles.stored("admin").scopes);
    }
}
