//! Who is calling, and whether they still may: a request is over in a moment, a
//! socket outlives tokens and memberships.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::http::HeaderMap;

use super::{credential::Credential, http::Endpoint, loaders::Loaders, rate::Limited};
use crate::{
    app::App,
    auth::{Actor, Unverified, Who},
    clock, domain,
    error::{Code, Error, Result},
    telemetry::account::Account,
};

/// The address of the client: the peer, or what trusted proxies say of it. Each
/// proxy appends whom it heard from, so the last address that is no proxy of
/// ours is the client; everything before it the client may have made up. Past
/// a hop that is no address nothing is known.
pub fn address(trusted: &[IpAddr], peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    // An IPv4 address may come as an IPv6 one.
    let peer = peer.to_canonical();
    let is_trusted = |address: &IpAddr| trusted.iter().any(|proxy| proxy.to_canonical() == *address);
    if !is_trusted(&peer) {
        return peer;
    }
    // Some proxies append the port, too.
    let address = |hop: &str| {
        let hop = hop.trim();
        let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']'));
        let with_port = || hop.parse::<SocketAddr>().map(|address| address.ip());
        let address = bare.unwrap_or(hop).parse::<IpAddr>().or_else(|_| with_port());
        address.ok().map(|address| address.to_canonical())
    };
    let forwarded = headers.get_all("x-forwarded-for").iter();
    forwarded
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .map(address)
        .rev()
        .map_while(|hop| hop)
        .find(|hop| !is_trusted(hop))
        .unwrap_or(peer)
}

/// What counts as one address. Of IPv6, it is the network of 64 bits: a single
/// customer has all addresses in it (RFC 6177).
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
    }
}

/// Why nobody knows who is calling.
#[derive(Debug)]
pub enum Unknown {
    /// The credential is no good.
    Refused,
    /// The keys of whoever issued it cannot be had now.
    NoKeys,
    /// The service cannot tell now.
    Failed(Error),
    /// They call too often.
    Limited(Limited),
}

impl From<Limited> for Unknown {
    fn from(limited: Limited) -> Self {
        Self::Limited(limited)
    }
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
    let actor = identify(endpoint, credential, ip).await?;
    if let Some(account) = Account::current() {
        account.sent_by((&actor).into());
    }
    Ok(actor)
}

async fn identify(endpoint: &Endpoint, credential: &Credential, ip: IpAddr) -> Result<Actor, Unknown> {
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

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:0:0:2"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_ne!(network("10.0.0.1"), network("10.0.0.2"));
    }

    #[test]
    fn only_trusted_proxies_say_who_the_client_is() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(
            "x-forwarded-for",
            HeaderValue::from_static("6.6.6.6, 203.0.113.7, 10.0.0.2"),
        );
        let proxies = [ip("10.0.0.1"), ip("10.0.0.2")];
        assert_eq!(address(&proxies, ip("10.0.0.1"), &headers), ip("203.0.113.7"));
        assert_eq!(address(&proxies, ip("198.51.100.9"), &headers), ip("198.51.100.9"));
        assert_eq!(address(&[], ip("10.0.0.1"), &headers), ip("10.0.0.1"));

        for (forwarded, client) in [
            ("6.6.6.6, 203.0.113.7:4711", "203.0.113.7"),
            ("6.6.6.6, [2001:db8::7]:4711, 10.0.0.2:80", "2001:db8::7"),
            ("6.6.6.6, [2001:db8::7]", "2001:db8::7"),
            ("6.6.6.6, 203.0.113.7, ::ffff:10.0.0.2", "203.0.113.7"),
            ("6.6.6.6, unknown, 10.0.0.2", "10.0.0.1"),
            ("6.6.6.6, ", "10.0.0.1"),
        ] {
            headers.insert("x-forwarded-for", HeaderValue::from_static(forwarded));
            let found = address(&proxies, ip("10.0.0.1"), &headers);
            assert_eq!(found, ip(client), "{forwarded}");
            // As a socket for both kinds of addresses has it.
            assert_eq!(address(&proxies, ip("::ffff:10.0.0.1"), &headers), ip(client));
        }
    }

    #[test]
    fn fuzz_addresses() {
        const PIECES: &[&str] = &[
            "10.0.0.1",
            "10.0.0.2",
            "::ffff:10.0.0.2",
            "[::1]",
            "[",
            "]",
            ":",
            "%",
            ",",
            " ",
            ".",
            ":65536",
            "::",
            "1",
        ];
        let trusted: [IpAddr; 2] = ["10.0.0.1", "10.0.0.2"].map(|text| text.parse().unwrap());
        bolero::check!()
            .with_type::<(bool, Vec<Vec<u8>>)>()
            .for_each(|(is_proxy, lines)| {
                let mut headers = HeaderMap::new();
                for line in lines {
                    if let Ok(value) = HeaderValue::from_bytes(crate::fuzz::text(line, PIECES).as_bytes()) {
                        headers.append("x-forwarded-for", value);
                    }
                }
                let peer = if *is_proxy {
                    trusted[0]
                } else {
                    "198.51.100.9".parse().unwrap()
                };
                let found = address(&trusted, peer, &headers);
                assert!(*is_proxy || found == peer, "{found} was believed");
                assert!(found == peer || !trusted.contains(&found), "{found} is a proxy");
            });
    }
}
