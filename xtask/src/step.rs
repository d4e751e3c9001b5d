//! Named steps on the terminal, and commands that explain themselves when they fail.

use anyhow::{Context, bail};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Runs one named step and prints how long it took.
pub fn step<T>(name: &str, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    println!("==> {name}");
    let start = Instant::now();
    let result = work().with_context(|| format!("step \"{name}\" failed"));
    let mark = if result.is_ok() { "done" } else { "FAILED" };
    println!("    {mark}: {name} ({:.1} s)", start.elapsed().as_secs_f32());
    result
}

/// Runs a command with its output on the terminal; a failure names the command.
pub fn execute(command: &mut Command) -> anyhow::Result<()> {
    let shown = format!("{command:?}");
    leave_package_behind(command);
    let status = command.status().with_context(|| format!("cannot start {shown}"))?;
    if !status.success() {
        bail!("{shown} ended with {status}");
    }
    Ok(())
}

/// Runs a command, shows its standard output and returns it line by line.
pub fn execute_and_read(command: &mut Command) -> anyhow::Result<Vec<String>> {
    let shown = format!("{command:?}");
    leave_package_behind(command);
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start {shown}"))?;
    let output = child.stdout.take().context("standard output was asked for")?;
    let mut lines = Vec::new();
    for line in BufReader::new(output).lines() {
        let line = line?;
        println!("{line}");
        lines.push(line);
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("{shown} ended with {status}");
    }
    Ok(lines)
}

/// Cargo tells what it runs about its package. Build scripts that look at that would build again, and all
/// that stands on them, whenever a command from here follows one from elsewhere.
fn leave_package_behind(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let of_package = name
            .to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"));
        if of_package {
            command.env_remove(name);
        }
    }
}

/// The first line a command prints, or nothing when it is not there or fails.
pub fn first_line(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    if !output.status.success() {
        return None;
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().next().map(str::to_owned)
}
