//! Who is calling, and whether they still may: a request is over in a moment, a
//! socket outlives tokens and memberships.

use std::{net::IpAddr, sync::Arc, time::Duration};

use super::{http::Endpoint, loaders::Loaders};
use crate::{
    app::App,
    auth::{Actor, Who},
    clock, domain,
    error::{Code, Result},
};

/// Who is calling, by what stands in `Authorization`. No credential is an
/// anonymous caller.
///
/// # Errors
/// `UNAUTHENTICATED` for a credential that is no good.
pub async fn authenticate(endpoint: &Endpoint, authorization: Option<&str>, ip: IpAddr) -> Result<Actor> {
    let app = &endpoint.app;
    let (now, ip) = (clock::now(), Some(ip));
    let Some(authorization) = authorization else {
        return Ok(Actor {
            who: Who::Anonymous,
            ip,
            now,
            until: None,
        });
    };
    let bearer = authorization
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    match bearer {
        None => Err(Code::Unauthenticated.into()),
        Some(secret) if secret.starts_with(domain::api_token::PREFIX) => {
            domain::api_token::arrive(app, secret, ip, now).await
        }
        Some(token) => domain::user::arrive(app, endpoint.verifier.verify(token)?, ip, now).await,
    }
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
