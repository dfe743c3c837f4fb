//! Teams, who is in them, and who decides that (§13).

use super::{
    super::state::{Access, Gates, MemberKey, Refused, Role, Scope, Team, TeamKey, TeamRole},
    Object, Turn,
};

impl Turn {
    pub(super) fn create_team(&mut self, slug: &str) -> Result<(), Refused> {
        let access = self.enter(Gates::CHANGE, "ORGANIZATION_NOT_FOUND")?;
        access.require(&[Scope::OrgWrite, Scope::TeamWrite])?;
        if self.world.team_named(slug).is_some() {
            return Err(vec!["SLUG_TAKEN"]);
        }
        let key = self.world.teams_ever;
        self.world.teams_ever += 1;
        let team = Team {
            slug: slug.into(),
            is_idp_provisioned: false,
        };
        self.world.teams.insert(key, team);
        self.note_team("team.create", key);
        Ok(())
    }

    pub(super) fn update_team(
        &mut self,
        team: Option<TeamKey>,
        slug: Option<&str>,
        is_idp_provisioned: Option<bool>,
    ) -> Result<(), Refused> {
        let (access, key) = self.enter_team(team)?;
        self.check_rights_on(&access, key, Scope::TeamWrite)?;
        if is_idp_provisioned.is_some() && !access.is_superuser {
            return Err(vec!["FORBIDDEN"]);
        }
        if slug
            .and_then(|slug| self.world.team_named(slug))
            .is_some_and(|other| other != key)
        {
            return Err(vec!["SLUG_TAKEN"]);
        }
        let before = self.world.teams[&key].clone();
        let after = Team {
            slug: slug.map_or(before.slug.clone(), str::to_owned),
            is_idp_provisioned: is_idp_provisioned.unwrap_or(before.is_idp_provisioned),
        };
        if after != before {
            self.world.teams.insert(key, after);
            self.note_team("team.edit", key);
        }
        Ok(())
    }

    /// Everything in the team goes with it. Whose members come from the identity
    /// provider is not taken apart here.
    pub(super) fn delete_team(&mut self, team: Option<TeamKey>) -> Result<(), Refused> {
        let (access, key) = self.enter_team(team)?;
        self.check_rights_on(&access, key, Scope::TeamAdmin)?;
        if self.world.teams[&key].is_idp_provisioned {
            return Err(vec!["IDP_TEAM"]);
        }
        self.note_team("team.remove", key);
        self.world.teams.remove(&key);
        self.world.places.retain(|(team, _), _| *team != key);
        self.world.wishes.retain(|(team, _), _| *team != key);
        Ok(())
    }

    /// §13.1.
    pub(super) fn add_team_member(&mut self, team: Option<TeamKey>, row: Option<MemberKey>) -> Result<(), Refused> {
        let reach = [Scope::OrgRead, Scope::OrgWrite, Scope::TeamWrite];
        let (access, team, row) = self.enter_place(team, row, &reach)?;
        if self.world.places.contains_key(&(team, row)) {
            return Ok(());
        }
        if self.world.teams[&team].is_idp_provisioned {
            return Err(vec!["IDP_TEAM"]);
        }
        let is_open = self.world.organization.open_membership;
        if is_open || access.role.is_some_and(Role::is_global) || self.administers(&access, team) {
            self.join(team, row);
        } else {
            // Who asked first stays the one who asked.
            let requester = access.person().filter(|_| access.own != Some(row));
            self.world.wishes.entry((team, row)).or_insert(requester);
        }
        Ok(())
    }

    /// §13.2. There is no comparison of ranks.
    pub(super) fn remove_team_member(&mut self, team: Option<TeamKey>, row: Option<MemberKey>) -> Result<(), Refused> {
        let reach = [Scope::OrgRead, Scope::OrgWrite, Scope::OrgAdmin, Scope::TeamAdmin];
        let (access, team, row) = self.enter_place(team, row, &reach)?;
        if access.own != Some(row) && !self.administers(&access, team) {
            return Err(vec!["INSUFFICIENT_TEAM_ROLE"]);
        }
        if self.world.teams[&team].is_idp_provisioned {
            return Err(vec!["IDP_TEAM"]);
        }
        if self.world.places.contains_key(&(team, row)) {
            self.note_team_of("member.leave-team", row, team);
            self.clear(team, row);
        }
        Ok(())
    }

    /// §13.3.
    pub(super) fn set_team_role(
        &mut self,
        team: Option<TeamKey>,
        row: Option<MemberKey>,
        role: &str,
    ) -> Result<(), Refused> {
        let (access, team, row) = self.enter_place(team, row, &Scope::ALL)?;
        let minimum = self.row(row).role.minimum();
        let stored = self
            .world
            .places
            .get(&(team, row))
            .ok_or(vec!["TEAM_MEMBERSHIP_NOT_FOUND"])?;
        let before = stored.map_or(minimum, |stored| stored.max(minimum));
        let after = TeamRole::of(role).ok_or(vec!["INVALID_TEAM_ROLE"])?;

        let may_set = |role: TeamRole| match access.is_app() {
            true => [Scope::OrgWrite, Scope::MemberWrite, Scope::TeamWrite]
                .into_iter()
                .any(|scope| access.has(scope)),
            false => {
                let own = self.own_role_in(&access, team).or(access.role.map(Role::minimum));
                self.administers(&access, team) && (access.is_superuser || own >= Some(role))
            }
        };
        // Also what the org role gives counts: a contributor lowers no admin.
        if !may_set(before) || !may_set(after) {
            return Err(vec!["INSUFFICIENT_TEAM_ROLE"]);
        }
        self.place(team, row, Some(after).filter(|role| *role > minimum));
        self.note_member("member.edit", row);
        Ok(())
    }

    /// §13.4.
    pub(super) fn decide_wish(&mut self, wish: Option<(TeamKey, MemberKey)>, is_approved: bool) -> Result<(), Refused> {
        let missing = "ACCESS_REQUEST_NOT_FOUND";
        let access = self.enter_at(wish.map(|(_, row)| row), Gates::CHANGE, missing)?;
        // Who is away waits for nothing.
        let wish = wish.filter(|(_, row)| self.world.is_shown(self.row(*row)));
        let (team, row) = wish.ok_or(vec![missing])?;
        let decides = [Scope::OrgWrite, Scope::OrgAdmin, Scope::MemberWrite, Scope::MemberAdmin];
        if access.require(&decides).is_err() {
            self.check_rights_on(&access, team, Scope::TeamWrite)?;
        }
        if is_approved && !self.world.places.contains_key(&(team, row)) {
            if self.world.teams[&team].is_idp_provisioned {
                return Err(vec!["IDP_TEAM"]);
            }
            self.join(team, row);
        }
        self.world.wishes.remove(&(team, row));
        Ok(())
    }

    fn join(&mut self, team: TeamKey, row: MemberKey) {
        self.place(team, row, None);
        self.note_team_of("member.join-team", row, team);
    }

    fn enter_team(&self, team: Option<TeamKey>) -> Result<(Access, TeamKey), Refused> {
        // A team that is not there has no row either.
        let access = self.enter_at(team, Gates::CHANGE, "TEAM_NOT_FOUND")?;
        Ok((access, team.ok_or(vec!["TEAM_NOT_FOUND"])?))
    }

    /// The gates of an operation that names a member who is shown, and a team.
    fn enter_place(
        &self,
        team: Option<TeamKey>,
        row: Option<MemberKey>,
        reach: &[Scope],
    ) -> Result<(Access, TeamKey, MemberKey), Refused> {
        let missing = "MEMBER_NOT_FOUND";
        let access = self.enter_at(row, Gates::CHANGE, missing)?;
        access.require(reach)?;
        let row = row
            .filter(|row| self.world.is_shown(self.row(*row)))
            .ok_or(vec![missing])?;
        Ok((access, team.ok_or(vec!["TEAM_NOT_FOUND"])?, row))
    }

    /// The caller's effective role in the team (§2.5).
    fn own_role_in(&self, access: &Access, team: TeamKey) -> Option<TeamRole> {
        let stored = *self.world.places.get(&(team, access.own?))?;
        let minimum = access.role?.minimum();
        Some(stored.map_or(minimum, |stored| stored.max(minimum)))
    }

    /// A scope, by the org role or by the role in the team.
    fn holds(&self, access: &Access, team: TeamKey, scope: Scope) -> bool {
        access.has(scope) || self.own_role_in(access, team).is_some_and(|role| role.has(scope))
    }

    /// §13.1: org:write, or in the team with team:write. Apps need not be in it.
    fn administers(&self, access: &Access, team: TeamKey) -> bool {
        let is_in = access.is_app() || self.own_role_in(access, team).is_some();
        access.has(Scope::OrgWrite) || (is_in && self.holds(access, team, Scope::TeamWrite))
    }

    /// §4: org:write, or the scope on a team that is accessible.
    fn check_rights_on(&self, access: &Access, team: TeamKey, scope: Scope) -> Result<(), Refused> {
        let is_accessible = self.world.organization.open_membership
            || access.is_app()
            || access.role.is_some_and(Role::is_global)
            || self.own_role_in(access, team).is_some();
        if access.has(Scope::OrgWrite) || (is_accessible && self.holds(access, team, scope)) {
            Ok(())
        } else {
            Err(vec!["FORBIDDEN"])
        }
    }

    fn note_team(&mut self, event: &'static str, team: TeamKey) {
        let facts = serde_json::json!({ "slug": self.world.teams[&team].slug });
        self.touched.insert(Object::Team(team));
        self.note(event, Object::Team(team), None, facts);
    }
}
