//! What organizations are like in this deployment.

use std::time::Duration;

use serde::Deserialize;

use super::values::{duration, one_or_many};

/// Switches for parts of the product (spec §27.4).
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Features {
    /// Team roles count, and retired org roles cannot be given. Off: stored
    /// team roles are null and without effect.
    pub team_roles: bool,
    /// People can be invited.
    pub invite_members: bool,
    /// Members may invite where their organization lets them.
    pub member_invites: bool,
    /// Invites are mailed. Off: links are copied.
    pub mail_invites: bool,
    /// Organizations can require a verified address.
    pub email_verification: bool,
    /// Everybody who is signed in may create organizations.
    pub create_organizations: bool,
    /// The field `codecovAccess`.
    pub codecov: bool,
    /// The fields `targetSampleRate` and `samplingMode`.
    pub dynamic_sampling: bool,
    /// The field `ingestThroughTrustedRelaysOnly`.
    pub trusted_relays_only: bool,
}

impl Default for Features {
    fn default() -> Self {
        Self {
            team_roles: true,
            invite_members: true,
            member_invites: true,
            mail_invites: true,
            email_verification: true,
            create_organizations: true,
            codecov: false,
            dynamic_sampling: false,
            trusted_relays_only: false,
        }
    }
}

impl Features {
    /// Names of the features that are on.
    pub fn enabled(&self) -> Vec<&'static str> {
        [
            ("team_roles", self.team_roles),
            ("invite_members", self.invite_members),
            ("member_invites", self.member_invites),
            ("mail_invites", self.mail_invites),
            ("email_verification", self.email_verification),
            ("create_organizations", self.create_organizations),
            ("codecov", self.codecov),
            ("dynamic_sampling", self.dynamic_sampling),
            ("trusted_relays_only", self.trusted_relays_only),
        ]
        .into_iter()
        .filter_map(|(name, on)| on.then_some(name))
        .collect()
    }
}

/// Names in addresses (spec §16.4).
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Slugs {
    /// Words that no organization may take.
    #[serde(deserialize_with = "one_or_many")]
    pub reserved: Vec<String>,
}

impl Default for Slugs {
    fn default() -> Self {
        let words = "404 500 _admin _static about accept access account admin api app auth avatar billing blog careers \
                     community contact customers debug docs enterprise events ext extensions features from guide help \
                     ingest integrations invoices jobs legal login logout mail manage my onboarding \
                     organization-avatar organizations out payments platforms plugins policy pricing privacy projects \
                     register remote resources sales security settings signup sso staff subscribe support team-avatar \
                     teams terms thanks trust us welcome";
        Self {
            reserved: words.split_whitespace().map(String::from).collect(),
        }
    }
}

/// Organizations (spec §15).
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Organizations {
    /// Time between the request to delete an organization and its deletion.
    #[serde(deserialize_with = "duration")]
    pub deletion_delay: Duration,
    /// Slug of the one organization that cannot be deleted.
    pub default_slug: Option<String>,
    /// Whoever creates an organization must agree to terms.
    pub require_terms: bool,
}

impl Default for Organizations {
    fn default() -> Self {
        Self {
            deletion_delay: Duration::from_secs(86_400),
            default_slug: None,
            require_terms: false,
        }
    }
}

/// A change to a built-in org role, or a role of the deployment's own
/// (spec §3). What is absent stays as built in; for a new role, `priority` and
/// `scopes` must be given.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoleSetting {
    /// Shown name.
    pub name: Option<String>,
    /// What the role is for.
    pub description: Option<String>,
    /// Rank; who has a rank at least as high may manage the role.
    pub priority: Option<i32>,
    /// Holders keep it; nobody is given it.
    pub is_retired: Option<bool>,
    /// Access to all teams.
    pub is_global: Option<bool>,
    /// Whether holders can be in teams.
    pub is_team_roles_allowed: Option<bool>,
    /// What holders may do.
    pub scopes: Option<Vec<String>>,
}

/// An option of organizations that the deployment declares of its own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionSetting {
    /// What values it has.
    #[serde(rename = "type")]
    pub kind: OptionType,
    /// What it is for.
    pub description: Option<String>,
    /// What counts while nothing is set. Default: null.
    pub default: Option<serde_json::Value>,
    /// Smallest number; of a text the fewest characters, of a list the fewest
    /// entries.
    pub min: Option<f64>,
    /// Largest number; of a text the most characters, of a list the most
    /// entries.
    pub max: Option<f64>,
    /// Regular expression that the whole text, or each in a list, matches.
    pub pattern: Option<String>,
    /// The only values, or entries of a list, that are allowed. Default: all.
    #[serde(default)]
    pub values: Vec<serde_json::Value>,
    /// The scope that one needs to set it: `org:write` (the default) or `org:admin`.
    pub scope: Option<String>,
}

/// Types of options of the deployment's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OptionType {
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// A text.
    Text,
    /// A list of texts.
    Texts,
}
