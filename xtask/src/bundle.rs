//! Builds the app with Trunk and finishes the folder: the service worker's list of files and a
//! compressed copy beside each file.

use crate::serve;
use crate::step::{execute, first_line, step};
use anyhow::Context;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

/// The folder that Trunk writes and the server serves.
const FOLDER: &str = "app/dist";

/// The options of wasm-opt.
const OPTIMISE: [&str; 7] = [
    "-Oz",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// How much work goes into a small download.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// For the tests: quick to build.
    Light,
    /// For people: small to load.
    Full,
}

/// Builds the app into `app/dist`.
pub fn build(path: &OsStr, effort: Effort) -> anyhow::Result<()> {
    let profile = match effort {
        Effort::Light => "wasm-test",
        Effort::Full => "wasm-release",
    };
    let before = times(Path::new(FOLDER)).unwrap_or_default();
    // Copies of an earlier build must not outlive it.
    let _ = std::fs::remove_dir_all(FOLDER);
    step("the app (Trunk)", || {
        execute(
            Command::new("trunk")
                .args(["build", "--cargo-profile", profile, "--skip-version-check"])
                .env("PATH", path)
                .env_remove("NO_COLOR"),
        )
    })?;
    step("the office worker", || office_worker(path, profile))?;
    if effort == Effort::Full {
        step("smaller wasm (wasm-opt)", || optimise(path))?;
    }
    step("service worker and compressed copies", || finish(effort))?;
    keep_times(&before)
}

/// The content of a folder's files, with their times.
type Times = BTreeMap<PathBuf, (Vec<u8>, SystemTime)>;

fn times(folder: &Path) -> anyhow::Result<Times> {
    let mut found = Times::new();
    for file in all_files(folder)? {
        let hash = Sha256::digest(std::fs::read(&file)?).to_vec();
        let since = file.metadata()?.modified()?;
        found.insert(file, (hash, since));
    }
    Ok(found)
}

/// Files that came out as they were keep their time: the program that holds them is not built again.
fn keep_times(before: &Times) -> anyhow::Result<()> {
    for (file, (hash, _)) in times(Path::new(FOLDER))? {
        if let Some((_, since)) = before.get(&file).filter(|(known, _)| *known == hash) {
            std::fs::File::options().write(true).open(&file)?.set_modified(*since)?;
        }
    }
    Ok(())
}

/// The worker for office files stands beside the app; the page names it. Trunk gives workers of other
/// crates no place of their own.
fn office_worker(path: &OsStr, profile: &str) -> anyhow::Result<()> {
    let target = "wasm32-unknown-unknown";
    execute(
        Command::new("cargo")
            .args(["build", "--quiet", "--package", "tongban-office", "--bin", "office-worker"])
            .args(["--target", target, "--profile", profile]),
    )?;
    let built = serve::target_folder().join(target).join(profile).join("office-worker.wasm");
    execute(
        Command::new("wasm-bindgen")
            .args(["--target", "no-modules", "--no-typescript", "--out-name", "office", "--out-dir", FOLDER])
            .arg(built)
            .env("PATH", path),
    )
}

/// Gives the office worker names of its content and writes them where they are asked for: an address
/// never stands for the files of two builds.
fn name_office_worker(folder: &Path) -> anyhow::Result<()> {
    let module = named_by_content(folder, "office_bg.wasm", "office", "_bg.wasm")?;
    let script = folder.join("office.js");
    let glue = std::fs::read_to_string(&script)?;
    // A module that does not come is told to the page, which would wait for it.
    let start = format!(
        "wasm_bindgen({{ module_or_path: \"/{module}\" }}).catch((error) => setTimeout(() => {{ throw error; }}));"
    );
    std::fs::write(&script, format!("{glue}\n{start}\n"))?;
    let script = named_by_content(folder, "office.js", "office", ".js")?;
    let page = folder.join("index.html");
    let written = std::fs::read_to_string(&page)?;
    let named = written.replace("/office-worker.js", &format!("/{script}"));
    anyhow::ensure!(named != written, "the page has no place for the office worker's name");
    Ok(std::fs::write(page, named)?)
}

/// Renames a file to `BEGIN-HASHEND`; gives the new name.
fn named_by_content(folder: &Path, file: &str, begin: &str, end: &str) -> anyhow::Result<String> {
    let name = format!("{begin}-{}{end}", short_hash(&std::fs::read(folder.join(file))?));
    std::fs::rename(folder.join(file), folder.join(&name))?;
    Ok(name)
}

/// The first 16 digits of a SHA-256, as names of files carry them.
fn short_hash(content: &[u8]) -> String {
    hex(&Sha256::digest(content)[..8])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn optimise(path: &OsStr) -> anyhow::Result<()> {
    let version = first_line(Command::new("wasm-opt").arg("--version").env("PATH", path)).unwrap_or_default();
    let asked = format!("{version} {}", OPTIMISE.join(" "));
    for file in files(Path::new(FOLDER))? {
        if file.extension().is_some_and(|ending| ending == "wasm") {
            let content = std::fs::read(&file)?;
            let smaller = once(&[asked.as_bytes(), &content], |kept| {
                execute(
                    Command::new("wasm-opt").args(OPTIMISE).arg("-o").arg(kept).arg(&file).env("PATH", path),
                )
            })?;
            std::fs::write(&file, smaller)?;
        }
    }
    Ok(())
}

/// Makes a slow file once for the same bytes and keeps it in the target folder: a start with nothing changed
/// is a short one. `make` writes the file that it is given.
fn once(of: &[&[u8]], make: impl FnOnce(&Path) -> anyhow::Result<()>) -> anyhow::Result<Vec<u8>> {
    let hash: String =
        Sha256::digest(of.join(&0_u8)).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let folder = serve::target_folder().join("finished");
    let kept = folder.join(&hash);
    if !kept.exists() {
        std::fs::create_dir_all(&folder)?;
        forget_old(&folder)?;
        // Under its name only when it is whole.
        let half = folder.join(format!("{hash}.{}", std::process::id()));
        let made = make(&half).and_then(|()| Ok(std::fs::rename(&half, &kept)?));
        if made.is_err() {
            // There may be none.
            let _ = std::fs::remove_file(&half);
        }
        made?;
    }
    Ok(std::fs::read(kept)?)
}

/// Files that were made more than a month ago are made again if they are still asked for.
fn forget_old(folder: &Path) -> anyhow::Result<()> {
    const MONTH: Duration = Duration::from_secs(30 * 24 * 3600);
    for file in std::fs::read_dir(folder)?.flatten() {
        let age = file.metadata()?.modified()?.elapsed().unwrap_or_default();
        if age > MONTH {
            std::fs::remove_file(file.path())?;
        }
    }
    Ok(())
}

fn finish(effort: Effort) -> anyhow::Result<()> {
    let folder = Path::new(FOLDER);
    start_script_apart(folder)?;
    name_office_worker(folder)?;
    let worker = std::fs::read_to_string("public/sw.js")?;
    // Another worker is another build as well.
    let mut hash = Sha256::new_with_prefix(&worker);
    let mut list = Vec::new();
    for file in files(folder)? {
        let name = file.strip_prefix(folder)?.to_string_lossy().into_owned();
        let content = hex(&Sha256::digest(std::fs::read(&file)?));
        hash.update(format!("{name} {content}\n"));
        list.push(format!("\"/{name}\": \"{content}\""));
    }
    let worker = worker
        .replace("__BUILD__", &hex(&hash.finalize()[..8]))
        .replace("{ \"__FILES__\": \"\" }", &format!("{{\n  {},\n}}", list.join(",\n  ")));
    std::fs::write(folder.join("sw.js"), worker)?;
    for file in files(folder)? {
        compress(&file, effort).with_context(|| format!("cannot compress {}", file.display()))?;
    }
    Ok(())
}

/// Trunk writes the start script into the page; pages with scripts of their own need a looser
/// policy than ours, so it becomes a file.
fn start_script_apart(folder: &Path) -> anyhow::Result<()> {
    let page = std::fs::read_to_string(folder.join("index.html"))?;
    let Some(open) = page.find("<script type=\"module\"") else { return Ok(()) };
    let start = page[open..].find('>').map(|at| open + at + 1).context("an open script tag")?;
    let end = page[start..].find("</script>").map(|at| start + at).context("an unclosed script")?;
    let script = page[start..end].trim();
    let name = format!("start-{}.js", short_hash(script.as_bytes()));
    std::fs::write(folder.join(&name), script)?;
    let tag = format!("<script type=\"module\" src=\"/{name}\">");
    let page = format!("{}{tag}{}", &page[..open], &page[end..]);
    Ok(std::fs::write(folder.join("index.html"), page)?)
}

fn compress(file: &Path, effort: Effort) -> anyhow::Result<()> {
    let packed_already = ["png", "ico", "br", "gz"].map(OsStr::new);
    if file.extension().is_none_or(|ending| packed_already.contains(&ending)) {
        return Ok(());
    }
    let content = std::fs::read(file)?;
    let quality = if effort == Effort::Full { 11 } else { 4 };
    let brotli = once(&[b"brotli", &[u8::try_from(quality)?], &content], |kept| {
        // In memory: what the last of it meets on a full disk would go unheard.
        let mut packed = Vec::new();
        brotli::CompressorWriter::new(&mut packed, 1 << 16, quality, 22).write_all(&content)?;
        Ok(std::fs::write(kept, packed)?)
    })?;
    std::fs::write(with_ending(file, "br"), brotli)?;
    let gzip = std::fs::File::create(with_ending(file, "gz"))?;
    let mut gzip = flate2::write::GzEncoder::new(gzip, flate2::Compression::new(quality.min(9)));
    gzip.write_all(&content)?;
    gzip.finish()?;
    Ok(())
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// The files below a folder, in a fixed order, compressed copies left out.
fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let is_copy = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "br" || ending == "gz");
    Ok(all_files(folder)?.into_iter().filter(|path| !is_copy(path)).collect())
}

fn all_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
