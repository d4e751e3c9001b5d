//! Syncing, without input or output: frames in, frames out.
//!
//! The wire is automerge-repo's WebSocket protocol, version "1", as spoken ([`frame`]). Our app
//! and server select a second version in the same handshake, [`VERSION_TONGBAN`], and only then
//! use the frames that it adds: durable acknowledgement, coded refusal, rights, fragments.
//!
//! - [`room`]: the server's side of one document and all who have it open
//! - [`link`]: a device's side of one connection and all its documents
//! - [`message`]: sync messages of others, looked at before they are gone by
//! - [`fragment`]: frames that are larger than a message may be
//! - [`patience`]: waits between connections
//!
//! Every connection begins with a fresh state; no frame is dropped silently: a document of which something
//! cannot be taken is left out by name, and whoever cannot go on at all says so and closes.

pub mod fragment;
pub mod frame;
pub mod link;
pub mod message;
pub mod patience;
pub mod room;

/// The protocol of automerge-repo.
pub const VERSION_AUTOMERGE_REPO: &str = "1";

/// The protocol of our own app, a superset of the former.
pub const VERSION_TONGBAN: &str = "tongban/1";

/// Stands among the versions that a device offers when it puts frames together of small parts. Servers that do
/// not know the word pass it over.
pub const SMALL_PARTS: &str = "tongban-small-parts";

/// Which of the two a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    AutomergeRepo,
    Tongban,
}

impl Dialect {
    /// Its name in the handshake.
    #[must_use]
    pub const fn version(self) -> &'static str {
        match self {
            Self::AutomergeRepo => VERSION_AUTOMERGE_REPO,
            Self::Tongban => VERSION_TONGBAN,
        }
    }

    /// The best of the versions that a client offers.
    #[must_use]
    pub fn best_of(offered: &[String]) -> Option<Self> {
        let has = |version: &str| offered.iter().any(|one| one == version);
        if has(VERSION_TONGBAN) {
            Some(Self::Tongban)
        } else if has(VERSION_AUTOMERGE_REPO) {
            Some(Self::AutomergeRepo)
        } else {
            None
        }
    }
}

/// Why a change was not taken; the words of the person are found by the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RefusalCode {
    /// The person may not write this document.
    NoRight,
    /// The server does not know the document.
    UnknownDocument,
    /// The bytes are damaged or break a rule of the document.
    Invalid,
    /// The document or the change is too large.
    TooLarge,
    /// The plan of the board is settled: it changes by proposals.
    PlanSettled,
}

impl RefusalCode {
    /// Every code.
    pub const ALL: [Self; 5] =
        [Self::NoRight, Self::UnknownDocument, Self::Invalid, Self::TooLarge, Self::PlanSettled];

    /// Its word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoRight => "no-right",
            Self::UnknownDocument => "unknown-document",
            Self::Invalid => "invalid",
            Self::TooLarge => "too-large",
            Self::PlanSettled => "plan-settled",
        }
    }
}
