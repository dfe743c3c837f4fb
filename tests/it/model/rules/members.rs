//! Changing what members are, and their going (§11, §12).

use entity::member::flag;

use super::{
    super::{
        state::{
            Access, Caller, Code, Gates, MemberKey, Person, ROOT, Refused, Role, Scope, Status, TeamKey, TeamRole,
        },
        step::Reinvite,
    },
    Assignment, Object, Refusals, Turn, members_may_invite,
};

/// Teams with team roles as they are given.
type Given<'a> = &'a [(&'a str, Option<&'a str>)];

impl Turn {
    /// The gates of an operation that names a row.
    pub(super) fn enter_at(&self, key: Option<MemberKey>, gates: Gates, missing: Code) -> Result<Access, Refused> {
        match key {
            None if self.caller != Caller::Nobody => Err(vec![missing]),
            _ => self.enter(gates, missing),
        }
    }

    /// §11.
    pub(super) fn update_roles(
        &mut self,
        key: Option<MemberKey>,
        given: Option<&str>,
        teams: Option<Given>,
        reinvite: Option<Reinvite>,
    ) -> Result<(), Refused> {
        let missing = "MEMBER_NOT_FOUND";
        let access = self.enter_at(key, Gates::CHANGE, missing)?;
        access.require(&[Scope::MemberInvite, Scope::MemberWrite, Scope::MemberAdmin])?;
        let key = key.filter(|key| self.row(*key).is_approved()).ok_or(vec![missing])?;
        let before = self.row(key).role;
        let is_edit = reinvite.is_none() || given.is_some() || teams.is_some();

        // 6, before 3: who is no admin of members learns nothing from validation.
        if !access.has(Scope::MemberAdmin) {
            match reinvite {
                None => return Err(vec!["FORBIDDEN"]),
                Some(_) if is_edit => return Err(vec!["REINVITE_WITH_CHANGES"]),
                Some(_) => self.check_sender(&access, key)?,
            }
        }

        // 2 and 3.
        let mut refusals = Refusals::default();
        let wanted = given.and_then(|id| {
            refusals.note(match Role::of(id) {
                _ if access.is_app() && id != before.id() => Err("USER_TOKEN_REQUIRED"),
                None => Err("INVALID_ROLE"),
                Some(role) if !access.is_app() && !access.may_assign(role) => Err("ROLE_NOT_ALLOWED"),
                Some(role) => Ok(role),
            })
        });
        let teams = teams.map(|teams| self.assignments(teams, &mut refusals));
        refusals.check()?;
        // §28.
        let is_free = !access.is_app() || access.has(Scope::TeamWrite) || access.has(Scope::OrgWrite);
        let is_closed = !self.world.organization.open_membership;
        if is_closed && !is_free && teams.as_ref().is_some_and(|teams| !teams.is_empty()) {
            return Err(vec!["TEAM_NOT_JOINED"]);
        }

        // 5.
        if self.row(key).has(flag::PARTNERSHIP_RESTRICTED) {
            return Err(vec!["PARTNERSHIP_RESTRICTED"]);
        }
        // 7.
        if let Some(reinvite) = reinvite {
            self.check_resend(&access, key, reinvite == Reinvite::NewLink)?;
        }
        // 11.
        let change = wanted.filter(|wanted| *wanted != before);
        if let Some(role) = change {
            self.check_role_change(&access, key, role)?;
        }

        // 7, 9, 12, 14: the effects.
        if let Some(reinvite) = reinvite {
            self.send_again(key, reinvite == Reinvite::NewLink);
        }
        if let Some(teams) = teams {
            let (joined, left) = self.save_teams(key, change.unwrap_or(before), &teams);
            for team in joined {
                self.note_team_of("member.join-team", key, team);
            }
            for team in left {
                self.note_team_of("member.leave-team", key, team);
            }
        }
        if let Some(role) = change {
            self.set_role(key, role);
        }
        if is_edit {
            self.note_member("member.edit", key);
        }
        if reinvite.is_some() {
            self.show_link(&access, key);
        }
        Ok(())
    }

    /// §8.1 steps 4f and 4g: each team comes once, and the roles are team roles.
    fn assignments(&self, given: Given, refusals: &mut Refusals) -> Vec<Assignment> {
        let slugs: Vec<_> = given.iter().map(|(slug, _)| *slug).collect();
        let teams = refusals.note(self.world.teams_named(&slugs)).unwrap_or_default();
        let roles = given.iter().map(|(_, role)| match role {
            None => Ok(None),
            Some(role) => TeamRole::of(role).map(Some).ok_or("INVALID_TEAM_ROLE"),
        });
        let roles = refusals
            .note(roles.collect::<Result<Vec<_>, Code>>())
            .unwrap_or_default();
        teams.into_iter().zip(roles).collect()
    }

    /// §11 step 11, for a role that is another one.
    fn check_role_change(&self, access: &Access, key: MemberKey, role: Role) -> Result<(), Refused> {
        let row = self.row(key);
        let code = if row.has(flag::IDP_ROLE_RESTRICTED) {
            "IDP_ROLE_RESTRICTED"
        } else if !access.may_assign(row.role) {
            "TARGET_OUTRANKS_ACTOR"
        } else if access.own == Some(key) {
            "CANNOT_CHANGE_OWN_ROLE"
        } else if role == Role::Admin {
            "ROLE_RETIRED"
        } else if self.world.is_last_owner(key) {
            "LAST_OWNER"
        } else {
            return Ok(());
        };
        Err(vec![code])
    }

    /// §11.1: `wanted` are all teams that the member is in afterwards. Which ones
    /// are new, and which are gone.
    pub(super) fn save_teams(
        &mut self,
        key: MemberKey,
        role: Role,
        wanted: &[Assignment],
    ) -> (Vec<TeamKey>, Vec<TeamKey>) {
        let before = self.teams_of(key);
        let is_wanted = |team: &TeamKey| wanted.iter().any(|(wanted, _)| wanted == team);
        let gone: Vec<_> = before.iter().copied().filter(|team| !is_wanted(team)).collect();
        for team in &gone {
            self.clear(*team, key);
        }
        for (team, given) in wanted {
            let stored = given.filter(|given| *given > role.minimum());
            if self.world.places.get(&(*team, key)) != Some(&stored) {
                self.place(*team, key, stored);
            }
        }
        let new = wanted
            .iter()
            .map(|(team, _)| *team)
            .filter(|team| !before.contains(team));
        (new.collect(), gone)
    }

    /// §11.2: what the org role gives anyway is not stored.
    fn set_role(&mut self, key: MemberKey, role: Role) {
        for ((team, member), stored) in &mut self.world.places {
            if *member == key && stored.is_some_and(|stored| stored <= role.minimum()) {
                *stored = None;
                self.touched.insert(Object::Place(*team, key));
            }
        }
        self.row_mut(key).role = role;
        self.touched.insert(Object::Member(key));
    }

    /// §12.
    pub(super) fn remove_member(&mut self, key: Option<MemberKey>) -> Result<(), Refused> {
        let missing = "MEMBER_NOT_FOUND";
        let gates = match (self.caller, key) {
            (Caller::Person(person), Some(key)) if self.world.member_of(person) == Some(key) => Gates::REMOVE_OWN,
            _ => Gates::CHANGE,
        };
        let access = self.enter_at(key, gates, missing)?;
        access.require(&[Scope::MemberRead, Scope::MemberWrite, Scope::MemberAdmin])?;
        let key = key.filter(|key| self.row(*key).is_approved()).ok_or(vec![missing])?;
        self.check_removal(&access, key)?;
        self.remove(key);
        Ok(())
    }

    /// §12 on oneself. Whom nothing else lets in can still go.
    pub(super) fn leave(&mut self) -> Result<(), Refused> {
        self.person()?;
        let access = self.enter(Gates::LEAVE, "ORGANIZATION_NOT_FOUND")?;
        let own = access.own.ok_or(vec!["ORGANIZATION_NOT_FOUND"])?;
        self.check_removal(&access, own)?;
        self.remove(own);
        Ok(())
    }

    /// §12 steps 2 to 8.
    pub(super) fn check_removal(&self, access: &Access, key: MemberKey) -> Result<(), Refused> {
        let row = self.row(key);
        let is_own = access.own == Some(key);
        if !is_own && !access.has(Scope::MemberAdmin) {
            let may_withdraw = !access.is_app() && members_may_invite(&self.world, access) && row.is_pending();
            return match row.inviter {
                _ if !may_withdraw => Err(vec!["INSUFFICIENT_SCOPE"]),
                Some(inviter) if Some(inviter) == access.person() => Ok(()),
                _ => Err(vec!["NOT_YOUR_INVITE"]),
            };
        }
        // An app with member:admin stands where managers do (§28).
        let outranks = match access.is_app() {
            true => row.role <= Role::Manager,
            false => access.outranks(row.role),
        };
        let code = if !is_own && !outranks {
            "TARGET_OUTRANKS_ACTOR"
        } else if self.world.is_last_owner(key) {
            "LAST_OWNER"
        } else if row.has(flag::IDP_PROVISIONED) {
            "IDP_PROVISIONED"
        } else if row.has(flag::PARTNERSHIP_RESTRICTED) {
            "PARTNERSHIP_RESTRICTED"
        } else {
            return Ok(());
        };
        Err(vec![code])
    }

    /// The effects of §12. With a person goes what the person has sent and nobody
    /// has answered.
    fn remove(&mut self, key: MemberKey) {
        self.note_member("member.remove", key);
        let person = self.row(key).person;
        self.delete(key);
        let Some(person) = person else { return };
        if self.world.identities.remove(&person) {
            self.touched.insert(Object::Identity(person));
        }
        let sent = self.world.members.iter().filter(|(_, row)| {
            let is_open = row.link.is_some() || row.status == Status::RequestedToBeInvited;
            row.inviter == Some(person) && row.is_pending() && is_open
        });
        for key in sent.map(|(key, _)| *key).collect::<Vec<_>>() {
            self.delete(key);
        }
    }

    /// An owner makes another member owner, and becomes a manager.
    pub(super) fn transfer_ownership(&mut self, heir: Option<MemberKey>) -> Result<(), Refused> {
        let access = self.enter(Gates::CHANGE, "ORGANIZATION_NOT_FOUND")?;
        access.require(&[Scope::OrgAdmin])?;
        let giver = access
            .own
            .filter(|own| self.row(*own).role == Role::Owner)
            .ok_or(vec!["FORBIDDEN"])?;
        let heir = heir
            .filter(|heir| self.world.is_shown(self.row(*heir)))
            .ok_or(vec!["MEMBER_NOT_FOUND"])?;
        let row = self.row(heir);
        let code = if heir == giver {
            Some("CANNOT_CHANGE_OWN_ROLE")
        } else if row.is_pending() {
            Some("VALIDATION_FAILED")
        } else if row.has(flag::MEMBER_LIMIT_RESTRICTED) {
            // Who could do nothing is no owner for anybody.
            Some("MEMBER_DISABLED_OVER_LIMIT")
        } else {
            self.managed_elsewhere(heir, Role::Owner)
                .or(self.managed_elsewhere(giver, Role::Manager))
        };
        if let Some(code) = code {
            return Err(vec![code]);
        }
        for (key, role) in [(heir, Role::Owner), (giver, Role::Manager)] {
            self.set_role(key, role);
            self.note_member("member.edit", key);
        }
        Ok(())
    }

    /// Who else but the organization says what the row's role is.
    fn managed_elsewhere(&self, key: MemberKey, role: Role) -> Option<Code> {
        let row = self.row(key);
        if row.has(flag::PARTNERSHIP_RESTRICTED) {
            Some("PARTNERSHIP_RESTRICTED")
        } else if row.role != role && row.has(flag::IDP_ROLE_RESTRICTED) {
            Some("IDP_ROLE_RESTRICTED")
        } else {
            None
        }
    }

    /// §2.4: no ordinary operation sets a flag.
    pub(super) fn set_flags(&mut self, key: Option<MemberKey>, flag: i64, is_set: bool) -> Result<(), Refused> {
        let missing = "MEMBER_NOT_FOUND";
        let access = self.enter_at(key, Gates::CHANGE, missing)?;
        if !access.is_superuser {
            return Err(vec!["FORBIDDEN"]);
        }
        let key = key.filter(|key| self.row(*key).is_approved()).ok_or(vec![missing])?;
        if self.row(key).has(flag) != is_set {
            self.row_mut(key).flags ^= flag;
            self.touched.insert(Object::Member(key));
            self.note_member("member.edit", key);
        }
        Ok(())
    }

    /// §28: for superusers, of any organization; no audit log of one organization
    /// has it.
    pub(super) fn set_active(&mut self, person: Person, is_active: bool) -> Result<(), Refused> {
        match self.caller {
            Caller::Nobody => return Err(vec!["UNAUTHENTICATED"]),
            Caller::Person(ROOT) if person != ROOT || is_active => {}
            // Nobody shuts themselves out.
            Caller::Person(ROOT) => return Err(vec!["VALIDATION_FAILED"]),
            _ => return Err(vec!["FORBIDDEN"]),
        }
        let is_change = match is_active {
            true => self.world.inactive.remove(&person),
            false => self.world.inactive.insert(person),
        };
        if is_change {
            self.touched.insert(Object::User(person));
            let row = self.world.member_of(person);
            self.touched.extend(row.map(Object::Member));
        }
        Ok(())
    }
}
