//! What an organization demands of its members, and its end (§15, §16, §27.3).

use entity::member::flag;
use serde_json::Value;

use super::{
    super::{
        state::{Gates, PEOPLE, Provider, Refused, Role, Scope},
        step::Options,
    },
    Object, Refusals, Turn, is_unverified,
};

impl Turn {
    /// §16, as far as members feel it.
    pub(super) fn save_options(&mut self, given: &Options) -> Result<(), Refused> {
        let gates = match given.cancel_deletion {
            Some(true) => Gates::RESTORE,
            _ => Gates::CHANGE,
        };
        let access = self.enter(gates, "ORGANIZATION_NOT_FOUND")?;
        access.require(&[Scope::OrgWrite, Scope::OrgAdmin])?;

        let person = access.person();
        let mut refusals = Refusals::default();
        if given.require_two_factor == Some(true) {
            refusals.note(match person {
                Some(person) if !PEOPLE[person].has_two_factor => Err("ACTOR_NEEDS_2FA"),
                None => Err("ACTOR_NEEDS_2FA"),
                Some(_) if self.world.provider.is_some() => Err("SSO_ENABLED"),
                Some(_) => Ok(()),
            });
        }
        if given.require_email_verification == Some(true) {
            refusals.note(match person {
                None => Err("ACTOR_NEEDS_2FA"),
                Some(person) if is_unverified(person) => Err("ACTOR_NEEDS_VERIFIED_EMAIL"),
                Some(_) => Ok(()),
            });
        }
        // Without org:admin these two are ignored, whatever they are.
        let is_admin = access.has(Scope::OrgAdmin);
        let default_role = given.default_role.filter(|_| is_admin);
        let default_role = default_role.and_then(|id| refusals.note(Role::of(id).ok_or("INVALID_ROLE")));
        let is_restored = is_admin && given.cancel_deletion == Some(true) && self.world.organization.awaits_deletion;
        refusals.check()?;

        let before = self.world.organization.clone();
        let after = &mut self.world.organization;
        for (option, given) in [
            (&mut after.open_membership, given.open_membership),
            (&mut after.allow_member_invite, given.allow_member_invite),
            (&mut after.require_two_factor, given.require_two_factor),
            (&mut after.require_email_verification, given.require_email_verification),
            (&mut after.allow_superuser_access, given.allow_superuser_access),
            (&mut after.allow_join_requests, given.allow_join_requests),
        ] {
            *option = given.unwrap_or(*option);
        }
        after.default_role = default_role.unwrap_or(after.default_role);
        let is_changed = *after != before;
        if is_restored {
            after.awaits_deletion = false;
        }
        // Also when nothing changed (§16.3 step 5).
        self.touched.insert(Object::Organization);
        if is_restored {
            self.note("org.restore", Object::Organization, None, Value::Null);
        } else if is_changed {
            self.note("org.edit", Object::Organization, None, Value::Null);
        }
        Ok(())
    }

    /// §15: twice is once.
    pub(super) fn delete_organization(&mut self, is_confirmed: bool) -> Result<(), Refused> {
        let access = self.enter(Gates::RESTORE, "ORGANIZATION_NOT_FOUND")?;
        access.require(&[Scope::OrgAdmin])?;
        if !is_confirmed {
            return Err(vec!["VALIDATION_FAILED"]);
        }
        if !self.world.organization.awaits_deletion {
            self.world.organization.awaits_deletion = true;
            self.touched.insert(Object::Organization);
            self.note("org.remove", Object::Organization, None, Value::Null);
        }
        Ok(())
    }

    /// §27.3. Another provider is a new one: whoever was linked to the old one is
    /// not linked any more.
    pub(super) fn set_provider(
        &mut self,
        wanted: Option<&str>,
        allow_unlinked: bool,
        scim: bool,
    ) -> Result<(), Refused> {
        let access = self.enter(Gates::SSO, "ORGANIZATION_NOT_FOUND")?;
        access.require(&[Scope::OrgAdmin])?;
        let before = self.world.provider.take();
        let after = wanted.map(|key| Provider {
            key: key.into(),
            allow_unlinked,
            scim,
        });
        let key = |provider: &Option<Provider>| provider.as_ref().map(|provider| provider.key.clone());
        if before.is_some() && key(&before) != key(&after) {
            self.clear_flags(
                flag::SSO_LINKED | flag::SSO_INVALID,
                flag::SSO_LINKED | flag::SSO_INVALID,
            );
            for person in std::mem::take(&mut self.world.identities) {
                self.touched.insert(Object::Identity(person));
            }
        }
        let has_scim = |provider: &Option<Provider>| provider.as_ref().is_some_and(|provider| provider.scim);
        if has_scim(&before) && !has_scim(&after) {
            // Nobody manages any more what was provisioned (§2.4).
            self.clear_flags(flag::IDP_PROVISIONED, flag::IDP_PROVISIONED | flag::IDP_ROLE_RESTRICTED);
            for (key, team) in &mut self.world.teams {
                if std::mem::take(&mut team.is_idp_provisioned) {
                    self.touched.insert(Object::Team(*key));
                }
            }
        }
        // A second factor is the provider's business from now on.
        let requirement = &mut self.world.organization.require_two_factor;
        let ends_requirement = after.is_some() && std::mem::take(requirement);
        if ends_requirement {
            self.touched.insert(Object::Organization);
        }
        if before != after {
            self.touched.insert(Object::Provider);
        }
        if before != after || ends_requirement {
            self.note("org.edit", Object::Organization, None, Value::Null);
        }
        self.world.provider = after;
        Ok(())
    }

    /// Clears `flags` of all rows that have one of `having`.
    fn clear_flags(&mut self, having: i64, flags: i64) {
        for (key, row) in &mut self.world.members {
            if row.has(having) {
                row.flags &= !flags;
                self.touched.insert(Object::Member(*key));
            }
        }
    }

    /// §27.3: the caller's token was issued through the provider, or not.
    pub(super) fn link_identity(&mut self, idp: Option<&str>) -> Result<(), Refused> {
        let person = self.person()?;
        let missing = "ORGANIZATION_NOT_FOUND";
        let own = self.world.member_of(person);
        if self.world.organization.awaits_deletion {
            return Err(vec![missing]);
        }
        if own.is_some() {
            self.enter(Gates::SSO, missing)?;
        }
        match &self.world.provider {
            // Who is no member has nothing to look for here.
            None if own.is_none() => return Err(vec![missing]),
            Some(provider) if idp == Some(&provider.key) => {}
            _ => return Err(vec!["SSO_REQUIRED"]),
        }
        if self.world.identities.insert(person) {
            self.touched.insert(Object::Identity(person));
        }
        if let Some(own) = own {
            let row = self.row_mut(own);
            let flags = (row.flags | flag::SSO_LINKED) & !flag::SSO_INVALID;
            if flags != row.flags {
                row.flags = flags;
                self.touched.insert(Object::Member(own));
            }
        }
        Ok(())
    }
}
