//! `roster token`: a bearer token for development.

use std::time::Duration;

use anyhow::Result;
use roster::{clock, config::Config, token};

/// What the token says.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The person: the claim `sub`.
    #[arg(value_parser = clap::builder::NonEmptyStringValueParser::new())]
    subject: String,
    /// The person's address.
    #[arg(long)]
    email: Option<String>,
    /// The address is not verified.
    #[arg(long, requires = "email")]
    unverified: bool,
    /// The person's name.
    #[arg(long)]
    name: Option<String>,
    /// The session has a second factor.
    #[arg(long)]
    mfa: bool,
    /// The session has no second factor, and the token says so.
    #[arg(long, conflicts_with = "mfa")]
    no_mfa: bool,
    /// Key of the provider through which the person signed in.
    #[arg(long)]
    idp: Option<String>,
    /// Scopes that narrow what the person may do, such as "org:read member:read".
    #[arg(long)]
    scope: Option<String>,
    /// How long the token is good, such as 12h.
    #[arg(long, default_value = "12h", value_parser = humantime::parse_duration)]
    lifetime: Duration,
}

/// Makes it.
pub fn print(config: &mut Config, args: Args) -> Result<()> {
    config.secure()?;
    let claims = token::Claims {
        subject: args.subject,
        is_email_verified: !args.unverified,
        email: args.email,
        name: args.name,
        mfa: match (args.mfa, args.no_mfa) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        },
        idp: args.idp,
        scope: args.scope,
    };
    println!("{}", token::mint(config, &claims, clock::now(), args.lifetime)?);
    Ok(())
}
