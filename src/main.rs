//! The command line.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};
use roster::{
    clock,
    config::{Config, Mode, Overrides},
    graphql, prepare,
    server::Server,
    token,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

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
    /// Serve requests (the default).
    Serve,
    /// Bring the database's schema up to date, and stop.
    Migrate,
    /// Print the GraphQL schema.
    Schema {
        /// Compare with this file instead, and fail if they differ.
        #[arg(long, value_name = "FILE")]
        check: Option<PathBuf>,
    },
    /// Make a bearer token for development, as an identity provider would.
    ///
    /// Needs auth.hs256_secret; in development the generated one is used.
    /// Example: curl -H "Authorization: Bearer $(roster token ann --mfa)" …
    Token(TokenArgs),
    /// Fill an empty database with demo data: three organizations, their teams,
    /// a few hundred members, invites and requests.
    Demo,
    /// Say whether the configuration can be used, and what is wrong with it.
    CheckConfig,
}

#[derive(Debug, Args)]
struct TokenArgs {
    /// The person: the claim `sub`.
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
        Some(Command::Schema { check: None }) => Ok(std::io::stdout().write_all(graphql::sdl().as_bytes())?),
        Some(Command::Schema { check: Some(file) }) => check_schema(&file),
        command => {
            let mut config = load(&cli.settings)?;
            match command {
                Some(Command::CheckConfig) => check_config(config),
                Some(Command::Token(args)) => print_token(&mut config, args),
                command => {
                    start_log(&config)?;
                    let mut runtime = tokio::runtime::Builder::new_multi_thread();
                    let runtime = runtime.enable_all().thread_stack_size(roster::STACK_BYTES).build()?;
                    runtime.block_on(run_service(config, command))
                }
            }
        }
    }
}

async fn run_service(mut config: Config, command: Option<Command>) -> Result<()> {
    match command {
        Some(Command::Migrate) => {
            let db = roster::db::Db::connect(&config).await?;
            db.migrate().await?;
            println!("The schema is up to date.");
            Ok(())
        }
        Some(Command::Demo) => {
            config.demo = Some(false);
            let app = prepare(config).await?;
            if !roster::demo::fill(&app, clock::now()).await.context("demo data")? {
                bail!("the database is not empty; demo data is only put into an empty one");
            }
            println!(
                "Three organizations were created; try: roster token {} --mfa",
                token::DEVELOPER
            );
            Ok(())
        }
        _ => serve(config).await,
    }
}

async fn serve(mut config: Config) -> Result<()> {
    // Refused before anything is taken or made.
    config.secure()?;
    let address = config.listen;
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}"))?;
    config.settle_listen(listener.local_addr()?);
    let app = prepare(config).await?;
    let server = Server::new(app.clone()).await?;
    announce(&app.config, &listener)?;

    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    tokio::spawn(async move {
        wait_for_signal().await;
        tracing::info!("stopping: open requests are finished first");
        stop.cancel();
    });
    let db = app.db.clone();
    drop(app);
    server.run(listener, shutdown).await?;
    db.close().await;
    Ok(())
}

/// Tells a developer where to go. In production only the log says it.
fn announce(config: &Config, listener: &TcpListener) -> Result<()> {
    let address = listener.local_addr()?;
    tracing::info!(%address, mode = ?config.mode, version = env!("CARGO_PKG_VERSION"), "listening");
    if config.mode == Mode::Production {
        return Ok(());
    }
    let token = token::development(config, clock::now());
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "\nRoster runs in DEVELOPMENT mode: for trying out, not for real data.\n"
    )?;
    writeln!(out, "  Explorer  http://{address}/")?;
    writeln!(out, "  GraphQL   http://{address}/graphql")?;
    writeln!(out, "  Ready?    http://{address}/health/ready")?;
    if let Some(token) = token {
        writeln!(
            out,
            "\nA token for {}, good for 12 hours (more with `roster token --help`):\n",
            token::DEVELOPER
        )?;
        writeln!(out, "  Authorization: Bearer {token}\n")?;
    }
    Ok(out.flush()?)
}

async fn wait_for_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    // Without a handler there is nothing to wait for but the end.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn load(settings: &Settings) -> Result<Config> {
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
    Ok(Config::load(settings.config.as_deref(), &overrides)?)
}

fn start_log(config: &Config) -> Result<()> {
    let filter = match std::env::var("RUST_LOG") {
        Ok(filter) => filter,
        Err(_) => config.log.filter.clone(),
    };
    let filter = tracing_subscriber::EnvFilter::try_new(&filter).with_context(|| format!("log filter `{filter}`"))?;
    let ansi = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(ansi)
        .with_writer(std::io::stderr);
    let started = if config.log.json {
        log.json().try_init()
    } else {
        log.try_init()
    };
    started.map_err(|error| anyhow::anyhow!("log: {error}"))
}

fn check_schema(file: &Path) -> Result<()> {
    let known = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let current = graphql::sdl();
    if known == current {
        return Ok(());
    }
    let differs = known.lines().zip(current.lines()).position(|(one, other)| one != other);
    let line = differs.unwrap_or_else(|| known.lines().count().min(current.lines().count())) + 1;
    bail!(
        "{} is not the schema that is served: line {line} differs. Run `roster schema > {0}`.",
        file.display()
    )
}

fn check_config(mut config: Config) -> Result<()> {
    config.secure()?;
    roster::roles::Roles::new(&config.roles)?;
    roster::auth::Verifier::new(&config)?;
    println!("The configuration can be used.");
    Ok(())
}

fn print_token(config: &mut Config, args: TokenArgs) -> Result<()> {
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
