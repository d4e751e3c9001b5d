//! One connection that has a document open.

use super::apart::Apart;
use super::objection::Objection;
use super::waiting::Waiting;
use super::{Extent, Rights, Written};
use crate::document::{Chunk, Document};
use crate::limits::WHOLE_BYTES;
use crate::sync::Dialect;
use automerge::sync::State;
use std::collections::BTreeSet;

/// So many refusals of one connection are told of a round for themselves; further ones are counted with one
/// of the same reason. All that is doubted is told.
const MAX_REFUSALS: usize = 16;

/// Bytes of a hash.
const HASH: usize = 32;

/// Bytes that a filter of automerge's sync takes for a change, and of a change at the least.
const FILTER: u64 = 2;
const LEAST_CHANGE: u64 = 64;

/// Bytes for the work of an operation of which few are written.
const AN_OPERATION: u64 = 8;

/// Bytes of a sync message besides: heads, names.
const AROUND: u64 = 16 * 1024;

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
    /// Heads that it has said to have, of which not all are here.
    pub(super) told: Vec<[u8; 32]>,
    pub(super) refused: BTreeSet<[u8; 32]>,
    pub(super) refusals: Vec<Refusal>,
    /// Changes that rest on others that are still to come.
    pub(super) waiting: Waiting,
    /// Changes of a log that stay out.
    pub(super) apart: Apart,
    /// Its answer waits until there is room for it.
    pub(super) owed: bool,
    /// Bytes of what was kept of it the last time, for which there was no room.
    pub(super) lacked: u64,
    /// Heads as of which there was nothing to say; none where something came or changed since.
    pub(super) quiet: Option<Vec<[u8; 32]>>,
    /// Bytes of the changes that came after what it has, as of some heads.
    pub(super) newer: Option<(Vec<[u8; 32]>, u64)>,
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
            told: Vec::new(),
            refused: BTreeSet::new(),
            refusals: Vec::new(),
            waiting: Waiting::default(),
            apart: Apart::default(),
            owed: false,
            lacked: 0,
            quiet: None,
            newer: None,
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
        self.told.clear();
        self.apart = Apart::default();
        (self.newer, self.quiet) = (None, None);
    }

    /// The same when there is room again for what is kept of it, for which there is none now.
    pub(super) fn put_off(&mut self) {
        self.lacked = self.kept_bytes();
        self.begin_anew();
        self.owed = true;
    }

    /// Bytes that are kept in memory of it: its waiting changes, or what it takes to apply them where that is more,
    /// for all of them may come in at once; and what it said it has.
    pub(super) fn kept_bytes(&self) -> u64 {
        let waits = (self.waiting.bytes() as u64).max(self.waiting.weight());
        waits.saturating_add(self.state_bytes() as u64)
    }

    /// Whether automerge's sync has something to say, as far as that is known before it is made.
    pub(super) fn may_answer(&self, heads: &[[u8; 32]]) -> bool {
        let State { have_responded, in_flight, last_sent_heads, .. } = &self.state;
        let same = last_sent_heads.len() == heads.len()
            && last_sent_heads.iter().zip(heads).all(|(sent, ours)| sent.0 == *ours);
        let quiet = self.quiet.as_ref().is_some_and(|as_of| as_of == heads);
        !(quiet || *have_responded && *in_flight && same)
    }

    /// Bytes that its answer takes at the most, with the names of what it is sent, by how large the document is,
    /// or, where that was measured, by what came after that which it says it has; and whether measuring may
    /// find less.
    pub(super) fn answer_bytes(&self, heads: &[[u8; 32]], stored: Extent) -> (u64, bool) {
        let changes = stored.operations.min(stored.bytes / LEAST_CHANGE);
        let around = AROUND + self.lacked + changes * FILTER;
        let State { their_heads: Some(theirs), their_need, .. } = &self.state else {
            return (around.min(WHOLE_BYTES as u64), false);
        };
        let within = |content: u64| (around + changes * HASH as u64 + content).min(WHOLE_BYTES as u64);
        match &self.newer {
            Some((as_of, newer)) if as_of == heads => (within(*newer), false),
            _ => {
                let whole = (stored.bytes + stored.bytes / 8).max(stored.operations * AN_OPERATION);
                // It may ask for anything by name.
                let asks = their_need.as_ref().is_some_and(|need| !need.is_empty());
                (within(whole), !asks && !theirs.is_empty())
            }
        }
    }

    /// Finds how much came after what it says it has.
    pub(super) fn measure(&mut self, document: &mut Document) {
        let Some(theirs) = &self.state.their_heads else { return };
        let theirs: Vec<[u8; 32]> = theirs.iter().map(|hash| hash.0).collect();
        let known = theirs.iter().all(|head| document.contains(head));
        let newer = known.then(|| document.changes_since(&theirs));
        let sum = |newer: Vec<Chunk>| newer.iter().map(|chunk| chunk.bytes.len() as u64).sum();
        let bytes = newer.map_or(WHOLE_BYTES as u64, sum);
        self.newer = Some((document.heads(), bytes));
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
        self.apart.bytes()
            + have
            + (told + shared_heads.len() + last_sent_heads.len() + sent_hashes.len()) * HASH
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
