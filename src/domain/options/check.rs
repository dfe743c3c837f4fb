//! Whether what is given can be saved: all fields are checked, and each that
//! cannot is refused.

use std::collections::HashSet;

use entity::organization::Requirement;
use serde_json::Value;

use super::{
    CustomGiven, Given,
    kind::Kind,
    registry::{self, Entry, OPTIONS, ORGANIZATION_SAMPLING, Rule, SAMPLING_MODE, Storage},
    relays,
    settings::Settings,
};
use crate::{
    access::Access,
    app::App,
    domain::{slug, text},
    error::{Code, Refusal, Refusals, Result},
    roles::Scope,
};

/// Input field of options of the deployment's own.
const CUSTOM_OPTIONS: &str = "customOptions";

/// What the checks need to know.
pub(super) struct Check<'a> {
    pub(super) app: &'a App,
    pub(super) access: &'a Access,
    pub(super) settings: &'a Settings,
    /// Whether the slug that is asked for is another organization's.
    pub(super) is_slug_taken: bool,
}

/// What passed.
#[derive(Debug, Default)]
pub(super) struct Checked {
    /// Options in the order of the registry, with values as they are stored.
    pub(super) options: Vec<(&'static Entry, Value)>,
    /// Names and values of options of the deployment's own; null clears.
    pub(super) custom: Vec<(String, Value)>,
    pub(super) name: Option<String>,
    pub(super) slug: Option<String>,
    pub(super) default_role: Option<String>,
    /// The organization no longer awaits its deletion.
    pub(super) is_restored: bool,
    /// What has no effect because this caller may not set it.
    pub(super) ignored: Vec<&'static str>,
}

impl Checked {
    /// What members must have from now on, or had to have before.
    pub(super) fn requirements(&self) -> Vec<Requirement> {
        let required = |(entry, value): &(&Entry, Value)| match entry.rule {
            _ if *value != Value::Bool(true) => None,
            Rule::TwoFactor => Some(Requirement::TwoFactor),
            Rule::VerifiedEmail => Some(Requirement::VerifiedEmail),
            _ => None,
        };
        self.options.iter().filter_map(required).collect()
    }
}

/// What becomes of a good value.
enum Verdict {
    Save(Value),
    /// It is there already.
    Leave,
    /// It has no effect.
    Ignore,
}

impl Check<'_> {
    /// Checks everything.
    ///
    /// # Errors
    /// One refusal for each failing field.
    pub(super) fn all(&self, given: Given) -> Result<Checked> {
        let mut refusals = Refusals::default();
        let mut checked = Checked::default();

        let mode = self.sampling_mode(&given);
        for (entry, value) in &given.options {
            match refusals.note(self.option(entry, value, &mode)) {
                Some(Verdict::Save(value)) => checked.options.push((entry, value)),
                Some(Verdict::Ignore) => checked.ignored.push(entry.name),
                Some(Verdict::Leave) | None => {}
            }
        }
        if let Some(given) = given.custom {
            checked.custom = self.custom(given, &mut refusals);
        }
        checked.name = given.name.and_then(|name| refusals.note(check_name(name)));
        checked.slug = given.slug.and_then(|slug| refusals.note(self.slug(slug)));
        if self.access.has(Scope::OrgAdmin) {
            checked.default_role = given
                .default_role
                .and_then(|role| refusals.note(self.default_role(role)));
            let cancels = given
                .cancel_deletion
                .map(|cancels| cancels.ok_or_else(|| null("cancelDeletion")));
            // Without effect on an organization that is active.
            checked.is_restored = cancels.and_then(|cancels| refusals.note(cancels)).unwrap_or(false);
        } else {
            checked.ignored.extend(given.default_role.map(|_| "defaultRole"));
            checked.ignored.extend(given.cancel_deletion.map(|_| "cancelDeletion"));
        }
        if given.dry_run == Some(None) {
            refusals.push(null("dryRun"));
        }
        refusals.check()?;
        Ok(checked)
    }

    /// The sampling mode that the organization will have: a new one counts,
    /// unless it is refused itself.
    fn sampling_mode(&self, given: &Given) -> Value {
        let Some(entry) = registry::find(SAMPLING_MODE) else {
            return Value::Null;
        };
        let new = given.options.iter().find(|(given, _)| given.name == entry.name);
        new.and_then(|(_, value)| entry.kind.check(self.app, entry.name, value).ok())
            .unwrap_or_else(|| self.settings.get(entry))
    }

    /// Whether the actor may set an option that needs `scope`.
    fn may_set(&self, scope: Scope, place: impl FnOnce(Code) -> Refusal) -> Result<(), Refusal> {
        let may = self.access.has(scope) || self.access.has(Scope::OrgAdmin);
        may.then_some(()).ok_or_else(|| place(Code::Forbidden))
    }

    /// What is given for options of the deployment's own: keys, names and values
    /// as they are stored.
    fn custom(&self, given: Option<Vec<CustomGiven>>, refusals: &mut Refusals) -> Vec<(String, Value)> {
        let Some(given) = given else {
            refusals.push(null(CUSTOM_OPTIONS));
            return Vec::new();
        };
        if let Err(refusal) = text::bounded(&self.app.config, given.len(), CUSTOM_OPTIONS) {
            refusals.push(refusal);
            return Vec::new();
        }
        let mut seen = HashSet::new();
        let checked = given
            .into_iter()
            .enumerate()
            .filter_map(|(index, CustomGiven { name, value })| {
                let at = |code: Code, field| code.at([CUSTOM_OPTIONS, &index.to_string(), field]);
                let checked = match self.app.custom_options.find(&name) {
                    None => Err(at(Code::OptionUnknown, "name")),
                    Some(_) if !seen.insert(name.clone()) => {
                        Err(at(Code::ValidationFailed, "name").saying("This option is given twice."))
                    }
                    Some(option) => self.may_set(option.scope, |code| at(code, "name")).and_then(|()| {
                        if value.is_null() {
                            return Ok(Value::Null);
                        }
                        let checked = option.check(&value);
                        checked.map_err(|why| at(Code::OptionInvalid, "value").saying(why))
                    }),
                };
                refusals.note(checked).map(|value| (name, value))
            });
        checked.collect()
    }

    fn option(&self, entry: &Entry, given: &Value, mode: &Value) -> Result<Verdict, Refusal> {
        self.may_set(entry.scope, |code| code.at([entry.name]))?;
        if let Some(feature) = entry.feature
            && !(feature.is_on)(&self.app.config.features)
        {
            // Switching a requirement off is no use of the feature.
            let switches_off = matches!(entry.storage, Storage::Flag { .. }) && *given == Value::Bool(false);
            match entry.rule {
                Rule::VerifiedEmail if switches_off => return Ok(Verdict::Ignore),
                _ if switches_off => {}
                _ => return Err(Code::FeatureDisabled.at([entry.name])),
            }
        }
        if entry.rule == Rule::LegacyRateLimit && !self.has_legacy_rate_limit() {
            return Err(Code::OptionNotConfigurable.at([entry.name]));
        }
        if given.is_null() {
            return if entry.is_clearable {
                Ok(Verdict::Save(Value::Null))
            } else {
                Err(null(entry.name))
            };
        }
        if entry.kind == Kind::Relays {
            return self.trusted_relays(entry.name, given);
        }
        let value = entry.kind.check(self.app, entry.name, given)?;
        self.rule(entry, &value, mode)?;
        Ok(Verdict::Save(value))
    }

    fn rule(&self, entry: &Entry, value: &Value, mode: &Value) -> Result<(), Refusal> {
        let refuse = |code: Code| Err(code.at([entry.name]));
        let switches_on = *value == Value::Bool(true);
        match entry.rule {
            Rule::OrganizationSampling if mode != ORGANIZATION_SAMPLING => Err(Code::ValidationFailed
                .at([entry.name])
                .saying("One rate for all can be set only while the sampling mode is organization.")),
            // There is no integration that could work yet.
            Rule::Integration if switches_on => refuse(Code::IntegrationMissing),
            Rule::TwoFactor if switches_on => {
                if !self.access.person().is_some_and(|person| person.has_two_factor) {
                    refuse(Code::ActorNeeds2fa)
                } else if self.access.provider().is_some() {
                    refuse(Code::SsoEnabled)
                } else {
                    Ok(())
                }
            }
            Rule::VerifiedEmail if switches_on => match self.access.person() {
                // What apps are told of both requirements (§28).
                None => refuse(Code::ActorNeeds2fa),
                Some(person) if person.user.verified_email().is_none() => refuse(Code::ActorNeedsVerifiedEmail),
                Some(_) => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn has_legacy_rate_limit(&self) -> bool {
        let limits = OPTIONS.iter().filter(|entry| entry.rule == Rule::LegacyRateLimit);
        limits
            .filter_map(Entry::key)
            .any(|key| self.settings.stored(key).is_some())
    }

    fn trusted_relays(&self, field: &str, given: &Value) -> Result<Verdict, Refusal> {
        let entries = given
            .as_array()
            .ok_or_else(|| Code::ValidationFailed.at([field]).saying("Give a list of relays."))?;
        text::bounded(&self.app.config, entries.len(), field)?;
        let wanted = relays::check(field, entries)?;
        let merged = relays::merge(&self.settings.trusted_relays(), wanted, self.access.actor().now);
        Ok(match merged {
            Some(list) => Verdict::Save(list.into_iter().map(Value::from).collect()),
            None => Verdict::Leave,
        })
    }

    fn slug(&self, given: Option<String>) -> Result<String, Refusal> {
        let wanted = given.ok_or_else(|| null("slug"))?;
        // The own slug is fine, even if the word has been reserved since.
        if wanted != self.access.organization().slug {
            slug::check(&self.app.config.slugs, &wanted)?;
            if self.is_slug_taken {
                return Err(Code::SlugTaken.at(["slug"]));
            }
        }
        Ok(wanted)
    }

    fn default_role(&self, given: Option<String>) -> Result<String, Refusal> {
        let id = given.ok_or_else(|| null("defaultRole"))?;
        if self.app.roles.find(&id).is_some() {
            Ok(id)
        } else {
            Err(Code::InvalidRole.at(["defaultRole"]))
        }
    }
}

fn check_name(given: Option<String>) -> Result<String, Refusal> {
    text::name(&given.ok_or_else(|| null("name"))?, "name")
}

fn null(field: &str) -> Refusal {
    Code::ValidationFailed
        .at([field])
        .saying("This cannot be null; leave it out to keep it as it is.")
}
