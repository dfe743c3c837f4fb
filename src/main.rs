//! The command line.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use clap::{Args, Parser, Subcommand};
use entity::ids::JobId;
use roster::{
    clock,
    config::{Config, Mode, Overrides, Source},
    domain, graphql, jobs,
    live::Live,
    mail, mailbox, outbox, prepare, queue,
    reload::Reloader,
    server::Server,
    telemetry::{self, Telemetry},
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
    /// Serve requests (the default), and do the work that they queue.
    Serve,
    /// Do the work that requests have queued (mails, clean-up), and nothing
    /// else. Any number of processes may do this beside `serve`.
    Work,
    /// Look after queued work.
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// Read the audit logs.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Look after changes that wait to be told.
    #[command(subcommand)]
    Outbox(OutboxCommand),
    /// Bring the database's schema up to date, and stop.
    Migrate {
        /// Also make the broker's stream. One that is there keeps its settings, and
        /// takes our subjects.
        #[arg(long)]
        stream: bool,
    },
    /// Print the GraphQL schema.
    Schema {
        /// As a subgraph of a federated graph (Apollo Federation 2)
        #[arg(long)]
        federation: bool,
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

#[derive(Debug, Subcommand)]
enum JobsCommand {
    /// Show the jobs that wait or were given up, the oldest first.
    List {
        /// Only those that were given up.
        #[arg(long)]
        failed: bool,
        /// How many at most.
        #[arg(long, default_value_t = 100)]
        limit: u64,
    },
    /// Let jobs begin anew, now.
    Retry(Which),
    /// Delete jobs; they will not be done.
    Discard(Which),
}

#[derive(Debug, Subcommand)]
enum OutboxCommand {
    /// Show the shards with the most changes that wait.
    List {
        /// How many at most.
        #[arg(long, default_value_t = 100)]
        limit: u64,
    },
    /// Deliver what is due now, and nothing that comes later.
    Drain {
        /// Also what waits after a failure.
        #[arg(long)]
        all: bool,
    },
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Print entries as JSON, one in a line: organization by organization, in each
    /// the oldest first.
    Export {
        /// Only of the organization with this slug.
        #[arg(long, value_name = "SLUG")]
        organization: Option<String>,
        /// Only what happened later, such as 2026-01-31 or 2026-01-31T12:00:00Z.
        #[arg(long, value_name = "TIME", value_parser = parse_time)]
        after: Option<DateTime<Utc>>,
        /// Only what happened earlier.
        #[arg(long, value_name = "TIME", value_parser = parse_time)]
        before: Option<DateTime<Utc>>,
    },
}

/// A date, which begins at midnight UTC, or a time with its offset.
fn parse_time(text: &str) -> Result<DateTime<Utc>> {
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Ok(date.and_time(NaiveTime::MIN).and_utc());
    }
    let time = DateTime::parse_from_rfc3339(text);
    Ok(time.context("give a date or a time as in RFC 3339")?.to_utc())
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// The job, by its number.
    id: Option<i64>,
    /// Every job that was given up.
    #[arg(long)]
    failed: bool,
}

impl From<Which> for queue::Which {
    fn from(which: Which) -> Self {
        which.id.map_or(Self::Failed, |id| Self::One(JobId(id)))
    }
}

#[derive(Debug, Args)]
struct TokenArgs {
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
        Some(Command::Schema { federation, check }) => {
            let sdl = if federation {
                graphql::federation_sdl()
            } else {
                graphql::sdl()
            };
            match check {
                Some(file) => check_schema(&sdl, &file),
                None => Ok(std::io::stdout().write_all(sdl.as_bytes())?),
            }
        }
        command => {
            let (source, mut config) = load(&cli.settings)?;
            match command {
                Some(Command::CheckConfig) => check_config(config),
                Some(Command::Token(args)) => print_token(&mut config, args),
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

async fn run_service(source: Source, mut config: Config, command: Option<Command>) -> Result<()> {
    match command {
        Some(Command::Migrate { stream }) => migrate(config, stream).await,
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
        Some(Command::Work) => {
            config.demo = Some(false);
            let live = Live::new(prepare(config).await?);
            let reloader = Reloader::new(source, live.clone(), None);
            Ok(roster::work(live, listen_to_signals(reloader)?).await?)
        }
        Some(Command::Jobs(command)) => run_jobs(config, command).await,
        Some(Command::Outbox(command)) => run_outbox(config, command).await,
        Some(Command::Audit(command)) => run_audit(config, command).await,
        _ => serve(source, config).await,
    }
}

async fn migrate(config: Config, wants_stream: bool) -> Result<()> {
    let db = roster::db::Db::connect(&config).await?;
    db.migrate().await?;
    println!("The schema is up to date.");
    if wants_stream {
        let broker = roster::broker::Broker::connect(&config).await?;
        let broker = broker.context("nats.url is not set")?;
        let made = tokio::time::timeout(
            config.limits.request_timeout,
            broker.create_stream(config.events.keep_for),
        );
        made.await.context("the broker does not answer")??;
        println!("The stream {} takes events.", config.nats.stream);
    }
    Ok(())
}

async fn serve(source: Source, mut config: Config) -> Result<()> {
    // Refused before anything is taken or made.
    config.secure()?;
    let address = config.listen;
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}"))?;
    config.settle_listen(listener.local_addr()?);
    let live = Live::new(prepare(config).await?);
    let server = Server::new(live.clone()).await?;
    let shutdown = listen_to_signals(Reloader::new(source, live.clone(), Some(server.reloading())))?;
    announce(&live.now().config, &listener)?;
    Ok(roster::run(live, server, listener, shutdown).await?)
}

/// Listens to signals from now on: whoever was told that we run may send them.
/// What is returned is cancelled when the process is asked to end; asked again, it
/// ends at once.
fn listen_to_signals(mut reloader: Reloader) -> std::io::Result<CancellationToken> {
    let shutdown = CancellationToken::new();
    let mut signals = Signals::listen()?;
    let stop = shutdown.clone();
    tokio::spawn(async move {
        loop {
            match signals.next().await {
                Signal::Reload => reloader.reload(),
                Signal::End if !stop.is_cancelled() => {
                    tracing::info!("stopping: what has begun is finished first");
                    stop.cancel();
                }
                Signal::End => {
                    tracing::warn!("asked again: ending at once");
                    std::process::exit(1);
                }
            }
        }
    });
    Ok(shutdown)
}

/// The database, if it has the tables of this version.
async fn connect_to_tables(config: &Config) -> Result<roster::db::Db> {
    let db = roster::db::Db::connect(config).await?;
    if !db.is_ready().await? {
        bail!("the database is empty or of an older version; run `roster migrate` first");
    }
    Ok(db)
}

async fn run_jobs(config: Config, command: JobsCommand) -> Result<()> {
    let db = connect_to_tables(&config).await?;
    match command {
        JobsCommand::List { failed, limit } => {
            let jobs = queue::list(&db, failed, limit).await.context("jobs")?;
            print_jobs(&jobs)?;
        }
        JobsCommand::Retry(which) => {
            let count = jobs::retry(&db, which.into()).await.context("jobs")?;
            println!("{count} begin anew.");
        }
        JobsCommand::Discard(which) => {
            let count = jobs::discard(&db, which.into()).await.context("jobs")?;
            println!("{count} discarded.");
        }
    }
    Ok(())
}

async fn run_outbox(mut config: Config, command: OutboxCommand) -> Result<()> {
    connect_to_tables(&config).await?.close().await;
    config.demo = Some(false);
    config.database.migrate_on_start = false;
    let app = prepare(config).await?;
    match command {
        OutboxCommand::List { limit } => {
            let shards = outbox::deepest(&app.db, limit).await.context("outbox")?;
            print_shards(&shards)?;
        }
        OutboxCommand::Drain { all } => {
            if all {
                outbox::hasten(&app.db, clock::now()).await.context("outbox")?;
            }
            let drained = jobs::deliver::drain_due(&app).await.context("outbox")?;
            println!("{} shards delivered.", drained.delivered);
            if !drained.failed.is_empty() {
                let failed: Vec<_> = drained.failed.iter().map(ToString::to_string).collect();
                bail!("{} shards cannot be delivered: {}", failed.len(), failed.join(", "));
            }
        }
    }
    Ok(())
}

async fn run_audit(config: Config, command: AuditCommand) -> Result<()> {
    let AuditCommand::Export {
        organization,
        after,
        before,
    } = command;
    let db = connect_to_tables(&config).await?;
    let organization = match organization {
        Some(slug) => Some(
            domain::organization::id_of_slug(&db, &slug)
                .await
                .context("organizations")?
                .with_context(|| format!("there is no organization {slug}"))?,
        ),
        None => None,
    };
    let mut export = domain::audit::Export::new(organization, after, before);
    loop {
        let lines = export.next(&db).await.context("audit log")?;
        if lines.is_empty() {
            return Ok(());
        }
        match print_lines(&lines) {
            // Whoever reads has had enough.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(()),
            printed => printed?,
        }
    }
}

fn print_lines(lines: &[domain::audit::Line]) -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in lines {
        serde_json::to_writer(&mut out, line)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}

fn print_jobs(jobs: &[entity::job::Model]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{:>8}  {:<20} {:<8} {:>8}  {:<20}  LAST ERROR",
        "ID", "KIND", "STATUS", "ATTEMPTS", "DUE"
    )?;
    for job in jobs {
        writeln!(
            out,
            "{:>8}  {:<20} {:<8} {:>8}  {:<20}  {}",
            job.id.0,
            job.kind,
            format!("{:?}", job.status).to_lowercase(),
            job.attempts,
            job.due_at.format("%Y-%m-%dT%H:%M:%SZ"),
            job.last_error.as_deref().unwrap_or_default(),
        )?;
    }
    Ok(out.flush()?)
}

fn print_shards(shards: &[outbox::Depth]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{:<24} {:>8}  {:<20}  DUE", "SHARD", "ROWS", "SINCE")?;
    for depth in shards {
        let time = |time: DateTime<Utc>| time.format("%Y-%m-%dT%H:%M:%SZ");
        let shard = depth.shard.to_string();
        let due = if depth.due_at <= clock::now() {
            "now".to_owned()
        } else {
            time(depth.due_at).to_string()
        };
        writeln!(out, "{shard:<24} {:>8}  {:<20}  {due}", depth.rows, time(depth.since))?;
    }
    Ok(out.flush()?)
}

/// Tells a developer where to go. In production only the log says it.
fn announce(config: &Config, listener: &TcpListener) -> Result<()> {
    let address = listener.local_addr()?;
    tracing::info!(%address, mode = ?config.mode, version = env!("CARGO_PKG_VERSION"), "listening");
    if config.mode == Mode::Production {
        return Ok(());
    }
    let token = token::development(config, clock::now());
    let address = match config.tls.certificate_file {
        Some(_) => format!("https://{address}"),
        None => format!("http://{address}"),
    };
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "\nRoster runs in DEVELOPMENT mode: for trying out, not for real data.\n"
    )?;
    writeln!(out, "  Explorer  {address}/")?;
    if config.console.enabled {
        writeln!(out, "  Console   {address}/console/")?;
    }
    writeln!(out, "  GraphQL   {address}/graphql")?;
    if mailbox::is_served(config) {
        writeln!(out, "  Mailbox   {address}/dev/mail")?;
    }
    writeln!(out, "  Ready?    {address}/health/ready")?;
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

/// What signals ask for.
enum Signal {
    End,
    /// Read the configuration again.
    Reload,
}

/// The signals that we listen to.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::End,
            _ = self.interrupt.recv() => Signal::End,
            _ = self.hangup.recv() => Signal::Reload,
        }
    }
}

/// The signals that we listen to. There is none here that asks to reload.
#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) -> Signal {
        self.0.recv().await;
        Signal::End
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

fn check_schema(current: &str, file: &Path) -> Result<()> {
    let known = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
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
