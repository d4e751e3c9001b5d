//! `run` and `dev`: the product on this machine.

use crate::bundle::{self, Effort};
use crate::step::{execute, step};
use crate::tools;
use std::process::Command;

/// The options of `cargo xtask run`.
#[derive(clap::Args)]
pub struct RunOptions {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: String,
    /// The folder that holds the database
    #[arg(long, default_value = "data")]
    data: String,
    /// Start with an empty space instead of the demonstration
    #[arg(long)]
    empty: bool,
}

/// Builds everything and serves until interrupted.
pub fn run(options: &RunOptions) -> anyhow::Result<()> {
    let mut serve = Command::new(release()?);
    serve.args(["serve", "--listen", &options.listen, "--data", &options.data]);
    if !options.empty {
        serve.arg("--demo");
    }
    execute(&mut serve)
}

/// The program with the app inside; gives its path.
pub fn release() -> anyhow::Result<std::path::PathBuf> {
    let path = tools::for_the_app()?;
    bundle::build(&path, Effort::Full)?;
    step("the server", || {
        execute(Command::new("cargo").args([
            "build",
            "--release",
            "--package",
            "tongban-server",
            "--features",
            "embed-app",
        ]))
    })?;
    Ok(target_folder().join("release/tongban"))
}

/// The server with the app's files from Trunk's own live server in front of it.
pub fn dev() -> anyhow::Result<()> {
    let path = tools::for_the_app()?;
    step("the server", || execute(Command::new("cargo").args(["build", "--package", "tongban-server"])))?;
    let mut server = Command::new(target_folder().join("debug/tongban"))
        .args(["serve", "--demo", "--data", "data", "--allow-origin", "http://127.0.0.1:8081"])
        .spawn()?;
    let served = execute(Command::new("trunk").arg("serve").env("PATH", path));
    server.kill()?;
    server.wait()?;
    served
}

/// Cargo's target folder.
pub fn target_folder() -> std::path::PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), Into::into)
}
