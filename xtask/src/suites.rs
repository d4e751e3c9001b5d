//! `test`, `check` and `bench`: every suite by name, and a count of what each one ran.

use crate::bundle::{self, Effort};
use crate::step::{execute, execute_and_read, step};
use crate::{peers, serve, tools};
use anyhow::bail;
use std::process::Command;

/// The suites of `cargo test`; a run in which one of them ran nothing is a failure.
const SUITES: &[(&str, &[&str])] = &[
    ("unit tests", &["--package", "tongban-shared", "--package", "tongban-server", "--lib", "--bins"]),
    // With its version: automerge's own crate of that name is there as well.
    ("arena of values", &["--package", "hexane@1.0.0-alpha.5.1", "--lib"]),
    (
        "document and merge tests",
        &[
            "--package",
            "tongban-shared",
            "--test",
            "documents",
            "--test",
            "adopt",
            "--test",
            "revise",
            "--test",
            "three_way",
        ],
    ),
    (
        "import tests",
        &[
            "--package",
            "tongban-shared",
            "--test",
            "import",
            "--test",
            "import_lists",
            "--test",
            "import_cases",
            "--test",
            "import_units",
            "--test",
            "doubts",
        ],
    ),
    (
        "seed, wire and specification tests",
        &[
            "--package",
            "tongban-tests",
            "--test",
            "seeds",
            "--test",
            "wire",
            "--test",
            "spec",
            "--test",
            "sources",
            "--test",
            "limits",
        ],
    ),
    ("systems", &["--package", "tongban-tests", "--test", "systems"]),
    (
        "hostile bytes",
        &["--package", "tongban-fuzz", "--package", "tongban-tests", "--test", "corpus", "--test", "hostile"],
    ),
    ("views", &["--package", "tongban-tests", "--test", "views"]),
    ("desk", &["--package", "tongban-tests", "--test", "desk"]),
    (
        "office files",
        &[
            "--package",
            "tongban-office",
            "--package",
            "tongban-tests",
            "--lib",
            "--test",
            "office",
            "--test",
            "tables",
            "--test",
            "forms",
        ],
    ),
    ("simulation", &["--package", "tongban-tests", "--test", "simulation"]),
    ("store contract", &["--package", "tongban-tests", "--test", "store"]),
    ("real sockets", &["--package", "tongban-tests", "--test", "sockets"]),
    ("strangers over HTTP", &["--package", "tongban-tests", "--test", "strangers"]),
    (
        "trust, rights and attacks",
        &[
            "--package",
            "tongban-tests",
            "--test",
            "trust",
            "--test",
            "rights",
            "--test",
            "projects",
            "--test",
            "attack",
            "--test",
            "trail",
        ],
    ),
    ("a siege", &["--package", "tongban-tests", "--test", "siege"]),
    ("faults", &["--package", "tongban-tests", "--test", "faults"]),
    ("ways to sign in", &["--package", "tongban-tests", "--test", "sign_in"]),
    ("public pages and origins", &["--package", "tongban-tests", "--test", "machines"]),
    ("photos and files", &["--package", "tongban-tests", "--test", "files"]),
    (
        "several servers and processes",
        &[
            "--package",
            "tongban-tests",
            "--test",
            "servers",
            "--test",
            "processes",
            "--test",
            "damage",
            "--test",
            "backup",
            "--test",
            "previous",
        ],
    ),
];

/// The options of `cargo xtask test`.
#[derive(clap::Args)]
pub struct TestOptions {
    /// Only the suites whose name contains this word (a partial run never says "all suites")
    #[arg(long)]
    only: Option<String>,
}

/// Runs every suite; says at the end what each one ran.
pub fn test(options: &TestOptions) -> anyhow::Result<()> {
    let wanted = |name: &str| options.only.as_ref().is_none_or(|word| name.contains(word.as_str()));
    let mut counts: Vec<(String, usize)> = Vec::new();
    if wanted("format") || wanted("lints") {
        check(false)?;
    }
    if SUITES.iter().any(|(name, _)| wanted(name)) {
        step("the server", || {
            execute(Command::new("cargo").args(["build", "--quiet", "--package", "tongban-server"]))
        })?;
    }
    if wanted("store contract") || wanted("several servers and processes") {
        tools::for_the_database()?;
    }
    if wanted("faults") {
        tools::for_faults()?;
    }
    let office = if wanted("office files") { Some(tools::for_office_files()?) } else { None };
    for (name, arguments) in SUITES {
        if wanted(name) {
            let mut cargo = Command::new("cargo");
            cargo.envs(office.iter().map(|office| ("TONGBAN_SOFFICE", office)));
            let ran = step(name, || cargo_tests(&mut cargo, arguments))?;
            counts.push(((*name).to_owned(), ran));
        }
    }
    if wanted("browser tests") {
        let ran = browser_tests()?;
        counts.push(("browser tests".to_owned(), ran));
    }
    println!("\nSuites:");
    for (name, ran) in &counts {
        println!("    {name}: {ran} passed");
    }
    match counts.iter().find(|(_, ran)| *ran == 0) {
        Some((name, _)) => bail!("the suite \"{name}\" ran no test"),
        None if options.only.is_some() => println!("A partial run."),
        None => println!("All suites ran."),
    }
    Ok(())
}

/// Format and lints of every crate, and whether what we are built of may be; the app is looked at for
/// its own target with the browser tests.
pub fn check(advisories: bool) -> anyhow::Result<()> {
    step("format", || execute(Command::new("cargo").args(["fmt", "--all", "--check"])))?;
    step("lints", || {
        execute(Command::new("cargo").args(["clippy", "--quiet", "--all-targets", "--", "-D", "warnings"]))
    })?;
    let deny = step("cargo-deny", tools::for_licences)?;
    step("licences and sources", || {
        execute(Command::new(&deny).args(["--log-level", "error", "check", "licenses", "bans", "sources"]))
    })?;
    if !advisories {
        return Ok(());
    }
    step("advisories", || execute(Command::new(&deny).args(["check", "advisories"])))
}

/// The options of `cargo xtask bench`.
#[derive(clap::Args)]
pub struct BenchOptions {
    /// Servers to be put beside ours, of those in `../shared/peers`
    #[arg(long, value_delimiter = ',', default_value = "automerge-repo-2")]
    peers: Vec<String>,
    /// Our own figures only
    #[arg(long)]
    alone: bool,
    /// Nothing but 1,000 people on 300 boards, beside the peers; some minutes for each
    #[arg(long)]
    load: bool,
}

/// The benches, side by side with peers where they are present.
pub fn bench(options: &BenchOptions) -> anyhow::Result<()> {
    step("the server, optimised", || {
        execute(Command::new("cargo").args(["build", "--release", "--package", "tongban-server"]).args([
            "--package",
            "tongban-tests",
            "--bins",
        ]))
    })?;
    if options.load {
        return peers::load(&options.peers);
    }
    step("benches", || {
        execute(Command::new("cargo").args(["bench", "--package", "tongban-tests", "--benches"]))
    })?;
    let path = tools::for_the_app()?;
    tools::for_the_browser()?;
    bundle::build(&path, Effort::Full)?;
    for (name, script) in [
        ("first view, in a browser", "benches/first-view.mjs"),
        ("a vast board, in a browser", "benches/vast-view.mjs"),
    ] {
        step(name, || {
            let built = std::path::absolute(serve::target_folder().join("release"))?;
            execute(
                Command::new("node")
                    .current_dir("tests")
                    .arg(script)
                    .env("TONGBAN_PROGRAM", built.join("tongban"))
                    .env("TONGBAN_VAST_SPACE", built.join("vast-space"))
                    .env("PATH", &path),
            )
        })?;
    }
    if options.alone { Ok(()) } else { peers::compare(&options.peers) }
}

/// The options of `cargo xtask fuzz`.
#[derive(clap::Args)]
pub struct FuzzOptions {
    /// A folder of `fuzz/corpus`; all of them without it
    target: Option<String>,
    /// For each target
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

/// The targets of `fuzz`, each for a time; what breaks one is kept and named.
pub fn fuzz(options: &FuzzOptions) -> anyhow::Result<()> {
    let program = step("cargo-fuzz", tools::for_fuzzing)?;
    let mut targets: Vec<String> = std::fs::read_dir("fuzz/corpus")?
        .flatten()
        .map(|folder| folder.file_name().to_string_lossy().into_owned())
        .filter(|name| options.target.as_ref().is_none_or(|wanted| wanted == name))
        .collect();
    targets.sort();
    for target in &targets {
        // Reached inputs go to the cache; only one that broke something joins the kept corpus, by hand.
        let reached = tools::cache_folder()?.join("fuzz").join(target);
        std::fs::create_dir_all(&reached)?;
        step(target, || {
            execute(
                Command::new(&program)
                    .args(["fuzz", "run", "--fuzz-dir", "fuzz/libfuzzer", "any"])
                    .arg(&reached)
                    .arg(format!("fuzz/corpus/{target}"))
                    .args(["--", "-max_len=8192", "-rss_limit_mb=4096", "-timeout=20", "-verbosity=0"])
                    .arg(format!("-max_total_time={}", options.seconds))
                    .arg(format!("-artifact_prefix={}/broke-", reached.display()))
                    .env("TONGBAN_TARGET", target)
                    .env("RUSTUP_TOOLCHAIN", "nightly"),
            )
        })?;
    }
    Ok(())
}

/// Tests by `cargo`, the command so far; how many passed.
pub fn cargo_tests(cargo: &mut Command, arguments: &[&str]) -> anyhow::Result<usize> {
    let lines = execute_and_read(cargo.args(["test", "--quiet"]).args(arguments))?;
    let passed = lines.iter().filter_map(|line| {
        let counts = line.trim().strip_prefix("test result: ok. ")?;
        counts.split(' ').next()?.parse::<usize>().ok()
    });
    Ok(passed.sum())
}

fn browser_tests() -> anyhow::Result<usize> {
    let path = tools::for_the_app()?;
    tools::for_the_browser()?;
    step("lints of the app", || {
        execute(Command::new("cargo").args(["clippy", "--quiet", "--package", "tongban-app"]).args([
            "--target",
            "wasm32-unknown-unknown",
            "--",
            "-D",
            "warnings",
        ]))
    })?;
    bundle::build(&path, Effort::Light)?;
    step("the server", || execute(Command::new("cargo").args(["build", "--package", "tongban-server"])))?;
    step("browser tests", || {
        let program = std::path::absolute(serve::target_folder().join("debug/tongban"))?;
        let lines = execute_and_read(
            Command::new("npx")
                .current_dir("tests")
                .args(["playwright", "test"])
                .env("TONGBAN_PROGRAM", program)
                .env("PATH", &path),
        )?;
        let passed = lines.iter().filter_map(|line| {
            let (count, _) = line.trim().split_once(" passed")?;
            count.parse::<usize>().ok()
        });
        Ok(passed.sum())
    })
}
