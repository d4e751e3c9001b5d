//! One connection that has a document open.

use super::objection::Objection;
use super::waiting::Waiting;
use super::{Rights, Written};
use crate::sync::Dialect;
use automerge::sync::State;
use std::collections::BTreeSet;

/// So many refusals of one connection are told of a round for themselves; further ones are counted with one
/// of the same reason. All that is doubted is told.
const MAX_REFUSALS: usize = 16;

/// Bytes of a hash.
const HASH: usize = 32;
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
    /// As much as it may still write.
    pub(super) left: Written,
    /// As much as it has written since that was asked last.
    pub(super) written: Written,
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
            left: Written::ENDLESS,
            written: Written::default(),
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

    /// From now on changes go to and fro as they are: nothing of what both sides said they have is asked again.
    pub(super) fn go_live(&mut self, heads: Vec<[u8; 32]>) {
        let (read_only, capabilities) = (self.state.read_only, self.state.their_capabilities.take());
        self.state = State { read_only, their_capabilities: capabilities, ..State::new() };
        (self.live, self.tell_live) = (true, Some(heads));
    }

    /// Bytes that the state of automerge's sync takes.
    pub(super) fn state_bytes(&self) -> usize {
        let State { shared_heads, last_sent_heads, their_heads, their_need, their_have, sent_hashes, .. } =
            &self.state;
        let told = [their_heads, their_need].into_iter().flatten().map(Vec::len).sum::<usize>();
        let have = their_have.iter().flatten();
        let have = have.map(|have| have.bloom.to_bytes().len() + have.last_sync.len() * HASH).sum::<usize>();
        have + (told + shared_heads.len() + last_sent_heads.len() + sent_hashes.len()) * HASH
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
