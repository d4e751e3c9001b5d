//! One connection that has a document open.

use super::Rights;
use super::objection::Objection;
use super::waiting::Waiting;
use crate::sync::Dialect;
use automerge::sync::State;
use std::collections::BTreeSet;

/// So many refusals of one connection are told of a round for themselves; further ones are counted with one
/// of the same reason. What is doubted is told of all.
const MAX_REFUSALS: usize = 16;

/// A refusal that a round has to tell.
pub(super) struct Refusal {
    pub(super) why: Objection,
    pub(super) changes: Vec<[u8; 32]>,
    /// How many it stands for.
    pub(super) times: u64,
}

pub(super) struct Peer {
    pub(super) dialect: Dialect,
    pub(super) state: State,
    pub(super) rights: Rights,
    /// Whether changes go to and fro as they are.
    pub(super) live: bool,
    /// Heads that both sides had when the connection became live, still to be told.
    pub(super) tell_live: Option<Vec<[u8; 32]>>,
    /// Changes of this round that came from here.
    pub(super) brought: BTreeSet<[u8; 32]>,
    /// Heads that the peer told us of and that are not acknowledged yet.
    pub(super) owes_ack: bool,
    pub(super) refused: BTreeSet<[u8; 32]>,
    pub(super) refusals: Vec<Refusal>,
    /// Changes that rest on others that are still to come.
    pub(super) waiting: Waiting,
}

impl Peer {
    /// A connection that has just opened the document.
    pub(super) fn new(dialect: Dialect, rights: Rights) -> Self {
        let mut peer = Self {
            dialect,
            state: State::new(),
            rights,
            live: false,
            tell_live: None,
            brought: BTreeSet::new(),
            owes_ack: false,
            refused: BTreeSet::new(),
            refusals: Vec::new(),
            waiting: Waiting::default(),
        };
        peer.begin_anew();
        peer
    }

    /// Brings the connection level again by automerge's sync.
    pub(super) fn begin_anew(&mut self) {
        (self.live, self.tell_live) = (false, None);
        self.state = State::new();
        self.state.read_only = !self.rights.write;
        self.waiting.forget();
    }

    pub(super) fn tell_refused(&mut self, why: Objection, changes: Vec<[u8; 32]>) {
        let doubtful = !why.doubted.is_empty() || why.claimed.is_some();
        let many = !doubtful && self.refusals.len() >= MAX_REFUSALS;
        match self.refusals.iter_mut().find(|told| many && told.why == why) {
            Some(told) => {
                told.times += 1;
                told.changes.extend(changes);
            }
            None => self.refusals.push(Refusal { why, changes, times: 1 }),
        }
    }
}
