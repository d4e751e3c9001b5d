//! Sync messages of others, looked at before automerge goes by them.

use crate::document::chunk::{self, Budget, Size, Unfit};
use crate::limits::{FILTER_BYTES, FILTERS, PROBES, SLICE, SYNC_HASHES};
use automerge::sync::{ChunkList, Message};

/// Counts the operations that a message of the server brings within a budget, before automerge reads it.
///
/// # Errors
/// [`Unfit`] when it is malformed in a way that could be counted, or too much.
pub(super) fn count<'a>(
    chunks: impl IntoIterator<Item = &'a [u8]>,
    mut budget: Budget,
) -> Result<u64, Unfit> {
    let mut operations = 0;
    for bytes in chunks {
        operations += budget.spend(bytes)?.iter().map(|(_, size)| size.operations).sum::<u64>();
    }
    Ok(operations)
}

/// Bytes of memory that stored chunks may take while they are read; `u64::MAX` for more than are read at all.
#[must_use]
pub fn weight<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> u64 {
    let (mut budget, mut sum) = (Budget::kept(), 0_u64);
    for bytes in chunks {
        match budget.spend(bytes) {
            Ok(counted) => sum = counted.iter().fold(sum, |sum, (_, size)| sum.saturating_add(size.weight())),
            Err(unfit) if unfit.is_too_much() => return u64::MAX,
            Err(_) => {}
        }
    }
    sum
}

/// Bytes of memory that it may take at most to judge chunks that came from outside: all of them are held, and
/// some at a time applied. None of them is read if one is refused.
#[must_use]
pub fn peak<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> u64 {
    peak_counted_with(chunks, u64::MAX).unwrap_or(0)
}

/// The same where counting takes no more memory than this, besides what changes inflate to; none where a whole
/// document may take more.
#[must_use]
pub fn peak_counted_with<'a>(chunks: impl IntoIterator<Item = &'a [u8]>, memory: u64) -> Option<u64> {
    // A refused chunk is not held any more, whatever was counted of it.
    let (mut budget, mut sum, mut heaviest) = (Budget::foreign_counted_with(memory), Size::default(), 0);
    for bytes in chunks {
        let counted = match budget.spend(bytes) {
            Ok(counted) => counted,
            Err(unfit) => {
                let more = memory < u64::MAX && unfit.is_too_much() && chunk::holds_document(bytes);
                return (!more).then_some(0);
            }
        };
        for (_, size) in counted {
            heaviest = size.weight().max(heaviest);
            sum = sum.and(size);
        }
    }
    Some(sum.held().saturating_add(sum.weight().min(SLICE).max(heaviest)))
}

/// The same, looked at only as far as it is no more than `most`; none where it is more.
#[must_use]
pub fn peak_within<'a>(chunks: impl IntoIterator<Item = &'a [u8]>, most: u64) -> Option<u64> {
    let (mut budget, mut sum) = (Budget::foreign_within(most), 0_u64);
    for bytes in chunks {
        let counted = match budget.spend(bytes) {
            Ok(counted) => counted,
            Err(unfit) => return (!unfit.is_too_much()).then_some(0),
        };
        sum = counted.iter().fold(sum, |sum, (_, size)| sum.saturating_add(size.held() + size.weight()));
        if sum > most {
            return None;
        }
    }
    Some(sum)
}

/// Whether nothing in a sync message is deflated; so it is of one that cannot be read.
#[must_use]
pub fn is_plain(bytes: &[u8]) -> bool {
    chunks_of(bytes).is_none_or(|chunks| chunks.iter().all(chunk::are_plain))
}

/// The same of chunks.
#[must_use]
pub fn are_plain<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> bool {
    chunks.into_iter().all(chunk::are_plain)
}

/// The chunks of a sync message; none of one that cannot be read.
fn chunks_of(bytes: &[u8]) -> Option<ChunkList> {
    read(bytes).ok().map(|message| message.changes)
}

/// The same as [`peak_counted_with`] of a sync message; nothing of one that cannot be read.
#[must_use]
pub fn peak_of(bytes: &[u8], memory: u64) -> Option<u64> {
    chunks_of(bytes).map_or(Some(0), |chunks| peak_counted_with(chunks.iter(), memory))
}

/// The same as [`peak_within`] of a sync message; nothing of one that cannot be read.
#[must_use]
pub fn peak_of_within(bytes: &[u8], most: u64) -> Option<u64> {
    chunks_of(bytes).map_or(Some(0), |chunks| peak_within(chunks.iter(), most))
}

/// Reads a sync message; each hash stands once in each of its lists, for automerge goes by each, and panics
/// over a change that is asked for twice.
///
/// # Errors
/// In words for a log: when it is none, names too many hashes, or holds a filter that would stop whoever
/// asks it. (One without room is divided by; one of four thousand million probes fills the memory.)
pub fn read(bytes: &[u8]) -> Result<Message, String> {
    let mut message = Message::decode(bytes).map_err(|error| error.to_string())?;
    let filters = || message.have.iter().map(|have| have.bloom.to_bytes());
    if message.have.len() > FILTERS || !filters().all(|filter| is_sound(&filter)) {
        return Err("a filter that cannot be asked".to_owned());
    }
    if filters().map(|filter| filter.len()).sum::<usize>() > FILTER_BYTES {
        return Err("filters that are too long".to_owned());
    }
    let states = message.have.iter_mut().map(|have| &mut have.last_sync);
    for hashes in states.chain([&mut message.heads, &mut message.need]) {
        hashes.sort_unstable();
        hashes.dedup();
        if hashes.len() > SYNC_HASHES {
            return Err(format!("{} hashes in one list", hashes.len()));
        }
    }
    Ok(message)
}

/// Entries, bits for each and probes for each stand at the beginning of a filter, in LEB128.
fn is_sound(filter: &[u8]) -> bool {
    let mut rest = filter.iter();
    let mut number = || {
        let mut value = 0_u64;
        for place in 0..5 {
            let byte = rest.next()?;
            value |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    };
    match (number(), number(), number()) {
        // Nothing in it: nobody asks it.
        (None | Some(0), ..) => true,
        (Some(_), Some(bits), Some(probes)) => bits > 0 && (1..=PROBES).contains(&probes),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use automerge::sync::{ChunkList, Have, MessageVersion};

    fn message(filter: &[u8]) -> Vec<u8> {
        // Version, no heads, no need, one `have` without a last sync, its filter, no changes.
        let mut bytes = vec![0x42, 0, 0, 1, 0, u8::try_from(filter.len()).expect("small")];
        bytes.extend_from_slice(filter);
        bytes.push(0);
        bytes
    }

    #[test]
    fn filters_that_would_stop_the_reader_are_refused() {
        assert!(read(&message(&[])).is_ok());
        assert!(read(&message(&[1, 10, 7, 0, 0])).is_ok());
        // Divided by nothing; four thousand million probes; none.
        for filter in [&[1, 0, 7][..], &[1, 10, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0], &[1, 10, 0, 0, 0]] {
            let bytes = message(filter);
            assert!(Message::decode(&bytes).is_ok(), "automerge itself takes it");
            assert!(read(&bytes).is_err(), "{filter:?}");
        }
    }

    #[test]
    fn what_automerge_writes_is_read() {
        let whole = Message {
            heads: Vec::new(),
            need: Vec::new(),
            have: vec![Have::default()],
            changes: ChunkList::empty(),
            flags: None,
            version: MessageVersion::V1,
        };
        assert!(read(&whole.encode()).is_ok());
    }
}
