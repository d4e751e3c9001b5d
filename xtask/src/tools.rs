//! Installs what the build and the tests need and the machine lacks.
//!
//! Trunk and wasm-bindgen go to a folder of the user's cache, one per version, so that a
//! developer's own installations are left alone. A tool that cannot be installed is named in one line.

use crate::step::{execute, first_line, step};
use anyhow::{Context, bail};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The last Trunk that builds with the workspace's `rust-version`.
const TRUNK: &str = "0.21.14";

const CARGO_DENY: &str = "0.20.2";

const CARGO_FUZZ: &str = "0.13.2";

/// The folder of installed tools.
pub fn cache_folder() -> anyhow::Result<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .context("neither XDG_CACHE_HOME nor HOME is set")?;
    Ok(base.join("tongban"))
}

/// Everything that building the app needs; returns the PATH to build with.
pub fn for_the_app() -> anyhow::Result<OsString> {
    step("wasm32 target", wasm_target)?;
    let bindgen = locked_version("wasm-bindgen")?;
    let trunk = step("Trunk", || {
        cargo_tool("trunk", TRUNK, &["--locked", "--no-default-features", "--features", "rustls"])
    })?;
    let bindgen = step("wasm-bindgen-cli", || cargo_tool("wasm-bindgen-cli", &bindgen, &[]))?;
    step("npm packages", npm_packages)?;
    let node_tools = std::env::current_dir()?.join("tests/node_modules/.bin");
    let mut folders = vec![trunk, bindgen, node_tools];
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    Ok(std::env::join_paths(folders)?)
}

/// The program that looks at what we are built of.
pub fn for_licences() -> anyhow::Result<PathBuf> {
    Ok(cargo_tool("cargo-deny", CARGO_DENY, &["--locked"])?.join("cargo-deny"))
}

/// The program that runs libFuzzer, where there is a compiler for it.
pub fn for_fuzzing() -> anyhow::Result<PathBuf> {
    let nightly = first_line(Command::new("rustc").arg("--version").env("RUSTUP_TOOLCHAIN", "nightly"));
    nightly.context(
        "libFuzzer needs a nightly compiler (rustup toolchain install nightly); the tests mutate without one",
    )?;
    Ok(cargo_tool("cargo-fuzz", CARGO_FUZZ, &["--locked"])?.join("cargo-fuzz"))
}

/// Everything that the browser tests need beside the app.
pub fn for_the_browser() -> anyhow::Result<()> {
    step("Chromium, CJK fonts, nginx", || {
        let mut missing = Vec::new();
        if !Path::new("/usr/bin/chromium").exists() {
            missing.push("chromium");
        }
        missing.extend(missing_fonts());
        // The proxy of docs/deploy.md is run as it stands there, with a certificate made for it.
        for (program, package) in [("/usr/sbin/nginx", "nginx-light"), ("/usr/bin/openssl", "openssl")] {
            if !Path::new(program).exists() {
                missing.push(package);
            }
        }
        apt_install(&missing)
    })
}

/// The package of a font of Chinese, where there is none.
fn missing_fonts() -> Option<&'static str> {
    let fonts = first_line(Command::new("fc-list").arg(":lang=zh-cn"));
    fonts.is_none_or(|line| line.is_empty()).then_some("fonts-noto-cjk")
}

/// A word processor that opens what we write; gives its program.
pub fn for_office_files() -> anyhow::Result<PathBuf> {
    let program = PathBuf::from("/usr/bin/soffice");
    // Without a font of Chinese it writes PDFs that say nothing.
    step("LibreOffice and CJK fonts", || {
        let office = (!program.exists()).then_some("libreoffice-writer-nogui");
        apt_install(&office.into_iter().chain(missing_fonts()).collect::<Vec<_>>())
    })?;
    Ok(program)
}

/// The database of the tests that start one.
pub fn for_the_database() -> anyhow::Result<()> {
    let there = std::path::Path::new("/usr/lib/postgresql").is_dir();
    step("PostgreSQL", || if there { Ok(()) } else { apt_install(&["postgresql"]) })
}

/// The library that sets the clock of one program, for the tests of wrong clocks.
pub fn for_faults() -> anyhow::Result<()> {
    let there = Path::new("/usr/bin/faketime").exists();
    step("faketime", || if there { Ok(()) } else { apt_install(&["faketime"]) })
}

fn wasm_target() -> anyhow::Result<()> {
    if has_wasm_target() {
        return Ok(());
    }
    let added = Command::new("rustup").args(["target", "add", "wasm32-unknown-unknown"]).status();
    if added.is_ok_and(|status| status.success()) && has_wasm_target() {
        return Ok(());
    }
    println!("    rustup cannot fetch the target; building it from Debian's sources");
    wasm_target_from_debian()
}

fn has_wasm_target() -> bool {
    let Some(root) = first_line(Command::new("rustc").args(["--print", "sysroot"])) else {
        return false;
    };
    let lib = Path::new(&root).join("lib/rustlib/wasm32-unknown-unknown/lib");
    std::fs::read_dir(lib).is_ok_and(|mut files| files.next().is_some())
}

/// Debian ships rustc with the sources of std: std is built once and put beside Debian's rustc,
/// which rustup then knows as the toolchain `debian`.
fn wasm_target_from_debian() -> anyhow::Result<()> {
    apt_install(&["rustc-web", "cargo-web", "rust-web-src", "lld"])?;
    let work = cache_folder()?.join("wasm-std");
    std::fs::create_dir_all(work.join("src"))?;
    std::fs::write(
        work.join("Cargo.toml"),
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n",
    )?;
    std::fs::write(work.join("src/lib.rs"), "")?;
    execute(
        Command::new("/usr/bin/cargo")
            .current_dir(&work)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTC", "/usr/bin/rustc")
            .env("RUSTFLAGS", "-Cembed-bitcode=yes")
            .env_remove("CARGO_TARGET_DIR")
            .args(["build", "-Zbuild-std=std,panic_abort,proc_macro,test", "--release"])
            .args(["--target", "wasm32-unknown-unknown"]),
    )?;
    let library = Path::new("/usr/lib/rustlib/wasm32-unknown-unknown/lib");
    std::fs::create_dir_all(library)?;
    for file in std::fs::read_dir(work.join("target/wasm32-unknown-unknown/release/deps"))? {
        let file = file?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libempty") {
            std::fs::copy(&file, library.join(name))?;
        }
    }
    execute(Command::new("rustup").args(["toolchain", "link", "debian", "/usr"]))?;
    execute(Command::new("rustup").args(["override", "set", "debian"]))
}

/// Installs a crate's program into a folder named after its version, unless it is there.
fn cargo_tool(name: &str, version: &str, options: &[&str]) -> anyhow::Result<PathBuf> {
    let cache = cache_folder()?;
    let root = cache.join("tools").join(format!("{name}-{version}"));
    let program = root.join("bin").join(name.trim_end_matches("-cli"));
    let said = first_line(Command::new(&program).arg("--version"));
    if said.is_none_or(|line| !line.ends_with(version)) {
        println!("    installing {name} {version}; once per machine, some minutes");
        execute(
            Command::new("cargo")
                .args(["install", name, "--version", version, "--root"])
                .arg(&root)
                .args(options)
                .env("CARGO_TARGET_DIR", cache.join("tools-build"))
                .env("CARGO_PROFILE_RELEASE_LTO", "off")
                .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
                .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
        )?;
    }
    Ok(root.join("bin"))
}

/// The version of a package in `Cargo.lock`; wasm-bindgen's program must equal its library.
fn locked_version(package: &str) -> anyhow::Result<String> {
    let lock = std::fs::read_to_string("Cargo.lock")?;
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1).with_context(|| format!("{package} is not in Cargo.lock"))?;
    Ok(version.trim_start_matches("version = ").trim_matches('"').to_owned())
}

/// The npm packages of the tests, exactly as locked.
pub fn npm_packages() -> anyhow::Result<()> {
    let wanted = std::fs::read("tests/package-lock.json")?;
    let mark = Path::new("tests/node_modules/.installed");
    if std::fs::read(mark).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let npm = Command::new("npm")
        .current_dir("tests")
        // Not `npm ci`: it refuses a lock file that lacks the binaries of other machines.
        .args(["install", "--no-save", "--omit=optional", "--no-audit", "--no-fund", "--ignore-scripts"])
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
        .status()
        .context("npm is missing: install Node.js 20 or newer with npm")?;
    if !npm.success() {
        bail!("npm could not install the packages of tests/package-lock.json");
    }
    Ok(std::fs::write(mark, wanted)?)
}

fn apt_install(packages: &[&str]) -> anyhow::Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let missing = packages.join(" ");
    let root = first_line(Command::new("id").arg("-u")).is_some_and(|id| id == "0");
    if !root || first_line(Command::new("apt-get").arg("--version")).is_none() {
        bail!("missing, and cannot be installed from here: {missing} (as root: apt-get install {missing})");
    }
    execute(Command::new("apt-get").args(["update", "-q"]))?;
    execute(
        Command::new("apt-get")
            .args(["install", "-y", "-q", "--no-install-recommends"])
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )
}
