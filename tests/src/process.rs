//! The real program as a child process, killed and started again on one folder.

use crate::postgres::place_of;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};
use tongban_server::store::Database;

/// The path at which cargo has put `tongban`: beside the test's own program, or beside the folder of that.
///
/// # Panics
/// When the test does not know where it is.
#[must_use]
pub fn program() -> PathBuf {
    let here = std::env::current_exe().unwrap_or_else(|error| panic!("the test's own path: {error}"));
    let places: Vec<PathBuf> =
        here.ancestors().skip(1).take(2).map(|folder| folder.join("tongban")).collect();
    let there = places.iter().find(|place| place.exists()).or(places.last());
    there.cloned().unwrap_or_else(|| panic!("target folder"))
}

/// Runs a command of the program over a data folder; gives what it printed.
///
/// # Panics
/// When it fails.
pub async fn tongban(data: &Path, arguments: &[&str]) -> String {
    tongban_under(data, arguments, &[]).await
}

/// The same with further words in its environment.
///
/// # Panics
/// When it fails.
pub async fn tongban_under(data: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(program());
    command.envs(environment.iter().copied());
    let output = command.args(arguments).env("TONGBAN_DATA", place_of(data)).output().await;
    let output = output.unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
    let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{arguments:?}: {}{}", words(&output.stdout), words(&output.stderr));
    words(&output.stdout).trim().to_owned()
}

/// A running server.
pub struct Process {
    child: Child,
    log: tokio::task::JoinHandle<String>,
    pub address: String,
}

impl Process {
    /// Starts the program over a folder, with the demonstration, on a port of its own choice.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(data: &Path) -> Self {
        Self::start_with(data, &["--demo", "--listen", "127.0.0.1:0"]).await
    }

    /// The same for a crowd that signs in as one account.
    pub async fn start_for_a_crowd(data: &Path) -> Self {
        let options = ["--demo", "--listen", "127.0.0.1:0", "--sockets-of-an-account", "100000"];
        Self::start_with(data, &options).await
    }

    /// The same with options of one's own.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_with(data: &Path, options: &[&str]) -> Self {
        Self::start_under(data, options, &[]).await
    }

    /// The same with further words in its environment.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_under(data: &Path, options: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = Command::new(program());
        command.envs(environment.iter().copied());
        Self::spawn(command, data, options, true).await
    }

    /// The same with a log that nobody reads, and that has room for a few lines.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_unread(data: &Path, options: &[&str]) -> Self {
        let mut command = Command::new("sh");
        // The system holds 64 KiB of a pipe.
        command.arg("-c").arg("head -c 65024 /dev/zero >&2; exec \"$0\" \"$@\"").arg(program());
        Self::spawn(command, data, options, false).await
    }

    async fn spawn(mut command: Command, data: &Path, options: &[&str], is_read: bool) -> Self {
        let mut child = command
            .arg("serve")
            .args(options)
            .arg("--data")
            .arg(place_of(data))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{} starts (cargo build --package tongban-server): {error}", program().display())
            });
        let mut said = child.stderr.take().unwrap_or_else(|| panic!("standard error"));
        let log = tokio::spawn(async move {
            let mut log = Vec::new();
            if is_read {
                let _ = said.read_to_end(&mut log).await;
            } else {
                std::future::pending::<()>().await;
            }
            String::from_utf8_lossy(&log).into_owned()
        });
        let output = child.stdout.take().unwrap_or_else(|| panic!("standard output"));
        let mut lines = BufReader::new(output).lines();
        let address = loop {
            let line = lines
                .next_line()
                .await
                .ok()
                .flatten()
                .unwrap_or_else(|| panic!("the server ended at its start"));
            if let Some((_, address)) = line.split_once("http://") {
                break address.trim().to_owned();
            }
        };
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { child, log, address }
    }

    /// Its number with the system.
    ///
    /// # Panics
    /// When it has ended.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id().unwrap_or_else(|| panic!("a running server"))
    }

    /// SIGTERM: gives how long it took to end.
    ///
    /// # Panics
    /// When it goes on for longer than `most`.
    pub async fn terminate(mut self, most: Duration) -> Duration {
        let (start, id) = (Instant::now(), self.id().to_string());
        let told = Command::new("kill").args(["-TERM", &id]).status().await;
        assert!(told.is_ok_and(|status| status.success()), "SIGTERM");
        let ended = tokio::time::timeout(most, self.child.wait()).await;
        assert!(ended.is_ok(), "the program goes on after {most:?}");
        start.elapsed()
    }

    /// Ends it; gives what it wrote to its log.
    pub async fn log(mut self) -> String {
        let _ = self.child.kill().await;
        self.log.await.unwrap_or_default()
    }

    /// SIGKILL: no chance to write anything.
    pub async fn kill(mut self) {
        let _ = self.child.kill().await;
        let _ = self.child.wait().await;
    }
}

/// As if every session had last been used so many seconds earlier.
///
/// # Panics
/// When the database cannot be written.
pub async fn age_sessions(folder: &Path, seconds: i64) {
    alter(folder, format!("update session set last_seen = last_seen - {seconds}")).await;
}

/// Changes the database itself, as somebody with access to its file could.
///
/// # Panics
/// When the database cannot be written.
pub async fn alter(folder: &Path, statement: impl Into<String>) {
    let place = place_of(folder);
    let place = place.to_str().and_then(|place| place.parse().ok());
    let store = Database::open(&place.unwrap_or_else(|| panic!("a place"))).await;
    let store = store.unwrap_or_else(|error| panic!("{error}"));
    let altered = sqlx::query(sqlx::AssertSqlSafe(statement.into())).execute(store.writer()).await;
    altered.unwrap_or_else(|error| panic!("{error}"));
    store.close().await;
}
