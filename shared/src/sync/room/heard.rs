//! The claims of a connection about what it has, and a filter of what the room has besides. automerge's sync
//! walks through all ancestors of the heads with each word that it is told, and gathers a filter over all
//! changes with each word that it says: whoever speaks often would keep a document of many changes busy. Here
//! a word costs what it says, and a filter is made once for all who are to be told the same.

use crate::document::Document;
use automerge::ChangeHash;
use automerge::sync::{BloomFilter, Capability, Have, Message, MessageFlags, State};
use std::collections::BTreeSet;

/// Takes down what a connection says of itself, as automerge's sync does for a message without changes. The names of
/// what it was sent are looked through when it is answered.
pub(super) fn hear(document: &mut Document, state: &mut State, message: Message) {
    let Message { heads, need, have, flags, .. } = message;
    state.in_flight = false;
    if let Some(flags) = flags {
        // One that sends any speaks the second version.
        let resets = flags.contains(MessageFlags::SUPPORTS_SYNC_RESET).then_some(Capability::SyncReset);
        state.their_capabilities = Some([Capability::MessageV2].into_iter().chain(resets).collect());
        if flags.contains(MessageFlags::SYNC_RESET) {
            state.sent_hashes.clear();
        }
        state.peer_read_only = flags.contains(MessageFlags::READ_ONLY);
    }
    let ours = document.heads().into_iter().map(ChangeHash);
    if ours.eq(heads.iter().copied()) {
        state.last_sent_heads.clone_from(&heads);
    }
    let known: Vec<ChangeHash> = heads.iter().copied().filter(|head| document.contains(&head.0)).collect();
    if known.len() == heads.len() {
        state.shared_heads = known;
        if heads.is_empty() {
            // It has lost everything.
            state.last_sent_heads.clear();
            state.sent_hashes.clear();
        }
    } else {
        let all: BTreeSet<ChangeHash> = state.shared_heads.drain(..).chain(known).collect();
        state.shared_heads = all.into_iter().collect();
    }
    (state.their_heads, state.their_need, state.their_have) = (Some(heads), Some(need), Some(have));
}

/// Forgets that a connection was sent what it says it has.
pub(super) fn look_through(document: &mut Document, state: &mut State) {
    let State { sent_hashes, their_heads: Some(heads), .. } = state else { return };
    if !sent_hashes.is_empty() {
        let heads: Vec<[u8; 32]> = heads.iter().map(|head| head.0).collect();
        let newer: BTreeSet<[u8; 32]> = document.hashes_since(&heads).into_iter().collect();
        sent_hashes.retain(|hash| newer.contains(&hash.0));
    }
}

/// The largest filter of what is here, as of some heads.
#[derive(Default)]
pub(super) struct Filters {
    kept: Option<Kept>,
    /// Changes that were gathered for filters.
    #[cfg(test)]
    pub(super) gathered: usize,
}

struct Kept {
    as_of: Vec<[u8; 32]>,
    changes: usize,
    have: Have,
}

impl Filters {
    /// The filter of what came after `last_sync`, as of the heads of the document.
    pub(super) fn of(
        &mut self,
        document: &mut Document,
        heads: &[[u8; 32]],
        last_sync: Vec<ChangeHash>,
    ) -> Have {
        self.kept.take_if(|kept| kept.as_of != heads);
        if let Some(kept) = self.kept.as_ref().filter(|kept| kept.have.last_sync == last_sync) {
            return kept.have.clone();
        }
        let since: Vec<[u8; 32]> = last_sync.iter().map(|hash| hash.0).collect();
        let hashes: Vec<ChangeHash> = document.hashes_since(&since).into_iter().map(ChangeHash).collect();
        #[cfg(test)]
        {
            self.gathered += hashes.len();
        }
        let have = Have { last_sync, bloom: BloomFilter::from_hashes(hashes.iter()) };
        if self.kept.as_ref().is_none_or(|kept| kept.changes < hashes.len()) {
            let (as_of, changes) = (heads.to_vec(), hashes.len());
            self.kept = Some(Kept { as_of, changes, have: have.clone() });
        }
        have
    }
}
