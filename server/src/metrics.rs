//! Counters of a running server, without content, in the text form that Prometheus reads.

use std::fmt::Write;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// Counters of the server.
#[derive(Debug, Default)]
pub struct Metrics {
    connections: AtomicI64,
    connections_total: AtomicU64,
    commits: AtomicU64,
    changes: AtomicU64,
    commit_microseconds: AtomicU64,
    refusals: AtomicU64,
    signatures: AtomicU64,
    pages: AtomicU64,
}

impl Metrics {
    /// A socket was opened.
    pub fn connected(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
        self.connections_total.fetch_add(1, Ordering::Relaxed);
    }

    /// A socket was closed.
    pub fn disconnected(&self) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }

    /// Changes were written.
    pub fn committed(&self, changes: u64, took: Duration) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.changes.fetch_add(changes, Ordering::Relaxed);
        let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.commit_microseconds.fetch_add(microseconds, Ordering::Relaxed);
    }

    /// Changes were refused, so often.
    pub fn refused(&self, times: u64) {
        self.refusals.fetch_add(times, Ordering::Relaxed);
    }

    /// Signatures of entries were checked.
    pub fn checked(&self, signatures: u64) {
        self.signatures.fetch_add(signatures, Ordering::Relaxed);
    }

    /// A public page was made.
    pub fn page_made(&self) {
        self.pages.fetch_add(1, Ordering::Relaxed);
    }

    /// The counters as text.
    #[must_use]
    pub fn text(&self, open_documents: usize) -> String {
        let mut out = String::new();
        let mut line = |name: &str, kind: &str, value: String| {
            let _ = writeln!(out, "# TYPE tongban_{name} {kind}\ntongban_{name} {value}");
        };
        line("connections", "gauge", self.connections.load(Ordering::Relaxed).to_string());
        line("connections_total", "counter", self.connections_total.load(Ordering::Relaxed).to_string());
        line("open_documents", "gauge", open_documents.to_string());
        line("commits_total", "counter", self.commits.load(Ordering::Relaxed).to_string());
        line("changes_total", "counter", self.changes.load(Ordering::Relaxed).to_string());
        line(
            "commit_microseconds_total",
            "counter",
            self.commit_microseconds.load(Ordering::Relaxed).to_string(),
        );
        line("signatures_total", "counter", self.signatures.load(Ordering::Relaxed).to_string());
        line("pages_made_total", "counter", self.pages.load(Ordering::Relaxed).to_string());
        line("refusals_total", "counter", self.refusals.load(Ordering::Relaxed).to_string());
        out
    }
}
