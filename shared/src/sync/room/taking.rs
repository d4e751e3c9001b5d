//! Taking changes in: by a few at a time, so that what is judged and applied stays small in memory, however
//! much comes together. Whatever is not taken is told by hash, with all that comes behind it.

use super::admission::{changes_in, changes_of, is_of_another, second_change};
use super::apart::Apart;
use super::objection::{Fault, Objection};
use super::peer::Peer;
use super::waiting::in_order;
use super::{ConnectionId, Extent, ReceiveError, Rights, Room, TakenIn, Written};
use crate::document::chunk::{self, Budget, measure};
use crate::limits::{REFUSED_BYTES, REFUSED_OPERATIONS, SLICE};
use automerge::{AutomergeError, Change, ChangeHash};
use std::collections::{BTreeSet, VecDeque};

/// Bytes of its share that something costs its sender that was counted to the bound and is more.
const UNCOUNTED: u64 = 1 << 20;

/// Changes that were not taken any more, and why.
pub(super) struct Stopped {
    pub(super) why: Objection,
    pub(super) left: Vec<[u8; 32]>,
}

impl From<Objection> for Stopped {
    fn from(why: Objection) -> Self {
        Self { why, left: Vec::new() }
    }
}

/// The first changes that are judged together: as many as fit, `most` of them, and one at least; none that stays
/// out.
fn slice(rest: &mut VecDeque<Change>, most: usize, stays_out: impl Fn(&Change) -> bool) -> Vec<Change> {
    let weight = |change: &Change| measure(change.raw_bytes(), u64::MAX).map_or(SLICE, |size| size.weight());
    let mut sum = 0_u64;
    let fits = rest.iter().take(most).take_while(|change| {
        sum = sum.saturating_add(weight(change));
        sum <= SLICE && !stays_out(change)
    });
    let count = fits.count().max(1);
    rest.drain(..count).collect()
}

/// How large a document becomes at the least with some changes.
fn at_least(changes: &[Change]) -> Extent {
    let bytes = changes.iter().map(|change| change.raw_bytes().len() as u64).sum();
    Extent { bytes, operations: changes.iter().map(|change| change.len().max(1) as u64).sum() }
}

impl Room {
    /// Takes changes of a live connection. Those of one that is not live are left: it is being
    /// brought level, and they come again that way.
    ///
    /// # Errors
    /// As [`Room::receive`].
    pub fn receive_changes(
        &mut self,
        connection: ConnectionId,
        changes: Vec<Vec<u8>>,
    ) -> Result<(), ReceiveError> {
        let Some(peer) = self.peers.get(&connection).filter(|peer| peer.live) else { return Ok(()) };
        let rights = peer.rights.clone();
        // Nothing of a peer without the right is read.
        if !rights.write {
            self.refuse(connection, self.closed(), Vec::new());
            return Ok(());
        }
        let changes = match changes_of(changes.iter().map(Vec::as_slice)) {
            Ok(changes) => changes,
            Err(why) => {
                self.put_down_unread(connection, changes.iter().map(Vec::as_slice));
                self.refuse(connection, why, Vec::new());
                return Ok(());
            }
        };
        let mut hashes: BTreeSet<[u8; 32]> = changes.iter().map(|change| change.hash().0).collect();
        let Some(peer) = self.peers.get(&connection) else { return Ok(()) };
        let (ready, waiting) = in_order((&mut self.document, &peer.apart), changes);
        // An ancestor that is neither here nor in the frame was refused or never sent: nothing
        // that could only wait for it is taken in.
        if !waiting.is_empty() {
            if let Some(peer) = self.peers.get_mut(&connection) {
                peer.begin_anew();
            }
            return Ok(());
        }
        if let Err(stopped) = self.take((connection, &rights), ready)? {
            stopped.left.iter().for_each(|hash| _ = hashes.remove(hash));
            self.refuse(connection, stopped.why, stopped.left);
        }
        self.take_waiting()?;
        let Some(peer) = self.peers.get_mut(&connection) else { return Ok(()) };
        peer.owes_ack |= !hashes.is_empty();
        peer.brought.extend(hashes);
        Ok(())
    }

    /// Takes what a connection brings, as far as its ancestors are here; the rest waits.
    pub(super) fn take_whole(
        &mut self,
        connection: ConnectionId,
        changes: Vec<Change>,
    ) -> Result<Result<(), Stopped>, ReceiveError> {
        let Some(peer) = self.peers.get_mut(&connection) else { return Ok(Ok(())) };
        if !peer.rights.write {
            peer.waiting.forget();
            return Ok(Ok(()));
        }
        let (ready, waiting) = in_order((&mut self.document, &peer.apart), changes);
        peer.waiting.keep((&mut self.document, &peer.apart), waiting);
        if peer.waiting.is_too_much() {
            peer.waiting.forget();
            return Ok(Err(Objection::of(Fault::Heavy).into()));
        }
        self.take_behind(connection, ready)
    }

    /// Takes changes whose ancestors are all here or among them; where some do not come in, nothing waits for them.
    fn take_behind(
        &mut self,
        connection: ConnectionId,
        ready: Vec<Change>,
    ) -> Result<Result<(), Stopped>, ReceiveError> {
        let Some(rights) = self.peers.get(&connection).map(|peer| peer.rights.clone()) else {
            return Ok(Ok(()));
        };
        let mut taken = self.take((connection, &rights), ready)?;
        if let (Err(stopped), Some(peer)) = (&mut taken, self.peers.get_mut(&connection)) {
            stopped.left.extend(peer.waiting.let_go_behind(&stopped.left));
        }
        Ok(taken)
    }

    /// Takes changes whose ancestors are all here or among them, some at a time, each time all or none, up
    /// to the first that may not be taken.
    fn take(
        &mut self,
        (from, rights): (ConnectionId, &Rights),
        mut changes: Vec<Change>,
    ) -> Result<Result<(), Stopped>, ReceiveError> {
        // A change begins behind every operation of its ancestors.
        changes.sort_by_key(Change::start_op);
        let (mut rest, mut most) = (VecDeque::from(changes), usize::MAX);
        let nothing = Apart::default();
        while let Some(next) = rest.front() {
            let apart = self.peers.get(&from).map_or(&nothing, |peer| &peer.apart);
            let of_log = self.log_of.is_some();
            let stays_out = |change: &Change| {
                apart.is_under(change) || of_log && is_of_another(change, rights, &self.known)
            };
            if stays_out(next) {
                match self.leave_out((from, rights), &mut rest, None)? {
                    Ok(()) => continue,
                    Err(stopped) => return Ok(Err(stopped)),
                }
            }
            let changes = slice(&mut rest, most, stays_out);
            let written = |extent| Written::of(&changes, extent);
            // Nothing is judged for which there is no share left.
            let judged = self.share_fits(from, written(at_least(&changes)));
            let judged = judged.and_then(|()| self.statements(rights, &changes));
            let judged = judged.and_then(|()| self.objection(rights, &changes));
            let fits = |extent| self.share_fits(from, written(extent)).map(|()| (extent, written(extent)));
            match judged.and_then(fits) {
                Ok((extent, written)) => {
                    let hashes: Vec<ChangeHash> = changes.iter().map(Change::hash).collect();
                    let again = self.log_of.map(|_| changes.clone());
                    if let Err(why) = self.apply(changes, extent, Some(from))? {
                        // One of them has its number twice: it stays out for itself.
                        if let Some(changes) = again {
                            let second = matches!(changes.as_slice(), [_]);
                            let why = changes.first().map(|one| second_change(one, &self.known));
                            most = (changes.len() / 2).max(1);
                            changes.into_iter().rev().for_each(|change| rest.push_front(change));
                            if second && let Err(stopped) = self.leave_out((from, rights), &mut rest, why)? {
                                return Ok(Err(stopped));
                            }
                            continue;
                        }
                        self.put_down_refused(from, extent);
                        let behind = rest.iter().map(Change::hash);
                        let left = hashes.into_iter().chain(behind).map(|hash| hash.0).collect();
                        return Ok(Err(Stopped { why, left }));
                    }
                    self.put_down(from, written);
                    most = most.saturating_mul(2);
                }
                // Whatever the share of a day has room for comes in today, and whatever of a log does not rest
                // on what stays out.
                Err(Objection { fault: Some(Fault::Share | Fault::OtherWords), .. }) if changes.len() > 1 => {
                    most = changes.len() / 2;
                    changes.into_iter().rev().for_each(|change| rest.push_front(change));
                }
                Err(why) if why.fault == Some(Fault::OtherWords) => {
                    changes.into_iter().for_each(|change| rest.push_front(change));
                    if let Err(stopped) = self.leave_out((from, rights), &mut rest, None)? {
                        return Ok(Err(stopped));
                    }
                }
                Err(why) => {
                    let left: Vec<Change> = changes.into_iter().chain(rest).collect();
                    if why.fault != Some(Fault::Share) {
                        self.put_down_refused(from, at_least(&left));
                    }
                    let left = left.iter().map(|change| change.hash().0).collect();
                    return Ok(Err(Stopped { why, left }));
                }
            }
        }
        Ok(Ok(()))
    }

    /// Leaves the first of some changes out of a log, but for the records in it; its sender is told why, and
    /// why some of these are not taken either.
    fn leave_out(
        &mut self,
        (from, rights): (ConnectionId, &Rights),
        rest: &mut VecDeque<Change>,
        why: Option<Objection>,
    ) -> Result<Result<(), Stopped>, ReceiveError> {
        let Some(change) = rest.front() else { return Ok(Ok(())) };
        match self.set_apart((Some(from), rights), change)? {
            Ok((_, others)) => {
                if let Some(peer) = self.peers.get_mut(&from) {
                    peer.apart.put(change);
                    peer.waiting.arrive(&change.hash());
                    let told = why.into_iter().chain(others);
                    told.for_each(|why| peer.tell_refused(why, vec![change.hash().0]));
                }
                rest.pop_front();
                Ok(Ok(()))
            }
            Err(why) => {
                let left = rest.iter().map(|change| change.hash().0).collect();
                Ok(Err(Stopped { why, left }))
            }
        }
    }

    /// The same of a change that came by a file.
    fn leave_out_of_file(
        &mut self,
        rights: &Rights,
        (change, why): (&Change, Option<Objection>),
        (taken, apart): (&mut TakenIn, &mut Apart),
    ) -> Result<(), ReceiveError> {
        match self.set_apart((None, rights), change)? {
            Ok((count, others)) => {
                taken.new += count;
                taken.refused.extend(why.into_iter().chain(others));
                apart.put(change);
            }
            Err(why) => taken.refused.push(why),
        }
        Ok(())
    }

    /// Sets what a connection may write from now on.
    pub fn allow(&mut self, connection: ConnectionId, left: Written) {
        if let Some(peer) = self.peers.get_mut(&connection) {
            peer.left = left;
        }
    }

    /// As much as each connection has written since this was asked last.
    pub fn written(&mut self) -> Vec<(ConnectionId, Written)> {
        let written = self.peers.iter_mut().map(|(id, peer)| (*id, std::mem::take(&mut peer.written)));
        written.filter(|(_, written)| *written != Written::default()).collect()
    }

    pub(super) fn share_fits(&self, from: ConnectionId, written: Written) -> Result<(), Objection> {
        let left = self.peers.get(&from).map_or(Written::ENDLESS, |peer| peer.left);
        left.lacks(written).map_or(Ok(()), |what| Err(Objection::ran_out(what)))
    }

    pub(super) fn put_down(&mut self, from: ConnectionId, written: Written) {
        if let Some(peer) = self.peers.get_mut(&from) {
            peer.left = peer.left.without(written).unwrap_or_default();
            peer.written = peer.written.and(written);
        }
    }

    /// Puts down what was judged and not taken, where that took a while: it costs as if it had been.
    fn put_down_refused(&mut self, from: ConnectionId, Extent { bytes, operations }: Extent) {
        if bytes > REFUSED_BYTES || operations > REFUSED_OPERATIONS {
            self.put_down(from, Written { bytes, operations, actors: 0 });
        }
    }

    /// The same of chunks that could not be read to their end.
    pub(super) fn put_down_unread<'a>(
        &mut self,
        from: ConnectionId,
        chunks: impl IntoIterator<Item = &'a [u8]>,
    ) {
        let (mut budget, mut unread) = (Budget::foreign(), Extent::default());
        for bytes in chunks {
            let (counted, inflated) = match budget.spend(bytes) {
                Ok(counted) => (counted, 0),
                // It was inflated as far as that goes.
                Err(unfit) if unfit.is_too_much() && !chunk::are_plain(bytes) => (Vec::new(), UNCOUNTED),
                Err(_) => (Vec::new(), 0),
            };
            let operations = counted.iter().map(|(_, size)| size.operations).sum();
            unread = unread.and(Extent { bytes: inflated.max(bytes.len() as u64), operations });
        }
        self.put_down_refused(from, unread);
    }

    /// Whether changes wait here for others, which may bring them in all at once.
    #[must_use]
    pub fn has_waiting(&self) -> bool {
        self.peers.values().any(|peer| !peer.waiting.is_empty())
    }

    /// Bytes of memory that it takes to apply the changes of a connection that wait for nothing any more.
    #[must_use]
    pub fn released_weight(&self, connection: ConnectionId) -> u64 {
        self.peers.get(&connection).map_or(0, |peer| peer.waiting.ready_weight())
    }

    /// Bytes that are kept in memory of a connection.
    #[must_use]
    pub fn kept_bytes(&self, connection: ConnectionId) -> u64 {
        self.peers.get(&connection).map_or(0, Peer::kept_bytes)
    }

    /// Lets go of the waiting changes of a connection, whose account has no share left for them; it is told,
    /// where there were any.
    pub fn forget_waiting(&mut self, connection: ConnectionId) {
        let Some(peer) = self.peers.get_mut(&connection).filter(|peer| !peer.waiting.is_empty()) else {
            return;
        };
        peer.waiting.forget();
        self.refuse(connection, Objection::of(Fault::Heavy), Vec::new());
    }

    /// Takes the waiting changes of all connections that rest on what has just come in, and so on from
    /// those; nothing where they stay until they are released.
    pub(super) fn take_waiting(&mut self) -> Result<(), ReceiveError> {
        while !self.defers
            && let Some(connection) = self.released(&BTreeSet::new())
        {
            self.release(connection)?;
        }
        Ok(())
    }

    /// Sets whether what waits stays, also when what it waits for has come in, until it is released.
    pub const fn defer(&mut self, defers: bool) {
        self.defers = defers;
    }

    /// A connection of which something waits for what has come in, but for those that are released later; none
    /// where nothing does any more.
    pub fn released(&mut self, later: &BTreeSet<ConnectionId>) -> Option<ConnectionId> {
        for hash in std::mem::take(&mut self.applied) {
            self.peers.values_mut().for_each(|peer| peer.waiting.arrive(&hash));
        }
        let mut ready = self.peers.iter().filter(|(_, peer)| peer.waiting.is_ready());
        ready.find(|(id, _)| !later.contains(id)).map(|(id, _)| *id)
    }

    /// Takes the changes of a connection that waited for what has come in; others may wait for them.
    ///
    /// # Errors
    /// As [`Room::receive`].
    pub fn release(&mut self, connection: ConnectionId) -> Result<(), ReceiveError> {
        let Some(peer) = self.peers.get_mut(&connection) else { return Ok(()) };
        if !peer.rights.write {
            peer.waiting.forget();
            return Ok(());
        }
        let ready = peer.waiting.take_ready(&mut self.document);
        let told = std::mem::take(&mut peer.told);
        if let Err(stopped) = self.take_behind(connection, ready)? {
            self.refuse(connection, stopped.why, stopped.left);
        }
        if !told.is_empty() {
            self.look_at_heads(connection, told);
        }
        Ok(())
    }

    /// Takes changes that came by a file, one by one: what may not be taken stays out with what
    /// rests on it, and keeps nothing else out. Gives how many were new, and why others were not.
    ///
    /// # Errors
    /// As [`Room::receive`].
    pub fn take_in(&mut self, chunks: &[Vec<u8>], rights: &Rights) -> Result<TakenIn, ReceiveError> {
        let (mut changes, mut budget) = (Vec::new(), Budget::foreign());
        let mut taken = TakenIn::default();
        for chunk in chunks {
            match changes_in(chunk, &mut budget) {
                Ok(found) => changes.extend(found),
                Err(why) => taken.refused.push(why),
            }
        }
        let (ready, waiting) = in_order((&mut self.document, &Apart::default()), changes);
        let may = rights.write && !self.frozen;
        if !(may || ready.is_empty() && waiting.is_empty()) {
            taken.refused.push(self.closed());
            return Ok(taken);
        }
        taken.waiting = waiting.into_iter().map(|change| change.raw_bytes().to_vec()).collect();
        // Statements of one file may rest on each other: together they are known, or each for itself.
        let together = self.statements(rights, &ready).is_ok();
        let mut apart = Apart::default();
        for change in ready {
            if apart.is_under(&change) {
                self.leave_out_of_file(rights, (&change, None), (&mut taken, &mut apart))?;
                continue;
            }
            // A change that rests on a refused one stays out with it.
            if !change.deps().iter().all(|hash| self.document.contains(&hash.0)) {
                taken.waiting.push(change.raw_bytes().to_vec());
                continue;
            }
            let one = [change];
            let stated = if together { Ok(()) } else { self.statements(rights, &one) };
            match stated.and_then(|()| self.objection(rights, &one)) {
                Ok(extent) => match self.apply(one.to_vec(), extent, None)? {
                    Ok(()) => taken.new += 1,
                    Err(_) if self.log_of.is_some() => {
                        let why = Some(second_change(&one[0], &self.known));
                        self.leave_out_of_file(rights, (&one[0], why), (&mut taken, &mut apart))?;
                    }
                    Err(why) => taken.refused.push(why),
                },
                Err(why) if why.fault == Some(Fault::OtherWords) => {
                    self.leave_out_of_file(rights, (&one[0], None), (&mut taken, &mut apart))?;
                }
                Err(why) => taken.refused.push(why),
            }
        }
        self.take_waiting()?;
        Ok(taken)
    }

    /// Takes in what another process has put into the store.
    ///
    /// # Errors
    /// [`ReceiveError::Unreadable`] when the store holds what is no change.
    pub fn reload<'a>(&mut self, chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<(), ReceiveError> {
        let (mut budget, before) = (Budget::kept(), self.document.heads());
        for chunk in chunks {
            let loaded = self.document.load_more(chunk, &mut budget);
            loaded.map_err(|error| ReceiveError::Unreadable(error.to_string()))?;
        }
        self.reread.extend(self.document.hashes_since(&before));
        self.stored = Extent::of(&mut self.document);
        for peer in self.peers.values() {
            self.applied.extend(peer.waiting.come(&mut self.document));
        }
        self.take_waiting()
    }

    /// Applies changes that were judged. automerge panics over some that are malformed in ways that
    /// only it can see; the document in memory is spoilt then, and nothing else. A second change under one
    /// number of its author is refused by it before it touches the document.
    fn apply(
        &mut self,
        changes: Vec<Change>,
        extent: Extent,
        from: Option<ConnectionId>,
    ) -> Result<Result<(), Objection>, ReceiveError> {
        let hashes: Vec<[u8; 32]> = changes.iter().map(|change| change.hash().0).collect();
        let document = self.document.automerge();
        let apply = std::panic::AssertUnwindSafe(|| document.apply_changes(changes));
        match std::panic::catch_unwind(apply).map_err(|_| ReceiveError::Poison)? {
            Ok(()) => {}
            Err(AutomergeError::DuplicateSeqNumber(..)) => return Ok(Err(Objection::of(Fault::Numbers))),
            Err(_) => return Err(ReceiveError::Poison),
        }
        self.applied.extend(hashes.iter().map(|hash| ChangeHash(*hash)));
        self.judged.extend(hashes.into_iter().map(|hash| (hash, from)));
        self.applied_now = self.applied_now.and(extent);
        if self.document.roots_intact() { Ok(Ok(())) } else { Err(ReceiveError::Poison) }
    }

    pub(super) fn refuse(&mut self, connection: ConnectionId, why: Objection, changes: Vec<[u8; 32]>) {
        if let Some(peer) = self.peers.get_mut(&connection) {
            peer.tell_refused(why, changes);
            if !peer.live {
                // Else the two sides would go on asking each other for what was refused.
                peer.state.set_read_only(true);
                peer.quiet = None;
            }
        }
    }
}
