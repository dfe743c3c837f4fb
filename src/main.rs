//! The command line.

mod commands;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use roster::{
    config::{Config, Overrides, Source},
    mail,
    telemetry::{self, Telemetry},
};

use self::commands::{audit, database, jobs, outbox, schema, serve, token};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The open, self-hosted GraphQL gateway for organization membership.
///
/// Without a command it serves. With no configuration at all it serves on
/// 127.0.0.1:8080 from an SQLite database in ./data, filled with demo data.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Settings that every command takes. They win over the environment, which wins
/// over the file.
#[derive(Debug, Args)]
struct Settings {
    /// Configuration file [default: roster.toml, if it is there].
    #[arg(long, short, global = true, value_name = "FILE", env = "ROSTER_CONFIG")]
    config: Option<PathBuf>,
    /// Address to listen on, such as 0.0.0.0:8080.
    #[arg(long, global = true, value_name = "ADDRESS")]
    listen: Option<String>,
    /// sqlite://… or postgres://… [default: SQLite in the data folder].
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// Folder for the embedded database and development secrets.
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<String>,
    /// development or production.
    #[arg(long, global = true)]
    mode: Option<String>,
    /// Do not bring the schema up to date at start.
    #[arg(long, global = true)]
    no_migrate: bool,
    /// Whether to fill an empty database with demo data at start.
    #[arg(long, global = true, value_name = "BOOL")]
    demo: Option<bool>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve requests (the default), and do the work that they queue.
    Serve,
    /// Do the work that requests have queued (mails, clean-up), and nothing
    /// else. Any number of processes may do this beside `serve`.
    Work,
    /// Look after queued work.
    #[command(subcommand)]
    Jobs(jobs::Command),
    /// Read the audit logs.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Look after changes that wait to be told.
    #[command(subcommand)]
    Outbox(outbox::Command),
    /// Bring the database's schema up to date, and stop.
    Migrate {
        /// Also make the broker's stream. One that is there keeps its settings, and
        /// takes our subjects.
        #[arg(long)]
        stream: bool,
    },
    /// Print the GraphQL schema.
    Schema(schema::Args),
    /// Make a bearer token for development, as an identity provider would.
    ///
    /// Needs auth.hs256_secret; in development the generated one is used.
    /// Example: curl -H "Authorization: Bearer $(roster token ann --mfa)" …
    Token(token::Args),
    /// Fill an empty database with demo data.
    Demo {
        /// How much.
        #[arg(long, value_enum, default_value = "small")]
        size: database::Size,
    },
    /// Say whether the configuration can be used, and what is wrong with it.
    CheckConfig,
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("roster: {}", explain(&error));
            ExitCode::FAILURE
        }
    }
}

/// The error and its causes; many an error already tells its own cause.
fn explain(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

fn run(cli: Cli) -> Result<()> {
    match cli.command {
        Some(Command::Schema(args)) => schema::run(args),
        command => {
            let (source, mut config) = load(&cli.settings)?;
            match command {
                Some(Command::CheckConfig) => check_config(config),
                Some(Command::Token(args)) => token::print(&mut config, args),
                command => {
                    let telemetry = Telemetry::start(&config)?;
                    let mut runtime = tokio::runtime::Builder::new_multi_thread();
                    let runtime = runtime.enable_all().thread_stack_size(roster::STACK_BYTES).build()?;
                    let ended = runtime.block_on(run_service(source, config, command));
                    telemetry.finish();
                    ended
                }
            }
        }
    }
}

async fn run_service(source: Source, config: Config, command: Option<Command>) -> Result<()> {
    match command {
        Some(Command::Migrate { stream }) => database::migrate(config, stream).await,
        Some(Command::Demo { size }) => database::fill(config, size).await,
        Some(Command::Jobs(command)) => jobs::run(config, command).await,
        Some(Command::Outbox(command)) => outbox::run(config, command).await,
        Some(Command::Audit(command)) => audit::run(config, command).await,
        Some(Command::Work) => serve::work(source, config).await,
        _ => serve::serve(source, config).await,
    }
}

fn load(settings: &Settings) -> Result<(Source, Config)> {
    let mut overrides: Overrides = Vec::new();
    let texts = [
        ("listen", &settings.listen),
        ("database_url", &settings.database_url),
        ("data_dir", &settings.data_dir),
        ("mode", &settings.mode),
    ];
    overrides.extend(
        texts
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.clone()?))),
    );
    overrides.extend(settings.demo.map(|demo| ("demo", demo.to_string())));
    if settings.no_migrate {
        overrides.push(("database.migrate_on_start", false.to_string()));
    }
    Ok(Source::read(settings.config.clone(), overrides)?)
}

fn check_config(config: Config) -> Result<()> {
    config.check()?;
    roster::roles::Roles::new(&config.roles)?;
    roster::custom_options::CustomOptions::new(&config.options)?;
    roster::auth::Verifier::new(&config)?;
    roster::db::check(&config)?;
    roster::throttle::check(&config)?;
    roster::broker::Broker::check(&config)?;
    roster::storage::check(&config)?;
    roster::server::check(&config)?;
    telemetry::check(&config)?;
    mail::Mailer::new(&config)?;
    println!("The configuration can be used.");
    Ok(())
}
