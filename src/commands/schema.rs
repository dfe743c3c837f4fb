//! `roster schema`: what is served, for the tools of clients.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use roster::graphql;

/// Which schema, and what is done with it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// As a subgraph of a federated graph (Apollo Federation 2)
    #[arg(long)]
    federation: bool,
    /// Compare with this file instead, and fail if they differ.
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
}

/// Prints it, or compares it.
pub fn run(args: Args) -> Result<()> {
    let sdl = match args.federation {
        true => graphql::federation_sdl(),
        false => graphql::sdl(),
    };
    match args.check {
        Some(file) => check(&sdl, &file),
        None => Ok(std::io::stdout().write_all(sdl.as_bytes())?),
    }
}

fn check(current: &str, file: &Path) -> Result<()> {
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
