//! The client of the version before this one, against the server of this tree.

use crate::step::{execute, execute_and_read, step};
use crate::{serve, suites};
use anyhow::{Context, bail};
use std::process::Command;

/// The suites over real sockets as that version has them: who wrote them knew nothing of what came since.
const SUITES: &[&str] = &["--package", "tongban-tests", "--test", "sockets", "--test", "trust"];

/// Runs them in a working tree of their own, which is kept for the next time.
///
/// # Errors
/// When the revision is not in this clone, or a test fails.
pub fn previous(revision: Option<&str>) -> anyhow::Result<()> {
    // The tools with which `tests/previous` was recorded.
    let recorded = std::fs::read_to_string("tests/previous/revision")?;
    let wanted = format!("{}^{{commit}}", revision.unwrap_or(recorded.trim()));
    let found = execute_and_read(Command::new("git").args(["rev-parse", "--verify", &wanted]))?;
    let revision = found.last().context("no such revision")?.as_str();
    let target = std::path::absolute(serve::target_folder())?;
    let tree = target.join("previous").join(revision);
    if !tree.exists() {
        step(&format!("the tree of {revision}"), || {
            execute(Command::new("git").args(["worktree", "prune"]))?;
            execute(Command::new("git").args(["worktree", "add", "--detach"]).arg(&tree).arg(revision))
        })?;
    }
    // Tests start the program beside their own folder: it must be that of this tree.
    step("the server", || {
        execute(Command::new("cargo").args(["build", "--quiet", "--package", "tongban-server"]))
    })?;
    let passed = step("its client against this server", || {
        suites::cargo_tests(Command::new("cargo").current_dir(&tree).env("CARGO_TARGET_DIR", &target), SUITES)
    })?;
    if passed == 0 {
        bail!("no test ran");
    }
    println!("    {passed} passed");
    Ok(())
}
