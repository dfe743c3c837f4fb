//! Every option of an organization, declared once. The API's input and output,
//! storage, tracking and documentation follow from an entry.

use std::sync::LazyLock;

use entity::organization::flag;
use serde_json::{Value, json};

use super::kind::Kind;
use crate::{config::Features, roles::Scope};

/// An option.
#[derive(Debug)]
pub struct Entry {
    /// Its name in the API, and what audit and changes call it unless it is a
    /// flag.
    pub name: &'static str,
    /// Where its value is kept.
    pub storage: Storage,
    /// What its value may be.
    pub kind: Kind,
    /// Its value while nothing is stored, in stored form.
    pub default: Value,
    /// Part of the product that must be switched on for it.
    pub feature: Option<Feature>,
    /// What one needs to set it.
    pub scope: Scope,
    /// What else must hold.
    pub rule: Rule,
    /// Whether null clears it.
    pub is_clearable: bool,
    /// What it does, for users of the API.
    meaning: &'static str,
}

/// Where the value of an option is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// A row of `organization_option` with this key.
    Row(&'static str),
    /// A bit of `organization.flags`.
    Flag {
        /// The bit.
        bit: i64,
        /// What audit and changes call it.
        name: &'static str,
        /// The API says the opposite of what is stored.
        is_inverted: bool,
    },
}

/// A switch in the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Feature {
    /// Its name in the section `features`.
    pub name: &'static str,
    /// Reads it.
    pub is_on: fn(&Features) -> bool,
}

/// What must hold for an option to be saved, besides its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Nothing.
    Free,
    /// The organization has one of the legacy rate limits stored.
    LegacyRateLimit,
    /// The sampling mode is `organization`, also after this call.
    OrganizationSampling,
    /// To switch on: a working integration.
    Integration,
    /// To switch on: the caller has a second factor, and no single sign-on.
    TwoFactor,
    /// To switch on: the caller's address is verified.
    VerifiedEmail,
}

impl Entry {
    /// The entry's key, if it is kept in a row.
    pub fn key(&self) -> Option<&'static str> {
        match self.storage {
            Storage::Row(key) => Some(key),
            Storage::Flag { .. } => None,
        }
    }

    /// The default as the API shows it.
    pub fn shown_default(&self) -> Value {
        self.kind.show(self.default.clone())
    }

    /// Documentation of the value as it is read.
    pub fn description(&self) -> String {
        match self.shown_default() {
            Value::Null => self.meaning.to_owned(),
            default => format!("{} Default: `{default}`.", self.meaning),
        }
    }

    /// Documentation of the value as it is given.
    pub fn input_description(&self) -> String {
        let mut parts = vec![self.meaning.to_owned(), self.kind.bounds()];
        parts.push(
            match self.rule {
                Rule::Free => "",
                Rule::LegacyRateLimit => {
                    "OPTION_NOT_CONFIGURABLE unless the organization still has a rate limit of its own from earlier days."
                }
                Rule::OrganizationSampling => "Only while `samplingMode` is `organization`.",
                Rule::Integration => "True is INTEGRATION_MISSING while no integration is set up.",
                Rule::TwoFactor => {
                    "To switch it on, you need a second factor yourself (ACTOR_NEEDS_2FA), and the organization no single \
                     sign-on (SSO_ENABLED)."
                }
                Rule::VerifiedEmail => "To switch it on, your own address must be verified (ACTOR_NEEDS_VERIFIED_EMAIL).",
            }
            .to_owned(),
        );
        if let Some(feature) = self.feature {
            parts.push(format!("FEATURE_DISABLED while the feature `{}` is off.", feature.name));
        }
        if self.is_clearable {
            parts.push("Null clears it.".to_owned());
        }
        parts.retain(|part| !part.is_empty());
        parts.join(" ")
    }

    fn behind(self, feature: Feature) -> Self {
        Self {
            feature: Some(feature),
            ..self
        }
    }

    fn only_if(self, rule: Rule) -> Self {
        Self { rule, ..self }
    }

    fn clearable(self) -> Self {
        Self {
            is_clearable: true,
            ..self
        }
    }
}

fn row(name: &'static str, key: &'static str, kind: Kind, default: Value, meaning: &'static str) -> Entry {
    let storage = Storage::Row(key);
    Entry {
        name,
        storage,
        kind,
        default,
        feature: None,
        scope: Scope::OrgWrite,
        rule: Rule::Free,
        is_clearable: false,
        meaning,
    }
}

fn flag(name: &'static str, bit: i64, stored: &'static str, meaning: &'static str) -> Entry {
    let storage = Storage::Flag {
        bit,
        name: stored,
        is_inverted: false,
    };
    // Of a new organization, only the first flag is set.
    let default = Value::Bool(bit == flag::ALLOW_JOINLEAVE);
    Entry {
        name,
        storage,
        kind: Kind::Bool,
        default,
        feature: None,
        scope: Scope::OrgWrite,
        rule: Rule::Free,
        is_clearable: false,
        meaning,
    }
}

/// A flag whose API name says the opposite.
fn inverted(name: &'static str, bit: i64, stored: &'static str, meaning: &'static str) -> Entry {
    let storage = Storage::Flag {
        bit,
        name: stored,
        is_inverted: true,
    };
    Entry {
        storage,
        default: Value::Bool(true),
        ..flag(name, bit, stored, meaning)
    }
}

const CODECOV: Feature = Feature {
    name: "codecov",
    is_on: |features| features.codecov,
};
const DYNAMIC_SAMPLING: Feature = Feature {
    name: "dynamic_sampling",
    is_on: |features| features.dynamic_sampling,
};
const EMAIL_VERIFICATION: Feature = Feature {
    name: "email_verification",
    is_on: |features| features.email_verification,
};
const TRUSTED_RELAYS_ONLY: Feature = Feature {
    name: "trusted_relays_only",
    is_on: |features| features.trusted_relays_only,
};

/// Name of the list of trusted relays.
pub const TRUSTED_RELAYS: &str = "trustedRelays";
/// Name of the sampling mode, on which another option depends.
pub(super) const SAMPLING_MODE: &str = "samplingMode";
/// The sampling mode in which one rate counts for all.
pub(super) const ORGANIZATION_SAMPLING: &str = "organization";

/// The entry with this API name.
pub fn find(name: &str) -> Option<&'static Entry> {
    OPTIONS.iter().find(|entry| entry.name == name)
}

/// All options: rows in the order of §16.1, then flags in the order of §16.3.
/// In this order changes are made and reported.
pub static OPTIONS: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let mut options = rows();
    options.extend(flags());
    options
});

#[rustfmt::skip]
fn rows() -> Vec<Entry> {
    let bool = Kind::Bool;
    vec![
        row("projectRateLimit", "sentry:project-rate-limit", Kind::Int { min: 50, max: 100 }, json!(100),
            "Largest share of the account's rate limit that a single project may use, in percent.")
            .only_if(Rule::LegacyRateLimit).clearable(),
        row("accountRateLimit", "sentry:account-rate-limit", Kind::Int { min: 0, max: 1_000_000 }, json!(0),
            "Events that the organization accepts per minute, over all projects; 0 sets no limit.")
            .only_if(Rule::LegacyRateLimit).clearable(),
        row("dataScrubber", "sentry:require_scrub_data", bool, json!(false),
            "Whether data scrubbing is on in every project, whatever the project says."),
        row("dataScrubberDefaults", "sentry:require_scrub_defaults", bool, json!(false),
            "Whether the built-in list of sensitive fields is scrubbed in every project."),
        row("sensitiveFields", "sentry:sensitive_fields", Kind::Texts { characters_max: 4_000 }, Value::Null,
            "Names of further fields that are scrubbed in every project."),
        row("safeFields", "sentry:safe_fields", Kind::Selectors { characters_max: 65_536 }, Value::Null,
            "Fields that scrubbing leaves alone in every project."),
        row("scrapeJavaScript", "sentry:scrape_javascript", bool, json!(true),
            "Whether source files that stack traces name may be fetched from the web."),
        row("storeCrashReports", "sentry:store_crash_reports", Kind::Int { min: -1, max: 100 }, json!(0),
            "How many native crash reports are kept per issue: -1 keeps all, 0 none."),
        row("attachmentsRole", "sentry:attachments_role", Kind::Role, json!("member"),
            "Lowest org role that may download attachments of events."),
        row("debugFilesRole", "sentry:debug_files_role", Kind::Role, json!("admin"),
            "Lowest org role that may download debug information files."),
        row("eventsMemberAdmin", "sentry:events_member_admin", bool, json!(true),
            "Whether plain members may delete events. False takes the scope event:admin from roles that manage nothing."),
        row("alertsMemberWrite", "sentry:alerts_member_write", bool, json!(true),
            "Whether plain members may edit alerts. False takes the scope alerts:write from roles that manage nothing."),
        row("scrubIPAddresses", "sentry:require_scrub_ip_address", bool, json!(false),
            "Whether IP addresses are kept out of stored events in every project."),
        row("relayPiiConfig", "sentry:relay_pii_config", Kind::PiiConfig, Value::Null,
            "Advanced scrubbing rules and the fields they apply to; null when there are none.")
            .clearable(),
        row("allowJoinRequests", "sentry:join_requests", bool, json!(true),
            "Whether people outside may ask to join. False also hides the requests that are open."),
        row("apdexThreshold", "sentry:apdex_threshold", Kind::Int { min: 1, max: i32::MAX }, Value::Null,
            "Response time in milliseconds that users find satisfactory, for the Apdex score; null stands for 300.")
            .clearable(),
        row("hideAiFeatures", "sentry:hide_ai_features", bool, json!(false),
            "Whether features that use artificial intelligence are hidden."),
        row("githubPRBot", "sentry:github_pr_bot", bool, json!(true),
            "Whether comments on merged GitHub pull requests name the issues they may have caused."),
        row("githubOpenPRBot", "sentry:github_open_pr_bot", bool, json!(true),
            "Whether comments on open GitHub pull requests name recent issues in the files they change."),
        row("githubNudgeInvite", "sentry:github_nudge_invite", bool, json!(true),
            "Whether members are reminded to invite people who commit on GitHub and are no members yet."),
        row("gitlabPRBot", "sentry:gitlab_pr_bot", bool, json!(true),
            "Whether comments on merged GitLab merge requests name the issues they may have caused."),
        row("issueAlertsThreadFlag", "sentry:issue_alerts_thread_flag", bool, json!(true),
            "Whether repeated notifications of an issue alert go into one thread of the chat."),
        row("metricAlertsThreadFlag", "sentry:metric_alerts_thread_flag", bool, json!(true),
            "Whether repeated notifications of a metric alert go into one thread of the chat."),
        row("targetSampleRate", "sentry:target_sample_rate", Kind::Float { min: 0.0, max: 1.0 }, json!(1.0),
            "Share of traces that the whole organization keeps: 0 none, 1 all.")
            .behind(DYNAMIC_SAMPLING).only_if(Rule::OrganizationSampling),
        row(SAMPLING_MODE, "sentry:sampling_mode", Kind::Word(&[ORGANIZATION_SAMPLING, "project"]), json!(ORGANIZATION_SAMPLING),
            "Whether one sample rate counts for the `organization`, or each `project` has its own.")
            .behind(DYNAMIC_SAMPLING),
        row("rollbackEnabled", "sentry:rollback_enabled", bool, json!(true),
            "Whether members get a summary of the organization's year."),
        row("ingestThroughTrustedRelaysOnly", "sentry:ingest-through-trusted-relays-only", Kind::Switch, json!("disabled"),
            "Whether events are accepted from trusted relays only.")
            .behind(TRUSTED_RELAYS_ONLY),
        row(TRUSTED_RELAYS, "sentry:trusted-relays", Kind::Relays, json!([]),
            "Relays that may send events for the organization."),
    ]
}

#[rustfmt::skip]
fn flags() -> Vec<Entry> {
    vec![
        flag("openMembership", flag::ALLOW_JOINLEAVE, "allow_joinleave",
            "Whether members may join and leave every team freely."),
        inverted("allowSharedIssues", flag::DISABLE_SHARED_ISSUES, "disable_shared_issues",
            "Whether members may share issues with people outside."),
        flag("enhancedPrivacy", flag::ENHANCED_PRIVACY, "enhanced_privacy",
            "Whether mails and notifications leave out what could identify a person or hold source code."),
        flag("isEarlyAdopter", flag::EARLY_ADOPTER, "early_adopter",
            "Whether the organization tries new features before they are released to all."),
        flag("codecovAccess", flag::CODECOV_ACCESS, "codecov_access",
            "Whether stack traces show code coverage from Codecov.")
            .behind(CODECOV).only_if(Rule::Integration),
        flag("require2FA", flag::REQUIRE_2FA, "require_2fa",
            "Whether members need two-factor authentication.")
            .only_if(Rule::TwoFactor),
        flag("requireEmailVerification", flag::REQUIRE_EMAIL_VERIFICATION, "require_email_verification",
            "Whether members need a verified email address.")
            .behind(EMAIL_VERIFICATION).only_if(Rule::VerifiedEmail),
        inverted("allowMemberProjectCreation", flag::DISABLE_MEMBER_PROJECT_CREATION, "disable_member_project_creation",
            "Whether plain members may create projects."),
        inverted("allowSuperuserAccess", flag::PREVENT_SUPERUSER_ACCESS, "prevent_superuser_access",
            "Whether superusers who are no members may enter the organization."),
        inverted("allowMemberInvite", flag::DISABLE_MEMBER_INVITE, "disable_member_invite",
            "Whether plain members may invite people."),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_keys_and_bits_are_unique_and_fit() {
        let names: HashSet<_> = OPTIONS.iter().map(|entry| entry.name).collect();
        assert_eq!(names.len(), OPTIONS.len());
        let keys: HashSet<_> = OPTIONS.iter().filter_map(Entry::key).collect();
        assert_eq!(keys.len(), 28);
        assert!(keys.iter().all(|key| key.len() <= 64));
        let bits = OPTIONS.iter().filter_map(|entry| match entry.storage {
            Storage::Flag { bit, .. } => Some(bit),
            Storage::Row(_) => None,
        });
        assert_eq!(bits.collect::<HashSet<_>>().len(), 10);
    }

    #[test]
    fn defaults_are_of_their_type() {
        for entry in OPTIONS.iter() {
            assert_eq!(
                entry.kind.read(&entry.default),
                Some(entry.default.clone()),
                "{}",
                entry.name
            );
        }
    }

    #[test]
    fn every_option_is_documented() {
        for entry in OPTIONS.iter() {
            assert!(entry.meaning.ends_with('.'), "{}", entry.name);
        }
        assert_eq!(
            find("projectRateLimit").unwrap().input_description(),
            "Largest share of the account's rate limit that a single project may use, in percent. A number from 50 to \
             100. OPTION_NOT_CONFIGURABLE unless the organization still has a rate limit of its own from earlier days. \
             Null clears it."
        );
        assert!(
            find("openMembership")
                .unwrap()
                .description()
                .ends_with("Default: `true`.")
        );
    }
}
