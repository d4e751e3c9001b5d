//! Our server and a peer's, driven by the same bench one after the other; figures as ratios.
//!
//! The bench is the peers' own (`../shared/peers`), which a clone alone does not have: then
//! nothing is compared, and that is said.

use crate::step::{execute, execute_and_read, step};
use crate::{serve, tools};
use anyhow::Context;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The compared figures: the name in the bench's output, and its meaning. Less is better.
const FIGURES: &[(&str, &str)] = &[
    ("/seedSeenByStrangerMs", "board written, read by a stranger, ms"),
    ("/freshClientMs/median", "a client with nothing stored opens it, ms"),
    ("/freshClientBytes/down", "bytes that it is sent"),
    ("/editSeenMs/p50", "an edit until another sees it, p50 ms"),
    ("/editSeenMs/p95", "an edit until another sees it, p95 ms"),
    ("/fanOutLastSeenMs/p50", "until the last of ten sees it, p50 ms"),
    ("/fanOutServerCpuMsPerEdit", "server CPU per such an edit, ms"),
    ("/rssWithClients/mib", "server memory with clients, MiB"),
    ("/rssPeak", "server memory at most, MiB"),
    ("/coldFirstClientMs", "first client after a restart, ms"),
    ("/diskBytesEnd", "bytes on disk"),
    ("/kill9/editsSeenByOthersButLost", "edits lost by kill -9 after another saw them"),
];

/// The same of the load: many people on many boards (`tests/benches/load.mjs`).
const LOAD: &[(&str, &str)] = &[
    ("/realistic/p50", "17 edits a second: until another sees it, p50 ms"),
    ("/realistic/p99", "the same, p99 ms"),
    ("/realistic/serverCpuMsPerEdit", "the same, server CPU per edit, ms"),
    ("/flood/p50", "50 boards without a pause: p50 ms"),
    ("/flood/p99", "the same, p99 ms"),
    ("/flood/serverCpuMsPerEdit", "the same, server CPU per edit, ms"),
    ("/editsNotSeen", "edits that nobody saw within 20 s"),
    ("/seenButLostByKill", "boards that lost a seen edit by kill -9, of 50"),
    ("/clientsOpenedMs", "700 clients open their boards, ms"),
    ("/clientsOpenedServerCpuMs", "the same, server CPU, ms"),
    ("/idleCpuPercent", "server CPU with 1,000 idle clients, %"),
    ("/memoryPerIdleClientKiB", "memory per idle client, KiB"),
    ("/memoryPerBoardKiB", "memory per open board, KiB"),
    ("/memoryPeakMiB", "server memory at most, MiB"),
    ("/startWithStoredMs", "start with 10,000 boards stored, ms"),
    ("/firstBoardAfterStartMs", "the same until the first board is read, ms"),
    ("/memoryWithStoredMiB", "memory after that, MiB"),
];

/// Runs the bench on our server and on each peer named.
pub fn compare(peers: &[String]) -> anyhow::Result<()> {
    side_by_side(peers, "server-bench.mjs", FIGURES)
}

/// Runs the load on our server over our own protocol, then over automerge-repo's and on each peer named;
/// takes some minutes for each.
pub fn load(peers: &[String]) -> anyhow::Result<()> {
    step("tongban, over its own protocol", || {
        execute(&mut Command::new(std::path::absolute(serve::target_folder().join("release/crowd"))?))
    })?;
    side_by_side(peers, "load.mjs", LOAD)
}

fn side_by_side(peers: &[String], script: &str, figures: &[(&str, &str)]) -> anyhow::Result<()> {
    let source = Path::new("../shared/peers");
    if !source.join("server-bench.mjs").exists() {
        println!("    skipped: no peers beside this tree (../shared/peers)");
        return Ok(());
    }
    tools::npm_packages()?;
    let folder = std::path::absolute(serve::target_folder().join("peers"))?;
    std::fs::create_dir_all(&folder)?;
    execute(Command::new("cp").arg("-r").arg(source.join(".")).arg(&folder))?;
    std::fs::copy("tests/benches/load.mjs", folder.join("load.mjs"))?;
    let ours = folder.join("tongban");
    if !ours.exists() {
        std::os::unix::fs::symlink(std::path::absolute("tests/benches/tongban")?, &ours)?;
    }
    let ours = step("tongban", || bench(&folder, script, "tongban"))?;
    for peer in peers {
        let there = folder.join(peer);
        step(&format!("packages of {peer}"), || {
            execute(Command::new("npm").current_dir(&there).args([
                "install",
                "--no-audit",
                "--no-fund",
                "--silent",
            ]))
        })?;
        let theirs = step(peer, || bench(&folder, script, peer))?;
        print(peer, &ours, &theirs, figures);
    }
    Ok(())
}

fn bench(folder: &PathBuf, script: &str, name: &str) -> anyhow::Result<Value> {
    let program = std::path::absolute(serve::target_folder().join("release/tongban"))?;
    let lines = execute_and_read(
        Command::new("node").current_dir(folder).args([script, name]).env("TONGBAN_PROGRAM", program),
    )?;
    let begin = lines.iter().rposition(|line| line == "{").context("the bench printed no figures")?;
    let figures: Value = serde_json::from_str(&lines[begin..].join("\n"))?;
    if let Some(error) = figures.get("error") {
        println!("    {name} did not come to its end: {error}");
    }
    Ok(figures)
}

fn print(peer: &str, ours: &Value, theirs: &Value, figures: &[(&str, &str)]) {
    println!("\n{:<46} {:>12} {:>18} {:>8}", "", "tongban", peer, "ratio");
    for (path, meaning) in figures {
        let number = |of: &Value| of.pointer(path).and_then(Value::as_f64);
        let (Some(ours), Some(theirs)) = (number(ours), number(theirs)) else { continue };
        let ratio = if theirs > 0.0 { format!("{:.2}", ours / theirs) } else { "—".to_owned() };
        println!("{meaning:<46} {ours:>12.1} {theirs:>18.1} {ratio:>8}");
    }
    println!();
}
