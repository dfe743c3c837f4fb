//! Asking people in, and their answer (§7 to §10).

use entity::member::flag;
use serde_json::json;

use super::{
    super::state::{Access, Caller, Code, Gates, Member, MemberKey, PEOPLE, Refused, Role, Scope, Status, TeamKey},
    Object, Refusals, Turn, is_unverified, members_may_invite, role,
};

/// Scopes of which one lets its holder decide about requests (§4).
const DECIDE: &[Scope] = &[Scope::MemberWrite, Scope::MemberAdmin];

impl Turn {
    /// §7. The invite is not bound to the invited address: whoever holds the link
    /// joins.
    pub(super) fn accept_invite(&mut self, link: Option<usize>) -> Result<(), Refused> {
        let person = self.person()?;
        let world = &self.world;
        let invited = |row: &Member| row.link.is_some_and(|own| Some(own.number) == link);
        let invite = world.members.iter().find(|(_, row)| invited(row));
        let invite = invite.filter(|_| !world.organization.awaits_deletion);
        let (key, row) = invite.map(|(key, row)| (*key, row)).ok_or(vec!["INVITE_INVALID"])?;
        if row.link.is_some_and(|link| link.is_expired) {
            return Err(vec!["INVITE_EXPIRED"]);
        }
        if world.member_of(person).is_some() {
            // The place is not needed any more.
            self.delete(key);
            self.is_kept = true;
            return Err(vec!["ALREADY_MEMBER"]);
        }
        if world.organization.require_two_factor && !PEOPLE[person].has_two_factor {
            return Err(vec!["TWO_FACTOR_REQUIRED"]);
        }
        if world.organization.require_email_verification && is_unverified(person) {
            return Err(vec!["EMAIL_VERIFICATION_REQUIRED"]);
        }
        let is_linked = world.identities.contains(&person);
        if world.provider.as_ref().is_some_and(|provider| !provider.allow_unlinked) && !is_linked {
            return Err(vec!["SSO_REQUIRED"]);
        }

        let row = self.row_mut(key);
        row.person = Some(person);
        row.email = None;
        row.link = None;
        if is_linked {
            row.flags = (row.flags | flag::SSO_LINKED) & !flag::SSO_INVALID;
        }
        self.touched.insert(Object::Member(key));
        self.note_member("member.accept-invite", key);
        Ok(())
    }

    /// §8.
    pub(super) fn create_invite(&mut self, email: &str, role: Option<&str>, teams: &[&str]) -> Result<(), Refused> {
        let access = self.may_invite(role)?;
        let mut refusals = Refusals::default();
        let address = refusals.note(self.free_address(email));
        let (role, teams) = self.offer(&access, role, teams, &mut refusals);
        refusals.check()?;
        self.check_teams_joined(&access, &teams)?;
        if let (Some(()), Some(role)) = (address, role) {
            let key = self.invite(email, role, &teams);
            self.show_link(&access, key);
        }
        Ok(())
    }

    /// Each address as if it were invited alone; what concerns all is refused at
    /// once.
    pub(super) fn create_invites(
        &mut self,
        emails: &[String],
        role: Option<&str>,
        teams: &[&str],
    ) -> Result<(), Refused> {
        let access = self.may_invite(role)?;
        let mut refusals = Refusals::default();
        let (role, teams) = self.offer(&access, role, teams, &mut refusals);
        refusals.check()?;
        self.check_teams_joined(&access, &teams)?;
        for email in emails {
            let result = match (self.free_address(email), role) {
                (Ok(()), Some(role)) => {
                    self.invite(email, role, &teams);
                    Vec::new()
                }
                (Err(code), _) => vec![code],
                (_, None) => Vec::new(),
            };
            self.results.push(result);
        }
        Ok(())
    }

    /// §8.1 steps 1 to 3.
    fn may_invite(&self, role: Option<&str>) -> Result<Access, Refused> {
        let access = self.enter(Gates::CHANGE, "ORGANIZATION_NOT_FOUND")?;
        if !members_may_invite(&self.world, &access) {
            access.require(DECIDE)?;
        }
        if access.is_app() && role.is_some_and(|role| role != "member") {
            return Err(vec!["INTEGRATION_TOKEN_ROLE_RESTRICTED"]);
        }
        Ok(access)
    }

    /// §8.1 steps 4c to 4f. No member:admin is needed to invite up to one's own
    /// rank (§8.2).
    fn offer(
        &self,
        access: &Access,
        given: Option<&str>,
        slugs: &[&str],
        refusals: &mut Refusals,
    ) -> (Option<Role>, Vec<TeamKey>) {
        let is_allowed = |role| access.is_app() || access.outranks(role);
        let role = refusals.note(role(given.unwrap_or("member"), is_allowed));
        let teams = refusals.note(self.world.teams_named(slugs));
        (role, teams.unwrap_or_default())
    }

    /// §8.1 step 6: while membership is closed, who is no admin of members asks
    /// into the own teams only; apps need a scope for teams (§28).
    fn check_teams_joined(&self, access: &Access, teams: &[TeamKey]) -> Result<(), Refused> {
        let is_free = match access.is_app() {
            true => access.has(Scope::TeamWrite) || access.has(Scope::OrgWrite),
            false => access.has(Scope::MemberAdmin),
        };
        let own = access.own.map(|own| self.teams_of(own)).unwrap_or_default();
        if self.world.organization.open_membership || is_free || teams.iter().all(|team| own.contains(team)) {
            Ok(())
        } else {
            Err(vec!["TEAM_NOT_JOINED"])
        }
    }

    /// §8.1 steps 4a and 4b. Only addresses that somebody vouches for are known;
    /// requests do not block.
    fn free_address(&self, email: &str) -> Result<(), Code> {
        let key = email.to_lowercase();
        if !key.contains('@') || key.ends_with("@qq.com") {
            return Err("INVALID_EMAIL");
        }
        let rows = || self.world.members.values();
        let is_of = |person| self.world.address(person) == key && !is_unverified(person);
        if rows().any(|row| row.person.is_some_and(is_of)) {
            Err("ALREADY_MEMBER")
        } else if rows().any(|row| row.is_invite() && is_for(row, &key)) {
            Err("ALREADY_INVITED")
        } else {
            Ok(())
        }
    }

    /// Requests for an address.
    fn requests_for(&self, email: &str) -> Vec<MemberKey> {
        let key = email.to_lowercase();
        let rows = self.world.members.iter();
        rows.filter(|(_, row)| row.is_pending() && !row.is_approved() && is_for(row, &key))
            .map(|(key, _)| *key)
            .collect()
    }

    /// §8.3: the invite takes the place of open requests.
    fn invite(&mut self, email: &str, role: Role, teams: &[TeamKey]) -> MemberKey {
        for request in self.requests_for(email) {
            self.delete(request);
        }
        let link = self.new_link();
        let inviter = self.actor();
        let key = self.insert(Member {
            person: None,
            email: Some(email.into()),
            role,
            flags: 0,
            link,
            inviter,
            status: Status::Approved,
        });
        for team in teams {
            self.place(*team, key, None);
        }
        self.note_member("member.invite", key);
        key
    }

    /// §9.1: any role can be suggested, as it is given by whoever approves.
    pub(super) fn request_invite(&mut self, email: &str, given: Option<&str>, teams: &[&str]) -> Result<(), Refused> {
        let access = self.enter(Gates::CHANGE, "ORGANIZATION_NOT_FOUND")?;
        access.require(&[Scope::MemberRead, Scope::MemberWrite, Scope::MemberAdmin])?;
        let mut refusals = Refusals::default();
        refusals.note(
            self.free_address(email)
                .and_then(|()| match self.requests_for(email)[..] {
                    [] => Ok(()),
                    _ => Err("INVITE_REQUEST_EXISTS"),
                }),
        );
        let role = match given {
            Some(id) => refusals.note(role(id, |_| true)),
            None => Some(self.world.organization.default_role),
        };
        let teams = refusals.note(self.world.teams_named(teams)).unwrap_or_default();
        refusals.check()?;
        if self
            .world
            .provider
            .as_ref()
            .is_some_and(|provider| !provider.allow_unlinked)
        {
            return Err(vec!["SSO_JOIN_REQUIRED"]);
        }

        let row = Member {
            person: None,
            email: Some(email.into()),
            role: role.unwrap_or(Role::Member),
            flags: 0,
            link: None,
            inviter: self.actor(),
            status: Status::RequestedToBeInvited,
        };
        let key = self.insert(row);
        for team in teams {
            self.place(team, key, None);
        }
        self.note_member("invite-request.create", key);
        Ok(())
    }

    /// §9.2: whether the address is known is not told.
    pub(super) fn request_to_join(&mut self, email: &str) -> Result<(), Refused> {
        let world = &self.world;
        if world.organization.awaits_deletion {
            return Err(vec!["ORGANIZATION_NOT_FOUND"]);
        }
        if !world.organization.allow_join_requests {
            return Err(vec!["JOIN_REQUESTS_DISABLED"]);
        }
        if world.provider.is_some() {
            return Err(vec!["SSO_JOIN_REQUIRED"]);
        }
        let key = email.to_lowercase();
        let is_known = world.members.values().any(|row| match row.person {
            Some(person) => world.is_shown(row) && world.address(person) == key && !is_unverified(person),
            None => is_for(row, &key),
        });
        match self.free_address(email) {
            Err("INVALID_EMAIL") => return Err(vec!["INVALID_EMAIL"]),
            _ if is_known => return Ok(()),
            _ => {}
        }
        let row = Member {
            person: None,
            email: Some(email.into()),
            role: world.organization.default_role,
            flags: 0,
            link: None,
            inviter: None,
            status: Status::RequestedToJoin,
        };
        let key = self.insert(row);
        // Whoever asks is not known by being signed in.
        self.caller = Caller::Nobody;
        self.note(
            "invite-request.create",
            Object::Member(key),
            None,
            json!({ "email": email }),
        );
        Ok(())
    }

    /// The open request, and the right to decide about it.
    fn request(&self, key: Option<MemberKey>) -> Result<(Access, MemberKey), Refused> {
        let missing = "INVITE_REQUEST_NOT_FOUND";
        let access = self.enter_at(key, Gates::CHANGE, missing)?;
        access.require(DECIDE)?;
        let open = key.filter(|key| self.row(*key).is_pending() && !self.row(*key).is_approved());
        Ok((access, open.ok_or(vec![missing])?))
    }

    /// §9.4: all or nothing.
    pub(super) fn approve_request(
        &mut self,
        key: Option<MemberKey>,
        given: Option<&str>,
        teams: Option<&[&str]>,
    ) -> Result<(), Refused> {
        let (access, key) = self.request(key)?;
        let mut refusals = Refusals::default();
        let given = given.and_then(|id| refusals.note(role(id, |role| access.may_assign(role))));
        let teams = teams.and_then(|slugs| refusals.note(self.world.teams_named(slugs)));
        refusals.check()?;
        if self.row(key).status == Status::RequestedToJoin && !self.world.organization.allow_join_requests {
            return Err(vec!["JOIN_REQUESTS_DISABLED"]);
        }
        // The role that was asked for is given now.
        let wanted = given.unwrap_or(self.row(key).role);
        role(wanted.id(), |role| access.may_assign(role)).map_err(|code| vec![code])?;

        if let Some(teams) = teams {
            let teams = teams.into_iter().map(|team| (team, None)).collect::<Vec<_>>();
            self.save_teams(key, wanted, &teams);
        }
        let link = self.new_link();
        let row = self.row_mut(key);
        row.role = wanted;
        row.status = Status::Approved;
        row.link = link;
        self.touched.insert(Object::Member(key));
        self.note_member("member.invite", key);
        self.show_link(&access, key);
        Ok(())
    }

    /// §9.5.
    pub(super) fn reject_request(&mut self, key: Option<MemberKey>) -> Result<(), Refused> {
        let (_, key) = self.request(key)?;
        self.note_member("invite-request.remove", key);
        self.delete(key);
        Ok(())
    }

    /// §10.
    pub(super) fn resend_invite(&mut self, key: Option<MemberKey>, regenerate: bool) -> Result<(), Refused> {
        let missing = "MEMBER_NOT_FOUND";
        let access = self.enter_at(key, Gates::CHANGE, missing)?;
        access.require(&[Scope::MemberInvite, Scope::MemberWrite, Scope::MemberAdmin])?;
        let key = key.filter(|key| self.row(*key).is_approved()).ok_or(vec![missing])?;
        if self.row(key).has(flag::PARTNERSHIP_RESTRICTED) {
            return Err(vec!["PARTNERSHIP_RESTRICTED"]);
        }
        self.check_sender(&access, key)?;
        self.check_resend(&access, key, regenerate)?;
        self.send_again(key, regenerate);
        self.show_link(&access, key);
        Ok(())
    }

    /// §10 step 3: without member:admin, people send only their own invites again,
    /// where members may invite. An app with member:write sends any (§28).
    pub(super) fn check_sender(&self, access: &Access, key: MemberKey) -> Result<(), Refused> {
        let row = self.row(key);
        if access.has(Scope::MemberAdmin) {
            return Ok(());
        }
        let may_send_any = access.is_app() && access.has(Scope::MemberWrite);
        if !row.is_pending() || !(may_send_any || members_may_invite(&self.world, access)) {
            return Err(vec!["FORBIDDEN"]);
        }
        if !may_send_any && (row.inviter.is_none() || row.inviter != access.person()) {
            return Err(vec!["NOT_YOUR_INVITE"]);
        }
        Ok(())
    }

    /// §10 steps 5 to 7.
    pub(super) fn check_resend(&self, access: &Access, key: MemberKey, regenerate: bool) -> Result<(), Refused> {
        let row = self.row(key);
        let code = match row.link {
            Some(_) if regenerate && !access.has(Scope::MemberAdmin) => "INSUFFICIENT_SCOPE",
            Some(link) if link.is_expired && !regenerate => "INVITE_EXPIRED",
            Some(_) => return Ok(()),
            None if self.world.provider.is_some() && !row.has(flag::SSO_LINKED) => return Ok(()),
            None => "NOT_INVITABLE",
        };
        Err(vec![code])
    }

    /// The effects of §10. Who has joined gets a letter, and nothing changes.
    pub(super) fn send_again(&mut self, key: MemberKey, regenerate: bool) {
        if regenerate && self.row(key).is_pending() {
            let link = self.new_link();
            self.row_mut(key).link = link;
            self.touched.insert(Object::Member(key));
        }
        self.note_member("member.reinvite", key);
    }

    /// §12 on a pending row: requests are rejected instead.
    pub(super) fn revoke_invite(&mut self, key: Option<MemberKey>) -> Result<(), Refused> {
        let missing = "INVITE_NOT_FOUND";
        let access = self.enter_at(key, Gates::CHANGE, missing)?;
        access.require(&[Scope::MemberRead, Scope::MemberWrite, Scope::MemberAdmin])?;
        let key = key.filter(|key| self.row(*key).is_invite()).ok_or(vec![missing])?;
        self.check_removal(&access, key)?;
        self.note_member("member.remove", key);
        self.delete(key);
        Ok(())
    }
}

fn is_for(row: &Member, key: &str) -> bool {
    row.email.as_ref().is_some_and(|email| email.to_lowercase() == key)
}
