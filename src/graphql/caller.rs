//! Who is calling, and whether they still may: a request is over in a moment, a
//! socket outlives tokens and memberships.

use std::{net::IpAddr, sync::Arc, time::Duration};

use super::{credential::Credential, http::Endpoint, loaders::Loaders};
use crate::{
    app::App,
    auth::{Actor, Unverified, Who},
    clock, domain,
    error::{Code, Error, Result},
};

/// Why nobody knows who is calling.
#[derive(Debug)]
pub enum Unknown {
    /// The credential is no good.
    Refused,
    /// The keys of whoever issued it cannot be had now.
    NoKeys,
    /// The service cannot tell now.
    Failed(Error),
}

impl From<Error> for Unknown {
    fn from(error: Error) -> Self {
        if error.is(Code::Unauthenticated) {
            Self::Refused
        } else {
            Self::Failed(error)
        }
    }
}

impl From<Unverified> for Unknown {
    fn from(why: Unverified) -> Self {
        match why {
            Unverified::Refused => Self::Refused,
            Unverified::NoKeys => Self::NoKeys,
        }
    }
}

/// Who is calling. No credential is an anonymous caller.
///
/// # Errors
/// A credential that is no good, or that nobody can judge now.
pub async fn authenticate(endpoint: &Endpoint, credential: &Credential, ip: IpAddr) -> Result<Actor, Unknown> {
    let app = &endpoint.app;
    let (now, ip) = (clock::now(), Some(ip));
    let token = match credential {
        Credential::Nothing => {
            return Ok(Actor {
                who: Who::Anonymous,
                ip,
                now,
                until: None,
            });
        }
        Credential::Header(authorization) => {
            let bearer = authorization
                .split_once(' ')
                .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
                .map(|(_, token)| token.trim());
            match bearer.ok_or(Unknown::Refused)? {
                secret if secret.starts_with(domain::api_token::PREFIX) => {
                    return Ok(domain::api_token::arrive(app, secret, ip, now).await?);
                }
                token => token,
            }
        }
        // Apps have no browser.
        Credential::Cookie(token) => token,
    };
    let claims = endpoint.verifier.verify(token, now).await?;
    // It may have waited for keys.
    Ok(domain::user::arrive(app, claims, ip, clock::now()).await?)
}

/// The same caller as they are now. It needs no credential, so none is kept, and
/// writes nothing: what an old token says of a person may have been overtaken.
///
/// # Errors
/// `UNAUTHENTICATED` once the credential has ended or was revoked, or the person
/// is not active any more.
pub async fn renew(app: &Arc<App>, actor: &Arc<Actor>) -> Result<Arc<Actor>> {
    let now = clock::now();
    if actor.until.is_some_and(|end| end <= now) {
        return Err(Code::Unauthenticated.into());
    }
    let loaders = Loaders::new(app, actor);
    let mut renewed = Actor::clone(actor);
    renewed.now = now;
    match &mut renewed.who {
        Who::Anonymous => {}
        Who::Person(person) => {
            let row = loaders.users.load(person.user.id).await?;
            let row = row.filter(|row| row.is_active).ok_or(Code::Unauthenticated)?;
            person.user = row.as_ref().clone();
        }
        Who::App(app) => {
            let row = loaders.api_tokens.load(app.token.id).await?;
            app.token = row.ok_or(Code::Unauthenticated)?.as_ref().clone();
        }
    }
    Ok(Arc::new(renewed))
}

/// Waits until the caller may not call any more: until the credential ends, or it
/// is found, looking again and again, that somebody has ended it.
pub async fn ended(app: &Arc<App>, actor: &Arc<Actor>) {
    loop {
        let left = actor.until.map(|end| (end - clock::now()).to_std().unwrap_or_default());
        let every = app.config.subscriptions.check_every;
        tokio::time::sleep(left.unwrap_or(Duration::MAX).min(every)).await;
        match renew(app, actor).await {
            Ok(_) => {}
            Err(error) if error.is(Code::Unauthenticated) => return,
            // A database that is away for a moment ends nobody's credential.
            Err(error) => tracing::warn!(cause = ?error, "it is not known whether the caller may go on"),
        }
    }
}
