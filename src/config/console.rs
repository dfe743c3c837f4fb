//! The console: whether it is there, and how people sign in to it. Here is also
//! the check of what its pages may call.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    Config, ConfigError,
    identity::{check_origin, is_safe_url},
    values::one_or_many,
};

/// The console: pages for people, at `/console`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Console {
    /// Off: another product serves the pages to which links in mails lead.
    pub enabled: bool,
    /// The provider that signs people in. Default: none, a token is pasted.
    pub oidc: Option<Oidc>,
}

impl Default for Console {
    fn default() -> Self {
        Self {
            enabled: true,
            oidc: None,
        }
    }
}

/// A provider of OpenID Connect at which the console is a public client: it has
/// no secret, and proves itself with PKCE (RFC 7636).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// Its name, which is also the address at which it describes itself.
    pub issuer: String,
    /// How it knows the console.
    pub client_id: String,
    /// What the console asks for, `openid` among it.
    #[serde(default = "usual_scope")]
    pub scope: String,
    /// For whom the token is to be, for providers that ask (`audience`).
    #[serde(default)]
    pub audience: Option<String>,
    /// Which of its tokens the console sends with requests.
    #[serde(default)]
    pub token: OidcToken,
    /// Further origins that the page calls to sign people in: those of the token
    /// endpoint, if it is elsewhere than the issuer.
    #[serde(default, deserialize_with = "one_or_many")]
    pub origins: Vec<String>,
}

/// A token that a provider hands out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OidcToken {
    /// For this service.
    #[default]
    AccessToken,
    /// For the console itself: where access tokens are not JSON Web Tokens.
    IdToken,
}

fn usual_scope() -> String {
    "openid email profile".into()
}

impl Oidc {
    /// The origins that the page calls to sign people in, each once.
    pub fn origins(&self) -> Vec<String> {
        let issuer = Url::parse(&self.issuer).map(|url| url.origin().ascii_serialization());
        let mut origins: Vec<_> = issuer.into_iter().collect();
        for origin in &self.origins {
            if !origins.contains(origin) {
                origins.push(origin.clone());
            }
        }
        origins
    }
}

impl Config {
    /// Whether people sign in over connections that nobody can meddle with, at
    /// addresses that stay themselves in a policy.
    pub(super) fn check_console(&self) -> Result<(), ConfigError> {
        let Some(oidc) = &self.console.oidc else { return Ok(()) };
        let refuse = |why: String| Err(ConfigError::new(format!("console.oidc.{why}")));
        let issuer = Url::parse(&oidc.issuer)
            .ok()
            .filter(|url| is_safe_url(url, self.mode) && url.query().is_none() && url.fragment().is_none());
        if issuer.is_none() {
            return refuse(format!(
                "issuer: `{}` is no address without user, password, `?` and `#`, or does not begin with https:// in \
                 production",
                oidc.issuer
            ));
        }
        if oidc.client_id.trim().is_empty() {
            return refuse("client_id is empty".into());
        }
        if !oidc.scope.split_whitespace().any(|scope| scope == "openid") {
            return refuse("scope must have openid in it".into());
        }
        if oidc
            .audience
            .as_ref()
            .is_some_and(|audience| audience.trim().is_empty())
        {
            return refuse("audience is empty".into());
        }
        for origin in &oidc.origins {
            check_origin(origin, self.mode).or_else(|why| refuse(format!("origins: {why}")))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Mode, *};

    fn oidc() -> Oidc {
        Oidc {
            issuer: "https://id.example.com/realms/team".into(),
            client_id: "console".into(),
            scope: usual_scope(),
            audience: None,
            token: OidcToken::default(),
            origins: Vec::new(),
        }
    }

    fn is_good(mode: Mode, oidc: Oidc) -> bool {
        let mut config = Config {
            mode,
            ..Config::default()
        };
        config.console.oidc = Some(oidc);
        config.check_console().is_ok()
    }

    #[test]
    fn people_sign_in_over_safe_connections() {
        for (address, in_production, in_development) in [
            ("https://id.example.com", true, true),
            ("https://id.example.com/realms/team/", true, true),
            ("https://id.example.com:8443", true, true),
            ("http://localhost:9000", true, true),
            ("http://127.0.0.1:9000/dex", true, true),
            ("http://id.example.com", false, true),
            ("https://user@id.example.com", false, false),
            ("https://id.example.com?tenant=a", false, false),
            ("https://id.example.com#a", false, false),
            ("id.example.com", false, false),
            ("file:///etc/passwd", false, false),
            ("data:text/html,a", false, false),
            ("", false, false),
        ] {
            for (mode, expected) in [(Mode::Production, in_production), (Mode::Development, in_development)] {
                let oidc = Oidc {
                    issuer: address.into(),
                    ..oidc()
                };
                assert_eq!(is_good(mode, oidc), expected, "{address} {mode:?}");
            }
        }
        for (origin, in_production, in_development) in [
            ("https://token.example.com", true, true),
            ("http://token.example.com", false, true),
            ("https://token.example.com/", false, false),
            ("https://*.example.com", false, false),
            ("https://token.example.com; script-src *", false, false),
            ("*", false, false),
        ] {
            for (mode, expected) in [(Mode::Production, in_production), (Mode::Development, in_development)] {
                let oidc = Oidc {
                    origins: vec![origin.into()],
                    ..oidc()
                };
                assert_eq!(is_good(mode, oidc), expected, "{origin} {mode:?}");
            }
        }
    }

    #[test]
    fn a_client_has_a_name_and_asks_who_signs_in() {
        assert!(is_good(Mode::Production, oidc()));
        let changes: [fn(&mut Oidc); 5] = [
            |oidc| oidc.client_id = String::new(),
            |oidc| oidc.client_id = " ".into(),
            |oidc| oidc.scope = "email profile".into(),
            |oidc| oidc.scope = String::new(),
            |oidc| oidc.audience = Some(String::new()),
        ];
        for change in changes {
            let mut oidc = oidc();
            change(&mut oidc);
            assert!(!is_good(Mode::Development, oidc.clone()), "{oidc:?}");
        }
    }

    #[test]
    fn an_origin_is_named_once() {
        let oidc = Oidc {
            origins: ["https://id.example.com", "https://token.example.com"]
                .map(String::from)
                .into(),
            ..oidc()
        };
        assert_eq!(oidc.origins(), ["https://id.example.com", "https://token.example.com"]);
    }
}
