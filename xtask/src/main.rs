//! `cargo xtask`: the two commands of the README and their kin.
//!
//! `run` and `test` install what is missing (`tools.rs`), build the app (`bundle.rs`) and the
//! server, and start it or run every suite (`suites.rs`). Each step has a name and says how long
//! it took (`step.rs`).
#![forbid(unsafe_code)]

mod bundle;
mod peers;
mod previous;
mod serve;
mod step;
mod suites;
mod tools;

use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Build, run and test Tongban.
#[derive(Parser)]
#[command(name = "cargo xtask", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the app and the server, start it on http://127.0.0.1:8080 with a demonstration space
    Run(serve::RunOptions),
    /// Run all suites: format, lints, unit, simulation, property, store, sockets, browser
    Test(suites::TestOptions),
    /// Format, lints and what we are built of; quick enough for every save
    Check {
        /// Known weaknesses of what we are built of as well; fetches the advisory database
        #[arg(long)]
        advisories: bool,
    },
    /// Measure load, edit, merge, fold, import, sockets and first view; beside peers where present
    Bench(suites::BenchOptions),
    /// Hostile bytes, guided by what they reach; needs a nightly compiler
    Fuzz(suites::FuzzOptions),
    /// The client of an earlier version against the server of this tree
    Previous {
        /// A commit of this clone; without it the one that `tests/previous` was recorded with
        revision: Option<String>,
    },
    /// The app into `app/dist`, and nothing else
    App {
        /// Quick to build instead of small to load
        #[arg(long)]
        light: bool,
    },
    /// The program for other machines, with the app inside; prints where it is
    Release,
    /// The server and `trunk serve` together, with live reload on http://127.0.0.1:8081
    Dev,
}

fn main() -> anyhow::Result<()> {
    std::env::set_current_dir(project_root())?;
    match Cli::parse().command {
        Command::Run(options) => serve::run(&options),
        Command::Test(options) => suites::test(&options),
        Command::Check { advisories } => suites::check(advisories),
        Command::Bench(options) => suites::bench(&options),
        Command::Fuzz(options) => suites::fuzz(&options),
        Command::Previous { revision } => previous::previous(revision.as_deref()),
        Command::App { light } => {
            let effort = if light { bundle::Effort::Light } else { bundle::Effort::Full };
            bundle::build(&tools::for_the_app()?, effort)
        }
        Command::Release => {
            println!("{}", serve::release()?.display());
            Ok(())
        }
        Command::Dev => serve::dev(),
    }
}

/// The folder that holds the workspace's `Cargo.toml`. Asked of cargo at run time: clones that
/// share a target folder share this program, and each must work on its own tree.
fn project_root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("xtask"), PathBuf::from);
    here.parent().map_or(here.clone(), PathBuf::from)
}
