//! Who is calling: the [`Actor`] that everything else asks, and how tokens of
//! people become verified claims.

mod claims;
mod jwks;
mod jws;
mod keys;
mod verifier;

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use entity::{
    api_token,
    ids::{ApiTokenId, UserId},
    user,
};
use serde::{Deserialize, Serialize};

pub use self::{
    claims::{Claims, is_address, is_subject},
    verifier::{Unverified, Verifier},
};
use crate::{
    error::{Code, Result},
    roles::ScopeSet,
};

/// Whoever sent a request, and when.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Who it is.
    pub who: Who,
    /// Address of the client, as far as it is known.
    pub ip: Option<IpAddr>,
    /// When the request came in: the one "now" of everything it does.
    pub now: DateTime<Utc>,
    /// When the credential ends, if it does.
    pub until: Option<DateTime<Utc>>,
}

/// Kinds of callers.
#[derive(Clone, Debug)]
pub enum Who {
    /// Nobody signed in.
    Anonymous,
    /// A person with a token of an identity provider.
    Person(Box<Person>),
    /// An app with an API token of an organization.
    App(Box<AppToken>),
}

/// A signed-in person.
#[derive(Clone, Debug)]
pub struct Person {
    /// The person's row.
    pub user: user::Model,
    /// Whether this session has a second factor (spec §27.1).
    pub has_two_factor: bool,
    /// Named in the configuration as somebody who may do everything.
    pub is_superuser: bool,
    /// What the token narrows the person's rights to; `None` = nothing.
    pub limit: Option<ScopeSet>,
    /// Provider through which the person signed in.
    pub idp: Option<String>,
    /// When the person signed in.
    pub signed_in_at: DateTime<Utc>,
}

impl Person {
    /// What the token leaves of `scopes`.
    pub fn narrow(&self, scopes: ScopeSet) -> ScopeSet {
        self.limit.map_or(scopes, |limit| scopes.and(limit))
    }
}

/// An app's credential.
#[derive(Clone, Debug)]
pub struct AppToken {
    /// The token's row.
    pub token: api_token::Model,
    /// What the token may do.
    pub scopes: ScopeSet,
}

impl Actor {
    /// The signed-in person, if it is one.
    pub fn person(&self) -> Option<&Person> {
        match &self.who {
            Who::Person(person) => Some(person),
            _ => None,
        }
    }

    /// The app, if it is one.
    pub fn app(&self) -> Option<&AppToken> {
        match &self.who {
            Who::App(token) => Some(token),
            _ => None,
        }
    }

    /// Id of the signed-in person.
    pub fn user_id(&self) -> Option<UserId> {
        self.person().map(|person| person.user.id)
    }

    /// Whether a row with this person is the actor's own.
    pub fn is(&self, user: Option<UserId>) -> bool {
        user.is_some() && user == self.user_id()
    }

    /// The name of whoever acts; empty for anonymous callers.
    pub fn name(&self) -> &str {
        match &self.who {
            Who::Anonymous => "",
            Who::Person(person) => person.user.display_name(),
            Who::App(app) => &app.token.name,
        }
    }

    /// The address at which whoever acts can be asked back, or else the name.
    pub fn address(&self) -> &str {
        let email = self.person().and_then(|person| person.user.email.as_deref());
        email.unwrap_or_else(|| self.name())
    }

    /// The signed-in person.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for apps and anonymous callers.
    pub fn require_person(&self) -> Result<&Person> {
        self.person().ok_or_else(|| Code::Unauthenticated.into())
    }

    /// Refuses anonymous callers with `UNAUTHENTICATED`.
    pub fn require_known(&self) -> Result<()> {
        match self.who {
            Who::Anonymous => Err(Code::Unauthenticated.into()),
            _ => Ok(()),
        }
    }
}

/// Whoever asked for something, as the audit log names them: all that is left of
/// an [`Actor`] when it is done later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// The app's token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_token: Option<ApiTokenId>,
    /// The name at that time.
    pub name: String,
    /// From where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
}

impl From<&Actor> for Author {
    fn from(actor: &Actor) -> Self {
        Self {
            user: actor.user_id(),
            api_token: actor.app().map(|app| app.token.id),
            name: actor.name().to_owned(),
            ip: actor.ip.map(|ip| ip.to_string()),
        }
    }
}
