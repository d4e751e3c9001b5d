//! A PostgreSQL of a test's own: Debian's package, a cluster in a folder, on a port of its choice.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The port of the cluster in which the servers of tests keep their data, where it is set (`on-postgres`).
pub const CLUSTER: &str = "TONGBAN_TEST_CLUSTER";

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running cluster; it is stopped and its folder removed with it.
pub struct Postgres {
    folder: tempfile::TempDir,
    programs: PathBuf,
    port: u16,
    next: std::sync::atomic::AtomicU32,
}

impl Postgres {
    /// Starts a cluster.
    ///
    /// # Panics
    /// When PostgreSQL is not installed (`cargo xtask test` installs it) or does not start.
    #[must_use]
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("a folder: {error}"));
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let port = port.unwrap_or_else(|error| panic!("a port: {error}")).port();
        let one = Self { folder, programs: programs(), port, next: Default::default() };
        if is_root() {
            // It refuses to run as root: the folder belongs to its own user.
            run(Command::new("chown").arg("postgres").arg(one.folder.path()));
        }
        let data = one.data();
        run(one
            .command("initdb")
            .args(["--auth=trust", "--username=tongban", "--encoding=UTF8", "-D"])
            .arg(&data));
        one.up();
        one
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        if !is_root() {
            return Command::new(program);
        }
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program).current_dir("/");
        command
    }

    /// Starts it, after it was taken down.
    ///
    /// # Panics
    /// When it does not start.
    pub fn up(&self) {
        let options = format!("-h 127.0.0.1 -p {} -k {}", self.port, self.folder.path().display());
        let log = self.folder.path().join("data").join("log.txt");
        run(self
            .command("pg_ctl")
            .arg("start")
            .arg("-D")
            .arg(self.data())
            .arg("-l")
            .arg(log)
            .args(["-o", &options]));
        let begun = Instant::now();
        while self.psql("postgres", "select 1").is_err() {
            assert!(begun.elapsed() < PATIENCE, "PostgreSQL did not start");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Takes it down as a power cut would.
    pub fn down(&self) {
        let _ = self
            .command("pg_ctl")
            .args(["stop", "-m", "immediate", "-D"])
            .arg(self.data())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }

    /// A new database; gives its address.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn database(&self) -> String {
        let number = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = format!("tongban{number}");
        let made = self.psql("postgres", &format!("create database {name}"));
        made.unwrap_or_else(|error| panic!("a database: {error}"));
        format!("postgres://tongban@127.0.0.1:{}/{name}", self.port)
    }

    /// Runs a statement.
    ///
    /// # Errors
    /// What PostgreSQL said.
    pub fn psql(&self, database: &str, statement: &str) -> Result<String, String> {
        psql(&self.programs, &self.port.to_string(), database, statement)
    }

    /// The port on which it listens.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }
}

fn psql(programs: &Path, port: &str, database: &str, statement: &str) -> Result<String, String> {
    let output = Command::new(programs.join("psql"))
        .args(["-h", "127.0.0.1", "-U", "tongban", "-At", "-c", statement, "-p", port, database])
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// The place of a server's data: its folder, or the database for that folder in the cluster of [`CLUSTER`].
///
/// # Panics
/// When the database cannot be made.
#[must_use]
pub fn place_of(folder: &Path) -> PathBuf {
    let Ok(port) = std::env::var(CLUSTER) else { return folder.to_owned() };
    let words = folder.to_string_lossy();
    if words.starts_with("postgres:") {
        return folder.to_owned();
    }
    let letters = words.chars().filter(char::is_ascii_alphanumeric);
    let name: String = "at_".chars().chain(letters.flat_map(char::to_lowercase)).collect();
    let found =
        psql(&programs(), &port, "postgres", &format!("select 1 from pg_database where datname = '{name}'"));
    if found.as_deref() != Ok("1") {
        let made = psql(&programs(), &port, "postgres", &format!("create database {name}"));
        made.unwrap_or_else(|error| panic!("a database: {error}"));
    }
    format!("postgres://tongban@127.0.0.1:{port}/{name}").into()
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.down();
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

/// The folder of Debian's newest version.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql");
    let mut found: Vec<PathBuf> = versions
        .into_iter()
        .flatten()
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .filter(|folder: &PathBuf| Path::new(folder).join("initdb").exists())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| panic!("PostgreSQL is not installed (apt-get install postgresql)"))
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {words}");
}
