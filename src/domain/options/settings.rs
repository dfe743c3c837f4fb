//! The options of an organization as they count: what is stored, else defaults.

use std::collections::HashMap;

use entity::{ids::OrganizationId, organization, organization_option};
use sea_orm::ConnectionTrait;
use serde_json::Value;

use super::{
    registry::{self, Entry, Storage},
    relays::{self, TrustedRelay},
};
use crate::{
    custom_options::CustomOption,
    error::Result,
    roles::{OrgRole, Roles, Withdrawals},
};

/// Effective options of an organization.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    organization: OrganizationId,
    flags: i64,
    stored: HashMap<String, Value>,
}

impl Settings {
    /// Those of an organization with these option rows; rows of keys that no
    /// option has are of no account.
    pub fn new(organization: &organization::Model, rows: impl IntoIterator<Item = organization_option::Model>) -> Self {
        let stored = rows
            .into_iter()
            .map(|row| (row.key, row.value.unwrap_or_default()))
            .collect();
        Self {
            organization: organization.id,
            flags: organization.flags,
            stored,
        }
    }

    /// Reads those of an organization, in one statement.
    pub async fn load(db: &impl ConnectionTrait, organization: &organization::Model) -> Result<Self> {
        let rows = organization_option::Entity::within(organization.id).all(db).await?;
        Ok(Self::new(organization, rows))
    }

    /// The organization whose options these are.
    pub fn organization_id(&self) -> OrganizationId {
        self.organization
    }

    /// The value of an option, as the API shows it. What is stored and cannot
    /// be a value of the option counts as not stored.
    pub fn get(&self, entry: &Entry) -> Value {
        match entry.storage {
            Storage::Flag { bit, is_inverted, .. } => Value::Bool((self.flags & bit != 0) != is_inverted),
            Storage::Row(key) => {
                let value = self
                    .stored(key)
                    .and_then(|value| entry.kind.read(value))
                    .filter(|value| !value.is_null());
                entry.kind.show(value.unwrap_or_else(|| entry.default.clone()))
            }
        }
    }

    /// The value of an option of the deployment's own.
    pub fn custom(&self, option: &CustomOption) -> Value {
        self.custom_stored(option).unwrap_or_else(|| option.default.clone())
    }

    /// What was set for an option of the deployment's own, and still suits its
    /// declaration.
    pub fn custom_stored(&self, option: &CustomOption) -> Option<Value> {
        self.stored(&option.key).and_then(|value| option.check(value).ok())
    }

    /// The value stored under a key; null when it was cleared, `None` when it
    /// never was set.
    pub(super) fn stored(&self, key: &str) -> Option<&Value> {
        self.stored.get(key)
    }

    /// The org role that an option names. One that the deployment has since
    /// dropped counts as the lowest.
    pub fn role<'a>(&self, entry: &Entry, roles: &'a Roles) -> &'a std::sync::Arc<OrgRole> {
        roles.stored(self.get(entry).as_str().unwrap_or_default())
    }

    /// Relays that may send events for the organization.
    pub fn trusted_relays(&self) -> Vec<TrustedRelay> {
        registry::find(registry::TRUSTED_RELAYS)
            .map(|entry| relays::read(&self.get(entry)))
            .unwrap_or_default()
    }

    /// What the options take from roles that manage nothing (§3.3 a, b).
    pub fn withdrawals(&self) -> Withdrawals {
        Withdrawals {
            events_member_admin: self.is_on("eventsMemberAdmin"),
            alerts_member_write: self.is_on("alertsMemberWrite"),
        }
    }

    /// Whether people outside may ask to join (§9).
    pub fn allow_join_requests(&self) -> bool {
        self.is_on("allowJoinRequests")
    }

    fn is_on(&self, name: &str) -> bool {
        registry::find(name).is_some_and(|entry| self.get(entry) == Value::Bool(true))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings(flags: i64, stored: &[(&str, Value)]) -> Settings {
        let stored = stored
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.clone()))
            .collect();
        Settings {
            organization: OrganizationId(1),
            flags,
            stored,
        }
    }

    fn get(settings: &Settings, name: &str) -> Value {
        settings.get(registry::find(name).unwrap())
    }

    #[test]
    fn what_is_not_stored_is_default() {
        let new = settings(1, &[]);
        for entry in registry::OPTIONS.iter() {
            assert_eq!(new.get(entry), entry.shown_default(), "{}", entry.name);
        }
        let withdrawals = new.withdrawals();
        assert!(withdrawals.events_member_admin && withdrawals.alerts_member_write && new.allow_join_requests());
    }

    #[test]
    fn what_was_cleared_or_is_nonsense_is_default() {
        let odd = settings(
            1,
            &[
                ("sentry:project-rate-limit", Value::Null),
                ("sentry:join_requests", json!("yes")),
                ("sentry:sensitive_fields", json!([1])),
                ("sentry:trusted-relays", json!([{ "public_key": "k", "name": "n" }, 5])),
            ],
        );
        assert_eq!(get(&odd, "projectRateLimit"), json!(100));
        assert_eq!(get(&odd, "sensitiveFields"), json!([]));
        assert!(odd.allow_join_requests());
        assert_eq!(odd.trusted_relays().len(), 1);
    }

    #[test]
    fn flags_show_with_the_polarity_of_the_api() {
        let all = settings(i64::MAX, &[]);
        assert_eq!(get(&all, "enhancedPrivacy"), json!(true));
        assert_eq!(get(&all, "allowSharedIssues"), json!(false));
    }
}
